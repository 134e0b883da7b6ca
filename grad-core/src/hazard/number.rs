//! The number that a term is at a point, as far as it can be told without running loops that carry something on.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::singular::Relation;
use super::solve::{Atom, Case};
use super::terms::{Term, TermId, Terms};
use super::walk::identity;
use crate::ir::eval::{Array, Data, Datum};
use crate::prim::{Prim, Signature};

/// A point: the arguments, the lengths, and which iteration is looked at.
#[derive(Clone)]
pub(super) struct Point<'t> {
    pub(super) terms: &'t Terms,
    pub(super) args: Rc<Vec<Datum>>,
    pub(super) sizes: Vec<usize>,
    pub(super) indices: BTreeMap<TermId, i64>,
    /// A term taken for a number that it is mathematically, though no float makes it so.
    pub(super) given: Option<(TermId, f64)>,
    /// How many terms may still be computed.
    pub(super) left: Rc<Cell<u64>>,
}

/// Longer sums are not added up.
const LONGEST: i64 = 64;
/// Sums in sums go so deep.
const DEEPEST: usize = 4;

impl Point<'_> {
    pub(super) fn value(&self, root: TermId) -> Option<f64> {
        self.value_inside(root, 0)
    }

    fn value_inside(&self, root: TermId, depth: usize) -> Option<f64> {
        let cone = self.terms.cone(root)?;
        self.left.set(self.left.get().checked_sub(cone.len() as u64)?);
        let mut values: Vec<Option<f64>> = Vec::with_capacity(cone.len());
        for id in cone.iter() {
            let x = match self.given {
                Some((term, x)) if term == *id => Some(x),
                _ => self.one(*id, &cone, &values, depth),
            };
            values.push(x);
        }
        *values.last().expect("a term is of its own cone")
    }

    fn one(&self, id: TermId, cone: &[TermId], values: &[Option<f64>], depth: usize) -> Option<f64> {
        let of = |id: &TermId| values[cone.binary_search(id).expect("operands are of the cone")];
        match self.terms.get(id) {
            Term::Float(bits) => Some(f64::from_bits(*bits)),
            Term::Int(n) => Some(*n as f64),
            Term::Bool(b) => Some(f64::from(u8::from(*b))),
            Term::Call(Prim::Select, args) => of(&args[if of(&args[0])? == 0.0 { 2 } else { 1 }]),
            Term::Call(prim, args) => {
                let x: Vec<f64> = args.iter().map(of).collect::<Option<_>>()?;
                call(*prim, &x)
            }
            Term::Cast(x) => of(x),
            Term::Param(k) => scalar(&self.args[*k]),
            Term::Size(size) => self.sizes.get(size.0 as usize).map(|n| *n as f64),
            Term::Len(array, axis) => match (self.terms.get(*array), *axis as usize) {
                (Term::Param(k), axis) => match &self.args[*k] {
                    Datum::Array(array) => array.dims.get(axis).map(|n| *n as f64),
                    Datum::Float(_) | Datum::Int(_) | Datum::Bool(_) => None,
                },
                _ => None,
            },
            Term::Element(array, at) => {
                let at: Vec<usize> = at.iter().map(|i| of(i).and_then(whole)).collect::<Option<_>>()?;
                self.element(*array, &at, depth)
            }
            Term::Index(_, lo, _) => match self.indices.get(&id) {
                Some(i) => Some(*i as f64),
                None => of(lo),
            },
            // As in the first iteration.
            Term::Carry(_, init) => of(init),
            Term::Reduce(prim, index, term) => {
                let mut point = self.clone();
                let mut all = identity(*prim)?;
                for i in self.run(*index, depth)? {
                    point.indices.insert(*index, i);
                    all = prim.value(&[all, point.value_inside(*term, depth + 1)?])?;
                }
                Some(all)
            }
            Term::Array(_) | Term::Made(..) | Term::Opaque(_) => None,
        }
    }

    pub(super) fn at_index(&self, index: TermId, i: i64) -> Self {
        let mut point = self.clone();
        point.indices.insert(index, i);
        point
    }

    /// The numbers that an index runs over.
    pub(super) fn run(&self, index: TermId, depth: usize) -> Option<std::ops::Range<i64>> {
        let Term::Index(_, lo, hi) = self.terms.get(index) else { return None };
        if depth > DEEPEST {
            return None;
        }
        let (lo, hi) = (self.value_inside(*lo, depth + 1)?, self.value_inside(*hi, depth + 1)?);
        let run = lo as i64..hi as i64;
        (run.end.saturating_sub(run.start) <= LONGEST).then_some(run)
    }

    fn element(&self, array: TermId, at: &[usize], depth: usize) -> Option<f64> {
        match self.terms.get(array) {
            Term::Param(k) => {
                let Datum::Array(array) = &self.args[*k] else { return None };
                let place = place(array, at)?;
                match &array.data {
                    Data::Float(x) => Some(x[place]),
                    Data::Int(x) => Some(x[place] as f64),
                    Data::Bool(x) => Some(f64::from(u8::from(x[place]))),
                }
            }
            Term::Array(elements) if at.len() == 1 => self.value_inside(*elements.get(at[0])?, depth + 1),
            Term::Array(elements) => self.element(*elements.get(at[0])?, &at[1..], depth),
            Term::Made(indices, element) if indices.len() == at.len() && depth <= DEEPEST => {
                let mut point = self.clone();
                point.indices.extend(indices.iter().copied().zip(at.iter().map(|i| *i as i64)));
                point.value_inside(*element, depth + 1)
            }
            _ => None,
        }
    }

    /// Whether an atom holds, as far as that can be told.
    pub(super) fn holds(&self, atom: &Atom) -> Option<bool> {
        if let Some((index, rest)) = atom.every.split_first() {
            let rest = Atom { every: rest.to_vec(), ..atom.clone() };
            for i in self.run(*index, 0)? {
                if !self.at_index(*index, i).holds(&rest)? {
                    return Some(false);
                }
            }
            return Some(true);
        }
        let x = self.value(atom.term)?;
        Some(match atom.relation {
            Relation::Equal(c) => x == c,
            Relation::Below(c) => x < c,
            Relation::Above(c) => x > c,
            Relation::Between(lo, hi) => lo < x && x < hi,
            Relation::Multiple { step, plus } => ((x - plus) / step).fract() == 0.0,
            Relation::Holds(truth) => (x != 0.0) == truth,
        })
    }

    /// Whether nothing speaks against a case and the conditions of the arms.
    pub(super) fn agrees(&self, case: &Case, conditions: &[(TermId, bool)]) -> bool {
        case.iter().all(|atom| self.holds(atom) != Some(false))
            && conditions.iter().all(|(c, truth)| self.value(*c).is_none_or(|x| (x != 0.0) == *truth))
    }

    /// Puts a number in the place of a parameter, or of an element of one.
    pub(super) fn set(&mut self, term: TermId, x: f64) -> bool {
        // The zero that people write.
        let x = x + 0.0;
        match self.terms.get(term) {
            Term::Param(k) => match &mut Rc::make_mut(&mut self.args)[*k] {
                Datum::Float(slot) => {
                    *slot = x;
                    true
                }
                Datum::Int(slot) if x.fract() == 0.0 => {
                    *slot = x as i64;
                    true
                }
                Datum::Int(_) | Datum::Bool(_) | Datum::Array(_) => false,
            },
            Term::Element(array, at) => {
                let Term::Param(k) = self.terms.get(*array) else { return false };
                let at: Option<Vec<usize>> = at.iter().map(|i| self.value(*i).and_then(whole)).collect();
                let Some(at) = at else { return false };
                let Datum::Array(array) = &mut Rc::make_mut(&mut self.args)[*k] else { return false };
                let Some(place) = place(array, &at) else { return false };
                let Data::Float(data) = &mut array.data else { return false };
                data[place] = x;
                true
            }
            _ => false,
        }
    }
}

