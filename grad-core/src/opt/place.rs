//! `x̄[i] += v` over an array of zeros is `x̄[i] = v` where no two iterations touch the same place.

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Lit, Op, Store, Value};

/// Records `body` with such additions as stores, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match &body.node(id).op {
            Op::Fold { inits, body: inner, .. } => {
                let fresh: Vec<bool> = inits.iter().map(|v| is_zeros(body, *v)).collect();
                let stored: Vec<usize> =
                    (0..inits.len()).filter(|k| fresh[*k] && adds_once(inner, *k, &[inner.params[0]])).collect();
                b.import_node_with(body, id, args, &map, &|inner, args| {
                    let mut inner = inner.clone();
                    stored.iter().for_each(|k| store(&mut inner, *k));
                    record(b, &inner, args)
                })
            }
            _ => b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)),
        };
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// Whether an array is made of zeros.
pub(super) fn is_zeros(body: &Body, id: Id) -> bool {
    match &body.node(id).op {
        Op::Build { body: inner, .. } => {
            matches!(inner.node(inner.results[0]).op, Op::Const(Lit::Float(bits)) if f64::from_bits(bits) == 0.0)
        }
        _ => false,
    }
}

/// Whether the k-th carry of a loop's body is only ever added to, once, at a place that says the indices in `at` and those of
/// the loops further in, and not read: no two iterations meet there.
fn adds_once(body: &Body, k: usize, at: &[Id]) -> bool {
    let param = body.params[1 + k];
    if body.ty(param).is_scalar() || !body.ty(param).is_float() {
        return false;
    }
    let result = body.results[k];
    let uses = |target: Id| {
        let mut n = body.results.iter().filter(|r| **r == target).count();
        body.ids().for_each(|id| body.node(id).op.operands(|x| n += usize::from(x == target)));
        n
    };
    if uses(param) != 1 || uses(result) != 1 {
        return false;
    }
    match &body.node(result).op {
        Op::Update { array, at: place, store: Store::Add, .. } => {
            *array == param && at.iter().all(|index| place.contains(index))
        }
        Op::Get(inner, j) => match &body.node(*inner).op {
            Op::Fold { inits, body: nested, captures, .. } if inits[*j as usize] == param => {
                // The outer indices as the inner body sees them.
                let mut seen: Vec<Id> = Vec::new();
                for id in at {
                    let Some(c) = captures.iter().position(|c| c == id) else { return false };
                    seen.push(nested.params[1 + inits.len() + c]);
                }
                seen.push(nested.params[0]);
                adds_once(nested, *j as usize, &seen)
            }
            _ => false,
        },
        _ => false,
    }
}

/// The addition as a store.
fn store(body: &mut Body, k: usize) {
    let result = body.results[k];
    match &mut body.nodes[result.index()].op {
        Op::Update { store, .. } => *store = Store::Set,
        Op::Get(inner, j) => {
            let (inner, j) = (*inner, *j as usize);
            if let Op::Fold { body: nested, .. } = &mut body.nodes[inner.index()].op {
                store_in(nested, j);
            }
        }
        _ => unreachable!("adds_once has found an update or a loop"),
    }
}

fn store_in(body: &mut std::rc::Rc<Body>, k: usize) {
    let mut inner = (**body).clone();
    store(&mut inner, k);
    *body = std::rc::Rc::new(inner);
}
