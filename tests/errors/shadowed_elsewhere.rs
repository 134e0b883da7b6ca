// Nor is one that is imported: the types of the two functions differ.

use derive_grad::derive_grad;

mod activations {
    pub fn gelu(x: f64) -> f64 {
        3.0 * x
    }

    pub fn softplus(x: f64) -> f64 {
        3.0 * x
    }
}

use activations::{gelu, softplus};

#[derive_grad]
pub fn imported(x: f64) -> f64 {
    gelu(x)
}

#[derive_grad]
pub fn passed(x: &[f64]) -> f64 {
    x.iter().copied().map(softplus).sum()
}

// These are the functions that they look like.
mod ours {
    use derive_grad::derive_grad;
    use derive_grad::math::{erf, sigmoid};

    #[derive_grad]
    pub fn called(x: f32) -> f32 {
        sigmoid(x) + erf(x)
    }

    #[derive_grad]
    pub fn inside(x: f64) -> f64 {
        use derive_grad::math::softplus;
        let relu = |y: f64| if y > 0.0 { y } else { 0.0 };
        softplus(x) + relu(x)
    }
}
