//! Chains, closures, `match` and parts of arrays through the attribute: the generated code compiles without a warning and
//! agrees with numeric differences of the function as it is written.
#![deny(warnings)]

use derive_grad::derive_grad;

#[derive_grad]
fn norm_ratio(x: &[f64], y: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(p, q)| p * q).sum::<f64>();
    dot(x, y) / (dot(x, x) * dot(y, y)).sqrt()
}

#[derive_grad]
fn log_sum_exp(x: &[f64], t: f64) -> f64 {
    let m = x.iter().map(|v| v * t).fold(f64::NEG_INFINITY, f64::max);
    m + x.iter().map(|v| (v * t - m).exp()).sum::<f64>().ln()
}

#[derive_grad]
fn network(w: &[f64], x: &[f64]) -> f64 {
    let n = x.len();
    let (first, last) = w.split_at(2 * n * n);
    let mut h = x.to_vec();
    for layer in first.chunks_exact(n * n) {
        h = layer.chunks_exact(n).map(|row| row.iter().zip(&h).map(|(a, b)| a * b).sum::<f64>().tanh()).collect();
    }
    h.iter().zip(last).map(|(a, b)| a * b).sum()
}

#[derive_grad]
fn smoothed(x: &[f64], c: f64) -> f64 {
    let mut y = x.to_vec();
    for _ in 0..3 {
        for i in 1..y.len() {
            let (left, right) = y.split_at_mut(i);
            right[0] += c * left[i - 1] * left[0];
        }
        y.iter_mut().zip(x).filter(|(_, v)| **v > 0.0).for_each(|(w, v)| *w *= v.cos());
    }
    y.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum()
}

#[derive_grad]
fn piecewise(x: &[f64], kinds: &[usize]) -> f64 {
    fn bump(v: f64, width: f64) -> f64 {
        if v.abs() >= width {
            return 0.0;
        }
        (1.0 - (v / width).powi(2)).exp()
    }
    let mut total = 1.0;
    for (v, kind) in x.iter().zip(kinds) {
        match kind {
            0 => total += bump(*v, 2.0),
            1 | 2 => total *= 1.0 + v * v,
            k if k % 2 == 1 => continue,
            9.. => break,
            _ => total -= v.sin(),
        }
    }
    total
}

#[derive_grad]
fn partial_sums(x: &[f64]) -> f64 {
    let mut sums = Vec::with_capacity(x.len());
    let mut s = 0.0;
    for v in x {
        s += v;
        sums.push(s * v);
    }
    let mut worst = f64::INFINITY;
    let mut note = |v: f64| worst = v.min(worst);
    for v in &sums {
        note(v * v);
    }
    sums.iter().rev().fold(0.0, |acc, v| 0.5 * acc + v) + worst
}

#[derive_grad]
fn rotated(p: [f64; 3], angle: f64) -> f64 {
    let turn = |[a, b]: [f64; 2], t: f64| {
        let (s, c) = t.sin_cos();
        [a * c - b * s, a * s + b * c]
    };
    let [x, rest @ ..] = p;
    let [y, z] = turn(rest, angle);
    let m: [[f64; 3]; 3] = std::array::from_fn(|i| [x, y, z].map(|v| v.powi(i as i32)));
    m.iter().map(|row| row.iter().product::<f64>()).sum()
}

/// Compares a gradient with central differences of the function, argument by argument.
#[track_caller]
fn close(value: impl Fn(&[f64]) -> f64, at: &[f64], gradient: &[f64]) {
    assert_eq!(at.len(), gradient.len());
    for k in 0..at.len() {
        let h = 1e-6;
        let moved = |h: f64| {
            let mut at = at.to_vec();
            at[k] += h;
            value(&at)
        };
        let numeric = (moved(h) - moved(-h)) / (2.0 * h);
        assert!((gradient[k] - numeric).abs() < 1e-7 * (1.0 + numeric.abs()), "{k}: {} is not {numeric}", gradient[k]);
    }
}

const X: [f64; 4] = [0.3, 1.7, 0.9, -0.6];

#[test]
fn closures_of_slices() {
    let y = [1.0, -0.5, 2.0, 0.25];
    let (value, g) = norm_ratio_grad(&X, &y);
    assert_eq!(value, norm_ratio(&X, &y));
    close(|x| norm_ratio(x, &y), &X, &g.x);
    close(|y| norm_ratio(&X, y), &y, &g.y);
    let (value, residuals) = norm_ratio_forward(&X, &y);
    assert_eq!(value, norm_ratio(&X, &y));
    assert_eq!(norm_ratio_backward(&residuals, &X, &y, 1.0).x.len(), 4);
}

#[test]
fn folds() {
    let (_, g) = log_sum_exp_grad(&X, 1.5);
    close(|x| log_sum_exp(x, 1.5), &X, &g.x);
    close(|t| log_sum_exp(&X, t[0]), &[1.5], &[g.t]);
}

#[test]
fn rows_of_a_flat_matrix() {
    let x = [0.5, -1.0];
    let w: Vec<f64> = (0..10).map(|k| (f64::from(k) * 0.7).sin()).collect();
    let (value, g) = network_grad(&w, &x);
    assert!((value - network(&w, &x)).abs() < 1e-14);
    close(|w| network(w, &x), &w, &g.w);
    close(|x| network(&w, x), &x, &g.x);
}

#[test]
fn parts_in_place() {
    for x in [&X[..], &X[..1]] {
        let (_, g) = smoothed_grad(x, 0.4);
        close(|x| smoothed(x, 0.4), x, &g.x);
        close(|c| smoothed(x, c[0]), &[0.4], &[g.c]);
    }
}

#[test]
fn arms() {
    for kinds in [[0, 1, 2, 4], [7, 2, 0, 9], [0, 9, 1, 1]] {
        let (value, g) = piecewise_grad(&X, &kinds);
        assert!((value - piecewise(&X, &kinds)).abs() < 1e-14);
        close(|x| piecewise(x, &kinds), &X, &g);
    }
}

#[test]
fn vectors_that_are_filled() {
    let (value, g) = partial_sums_grad(&X);
    assert_eq!(value, partial_sums(&X));
    close(partial_sums, &X, &g);
    assert_eq!(partial_sums_grad(&[]), (f64::INFINITY, Vec::new()));
}

#[test]
fn arrays_of_functions() {
    let (_, g) = rotated_grad([0.3, 1.2, -0.7], 0.8);
    close(|p| rotated([p[0], p[1], p[2]], 0.8), &[0.3, 1.2, -0.7], &g.p);
    close(|a| rotated([0.3, 1.2, -0.7], a[0]), &[0.8], &[g.angle]);
}
