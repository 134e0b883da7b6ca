//! Stub.
pub mod ast;
pub use ast::*;
