//! A signature: what comes in, what goes out, which lengths are symbols, and how all that is spelled in Rust.

use std::rc::Rc;

use proc_macro2::Span;
use syn::{Expr, FnArg, GenericParam, Lit, Pat, ReturnType, Safety, Signature, Type as Ty, Visibility, WherePredicate};

use super::{Problems, span, text};
use crate::emit::{Axis, Interface, Layout, ParamForm, ResultForm};
use crate::ir::{Dim, Elem, Float, IntKind, SizeId, Type};

/// A signature that has been read.
#[derive(Clone, Debug)]
pub struct SignatureForm {
    /// The function's name.
    pub name: Rc<str>,
    /// The parameters in order: names, types and where they are written.
    pub params: Vec<(Rc<str>, Type, Span)>,
    /// The types of the results in order.
    pub results: Vec<Type>,
    /// Whether the results are returned as a tuple (one result is not).
    pub tuple: bool,
    /// The names of the symbolic lengths.
    pub sizes: Vec<Rc<str>>,
    /// The float type.
    pub float: Float,
    /// How it is spelled.
    pub interface: Interface,
}

/// A parameter as far as it could be read: one that was refused has no type.
pub(super) struct ReadParam {
    pub(super) name: Rc<str>,
    pub(super) span: Span,
    pub(super) ty: Option<Type>,
}

/// What is read of a signature even where some of it is refused.
pub(super) struct Reading {
    pub(super) params: Vec<ReadParam>,
    pub(super) form: SignatureForm,
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
    float: Option<Float>,
    /// Symbolic lengths: their names and their Rust.
    sizes: Vec<(Rc<str>, String)>,
}

/// The type of an array or a scalar, with its layout.
struct Held {
    elem: Elem,
    dims: Vec<Dim>,
    axes: Vec<Axis>,
    by_ref: bool,
}

/// Reads a signature; what is refused is in `problems`.
pub(super) fn read(
    sig: &Signature,
    visibility: &Visibility,
    attributes: &[syn::Attribute],
    problems: &mut Problems,
) -> Reading {
    let mut reader = Reader { problems, float: None, sizes: Vec::new() };
    reader.qualifiers(sig);
    reader.generics(sig);
    let mut params: Vec<ReadParam> = Vec::new();
    let mut forms = Vec::new();
    for input in &sig.inputs {
        let typed = match input {
            FnArg::Receiver(receiver) => {
                reader.problems.add(
                    receiver.self_token.span,
                    "a method cannot be differentiated yet",
                    "write a free function that takes the fields it needs as parameters",
                );
                params.push(ReadParam { name: "self".into(), span: receiver.self_token.span, ty: None });
                continue;
            }
            FnArg::Typed(typed) => typed,
        };
        let Pat::Ident(pat) = &*typed.pat else {
            reader.problems.add(
                span::of_pat(&typed.pat),
                "a parameter must be a plain name",
                "give the parameter a name and take it apart with a `let` in the body",
            );
            continue;
        };
        let name = pat.ident.to_string();
        let held = reader.param_type(&typed.ty, &name);
        let name: Rc<str> = name.into();
        let ty = held.as_ref().map(|h| Type::array(h.elem, h.dims.clone()));
        if let Some(held) = held {
            forms.push(ParamForm {
                name: name.clone(),
                ty: text::of_type(&typed.ty),
                owned: owned(&typed.ty),
                layout: layout(held.axes),
                by_ref: held.by_ref,
            });
        }
        params.push(ReadParam { name, span: pat.ident.span(), ty });
    }
    let (results, result_forms, tuple) = reader.output(sig);
    let float = reader.float.unwrap_or_default();
    let sizes = std::mem::take(&mut reader.sizes);
    let (generics, generic_args) = text::of_generics(&sig.generics);
    let interface = Interface {
        name: sig.ident.to_string(),
        visibility: text::of_visibility(visibility),
        attributes: text::of_attributes(attributes),
        generics,
        generic_args,
        where_clause: text::of_where_clause(&sig.generics),
        params: forms,
        results: result_forms,
        sizes: sizes.iter().map(|(_, rust)| rust.clone()).collect(),
        math: "::derive_grad::math::".to_string(),
    };
    let form = SignatureForm {
        name: sig.ident.to_string().into(),
        params: params.iter().filter_map(|p| Some((p.name.clone(), p.ty.clone()?, p.span))).collect(),
        results,
        tuple,
        sizes: sizes.into_iter().map(|(name, _)| name).collect(),
        float,
        interface,
    };
    Reading { params, form }
}

fn layout(axes: Vec<Axis>) -> Layout {
    if axes.is_empty() { Layout::Scalar } else { Layout::Nested(axes) }
}

/// The type of an owned value: `&[f64]` gives `Vec<f64>`.
fn owned(ty: &Ty) -> String {
    match ty {
        Ty::Reference(r) => owned(&r.elem),
        Ty::Paren(p) => owned(&p.elem),
        Ty::Group(g) => owned(&g.elem),
        Ty::Slice(s) => format!("Vec<{}>", owned(&s.elem)),
        _ => text::of_type(ty),
    }
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
                GenericParam::Type(t) => self.problems.add(
                    t.ident.span(),
                    format!("the type parameter `{}` is not supported yet", t.ident),
                    "write the function for `f64` (or `f32`)",
                ),
                GenericParam::Const(c) => {
                    if scalar(&c.ty) == Some(Scalar::Int(IntKind::Usize)) {
                        let name = c.ident.to_string();
                        self.size(&name, name.clone());
                    } else {
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
                WherePredicate::Lifetime(_) => {}
                WherePredicate::Type(t) => self.problems.add(
                    span::of_type(&t.bounded_ty),
                    "bounds on types are not supported yet",
                    "write the function for `f64` (or `f32`)",
                ),
                _ => {}
            }
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

    fn param_type(&mut self, ty: &Ty, name: &str) -> Option<Held> {
        let mut held = Held { elem: Elem::Float, dims: Vec::new(), axes: Vec::new(), by_ref: false };
        let inner = match ty {
            Ty::Reference(r) => {
                if let Some(t) = &r.mutability {
                    self.problems.add(
                        t.span,
                        "a `&mut` parameter is not supported yet",
                        "take a shared reference and return the new value",
                    );
                    return None;
                }
                held.by_ref = true;
                &*r.elem
            }
            _ => ty,
        };
        self.nested(inner, &mut held, Some(name))?;
        Some(held)
    }

    /// The axes and the elements of a type; a slice is named after `slice` where one may stand.
    fn nested(&mut self, ty: &Ty, held: &mut Held, slice: Option<&str>) -> Option<()> {
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
                    Some(name) if held.by_ref && held.dims.is_empty() => {
                        held.dims.push(Dim::Size(self.size(&format!("{name}_len"), format!("{name}.len()"))));
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
                    Ty::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == "Vec") => {
                        "take a slice: `&[f64]`".to_string()
                    }
                    Ty::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == "i128" || s.ident == "u128") => {
                        "use `i64` or `u64`".to_string()
                    }
                    Ty::Reference(_) => "write a slice of arrays, `&[[f64; N]]`".to_string(),
                    Ty::Tuple(_) => "take one parameter for each part".to_string(),
                    Ty::Path(_) => "pass the numbers it holds as parameters of their own".to_string(),
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

    fn output(&mut self, sig: &Signature) -> (Vec<Type>, Vec<ResultForm>, bool) {
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
            forms.push(ResultForm { ty: text::of_type(part), layout: layout(held.axes) });
        }
        (types, forms, tuple)
    }
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
