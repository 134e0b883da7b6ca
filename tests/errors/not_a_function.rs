use derive_grad::derive_grad;

#[derive_grad]
struct S;

#[derive_grad]
const K: f64 = 1.0;

fn main() {}
