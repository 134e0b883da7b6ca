// A function without a derivative in one of its arguments.

use derive_grad::{derive_grad, math::polygamma};

#[derive_grad]
pub fn of_any_order(n: f64, x: f64) -> f64 {
    polygamma(n, x)
}

#[derive_grad(wrt(x))]
pub fn of_a_given_order(n: f64, x: f64) -> f64 {
    polygamma(n, x)
}

pub fn used(x: f64) -> f64 {
    of_any_order_grad(2.0, x).0 + of_a_given_order_grad(2.0, x).1
}
