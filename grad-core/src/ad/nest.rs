//! What is inside a loop that carries an array which is written again: inner loops, arms and comprehensions that read it.
//!
//! A copy of the array in each iteration would let the adjoint run them again, but it costs the array's length where they
//! may touch a few elements. Instead the primal pushes every scalar that they read of such an array onto a tape, one tape
//! a read, and the adjoint goes through the same bodies in reverse and takes the entries off again, by a cursor a body
//! (the store-all strategy; Griewank and Walther, Evaluating Derivatives, section 4.2). Time and memory are those of the
//! primal's own steps, whatever the array's length.
//!
//! An array is *lost* to the adjoint where its elements come from a carried one that is not kept. What reads a lost array is
//! an entry, so nothing that is computed from the placeholder that stands for it is ever read but its lengths.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::settled;
use super::vjp::over_axes;
use super::vjp_loop::{tape_name, zero};
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Elem, Id, NodeType, Op, Store, Value};
use crate::prim::Prim;

/// What is pushed once an execution of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A carried scalar as it is before an iteration.
    Carry(usize),
    /// A scalar that the body reads of a lost array.
    Read(Id),
    /// How often the loop that is called from the body ran, pushed after it.
    Trips,
}

struct Entry {
    source: Source,
    elem: Elem,
    /// What the value is called.
    name: Option<String>,
    /// What its tape is called.
    tape: String,
}

/// One body: the entries of each execution, and the bodies inside it.
#[derive(Default)]
struct Level {
    entries: Vec<Entry>,
    /// For each node that runs other bodies with lost arrays: the levels of these bodies.
    inside: BTreeMap<Id, Vec<usize>>,
}

/// The bodies inside a loop that read lost arrays, outside before inside; the loop's own body is level 0.
pub(super) struct Nest {
    levels: Vec<Level>,
}

/// Which tape: the level, and the place among its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    level: usize,
    entry: usize,
}

impl Place {
    /// The level whose executions push to the tape.
    pub(super) fn level(self) -> usize {
        self.level
    }
}

impl Nest {
    /// The level of the loop's own body.
    pub(super) const OUTERMOST: usize = 0;

    /// The nest of a loop's body, whose parameters in `lost` are arrays that the adjoint will not have, and those in
    /// `settled` hold what the body would write.
    pub(super) fn of(body: &Body, lost: &[bool], settled: &[bool]) -> Nest {
        let mut nest = Nest { levels: vec![Level::default()] };
        nest.survey(0, body, lost, settled);
        // What the loop's own body reads is taped by the loop, an entry an iteration.
        nest.levels[0].entries.clear();
        nest
    }

    /// Whether there is anything inside.
    pub(super) fn is_empty(&self) -> bool {
        self.levels.len() == 1
    }

    /// The tapes, in order, and what they hold.
    pub(super) fn tapes(&self) -> impl Iterator<Item = (Place, Elem)> {
        self.levels.iter().enumerate().flat_map(|(level, of)| {
            of.entries.iter().enumerate().map(move |(entry, e)| (Place { level, entry }, e.elem))
        })
    }

    /// Drops the tapes that are not `read`.
    pub(super) fn keep(&mut self, read: &[bool]) {
        let mut read = read.iter();
        for level in &mut self.levels {
            level.entries.retain(|_| *read.next().expect("one flag a tape"));
        }
    }

    /// How many levels there are; each has its cursor.
    pub(super) fn levels(&self) -> usize {
        self.levels.len()
    }

    fn level(&mut self) -> usize {
        self.levels.push(Level::default());
        self.levels.len() - 1
    }

