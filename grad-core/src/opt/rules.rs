//! The rewrite rules: each two ordinary expressions over holes, with the equation as its comment.
//!
//! A rule is applied where a call is recorded, once its operands are in their simplest form; it goes one way and never to
//! something costlier. `Exact` rules give the same bits. The others say what they may change, and a [`Level`] says which of
//! them are applied. A rule that needs a condition on its operands names it, and is applied where the condition is proven
//! (see `sign`) or taken for granted.
//!
//! [`Level`]: super::Level

use std::sync::OnceLock;

use super::sign::{self, Fact};
use super::{Level, local, powers};
use crate::ir::build::{IntoSym, Sym};
use crate::ir::{Builder, Elem, Op, Type, Value};
use crate::prim::{Prim, ROWS};

/// What a rule may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Nothing: the same bits for every input.
    Exact,
    /// The sign of a zero.
    ZeroSign,
    /// The last bits.
    Rounding,
    /// The last bits, and it is right where the original overflows, underflows or cancels.
    Stable,
    /// The last bits, and it is a number where the original is NaN: outside of its domain, at 0/0 and ∞ − ∞.
    Domain,
    /// The last bits, and where something in either is infinite or NaN, or overflows, they may differ.
    Finite,
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, for traces and tests.
    pub name: &'static str,
    /// What it may change.
    pub tag: Tag,
    /// How many holes it has.
    pub holes: usize,
    /// What has to hold of a hole.
    pub when: Option<(usize, Fact)>,
    /// Both sides, recorded over the holes.
    pub sides: for<'b> fn(&[Sym<'b>]) -> (Sym<'b>, Sym<'b>),
}

macro_rules! rules {
    ($(#[doc = $about:literal])* $table:ident: $($(#[doc = $doc:literal])* $name:literal $tag:ident ($($hole:ident),* $(; $fact:ident $of:ident)?) $left:expr => $right:expr;)*) => {
        $(#[doc = $about])*
        // A rule may be about what cancels.
        #[allow(clippy::eq_op)]
        pub static $table: &[Rule] = &[$(
            Rule {
                name: $name,
                tag: Tag::$tag,
                holes: [$(stringify!($hole)),*].len(),
                when: rules!(@when ($($hole),*) $($fact $of)?),
                sides: {
                    fn sides<'b>(holes: &[Sym<'b>]) -> (Sym<'b>, Sym<'b>) {
                        let [$($hole),*] = *holes else { unreachable!("a rule is given its holes") };
                        let near = holes[0];
                        (IntoSym::into_sym($left, near), IntoSym::into_sym($right, near))
                    }
                    sides
                },
            },
        )*];
    };
    (@when ($($hole:ident),*)) => { None };
    (@when ($($hole:ident),*) $fact:ident $of:ident) => {
        Some((place(&[$(stringify!($hole)),*], stringify!($of)), Fact::$fact))
    };
}

/// The place of a hole by its name.
const fn place(holes: &[&str], name: &str) -> usize {
    let mut k = 0;
    while holes[k].as_bytes()[0] != name.as_bytes()[0] {
        k += 1;
    }
    k
}

