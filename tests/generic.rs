//! Functions generic over their float type, with num-traits.
#![deny(warnings)]
#![allow(missing_docs, unreachable_pub)]

use derive_grad::derive_grad;
use num_traits::{Float, NumAssign};

#[derive_grad]
pub fn huber<T: Float>(x: &[T], delta: T) -> T {
    let half = T::from(0.5).unwrap();
    let mut sum = T::zero();
    for &v in x {
        let a = v.abs();
        sum = sum + if a <= delta { half * v * v } else { delta * (a - half * delta) };
    }
    sum / T::from(x.len()).unwrap()
}

#[derive_grad(wrt(w), hessian)]
pub fn neuron<T, const N: usize>(w: &[T; N], x: &[T; N]) -> T
where
    T: Float + NumAssign,
{
    let mut z = T::zero();
    for i in 0..N {
        z += w[i] * x[i];
    }
    T::one() / (T::one() + (-z).exp())
}

#[derive_grad]
pub mod camera {
    use num_traits::Float;

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Camera<T> {
        pub focal: T,
        pub centre: [T; 2],
    }

    fn square<T: Float>(x: T) -> T {
        x * x
    }

    #[grad]
    pub fn error<T: Float>(camera: &Camera<T>, point: &[T; 3], seen: (T, T)) -> T {
        let u = camera.focal * point[0] / point[2] + camera.centre[0];
        let v = camera.focal * point[1] / point[2] + camera.centre[1];
        square(u - seen.0) + square(v - seen.1)
    }
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{a} {b}");
}

#[test]
fn both_float_types() {
    let x = [0.3, -2.0, 0.9, 5.0];
    let (value, grad) = huber_grad(&x, 1.0);
    assert_eq!(value, huber(&x, 1.0));
    assert_eq!(grad.x, [0.3 / 4.0, -0.25, 0.9 / 4.0, 0.25]);
    close(grad.delta, (1.0 + 4.0) / 4.0, 1e-15);
    let x32 = x.map(|v| v as f32);
    let (value32, grad32) = huber_grad(&x32, 1.0_f32);
    close(f64::from(value32), value, 1e-6);
    for (a, b) in grad32.x.iter().zip(&grad.x) {
        close(f64::from(*a), *b, 1e-6);
    }
}

#[test]
fn const_lengths_and_second_order() {
    let (w, x) = ([0.5, -1.0, 2.0], [1.0, 0.5, 0.25]);
    let (value, grad, hessian) = neuron_hessian(&w, &x);
    let s = neuron(&w, &x);
    close(value, s, 1e-15);
    for i in 0..3 {
        close(grad[i], s * (1.0 - s) * x[i], 1e-14);
        for j in 0..3 {
            close(hessian[i][j], s * (1.0 - s) * (1.0 - 2.0 * s) * x[i] * x[j], 1e-13);
        }
    }
    let (forward, residuals) = neuron_forward(&w, &x);
    close(forward, s, 1e-15);
    close(neuron_backward(&residuals, &w, &x, 2.0)[1], 2.0 * grad[1], 1e-15);
}

#[test]
fn generic_structs_and_tuples() {
    let camera = camera::Camera { focal: 2.0_f32, centre: [0.5, 0.25] };
    let (value, grad) = camera::error_grad(&camera, &[1.0, 2.0, 4.0], (0.0, 0.0));
    assert_eq!(value, 1.0 + 1.25 * 1.25);
    assert_eq!(grad.camera, camera::Camera { focal: 2.0 * 0.25 + 2.5 * 0.5, centre: [2.0, 2.5] });
    assert_eq!(grad.seen, (-2.0, -2.5));
}
