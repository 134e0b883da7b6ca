//! `assert!` and `panic!`: they stay in the generated code that computes the value.
//!
//! An assertion of the function's own level is a result of the body, looked at where it is computed. One inside a loop or a
//! choice raises a number, which flows out like any variable that is assigned there and is looked at after; a loop that ends
//! on a condition ends on that number too. A branch that panics is never taken: its condition is asserted to fail.

use proc_macro2::{Span, TokenStream};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, Lit, Macro, Stmt, Token};

use super::scope::Val;
use super::{Read, Reader, nesting, span, text};
use crate::emit::CheckForm;
use crate::ir::{Elem, IntKind, Value};
use crate::prim::Prim;

/// The variable that holds the number of an assertion that has failed, the first variable of all.
pub(super) const FAILED: &str = "failed assertion";
const FAILED_PLACE: usize = 0;

/// The macros that may panic.
const PANICKING: [&str; 10] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "panic",
    "unreachable",
    "todo",
    "unimplemented",
];

/// The methods that panic where lengths differ, which the code around would not notice.
const COPYING: [&str; 2] = ["copy_from_slice", "clone_from_slice"];

/// Whether a macro or a method of this name may panic.
pub(super) fn may_panic(name: &str) -> bool {
    PANICKING.contains(&name) || COPYING.contains(&name)
}

/// Whether a macro does nothing but panic.
pub(super) fn always_panics(mac: &Macro) -> bool {
    mac.path.segments.last().is_some_and(|s| PANICKING[6..].contains(&&*s.ident.to_string()))
}

/// The macro with which a block ends in a panic.
pub(super) fn panics(block: &Block) -> Option<&Macro> {
    match block.stmts.last()? {
        Stmt::Macro(m) if always_panics(&m.mac) => Some(&m.mac),
        Stmt::Expr(e, _) => expr_panics(e),
        Stmt::Local(_) | Stmt::Macro(_) | Stmt::Item(_) => None,
    }
}

/// The macro with which an expression ends in a panic.
pub(super) fn expr_panics(expr: &Expr) -> Option<&Macro> {
    match expr {
        Expr::Macro(m) if always_panics(&m.mac) => Some(&m.mac),
        Expr::Block(b) if b.label.is_none() => panics(&b.block),
        Expr::Paren(p) => expr_panics(&p.expr),
        _ => None,
    }
}

/// What was asserted.
#[derive(Debug, Default)]
pub(super) struct Assertions {
    /// What must hold, at the function's own level.
    direct: Vec<(Value, CheckForm)>,
    /// How many of the nested ones are among those.
    looked_at: usize,
    /// Those inside loops and choices, in the order of their numbers from 1.
    nested: Vec<CheckForm>,
}

