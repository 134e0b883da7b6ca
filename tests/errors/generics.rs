// Which type parameters, constants and bounds a signature may have.

use derive_grad::derive_grad;

#[derive_grad]
pub fn other<T: Copy>(x: f64, _y: T) -> f64 {
    x
}

#[derive_grad]
pub fn unbounded<T: Copy>(x: T) -> T {
    x
}

#[derive_grad]
pub fn twice<T: Copy, U: Copy>(x: T, _y: U) -> T {
    x
}

#[derive_grad]
pub fn called<F: Fn(f64) -> f64>(f: F, x: f64) -> f64 {
    f(x)
}

#[derive_grad]
pub fn flagged<const B: bool>(x: f64) -> f64 {
    if B { x } else { -x }
}

#[derive_grad]
pub fn bounded<T>(x: f64) -> f64
where
    Vec<T>: Clone,
{
    x
}

pub trait Float: Copy + std::ops::Add<Output = Self> {
    fn epsilon() -> Self;
}

#[derive_grad]
pub fn tolerance<T: Float>(x: T) -> T {
    x + T::epsilon()
}

pub fn used(x: f64) -> f64 {
    let (a, da) = other_grad(x, 1);
    let (b, db) = called_grad(f64::sin, x);
    let (c, dc) = flagged_grad::<true>(x);
    a + b + c + da.x + db + dc
}

#[derive_grad]
pub fn operations<T: Copy + std::ops::Mul<Output = T>>(x: T) -> T {
    x * x
}
