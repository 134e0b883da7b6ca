//! Functions as people write them, a file each: values and gradients against a reference of high precision, in both modes,
//! and the code that is generated for them.
//!
//! `expected.jsonl` is what `reference.py` prints: values by other means than the functions', in 60 digits, and derivatives
//! by differences of them.

#![deny(warnings)]
// The primals are written as people write them.
#![allow(missing_docs, unreachable_pub, clippy::needless_range_loop, clippy::module_inception)]

mod black_scholes;
mod camera;
mod dft;
mod fixture;
mod gamma_poisson;
mod gauss_seidel;
mod gaussian;
mod kalman;
mod kepler;
mod lorenz;
mod lstm_cell;
mod mlp;
mod pendulum;
mod soft_edit;
mod spline;
mod structures;
mod warp;

use fixture::{Case, Fixture, numbers};

/// What differs by more than rounding.
#[track_caller]
fn near(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (k, (a, b)) in got.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{what}, number {k}: {a} is not {b}");
    }
}

/// Numbers between −1 and 1 without a pattern.
fn weights(n: usize) -> Vec<f64> {
    (0..n).map(|k| (12.9898 * (k as f64 + 1.0)).sin()).collect()
}

fn unit(n: usize, k: usize) -> Vec<f64> {
    (0..n).map(|j| f64::from(u8::from(j == k))).collect()
}

/// Σ weights[k] · rows[k]
fn combined(weights: &[f64], rows: &[Vec<f64>], n: usize) -> Vec<f64> {
    (0..n).map(|j| weights.iter().zip(rows).map(|(w, row)| w * row[j]).sum()).collect()
}

/// The derivatives of all results by number `k`: central differences, extrapolated.
fn slopes<F: Fixture>(case: &Case, x: &[f64], k: usize) -> Vec<f64> {
    let central = |h: f64| {
        let moved = |h: f64| {
            let mut x = x.to_vec();
            x[k] += h;
            case.with::<F>(&x).primal()
        };
        let pairs = moved(h).into_iter().zip(moved(-h));
        pairs.map(|(up, down)| (up - down) / (2.0 * h)).collect::<Vec<f64>>()
    };
    let h = 2e-4 * (1.0 + x[k].abs());
    central(h).iter().zip(central(h / 2.0)).map(|(wide, narrow)| (4.0 * narrow - wide) / 3.0).collect()
}

/// Everything that is generated for a function, at each of its points.
fn check<F: Fixture>() {
    for (at, case) in Case::all(F::NAME).into_iter().enumerate() {
        let what = |which: &str| format!("{} at point {at}, {which}", F::NAME);
        let x = numbers(&case.active);
        let f: F = case.with(&x);
        let (n, results) = (x.len(), case.value.len());
        near(&what("the primal"), &f.primal(), &case.value, 1e-12);
        if let Some((value, gradient)) = f.gradient() {
            near(&what("_grad's value"), &[value], &case.value, 1e-12);
            near(&what("_grad"), &numbers(&gradient), &case.gradient[0], 1e-11);
        }
        let cotangents = (0..results).map(|k| unit(results, k)).chain([weights(results)]);
        for cotangent in cotangents {
            let (value, adjoints) = f.reverse(&cotangent);
            near(&what("_forward"), &value, &case.value, 1e-12);
            let expected = combined(&cotangent, &case.gradient, n);
            near(&what(&format!("_backward of {cotangent:?}")), &numbers(&adjoints), &expected, 1e-11);
        }
        let directions = (0..n).map(|k| unit(n, k)).chain([weights(n)]);
        for direction in directions {
            let (value, along) = f.along(&case.with(&direction));
            near(&what("_jvp's value"), &value, &case.value, 1e-12);
            let expected: Vec<f64> =
                case.gradient.iter().map(|row| row.iter().zip(&direction).map(|(g, d)| g * d).sum()).collect();
            near(&what(&format!("_jvp along {direction:?}")), &along, &expected, 1e-11);
        }
        for k in (0..n).filter(|_| !case.kink) {
            let expected: Vec<f64> = case.gradient.iter().map(|row| row[k]).collect();
            near(&what(&format!("differences by {k}")), &slopes::<F>(&case, &x, k), &expected, 1e-7);
        }
    }
}

/// A test of each function's numbers, and one of its code.
macro_rules! functions {
    ($($module:ident, $code:ident;)*) => {
        #[test]
        fn every_case_is_of_a_function() {
            let cases: usize = [$(Case::all($module::Input::NAME).len()),*].iter().sum();
            assert_eq!(cases, include_str!("expected.jsonl").lines().count());
        }
        $(
        #[test]
        fn $module() {
            check::<$module::Input>();
        }

        #[test]
        fn $code() {
            insta::assert_snapshot!(stringify!($code), $module::Input::SOURCE);
        }
        )*
    };
}

functions! {
    black_scholes, black_scholes_code;
    camera, camera_code;
    dft, dft_code;
    gamma_poisson, gamma_poisson_code;
    gauss_seidel, gauss_seidel_code;
    gaussian, gaussian_code;
    kalman, kalman_code;
    kepler, kepler_code;
    lorenz, lorenz_code;
    lstm_cell, lstm_cell_code;
    mlp, mlp_code;
    pendulum, pendulum_code;
    soft_edit, soft_edit_code;
    spline, spline_code;
    warp, warp_code;
}
