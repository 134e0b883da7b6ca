//! What is known at one place beyond the terms' own ranges: the conditions of the arms around it, and what they say of their
//! operands.

use std::collections::BTreeMap;

use super::range::Range;
use super::terms::{Term, TermId, Terms};
use crate::prim::Prim;

/// What is known at one place beyond the terms' own ranges: the conditions of the arms around it.
#[derive(Clone, Default)]
pub(super) struct Known {
    ranges: BTreeMap<TermId, Range>,
    impossible: bool,
}

/// How far a range is carried back to what it is a range of.
const DEEPEST: usize = 12;

impl Known {
    pub(super) fn is_impossible(&self) -> bool {
        self.impossible
    }

    pub(super) fn range(&self, terms: &Terms, id: TermId) -> Range {
        let own = |id: TermId| match self.ranges.get(&id) {
            Some(known) => terms.range(id).meet(*known),
            None => terms.range(id),
        };
        if self.ranges.is_empty() {
            return own(id);
        }
        let Some(cone) = terms.cone(id) else { return own(id) };
        let mut ranges: BTreeMap<TermId, Range> = BTreeMap::new();
        for id in cone.iter().copied() {
            let leaf = matches!(terms.get(id), Term::Param(_) | Term::Carry(..) | Term::Opaque(_));
            let range = if leaf { own(id) } else { own(id).meet(terms.range_from(terms.get(id), |x| ranges[&x])) };
            ranges.insert(id, range);
        }
        ranges[&id]
    }

