//! A function as terms: what each value is of the parameters, seen through captures, with the range of its values.
//!
//! A nested body is closed, and speaks of its captures by number; a condition speaks of the inputs. So bodies are read into
//! one arena of hash-consed terms in which a captured value is the term that it was outside. Operands come before users:
//! everything here goes over the cone of a term in the order of the ids, without recursion on its depth.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::cone::{Cone, Cones, Users};
use super::facts;
use super::known::Known;
use super::range::Range;
use crate::ir::{Direction, SizeId};
use crate::prim::{Domain, Prim, Signature};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TermId(u32);

impl TermId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Term {
    Float(u64),
    Int(i64),
    Bool(bool),
    /// An [`Prim::Select`] here may be a lazy choice.
    Call(Prim, Box<[TermId]>),
    /// A number as a number of another kind.
    Cast(TermId),
    Param(usize),
    Size(SizeId),
    Len(TermId, u32),
    Array(Box<[TermId]>),
    Element(TermId, Box<[TermId]>),
    /// The index of a loop or a comprehension, from the first to before the second.
    Index(u32, TermId, TermId),
    /// What a loop carries, with what it begins with.
    Carry(u32, TermId),
    /// A sum, a product, the largest or the smallest, over an index: the primitive that puts two terms together.
    Reduce(Prim, TermId, TermId),
    /// An array made over indices.
    Made(Box<[TermId]>, TermId),
    /// What is not looked into.
    Opaque(u32),
}

impl Term {
    pub(super) fn operands(&self) -> Vec<TermId> {
        match self {
            Term::Float(_) | Term::Int(_) | Term::Bool(_) | Term::Param(_) | Term::Size(_) | Term::Opaque(_) => vec![],
            Term::Call(_, args) | Term::Array(args) => args.to_vec(),
            Term::Cast(x) | Term::Len(x, _) | Term::Carry(_, x) => vec![*x],
            Term::Element(array, at) => std::iter::once(*array).chain(at.iter().copied()).collect(),
            Term::Index(_, lo, hi) => vec![*lo, *hi],
            Term::Reduce(_, index, term) => vec![*index, *term],
            Term::Made(indices, element) => indices.iter().copied().chain([*element]).collect(),
        }
    }
}

/// A loop that carries something on.
pub(super) struct Loop {
    /// Its index, if it counts, and which way.
    pub(super) index: Option<(TermId, Direction)>,
    pub(super) carries: Vec<TermId>,
    /// What an iteration makes of what is carried.
    pub(super) results: Vec<TermId>,
    /// What is asked before each iteration of a loop that does not count.
    pub(super) holds: Option<TermId>,
}

/// Cones of more terms are not gone over.
const MOST_TERMS: usize = 4000;

#[derive(Default)]
pub(super) struct Terms {
    terms: Vec<Term>,
    ranges: Vec<Range>,
    /// Whether a derivative goes through it.
    active: Vec<bool>,
    /// Whether it is a number at every input: what is none is in no order.
    defined: Vec<bool>,
    names: BTreeMap<TermId, Rc<str>>,
    /// The loops of what they carry, and of what is left after them, with the place of it.
    loops: BTreeMap<TermId, (Rc<Loop>, usize)>,
    /// Those asked for before.
    cones: RefCell<Cones>,
    ids: HashMap<Term, TermId>,
    fresh: u32,
}

impl Terms {
    /// The terms that make a result no number where they are none, by arithmetic that lets no NaN pass.
    pub(super) fn poisonous(&self, results: &[TermId]) -> BTreeSet<TermId> {
        let mut poisonous: BTreeSet<TermId> = results.iter().copied().collect();
        let mut stack = results.to_vec();
        while let Some(id) = stack.pop() {
            let strict: &[TermId] = match self.get(id) {
                Term::Call(prim, args) if is_strict(*prim) => args,
                Term::Cast(x) | Term::Reduce(Prim::Add | Prim::Mul, _, x) => std::slice::from_ref(x),
                _ => &[],
            };
            stack.extend(strict.iter().copied().filter(|x| poisonous.insert(*x)));
        }
        poisonous
    }

    pub(super) fn users(&self) -> Users {
        let mut users = Users::of(self.terms.len());
        for (k, term) in self.terms.iter().enumerate() {
            let id = TermId(u32::try_from(k).expect("there are fewer than 2^32 terms"));
            term.operands().iter().for_each(|x| users.add(*x, id));
        }
        users
    }

    pub(super) fn get(&self, id: TermId) -> &Term {
        &self.terms[id.index()]
    }

    pub(super) fn range(&self, id: TermId) -> Range {
        self.ranges[id.index()]
    }

    pub(super) fn is_active(&self, id: TermId) -> bool {
        self.active[id.index()]
    }

