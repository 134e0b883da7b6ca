//! Terms written out: common factors first, divisions together.

use super::key::Key;
use super::term::{Factor, Term};
use crate::ir::build::FxMap;
use crate::ir::{Builder, IntKind, Value};
use crate::prim::Prim;

/// Factors are taken out of sums inside sums to this depth.
const DEEPEST: usize = 64;

/// How often what shares no factor with most of a sum is looked through for common factors of its own.
const ROUNDS: usize = 8;

/// Whole exponents up to this are powers by multiplication.
const LARGEST_POWI: i64 = 1 << 20;

/// Σ terms, which are in order and different.
pub(super) fn sum(b: &Builder, terms: Vec<Term>) -> Value {
    sum_within(b, terms, 0)
}

/// One term.
pub(super) fn product(b: &Builder, term: Term) -> Value {
    let (negative, v) = magnitude(b, term);
    if negative { b.call(Prim::Neg, &[v]) } else { v }
}

fn sum_within(b: &Builder, terms: Vec<Term>, depth: usize) -> Value {
    let mut pieces: Vec<(usize, Term)> = Vec::new();
    let mut rest: Vec<(usize, Term)> = terms.into_iter().enumerate().collect();
    for _ in 0..ROUNDS {
        if depth == DEEPEST {
            break;
        }
        let (groups, single) = grouped(b, rest);
        rest = single;
        if groups.is_empty() {
            break;
        }
        for group in groups {
            let first = group[0].0;
            let mut terms: Vec<Term> = group.iter().map(|(_, term)| term.clone()).collect();
            let mut common = take_out(&mut terms);
            let cost = |terms: &[Term]| terms.iter().map(Term::cost).sum::<u64>();
            let before = group.iter().map(|(_, term)| term.cost()).sum::<u64>();
            if before <= cost(&terms) + common.cost() + 1 {
                pieces.extend(group);
                continue;
            }
            terms.sort_by(Term::order);
            let inner = sum_within(b, terms, depth + 1);
            common.factors.push(Factor { base: inner, key: Key::LAST, halves: 2, exponent: None, elsewhere: 0 });
            pieces.push((first, common));
        }
    }
    pieces.extend(rest);
    // Each piece stands where its first term stood.
    pieces.sort_by_key(|(first, _)| *first);
    let values: Vec<(bool, Value)> = pieces.into_iter().map(|(_, term)| magnitude(b, term)).collect();
    add(b, &values)
}

/// The sum of values, those that are marked with their signs turned.
fn add(b: &Builder, values: &[(bool, Value)]) -> Value {
    let Some(first) = values.iter().position(|(negative, _)| !negative) else {
        // −a − b = −(a + b)
        let sum = values.iter().map(|(_, v)| *v).reduce(|sum, v| b.call(Prim::Add, &[sum, v]));
        return sum.map_or_else(|| b.float(0.0), |sum| b.call(Prim::Neg, &[sum]));
    };
    let others = values[..first].iter().chain(&values[first + 1..]);
    others.fold(values[first].1, |sum, (negative, v)| b.call(if *negative { Prim::Sub } else { Prim::Add }, &[sum, *v]))
}

/// What a term may have in common with another one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Common {
    /// A power of a base, or one over it.
    Base(Value, bool),
    /// The magnitude of the coefficient.
    Coefficient(u64),
}

type Placed = Vec<(usize, Term)>;

/// The terms in groups of at least two that have a factor in common, the most common factor first; and those of no group.
fn grouped(b: &Builder, terms: Placed) -> (Vec<Placed>, Placed) {
    let in_common = |term: &Term| -> Vec<Common> {
        let bases = term.factors.iter().filter(|f| b.float_lit(f.base).is_none());
        let mut all: Vec<Common> = bases.map(|f| Common::Base(f.base, f.halves < 0)).collect();
        let magnitude = term.coefficient.abs();
        if magnitude != 1.0 && !term.factors.is_empty() {
            all.push(Common::Coefficient(magnitude.to_bits()));
        }
        all
    };
    let mut counts: FxMap<Common, (usize, usize)> = FxMap::default();
    for (_, term) in &terms {
        for common in in_common(term) {
            let next = counts.len();
            counts.entry(common).or_insert((0, next)).0 += 1;
        }
    }
    let mut places: FxMap<Common, usize> = FxMap::default();
    let mut groups: Vec<Placed> = Vec::new();
    let mut single = Placed::new();
    for (at, term) in terms {
        let candidates = in_common(&term).into_iter().filter(|common| counts[common].0 > 1);
        // The first of the most common ones.
        let best = candidates.min_by_key(|common| (usize::MAX - counts[common].0, counts[common].1));
        match best {
            None => single.push((at, term)),
            Some(common) => {
                let place = *places.entry(common).or_insert(groups.len());
                if place == groups.len() {
                    groups.push(Vec::new());
                }
                groups[place].push((at, term));
            }
        }
    }
    // Those whose company prefers other factors.
    let (alone, groups): (Vec<Placed>, Vec<Placed>) = groups.into_iter().partition(|group| group.len() < 2);
    single.extend(alone.into_iter().flatten());
    single.sort_by_key(|(at, _)| *at);
    (groups, single)
}

