//! Sums and products put in order: like terms collected, powers of one base made one, common factors taken out.
//!
//! A tree of sums is Σ cₖ·mₖ with literal coefficients and monomials m = Π bᵢ^eᵢ whose exponents are multiples of ½; a tree
//! of products is one such term. Nothing is ever expanded: a factor that is a sum stays one factor, and what several places
//! read is a factor by itself. Taking out the factor that most terms have, again and again, is Horner's rule for a
//! polynomial (Ceberio and Kreinovich, Greedy algorithms for optimizing multivariate Horner schemes, SIGSAM Bulletin 38,
//! 2004).
//!
//! Order and rounding of the original are lost, and with them what cancels on purpose, as in a compensated sum: this is done
//! at the level `Aggressive` alone.

mod key;
mod term;
mod write;

use super::stable::uses;
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Elem, Id, Lit, NodeType, Op, Value};
use crate::prim::Prim;
use key::{Key, Params, held, keys};
use term::{Factor, Term, add_up};

/// Whole exponents up to this are taken apart.
const LARGEST_EXPONENT: u64 = 64;

/// Whether a node is one that the pass may improve.
pub(super) fn is_candidate(op: &Op) -> bool {
    matches!(op, Op::Call(Prim::Add | Prim::Sub | Prim::Mul | Prim::Div, _))
}

/// Records `body` with its sums and products in order, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    record_inside(b, body, args, &Params::default())
}

fn record_inside(b: &Builder, body: &Body, args: &[Value], params: &Params) -> Vec<Value> {
    let live = live_nodes(body);
    let uses = uses(body, &live);
    let held = held(body, params);
    let roles = roles(body, &live, &uses, &held);
    let keys = keys(body, params);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let reader = Reader { b, body, uses: &uses, roles: &roles, keys: &keys, map: &map };
        let v = match roles[id.index()] {
            Role::Part(_) => continue,
            Role::Root(Kind::Sum) => write::sum(b, add_up(reader.terms(id))),
            Role::Root(Kind::Product) => write::product(b, reader.term(id)),
            Role::Other => {
                let (carries, captures): (_, &[Id]) = match &body.node(id).op {
                    Op::Fold { inits, captures, .. } => (1..1 + inits.len(), captures),
                    Op::While { inits, captures, .. } => (0..inits.len(), captures),
                    Op::Build { captures, .. } | Op::If { captures, .. } => (0..0, captures),
                    _ => (0..0, &[]),
                };
                let inside = Params {
                    carries,
                    captures: captures.iter().map(|id| keys[id.index()]).collect(),
                    held: captures.iter().map(|id| held[id.index()]).collect(),
                };
                b.import_node_with(body, id, args, &map, &|inner, args| record_inside(b, inner, args, &inside))
            }
        };
        if !matches!(body.node(id).op, Op::Param(_)) {
            b.name_as(v, body, id);
        }
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sum,
    Product,
}

/// What becomes of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The whole of a tree of sums or products.
    Root(Kind),
    /// A part of such a tree, which nothing else reads.
    Part(Kind),
    /// Recorded as it is.
    Other,
}

/// The kind of tree that a node is the root of. What is over something held constant is scaled by it, and none: the square of
/// the divisor may overflow where that may not.
fn kind(body: &Body, id: Id, held: &[bool]) -> Option<Kind> {
    let node = body.node(id);
    let NodeType::One(ty) = &node.ty else { return None };
    if ty.elem != Elem::Float {
        return None;
    }
    match &node.op {
        Op::Call(Prim::Add | Prim::Sub | Prim::Neg, _) => Some(Kind::Sum),
        Op::Call(Prim::Div, args) if held[args[1].index()] => None,
        Op::Call(Prim::Mul | Prim::Div, _) => Some(Kind::Product),
        Op::Call(Prim::Powi, args) => whole(body, args[1]).map(|_| Kind::Product),
        _ => None,
    }
}

/// The whole exponent that a node is, if it is a moderate literal one.
fn whole(body: &Body, id: Id) -> Option<i64> {
    match body.node(id).op {
        Op::Const(Lit::Int(n, _)) if n.unsigned_abs() <= LARGEST_EXPONENT => Some(n),
        _ => None,
    }
}

