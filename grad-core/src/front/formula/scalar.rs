//! Scalars while they are lowered, and what kind of number each is.
//!
//! A whole number may be an index or a factor, and which of them is seen only where it is used: `i - 1` is −1.0 as a
//! factor at i = 0, and no index there. What may be negative is therefore kept as a difference of two naturals, or as an
//! `isize`.

use crate::ir::{Builder, Elem, IntKind, Value};
use crate::prim::Prim;

/// What a scalar, or each element of an array, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Float,
    /// Made of indices, lengths and whole literals; never negative.
    Natural,
    /// Likewise, and it may be negative.
    Signed,
    Bool,
    /// A whole number as written, which is what its neighbours are. Never the kind of an array.
    Literal(i64),
}

impl Kind {
    /// As an element of an array, or as a result.
    pub(super) fn settled(self) -> Kind {
        match self {
            Kind::Literal(_) => Kind::Float,
            Kind::Float | Kind::Natural | Kind::Signed | Kind::Bool => self,
        }
    }

    pub(super) fn is_whole(self) -> bool {
        match self {
            Kind::Natural | Kind::Signed | Kind::Literal(_) => true,
            Kind::Float | Kind::Bool => false,
        }
    }

    pub(super) fn is_literal(self) -> bool {
        matches!(self, Kind::Literal(_))
    }

    pub(super) fn is_natural(self) -> bool {
        match self {
            Kind::Natural => true,
            Kind::Literal(n) => n >= 0,
            Kind::Signed | Kind::Float | Kind::Bool => false,
        }
    }

    pub(super) fn elem(self) -> Elem {
        match self {
            Kind::Float | Kind::Literal(_) => Elem::Float,
            Kind::Natural => Elem::INDEX,
            Kind::Signed => Elem::Int(IntKind::Isize),
            Kind::Bool => Elem::Bool,
        }
    }

    /// The kind of the elements of an array.
    pub(super) fn of(elem: Elem) -> Kind {
        match elem {
            Elem::Float => Kind::Float,
            Elem::Bool => Kind::Bool,
            Elem::Int(IntKind::Usize) => Kind::Natural,
            Elem::Int(_) => Kind::Signed,
        }
    }

    /// What two arms or two components that stand side by side both become.
    pub(super) fn joined(self, other: Kind) -> Option<Kind> {
        match (self, other) {
            (Kind::Bool, Kind::Bool) => Some(Kind::Bool),
            (Kind::Bool, _) | (_, Kind::Bool) => None,
            (Kind::Literal(_), Kind::Literal(_)) => Some(Kind::Float),
            (a, b) if a.is_natural() && b.is_natural() => Some(Kind::Natural),
            (a, b) if a.is_whole() && b.is_whole() => Some(Kind::Signed),
            _ => Some(Kind::Float),
        }
    }
}

/// A scalar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scalar {
    held: Held,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Held {
    /// A float for a literal, a `usize` for a natural number.
    One(Value),
    /// The first `usize` minus the second.
    Difference(Value, Value),
    /// An `isize`, and the same as a float.
    Signed(Value, Value),
}

impl Scalar {
    pub(super) fn float(value: Value) -> Scalar {
        Scalar { held: Held::One(value), kind: Kind::Float }
    }

    pub(super) fn bool(value: Value) -> Scalar {
        Scalar { held: Held::One(value), kind: Kind::Bool }
    }

    pub(super) fn literal(b: &Builder, n: i64) -> Scalar {
        Scalar { held: Held::One(b.float(n as f64)), kind: Kind::Literal(n) }
    }

    /// A `usize`.
    pub(super) fn natural(value: Value) -> Scalar {
        Scalar { held: Held::One(value), kind: Kind::Natural }
    }

    /// A difference of two `usize`, neither of which need be the larger one.
    pub(super) fn difference(b: &Builder, plus: Value, minus: Value) -> Scalar {
        if b.int_lit(minus) == Some(0) {
            return Scalar::natural(plus);
        }
        Scalar { held: Held::Difference(plus, minus), kind: Kind::Signed }
    }

    /// An `isize`, and the same as a float.
    pub(super) fn signed(value: Value, float: Value) -> Scalar {
        Scalar { held: Held::Signed(value, float), kind: Kind::Signed }
    }

    /// A value of the function's interface or of a body, whatever its type.
    pub(super) fn of(b: &Builder, value: Value) -> Scalar {
        match Kind::of(b.ty(value).elem) {
            Kind::Bool => Scalar::bool(value),
            Kind::Natural => Scalar::natural(value),
            Kind::Signed => Scalar::signed(b.cast(value, Kind::Signed.elem()), b.cast(value, Elem::Float)),
            Kind::Float | Kind::Literal(_) => Scalar::float(value),
        }
    }

