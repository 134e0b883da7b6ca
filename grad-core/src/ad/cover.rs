//! Whether a loop reads as much of an array in each iteration as the array has elements: then a copy of it an iteration
//! costs no more than the reading.
//!
//! Lengths and numbers of iterations are compared as polynomials in what does not change in the loop. The answer decides
//! what is stored, never what comes out.

use super::polynomial::{Polynomial, atom, difference, literal, product, sum};
use crate::ir::{Body, Builder, Id, Lit, NodeType, Op, Type, Value};
use crate::prim::Prim;

/// Expressions that nest deeper than this are not taken apart.
const DEPTH: u32 = 32;

/// Loops within loops deeper than this are not looked at.
const NESTED: u32 = 6;

/// A copy may be so many times longer than what is read.
const ROOM: i64 = 4;

/// Whether loops and comprehensions in the body of a loop go over the array that its k-th carry is. `inits` and `captures`
/// are what the loop is given.
pub(super) fn covers(b: &Builder, inner: &Body, inits: &[Value], captures: &[Value], k: usize) -> bool {
    let mut cover = Cover { b, atoms: Vec::new() };
    let size = (0..b.ty(inits[k]).rank())
        .try_fold(literal(1), |size, axis| product(&size, &cover.known(b.len(inits[k], axis), DEPTH)));
    let Some(size) = size else { return false };
    // The index of the loop comes first.
    let mut params = vec![Given::Changing];
    params.extend(inits.iter().map(|v| if b.ty(*v).is_scalar() { Given::Changing } else { Given::Value(*v) }));
    params.extend(captures.iter().map(|v| Given::Value(*v)));
    let mut over = vec![false; inner.params.len()];
    over[1 + k] = true;
    cover.body(inner, &params, &over, &literal(1), &size, NESTED)
}

/// What a parameter of a body is.
#[derive(Clone)]
enum Given {
    /// A value outside the loop; of a carried array one of its shape.
    Value(Value),
    /// A number that does not change in the loop.
    Number(Polynomial),
    Changing,
}

struct Cover<'b> {
    b: &'b Builder,
    /// The values that are not taken apart.
    atoms: Vec<Value>,
}

impl Cover<'_> {
    /// A number outside the loop.
    fn known(&mut self, v: Value, depth: u32) -> Polynomial {
        if let Some(n) = self.b.int_lit(v) {
            return literal(n);
        }
        if let Some(depth) = depth.checked_sub(1)
            && let Some((prim, [x, y, _])) = self.b.call_of(v)
            && matches!(prim, Prim::Add | Prim::Sub | Prim::Mul)
        {
            let (x, y) = (self.known(x, depth), self.known(y, depth));
            if let Some(p) = combined(prim, &x, &y) {
                return p;
            }
        }
        let n = self.atoms.iter().position(|a| *a == v).unwrap_or_else(|| {
            self.atoms.push(v);
            self.atoms.len() - 1
        });
        atom(u32::try_from(n).expect("there are few lengths"))
    }

    /// A number in a body, if it does not change.
    fn number(&mut self, body: &Body, params: &[Given], id: Id, depth: u32) -> Option<Polynomial> {
        let depth = depth.checked_sub(1)?;
        match &body.node(id).op {
            Op::Const(Lit::Int(n, _)) => Some(literal(*n)),
            Op::Size(size) => {
                let v = self.b.size(*size);
                Some(self.known(v, depth))
            }
            Op::Param(k) => match params[*k as usize].clone() {
                Given::Value(v) => Some(self.known(v, depth)),
                Given::Number(p) => Some(p),
                Given::Changing => None,
            },
            Op::Call(prim @ (Prim::Add | Prim::Sub | Prim::Mul), args) => {
                let (x, y) = (self.number(body, params, args[0], depth)?, self.number(body, params, args[1], depth)?);
                combined(*prim, &x, &y)
            }
            Op::Len(array, axis) => match body.node(*array).op {
                Op::Param(k) => match params[k as usize] {
                    Given::Value(v) => {
                        let len = self.b.len(v, *axis as usize);
                        Some(self.known(len, depth))
                    }
                    Given::Number(_) | Given::Changing => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the body, which runs `times`, goes over an array among its parameters `over` that has `size` elements.
    fn body(
        &mut self,
        body: &Body,
        params: &[Given],
        over: &[bool],
        times: &Polynomial,
        size: &Polynomial,
        nested: u32,
    ) -> bool {
        let Some(nested) = nested.checked_sub(1) else { return false };
        let mut is_it = vec![false; body.nodes.len()];
        for (k, param) in body.params.iter().enumerate() {
            is_it[param.index()] = over[k];
        }
        for id in body.ids() {
            let op = &body.node(id).op;
            let mut any = false;
            op.operands(|x| any |= is_it[x.index()]);
            if !any {
                continue;
            }
            is_it[id.index()] = !matches!(&body.node(id).ty, NodeType::One(ty) if ty.is_scalar());
            let flags = |ids: &[Id]| -> Vec<bool> { ids.iter().map(|x| is_it[x.index()]).collect() };
            let (inner, captures, trips, indices, inits): (_, _, _, _, &[Id]) = match op {
                Op::Fold { lo, hi, inits, body: inner, captures, .. } => {
                    let ends = (self.number(body, params, *lo, DEPTH), self.number(body, params, *hi, DEPTH));
                    let (Some(lo), Some(hi)) = ends else { continue };
                    (inner, captures, Some(difference(&hi, &lo)), 1, inits)
                }
                Op::Build { lens, body: inner, captures } => {
                    let trips = lens
                        .iter()
                        .try_fold(literal(1), |trips, len| product(&trips, &self.number(body, params, *len, DEPTH)?));
                    (inner, captures, trips, lens.len(), &[])
                }
                _ => continue,
            };
            let Some(times) = trips.and_then(|trips| product(times, &trips)) else { continue };
            if dominates(&times, size) {
                return true;
            }
            let mut given: Vec<Given> = vec![Given::Changing; indices];
            given.extend(inits.iter().map(|_| Given::Changing));
            for c in captures {
                given.push(match (&body.node(*c).op, self.number(body, params, *c, DEPTH)) {
                    (_, Some(p)) if *body.ty(*c) == Type::INDEX => Given::Number(p),
                    (Op::Param(k), _) => params[*k as usize].clone(),
                    _ => Given::Changing,
                });
            }
            let over: Vec<bool> = vec![false; indices].into_iter().chain(flags(inits)).chain(flags(captures)).collect();
            if self.body(inner, &given, &over, &times, size, nested) {
                return true;
            }
        }
        false
    }
}

fn combined(prim: Prim, x: &Polynomial, y: &Polynomial) -> Option<Polynomial> {
    match prim {
        Prim::Add => sum(x, y, 1),
        Prim::Sub => sum(x, y, -1),
        _ => product(x, y),
    }
}

/// Whether one number grows as fast as another: every term of `size` is a term of `times`.
fn dominates(times: &Polynomial, size: &Polynomial) -> bool {
    size.iter().all(|(term, n)| {
        (term.is_empty() && size.len() > 1)
            || times.get(term).is_some_and(|m| m.checked_mul(ROOM).is_none_or(|room| room >= *n))
    })
}
