//! An image seen through an affine map, between the pixels bilinear.

use derive_grad::derive_grad;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::Fixture;

/// The image whose pixel (x, y) is that at A·(x, y, 1) of the given one; 0 outside.
#[derive_grad(jvp, source)]
pub fn warp(image: &[f64], width: usize, height: usize, affine: &[[f64; 3]; 2]) -> Vec<f64> {
    assert_eq!(image.len(), width * height);
    let mut out = vec![0.0; width * height];
    for y in 0..height {
        for x in 0..width {
            let [u, v] = affine.map(|row| row[0] * x as f64 + row[1] * y as f64 + row[2]);
            if u < 0.0 || v < 0.0 || u > (width - 1) as f64 || v > (height - 1) as f64 {
                continue;
            }
            let (x0, y0) = (u.floor() as usize, v.floor() as usize);
            let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
            let (fx, fy) = (u - x0 as f64, v - y0 as f64);
            let top = image[y0 * width + x0] * (1.0 - fx) + image[y0 * width + x1] * fx;
            let bottom = image[y1 * width + x0] * (1.0 - fx) + image[y1 * width + x1] * fx;
            out[y * width + x] = top * (1.0 - fy) + bottom * fy;
        }
    }
    out
}

#[derive(Deserialize)]
pub struct Input {
    image: Vec<f64>,
    width: usize,
    height: usize,
    affine: [[f64; 3]; 2],
}

impl Fixture for Input {
    const NAME: &'static str = "warp";
    const SOURCE: &'static str = WARP_SOURCE;

    fn primal(&self) -> Vec<f64> {
        warp(&self.image, self.width, self.height, &self.affine)
    }

    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value) {
        let (value, residuals) = warp_forward(&self.image, self.width, self.height, &self.affine);
        let g = warp_backward(&residuals, &self.image, self.width, self.height, &self.affine, cotangent);
        (value, json!({ "image": g.image, "affine": g.affine }))
    }

    fn along(&self, d: &Self) -> (Vec<f64>, Vec<f64>) {
        warp_jvp(&self.image, self.width, self.height, &self.affine, &d.image, &d.affine)
    }
}
