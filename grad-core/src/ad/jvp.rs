//! Forward mode: values and tangents side by side, from the same table of partials.

use std::collections::BTreeMap;

use super::activity::Activity;
use super::cotangent::times;
use super::vjp::{add, no_derivative};
use crate::diagnostic::Problem;
use crate::ir::{Body, Builder, Id, Op, Value};
use crate::prim::Prim;

/// A value with its tangent, `None` where that is zero.
pub(super) type Dual = (Value, Option<Value>);

/// Records `body` at `args`: its results with their tangents.
pub(super) fn push_forward(b: &Builder, body: &Body, args: &[Dual]) -> Result<Vec<Dual>, Problem> {
    let active: Vec<bool> = args.iter().map(|(_, tangent)| tangent.is_some()).collect();
    let live = crate::ir::build::live_nodes(body);
    let mut push = Push {
        b,
        body,
        activity: Activity::of(body, &active),
        values: vec![None; body.nodes.len()],
        tangents: vec![None; body.nodes.len()],
        tuples: BTreeMap::new(),
    };
    let primal: Vec<Value> = args.iter().map(|(v, _)| *v).collect();
    for id in body.ids().filter(|id| live[id.index()]) {
        if push.activity.is(id) {
            push.node(id, args)?;
        } else {
            push.values[id.index()] = Some(b.import_node(body, id, &primal, &push.values));
        }
    }
    Ok(body.results.iter().map(|r| (push.value(*r), push.tangents[r.index()])).collect())
}

struct Push<'b> {
    b: &'b Builder,
    body: &'b Body,
    activity: Activity,
    values: Vec<Option<Value>>,
    tangents: Vec<Option<Value>>,
    /// The tangents of the results of an If or a Fold.
    tuples: BTreeMap<Id, Vec<Option<Value>>>,
}

impl Push<'_> {
    fn value(&self, id: Id) -> Value {
        self.values[id.index()].expect("operands come before users")
    }

    fn dual(&self, id: Id) -> Dual {
        (self.value(id), self.tangents[id.index()])
    }

    fn duals(&self, ids: &[Id]) -> Vec<Dual> {
        ids.iter().map(|id| self.dual(*id)).collect()
    }

    fn tangent_or_zeros(&self, id: Id) -> Value {
        self.tangents[id.index()].unwrap_or_else(|| self.b.zeros_like(self.value(id)))
    }

    fn node(&mut self, id: Id, args: &[Dual]) -> Result<(), Problem> {
        let (b, body) = (self.b, self.body);
        let origin = body.origin(id);
        let values = |push: &Push<'_>, ids: &[Id]| -> Vec<Value> { ids.iter().map(|id| push.value(*id)).collect() };
        let primal: Vec<Value> = args.iter().map(|(v, _)| *v).collect();
        let tangent = match &body.node(id).op {
            Op::Const(_) | Op::Size(_) | Op::Len(..) | Op::Cast(_) => None,
            Op::Param(k) => {
                let (v, tangent) = args[*k as usize];
                self.values[id.index()] = Some(v);
                tangent
            }
            Op::Call(prim, operands) => {
                let v = b.import_node(body, id, &primal, &self.values);
                self.values[id.index()] = Some(v);
                b.set_origin(origin);
                if *prim == Prim::Select {
                    let (x, y) = (self.tangent_or_zeros(operands[1]), self.tangent_or_zeros(operands[2]));
                    Some(b.call(Prim::Select, &[self.value(operands[0]), x, y]))
                } else {
                    let syms: Vec<_> = operands.iter().map(|a| b.sym(self.value(*a))).collect();
                    let mut total: Option<Value> = None;
                    for (k, operand) in operands.iter().enumerate() {
                        let Some(tangent) = self.tangents[operand.index()] else { continue };
                        let partial =
                            prim.partial(k, &syms, b.sym(v)).ok_or_else(|| no_derivative(*prim, k, origin))?;
                        if b.float_lit(partial.value()) == Some(0.0) {
                            continue;
                        }
                        let term = times(b, tangent, None, partial.value());
                        total = Some(total.map_or(term, |t| sum(b, t, term)));
                    }
                    total
                }
            }
            Op::Array(elements) => {
                let tangents: Vec<Value> = elements.iter().map(|e| self.tangent_or_zeros(*e)).collect();
                self.values[id.index()] = Some(b.array(&values(self, elements)));
                Some(b.array(&tangents))
            }
            Op::Index { array, at } => {
                let at = values(self, at);
                self.values[id.index()] = Some(b.index(self.value(*array), &at));
                self.tangents[array.index()].map(|t| element(b, t, &at))
            }
            Op::Update { array, at, value, store } => {
                let at = values(self, at);
                self.values[id.index()] = Some(b.update(self.value(*array), &at, self.value(*value), *store));
                let (array, value) = (self.tangent_or_zeros(*array), self.tangent_or_zeros(*value));
                Some(b.update(array, &at, value, *store))
            }
            Op::Push { array, value } => {
                self.values[id.index()] = Some(b.push(self.value(*array), self.value(*value)));
                let (array, value) = (self.tangent_or_zeros(*array), self.tangent_or_zeros(*value));
                Some(b.push(array, value))
            }
            Op::Get(node, k) => {
                self.values[id.index()] = Some(b.import_node(body, id, &primal, &self.values));
                self.tuples.get(node).and_then(|tangents| tangents[*k as usize])
            }
            Op::Build { lens, body: inner, captures } => {
                let captures = self.duals(captures);
                let lens = values(self, lens);
                let element = |at: &[Value], which: fn(Dual) -> Option<Value>| -> Result<Value, Problem> {
                    let args: Vec<Dual> = at.iter().map(|i| (*i, None)).chain(captures.iter().copied()).collect();
                    let dual = push_forward(b, inner, &args)?[0];
                    Ok(which(dual).unwrap_or_else(|| b.zeros_like(dual.0)))
                };
                self.values[id.index()] = Some(b.try_build(&lens, |at| element(at, |(v, _)| Some(v)))?);
                Some(b.try_build(&lens, |at| element(at, |(_, tangent)| tangent))?)
            }
            Op::If { cond, then, otherwise, captures } => {
                let active = self.activity.results(id).to_vec();
                let captures = self.duals(captures);
                let arm = |arm: &Body| -> Result<Vec<Value>, Problem> {
                    Ok(flatten(b, &push_forward(b, arm, &captures)?, &active))
                };
                let results = b.try_branch(self.value(*cond), || arm(then), || arm(otherwise))?;
                self.unflatten(id, &results, &active);
                return Ok(());
            }
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                let active = self.activity.results(id).to_vec();
                let captures = self.duals(captures);
                let starts = flatten(b, &self.duals(inits), &active);
                let range = (self.value(*lo), self.value(*hi));
                let results = b.try_fold(range, *direction, &starts, |i, carries| -> Result<Vec<Value>, Problem> {
                    let mut args: Vec<Dual> = vec![(i, None)];
                    args.extend(pair(carries, &active));
                    args.extend(&captures);
                    Ok(flatten(b, &push_forward(b, inner, &args)?, &active))
                })?;
                self.unflatten(id, &results, &active);
                return Ok(());
            }
            Op::While { cond, inits, body: inner, captures } => {
                let active = self.activity.results(id).to_vec();
                let captures = self.duals(captures);
                let starts = flatten(b, &self.duals(inits), &active);
                let args = |carries: &[Value]| -> Vec<Dual> {
                    pair(carries, &active).into_iter().chain(captures.iter().copied()).collect()
                };
                let results = b.try_repeat(
                    &starts,
                    |carries| -> Result<Value, Problem> {
                        let primal: Vec<Value> = args(carries).iter().map(|(v, _)| *v).collect();
                        Ok(b.import(cond, &primal)[0])
                    },
                    |carries| Ok(flatten(b, &push_forward(b, inner, &args(carries))?, &active)),
                )?;
                self.unflatten(id, &results, &active);
                return Ok(());
            }
        };
        self.tangents[id.index()] = tangent;
        if let (Some(name), Some(tangent)) = (body.names.get(&id), tangent) {
            if let Some(v) = self.values[id.index()]
                && !matches!(body.node(id).op, Op::Param(_))
            {
                b.name(v, name);
            }
            b.name(tangent, &format!("{name}_dot"));
        }
        Ok(())
    }

    fn unflatten(&mut self, id: Id, results: &[Value], active: &[bool]) {
        let duals = pair(results, active);
        let primal: Vec<Value> = duals.iter().map(|(v, _)| *v).collect();
        self.values[id.index()] = Some(self.b.bundle(&primal));
        self.tuples.insert(id, duals.into_iter().map(|(_, tangent)| tangent).collect());
    }
}

