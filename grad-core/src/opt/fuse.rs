//! Two loops over one range, neither of which needs the other's result, become one: a primal loop and its adjoint read
//! the data once and share what they compute. Two choices on one condition likewise, and two comprehensions that compute
//! something dear in common, as values and their tangents do.

use std::collections::BTreeMap;

use super::pairs::{self, Dependence, MOST_CANDIDATES};
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Id, Op, Store, Type, Value};
use crate::prim::Cost;

/// Records `body` with its loops fused, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    pairs::record(b, body, args, &|b, body| {
        let (first, second) = pair(body)?;
        Some(pairs::merged(b, body, (first, second), |b, map| {
            let (one, other) = together(b, body, first, second, map);
            (Some(one), other)
        }))
    })
}

/// Whether a node computes more than arithmetic.
fn is_dear(op: &Op) -> bool {
    match op {
        Op::Call(prim, _) => prim.row().cost == Cost::Transcendental,
        Op::Fold { .. } | Op::While { .. } => true,
        Op::If { then, otherwise, .. } => then.nodes.iter().chain(&otherwise.nodes).any(|node| is_dear(&node.op)),
        Op::Build { body, .. } => body.nodes.iter().any(|node| is_dear(&node.op)),
        _ => false,
    }
}

/// Whether a node is one that may become one with another.
fn is_candidate(body: &Body, id: Id) -> bool {
    match &body.node(id).op {
        Op::Fold { .. } | Op::If { .. } => true,
        op @ Op::Build { lens, .. } => lens.len() == body.ty(id).rank() && body.ty(id).is_float() && is_dear(op),
        _ => false,
    }
}

/// Whether the elements of two comprehensions over the same places have something dear in common.
fn share(x: &Body, captures_x: &[Id], y: &Body, captures_y: &[Id]) -> bool {
    let b = Builder::new();
    let axes = x.params.len() - captures_x.len();
    let indices: Vec<Value> = (0..axes).map(|_| b.param(Type::INDEX)).collect();
    let mut captured: BTreeMap<Id, Value> = BTreeMap::new();
    let mut element = |body: &Body, captures: &[Id]| {
        let captures = captures.iter().zip(&body.params[axes..]);
        let captures = captures.map(|(c, p)| *captured.entry(*c).or_insert_with(|| b.param(body.ty(*p).clone())));
        let args: Vec<Value> = indices.iter().copied().chain(captures).collect();
        b.import(body, &args)[0]
    };
    let results = [element(x, captures_x), element(y, captures_y)];
    let both = b.finish(&results);
    let of = |k: usize| live_nodes(&Body { results: vec![both.results[k]], ..both.clone() });
    let (of_x, of_y) = (of(0), of(1));
    // Loops that are not the same may still become one.
    let meets = |id: Id, other: Id| match (&both.node(id).op, &both.node(other).op) {
        (op @ Op::Fold { .. }, other @ Op::Fold { .. }) => alike(op, other),
        (op, _) => id == other && is_dear(op),
    };
    let within = |of: &[bool]| -> Vec<Id> {
        both.ids().filter(|id| of[id.index()] && is_dear(&both.node(*id).op)).take(MOST_CANDIDATES).collect()
    };
    let (of_x, of_y) = (within(&of_x), within(&of_y));
    of_x.iter().any(|x| of_y.iter().any(|y| meets(*x, *y)))
}

/// Whether two nodes are loops over one range, choices on one condition, or comprehensions that share something dear.
fn alike(x: &Op, y: &Op) -> bool {
    match (x, y) {
        (
            Op::Build { lens: lens_x, body: x, captures: captures_x },
            Op::Build { lens: lens_y, body: y, captures: captures_y },
        ) => lens_x == lens_y && share(x, captures_x, y, captures_y),
        (Op::Fold { lo: a, hi: b, direction: c, .. }, Op::Fold { lo: d, hi: e, direction: f, .. }) => {
            (a, b, c) == (d, e, f)
        }
        (Op::If { cond: a, .. }, Op::If { cond: b, .. }) => a == b,
        _ => false,
    }
}

/// Two nodes that can become one.
fn pair(body: &Body) -> Option<(Id, Id)> {
    let live = live_nodes(body);
    let nodes: Vec<Id> = body.ids().filter(|id| live[id.index()] && is_candidate(body, *id)).collect();
    if nodes.len() < 2 || nodes.len() > MOST_CANDIDATES {
        return None;
    }
    let depends = Dependence::on(&nodes, body, &live);
    for (k, second) in nodes.iter().enumerate() {
        for first in &nodes[..k] {
            if !depends.needs(*second, *first) && alike(&body.node(*first).op, &body.node(*second).op) {
                return Some((*first, *second));
            }
        }
    }
    None
}

