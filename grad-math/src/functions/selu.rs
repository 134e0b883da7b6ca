/// The scaled exponential linear unit, `λ x`, or `λ α (eˣ − 1)` where x < 0.
///
/// Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural networks" (2017), where λ and α are the
/// constants that make zero mean and unit variance a fixed point. −∞ gives −λα, ±0 gives ±0, and NaN gives NaN.
///
/// Worst error measured: 1.6 ulp in f64, 1.6 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::selu;
/// assert_eq!(selu(1.0), 1.0507009873554805);
/// assert_eq!(selu(f64::NEG_INFINITY), -1.7580993408473768);
/// ```
#[inline]
pub fn selu(x: Real) -> Real {
    const LAMBDA: f64 = 1.0507009873554805;
    const LAMBDA_ALPHA: f64 = 1.7580993408473768;
    if x < 0.0 { LAMBDA_ALPHA as Real * x.exp_m1() } else { LAMBDA as Real * x }
}
