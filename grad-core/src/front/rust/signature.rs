//! A signature: what comes in, what goes out, which lengths are symbols, and how all that is spelled in Rust.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{
    Expr, FnArg, GenericArgument, GenericParam, Lit, Pat, PathArguments, ReturnType, Safety, Signature, Type as Ty,
    Visibility, WherePredicate,
};

use super::generic;
use super::module::{self, Module};
use super::scope::Record;
use super::{Problems, span, text};
use crate::emit::{ArgForm, Axis, Form, Interface, Layout, Owner, ParamForm, ResultForm, ResultHome, StructForm};
use crate::ir::{Dim, Elem, Float, IntKind, SizeId, Type};

/// A signature that has been read.
#[derive(Clone, Debug)]
pub struct SignatureForm {
    /// The function's name.
    pub name: Rc<str>,
    /// The parameters of the body in order: names, types and where they are written.
    pub params: Vec<(Rc<str>, Type, Span)>,
    /// The types of what is returned, in order.
    pub results: Vec<Type>,
    /// The parameters that are written to: what they hold at the end are results too, after those.
    pub outs: Vec<usize>,
    /// Whether the results are returned as a tuple (one result is not).
    pub tuple: bool,
    /// The names of the symbolic lengths.
    pub sizes: Vec<Rc<str>>,
    /// The float type.
    pub float: Float,
    /// How it is spelled.
    pub interface: Interface,
}

/// An argument as far as it could be read.
pub(super) struct Argument {
    /// What it is taken apart into, where it has no name.
    pub(super) pat: Option<Pat>,
    pub(super) name: Rc<str>,
    pub(super) span: Span,
    /// Whether it is behind a `&mut`.
    pub(super) mutable: bool,
    pub(super) shape: Shape,
}

/// How an argument is made of parameters of the body.
pub(super) enum Shape {
    /// It is one: the name and the type.
    Param(Rc<str>, Type),
    /// A tuple, or a struct.
    Parts(Option<Rc<Record>>, Vec<Shape>),
    /// It was refused.
    Refused,
}

/// What is read of a signature even where some of it is refused.
pub(super) struct Reading {
    pub(super) args: Vec<Argument>,
    pub(super) form: SignatureForm,
    /// Its type and const parameters that were refused.
    pub(super) refused: Vec<String>,
}

/// The primitive type that a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Float(Float),
    Int(IntKind),
    Bool,
}

/// The primitive type of a type, if it is one.
pub(super) fn scalar(ty: &Ty) -> Option<Scalar> {
    let Ty::Path(path) = ty else { return None };
    if path.qself.is_some() {
        return None;
    }
    scalar_named(&path.path.get_ident()?.to_string())
}

/// The primitive type of a name, if it is one.
pub(super) fn scalar_named(name: &str) -> Option<Scalar> {
    match name {
        "f64" => Some(Scalar::Float(Float::F64)),
        "f32" => Some(Scalar::Float(Float::F32)),
        "bool" => Some(Scalar::Bool),
        _ => IntKind::ALL.into_iter().find(|k| k.name() == name).map(Scalar::Int),
    }
}

struct Reader<'p> {
    problems: &'p mut Problems,
    module: &'p Module,
    float: Option<Float>,
    /// The type parameter that is the float type.
    generic: Option<String>,
    /// Parameters of the signature's that were refused: nothing more is said of them.
    refused: Vec<String>,
    /// Symbolic lengths: their names and their Rust.
    sizes: Vec<(Rc<str>, String)>,
    /// The parameters of the body so far.
    params: Vec<(Rc<str>, Type, Span)>,
    forms: Vec<ParamForm>,
}

/// The type of an array or a scalar, with its layout.
struct Held {
    elem: Elem,
    dims: Vec<Dim>,
    axes: Vec<Axis>,
    by_ref: bool,
}

/// Where an argument, or a part of one, is found.
#[derive(Clone)]
struct Spot {
    /// In Rust: `x`, `params.x`.
    place: String,
    /// In the body: `x`, `params_x`.
    name: String,
    /// Whether a reference leads there.
    by_ref: bool,
    /// How many structs it is in.
    depth: usize,
}

