use derive_grad::derive_grad;

#[derive_grad]
struct S;

fn main() {}
