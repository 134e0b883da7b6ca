//! The adjoint of a comprehension is a loop that accumulates.

use super::arrival::{Asked, Presence};
use super::cotangent::{Cotangent, presence};
use super::settled;
use super::vjp::{Known, Sweep, forward, over_axes, reverse};
use crate::diagnostic::Problem;
use crate::ir::{Body, Builder, Direction, Id, Op, Value};
use crate::prim::Cost;

impl Sweep<'_, '_> {
    pub(super) fn build(
        &mut self,
        id: Id,
        lens: &[Value],
        inner: &Body,
        captures: &[Id],
        adjoint: Value,
    ) -> Result<(), Problem> {
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
