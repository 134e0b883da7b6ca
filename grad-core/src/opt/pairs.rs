//! Two nodes of a body made one, as often as a pass finds two that may be.

use std::collections::BTreeSet;

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Value};

/// More candidates than this in one body are left as they are: the search for pairs is quadratic.
pub(super) const MOST_CANDIDATES: usize = 64;

/// Records `body` with pairs of nodes as one, nested bodies too; `joined` gives a body in which one more pair is one.
pub(super) fn record(
    b: &Builder,
    body: &Body,
    args: &[Value],
    joined: &dyn Fn(&Builder, &Body) -> Option<Body>,
) -> Vec<Value> {
    let mut current = None;
    for _ in 0..MOST_CANDIDATES {
        let body = current.as_ref().unwrap_or(body);
        let Some(next) = joined(b, body) else { break };
        current = Some(next);
    }
    let body = current.as_ref().unwrap_or(body);
    let live = live_nodes(body);
    let mut map = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        map[id.index()] = Some(b.import_node_with(body, id, args, &map, &|inner, args| record(b, inner, args, joined)));
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// For each node of a body, which of some nodes it depends on.
pub(super) struct Dependence(Vec<BTreeSet<Id>>);

impl Dependence {
    /// Of the live nodes of a body on those given.
    pub(super) fn on(nodes: &[Id], body: &Body, live: &[bool]) -> Dependence {
        let mut depends: Vec<BTreeSet<Id>> = vec![BTreeSet::new(); body.nodes.len()];
        for id in body.ids().filter(|id| live[id.index()]) {
            let mut set = BTreeSet::new();
            body.node(id).op.operands(|x| set.extend(depends[x.index()].iter().copied()));
            if nodes.contains(&id) {
                set.insert(id);
            }
            depends[id.index()] = set;
        }
        Dependence(depends)
    }

    /// Whether a node needs another one, or is that.
    pub(super) fn needs(&self, id: Id, other: Id) -> bool {
        self.0[id.index()].contains(&other)
    }
}

/// The body with two nodes recorded as one by `together`, which gives what becomes of each (of the first, nothing where only
/// the second reads it): all that needs neither comes before them, the rest after.
pub(super) fn merged(
    outer: &Builder,
    body: &Body,
    (first, second): (Id, Id),
    together: impl FnOnce(&Builder, &[Option<Value>]) -> (Option<Value>, Value),
) -> Body {
    let b = outer.apart();
    let args: Vec<Value> = body.params.iter().map(|p| b.param(body.ty(*p).clone())).collect();
    b.name_like(&args, body);
    let live = live_nodes(body);
    let late = Dependence::on(&[first, second], body, &live);
    let is_late = |id: Id| late.needs(id, first) || late.needs(id, second);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()] && !is_late(*id)) {
        map[id.index()] = Some(b.import_node(body, id, &args, &map));
    }
    let (one, other) = together(&b, &map);
    map[first.index()] = one;
    map[second.index()] = Some(other);
    for id in body.ids().filter(|id| live[id.index()] && is_late(*id)) {
        if id != first && id != second {
            map[id.index()] = Some(b.import_node(body, id, &args, &map));
        }
    }
    let results: Vec<Value> = body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect();
    b.finish(&results)
}
