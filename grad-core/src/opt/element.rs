//! An array of which only single elements are read is not made: the elements are computed where they are read.

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Op, Value};

/// An array that several places read is not computed in each, unless an element costs no more than this many nodes.
const CHEAP: usize = 6;

/// More rounds than this, each of which may leave another such array, are not made.
const ROUNDS: usize = 16;

pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Build { .. })
}

/// Records `body` with elements in the place of arrays, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let mut current: Option<Body> = None;
    for _ in 0..ROUNDS {
        let body = current.as_ref().unwrap_or(body);
        let read = only_read_by_element(body);
        if read.is_empty() {
            break;
        }
        let inner = b.apart();
        let args: Vec<Value> = body.params.iter().map(|p| inner.param(body.ty(*p).clone())).collect();
        inner.name_like(&args, body);
        let results = record_once(&inner, body, &args, &read, &|inner, nested, args| inner.import(nested, args));
        current = Some(inner.finish(&results));
    }
    let body = current.as_ref().unwrap_or(body);
    record_once(b, body, args, &[], &|b, nested, args| record(b, nested, args))
}

type Nested<'a> = dyn Fn(&Builder, &Body, &[Value]) -> Vec<Value> + 'a;

fn record_once(b: &Builder, body: &Body, args: &[Value], read: &[Id], nested: &Nested<'_>) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()] && !read.contains(id)) {
        let of = |id: &Id| -> Value { map[id.index()].expect("operands come before users") };
        let value = match &body.node(id).op {
            Op::Index { array, at } if read.contains(array) => {
                let Op::Build { body: element, captures, .. } = &body.node(*array).op else {
                    unreachable!("what is read by element is an array that is built")
                };
                let args: Vec<Value> = at.iter().chain(captures).map(of).collect();
                b.import(element, &args)[0]
            }
            _ => b.import_node_with(body, id, args, &map, &|inner, args| nested(b, inner, args)),
        };
        map[id.index()] = Some(value);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// Whether a body always reads an array at the place that a parameter says.
pub(super) fn reads_at(body: &Body, param: Id) -> bool {
    let live = live_nodes(body);
    body.ids().any(|id| live[id.index()] && matches!(&body.node(id).op, Op::Index { at, .. } if at.contains(&param)))
}

/// The arrays of a body that are only read, by whole indices, and not too often for what an element costs.
fn only_read_by_element(body: &Body) -> Vec<Id> {
    let live = live_nodes(body);
    let mut reads = vec![0_usize; body.nodes.len()];
    let mut otherwise = vec![false; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        match &body.node(id).op {
            Op::Index { array, at } if at.len() == body.ty(*array).rank() => {
                reads[array.index()] += 1;
                at.iter().for_each(|x| otherwise[x.index()] = true);
            }
            op => op.operands(|x| otherwise[x.index()] = true),
        }
    }
    body.results.iter().for_each(|r| otherwise[r.index()] = true);
    let is_plain = |element: &Body| element.nodes.iter().all(|n| !matches!(n.op, Op::Fold { .. } | Op::While { .. }));
    body.ids()
        .filter(|id| match &body.node(*id).op {
            Op::Build { body: element, .. } => {
                // An index that is out of range has to stop the program still.
                let is_checked = (0..body.ty(*id).rank()).all(|axis| reads_at(element, element.params[axis]));
                if !is_checked {
                    return false;
                }
                let n = reads[id.index()];
                let cheap = is_plain(element) && element.nodes.len() <= CHEAP + element.params.len();
                n > 0 && !otherwise[id.index()] && (n == 1 || cheap)
            }
            _ => false,
        })
        .collect()
}
