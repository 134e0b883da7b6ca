//! A pinhole camera with radial distortion, its rotation an axis times an angle (Rodrigues).

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;
use pinhole::{Camera, Vec3};

#[derive_grad]
pub mod pinhole {
    pub type Vec3 = [f64; 3];

    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct Camera {
        pub rotation: Vec3,
        pub translation: Vec3,
        pub focal: f64,
        pub center: [f64; 2],
        pub k1: f64,
        pub k2: f64,
    }

    fn dot(a: &Vec3, b: &Vec3) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    fn cross(a: &Vec3, b: &Vec3) -> Vec3 {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    }

    fn rotate(rotation: &Vec3, point: &Vec3) -> Vec3 {
        let theta2 = dot(rotation, rotation);
        if theta2 > f64::EPSILON {
            let theta = theta2.sqrt();
            let (sin, cos) = theta.sin_cos();
            let axis = rotation.map(|r| r / theta);
            let normal = cross(&axis, point);
            let along = dot(&axis, point) * (1.0 - cos);
            std::array::from_fn(|i| point[i] * cos + normal[i] * sin + axis[i] * along)
        } else {
            let normal = cross(rotation, point);
            std::array::from_fn(|i| point[i] + normal[i])
        }
    }

    /// Where the camera sees a point of the world, in pixels.
    #[grad(jvp, source)]
    pub fn project(camera: &Camera, point: &Vec3) -> [f64; 2] {
        let mut p = rotate(&camera.rotation, point);
        for (p, t) in p.iter_mut().zip(&camera.translation) {
            *p += t;
        }
        let [x, y] = [p[0] / p[2], p[1] / p[2]];
        let r2 = x * x + y * y;
        let scale = camera.focal * (1.0 + r2 * (camera.k1 + r2 * camera.k2));
        [scale * x + camera.center[0], scale * y + camera.center[1]]
    }
}

#[derive(Deserialize)]
pub struct Input {
    rotation: Vec3,
    translation: Vec3,
    focal: f64,
    center: [f64; 2],
    k1: f64,
    k2: f64,
    point: Vec3,
}

impl Input {
    fn camera(&self) -> Camera {
        let Input { rotation, translation, focal, center, k1, k2, .. } = *self;
        Camera { rotation, translation, focal, center, k1, k2 }
    }
}

impl Fixture for Input {
    const NAME: &'static str = "camera";
    const SOURCE: &'static str = pinhole::PROJECT_SOURCE;

    fn primal(&self) -> Vec<f64> {
        pinhole::project(&self.camera(), &self.point).to_vec()
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = pinhole::project_forward(&self.camera(), &self.point);
        let cotangent = cotangent.try_into().expect("two numbers");
        let g = pinhole::project_backward(&residuals, &self.camera(), &self.point, cotangent);
        (
            value.to_vec(),
            json!({ "rotation": g.camera.rotation, "translation": g.camera.translation, "focal": g.camera.focal, "center": g.camera.center, "k1": g.camera.k1, "k2": g.camera.k2, "point": g.point }),
        )
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        let (value, along) = pinhole::project_jvp(&self.camera(), &self.point, &d.camera(), &d.point);
        (value.to_vec(), along.to_vec())
    }
}
