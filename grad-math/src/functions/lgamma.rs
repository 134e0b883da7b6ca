/// The logarithm of the gamma function, ln |Γ(x)|.
///
/// Stirling's series (NIST DLMF 5.11.1) from 10 on; the recurrence Γ(x + 1) = x Γ(x) and the reflection formula (DLMF
/// 5.5.1, 5.5.3) lead the rest to the neighbourhoods of the roots 1 and 2, where t = x − 1 or x − 2 is a factor and
/// the other is a near-minimax ratio (its derivation is tests/coefficients.py), so that the relative accuracy holds at
/// both roots. Between the poles left of −2 there are roots with no such form: the error there is absolute, a few ulp
/// of the larger of 1 and the terms of the reflection. Poles, the integers up to 0, give +∞, and so do ±∞; NaN gives
/// NaN.
///
/// Worst error measured: 6.0 ulp in f64, 0.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::lgamma;
/// assert_eq!([lgamma(1.0), lgamma(2.0)], [0.0, 0.0]);
/// assert!((lgamma(5.0_f64) - 24.0_f64.ln()).abs() < 1e-15);
/// ```
pub fn lgamma(x: Real) -> Real {
    /// The coefficients of −ln Γ(1 + t) / t for −0.25 ≤ t ≤ 0.5, and of ln Γ(2 + t) / t for |t| ≤ 0.5.
    const P1: [f64; 8] = [
        0.5772156649015329,
        0.997640712738742,
        0.013596098903529015,
        -0.8656981090767736,
        -0.5796079510250576,
        -0.13364993847080472,
        -0.009443066174164119,
        -5.341184959689681e-05,
    ];
    const Q1: [f64; 7] = [
        1.0,
        3.1532542459209716,
        3.822415544054908,
        2.22660241678374,
        0.6339687060241256,
        0.07881095240292037,
        0.0029855574532969206,
    ];
    const P2: [f64; 7] = [
        0.42278433509846713,
        0.9480067876881235,
        0.7588996356750448,
        0.2781842697268787,
        0.04785238906134353,
        0.0034112224337486457,
        6.592004121668464e-05,
    ];
    const Q2: [f64; 7] = [
        1.0,
        1.4795717398524737,
        0.8258083331269758,
        0.21514529191316645,
        0.02608891595046021,
        0.0012537756994497478,
        1.4166305007605586e-05,
    ];
    /// The coefficients B₂ₖ / (2k (2k − 1)) of Stirling's series, k = 1, 2, …
    const STIRLING: [f64; 7] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360360.0, 1.0 / 156.0];
    /// ln(2π)/2 − 1/2, since the term −x is written with the logarithm.
    const OFFSET: f64 = 0.4189385332046727;
    fn polynomial(c: &[f64], t: f64) -> f64 {
        c.iter().rev().fold(0.0, |sum, c| sum * t + c)
    }
    fn near_one(t: f64) -> f64 {
        // Subtracting from 0 makes the root +0.
        0.0 - t * (polynomial(&P1, t) / polynomial(&Q1, t))
    }
    fn near_two(t: f64) -> f64 {
        t * (polynomial(&P2, t) / polynomial(&Q2, t))
    }
    fn wide(x: f64) -> f64 {
        if x <= -0.5 {
            // Γ(x) Γ(−x) = −π / (x sin πx), with the sine of the distance from the nearest integer, which is exact.
            let distance = x - x.round();
            if distance == 0.0 || x == f64::NEG_INFINITY {
                return f64::INFINITY;
            }
            let sine = (core::f64::consts::PI * distance).sin();
            (core::f64::consts::PI / (x * sine).abs()).ln() - wide(-x)
        } else if x < 0.5 {
            near_two(x) - (x * (1.0 + x)).abs().ln()
        } else if x < 0.75 {
            near_two(x - 1.0) - x.ln()
        } else if x <= 1.5 {
            near_one(x - 1.0)
        } else if x < 10.0 {
            let (mut base, mut product) = (x, 1.0);
            while base > 2.5 {
                base -= 1.0;
                product *= base;
            }
            near_two(base - 2.0) + product.ln()
        } else if x < f64::INFINITY {
            (x - 0.5) * (x.ln() - 1.0) + (OFFSET + polynomial(&STIRLING, 1.0 / (x * x)) / x)
        } else {
            // NaN, or an infinity.
            x.abs()
        }
    }
    wide(f64::from(x)) as Real
}
