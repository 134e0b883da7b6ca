//! How a function is written: the front ends, each from its own source to a [`Function`](crate::ir::Function).

#[cfg(feature = "rust")]
pub mod rust;
