use derive_grad::derive_grad;

#[derive_grad]
fn f(x: &str) -> f64 {
    1.0
}

fn main() {}
