//! What a `for` runs over: a length, and the item at each place.

use syn::{Expr, ExprMethodCall, RangeLimits};

use super::expr::is_bare_integer;
use super::kind::Kind;
use super::scope::{Item, Val};
use super::{Read, Reader, span};
use crate::ir::{Elem, IntKind, Value};
use crate::prim::Prim;

/// Something to run over.
#[derive(Clone, Debug)]
pub(super) enum Sequence {
    /// `lo..hi`, the upper end excluded.
    Range { lo: Value, hi: Value, kind: Kind },
    /// The outermost axis of an array.
    Items(Item),
    /// Backwards.
    Rev(Box<Sequence>),
    /// Every so many.
    Step(Box<Sequence>, Value),
    /// All but the first.
    Skip(Box<Sequence>, Value),
    /// The first only.
    Take(Box<Sequence>, Value),
    /// Two side by side.
    Zip(Box<Sequence>, Box<Sequence>),
    /// With the number of each.
    Enumerate(Box<Sequence>),
}

impl Reader<'_> {
    /// What an expression after `in` runs over.
    pub(super) fn sequence(&mut self, e: &Expr) -> Read<Sequence> {
        match e {
            Expr::Paren(p) => self.sequence(&p.expr),
            Expr::Group(g) => self.sequence(&g.expr),
            Expr::Reference(r) if r.mutability.is_none() => self.sequence(&r.expr),
            Expr::Range(range) => self.range(range),
            Expr::MethodCall(call) => self.adapted(call),
            _ => {
                let item = self.one(e, None)?;
                if self.b.ty(item.value).is_scalar() {
                    return self.stop(span::of_expr(e), "a loop cannot run over this", "run over a range or an array");
                }
                Ok(Sequence::Items(item))
            }
        }
    }

    fn range(&mut self, range: &syn::ExprRange) -> Read<Sequence> {
        let at = match &range.limits {
            RangeLimits::HalfOpen(t) => span::joined(&t.spans),
            RangeLimits::Closed(t) => span::joined(&t.spans),
        };
        let (Some(lo), Some(hi)) = (&range.start, &range.end) else {
            return self.stop(at, "a loop needs both ends of its range", "write `0..n`");
        };
        // The end that is not a literal decides the type of the other.
        let (lo, hi) = if is_bare_integer(lo) && !is_bare_integer(hi) {
            let hi = self.scalar(hi, None)?;
            let want = self.kind_of(hi);
            (self.scalar(lo, want)?, hi)
        } else if is_bare_integer(lo) {
            // Two literals: an index, unless the body says otherwise.
            let kind = self.kinds.unknown(IntKind::Usize);
            (self.scalar(lo, Some(kind))?, self.scalar(hi, Some(kind))?)
        } else {
            let lo = self.scalar(lo, None)?;
            let want = self.kind_of(lo);
            (lo, self.scalar(hi, want)?)
        };
        let (Some(a), Some(b)) = (self.kind_of(lo), self.kind_of(hi)) else {
            return self.stop(at, "a loop runs over integers", "count with an integer and compute the float inside");
        };
        let kind = match self.kinds.unify(a, b) {
            Ok(kind) => kind,
            Err((a, b)) => {
                let title = format!("a `{}` and a `{}` do not make a range", a.name(), b.name());
                return self.stop(at, title, format!("convert one end with `as {}`", a.name()));
            }
        };
        self.at(at);
        let mut end = hi.value;
        if matches!(range.limits, RangeLimits::Closed(_)) {
            let one = self.b.int(1, self.kinds.assumed(kind));
            end = self.b.call(Prim::Add, &[end, one]);
        }
        Ok(Sequence::Range { lo: lo.value, hi: end, kind })
    }

    fn adapted(&mut self, call: &ExprMethodCall) -> Read<Sequence> {
        let name = call.method.to_string();
        let at = call.method.span();
        let inner = |s| Box::new(s);
        match (name.as_str(), call.args.len()) {
            ("iter" | "into_iter" | "copied" | "cloned", 0) => self.sequence(&call.receiver),
            ("rev", 0) => Ok(Sequence::Rev(inner(self.sequence(&call.receiver)?))),
            ("enumerate", 0) => Ok(Sequence::Enumerate(inner(self.sequence(&call.receiver)?))),
            ("zip", 1) => {
                let first = self.sequence(&call.receiver);
                let second = self.sequence(&call.args[0]);
                Ok(Sequence::Zip(inner(first?), inner(second?)))
            }
            ("step_by" | "skip" | "take", 1) => {
                let first = self.sequence(&call.receiver);
                let n = self.index(&call.args[0]);
                let (first, n) = (inner(first?), n?);
                Ok(match name.as_str() {
                    "step_by" => {
                        if self.b.int_lit(n) == Some(0) {
                            return self.stop(at, "a step of 0 never ends", "step by at least 1");
                        }
                        Sequence::Step(first, n)
                    }
                    "skip" => Sequence::Skip(first, n),
                    _ => Sequence::Take(first, n),
                })
            }
            ("clone" | "to_vec" | "to_owned" | "as_slice", 0) => self.sequence(&call.receiver),
            _ => self.stop(
                at,
                format!("`{name}` is not supported in what a loop runs over"),
                "use a range, `iter`, `enumerate`, `zip`, `rev`, `step_by`, `skip` or `take`, and compute in the loop's body",
            ),
        }
    }

    /// a − b for a ≥ b, else 0.
    fn minus(&self, a: Value, b: Value) -> Value {
        if self.b.int_lit(b) == Some(0) {
            return a;
        }
        if a == b {
            return self.b.call(Prim::Sub, &[a, a]);
        }
        let a = self.b.call(Prim::Max, &[a, b]);
        self.b.call(Prim::Sub, &[a, b])
    }

    /// How many items there are.
    pub(super) fn length(&self, sequence: &Sequence) -> Value {
        match sequence {
            Sequence::Range { lo, hi, kind } => {
                let kind = self.kinds.assumed(*kind);
                if kind == IntKind::Usize {
                    return self.minus(*hi, *lo);
                }
                let hi = self.b.call(Prim::Max, &[*hi, *lo]);
                let trips = self.b.call(Prim::Sub, &[hi, *lo]);
                self.b.cast(trips, Elem::INDEX)
            }
            Sequence::Items(item) => self.b.len(item.value, 0),
            Sequence::Rev(inner) | Sequence::Enumerate(inner) => self.length(inner),
            Sequence::Step(inner, step) => {
                let n = self.length(inner);
                let one = self.b.index_lit(1);
                let less = self.b.call(Prim::Sub, &[*step, one]);
                let up = self.b.call(Prim::Add, &[n, less]);
                self.b.call(Prim::Div, &[up, *step])
            }
            Sequence::Skip(inner, skipped) => self.minus(self.length(inner), *skipped),
            Sequence::Take(inner, taken) => self.b.call(Prim::Min, &[self.length(inner), *taken]),
            Sequence::Zip(first, second) => {
                let (a, b) = (self.length(first), self.length(second));
                if a == b { a } else { self.b.call(Prim::Min, &[a, b]) }
            }
        }
    }

    /// The item at a place.
    pub(super) fn item_at(&self, sequence: &Sequence, k: Value) -> Val {
        match sequence {
            Sequence::Range { lo, kind, .. } => {
                let k = self.b.cast(k, Elem::Int(self.kinds.assumed(*kind)));
                let i = if self.b.int_lit(*lo) == Some(0) { k } else { self.b.call(Prim::Add, &[*lo, k]) };
                Val::One(Item { value: i, kind: Some(*kind) })
            }
            Sequence::Items(array) => Val::One(Item { value: self.b.index(array.value, &[k]), kind: array.kind }),
            Sequence::Rev(inner) => {
                let one = self.b.index_lit(1);
                let last = self.b.call(Prim::Sub, &[self.length(inner), one]);
                self.item_at(inner, self.b.call(Prim::Sub, &[last, k]))
            }
            Sequence::Step(inner, step) => self.item_at(inner, self.b.call(Prim::Mul, &[k, *step])),
            Sequence::Skip(inner, skipped) => self.item_at(inner, self.b.call(Prim::Add, &[k, *skipped])),
            Sequence::Take(inner, _) => self.item_at(inner, k),
            Sequence::Zip(first, second) => Val::Tuple(vec![self.item_at(first, k), self.item_at(second, k)]),
            Sequence::Enumerate(inner) => Val::Tuple(vec![Val::One(k.into()), self.item_at(inner, k)]),
        }
    }
}
