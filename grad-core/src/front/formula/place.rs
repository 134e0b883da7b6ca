//! Subscripts: elements, rows, slices, gathers.

use std::rc::Rc;

use grad_grammar::{Subscript, SubscriptKind};

use super::lower::{Lowered, Lowering};
use super::scalar::Scalar;
use super::term::{Content, Term};
use crate::diagnostic::Origin;
use crate::diagnostic::Problem;
use crate::ir::{Builder, Value};
use crate::prim::Prim;

/// What a subscript leaves of its axis.
#[derive(Clone)]
enum Place {
    /// One element: no axis.
    At(Value),
    /// The elements from here on, as many as the length says.
    From(Value, Value),
    /// The elements at the indices in a vector.
    Gather(Term),
}

impl Lowering<'_> {
    /// `x[…]`; the terms are the array, then the subscripts' expressions in order.
    pub(super) fn place(&self, at: Origin, subscripts: &[Subscript], terms: &[Term]) -> Lowered<Term> {
        let (base, rest) = terms.split_first().expect("the array comes first");
        if base.rank() == 0 {
            return Err(self.not_an_array(base, "only arrays have subscripts"));
        }
        if subscripts.len() > base.rank() {
            let (name, n) = (self.quoted(base.at, "the array"), subscripts.len());
            let axes = if base.rank() == 1 { "one axis".to_owned() } else { format!("{} axes", base.rank()) };
            return self.refuse(at, format!("{name} has {axes}, and {n} subscripts are given"));
        }
        let mut rest = rest.iter();
        let mut next = || rest.next().expect("each expression of a subscript has its term");
        let mut places = Vec::new();
        for (axis, subscript) in subscripts.iter().enumerate() {
            let place = match subscript.kind {
                SubscriptKind::At(_) => self.at(base, axis, next()),
                SubscriptKind::Range(lo, hi) => {
                    let (lo, hi) = (lo.map(|_| next()), hi.map(|_| next()));
                    self.slice(base, axis, self.origin_of(subscript.span), lo, hi)
                }
            };
            places.push(place);
        }
        let places = places.into_iter().collect::<Lowered<Vec<Place>>>()?;
        Ok(self.read(at, base, places))
    }

    fn at(&self, base: &Term, axis: usize, index: &Term) -> Lowered<Place> {
        if index.rank() == 1 {
            if index.kind.is_whole() {
                return Ok(Place::Gather(index.stored(self.b)));
            }
            let name = self.quoted(index.at, "this");
            let title = format!("{name} is a vector of numbers that need not be whole, and no indices");
            return self.refuse_with(index.at, title, "a vector of indices is declared `at: index[k];`");
        }
        let value = self.whole(index, "an index")?;
        if let (Some(n), Some(len)) = (self.b.int_lit(value), self.b.int_lit(base.lens()[axis]))
            && n >= len
        {
            let name = self.quoted(base.at, "the array");
            let title = format!("the index {n} is out of range: {name} has length {len} there");
            return self.refuse_with(index.at, title, "indices start at 0");
        }
        Ok(Place::At(value))
    }

    /// The term as an index or a bound.
    pub(super) fn whole(&self, term: &Term, role: &str) -> Lowered<Value> {
        let whole = self.whole_number(term, role)?;
        if let Some((plus, minus)) = whole.parts(self.b) {
            let lit = |v: Value| self.b.int_lit(self.b.local(v));
            let negative = match (lit(plus), lit(minus)) {
                (Some(0), None) => true,
                (Some(plus), Some(minus)) => plus < minus,
                (Some(_) | None, None) | (None, Some(_)) => false,
            };
            if negative {
                let name = self.quoted(term.at, "this");
                return self.refuse_with(
                    term.at,
                    format!("{name} is negative, and {role} is not"),
                    "indices start at 0",
                );
            }
        }
        Ok(whole.as_index(self.b))
    }

    /// The term as a whole number.
    pub(super) fn whole_number(&self, term: &Term, role: &str) -> Lowered<Scalar> {
        self.scalars(std::slice::from_ref(term), role)?;
        self.numbers(std::slice::from_ref(term))?;
        if term.kind.is_whole() {
            return Ok(term.as_scalar());
        }
        if let Some(name) = &term.undeclared {
            let problem = Problem::new(term.at, format!("`{name}` is used as {role} but not declared"));
            let help = match role {
                "an index" => format!("declare it first: `{name}: index;`"),
                _ => format!("declare it first, as a length `x: [{name}];` or as `{name}: index;`"),
            };
            return Err(self.report(problem.help(help)));
        }
        let title = format!("{} is not a whole number, as {role} must be", self.quoted(term.at, "this"));
        self.refuse_with(term.at, title, "whole numbers are made of indices, lengths and literals with `+ - *`")
    }

    fn slice(&self, base: &Term, axis: usize, at: Origin, lo: Option<&Term>, hi: Option<&Term>) -> Lowered<Place> {
        let b = self.b;
        let whole = base.lens()[axis];
        let lo = lo.map_or_else(|| Ok(b.index_lit(0)), |lo| self.whole(lo, "a bound"))?;
        let hi = hi.map_or(Ok(whole), |hi| self.whole(hi, "a bound"))?;
        let lit = |v: Value| b.int_lit(b.local(v));
        if let (Some(lo), Some(hi)) = (lit(lo), lit(hi))
            && lo > hi
        {
            return self.refuse(at, format!("the slice ends at {hi}, before it starts at {lo}"));
        }
        if let (Some(hi), Some(len)) = (lit(hi), lit(whole))
            && hi > len
        {
            let name = self.quoted(base.at, "the array");
            return self.refuse(at, format!("the slice ends at {hi}, and {name} has length {len} there"));
        }
        Ok(Place::From(lo, b.call(Prim::Sub, &[hi, lo])))
    }

    fn read(&self, at: Origin, base: &Term, places: Vec<Place>) -> Term {
        let b = self.b;
        let fixed: Option<Vec<Value>> = places
            .iter()
            .map(|place| match place {
                Place::At(value) => Some(*value),
                Place::From(..) | Place::Gather(_) => None,
            })
            .collect();
        if let Some(fixed) = fixed {
            match &base.content {
                Content::Array { whole: Some(whole), .. } => {
                    let from = (fixed.len()..base.rank()).map(|axis| base.from(axis)).collect();
                    return Term::of(b, b.index(*whole, &fixed), at).with_from(from);
                }
                Content::Array { element, lens, .. } if lens.len() == fixed.len() => {
                    return Term::scalar(element(b, &fixed), at);
                }
                Content::Array { .. } | Content::Scalar(_) => {}
            }
        }
        let mut lens: Vec<Value> = places
            .iter()
            .filter_map(|place| match place {
                Place::At(_) => None,
                Place::From(_, len) => Some(*len),
                Place::Gather(indices) => Some(indices.lens()[0]),
            })
            .collect();
        lens.extend(&base.lens()[places.len()..]);
        let mut from: Vec<Option<Origin>> = (places.iter().enumerate())
            .filter_map(|(axis, place)| match place {
                Place::At(_) => None,
                Place::From(lo, len) => {
                    let all = self.b.int_lit(*lo) == Some(0) && *len == base.lens()[axis];
                    Some(if all { base.from(axis) } else { Some(at) })
                }
                Place::Gather(indices) => Some(indices.from(0)),
            })
            .collect();
        from.extend((places.len()..base.rank()).map(|axis| base.from(axis)));
        let inner = base.clone();
        let element = Rc::new(move |b: &Builder, given: &[Value]| -> Scalar {
            let mut given = given.iter().copied();
            let mut next = || given.next().expect("one index for each axis that is left");
            let mut full: Vec<Value> = places
                .iter()
                .map(|place| match place {
                    Place::At(value) => *value,
                    Place::From(lo, _) => b.call(Prim::Add, &[*lo, next()]),
                    Place::Gather(indices) => indices.element(b, &[next()]).as_index(b),
                })
                .collect();
            full.extend(given);
            inner.element(b, &full)
        });
        Term::view(b, base.kind, lens, std::slice::from_ref(base), at, element).with_from(from)
    }

    /// `[a, b, c]`
    pub(super) fn vector(&self, at: Origin, components: &[Term]) -> Lowered<Term> {
        let first = &components[0];
        let mut kind = first.kind;
        for other in &components[1..] {
            if other.rank() != first.rank() {
                let (x, y) = (self.quoted(first.at, "the first"), self.quoted(other.at, "this"));
                return Err(self.report(
                    Problem::new(other.at, format!("the components {x} and {y} have different shapes"))
                        .also(first.at, "the first component"),
                ));
            }
            for axis in 0..first.rank() {
                self.same_length(other.at, (first, axis), (other, axis))?;
            }
            let Some(joined) = kind.joined(other.kind) else {
                let title = "a vector holds numbers or conditions, not both";
                return Err(self.report(Problem::new(other.at, title).also(first.at, "the first component")));
            };
            kind = joined;
        }
        let kind = kind.settled();
        let values: Vec<Value> = components.iter().map(|component| component.value(self.b, kind)).collect();
        let from = std::iter::once(Some(at)).chain((0..first.rank()).map(|axis| first.from(axis))).collect();
        Ok(Term::of(self.b, self.b.array(&values), at).with_from(from))
    }
}
