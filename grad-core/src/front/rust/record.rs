//! Structs of the module: values with named parts, their fields, their methods, and the module's items as a whole.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Expr, ExprMethodCall, ExprStruct, ItemFn, Member, PatStruct};

use super::callee::Callee;
use super::module::{Known, What, number_params, type_name};
use super::scope::{Parts, Record, Val};
use super::signature::{Argument, Shape};
use super::{Read, Reader, Stop, nesting, span};

impl Reader<'_> {
    /// Declares the items of the module that the function names.
    pub(super) fn surroundings(&mut self, names: Vec<String>) {
        let module = self.module;
        for item in &module.uses {
            self.import(&item.tree, &mut Vec::new());
        }
        let known = module.reachable(names);
        // What a length of the signature is called stays that symbol.
        let is_size = |known: &&&Known| !self.form.interface.sizes.contains(&known.path);
        // A method of the same last name may not be the one that is meant: it is refused where it is called.
        let is_there = |known: &&&Known| known.condition.is_none() || known.path == known.name;
        let known: Vec<&Known> = known.iter().filter(is_size).filter(is_there).copied().collect();
        let first = self.scope.depth();
        // Declared before any is made: each may name those after it.
        for item in &known {
            self.scope.declare_item(&item.path, Val::Poison);
        }
        let mut made = vec![false; known.len()];
        if let Some(at) = known.iter().find_map(|k| k.condition) {
            super::condition::refuse(&mut self.problems, at);
            return;
        }
        for (k, item) in known.iter().enumerate() {
            if let What::Function(function) = &item.what {
                made[k] = true;
                let function = self.for_this_float(function);
                let val = self.function(&function).unwrap_or(Val::Poison);
                self.scope.put(first + k, val);
            }
        }
        for k in 0..known.len() {
            self.module_constant(&known, k, first, &mut made);
        }
    }

    /// Reads a constant after those that it names.
    fn module_constant(&mut self, known: &[&Known], k: usize, first: usize, made: &mut [bool]) {
        if std::mem::replace(&mut made[k], true) {
            return;
        }
        let What::Constant(constant) = &known[k].what else { return };
        let (ty, expr) = &**constant;
        let before: Vec<usize> = (0..known.len()).filter(|j| known[k].names.contains(&known[*j].name)).collect();
        for j in before {
            self.module_constant(known, j, first, made);
        }
        if nesting::expr_too_deep(expr) {
            self.problems.add(span::of_expr(expr), "expressions nest too deep here", "give the inner parts names");
            return;
        }
        let val = self.typed(expr, Some(ty)).unwrap_or(Val::Poison);
        self.name(&val, &known[k].name.to_lowercase());
        self.scope.put(first + k, val);
    }

    /// A function with its float parameter replaced by the float type that is being read.
    pub(super) fn for_this_float(&self, item: &ItemFn) -> ItemFn {
        let float: proc_macro2::TokenStream = self.form.float.name().parse().expect("a type's name is a token");
        let names = number_params(&item.sig.generics);
        let names: BTreeMap<String, _> = names.iter().map(|name| (name.to_string(), float.clone())).collect();
        if names.is_empty() {
            return item.clone();
        }
        self.module.resolved(item, &names).unwrap_or_else(|| item.clone())
    }

    /// Declares the arguments.
    pub(super) fn arguments(&mut self, args: &[Argument]) {
        // All of them before any is taken apart.
        let vals: Vec<Val> = args.iter().map(|arg| self.parameter(&arg.shape, arg.span)).collect();
        for (arg, val) in args.iter().zip(vals) {
            match &arg.pat {
                Some(pat) => self.bind(pat, val),
                None if arg.mutable && !matches!(val, Val::Poison) => {
                    // The name is a reference to what the caller sees at the end.
                    let k = self.scope.depth();
                    self.scope.declare(&super::leave::behind(&arg.name), val);
                    let reference = self.borrowed(super::place::Place::variable(k));
                    self.scope.declare(&arg.name, reference);
                    self.written.push(k);
                }
                None => self.scope.declare(&arg.name, val),
            }
        }
    }

    fn parameter(&mut self, shape: &Shape, at: Span) -> Val {
        match shape {
            Shape::Param(name, ty) => {
                self.at(at);
                let value = self.b.param(ty.clone());
                self.b.name(value, name.trim_start_matches("r#"));
                Val::One(value.into())
            }
            Shape::Parts(record, parts) => {
                let vals = parts.iter().map(|p| self.parameter(p, at)).collect();
                Val::Tuple(Parts { record: record.clone(), vals })
            }
            Shape::Refused => Val::Poison,
        }
    }

    /// The struct that a path names.
    fn record_named(&mut self, path: &syn::Path) -> Read<Rc<Record>> {
        let at = span::of_path(path);
        let name = path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        let Some(item) = self.module.structs.get(&name) else {
            return self.stop(
                at,
                format!("the struct `{name}` cannot be seen from here"),
                "put it and the function into a module, with `#[derive_grad]` on the module; or use a tuple",
            );
        };
        if let Some(at) = self.module.condition_of_struct(&name) {
            super::condition::refuse(&mut self.problems, at);
            return Err(Stop);
        }
        let fields = item.fields.iter().enumerate();
        let fields = fields.map(|(k, f)| f.ident.as_ref().map_or_else(|| k.to_string(), ToString::to_string));
        Ok(Rc::new(Record { name, fields: fields.collect() }))
    }

    /// `Params { w, b: 0.0, ..before }`
    pub(super) fn struct_value(&mut self, e: &ExprStruct) -> Read<Val> {
        let record = self.record_named(&e.path)?;
        let mut vals: Vec<Option<Val>> = vec![None; record.fields.len()];
        for field in &e.fields {
            let name = member_name(&field.member);
            let Some(k) = record.fields.iter().position(|f| *f == name) else {
                let title = format!("`{}` has no field `{name}`", record.name);
                return self.stop(member_span(&field.member), title, near_field(&name, &record.fields));
            };
            let ty = self.field_type(&record, k);
            let val = self.typed(&field.expr, ty.as_ref())?;
            vals[k] = Some(self.loaded(val)?);
        }
        let rest = match &e.rest {
            Some(rest) => Some(self.value(rest, None)?),
            None => None,
        };
        if let Some(Val::Tuple(before)) = rest {
            for (val, before) in vals.iter_mut().zip(before.vals) {
                val.get_or_insert(before);
            }
        }
        let missing: Vec<usize> = (0..vals.len()).filter(|k| vals[*k].is_none()).collect();
        match vals.into_iter().collect::<Option<Vec<Val>>>() {
            Some(vals) => Ok(Val::Tuple(Parts { record: Some(record), vals })),
            None => {
                let missing: Vec<String> = missing.iter().map(|k| record.fields[*k].clone()).collect();
                let title = format!("{} has no value here", listed(&missing));
                self.stop(span::of_path(&e.path), title, "give each field a value, or the others with `..before`")
            }
        }
    }

    /// `Point(x, y)`, a tuple struct.
    pub(super) fn tuple_struct(&mut self, path: &syn::Path, args: &[&Expr]) -> Option<Read<Val>> {
        let name = path.segments.last()?.ident.to_string();
        let item = self.module.structs.get(&name)?;
        if !matches!(item.fields, syn::Fields::Unnamed(_)) || item.fields.len() != args.len() {
            return None;
        }
        Some(self.record_named(path).and_then(|record| {
            let mut vals = Vec::new();
            for (k, arg) in args.iter().enumerate() {
                let ty = self.field_type(&record, k);
                let val = self.typed(arg, ty.as_ref())?;
                vals.push(self.loaded(val)?);
            }
            Ok(Val::Tuple(Parts { record: Some(record), vals }))
        }))
    }

    /// The type of a field, where it says something about literals: a plain number.
    fn field_type(&self, record: &Record, k: usize) -> Option<syn::Type> {
        let field = self.module.structs.get(&record.name)?.fields.iter().nth(k)?;
        super::signature::scalar(&field.ty).map(|_| field.ty.clone())
    }

    /// Declares what a struct pattern names.
    pub(super) fn bind_struct(&mut self, pat: &PatStruct, val: &Val) {
        let parts = match val {
            Val::Tuple(parts) if parts.record.is_some() => Some(parts),
            _ => None,
        };
        if parts.is_none() && !matches!(val, Val::Poison) {
            let at = span::of_path(&pat.path);
            self.problems.add(at, "this pattern does not fit the value", "the value is no such struct");
        }
        for field in &pat.fields {
            let name = member_name(&field.member);
            let part = parts.map(|parts| parts.field(&name).map(|k| parts[k].clone()));
            let part = match part {
                Some(None) => {
                    let fields = parts.and_then(|p| p.record.as_ref()).map(|r| r.fields.clone()).unwrap_or_default();
                    let title = format!("the struct has no field `{name}`");
                    self.problems.add(member_span(&field.member), title, near_field(&name, &fields));
                    Val::Poison
                }
                Some(Some(val)) => val,
                None => Val::Poison,
            };
            self.bind(&field.pat, part);
        }
    }

    /// A field of a struct.
    pub(super) fn named_field(&mut self, base: &Val, name: &syn::Ident) -> Read<Val> {
        let text = name.to_string();
        let Val::Tuple(parts) = base else {
            return self.stop(
                name.span(),
                "this has no fields here",
                "put the struct and the function into a module, with `#[derive_grad]` on the module",
            );
        };
        match parts.field(&text) {
            Some(k) if matches!(parts[k], Val::Poison) => Err(Stop),
            Some(k) => Ok(parts[k].clone()),
            None => {
                let fields = parts.record.as_ref().map_or(&[][..], |r| &r.fields);
                let help = near_field(&text, fields);
                self.stop(name.span(), format!("there is no field `{text}`"), help)
            }
        }
    }

    /// A method of the module's own: the receiver's type has one of that name.
    pub(super) fn own_method(&mut self, call: &ExprMethodCall) -> Option<Read<Val>> {
        let method = call.method.to_string();
        if !self.module.known.iter().any(|k| k.name == method && k.path != k.name) {
            return None;
        }
        // What the receiver is has to be read to know; where it is no struct it is read again, which does no harm to these.
        let mut place = &*call.receiver;
        while let Expr::Paren(syn::ExprParen { expr, .. }) | Expr::Reference(syn::ExprReference { expr, .. }) = place {
            place = expr;
        }
        if !matches!(
            place,
            Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) | Expr::Call(_) | Expr::Struct(_)
        ) {
            return None;
        }
        let receiver = match self.value(&call.receiver, None) {
            Ok(val) => val,
            Err(Stop) => return Some(Err(Stop)),
        };
        let Val::Tuple(parts) = &receiver else { return None };
        let record = parts.record.clone()?;
        let k = self.scope.find_item(&format!("{}::{method}", record.name))?;
        let Val::Callee(callee) = self.scope.get(k).val.clone() else { return Some(Err(Stop)) };
        let this = if callee.changes_self() {
            match self.place(&call.receiver) {
                Ok(place) => self.borrowed(place),
                Err(Stop) => return Some(Err(Stop)),
            }
        } else {
            receiver
        };
        let args: Vec<&Expr> = call.args.iter().collect();
        Some(self.call_written_on(&callee, call.method.span(), vec![this], &args))
    }

    /// A function or a constant by its path in the module: `Params::new`, `Params::K`.
    pub(super) fn item_of_path(&self, path: &syn::Path) -> Option<usize> {
        let n = path.segments.len();
        let last = path.segments.last()?.ident.to_string();
        let owner = path.segments.iter().nth(n.checked_sub(2)?)?.ident.to_string();
        match owner.as_str() {
            "self" | "crate" | "super" => self.scope.find_item(&last),
            _ => self.scope.find_item(&format!("{owner}::{last}")),
        }
    }

    /// The value of an item.
    pub(super) fn item_value(&self, k: usize) -> Read<Val> {
        match &self.scope.get(k).val {
            Val::Poison => Err(Stop),
            val => Ok(val.clone()),
        }
    }

    /// Whether a type is a struct of the module.
    pub(super) fn is_record(&self, ty: &syn::Type) -> bool {
        type_name(ty).is_some_and(|name| self.module.structs.contains_key(&name))
    }

    /// Calls an item of the module.
    pub(super) fn call_item(&mut self, k: usize, at: Span, args: &[&Expr]) -> Read<Val> {
        match self.item_value(k)? {
            Val::Callee(callee) => {
                let callee: Rc<Callee> = callee;
                self.call_written(&callee, at, args)
            }
            Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Alias(_) | Val::Poison => {
                self.stop(at, "this is not a function", "call a function, a closure or a method")
            }
        }
    }
}

/// What to do about a field that there is not.
fn near_field(name: &str, fields: &[String]) -> String {
    match crate::diagnostic::did_you_mean(name, fields.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its declaration names {}", listed(fields)),
    }
}

/// `a`, `b` and `c`
fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "no field".to_string(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn member_name(member: &Member) -> String {
    member.to_token_stream().to_string()
}

fn member_span(member: &Member) -> Span {
    match member {
        Member::Named(name) => name.span(),
        Member::Unnamed(index) => index.span,
    }
}