    pub(super) fn name(&mut self, id: TermId, name: &Rc<str>) {
        self.names.entry(id).or_insert_with(|| name.clone());
    }

    pub(super) fn name_of(&self, id: TermId) -> Option<&str> {
        self.names.get(&id).map(|name| &**name)
    }

    /// Something is carried by a loop, or left of it.
    pub(super) fn in_loop(&mut self, id: TermId, whole: &Rc<Loop>, place: usize) {
        self.loops.insert(id, (whole.clone(), place));
    }

    pub(super) fn loop_of(&self, id: TermId) -> Option<&(Rc<Loop>, usize)> {
        self.loops.get(&id)
    }

    /// A number that no other loop or opaque term has.
    pub(super) fn fresh(&mut self) -> u32 {
        self.fresh += 1;
        self.fresh
    }

    pub(super) fn float(&mut self, x: f64) -> TermId {
        self.intern(Term::Float(x.to_bits()))
    }

    /// The number that a term is, if it is a literal.
    pub(super) fn literal(&self, id: TermId) -> Option<f64> {
        match self.get(id) {
            Term::Float(bits) => Some(f64::from_bits(*bits)),
            Term::Int(n) => Some(*n as f64),
            _ => None,
        }
    }

    /// A leaf with what is known of it.
    pub(super) fn leaf(&mut self, term: Term, range: Range, active: bool) -> TermId {
        let id = self.intern(term);
        self.ranges[id.index()] = range;
        self.active[id.index()] = active;
        id
    }

    pub(super) fn intern(&mut self, term: Term) -> TermId {
        if let Some(id) = self.ids.get(&term) {
            return *id;
        }
        let active = match &term {
            Term::Call(Prim::Detach, _) | Term::Cast(_) | Term::Index(..) | Term::Len(..) => false,
            Term::Call(prim, _) if matches!(prim.row().signature, Signature::Compare | Signature::Logic) => false,
            term => term.operands().iter().any(|x| self.is_active(*x)),
        };
        let range = match &term {
            // Each arm knows the condition.
            Term::Call(Prim::Select, args) if self.cone_of(&args[1..]).is_some() => {
                let (c, x, y) = (args[0], args[1], args[2]);
                let mut arm = |truth: bool, value: TermId| {
                    let mut known = Known::default();
                    known.assume(self, c, truth, 0);
                    known.range(self, value)
                };
                arm(true, x).join(arm(false, y))
            }
            term => self.range_from(term, |id| self.range(id)),
        };
        let id = TermId(u32::try_from(self.terms.len()).expect("there are fewer than 2^32 terms"));
        let defined = self.is_defined_from(&term);
        self.terms.push(term.clone());
        self.ranges.push(range);
        self.active.push(active);
        self.defined.push(defined);
        self.ids.insert(term, id);
        id
    }

    /// A call, with literals folded: conditions are about the others.
    pub(super) fn call(&mut self, prim: Prim, args: &[TermId]) -> TermId {
        let lits: Vec<Option<f64>> = args.iter().map(|a| self.literal(*a)).collect();
        match (prim, lits.as_slice(), args) {
            (Prim::Add | Prim::Sub | Prim::Mul | Prim::Div, [Some(x), Some(y)], [a, b]) => {
                let both = matches!((self.get(*a), self.get(*b)), (Term::Int(_), Term::Int(_)));
                match prim.value(&[*x, *y]) {
                    Some(z) if both && prim != Prim::Div => return self.intern(Term::Int(z as i64)),
                    Some(z) if !both => return self.float(z),
                    _ => {}
                }
            }
            (Prim::Neg, [Some(x)], [a]) if matches!(self.get(*a), Term::Float(_)) => return self.float(-x),
            (Prim::Mul, [Some(1.0), _], [_, b]) => return *b,
            (Prim::Mul | Prim::Div, [_, Some(1.0)], [a, _]) => return *a,
            (Prim::Add, [Some(0.0), _], [_, b]) => return *b,
            (Prim::Add | Prim::Sub, [_, Some(0.0)], [a, _]) => return *a,
            (Prim::Select, _, [c, x, y]) => {
                if let Some(truth) = self.range(*c).single() {
                    return if truth == 0.0 { *y } else { *x };
                }
                if x == y {
                    return *x;
                }
            }
            _ => {}
        }
        self.intern(Term::Call(prim, args.into()))
    }

    pub(super) fn cast(&mut self, x: TermId, to_float: bool) -> TermId {
        match (self.get(x), to_float) {
            (Term::Int(n), true) => {
                let n = *n as f64;
                self.float(n)
            }
            _ => self.intern(Term::Cast(x)),
        }
    }

