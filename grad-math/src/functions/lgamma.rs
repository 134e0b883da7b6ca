/// The logarithm of the gamma function, ln |Γ(x)|.
///
/// Stirling's series (NIST DLMF 5.11.1) from 10 on. The recurrence Γ(x + 1) = x Γ(x) (DLMF 5.5.1), its products held
/// in two doubles, leads the rest down to −30 to [0.75, 2.75], where (x − 1)(x − 2) is a factor, so that the relative
/// accuracy holds at both roots, and the other is an exact constant and a small near-minimax ratio (derived in
/// grad-math/tests/coefficients.py); the reflection formula (DLMF 5.5.3) serves what is left of −30. Near the roots
/// left of −2 the error is absolute, counted in ulp of ⅛. The poles, the integers up to 0, give +∞, and so do ±∞; NaN
/// gives NaN.
///
/// Worst error measured: 2.4 ulp in f64, 0.5 ulp in f32.
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
        0.02615519521190754,
        -0.3276717902012427,
        -0.5049983291775954,
        -0.29863867231016344,
        -0.07925395495183986,
        -0.008640897092865767,
        -0.0002677742064096893,
    ];
    const LOW_Q: [f64; 8] = [
        1.0,
        3.5149158409837122,
        4.907448050353263,
        3.4626160470536904,
        1.2986803271202323,
        0.24893241109229744,
        0.02118669939935088,
        0.000548761299252824,
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
    /// The coefficients of sin(πd) / (πd) − 0.8125 in d², for |d| ≤ ½.
    const SINE_P: [f64; 5] =
        [0.1875, -1.6095222459089118, 0.5043588194828595, -0.06606699094147706, 0.0027282409863728942];
    const SINE_Q: [f64; 5] =
        [1.0, 0.18886304500967757, 0.017512804824659084, 0.0009818466123774205, 2.9598936489748074e-05];
    /// ln 2 as a double whose integer multiples up to 2²⁰ are exact, and its rest.
    const LN_2: [f64; 2] = [0.6931471803691238, 1.9082149292705877e-10];
    fn polynomial(c: &[f64], t: f64) -> f64 {
        c.iter().rev().fold(0.0, |sum, c| sum * t + c)
    }
    fn after_one(t: f64) -> f64 {
        let (middle, p, q): (f64, &[f64], &[f64]) =
            if t <= 0.75 { (0.5, &LOW_P, &LOW_Q) } else { (0.40625, &HIGH_P, &HIGH_Q) };
        // Of these two forms of t (t − 1), the first rounds less near 0.
        let roots = if t < 0.25 { t * t - t } else { t * (t - 1.0) };
        roots * (middle + polynomial(p, t) / polynomial(q, t))
    }
    /// The product of two doubles and `b`, in two doubles: T. J. Dekker, "A floating-point technique for extending the
    /// available precision", Numer. Math. 18 (1971).
    fn times(a: [f64; 2], b: f64) -> [f64; 2] {
        let halves = |x: f64| {
            let high = 134217729.0 * x;
            let high = high - (high - x);
            [high, x - high]
        };
        let (product, c, d) = (a[0] * b, halves(a[0]), halves(b));
        let rest = c[0] * d[0] - product + c[0] * d[1] + c[1] * d[0] + c[1] * d[1];
        [product, rest + a[1] * b]
    }
    /// ln |a| of two doubles.
    fn ln(a: [f64; 2]) -> f64 {
        a[0].abs().ln() + a[1] / a[0]
    }
    /// ln Γ(x) for 10 ≤ x < ∞. The error of a logarithm would be multiplied by x / ln Γ(x): that of x = 2ᵏ m is k ln 2,
    /// exact but for a small rest, and ln m, which is small.
    fn stirling(x: f64) -> f64 {
        let half = core::f64::consts::FRAC_1_SQRT_2.to_bits();
        let k = (x.to_bits() - half) >> 52;
        let m = f64::from_bits(x.to_bits() - (k << 52));
        let (main, more) = (k as f64 * LN_2[0] - 1.0, m.ln() + k as f64 * LN_2[1]);
        let log = main + more;
        let rest = (main - log) + more;
        (x - 0.5) * log + ((x - 0.5) * rest + (OFFSET + polynomial(&STIRLING, 1.0 / (x * x)) / x))
    }
    fn wide(x: f64) -> f64 {
        if x < -0.25 {
            let distance = x - x.round();
            if distance == 0.0 || x == f64::NEG_INFINITY {
                return f64::INFINITY;
            }
            if x < -30.0 {
                // Γ(x) Γ(−x) = −π / (x sin πx), with the sine of the exact distance from the nearest integer.
                let square = distance * distance;
                let sine = 0.8125 + polynomial(&SINE_P, square) / polynomial(&SINE_Q, square);
                return -ln(times(times([distance, 0.0], x), sine)) - stirling(-x);
            }
            // Γ(x + n) = x (x + 1) … (x + n − 1) Γ(x).
            let (mut base, mut product) = (x, [1.0, 0.0]);
            while base < 0.0 {
                product = times(product, base);
                base += 1.0;
            }
            after_one(base) - ln(times(product, base))
        } else if x < 0.75 {
            after_one(x) - x.abs().ln()
        } else if x < 10.0 {
            let (mut base, mut product) = (x, [1.0, 0.0]);
            while base > 2.75 {
                base -= 1.0;
                product = times(product, base);
            }
            after_one(base - 1.0) + ln(product)
        } else if x < f64::INFINITY {
            stirling(x)
        } else {
            // NaN, or +∞.
            x
        }
    }
    wide(f64::from(x)) as Real
}
