//! What the passes take away, and what they must leave: values and gradients against numeric differences.

#![deny(warnings)]
// The conditions are negated on purpose.
#![allow(clippy::nonminimal_bool, clippy::neg_cmp_op_on_partial_ord)]
// The primals are written as people write them.
#![allow(clippy::needless_range_loop)]

use derive_grad::derive_grad;

#[track_caller]
fn check<const N: usize>(f: impl Fn(&[f64; N]) -> f64, (value, grad): (f64, [f64; N]), x: &[f64; N]) {
    assert!((value - f(x)).abs() <= 1e-15 * (1.0 + value.abs()), "{value} instead of {}", f(x));
    for k in 0..N {
        let along = |h: f64| {
            let mut x = *x;
            x[k] += h;
            f(&x)
        };
        let d = |h: f64| (along(h) - along(-h)) / (2.0 * h);
        let (a, b, c) = (d(1e-2), d(5e-3), d(2.5e-3));
        let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
        let expected = (16.0 * bc - ab) / 15.0;
        assert!((grad[k] - expected).abs() < 1e-8 * (1.0 + expected.abs()), "∂/∂x[{k}]: {} is not {expected}", grad[k]);
    }
}

const X: [f64; 4] = [0.3, -0.8, 0.6, 1.2];

/// Every element is read twice, the second time as 0.
#[derive_grad]
fn read_again(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 0..8 {
        s += (v[i % 4] + 0.5).sin();
        v[i % 4] = 0.0;
    }
    s
}

/// The left neighbour has been cleared by the iteration before.
#[derive_grad]
fn neighbour_cleared(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 0..3 {
        s += (v[i] + 0.5).sin() * v[i + 1];
        v[i + 1] = 0.0;
    }
    s
}

/// The same downward, where it has not.
#[derive_grad(source)]
fn neighbour_kept(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in (0..3).rev() {
        s += (v[i] + 0.5).sin() * v[i + 1];
        v[i + 1] = 0.0;
    }
    s
}

/// After the loop one element is asked for that is cleared and one that is not.
#[derive_grad]
fn read_after(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 1..4 {
        s += v[i].sin();
        v[i] = 0.0;
    }
    s * v[0] + (v[1] + 0.25).exp()
}

/// After the loop only what it leaves alone is asked for.
#[derive_grad(source)]
fn read_beside(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 1..4 {
        s += v[i].sin();
        v[i] = 0.0;
    }
    s * v[0]
}

/// Rows of a flat matrix, each element once.
#[derive_grad(source)]
fn rows(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 0..2 {
        for j in 0..2 {
            s = (s + v[i * 2 + j]).sin();
            v[i * 2 + j] = 0.0;
        }
    }
    s
}

/// Diagonals: some elements are read again.
#[derive_grad]
fn diagonals(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 0..2 {
        for j in 0..3 {
            s = (s + v[i + j] + 0.5).sin();
            v[i + j] = 0.0;
        }
    }
    s
}

/// Cleared within one iteration before the second read.
#[derive_grad]
fn cleared_first(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 0..4 {
        s += v[i].sin();
        v[i] = 0.0;
        for j in i..4 {
            s += (v[j] + 0.5).cos();
        }
    }
    s
}

/// Added to where it has been read, and read by the next iteration.
#[derive_grad]
fn added_before(x: &[f64; 4]) -> f64 {
    let mut v = *x;
    let mut s = 0.0;
    for i in 0..3 {
        s += v[i].sin();
        v[i + 1] += v[i] * x[i];
    }
    s
}

#[test]
fn elements_that_are_cleared_and_those_that_are_not() {
    check(read_again, read_again_grad(&X), &X);
    check(neighbour_cleared, neighbour_cleared_grad(&X), &X);
    check(neighbour_kept, neighbour_kept_grad(&X), &X);
    check(read_after, read_after_grad(&X), &X);
    check(read_beside, read_beside_grad(&X), &X);
    check(rows, rows_grad(&X), &X);
    check(diagonals, diagonals_grad(&X), &X);
    check(cleared_first, cleared_first_grad(&X), &X);
    check(added_before, added_before_grad(&X), &X);
}

