//! What a value can be, for every finite input: an interval of the reals whose ends may be open, perhaps without 0.
//!
//! It is about mathematics, not about floats: exp(x) is in (0, ∞), though it rounds to 0 far out.

/// An interval. Ends at infinity are always open; an empty one has its ends the wrong way round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) lo_open: bool,
    pub(super) hi_open: bool,
    /// Whether 0 is taken out of the middle.
    pub(super) no_zero: bool,
}

impl Range {
    pub(super) const ALL: Range = Range::open(f64::NEG_INFINITY, f64::INFINITY);
    pub(super) const EMPTY: Range = Range::open(1.0, -1.0);
    pub(super) const NON_NEGATIVE: Range = Range::from(0.0);
    pub(super) const POSITIVE: Range = Range::open(0.0, f64::INFINITY);
    pub(super) const NON_ZERO: Range = Range { no_zero: true, ..Range::ALL };

    pub(super) const fn closed(lo: f64, hi: f64) -> Range {
        Range { lo, hi, lo_open: false, hi_open: false, no_zero: false }
    }

    pub(super) const fn open(lo: f64, hi: f64) -> Range {
        Range { lo, hi, lo_open: true, hi_open: true, no_zero: false }
    }

    /// [lo, ∞)
    pub(super) const fn from(lo: f64) -> Range {
        Range { lo, hi: f64::INFINITY, lo_open: false, hi_open: true, no_zero: false }
    }

    /// (−∞, hi]
    pub(super) const fn to(hi: f64) -> Range {
        Range { lo: f64::NEG_INFINITY, hi, lo_open: true, hi_open: false, no_zero: false }
    }

    /// A number; what is not finite tells nothing.
    pub(super) fn point(x: f64) -> Range {
        if x.is_finite() { Range::closed(x, x) } else { Range::ALL }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lo > self.hi
            || (self.lo == self.hi && (self.lo_open || self.hi_open || (self.no_zero && self.lo == 0.0)))
            || self.lo.is_nan()
            || self.hi.is_nan()
    }

    pub(super) fn contains(&self, x: f64) -> bool {
        (self.lo < x || (self.lo == x && !self.lo_open))
            && (x < self.hi || (x == self.hi && !self.hi_open))
            && !(self.no_zero && x == 0.0)
    }

    /// Whether everything in this is in `other`.
    pub(super) fn is_within(&self, other: &Range) -> bool {
        self.is_empty()
            || ((other.lo < self.lo || (other.lo == self.lo && (self.lo_open || !other.lo_open)))
                && (self.hi < other.hi || (self.hi == other.hi && (self.hi_open || !other.hi_open)))
                && (!other.no_zero || !self.contains(0.0)))
    }

    /// Whether it is one number.
    pub(super) fn single(&self) -> Option<f64> {
        (self.lo == self.hi && !self.is_empty()).then_some(self.lo)
    }

    /// The half of the line, from 0 on, that it lies in, or all of it.
    pub(super) fn side(&self) -> Range {
        if self.lo >= 0.0 {
            Range::NON_NEGATIVE
        } else if self.hi <= 0.0 {
            Range::to(0.0)
        } else {
            Range::ALL
        }
    }

    pub(super) fn meet(self, other: Range) -> Range {
        let (lo, lo_open) = match self.lo.total_cmp(&other.lo) {
            _ if self.lo == other.lo => (self.lo, self.lo_open || other.lo_open),
            std::cmp::Ordering::Less => (other.lo, other.lo_open),
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => (self.lo, self.lo_open),
        };
        let (hi, hi_open) = match self.hi.total_cmp(&other.hi) {
            _ if self.hi == other.hi => (self.hi, self.hi_open || other.hi_open),
            std::cmp::Ordering::Less => (self.hi, self.hi_open),
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => (other.hi, other.hi_open),
        };
        Range { lo, hi, lo_open, hi_open, no_zero: self.no_zero || other.no_zero }.settled()
    }

    pub(super) fn join(self, other: Range) -> Range {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let no_zero = !self.contains(0.0) && !other.contains(0.0);
        let (lo, lo_open) = if self.lo == other.lo {
            (self.lo, self.lo_open && other.lo_open)
        } else if self.lo < other.lo {
            (self.lo, self.lo_open)
        } else {
            (other.lo, other.lo_open)
        };
        let (hi, hi_open) = if self.hi == other.hi {
            (self.hi, self.hi_open && other.hi_open)
        } else if self.hi > other.hi {
            (self.hi, self.hi_open)
        } else {
            (other.hi, other.hi_open)
        };
        Range { lo, hi, lo_open, hi_open, no_zero }.settled()
    }

    /// An end at 0 without 0 is an open end.
    fn settled(mut self) -> Range {
        if self.no_zero {
            self.lo_open |= self.lo == 0.0;
            self.hi_open |= self.hi == 0.0;
        }
        self.no_zero &= self.lo < 0.0 && self.hi > 0.0;
        self
    }