    fn survey(&mut self, level: usize, body: &Body, lost_params: &[bool], settled: &[bool]) {
        let versions = settled::versions(body, settled);
        let live = live_nodes(body);
        let mut lost = vec![false; body.nodes.len()];
        for (k, param) in body.params.iter().enumerate() {
            lost[param.index()] = lost_params[k];
        }
        for id in body.ids().filter(|id| live[id.index()] && versions[id.index()].is_none()) {
            let op = &body.node(id).op;
            let mut any = false;
            op.operands(|x| any |= lost[x.index()]);
            if !any {
                continue;
            }
            let of = |ids: &[Id]| -> Vec<bool> { ids.iter().map(|id| lost[id.index()]).collect() };
            match op {
                Op::Fold { inits, body: inner, captures, .. } | Op::While { inits, body: inner, captures, .. } => {
                    let counted = matches!(op, Op::Fold { .. });
                    let flags = settled::loop_flags(inits, captures, &versions);
                    // An array that the loop carries depends on what it reads: it is not run again.
                    let carries = inits.iter().enumerate().map(|(k, x)| body.ty(*x).rank() > 0 && !flags[1 + k]);
                    let lost: Vec<bool> = std::iter::once(false).chain(carries).chain(of(captures)).collect();
                    let inside = self.level();
                    let mut levels = vec![inside];
                    for (k, init) in inits.iter().enumerate().filter(|(_, x)| body.ty(**x).is_scalar()) {
                        let param = inner.params[usize::from(counted) + k];
                        let name = inner.names.get(&param).map(ToString::to_string);
                        self.entry(inside, Source::Carry(k), body.ty(*init).elem, name);
                    }
                    let first = usize::from(!counted);
                    self.survey(inside, inner, &lost[first..], &flags[first..]);
                    if !counted {
                        let trips = self.level();
                        self.entry(trips, Source::Trips, Elem::INDEX, Some("trips".to_string()));
                        levels.push(trips);
                    }
                    self.levels[level].inside.insert(id, levels);
                }
                Op::If { then, otherwise, captures, .. } => {
                    let flags = settled::flags(captures, &versions);
                    let arms = [then, otherwise].map(|arm| {
                        let inside = self.level();
                        self.survey(inside, arm, &of(captures), &flags);
                        inside
                    });
                    self.levels[level].inside.insert(id, arms.to_vec());
                }
                Op::Build { lens, body: inner, captures } => {
                    let indices = || lens.iter().map(|_| false);
                    let flags: Vec<bool> = indices().chain(settled::flags(captures, &versions)).collect();
                    let lost: Vec<bool> = indices().chain(of(captures)).collect();
                    let inside = self.level();
                    self.survey(inside, inner, &lost, &flags);
                    self.levels[level].inside.insert(id, vec![inside]);
                }
                _ => {}
            }
            match &body.node(id).ty {
                NodeType::One(ty) if ty.is_scalar() => {
                    let name = body.names.get(&id).map(ToString::to_string);
                    let tape = tape_name(name.as_deref().or_else(|| array_name(body, id)).unwrap_or("tape"));
                    self.levels[level].entries.push(Entry { source: Source::Read(id), elem: ty.elem, name, tape });
                }
                _ => lost[id.index()] = true,
            }
        }
    }

    fn entry(&mut self, level: usize, source: Source, elem: Elem, name: Option<String>) {
        let tape = tape_name(name.as_deref().unwrap_or("tape"));
        self.levels[level].entries.push(Entry { source, elem, name, tape });
    }

    /// The levels of a node that runs other bodies with lost arrays.
    fn inside(&self, level: usize, id: Id) -> Option<&[usize]> {
        self.levels[level].inside.get(&id).map(Vec::as_slice)
    }

    /// The levels given and all inside them, in order.
    fn below(&self, levels: &[usize]) -> Vec<usize> {
        let mut all: BTreeSet<usize> = BTreeSet::new();
        let mut stack = levels.to_vec();
        while let Some(level) = stack.pop() {
            all.insert(level);
            stack.extend(self.levels[level].inside.values().flatten());
        }
        all.into_iter().collect()
    }
}

/// The name of the array that a scalar is read from.
fn array_name(body: &Body, id: Id) -> Option<&str> {
    let Op::Index { array, .. } = &body.node(id).op else { return None };
    let mut array = *array;
    loop {
        if let Some(name) = body.names.get(&array) {
            return Some(name);
        }
        array = match &body.node(array).op {
            Op::Update { array, .. } | Op::Index { array, .. } => *array,
            _ => return None,
        };
    }
}

