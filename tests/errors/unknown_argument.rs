use derive_grad::derive_grad;

#[derive_grad(wtr(x))]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
