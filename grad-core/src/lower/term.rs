//! Expressions that are not yet written: what they read, and how much of a statement they fill.

use super::{Expr, Var};
use crate::ir::{Elem, Lit};
use crate::prim::{Prim, Spelling};

/// The most operators in one statement.
const OPERATORS: u32 = 10;
/// The deepest nesting of operators in one statement.
const DEPTH: u32 = 7;
/// The most columns that the right side of a statement fills (lines have 100, less indentation and left side).
const COLUMNS: u32 = 68;
/// The most columns of a call's arguments, of a chain of methods, and of a choice on one line: what rustfmt leaves alone.
const CALL_COLUMNS: u32 = 58;
const CHOICE_COLUMNS: u32 = 48;

/// A scalar expression that has not been written yet.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) expr: Expr,
    /// The variables it reads that are written somewhere, sorted.
    pub(super) reads: Vec<Var>,
    pub(super) size: Size,
}

/// How much of a statement an expression fills.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub(super) operators: u32,
    pub(super) depth: u32,
    pub(super) columns: u32,
    /// Whether it contains a choice, which only stands by itself or as an operand.
    pub(super) choice: bool,
}

impl Size {
    /// What several parts fill together.
    pub(super) fn of_parts(parts: impl IntoIterator<Item = Size>) -> Size {
        parts.into_iter().fold(Size::default(), |a, b| Size {
            operators: a.operators + b.operators,
            depth: a.depth.max(b.depth),
            columns: a.columns + b.columns,
            choice: a.choice || b.choice,
        })
    }

    /// Whether a statement with this on its right side is readable, at a depth of nesting.
    pub(super) fn fits(self, indent: usize) -> bool {
        let columns =
            COLUMNS.saturating_sub(u32::try_from(indent.saturating_sub(1)).unwrap_or(u32::MAX).saturating_mul(2));
        self.operators <= OPERATORS && self.depth <= DEPTH && self.columns <= columns.max(32)
    }
}

/// What a primitive makes of its operands' sizes, and whether the result can stand in one statement.
pub(super) fn call_size(prim: Prim, args: &[Term]) -> (Size, bool) {
    let mut size = Size::of_parts(args.iter().map(|a| a.size));
    let columns = |k: usize| args[k].size.columns;
    let mut fits = true;
    match prim.row().rust {
        Spelling::Infix(op) => size.columns += columns_of(op) + 4,
        Spelling::Prefix(op) => size.columns += columns_of(op) + 2,
        Spelling::Method(name) => {
            let arguments: u32 = (1..args.len()).map(|k| columns(k) + 2).sum();
            size.columns += columns_of(name) + 6;
            let is_chain =
                matches!(&args[0].expr, Expr::Call(inner, _) if matches!(inner.row().rust, Spelling::Method(_)));
            fits = arguments <= CALL_COLUMNS && (!is_chain || size.columns <= CALL_COLUMNS);
        }
        Spelling::Math(name) => {
            fits = size.columns + 2 * columns_of(", ") <= CALL_COLUMNS;
            // The path before the name may be long.
            size.columns += columns_of(name) + 24;
        }
        // `&&` and `||`, which evaluate what stands after them only where it matters.
        Spelling::Choice if is_bool(&args[2], false) || is_bool(&args[1], true) => {
            size.columns += columns_of(" && ");
            fits = size.columns <= CALL_COLUMNS && !size.choice;
        }
        Spelling::Choice => {
            size.columns += columns_of("if  {  } else {  }");
            fits = size.columns <= CHOICE_COLUMNS && !args.iter().any(|a| a.size.choice);
            size.choice = true;
        }
        Spelling::Identity => return (size, true),
    }
    size.operators += 1;
    size.depth += 1;
    (size, fits)
}

fn is_bool(term: &Term, value: bool) -> bool {
    matches!(term.expr, Expr::Lit(Lit::Bool(b)) if b == value)
}

fn columns_of(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

impl Term {
    /// An expression that reads nothing that changes.
    pub(super) fn atom(expr: Expr, columns: usize) -> Term {
        let size = Size { columns: u32::try_from(columns).unwrap_or(u32::MAX), ..Size::default() };
        Term { expr, reads: Vec::new(), size }
    }

    pub(super) fn lit(lit: Lit) -> Term {
        let columns = match lit {
            Lit::Float(bits) => format!("{:?}", f64::from_bits(bits)).len(),
            Lit::Int(n, _) => n.to_string().len(),
            Lit::Bool(b) => b.to_string().len(),
        };
        Term::atom(Expr::Lit(lit), columns)
    }

    pub(super) fn call(prim: Prim, args: Vec<Term>, size: Size) -> Term {
        let reads = union(args.iter().map(|a| &*a.reads));
        let mut args: Vec<Expr> = args.into_iter().map(|a| a.expr).collect();
        let expr = if prim.row().rust == Spelling::Identity { args.swap_remove(0) } else { Expr::Call(prim, args) };
        Term { expr, reads, size }
    }

    pub(super) fn cast(self, elem: Elem) -> Term {
        let mut size = self.size;
        size.operators += 1;
        size.depth += 1;
        size.columns += 9;
        Term { expr: Expr::Cast(Box::new(self.expr), elem), reads: self.reads, size }
    }

    /// Whether it costs nothing to write it again.
    pub(super) fn is_atom(&self) -> bool {
        is_atom(&self.expr)
    }
}

pub(super) fn is_atom(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(_) | Expr::Var(_) | Expr::Length(_))
}

/// Every variable of several sorted lists, once.
pub(super) fn union<'a>(lists: impl IntoIterator<Item = &'a [Var]>) -> Vec<Var> {
    let mut all: Vec<Var> = lists.into_iter().flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}
