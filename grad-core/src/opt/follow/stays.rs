//! What a loop does to an array: whether each iteration touches places of its own, or only adds.

use std::collections::BTreeSet;

use crate::ir::build::live_nodes;
use crate::ir::{Body, Id, Op, Store};

/// How many live nodes read a node, and whether it is a result.
pub(super) fn users(body: &Body, id: Id) -> usize {
    let live = live_nodes(body);
    let reads = |user: &Id| {
        let mut reads = false;
        body.node(*user).op.operands(|x| reads |= x == id);
        reads
    };
    let nodes = body.ids().filter(|user| live[user.index()]).filter(reads).count();
    nodes + body.results.iter().filter(|r| **r == id).count()
}

/// Whether an array is only added to, in this body and in the loops in it, and is its m-th result.
pub(super) fn only_added(body: &Body, array: Id, m: usize) -> bool {
    let mut version = body.results[m];
    let uses = |target: Id| {
        let mut n = body.results.iter().filter(|r| **r == target).count();
        body.nodes.iter().for_each(|node| node.op.operands(|x| n += usize::from(x == target)));
        n
    };
    while version != array {
        if uses(version) != 1 {
            return false;
        }
        version = match &body.node(version).op {
            Op::Update { array, store: Store::Add, .. } => *array,
            Op::Get(node, k) => match &body.node(*node).op {
                Op::Fold { inits, body: nested, .. } => {
                    let k = *k as usize;
                    if !only_added(nested, nested.params[1 + k], k) {
                        return false;
                    }
                    inits[k]
                }
                _ => return false,
            },
            _ => return false,
        };
    }
    uses(array) == 1
}

/// Whether an array is read and written, in one iteration, only where `axis` of the place is the index. It is only read
/// where no result is given; one that is written is that result.
pub(in crate::opt) fn stays(body: &Body, array: Id, index: Id, axis: usize, result: Option<Id>) -> bool {
    let live = live_nodes(body);
    let mut versions: BTreeSet<Id> = BTreeSet::from([array]);
    let is_here = |at: &[Id]| at.get(axis) == Some(&index);
    for id in body.ids().filter(|id| live[id.index()]) {
        let op = &body.node(id).op;
        let mut uses = 0;
        op.operands(|x| uses += usize::from(versions.contains(&x)));
        if uses == 0 {
            continue;
        }
        let inside = |nested: &Body, first: usize, captures: &[Id]| {
            let params = captures.iter().zip(&nested.params[first..]);
            let here = params.clone().find(|(c, _)| **c == index).map(|(_, p)| *p);
            let mut arrays = params.filter(|(c, _)| versions.contains(c)).map(|(_, p)| *p);
            here.is_some_and(|here| arrays.all(|array| stays(nested, array, here, axis, None)))
        };
        let fits = match op {
            Op::Index { array, at } => uses == 1 && versions.contains(array) && is_here(at),
            Op::Update { array, at, .. } => uses == 1 && versions.contains(array) && is_here(at) && result.is_some(),
            Op::Len(..) => true,
            Op::Build { lens, body: nested, captures } => inside(nested, lens.len(), captures),
            Op::If { then, otherwise, captures, .. } => inside(then, 0, captures) && inside(otherwise, 0, captures),
            Op::Fold { inits, body: nested, captures, .. } => {
                let mut carried = inits.iter().enumerate().filter(|(_, init)| versions.contains(init));
                match (carried.next(), carried.next()) {
                    (None, _) => inside(nested, 1 + inits.len(), captures),
                    (Some((k, _)), None) => {
                        let here = captures.iter().position(|c| *c == index);
                        uses == 1
                            && result.is_some()
                            && here.is_some_and(|c| {
                                let here = nested.params[1 + inits.len() + c];
                                stays(nested, nested.params[1 + k], here, axis, Some(nested.results[k]))
                            })
                    }
                    (Some(_), Some(_)) => false,
                }
            }
            Op::Get(..) => true,
            Op::Const(_)
            | Op::Param(_)
            | Op::Size(_)
            | Op::Call(..)
            | Op::Cast(_)
            | Op::Array(_)
            | Op::While { .. }
            | Op::Push { .. } => false,
        };
        if !fits {
            return false;
        }
        match op {
            Op::Update { .. } => {
                versions.insert(id);
            }
            // Marks the loop, so that the result of it that goes on is found.
            Op::Fold { inits, .. } if inits.iter().any(|init| versions.contains(init)) => {
                versions.insert(id);
            }
            Op::Get(node, k) => {
                if let Op::Fold { inits, .. } = &body.node(*node).op
                    && versions.contains(&inits[*k as usize])
                {
                    versions.insert(id);
                }
            }
            _ => {}
        }
    }
    let mut given = body.results.iter().filter(|r| versions.contains(r));
    match result {
        Some(result) => given.next() == Some(&result) && given.next().is_none(),
        None => given.next().is_none(),
    }
}
