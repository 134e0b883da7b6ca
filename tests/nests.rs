//! Arrays that are read and written again in loops within loops and in arms: each gradient against numeric differences, in
//! both modes, and what is stored grows with what is read, not with the array.

#![deny(warnings)]
// The primals are written as people write them.
#![allow(clippy::needless_range_loop)]

mod differences;

use derive_grad::derive_grad;
use differences::{dot, near, numbers, slopes};

/// No tape has room for copies of the array.
#[track_caller]
fn no_copies(source: &str, length: &str) {
    for line in source.lines().filter(|line| line.contains("tape") && line.contains("vec![")) {
        assert!(!line.contains(length), "a tape of copies: {line}");
    }
    assert!(source.contains("tape.push(") && !source.contains("tape.extend"), "{source}");
}

/// Elements are squared where the condition holds.
#[derive_grad(source, jvp)]
fn squared(y0: &[f64], c: &[f64], places: &[usize]) -> f64 {
    let mut y = y0.to_vec();
    for i in 0..places.len() {
        if c[i] > 0.0 {
            y[places[i]] = y[places[i]] * y[places[i]] * c[i];
        } else if c[i] < -0.5 {
            y[places[i]] = (y[places[i]] + c[i]).sin();
        }
    }
    y.iter().sum()
}

#[test]
fn an_arm_reads_and_writes() {
    for n in [0, 1, 7] {
        let (y, c) = (numbers(3, 0.25), numbers(n, 1.0));
        let places: Vec<usize> = (0..n).map(|k| (k * k) % 3).collect();
        let (value, grad) = squared_grad(&y, &c, &places);
        assert_eq!(value, squared(&y, &c, &places));
        near(&grad.y0, &slopes(|y| squared(y, &c, &places), &y));
        near(&grad.c, &slopes(|c| squared(&y, c, &places), &c));
        let (dy, dc) = (numbers(3, 8.0), numbers(n, 9.0));
        near(&[squared_jvp(&y, &c, &places, &dy, &dc).1], &[dot(&grad.y0, &dy) + dot(&grad.c, &dc)]);
        let (_, residuals) = squared_forward(&y, &c, &places);
        let again = squared_backward(&residuals, &y, &c, &places, 2.0);
        near(&again.c, &grad.c.iter().map(|g| 2.0 * g).collect::<Vec<_>>());
    }
    no_copies(SQUARED_SOURCE, "y0_len");
}

/// Two ends of each edge move to its length (position-based dynamics; Müller et al. 2007).
#[derive_grad(source, jvp)]
fn projected(start: &[[f64; 3]], edges: &[[usize; 2]], lengths: &[f64]) -> f64 {
    let mut p = start.to_vec();
    for (edge, length) in edges.iter().zip(lengths) {
        let [a, b] = *edge;
        let mut squares = 0.0;
        for r in 0..3 {
            squares += (p[a][r] - p[b][r]).powi(2);
        }
        let s = 0.5 * (1.0 - length / squares.sqrt());
        for r in 0..3 {
            let d = p[b][r] - p[a][r];
            p[a][r] += s * d;
            p[b][r] -= s * d;
        }
    }
    p.iter().map(|q| q[0] * q[1] + q[2]).sum()
}

#[test]
fn small_loops_in_a_long_one() {
    let flat = numbers(12, 0.7);
    let nodes = |flat: &[f64]| -> Vec<[f64; 3]> { flat.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect() };
    let edges = [[0, 1], [1, 2], [2, 3], [3, 0], [0, 2], [1, 0]];
    let lengths = [0.8, 1.1, 0.9, 1.3, 0.7, 1.0];
    let (value, grad) = projected_grad(&nodes(&flat), &edges, &lengths);
    assert_eq!(value, projected(&nodes(&flat), &edges, &lengths));
    near(&grad.start.concat(), &slopes(|x| projected(&nodes(x), &edges, &lengths), &flat));
    near(&grad.lengths, &slopes(|l| projected(&nodes(&flat), &edges, l), &lengths));
    let (dx, dl) = (numbers(12, 3.0), numbers(6, 4.0));
    let along = projected_jvp(&nodes(&flat), &edges, &lengths, &nodes(&dx), &dl).1;
    near(&[along], &[dot(&grad.start.concat(), &dx) + dot(&grad.lengths, &dl)]);
    no_copies(PROJECTED_SOURCE, "start_len");
}

/// ln |det A| by Givens rotations in place (Golub and Van Loan, Matrix Computations, 5.1.8).
#[derive_grad(source, jvp)]
fn rotated(a: &[f64], n: usize) -> f64 {
    let mut a = a.to_vec();
    for j in 0..n {
        for i in j + 1..n {
            let r = a[j * n + j].hypot(a[i * n + j]);
            if r == 0.0 {
                continue;
            }
            let (c, s) = (a[j * n + j] / r, a[i * n + j] / r);
            for k in j..n {
                let (x, y) = (a[j * n + k], a[i * n + k]);
                a[j * n + k] = c * x + s * y;
                a[i * n + k] = c * y - s * x;
            }
        }
    }
    (0..n).map(|i| a[i * n + i].abs().ln()).sum()
}

