//! What the values of each primitive can be, given what its arguments can be: rows of facts that the table's rows do not
//! say, each held against the table by a test.

use super::range::Range;
use crate::prim::{Domain, Prim, Range as Stated};

/// How a function of one number runs on its domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    Increasing,
    Decreasing,
    /// It has the values of a range, in no order that is known here.
    Otherwise,
}

/// A function of one number: its run, and its range over the whole domain.
pub(super) fn of(prim: Prim) -> Option<(Run, Range)> {
    use Run::{Decreasing, Increasing, Otherwise};
    use std::f64::consts::{FRAC_PI_2, PI};
    Some(match prim {
        Prim::Exp | Prim::Exp2 | Prim::ExprelSlope | Prim::Softplus => (Increasing, Range::POSITIVE),
        Prim::ExpM1 => (Increasing, Range::open(-1.0, f64::INFINITY)),
        Prim::Ln | Prim::Log2 | Prim::Log10 | Prim::Ln1p | Prim::Cbrt => (Increasing, Range::ALL),
        Prim::Sinh | Prim::Asinh | Prim::Atanh => (Increasing, Range::ALL),
        Prim::Sqrt | Prim::Acosh | Prim::Relu => (Increasing, Range::NON_NEGATIVE),
        Prim::Tanh | Prim::Erf => (Increasing, Range::open(-1.0, 1.0)),
        Prim::Asin => (Increasing, Range::closed(-FRAC_PI_2, FRAC_PI_2)),
        Prim::Atan => (Increasing, Range::open(-FRAC_PI_2, FRAC_PI_2)),
        Prim::Sigmoid => (Increasing, Range::open(0.0, 1.0)),
        Prim::LogSigmoid | Prim::Log1mexp => (Increasing, Range { hi_open: true, ..Range::to(0.0) }),
        Prim::Floor | Prim::Ceil | Prim::Round | Prim::Trunc => (Increasing, Range::ALL),
        Prim::AbsSlope | Prim::Sign | Prim::Signum => (Increasing, Range::closed(-1.0, 1.0)),
        Prim::Acos => (Decreasing, Range::closed(0.0, PI)),
        Prim::Erfc => (Decreasing, Range::open(0.0, 2.0)),
        Prim::Bernoulli | Prim::Erfcx => (Decreasing, Range::POSITIVE),
        Prim::LogHalfErfc => (Decreasing, Range { hi_open: true, ..Range::to(0.0) }),
        Prim::Asech => (Decreasing, Range::NON_NEGATIVE),
        Prim::Sin | Prim::Cos => (Otherwise, Range::closed(-1.0, 1.0)),
        Prim::Sinc => (Otherwise, Range::closed(-0.217_233_7, 1.0)),
        Prim::OneMinusCos => (Otherwise, Range::closed(0.0, 2.0)),
        Prim::Cosh => (Otherwise, Range::from(1.0)),
        Prim::Sech | Prim::Gaussian => (Otherwise, Range { hi_open: false, ..Range::open(0.0, 1.0) }),
        Prim::Asec => (Otherwise, Range::closed(0.0, PI)),
        Prim::Acsc | Prim::Acot => (Otherwise, Range::closed(-FRAC_PI_2, FRAC_PI_2).without_zero()),
        Prim::Csch | Prim::Acsch | Prim::Acoth => (Otherwise, Range::NON_ZERO),
        Prim::Coth => (Otherwise, Range::NON_ZERO),
        Prim::Xlogx | Prim::Xlogx1p => (Otherwise, Range::from(-0.367_879_442)),
        _ => return None,
    })
}

/// The values at which a primitive has its argument inside its domain.
pub(super) fn inside(domain: Domain) -> Range {
    match domain {
        Domain::Real | Domain::NoPole | Domain::OutsideUnit => Range::ALL,
        Domain::Positive => Range::POSITIVE,
        Domain::NonNegative => Range::NON_NEGATIVE,
        Domain::NonZero => Range::NON_ZERO,
        Domain::Unit => Range::closed(-1.0, 1.0),
        Domain::OpenUnit => Range::open(-1.0, 1.0),
        Domain::AtLeastOne => Range::from(1.0),
        Domain::AboveMinusOne => Range::open(-1.0, f64::INFINITY),
        Domain::Fraction => Range::closed(0.0, 1.0),
        Domain::Order => Range::NON_NEGATIVE,
    }
}

