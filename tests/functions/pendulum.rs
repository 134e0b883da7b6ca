//! A damped and driven pendulum by the classic Runge-Kutta method.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;
use pendulum::Pendulum;

#[derive_grad]
pub mod pendulum {
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Pendulum {
        pub length: f64,
        pub damping: f64,
        pub drive: f64,
        pub frequency: f64,
    }

    const GRAVITY: f64 = 9.81;

    impl Pendulum {
        fn slope(&self, t: f64, (angle, speed): (f64, f64)) -> (f64, f64) {
            let force = self.drive * (self.frequency * t).cos();
            (speed, -GRAVITY / self.length * angle.sin() - self.damping * speed + force)
        }
    }

    fn advance(state: (f64, f64), slope: (f64, f64), dt: f64) -> (f64, f64) {
        (state.0 + dt * slope.0, state.1 + dt * slope.1)
    }

    #[grad(wrt(pendulum, angle, speed), jvp, source)]
    pub fn swing(pendulum: &Pendulum, angle: f64, speed: f64, duration: f64, steps: usize) -> (f64, f64) {
        let dt = duration / steps as f64;
        let mut state = (angle, speed);
        for n in 0..steps {
            let t = n as f64 * dt;
            let k1 = pendulum.slope(t, state);
            let k2 = pendulum.slope(t + 0.5 * dt, advance(state, k1, 0.5 * dt));
            let k3 = pendulum.slope(t + 0.5 * dt, advance(state, k2, 0.5 * dt));
            let k4 = pendulum.slope(t + dt, advance(state, k3, dt));
            state.0 += dt / 6.0 * (k1.0 + 2.0 * k2.0 + 2.0 * k3.0 + k4.0);
            state.1 += dt / 6.0 * (k1.1 + 2.0 * k2.1 + 2.0 * k3.1 + k4.1);
        }
        state
    }
}

#[derive(Deserialize)]
pub struct Input {
    length: f64,
    damping: f64,
    drive: f64,
    frequency: f64,
    angle: f64,
    speed: f64,
    duration: f64,
    steps: usize,
}

impl Input {
    fn pendulum(&self) -> Pendulum {
        let Input { length, damping, drive, frequency, .. } = *self;
        Pendulum { length, damping, drive, frequency }
    }
}

impl Fixture for Input {
    const NAME: &'static str = "pendulum";
    const SOURCE: &'static str = pendulum::SWING_SOURCE;

    fn primal(&self) -> Vec<f64> {
        let (angle, speed) = pendulum::swing(&self.pendulum(), self.angle, self.speed, self.duration, self.steps);
        vec![angle, speed]
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let ((angle, speed), residuals) =
            pendulum::swing_forward(&self.pendulum(), self.angle, self.speed, self.duration, self.steps);
        let g = pendulum::swing_backward(
            &residuals,
            &self.pendulum(),
            self.angle,
            self.speed,
            self.duration,
            self.steps,
            cotangent[0],
            cotangent[1],
        );
        (
            vec![angle, speed],
            json!({ "length": g.pendulum.length, "damping": g.pendulum.damping, "drive": g.pendulum.drive, "frequency": g.pendulum.frequency, "angle": g.angle, "speed": g.speed }),
        )
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = pendulum::swing_jvp(
            &self.pendulum(),
            self.angle,
            self.speed,
            self.duration,
            self.steps,
            &d.pendulum(),
            d.angle,
            d.speed,
        );
        (vec![value.0, value.1], vec![along.0, along.1])
    }
}
