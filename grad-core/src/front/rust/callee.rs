//! Closures and functions of the body: written out where they are called, with what they captured where they were made.
//!
//! What a closure only reads cannot change while it lives, so its values are taken where it is made. What it assigns it
//! refers to.

use std::cell::Cell;
use std::rc::Rc;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Expr, ExprClosure, ExprPath, ItemFn, Pat, ReturnType, Stmt, Type};

use super::module::identifiers;
use super::place::Place;
use super::scope::{Item, Val};
use super::signature::{Scalar, scalar};
use super::{Read, Reader, Stop, carry, leave, nesting, span, text};
use crate::ir::{Elem, Value};

/// How many calls may be written out in one function.
const CALLS: usize = 10_000;

/// Something that the body of a function calls.
#[derive(Debug)]
pub(super) enum Callee {
    /// A closure or a function of the body.
    Written(Box<Written>),
    /// A function by its path: `f64::max`.
    Path(ExprPath),
}

#[derive(Debug)]
pub(super) struct Written {
    /// What it is called in messages.
    name: String,
    params: Vec<(Pat, Option<Type>)>,
    output: Option<Type>,
    body: Expr,
    /// The variables that a closure sees, by their names.
    captured: Vec<(String, Val)>,
    /// The items that it sees.
    items: Vec<(String, usize)>,
    /// The const parameters: lengths that the arguments tell.
    lengths: Vec<String>,
    /// Whether it is a method that takes `&mut self`.
    changes_self: bool,
    /// Whether it asserts something, or calls what does.
    asserts: bool,
    /// Whether it is a function, whose type says what it returns; a closure may not say.
    is_function: bool,
    /// How deep the expressions of the body nest.
    depth: usize,
    /// Whether its body was refused: that has been said.
    refused: Cell<bool>,
}

impl Callee {
    /// The variables that a call assigns, through the closures that it captured too.
    pub(super) fn assigned(&self) -> Vec<usize> {
        let Callee::Written(written) = self else { return Vec::new() };
        // What asserts something may raise the number of a failed assertion.
        let mut roots = if written.asserts { vec![0] } else { Vec::new() };
        for (_, val) in &written.captured {
            match val {
                Val::Alias(place) => roots.push(place.root),
                Val::Callee(callee) => roots.extend(callee.assigned()),
                Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Poison => {}
            }
        }
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// Whether it is a function without a value.
    pub(super) fn returns_nothing(&self) -> bool {
        matches!(self, Callee::Written(written) if written.is_function && written.output.is_none())
    }

    /// The type that it says it returns.
    pub(super) fn output(&self) -> Option<Type> {
        match self {
            Callee::Written(written) => written.output.clone(),
            Callee::Path(_) => None,
        }
    }

    /// Whether it is a method that takes `&mut self`.
    pub(super) fn changes_self(&self) -> bool {
        matches!(self, Callee::Written(written) if written.changes_self)
    }

    /// The name of a parameter, where it has one.
    pub(super) fn param_name(&self, k: usize) -> Option<String> {
        let Callee::Written(written) = self else { return None };
        let mut pat = &written.params.get(k)?.0;
        loop {
            pat = match pat {
                Pat::Ident(p) => return Some(p.ident.to_string()),
                Pat::Paren(p) => &p.pat,
                Pat::Reference(p) => &p.pat,
                _ => return None,
            };
        }
    }
}

fn type_param(param: &syn::GenericParam) -> Option<&syn::Ident> {
    match param {
        syn::GenericParam::Type(t) => Some(&t.ident),
        syn::GenericParam::Lifetime(_) | syn::GenericParam::Const(_) => None,
    }
}

fn parameter(pat: &Pat) -> (Pat, Option<Type>) {
    match pat {
        Pat::Type(typed) => ((*typed.pat).clone(), Some((*typed.ty).clone())),
        pat => (pat.clone(), None),
    }
}

impl Reader<'_> {
    /// A closure as a value.
    pub(super) fn closure(&mut self, closure: &ExprClosure) -> Read<Val> {
        if let Some(t) = &closure.asyncness {
            return self.stop(t.span, "async code is not supported here", "await outside the function");
        }
        if let Some(at) = nesting::expr_chain_too_long(&closure.body) {
            return self.stop(at, super::LONG, "give parts of the expression names with `let`");
        }
        let assigned = carry::assigned_in(&Expr::Closure(closure.clone()));
        let places = self.scope.places(&assigned);
        let mut captured = Vec::new();
        let mut items = Vec::new();
        let names = identifiers(closure.body.to_token_stream());
        for name in names.clone() {
            items.extend(self.scope.items_named(&name).into_iter().filter(|(path, _)| *path != name));
            let Some(k) = self.scope.find(&name) else { continue };
            let val = match &self.scope.get(k).val {
                val @ (Val::Callee(_) | Val::Alias(_)) => val.clone(),
                _ if places.contains(&k) => Val::Alias(Rc::new(Place::variable(k))),
                val => self.grown(k, val.clone()),
            };
            captured.push((name, val));
        }
        let copies = captured.iter().any(|(name, val)| matches!(val, Val::Alias(_)) && assigned.contains(name));
        if let (Some(t), true) = (&closure.capture, copies) {
            return self.stop(
                t.span,
                "a `move` closure that assigns what it captures has variables of its own",
                "leave `move` out, or keep the state in variables of the function",
            );
        }
        Ok(Val::Callee(Rc::new(Callee::Written(Box::new(Written {
            name: "the closure".to_string(),
            params: closure.inputs.iter().map(parameter).collect(),
            output: match &closure.output {
                ReturnType::Default => None,
                ReturnType::Type(_, ty) => Some((**ty).clone()),
            },
            depth: nesting::depth(&closure.body),
            body: (*closure.body).clone(),
            captured,
            items,
            lengths: Vec::new(),
            changes_self: false,
            asserts: self.asserts(&names),
            is_function: false,
            refused: Cell::new(false),
        })))))
    }