/// The primal's side: the tapes as they grow.
pub(super) struct Pushes<'n> {
    nest: &'n Nest,
    /// The tapes, in order.
    places: Vec<Place>,
    /// What they are now.
    tapes: RefCell<BTreeMap<Place, Value>>,
}

impl<'n> Pushes<'n> {
    /// The tapes of a nest, to be [`Pushes::set`].
    pub(super) fn new(nest: &'n Nest) -> Self {
        Pushes { nest, places: nest.tapes().map(|(place, _)| place).collect(), tapes: RefCell::default() }
    }

    /// The tapes as they are now, in order.
    pub(super) fn tapes(&self) -> Vec<Value> {
        self.get(&self.places)
    }

    /// The tapes go on from other values.
    pub(super) fn set(&self, b: &Builder, values: &[Value]) {
        self.put(b, &self.places, values);
    }

    /// The tapes of the levels given and of all inside them.
    fn below(&self, levels: &[usize]) -> Vec<Place> {
        let below = self.nest.below(levels);
        self.places.iter().copied().filter(|place| below.contains(&place.level)).collect()
    }

    fn get(&self, places: &[Place]) -> Vec<Value> {
        let tapes = self.tapes.borrow();
        places.iter().map(|place| tapes[place]).collect()
    }

    fn put(&self, b: &Builder, places: &[Place], values: &[Value]) {
        let mut tapes = self.tapes.borrow_mut();
        for (place, v) in places.iter().zip(values) {
            b.name(*v, &self.nest.levels[place.level].entries[place.entry].tape);
            tapes.insert(*place, *v);
        }
    }

    /// One execution of the body of a level is over.
    fn push(&self, b: &Builder, level: usize, value: &dyn Fn(Source) -> Value) {
        for place in self.places.iter().filter(|place| place.level == level) {
            let entry = &self.nest.levels[level].entries[place.entry];
            let tape = b.push(self.tapes.borrow()[place], value(entry.source));
            self.put(b, &[*place], &[tape]);
        }
    }

    /// Records the body of a level, whose parameters in `settled` hold what it would write: the value of each live node.
    pub(super) fn record(
        &self,
        b: &Builder,
        level: usize,
        body: &Body,
        args: &[Value],
        settled: &[bool],
    ) -> Vec<Option<Value>> {
        let versions = settled::versions(body, settled);
        let live = live_nodes(body);
        let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
        for id in body.ids().filter(|id| live[id.index()]) {
            let pushes = |levels: &&[usize]| !self.below(levels).is_empty();
            map[id.index()] = Some(match (versions[id.index()], self.nest.inside(level, id).filter(pushes)) {
                (Some(k), _) => args[k],
                (None, None) => settled::node(b, body, id, args, &map, &versions),
                (None, Some(levels)) => {
                    if let Some(origin) = body.origin(id) {
                        b.set_origin(Some(origin));
                    }
                    self.node(b, body, id, levels, &map, &versions)
                }
            });
        }
        map
    }

