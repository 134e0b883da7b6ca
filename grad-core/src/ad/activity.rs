//! Which values carry a derivative: floats that depend on an active parameter.

use std::collections::BTreeMap;

use crate::ir::{Body, Id, Op};

/// The active nodes of a body, given its active parameters. A node of several results is active result by result.
pub(super) struct Activity {
    nodes: Vec<bool>,
    results: BTreeMap<Id, Vec<bool>>,
}

impl Activity {
    pub(super) fn of(body: &Body, params: &[bool]) -> Activity {
        let mut activity = Activity { nodes: vec![false; body.nodes.len()], results: BTreeMap::new() };
        for id in body.ids() {
            let active = activity.node(body, id, params);
            activity.nodes[id.index()] = active;
        }
        activity
    }

    /// Whether a node, or one of its results, is active.
    pub(super) fn is(&self, id: Id) -> bool {
        self.nodes[id.index()]
    }

    /// Which results of an If or a Fold are active.
    pub(super) fn results(&self, id: Id) -> &[bool] {
        &self.results[&id]
    }

    fn node(&mut self, body: &Body, id: Id, params: &[bool]) -> bool {
        let any = |ids: &[Id]| ids.iter().any(|id| self.is(*id));
        match &body.node(id).op {
            Op::Const(_) | Op::Size(_) | Op::Len(..) | Op::Cast(_) => false,
            Op::Param(k) => params[*k as usize],
            Op::Call(_, args) => body.ty(id).is_float() && any(args),
            Op::Array(elements) => any(elements),
            Op::Index { array, .. } => self.is(*array),
            Op::Update { array, value, .. } | Op::Push { array, value } => self.is(*array) || self.is(*value),
            Op::Get(node, k) => self.results[node][*k as usize],
            Op::Build { lens, body: inner, captures } => {
                let mut params = vec![false; lens.len()];
                params.extend(captures.iter().map(|c| self.is(*c)));
                Activity::of(inner, &params).is(inner.results[0])
            }
            Op::If { then, otherwise, captures, .. } => {
                let params: Vec<bool> = captures.iter().map(|c| self.is(*c)).collect();
                let (a, b) = (Activity::of(then, &params), Activity::of(otherwise, &params));
                let active: Vec<bool> =
                    then.results.iter().zip(&otherwise.results).map(|(x, y)| a.is(*x) || b.is(*y)).collect();
                let any = active.contains(&true);
                self.results.insert(id, active);
                any
            }
            Op::Fold { inits, body: inner, captures, .. } | Op::While { inits, body: inner, captures, .. } => {
                // A counted loop's index comes before its carries.
                let indices = inner.params.len() - inits.len() - captures.len();
                let mut carries: Vec<bool> = inits.iter().map(|v| self.is(*v)).collect();
                let captures: Vec<bool> = captures.iter().map(|c| self.is(*c)).collect();
                // Activity spreads from carry to carry: at most one more a round.
                loop {
                    let mut params = vec![false; indices];
                    params.extend(&carries);
                    params.extend(&captures);
                    let after = Activity::of(inner, &params);
                    let next: Vec<bool> =
                        carries.iter().zip(&inner.results).map(|(before, r)| *before || after.is(*r)).collect();
                    if next == carries {
                        break;
                    }
                    carries = next;
                }
                let any = carries.contains(&true);
                self.results.insert(id, carries);
                any
            }
        }
    }
}