#[test]
fn rotations_in_place() {
    for n in [0, 1, 2, 4] {
        let mut a = numbers(n * n, 0.4);
        (0..n).for_each(|i| a[i * n + i] += 2.0);
        let (value, grad) = rotated_grad(&a, n);
        assert_eq!(value, rotated(&a, n));
        near(&grad, &slopes(|a| rotated(a, n), &a));
        let d = numbers(n * n, 5.0);
        near(&[rotated_jvp(&a, n, &d).1], &[dot(&grad, &d)]);
    }
    no_copies(ROTATED_SOURCE, "a_len");
}

/// Butterflies over blocks that double, as in a fast Fourier transform, but not linear.
#[derive_grad(source, jvp)]
fn butterflies(x: &[f64], w: &[f64]) -> f64 {
    let mut x = x.to_vec();
    let n = x.len();
    let mut m = 2;
    while m <= n {
        for k in (0..n).step_by(m) {
            for j in 0..m / 2 {
                let t = w[j] * x[k + j + m / 2];
                let u = x[k + j];
                x[k + j] = u + t;
                x[k + j + m / 2] = (u - t) * u;
            }
        }
        m *= 2;
    }
    x.iter().map(|x| x * x).sum()
}

#[test]
fn blocks_of_a_growing_width() {
    for n in [1, 2, 8] {
        let (x, w) = (numbers(n, 0.1), numbers(n, 0.2));
        let (value, grad) = butterflies_grad(&x, &w);
        assert_eq!(value, butterflies(&x, &w));
        near(&grad.x, &slopes(|x| butterflies(x, &w), &x));
        near(&grad.w, &slopes(|w| butterflies(&x, w), &w));
        let (dx, dw) = (numbers(n, 6.0), numbers(n, 7.0));
        near(&[butterflies_jvp(&x, &w, &dx, &dw).1], &[dot(&grad.x, &dx) + dot(&grad.w, &dw)]);
    }
    no_copies(BUTTERFLIES_SOURCE, "x_len");
}

/// A walk that squares what it finds until it has gone far enough: loops that end on conditions, one in the other, with a
/// local array in between.
#[derive_grad(source, jvp)]
fn walked(x: &[f64], links: &[usize], goal: f64) -> f64 {
    let mut y = x.to_vec();
    let mut total = 0.0;
    for start in 0..links.len() {
        let mut at = start;
        let mut far = 0.0;
        while far < goal {
            let mut last = [0.0; 2];
            for r in 0..2 {
                last[r] = y[(at + r) % y.len()].tanh();
            }
            far += 0.3 + 0.01 * last[0] * last[1] * last[0];
            if last[1] > 0.0 {
                y[at] = y[at] * last[0] + 0.1;
            }
            at = links[at];
        }
        total += far * y[at];
    }
    total
}

#[test]
fn loops_that_end_on_a_condition() {
    let x = numbers(5, 0.9);
    let links = [3, 0, 4, 1, 2];
    for goal in [0.0, 0.2, 2.0] {
        let (value, grad) = walked_grad(&x, &links, goal);
        assert_eq!(value, walked(&x, &links, goal));
        near(&grad.x, &slopes(|x| walked(x, &links, goal), &x));
        let d = numbers(5, 2.0);
        near(&[walked_jvp(&x, &links, goal, &d, 0.0).1], &[dot(&grad.x, &d)]);
    }
    no_copies(WALKED_SOURCE, "x_len");
}

/// Sweeps over the whole array: here copies cost no more than the reads, and are what is stored.
#[derive_grad(source, jvp)]
fn relaxed(u: &[f64], sweeps: usize) -> f64 {
    let mut u = u.to_vec();
    for _ in 0..sweeps {
        for i in 1..u.len() - 1 {
            u[i] = 0.5 * (u[i - 1] * u[i + 1]).sin() + 0.5 * u[i] * u[i];
        }
    }
    u.iter().map(|x| x * x).sum()
}

#[test]
fn sweeps_over_the_array() {
    let u = numbers(6, 0.3);
    for sweeps in [0, 1, 3] {
        let (value, grad) = relaxed_grad(&u, sweeps);
        assert_eq!(value, relaxed(&u, sweeps));
        near(&grad, &slopes(|u| relaxed(u, sweeps), &u));
        let d = numbers(6, 2.0);
        near(&[relaxed_jvp(&u, sweeps, &d).1], &[dot(&grad, &d)]);
    }
    assert!(RELAXED_SOURCE.contains("copy_from_slice"), "{RELAXED_SOURCE}");
}
