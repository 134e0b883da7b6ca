// What is wrong with one argument of the attribute says nothing about the others, nor about the callers.

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

#[derive_grad(hvp, jacobian, check, strict)]
pub fn e(x: f64) -> f64 {
    x * x
}

#[derive_grad(wrt(weights, bais), jvp)]
pub fn f(weights: &[f64], bias: f64, x: &[f64]) -> f64 {
    weights.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias
}

#[derive_grad(wrt, name, jvp, jvp)]
pub fn g(x: f64) -> f64 {
    x * x
}

#[derive_grad(wrt(), frobnicate(1, 2), hessian)]
pub fn h(x: f64) -> f64 {
    x * x
}

#[derive_grad(wrt(x) jvp)]
pub fn i(x: f64) -> f64 {
    x * x
}

#[derive_grad(wrt(x.y))]
pub fn j(x: f64) -> f64 {
    x * x
}

#[derive_grad(wrt(n))]
pub fn k(x: f64, n: usize) -> f64 {
    x * n as f64
}

#[derive_grad]
pub fn nothing_active(n: usize) -> f64 {
    n as f64
}

pub fn used(x: f64, v: &[f64]) -> f64 {
    let mut sum = a_grad(x).1 + b_grad(x, 1).1 + c_grad(x).1 + d_grad(x).1 + e_grad(x).1;
    let (value, FGrad { weights, bias }) = f_grad(v, x, v);
    sum += value + weights[0] + bias + f_jvp(v, x, v, v, 1.0).1;
    sum += g_jvp(x, 1.0).1 + h_hessian(x).2 + i_grad(x).1 + j_grad(x).1 + k_grad(x, 1).1;
    sum + nothing_active_grad(1).0
}
