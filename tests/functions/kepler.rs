//! Kepler's equation by Newton's method.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

/// The eccentric anomaly E with E − e·sin E = M.
#[derive_grad(wrt(mean_anomaly, eccentricity), jvp, source)]
pub fn kepler(mean_anomaly: f64, eccentricity: f64, tol: f64) -> f64 {
    let mut anomaly = if eccentricity < 0.8 { mean_anomaly } else { std::f64::consts::PI };
    let mut err = f64::INFINITY;
    while err > tol {
        let (sin, cos) = anomaly.sin_cos();
        let step = (anomaly - eccentricity * sin - mean_anomaly) / (1.0 - eccentricity * cos);
        anomaly -= step;
        err = step.abs();
    }
    anomaly
}

#[derive(Deserialize)]
pub struct Input {
    mean_anomaly: f64,
    eccentricity: f64,
    tol: f64,
}

impl Fixture for Input {
    const NAME: &'static str = "kepler";
    const SOURCE: &'static str = KEPLER_SOURCE;

    fn primal(&self) -> Vec<f64> {
        vec![kepler(self.mean_anomaly, self.eccentricity, self.tol)]
    }

    fn gradient(&self) -> Option<(f64, Value)> {
        let (value, g) = kepler_grad(self.mean_anomaly, self.eccentricity, self.tol);
        Some((value, json!({ "mean_anomaly": g.mean_anomaly, "eccentricity": g.eccentricity })))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = kepler_forward(self.mean_anomaly, self.eccentricity, self.tol);
        let g = kepler_backward(&residuals, self.mean_anomaly, self.eccentricity, self.tol, cotangent[0]);
        (vec![value], json!({ "mean_anomaly": g.mean_anomaly, "eccentricity": g.eccentricity }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = kepler_jvp(self.mean_anomaly, self.eccentricity, self.tol, d.mean_anomaly, d.eccentricity);
        (vec![value], vec![along])
    }
}
