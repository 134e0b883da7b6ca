/// The sign of `x`: −1, 0 or 1.
///
/// The sgn of mathematics, which is 0 at ±0, where `f64::signum` answers ±1. NaN gives NaN.
///
/// # Example
///
/// ```
/// use grad_math::sign;
/// assert_eq!([sign(-2.5), sign(-0.0), sign(7.0)], [-1.0, 0.0, 1.0]);
/// ```
#[inline]
pub fn sign(x: Real) -> Real {
    if x == 0.0 { 0.0 } else { x.signum() }
}
