//! A carried array of which every element that is read is written for the last time before the read (or never) holds
//! after the loop every value that was read in it: it needs no tape.
//!
//! The proof takes each read with each write in the loop and in the loops inside it, and shows that no write at the
//! read's time or later hits the read's place. A later write lies in a later iteration of one of the loops around both,
//! the loops around that one being in the same iteration, or later in the same iteration of all of them. Places are
//! polynomials in the indices and in what does not change; their difference is bounded by going to the ends of the
//! indices' ranges, innermost first.

use std::collections::{BTreeMap, BTreeSet};

use super::polynomial::{
    Atom, Polynomial, atom, difference, is_not_negative, is_not_positive, linear, literal, negated, product, renamed,
    sum,
};
use super::settled::flags;
use crate::ir::{Body, Direction, Id, IntKind, Lit, Op, Type};
use crate::prim::Prim;

/// Whether the k-th carry of the counted loop `id` is such an array. Elements that the body itself, no inner loop of it,
/// reads before they are written for the last time are exceptions: they come back.
pub(super) fn proves(outer: &Body, id: Id, k: usize) -> Option<Vec<Id>> {
    let Op::Fold { inits, .. } = &outer.node(id).op else { return None };
    if outer.ty(inits[k]).is_scalar() {
        return None;
    }
    let mut survey = Survey::default();
    let around = survey.frame(outer, None, Vec::new(), Vec::new());
    survey.fold(&around, id, Some(k), &[], &Vec::new(), &Vec::new())?;
    survey.exceptions()
}

/// Whether no element that is read of the k-th carry of the counted loop `id` has been written by the loop before the read;
/// `after` are places at which it is read when the loop is done, as nodes of `outer`.
pub(crate) fn keeps(outer: &Body, id: Id, k: usize, after: &[&[Id]]) -> bool {
    let mut survey = Survey { order: Order::Earlier, ..Survey::default() };
    let around = survey.frame(outer, None, Vec::new(), Vec::new());
    if survey.fold(&around, id, Some(k), &[], &Vec::new(), &Vec::new()).is_none() {
        return false;
    }
    for at in after {
        let place = at.iter().map(|x| survey.polynomial(&around, *x)).collect();
        let read = Access { id, trace: Vec::new(), loops: Vec::new(), place, facts: Vec::new() };
        if !survey.writes.iter().all(|write| survey.apart(&read, write, 0, None)) {
            return false;
        }
    }
    survey.reads.iter().all(|read| survey.writes.iter().all(|write| survey.misses(read, write)))
}

/// Which writes are looked at: those at a read's time or later, or those before it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Later,
    Earlier,
}

/// Most accesses that are looked at.
const MOST_ACCESSES: usize = 64;

/// Expressions that nest deeper than this are atoms.
const DEPTH: u32 = 32;

/// Most ways that are tried to bound one difference.
const TRIES: u32 = 256;

/// Renames what differs between the read's iteration and the write's.
const OTHER: Atom = 1 << 31;

/// A loop, or the elements of a comprehension.
type Loop = u32;

/// A body on the way in.
struct Frame<'a> {
    body: &'a Body,
    outer: Option<&'a Frame<'a>>,
    params: Vec<ParamIs>,
    number: u32,
    /// The loops around what is made here.
    loops: Vec<Loop>,
}

#[derive(Clone, Copy)]
enum ParamIs {
    Capture(Id),
    Index(Atom),
    Other,
}

/// Where on the way in an access lies: the frame, and how many writes its array has seen there.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// Within the n-th writer of the array.
    In(u32),
    /// After the n-th writer.
    After(u32),
}

#[derive(Clone, Debug)]
enum Fact {
    NotNegative(Polynomial),
    NotZero(Polynomial),
}

/// What is known where an access is: the facts of the choices around it.
type Facts = Vec<Fact>;

struct Access {
    /// The node.
    id: Id,
    /// A step in each body from the loop's own inward, with the number of that body's frame.
    trace: Vec<(u32, Step)>,
    loops: Vec<Loop>,
    place: Vec<Polynomial>,
    facts: Facts,
}

struct AtomIs {
    /// The loops in whose iterations it is made; of an index, with its own.
    loops: Vec<Loop>,
    /// Of an index: the first value and one past the last.
    range: Option<(Polynomial, Polynomial)>,
}

