//! `for i in 0..n { y[i] = f(i); }` over the whole of y is `y = [f(i) for i in 0..n]`: what y held before is not needed, so
//! that a buffer which every iteration of an outer loop fills again carries nothing from one to the next, and needs no tape.

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Id, Lit, Op, Store, Value};

/// Whether a loop may be such a one.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { inits, body, .. }
        if (inits.len() == 1 && element(body).is_some()) || (0..inits.len()).any(|k| stores_only(body, k)))
}

/// Records `body` with such loops as comprehensions, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let whole = whole(b, body, id, &map).or_else(|| forgetful(b, body, id, &map));
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

/// Whether an iteration sets row i of the k-th carry, an array of floats, and does nothing else with it.
fn stores_only(inner: &Body, k: usize) -> bool {
    let (index, carry, result) = (inner.params[0], inner.params[1 + k], inner.results[k]);
    let Op::Update { array, at, store: Store::Set, .. } = &inner.node(result).op else { return false };
    if *array != carry || **at != [index] || !inner.ty(carry).is_float() {
        return false;
    }
    let mut reads = inner.results.iter().filter(|r| **r == result).count() - 1;
    for id in inner.ids() {
        inner.node(id).op.operands(|x| reads += usize::from(x == carry) + usize::from(x == result));
    }
    reads == 1
}

/// The loop with zeros for what an array held before, where the loop (after elements set one by one) sets all of it: that
/// keeps the array from being carried by a loop around, and so from being taped.
fn forgetful(b: &Builder, body: &Body, id: Id, map: &[Option<Value>]) -> Option<Value> {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(id).op else { return None };
    let Op::Const(Lit::Int(lo_lit, _)) = body.node(*lo).op else { return None };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let hi = b.local(of(hi));
    let forgotten: Vec<Option<Value>> = (0..inits.len())
        .map(|k| {
            let init = b.local(of(&inits[k]));
            if !stores_only(inner, k) || b.len(init, 0) != hi {
                return None;
            }
            // What is set before the loop begins: the elements that it leaves out.
            let (mut base, mut set) = (init, Vec::new());
            while let Op::Update { array, at, value, store: Store::Set } = b.op(base)
                && let [place] = *at
                && let Some(place) = b.int_lit(b.sibling(base, place))
            {
                set.push((place, b.sibling(base, value)));
                base = b.sibling(base, array);
            }
            let covered = (0..lo_lit).all(|n| set.iter().any(|(place, _)| *place == n));
            let is_zeros = matches!(b.op(base), Op::Build { .. } | Op::Array(_));
            if !covered || is_zeros {
                return None;
            }
            let mut fresh = b.zeros_like(base);
            for (place, value) in set.iter().rev() {
                let at = b.index_lit(usize::try_from(*place).ok()?);
                fresh = b.update(fresh, &[at], *value, Store::Set);
            }
            Some(fresh)
        })
        .collect();
    if forgotten.iter().all(Option::is_none) {
        return None;
    }
    let starts: Vec<Value> =
        inits.iter().zip(&forgotten).map(|(init, fresh)| fresh.unwrap_or_else(|| of(init))).collect();
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let results = b.fold((of(lo), hi), *direction, &starts, |i, carries| {
        let args: Vec<Value> = std::iter::once(&i).chain(carries).chain(&captures).copied().collect();
        b.name_like(&args[..1 + carries.len()], inner);
        record(b, inner, &args)
    });
    Some(b.bundle(&results))
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
