//! Reverse mode: from the cotangents of a body's results to the adjoints of its parameters.
//!
//! The sweep visits the nodes in reverse and adds, for each operand, adjoint × partial. Adjoints are nodes of the same
//! graph, so primal and gradient share every subexpression. A nested body is executed again inside its adjoint, and
//! the optimiser lets both share what they can (Schenck, Rønning, Henriksen, Oancea: AD for an array language with
//! nested parallelism, SC22): what needs a tape is decided in [`super::vjp_loop`].

use std::collections::BTreeMap;

use super::activity::Activity;
use super::arrival::{Arrival, Asked, Presence};
use super::nest::Pops;
use super::settled;
use super::vjp_loop::{self, LoopPlan};
use crate::diagnostic::{Origin, Problem};
use crate::ir::need::{needed, needed_carries};
use crate::ir::{Body, Builder, Direction, Elem, Id, Lit, Op, Store, Value};
use crate::prim::{Cost, Prim};

/// What arrives at a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cotangent {
    pub(super) value: Value,
    /// Where it may not arrive, and something steep reads it, the condition that it does: the value is 0 where not.
    pub(super) when: Option<Value>,
}

impl Cotangent {
    pub(super) fn always(value: Value) -> Cotangent {
        Cotangent { value, when: None }
    }

    /// Whether it arrives, as a value.
    fn arrives(self, b: &Builder) -> Value {
        self.when.unwrap_or_else(|| b.bool(true))
    }
}

