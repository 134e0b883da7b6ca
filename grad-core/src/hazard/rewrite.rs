//! What has the same value and no hazard: rules over terms, each tried on what is around the site and kept only where it
//! gives the same value at every point that is tried and a finite gradient at the sample.

use std::collections::BTreeMap;

use super::terms::{Term, TermId, Terms};
use super::walk::Walked;
use crate::ir::build::live_nodes;
use crate::ir::{Builder, Elem, Function, IntKind, Value};
use crate::prim::Prim;

/// A term and what to write for it.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) from: TermId,
    pub(super) to: TermId,
    /// Whether `to` is a list of numbers of which the norm is meant.
    pub(super) is_norm: bool,
}

/// What may stand for the terms around a site, the smallest first.
pub(super) fn candidates(walked: &mut Walked, around: TermId) -> Vec<Candidate> {
    let above = walked.users.above(around);
    let mut found = Vec::new();
    let written = &walked.written;
    for from in above.into_iter().filter(|id| written.contains(id)) {
        let terms = &mut walked.terms;
        if let Some(to) = equal(terms, from) {
            found.push(Candidate { from, to, is_norm: false });
        } else if let Some(to) = squares(terms, from) {
            found.push(Candidate { from, to, is_norm: true });
        }
    }
    found
}

/// A term that equals another wherever that is finite.
fn equal(terms: &mut Terms, term: TermId) -> Option<TermId> {
    let Term::Call(prim, args) = terms.get(term).clone() else { return None };
    let inner = |terms: &Terms, k: usize, wanted: Prim| match terms.get(*args.get(k)?) {
        Term::Call(prim, inner) if *prim == wanted => Some(inner.clone()),
        _ => None,
    };
    match prim {
        Prim::Mul => {
            let roots = (inner(terms, 0, Prim::Sqrt), inner(terms, 1, Prim::Sqrt));
            match roots {
                // √a · √a = a
                (Some(a), Some(b)) if a == b => Some(a[0]),
                // a · √a = a^1.5, a² · √a = a^2.5
                (Some(a), _) => root_times(terms, a[0], args[1]),
                (_, Some(a)) => root_times(terms, a[0], args[0]),
                (None, None) => None,
            }
        }
        Prim::Powi => {
            let n = terms.literal(args[1])?;
            if let Some(a) = inner(terms, 0, Prim::Sqrt) {
                // (√a)ⁿ = a^(n/2)
                return Some(power(terms, a[0], n / 2.0));
            }
            let a = inner(terms, 0, Prim::Cbrt).filter(|_| n % 3.0 == 0.0)?;
            // (∛a)³ⁿ = aⁿ
            Some(whole_power(terms, a[0], n / 3.0))
        }
        Prim::Pow => {
            let y = terms.literal(args[1])?;
            if let Some(a) = inner(terms, 0, Prim::Sqrt) {
                return Some(power(terms, a[0], y / 2.0));
            }
            if let Some(a) = inner(terms, 0, Prim::Mul).filter(|a| a[0] == a[1]) {
                // (a²)^y = |a|^(2y)
                let abs = terms.call(Prim::Abs, &[a[0]]);
                return Some(power(terms, abs, 2.0 * y));
            }
            let a = inner(terms, 0, Prim::Pow)?;
            // (a^x)^y = a^(x·y) where a is not negative, which x asks for
            let x = terms.literal(a[1]).filter(|x| x.fract() != 0.0)?;
            Some(power(terms, a[0], x * y))
        }
        Prim::Sqrt => {
            if let Some(a) = inner(terms, 0, Prim::Powi) {
                let n = terms.literal(a[1])?;
                // √(aⁿ) = a^(n/2), of |a| for an even n
                let base = if n % 4.0 == 2.0 { terms.call(Prim::Abs, &[a[0]]) } else { a[0] };
                return Some(power(terms, base, n / 2.0));
            }
            let a = inner(terms, 0, Prim::OneMinusCos)?;
            // √(1 − cos a) = √2 · |sin(a/2)|
            let (half, two) = (terms.float(0.5), terms.float(2.0));
            let angle = terms.call(Prim::Mul, &[half, a[0]]);
            let sine = terms.call(Prim::Sin, &[angle]);
            let (abs, root) = (terms.call(Prim::Abs, &[sine]), terms.call(Prim::Sqrt, &[two]));
            Some(terms.call(Prim::Mul, &[root, abs]))
        }
        Prim::Exp => {
            // e^(ln a) = a, e^(k · ln a) = a^k
            if let Some(a) = inner(terms, 0, Prim::Ln) {
                return Some(a[0]);
            }
            let product = inner(terms, 0, Prim::Mul)?;
            let of = |terms: &Terms, k: usize| match terms.get(product[k]) {
                Term::Call(Prim::Ln, a) => Some(a[0]),
                _ => None,
            };
            let (a, k) = match (of(terms, 0), of(terms, 1)) {
                (Some(a), _) => (a, product[1]),
                (_, Some(a)) => (a, product[0]),
                (None, None) => return None,
            };
            Some(terms.call(Prim::Pow, &[a, k]))
        }
        Prim::Div => {
            // b / (c / a) = b · a / c
            let quotient = inner(terms, 1, Prim::Div)?;
            let product = terms.call(Prim::Mul, &[args[0], quotient[1]]);
            Some(terms.call(Prim::Div, &[product, quotient[0]]))
        }
        // A choice that goes the other way where both ways give the same.
        Prim::Select => {
            let Term::Call(cond, sides) = terms.get(args[0]).clone() else { return None };
            let turned = match cond {
                Prim::Ge => Prim::Gt,
                Prim::Le => Prim::Lt,
                Prim::Gt => Prim::Ge,
                Prim::Lt => Prim::Le,
                _ => return None,
            };
            let turned = terms.call(turned, &sides);
            Some(terms.call(Prim::Select, &[turned, args[1], args[2]]))
        }
        _ => None,
    }
}

