//! The adjoint of a loop is the loop reversed, over the adjoints of its carries and captures.
//!
//! Its body runs the primal iteration again and then sweeps it. What it needs of the state at the start of an iteration
//! is read off the code after dead nodes are gone: a carry that is only added to is not needed, so it has no tape.
//! Otherwise, in this order:
//!
//! * an array that is written once wherever it is read: the array after the loop holds every value that was read
//!   (recurrences, triangular solves, factorisations, tables of dynamic programming);
//! * a scalar carry, or a scalar read from a carried array: one tape entry an iteration;
//! * a carried array that the bodies inside the iteration read: what they read, pushed as they read it ([`super::nest`]), or
//!   a copy of it an iteration where that costs no more ([`super::cover`]).
//!
//! Storing what the adjoint reads and no more is the TBR analysis of Hascoët, Naumann and Pascual (2005).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::arrival::{Asked, Flags, Presence};
use super::cotangent::{Cotangent, arrives_or_not, presence};
use super::nest::{Nest, Pops, Pushes};
use super::vjp::{Forward, Known, forward, reverse};
use super::{cover, settled, untouched, write_once};
use crate::diagnostic::Problem;
use crate::ir::need::needed_params;
use crate::ir::{Body, Builder, Dim, Direction, Elem, Id, Lit, NodeType, Op, Store, Type, Value};
use crate::prim::Prim;

/// A loop recorded with its tapes, and the body of its adjoint.
pub(super) struct LoopPlan {
    /// The carries after the loop.
    pub(super) results: Vec<Value>,
    /// Which carries are active.
    pub(super) carries: Vec<usize>,
    /// Which captures are active.
    pub(super) captures: Vec<usize>,
    /// Which have a condition beside their adjoints, that something arrives there.
    pub(super) flags: Flags,
    index_name: Option<Rc<str>>,
    /// What the cotangents of the active carries are called.
    cotangent_names: Vec<Option<String>>,
    range: (Value, Value),
    direction: Direction,
    /// Parameters: the index, the cotangents, the accumulators, the flags, the cursors, then the states. Results:
    /// cotangents, accumulators, flags, cursors.
    adjoint: Body,
    /// Where the cursors of the nest start, one past the ends of its tapes.
    cursors: Vec<Value>,
    /// What the adjoint reads of the primal: the carries before an iteration, the leaves, the captures, the nest's tapes.
    states: Vec<State>,
    /// The body of the loop, and what it is given besides the index: what places are computed from.
    inner: Body,
    given: Vec<Value>,
}

/// An element of an array, at a place that the body of the loop computes from its index.
#[derive(Clone)]
struct Element {
    array: Value,
    at: Vec<Id>,
}

#[derive(Clone)]
enum State {
    /// The same in every iteration (or never read).
    Fixed(Value),
    /// One entry an iteration.
    Tape(Value),
    /// An element of an array as it was before the loop: no earlier iteration has written it.
    Untouched(Element),
    /// As much more in each iteration: no tape is needed for what the number of the iteration tells.
    Linear { start: Value, step: Value },
}

/// How often a loop runs.
enum Trips<'a> {
    /// Once for each index of a range.
    Counted((Value, Value), Direction),
    /// As long as a condition holds.
    While(&'a Body),
}

/// The body of a While with an index, which nothing in it reads, as that of a Fold has.
fn with_index(outer: &Builder, body: &Body) -> Body {
    let b = outer.apart();
    b.param(Type::INDEX);
    let args: Vec<Value> = body.params.iter().map(|p| b.param(body.ty(*p).clone())).collect();
    b.name_like(&args, body);
    let results = b.import(body, &args);
    b.finish(&results)
}

