//! Arithmetic of whole numbers: exact, and without going below zero on the way (`i - 1 + 1` is `i` at i = 0).

use super::scalar::{Kind, Scalar, addends};
use crate::ir::{Builder, Elem, IntKind, Value};
use crate::prim::Prim;

/// What `x prim y` is, for + − ×.
pub(super) fn arithmetic_kind(prim: Prim, x: Kind, y: Kind) -> Kind {
    match (x, y) {
        (Kind::Literal(x), Kind::Literal(y)) => {
            let n = match prim {
                Prim::Add => x.checked_add(y),
                Prim::Sub => x.checked_sub(y),
                _ => x.checked_mul(y),
            };
            n.filter(|n| n.unsigned_abs() < 1 << 53).map_or(Kind::Float, Kind::Literal)
        }
        (x, y) if prim != Prim::Sub && x.is_natural() && y.is_natural() => Kind::Natural,
        (x, y) if x.is_whole() && y.is_whole() => Kind::Signed,
        _ => Kind::Float,
    }
}

/// x + y, x − y, x × y
pub(super) fn arithmetic(b: &Builder, prim: Prim, x: Scalar, y: Scalar) -> Scalar {
    match arithmetic_kind(prim, x.kind, y.kind) {
        Kind::Literal(n) => Scalar::literal(b, n),
        Kind::Natural => Scalar::natural(b.call(prim, &[x.as_index(b), y.as_index(b)])),
        Kind::Signed => signed_arithmetic(b, prim, x, y),
        Kind::Float | Kind::Bool => Scalar::float(b.call(prim, &[x.as_float(b), y.as_float(b)])),
    }
}

/// (p − m) ± (q − n) = (p ± q …) − (m ± n …), and (p − m)·q = p·q − m·q.
fn signed_arithmetic(b: &Builder, prim: Prim, x: Scalar, y: Scalar) -> Scalar {
    let add = |x: Value, y: Value| b.call(Prim::Add, &[x, y]);
    let is_zero = |v: Value| b.int_lit(v) == Some(0);
    if let (Some((p, m)), Some((q, n))) = (x.parts(b), y.parts(b)) {
        let times = |x: Value, y: Value| b.call(Prim::Mul, &[x, y]);
        let parts = match prim {
            Prim::Add => Some((add(p, q), add(m, n))),
            Prim::Sub => Some((add(p, n), add(m, q))),
            _ if is_zero(n) => Some((times(p, q), times(m, q))),
            _ if is_zero(m) => Some((times(p, q), times(p, n))),
            _ => None,
        };
        if let Some((plus, minus)) = parts {
            return reduced(b, plus, minus);
        }
    }
    let value = b.call(prim, &[x.as_signed(b, IntKind::Isize), y.as_signed(b, IntKind::Isize)]);
    Scalar::signed(value, b.call(prim, &[x.as_float(b), y.as_float(b)]))
}

/// How many numbers there are from `lo` to just before `hi`, negative where `hi` comes first.
pub(super) fn length(b: &Builder, lo: Scalar, hi: Scalar) -> Scalar {
    signed_arithmetic(b, Prim::Sub, hi, lo)
}

/// −x of a whole number
pub(super) fn negated(b: &Builder, x: Scalar) -> Scalar {
    match x.parts(b) {
        Some((plus, minus)) => Scalar::difference(b, minus, plus),
        None => {
            let value = b.call(Prim::Neg, &[x.as_signed(b, IntKind::Isize)]);
            Scalar::signed(value, b.call(Prim::Neg, &[x.as_float(b)]))
        }
    }
}

/// A difference without what both sides have.
fn reduced(b: &Builder, plus: Value, minus: Value) -> Scalar {
    let ((mut left, p), (mut right, m)) = (addends(b, plus), addends(b, minus));
    let before = left.len();
    left.retain(|value| match right.iter().position(|other| other == value) {
        Some(k) => {
            right.remove(k);
            false
        }
        None => true,
    });
    let common = p.min(m);
    if left.len() == before && common == 0 {
        return Scalar::difference(b, plus, minus);
    }
    let sum = |addends: Vec<Value>, literal: i64| {
        let all = addends.into_iter().chain((literal > 0).then(|| b.int(literal, IntKind::Usize)));
        all.reduce(|x, y| b.call(Prim::Add, &[x, y])).unwrap_or_else(|| b.index_lit(0))
    };
    Scalar::difference(b, sum(left, p - common), sum(right, m - common))
}

/// A comparison of whole numbers: p − m < q − n where p + n < q + m.
pub(super) fn compare(b: &Builder, prim: Prim, x: Scalar, y: Scalar) -> Value {
    match signed_arithmetic(b, Prim::Sub, x, y).parts(b) {
        Some((plus, minus)) => b.call(prim, &[plus, minus]),
        None => b.call(prim, &[x.as_signed(b, IntKind::Isize), y.as_signed(b, IntKind::Isize)]),
    }
}

/// What a function of the table makes of whole numbers, if that is whole.
pub(super) fn function_kind(prim: Prim, args: &[Kind]) -> Option<Kind> {
    if !args.iter().all(|kind| kind.is_whole()) || args.iter().all(|kind| kind.is_literal()) {
        return None;
    }
    let natural = match prim {
        Prim::Max => args.iter().any(|kind| kind.is_natural()),
        Prim::Min | Prim::Rem => args.iter().all(|kind| kind.is_natural()),
        Prim::Abs => true,
        _ => return None,
    };
    Some(if natural { Kind::Natural } else { Kind::Signed })
}

/// The function of whole numbers.
pub(super) fn function(b: &Builder, prim: Prim, args: &[Scalar]) -> Scalar {
    let kinds: Vec<Kind> = args.iter().map(|x| x.kind).collect();
    let call = |prim: Prim, x: Value, y: Value| b.call(prim, &[x, y]);
    if kinds.iter().all(|kind| kind.is_natural()) {
        return match args {
            [x] => *x,
            _ => Scalar::natural(b.call(prim, &args.iter().map(|x| x.as_index(b)).collect::<Vec<_>>())),
        };
    }
    let parts: Option<Vec<(Value, Value)>> = args.iter().map(|x| x.parts(b)).collect();
    let result = match (prim, parts.as_deref()) {
        // max(p − m, q − n) = max(p + n, q + m) − (m + n)
        (Prim::Max | Prim::Min, Some(&[(p, m), (q, n)])) => {
            let best = call(prim, call(Prim::Add, p, n), call(Prim::Add, q, m));
            reduced(b, best, call(Prim::Add, m, n))
        }
        // |p − m| = max(p, m) − min(p, m)
        (Prim::Abs, Some(&[(p, m)])) => Scalar::difference(b, call(Prim::Max, p, m), call(Prim::Min, p, m)),
        _ => {
            let args: Vec<Value> = args.iter().map(|x| x.as_signed(b, IntKind::Isize)).collect();
            let value = b.call(prim, &args);
            Scalar::signed(value, b.cast(value, Elem::Float))
        }
    };
    match function_kind(prim, &kinds) {
        Some(Kind::Natural) => Scalar::natural(result.as_index(b)),
        Some(_) | None => result,
    }
}

/// The number, or 0 where it is negative: an end of a range before its start is a range of nothing.
pub(super) fn at_least_zero(b: &Builder, x: Scalar) -> Value {
    let zero = Scalar::natural(b.index_lit(0));
    if x.kind.is_natural() { x.as_index(b) } else { function(b, Prim::Max, &[x, zero]).as_index(b) }
}
