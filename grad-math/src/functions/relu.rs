/// The rectifier, max(x, 0).
///
/// Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010). Both zeros give +0, and NaN
/// gives NaN, which `x.max(0.0)` would hide.
///
/// # Example
///
/// ```
/// use grad_math::relu;
/// assert_eq!([relu(-2.0), relu(3.0)], [0.0, 3.0]);
/// assert!(relu(f64::NAN).is_nan());
/// ```
#[inline]
pub fn relu(x: Real) -> Real {
    if x <= 0.0 { 0.0 } else { x }
}
