//! `gmm`: the log posterior of a mixture of Gaussians whose precision matrices have a Wishart prior.
//!
//! The precision of component k is QᵀQ with Q lower triangular: exp(q) on the diagonal, `l` below it column by column.

#![allow(clippy::needless_range_loop)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod mixture {
    use std::f64::consts::{PI, SQRT_2};

    /// The parameters of k components in d dimensions, row by row.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Mixture {
        /// k logarithms of weights, up to a constant.
        pub alpha: Vec<f64>,
        /// k × d means.
        pub mu: Vec<f64>,
        /// k × d logarithms of diagonals.
        pub q: Vec<f64>,
        /// k × d(d − 1)/2 elements below the diagonals.
        pub l: Vec<f64>,
    }

    /// The prior of the precision matrices.
    pub struct Wishart {
        pub gamma: f64,
        pub m: usize,
    }

    fn log_sum_exp(v: &[f64]) -> f64 {
        let max = v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        max + v.iter().map(|x| (x - max).exp()).sum::<f64>().ln()
    }

    /// ln Γ(n / 2).
    fn log_gamma_half(n: usize) -> f64 {
        let is_even = n.is_multiple_of(2);
        let mut log = if is_even { 0.0 } else { 0.5 * PI.ln() };
        let mut k = if is_even { 2 } else { 1 };
        while k < n {
            log += (k as f64 / 2.0).ln();
            k += 2;
        }
        log
    }

    #[grad(wrt(mixture), source)]
    pub fn log_posterior(d: usize, x: &[f64], mixture: &Mixture, prior: &Wishart) -> f64 {
        let n = x.len() / d;
        let k = mixture.alpha.len();
        let below = d * (d - 1) / 2;

        let mut exp_q = vec![0.0; k * d];
        let mut sum_q = vec![0.0; k];
        for c in 0..k {
            for j in 0..d {
                exp_q[c * d + j] = mixture.q[c * d + j].exp();
                sum_q[c] += mixture.q[c * d + j];
            }
        }

        let mut likelihood = 0.0;
        let mut beta = vec![0.0; k];
        let mut centred = vec![0.0; d];
        let mut rotated = vec![0.0; d];
        for i in 0..n {
            for c in 0..k {
                for j in 0..d {
                    centred[j] = x[i * d + j] - mixture.mu[c * d + j];
                }
                for j in 0..d {
                    rotated[j] = exp_q[c * d + j] * centred[j];
                }
                let mut at = c * below;
                for j in 0..d {
                    for r in j + 1..d {
                        rotated[r] += mixture.l[at] * centred[j];
                        at += 1;
                    }
                }
                let distance: f64 = rotated.iter().map(|v| v * v).sum();
                beta[c] = mixture.alpha[c] + sum_q[c] - 0.5 * distance;
            }
            likelihood += log_sum_exp(&beta);
        }
        likelihood -= n as f64 * (0.5 * d as f64 * (2.0 * PI).ln() + log_sum_exp(&mixture.alpha));

        let mut frobenius = 0.0;
        for v in &exp_q {
            frobenius += v * v;
        }
        for v in &mixture.l {
            frobenius += v * v;
        }
        let freedom = d + prior.m + 1;
        let mut log_gamma = 0.25 * (d * (d - 1)) as f64 * PI.ln();
        for j in 0..d {
            log_gamma += log_gamma_half(freedom - j);
        }
        let constant = (freedom * d) as f64 * (prior.gamma / SQRT_2).ln() - log_gamma;
        let log_prior = k as f64 * constant - 0.5 * prior.gamma * prior.gamma * frobenius
            + prior.m as f64 * sum_q.iter().sum::<f64>();

        likelihood + log_prior
    }
}
