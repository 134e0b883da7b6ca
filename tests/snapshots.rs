//! Snapshots of generated code, each with its own source; this is also how a user tests a derivative.

use derive_grad::derive_grad;

/// Defines annotated functions and, for each, a test that snapshots its source text and what was made of it.
macro_rules! snapshots {
    ($($test:ident, $source:ident: { $($function:tt)* })*) => {
        $(#[derive_grad(source)] $($function)*)*
        $(
            #[test]
            fn $test() {
                let primal = stringify!($($function)*);
                insta::assert_snapshot!(stringify!($test), format!("{primal}\n\n{}", $source));
            }
        )*
    };
}

snapshots! {
    multiply_add_code, MULTIPLY_ADD_SOURCE: {
        fn multiply_add(x: f64, y: f64, z: f64) -> f64 { (x + y) * z }
    }
    neuron_code, NEURON_SOURCE: {
        fn neuron(w: &[f64; 2], x: &[f64; 2], b: f64) -> f64 {
            let mut z = b;
            for i in 0..2 { z += w[i] * x[i]; }
            1.0 / (1.0 + (-z).exp())
        }
    }
    dot_code, DOT_SOURCE: {
        fn dot(x: &[f64], y: &[f64]) -> f64 {
            let mut s = 0.0;
            for i in 0..x.len() { s += x[i] * y[i]; }
            s
        }
    }
    horner_code, HORNER_SOURCE: {
        fn horner(c: &[f64], x: f64) -> f64 {
            let mut y = 0.0;
            for i in 0..c.len() { y = y * x + c[i]; }
            y
        }
    }
    recurrence_code, RECURRENCE_SOURCE: {
        fn recurrence(x: f64, r: f64, n: usize) -> f64 {
            let mut x = x;
            for _ in 0..n { x = r * x * (1.0 - x); }
            x
        }
    }
    matvec_code, MATVEC_SOURCE: {
        fn matvec(a: &[[f64; 3]; 2], x: &[f64; 3]) -> f64 {
            let mut t = 0.0;
            for i in 0..2 {
                let mut s = 0.0;
                for j in 0..3 { s += a[i][j] * x[j]; }
                t += s * s;
            }
            t
        }
    }
    choice_code, CHOICE_SOURCE: {
        fn choice(x: f64) -> f64 { if x > 0.0 { x.sqrt() } else { 0.0 } }
    }
    single_code, SINGLE_SOURCE: {
        fn single(x: f32, y: f32) -> f32 { (x * y).sin() + x / y }
    }
}

#[test]
fn the_functions_compute() {
    assert_eq!(multiply_add(-2.0, 5.0, -4.0), -12.0);
    assert_eq!(neuron(&[0.0; 2], &[0.0; 2], 0.0), 0.5);
    assert_eq!(dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
    assert_eq!(horner(&[1.0, 2.0], 3.0), 5.0);
    assert_eq!(recurrence(0.5, 2.0, 1), 0.5);
    assert_eq!(matvec(&[[1.0; 3]; 2], &[1.0; 3]), 18.0);
    assert_eq!(choice(4.0), 2.0);
    assert_eq!(single(0.0, 1.0), 0.0);
}
