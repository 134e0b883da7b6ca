//! The table of primitives. Adding a function is adding a row.
//!
//! Derivatives: Abramowitz and Stegun, Handbook of Mathematical Functions, and the NIST Digital Library of Mathematical
//! Functions (DLMF), by the section numbers given. Partials are written from saved results where that is cheaper.

use super::define::primitives;
use super::{Cost, Domain, Range, Row, Signature, Spelling};
use crate::ir::build::{IntoPartial, IntoSym, NoDerivative, Sym};

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2, LN_10};

primitives! {
    /// Sum.
    Add = add(x, y) -> z {
        value: x + y,
        wrt: [1.0, 1.0],
        domain: [Real, Real], signature: Number, rust: Infix("+"), cost: Cheap,
    }
    /// Difference.
    Sub = sub(x, y) -> z {
        value: x - y,
        wrt: [1.0, -1.0],
        domain: [Real, Real], signature: Number, rust: Infix("-"), cost: Cheap,
    }
    /// Product.
    Mul = mul(x, y) -> z {
        value: x * y,
        wrt: [y, x],
        domain: [Real, Real], signature: Number, rust: Infix("*"), cost: Cheap,
    }
    /// Quotient.
    Div = div(x, y) -> z {
        value: x / y,
        wrt: [1.0 / y, -(z / y)],
        domain: [Real, NonZero], signature: Number, rust: Infix("/"), cost: Division,
    }
    /// Remainder with the sign of the dividend, as Rust's `%`. The derivative at a jump is that of the smooth piece.
    Rem = rem(x, y) -> z {
        value: x % y,
        wrt: [1.0, -(x / y).trunc()],
        domain: [Real, NonZero], signature: Number, rust: Infix("%"), cost: Division,
    }
    /// Negation.
    Neg = neg(x) -> z {
        value: -x,
        wrt: [-1.0],
        domain: [Real], signature: Number, rust: Prefix("-"), cost: Cheap,
    }

    /// Less than.
    Lt = lt(x, y) -> z {
        domain: [Real, Real], signature: Compare, rust: Infix("<"), cost: Cheap,
    }
    /// Less than or equal.
    Le = le(x, y) -> z {
        domain: [Real, Real], signature: Compare, rust: Infix("<="), cost: Cheap,
    }
    /// Greater than.
    Gt = gt(x, y) -> z {
        domain: [Real, Real], signature: Compare, rust: Infix(">"), cost: Cheap,
    }
    /// Greater than or equal.
    Ge = ge(x, y) -> z {
        domain: [Real, Real], signature: Compare, rust: Infix(">="), cost: Cheap,
    }
    /// Equal.
    Eq = eq(x, y) -> z {
        domain: [Real, Real], signature: Compare, rust: Infix("=="), cost: Cheap,
    }
    /// Not equal.
    Ne = ne(x, y) -> z {
        domain: [Real, Real], signature: Compare, rust: Infix("!="), cost: Cheap,
    }
    /// Both.
    And = and(x, y) -> z {
        domain: [Real, Real], signature: Logic, rust: Infix("&&"), cost: Cheap,
    }
    /// Either.
    Or = or(x, y) -> z {
        domain: [Real, Real], signature: Logic, rust: Infix("||"), cost: Cheap,
    }
    /// Not.
    Not = not(x) -> z {
        domain: [Real], signature: Logic, rust: Prefix("!"), cost: Cheap,
    }
    /// The bits of the first, moved up; those that leave are lost.
    Shl = shl(x, n) -> z {
        domain: [Real, Real], signature: Shift, rust: Infix("<<"), cost: Cheap,
    }
    /// The bits of the first, moved down.
    Shr = shr(x, n) -> z {
        domain: [Real, Real], signature: Shift, rust: Infix(">>"), cost: Cheap,
    }
    /// The bits that both have.
    BitAnd = bit_and(x, y) -> z {
        domain: [Real, Real], signature: Bits, rust: Infix("&"), cost: Cheap,
    }
    /// The bits that either has.
    BitOr = bit_or(x, y) -> z {
        domain: [Real, Real], signature: Bits, rust: Infix("|"), cost: Cheap,
    }
    /// The bits that one has.
    BitXor = bit_xor(x, y) -> z {
        domain: [Real, Real], signature: Bits, rust: Infix("^"), cost: Cheap,
    }
    /// Every bit turned.
    BitNot = bit_not(x) -> z {
        domain: [Real], signature: Bits, rust: Prefix("!"), cost: Cheap,
    }
    /// One of two values that are both at hand. Its adjoint selects; it has no partials.
    Select = select(c, x, y) -> z {
        domain: [Real, Real, Real], signature: Select, rust: Choice, cost: Cheap,
    }

    /// The value, held constant under differentiation: for shifts that cancel, as the maximum in a log-sum-exp does.
    Detach = detach(x) -> z {
        value: x,
        wrt: [0.0],
        domain: [Real], signature: Float, rust: Identity, cost: Cheap,
    }
    /// Power with a real exponent. 0^y is 0 for y > 0, and so is its derivative in y there; x^0 is 1 with derivative 0.
    Pow = pow(x, y) -> z as "powf" {
        value: x.powf(y),
        wrt: [
            (x.eq(0.0) & y.eq(0.0)).select(0.0, y * x.pow(y - 1.0)),
            (x.eq(0.0) & y.gt(0.0)).select(0.0, z * x.ln()),
        ],
        domain: [Positive, Real], signature: Float, rust: Method("powf"), cost: Transcendental,
    }
    /// Power with an integer exponent.
    Powi = powi(x, n) -> z {
        wrt: [n.eq_int(0).select(0.0, n.to_float() * x.powi_less_one(n)), 0.0],
        domain: [NonZero, Real], signature: Powi, rust: Method("powi"), cost: Division,
    }
    /// (1 + x)^y, accurate for a small x; at x = −1 as `pow` is at 0. IEEE 754-2019, 9.2.
    Compound = compound(x, y) -> z {
        value: grad_math::compound(x, y),
        wrt: [
            (x.eq(-1.0) & y.eq(0.0)).select(0.0, y * x.compound(y - 1.0)),
            (x.eq(-1.0) & y.gt(0.0)).select(0.0, z * x.ln_1p()),
        ],
        domain: [AboveMinusOne, Real], signature: Float, rust: Math("compound"), cost: Transcendental,
    }
    /// Exponential. DLMF 4.10.
    Exp = exp(x) -> z {
        value: x.exp(),
        wrt: [z],
        domain: [Real], range: Positive, signature: Float, rust: Method("exp"), cost: Transcendental,
    }
    /// exp(x) - 1, accurate near 0.
    ExpM1 = exp_m1(x) -> z as "expm1" {
        value: x.exp_m1(),
        wrt: [z + 1.0],
        domain: [Real], range: Odd, signature: Float, rust: Method("exp_m1"), cost: Transcendental,
    }
    /// (exp(x) − 1) / x, which is 1 at 0.
    Exprel = exprel(x) -> z {
        value: grad_math::exprel(x),
        wrt: [x.exprel_slope()],
        domain: [Real], range: Positive, signature: Float, rust: Math("exprel"), cost: Transcendental,
    }
    /// The derivative of exprel(x), which is 1/2 at 0.
    ExprelSlope = exprel_slope(x) -> z {
        value: grad_math::exprel_slope(x),
        wrt: [x.abs().lt(1.0).select(
            x.exprel_curvature_near_zero(),
            x.gt(0.0).select(z + (x.exprel() - 2.0 * z) / x, (x.exp() - 2.0 * z) / x),
        )],
        domain: [Real], range: Positive, signature: Float, rust: Math("exprel_slope"), cost: Transcendental,
    }
    /// x / (exp(x) − 1), Bernoulli's function, which is 1 at 0.
    Bernoulli = bernoulli(x) -> z {
        value: grad_math::bernoulli(x),
        wrt: [x.gt(40.0).select(
            z / x - z,
            x.lt(-1.0).select((1.0 - (-x).bernoulli()) / x.exp_m1(), -(z * x.exprel_slope() * z)),
        )],
        domain: [Real], range: Positive, signature: Float, rust: Math("bernoulli"), cost: Transcendental,
    }
    /// Power of two.
    Exp2 = exp2(x) -> z {
        value: x.exp2(),
        wrt: [LN_2 * z],
        domain: [Real], range: Positive, signature: Float, rust: Method("exp2"), cost: Transcendental,
    }
    /// Natural logarithm. DLMF 4.7.
    Ln = ln(x) -> z as "log" {
        value: x.ln(),
        wrt: [1.0 / x],
        domain: [Positive], signature: Float, rust: Method("ln"), cost: Transcendental,
    }
    /// Logarithm to base 2.
    Log2 = log2(x) -> z {
        value: x.log2(),
        wrt: [1.0 / (LN_2 * x)],
        domain: [Positive], signature: Float, rust: Method("log2"), cost: Transcendental,
    }
    /// Logarithm to base 10.
    Log10 = log10(x) -> z {
        value: x.log10(),
        wrt: [1.0 / (LN_10 * x)],
        domain: [Positive], signature: Float, rust: Method("log10"), cost: Transcendental,
    }
    /// ln(1 + x), accurate near 0.
    Ln1p = ln_1p(x) -> z as "log1p" {
        value: x.ln_1p(),
        wrt: [1.0 / (1.0 + x)],
        domain: [AboveMinusOne], range: Odd, signature: Float, rust: Method("ln_1p"), cost: Transcendental,
    }
    /// Square root; the derivative at 0 is its right limit, +∞.
    Sqrt = sqrt(x) -> z as "√" {
        value: x.sqrt(),
        wrt: [0.5 / z],
        domain: [NonNegative], range: Magnitude, signature: Float, rust: Method("sqrt"), cost: Division,
    }
    /// √(1 + x) − 1, accurate near 0; the derivative at −1 is its right limit, +∞.
    Sqrt1pM1 = sqrt_1p_m1(x) -> z {
        value: grad_math::sqrt_1p_m1(x),
        wrt: [0.5 / (z + 1.0)],
        domain: [AboveMinusOne], range: Odd, signature: Float, rust: Math("sqrt_1p_m1"), cost: Division,
    }
    /// Cube root; the derivative at 0 is its limit, +∞.
    Cbrt = cbrt(x) -> z {
        value: x.cbrt(),
        wrt: [1.0 / (3.0 * (z * z))],
        domain: [Real], range: Odd, signature: Float, rust: Method("cbrt"), cost: Transcendental,
    }
    /// √(x² + y²) without overflow; at the origin, where it has a kink, the derivative is 0.
    Hypot = hypot(x, y) -> z {
        value: x.hypot(y),
        wrt: [z.eq(0.0).select(0.0, x / z), z.eq(0.0).select(0.0, y / z)],
        domain: [Real, Real], range: Magnitude, signature: Float, rust: Method("hypot"), cost: Transcendental,
    }
    /// √(x² + y² + z²) without overflow; at the origin, where it has a kink, the derivative is 0.
    Hypot3 = hypot3(x, y, z) -> r {
        value: grad_math::hypot3(x, y, z),
        wrt: [r.eq(0.0).select(0.0, x / r), r.eq(0.0).select(0.0, y / r), r.eq(0.0).select(0.0, z / r)],
        domain: [Real, Real, Real], range: Magnitude, signature: Float, rust: Math("hypot3"), cost: Transcendental,
    }
    /// Absolute value; at the kink, 0, the derivative is 0.
    Abs = abs(x) -> z {
        value: x.abs(),
        wrt: [x.abs_slope()],
        domain: [Real], range: Magnitude, signature: Number, rust: Method("abs"), cost: Cheap,
    }
    /// The derivative of |x|, sign(x). Its square is 1: a function of x² written with |x| has its second derivative at 0.
    AbsSlope = abs_slope(x) -> z {
        value: grad_math::sign(x),
        wrt: [0.0],
        domain: [Real], range: Odd, signature: Float, rust: Math("sign"), cost: Cheap,
    }
    /// −1, 0 or 1; flat, with derivative 0 at the jump as well.
    Sign = sign(x) -> z as "sgn" {
        value: grad_math::sign(x),
        wrt: [0.0],
        domain: [Real], range: Odd, signature: Float, rust: Math("sign"), cost: Cheap,
    }
    /// The sign bit as −1 or 1 (Rust's signum); flat.
    Signum = signum(x) -> z {
        value: x.signum(),
        wrt: [0.0],
        domain: [Real], signature: Float, rust: Method("signum"), cost: Cheap,
    }
    /// The largest integer not above; flat.
    Floor = floor(x) -> z {
        value: x.floor(),
        wrt: [0.0],
        domain: [Real], signature: Float, rust: Method("floor"), cost: Cheap,
    }
    /// The smallest integer not below; flat.
    Ceil = ceil(x) -> z {
        value: x.ceil(),
        wrt: [0.0],
        domain: [Real], signature: Float, rust: Method("ceil"), cost: Cheap,
    }
    /// The nearest integer, halves away from 0; flat.
    Round = round(x) -> z {
        value: x.round(),
        wrt: [0.0],
        domain: [Real], signature: Float, rust: Method("round"), cost: Cheap,
    }
    /// The integer part; flat.
    Trunc = trunc(x) -> z {
        value: x.trunc(),
        wrt: [0.0],
        domain: [Real], signature: Float, rust: Method("trunc"), cost: Cheap,
    }
    /// x·y + a with one rounding.
    MulAdd = mul_add(x, y, a) -> z as "fma" {
        value: x.mul_add(y, a),
        wrt: [y, x, 1.0],
        domain: [Real, Real, Real], signature: Float, rust: Method("mul_add"), cost: Cheap,
    }

    /// Sine. DLMF 4.20.
    Sin = sin(x) -> z {
        value: x.sin(),
        wrt: [x.cos()],
        domain: [Real], signature: Float, rust: Method("sin"), cost: Transcendental,
    }
    /// Cosine. DLMF 4.20.
    Cos = cos(x) -> z {
        value: x.cos(),
        wrt: [-x.sin()],
        domain: [Real], signature: Float, rust: Method("cos"), cost: Transcendental,
    }
    /// Tangent. DLMF 4.20.
    Tan = tan(x) -> z {
        value: x.tan(),
        wrt: [1.0 + z * z],
        domain: [Real], signature: Float, rust: Method("tan"), cost: Transcendental,
    }
    /// Inverse sine; the derivative is +∞ at ±1. DLMF 4.24.
    Asin = asin(x) -> z as "arcsin" {
        value: x.asin(),
        wrt: [1.0 / ((1.0 - x) * (1.0 + x)).sqrt()],
        domain: [Unit], range: Odd, signature: Float, rust: Method("asin"), cost: Transcendental,
    }
    /// Inverse cosine; the derivative is −∞ at ±1. DLMF 4.24.
    Acos = acos(x) -> z as "arccos" {
        value: x.acos(),
        wrt: [-1.0 / ((1.0 - x) * (1.0 + x)).sqrt()],
        domain: [Unit], range: NonNegative, signature: Float, rust: Method("acos"), cost: Transcendental,
    }
    /// Inverse tangent. DLMF 4.24.
    Atan = atan(x) -> z as "arctan" {
        value: x.atan(),
        wrt: [1.0 / (1.0 + x * x)],
        domain: [Real], range: Odd, signature: Float, rust: Method("atan"), cost: Transcendental,
    }
    /// The angle of the point (x, y), from −π to π; at the origin, where there is none, the derivative is 0.
    Atan2 = atan2(y, x) -> z {
        value: y.atan2(x),
        wrt: [
            (x.eq(0.0) & y.eq(0.0)).select(0.0, x / x.hypot(y) / x.hypot(y)),
            (x.eq(0.0) & y.eq(0.0)).select(0.0, -(y / x.hypot(y) / x.hypot(y))),
        ],
        domain: [Real, Real], signature: Float, rust: Method("atan2"), cost: Transcendental,
    }
    /// Hyperbolic sine. DLMF 4.34.
    Sinh = sinh(x) -> z {
        value: x.sinh(),
        wrt: [x.cosh()],
        domain: [Real], range: Odd, signature: Float, rust: Method("sinh"), cost: Transcendental,
    }
    /// Hyperbolic cosine. DLMF 4.34.
    Cosh = cosh(x) -> z {
        value: x.cosh(),
        wrt: [x.sinh()],
        domain: [Real], range: Positive, signature: Float, rust: Method("cosh"), cost: Transcendental,
    }
    /// Hyperbolic tangent. DLMF 4.34.
    Tanh = tanh(x) -> z {
        value: x.tanh(),
        wrt: [1.0 - z * z],
        domain: [Real], range: Odd, signature: Float, rust: Method("tanh"), cost: Transcendental,
    }
    /// Inverse hyperbolic sine. DLMF 4.38.
    Asinh = asinh(x) -> z as "arcsinh" {
        value: x.asinh(),
        wrt: [1.0 / x.hypot(1.0)],
        domain: [Real], range: Odd, signature: Float, rust: Method("asinh"), cost: Transcendental,
    }
    /// Inverse hyperbolic cosine; the derivative is +∞ at 1. DLMF 4.38.
    Acosh = acosh(x) -> z as "arccosh" {
        value: x.acosh(),
        wrt: [1.0 / ((x - 1.0).sqrt() * (x + 1.0).sqrt())],
        domain: [AtLeastOne], range: NonNegative, signature: Float, rust: Method("acosh"), cost: Transcendental,
    }
    /// Inverse hyperbolic tangent. DLMF 4.38.
    Atanh = atanh(x) -> z as "arctanh" {
        value: x.atanh(),
        wrt: [1.0 / ((1.0 - x) * (1.0 + x))],
        domain: [OpenUnit], range: Odd, signature: Float, rust: Method("atanh"), cost: Transcendental,
    }
    /// sin(x) / x, which is 1 at 0. DLMF 10.49.3.
    Sinc = sinc(x) -> z {
        value: grad_math::sinc(x),
        wrt: [x.abs().lt(0.5).select(x.sinc_slope_near_zero(), (x.cos() - z) / x)],
        domain: [Real], signature: Float, rust: Math("sinc"), cost: Transcendental,
    }
    /// Secant.
    Sec = sec(x) -> z {
        is: 1.0 / x.cos(),
        domain: [Real], signature: Float, rust: Math("sec"), cost: Transcendental,
    }
    /// Cosecant.
    Csc = csc(x) -> z {
        is: 1.0 / x.sin(),
        domain: [NonZero], signature: Float, rust: Math("csc"), cost: Transcendental,
    }
    /// Cotangent.
    Cot = cot(x) -> z {
        is: 1.0 / x.tan(),
        domain: [NonZero], signature: Float, rust: Math("cot"), cost: Transcendental,
    }
    /// The angle in [0, π] whose secant is x; the derivative is +∞ at ±1. DLMF 4.24.
    Asec = asec(x) -> z as "arcsec" {
        value: grad_math::asec(x),
        wrt: [1.0 / (x.abs() * ((x - 1.0) * (x + 1.0)).sqrt())],
        domain: [OutsideUnit], signature: Float, rust: Math("asec"), cost: Transcendental,
    }
    /// The angle in [−π/2, π/2] whose cosecant is x; the derivative is −∞ at ±1. DLMF 4.24.
    Acsc = acsc(x) -> z as "arccsc" {
        value: grad_math::acsc(x),
        wrt: [-1.0 / (x.abs() * ((x - 1.0) * (x + 1.0)).sqrt())],
        domain: [OutsideUnit], signature: Float, rust: Math("acsc"), cost: Transcendental,
    }
    /// The angle in [−π/2, π/2] whose cotangent is x, arctan(1/x); it jumps at 0, where both sides have the slope −1.
    Acot = acot(x) -> z as "arccot" {
        value: grad_math::acot(x),
        wrt: [-1.0 / (1.0 + x * x)],
        domain: [Real], signature: Float, rust: Math("acot"), cost: Transcendental,
    }
    /// Hyperbolic secant. DLMF 4.34.
    Sech = sech(x) -> z {
        value: grad_math::sech(x),
        wrt: [-(z * x.tanh())],
        domain: [Real], range: Positive, signature: Float, rust: Math("sech"), cost: Transcendental,
    }
    /// Hyperbolic cosecant. DLMF 4.34.
    Csch = csch(x) -> z {
        value: grad_math::csch(x),
        wrt: [-(z * x.coth())],
        domain: [NonZero], range: Odd, signature: Float, rust: Math("csch"), cost: Transcendental,
    }
    /// Hyperbolic cotangent. DLMF 4.34.
    Coth = coth(x) -> z {
        value: grad_math::coth(x),
        wrt: [-(x.csch() * x.csch())],
        domain: [NonZero], range: Odd, signature: Float, rust: Math("coth"), cost: Transcendental,
    }
    /// The number y ≥ 0 whose hyperbolic secant is x; the derivative is −∞ at 0 and 1. DLMF 4.38.
    Asech = asech(x) -> z as "arcsech" {
        value: grad_math::asech(x),
        wrt: [-1.0 / (x * ((1.0 - x) * (1.0 + x)).sqrt())],
        domain: [Fraction], signature: Float, rust: Math("asech"), cost: Transcendental,
    }
    /// The number whose hyperbolic cosecant is x. DLMF 4.38.
    Acsch = acsch(x) -> z as "arccsch" {
        value: grad_math::acsch(x),
        wrt: [-1.0 / (x.abs() * x.hypot(1.0))],
        domain: [NonZero], signature: Float, rust: Math("acsch"), cost: Transcendental,
    }
    /// The number whose hyperbolic cotangent is x; the derivative is −∞ at ±1. DLMF 4.38.
    Acoth = acoth(x) -> z as "arccoth" {
        value: grad_math::acoth(x),
        wrt: [-1.0 / ((x.abs() - 1.0) * (x.abs() + 1.0))],
        domain: [OutsideUnit], signature: Float, rust: Math("acoth"), cost: Transcendental,
    }
    /// 1 − cos x, accurate near 0.
    OneMinusCos = one_minus_cos(x) -> z {
        value: grad_math::one_minus_cos(x),
        wrt: [x.sin()],
        domain: [Real], range: NonNegative, signature: Float, rust: Math("one_minus_cos"), cost: Transcendental,
    }
    /// x·ln(x), which is 0 at 0 with the derivative −∞.
    Xlogx = xlogx(x) -> z {
        value: grad_math::xlogx(x),
        wrt: [x.ln() + 1.0],
        domain: [NonNegative], signature: Float, rust: Math("xlogx"), cost: Transcendental,
    }
    /// (1 + x)·ln(1 + x), accurate near 0, which is 0 at −1 with the derivative −∞.
    Xlogx1p = xlogx_1p(x) -> z {
        value: grad_math::xlogx_1p(x),
        wrt: [x.ln_1p() + 1.0],
        domain: [AboveMinusOne], signature: Float, rust: Math("xlogx_1p"), cost: Transcendental,
    }
    /// x·ln(x/y), which is 0 at x = 0 with the derivatives −∞ and 0.
    RelEntr = rel_entr(x, y) -> z {
        value: grad_math::rel_entr(x, y),
        wrt: [x.ln_ratio(y) + 1.0, (x.eq(0.0) & y.eq(0.0)).select(0.0, -(x / y))],
        domain: [NonNegative, Positive], signature: Float, rust: Math("rel_entr"), cost: Transcendental,
    }
    /// ln(x/y), also where x/y overflows, underflows or is near 1.
    LnRatio = ln_ratio(x, y) -> z {
        value: grad_math::ln_ratio(x, y),
        wrt: [1.0 / x, -1.0 / y],
        domain: [Positive, Positive], signature: Float, rust: Math("ln_ratio"), cost: Transcendental,
    }
    /// ln(1 − exp(−x)), accurate near 0 and far out. The derivative 1 / (exp(x) − 1) is written so that nothing overflows.
    Log1mexp = log1mexp(x) -> z {
        value: grad_math::log1mexp(x),
        wrt: [(-x).exp() / -((-x).exp_m1())],
        domain: [Positive], signature: Float, rust: Math("log1mexp"), cost: Transcendental,
    }
    /// ln(cosh x), accurate near 0 and far out.
    LogCosh = log_cosh(x) -> z {
        value: grad_math::log_cosh(x),
        wrt: [x.tanh()],
        domain: [Real], range: NonNegative, signature: Float, rust: Math("log_cosh"), cost: Transcendental,
    }
    /// ln(exp(a) + exp(b)) without overflow. At two equal infinities it has no derivative, which is NaN.
    Logaddexp = logaddexp(x, y) -> z {
        value: grad_math::logaddexp(x, y),
        wrt: [(x - y).sigmoid(), (y - x).sigmoid()],
        domain: [Real, Real], signature: Float, rust: Math("logaddexp"), cost: Transcendental,
    }
    /// exp(−x²), accurate in the tails too.
    Gaussian = gaussian(x) -> z {
        value: grad_math::gaussian(x),
        wrt: [z.eq(0.0).select(0.0, -2.0 * x * z)],
        domain: [Real], range: Positive, signature: Float, rust: Math("gaussian"), cost: Transcendental,
    }
    /// Error function. DLMF 7.2.1.
    Erf = erf(x) -> z {
        value: grad_math::erf(x),
        wrt: [FRAC_2_SQRT_PI * (-(x * x)).exp()],
        domain: [Real], range: Odd, signature: Float, rust: Math("erf"), cost: Transcendental,
    }
    /// Complementary error function. DLMF 7.2.2.
    Erfc = erfc(x) -> z {
        value: grad_math::erfc(x),
        wrt: [-FRAC_2_SQRT_PI * (-(x * x)).exp()],
        domain: [Real], range: Positive, signature: Float, rust: Math("erfc"), cost: Transcendental,
    }
    /// exp(x²)·erfc(x), which does not underflow. DLMF 7.2.3, 7.10.1.
    Erfcx = erfcx(x) -> z {
        value: grad_math::erfcx(x),
        wrt: [x.gt(16.0).select(x.erfcx_slope_far_out(), 2.0 * x * z - FRAC_2_SQRT_PI)],
        domain: [Real], range: Positive, signature: Float, rust: Math("erfcx"), cost: Transcendental,
    }
    /// ln(erfc(x)), which does not underflow; the derivative vanishes far left, where exp(x²) overflows. DLMF 7.2.3.
    LogErfc = log_erfc(x) -> z {
        value: grad_math::log_erfc(x),
        wrt: [x.erfcx().eq(f64::INFINITY).select(0.0, -FRAC_2_SQRT_PI / x.erfcx())],
        domain: [Real], signature: Float, rust: Math("log_erfc"), cost: Transcendental,
    }
    /// ln(erfc(x)/2), the logarithm of a tail of the normal distribution, accurate in both; its derivative is that of
    /// log_erfc(x). DLMF 7.2.3.
    LogHalfErfc = log_half_erfc(x) -> z {
        value: grad_math::log_half_erfc(x),
        wrt: [x.erfcx().eq(f64::INFINITY).select(0.0, -FRAC_2_SQRT_PI / x.erfcx())],
        domain: [Real], signature: Float, rust: Math("log_half_erfc"), cost: Transcendental,
    }
    /// ln |Γ(x)|. DLMF 5.2.2.
    Lgamma = lgamma(x) -> z as "ln_gamma", "loggamma", "gammaln" {
        value: grad_math::lgamma(x),
        wrt: [x.digamma()],
        domain: [NoPole], signature: Float, rust: Math("lgamma"), cost: Transcendental,
    }
    /// ψ(x) = Γ'(x) / Γ(x). DLMF 5.2.2.
    Digamma = digamma(x) -> z {
        value: grad_math::digamma(x),
        wrt: [x.trigamma()],
        domain: [NoPole], signature: Float, rust: Math("digamma"), cost: Transcendental,
    }
    /// ψ′(x). DLMF 5.15.
    Trigamma = trigamma(x) -> z {
        value: grad_math::trigamma(x),
        wrt: [x.tetragamma()],
        domain: [NoPole], signature: Float, rust: Math("trigamma"), cost: Transcendental,
    }
    /// ψ⁽ⁿ⁾(x), the n-th derivative of digamma, for a whole n up to 170; it has no derivative in n. DLMF 5.15.
    Polygamma = polygamma(n, x) -> z {
        value: grad_math::polygamma(n, x),
        wrt: [NoDerivative, (n + 1.0).polygamma(x)],
        domain: [Order, NoPole], signature: Float, rust: Math("polygamma"), cost: Transcendental,
    }

    /// The logistic function 1 / (1 + exp(−x)); its derivative is σ(1 − σ) of the value at hand, right to half an ulp of 1:
    /// 0 from x ≈ 37 on. The logarithm of σ or of 1 − σ keeps all digits, and so do their derivatives.
    Sigmoid = sigmoid(x) -> z as "σ", "logistic", "expit" {
        value: grad_math::sigmoid(x),
        wrt: [z * (1.0 - z)],
        domain: [Real], range: Positive, signature: Float, rust: Math("sigmoid"), cost: Transcendental,
    }
    /// 1 − σ(x) = σ(−x), accurate far right; its derivative −σ(1 − σ) is accurate on both sides.
    OneMinusSigmoid = one_minus_sigmoid(x) -> z {
        value: grad_math::one_minus_sigmoid(x),
        wrt: [-(x.sigmoid() * z)],
        domain: [Real], range: Positive, signature: Float, rust: Math("one_minus_sigmoid"), cost: Transcendental,
    }
    /// ln(1 + exp(x)) without overflow; its derivative is σ(x).
    Softplus = softplus(x) -> z {
        value: grad_math::softplus(x),
        wrt: [x.sigmoid()],
        domain: [Real], range: Positive, signature: Float, rust: Math("softplus"), cost: Transcendental,
    }
    /// ln(σ(x)) = −softplus(−x); its derivative is σ(−x).
    LogSigmoid = log_sigmoid(x) -> z as "logsigmoid" {
        value: grad_math::log_sigmoid(x),
        wrt: [(-x).sigmoid()],
        domain: [Real], signature: Float, rust: Math("log_sigmoid"), cost: Transcendental,
    }
    /// max(x, 0); at the kink, 0, the derivative is 0.
    Relu = relu(x) -> z {
        value: grad_math::relu(x),
        wrt: [x.gt(0.0).select(1.0, 0.0)],
        domain: [Real], range: Magnitude, signature: Float, rust: Math("relu"), cost: Cheap,
    }
    /// x for x > 0, slope·x below; at the kink the derivative is the slope.
    LeakyRelu = leaky_relu(x, slope) -> z {
        value: grad_math::leaky_relu(x, slope),
        wrt: [x.gt(0.0).select(1.0, slope), x.gt(0.0).select(0.0, x)],
        domain: [Real, Real], defaults: [0.01], signature: Float, rust: Math("leaky_relu"), cost: Cheap,
    }
    /// x for x > 0, α·(exp(x) − 1) below. Clevert, Unterthiner and Hochreiter 2016.
    Elu = elu(x, alpha) -> z {
        is: x.relu() + alpha * x.min(0.0).exp_m1(),
        domain: [Real, Real], defaults: [1.0], signature: Float, rust: Math("elu"), cost: Transcendental,
    }
    /// The scaled ELU of self-normalising networks. Klambauer et al. 2017.
    Selu = selu(x) -> z {
        is: 1.050_700_987_355_480_5 * x.relu() + 1.758_099_340_847_376_8 * x.min(0.0).exp_m1(),
        domain: [Real], signature: Float, rust: Math("selu"), cost: Transcendental,
    }
    /// x·Φ(x), Φ the normal distribution function. Hendrycks and Gimpel 2016.
    Gelu = gelu(x) -> z {
        is: 0.5 * x * (-FRAC_1_SQRT_2 * x).erfc(),
        domain: [Real], signature: Float, rust: Math("gelu"), cost: Transcendental,
    }
    /// x·σ(x). Hendrycks and Gimpel 2016; Ramachandran, Zoph and Le 2017 (swish).
    Silu = silu(x) -> z as "swish" {
        is: x * x.sigmoid(),
        domain: [Real], signature: Float, rust: Math("silu"), cost: Transcendental,
    }
    /// x·tanh(softplus(x)). Misra 2019.
    Mish = mish(x) -> z {
        is: x * x.softplus().tanh(),
        domain: [Real], signature: Float, rust: Math("mish"), cost: Transcendental,
    }
    /// x / (1 + |x|).
    Softsign = softsign(x) -> z {
        is: x / (1.0 + x.abs()),
        domain: [Real], signature: Float, rust: Math("softsign"), cost: Division,
    }
    /// The larger; at a tie the first argument takes the derivative. NaN beside a number is passed over, and so is its
    /// derivative.
    Max = max(x, y) -> z {
        value: x.max(y),
        wrt: [x.is_max(y, z).select(1.0, 0.0), x.is_max(y, z).select(0.0, 1.0)],
        domain: [Real, Real], signature: Number, rust: Method("max"), cost: Cheap,
    }
    /// The smaller; at a tie the first argument takes the derivative, and NaN is passed over as by `max`.
    Min = min(x, y) -> z {
        value: x.min(y),
        wrt: [x.is_min(y, z).select(1.0, 0.0), x.is_min(y, z).select(0.0, 1.0)],
        domain: [Real, Real], signature: Number, rust: Method("min"), cost: Cheap,
    }
    /// x held between lo and hi, hi where they cross; at either bound x takes the derivative.
    Clamp = clamp(x, lo, hi) -> z {
        value: grad_math::clamp(x, lo, hi),
        wrt: [
            (x.lt(lo) | x.gt(hi)).select(0.0, 1.0),
            (x.lt(lo) & lo.le(hi)).select(1.0, 0.0),
            (x.gt(hi) | lo.gt(hi)).select(1.0, 0.0),
        ],
        domain: [Real, Real, Real], signature: Float, rust: Math("clamp"), cost: Cheap,
    }
}
