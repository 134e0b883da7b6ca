//! The root of a sum of squares as a length: no square overflows or vanishes, and at the origin the derivative is 0.

use std::collections::BTreeMap;

use super::stable::{Added, Range};
use crate::ir::{Body, Builder, Id, Op, Value};
use crate::prim::Prim;

/// Sums of more terms are left alone.
const MOST_TERMS: usize = 64;
/// Below this a sum may lack squares that vanished.
const SMALLEST_SQUARE: f64 = 1e-30;

/// √(a² + b² + c² + …) of three terms and more; that of two is a rule.
pub(super) fn of_terms(b: &Builder, body: &Body, sum: Id, uses: &[usize], map: &[Option<Value>]) -> Option<Value> {
    let mut terms = Vec::new();
    let mut stack = vec![sum];
    while let Some(id) = stack.pop() {
        match &body.node(id).op {
            Op::Call(Prim::Add, args) if uses[id.index()] == 1 => stack.extend([args[1], args[0]]),
            _ => terms.push(map[root(body, id)?.index()].expect("operands come before users")),
        }
        if terms.len() + stack.len() > MOST_TERMS {
            return None;
        }
    }
    let [x, y, z, ref further @ ..] = terms[..] else { return None };
    let length = b.call(Prim::Hypot3, &[x, y, z]);
    Some(further.chunks(2).fold(length, |length, two| match *two {
        [x, y] => b.call(Prim::Hypot3, &[length, x, y]),
        _ => b.call(Prim::Hypot, &[length, two[0]]),
    }))
}

/// What a square is the square of.
fn root(body: &Body, square: Id) -> Option<Id> {
    match &body.node(square).op {
        Op::Call(Prim::Mul, args) if args[0] == args[1] => Some(args[0]),
        _ => None,
    }
}

/// √Σt² of a loop that sums squares, by way of t over the largest of them where the squares might overflow or vanish: the
/// length is the same for every such divisor, which is held constant.
pub(super) fn of_loop(b: &Builder, body: &Body, sum: Id, uses: &[usize], map: &[Option<Value>]) -> Option<Value> {
    if uses[sum.index()] != 1 {
        return None;
    }
    let added = Added::of(body, sum)?;
    let t = root(added.inner, added.term)?;
    if is_scaled(added.inner, t) {
        return None;
    }
    let range = Range::of(body, added.node, map);
    let term = |i: Value| b.sym(b.import_given(added.inner, &range.args(i), &BTreeMap::new(), &[t])[0]);
    let sum = map[sum.index()].expect("operands come before users");
    let root = |sum: Value| vec![b.sym(sum).sqrt().value()];
    let scaled = || {
        let largest = range.fold(b, b.float(0.0), |i, largest| b.sym(largest).max(term(i).abs()).value());
        let largest = b.sym(largest).detach();
        b.name(largest.value(), "largest");
        let parts = || {
            let sum = range.fold(b, b.float(0.0), |i, sum| {
                let part = term(i) / largest;
                (b.sym(sum) + part * part).value()
            });
            vec![(largest * b.sym(sum).sqrt()).value()]
        };
        // Where all are 0, or an infinity or NaN is among them, there is nothing to divide by.
        let some = || b.branch(largest.lt(f64::INFINITY).value(), parts, || root(sum));
        b.branch(largest.gt(0.0).value(), some, || {
            b.branch(b.sym(sum).eq(0.0).value(), || vec![b.float(0.0)], || root(sum))
        })
    };
    let rough = b.sym(sum).lt(SMALLEST_SQUARE) | b.sym(sum).eq(f64::INFINITY);
    Some(b.branch(rough.value(), scaled, || root(sum))[0])
}

/// Whether a term is over something from outside its loop, as one that is scaled by hand is.
fn is_scaled(inner: &Body, t: Id) -> bool {
    match &inner.node(t).op {
        Op::Call(Prim::Div, args) => matches!(inner.node(args[1]).op, Op::Param(_)),
        _ => false,
    }
}
