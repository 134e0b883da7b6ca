//! The log-likelihood of a Gaussian with a full covariance, by Cholesky's factor.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad]
pub mod gaussian {
    const LN_2_PI: f64 = 1.8378770664093453;

    /// The lower factor of a symmetric matrix, row-major.
    fn cholesky(a: &[f64], n: usize) -> Vec<f64> {
        let mut l = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
                l[i * n + j] = if i == j { (a[i * n + i] - sum).sqrt() } else { (a[i * n + j] - sum) / l[j * n + j] };
            }
        }
        l
    }

    #[grad(jvp, source)]
    pub fn log_density(x: &[f64], mean: &[f64], covariance: &[f64]) -> f64 {
        let n = x.len();
        assert_eq!(mean.len(), n, "one mean for each coordinate");
        assert_eq!(covariance.len(), n * n, "an n by n covariance");
        let l = cholesky(covariance, n);
        let mut white = Vec::with_capacity(n);
        for i in 0..n {
            let mut r = x[i] - mean[i];
            for j in 0..i {
                r -= l[i * n + j] * white[j];
            }
            white.push(r / l[i * n + i]);
        }
        let distance: f64 = white.iter().map(|w| w * w).sum();
        let log_det: f64 = 2.0 * (0..n).map(|i| l[i * n + i].ln()).sum::<f64>();
        -0.5 * (distance + log_det + n as f64 * LN_2_PI)
    }
}

#[derive(Deserialize)]
pub struct Input {
    x: Vec<f64>,
    mean: Vec<f64>,
    covariance: Vec<f64>,
}

impl Fixture for Input {
    const NAME: &'static str = "gaussian";
    const SOURCE: &'static str = gaussian::LOG_DENSITY_SOURCE;

    fn primal(&self) -> Vec<f64> {
        vec![gaussian::log_density(&self.x, &self.mean, &self.covariance)]
    }

    fn gradient(&self) -> Option<(f64, Value)> {
        let (value, g) = gaussian::log_density_grad(&self.x, &self.mean, &self.covariance);
        Some((value, json!({ "x": g.x, "mean": g.mean, "covariance": g.covariance })))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = gaussian::log_density_forward(&self.x, &self.mean, &self.covariance);
        let g = gaussian::log_density_backward(&residuals, &self.x, &self.mean, &self.covariance, cotangent[0]);
        (vec![value], json!({ "x": g.x, "mean": g.mean, "covariance": g.covariance }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) =
            gaussian::log_density_jvp(&self.x, &self.mean, &self.covariance, &d.x, &d.mean, &d.covariance);
        (vec![value], vec![along])
    }
}
