//! One step of a Kalman filter that measures one number of its state.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;
use filter::{Model, State};

#[derive_grad]
pub mod filter {
    type Matrix<const R: usize, const C: usize> = [[f64; C]; R];

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct State {
        pub mean: [f64; 2],
        pub covariance: Matrix<2, 2>,
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Model {
        pub transition: Matrix<2, 2>,
        pub process_noise: Matrix<2, 2>,
        pub measurement: [f64; 2],
        pub measurement_noise: f64,
    }

    fn mul<const R: usize, const K: usize, const C: usize>(a: &Matrix<R, K>, b: &Matrix<K, C>) -> Matrix<R, C> {
        let mut product = [[0.0; C]; R];
        for i in 0..R {
            for j in 0..C {
                for k in 0..K {
                    product[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        product
    }

    fn transpose<const R: usize, const C: usize>(a: &Matrix<R, C>) -> Matrix<C, R> {
        let mut t = [[0.0; R]; C];
        for (i, row) in a.iter().enumerate() {
            for (j, v) in row.iter().enumerate() {
                t[j][i] = *v;
            }
        }
        t
    }

    fn apply<const R: usize, const C: usize>(a: &Matrix<R, C>, x: &[f64; C]) -> [f64; R] {
        a.map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum())
    }

    /// The state after a step and a measurement, and the logarithm of the measurement's likelihood.
    #[grad(jvp, source)]
    pub fn step(state: &State, model: &Model, measured: f64) -> ([f64; 2], Matrix<2, 2>, f64) {
        let mut mean = apply(&model.transition, &state.mean);
        let mut covariance = mul(&mul(&model.transition, &state.covariance), &transpose(&model.transition));
        for (row, noise) in covariance.iter_mut().zip(&model.process_noise) {
            for (c, q) in row.iter_mut().zip(noise) {
                *c += q;
            }
        }
        let h = &model.measurement;
        let cross = apply(&covariance, h);
        let expected: f64 = h.iter().zip(&mean).map(|(h, m)| h * m).sum();
        let variance = h.iter().zip(&cross).map(|(h, c)| h * c).sum::<f64>() + model.measurement_noise;
        let innovation = measured - expected;
        let gain = cross.map(|c| c / variance);
        for i in 0..2 {
            mean[i] += gain[i] * innovation;
            for j in 0..2 {
                covariance[i][j] -= gain[i] * cross[j];
            }
        }
        let log_likelihood = -0.5 * (innovation * innovation / variance + (std::f64::consts::TAU * variance).ln());
        (mean, covariance, log_likelihood)
    }
}

#[derive(Deserialize)]
pub struct Input {
    mean: [f64; 2],
    covariance: [[f64; 2]; 2],
    transition: [[f64; 2]; 2],
    process_noise: [[f64; 2]; 2],
    measurement: [f64; 2],
    measurement_noise: f64,
    measured: f64,
}

impl Input {
    fn state(&self) -> State {
        State { mean: self.mean, covariance: self.covariance }
    }

    fn model(&self) -> Model {
        let Input { transition, process_noise, measurement, measurement_noise, .. } = *self;
        Model { transition, process_noise, measurement, measurement_noise }
    }
}

fn flat((mean, covariance, log_likelihood): ([f64; 2], [[f64; 2]; 2], f64)) -> Vec<f64> {
    [&mean[..], covariance.as_flattened(), &[log_likelihood]].concat()
}

impl Fixture for Input {
    const NAME: &'static str = "kalman";
    const SOURCE: &'static str = filter::STEP_SOURCE;

    fn primal(&self) -> Vec<f64> {
        flat(filter::step(&self.state(), &self.model(), self.measured))
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = filter::step_forward(&self.state(), &self.model(), self.measured);
        let [a, b, c, d, e, f, h] = cotangent else { panic!("seven numbers") };
        let g = filter::step_backward(
            &residuals,
            &self.state(),
            &self.model(),
            self.measured,
            &[*a, *b],
            &[[*c, *d], [*e, *f]],
            *h,
        );
        (
            flat(value),
            json!({ "mean": g.state.mean, "covariance": g.state.covariance, "transition": g.model.transition, "process_noise": g.model.process_noise, "measurement": g.model.measurement, "measurement_noise": g.model.measurement_noise, "measured": g.measured }),
        )
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) =
            filter::step_jvp(&self.state(), &self.model(), self.measured, &d.state(), &d.model(), d.measured);
        (flat(value), flat(along))
    }
}
