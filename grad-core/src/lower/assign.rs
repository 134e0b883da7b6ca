//! Assignments to a place, in their shortest form.

use super::frame::Lowering;
use super::{Expr, Stmt};
use crate::ir::Lit;
use crate::prim::Prim;

impl Lowering<'_> {
    /// `place = value`, as `place += …` where that is the same.
    pub(super) fn assign(&mut self, place: Expr, value: Expr) {
        let mut operations: Vec<(Prim, Expr)> = Vec::new();
        let mut rest = value;
        loop {
            match rest {
                Expr::Call(prim, args)
                    if is_assignable(prim)
                        && args[0] == place
                        && (operations.is_empty() || !mentions(&args[1], &place)) =>
                {
                    let [_, right] = <[Expr; 2]>::try_from(args).expect("an operator has two operands");
                    operations.push((prim, right));
                    for (prim, right) in operations.into_iter().rev() {
                        self.push(Stmt::AssignOp(place.clone(), prim, right));
                    }
                    return;
                }
                Expr::Call(prim, args)
                    if is_assignable(prim) && commutes(prim) && operations.is_empty() && args[1] == place =>
                {
                    let [left, _] = <[Expr; 2]>::try_from(args).expect("an operator has two operands");
                    self.push(Stmt::AssignOp(place, prim, left));
                    return;
                }
                // a + b + c with a the place: first += b, then += c.
                Expr::Call(prim @ (Prim::Add | Prim::Sub), args)
                    if leads_to(&args[0], &place) && !mentions(&args[1], &place) =>
                {
                    let [left, right] = <[Expr; 2]>::try_from(args).expect("an operator has two operands");
                    operations.push((prim, right));
                    rest = left;
                }
                value => {
                    let value = operations
                        .into_iter()
                        .rev()
                        .fold(value, |left, (prim, right)| Expr::Call(prim, vec![left, right]));
                    self.push(Stmt::Assign(place, value));
                    return;
                }
            }
        }
    }

    /// `place += value`, which is `place = value` right after it was set to 0, and nothing if that took the value out.
    pub(super) fn add(&mut self, place: Expr, value: Expr) {
        let block = self.blocks.last_mut().expect("a block is open");
        let cleared = matches!(block.last(), Some(Stmt::Assign(p, Expr::Lit(Lit::Float(0)))) if *p == place);
        if !cleared || mentions(&value, &place) {
            block.push(Stmt::AssignOp(place, Prim::Add, value));
            return;
        }
        block.pop();
        let taken = matches!((block.last(), &value), (Some(Stmt::Let(v, p)), Expr::Var(w)) if v == w && *p == place);
        if !taken {
            block.push(Stmt::Assign(place, value));
        }
    }
}

/// Whether the leftmost operand of a sum is `place`.
fn leads_to(mut expr: &Expr, place: &Expr) -> bool {
    while let Expr::Call(Prim::Add | Prim::Sub, args) = expr {
        if mentions(&args[1], place) {
            return false;
        }
        expr = &args[0];
    }
    expr == place
}

fn is_assignable(prim: Prim) -> bool {
    let numbers = matches!(prim, Prim::Add | Prim::Sub | Prim::Mul | Prim::Div | Prim::Rem);
    numbers || matches!(prim, Prim::BitAnd | Prim::BitOr | Prim::BitXor | Prim::Shl | Prim::Shr)
}

fn commutes(prim: Prim) -> bool {
    matches!(prim, Prim::Add | Prim::Mul | Prim::BitAnd | Prim::BitOr | Prim::BitXor)
}

/// Whether an expression reads the variable of a place.
fn mentions(expr: &Expr, place: &Expr) -> bool {
    let (Expr::Var(wanted) | Expr::Part { var: wanted, .. }) = place else { return true };
    super::finish::any_var(expr, &mut |var| var == *wanted)
}

/// What is taken away where an expression that is written with a sign is added.
pub(super) fn without_sign(value: &Expr) -> Option<Expr> {
    match value {
        Expr::Call(Prim::Neg, negated) => Some(negated[0].clone()),
        Expr::Lit(Lit::Float(bits)) if f64::from_bits(*bits) < 0.0 => {
            Some(Expr::Lit(Lit::Float((-f64::from_bits(*bits)).to_bits())))
        }
        Expr::Call(prim @ (Prim::Mul | Prim::Div), args) => {
            let first = without_sign(&args[0])?;
            Some(Expr::Call(*prim, vec![first, args[1].clone()]))
        }
        _ => None,
    }
}
