/// The right tail e^(x²) erfc(x) (1 + `more`), for x ≥ 0.46875 and |`more`| ≤ ½.
///
/// What `erfc` and `erfcx` share; `more` is the factor of an exponential, and the product is rounded once. W. J. Cody,
/// "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969): his ratio in 1/x² for x > 4, and
/// two near-minimax ratios (derived in grad-math/tests/coefficients.py) below, about an exact constant that is more
/// than half of the value. +∞ gives 0, and NaN gives NaN.
///
/// # Example
///
/// ```
/// use grad_math::{erfcx, erfcx_tail};
/// assert_eq!(erfcx_tail(2.0, 0.0), erfcx(2.0));
/// ```
pub fn erfcx_tail(x: Real, more: Real) -> Real {
    /// The coefficients of erfcx(1 + t) − 0.4375 for 0.46875 ≤ 1 + t ≤ 1.5.
    const NEAR_P: [f64; 8] = [
        -0.009916423844192996,
        -0.29035705088387775,
        -0.3306743270458081,
        -0.16667760675078883,
        -0.044825280301188514,
        -0.0063806388260479255,
        -0.000382715937058856,
        -3.0990621483303915e-09,
    ];
    const NEAR_Q: [f64; 7] = [
        1.0,
        1.7289535390340545,
        1.2781834207190632,
        0.518012099151379,
        0.12160323942198946,
        0.015710964287470017,
        0.0008749244351482564,
    ];
    /// The coefficients of erfcx(1.5 + t) − 0.21875 for 1.5 ≤ 1.5 + t ≤ 4.
    const MIDDLE_P: [f64; 8] = [
        0.1028354164543175,
        0.03054693768473427,
        -0.07161107666124972,
        -0.06921921558632532,
        -0.028618544879422773,
        -0.006469038616811304,
        -0.0007921224477191933,
        -4.179143408260439e-05,
    ];
    const MIDDLE_Q: [f64; 8] = [
        1.0,
        1.8881613174926974,
        1.5674011246192088,
        0.7428276159382896,
        0.21750650560905627,
        0.03944392934503248,
        0.004113869727483325,
        0.0001910465469813119,
    ];
    /// The coefficients of x² (x erfcx(x) − 1/√π) in 1/x², for x > 4.
    const FAR_P: [f64; 6] = [
        -0.0006587491615298378,
        -0.016083785148742275,
        -0.12578172611122926,
        -0.36034489994980445,
        -0.30532663496123236,
        -0.016315387137302097,
    ];
    const FAR_Q: [f64; 6] =
        [0.0023352049762686918, 0.06051834131244132, 0.5279051029514285, 1.8729528499234604, 2.568520192289822, 1.0];
    fn ratio(p: &[f64], q: &[f64], t: f64) -> f64 {
        let polynomial = |c: &[f64]| c.iter().rev().fold(0.0, |sum, c| sum * t + c);
        polynomial(p) / polynomial(q)
    }
    fn wide(x: f64, more: f64) -> f64 {
        let grown = |main: f64, small: f64| main + (small + more * (main + small));
        if x < 1.5 {
            grown(0.4375, ratio(&NEAR_P, &NEAR_Q, x - 1.0))
        } else if x < 4.0 {
            grown(0.21875, ratio(&MIDDLE_P, &MIDDLE_Q, x - 1.5))
        } else {
            let t = 1.0 / (x * x);
            grown(0.5 * core::f64::consts::FRAC_2_SQRT_PI, t * ratio(&FAR_P, &FAR_Q, t)) / x
        }
    }
    wide(f64::from(x), f64::from(more)) as Real
}
