//! From a function to statements: what is computed when, under which name, in which storage.
//!
//! A [`Program`] is neutral: it has variables, loops and assignments, and knows nothing of how a language writes them. The
//! statements are what an expert would write: an expression is inlined where it is used once and stays readable, loops
//! accumulate in place, arrays are built where they are wanted.

mod array;
mod assign;
mod finish;
mod frame;
mod hoist;
mod integers;
mod loops;
mod names;
mod storage;
mod term;

use std::rc::Rc;

use crate::emit::{CheckForm, Layout, ParamForm};
use crate::ir::{Direction, Elem, Float, Function, Lit, SizeId};
use crate::prim::Prim;

pub use frame::lower;
pub(crate) use integers::is_wide;
pub use names::identifier;

/// A variable: its place in [`Program::vars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub u32);

/// What is known of a variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name, unique where it can be seen.
    pub name: Rc<str>,
    /// What an element of it is.
    pub elem: Elem,
    /// How it is held.
    pub layout: Layout,
    /// The lengths of its axes.
    pub dims: Vec<Expr>,
    /// Whether it is written after it is made.
    pub mutable: bool,
    /// Whether it arrives behind a reference.
    pub by_ref: bool,
    /// Whether its type has to be written where it is made (that of an index, at a bound), for nothing else says what it is.
    pub annotate: bool,
}

/// An expression without effects. Its size is bounded: see `term`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A literal.
    Lit(Lit),
    /// A scalar variable, or a whole array.
    Var(Var),
    /// A length, in the words of the signature: `N`, `x.len()`.
    Length(Rc<str>),
    /// A part of an array: an element, a sub-array (fewer brackets than axes), or a range of one.
    Part {
        /// The array.
        var: Var,
        /// What stands in brackets.
        at: Vec<Expr>,
        /// The range of the last bracket.
        range: Option<Box<(Expr, Expr)>>,
    },
    /// A primitive.
    Call(Prim, Vec<Expr>),
    /// A number as another type.
    Cast(Box<Expr>, Elem),
    /// The elements of a new array.
    Array(Vec<Expr>),
    /// A new array with one value everywhere, an axis of `layout` for each length.
    Fill {
        /// The value.
        value: Box<Expr>,
        /// The lengths.
        lens: Vec<Expr>,
        /// How the array is held.
        layout: Layout,
    },
    /// A new array by one expression of the indices, `None` where an index is not read.
    Map {
        /// An index and a length an axis.
        axes: Vec<(Option<Var>, Expr)>,
        /// The element.
        element: Box<Expr>,
        /// How the array is held.
        layout: Layout,
    },
    /// A copy of an array (or of a part of one) that lives behind a reference.
    Copied(Box<Expr>),
}

impl Expr {
    /// A `usize` literal.
    #[must_use]
    pub fn index(n: usize) -> Expr {
        Expr::Lit(Lit::Int(i64::try_from(n).unwrap_or(i64::MAX), crate::ir::IntKind::Usize))
    }
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// A new variable.
    Let(Var, Expr),
    /// A new variable for each value of a choice's arms (none: the arms are run for what they write).
    If {
        /// The variables.
        vars: Vec<Var>,
        /// The condition.
        cond: Expr,
        /// Run where it holds.
        then: Block,
        /// Run where it does not.
        otherwise: Block,
    },
    /// `place = value`
    Assign(Expr, Expr),
    /// `place += value`, or with another operator.
    AssignOp(Expr, Prim, Expr),
    /// Two variables change their values.
    Swap(Var, Var),
    /// One value everywhere in an array.
    Fill(Expr, Expr),
    /// The elements of one array into another.
    Copy(Expr, Expr),
    /// A loop.
    For {
        /// The index, if it is read.
        index: Option<Var>,
        /// The first.
        lo: Expr,
        /// One past the last.
        hi: Expr,
        /// Which way.
        direction: Direction,
        /// What is repeated.
        body: Vec<Stmt>,
    },
    /// A loop as long as a condition holds.
    While {
        /// What is computed for the condition.
        before: Vec<Stmt>,
        /// The condition.
        cond: Expr,
        /// What is repeated.
        body: Vec<Stmt>,
    },
    /// One more element, or row, at the end of an array.
    Push(Var, Expr),
    /// A panic where a condition does not hold.
    Assert(Expr, CheckForm),
    /// A panic where two lengths that must agree do not.
    SameLength {
        /// A length.
        left: Expr,
        /// The other.
        right: Expr,
        /// What went wrong, for people.
        message: String,
    },
}

/// Statements and the values that they lead to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The statements.
    pub stmts: Vec<Stmt>,
    /// The values.
    pub values: Vec<Expr>,
}

/// Where a result goes.
#[derive(Clone, Debug)]
pub enum Destination {
    /// Back to the caller, held so.
    Return(Layout),
    /// Into the caller's buffer, a parameter of this name.
    Out {
        /// The parameter's name.
        name: Rc<str>,
        /// How the buffer is held.
        layout: Layout,
    },
    /// Nowhere: a panic where it does not hold.
    Check(CheckForm),
}

/// A function as statements.
#[derive(Clone, Debug)]
pub struct Program {
    /// Every variable, parameters first.
    pub vars: Vec<Variable>,
    /// The statements, and the value of each result that goes back to the caller.
    pub block: Block,
    /// f32 or f64.
    pub float: Float,
    /// Which parameters are read.
    pub read: Vec<bool>,
    /// The parameters that hold a result at the end, where they are written over in place.
    pub in_place: Vec<usize>,
}

impl Program {
    /// Whether the program reads what is in a parameter: its length is not.
    #[must_use]
    pub fn reads(&self, param: usize) -> bool {
        let var = Var(u32::try_from(param).unwrap_or(u32::MAX));
        finish::reads(&self.block.stmts, var)
            || self.block.values.iter().any(|v| finish::any_var(v, &mut |other| other == var))
    }
}

/// What a program is made from: a function, how its parameters arrive, and where its results go.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The function.
    pub function: &'a Function,
    /// One a parameter.
    pub params: &'a [ParamForm],
    /// What gives each symbolic length.
    pub sizes: &'a [String],
    /// One a result.
    pub destinations: &'a [Destination],
    /// Names that no variable may have.
    pub reserved: &'a [&'a str],
}

impl Source<'_> {
    /// Whether a symbolic length is known when the program is compiled: neither a parameter nor read off one.
    fn is_const(&self, size: SizeId) -> bool {
        let text = &self.sizes[size.0 as usize];
        text.chars().all(|c| c.is_alphanumeric() || c == '_') && !self.params.iter().any(|p| *p.name == **text)
    }
}
