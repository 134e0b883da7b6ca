//! How a function is improved: passes from `Function` to `Function`, in the order of [`PIPELINE`].

mod collect;
mod contract;
mod copies;
mod dead;
mod differences;
mod element;
mod follow;
mod fuse;
mod idle;
mod invariant;
mod keep;
mod lengths;
pub(crate) mod level;
mod local;
mod moments;
mod pairs;
mod place;
mod powers;
mod products;
mod rows;
pub mod rules;
pub(crate) mod sign;
mod sink;
mod stable;
mod strength;
mod twins;
mod whole;

pub use level::{Assumptions, Level, Simplify};
pub use sign::Fact;

use crate::ir::{Body, Builder, Function, Op, Value};
use crate::prim::Prim;

/// A pass over a function.
#[derive(Clone, Copy)]
pub struct Pass {
    /// What it is called, for whoever looks at the graph after each.
    pub name: &'static str,
    /// Whether the function has anything that the pass is about.
    applies: fn(&Function) -> bool,
    record: fn(&Builder, &Body, &[Value]) -> Vec<Value>,
}

impl Pass {
    /// The function after the pass.
    #[must_use]
    pub fn run(&self, f: &Function) -> Function {
        if (self.applies)(f) { rebuild(f, self.record) } else { f.clone() }
    }
}

/// The passes over a primal before it is differentiated, in order.
pub const PREPARATION: &[Pass] = &[
    Pass { name: "whole", applies: |f| any(&f.body, whole::is_candidate), record: whole::record },
    Pass { name: "dead", applies: has_bodies, record: dead::record },
    // A loop that carries one array less may be such a one now.
    Pass { name: "whole again", applies: |f| any(&f.body, whole::is_candidate), record: whole::record },
    Pass { name: "idle", applies: |f| any(&f.body, idle::is_candidate), record: idle::record },
    Pass { name: "dead again", applies: has_bodies, record: dead::record },
    // What is read of an array that is not made is no state of a loop, and needs no tape.
    Pass { name: "element", applies: |f| any(&f.body, element::is_candidate), record: element::record },
    Pass { name: "sink", applies: |f| any(&f.body, is_choice), record: sink::record },
    Pass {
        name: "stable",
        applies: |f| f.simplify.level != Level::None && stable::may_improve(&f.body),
        record: stable::record,
    },
    Pass { name: "collect", applies: may_collect, record: collect::record },
];

/// The passes over a differentiated function, in order.
pub const PIPELINE: &[Pass] = &[
    Pass { name: "dead", applies: has_bodies, record: dead::record },
    Pass { name: "collect", applies: may_collect, record: collect::record },
    Pass { name: "fuse", applies: has_bodies, record: fuse::record },
    Pass { name: "twins", applies: |f| any(&f.body, twins::is_candidate), record: twins::record },
    Pass { name: "rows", applies: |f| any(&f.body, rows::is_candidate), record: rows::record },
    Pass { name: "place", applies: has_bodies, record: place::record },
    Pass { name: "copies", applies: |f| any(&f.body, copies::is_candidate), record: copies::record },
    Pass { name: "follow", applies: |f| any(&f.body, follow::is_candidate), record: follow::record },
    Pass { name: "contract", applies: |f| any(&f.body, contract::is_candidate), record: contract::record },
    // Loops that leave a row at each place, where they left a matrix.
    Pass { name: "follow again", applies: |f| any(&f.body, follow::is_candidate), record: follow::record },
    // Sums of what was an array are loops by now, as their adjoints are.
    Pass { name: "fuse again", applies: has_bodies, record: fuse::record },
    Pass { name: "twins again", applies: |f| any(&f.body, twins::is_candidate), record: twins::record },
    Pass { name: "element", applies: |f| any(&f.body, element::is_candidate), record: element::record },
    // Reads of single elements are seen by now, where whole arrays were added.
    Pass { name: "idle", applies: |f| any(&f.body, idle::is_candidate), record: idle::record },
    Pass { name: "invariant", applies: |f| any(&f.body, invariant::is_candidate), record: invariant::record },
    // What the passes between have made dead.
    Pass { name: "dead again", applies: has_bodies, record: dead::record },
];

/// The passes over what is not differentiated again, in order.
pub const FINISH: &[Pass] = &[
    Pass { name: "keep", applies: |f| any(&f.body, keep::is_candidate), record: keep::record },
    Pass { name: "strength", applies: may_weaken, record: strength::record },
];

/// A primal in the form that differentiates best.
#[must_use]
pub fn prepare(f: &Function) -> Function {
    run(PREPARATION, f)
}

/// A function as good as the passes make it.
#[must_use]
pub fn optimise(f: &Function) -> Function {
    run(FINISH, &run(PIPELINE, f))
}

/// The same for a derivative that is to be differentiated again.
#[must_use]
pub fn optimise_between(f: &Function) -> Function {
    run(PIPELINE, f)
}

fn run(passes: &[Pass], f: &Function) -> Function {
    passes.iter().fold(f.clone(), |f, pass| if (pass.applies)(&f) { pass.run(&f) } else { f })
}

/// Whether a node of the body, or of one nested in it, is such.
fn any(body: &Body, is: fn(&Op) -> bool) -> bool {
    body.nodes.iter().any(|node| {
        is(&node.op)
            || match &node.op {
                Op::If { then, otherwise, .. } => any(then, is) || any(otherwise, is),
                Op::Fold { body, .. } | Op::Build { body, .. } => any(body, is),
                Op::While { cond, body, .. } => any(cond, is) || any(body, is),
                _ => false,
            }
    })
}

/// A straight body was recorded through the constructors: there is nothing that a pass could still see.
fn has_bodies(f: &Function) -> bool {
    f.body
        .nodes
        .iter()
        .any(|node| matches!(node.op, Op::If { .. } | Op::Fold { .. } | Op::While { .. } | Op::Build { .. }))
}

fn may_weaken(f: &Function) -> bool {
    f.simplify.level != Level::None && any(&f.body, strength::is_candidate)
}

fn may_collect(f: &Function) -> bool {
    f.simplify.level == Level::Aggressive && any(&f.body, collect::is_candidate)
}

fn is_choice(op: &Op) -> bool {
    matches!(op, Op::If { .. } | Op::Call(Prim::Select, _))
}

/// The function recorded again: dead nodes go, equal ones become one, rules see what earlier passes exposed.
#[must_use]
pub fn tidy(f: &Function) -> Function {
    rebuild(f, |b, body, params| b.import(body, params))
}

/// The function with its body recorded by `record`.
fn rebuild(f: &Function, record: impl FnOnce(&Builder, &Body, &[Value]) -> Vec<Value>) -> Function {
    let b = Builder::under(&f.simplify);
    let params: Vec<Value> = (0..f.params.len()).map(|k| b.param(f.param_type(k).clone())).collect();
    for (v, p) in params.iter().zip(&f.params) {
        b.name(*v, &p.name);
    }
    let results = record(&b, &f.body, &params);
    Function { body: b.finish(&results), ..f.clone() }
}
