//! `ode`: y₀' = x₀, yᵢ' = xᵢ yᵢ₋₁ from 0 to 2 by s steps of the classical Runge-Kutta method.

#![allow(clippy::needless_range_loop)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod runge_kutta {
    fn slope(x: &[f64], y: &[f64], dy: &mut [f64]) {
        dy[0] = x[0];
        for i in 1..x.len() {
            dy[i] = x[i] * y[i - 1];
        }
    }

    #[grad(source)]
    pub fn solve(x: &[f64], steps: usize) -> Vec<f64> {
        let n = x.len();
        let h = 2.0 / steps as f64;
        let mut y = vec![0.0; n];
        let mut at = vec![0.0; n];
        let mut k1 = vec![0.0; n];
        let mut k2 = vec![0.0; n];
        let mut k3 = vec![0.0; n];
        let mut k4 = vec![0.0; n];
        for _ in 0..steps {
            slope(x, &y, &mut k1);
            for i in 0..n {
                at[i] = y[i] + h / 2.0 * k1[i];
            }
            slope(x, &at, &mut k2);
            for i in 0..n {
                at[i] = y[i] + h / 2.0 * k2[i];
            }
            slope(x, &at, &mut k3);
            for i in 0..n {
                at[i] = y[i] + h * k3[i];
            }
            slope(x, &at, &mut k4);
            for i in 0..n {
                y[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        y
    }
}