    /// The functions of a block, which see its items and one another.
    pub(super) fn functions(&mut self, stmts: &[Stmt]) {
        let items = stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Item(syn::Item::Fn(item)) => Some(item),
            _ => None,
        });
        let items: Vec<&ItemFn> = items.collect();
        let first = self.scope.depth();
        // Declared before any is made: each may call those after it.
        for item in &items {
            self.scope.declare_item(&item.sig.ident.to_string(), Val::Poison);
        }
        for (k, item) in items.iter().enumerate() {
            let val = match nesting::chain_too_long(&item.block) {
                Some(at) => self.stop(at, super::LONG, "give parts of the expression names with `let`"),
                None => {
                    let item = self.for_this_float(item);
                    self.function(&item)
                }
            };
            self.scope.put(first + k, val.unwrap_or(Val::Poison));
        }
    }

    pub(super) fn function(&mut self, item: &ItemFn) -> Read<Val> {
        let sig = &item.sig;
        let lengths = sig.generics.params.iter().filter_map(|p| match p {
            syn::GenericParam::Const(c) => Some(c.ident.to_string()),
            syn::GenericParam::Lifetime(_) | syn::GenericParam::Type(_) => None,
        });
        let lengths = lengths.collect();
        // A type parameter says nothing that can be held against an argument.
        let open: Vec<&syn::Ident> = sig.generics.params.iter().filter_map(type_param).collect();
        let told = |ty: &Type| !super::module::type_name(ty).is_some_and(|name| open.iter().any(|o| **o == name));
        if let Some(t) = &sig.asyncness {
            return self.stop(t.span, "an async function is not supported here", "write a plain `fn`");
        }
        if let syn::Safety::Unsafe(t) = &sig.safety {
            return self.stop(t.span, "an unsafe function is not supported here", "write a safe `fn`");
        }
        let mut params = Vec::new();
        let mut changes_self = false;
        for input in &sig.inputs {
            match input {
                syn::FnArg::Typed(typed) => {
                    let ty = Some((*typed.ty).clone()).filter(told);
                    params.push(((*typed.pat).clone(), ty));
                }
                syn::FnArg::Receiver(receiver) => {
                    changes_self = matches!(receiver.kind, syn::ReceiverKind::Reference(_, _, Some(_)));
                    let this = Pat::Ident(syn::PatIdent {
                        attrs: Vec::new(),
                        by_ref: None,
                        mutability: None,
                        ident: syn::Ident::from(receiver.self_token),
                        subpat: None,
                    });
                    params.push((this, None));
                }
            }
        }
        let names = nesting::names(&item.block);
        let items: Vec<(String, usize)> = names.iter().flat_map(|name| self.scope.items_named(name)).collect();
        let body = Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: (*item.block).clone() });
        Ok(Val::Callee(Rc::new(Callee::Written(Box::new(Written {
            name: format!("`{}`", sig.ident),
            params,
            output: match &sig.output {
                ReturnType::Default => None,
                ReturnType::Type(_, ty) => Some((**ty).clone()),
            },
            depth: nesting::depth(&body),
            body,
            captured: Vec::new(),
            items,
            lengths,
            changes_self,
            asserts: self.asserts(&names),
            is_function: true,
            refused: Cell::new(false),
        })))))
    }

    /// Whether code with these names in it asserts something, or may call what does.
    fn asserts(&self, names: &[String]) -> bool {
        let known = |name: &String| self.module.known.iter().any(|k| k.name == *name);
        names.iter().any(|name| super::assertion::may_panic(name))
            || self
                .module
                .reachable(names.iter().filter(|n| known(n)).cloned().collect())
                .iter()
                .any(|known| known.names.iter().any(|name| super::assertion::may_panic(name)))
            || names.iter().filter_map(|name| self.scope.find(name)).any(|k| match &self.scope.get(k).val {
                Val::Callee(callee) => callee.assigned().contains(&0),
                _ => false,
            })
    }

    /// What an argument calls: a closure written there, a variable that is one, or a path.
    pub(super) fn callee(&mut self, e: &Expr) -> Read<Rc<Callee>> {
        match e {
            Expr::Paren(p) => self.callee(&p.expr),
            Expr::Group(g) => self.callee(&g.expr),
            Expr::Reference(r) => self.callee(&r.expr),
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident()
                    && let Some(k) = self.scope.find(&name.to_string())
                {
                    return match &self.scope.get(k).val {
                        Val::Callee(callee) => Ok(callee.clone()),
                        Val::Poison => Err(Stop),
                        Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Alias(_) => {
                            self.stop(name.span(), format!("`{name}` is not a function"), "give a closure: `|x| …`")
                        }
                    };
                }
                Ok(Rc::new(Callee::Path(path.clone())))
            }
            e => match self.expr(e, None)? {
                Val::Callee(callee) => Ok(callee),
                Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Alias(_) | Val::Poison => {
                    self.stop(span::of_expr(e), "a function is expected here", "give a closure: `|x| …`")
                }
            },
        }
    }

    /// A call of a closure or a function of the body.
    pub(super) fn call_written(&mut self, callee: &Rc<Callee>, at: Span, args: &[&Expr]) -> Read<Val> {
        self.call_written_on(callee, at, Vec::new(), args)
    }

    /// The same with the first arguments at hand.
    pub(super) fn call_written_on(
        &mut self,
        callee: &Rc<Callee>,
        at: Span,
        first: Vec<Val>,
        args: &[&Expr],
    ) -> Read<Val> {
        let types: Vec<Option<Type>> = match &**callee {
            Callee::Written(written) => written.params.iter().map(|(_, ty)| ty.clone()).collect(),
            Callee::Path(_) => Vec::new(),
        };
        let vals: Vec<Read<Val>> = args
            .iter()
            .enumerate()
            .map(|(k, arg)| {
                let ty = types.get(first.len() + k).and_then(Option::as_ref);
                self.typed(arg, ty)
            })
            .collect();
        let vals = vals.into_iter().collect::<Read<Vec<_>>>()?;
        self.apply(callee, at, first.into_iter().chain(vals).collect())
    }

    /// What a callee gives for values at hand.
    pub(super) fn apply(&mut self, callee: &Rc<Callee>, at: Span, args: Vec<Val>) -> Read<Val> {
        let written = match &**callee {
            Callee::Path(path) => {
                let args: Read<Vec<Item>> = args
                    .into_iter()
                    .map(|arg| match self.loaded(arg)? {
                        Val::One(item) => Ok(item),
                        Val::Tuple(_) | Val::View(_) | Val::Callee(_) | Val::Alias(_) => {
                            let name = text::of_path(&path.path);
                            self.stop(
                                span::of_path(&path.path),
                                format!("`{name}` takes numbers"),
                                "write a closure that takes the item apart: `|(a, b)| …`",
                            )
                        }
                        Val::Poison => Err(Stop),
                    })
                    .collect();
                let args: Vec<super::call::Arg<'_>> = args?.into_iter().map(super::call::Arg::Given).collect();
                return self.call_path(&path.path, &args, None);
            }
            Callee::Written(written) => written,
        };
        if written.refused.get() {
            return Err(Stop);
        }
        if self.calls.iter().any(|c| Rc::ptr_eq(c, callee)) {
            return self.stop(
                at,
                format!("{} calls itself: recursion is not supported", written.name),
                "write a loop, or keep what is left to do in an array",
            );
        }
        if args.len() != written.params.len() {
            let (n, s) = (written.params.len(), if written.params.len() == 1 { "" } else { "s" });
            let title = format!("{} takes {n} argument{s}, not {}", written.name, args.len());
            return self.stop(at, title, "give it as many");
        }
        self.applied += 1;
        let nested = self.calls.iter().map(|c| c.depth()).sum::<usize>() + written.depth;
        if self.applied > CALLS || nested > nesting::EXPRESSIONS {
            return self.stop(
                at,
                "too many calls of closures and inner functions are written out here",
                "write the body as a loop",
            );
        }
        self.calls.push(callee.clone());
        let before = self.problems.problems.len();
        let value = self.body_of(written, args);
        self.calls.pop();
        if value.is_err() && self.problems.problems.len() > before {
            written.refused.set(true);
        }
        value
    }

    fn body_of(&mut self, written: &Written, args: Vec<Val>) -> Read<Val> {
        let depth = self.scope.depth();
        let imports = self.scope.imports.len();
        let hidden = self.scope.hide();
        let loops = std::mem::take(&mut self.loops);
        for (name, k) in &written.items {
            // An item is gone where the function that sees it has left its block.
            let val = match k {
                k if *k < depth && *self.scope.get(*k).name == **name => self.scope.get(*k).val.clone(),
                _ => Val::Poison,
            };
            self.scope.declare_item(name, val);
        }
        for (name, val) in &written.captured {
            self.scope.declare(name, val.clone());
        }
        let value = self.parameters_and_body(written, args);
        self.loops = loops;
        self.scope.leave(depth);
        self.scope.show(hidden);
        self.scope.imports.truncate(imports);
        value
    }

    fn parameters_and_body(&mut self, written: &Written, args: Vec<Val>) -> Read<Val> {
        for name in &written.lengths {
            let types = written.params.iter().zip(&args);
            let len = types.filter_map(|((_, ty), arg)| self.length_in(ty.as_ref()?, arg, name)).next();
            if let Some(len) = len {
                self.scope.declare(name, Val::One(len.into()));
            }
        }
        for ((pat, ty), arg) in written.params.iter().zip(args) {
            if let Some(ty) = ty {
                self.conform(ty, &arg)?;
            }
            self.bind(pat, arg);
        }
        let value = match &written.body {
            Expr::Block(b) if b.label.is_none() && b.block.stmts.iter().any(leave::returns) => {
                self.tail(&b.block.stmts, b.block.brace_token.span.close())
            }
            body => {
                let length = |r: &mut Self| match &written.output {
                    Some(Type::Array(array)) => r.index(&array.len).map(Some),
                    _ => Ok(None),
                };
                self.of_length(body, length, |r| r.expr(body, None))
            }
        }?;
        if let Some(ty) = &written.output {
            self.conform(ty, &value)?;
        }
        // What it refers to stays; a place inside it is gone.
        if value.refers() { self.loaded(value) } else { Ok(value) }
    }

    /// What a value says of a const parameter of its type: `N` of `[f64; N]`.
    fn length_in(&mut self, ty: &Type, val: &Val, name: &str) -> Option<Value> {
        let mut ty = ty;
        let val = self.loaded(val.clone()).ok()?;
        let mut axis = 0;
        loop {
            ty = match ty {
                Type::Reference(r) => &r.elem,
                Type::Paren(p) => &p.elem,
                Type::Group(g) => &g.elem,
                Type::Slice(s) => {
                    axis += 1;
                    &s.elem
                }
                Type::Array(a) => {
                    let is_it = matches!(&a.len, Expr::Path(p) if p.path.is_ident(name));
                    if is_it {
                        return match &val {
                            Val::One(item) if axis < self.b.ty(item.value).rank() => Some(self.b.len(item.value, axis)),
                            Val::View(view) if axis == 0 => Some(view.len),
                            Val::View(view) if axis < self.b.ty(view.array.value).rank() => {
                                Some(self.b.len(view.array.value, axis))
                            }
                            _ => None,
                        };
                    }
                    axis += 1;
                    &a.elem
                }
                _ => return None,
            };
        }
    }

    /// Makes the kind of a value's integers that of its type.
    fn conform(&mut self, ty: &Type, val: &Val) -> Read<()> {
        match (ty, val) {
            (Type::Tuple(tuple), Val::Tuple(parts)) if tuple.elems.len() == parts.len() => {
                tuple.elems.iter().zip(parts.iter()).try_for_each(|(ty, part)| self.conform(ty, part))
            }
            (Type::Paren(p), val) => self.conform(&p.elem, val),
            (Type::Reference(r), val) => self.conform(&r.elem, val),
            (ty, Val::One(item)) => match (scalar(ty), self.b.ty(item.value).elem) {
                (Some(Scalar::Int(kind)), Elem::Int(_)) => {
                    self.as_integer(span::of_type(ty), *item, kind)?;
                    Ok(())
                }
                (Some(Scalar::Float(float)), _) => self.same_float(span::of_type(ty), float),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

impl Callee {
    fn depth(&self) -> usize {
        match self {
            Callee::Written(written) => written.depth,
            Callee::Path(_) => 1,
        }
    }
}
