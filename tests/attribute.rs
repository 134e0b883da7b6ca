//! What the attribute takes and gives, and that the numbers are right: every gradient against numeric differences.

#![deny(warnings)]
// The primals are written as people write them.
#![allow(clippy::needless_range_loop, clippy::assign_op_pattern, unreachable_pub)]

use derive_grad::{derive_grad, math::sigmoid};

/// The derivative of `f` at `x` by central differences, extrapolated twice.
fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = 1e-2 * (1.0 + x.abs());
    let d = |h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
    let (a, b, c) = (d(h), d(h / 2.0), d(h / 4.0));
    let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
    (16.0 * bc - ab) / 15.0
}

/// Asserts that `grad` is the gradient of `f` at `x`.
#[track_caller]
fn check(f: impl Fn(&[f64]) -> f64, x: &[f64], grad: &[f64]) {
    assert_eq!(x.len(), grad.len());
    for k in 0..x.len() {
        let along = |t: f64| {
            let mut x = x.to_vec();
            x[k] = t;
            f(&x)
        };
        let expected = slope(along, x[k]);
        assert!((grad[k] - expected).abs() < 1e-7 * (1.0 + expected.abs()), "∂/∂x[{k}]: {} is not {expected}", grad[k]);
    }
}

#[derive_grad(wrt(w, b))]
fn neuron(w: &[f64; 2], x: &[f64; 2], b: f64) -> f64 {
    let mut z = b;
    for i in 0..2 {
        z += w[i] * x[i];
    }
    sigmoid(z)
}

#[test]
fn function() {
    let (w, x, b) = ([2.0, -3.0], [-1.0, -2.0], -3.0);
    let (value, NeuronGrad { w: dw, b: db }) = neuron_grad(&w, &x, b);
    assert_eq!(value, neuron(&w, &x, b));
    assert!((value - 0.731_058_578_630_004_9).abs() < 1e-15);
    check(|p| neuron(&[p[0], p[1]], &x, p[2]), &[w[0], w[1], b], &[dw[0], dw[1], db]);
}

#[test]
fn forward_then_backward() {
    let (w, x, b) = ([0.2, -0.3], [-1.0, -2.0], 0.4);
    let (value, residuals) = neuron_forward(&w, &x, b);
    let (same, grad) = neuron_grad(&w, &x, b);
    let back = neuron_backward(&residuals, &w, &x, b, 2.0);
    assert_eq!(value, same);
    assert!((back.b - 2.0 * grad.b).abs() < 1e-15);
    assert!((back.w[1] - 2.0 * grad.w[1]).abs() < 1e-15);
}

#[cfg(feature = "formula")]
mod formula {
    use super::{check, derive_grad};

    #[derive_grad("1 / (1 + exp(-(w · x + b)))")]
    fn neuron2(w: &[f64; 2], x: &[f64; 2], b: f64) -> f64;

    #[test]
    fn formula() {
        let (w, x, b) = ([2.0, -3.0], [-1.0, -2.0], -3.0);
        let (value, grad) = neuron2_grad(&w, &x, b);
        assert!((value - 0.731_058_578_630_004_9).abs() < 1e-15);
        let at = [w[0], w[1], x[0], x[1], b];
        let got = [grad.w[0], grad.w[1], grad.x[0], grad.x[1], grad.b];
        check(|p| neuron2(&[p[0], p[1]], &[p[2], p[3]], p[4]), &at, &got);
    }
}

#[derive_grad(name = "squared")]
fn a_long_name(x: f64) -> f64 {
    x * x
}

#[test]
fn prefix() {
    assert_eq!(squared_grad(3.0), (a_long_name(3.0), 6.0));
}

#[derive_grad]
fn polar(r: f64, t: f64) -> (f64, f64) {
    (r * t.cos(), r * t.sin())
}

