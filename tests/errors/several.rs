use derive_grad::derive_grad;

#[derive_grad]
pub fn f(x: f64, v: &[f64]) -> f64 {
    let a = x.sinn();
    let b = unknown(x);
    let mut s = 0.0;
    for k in 0..v.len() {
        s += v[k] * nothing;
    }
    println!("{s}");
    a + b + s
}

// What would have been generated is there all the same: no error follows from its absence.
pub fn used(x: f64) -> f64 {
    let (value, grad) = f_grad(x, &[1.0]);
    value + grad.x
}
