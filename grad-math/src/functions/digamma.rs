/// The digamma function ψ(x) = Γ'(x) / Γ(x), the derivative of `lgamma`.
///
/// The asymptotic series (NIST DLMF 5.11.2) from 10 on; the recurrence ψ(x + 1) = ψ(x) + 1/x (DLMF 5.5.2) leads to [1,
/// 3], where the distance from the positive root 1.4616…, held in two doubles, is a factor and the other is a
/// near-minimax ratio (derived in grad-math/tests/coefficients.py), so that the relative accuracy holds at the root;
/// the reflection formula (DLMF 5.5.4) serves x < 0, whose cotangent is that of the distance d from the nearest
/// integer: 1/d less d times a constant and a ratio. Near the roots left of 0 the error is absolute, ulp of the terms
/// that cancel. ±0 gives ∓∞, a negative integer and −∞ give NaN, +∞ gives +∞, and NaN gives NaN.
///
/// Worst error measured: 2.3 ulp in f64, 0.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::digamma;
/// assert!((digamma(1.0_f64) + 0.5772156649015329).abs() < 1e-15);
/// assert!(digamma(-3.0_f64).is_nan());
/// ```
pub fn digamma(x: Real) -> Real {
    /// The coefficients of ψ(1 + t) / (t − root) − 1 for 0 ≤ t ≤ 1.
    const LOW_P: [f64; 7] = [
        0.2503801375034054,
        -0.30957408825968885,
        -0.6919409437403516,
        -0.35473150019898825,
        -0.07115493979151359,
        -0.005519862186036254,
        -0.00011934204387003062,
    ];
    const LOW_Q: [f64; 7] = [
        1.0,
        2.1771665986671342,
        1.6630736963665909,
        0.5710455727133128,
        0.09111902253303285,
        0.006100975692434821,
        0.00012043151172286901,
    ];
    /// Those of ψ(2 + s) / (1 + s − root) − 0.6875 for 0 ≤ s ≤ 1.
    const HIGH_P: [f64; 7] = [
        0.09780753860410527,
        -0.1302849384130475,
        -0.17376947200707502,
        -0.06223967137637844,
        -0.009038615651070035,
        -0.0005180490727930251,
        -8.404086327314207e-06,
    ];
    const HIGH_Q: [f64; 7] = [
        1.0,
        1.3337828364947564,
        0.6645679307007903,
        0.15548791869874182,
        0.01746593463357756,
        0.0008452425253064001,
        1.2347257443058188e-05,
    ];
    /// The positive root of ψ less 1, as a double and its rest.
    const ROOT: [f64; 2] = [0.46163214496836236, -1.5522348162858677e-17];
    /// The coefficients B₂ₖ / 2k of the series, k = 1, 2, …
    const SERIES: [f64; 7] =
        [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0];
    /// The coefficients of (1/d − π cot πd) / d − 3.5 in d², for |d| ≤ 0.35.
    const COTANGENT_P: [f64; 4] = [-0.21013186630354713, 2.4457296769123467, -0.9364156263939981, 0.06941907466033564];
    const COTANGENT_Q: [f64; 5] =
        [1.0, -1.3376515158535258, 0.359579550011427, -0.021904043722099954, -2.396056722895044e-05];
    /// Those of π tan(πe) / e − 10.5 in e², for |e| ≤ 0.15.
    const TANGENT_P: [f64; 4] = [-0.6303955989106413, 35.34144957696428, -21.1618691480922, 2.02557211078389];
    const TANGENT_Q: [f64; 4] = [1.0, -4.555476863405586, 2.271813863684597, -0.19962550217470185];
    fn polynomial(c: &[f64], t: f64) -> f64 {
        c.iter().rev().fold(0.0, |sum, c| sum * t + c)
    }
    /// ψ(1 + t) for 0 ≤ t < 9.
    fn after_one(mut t: f64) -> f64 {
        let mut sum = 0.0;
        while t > 2.0 {
            sum += 1.0 / t;
            t -= 1.0;
        }
        let slope = if t < 1.0 {
            1.0 + polynomial(&LOW_P, t) / polynomial(&LOW_Q, t)
        } else {
            0.6875 + polynomial(&HIGH_P, t - 1.0) / polynomial(&HIGH_Q, t - 1.0)
        };
        ((t - ROOT[0]) - ROOT[1]) * slope + sum
    }
    /// ψ(x) − `half` / x for x ≥ 9, where `half` is −½, or ½ for ψ(1 + x).
    fn far(x: f64, half: f64) -> f64 {
        let t = 1.0 / (x * x);
        x.ln() + (half / x - t * polynomial(&SERIES, t))
    }
    /// A double in two halves, whose products are exact.
    fn halves(x: f64) -> [f64; 2] {
        let coarse = f64::from_bits(x.to_bits() & !0x7ff_ffff);
        [coarse, x - coarse]
    }
    /// π cot πd for 0 < |d| ≤ ½, less what the second number says.
    fn cotangent(d: f64) -> [f64; 2] {
        let e = 0.5 - d.abs();
        if e > 0.15 {
            let inverse = 1.0 / d;
            let ([a, b], [p, q]) = (halves(inverse), halves(d));
            // What the rounding of 1/d left out.
            let lost = (((1.0 - a * p) - a * q) - b * p - b * q) / d;
            [inverse, d * (3.5 + polynomial(&COTANGENT_P, d * d) / polynomial(&COTANGENT_Q, d * d)) - lost]
        } else {
            [(e * (10.5 + polynomial(&TANGENT_P, e * e) / polynomial(&TANGENT_Q, e * e))).copysign(d), 0.0]
        }
    }
    fn wide(x: f64) -> f64 {
        if x < 0.0 {
            // ψ(x) = ψ(1 − x) − π cot πx, with the cotangent of the exact distance from the nearest integer.
            let distance = x - x.round();
            if distance == 0.0 || x == f64::NEG_INFINITY {
                return f64::NAN;
            }
            if distance.abs() < 1e-20 {
                // No other term shows, and what follows might overflow.
                return -1.0 / distance;
            }
            let reflected = if x > -9.0 { after_one(-x) } else { far(-x, 0.5) };
            let [main, more] = cotangent(distance);
            // The difference of the two and its rounding error (D. E. Knuth, "The art of computer programming" 2,
            // 4.2.2).
            let difference = reflected - main;
            let back = difference + main;
            let lost = (reflected - back) - (main - (back - difference));
            difference + (lost + more)
        } else if x < 1.0 {
            after_one(x) - 1.0 / x
        } else if x < 10.0 {
            after_one(x - 1.0)
        } else {
            far(x, -0.5)
        }
    }
    wide(f64::from(x)) as Real
}
