//! Where the value or a partial of a call stops being finite, derived from the rows of the table.
//!
//! A partial is an expression in the vocabulary of the rows, so it stops being finite where one of its calls does: at an end
//! of the domain of its row, if the value is not finite there, or outside the domain.

use std::collections::HashMap;

use super::terms::{Term, TermId, Terms};
use super::walk::Site;
use crate::ir::{Body, Builder, Elem, Id, IntKind, Lit, Op, Type, Value};
use crate::prim::{Domain, Prim, Signature};

/// How a term lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Relation {
    Equal(f64),
    Below(f64),
    Above(f64),
    /// Strictly between two numbers.
    Between(f64, f64),
    /// plus + k·step for a whole k
    Multiple {
        step: f64,
        plus: f64,
    },
    /// A condition, or its contrary.
    Holds(bool),
}

/// Terms that lie so, all of them, make a call stop being finite. The first is what it stops at.
pub(super) type Cause = Vec<(TermId, Relation)>;

/// One way in which a call stops being finite.
pub(super) struct Local {
    /// What stops: the value, or a partial.
    pub(super) singular: TermId,
    pub(super) cause: Cause,
}

/// The partials as they are recorded, by primitive and argument.
#[derive(Default)]
pub(super) struct Partials(HashMap<(Prim, usize), Option<Body>>);

impl Partials {
    pub(super) fn local(&mut self, terms: &mut Terms, site: &Site) -> Vec<Local> {
        let mut locals: Vec<Local> = Vec::new();
        let mut add = |terms: &Terms, singular: TermId, call: TermId, guards: &[(TermId, bool)]| {
            for mut cause in causes_of(terms, call) {
                cause.extend(guards.iter().map(|(cond, truth)| (*cond, Relation::Holds(*truth))));
                if !locals.iter().any(|local| local.cause == cause && local.singular == singular) {
                    locals.push(Local { singular, cause });
                }
            }
        };
        let mut wanted = false;
        for (k, arg) in site.args.iter().enumerate() {
            if !terms.is_active(*arg) {
                continue;
            }
            let body = self.0.entry((site.prim, k)).or_insert_with(|| recorded(site.prim, k));
            let Some(body) = body else { continue };
            let given: Vec<TermId> = site.args.iter().copied().chain([site.result]).collect();
            let made = instantiate(terms, body, &given);
            let partial = made[body.results[0].index()];
            if terms.literal(partial) == Some(0.0) {
                continue;
            }
            wanted = true;
            let guards = guards(body);
            for (node, id) in body.nodes.iter().zip(body.ids()) {
                if matches!(node.op, Op::Call(..)) {
                    let guards: Vec<(TermId, bool)> =
                        guards[id.index()].iter().map(|(cond, truth)| (made[cond.index()], *truth)).collect();
                    add(terms, partial, made[id.index()], &guards);
                }
            }
        }
        if wanted {
            add(terms, site.result, site.result, &[]);
        }
        locals
    }
}

/// The selections, with the side, on which each node of a partial is looked at.
fn guards(body: &Body) -> Vec<Vec<(Id, bool)>> {
    let mut guards: Vec<Option<Vec<(Id, bool)>>> = vec![None; body.nodes.len()];
    guards[body.results[0].index()] = Some(vec![]);
    for id in body.ids().rev() {
        let Some(own) = guards[id.index()].clone() else { continue };
        let mut add = |x: Id, mine: Vec<(Id, bool)>| {
            let slot = &mut guards[x.index()];
            *slot = Some(match slot.take() {
                None => mine,
                Some(other) => other.into_iter().filter(|guard| mine.contains(guard)).collect(),
            });
        };
        match &body.node(id).op {
            Op::Call(Prim::Select, args) => {
                let side = |truth: bool| own.iter().copied().chain([(args[0], truth)]).collect::<Vec<_>>();
                add(args[1], side(true));
                add(args[2], side(false));
                add(args[0], own.clone());
            }
            op => op.operands(|x| add(x, own.clone())),
        }
    }
    guards.into_iter().map(Option::unwrap_or_default).collect()
}

