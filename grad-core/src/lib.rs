//! The gradient compiler behind derive-grad.

pub mod ad;
pub mod compile;
pub mod diagnostic;
pub mod emit;
pub mod front;
pub mod hazard;
pub mod ir;
pub mod lower;
pub mod opt;
pub mod prim;
