//! How a program is written out.

pub mod interface;

pub use interface::{Axis, Interface, Layout, ParamForm, ResultForm};
