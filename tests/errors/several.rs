use derive_grad::derive_grad;

#[derive_grad]
fn f(x: f64) -> f64 {
    let a = x.sinn();
    let b = unknown(x);
    a + b
}

fn main() {}
