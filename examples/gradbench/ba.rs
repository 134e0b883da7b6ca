//! `ba`: bundle adjustment, the reprojection error of a point seen by a camera.
//!
//! A camera is rotation (3, an axis times its angle), centre (3), focal length, principal point (2), radial distortion (2).

#![allow(clippy::needless_range_loop)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod camera {
    type Vec3 = [f64; 3];

    fn dot(a: &Vec3, b: &Vec3) -> f64 {
        a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    }

    fn cross(a: &Vec3, b: &Vec3) -> Vec3 {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    }

    /// Rodrigues' rotation of a point about an axis by its length.
    fn rotate(axis: &Vec3, point: &Vec3) -> Vec3 {
        let square = dot(axis, axis);
        if square == 0.0 {
            let turned = cross(axis, point);
            return [point[0] + turned[0], point[1] + turned[1], point[2] + turned[2]];
        }
        let angle = square.sqrt();
        let (sin, cos) = angle.sin_cos();
        let unit = axis.map(|a| a / angle);
        let turned = cross(&unit, point);
        let along = dot(&unit, point) * (1.0 - cos);
        let mut rotated = [0.0; 3];
        for i in 0..3 {
            rotated[i] = point[i] * cos + turned[i] * sin + unit[i] * along;
        }
        rotated
    }

    #[grad(wrt(camera, point, weight), source)]
    pub fn reprojection(camera: &[f64; 11], point: &Vec3, weight: f64, seen: &[f64; 2]) -> [f64; 2] {
        let axis = [camera[0], camera[1], camera[2]];
        let relative = [point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]];
        let [x, y, z] = rotate(&axis, &relative);
        let (u, v) = (x / z, y / z);
        let square = u * u + v * v;
        let distortion = 1.0 + camera[9] * square + camera[10] * square * square;
        let focal = camera[6];
        [
            weight * (u * distortion * focal + camera[7] - seen[0]),
            weight * (v * distortion * focal + camera[8] - seen[1]),
        ]
    }

    #[grad(source)]
    pub fn weight_error(weight: f64) -> f64 {
        1.0 - weight * weight
    }
}