/// The values of a call. `same` says that both arguments are one value; `whole` is the exponent of a power, if it is known.
pub(super) fn call(prim: Prim, args: &[Range], same: bool, whole: Option<f64>) -> Range {
    if args.iter().any(Range::is_empty) {
        return Range::EMPTY;
    }
    special(prim, args, same, whole).meet(stated(prim, args))
}

/// What the row itself says.
fn stated(prim: Prim, args: &[Range]) -> Range {
    match prim.row().range {
        Stated::Any => Range::ALL,
        Stated::Positive => Range::POSITIVE,
        Stated::NonNegative => Range::NON_NEGATIVE,
        Stated::Magnitude if args.iter().any(|x| x.is_within(&Range::POSITIVE)) => Range::POSITIVE,
        Stated::Magnitude => Range::NON_NEGATIVE,
        Stated::Odd => args[0].side(),
    }
}

fn special(prim: Prim, args: &[Range], same: bool, whole: Option<f64>) -> Range {
    if let Some((run, range)) = of(prim) {
        let x = args[0].meet(inside(prim.row().domain[0]));
        let f = |x: f64| prim.value(&[x]).unwrap_or(f64::NAN);
        return match run {
            _ if x.is_empty() => Range::EMPTY,
            Run::Increasing => keep_zero(prim, x, x.increasing(f)).meet(range),
            Run::Decreasing => x.decreasing(f).meet(range),
            Run::Otherwise if prim == Prim::Cosh => x.abs().increasing(f).meet(range),
            Run::Otherwise if prim == Prim::Sech || prim == Prim::Gaussian => x.abs().decreasing(f).meet(range),
            Run::Otherwise => range,
        };
    }
    match (prim, args) {
        (Prim::Add, [x, y]) => x.add(*y),
        (Prim::Sub, [_, _]) if same => Range::point(0.0),
        (Prim::Sub, [x, y]) => x.add(y.neg()),
        (Prim::Mul, [x, _]) if same => x.square(),
        (Prim::Mul, [x, y]) => x.mul(*y),
        (Prim::Div, [_, _]) if same => Range::point(1.0),
        (Prim::Div, [x, y]) => x.mul(y.recip()),
        (Prim::MulAdd, [x, y, a]) => (if same { x.square() } else { x.mul(*y) }).add(*a),
        (Prim::Neg, [x]) => x.neg(),
        (Prim::Abs, [x]) => x.abs(),
        (Prim::Detach, [x]) => *x,
        (Prim::Hypot, [x, y]) => {
            let least = x.abs().lo.max(y.abs().lo);
            let zero = x.contains(0.0) && y.contains(0.0);
            if zero { Range::from(least) } else { Range::from(least).without_zero() }
        }
        (Prim::Max, [x, y]) => {
            let end = |a: (f64, bool), b: (f64, bool)| {
                if a.0 == b.0 {
                    (a.0, a.1 && b.1)
                } else if a.0 > b.0 {
                    a
                } else {
                    b
                }
            };
            let lo = end((x.lo, x.lo_open), (y.lo, y.lo_open));
            let hi = end((x.hi, x.hi_open), (y.hi, y.hi_open));
            Range { lo: lo.0, hi: hi.0, lo_open: lo.1, hi_open: hi.1, no_zero: x.no_zero && y.no_zero }
        }
        (Prim::Min, [x, y]) => call(Prim::Max, &[x.neg(), y.neg()], same, whole).neg(),
        (Prim::Clamp, [x, lo, hi]) => {
            let low = call(Prim::Max, &[*x, *lo], false, None);
            call(Prim::Min, &[low, *hi], false, None)
        }
        (Prim::Select, [_, x, y]) => x.join(*y),
        (Prim::Rem, [x, _]) => x.side(),
        (Prim::Logaddexp, [x, y]) => Range { lo_open: true, ..Range::from(x.lo.max(y.lo)) },
        (Prim::Trigamma, [x]) if x.lo >= 0.0 => Range::POSITIVE,
        (Prim::Powi, [x, _]) => match whole {
            Some(n) if n >= 0.0 => power(*x, n),
            Some(n) => power(*x, -n).recip(),
            None if x.lo >= 0.0 => positive_power(*x, None),
            None => Range::ALL,
        },
        (Prim::Pow, [x, y]) => {
            let x = x.meet(Range::NON_NEGATIVE);
            positive_power(x, y.single())
        }
        (Prim::LeakyRelu, [x, slope]) if slope.lo > 0.0 => {
            let sign = if x.lo >= 0.0 { Range::NON_NEGATIVE } else { Range::ALL };
            if x.contains(0.0) { sign } else { sign.without_zero() }
        }
        _ => Range::ALL,
    }
}

