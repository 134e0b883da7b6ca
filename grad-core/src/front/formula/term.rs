//! The value of an expression while it is lowered: a scalar, or an array that is computed element by element on demand.
//!
//! `sum(W^2)` is one loop and no temporary: an element-wise operation composes the closures of its operands. A closure
//! holds values of bodies that are open wherever it is called: a term never leaves the body that it was made in.

use std::rc::Rc;

use super::scalar::{Kind, Scalar};
use crate::diagnostic::Origin;
use crate::ir::{Builder, IntKind, Lit, Op, SizeId, Value};
use crate::prim::Prim;

/// How many closures an element may go through before it is stored.
const MOST_LAYERS: u32 = 24;

/// The element of an array at indices.
pub(super) type Element = Rc<dyn Fn(&Builder, &[Value]) -> Scalar>;

#[derive(Clone)]
pub(super) enum Content {
    Scalar(Scalar),
    Array {
        /// The length of each axis.
        lens: Vec<Value>,
        element: Element,
        /// The array itself, where there is one.
        whole: Option<Value>,
        /// How many closures an element goes through: each is a stack frame when it is called.
        layers: u32,
        /// Whether an element is read, not computed.
        cheap: bool,
    },
}

/// What a matrix is the product of.
#[derive(Clone)]
pub(super) struct Factors {
    pair: Rc<[Term; 2]>,
    /// How many products there are, one in the other.
    layers: u32,
}

impl Factors {
    /// The factors of the product of `x` and `y`, unless too many products are in one another.
    pub(super) fn of(x: &Term, y: &Term) -> Option<Factors> {
        let below = [x, y].map(|term| term.factors.as_ref().map_or(0, |factors| factors.layers));
        let layers = 1 + below[0].max(below[1]);
        (layers <= MOST_LAYERS).then(|| Factors { pair: Rc::new([x.clone(), y.clone()]), layers })
    }
}

/// The value of an expression.
#[derive(Clone)]
pub(super) struct Term {
    pub(super) kind: Kind,
    pub(super) content: Content,
    /// The expression.
    pub(super) at: Origin,
    /// The name of a parameter that nobody declared.
    pub(super) undeclared: Option<Rc<str>>,
    /// A vector with a `'`.
    pub(super) transposed: bool,
    /// The square of a norm: it is smooth at the origin, where the norm itself has a kink.
    pub(super) squared: Option<Value>,
    /// What this is the product of, so that a longer product can be computed in another order.
    pub(super) factors: Option<Factors>,
    /// A matrix whose columns lie together in memory.
    pub(super) turned: bool,
    /// The diagonal of a matrix that is one.
    pub(super) diagonal: Option<Rc<Term>>,
    /// Where the length of each axis comes from; shorter than the axes where the rest comes from nowhere in particular.
    pub(super) from: Vec<Option<Origin>>,
}

impl Term {
    fn new(kind: Kind, content: Content, at: Origin) -> Term {
        Term {
            kind,
            content,
            at,
            undeclared: None,
            transposed: false,
            squared: None,
            factors: None,
            turned: false,
            diagonal: None,
            from: Vec::new(),
        }
    }

    pub(super) fn scalar(scalar: Scalar, at: Origin) -> Term {
        Term::new(scalar.kind, Content::Scalar(scalar), at)
    }

    /// An array whose elements are computed from those of the operands.
    pub(super) fn delayed(
        b: &Builder,
        kind: Kind,
        lens: Vec<Value>,
        operands: &[Term],
        at: Origin,
        element: Element,
    ) -> Term {
        Term::layered(b, kind, lens, operands, false, at, element)
    }

    /// An array whose elements are those of the operands, elsewhere.
    pub(super) fn view(
        b: &Builder,
        kind: Kind,
        lens: Vec<Value>,
        operands: &[Term],
        at: Origin,
        element: Element,
    ) -> Term {
        Term::layered(b, kind, lens, operands, operands.iter().all(Term::is_cheap), at, element)
    }

    fn layered(
        b: &Builder,
        kind: Kind,
        lens: Vec<Value>,
        operands: &[Term],
        cheap: bool,
        at: Origin,
        element: Element,
    ) -> Term {
        let below = operands.iter().map(|term| match term.content {
            Content::Scalar(_) => 0,
            Content::Array { layers, .. } => layers,
        });
        let layers = 1 + below.max().unwrap_or(0);
        let term = Term::new(kind.settled(), Content::Array { lens, element, whole: None, layers, cheap }, at);
        if layers > MOST_LAYERS { term.computed(b) } else { term }
    }

    /// A value of any rank.
    pub(super) fn of(b: &Builder, value: Value, at: Origin) -> Term {
        let ty = b.ty(value);
        if ty.is_scalar() {
            return Term::scalar(Scalar::of(b, value), at);
        }
        let lens = (0..ty.rank()).map(|axis| b.len(value, axis)).collect();
        let element: Element = Rc::new(move |b, at| Scalar::of(b, b.index(value, at)));
        Term::new(Kind::of(ty.elem), Content::Array { lens, element, whole: Some(value), layers: 0, cheap: true }, at)
    }

