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

/// One parameter of the body: an argument, or a field of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamForm {
    /// Its place, as it is written in Rust (raw where it must be): `x`, `params.x`.
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

/// One argument of the function, as it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgForm {
    /// Its name, as it is written in Rust.
    pub name: Rc<str>,
    /// Its type, as written: `&[f64; 3]`, `&Params`.
    pub ty: String,
    /// The parameters of the body that are in it.
    pub form: Form,
}

impl ArgForm {
    /// One argument for each parameter of the body.
    #[must_use]
    pub fn each(params: &[ParamForm]) -> Vec<ArgForm> {
        let arg =
            |(k, p): (usize, &ParamForm)| ArgForm { name: p.name.clone(), ty: p.ty.clone(), form: Form::Param(k) };
        params.iter().enumerate().map(arg).collect()
    }
}

/// How an argument is put together of the body's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// It is one, by its place in [`Interface::params`].
    Param(usize),
    /// A tuple.
    Tuple(Vec<Form>),
    /// A struct.
    Struct(Rc<StructForm>, Vec<Form>),
}

/// A struct of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructForm {
    /// Its path and arguments, as a type: `Params`, `Camera<T>`.
    pub ty: String,
    /// The same where a value is made: `Params`, `Camera`.
    pub path: String,
    /// The names of its fields; those of a tuple struct are numbers.
    pub fields: Vec<String>,
    /// The traits that it derives.
    pub derives: Vec<String>,
    /// Whether it owns floats and nothing else: then the gradient with respect to it is one of it.
    pub of_floats: bool,
}

impl Form {
    /// The parameters in it, in order.
    #[must_use]
    pub fn params(&self) -> Vec<usize> {
        match self {
            Form::Param(k) => vec![*k],
            Form::Tuple(parts) | Form::Struct(_, parts) => parts.iter().flat_map(Form::params).collect(),
        }
    }
}

/// A type parameter that stands for the float type, and what its bounds let one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenericFloat {
    /// Its name: `T`.
    pub name: String,
    /// What stands before and after a number to make it one of that type: `T::from(` and `).unwrap()`.
    pub literal: (String, String),
    /// Whether there are `T::zero()` and `T::one()`.
    pub has_zero: bool,
    /// Whether there is `+=`.
    pub has_assign: bool,
}

/// One result of the primal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultForm {
    /// Its owned type: `f64`, `[f64; 2]`.
    pub ty: String,
    /// How it is held.
    pub layout: Layout,
    /// Where it goes.
    pub home: ResultHome,
}

impl ResultForm {
    /// The parameter that it is written to.
    #[must_use]
    pub fn out(&self) -> Option<usize> {
        match self.home {
            ResultHome::Written(k) => Some(k),
            ResultHome::Returned | ResultHome::Checked(_) => None,
        }
    }

    /// Whether it is returned.
    #[must_use]
    pub fn is_returned(&self) -> bool {
        self.home == ResultHome::Returned
    }
}

/// Where a result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultHome {
    /// Back to the caller.
    Returned,
    /// To a parameter behind a `&mut`, by its place in [`Interface::params`].
    Written(usize),
    /// Nowhere: it must be true.
    Checked(CheckForm),
}

/// An assertion of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckForm {
    /// What the panic says.
    pub message: String,
    /// Whether it is looked at in debug builds only.
    pub debug: bool,
}

/// A type that has methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The type as it is written: `camera::Pinhole`.
    pub ty: String,
    /// Its name alone, which the names of generated types begin with.
    pub name: String,
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
    /// The arguments, as declared.
    pub args: Vec<ArgForm>,
    /// One a parameter of the body.
    pub params: Vec<ParamForm>,
    /// One a result of the body: what is returned, then what is written to parameters, then what must hold.
    pub results: Vec<ResultForm>,
    /// What gives each symbolic length, in Rust, in terms of the parameters: `x.len()`, `N`, `d`.
    pub sizes: Vec<String>,
    /// The type of floats where it is a type parameter.
    pub generic: Option<GenericFloat>,
    /// The type whose method it is.
    pub owner: Option<Owner>,
    /// What stands before the name of a grad-math function: `::derive_grad::math::`, or nothing where the text is embedded.
    pub math: String,
}
