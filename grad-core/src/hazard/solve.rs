//! The inputs at which a term lies so: its equation taken apart, as far as that is easy, into alternatives of simpler ones.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::{FRAC_PI_2, PI};

use super::facts::{self, Run};
use super::known::Known;
use super::range::Range;
use super::singular::{Cause, Relation};
use super::terms::{Term, TermId, Terms};
use super::walk::Within;
use crate::diagnostic::Origin;
use crate::prim::Prim;

/// A term that lies so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Atom {
    pub(super) term: TermId,
    pub(super) relation: Relation,
    /// The indices for all of which it does.
    pub(super) every: Vec<TermId>,
}

/// All of them.
pub(super) type Case = Vec<Atom>;

/// More alternatives are not told apart.
const MOST_CASES: usize = 8;
const DEEPEST: usize = 64;

/// The cases in which terms lie so, all of them, in the arms around a place; those that cannot be are left out.
pub(super) fn cases(
    terms: &mut Terms,
    within: &Within,
    cause: &Cause,
    named: &BTreeMap<TermId, Origin>,
    made: &BTreeSet<TermId>,
) -> Vec<Case> {
    let mut cases: Vec<Case> = vec![vec![]];
    for (term, relation) in cause {
        let further = match relation {
            Relation::Holds(_) => continue,
            relation => solve(terms, &within.known, named, *term, *relation),
        };
        cases = both(&cases, &further);
    }
    // What a selection asks for, given the rest.
    for (term, relation) in cause {
        if let Relation::Holds(truth) = relation {
            cases = cases.iter().flat_map(|case| guarded(terms, &within.known, case, *term, *truth)).collect();
        }
    }
    // The arms around the place are taken.
    for (term, truth) in within.conditions.iter().filter(|(term, _)| !made.contains(term)) {
        if is_of_inputs(terms, *term) {
            cases = cases.iter().flat_map(|case| guarded(terms, &Known::default(), case, *term, *truth)).collect();
        }
    }
    cases.retain(|case| is_possible(terms, &within.known, &within.conditions, case));
    cases
}

/// Whether a term says nothing of what loops carry.
fn is_of_inputs(terms: &Terms, term: TermId) -> bool {
    let carried = |id: &TermId| matches!(terms.get(*id), Term::Carry(..) | Term::Opaque(_));
    terms.cone(term).is_some_and(|cone| !cone.iter().any(carried))
}

/// A case with a condition that must hold in it, or not.
fn guarded(terms: &mut Terms, known: &Known, case: &Case, cond: TermId, truth: bool) -> Vec<Case> {
    let known = assumed(terms, known, case);
    match known.range(terms, cond).single() {
        Some(x) if (x != 0.0) == truth => return vec![case.clone()],
        Some(_) => return vec![],
        None => {}
    }
    match (terms.get(cond).clone(), truth) {
        (Term::Call(Prim::And, args), true) | (Term::Call(Prim::Or, args), false) => {
            let first = guarded(terms, &known, case, args[0], truth);
            first.iter().flat_map(|case| guarded(terms, &known, case, args[1], truth)).collect()
        }
        (Term::Call(Prim::And, args), false) | (Term::Call(Prim::Or, args), true) => {
            let mut cases = guarded(terms, &known, case, args[0], truth);
            cases.extend(guarded(terms, &known, case, args[1], truth));
            cases
        }
        (Term::Call(Prim::Not, args), _) => guarded(terms, &known, case, args[0], !truth),
        _ => {
            let mut case = case.clone();
            case.push(Atom { term: cond, relation: Relation::Holds(truth), every: vec![] });
            vec![case]
        }
    }
}

/// The cases in which a term lies so, those apart that what is known excludes.
fn solve(
    terms: &mut Terms,
    known: &Known,
    named: &BTreeMap<TermId, Origin>,
    term: TermId,
    relation: Relation,
) -> Vec<Case> {
    let mut solver = Solver { terms, known, named, every: Vec::new() };
    let cases = solver.solve(term, relation, 0);
    if cases.len() > MOST_CASES { vec![solver.leaf(term, relation)] } else { cases }
}

/// Each case of one together with each of the other.
fn both(xs: &[Case], ys: &[Case]) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for x in xs {
        for y in ys {
            let mut case = x.clone();
            case.extend(y.iter().filter(|atom| !x.contains(atom)).cloned());
            cases.push(case);
        }
    }
    cases
}

