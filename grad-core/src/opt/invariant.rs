//! What is dear to compute and the same in every iteration is computed once, before the loop.
//!
//! Only arithmetic of floats moves: it cannot panic, whether the loop runs or not. The arms of choices stay lazy. This is
//! done to derivatives, not to primals: the adjoint of what a loop that does not run never reads would be 0 · ∞ at a pole.

use std::collections::BTreeMap;

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Elem, Id, NodeType, Op, Type, Value};
use crate::prim::Cost;

/// Whether a node is a loop of any kind.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Fold { .. } | Op::While { .. } | Op::Build { .. })
}

/// Records `body` with such values before its loops, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let v = match &body.node(id).op {
            Op::Fold { inits, body: inner, captures, .. } => {
                looped(b, body, id, args, &map, (inner, 1 + inits.len(), captures))
            }
            Op::While { inits, body: inner, captures, .. } => {
                looped(b, body, id, args, &map, (inner, inits.len(), captures))
            }
            Op::Build { lens, body: inner, captures } => looped(b, body, id, args, &map, (inner, lens.len(), captures)),
            _ => b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args)),
        };
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// A loop whose body has its captures after the first parameters.
fn looped(
    b: &Builder,
    body: &Body,
    id: Id,
    args: &[Value],
    map: &[Option<Value>],
    (inner, first, captures): (&Body, usize, &[Id]),
) -> Value {
    let rebuilt = closed(b, inner);
    let moved = moved(&rebuilt, first);
    let mut given = BTreeMap::new();
    if !moved.is_empty() {
        // What moves reads none of the first parameters.
        let of = |id: &Id| map[id.index()].expect("operands come before users");
        let unread = b.bool(false);
        let outside: Vec<Value> = (0..first).map(|_| unread).chain(captures.iter().map(of)).collect();
        given.extend(moved.iter().copied().zip(b.import_given(&rebuilt, &outside, &BTreeMap::new(), &moved)));
    }
    b.import_node_with(body, id, args, map, &|which, args| {
        if std::ptr::eq(which, inner) {
            b.import_given(&rebuilt, args, &given, &rebuilt.results)
        } else {
            record(b, which, args)
        }
    })
}

/// The body with such values before the loops in it.
fn closed(outer: &Builder, body: &Body) -> Body {
    let b = outer.apart();
    let args: Vec<Value> = body.params.iter().map(|p| b.param(body.ty(*p).clone())).collect();
    b.name_like(&args, body);
    let results = record(&b, body, &args);
    b.finish(&results)
}

/// The nodes of a loop's body that move out of it: those that the iterations read and that are made of captures only.
fn moved(body: &Body, first: usize) -> Vec<Id> {
    let live = live_nodes(body);
    let is_capture = |id: Id| matches!(body.node(id).op, Op::Param(k) if k as usize >= first);
    let n = body.nodes.len();
    let (mut same, mut dear, mut read) = (vec![false; n], vec![false; n], vec![false; n]);
    for id in body.ids().filter(|id| live[id.index()]) {
        let op = &body.node(id).op;
        let scalar = matches!(&body.node(id).ty, NodeType::One(ty) if ty.is_scalar());
        same[id.index()] = scalar
            && match op {
                Op::Const(_) | Op::Size(_) => true,
                Op::Param(_) => is_capture(id),
                Op::Len(array, _) => is_capture(*array),
                Op::Cast(x) => body.ty(id).elem == Elem::Float && same[x.index()],
                // Arithmetic of integers may panic.
                Op::Call(_, args) => !matches!(body.ty(id).elem, Elem::Int(_)) && args.iter().all(|a| same[a.index()]),
                _ => false,
            };
        if let (true, Op::Call(prim, args)) = (same[id.index()], op) {
            dear[id.index()] = prim.row().cost != Cost::Cheap || args.iter().any(|a| dear[a.index()]);
        }
        if !same[id.index()] {
            op.operands(|x| read[x.index()] = true);
        }
    }
    body.results.iter().for_each(|r| read[r.index()] = true);
    body.ids().filter(|id| read[id.index()] && dear[id.index()] && *body.ty(*id) == Type::FLOAT).collect()
}
