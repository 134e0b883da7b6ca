//! Powers of powers, and roots and logarithms of powers, with exponents that are literals.

use super::local::LARGEST_POWI;
use super::rules::Tag;
use super::sign::{Fact, holds};
use crate::ir::{Builder, IntKind, Value};
use crate::prim::Prim;

/// The base and the exponent of a power with a whole one, of at least 2.
fn whole_power(b: &Builder, v: Value) -> Option<(Value, i64)> {
    match b.call_of(v)? {
        (Prim::Powi, [x, n, ..]) => Some((x, b.int_lit(n)?)),
        (Prim::Mul, [x, y, ..]) if x == y => Some((x, 2)),
        _ => None,
    }
}

/// The base and the exponent of a power with a real one.
fn real_power(b: &Builder, v: Value) -> Option<(Value, f64)> {
    match b.call_of(v)? {
        (Prim::Pow, [x, e, ..]) => Some((x, b.float_lit(e)?)),
        (Prim::Sqrt, [x, ..]) => Some((x, 0.5)),
        _ => None,
    }
}

/// xⁿ of a whole n that Rust's `powi` takes.
fn power(b: &Builder, x: Value, n: i64) -> Value {
    b.call(Prim::Powi, &[x, b.int(n, IntKind::I32)])
}

/// (aᵉ)ᶠ = a^(e·f) for a ≥ 0. Where a < 0 both are NaN, unless one of the exponents is whole.
pub(super) fn pow(b: &Builder, x: Value, f: Value) -> Option<Value> {
    if b.float_lit(x) == Some(2.0) {
        return Some(b.call(Prim::Exp2, &[f]));
    }
    if b.float_lit(x) == Some(std::f64::consts::E) {
        return Some(b.call(Prim::Exp, &[f]));
    }
    let f = b.float_lit(f).filter(|f| *f != 0.0 && f.is_finite())?;
    if let Some((Prim::Exp, [a, ..])) = b.call_of(x) {
        return Some(b.call(Prim::Exp, &[b.call(Prim::Mul, &[b.float(f), a])]));
    }
    match (real_power(b, x), whole_power(b, x)) {
        (Some((a, e)), _) => of_real(b, a, e, f),
        // Where a < 0 and n is even, the power of the power is a number: only for odd n is a^(n·f) NaN with it.
        (None, Some((a, n))) => {
            let exponent = times(n as f64, f)?;
            let is_nan_below_0 = n % 2 != 0 && exponent.fract() != 0.0;
            (is_nan_below_0 || holds(b, a, Fact::NonNegative)).then(|| b.call(Prim::Pow, &[a, b.float(exponent)]))
        }
        (None, None) => None,
    }
}

/// (aᵉ)ᶠ = a^(e·f) for an e that is not whole: where a < 0, the left side is NaN.
fn of_real(b: &Builder, a: Value, e: f64, f: f64) -> Option<Value> {
    if e.fract() == 0.0 {
        return None;
    }
    let exponent = times(e, f)?;
    let right = exponent.fract() != 0.0 || b.allows(Tag::Domain) || holds(b, a, Fact::NonNegative);
    right.then(|| b.call(Prim::Pow, &[a, b.float(exponent)]))
}

/// e·f. Its rounding is no more than that of a literal exponent which is not exact itself, as 0.3 is not.
fn times(e: f64, f: f64) -> Option<f64> {
    let exponent = e * f;
    exponent.is_normal().then_some(exponent)
}

/// (aᵐ)ⁿ = aᵐⁿ for whole exponents, and (aᵉ)ⁿ = a^(e·n).
pub(super) fn powi(b: &Builder, x: Value, n: Value) -> Option<Value> {
    let n = b.int_lit(n)?;
    if let Some((Prim::Pow, [a, e, ..])) = b.call_of(x) {
        return of_real(b, a, b.float_lit(e)?, n as f64);
    }
    let (Prim::Powi, [a, m, ..]) = b.call_of(x)? else { return None };
    let exponent = b.int_lit(m)?.checked_mul(n)?;
    (exponent.unsigned_abs() as f64 <= LARGEST_POWI).then(|| power(b, a, exponent))
}

/// √(a²ᵏ) = |aᵏ|, √(aᵉ) = a^(e/2)
pub(super) fn sqrt(b: &Builder, x: Value) -> Option<Value> {
    if let Some((Prim::Pow, [a, e, ..])) = b.call_of(x) {
        return of_real(b, a, b.float_lit(e)?, 0.5);
    }
    let (Prim::Powi, [a, n, ..]) = b.call_of(x)? else { return None };
    let n = b.int_lit(n).filter(|n| n % 2 == 0)?;
    Some(b.call(Prim::Abs, &[power(b, a, n / 2)]))
}

/// ln(aᵉ) = e·ln a for a > 0, and for odd whole e: where a < 0 both are NaN then.
pub(super) fn ln(b: &Builder, x: Value) -> Option<Value> {
    let (a, e, apart) = match (real_power(b, x), whole_power(b, x)) {
        (Some((a, e)), _) => (a, e, e.fract() != 0.0),
        (None, Some((a, n))) => (a, n as f64, n % 2 != 0),
        (None, None) => return None,
    };
    (e.is_finite() && (apart || holds(b, a, Fact::Positive))).then(|| {
        let ln = b.call(Prim::Ln, &[a]);
        b.call(Prim::Mul, &[b.float(e), ln])
    })
}