/// √a · b for a b that is a power of a.
fn root_times(terms: &mut Terms, a: TermId, b: TermId) -> Option<TermId> {
    let is_square = matches!(terms.get(b), Term::Call(Prim::Mul, args) if **args == [a, a]);
    match terms.get(b) {
        _ if b == a => Some(power(terms, a, 1.5)),
        _ if is_square => Some(power(terms, a, 2.5)),
        _ => None,
    }
}

fn power(terms: &mut Terms, base: TermId, exponent: f64) -> TermId {
    if exponent.fract() == 0.0 && exponent > 0.0 && exponent < 1e6 {
        return whole_power(terms, base, exponent);
    }
    let exponent = terms.float(exponent);
    terms.call(Prim::Pow, &[base, exponent])
}

fn whole_power(terms: &mut Terms, base: TermId, exponent: f64) -> TermId {
    if exponent == 1.0 {
        return base;
    }
    if exponent == 2.0 {
        return terms.call(Prim::Mul, &[base, base]);
    }
    let exponent = terms.intern(Term::Int(exponent as i64));
    terms.call(Prim::Powi, &[base, exponent])
}

/// What a root of a sum of squares is the norm of.
fn squares(terms: &mut Terms, term: TermId) -> Option<TermId> {
    let Term::Call(Prim::Sqrt, args) = terms.get(term).clone() else { return None };
    let root = |terms: &Terms, x: TermId| match terms.get(x) {
        Term::Call(Prim::Mul, args) if args[0] == args[1] => Some(args[0]),
        _ => None,
    };
    if let Term::Reduce(Prim::Add, index, x) = terms.get(args[0]).clone() {
        let element = root(terms, x)?;
        return Some(terms.intern(Term::Made([index].into(), element)));
    }
    let mut parts = Vec::new();
    let mut stack = vec![args[0]];
    while let Some(x) = stack.pop() {
        match terms.get(x) {
            Term::Call(Prim::Add, args) => stack.extend([args[1], args[0]]),
            _ => parts.push(root(terms, x)?),
        }
        if parts.len() > 16 {
            return None;
        }
    }
    (parts.len() > 1).then(|| terms.intern(Term::Array(parts.into())))
}