/// Records the loop `id` of the body of `f` in `b`, with the tapes that its adjoint will read.
pub(super) fn plan(b: &Builder, f: &Forward<'_>, id: Id, active_carries: &[bool]) -> Result<LoopPlan, Problem> {
    let Forward { body, values, versions, .. } = f;
    let active_captures = &f.captures_active(id);
    let value = |id: &Id| values[id.index()].expect("operands come before users");
    let (trips, inits, inner, captures) = match &body.node(id).op {
        Op::Fold { lo, hi, direction, inits, body, captures } => {
            (Trips::Counted((value(lo), value(hi)), *direction), inits, body.clone(), captures)
        }
        Op::While { cond, inits, body, captures } => {
            (Trips::While(cond), inits, Rc::new(with_index(b, body)), captures)
        }
        _ => unreachable!("a plan is made for a loop"),
    };
    let inner = &*inner;
    let settled = settled::loop_flags(inits, captures, versions);
    let mut flags = f.arrival.flags(body, id);
    flags.carries.iter_mut().zip(active_carries).for_each(|(flag, active)| *flag &= active);
    let arriving = Arriving {
        active_carries,
        active_captures,
        carries: (0..inits.len()).map(|k| f.arrival.at_carry(id, k)).collect(),
        steep: f.arrival.steep_inside(body, id),
        flags: &flags,
    };
    let inits: Vec<Value> = inits.iter().map(value).collect();
    let captures: Vec<Value> = captures.iter().map(value).collect();
    let m = inits.len();
    let mut exceptions: Vec<Id> = Vec::new();
    let once: Vec<bool> = (0..m)
        .map(|k| settled[1 + k] || write_once::proves(body, id, k).map(|reads| exceptions.extend(reads)).is_some())
        .collect();
    let leaves = leaves(inner, m, &once, &exceptions);
    let after: Vec<bool> =
        std::iter::once(false).chain(once.iter().copied()).chain(settled[1 + m..].iter().copied()).collect();
    let counters: Vec<Option<Value>> = (0..m).map(|k| counter(b, inner, k)).collect();
    let taped = |read: &Reads| -> Vec<usize> {
        (0..m).filter(|k| read.states[*k] && !once[*k] && counters[*k].is_none()).collect()
    };
    let adjoint_of = |nest: Option<&Nest>| -> Result<(Body, Reads), Problem> {
        let adjoint = adjoint_body(b, inner, &arriving, &leaves, &after, nest)?;
        let adjoints = count(active_carries) + count(active_captures) + count(&flags.carries) + count(&flags.captures);
        let read = Reads::of(&adjoint, adjoints, m, leaves.len(), nest);
        Ok((adjoint, read))
    };
    // Which states the adjoint reads decides what the primal loop stores.
    let (mut adjoint, mut read) = adjoint_of(None)?;
    let mut nest = None;
    // An array that only a copy in each iteration would keep is lost, and what is read of it inside is taped.
    let covers = |k: usize| cover::covers(b, inner, &inits, &captures, k);
    let copied: Vec<usize> = taped(&read).into_iter().filter(|k| is_dear(b, inits[*k]) && !covers(*k)).collect();
    if !copied.is_empty() {
        let lost: Vec<bool> = (0..inner.params.len()).map(|p| p > 0 && copied.contains(&(p - 1))).collect();
        let mut candidate = Nest::of(inner, &lost, &after);
        if !candidate.is_empty() {
            let (_, other) = adjoint_of(Some(&candidate))?;
            if copied.iter().any(|k| !other.states[*k]) {
                // Without the tapes that nothing reads, and their cursors' steps.
                candidate.keep(&other.tapes);
                (adjoint, read) = adjoint_of(Some(&candidate))?;
                nest = Some(candidate);
            }
        }
    }
    let nest = nest.as_ref();
    let taped_carries = taped(&read);
    // Elements that can be read where they were: a parameter or a row of a tape is not written over by the loop.
    let stays = |init: Value| matches!(b.op(init), Op::Param(_) | Op::Index { .. });
    let untouched: Vec<Option<Element>> = (leaves.iter())
        .map(|leaf| {
            let Op::Fold { lo, hi, direction, captures, .. } = &body.node(id).op else { return None };
            let surroundings = untouched::Surroundings {
                inner,
                outer: body,
                captures,
                carries: m,
                range: (*lo, *hi),
                direction: *direction,
            };
            let (k, at) = untouched::proves(&surroundings, *leaf)?;
            stays(inits[k]).then(|| Element { array: inits[k], at })
        })
        .collect();
    let taped_leaves: Vec<usize> =
        (0..leaves.len()).filter(|k| read.states[m + k] && untouched[*k].is_none()).collect();
    let pushes = nest.map(Pushes::new);

    let name_of = |id: Id| inner.names.get(&id);
    let tape_names: Vec<String> = (taped_carries.iter().map(|k| inner.params[1 + k]))
        .chain(taped_leaves.iter().map(|k| leaves[*k]))
        .map(|id| name_of(id).map_or_else(|| "tape".to_string(), |name| tape_name(name)))
        .collect();

    let shapes: Vec<Shape> = (taped_carries.iter().map(|k| carry_shape(b, inits[*k])))
        .chain(taped_leaves.iter().map(|k| scalar_shape(inner, leaves[*k])))
        .collect();
    let nest_starts: Vec<Value> =
        nest.iter().flat_map(|nest| nest.tapes()).map(|(_, elem)| b.empty(elem, &[])).collect();
    // One iteration: the carries after it, what is to be taped, and the tapes of the nest.
    let iteration = |i: Value, carries: &[Value], nested: &[Value]| -> (Vec<Value>, Vec<Value>, Vec<Value>) {
        let inside = (0..m).map(|k| if settled[1 + k] { inits[k] } else { carries[k] });
        let args: Vec<Value> = std::iter::once(i).chain(inside).chain(captures.iter().copied()).collect();
        (0..=m).filter(|k| !settled[*k]).for_each(|k| b.name_as(args[k], inner, inner.params[k]));
        let (map, nested) = match &pushes {
            None => (settled::record(b, inner, &args, &settled), Vec::new()),
            Some(pushes) => {
                pushes.set(b, nested);
                (pushes.record(b, Nest::OUTERMOST, inner, &args, &settled), pushes.tapes())
            }
        };
        let of = |id: Id| map[id.index()].expect("a result of the body, or a leaf of it, is live");
        let stored = taped_carries.iter().map(|k| carries[*k]).chain(taped_leaves.iter().map(|k| of(leaves[*k])));
        let results = (0..m).map(|k| if settled[1 + k] { carries[k] } else { of(inner.results[k]) });
        (results.collect(), stored.collect(), nested)
    };
    let name_tapes = |tapes: &[Value]| tapes.iter().zip(&tape_names).for_each(|(tape, name)| b.name(*tape, name));
    let (all, range, direction) = match trips {
        Trips::Counted(range, direction) => {
            let starts = inits.iter().copied().chain(shapes.iter().map(|shape| empty_tape(b, range, shape)));
            let starts: Vec<Value> = starts.chain(nest_starts.iter().copied()).collect();
            let all = b.fold(range, direction, &starts, |i, carries| {
                let (carries, tapes) = carries.split_at(m);
                let (tapes, nested) = tapes.split_at(tape_names.len());
                name_tapes(tapes);
                let (mut results, stored, nested) = iteration(i, carries, nested);
                let at = trip(b, range, i);
                results.extend(tapes.iter().zip(stored).map(|(tape, v)| b.update(*tape, &[at], v, Store::Set)));
                results.extend(nested);
                results
            });
            (all, range, direction)
        }
        Trips::While(cond) => {
            // Nothing says beforehand how long the tapes will be: they grow, and the iterations are counted.
            let starts = inits.iter().copied().chain(shapes.iter().map(|shape| b.empty(shape.elem, &shape.dims)));
            // What counts from 0 by 1 already is the number of the iteration.
            let own = (0..m).find(|k| {
                b.int_lit(inits[*k]) == Some(0)
                    && b.ty(inits[*k]) == Type::INDEX
                    && counters[*k].is_some_and(|step| b.int_lit(step) == Some(1))
            });
            let count = own.is_none().then(|| b.index_lit(0));
            let starts: Vec<Value> = starts.chain(nest_starts.iter().copied()).chain(count).collect();
            let mut all = b.repeat(
                &starts,
                |carries| {
                    let args: Vec<Value> = carries[..m].iter().chain(&captures).copied().collect();
                    b.import(cond, &args)[0]
                },
                |carries| {
                    let (trips, carries) = match own {
                        Some(k) => (carries[k], carries),
                        None => carries.split_last().map(|(n, rest)| (*n, rest)).expect("the count is the last carry"),
                    };
                    let (carries, tapes) = carries.split_at(m);
                    let (tapes, nested) = tapes.split_at(tape_names.len());
                    name_tapes(tapes);
                    let (mut results, stored, nested) = iteration(trips, carries, nested);
                    results.extend(tapes.iter().zip(stored).map(|(tape, v)| b.push(*tape, v)));
                    results.extend(nested);
                    if own.is_none() {
                        b.name(trips, "trips");
                        results.push(b.call(Prim::Add, &[trips, b.index_lit(1)]));
                    }
                    results
                },
            );
            let trips = match own {
                Some(k) => all[k],
                None => all.pop().expect("the count is the last result"),
            };
            b.name(trips, own.and_then(|k| name_of(inner.params[1 + k])).map_or("trips", |name| name));
            (all, (b.index_lit(0), trips), Direction::Up)
        }
    };
    let (stored, nested) = all[m..].split_at(tape_names.len());
    name_tapes(stored);
    if let Some(pushes) = &pushes {
        pushes.set(b, nested);
    }

    let mut tapes = stored.iter();
    let mut tape = || State::Tape(*tapes.next().expect("one tape a stored value"));
    let mut states: Vec<State> = Vec::new();
    for (k, result) in all[..m].iter().enumerate() {
        states.push(match counters[k] {
            Some(step) => State::Linear { start: inits[k], step },
            None if taped_carries.contains(&k) => tape(),
            None => State::Fixed(*result),
        });
    }
    for (k, leaf) in leaves.iter().enumerate() {
        // A leaf that is never read needs a value of its type, whatever it is.
        states.push(match &untouched[k] {
            Some(element) => State::Untouched(element.clone()),
            None if taped_leaves.contains(&k) => tape(),
            None => State::Fixed(zero(b, inner.ty(*leaf).elem)),
        });
    }
    states.extend(captures.iter().map(|c| State::Fixed(*c)));
    let mut cursors: Vec<Option<Value>> = vec![None; nest.map_or(0, Nest::levels)];
    for ((place, _), tape) in nest.iter().flat_map(|nest| nest.tapes()).zip(nested) {
        cursors[place.level()].get_or_insert_with(|| b.len(*tape, 0));
        states.push(State::Fixed(*tape));
    }
    Ok(LoopPlan {
        cursors: cursors.into_iter().map(|cursor| cursor.unwrap_or_else(|| b.index_lit(0))).collect(),
        results: all[..m].to_vec(),
        index_name: name_of(inner.params[0]).cloned(),
        cotangent_names: (0..m)
            .filter(|k| active_carries[*k])
            .map(|k| name_of(inner.params[1 + k]).map(|name| format!("{name}_adj")))
            .collect(),
        carries: (0..m).filter(|k| active_carries[*k]).collect(),
        captures: (0..captures.len()).filter(|k| active_captures[*k]).collect(),
        flags: flags.clone(),
        range,
        direction,
        adjoint,
        states,
        inner: inner.clone(),
        given: inits.iter().chain(&captures).copied().collect(),
    })
}

