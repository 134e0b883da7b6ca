use derive_grad::derive_grad;

#[derive_grad]
async fn f(x: f64) -> f64 {
    x
}

fn main() {}
