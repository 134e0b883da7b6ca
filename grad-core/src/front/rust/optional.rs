//! An `Option` that is looked at where it is made: `if let Some(x) = xs.first()` is `if !xs.is_empty()` with `x = &xs[0]`.
//!
//! There are no values of such a type. What makes an `Option` is read as two expressions, whether there is something and
//! what it is, and what takes it apart as the choice between the two.

use proc_macro2::Span;
use syn::{Expr, ExprClosure, ExprIf, ExprMatch, ExprMethodCall, Pat, Path, Stmt, parse_quote_spanned};

use super::scope::Val;
use super::sequence::is_chain;
use super::{Read, Reader, carry, choice, span};

/// What an expression that makes an `Option` comes to.
struct Maybe {
    /// Whether there is something.
    some: Expr,
    /// What it is; nothing where there never is something.
    value: Option<Expr>,
}

/// `unwrap` of what is known to be there.
pub(super) const THERE: &str = "__there";

/// The two sides of an expression that makes an `Option`; `None` for any other.
fn maybe(e: &Expr) -> Option<Maybe> {
    match e {
        Expr::Paren(p) => maybe(&p.expr),
        Expr::Group(g) => maybe(&g.expr),
        Expr::MethodCall(call) => maybe_of(call),
        Expr::Call(call) => match (&*call.func, call.args.first()) {
            (Expr::Path(path), Some(value)) if ends_in(&path.path, "Some") && call.args.len() == 1 => {
                let at = span::of_path(&path.path);
                Some(Maybe { some: parse_quote_spanned!(at=> true), value: Some(value.clone()) })
            }
            _ => None,
        },
        Expr::Path(path) if ends_in(&path.path, "None") => {
            let at = span::of_path(&path.path);
            Some(Maybe { some: parse_quote_spanned!(at=> false), value: None })
        }
        Expr::If(choice) if choice::pattern_in(&choice.cond).is_none() => {
            let (_, otherwise) = choice.else_branch.as_ref()?;
            let then = maybe_block(&choice.then_branch)?;
            let otherwise = maybe(otherwise)?;
            let at = choice.if_token.span;
            let cond = &choice.cond;
            let (a, b) = (&then.some, &otherwise.some);
            let (some, value) = match (then.value, otherwise.value) {
                (None, None) => return None,
                (Some(x), None) => (parse_quote_spanned!(at=> (#cond) && (#a)), x),
                (None, Some(y)) => (parse_quote_spanned!(at=> !(#cond) && (#b)), y),
                (Some(x), Some(y)) => (
                    parse_quote_spanned!(at=> if #cond { #a } else { #b }),
                    parse_quote_spanned!(at=> if #cond { #x } else { #y }),
                ),
            };
            Some(Maybe { some, value: Some(value) })
        }
        Expr::Block(block) if block.label.is_none() => maybe_block(&block.block),
        _ => None,
    }
}

/// Of a block, what its last expression makes.
fn maybe_block(block: &syn::Block) -> Option<Maybe> {
    let (last, before) = block.stmts.split_last()?;
    let Stmt::Expr(last, None) = last else { return None };
    let Maybe { some, value } = maybe(last)?;
    if before.is_empty() {
        return Some(Maybe { some, value });
    }
    let at = block.brace_token.span.open();
    Some(Maybe {
        some: parse_quote_spanned!(at=> { #(#before)* #some }),
        value: value.map(|value| parse_quote_spanned!(at=> { #(#before)* #value })),
    })
}

fn maybe_of(call: &ExprMethodCall) -> Option<Maybe> {
    let at = call.method.span();
    let of = &call.receiver;
    let args: Vec<&Expr> = call.args.iter().collect();
    let name = call.method.to_string();
    let some: Expr = match (name.as_str(), args.as_slice()) {
        ("next" | "last" | "max" | "min" | "reduce" | "max_by" | "min_by", _) if is_chain(of) => {
            parse_quote_spanned!(at=> #of.count() != 0)
        }
        ("position" | "find", [f]) if is_chain(of) => parse_quote_spanned!(at=> #of.any(#f)),
        ("first" | "last" | "split_first" | "split_last", []) => parse_quote_spanned!(at=> !#of.is_empty()),
        ("first_chunk" | "last_chunk", []) => {
            let n = super::find::turbofish_length(call)?;
            parse_quote_spanned!(at=> #of.len() >= #n)
        }
        ("get", [Expr::Range(range)]) => {
            let closed = matches!(range.limits, syn::RangeLimits::Closed(_));
            let hi: Expr = match &range.end {
                Some(hi) if closed => parse_quote_spanned!(at=> (#hi) < #of.len()),
                Some(hi) => parse_quote_spanned!(at=> (#hi) <= #of.len()),
                None => parse_quote_spanned!(at=> true),
            };
            match (&range.start, &range.end) {
                (Some(lo), None) => parse_quote_spanned!(at=> (#lo) <= #of.len()),
                (Some(lo), Some(end)) if closed => parse_quote_spanned!(at=> (#lo) <= (#end) + 1 && #hi),
                (Some(lo), Some(end)) => parse_quote_spanned!(at=> (#lo) <= (#end) && #hi),
                (None, _) => hi,
            }
        }
        ("get", [k]) => parse_quote_spanned!(at=> (#k) < #of.len()),
        ("copied" | "cloned" | "as_ref" | "as_deref", []) => return maybe(of),
        ("map", [f]) => {
            let Maybe { some, value } = maybe(of)?;
            return Some(Maybe { some, value: Some(applied(f, &value?)?) });
        }
        ("filter", [f]) => {
            let Maybe { some, value } = maybe(of)?;
            let test = applied(f, value.as_ref()?)?;
            return Some(Maybe { some: parse_quote_spanned!(at=> (#some) && (#test)), value });
        }
        ("then", [Expr::Closure(f)]) if f.inputs.is_empty() => {
            return Some(Maybe { some: Expr::clone(of), value: Some(Expr::clone(&f.body)) });
        }
        ("then_some", [value]) => return Some(Maybe { some: Expr::clone(of), value: Some(Expr::clone(value)) }),
        _ => return None,
    };
    // What is asked for before needs no assertion.
    let there = syn::Ident::new(THERE, at);
    Some(Maybe { some, value: Some(parse_quote_spanned!(at=> #call.#there())) })
}

/// A function of one argument applied to a value, as an expression; `None` for what is no closure and no name.
fn applied(f: &Expr, value: &Expr) -> Option<Expr> {
    match f {
        Expr::Closure(ExprClosure { inputs, body, .. }) if inputs.len() == 1 => {
            let (at, pat) = (span::of_expr(f), &inputs[0]);
            Some(parse_quote_spanned!(at=> { let #pat = #value; #body }))
        }
        Expr::Path(path) => {
            let at = span::of_path(&path.path);
            Some(parse_quote_spanned!(at=> #path(#value)))
        }
        _ => None,
    }
}

fn ends_in(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|s| s.ident == name)
}

/// What a pattern of an `Option` asks for.
enum Asked<'p> {
    /// `Some(p)`
    Some(&'p Pat),
    /// `None`
    None,
}

fn asked(pat: &Pat) -> Option<Asked<'_>> {
    match pat {
        Pat::Paren(p) => asked(&p.pat),
        Pat::TupleStruct(p) if ends_in(&p.path, "Some") && p.elems.len() == 1 => Some(Asked::Some(&p.elems[0])),
        Pat::Ident(p) if p.ident == "None" && p.subpat.is_none() => Some(Asked::None),
        Pat::Path(p) if ends_in(&p.path, "None") => Some(Asked::None),
        _ => None,
    }
}

/// Whether a pattern matches whatever it is given, as far as one can see.
fn always_matches(pat: &Pat) -> bool {
    match pat {
        Pat::Wild(_) => true,
        Pat::Ident(p) => p.subpat.is_none() && !p.ident.to_string().starts_with(char::is_uppercase),
        Pat::Paren(p) => always_matches(&p.pat),
        Pat::Reference(p) => always_matches(&p.pat),
        Pat::Type(p) => always_matches(&p.pat),
        Pat::Tuple(p) => p.elems.iter().all(|p| matches!(p, Pat::Rest(_)) || always_matches(p)),
        _ => false,
    }
}

/// When `Some(pat)` matches.
fn some_matches(at: Span, maybe: &Maybe, pat: &Pat) -> Expr {
    let some = &maybe.some;
    match &maybe.value {
        Some(value) if !always_matches(pat) => {
            parse_quote_spanned!(at=> (#some) && match #value { #pat => true, _ => false })
        }
        _ => some.clone(),
    }
}

/// Whether a statement is a `let … else`.
fn may_diverge(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Local(local) if local.init.as_ref().is_some_and(|init| init.diverge.is_some()))
}

impl Reader<'_> {
    /// The two sides of what makes an `Option`, where it can be read more than once.
    fn maybe(&mut self, e: &Expr) -> Option<Maybe> {
        self.scope.places(&carry::assigned_in(e)).is_empty().then(|| maybe(e)).flatten()
    }

    /// `if let` as an `if` or a `match`; `None` where it asks for an `Option` that nothing is known of.
    pub(super) fn without_pattern(&mut self, choice: &ExprIf) -> Option<Expr> {
        let Expr::Let(asks) = &*choice.cond else { return None };
        let at = choice.if_token.span;
        let (pat, then) = (&*asks.pat, &choice.then_branch);
        let otherwise: Expr = match &choice.else_branch {
            Some((_, e)) => Expr::clone(e),
            None => parse_quote_spanned!(at=> {}),
        };
        Some(match asked(pat) {
            Some(asked) => self.either(at, &asks.expr, &asked, &parse_quote_spanned!(at=> #then), &otherwise)?,
            None if makes_an_enum(pat) => return None,
            None => {
                let of = &asks.expr;
                parse_quote_spanned!(at=> match #of { #pat => #then, _ => #otherwise })
            }
        })
    }

    /// A `match` of an `Option` as an `if`; `None` for any other.
    pub(super) fn without_option(&mut self, choice: &ExprMatch) -> Option<Expr> {
        let [first, second] = choice.arms.as_slice() else { return None };
        let asked = asked(&first.pat)?;
        let last = match (&asked, self::asked(&second.pat)) {
            (Asked::Some(pat), Some(Asked::None)) => always_matches(pat),
            (Asked::None, Some(Asked::Some(pat))) if always_matches(pat) => {
                let last = Asked::Some(pat);
                return self.either(choice.match_token.span, &choice.expr, &last, &second.body, &first.body);
            }
            _ => matches!(second.pat, Pat::Wild(_)),
        };
        if !last {
            return None;
        }
        self.either(choice.match_token.span, &choice.expr, &asked, &first.body, &second.body)
    }

    /// `then` where an `Option` is what is asked for, else `otherwise`.
    fn either(&mut self, at: Span, of: &Expr, asked: &Asked<'_>, then: &Expr, otherwise: &Expr) -> Option<Expr> {
        let maybe = self.maybe(of)?;
        let arm = |e: &Expr| -> syn::Block {
            match e {
                Expr::Block(block) if block.label.is_none() && block.attrs.is_empty() => block.block.clone(),
                e => parse_quote_spanned!(at=> { #e }),
            }
        };
        let (then, otherwise) = (arm(then), arm(otherwise));
        let some = &maybe.some;
        Some(match (asked, &maybe.value) {
            (Asked::None, _) => parse_quote_spanned!(at=> if !(#some) #then else #otherwise),
            (Asked::Some(_), None) => parse_quote_spanned!(at=> #otherwise),
            (Asked::Some(pat), Some(value)) => {
                let cond = some_matches(at, &maybe, pat);
                let inside = &then.stmts;
                parse_quote_spanned!(at=> if #cond { let #pat = #value; #(#inside)* } else #otherwise)
            }
        })
    }

    /// Statements with each `let … else` of an `Option` as an `if` that leaves and a `let`; `None` where there is none.
    pub(super) fn without_let_else(&mut self, stmts: &[Stmt]) -> Option<Vec<Stmt>> {
        if !stmts.iter().any(may_diverge) {
            return None;
        }
        let mut plain = Vec::new();
        let mut changed = false;
        for stmt in stmts {
            match stmt {
                Stmt::Local(local) if may_diverge(stmt) => match self.let_and_leave(local) {
                    Some([leave, take]) => {
                        plain.extend([leave, take]);
                        changed = true;
                    }
                    None => plain.push(stmt.clone()),
                },
                stmt => plain.push(stmt.clone()),
            }
        }
        changed.then_some(plain)
    }

    fn let_and_leave(&mut self, local: &syn::Local) -> Option<[Stmt; 2]> {
        let at = local.let_token.span;
        let init = local.init.as_ref()?;
        let (_, leave) = init.diverge.as_ref()?;
        let of = &init.expr;
        let (cond, pat, value): (Expr, &Pat, Expr) = match asked(&local.pat) {
            Some(Asked::Some(pat)) => {
                let maybe = self.maybe(of)?;
                (some_matches(at, &maybe, pat), pat, maybe.value?)
            }
            Some(Asked::None) => return None,
            None if makes_an_enum(&local.pat) => return None,
            None => {
                let pat = &local.pat;
                (parse_quote_spanned!(at=> match #of { #pat => true, _ => false }), pat, Expr::clone(of))
            }
        };
        Some([parse_quote_spanned!(at=> if !(#cond) #leave), parse_quote_spanned!(at=> let #pat = #value;)])
    }

    /// A method of an `Option`; `None` for any other.
    pub(super) fn option_method(&mut self, call: &ExprMethodCall) -> Option<Read<Val>> {
        let at = call.method.span();
        let args: Vec<&Expr> = call.args.iter().collect();
        let name = call.method.to_string();
        if !matches!(
            name.as_str(),
            "is_some"
                | "is_none"
                | "is_some_and"
                | "unwrap"
                | "expect"
                | "unwrap_or"
                | "unwrap_or_else"
                | "unwrap_or_default"
                | "map_or"
                | "map_or_else"
        ) {
            return None;
        }
        let maybe = self.maybe(&call.receiver)?;
        let some = &maybe.some;
        let value = maybe.value.as_ref()?;
        let whole: Expr = match (name.as_str(), args.as_slice()) {
            ("is_some", []) => some.clone(),
            ("is_none", []) => parse_quote_spanned!(at=> !(#some)),
            ("is_some_and", [f]) => {
                let test = applied(f, value)?;
                parse_quote_spanned!(at=> (#some) && (#test))
            }
            ("unwrap" | "expect", _) => {
                // What unwraps itself says so by its indices.
                if matches!(value, Expr::MethodCall(inner) if inner.method == THERE && *inner.receiver == *call.receiver)
                {
                    return None;
                }
                return Some(self.held(some, value, at));
            }
            ("unwrap_or", [instead]) => parse_quote_spanned!(at=> if #some { #value } else { #instead }),
            ("unwrap_or_default", []) => parse_quote_spanned!(at=> if #some { #value } else { 0.0 }),
            ("unwrap_or_else", [Expr::Closure(f)]) if f.inputs.is_empty() => {
                let instead = &f.body;
                parse_quote_spanned!(at=> if #some { #value } else { #instead })
            }
            ("map_or", [instead, f]) => {
                let value = applied(f, value)?;
                parse_quote_spanned!(at=> if #some { #value } else { #instead })
            }
            ("map_or_else", [Expr::Closure(d), f]) if d.inputs.is_empty() => {
                let (instead, value) = (&d.body, applied(f, value)?);
                parse_quote_spanned!(at=> if #some { #value } else { #instead })
            }
            _ => return None,
        };
        Some(self.expr(&whole, None))
    }

    /// A value that there must be.
    fn held(&mut self, some: &Expr, value: &Expr, at: Span) -> Read<Val> {
        let some = self.condition(some)?;
        self.hold(some, super::find::nothing_there(), at);
        self.expr(value, None)
    }

    /// `filter_map` as its two halves: a closure that tests and one that makes; `None` where it cannot be told.
    pub(super) fn test_and_make(&mut self, f: &Expr) -> Option<[Expr; 2]> {
        let Expr::Closure(closure) = f else { return None };
        let Maybe { some, value } = self.maybe(&closure.body)?;
        Some([some, value?].map(|body| {
            let mut closure = closure.clone();
            closure.output = syn::ReturnType::Default;
            *closure.body = body;
            Expr::Closure(closure)
        }))
    }
}

/// Whether a pattern names a variant of an enum.
fn makes_an_enum(pat: &Pat) -> bool {
    matches!(pat, Pat::TupleStruct(p) if ["Some", "None", "Ok", "Err"].iter().any(|name| ends_in(&p.path, name)))
}
