//! Emitted Rust: compiled by rustc without a warning, run, and compared with numbers computed here.

mod emitted;
