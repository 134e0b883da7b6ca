//! The adjoints of the bodies of a nest: each is gone through once more in reverse, with what it read taken off the tapes.

use super::arrival::{Asked, Presence};
use super::cotangent::{Cotangent, arrives_or_not, presence};
use super::nest::Pops;
use super::settled;
use super::vjp::{Known, Sweep, forward, over_axes, reverse};
use super::vjp_build::Accumulation;
use super::vjp_choice::Arm;
use crate::diagnostic::Problem;
use crate::ir::{Direction, Id, Op, Value};

impl Sweep<'_, '_> {
    /// The adjoint of a node that runs bodies of the levels given.
    pub(super) fn nested(&mut self, id: Id, pops: &Pops<'_>, levels: &[usize]) -> Result<(), Problem> {
        match &self.f.body.node(id).op {
            Op::Build { .. } => {
                let Some(adjoint) = self.adjoints[id.index()] else { return Ok(()) };
                self.nested_build(id, adjoint.value, pops, levels)
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
        let of_carry = |k: &usize| tuple.get(&u32::try_from(*k).expect("few carries")).copied();
        let cotangents =
            carries.iter().map(|k| of_carry(k).map_or_else(|| b.zeros_like(results[*k]), |cotangent| cotangent.value));
        let accumulators = captured.iter().map(|k| self.array_adjoint(captures[*k]));
        let mut starts: Vec<Value> = cotangents.chain(accumulators).collect();
        let conditions = f.arrival.flags(f.body, id);
        let flagged: Vec<usize> = carries.iter().copied().filter(|k| conditions.carries[*k]).collect();
        starts.extend(flagged.iter().map(|k| arrives_or_not(b, of_carry(k))));
        starts.extend(self.arrived(captures, &conditions.captures));
        let n = starts.len();
        starts.extend(pops.cursors(&below));
        let steep: Vec<bool> = std::iter::repeat_n(false, first).chain(f.arrival.steep_inside(f.body, id)).collect();
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
            let mut cotangents: Vec<Option<Cotangent>> = vec![None; m];
            let mut initial: Vec<Option<Cotangent>> = vec![None; first + m + captures.len()];
            let (values, arrived) = values[..n].split_at(carries.len() + captured.len());
            let mut arrived = arrived.iter();
            for (k, value) in carries.iter().zip(values) {
                let when = if conditions.carries[*k] { arrived.next().copied() } else { None };
                let arrives = f.arrival.at_carry(id, *k) != Presence::Never;
                cotangents[*k] = arrives.then_some(Cotangent { value: *value, when });
            }
            for (k, value) in captured.iter().zip(&values[carries.len()..]) {
                let when = if conditions.captures[*k] { arrived.next().copied() } else { None };
                initial[first + m + k] = Some(Cotangent { value: *value, when });
            }
            let asked = Asked {
                results: cotangents.iter().map(presence).collect(),
                initial: initial.iter().map(presence).collect(),
                steep: steep.clone(),
            };
            let known = Known { given: popped.reads, settled: flags.clone(), pops: Some((pops, levels[0])) };
            let swept = forward(b, inner, &args, &active, &known, &asked)?;
            let adjoints = reverse(b, &swept, &cotangents, &initial)?;
            let of_carry =
                |k: &usize| adjoints[first + k].map_or_else(|| b.zeros_like(args[first + k]), |adjoint| adjoint.value);
            let of_capture = |k: &usize| adjoints[first + m + k].expect("an accumulator stays").value;
            let mut results: Vec<Value> = carries.iter().map(of_carry).chain(captured.iter().map(of_capture)).collect();
            results.extend(flagged.iter().map(|k| arrives_or_not(b, adjoints[first + k])));
            let captured = (0..captures.len()).filter(|k| conditions.captures[*k]);
            results.extend(captured.map(|k| arrives_or_not(b, adjoints[first + m + k])));
            results.extend(pops.cursors(&below));
            Ok(results)
        })?;
        pops.set(&below, &adjoints.split_off(n));
        let mut arrived = adjoints.split_off(carries.len() + captured.len());
        let accumulated = adjoints.split_off(carries.len());
        let of_captures = arrived.split_off(flagged.len());
        self.set_accumulated(captures, &captured, &conditions.captures, accumulated, &of_captures);
        let mut arrived = arrived.into_iter();
        for (k, value) in carries.iter().zip(adjoints) {
            let when = if conditions.carries[*k] { arrived.next() } else { None };
            self.add(inits[*k], Cotangent { value, when });
        }
        Ok(())
    }

