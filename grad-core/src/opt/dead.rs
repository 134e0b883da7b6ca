//! Carries of a loop and results of a choice that nobody reads go, and what only they needed with them.

use crate::ir::build::live_nodes;
use crate::ir::need::{needed_carries, needed_params};
use crate::ir::{Body, Builder, Id, Op, Value};

/// Records `body` without dead carries and results, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let read = read_results(body, &live);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match &body.node(id).op {
            Op::Fold { .. } => loop_node(b, body, id, &read[id.index()], &map),
            Op::While { .. } => while_node(b, body, id, &read[id.index()], &map),
            Op::If { .. } => choice_node(b, body, id, &read[id.index()], &map),
            _ => b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)),
        };
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// For each If and Fold, which of its results a live Get reads.
fn read_results(body: &Body, live: &[bool]) -> Vec<Vec<bool>> {
    let mut read: Vec<Vec<bool>> = body
        .nodes
        .iter()
        .map(|node| match &node.op {
            Op::Fold { inits, .. } | Op::While { inits, .. } => vec![false; inits.len()],
            Op::If { then, .. } => vec![false; then.results.len()],
            _ => Vec::new(),
        })
        .collect();
    for id in body.ids().filter(|id| live[id.index()]) {
        if let Op::Get(node, k) = body.node(id).op {
            read[node.index()][k as usize] = true;
        }
    }
    read
}

fn loop_node(b: &Builder, body: &Body, id: Id, read: &[bool], map: &[Option<Value>]) -> Value {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(id).op else {
        unreachable!("a loop is a Fold")
    };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let inits: Vec<Value> = inits.iter().map(of).collect();
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let kept = needed_carries(inner, 1, read);
    let places: Vec<usize> = (0..inits.len()).filter(|k| kept[*k]).collect();
    let starts: Vec<Value> = places.iter().map(|k| inits[*k]).collect();
    let results = b.fold((of(lo), of(hi)), *direction, &starts, |i, carries| {
        let mut args = vec![i];
        let mut carries = carries.iter();
        // A carry that is not needed is read by nothing that is recorded.
        args.extend(
            (0..inits.len()).map(|k| if kept[k] { *carries.next().expect("one a kept carry") } else { inits[k] }),
        );
        for (v, k) in args.iter().zip(0..=inits.len()) {
            if k == 0 || kept[k - 1] {
                b.name_as(*v, inner, inner.params[k]);
            }
        }
        args.extend(&captures);
        let only = only_results(inner, &places);
        record(b, &only, &args)
    });
    let mut results = results.into_iter();
    let all: Vec<Value> =
        (0..inits.len()).map(|k| if kept[k] { results.next().expect("one a kept carry") } else { inits[k] }).collect();
    b.bundle(&all)
}

fn while_node(b: &Builder, body: &Body, id: Id, read: &[bool], map: &[Option<Value>]) -> Value {
    let Op::While { cond, inits, body: inner, captures } = &body.node(id).op else {
        unreachable!("called on such a loop")
    };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let inits: Vec<Value> = inits.iter().map(of).collect();
    let captures: Vec<Value> = captures.iter().map(of).collect();
    // What the condition reads decides how often the loop runs.
    let asked = needed_params(cond, &[true]);
    let read: Vec<bool> = (0..inits.len()).map(|k| read[k] || asked[k]).collect();
    let kept = needed_carries(inner, 0, &read);
    let places: Vec<usize> = (0..inits.len()).filter(|k| kept[*k]).collect();
    let starts: Vec<Value> = places.iter().map(|k| inits[*k]).collect();
    let args = |carries: &[Value]| -> Vec<Value> {
        let mut carries = carries.iter();
        let all = (0..inits.len()).map(|k| if kept[k] { *carries.next().expect("one a kept carry") } else { inits[k] });
        let args: Vec<Value> = all.chain(captures.iter().copied()).collect();
        places.iter().for_each(|k| b.name_as(args[*k], inner, inner.params[*k]));
        args
    };
    let results = b.repeat(
        &starts,
        |carries| record(b, cond, &args(carries))[0],
        |carries| record(b, &only_results(inner, &places), &args(carries)),
    );
    let mut results = results.into_iter();
    let all: Vec<Value> =
        (0..inits.len()).map(|k| if kept[k] { results.next().expect("one a kept carry") } else { inits[k] }).collect();
    b.bundle(&all)
}

fn only_results(body: &Body, places: &[usize]) -> Body {
    Body { results: places.iter().map(|k| body.results[*k]).collect(), ..body.clone() }
}

fn choice_node(b: &Builder, body: &Body, id: Id, read: &[bool], map: &[Option<Value>]) -> Value {
    let Op::If { cond, then, otherwise, captures } = &body.node(id).op else { unreachable!("a choice is an If") };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let places: Vec<usize> = (0..read.len()).filter(|k| read[*k]).collect();
    let arm = |arm: &Body| record(b, &only_results(arm, &places), &captures);
    let results = b.branch(of(cond), || arm(then), || arm(otherwise));
    let mut results = results.into_iter();
    // What nobody reads may be anything.
    let all: Vec<Value> = read
        .iter()
        .map(|read| if *read { results.next().expect("one a read result") } else { b.bool(false) })
        .collect();
    b.bundle(&all)
}
