//! Simplifications that need to look at literals: coefficients, exponents, selections, index arithmetic.
//!
//! They change the last bits at most.

use super::powers;
use crate::ir::{Builder, Elem, IntKind, Value};
use crate::prim::Prim;

/// Exponents up to this become repeated multiplication.
pub(super) const LARGEST_POWI: f64 = 64.0;

/// A product with a selection of 0, 1 and −1: this is no matter of taste, 0·∞ would be NaN.
pub(super) fn selected(b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    let [x, y] = *args else { return None };
    if prim != Prim::Mul {
        return None;
    }
    (product_with_selection(b, x, y).or_else(|| product_with_selection(b, y, x)))
        .or_else(|| product_of_slopes(b, x, y).or_else(|| product_of_slopes(b, y, x)))
}

/// Sums and products of more parts are left alone.
const MOST_PARTS: usize = 64;

/// (Σ aₖ·s + c)·s = Σ aₖ + c·s for the slope s of |x|, which is ±1: at the kink, where s is 0, the sum is the limit, which
/// an even function has for its second derivative.
fn product_of_slopes(b: &Builder, sum: Value, slope: Value) -> Option<Value> {
    matches!(b.call_of(slope), Some((Prim::AbsSlope, _))).then(|| times_slope(b, sum, slope, &mut { MOST_PARTS }))?
}

/// The product of a sum and a slope, if the slope is a factor of one of the terms.
fn times_slope(b: &Builder, v: Value, slope: Value, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if v == slope {
        return Some(b.float(1.0));
    }
    let (prim, [x, y, z]) = b.call_of(v)?;
    let mut both = |x: Value, y: Value| {
        let found = (times_slope(b, x, slope, left), times_slope(b, y, slope, left));
        let times = |v: Value| b.call(Prim::Mul, &[v, slope]);
        match found {
            (None, None) => None,
            (x_times, y_times) => Some([x_times.unwrap_or_else(|| times(x)), y_times.unwrap_or_else(|| times(y))]),
        }
    };
    match prim {
        Prim::Add | Prim::Sub => both(x, y).map(|parts| b.call(prim, &parts)),
        Prim::Select => both(y, z).map(|[y, z]| b.call(Prim::Select, &[x, y, z])),
        Prim::Neg => times_slope(b, x, slope, left).map(|x| b.call(Prim::Neg, &[x])),
        Prim::Div => times_slope(b, x, slope, left).map(|x| b.call(Prim::Div, &[x, y])),
        Prim::Mul => match times_slope(b, x, slope, left) {
            Some(x) => Some(b.call(Prim::Mul, &[x, y])),
            None => times_slope(b, y, slope, left).map(|y| b.call(Prim::Mul, &[x, y])),
        },
        _ => None,
    }
}

/// A call of floats.
pub(super) fn float(b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    match (prim, args) {
        (Prim::Pow, [x, y]) => pow(b, *x, *y).or_else(|| powers::pow(b, *x, *y)),
        (Prim::Powi, [x, n]) => powi(b, *x, *n).or_else(|| powers::powi(b, *x, *n)),
        (Prim::Sqrt, [x]) => powers::sqrt(b, *x),
        (Prim::Ln, [x]) => powers::ln(b, *x),
        (Prim::Mul, [x, y]) => selected(b, prim, args).or_else(|| product(b, *x, *y)),
        (Prim::Neg, [x]) => match coefficient(b, *x) {
            // −(c·a) = (−c)·a
            Some((c, a)) => Some(b.call(Prim::Mul, &[b.float(-c), a])),
            None => dividend(b, *x).filter(|c| *c < 0.0).and_then(|_| scaled_quotient(b, -1.0, *x)),
        },
        (Prim::Add, [x, y]) => sum(b, *x, *y),
        (Prim::Sub, [x, y]) => difference(b, *x, *y),
        (Prim::Div, [x, y]) => quotient(b, *x, *y),
        (Prim::Detach, [x]) if b.float_lit(*x).is_some() => Some(*x),
        // Where every library of functions gives the same.
        (Prim::Sin | Prim::Tan | Prim::Sinh | Prim::Tanh, [x]) if b.float_lit(*x) == Some(0.0) => Some(*x),
        (Prim::Cos | Prim::Cosh | Prim::Exp, [x]) if b.float_lit(*x) == Some(0.0) => Some(b.float(1.0)),
        _ => None,
    }
}

