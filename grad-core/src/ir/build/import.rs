//! Bodies recorded again, and what of them is needed.

use std::collections::BTreeMap;

use super::super::{Body, Id, NodeType, Op};
use super::{Builder, Value};

impl Builder {
    /// Records a body again, through the constructors, with `args` for its parameters: its results.
    pub fn import(&self, body: &Body, args: &[Value]) -> Vec<Value> {
        let map = self.import_all(body, args);
        body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
    }

    /// [`Builder::import`], giving the value of every node that a result needs.
    pub fn import_all(&self, body: &Body, args: &[Value]) -> Vec<Option<Value>> {
        let live = live_nodes(body);
        let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
        for id in body.ids() {
            if live[id.index()] {
                let v = self.import_node(body, id, args, &map);
                map[id.index()] = Some(v);
            }
        }
        map
    }

    /// The nodes `wanted` of a body, and just what they need, where the values of some nodes are given.
    pub(crate) fn import_given(
        &self,
        body: &Body,
        args: &[Value],
        given: &BTreeMap<Id, Value>,
        wanted: &[Id],
    ) -> Vec<Value> {
        let mut needed = vec![false; body.nodes.len()];
        wanted.iter().for_each(|id| needed[id.index()] = true);
        for id in body.ids().rev() {
            if needed[id.index()] && !given.contains_key(&id) {
                body.node(id).op.operands(|x| needed[x.index()] = true);
            }
        }
        let mut map = vec![None; body.nodes.len()];
        for id in body.ids().filter(|id| needed[id.index()]) {
            let v = match given.get(&id) {
                Some(v) => *v,
                None => self.import_node(body, id, args, &map),
            };
            map[id.index()] = Some(v);
        }
        wanted.iter().map(|id| map[id.index()].expect("what is wanted has been imported")).collect()
    }

    /// One node of a body whose operands have been imported.
    pub fn import_node(&self, body: &Body, id: Id, args: &[Value], map: &[Option<Value>]) -> Value {
        self.import_node_with(body, id, args, map, &|body, args| self.import(body, args))
    }

    /// [`Builder::import_node`] with nested bodies recorded by `inner`.
    pub(crate) fn import_node_with(
        &self,
        body: &Body,
        id: Id,
        args: &[Value],
        map: &[Option<Value>],
        nested: &dyn Fn(&Body, &[Value]) -> Vec<Value>,
    ) -> Value {
        let of = |id: Id| map[id.index()].expect("operands come before users");
        let all = |ids: &[Id]| -> Vec<Value> { ids.iter().map(|id| of(*id)).collect() };
        if let Some(origin) = body.origin(id) {
            self.set_origin(Some(origin));
        }
        let v = match &body.node(id).op {
            Op::Const(lit) => self.constant(*lit),
            Op::Param(k) => args[*k as usize],
            Op::Size(size) => self.size(*size),
            Op::Call(prim, args) => self.call(*prim, &all(args)),
            Op::Cast(x) => self.cast(of(*x), body.ty(id).elem),
            Op::Array(elements) if elements.is_empty() => {
                self.intern(Op::Array(Box::new([])), body.node(id).ty.clone())
            }
            Op::Array(elements) => self.array(&all(elements)),
            Op::Index { array, at } => self.index(of(*array), &all(at)),
            Op::Update { array, at, value, store } => self.update(of(*array), &all(at), of(*value), *store),
            Op::Push { array, value } => self.push(of(*array), of(*value)),
            Op::Len(array, axis) => self.len(of(*array), *axis as usize),
            Op::Get(node, k) => self.import_get(body, *node, *k, map),
            Op::Build { lens, body: inner, captures } => {
                let captures = all(captures);
                self.build(&all(lens), |indices| {
                    self.name_like(indices, inner);
                    let args: Vec<Value> = indices.iter().chain(&captures).copied().collect();
                    nested(inner, &args)[0]
                })
            }
            Op::If { cond, then, otherwise, captures } => {
                let captures = all(captures);
                let results = self.branch(of(*cond), || nested(then, &captures), || nested(otherwise, &captures));
                self.bundle(&results)
            }
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                let captures = all(captures);
                let results = self.fold((of(*lo), of(*hi)), *direction, &all(inits), |i, carries| {
                    let args: Vec<Value> = std::iter::once(&i).chain(carries).chain(&captures).copied().collect();
                    self.name_like(&args[..1 + carries.len()], inner);
                    nested(inner, &args)
                });
                self.bundle(&results)
            }
            Op::While { cond, inits, body: inner, captures } => {
                let captures = all(captures);
                let with = |carries: &[Value]| -> Vec<Value> { carries.iter().chain(&captures).copied().collect() };
                let results = self.repeat(
                    &all(inits),
                    |carries| {
                        self.name_like(carries, inner);
                        nested(cond, &with(carries))[0]
                    },
                    |carries| {
                        self.name_like(carries, inner);
                        nested(inner, &with(carries))
                    },
                );
                self.bundle(&results)
            }
        };
        if let Some(name) = body.names.get(&id)
            && !matches!(body.node(id).op, Op::Param(_))
        {
            self.name(v, name);
        }
        v
    }

    fn import_get(&self, body: &Body, node: Id, k: u32, map: &[Option<Value>]) -> Value {
        let _ = body;
        let bundle = map[node.index()].expect("operands come before users");
        self.unbundle(bundle)[k as usize]
    }

    /// Several values as one, for a map from nodes to values: results of an If or a Fold that simplified to anything.
    /// The node is never a result of a body and never reaches a back end.
    pub(crate) fn bundle(&self, values: &[Value]) -> Value {
        let values: Vec<Value> = values.iter().map(|v| self.local(*v)).collect();
        let types = values.iter().map(|v| self.ty(*v)).collect();
        self.intern(Op::Array(values.iter().map(|v| v.id).collect()), NodeType::Many(types))
    }

    /// What [`Builder::bundle`] put together.
    pub(crate) fn unbundle(&self, bundle: Value) -> Vec<Value> {
        match self.op(bundle) {
            Op::Array(ids) => ids.iter().map(|id| self.sibling(bundle, *id)).collect(),
            _ => unreachable!("a bundle is an array of results"),
        }
    }
}

