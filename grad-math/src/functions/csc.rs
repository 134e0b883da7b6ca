/// The cosecant of an angle in radians, 1 / sin x.
///
/// NIST DLMF 4.14. ±0 gives ±∞; ±∞ and NaN give NaN.
///
/// Worst error measured: 1.5 ulp in f64, 1.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::csc;
/// assert_eq!(csc(-0.0), f64::NEG_INFINITY);
/// ```
#[inline]
pub fn csc(x: Real) -> Real {
    1.0 / x.sin()
}
