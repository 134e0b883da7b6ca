//! Levenshtein's distance made smooth: the minimum of the three edits is a soft one.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad]
pub mod edit {
    /// −γ·ln Σ exp(−v/γ)
    fn soft_min(values: [f64; 3], gamma: f64) -> f64 {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let sum: f64 = values.iter().map(|v| ((least - v) / gamma).exp()).sum();
        least - gamma * sum.ln()
    }

    #[grad(jvp, source)]
    pub fn distance(a: &[f64], b: &[f64], gap: f64, gamma: f64) -> f64 {
        let mut previous: Vec<f64> = (0..=b.len()).map(|j| j as f64 * gap).collect();
        let mut current = vec![0.0; b.len() + 1];
        for (i, x) in a.iter().enumerate() {
            current[0] = (i + 1) as f64 * gap;
            for (j, y) in b.iter().enumerate() {
                let substitution = previous[j] + (x - y) * (x - y);
                current[j + 1] = soft_min([substitution, previous[j + 1] + gap, current[j] + gap], gamma);
            }
            std::mem::swap(&mut previous, &mut current);
        }
        previous[b.len()]
    }
}

#[derive(Deserialize)]
pub struct Input {
    a: Vec<f64>,
    b: Vec<f64>,
    gap: f64,
    gamma: f64,
}

impl Fixture for Input {
    const NAME: &'static str = "soft_edit";
    const SOURCE: &'static str = edit::DISTANCE_SOURCE;

    fn primal(&self) -> Vec<f64> {
        vec![edit::distance(&self.a, &self.b, self.gap, self.gamma)]
    }

    fn gradient(&self) -> Option<(f64, Value)> {
        let (value, g) = edit::distance_grad(&self.a, &self.b, self.gap, self.gamma);
        Some((value, json!({ "a": g.a, "b": g.b, "gap": g.gap, "gamma": g.gamma })))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = edit::distance_forward(&self.a, &self.b, self.gap, self.gamma);
        let g = edit::distance_backward(&residuals, &self.a, &self.b, self.gap, self.gamma, cotangent[0]);
        (vec![value], json!({ "a": g.a, "b": g.b, "gap": g.gap, "gamma": g.gamma }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = edit::distance_jvp(&self.a, &self.b, self.gap, self.gamma, &d.a, &d.b, d.gap, d.gamma);
        (vec![value], vec![along])
    }
}