    /// Where the length of an axis comes from.
    pub(super) fn from(&self, axis: usize) -> Option<Origin> {
        self.from.get(axis).copied().flatten()
    }

    pub(super) fn with_from(self, from: Vec<Option<Origin>>) -> Term {
        Term { from, ..self }
    }

    /// With lengths that come from where those of the other do.
    pub(super) fn like(self, other: &Term) -> Term {
        self.with_from(other.from.clone())
    }

    /// What this is the product of.
    pub(super) fn factors(&self) -> Option<&[Term; 2]> {
        self.factors.as_ref().map(|factors| &*factors.pair)
    }

    pub(super) fn lens(&self) -> &[Value] {
        match &self.content {
            Content::Scalar(_) => &[],
            Content::Array { lens, .. } => lens,
        }
    }

    pub(super) fn rank(&self) -> usize {
        self.lens().len()
    }

    fn is_cheap(&self) -> bool {
        match self.content {
            Content::Scalar(_) => true,
            Content::Array { cheap, .. } => cheap,
        }
    }

    /// The element at indices; a scalar stands for every element.
    pub(super) fn element(&self, b: &Builder, at: &[Value]) -> Scalar {
        match &self.content {
            Content::Scalar(scalar) => *scalar,
            Content::Array { element, .. } => element(b, at),
        }
    }

    /// The scalar that a term of rank 0 is.
    pub(super) fn as_scalar(&self) -> Scalar {
        match &self.content {
            Content::Scalar(scalar) => *scalar,
            Content::Array { .. } => unreachable!("arrays are refused where scalars are due"),
        }
    }

    /// The term as one value of the IR.
    pub(super) fn value(&self, b: &Builder, kind: Kind) -> Value {
        match &self.content {
            Content::Scalar(scalar) => scalar.as_kind(b, kind),
            Content::Array { whole: Some(whole), .. } if b.ty(*whole).elem == kind.elem() => *whole,
            Content::Array { lens, element, .. } => b.build(lens, |at| element(b, at).as_kind(b, kind)),
        }
    }

    /// The term with its elements computed, once and here.
    pub(super) fn stored(&self, b: &Builder) -> Term {
        if self.is_cheap() { self.clone() } else { self.computed(b) }
    }

    fn computed(&self, b: &Builder) -> Term {
        let value = self.value(b, self.kind);
        Term { transposed: self.transposed, diagonal: self.diagonal.clone(), ..Term::of(b, value, self.at).like(self) }
    }
}

/// What a length is, up to what can be told apart: a size (or none) and a constant.
fn affine(b: &Builder, len: Value) -> (Option<Value>, Option<SizeId>, i64) {
    let mut len = b.local(len);
    let mut sum = 0i64;
    loop {
        match b.op(len) {
            Op::Const(Lit::Int(n, _)) => return (None, None, sum.saturating_add(n)),
            Op::Size(size) => return (None, Some(size), sum),
            Op::Call(prim @ (Prim::Add | Prim::Sub), args) => {
                let sibling = |k: usize| b.sibling(len, args[k]);
                let (left, right) = (sibling(0), sibling(1));
                match (prim, b.int_lit(left), b.int_lit(right)) {
                    (Prim::Add, _, Some(n)) => (len, sum) = (left, sum.saturating_add(n)),
                    (Prim::Add, Some(n), _) => (len, sum) = (right, sum.saturating_add(n)),
                    (Prim::Sub, _, Some(n)) => (len, sum) = (left, sum.saturating_sub(n)),
                    _ => return (Some(len), None, sum),
                }
            }
            _ => return (Some(len), None, sum),
        }
    }
}

/// Whether two lengths are known to agree.
pub(super) fn agree(b: &Builder, x: Value, y: Value) -> bool {
    affine(b, x) == affine(b, y)
}

/// A length that means the same in every body: a size (or none) and a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    size: Option<SizeId>,
    plus: i64,
}

impl Extent {
    /// The length as one, if it is.
    pub(super) fn of(b: &Builder, len: Value) -> Option<Extent> {
        match affine(b, len) {
            (None, size, plus) => Some(Extent { size, plus }),
            (Some(_), ..) => None,
        }
    }

    /// `n - 1`
    pub(super) fn in_words(self, name: impl Fn(SizeId) -> String) -> String {
        match (self.size.map(name), self.plus) {
            (None, plus) => plus.to_string(),
            (Some(name), 0) => name,
            (Some(name), plus) if plus < 0 => format!("{name} - {}", plus.unsigned_abs()),
            (Some(name), plus) => format!("{name} + {plus}"),
        }
    }

    /// The length in the innermost body.
    pub(super) fn value(self, b: &Builder) -> Value {
        let n = b.int(self.plus.abs(), IntKind::Usize);
        match self.size {
            None => n,
            Some(size) if self.plus == 0 => b.size(size),
            Some(size) => b.call(if self.plus < 0 { Prim::Sub } else { Prim::Add }, &[b.size(size), n]),
        }
    }
}