fn scalar(datum: &Datum) -> Option<f64> {
    match datum {
        Datum::Float(x) => Some(*x),
        Datum::Int(n) => Some(*n as f64),
        Datum::Bool(b) => Some(f64::from(u8::from(*b))),
        Datum::Array(_) => None,
    }
}

fn whole(x: f64) -> Option<usize> {
    (x >= 0.0 && x.fract() == 0.0 && x < 1e9).then_some(x as usize)
}

fn place(array: &Array, at: &[usize]) -> Option<usize> {
    if at.len() != array.dims.len() || at.iter().zip(&array.dims).any(|(i, n)| i >= n) {
        return None;
    }
    Some(at.iter().zip(&array.dims).fold(0, |place, (i, n)| place * n + i))
}

fn call(prim: Prim, x: &[f64]) -> Option<f64> {
    let truth = |b: bool| Some(f64::from(u8::from(b)));
    match (prim, x) {
        (Prim::Powi, [x, n]) => Some(x.powi(*n as i32)),
        (Prim::Lt, [x, y]) => truth(x < y),
        (Prim::Le, [x, y]) => truth(x <= y),
        (Prim::Gt, [x, y]) => truth(x > y),
        (Prim::Ge, [x, y]) => truth(x >= y),
        (Prim::Eq, [x, y]) => truth(x == y),
        (Prim::Ne, [x, y]) => truth(x != y),
        (Prim::And, [x, y]) => truth(*x != 0.0 && *y != 0.0),
        (Prim::Or, [x, y]) => truth(*x != 0.0 || *y != 0.0),
        (Prim::Not, [x]) => truth(*x == 0.0),
        _ if matches!(prim.row().signature, Signature::Bits | Signature::Shift) => None,
        _ => prim.value(x),
    }
}
