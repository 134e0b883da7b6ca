//! `hello`: the square and its derivative.

use derive_grad::derive_grad;

#[derive_grad]
pub fn square(x: f64) -> f64 {
    x * x
}
