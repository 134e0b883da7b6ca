//! Linear equations by sweeps of Gauss and Seidel.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

/// The matrix is row-major.
#[derive_grad(jvp, source)]
pub fn gauss_seidel(matrix: &[f64], b: &[f64], guess: &[f64], sweeps: usize) -> Vec<f64> {
    let n = b.len();
    let mut x = guess.to_vec();
    for _ in 0..sweeps {
        for (i, row) in matrix.chunks_exact(n).enumerate() {
            let all: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            x[i] += (b[i] - all) / row[i];
        }
    }
    x
}

#[derive(Deserialize)]
pub struct Input {
    matrix: Vec<f64>,
    b: Vec<f64>,
    guess: Vec<f64>,
    sweeps: usize,
}

impl Fixture for Input {
    const NAME: &'static str = "gauss_seidel";
    const SOURCE: &'static str = GAUSS_SEIDEL_SOURCE;

    fn primal(&self) -> Vec<f64> {
        gauss_seidel(&self.matrix, &self.b, &self.guess, self.sweeps)
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = gauss_seidel_forward(&self.matrix, &self.b, &self.guess, self.sweeps);
        let g = gauss_seidel_backward(&residuals, &self.matrix, &self.b, &self.guess, self.sweeps, cotangent);
        (value, json!({ "matrix": g.matrix, "b": g.b, "guess": g.guess }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        gauss_seidel_jvp(&self.matrix, &self.b, &self.guess, self.sweeps, &d.matrix, &d.b, &d.guess)
    }
}
