//! Assertions and panics of the primal stay in what computes its value.
#![deny(warnings)]
#![allow(missing_docs, unreachable_pub)]

use derive_grad::derive_grad;

#[derive_grad(source)]
pub fn dot(x: &[f64], y: &[f64], k: usize) -> f64 {
    assert_eq!(x.len(), y.len(), "x and y go together");
    assert!(k < 3 && !x.is_empty());
    debug_assert!(x[0] >= 0.0, "x begins with {}", x[0]);
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * y[i];
    }
    sum
}

#[derive_grad]
pub fn logs(x: &[f64], scale: f64) -> f64 {
    let mut sum = 0.0;
    for &v in x {
        assert!(v > 0.0, "only positive numbers have logarithms");
        sum += v.ln();
    }
    if scale < 0.0 {
        panic!("a scale is not negative");
    }
    sum * scale
}

#[derive_grad]
pub fn newton(a: f64) -> f64 {
    let mut x = a;
    let mut steps = 0;
    while (x * x - a).abs() > 1e-14 * a {
        x = 0.5 * (x + a / x);
        steps += 1;
        if steps > 100 {
            panic!("no convergence");
        }
    }
    x
}

#[derive_grad]
pub mod kinds {
    fn checked(x: f64) -> f64 {
        assert!(x.is_finite());
        x
    }

    #[grad]
    pub fn choose(kind: usize, x: f64) -> f64 {
        let y = match kind {
            0 => x,
            1 => x * x,
            2 | 3 if x > 0.0 => x.sqrt(),
            _ => unreachable!(),
        };
        let z = if y < 100.0 { y } else { panic!("{y} is too large") };
        let mut total = 0.0;
        for _ in 0..2 {
            total += checked(z);
        }
        total
    }
}

fn message<T: std::fmt::Debug>(f: impl FnOnce() -> T + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(f).expect_err("it panics");
    panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string())).unwrap()
}

#[test]
fn at_the_beginning() {
    let (value, grad) = dot_grad(&[1.0, 2.0], &[3.0, 4.0], 0);
    assert_eq!((value, grad.x, grad.y), (11.0, vec![3.0, 4.0], vec![1.0, 2.0]));
    assert_eq!(message(|| dot_grad(&[1.0], &[3.0, 4.0], 0)), "x and y go together");
    assert_eq!(message(|| dot_forward(&[1.0], &[3.0], 3)), "assertion failed: k < 3 && !x.is_empty()");
    assert_eq!(message(|| dot_grad(&[], &[], 0)), "assertion failed: k < 3 && !x.is_empty()");
    assert_eq!(message(|| dot_grad(&[-1.0], &[1.0], 0)), "assertion failed: x[0] >= 0.0");
}

#[test]
fn inside_loops_and_choices() {
    let (value, grad) = logs_grad(&[1.0, 2.0], 3.0);
    assert_eq!((value, grad.x), (3.0 * 2f64.ln(), vec![3.0, 1.5]));
    assert_eq!(message(|| logs_grad(&[1.0, 0.0, 2.0], 3.0)), "only positive numbers have logarithms");
    assert_eq!(message(|| logs_forward(&[1.0], -3.0)), "a scale is not negative");
    for kind in 0..4 {
        assert_eq!(kinds::choose_grad(kind, 4.0).0, kinds::choose(kind, 4.0));
    }
    assert_eq!(kinds::choose_grad(1, 4.0).1, 16.0);
    assert_eq!(message(|| kinds::choose_grad(4, 1.0)), "internal error: entered unreachable code");
    assert_eq!(message(|| kinds::choose_grad(2, -1.0)), "internal error: entered unreachable code");
    assert_eq!(message(|| kinds::choose_grad(1, 20.0)), "\"{y} is too large\"");
    assert_eq!(message(|| kinds::choose_grad(0, f64::NEG_INFINITY)), "assertion failed: x.is_finite()");
}

#[test]
fn a_loop_that_would_not_end() {
    let (value, grad) = newton_grad(2.0);
    assert!((value - 2f64.sqrt()).abs() < 1e-15 && (grad - 0.5 / 2f64.sqrt()).abs() < 1e-12);
    assert_eq!(message(|| newton_forward(-1.0)), "no convergence");
}
