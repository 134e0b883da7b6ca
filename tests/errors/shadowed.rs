// A function of the user's own that is called as one of `derive_grad::math` is not taken for that.

use derive_grad::derive_grad;

fn sign(x: f64) -> f64 {
    x * x
}

#[derive_grad]
pub fn own(x: f64) -> f64 {
    sign(x) + x
}
