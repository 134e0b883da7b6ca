//! The sigmoid neuron of the CS231n notes: f(w, x) = σ(w₀x₀ + w₁x₁ + w₂) at w = (2, −3, −3), x = (−1, −2).
//!
//! However σ is written, the generated backward pass computes one exponential and has the form s·(1 − s).

use derive_grad::{derive_grad, math::sigmoid};

#[derive_grad(source)]
fn neuron(w: &[f64; 3], x: &[f64; 2]) -> f64 {
    let z = w[0] * x[0] + w[1] * x[1] + w[2];
    sigmoid(z)
}

#[derive_grad(source)]
fn written_out(w: &[f64; 3], x: &[f64; 2]) -> f64 {
    let z = w[0] * x[0] + w[1] * x[1] + w[2];
    1.0 / (1.0 + (-z).exp())
}

fn main() {
    let (w, x) = ([2.0, -3.0, -3.0], [-1.0, -2.0]);
    let (value, grad) = neuron_grad(&w, &x);
    println!("f = {value:.2}");
    println!("∂f/∂w = {:.2?}", grad.w);
    println!("∂f/∂x = {:.2?}", grad.x);

    assert_eq!(value, neuron(&w, &x));
    assert!((value - 0.73).abs() < 0.005);
    let rounded = [-0.20, -0.39, 0.20, 0.39, -0.59];
    for (got, expected) in grad.w.iter().chain(&grad.x).zip(rounded) {
        assert!((got - expected).abs() < 0.005, "{got} is not {expected}");
    }
    // Both forms give the same code but for the name, and it recognises σ: no other exponential is left.
    assert_eq!(
        NEURON_SOURCE.replace("Neuron", "N").replace("neuron", "n"),
        WRITTEN_OUT_SOURCE.replace("WrittenOut", "N").replace("written_out", "n")
    );
    assert!(NEURON_SOURCE.contains("(1.0 - "), "{NEURON_SOURCE}");
    assert_eq!(written_out_grad(&w, &x).1.w, grad.w);
    assert!((written_out(&w, &x) - value).abs() < 1e-15);
    println!("\n{NEURON_SOURCE}");
}
