//! Formulas from the literature, each a paragraph of a data file with points and what is expected there: value, gradient
//! and Hessian, which `expect.py` computed with mpmath. One runner checks the interpreter on the value, on the gradient in
//! both modes and on the Hessian, and the Rust that is emitted for them; it lists everything that is wrong.

#![allow(clippy::unwrap_used)]

mod check;
mod compiled;
mod data;

use check::Corpus;

#[test]
fn stability() {
    Corpus { name: "stability", text: include_str!("stability.txt"), ulps: 16.0, least: 200 }.check();
}