fn pow(b: &Builder, x: Value, y: Value) -> Option<Value> {
    let e = b.float_lit(y)?;
    if e == 0.5 {
        return Some(b.call(Prim::Sqrt, &[x]));
    }
    (e.fract() == 0.0 && e.abs() <= LARGEST_POWI).then(|| {
        // An integer of magnitude 64 at most.
        let n = b.int(e as i64, IntKind::I32);
        b.call(Prim::Powi, &[x, n])
    })
}

/// xⁿ where it is exact: of whole numbers while they fit, and one over a power of two.
fn exact_power(x: f64, n: i64) -> Option<f64> {
    let power = x.powi(i32::try_from(n.unsigned_abs()).ok().filter(|n| *n <= 64)?);
    let is_whole = x.fract() == 0.0 && power.abs() < 2.0_f64.powi(53);
    let is_power_of_two = power.is_normal() && power.to_bits() & ((1 << 52) - 1) == 0;
    match n {
        0.. => is_whole.then_some(power),
        _ => (is_whole && is_power_of_two).then_some(1.0 / power),
    }
}

fn powi(b: &Builder, x: Value, n: Value) -> Option<Value> {
    if let (Some(x), Some(n)) = (b.float_lit(x), b.int_lit(n)) {
        return exact_power(x, n).map(|power| b.float(power));
    }
    match b.int_lit(n)? {
        0 => Some(b.float(1.0)),
        1 => Some(x),
        2 => Some(b.call(Prim::Mul, &[x, x])),
        -1 => Some(b.call(Prim::Div, &[b.float(1.0), x])),
        _ => None,
    }
}

/// (c, a) where v = c·a with a literal c and a literal-free a.
fn coefficient(b: &Builder, v: Value) -> Option<(f64, Value)> {
    match b.call_of(v)? {
        (Prim::Mul, [x, y, ..]) => match (b.float_lit(x), b.float_lit(y)) {
            (Some(c), None) => Some((c, y)),
            (None, Some(c)) => Some((c, x)),
            (Some(_), Some(_)) | (None, None) => None,
        },
        (Prim::Neg, [x, ..]) => Some((-1.0, x)),
        _ => None,
    }
}

