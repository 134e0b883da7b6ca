// Closures and inner functions.

use derive_grad::derive_grad;

#[derive_grad]
pub fn closures(x: f64) -> f64 {
    let g = |y: f64| y * y;
    let a = g(x, x);
    let b = 1.0 + g;
    let c = if x > 0.0 { |y: f64| y } else { |y: f64| -y };
    let d = g.sin();
    let h = async |y: f64| y;
    let i = f64::sin(x, 1.0);
    let j = (x, 1.0);
    let k = j.sin();
    let l = 1.0 + j;
    let m = j.5;
    let n = x.0;
    let o = g.0;
    let p = 1.0 + ();
    let q = |y: f64| foo(y);
    let e = x(1.0);
    q(x) + q(1.0)
}

#[derive_grad]
pub fn state(x: f64) -> f64 {
    let mut n = 0.0;
    let mut g = move |y: f64| {
        n += y;
        n
    };
    let mut h = {
        let mut s = x;
        |y: f64| s += y
    };
    h(1.0);
    g(x)
}

#[derive_grad]
pub fn recursive(x: f64) -> f64 {
    fn itself(y: f64) -> f64 {
        if y < 1.0 { y } else { itself(0.5 * y) }
    }
    fn one(y: f64) -> f64 {
        other(y)
    }
    fn other(y: f64) -> f64 {
        one(y)
    }
    unsafe fn risky(y: f64) -> f64 {
        y
    }
    itself(x) + one(x)
}

#[derive_grad]
pub fn doubling(x: f64) -> f64 {
    let a = |y: f64| y * y;
    let b = |y: f64| a(y) + a(y + 1.0) + a(y + 2.0) + a(y + 3.0);
    let c = |y: f64| b(y) + b(y + 1.0) + b(y + 2.0) + b(y + 3.0);
    let d = |y: f64| c(y) + c(y + 1.0) + c(y + 2.0) + c(y + 3.0);
    let e = |y: f64| d(y) + d(y + 1.0) + d(y + 2.0) + d(y + 3.0);
    let f = |y: f64| e(y) + e(y + 1.0) + e(y + 2.0) + e(y + 3.0);
    let g = |y: f64| f(y) + f(y + 1.0) + f(y + 2.0) + f(y + 3.0);
    let h = |y: f64| g(y) + g(y + 1.0) + g(y + 2.0) + g(y + 3.0);
    h(x)
}

#[derive_grad]
pub fn self_call(x: f64) -> f64 {
    if x < 1.0 { x } else { self_call(0.5 * x) }
}

pub fn used(x: f64) -> f64 {
    closures_grad(x).1 + state_grad(x).1 + recursive_grad(x).1 + self_call_grad(x).1
}
