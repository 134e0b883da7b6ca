//! How a function's parameters and results are passed in the target's code.
//!
//! The IR knows that `x` is a float array of length `n`; whether it arrives as `&[f64]`, `&[f64; N]` or `[[f64; 3]; 2]` is said
//! here, by the front end that read the signature.

use std::rc::Rc;

/// How one axis of a nested array is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// `[T; N]`: the length is a literal or a const generic.
    Array,
    /// `[T]` behind a reference; an owned value of it is a `Vec<T>`.
    Slice,
}

/// How an array is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Not an array.
    Scalar,
    /// One level of brackets an axis: `x[i][j]`.
    Nested(Vec<Axis>),
    /// One slice of every element, row-major: `x[i * d + j]`.
    Flat,
}

/// One parameter of the primal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamForm {
    /// Its name, as it is written in Rust (raw where it must be).
    pub name: Rc<str>,
    /// Its type, as written: `&[f64; 3]`, `f64`, `&[[f64; D]]`.
    pub ty: String,
    /// The type of an owned value of it, which is the type of its gradient: `[f64; 3]`, `f64`, `Vec<[f64; D]>`.
    pub owned: String,
    /// How it is held.
    pub layout: Layout,
    /// Whether it arrives behind a reference.
    pub by_ref: bool,
}

/// One result of the primal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultForm {
    /// Its owned type: `f64`, `[f64; 2]`.
    pub ty: String,
    /// How it is held.
    pub layout: Layout,
}

/// The signature of a primal in Rust, in the pieces that the generated functions share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// The primal's name; the generated names begin with it unless the user chose a prefix.
    pub name: String,
    /// `pub`, `pub(crate)` or nothing.
    pub visibility: String,
    /// Attributes that the generated functions share with the primal, each as written: `#[inline]`, `#[cfg(unix)]`.
    pub attributes: Vec<String>,
    /// `<'a, const N: usize>`, or nothing.
    pub generics: String,
    /// The same as arguments, for the structs: `<N>`, or nothing (lifetimes left out: the structs own their data).
    pub generic_args: String,
    /// `where …`, or nothing.
    pub where_clause: String,
    /// One a parameter of the function.
    pub params: Vec<ParamForm>,
    /// One a result of the function.
    pub results: Vec<ResultForm>,
    /// What gives each symbolic length, in Rust, in terms of the parameters: `x.len()`, `N`, `d`.
    pub sizes: Vec<String>,
    /// What stands before the name of a grad-math function: `::derive_grad::math::`, or nothing where the text is embedded.
    pub math: String,
}
