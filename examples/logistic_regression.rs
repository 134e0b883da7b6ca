//! Logistic regression on a slice of samples, fitted by gradient descent with a gradient that allocates nothing.
//!
//! The loss of a sample is softplus(z) − y·z with z = w·x + b, written out in its numerically stable form
//! max(z, 0) + ln(1 + exp(−|z|)), plus an L2 penalty that keeps the optimum finite.

use derive_grad::derive_grad;

#[derive_grad(wrt(w, b), source)]
fn loss(w: &[f64], b: f64, x: &[[f64; 2]], y: &[f64]) -> f64 {
    let mut total = 0.0;
    for n in 0..x.len() {
        let mut z = b;
        for j in 0..2 {
            z += w[j] * x[n][j];
        }
        total += z.max(0.0) + (-z.abs()).exp().ln_1p() - y[n] * z;
    }
    let mut penalty = b * b;
    for j in 0..2 {
        penalty += w[j] * w[j];
    }
    total / x.len() as f64 + 0.005 * penalty
}

fn main() {
    // Two clouds of points around (−1, −1) and (1, 1), on a fixed spiral; every tenth label is wrong.
    let samples: Vec<([f64; 2], f64)> = (0..200)
        .map(|n| {
            let label = f64::from(n % 2);
            let (angle, radius) = (2.4 * f64::from(n), 1.5 * (f64::from(n) / 200.0).sqrt());
            let centre = 2.0 * label - 1.0;
            let point = [centre + radius * angle.cos(), centre + radius * angle.sin()];
            (point, if n % 10 == 0 { 1.0 - label } else { label })
        })
        .collect();
    let (x, y): (Vec<[f64; 2]>, Vec<f64>) = samples.into_iter().unzip();

    let (mut w, mut b) = (vec![0.0; 2], 0.0);
    let (mut w_adj, mut b_adj) = (vec![0.0; 2], 0.0);
    let start = loss(&w, b, &x, &y);
    let mut value = start;
    for step in 0..400 {
        let now = loss_grad_into(&w, b, &x, &y, &mut w_adj, &mut b_adj);
        assert!(now <= value + 1e-12, "step {step} went up");
        value = now;
        for (w, slope) in w.iter_mut().zip(&w_adj) {
            *w -= slope;
        }
        b -= b_adj;
    }
    let norm = (w_adj.iter().map(|g| g * g).sum::<f64>() + b_adj * b_adj).sqrt();
    println!("loss {start:.4} -> {value:.4}, gradient norm {norm:.1e}, w = {w:.3?}, b = {b:.3}");

    assert!((start - std::f64::consts::LN_2).abs() < 1e-12);
    assert!(value < 0.55);
    assert!(norm < 1e-9);
    assert!(w[0] > 0.0 && w[1] > 0.0);
    println!("\n{LOSS_SOURCE}");
}
