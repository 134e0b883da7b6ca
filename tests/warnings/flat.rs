// What reaches the results only through something flat has a gradient of zeros, which is hardly what was meant.

use derive_grad::derive_grad;

#[derive_grad]
pub fn rounded(x: f64, step: f64) -> f64 {
    (x / step).round() * step
}

#[derive_grad]
pub fn floored(x: f64, y: f64) -> f64 {
    let whole = x.floor();
    let mut sum = 0.0;
    for k in 0..3 {
        sum += whole * y + k as f64;
    }
    sum
}

#[derive_grad]
pub fn cast_and_back(x: f64, y: f64) -> f64 {
    let n = x as i32;
    y * n as f64
}

#[derive_grad]
pub fn exponent(x: f64, y: f64) -> f64 {
    y.powi((x + 0.5) as i32)
}

#[derive_grad]
pub fn sign(x: f64, y: f64) -> f64 {
    if y > 0.0 { y * x.signum() } else { y }
}

#[derive_grad]
pub fn two(x: f64, y: f64, z: f64) -> f64 {
    (x * y).trunc() * z
}

#[derive_grad]
pub fn everywhere(x: &[f64]) -> f64 {
    x.iter().map(|v| v.ceil()).sum()
}

#[derive_grad(wrt(limit, x))]
pub fn asked_for(x: f64, limit: f64) -> f64 {
    if x > limit { x * x } else { 0.0 }
}

#[derive_grad]
mod model {
    pub struct Grid {
        pub step: f64,
        pub scale: f64,
    }

    #[grad]
    pub fn snapped(grid: &Grid, x: f64) -> f64 {
        x.mul_add(2.0, grid.step.round() * grid.scale)
    }
}