#[test]
fn several_results() {
    let (r, t) = (1.3, 0.6);
    let (value, residuals) = polar_forward(r, t);
    assert_eq!(value, polar(r, t));
    let back = polar_backward(&residuals, r, t, 2.0, -0.5);
    let seeded = |p: &[f64]| {
        let (a, b) = polar(p[0], p[1]);
        2.0 * a - 0.5 * b
    };
    check(seeded, &[r, t], &[back.r, back.t]);
}

#[derive_grad]
fn single(x: f32, y: f32) -> f32 {
    (x * y).sin() + x / y
}

#[test]
fn single_precision() {
    let (x, y) = (0.7_f32, 1.9_f32);
    let (value, grad) = single_grad(x, y);
    assert_eq!(value, single(x, y));
    assert!((grad.x - (y * (x * y).cos() + 1.0 / y)).abs() < 1e-6);
    assert!((grad.y - (x * (x * y).cos() - x / (y * y))).abs() < 1e-6);
}

#[derive_grad]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * y[i];
    }
    s
}

#[test]
fn slices() {
    let (x, y) = ([1.0, 2.0, 3.0], [-4.0, 5.0, 0.5]);
    let (value, grad) = dot_grad(&x, &y);
    assert_eq!(value, dot(&x, &y));
    assert_eq!((grad.x.as_slice(), grad.y.as_slice()), (&y[..], &x[..]));
    // The buffers need not be clear.
    let (mut x_adj, mut y_adj) = ([9.0; 3], [f64::NAN; 3]);
    assert_eq!(dot_grad_into(&x, &y, &mut x_adj, &mut y_adj), value);
    assert_eq!((x_adj, y_adj), (y, x));
    // No terms at all.
    assert_eq!(dot_grad(&[], &[]).0, 0.0);
}

#[derive_grad]
fn norm2<const N: usize>(x: &[f64; N]) -> f64 {
    let mut s = 0.0;
    for i in 0..N {
        s += x[i] * x[i];
    }
    s
}

#[test]
fn const_generics() {
    assert_eq!(norm2_grad(&[1.0, -2.0]), (norm2(&[1.0, -2.0]), [2.0, -4.0]));
}

mod inside {
    use derive_grad::derive_grad;

    #[derive_grad]
    pub(crate) fn area(width: f64, height: f64) -> f64 {
        width * height
    }
}

#[test]
fn visibility() {
    let (value, inside::AreaGrad { width, height }) = inside::area_grad(2.0, 3.0);
    assert_eq!((value, width, height), (inside::area(2.0, 3.0), 3.0, 2.0));
}

#[derive_grad]
fn horner(c: &[f64], x: f64) -> f64 {
    let mut y = 0.0;
    for i in 0..c.len() {
        y = y * x + c[i];
    }
    y
}

#[test]
fn horner_scheme() {
    let (c, x) = ([0.5, -1.0, 2.0, 0.25], 0.7);
    let (value, grad) = horner_grad(&c, x);
    assert_eq!(value, horner(&c, x));
    check(|p| horner(&p[..4], p[4]), &[c[0], c[1], c[2], c[3], x], &[&grad.c[..], &[grad.x]].concat());
}

#[derive_grad]
fn recurrence(x: f64, r: f64, n: usize) -> f64 {
    let mut x = x;
    for _ in 0..n {
        x = r * x * (1.0 - x);
    }
    x
}

#[test]
fn logistic_recurrence() {
    for n in [0, 1, 2, 7] {
        let (value, grad) = recurrence_grad(0.3, 2.6, n);
        assert_eq!(value, recurrence(0.3, 2.6, n));
        check(|p| recurrence(p[0], p[1], n), &[0.3, 2.6], &[grad.x, grad.r]);
    }
}

#[derive_grad]
fn overwritten(x: &[f64; 4], a: f64) -> f64 {
    let mut y = [0.0; 4];
    for i in 0..4 {
        y[i] = x[i] * a;
    }
    for i in 1..4 {
        y[i] = y[i] * y[i - 1].sin();
        y[i - 1] *= y[i];
    }
    y[0] + y[1] * y[2] + y[3]
}

