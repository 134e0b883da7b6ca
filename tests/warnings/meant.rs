// Idioms in which what is flat is meant: nothing is said of them.
#![deny(deprecated)]

use derive_grad::derive_grad;

#[derive_grad(wrt(x))]
pub fn interpolated(x: f64, table: &[f64]) -> f64 {
    let i = x.floor() as usize;
    let t = x - i as f64;
    table[i] * (1.0 - t) + table[i + 1] * t
}

#[derive_grad]
pub fn on_a_grid(x: f64, h: f64, table: &[f64]) -> f64 {
    let i = (x / h) as usize;
    let t = (x - i as f64 * h) / h;
    table[i] * (1.0 - t) + table[i + 1] * t
}

#[derive_grad]
pub fn nearest(x: f64, h: f64, table: &[f64]) -> f64 {
    table[(x / h).round() as usize]
}

#[derive_grad]
pub fn threshold(x: f64, limit: f64) -> f64 {
    if x > limit { x * x } else { 0.0 }
}

#[derive_grad]
pub fn newton(a: f64, tolerance: f64) -> f64 {
    let mut x = a;
    while (x * x - a).abs() > tolerance {
        x = 0.5 * (x + a / x);
    }
    x
}

#[derive_grad]
pub fn wrapped(angle: f64) -> f64 {
    let turns = (angle / std::f64::consts::TAU).floor();
    (angle - turns * std::f64::consts::TAU).sin()
}

#[derive_grad]
pub fn reduced(x: f64) -> f64 {
    let k = (x / std::f64::consts::LN_2).round() as i32;
    let r = x - k as f64 * std::f64::consts::LN_2;
    r.exp() * 2.0_f64.powi(k)
}

#[derive_grad]
pub fn counted(x: f64, length: f64) -> f64 {
    let mut sum = 0.0;
    for k in 0..length as usize {
        sum += x * k as f64;
    }
    sum
}

// Said to be meant.
#[allow(deprecated)]
#[derive_grad]
pub fn rounded(x: f64, step: f64) -> f64 {
    (x / step).round() * step
}

#[derive_grad(wrt(step))]
pub fn by_the_step(x: f64, step: f64) -> f64 {
    (x / step).round() * step
}
