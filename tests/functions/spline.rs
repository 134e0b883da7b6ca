//! A natural cubic spline through points, at a place.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad]
pub mod spline {
    /// The second derivatives at the knots: a tridiagonal system by Thomas's algorithm.
    fn curvatures(x: &[f64], y: &[f64]) -> Vec<f64> {
        let n = x.len();
        let mut curvature = vec![0.0; n];
        let mut upper = vec![0.0; n];
        for i in 1..n - 1 {
            let sigma = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1]);
            let pivot = sigma * curvature[i - 1] + 2.0;
            curvature[i] = (sigma - 1.0) / pivot;
            let jump = (y[i + 1] - y[i]) / (x[i + 1] - x[i]) - (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
            upper[i] = (6.0 * jump / (x[i + 1] - x[i - 1]) - sigma * upper[i - 1]) / pivot;
        }
        curvature[n - 1] = 0.0;
        for i in (0..n - 1).rev() {
            curvature[i] = curvature[i] * curvature[i + 1] + upper[i];
        }
        curvature
    }

    #[grad(jvp, source)]
    pub fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
        let n = x.len();
        assert!(n >= 2 && y.len() == n, "two points or more");
        let second = curvatures(x, y);
        let (mut low, mut high) = (0, n - 1);
        while high - low > 1 {
            let middle = (low + high) / 2;
            if x[middle] > at {
                high = middle;
            } else {
                low = middle;
            }
        }
        let h = x[high] - x[low];
        let a = (x[high] - at) / h;
        let b = (at - x[low]) / h;
        a * y[low] + b * y[high] + ((a.powi(3) - a) * second[low] + (b.powi(3) - b) * second[high]) * h * h / 6.0
    }
}

#[derive(Deserialize)]
pub struct Input {
    x: Vec<f64>,
    y: Vec<f64>,
    at: f64,
}

impl Fixture for Input {
    const NAME: &'static str = "spline";
    const SOURCE: &'static str = spline::INTERPOLATE_SOURCE;

    fn primal(&self) -> Vec<f64> {
        vec![spline::interpolate(&self.x, &self.y, self.at)]
    }

    fn gradient(&self) -> Option<(f64, Value)> {
        let (value, g) = spline::interpolate_grad(&self.x, &self.y, self.at);
        Some((value, json!({ "x": g.x, "y": g.y, "at": g.at })))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = spline::interpolate_forward(&self.x, &self.y, self.at);
        let g = spline::interpolate_backward(&residuals, &self.x, &self.y, self.at, cotangent[0]);
        (vec![value], json!({ "x": g.x, "y": g.y, "at": g.at }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = spline::interpolate_jvp(&self.x, &self.y, self.at, &d.x, &d.y, d.at);
        (vec![value], vec![along])
    }
}
