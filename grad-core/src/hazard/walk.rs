//! A function read into terms, and every call on the way of a derivative: the sites at which one may stop being finite.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::cone::Users;
use super::known::Known;
use super::range::Range;
use super::terms::{Loop, Term, TermId, Terms};
use crate::diagnostic::Origin;
use crate::ir::build::live_nodes;
use crate::ir::{Body, Direction, Elem, Function, Id, Lit, Op, Store};
use crate::prim::Prim;

/// A call of floats that a derivative goes through.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) prim: Prim,
    pub(super) args: Vec<TermId>,
    pub(super) result: TermId,
    /// The arms that it is in.
    pub(super) within: Rc<Within>,
    pub(super) origin: Option<Origin>,
}

/// The conditions of the arms around a place, with the truth of each, and what they say together.
#[derive(Clone, Default)]
pub(super) struct Within {
    pub(super) conditions: Vec<(TermId, bool)>,
    pub(super) known: Known,
    /// The loops around it, from the outside in.
    pub(super) around: Vec<Around>,
}

/// A loop or a comprehension around a place: its index, if it counts, and the first of what it carries, if it does.
#[derive(Clone, Copy)]
pub(super) struct Around {
    pub(super) index: Option<TermId>,
    pub(super) carry: Option<TermId>,
}

/// A function in terms.
pub(super) struct Walked {
    pub(super) terms: Terms,
    /// In the order in which they are computed.
    pub(super) sites: Vec<Site>,
    pub(super) results: Vec<TermId>,
    /// The terms of the nodes of the function's own body.
    pub(super) nodes: Vec<Option<TermId>>,
    /// The terms of every node, inside loops and arms too.
    pub(super) written: BTreeSet<TermId>,
    /// The conditions that a function of the library has made.
    pub(super) made: BTreeSet<TermId>,
    pub(super) users: Users,
    /// What makes a result no number where it is none.
    pub(super) poisonous: BTreeSet<TermId>,
    /// Where terms come from that are the whole of what comes from there.
    pub(super) origins: BTreeMap<TermId, Origin>,
}

/// After so many nodes nothing more is found out about what loops carry.
const MOST_NODES: usize = 200_000;

pub(super) fn walk(f: &Function, wrt: &[usize]) -> Walked {
    let mut walker = Walker {
        terms: Terms::default(),
        sites: Vec::new(),
        silent: 0,
        visited: 0,
        last: BTreeMap::new(),
        written: BTreeSet::new(),
        made: BTreeSet::new(),
    };
    let params: Vec<TermId> = (0..f.params.len())
        .map(|k| {
            let counts = matches!(f.param_type(k).elem, Elem::Int(kind) if kind.bounds().0 == 0);
            let range = if counts { Range::NON_NEGATIVE } else { Range::ALL };
            let id = walker.terms.leaf(Term::Param(k), range, wrt.contains(&k));
            walker.terms.name(id, &f.params[k].name);
            id
        })
        .collect();
    let wanted: Vec<bool> = f.body.results.iter().map(|r| f.body.ty(*r).is_float()).collect();
    let nodes = walker.body(&f.body, &params, &Rc::default(), &wanted);
    let results: Vec<TermId> = f.body.results.iter().map(|r| nodes[r.index()].expect("a result is live")).collect();
    let origins = walker.last.iter().map(|(origin, term)| (*term, *origin)).collect();
    Walked {
        users: walker.terms.users(),
        poisonous: walker.terms.poisonous(&results),
        terms: walker.terms,
        sites: walker.sites,
        results,
        nodes,
        written: walker.written,
        made: walker.made,
        origins,
    }
}

struct Walker {
    terms: Terms,
    sites: Vec<Site>,
    /// How many trials are under way, of which no site is kept.
    silent: usize,
    visited: usize,
    /// The last term that comes from each place.
    last: BTreeMap<Origin, TermId>,
    written: BTreeSet<TermId>,
    made: BTreeSet<TermId>,
}

/// A loop, as it is read.
struct Looped<'b> {
    /// Its index, if it counts, and which way.
    counted: Option<(TermId, Direction)>,
    inner: &'b Body,
    cond: Option<&'b Rc<Body>>,
    captures: &'b [TermId],
    within: &'b Rc<Within>,
    wanted: bool,
}

