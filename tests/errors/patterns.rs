// Patterns that may not match, or do not fit.

use derive_grad::derive_grad;

#[derive_grad]
pub fn matched(x: f64, k: usize, v: &[f64; 3]) -> f64 {
    let a = match k {
        LIMIT => x,
        _ => 1.0,
    };
    let b = match Some(k) {
        Some(j) => x,
        None => 1.0,
    };
    let c = match k {
        Some(j) => x,
        _ => 1.0,
    };
    let d = match k {
        true => x,
        _ => 1.0,
    };
    let e = match k {
        j @ 1 | j @ 2 => x,
        _ => 1.0,
    };
    let f = match k {};
    let g = match v {
        1 => x,
        _ => 1.0,
    };
    let h = match k {
        "a" => x,
        _ => 1.0,
    };
    let l = match (k, k) {
        1 => x,
        _ => 1.0,
    };
    let i = match k {
        0 => x,
        _ => 1,
    };
    x
}

#[derive_grad]
pub fn declared(x: f64, v: &[f64; 3]) -> f64 {
    let [a, b] = v;
    let (c, d, e) = (x, x);
    let (f, g) = x;
    let [h, ..] = x;
    let ref mut i = x;
    let Some(j) = x;
    let Point { re, im } = x;
    let p = Point { re: 1.0, im: x };
    let q = x.re;
    let &r = &x;
    let pair!() = x;
    let y;
    y = x;
    a + b
}

pub fn used(x: f64) -> f64 {
    matched_grad(x, 1, &[x; 3]).1.x + declared_grad(x, &[x; 3]).1.x
}
