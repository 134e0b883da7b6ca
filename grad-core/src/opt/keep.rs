//! What a loop computes for each element, and the loop of an adjoint would compute again, is kept in the array that the
//! adjoint fills: `for i { e = exp(x[i]); s += e; }` leaves e in `x̄[i]`, which the loop after it scales.
//!
//! An array that such a loop reads element by element, and nobody else reads, becomes the adjoint's array likewise, unless
//! it has a name, which would be lost. What was added to single elements before the loop is added after it: the sum is the same.

use std::collections::BTreeMap;

use super::Level;
use super::place::is_zeros;
use super::stable::uses;
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Lit, Op, Store, Value};
use crate::prim::Cost;

/// More loops than this in one body are left as they are: the search for pairs is quadratic.
const MOST_LOOPS: usize = 64;

/// Whether a loop fills an array.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { body, inits, .. } if (0..inits.len()).any(|k| filled(body, k).is_some()))
}

/// Records `body` with such values kept, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let mut current = None;
    for _ in 0..MOST_LOOPS {
        let body = current.as_ref().unwrap_or(body);
        let Some((room, source)) = found(b, body) else { break };
        current = Some(with_kept(b, body, &room, &source));
    }
    let body = current.as_ref().unwrap_or(body);
    let live = live_nodes(body);
    let mut map = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        map[id.index()] = Some(b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)));
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// A loop over a whole array of zeros, where iteration i stores element i and nothing else is done with the array.
struct Room {
    fold: Id,
    /// Which carry the array is.
    k: usize,
    /// What is added to single elements before the loop.
    added: Vec<Id>,
}

/// Where the elements come from that a loop would read or compute.
enum Source {
    /// An array captured by the loop: the nodes of its body that read element i.
    Array(Id, Vec<Id>),
    /// A node in the body of an earlier loop over the same range, and the node equal to it in the body of this one.
    Computed(Id, Id, Id),
}

/// What an iteration stores at its index of the k-th carry, a vector of floats, where it does nothing else with it.
fn filled(inner: &Body, k: usize) -> Option<(Id, Store)> {
    let (carry, result) = (inner.params[1 + k], inner.results[k]);
    let Op::Update { array, at, value, store } = &inner.node(result).op else { return None };
    let ty = inner.ty(carry);
    if *array != carry || **at != [inner.params[0]] || ty.rank() != 1 || !ty.is_float() {
        return None;
    }
    let uses = uses(inner, &live_nodes(inner));
    (uses[carry.index()] == 1 && uses[result.index()] == 1).then_some((*value, *store))
}

/// The length that an array was made with.
fn length(body: &Body, array: Id) -> Option<Id> {
    match &body.node(array).op {
        Op::Build { lens, .. } => lens.first().copied(),
        Op::Update { array, .. } => length(body, *array),
        Op::Get(fold, k) => match &body.node(*fold).op {
            Op::Fold { inits, .. } => length(body, inits[*k as usize]),
            _ => None,
        },
        _ => None,
    }
}

fn room(b: &Builder, body: &Body, uses: &[usize], fold: Id, k: usize) -> Option<Room> {
    let Op::Fold { lo, hi, inits, body: inner, .. } = &body.node(fold).op else { return None };
    let (_, store) = filled(inner, k)?;
    // What a user has named holds nothing else.
    let of_user = |name: &str| !name.ends_with("_adj");
    if inner.names.get(&inner.results[k]).is_some_and(|name| of_user(name)) {
        return None;
    }
    let (mut array, mut added) = (inits[k], Vec::new());
    while let Op::Update { array: before, at, store: Store::Add, .. } = &body.node(array).op {
        if at.len() != 1 || uses[array.index()] != 1 {
            return None;
        }
        added.push(array);
        array = *before;
    }
    added.reverse();
    let is_whole = matches!(body.node(*lo).op, Op::Const(Lit::Int(0, _))) && length(body, array) == Some(*hi);
    let moves = match store {
        // What is set would be lost afterwards.
        Store::Set => added.is_empty(),
        // The order of three terms is in the last bits of their sum.
        Store::Add => added.len() <= 1 || b.level() != Level::None,
    };
    (is_whole && is_zeros(body, array) && moves).then_some(Room { fold, k, added })
}

