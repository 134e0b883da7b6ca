//! Algorithms in place: recurrences over rows and tables, triangular solves, factorisations. Each gradient against
//! numeric differences, in both modes.

#![deny(warnings)]
// The primals are written as people write them.
#![allow(clippy::needless_range_loop, clippy::assign_op_pattern)]

mod differences;

use derive_grad::derive_grad;
use differences::{dot, near, numbers, slopes};

/// y = (I + N)⁻¹ x with N[i][j] = x[j] below the diagonal.
#[derive_grad(source, jvp)]
fn recurrence(x: &[f64; 4]) -> f64 {
    let mut y = *x;
    for i in 0..4 {
        for j in 0..i {
            y[i] -= y[j] * x[j];
        }
    }
    y[3]
}

#[test]
fn a_triangular_recurrence() {
    let x = [0.3, -0.8, 0.6, 1.2];
    let (value, grad) = recurrence_grad(&x);
    assert_eq!(value, recurrence(&x));
    near(&grad, &slopes(|x| recurrence(x.try_into().unwrap()), &x));
    let direction = [1.0, -2.0, 0.5, 0.25];
    near(&[recurrence_jvp(&x, &direction).1], &[dot(&grad, &direction)]);
}

/// The soft edit distance of two sequences (Cuturi and Blondel 2017, equation 1).
#[derive_grad(source, jvp)]
fn soft_distance(a: &[f64], b: &[f64]) -> f64 {
    let (n, m) = (a.len(), b.len());
    let mut d = vec![vec![0.0; m + 1]; n + 1];
    for i in 1..=n {
        d[i][0] = i as f64;
    }
    for j in 1..=m {
        d[0][j] = j as f64;
    }
    for i in 1..=n {
        for j in 1..=m {
            let c = (a[i - 1] - b[j - 1]).powi(2);
            let (x, y, z) = (d[i - 1][j - 1] + c, d[i - 1][j] + 1.0, d[i][j - 1] + 1.0);
            d[i][j] = -((-x).exp() + (-y).exp() + (-z).exp()).ln();
        }
    }
    d[n][m]
}

#[test]
fn a_dynamic_programme() {
    for (n, m) in [(0, 0), (0, 2), (3, 0), (1, 1), (4, 3)] {
        let (a, b) = (numbers(n, 0.5), numbers(m, 7.0));
        let (value, grad) = soft_distance_grad(&a, &b);
        // The log-sum-exp is computed with a shift.
        near(&[value], &[soft_distance(&a, &b)]);
        near(&grad.a, &slopes(|a| soft_distance(a, &b), &a));
        near(&grad.b, &slopes(|b| soft_distance(&a, b), &b));
        let (da, db) = (numbers(n, 3.0), numbers(m, 4.0));
        let along = soft_distance_jvp(&a, &b, &da, &db).1;
        near(&[along], &[dot(&grad.a, &da) + dot(&grad.b, &db)]);
    }
}

/// ln det A of a positive definite matrix, by its Cholesky factor, row by row.
#[derive_grad(source, jvp)]
fn log_det(a: &[f64], n: usize) -> f64 {
    let mut l = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let mut s = a[i * n + j];
            for k in 0..j {
                s -= l[i * n + k] * l[j * n + k];
            }
            l[i * n + j] = if i == j { s.sqrt() } else { s / l[j * n + j] };
        }
    }
    2.0 * (0..n).map(|i| l[i * n + i].ln()).sum::<f64>()
}

/// The same with rows.
#[derive_grad(source, jvp)]
fn log_det_rows(a: &[[f64; 5]; 5]) -> f64 {
    let mut l = [[0.0; 5]; 5];
    for i in 0..5 {
        for j in 0..=i {
            let mut s = a[i][j];
            for k in 0..j {
                s -= l[i][k] * l[j][k];
            }
            l[i][j] = if i == j { s.sqrt() } else { s / l[j][j] };
        }
    }
    2.0 * (0..5).map(|i| l[i][i].ln()).sum::<f64>()
}

/// B Bᵀ + n I
fn positive(n: usize) -> Vec<f64> {
    let b = numbers(n * n, 1.5);
    let row = |i: usize| &b[i * n..(i + 1) * n];
    (0..n * n).map(|k| dot(row(k / n), row(k % n)) + if k / n == k % n { n as f64 } else { 0.0 }).collect()
}

#[test]
fn a_factorisation() {
    for n in [0, 1, 2, 5] {
        let a = positive(n);
        let (value, grad) = log_det_grad(&a, n);
        assert_eq!(value, log_det(&a, n));
        near(&grad, &slopes(|a| log_det(a, n), &a));
        let direction = numbers(n * n, 2.0);
        near(&[log_det_jvp(&a, n, &direction).1], &[dot(&grad, &direction)]);
    }
    let a = positive(5);
    let rows = |a: &[f64]| -> [[f64; 5]; 5] { std::array::from_fn(|i| std::array::from_fn(|j| a[i * 5 + j])) };
    let (value, grad) = log_det_rows_grad(&rows(&a));
    assert_eq!(value, log_det_rows(&rows(&a)));
    let (expected, flat) = log_det_grad(&a, 5);
    near(&[value], &[expected]);
    near(grad.as_flattened(), &flat);
    let direction = numbers(25, 2.0);
    near(&[log_det_rows_jvp(&rows(&a), &rows(&direction)).1], &[dot(&flat, &direction)]);
}

