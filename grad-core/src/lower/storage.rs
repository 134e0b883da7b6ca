//! Where values live: which update, loop or choice may write over its operand, and the order that makes it so.
//!
//! The IR has values; a program has variables. A node that continues a variable (an update of an array, a loop's carry, a
//! choice that leaves one arm as it was) writes in place where every other reader of the old value can run before it, and
//! works on a copy otherwise. Each "reader before writer" is an edge beside those of the operands, added only where it
//! closes no cycle; the schedule is a topological order of both.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::ir::{Body, Dim, Id, Op, Store};

/// What was decided for one body.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The live nodes, operands and readers before writers.
    pub(super) order: Vec<Id>,
    /// How often each node is an operand of a live node, or a result.
    pub(super) uses: Vec<u32>,
    /// The nodes that continue their operand's variable: (update, 0), (loop, carry), (choice, result).
    in_place: BTreeSet<(Id, usize)>,
    /// For each choice, the capture that each result continues.
    continued: BTreeMap<Id, Vec<Option<usize>>>,
    /// The results that are the next value of a parameter which nothing else reads: their variable takes it at once.
    stepped: BTreeMap<Id, usize>,
}

/// More steps than this to find out whether a reader can run first, and the answer is no.
const SEARCH: usize = 512;

impl Plan {
    /// The plan of a body, whose k-th parameter may be written over where `owned[k]`, and whose r-th result is to be in
    /// the variable of parameter `wanted[r]`.
    pub(super) fn new(body: &Body, owned: &[bool], wanted: &[Option<usize>]) -> Plan {
        let live = needed(body);
        let mut plan = Plan { uses: vec![0; body.nodes.len()], ..Plan::default() };
        for id in body.ids().filter(|id| live[id.index()]) {
            body.node(id).op.operands(|x| plan.uses[x.index()] += 1);
        }
        for r in &body.results {
            plan.uses[r.index()] += 1;
        }
        let mut search = Search { body, before: BTreeMap::new(), lowest: u32::MAX };
        let is_result: BTreeSet<Id> = body.results.iter().copied().collect();
        let mut has_variable = vec![false; body.nodes.len()];
        let mut taken: BTreeSet<Id> = BTreeSet::new();
        // The last consumer of a value is the one that writes over it: candidates in falling order.
        let mut candidates: Vec<(Id, usize, Id)> = Vec::new();
        for id in body.ids().filter(|id| live[id.index()]) {
            has_variable[id.index()] = match &body.node(id).op {
                Op::Param(k) => owned[*k as usize],
                Op::Update { array, .. } | Op::Push { array, .. } => {
                    candidates.push((id, 0, *array));
                    true
                }
                op @ (Op::Fold { inits, .. } | Op::While { inits, .. }) => {
                    let those = inits.iter().enumerate().filter(|(k, init)| goes_on(body, **init, op, *k));
                    candidates.extend(those.map(|(k, init)| (id, k, *init)));
                    false
                }
                Op::If { then, otherwise, captures, .. } => {
                    let mut continued = continued(then, otherwise);
                    for (r, param) in body.results.iter().zip(wanted) {
                        let Op::Get(node, k) = body.node(*r).op else { continue };
                        let Some(param) = param.filter(|_| node == id) else { continue };
                        let j = captures.iter().position(|c| *c == body.params[param]);
                        let k = k as usize;
                        if j.is_some() && continued[k].is_none() && !continued.contains(&j) && body.ty(*r).is_scalar() {
                            continued[k] = j;
                        }
                    }
                    let those = continued.iter().enumerate().filter_map(|(k, j)| Some((id, k, captures[(*j)?])));
                    candidates.extend(those);
                    plan.continued.insert(id, continued);
                    false
                }
                Op::Build { .. } | Op::Array(_) => true,
                Op::Get(node, _) => match &body.node(*node).op {
                    Op::Fold { .. } | Op::While { .. } => true,
                    _ => body.ty(id).rank() > 0 || may_continue(&plan, body, id, &has_variable),
                },
                Op::Const(_) | Op::Size(_) | Op::Call(..) | Op::Cast(_) | Op::Index { .. } | Op::Len(..) => false,
            };
        }
        let users = if candidates.is_empty() { Vec::new() } else { users(body, &live) };
        candidates.sort_by_key(|(id, k, _)| (Reverse(*id), *k));
        for (id, k, value) in candidates {
            if !has_variable[value.index()]
                || plan.is_made_anew(body, value)
                || is_growing(body, value)
                || is_result.contains(&value)
                || taken.contains(&value)
            {
                continue;
            }
            let is_array = body.ty(value).rank() > 0;
            let Some(readers) = readers(body, value, id, &users, is_array, &is_result) else { continue };
            if search.put_before(&readers, id, is_array) {
                taken.insert(value);
                plan.in_place.insert((id, k));
            }
        }
        plan.order = order(body, &live, &search.before);
        plan.stepped = stepped(body, &live, owned, wanted, &plan.uses);
        plan
    }

    /// The parameter whose variable takes the value of a node at once.
    pub(super) fn steps(&self, id: Id) -> Option<usize> {
        self.stepped.get(&id).copied()
    }