/// What a carried integer grows by in each iteration, where that is one literal.
fn counter(b: &Builder, inner: &Body, k: usize) -> Option<Value> {
    let param = inner.params[1 + k];
    let Op::Call(Prim::Add, args) = &inner.node(inner.results[k]).op else { return None };
    let step = match **args {
        [x, y] if x == param => y,
        [x, y] if y == param => x,
        _ => return None,
    };
    match inner.node(step).op {
        Op::Const(Lit::Int(n, kind)) if n > 0 => Some(b.int(n, kind)),
        _ => None,
    }
}

impl LoopPlan {
    /// How many iterations were before this one.
    fn number(&self, b: &Builder, i: Value) -> Value {
        match self.direction {
            Direction::Up => trip(b, self.range, i),
            Direction::Down => {
                let last = b.call(Prim::Sub, &[self.range.1, b.index_lit(1)]);
                b.call(Prim::Sub, &[last, i])
            }
        }
    }

    /// The adjoints of the initial carries, the accumulators of the captures, and whether something has arrived at those
    /// that are flagged.
    pub(super) fn reverse(
        &self,
        b: &Builder,
        cotangents: &[Value],
        accumulators: &[Value],
        arrived: &[Value],
    ) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
        let n = cotangents.len();
        let unflagged = n + accumulators.len();
        let last = unflagged + arrived.len();
        // Where every cotangent passes through unchanged the iterations only accumulate, and any order will do: the
        // primal's own lets both loops become one.
        let untaken = |k: usize| self.adjoint.results[k] == self.adjoint.params[1 + k];
        let passes = (0..n).chain(last..last + self.cursors.len()).all(untaken);
        let direction = if passes { self.direction } else { self.direction.reversed() };
        let inits: Vec<Value> =
            cotangents.iter().chain(accumulators).chain(arrived).chain(&self.cursors).copied().collect();
        let mut results = b.fold(self.range, direction, &inits, |i, adjoints| {
            if let Some(name) = &self.index_name {
                b.name(i, name);
            }
            adjoints[last..].iter().for_each(|cursor| b.name(*cursor, "entry"));
            for (adjoint, name) in adjoints.iter().zip(&self.cotangent_names) {
                if let Some(name) = name {
                    b.name(*adjoint, name);
                }
            }
            let mut args = vec![i];
            args.extend(adjoints);
            for state in &self.states {
                args.push(match state {
                    State::Untouched(element) => {
                        let args: Vec<Value> = std::iter::once(i).chain(self.given.iter().copied()).collect();
                        let at = b.import_given(&self.inner, &args, &BTreeMap::new(), &element.at);
                        b.index(element.array, &at)
                    }
                    State::Fixed(v) => *v,
                    State::Tape(tape) => b.index(*tape, &[trip(b, self.range, i)]),
                    State::Linear { start, step } => {
                        let Elem::Int(kind) = b.ty(*step).elem else { unreachable!("what counts is an integer") };
                        let n = b.cast(self.number(b, i), Elem::Int(kind));
                        let grown = b.call(Prim::Mul, &[n, *step]);
                        b.call(Prim::Add, &[*start, grown])
                    }
                });
            }
            b.import(&self.adjoint, &args)
        });
        results.truncate(last);
        let arrived = results.split_off(unflagged);
        let accumulated = results.split_off(n);
        (results, accumulated, arrived)
    }
}

