//! An array of which iteration i of a loop touches row i alone, and nothing after the loop anything, is one row in each
//! iteration: it stays in the cache. An element is a row without an axis.
//!
//! ```text
//! a = 0   for i { a[i, j] += …; …a[i, j]… }   is   for i { r = 0; r[j] += …; …r[j]… }
//! a = 0   for i { for j { a[i] += … } …a[i]… }   is   for i { s = 0; for j { s += … } …s… }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::follow::stays;
use super::place::is_zeros;
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, NodeType, Op, Store, Type, Value};
use crate::prim::Prim;

/// Whether a loop carries an array.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { inits, body, .. } if (0..inits.len()).any(|k| body.ty(body.params[1 + k]).rank() > 0))
}

/// Records `body` with rows in the place of such arrays, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = contracted(b, body, id, &live, &map)
            .unwrap_or_else(|| b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)));
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// The loop with such arrays as rows, if it carries any.
fn contracted(b: &Builder, body: &Body, id: Id, live: &[bool], map: &[Option<Value>]) -> Option<Value> {
    let Op::Fold { lo, hi, direction, inits, body: inner, captures } = &body.node(id).op else { return None };
    let is_read = |k: usize| {
        let gets = body.ids().filter(|get| live[get.index()]);
        gets.into_iter().any(|get| matches!(body.node(get).op, Op::Get(node, j) if node == id && j as usize == k))
    };
    let mut only_rows = Body::clone(inner);
    let mut rows: BTreeSet<usize> = BTreeSet::new();
    for k in 0..inits.len() {
        let (index, carry, result) = (inner.params[0], inner.params[1 + k], inner.results[k]);
        let is_one_row = inner.ty(carry).rank() > 0
            && is_zeros(body, inits[k])
            && !is_read(k)
            && stays(inner, carry, index, 0, Some(result));
        if is_one_row && drop_axis(&mut only_rows, carry, index) {
            rows.insert(k);
        }
    }
    if rows.is_empty() {
        return None;
    }
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let kept: Vec<usize> = (0..inits.len()).filter(|k| !rows.contains(k)).collect();
    let results = std::mem::take(&mut only_rows.results);
    only_rows.results = kept.iter().map(|k| results[*k]).collect();
    let starts: Vec<Value> = kept.iter().map(|k| of(&inits[*k])).collect();
    let captures: Vec<Value> = captures.iter().map(of).collect();
    let lens: Vec<Vec<Value>> = (rows.iter())
        .map(|k| (1..inner.ty(inner.params[1 + k]).rank()).map(|axis| b.len(of(&inits[*k]), axis)).collect())
        .collect();
    let made = b.fold((of(lo), of(hi)), *direction, &starts, |i, carries| {
        b.name_as(i, inner, inner.params[0]);
        let mut own: Vec<Value> = vec![i; inits.len()];
        for (k, v) in kept.iter().zip(carries) {
            own[*k] = *v;
        }
        for (k, lens) in rows.iter().zip(&lens) {
            own[*k] = if lens.is_empty() { b.float(0.0) } else { b.build(lens, |_| b.float(0.0)) };
        }
        for (k, v) in own.iter().enumerate() {
            b.name_as(*v, inner, inner.params[1 + k]);
        }
        let args: Vec<Value> = std::iter::once(&i).chain(&own).chain(&captures).copied().collect();
        record(b, &only_rows, &args)
    });
    let mut made = made.into_iter();
    let all =
        (0..inits.len()).map(|k| if rows.contains(&k) { of(&inits[k]) } else { made.next().expect("it is kept") });
    Some(b.bundle(&all.collect::<Vec<_>>()))
}

/// Drops the first axis of an array that a body touches only where that is `index`; whether it could. Where not, nothing
/// has changed.
fn drop_axis(body: &mut Body, array: Id, index: Id) -> bool {
    let mut changed = body.clone();
    if without_axis(&mut changed, array, index).is_none() {
        return false;
    }
    *body = changed;
    true
}

