//! `ht`: hand tracking, the distances of measured points from the surface of a posed and skinned hand.

#![allow(clippy::needless_range_loop)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod hand {
    type Vec3 = [f64; 3];
    type Mat3 = [[f64; 3]; 3];
    type Mat4 = [[f64; 4]; 4];

    /// A hand at rest.
    pub struct Model {
        /// The parent of each bone, before it in the order; −1 for the root.
        pub parents: Vec<i32>,
        pub base_relatives: Vec<[[f64; 4]; 4]>,
        pub inverse_base_absolutes: Vec<[[f64; 4]; 4]>,
        /// Homogeneous positions of the vertices.
        pub base_positions: Vec<[f64; 4]>,
        /// One row a vertex, one column a bone.
        pub weights: Vec<f64>,
        pub triangles: Vec<[usize; 3]>,
        pub is_mirrored: bool,
    }

    fn product(a: &Mat4, b: &Mat4) -> Mat4 {
        let mut c = [[0.0; 4]; 4];
        for i in 0..4 {
            for j in 0..4 {
                for k in 0..4 {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        c
    }

    /// The rotation Rz · Ry · Rx of the angles (x, z, y).
    fn euler(x: f64, z: f64, y: f64) -> Mat4 {
        let (sx, cx) = x.sin_cos();
        let (sy, cy) = y.sin_cos();
        let (sz, cz) = z.sin_cos();
        [
            [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx, 0.0],
            [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx, 0.0],
            [-sy, cy * sx, cy * cx, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    }

    /// The rotation about an axis by its length.
    fn axis_angle(axis: &Vec3) -> Mat3 {
        let norm = (axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]).sqrt();
        if norm < 0.0001 {
            return [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        }
        let (x, y, z) = (axis[0] / norm, axis[1] / norm, axis[2] / norm);
        let (s, c) = norm.sin_cos();
        [
            [x * x + (1.0 - x * x) * c, x * y * (1.0 - c) - z * s, x * z * (1.0 - c) + y * s],
            [x * y * (1.0 - c) + z * s, y * y + (1.0 - y * y) * c, y * z * (1.0 - c) - x * s],
            [x * z * (1.0 - c) - y * s, z * y * (1.0 - c) + x * s, z * z + (1.0 - z * z) * c],
        ]
    }

    /// The posed vertices. `theta` is the global rotation (3) and translation (3), then four angles a finger.
    fn vertices(theta: &[f64], model: &Model) -> Vec<Vec3> {
        let bones = model.parents.len();
        let mut angles = vec![[0.0; 2]; bones];
        let mut bone = 2;
        let mut at = 6;
        for _ in 0..5 {
            angles[bone] = [theta[at], theta[at + 1]];
            angles[bone + 1][0] = theta[at + 2];
            angles[bone + 2][0] = theta[at + 3];
            at += 4;
            bone += 4;
        }

        let mut absolutes = vec![[[0.0; 4]; 4]; bones];
        let mut transforms = vec![[[0.0; 4]; 4]; bones];
        for i in 0..bones {
            let relative = product(&model.base_relatives[i], &euler(angles[i][0], angles[i][1], 0.0));
            absolutes[i] =
                if model.parents[i] < 0 { relative } else { product(&absolutes[model.parents[i] as usize], &relative) };
            transforms[i] = product(&absolutes[i], &model.inverse_base_absolutes[i]);
        }

        let rotation = axis_angle(&[theta[0], theta[1], theta[2]]);
        let mut positions = vec![[0.0; 3]; model.base_positions.len()];
        for v in 0..model.base_positions.len() {
            let base = &model.base_positions[v];
            let mut skinned = [0.0; 3];
            for i in 0..bones {
                let weight = model.weights[v * bones + i];
                if weight != 0.0 {
                    for r in 0..3 {
                        let mut moved = 0.0;
                        for c in 0..4 {
                            moved += transforms[i][r][c] * base[c];
                        }
                        skinned[r] += weight * moved;
                    }
                }
            }
            if model.is_mirrored {
                skinned[0] = -skinned[0];
            }
            for r in 0..3 {
                positions[v][r] = theta[3 + r];
                for c in 0..3 {
                    positions[v][r] += rotation[r][c] * skinned[c];
                }
            }
        }
        positions
    }

    /// Each point belongs to a vertex.
    #[grad(wrt(theta), jvp, source)]
    pub fn to_vertices(theta: &[f64], model: &Model, vertex: &[usize], points: &[[f64; 3]]) -> Vec<[f64; 3]> {
        let positions = vertices(theta, model);
        let mut errors = vec![[0.0; 3]; points.len()];
        for i in 0..points.len() {
            for r in 0..3 {
                errors[i][r] = points[i][r] - positions[vertex[i]][r];
            }
        }
        errors
    }

    /// Each point belongs to a place of a triangle, in barycentric coordinates.
    #[grad(wrt(theta, us), jvp, source)]
    pub fn to_triangles(
        theta: &[f64],
        us: &[[f64; 2]],
        model: &Model,
        triangle: &[usize],
        points: &[[f64; 3]],
    ) -> Vec<[f64; 3]> {
        let positions = vertices(theta, model);
        let mut errors = vec![[0.0; 3]; points.len()];
        for i in 0..points.len() {
            let [a, b, c] = model.triangles[triangle[i]];
            let [u, v] = us[i];
            for r in 0..3 {
                let place = u * positions[a][r] + v * positions[b][r] + (1.0 - u - v) * positions[c][r];
                errors[i][r] = points[i][r] - place;
            }
        }
        errors
    }
}
