/// The trigamma function ψ′(x), the derivative of `digamma`.
///
/// The asymptotic series (the derivative of NIST DLMF 5.11.2) from 10 on, and the recurrence ψ′(x) = ψ′(x + 1) + 1/x²
/// (DLMF 5.15.5), which only adds, leads to it; on [1, 3] an exact constant and a near-minimax ratio (derived in
/// grad-math/tests/coefficients.py), 1/x² more below; and the reflection formula (DLMF 5.15.6) for x < 0, whose squared
/// cosecant is that of the distance d from the nearest integer: 1/d² and, again, a constant and a ratio. Poles, the
/// integers up to 0, give +∞; +∞ gives 0, −∞ gives NaN, and NaN gives NaN.
///
/// Worst error measured: 1.9 ulp in f64, 0.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::trigamma;
/// assert!((trigamma(1.0_f64) - 1.6449340668482264).abs() < 1e-15);
/// assert_eq!(trigamma(0.0), f64::INFINITY);
/// ```
pub fn trigamma(x: Real) -> Real {
    /// The coefficients of ψ′(1 + t) − 1 for 0 ≤ t ≤ 1.
    const LOW_P: [f64; 7] = [
        0.6449340668482264,
        0.12472577264094825,
        -2.152215003746739,
        -3.082069595608315,
        -1.8370266485487818,
        -0.5228511785200479,
        -0.05903532180168375,
    ];
    const LOW_Q: [f64; 7] = [
        1.0,
        3.9210823384140636,
        6.244891823280446,
        5.190354642236259,
        2.3893964769824354,
        0.5818863941452593,
        0.059035327750483826,
    ];
    /// Those of ψ′(2 + s) − 0.5 for 0 ≤ s ≤ 1.
    const HIGH_P: [f64; 6] = [
        0.14493406684822643,
        -0.09532751841854223,
        -0.35061997073638346,
        -0.24324027537237058,
        -0.06911947507175502,
        -0.0072664540738638615,
    ];
    const HIGH_Q: [f64; 6] =
        [1.0, 2.1305293821914537, 1.8172861078842164, 0.7774910971874143, 0.16730479356462383, 0.014532906637386418];
    /// The coefficients of (π / sin πd)² − 1/d² − 4.5 in d², for |d| ≤ ½.
    const COSECANT_P: [f64; 6] = [
        -1.2101318663035472,
        9.762663765260731,
        -10.474402363488442,
        4.513674068391048,
        -0.8480524403919361,
        0.0593868476557992,
    ];
    const COSECANT_Q: [f64; 6] =
        [1.0, -2.701130723033106, 2.567367934739966, -1.0445351710836857, 0.19148947522722123, -0.013191521361001032];
    /// The Bernoulli numbers B₂ₖ, k = 1, 2, …, the coefficients of the series.
    const BERNOULLI: [f64; 9] = [
        1.0 / 6.0,
        -1.0 / 30.0,
        1.0 / 42.0,
        -1.0 / 30.0,
        5.0 / 66.0,
        -691.0 / 2730.0,
        7.0 / 6.0,
        -3617.0 / 510.0,
        43867.0 / 798.0,
    ];
    fn polynomial(c: &[f64], t: f64) -> f64 {
        c.iter().rev().fold(0.0, |sum, c| sum * t + c)
    }
    /// ψ′(1 + t) for 0 ≤ t < 2.
    fn after_one(t: f64) -> f64 {
        if t < 1.0 {
            1.0 + polynomial(&LOW_P, t) / polynomial(&LOW_Q, t)
        } else {
            0.5 + polynomial(&HIGH_P, t - 1.0) / polynomial(&HIGH_Q, t - 1.0)
        }
    }
    /// ψ′(x) where `first` is 0, or ψ′(1 + x) where it is 1, for x ≥ 2.
    fn far(x: f64, first: f64) -> f64 {
        let steps = (10.0 - x).ceil().max(0.0);
        let start = x + steps;
        let t = 1.0 / (start * start);
        let mut sum = 1.0 / start + (t * polynomial(&BERNOULLI, t) / start + (0.5 - first) * t);
        // The terms of the recurrence, from the smallest to the largest.
        let mut step = steps + first;
        while step > first {
            step -= 1.0;
            sum += 1.0 / ((x + step) * (x + step));
        }
        sum
    }
    fn wide(x: f64) -> f64 {
        if x < 0.0 {
            // ψ′(x) = (π / sin πx)² − ψ′(1 − x), with the sine of the exact distance from the nearest integer.
            let distance = x - x.round();
            if distance == 0.0 {
                return f64::INFINITY;
            }
            let square = distance * distance;
            let rest = 4.5 + polynomial(&COSECANT_P, square) / polynomial(&COSECANT_Q, square);
            let reflected = if x > -2.0 { after_one(-x) } else { far(-x, 1.0) };
            1.0 / distance / distance + (rest - reflected)
        } else if x < 1.0 {
            1.0 / x / x + after_one(x)
        } else if x < 3.0 {
            after_one(x - 1.0)
        } else {
            far(x, 0.0)
        }
    }
    wide(f64::from(x)) as Real
}
