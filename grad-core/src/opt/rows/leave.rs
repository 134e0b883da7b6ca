//! Which loops may leave the loop around them, and for which it is better.

use std::collections::BTreeSet;

use super::{Carry, Inner, Kind, Outer, uses};
use crate::ir::build::live_nodes;
use crate::ir::{Body, Id, Op, Store, Type};
use crate::prim::{Cost, Prim};

impl<'a> Outer<'a> {
    /// Where the captures begin among the parameters.
    pub(super) fn first_capture(&self) -> usize {
        self.body.params.len() - self.captures.len()
    }

    /// Of each node whether it is the same for every j, and whether it needs no carry.
    pub(super) fn free(&self, live: &[bool]) -> Vec<(bool, bool)> {
        let mut free = vec![(false, false); self.body.nodes.len()];
        let is_carry = |k: usize| matches!(self.kind, Kind::Fold { .. }) && (1..self.first_capture()).contains(&k);
        for id in self.body.ids().filter(|id| live[id.index()]) {
            free[id.index()] = match &self.body.node(id).op {
                Op::Const(_) | Op::Size(_) => (true, true),
                Op::Param(k) => (id != self.index && !is_carry(*k as usize), !is_carry(*k as usize)),
                op @ (Op::Call(..) | Op::Cast(_) | Op::Index { .. } | Op::Len(..)) => {
                    let mut both = (true, true);
                    op.operands(|x| both = (both.0 && free[x.index()].0, both.1 && free[x.index()].1));
                    both
                }
                Op::If { .. }
                | Op::Array(_)
                | Op::Update { .. }
                | Op::Build { .. }
                | Op::Fold { .. }
                | Op::While { .. }
                | Op::Push { .. }
                | Op::Get(..) => (false, false),
            };
        }
        free
    }

    /// A loop that may leave; `moved` have left before.
    pub(super) fn inner(&self, id: Id, free: &[(bool, bool)], moved: &BTreeSet<Id>) -> Option<Inner<'a>> {
        let Op::Fold { lo, hi, direction, inits, body, captures } = &self.body.node(id).op else { return None };
        if !free[lo.index()].0 || !free[hi.index()].0 {
            return None;
        }
        let mut carries = Vec::new();
        for (k, init) in inits.iter().enumerate() {
            carries.push(match self.sum(body, k) {
                Some(term) => {
                    if !self.is_at_hand(*init, free, moved) {
                        return None;
                    }
                    Carry::Sum(term)
                }
                None => Carry::Array(self.added(id, body, k, *init)?),
            });
        }
        let mut inner =
            Inner { id, lo: *lo, hi: *hi, direction: *direction, inits, body, captures, carries, dear: Vec::new() };
        let captured = inner.captured()?;
        if !captured.iter().all(|c| self.is_at_hand(*c, free, moved)) {
            return None;
        }
        let dear: Vec<Id> = captured.into_iter().filter(|c| !free[c.index()].0 && self.is_dear(*c, moved)).collect();
        inner.dear = self.with_dear_parts(&dear, free);
        Some(inner)
    }

    /// Whether a value is at hand where a loop over l stands alone: made of captures, j, and sums that are arrays by then.
    fn is_at_hand(&self, id: Id, free: &[(bool, bool)], moved: &BTreeSet<Id>) -> bool {
        let mut all = true;
        parts(self.body, &[id], |id| {
            if free[id.index()].1 {
                return false;
            }
            match &self.body.node(id).op {
                Op::Get(node, _) if moved.contains(node) && self.body.ty(id).is_scalar() => false,
                Op::Call(..) | Op::Cast(_) | Op::Index { .. } => true,
                Op::Const(_)
                | Op::Param(_)
                | Op::Size(_)
                | Op::If { .. }
                | Op::Array(_)
                | Op::Update { .. }
                | Op::Build { .. }
                | Op::Fold { .. }
                | Op::While { .. }
                | Op::Push { .. }
                | Op::Len(..)
                | Op::Get(..) => {
                    all = false;
                    false
                }
            }
        });
        all
    }

    /// Whether a value that is at hand is more than an operation on what is read.
    fn is_dear(&self, id: Id, moved: &BTreeSet<Id>) -> bool {
        let (mut calls, mut dear) = (0, false);
        parts(self.body, &[id], |id| {
            let op = &self.body.node(id).op;
            if let Op::Call(prim, _) = op {
                calls += 1;
                dear |= calls > 1 || prim.row().cost != Cost::Cheap;
            }
            !dear && !matches!(op, Op::Get(node, _) if moved.contains(node))
        });
        dear
    }

    /// The values, and before them what goes through a library to compute them: what is left of the loop may read that too.
    fn with_dear_parts(&self, dear: &[Id], free: &[(bool, bool)]) -> Vec<Id> {
        let mut all: BTreeSet<Id> = dear.iter().copied().collect();
        parts(self.body, dear, |id| {
            let Op::Call(prim, _) = &self.body.node(id).op else { return false };
            if prim.row().cost == Cost::Transcendental && !free[id.index()].0 {
                all.insert(id);
            }
            true
        });
        all.into_iter().collect()
    }

    /// The term, if the carry is a sum of floats.
    fn sum(&self, body: &Body, k: usize) -> Option<Id> {
        let (carry, result) = (body.params[1 + k], body.results[k]);
        let Op::Call(Prim::Add, args) = &body.node(result).op else { return None };
        let term = match **args {
            [x, y] if x == carry => y,
            [x, y] if y == carry => x,
            _ => return None,
        };
        let is_carry = body.params[1..=body.results.len()].contains(&term);
        (*body.ty(carry) == Type::FLOAT && !is_carry && uses(body, carry) == 1 && uses(body, result) == 1)
            .then_some(term)
    }

    /// The carry of the outer loop that a loop adds to, if nothing else is done to it.
    fn added(&self, id: Id, body: &Body, k: usize, init: Id) -> Option<usize> {
        let Kind::Fold { .. } = self.kind else { return None };
        let Op::Param(param) = self.body.node(init).op else { return None };
        let outer = (param as usize).checked_sub(1).filter(|k| *k < self.body.results.len())?;
        let returned = matches!(self.body.node(self.body.results[outer]).op,
            Op::Get(node, j) if node == id && j as usize == k);
        if !returned || uses(self.body, init) != 1 || uses(self.body, self.body.results[outer]) != 1 {
            return None;
        }
        let (carry, mut at) = (body.params[1 + k], body.results[k]);
        if uses(body, at) != 1 {
            return None;
        }
        // One update after another, each at a place that says l or j. Where all say the same on one axis, an element is
        // touched in one iteration over that index, and in the order of the other one.
        let (l, j) = (Some(body.params[0]), self.seen(id, self.index));
        let mut says: Vec<[bool; 2]> = vec![[true; 2]; body.ty(carry).rank()];
        loop {
            let Op::Update { array, at: place, store, .. } = &body.node(at).op else { return None };
            if place.len() != says.len() || uses(body, *array) != 1 {
                return None;
            }
            for (axis, index) in place.iter().enumerate() {
                says[axis][0] &= l == Some(*index);
                says[axis][1] &= j == Some(*index);
            }
            let sets_its_own = l.is_some_and(|l| place.contains(&l)) && j.is_some_and(|j| place.contains(&j));
            let kept = match store {
                Store::Add => true,
                Store::Set => sets_its_own && *array == carry,
            };
            let says_one = place.iter().any(|index| l == Some(*index) || j == Some(*index));
            if !kept || !says_one || (self.keeps_order && !says.iter().any(|[l, j]| *l || *j)) {
                return None;
            }
            if *array == carry {
                return Some(outer);
            }
            at = *array;
        }
    }

    /// What a value of the outer body is called in the body of a loop.
    fn seen(&self, inner: Id, id: Id) -> Option<Id> {
        let Op::Fold { inits, body, captures, .. } = &self.body.node(inner).op else { return None };
        let k = captures.iter().position(|c| *c == id)?;
        Some(body.params[1 + inits.len() + k])
    }
}

