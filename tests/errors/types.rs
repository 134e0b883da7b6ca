// What a signature cannot have is named on its token, with the reason.

use derive_grad::derive_grad;

#[derive_grad]
fn unknown(model: &Model, x: f64) -> f64 {
    x
}

#[derive_grad]
fn boxed(f: &dyn Fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}

#[derive_grad]
async fn later(x: f64) -> f64 {
    x
}

#[derive_grad]
fn counted(x: f64) -> usize {
    x as usize
}

fn main() {}
