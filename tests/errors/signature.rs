// What a signature cannot have is named on its token, with the reason; the callers have no error of their own.

use derive_grad::derive_grad;
use std::cell::RefCell;
use std::collections::HashMap;

pub struct Model {
    pub k: f64,
}

#[derive_grad]
pub async fn waits(x: f64) -> f64 {
    x
}

#[derive_grad]
pub unsafe fn risky(x: f64) -> f64 {
    x
}

#[derive_grad]
pub extern "C" fn foreign(x: f64) -> f64 {
    x
}

#[derive_grad]
pub unsafe extern "C" fn variadic(x: f64, _rest: ...) -> f64 {
    x
}

#[derive_grad]
pub fn unknown(model: &Model, x: f64) -> f64 {
    model.k * x
}

#[derive_grad]
pub fn misspelt(model: &Model, x: f46) -> f64 {
    model.k * x
}

#[derive_grad]
pub fn dynamic(f: &dyn Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[derive_grad]
pub fn abstract_(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[derive_grad]
pub fn pointed(f: fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[derive_grad]
pub fn raw(p: *const f64, x: f64) -> f64 {
    x
}

#[derive_grad]
pub fn perhaps(x: Option<f64>) -> f64 {
    x.unwrap_or(0.0)
}

#[derive_grad]
pub fn boxed(x: Box<f64>) -> f64 {
    *x
}

#[derive_grad]
pub fn mapped(m: &HashMap<String, f64>, x: f64) -> f64 {
    m["a"] * x
}

#[derive_grad]
pub fn text(x: f64, _y: &str, _z: Vec<f64>, _w: (f64, f64)) -> f64 {
    x
}

#[derive_grad]
pub fn wide(x: f64, _k: i128, _l: &[&[f64]], _m: &[(f64, f64)], _n: f64) -> f64 {
    x
}

#[derive_grad]
pub fn crates(x: _, _c: &RefCell<f64>, _z: Complex<f64>, _a: &DMatrix<f64>, _b: f64) -> f64 {
    1.0
}

#[derive_grad]
pub fn slices(x: &[[f64]], _y: [f64; 2 + 1]) -> f64 {
    x[0][0]
}

#[derive_grad]
pub fn mixed(x: f64, _y: f32) -> f64 {
    x
}

#[derive_grad]
pub fn mutable(p: &mut (f64, f64), k: &mut [usize], q: (f64, &mut [f64])) -> f64 {
    p.0
}

// Nothing follows from the absence of what would have been generated.
pub fn used(model: &Model, x: f64, map: &HashMap<String, f64>) -> f64 {
    let (a, da) = waits_grad(x);
    let (b, db) = risky_grad(x);
    let (c, dc) = foreign_grad(x);
    let (d, UnknownGrad { x: dx, model: dm }) = unknown_grad(model, x);
    let (e, de) = dynamic_grad(&|x| x, x);
    let (f, f_residuals) = pointed_forward(f64::sin, x);
    let df = pointed_backward(&f_residuals, f64::sin, x, 1.0);
    let (g, dg) = mapped_grad(map, x);
    let (h, dh) = mixed_grad(x, 1.0);
    a + b + c + d + e + f + g + h + da + db + dc + dx + dm.k + de + df + dh.x
}
