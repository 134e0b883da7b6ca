//! How a program is written out.

pub mod derivative;
pub mod interface;
pub mod rust;
mod standalone;

pub use derivative::{Request, derivative};
pub use interface::{Axis, Interface, Layout, ParamForm, ResultForm};
pub use standalone::standalone;
