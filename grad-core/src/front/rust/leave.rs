//! `break`, `continue` and `return`: code that may leave raises a flag, and what comes after it runs only where none is up.
//!
//! The flags are variables like the user's own, under names that no user can write: a loop carries them, a choice gives
//! them back. Where a branch leaves for certain, the rest of the block simply is the other branch.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprBreak, ExprContinue, ExprForLoop, ExprIf, ExprLoop, ExprReturn, ExprWhile, Label, Local, Stmt,
};

use super::scope::Val;
use super::{Read, Reader, Stop, carry, later, span};
use crate::ir::{Dim, Type, Value};
use crate::prim::Prim;

/// A loop that is being read.
#[derive(Clone, Debug)]
pub(super) struct LoopFrame {
    label: Option<String>,
    /// Whether it is a block with a label, which only a `break` with that label leaves.
    block: bool,
    /// The variable that keeps what it is left with.
    value: Option<String>,
}

/// Where code may go instead of to its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    Break(Option<String>),
    Continue(Option<String>),
    Return,
}

/// The flag of `return`, and where its value is kept.
const RETURNED: &str = "returned flag";
const RESULT: &str = "result kept";

fn broken(depth: usize) -> String {
    format!("stop {depth}")
}

fn skipped(depth: usize) -> String {
    format!("skip {depth}")
}

/// The variable that a `&mut` parameter refers to.
pub(super) fn behind(parameter: &str) -> String {
    format!("{parameter} written")
}

/// What a variable is called in generated code: a flag by its first word.
pub(super) fn shown(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

/// Where a loop's label and code make the code outside of it go.
pub(super) fn exits_of_block(block: &Block) -> BTreeSet<Exit> {
    let mut exits = Exits::default();
    exits.visit_block(block);
    exits.found
}

fn exits_of(stmt: &Stmt) -> BTreeSet<Exit> {
    let mut exits = Exits::default();
    exits.visit_stmt(stmt);
    exits.found
}

/// Whether any of the statements may leave the block that they stand in.
pub(super) fn leaves_block(stmts: &[Stmt]) -> bool {
    stmts.iter().any(leaves)
}

/// Whether a statement may return from the function.
pub(super) fn returns(stmt: &Stmt) -> bool {
    exits_of(stmt).contains(&Exit::Return)
}

/// Whether a statement may leave the block that it stands in.
pub(super) fn leaves(stmt: &Stmt) -> bool {
    !exits_of(stmt).is_empty()
}

/// Whether a statement leaves nothing but the function.
pub(super) fn only_returns_from(stmt: &Stmt) -> bool {
    exits_of(stmt).iter().all(|exit| *exit == Exit::Return)
}

#[derive(Default)]
struct Exits {
    /// The labels of the loops around, inside the code looked at.
    loops: Vec<Option<String>>,
    /// The labels of the blocks around, inside the code looked at.
    blocks: Vec<String>,
    found: BTreeSet<Exit>,
}

fn label_of(label: Option<&Label>) -> Option<String> {
    label.map(|l| l.name.ident.to_string())
}

impl Exits {
    fn within(&mut self, label: Option<&Label>, body: &Block) {
        self.loops.push(label_of(label));
        self.visit_block(body);
        self.loops.pop();
    }

    fn is_inside(&self, label: Option<&syn::Lifetime>) -> bool {
        match label {
            None => !self.loops.is_empty(),
            Some(label) => self.loops.iter().flatten().chain(&self.blocks).any(|l| label.ident == l.as_str()),
        }
    }
}

impl<'ast> Visit<'ast> for Exits {
    fn visit_expr_break(&mut self, e: &'ast ExprBreak) {
        if !self.is_inside(e.label.as_ref()) {
            self.found.insert(Exit::Break(e.label.as_ref().map(|l| l.ident.to_string())));
        }
        visit::visit_expr_break(self, e);
    }

    fn visit_expr_continue(&mut self, e: &'ast ExprContinue) {
        if !self.is_inside(e.label.as_ref()) {
            self.found.insert(Exit::Continue(e.label.as_ref().map(|l| l.ident.to_string())));
        }
    }

    fn visit_expr_return(&mut self, e: &'ast ExprReturn) {
        self.found.insert(Exit::Return);
        visit::visit_expr_return(self, e);
    }

    fn visit_expr_for_loop(&mut self, e: &'ast ExprForLoop) {
        self.visit_expr(&e.expr);
        self.within(e.label.as_ref(), &e.body);
    }

    fn visit_expr_while(&mut self, e: &'ast ExprWhile) {
        self.visit_expr(&e.cond);
        self.within(e.label.as_ref(), &e.body);
    }

    fn visit_expr_loop(&mut self, e: &'ast ExprLoop) {
        self.within(e.label.as_ref(), &e.body);
    }

    fn visit_expr_block(&mut self, e: &'ast syn::ExprBlock) {
        let around = self.blocks.len();
        self.blocks.extend(label_of(e.label.as_ref()));
        visit::visit_expr_block(self, e);
        self.blocks.truncate(around);
    }

    // Sums of thousands of terms lean to the left: a loop, not a recursion.
    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let mut binary = binary;
        loop {
            self.visit_expr(&binary.right);
            match &*binary.left {
                Expr::Binary(left) => binary = left,
                left => return self.visit_expr(left),
            }
        }
    }

    // These have a flow of their own.
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether the end of a block is never reached.
fn leaves_for_certain(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(e, _)) => never_ends(e),
        _ => false,
    }
}

