//! What arrives at a value, and what it gives to the operands of a call: adjoint × partial.

use super::arrival::Presence;
use crate::ir::{Body, Builder, Elem, Lit, Op, Value};
use crate::prim::{Cost, Prim};

/// What arrives at a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cotangent {
    pub(super) value: Value,
    /// Where it may not arrive, and something steep reads it, the condition that it does: the value is 0 where not.
    pub(super) when: Option<Value>,
}

impl Cotangent {
    pub(super) fn always(value: Value) -> Cotangent {
        Cotangent { value, when: None }
    }

    /// Whether it arrives, as a value.
    pub(super) fn arrives(self, b: &Builder) -> Value {
        self.when.unwrap_or_else(|| b.bool(true))
    }
}

/// Whether something arrives, as a value.
pub(super) fn arrives_or_not(b: &Builder, cotangent: Option<Cotangent>) -> Value {
    cotangent.map_or_else(|| b.bool(false), |cotangent| cotangent.arrives(b))
}

/// Whether a cotangent arrives, as far as it tells.
pub(super) fn presence(cotangent: &Option<Cotangent>) -> Presence {
    match cotangent {
        None => Presence::Never,
        Some(Cotangent { when: None, .. }) => Presence::Always,
        Some(Cotangent { when: Some(_), .. }) => Presence::Sometimes,
    }
}

/// Whether something arrives in one of two ways; `None` where it always does.
pub(super) fn either(b: &Builder, x: Option<Value>, y: Option<Value>) -> Option<Value> {
    let (x, y) = (x?, y?);
    let is_opposite = |x: Value, y: Value| matches!(b.call_of(x), Some((Prim::Not, [c, ..])) if c == y);
    if x == y {
        return Some(x);
    }
    (!is_opposite(x, y) && !is_opposite(y, x)).then(|| b.call(Prim::Or, &[x, y]))
}

/// adjoint · partial; a partial of 0 contributes nothing, even to an infinite adjoint, and nor does an adjoint that is known
/// not to arrive, even to an infinite partial.
pub(super) fn times(b: &Builder, adjoint: Value, when: Option<Value>, partial: Value) -> Value {
    if b.float_lit(partial) == Some(0.0) {
        return b.float(0.0);
    }
    // What arrives from one side of a selection stays on that side, and so does what a partial like that of `max` selects:
    // 0 · ∞ would be NaN.
    let one_sided = |v: Value| match b.call_of(v) {
        Some((Prim::Select, args)) if args[1..].iter().any(|side| b.float_lit(*side) == Some(0.0)) => Some(args),
        _ => None,
    };
    if let Some(args) = one_sided(adjoint) {
        let (then, otherwise) = (times(b, args[1], when, partial), times(b, args[2], when, partial));
        return b.call(Prim::Select, &[args[0], then, otherwise]);
    }
    if let Some(args) = one_sided(partial) {
        let (then, otherwise) = (times(b, adjoint, when, args[1]), times(b, adjoint, when, args[2]));
        return b.call(Prim::Select, &[args[0], then, otherwise]);
    }
    if b.float_lit(adjoint) == Some(0.0) {
        return adjoint;
    }
    let product = || b.call(Prim::Mul, &[adjoint, partial]);
    if b.float_lit(partial).is_none() {
        let is_steep = is_steep(b, partial, when.is_some(), &mut { MOST_SIDES });
        let arrives = when.filter(|_| is_steep).or_else(|| arrives(b, adjoint, is_steep, &mut { MOST_SIDES }));
        if let Some(arrives) = arrives {
            return b.call(Prim::Select, &[arrives, product(), b.float(0.0)]);
        }
    }
    product()
}

/// Sums of more selections are multiplied as they are.
const MOST_SIDES: usize = 8;

/// Whether a partial may be infinite: parameters and elements are not, nor are sums and products of such. What comes from
/// another body, or another iteration, is where `others` are.
fn is_steep(b: &Builder, partial: Value, others: bool, left: &mut usize) -> bool {
    let Some(less) = left.checked_sub(1) else { return true };
    *left = less;
    match b.call_of(partial) {
        None => others && matches!(b.op(partial), Op::Get(..) | Op::Param(_)),
        Some((prim, args)) if prim.row().cost == Cost::Cheap => {
            let n = prim.row().args.len();
            args[..n].iter().any(|x| b.elem(*x) == Elem::Float && is_steep(b, *x, others, left))
        }
        Some((Prim::Div, [x, y, _])) if b.float_lit(y).is_some() => is_steep(b, x, others, left),
        Some(_) => true,
    }
}

/// When something arrives by a sum of which each term is 0 on one side of a selection, or, where that `counts`, in one arm
/// of a choice.
fn arrives(b: &Builder, adjoint: Value, counts: bool, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if let Op::Get(node, k) = b.op(adjoint) {
        let Op::If { cond, then, otherwise, .. } = b.op(b.sibling(adjoint, node)) else { return None };
        let is_zero = |arm: &Body| {
            let zero = Op::Const(Lit::Float(0.0_f64.to_bits()));
            arm.node(arm.results[k as usize]).op == zero
        };
        let cond = b.sibling(adjoint, cond);
        return match (counts, is_zero(&then), is_zero(&otherwise)) {
            (true, _, true) => Some(cond),
            (true, true, false) => Some(b.call(Prim::Not, &[cond])),
            (true, false, false) | (false, ..) => None,
        };
    }
    match b.call_of(adjoint)? {
        (Prim::Select, [c, _, otherwise]) if b.float_lit(otherwise) == Some(0.0) => Some(c),
        (Prim::Select, [c, then, _]) if b.float_lit(then) == Some(0.0) => Some(b.call(Prim::Not, &[c])),
        (Prim::Add | Prim::Sub, [x, y, _]) => {
            let (x, y) = (arrives(b, x, counts, left)?, arrives(b, y, counts, left)?);
            Some(b.call(Prim::Or, &[x, y]))
        }
        (Prim::Neg, [x, ..]) => arrives(b, x, counts, left),
        (Prim::Mul, [x, y, _]) if b.float_lit(y).is_some() => arrives(b, x, counts, left),
        (Prim::Mul, [x, y, _]) if b.float_lit(x).is_some() => arrives(b, y, counts, left),
        _ => None,
    }
}
