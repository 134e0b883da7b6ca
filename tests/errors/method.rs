use derive_grad::derive_grad;

pub struct S {
    k: f64,
}

impl S {
    #[derive_grad]
    pub fn f(&self, x: f64) -> f64 {
        self.k * x
    }
}
