use derive_grad::derive_grad;

#[derive_grad(wtr(x))]
pub fn a(x: f64) -> f64 {
    x * x
}

#[derive_grad(wrt(y, n))]
pub fn b(x: f64, n: usize) -> f64 {
    x * n as f64
}

#[derive_grad(wrt(x, x))]
pub fn c(x: f64) -> f64 {
    x * x
}

#[derive_grad(name = "two words")]
pub fn d(x: f64) -> f64 {
    x * x
}

#[derive_grad(hvp)]
pub fn e(x: f64) -> f64 {
    x * x
}
