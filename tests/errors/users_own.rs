use derive_grad::derive_grad;

// The mistake is rustc's to name; the attribute adds nothing to it.
#[derive_grad]
pub fn f(x: f64) -> f64 {
    let y: bool = x;
    x
}
