//! A carried array that is written at the loop's own index only, and read only where an earlier iteration wrote (or where
//! no iteration writes), holds after the loop every value that was read in it: it needs no tape.
//!
//! In iteration i of an upward loop that means: each write at row i, each read at a row r < i; downward, r > i. The proof
//! looks at the shape of r: i − c, an inner index that ends at i, …

use crate::ir::{Body, Direction, Id, Op};
use crate::prim::Prim;

/// Whether the k-th carry of a loop's body is such an array.
pub(super) fn proves(body: &Body, k: usize, direction: Direction) -> bool {
    let param = body.params[1 + k];
    if body.ty(param).is_scalar() {
        return false;
    }
    let index = body.params[0];
    let mut versions = vec![false; body.nodes.len()];
    versions[param.index()] = true;
    let frame = Frame { body, outer: None };
    for id in body.ids() {
        match &body.node(id).op {
            Op::Update { array, at, value, .. } if versions[array.index()] => {
                if at[0] != index || versions[value.index()] {
                    return false;
                }
                versions[id.index()] = true;
            }
            op => {
                let mut touched = false;
                op.operands(|x| touched |= versions[x.index()]);
                if touched && !(reads_earlier(&frame, id, &versions, Place { depth: 0, id: index }, direction)) {
                    return false;
                }
            }
        }
        // Reading a version other than the first would need the value in between.
        let reads_later_version = |x: Id| versions[x.index()] && x != param;
        let mut later = false;
        if !matches!(body.node(id).op, Op::Update { .. }) {
            body.node(id).op.operands(|x| later |= reads_later_version(x));
        }
        if later {
            return false;
        }
    }
    // The carry itself comes back, by way of its updates.
    versions[body.results[k].index()] && body.results.iter().enumerate().all(|(j, r)| j == k || !versions[r.index()])
}

/// A body inside others: what its parameters stand for is found outside.
struct Frame<'a> {
    body: &'a Body,
    outer: Option<Outer<'a>>,
}

struct Outer<'a> {
    frame: &'a Frame<'a>,
    /// What each parameter is, outside: a capture, an index with its range, or neither.
    params: Vec<ParamIs>,
}

#[derive(Clone, Copy)]
enum ParamIs {
    Capture(Id),
    Index { lo: Option<Id>, hi: Id },
    Other,
}

/// A node of the frame at a depth.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    depth: usize,
    id: Id,
}

impl<'a> Frame<'a> {
    fn depth(&self) -> usize {
        self.outer.as_ref().map_or(0, |o| o.frame.depth() + 1)
    }

    fn at(&self, depth: usize) -> &Frame<'a> {
        let mut frame: &Frame<'a> = self;
        while frame.depth() > depth {
            frame = frame.outer.as_ref().expect("a deeper frame has an outer one").frame;
        }
        frame
    }

    /// Where a captured value is made.
    fn resolve(&self, id: Id) -> Place {
        let depth = self.depth();
        match (&self.body.node(id).op, &self.outer) {
            (Op::Param(k), Some(outer)) => match outer.params[*k as usize] {
                ParamIs::Capture(captured) => outer.frame.resolve(captured),
                ParamIs::Index { .. } | ParamIs::Other => Place { depth, id },
            },
            _ => Place { depth, id },
        }
    }

    /// The range of the loop whose index a place is.
    fn range(&self, place: Place) -> Option<(Option<Place>, Place)> {
        let frame = self.at(place.depth);
        let outer = frame.outer.as_ref()?;
        match frame.body.node(place.id).op {
            Op::Param(k) => match outer.params[k as usize] {
                ParamIs::Index { lo, hi } => Some((lo.map(|lo| outer.frame.resolve(lo)), outer.frame.resolve(hi))),
                ParamIs::Capture(_) | ParamIs::Other => None,
            },
            _ => None,
        }
    }

    /// (a, c) where a place is a + c or a − c with a positive literal c.
    fn offset(&self, place: Place, prim: Prim) -> Option<Place> {
        let frame = self.at(place.depth);
        let Op::Call(found, args) = &frame.body.node(place.id).op else { return None };
        let positive = |id: Id| match frame.body.node(id).op {
            Op::Const(crate::ir::Lit::Int(n, _)) => n > 0,
            _ => false,
        };
        if *found != prim {
            return None;
        }
        if positive(args[1]) {
            return Some(frame.resolve(args[0]));
        }
        (prim == Prim::Add && positive(args[0])).then(|| frame.resolve(args[1]))
    }

    /// a < i (upward), a > i (downward), proven.
    fn earlier(&self, a: Place, i: Place, direction: Direction) -> bool {
        match direction {
            Direction::Up => {
                self.offset(a, Prim::Sub).is_some_and(|x| self.not_later(x, i, direction))
                    || self.range(a).is_some_and(|(_, hi)| self.not_later(hi, i, direction))
            }
            Direction::Down => {
                self.offset(a, Prim::Add).is_some_and(|x| self.not_later(x, i, direction))
                    || self.range(a).is_some_and(|(lo, _)| lo.is_some_and(|lo| self.earlier(lo, i, direction)))
            }
        }
    }

    /// a ≤ i (upward), a ≥ i (downward), proven.
    fn not_later(&self, a: Place, i: Place, direction: Direction) -> bool {
        a == i || self.earlier(a, i, direction)
    }
}

