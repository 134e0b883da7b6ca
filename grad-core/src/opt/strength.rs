//! Powers with half-integer exponents are roots and products: x^(k + ½) = xᵏ·√x.
//!
//! A power that is to be differentiated stays one: the product rule would give 0·∞ at 0.

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, IntKind, Lit, Op, Value};
use crate::prim::Prim;

/// The whole part of an exponent up to which products cost less than a power.
const LARGEST: f64 = 8.0;

/// Whether a node is a power with a real exponent.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Call(Prim::Pow, _))
}

/// Records `body` without such powers, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match half_integer(body, id) {
            Some((x, exponent)) => {
                let v = product(b, map[x.index()].expect("operands come before users"), exponent);
                b.name_as(v, body, id);
                v
            }
            None => b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)),
        };
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// The base and the exponent of such a power.
fn half_integer(body: &Body, id: Id) -> Option<(Id, f64)> {
    let Op::Call(Prim::Pow, args) = &body.node(id).op else { return None };
    let Op::Const(Lit::Float(bits)) = body.node(args[1]).op else { return None };
    let exponent = f64::from_bits(bits);
    (exponent.abs() < LARGEST + 1.0 && exponent.abs().fract() == 0.5).then_some((args[0], exponent))
}

fn product(b: &Builder, x: Value, exponent: f64) -> Value {
    let root = b.call(Prim::Sqrt, &[x]);
    // A whole number of 8 at most.
    let whole = exponent.abs().trunc() as i64;
    let power = b.call(Prim::Powi, &[x, b.int(whole, IntKind::I32)]);
    let product = b.call(Prim::Mul, &[power, root]);
    if exponent < 0.0 { b.call(Prim::Div, &[b.float(1.0), product]) } else { product }
}