/// A loop that has room for something, and what that is.
fn found(b: &Builder, body: &Body) -> Option<(Room, Source)> {
    let live = live_nodes(body);
    let folds: Vec<Id> = (body.ids())
        .filter(|id| live[id.index()] && matches!(body.node(*id).op, Op::Fold { .. }))
        .take(MOST_LOOPS)
        .collect();
    let uses = uses(body, &live);
    for (n, id) in folds.iter().enumerate() {
        let Op::Fold { inits, .. } = &body.node(*id).op else { continue };
        for room in (0..inits.len()).filter_map(|k| room(b, body, &uses, *id, k)) {
            let source = captured(body, &uses, *id, room.k)
                .or_else(|| folds[..n].iter().find_map(|f| computed(b, body, *f, *id)));
            if let Some(source) = source {
                return Some((room, source));
            }
        }
    }
    None
}

/// An array made for this loop alone, of which iteration i reads element i, and whose name says nothing.
fn captured(body: &Body, uses: &[usize], fold: Id, k: usize) -> Option<Source> {
    let Op::Fold { hi, inits, body: inner, captures, .. } = &body.node(fold).op else { return None };
    let (value, _) = filled(inner, k)?;
    captures.iter().zip(&inner.params[1 + inits.len()..]).find_map(|(array, param)| {
        let ty = body.ty(*array);
        if body.names.contains_key(array) || inner.names.contains_key(param) {
            return None;
        }
        if ty.rank() != 1 || !ty.is_float() || uses[array.index()] != 1 || length(body, *array) != Some(*hi) {
            return None;
        }
        let mut reads = Vec::new();
        let mut otherwise = inner.results.contains(param);
        for id in inner.ids() {
            match &inner.node(id).op {
                Op::Index { array, at } if array == param && **at == [inner.params[0]] => reads.push(id),
                op => op.operands(|x| otherwise |= x == *param),
            }
        }
        // What would be stored where it was read needs no store, and no second array: that is for others to see.
        (!otherwise && !reads.is_empty() && !reads.contains(&value)).then_some(Source::Array(*array, reads))
    })
}

/// A function, or the result of a loop within, that the bodies of two loops over one range both compute.
fn computed(outer: &Builder, body: &Body, first: Id, second: Id) -> Option<Source> {
    let (
        Op::Fold { lo: lo_1, hi: hi_1, inits: inits_1, body: body_1, captures: captures_1, .. },
        Op::Fold { lo: lo_2, hi: hi_2, inits: inits_2, body: body_2, captures: captures_2, .. },
    ) = (&body.node(first).op, &body.node(second).op)
    else {
        return None;
    };
    if (lo_1, hi_1) != (lo_2, hi_2) {
        return None;
    }
    // Both are recorded side by side, with one index, one value for what both see, and carries of their own.
    let b = outer.apart();
    let index = b.param(body_1.ty(body_1.params[0]).clone());
    let mut seen: BTreeMap<Id, Value> = BTreeMap::new();
    let mut nodes = |inner: &Body, carries: usize, captures: &[Id]| {
        let mut args = vec![index];
        args.extend(inner.params[1..=carries].iter().map(|p| b.param(inner.ty(*p).clone())));
        let captures = captures.iter().zip(&inner.params[1 + carries..]);
        args.extend(captures.map(|(c, p)| *seen.entry(*c).or_insert_with(|| b.param(inner.ty(*p).clone()))));
        b.import_all(inner, &args)
    };
    let of_first = nodes(body_1, inits_1.len(), captures_1);
    let of_second = nodes(body_2, inits_2.len(), captures_2);
    // The last is made of those before it.
    body_2.ids().rev().filter(|id| of_second[id.index()].is_some() && is_dear(body_2, *id)).find_map(|y| {
        let is_same = |x: &Id| is_dear(body_1, *x) && of_first[x.index()] == of_second[y.index()];
        let x = body_1.ids().find(|x| is_same(x) && !is_stored(body_1, *x))?;
        Some(Source::Computed(first, x, y))
    })
}

/// Whether an array holds a node already: another one would make equal things two.
fn is_stored(body: &Body, id: Id) -> bool {
    body.nodes.iter().any(|node| matches!(&node.op, Op::Update { value, .. } if *value == id))
}

