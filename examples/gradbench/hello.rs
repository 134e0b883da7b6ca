//! `hello`: the square and its derivative.

use derive_grad::derive_grad;

#[derive_grad(source)]
pub fn square(x: f64) -> f64 {
    x * x
}
