//! A cell of an LSTM with full weights.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;
use cell::{LstmWeightsGrad, Weights};

#[derive_grad]
pub mod cell {
    use derive_grad::math::sigmoid;

    /// Weights of the gates (input, forget, candidate, output), one after another; matrices are row-major.
    pub struct Weights<'a> {
        pub input: &'a [f64],
        pub recurrent: &'a [f64],
        pub bias: &'a [f64],
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// The hidden state and the cell's state after an input.
    #[grad(jvp, source)]
    pub fn lstm(weights: &Weights, x: &[f64], hidden: &[f64], cell: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (n, m) = (x.len(), hidden.len());
        let gate = |k: usize| {
            dot(&weights.input[k * n..(k + 1) * n], x)
                + dot(&weights.recurrent[k * m..(k + 1) * m], hidden)
                + weights.bias[k]
        };
        let mut next_hidden = Vec::with_capacity(m);
        let mut next_cell = Vec::with_capacity(m);
        for j in 0..m {
            let input = sigmoid(gate(j));
            let forget = sigmoid(gate(m + j));
            let candidate = gate(2 * m + j).tanh();
            let output = sigmoid(gate(3 * m + j));
            let c = forget * cell[j] + input * candidate;
            next_cell.push(c);
            next_hidden.push(output * c.tanh());
        }
        (next_hidden, next_cell)
    }
}

#[derive(Deserialize)]
pub struct Input {
    input: Vec<f64>,
    recurrent: Vec<f64>,
    bias: Vec<f64>,
    x: Vec<f64>,
    hidden: Vec<f64>,
    cell: Vec<f64>,
}

impl Input {
    /// A direction of the weights owns its numbers.
    fn direction(&self) -> LstmWeightsGrad {
        LstmWeightsGrad { input: self.input.clone(), recurrent: self.recurrent.clone(), bias: self.bias.clone() }
    }

    fn weights(&self) -> Weights<'_> {
        Weights { input: &self.input, recurrent: &self.recurrent, bias: &self.bias }
    }
}

impl Fixture for Input {
    const NAME: &'static str = "lstm_cell";
    const SOURCE: &'static str = cell::LSTM_SOURCE;

    fn primal(&self) -> Vec<f64> {
        let (hidden, cell) = cell::lstm(&self.weights(), &self.x, &self.hidden, &self.cell);
        [hidden, cell].concat()
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let ((hidden, cell), residuals) = cell::lstm_forward(&self.weights(), &self.x, &self.hidden, &self.cell);
        let (first, second) = cotangent.split_at(self.hidden.len());
        let g = cell::lstm_backward(&residuals, &self.weights(), &self.x, &self.hidden, &self.cell, first, second);
        (
            [hidden, cell].concat(),
            json!({ "input": g.weights.input, "recurrent": g.weights.recurrent, "bias": g.weights.bias, "x": g.x, "hidden": g.hidden, "cell": g.cell }),
        )
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = cell::lstm_jvp(
            &self.weights(),
            &self.x,
            &self.hidden,
            &self.cell,
            &d.direction(),
            &d.x,
            &d.hidden,
            &d.cell,
        );
        ([value.0, value.1].concat(), [along.0, along.1].concat())
    }
}
