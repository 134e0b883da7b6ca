// Floats, integers and `bool`s where others belong.

use derive_grad::derive_grad;

#[derive_grad]
pub fn mixed(x: f64, n: usize, k: i32, c: bool) -> f64 {
    let a = n * x;
    let b = x.powi(2.0);
    let d = x.powi(n);
    let e = x.max(1);
    let f = x.max(c);
    let g = n + k;
    let h = c + x;
    let i = c + c;
    let j = -c;
    let l = !n;
    let m = n << 2;
    let ff = !x;
    let gg = x ^ 2.0;
    let o = c as f64;
    let p: usize = x;
    let q: f64 = n;
    let r: bool = x;
    let s = x + 2.0f32;
    let t = x * std::f32::consts::PI as f64;
    let u: f32 = 1.0;
    let v = n.pow(k as u32);
    let w = n.max(k);
    let y = n.clamp(k, 3);
    let z = x.atan2();
    let aa = x.exp(2.0);
    let bb = usize::from(x > 0.0).max(k);
    let cc = n.min(1.0);
    let dd = 1.0u8;
    let ee = 1.0e5x;
    x
}

#[derive_grad]
pub fn reassigned(x: f64) -> f64 {
    let mut i = 0;
    i = x;
    let mut v = [x];
    v[0] = 1;
    let mut b = x > 0.0;
    b = x;
    x
}

pub fn used(x: f64) -> f64 {
    let (a, da) = mixed_grad(x, 1, 2, true);
    let (b, db) = reassigned_grad(x);
    a + da + b + db
}