rules! {
    /// The rules that every recorded call is held against, by topic.
    RULES:

    // Signs.
    "neg-neg" Exact (a) -(-a) => a;
    "add-neg" Exact (a, b) a + (-b) => a - b;
    "sub-neg" Exact (a, b) a - (-b) => a + b;
    "neg-sub" ZeroSign (a, b) -(a - b) => b - a;
    "mul-neg-neg" Exact (a, b) (-a) * (-b) => a * b;
    "mul-neg" Exact (a, b) a * (-b) => -(a * b);
    "neg-div" Exact (a, b) (-a) / b => -(a / b);
    "div-neg" Exact (a, b) a / (-b) => -(a / b);
    "abs-neg" Exact (a) (-a).abs() => a.abs();
    "abs-abs" Exact (a) a.abs().abs() => a.abs();
    "abs-square" Exact (a) (a * a).abs() => a * a;
    "abs-times-abs" Exact (a) a.abs() * a.abs() => a * a;
    "cos-neg" Exact (a) (-a).cos() => a.cos();
    "cosh-neg" Exact (a) (-a).cosh() => a.cosh();

    // Neutral elements.
    "mul-one" Exact (a) a * 1.0 => a;
    "mul-minus-one" Exact (a) a * -1.0 => -a;
    "div-one" Exact (a) a / 1.0 => a;
    "div-minus-one" Exact (a) a / -1.0 => -a;
    "sub-zero" Exact (a) a - 0.0 => a;
    "add-zero" ZeroSign (a) a + 0.0 => a;
    "add-minus-zero" Exact (a) a + -0.0 => a;
    "zero-sub" ZeroSign (a) 0.0 - a => -a;

    // Sums and products.
    "add-self" Exact (a) a + a => 2.0 * a;
    "mul-recip" Rounding (a, b) a * (1.0 / b) => a / b;
    "max-self" Exact (a) a.max(a) => a;
    "min-self" Exact (a) a.min(a) => a;

    // Signs that are known.
    "abs-known" ZeroSign (a; NonNegative a) a.abs() => a;
    "relu-known" ZeroSign (a; NonNegative a) a.relu() => a;
    "root-twice-known" Rounding (a; NonNegative a) a.sqrt() * a.sqrt() => a;

    // What cancels.
    "sub-self" Domain (a) a - a => 0.0;
    "div-self" Domain (a) a / a => 1.0;
    "mul-zero" Domain (a) a * 0.0 => 0.0;
    "zero-div" Domain (a) 0.0 / a => 0.0;
    "root-twice" Domain (a) a.sqrt() * a.sqrt() => a;
    // sin² a + cos² a = 1, cosh² a − sinh² a = 1
    "pythagoras" Domain (a) a.sin() * a.sin() + a.cos() * a.cos() => 1.0;
    "pythagoras-hyperbolic" Domain (a) a.cosh() * a.cosh() - a.sinh() * a.sinh() => 1.0;

    // Roots: right also where the square overflows or underflows.
    "sqrt-square" Stable (a) (a * a).sqrt() => a.abs();
    "hypot" Stable (a, b) (a * a + b * b).sqrt() => a.hypot(b);
    "hypot-one" Stable (a) (1.0 + a * a).sqrt() => a.hypot(1.0);

    // The logistic function, however it is written: b / (1 + eᵃ) = b·σ(−a), eᵃ / (eᵃ + eᵇ) = σ(a − b).
    "logistic-exp" Stable (a) a.exp() / (1.0 + a.exp()) => a.sigmoid();
    // (eᵃ − 1) / (eᵃ + 1) = tanh(a/2), which would be a logistic function otherwise.
    "tanh-half" Stable (a) a.exp_m1() / (1.0 + a.exp()) => (0.5 * a).tanh();
    "logistic" Stable (a, b) b / (1.0 + a.exp()) => b * (-a).sigmoid();
    "logistic-square" Stable (a, b) b / ((1.0 + a.exp()) * (1.0 + a.exp())) => b * ((-a).sigmoid() * (-a).sigmoid());
    "logistic-root" Stable (a, b) b / (1.0 + a.exp()).sqrt() => b * (-a).sigmoid().sqrt();
    // b / eᵃ = b·e⁻ᵃ
    "div-exp" Stable (a, b) b / a.exp() => b * (-a).exp();
    "logistic-two" Stable (a, b) a.exp() / (a.exp() + b.exp()) => (a - b).sigmoid();
    // (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ) = tanh a
    "tanh-quotient" Stable (a) a.sinh() / a.cosh() => a.tanh();
    // As the derivative of ln(cosh a) is recorded.
    "tanh-product" Stable (a, b) (b / a.cosh()) * a.sinh() => b * a.tanh();
    "tanh" Stable (a) (a.exp() - (-a).exp()) / (a.exp() + (-a).exp()) => a.tanh();

    // Logarithms and exponentials near 1 and at large arguments.
    "ln-1p" Stable (a) (1.0 + a).ln() => a.ln_1p();
    "ln-1m" Stable (a) (1.0 - a).ln() => (-a).ln_1p();
    "exp-m1" Stable (a) a.exp() - 1.0 => a.exp_m1();
    "exp-m1-add" Stable (a) a.exp() + -1.0 => a.exp_m1();
    "one-minus-exp" Stable (a) 1.0 - a.exp() => -a.exp_m1();
    "exp-m1-plus-1" Stable (a) a.exp_m1() + 1.0 => a.exp();
    "ln-exp" Stable (a) a.exp().ln() => a;
    "ln-sqrt" Stable (a) a.sqrt().ln() => 0.5 * a.ln();
    "ln-recip" Stable (a) (1.0 / a).ln() => -a.ln();
    // e^(ln a) = a, e^(b·ln a) = aᵇ
    "exp-ln-known" Rounding (a; NonNegative a) a.ln().exp() => a;
    "exp-ln" Domain (a) a.ln().exp() => a;
    "exp-mul-ln-known" Stable (a, b; Positive a) (b * a.ln()).exp() => a.pow(b);
    "exp-mul-ln" Finite (a, b) (b * a.ln()).exp() => a.pow(b);
    "exp-neg-ln-known" Rounding (a; Positive a) (-a.ln()).exp() => 1.0 / a;
    "exp-neg-ln" Finite (a) (-a.ln()).exp() => 1.0 / a;
    // ln(aᵇ) = b·ln a
    "ln-pow" Finite (a, b; Positive a) a.pow(b).ln() => b * a.ln();
    // Logarithms to the bases that have a function.
    "ln-over-ln-2" Rounding (a) a.ln() / 2.0_f64.into_sym(a).ln() => a.log2();
    "ln-over-ln-10" Rounding (a) a.ln() / 10.0_f64.into_sym(a).ln() => a.log10();
    // An exponential is positive: the logarithm of what it multiplies has the sign that it had.
    "ln-mul-exp" Stable (a, b) (a * b.exp()).ln() => a.ln() + b;
    "ln-exp-div" Stable (a, b) (a.exp() / b).ln() => a - b.ln();
    "softplus" Stable (a) a.exp().ln_1p() => a.softplus();
    // max(a, 0) + ln(1 + e^−|a|), the stable form written out: its pieces have kinks at 0, the function has none.
    "softplus-parts" Stable (a) a.max(0.0) + (-(a.abs())).softplus() => a.softplus();
    "softplus-parts-swapped" Stable (a) 0.0_f64.into_sym(a).max(a) + (-(a.abs())).softplus() => a.softplus();
    "softplus-relu" Stable (a) a.relu() + (-(a.abs())).softplus() => a.softplus();
    "log2-1p-exp" Stable (a) (1.0 + a.exp()).log2() => a.softplus() * std::f64::consts::LOG2_E;
    "log10-1p-exp" Stable (a) (1.0 + a.exp()).log10() => a.softplus() * std::f64::consts::LOG10_E;
    "ln-sigmoid" Stable (a) a.sigmoid().ln() => a.log_sigmoid();
    // 1 − σ(a) = σ(−a)
    "ln-1m-sigmoid" Stable (a) (-a.sigmoid()).ln_1p() => (-a).log_sigmoid();
    "ln-one-minus-sigmoid" Stable (a) a.one_minus_sigmoid().ln() => (-a).log_sigmoid();
    // A logistic function, a hyperbolic cosine and a complementary error function are positive, as an exponential is.
    "ln-mul-sigmoid" Stable (a, b) (a * b.sigmoid()).ln() => a.ln() + b.log_sigmoid();
    "ln-mul-one-minus-sigmoid" Stable (a, b) (a * b.one_minus_sigmoid()).ln() => a.ln() + (-b).log_sigmoid();
    // ln(σ / (1 − σ)) is what the logistic function was taken of.
    "logit-sigmoid" Stable (a) (a.sigmoid() / (1.0 - a.sigmoid())).ln() => a;
    "ln-cosh" Stable (a) a.cosh().ln() => a.log_cosh();
    "ln-mul-cosh" Stable (a, b) (a * b.cosh()).ln() => a.ln() + b.log_cosh();
    "ln-sech" Stable (a) a.sech().ln() => -a.log_cosh();
    "ln-mul-sech" Stable (a, b) (a * b.sech()).ln() => a.ln() - b.log_cosh();
    // 1 − tanh² a = sech² a
    "ln-1m-tanh-square" Stable (a) (-(a.tanh() * a.tanh())).ln_1p() => a.log_cosh() * -2.0;
    "ln-erfc" Stable (a) a.erfc().ln() => a.log_erfc();
    // Half of it is a tail of the normal distribution, and 1 less a tail is the other: 1 − erfc(a)/2 = erfc(−a)/2.
    "ln-half-erfc" Stable (a) (0.5 * a.erfc()).ln() => a.log_half_erfc();
    "ln-1m-half-erfc" Stable (a) (-0.5 * a.erfc()).ln_1p() => (-a).log_half_erfc();
    "ln-mul-erfc" Stable (a, b) (a * b.erfc()).ln() => a.ln() + b.log_erfc();
    "ln-1p-erf" Stable (a) a.erf().ln_1p() => (-a).log_erfc();
    "ln-1m-erf" Stable (a) (-a.erf()).ln_1p() => a.log_erfc();
}

