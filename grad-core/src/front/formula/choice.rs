//! Choices, of which only the taken arm is evaluated, and logic that stops where it is decided.

use std::rc::Rc;

use grad_grammar::ExprId;

use super::lower::{Lowered, Lowering, Reported};
use super::scalar::{Kind, Scalar};
use super::term::{Extent, Term};
use crate::diagnostic::{Origin, Problem};
use crate::ir::{Builder, Value};
use crate::prim::Prim;

/// How many arms a choice may have: each is a body inside the one before.
const MOST_ARMS: usize = 60;

/// What both arms of a choice are to be.
#[derive(Clone)]
struct Shape {
    kind: Kind,
    lens: Vec<Extent>,
}

/// Why an arm gives no value.
enum Failure {
    Reported,
    /// The arms differ, and this is what they could both be.
    Differ(Shape),
}

impl From<Reported> for Failure {
    fn from(_: Reported) -> Failure {
        Failure::Reported
    }
}

impl Lowering<'_> {
    /// `if c then a else if d then b else z`
    pub(super) fn choice(&self, at: Origin, arms: &[(ExprId, ExprId)], otherwise: ExprId) -> Lowered<Term> {
        if arms.len() > MOST_ARMS {
            return self.refuse(at, format!("a choice has at most {MOST_ARMS} arms, and this one has {}", arms.len()));
        }
        self.deeper(at, || self.choose(at, arms, otherwise))
    }

    fn choose(&self, at: Origin, arms: &[(ExprId, ExprId)], otherwise: ExprId) -> Lowered<Term> {
        let Some(((condition, value), rest)) = arms.split_first() else { return self.lower(otherwise) };
        let checked = self.lower(*condition).and_then(|c| {
            self.conditions(std::slice::from_ref(&c))?;
            Ok(c)
        });
        let condition = match checked {
            Ok(condition) => condition,
            Err(reported) => {
                // What else is wrong is said as well.
                let _ = self.lower(*value);
                let _ = self.choose(at, rest, otherwise);
                return Err(reported);
            }
        };
        let then = || self.lower(*value);
        let other = || self.choose(at, rest, otherwise);
        if self.is_deep() {
            return Err(self.too_deep(at));
        }
        if condition.rank() > 0 {
            return self.choose_elements(at, &condition, then(), other());
        }
        match self.branch(at, &condition, None, &then, &other) {
            Ok(term) => Ok(term),
            Err(Failure::Reported) => Err(Reported),
            Err(Failure::Differ(shape)) => {
                self.branch(at, &condition, Some(shape), &then, &other).map_err(|_| Reported)
            }
        }
    }

    /// A choice for each element.
    fn choose_elements(&self, at: Origin, condition: &Term, x: Lowered<Term>, y: Lowered<Term>) -> Lowered<Term> {
        let (x, y) = (x?, y?);
        let Some(kind) = x.kind.joined(y.kind) else { return self.unlike(at, &x, &y) };
        let terms = [condition.clone(), x.clone(), y.clone()];
        let (like, terms) = self.shape(at, &terms)?.expect("the condition is an array");
        let lens = like.lens().to_vec();
        let operands = terms.clone();
        let element = Rc::new(move |b: &Builder, place: &[Value]| -> Scalar {
            let [condition, x, y] = terms.as_slice() else { unreachable!("a choice is of three") };
            let c = condition.element(b, place).as_bool();
            let arm = |term: &Term| vec![term.element(b, place).as_kind(b, kind)];
            let chosen = b.branch(c, || arm(x), || arm(y));
            Scalar::of(b, chosen[0])
        });
        // An arm has a body of its own, so that one more choice around it is one more level: store each.
        Ok(Term::delayed(self.b, kind, lens, &operands, at, element).like(&like).stored(self.b))
    }

    fn unlike<T>(&self, at: Origin, x: &Term, y: &Term) -> Lowered<T> {
        Err(self.report(
            Problem::new(at, "one arm of the choice is a number and the other a condition")
                .also(x.at, "one arm")
                .also(y.at, "the other"),
        ))
    }

    fn branch(
        &self,
        at: Origin,
        condition: &Term,
        target: Option<Shape>,
        then: &dyn Fn() -> Lowered<Term>,
        otherwise: &dyn Fn() -> Lowered<Term>,
    ) -> Result<Term, Failure> {
        let b = self.b;
        let first: std::cell::RefCell<Option<Lowered<(Term, Shape)>>> = std::cell::RefCell::default();
        let place = |term: &Term, shape: &Shape| -> Vec<Value> {
            if term.rank() < shape.lens.len() {
                let scalar = term.as_scalar();
                let lens: Vec<Value> = shape.lens.iter().map(|len| len.value(b)).collect();
                return vec![b.build(&lens, |_| scalar.as_kind(b, shape.kind))];
            }
            vec![term.value(b, shape.kind)]
        };
        let then = || -> Result<Vec<Value>, Failure> {
            let term = then();
            let Ok(term) = term else {
                // The other arm is lowered all the same, for what is wrong there.
                *first.borrow_mut() = Some(Err(Reported));
                return Ok(vec![b.float(0.0)]);
            };
            let shape = target.clone().map_or_else(|| self.own_shape(&term), Ok)?;
            let values = place(&term, &shape);
            *first.borrow_mut() = Some(Ok((term, shape)));
            Ok(values)
        };
        let otherwise = || -> Result<Vec<Value>, Failure> {
            let term = otherwise()?;
            let first = first.borrow();
            let Some(first) = first.as_ref() else { return Ok(place(&term, &self.own_shape(&term)?)) };
            let (other, shape) = first.as_ref().map_err(|_| Reported)?;
            let Some(kind) = other.kind.joined(term.kind) else {
                return Err(self.unlike::<()>(at, other, &term).unwrap_err().into());
            };
            let mine = self.own_shape(&term)?;
            if !shape.lens.is_empty() && !mine.lens.is_empty() && shape.lens != mine.lens {
                let problem = Problem::new(at, "the arms of the choice have different shapes");
                return Err(self.report(problem.also(other.at, "one arm").also(term.at, "the other")).into());
            }
            let lens = if shape.lens.is_empty() { mine.lens } else { shape.lens.clone() };
            let kind = if target.is_some() { shape.kind } else { kind.settled() };
            let joined = Shape { kind, lens };
            if joined.kind != shape.kind || joined.lens.len() != shape.lens.len() {
                return Err(Failure::Differ(joined));
            }
            Ok(place(&term, shape))
        };
        let values = b.try_branch(condition.as_scalar().as_bool(), then, otherwise)?;
        if let Some(Err(_)) = *first.borrow() {
            return Err(Failure::Reported);
        }
        Ok(Term::of(b, values[0], at))
    }

    /// The shape of an arm, in lengths that mean something outside it.
    fn own_shape(&self, term: &Term) -> Lowered<Shape> {
        let lens: Option<Vec<Extent>> = term.lens().iter().map(|len| Extent::of(self.b, *len)).collect();
        match lens {
            Some(lens) => Ok(Shape { kind: term.kind.settled(), lens }),
            None => self.refuse(term.at, "the length of this arm depends on more than a length and a literal"),
        }
    }

    /// `x and y`, `x or y`: `y` is evaluated only where `x` does not decide, unless it makes no difference.
    pub(super) fn logic(&self, at: Origin, all: bool, x: &Term, y: ExprId) -> Lowered<Term> {
        let prim = if all { Prim::And } else { Prim::Or };
        let left = self.conditions(std::slice::from_ref(x));
        if x.rank() > 0 || self.is_harmless(y) || left.is_err() {
            let y = self.lower(y)?;
            left?;
            self.conditions(std::slice::from_ref(&y))?;
            self.b.set_origin(Some(at));
            return self.zip(at, &[x.clone(), y], Kind::Bool, move |b, x| {
                Scalar::bool(b.call(prim, &[x[0].as_bool(), x[1].as_bool()]))
            });
        }
        let right = || -> Lowered<Vec<Value>> {
            let y = self.lower(y)?;
            self.conditions(std::slice::from_ref(&y))?;
            self.scalars(std::slice::from_ref(&y), "the right side of a condition that is a scalar")?;
            Ok(vec![y.as_scalar().as_bool()])
        };
        let decided = || -> Lowered<Vec<Value>> { Ok(vec![self.b.bool(!all)]) };
        let c = x.as_scalar().as_bool();
        let values = self.deeper(at, || {
            if all { self.b.try_branch(c, right, decided) } else { self.b.try_branch(c, decided, right) }
        })?;
        Ok(Term::scalar(Scalar::bool(values[0]), at))
    }
}
