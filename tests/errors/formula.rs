use derive_grad::derive_grad;

#[derive_grad("x * yy + sn(x)")]
pub fn names(x: f64, y: f64) -> f64;

#[derive_grad("x * (y + 1")]
pub fn brackets(x: f64, y: f64) -> f64;

#[derive_grad("A @ x + y")]
pub fn shapes(a: &[[f64; 3]; 2], x: &[f64; 3], y: &[f64; 3]) -> f64;

#[derive_grad("w · x")]
pub fn lengths(w: &[f64; 2], x: &[f64; 3]) -> f64;

#[derive_grad("x + y")]
pub fn body(x: f64, y: f64) -> f64 {
    x
}

pub fn used() -> f64 {
    names(1.0, 2.0) + names_grad(1.0, 2.0).0
}
