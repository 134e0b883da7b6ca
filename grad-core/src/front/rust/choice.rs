//! `if`, `&&`, `||`: only the taken side is evaluated, and what the sides assign comes out as results.

use std::cell::RefCell;

use proc_macro2::Span;
use syn::{Block, Expr, ExprIf};

use super::scope::{Item, Val};
use super::{Read, Reader, Stop, carry, span};
use crate::ir::{Elem, Type, Value};

/// What one arm gave.
#[derive(Default)]
struct Arm {
    ran: bool,
    value: Option<Val>,
    assigned: Vec<Val>,
}

impl Reader<'_> {
    /// `if` as a value or as a statement.
    pub(super) fn choose(&mut self, choice: &ExprIf) -> Read<Val> {
        let cond = self.condition(&choice.cond);
        let otherwise = choice.else_branch.as_ref().map(|(_, e)| &**e);
        let mut names = carry::assigned([&choice.then_branch]);
        for name in otherwise.iter().flat_map(|e| carry::assigned_in(e)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.two_arms(
            choice.if_token.span,
            cond,
            &names,
            |r| r.block(&choice.then_branch),
            |r| match otherwise {
                Some(Expr::If(nested)) => r.choose(nested),
                Some(Expr::Block(block)) => r.block(&block.block),
                Some(other) => r.expr(other, None),
                None => Ok(Val::UNIT),
            },
        )
    }

    /// A condition.
    pub(super) fn condition(&mut self, cond: &Expr) -> Read<Value> {
        let item = self.scalar(cond, None)?;
        if self.b.ty(item.value).elem == Elem::Bool {
            return Ok(item.value);
        }
        self.stop(span::of_expr(cond), "a condition must be a `bool`", "compare with a value: `x != 0.0`")
    }

    /// Reads two arms of which one is taken. `names` are the variables that either assigns.
    pub(super) fn two_arms(
        &mut self,
        at: Span,
        cond: Read<Value>,
        names: &[String],
        then: impl FnOnce(&mut Self) -> Read<Val>,
        otherwise: impl FnOnce(&mut Self) -> Read<Val>,
    ) -> Read<Val> {
        let names: Vec<String> = names.iter().filter(|n| self.scope.find(n).is_some()).cloned().collect();
        let names = names.as_slice();
        let places: Vec<usize> = names.iter().filter_map(|n| self.scope.find(n)).collect();
        let before: Vec<Val> = places.iter().map(|k| self.scope.get(*k).val.clone()).collect();
        let b = self.b;
        let first = RefCell::new(Arm::default());
        let second = RefCell::new(Arm::default());
        // Where the condition was refused the arms are still read, for their own problems.
        let refused = cond.is_err();
        let cond = cond.unwrap_or_else(|Stop| b.param(Type::BOOL));
        let reader = RefCell::new(self);
        let results = b.branch(
            cond,
            || {
                let arm = reader.borrow_mut().arm(&places, &before, then);
                let leaves = arm.leaves();
                *first.borrow_mut() = arm;
                leaves.iter().map(|i| i.value).collect()
            },
            || {
                let arm = reader.borrow_mut().arm(&places, &before, otherwise);
                let leaves: Vec<Value> = arm.leaves().iter().map(|i| i.value).collect();
                *second.borrow_mut() = arm;
                let first = first.borrow();
                let n = first.leaves().len();
                // Arms that do not agree are refused below; the graph only has to be well formed until then.
                if !first.ran || leaves.len() == n { leaves } else { vec![b.float(0.0); n] }
            },
        );
        let this = reader.into_inner();
        let (first, second) = (first.into_inner(), second.into_inner());
        let fine = match (first.ran, second.ran) {
            (true, true) => this.arms_agree(at, names, &first, &second),
            _ => vec![true; 1 + places.len()],
        };
        let arm = if first.ran { first } else { second };
        this.at(at);
        let kinds = arm.leaves();
        let mut results = results.into_iter().zip(kinds).map(|(value, item)| Item { value, kind: item.kind });
        let value = arm.value.map(|v| v.with_leaves(&mut results)).filter(|_| fine[0]);
        for ((k, val), fine) in places.iter().zip(&arm.assigned).zip(&fine[1..]) {
            let name = this.scope.get(*k).name.clone();
            let val = if val.leaves().is_some() { val.with_leaves(&mut results) } else { Val::Poison };
            let val = if *fine { val } else { Val::Poison };
            this.name(&val, &name);
            this.scope.put(*k, val);
        }
        if refused {
            places.iter().for_each(|k| this.scope.put(*k, Val::Poison));
            return Err(Stop);
        }
        value.ok_or(Stop)
    }

    fn arm(&mut self, places: &[usize], before: &[Val], body: impl FnOnce(&mut Self) -> Read<Val>) -> Arm {
        self.scope.open(places);
        let value = body(self);
        let assigned = places.iter().map(|k| self.scope.get(*k).val.clone()).collect();
        self.scope.close();
        for (k, val) in places.iter().zip(before) {
            self.scope.put(*k, val.clone());
        }
        let value = value.ok().filter(|v| v.leaves().is_some());
        Arm { ran: true, value, assigned }
    }

    /// Whether the arms agree: in their values, and in each of the variables that they assign.
    fn arms_agree(&mut self, at: Span, names: &[String], first: &Arm, second: &Arm) -> Vec<bool> {
        let mut fine = vec![match (&first.value, &second.value) {
            (Some(a), Some(b)) => {
                let agree = self.agree(a, b);
                if !agree {
                    self.problems.add(
                        at,
                        "the two sides of this choice have different types",
                        "give both the same type",
                    );
                }
                agree
            }
            _ => false,
        }];
        for (name, (a, b)) in names.iter().zip(first.assigned.iter().zip(&second.assigned)) {
            let whole = a.leaves().is_some() && b.leaves().is_some();
            let agree = whole && self.agree(a, b);
            if whole && !agree {
                self.problems.add(at, format!("`{name}` has different types after the two sides"), "keep its type");
            }
            fine.push(agree);
        }
        fine
    }

    /// Whether two values can be one: alike in shape and type, their unknown kinds made equal.
    pub(super) fn agree(&mut self, a: &Val, b: &Val) -> bool {
        if !a.same_shape(b) {
            return false;
        }
        let (Some(a), Some(b)) = (a.leaves(), b.leaves()) else { return false };
        a.iter().zip(&b).all(|(a, b)| self.items_agree(*a, *b))
    }

    /// Whether two items can be one.
    pub(super) fn items_agree(&mut self, a: Item, b: Item) -> bool {
        let (x, y) = (self.b.ty(a.value), self.b.ty(b.value));
        if x.rank() != y.rank() {
            return false;
        }
        match (self.kind_of(a), self.kind_of(b)) {
            (Some(x), Some(y)) => self.kinds.unify(x, y).is_ok(),
            (None, None) => x.elem == y.elem,
            _ => false,
        }
    }

    /// Reads `left && right` or `left || right` with the left side at hand: the right side is evaluated only where it decides.
    pub(super) fn short_circuit(&mut self, at: Span, left: Value, right: &Expr, and: bool) -> Read<Val> {
        if is_safe(right) {
            let right = self.condition(right)?;
            self.at(at);
            let prim = if and { crate::prim::Prim::And } else { crate::prim::Prim::Or };
            return Ok(Val::One(self.b.call(prim, &[left, right]).into()));
        }
        let names = carry::assigned_in(right);
        let read = |r: &mut Self| r.condition(right).map(|v| Val::One(v.into()));
        let known = |r: &mut Self| Ok(Val::One(r.b.bool(!and).into()));
        if and {
            self.two_arms(at, Ok(left), &names, read, known)
        } else {
            self.two_arms(at, Ok(left), &names, known, read)
        }
    }

    /// A block as an arm of its own, for its value.
    pub(super) fn block(&mut self, block: &Block) -> Read<Val> {
        let depth = self.scope.depth();
        let imports = self.scope.imports.len();
        let value = self.statements(&block.stmts);
        self.scope.leave(depth);
        self.scope.imports.truncate(imports);
        value
    }
}

impl Arm {
    /// The items of the value and of the assigned variables, those of the refused ones left out.
    fn leaves(&self) -> Vec<Item> {
        self.value.iter().chain(&self.assigned).filter_map(Val::leaves).flatten().collect()
    }
}

/// Whether evaluating a condition can neither fail nor cost: variables and literals, compared.
fn is_safe(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Lit(_) => true,
        Expr::Paren(p) => is_safe(&p.expr),
        Expr::Group(g) => is_safe(&g.expr),
        Expr::Unary(u) => matches!(u.op, syn::UnOp::Not(_) | syn::UnOp::Deref(_)) && is_safe(&u.expr),
        Expr::Binary(b) => {
            use syn::BinOp::{Eq, Ge, Gt, Le, Lt, Ne};
            matches!(b.op, Eq(_) | Ge(_) | Gt(_) | Le(_) | Lt(_) | Ne(_)) && is_safe(&b.left) && is_safe(&b.right)
        }
        _ => false,
    }
}
