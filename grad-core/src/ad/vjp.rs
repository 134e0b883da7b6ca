//! Reverse mode: from the cotangents of a body's results to the adjoints of its parameters.
//!
//! The sweep visits the nodes in reverse and adds, for each operand, adjoint × partial. Adjoints are nodes of the same
//! graph, so primal and gradient share every subexpression. A nested body is executed again inside its adjoint, and
//! the optimiser lets both share what they can (Schenck, Rønning, Henriksen, Oancea: AD for an array language with
//! nested parallelism, SC22): what needs a tape is decided in [`super::vjp_loop`].

use std::collections::BTreeMap;

use super::activity::Activity;
use super::nest::Pops;
use super::settled;
use super::vjp_loop::{self, LoopPlan};
use crate::diagnostic::{Origin, Problem};
use crate::ir::need::{needed, needed_carries};
use crate::ir::{Body, Builder, Direction, Elem, Id, Lit, Op, Store, Value};
use crate::prim::{Cost, Prim};

/// A body recorded in a builder, ready for its reverse sweep.
pub(super) struct Forward<'a> {
    pub(super) body: &'a Body,
    pub(super) activity: Activity,
    /// The primal value of each live node.
    values: Vec<Option<Value>>,
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

/// Records the primal of `body`, loops with the tapes that their adjoints read. `given` holds values that are known
/// otherwise (read from a tape) and need not be computed; the parameters in `settled`, if any, hold what the body would
/// write. With `pops` the body is one of a nest, whose bodies inside read from tapes instead of running again.
pub(super) fn forward<'a>(
    b: &Builder,
    body: &'a Body,
    args: &[Value],
    active: &[bool],
    given: &BTreeMap<Id, Value>,
    settled: &[bool],
    pops: Option<(&'a Pops<'a>, usize)>,
) -> Result<Forward<'a>, Problem> {
    let activity = Activity::of(body, active);
    let live = crate::ir::build::live_nodes(body);
    let read = needed(body).results;
    let versions = settled::versions(body, settled);
    let mut f =
        Forward { body, activity, values: vec![None; body.nodes.len()], loops: BTreeMap::new(), versions, pops };
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
                let plan = vjp_loop::plan(b, body, id, &active, &f.captures_active(id), &f.values, &f.versions)?;
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
    cotangents: &[Option<Value>],
    initial: &[Option<Value>],
) -> Result<Vec<Option<Value>>, Problem> {
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
    pub(super) adjoints: Vec<Option<Value>>,
    /// The adjoints of the results of an If or a Fold.
    pub(super) tuples: BTreeMap<Id, BTreeMap<u32, Value>>,
}

impl Sweep<'_, '_> {
    /// x̄ += v
    pub(super) fn add(&mut self, id: Id, v: Value) {
        if !self.f.activity.is(id) || self.b.float_lit(v) == Some(0.0) {
            return;
        }
        let sum = match self.adjoints[id.index()] {
            None => v,
            Some(before) => add(self.b, before, v),
        };
        self.adjoints[id.index()] = Some(sum);
    }

    /// The adjoint of an array, zeros if there is none yet.
    pub(super) fn array_adjoint(&self, id: Id) -> Value {
        self.adjoints[id.index()].unwrap_or_else(|| self.b.zeros_like(self.f.value(id)))
    }

