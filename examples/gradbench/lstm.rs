//! `lstm`: the loss of a stack of LSTM layers with diagonal weights that predicts the next character's bits.

#![allow(clippy::needless_range_loop)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod network {
    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    /// One layer: its weights and biases for the forget, input and output gates and the change.
    fn layer(weight: &[f64], bias: &[f64], hidden: &mut [f64], cell: &mut [f64], input: &[f64]) {
        let b = input.len();
        for i in 0..b {
            let forget = sigmoid(input[i] * weight[i] + bias[i]);
            let ingate = sigmoid(hidden[i] * weight[b + i] + bias[b + i]);
            let outgate = sigmoid(input[i] * weight[2 * b + i] + bias[2 * b + i]);
            let change = (hidden[i] * weight[3 * b + i] + bias[3 * b + i]).tanh();
            cell[i] = cell[i] * forget + ingate * change;
            hidden[i] = outgate * cell[i].tanh();
        }
    }

    /// `main` holds 8b parameters a layer, `extra` the input weights, output weights and output biases, `state` 2b numbers
    /// a layer, `sequence` b a character.
    #[grad(wrt(main, extra), source)]
    pub fn loss(b: usize, main: &[f64], extra: &[f64], state: &[f64], sequence: &[f64]) -> f64 {
        let layers = main.len() / (8 * b);
        let characters = sequence.len() / b;
        let mut state = state.to_vec();
        let mut x = vec![0.0; b];
        let mut total = 0.0;
        for t in 0..characters - 1 {
            let input = &sequence[t * b..(t + 1) * b];
            for i in 0..b {
                x[i] = input[i] * extra[i];
            }
            for k in 0..layers {
                let params = &main[8 * b * k..8 * b * (k + 1)];
                let (weight, bias) = params.split_at(4 * b);
                let (hidden, cell) = state[2 * b * k..2 * b * (k + 1)].split_at_mut(b);
                layer(weight, bias, hidden, cell, &x);
                x.copy_from_slice(hidden);
            }
            let mut sum = 2.0;
            for i in 0..b {
                x[i] = x[i] * extra[b + i] + extra[2 * b + i];
                sum += x[i].exp();
            }
            let log_sum = sum.ln();
            let gold = &sequence[(t + 1) * b..(t + 2) * b];
            for i in 0..b {
                total += gold[i] * (x[i] - log_sum);
            }
        }
        -total / ((characters - 1) * b) as f64
    }
}