    fn nested_choice(&mut self, id: Id, pops: &Pops<'_>, levels: &[usize]) -> Result<(), Problem> {
        let below = pops.below(levels);
        let before = pops.cursors(&below);
        let arm = |arm: &Arm<'_>| -> Result<Vec<Value>, Problem> {
            let b = arm.b;
            let level = levels[arm.number];
            pops.set(&below, &before);
            let popped = pops.pop(b, level);
            let known = Known { given: popped.reads, settled: arm.settled.to_vec(), pops: Some((pops, level)) };
            let f = forward(b, arm.body, arm.args, arm.active, &known, arm.asked)?;
            let adjoints = reverse(b, &f, arm.cotangents, arm.initial)?;
            Ok([arm.adjoints(&adjoints), pops.cursors(&below)].concat())
        };
        let Some(cursors) = self.arms(id, &arm)? else { return Ok(()) };
        pops.set(&below, &cursors);
        Ok(())
    }

    fn nested_build(&mut self, id: Id, adjoint: Value, pops: &Pops<'_>, levels: &[usize]) -> Result<(), Problem> {
        let (b, f) = (self.b, self.f);
        let Op::Build { lens, body: inner, captures } = &f.body.node(id).op else {
            unreachable!("called on a comprehension")
        };
        let below = pops.below(levels);
        let lens: Vec<Value> = lens.iter().map(|len| f.value(*len)).collect();
        let captured: Vec<usize> = (0..captures.len()).filter(|k| f.activity.is(captures[*k])).collect();
        let given: Vec<Value> = captures.iter().map(|c| f.value(*c)).collect();
        let indices = lens.iter().map(|_| false);
        let settled: Vec<bool> = indices.chain(settled::flags(captures, &f.versions)).collect();
        let flags = f.arrival.flags(f.body, id).captures;
        let steep: Vec<bool> = captures.iter().map(|c| f.arrival.is_steep(*c)).collect();
        let accumulation = Accumulation { first: lens.len(), active: &captured, flags: &flags, steep: &steep };
        let mut starts: Vec<Value> = captured.iter().map(|k| self.array_adjoint(captures[*k])).collect();
        starts.extend(self.arrived(captures, &flags));
        let n = starts.len();
        starts.extend(pops.cursors(&below));
        // In reverse: the tapes are taken off from their ends.
        let mut results = over_axes(b, &lens, Direction::Down, &starts, &mut Vec::new(), &|at, values| {
            pops.set(&below, &values[n..]);
            let popped = pops.pop(b, levels[0]);
            let args = [at, &given].concat();
            let (active, asked, initial) = accumulation.start(&values[..n]);
            let known = Known { given: popped.reads, settled: settled.clone(), pops: Some((pops, levels[0])) };
            let swept = forward(b, inner, &args, &active, &known, &asked)?;
            let cotangent = Cotangent::always(b.index(adjoint, at));
            let adjoints = reverse(b, &swept, &[Some(cotangent)], &initial)?;
            Ok::<_, Problem>([accumulation.results(b, &adjoints), pops.cursors(&below)].concat())
        })?;
        pops.set(&below, &results.split_off(n));
        let arrived = results.split_off(captured.len());
        self.set_accumulated(captures, &captured, &flags, results, &arrived);
        Ok(())
    }
}
