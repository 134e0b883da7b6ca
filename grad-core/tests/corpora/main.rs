//! Formulas from the literature, each a paragraph of a data file with points and what is expected there: value, gradient
//! and Hessian, which `expect.py` computed with mpmath. One runner checks the interpreter on the value, on the gradient in
//! both modes and on the Hessian, and the Rust that is emitted for them; it lists everything that is wrong.

#![allow(clippy::unwrap_used)]
// What is not a number is never close enough.
#![allow(clippy::neg_cmp_op_on_partial_ord)]

mod check;
mod compiled;
mod data;
mod fit;
mod maxima;
mod minima;
mod rubi;

use check::Corpus;
use grad_core::opt::Level;

#[test]
fn stability() {
    let text = include_str!("stability.txt");
    Corpus { name: "stability", text, ulps: 16.0, ulps_of_largest: 0.0, least: 200, levels: &[] }.check();
}

#[test]
fn feynman() {
    let text = include_str!("feynman.txt");
    Corpus {
        name: "feynman",
        text,
        ulps: 16.0,
        ulps_of_largest: 2.0,
        least: 200,
        levels: &[Level::None, Level::Aggressive],
    }
    .check();
}

#[test]
fn minima() {
    let text = include_str!("minima.txt");
    Corpus {
        name: "minima",
        text,
        ulps: 32.0,
        ulps_of_largest: 64.0,
        least: 150,
        levels: &[Level::None, Level::Aggressive],
    }
    .check();
}

#[test]
fn matrix() {
    let text = include_str!("matrix.txt");
    Corpus {
        name: "matrix",
        text,
        ulps: 32.0,
        ulps_of_largest: 64.0,
        least: 60,
        levels: &[Level::None, Level::Aggressive],
    }
    .check();
}