/// Divides terms by what all of them have in common: that.
fn take_out(terms: &mut [Term]) -> Term {
    let mut common = terms[0].clone();
    for term in &terms[1..] {
        common.factors.retain_mut(|factor| {
            let Some(other) = term.factors.iter().find(|other| other.base == factor.base) else { return false };
            if (other.halves < 0) != (factor.halves < 0) {
                return false;
            }
            if other.halves.abs() < factor.halves.abs() {
                factor.halves = other.halves;
            }
            true
        });
        if term.coefficient.abs() != common.coefficient.abs() {
            common.coefficient = 1.0;
        }
    }
    common.coefficient = common.coefficient.abs();
    if terms.iter().all(|term| term.coefficient < 0.0) {
        common.coefficient = -common.coefficient;
    }
    for term in terms {
        term.coefficient /= common.coefficient;
        for factor in &common.factors {
            let own = term.factors.iter_mut().find(|own| own.base == factor.base);
            own.expect("what is in common is in each").halves -= factor.halves;
        }
        term.factors.retain(|factor| factor.halves != 0);
    }
    common
}

/// |coefficient|·Π factors, and whether the coefficient is below 0.
fn magnitude(b: &Builder, mut term: Term) -> (bool, Value) {
    let negative = term.coefficient < 0.0;
    let coefficient = term.coefficient.abs();
    let exponential = exponential(b, &mut term.factors);
    let (over, under): (Vec<Factor>, Vec<Factor>) = term.factors.iter().partition(|factor| factor.halves > 0);
    // x⁴ / y² = (x² / y)²
    if let (false, false, Some((roots, power))) = (over.is_empty(), under.is_empty(), common_power(&term.factors)) {
        let (_, quotient) = magnitude(b, Term { coefficient: 1.0, factors: roots });
        let scaled = (coefficient != 1.0).then(|| b.float(coefficient));
        let product = scaled.into_iter().chain([raised(b, quotient, power)]).chain(exponential);
        return (negative, product.reduce(|x, y| b.call(Prim::Mul, &[x, y])).expect("there is a quotient"));
    }
    let numerator = powers(b, &over, exponential);
    let denominator = powers(b, &under, None);
    let numerator = match numerator {
        None => b.float(coefficient),
        Some(v) if coefficient == 1.0 => v,
        Some(v) => b.call(Prim::Mul, &[b.float(coefficient), v]),
    };
    (negative, denominator.map_or(numerator, |d| b.call(Prim::Div, &[numerator, d])))
}

/// exp(Σ eᵢ·gᵢ) of the factors exp(gᵢ)^eᵢ that nothing else reads, where that is not one of them as it is.
fn exponential(b: &Builder, factors: &mut Vec<Factor>) -> Option<Value> {
    let apart: Vec<Factor> = factors.iter().copied().filter(|factor| factor.own_exponent().is_some()).collect();
    if apart.is_empty() || matches!(apart.as_slice(), [one] if one.halves == 2) {
        return None;
    }
    factors.retain(|factor| factor.own_exponent().is_none());
    let scaled = apart.iter().map(|factor| {
        let g = factor.own_exponent().expect("only exponentials are apart");
        let exponent = factor.halves as f64 / 2.0;
        let magnitude = b.float(exponent.abs());
        (exponent < 0.0, b.call(Prim::Mul, &[magnitude, g]))
    });
    let sum = add(b, &scaled.collect::<Vec<_>>());
    Some(b.call(Prim::Exp, &[sum]))
}

/// Π bᵢ^|eᵢ|, bases of one exponent multiplied first, and a last factor.
fn powers(b: &Builder, factors: &[Factor], last: Option<Value>) -> Option<Value> {
    // x⁴·y² = (x²·y)²
    if let Some((roots, power)) = common_power(factors) {
        let product = powers(b, &roots, None).expect("there are factors");
        return Some(raised(b, product, power)).into_iter().chain(last).reduce(|x, y| b.call(Prim::Mul, &[x, y]));
    }
    let mut groups: Vec<(i64, Value)> = Vec::new();
    for factor in factors {
        let halves = factor.halves.abs();
        // √a·√b stays two roots: at b = 0 the derivative of √(a·b) in a would be 0·∞.
        let joins = factor.halves < 0 || halves % 2 == 0;
        match groups.iter_mut().find(|(of, _)| joins && *of == halves) {
            Some((_, product)) => *product = b.call(Prim::Mul, &[*product, factor.base]),
            None => groups.push((halves, factor.base)),
        }
    }
    let raised = groups.into_iter().map(|(halves, base)| raised(b, base, halves));
    raised.chain(last).reduce(|product, v| b.call(Prim::Mul, &[product, v]))
}

/// The factors whose power several factors are, and twice its whole exponent of at least 2.
fn common_power(factors: &[Factor]) -> Option<(Vec<Factor>, i64)> {
    let power = factors.iter().fold(0, |power, factor| gcd(power, factor.halves.abs()));
    let root = |factor: &Factor| Factor { halves: 2 * factor.halves / power, ..*factor };
    (factors.len() > 1 && power >= 4 && power % 2 == 0).then(|| (factors.iter().map(root).collect(), power))
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// base^(halves/2)
fn raised(b: &Builder, base: Value, halves: i64) -> Value {
    let whole = match halves / 2 {
        0 => None,
        1 => Some(base),
        n if n <= LARGEST_POWI => Some(b.call(Prim::Powi, &[base, b.int(n, IntKind::I32)])),
        n => Some(b.call(Prim::Pow, &[base, b.float(n as f64)])),
    };
    let root = (halves % 2 == 1).then(|| b.call(Prim::Sqrt, &[base]));
    match (whole, root) {
        (Some(whole), Some(root)) => b.call(Prim::Mul, &[whole, root]),
        (Some(v), None) | (None, Some(v)) => v,
        (None, None) => unreachable!("a factor has an exponent"),
    }
}
