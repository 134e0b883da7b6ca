//! What an iteration of a loop may overrule: a running maximum, a variable that is assigned anew.
//!
//! The cotangent of what was overruled is 0 as a number. It contributes nothing, whatever the partials are that it would be
//! multiplied by: 0 · ∞ would be NaN.

use crate::ir::{Body, Id, Op};
use crate::prim::Cost;

/// Whether the k-th carry, which comes in as `param`, may be overruled by an iteration in which a partial may be infinite.
pub(super) fn is_overruled(inner: &Body, k: usize, param: Id) -> bool {
    let result = inner.results[k];
    let is_chosen = match &inner.node(result).op {
        Op::Call(prim, _) => prim.row().chooses(),
        Op::Get(node, _) => matches!(inner.node(*node).op, Op::If { .. }),
        _ => false,
    };
    result != param && (is_chosen || !depends(inner, result, param)) && has_steep(inner)
}

fn depends(body: &Body, id: Id, on: Id) -> bool {
    let mut needed = vec![false; body.nodes.len()];
    needed[id.index()] = true;
    for id in body.ids().rev() {
        if needed[id.index()] {
            body.node(id).op.operands(|x| needed[x.index()] = true);
        }
    }
    needed[on.index()]
}

/// Whether something in a body, or in one nested in it, has partials that may be infinite: sums and products have none.
fn has_steep(body: &Body) -> bool {
    body.ids().any(|id| match &body.node(id).op {
        Op::Call(prim, args) => prim.row().cost != Cost::Cheap && args.iter().any(|x| body.ty(*x).is_float()),
        Op::If { then, otherwise, .. } => has_steep(then) || has_steep(otherwise),
        Op::Fold { body, .. } | Op::Build { body, .. } | Op::While { body, .. } => has_steep(body),
        _ => false,
    })
}
