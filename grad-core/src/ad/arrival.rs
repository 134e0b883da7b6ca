//! Where a cotangent may fail to arrive: at what a choice leaves out, what an iteration overrules or assigns anew.
//!
//! The adjoint of what does not matter is 0 as a number. It contributes nothing, whatever the partials are that it would
//! be multiplied by: 0 · ∞ would be NaN. A cotangent that arrives and happens to be 0 is another thing: it is multiplied.
//! So that the two are told apart, an adjoint says when it arrives, as a condition beside it, if something steep reads it.

use std::collections::BTreeMap;

use super::activity::Activity;
use crate::ir::{Body, Id, Op};
use crate::prim::{Cost, Prim};

/// Whether a cotangent arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Presence {
    Never,
    Sometimes,
    Always,
}

impl Presence {
    pub(super) fn of(arrives: bool) -> Presence {
        if arrives { Presence::Always } else { Presence::Never }
    }

    /// Of what arrives in one of two ways.
    fn or(self, other: Presence) -> Presence {
        if self == other { self } else { Presence::Sometimes }
    }
}

/// What is asked of a body: whether a cotangent arrives at its results, whether something is there at its parameters
/// before the sweep, and which parameters something steep lies behind.
pub(super) struct Asked {
    pub(super) results: Vec<Presence>,
    pub(super) initial: Vec<Presence>,
    pub(super) steep: Vec<bool>,
}

/// Of a loop or a comprehension, which carries and captures need a condition beside their adjoints.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) carries: Vec<bool>,
    pub(super) captures: Vec<bool>,
}

/// The nodes of a body as cotangents arrive at them.
pub(super) struct Arrival {
    /// Which nodes are steep, or something is that they are computed from.
    steep: Vec<bool>,
    presence: Vec<Presence>,
    /// Of a choice, at its captures, by its arms.
    arms: BTreeMap<Id, [Vec<Presence>; 2]>,
    /// Of a loop, at its carries, before each iteration.
    carries: BTreeMap<Id, Vec<Presence>>,
    /// Of a loop, which carries something steep lies behind.
    steep_carries: BTreeMap<Id, Vec<bool>>,
}

impl Arrival {
    pub(super) fn of(body: &Body, activity: &Activity, asked: &Asked) -> Arrival {
        let (steep, steep_carries) = if is_nested(body, MOST_NESTED) {
            (vec![false; body.nodes.len()], BTreeMap::new())
        } else {
            steep(body, activity, &asked.steep)
        };
        let is_asked = steep.contains(&true) || steep_carries.values().any(|carries| carries.contains(&true));
        // Where nothing is steep, nobody asks.
        let presence = if is_asked { Presence::Never } else { Presence::Always };
        let presence = vec![presence; body.nodes.len()];
        let mut arrival = Arrival { steep, presence, arms: BTreeMap::new(), carries: BTreeMap::new(), steep_carries };
        if is_asked {
            arrival.sweep(body, activity, asked);
        }
        arrival
    }

    /// Whether the adjoint of a node needs a condition beside it.
    pub(super) fn is_flagged(&self, id: Id) -> bool {
        self.steep[id.index()] && self.presence[id.index()] == Presence::Sometimes
    }

    /// Whether nothing arrives at a node.
    pub(super) fn is_never(&self, id: Id) -> bool {
        self.presence[id.index()] == Presence::Never
    }

    /// Whether something steep lies behind a node.
    pub(super) fn is_steep(&self, id: Id) -> bool {
        self.steep[id.index()]
    }

    /// Whether a cotangent arrives at a capture of a choice, by its arms.
    pub(super) fn by_arms(&self, id: Id, capture: usize) -> [Presence; 2] {
        self.arms.get(&id).map_or([Presence::Always; 2], |arms| [arms[0][capture], arms[1][capture]])
    }

    /// The carries and captures of a loop, or the captures of a comprehension.
    pub(super) fn flags(&self, body: &Body, id: Id) -> Flags {
        let op = &body.node(id).op;
        let (inits, captures): (&[Id], &[Id]) = match op {
            Op::Fold { inits, captures, .. } | Op::While { inits, captures, .. } => (inits, captures),
            Op::Build { captures, .. } => (&[], captures),
            _ => unreachable!("only loops have flags"),
        };
        let carry = |k: usize| {
            let presence = self.carries.get(&id).map_or(Presence::Always, |carries| carries[k]);
            self.steep_carries.get(&id).is_some_and(|steep| steep[k]) && presence == Presence::Sometimes
        };
        Flags {
            carries: (0..inits.len()).map(carry).collect(),
            captures: captures.iter().map(|c| self.is_flagged(*c)).collect(),
        }
    }

