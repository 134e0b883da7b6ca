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

const N: usize = 64;

type Matrix = [[f64; N]; N];

#[derive_grad("x' @ a @ x")]
fn quadratic(a: &[[f64; N]; N], x: &[f64; N]) -> f64;

fn quadratic_by_hand(a: &Matrix, x: &[f64; N]) -> (f64, Matrix, [f64; N]) {
    let (mut value, mut a_adj, mut x_adj) = (0.0, [[0.0; N]; N], [0.0; N]);
    for i in 0..N {
        let mut ax = 0.0;
        for j in 0..N {
            ax += a[i][j] * x[j];
            a_adj[i][j] = x[i] * x[j];
            x_adj[j] += x[i] * a[i][j];
        }
        x_adj[i] += ax;
        value += x[i] * ax;
    }
    (value, a_adj, x_adj)
}

#[derive_grad("norm(a @ x - b)^2")]
fn least_squares(a: &[[f64; N]; N], x: &[f64; N], b: &[f64; N]) -> f64;

fn least_squares_by_hand(a: &Matrix, x: &[f64; N], b: &[f64; N]) -> (f64, Matrix, [f64; N], [f64; N]) {
    let (mut value, mut a_adj, mut x_adj, mut b_adj) = (0.0, [[0.0; N]; N], [0.0; N], [0.0; N]);
    for i in 0..N {
        let r = a[i].iter().zip(x).map(|(a, x)| a * x).sum::<f64>() - b[i];
        let r_adj = 2.0 * r;
        b_adj[i] = -r_adj;
        for j in 0..N {
            a_adj[i][j] = r_adj * x[j];
            x_adj[j] += r_adj * a[i][j];
        }
        value += r * r;
    }
    (value, a_adj, x_adj, b_adj)
}

#[derive_grad("cross_entropy(w @ x, y)", wrt(w))]
fn classifier(w: &[[f64; N]], x: &[f64; N], y: usize) -> f64;

fn classifier_by_hand(w: &[[f64; N]], x: &[f64; N], y: usize, w_adj: &mut [[f64; N]]) -> f64 {
    let scores: Vec<f64> = w.iter().map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum()).collect();
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exps: Vec<f64> = scores.iter().map(|s| (s - top).exp()).collect();
    let sum: f64 = exps.iter().sum();
    for (k, (row, e)) in w_adj.iter_mut().zip(&exps).enumerate() {
        let s_adj = e / sum - f64::from(u8::from(k == y));
        for j in 0..N {
            row[j] = s_adj * x[j];
        }
    }
    sum.ln() + top - scores[y]
}

#[derive_grad("trace(a @ b)")]
fn trace_of_product(a: &[[f64; N]; N], b: &[[f64; N]; N]) -> f64;

fn trace_of_product_by_hand(a: &Matrix, b: &Matrix) -> (f64, Matrix, Matrix) {
    let (mut value, mut a_adj, mut b_adj) = (0.0, [[0.0; N]; N], [[0.0; N]; N]);
    for i in 0..N {
        for j in 0..N {
            value += a[i][j] * b[j][i];
            a_adj[i][j] = b[j][i];
            b_adj[j][i] = a[i][j];
        }
    }
    (value, a_adj, b_adj)
}

#[derive_grad("norm(a' @ x)^2")]
fn transposed(a: &[[f64; N]; N], x: &[f64; N]) -> f64;

fn transposed_by_hand(a: &Matrix, x: &[f64; N]) -> (f64, Matrix, [f64; N]) {
    let (mut y, mut a_adj, mut x_adj) = ([0.0; N], [[0.0; N]; N], [0.0; N]);
    for i in 0..N {
        for j in 0..N {
            y[j] += a[i][j] * x[i];
        }
    }
    for i in 0..N {
        for j in 0..N {
            x_adj[i] += 2.0 * y[j] * a[i][j];
            a_adj[i][j] = 2.0 * y[j] * x[i];
        }
    }
    (y.iter().map(|y| y * y).sum(), a_adj, x_adj)
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

fn all_near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    got.iter().zip(expected).for_each(|(a, b)| near(*a, *b));
}

