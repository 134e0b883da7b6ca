//! What would have been generated, with bodies that nobody runs: so that what is written against it can be read on.
//!
//! rustc says nothing of names that are missing because a macro failed; editors do, and complete the fields of what is here.

use grad_core::diagnostic::Origin;
use grad_core::emit::{Interface, ResultForm, ResultHome};
use grad_core::front::rust::SignatureForm;
use grad_core::ir::{Builder, Dim, Function, Param, Type, Value};
use grad_core::{compile, diagnostic};
use proc_macro2::TokenStream;

use crate::arguments::Arguments;
use crate::items;

/// The same names and types as for a body that could be read.
pub(crate) fn of_form(arguments: &Arguments, form: &SignatureForm, primal: bool) -> TokenStream {
    let params: Vec<_> = form.params.iter().map(|(name, ty, _)| (name.clone(), ty.clone())).collect();
    let outs = form.outs.iter().map(|k| form.params[*k].1.clone());
    let results: Vec<Type> = form.results.iter().cloned().chain(outs).collect();
    let mut function = constant(&params, &results);
    function.name = form.name.clone();
    function.sizes = form.sizes.clone();
    function.float = form.float;
    let named = named(arguments, &form.interface);
    let Ok(wrt) = compile::active(&function, &form.interface.args, &form.outs, named.as_deref()) else {
        return TokenStream::new();
    };
    if wrt.is_empty() {
        return TokenStream::new();
    }
    items(arguments, &function, &form.interface, wrt, primal).unwrap_or_default()
}

/// The same where the body was read, but not differentiated.
pub(crate) fn of_function(arguments: &Arguments, f: &Function, interface: &Interface, primal: bool) -> TokenStream {
    let params: Vec<_> = (0..f.params.len()).map(|k| (f.params[k].name.clone(), f.param_type(k).clone())).collect();
    let mut interface = interface.clone();
    interface.results.retain(|r| !matches!(r.home, ResultHome::Checked(_)));
    let results = f.body.results.iter().take(interface.results.len());
    let results: Vec<Type> = results.map(|r| f.body.ty(*r).clone()).collect();
    let mut function = constant(&params, &results);
    function.name = f.name.clone();
    function.sizes = f.sizes.clone();
    function.float = f.float;
    let outs: Vec<usize> = interface.results.iter().filter_map(ResultForm::out).collect();
    let named = named(arguments, &interface);
    match compile::active(&function, &interface.args, &outs, named.as_deref()) {
        Ok(wrt) if !wrt.is_empty() => items(arguments, &function, &interface, wrt, primal).unwrap_or_default(),
        Ok(_) | Err(_) => TokenStream::new(),
    }
}

/// A function of zeros.
fn constant(params: &[(std::rc::Rc<str>, Type)], results: &[Type]) -> Function {
    let b = Builder::new();
    for (_, ty) in params {
        b.param(ty.clone());
    }
    let zeros: Vec<Value> = results
        .iter()
        .map(|ty| {
            let len = |dim: &Dim| b.dim(*dim).unwrap_or_else(|| b.index_lit(0));
            let lens: Vec<Value> = ty.dims.iter().map(len).collect();
            if lens.is_empty() { b.float(0.0) } else { b.build(&lens, |_| b.float(0.0)) }
        })
        .collect();
    Function {
        name: "stub".into(),
        params: params.iter().map(|(name, _)| Param { name: name.clone() }).collect(),
        body: b.finish(&zeros),
        sizes: Vec::new(),
        float: grad_core::ir::Float::default(),
        simplify: std::rc::Rc::default(),
    }
}

/// The names of `wrt` as they were meant: those that are parameters, or nearly.
fn named(arguments: &Arguments, interface: &Interface) -> Option<Vec<(String, Origin)>> {
    let floats = |name: &str| interface.args.iter().any(|a| *a.name == *name && !a.form.params().is_empty());
    let mut meant: Vec<String> = Vec::new();
    for name in arguments.wrt.iter().flatten().map(ToString::to_string) {
        let names = interface.args.iter().map(|a| &*a.name);
        let name = if floats(&name) { Some(name) } else { diagnostic::did_you_mean(&name, names).map(str::to_string) };
        meant.extend(name.filter(|name| !meant.contains(name)));
    }
    (!meant.is_empty()).then(|| meant.into_iter().map(|name| (name, Origin(0))).collect())
}