fn roles(body: &Body, live: &[bool], uses: &[usize], held: &[bool]) -> Vec<Role> {
    let mut roles = vec![Role::Other; body.nodes.len()];
    // What is inside a power: no further power is taken apart there, so that exponents stay moderate.
    let mut raised = vec![false; body.nodes.len()];
    // A node's role is known before those of its operands.
    for id in body.ids().rev().filter(|id| live[id.index()]) {
        let Some(own) = kind(body, id, held) else { continue };
        let kind_here = match roles[id.index()] {
            Role::Part(kind) => kind,
            Role::Root(_) | Role::Other => {
                roles[id.index()] = Role::Root(own);
                own
            }
        };
        let is_power = matches!(body.node(id).op, Op::Call(Prim::Powi, _));
        let raised_here = raised[id.index()] || is_power;
        body.node(id).op.operands(|x| {
            let Some(kind) = kind(body, x, held).filter(|_| uses[x.index()] == 1) else { return };
            let negates = matches!(body.node(x).op, Op::Call(Prim::Neg, _));
            let powers = matches!(body.node(x).op, Op::Call(Prim::Powi, _));
            let part = match (kind_here, kind) {
                (Kind::Sum, kind) => Some(kind),
                (Kind::Product, Kind::Product) => Some(Kind::Product).filter(|_| !(powers && raised_here)),
                (Kind::Product, Kind::Sum) => negates.then_some(Kind::Product),
            };
            if let Some(kind) = part {
                roles[x.index()] = Role::Part(kind);
                raised[x.index()] = kind_here == Kind::Product && raised_here;
            }
        });
    }
    roles
}

/// Reads the trees of a body whose leaves have been recorded.
struct Reader<'a> {
    b: &'a Builder,
    body: &'a Body,
    uses: &'a [usize],
    roles: &'a [Role],
    keys: &'a [Key],
    map: &'a [Option<Value>],
}

impl Reader<'_> {
    /// The terms of a tree of sums.
    fn terms(&self, root: Id) -> Vec<Term> {
        let mut terms = Vec::new();
        let mut stack = vec![(root, 1.0)];
        while let Some((id, sign)) = stack.pop() {
            let is_sum = id == root || self.roles[id.index()] == Role::Part(Kind::Sum);
            match &self.body.node(id).op {
                Op::Call(Prim::Add, args) if is_sum => stack.extend([(args[1], sign), (args[0], sign)]),
                Op::Call(Prim::Sub, args) if is_sum => stack.extend([(args[1], -sign), (args[0], sign)]),
                Op::Call(Prim::Neg, args) if is_sum => stack.push((args[0], -sign)),
                _ => {
                    let mut term = self.term(id);
                    term.coefficient *= sign;
                    terms.push(term);
                }
            }
        }
        terms
    }

    /// A tree of products, or a leaf.
    fn term(&self, root: Id) -> Term {
        let mut term = Term::one();
        let mut stack = vec![(root, 2_i64)];
        while let Some((id, halves)) = stack.pop() {
            let is_product = match self.roles[id.index()] {
                Role::Root(Kind::Product) => id == root,
                Role::Part(kind) => kind == Kind::Product,
                Role::Root(Kind::Sum) | Role::Other => false,
            };
            match &self.body.node(id).op {
                Op::Call(Prim::Mul, args) if is_product => stack.extend([(args[1], halves), (args[0], halves)]),
                Op::Call(Prim::Div, args) if is_product => stack.extend([(args[1], -halves), (args[0], halves)]),
                Op::Call(Prim::Powi, args) if is_product => {
                    let n = whole(self.body, args[1]).expect("powers in products have moderate literal exponents");
                    stack.push((args[0], halves * n));
                }
                // Exponents of a tree are whole.
                Op::Call(Prim::Neg, args) if is_product => {
                    if halves % 4 != 0 {
                        term.coefficient = -term.coefficient;
                    }
                    stack.push((args[0], halves));
                }
                Op::Call(Prim::Sqrt, args) if halves % 2 == 0 => self.multiply(&mut term, args[0], halves / 2),
                _ => self.multiply(&mut term, id, halves),
            }
        }
        term.sort();
        term
    }

    /// Multiplies a term by a power of a leaf.
    fn multiply(&self, term: &mut Term, leaf: Id, halves: i64) {
        let value = self.map[leaf.index()].expect("leaves have been recorded");
        if halves % 2 == 0
            && let Some(x) = self.b.float_lit(value)
            && let Ok(exponent) = i32::try_from(halves / 2)
        {
            let coefficient = term.coefficient * x.powi(exponent);
            if coefficient.is_normal() || (coefficient == 0.0 && x == 0.0) {
                term.coefficient = coefficient;
                return;
            }
        }
        let exponent = match self.b.call_of(value) {
            Some((Prim::Exp, [x, ..])) => Some(x),
            _ => None,
        };
        term.factors.push(Factor {
            base: value,
            key: self.keys[leaf.index()],
            halves,
            exponent,
            elsewhere: self.uses[leaf.index()] - 1,
        });
    }
}