/// c·(d·a) = (c·d)·a where the product of the literals is exact.
fn product(b: &Builder, x: Value, y: Value) -> Option<Value> {
    let (c, rest) = match (b.float_lit(x), b.float_lit(y)) {
        (Some(c), None) => (c, y),
        (None, Some(c)) => (c, x),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    if let Some((d, a)) = coefficient(b, rest) {
        let folded = c * d;
        return (folded.is_normal() && c.mul_add(d, -folded) == 0.0).then(|| b.call(Prim::Mul, &[b.float(folded), a]));
    }
    // c·(1/a) is seen by the rules.
    scaled_quotient(b, c, rest)
}

/// The literal d of d/a, or of (d/a)·t.
fn dividend(b: &Builder, v: Value) -> Option<f64> {
    match b.call_of(v)? {
        (Prim::Div, [d, ..]) => b.float_lit(d),
        (Prim::Mul, [x, y, ..]) => [x, y].into_iter().find_map(|v| match b.call_of(v)? {
            (Prim::Div, [d, ..]) => b.float_lit(d),
            _ => None,
        }),
        _ => None,
    }
}

/// c·(d/a) = (c·d)/a and c·((d/a)·t) = ((c·d)/a)·t where the product of the literals is exact.
fn scaled_quotient(b: &Builder, c: f64, v: Value) -> Option<Value> {
    match b.call_of(v)? {
        (Prim::Div, [d, a, ..]) => {
            let d = b.float_lit(d)?;
            let folded = c * d;
            let is_exact = folded.is_normal() && c.mul_add(d, -folded) == 0.0;
            is_exact.then(|| b.call(Prim::Div, &[b.float(folded), a]))
        }
        (Prim::Mul, [x, y, ..]) => [(x, y), (y, x)].into_iter().find_map(|(quotient, t)| {
            matches!(b.call_of(quotient), Some((Prim::Div, _)))
                .then(|| scaled_quotient(b, c, quotient))?
                .map(|quotient| b.call(Prim::Mul, &[quotient, t]))
        }),
        _ => None,
    }
}

/// A selection of 0, 1 and −1 selects the other factor; it does not multiply it (0·∞ would be NaN).
fn product_with_selection(b: &Builder, selection: Value, factor: Value) -> Option<Value> {
    let Some((Prim::Select, [cond, x, y])) = b.call_of(selection) else { return None };
    let unit = |v| b.float_lit(v).filter(|c| *c == 0.0 || c.abs() == 1.0);
    let (x, y) = (unit(x)?, unit(y)?);
    let arm = |c: f64| {
        if c == 0.0 {
            b.float(0.0)
        } else if c == 1.0 {
            factor
        } else {
            b.call(Prim::Neg, &[factor])
        }
    };
    Some(b.call(Prim::Select, &[cond, arm(x), arm(y)]))
}

/// a + (−c)·d = a − c·d, and c·a + d·a = (c + d)·a where the sum of the literals is exact.
fn sum(b: &Builder, x: Value, y: Value) -> Option<Value> {
    if let Some(v) = collected(b, x, y, 1.0) {
        return Some(v);
    }
    for (x, y) in [(x, y), (y, x)] {
        if let Some((c, d)) = coefficient(b, y)
            && c < 0.0
        {
            let subtrahend = b.call(Prim::Mul, &[b.float(-c), d]);
            return Some(b.call(Prim::Sub, &[x, subtrahend]));
        }
        if let Some(c) = b.float_lit(y)
            && c < 0.0
        {
            return Some(b.call(Prim::Sub, &[x, b.float(-c)]));
        }
        if let Some((Prim::Neg, [negated, ..])) = b.call_of(x) {
            return Some(b.call(Prim::Sub, &[y, negated]));
        }
    }
    None
}

/// a − (−c)·d = a + c·d
fn difference(b: &Builder, x: Value, y: Value) -> Option<Value> {
    if let Some(v) = collected(b, x, y, -1.0) {
        return Some(v);
    }
    if let Some((c, d)) = coefficient(b, y)
        && c < 0.0
    {
        let addend = b.call(Prim::Mul, &[b.float(-c), d]);
        return Some(b.call(Prim::Add, &[x, addend]));
    }
    if let Some(c) = b.float_lit(y)
        && c < 0.0
    {
        return Some(b.call(Prim::Add, &[x, b.float(-c)]));
    }
    None
}

fn collected(b: &Builder, x: Value, y: Value, sign: f64) -> Option<Value> {
    let (c, a) = coefficient(b, x).unwrap_or((1.0, x));
    let (d, e) = coefficient(b, y).unwrap_or((1.0, y));
    if a != e || (c == 1.0 && d == 1.0) {
        return None;
    }
    let total = c + sign * d;
    // Exact where both are moderate integers (or halves, …); otherwise left alone. A total of 0 would hide a NaN.
    let exact = total - c == sign * d && total - sign * d == c;
    (total != 0.0 && exact).then(|| b.call(Prim::Mul, &[b.float(total), a]))
}

/// (c·a)/d = (c/d)·a where the quotient of the literals is exact; a/d = (1/d)·a for a power of two.
fn quotient(b: &Builder, x: Value, y: Value) -> Option<Value> {
    let d = b.float_lit(y)?;
    if let Some((c, a)) = coefficient(b, x) {
        let folded = c / d;
        return (folded.is_normal() && folded.mul_add(d, -c) == 0.0).then(|| b.call(Prim::Mul, &[b.float(folded), a]));
    }
    let power_of_two = d.is_normal() && d.to_bits() & ((1 << 52) - 1) == 0 && (1.0 / d).is_normal();
    (power_of_two && b.float_lit(x).is_none()).then(|| b.call(Prim::Mul, &[b.float(1.0 / d), x]))
}

/// A call of integers: neutral elements, and sums that cancel.
pub(super) fn integer(b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    let [x, y] = *args else { return None };
    let Elem::Int(kind) = b.elem(x) else { return None };
    match (prim, b.int_lit(x), b.int_lit(y)) {
        (Prim::Add, Some(0), _) | (Prim::Mul, Some(1), _) => Some(y),
        (Prim::Add | Prim::Sub, _, Some(0)) | (Prim::Mul | Prim::Div, _, Some(1)) => Some(x),
        (Prim::Mul, Some(0), _) | (Prim::Mul, _, Some(0)) => Some(b.int(0, kind)),
        // Nothing without a sign is below 0.
        (Prim::Lt, _, Some(0)) | (Prim::Gt, Some(0), _) if kind.bounds().0 == 0 => Some(b.bool(false)),
        (Prim::Ge, _, Some(0)) | (Prim::Le, Some(0), _) if kind.bounds().0 == 0 => Some(b.bool(true)),
        (Prim::Eq | Prim::Le | Prim::Ge, ..) if x == y => Some(b.bool(true)),
        (Prim::Ne | Prim::Lt | Prim::Gt, ..) if x == y => Some(b.bool(false)),
        (Prim::Sub, ..) if x == y => Some(b.int(0, kind)),
        (Prim::Max | Prim::Min, ..) if x == y => Some(x),
        (Prim::Sub, ..) => match b.call_of(x)? {
            // (a + c) − c = a
            (Prim::Add, [a, c, ..]) if c == y => Some(a),
            (Prim::Add, [a, c, ..]) if a == y => Some(c),
            _ => None,
        },
        _ => None,
    }
}

/// A choice between choices. c ? k : (d ? k : x) = c ∨ d ? k : x for a literal k, and c ? (d ? x : k) : k = c ∧ d ? x : k:
/// an adjoint that comes through many choices stays one choice. What the other side of c is, is not asked again.
fn choice(b: &Builder, c: Value, x: Value, y: Value) -> Option<Value> {
    let choice = |v: Value| match b.call_of(v) {
        Some((Prim::Select, args)) => Some(args),
        _ => None,
    };
    let is_literal = |v: Value| b.lit(v).is_some();
    match (choice(x), choice(y)) {
        (Some([d, then, _]), _) if d == c => Some(b.call(Prim::Select, &[c, then, y])),
        (_, Some([d, _, otherwise])) if d == c => Some(b.call(Prim::Select, &[c, x, otherwise])),
        (_, Some([d, then, otherwise])) if then == x && is_literal(x) => {
            let either = b.call(Prim::Or, &[c, d]);
            Some(b.call(Prim::Select, &[either, x, otherwise]))
        }
        (Some([d, then, otherwise]), _) if otherwise == y && is_literal(y) => {
            let both = b.call(Prim::And, &[c, d]);
            Some(b.call(Prim::Select, &[both, then, y]))
        }
        _ => None,
    }
}

/// How many conditions of a chain are looked at.
const CHAIN: usize = 8;

/// The conditions that a chain of one connective joins, or the first of them.
fn chain(b: &Builder, connective: Prim, x: Value) -> Vec<Value> {
    let mut terms = vec![x];
    let mut k = 0;
    while k < terms.len() && terms.len() < CHAIN {
        match b.call_of(terms[k]) {
            Some((prim, [c, d, ..])) if prim == connective => {
                terms[k] = c;
                terms.push(d);
            }
            Some(_) | None => k += 1,
        }
    }
    terms
}

/// x ∨ x = x, (x ∨ y) ∨ (z ∨ y) = (x ∨ y) ∨ z, x ∨ (x ∧ y) = x; and the same with the connectives changed.
fn joined(b: &Builder, own: Prim, other: Prim, x: Value, y: Value) -> Option<Value> {
    if x == y {
        return Some(x);
    }
    let (left, right) = (chain(b, own, x), chain(b, own, y));
    let implied = |terms: &[Value], v: Value| chain(b, other, v).iter().any(|c| terms.contains(c));
    if right.iter().all(|v| left.contains(v) || implied(&left, *v)) {
        return Some(x);
    }
    if left.iter().all(|v| right.contains(v) || implied(&right, *v)) {
        return Some(y);
    }
    match b.call_of(y) {
        Some((prim, [c, d, ..])) if prim == own && left.contains(&d) => Some(b.call(own, &[x, c])),
        Some((prim, [c, d, ..])) if prim == own && left.contains(&c) => Some(b.call(own, &[x, d])),
        Some(_) | None => None,
    }
}

/// Whether of two conditions exactly one holds.
fn are_opposite(b: &Builder, x: Value, y: Value) -> bool {
    let is_not = |x: Value, y: Value| matches!(b.call_of(x), Some((Prim::Not, [c, ..])) if c == y);
    let (Some((p, [a, c, ..])), Some((q, [d, e, ..]))) = (b.call_of(x), b.call_of(y)) else {
        return is_not(x, y) || is_not(y, x);
    };
    let pair = |one: Prim, other: Prim| (p, q) == (one, other) || (p, q) == (other, one);
    // Of floats neither of two comparisons may hold, but two are equal or not.
    let compares = pair(Prim::Eq, Prim::Ne)
        || matches!(b.elem(a), Elem::Int(_)) && (pair(Prim::Lt, Prim::Ge) || pair(Prim::Gt, Prim::Le));
    is_not(x, y) || is_not(y, x) || compares && (a, c) == (d, e)
}

/// A call of bools.
pub(super) fn logic(b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    use crate::ir::Lit;
    let truth = |v: Value| match b.lit(v) {
        Some(Lit::Bool(x)) => Some(x),
        Some(Lit::Float(_) | Lit::Int(..)) | None => None,
    };
    match (prim, args) {
        (Prim::Not, [x]) => match b.call_of(*x)? {
            (Prim::Not, [y, ..]) => Some(y),
            (Prim::Eq, [x, y, ..]) => Some(b.call(Prim::Ne, &[x, y])),
            (Prim::Ne, [x, y, ..]) => Some(b.call(Prim::Eq, &[x, y])),
            // Of floats neither of two may hold.
            (prim, [x, y, ..]) if matches!(b.elem(x), Elem::Int(_)) => {
                let other = match prim {
                    Prim::Lt => Prim::Ge,
                    Prim::Ge => Prim::Lt,
                    Prim::Gt => Prim::Le,
                    Prim::Le => Prim::Gt,
                    _ => return None,
                };
                Some(b.call(other, &[x, y]))
            }
            _ => None,
        },
        (Prim::And, [x, y]) => match (truth(*x), truth(*y)) {
            (Some(true), _) => Some(*y),
            (_, Some(true)) => Some(*x),
            (Some(false), _) | (_, Some(false)) => Some(b.bool(false)),
            (None, None) if are_opposite(b, *x, *y) => Some(b.bool(false)),
            (None, None) => joined(b, Prim::And, Prim::Or, *x, *y),
        },
        (Prim::Or, [x, y]) => match (truth(*x), truth(*y)) {
            (Some(false), _) => Some(*y),
            (_, Some(false)) => Some(*x),
            (Some(true), _) | (_, Some(true)) => Some(b.bool(true)),
            (None, None) if are_opposite(b, *x, *y) => Some(b.bool(true)),
            (None, None) => joined(b, Prim::Or, Prim::And, *x, *y),
        },
        (Prim::Select, [c, x, y]) => {
            if x == y {
                return Some(*x);
            }
            if let (Some(x), Some(y)) = (truth(*x), truth(*y)) {
                return Some(if x && !y { *c } else { b.call(Prim::Not, &[*c]) });
            }
            if let Some((Prim::Not, [d, ..])) = b.call_of(*c) {
                return Some(b.call(Prim::Select, &[d, *y, *x]));
            }
            choice(b, *c, *x, *y)
        }
        _ => None,
    }
}
