/// The Gaussian error linear unit x Φ(x), where Φ is the standard normal distribution function.
///
/// Hendrycks and Gimpel, "Gaussian error linear units" (2016); this is the exact form. About 0, Φ is ½ + x times an
/// even function; beyond ±0.67 the smaller of Φ(x) and Φ(−x) is e^(−x²/2) times Mills' ratio over √(2π), with the
/// square in two parts, after W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23
/// (1969), and the exponential as a power of 2 and a factor near 1, so that the left tail keeps its relative accuracy
/// until it underflows. Each is an exact constant and a small near-minimax ratio (derived in grad-
/// math/tests/coefficients.py). −∞ gives −0, +∞ gives +∞, ±0 gives ±0, and NaN gives NaN.
///
/// Worst error measured: 1.8 ulp in f64, 0.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::gelu;
/// assert_eq!(gelu(100.0), 100.0);
/// assert!((gelu(1.0_f64) - 0.8413447460685429).abs() < 1e-15);
/// ```
pub fn gelu(x: Real) -> Real {
    /// The coefficients of (Φ(x) − ½) / x − 0.375 in x², for |x| < 0.67.
    const MIDDLE_P: [f64; 5] = [
        0.02394228040143268,
        -0.06109568129118929,
        -0.004495372207462685,
        -0.0003392723358019661,
        -6.76199252815809e-06,
    ];
    const MIDDLE_Q: [f64; 5] =
        [1.0, 0.22532100891247378, 0.021416101288326633, 0.001034515740568296, 2.1883836718227548e-05];
    /// Those of Φ(−1.25 − s) e^((1.25 + s)²/2) − 0.1875 in s, for 0.65 ≤ 1.25 + s ≤ 2.
    const NEAR_P: [f64; 7] = [
        0.043260321305631774,
        -0.0548655948188378,
        -0.06508448883148223,
        -0.02699831711763715,
        -0.005708545882904624,
        -0.0006299731657541059,
        -2.9210087092358888e-05,
    ];
    const NEAR_Q: [f64; 7] = [
        1.0,
        1.2858499953700886,
        0.7089350153910264,
        0.2149461687904978,
        0.03788737863460676,
        0.003691175285698439,
        0.0001557928178224976,
    ];
    /// Those of Φ(−2 − s) e^((2 + s)²/2) − 0.09375 in s, for 2 ≤ 2 + s ≤ 4.5.
    const TAIL_P: [f64; 8] = [
        0.07435200122317061,
        0.036685950830948715,
        -0.0041579081146927354,
        -0.007913898962352952,
        -0.002715940867857145,
        -0.0004632820555932443,
        -4.149069835798792e-05,
        -1.5773923428922555e-06,
    ];
    const TAIL_Q: [f64; 8] = [
        1.0,
        1.3372098551539218,
        0.7857705488032106,
        0.26345877160096315,
        0.05453899084280402,
        0.006986449364207692,
        0.0005141666486226372,
        1.6825515221405987e-05,
    ];
    /// Those of t² (t Φ(−t) e^(t²/2) − 1/√(2π)) in 1/t², for t > 4.5.
    const FAR_P: [f64; 7] = [
        -0.3989422804014326,
        -24.508757289612323,
        -521.1047151395,
        -4660.83969928279,
        -16822.710196038355,
        -18558.329343279795,
        -1149.1910646572765,
    ];
    const FAR_Q: [f64; 7] = [
        1.0,
        64.43434399820987,
        1484.5188450080695,
        15275.033948180424,
        71546.20649087099,
        137410.93769734766,
        77592.11806833289,
    ];
    const FRAC_1_SQRT_TAU: f64 = 0.3989422804014327;
    /// ln 2 as a double whose integer multiples up to 2²⁰ are exact, and its rest.
    const LN_2: [f64; 2] = [0.6931471803691238, 1.9082149292705877e-10];
    /// Numbers up to 40 that this multiplies to integers have exact squares.
    const GRID: f64 = 1048576.0;
    fn ratio(p: &[f64], q: &[f64], t: f64) -> f64 {
        let polynomial = |c: &[f64]| c.iter().rev().fold(0.0, |sum, c| sum * t + c);
        polynomial(p) / polynomial(q)
    }
    /// Φ(−t) for 0.65 ≤ t ≤ 40, times `x`.
    fn times_tail(x: f64, t: f64) -> f64 {
        let coarse = (t * GRID).round() / GRID;
        let (exact, more) = (coarse * coarse, (t - coarse) * (t + coarse));
        let square = exact + more;
        // e^(−t²/2) is 2⁻ᵏ (1 + m); the product with 1 + m is rounded once.
        let k = (0.5 * square * core::f64::consts::LOG2_E).round();
        let m = ((k * LN_2[0] - 0.5 * square) + (k * LN_2[1] - 0.5 * ((exact - square) + more))).exp_m1();
        let grown = |main: f64, small: f64| main + (small + m * (main + small));
        let product = if t < 2.0 {
            x * grown(0.1875, ratio(&NEAR_P, &NEAR_Q, t - 1.25))
        } else if t < 4.5 {
            x * grown(0.09375, ratio(&TAIL_P, &TAIL_Q, t - 2.0))
        } else {
            let v = 1.0 / (t * t);
            x / t * grown(FRAC_1_SQRT_TAU, v * ratio(&FAR_P, &FAR_Q, v))
        };
        // Two steps, for 2⁻ᵏ alone may underflow where the product does not.
        let power = |k: u64| f64::from_bits((1023 - k) << 52);
        product * power(k as u64 / 2) * power(k as u64 - k as u64 / 2)
    }
    fn wide(x: f64) -> f64 {
        if x < -40.0 {
            -0.0
        } else if x < -0.67 {
            times_tail(x, -x)
        } else if x < 0.67 {
            x * (0.5 + x * (0.375 + ratio(&MIDDLE_P, &MIDDLE_Q, x * x)))
        } else {
            x * (1.0 - times_tail(1.0, x.min(40.0)))
        }
    }
    wide(f64::from(x)) as Real
}
