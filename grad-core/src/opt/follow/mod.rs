//! A loop that needs, in iteration i, only what another one over the same range leaves at place i follows it in one loop:
//! an array that was made to be read once is not made.
//!
//! ```text
//! for i { r[i] = f(i) }   for i { s += r[i]²; r̄[i] = 2 r[i] }   for i { …r̄[i]… }
//! for i { r = f(i); s += r²; …2 r… }
//! ```

mod stays;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::stays::stays;
use self::stays::{only_added, users};
use super::pairs::{self, Dependence, MOST_CANDIDATES};
use super::place::is_zeros;
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Id, Lit, Op, Store, Value};

/// Whether a node is a loop.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { .. })
}

/// Records `body` with such loops as one, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    pairs::record(b, body, args, &|b, body| {
        let pair = Pair::of(body)?;
        Some(pairs::merged(b, body, (pair.first.id, pair.second.id), |b, map| pair.together(b, map)))
    })
}

/// A loop over `0..len` or a range, and what an iteration does.
#[derive(Clone, Copy)]
struct Loop<'a> {
    id: Id,
    /// `None`: 0.
    lo: Option<Id>,
    hi: Id,
    /// `None`: any.
    direction: Option<Direction>,
    /// The carries before the loop; none for a comprehension.
    inits: &'a [Id],
    body: &'a Body,
    captures: &'a [Id],
}

