//! The number that a term is at a point, as far as it can be told without running loops that carry something on.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::singular::Relation;
use super::solve::{Atom, Case};
use super::terms::{Loop, Term, TermId, Terms};
use super::walk::{Around, identity};
use crate::ir::Direction;
use crate::ir::eval::{Array, Data, Datum};
use crate::prim::{Prim, Signature};

/// A point: the arguments, the lengths, and which iteration is looked at.
#[derive(Clone)]
pub(super) struct Point<'t> {
    pub(super) terms: &'t Terms,
    pub(super) args: Rc<Vec<Datum>>,
    pub(super) sizes: Vec<usize>,
    pub(super) indices: BTreeMap<TermId, i64>,
    /// How many iterations of a loop, by the first of what it carries, lie behind.
    pub(super) turns: BTreeMap<TermId, i64>,
    /// What is carried, while a loop is run.
    pub(super) carried: BTreeMap<TermId, Option<f64>>,
    /// A term taken for a number that it is mathematically, though no float makes it so.
    pub(super) given: Option<(TermId, f64)>,
    /// How many terms may still be computed.
    pub(super) left: Rc<Cell<u64>>,
}

/// Longer sums are not added up.
const LONGEST: i64 = 64;
/// In how many ways an iteration is chosen.
pub(super) const PICKS: usize = 4;
/// Sums in sums go so deep.
const DEEPEST: usize = 4;