impl Spot {
    fn part(&self, field: &str) -> Spot {
        let place = format!("{}.{field}", self.place);
        let name = format!("{}_{}", self.name, field.trim_start_matches("r#"));
        Spot { place, name, by_ref: false, depth: self.depth + 1 }
    }
}

/// How many structs may be in one another.
const STRUCTS: usize = 16;

/// What is read: the signature as written, and the same with aliases and the float parameter replaced.
pub(super) struct Written<'a> {
    pub(super) written: &'a Signature,
    pub(super) resolved: &'a Signature,
    /// The type parameter that is the float type.
    pub(super) generic: Option<String>,
    pub(super) visibility: &'a Visibility,
    pub(super) attributes: &'a [syn::Attribute],
}

/// Reads a signature; what is refused is in `problems`.
pub(super) fn read(of: &Written<'_>, module: &Module, problems: &mut Problems) -> Reading {
    let sig = of.resolved;
    let mut reader = Reader {
        problems,
        module,
        float: None,
        generic: of.generic.clone(),
        refused: Vec::new(),
        sizes: Vec::new(),
        params: Vec::new(),
        forms: Vec::new(),
    };
    reader.qualifiers(sig);
    reader.generics(sig);
    let mut args: Vec<Argument> = Vec::new();
    let mut arg_forms: Vec<ArgForm> = Vec::new();
    let mut outs: Vec<usize> = Vec::new();
    for (input, written) in sig.inputs.iter().zip(&of.written.inputs) {
        let typed = match input {
            FnArg::Receiver(receiver) => {
                let (shape, form) = reader.receiver(receiver);
                arg_forms.extend(form);
                let span = receiver.self_token.span;
                args.push(Argument { pat: None, name: "self".into(), span, mutable: false, shape });
                continue;
            }
            FnArg::Typed(typed) => typed,
        };
        let (name, pat) = match plain_name(&typed.pat) {
            Some(ident) => (ident.to_string(), None),
            None => (invented_name(&typed.pat, &typed.ty, &args), Some((*typed.pat).clone())),
        };
        let span = span::of_pat(&typed.pat);
        let spot =
            Spot { place: name.clone(), name: name.clone(), by_ref: matches!(&*typed.ty, Ty::Reference(_)), depth: 0 };
        let mutable = mutable_of(&typed.ty);
        let (shape, form) = match reader.argument(mutable.unwrap_or(&typed.ty), &spot, span) {
            Some((shape, form)) => (shape, Some(form)),
            None => (Shape::Refused, None),
        };
        let ty = match written {
            FnArg::Typed(written) => text::of_type(&written.ty),
            FnArg::Receiver(_) => text::of_type(&typed.ty),
        };
        let written = match &form {
            Some(Form::Param(k)) if mutable.is_some() => Some(*k),
            Some(_) if mutable.is_some() => {
                reader.problems.add(
                    span::of_type(&typed.ty),
                    "a `&mut` of a struct or a tuple is not supported",
                    "take it by reference and return the new value, or take its arrays as parameters of their own",
                );
                None
            }
            _ => None,
        };
        if let Some(k) = written {
            if reader.params[k].1.is_float() {
                outs.push(k);
            } else {
                reader.problems.add(
                    span::of_type(&typed.ty),
                    "only floats can be written through a `&mut` parameter",
                    "return the integers, or compute them outside",
                );
            }
        }
        arg_forms.extend(form.map(|form| ArgForm { name: name.as_str().into(), ty, form }));
        args.push(Argument { pat, name: name.into(), span, mutable: mutable.is_some(), shape });
    }
    let (results, mut result_forms, tuple) = reader.output(sig, !outs.is_empty());
    let float = reader.float.unwrap_or_default();
    let sizes = std::mem::take(&mut reader.sizes);
    let params = std::mem::take(&mut reader.params);
    let forms = std::mem::take(&mut reader.forms);
    result_forms.extend(outs.iter().map(|k| {
        let form = &forms[*k];
        ResultForm { ty: form.owned.clone(), layout: form.layout.clone(), home: ResultHome::Written(*k) }
    }));
    let (generics, generic_args) = text::of_generics(&of.written.generics);
    let interface = Interface {
        name: sig.ident.to_string(),
        visibility: text::of_visibility(of.visibility),
        attributes: text::of_attributes(of.attributes),
        generics,
        generic_args,
        where_clause: text::of_where_clause(&of.written.generics),
        args: arg_forms,
        params: forms,
        results: result_forms,
        sizes: sizes.iter().map(|(_, rust)| rust.clone()).collect(),
        generic: of.generic.as_ref().map(|name| generic::float(name, &of.written.generics)),
        owner: module
            .owner
            .as_ref()
            .map(|ty| Owner { ty: text::of_type(ty), name: module::type_name(ty).unwrap_or_default() }),
        math: "::derive_grad::math::".to_string(),
    };
    let form = SignatureForm {
        name: sig.ident.to_string().into(),
        params,
        results,
        outs,
        tuple,
        sizes: sizes.into_iter().map(|(name, _)| name).collect(),
        float,
        interface,
    };
    Reading { args, form, refused: std::mem::take(&mut reader.refused) }
}

