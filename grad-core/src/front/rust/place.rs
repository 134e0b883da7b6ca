//! Places: the variable, the element or the part of an array that an assignment goes to.

use std::rc::Rc;

use proc_macro2::Span;
use syn::{Expr, Member, UnOp};

use super::scope::{Item, Val, View};
use super::{Read, Reader, Stop, span};
use crate::ir::{Store, Type, Value};
use crate::prim::Prim;

/// One step from a variable to a place inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An element, or a row.
    At(Value),
    /// A part of a tuple.
    Part(usize),
}

/// Where an assignment goes.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The variable, which is no alias itself.
    pub(super) root: usize,
    /// How to come from there to the place.
    pub(super) steps: Vec<Step>,
    /// The part of the axis that comes next: where it begins and how long it is.
    pub(super) part: Option<(Value, Value)>,
    /// Whether it was made by `&mut`: a copy of the reference refers to the same place.
    pub(super) reference: bool,
}

impl Place {
    /// A variable as a whole.
    pub(super) fn variable(root: usize) -> Place {
        Place { root, steps: Vec::new(), part: None, reference: false }
    }

    /// Whether this is an element of an array, or a part of one.
    pub(super) fn is_inside_array(&self) -> bool {
        self.part.is_some() || self.steps.iter().any(|s| matches!(s, Step::At(_)))
    }
}

