// What a module cannot have is named in it.

use derive_grad::derive_grad;

#[derive_grad]
mod unmarked {
    pub fn f(x: f64) -> f64 {
        x
    }
}

#[derive_grad(wrt(x))]
mod with_arguments {
    #[grad]
    pub fn f(x: f64) -> f64 {
        x
    }
}

fn main() {}
