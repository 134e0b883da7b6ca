//! The last look at a program: what is read, what is bound only to be given back, and which types have to be written.

use std::collections::{BTreeMap, BTreeSet};

use super::{Block, Expr, Stmt, Var, Variable};
use crate::emit::ParamForm;
use crate::ir::{Elem, Lit};
use crate::prim::Spelling;

/// Whether a test holds for any variable of an expression.
pub(super) fn any_var(expr: &Expr, test: &mut dyn FnMut(Var) -> bool) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Length(_) => false,
        Expr::Var(var) => test(*var),
        Expr::Part { var, at, range } => {
            test(*var)
                || at.iter().any(|e| any_var(e, test))
                || range.as_ref().is_some_and(|r| any_var(&r.0, test) || any_var(&r.1, test))
        }
        Expr::Call(_, args) | Expr::Array(args) => args.iter().any(|e| any_var(e, test)),
        Expr::Cast(x, _) | Expr::Copied(x) => any_var(x, test),
        Expr::Fill { value, lens, .. } => any_var(value, test) || lens.iter().any(|e| any_var(e, test)),
        Expr::Map { axes, element, .. } => any_var(element, test) || axes.iter().any(|(_, len)| any_var(len, test)),
    }
}

/// Calls `f` on every expression of some statements, those of inner blocks included.
pub(super) fn expressions(stmts: &[Stmt], f: &mut dyn FnMut(&Expr)) {
    for stmt in stmts {
        match stmt {
            Stmt::Let(_, value) => f(value),
            Stmt::Assign(a, b) | Stmt::AssignOp(a, _, b) | Stmt::Fill(a, b) | Stmt::Copy(a, b) => {
                f(a);
                f(b);
            }
            Stmt::Swap(a, b) => {
                f(&Expr::Var(*a));
                f(&Expr::Var(*b));
            }
            Stmt::If { cond, then, otherwise, .. } => {
                f(cond);
                for block in [then, otherwise] {
                    expressions(&block.stmts, f);
                    block.values.iter().for_each(&mut *f);
                }
            }
            Stmt::For { lo, hi, body, .. } => {
                f(lo);
                f(hi);
                expressions(body, f);
            }
            Stmt::While { before, cond, body } => {
                expressions(before, f);
                f(cond);
                expressions(body, f);
            }
            Stmt::Push(var, value) => {
                f(&Expr::Var(*var));
                f(value);
            }
            Stmt::SameLength { left, right, .. } => {
                f(left);
                f(right);
            }
            Stmt::Assert(cond, _) => f(cond),
        }
    }
}

/// Whether statements read a variable.
pub(super) fn reads(stmts: &[Stmt], wanted: Var) -> bool {
    let mut found = false;
    expressions(stmts, &mut |e| found = found || any_var(e, &mut |v| v == wanted));
    found
}

/// Which of the parameters are read, by themselves or by a length.
pub(super) fn parameters_read(block: &Block, params: &[ParamForm]) -> Vec<bool> {
    let mut read = vec![false; params.len()];
    let mut note = |expr: &Expr| {
        lengths(expr, &mut |text| {
            for (k, form) in params.iter().enumerate() {
                read[k] |= words(text).any(|w| w == &*form.name);
            }
        });
        any_var(expr, &mut |v| {
            if let Some(r) = read.get_mut(v.0 as usize) {
                *r = true;
            }
            false
        });
    };
    expressions(&block.stmts, &mut note);
    block.values.iter().for_each(&mut note);
    read
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '#'))
}

pub(super) fn lengths(expr: &Expr, f: &mut dyn FnMut(&str)) {
    match expr {
        Expr::Length(text) => f(text),
        Expr::Lit(_) | Expr::Var(_) => {}
        Expr::Part { at, range, .. } => {
            at.iter().for_each(|e| lengths(e, f));
            if let Some(range) = range {
                lengths(&range.0, f);
                lengths(&range.1, f);
            }
        }
        Expr::Call(_, args) | Expr::Array(args) => args.iter().for_each(|e| lengths(e, f)),
        Expr::Cast(x, _) | Expr::Copied(x) => lengths(x, f),
        Expr::Fill { value, lens, .. } => {
            lengths(value, f);
            lens.iter().for_each(|e| lengths(e, f));
        }
        Expr::Map { axes, element, .. } => {
            lengths(element, f);
            axes.iter().for_each(|(_, len)| lengths(len, f));
        }
    }
}

