// Whether code under a `cfg` is there is not told to macros: on the whole function it is welcome.

use derive_grad::derive_grad;

#[cfg(all())]
#[derive_grad]
pub fn whole(x: f64) -> f64 {
    x * x
}

#[cfg(any())]
#[derive_grad]
pub fn whole(x: f64) -> f64 {
    x
}

#[derive_grad]
pub fn statement(x: f64, y: f64) -> f64 {
    #[cfg(any())]
    let y = 3.0;
    x * y
}

#[derive_grad]
pub fn expression(x: f64, y: f64) -> f64 {
    let mut s = x;
    #[cfg(all())]
    {
        s += y;
    }
    s
}

#[derive_grad]
pub fn arm(x: f64, n: usize) -> f64 {
    match n {
        #[cfg_attr(all(), cfg(any()))]
        0 => x,
        _ => 2.0 * x,
    }
}

#[derive_grad]
pub fn parameter(x: f64, #[cfg(all())] n: usize) -> f64 {
    x * n as f64
}

#[derive_grad]
pub fn run_time(x: f64) -> f64 {
    if cfg!(debug_assertions) { x } else { 2.0 * x }
}

#[derive_grad]
mod model {
    #[cfg(any())]
    const K: f64 = 3.0;
    #[cfg(all())]
    const K: f64 = 5.0;

    #[cfg(all())]
    fn twice(x: f64) -> f64 {
        2.0 * x
    }

    #[cfg(any())]
    fn twice(x: f64) -> f64 {
        x
    }

    #[cfg(all())]
    fn alone(x: f64) -> f64 {
        x * x
    }

    #[cfg(all())]
    type Real = f64;
    #[cfg(any())]
    type Real = f32;

    pub struct Weights {
        pub w: f64,
        #[cfg(any())]
        pub b: f64,
    }

    #[grad]
    pub fn constant(x: f64) -> f64 {
        x * K
    }

    #[grad]
    pub fn function(x: f64) -> f64 {
        twice(x)
    }

    #[grad]
    pub fn field(p: &Weights, x: f64) -> f64 {
        p.w * x
    }

    #[grad]
    pub fn alias(x: Real) -> Real {
        x
    }

    #[grad]
    pub fn fine(x: f64) -> f64 {
        alone(x)
    }
}

pub fn used(x: f64) -> f64 {
    whole_grad(x).1 + model::fine_grad(x).1 + model::constant_grad(x).1
}