/// x with L x = b by forward substitution, in place, and the square of its norm.
#[derive_grad(source, jvp)]
fn substitution(l: &[f64], b: &[f64]) -> f64 {
    let n = b.len();
    let mut x = b.to_vec();
    for i in 0..n {
        for j in 0..i {
            x[i] -= l[i * n + j] * x[j];
        }
        x[i] /= l[i * n + i];
    }
    x.iter().map(|v| v * v).sum()
}

#[test]
fn a_substitution() {
    for n in [0, 1, 4] {
        let (l, b) = (positive(n), numbers(n, 9.0));
        let (value, grad) = substitution_grad(&l, &b);
        assert_eq!(value, substitution(&l, &b));
        near(&grad.l, &slopes(|l| substitution(l, &b), &l));
        near(&grad.b, &slopes(|b| substitution(&l, b), &b));
        let (dl, db) = (numbers(n * n, 3.0), numbers(n, 4.0));
        near(&[substitution_jvp(&l, &b, &dl, &db).1], &[dot(&grad.l, &dl) + dot(&grad.b, &db)]);
    }
}

/// Rows that are one array from outside, each its own afterwards.
#[derive_grad(jvp)]
fn copies(x: &[f64], k: usize) -> f64 {
    let row: Vec<f64> = x.iter().skip(k).map(|v| v.sin()).collect();
    let mut d = vec![row; k + 1];
    d[k][0] *= 2.0;
    d[0][0] + 10.0 * d[k][0]
}

#[test]
fn rows_are_copies() {
    for k in [0, 1] {
        let x = [0.4, -0.9];
        let (value, grad) = copies_grad(&x, k);
        assert_eq!(value, copies(&x, k));
        near(&grad, &slopes(|x| copies(x, k), &x));
        near(&[copies_jvp(&x, k, &[1.0, 2.0]).1], &[dot(&grad, &[1.0, 2.0])]);
    }
}

#[test]
fn tables_that_are_written_once_need_no_tape() {
    for source in [RECURRENCE_SOURCE, SOFT_DISTANCE_SOURCE, LOG_DET_ROWS_SOURCE, LOG_DET_SOURCE] {
        assert!(!source.contains("tape"), "{source}");
    }
}

/// Sweeps of Gauss and Seidel: every element is read before and after it is written.
#[derive_grad(jvp)]
fn sweeps(a: &[f64], b: &[f64], times: usize) -> f64 {
    let n = b.len();
    let mut x = vec![0.0; n];
    for _ in 0..times {
        for i in 0..n {
            let mut s = b[i];
            for j in 0..n {
                if j != i {
                    s -= a[i * n + j] * x[j];
                }
            }
            x[i] = s / a[i * n + i];
        }
    }
    x.iter().map(|v| v * v).sum()
}

/// Rows that read what a later iteration writes again, upward and downward.
#[derive_grad(jvp)]
fn back_and_forth(x: &[f64]) -> f64 {
    let n = x.len();
    let mut d = vec![1.0; (n + 1) * 2];
    for i in 0..n {
        for j in 0..2 {
            d[i * 2 + j] = (d[(i + 1) * 2 + j] * x[i]).sin() + d[i * 2 + 1 - j];
        }
    }
    for i in (0..n).rev() {
        for j in (0..2).rev() {
            d[i * 2 + j] *= d[(i + 1) * 2 + j] * x[i] + d[i * 2 + 1 - j];
        }
    }
    d.iter().map(|v| v * v).sum()
}

/// In place, column by column: elements are written once for each column before theirs.
#[derive_grad(jvp)]
fn eliminated(a: &[f64], n: usize) -> f64 {
    let mut m = a.to_vec();
    for k in 0..n {
        for i in k + 1..n {
            let f = m[i * n + k] / m[k * n + k];
            for j in k..n {
                m[i * n + j] -= f * m[k * n + j];
            }
        }
    }
    (0..n).map(|i| m[i * n + i].ln()).sum()
}

#[test]
fn what_is_written_again_is_not_taken_for_final() {
    let (a, b) = (positive(4), numbers(4, 2.0));
    for times in [0, 1, 3] {
        let (value, grad) = sweeps_grad(&a, &b, times);
        assert_eq!(value, sweeps(&a, &b, times));
        near(&grad.a, &slopes(|a| sweeps(a, &b, times), &a));
        near(&grad.b, &slopes(|b| sweeps(&a, b, times), &b));
        let (da, db) = (numbers(16, 3.0), numbers(4, 4.0));
        near(&[sweeps_jvp(&a, &b, times, &da, &db).1], &[dot(&grad.a, &da) + dot(&grad.b, &db)]);
    }
    let x = numbers(4, 6.0);
    let (value, grad) = back_and_forth_grad(&x);
    assert_eq!(value, back_and_forth(&x));
    near(&grad, &slopes(back_and_forth, &x));
    near(&[back_and_forth_jvp(&x, &b).1], &[dot(&grad, &b)]);
    let (value, grad) = eliminated_grad(&a, 4);
    assert_eq!(value, eliminated(&a, 4));
    near(&grad, &slopes(|a| eliminated(a, 4), &a));
    let direction = numbers(16, 8.0);
    near(&[eliminated_jvp(&a, 4, &direction).1], &[dot(&grad, &direction)]);
}