fn row(ty: &Type) -> NodeType {
    NodeType::One(ty.inner(1))
}

fn without_axis(body: &mut Body, array: Id, index: Id) -> Option<()> {
    let live = live_nodes(body);
    let mut versions: BTreeSet<Id> = BTreeSet::from([array]);
    // The loops that carry it, each with the number of the carry.
    let mut loops: BTreeSet<(Id, usize)> = BTreeSet::new();
    // What an element that is read or set is now.
    let mut now: BTreeMap<Id, Id> = BTreeMap::new();
    let is_vector = body.ty(array).rank() == 1;
    body.nodes[array.index()].ty = row(body.ty(array));
    for id in body.ids().filter(|id| live[id.index()]).collect::<Vec<_>>() {
        let mut node = body.node(id).clone();
        match &mut node.op {
            Op::Index { array, .. } if is_vector && versions.contains(array) => {
                now.insert(id, now.get(array).copied().unwrap_or(*array));
            }
            Op::Update { array, value, store, .. } if is_vector && versions.contains(array) => {
                versions.insert(id);
                match store {
                    Store::Set => {
                        now.insert(id, now.get(value).copied().unwrap_or(*value));
                    }
                    Store::Add => {
                        node.op = Op::Call(Prim::Add, [*array, *value].into());
                        node.ty = row(body.ty(id));
                    }
                }
            }
            Op::Index { array, at } if versions.contains(array) => *at = at[1..].into(),
            Op::Update { array, at, .. } if versions.contains(array) => {
                if at.len() == 1 {
                    return None;
                }
                *at = at[1..].into();
                node.ty = row(node.ty.one());
                versions.insert(id);
            }
            Op::Len(array, _) if versions.contains(array) => return None,
            Op::Build { lens, body: nested, captures } => captured(nested, lens.len(), captures, &versions, index)?,
            Op::If { then, otherwise, captures, .. } => {
                captured(then, 0, captures, &versions, index)?;
                captured(otherwise, 0, captures, &versions, index)?;
            }
            Op::Fold { inits, body: nested, captures, .. } => {
                captured(nested, 1 + inits.len(), captures, &versions, index)?;
                if let Some(k) = inits.iter().position(|init| versions.contains(init)) {
                    let here = captures.iter().position(|c| *c == index)?;
                    let (here, carry) = (nested.params[1 + inits.len() + here], nested.params[1 + k]);
                    without_axis(Rc::make_mut(nested), carry, here)?;
                    if let NodeType::Many(types) = &mut node.ty {
                        *types = (types.iter().enumerate())
                            .map(|(j, ty)| if j == k { ty.inner(1) } else { ty.clone() })
                            .collect();
                    }
                    loops.insert((id, k));
                }
            }
            Op::Get(from, k) if loops.contains(&(*from, *k as usize)) => {
                node.ty = row(node.ty.one());
                versions.insert(id);
            }
            Op::Index { .. }
            | Op::Update { .. }
            | Op::Len(..)
            | Op::Get(..)
            | Op::Const(_)
            | Op::Param(_)
            | Op::Size(_)
            | Op::Call(..)
            | Op::Cast(_)
            | Op::Array(_)
            | Op::While { .. }
            | Op::Push { .. } => {}
        }
        node.op.map_operands(|x| now.get(&x).copied().unwrap_or(x));
        body.nodes[id.index()] = node;
    }
    body.results.iter_mut().for_each(|r| *r = now.get(r).copied().unwrap_or(*r));
    Some(())
}

/// The same for what a nested body captures.
fn captured(nested: &mut Rc<Body>, first: usize, captures: &[Id], versions: &BTreeSet<Id>, index: Id) -> Option<()> {
    for c in (0..captures.len()).filter(|c| versions.contains(&captures[*c])) {
        let here = captures.iter().position(|c| *c == index)?;
        let (array, here) = (nested.params[first + c], nested.params[first + here]);
        without_axis(Rc::make_mut(nested), array, here)?;
    }
    Some(())
}
