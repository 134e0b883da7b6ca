// A signature alone says neither what to compute nor what to differentiate.

use derive_grad::derive_grad;

#[derive_grad]
fn square(x: f64) -> f64;

pub fn used(x: f64) -> f64 {
    square(x) + square_grad(x).1
}