impl Reader<'_> {
    /// Declares the variable of failed assertions, before every other.
    pub(super) fn prepare_assertions(&mut self) {
        debug_assert_eq!(self.scope.depth(), FAILED_PLACE, "nothing is declared before it");
        let none = self.b.int(0, IntKind::Usize);
        self.scope.declare(FAILED, Val::One(none.into()));
    }

    /// `assert!(…)` and its like.
    pub(super) fn assertion(&mut self, mac: &Macro, name: &str, at: Span) -> Read<Val> {
        let debug = name.starts_with("debug_");
        let kind = name.trim_start_matches("debug_");
        let Ok(args) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone()) else {
            return self.stop(at, "this assertion cannot be read", "write `assert!(condition, \"message\")`");
        };
        let args: Vec<&Expr> = args.iter().collect();
        if args.iter().any(|a| nesting::expr_too_deep(a)) {
            return self.stop(at, "expressions nest too deep here", "give the inner parts names of their own");
        }
        let (cond, words, rest) = match (kind, args.as_slice()) {
            ("assert", [cond, rest @ ..]) => (self.condition(cond)?, words_of(mac, 1), rest),
            ("assert_eq" | "assert_ne", [left, right, rest @ ..]) => {
                let prim = if kind == "assert_eq" { Prim::Eq } else { Prim::Ne };
                let op = if kind == "assert_eq" { "==" } else { "!=" };
                let parts = split_at_commas(mac.tokens.clone());
                let words = format!("{} {op} {}", text::tokens(&parts[0]), text::tokens(&parts[1]));
                (self.equal(prim, left, right, at)?, words, rest)
            }
            _ => return self.stop(at, "this assertion cannot be read", "give it a condition"),
        };
        let message = said(rest).unwrap_or_else(|| format!("assertion failed: {words}"));
        self.hold(cond, CheckForm { message, debug }, at);
        Ok(Val::UNIT)
    }

    fn equal(&mut self, prim: Prim, left: &Expr, right: &Expr, at: Span) -> Read<Value> {
        let (a, b) = if super::expr::is_bare_integer(left) { (right, left) } else { (left, right) };
        let a = self.scalar(a, None)?;
        let want = self.kind_of(a);
        let b = self.scalar(b, want)?;
        let fits = match (self.kind_of(a), self.kind_of(b)) {
            (Some(a), Some(b)) => self.kinds.unify(a, b).is_ok(),
            _ => self.b.ty(a.value) == self.b.ty(b.value),
        };
        if !fits {
            return self.stop(at, "the two sides have different types", "compare values of one type");
        }
        self.at(at);
        if self.b.ty(a.value).elem == Elem::Bool {
            let differs = self.b.call(Prim::Select, &[a.value, self.b.call(Prim::Not, &[b.value]), b.value]);
            return Ok(if prim == Prim::Ne { differs } else { self.b.call(Prim::Not, &[differs]) });
        }
        Ok(self.b.call(prim, &[a.value, b.value]))
    }

    /// `panic!(…)` and its like, where the code comes here.
    pub(super) fn panic(&mut self, mac: &Macro) {
        let never = self.b.bool(false);
        self.hold(never, panic_form(mac), span::of_path(&mac.path));
    }

    /// A branch that ends in `mac` is not taken: `cond` holds.
    pub(super) fn never_otherwise(&mut self, cond: Value, mac: &Macro) {
        self.hold(cond, panic_form(mac), span::of_path(&mac.path));
    }

    /// What is copied must have the length of what it is copied over.
    pub(super) fn same_length_copied(&mut self, len: Value, other: Value, name: &str, at: Span) {
        let cond = self.b.call(Prim::Eq, &[len, other]);
        // Deep inside an expression nobody could look at it.
        let is_seen = !self.scope.is_nested() || self.scope.may_assign(FAILED_PLACE);
        if self.b.bool_lit(cond) != Some(true) && is_seen {
            let message = format!("{name}: source slice length does not match destination slice length");
            self.hold(cond, CheckForm { message, debug: false }, at);
        }
    }

    /// A condition that must hold here.
    pub(super) fn hold(&mut self, cond: Value, form: CheckForm, at: Span) {
        if !self.scope.is_nested() {
            // In the order of the source: those inside what came before are looked at first.
            self.look_at_nested();
            self.assertions.direct.push((cond, form));
            return;
        }
        if !self.scope.may_assign(FAILED_PLACE) {
            self.problems.add(
                at,
                "what may panic is too deep inside an expression here",
                "make it a statement of its own, before this one",
            );
            return;
        }
        self.assertions.nested.push(form);
        let number = i64::try_from(self.assertions.nested.len()).expect("a function has few assertions");
        let Val::One(before) = self.scope.get(FAILED_PLACE).val.clone() else { return };
        let b = self.b;
        let none = b.call(Prim::Eq, &[before.value, b.int(0, IntKind::Usize)]);
        let fails = b.call(Prim::And, &[none, b.call(Prim::Not, &[cond])]);
        let after = b.call(Prim::Select, &[fails, b.int(number, IntKind::Usize), before.value]);
        self.scope.put(FAILED_PLACE, Val::One(after.into()));
    }

    /// Whether nothing has failed so far, for a loop that assigns these variables.
    pub(super) fn nothing_failed(&mut self, places: &[usize]) -> Option<Value> {
        if !places.contains(&FAILED_PLACE) {
            return None;
        }
        let Val::One(failed) = self.scope.get(FAILED_PLACE).val.clone() else { return None };
        Some(self.b.call(Prim::Eq, &[failed.value, self.b.int(0, IntKind::Usize)]))
    }

    /// What must hold at the end: a result of the body each.
    pub(super) fn checked(&mut self) -> Vec<(Value, CheckForm)> {
        self.look_at_nested();
        let mut all = std::mem::take(&mut self.assertions.direct);
        all.retain(|(cond, _)| self.b.bool_lit(*cond) != Some(true));
        all
    }
}

impl Reader<'_> {
    /// Looks at the nested assertions that have not been looked at.
    fn look_at_nested(&mut self) {
        let Val::One(failed) = self.scope.get(FAILED_PLACE).val.clone() else { return };
        let Assertions { direct, looked_at, nested } = &mut self.assertions;
        for (k, form) in nested.iter().enumerate().skip(*looked_at) {
            let number = i64::try_from(k + 1).expect("a function has few assertions");
            let cond = self.b.call(Prim::Ne, &[failed.value, self.b.int(number, IntKind::Usize)]);
            direct.push((cond, form.clone()));
        }
        *looked_at = nested.len();
    }
}

fn panic_form(mac: &Macro) -> CheckForm {
    let name = mac.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
    let usual = match name.as_str() {
        "unreachable" => "internal error: entered unreachable code",
        "todo" => "not yet implemented",
        "unimplemented" => "not implemented",
        _ => "explicit panic",
    };
    let args = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone());
    let args = args.map(|args| args.into_iter().collect::<Vec<_>>()).unwrap_or_default();
    let message = said(&args.iter().collect::<Vec<_>>()).unwrap_or_else(|| match args.is_empty() {
        true => usual.to_string(),
        false => text::tokens(&mac.tokens),
    });
    CheckForm { message, debug: false }
}

/// The message of an assertion, where it is a text without values in it.
fn said(args: &[&Expr]) -> Option<String> {
    match args {
        [Expr::Lit(lit)] => match &lit.lit {
            Lit::Str(s) if !s.value().contains(['{', '}']) => Some(s.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The first arguments of a macro, as written.
fn words_of(mac: &Macro, n: usize) -> String {
    let parts: Vec<String> = split_at_commas(mac.tokens.clone()).iter().take(n).map(text::tokens).collect();
    parts.join(", ")
}

fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match &token {
            proc_macro2::TokenTree::Punct(p) if p.as_char() == ',' => parts.push(TokenStream::new()),
            _ => parts.last_mut().expect("there is a first part").extend([token]),
        }
    }
    parts
}

/// The origin of a macro's name.
pub(super) fn place_of(mac: &Macro) -> Span {
    span::of_path(&mac.path)
}
