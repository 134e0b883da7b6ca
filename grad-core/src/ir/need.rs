//! What the results of a body need of it, result by result: a choice or a loop may carry more than anybody reads.

use std::collections::BTreeMap;

use super::{Body, Id, Op};

/// Bodies nested deeper than this are taken to need all that they take: the analysis repeats itself at each level.
const DEEPEST: usize = 6;

/// Which parameters the wanted results need.
#[must_use]
pub(crate) fn needed_params(body: &Body, wanted: &[bool]) -> Vec<bool> {
    params(body, wanted, 0)
}

/// Which carries of a loop are needed where those of `read` are: the ones that feed them too. The `first`-th parameter is
/// the first carry.
#[must_use]
pub(crate) fn needed_carries(body: &Body, first: usize, read: &[bool]) -> Vec<bool> {
    carries(body, first, read, 0).0
}

fn params(body: &Body, wanted: &[bool], depth: usize) -> Vec<bool> {
    if depth > DEEPEST {
        return vec![true; body.params.len()];
    }
    let mut live = vec![false; body.nodes.len()];
    let mut read: BTreeMap<Id, Vec<bool>> = BTreeMap::new();
    for (r, wanted) in body.results.iter().zip(wanted) {
        live[r.index()] |= *wanted;
    }
    for id in body.ids().rev() {
        if !live[id.index()] {
            continue;
        }
        let mark = |live: &mut Vec<bool>, ids: &[Id], needed: &[bool]| {
            ids.iter().zip(needed).for_each(|(x, needed)| live[x.index()] |= needed);
        };
        let op = &body.node(id).op;
        match op {
            Op::Get(node, k) => {
                live[node.index()] = true;
                let results = match &body.node(*node).op {
                    Op::If { then, .. } => then.results.len(),
                    other => other.as_loop().map_or(0, |(inits, ..)| inits.len()),
                };
                let read = read.entry(*node).or_insert_with(|| vec![false; results]);
                if let Some(read) = read.get_mut(*k as usize) {
                    *read = true;
                }
            }
            Op::If { cond, then, otherwise, captures } => {
                live[cond.index()] = true;
                let read = read.remove(&id).unwrap_or_else(|| vec![true; then.results.len()]);
                for arm in [then, otherwise] {
                    let needed = params(arm, &read, depth + 1);
                    mark(&mut live, captures, &needed);
                }
            }
            Op::Build { lens, body: inner, captures } => {
                let needed = params(inner, &[true], depth + 1);
                mark(&mut live, lens, &vec![true; lens.len()]);
                mark(&mut live, captures, &needed[lens.len()..]);
            }
            Op::Fold { lo, hi, inits, body: inner, captures, .. } => {
                let read = read.remove(&id).unwrap_or_else(|| vec![true; inits.len()]);
                let (kept, needed) = carries(inner, 1, &read, depth + 1);
                mark(&mut live, &[*lo, *hi], &[true; 2]);
                mark(&mut live, inits, &kept);
                mark(&mut live, captures, &needed[1 + inits.len()..]);
            }
            Op::While { cond, inits, body: inner, captures } => {
                let read = read.remove(&id).unwrap_or_else(|| vec![true; inits.len()]);
                let asked = params(cond, &[true], depth + 1);
                let read: Vec<bool> = read.iter().zip(&asked).map(|(r, a)| *r || *a).collect();
                let (kept, needed) = carries(inner, 0, &read, depth + 1);
                mark(&mut live, inits, &kept);
                mark(&mut live, captures, &needed[inits.len()..]);
                mark(&mut live, captures, &asked[inits.len()..]);
            }
            Op::Const(_)
            | Op::Param(_)
            | Op::Size(_)
            | Op::Call(..)
            | Op::Cast(_)
            | Op::Array(_)
            | Op::Index { .. }
            | Op::Update { .. }
            | Op::Push { .. }
            | Op::Len(..) => op.operands(|x| live[x.index()] = true),
        }
    }
    body.params.iter().map(|p| live[p.index()]).collect()
}

/// The needed carries, and the parameters that they need.
fn carries(body: &Body, first: usize, read: &[bool], depth: usize) -> (Vec<bool>, Vec<bool>) {
    let mut kept = read.to_vec();
    loop {
        let needed = params(body, &kept, depth);
        let next: Vec<bool> = (0..kept.len()).map(|k| kept[k] || needed[first + k]).collect();
        if next == kept {
            return (kept, needed);
        }
        kept = next;
    }
}
