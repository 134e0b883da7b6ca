//! What only one arm of a choice reads is computed in that arm: it is not evaluated where the other is taken, and its
//! derivative cannot spoil the other's (the square root in `let a = √x; if x > 0 { a } else { 0 }`).

use std::cell::RefCell;

use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Id, Op, Value};
use crate::prim::Prim;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Arm {
    choice: Id,
    then: bool,
}

/// Records `body` with such values in their arms, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    let live = live_nodes(body);
    let sunk = sunk(body, &live);
    let mut in_arm: Vec<Vec<(Arm, Id)>> = vec![Vec::new(); body.nodes.len()];
    for id in body.ids() {
        if let Some(arm) = sunk[id.index()] {
            in_arm[arm.choice.index()].push((arm, id));
        }
    }
    let map: RefCell<Vec<Option<Value>>> = RefCell::new(vec![None; body.nodes.len()]);
    let nested = |inner: &Body, args: &[Value]| record(b, inner, args);
    let plain = |id: Id| {
        let v = b.import_node_with(body, id, args, &map.borrow(), &nested);
        map.borrow_mut()[id.index()] = Some(v);
    };
    // Choices inside an arm are recorded from there: nesting is bounded by that of the source.
    struct Walk<'w> {
        b: &'w Builder,
        body: &'w Body,
        in_arm: &'w [Vec<(Arm, Id)>],
        map: &'w RefCell<Vec<Option<Value>>>,
        plain: &'w dyn Fn(Id),
    }
    impl Walk<'_> {
        fn node(&self, id: Id) {
            let inside = &self.in_arm[id.index()];
            if inside.is_empty() {
                return (self.plain)(id);
            }
            let of = |id: Id| self.map.borrow()[id.index()].expect("operands come before users");
            let enter = |then: bool| {
                for (arm, id) in inside {
                    if arm.then == then {
                        self.node(*id);
                    }
                }
            };
            let v = match &self.body.node(id).op {
                Op::Call(Prim::Select, args) => {
                    let arm = |then: bool, k: usize| {
                        enter(then);
                        vec![of(args[k])]
                    };
                    self.b.branch(of(args[0]), || arm(true, 1), || arm(false, 2))[0]
                }
                Op::If { cond, then, otherwise, captures } => {
                    let arm = |which: bool, arm: &Body| {
                        enter(which);
                        // A capture that the other arm alone reads has no value here, and none is needed.
                        let args: Vec<Value> = captures
                            .iter()
                            .map(|c| self.map.borrow()[c.index()].unwrap_or_else(|| self.b.bool(false)))
                            .collect();
                        record(self.b, arm, &args)
                    };
                    let results = self.b.branch(
                        of(*cond),
                        || arm(true, then),
                        || {
                            for (arm, id) in inside {
                                if arm.then {
                                    self.map.borrow_mut()[id.index()] = None;
                                }
                            }
                            arm(false, otherwise)
                        },
                    );
                    self.b.bundle(&results)
                }
                _ => unreachable!("values sink into choices"),
            };
            if let Some(name) = self.body.names.get(&id) {
                self.b.name(v, name);
            }
            self.map.borrow_mut()[id.index()] = Some(v);
        }
    }
    let walk = Walk { b, body, in_arm: &in_arm, map: &map, plain: &plain };
    for id in body.ids().filter(|id| live[id.index()] && sunk[id.index()].is_none()) {
        walk.node(id);
    }
    let map = map.borrow();
    body.results.iter().map(|r| map[r.index()].expect("a result is not sunk")).collect()
}

/// How many choices deep a value may sink: each is a body inside the one before.
const DEEPEST: usize = 32;

/// The arm that each node sinks into, if it does.
fn sunk(body: &Body, live: &[bool]) -> Vec<Option<Arm>> {
    // What each node's users agree on: nothing yet, one arm, or no arm.
    let mut agreed: Vec<Option<Option<Arm>>> = vec![None; body.nodes.len()];
    let mut depth = vec![0_usize; body.nodes.len()];
    let mut sunk: Vec<Option<Arm>> = vec![None; body.nodes.len()];
    let meet = |agreed: &mut Vec<Option<Option<Arm>>>, id: Id, arm: Option<Arm>| {
        let slot = &mut agreed[id.index()];
        *slot = match *slot {
            None => Some(arm),
            Some(before) if before == arm => Some(before),
            Some(_) => Some(None),
        };
    };
    for r in &body.results {
        meet(&mut agreed, *r, None);
    }
    for id in body.ids().rev().filter(|id| live[id.index()]) {
        let op = &body.node(id).op;
        let movable = match op {
            Op::Call(..) | Op::Cast(_) | Op::Index { .. } | Op::If { .. } | Op::Build { .. } | Op::Fold { .. } => true,
            Op::While { .. } | Op::Array(_) | Op::Get(..) | Op::Len(..) => true,
            Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Update { .. } | Op::Push { .. } => false,
        };
        if let (true, Some(Some(arm))) = (movable, agreed[id.index()])
            && depth[arm.choice.index()] < DEEPEST
        {
            sunk[id.index()] = Some(arm);
            depth[id.index()] = depth[arm.choice.index()] + 1;
        }
        let here = sunk[id.index()];
        match op {
            Op::Call(Prim::Select, args) => {
                meet(&mut agreed, args[0], here);
                meet(&mut agreed, args[1], Some(Arm { choice: id, then: true }));
                meet(&mut agreed, args[2], Some(Arm { choice: id, then: false }));
            }
            Op::If { cond, then, otherwise, captures } => {
                meet(&mut agreed, *cond, here);
                for (k, c) in captures.iter().enumerate() {
                    match (reads(then, k), reads(otherwise, k)) {
                        (true, false) => meet(&mut agreed, *c, Some(Arm { choice: id, then: true })),
                        (false, true) => meet(&mut agreed, *c, Some(Arm { choice: id, then: false })),
                        (true, true) => meet(&mut agreed, *c, here),
                        (false, false) => {}
                    }
                }
            }
            op => op.operands(|x| meet(&mut agreed, x, here)),
        }
    }
    sunk
}

fn reads(body: &Body, k: usize) -> bool {
    let param = body.params[k];
    let mut read = body.results.contains(&param);
    body.ids().for_each(|id| body.node(id).op.operands(|x| read |= x == param));
    read
}
