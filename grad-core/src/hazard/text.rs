//! Terms and conditions as people write them, in the formula language.

use super::singular::Relation;
use super::solve::{Atom, Case};
use super::terms::{Term, TermId, Terms};
use crate::ir::Function;
use crate::prim::{Prim, Spelling};

/// How tightly an expression binds: a choice, logic, a comparison, a sum, a product, a sign, a power, a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tight {
    Choice,
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
    Power,
    Name,
}

/// Deeper parts are left out.
const DEEPEST: usize = 12;
const LONGEST: usize = 240;

pub(super) struct Printer<'t> {
    pub(super) terms: &'t Terms,
    pub(super) f: &'t Function,
}

/// A number: π and its simple multiples by name.
pub(super) fn number(x: f64) -> String {
    use std::f64::consts::PI;
    for (of, name) in [(1.0, "π"), (2.0, "π / 2"), (3.0, "π / 3"), (4.0, "π / 4"), (6.0, "π / 6")] {
        for k in [1.0, 2.0, 3.0, 4.0] {
            if x.abs() == k * PI / of {
                let sign = if x < 0.0 { "-" } else { "" };
                return if k == 1.0 { format!("{sign}{name}") } else { format!("{sign}{k}{name}") };
            }
        }
    }
    if x == 0.0 { "0".into() } else if x.abs() >= 1e16 || x.abs() < 1e-5 { format!("{x:e}") } else { format!("{x}") }
}

