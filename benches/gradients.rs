//! Generated gradients against gradients written by hand, in one run.

// The primals are there to be differentiated, and written as people write them.
#![allow(dead_code, clippy::needless_range_loop)]
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use derive_grad::{
    derive_grad,
    math::{sigmoid, softplus},
};

/// ½Σ(w·x − 1)², a loss of a dot product.
#[derive_grad]
fn dot_loss(w: &[f64], x: &[f64]) -> f64 {
    let mut z = 0.0;
    for i in 0..w.len() {
        z += w[i] * x[i];
    }
    0.5 * (z - 1.0) * (z - 1.0)
}

fn dot_loss_by_hand(w: &[f64], x: &[f64], w_adj: &mut [f64], x_adj: &mut [f64]) -> f64 {
    let x = &x[..w.len()];
    let z: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();
    let z_adj = z - 1.0;
    for (((w_adj, x_adj), w), x) in w_adj.iter_mut().zip(x_adj.iter_mut()).zip(w).zip(x) {
        *w_adj = z_adj * x;
        *x_adj = z_adj * w;
    }
    0.5 * z_adj * z_adj
}

#[derive_grad(wrt(w, b))]
fn logistic(w: &[f64; 2], b: f64, x: &[[f64; 2]], y: &[f64]) -> f64 {
    let mut loss = 0.0;
    for n in 0..x.len() {
        let z = b + w[0] * x[n][0] + w[1] * x[n][1];
        loss += softplus(z) - y[n] * z;
    }
    loss / x.len() as f64
}

fn logistic_by_hand(w: &[f64; 2], b: f64, x: &[[f64; 2]], y: &[f64]) -> (f64, [f64; 2], f64) {
    let (mut loss, mut w_adj, mut b_adj) = (0.0, [0.0; 2], 0.0);
    for (x, y) in x.iter().zip(y) {
        let z = b + w[0] * x[0] + w[1] * x[1];
        loss += softplus(z) - y * z;
        let z_adj = sigmoid(z) - y;
        w_adj[0] += z_adj * x[0];
        w_adj[1] += z_adj * x[1];
        b_adj += z_adj;
    }
    let scale = 1.0 / x.len() as f64;
    (loss * scale, w_adj.map(|g| g * scale), b_adj * scale)
}

/// Σₙ ln Σₖ exp(αₖ − (xₙ − μₖ)²), safe without a shift at the points of this bench.
#[derive_grad(wrt(alpha, mu))]
fn mixture(x: &[f64], alpha: &[f64; 4], mu: &[f64; 4]) -> f64 {
    let mut total = 0.0;
    for n in 0..x.len() {
        let mut s = 0.0;
        for k in 0..4 {
            let r = x[n] - mu[k];
            s += (alpha[k] - r * r).exp();
        }
        total += s.ln();
    }
    total
}

/// With the shift by the largest exponent, which the generated code has too.
fn mixture_by_hand(x: &[f64], alpha: &[f64; 4], mu: &[f64; 4]) -> (f64, [f64; 4], [f64; 4]) {
    let (mut total, mut alpha_adj, mut mu_adj) = (0.0, [0.0; 4], [0.0; 4]);
    for x in x {
        let r: [f64; 4] = std::array::from_fn(|k| x - mu[k]);
        let t: [f64; 4] = std::array::from_fn(|k| alpha[k] - r[k] * r[k]);
        let top = t.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let e = t.map(|t| (t - top).exp());
        let s: f64 = e.iter().sum();
        total += top + s.ln();
        for k in 0..4 {
            let p = e[k] / s;
            alpha_adj[k] += p;
            mu_adj[k] += 2.0 * p * r[k];
        }
    }
    (total, alpha_adj, mu_adj)
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * (1.0 + b.abs()), "{a} is not {b}");
}

fn gradients(criterion: &mut Criterion) {
    let n = 1000;
    let wave = |k: f64| (0..n).map(|i| (k * f64::from(i)).sin()).collect::<Vec<_>>();
    let (u, v) = (wave(0.7), wave(1.3));
    let points: Vec<[f64; 2]> = u.iter().zip(&v).map(|(a, b)| [*a, *b]).collect();
    let labels: Vec<f64> = (0..n).map(|i| f64::from(i % 2)).collect();

    near(dot_loss_grad(&u, &v).0, dot_loss(&u, &v));
    let mut group = criterion.benchmark_group("dot_loss");
    let (mut a, mut b) = (vec![0.0; u.len()], vec![0.0; u.len()]);
    let (mut c, mut d) = (a.clone(), b.clone());
    near(dot_loss_grad_into(&u, &v, &mut a, &mut b), dot_loss_by_hand(&u, &v, &mut c, &mut d));
    for (got, expected) in a.iter().zip(&c).chain(b.iter().zip(&d)) {
        near(*got, *expected);
    }
    group.bench_function("generated", |t| {
        t.iter(|| dot_loss_grad_into(black_box(&u), black_box(&v), &mut a, &mut b));
    });
    group.bench_function("by_hand", |t| {
        t.iter(|| dot_loss_by_hand(black_box(&u), black_box(&v), &mut c, &mut d));
    });
    group.finish();

    let mut group = criterion.benchmark_group("logistic");
    let (w, bias) = ([0.3, -0.8], 0.1);
    let (value, grad) = logistic_grad(&w, bias, &points, &labels);
    let hand = logistic_by_hand(&w, bias, &points, &labels);
    near(value, logistic(&w, bias, &points, &labels));
    near(value, hand.0);
    near(grad.w[0], hand.1[0]);
    near(grad.w[1], hand.1[1]);
    near(grad.b, hand.2);
    group.bench_function("generated", |t| {
        t.iter(|| logistic_grad(black_box(&w), bias, black_box(&points), black_box(&labels)));
    });
    group.bench_function("by_hand", |t| {
        t.iter(|| logistic_by_hand(black_box(&w), bias, black_box(&points), black_box(&labels)));
    });
    group.finish();

    let mut group = criterion.benchmark_group("mixture");
    let (alpha, mu) = ([0.1, -0.2, 0.3, 0.0], [-1.0, -0.3, 0.4, 1.2]);
    let (value, grad) = mixture_grad(&u, &alpha, &mu);
    let hand = mixture_by_hand(&u, &alpha, &mu);
    near(value, mixture(&u, &alpha, &mu));
    near(value, hand.0);
    for k in 0..4 {
        near(grad.alpha[k], hand.1[k]);
        near(grad.mu[k], hand.2[k]);
    }
    group.bench_function("generated", |t| {
        t.iter(|| mixture_grad(black_box(&u), black_box(&alpha), black_box(&mu)));
    });
    group.bench_function("by_hand", |t| {
        t.iter(|| mixture_by_hand(black_box(&u), black_box(&alpha), black_box(&mu)));
    });
    group.finish();
}

criterion_group!(benches, gradients);
criterion_main!(benches);
