// What the attribute's arguments ask for and the function does not have.

use derive_grad::derive_grad;

#[derive_grad(hessian)]
pub fn twice(x: f64) -> [f64; 2] {
    [x * x, x]
}

pub fn used(x: f64) -> f64 {
    let (_, residuals) = twice_forward(x);
    twice_backward(&residuals, x, &[1.0, 0.0])
}