    fn between(lo: (f64, bool), hi: (f64, bool)) -> Range {
        let (lo_open, hi_open) = (lo.1 || lo.0.is_infinite(), hi.1 || hi.0.is_infinite());
        Range { lo: lo.0, hi: hi.0, lo_open, hi_open, no_zero: false }
    }

    pub(super) fn without_zero(self) -> Range {
        Range { no_zero: true, ..self }.settled()
    }

    pub(super) fn neg(self) -> Range {
        Range { lo: -self.hi, hi: -self.lo, lo_open: self.hi_open, hi_open: self.lo_open, no_zero: self.no_zero }
    }

    pub(super) fn add(self, other: Range) -> Range {
        Range::between(
            (self.lo + other.lo, self.lo_open || other.lo_open),
            (self.hi + other.hi, self.hi_open || other.hi_open),
        )
    }

    pub(super) fn mul(self, other: Range) -> Range {
        // A bound that is not attained makes a product that is not attained, but 0 · anything is 0.
        let corner = |x: (f64, bool), y: (f64, bool)| -> (f64, bool) {
            if x.0 == 0.0 || y.0 == 0.0 {
                let attained = (x.0 == 0.0 && !x.1) || (y.0 == 0.0 && !y.1);
                (0.0, !attained)
            } else {
                (x.0 * y.0, x.1 || y.1)
            }
        };
        let (a, b) = ((self.lo, self.lo_open), (self.hi, self.hi_open));
        let (c, d) = ((other.lo, other.lo_open), (other.hi, other.hi_open));
        let corners = [corner(a, c), corner(a, d), corner(b, c), corner(b, d)];
        let lower = |x: (f64, bool), y: (f64, bool)| if y.0 < x.0 || (y.0 == x.0 && !y.1) { y } else { x };
        let upper = |x: (f64, bool), y: (f64, bool)| if y.0 > x.0 || (y.0 == x.0 && !y.1) { y } else { x };
        let lo = corners.into_iter().reduce(lower).expect("there are four corners");
        let hi = corners.into_iter().reduce(upper).expect("there are four corners");
        let product = Range::between(lo, hi);
        if self.contains(0.0) || other.contains(0.0) { product } else { product.without_zero() }
    }

    /// 1/x
    pub(super) fn recip(self) -> Range {
        let end = |x: f64, open: bool| (1.0 / x, open);
        if self.lo >= 0.0 {
            let lo = if self.hi == f64::INFINITY { (0.0, true) } else { end(self.hi, self.hi_open) };
            let hi = if self.lo == 0.0 { (f64::INFINITY, true) } else { end(self.lo, self.lo_open) };
            return Range::between(lo, hi);
        }
        if self.hi <= 0.0 {
            return self.neg().recip().neg();
        }
        Range::NON_ZERO
    }

    pub(super) fn abs(self) -> Range {
        let abs = if self.lo >= 0.0 {
            self
        } else if self.hi <= 0.0 {
            self.neg()
        } else {
            let (hi, open) = if -self.lo > self.hi { (-self.lo, self.lo_open) } else { (self.hi, self.hi_open) };
            Range::between((0.0, false), (hi, open))
        };
        if self.contains(0.0) { abs } else { abs.without_zero() }
    }

    pub(super) fn square(self) -> Range {
        let x = self.abs();
        Range { no_zero: x.no_zero, ..Range::between((x.lo * x.lo, x.lo_open), (x.hi * x.hi, x.hi_open)) }.settled()
    }

    /// The values of an increasing function, clipped to where it is defined beforehand.
    pub(super) fn increasing(self, f: impl Fn(f64) -> f64) -> Range {
        if self.is_empty() {
            return Range::EMPTY;
        }
        Range::between((f(self.lo), self.lo_open), (f(self.hi), self.hi_open))
    }

    pub(super) fn decreasing(self, f: impl Fn(f64) -> f64) -> Range {
        if self.is_empty() {
            return Range::EMPTY;
        }
        Range::between((f(self.hi), self.hi_open), (f(self.lo), self.lo_open))
    }

    /// Wide enough that a loop's carry stays inside: an end that moved goes to 0, if that is far enough, or to infinity.
    pub(super) fn widened(self, next: Range) -> Range {
        let joined = self.join(next);
        let mut wide = joined;
        if joined.lo < self.lo || (joined.lo == self.lo && self.lo_open && !joined.lo_open) {
            (wide.lo, wide.lo_open) = if joined.lo >= 0.0 { (0.0, false) } else { (f64::NEG_INFINITY, true) };
        }
        if joined.hi > self.hi || (joined.hi == self.hi && self.hi_open && !joined.hi_open) {
            (wide.hi, wide.hi_open) = if joined.hi <= 0.0 { (0.0, false) } else { (f64::INFINITY, true) };
        }
        wide
    }
}