/// Which nodes' derivatives are wanted: those that a derivative of a wanted result goes through.
fn wanted_nodes(body: &Body, results: &[bool]) -> Vec<bool> {
    let mut wanted = vec![false; body.nodes.len()];
    for (r, is) in body.results.iter().zip(results) {
        wanted[r.index()] |= is;
    }
    for id in body.ids().rev().collect::<Vec<_>>() {
        if !wanted[id.index()] {
            continue;
        }
        let mut want = |x: Id| {
            let float = match &body.node(x).ty {
                crate::ir::NodeType::One(ty) => ty.is_float(),
                crate::ir::NodeType::Many(_) => true,
            };
            wanted[x.index()] |= float;
        };
        match &body.node(id).op {
            Op::Call(prim, args) => {
                let flat = |k: usize| prim.row().partials.get(k) == Some(&"0.0");
                args.iter().enumerate().filter(|(k, _)| !flat(*k)).for_each(|(_, a)| want(*a));
            }
            Op::Index { array, .. } => want(*array),
            Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Len(..) | Op::Cast(_) => {}
            op => op.operands(want),
        }
    }
    wanted
}

/// Whether a node is the whole of what comes from its place. What a choice or a loop gives has the place of what came last
/// in it, unless the condition too comes from there: then a function of the library has made all of it.
fn is_whole(body: &Body, id: Id, origin: Origin) -> bool {
    let node = match &body.node(id).op {
        Op::Call(Prim::Select, args) => return body.origin(args[0]) == Some(origin),
        Op::Get(node, _) => *node,
        _ => return true,
    };
    match &body.node(node).op {
        Op::If { cond, .. } => body.origin(*cond) == Some(origin),
        Op::Fold { body: inner, .. } => inner.ids().all(|id| inner.origin(id).is_none_or(|inside| inside == origin)),
        _ => false,
    }
}

impl Walker {
    fn body(&mut self, body: &Body, params: &[TermId], within: &Rc<Within>, results: &[bool]) -> Vec<Option<TermId>> {
        let live = live_nodes(body);
        let wanted = wanted_nodes(body, results);
        let mut map: Vec<Option<TermId>> = vec![None; body.nodes.len()];
        let mut tuples: BTreeMap<Id, Vec<TermId>> = BTreeMap::new();
        for id in body.ids().filter(|id| live[id.index()]) {
            self.visited += 1;
            if let Some(term) = self.node(body, id, params, within, &wanted, &map, &mut tuples) {
                if let Some(name) = body.names.get(&id)
                    && matches!(self.terms.get(term), Term::Index(..) | Term::Carry(..) | Term::Opaque(_))
                {
                    self.terms.name(term, name);
                }
                if let Some(origin) = body.origin(id).filter(|origin| is_whole(body, id, *origin)) {
                    self.last.insert(origin, term);
                }
                if self.silent == 0 {
                    self.written.insert(term);
                }
                map[id.index()] = Some(term);
            }
        }
        map
    }

    fn results(&mut self, body: &Body, params: &[TermId], within: &Rc<Within>, wanted: bool) -> Vec<TermId> {
        let map = self.body(body, params, within, &vec![wanted; body.results.len()]);
        body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
    }

    fn opaque(&mut self, range: Range, active: bool) -> TermId {
        let n = self.terms.fresh();
        self.terms.leaf(Term::Opaque(n), range, active)
    }