    /// As a float.
    pub(super) fn as_float(self, b: &Builder) -> Value {
        match (self.held, self.kind) {
            (Held::Signed(_, float), _) => float,
            (Held::Difference(plus, minus), _) => difference(b, plus, minus, Elem::Float),
            (Held::One(value), Kind::Float | Kind::Literal(_)) => value,
            (Held::One(value), Kind::Natural | Kind::Signed) => b.cast(value, Elem::Float),
            (Held::One(_), Kind::Bool) => unreachable!("conditions are refused where numbers are due"),
        }
    }

    /// As an index; the kind is whole. A negative one is out of every range.
    pub(super) fn as_index(self, b: &Builder) -> Value {
        match self.held {
            Held::Signed(value, _) => b.cast(value, Elem::INDEX),
            Held::Difference(plus, minus) => less(b, plus, minus),
            Held::One(value) => match self.kind {
                Kind::Literal(n) => b.int(n, IntKind::Usize),
                Kind::Natural | Kind::Signed => value,
                Kind::Float | Kind::Bool => unreachable!("a float is refused where an index is due"),
            },
        }
    }

    /// As an integer that has a sign; the kind is whole.
    pub(super) fn as_signed(self, b: &Builder, kind: IntKind) -> Value {
        match self.held {
            Held::Signed(value, _) => b.cast(value, Elem::Int(kind)),
            Held::Difference(plus, minus) => difference(b, plus, minus, Elem::Int(kind)),
            Held::One(value) => match self.kind {
                Kind::Literal(n) => b.int(n, kind),
                Kind::Natural | Kind::Signed => b.cast(value, Elem::Int(kind)),
                Kind::Float | Kind::Bool => unreachable!("a float is refused where an integer is due"),
            },
        }
    }

    /// The whole number as a difference of two naturals, unless it is an `isize`.
    pub(super) fn parts(self, b: &Builder) -> Option<(Value, Value)> {
        match (self.held, self.kind) {
            (Held::Signed(..), _) => None,
            (Held::Difference(plus, minus), _) => Some((plus, minus)),
            (Held::One(_), Kind::Literal(n)) if n < 0 => Some((b.index_lit(0), b.int(-n, IntKind::Usize))),
            (Held::One(_), _) => Some((self.as_index(b), b.index_lit(0))),
        }
    }

    /// As a value of the kind.
    pub(super) fn as_kind(self, b: &Builder, kind: Kind) -> Value {
        match (kind, self.held) {
            (Kind::Float | Kind::Literal(_), _) => self.as_float(b),
            (Kind::Natural, _) => self.as_index(b),
            (Kind::Signed, _) => self.as_signed(b, IntKind::Isize),
            (Kind::Bool, Held::One(value)) => value,
            (Kind::Bool, Held::Difference(..) | Held::Signed(..)) => unreachable!("a whole number is no condition"),
        }
    }

    /// The condition.
    pub(super) fn as_bool(self) -> Value {
        match self.held {
            Held::One(value) if self.kind == Kind::Bool => value,
            Held::One(_) | Held::Difference(..) | Held::Signed(..) => {
                unreachable!("numbers are refused where conditions are due")
            }
        }
    }
}

/// `plus − minus` as a type that has a sign.
fn difference(b: &Builder, plus: Value, minus: Value, elem: Elem) -> Value {
    let subtrahend = b.cast(minus, elem);
    match b.int_lit(b.local(plus)) {
        Some(0) => b.call(Prim::Neg, &[subtrahend]),
        _ => b.call(Prim::Sub, &[b.cast(plus, elem), subtrahend]),
    }
}

/// `plus − minus` as a `usize`; n − (1 + i) is written n − 1 − i.
fn less(b: &Builder, plus: Value, minus: Value) -> Value {
    let mut pending = vec![b.local(minus)];
    let mut value = plus;
    while let Some(next) = pending.pop() {
        match b.call_of(next) {
            Some((Prim::Add, [x, y, _])) if pending.len() < MOST_ADDENDS => pending.extend([y, x]),
            _ => value = b.call(Prim::Sub, &[value, next]),
        }
    }
    value
}

/// How many addends of a whole number are looked at.
const MOST_ADDENDS: usize = 8;

/// The addends of a natural number, the literal ones in one.
pub(super) fn addends(b: &Builder, value: Value) -> (Vec<Value>, i64) {
    let (mut rest, mut literal) = (Vec::new(), 0i64);
    let mut pending = vec![b.local(value)];
    while let Some(next) = pending.pop() {
        if let Some(n) = b.int_lit(next) {
            literal = literal.saturating_add(n);
            continue;
        }
        match b.call_of(next) {
            Some((Prim::Add, [x, y, _])) if pending.len() + rest.len() < MOST_ADDENDS => pending.extend([y, x]),
            _ => rest.push(next),
        }
    }
    (rest, literal)
}
