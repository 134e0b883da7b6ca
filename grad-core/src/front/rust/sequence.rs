//! What a loop runs over: a length, and the item at each place.

use std::rc::Rc;

use proc_macro2::Span;
use syn::{Expr, ExprMethodCall, RangeLimits};

use super::callee::Callee;
use super::expr::is_bare_integer;
use super::kind::Kind;
use super::place::Place;
use super::scope::{Item, Val};
use super::{Read, Reader, Stop, span};
use crate::diagnostic::did_you_mean;
use crate::ir::{Elem, IntKind, Value};
use crate::prim::Prim;

/// Something to run over.
#[derive(Clone, Debug)]
pub(super) enum Sequence {
    /// `lo..hi`, the upper end excluded.
    Range { lo: Value, hi: Value, kind: Kind },
    /// The outermost axis of an array, or of a part of one.
    Items(Val),
    /// The elements of an array as places.
    Places(Place, Value),
    /// Parts of one length, each so many places after the one before.
    Parts { of: Val, count: Value, step: Value, len: Value },
    /// Parts of one length that do not overlap, as places.
    PlaceParts { of: Place, count: Value, len: Value },
    /// Parts of one length but for the last, which is shorter.
    Chunks { of: Val, all: Value, len: Value },
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
    /// What a function makes of each.
    Map(Box<Sequence>, Rc<Callee>, Span),
    /// Those for which a condition holds.
    Filter(Box<Sequence>, Rc<Callee>, Span),
}

/// Where in a sequence an item is: its number, or itself in a range of `usize`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Position {
    Count(Value),
    Item(Value),
}

impl Sequence {
    fn rev(self) -> Sequence {
        match self {
            Sequence::Rev(inner) => *inner,
            other => Sequence::Rev(Box::new(other)),
        }
    }

    /// A function of items backwards is the function of items, backwards: a loop that runs down needs no other index.
    fn within_rev(self, f: impl FnOnce(Box<Sequence>) -> Sequence) -> Sequence {
        match self {
            Sequence::Rev(inner) => Sequence::Rev(Box::new(f(inner))),
            other => f(Box::new(other)),
        }
    }

    /// Whether some places have no item.
    pub(super) fn filters(&self) -> bool {
        match self {
            Sequence::Filter(..) => true,
            Sequence::Map(inner, ..) | Sequence::Rev(inner) => inner.filters(),
            // The others are not made of a filtered one.
            _ => false,
        }
    }

    /// Whether making the items assigns variables.
    pub(super) fn assigns(&self) -> bool {
        match self {
            Sequence::Map(inner, f, _) | Sequence::Filter(inner, f, _) => !f.assigned().is_empty() || inner.assigns(),
            Sequence::Rev(inner)
            | Sequence::Step(inner, _)
            | Sequence::Skip(inner, _)
            | Sequence::Take(inner, _)
            | Sequence::Enumerate(inner) => inner.assigns(),
            Sequence::Zip(first, second) => first.assigns() || second.assigns(),
            Sequence::Range { .. }
            | Sequence::Items(_)
            | Sequence::Places(..)
            | Sequence::Parts { .. }
            | Sequence::PlaceParts { .. }
            | Sequence::Chunks { .. } => false,
        }
    }

    /// The range that a loop over this may count in, where its items are made of a range's own.
    pub(super) fn range(&self) -> Option<(Value, Value, Kind)> {
        match self {
            Sequence::Range { lo, hi, kind } => Some((*lo, *hi, *kind)),
            Sequence::Map(inner, ..) | Sequence::Filter(inner, ..) => inner.range(),
            _ => None,
        }
    }
}

/// Methods of iterators, for suggestions.
pub(super) const METHODS: [&str; 25] = [
    "iter",
    "iter_mut",
    "into_iter",
    "copied",
    "cloned",
    "map",
    "filter",
    "enumerate",
    "zip",
    "rev",
    "step_by",
    "skip",
    "take",
    "windows",
    "chunks",
    "chunks_exact",
    "chunks_exact_mut",
    "sum",
    "product",
    "fold",
    "count",
    "all",
    "any",
    "for_each",
    "collect",
];

