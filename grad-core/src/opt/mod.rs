//! How a function is improved: passes from `Function` to `Function`, in the order of [`PIPELINE`].

mod dead;
mod fuse;
mod local;
mod place;
pub mod rules;
mod sink;
mod stable;

use crate::ir::{Body, Builder, Function, Op, Value};

/// A pass and its name.
pub type Pass = (&'static str, fn(&Function) -> Function);

/// The passes over a primal before it is differentiated, in order.
pub const PREPARATION: &[Pass] =
    &[("tidy", tidy), ("sink", |f| rebuild(f, sink::record)), ("stable", |f| rebuild(f, stable::record))];

/// The passes over a differentiated function, in order.
pub const PIPELINE: &[Pass] = &[
    ("dead", |f| rebuild(f, dead::record)),
    ("fuse", |f| rebuild(f, fuse::record)),
    ("place", |f| rebuild(f, place::record)),
    ("tidy", tidy),
];

/// A primal in the form that differentiates best.
#[must_use]
pub fn prepare(f: &Function) -> Function {
    run(PREPARATION, f)
}

fn run(passes: &[Pass], f: &Function) -> Function {
    let mut passes = passes.iter();
    let Some((_, first)) = passes.next() else { return f.clone() };
    passes.fold(first(f), |f, (_, pass)| pass(&f))
}

/// A function as good as the passes make it.
#[must_use]
pub fn optimise(f: &Function) -> Function {
    if is_straight(&f.body) {
        // Recorded through the constructors: there is nothing that a pass could still see.
        return f.clone();
    }
    run(PIPELINE, f)
}

/// Whether a body has neither loops nor choices nor comprehensions.
fn is_straight(body: &Body) -> bool {
    !body.nodes.iter().any(|node| matches!(node.op, Op::If { .. } | Op::Fold { .. } | Op::Build { .. }))
}

/// The function recorded again: dead nodes go, equal ones become one, rules see what earlier passes exposed.
#[must_use]
pub fn tidy(f: &Function) -> Function {
    rebuild(f, |b, body, params| b.import(body, params))
}

/// The function with its body recorded by `record`.
fn rebuild(f: &Function, record: impl FnOnce(&Builder, &Body, &[Value]) -> Vec<Value>) -> Function {
    let b = Builder::new();
    let params: Vec<Value> = (0..f.params.len()).map(|k| b.param(f.param_type(k).clone())).collect();
    for (v, p) in params.iter().zip(&f.params) {
        b.name(*v, &p.name);
    }
    let results = record(&b, &f.body, &params);
    Function { body: b.finish(&results), ..f.clone() }
}