/// Whether node `id` uses the versions only to read rows earlier than `i`.
fn reads_earlier(frame: &Frame<'_>, id: Id, versions: &[bool], i: Place, direction: Direction) -> bool {
    let is_version = |x: &Id| versions[x.index()];
    let inside = |body: &Body, params: Vec<ParamIs>, captures: &[Id], first: usize| -> bool {
        let inner = Frame { body, outer: Some(Outer { frame, params }) };
        let mut versions = vec![false; body.nodes.len()];
        for (k, c) in captures.iter().enumerate().filter(|(_, c)| is_version(c)) {
            let _ = c;
            versions[body.params[first + k].index()] = true;
        }
        if body.results.iter().any(|r| versions[r.index()]) {
            return false;
        }
        body.ids().all(|id| {
            let mut touched = false;
            body.node(id).op.operands(|x| touched |= versions[x.index()]);
            !touched || reads_earlier(&inner, id, &versions, i, direction)
        })
    };
    let capture = |captures: &[Id]| captures.iter().map(|c| ParamIs::Capture(*c)).collect::<Vec<_>>();
    match &frame.body.node(id).op {
        Op::Index { array, at } => {
            is_version(array) && !at.iter().any(is_version) && frame.earlier(frame.resolve(at[0]), i, direction)
        }
        Op::Len(..) => true,
        Op::If { then, otherwise, captures, .. } => {
            inside(then, capture(captures), captures, 0) && inside(otherwise, capture(captures), captures, 0)
        }
        Op::Build { lens, body, captures } => {
            let mut params: Vec<ParamIs> = lens.iter().map(|hi| ParamIs::Index { lo: None, hi: *hi }).collect();
            params.extend(capture(captures));
            inside(body, params, captures, lens.len())
        }
        Op::While { cond, inits, body, captures } => {
            let params: Vec<ParamIs> = inits.iter().map(|_| ParamIs::Other).chain(capture(captures)).collect();
            !inits.iter().any(is_version)
                && inside(cond, params.clone(), captures, inits.len())
                && inside(body, params, captures, inits.len())
        }
        Op::Fold { lo, hi, inits, body, captures, .. } => {
            if inits.iter().any(is_version) {
                return false;
            }
            let mut params = vec![ParamIs::Index { lo: Some(*lo), hi: *hi }];
            params.extend(inits.iter().map(|_| ParamIs::Other));
            params.extend(capture(captures));
            inside(body, params, captures, 1 + inits.len())
        }
        Op::Const(_)
        | Op::Param(_)
        | Op::Size(_)
        | Op::Call(..)
        | Op::Cast(_)
        | Op::Array(_)
        | Op::Update { .. }
        | Op::Push { .. }
        | Op::Get(..) => false,
    }
}
