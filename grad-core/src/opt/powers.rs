//! Powers of powers, and roots and logarithms of powers, with exponents that are literals.
//!
//! A product with a root in it is a power before it is differentiated: the product rule would give 0·∞ at 0. `strength` makes
//! it a product again.

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

/// The largest literal factor, and one over the smallest, that a power is taken from under: it brings nothing back from an
/// overflow.
const LARGEST_FACTOR: f64 = 4_294_967_296.0;

/// aⁿ·√a = a^(n + ½), √(aⁿ) = a^(n/2) and (√a)ⁿ = a^(n/2) for odd n: where a < 0 all are NaN.
pub(super) fn of_primal(b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    let half = |a: Value, n: i64| (n > 2 && n % 2 != 0).then(|| b.call(Prim::Pow, &[a, b.float(n as f64 / 2.0)]));
    match (prim, args) {
        (Prim::Mul, [x, y]) => with_root(b, *x, *y).or_else(|| with_root(b, *y, *x)),
        (Prim::Sqrt, [x]) => cube(b, *x).or_else(|| whole_power(b, *x)).and_then(|(a, n)| half(a, n)),
        (Prim::Powi, [x, n]) => match b.call_of(*x)? {
            (Prim::Sqrt, [a, ..]) => half(a, b.int_lit(*n)?),
            _ => None,
        },
        _ => None,
    }
}

/// a·a·a, written out.
fn cube(b: &Builder, v: Value) -> Option<(Value, i64)> {
    let (Prim::Mul, [x, y, ..]) = b.call_of(v)? else { return None };
    let is_square_of = |square, a| whole_power(b, square) == Some((a, 2));
    (is_square_of(x, y) || is_square_of(y, x)).then(|| (if is_square_of(x, y) { y } else { x }, 3))
}

/// x·aᵉ for an e that is k + ½ and an x that is a power of a, or a literal times one.
fn with_root(b: &Builder, x: Value, root: Value) -> Option<Value> {
    let (a, e) = real_power(b, root).filter(|(_, e)| e.abs().fract() == 0.5 && *e > 0.0)?;
    let exponent_of = |v: Value| match whole_power(b, v) {
        _ if v == a => Some(1.0),
        // (√a)²
        Some((base, 2)) if real_power(b, base) == Some((a, 0.5)) => Some(1.0),
        Some((base, n)) if base == a && n > 0 => Some(n as f64),
        Some(_) | None => None,
    };
    let power = |n: f64| b.call(Prim::Pow, &[a, b.float(n + e)]);
    if let Some(n) = exponent_of(x) {
        return Some(power(n));
    }
    let (Prim::Mul, [c, v, ..]) = b.call_of(x)? else { return None };
    let (c, v) = if b.float_lit(c).is_some() { (c, v) } else { (v, c) };
    let is_moderate = |c: f64| (1.0 / LARGEST_FACTOR..=LARGEST_FACTOR).contains(&c.abs());
    b.float_lit(c).filter(|c| is_moderate(*c))?;
    exponent_of(v).map(|n| b.call(Prim::Mul, &[c, power(n)]))
}
