//! Reductions over indices and over arrays, and comprehensions.

use grad_grammar::{Binder, ExprId, Name};

use super::lower::{Lowered, Lowering};
use super::scalar::{Kind, Scalar};
use super::term::Term;
use super::whole;
use crate::diagnostic::{Origin, Problem, did_you_mean};
use crate::ir::{Builder, Direction, Value};
use crate::prim::Prim;

/// What a reduction does with its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reduction {
    Sum,
    Prod,
    Mean,
    Max,
    Min,
    ArgMax,
    ArgMin,
}

/// The names of the reductions.
pub(super) const REDUCTIONS: [(&str, Reduction); 7] = [
    ("sum", Reduction::Sum),
    ("prod", Reduction::Prod),
    ("mean", Reduction::Mean),
    ("max", Reduction::Max),
    ("min", Reduction::Min),
    ("argmax", Reduction::ArgMax),
    ("argmin", Reduction::ArgMin),
];

impl Reduction {
    pub(super) fn by_name(name: &str) -> Option<Reduction> {
        REDUCTIONS.iter().find(|(other, _)| *other == name).map(|(_, reduction)| *reduction)
    }

    /// The carries before the first term.
    fn start(self, b: &Builder) -> Vec<Value> {
        match self {
            Reduction::Sum => vec![b.float(0.0)],
            Reduction::Prod => vec![b.float(1.0)],
            Reduction::Mean => vec![b.float(0.0), b.float(0.0)],
            Reduction::Max => vec![b.float(f64::NEG_INFINITY)],
            Reduction::Min => vec![b.float(f64::INFINITY)],
            Reduction::ArgMax => vec![b.float(f64::NEG_INFINITY), b.index_lit(0)],
            Reduction::ArgMin => vec![b.float(f64::INFINITY), b.index_lit(0)],
        }
    }

    /// The carries after the term `x` at the index `i`.
    fn step(self, b: &Builder, carries: &[Value], i: Value, x: Value) -> Vec<Value> {
        let better = |prim: Prim| {
            let c = b.call(prim, &[x, carries[0]]);
            vec![b.call(Prim::Select, &[c, x, carries[0]]), b.call(Prim::Select, &[c, i, carries[1]])]
        };
        match self {
            Reduction::Sum => vec![b.call(Prim::Add, &[carries[0], x])],
            Reduction::Prod => vec![b.call(Prim::Mul, &[carries[0], x])],
            Reduction::Mean => {
                vec![b.call(Prim::Add, &[carries[0], x]), b.call(Prim::Add, &[carries[1], b.float(1.0)])]
            }
            Reduction::Max => vec![b.call(Prim::Max, &[carries[0], x])],
            Reduction::Min => vec![b.call(Prim::Min, &[carries[0], x])],
            Reduction::ArgMax => better(Prim::Gt),
            Reduction::ArgMin => better(Prim::Lt),
        }
    }

    fn end(self, b: &Builder, carries: &[Value]) -> Scalar {
        match self {
            Reduction::Sum | Reduction::Prod | Reduction::Max | Reduction::Min => Scalar::float(carries[0]),
            Reduction::Mean => Scalar::float(b.call(Prim::Div, carries)),
            Reduction::ArgMax | Reduction::ArgMin => Scalar::natural(carries[1]),
        }
    }

    fn gives_an_index(self) -> bool {
        matches!(self, Reduction::ArgMax | Reduction::ArgMin)
    }
}