#[test]
fn in_place_update() {
    let (x, a) = ([0.4, -1.1, 0.8, 1.7], 1.2);
    let (value, grad) = overwritten_grad(&x, a);
    assert_eq!(value, overwritten(&x, a));
    let at = [x[0], x[1], x[2], x[3], a];
    check(|p| overwritten(&[p[0], p[1], p[2], p[3]], p[4]), &at, &[&grad.x[..], &[grad.a]].concat());
}

#[derive_grad]
fn solve(l: &[[f64; 3]; 3], b: &[f64; 3]) -> f64 {
    let mut x = [0.0; 3];
    for i in 0..3 {
        let mut s = b[i];
        for j in 0..i {
            s -= l[i][j] * x[j];
        }
        x[i] = s / l[i][i];
    }
    let mut t = 0.0;
    for i in 0..3 {
        t += x[i] * x[i];
    }
    t
}

#[test]
fn triangular_solve() {
    let (l, b) = ([[2.0, 0.0, 0.0], [-1.0, 1.5, 0.0], [0.5, 0.25, -3.0]], [1.0, -2.0, 0.7]);
    let (value, grad) = solve_grad(&l, &b);
    assert_eq!(value, solve(&l, &b));
    let at = [l.concat(), b.to_vec()].concat();
    let run = |p: &[f64]| solve(&[[p[0], p[1], p[2]], [p[3], p[4], p[5]], [p[6], p[7], p[8]]], &[p[9], p[10], p[11]]);
    check(run, &at, &[grad.l.concat(), grad.b.to_vec()].concat());
}

#[derive_grad]
fn mixture(x: &[f64], alpha: &[f64], mu: &[f64]) -> f64 {
    let mut total = 0.0;
    for n in 0..x.len() {
        let mut s = 0.0;
        for k in 0..alpha.len() {
            let r = x[n] - mu[k];
            s += (alpha[k] - r * r).exp();
        }
        total += s.ln();
    }
    total
}

#[test]
fn mixture_model() {
    let (x, alpha, mu) = ([0.3, -0.9, 1.4], [0.1, -0.4], [-0.5, 0.8]);
    let (value, grad) = mixture_grad(&x, &alpha, &mu);
    assert!((value - mixture(&x, &alpha, &mu)).abs() < 1e-14);
    let at = [&x[..], &alpha, &mu].concat();
    check(|p| mixture(&p[..3], &p[3..5], &p[5..]), &at, &[grad.x, grad.alpha, grad.mu].concat());
    // Far away the primal as written is −∞; the generated value and gradient are not.
    let (far, grad) = mixture_grad(&[60.0], &alpha, &mu);
    assert!((far - (-0.4 - 59.2 * 59.2)).abs() < 1e-9);
    assert!((grad.x[0] + 2.0 * 59.2).abs() < 1e-9);
}

#[derive_grad]
fn branchy(x: &[f64], w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        if x[i] > 0.0 {
            s += (w * x[i]).sqrt();
        } else {
            s += w.exp() * x[i];
        }
    }
    s
}

#[test]
fn loop_with_a_choice() {
    let (x, w) = ([0.6, -1.2, 2.0, -0.1], 0.9);
    let (value, grad) = branchy_grad(&x, w);
    assert_eq!(value, branchy(&x, w));
    check(|p| branchy(&p[..4], p[4]), &[&x[..], &[w]].concat(), &[&grad.x[..], &[grad.w]].concat());
}

#[derive_grad]
fn root_or_zero(x: f64) -> f64 {
    if x > 0.0 { x.sqrt() } else { 0.0 }
}

#[test]
fn the_other_branch_is_not_evaluated() {
    assert_eq!(root_or_zero_grad(-1.0), (root_or_zero(-1.0), 0.0));
    assert_eq!(root_or_zero_grad(0.0), (0.0, 0.0));
    assert_eq!(root_or_zero_grad(4.0), (2.0, 0.25));
}

#[derive_grad]
fn log_one_plus_exp(x: f64) -> f64 {
    (1.0 + x.exp()).ln()
}

