use derive_grad::derive_grad;

#[derive_grad]
pub fn f(x: f64, n: usize) -> f64 {
    let text = "abc";
    let a = n * x;
    let b = x.powi(2.0);
    let c = x.max(1);
    let d = if x { 1.0 } else { 2.0 };
    let e = x?;
    let g = unsafe { x };
    let mut i = 0;
    i = x;
    x + y
}
