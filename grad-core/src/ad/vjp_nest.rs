//! The adjoints of the bodies of a nest: each is gone through once more in reverse, with what it read taken off the tapes.

use super::nest::Pops;
use super::settled;
use super::vjp::{Arm, Sweep, forward, over_axes, reverse};
use crate::diagnostic::Problem;
use crate::ir::{Body, Direction, Id, Op, Value};

impl Sweep<'_, '_> {
    /// The adjoint of a node that runs bodies of the levels given.
    pub(super) fn nested(&mut self, id: Id, pops: &Pops<'_>, levels: &[usize]) -> Result<(), Problem> {
        match &self.f.body.node(id).op {
            Op::Build { lens, body, captures } => {
                let Some(adjoint) = self.adjoints[id.index()] else { return Ok(()) };
                self.nested_build(lens, body, captures, adjoint, pops, levels)
            }
            Op::If { .. } => self.nested_choice(id, pops, levels),
            Op::Fold { .. } | Op::While { .. } => self.nested_loop(id, pops, levels),
            _ => unreachable!("other nodes have no bodies"),
        }
    }

    fn nested_loop(&mut self, id: Id, pops: &Pops<'_>, levels: &[usize]) -> Result<(), Problem> {
        let Some(tuple) = self.tuples.remove(&id) else { return Ok(()) };
        let (b, f) = (self.b, self.f);
        let below = pops.below(levels);
        let (range, direction, inits, inner, captures) = match &f.body.node(id).op {
            Op::Fold { lo, hi, direction, inits, body, captures } => {
                ((f.value(*lo), f.value(*hi)), Some(*direction), inits, body, captures)
            }
            Op::While { inits, body, captures, .. } => {
                ((b.index_lit(0), pops.trips(b, levels[1])), None, inits, body, captures)
            }
            _ => unreachable!("called on a loop"),
        };
        let first = usize::from(direction.is_some());
        let m = inits.len();
        let active_carries = f.activity.results(id);
        let active_captures = f.captures_active(id);
        let carries: Vec<usize> = (0..m).filter(|k| active_carries[*k]).collect();
        let captured: Vec<usize> = (0..captures.len()).filter(|k| active_captures[*k]).collect();
        let active: Vec<bool> =
            std::iter::repeat_n(false, first).chain(active_carries.iter().chain(&active_captures).copied()).collect();
        let flags = settled::loop_flags(inits, captures, &f.versions)[1 - first..].to_vec();
        let before: Vec<Value> = inits.iter().map(|x| f.value(*x)).collect();
        let given: Vec<Value> = captures.iter().map(|c| f.value(*c)).collect();

        let results = b.unbundle(f.value(id));
        let cotangents = carries.iter().map(|k| {
            let k32 = u32::try_from(*k).expect("few carries");
            tuple.get(&k32).copied().unwrap_or_else(|| b.zeros_like(results[*k]))
        });
        let accumulators = captured.iter().map(|k| self.array_adjoint(captures[*k]));
        let starts: Vec<Value> = cotangents.chain(accumulators).chain(pops.cursors(&below)).collect();
        let n = carries.len() + captured.len();
        let reversed = direction.map_or(Direction::Down, Direction::reversed);
        let mut adjoints = b.try_fold(range, reversed, &starts, |i, values| {
            if first == 1 {
                b.name_as(i, inner, inner.params[0]);
            }
            for (k, v) in carries.iter().zip(values) {
                if let Some(name) = inner.names.get(&inner.params[first + k]) {
                    b.name(*v, &format!("{name}_adj"));
                }
            }
            pops.set(&below, &values[n..]);
            let popped = pops.pop(b, levels[0]);
            let inside = (0..m).map(|k| popped.carries.get(&k).copied().unwrap_or(before[k]));
            let index = std::iter::once(i).take(first);
            let args: Vec<Value> = index.chain(inside).chain(given.iter().copied()).collect();
            let swept = forward(b, inner, &args, &active, &popped.reads, &flags, Some((pops, levels[0])))?;
            let mut cotangents: Vec<Option<Value>> = vec![None; m];
            carries.iter().zip(values).for_each(|(k, v)| cotangents[*k] = Some(*v));
            let mut initial: Vec<Option<Value>> = vec![None; first + m + captures.len()];
            captured.iter().zip(&values[carries.len()..]).for_each(|(k, v)| initial[first + m + k] = Some(*v));
            let adjoints = reverse(b, &swept, &cotangents, &initial)?;
            let of_carry = |k: &usize| adjoints[first + k].unwrap_or_else(|| b.zeros_like(args[first + k]));
            let of_capture = |k: &usize| adjoints[first + m + k].expect("an accumulator stays");
            let results = carries.iter().map(of_carry).chain(captured.iter().map(of_capture));
            Ok(results.chain(pops.cursors(&below)).collect())
        })?;
        pops.set(&below, &adjoints.split_off(n));
        let accumulated = adjoints.split_off(carries.len());
        for (k, adjoint) in captured.iter().zip(accumulated) {
            self.adjoints[captures[*k].index()] = Some(adjoint);
        }
        for (k, adjoint) in carries.iter().zip(adjoints) {
            self.add(inits[*k], adjoint);
        }
        Ok(())
    }

