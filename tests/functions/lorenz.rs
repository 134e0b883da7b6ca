//! Lorenz's system by the classic Runge-Kutta method.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

#[derive_grad]
pub mod lorenz {
    fn lorenz(&[x, y, z]: &[f64; 3], sigma: f64, rho: f64, beta: f64) -> [f64; 3] {
        [sigma * (y - x), x * (rho - z) - y, x * y - beta * z]
    }

    fn axpy(a: f64, x: &[f64; 3], y: &[f64; 3]) -> [f64; 3] {
        std::array::from_fn(|i| a * x[i] + y[i])
    }

    #[grad(wrt(start, sigma, rho, beta), jvp, source)]
    pub fn trajectory(start: [f64; 3], sigma: f64, rho: f64, beta: f64, dt: f64, steps: usize) -> [f64; 3] {
        let f = |state: &[f64; 3]| lorenz(state, sigma, rho, beta);
        let mut state = start;
        for _ in 0..steps {
            let k1 = f(&state);
            let k2 = f(&axpy(0.5 * dt, &k1, &state));
            let k3 = f(&axpy(0.5 * dt, &k2, &state));
            let k4 = f(&axpy(dt, &k3, &state));
            for i in 0..3 {
                state[i] += dt / 6.0 * (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]);
            }
        }
        state
    }
}

#[derive(Deserialize)]
pub struct Input {
    start: [f64; 3],
    sigma: f64,
    rho: f64,
    beta: f64,
    dt: f64,
    steps: usize,
}

impl Fixture for Input {
    const NAME: &'static str = "lorenz";
    const SOURCE: &'static str = lorenz::TRAJECTORY_SOURCE;

    fn primal(&self) -> Vec<f64> {
        lorenz::trajectory(self.start, self.sigma, self.rho, self.beta, self.dt, self.steps).to_vec()
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) =
            lorenz::trajectory_forward(self.start, self.sigma, self.rho, self.beta, self.dt, self.steps);
        let cotangent = cotangent.try_into().expect("three numbers");
        let g = lorenz::trajectory_backward(
            &residuals, self.start, self.sigma, self.rho, self.beta, self.dt, self.steps, cotangent,
        );
        (value.to_vec(), json!({ "start": g.start, "sigma": g.sigma, "rho": g.rho, "beta": g.beta }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = lorenz::trajectory_jvp(
            self.start, self.sigma, self.rho, self.beta, self.dt, self.steps, d.start, d.sigma, d.rho, d.beta,
        );
        (value.to_vec(), along.to_vec())
    }
}
