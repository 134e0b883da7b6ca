//! The list of the functions: one line and one file each.

use crate::text::Function;

/// Makes, from one line a function, its two instances, the generic function of the crate root and the row of
/// [`FUNCTIONS`]. The text of a function is `src/functions/NAME.rs`, and the doc comment here is its first line.
macro_rules! functions {
    ($(#[doc = $doc:literal] $name:ident($($argument:ident),+) calls [$($callee:ident),*];)*) => {
        /// The functions over f64.
        // The texts convert to and from f64, which changes nothing here.
        #[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
        pub mod double {
            #[cfg(not(any(feature = "std", test)))]
            use crate::elementary::Elementary as _;

            type Real = f64;

            $(include!(concat!("functions/", stringify!($name), ".rs"));)*
        }

        /// The functions over f32.
        pub mod single {
            #[cfg(not(any(feature = "std", test)))]
            use crate::elementary::Elementary as _;

            type Real = f32;

            $(include!(concat!("functions/", stringify!($name), ".rs"));)*
        }

        mod instances {
            /// The functions of one float type, by which the generic ones are dispatched.
            pub trait Instances: Sized {
                $(fn $name($($argument: Self),+) -> Self;)*
            }

            impl Instances for f64 {
                $(#[inline] fn $name($($argument: f64),+) -> f64 { super::double::$name($($argument),+) })*
            }

            impl Instances for f32 {
                $(#[inline] fn $name($($argument: f32),+) -> f32 { super::single::$name($($argument),+) })*
            }
        }

        $(
            #[doc = $doc]
            ///
            #[doc = concat!("The mathematics, domain, edge values and an example: [`double::", stringify!($name), "`].")]
            #[inline]
            pub fn $name<T: Float>($($argument: T),+) -> T {
                T::$name($($argument),+)
            }
        )*

        /// Every function of this crate.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: stringify!($name),
            arguments: &[$(stringify!($argument)),+],
            doc: $doc.trim_ascii(),
            text: include_str!(concat!("functions/", stringify!($name), ".rs")),
            calls: &[$(stringify!($callee)),*],
        }),*];
    };
}

/// A float type with these functions: f32 or f64, and no other.
pub trait Float: instances::Instances + Copy {}

impl Float for f32 {}
impl Float for f64 {}

