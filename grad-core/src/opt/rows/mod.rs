//! Loops run along the rows of matrices, whose elements lie together in memory, where the order of the loops is free.
//!
//! ```text
//! for j { s = Σ_l A[l, j] x[l]; …s… }   is   for l { for j { s[j] += A[l, j] x[l] } }   and   for j { …s[j]… }
//! for j { …; for l { Ā[l, j] += v } }   is   for j { … }                               and   for l { for j { Ā[l, j] += v } }
//! ```
//!
//! Every element is the sum of the same terms as before, in the same order unless a loop adds to several places of one array.

mod apart;
mod leave;

use std::collections::BTreeSet;

use super::rules::Tag;
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Id, Lit, Op, Value};

/// Loops that both are known to be as short as this stay as they are: their data is in the cache.
const SHORT: i64 = 16;

/// Whether a node is a loop in which another one may be.
pub(super) fn is_candidate(op: &Op) -> bool {
    match op {
        Op::Fold { body, .. } | Op::Build { body, .. } => {
            body.nodes.iter().any(|node| matches!(node.op, Op::Fold { .. }))
        }
        _ => false,
    }
}

/// Records `body` with its loops in the order of memory, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match Outer::of(body, id, !b.allows(Tag::Rounding)) {
            Some(outer) => {
                let v = outer.apart(b, &map);
                if let Op::Build { .. } = body.node(id).op {
                    b.name_as(v, body, id);
                }
                v
            }
            None => b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)),
        };
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// A loop over j from which loops over l are taken.
struct Outer<'a> {
    body: &'a Body,
    captures: &'a [Id],
    kind: Kind<'a>,
    /// The index j.
    index: Id,
    /// Whether not a bit may change.
    keeps_order: bool,
    inner: Vec<Inner<'a>>,
}

enum Kind<'a> {
    Fold { hi: Id, direction: Direction, inits: &'a [Id] },
    Build { lens: &'a [Id] },
}

/// A loop over l that leaves it.
struct Inner<'a> {
    id: Id,
    lo: Id,
    hi: Id,
    direction: Direction,
    inits: &'a [Id],
    body: &'a Body,
    captures: &'a [Id],
    /// What each carry is.
    carries: Vec<Carry>,
    /// What it captures and is not to be computed again for every l.
    dear: Vec<Id>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carry {
    /// A sum, by the place of the term in the inner body.
    Sum(Id),
    /// A carry of the outer loop, an array that terms are added to.
    Array(usize),
}

impl<'a> Outer<'a> {
    /// The loop, if a loop leaves it.
    fn of(body: &'a Body, id: Id, keeps_order: bool) -> Option<Outer<'a>> {
        let (inner, captures, kind, len) = match &body.node(id).op {
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                if !matches!(body.node(*lo).op, Op::Const(Lit::Int(0, _))) {
                    return None;
                }
                (inner, captures, Kind::Fold { hi: *hi, direction: *direction, inits }, *hi)
            }
            Op::Build { lens, body: inner, captures } => {
                if !inner.ty(inner.results[0]).is_scalar() {
                    return None;
                }
                (inner, captures, Kind::Build { lens }, *lens.last()?)
            }
            _ => return None,
        };
        let first = match kind {
            Kind::Fold { .. } => 0,
            Kind::Build { lens } => lens.len() - 1,
        };
        let index = inner.params[first];
        let mut outer = Outer { body: inner, captures, kind, index, keeps_order, inner: Vec::new() };
        let live = live_nodes(inner);
        let free = outer.free(&live);
        let literal = |body: &Body, id: Id| match body.node(id).op {
            Op::Const(Lit::Int(n, _)) => Some(n),
            _ => None,
        };
        let is_short = |n: Option<i64>| n.is_some_and(|n| n <= SHORT);
        let mut moved: BTreeSet<Id> = BTreeSet::new();
        for id in inner.ids().filter(|id| live[id.index()]) {
            let Some(loop_) = outer.inner(id, &free, &moved) else { continue };
            let short = is_short(literal(body, len)) && is_short(literal(inner, loop_.hi));
            if !short && loop_.is_better_turned(outer.index) {
                moved.insert(id);
                outer.inner.push(loop_);
            }
        }
        if outer.inner.is_empty() { None } else { Some(outer) }
    }
}

/// How often a node is an operand or a result.
fn uses(body: &Body, target: Id) -> usize {
    let mut n = body.results.iter().filter(|r| **r == target).count();
    body.ids().for_each(|id| body.node(id).op.operands(|x| n += usize::from(x == target)));
    n
}