/// The tape of a tape is called like it.
pub(super) fn tape_name(of: &str) -> String {
    if of == "tape" || of.ends_with("_tape") { of.to_string() } else { format!("{of}_tape") }
}

fn count(flags: &[bool]) -> usize {
    flags.iter().filter(|f| **f).count()
}

/// How cotangents arrive in a loop.
struct Arriving<'a> {
    active_carries: &'a [bool],
    active_captures: &'a [bool],
    /// At the carries.
    carries: Vec<Presence>,
    /// Behind which carries and captures something steep lies.
    steep: Vec<bool>,
    flags: &'a Flags,
}

/// The body of the adjoint loop, closed.
fn adjoint_body(
    outer: &Builder,
    inner: &Body,
    arriving: &Arriving<'_>,
    leaves: &[Id],
    settled: &[bool],
    nest: Option<&Nest>,
) -> Result<Body, Problem> {
    let Arriving { active_carries, active_captures, .. } = *arriving;
    let (b, m) = (outer.apart(), active_carries.len());
    let param = |id: &Id| b.param(inner.ty(*id).clone());
    let i = b.param(Type::INDEX);
    let (carry_params, capture_params) = inner.params[1..].split_at(m);
    let active = |params: &[Id], flags: &[bool]| -> Vec<Option<Value>> {
        params.iter().zip(flags).map(|(p, active)| active.then(|| param(p))).collect()
    };
    let flags = |flags: &[bool]| -> Vec<Option<Value>> {
        flags.iter().map(|flag| flag.then(|| b.param(Type::scalar(Elem::Bool)))).collect()
    };
    let cotangents = active(carry_params, active_carries);
    let accumulators = active(capture_params, active_captures);
    let (carry_flags, capture_flags) = (flags(&arriving.flags.carries), flags(&arriving.flags.captures));
    let levels: Vec<usize> = (0..nest.map_or(0, Nest::levels)).collect();
    let cursors: Vec<Value> = levels.iter().map(|_| b.param(Type::INDEX)).collect();
    let carries: Vec<Value> = carry_params.iter().map(param).collect();
    let given: BTreeMap<Id, Value> = leaves.iter().map(|leaf| (*leaf, param(leaf))).collect();
    let captures: Vec<Value> = capture_params.iter().map(param).collect();
    let pops = nest.map(|nest| {
        let tapes: Vec<Value> = nest.tapes().map(|(_, elem)| b.param(Type::array(elem, vec![Dim::Any]))).collect();
        Pops::new(nest, &tapes, &cursors)
    });

    let args: Vec<Value> = std::iter::once(i).chain(carries.iter().copied()).chain(captures).collect();
    let is_active: Vec<bool> =
        std::iter::once(false).chain(active_carries.iter().chain(active_captures).copied()).collect();
    let with_flags = |values: Vec<Option<Value>>, flags: Vec<Option<Value>>| -> Vec<Option<Cotangent>> {
        values.into_iter().zip(flags).map(|(value, when)| value.map(|value| Cotangent { value, when })).collect()
    };
    let mut cotangents = with_flags(cotangents, carry_flags);
    for (cotangent, presence) in cotangents.iter_mut().zip(&arriving.carries) {
        cotangent.take_if(|_| *presence == Presence::Never);
    }
    let mut initial: Vec<Option<Cotangent>> = vec![None; 1 + m];
    initial.extend(with_flags(accumulators, capture_flags));
    let asked = Asked {
        results: cotangents.iter().map(presence).collect(),
        initial: initial.iter().map(presence).collect(),
        steep: std::iter::once(false).chain(arriving.steep.iter().copied()).collect(),
    };
    let known = Known { given, settled: settled.to_vec(), pops: pops.as_ref().map(|pops| (pops, Nest::OUTERMOST)) };
    let f = forward(&b, inner, &args, &is_active, &known, &asked)?;
    let adjoints = reverse(&b, &f, &cotangents, &initial)?;
    let mut results: Vec<Value> = Vec::new();
    for k in (0..m).filter(|k| active_carries[*k]) {
        results.push(adjoints[1 + k].map_or_else(|| b.zeros_like(carries[k]), |adjoint| adjoint.value));
    }
    for k in (0..active_captures.len()).filter(|k| active_captures[*k]) {
        results.push(adjoints[1 + m + k].expect("an accumulator stays").value);
    }
    let flagged = arriving.flags.carries.iter().chain(&arriving.flags.captures).enumerate().filter(|(_, flag)| **flag);
    results.extend(flagged.map(|(k, _)| arrives_or_not(&b, adjoints[1 + k])));
    results.extend(pops.iter().flat_map(|pops| pops.cursors(&levels)));
    Ok(b.finish(&results))
}