    /// A node that runs bodies which push.
    fn node(
        &self,
        b: &Builder,
        body: &Body,
        id: Id,
        levels: &[usize],
        map: &[Option<Value>],
        versions: &[Option<usize>],
    ) -> Value {
        let of = |id: &Id| map[id.index()].expect("operands come before users");
        let all = |ids: &[Id]| -> Vec<Value> { ids.iter().map(of).collect() };
        let places = self.below(levels);
        match &body.node(id).op {
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                let around = Around {
                    flags: settled::loop_flags(inits, captures, versions),
                    inits: all(inits),
                    captures: all(captures),
                };
                let n = inits.len();
                let starts = [around.inits.clone(), self.get(&places)].concat();
                let results = b.fold((of(lo), of(hi)), *direction, &starts, |i, values| {
                    b.name_as(i, inner, inner.params[0]);
                    self.put(b, &places, &values[n..]);
                    let results = self.iteration(b, levels[0], inner, &around, Some(i), &values[..n]);
                    [results, self.get(&places)].concat()
                });
                self.put(b, &places, &results[n..]);
                b.bundle(&results[..n])
            }
            Op::While { cond, inits, body: inner, captures } => {
                let around = Around {
                    flags: settled::loop_flags(inits, captures, versions)[1..].to_vec(),
                    inits: all(inits),
                    captures: all(captures),
                };
                let n = inits.len();
                let starts = [around.inits.clone(), self.get(&places), vec![b.index_lit(0)]].concat();
                let results = b.repeat(
                    &starts,
                    |values| b.import(cond, &[&values[..n], &around.captures].concat())[0],
                    |values| {
                        let (trips, rest) = values.split_last().expect("the count is the last carry");
                        self.put(b, &places, &rest[n..]);
                        let results = self.iteration(b, levels[0], inner, &around, None, &rest[..n]);
                        b.name(*trips, "trips");
                        let trips = b.call(Prim::Add, &[*trips, b.index_lit(1)]);
                        [results, self.get(&places), vec![trips]].concat()
                    },
                );
                let (trips, results) = results.split_last().expect("the count is the last result");
                self.put(b, &places, &results[n..]);
                self.push(b, levels[1], &|_| *trips);
                b.bundle(&results[..n])
            }
            Op::If { cond, then, otherwise, captures } => {
                let flags = settled::flags(captures, versions);
                let captures = all(captures);
                let before = self.get(&places);
                let arm = |level: usize, arm: &Body| {
                    self.put(b, &places, &before);
                    let results = self.execution(b, level, arm, &captures, &flags, &[]);
                    [results, self.get(&places)].concat()
                };
                let results = b.branch(of(cond), || arm(levels[0], then), || arm(levels[1], otherwise));
                let n = then.results.len();
                self.put(b, &places, &results[n..]);
                b.bundle(&results[..n])
            }
            Op::Build { lens, body: inner, captures } => {
                // A comprehension has nowhere to push to: it becomes a loop that fills the array.
                let shape = settled::node(b, body, id, &[], map, versions);
                let ty = b.ty(shape);
                let whole: Vec<Value> = (0..ty.rank()).map(|axis| b.len(shape, axis)).collect();
                let array = b.build(&whole, |_| zero(b, ty.elem));
                let flags = [vec![false; lens.len()], settled::flags(captures, versions)].concat();
                let (lens, captures) = (all(lens), all(captures));
                let starts = [vec![array], self.get(&places)].concat();
                let filled = over_axes(b, &lens, Direction::Up, &starts, &mut Vec::new(), &|at, values| {
                    b.name_like(at, inner);
                    self.put(b, &places, &values[1..]);
                    let results = self.execution(b, levels[0], inner, &[at, &captures].concat(), &flags, &[]);
                    let array = b.update(values[0], at, results[0], Store::Set);
                    Ok::<_, std::convert::Infallible>([vec![array], self.get(&places)].concat())
                });
                let filled = match filled {
                    Ok(filled) => filled,
                    Err(never) => match never {},
                };
                self.put(b, &places, &filled[1..]);
                filled[0]
            }
            _ => unreachable!("other nodes have no bodies"),
        }
    }

    /// One iteration of a loop: the carries after it.
    fn iteration(
        &self,
        b: &Builder,
        level: usize,
        inner: &Body,
        around: &Around,
        index: Option<Value>,
        carries: &[Value],
    ) -> Vec<Value> {
        let first = usize::from(index.is_some());
        let settled = |k: usize| around.flags[first + k];
        let inside = (0..carries.len()).map(|k| if settled(k) { around.inits[k] } else { carries[k] });
        let args: Vec<Value> = index.into_iter().chain(inside).chain(around.captures.iter().copied()).collect();
        (0..carries.len()).filter(|k| !settled(*k)).for_each(|k| b.name_as(carries[k], inner, inner.params[first + k]));
        let results = self.execution(b, level, inner, &args, &around.flags, carries);
        (0..carries.len()).map(|k| if settled(k) { carries[k] } else { results[k] }).collect()
    }

    /// One execution of a body, and its pushes: the results.
    fn execution(
        &self,
        b: &Builder,
        level: usize,
        inner: &Body,
        args: &[Value],
        settled: &[bool],
        carries: &[Value],
    ) -> Vec<Value> {
        let map = self.record(b, level, inner, args, settled);
        let of = |id: Id| map[id.index()].expect("what is read is live");
        self.push(b, level, &|source| match source {
            Source::Carry(k) => carries[k],
            Source::Read(id) => of(id),
            Source::Trips => unreachable!("trips are pushed after the loop"),
        });
        inner.results.iter().map(|r| of(*r)).collect()
    }
}

