//! Values with their builder, so that mathematics can be written as it is read.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::super::Elem;
use super::{Builder, Value};
use crate::prim::Prim;

/// A value with its builder, so that mathematics can be written as it is read.
#[derive(Clone, Copy)]
pub struct Sym<'b> {
    pub(super) b: &'b Builder,
    pub(super) v: Value,
}

impl<'b> Sym<'b> {
    /// The value.
    #[must_use]
    pub fn value(self) -> Value {
        self.v
    }

    /// A primitive with this as its first argument.
    #[must_use]
    pub fn call(self, prim: Prim, rest: &[Sym<'b>]) -> Sym<'b> {
        let mut args = vec![self.v];
        args.extend(rest.iter().map(|s| s.v));
        Sym { b: self.b, v: self.b.call(prim, &args) }
    }

    /// Whether this integer equals `n`.
    #[must_use]
    pub fn eq_int(self, n: i64) -> Sym<'b> {
        let Elem::Int(kind) = self.b.elem(self.v) else { unreachable!("eq_int compares an integer") };
        let n = self.b.int(n, kind);
        Sym { b: self.b, v: self.b.call(Prim::Eq, &[self.v, n]) }
    }

    /// This integer as a float.
    #[must_use]
    pub fn to_float(self) -> Sym<'b> {
        Sym { b: self.b, v: self.b.cast(self.v, Elem::Float) }
    }

    /// The derivative of sin(x) / x as its power series Σ (−1)ᵏ·2k·x²ᵏ⁻¹ / (2k + 1)!, exact to the last bits for |x| < 1/2,
    /// where cos(x) − sin(x) / x would cancel.
    #[must_use]
    pub fn sinc_slope_near_zero(self) -> Sym<'b> {
        let q = self * self;
        let coefficients = [
            -1.0 / 93_405_312_000.0,
            1.0 / 518_918_400.0,
            -1.0 / 3_991_680.0,
            1.0 / 45_360.0,
            -1.0 / 840.0,
            1.0 / 30.0,
        ];
        let inner = coefficients[1..].iter().fold(q * coefficients[0], |sum, c| (sum + *c) * q);
        self * (inner - 1.0 / 3.0)
    }

    /// The second derivative of (exp(x) − 1) / x as its power series Σ xʲ / (j!·(j + 3)), exact to the last bits for |x| < 1,
    /// where its closed forms cancel.
    #[must_use]
    pub fn exprel_curvature_near_zero(self) -> Sym<'b> {
        let coefficients = [
            1.0 / 7_113_748_561_920_000.0,
            1.0 / 397_533_007_872_000.0,
            1.0 / 23_538_138_624_000.0,
            1.0 / 1_482_030_950_400.0,
            1.0 / 99_632_332_800.0,
            1.0 / 7_185_024_000.0,
            1.0 / 558_835_200.0,
            1.0 / 47_174_400.0,
            1.0 / 4_354_560.0,
            1.0 / 443_520.0,
            1.0 / 50_400.0,
            1.0 / 6_480.0,
            1.0 / 960.0,
            1.0 / 168.0,
            1.0 / 36.0,
            1.0 / 10.0,
            1.0 / 4.0,
        ];
        let sum = coefficients[1..].iter().fold(self * coefficients[0], |sum, c| (sum + *c) * self);
        sum + 1.0 / 3.0
    }

    /// The derivative of exp(x²)·erfc(x), −1/(√π·x²)·Σ (−1)ᵏ·(2k + 1)!! / (2x²)ᵏ (DLMF 7.12.1, differentiated), to the last
    /// bits for x ≥ 16, where 2x·erfcx(x) − 2/√π cancels.
    #[must_use]
    pub fn erfcx_slope_far_out(self) -> Sym<'b> {
        let t = 1.0 / (self * self);
        // Each coefficient is the one before times −(2k + 1)/2, k up to 11.
        let inner = (1..=11).rev().fold(1.0.into_sym(self), |inner, k| 1.0 - (f64::from(k) + 0.5) * t * inner);
        -std::f64::consts::FRAC_2_SQRT_PI / 2.0 * t * inner
    }

    /// ψ″(x), the derivative of trigamma.
    #[must_use]
    pub fn tetragamma(self) -> Sym<'b> {
        2.0_f64.into_sym(self).polygamma(self)
    }

    /// Whether the larger of this and `y`, which is `z`, is this, as it is at a tie and where `y` is NaN. A literal is not
    /// NaN: beside one a comparison says the same without `z`.
    #[must_use]
    pub fn is_max(self, y: Sym<'b>, z: Sym<'b>) -> Sym<'b> {
        let is_literal = |v: Sym<'b>| self.b.float_lit(v.v).is_some();
        if is_literal(y) {
            self.ge(y)
        } else if is_literal(self) {
            !y.gt(self)
        } else {
            z.eq(self)
        }
    }

    /// Whether the smaller of this and `y`, which is `z`, is this: as [`Sym::is_max`].
    #[must_use]
    pub fn is_min(self, y: Sym<'b>, z: Sym<'b>) -> Sym<'b> {
        let is_literal = |v: Sym<'b>| self.b.float_lit(v.v).is_some();
        if is_literal(y) {
            self.le(y)
        } else if is_literal(self) {
            !y.lt(self)
        } else {
            z.eq(self)
        }
    }

    /// x^(n−1) for an integer n.
    #[must_use]
    pub fn powi_less_one(self, n: Sym<'b>) -> Sym<'b> {
        let Elem::Int(kind) = self.b.elem(n.v) else { unreachable!("powi has an integer exponent") };
        let one = self.b.int(1, kind);
        let less = self.b.call(Prim::Sub, &[n.v, one]);
        Sym { b: self.b, v: self.b.call(Prim::Powi, &[self.v, less]) }
    }
}

