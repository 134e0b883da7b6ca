//! All the ways to a derivative agree: the interpreter on the primal and its numeric slopes, forward mode, reverse mode,
//! forward and backward apart, with and without the passes, and the Rust that is emitted, compiled by rustc.

#![allow(clippy::unwrap_used)]

mod choices;
mod compiled;
mod edges;
mod formulas;
mod given;
mod matrix_formulas;
mod matrix_programs;
mod nests;
mod overruled;
mod programs;
mod ways;