fn matrices(criterion: &mut Criterion) {
    let number = |k: usize| (0.37 * (k as f64 + 1.0)).sin();
    let a: Matrix = std::array::from_fn(|i| std::array::from_fn(|j| number(N * i + j)));
    let b: Matrix = std::array::from_fn(|i| std::array::from_fn(|j| number(3 * N * i + 5 * j)));
    let x: [f64; N] = std::array::from_fn(|i| number(7 * i));

    let mut group = criterion.benchmark_group("quadratic");
    let (value, grad) = quadratic_grad(&a, &x);
    let hand = quadratic_by_hand(&a, &x);
    near(value, hand.0);
    all_near(grad.a.as_flattened(), hand.1.as_flattened());
    all_near(&grad.x, &hand.2);
    group.bench_function("generated", |t| t.iter(|| quadratic_grad(black_box(&a), black_box(&x))));
    group.bench_function("by_hand", |t| t.iter(|| quadratic_by_hand(black_box(&a), black_box(&x))));
    group.finish();

    let mut group = criterion.benchmark_group("least_squares");
    let (value, grad) = least_squares_grad(&a, &x, &b[0]);
    let hand = least_squares_by_hand(&a, &x, &b[0]);
    near(value, hand.0);
    all_near(grad.a.as_flattened(), hand.1.as_flattened());
    all_near(&grad.x, &hand.2);
    all_near(&grad.b, &hand.3);
    group.bench_function("generated", |t| t.iter(|| least_squares_grad(black_box(&a), black_box(&x), &b[0])));
    group.bench_function("by_hand", |t| t.iter(|| least_squares_by_hand(black_box(&a), black_box(&x), &b[0])));
    group.finish();

    let mut group = criterion.benchmark_group("classifier");
    let (mut a_1, mut a_2) = (a.to_vec(), a.to_vec());
    near(classifier_grad_into(&a, &x, 3, &mut a_1), classifier_by_hand(&a, &x, 3, &mut a_2));
    all_near(a_1.as_flattened(), a_2.as_flattened());
    group.bench_function("generated", |t| {
        t.iter(|| classifier_grad_into(black_box(&a), black_box(&x), 3, &mut a_1));
    });
    group.bench_function("by_hand", |t| {
        t.iter(|| classifier_by_hand(black_box(&a), black_box(&x), 3, &mut a_2));
    });
    group.finish();

    let mut group = criterion.benchmark_group("trace_of_product");
    let (value, grad) = trace_of_product_grad(&a, &b);
    let hand = trace_of_product_by_hand(&a, &b);
    near(value, hand.0);
    all_near(grad.a.as_flattened(), hand.1.as_flattened());
    all_near(grad.b.as_flattened(), hand.2.as_flattened());
    group.bench_function("generated", |t| t.iter(|| trace_of_product_grad(black_box(&a), black_box(&b))));
    group.bench_function("by_hand", |t| t.iter(|| trace_of_product_by_hand(black_box(&a), black_box(&b))));
    group.finish();

    let mut group = criterion.benchmark_group("transposed");
    let (value, grad) = transposed_grad(&a, &x);
    let hand = transposed_by_hand(&a, &x);
    near(value, hand.0);
    all_near(grad.a.as_flattened(), hand.1.as_flattened());
    all_near(&grad.x, &hand.2);
    group.bench_function("generated", |t| t.iter(|| transposed_grad(black_box(&a), black_box(&x))));
    group.bench_function("by_hand", |t| t.iter(|| transposed_by_hand(black_box(&a), black_box(&x))));
    group.finish();
}

criterion_group!(benches, gradients, matrices);
criterion_main!(benches);
