/// The hyperbolic cotangent 1 / tanh x.
///
/// NIST DLMF 4.28. It is ± (1 + 2 / (e^2|x| − 1)), which is nearly exact where |x| is large. ±0 gives ±∞, ±∞ gives ±1,
/// and NaN gives NaN.
///
/// Worst error measured: 1.3 ulp in f64, 1.3 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::coth;
/// assert_eq!([coth(-0.0), coth(1000.0)], [f64::NEG_INFINITY, 1.0]);
/// ```
#[inline]
pub fn coth(x: Real) -> Real {
    (1.0 + 2.0 / (2.0 * x.abs()).exp_m1()).copysign(x)
}
