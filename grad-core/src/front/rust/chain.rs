//! What ends an iterator chain, as an expression: the loop that one would write out.

use std::cell::RefCell;

use proc_macro2::Span;
use syn::{BinOp, Expr, ExprMethodCall, GenericArgument, Token};

use super::expr::is_bare_integer;
use super::find::FINDING;
use super::kind::Kind;
use super::optional::THERE;
use super::scope::{Item, Val};
use super::sequence::{Position, Sequence, is_chain};
use super::signature::{Scalar, scalar};
use super::{Read, Reader, Stop, carry};
use crate::diagnostic::did_you_mean;
use crate::ir::Value;
use crate::prim::Prim;

/// A loop's running value, under a name that no user can write.
pub(super) struct Running {
    name: String,
    /// The variables that the loop assigns.
    names: Vec<String>,
}

impl Reader<'_> {
    /// The value of a chain's last method; `None` where this is none.
    pub(super) fn consumed(&mut self, call: &ExprMethodCall, want: Option<Kind>) -> Option<Read<Val>> {
        let wish = self.wish.take();
        let at = call.method.span();
        let name = call.method.to_string();
        let args: Vec<&Expr> = call.args.iter().collect();
        if let ("unwrap" | "expect" | "unwrap_or" | THERE, Expr::MethodCall(inner)) = (name.as_str(), &*call.receiver)
            && FINDING.contains(&&*inner.method.to_string())
            && is_chain(&inner.receiver)
        {
            let instead = args.first().copied().filter(|_| name == "unwrap_or");
            let asserted = name != THERE;
            return Some(self.optional(inner, instead, asserted, want, wish));
        }
        let chained = Expr::MethodCall(call.clone());
        if !is_chain(&call.receiver) && !is_chain(&chained) {
            return None;
        }
        // The closures of the chain may assign variables.
        let names = carry::assigned_in(&Expr::MethodCall(call.clone()));
        let done = match (name.as_str(), args.as_slice()) {
            ("sum" | "product", []) => self.totalled(call, &names, want, wish),
            ("fold", [init, f]) => self.folded(call, init, f, names, want, wish),
            ("count", []) => self.counted_items(call, &names, wish),
            ("all" | "any", [f]) => self.judged(call, f, names, wish),
            ("for_each", [f]) => {
                let mut done = || {
                    let sequence = self.sequence(&call.receiver)?;
                    let f = self.callee(f)?;
                    self.over(&sequence, at, &names, &mut |r, item| r.apply(&f, at, vec![item]).map(|_| ()))
                };
                done().map(|()| Val::UNIT)
            }
            ("collect", []) => self.sequence(&call.receiver).and_then(|s| self.gathered(&s, at)),
            ("unzip", []) => self.sequence(&call.receiver).and_then(|s| self.gathered(&s, at)),
            ("contains", [x]) if as_range(&call.receiver).is_some() => self.within(&call.receiver, x, at),
            ("len", []) => self.sequence(&call.receiver).map(|s| Val::One(self.length(&s).into())),
            (finding, _) if FINDING.contains(&finding) => self.stop(
                at,
                format!("the `Option` that `{name}` gives is not supported"),
                "take it apart here: `.unwrap()`, `.unwrap_or(…)` or `if let Some(…) = …`",
            ),
            _ if is_chain(&chained) => self.stop(
                at,
                "an iterator is not a value here",
                "write the chain where it is used, and end it with `sum`, `fold`, `collect` or a `for` loop",
            ),
            _ => {
                let help = match did_you_mean(&name, super::sequence::METHODS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "end the chain with `sum`, `product`, `fold`, `count`, `all`, `any` or `collect`, or write a `for` loop"
                        .to_string(),
                };
                self.stop(at, format!("the iterator method `{name}` is not supported"), help)
            }
        };
        Some(done)
    }

    /// Declares a running value.
    pub(super) fn running(&mut self, name: &str, init: Val, names: &[String]) -> Running {
        self.hidden += 1;
        let name = format!("{name} {}", self.hidden);
        self.name(&init, &name);
        self.scope.declare(&name, init);
        let names = std::iter::once(name.clone()).chain(names.iter().cloned()).collect();
        Running { name, names }
    }

    /// Runs over a sequence; `step` makes the next running value of the one before and an item.
    pub(super) fn accumulate(
        &mut self,
        sequence: &Sequence,
        at: Span,
        running: &Running,
        step: &mut dyn FnMut(&mut Self, Val, Val) -> Read<Val>,
    ) -> Read<Val> {
        let depth = self.scope.depth() - 1;
        let done = self.over(sequence, at, &running.names, &mut |r, item| {
            let Some(k) = r.scope.find(&running.name) else { return Err(Stop) };
            let before = r.scope.get(k).val.clone();
            let after = step(r, before.clone(), item)?;
            let after = r.loaded(after)?;
            let after = r.solid(after);
            if !r.agree(&before, &after) {
                return r.stop(
                    at,
                    "what is accumulated changes its type",
                    "give the first value the type of the others",
                );
            }
            let pairs = before.leaves().into_iter().flatten().zip(after.leaves().into_iter().flatten());
            if !pairs.into_iter().all(|(a, b)| r.same_lengths(a.value, b.value)) {
                return r.stop(
                    at,
                    "what is accumulated may change its length",
                    "give it its final length and assign its elements",
                );
            }
            r.name(&after, &running.name);
            r.scope.put(k, after);
            Ok(())
        });
        let val = self.scope.get(depth).val.clone();
        self.scope.leave(depth);
        done?;
        if matches!(val, Val::Poison) { Err(Stop) } else { Ok(val) }
    }

    /// `sum` and `product`.
    fn totalled(
        &mut self,
        call: &ExprMethodCall,
        names: &[String],
        want: Option<Kind>,
        wish: Option<String>,
    ) -> Read<Val> {
        let at = call.method.span();
        let sum = call.method == "sum";
        let sequence = self.sequence(&call.receiver)?;
        let kind = match turbofish(call).and_then(scalar) {
            Some(Scalar::Int(kind)) => Some(Kind::Known(kind)),
            Some(Scalar::Float(float)) => {
                self.same_float(at, float)?;
                None
            }
            Some(Scalar::Bool) | None => want,
        };
        let init = match kind {
            Some(kind) => self.int_literal(i64::from(!sum), Some(kind)),
            None => self.b.float(if sum { 0.0 } else { 1.0 }).into(),
        };
        let name = wish.unwrap_or_else(|| call.method.to_string());
        let running = self.running(&name, Val::One(init), names);
        let op = if sum { BinOp::Add(Token![+](at)) } else { BinOp::Mul(Token![*](at)) };
        self.accumulate(&sequence, at, &running, &mut |r, before, item| {
            let item = r.loaded(item)?;
            match (before, r.solid(item)) {
                (Val::One(before), Val::One(item)) => r.arithmetic(before, &op, at, item).map(Val::One),
                _ => r.stop(at, "only numbers can be added up", "`map` each item to a number first"),
            }
        })
    }

    fn folded(
        &mut self,
        call: &ExprMethodCall,
        init: &Expr,
        f: &Expr,
        names: Vec<String>,
        want: Option<Kind>,
        wish: Option<String>,
    ) -> Read<Val> {
        let at = call.method.span();
        let sequence = self.sequence(&call.receiver);
        let init = self.value(init, want);
        let f = self.callee(f);
        let (sequence, init, f) = (sequence?, init?, f?);
        let name = wish.or_else(|| f.param_name(0)).unwrap_or_else(|| call.method.to_string());
        let init = self.solid(init);
        let running = self.running(&name, init, &names);
        self.accumulate(&sequence, at, &running, &mut |r, before, item| r.apply(&f, at, vec![before, item]))
    }

    fn counted_items(&mut self, call: &ExprMethodCall, names: &[String], wish: Option<String>) -> Read<Val> {
        let at = call.method.span();
        let sequence = self.sequence(&call.receiver)?;
        if !sequence.filters() && !sequence.assigns() {
            return Ok(Val::One(self.length(&sequence).into()));
        }
        let zero = Val::One(self.b.index_lit(0).into());
        let running = self.running(wish.as_deref().unwrap_or("count"), zero, names);
        self.accumulate(&sequence, at, &running, &mut |r, before, _| match before {
            Val::One(n) => Ok(Val::One(r.b.call(Prim::Add, &[n.value, r.b.index_lit(1)]).into())),
            _ => Err(Stop),
        })
    }

    /// `all` and `any`: what decides is not asked again.
    fn judged(&mut self, call: &ExprMethodCall, f: &Expr, names: Vec<String>, wish: Option<String>) -> Read<Val> {
        let at = call.method.span();
        let all = call.method == "all";
        let sequence = self.sequence(&call.receiver);
        let f = self.callee(f);
        let (sequence, f) = (sequence?, f?);
        let init = Val::One(self.b.bool(all).into());
        let running = self.running(wish.as_deref().unwrap_or(if all { "all" } else { "any" }), init, &names);
        self.accumulate(&sequence, at, &running, &mut |r, before, item| {
            let Val::One(known) = before else { return Err(Stop) };
            let ask = |r: &mut Self| {
                let val = r.apply(&f, at, vec![item.clone()])?;
                r.truth(val, at).map(|v| Val::One(v.into()))
            };
            let keep = |r: &mut Self| Ok(Val::One(r.b.bool(!all).into()));
            if all {
                r.two_arms(at, Ok(known.value), &names, ask, keep)
            } else {
                r.two_arms(at, Ok(known.value), &names, keep, ask)
            }
        })
    }

    /// `(lo..hi).contains(&x)`
    fn within(&mut self, range: &Expr, x: &Expr, at: Span) -> Read<Val> {
        let Some(range) = as_range(range) else { return Err(Stop) };
        let want = match [&range.start, &range.end].into_iter().flatten().find(|end| !is_bare_integer(end)) {
            Some(end) => self.scalar(end, None).ok().and_then(|end| self.kind_of(end)),
            None => None,
        };
        let val = self.value(x, want)?;
        let inside = self.in_range(&val, range.start.as_deref(), range.end.as_deref(), &range.limits, at)?;
        Ok(Val::One(inside.unwrap_or_else(|| self.b.bool(true)).into()))
    }

    /// `collect`: an array of as many items.
    fn gathered(&mut self, sequence: &Sequence, at: Span) -> Read<Val> {
        if sequence.filters() {
            return self.stop(
                at,
                "how many items a `filter` leaves is not known here",
                "sum or fold them at once, or keep all and give the others no weight",
            );
        }
        let n = self.length(sequence);
        self.tabulated(n, at, &mut |r, k| r.item_at(sequence, Position::Count(k)))
    }

    /// `[f(k) for k in 0..n]`; of tuples: a tuple of arrays is not what Rust makes, and is refused.
    pub(super) fn tabulated(
        &mut self,
        n: Value,
        at: Span,
        f: &mut dyn FnMut(&mut Self, Value) -> Read<Val>,
    ) -> Read<Val> {
        self.room(at)?;
        self.at(at);
        let b = self.b;
        let reader = RefCell::new(self);
        let mut kind = None;
        let built = b.try_build(&[n], |k| {
            let mut this = reader.borrow_mut();
            this.scope.open(&[]);
            let element = f(&mut this, k[0]).and_then(|val| this.loaded(val)).and_then(|val| match this.solid(val) {
                Val::One(item) => Ok(item),
                Val::Tuple(_) => {
                    this.stop(at, "an array of tuples is not supported", "collect each part into an array of its own")
                }
                Val::View(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => {
                    this.stop(at, "these items cannot be collected", "collect numbers, or arrays of one length")
                }
            });
            this.scope.close();
            let item = element?;
            kind = item.kind;
            let regular = (0..b.ty(item.value).rank()).all(|axis| this.is_fixed(b.len(item.value, axis)));
            if regular {
                return Ok(item.value);
            }
            this.stop(at, "the rows of an array have one length", "give the length a name before: `let m = …;`")
        })?;
        Ok(Val::One(Item { value: built, kind }))
    }

    /// Methods of arrays; `None` for any other.
    pub(super) fn array_method(
        &mut self,
        whole: &Val,
        name: &str,
        at: Span,
        call: &ExprMethodCall,
    ) -> Option<Read<Val>> {
        let len = self.extent(whole)?;
        let args: Vec<&Expr> = call.args.iter().collect();
        self.at(at);
        Some(match (name, args.as_slice()) {
            ("len", []) => Ok(Val::One(len.into())),
            ("is_empty", []) => {
                let zero = self.b.index_lit(0);
                Ok(Val::One(self.b.call(Prim::Eq, &[len, zero]).into()))
            }
            ("clone" | "to_owned" | "to_vec" | "into_vec", []) => Ok(self.solid(whole.clone())),
            ("as_slice" | "as_ref" | "each_ref" | "borrow", []) => Ok(whole.clone()),
            ("split_at", [mid]) => self.split_at(whole, len, mid, at),
            ("map", [f]) => self.callee(f).and_then(|f| {
                let whole = whole.clone();
                self.tabulated(len, at, &mut |r, k| {
                    let item = r.element(&whole, k).map_or(Val::Poison, Val::One);
                    r.apply(&f, at, vec![item])
                })
            }),
            ("concat", []) | ("first" | "last" | "get" | "first_chunk" | "last_chunk" | "as_chunks", _) => self.stop(
                at,
                format!("`{name}` of an array is not supported here"),
                "index it: `x[0]`, `x[x.len() - 1]`, `&x[a..b]`",
            ),
            _ => return None,
        })
    }

    fn split_at(&mut self, whole: &Val, len: Value, mid: &Expr, at: Span) -> Read<Val> {
        let mid = self.index(mid)?;
        let zero = self.b.index_lit(0);
        let first = self.part(whole, zero, mid, at)?;
        let rest = self.difference(len, mid);
        let second = self.part(whole, mid, rest, at)?;
        Ok(Val::tuple(vec![first, second]))
    }
}

fn as_range(e: &Expr) -> Option<&syn::ExprRange> {
    match e {
        Expr::Paren(p) => as_range(&p.expr),
        Expr::Range(range) => Some(range),
        _ => None,
    }
}

/// The type in `sum::<f64>()`.
fn turbofish(call: &ExprMethodCall) -> Option<&syn::Type> {
    match call.turbofish.as_ref()?.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// A length among type arguments, where a name looks like a type.
pub(super) fn length_of(arg: &GenericArgument) -> Option<Expr> {
    match arg {
        GenericArgument::Const(e) => Some(e.clone()),
        GenericArgument::Type(syn::Type::Path(path)) => {
            Some(Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: path.path.clone() }))
        }
        _ => None,
    }
}