/// What is known where a case comes about.
fn assumed(terms: &mut Terms, known: &Known, case: &Case) -> Known {
    let mut known = known.clone();
    for atom in case.iter().filter(|atom| atom.every.is_empty()) {
        match atom.relation {
            Relation::Holds(truth) => known.assume(terms, atom.term, truth, 0),
            relation => {
                if let Some(range) = range_of(relation) {
                    known.narrow(terms, atom.term, range, 0);
                }
            }
        }
    }
    known
}

/// Whether a case may come about where something is known.
fn is_possible(terms: &mut Terms, known: &Known, conditions: &[(TermId, bool)], case: &Case) -> bool {
    let known = assumed(terms, known, case);
    let agrees = |term: TermId, truth: bool| known.range(terms, term).contains(f64::from(u8::from(truth)));
    !known.is_impossible()
        && case.iter().filter(|a| a.every.is_empty()).all(|a| may_lie(known.range(terms, a.term), a.relation))
        && conditions.iter().all(|(term, truth)| agrees(*term, *truth))
}

/// The numbers that lie so, where they are an interval.
fn range_of(relation: Relation) -> Option<Range> {
    match relation {
        Relation::Equal(c) => Some(Range::closed(c, c)),
        Relation::Below(c) => Some(Range::open(f64::NEG_INFINITY, c)),
        Relation::Above(c) => Some(Range::open(c, f64::INFINITY)),
        Relation::Between(lo, hi) => Some(Range::open(lo, hi)),
        Relation::Holds(truth) => Some(Range::point(f64::from(u8::from(truth)))),
        Relation::Multiple { .. } => None,
    }
}

fn may_lie(range: Range, relation: Relation) -> bool {
    match relation {
        Relation::Multiple { step, plus } => {
            let k = ((range.lo - plus) / step).ceil();
            !k.is_finite() || (0..=1).any(|more| range.contains(plus + (k + f64::from(more)) * step))
        }
        _ => range_of(relation).is_none_or(|r| !range.meet(r).is_empty()),
    }
}

struct Solver<'t> {
    terms: &'t mut Terms,
    known: &'t Known,
    /// What a function of the library has made of many terms is one thing to its reader.
    named: &'t BTreeMap<TermId, Origin>,
    every: Vec<TermId>,
}

