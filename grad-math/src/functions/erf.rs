/// The error function 2/√π ∫₀ˣ e^(−t²) dt.
///
/// For |x| < 0.5, x times an exact constant and a small near-minimax ratio in x² (derived in
/// grad-math/tests/coefficients.py, as W. J. Cody, "Rational Chebyshev approximations for the error function", Math.
/// Comp. 23 (1969)), and 1 − erfc(|x|) beyond. ±0 gives ±0, ±∞ gives ±1, and NaN gives NaN.
///
/// Worst error measured: 1.5 ulp in f64, 0.9 ulp in f32.
///
/// # Example
///
/// ```
/// use grad_math::erf;
/// assert_eq!(erf(0.0), 0.0);
/// assert!((erf(1.0_f64) - 0.8427007929497149).abs() < 1e-15);
/// ```
pub fn erf(x: Real) -> Real {
    /// The coefficients of erf(x) / x − 1.0625 in x², for |x| < 0.5.
    const P: [f64; 5] =
        [0.06587916709551257, -0.3464169163984931, -0.05113084663761711, -0.00770583216183336, -0.0003083291328288539];
    const Q: [f64; 5] = [1.0, 0.4509691597993518, 0.08580312323455648, 0.008299086420556764, 0.00035166476084434685];
    fn near_zero(x: f64) -> f64 {
        let polynomial = |c: [f64; 5]| c.iter().rev().fold(0.0, |sum, c| sum * (x * x) + c);
        x * (1.0625 + polynomial(P) / polynomial(Q))
    }
    if x.abs() < 0.5 { near_zero(f64::from(x)) as Real } else { (1.0 - erfc(x.abs())).copysign(x) }
}
