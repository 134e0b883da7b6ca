// Methods are differentiated in a module: what `self` is has to be seen.

use derive_grad::derive_grad;

pub struct S {
    k: f64,
}

impl S {
    #[derive_grad]
    pub fn method(&self, x: f64) -> f64 {
        self.k * x
    }

    #[derive_grad]
    pub fn associated(x: f64) -> f64 {
        x * x
    }

    #[derive_grad]
    pub fn twin(&self, x: f64) -> f64 {
        self.k * x
    }

    #[derive_grad(wrt(x))]
    pub fn changing(&mut self, x: f64) -> f64 {
        self.k = x;
        x
    }
}

#[derive_grad]
pub fn twin(x: f64) -> f64 {
    x * x
}

pub struct Generic<T>(T);

impl<T> Generic<T> {
    #[derive_grad]
    pub fn associated(x: f64) -> f64 {
        x * x
    }
}

pub trait Energy {
    #[derive_grad]
    fn required(&self, x: f64) -> f64;

    #[derive_grad]
    fn provided(&self, x: f64) -> f64 {
        x * x
    }

    #[derive_grad]
    fn of_the_trait(x: f64) -> f64 {
        x * x
    }
}

#[derive_grad]
impl Generic<f64> {}

pub fn used(x: f64) -> f64 {
    twin_grad(x).1
}