impl Printer<'_> {
    pub(super) fn term(&self, id: TermId) -> String {
        let text = self.part(id, 0).0;
        if text.chars().count() <= LONGEST {
            return text;
        }
        text.chars().take(LONGEST).chain(['…']).collect()
    }

    fn at(&self, id: TermId, least: Tight, depth: usize) -> String {
        let (text, tight) = self.part(id, depth + 1);
        if tight < least { format!("({text})") } else { text }
    }

    fn list(&self, ids: &[TermId], depth: usize) -> String {
        ids.iter().map(|x| self.at(*x, Tight::Choice, depth)).collect::<Vec<_>>().join(", ")
    }

    fn part(&self, id: TermId, depth: usize) -> (String, Tight) {
        if depth > DEEPEST {
            return ("…".into(), Tight::Name);
        }
        let named = |fallback: String| (self.terms.name_of(id).map_or(fallback, str::to_owned), Tight::Name);
        match self.terms.get(id) {
            Term::Float(bits) => signed(f64::from_bits(*bits)),
            Term::Int(n) => signed(*n as f64),
            Term::Bool(b) => ((if *b { "1 == 1" } else { "0 == 1" }).into(), Tight::Compare),
            Term::Call(prim, args) => self.call(*prim, args, depth),
            Term::Cast(x) => self.part(*x, depth + 1),
            Term::Param(k) => (self.f.params[*k].name.to_string(), Tight::Name),
            Term::Size(size) => (self.f.sizes[size.0 as usize].to_string(), Tight::Name),
            Term::Len(array, _) => (format!("len({})", self.at(*array, Tight::Choice, depth)), Tight::Name),
            Term::Array(elements) => (format!("[{}]", self.list(elements, depth)), Tight::Name),
            Term::Element(array, at) => {
                (format!("{}[{}]", self.at(*array, Tight::Name, depth), self.list(at, depth)), Tight::Name)
            }
            Term::Index(n, ..) => named(letter(*n)),
            Term::Carry(n, _) => named(format!("carried_{n}")),
            Term::Sum(index, x) => {
                let range = self.index(*index, depth);
                (format!("sum({range}: {})", self.at(*x, Tight::Choice, depth)), Tight::Name)
            }
            Term::Made(indices, element) => {
                let ranges: Vec<String> = indices.iter().map(|i| self.index(*i, depth)).collect();
                (format!("[{} for {}]", self.at(*element, Tight::Choice, depth), ranges.join(", ")), Tight::Name)
            }
            Term::Opaque(n) => named(format!("loop_{n}")),
        }
    }

    fn index(&self, index: TermId, depth: usize) -> String {
        let Term::Index(_, lo, hi) = self.terms.get(index) else { return "…".into() };
        let (lo, hi) = (self.at(*lo, Tight::Sum, depth), self.at(*hi, Tight::Sum, depth));
        format!("{} in {lo}..{hi}", self.at(index, Tight::Name, depth))
    }

    fn call(&self, prim: Prim, args: &[TermId], depth: usize) -> (String, Tight) {
        let infix = |sign: &str, tight: Tight, right: Tight| {
            let (x, y) = (self.at(args[0], tight, depth), self.at(args[1], right, depth));
            (format!("{x} {sign} {y}"), tight)
        };
        match prim {
            Prim::Add => match self.negative(args[1]) {
                Some(y) => (format!("{} - {}", self.at(args[0], Tight::Sum, depth), number(-y)), Tight::Sum),
                None => infix("+", Tight::Sum, Tight::Product),
            },
            Prim::Sub => infix("-", Tight::Sum, Tight::Product),
            Prim::Mul if args[0] == args[1] => self.power(args[0], "2".into(), depth),
            Prim::Mul => infix("*", Tight::Product, Tight::Sign),
            Prim::Div => infix("/", Tight::Product, Tight::Sign),
            Prim::Neg => (format!("-{}", self.at(args[0], Tight::Sign, depth)), Tight::Sign),
            Prim::Pow | Prim::Powi => self.power(args[0], self.at(args[1], Tight::Name, depth), depth),
            Prim::Lt => infix("<", Tight::Compare, Tight::Sum),
            Prim::Le => infix("<=", Tight::Compare, Tight::Sum),
            Prim::Gt => infix(">", Tight::Compare, Tight::Sum),
            Prim::Ge => infix(">=", Tight::Compare, Tight::Sum),
            Prim::Eq => infix("==", Tight::Compare, Tight::Sum),
            Prim::Ne => infix("!=", Tight::Compare, Tight::Sum),
            Prim::And => infix("and", Tight::And, Tight::And),
            Prim::Or => infix("or", Tight::Or, Tight::Or),
            Prim::Not => (format!("not {}", self.at(args[0], Tight::Not, depth)), Tight::Not),
            Prim::Detach => self.part(args[0], depth + 1),
            Prim::MulAdd => {
                let (x, y) = (self.at(args[0], Tight::Product, depth), self.at(args[1], Tight::Sign, depth));
                (format!("{x} * {y} + {}", self.at(args[2], Tight::Product, depth)), Tight::Sum)
            }
            Prim::Select => {
                let c = self.at(args[0], Tight::Or, depth);
                let (x, y) = (self.at(args[1], Tight::Or, depth), self.at(args[2], Tight::Choice, depth));
                (format!("if {c} then {x} else {y}"), Tight::Choice)
            }
            prim => match prim.row().rust {
                Spelling::Infix(sign) => infix(sign, Tight::Product, Tight::Sign),
                Spelling::Prefix(_) | Spelling::Method(_) | Spelling::Math(_) | Spelling::Choice | Spelling::Identity => {
                    (format!("{}({})", prim.name(), self.list(args, depth)), Tight::Name)
                }
            },
        }
    }

    fn power(&self, base: TermId, exponent: String, depth: usize) -> (String, Tight) {
        (format!("{}^{exponent}", self.at(base, Tight::Name, depth)), Tight::Power)
    }

    fn negative(&self, id: TermId) -> Option<f64> {
        self.terms.literal(id).filter(|x| *x < 0.0)
    }

    /// A condition on the inputs; what holds of an element says of which ones.
    pub(super) fn case(&self, case: &Case) -> String {
        let mut atoms: Vec<String> = Vec::new();
        for atom in case {
            let text = self.atom(atom);
            if !atoms.contains(&text) {
                atoms.push(text);
            }
        }
        atoms.join(" and ")
    }

    fn atom(&self, atom: &Atom) -> String {
        let text = self.relation(atom.term, atom.relation);
        let cone = self.terms.cone(&[atom.term]).unwrap_or_default();
        let is_bound = |i: &TermId| {
            cone.iter().any(|x| match self.terms.get(*x) {
                Term::Sum(index, _) => index == i,
                Term::Made(indices, _) => indices.contains(i),
                _ => false,
            })
        };
        let free = cone.iter().filter(|x| matches!(self.terms.get(**x), Term::Index(..)) && !is_bound(x));
        let (every, some): (Vec<TermId>, Vec<TermId>) = free.copied().partition(|x| atom.every.contains(x));
        let mut text = text;
        for (indices, which) in [(every, "every"), (some, "some")] {
            if !indices.is_empty() {
                text = format!("{text} for {which} {}", self.list(&indices, 0));
            }
        }
        text
    }

    fn relation(&self, term: TermId, relation: Relation) -> String {
        let x = self.term(term);
        match relation {
            Relation::Equal(0.0) => match self.terms.get(term) {
                Term::Call(Prim::Sub, args) => format!("{} = {}", self.term(args[0]), self.term(args[1])),
                _ => format!("{x} = 0"),
            },
            Relation::Equal(c) => format!("{x} = {}", number(c)),
            Relation::Below(c) => format!("{x} < {}", number(c)),
            Relation::Above(c) => format!("{x} > {}", number(c)),
            Relation::Between(lo, hi) => format!("{} < {x} < {}", number(lo), number(hi)),
            Relation::Multiple { step, plus } => {
                let step = number(step);
                let step = if step.contains(' ') { format!("({step})") } else { step };
                if plus == 0.0 { format!("{x} = k·{step}") } else { format!("{x} = {} + k·{step}", number(plus)) }
            }
            Relation::Holds(true) => x,
            Relation::Holds(false) => self.contrary(term),
        }
    }

    fn contrary(&self, term: TermId) -> String {
        let turned = match self.terms.get(term) {
            Term::Call(Prim::Lt, args) => Some((">=", args)),
            Term::Call(Prim::Le, args) => Some((">", args)),
            Term::Call(Prim::Gt, args) => Some(("<=", args)),
            Term::Call(Prim::Ge, args) => Some(("<", args)),
            Term::Call(Prim::Eq, args) => Some(("!=", args)),
            Term::Call(Prim::Ne, args) => Some(("==", args)),
            _ => None,
        };
        match turned {
            Some((sign, args)) => format!("{} {sign} {}", self.term(args[0]), self.term(args[1])),
            None => format!("not {}", self.at(term, Tight::Not, 0)),
        }
    }
}

fn signed(x: f64) -> (String, Tight) {
    (number(x), if x < 0.0 { Tight::Sign } else { Tight::Name })
}

fn letter(n: u32) -> String {
    ["i", "j", "k", "l", "m"][n as usize % 5].into()
}