/// The scalars that an iteration reads from carried arrays (those of `once` aside, with exceptions), directly or through
/// inner loops and choices: enough, with the scalar carries, to run the rest of the iteration again.
fn leaves(inner: &Body, m: usize, once: &[bool], exceptions: &[Id]) -> Vec<Id> {
    let mut tainted = vec![false; inner.nodes.len()];
    let mut leaves = Vec::new();
    for id in inner.ids() {
        let node = inner.node(id);
        let scalar = matches!(&node.ty, NodeType::One(ty) if ty.is_scalar());
        let reads = match &node.op {
            Op::Param(k) => {
                let k = *k as usize;
                (1..=m).contains(&k) && !scalar && !once[k - 1]
            }
            op => {
                let mut any = false;
                op.operands(|x| any |= tainted[x.index()]);
                any
            }
        };
        if scalar && (reads || exceptions.contains(&id)) {
            leaves.push(id);
        }
        tainted[id.index()] = reads && !scalar;
    }
    leaves
}

/// What the adjoint of an iteration reads.
struct Reads {
    /// Of the carries and the leaves.
    states: Vec<bool>,
    /// Of the tapes of the nest.
    tapes: Vec<bool>,
}

impl Reads {
    fn of(adjoint: &Body, adjoints: usize, carries: usize, leaves: usize, nest: Option<&Nest>) -> Reads {
        let used = needed_params(adjoint, &vec![true; adjoint.results.len()]);
        let first = 1 + adjoints + nest.map_or(0, Nest::levels);
        let tapes = nest.map_or(0, |nest| nest.tapes().count());
        Reads { states: used[first..first + carries + leaves].to_vec(), tapes: used[used.len() - tapes..].to_vec() }
    }
}