#[derive(Default)]
struct Survey {
    frames: u32,
    atoms: Vec<AtomIs>,
    /// The atoms of nodes by frame, and those of symbolic lengths in frame 0.
    numbered: BTreeMap<(u32, Id), Atom>,
    /// The index and the direction of each loop.
    directions: Vec<(Option<Atom>, Direction)>,
    reads: Vec<Access>,
    writes: Vec<Access>,
    order: Order,
}

/// A trace on the way in.
type Trace = Vec<(u32, Step)>;

impl Survey {
    fn frame<'a>(
        &mut self,
        body: &'a Body,
        outer: Option<&'a Frame<'a>>,
        params: Vec<ParamIs>,
        loops: Vec<Loop>,
    ) -> Frame<'a> {
        self.frames += 1;
        Frame { body, outer, params, number: self.frames, loops }
    }

    fn loop_of(&mut self, index: Option<Atom>, direction: Direction) -> Loop {
        self.directions.push((index, direction));
        Loop::try_from(self.directions.len() - 1).expect("few loops")
    }

    fn atom(&mut self, loops: Vec<Loop>, range: Option<(Polynomial, Polynomial)>) -> Atom {
        self.atoms.push(AtomIs { loops, range });
        Atom::try_from(self.atoms.len() - 1).expect("few atoms")
    }

    /// The accesses in a loop to the array that is its `carry` (if any) and to those of its captures in `read`, which
    /// are given in the order of its captures: nothing if something else is done with it.
    fn fold(
        &mut self,
        frame: &Frame<'_>,
        id: Id,
        carry: Option<usize>,
        read: &[bool],
        facts: &Facts,
        trace: &Trace,
    ) -> Option<()> {
        let Op::Fold { lo, hi, direction, inits, body, captures } = &frame.body.node(id).op else { return None };
        let number = self.loop_of(None, *direction);
        let loops: Vec<Loop> = frame.loops.iter().copied().chain([number]).collect();
        let range = (self.polynomial(frame, *lo), self.polynomial(frame, *hi));
        let index = self.atom(loops.clone(), Some(range));
        self.directions[number as usize].0 = Some(index);
        let mut params = vec![ParamIs::Index(index)];
        params.extend(inits.iter().map(|_| ParamIs::Other));
        params.extend(captures.iter().map(|c| ParamIs::Capture(*c)));
        let mut versions = vec![false];
        versions.extend((0..inits.len()).map(|k| carry == Some(k)));
        versions.extend((0..captures.len()).map(|k| read.get(k).copied().unwrap_or(false)));
        let inner = self.frame(body, Some(frame), params, loops);
        self.body(&inner, &versions, carry.map(|k| (1 + k, k)), facts, trace)
    }

    /// The accesses in a body to its parameters in `versions`, of which one comes back changed, as a result: (parameter,
    /// result).
    fn body(
        &mut self,
        frame: &Frame<'_>,
        versions: &[bool],
        changed: Option<(usize, usize)>,
        facts: &Facts,
        trace: &Trace,
    ) -> Option<()> {
        let body = frame.body;
        // How many writers each version of the array has seen; one that only is read has seen none.
        let mut seen: Vec<Option<u32>> = vec![None; body.nodes.len()];
        let mut latest = changed.map(|(p, _)| body.params[p]);
        for (k, param) in body.params.iter().enumerate().filter(|(k, _)| versions[*k]) {
            seen[param.index()] = Some(0);
            if changed.is_some_and(|(p, _)| p != k) {
                // The array by two ways at once.
                return None;
            }
        }
        for id in body.ids() {
            let is = |x: &Id| seen[x.index()].is_some();
            let mut touched = false;
            body.node(id).op.operands(|x| touched |= seen[x.index()].is_some());
            if !touched {
                continue;
            }
            let step = |x: &Id| Step::After(seen[x.index()].expect("asked of versions"));
            let with = |step: Step| -> Trace { trace.iter().copied().chain([(frame.number, step)]).collect() };
            match &body.node(id).op {
                Op::Len(..) => {}
                Op::Index { array, at } if is(array) && !at.iter().any(is) => {
                    let place = at.iter().map(|x| self.polynomial(frame, *x)).collect();
                    let access = Access {
                        id,
                        trace: with(step(array)),
                        loops: frame.loops.clone(),
                        place,
                        facts: facts.clone(),
                    };
                    self.reads.push(access);
                }
                Op::Update { array, at, value, .. } if is(array) && !is(value) && !at.iter().any(is) => {
                    let n = self.writer(&mut latest, *array, id, &mut seen)?;
                    let place = at.iter().map(|x| self.polynomial(frame, *x)).collect();
                    let trace = with(Step::In(n));
                    self.writes.push(Access { id, trace, loops: frame.loops.clone(), place, facts: facts.clone() });
                }
                Op::Fold { inits, captures, .. } => {
                    let carried: Vec<usize> = (0..inits.len()).filter(|k| is(&inits[*k])).collect();
                    let read: Vec<bool> = captures.iter().map(is).collect();
                    match carried.as_slice() {
                        [] => {
                            let version = captures.iter().find(|c| is(c))?;
                            if captures.iter().any(|c| is(c) && c != version) {
                                return None;
                            }
                            self.fold(frame, id, None, &read, facts, &with(step(version)))?;
                        }
                        [k] if !read.contains(&true) => {
                            let n = self.writer_of_result(&mut latest, inits[*k], id, *k, frame, &mut seen)?;
                            self.fold(frame, id, Some(*k), &[], facts, &with(Step::In(n)))?;
                        }
                        _ => return None,
                    }
                }
                Op::If { cond, then, otherwise, captures } => {
                    let captured: Vec<usize> = (0..captures.len()).filter(|k| is(&captures[*k])).collect();
                    let [c] = captured.as_slice() else { return None };
                    let flags: Vec<bool> = captures.iter().map(is).collect();
                    let result = changed_result(then, otherwise, &flags)?;
                    let way = match result {
                        Some(k) => {
                            let n = self.writer_of_result(&mut latest, captures[*c], id, k, frame, &mut seen)?;
                            with(Step::In(n))
                        }
                        None => with(step(&captures[*c])),
                    };
                    for (arm, taken) in [(then, true), (otherwise, false)] {
                        let mut facts = facts.clone();
                        self.facts(frame, *cond, taken, &mut facts, DEPTH);
                        let params = captures.iter().map(|c| ParamIs::Capture(*c)).collect();
                        let inner = self.frame(arm, Some(frame), params, frame.loops.clone());
                        self.body(&inner, &flags, result.map(|k| (*c, k)), &facts, &way)?;
                    }
                }
                Op::Build { lens, body: inner, captures } => {
                    let version = captures.iter().find(|c| is(c))?;
                    if captures.iter().any(|c| is(c) && c != version) || lens.iter().any(is) {
                        return None;
                    }
                    let number = self.loop_of(None, Direction::Up);
                    let loops: Vec<Loop> = frame.loops.iter().copied().chain([number]).collect();
                    let mut params = Vec::new();
                    for len in lens {
                        let range = (literal(0), self.polynomial(frame, *len));
                        params.push(ParamIs::Index(self.atom(loops.clone(), Some(range))));
                    }
                    params.extend(captures.iter().map(|c| ParamIs::Capture(*c)));
                    let mut versions = vec![false; lens.len()];
                    versions.extend(captures.iter().map(is));
                    let way = with(step(version));
                    let inner = self.frame(inner, Some(frame), params, loops);
                    self.body(&inner, &versions, None, facts, &way)?;
                }
                Op::While { cond, inits, body: inner, captures } => {
                    let version = captures.iter().find(|c| is(c))?;
                    if captures.iter().any(|c| is(c) && c != version) || inits.iter().any(is) {
                        return None;
                    }
                    let number = self.loop_of(None, Direction::Up);
                    let loops: Vec<Loop> = frame.loops.iter().copied().chain([number]).collect();
                    let mut versions = vec![false; inits.len()];
                    versions.extend(captures.iter().map(is));
                    let way = with(step(version));
                    for inner in [cond, inner] {
                        let params = inits.iter().map(|_| ParamIs::Other);
                        let params = params.chain(captures.iter().map(|c| ParamIs::Capture(*c))).collect();
                        let inner = self.frame(inner, Some(frame), params, loops.clone());
                        self.body(&inner, &versions, None, facts, &way)?;
                    }
                }
                Op::Index { .. }
                | Op::Update { .. }
                | Op::Const(_)
                | Op::Param(_)
                | Op::Size(_)
                | Op::Call(..)
                | Op::Cast(_)
                | Op::Array(_)
                | Op::Get(..)
                | Op::Push { .. } => return None,
            }
            if self.reads.len() + self.writes.len() > MOST_ACCESSES {
                return None;
            }
        }
        // The array comes back in its place, whole and only there.
        let returned = |(k, r): (usize, &Id)| match changed {
            Some((_, result)) if k == result => Some(*r) == latest,
            _ => seen[r.index()].is_none(),
        };
        body.results.iter().enumerate().all(returned).then_some(())
    }

    /// Notes that `id` makes the next version of the array.
    fn writer(&mut self, latest: &mut Option<Id>, array: Id, id: Id, seen: &mut [Option<u32>]) -> Option<u32> {
        if *latest != Some(array) {
            return None;
        }
        let n = seen[array.index()]? + 1;
        *latest = Some(id);
        seen[id.index()] = Some(n);
        Some(n)
    }

    /// Notes that the k-th result of `node` is the next version of the array.
    fn writer_of_result(
        &mut self,
        latest: &mut Option<Id>,
        array: Id,
        node: Id,
        k: usize,
        frame: &Frame<'_>,
        seen: &mut [Option<u32>],
    ) -> Option<u32> {
        let body = frame.body;
        let result =
            body.ids().find(|id| matches!(&body.node(*id).op, Op::Get(n, j) if *n == node && *j as usize == k));
        // A result that nobody asks for leaves the array as it was, for all that is known of it.
        self.writer(latest, array, result?, seen)
    }

    /// What a condition that holds (or not) says of indices.
    fn facts(&mut self, frame: &Frame<'_>, cond: Id, taken: bool, facts: &mut Facts, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let (frame, cond) = resolved(frame, cond);
        let Op::Call(prim, args) = &frame.body.node(cond).op else { return };
        match (prim, taken) {
            (Prim::Not, _) => return self.facts(frame, args[0], !taken, facts, depth),
            (Prim::And, true) | (Prim::Or, false) => {
                args.iter().for_each(|arg| self.facts(frame, *arg, taken, facts, depth));
                return;
            }
            _ => {}
        }
        if args.iter().any(|x| *frame.body.ty(*x) != Type::INDEX) || args.len() != 2 {
            return;
        }
        let (a, b) = (self.polynomial(frame, args[0]), self.polynomial(frame, args[1]));
        let below = |a: &Polynomial, b: &Polynomial| difference(&difference(b, a), &literal(1));
        facts.extend(match (prim, taken) {
            (Prim::Eq, false) | (Prim::Ne, true) => Some(Fact::NotZero(difference(&a, &b))),
            (Prim::Lt, true) | (Prim::Ge, false) => Some(Fact::NotNegative(below(&a, &b))),
            (Prim::Gt, true) | (Prim::Le, false) => Some(Fact::NotNegative(below(&b, &a))),
            (Prim::Le, true) | (Prim::Gt, false) => Some(Fact::NotNegative(difference(&b, &a))),
            (Prim::Ge, true) | (Prim::Lt, false) => Some(Fact::NotNegative(difference(&a, &b))),
            _ => None,
        });
    }

    /// An index as a polynomial.
    fn polynomial(&mut self, frame: &Frame<'_>, id: Id) -> Polynomial {
        self.taken_apart(frame, id, DEPTH)
    }

    fn taken_apart(&mut self, frame: &Frame<'_>, id: Id, depth: u32) -> Polynomial {
        let (frame, id) = resolved(frame, id);
        if let Some(depth) = depth.checked_sub(1)
            && *frame.body.ty(id) == Type::INDEX
        {
            let p = match &frame.body.node(id).op {
                Op::Const(Lit::Int(n, IntKind::Usize)) => Some(literal(*n)),
                Op::Param(k) => match frame.params.get(*k as usize) {
                    Some(ParamIs::Index(index)) => Some(atom(*index)),
                    _ => None,
                },
                Op::Call(prim @ (Prim::Add | Prim::Sub | Prim::Mul), args) => {
                    let a = self.taken_apart(frame, args[0], depth);
                    let b = self.taken_apart(frame, args[1], depth);
                    match prim {
                        Prim::Add => sum(&a, &b, 1),
                        Prim::Sub => sum(&a, &b, -1),
                        _ => product(&a, &b),
                    }
                }
                _ => None,
            };
            if let Some(p) = p {
                return p;
            }
        }
        // A symbolic length is the same in every body.
        let (key, loops) = match frame.body.node(id).op {
            Op::Size(size) => ((0, Id(size.0)), Vec::new()),
            _ => ((frame.number, id), frame.loops.clone()),
        };
        let made = match self.numbered.get(&key) {
            Some(made) => *made,
            None => {
                let made = self.atom(loops, None);
                self.numbered.insert(key, made);
                made
            }
        };
        atom(made)
    }

    /// The reads whose place no write may be proven to miss at their time or later: nothing if one is in an inner body.
    fn exceptions(&self) -> Option<Vec<Id>> {
        let is_final = |read: &&Access| self.writes.iter().all(|write| self.misses(read, write));
        let others = self.reads.iter().filter(|read| !is_final(read));
        others.map(|read| (read.trace.len() == 1).then_some(read.id)).collect()
    }

    /// Whether a write, where it is one of those that are looked at, is to another place than the read's.
    fn misses(&self, read: &Access, write: &Access) -> bool {
        // Whether the write is first where their ways part; nothing where only one of them is taken.
        let mut first = Some(false);
        for ((f, r), (g, w)) in read.trace.iter().zip(&write.trace) {
            if f != g {
                // Two arms of a choice: never both in one iteration.
                first = None;
                break;
            }
            first = Some(match (r, w) {
                (Step::In(r), Step::In(w)) if r == w => continue,
                (Step::In(r), Step::In(w)) => w < r,
                (Step::After(r), Step::In(w)) => w <= r,
                (_, Step::After(_)) => unreachable!("a write is within a writer in each body"),
            });
            break;
        }
        let common = read.loops.iter().zip(&write.loops).take_while(|(a, b)| a == b).count();
        debug_assert!(common > 0, "both lie in the loop");
        let harmless = match self.order {
            Order::Later => Some(true),
            Order::Earlier => Some(false),
        };
        let in_one_iteration = first.is_none() || first == harmless || self.apart(read, write, common, None);
        in_one_iteration && (0..common).all(|level| self.apart(read, write, level, Some(write.loops[level])))
    }

    /// Whether the places differ where the first `same` loops are in one iteration, and the write in another one of
    /// `parted`: a later or an earlier one.
    fn apart(&self, read: &Access, write: &Access, same: usize, parted: Option<Loop>) -> bool {
        let shared: BTreeSet<Loop> = read.loops[..same].iter().copied().collect();
        let other = |a: Atom| {
            let is_shared = self.atoms[a as usize].loops.iter().all(|l| shared.contains(l));
            if is_shared { a } else { a | OTHER }
        };
        let mut facts: Facts = read.facts.clone();
        facts.extend(write.facts.iter().map(|fact| match fact {
            Fact::NotNegative(p) => Fact::NotNegative(renamed(p, &other)),
            Fact::NotZero(p) => Fact::NotZero(renamed(p, &other)),
        }));
        let bounds = Bounds { survey: self, other: &other, parted, loops: &read.loops, facts };
        read.place.iter().zip(&write.place).any(|(r, w)| {
            let difference = difference(&renamed(w, &other), r);
            bounds.is_positive(&difference) || bounds.is_positive(&negated(&difference))
        })
    }
}