/// Two arrays, filled in one loop over the axes after those in `at`.
fn tabulated(
    b: &Builder,
    lens: &[Value],
    at: &mut Vec<Value>,
    arrays: [Value; 2],
    elements: &dyn Fn(&[Value]) -> [Value; 2],
) -> [Value; 2] {
    if at.len() == lens.len() {
        let values = elements(at);
        return [0, 1].map(|k| b.update(arrays[k], at, values[k], Store::Set));
    }
    let filled = b.fold((b.index_lit(0), lens[at.len()]), Direction::Up, &arrays, |i, carries| {
        at.push(i);
        let filled = tabulated(b, lens, at, [carries[0], carries[1]], elements);
        at.pop();
        filled.to_vec()
    });
    [filled[0], filled[1]]
}

/// Both nodes as one, and the results of each.
fn together(b: &Builder, body: &Body, first: Id, second: Id, map: &[Option<Value>]) -> (Value, Value) {
    let all = |ids: &[Id]| -> Vec<Value> {
        ids.iter().map(|id| map[id.index()].expect("neither node needs the other")).collect()
    };
    let of = |id: Id| map[id.index()].expect("neither node needs the other");
    if let (
        Op::Build { lens, body: body_1, captures: captures_1 },
        Op::Build { body: body_2, captures: captures_2, .. },
    ) = (&body.node(first).op, &body.node(second).op)
    {
        let (lens, captures_1, captures_2) = (all(lens), all(captures_1), all(captures_2));
        let elements = |at: &[Value]| {
            b.name_like(at, body_1);
            b.name_like(at, body_2);
            let args = |captures: &[Value]| -> Vec<Value> { at.iter().chain(captures).copied().collect() };
            [b.import(body_1, &args(&captures_1))[0], b.import(body_2, &args(&captures_2))[0]]
        };
        let zeros = b.build(&lens, |_| b.float(0.0));
        let [x, y] = tabulated(b, &lens, &mut Vec::new(), [zeros; 2], &elements);
        b.name_as(x, body, first);
        b.name_as(y, body, second);
        return (x, y);
    }
    let mut results = match (&body.node(first).op, &body.node(second).op) {
        (
            Op::Fold { lo, hi, direction, inits: inits_1, body: body_1, captures: captures_1 },
            Op::Fold { inits: inits_2, body: body_2, captures: captures_2, .. },
        ) => {
            let (captures_1, captures_2) = (all(captures_1), all(captures_2));
            let inits: Vec<Value> = all(inits_1).into_iter().chain(all(inits_2)).collect();
            b.fold((of(*lo), of(*hi)), *direction, &inits, |i, carries| {
                let (carries_1, carries_2) = carries.split_at(inits_1.len());
                for (carries, body) in [(carries_1, body_1), (carries_2, body_2)] {
                    b.name_as(i, body, body.params[0]);
                    carries.iter().zip(&body.params[1..]).for_each(|(v, id)| b.name_as(*v, body, *id));
                }
                let args = |carries: &[Value], captures: &[Value]| -> Vec<Value> {
                    std::iter::once(&i).chain(carries).chain(captures).copied().collect()
                };
                let mut results = b.import(body_1, &args(carries_1, &captures_1));
                results.extend(b.import(body_2, &args(carries_2, &captures_2)));
                results
            })
        }
        (
            Op::If { cond, then: then_1, otherwise: otherwise_1, captures: captures_1 },
            Op::If { then: then_2, otherwise: otherwise_2, captures: captures_2, .. },
        ) => {
            let (captures_1, captures_2) = (all(captures_1), all(captures_2));
            let arm = |x: &Body, y: &Body| {
                let mut results = b.import(x, &captures_1);
                results.extend(b.import(y, &captures_2));
                results
            };
            b.branch(of(*cond), || arm(then_1, then_2), || arm(otherwise_1, otherwise_2))
        }
        _ => unreachable!("a pair is two loops or two choices"),
    };
    let n = match &body.node(first).op {
        Op::Fold { inits, .. } => inits.len(),
        Op::If { then, .. } => then.results.len(),
        _ => unreachable!("a pair is two loops or two choices"),
    };
    let rest = results.split_off(n);
    (b.bundle(&results), b.bundle(&rest))
}