impl Solver<'_> {
    fn leaf(&self, term: TermId, relation: Relation) -> Case {
        vec![Atom { term, relation, every: self.every.clone() }]
    }

    fn solve(&mut self, term: TermId, relation: Relation, depth: usize) -> Vec<Case> {
        let range = self.known.range(self.terms, term);
        if range.is_empty() || !may_lie(range, relation) {
            return vec![];
        }
        if self.terms.literal(term).is_some() {
            // A literal that may lie so does.
            return vec![vec![]];
        }
        let cases = match (self.terms.get(term).clone(), relation) {
            _ if depth > DEEPEST => None,
            (Term::Call(Prim::Select, _), _) if self.named.contains_key(&term) => None,
            (Term::Call(prim, args), Relation::Equal(c)) => self.equal(prim, &args, c, depth + 1),
            (Term::Call(prim, args), _) => self.moved(prim, &args, relation, depth + 1),
            (Term::Cast(x), _) => Some(self.solve(x, relation, depth + 1)),
            (Term::Reduce(Prim::Add, index, x), Relation::Equal(0.0)) if self.terms.range(x).lo >= 0.0 => {
                self.every.push(index);
                let cases = self.solve(x, relation, depth + 1);
                self.every.pop();
                // Which alternative it is may differ from term to term.
                (cases.len() == 1).then_some(cases)
            }
            _ => None,
        };
        cases.unwrap_or_else(|| vec![self.leaf(term, relation)])
    }

    /// The relation carried through a sum, a difference or a product with a literal.
    fn moved(&mut self, prim: Prim, args: &[TermId], relation: Relation, depth: usize) -> Option<Vec<Case>> {
        let lit = |solver: &Solver<'_>, k: usize| args.get(k).and_then(|a| solver.terms.literal(*a));
        let (rest, scale, plus) = match (prim, lit(self, 0), lit(self, 1)) {
            (Prim::Neg, ..) => (args[0], -1.0, 0.0),
            (Prim::Detach, ..) => (args[0], 1.0, 0.0),
            (Prim::Add, Some(k), _) => (args[1], 1.0, k),
            (Prim::Add, _, Some(k)) => (args[0], 1.0, k),
            (Prim::Sub, Some(k), _) => (args[1], -1.0, k),
            (Prim::Sub, _, Some(k)) => (args[0], 1.0, -k),
            (Prim::Mul, Some(k), _) if k != 0.0 => (args[1], k, 0.0),
            (Prim::Mul, _, Some(k)) if k != 0.0 => (args[0], k, 0.0),
            (Prim::Div, _, Some(k)) if k != 0.0 => (args[0], 1.0 / k, 0.0),
            _ => return None,
        };
        // scale · rest + plus lies so.
        let back = |c: f64| (c - plus) / scale;
        let relation = match relation {
            Relation::Equal(c) => Relation::Equal(back(c)),
            Relation::Below(c) if scale < 0.0 => Relation::Above(back(c)),
            Relation::Above(c) if scale < 0.0 => Relation::Below(back(c)),
            Relation::Below(c) => Relation::Below(back(c)),
            Relation::Above(c) => Relation::Above(back(c)),
            Relation::Between(x, y) => Relation::Between(back(x).min(back(y)), back(x).max(back(y))),
            Relation::Multiple { step, plus: p } => Relation::Multiple { step: (step / scale).abs(), plus: back(p) },
            Relation::Holds(_) => return None,
        };
        Some(self.solve(rest, relation, depth))
    }

    fn all(&mut self, equations: &[(TermId, f64)], depth: usize) -> Vec<Case> {
        let mut cases = vec![vec![]];
        for (term, c) in equations {
            let further = self.solve(*term, Relation::Equal(*c), depth);
            cases = both(&cases, &further);
        }
        cases
    }

    fn any(&mut self, equations: &[(TermId, f64)], depth: usize) -> Vec<Case> {
        let mut cases: Vec<Case> = Vec::new();
        for (term, c) in equations {
            for case in self.solve(*term, Relation::Equal(*c), depth) {
                if !cases.contains(&case) {
                    cases.push(case);
                }
            }
        }
        cases
    }

    fn equal(&mut self, prim: Prim, args: &[TermId], c: f64, depth: usize) -> Option<Vec<Case>> {
        if let Some(cases) = self.moved(prim, args, Relation::Equal(c), depth) {
            return Some(cases);
        }
        let range = |solver: &Solver<'_>, k: usize| solver.known.range(solver.terms, args[k]);
        let lit = |solver: &Solver<'_>, k: usize| args.get(k).and_then(|a| solver.terms.literal(*a));
        Some(match prim {
            Prim::Add | Prim::Sub => {
                // A sum at the end of its range has its terms at the ends of theirs.
                let (x, mut y) = (range(self, 0), range(self, 1));
                let sign = if prim == Prim::Sub { -1.0 } else { 1.0 };
                if prim == Prim::Sub {
                    y = y.neg();
                }
                if x.lo + y.lo == c && !x.lo_open && !y.lo_open {
                    self.all(&[(args[0], x.lo), (args[1], sign * y.lo)], depth)
                } else if x.hi + y.hi == c && !x.hi_open && !y.hi_open {
                    self.all(&[(args[0], x.hi), (args[1], sign * y.hi)], depth)
                } else {
                    return None;
                }
            }
            Prim::Mul if args[0] == args[1] => self.root(args[0], c, 2, depth)?,
            Prim::Mul if c == 0.0 => self.any(&[(args[0], 0.0), (args[1], 0.0)], depth),
            Prim::Div if c == 0.0 => self.solve(args[0], Relation::Equal(0.0), depth),
            Prim::Div => match lit(self, 0) {
                Some(k) => self.solve(args[1], Relation::Equal(k / c), depth),
                None => return None,
            },
            Prim::Sqrt => self.solve(args[0], Relation::Equal(c * c), depth),
            Prim::Cbrt => self.solve(args[0], Relation::Equal(c * c * c), depth),
            Prim::Abs if c == 0.0 => self.solve(args[0], Relation::Equal(0.0), depth),
            Prim::Abs => self.any(&[(args[0], -c), (args[0], c)], depth),
            Prim::Powi => match lit(self, 1) {
                Some(n) if n > 0.0 => self.root(args[0], c, n as i32, depth)?,
                _ => return None,
            },
            Prim::Pow if c == 0.0 => match lit(self, 1) {
                Some(y) if y > 0.0 => self.solve(args[0], Relation::Equal(0.0), depth),
                _ => return None,
            },
            Prim::Pow if c == 1.0 && lit(self, 1).is_some_and(|y| y != 0.0) => {
                self.solve(args[0], Relation::Equal(1.0), depth)
            }
            Prim::Hypot if c == 0.0 => self.all(&[(args[0], 0.0), (args[1], 0.0)], depth),
            Prim::Sin | Prim::Cos | Prim::Tan | Prim::OneMinusCos => {
                let (step, plus) = periodic(prim, c)?;
                self.solve(args[0], Relation::Multiple { step, plus }, depth)
            }
            Prim::Cosh if c == 1.0 => self.solve(args[0], Relation::Equal(0.0), depth),
            Prim::Sech | Prim::Gaussian if c == 1.0 => self.solve(args[0], Relation::Equal(0.0), depth),
            // The derivative goes to the one that is the result.
            Prim::Max | Prim::Min => {
                let mut cases = Vec::new();
                let sides = if prim == Prim::Max { (Prim::Ge, Prim::Lt) } else { (Prim::Le, Prim::Gt) };
                for (result, which) in [(args[0], sides.0), (args[1], sides.1)] {
                    if self.terms.literal(result).is_some() {
                        continue;
                    }
                    let first = self.terms.call(which, &[args[0], args[1]]);
                    for case in self.solve(result, Relation::Equal(c), depth) {
                        cases.extend(guarded(self.terms, self.known, &case, first, true));
                    }
                }
                cases
            }
            // Between its bounds it is the first, and elsewhere flat.
            Prim::Clamp if lit(self, 1).is_some() && lit(self, 2).is_some() => {
                self.solve(args[0], Relation::Equal(c), depth)
            }
            Prim::Select => {
                let yes = vec![self.leaf(args[0], Relation::Holds(true))];
                let no = vec![self.leaf(args[0], Relation::Holds(false))];
                let (x, y) =
                    (self.solve(args[1], Relation::Equal(c), depth), self.solve(args[2], Relation::Equal(c), depth));
                let mut cases = both(&yes, &x);
                cases.extend(both(&no, &y));
                cases
            }
            _ => {
                // A strictly monotone function at a number where it is exact.
                let (Run::Increasing | Run::Decreasing, _) = facts::of(prim)? else { return None };
                let flat = [Prim::Floor, Prim::Ceil, Prim::Round, Prim::Trunc, Prim::Sign, Prim::Signum, Prim::Relu];
                let nice = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, 4.0, 10.0];
                let x = nice.into_iter().find(|x| prim.value(&[*x]) == Some(c)).filter(|_| !flat.contains(&prim))?;
                self.solve(args[0], Relation::Equal(x), depth)
            }
        })
    }

    /// xⁿ = c
    fn root(&mut self, x: TermId, c: f64, n: i32, depth: usize) -> Option<Vec<Case>> {
        if c == 0.0 {
            return Some(self.solve(x, Relation::Equal(0.0), depth));
        }
        let root = c.abs().powf(1.0 / f64::from(n)).round();
        if root.powi(n) != c.abs() {
            return None;
        }
        Some(match n % 2 {
            0 => self.any(&[(x, -root), (x, root)], depth),
            _ => self.solve(x, Relation::Equal(root * c.signum()), depth),
        })
    }
}

/// Where a function of period π or 2π has a special value.
fn periodic(prim: Prim, c: f64) -> Option<(f64, f64)> {
    Some(match (prim, c) {
        (Prim::Sin | Prim::Tan, 0.0) => (PI, 0.0),
        (Prim::Cos, 0.0) => (PI, FRAC_PI_2),
        (Prim::Sin, 1.0) => (2.0 * PI, FRAC_PI_2),
        (Prim::Sin, -1.0) => (2.0 * PI, -FRAC_PI_2),
        (Prim::Cos, 1.0) | (Prim::OneMinusCos, 0.0) => (2.0 * PI, 0.0),
        (Prim::Cos, -1.0) | (Prim::OneMinusCos, 2.0) => (2.0 * PI, PI),
        _ => return None,
    })
}
