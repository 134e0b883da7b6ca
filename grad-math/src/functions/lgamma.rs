/// The logarithm of the gamma function, ln |Γ(x)|.
///
/// Stirling's series (NIST DLMF 5.11.1) from 10 on. The recurrence Γ(x + 1) = x Γ(x) and the reflection formula (DLMF
/// 5.5.1, 5.5.3) lead the rest to [0.75, 2.75], where (x − 1)(x − 2) is a factor, so that the relative accuracy holds
/// at both roots, and the other is an exact constant and a small near-minimax ratio (derived in
/// grad-math/tests/coefficients.py).
/// Between the poles left of −2 there are roots with no such form: the error there is absolute, counted in ulp of the
/// largest of 1, the value and ln Γ(−x). The poles, the integers up to 0, give +∞, and so do ±∞; NaN gives NaN.
///
/// Worst error measured: 2.7 ulp in f64, 0.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::lgamma;
/// assert_eq!([lgamma(1.0), lgamma(2.0)], [0.0, 0.0]);
/// assert!((lgamma(5.0_f64) - 24.0_f64.ln()).abs() < 1e-15);
/// ```
pub fn lgamma(x: Real) -> Real {
    /// The coefficients of ln Γ(1 + t) / (t (t − 1)) − 0.5 for −0.25 ≤ t ≤ 0.75.
    const LOW_P: [f64; 8] = [
        0.07721566490153287,
        0.004550848377255212,
        -0.3245132834514939,
        -0.41623035323440577,
        -0.19948433927907144,
        -0.03865381648015615,
        -0.0023355844427569434,
        -1.860018083336253e-06,
    ];
    const LOW_Q: [f64; 7] = [
        1.0,
        3.2351235622770163,
        4.059680533378644,
        2.482777818047908,
        0.7599641803178714,
        0.1060853072862278,
        0.004946963898553489,
    ];
    /// Those of ln Γ(1 + t) / (t (t − 1)) − 0.40625 for 0.75 ≤ t ≤ 1.75.
    const HIGH_P: [f64; 7] = [
        0.1709656620389866,
        0.1492475335145874,
        -0.08878974142645048,
        -0.10639804022282254,
        -0.02539489391710073,
        -0.0014696523298843717,
        -8.457181290160318e-07,
    ];
    const HIGH_Q: [f64; 6] =
        [1.0, 2.307474218574507, 1.881590926012816, 0.652468508870239, 0.09137357563889495, 0.003831161326457295];
    /// The coefficients B₂ₖ / (2k (2k − 1)) of Stirling's series, k = 1, 2, …
    const STIRLING: [f64; 7] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360360.0, 1.0 / 156.0];
    /// ln(2π)/2 − 1/2, since the term −x is written with the logarithm.
    const OFFSET: f64 = 0.4189385332046727;
    fn polynomial(c: &[f64], t: f64) -> f64 {
        c.iter().rev().fold(0.0, |sum, c| sum * t + c)
    }
    fn after_one(t: f64) -> f64 {
        let (middle, p, q): (f64, &[f64], &[f64]) =
            if t <= 0.75 { (0.5, &LOW_P, &LOW_Q) } else { (0.40625, &HIGH_P, &HIGH_Q) };
        t * (t - 1.0) * (middle + polynomial(p, t) / polynomial(q, t))
    }
    fn wide(x: f64) -> f64 {
        if x <= -0.25 {
            // Γ(x) Γ(−x) = −π / (x sin πx), with the sine of the exact distance from the nearest integer.
            let distance = x - x.round();
            if distance == 0.0 || x == f64::NEG_INFINITY {
                return f64::INFINITY;
            }
            let sine = (core::f64::consts::PI * distance).sin();
            (core::f64::consts::PI / (x * sine).abs()).ln() - wide(-x)
        } else if x < 0.75 {
            after_one(x) - x.abs().ln()
        } else if x < 10.0 {
            let (mut base, mut product) = (x, 1.0);
            while base > 2.75 {
                base -= 1.0;
                product *= base;
            }
            after_one(base - 1.0) + product.ln()
        } else if x < f64::INFINITY {
            (x - 0.5) * (x.ln() - 1.0) + (OFFSET + polynomial(&STIRLING, 1.0 / (x * x)) / x)
        } else {
            // NaN, or +∞.
            x
        }
    }
    wide(f64::from(x)) as Real
}