fn is_dear(body: &Body, id: Id) -> bool {
    let is_float = || body.ty(id).is_float() && body.ty(id).is_scalar();
    match &body.node(id).op {
        Op::Call(prim, _) => prim.row().cost == Cost::Transcendental && is_float(),
        Op::Get(node, _) => matches!(body.node(*node).op, Op::Fold { .. }) && is_float(),
        _ => false,
    }
}

/// The body with what is found kept.
fn with_kept(outer: &Builder, body: &Body, room: &Room, source: &Source) -> Body {
    let b = outer.apart();
    let args: Vec<Value> = body.params.iter().map(|p| b.param(body.ty(*p).clone())).collect();
    b.name_like(&args, body);
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    let mut kept = None;
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match source {
            Source::Computed(first, x, _) if id == *first => {
                let (results, array) = leaving(&b, body, *first, *x, room, &map);
                kept = Some(array);
                b.bundle(&results)
            }
            Source::Array(..) | Source::Computed(..) if id == room.fold => {
                let (array, reads) = match source {
                    Source::Array(array, reads) => (map[array.index()], reads.as_slice()),
                    Source::Computed(.., y) => (kept, std::slice::from_ref(y)),
                };
                let array = array.expect("what a loop reads comes before it");
                b.bundle(&refilling(&b, body, room, (array, reads), &map))
            }
            Source::Array(..) | Source::Computed(..) => b.import_node(body, id, &args, &map),
        };
        map[id.index()] = Some(v);
    }
    let results: Vec<Value> = body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect();
    b.finish(&results)
}

/// The results of a loop that also keeps a node of its body, and the array that it keeps it in.
fn leaving(b: &Builder, body: &Body, fold: Id, kept: Id, room: &Room, map: &[Option<Value>]) -> (Vec<Value>, Value) {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(fold).op else {
        unreachable!("what a value is found in is a loop")
    };
    let Op::Fold { body: filling, .. } = &body.node(room.fold).op else { unreachable!("what has room is a loop") };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let zeros = b.build(&[of(hi)], |_| b.float(0.0));
    let starts: Vec<Value> = std::iter::once(zeros).chain(inits.iter().map(of)).collect();
    let mut results = b.fold((of(lo), of(hi)), *direction, &starts, |i, carries| {
        let args: Vec<Value> = std::iter::once(&i).chain(&carries[1..]).chain(&captures).copied().collect();
        b.name_like(&args[..=inits.len()], inner);
        let wanted =
            Body { results: [kept].into_iter().chain(inner.results.iter().copied()).collect(), ..Body::clone(inner) };
        let mut results = b.import(&wanted, &args);
        results[0] = b.update(carries[0], &[i], results[0], Store::Set);
        results
    });
    let array = results.remove(0);
    b.name_as(array, filling, filling.results[room.k]);
    (results, array)
}

/// The results of a loop that fills an array with what it makes of the elements in it.
fn refilling(
    b: &Builder,
    body: &Body,
    room: &Room,
    (array, reads): (Value, &[Id]),
    map: &[Option<Value>],
) -> Vec<Value> {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(room.fold).op else {
        unreachable!("what has room is a loop")
    };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let mut starts: Vec<Value> = inits.iter().map(of).collect();
    starts[room.k] = array;
    let (value, _) = filled(inner, room.k).expect("what has room is filled");
    let wanted: Vec<Id> = inner.results.iter().enumerate().map(|(k, r)| if k == room.k { value } else { *r }).collect();
    let mut results = b.fold((of(lo), of(hi)), *direction, &starts, |i, carries| {
        let args: Vec<Value> = std::iter::once(&i).chain(carries).chain(&captures).copied().collect();
        b.name_like(&args[..=inits.len()], inner);
        let element = b.index(carries[room.k], &[i]);
        let given: BTreeMap<Id, Value> = reads.iter().map(|id| (*id, element)).collect();
        let mut results = b.import_given(inner, &args, &given, &wanted);
        results[room.k] = b.update(carries[room.k], &[i], results[room.k], Store::Set);
        results
    });
    b.name_as(results[room.k], inner, inner.results[room.k]);
    for id in &room.added {
        if let Op::Update { at, value, .. } = &body.node(*id).op {
            results[room.k] = b.update(results[room.k], &[of(&at[0])], of(value), Store::Add);
        }
    }
    results
}