/// Whether an expression is an iterator, as far as one can see.
pub(super) fn is_chain(e: &Expr) -> bool {
    match e {
        Expr::Paren(p) => is_chain(&p.expr),
        Expr::Range(_) => true,
        Expr::MethodCall(call) => match &*call.method.to_string() {
            "iter" | "iter_mut" | "into_iter" | "windows" | "chunks" | "chunks_exact" | "chunks_exact_mut" => true,
            "map" | "filter" | "copied" | "cloned" | "clone" | "rev" | "enumerate" | "zip" | "skip" | "take"
            | "step_by" | "chain" | "flat_map" | "take_while" | "skip_while" | "inspect" | "scan" | "filter_map"
            | "by_ref" | "peekable" | "cycle" | "map_while" => is_chain(&call.receiver),
            _ => false,
        },
        _ => false,
    }
}

impl Reader<'_> {
    /// What an expression after `in` runs over.
    pub(super) fn sequence(&mut self, e: &Expr) -> Read<Sequence> {
        match e {
            Expr::Paren(p) => self.sequence(&p.expr),
            Expr::Group(g) => self.sequence(&g.expr),
            Expr::Reference(r) if r.mutability.is_some() => self.places(&r.expr),
            Expr::Reference(r) => self.sequence(&r.expr),
            Expr::Range(range) => self.range(range),
            Expr::MethodCall(call) if is_chain(e) => self.adapted(call),
            _ => {
                let val = self.expr(e, None)?;
                if let Val::Alias(place) = &val {
                    return self.places_of(Place::clone(place), span::of_expr(e));
                }
                self.items(val, span::of_expr(e))
            }
        }
    }

    fn items(&mut self, val: Val, at: Span) -> Read<Sequence> {
        if matches!(val, Val::Poison) {
            return Err(Stop);
        }
        match self.extent(&val) {
            Some(_) => Ok(Sequence::Items(val)),
            None => self.stop(at, "a loop cannot run over this", "run over a range or an array"),
        }
    }

    /// The elements of an array that the loop may change.
    fn places(&mut self, e: &Expr) -> Read<Sequence> {
        let place = self.place(e)?;
        self.places_of(place, span::of_expr(e))
    }

    fn places_of(&mut self, place: Place, at: Span) -> Read<Sequence> {
        let whole = self.load(&place)?;
        match self.extent(&whole) {
            Some(len) => Ok(Sequence::Places(place, len)),
            None => self.stop(at, "a loop cannot run over this", "run over a range or an array"),
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
        let args: Vec<&Expr> = call.args.iter().collect();
        match (name.as_str(), args.as_slice()) {
            ("iter" | "into_iter" | "copied" | "cloned" | "clone", []) => self.sequence(&call.receiver),
            ("iter_mut", []) => self.places(&call.receiver),
            ("rev", []) => Ok(self.sequence(&call.receiver)?.rev()),
            ("enumerate", []) => {
                let inner = self.sequence(&call.receiver)?;
                Ok(Sequence::Enumerate(Box::new(self.unfiltered(inner, at)?)))
            }
            ("zip", [other]) => {
                let first = self.sequence(&call.receiver);
                let second = self.sequence(other);
                let (first, second) = (self.unfiltered(first?, at)?, self.unfiltered(second?, at)?);
                let (first, second) = (self.without_effects(first, at)?, self.without_effects(second, at)?);
                Ok(Sequence::Zip(Box::new(first), Box::new(second)))
            }
            ("map", [f]) => {
                let inner = self.sequence(&call.receiver);
                let f = self.callee(f);
                let (inner, f) = (inner?, f?);
                Ok(inner.within_rev(|inner| Sequence::Map(inner, f, at)))
            }
            ("filter", [f]) => {
                let inner = self.sequence(&call.receiver);
                let f = self.callee(f);
                let (inner, f) = (inner?, f?);
                Ok(inner.within_rev(|inner| Sequence::Filter(inner, f, at)))
            }
            ("filter_map", [f]) => {
                let inner = self.sequence(&call.receiver);
                let Some([test, make]) = self.test_and_make(f) else {
                    return self.stop(
                        at,
                        "whether this `filter_map` gives something cannot be seen",
                        "give it a closure that ends in `if … { Some(…) } else { None }`, or use `filter` and `map`",
                    );
                };
                let (test, make) = (self.callee(&test)?, self.callee(&make)?);
                Ok(inner?.within_rev(|inner| {
                    let inner = Box::new(Sequence::Filter(inner, test, at));
                    Sequence::Map(inner, make, at)
                }))
            }
            ("step_by" | "skip" | "take", [n]) => {
                let first = self.sequence(&call.receiver);
                let n = self.index(n);
                let (first, n) = (first?, n?);
                let first = self.unfiltered(first, at)?;
                let first = Box::new(if name == "take" { first } else { self.without_effects(first, at)? });
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
            ("windows" | "chunks" | "chunks_exact", [n]) => self.parts_of(&call.receiver, &name, at, n),
            ("chunks_exact_mut", [n]) => {
                let of = self.place(&call.receiver)?;
                let whole = self.load(&of)?;
                let len = self.nonzero(n, at)?;
                let Some(all) = self.extent(&whole) else {
                    return self.stop(at, "this is not an array", "call it on an array");
                };
                Ok(Sequence::PlaceParts { of, count: self.quotient(all, len), len })
            }
            _ => {
                let help = match did_you_mean(&name, METHODS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "use `iter`, `map`, `filter`, `enumerate`, `zip`, `rev`, `step_by`, `skip`, `take`, `windows` or `chunks_exact`, or write a `for` loop".to_string(),
                };
                self.stop(at, format!("the iterator method `{name}` is not supported"), help)
            }
        }
    }

    fn nonzero(&mut self, n: &Expr, at: Span) -> Read<Value> {
        let len = self.index(n)?;
        if self.b.int_lit(len) == Some(0) {
            return self.stop(at, "parts of length 0 never end", "take at least 1");
        }
        Ok(len)
    }

    fn parts_of(&mut self, receiver: &Expr, name: &str, at: Span, n: &Expr) -> Read<Sequence> {
        let of = self.value(receiver, None);
        let len = self.nonzero(n, at);
        let (of, len) = (of?, len?);
        let Some(all) = self.extent(&of) else {
            return self.stop(at, "this is not an array", "call it on an array");
        };
        self.at(at);
        let one = self.b.index_lit(1);
        Ok(match name {
            "windows" => {
                let count = match (self.b.int_lit(all), self.b.int_lit(len)) {
                    (Some(all), Some(len)) => self.b.index_lit(usize::try_from(all + 1 - len).unwrap_or(0)),
                    _ => self.minus(self.b.call(Prim::Add, &[all, one]), len),
                };
                Sequence::Parts { of, count, step: one, len }
            }
            "chunks_exact" => Sequence::Parts { of, count: self.quotient(all, len), step: len, len },
            _ => Sequence::Chunks { of, all, len },
        })
    }

    /// A sequence of which every place has an item.
    fn unfiltered(&mut self, sequence: Sequence, at: Span) -> Read<Sequence> {
        if !sequence.filters() {
            return Ok(sequence);
        }
        self.stop(
            at,
            "how many items a `filter` leaves is not known here",
            "put the `filter` last, or write a `for` loop with an `if`",
        )
    }

    /// A sequence of which an item may be left out without being made.
    pub(super) fn without_effects(&mut self, sequence: Sequence, at: Span) -> Read<Sequence> {
        if !sequence.assigns() {
            return Ok(sequence);
        }
        self.stop(
            at,
            "the closures before this assign variables: which items they are called for matters here",
            "write a `for` loop",
        )
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

    /// How many places there are.
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
            Sequence::Items(val) => self.extent(val).expect("a sequence of items is made of an array"),
            Sequence::Places(_, len) => *len,
            Sequence::Parts { count, .. } | Sequence::PlaceParts { count, .. } => *count,
            Sequence::Chunks { all, len, .. } => self.over_up(*all, *len),
            Sequence::Rev(inner)
            | Sequence::Enumerate(inner)
            | Sequence::Map(inner, ..)
            | Sequence::Filter(inner, ..) => self.length(inner),
            Sequence::Step(inner, step) => self.over_up(self.length(inner), *step),
            Sequence::Skip(inner, skipped) => self.minus(self.length(inner), *skipped),
            Sequence::Take(inner, taken) => self.b.call(Prim::Min, &[self.length(inner), *taken]),
            Sequence::Zip(first, second) => {
                let (a, b) = (self.length(first), self.length(second));
                if a == b { a } else { self.b.call(Prim::Min, &[a, b]) }
            }
        }
    }

    /// ⌈n / step⌉
    fn over_up(&self, n: Value, step: Value) -> Value {
        let one = self.b.index_lit(1);
        let less = self.b.call(Prim::Sub, &[step, one]);
        let up = self.b.call(Prim::Add, &[n, less]);
        self.b.call(Prim::Div, &[up, step])
    }

    /// The item at a place; of a filtered sequence, whether it is one or not.
    pub(super) fn item_at(&mut self, sequence: &Sequence, position: Position) -> Read<Val> {
        let k = match position {
            Position::Count(k) | Position::Item(k) => k,
        };
        let count = Position::Count;
        Ok(match sequence {
            Sequence::Range { lo, kind, .. } => {
                let value = match position {
                    Position::Item(i) => i,
                    Position::Count(k) => {
                        let k = self.b.cast(k, Elem::Int(self.kinds.assumed(*kind)));
                        if self.b.int_lit(*lo) == Some(0) { k } else { self.b.call(Prim::Add, &[*lo, k]) }
                    }
                };
                Val::One(Item { value, kind: Some(*kind) })
            }
            Sequence::Items(val) => self.element(val, k).map_or(Val::Poison, Val::One),
            Sequence::Places(place, _) => self.borrowed(self.element_at(place, k)),
            Sequence::Parts { of, step, len, .. } => {
                let lo = self.b.call(Prim::Mul, &[k, *step]);
                self.part(of, lo, *len, Span::call_site())?
            }
            Sequence::PlaceParts { of, len, .. } => {
                let lo = self.b.call(Prim::Mul, &[k, *len]);
                self.borrowed(self.part_at(of, lo, *len))
            }
            Sequence::Chunks { of, all, len } => {
                let lo = self.b.call(Prim::Mul, &[k, *len]);
                let left = self.b.call(Prim::Sub, &[*all, lo]);
                let len = self.b.call(Prim::Min, &[*len, left]);
                self.part(of, lo, len, Span::call_site())?
            }
            Sequence::Rev(inner) => {
                let one = self.b.index_lit(1);
                let last = self.b.call(Prim::Sub, &[self.length(inner), one]);
                let k = self.b.call(Prim::Sub, &[last, k]);
                self.item_at(inner, count(k))?
            }
            Sequence::Step(inner, step) => {
                let k = self.b.call(Prim::Mul, &[k, *step]);
                self.item_at(inner, count(k))?
            }
            Sequence::Skip(inner, skipped) => {
                let k = self.b.call(Prim::Add, &[k, *skipped]);
                self.item_at(inner, count(k))?
            }
            Sequence::Take(inner, _) => self.item_at(inner, count(k))?,
            Sequence::Zip(first, second) => {
                Val::tuple(vec![self.item_at(first, count(k))?, self.item_at(second, count(k))?])
            }
            Sequence::Enumerate(inner) => Val::tuple(vec![Val::One(k.into()), self.item_at(inner, count(k))?]),
            Sequence::Map(inner, f, at) => {
                let item = self.item_at(inner, position)?;
                self.apply(f, *at, vec![item])?
            }
            Sequence::Filter(inner, ..) => self.item_at(inner, position)?,
        })
    }

    /// Reads `then` for the item at a place, if it is one. `names` are the variables that `then` assigns.
    pub(super) fn each(
        &mut self,
        sequence: &Sequence,
        position: Position,
        names: &[String],
        then: &mut dyn FnMut(&mut Self, Val) -> Read<()>,
    ) -> Read<()> {
        match sequence {
            Sequence::Filter(inner, f, at) => self.each(inner, position, names, &mut |r, item| {
                let cond = r.apply(f, *at, vec![item.clone()]).and_then(|val| r.truth(val, *at));
                r.two_arms(*at, cond, names, |r| then(r, item.clone()).map(|()| Val::UNIT), |_| Ok(Val::UNIT))?;
                Ok(())
            }),
            Sequence::Map(inner, f, at) if inner.filters() => self.each(inner, position, names, &mut |r, item| {
                let item = r.apply(f, *at, vec![item])?;
                then(r, item)
            }),
            other => {
                let item = self.item_at(other, position)?;
                then(self, item)
            }
        }
    }

    /// A value that must be a `bool`.
    pub(super) fn truth(&mut self, val: Val, at: Span) -> Read<Value> {
        match self.loaded(val)? {
            Val::One(item) if self.b.ty(item.value) == crate::ir::Type::BOOL => Ok(item.value),
            _ => self.stop(at, "a condition must be a `bool`", "compare with a value: `x != 0.0`"),
        }
    }
}