/// What a loop is given.
struct Around {
    /// Which parameters of its body hold what it would write.
    flags: Vec<bool>,
    inits: Vec<Value>,
    captures: Vec<Value>,
}

/// The adjoint's side: the tapes, and the cursors that go back over them.
pub(super) struct Pops<'n> {
    nest: &'n Nest,
    tapes: BTreeMap<Place, Value>,
    /// For each level the place one past the entry to be read next.
    cursors: RefCell<Vec<Value>>,
}

/// What an execution of a body pushed, read again.
pub(super) struct Popped {
    /// The carried scalars, by their numbers.
    pub(super) carries: BTreeMap<usize, Value>,
    /// What was read of lost arrays.
    pub(super) reads: BTreeMap<Id, Value>,
    trips: Option<Value>,
}

impl<'n> Pops<'n> {
    /// `tapes` has one value for each of [`Nest::tapes`], `cursors` one for each level.
    pub(super) fn new(nest: &'n Nest, tapes: &[Value], cursors: &[Value]) -> Self {
        let tapes = nest.tapes().zip(tapes).map(|((place, _), tape)| (place, *tape)).collect();
        Pops { nest, tapes, cursors: RefCell::new(cursors.to_vec()) }
    }

    /// The levels of the bodies that a node of a level runs, if they read lost arrays.
    pub(super) fn inside(&self, level: usize, id: Id) -> Option<&'n [usize]> {
        self.nest.inside(level, id)
    }

    /// The levels given and all inside them, in order.
    pub(super) fn below(&self, levels: &[usize]) -> Vec<usize> {
        self.nest.below(levels)
    }

    /// The cursors of levels.
    pub(super) fn cursors(&self, levels: &[usize]) -> Vec<Value> {
        let cursors = self.cursors.borrow();
        levels.iter().map(|level| cursors[*level]).collect()
    }

    /// The cursors of levels go on from other values.
    pub(super) fn set(&self, levels: &[usize], values: &[Value]) {
        let mut cursors = self.cursors.borrow_mut();
        levels.iter().zip(values).for_each(|(level, v)| cursors[*level] = *v);
    }

    /// Takes off what the last execution of a level's body pushed.
    pub(super) fn pop(&self, b: &Builder, level: usize) -> Popped {
        let mut popped = Popped { carries: BTreeMap::new(), reads: BTreeMap::new(), trips: None };
        let entries = &self.nest.levels[level].entries;
        if entries.is_empty() {
            return popped;
        }
        let cursor = self.cursors.borrow()[level];
        b.name(cursor, "entry");
        let at = b.call(Prim::Sub, &[cursor, b.index_lit(1)]);
        b.name(at, "entry");
        self.cursors.borrow_mut()[level] = at;
        for (k, entry) in entries.iter().enumerate() {
            let v = b.index(self.tapes[&Place { level, entry: k }], &[at]);
            if let Some(name) = &entry.name {
                b.name(v, name);
            }
            match entry.source {
                Source::Carry(k) => _ = popped.carries.insert(k, v),
                Source::Read(id) => _ = popped.reads.insert(id, v),
                Source::Trips => popped.trips = Some(v),
            }
        }
        popped
    }

    /// How often a loop that ends on a condition ran.
    pub(super) fn trips(&self, b: &Builder, level: usize) -> Value {
        self.pop(b, level).trips.expect("the level of a loop's trips has one entry")
    }
}