/// The body without the nodes that no result needs. The first `fixed` parameters stay; the numbers of the further ones
/// that stay come with it.
pub(crate) fn prune(body: &Body, fixed: usize) -> (Body, Vec<usize>) {
    let mut live = vec![false; body.nodes.len()];
    for r in body.results.iter().chain(&body.params[..fixed]) {
        live[r.index()] = true;
    }
    for id in body.ids().rev() {
        if live[id.index()] {
            body.node(id).op.operands(|x| live[x.index()] = true);
        }
    }
    let kept: Vec<usize> = (fixed..body.params.len()).filter(|k| live[body.params[*k].index()]).collect();
    let mut pruned = Body::default();
    let mut map: Vec<Id> = vec![Id(u32::MAX); body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let new = Id(u32::try_from(pruned.nodes.len()).expect("a body has fewer than 2^32 nodes"));
        map[id.index()] = new;
        let mut node = body.node(id).clone();
        node.op.map_operands(|x| map[x.index()]);
        if let Op::Param(k) = &mut node.op
            && let Some(place) = kept.iter().position(|kept| *kept == *k as usize)
        {
            *k = u32::try_from(fixed + place).expect("few parameters");
        }
        pruned.nodes.push(node);
        if let Some(name) = body.names.get(&id) {
            pruned.names.insert(new, name.clone());
        }
        if let Some(origin) = body.origin(id) {
            pruned.set_origin(new, origin);
        }
    }
    let params = (0..fixed).chain(kept.iter().copied()).map(|k| map[body.params[k].index()]).collect();
    pruned.params = params;
    pruned.results = body.results.iter().map(|r| map[r.index()]).collect();
    (pruned, kept)
}

/// Which nodes a result needs; parameters are always needed.
#[must_use]
pub fn live_nodes(body: &Body) -> Vec<bool> {
    let mut live = vec![false; body.nodes.len()];
    for r in body.results.iter().chain(&body.params) {
        live[r.index()] = true;
    }
    for id in body.ids().rev() {
        if live[id.index()] {
            body.node(id).op.operands(|x| live[x.index()] = true);
        }
    }
    live
}
