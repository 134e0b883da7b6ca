/// The number of the interval `[lo, hi]` that is nearest to `x`.
///
/// Never panics, unlike `f64::clamp`: `lo > hi` gives `hi`, a bound that is NaN is no bound, and a NaN `x` gives NaN.
///
/// # Example
///
/// ```
/// use grad_math::clamp;
/// assert_eq!([clamp(-3.0, 0.0, 1.0), clamp(0.5, 0.0, 1.0), clamp(3.0, 0.0, 1.0)], [0.0, 0.5, 1.0]);
/// assert_eq!(clamp(0.5, 1.0, 0.0), 0.0);
/// ```
#[inline]
pub fn clamp(x: Real, lo: Real, hi: Real) -> Real {
    let raised = if x < lo { lo } else { x };
    if raised > hi { hi } else { raised }
}
