/// The leaky rectifier: `x`, or `slope · x` where x < 0.
///
/// Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013). ±0 gives ±0, and NaN
/// gives NaN.
///
/// Worst error measured: 0.5 ulp in f64, 0.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::leaky_relu;
/// assert_eq!([leaky_relu(-2.0, 0.25), leaky_relu(3.0, 0.25)], [-0.5, 3.0]);
/// ```
#[inline]
pub fn leaky_relu(x: Real, slope: Real) -> Real {
    if x < 0.0 { slope * x } else { x }
}