impl Point<'_> {
    pub(super) fn value(&self, root: TermId) -> Option<f64> {
        self.value_inside(root, 0)
    }

    fn value_inside(&self, root: TermId, depth: usize) -> Option<f64> {
        let cone = self.terms.cone(root)?;
        self.left.set(self.left.get().checked_sub(cone.ids.len() as u64)?);
        let mut values: Vec<Option<f64>> = Vec::with_capacity(cone.ids.len());
        for (place, id) in cone.iter().enumerate() {
            let x = match self.given {
                Some((term, x)) if term == *id => Some(x),
                _ => self.one(*id, |number| values[cone.operand(place, number)], depth),
            };
            values.push(x);
        }
        *values.last().expect("a term is of its own cone")
    }

    /// A term, given its operands by their numbers.
    fn one(&self, id: TermId, of: impl Fn(usize) -> Option<f64>, depth: usize) -> Option<f64> {
        match self.terms.get(id) {
            Term::Float(bits) => Some(f64::from_bits(*bits)),
            Term::Int(n) => Some(*n as f64),
            Term::Bool(b) => Some(f64::from(u8::from(*b))),
            Term::Call(Prim::Select, _) => of(if of(0)? == 0.0 { 2 } else { 1 }),
            Term::Call(prim, args) => match args.len() {
                1 => call(*prim, &[of(0)?]),
                2 => call(*prim, &[of(0)?, of(1)?]),
                n => call(*prim, &(0..n).map(of).collect::<Option<Vec<f64>>>()?),
            },
            Term::Cast(_) => of(0),
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
                let at: Vec<usize> = (1..=at.len()).map(|k| of(k).and_then(whole)).collect::<Option<_>>()?;
                self.element(*array, &at, depth)
            }
            Term::Index(..) => match self.indices.get(&id) {
                Some(i) => Some(*i as f64),
                None => of(0),
            },
            Term::Carry(..) => match self.carried.get(&id) {
                Some(x) => *x,
                None => self.carry(id, of(0), depth),
            },
            Term::Reduce(prim, index, term) => {
                let mut point = self.clone();
                let mut all = identity(*prim)?;
                for i in self.run(*index, depth)? {
                    point.indices.insert(*index, i);
                    all = prim.value(&[all, point.value_inside(*term, depth + 1)?])?;
                }
                Some(all)
            }
            Term::Opaque(_) => {
                let (whole, place) = self.terms.loop_of(id)?;
                self.state(whole, None, depth)?[*place]
            }
            Term::Array(_) | Term::Made(..) => None,
        }
    }

    /// What is carried in the iteration that is looked at: the first one, where nothing else is said.
    fn carry(&self, id: TermId, init: Option<f64>, depth: usize) -> Option<f64> {
        let Some((whole, place)) = self.terms.loop_of(id) else { return init };
        match self.turns.get(&whole.carries[0]) {
            None | Some(0) => init,
            Some(turns) => self.state(whole, Some(*turns), depth)?[*place],
        }
    }

    /// What a loop carries after so many iterations, or after all.
    fn state(&self, whole: &Loop, turns: Option<i64>, depth: usize) -> Option<Vec<Option<f64>>> {
        if depth > DEEPEST {
            return None;
        }
        let run = match whole.index {
            Some((index, _)) => Some(self.run(index, depth)?),
            None => None,
        };
        let all = run.as_ref().map_or(LONGEST + 1, |run| run.end - run.start);
        let most = turns.unwrap_or(all);
        let mut values: Vec<Option<f64>> = (whole.carries.iter())
            .map(|carry| match self.terms.get(*carry) {
                Term::Carry(_, init) => self.value_inside(*init, depth + 1),
                _ => None,
            })
            .collect();
        let mut point = self.clone();
        for turn in 0..most {
            if let (Some((index, direction)), Some(run)) = (whole.index, &run) {
                point.indices.insert(index, at_turn(run, direction, turn));
            }
            point.carried.extend(whole.carries.iter().copied().zip(values.iter().copied()));
            if let Some(holds) = whole.holds
                && point.value_inside(holds, depth + 1)? == 0.0
            {
                return turns.is_none().then_some(values);
            }
            values = whole.results.iter().map(|x| point.value_inside(*x, depth + 1)).collect();
        }
        // A loop that has not ended says nothing of what it leaves.
        (whole.holds.is_none() || turns.is_some()).then_some(values)
    }

    /// Looks at one of the iterations of the loops around a place: in turn the first, the last, the second and one in the
    /// middle, and of loops in loops not always the same.
    pub(super) fn look_at(&mut self, around: &[Around], pick: usize) {
        for (level, around) in around.iter().enumerate() {
            let which = (pick + level * (pick / PICKS)) % PICKS;
            let mut turn = [0, 3, 1, 2][which];
            if let Some(index) = around.index {
                let Some(run) = self.run(index, 0).filter(|run| !run.is_empty()) else { continue };
                let n = run.end - run.start;
                turn = [0, n - 1, 1, n / 2][which].min(n - 1);
                let direction = around.carry.and_then(|carry| self.terms.loop_of(carry)?.0.index);
                let direction = direction.map_or(Direction::Up, |(_, direction)| direction);
                self.indices.insert(index, at_turn(&run, direction, turn));
            }
            if let Some(carry) = around.carry {
                self.turns.insert(carry, turn);
            }
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

    /// The parameter that an input is, or is an element of.
    pub(super) fn param_of(&self, input: TermId) -> Option<usize> {
        match self.terms.get(input) {
            Term::Param(k) => Some(*k),
            Term::Element(array, _) => self.param_of(*array),
            _ => None,
        }
    }

    /// Every float moved a little, one way or the other, each by something else, but for the inputs that stay.
    pub(super) fn nudged(&self, fixed: &[TermId], way: f64) -> Self {
        let mut point = self.clone();
        let by = |x: f64, k: usize| x + way * 1e-3 * (1.0 + x.abs()) * [1.0, -0.7, 0.4, -1.3, 0.9][k % 5];
        for (k, datum) in Rc::make_mut(&mut point.args).iter_mut().enumerate() {
            match datum {
                Datum::Float(x) => *x = by(*x, k),
                Datum::Array(Array { data: Data::Float(x), .. }) => {
                    x.iter_mut().enumerate().for_each(|(j, x)| *x = by(*x, k + j));
                }
                Datum::Int(_) | Datum::Bool(_) | Datum::Array(_) => {}
            }
        }
        for input in fixed {
            if let Some(x) = self.value(*input) {
                point.set(*input, x);
            }
        }
        point
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

/// The index of an iteration.
fn at_turn(run: &std::ops::Range<i64>, direction: Direction, turn: i64) -> i64 {
    match direction {
        Direction::Up => run.start + turn,
        Direction::Down => run.end - 1 - turn,
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