/// Drops a name that is bound only to be given back at once, and marks the variables whose type must be written.
pub(super) fn tidy(block: &mut Block, vars: &mut [Variable], params: usize) {
    let mut reads = vec![0_u32; vars.len()];
    let mut count = |e: &Expr| count_reads(e, &mut reads, |n| *n += 1);
    expressions(&block.stmts, &mut count);
    block.values.iter().for_each(&mut count);
    drop_unread(&mut block.stmts, vars, &mut reads);
    super::hoist::buffers(block, vars);
    give_back(block, vars, Tail::Typed);
    annotate(block, vars);
    super::integers::annotate(block, vars, params);
}

fn count_reads(expr: &Expr, reads: &mut [u32], change: impl Fn(&mut u32)) {
    any_var(expr, &mut |v| {
        change(&mut reads[v.0 as usize]);
        false
    });
}

/// Drops names that nothing reads, last first.
fn drop_unread(stmts: &mut Vec<Stmt>, vars: &[Variable], reads: &mut [u32]) {
    let mut unread = vec![false; stmts.len()];
    for (k, stmt) in stmts.iter_mut().enumerate().rev() {
        match stmt {
            Stmt::Let(var, value) if reads[var.0 as usize] == 0 && !vars[var.0 as usize].mutable => {
                count_reads(value, reads, |n| *n -= 1);
                unread[k] = true;
            }
            Stmt::If { then, otherwise, .. } => {
                drop_unread(&mut then.stmts, vars, reads);
                drop_unread(&mut otherwise.stmts, vars, reads);
            }
            Stmt::For { body, .. } => drop_unread(body, vars, reads),
            Stmt::While { before, body, .. } => {
                drop_unread(body, vars, reads);
                drop_unread(before, vars, reads);
            }
            Stmt::Let(..)
            | Stmt::Assign(..)
            | Stmt::AssignOp(..)
            | Stmt::Swap(..)
            | Stmt::Fill(..)
            | Stmt::Copy(..)
            | Stmt::Push(..)
            | Stmt::Assert(..)
            | Stmt::SameLength { .. } => {}
        }
    }
    let mut unread = unread.into_iter();
    stmts.retain(|_| unread.next() == Some(false));
}

/// Whether a block's value has its type from outside, as a function's has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    Typed,
    Untyped,
}

/// `let z = …; z` is `…`.
fn give_back(block: &mut Block, vars: &mut [Variable], tail: Tail) {
    for stmt in &mut block.stmts {
        tidy_inside(stmt, vars);
    }
    let ([Expr::Var(value)], Some(Stmt::Let(var, expr))) = (block.values.as_slice(), block.stmts.last()) else {
        return;
    };
    // Elements in brackets are an array, not a vector; a closure's array does not say how long it is.
    let says_its_type = match expr {
        Expr::Array(_) => super::frame::is_fixed(&vars[var.0 as usize].layout),
        Expr::Map { .. } => tail == Tail::Typed,
        _ => true,
    };
    if value == var
        && says_its_type
        && let Some(Stmt::Let(_, expr)) = block.stmts.pop()
    {
        block.values = vec![expr];
    }
}

fn ends_with_map(block: &Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Let(var, Expr::Map { .. })) if block.values == [Expr::Var(*var)])
}

fn tidy_inside(stmt: &mut Stmt, vars: &mut [Variable]) {
    match stmt {
        Stmt::If { vars: given, then, otherwise, .. } => {
            let tail = match given.as_slice() {
                [var] if ends_with_map(then) || ends_with_map(otherwise) => {
                    vars[var.0 as usize].annotate = true;
                    Tail::Typed
                }
                _ => Tail::Untyped,
            };
            give_back(then, vars, tail);
            give_back(otherwise, vars, tail);
        }
        Stmt::For { body, .. } => body.iter_mut().for_each(|stmt| tidy_inside(stmt, vars)),
        Stmt::While { before, body, .. } => before.iter_mut().chain(body).for_each(|stmt| tidy_inside(stmt, vars)),
        Stmt::Let(..)
        | Stmt::Assign(..)
        | Stmt::AssignOp(..)
        | Stmt::Swap(..)
        | Stmt::Fill(..)
        | Stmt::Copy(..)
        | Stmt::Push(..)
        | Stmt::Assert(..)
        | Stmt::SameLength { .. } => {}
    }
}

/// A variable that begins as a literal has no type yet where a method is called on it: that type is written. So is that of
/// every integer, for the default is another than ours.
fn annotate(block: &Block, vars: &mut [Variable]) {
    // The variables that decide the type of each that has none of its own, one step back.
    let mut roots: BTreeMap<Var, Vec<Var>> = BTreeMap::new();
    let mut wanted: Vec<Var> = Vec::new();
    walk(&block.stmts, vars, &mut roots, &mut wanted);
    for value in &block.values {
        receivers(value, &roots, &mut wanted);
    }
    let mut seen = BTreeSet::new();
    while let Some(var) = wanted.pop() {
        if seen.insert(var) {
            vars[var.0 as usize].annotate = true;
            wanted.extend(roots.get(&var).into_iter().flatten());
        }
    }
}

