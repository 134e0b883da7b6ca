//! How a program is written out.

pub mod derivative;
pub mod interface;
pub mod rust;
mod standalone;

pub use derivative::{Request, derivative};
pub use interface::{
    ArgForm, Axis, CheckForm, Form, GenericFloat, Interface, Layout, Owner, ParamForm, ResultForm, ResultHome,
    StructForm,
};
pub use standalone::standalone;
