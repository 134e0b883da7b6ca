//! What a later iteration overrules contributes nothing, however steep it was: 0 · ∞ would be NaN.

#![allow(dead_code)]

use derive_grad::derive_grad;

#[derive_grad("max(sqrt(x))")]
fn highest_root(x: &[f64]) -> f64;

#[derive_grad]
fn last_root(x: &[f64]) -> f64 {
    let mut last = 0.0;
    for v in x {
        last = v.sqrt();
    }
    last
}

#[derive_grad]
fn best_root(x: &[f64]) -> f64 {
    let mut best = 0.0;
    for v in x {
        let root = v.sqrt();
        if root > best {
            best = 2.0 * root;
        }
    }
    best
}

#[derive_grad]
fn folded_root(x: &[f64]) -> f64 {
    x.iter().map(|v| v.sqrt()).fold(f64::NEG_INFINITY, f64::max)
}

#[derive_grad]
fn until_large(x: &[f64]) -> f64 {
    let mut last = 1.0;
    let mut k = 0;
    while k < x.len() && last < 1.5 {
        last = x[k].sqrt();
        k += 1;
    }
    last
}

#[test]
fn a_steep_loser_takes_no_derivative() {
    assert_eq!(highest_root_grad(&[0.0, 4.0]), (2.0, vec![0.0, 0.25]));
    assert_eq!(highest_root_grad(&[4.0, 0.0, 1.0]), (2.0, vec![0.25, 0.0, 0.0]));
    assert_eq!(folded_root_grad(&[0.0, 4.0, 0.0]), (2.0, vec![0.0, 0.25, 0.0]));
    assert_eq!(best_root_grad(&[0.0, 0.25, 4.0]), (4.0, vec![0.0, 0.0, 0.5]));
}

#[test]
fn what_is_assigned_anew_takes_no_derivative() {
    assert_eq!(last_root_grad(&[0.0, 4.0]), (2.0, vec![0.0, 0.25]));
    assert_eq!(until_large_grad(&[0.0, 4.0, 0.0]), (2.0, vec![0.0, 0.25, 0.0]));
}

#[test]
fn the_winner_takes_the_derivative_that_it_has() {
    assert_eq!(highest_root_grad(&[0.0]), (0.0, vec![f64::INFINITY]));
    assert_eq!(last_root_grad(&[4.0, 0.0]), (0.0, vec![0.0, f64::INFINITY]));
}
