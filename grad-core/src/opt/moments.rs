//! A variance as the mean of squares less the square of the mean, in two passes: Σt²/n − (Σt/n)² = Σ(t − m)²/n, which does
//! not cancel. Chan, Golub and LeVeque, Algorithms for computing the sample variance, The American Statistician 1983.

use std::collections::BTreeMap;

use super::stable::{Added, Range};
use crate::ir::{Body, Builder, Id, Op, Value};
use crate::prim::Prim;

/// The terms are not the same.
struct Differ;

/// Σt²/n − m·m with m = Σt/n, where n counts the terms.
pub(super) fn of_difference(b: &Builder, body: &Body, operands: &[Id], map: &[Option<Value>]) -> Option<Value> {
    let quotient = |id: Id| match &body.node(id).op {
        Op::Call(Prim::Div, args) => Some((args[0], args[1])),
        _ => None,
    };
    let square = |body: &Body, id: Id| match &body.node(id).op {
        Op::Call(Prim::Mul, args) if args[0] == args[1] => Some(args[0]),
        _ => None,
    };
    let of = |id: Id| map[id.index()].expect("operands come before users");
    let mean = square(body, operands[1])?;
    let ((squares, n), (values, of_mean)) = (quotient(operands[0])?, quotient(mean)?);
    let (squares, values) = (Added::of(body, squares)?, Added::of(body, values)?);
    let t = square(squares.inner, squares.term)?;
    let (range, other) = (Range::of(body, squares.node, map), Range::of(body, values.node, map));
    if of(n) != of(of_mean) || !range.is_like(&other) || !range.is_counted_by(b, of(n)) {
        return None;
    }
    let m = b.sym(of(mean));
    let total = range.try_fold(b, b.float(0.0), |i, sum| {
        let t = b.import_given(squares.inner, &range.args(i), &BTreeMap::new(), &[t])[0];
        // Equal nodes are one.
        if t != b.import_given(values.inner, &other.args(i), &BTreeMap::new(), &[values.term])[0] {
            return Err(Differ);
        }
        let d = b.sym(t) - m;
        Ok((b.sym(sum) + d * d).value())
    });
    Some((b.sym(total.ok()?) / b.sym(of(n))).value())
}
