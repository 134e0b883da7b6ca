//! Loops run along the rows of matrices, whose elements lie together in memory, where the order of the loops is free.
//!
//! ```text
//! for j { s = Σ_l A[l, j] x[l]; …s… }   is   for l { for j { s[j] += A[l, j] x[l] } }   and   for j { …s[j]… }
//! for j { …; for l { Ā[l, j] += v } }   is   for j { … }                               and   for l { for j { Ā[l, j] += v } }
//! ```
//!
//! Every element is the sum of the same terms in the same order as before: not a bit changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Id, Lit, Op, Store, Type, Value};
use crate::prim::{Cost, Prim};

/// Loops that both are known to be as short as this stay as they are: their data is in the cache.
const SHORT: i64 = 16;

/// Whether a node is a loop in which another one may be.
pub(super) fn is_candidate(op: &Op) -> bool {
    match op {
        Op::Fold { body, .. } | Op::Build { body, .. } => {
            body.nodes.iter().any(|node| matches!(node.op, Op::Fold { .. }))
        }
        _ => false,
    }
}

/// Records `body` with its loops in the order of memory, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match Outer::of(body, id) {
            Some(outer) => {
                let v = outer.apart(b, &map);
                if let Op::Build { .. } = body.node(id).op {
                    b.name_as(v, body, id);
                }
                v
            }
            None => b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)),
        };
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// A loop over j from which loops over l are taken.
struct Outer<'a> {
    body: &'a Body,
    captures: &'a [Id],
    kind: Kind<'a>,
    /// The index j.
    index: Id,
    inner: Vec<Inner<'a>>,
}

