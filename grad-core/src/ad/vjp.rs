//! Reverse mode: from the cotangents of a body's results to the adjoints of its parameters.
//!
//! The sweep visits the nodes in reverse and adds, for each operand, adjoint × partial. Adjoints are nodes of the same
//! graph, so primal and gradient share every subexpression. A nested body is executed again inside its adjoint, and
//! the optimiser lets both share what they can (Schenck, Rønning, Henriksen, Oancea: AD for an array language with
//! nested parallelism, SC22): what needs a tape is decided in [`super::vjp_loop`].

use std::collections::BTreeMap;

use super::activity::Activity;
use super::arrival::{Arrival, Asked};
use super::cotangent::{Cotangent, arrives_or_not, either, times};
use super::nest::Pops;
use super::settled;
use super::vjp_loop::{self, LoopPlan};
use crate::diagnostic::{Origin, Problem};
use crate::ir::need::{needed, needed_carries};
use crate::ir::{Body, Builder, Direction, Id, Op, Store, Value};
use crate::prim::Prim;

/// What is known of a body's values otherwise than by running it.
#[derive(Clone, Default)]
pub(super) struct Known<'a> {
    /// Values that were read from a tape.
    pub(super) given: BTreeMap<Id, Value>,
    /// Which parameters hold already what the body would write.
    pub(super) settled: Vec<bool>,
    /// The tapes of the nest around, and the level that the body is: bodies inside read from tapes instead of running again.
    pub(super) pops: Option<(&'a Pops<'a>, usize)>,
}

/// A body recorded in a builder, ready for its reverse sweep.
pub(super) struct Forward<'a> {
    pub(super) body: &'a Body,
    pub(super) activity: Activity,
    pub(super) arrival: Arrival,
    /// The primal value of each live node.
    pub(super) values: Vec<Option<Value>>,
    loops: BTreeMap<Id, LoopPlan>,
    /// Which nodes are versions of an array that holds already what they would write.
    pub(super) versions: Vec<Option<usize>>,
    /// The tapes of the nest around, and the level that the body is.
    pub(super) pops: Option<(&'a Pops<'a>, usize)>,
}

impl Forward<'_> {
    /// The primal results.
    pub(super) fn results(&self) -> Vec<Value> {
        self.body.results.iter().map(|r| self.value(*r)).collect()
    }

    pub(super) fn value(&self, id: Id) -> Value {
        self.values[id.index()].expect("a live node has a value")
    }
}

/// Records the primal of `body`, less what is `known` of it, loops with the tapes that their adjoints read. The sweep to
/// come is `asked` for.
pub(super) fn forward<'a>(
    b: &Builder,
    body: &'a Body,
    args: &[Value],
    active: &[bool],
    known: &Known<'a>,
    asked: &Asked,
) -> Result<Forward<'a>, Problem> {
    let Known { given, settled, pops } = known;
    let activity = Activity::of(body, active);
    let arrival = Arrival::of(body, &activity, asked);
    let live = crate::ir::build::live_nodes(body);
    let read = needed(body).results;
    let versions = settled::versions(body, settled);
    let values = vec![None; body.nodes.len()];
    let mut f = Forward { body, activity, arrival, values, loops: BTreeMap::new(), versions, pops: *pops };
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match &body.node(id).op {
            _ if let Some(k) = f.versions[id.index()] => args[k],
            _ if given.contains_key(&id) => given[&id],
            // Nothing but the lengths of its results is read.
            _ if f.inside(id).is_some() => settled::node(b, body, id, args, &f.values, &f.versions),
            Op::Fold { .. } | Op::While { .. } if f.activity.is(id) => {
                // No adjoint reaches a carry that only says when the loop ends.
                let (inits, inner, first) = body.node(id).op.as_loop().expect("it is a loop");
                let read = read.get(&id).map_or_else(|| vec![true; inits.len()], |r| needed_carries(inner, first, r));
                let active: Vec<bool> =
                    f.activity.results(id).iter().zip(read).map(|(active, read)| *active && read).collect();
                let plan = vjp_loop::plan(b, &f, id, &active)?;
                let bundle = b.bundle(&plan.results);
                f.loops.insert(id, plan);
                bundle
            }
            _ => settled::node(b, body, id, args, &f.values, &f.versions),
        };
        f.values[id.index()] = Some(v);
    }
    Ok(f)
}

