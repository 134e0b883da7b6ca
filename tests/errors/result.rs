// What a function cannot return.

use derive_grad::derive_grad;

#[derive_grad]
pub fn counts(_x: f64) -> usize {
    1
}

#[derive_grad]
pub fn nothing(_x: f64) {}

#[derive_grad]
pub fn unit(_x: f64) -> () {}

#[derive_grad]
pub fn falls_off(x: f64) -> f64 {
    x * x;
}

#[derive_grad]
pub fn fallible(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err("negative".to_string()) } else { Ok(x.sqrt()) }
}

#[derive_grad]
pub fn optional(x: f64) -> Option<f64> {
    Some(x)
}

#[derive_grad]
pub fn borrowed<'a>(x: &'a [f64; 2]) -> &'a [f64; 2] {
    x
}

#[derive_grad]
pub fn with_count(x: f64) -> (f64, usize) {
    (x, 1)
}

#[derive_grad]
pub fn pair(x: f64) -> (f64, f64) {
    x
}

#[derive_grad]
pub fn array(x: f64) -> [f64; 2] {
    x
}

#[derive_grad]
pub fn empty_return(x: f64) -> f64 {
    if x > 0.0 {
        return;
    }
    x
}

#[derive_grad]
pub fn never(x: f64) -> ! {
    panic!("{x}")
}

pub fn used(x: f64) -> f64 {
    let (_, a) = counts_grad(x);
    let (_, b) = nothing_grad(x);
    let (c, dc) = falls_off_grad(x);
    let (d, dd) = fallible_grad(x);
    let (_, residuals) = pair_forward(x);
    a + b + c + dc + d.unwrap_or(0.0) + dd + pair_backward(&residuals, x, 1.0, 1.0)
}