impl<'f> Lowering<'f> {
    pub(super) fn reduction_of(&self, name: &Name) -> Lowered<Reduction> {
        if let Some(reduction) = Reduction::by_name(&name.text) {
            return Ok(reduction);
        }
        let near = did_you_mean(&name.text, REDUCTIONS.iter().map(|(name, _)| *name));
        let problem = Problem::new(self.origin_of(name.span), format!("`{}` is not a reduction", name.text));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the reductions are sum, prod, mean, max, min, argmax, argmin".to_owned(),
        };
        Err(self.report(problem.help(help)))
    }

    /// `sum(i in 0..n if c: x)`
    pub(super) fn reduction(
        &self,
        at: Origin,
        name: &Name,
        binders: &'f [Binder],
        filter: Option<ExprId>,
        body: ExprId,
    ) -> Lowered<Term> {
        let reduction = self.reduction_of(name)?;
        if reduction.gives_an_index() && binders.len() > 1 {
            return self.refuse(at, format!("`{}` has one index", name.text));
        }
        let start = reduction.start(self.b);
        let carries = self.deeper(at, || self.over(at, reduction, binders, filter, body, None, &start))?;
        self.b.set_origin(Some(at));
        Ok(Term::scalar(reduction.end(self.b, &carries), at))
    }

    #[allow(clippy::too_many_arguments)]
    fn over(
        &self,
        at: Origin,
        reduction: Reduction,
        binders: &'f [Binder],
        filter: Option<ExprId>,
        body: ExprId,
        innermost: Option<Value>,
        carries: &[Value],
    ) -> Lowered<Vec<Value>> {
        let b = self.b;
        let Some((binder, rest)) = binders.split_first() else {
            let i = innermost.expect("a reduction has an index");
            return self.term(at, reduction, filter, body, i, carries);
        };
        let bounds = self.bounds(binder);
        // The body is looked at even where the bounds are wrong.
        let (lo, hi) = match bounds {
            Ok(bounds) => bounds,
            Err(reported) => {
                let name = vec![(binder.name.text.as_str(), None)];
                let _ = self.with(name, || self.over(at, reduction, rest, filter, body, Some(carries[0]), carries));
                return Err(reported);
            }
        };
        b.set_origin(Some(at));
        if lo.kind.is_natural() {
            let range = (lo.as_index(b), whole::at_least_zero(b, hi));
            return b.try_fold(range, Direction::Up, carries, |i, carries| {
                b.name(i, &binder.name.text);
                self.turn(at, reduction, (binder, rest), filter, body, Scalar::natural(i), i, carries)
            });
        }
        if reduction.gives_an_index() {
            return self.refuse_with(
                self.origin_of(binder.span),
                "what gives an index has a range of indices, and this one may start below 0",
                "shift the range, so that it starts at 0",
            );
        }
        // i = lo + k, where lo may be negative.
        let count = whole::at_least_zero(b, whole::length(b, lo, hi));
        b.try_fold((b.index_lit(0), count), Direction::Up, carries, |k, carries| {
            let i = whole::arithmetic(b, Prim::Add, lo, Scalar::natural(k));
            self.turn(at, reduction, (binder, rest), filter, body, i, k, carries)
        })
    }

    /// One turn of a loop of a reduction.
    #[allow(clippy::too_many_arguments)]
    fn turn(
        &self,
        at: Origin,
        reduction: Reduction,
        (binder, rest): (&'f Binder, &'f [Binder]),
        filter: Option<ExprId>,
        body: ExprId,
        i: Scalar,
        counter: Value,
        carries: &[Value],
    ) -> Lowered<Vec<Value>> {
        let term = Term::scalar(i, at);
        self.with(vec![(&binder.name.text, Some(term))], || {
            self.deeper(at, || self.over(at, reduction, rest, filter, body, Some(counter), carries))
        })
    }

    /// The bounds of an index.
    fn bounds(&self, binder: &Binder) -> Lowered<(Scalar, Scalar)> {
        let bound = |id| self.lower(id).and_then(|term| self.whole_number(&term, "a bound"));
        let (lo, hi) = (bound(binder.lo), bound(binder.hi));
        Ok((lo?, hi?))
    }

    /// One term of a reduction.
    fn term(
        &self,
        at: Origin,
        reduction: Reduction,
        filter: Option<ExprId>,
        body: ExprId,
        i: Value,
        carries: &[Value],
    ) -> Lowered<Vec<Value>> {
        let b = self.b;
        let step = || -> Lowered<Vec<Value>> {
            let term = self.lower(body)?;
            self.scalars(std::slice::from_ref(&term), "a term of a reduction")?;
            self.numbers(std::slice::from_ref(&term))?;
            b.set_origin(Some(at));
            Ok(reduction.step(b, carries, i, term.as_scalar().as_float(b)))
        };
        let Some(filter) = filter else { return step() };
        let condition = self.lower(filter).and_then(|condition| {
            self.conditions(std::slice::from_ref(&condition))?;
            self.scalars(std::slice::from_ref(&condition), "a filter")?;
            Ok(condition.as_scalar().as_bool())
        });
        match condition {
            Ok(condition) => b.try_branch(condition, step, || Ok(carries.to_vec())),
            Err(reported) => {
                let _ = self.lower(body);
                Err(reported)
            }
        }
    }

    /// A reduction of all the elements of an array.
    pub(super) fn reduce(&self, at: Origin, reduction: Reduction, x: &Term) -> Lowered<Term> {
        self.numbers(std::slice::from_ref(x))?;
        if x.rank() == 0 {
            return Err(self.not_an_array(x, "a reduction is over a vector, a matrix or an index"));
        }
        if reduction.gives_an_index() && x.rank() > 1 {
            return self.refuse(at, "`argmax` and `argmin` are for vectors");
        }
        let b = self.b;
        if reduction == Reduction::Mean {
            let sum = self.reduce(at, Reduction::Sum, x)?.as_scalar().as_float(b);
            let count = self.count(x);
            return Ok(Term::scalar(Scalar::float(b.call(Prim::Div, &[sum, count])), at));
        }
        // The order of the elements in memory.
        let turned = if x.rank() == 2 && x.turned { Some(self.transpose(at, x)?) } else { None };
        let x = turned.as_ref().unwrap_or(x);
        let carries = over_axes(b, x, &mut Vec::new(), &reduction.start(b), &|b, at_place, x, carries| {
            b.set_origin(Some(at));
            reduction.step(b, carries, *at_place.last().expect("an array has an axis"), x)
        });
        Ok(Term::scalar(reduction.end(b, &carries), at))
    }

    /// How many elements there are, as a float.
    pub(super) fn count(&self, x: &Term) -> Value {
        let b = self.b;
        let lens = x.lens().iter().map(|len| Scalar::natural(*len).as_float(b));
        lens.reduce(|n, len| b.call(Prim::Mul, &[n, len])).expect("an array has an axis")
    }

    /// `[x for i in 0..n, j in 0..m]`
    pub(super) fn comprehension(
        &self,
        at: Origin,
        body: ExprId,
        binders: &'f [Binder],
        filter: Option<ExprId>,
    ) -> Lowered<Term> {
        let b = self.b;
        if let Some(filter) = filter {
            return self.refuse_with(
                self.origin(filter),
                "a vector cannot be filtered: its length would depend on the values",
                "a reduction can: `sum(i in 0..n if c: x)`",
            );
        }
        // Ranges are lowered outside, where an index of the same comprehension is not known.
        let mut ranges = Vec::new();
        for binder in binders {
            let shadowed = binders.iter().map(|other| (other.name.text.as_str(), None)).collect();
            let before = self.problem_count();
            let range = self.with(shadowed, || self.bounds(binder));
            if range.is_err() && self.problem_count() == before {
                let at = self.origin_of(binder.span);
                return self.refuse_with(
                    at,
                    "the range of an index of a vector cannot depend on another index",
                    "the vector would be ragged; a reduction can have such a range",
                );
            }
            if let Ok((Scalar { kind: Kind::Literal(lo), .. }, Scalar { kind: Kind::Literal(hi), .. })) = range
                && lo > hi
            {
                return self
                    .refuse(self.origin_of(binder.span), format!("the range ends at {hi}, before it starts at {lo}"));
            }
            ranges.push(range);
        }
        let ranges = ranges.into_iter().collect::<Lowered<Vec<_>>>();
        let ranges = match ranges {
            Ok(ranges) => ranges,
            Err(reported) => {
                let names = binders.iter().map(|binder| (binder.name.text.as_str(), None)).collect();
                let _ = self.with(names, || self.deeper(at, || self.lower(body)));
                return Err(reported);
            }
        };
        b.set_origin(Some(at));
        let from = binders.iter().map(|binder| Some(self.origin_of(binder.span))).collect();
        let lens: Vec<Value> = ranges.iter().map(|(lo, hi)| whole::length(b, *lo, *hi).as_index(b)).collect();
        let value = b.try_build(&lens, |indices| {
            let names = binders.iter().zip(indices).zip(&ranges).map(|((binder, i), (lo, _))| {
                let i = whole::arithmetic(b, Prim::Add, *lo, Scalar::natural(*i));
                if i.kind == Kind::Natural {
                    b.name(i.as_index(b), &binder.name.text);
                }
                (binder.name.text.as_str(), Some(Term::scalar(i, at)))
            });
            let term = self.with(names.collect(), || self.deeper(at, || self.lower(body)))?;
            b.set_origin(Some(at));
            Ok(term.value(b, term.kind.settled()))
        })?;
        Ok(Term::of(b, value, at).with_from(from))
    }
}

/// What a reduction does with an element: the place, the element as a float, the carries.
type Step<'a> = &'a dyn Fn(&Builder, &[Value], Value, &[Value]) -> Vec<Value>;

/// A loop nest over the elements of an array.
fn over_axes(b: &Builder, x: &Term, place: &mut Vec<Value>, carries: &[Value], step: Step<'_>) -> Vec<Value> {
    let axis = place.len();
    if axis == x.rank() {
        let element = x.element(b, place).as_float(b);
        return step(b, place, element, carries);
    }
    b.fold((b.index_lit(0), x.lens()[axis]), Direction::Up, carries, |i, carries| {
        place.push(i);
        let carries = over_axes(b, x, place, carries, step);
        place.pop();
        carries
    })
}