    /// Whether an array is made anew wherever one is written over: one with a literal everywhere, or such a one in which
    /// several readers find one element set, which costs less than a copy.
    pub(super) fn is_made_anew(&self, body: &Body, id: Id) -> bool {
        is_fill(body, id) || self.is_set_anew(body, id)
    }

    /// The latter.
    pub(super) fn is_set_anew(&self, body: &Body, id: Id) -> bool {
        match &body.node(id).op {
            Op::Update { array, at, value, store: Store::Set } => {
                self.uses[id.index()] > 1
                    && is_fill(body, *array)
                    && body.ty(*value).is_scalar()
                    && at.iter().all(|i| matches!(body.node(*i).op, Op::Const(_)))
            }
            _ => false,
        }
    }

    /// Whether the k-th thing that a node continues is written over.
    pub(super) fn in_place(&self, id: Id, k: usize) -> bool {
        self.in_place.contains(&(id, k))
    }

    /// The capture that the k-th result of a choice continues in place.
    pub(super) fn continues(&self, id: Id, k: usize) -> Option<usize> {
        if self.in_place(id, k) { self.continued.get(&id)?[k] } else { None }
    }

    /// The node whose variable a node continues: where its storage is made.
    pub(super) fn origin(&self, body: &Body, mut id: Id) -> (Id, usize) {
        loop {
            let before = match &body.node(id).op {
                Op::Update { array, .. } | Op::Push { array, .. } if self.in_place(id, 0) => *array,
                Op::Get(node, k) => {
                    let k = *k as usize;
                    match &body.node(*node).op {
                        Op::Fold { inits, .. } | Op::While { inits, .. } if self.in_place(*node, k) => inits[k],
                        Op::If { captures, .. } if self.in_place(*node, k) => match self.continues(*node, k) {
                            Some(j) => captures[j],
                            None => return (*node, k),
                        },
                        _ => return (*node, k),
                    }
                }
                _ => return (id, 0),
            };
            id = before;
        }
    }
}

/// The scalar results that are read beside, and are the next value of a parameter that they alone read.
fn stepped(body: &Body, live: &[bool], owned: &[bool], wanted: &[Option<usize>], uses: &[u32]) -> BTreeMap<Id, usize> {
    let mut stepped = BTreeMap::new();
    for (r, param) in body.results.iter().zip(wanted) {
        let Some(k) = param.filter(|k| owned[*k]) else { continue };
        let Op::Call(_, operands) = &body.node(*r).op else { continue };
        let param = body.params[k];
        if uses[r.index()] > 1
            && uses[param.index()] == 1
            && operands.contains(&param)
            && live[r.index()]
            && body.results.iter().filter(|x| *x == r).count() == 1
        {
            stepped.insert(*r, k);
        }
    }
    stepped
}

/// Whether a loop's carry goes on with the variable of its init: one that stands for something else gets its own name.
fn goes_on(body: &Body, init: Id, op: &Op, k: usize) -> bool {
    if body.ty(init).rank() > 0 || matches!(body.node(init).op, Op::Param(_)) {
        return true;
    }
    let (_, inner, first) = op.as_loop().expect("called on a loop");
    let name = body.names.get(&init);
    name.is_some() && name == inner.names.get(&inner.params[first + k])
}

/// Whether a node is an array with one literal everywhere.
pub(super) fn is_fill(body: &Body, id: Id) -> bool {
    match &body.node(id).op {
        Op::Build { body, .. } => matches!(body.node(body.results[0]).op, Op::Const(_)),
        _ => false,
    }
}

/// Whether a node is an array without elements that may grow: made anew wherever one grows.
pub(super) fn is_growing(body: &Body, id: Id) -> bool {
    matches!(&body.node(id).op, Op::Array(elements) if elements.is_empty() && body.ty(id).dims[0] == Dim::Any)
}

/// The live nodes that each node is an operand of.
fn users(body: &Body, live: &[bool]) -> Vec<Vec<Id>> {
    let mut users: Vec<Vec<Id>> = vec![Vec::new(); body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        body.node(id).op.operands(|x| users[x.index()].push(id));
    }
    users
}

/// Which nodes a result needs (parameters only where they are read).
pub(super) fn needed(body: &Body) -> Vec<bool> {
    let mut live = vec![false; body.nodes.len()];
    for r in &body.results {
        live[r.index()] = true;
    }
    for id in body.ids().rev() {
        if live[id.index()] {
            body.node(id).op.operands(|x| live[x.index()] = true);
        }
    }
    live
}

/// A result of a choice that continues a captured value that has a variable.
fn may_continue(plan: &Plan, body: &Body, id: Id, has_variable: &[bool]) -> bool {
    let Op::Get(node, k) = body.node(id).op else { return false };
    let Op::If { captures, .. } = &body.node(node).op else { return false };
    plan.continued.get(&node).and_then(|c| c[k as usize]).is_some_and(|j| has_variable[captures[j].index()])
}

/// For each result of a choice the capture that it continues; a capture continues in one result only.
fn continued(then: &Body, otherwise: &Body) -> Vec<Option<usize>> {
    let mut taken = BTreeSet::new();
    (0..then.results.len())
        .map(|k| {
            let j = continued_by(then, otherwise, k)?;
            taken.insert(j).then_some(j)
        })
        .collect()
}