/// Whether something arrives, as a value.
pub(super) fn arrives_or_not(b: &Builder, cotangent: Option<Cotangent>) -> Value {
    cotangent.map_or_else(|| b.bool(false), |cotangent| cotangent.arrives(b))
}

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

    /// The adjoint of a comprehension is a loop that accumulates.
    fn build(&mut self, id: Id, lens: &[Value], inner: &Body, captures: &[Id], adjoint: Value) -> Result<(), Problem> {
        let flags = self.f.arrival.flags(self.f.body, id).captures;
        let active: Vec<usize> = (0..captures.len()).filter(|k| self.f.activity.is(captures[*k])).collect();
        let accumulators = active.iter().map(|k| self.array_adjoint(captures[*k]));
        let inits: Vec<Value> = accumulators.chain(self.arrived(captures, &flags)).collect();
        let values: Vec<Value> = captures.iter().map(|c| self.f.value(*c)).collect();
        let settled = settled::flags(captures, &self.f.versions);
        let steep: Vec<bool> = captures.iter().map(|c| self.f.arrival.is_steep(*c)).collect();
        let made = self.f.value(id);
        let element = BuildAdjoint {
            b: self.b,
            made,
            inner,
            captures: &values,
            active: &active,
            flags: &flags,
            steep: &steep,
            settled: &settled,
            adjoint,
        };
        let mut adjoints = over_axes(self.b, lens, Direction::Up, &inits, &mut Vec::new(), &|at, accumulators| {
            element.element(at, accumulators)
        })?;
        let arrived = adjoints.split_off(active.len());
        self.set_accumulated(captures, &active, &flags, adjoints, &arrived);
        Ok(())
    }

    /// The adjoint of a choice chooses: each arm runs its own sweep, and the untaken one never runs.
    fn choice(&mut self, id: Id) -> Result<(), Problem> {
        let arm = |arm: &Arm<'_>| {
            let known = Known { settled: arm.settled.to_vec(), ..Known::default() };
            let f = forward(arm.b, arm.body, arm.args, arm.active, &known, arm.asked)?;
            Ok(arm.adjoints(&reverse(arm.b, &f, arm.cotangents, arm.initial)?))
        };
        self.arms(id, &arm).map(|_| ())
    }

    /// A choice between the sweeps of two arms, which give what [`Arm::adjoints`] does and more: that is given back.
    /// `None` where no cotangent arrives.
    pub(super) fn arms(
        &mut self,
        id: Id,
        sweep: &dyn Fn(&Arm<'_>) -> Result<Vec<Value>, Problem>,
    ) -> Result<Option<Vec<Value>>, Problem> {
        let Some(tuple) = self.tuples.remove(&id) else { return Ok(None) };
        let Op::If { cond, then, otherwise, captures } = &self.f.body.node(id).op else {
            unreachable!("a choice is an If")
        };
        let b = self.b;
        let active = self.f.captures_active(id);
        let values: Vec<Value> = captures.iter().map(|c| self.f.value(*c)).collect();
        let cotangents: Vec<Option<Cotangent>> =
            (0..then.results.len()).map(|k| tuple.get(&u32::try_from(k).expect("few results")).copied()).collect();
        // Scalars get what the choice contributes; arrays are accumulated into.
        let initial: Vec<Option<Cotangent>> = (captures.iter().zip(&active))
            .map(|(c, active)| {
                let array = *active && self.f.body.ty(*c).rank() > 0;
                array.then(|| self.adjoints[c.index()]).flatten()
            })
            .collect();
        let settled = settled::flags(captures, &self.f.versions);
        // Where one arm always contributes, and the other never, the condition itself says when.
        let by_arms: Vec<[Presence; 2]> = (0..captures.len()).map(|k| self.f.arrival.by_arms(id, k)).collect();
        let is_told = |k: usize| {
            let mut told = by_arms[k];
            told.sort_unstable();
            told == [Presence::Never, Presence::Always]
        };
        let flagged = |k: usize| active[k] && self.f.arrival.is_flagged(captures[k]);
        let flags: Vec<bool> = (0..captures.len())
            .map(|k| flagged(k) && !is_told(k) && by_arms[k].contains(&Presence::Sometimes))
            .collect();
        let asked = Asked {
            results: cotangents.iter().map(presence).collect(),
            initial: initial.iter().map(presence).collect(),
            steep: captures.iter().map(|c| self.f.arrival.is_steep(*c)).collect(),
        };
        let arm = |number: usize, body: &Body| {
            sweep(&Arm {
                b,
                number,
                body,
                args: &values,
                active: &active,
                settled: &settled,
                asked: &asked,
                flags: &flags,
                cotangents: &cotangents,
                initial: &initial,
            })
        };
        let cond = self.f.value(*cond);
        let mut results = b.try_branch(cond, || arm(0, then), || arm(1, otherwise))?.into_iter();
        let adjoints: Vec<Value> = results.by_ref().take(active.iter().filter(|active| **active).count()).collect();
        let mut arrived: Vec<Value> = results.by_ref().take(flags.iter().filter(|flag| **flag).count()).collect();
        arrived.reverse();
        for (k, value) in (0..captures.len()).filter(|k| active[*k]).zip(adjoints) {
            let c = captures[k];
            let when = match by_arms[k] {
                _ if flags[k] => arrived.pop(),
                _ if !flagged(k) => None,
                [Presence::Always, Presence::Never] => Some(cond),
                [Presence::Never, Presence::Always] => Some(b.call(Prim::Not, &[cond])),
                _ => None,
            };
            if initial[k].is_some() {
                self.adjoints[c.index()] = Some(Cotangent::always(value));
            } else {
                self.add(c, Cotangent { value, when });
            }
        }
        Ok(Some(results.collect()))
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

/// Whether a cotangent arrives, as far as it tells.
pub(super) fn presence(cotangent: &Option<Cotangent>) -> Presence {
    match cotangent {
        None => Presence::Never,
        Some(Cotangent { when: None, .. }) => Presence::Always,
        Some(Cotangent { when: Some(_), .. }) => Presence::Sometimes,
    }
}

/// One arm of a choice, to be swept.
pub(super) struct Arm<'s> {
    pub(super) b: &'s Builder,
    /// 0 where the condition holds, 1 where not.
    pub(super) number: usize,
    pub(super) body: &'s Body,
    pub(super) args: &'s [Value],
    pub(super) active: &'s [bool],
    pub(super) settled: &'s [bool],
    pub(super) asked: &'s Asked,
    /// For which captures it must be said whether something arrives.
    flags: &'s [bool],
    pub(super) cotangents: &'s [Option<Cotangent>],
    pub(super) initial: &'s [Option<Cotangent>],
}

impl Arm<'_> {
    /// Those of the active captures, and whether something arrives at those that are flagged.
    pub(super) fn adjoints(&self, adjoints: &[Option<Cotangent>]) -> Vec<Value> {
        let b = self.b;
        let kept = (0..self.args.len()).filter(|k| self.active[*k]);
        let values = kept.map(|k| adjoints[k].map_or_else(|| b.zeros_like(self.args[k]), |adjoint| adjoint.value));
        let flagged = (0..self.args.len()).filter(|k| self.flags[*k]);
        values.chain(flagged.map(|k| arrives_or_not(b, adjoints[k]))).collect()
    }
}

