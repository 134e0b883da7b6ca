//! Densities that need special functions, through the attribute: their gradients and Hessians in every parameter.

// The digits are mpmath's.
#![allow(clippy::excessive_precision)]

use derive_grad::derive_grad;
use derive_grad::math::lgamma;

/// The logarithm of Student's density with `nu` degrees of freedom.
#[derive_grad(hessian)]
fn student(x: f64, nu: f64, sigma: f64) -> f64 {
    let z = x / sigma;
    lgamma((nu + 1.0) / 2.0)
        - lgamma(nu / 2.0)
        - 0.5 * (std::f64::consts::PI * nu).ln()
        - sigma.ln()
        - 0.5 * (nu + 1.0) * (z * z / nu).ln_1p()
}

/// The same as a formula.
#[derive_grad(
    "lgamma((nu + 1) / 2) - lgamma(nu / 2) - ln(pi * nu) / 2 - ln(sigma) - (nu + 1) / 2 * ln_1p((x / sigma)^2 / nu)"
)]
fn student_formula(x: f64, nu: f64, sigma: f64) -> f64;

#[test]
fn student_density() {
    let (value, grad, hessian) = student_hessian(1.3, 4.5, 0.7);
    assert_eq!(value, student(1.3, 4.5, 0.7));
    // By mpmath at 40 digits.
    let first = [-2.1820427140172956, -1.8356867779204109, -0.0072621603364872574, 1.9805611589950491];
    let second = [
        [-0.18670458983489896, -0.10282759404852345, 2.9691467781511139],
        [-0.10282759404852345, -0.0011085650014598869, 0.1909655318044007],
        [2.9691467781511139, 0.1909655318044007, -8.3435028151307109],
    ];
    near(&[value, grad.x, grad.nu, grad.sigma], &first);
    near(hessian.as_flattened(), second.as_flattened());
    let (value, grad) = student_formula_grad(1.3, 4.5, 0.7);
    near(&[value, grad.x, grad.nu, grad.sigma], &first);
}

fn near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= 1e-14 * (1.0 + expected.abs()), "{got}, {expected}");
    }
}

/// Linear algebra and edges in single precision.
#[derive_grad("logdet(a) + b @ solve(a, b) + norm(b)")]
fn evidence(a: &[[f32; 4]; 4], b: &[f32; 4]) -> f32;

#[derive_grad("binary_cross_entropy(p, y)", wrt(p))]
fn cost(p: f32, y: f32) -> f32;

#[test]
fn single_precision() {
    let a = [[4.0, 1.0, 0.0, 0.5], [1.0, 3.0, 0.2, 0.0], [0.0, 0.2, 2.0, 0.1], [0.5, 0.0, 0.1, 5.0]];
    let b = [1.0, -2.0, 0.5, 3.0];
    let (value, EvidenceGrad { a: slopes, b: right }) = evidence_grad(&a, &b);
    let along = |h: f32| {
        let (mut a, mut b) = (a, b);
        a.as_flattened_mut().iter_mut().enumerate().for_each(|(k, x)| *x += h * (k as f32 * 0.7).sin());
        b.iter_mut().enumerate().for_each(|(k, x)| *x += h * (k as f32 + 0.3).cos());
        evidence(&a, &b)
    };
    assert!((along(0.0) - value).abs() < 1e-5);
    let numeric = (along(0.02) - along(-0.02)) / 0.04;
    let slope = slopes.as_flattened().iter().enumerate().map(|(k, g)| g * (k as f32 * 0.7).sin()).sum::<f32>()
        + right.iter().enumerate().map(|(k, g)| g * (k as f32 + 0.3).cos()).sum::<f32>();
    assert!((numeric - slope).abs() < 3e-3 * slope.abs(), "{numeric}, {slope}");
    assert_eq!([cost_grad(0.0, 0.0), cost_grad(1.0, 1.0)], [(0.0, 1.0), (0.0, -1.0)]);
}