/// Where a captured value is made.
fn resolved<'f, 'a>(mut frame: &'f Frame<'a>, mut id: Id) -> (&'f Frame<'a>, Id)
where
    'a: 'f,
{
    while let Op::Param(k) = frame.body.node(id).op
        && let Some(outer) = frame.outer
        && let Some(ParamIs::Capture(captured)) = frame.params.get(k as usize)
    {
        (frame, id) = (outer, *captured);
    }
    (frame, id)
}

/// Which result of a choice is the array that its arms capture, if one is: nothing if only one arm gives it back.
#[expect(clippy::option_option, reason = "none is unknown, some none is that the arms only read")]
fn changed_result(then: &Body, otherwise: &Body, captured: &[bool]) -> Option<Option<usize>> {
    let of = |arm: &Body| -> Vec<bool> {
        let versions = super::settled::versions(arm, captured);
        flags(&arm.results, &versions)
    };
    let (then, otherwise) = (of(then), of(otherwise));
    let results: Vec<usize> = (0..then.len()).filter(|k| then[*k] || otherwise[*k]).collect();
    match results.as_slice() {
        [] => Some(None),
        [k] if then[*k] && otherwise[*k] => Some(Some(*k)),
        _ => None,
    }
}

/// What bounds the atoms of a read and of a write.
struct Bounds<'s> {
    survey: &'s Survey,
    other: &'s dyn Fn(Atom) -> Atom,
    parted: Option<Loop>,
    loops: &'s [Loop],
    facts: Facts,
}

