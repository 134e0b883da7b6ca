//! `std::array::from_fn`, which makes an array of whatever length is wanted.

use syn::{Expr, ExprCall, Path, PathArguments};

use super::chain::length_of;
use super::kind::Kind;
use super::scope::{Item, Val};
use super::{Read, Reader, span};
use crate::ir::{IntKind, Value};

impl Reader<'_> {
    /// Reads an expression whose value has the length that its declared type says, for the calls in it that make arrays of
    /// any length.
    pub(super) fn of_length<T>(
        &mut self,
        e: &Expr,
        length: impl FnOnce(&mut Self) -> Read<Option<Value>>,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        let mut calls = Vec::new();
        calls_of_any_length(e, &mut calls);
        let before = self.wanted_lengths.len();
        if !calls.is_empty()
            && let Some(length) = length(self)?
        {
            self.wanted_lengths.extend(calls.into_iter().map(|call| (std::ptr::from_ref(call), length)));
        }
        let val = read(self);
        self.wanted_lengths.truncate(before);
        val
    }

    /// The length of the array that a call must make, where a declared type says it.
    pub(super) fn wanted_length(&self, call: &ExprCall) -> Option<Value> {
        self.wanted_lengths.iter().rev().find(|(wanted, _)| std::ptr::eq(*wanted, call)).map(|(_, length)| *length)
    }

    /// `std::array::from_fn(f)`; `None` for any other call.
    pub(super) fn array_from_fn(&mut self, path: &Path, args: &[&Expr], wanted: Option<Value>) -> Option<Read<Val>> {
        let full = self.full_path(path);
        let names: Vec<&str> = full.iter().map(String::as_str).collect();
        if !matches!(names.as_slice(), ["std" | "core", "array", "from_fn"] | ["array", "from_fn"]) {
            return None;
        }
        let at = span::of_path(path);
        let [f] = args else {
            return Some(self.stop(at, "`from_fn` takes one function", "give it a closure: `|i| …`"));
        };
        let mut work = || {
            let written = path.segments.last().and_then(|s| match &s.arguments {
                PathArguments::AngleBracketed(args) => args.args.iter().nth(1).and_then(length_of),
                _ => None,
            });
            let n = match (written, wanted) {
                (Some(n), _) => self.index(&n)?,
                (None, Some(n)) => n,
                (None, None) => {
                    return self.stop(
                        at,
                        "the length of this array is not written here",
                        "write it: `let a: [f64; 3] = std::array::from_fn(|i| …);`",
                    );
                }
            };
            let f = self.callee(f)?;
            self.tabulated(n, at, &mut |r, k| {
                r.apply(&f, at, vec![Val::One(Item { value: k, kind: Some(Kind::Known(IntKind::Usize)) })])
            })
        };
        Some(work())
    }
}

/// The calls of `from_fn` whose value is that of the expression.
fn calls_of_any_length<'e>(e: &'e Expr, found: &mut Vec<&'e ExprCall>) {
    let block = |block: &'e syn::Block, found: &mut Vec<&'e ExprCall>| {
        if let Some(syn::Stmt::Expr(e, None)) = block.stmts.last() {
            calls_of_any_length(e, found);
        }
    };
    match e {
        Expr::Paren(p) => calls_of_any_length(&p.expr, found),
        Expr::Group(g) => calls_of_any_length(&g.expr, found),
        Expr::Block(b) => block(&b.block, found),
        Expr::If(choice) => {
            block(&choice.then_branch, found);
            if let Some((_, otherwise)) = &choice.else_branch {
                calls_of_any_length(otherwise, found);
            }
        }
        Expr::Match(choice) => choice.arms.iter().for_each(|arm| calls_of_any_length(&arm.body, found)),
        Expr::Call(call) => {
            if let Expr::Path(path) = &*call.func
                && path.path.segments.last().is_some_and(|s| s.ident == "from_fn")
            {
                found.push(call);
            }
        }
        _ => {}
    }
}