/// Whether a candidate inside a loop, where it is not tried, takes the place of what is not finite by a rule alone.
pub(super) fn is_tame(terms: &Terms, candidate: &Candidate) -> bool {
    match terms.get(candidate.to) {
        Term::Call(Prim::Select, _) => false,
        Term::Call(Prim::Pow, args) => terms.literal(args[1]).is_some_and(|y| y >= 1.0),
        _ => true,
    }
}

/// The function with the candidate in its place; `None` where that is inside a loop.
pub(super) fn replaced(f: &Function, walked: &Walked, candidate: &Candidate) -> Option<Function> {
    rebuilt(f, walked, candidate.from, |b, values, _| replacement(b, &walked.terms, candidate, values))
}

/// The function with a term that passes no derivative on; `None` where that is inside a loop.
pub(super) fn deaf(f: &Function, walked: &Walked, term: TermId) -> Option<Function> {
    rebuilt(f, walked, term, |b, _, same| Some(b.call(Prim::Detach, &[same])))
}

/// The function with something else, made of the values of terms and of what it was, for the node that a term is.
fn rebuilt(
    f: &Function,
    walked: &Walked,
    term: TermId,
    instead: impl Fn(&Builder, &BTreeMap<TermId, Value>, Value) -> Option<Value>,
) -> Option<Function> {
    let node = walked.nodes.iter().position(|other| *other == Some(term))?;
    let b = Builder::new();
    let params: Vec<Value> = (0..f.params.len()).map(|k| b.param(f.param_type(k).clone())).collect();
    let live = live_nodes(&f.body);
    let mut map: Vec<Option<Value>> = vec![None; f.body.nodes.len()];
    let mut values: BTreeMap<TermId, Value> = BTreeMap::new();
    for id in f.body.ids().filter(|id| live[id.index()]) {
        let mut v = b.import_node(&f.body, id, &params, &map);
        if id.index() == node {
            v = instead(&b, &values, v)?;
        }
        if let Some(term) = walked.nodes[id.index()] {
            values.entry(term).or_insert(v);
        }
        map[id.index()] = Some(v);
    }
    let results: Vec<Value> = f.body.results.iter().map(|r| map[r.index()]).collect::<Option<_>>()?;
    Some(Function { body: b.finish(&results), ..f.clone() })
}

fn replacement(b: &Builder, terms: &Terms, candidate: &Candidate, values: &BTreeMap<TermId, Value>) -> Option<Value> {
    if !candidate.is_norm {
        return value(b, terms, candidate.to, values);
    }
    // √(a² + b² + c²) as hypot(hypot(a, b), c)
    let Term::Array(parts) = terms.get(candidate.to) else { return None };
    let parts: Vec<Value> = parts.iter().map(|x| value(b, terms, *x, values)).collect::<Option<_>>()?;
    parts.into_iter().reduce(|x, y| b.call(Prim::Hypot, &[x, y]))
}

/// A term as a value, where its leaves have values.
fn value(b: &Builder, terms: &Terms, root: TermId, values: &BTreeMap<TermId, Value>) -> Option<Value> {
    let mut made = values.clone();
    for id in terms.cone(root)?.iter() {
        if made.contains_key(id) {
            continue;
        }
        let v = match terms.get(*id) {
            Term::Float(bits) => Some(b.float(f64::from_bits(*bits))),
            Term::Int(n) => Some(b.int(*n, IntKind::I32)),
            Term::Bool(truth) => Some(b.bool(*truth)),
            Term::Call(prim, args) => {
                let args: Option<Vec<Value>> = args.iter().map(|a| made.get(a).copied()).collect();
                args.map(|args| b.call(*prim, &args))
            }
            Term::Cast(x) => made.get(x).map(|x| b.cast(*x, Elem::Float)),
            Term::Param(_)
            | Term::Size(_)
            | Term::Len(..)
            | Term::Array(_)
            | Term::Element(..)
            | Term::Index(..)
            | Term::Carry(..)
            | Term::Reduce(..)
            | Term::Made(..)
            | Term::Opaque(_) => None,
        };
        if let Some(v) = v {
            made.insert(*id, v);
        }
    }
    made.get(&root).copied()
}
