// Structs and methods of a module.

use derive_grad::derive_grad;

#[derive_grad]
mod model {
    pub struct Empty;

    pub struct Named {
        pub name: String,
        pub weight: f64,
    }

    pub struct Pair(pub f64, pub f64);

    #[grad]
    pub fn empty(e: &Empty, x: f64) -> f64 {
        x
    }

    #[grad]
    pub fn named(n: &Named, x: f64) -> f64 {
        n.weight * x
    }

    #[grad]
    pub fn pairs(p: &Pair, x: f64, v: &[Pair]) -> f64 {
        let Pair { 0: a, 7: b } = p;
        let Pair(c, d) = x;
        let Pair { 0: e, 1: f } = x;
        p.2 + Pair::K(x) + K(x)
    }

    const K: f64 = 1.0;

    impl Pair {
        const K: f64 = 1.0;
    }

    #[grad(wrt(p, y))]
    pub fn wrong(p: &Pair, x: f64) -> f64 {
        p.0 * x
    }

    #[grad("x^2")]
    pub fn formula(x: f64) -> f64 {
        x
    }
}