impl Bounds<'_> {
    /// Whether a polynomial is positive, proven.
    fn is_positive(&self, p: &Polynomial) -> bool {
        self.at_least(&difference(p, &literal(1)), &mut TRIES.clone())
    }

    /// Whether a polynomial is not negative: the innermost of its indices goes to where it is least.
    fn at_least(&self, p: &Polynomial, tries: &mut u32) -> bool {
        if is_not_negative(p) {
            return true;
        }
        let Some(rest) = tries.checked_sub(1) else { return false };
        *tries = rest;
        let Some(index) = self.innermost(p) else { return self.runs_imply(p) };
        let Some((coefficient, rest)) = linear(p, index) else { return false };
        let (least, most) = self.ends(index);
        let ends = if is_not_negative(&coefficient) {
            least
        } else if is_not_positive(&coefficient) {
            most
        } else {
            return false;
        };
        ends.iter().any(|end| {
            product(&coefficient, end)
                .and_then(|bound| sum(&rest, &bound, 1))
                .is_some_and(|bounded| self.at_least(&bounded, tries))
        })
    }

    /// Whether a polynomial is not negative because a loop around the read runs at all: its range is not empty.
    fn runs_imply(&self, p: &Polynomial) -> bool {
        self.loops.iter().any(|l| {
            let Some(index) = self.survey.directions[*l as usize].0 else { return false };
            let (lo, hi) = self.is(index).range.as_ref().expect("an index has a range");
            is_not_negative(&difference(p, &difference(&difference(hi, lo), &literal(1))))
        })
    }

    fn is(&self, atom: Atom) -> &AtomIs {
        &self.survey.atoms[(atom & !OTHER) as usize]
    }

    fn innermost(&self, p: &Polynomial) -> Option<Atom> {
        let atoms = p.keys().flatten().copied().filter(|a| *a != Atom::MAX);
        atoms.filter(|a| self.is(*a).range.is_some()).max_by_key(|a| self.depth(*a))
    }

    /// Bounds of an index are made of atoms of less depth; those of the write's are found first.
    fn depth(&self, atom: Atom) -> (usize, bool, Atom) {
        (self.is(atom).loops.len(), atom & OTHER != 0, atom)
    }

    /// The bounds of an index from below and from above, both attained at most.
    fn ends(&self, index: Atom) -> (Vec<Polynomial>, Vec<Polynomial>) {
        let is = self.is(index);
        let (lo, hi) = is.range.as_ref().expect("an index has a range");
        let own = |p: &Polynomial| if index & OTHER == 0 { p.clone() } else { renamed(p, self.other) };
        let (mut least, mut most) = (vec![own(lo)], vec![difference(&own(hi), &literal(1))]);
        // The write's iteration of the loop that parts them is a later one than the read's, or an earlier one.
        if let Some(parted) = self.parted
            && index & OTHER != 0
            && is.loops.last() == Some(&parted)
            && self.survey.directions[parted as usize].0 == Some(index & !OTHER)
        {
            let reads = atom(index & !OTHER);
            match (self.survey.directions[parted as usize].1, self.survey.order) {
                (Direction::Up, Order::Later) | (Direction::Down, Order::Earlier) => {
                    least.push(sum(&reads, &literal(1), 1).expect("two terms"));
                }
                (Direction::Down, Order::Later) | (Direction::Up, Order::Earlier) => {
                    most.push(difference(&reads, &literal(1)));
                }
            }
        }
        for fact in &self.facts {
            let Fact::NotNegative(p) = fact else { continue };
            let Some((coefficient, rest)) = linear(p, index) else { continue };
            if rest.keys().flatten().any(|a| *a != Atom::MAX && self.depth(*a) >= self.depth(index)) {
                continue;
            }
            if coefficient == literal(1) {
                least.push(negated(&rest));
            } else if coefficient == literal(-1) {
                most.push(rest);
            }
        }
        // An end that is excluded moves in by one.
        for fact in &self.facts {
            let Fact::NotZero(p) = fact else { continue };
            let is_zero_at = |end: &Polynomial| {
                let to = difference(&atom(index), end);
                *p == to || negated(p) == to
            };
            for end in &mut least {
                if is_zero_at(end) {
                    *end = sum(end, &literal(1), 1).unwrap_or_else(|| end.clone());
                }
            }
            for end in &mut most {
                if is_zero_at(end) {
                    *end = difference(end, &literal(1));
                }
            }
        }
        // The strongest bounds are tried first.
        least.reverse();
        most.reverse();
        (least, most)
    }
}