rules! {
    /// Further rules for the primal, before it is differentiated. Their right sides cost a function more where a part of
    /// the left side is computed anyway, as the slopes of tanh and the logistic function are: there they are not applied.
    PRIMAL_RULES:

    // 1 − σ(a) = σ(−a), 1 − tanh² a = sech² a.
    "logistic-slope" Stable (a) a.sigmoid() * (1.0 - a.sigmoid()) => a.sigmoid() * (-a).sigmoid();
    "one-minus-sigmoid" Stable (a) 1.0 - a.sigmoid() => a.one_minus_sigmoid();
    "one-minus-tanh-square" Stable (a) 1.0 - a.tanh() * a.tanh() => a.sech() * a.sech();
    // The derivative of a quotient by cosh would be ∞ / ∞.
    "div-cosh" Stable (a, b) b / a.cosh() => b * a.sech();
    "div-cosh-square" Stable (a, b) b / (a.cosh() * a.cosh()) => b * (a.sech() * a.sech());

    "one-minus-sin-square" Stable (a) 1.0 - a.sin() * a.sin() => a.cos() * a.cos();
    "one-minus-cos-square" Stable (a) 1.0 - a.cos() * a.cos() => a.sin() * a.sin();
    "tan" Rounding (a) a.sin() / a.cos() => a.tan();

    // Near 0.
    "one-minus-cos" Stable (a) 1.0 - a.cos() => a.one_minus_cos();
    "cos-minus-one" Stable (a) a.cos() - 1.0 => -a.one_minus_cos();
    // cosh a − 1 = 2·sinh²(a/2)
    "cosh-minus-one" Stable (a) a.cosh() - 1.0 => (0.5 * a).sinh() * (0.5 * a).sinh() * 2.0;
    "sinc" Stable (a) a.sin() / a => a.sinc();
    // 1 − cos a = 2·sin²(a/2)
    "one-minus-cos-over" Stable (a) a.one_minus_cos() / a => (0.5 * a).sin() * (0.5 * a).sinc();
    "one-minus-cos-over-square" Stable (a) a.one_minus_cos() / (a * a) => (0.5 * a).sinc() * (0.5 * a).sinc() * 0.5;
    "exprel" Stable (a) a.exp_m1() / a => a.exprel();
    "exprel-neg" Stable (a) (-a).exp_m1() / a => -((-a).exprel());
    "bernoulli" Stable (a) a / a.exp_m1() => a.bernoulli();
    "bernoulli-neg" Stable (a) a / (-a).exp_m1() => -((-a).bernoulli());
    "bernoulli-times" Stable (a, b) (b * a) / a.exp_m1() => b * a.bernoulli();
    "bernoulli-times-neg" Stable (a, b) (b * a) / (-a).exp_m1() => -(b * (-a).bernoulli());
    "sqrt-1p-m1" Stable (a) (1.0 + a).sqrt() - 1.0 => a.sqrt_1p_m1();
    // Far out the square overflows, and 1 is nothing beside a.
    "hypot-one-m1" Stable (a) a.hypot(1.0) - 1.0 => a.abs().lt(1e17).select((a * a).sqrt_1p_m1(), a.abs());
    // (e^(a·b) − 1) / a = b·exprel(a·b), of which nothing is left but −1/a where e^(a·b) vanishes and b may be infinite.
    "exprel-scaled" Stable (a, b) (a * b).exp_m1() / a => (a * b).eq(f64::NEG_INFINITY).select(-1.0 / a, b * (a * b).exprel());
    "exprel-scaled-neg" Stable (a, b) (-(a * b)).exp_m1() / a => -((a * b).eq(f64::INFINITY).select(1.0 / a, b * (-(a * b)).exprel()));
    "exprel-scaled-times" Stable (a, b, c) (c * (a * b).exp_m1()) / a => c * (a * b).eq(f64::NEG_INFINITY).select(-1.0 / a, b * (a * b).exprel());
    "exprel-scaled-times-neg" Stable (a, b, c) (c * (-(a * b)).exp_m1()) / a => -(c * (a * b).eq(f64::INFINITY).select(1.0 / a, b * (-(a * b)).exprel()));
    "exprel-scaled-over" Stable (a, b, c) (c / a) * (a * b).exp_m1() => c * (a * b).eq(f64::NEG_INFINITY).select(-1.0 / a, b * (a * b).exprel());
    "exprel-scaled-over-neg" Stable (a, b, c) (c / a) * (-(a * b)).exp_m1() => -(c * (a * b).eq(f64::INFINITY).select(1.0 / a, b * (-(a * b)).exprel()));
    // sin(a·b) / a = b·sinc(a·b)
    "sinc-scaled" Stable (a, b) (a * b).sin() / a => b * (a * b).sinc();
    "sinc-scaled-times" Stable (a, b, c) (c * (a * b).sin()) / a => c * (b * (a * b).sinc());
    "sinc-scaled-over" Stable (a, b, c) (c / a) * (a * b).sin() => c * (b * (a * b).sinc());

    // Entropies: a·ln a is 0 at 0, and (1 + a)·ln(1 + a) at −1, in every base.
    "xlogx" Stable (a) a * a.ln() => a.xlogx();
    "xlogx-times" Stable (a, b) a.ln() * (b * a) => b * a.xlogx();
    "xlogx-of-times" Stable (a, b) a * (b * a.ln()) => b * a.xlogx();
    "xlogx-1p" Stable (a) (1.0 + a) * a.ln_1p() => a.xlogx_1p();
    "xlogx-1p-times" Stable (a, b) a.ln_1p() * (b * (1.0 + a)) => b * a.xlogx_1p();
    "xlogx-1p-of-times" Stable (a, b) (1.0 + a) * (b * a.ln_1p()) => b * a.xlogx_1p();
    "xlogx-1m" Stable (a) (1.0 - a) * (-a).ln_1p() => (-a).xlogx_1p();
    "xlogx-m1" Stable (a) (a - 1.0) * (-a).ln_1p() => -((-a).xlogx_1p());
    "xlogx-1m-times" Stable (a, b) (b * (1.0 - a)) * (-a).ln_1p() => b * (-a).xlogx_1p();
    "xlogx-1m-of-times" Stable (a, b) (1.0 - a) * (b * (-a).ln_1p()) => b * (-a).xlogx_1p();
    "xlog2x-1m" Stable (a) (1.0 - a) * (1.0 - a).log2() => (-a).xlogx_1p() * std::f64::consts::LOG2_E;
    "xlog2x" Stable (a) a * a.log2() => a.xlogx() * std::f64::consts::LOG2_E;
    "xlog2x-times" Stable (a, b) a.log2() * (b * a) => b * (a.xlogx() * std::f64::consts::LOG2_E);
    "xlog10x-1m" Stable (a) (1.0 - a) * (1.0 - a).log10() => (-a).xlogx_1p() * std::f64::consts::LOG10_E;
    "xlog10x" Stable (a) a * a.log10() => a.xlogx() * std::f64::consts::LOG10_E;
    "xlog10x-times" Stable (a, b) a.log10() * (b * a) => b * (a.xlogx() * std::f64::consts::LOG10_E);

    // Relative entropies: a·ln(a/b) is 0 at a = 0.
    "rel-entr" Stable (a, b) a * (a / b).ln() => a.rel_entr(b);
    "rel-entr-times" Stable (a, b, c) (a / b).ln() * (c * a) => c * a.rel_entr(b);
    "rel-entr-inverse" Stable (a, b) a * (b / a).ln() => -(a.rel_entr(b));
    "rel-entr-inverse-times" Stable (a, b, c) (b / a).ln() * (c * a) => -(c * a.rel_entr(b));
    "rel-entr-logs" Stable (a, b) a * (a.ln() - b.ln()) => a.rel_entr(b);
    "rel-entr-logs-times" Stable (a, b, c) (a.ln() - b.ln()) * (c * a) => c * a.rel_entr(b);
    "rel-entr-logs-inverse" Stable (a, b) a * (b.ln() - a.ln()) => -(a.rel_entr(b));
    "rel-entr-logs-inverse-times" Stable (a, b, c) (b.ln() - a.ln()) * (c * a) => -(c * a.rel_entr(b));
    "rel-entr-entropies" Stable (a, b) a.xlogx() - a * b.ln() => a.rel_entr(b);
    "rel-entr-entropies-inverse" Stable (a, b) a * b.ln() - a.xlogx() => -(a.rel_entr(b));
    "rel-entr-base-2" Stable (a, b) a * (a / b).log2() => a.rel_entr(b) * std::f64::consts::LOG2_E;
    "rel-entr-logs-base-2" Stable (a, b) a * (a.log2() - b.log2()) => a.rel_entr(b) * std::f64::consts::LOG2_E;
    // Of a mean (a + c)/2, as in the divergence of Jensen and Shannon.
    "rel-entr-half" Stable (a, b) a * ((2.0 * a) / b).ln() => a.rel_entr(0.5 * b);
    "rel-entr-half-times" Stable (a, b, c) ((2.0 * a) / b).ln() * (c * a) => c * a.rel_entr(0.5 * b);
    "rel-entr-half-base-2" Stable (a, b) a * ((2.0 * a) / b).log2() => a.rel_entr(0.5 * b) * std::f64::consts::LOG2_E;
    "rel-entr-factor" Stable (a, b) a * (a * b).ln() => a.rel_entr(1.0 / b);
    // m + ln Σ exp(g − m), less g: g and m may be large, and near each other.
    "log-sum-exp-less" Stable (a, b, c) (a.detach() + b) - c => b - (c - a.detach());
    "less-log-sum-exp" Stable (a, b, c) c - (a.detach() + b) => (c - a.detach()) - b;

    // Logarithms of differences of exponentials: ln(eᵃ − 1) = a + ln(1 − e⁻ᵃ).
    "ln-one-minus-exp" Stable (a) (-a.exp_m1()).ln() => (-a).log1mexp();
    "ln-exp-m1" Stable (a) a.exp_m1().ln() => a + a.log1mexp();

    // Inverse hyperbolic functions written out.
    "asinh" Stable (a) (a + a.hypot(1.0)).ln() => a.asinh();
    "acosh" Stable (a) (a + (a * a - 1.0).sqrt()).ln() => a.acosh();
    "atanh" Stable (a) ((1.0 + a) / (1.0 - a)).ln() => a.atanh() * 2.0;
    "atanh-minus" Stable (a) ((1.0 - a) / (1.0 + a)).ln() => a.atanh() * -2.0;

    // The tails of the normal distribution.
    "one-minus-erf" Stable (a) 1.0 - a.erf() => a.erfc();
    "one-plus-erf" Stable (a) 1.0 + a.erf() => (-a).erfc();
    "half-minus-half-erf" Stable (a) 0.5 - 0.5 * a.erf() => 0.5 * a.erfc();
    "half-plus-half-erf" Stable (a) 0.5 + 0.5 * a.erf() => 0.5 * (-a).erfc();
    "one-minus-half-erfc" Stable (a) 1.0 - 0.5 * a.erfc() => 0.5 * (-a).erfc();
    "mills" Stable (a) (-(a * a)).exp() / a.erfc() => a.erfcx().ne(f64::INFINITY).select(1.0 / a.erfcx(), 0.0);
    "mills-gaussian" Stable (a) a.gaussian() / a.erfc() => a.erfcx().ne(f64::INFINITY).select(1.0 / a.erfcx(), 0.0);
}

