//! Writing that nobody sees: an array that a loop carries, where all that is read of it is what it was before the loop, is
//! not carried.
//!
//! Adjoints are so: what an assignment took is cleared, and most often nothing reads that place again. The loop reads the
//! array from outside then, and whoever carried or copied it for the clearing's sake need not.

use std::collections::BTreeMap;

use crate::ad::{settled, write_once};
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Op, Value};

/// Whether a loop carries an array.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { inits, body, .. } if (0..inits.len()).any(|k| body.ty(body.params[1 + k]).rank() > 0))
}

/// Records `body` without such writing, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let after = Reads::of(body, &live);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let without = unwritten(b, body, id, &after, &map);
        let v =
            without.unwrap_or_else(|| b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)));
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// The places at which the results of loops are read in the body around them: none of what is used in another way.
struct Reads<'a>(BTreeMap<(Id, usize), Option<Vec<&'a [Id]>>>);

impl Reads<'_> {
    fn of<'a>(body: &'a Body, live: &[bool]) -> Reads<'a> {
        let mut reads: BTreeMap<(Id, usize), Option<Vec<&[Id]>>> = BTreeMap::new();
        let result = |x: Id| match body.node(x).op {
            Op::Get(node, k) => Some((node, k as usize)),
            _ => None,
        };
        for id in body.ids().filter(|id| live[id.index()]) {
            match &body.node(id).op {
                Op::Index { array, at } if result(*array).is_some() => {
                    let key = result(*array).expect("it is one");
                    if let Some(places) = reads.entry(key).or_insert_with(|| Some(Vec::new())) {
                        places.push(at);
                    }
                }
                Op::Len(..) => {}
                op => op.operands(|x| {
                    if let Some(key) = result(x) {
                        reads.insert(key, None);
                    }
                }),
            }
        }
        for key in body.results.iter().filter_map(|r| result(*r)) {
            reads.insert(key, None);
        }
        Reads(reads)
    }
}

/// The loop without the carries that need not be written.
fn unwritten(b: &Builder, body: &Body, id: Id, after: &Reads<'_>, map: &[Option<Value>]) -> Option<Value> {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(id).op else { return None };
    let is_unwritten = |k: usize| {
        let carry = inner.params[1 + k];
        if inner.ty(carry).rank() == 0 || inner.results[k] == carry {
            return false;
        }
        match after.0.get(&(id, k)) {
            None => write_once::keeps(body, id, k, &[]),
            Some(Some(places)) => write_once::keeps(body, id, k, places),
            Some(None) => false,
        }
    };
    let unwritten: Vec<bool> = (0..inits.len()).map(is_unwritten).collect();
    if !unwritten.contains(&true) {
        return None;
    }
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let inits: Vec<Value> = inits.iter().map(of).collect();
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let mut settled = vec![false];
    settled.extend(&unwritten);
    settled.resize(1 + inits.len() + captures.len(), false);
    let all = b.fold((of(lo), of(hi)), *direction, &inits, |i, carries| {
        let carried = (0..inits.len()).map(|k| if unwritten[k] { inits[k] } else { carries[k] });
        let args: Vec<Value> = std::iter::once(i).chain(carried).chain(captures.iter().copied()).collect();
        for (k, arg) in args.iter().enumerate().take(1 + inits.len()).filter(|(k, _)| !settled[*k]) {
            b.name_as(*arg, inner, inner.params[k]);
        }
        let after = settled::record(b, inner, &args, &settled);
        let next = |k: usize| after[inner.results[k].index()].expect("a result is live");
        (0..inits.len()).map(|k| if unwritten[k] { carries[k] } else { next(k) }).collect()
    });
    let results: Vec<Value> = (0..inits.len()).map(|k| if unwritten[k] { inits[k] } else { all[k] }).collect();
    Some(b.bundle(&results))
}
