//! How a function is improved: passes from `Function` to `Function`.

pub mod rules;