fn walk(stmts: &[Stmt], vars: &[Variable], roots: &mut BTreeMap<Var, Vec<Var>>, wanted: &mut Vec<Var>) {
    for stmt in stmts {
        expressions(std::slice::from_ref(stmt), &mut |e| {
            if !matches!(stmt, Stmt::For { .. } | Stmt::While { .. } | Stmt::If { .. }) {
                receivers(e, roots, wanted);
            }
        });
        match stmt {
            Stmt::Let(var, value) => {
                let mut from = Vec::new();
                if untyped(value, roots, &mut from) {
                    if from.is_empty() && matches!(vars[var.0 as usize].elem, Elem::Int(_)) {
                        wanted.push(*var);
                    }
                    roots.insert(*var, from);
                }
            }
            Stmt::If { vars: given, cond, then, otherwise } => {
                receivers(cond, roots, wanted);
                walk(&then.stmts, vars, roots, wanted);
                walk(&otherwise.stmts, vars, roots, wanted);
                for (k, var) in given.iter().enumerate() {
                    let mut from = Vec::new();
                    for block in [then, otherwise] {
                        receivers(&block.values[k], roots, wanted);
                    }
                    if untyped(&then.values[k], roots, &mut from) && untyped(&otherwise.values[k], roots, &mut from) {
                        roots.insert(*var, from);
                    }
                }
            }
            Stmt::For { body, .. } => walk(body, vars, roots, wanted),
            Stmt::While { before, cond, body } => {
                walk(before, vars, roots, wanted);
                receivers(cond, roots, wanted);
                walk(body, vars, roots, wanted);
            }
            Stmt::Assign(..)
            | Stmt::AssignOp(..)
            | Stmt::Swap(..)
            | Stmt::Fill(..)
            | Stmt::Copy(..)
            | Stmt::Push(..)
            | Stmt::Assert(..)
            | Stmt::SameLength { .. } => {}
        }
    }
}

/// Whether nothing in an expression says which number type it has; `from` gets the variables that could.
fn untyped(expr: &Expr, roots: &BTreeMap<Var, Vec<Var>>, from: &mut Vec<Var>) -> bool {
    match expr {
        Expr::Lit(Lit::Float(bits)) => f64::from_bits(*bits).is_finite(),
        Expr::Lit(Lit::Int(..)) => true,
        Expr::Var(var) | Expr::Part { var, .. } => {
            from.push(*var);
            roots.contains_key(var)
        }
        Expr::Fill { value, .. } => untyped(value, roots, from),
        Expr::Copied(x) => untyped(x, roots, from),
        Expr::Map { element, .. } => untyped(element, roots, from),
        Expr::Array(values) => values.iter().all(|v| untyped(v, roots, from)),
        Expr::Call(prim, args) => match prim.row().rust {
            Spelling::Infix(_) | Spelling::Prefix(_) => args.iter().all(|a| untyped(a, roots, from)),
            Spelling::Choice => args[1..].iter().all(|a| untyped(a, roots, from)),
            Spelling::Method(_) | Spelling::Math(_) | Spelling::Identity => false,
        },
        Expr::Lit(Lit::Bool(_)) | Expr::Length(_) | Expr::Cast(..) => false,
    }
}

/// Finds method calls on values without a type.
fn receivers(expr: &Expr, roots: &BTreeMap<Var, Vec<Var>>, wanted: &mut Vec<Var>) {
    match expr {
        Expr::Call(prim, args) => {
            if matches!(prim.row().rust, Spelling::Method(_)) {
                any_var(&args[0], &mut |v| {
                    wanted.extend(roots.contains_key(&v).then_some(v));
                    false
                });
            }
            args.iter().for_each(|a| receivers(a, roots, wanted));
        }
        Expr::Array(args) => args.iter().for_each(|a| receivers(a, roots, wanted)),
        Expr::Cast(x, _) | Expr::Copied(x) => receivers(x, roots, wanted),
        Expr::Fill { value, .. } => receivers(value, roots, wanted),
        Expr::Map { element, .. } => receivers(element, roots, wanted),
        Expr::Part { at, .. } => at.iter().for_each(|a| receivers(a, roots, wanted)),
        Expr::Lit(_) | Expr::Var(_) | Expr::Length(_) => {}
    }
}