    /// Behind which carries of a loop, then captures, something steep lies.
    pub(super) fn steep_inside(&self, body: &Body, id: Id) -> Vec<bool> {
        let (Op::Fold { inits, captures, .. } | Op::While { inits, captures, .. }) = &body.node(id).op else {
            unreachable!("only loops have carries")
        };
        let carries = (0..inits.len()).map(|k| self.steep_carries.get(&id).is_some_and(|steep| steep[k]));
        carries.chain(captures.iter().map(|c| self.is_steep(*c))).collect()
    }

    /// Whether a cotangent arrives at a carry of a loop, before an iteration.
    pub(super) fn at_carry(&self, id: Id, k: usize) -> Presence {
        self.carries.get(&id).map_or(Presence::Always, |carries| carries[k])
    }

    fn raise(&mut self, body: &Body, id: Id, presence: Presence) {
        // The elements of an array are not told apart.
        let presence = match presence {
            Presence::Sometimes if body.ty(id).rank() > 0 => Presence::Always,
            other => other,
        };
        let here = &mut self.presence[id.index()];
        *here = presence.max(*here);
    }

    fn sweep(&mut self, body: &Body, activity: &Activity, asked: &Asked) {
        for (param, presence) in body.params.iter().zip(&asked.initial) {
            self.presence[param.index()] = *presence;
        }
        for (result, presence) in body.results.iter().zip(&asked.results) {
            self.raise(body, *result, *presence);
        }
        let mut tuples: BTreeMap<Id, BTreeMap<u32, Presence>> = BTreeMap::new();
        for id in body.ids().rev().filter(|id| activity.is(*id)) {
            match &body.node(id).op {
                Op::If { .. } => self.choice(body, activity, id, tuples.remove(&id).unwrap_or_default()),
                Op::Fold { .. } | Op::While { .. } => {
                    self.iterate(body, activity, id, tuples.remove(&id).unwrap_or_default());
                }
                _ if self.presence[id.index()] == Presence::Never => {}
                Op::Get(node, k) => {
                    tuples.entry(*node).or_default().insert(*k, self.presence[id.index()]);
                }
                Op::Call(prim, args) => {
                    let here = if prim.row().chooses() { Presence::Sometimes } else { self.presence[id.index()] };
                    args.iter().for_each(|x| self.raise(body, *x, here));
                }
                Op::Build { lens, body: inner, captures } => {
                    let active = captures_active(activity, lens.len(), &[], captures);
                    let there = at_params(inner, &active, &[Presence::Always]);
                    captures.iter().zip(&there[lens.len()..]).for_each(|(c, there)| self.raise(body, *c, *there));
                }
                op @ (Op::Array(_) | Op::Index { .. } | Op::Update { .. } | Op::Push { .. }) => {
                    op.operands(|x| self.raise(body, x, Presence::Always));
                }
                Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Cast(_) | Op::Len(..) => {}
            }
        }
    }

    fn choice(&mut self, body: &Body, activity: &Activity, id: Id, tuple: BTreeMap<u32, Presence>) {
        let Op::If { then, otherwise, captures, .. } = &body.node(id).op else { unreachable!("a choice is an If") };
        let results = in_order(&tuple, then.results.len());
        let active = captures_active(activity, 0, &[], captures);
        let arms = [then, otherwise].map(|arm| at_params(arm, &active, &results));
        for (k, c) in captures.iter().enumerate() {
            self.raise(body, *c, arms[0][k].or(arms[1][k]));
        }
        self.arms.insert(id, arms);
    }

    fn iterate(&mut self, body: &Body, activity: &Activity, id: Id, tuple: BTreeMap<u32, Presence>) {
        let (Op::Fold { inits, body: inner, captures, .. } | Op::While { inits, body: inner, captures, .. }) =
            &body.node(id).op
        else {
            unreachable!("called on a loop")
        };
        let first = inner.params.len() - inits.len() - captures.len();
        let active = captures_active(activity, first, activity.results(id), captures);
        let mut carries = in_order(&tuple, inits.len());
        // A carry changes once at most, to what is not known.
        let there = loop {
            let there = at_params(inner, &active, &carries);
            let next: Vec<Presence> =
                carries.iter().zip(&there[first..]).map(|(before, after)| before.or(*after)).collect();
            if next == carries {
                break there;
            }
            carries = next;
        };
        inits.iter().zip(&carries).for_each(|(x, presence)| self.raise(body, *x, *presence));
        let captured = &there[first + inits.len()..];
        captures.iter().zip(captured).for_each(|(c, presence)| self.raise(body, *c, *presence));
        self.carries.insert(id, carries);
    }
}

/// Of nests deeper than this, only the inner ones are looked at: each level multiplies the work by that of its loop.
const MOST_NESTED: usize = 6;