impl Reader<'_> {
    /// The place that an expression names.
    pub(super) fn place(&mut self, e: &Expr) -> Read<Place> {
        match e {
            Expr::Path(p) => {
                let Some(name) = p.path.get_ident() else {
                    return self.stop(
                        span::of_expr(e),
                        "only a variable can be assigned",
                        "assign to a local variable",
                    );
                };
                match self.scope.find(&name.to_string()) {
                    Some(k) => Ok(self.followed(Place::variable(k))),
                    None => {
                        let near = crate::diagnostic::did_you_mean(&name.to_string(), self.scope.names());
                        let help = match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "declare it with `let mut`".to_string(),
                        };
                        self.stop(name.span(), format!("`{name}` is not a variable of this function"), help)
                    }
                }
            }
            Expr::Paren(p) => self.place(&p.expr),
            Expr::Group(g) => self.place(&g.expr),
            Expr::Reference(r) => self.place(&r.expr),
            Expr::Unary(u) if matches!(u.op, UnOp::Deref(_)) => self.place(&u.expr),
            Expr::MethodCall(call) if call.args.is_empty() && matches!(&*call.method.to_string(), "as_mut_slice") => {
                self.place(&call.receiver)
            }
            Expr::Index(index) => {
                let base = self.place(&index.expr)?;
                match &*index.index {
                    Expr::Range(range) => {
                        let whole = self.load(&base)?;
                        let (lo, len) = self.part_of(&whole, range, span::of_expr(&index.expr))?;
                        Ok(self.part_at(&base, lo, len))
                    }
                    at => {
                        let at = self.index(at)?;
                        Ok(self.element_at(&base, at))
                    }
                }
            }
            Expr::Field(f) => match &f.member {
                Member::Unnamed(k) => {
                    let mut place = self.place(&f.base)?;
                    place.steps.push(Step::Part(k.index as usize));
                    Ok(self.followed(place))
                }
                Member::Named(name) => {
                    let mut place = self.place(&f.base)?;
                    let base = self.load(&place)?;
                    let Val::Tuple(parts) = &base else { return self.named_field(&base, name).and(Err(Stop)) };
                    let Some(k) = parts.field(&name.to_string()) else {
                        return self.named_field(&base, name).and(Err(Stop));
                    };
                    place.steps.push(Step::Part(k));
                    Ok(self.followed(place))
                }
            },
            _ => self.stop(
                span::of_expr(e),
                "this cannot be assigned",
                "assign to a variable or to an element of an array",
            ),
        }
    }

    /// What an alias refers to, where the place holds one.
    fn followed(&self, place: Place) -> Place {
        let mut val = &self.scope.get(place.root).val;
        for step in &place.steps {
            val = match (val, step) {
                (Val::Tuple(parts), Step::Part(k)) if *k < parts.len() => &parts[*k],
                _ => return place,
            };
        }
        match val {
            Val::Alias(other) => Place::clone(other),
            Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Callee(_) | Val::Poison => place,
        }
    }

    fn shifted(&self, lo: Value, k: Value) -> Value {
        if self.b.int_lit(lo) == Some(0) { k } else { self.b.call(Prim::Add, &[lo, k]) }
    }

    /// An element of the array at a place.
    pub(super) fn element_at(&self, place: &Place, k: Value) -> Place {
        let k = match place.part {
            Some((lo, _)) => self.shifted(lo, k),
            None => k,
        };
        let mut steps = place.steps.clone();
        steps.push(Step::At(k));
        Place { steps, part: None, ..place.clone() }
    }

    /// A part of the array at a place.
    pub(super) fn part_at(&self, place: &Place, lo: Value, len: Value) -> Place {
        let lo = match place.part {
            Some((before, _)) => self.shifted(before, lo),
            None => lo,
        };
        Place { part: Some((lo, len)), ..place.clone() }
    }

    /// The place as what `&mut` gives.
    pub(super) fn borrowed(&self, place: Place) -> Val {
        Val::Alias(Rc::new(Place { reference: true, ..place }))
    }

    /// The value that a place has now.
    pub(super) fn load(&mut self, place: &Place) -> Read<Val> {
        let mut val = self.grown(place.root, self.scope.get(place.root).val.clone());
        for step in &place.steps {
            val = match (val, step) {
                (Val::Poison, _) => return Err(Stop),
                (Val::Tuple(parts), Step::Part(k)) if *k < parts.len() => parts[*k].clone(),
                (val, Step::At(k)) => match self.element(&val, *k) {
                    Some(item) => Val::One(item),
                    None => Val::Poison,
                },
                (_, Step::Part(_)) => Val::Poison,
            };
        }
        match (val, place.part) {
            (Val::Poison, _) => Err(Stop),
            (val, None) => self.loaded(val),
            (Val::One(array), Some((lo, len))) if !self.b.ty(array.value).is_scalar() => {
                Ok(Val::View(View { array, lo, len }))
            }
            (Val::View(view), Some((lo, len))) => {
                Ok(Val::View(View { array: view.array, lo: self.shifted(view.lo, lo), len }))
            }
            (_, Some(_)) => Err(Stop),
        }
    }

    /// What a value is worth, were it an alias.
    pub(super) fn loaded(&mut self, val: Val) -> Read<Val> {
        match val {
            Val::Alias(place) => self.load(&place),
            Val::Tuple(parts) if parts.iter().any(Val::refers) => {
                let vals = parts.iter().map(|p| self.loaded(p.clone())).collect::<Read<_>>()?;
                Ok(Val::Tuple(parts.with(vals)))
            }
            Val::Poison => Err(Stop),
            val => Ok(val),
        }
    }

    /// Puts a value at a place.
    pub(super) fn put(&mut self, place: &Place, at: Span, val: Val, store: Store) -> Read<()> {
        let k = place.root;
        if !self.scope.may_assign(k) {
            return self.stop(at, "this assignment is too deep inside an expression", "make it a statement of its own");
        }
        let old = self.scope.get(k).val.clone();
        let name = self.scope.get(k).name.clone();
        if place.steps.is_empty() && place.part.is_none() && self.scope.get(k).later {
            let val = self.solid(val);
            self.name(&val, name.trim_start_matches("r#"));
            self.scope.put(k, val);
            return Ok(());
        }
        let val = if place.steps.is_empty() && matches!(old, Val::View(_)) { val } else { self.solid(val) };
        // The length of an array that a loop carries is that of its first value.
        let both = match (&old, &val) {
            (Val::One(a), Val::One(b)) => Some((*a, *b)),
            (Val::View(a), Val::View(b)) => Some((a.array, b.array)),
            _ => None,
        };
        if let (Some((a, b)), [], true) = (both, place.steps.as_slice(), self.scope.is_outside(k))
            && self.agree(&old, &val)
            && !self.same_lengths(a.value, b.value)
        {
            return self.stop(
                at,
                format!("`{name}` may change its length here"),
                "assign its elements one by one, in a loop over its length",
            );
        }
        if place.part.is_some() {
            return self.stop(at, "a part of an array cannot be assigned", "use `copy_from_slice` or a loop");
        }
        let new = self.with_place(&old, &place.steps, at, val, store)?;
        self.name(&new, name.trim_start_matches("r#"));
        self.scope.put(k, new);
        Ok(())
    }

    /// `old` with the place that the steps lead to set.
    fn with_place(&mut self, old: &Val, steps: &[Step], at: Span, val: Val, store: Store) -> Read<Val> {
        match (old, steps) {
            (Val::Poison, _) => Err(Stop),
            (old, []) => {
                if self.agree(old, &val) {
                    Ok(val)
                } else {
                    self.stop(
                        at,
                        "the value does not have the type of the variable",
                        "declare a new variable with `let`",
                    )
                }
            }
            (Val::Tuple(parts), [Step::Part(k), rest @ ..]) => {
                let Some(part) = parts.get(*k) else {
                    return self.stop(at, "the tuple has no such part", "count from 0");
                };
                let part = self.with_place(part, rest, at, val, store)?;
                let mut parts = parts.clone();
                parts.vals[*k] = part;
                Ok(Val::Tuple(parts))
            }
            (Val::One(array), steps) => {
                let mut places = Vec::new();
                for step in steps {
                    match step {
                        Step::At(k) => places.push(*k),
                        Step::Part(_) => return self.stop(at, "this is not a tuple", "use an index: `x[0]`"),
                    }
                }
                let ty = self.b.ty(array.value);
                if places.len() > ty.rank() {
                    return self.stop(at, "the array has fewer axes", "leave an index out");
                }
                let Val::One(item) = val else {
                    return self.stop(at, "the elements of an array are no tuples", "use one array for each part");
                };
                let inner = ty.inner(places.len());
                if !self.fits_place(&inner, *array, item) {
                    return self.stop(
                        at,
                        "the value does not have the type of the array's elements",
                        "convert it with `as`",
                    );
                }
                if !inner.is_scalar() && !self.same_lengths(self.b.index(array.value, &places), item.value) {
                    return self.stop(
                        at,
                        "the rows of an array have one length",
                        "assign the elements of the row one by one",
                    );
                }
                self.at(at);
                Ok(Val::One(Item { value: self.b.update(array.value, &places, item.value, store), kind: array.kind }))
            }
            (Val::Tuple(_), [Step::At(_), ..]) => self.stop(at, "a tuple cannot be indexed", "use a field: `t.0`"),
            (Val::View(_) | Val::Callee(_) | Val::Alias(_), _) => {
                self.stop(at, "this cannot be assigned", "assign to a variable or to an element of an array")
            }
        }
    }

    /// Whether two arrays of as many axes are known to have the same lengths.
    pub(super) fn same_lengths(&self, a: Value, b: Value) -> bool {
        (0..self.b.ty(a).rank()).all(|axis| self.b.len(a, axis) == self.b.len(b, axis))
    }

    fn fits_place(&mut self, inner: &Type, array: Item, item: Item) -> bool {
        let ty = self.b.ty(item.value);
        if ty.rank() != inner.rank() {
            return false;
        }
        match (self.kind_of(array), self.kind_of(item)) {
            (Some(a), Some(b)) => self.kinds.unify(a, b).is_ok(),
            (None, None) => ty.elem == inner.elem,
            _ => false,
        }
    }
}
