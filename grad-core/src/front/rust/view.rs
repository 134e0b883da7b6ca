//! Parts of arrays, `x[a..b]`: an array, where the part begins and how long it is. Nothing is copied until the part must
//! be an array of its own.

use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::{ExprRange, RangeLimits};

use super::scope::{Item, Val, View};
use super::{Read, Reader};
use crate::ir::{Op, SizeId, Value};
use crate::prim::Prim;

/// What a length is made of: a symbol, or something else that is not taken apart, in the body that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Atom {
    Size(SizeId),
    Value(Value),
}

/// A sum of products of integers: each product's factors in order, with its coefficient.
type Polynomial = BTreeMap<Vec<Atom>, i64>;

/// Lengths with more terms than this are subtracted as they are.
const MOST_TERMS: usize = 16;

impl Reader<'_> {
    /// The element, or the row, at a place of an array or a part of one.
    pub(super) fn element(&self, val: &Val, k: Value) -> Option<Item> {
        match val {
            Val::One(array) if !self.b.ty(array.value).is_scalar() => {
                Some(Item { value: self.b.index(array.value, &[k]), kind: array.kind })
            }
            Val::View(view) => {
                let k = if self.b.int_lit(view.lo) == Some(0) { k } else { self.b.call(Prim::Add, &[view.lo, k]) };
                Some(Item { value: self.b.index(view.array.value, &[k]), kind: view.array.kind })
            }
            Val::One(_) | Val::Tuple(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => None,
        }
    }

    /// The length of an array or a part of one.
    pub(super) fn extent(&self, val: &Val) -> Option<Value> {
        match val {
            Val::One(array) if !self.b.ty(array.value).is_scalar() => Some(self.b.len(array.value, 0)),
            Val::View(view) => Some(view.len),
            Val::One(_) | Val::Tuple(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => None,
        }
    }

    /// An array or a part of one as a part.
    pub(super) fn view(&self, val: &Val) -> Option<View> {
        match val {
            Val::One(array) => Some(View { array: *array, lo: self.b.index_lit(0), len: self.extent(val)? }),
            Val::View(view) => Some(*view),
            Val::Tuple(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => None,
        }
    }

    /// The value with every part of an array in it made an array of its own.
    pub(super) fn solid(&self, val: Val) -> Val {
        match val {
            Val::View(view) => {
                if self.b.int_lit(view.lo) == Some(0) && self.b.len(view.array.value, 0) == view.len {
                    return Val::One(view.array);
                }
                let value = self.b.build(&[view.len], |k| {
                    let k = if self.b.int_lit(view.lo) == Some(0) {
                        k[0]
                    } else {
                        self.b.call(Prim::Add, &[view.lo, k[0]])
                    };
                    self.b.index(view.array.value, &[k])
                });
                Val::One(Item { value, kind: view.array.kind })
            }
            Val::Tuple(parts) => {
                let vals = parts.iter().map(|p| self.solid(p.clone())).collect();
                Val::Tuple(parts.with(vals))
            }
            Val::One(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => val,
        }
    }

    /// Where the part of `whole` that a range means begins, and how long it is.
    pub(super) fn part_of(&mut self, whole: &Val, range: &ExprRange, at: Span) -> Read<(Value, Value)> {
        let lo = range.start.as_ref().map(|e| self.index(e));
        let hi = range.end.as_ref().map(|e| self.index(e));
        let (lo, hi) = (lo.transpose()?, hi.transpose()?);
        let Some(len) = self.extent(whole) else {
            return self.stop(at, "this is not an array", "index arrays and slices only");
        };
        self.at(at);
        let lo = lo.unwrap_or_else(|| self.b.index_lit(0));
        let hi = match (hi, &range.limits) {
            (Some(hi), RangeLimits::Closed(_)) => self.b.call(Prim::Add, &[hi, self.b.index_lit(1)]),
            (Some(hi), RangeLimits::HalfOpen(_)) => hi,
            (None, _) => len,
        };
        Ok((lo, self.difference(hi, lo)))
    }

    /// `x[a..b]`
    pub(super) fn sub_slice(&mut self, whole: &Val, range: &ExprRange, at: Span) -> Read<Val> {
        let (lo, len) = self.part_of(whole, range, at)?;
        self.part(whole, lo, len, at)
    }

    /// The part of an array that begins at `lo`.
    pub(super) fn part(&mut self, whole: &Val, lo: Value, len: Value, at: Span) -> Read<Val> {
        let Some(view) = self.view(whole) else {
            return self.stop(at, "this is not an array", "index arrays and slices only");
        };
        let lo = if self.b.int_lit(view.lo) == Some(0) { lo } else { self.b.call(Prim::Add, &[view.lo, lo]) };
        Ok(Val::View(View { array: view.array, lo, len }))
    }

    /// a − b of two lengths, a ≥ b, in its simplest form: (i + 1)·n − i·n is n.
    pub(super) fn difference(&self, a: Value, b: Value) -> Value {
        if self.b.int_lit(b) == Some(0) {
            return a;
        }
        let plain = || self.b.call(Prim::Sub, &[a, b]);
        let (Some(mut terms), Some(other)) = (self.polynomial(a, 0), self.polynomial(b, 0)) else { return plain() };
        for (factors, n) in other {
            *terms.entry(factors).or_insert(0) -= n;
        }
        terms.retain(|_, n| *n != 0);
        self.written_out(&terms).unwrap_or_else(plain)
    }

    /// a / b of two lengths, in its simplest form: n·m / n is m.
    pub(super) fn quotient(&self, a: Value, b: Value) -> Value {
        let plain = || self.b.call(Prim::Div, &[a, b]);
        let (Some(terms), Some(divisor)) = (self.polynomial(a, 0), self.polynomial(b, 0)) else { return plain() };
        let mut divisor = divisor.into_iter();
        let (Some((by, m)), None) = (divisor.next(), divisor.next()) else { return plain() };
        if m <= 0 || by.is_empty() {
            return plain();
        }
        let mut result = Polynomial::new();
        for (mut factors, n) in terms {
            for factor in &by {
                let Some(k) = factors.iter().position(|f| f == factor) else { return plain() };
                factors.remove(k);
            }
            if n % m != 0 {
                return plain();
            }
            result.insert(factors, n / m);
        }
        self.written_out(&result).unwrap_or_else(plain)
    }

    /// The value of a polynomial that is short and has no subtraction in it.
    fn written_out(&self, terms: &Polynomial) -> Option<Value> {
        if terms.len() > 2 || terms.values().any(|n| *n < 0) {
            return None;
        }
        let mut sum: Option<Value> = None;
        for (factors, n) in terms {
            let mut product = None;
            for factor in factors {
                let factor = match factor {
                    Atom::Size(size) => self.b.size(*size),
                    Atom::Value(v) => *v,
                };
                product = Some(product.map_or(factor, |p| self.b.call(Prim::Mul, &[p, factor])));
            }
            let n = usize::try_from(*n).expect("coefficients are positive here");
            let term = match product {
                None => self.b.index_lit(n),
                Some(p) if n == 1 => p,
                Some(p) => self.b.call(Prim::Mul, &[self.b.index_lit(n), p]),
            };
            sum = Some(sum.map_or(term, |s| self.b.call(Prim::Add, &[s, term])));
        }
        Some(sum.unwrap_or_else(|| self.b.index_lit(0)))
    }

    /// A length as a sum of products; `None` where it is too long.
    fn polynomial(&self, v: Value, depth: usize) -> Option<Polynomial> {
        let v = self.b.captured_from(v);
        if let Some(n) = self.b.int_lit(v) {
            return Some(Polynomial::from([(Vec::new(), n)]));
        }
        if depth == 8 {
            return None;
        }
        let (prim, args) = match self.b.op(v) {
            Op::Call(prim @ (Prim::Add | Prim::Sub | Prim::Mul), args) => (prim, args),
            Op::Size(size) => return Some(Polynomial::from([(vec![Atom::Size(size)], 1)])),
            _ => return Some(Polynomial::from([(vec![Atom::Value(v)], 1)])),
        };
        let [x, y] = [args[0], args[1]].map(|id| self.polynomial(self.b.sibling(v, id), depth + 1));
        let (mut x, y) = (x?, y?);
        match prim {
            Prim::Mul => {
                let mut product = Polynomial::new();
                for (a, m) in &x {
                    for (b, n) in &y {
                        let mut factors = [a.as_slice(), b.as_slice()].concat();
                        factors.sort_unstable();
                        let slot = product.entry(factors).or_insert(0_i64);
                        *slot = slot.checked_add(m.checked_mul(*n)?)?;
                    }
                }
                x = product;
            }
            prim => {
                for (factors, n) in y {
                    let slot = x.entry(factors).or_insert(0);
                    *slot = if prim == Prim::Add { slot.checked_add(n)? } else { slot.checked_sub(n)? };
                }
            }
        }
        (x.len() <= MOST_TERMS).then_some(x)
    }

    /// Whether a length is the same in every run of the innermost body.
    pub(super) fn is_fixed(&self, len: Value) -> bool {
        let fixed = |atom: &Atom| match atom {
            Atom::Size(_) => true,
            Atom::Value(v) => !self.b.is_innermost(*v),
        };
        self.polynomial(len, 0).is_some_and(|terms| terms.keys().flatten().all(fixed))
    }
}
