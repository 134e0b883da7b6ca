//! The one Rust emitter: a program as text that rustfmt leaves as it is.

mod call;
mod expr;
mod layout;
mod number;
mod stmt;

use std::collections::BTreeSet;

use super::{GenericFloat, Interface};
use crate::lower::{Block, Expr, Program, Stmt, Var, Variable};
use crate::prim::Spelling;

use self::stmt::swaps;

/// What rustfmt allows on a line, in the arguments of a call, and in a choice on one line.
const LINE: usize = 100;
const CALL: usize = 60;
const CHOICE: usize = 50;
/// Elements of an array that are as short as this share lines.
const SHORT_ELEMENT: usize = 10;

/// Whether the last of several lines has a comma: in a macro it has none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LastComma {
    OnItsLine,
    Never,
}

/// Text in the making, and what was met on the way.
#[derive(Debug)]
pub struct Printer<'a> {
    program: &'a Program,
    math: &'a str,
    generic: Option<&'a GenericFloat>,
    /// The text so far.
    pub out: String,
    indent: usize,
    /// Whether the next literal says its type.
    typed: bool,
    /// Lints that what was printed would set off, though it is meant.
    pub allow: BTreeSet<&'static str>,
    /// The functions of grad-math that are called.
    pub called: BTreeSet<&'static str>,
}

impl<'a> Printer<'a> {
    /// A printer of a program's statements at a depth of indentation.
    #[must_use]
    pub fn new(program: &'a Program, interface: &'a Interface, indent: usize) -> Printer<'a> {
        Printer {
            program,
            math: &interface.math,
            generic: interface.generic.as_ref(),
            out: String::new(),
            indent,
            typed: false,
            allow: BTreeSet::new(),
            called: BTreeSet::new(),
        }
    }

    fn info(&self, var: Var) -> &'a Variable {
        &self.program.vars[var.0 as usize]
    }

    fn name(&self, var: Var) -> &'a str {
        &self.info(var).name
    }

    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// The room on a line from here.
    fn room(&self) -> usize {
        LINE.saturating_sub(4 * self.indent)
    }

    /// The statements of a block.
    pub fn stmts(&mut self, stmts: &[Stmt]) {
        if stmts.windows(3).any(swaps) {
            self.allow.insert("clippy::manual_swap");
        }
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    /// Whether a block's values are those of the choice it ends with.
    pub fn ends_with_choice(&self, block: &Block) -> bool {
        matches!(block.stmts.last(), Some(Stmt::If { vars, .. }) if are_values(vars, &block.values))
    }

    /// A block's statements and its value as the last expression.
    pub fn block(&mut self, block: &Block) {
        if self.ends_with_choice(block)
            && let Some((Stmt::If { cond, then, otherwise, .. }, before)) = block.stmts.split_last()
        {
            self.stmts(before);
            self.choice("", "", cond, then, otherwise);
            return;
        }
        self.stmts(&block.stmts);
        match block.values.as_slice() {
            [] => {}
            [Expr::Call(prim, args)] if prim.row().rust == Spelling::Choice => {
                let arm = |e: &Expr| Block { stmts: Vec::new(), values: vec![e.clone()] };
                self.choice("", "", &args[0], &arm(&args[1]), &arm(&args[2]));
            }
            [value] => {
                let text = self.expr(value);
                self.value("", &text, value, "");
            }
            values => {
                let texts: Vec<String> = values.iter().map(|v| self.expr(v)).collect();
                self.list("", "(", &texts, ")", "");
            }
        }
    }

    /// How the float type is called.
    fn float_name(&self) -> &'a str {
        self.generic.map_or(self.program.float.name(), |g| &g.name)
    }
}

/// Whether variables are just what a block gives.
fn are_values(vars: &[Var], values: &[Expr]) -> bool {
    vars.len() == values.len() && vars.iter().zip(values).all(|(var, value)| *value == Expr::Var(*var))
}