/// One side of a rule, read back from its recording.
#[derive(Clone, Debug)]
enum Pattern {
    Hole(usize),
    Float(u64),
    Call(Prim, Vec<Pattern>),
}

struct Compiled {
    left: Vec<Pattern>,
    right: Pattern,
    holes: usize,
    tag: Tag,
    when: Option<(usize, Fact)>,
}

/// Rules by the primitive at the root of their left side.
type ByRoot = Vec<Vec<Compiled>>;

fn compile(rules: &[Rule]) -> ByRoot {
    let mut by_root: ByRoot = ROWS.iter().map(|_| Vec::new()).collect();
    for rule in rules {
        let b = Builder::literal();
        let holes: Vec<Value> = (0..rule.holes).map(|_| b.param(Type::FLOAT)).collect();
        let syms: Vec<Sym<'_>> = holes.iter().map(|h| b.sym(*h)).collect();
        let (left, right) = (rule.sides)(&syms);
        let Pattern::Call(root, left) = read(&b, &holes, left.value()) else {
            unreachable!("the left side of a rule is a call")
        };
        let right = read(&b, &holes, right.value());
        by_root[root as usize].push(Compiled { left, right, holes: rule.holes, tag: rule.tag, when: rule.when });
    }
    by_root
}

fn read(b: &Builder, holes: &[Value], v: Value) -> Pattern {
    if let Some(k) = holes.iter().position(|h| *h == v) {
        return Pattern::Hole(k);
    }
    match b.op(v) {
        Op::Const(_) => Pattern::Float(b.float_lit(v).expect("rules have float literals").to_bits()),
        Op::Call(prim, args) => Pattern::Call(prim, args.iter().map(|id| read(b, holes, b.sibling(v, *id))).collect()),
        _ => unreachable!("a rule is made of calls, literals and holes"),
    }
}

