//! `lse`: log Σ exp, shifted by the maximum.

use derive_grad::derive_grad;

#[derive_grad(source)]
pub fn log_sum_exp(x: &[f64]) -> f64 {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = x.iter().map(|v| (v - max).exp()).sum();
    max + sum.ln()
}