functions! {
    /// The sign of `x`: −1, 0 or 1.
    sign(x) calls [];
    /// The number of the interval `[lo, hi]` that is nearest to `x`.
    clamp(x, lo, hi) calls [];
    /// The logistic function 1 / (1 + e⁻ˣ).
    sigmoid(x) calls [];
    /// One minus the logistic function, 1 / (1 + eˣ).
    one_minus_sigmoid(x) calls [sigmoid];
    /// The logarithm of the logistic function, −ln(1 + e⁻ˣ).
    log_sigmoid(x) calls [];
    /// The smooth rectifier ln(1 + eˣ).
    softplus(x) calls [];
    /// The rectifier, max(x, 0).
    relu(x) calls [];
    /// The leaky rectifier: `x`, or `slope · x` where x < 0.
    leaky_relu(x, slope) calls [];
    /// The exponential linear unit: `x`, or `alpha · (eˣ − 1)` where x < 0.
    elu(x, alpha) calls [];
    /// The scaled exponential linear unit, `λ x`, or `λ α (eˣ − 1)` where x < 0.
    selu(x) calls [];
    /// The Gaussian error linear unit x Φ(x), where Φ is the standard normal distribution function.
    gelu(x) calls [];
    /// The sigmoid-weighted linear unit x / (1 + e⁻ˣ), also called swish.
    silu(x) calls [];
    /// The unit mish, x · tanh(ln(1 + eˣ)).
    mish(x) calls [];
    /// The softsign x / (1 + |x|).
    softsign(x) calls [];
    /// The cardinal sine sin(x) / x, unnormalised, with its limit 1 at 0.
    sinc(x) calls [];
    /// The difference 1 − cos x.
    one_minus_cos(x) calls [];
    /// The secant of an angle in radians, 1 / cos x.
    sec(x) calls [];
    /// The cosecant of an angle in radians, 1 / sin x.
    csc(x) calls [];
    /// The cotangent of an angle in radians, 1 / tan x.
    cot(x) calls [];
    /// The angle in [0, π] whose secant is `x`, for |x| ≥ 1.
    asec(x) calls [];
    /// The angle in [−π/2, π/2] whose cosecant is `x`, for |x| ≥ 1.
    acsc(x) calls [];
    /// The angle in [−π/2, π/2] whose cotangent is `x`: arctan(1/x).
    acot(x) calls [];
    /// The hyperbolic secant 1 / cosh x.
    sech(x) calls [];
    /// The hyperbolic cosecant 1 / sinh x.
    csch(x) calls [];
    /// The hyperbolic cotangent 1 / tanh x.
    coth(x) calls [];
    /// The number y ≥ 0 whose hyperbolic secant is `x`, for 0 ≤ x ≤ 1.
    asech(x) calls [];
    /// The number whose hyperbolic cosecant is `x`: arsinh(1/x).
    acsch(x) calls [];
    /// The number whose hyperbolic cotangent is `x`, for |x| ≥ 1.
    acoth(x) calls [];
    /// The quotient (eˣ − 1) / x, with its limit 1 at 0.
    exprel(x) calls [];
    /// The derivative of (eˣ − 1) / x, with its limit ½ at 0.
    exprel_slope(x) calls [exprel];
    /// The function of Bernoulli x / (eˣ − 1), with its limit 1 at 0.
    bernoulli(x) calls [];
    /// The difference √(1 + x) − 1, for x ≥ −1.
    sqrt_1p_m1(x) calls [];
    /// The logarithm of the hyperbolic cosine, ln(cosh x).
    log_cosh(x) calls [];
    /// The length √(x² + y² + z²).
    hypot3(x, y, z) calls [];
    /// The power (1 + x)ʸ.
    compound(x, y) calls [];
    /// The product x ln x, for x ≥ 0, with its limit 0 at 0.
    xlogx(x) calls [];
    /// The product (1 + x) ln(1 + x), for x ≥ −1, with its limit 0 at −1.
    xlogx_1p(x) calls [];
    /// The logarithm of a ratio, ln(x / y), also where the ratio overflows, underflows or is near 1.
    ln_ratio(x, y) calls [];
    /// The term of the relative entropy, x ln(x / y), with its limit 0 at x = 0.
    rel_entr(x, y) calls [ln_ratio];
    /// The logarithm ln(1 − e⁻ˣ), for x ≥ 0.
    log1mexp(x) calls [];
    /// The logarithm of a sum of exponentials, ln(eᵃ + eᵇ).
    logaddexp(a, b) calls [];
    /// The bell curve e^(−x²).
    gaussian(x) calls [];
    /// The error function 2/√π ∫₀ˣ e^(−t²) dt.
    erf(x) calls [erfc];
    /// The complementary error function 1 − erf(x).
    erfc(x) calls [erf, erfcx_tail];
    /// The scaled complementary error function e^(x²) erfc(x).
    erfcx(x) calls [erf, erfcx_tail];
    /// The right tail e^(x²) erfc(x) (1 + `more`), for x ≥ 0.46875 and |`more`| ≤ ½.
    erfcx_tail(x, more) calls [];
    /// The logarithm of the complementary error function, ln(erfc(x)).
    log_erfc(x) calls [erf, erfcx];
    /// The logarithm of half the complementary error function, ln(erfc(x) / 2): of the tail of a normal distribution.
    log_half_erfc(x) calls [erfc, erfcx];
    /// The logarithm of the gamma function, ln |Γ(x)|.
    lgamma(x) calls [];
    /// The digamma function ψ(x) = Γ'(x) / Γ(x), the derivative of `lgamma`.
    digamma(x) calls [];
    /// The trigamma function ψ′(x), the derivative of `digamma`.
    trigamma(x) calls [];
    /// The polygamma function ψ⁽ⁿ⁾(x), the n-th derivative of `digamma`.
    polygamma(n, x) calls [digamma, trigamma];
}