/// The most holes that a rule has.
const HOLES: usize = 3;
type Bound = [Option<Value>; HOLES];

fn matches(b: &Builder, pattern: &Pattern, v: Value, bound: &mut Bound) -> bool {
    match pattern {
        Pattern::Hole(k) => *bound[*k].get_or_insert(v) == v,
        Pattern::Float(bits) => b.float_lit(v).is_some_and(|x| x.to_bits() == *bits),
        Pattern::Call(prim, patterns) => {
            let Some((found, args)) = b.call_of(v) else { return false };
            // −(c·a) is recorded as (−c)·a.
            if let (Prim::Neg, Prim::Mul, [Pattern::Hole(k)]) = (*prim, found, patterns.as_slice())
                && let Some(positive) = bound[*k]
                && args[..2].iter().any(|x| b.float_lit(*x).is_some())
            {
                return b.call(Prim::Neg, &[positive]) == v;
            }
            found == *prim && matches_all(b, *prim, patterns, &args[..patterns.len()], bound)
        }
    }
}

fn matches_all(b: &Builder, prim: Prim, patterns: &[Pattern], args: &[Value], bound: &mut Bound) -> bool {
    let before = *bound;
    if patterns.iter().zip(args).all(|(p, a)| matches(b, p, *a, bound)) {
        return true;
    }
    *bound = before;
    let ([p, q], [x, y]) = (patterns, args) else { return false };
    // The other operand may say which of two factors a hole is.
    if matches(b, q, *y, bound) && matches(b, p, *x, bound) {
        return true;
    }
    *bound = before;
    if matches!(prim, Prim::Add | Prim::Mul) && matches(b, p, *y, bound) && matches(b, q, *x, bound) {
        return true;
    }
    *bound = before;
    false
}