    fn nested_choice(&mut self, id: Id, pops: &Pops<'_>, levels: &[usize]) -> Result<(), Problem> {
        let below = pops.below(levels);
        let before = pops.cursors(&below);
        let n = self.f.captures_active(id).iter().filter(|active| **active).count();
        let arm = |arm: &Arm<'_>| -> Result<Vec<Value>, Problem> {
            let b = arm.b;
            let level = levels[arm.number];
            pops.set(&below, &before);
            let popped = pops.pop(b, level);
            let f = forward(b, arm.body, arm.args, arm.active, &popped.reads, arm.settled, Some((pops, level)))?;
            let adjoints = reverse(b, &f, arm.cotangents, arm.initial)?;
            Ok([arm.adjoints(&adjoints), pops.cursors(&below)].concat())
        };
        let Some(results) = self.arms(id, &arm)? else { return Ok(()) };
        pops.set(&below, &results[n..]);
        Ok(())
    }

    fn nested_build(
        &mut self,
        lens: &[Id],
        inner: &Body,
        captures: &[Id],
        adjoint: Value,
        pops: &Pops<'_>,
        levels: &[usize],
    ) -> Result<(), Problem> {
        let (b, f) = (self.b, self.f);
        let below = pops.below(levels);
        let lens: Vec<Value> = lens.iter().map(|len| f.value(*len)).collect();
        let captured: Vec<usize> = (0..captures.len()).filter(|k| f.activity.is(captures[*k])).collect();
        let given: Vec<Value> = captures.iter().map(|c| f.value(*c)).collect();
        let indices = || lens.iter().map(|_| false);
        let active: Vec<bool> = indices().chain(captures.iter().map(|c| f.activity.is(*c))).collect();
        let flags: Vec<bool> = indices().chain(settled::flags(captures, &f.versions)).collect();
        let accumulators = captured.iter().map(|k| self.array_adjoint(captures[*k]));
        let starts: Vec<Value> = accumulators.chain(pops.cursors(&below)).collect();
        let n = captured.len();
        // In reverse: the tapes are taken off from their ends.
        let mut results = over_axes(b, &lens, Direction::Down, &starts, &mut Vec::new(), &|at, values| {
            pops.set(&below, &values[n..]);
            let popped = pops.pop(b, levels[0]);
            let args = [at, &given].concat();
            let swept = forward(b, inner, &args, &active, &popped.reads, &flags, Some((pops, levels[0])))?;
            let mut initial: Vec<Option<Value>> = vec![None; args.len()];
            captured.iter().zip(values).for_each(|(k, v)| initial[at.len() + k] = Some(*v));
            let adjoints = reverse(b, &swept, &[Some(b.index(adjoint, at))], &initial)?;
            let of_capture = |k: &usize| adjoints[at.len() + k].expect("an accumulator stays");
            Ok::<_, Problem>(captured.iter().map(of_capture).chain(pops.cursors(&below)).collect())
        })?;
        pops.set(&below, &results.split_off(n));
        for (k, adjoint) in captured.iter().zip(results) {
            self.adjoints[captures[*k].index()] = Some(adjoint);
        }
        Ok(())
    }
}
