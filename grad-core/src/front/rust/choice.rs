//! `if`, `&&`, `||`: only the taken side is evaluated, and what the sides assign comes out as results.

use std::cell::RefCell;

use proc_macro2::Span;
use syn::{Block, Expr, ExprIf};

use super::kind::Kind;
use super::scope::{Item, Val};
use super::{Read, Reader, Stop, assertion, carry, span};
use crate::ir::{Dim, Elem, Type, Value};
use crate::prim::Prim;

/// Where a condition matches a pattern, if it does.
pub(super) fn pattern_in(cond: &Expr) -> Option<Span> {
    match cond {
        Expr::Let(e) => Some(e.let_token.span),
        Expr::Paren(p) => pattern_in(&p.expr),
        Expr::Binary(e) => pattern_in(&e.left).or_else(|| pattern_in(&e.right)),
        _ => None,
    }
}

/// What is known of a value after its body is closed: its shape, and the type and the kind of each item.
struct Sketch {
    shape: Val,
    facts: Vec<(Type, Option<Kind>)>,
}

/// What one arm gave; nothing for what was refused.
#[derive(Default)]
struct Arm {
    ran: bool,
    value: Option<Sketch>,
    assigned: Vec<Option<Sketch>>,
}

impl Reader<'_> {
    /// `if` as a value or as a statement.
    pub(super) fn choose(&mut self, choice: &ExprIf) -> Read<Val> {
        if let Some(plain) = self.without_pattern(choice) {
            return self.expr(&plain, None);
        }
        self.refuse_if_let(choice)?;
        let cond = self.condition(&choice.cond);
        let otherwise = choice.else_branch.as_ref().map(|(_, e)| &**e);
        // A branch that panics is not taken.
        if let Some(mac) = assertion::panics(&choice.then_branch) {
            let not = self.b.call(Prim::Not, &[cond?]);
            self.never_otherwise(not, mac);
            return match otherwise {
                Some(Expr::If(nested)) => self.choose(nested),
                Some(Expr::Block(block)) => self.block(&block.block),
                Some(other) => self.expr(other, None),
                None => Ok(Val::UNIT),
            };
        }
        if let Some(mac) = otherwise.and_then(assertion::expr_panics) {
            self.never_otherwise(cond?, mac);
            return self.block(&choice.then_branch);
        }
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

    /// `if let` is refused as a whole: its arms would name what its pattern binds.
    pub(super) fn refuse_if_let(&mut self, choice: &ExprIf) -> Read<()> {
        let Some(at) = pattern_in(&choice.cond) else { return Ok(()) };
        self.poison(&Expr::If(choice.clone()));
        self.unsure = true;
        self.stop(
            at,
            "what this `if let` asks for cannot be seen here",
            "take an `Option` apart where `first`, `get`, `position` and their like make it, or compare with `==`",
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
        self.room(at)?;
        let places = self.scope.places(names);
        let names: Vec<(String, bool)> =
            places.iter().map(|k| (self.scope.get(*k).name.to_string(), self.scope.get(*k).later)).collect();
        let before: Vec<Val> = places.iter().map(|k| self.scope.get(*k).val.clone()).collect();
        let b = self.b;
        let first = RefCell::new(Arm::default());
        let second = RefCell::new(Arm::default());
        // Where the condition was refused the arms are still read, for their own problems.
        let refused = cond.is_err();
        let cond = cond.unwrap_or_else(|Stop| b.cast(b.float(0.0), Elem::Bool));
        let reader = RefCell::new(self);
        let results = b.branch(
            cond,
            || {
                let (arm, results) = reader.borrow_mut().arm(&places, &before, then);
                *first.borrow_mut() = arm;
                results
            },
            || {
                let (arm, results) = reader.borrow_mut().arm(&places, &before, otherwise);
                *second.borrow_mut() = arm;
                let first = first.borrow();
                let n = first.facts().count();
                // Arms that do not agree are refused below; the graph only has to be well formed until then.
                if !first.ran || results.len() == n { results } else { vec![b.float(0.0); n] }
            },
        );
        let this = reader.into_inner();
        let (first, second) = (first.into_inner(), second.into_inner());
        let fine = match (first.ran, second.ran) {
            (true, true) => this.arms_agree(at, &names, &first, &second),
            _ => vec![true; 1 + places.len()],
        };
        let arm = if first.ran { first } else { second };
        this.at(at);
        let mut results = results.into_iter().zip(arm.facts()).map(|(value, (_, kind))| Item { value, kind: *kind });
        let value = arm.value.as_ref().map(|v| v.shape.with_leaves(&mut results)).filter(|_| fine[0]);
        for ((k, sketch), fine) in places.iter().zip(&arm.assigned).zip(&fine[1..]) {
            let name = this.scope.get(*k).name.clone();
            let val = sketch.as_ref().map(|v| v.shape.with_leaves(&mut results)).filter(|_| *fine);
            let val = val.unwrap_or(Val::Poison);
            this.name(&val, &name);
            this.scope.put(*k, val);
        }
        if refused {
            places.iter().for_each(|k| this.scope.put(*k, Val::Poison));
            return Err(Stop);
        }
        value.ok_or(Stop)
    }

    fn arm(
        &mut self,
        places: &[usize],
        before: &[Val],
        body: impl FnOnce(&mut Self) -> Read<Val>,
    ) -> (Arm, Vec<Value>) {
        self.scope.open(places);
        let mut results = Vec::new();
        let value = body(self).and_then(|v| self.loaded(v)).ok().and_then(|v| self.sketch(&v, &mut results));
        let assigned: Vec<Val> = places.iter().map(|k| self.scope.get(*k).val.clone()).collect();
        let assigned = assigned.iter().map(|v| self.sketch(v, &mut results)).collect();
        self.scope.close();
        for (k, val) in places.iter().zip(before) {
            self.scope.put(*k, val.clone());
        }
        (Arm { ran: true, value, assigned }, results)
    }

    /// The sketch of a value whose body is open, with its items added to `results`; nothing for a refused one.
    fn sketch(&self, val: &Val, results: &mut Vec<Value>) -> Option<Sketch> {
        let items = val.leaves()?;
        results.extend(items.iter().map(|i| i.value));
        let facts = items.iter().map(|i| (self.b.ty(i.value), self.kind_of(*i))).collect();
        Some(Sketch { shape: val.clone(), facts })
    }

    /// Whether the arms agree: in their values, and in each of the variables that they assign.
    fn arms_agree(&mut self, at: Span, names: &[(String, bool)], first: &Arm, second: &Arm) -> Vec<bool> {
        let whole = (String::new(), false);
        let names = std::iter::once(&whole).chain(names);
        let pairs = std::iter::once((&first.value, &second.value)).chain(first.assigned.iter().zip(&second.assigned));
        let mut fine = Vec::new();
        for ((a, b), (name, later)) in pairs.zip(names) {
            let (Some(a), Some(b)) = (a, b) else {
                fine.push(false);
                continue;
            };
            let mut agree = self.sketches_agree(a, b);
            // Two lengths that are both known, and not as one, have no array to hold either.
            if agree && !a.facts.iter().zip(&b.facts).all(|((a, _), (b, _))| lengths_fit(a, b)) {
                agree = false;
                let title = match name.as_str() {
                    "" => "the arrays of the two sides of this choice have different lengths".to_string(),
                    name => format!("`{name}` has different lengths after the two sides"),
                };
                self.problems.add(
                    at,
                    title,
                    "choose the lengths first, as integers, and make one array of that length",
                );
            } else if !agree && *later {
                self.type_unknown(at, name);
            } else if !agree {
                let title = match name.as_str() {
                    "" => "the two sides of this choice have different types".to_string(),
                    name => format!("`{name}` has different types after the two sides"),
                };
                self.problems.add(at, title, "give both the same type");
            }
            fine.push(agree);
        }
        fine
    }

    fn sketches_agree(&mut self, a: &Sketch, b: &Sketch) -> bool {
        a.shape.same_shape(&b.shape) && a.facts.iter().zip(&b.facts).all(|(a, b)| self.facts_agree(a, b))
    }

    fn facts_agree(&mut self, a: &(Type, Option<Kind>), b: &(Type, Option<Kind>)) -> bool {
        a.0.rank() == b.0.rank()
            && match (a.1, b.1) {
                (Some(x), Some(y)) => self.kinds.unify(x, y).is_ok(),
                (None, None) => a.0.elem == b.0.elem,
                _ => false,
            }
    }

    /// Whether two values can be one: alike in shape and type, their unknown kinds made equal.
    pub(super) fn agree(&mut self, a: &Val, b: &Val) -> bool {
        match (self.sketch(a, &mut Vec::new()), self.sketch(b, &mut Vec::new())) {
            (Some(a), Some(b)) => self.sketches_agree(&a, &b),
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
        match value {
            Ok(val) if val.refers_past(depth) => self.stop(
                block.brace_token.span.close(),
                "what this refers to ends with the block",
                "declare the variable before the block",
            ),
            value => value,
        }
    }
}

/// Whether one array can have either of two types' lengths.
fn lengths_fit(a: &Type, b: &Type) -> bool {
    a.dims.iter().zip(&b.dims).all(|(a, b)| a == b || *a == Dim::Any || *b == Dim::Any)
}

impl Arm {
    /// The items of the value and of the assigned variables, those of the refused ones left out.
    fn facts(&self) -> impl Iterator<Item = &(Type, Option<Kind>)> {
        std::iter::once(&self.value).chain(&self.assigned).flatten().flat_map(|s| &s.facts)
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