/// Whether bodies within bodies are more than `levels` deep.
fn is_nested(body: &Body, levels: usize) -> bool {
    body.nodes.iter().any(|node| {
        let deeper = |inner: &Body| levels == 0 || is_nested(inner, levels - 1);
        match &node.op {
            Op::If { then, otherwise, .. } => deeper(then) || deeper(otherwise),
            Op::While { cond, body, .. } => deeper(cond) || deeper(body),
            Op::Fold { body, .. } | Op::Build { body, .. } => deeper(body),
            Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Call(..) | Op::Array(_) | Op::Cast(_) | Op::Len(..) => {
                false
            }
            Op::Index { .. } | Op::Update { .. } | Op::Push { .. } | Op::Get(..) => false,
        }
    })
}

/// Whether cotangents arrive at the parameters of a body.
fn at_params(body: &Body, active: &[bool], results: &[Presence]) -> Vec<Presence> {
    let n = body.params.len();
    let mut arrival = Arrival {
        steep: Vec::new(),
        presence: vec![Presence::Never; body.nodes.len()],
        arms: BTreeMap::new(),
        carries: BTreeMap::new(),
        steep_carries: BTreeMap::new(),
    };
    let asked = Asked { results: results.to_vec(), initial: vec![Presence::Never; n], steep: Vec::new() };
    arrival.sweep(body, &Activity::of(body, active), &asked);
    body.params.iter().map(|p| arrival.presence[p.index()]).collect()
}

/// Which parameters of an inner body are active: `first` indices, then carries, then captures.
fn captures_active(activity: &Activity, first: usize, carries: &[bool], captures: &[Id]) -> Vec<bool> {
    let captures = captures.iter().map(|c| activity.is(*c));
    std::iter::repeat_n(false, first).chain(carries.iter().copied()).chain(captures).collect()
}

fn in_order(tuple: &BTreeMap<u32, Presence>, n: usize) -> Vec<Presence> {
    let of = |k: usize| u32::try_from(k).ok().and_then(|k| tuple.get(&k).copied());
    (0..n).map(|k| of(k).unwrap_or(Presence::Never)).collect()
}

/// Which nodes are computed from something with partials that may be infinite (sums and products have none), given which
/// parameters are; and the same of the carries of loops.
fn steep(body: &Body, activity: &Activity, params: &[bool]) -> (Vec<bool>, BTreeMap<Id, Vec<bool>>) {
    let mut nodes = vec![false; body.nodes.len()];
    let mut results: BTreeMap<Id, Vec<bool>> = BTreeMap::new();
    for id in body.ids().filter(|id| activity.is(*id)) {
        let is_steep = match &body.node(id).op {
            Op::Param(k) => params[*k as usize] && body.ty(id).rank() == 0,
            Op::Call(Prim::Select, args) => args[1..].iter().any(|x| nodes[x.index()]),
            Op::Call(prim, args) => prim.row().cost != Cost::Cheap || args.iter().any(|x| nodes[x.index()]),
            Op::Get(node, k) => results[node][*k as usize],
            Op::If { then, otherwise, captures, .. } => {
                let given: Vec<bool> = captures.iter().map(|c| nodes[c.index()]).collect();
                let active = captures_active(activity, 0, &[], captures);
                let [a, b] = [then, otherwise].map(|arm| steep_results(arm, &active, &given));
                results.insert(id, a.iter().zip(&b).map(|(a, b)| *a || *b).collect());
                false
            }
            Op::Fold { inits, body: inner, captures, .. } | Op::While { inits, body: inner, captures, .. } => {
                let first = inner.params.len() - inits.len() - captures.len();
                let active = captures_active(activity, first, activity.results(id), captures);
                let mut carries: Vec<bool> = inits.iter().map(|x| nodes[x.index()]).collect();
                loop {
                    let captured = captures.iter().map(|c| nodes[c.index()]);
                    let indices = std::iter::repeat_n(false, first);
                    let given: Vec<bool> = indices.chain(carries.iter().copied()).chain(captured).collect();
                    let after = steep_results(inner, &active, &given);
                    let next: Vec<bool> = carries.iter().zip(&after).map(|(a, b)| *a || *b).collect();
                    if next == carries {
                        break;
                    }
                    carries = next;
                }
                results.insert(id, carries);
                false
            }
            // The elements of an array are not told apart.
            Op::Array(_) | Op::Index { .. } | Op::Update { .. } | Op::Push { .. } | Op::Build { .. } => false,
            Op::Const(_) | Op::Size(_) | Op::Cast(_) | Op::Len(..) => false,
        };
        nodes[id.index()] = is_steep;
    }
    (nodes, results)
}

fn steep_results(body: &Body, active: &[bool], params: &[bool]) -> Vec<bool> {
    let (nodes, _) = steep(body, &Activity::of(body, active), params);
    body.results.iter().map(|r| nodes[r.index()]).collect()
}
