//! The adjoint of a choice chooses: each arm runs its own sweep, and the untaken one never runs.

use super::arrival::{Asked, Presence};
use super::cotangent::{Cotangent, arrives_or_not, presence};
use super::settled;
use super::vjp::{Known, Sweep, forward, reverse};
use crate::diagnostic::Problem;
use crate::ir::{Body, Builder, Id, Op, Value};
use crate::prim::Prim;

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

impl Sweep<'_, '_> {
    pub(super) fn choice(&mut self, id: Id) -> Result<(), Problem> {
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
}