/// What can stand in a row's formula: a recorded value or a float literal.
pub trait IntoSym<'b> {
    /// As a value of the builder that `near` belongs to.
    fn into_sym(self, near: Sym<'b>) -> Sym<'b>;
}

impl<'b> IntoSym<'b> for Sym<'b> {
    fn into_sym(self, _near: Sym<'b>) -> Sym<'b> {
        self
    }
}

impl<'b> IntoSym<'b> for f64 {
    fn into_sym(self, near: Sym<'b>) -> Sym<'b> {
        Sym { b: near.b, v: near.b.float(self) }
    }
}

/// What can stand for a partial derivative in a row.
pub trait IntoPartial<'b> {
    /// As a value of the builder that `near` belongs to; `None` where there is no derivative.
    fn into_partial(self, near: Sym<'b>) -> Option<Sym<'b>>;
}

impl<'b, T: IntoSym<'b>> IntoPartial<'b> for T {
    fn into_partial(self, near: Sym<'b>) -> Option<Sym<'b>> {
        Some(self.into_sym(near))
    }
}

/// There is no derivative in this argument: to ask for it is refused.
#[derive(Clone, Copy, Debug)]
pub struct NoDerivative;

impl<'b> IntoPartial<'b> for NoDerivative {
    fn into_partial(self, _near: Sym<'b>) -> Option<Sym<'b>> {
        None
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $prim:ident,)*) => {$(
        impl<'b, R: IntoSym<'b>> $trait<R> for Sym<'b> {
            type Output = Sym<'b>;
            fn $method(self, right: R) -> Sym<'b> {
                self.call(Prim::$prim, &[right.into_sym(self)])
            }
        }
        impl<'b> $trait<Sym<'b>> for f64 {
            type Output = Sym<'b>;
            fn $method(self, right: Sym<'b>) -> Sym<'b> {
                self.into_sym(right).call(Prim::$prim, &[right])
            }
        }
    )*};
}

operators! {
    Add add Add,
    Sub sub Sub,
    Mul mul Mul,
    Div div Div,
}

impl<'b> Neg for Sym<'b> {
    type Output = Sym<'b>;
    fn neg(self) -> Sym<'b> {
        self.call(Prim::Neg, &[])
    }
}

impl<'b> Not for Sym<'b> {
    type Output = Sym<'b>;
    fn not(self) -> Sym<'b> {
        self.call(Prim::Not, &[])
    }
}

impl<'b> BitAnd for Sym<'b> {
    type Output = Sym<'b>;
    fn bitand(self, right: Sym<'b>) -> Sym<'b> {
        self.call(Prim::And, &[right])
    }
}

impl<'b> BitOr for Sym<'b> {
    type Output = Sym<'b>;
    fn bitor(self, right: Sym<'b>) -> Sym<'b> {
        self.call(Prim::Or, &[right])
    }
}
