//! The formula language of `derive-grad`: text -> [`Formula`], and nothing more.
//!
//! ```text
//! # multiclass hinge loss of one example, and its regulariser
//! W: [c, d], x: [d], y: index, lambda;
//! let s = W @ x
//! sum(j in 0..c if j != y: max(0, s[j] - s[y] + 1)) + 0.5 * lambda * sum(W^2)
//! ```
//!
//! The crate names no function: `sum` is a name like any other. What names mean, which shapes agree and what is
//! differentiated is for `grad-core` to say.
//!
//! | stage | module | does |
//! |---|---|---|
//! | scan | `scan`, `token`, `nesting`, `spelling` | checks brackets, nesting and characters; finds where definitions end |
//! | parse | `formula.pest`, `parse`, `expr`, `pratt`, `room` | the grammar, and [`Formula`] from what it matches |
//! | explain | `explain` | words for what the grammar refuses |
//! | print | `print` | the text of a formula, with no parenthesis too many |
//!
//! Time is linear in the text, and no text makes it panic or overflow the stack.

mod ast;
mod error;
mod explain;
mod expr;
mod nesting;
mod parse;
mod pratt;
mod precedence;
mod print;
mod room;
mod scan;
mod spans;
mod spelling;
mod token;

pub use ast::{
    Arg, BinaryOp, Binder, CmpOp, Dim, DimKind, Expr, ExprId, ExprKind, FnParam, Formula, Item, Name, ParamDecl,
    ParamType, Span, Subscript, SubscriptKind, UnaryOp,
};
pub use error::{ParseError, line_column};
pub use parse::parse;
pub use print::print;
