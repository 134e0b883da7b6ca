//! Matrices that are a diagonal: made of a vector, and multiplied as one.

use std::rc::Rc;

use super::lower::{Lowered, Lowering};
use super::scalar::{Kind, Scalar};
use super::term::Term;
use crate::diagnostic::Origin;
use crate::ir::{Builder, Value};
use crate::prim::Prim;

impl Lowering<'_> {
    /// `diag(x)`: the matrix with a vector on its diagonal, or the diagonal of a matrix.
    pub(super) fn diagonal(&self, at: Origin, x: &Term) -> Lowered<Term> {
        self.numbers(std::slice::from_ref(x))?;
        match x.rank() {
            0 => Err(self.not_an_array(x, "`diag` is of a vector or a matrix")),
            1 => Ok(self.matrix_of(at, &x.stored(self.b))),
            2 => {
                self.same_length(at, (x, 0), (x, 1))?;
                let inner = x.clone();
                let element = Rc::new(move |b: &Builder, place: &[Value]| inner.element(b, &[place[0], place[0]]));
                let term = Term::view(self.b, x.kind, vec![x.lens()[0]], std::slice::from_ref(x), at, element);
                Ok(term.with_from(vec![x.from(0)]))
            }
            _ => self.refuse(x.at, "`diag` is of a vector or a matrix"),
        }
    }

    /// `eye(n)`
    pub(super) fn identity(&self, at: Origin, n: &Term) -> Lowered<Term> {
        let len = self.whole(n, "a length")?;
        let one = Rc::new(|b: &Builder, _: &[Value]| Scalar::float(b.float(1.0)));
        let ones = Term::view(self.b, Kind::Float, vec![len], &[], at, one).with_from(vec![Some(n.at)]);
        Ok(self.matrix_of(at, &ones))
    }

    /// `column(x)`: a vector as a matrix of one column.
    pub(super) fn column(&self, at: Origin, x: &Term) -> Lowered<Term> {
        match x.rank() {
            0 => return Err(self.not_an_array(x, "`column` is of a vector")),
            1 => {}
            _ => return self.refuse(x.at, "`column` is of a vector"),
        }
        let inner = x.clone();
        let element = Rc::new(move |b: &Builder, place: &[Value]| inner.element(b, &place[..1]));
        let lens = vec![x.lens()[0], self.b.index_lit(1)];
        let term = Term::view(self.b, x.kind, lens, std::slice::from_ref(x), at, element);
        Ok(term.with_from(vec![x.from(0), Some(at)]))
    }

    fn matrix_of(&self, at: Origin, vector: &Term) -> Term {
        let inner = vector.clone();
        let element = Rc::new(move |b: &Builder, place: &[Value]| {
            let own = inner.element(b, &place[..1]).as_float(b);
            let is_here = b.call(Prim::Eq, &[place[0], place[1]]);
            Scalar::float(b.call(Prim::Select, &[is_here, own, b.float(0.0)]))
        });
        let len = vector.lens()[0];
        let term = Term::delayed(self.b, Kind::Float, vec![len, len], std::slice::from_ref(vector), at, element);
        Term { diagonal: Some(Rc::new(vector.clone())), ..term.with_from(vec![vector.from(0); 2]) }
    }

    /// `x @ y` where one of them is a diagonal: its elements, each times a row or a column of the other.
    pub(super) fn diagonal_product(&self, at: Origin, x: &Term, y: &Term) -> Lowered<Option<Term>> {
        if let (Some(v), Some(w)) = (x.diagonal.as_deref(), y.diagonal.as_deref()) {
            let both = self.arithmetic(at, Prim::Mul, &[v.clone(), w.clone()])?;
            return Ok(Some(self.matrix_of(at, &both.stored(self.b))));
        }
        let (vector, other, axis) = match (x.diagonal.as_deref(), y.diagonal.as_deref()) {
            (Some(v), _) => (v, y, 0),
            (None, Some(w)) => (w, x, x.rank() - 1),
            (None, None) => return Ok(None),
        };
        let (own, rest) = (vector.clone(), other.clone());
        let left = x.diagonal.is_some();
        let element = Rc::new(move |b: &Builder, place: &[Value]| {
            let own = own.element(b, &place[axis..=axis]).as_float(b);
            let rest = rest.element(b, place).as_float(b);
            b.set_origin(Some(at));
            Scalar::float(b.call(Prim::Mul, &if left { [own, rest] } else { [rest, own] }))
        });
        let operands = [vector.clone(), other.clone()];
        let term = Term::delayed(self.b, Kind::Float, other.lens().to_vec(), &operands, at, element);
        Ok(Some(Term { transposed: other.transposed, turned: other.turned, ..term.like(other) }))
    }
}