/// Arrays of at most so many elements are copied rather than taped by element.
const SMALL: usize = 64;

/// Whether a copy of an array in each iteration is more than a few elements.
fn is_dear(b: &Builder, array: Value) -> bool {
    let elements = b.ty(array).dims.iter().try_fold(1_usize, |n, dim| match dim {
        Dim::Lit(len) => n.checked_mul(*len),
        Dim::Size(_) | Dim::Any => None,
    });
    elements.is_none_or(|n| n > SMALL)
}

struct Shape {
    elem: Elem,
    lens: Vec<Value>,
    dims: Vec<Dim>,
}

fn carry_shape(b: &Builder, like: Value) -> Shape {
    let ty = b.ty(like);
    Shape { elem: ty.elem, lens: (0..ty.rank()).map(|axis| b.len(like, axis)).collect(), dims: ty.dims }
}

fn scalar_shape(inner: &Body, leaf: Id) -> Shape {
    Shape { elem: inner.ty(leaf).elem, lens: Vec::new(), dims: Vec::new() }
}

pub(super) fn zero(b: &Builder, elem: Elem) -> Value {
    match elem {
        Elem::Float => b.float(0.0),
        Elem::Int(kind) => b.int(0, kind),
        Elem::Bool => b.bool(false),
    }
}

/// Room for one value an iteration.
fn empty_tape(b: &Builder, (lo, hi): (Value, Value), shape: &Shape) -> Value {
    let trips = if b.int_lit(lo) == Some(0) {
        hi
    } else {
        // A range that is empty because it runs backwards has no trips; usize must not underflow.
        let end = b.call(Prim::Max, &[hi, lo]);
        b.call(Prim::Sub, &[end, lo])
    };
    let lens: Vec<Value> = std::iter::once(trips).chain(shape.lens.iter().copied()).collect();
    b.build(&lens, |_| zero(b, shape.elem))
}

/// The place of iteration `i` on a tape.
fn trip(b: &Builder, (lo, _): (Value, Value), i: Value) -> Value {
    b.call(Prim::Sub, &[i, lo])
}
