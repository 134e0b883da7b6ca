//! An array that holds already what a body would write into it: the body is recorded without the writing.
//!
//! The adjoint of a loop whose array is written once (see [`super::write_once`]) gets the array as it is after the loop.
//! Every version of the array within an iteration is that array, as far as anyone reads it.

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Op, Value};

/// For each node the number of the parameter that it is a version of, among those in `of`: the parameter itself, an
/// update of a version, what a loop or a choice makes of one.
pub(super) fn versions(body: &Body, of: &[bool]) -> Vec<Option<usize>> {
    let mut versions: Vec<Option<usize>> = vec![None; body.nodes.len()];
    if !of.contains(&true) {
        return versions;
    }
    for (k, param) in body.params.iter().enumerate().filter(|(k, _)| of[*k]) {
        versions[param.index()] = Some(k);
    }
    for id in body.ids() {
        let version = match &body.node(id).op {
            Op::Update { array, .. } => versions[array.index()],
            Op::Get(node, k) => match &body.node(*node).op {
                Op::Fold { inits, .. } => versions[inits[*k as usize].index()],
                Op::If { then, captures, .. } => {
                    let inner = self::versions(then, &flags(captures, &versions));
                    inner[then.results[*k as usize].index()].and_then(|c| versions[captures[c].index()])
                }
                _ => None,
            },
            _ => continue,
        };
        versions[id.index()] = version;
    }
    versions
}

/// Which of some nodes are versions.
pub(super) fn flags(ids: &[Id], versions: &[Option<usize>]) -> Vec<bool> {
    ids.iter().map(|id| versions[id.index()].is_some()).collect()
}

/// Which parameters of a loop's body are versions: the index, the carries, the captures.
pub(super) fn loop_flags(inits: &[Id], captures: &[Id], versions: &[Option<usize>]) -> Vec<bool> {
    std::iter::once(false).chain(flags(inits, versions)).chain(flags(captures, versions)).collect()
}

/// Records a body whose parameters in `settled` hold what it would write: the value of each live node.
pub(crate) fn record(b: &Builder, body: &Body, args: &[Value], settled: &[bool]) -> Vec<Option<Value>> {
    let versions = versions(body, settled);
    let live = live_nodes(body);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        map[id.index()] = Some(match versions[id.index()] {
            Some(k) => args[k],
            None => node(b, body, id, args, &map, &versions),
        });
    }
    map
}

/// One node that is not a version itself.
pub(super) fn node(
    b: &Builder,
    body: &Body,
    id: Id,
    args: &[Value],
    map: &[Option<Value>],
    versions: &[Option<usize>],
) -> Value {
    let results = |inner: &Body, args: &[Value], settled: &[bool]| -> Vec<Value> {
        let map = record(b, inner, args, settled);
        inner.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
    };
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    match &body.node(id).op {
        Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
            let settled = loop_flags(inits, captures, versions);
            if !settled.contains(&true) {
                return b.import_node(body, id, args, map);
            }
            if let Some(origin) = body.origin(id) {
                b.set_origin(Some(origin));
            }
            let inits: Vec<Value> = inits.iter().map(of).collect();
            let captures: Vec<Value> = captures.iter().map(of).collect();
            let all = b.fold((of(lo), of(hi)), *direction, &inits, |i, carries| {
                b.name_as(i, inner, inner.params[0]);
                let inside = (0..inits.len()).map(|k| if settled[1 + k] { inits[k] } else { carries[k] });
                for (k, carry) in carries.iter().enumerate().filter(|(k, _)| !settled[1 + k]) {
                    b.name_as(*carry, inner, inner.params[1 + k]);
                }
                let args: Vec<Value> = std::iter::once(i).chain(inside).chain(captures.iter().copied()).collect();
                let after = results(inner, &args, &settled);
                (0..inits.len()).map(|k| if settled[1 + k] { carries[k] } else { after[k] }).collect()
            });
            b.bundle(&all)
        }
        Op::If { captures, .. } | Op::Build { captures, .. } | Op::While { captures, .. } => {
            let captured = flags(captures, versions);
            if !captured.contains(&true) {
                return b.import_node(body, id, args, map);
            }
            b.import_node_with(body, id, args, map, &|inner, args| {
                // The captures are the last parameters.
                let mut settled = vec![false; args.len() - captured.len()];
                settled.extend(&captured);
                results(inner, args, &settled)
            })
        }
        _ => b.import_node(body, id, args, map),
    }
}