#[test]
fn softplus_written_out_is_stable() {
    assert_eq!(log_one_plus_exp(0.0), std::f64::consts::LN_2);
    assert_eq!(log_one_plus_exp_grad(800.0), (800.0, 1.0));
    let (value, slope) = log_one_plus_exp_grad(-700.0);
    assert!((value / (-700.0_f64).exp() - 1.0).abs() < 1e-12 && (slope / (-700.0_f64).exp() - 1.0).abs() < 1e-12);
}

/// The rows of what is kept have a length that a parameter gives, or that is kept too.
#[derive_grad]
fn rows(x: &[f64], d: usize) -> f64 {
    let mut row = vec![0.0; d];
    let mut total = 0.0;
    for k in 0..x.len() / d {
        for i in 0..d {
            row[i] = 0.5 * row[i] + x[k * d + i].sin();
        }
        for i in 1..d {
            row[i] *= row[i - 1];
        }
        let mut half = vec![1.0; d / 2 + 1];
        for i in 0..d {
            half[i / 2] *= row[i] * half[0];
        }
        total += half[0] * half[d / 2];
    }
    total
}

#[test]
fn rows_of_any_length_are_kept() {
    let x = [0.3, -0.8, 1.4, 0.65, 0.9, -0.2];
    for d in [1, 2, 3, 6] {
        let (value, grad) = rows_grad(&x, d);
        assert_eq!(value, rows(&x, d));
        let (kept, residuals) = rows_forward(&x, d);
        assert_eq!(kept, value);
        assert_eq!(rows_backward(&residuals, &x, d, 1.0), grad);
        for k in 0..x.len() {
            let moved = |h: f64| {
                let mut x = x;
                x[k] += h;
                rows(&x, d)
            };
            let numeric = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((grad[k] - numeric).abs() < 1e-8, "{d}, {k}: {grad:?}, numeric {numeric}");
        }
    }
}

/// The tape of an inner loop holds rows; it is made once, before the outer loop.
#[derive_grad]
fn rotated(x: &[f64], n: usize) -> f64 {
    let mut v = [1.0, 0.5, x[0]];
    let mut s = 0.0;
    for k in 0..x.len() {
        for _ in 0..n {
            for i in 0..3 {
                v[i] = (v[i] * v[(i + 1) % 3] + 0.1).sin();
            }
        }
        s += v[0] * x[k];
    }
    s
}

#[test]
fn a_tape_of_rows_is_made_once() {
    let x = [0.3, -0.8, 1.4];
    for n in [0, 1, 4] {
        let (value, grad) = rotated_grad(&x, n);
        assert_eq!(value, rotated(&x, n));
        for k in 0..x.len() {
            let moved = |h: f64| {
                let mut x = x;
                x[k] += h;
                rotated(&x, n)
            };
            let numeric = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((grad[k] - numeric).abs() < 1e-8, "{n}, {k}: {grad:?}, numeric {numeric}");
        }
    }
}

/// An array and what reads it are given back together.
#[derive_grad]
fn together(x: &[f64], a: f64) -> f64 {
    let mut w = vec![0.0; x.len()];
    let mut s = a;
    if a < 2.0 {
        w[1] = (x[1] * a).sin();
        if a < 0.5 {
            w[0] = x[0] * a;
        }
        s = (w[0] - a).sin();
    }
    s + w[1]
}

#[test]
fn arrays_are_read_before_they_are_moved() {
    for a in [0.3, 1.0, 3.0] {
        let x = [0.4, -0.7];
        let (value, grad) = together_grad(&x, a);
        assert_eq!(value, together(&x, a));
        let numeric = (together(&x, a + 1e-6) - together(&x, a - 1e-6)) / 2e-6;
        assert!((grad.a - numeric).abs() < 1e-8, "{grad:?}, numeric {numeric}");
        let numeric = (together(&[0.4, -0.7 + 1e-6], a) - together(&[0.4, -0.7 - 1e-6], a)) / 2e-6;
        assert!((grad.x[1] - numeric).abs() < 1e-8, "{grad:?}, numeric {numeric}");
    }
}
