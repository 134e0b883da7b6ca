//! Values that come after their variables: `let x;`, and what a `break` gives to a `loop` or a labelled block.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprBlock, ExprBreak, ExprForLoop, ExprLoop, ExprWhile, Label, Lit, Pat, Stmt, Type, UnOp};

use super::scope::{Item, Val};
use super::{Read, Reader, leave, span};
use crate::ir::Elem;

/// Whether an expression may be left with a value.
pub(super) fn may_give(e: &Expr) -> bool {
    match e {
        Expr::Loop(looped) => !given_to(looped.label.as_ref(), &looped.body, true).is_empty(),
        Expr::Block(block) => block.label.is_some(),
        _ => false,
    }
}

/// What the `break`s of a loop or of a labelled block give it.
pub(super) fn given_to<'a>(label: Option<&'a Label>, body: &'a Block, is_loop: bool) -> Vec<&'a Expr> {
    let mut given =
        Given { label: label.map(|l| l.name.ident.to_string()), inside: usize::from(!is_loop), found: vec![] };
    given.visit_block(body);
    given.found
}

struct Given<'a> {
    label: Option<String>,
    /// How many loops are around that a `break` without a label would leave.
    inside: usize,
    found: Vec<&'a Expr>,
}

impl<'ast> Visit<'ast> for Given<'ast> {
    fn visit_expr_break(&mut self, e: &'ast ExprBreak) {
        let ours = match &e.label {
            Some(label) => self.label.as_deref() == Some(&*label.ident.to_string()),
            None => self.inside == 0,
        };
        self.found.extend(e.expr.as_deref().filter(|_| ours));
        visit::visit_expr_break(self, e);
    }

    fn visit_expr_for_loop(&mut self, e: &'ast ExprForLoop) {
        self.inside += 1;
        visit::visit_expr_for_loop(self, e);
        self.inside -= 1;
    }

    fn visit_expr_while(&mut self, e: &'ast ExprWhile) {
        self.inside += 1;
        visit::visit_expr_while(self, e);
        self.inside -= 1;
    }

    fn visit_expr_loop(&mut self, e: &'ast ExprLoop) {
        self.inside += 1;
        visit::visit_expr_loop(self, e);
        self.inside -= 1;
    }

    // Sums of thousands of terms lean to the left, and none of them leaves anything.
    fn visit_expr_binary(&mut self, _: &'ast syn::ExprBinary) {}
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

impl Reader<'_> {
    /// `let x;`: rustc sees to it that nobody reads it before it is assigned.
    pub(super) fn declare_later(&mut self, pat: &Pat, ty: Option<&Type>) -> bool {
        match pat {
            Pat::Ident(name) if name.subpat.is_none() => {
                if let Some(ty) = ty
                    && self.annotation(ty).is_err()
                {
                    self.scope.declare(&name.ident.to_string(), Val::Poison);
                    return true;
                }
                let val = ty.and_then(|ty| self.placeholder(ty)).unwrap_or_else(|| Val::One(self.b.float(0.0).into()));
                self.scope.declare_later(&name.ident.to_string(), val);
                true
            }
            Pat::Tuple(tuple) => match ty {
                Some(Type::Tuple(types)) if types.elems.len() == tuple.elems.len() => {
                    tuple.elems.iter().zip(&types.elems).all(|(pat, ty)| self.declare_later(pat, Some(ty)))
                }
                Some(_) => false,
                None => tuple.elems.iter().all(|pat| self.declare_later(pat, None)),
            },
            Pat::Paren(pat) => self.declare_later(&pat.pat, ty),
            _ => false,
        }
    }

    /// Says that the type of a variable that got its value later cannot be told.
    pub(super) fn type_unknown(&mut self, at: Span, name: &str) {
        let title = format!("the type of `{name}` cannot be told here");
        self.problems.add(at, title, format!("write it where it is declared: `let {name}: f64;`"));
    }

    /// Declares what a loop or a block will be left with; gives its name.
    pub(super) fn prepare_value(&mut self, given: &[&Expr], ty: Option<&Type>) -> Option<String> {
        let wish = self.wish.take().unwrap_or_else(|| "value".to_string());
        let first = given.first()?;
        let val = match ty.and_then(|ty| self.placeholder(ty)) {
            Some(val) => val,
            None => self.guess(first),
        };
        let name = format!("{wish} given {}", self.loops.len());
        self.scope.declare(&name, val);
        Some(name)
    }

    /// What a loop or a block was left with.
    pub(super) fn value_given(&self, name: Option<&str>) -> Val {
        match name {
            Some(name) => self.scope.find(name).map_or(Val::Poison, |k| self.scope.get(k).val.clone()),
            None => Val::UNIT,
        }
    }

    /// What a `break` gives, which must be of the type that the loop's value was declared with.
    pub(super) fn given_by(&mut self, e: &Expr, name: &str) -> Read<Val> {
        let Some(k) = self.scope.find(name) else { return Err(super::Stop) };
        let old = self.scope.get(k).val.clone();
        let want = match &old {
            Val::One(item) => self.kind_of(*item),
            _ => None,
        };
        let val = self.value(e, want)?;
        let val = self.solid(val);
        let same = self.agree(&old, &val)
            && old
                .leaves()
                .into_iter()
                .flatten()
                .zip(val.leaves().into_iter().flatten())
                .all(|(a, b)| self.same_lengths(a.value, b.value));
        if same || matches!(old, Val::Poison) {
            return Ok(val);
        }
        self.stop(
            span::of_expr(e),
            "this is not known to have the type and the length of what is left with it",
            "write the type: `let x: f64 = loop { … };`",
        )
    }

    /// A value of the type that an expression probably has; nobody reads it.
    fn guess(&mut self, e: &Expr) -> Val {
        match e {
            Expr::Paren(e) => self.guess(&e.expr),
            Expr::Group(e) => self.guess(&e.expr),
            Expr::Reference(e) => self.guess(&e.expr),
            Expr::Unary(e) => match e.op {
                UnOp::Not(_) | UnOp::Deref(_) | UnOp::Neg(_) => self.guess(&e.expr),
                _ => self.some_float(),
            },
            Expr::Tuple(e) => Val::tuple(e.elems.iter().map(|e| self.guess(e)).collect()),
            Expr::Binary(e) => {
                use syn::BinOp::{And, Eq, Ge, Gt, Le, Lt, Ne, Or};
                match e.op {
                    And(_) | Or(_) | Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_) => {
                        Val::One(self.b.bool(false).into())
                    }
                    _ => self.guess(&e.left),
                }
            }
            Expr::Lit(lit) => match &lit.lit {
                Lit::Int(_) => self.expr(e, None).unwrap_or(Val::Poison),
                Lit::Bool(_) => Val::One(self.b.bool(false).into()),
                _ => self.some_float(),
            },
            Expr::Cast(cast) => self.placeholder(&cast.ty).unwrap_or_else(|| self.some_float()),
            Expr::Path(path) => {
                let known = path.path.get_ident().and_then(|name| self.scope.find(&name.to_string()));
                match known.map(|k| self.scope.get(k).val.clone()) {
                    Some(val @ (Val::One(_) | Val::Tuple(_) | Val::View(_))) => {
                        let solid = self.solid(val);
                        self.like(&solid)
                    }
                    Some(Val::Callee(_) | Val::Alias(_) | Val::Poison) | None => self.some_float(),
                }
            }
            _ => self.some_float(),
        }
    }

    fn some_float(&self) -> Val {
        Val::One(self.b.float(0.0).into())
    }

    /// A value of the same shape, its scalars zero.
    fn like(&self, val: &Val) -> Val {
        let Some(items) = val.leaves() else { return Val::Poison };
        let mut items = items.into_iter().map(|item| {
            let ty = self.b.ty(item.value);
            let value = match ty.elem {
                _ if !ty.is_scalar() => item.value,
                Elem::Float => self.b.float(0.0),
                Elem::Int(kind) => self.b.int(0, kind),
                Elem::Bool => self.b.bool(false),
            };
            Item { value, kind: item.kind }
        });
        val.with_leaves(&mut items)
    }

    /// A block with a label: code in it that leaves raises a flag, as in a loop that runs once.
    pub(super) fn labelled_block(&mut self, block: &ExprBlock, ty: Option<&Type>) -> Read<Val> {
        let Some(label) = &block.label else { return self.block(&block.block) };
        let at = label.name.span();
        self.room(at)?;
        let mut stmts = block.block.stmts.clone();
        let given = given_to(Some(label), &block.block, false);
        let outside = self.scope.depth();
        let value = self.prepare_value(&given, ty);
        if value.is_some()
            && let Some(Stmt::Expr(last, semi @ None)) = stmts.last_mut()
            && !leave::never_ends(last)
        {
            let name = &label.name;
            *last = syn::parse_quote_spanned!(span::of_expr(last)=> break #name #last);
            *semi = Some(syn::Token![;](at));
        }
        let depth = self.enter_block(label, value.clone());
        self.declare_stop(depth);
        let plain = value.is_none() && !leave::leaves_block(&stmts);
        let done = if plain { self.statements(&stmts) } else { self.flow(&stmts).map(|()| Val::UNIT) };
        self.exit_loop();
        let val = done.map(|val| if value.is_some() { self.value_given(value.as_deref()) } else { val });
        self.scope.leave(outside);
        val
    }

    /// A `loop`, with what it is left with.
    pub(super) fn valued_loop(&mut self, looped: &ExprLoop, ty: Option<&Type>) -> Read<Val> {
        let given = given_to(looped.label.as_ref(), &looped.body, true);
        let outside = self.scope.depth();
        let value = self.prepare_value(&given, ty);
        let done = self.endless_loop(looped, value.clone());
        let val = done.map(|()| self.value_given(value.as_deref()));
        self.scope.leave(outside);
        val
    }
}
