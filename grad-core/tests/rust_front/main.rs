//! The Rust front end: what it reads means what Rust means by it, and what it refuses it refuses on the token.
#![allow(clippy::excessive_precision, clippy::cast_possible_wrap)]

mod accepted;
mod bits;
mod callees;
mod chains;
mod floats;
mod idioms;
mod interface;
mod leaving;
mod matching;
mod meaning;
mod modules;
mod options;
mod parts;
mod refused;
mod rough;
mod slope;
