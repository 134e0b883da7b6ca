//! Operators and operands -> expressions, by precedence and without recursion: a million `-` or `^` in a row is a long
//! stack in memory.

use crate::ast::{Arg, BinaryOp, CmpOp, Expr, ExprId, ExprKind, Name, Span, UnaryOp};
use crate::precedence::{Associativity, Precedence, of_binary, of_unary};

/// An expression, and what it covers with the parentheses around it.
#[derive(Clone, Copy)]
pub(crate) struct Operand {
    pub(crate) id: ExprId,
    pub(crate) span: Span,
}

/// An operator that waits for the operand to its right.
#[derive(Clone, Copy)]
enum Waiting {
    Prefix(UnaryOp, Span),
    Root(Span),
    Binary(BinaryOp),
    Compare(CmpOp),
}

/// The spelling of a prefix operator.
pub(crate) enum Prefix {
    Unary(UnaryOp),
    Root,
}

/// The spelling of an infix operator.
pub(crate) enum Infix {
    Binary(BinaryOp),
    Compare(CmpOp),
}

/// The arena and the two stacks; nested expressions share them, each above its `base`.
#[derive(Default)]
pub(crate) struct Stacks {
    pub(crate) exprs: Vec<Expr>,
    operands: Vec<Operand>,
    waiting: Vec<Waiting>,
}

impl Stacks {
    /// Where the stacks begin for an expression that starts now.
    pub(crate) fn base(&self) -> usize {
        self.waiting.len()
    }

    /// Adds an expression to the arena.
    pub(crate) fn add(&mut self, kind: ExprKind, span: Span) -> Operand {
        // A source below 4 GiB has fewer expressions than bytes.
        let id = ExprId(u32::try_from(self.exprs.len()).unwrap_or(u32::MAX));
        self.exprs.push(Expr { kind, span });
        Operand { id, span }
    }

    pub(crate) fn operand(&mut self, operand: Operand) {
        self.operands.push(operand);
    }

    /// Takes the operand that a postfix operator follows, or the whole expression at its end.
    pub(crate) fn take(&mut self) -> Operand {
        self.operands.pop().expect("the grammar puts an operand before every postfix operator and in every expression")
    }

    pub(crate) fn prefix(&mut self, prefix: Prefix, span: Span) {
        self.waiting.push(match prefix {
            Prefix::Unary(op) => Waiting::Prefix(op, span),
            Prefix::Root => Waiting::Root(span),
        });
    }

    pub(crate) fn infix(&mut self, infix: Infix, base: usize) {
        match infix {
            Infix::Binary(op) => {
                let (precedence, associativity) = of_binary(op);
                self.apply_while(base, |top| match associativity {
                    Associativity::Left => top >= precedence,
                    Associativity::Right => top > precedence,
                });
                self.waiting.push(Waiting::Binary(op));
            }
            // The links of a chain wait together.
            Infix::Compare(op) => {
                self.apply_while(base, |top| top > Precedence::Compare);
                self.waiting.push(Waiting::Compare(op));
            }
        }
    }

    /// Applies whatever waits, at the end of the expression that began at `base`.
    pub(crate) fn finish(&mut self, base: usize) -> Operand {
        self.apply_while(base, |_| true);
        self.take()
    }

    fn apply_while(&mut self, base: usize, binds: impl Fn(Precedence) -> bool) {
        while let Some(top) = self.waiting[base..].last().copied()
            && binds(top.precedence())
        {
            let result = match top {
                Waiting::Compare(_) => self.compare(base),
                Waiting::Binary(op) => {
                    self.waiting.pop();
                    let right = self.take();
                    let left = self.take();
                    self.add(ExprKind::Binary(op, left.id, right.id), left.span.to(right.span))
                }
                Waiting::Prefix(op, at) => {
                    self.waiting.pop();
                    let operand = self.take();
                    self.add(ExprKind::Unary(op, operand.id), at.to(operand.span))
                }
                Waiting::Root(at) => {
                    self.waiting.pop();
                    let operand = self.take();
                    let name = Name { text: "√".to_owned(), span: at };
                    let args = vec![Arg { name: None, value: operand.id, span: operand.span }];
                    self.add(ExprKind::Call { name, args }, at.to(operand.span))
                }
            };
            self.operands.push(result);
        }
    }

    /// Applies the whole chain of comparisons on top.
    fn compare(&mut self, base: usize) -> Operand {
        let mut rest = Vec::new();
        let mut span = self.operands.last().map_or(Span::default(), |last| last.span);
        while let Some(Waiting::Compare(op)) = self.waiting[base..].last().copied() {
            self.waiting.pop();
            rest.push((op, self.take().id));
        }
        rest.reverse();
        let first = self.take();
        span = first.span.to(span);
        self.add(ExprKind::Compare { first: first.id, rest }, span)
    }
}

impl Waiting {
    fn precedence(self) -> Precedence {
        match self {
            Waiting::Prefix(op, _) => of_unary(op),
            Waiting::Root(_) => Precedence::Root,
            Waiting::Binary(op) => of_binary(op).0,
            Waiting::Compare(_) => Precedence::Compare,
        }
    }
}

/// The prefix operator of a spelling.
pub(crate) fn prefix(spelling: &str) -> Prefix {
    match spelling {
        "-" | "−" => Prefix::Unary(UnaryOp::Neg),
        "+" => Prefix::Unary(UnaryOp::Plus),
        "not" => Prefix::Unary(UnaryOp::Not),
        "√" => Prefix::Root,
        _ => unreachable!("the grammar's rule `prefix` lists these"),
    }
}

/// The infix operator of a spelling.
pub(crate) fn infix(spelling: &str) -> Infix {
    match spelling {
        "+" => Infix::Binary(BinaryOp::Add),
        "-" | "−" => Infix::Binary(BinaryOp::Sub),
        "*" | "×" => Infix::Binary(BinaryOp::Mul),
        "/" | "÷" => Infix::Binary(BinaryOp::Div),
        "@" | "·" | "⋅" | "\u{387}" => Infix::Binary(BinaryOp::MatMul),
        "^" | "**" => Infix::Binary(BinaryOp::Pow),
        "and" => Infix::Binary(BinaryOp::And),
        "or" => Infix::Binary(BinaryOp::Or),
        "<" => Infix::Compare(CmpOp::Lt),
        "<=" | "≤" => Infix::Compare(CmpOp::Le),
        ">" => Infix::Compare(CmpOp::Gt),
        ">=" | "≥" => Infix::Compare(CmpOp::Ge),
        "==" => Infix::Compare(CmpOp::Eq),
        "!=" | "≠" => Infix::Compare(CmpOp::Ne),
        _ => unreachable!("the grammar's rule `infix` lists these"),
    }
}
