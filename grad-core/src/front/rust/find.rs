//! What picks one item: of a chain `reduce`, `max_by`, `position` and their like, of an array its ends.

use std::rc::Rc;

use syn::{Expr, ExprMethodCall};

use super::callee::Callee;
use super::chain::length_of;
use super::kind::Kind;
use super::optional::THERE;
use super::scope::{Item, Val};
use super::sequence::{Position, Sequence};
use super::{Read, Reader, Stop, carry};
use crate::emit::CheckForm;
use crate::ir::{Elem, IntKind, Op, Type, Value};
use crate::prim::Prim;

/// The last methods of a chain that give an `Option`.
pub(super) const FINDING: [&str; 9] = ["reduce", "max", "min", "last", "next", "max_by", "min_by", "position", "find"];

impl Reader<'_> {
    /// `reduce(f).unwrap()`, `max().unwrap()`, `last().unwrap()`, or with `unwrap_or(instead)`.
    pub(super) fn optional(
        &mut self,
        call: &ExprMethodCall,
        instead: Option<&Expr>,
        asserted: bool,
        want: Option<Kind>,
        wish: Option<String>,
    ) -> Read<Val> {
        let at = call.method.span();
        let name = call.method.to_string();
        let names = carry::assigned_in(&Expr::MethodCall(call.clone()));
        let sequence = self.sequence(&call.receiver)?;
        let f = match call.args.first() {
            Some(f) => Some(self.callee(f)?),
            None => None,
        };
        let sequence = self.without_effects(sequence, at)?;
        if sequence.filters() {
            return self.stop(
                at,
                "whether a `filter` leaves an item is not known here",
                "use `fold` with a first value",
            );
        }
        if let ("position" | "find", Some(f)) = (name.as_str(), &f) {
            return self.found(&sequence, f, call, &names, instead, asserted, want);
        }
        let n = self.length(&sequence);
        let zero = self.b.index_lit(0);
        let one = self.b.index_lit(1);
        if instead.is_none() && asserted && sequence.range().is_some() {
            // An array would panic for its index.
            let some = self.b.call(Prim::Gt, &[n, zero]);
            self.hold(some, nothing_there(), at);
        }
        let work = |r: &mut Self| -> Read<Val> {
            let place = match name.as_str() {
                "last" => r.b.call(Prim::Sub, &[n, one]),
                _ => zero,
            };
            let first = r.item_at(&sequence, Position::Count(place))?;
            let first = r.loaded(first)?;
            if matches!(name.as_str(), "last" | "next") {
                return Ok(first);
            }
            let first = r.solid(first);
            let wish = wish.clone().or_else(|| f.as_ref().and_then(|f| f.param_name(0)));
            let running = r.running(wish.as_deref().unwrap_or(&name), first, &names);
            let rest = Sequence::Skip(Box::new(sequence.clone()), one);
            r.accumulate(&rest, at, &running, &mut |r, before, item| {
                let item = r.loaded(item)?;
                match (&f, name.as_str()) {
                    (Some(f), "max_by" | "min_by") => {
                        // The last of the largest, the first of the smallest.
                        let order = r.apply(f, at, vec![before.clone(), item.clone()])?;
                        let Val::One(order) = r.loaded(order)? else { return Err(Stop) };
                        if r.b.ty(order.value) != Type::scalar(Elem::Int(IntKind::I8)) {
                            let help = "compare with `total_cmp`, `partial_cmp` or `cmp`";
                            return r.stop(at, "an `Ordering` is expected of this function", help);
                        }
                        let greater = r.is_greater(order.value);
                        let [before, item] = [before, item].map(|val| move |_: &mut Self| Ok(val));
                        return if name == "max_by" {
                            r.two_arms(at, Ok(greater), &[], before, item)
                        } else {
                            r.two_arms(at, Ok(greater), &[], item, before)
                        };
                    }
                    (Some(f), _) => return r.apply(f, at, vec![before, item]),
                    (None, _) => {}
                }
                match (before, item) {
                    (Val::One(a), Val::One(b)) if matches!(r.b.ty(b.value).elem, Elem::Int(_)) => {
                        let prim = if name == "max" { Prim::Max } else { Prim::Min };
                        Ok(Val::One(Item { value: r.b.call(prim, &[a.value, b.value]), kind: a.kind }))
                    }
                    _ => r.stop(
                        at,
                        format!("`{name}` of an iterator compares integers"),
                        "use `fold(f64::NEG_INFINITY, f64::max)` for floats",
                    ),
                }
            })
        };
        match instead {
            None => work(self),
            Some(e) => {
                let some = self.b.call(Prim::Gt, &[n, zero]);
                self.two_arms(at, Ok(some), &names, work, |r| r.value(e, want))
            }
        }
    }

    /// Whether an ordering is `Greater`: what was compared to make it is asked directly.
    fn is_greater(&self, order: Value) -> Value {
        let b = self.b;
        let arm = |v: Value, k: usize| match b.op(v) {
            Op::Call(Prim::Select, args) => Some(b.sibling(v, args[k])),
            _ => None,
        };
        let made = || {
            let rest = arm(order, 2)?;
            let literals = [arm(order, 1)?, arm(rest, 1)?, arm(rest, 2)?].map(|v| b.int_lit(v));
            arm(rest, 0).filter(|_| literals == [Some(-1), Some(1), Some(0)])
        };
        made().unwrap_or_else(|| b.call(Prim::Gt, &[order, b.int(0, IntKind::I8)]))
    }

    /// `position(f)` and `find(f)`: a loop that looks no further once it has found one.
    #[expect(clippy::too_many_arguments, reason = "all of one call")]
    fn found(
        &mut self,
        sequence: &Sequence,
        f: &Rc<Callee>,
        call: &ExprMethodCall,
        names: &[String],
        instead: Option<&Expr>,
        asserted: bool,
        want: Option<Kind>,
    ) -> Read<Val> {
        let at = call.method.span();
        let none = Val::tuple(vec![Val::One(self.b.bool(false).into()), Val::One(self.b.index_lit(0).into())]);
        let running = self.running("found", none, names);
        let found = self.accumulate(sequence, at, &running, &mut |r, before, item| {
            let Val::Tuple(parts) = &before else { return Err(Stop) };
            let [Val::One(known), Val::One(k)] = *parts.as_ref() else { return Err(Stop) };
            let ask = |r: &mut Self| {
                let here = r.apply(f, at, vec![item.clone()]).and_then(|val| r.truth(val, at))?;
                let next = r.b.call(Prim::Add, &[k.value, r.b.index_lit(1)]);
                let k = r.b.call(Prim::Select, &[here, k.value, next]);
                Ok(Val::tuple(vec![Val::One(here.into()), Val::One(k.into())]))
            };
            r.two_arms(at, Ok(known.value), names, |_| Ok(before.clone()), ask)
        })?;
        let Val::Tuple(parts) = found else { return Err(Stop) };
        let [Val::One(some), Val::One(k)] = *parts.as_ref() else { return Err(Stop) };
        let work = |r: &mut Self| {
            if call.method == "position" {
                return Ok(Val::One(k));
            }
            r.item_at(sequence, Position::Count(k.value)).and_then(|item| r.loaded(item))
        };
        match instead {
            None => {
                if asserted {
                    self.hold(some.value, nothing_there(), at);
                }
                work(self)
            }
            Some(e) => self.two_arms(at, Ok(some.value), &[], work, |r| r.value(e, want)),
        }
    }

    /// `x.first().unwrap()`, `x.last().unwrap()`, `x.first_chunk::<N>().unwrap()`; `None` for any other.
    pub(super) fn unwrapped(&mut self, call: &ExprMethodCall) -> Option<Read<Val>> {
        let Expr::MethodCall(inner) = &*call.receiver else { return None };
        if !matches!(&*call.method.to_string(), "unwrap" | "expect" | THERE) {
            return None;
        }
        let at = inner.method.span();
        let name = inner.method.to_string();
        let ends = ["first", "last", "first_chunk", "last_chunk", "split_first", "split_last"];
        match (name.as_str(), inner.args.first()) {
            (name, None) if ends.contains(&name) => {}
            ("get", Some(at)) => {
                let indexed = syn::parse_quote_spanned!(inner.method.span()=> 0[#at]);
                let Expr::Index(mut indexed) = indexed else { return None };
                indexed.expr.clone_from(&inner.receiver);
                return Some(self.expr(&Expr::Index(indexed), None));
            }
            _ => return None,
        }
        let mut work = || {
            let whole = self.value(&inner.receiver, None)?;
            let Some(len) = self.extent(&whole) else {
                return self.stop(at, "this is not an array", "call it on an array");
            };
            let zero = self.b.index_lit(0);
            let one = self.b.index_lit(1);
            let element = |r: &mut Self, k: Value| match r.element(&whole, k) {
                Some(item) => Ok(Val::One(item)),
                None => Err(Stop),
            };
            match name.as_str() {
                "first" => element(self, zero),
                "last" => {
                    let k = self.b.call(Prim::Sub, &[len, one]);
                    element(self, k)
                }
                "split_first" | "split_last" => {
                    let rest = self.b.call(Prim::Sub, &[len, one]);
                    let (k, lo) = if name == "split_first" { (zero, one) } else { (rest, zero) };
                    let end = element(self, k)?;
                    Ok(Val::tuple(vec![end, self.part(&whole, lo, rest, at)?]))
                }
                _ => {
                    let Some(n) = turbofish_length(inner) else {
                        return self.stop(
                            at,
                            format!("the length that `{name}` takes is not written here"),
                            format!("write it: `{name}::<3>()`"),
                        );
                    };
                    let n = self.index(&n)?;
                    let lo = if name == "first_chunk" { zero } else { self.difference(len, n) };
                    self.part(&whole, lo, n, at)
                }
            }
        };
        Some(work())
    }
}

/// The length in `first_chunk::<3>()`.
pub(super) fn turbofish_length(call: &ExprMethodCall) -> Option<Expr> {
    call.turbofish.as_ref()?.args.first().and_then(length_of)
}

/// What `unwrap` says.
pub(super) fn nothing_there() -> CheckForm {
    CheckForm { message: "called `Option::unwrap()` on a `None` value".to_string(), debug: false }
}
