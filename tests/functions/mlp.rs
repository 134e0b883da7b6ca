//! A perceptron of three layers, its parameters in one flat slice.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad]
pub mod mlp {
    /// weights · x + bias, the weights row-major.
    fn linear(weights: &[f64], bias: &[f64], x: &[f64]) -> Vec<f64> {
        weights
            .chunks_exact(x.len())
            .zip(bias)
            .map(|(row, b)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + b)
            .collect()
    }

    /// The mean squared error of the outputs for an input; the layers have `sizes` units.
    #[grad(jvp, source)]
    pub fn loss(params: &[f64], sizes: [usize; 4], x: &[f64], target: &[f64]) -> f64 {
        let [n0, n1, n2, n3] = sizes;
        assert_eq!(x.len(), n0);
        assert_eq!(target.len(), n3);
        let (w1, rest) = params.split_at(n1 * n0);
        let (b1, rest) = rest.split_at(n1);
        let (w2, rest) = rest.split_at(n2 * n1);
        let (b2, rest) = rest.split_at(n2);
        let (w3, b3) = rest.split_at(n3 * n2);
        let h1: Vec<f64> = linear(w1, b1, x).iter().map(|z| z.tanh()).collect();
        let h2: Vec<f64> = linear(w2, b2, &h1).into_iter().map(|z| z.max(0.0)).collect();
        let y = linear(w3, b3, &h2);
        y.iter().zip(target).map(|(y, t)| (y - t).powi(2)).sum::<f64>() / n3 as f64
    }
}

#[derive(Deserialize)]
pub struct Input {
    params: Vec<f64>,
    sizes: [usize; 4],
    x: Vec<f64>,
    target: Vec<f64>,
}

impl Fixture for Input {
    const NAME: &'static str = "mlp";
    const SOURCE: &'static str = mlp::LOSS_SOURCE;

    fn primal(&self) -> Vec<f64> {
        vec![mlp::loss(&self.params, self.sizes, &self.x, &self.target)]
    }

    fn gradient(&self) -> Option<(f64, Value)> {
        let (value, g) = mlp::loss_grad(&self.params, self.sizes, &self.x, &self.target);
        Some((value, json!({ "params": g.params, "x": g.x, "target": g.target })))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = mlp::loss_forward(&self.params, self.sizes, &self.x, &self.target);
        let g = mlp::loss_backward(&residuals, &self.params, self.sizes, &self.x, &self.target, cotangent[0]);
        (vec![value], json!({ "params": g.params, "x": g.x, "target": g.target }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = mlp::loss_jvp(&self.params, self.sizes, &self.x, &self.target, &d.params, &d.x, &d.target);
        (vec![value], vec![along])
    }
}