    /// A condition holds, or does not.
    pub(super) fn assume(&mut self, terms: &mut Terms, cond: TermId, truth: bool, depth: usize) {
        self.narrow(terms, cond, Range::point(f64::from(u8::from(truth))), depth);
        let Term::Call(prim, args) = terms.get(cond).clone() else { return };
        if depth > DEEPEST {
            return;
        }
        let defined = args.iter().all(|a| terms.is_defined(*a));
        match (prim, truth) {
            // What is no number is on neither side.
            (Prim::Lt | Prim::Le | Prim::Gt | Prim::Ge | Prim::Eq, false) if !defined => {}
            (Prim::Ne, true) if !defined => {}
            (Prim::Not, _) => self.assume(terms, args[0], !truth, depth + 1),
            (Prim::And, true) | (Prim::Or, false) => {
                self.assume(terms, args[0], truth, depth + 1);
                self.assume(terms, args[1], truth, depth + 1);
            }
            (Prim::Lt, true) | (Prim::Ge, false) => self.order(terms, args[0], args[1], true),
            (Prim::Gt, true) | (Prim::Le, false) => self.order(terms, args[1], args[0], true),
            (Prim::Le, true) | (Prim::Gt, false) => self.order(terms, args[0], args[1], false),
            (Prim::Ge, true) | (Prim::Lt, false) => self.order(terms, args[1], args[0], false),
            (Prim::Eq, true) | (Prim::Ne, false) => {
                let (x, y) = (self.range(terms, args[0]), self.range(terms, args[1]));
                self.narrow(terms, args[0], y, depth + 1);
                self.narrow(terms, args[1], x, depth + 1);
            }
            (Prim::Eq, false) | (Prim::Ne, true) => {
                for (x, y) in [(args[0], args[1]), (args[1], args[0])] {
                    if terms.literal(y) == Some(0.0) {
                        self.narrow(terms, x, Range::NON_ZERO, depth + 1);
                    }
                    let difference = terms.call(Prim::Sub, &[x, y]);
                    self.narrow(terms, difference, Range::NON_ZERO, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// x < y, or x ≤ y.
    fn order(&mut self, terms: &mut Terms, x: TermId, y: TermId, strict: bool) {
        let (a, b) = (self.range(terms, x), self.range(terms, y));
        self.narrow(terms, x, Range { hi_open: strict || b.hi_open, ..Range::to(b.hi) }, 0);
        self.narrow(terms, y, Range { lo_open: strict || a.lo_open, ..Range::from(a.lo) }, 0);
        let positive = if strict { Range::POSITIVE } else { Range::NON_NEGATIVE };
        for (from, less, range) in [(y, x, positive), (x, y, positive.neg())] {
            let difference = terms.call(Prim::Sub, &[from, less]);
            self.narrow(terms, difference, range, DEEPEST - 4);
        }
    }

    /// A term lies in a range; what that says of its operands.
    pub(super) fn narrow(&mut self, terms: &Terms, id: TermId, range: Range, depth: usize) {
        let before = self.ranges.get(&id).copied().unwrap_or(Range::ALL);
        let after = before.meet(range);
        self.ranges.insert(id, after);
        if terms.is_defined(id) && (after.is_empty() || terms.range(id).meet(after).is_empty()) {
            self.impossible = true;
        }
        let Term::Call(prim, args) = terms.get(id) else { return };
        if depth > DEEPEST {
            return;
        }
        let lit = |k: usize| args.get(k).and_then(|a| terms.literal(*a));
        let nowhere_zero = !range.contains(0.0);
        let scaled = |r: Range, k: f64| r.mul(Range::point(k));
        match prim {
            Prim::Neg => self.narrow(terms, args[0], range.neg(), depth + 1),
            Prim::Detach => self.narrow(terms, args[0], range, depth + 1),
            Prim::Add => {
                for (k, other) in [(0, 1), (1, 0)] {
                    let rest = self.ranges.get(&args[other]).copied().unwrap_or(Range::ALL);
                    let rest = rest.meet(terms.range(args[other]));
                    self.narrow(terms, args[k], range.add(rest.neg()), depth + 4);
                }
            }
            Prim::Sub if args[0] != args[1] => {
                let of = |known: &Known, id: TermId| match known.ranges.get(&id) {
                    Some(range) => range.meet(terms.range(id)),
                    None => terms.range(id),
                };
                let (x, y) = (of(self, args[0]), of(self, args[1]));
                self.narrow(terms, args[0], range.add(y), depth + 4);
                self.narrow(terms, args[1], x.add(range.neg()), depth + 4);
            }
            Prim::Mul => {
                if args[0] == args[1] {
                    if range.hi < f64::INFINITY && range.hi >= 0.0 {
                        // The root of a float need not be one.
                        let end = range.hi.sqrt() * (1.0 + f64::EPSILON);
                        self.narrow(terms, args[0], Range::closed(-end, end), depth + 1);
                    }
                } else if let Some(k) = lit(0).filter(|k| *k != 0.0) {
                    self.narrow(terms, args[1], scaled(range, 1.0 / k), depth + 1);
                } else if let Some(k) = lit(1).filter(|k| *k != 0.0) {
                    self.narrow(terms, args[0], scaled(range, 1.0 / k), depth + 1);
                }
                if nowhere_zero {
                    args.iter().for_each(|a| self.narrow(terms, *a, Range::NON_ZERO, depth + 1));
                }
            }
            Prim::Div => {
                if let Some(k) = lit(1).filter(|k| *k != 0.0) {
                    self.narrow(terms, args[0], scaled(range, k), depth + 1);
                }
                if nowhere_zero {
                    self.narrow(terms, args[0], Range::NON_ZERO, depth + 1);
                }
            }
            Prim::Abs => {
                if nowhere_zero {
                    self.narrow(terms, args[0], Range::NON_ZERO, depth + 1);
                }
                if range.hi < f64::INFINITY && range.hi >= 0.0 {
                    let inside =
                        Range { lo_open: range.hi_open, hi_open: range.hi_open, ..Range::closed(-range.hi, range.hi) };
                    self.narrow(terms, args[0], inside, depth + 1);
                }
            }
            Prim::Sqrt if range.lo >= 0.0 => {
                let square = range.increasing(|x| x * x);
                self.narrow(terms, args[0], square, depth + 1);
            }
            _ => {}
        }
    }
}