pub(super) fn never_ends(e: &Expr) -> bool {
    match e {
        Expr::Break(_) | Expr::Continue(_) | Expr::Return(_) => true,
        Expr::Block(b) => b.label.is_none() && leaves_for_certain(&b.block),
        Expr::If(choice) => {
            leaves_for_certain(&choice.then_branch) && choice.else_branch.as_ref().is_some_and(|(_, e)| never_ends(e))
        }
        _ => false,
    }
}

impl Reader<'_> {
    /// Begins the body of a loop.
    pub(super) fn enter_loop(&mut self, label: Option<&Label>, value: Option<String>) -> usize {
        self.loops.push(LoopFrame { label: label_of(label), block: false, value });
        self.loops.len() - 1
    }

    /// Begins a block with a label.
    pub(super) fn enter_block(&mut self, label: &Label, value: Option<String>) -> usize {
        self.loops.push(LoopFrame { label: label_of(Some(label)), block: true, value });
        self.loops.len() - 1
    }

    pub(super) fn exit_loop(&mut self) {
        self.loops.pop();
    }

    /// The flags that code which goes to `exits` may raise, outermost loop first.
    pub(super) fn flags(&self, exits: &BTreeSet<Exit>) -> Vec<String> {
        let mut flags = BTreeSet::new();
        let innermost = self.loops.len().checked_sub(1);
        for exit in exits {
            match exit {
                Exit::Return => {
                    flags.extend([RETURNED.to_string(), RESULT.to_string()]);
                    flags.extend((0..self.loops.len()).map(broken));
                }
                Exit::Break(label) => {
                    if let (Some(k), Some(innermost)) = (self.target(label.as_deref()), innermost) {
                        flags.extend((k..=innermost).map(broken));
                        flags.extend(self.loops[k].value.clone());
                    }
                }
                Exit::Continue(label) => {
                    if let (Some(k), Some(innermost)) = (self.target(label.as_deref()), innermost) {
                        flags.extend((k + 1..=innermost).map(broken));
                        flags.insert(skipped(k));
                    }
                }
            }
        }
        flags.into_iter().filter(|flag| self.scope.find(flag).is_some()).collect()
    }

    fn target(&self, label: Option<&str>) -> Option<usize> {
        match label {
            None => self.loops.iter().rposition(|l| !l.block),
            Some(label) => self.loops.iter().rposition(|l| l.label.as_deref() == Some(label)),
        }
    }

    /// Declares the flags of a loop whose body goes to `exits`, not raised.
    pub(super) fn declare_flags(&mut self, depth: usize, exits: &BTreeSet<Exit>) -> bool {
        let stops = exits.iter().any(|exit| !matches!(exit, Exit::Continue(None)));
        if stops {
            self.declare_stop(depth);
        }
        stops
    }

    /// Declares the flag that says that a loop or a block has been left.
    pub(super) fn declare_stop(&mut self, depth: usize) {
        self.scope.declare(&broken(depth), Val::One(self.b.bool(false).into()));
    }

    /// Whether the loop at a depth has been left, in the code being read.
    pub(super) fn is_broken(&self, depth: usize) -> Option<Value> {
        self.flag(&broken(depth))
    }

    fn flag(&self, name: &str) -> Option<Value> {
        match &self.scope.get(self.scope.find(name)?).val {
            Val::One(item) => Some(item.value),
            Val::Tuple(_) | Val::View(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => None,
        }
    }

    /// At the beginning of an iteration no flag is up: the loop would not have come here.
    pub(super) fn lower_flags(&mut self, depth: usize, exits: &BTreeSet<Exit>) {
        let down = self.b.bool(false);
        for flag in self.flags(exits).into_iter().filter(|f| *f != RESULT && !self.is_value(f)).collect::<Vec<_>>() {
            if let Some(k) = self.scope.find(&flag) {
                self.scope.put(k, Val::One(down.into()));
            }
        }
        if exits.contains(&Exit::Continue(None)) || exits.iter().any(|e| matches!(e, Exit::Continue(Some(_)))) {
            self.scope.declare(&skipped(depth), Val::One(down.into()));
        }
    }

    /// Whether this is no flag but what a loop is left with.
    fn is_value(&self, name: &str) -> bool {
        self.loops.iter().any(|l| l.value.as_deref() == Some(name))
    }

    fn raise(&mut self, at: Span, flags: &[String]) -> Read<()> {
        for flag in flags {
            match self.scope.find(flag) {
                Some(k) if self.scope.may_assign(k) => {
                    let up = self.b.bool(true);
                    self.scope.put(k, Val::One(up.into()));
                }
                _ => {
                    return self.stop(
                        at,
                        "leaving from inside an expression is not supported",
                        "make the `if` around it a statement of its own",
                    );
                }
            }
        }
        Ok(())
    }

    fn leave_loop(&mut self, at: Span, exit: &Exit) -> Read<()> {
        let label = match exit {
            Exit::Break(label) | Exit::Continue(label) => label.as_deref(),
            Exit::Return => None,
        };
        if self.target(label).is_none() {
            return self.stop(at, "there is no such loop around this", "leave a loop that this stands in");
        }
        let flags = self.flags(&BTreeSet::from([exit.clone()]));
        self.raise(at, &flags)
    }

    fn break_(&mut self, e: &ExprBreak) -> Read<()> {
        let at = e.break_token.span;
        let label = e.label.as_ref().map(|l| l.ident.to_string());
        let Some(given) = &e.expr else { return self.leave_loop(at, &Exit::Break(label)) };
        let name = self.target(label.as_deref()).and_then(|k| self.loops[k].value.clone());
        let Some(name) = name else {
            self.unsure = true;
            let help = "only a `loop` and a labelled block have one: assign it to a variable declared before";
            return self.stop(at, "this cannot be left with a value", help);
        };
        let val = self.given_by(given, &name)?;
        self.leave_loop(at, &Exit::Break(label))?;
        if let Some(k) = self.scope.find(&name) {
            self.scope.put(k, val);
        }
        Ok(())
    }

    fn continue_(&mut self, e: &ExprContinue) -> Read<()> {
        self.leave_loop(e.continue_token.span, &Exit::Continue(e.label.as_ref().map(|l| l.ident.to_string())))
    }

    fn return_(&mut self, e: &ExprReturn) -> Read<()> {
        let at = e.return_token.span;
        let val = self.returned(e)?;
        let Some(k) = self.scope.find(RESULT) else {
            return self.stop(at, "`return` is not supported here", "return at the end of the function");
        };
        let old = self.scope.get(k).val.clone();
        let (old, new) = (old.leaves().ok_or(Stop)?, val.leaves().ok_or(Stop)?);
        if !old.iter().zip(&new).all(|(a, b)| self.same_lengths(a.value, b.value)) {
            return self.stop(
                at,
                "the length of what is returned here is not known to be that of the function's result",
                "return an array of the length that the signature says",
            );
        }
        let flags = self.flags(&BTreeSet::from([Exit::Return]));
        self.raise(at, &flags)?;
        self.scope.put(k, val);
        Ok(())
    }

    /// Declares what a `return` in the middle needs; those of code around are over by now.
    pub(super) fn prepare_return(&mut self, at: Span) -> Read<()> {
        let val = self.placeholder_result(at)?;
        self.scope.declare(RESULT, val);
        self.scope.declare(RETURNED, Val::One(self.b.bool(false).into()));
        Ok(())
    }

    /// A value of the type that the function returns, which nobody reads.
    pub(super) fn placeholder_result(&mut self, at: Span) -> Read<Val> {
        if let Some(callee) = self.calls.last() {
            if callee.returns_nothing() {
                return Ok(Val::UNIT);
            }
            // What a function declares as its result; a closure may declare none.
            let output = callee.output();
            let val = match output {
                Some(ty) => self.placeholder(&ty),
                None => None,
            };
            let Some(val) = val else {
                return self.stop(
                    at,
                    "a `return` from inside a loop or a `match` needs a result of known type and length",
                    "declare it (`|x| -> f64 { … }`), or assign the value to a variable and leave the loop with `break`",
                );
            };
            return Ok(val);
        }
        let mut items = Vec::new();
        for ty in &self.form.results {
            let Some(value) = zeros(self, ty) else {
                return self.stop(
                    at,
                    "a `Vec` cannot be returned from the middle of the function",
                    "assign it to a variable that is returned at the end",
                );
            };
            items.push(Val::One(value.into()));
        }
        Ok(match items.len() {
            1 if !self.form.tuple => items.remove(0),
            _ => Val::tuple(items),
        })
    }

    /// A value of a type, which nobody reads.
    pub(super) fn placeholder(&mut self, ty: &syn::Type) -> Option<Val> {
        use super::signature::{Scalar, scalar};
        let b = self.b;
        match ty {
            syn::Type::Paren(p) => self.placeholder(&p.elem),
            syn::Type::Group(g) => self.placeholder(&g.elem),
            syn::Type::Tuple(t) => {
                Some(Val::tuple(t.elems.iter().map(|ty| self.placeholder(ty)).collect::<Option<Vec<_>>>()?))
            }
            syn::Type::Array(array) => {
                let Val::One(element) = self.placeholder(&array.elem)? else { return None };
                let len = self.index(&array.len).ok()?;
                Some(self.repeated(array.bracket_token.span.open(), element, len))
            }
            ty => match scalar(ty)? {
                Scalar::Float(_) => Some(Val::One(b.float(0.0).into())),
                Scalar::Int(kind) => Some(Val::One(b.int(0, kind).into())),
                Scalar::Bool => Some(Val::One(b.bool(false).into())),
            },
        }
    }

    /// What the function has returned, and whether it has.
    pub(super) fn kept_result(&self) -> (Value, Val) {
        let flag = self.flag(RETURNED).unwrap_or_else(|| self.b.bool(false));
        let val = self.scope.find(RESULT).map_or(Val::Poison, |k| self.scope.get(k).val.clone());
        (flag, val)
    }

    /// The statements of a block that may leave it.
    pub(super) fn flow(&mut self, stmts: &[Stmt]) -> Read<()> {
        let depth = self.scope.depth();
        let imports = self.scope.imports.len();
        self.constants(stmts);
        let plain = self.without_let_else(stmts);
        let done = self.flow_from(plain.as_deref().unwrap_or(stmts));
        self.scope.leave(depth);
        self.scope.imports.truncate(imports);
        done
    }

    fn flow_from(&mut self, stmts: &[Stmt]) -> Read<()> {
        for (k, stmt) in stmts.iter().enumerate() {
            if !leaves(stmt) {
                self.statement(stmt);
                continue;
            }
            let rest = &stmts[k + 1..];
            return match stmt {
                Stmt::Expr(e, _) => self.leaving(e, rest),
                // What leaves is inside a loop or a block of its own.
                Stmt::Local(Local { init: Some(init), .. })
                    if init.diverge.is_none()
                        && matches!(*init.expr, Expr::Loop(_) | Expr::Block(_))
                        && later::may_give(&init.expr) =>
                {
                    self.statement(stmt);
                    self.unless_left(&init.expr, rest)
                }
                _ => self.refuse_leaving(stmt),
            };
        }
        Ok(())
    }

    fn refuse_leaving(&mut self, stmt: &Stmt) -> Read<()> {
        self.unsure = true;
        match stmt {
            Stmt::Local(local) if local.init.as_ref().is_some_and(|init| init.diverge.is_some()) => self.stop(
                local.let_token.span,
                "what this `let … else` asks for cannot be seen here",
                "take an `Option` apart where `first`, `get`, `position` and their like make it, or leave with an `if`",
            ),
            Stmt::Local(local) => self.stop(
                local.let_token.span,
                "leaving from inside an expression is not supported",
                "make the `if` that leaves a statement of its own, before this one",
            ),
            stmt => self.stop(
                syn::spanned::Spanned::span(stmt),
                "leaving from inside an expression is not supported",
                "make the `if` that leaves a statement of its own",
            ),
        }
    }

    /// An expression that may leave, and what comes after it.
    fn leaving(&mut self, e: &Expr, rest: &[Stmt]) -> Read<()> {
        match e {
            Expr::Break(e) => self.break_(e),
            Expr::Continue(e) => self.continue_(e),
            Expr::Return(e) => self.return_(e),
            Expr::If(choice) => self.leaving_choice(choice, rest),
            Expr::Match(choice) => {
                if let Some(plain) = self.without_option(choice) {
                    return self.leaving(&plain, rest);
                }
                let val = self.value(&choice.expr, None)?;
                let mut names = carry::assigned_in(e);
                names.extend(self.flags(&exits_of(&Stmt::Expr(e.clone(), None))));
                self.arms(choice.match_token.span, &val, &names, &choice.arms, &mut |r, body| {
                    let done = match body {
                        Expr::Block(b) if b.label.is_none() => r.flow(&b.block.stmts),
                        body => r.leaving(body, &[]),
                    };
                    done.map(|()| Val::UNIT)
                })?;
                self.unless_left(e, rest)
            }
            Expr::Block(b) if b.label.is_none() => {
                self.flow(&b.block.stmts)?;
                self.unless_left(e, rest)
            }
            Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Block(_) => {
                if self.expr(e, None).is_err() {
                    self.poison(e);
                    return Err(Stop);
                }
                self.unless_left(e, rest)
            }
            e if exits_of(&Stmt::Expr(e.clone(), None)).is_empty() => self.expr(e, None).map(|_| ()),
            _ => {
                self.unsure = true;
                self.stop(
                    span::of_expr(e),
                    "leaving from inside an expression is not supported",
                    "make the `if` that leaves a statement of its own",
                )
            }
        }
    }

    fn leaving_choice(&mut self, choice: &ExprIf, rest: &[Stmt]) -> Read<()> {
        if let Some(plain) = self.without_pattern(choice) {
            return self.leaving(&plain, rest);
        }
        self.refuse_if_let(choice)?;
        let cond = self.condition(&choice.cond);
        let otherwise = choice.else_branch.as_ref().map(|(_, e)| &**e);
        let then_leaves = leaves_for_certain(&choice.then_branch);
        let other_leaves = otherwise.is_some_and(never_ends);
        let whole = Expr::If(choice.clone());
        let mut names = carry::assigned_in(&whole);
        let mut exits = exits_of(&Stmt::Expr(whole.clone(), None));
        let inside = then_leaves || other_leaves;
        if inside {
            names.extend(carry::assigned_by(rest));
            rest.iter().for_each(|stmt| exits.extend(exits_of(stmt)));
        }
        names.extend(self.flags(&exits));
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        let other = |r: &mut Self| match otherwise {
            Some(Expr::Block(b)) => r.flow(&b.block.stmts),
            Some(e @ Expr::If(_)) => r.leaving(e, &[]),
            Some(e) => r.expr(e, None).map(|_| ()),
            None => Ok(()),
        };
        let unit = |done: Read<()>| done.map(|()| Val::UNIT);
        self.two_arms(
            choice.if_token.span,
            cond,
            &names,
            |r| {
                let mut done = r.flow(&choice.then_branch.stmts);
                if done.is_ok() && inside && !then_leaves {
                    done = r.flow_from_arm(&choice.then_branch, rest);
                }
                unit(done)
            },
            |r| {
                let mut done = other(r);
                if done.is_ok() && inside && !other_leaves {
                    done = match otherwise {
                        Some(e) => r.unless_left(e, rest),
                        None => r.flow(rest),
                    };
                }
                unit(done)
            },
        )?;
        if inside { Ok(()) } else { self.unless_left(&whole, rest) }
    }

    fn flow_from_arm(&mut self, arm: &Block, rest: &[Stmt]) -> Read<()> {
        let exits = exits_of_block(arm);
        self.unless_raised(&exits, span::of_block(arm), rest)
    }

    /// The rest of a block, where the expression before it has not left.
    fn unless_left(&mut self, e: &Expr, rest: &[Stmt]) -> Read<()> {
        let exits = exits_of(&Stmt::Expr(e.clone(), None));
        self.unless_raised(&exits, span::of_expr(e), rest)
    }

    fn unless_raised(&mut self, exits: &BTreeSet<Exit>, at: Span, rest: &[Stmt]) -> Read<()> {
        if rest.is_empty() {
            return Ok(());
        }
        let Some(left) = self.left(exits) else { return self.flow(rest) };
        let mut exits = BTreeSet::new();
        rest.iter().for_each(|stmt| exits.extend(exits_of(stmt)));
        let mut names = carry::assigned_by(rest);
        names.extend(self.flags(&exits));
        self.two_arms(at, Ok(left), &names, |_| Ok(Val::UNIT), |r| r.flow(rest).map(|()| Val::UNIT))?;
        Ok(())
    }

    /// Whether a flag is up that ends this iteration, or the function; `None` where none can be.
    fn left(&self, exits: &BTreeSet<Exit>) -> Option<Value> {
        let flags = self.flags(exits);
        let ends = |flag: &String| match self.loops.len().checked_sub(1) {
            Some(depth) => *flag == broken(depth) || *flag == skipped(depth),
            None => flag == RETURNED,
        };
        let up: Vec<Value> = flags.iter().filter(|f| ends(f)).filter_map(|f| self.flag(f)).collect();
        up.into_iter().reduce(|a, b| self.b.call(Prim::Or, &[a, b]))
    }

    /// A statement at the level of the function that may return, and what the function is worth after it.
    pub(super) fn return_inside(&mut self, stmt: &Stmt, rest: &[Stmt], end: Span) -> Read<Val> {
        let at = match stmt {
            Stmt::Expr(e, _) => span::of_expr(e),
            Stmt::Local(local) => local.let_token.span,
            _ => end,
        };
        self.prepare_return(at)?;
        self.flow_from(std::slice::from_ref(stmt))?;
        let (returned, result) = self.kept_result();
        if rest.is_empty() && matches!(stmt, Stmt::Expr(Expr::Loop(looped), _) if only_returns(looped)) {
            return Ok(result);
        }
        let names = carry::assigned_by(rest);
        self.two_arms(at, Ok(returned), &names, |_| Ok(result), |r| r.tail(rest, end))
    }
}

/// Whether a loop ends by returning from the function alone.
fn only_returns(looped: &ExprLoop) -> bool {
    let own = label_of(looped.label.as_ref());
    !exits_of_block(&looped.body).iter().any(|exit| match exit {
        Exit::Break(label) => label.is_none() || *label == own,
        Exit::Continue(_) | Exit::Return => false,
    })
}

/// Zeros of a type whose lengths are known.
fn zeros(reader: &Reader<'_>, ty: &Type) -> Option<Value> {
    let b = reader.b;
    if ty.is_scalar() {
        return Some(b.float(0.0));
    }
    let lens: Option<Vec<Value>> = ty.dims.iter().map(|d| if *d == Dim::Any { None } else { b.dim(*d) }).collect();
    Some(b.build(&lens?, |_| b.float(0.0)))
}