impl<'a> Loop<'a> {
    fn of(body: &'a Body, id: Id) -> Option<Loop<'a>> {
        match &body.node(id).op {
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                let zero = matches!(body.node(*lo).op, Op::Const(Lit::Int(0, _)));
                let lo = (!zero).then_some(*lo);
                Some(Loop { id, lo, hi: *hi, direction: Some(*direction), inits, body: inner, captures })
            }
            Op::Build { lens, body: inner, captures } => match **lens {
                [len] if body.ty(id).is_float() && body.ty(id).rank() == 1 => {
                    // One literal everywhere is no loop.
                    let is_fill = matches!(inner.node(inner.results[0]).op, Op::Const(_));
                    let loop_ = Loop { id, lo: None, hi: len, direction: None, inits: &[], body: inner, captures };
                    (!is_fill).then_some(loop_)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn is_build(&self) -> bool {
        self.direction.is_none()
    }

    fn index(&self) -> Id {
        self.body.params[0]
    }

    fn carry(&self, k: usize) -> Id {
        self.body.params[1 + k]
    }

    /// What is stored at the index of the k-th carry, if that is all that is done with it.
    fn stored(&self, k: usize) -> Option<Id> {
        let Op::Update { array, at, value, store: Store::Set } = &self.body.node(self.body.results[k]).op else {
            return None;
        };
        // Neither what it was before is read, nor what it is then.
        let is_only = users(self.body, self.carry(k)) == 1 && users(self.body, self.body.results[k]) == 1;
        (*array == self.carry(k) && **at == [self.index()] && is_only && self.body.ty(*value).is_scalar())
            .then_some(*value)
    }

    /// The parameter of the c-th capture.
    fn captured(&self, c: usize) -> Id {
        self.body.params[1 + self.inits.len() + c]
    }
}

/// Two loops, the second of which may follow the first.
struct Pair<'a> {
    body: &'a Body,
    first: Loop<'a>,
    second: Loop<'a>,
    /// The carries of the first that are carries of the second.
    shared: BTreeMap<usize, usize>,
    /// Those of them that both only add to, wherever that is: the first once, at its index, to zeros, as a store.
    added: BTreeSet<usize>,
    /// Whether the first is a comprehension that only the second reads.
    unmade: bool,
}

impl<'a> Pair<'a> {
    fn of(body: &'a Body) -> Option<Pair<'a>> {
        let live = live_nodes(body);
        let loops: Vec<Loop<'a>> =
            body.ids().filter(|id| live[id.index()]).filter_map(|id| Loop::of(body, id)).collect();
        if loops.len() < 2 || loops.len() > MOST_CANDIDATES {
            return None;
        }
        let ids: Vec<Id> = loops.iter().map(|l| l.id).collect();
        let depends = Dependence::on(&ids, body, &live);
        for (k, second) in loops.iter().enumerate() {
            for first in &loops[..k] {
                let ranges = first.lo == second.lo && first.hi == second.hi;
                let ways = match (first.direction, second.direction) {
                    (Some(one), Some(other)) => one == other,
                    (None, _) | (_, None) => true,
                };
                if ranges
                    && ways
                    && depends.needs(second.id, first.id)
                    && let Some(pair) = Pair::new(body, *first, *second, &depends)
                {
                    return Some(pair);
                }
            }
        }
        None
    }

    fn new(body: &'a Body, first: Loop<'a>, second: Loop<'a>, depends: &Dependence) -> Option<Pair<'a>> {
        let result = |id: Id| match body.node(id).op {
            Op::Get(node, k) if node == first.id => Some(k as usize),
            Op::Build { .. } if id == first.id => Some(0),
            _ => None,
        };
        // What else the second needs is there before the first.
        let mut apart = true;
        body.node(second.id).op.operands(|x| {
            apart &= result(x).is_some() || !depends.needs(x, first.id);
        });
        if !apart {
            return None;
        }
        let (mut shared, mut added) = (BTreeMap::new(), BTreeSet::new());
        // An array that both carry: each iteration touches places of its own.
        for (m, init) in second.inits.iter().enumerate() {
            let Some(k) = result(*init) else { continue };
            let is_array = body.ty(*init).rank() > 0;
            if first.is_build() || !is_array || users(body, *init) != 1 || shared.insert(k, m).is_some() {
                return None;
            }
            let apart = (0..body.ty(*init).rank()).any(|axis| {
                stays(first.body, first.carry(k), first.index(), axis, Some(first.body.results[k]))
                    && stays(second.body, second.carry(m), second.index(), axis, Some(second.body.results[m]))
            });
            if !apart {
                let zeros = is_zeros(body, first.inits[k]);
                if !zeros || first.stored(k).is_none() || !only_added(second.body, second.carry(m), m) {
                    return None;
                }
                added.insert(k);
            }
        }
        let mut unmade = first.is_build();
        for (c, capture) in second.captures.iter().enumerate() {
            let Some(k) = result(*capture) else { continue };
            if body.ty(*capture).rank() == 0 || shared.contains_key(&k) {
                return None;
            }
            let param = second.captured(c);
            if !stays(second.body, param, second.index(), 0, None) {
                return None;
            }
            if first.is_build() {
                let nested = second.body.nodes.iter().any(|node| {
                    let mut uses = false;
                    node.op.operands(|x| uses |= x == param);
                    uses && !matches!(node.op, Op::Index { .. } | Op::Len(..))
                });
                let asks = second.body.nodes.iter().any(|node| matches!(node.op, Op::Len(x, _) if x == param));
                unmade &= !nested && !asks && users(body, *capture) == 1;
            } else if !stays(first.body, first.carry(k), first.index(), 0, Some(first.body.results[k])) {
                return None;
            }
        }
        // Two comprehensions become one where the first is not needed.
        if second.is_build() && first.is_build() && !unmade {
            return None;
        }
        Some(Pair { body, first, second, shared, added, unmade })
    }

    /// Both loops as one, and what each gives.
    fn together(&self, b: &Builder, map: &[Option<Value>]) -> (Option<Value>, Value) {
        let (first, second) = (self.first, self.second);
        let of = |id: Id| map[id.index()].expect("what a pair needs comes before it");
        let captures_1: Vec<Value> = first.captures.iter().map(|c| of(*c)).collect();
        if first.is_build() && second.is_build() {
            let made = b.build(&[of(second.hi)], |at| {
                b.name_as(at[0], second.body, second.index());
                let args: Vec<Value> = at.iter().chain(&captures_1).copied().collect();
                let element = b.import(first.body, &args)[0];
                self.second_step(b, map, at[0], &[], &[element])[0]
            });
            b.name_as(made, self.body, second.id);
            return (None, made);
        }
        let len = of(first.hi);
        let zeros = || b.build(&[len], |_| b.float(0.0));
        let mut inits: Vec<Value> = match (first.is_build(), self.unmade) {
            (true, true) => Vec::new(),
            (true, false) => vec![zeros()],
            (false, _) => first.inits.iter().map(|init| of(*init)).collect(),
        };
        let n = inits.len();
        let own: Vec<usize> =
            (0..second.inits.len()).filter(|m| !self.shared.values().any(|shared| shared == m)).collect();
        inits.extend(own.iter().map(|m| of(second.inits[*m])));
        if second.is_build() {
            inits.push(zeros());
        }
        let direction = first.direction.or(second.direction).unwrap_or(Direction::Up);
        let lo = first.lo.map_or_else(|| b.index_lit(0), of);
        let made = b.fold((lo, len), direction, &inits, |i, carries| {
            b.name_as(i, second.body, second.index());
            b.name_as(i, first.body, first.index());
            let (carries_1, carries_2) = carries.split_at(n);
            let args: Vec<Value> = match first.is_build() {
                true => std::iter::once(i).chain(captures_1.iter().copied()).collect(),
                false => {
                    carries_1.iter().enumerate().for_each(|(k, v)| b.name_as(*v, first.body, first.carry(k)));
                    std::iter::once(i).chain(carries_1.iter().copied()).chain(captures_1.iter().copied()).collect()
                }
            };
            let mut left = b.import(first.body, &args);
            for k in &self.added {
                let value = first.stored(*k).expect("what is added was stored");
                let value = b.import_given(first.body, &args, &BTreeMap::new(), &[value])[0];
                left[*k] = b.update(carries_1[*k], &[i], value, Store::Add);
            }
            if first.is_build() && !self.unmade {
                left[0] = b.update(carries_1[0], &[i], left[0], Store::Set);
            }
            self.name_elements(b, i, &left);
            let mut of_second: Vec<Value> = vec![b.bool(false); second.inits.len()];
            own.iter().zip(carries_2).for_each(|(m, v)| of_second[*m] = *v);
            self.shared.iter().for_each(|(k, m)| of_second[*m] = left[*k]);
            for (m, v) in own.iter().map(|m| (*m, of_second[*m])) {
                b.name_as(v, second.body, second.carry(m));
            }
            let right = self.second_step(b, map, i, &of_second, &left);
            self.shared.iter().for_each(|(k, m)| left[*k] = right[*m]);
            if self.unmade {
                left.clear();
            }
            if second.is_build() {
                left.push(b.update(carries_2[own.len()], &[i], right[0], Store::Set));
            } else {
                left.extend(own.iter().map(|m| right[*m]));
            }
            left
        });
        let (made_1, made_2) = made.split_at(n);
        let first_value = match (first.is_build(), self.unmade) {
            (true, true) => None,
            (true, false) => {
                b.name_as(made_1[0], self.body, first.id);
                Some(made_1[0])
            }
            (false, _) => Some(b.bundle(made_1)),
        };
        if second.is_build() {
            b.name_as(made_2[0], self.body, second.id);
            return (first_value, made_2[0]);
        }
        let mut all: Vec<Value> = vec![b.bool(false); second.inits.len()];
        own.iter().zip(made_2).for_each(|(m, v)| all[*m] = *v);
        self.shared.iter().for_each(|(k, m)| all[*m] = made_1[*k]);
        (first_value, b.bundle(&all))
    }

    /// What the second loop alone reads has the name of the array that it was read from.
    fn name_elements(&self, b: &Builder, i: Value, left: &[Value]) {
        for capture in self.second.captures {
            let k = match self.body.node(*capture).op {
                Op::Get(node, k) if node == self.first.id => k as usize,
                _ if *capture == self.first.id => 0,
                _ => continue,
            };
            let element = if b.ty(left[k]).rank() == 1 { b.index(left[k], &[i]) } else { left[k] };
            let is_made =
                b.ty(element).is_scalar() && !matches!(b.op(element), Op::Index { .. } | Op::Param(_) | Op::Const(_));
            if is_made && users(self.body, *capture) == 1 {
                b.name_as(element, self.body, *capture);
            }
        }
    }

    /// One iteration of the second loop, after the first has left its values.
    fn second_step(
        &self,
        b: &Builder,
        map: &[Option<Value>],
        i: Value,
        carries: &[Value],
        left: &[Value],
    ) -> Vec<Value> {
        let second = self.second;
        let mut given: BTreeMap<Id, Value> = BTreeMap::new();
        let captures: Vec<Value> = (second.captures.iter().enumerate())
            .map(|(c, capture)| match self.body.node(*capture).op {
                Op::Get(node, k) if node == self.first.id => left[k as usize],
                Op::Build { .. } if *capture == self.first.id => {
                    if self.unmade {
                        let param = second.captured(c);
                        let reads = second.body.ids().filter(
                            |id| matches!(&second.body.node(*id).op, Op::Index { array, .. } if *array == param),
                        );
                        given.extend(reads.map(|id| (id, left[0])));
                    }
                    left[0]
                }
                _ => map[capture.index()].expect("what a pair needs comes before it"),
            })
            .collect();
        let args: Vec<Value> = std::iter::once(&i).chain(carries).chain(&captures).copied().collect();
        b.import_given(second.body, &args, &given, &second.body.results)
    }
}
