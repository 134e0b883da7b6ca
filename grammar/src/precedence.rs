//! How tightly the operators bind: one table for the parser and the printer.

use crate::ast::{BinaryOp, UnaryOp};

/// What binds tighter is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precedence {
    /// Nothing: the end of the text, a closing bracket, a comma.
    Outside,
    /// `if … then … else …`
    Choice,
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
    Power,
    /// `√x`
    Root,
    /// Postfix operators, and everything in brackets.
    Atom,
}

impl Precedence {
    /// The next tighter one.
    pub(crate) fn tighter(self) -> Precedence {
        match self {
            Precedence::Outside => Precedence::Choice,
            Precedence::Choice => Precedence::Or,
            Precedence::Or => Precedence::And,
            Precedence::And => Precedence::Not,
            Precedence::Not => Precedence::Compare,
            Precedence::Compare => Precedence::Sum,
            Precedence::Sum => Precedence::Product,
            Precedence::Product => Precedence::Sign,
            Precedence::Sign => Precedence::Power,
            Precedence::Power => Precedence::Root,
            Precedence::Root | Precedence::Atom => Precedence::Atom,
        }
    }
}

/// Which of two equal operators is applied first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Associativity {
    Left,
    Right,
}

pub(crate) fn of_unary(op: UnaryOp) -> Precedence {
    match op {
        UnaryOp::Neg | UnaryOp::Plus => Precedence::Sign,
        UnaryOp::Not => Precedence::Not,
    }
}

pub(crate) fn of_binary(op: BinaryOp) -> (Precedence, Associativity) {
    match op {
        BinaryOp::Or => (Precedence::Or, Associativity::Left),
        BinaryOp::And => (Precedence::And, Associativity::Left),
        BinaryOp::Add | BinaryOp::Sub => (Precedence::Sum, Associativity::Left),
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::MatMul => (Precedence::Product, Associativity::Left),
        BinaryOp::Pow => (Precedence::Power, Associativity::Right),
    }
}
