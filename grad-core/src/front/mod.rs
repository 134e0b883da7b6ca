//! How a function is written: the front ends, each from its own source to a [`Function`](crate::ir::Function).

#[cfg(feature = "formula")]
pub mod formula;
#[cfg(feature = "rust")]
pub mod rust;