#[test]
fn what_nobody_reads_is_not_cleared() {
    for source in [NEIGHBOUR_KEPT_SOURCE, READ_BESIDE_SOURCE, ROWS_SOURCE] {
        assert!(!source.contains("] = 0.0;"), "{source}");
    }
}

fn greatest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The shift by hand is of no consequence.
#[derive_grad(source)]
fn log_sum_exp(x: &[f64; 4], by: f64) -> f64 {
    let mut sum = 0.0;
    for v in x {
        sum += (v - by).exp();
    }
    by + sum.ln()
}

/// The shift, the greatest of other numbers, counts beside the sum.
#[derive_grad(wrt(x))]
fn shifted_and_weighted(x: &[f64; 4]) -> f64 {
    let by = x[0] * x[1];
    let mut sum = 0.0;
    for v in x {
        sum += (v - by).exp();
    }
    by + 2.0 * sum.ln()
}

#[test]
fn a_shift_by_hand_has_no_derivative() {
    assert!((log_sum_exp_grad(&X, 0.5).0 - log_sum_exp(&X, 0.5)).abs() < 1e-15);
    for by in [0.0, greatest(&X), -3.0, 1e3, -1e3] {
        let (value, grad) = log_sum_exp_grad(&X, by);
        let sum: f64 = X.iter().map(|v| v.exp()).sum();
        assert!((value - sum.ln()).abs() < 1e-15 * 4.0, "{value}");
        assert_eq!(grad.by, 0.0);
        for (g, v) in grad.x.iter().zip(X) {
            assert!((g - v.exp() / sum).abs() < 1e-15, "{g}");
        }
    }
    let (value, grad) = log_sum_exp_grad(&[f64::NEG_INFINITY; 4], 0.0);
    assert_eq!(value, f64::NEG_INFINITY);
    assert_eq!(grad.by, 0.0);
    let (value, grad) = log_sum_exp_grad(&[1e308, 0.0, -1e308, f64::NEG_INFINITY], 0.0);
    assert_eq!((value, grad.x), (1e308, [1.0, 0.0, 0.0, 0.0]));
    assert!(log_sum_exp_grad(&[f64::NAN, 0.0, 1.0, 2.0], 2.0).0.is_nan());
    assert!(!LOG_SUM_EXP_SOURCE.contains("_tape"), "{LOG_SUM_EXP_SOURCE}");
    check(shifted_and_weighted, shifted_and_weighted_grad(&X), &X);
}

/// Integers compared otherwise; floats are not, for neither may hold.
#[derive_grad(source)]
fn unless(x: f64, n: i32) -> f64 {
    let mut y = x;
    if !(n < 3) {
        y *= x;
    }
    if !(x < 1.0) {
        y += 1.0;
    }
    y
}

#[test]
fn comparisons_turned_round() {
    assert!(UNLESS_SOURCE.contains("n >= 3") && UNLESS_SOURCE.contains("!(x < 1.0)"), "{UNLESS_SOURCE}");
    assert_eq!((unless_grad(2.0, 3), unless_grad(0.5, 2)), ((5.0, 4.0), (0.5, 1.0)));
    for (x, n) in [(2.0, 2), (0.5, 4), (1.0, 3)] {
        assert_eq!(unless_grad(x, n).0, unless(x, n));
    }
    assert!(unless_grad(f64::NAN, 2).0.is_nan());
}

/// Two loops begin with the same element set, which is a variable that changes between them.
#[derive_grad]
fn begun_alike(x: &[f64], n: usize) -> f64 {
    let mut s = x[0];
    let mut total = 0.0;
    for _ in 0..n {
        let mut y = vec![0.0; x.len()];
        let mut z = vec![0.0; x.len()];
        y[0] = s;
        z[0] = s;
        for i in 1..x.len() {
            y[i] = x[i] * y[i - 1];
        }
        s = (s + y[x.len() - 1]).sin();
        for i in 1..x.len() {
            z[i] = x[i] - z[i - 1].cos();
        }
        total += s * z[x.len() - 1];
    }
    total
}

#[test]
fn an_array_is_made_again_as_it_was() {
    for n in [1, 3] {
        let (value, grad) = begun_alike_grad(&X, n);
        check(|x| begun_alike(x, n), (value, grad.try_into().unwrap()), &X);
    }
}