    #[allow(clippy::too_many_arguments)]
    fn node(
        &mut self,
        body: &Body,
        id: Id,
        params: &[TermId],
        within: &Rc<Within>,
        wanted: &[bool],
        map: &[Option<TermId>],
        tuples: &mut BTreeMap<Id, Vec<TermId>>,
    ) -> Option<TermId> {
        let of = |id: &Id| map[id.index()].expect("operands come before users");
        let all = |ids: &[Id]| -> Vec<TermId> { ids.iter().map(of).collect() };
        let is_wanted = wanted[id.index()];
        Some(match &body.node(id).op {
            Op::Const(Lit::Float(bits)) => self.terms.intern(Term::Float(*bits)),
            Op::Const(Lit::Int(n, _)) => self.terms.intern(Term::Int(*n)),
            Op::Const(Lit::Bool(b)) => self.terms.intern(Term::Bool(*b)),
            Op::Param(k) => params[*k as usize],
            Op::Size(size) => self.terms.intern(Term::Size(*size)),
            Op::Call(prim, args) => {
                let args = all(args);
                let result = self.terms.call(*prim, &args);
                let through = is_wanted && body.ty(id).is_float() && *prim != Prim::Select;
                if through && self.silent == 0 && args.iter().any(|a| self.terms.is_active(*a)) {
                    let (prim, within) = (*prim, within.clone());
                    self.sites.push(Site { prim, args, result, within, origin: body.origin(id) });
                }
                result
            }
            Op::Cast(x) => self.terms.cast(of(x), body.ty(id).is_float()),
            Op::Array(elements) => self.terms.intern(Term::Array(all(elements).into())),
            Op::Index { array, at } => self.terms.element(of(array), &all(at)),
            Op::Len(array, axis) => self.terms.intern(Term::Len(of(array), *axis)),
            Op::Update { array, value, store, .. } => {
                let (array, value) = (of(array), of(value));
                let (before, new) = (self.terms.range(array), self.terms.range(value));
                let range = match store {
                    Store::Set => before.join(new),
                    Store::Add => before.join(before.add(new)),
                };
                let active = self.terms.is_active(array) || self.terms.is_active(value);
                self.opaque(range, active)
            }
            Op::Push { array, value } => {
                let (array, value) = (of(array), of(value));
                let range = self.terms.range(array).join(self.terms.range(value));
                let active = self.terms.is_active(array) || self.terms.is_active(value);
                self.opaque(range, active)
            }
            Op::Get(node, k) => tuples[node][*k as usize],
            Op::If { cond, then, otherwise, captures } => {
                let get = body.ids().find(|get| matches!(body.node(*get).op, Op::Get(node, _) if node == id));
                let origin = get.and_then(|get| body.origin(get));
                let is_made = origin.is_some() && body.origin(*cond) == origin;
                let (cond, captures) = (of(cond), all(captures));
                if is_made {
                    self.made.insert(cond);
                }
                let x = self.arm(then, &captures, within, cond, true, is_wanted);
                let y = self.arm(otherwise, &captures, within, cond, false, is_wanted);
                let chosen = x.iter().zip(&y).map(|(x, y)| self.terms.call(Prim::Select, &[cond, *x, *y]));
                let chosen = chosen.collect();
                tuples.insert(id, chosen);
                return None;
            }
            Op::Build { lens, body: inner, captures } => {
                let zero = self.terms.intern(Term::Int(0));
                let indices: Vec<TermId> = lens.iter().map(|len| self.index(zero, of(len))).collect();
                let args: Vec<TermId> = indices.iter().copied().chain(all(captures)).collect();
                let mut inside = Within::clone(within);
                inside.around.extend(indices.iter().map(|i| Around { index: Some(*i), carry: None }));
                let element = self.results(inner, &args, &Rc::new(inside), is_wanted)[0];
                self.terms.intern(Term::Made(indices.into(), element))
            }
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                let counted = Some((self.index(of(lo), of(hi)), *direction));
                let captures = all(captures);
                let around = Looped { counted, inner, cond: None, captures: &captures, within, wanted: is_wanted };
                let results = self.carried(&around, &all(inits));
                tuples.insert(id, results);
                return None;
            }
            Op::While { cond, inits, body: inner, captures } => {
                let (cond, captures) = (Some(cond), all(captures));
                let around = Looped { counted: None, inner, cond, captures: &captures, within, wanted: is_wanted };
                let results = self.carried(&around, &all(inits));
                tuples.insert(id, results);
                return None;
            }
        })
    }

    fn index(&mut self, lo: TermId, hi: TermId) -> TermId {
        let n = self.terms.fresh();
        self.terms.intern(Term::Index(n, lo, hi))
    }

    /// The results of an arm, which knows its condition; an arm that is never taken has no sites.
    fn arm(
        &mut self,
        body: &Body,
        captures: &[TermId],
        within: &Rc<Within>,
        cond: TermId,
        truth: bool,
        wanted: bool,
    ) -> Vec<TermId> {
        let mut inside = Within::clone(within);
        inside.conditions.push((cond, truth));
        inside.known.assume(&mut self.terms, cond, truth, 0);
        let never = self.terms.range(cond).single() == Some(f64::from(u8::from(!truth)));
        let silent = usize::from(never || inside.known.is_impossible());
        self.silent += silent;
        let results = self.results(body, captures, &Rc::new(inside), wanted);
        self.silent -= silent;
        results
    }

    /// The results of a loop. What it carries is tried with the range of what it begins with, then with wider ones, until
    /// an iteration stays inside.
    fn carried(&mut self, looped: &Looped<'_>, inits: &[TermId]) -> Vec<TermId> {
        let index = looped.counted.map(|(index, _)| index);
        let mut ranges: Vec<Range> = inits.iter().map(|x| self.terms.range(*x)).collect();
        // A loop's carry takes a derivative from what it begins with, or from what the loop sees.
        let sees =
            looped.captures.iter().any(|c| self.terms.is_active(*c)) || inits.iter().any(|x| self.terms.is_active(*x));
        for round in 0..3 {
            if self.visited > MOST_NODES {
                ranges.iter_mut().for_each(|r| *r = Range::ALL);
            }
            let last = self.visited > MOST_NODES;
            let carries = self.carries(looped, inits, &ranges, sees);
            self.silent += 1;
            let results = if last { vec![] } else { self.iteration(looped, &carries).0 };
            self.silent -= 1;
            let next: Vec<Range> = results.iter().map(|x| self.terms.range(*x)).collect();
            if last || next.iter().zip(&ranges).all(|(next, range)| next.is_within(range)) {
                break;
            }
            for (range, next) in ranges.iter_mut().zip(next) {
                *range = if round == 1 { Range::ALL } else { range.widened(next) };
            }
        }
        let carries = self.carries(looped, inits, &ranges, sees);
        let (results, holds) = self.iteration(looped, &carries);
        let whole = Rc::new(Loop { index: looped.counted, carries: carries.clone(), results: results.clone(), holds });
        let mut out = Vec::new();
        for (k, result) in results.iter().enumerate() {
            let reduced = index.and_then(|index| self.reduced(carries[k], *result, index, &carries));
            let after = match reduced {
                Some((prim, all)) if self.terms.literal(inits[k]) == identity(prim) => all,
                Some((prim, all)) => self.terms.call(prim, &[inits[k], all]),
                None => {
                    let after = self.opaque(ranges[k], self.terms.is_active(carries[k]));
                    self.terms.in_loop(after, &whole, k);
                    after
                }
            };
            self.terms.in_loop(carries[k], &whole, k);
            out.push(after);
        }
        out
    }

    fn carries(&mut self, looped: &Looped<'_>, inits: &[TermId], ranges: &[Range], sees: bool) -> Vec<TermId> {
        let (inner, first) = (looped.inner, usize::from(looped.counted.is_some()));
        (0..inits.len())
            .map(|k| {
                let n = self.terms.fresh();
                let active = sees && inner.ty(inner.params[first + k]).is_float();
                self.terms.leaf(Term::Carry(n, inits[k]), ranges[k], active)
            })
            .collect()
    }

    /// What an iteration makes of what is carried, and what is asked before it.
    fn iteration(&mut self, looped: &Looped<'_>, carries: &[TermId]) -> (Vec<TermId>, Option<TermId>) {
        let Looped { inner, cond, captures, within, wanted, .. } = *looped;
        let index = looped.counted.map(|(index, _)| index);
        let args: Vec<TermId> = carries.iter().chain(captures).copied().collect();
        let mut inside = Within::clone(within);
        inside.around.push(Around { index, carry: carries.first().copied() });
        let holds = cond.map(|cond| {
            self.silent += 1;
            let holds = self.results(cond, &args, within, false)[0];
            self.silent -= 1;
            inside.conditions.push((holds, true));
            inside.known.assume(&mut self.terms, holds, true, 0);
            holds
        });
        let args: Vec<TermId> = index.into_iter().chain(args).collect();
        (self.results(inner, &args, &Rc::new(inside), wanted), holds)
    }

    /// What the iterations put together in a carry, if that is all that they do with it: with which primitive, and all of it.
    fn reduced(&mut self, carry: TermId, result: TermId, index: TermId, carries: &[TermId]) -> Option<(Prim, TermId)> {
        let found = [Prim::Add, Prim::Mul, Prim::Max, Prim::Min]
            .into_iter()
            .find_map(|prim| Some((prim, self.put(prim, carry, result, 0)?)));
        let (prim, term) = found.filter(|_| result != carry)?;
        let cone = self.terms.cone(term)?;
        if carries.iter().any(|c| cone.contains(c)) {
            return None;
        }
        Some((prim, self.terms.intern(Term::Reduce(prim, index, term))))
    }

    /// What is put together with a carry: what changes nothing, where a choice leaves it alone.
    fn put(&mut self, prim: Prim, carry: TermId, result: TermId, depth: usize) -> Option<TermId> {
        if result == carry {
            let nothing = identity(prim)?;
            return Some(self.terms.float(nothing));
        }
        match self.terms.get(result).clone() {
            Term::Call(found, args) if found == prim && args[0] == carry => Some(args[1]),
            Term::Call(found, args) if found == prim && args[1] == carry => Some(args[0]),
            Term::Call(Prim::Select, args) if depth < 4 => {
                let x = self.put(prim, carry, args[1], depth + 1)?;
                let y = self.put(prim, carry, args[2], depth + 1)?;
                Some(self.terms.call(Prim::Select, &[args[0], x, y]))
            }
            _ => None,
        }
    }
}

/// The number that a primitive leaves everything alone with.
pub(super) fn identity(prim: Prim) -> Option<f64> {
    Some(match prim {
        Prim::Add => 0.0,
        Prim::Mul => 1.0,
        Prim::Max => f64::NEG_INFINITY,
        Prim::Min => f64::INFINITY,
        _ => return None,
    })
}