/// The name of a parameter that has one.
fn plain_name(pat: &Pat) -> Option<&syn::Ident> {
    match pat {
        Pat::Ident(p) if p.subpat.is_none() && p.by_ref.is_none() => Some(&p.ident),
        Pat::Paren(p) => plain_name(&p.pat),
        _ => None,
    }
}

/// What a `&mut` refers to, as a shared reference.
fn mutable_of(ty: &Ty) -> Option<&Ty> {
    match ty {
        Ty::Reference(r) if r.mutability.is_some() => Some(&r.elem),
        Ty::Paren(p) => mutable_of(&p.elem),
        Ty::Group(g) => mutable_of(&g.elem),
        _ => None,
    }
}

/// A name for a parameter that is taken apart where it is declared: that of its type, or `arg`.
fn invented_name(pat: &Pat, ty: &Ty, before: &[Argument]) -> String {
    let base = match (pat, module::type_name(ty)) {
        (Pat::Wild(_), _) => "_unused".to_string(),
        (_, Some(name)) => snake_case(&name),
        _ => "arg".to_string(),
    };
    let taken = |name: &str| before.iter().any(|a| &*a.name == name);
    let free = |k: usize| if k == 1 { base.clone() } else { format!("{base}_{k}") };
    (1..=before.len() + 1).map(free).find(|name| !taken(name)).unwrap_or(base)
}

/// `HandModel` as `hand_model`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    crate::lower::identifier(&snake)
}

fn layout(axes: Vec<Axis>) -> Layout {
    if axes.is_empty() { Layout::Scalar } else { Layout::Nested(axes) }
}