/// The capture that the k-th result of a choice is a later version of: one arm at least gives it back, as it was or
/// updated, and the other does so too or makes another value.
fn continued_by(then: &Body, otherwise: &Body, k: usize) -> Option<usize> {
    match [traced(then, then.results[k]), traced(otherwise, otherwise.results[k])] {
        [Some(i), Some(j)] => (i == j).then_some(i),
        [Some(j), None] | [None, Some(j)] => Some(j),
        [None, None] => None,
    }
}

/// The parameter that a node is a later version of.
fn traced(body: &Body, mut id: Id) -> Option<usize> {
    loop {
        id = match &body.node(id).op {
            Op::Param(k) => return Some(*k as usize),
            Op::Update { array, .. } | Op::Push { array, .. } => *array,
            Op::Get(node, k) => match &body.node(*node).op {
                Op::Fold { inits, .. } | Op::While { inits, .. } => inits[*k as usize],
                Op::If { then, otherwise, captures, .. } => captures[continued_by(then, otherwise, *k as usize)?],
                _ => return None,
            },
            _ => return None,
        };
    }
}

/// Everything that reads a value or a view of it, other than as the operand that `writer` continues. `None` where that
/// cannot all come first: the writer itself reads it elsewhere, or a view of it is a result.
fn readers(
    body: &Body,
    value: Id,
    writer: Id,
    users: &[Vec<Id>],
    is_array: bool,
    is_result: &BTreeSet<Id>,
) -> Option<BTreeSet<Id>> {
    let mut readers = BTreeSet::new();
    let mut views = vec![value];
    let mut own_uses = 0;
    while let Some(view) = views.pop() {
        if view != value && is_result.contains(&view) {
            return None;
        }
        for user in &users[view.index()] {
            if *user == writer {
                own_uses += 1;
                if view != value || own_uses > 1 {
                    return None;
                }
                continue;
            }
            let is_view = matches!(body.node(*user).op, Op::Index { .. }) && body.ty(*user).rank() > 0;
            if is_array && is_view {
                views.push(*user);
            }
            readers.insert(*user);
        }
    }
    Some(readers)
}

/// Looks for paths among operands and the edges added.
struct Search<'a> {
    body: &'a Body,
    /// What must run before a node besides its operands.
    before: BTreeMap<Id, Vec<Id>>,
    /// The lowest node that something above it must run before.
    lowest: u32,
}

impl Search<'_> {
    /// Makes every reader run before the writer, if that closes no cycle.
    fn put_before(&mut self, readers: &BTreeSet<Id>, writer: Id, reorder: bool) -> bool {
        for r in readers {
            let natural = *r < writer && self.lowest == u32::MAX;
            if !natural && ((*r > writer && !reorder) || self.depends(*r, writer)) {
                return false;
            }
        }
        if readers.iter().any(|r| *r > writer) {
            self.lowest = self.lowest.min(writer.0);
        }
        if !readers.is_empty() {
            self.before.entry(writer).or_default().extend(readers);
        }
        true
    }

    /// Whether `from` needs `target`, directly or not. Also true where that is too long to find out.
    fn depends(&self, from: Id, target: Id) -> bool {
        let mut seen = BTreeSet::new();
        let mut stack = vec![from];
        while let Some(id) = stack.pop() {
            if id == target || seen.len() > SEARCH {
                return true;
            }
            if (id < target && id.0 < self.lowest) || !seen.insert(id) {
                continue;
            }
            self.body.node(id).op.operands(|x| stack.push(x));
            stack.extend(self.before.get(&id).into_iter().flatten());
        }
        false
    }
}

/// The live nodes in an order that respects operands and added edges, and is that of the ids where it can be.
fn order(body: &Body, live: &[bool], before: &BTreeMap<Id, Vec<Id>>) -> Vec<Id> {
    let reordered = before.iter().any(|(writer, readers)| readers.iter().any(|r| r > writer));
    if !reordered {
        return body.ids().filter(|id| live[id.index()]).collect();
    }
    let mut waiting = vec![0_u32; body.nodes.len()];
    let mut next: Vec<Vec<Id>> = vec![Vec::new(); body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let mut edge = |x: Id| {
            waiting[id.index()] += 1;
            next[x.index()].push(id);
        };
        body.node(id).op.operands(&mut edge);
        before.get(&id).into_iter().flatten().for_each(|x| edge(*x));
    }
    let mut ready: BinaryHeap<Reverse<Id>> =
        body.ids().filter(|id| live[id.index()] && waiting[id.index()] == 0).map(Reverse).collect();
    let mut order = Vec::new();
    while let Some(Reverse(id)) = ready.pop() {
        order.push(id);
        for user in &next[id.index()] {
            waiting[user.index()] -= 1;
            if waiting[user.index()] == 0 {
                ready.push(Reverse(*user));
            }
        }
    }
    debug_assert_eq!(order.len(), live.iter().filter(|l| **l).count(), "the edges added close no cycle");
    order
}
