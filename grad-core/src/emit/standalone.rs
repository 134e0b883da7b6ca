//! The signature of a function that no Rust signature was given for: what the command prints for a formula.
//!
//! A vector is a slice, an array with literal inner lengths nests, a matrix with a symbolic row length is one slice of all
//! its elements, row by row. A length that no slice tells becomes a parameter of its own, after the others.

use super::interface::{ArgForm, Axis, Interface, Layout, ParamForm, ResultForm, ResultHome};
use crate::ir::{Builder, Dim, Elem, Function, Param, SizeId, Type, Value};
use crate::lower::identifier;

/// The function with a parameter for each length that it needs, and its signature.
#[must_use]
pub fn standalone(f: &Function) -> (Function, Interface) {
    let mut sizes: Vec<Option<String>> = vec![None; f.sizes.len()];
    let mut params = Vec::new();
    for (k, param) in f.params.iter().enumerate() {
        let ty = f.param_type(k);
        let form = form(&identifier(&param.name), ty, f);
        if let (Layout::Nested(_), Some(Dim::Size(size))) = (&form.layout, ty.dims.first()) {
            sizes[size.0 as usize].get_or_insert_with(|| format!("{}.len()", form.name));
        }
        params.push(form);
    }
    let mut given: Vec<usize> = Vec::new();
    for (k, size) in sizes.iter_mut().enumerate() {
        let id = SizeId(u32::try_from(k).expect("there are few sizes"));
        if size.is_none() && f.size_source(id).is_some() {
            let name = identifier(&f.sizes[k]);
            params.push(form(&name, &Type::INDEX, f));
            *size = Some(name);
            given.push(k);
        }
    }
    let results = f.body.results.iter().map(|r| result(f.body.ty(*r), f)).collect();
    let interface = Interface {
        name: identifier(&f.name),
        visibility: "pub".to_string(),
        args: ArgForm::each(&params),
        params,
        results,
        sizes: sizes.into_iter().map(|s| s.unwrap_or_else(|| "0".to_string())).collect(),
        ..Interface::default()
    };
    (with_lengths(f, &given), interface)
}

/// The function with an index parameter for each of these sizes.
fn with_lengths(f: &Function, sizes: &[usize]) -> Function {
    if sizes.is_empty() {
        return f.clone();
    }
    let b = Builder::under(&f.simplify);
    let params: Vec<Value> = (0..f.params.len()).map(|k| b.param(f.param_type(k).clone())).collect();
    for (v, p) in params.iter().zip(&f.params) {
        b.name(*v, &p.name);
    }
    let mut function = f.clone();
    for k in sizes {
        b.param(Type::INDEX);
        function.params.push(Param { name: f.sizes[*k].clone() });
    }
    let results = b.import(&f.body, &params);
    function.body = b.finish(&results);
    function
}

fn element(elem: Elem, f: &Function) -> &'static str {
    match elem {
        Elem::Float => f.float.name(),
        Elem::Int(kind) => kind.name(),
        Elem::Bool => "bool",
    }
}

/// How a type is held, the type as it is owned, and whether it is a slice when borrowed.
fn held(ty: &Type, f: &Function) -> (Layout, String, Option<String>) {
    let element = element(ty.elem, f);
    let inner_literal = ty.dims.iter().skip(1).all(|d| matches!(d, Dim::Lit(_)));
    match ty.dims.first() {
        None => (Layout::Scalar, element.to_string(), None),
        Some(_) if !inner_literal => (Layout::Flat, format!("Vec<{element}>"), Some(format!("[{element}]"))),
        Some(first) => {
            let mut text = element.to_string();
            for dim in ty.dims[1..].iter().rev() {
                if let Dim::Lit(n) = dim {
                    text = format!("[{text}; {n}]");
                }
            }
            let mut axes = vec![Axis::Array; ty.rank()];
            match first {
                Dim::Lit(n) => (Layout::Nested(axes), format!("[{text}; {n}]"), None),
                Dim::Size(_) | Dim::Any => {
                    axes[0] = Axis::Slice;
                    (Layout::Nested(axes), format!("Vec<{text}>"), Some(format!("[{text}]")))
                }
            }
        }
    }
}

fn form(name: &str, ty: &Type, f: &Function) -> ParamForm {
    let (layout, owned, slice) = held(ty, f);
    let by_ref = layout != Layout::Scalar;
    let text = slice.unwrap_or_else(|| owned.clone());
    ParamForm { name: name.into(), ty: if by_ref { format!("&{text}") } else { text }, owned, layout, by_ref }
}

fn result(ty: &Type, f: &Function) -> ResultForm {
    let (layout, ty, _) = held(ty, f);
    ResultForm { ty, layout, home: ResultHome::Returned }
}