impl<'a> Forward<'a> {
    /// The tapes and the levels of the bodies that a node runs, if they are part of a nest.
    pub(super) fn inside(&self, id: Id) -> Option<(&'a Pops<'a>, &'a [usize])> {
        let (pops, level) = self.pops?;
        Some((pops, pops.inside(level, id)?))
    }

    pub(super) fn captures_active(&self, id: Id) -> Vec<bool> {
        match &self.body.node(id).op {
            Op::Fold { captures, .. }
            | Op::While { captures, .. }
            | Op::If { captures, .. }
            | Op::Build { captures, .. } => captures.iter().map(|c| self.activity.is(*c)).collect(),
            _ => Vec::new(),
        }
    }
}

/// The reverse sweep. `cotangents` has one entry a result, `None` for none; `initial` one entry a parameter, what its
/// adjoint already holds. Gives the adjoint of each parameter, `None` where it is zero.
pub(super) fn reverse(
    b: &Builder,
    f: &Forward<'_>,
    cotangents: &[Option<Cotangent>],
    initial: &[Option<Cotangent>],
) -> Result<Vec<Option<Cotangent>>, Problem> {
    let mut sweep = Sweep { b, f, adjoints: vec![None; f.body.nodes.len()], tuples: BTreeMap::new() };
    for (param, adjoint) in f.body.params.iter().zip(initial) {
        sweep.adjoints[param.index()] = *adjoint;
    }
    for (result, cotangent) in f.body.results.iter().zip(cotangents) {
        if let Some(cotangent) = cotangent
            && f.activity.is(*result)
        {
            sweep.add(*result, *cotangent);
        }
    }
    for id in f.body.ids().rev() {
        if f.activity.is(id) {
            sweep.node(id)?;
        }
    }
    Ok(f.body.params.iter().map(|p| sweep.adjoints[p.index()]).collect())
}

pub(super) struct Sweep<'f, 'a> {
    pub(super) b: &'f Builder,
    pub(super) f: &'f Forward<'a>,
    pub(super) adjoints: Vec<Option<Cotangent>>,
    /// The adjoints of the results of an If or a Fold.
    pub(super) tuples: BTreeMap<Id, BTreeMap<u32, Cotangent>>,
}

impl Sweep<'_, '_> {
    /// x̄ += v
    pub(super) fn add(&mut self, id: Id, v: Cotangent) {
        let is_never = !self.f.activity.is(id) || self.f.arrival.is_never(id);
        if is_never || self.b.float_lit(v.value) == Some(0.0) {
            return;
        }
        let b = self.b;
        let when = v.when.filter(|_| self.f.arrival.is_flagged(id));
        let sum = match self.adjoints[id.index()] {
            None => Cotangent { value: v.value, when },
            Some(before) => Cotangent { value: add(b, before.value, v.value), when: either(b, before.when, when) },
        };
        self.adjoints[id.index()] = Some(sum);
    }

    /// What arrives where `cond` holds.
    fn only(&self, id: Id, value: Value, when: Option<Value>, cond: impl FnOnce() -> Value) -> Cotangent {
        if !self.f.arrival.is_flagged(id) {
            return Cotangent::always(value);
        }
        let cond = cond();
        Cotangent { value, when: Some(when.map_or(cond, |when| self.b.call(Prim::And, &[when, cond]))) }
    }

    /// The adjoint of an array, zeros if there is none yet.
    pub(super) fn array_adjoint(&self, id: Id) -> Value {
        self.adjoints[id.index()].map_or_else(|| self.b.zeros_like(self.f.value(id)), |adjoint| adjoint.value)
    }

    /// Whether something has arrived at each of the nodes that are flagged.
    pub(super) fn arrived(&self, ids: &[Id], flags: &[bool]) -> Vec<Value> {
        let flagged = ids.iter().zip(flags).filter(|(_, flag)| **flag);
        flagged.map(|(id, _)| arrives_or_not(self.b, self.adjoints[id.index()])).collect()
    }