/// An element of a tangent. Where the tangent is 1 at a single element and 0 at the others this is a selection by the
/// index: what is selected is not multiplied, and 0 · ∞ does not arise.
fn element(b: &Builder, tangent: Value, at: &[Value]) -> Value {
    let (array, at) = match b.op(tangent) {
        Op::Index { array, at: before } => {
            let before = before.iter().map(|id| b.sibling(tangent, *id));
            (b.sibling(tangent, array), before.chain(at.iter().copied()).collect())
        }
        _ => (tangent, at.to_vec()),
    };
    if let Some((body, captures)) = b.built(array)
        && at.len() + captures.len() == body.params.len()
        && is_selection(&body)
    {
        let args: Vec<Value> = at.into_iter().chain(captures).collect();
        return b.import(&body, &args)[0];
    }
    b.index(array, &at)
}

/// Whether what a body gives is one of two literals.
fn is_selection(body: &Body) -> bool {
    let is_literal = |id: &Id| matches!(body.node(*id).op, Op::Const(_));
    matches!(&body.node(body.results[0]).op, Op::Call(Prim::Select, args) if args[1..].iter().all(is_literal))
}

/// The sum of two tangents. What is 0 on the same side of the same selection stays so.
fn sum(b: &Builder, x: Value, y: Value) -> Value {
    let is_zero = |v: Value| b.float_lit(v) == Some(0.0);
    if let (Some((Prim::Select, [c, x, e])), Some((Prim::Select, [d, y, f]))) = (b.call_of(x), b.call_of(y))
        && c == d
        && (is_zero(x) && is_zero(y) || is_zero(e) && is_zero(f))
    {
        return b.call(Prim::Select, &[c, add(b, x, y), add(b, e, f)]);
    }
    add(b, x, y)
}

/// The values, then the tangents of the active ones.
fn flatten(b: &Builder, duals: &[Dual], active: &[bool]) -> Vec<Value> {
    let values = duals.iter().map(|(v, _)| *v);
    let tangents = duals.iter().zip(active).filter(|(_, active)| **active);
    values.chain(tangents.map(|((v, tangent), _)| tangent.unwrap_or_else(|| b.zeros_like(*v)))).collect()
}

/// What [`flatten`] put in a row, by pairs.
fn pair(flat: &[Value], active: &[bool]) -> Vec<Dual> {
    let (values, tangents) = flat.split_at(active.len());
    let mut tangents = tangents.iter();
    values
        .iter()
        .zip(active)
        .map(|(v, active)| (*v, active.then(|| *tangents.next().expect("one an active value"))))
        .collect()
}