struct BuildAdjoint<'b> {
    b: &'b Builder,
    /// The array itself.
    made: Value,
    inner: &'b Body,
    captures: &'b [Value],
    active: &'b [usize],
    flags: &'b [bool],
    steep: &'b [bool],
    settled: &'b [bool],
    adjoint: Value,
}

impl BuildAdjoint<'_> {
    fn element(&self, at: &[Value], accumulators: &[Value]) -> Result<Vec<Value>, Problem> {
        let args: Vec<Value> = at.iter().chain(self.captures).copied().collect();
        // The element itself, where it is dear to compute, is read in the array.
        let element = self.inner.results[0];
        let is_dear = matches!(&self.inner.node(element).op, Op::Call(prim, _) if prim.row().cost != Cost::Cheap);
        let known = Known {
            given: is_dear.then(|| (element, self.b.index(self.made, at))).into_iter().collect(),
            settled: at.iter().map(|_| false).chain(self.settled.iter().copied()).collect(),
            pops: None,
        };
        let accumulation = Accumulation { first: at.len(), active: self.active, flags: self.flags, steep: self.steep };
        let (active, asked, initial) = accumulation.start(accumulators);
        let f = forward(self.b, self.inner, &args, &active, &known, &asked)?;
        let cotangent = Cotangent::always(self.b.index(self.adjoint, at));
        let adjoints = reverse(self.b, &f, &[Some(cotangent)], &initial)?;
        Ok(accumulation.results(self.b, &adjoints))
    }
}

/// Where the elements of a comprehension accumulate: in its captures, the parameters from the `first`-th on.
pub(super) struct Accumulation<'s> {
    pub(super) first: usize,
    pub(super) active: &'s [usize],
    pub(super) flags: &'s [bool],
    pub(super) steep: &'s [bool],
}