    /// The adjoints of active captures after what was accumulated into them.
    pub(super) fn set_accumulated(
        &mut self,
        captures: &[Id],
        active: &[usize],
        flags: &[bool],
        adjoints: Vec<Value>,
        arrived: &[Value],
    ) {
        let mut arrived = arrived.iter();
        for (k, value) in active.iter().zip(adjoints) {
            let c = captures[*k];
            let when = if flags[*k] { arrived.next().copied() } else { None };
            self.adjoints[c.index()] = (!self.f.arrival.is_never(c)).then_some(Cotangent { value, when });
        }
    }

    fn node(&mut self, id: Id) -> Result<(), Problem> {
        let body = self.f.body;
        match (&body.node(id).op, self.f.inside(id)) {
            (_, Some((pops, levels))) => return self.nested(id, pops, levels),
            (Op::If { .. }, None) => return self.choice(id),
            (Op::Fold { .. } | Op::While { .. }, None) => return self.fold(id),
            _ => {}
        }
        let Some(cotangent) = self.adjoints[id.index()] else { return Ok(()) };
        let adjoint = cotangent.value;
        self.name(id, adjoint);
        let origin = body.origin(id);
        self.b.set_origin(origin);
        let values = |ids: &[Id]| -> Vec<Value> { ids.iter().map(|id| self.f.value(*id)).collect() };
        match &body.node(id).op {
            Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Cast(_) | Op::Len(..) => {}
            Op::Call(prim, args) => self.call(id, *prim, args, cotangent, origin)?,
            Op::Array(elements) => {
                for (k, element) in elements.iter().enumerate() {
                    let part = self.b.index(adjoint, &[self.b.index_lit(k)]);
                    self.add(*element, Cotangent::always(part));
                }
            }
            Op::Index { array, at } => {
                let at = values(at);
                let gathered = self.b.update(self.array_adjoint(*array), &at, adjoint, Store::Add);
                self.adjoints[array.index()] = Some(Cotangent::always(gathered));
            }
            Op::Update { array, at, value, store } => {
                let at = values(at);
                let part = self.b.index(adjoint, &at);
                self.add(*value, Cotangent::always(part));
                let rest = match store {
                    Store::Add => adjoint,
                    Store::Set => {
                        let zero = self.b.zeros_like(self.f.value(*value));
                        self.b.update(adjoint, &at, zero, Store::Set)
                    }
                };
                self.add(*array, Cotangent::always(rest));
            }
            Op::Push { .. } => {
                let problem = Problem::new(origin.unwrap_or_default(), "an array that grows has no adjoint yet");
                return Err(problem.help("make the array with its full length, and set its elements"));
            }
            Op::Get(node, k) => {
                self.tuples.entry(*node).or_default().insert(*k, cotangent);
            }
            Op::Build { lens, body: inner, captures } => {
                self.build(id, &values(lens), inner, captures, adjoint)?;
            }
            Op::If { .. } | Op::Fold { .. } | Op::While { .. } => unreachable!("handled above"),
        }
        Ok(())
    }

    fn name(&self, id: Id, adjoint: Value) {
        if let Some(name) = self.f.body.names.get(&id) {
            self.b.name(adjoint, &format!("{name}_adj"));
        }
    }

    fn call(
        &mut self,
        id: Id,
        prim: Prim,
        args: &[Id],
        adjoint: Cotangent,
        origin: Option<Origin>,
    ) -> Result<(), Problem> {
        let b = self.b;
        let Cotangent { value: adjoint, when } = adjoint;
        if prim == Prim::Select {
            let cond = self.f.value(args[0]);
            let zero = b.float(0.0);
            let then = b.call(Prim::Select, &[cond, adjoint, zero]);
            let otherwise = b.call(Prim::Select, &[cond, zero, adjoint]);
            self.add(args[1], self.only(args[1], then, when, || cond));
            self.add(args[2], self.only(args[2], otherwise, when, || b.call(Prim::Not, &[cond])));
            return Ok(());
        }
        let operands: Vec<_> = args.iter().map(|a| b.sym(self.f.value(*a))).collect();
        let result = b.sym(self.f.value(id));
        for (k, arg) in args.iter().enumerate() {
            if self.f.activity.is(*arg) {
                let partial = prim.partial(k, &operands, result).ok_or_else(|| no_derivative(prim, k, origin))?.value();
                let product = times(b, adjoint, when, partial);
                let arrives = match b.call_of(partial) {
                    Some((Prim::Select, [cond, then, otherwise])) if prim.row().chooses() => {
                        if b.float_lit(otherwise) == Some(0.0) {
                            self.only(*arg, product, when, || cond)
                        } else if b.float_lit(then) == Some(0.0) {
                            self.only(*arg, product, when, || b.call(Prim::Not, &[cond]))
                        } else {
                            Cotangent { value: product, when }
                        }
                    }
                    _ => Cotangent { value: product, when },
                };
                self.add(*arg, arrives);
            }
        }
        Ok(())
    }

