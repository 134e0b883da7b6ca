//! Polynomials with integer coefficients in numbers that are not negative: places in arrays, to be compared.

use std::collections::BTreeMap;

/// A number that is not taken apart.
pub(super) type Atom = u32;

/// A sum of products of atoms, each with its coefficient.
pub(super) type Polynomial = BTreeMap<Vec<Atom>, i64>;

/// Polynomials with more terms than this are not looked at.
const MOST_TERMS: usize = 16;

pub(super) fn literal(n: i64) -> Polynomial {
    if n == 0 { Polynomial::new() } else { Polynomial::from([(Vec::new(), n)]) }
}

pub(super) fn atom(atom: Atom) -> Polynomial {
    Polynomial::from([(vec![atom], 1)])
}

pub(super) fn constant(p: &Polynomial) -> Option<i64> {
    match p.len() {
        0 => Some(0),
        1 => p.get(&Vec::new()).copied(),
        _ => None,
    }
}

/// a + sign · b
pub(super) fn sum(a: &Polynomial, b: &Polynomial, sign: i64) -> Option<Polynomial> {
    let mut sum = a.clone();
    for (term, n) in b {
        let total = sum.get(term).copied().unwrap_or(0).checked_add(n.checked_mul(sign)?)?;
        if total == 0 {
            sum.remove(term);
        } else {
            sum.insert(term.clone(), total);
        }
    }
    (sum.len() <= MOST_TERMS).then_some(sum)
}

pub(super) fn product(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    let mut product = Polynomial::new();
    for (x, n) in a {
        for (y, m) in b {
            let mut term: Vec<Atom> = x.iter().chain(y).copied().collect();
            term.sort_unstable();
            product = sum(&product, &Polynomial::from([(term, n.checked_mul(*m)?)]), 1)?;
        }
    }
    Some(product)
}

/// a − b, or something that nothing is known of.
pub(super) fn difference(a: &Polynomial, b: &Polynomial) -> Polynomial {
    sum(a, b, -1).unwrap_or_else(|| Polynomial::from([(Vec::new(), 1), (vec![Atom::MAX], -1)]))
}

pub(super) fn negated(a: &Polynomial) -> Polynomial {
    a.iter().map(|(term, n)| (term.clone(), n.wrapping_neg())).collect()
}

/// Whether a polynomial cannot be positive.
pub(super) fn is_not_positive(p: &Polynomial) -> bool {
    p.values().all(|n| *n <= 0)
}

/// Whether a polynomial cannot be negative.
pub(super) fn is_not_negative(p: &Polynomial) -> bool {
    p.values().all(|n| *n >= 0)
}

/// c and r of a polynomial c · v + r in which v does not occur otherwise.
pub(super) fn linear(p: &Polynomial, v: Atom) -> Option<(Polynomial, Polynomial)> {
    let (mut coefficient, mut rest) = (Polynomial::new(), Polynomial::new());
    for (term, n) in p {
        match term.iter().filter(|a| **a == v).count() {
            0 => rest.insert(term.clone(), *n),
            1 => coefficient.insert(term.iter().copied().filter(|a| *a != v).collect(), *n),
            _ => return None,
        };
    }
    Some((coefficient, rest))
}

/// The polynomial with other atoms.
pub(super) fn renamed(p: &Polynomial, name: &dyn Fn(Atom) -> Atom) -> Polynomial {
    let mut renamed = Polynomial::new();
    for (term, n) in p {
        let mut term: Vec<Atom> = term.iter().map(|a| name(*a)).collect();
        term.sort_unstable();
        *renamed.entry(term).or_default() += n;
    }
    renamed.retain(|_, n| *n != 0);
    renamed
}
