/// The term of the relative entropy, x ln(x / y), with its limit 0 at x = 0.
///
/// Kullback and Leibler (1951). x = 0 gives 0 for y ≥ 0, y = 0 gives +∞ for x > 0, a negative ratio gives NaN, and so
/// does NaN.
///
/// Worst error measured: 2.1 ulp in f64, 2.0 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::rel_entr;
/// assert_eq!([rel_entr(0.0, 0.5), rel_entr(0.0, 0.0), rel_entr(0.5, 0.5)], [0.0, 0.0, 0.0]);
/// ```
#[inline]
pub fn rel_entr(x: Real, y: Real) -> Real {
    if x == 0.0 && y >= 0.0 { 0.0 } else { x * ln_ratio(x, y) }
}
