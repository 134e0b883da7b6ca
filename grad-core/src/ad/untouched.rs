//! An element of a carried array that no iteration before this one has written still is what it was before the loop: it is
//! read there again, and needs no tape.
//!
//! The proof compares places as polynomials in the loop's index: with writes at w + c·i and the read at r + c·i, an earlier
//! iteration i′ hits the read where w − r = c·(i − i′). That has no solution where w = r, nor, with c = 1, where w − r lies
//! outside the iterations there are.

use super::polynomial::{
    Atom, Polynomial, atom, constant, difference, is_not_negative, is_not_positive, literal, negated, product, sum,
};
use crate::ir::{Body, Direction, Id, IntKind, Lit, Op, SizeId, Type};
use crate::prim::Prim;

/// What is known of a loop: its body, the body around it, and what the captures are there.
pub(super) struct Surroundings<'a> {
    pub(super) inner: &'a Body,
    pub(super) outer: &'a Body,
    pub(super) captures: &'a [Id],
    pub(super) carries: usize,
    /// The first index, and one past the last.
    pub(super) range: (Id, Id),
    pub(super) direction: Direction,
}

/// The place in a carried array that a node of the body reads, and which carry that is, where no earlier iteration has
/// written there.
pub(super) fn proves(of: &Surroundings<'_>, leaf: Id) -> Option<(usize, Vec<Id>)> {
    let Op::Index { array, at } = &of.inner.node(leaf).op else { return None };
    let Op::Param(p) = of.inner.node(*array).op else { return None };
    let k = (p as usize).checked_sub(1).filter(|k| *k < of.carries)?;
    let read: Vec<Place> = at.iter().map(|x| of.place(*x)).collect::<Option<_>>()?;
    for write in of.writes(k)? {
        let write: Vec<Place> = write.iter().map(|x| of.place(*x)).collect::<Option<_>>()?;
        if !read.iter().zip(&write).any(|(r, w)| of.apart(r, w)) {
            return None;
        }
    }
    Some((k, at.to_vec()))
}

/// An index: base + coefficient · i.
struct Place {
    base: Polynomial,
    coefficient: i64,
}

/// Expressions that nest deeper than this are atoms.
const DEPTH: usize = 32;

impl Surroundings<'_> {
    /// The places at which the body writes the k-th carry; nothing if it does anything else with its later versions.
    fn writes(&self, k: usize) -> Option<Vec<Vec<Id>>> {
        let body = self.inner;
        let mut versions = vec![false; body.nodes.len()];
        versions[body.params[1 + k].index()] = true;
        let mut writes = Vec::new();
        for id in body.ids() {
            match &body.node(id).op {
                Op::Update { array, at, .. } if versions[array.index()] => {
                    versions[id.index()] = true;
                    writes.push(at.to_vec());
                }
                // What is read does not matter: it is a leaf of its own.
                Op::Index { .. } | Op::Len(..) => {}
                op => {
                    let mut handed_on = false;
                    op.operands(|x| handed_on |= versions[x.index()]);
                    if handed_on {
                        return None;
                    }
                }
            }
        }
        let comes_back = |(j, r): (usize, &Id)| versions[r.index()] == (j == k);
        body.results.iter().enumerate().all(comes_back).then_some(writes)
    }

    /// Whether two places on one axis are never the same in an iteration and an earlier one.
    fn apart(&self, read: &Place, write: &Place) -> bool {
        let delta = difference(&write.base, &read.base);
        if read.coefficient != write.coefficient {
            return false;
        }
        if read.coefficient == 0 {
            return constant(&delta).is_some_and(|d| d != 0);
        }
        if delta.is_empty() {
            return true;
        }
        if read.coefficient != 1 {
            return false;
        }
        // The distances at which an earlier iteration lies are 1 to n − 1 (upward), −(n − 1) to −1 (downward).
        let (Some(lo), Some(hi)) = (self.outside(self.range.0, DEPTH), self.outside(self.range.1, DEPTH)) else {
            return false;
        };
        let n = difference(&hi, &lo);
        match self.direction {
            Direction::Up => is_not_positive(&delta) || is_not_positive(&difference(&n, &delta)),
            Direction::Down => is_not_negative(&delta) || is_not_negative(&difference(&negated(&n), &delta)),
        }
    }

    /// A node of the body as a place.
    fn place(&self, id: Id) -> Option<Place> {
        self.inside(id, DEPTH)
    }

    fn inside(&self, id: Id, depth: usize) -> Option<Place> {
        let plain = |base: Polynomial| Place { base, coefficient: 0 };
        let depth = depth.checked_sub(1)?;
        match &self.inner.node(id).op {
            Op::Const(Lit::Int(n, _)) => Some(plain(literal(*n))),
            Op::Size(size) => Some(plain(size_atom(*size))),
            Op::Param(0) => Some(Place { base: Polynomial::new(), coefficient: 1 }),
            Op::Param(p) => {
                let capture = (*p as usize).checked_sub(1 + self.carries)?;
                self.outside(self.captures[capture], depth).map(plain)
            }
            Op::Call(Prim::Add, args) => {
                let (a, b) = (self.inside(args[0], depth)?, self.inside(args[1], depth)?);
                Some(Place { base: sum(&a.base, &b.base, 1)?, coefficient: a.coefficient + b.coefficient })
            }
            Op::Call(Prim::Sub, args) => {
                let (a, b) = (self.inside(args[0], depth)?, self.inside(args[1], depth)?);
                Some(Place { base: sum(&a.base, &b.base, -1)?, coefficient: a.coefficient - b.coefficient })
            }
            Op::Call(Prim::Mul, args) => {
                let (a, b) = (self.inside(args[0], depth)?, self.inside(args[1], depth)?);
                match (constant(&a.base), constant(&b.base)) {
                    (Some(n), _) if a.coefficient == 0 => b.scaled(n),
                    (_, Some(n)) if b.coefficient == 0 => a.scaled(n),
                    _ if a.coefficient == 0 && b.coefficient == 0 => Some(plain(product(&a.base, &b.base)?)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A node of the body around as a polynomial; only `usize`s, which are not negative.
    fn outside(&self, id: Id, depth: usize) -> Option<Polynomial> {
        if *self.outer.ty(id) != Type::INDEX {
            return None;
        }
        let atom = || atom(id.0);
        let Some(depth) = depth.checked_sub(1) else { return Some(atom()) };
        match &self.outer.node(id).op {
            Op::Const(Lit::Int(n, IntKind::Usize)) => Some(literal(*n)),
            Op::Size(size) => Some(size_atom(*size)),
            Op::Call(Prim::Add, args) => sum(&self.outside(args[0], depth)?, &self.outside(args[1], depth)?, 1),
            Op::Call(Prim::Sub, args) => sum(&self.outside(args[0], depth)?, &self.outside(args[1], depth)?, -1),
            Op::Call(Prim::Mul, args) => product(&self.outside(args[0], depth)?, &self.outside(args[1], depth)?),
            _ => Some(atom()),
        }
    }
}

/// A symbolic length, which is the same in every body; nodes are numbered from the other end.
fn size_atom(size: SizeId) -> Polynomial {
    atom(Atom::MAX - 1 - size.0)
}

impl Place {
    fn scaled(&self, n: i64) -> Option<Place> {
        let base = product(&self.base, &literal(n))?;
        Some(Place { base, coefficient: self.coefficient.checked_mul(n)? })
    }
}