/// A partial over parameters: the arguments, then the result.
fn recorded(prim: Prim, k: usize) -> Option<Body> {
    let b = Builder::literal();
    let row = prim.row();
    let params: Vec<Value> = (0..=row.args.len())
        .map(|k| match (row.signature, k) {
            (Signature::Powi, 1) => b.param(Type::scalar(Elem::Int(IntKind::I32))),
            _ => b.param(Type::FLOAT),
        })
        .collect();
    let syms: Vec<_> = params.iter().map(|p| b.sym(*p)).collect();
    let partial = prim.partial(k, &syms[..row.args.len()], syms[row.args.len()])?.value();
    Some(b.finish(&[partial]))
}

/// The nodes of a partial at arguments.
fn instantiate(terms: &mut Terms, body: &Body, given: &[TermId]) -> Vec<TermId> {
    let mut map: Vec<TermId> = Vec::with_capacity(body.nodes.len());
    for node in &body.nodes {
        let term = match &node.op {
            Op::Const(Lit::Float(bits)) => terms.intern(Term::Float(*bits)),
            Op::Const(Lit::Int(n, _)) => terms.intern(Term::Int(*n)),
            Op::Const(Lit::Bool(b)) => terms.intern(Term::Bool(*b)),
            Op::Param(k) => given[*k as usize],
            Op::Cast(x) => terms.cast(map[x.index()], node.ty.one().is_float()),
            Op::Call(prim, args) => {
                let args: Vec<TermId> = args.iter().map(|a| map[a.index()]).collect();
                terms.call(*prim, &args)
            }
            _ => unreachable!("a partial is made of calls, casts and literals"),
        };
        map.push(term);
    }
    map
}

/// The ends of a domain.
fn ends(domain: Domain) -> &'static [f64] {
    match domain {
        Domain::Real | Domain::Order => &[],
        Domain::Positive | Domain::NonNegative | Domain::NonZero => &[0.0],
        Domain::Unit | Domain::OpenUnit | Domain::OutsideUnit => &[-1.0, 1.0],
        Domain::AtLeastOne => &[1.0],
        Domain::AboveMinusOne => &[-1.0],
        Domain::Fraction => &[0.0, 1.0],
        Domain::NoPole => &[0.0, -1.0, -2.0],
    }
}

/// What lies outside a domain, its ends aside.
fn outside(domain: Domain) -> Vec<Relation> {
    match domain {
        Domain::Real | Domain::Order | Domain::NonZero | Domain::NoPole => vec![],
        Domain::Positive | Domain::NonNegative => vec![Relation::Below(0.0)],
        Domain::Unit | Domain::OpenUnit => vec![Relation::Below(-1.0), Relation::Above(1.0)],
        Domain::AtLeastOne => vec![Relation::Below(1.0)],
        Domain::AboveMinusOne => vec![Relation::Below(-1.0)],
        Domain::OutsideUnit => vec![Relation::Between(-1.0, 1.0)],
        Domain::Fraction => vec![Relation::Below(0.0), Relation::Above(1.0)],
    }
}

/// Where a call is not finite though its arguments are.
fn causes_of(terms: &Terms, call: TermId) -> Vec<Cause> {
    let Term::Call(prim, args) = terms.get(call) else { return vec![] };
    let row = prim.row();
    let value = |x: &[f64]| match (prim, x) {
        (Prim::Powi, [x, n]) => Some(x.powi(*n as i32)),
        _ => prim.value(x),
    };
    let mut causes = Vec::new();
    for (j, arg) in args.iter().enumerate() {
        let domain = row.domain[j];
        for end in ends(domain) {
            // With other arguments of either sign.
            let finite = |other: f64| {
                let x: Vec<f64> = (0..args.len()).map(|k| if k == j { *end } else { other }).collect();
                value(&x).is_none_or(f64::is_finite)
            };
            let (negative, positive) = ([-1.0, -2.0].into_iter().all(finite), [1.0, 2.0].into_iter().all(finite));
            let mut cause = vec![(*arg, Relation::Equal(*end))];
            match (negative, positive, args.len()) {
                (true, true, _) => continue,
                (false, true, 2) => cause.push((args[1 - j], Relation::Below(0.0))),
                (true, false, 2) => cause.push((args[1 - j], Relation::Above(0.0))),
                _ => {}
            }
            causes.push(cause);
        }
        // A whole power takes every base.
        if *prim != Prim::Powi {
            causes.extend(outside(domain).into_iter().map(|relation| vec![(*arg, relation)]));
        }
    }
    causes
}
