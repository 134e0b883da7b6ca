//! Calls that change an array where it is: `swap`, `fill`, `copy_from_slice`, `reverse`, `push`, `std::mem::swap`.

use proc_macro2::Span;
use syn::{Expr, ExprMethodCall, Path};

use super::place::Place;
use super::scope::{Item, Val};
use super::{Read, Reader, Stop, span};
use crate::ir::{Store, Value};
use crate::prim::Prim;

impl Reader<'_> {
    /// A method that changes what it is called on; `None` for any other.
    pub(super) fn changed(&mut self, call: &ExprMethodCall) -> Option<Read<Val>> {
        let at = call.method.span();
        let args: Vec<&Expr> = call.args.iter().collect();
        let done = match (&*call.method.to_string(), args.as_slice()) {
            ("swap", [i, j]) => self.swap(&call.receiver, at, i, j),
            ("fill", [value]) => self.fill(&call.receiver, at, value),
            (name @ ("copy_from_slice" | "clone_from_slice"), [from]) => self.copy(&call.receiver, at, name, from),
            ("reverse", []) => self.reverse(&call.receiver, at),
            ("push", [value]) => self.push(&call.receiver, at, value),
            ("split_at_mut", [mid]) => return Some(self.split_at_mut(&call.receiver, at, mid)),
            (
                name @ ("pop" | "extend" | "extend_from_slice" | "truncate" | "resize" | "insert" | "append" | "clear"),
                _,
            ) => {
                let title = format!("`{name}` is not supported: an array keeps its length");
                self.stop(at, title, "make the array with its final length, `vec![0.0; n]`, and assign its elements")
            }
            ("sort" | "sort_by" | "sort_unstable_by", _) => {
                self.stop(at, "sorting is not supported", "sort outside and pass the order as indices")
            }
            _ => return None,
        };
        Some(done.map(|()| Val::UNIT))
    }

    /// The place that is changed, its array, and that array's length.
    fn array_at(&mut self, receiver: &Expr, at: Span) -> Read<(Place, Val, Value)> {
        let place = self.place(receiver)?;
        let whole = self.load(&place)?;
        match self.extent(&whole) {
            Some(len) => Ok((place, whole, len)),
            None => self.stop(at, "this is not an array", "call it on an array"),
        }
    }

    fn put_element(&mut self, place: &Place, k: Value, at: Span, item: Item) -> Read<()> {
        let place = self.element_at(place, k);
        self.put(&place, at, Val::One(item), Store::Set)
    }

    fn swap(&mut self, receiver: &Expr, at: Span, i: &Expr, j: &Expr) -> Read<()> {
        let (place, whole, _) = self.array_at(receiver, at)?;
        let (i, j) = (self.index(i)?, self.index(j)?);
        let (Some(first), Some(second)) = (self.element(&whole, i), self.element(&whole, j)) else { return Err(Stop) };
        self.put_element(&place, i, at, second)?;
        self.put_element(&place, j, at, first)
    }

    /// Every element of a place, in a loop.
    fn each_element(
        &mut self,
        place: &Place,
        len: Value,
        at: Span,
        mut element: impl FnMut(&mut Self, Value) -> Option<Item>,
    ) -> Read<()> {
        let name = self.scope.get(place.root).name.to_string();
        let zero = self.b.index_lit(0);
        self.run((zero, len), at, &[name], &mut |r, k| match element(r, k) {
            Some(item) => r.put_element(place, k, at, item),
            None => Err(Stop),
        })
    }

    fn fill(&mut self, receiver: &Expr, at: Span, value: &Expr) -> Read<()> {
        let (place, whole, len) = self.array_at(receiver, at)?;
        let kind = self.view(&whole).and_then(|v| self.kind_of(v.array));
        let value = self.one(value, kind)?;
        if place.part.is_none() {
            let all = self.b.build(&[len], |_| value.value);
            return self.put(&place, at, Val::One(Item { value: all, kind: value.kind }), Store::Set);
        }
        self.each_element(&place, len, at, |_, _| Some(value))
    }

    fn copy(&mut self, receiver: &Expr, at: Span, name: &str, from: &Expr) -> Read<()> {
        let from = self.value(from, None)?;
        let (place, _, len) = self.array_at(receiver, at)?;
        let Some(other) = self.extent(&from) else {
            return self.stop(at, "what is copied is not an array", "copy an array of the same length");
        };
        if place.part.is_none() && len == other {
            return self.put(&place, at, from, Store::Set);
        }
        self.same_length_copied(len, other, name, at);
        self.each_element(&place, len, at, |r, k| r.element(&from, k))
    }

    fn reverse(&mut self, receiver: &Expr, at: Span) -> Read<()> {
        let (place, whole, len) = self.array_at(receiver, at)?;
        self.each_element(&place, len, at, |r, k| {
            // Within the loop: an empty array has no last element.
            let last = r.b.call(Prim::Sub, &[len, r.b.index_lit(1)]);
            let k = r.b.call(Prim::Sub, &[last, k]);
            r.element(&whole, k)
        })
    }

    fn split_at_mut(&mut self, receiver: &Expr, at: Span, mid: &Expr) -> Read<Val> {
        let (place, _, len) = self.array_at(receiver, at)?;
        let mid = self.index(mid)?;
        let rest = self.difference(len, mid);
        let zero = self.b.index_lit(0);
        let (first, second) = (self.part_at(&place, zero, mid), self.part_at(&place, mid, rest));
        Ok(Val::tuple(vec![self.borrowed(first), self.borrowed(second)]))
    }

    /// `v.push(x)` outside of loops: an array that is one longer.
    fn push(&mut self, receiver: &Expr, at: Span, value: &Expr) -> Read<()> {
        if let Expr::Path(path) = receiver
            && let Some(name) = path.path.get_ident()
            && let Some(root) = self.scope.find(&name.to_string())
            && let Some(growing) = self.grows(root)
        {
            return self.push_in_loop(&growing, at, value);
        }
        let (place, whole, len) = self.array_at(receiver, at)?;
        if self.scope.is_outside(place.root) {
            return self.stop(
                at,
                "how often this pushes is not known beforehand",
                "make the array with its length, `vec![0.0; n]`, and assign its elements",
            );
        }
        let kind = self.view(&whole).and_then(|v| self.kind_of(v.array));
        let value = self.one(value, kind)?;
        if !place.steps.is_empty() || place.part.is_some() {
            return self.stop(at, "the rows of an array have one length", "make the row with its final length");
        }
        let Val::One(array) = whole else { return Err(Stop) };
        let (row, have) = (self.b.ty(array.value).inner(1), self.b.ty(value.value));
        if self.b.int_lit(len) != Some(0) && (row.elem != have.elem || row.rank() != have.rank()) {
            return self.stop(at, "the elements of an array have one type", "push what the others are");
        }
        let count = self.b.int_lit(len).and_then(|n| usize::try_from(n).ok()).filter(|n| *n < 64);
        let longer = match count {
            Some(n) => {
                let mut elements: Vec<Value> =
                    (0..n).map(|k| self.b.index(array.value, &[self.b.index_lit(k)])).collect();
                elements.push(value.value);
                self.b.array(&elements)
            }
            None => {
                let one = self.b.index_lit(1);
                let more = self.b.call(Prim::Add, &[len, one]);
                let old = |k: Value| self.b.index(array.value, &[k]);
                self.b.build(&[more], |k| {
                    let inside = self.b.call(Prim::Lt, &[k[0], len]);
                    self.b.branch(inside, || vec![old(k[0])], || vec![value.value])[0]
                })
            }
        };
        let name = self.scope.get(place.root).name.clone();
        let val = Val::One(Item { value: longer, kind: array.kind });
        self.name(&val, &name);
        self.scope.put(place.root, val);
        Ok(())
    }

    /// `std::mem::swap(&mut a, &mut b)`; `None` for any other call.
    pub(super) fn swapped(&mut self, path: &Path, args: &[&Expr]) -> Option<Read<Val>> {
        let full = self.full_path(path);
        let names: Vec<&str> = full.iter().map(String::as_str).collect();
        let [first, second] = args else { return None };
        if !matches!(names.as_slice(), ["std" | "core", "mem", "swap"] | ["mem", "swap"]) {
            return None;
        }
        let at = span::of_path(path);
        let mut swap = || {
            let (first, second) = (self.place(first)?, self.place(second)?);
            let (a, b) = (self.load(&first)?, self.load(&second)?);
            self.put(&first, at, b, Store::Set)?;
            self.put(&second, at, a, Store::Set)?;
            Ok(Val::UNIT)
        };
        Some(swap())
    }
}