impl Accumulation<'_> {
    /// Which parameters are active, what is asked of the element, and what the adjoints hold before it: `values` are those
    /// of the active captures, and whether something has arrived at those that are flagged.
    pub(super) fn start(&self, values: &[Value]) -> (Vec<bool>, Asked, Vec<Option<Cotangent>>) {
        let n = self.first + self.flags.len();
        let mut active = vec![false; n];
        let mut initial: Vec<Option<Cotangent>> = vec![None; n];
        let (values, arrived) = values.split_at(self.active.len());
        let mut arrived = arrived.iter();
        for (k, value) in self.active.iter().zip(values) {
            active[self.first + k] = true;
            let when = if self.flags[*k] { arrived.next().copied() } else { None };
            initial[self.first + k] = Some(Cotangent { value: *value, when });
        }
        let steep = std::iter::repeat_n(false, self.first).chain(self.steep.iter().copied()).collect();
        let asked = Asked { results: vec![Presence::Always], initial: initial.iter().map(presence).collect(), steep };
        (active, asked, initial)
    }

    /// The same after the element.
    pub(super) fn results(&self, b: &Builder, adjoints: &[Option<Cotangent>]) -> Vec<Value> {
        let of = |k: usize| adjoints[self.first + k].expect("an accumulator stays");
        let values = self.active.iter().map(|k| of(*k).value);
        let flagged = (0..self.flags.len()).filter(|k| self.flags[*k]);
        values.chain(flagged.map(|k| of(k).arrives(b))).collect()
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

/// Whether something arrives in one of two ways; `None` where it always does.
fn either(b: &Builder, x: Option<Value>, y: Option<Value>) -> Option<Value> {
    let (x, y) = (x?, y?);
    let is_opposite = |x: Value, y: Value| matches!(b.call_of(x), Some((Prim::Not, [c, ..])) if c == y);
    if x == y {
        return Some(x);
    }
    (!is_opposite(x, y) && !is_opposite(y, x)).then(|| b.call(Prim::Or, &[x, y]))
}

/// adjoint · partial; a partial of 0 contributes nothing, even to an infinite adjoint, and nor does an adjoint that is known
/// not to arrive, even to an infinite partial.
pub(super) fn times(b: &Builder, adjoint: Value, when: Option<Value>, partial: Value) -> Value {
    if b.float_lit(partial) == Some(0.0) {
        return b.float(0.0);
    }
    // What arrives from one side of a selection stays on that side, and so does what a partial like that of `max` selects:
    // 0 · ∞ would be NaN.
    let one_sided = |v: Value| match b.call_of(v) {
        Some((Prim::Select, args)) if args[1..].iter().any(|side| b.float_lit(*side) == Some(0.0)) => Some(args),
        _ => None,
    };
    if let Some(args) = one_sided(adjoint) {
        let (then, otherwise) = (times(b, args[1], when, partial), times(b, args[2], when, partial));
        return b.call(Prim::Select, &[args[0], then, otherwise]);
    }
    if let Some(args) = one_sided(partial) {
        let (then, otherwise) = (times(b, adjoint, when, args[1]), times(b, adjoint, when, args[2]));
        return b.call(Prim::Select, &[args[0], then, otherwise]);
    }
    if b.float_lit(adjoint) == Some(0.0) {
        return adjoint;
    }
    let product = || b.call(Prim::Mul, &[adjoint, partial]);
    if b.float_lit(partial).is_none() {
        let is_steep = is_steep(b, partial, when.is_some(), &mut { MOST_SIDES });
        let arrives = when.filter(|_| is_steep).or_else(|| arrives(b, adjoint, is_steep, &mut { MOST_SIDES }));
        if let Some(arrives) = arrives {
            return b.call(Prim::Select, &[arrives, product(), b.float(0.0)]);
        }
    }
    product()
}

/// Sums of more selections are multiplied as they are.
const MOST_SIDES: usize = 8;

/// Whether a partial may be infinite: parameters and elements are not, nor are sums and products of such. What comes from
/// another body, or another iteration, is where `others` are.
fn is_steep(b: &Builder, partial: Value, others: bool, left: &mut usize) -> bool {
    let Some(less) = left.checked_sub(1) else { return true };
    *left = less;
    match b.call_of(partial) {
        None => others && matches!(b.op(partial), Op::Get(..) | Op::Param(_)),
        Some((prim, args)) if prim.row().cost == Cost::Cheap => {
            let n = prim.row().args.len();
            args[..n].iter().any(|x| b.elem(*x) == Elem::Float && is_steep(b, *x, others, left))
        }
        Some((Prim::Div, [x, y, _])) if b.float_lit(y).is_some() => is_steep(b, x, others, left),
        Some(_) => true,
    }
}

/// When something arrives by a sum of which each term is 0 on one side of a selection, or, where that `counts`, in one arm
/// of a choice.
fn arrives(b: &Builder, adjoint: Value, counts: bool, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if let Op::Get(node, k) = b.op(adjoint) {
        let Op::If { cond, then, otherwise, .. } = b.op(b.sibling(adjoint, node)) else { return None };
        let is_zero = |arm: &Body| {
            let zero = Op::Const(Lit::Float(0.0_f64.to_bits()));
            arm.node(arm.results[k as usize]).op == zero
        };
        let cond = b.sibling(adjoint, cond);
        return match (counts, is_zero(&then), is_zero(&otherwise)) {
            (true, _, true) => Some(cond),
            (true, true, false) => Some(b.call(Prim::Not, &[cond])),
            (true, false, false) | (false, ..) => None,
        };
    }
    match b.call_of(adjoint)? {
        (Prim::Select, [c, _, otherwise]) if b.float_lit(otherwise) == Some(0.0) => Some(c),
        (Prim::Select, [c, then, _]) if b.float_lit(then) == Some(0.0) => Some(b.call(Prim::Not, &[c])),
        (Prim::Add | Prim::Sub, [x, y, _]) => {
            let (x, y) = (arrives(b, x, counts, left)?, arrives(b, y, counts, left)?);
            Some(b.call(Prim::Or, &[x, y]))
        }
        (Prim::Neg, [x, ..]) => arrives(b, x, counts, left),
        (Prim::Mul, [x, y, _]) if b.float_lit(y).is_some() => arrives(b, x, counts, left),
        (Prim::Mul, [x, y, _]) if b.float_lit(x).is_some() => arrives(b, y, counts, left),
        _ => None,
    }
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