    /// The element of an array at indices, looked up in what the array was made of.
    pub(super) fn element(&mut self, array: TermId, at: &[TermId]) -> TermId {
        match self.get(array).clone() {
            Term::Array(elements) => {
                if let Some(k) = self.literal(at[0])
                    && let Some(element) = elements.get(k as usize).copied()
                {
                    return if at.len() == 1 { element } else { self.element(element, &at[1..]) };
                }
            }
            Term::Made(indices, element) if indices.len() <= at.len() => {
                let map: BTreeMap<TermId, TermId> = indices.iter().copied().zip(at.iter().copied()).collect();
                if let Some(element) = self.substitute(element, &map) {
                    let rest = &at[indices.len()..];
                    return if rest.is_empty() { element } else { self.element(element, rest) };
                }
            }
            Term::Element(inner, before) => {
                let all: Vec<TermId> = before.iter().chain(at).copied().collect();
                return self.element(inner, &all);
            }
            _ => {}
        }
        self.intern(Term::Element(array, at.into()))
    }

    /// The ids of what terms are made of, operands first; `None` where there are too many.
    pub(super) fn cone(&self, root: TermId) -> Option<Rc<Cone>> {
        if let Some(cone) = self.cones.borrow().get(root) {
            return cone;
        }
        let cone = self.cone_of(&[root]).map(|ids| Rc::new(Cone::new(self, ids)));
        self.cones.borrow_mut().keep(root, cone.clone());
        cone
    }

    fn cone_of(&self, roots: &[TermId]) -> Option<Vec<TermId>> {
        let mut cone = BTreeSet::new();
        let mut stack = roots.to_vec();
        while let Some(id) = stack.pop() {
            if cone.insert(id) {
                stack.extend(self.get(id).operands());
            }
            if cone.len() > MOST_TERMS {
                return None;
            }
        }
        Some(cone.into_iter().collect())
    }

    /// The term with others in the place of some.
    pub(super) fn substitute(&mut self, root: TermId, map: &BTreeMap<TermId, TermId>) -> Option<TermId> {
        let mut new = map.clone();
        for id in self.cone(root)?.iter().copied() {
            if new.contains_key(&id) {
                continue;
            }
            let term = self.get(id).clone();
            if term.operands().iter().all(|x| new[x] == *x) {
                new.insert(id, id);
                continue;
            }
            let all = |ids: &[TermId]| -> Vec<TermId> { ids.iter().map(|x| new[x]).collect() };
            let replaced = match &term {
                Term::Call(prim, args) => self.call(*prim, &all(args)),
                Term::Cast(x) => self.intern(Term::Cast(new[x])),
                Term::Len(x, axis) => self.intern(Term::Len(new[x], *axis)),
                Term::Array(elements) => self.intern(Term::Array(all(elements).into())),
                Term::Element(array, at) => self.element(new[array], &all(at)),
                Term::Index(n, lo, hi) => {
                    let range = self.range(id);
                    self.leaf(Term::Index(*n, new[lo], new[hi]), range, false)
                }
                Term::Reduce(prim, index, term) if matches!(self.get(new[index]), Term::Index(..)) => {
                    self.intern(Term::Reduce(*prim, new[index], new[term]))
                }
                Term::Made(indices, element)
                    if all(indices).iter().all(|i| matches!(self.get(*i), Term::Index(..))) =>
                {
                    self.intern(Term::Made(all(indices).into(), new[element]))
                }
                // What a loop carries is of the loop as it was.
                Term::Carry(..) | Term::Reduce(..) | Term::Made(..) => return None,
                Term::Float(_) | Term::Int(_) | Term::Bool(_) | Term::Param(_) | Term::Size(_) | Term::Opaque(_) => id,
            };
            if let Some(name) = self.names.get(&id).cloned()
                && matches!(self.get(replaced), Term::Index(..))
            {
                self.name(replaced, &name);
            }
            new.insert(id, replaced);
        }
        Some(new[&root])
    }

    pub(super) fn is_defined(&self, id: TermId) -> bool {
        self.defined[id.index()]
    }

    fn is_defined_from(&self, term: &Term) -> bool {
        let operands = term.operands().iter().all(|x| self.is_defined(*x));
        match term {
            Term::Float(bits) => f64::from_bits(*bits).is_finite(),
            Term::Carry(..) | Term::Opaque(_) => false,
            Term::Call(prim, args) => {
                let inside = |(domain, arg): (&Domain, &TermId)| match domain {
                    Domain::Real => true,
                    Domain::NoPole | Domain::OutsideUnit | Domain::Order => false,
                    domain => self.range(*arg).is_within(&facts::inside(*domain)),
                };
                // A whole power takes every base, 0 aside.
                operands && prim.row().domain.iter().zip(args.iter()).all(inside)
            }
            _ => operands,
        }
    }