fn instantiate(b: &Builder, pattern: &Pattern, bound: &Bound) -> Value {
    match pattern {
        Pattern::Hole(k) => bound[*k].expect("every hole of a right side is in its left side"),
        Pattern::Float(bits) => b.float(f64::from_bits(*bits)),
        Pattern::Call(prim, args) => {
            let args: Vec<Value> = args.iter().map(|p| instantiate(b, p, bound)).collect();
            b.call(*prim, &args)
        }
    }
}

fn apply(rules: &ByRoot, b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    rules[prim as usize].iter().find_map(|rule| {
        debug_assert!(rule.holes <= HOLES, "a rule has few holes");
        let mut bound = [None; HOLES];
        if !matches_all(b, prim, &rule.left, args, &mut bound) || !b.allows(rule.tag) {
            return None;
        }
        let holds = |(k, fact): (usize, Fact)| sign::holds(b, bound[k].expect("the hole is in the left side"), fact);
        rule.when.is_none_or(holds).then(|| instantiate(b, &rule.right, &bound))
    })
}

/// The simpler form of a call, if a rule knows one. The arguments are of the innermost open body.
pub(crate) fn simplify(b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    static COMPILED: OnceLock<ByRoot> = OnceLock::new();
    match b.elem(args[0]) {
        Elem::Float => {}
        Elem::Int(_) => return local::integer(b, prim, args),
        Elem::Bool => return local::logic(b, prim, args),
    }
    if b.level() == Level::None {
        return local::selected(b, prim, args);
    }
    let rules = COMPILED.get_or_init(|| compile(RULES));
    apply(rules, b, prim, args).or_else(|| local::float(b, prim, args))
}

/// The form of a call of floats in a primal, if one of [`PRIMAL_RULES`] or what is known of roots knows a better one.
pub(super) fn of_primal(b: &Builder, prim: Prim, args: &[Value]) -> Option<Value> {
    static COMPILED: OnceLock<ByRoot> = OnceLock::new();
    apply(COMPILED.get_or_init(|| compile(PRIMAL_RULES)), b, prim, args).or_else(|| powers::of_primal(b, prim, args))
}