impl Inner<'_> {
    /// What the terms capture, if they are of a kind that may move: nothing but arithmetic of elements, and no carry.
    fn captured(&self) -> Option<Vec<Id>> {
        let first = 1 + self.inits.len();
        let mut captured = Vec::new();
        let live = live_nodes(self.body);
        for id in self.body.ids().filter(|id| live[id.index()]) {
            let reads_carry =
                |x: Id| matches!(self.body.node(x).op, Op::Param(k) if (1..first).contains(&(k as usize)));
            match &self.body.node(id).op {
                Op::Param(k) => {
                    if let Some(k) = (*k as usize).checked_sub(first) {
                        captured.push(self.captures[k]);
                    }
                }
                Op::Const(_) | Op::Size(_) | Op::Update { .. } => {}
                Op::Cast(x) => {
                    if reads_carry(*x) {
                        return None;
                    }
                }
                Op::Call(prim, args) => {
                    let is_step = self.body.results.contains(&id);
                    if prim.row().cost != Cost::Cheap || (!is_step && args.iter().any(|x| reads_carry(*x))) {
                        return None;
                    }
                }
                Op::Index { array, .. } => {
                    if reads_carry(*array) || !self.body.ty(id).is_scalar() {
                        return None;
                    }
                }
                Op::Len(..)
                | Op::If { .. }
                | Op::Array(_)
                | Op::Build { .. }
                | Op::Fold { .. }
                | Op::While { .. }
                | Op::Push { .. }
                | Op::Get(..) => return None,
            }
        }
        Some(captured)
    }

    /// Whether fewer places are apart in memory from one iteration to the next when the loop over j is the inner one.
    pub(super) fn is_better_turned(&self, outer: Id) -> bool {
        let first = 1 + self.inits.len();
        let l = self.body.params[0];
        let j = self.captures.iter().position(|c| *c == outer).map(|k| self.body.params[first + k]);
        let Some(j) = j else { return false };
        let says = |index: Id, id: Id| {
            let mut found = false;
            parts(self.body, &[id], |id| {
                found |= id == index;
                !found
            });
            found
        };
        let (mut along_l, mut along_j) = (0, 0);
        for node in &self.body.nodes {
            let (Op::Index { at, .. } | Op::Update { at, .. }) = &node.op else { continue };
            let Some((_, before)) = at.split_last() else { continue };
            along_l += u32::from(before.iter().any(|x| says(l, *x)));
            along_j += u32::from(before.iter().any(|x| says(j, *x)));
        }
        along_l > along_j
    }
}

/// Calls `enters` on values and on what they are made of, each once; it says whether what a value is made of is of interest.
fn parts(body: &Body, values: &[Id], mut enters: impl FnMut(Id) -> bool) {
    let mut seen = BTreeSet::new();
    let mut pending = values.to_vec();
    while let Some(id) = pending.pop() {
        if seen.insert(id) && enters(id) {
            body.node(id).op.operands(|x| pending.push(x));
        }
    }
}