    /// The range of a term from those of its operands.
    pub(super) fn range_from(&self, term: &Term, of: impl Fn(TermId) -> Range) -> Range {
        match term {
            Term::Float(bits) => Range::point(f64::from_bits(*bits)),
            Term::Int(n) => Range::point(*n as f64),
            Term::Bool(b) => Range::point(f64::from(u8::from(*b))),
            Term::Call(prim, args) => {
                let ranges: Vec<Range> = args.iter().map(|a| of(*a)).collect();
                match prim.row().signature {
                    Signature::Compare | Signature::Logic => {
                        logic(*prim, &ranges, args.iter().all(|a| self.is_defined(*a)))
                    }
                    Signature::Select => match ranges[0].single() {
                        Some(0.0) => ranges[2],
                        Some(_) => ranges[1],
                        None => ranges[1].join(ranges[2]),
                    },
                    Signature::Bits | Signature::Shift => Range::ALL,
                    Signature::Float | Signature::Number | Signature::Powi => {
                        let same = args.len() > 1 && args[0] == args[1];
                        let whole = args.get(1).and_then(|n| of(*n).single());
                        facts::call(*prim, &ranges, same, whole)
                    }
                }
            }
            Term::Cast(x) | Term::Element(x, _) => of(*x),
            Term::Size(_) | Term::Len(..) => Range::NON_NEGATIVE,
            Term::Array(elements) => elements.iter().map(|x| of(*x)).fold(Range::EMPTY, Range::join),
            Term::Index(_, lo, hi) => Range { lo: of(*lo).lo, lo_open: false, ..Range::to(of(*hi).hi - 1.0) },
            Term::Reduce(Prim::Max | Prim::Min, _, x) => of(*x),
            Term::Reduce(Prim::Mul, _, x) => {
                if of(*x).lo >= 0.0 {
                    of(*x).join(Range::point(1.0)).mul(Range::POSITIVE)
                } else {
                    Range::ALL
                }
            }
            // There may be no term at all.
            Term::Reduce(_, _, x) => of(*x).side(),
            Term::Made(_, element) => of(*element),
            Term::Param(_) | Term::Carry(..) | Term::Opaque(_) => Range::ALL,
        }
    }
}

/// Whether a function of floats is no number wherever one of its arguments is none, tried on a few others.
fn is_strict(prim: Prim) -> bool {
    let row = prim.row();
    let n = row.args.len();
    let others = [0.0, 1.0, -1.0, 0.5, f64::INFINITY, f64::NEG_INFINITY];
    let is_lost = |place: usize, other: f64| {
        let x: Vec<f64> = (0..n).map(|k| if k == place { f64::NAN } else { other }).collect();
        prim.value(&x).is_some_and(f64::is_nan)
    };
    matches!(row.signature, Signature::Float | Signature::Number)
        && (0..n).all(|place| others.into_iter().all(|other| is_lost(place, other)))
}

/// A truth value: 1, 0, or between where it is not known, as it is not of what may be no number, or infinite.
fn logic(prim: Prim, x: &[Range], defined: bool) -> Range {
    let truth = |yes: bool, no: bool| match (yes, no) {
        (true, _) => Range::point(1.0),
        (_, true) => Range::point(0.0),
        (false, false) => Range::closed(0.0, 1.0),
    };
    let less = |x: &Range, y: &Range| x.hi < y.lo || (x.hi == y.lo && (x.hi_open || y.lo_open));
    let less_or_equal = |x: &Range, y: &Range| x.hi <= y.lo;
    let (is_true, is_false) = (|x: &Range| x.single() == Some(1.0), |x: &Range| x.single() == Some(0.0));
    let equal = |x: &Range, y: &Range| x.single().is_some() && x.single() == y.single();
    match (prim, x) {
        (Prim::Lt | Prim::Gt | Prim::Le | Prim::Ge | Prim::Eq | Prim::Ne, _) if !defined => truth(false, false),
        (Prim::Lt, [x, y]) | (Prim::Gt, [y, x]) => truth(less(x, y), less_or_equal(y, x)),
        (Prim::Le, [x, y]) | (Prim::Ge, [y, x]) => truth(less_or_equal(x, y), less(y, x)),
        (Prim::Eq, [x, y]) => truth(equal(x, y), x.meet(*y).is_empty()),
        (Prim::Ne, [x, y]) => truth(x.meet(*y).is_empty(), equal(x, y)),
        (Prim::And, [x, y]) => truth(is_true(x) && is_true(y), is_false(x) || is_false(y)),
        (Prim::Or, [x, y]) => truth(is_true(x) || is_true(y), is_false(x) && is_false(y)),
        (Prim::Not, [x]) => truth(is_false(x), is_true(x)),
        _ => Range::closed(0.0, 1.0),
    }
}
