//! Gradients by extrapolated differences, to hold generated ones against.

/// The gradient of `f` at `x` by central differences, extrapolated twice.
pub(crate) fn slopes(f: impl Fn(&[f64]) -> f64, x: &[f64]) -> Vec<f64> {
    let along = |k: usize, h: f64| {
        let mut x = x.to_vec();
        x[k] += h;
        f(&x)
    };
    let slope = |k: usize| {
        let d = |h: f64| (along(k, h) - along(k, -h)) / (2.0 * h);
        let (a, b, c) = (d(1e-2), d(5e-3), d(2.5e-3));
        let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
        (16.0 * bc - ab) / 15.0
    };
    (0..x.len()).map(slope).collect()
}

#[track_caller]
pub(crate) fn near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    for (k, (a, b)) in got.iter().zip(expected).enumerate() {
        assert!((a - b).abs() < 1e-8 * (1.0 + b.abs()), "∂/∂x[{k}]: {a} is not {b}");
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Numbers between −1 and 1 without a pattern.
pub(crate) fn numbers(n: usize, salt: f64) -> Vec<f64> {
    (0..n).map(|k| (12.9898 * (k as f64 + salt)).sin()).collect()
}
