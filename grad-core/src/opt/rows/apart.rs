//! Loops recorded one after another: those that leave, with the loop around them inside, and what is left.

use std::collections::BTreeMap;

use super::{Carry, Inner, Kind, Outer};
use crate::ir::{Builder, Direction, Id, Op, Store, Value};

/// What stands in for values of the outer body while its inner loops are recorded elsewhere.
type Given = BTreeMap<Id, Value>;

/// What is in arrays: the results of loops that have left, and values that are too dear to be computed for every l.
#[derive(Default)]
struct AtHand {
    sums: BTreeMap<Id, Vec<Value>>,
    dear: BTreeMap<Id, Value>,
}

impl Outer<'_> {
    /// Records the loops one after another: the results of the outer one.
    pub(super) fn apart(&self, b: &Builder, map: &[Option<Value>]) -> Value {
        let of = |id: &Id| map[id.index()].expect("operands come before users");
        let captures: Vec<Value> = self.captures.iter().map(of).collect();
        match self.kind {
            Kind::Fold { hi, direction, inits } => {
                self.fold(b, of(&hi), direction, &inits.iter().map(of).collect::<Vec<_>>(), &captures)
            }
            Kind::Build { lens } => self.build(b, &lens.iter().map(of).collect::<Vec<_>>(), &captures),
        }
    }

    fn build(&self, b: &Builder, lens: &[Value], captures: &[Value]) -> Value {
        let mut at_hand = AtHand::default();
        for loop_ in &self.inner {
            for id in &loop_.dear {
                let array = self.spread(b, *id, lens, captures, &at_hand);
                at_hand.dear.insert(*id, array);
            }
            let starts: Vec<Value> =
                loop_.inits.iter().map(|init| self.spread(b, *init, lens, captures, &at_hand)).collect();
            let made = self.rows(b, loop_, lens, &mut Vec::new(), &starts, captures, &at_hand);
            self.name(b, loop_, &made);
            at_hand.sums.insert(loop_.id, made);
        }
        // The sum may be all.
        if let Op::Get(node, k) = self.body.node(self.body.results[0]).op
            && let Some(made) = at_hand.sums.get(&node)
        {
            return made[k as usize];
        }
        b.build(lens, |at| {
            b.name_like(at, self.body);
            let given = self.given(b, at, &at_hand);
            let args: Vec<Value> = at.iter().chain(captures).copied().collect();
            b.import_given(self.body, &args, &given, &self.body.results)[0]
        })
    }

    /// The loop nest of a sum over the axes of a comprehension, with the loop over l outside the last one.
    #[allow(clippy::too_many_arguments)]
    fn rows(
        &self,
        b: &Builder,
        loop_: &Inner<'_>,
        lens: &[Value],
        at: &mut Vec<Value>,
        arrays: &[Value],
        captures: &[Value],
        at_hand: &AtHand,
    ) -> Vec<Value> {
        if at.len() + 1 < lens.len() {
            return b.fold((b.index_lit(0), lens[at.len()]), Direction::Up, arrays, |i, arrays| {
                b.name_as(i, self.body, self.body.params[at.len()]);
                at.push(i);
                let made = self.rows(b, loop_, lens, at, arrays, captures, at_hand);
                at.pop();
                made
            });
        }
        let mut args: Vec<Value> = at.clone();
        args.push(b.bool(false));
        args.extend(captures);
        let ends = b.import_given(self.body, &args, &BTreeMap::new(), &[loop_.lo, loop_.hi]);
        b.fold((ends[0], ends[1]), loop_.direction, arrays, |l, arrays| {
            b.name_as(l, loop_.body, loop_.body.params[0]);
            b.fold((b.index_lit(0), lens[at.len()]), Direction::Up, arrays, |j, arrays| {
                b.name_as(j, self.body, self.index);
                let mut place = at.clone();
                place.push(j);
                let args: Vec<Value> = place.iter().chain(captures).copied().collect();
                let given = self.given(b, &place, at_hand);
                self.step(b, loop_, l, &place, arrays, &args, &given)
            })
        })
    }

    fn fold(&self, b: &Builder, hi: Value, direction: Direction, inits: &[Value], captures: &[Value]) -> Value {
        let n = inits.len();
        let unread = b.bool(false);
        let args = |j: Value, carries: &[Value]| -> Vec<Value> {
            std::iter::once(j).chain(carries.iter().copied()).chain(captures.iter().copied()).collect()
        };
        let nowhere = vec![unread; n];
        let mut at_hand = AtHand::default();
        let mut finished: Vec<Option<Value>> = vec![None; n];
        for loop_ in &self.inner {
            let rest: Vec<Value> = nowhere.iter().chain(captures).copied().collect();
            for id in &loop_.dear {
                let array = self.spread(b, *id, &[hi], &rest, &at_hand);
                at_hand.dear.insert(*id, array);
            }
            let starts: Vec<Value> = (loop_.inits.iter().zip(&loop_.carries))
                .map(|(init, carry)| match carry {
                    Carry::Sum(_) => self.spread(b, *init, &[hi], &rest, &at_hand),
                    Carry::Array(k) => inits[*k],
                })
                .collect();
            let ends = b.import_given(self.body, &args(unread, &nowhere), &BTreeMap::new(), &[loop_.lo, loop_.hi]);
            let made = b.fold((ends[0], ends[1]), loop_.direction, &starts, |l, arrays| {
                b.name_as(l, loop_.body, loop_.body.params[0]);
                b.fold((b.index_lit(0), hi), direction, arrays, |j, arrays| {
                    b.name_as(j, self.body, self.index);
                    let given = self.given(b, &[j], &at_hand);
                    self.step(b, loop_, l, &[j], arrays, &args(j, &nowhere), &given)
                })
            });
            for (carry, v) in loop_.carries.iter().zip(&made) {
                if let Carry::Array(k) = carry {
                    finished[*k] = Some(*v);
                }
            }
            self.name(b, loop_, &made);
            at_hand.sums.insert(loop_.id, made);
        }
        let kept: Vec<usize> = (0..n).filter(|k| finished[*k].is_none()).collect();
        let starts: Vec<Value> = kept.iter().map(|k| inits[*k]).collect();
        let rest = b.fold((b.index_lit(0), hi), direction, &starts, |j, carries| {
            b.name_as(j, self.body, self.index);
            let mut all = nowhere.clone();
            for (k, carry) in kept.iter().zip(carries) {
                b.name_as(*carry, self.body, self.body.params[1 + k]);
                all[*k] = *carry;
            }
            let given = self.given(b, &[j], &at_hand);
            let wanted: Vec<Id> = kept.iter().map(|k| self.body.results[*k]).collect();
            b.import_given(self.body, &args(j, &all), &given, &wanted)
        });
        for (k, v) in kept.iter().zip(rest) {
            finished[*k] = Some(v);
        }
        b.bundle(&finished.into_iter().map(|v| v.expect("every carry is kept or leaves")).collect::<Vec<_>>())
    }

    /// An array of what a value is at every place.
    fn spread(&self, b: &Builder, id: Id, lens: &[Value], rest: &[Value], at_hand: &AtHand) -> Value {
        b.build(lens, |at| {
            let args: Vec<Value> = at.iter().chain(rest).copied().collect();
            b.import_given(self.body, &args, &self.given(b, at, at_hand), &[id])[0]
        })
    }

    /// Sums have the names that they had as scalars.
    fn name(&self, b: &Builder, loop_: &Inner<'_>, made: &[Value]) {
        for id in self.body.ids() {
            if let Op::Get(node, k) = self.body.node(id).op
                && node == loop_.id
            {
                b.name_as(made[k as usize], self.body, id);
            }
        }
    }

    /// What is in arrays by now, at a place.
    fn given(&self, b: &Builder, place: &[Value], at_hand: &AtHand) -> Given {
        let mut given: Given = at_hand.dear.iter().map(|(id, array)| (*id, b.index(*array, place))).collect();
        for id in self.body.ids() {
            if let Op::Get(node, k) = self.body.node(id).op
                && let Some(made) = at_hand.sums.get(&node)
                && self.body.ty(id).is_scalar()
            {
                given.insert(id, b.index(made[k as usize], place));
            }
        }
        given
    }

    /// One step of both loops.
    #[allow(clippy::too_many_arguments)]
    fn step(
        &self,
        b: &Builder,
        loop_: &Inner<'_>,
        l: Value,
        place: &[Value],
        arrays: &[Value],
        args: &[Value],
        given: &Given,
    ) -> Vec<Value> {
        let captured = b.import_given(self.body, args, given, loop_.captures);
        let inner: Vec<Value> = std::iter::once(l).chain(arrays.iter().copied()).chain(captured).collect();
        let wanted: Vec<Id> = (loop_.carries.iter().zip(&loop_.body.results))
            .map(|(carry, result)| match carry {
                Carry::Sum(term) => *term,
                Carry::Array(_) => *result,
            })
            .collect();
        let values = b.import_given(loop_.body, &inner, &BTreeMap::new(), &wanted);
        (loop_.carries.iter().zip(values).zip(arrays))
            .map(|((carry, v), array)| match carry {
                Carry::Sum(_) => b.update(*array, place, v, Store::Add),
                Carry::Array(_) => v,
            })
            .collect()
    }
}