    fn fold(&mut self, id: Id) -> Result<(), Problem> {
        let Some(tuple) = self.tuples.remove(&id) else { return Ok(()) };
        let (Op::Fold { inits, captures, .. } | Op::While { inits, captures, .. }) = &self.f.body.node(id).op else {
            unreachable!("called on a loop")
        };
        let plan = &self.f.loops[&id];
        let b = self.b;
        let of_carry = |k: &usize| tuple.get(&u32::try_from(*k).expect("few carries")).copied();
        let cotangents: Vec<Value> = (plan.carries.iter())
            .map(|k| of_carry(k).map_or_else(|| b.zeros_like(plan.results[*k]), |cotangent| cotangent.value))
            .collect();
        let accumulators: Vec<Value> = plan.captures.iter().map(|k| self.array_adjoint(captures[*k])).collect();
        let flagged = plan.carries.iter().filter(|k| plan.flags.carries[**k]);
        let mut arrived: Vec<Value> = flagged.map(|k| arrives_or_not(b, of_carry(k))).collect();
        arrived.extend(self.arrived(captures, &plan.flags.captures));
        let (carries, accumulated, arrived) = plan.reverse(b, &cotangents, &accumulators, &arrived);
        let mut arrived = arrived.into_iter();
        let carries: Vec<Cotangent> = (plan.carries.iter().zip(carries))
            .map(|(k, value)| Cotangent { value, when: if plan.flags.carries[*k] { arrived.next() } else { None } })
            .collect();
        let arrived: Vec<Value> = arrived.collect();
        self.set_accumulated(captures, &plan.captures, &plan.flags.captures, accumulated, &arrived);
        for (k, adjoint) in plan.carries.iter().zip(carries) {
            self.add(inits[*k], adjoint);
        }
        Ok(())
    }
}

/// Loops over the axes after those in `at`, one in the other: `f(at, carries)` gives the next carries.
pub(super) fn over_axes<E>(
    b: &Builder,
    lens: &[Value],
    direction: Direction,
    inits: &[Value],
    at: &mut Vec<Value>,
    f: &impl Fn(&[Value], &[Value]) -> Result<Vec<Value>, E>,
) -> Result<Vec<Value>, E> {
    if at.len() == lens.len() {
        return f(at, inits);
    }
    let range = (b.index_lit(0), lens[at.len()]);
    b.try_fold(range, direction, inits, |i, carries| {
        at.push(i);
        let results = over_axes(b, lens, direction, carries, at, f);
        at.pop();
        results
    })
}

pub(super) fn no_derivative(prim: Prim, k: usize, origin: Option<Origin>) -> Problem {
    let row = prim.row();
    let title = format!("`{}` has no derivative in its argument `{}`", row.name, row.args[k]);
    Problem::new(origin.unwrap_or_default(), title)
        .help("no active parameter may reach this argument: leave it out of `wrt`")
}

/// x + y, element by element for arrays of one shape.
pub(super) fn add(b: &Builder, x: Value, y: Value) -> Value {
    let rank = b.ty(x).rank();
    if rank == 0 {
        return b.call(Prim::Add, &[x, y]);
    }
    let lens: Vec<Value> = (0..rank).map(|axis| b.len(x, axis)).collect();
    b.build(&lens, |at| b.call(Prim::Add, &[b.index(x, at), b.index(y, at)]))
}