impl Reader<'_> {
    fn qualifiers(&mut self, sig: &Signature) {
        if let Some(t) = &sig.asyncness {
            self.problems.add(t.span, "an async function cannot be differentiated", "write a plain `fn`");
        }
        if let Safety::Unsafe(t) = &sig.safety {
            self.problems.add(t.span, "an unsafe function cannot be differentiated", "write a safe `fn`");
        }
        if let Some(abi) = &sig.abi {
            self.problems.add(
                abi.extern_token.span,
                "a function of a foreign ABI cannot be differentiated",
                "differentiate a plain `fn` and call it from the extern one",
            );
        }
        if let Some(variadic) = &sig.variadic {
            self.problems.add(
                span::joined(&variadic.dots.spans),
                "a variadic function cannot be differentiated",
                "take a slice",
            );
        }
    }

    fn generics(&mut self, sig: &Signature) {
        for param in &sig.generics.params {
            match param {
                GenericParam::Lifetime(_) => {}
                // The float parameter has been replaced by its stand-in.
                GenericParam::Type(t) if t.ident == "f64" => {}
                GenericParam::Type(t) => {
                    let is_number = module::number_params(&sig.generics).contains(&t.ident);
                    let help = if is_number {
                        "one type parameter may stand for the float type: `T: Float`"
                    } else {
                        "which function it is has to be known here: write it as a closure or an inner `fn` in the body"
                    };
                    self.refused.push(t.ident.to_string());
                    self.problems.add(
                        t.ident.span(),
                        format!("the type parameter `{}` is not supported", t.ident),
                        help,
                    );
                }
                GenericParam::Const(c) => {
                    if scalar(&c.ty) == Some(Scalar::Int(IntKind::Usize)) {
                        let name = c.ident.to_string();
                        self.size(&name, name.clone());
                    } else {
                        self.refused.push(c.ident.to_string());
                        self.problems.add(
                            c.ident.span(),
                            "a const parameter must be a `usize`, the length of an array",
                            "pass the value as an ordinary parameter",
                        );
                    }
                }
            }
        }
        for predicate in sig.generics.where_clause.iter().flat_map(|w| &w.predicates) {
            match predicate {
                WherePredicate::Type(t) if scalar(&t.bounded_ty).is_none() => self.problems.add(
                    span::of_type(&t.bounded_ty),
                    "a bound on this type is not supported",
                    "bound the float parameter only: `where T: Float`",
                ),
                _ => {}
            }
        }
    }

    /// `self`, which is an argument like any other where its type is known.
    fn receiver(&mut self, receiver: &syn::Receiver) -> (Shape, Option<ArgForm>) {
        let at = receiver.self_token.span;
        let Some(owner) = self.module.owner.as_ref() else {
            self.problems.add(
                at,
                "what `self` is cannot be seen from here",
                "put the struct and its `impl` into a module with `#[derive_grad]` on the module, and `#[grad]` on the method",
            );
            return (Shape::Refused, None);
        };
        let by_ref = match &receiver.kind {
            syn::ReceiverKind::Value => false,
            syn::ReceiverKind::Reference(_, _, None) => true,
            syn::ReceiverKind::Reference(_, _, Some(_)) => {
                self.problems.add(
                    at,
                    "a method that changes `self` cannot be differentiated",
                    "take `&self`, and return the new value",
                );
                return (Shape::Refused, None);
            }
            _ => {
                self.problems.add(at, "this kind of `self` is not supported", "take `&self` or `self`");
                return (Shape::Refused, None);
            }
        };
        let spot = Spot { place: "self".to_string(), name: "self".to_string(), by_ref, depth: 0 };
        match self.argument(owner, &spot, at) {
            Some((shape, form)) => {
                let ty = format!("{}{}", if by_ref { "&" } else { "" }, self.spelled(owner));
                (shape, Some(ArgForm { name: "self".into(), ty, form }))
            }
            None => (Shape::Refused, None),
        }
    }

    /// The symbol of a length that Rust spells `rust`.
    fn size(&mut self, name: &str, rust: String) -> SizeId {
        let k = self.sizes.iter().position(|(_, r)| *r == rust).unwrap_or_else(|| {
            self.sizes.push((name.into(), rust));
            self.sizes.len() - 1
        });
        SizeId(u32::try_from(k).expect("a signature has few lengths"))
    }

    /// An argument, or a part of one: the parameters that it is made of.
    fn argument(&mut self, ty: &Ty, spot: &Spot, span: Span) -> Option<(Shape, Form)> {
        match ty {
            Ty::Paren(p) => self.argument(&p.elem, spot, span),
            Ty::Group(g) => self.argument(&g.elem, spot, span),
            Ty::Reference(r) => {
                if let Some(t) = &r.mutability {
                    self.problems.add(
                        t.span,
                        "a `&mut` inside a parameter is not supported",
                        "take a `&mut` slice as a parameter of its own",
                    );
                    return None;
                }
                self.argument(&r.elem, &Spot { by_ref: true, ..spot.clone() }, span)
            }
            Ty::Tuple(t) if !t.elems.is_empty() => {
                let parts = t.elems.iter().enumerate();
                let parts: Vec<_> = parts.map(|(k, ty)| self.argument(ty, &spot.part(&k.to_string()), span)).collect();
                let (shapes, forms) = parts.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
                Some((Shape::Parts(None, shapes), Form::Tuple(forms)))
            }
            Ty::Path(p) if scalar(ty).is_none() && p.qself.is_none() => {
                match p.path.segments.last().and_then(|s| self.module.structs.get(&s.ident.to_string())) {
                    Some(item) => self.record(item, &p.path, spot, span),
                    None => self.param(ty, spot, span),
                }
            }
            ty => self.param(ty, spot, span),
        }
    }

    /// A parameter of the body.
    fn param(&mut self, ty: &Ty, spot: &Spot, span: Span) -> Option<(Shape, Form)> {
        let mut held = Held { elem: Elem::Float, dims: Vec::new(), axes: Vec::new(), by_ref: spot.by_ref };
        match vec_element(ty).filter(|_| spot.depth > 0) {
            Some(inner) => {
                // It is read where it is, not moved out of its struct.
                held.by_ref = true;
                held.dims.push(Dim::Size(self.size(&format!("{}_len", spot.name), format!("{}.len()", spot.place))));
                held.axes.push(Axis::Slice);
                self.nested(inner, &mut held, None)?;
            }
            None => self.nested(ty, &mut held, Some(spot))?,
        }
        let k = self.params.len();
        let name: Rc<str> = spot.name.as_str().into();
        let ir = Type::array(held.elem, held.dims.clone());
        self.params.push((name.clone(), ir.clone(), span));
        let written = self.spelled(ty);
        self.forms.push(ParamForm {
            name: spot.place.as_str().into(),
            owned: match ty {
                Ty::Slice(s) => format!("Vec<{}>", self.spelled(&s.elem)),
                _ => written.clone(),
            },
            ty: if spot.by_ref { format!("&{written}") } else { written },
            layout: layout(held.axes),
            by_ref: held.by_ref,
        });
        Some((Shape::Param(name, ir), Form::Param(k)))
    }

    /// A struct of the module.
    fn record(&mut self, item: &syn::ItemStruct, path: &syn::Path, spot: &Spot, span: Span) -> Option<(Shape, Form)> {
        let at = span::of_path(path);
        if spot.depth >= STRUCTS {
            self.problems.add(at, "structs nest too deep here", "pass the inner one as a parameter of its own");
            return None;
        }
        if let Some(at) = self.module.condition_of_struct(&item.ident.to_string()) {
            super::condition::refuse(self.problems, at);
            return None;
        }
        // What the struct's own parameters stand for here.
        let args = match path.segments.last().map(|s| &s.arguments) {
            Some(PathArguments::AngleBracketed(args)) => args.args.iter().collect(),
            _ => Vec::new(),
        };
        let args = args.into_iter().filter(|a| !matches!(a, GenericArgument::Lifetime(_)));
        let params = item.generics.params.iter().filter_map(|p| match p {
            GenericParam::Type(t) => Some(t.ident.to_string()),
            GenericParam::Const(c) => Some(c.ident.to_string()),
            GenericParam::Lifetime(_) => None,
        });
        let given: BTreeMap<String, TokenStream> = params.zip(args.map(ToTokens::to_token_stream)).collect();
        let mut names = Vec::new();
        let mut parts = Vec::new();
        for (k, field) in item.fields.iter().enumerate() {
            let name = field.ident.as_ref().map_or_else(|| k.to_string(), ToString::to_string);
            let ty = self.module.resolved(&field.ty, &given).unwrap_or_else(|| field.ty.clone());
            if is_phantom(&ty) {
                self.problems.add(
                    span,
                    format!("the field `{name}` of `{}` has a type that is not supported", item.ident),
                    "pass the fields that the function needs as parameters of their own",
                );
                return None;
            }
            parts.push(self.argument(&ty, &spot.part(&name), span));
            names.push(name);
        }
        if names.is_empty() {
            self.problems.add(at, format!("`{}` has no fields", item.ident), "leave the parameter out");
            return None;
        }
        let (shapes, forms): (Vec<Shape>, Vec<Form>) =
            parts.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
        let form = StructForm {
            ty: self.spelled_path(path),
            path: text::of_path_alone(path),
            fields: names.clone(),
            derives: derives(&item.attrs),
            of_floats: forms.iter().all(|f| self.of_floats(f)),
        };
        let record = Record { name: item.ident.to_string(), fields: names };
        Some((Shape::Parts(Some(Rc::new(record)), shapes), Form::Struct(Rc::new(form), forms)))
    }

    /// Whether a part of a struct owns floats and nothing else.
    fn of_floats(&self, form: &Form) -> bool {
        match form {
            Form::Param(k) => self.params[*k].1.is_float() && !self.forms[*k].ty.starts_with('&'),
            Form::Tuple(parts) => parts.iter().all(|p| self.of_floats(p)),
            Form::Struct(form, _) => form.of_floats,
        }
    }

    /// A type in generated code: the float parameter has its name again.
    fn spelled(&self, ty: &Ty) -> String {
        self.renamed(text::of_type(ty))
    }

    fn spelled_path(&self, path: &syn::Path) -> String {
        self.renamed(text::of_path(path))
    }

    fn renamed(&self, text: String) -> String {
        match &self.generic {
            Some(name) => text.replace("f64", name),
            None => text,
        }
    }

    /// The axes and the elements of a type; a slice's length is read off `slice` where one may stand.
    fn nested(&mut self, ty: &Ty, held: &mut Held, slice: Option<&Spot>) -> Option<()> {
        if super::nesting::type_too_deep(ty) {
            self.problems.add(span::of_type(ty), "this type nests too deep", "use fewer axes");
            return None;
        }
        let mut ty = ty;
        loop {
            ty = match ty {
                Ty::Paren(p) => &p.elem,
                Ty::Group(g) => &g.elem,
                Ty::Array(a) => {
                    held.dims.push(self.length(&a.len)?);
                    held.axes.push(Axis::Array);
                    &a.elem
                }
                Ty::Slice(s) => match slice {
                    Some(spot) if held.by_ref && held.dims.is_empty() => {
                        let size = self.size(&format!("{}_len", spot.name), format!("{}.len()", spot.place));
                        held.dims.push(Dim::Size(size));
                        held.axes.push(Axis::Slice);
                        &s.elem
                    }
                    _ => {
                        self.problems.add(
                            s.bracket_token.span.open(),
                            "a slice may only be the outermost axis of a borrowed array",
                            "write `&[[f64; N]]`, a slice of arrays of one length",
                        );
                        return None;
                    }
                },
                _ => {
                    held.elem = self.element(ty)?;
                    return Some(());
                }
            };
        }
    }

    fn element(&mut self, ty: &Ty) -> Option<Elem> {
        if module::type_name(ty).is_some_and(|name| self.refused.contains(&name)) {
            return None;
        }
        match scalar(ty) {
            Some(Scalar::Int(kind)) => Some(Elem::Int(kind)),
            Some(Scalar::Bool) => Some(Elem::Bool),
            Some(Scalar::Float(float)) => {
                let first = *self.float.get_or_insert(float);
                if first != float {
                    self.problems.add(
                        span::of_type(ty),
                        format!("an `{}` in a function of `{}`", float.name(), first.name()),
                        format!("use `{}` throughout", first.name()),
                    );
                    return None;
                }
                Some(Elem::Float)
            }
            None => {
                let help = match ty {
                    ty if super::instead::of_type(ty).is_some() => {
                        super::instead::of_type(ty).unwrap_or_default().to_string()
                    }
                    Ty::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == "Vec") => {
                        "take a slice: `&[f64]`".to_string()
                    }
                    Ty::Reference(_) => "write a slice of arrays, `&[[f64; N]]`".to_string(),
                    Ty::Tuple(_) => "take one array for each part".to_string(),
                    Ty::Path(p) => self.unknown_type(p),
                    _ => "use `f64`, `&[f64]`, `&[f64; N]`, `&[[f64; M]; N]`, an integer type or `bool`".to_string(),
                };
                self.problems.add(
                    span::of_type(ty),
                    format!("the type `{}` is not supported here", text::of_type(ty)),
                    help,
                );
                None
            }
        }
    }

    /// What to do about a type that is not known.
    fn unknown_type(&self, path: &syn::TypePath) -> String {
        let name = path.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        const PLAIN: [&str; 13] =
            ["f64", "f32", "bool", "usize", "isize", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
        let known = self.module.structs.keys().map(String::as_str).chain(PLAIN);
        if let Some(near) = crate::diagnostic::did_you_mean(&name, known).filter(|_| name.len() > 1) {
            return format!("did you mean `{near}`?");
        }
        if self.module.structs.contains_key(&name) {
            return "take one array for each field".to_string();
        }
        match self.module.other(&name) {
            Some("an enum") => return "number the choices, and pass a `usize`".to_string(),
            Some(_) => return "pass the numbers that it holds as parameters of their own".to_string(),
            None => {}
        }
        "if it is a struct or an alias, put it and the function into a module with `#[derive_grad]` on the module; \
         or pass the numbers that it holds as parameters of their own"
            .to_string()
    }

    fn length(&mut self, len: &Expr) -> Option<Dim> {
        match len {
            Expr::Lit(lit) => {
                if let Lit::Int(n) = &lit.lit
                    && let Ok(n) = n.base10_parse::<usize>()
                {
                    return Some(Dim::Lit(n));
                }
            }
            Expr::Path(path) if path.qself.is_none() => {
                let rust = text::of_path(&path.path);
                let name = rust.clone();
                return Some(Dim::Size(self.size(&name, rust)));
            }
            Expr::Paren(p) => return self.length(&p.expr),
            Expr::Group(g) => return self.length(&g.expr),
            Expr::Block(b) => {
                if let [syn::Stmt::Expr(e, None)] = b.block.stmts.as_slice() {
                    return self.length(e);
                }
            }
            _ => {}
        }
        self.problems.add(
            span::of_expr(len),
            "the length of an array must be a literal, a const parameter or a const item",
            "give the length a name: `const LEN: usize = …;`",
        );
        None
    }

    fn output(&mut self, sig: &Signature, writes: bool) -> (Vec<Type>, Vec<ResultForm>, bool) {
        let is_unit = match &sig.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => matches!(&**ty, Ty::Tuple(t) if t.elems.is_empty()),
        };
        if writes && is_unit {
            return (Vec::new(), Vec::new(), false);
        }
        let ReturnType::Type(_, ty) = &sig.output else {
            self.problems.add(
                sig.ident.span(),
                "the function returns nothing",
                "return the value to differentiate: `-> f64`",
            );
            return (Vec::new(), Vec::new(), false);
        };
        let (parts, tuple): (Vec<&Ty>, bool) = match &**ty {
            Ty::Tuple(t) if t.elems.is_empty() => {
                self.problems.add(
                    span::of_type(ty),
                    "the function returns nothing",
                    "return the value to differentiate: `-> f64`",
                );
                return (Vec::new(), Vec::new(), false);
            }
            Ty::Tuple(t) => (t.elems.iter().collect(), true),
            ty => (vec![ty], false),
        };
        let mut types = Vec::new();
        let mut forms = Vec::new();
        for part in parts {
            let mut held = Held { elem: Elem::Float, dims: Vec::new(), axes: Vec::new(), by_ref: false };
            let inner = match vec_element(part) {
                Some(inner) => {
                    held.dims.push(Dim::Any);
                    held.axes.push(Axis::Slice);
                    inner
                }
                None => part,
            };
            if let Ty::Reference(r) = inner {
                self.problems.add(
                    r.and_token.span,
                    "a reference cannot be returned",
                    "return an owned value: `[f64; N]` or `Vec<f64>`",
                );
                continue;
            }
            if self.nested(inner, &mut held, None).is_none() {
                continue;
            }
            if held.elem != Elem::Float {
                self.problems.add(
                    span::of_type(part),
                    "only floats can be returned",
                    "return the float to differentiate alone",
                );
                continue;
            }
            types.push(Type::array(held.elem, held.dims));
            forms.push(ResultForm { ty: self.spelled(part), layout: layout(held.axes), home: ResultHome::Returned });
        }
        (types, forms, tuple)
    }
}

/// Whether a field's type holds no numbers.
fn is_phantom(ty: &Ty) -> bool {
    match ty {
        Ty::Path(p) => p.path.segments.last().is_some_and(|s| {
            matches!(&*s.ident.to_string(), "PhantomData" | "String" | "Option" | "Box" | "Rc" | "Arc")
        }),
        Ty::Reference(r) => is_phantom(&r.elem) || matches!(&*r.elem, Ty::Path(p) if p.path.is_ident("str")),
        _ => false,
    }
}

/// The traits that attributes derive.
fn derives(attributes: &[syn::Attribute]) -> Vec<String> {
    let derive = attributes.iter().filter(|a| a.path().is_ident("derive"));
    derive.flat_map(|a| module::identifiers(a.meta.to_token_stream())).collect()
}

/// `T` of a `Vec<T>`.
pub(super) fn vec_element(ty: &Ty) -> Option<&Ty> {
    let Ty::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|s| s.ident == "Vec")?;
    let syn::PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    match args.args.first()? {
        syn::GenericArgument::Type(inner) if args.args.len() == 1 => Some(inner),
        _ => None,
    }
}