/// A strictly increasing odd function is 0 only at 0.
fn keep_zero(prim: Prim, x: Range, z: Range) -> Range {
    let strictly = !matches!(prim, Prim::Floor | Prim::Ceil | Prim::Round | Prim::Trunc | Prim::Relu);
    let odd = prim.value(&[0.0]) == Some(0.0);
    if strictly && odd && !x.contains(0.0) { z.without_zero() } else { z }
}

/// xⁿ for a whole n ≥ 0.
fn power(x: Range, n: f64) -> Range {
    let exponent = n as i32;
    if n == 0.0 {
        return Range::point(1.0);
    }
    let f = |x: f64| x.powi(exponent);
    let z = if exponent % 2 == 0 { x.abs().increasing(f) } else { x.increasing(f) };
    if x.contains(0.0) { z } else { z.without_zero() }
}

/// xʸ for x ≥ 0.
fn positive_power(x: Range, y: Option<f64>) -> Range {
    match y {
        Some(y) if y > 0.0 => x.increasing(|x| x.powf(y)),
        Some(y) if y < 0.0 => x.increasing(|x| x.powf(-y)).recip(),
        Some(_) => Range::point(1.0),
        None if x.contains(0.0) => Range::NON_NEGATIVE,
        None => Range::POSITIVE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prim::ROWS;

    /// Every fact about a function of one number holds on a grid of its domain, near and far.
    #[test]
    fn the_facts_hold() {
        let mut checked = 0;
        for row in ROWS {
            let Some((run, range)) = of(row.prim) else { continue };
            checked += 1;
            let grid: Vec<f64> = (-400..=400).map(|k| f64::from(k) / 16.0).collect();
            let inside: Vec<f64> = grid.into_iter().filter(|x| row.domain[0].contains(*x)).collect();
            let values: Vec<f64> = inside.iter().map(|x| row.prim.value(&[*x]).unwrap()).collect();
            for (x, z) in inside.iter().zip(&values) {
                // Where mathematics is close to an end, a float may be on it.
                let near = |end: f64| (z - end).abs() <= 1e-9;
                let inf = z.is_infinite();
                assert!(range.contains(*z) || near(range.lo) || near(range.hi) || inf, "{}({x}) = {z}", row.name);
            }
            for pair in values.windows(2) {
                match run {
                    Run::Increasing => assert!(pair[0] <= pair[1], "{}: {pair:?}", row.name),
                    Run::Decreasing => assert!(pair[0] >= pair[1], "{}: {pair:?}", row.name),
                    Run::Otherwise => {}
                }
            }
        }
        assert!(checked > 40, "{checked} functions have facts");
    }

    /// The range of a call contains its values, for intervals around special numbers.
    #[test]
    fn ranges_contain_values() {
        let ends = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0];
        let mut intervals = Vec::new();
        for (k, lo) in ends.iter().enumerate() {
            for hi in &ends[k..] {
                intervals.push(Range::closed(*lo, *hi));
            }
        }
        let points = |r: &Range| -> Vec<f64> { (0..=4).map(|k| r.lo + (r.hi - r.lo) * f64::from(k) / 4.0).collect() };
        let contains =
            |r: Range, z: f64| r.contains(z) || !z.is_finite() || (r.lo - z).abs().min((r.hi - z).abs()) < 1e-9;
        for row in ROWS.iter().filter(|row| !row.is_composite()) {
            for x in &intervals {
                if row.args.len() == 1 {
                    let range = call(row.prim, &[*x], false, None);
                    for p in points(x) {
                        if let Some(z) = row.prim.value(&[p])
                            && row.domain[0].contains(p)
                        {
                            assert!(contains(range, z), "{}({p}) = {z} is not in {range:?}", row.name);
                        }
                    }
                }
                for y in intervals.iter().filter(|_| row.args.len() == 2) {
                    let range = call(row.prim, &[*x, *y], false, None);
                    for (p, q) in points(x).into_iter().flat_map(|p| points(y).into_iter().map(move |q| (p, q))) {
                        let inside = row.domain[0].contains(p) && row.domain[1].contains(q);
                        if let Some(z) = row.prim.value(&[p, q])
                            && inside
                        {
                            assert!(contains(range, z), "{}({p}, {q}) = {z} is not in {range:?}", row.name);
                        }
                    }
                }
            }
        }
    }
}
