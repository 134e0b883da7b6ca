//! `&mut` parameters: what they hold at the end is a result.
#![deny(warnings)]
#![allow(missing_docs, unreachable_pub)]

use derive_grad::derive_grad;

#[derive_grad(wrt(x, k), jvp)]
pub fn squares(x: &[f64], k: f64, y: &mut [f64]) {
    for i in 0..x.len() {
        y[i] = k * x[i] * x[i];
    }
}

#[derive_grad(jvp)]
pub fn damp(y: &mut [f64], total: &mut f64, k: f64) -> f64 {
    if y.is_empty() {
        return 0.0;
    }
    for i in 1..y.len() {
        y[i] *= y[i - 1].sin() * k;
    }
    *total += y[0];
    y[y.len() - 1]
}

#[derive_grad]
pub mod steps {
    fn euler(q: &mut [f64; 2], p: &mut [f64; 2], dt: f64) {
        for i in 0..2 {
            p[i] -= dt * q[i].sin();
            q[i] += dt * p[i];
        }
    }

    #[grad]
    pub fn orbit(q: &mut [f64; 2], p: &mut [f64; 2], dt: f64, n: usize) {
        for _ in 0..n {
            euler(q, p, dt);
        }
    }

    /// The buffer is only a place to work in.
    #[grad]
    pub fn norm(x: &[f64], work: &mut [f64]) -> f64 {
        for i in 0..work.len() {
            work[i] = x[i] * x[i];
        }
        work.iter().sum::<f64>().sqrt()
    }
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-6 * (1.0 + b.abs()), "{a} {b}");
}

fn numeric(f: impl Fn(f64) -> f64) -> f64 {
    let h = 1e-5;
    (f(h) - f(-h)) / (2.0 * h)
}

#[test]
fn what_is_written_is_a_result() {
    let x = [1.0, -2.0, 0.5];
    let mut y = [9.0; 3];
    let residuals = squares_forward(&x, 3.0, &mut y);
    assert_eq!(y, [3.0, 12.0, 0.75]);
    let grad = squares_backward(&residuals, &x, 3.0, &[1.0, 10.0, 100.0]);
    assert_eq!(grad.x, [6.0, -120.0, 300.0]);
    assert_eq!(grad.k, 1.0 + 40.0 + 25.0);
    let (mut y, mut y_dot) = ([9.0; 3], [0.0; 3]);
    squares_jvp(&x, 3.0, &mut y, &[1.0, 0.0, 0.0], 1.0, &mut y_dot);
    assert_eq!(y, [3.0, 12.0, 0.75]);
    assert_eq!(y_dot, [7.0, 4.0, 0.25]);
}

/// y, total and the value for a weight each.
fn weighted(y: &[f64], total: f64, k: f64, weights: &[f64]) -> f64 {
    let (mut y, mut total) = (y.to_vec(), total);
    let value = damp(&mut y, &mut total, k);
    y.iter().zip(weights).map(|(y, w)| y * w).sum::<f64>() + weights[3] * total + weights[4] * value
}

#[test]
fn what_is_read_and_written_has_both() {
    let (y, k, weights) = ([0.8, 1.5, 2.0], 1.7, [1.0, -0.5, 2.0, 3.0, 0.25]);
    let (mut at, mut total) = (y, 0.1);
    let (value, residuals) = damp_forward(&mut at, &mut total, k);
    assert_eq!((value, total), (at[2], 0.9));
    let grad = damp_backward(&residuals, k, weights[4], &weights[..3], weights[3]);
    for i in 0..3 {
        let slope = numeric(|h| {
            let mut y = y;
            y[i] += h;
            weighted(&y, 0.1, k, &weights)
        });
        close(grad.y[i], slope);
    }
    close(grad.total, 3.0);
    close(grad.k, numeric(|h| weighted(&y, 0.1, k + h, &weights)));
    // The gradient of the value alone.
    let (mut at, mut total) = (y, 0.1);
    let (again, grad) = damp_grad(&mut at, &mut total, k);
    assert_eq!((again, total), (value, 0.9));
    close(grad.k, numeric(|h| weighted(&y, 0.1, k + h, &[0.0, 0.0, 0.0, 0.0, 1.0])));
    // Along a direction.
    let (mut at, mut total, mut y_dot, mut total_dot) = (y, 0.1, [0.0; 3], 0.0);
    let (_, slope) = damp_jvp(&mut at, &mut total, k, &mut y_dot, &mut total_dot, 1.0);
    close(slope, grad.k);
    close(y_dot[1], y[1] * y[0].sin());
    // Nothing in it.
    let (value, residuals) = damp_forward(&mut [], &mut total, k);
    assert_eq!(value, 0.0);
    assert_eq!(damp_backward(&residuals, k, 1.0, &[], 2.0).total, 2.0);
}

#[test]
fn helpers_write_through() {
    let (q, p) = ([0.3, -1.0], [0.5, 0.25]);
    let run = |q: [f64; 2], p: [f64; 2], dt: f64| {
        let (mut q, mut p) = (q, p);
        steps::orbit(&mut q, &mut p, dt, 5);
        q[0] + 2.0 * p[1] - q[1]
    };
    let (mut q_end, mut p_end) = (q, p);
    let residuals = steps::orbit_forward(&mut q_end, &mut p_end, 0.1, 5);
    let grad = steps::orbit_backward(&residuals, 0.1, 5, &[1.0, -1.0], &[0.0, 2.0]);
    close(grad.dt, numeric(|h| run(q, p, 0.1 + h)));
    close(grad.q[0], numeric(|h| run([q[0] + h, q[1]], p, 0.1)));
    close(grad.p[1], numeric(|h| run(q, [p[0], p[1] + h], 0.1)));
    let (mut q_end, mut p_end) = (q, p);
    let residuals = steps::orbit_forward(&mut q_end, &mut p_end, 0.1, 0);
    assert_eq!((q_end, p_end), (q, p));
    assert_eq!(steps::orbit_backward(&residuals, 0.1, 0, &[1.0, -1.0], &[0.0, 2.0]).q, [1.0, -1.0]);
}

#[test]
fn a_buffer_to_work_in() {
    let (value, grad) = steps::norm_grad(&[3.0, 4.0], &mut [0.0; 2]);
    assert_eq!(value, 5.0);
    close(grad[0], 0.6);
    close(grad[1], 0.8);
}
