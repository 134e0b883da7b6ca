//! `for i in 0..n { y[i] = f(i); }` over the whole of y is `y = [f(i) for i in 0..n]`: what y held before is not needed, so
//! that a buffer which every iteration of an outer loop fills again carries nothing from one to the next, and needs no tape.

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Id, Lit, Op, Store, Value};

/// Whether a loop may be such a one.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { inits, body, .. } if inits.len() == 1 && element(body).is_some())
}

/// Records `body` with such loops as comprehensions, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let whole = whole(b, body, id, &map);
        let v =
            whole.unwrap_or_else(|| b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)));
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// What the loop stores at its index, where it does nothing else with the one array that it carries.
fn element(inner: &Body) -> Option<Id> {
    let [result] = inner.results.as_slice() else { return None };
    let (index, carry) = (inner.params[0], inner.params[1]);
    let Op::Update { array, at, value, store: Store::Set } = &inner.node(*result).op else { return None };
    if *array != carry || **at != [index] {
        return None;
    }
    let mut reads = 0;
    for id in inner.ids() {
        inner.node(id).op.operands(|x| reads += usize::from(x == carry));
    }
    (reads == 1).then_some(*value)
}

fn whole(b: &Builder, body: &Body, id: Id, map: &[Option<Value>]) -> Option<Value> {
    let Op::Fold { lo, hi, direction: Direction::Up | Direction::Down, inits, body: inner, captures } =
        &body.node(id).op
    else {
        return None;
    };
    let [init] = **inits else { return None };
    let value = element(inner)?;
    if !matches!(body.node(*lo).op, Op::Const(Lit::Int(0, _))) {
        return None;
    }
    let of = |id: Id| map[id.index()].expect("operands come before users");
    let (init, hi) = (of(init), b.local(of(*hi)));
    if b.len(init, 0) != hi {
        return None;
    }
    let captures: Vec<Value> = captures.iter().map(|c| of(*c)).collect();
    let only = Body { results: vec![value], ..Body::clone(inner) };
    let made = b.build(&[hi], |i| {
        b.name_as(i[0], inner, inner.params[0]);
        let args: Vec<Value> = [i[0], init].into_iter().chain(captures.iter().copied()).collect();
        record(b, &only, &args)[0]
    });
    b.name_as(made, inner, inner.params[1]);
    Some(b.bundle(&[made]))
}
