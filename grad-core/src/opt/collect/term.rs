//! Terms: a literal coefficient times powers.

use std::cmp::Ordering;

use super::key::Key;
use crate::ir::Value;
use crate::ir::build::FxMap;

/// base^(halves/2)
#[derive(Clone, Copy, Debug)]
pub(super) struct Factor {
    pub(super) base: Value,
    pub(super) key: Key,
    /// Twice the exponent.
    pub(super) halves: i64,
    /// The g of a base exp(g).
    pub(super) exponent: Option<Value>,
    /// How often the base is read elsewhere.
    pub(super) elsewhere: usize,
}

impl Factor {
    /// The g of a base exp(g) that nothing else reads.
    pub(super) fn own_exponent(&self) -> Option<Value> {
        self.exponent.filter(|_| self.elsewhere == 0)
    }

    fn order(&self) -> (Key, Value) {
        (self.key, self.base)
    }
}

/// coefficient · Π factors
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) coefficient: f64,
    /// Of different bases, in order.
    pub(super) factors: Vec<Factor>,
}

impl Term {
    pub(super) fn one() -> Term {
        Term { coefficient: 1.0, factors: Vec::new() }
    }

    /// Puts the factors in order, those of one base together.
    pub(super) fn sort(&mut self) {
        self.factors.sort_by_key(Factor::order);
        self.factors.dedup_by(|next, first| {
            let same = next.base == first.base;
            if same {
                first.halves += next.halves;
                first.elsewhere = first.elsewhere.saturating_sub(1);
            }
            same
        });
        self.factors.retain(|factor| factor.halves != 0);
    }

    /// How many multiplications it takes, a division counted as four.
    pub(super) fn cost(&self) -> u64 {
        let power = |factor: &Factor| {
            let n = (factor.halves.unsigned_abs() / 2).max(1);
            let root = u64::from(factor.halves % 2 != 0 && factor.halves.abs() > 1);
            u64::from(n.ilog2() + n.count_ones() - 1) + root
        };
        let over = self.factors.iter().filter(|factor| factor.halves > 0).count() as u64;
        let under = self.factors.len() as u64 - over;
        let scaled = u64::from(self.coefficient.abs() != 1.0);
        let products = (over + scaled).saturating_sub(1) + under.saturating_sub(1);
        self.factors.iter().map(power).sum::<u64>() + products + if under > 0 { 4 } else { 0 }
    }

    fn degree(&self) -> i64 {
        self.factors.iter().map(|factor| factor.halves).sum()
    }

    /// The carry of a loop by itself comes first, then higher degrees before lower ones, a literal last.
    pub(super) fn order(&self, other: &Term) -> Ordering {
        let is_carry = |term: &Term| matches!(term.factors.as_slice(), [one] if one.key.is_carry() && one.halves == 2);
        let is_literal = |term: &Term| term.factors.is_empty();
        let bases = |term: &Term| term.factors.iter().map(|f| (f.key, -f.halves, f.base)).collect::<Vec<_>>();
        is_carry(other)
            .cmp(&is_carry(self))
            .then(is_literal(self).cmp(&is_literal(other)))
            .then(other.degree().cmp(&self.degree()))
            .then_with(|| bases(self).cmp(&bases(other)))
    }
}

/// The terms in order, like ones collected, those that cancel left out.
pub(super) fn add_up(terms: Vec<Term>) -> Vec<Term> {
    let mut places: FxMap<Vec<(Value, i64)>, usize> = FxMap::default();
    let mut sums: Vec<Term> = Vec::new();
    for term in terms {
        let monomial = term.factors.iter().map(|f| (f.base, f.halves)).collect();
        let place = *places.entry(monomial).or_insert(sums.len());
        match sums.get_mut(place) {
            Some(sum) => sum.coefficient += term.coefficient,
            None => sums.push(term),
        }
    }
    sums.retain(|term| term.coefficient != 0.0);
    sums.sort_by(Term::order);
    sums
}
