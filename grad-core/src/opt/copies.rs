//! `for i in 0..n { …; y[i] = x[i] }` makes a copy of x, and whoever reads y may as well read x; the same of a literal.
//!
//! A copy that is a result, or is written over, stays in its loop.

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Lit, Op, Store, Value};

/// Whether a loop may make such an array.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { inits, body, .. } if (0..inits.len()).any(|k| source(body, k).is_some()))
}

/// Records `body` without such copies, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = without_copies(b, body, id, &map)
            .unwrap_or_else(|| b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)));
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// What an iteration puts at its own place of the k-th carry, if that is all that it does with it: an element of a capture,
/// at the same place, or a literal.
fn source(inner: &Body, k: usize) -> Option<Id> {
    let (index, carry, result) = (inner.params[0], inner.params[1 + k], inner.results[k]);
    let Op::Update { array, at, value, store: Store::Set } = &inner.node(result).op else { return None };
    if *array != carry || **at != [index] || !inner.ty(carry).is_float() || inner.ty(carry).rank() != 1 {
        return None;
    }
    let mut uses = inner.results.iter().filter(|r| **r == result).count() - 1;
    for id in inner.ids() {
        inner.node(id).op.operands(|x| uses += usize::from(x == carry) + usize::from(x == result));
    }
    if uses != 1 {
        return None;
    }
    let first_capture = 1 + inner.results.len();
    match &inner.node(*value).op {
        Op::Const(_) => Some(*value),
        Op::Index { array, at } if **at == [index] => {
            matches!(inner.node(*array).op, Op::Param(c) if c as usize >= first_capture).then_some(*array)
        }
        _ => None,
    }
}

/// The loop without its copies: all that it gives, if there are any.
fn without_copies(b: &Builder, body: &Body, id: Id, map: &[Option<Value>]) -> Option<Value> {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(id).op else { return None };
    if !matches!(body.node(*lo).op, Op::Const(Lit::Int(0, _))) {
        return None;
    }
    let is_result = |k: usize| {
        body.results.iter().any(|r| matches!(body.node(*r).op, Op::Get(node, j) if node == id && j as usize == k))
    };
    // What is carried on is written over: that takes an array of its own.
    let is_carried = |k: usize| {
        let got = body.ids().find(|g| matches!(body.node(*g).op, Op::Get(node, j) if node == id && j as usize == k));
        got.is_some_and(|got| {
            body.nodes.iter().any(|node| match &node.op {
                Op::Fold { inits, .. } | Op::While { inits, .. } => inits.contains(&got),
                Op::Update { array, .. } | Op::Push { array, .. } => *array == got,
                _ => false,
            })
        })
    };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let hi = b.local(of(hi));
    let copied: Vec<Option<Value>> = (0..inits.len())
        .map(|k| {
            let source = source(inner, k)?;
            if b.len(of(&inits[k]), 0) != hi {
                return None;
            }
            match inner.node(source).op {
                Op::Const(lit) => Some(b.build(&[hi], |_| b.constant(lit))),
                Op::Param(c) => {
                    if is_result(k) || is_carried(k) {
                        return None;
                    }
                    let array = of(&captures[c as usize - 1 - inits.len()]);
                    (b.ty(array).rank() == 1 && b.len(array, 0) == hi).then_some(array)
                }
                _ => None,
            }
        })
        .collect();
    if copied.iter().all(Option::is_none) {
        return None;
    }
    let kept: Vec<usize> = (0..inits.len()).filter(|k| copied[*k].is_none()).collect();
    let starts: Vec<Value> = kept.iter().map(|k| of(&inits[*k])).collect();
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let made = b.fold((of(lo), hi), *direction, &starts, |i, carries| {
        b.name_as(i, inner, inner.params[0]);
        // What is copied is not read in the loop.
        let mut args: Vec<Value> = vec![b.bool(false); 1 + inits.len()];
        args[0] = i;
        for (k, v) in kept.iter().zip(carries) {
            b.name_as(*v, inner, inner.params[1 + k]);
            args[1 + k] = *v;
        }
        args.extend(&captures);
        let only = Body { results: kept.iter().map(|k| inner.results[*k]).collect(), ..Body::clone(inner) };
        record(b, &only, &args)
    });
    let mut made = made.into_iter();
    let all: Vec<Value> =
        copied.into_iter().map(|copy| copy.or_else(|| made.next()).expect("one result a carry that is kept")).collect();
    Some(b.bundle(&all))
}
