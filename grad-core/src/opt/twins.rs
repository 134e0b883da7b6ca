//! Carries of one loop that are always equal become one: a primal loop and the same loop executed again by its adjoint,
//! fused, compute everything twice otherwise.

use std::rc::Rc;

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Op, Value};

/// Whether a loop carries several values.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { inits, .. } if inits.len() > 1)
}

/// Records `body` with each set of equal carries as one, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = merged(b, body, id, &map)
            .unwrap_or_else(|| b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)));
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

fn merged(b: &Builder, body: &Body, id: Id, map: &[Option<Value>]) -> Option<Value> {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(id).op else { return None };
    if !is_candidate(&body.node(id).op) {
        return None;
    }
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let first = twins(b, inner, &inits.iter().map(of).collect::<Vec<_>>(), &captures);
    if (0..first.len()).all(|k| first[k] == k) {
        return None;
    }
    let kept: Vec<usize> = (0..inits.len()).filter(|k| first[*k] == *k).collect();
    let starts: Vec<Value> = kept.iter().map(|k| of(&inits[*k])).collect();
    let place = |k: usize| kept.iter().position(|other| *other == first[k]).expect("the first of a set is kept");
    let results = b.fold((of(lo), of(hi)), *direction, &starts, |i, carries| {
        b.name_as(i, inner, inner.params[0]);
        let all: Vec<Value> = (0..inits.len()).map(|k| carries[place(k)]).collect();
        // A name that speaks is as good from any of them.
        (0..all.len()).for_each(|k| b.name_as(all[k], inner, inner.params[1 + k]));
        let args: Vec<Value> = std::iter::once(i).chain(all).chain(captures.iter().copied()).collect();
        let only = Body { results: kept.iter().map(|k| inner.results[*k]).collect(), ..Body::clone(inner) };
        record(b, &only, &args)
    });
    Some(b.bundle(&(0..inits.len()).map(|k| results[place(k)]).collect::<Vec<_>>()))
}

/// For each carry the first one that always equals it: those that begin alike are taken to be equal until an iteration
/// makes a difference.
fn twins(outer: &Builder, inner: &Rc<Body>, inits: &[Value], captures: &[Value]) -> Vec<usize> {
    let n = inits.len();
    let alike =
        |k: usize, j: usize| inits[k] == inits[j] && inner.ty(inner.params[1 + k]) == inner.ty(inner.params[1 + j]);
    let mut first: Vec<usize> = (0..n).map(|k| (0..=k).find(|j| alike(k, *j)).expect("itself is alike")).collect();
    loop {
        let b = outer.apart();
        let own: Vec<Value> = inner.params.iter().map(|p| b.param(inner.ty(*p).clone())).collect();
        // Captures that have become one since the loop was recorded are one.
        let captured = |k: usize| captures.iter().position(|c| *c == captures[k]).expect("itself is there");
        let args: Vec<Value> = std::iter::once(own[0])
            .chain((0..n).map(|k| own[1 + first[k]]))
            .chain((0..captures.len()).map(|k| own[1 + n + captured(k)]))
            .collect();
        let next = b.import(inner, &args);
        let split: Vec<usize> = (0..n)
            .map(|k| (0..=k).find(|j| first[*j] == first[k] && next[*j] == next[k]).expect("itself is alike"))
            .collect();
        if split == first {
            return first;
        }
        first = split;
    }
}
