/// The error function 2/√π ∫₀ˣ e^(−t²) dt.
///
/// W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969): his ratio for |x| <
/// 0.5, and 1 − erfc(|x|) beyond. ±0 gives ±0, ±∞ gives ±1, and NaN gives NaN.
///
/// Worst error measured: 3.0 ulp in f64, 1.7 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::erf;
/// assert_eq!(erf(0.0), 0.0);
/// assert!((erf(1.0_f64) - 0.8427007929497149).abs() < 1e-15);
/// ```
pub fn erf(x: Real) -> Real {
    const P: [f64; 5] =
        [3209.3775891384694, 377.485237685302, 113.86415415105016, 3.1611237438705655, 0.18577770618460315];
    const Q: [f64; 5] = [2844.236833439171, 1282.6165260773723, 244.02463793444417, 23.601290952344122, 1.0];
    fn near_zero(x: f64) -> f64 {
        let polynomial = |c: [f64; 5]| c.iter().rev().fold(0.0, |sum, c| sum * x * x + c);
        x * (polynomial(P) / polynomial(Q))
    }
    if x.abs() < 0.5 { near_zero(f64::from(x)) as Real } else { (1.0 - erfc(x.abs())).copysign(x) }
}
