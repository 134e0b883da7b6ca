//! The power spectrum by the discrete Fourier transform as it is defined.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad(jvp, source)]
pub fn power(signal: &[f64]) -> Vec<f64> {
    let n = signal.len();
    (0..n)
        .map(|k| {
            let (mut re, mut im) = (0.0, 0.0);
            for (t, x) in signal.iter().enumerate() {
                let (sin, cos) = (std::f64::consts::TAU * (k * t % n) as f64 / n as f64).sin_cos();
                re += x * cos;
                im -= x * sin;
            }
            (re * re + im * im) / n as f64
        })
        .collect()
}

#[derive(Deserialize)]
pub struct Input {
    signal: Vec<f64>,
}

impl Fixture for Input {
    const NAME: &'static str = "dft";
    const SOURCE: &'static str = POWER_SOURCE;

    fn primal(&self) -> Vec<f64> {
        power(&self.signal)
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = power_forward(&self.signal);
        let g = power_backward(&residuals, &self.signal, cotangent);
        (value, json!({ "signal": g }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        power_jvp(&self.signal, &d.signal)
    }
}
