//! Differences of roots and of reciprocals that are a literal apart: the literal is what remains of what cancels.
//!
//! √(a + c) − √(a + d) = (c − d) / (√(a + c) + √(a + d)), and k/(a + c) − k/(a + d) = k/(a + c)·(d − c) / (a + d).

use crate::ir::{Builder, Value};
use crate::prim::Prim;

/// The difference of two such, for different literals.
pub(super) fn of_shifted(b: &Builder, x: Value, y: Value) -> Option<Value> {
    let ((p, u), (q, v)) = (b.call_of(x)?, b.call_of(y)?);
    match (p, q) {
        (Prim::Sqrt, Prim::Sqrt) => Some((apart(b, u[0], v[0])? / (b.sym(x) + b.sym(y))).value()),
        (Prim::Div, Prim::Div) if u[0] == v[0] => {
            // As k·(d − c) by itself a tiny product would vanish, and a huge one overflow.
            Some((b.sym(x) * -apart(b, u[1], v[1])? / b.sym(v[1])).value())
        }
        _ => None,
    }
}

/// c − d for a + c and a + d, where it is exact and not 0.
fn apart(b: &Builder, u: Value, v: Value) -> Option<f64> {
    let ((a, c), (e, d)) = (shifted(b, u), shifted(b, v));
    let apart = c - d;
    (a == e && apart != 0.0 && apart + d == c && c - apart == d).then_some(apart)
}

/// (a, c) where v = a + c with a literal c.
fn shifted(b: &Builder, v: Value) -> (Value, f64) {
    let literal = |x: Value, y: Value| b.float_lit(y).map(|c| (x, c));
    let found = match b.call_of(v) {
        Some((Prim::Add, [x, y, ..])) => literal(x, y).or_else(|| literal(y, x)),
        Some((Prim::Sub, [x, y, ..])) => literal(x, y).map(|(x, c)| (x, -c)),
        _ => None,
    };
    found.unwrap_or((v, 0.0))
}
