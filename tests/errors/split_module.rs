// A module whose items are elsewhere.

use derive_grad::derive_grad;

#[derive_grad]
mod elsewhere;