enum Kind<'a> {
    Fold { hi: Id, direction: Direction, inits: &'a [Id] },
    Build { lens: &'a [Id] },
}

/// A loop over l that leaves it.
struct Inner<'a> {
    id: Id,
    lo: Id,
    hi: Id,
    direction: Direction,
    inits: &'a [Id],
    body: &'a Body,
    captures: &'a [Id],
    /// What each carry is.
    carries: Vec<Carry>,
    /// What it captures and is not to be computed again for every l.
    dear: Vec<Id>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carry {
    /// A sum, by the place of the term in the inner body.
    Sum(Id),
    /// A carry of the outer loop, an array that terms are added to.
    Array(usize),
}

/// What stands in for values of the outer body while its inner loops are recorded elsewhere.
type Given = BTreeMap<Id, Value>;

/// What is in arrays: the results of loops that have left, and values that are too dear to be computed for every l.
#[derive(Default)]
struct AtHand {
    sums: BTreeMap<Id, Vec<Value>>,
    dear: BTreeMap<Id, Value>,
}

impl<'a> Outer<'a> {
    /// The loop, if a loop leaves it.
    fn of(body: &'a Body, id: Id) -> Option<Outer<'a>> {
        let (inner, captures, kind, len) = match &body.node(id).op {
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                if !matches!(body.node(*lo).op, Op::Const(Lit::Int(0, _))) {
                    return None;
                }
                (inner, captures, Kind::Fold { hi: *hi, direction: *direction, inits }, *hi)
            }
            Op::Build { lens, body: inner, captures } => {
                if !inner.ty(inner.results[0]).is_scalar() {
                    return None;
                }
                (inner, captures, Kind::Build { lens }, *lens.last()?)
            }
            _ => return None,
        };
        let first = match kind {
            Kind::Fold { .. } => 0,
            Kind::Build { lens } => lens.len() - 1,
        };
        let mut outer = Outer { body: inner, captures, kind, index: inner.params[first], inner: Vec::new() };
        let live = live_nodes(inner);
        let free = outer.free(&live);
        let literal = |body: &Body, id: Id| match body.node(id).op {
            Op::Const(Lit::Int(n, _)) => Some(n),
            _ => None,
        };
        let is_short = |n: Option<i64>| n.is_some_and(|n| n <= SHORT);
        let mut moved: BTreeSet<Id> = BTreeSet::new();
        for id in inner.ids().filter(|id| live[id.index()]) {
            let Some(loop_) = outer.inner(id, &free, &moved) else { continue };
            let short = is_short(literal(body, len)) && is_short(literal(inner, loop_.hi));
            if !short && loop_.is_better_turned(outer.index) {
                moved.insert(id);
                outer.inner.push(loop_);
            }
        }
        if outer.inner.is_empty() { None } else { Some(outer) }
    }

    /// Where the captures begin among the parameters.
    fn first_capture(&self) -> usize {
        self.body.params.len() - self.captures.len()
    }

    /// Of each node whether it is the same for every j, and whether it needs no carry.
    fn free(&self, live: &[bool]) -> Vec<(bool, bool)> {
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
    fn inner(&self, id: Id, free: &[(bool, bool)], moved: &BTreeSet<Id>) -> Option<Inner<'a>> {
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
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            if free[id.index()].1 {
                continue;
            }
            match &self.body.node(id).op {
                Op::Get(node, _) if moved.contains(node) && self.body.ty(id).is_scalar() => {}
                op @ (Op::Call(..) | Op::Cast(_) | Op::Index { .. }) => op.operands(|x| pending.push(x)),
                _ => return false,
            }
        }
        true
    }

    /// Whether a value that is at hand is more than an operation on what is read.
    fn is_dear(&self, id: Id, moved: &BTreeSet<Id>) -> bool {
        let mut calls = 0;
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            match &self.body.node(id).op {
                Op::Get(node, _) if moved.contains(node) => {}
                Op::Call(prim, args) => {
                    calls += 1;
                    if calls > 1 || prim.row().cost != Cost::Cheap {
                        return true;
                    }
                    pending.extend(args.iter());
                }
                op => op.operands(|x| pending.push(x)),
            }
        }
        false
    }

    /// The values, and before them what goes through a library to compute them: what is left of the loop may read that too.
    fn with_dear_parts(&self, dear: &[Id], free: &[(bool, bool)]) -> Vec<Id> {
        let mut all: BTreeSet<Id> = dear.iter().copied().collect();
        let mut pending = dear.to_vec();
        while let Some(id) = pending.pop() {
            if let Op::Call(prim, args) = &self.body.node(id).op {
                if prim.row().cost == Cost::Transcendental && !free[id.index()].0 {
                    all.insert(id);
                }
                pending.extend(args.iter());
            }
        }
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
        // One update after another, each at a place that says l or j.
        let j = self.seen(id, self.index);
        loop {
            let Op::Update { array, at: place, store, .. } = &body.node(at).op else { return None };
            let says = |index: Option<Id>| index.is_some_and(|index| place.contains(&index));
            let (l, j) = (says(Some(body.params[0])), says(j));
            let kept = match store {
                Store::Add => l || j,
                Store::Set => l && j && array == &carry,
            };
            if !kept || place.len() != body.ty(*array).rank() || uses(body, *array) != 1 {
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

    /// Records the loops one after another: the results of the outer one.
    fn apart(&self, b: &Builder, map: &[Option<Value>]) -> Value {
        let of = |id: &Id| map[id.index()].expect("operands come before users");
        let captures: Vec<Value> = self.captures.iter().map(of).collect();
        match self.kind {
            Kind::Fold { hi, direction, inits } => {
                self.fold(b, of(&hi), direction, &inits.iter().map(of).collect::<Vec<_>>(), &captures)
            }
            Kind::Build { lens } => self.build(b, &lens.iter().map(of).collect::<Vec<_>>(), &captures),
        }
    }

    fn build(&self, b: &Builder, lens: &[Value], captures: &[Value]) -> Value {
        let mut at_hand = AtHand::default();
        for loop_ in &self.inner {
            for id in &loop_.dear {
                let array = self.spread(b, *id, lens, captures, &at_hand);
                at_hand.dear.insert(*id, array);
            }
            let starts: Vec<Value> =
                loop_.inits.iter().map(|init| self.spread(b, *init, lens, captures, &at_hand)).collect();
            let made = self.rows(b, loop_, lens, &mut Vec::new(), &starts, captures, &at_hand);
            self.name(b, loop_, &made);
            at_hand.sums.insert(loop_.id, made);
        }
        // The sum may be all.
        if let Op::Get(node, k) = self.body.node(self.body.results[0]).op
            && let Some(made) = at_hand.sums.get(&node)
        {
            return made[k as usize];
        }
        b.build(lens, |at| {
            b.name_like(at, self.body);
            let given = self.given(b, at, &at_hand);
            let args: Vec<Value> = at.iter().chain(captures).copied().collect();
            b.import_given(self.body, &args, &given, &self.body.results)[0]
        })
    }

    /// The loop nest of a sum over the axes of a comprehension, with the loop over l outside the last one.
    #[allow(clippy::too_many_arguments)]
    fn rows(
        &self,
        b: &Builder,
        loop_: &Inner<'_>,
        lens: &[Value],
        at: &mut Vec<Value>,
        arrays: &[Value],
        captures: &[Value],
        at_hand: &AtHand,
    ) -> Vec<Value> {
        if at.len() + 1 < lens.len() {
            return b.fold((b.index_lit(0), lens[at.len()]), Direction::Up, arrays, |i, arrays| {
                b.name_as(i, self.body, self.body.params[at.len()]);
                at.push(i);
                let made = self.rows(b, loop_, lens, at, arrays, captures, at_hand);
                at.pop();
                made
            });
        }
        let mut args: Vec<Value> = at.clone();
        args.push(b.bool(false));
        args.extend(captures);
        let ends = b.import_given(self.body, &args, &BTreeMap::new(), &[loop_.lo, loop_.hi]);
        b.fold((ends[0], ends[1]), loop_.direction, arrays, |l, arrays| {
            b.name_as(l, loop_.body, loop_.body.params[0]);
            b.fold((b.index_lit(0), lens[at.len()]), Direction::Up, arrays, |j, arrays| {
                b.name_as(j, self.body, self.index);
                let mut place = at.clone();
                place.push(j);
                let args: Vec<Value> = place.iter().chain(captures).copied().collect();
                let given = self.given(b, &place, at_hand);
                self.step(b, loop_, l, &place, arrays, &args, &given)
            })
        })
    }

    fn fold(&self, b: &Builder, hi: Value, direction: Direction, inits: &[Value], captures: &[Value]) -> Value {
        let n = inits.len();
        let unread = b.bool(false);
        let args = |j: Value, carries: &[Value]| -> Vec<Value> {
            std::iter::once(j).chain(carries.iter().copied()).chain(captures.iter().copied()).collect()
        };
        let nowhere = vec![unread; n];
        let mut at_hand = AtHand::default();
        let mut finished: Vec<Option<Value>> = vec![None; n];
        for loop_ in &self.inner {
            let rest: Vec<Value> = nowhere.iter().chain(captures).copied().collect();
            for id in &loop_.dear {
                let array = self.spread(b, *id, &[hi], &rest, &at_hand);
                at_hand.dear.insert(*id, array);
            }
            let starts: Vec<Value> = (loop_.inits.iter().zip(&loop_.carries))
                .map(|(init, carry)| match carry {
                    Carry::Sum(_) => self.spread(b, *init, &[hi], &rest, &at_hand),
                    Carry::Array(k) => inits[*k],
                })
                .collect();
            let ends = b.import_given(self.body, &args(unread, &nowhere), &BTreeMap::new(), &[loop_.lo, loop_.hi]);
            let made = b.fold((ends[0], ends[1]), loop_.direction, &starts, |l, arrays| {
                b.name_as(l, loop_.body, loop_.body.params[0]);
                b.fold((b.index_lit(0), hi), direction, arrays, |j, arrays| {
                    b.name_as(j, self.body, self.index);
                    let given = self.given(b, &[j], &at_hand);
                    self.step(b, loop_, l, &[j], arrays, &args(j, &nowhere), &given)
                })
            });
            for (carry, v) in loop_.carries.iter().zip(&made) {
                if let Carry::Array(k) = carry {
                    finished[*k] = Some(*v);
                }
            }
            self.name(b, loop_, &made);
            at_hand.sums.insert(loop_.id, made);
        }
        let kept: Vec<usize> = (0..n).filter(|k| finished[*k].is_none()).collect();
        let starts: Vec<Value> = kept.iter().map(|k| inits[*k]).collect();
        let rest = b.fold((b.index_lit(0), hi), direction, &starts, |j, carries| {
            b.name_as(j, self.body, self.index);
            let mut all = nowhere.clone();
            for (k, carry) in kept.iter().zip(carries) {
                b.name_as(*carry, self.body, self.body.params[1 + k]);
                all[*k] = *carry;
            }
            let given = self.given(b, &[j], &at_hand);
            let wanted: Vec<Id> = kept.iter().map(|k| self.body.results[*k]).collect();
            b.import_given(self.body, &args(j, &all), &given, &wanted)
        });
        for (k, v) in kept.iter().zip(rest) {
            finished[*k] = Some(v);
        }
        b.bundle(&finished.into_iter().map(|v| v.expect("every carry is kept or leaves")).collect::<Vec<_>>())
    }

    /// An array of what a value is at every place.
    fn spread(&self, b: &Builder, id: Id, lens: &[Value], rest: &[Value], at_hand: &AtHand) -> Value {
        b.build(lens, |at| {
            let args: Vec<Value> = at.iter().chain(rest).copied().collect();
            b.import_given(self.body, &args, &self.given(b, at, at_hand), &[id])[0]
        })
    }

    /// Sums have the names that they had as scalars.
    fn name(&self, b: &Builder, loop_: &Inner<'_>, made: &[Value]) {
        for id in self.body.ids() {
            if let Op::Get(node, k) = self.body.node(id).op
                && node == loop_.id
            {
                b.name_as(made[k as usize], self.body, id);
            }
        }
    }

    /// What is in arrays by now, at a place.
    fn given(&self, b: &Builder, place: &[Value], at_hand: &AtHand) -> Given {
        let mut given: Given = at_hand.dear.iter().map(|(id, array)| (*id, b.index(*array, place))).collect();
        for id in self.body.ids() {
            if let Op::Get(node, k) = self.body.node(id).op
                && let Some(made) = at_hand.sums.get(&node)
                && self.body.ty(id).is_scalar()
            {
                given.insert(id, b.index(made[k as usize], place));
            }
        }
        given
    }

    /// One step of both loops.
    #[allow(clippy::too_many_arguments)]
    fn step(
        &self,
        b: &Builder,
        loop_: &Inner<'_>,
        l: Value,
        place: &[Value],
        arrays: &[Value],
        args: &[Value],
        given: &Given,
    ) -> Vec<Value> {
        let captured = b.import_given(self.body, args, given, loop_.captures);
        let inner: Vec<Value> = std::iter::once(l).chain(arrays.iter().copied()).chain(captured).collect();
        let wanted: Vec<Id> = (loop_.carries.iter().zip(&loop_.body.results))
            .map(|(carry, result)| match carry {
                Carry::Sum(term) => *term,
                Carry::Array(_) => *result,
            })
            .collect();
        let values = b.import_given(loop_.body, &inner, &BTreeMap::new(), &wanted);
        (loop_.carries.iter().zip(values).zip(arrays))
            .map(|((carry, v), array)| match carry {
                Carry::Sum(_) => b.update(*array, place, v, Store::Add),
                Carry::Array(_) => v,
            })
            .collect()
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
    fn is_better_turned(&self, outer: Id) -> bool {
        let first = 1 + self.inits.len();
        let l = self.body.params[0];
        let j = self.captures.iter().position(|c| *c == outer).map(|k| self.body.params[first + k]);
        let Some(j) = j else { return false };
        let says = |index: Id, id: Id| {
            let mut pending = vec![id];
            while let Some(id) = pending.pop() {
                if id == index {
                    return true;
                }
                self.body.node(id).op.operands(|x| pending.push(x));
            }
            false
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

/// How often a node is an operand or a result.
fn uses(body: &Body, target: Id) -> usize {
    let mut n = body.results.iter().filter(|r| **r == target).count();
    body.ids().for_each(|id| body.node(id).op.operands(|x| n += usize::from(x == target)));
    n
}
