//! The logarithm of a posterior density: counts are Poisson, their rates Gamma, its shape and rate have priors.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad]
pub mod counts {
    use derive_grad::math::lgamma;

    fn log_gamma(x: f64, shape: f64, rate: f64) -> f64 {
        shape * rate.ln() - lgamma(shape) + (shape - 1.0) * x.ln() - rate * x
    }

    fn log_poisson(count: u32, rate: f64) -> f64 {
        let count = f64::from(count);
        count * rate.ln() - rate - lgamma(count + 1.0)
    }

    /// `groups` says which of the rates a count has.
    #[grad(jvp, source)]
    pub fn log_posterior(rates: &[f64], shape: f64, rate: f64, counts: &[u32], groups: &[usize]) -> f64 {
        let hyperprior = log_gamma(shape, 2.0, 0.5) + log_gamma(rate, 1.5, 1.0);
        let prior: f64 = rates.iter().map(|r| log_gamma(*r, shape, rate)).sum();
        let likelihood: f64 = counts.iter().zip(groups).map(|(count, g)| log_poisson(*count, rates[*g])).sum();
        hyperprior + prior + likelihood
    }
}

#[derive(Deserialize)]
pub struct Input {
    rates: Vec<f64>,
    shape: f64,
    rate: f64,
    counts: Vec<u32>,
    groups: Vec<usize>,
}

impl Fixture for Input {
    const NAME: &'static str = "gamma_poisson";
    const SOURCE: &'static str = counts::LOG_POSTERIOR_SOURCE;

    fn primal(&self) -> Vec<f64> {
        vec![counts::log_posterior(&self.rates, self.shape, self.rate, &self.counts, &self.groups)]
    }

    fn gradient(&self) -> Option<(f64, Value)> {
        let (value, g) = counts::log_posterior_grad(&self.rates, self.shape, self.rate, &self.counts, &self.groups);
        Some((value, json!({ "rates": g.rates, "shape": g.shape, "rate": g.rate })))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (counts, groups) = (&self.counts, &self.groups);
        let (value, residuals) = counts::log_posterior_forward(&self.rates, self.shape, self.rate, counts, groups);
        let g = counts::log_posterior_backward(
            &residuals,
            &self.rates,
            self.shape,
            self.rate,
            counts,
            groups,
            cotangent[0],
        );
        (vec![value], json!({ "rates": g.rates, "shape": g.shape, "rate": g.rate }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (counts, groups) = (&self.counts, &self.groups);
        let (value, along) =
            counts::log_posterior_jvp(&self.rates, self.shape, self.rate, counts, groups, &d.rates, d.shape, d.rate);
        (vec![value], vec![along])
    }
}