    fn node(&mut self, id: Id) -> Result<(), Problem> {
        let body = self.f.body;
        match (&body.node(id).op, self.f.inside(id)) {
            (_, Some((pops, levels))) => return self.nested(id, pops, levels),
            (Op::If { .. }, None) => return self.choice(id),
            (Op::Fold { .. } | Op::While { .. }, None) => return self.fold(id),
            _ => {}
        }
        let Some(adjoint) = self.adjoints[id.index()] else { return Ok(()) };
        self.name(id, adjoint);
        let origin = body.origin(id);
        self.b.set_origin(origin);
        let values = |ids: &[Id]| -> Vec<Value> { ids.iter().map(|id| self.f.value(*id)).collect() };
        match &body.node(id).op {
            Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Cast(_) | Op::Len(..) => {}
            Op::Call(prim, args) => self.call(id, *prim, args, adjoint, origin)?,
            Op::Array(elements) => {
                for (k, element) in elements.iter().enumerate() {
                    let part = self.b.index(adjoint, &[self.b.index_lit(k)]);
                    self.add(*element, part);
                }
            }
            Op::Index { array, at } => {
                let at = values(at);
                let gathered = self.b.update(self.array_adjoint(*array), &at, adjoint, Store::Add);
                self.adjoints[array.index()] = Some(gathered);
            }
            Op::Update { array, at, value, store } => {
                let at = values(at);
                let part = self.b.index(adjoint, &at);
                self.add(*value, part);
                let rest = match store {
                    Store::Add => adjoint,
                    Store::Set => {
                        let zero = self.b.zeros_like(self.f.value(*value));
                        self.b.update(adjoint, &at, zero, Store::Set)
                    }
                };
                self.add(*array, rest);
            }
            Op::Push { .. } => {
                let problem = Problem::new(origin.unwrap_or_default(), "an array that grows has no adjoint yet");
                return Err(problem.help("make the array with its full length, and set its elements"));
            }
            Op::Get(node, k) => {
                self.tuples.entry(*node).or_default().insert(*k, adjoint);
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

    fn call(&mut self, id: Id, prim: Prim, args: &[Id], adjoint: Value, origin: Option<Origin>) -> Result<(), Problem> {
        let b = self.b;
        if prim == Prim::Select {
            let cond = self.f.value(args[0]);
            let zero = b.float(0.0);
            let then = b.call(Prim::Select, &[cond, adjoint, zero]);
            let otherwise = b.call(Prim::Select, &[cond, zero, adjoint]);
            self.add(args[1], then);
            self.add(args[2], otherwise);
            return Ok(());
        }
        let operands: Vec<_> = args.iter().map(|a| b.sym(self.f.value(*a))).collect();
        let result = b.sym(self.f.value(id));
        for (k, arg) in args.iter().enumerate() {
            if self.f.activity.is(*arg) {
                let partial = prim.partial(k, &operands, result).ok_or_else(|| no_derivative(prim, k, origin))?;
                self.add(*arg, times(b, adjoint, partial.value()));
            }
        }
        Ok(())
    }

    /// The adjoint of a comprehension is a loop that accumulates.
    fn build(&mut self, id: Id, lens: &[Value], inner: &Body, captures: &[Id], adjoint: Value) -> Result<(), Problem> {
        let active: Vec<usize> = (0..captures.len()).filter(|k| self.f.activity.is(captures[*k])).collect();
        let inits: Vec<Value> = active.iter().map(|k| self.array_adjoint(captures[*k])).collect();
        let values: Vec<Value> = captures.iter().map(|c| self.f.value(*c)).collect();
        let settled = settled::flags(captures, &self.f.versions);
        let made = self.f.value(id);
        let element =
            BuildAdjoint { b: self.b, made, inner, captures: &values, active: &active, settled: &settled, adjoint };
        let adjoints = over_axes(self.b, lens, Direction::Up, &inits, &mut Vec::new(), &|at, accumulators| {
            element.element(at, accumulators)
        })?;
        for (k, adjoint) in active.iter().zip(adjoints) {
            self.adjoints[captures[*k].index()] = Some(adjoint);
        }
        Ok(())
    }

    /// The adjoint of a choice chooses: each arm runs its own sweep, and the untaken one never runs.
    fn choice(&mut self, id: Id) -> Result<(), Problem> {
        let arm = |arm: &Arm<'_>| {
            let f = forward(arm.b, arm.body, arm.args, arm.active, &BTreeMap::new(), arm.settled, None)?;
            Ok(arm.adjoints(&reverse(arm.b, &f, arm.cotangents, arm.initial)?))
        };
        self.arms(id, &arm).map(|_| ())
    }

    /// A choice between the sweeps of two arms: what they give, of which the adjoints of the active captures, that come
    /// first, are added. `None` where no cotangent arrives.
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
        let cotangents: Vec<Option<Value>> =
            (0..then.results.len()).map(|k| tuple.get(&u32::try_from(k).expect("few results")).copied()).collect();
        // Scalars get what the choice contributes; arrays are accumulated into.
        let initial: Vec<Option<Value>> = (captures.iter().zip(&active))
            .map(|(c, active)| {
                let array = *active && self.f.body.ty(*c).rank() > 0;
                array.then(|| self.adjoints[c.index()]).flatten()
            })
            .collect();
        let settled = settled::flags(captures, &self.f.versions);
        let arm = |number: usize, body: &Body| {
            sweep(&Arm {
                b,
                number,
                body,
                args: &values,
                active: &active,
                settled: &settled,
                cotangents: &cotangents,
                initial: &initial,
            })
        };
        let results = b.try_branch(self.f.value(*cond), || arm(0, then), || arm(1, otherwise))?;
        let adjoints = (0..captures.len()).filter(|k| active[*k]).zip(&results);
        for (k, adjoint) in adjoints {
            let c = captures[k];
            if initial[k].is_some() {
                self.adjoints[c.index()] = Some(*adjoint);
            } else {
                self.add(c, *adjoint);
            }
        }
        Ok(Some(results))
    }

    fn fold(&mut self, id: Id) -> Result<(), Problem> {
        let Some(tuple) = self.tuples.remove(&id) else { return Ok(()) };
        let (Op::Fold { inits, captures, .. } | Op::While { inits, captures, .. }) = &self.f.body.node(id).op else {
            unreachable!("called on a loop")
        };
        let plan = &self.f.loops[&id];
        let b = self.b;
        let cotangents: Vec<Value> = (plan.carries.iter())
            .map(|k| {
                let k32 = u32::try_from(*k).expect("few carries");
                tuple.get(&k32).copied().unwrap_or_else(|| b.zeros_like(plan.results[*k]))
            })
            .collect();
        let accumulators: Vec<Value> = plan.captures.iter().map(|k| self.array_adjoint(captures[*k])).collect();
        let (carries, accumulated) = plan.reverse(b, &cotangents, &accumulators);
        for (k, adjoint) in plan.captures.iter().zip(accumulated) {
            self.adjoints[captures[*k].index()] = Some(adjoint);
        }
        for (k, adjoint) in plan.carries.iter().zip(carries) {
            self.add(inits[*k], adjoint);
        }
        Ok(())
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
    pub(super) cotangents: &'s [Option<Value>],
    pub(super) initial: &'s [Option<Value>],
}

impl Arm<'_> {
    /// Those of the active captures.
    pub(super) fn adjoints(&self, adjoints: &[Option<Value>]) -> Vec<Value> {
        let kept = (0..self.args.len()).filter(|k| self.active[*k]);
        kept.map(|k| adjoints[k].unwrap_or_else(|| self.b.zeros_like(self.args[k]))).collect()
    }
}

struct BuildAdjoint<'b> {
    b: &'b Builder,
    /// The array itself.
    made: Value,
    inner: &'b Body,
    captures: &'b [Value],
    active: &'b [usize],
    settled: &'b [bool],
    adjoint: Value,
}

