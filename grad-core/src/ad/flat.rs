//! Parameters that reach the results only through what is flat: a rounding, a sign, a cast to an integer.
//!
//! Such a derivative is right, and zero, and hardly what was meant. What decides a branch or an index is not looked at:
//! that is how tables and thresholds are written.

use std::collections::BTreeMap;

use crate::diagnostic::Origin;
use crate::ir::{Body, Elem, Function, Id, Op};

/// How a result depends on a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// With a derivative.
    Smooth,
    /// Through something flat only: where that is, as far as it is known.
    Flat(Option<Origin>),
    /// Not at all, or by which branch is taken and which element is read.
    None,
}

/// How the results of floats depend on the k-th parameter.
#[must_use]
pub fn dependence(f: &Function, k: usize) -> Dependence {
    let mut params = vec![Dependence::None; f.params.len()];
    params[k] = Dependence::Smooth;
    let reached = Reached::of(&f.body, &params);
    let floats = f.body.results.iter().filter(|r| f.body.ty(**r).is_float());
    joined(floats.map(|r| reached.nodes[r.index()]))
}

/// The strongest of several.
fn joined(all: impl IntoIterator<Item = Dependence>) -> Dependence {
    all.into_iter().fold(Dependence::None, |a, b| match (a, b) {
        (Dependence::Smooth, _) | (_, Dependence::Smooth) => Dependence::Smooth,
        (Dependence::Flat(at), _) | (_, Dependence::Flat(at)) => Dependence::Flat(at),
        (Dependence::None, Dependence::None) => Dependence::None,
    })
}

/// How the nodes of a body depend on a parameter of the function.
struct Reached {
    nodes: Vec<Dependence>,
    /// Of a choice or a loop, result by result.
    results: BTreeMap<Id, Vec<Dependence>>,
}

impl Reached {
    fn of(body: &Body, params: &[Dependence]) -> Reached {
        let mut reached = Reached { nodes: vec![Dependence::None; body.nodes.len()], results: BTreeMap::new() };
        for id in body.ids() {
            reached.nodes[id.index()] = reached.node(body, id, params);
        }
        reached
    }

    fn at(&self, id: Id) -> Dependence {
        self.nodes[id.index()]
    }

    fn all(&self, ids: &[Id]) -> Vec<Dependence> {
        ids.iter().map(|id| self.at(*id)).collect()
    }

    fn node(&mut self, body: &Body, id: Id, params: &[Dependence]) -> Dependence {
        let flat = |of: Dependence| match of {
            Dependence::Smooth => Dependence::Flat(body.origin(id)),
            Dependence::Flat(_) | Dependence::None => of,
        };
        match &body.node(id).op {
            Op::Const(_) | Op::Size(_) | Op::Len(..) => Dependence::None,
            Op::Param(k) => params[*k as usize],
            Op::Cast(x) => flat(self.at(*x)),
            // What is compared decides, and is no part of the value.
            Op::Call(..) if body.ty(id).elem == Elem::Bool => Dependence::None,
            Op::Call(prim, args) => {
                let row = prim.row();
                let through = |(k, x): (usize, &Id)| {
                    if row.partials.get(k) == Some(&"0.0") { flat(self.at(*x)) } else { self.at(*x) }
                };
                joined(args.iter().enumerate().map(through))
            }
            Op::Array(elements) => joined(self.all(elements)),
            Op::Index { array, .. } => self.at(*array),
            Op::Update { array, value, .. } | Op::Push { array, value } => joined(self.all(&[*array, *value])),
            Op::Get(node, k) => self.results[node][*k as usize],
            Op::Build { lens, body: inner, captures } => {
                let mut params = vec![Dependence::None; lens.len()];
                params.extend(self.all(captures));
                Reached::of(inner, &params).at(inner.results[0])
            }
            Op::If { then, otherwise, captures, .. } => {
                let captures = self.all(captures);
                let (a, b) = (Reached::of(then, &captures), Reached::of(otherwise, &captures));
                let pairs = then.results.iter().zip(&otherwise.results);
                let results: Vec<Dependence> = pairs.map(|(x, y)| joined([a.at(*x), b.at(*y)])).collect();
                self.several(id, results)
            }
            Op::Fold { inits, body: inner, captures, .. } | Op::While { inits, body: inner, captures, .. } => {
                // A counted loop's index comes before its carries.
                let indices = inner.params.len() - inits.len() - captures.len();
                let (mut carries, captures) = (self.all(inits), self.all(captures));
                // A dependence spreads from carry to carry, at most one more a round, and only gets stronger.
                loop {
                    let mut params = vec![Dependence::None; indices];
                    params.extend(&carries);
                    params.extend(&captures);
                    let after = Reached::of(inner, &params);
                    let next: Vec<Dependence> =
                        carries.iter().zip(&inner.results).map(|(before, r)| joined([*before, after.at(*r)])).collect();
                    if next == carries {
                        break;
                    }
                    carries = next;
                }
                self.several(id, carries)
            }
        }
    }

    fn several(&mut self, id: Id, results: Vec<Dependence>) -> Dependence {
        let whole = joined(results.iter().copied());
        self.results.insert(id, results);
        whole
    }
}
