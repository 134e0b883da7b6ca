//! Calls between functions that are annotated one by one, in any order.
#![deny(warnings)]
#![allow(missing_docs, unreachable_pub)]

use derive_grad::{derive_grad, math::sigmoid};

/// Calls one that comes after it, which calls a third.
#[derive_grad(source)]
pub fn outer(x: &[f64], k: f64) -> f64 {
    let mut total = 0.0;
    for v in x {
        total += square(*v) * k;
    }
    sigmoid(total) + middle(k)
}

#[derive_grad]
pub fn middle(x: f64) -> f64 {
    square(x) + square(2.0 * x)
}

#[derive_grad]
fn square(x: f64) -> f64 {
    x * x
}

/// A function that changes what it is handed.
#[derive_grad]
pub fn shift(y: &mut [f64], by: f64) {
    for v in y.iter_mut() {
        *v += by;
    }
}

#[derive_grad]
pub fn shifted(x: &[f64], by: f64) -> f64 {
    let mut y = x.to_vec();
    for _ in 0..2 {
        shift(&mut y, by);
    }
    y.iter().map(|v| square(*v)).sum()
}

/// Names that look alike, and one that looks like a function of ours.
#[derive_grad]
fn step1(x: f64) -> f64 {
    step2(x) * erf2(x)
}

#[derive_grad]
fn step2(x: f64) -> f64 {
    x * x
}

#[derive_grad]
fn erf2(x: f64) -> f64 {
    x.exp()
}

#[test]
fn names_that_look_alike() {
    let (value, slope) = step1_grad(1.5);
    assert_eq!(value, step1(1.5));
    assert!((slope - (3.0 + 2.25) * 1.5_f64.exp()).abs() < 1e-12);
}

#[test]
fn calls_are_written_out() {
    let (value, grad) = outer_grad(&[1.0, -2.0], 0.1);
    let s = sigmoid(0.5);
    assert_eq!(value, outer(&[1.0, -2.0], 0.1));
    let slope = s * (1.0 - s);
    for (got, expected) in grad.x.iter().zip([0.2 * slope, -0.4 * slope]) {
        assert!((got - expected).abs() < 1e-15);
    }
    assert!((grad.k - (5.0 * slope + 1.0)).abs() < 1e-14);
    assert!(!OUTER_SOURCE.contains("square("));
    assert_eq!(middle_grad(3.0), (45.0, 30.0));
    let (value, grad) = shifted_grad(&[1.0, 2.0], 0.5);
    assert_eq!((value, grad.x, grad.by), (13.0, vec![4.0, 6.0], 20.0));
}

#[test]
#[allow(dead_code)]
fn inside_a_function() {
    #[derive_grad]
    fn second(x: f64) -> f64 {
        first(x) * x
    }
    #[derive_grad]
    fn first(x: f64) -> f64 {
        x + 1.0
    }
    assert_eq!(second_grad(2.0), (6.0, 5.0));
    assert_eq!(first_grad(2.0), (3.0, 1.0));
}