impl BuildAdjoint<'_> {
    fn element(&self, at: &[Value], accumulators: &[Value]) -> Result<Vec<Value>, Problem> {
        let args: Vec<Value> = at.iter().chain(self.captures).copied().collect();
        let mut active = vec![false; args.len()];
        let settled: Vec<bool> = at.iter().map(|_| false).chain(self.settled.iter().copied()).collect();
        let mut initial = vec![None; args.len()];
        for (k, accumulator) in self.active.iter().zip(accumulators) {
            active[at.len() + k] = true;
            initial[at.len() + k] = Some(*accumulator);
        }
        // The element itself, where it is dear to compute, is read in the array.
        let element = self.inner.results[0];
        let is_dear = matches!(&self.inner.node(element).op, Op::Call(prim, _) if prim.row().cost != Cost::Cheap);
        let known: BTreeMap<Id, Value> = is_dear.then(|| (element, self.b.index(self.made, at))).into_iter().collect();
        let f = forward(self.b, self.inner, &args, &active, &known, &settled, None)?;
        let cotangent = self.b.index(self.adjoint, at);
        let adjoints = reverse(self.b, &f, &[Some(cotangent)], &initial)?;
        Ok(self.active.iter().map(|k| adjoints[at.len() + k].expect("an accumulator stays")).collect())
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

/// adjoint · partial; a partial of 0 contributes nothing, even to an infinite adjoint.
pub(super) fn times(b: &Builder, adjoint: Value, partial: Value) -> Value {
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
        let (then, otherwise) = (times(b, args[1], partial), times(b, args[2], partial));
        return b.call(Prim::Select, &[args[0], then, otherwise]);
    }
    if let Some(args) = one_sided(partial) {
        let (then, otherwise) = (times(b, adjoint, args[1]), times(b, adjoint, args[2]));
        return b.call(Prim::Select, &[args[0], then, otherwise]);
    }
    if b.float_lit(adjoint) == Some(0.0) {
        return adjoint;
    }
    let product = || b.call(Prim::Mul, &[adjoint, partial]);
    if b.float_lit(partial).is_none()
        && let Some(arrives) = arrives(b, adjoint, is_steep(b, partial, &mut { MOST_SIDES }), &mut { MOST_SIDES })
    {
        return b.call(Prim::Select, &[arrives, product(), b.float(0.0)]);
    }
    product()
}

/// Sums of more selections are multiplied as they are.
const MOST_SIDES: usize = 8;

/// Whether a partial may be infinite: parameters and elements are not, nor are sums and products of such.
fn is_steep(b: &Builder, partial: Value, left: &mut usize) -> bool {
    let Some(less) = left.checked_sub(1) else { return true };
    *left = less;
    match b.call_of(partial) {
        None => false,
        Some((prim, args)) if prim.row().cost == Cost::Cheap => {
            let n = prim.row().args.len();
            args[..n].iter().any(|x| b.elem(*x) == Elem::Float && is_steep(b, *x, left))
        }
        Some((Prim::Div, [x, y, _])) if b.float_lit(y).is_some() => is_steep(b, x, left),
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
