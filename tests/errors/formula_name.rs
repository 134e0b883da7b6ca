use derive_grad::derive_grad;

#[derive_grad("x * yy")]
fn f(x: f64, y: f64) -> f64;

fn main() {}
