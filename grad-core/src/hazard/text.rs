//! Terms and conditions as people write them, in the formula language.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::singular::Relation;
use super::solve::Case;
use super::terms::{Term, TermId, Terms};
use crate::ir::{Dim, Function};
use crate::prim::{Domain, Prim, Spelling};

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
/// So many parts are longer than that.
const MOST_PARTS: usize = 1000;

/// The text of a term in the source, if it has one: of a call of a primitive, or of something else.
pub(super) type Source<'t> = dyn Fn(TermId, Option<Prim>) -> Option<String> + 't;

pub(super) struct Printer<'t> {
    terms: &'t Terms,
    f: &'t Function,
    /// The text of what has one in the source.
    source: &'t Source<'t>,
    /// The letters of indices without a name, in the order in which they are come across.
    letters: RefCell<BTreeMap<TermId, String>>,
    /// How many parts may still be written of one text: what comes after them is cut off.
    left: Cell<usize>,
    /// Indices that run over whole vectors: x for x[i].
    whole: RefCell<BTreeSet<TermId>>,
}

impl<'t> Printer<'t> {
    pub(super) fn new(terms: &'t Terms, f: &'t Function, source: &'t Source<'t>) -> Self {
        Printer { terms, f, source, letters: RefCell::default(), left: Cell::default(), whole: RefCell::default() }
    }
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
    if x == 0.0 {
        "0".into()
    } else if x.abs() >= 1e16 || x.abs() < 1e-5 {
        format!("{x:e}")
    } else {
        format!("{x}")
    }
}

impl Printer<'_> {
    pub(super) fn term(&self, id: TermId) -> String {
        self.left.set(MOST_PARTS);
        shortened(self.part(id, 0).0)
    }

    /// A side of an equation.
    fn side(&self, id: TermId) -> String {
        self.left.set(MOST_PARTS);
        shortened(self.at(id, Tight::Sum, 0))
    }

    /// A vector made over an index, as x where that is what it is.
    pub(super) fn vector(&self, id: TermId) -> String {
        if let Term::Made(indices, element) = self.terms.get(id)
            && let [index] = **indices
            && self.is_whole(index, *element)
        {
            self.whole.borrow_mut().insert(index);
            let text = self.term(*element);
            self.whole.borrow_mut().remove(&index);
            return text;
        }
        self.term(id)
    }

    fn at(&self, id: TermId, least: Tight, depth: usize) -> String {
        let (text, tight) = self.part(id, depth + 1);
        if tight < least { format!("({text})") } else { text }
    }

    fn list(&self, ids: &[TermId], depth: usize) -> String {
        ids.iter().map(|x| self.at(*x, Tight::Choice, depth)).collect::<Vec<_>>().join(", ")
    }

    fn part(&self, id: TermId, depth: usize) -> (String, Tight) {
        let Some(left) = self.left.get().checked_sub(1).filter(|_| depth <= DEEPEST) else {
            return ("…".into(), Tight::Name);
        };
        self.left.set(left);
        let named = |fallback: String| (self.terms.name_of(id).map_or(fallback, str::to_owned), Tight::Name);
        // What a function of the library is made of nobody wrote.
        let made = match self.terms.get(id) {
            Term::Call(Prim::Select, _) | Term::Opaque(_) | Term::Reduce(..) => (self.source)(id, None),
            Term::Call(prim, _) => (self.source)(id, Some(*prim)).filter(|text| is_of_library(text)),
            _ => None,
        };
        if let Some(text) = made {
            let tight = if called(&text).is_some() { Tight::Name } else { Tight::Choice };
            return (text, tight);
        }
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
            Term::Element(array, at) if at.iter().all(|i| self.whole.borrow().contains(i)) => {
                self.part(*array, depth + 1)
            }
            Term::Element(array, at) => {
                (format!("{}[{}]", self.at(*array, Tight::Name, depth), self.list(at, depth)), Tight::Name)
            }
            Term::Index(..) => match self.terms.name_of(id) {
                Some(name) => (name.to_owned(), Tight::Name),
                None => (self.letter(id), Tight::Name),
            },
            Term::Carry(n, _) => named(format!("carried_{n}")),
            Term::Reduce(prim, index, x) => {
                let name = match prim {
                    Prim::Mul => "prod",
                    Prim::Max => "max",
                    Prim::Min => "min",
                    _ => "sum",
                };
                if self.is_whole(*index, *x) {
                    self.whole.borrow_mut().insert(*index);
                    let text = format!("{name}({})", self.at(*x, Tight::Choice, depth));
                    self.whole.borrow_mut().remove(index);
                    return (text, Tight::Name);
                }
                let range = self.index(*index, depth);
                (format!("{name}({range}: {})", self.at(*x, Tight::Choice, depth)), Tight::Name)
            }
            Term::Made(indices, element) => {
                let ranges: Vec<String> = indices.iter().map(|i| self.index(*i, depth)).collect();
                (format!("[{} for {}]", self.at(*element, Tight::Choice, depth), ranges.join(", ")), Tight::Name)
            }
            Term::Opaque(n) => named(format!("loop_{n}")),
        }
    }

    /// Whether a term over an index that nobody named is one over whole vectors, element by element.
    fn is_whole(&self, index: TermId, x: TermId) -> bool {
        let Term::Index(_, lo, hi) = self.terms.get(index) else { return false };
        let Some(cone) = self.terms.cone(x) else { return false };
        let covers = |array: TermId| match self.terms.get(array) {
            Term::Param(k) => match (self.f.param_type(*k).dims.as_slice(), self.terms.get(*hi)) {
                ([Dim::Size(n)], Term::Size(m)) => n == m,
                ([Dim::Lit(n)], Term::Int(m)) => i64::try_from(*n) == Ok(*m),
                _ => false,
            },
            _ => false,
        };
        self.terms.name_of(index).is_none()
            && self.terms.literal(*lo) == Some(0.0)
            && cone.iter().all(|id| match self.terms.get(*id) {
                Term::Element(array, at) => !at.contains(&index) || (**at == [index] && covers(*array)),
                term => *id == index || !term.operands().contains(&index),
            })
            && cone.contains(&index)
    }

    /// A letter that nothing else has.
    fn letter(&self, index: TermId) -> String {
        let mut letters = self.letters.borrow_mut();
        if let Some(letter) = letters.get(&index) {
            return letter.clone();
        }
        let params = self.f.params.iter().map(|p| &*p.name).chain(self.f.sizes.iter().map(|s| &**s));
        let mut taken: BTreeSet<String> = params.map(str::to_owned).collect();
        taken.extend(letters.values().cloned());
        let one = ["i", "j", "k", "l", "m", "p", "q"].into_iter().map(str::to_owned);
        let letter = one.chain((1..).map(|n| format!("i_{n}"))).find(|letter| !taken.contains(letter));
        let letter = letter.expect("one of so many letters is free");
        letters.insert(index, letter.clone());
        letter
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
                // Formulas have no such operators.
                Spelling::Infix(_)
                | Spelling::Prefix(_)
                | Spelling::Method(_)
                | Spelling::Math(_)
                | Spelling::Choice
                | Spelling::Identity => (format!("{}({})", prim.name(), self.list(args, depth)), Tight::Name),
            },
        }
    }

    fn power(&self, base: TermId, exponent: String, depth: usize) -> (String, Tight) {
        (format!("{}^{exponent}", self.at(base, Tight::Name, depth)), Tight::Power)
    }

    fn negative(&self, id: TermId) -> Option<f64> {
        self.terms.literal(id).filter(|x| *x < 0.0)
    }

    /// A condition on the inputs; what holds of elements says of which ones.
    pub(super) fn case(&self, case: &Case) -> String {
        let mut atoms: Vec<String> = Vec::new();
        // What holds of the elements of one iteration together.
        let mut together: Vec<String> = Vec::new();
        let mut some: Vec<TermId> = Vec::new();
        for atom in case {
            let mut text = self.relation(atom.term, atom.relation);
            let (every, free): (Vec<TermId>, Vec<TermId>) =
                self.free(atom.term).into_iter().partition(|x| atom.every.contains(x));
            if !every.is_empty() {
                text = format!("{text} for every {}", self.list(&every, 0));
            }
            let list = if free.is_empty() { &mut atoms } else { &mut together };
            if !list.contains(&text) {
                list.push(text);
            }
            let new: Vec<TermId> = free.into_iter().filter(|x| !some.contains(x)).collect();
            some.extend(new);
        }
        if !some.is_empty() {
            let last = together.len() - 1;
            together[last] = format!("{} for some {}", together[last], self.list(&some, 0));
        }
        atoms.extend(together);
        if atoms.is_empty() { "always".into() } else { atoms.join(" and ") }
    }

    /// The indices that a term speaks of, but for those that it runs over itself.
    fn free(&self, term: TermId) -> Vec<TermId> {
        let Some(cone) = self.terms.cone(term) else { return vec![] };
        let is_bound = |i: &TermId| {
            cone.iter().any(|x| match self.terms.get(*x) {
                Term::Reduce(_, index, _) => index == i,
                Term::Made(indices, _) => indices.contains(i),
                _ => false,
            })
        };
        let indices = cone.iter().filter(|x| matches!(self.terms.get(**x), Term::Index(..)));
        indices.filter(|x| !is_bound(x)).copied().collect()
    }

    fn relation(&self, term: TermId, relation: Relation) -> String {
        let x = self.side(term);
        match relation {
            Relation::Equal(0.0) => match self.terms.get(term) {
                Term::Call(Prim::Sub, args) => format!("{} = {}", self.side(args[0]), self.side(args[1])),
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
            Relation::Holds(true) => self.term(term),
            Relation::Holds(false) => self.contrary(term),
        }
    }

    fn contrary(&self, term: TermId) -> String {
        // What is not less than another is not below, above or at it where one of them is no number.
        let is_total = |id: &TermId| match self.terms.get(*id) {
            Term::Call(prim, _) => prim.row().domain.iter().all(|domain| *domain == Domain::Real),
            _ => true,
        };
        let cone = self.terms.cone(term);
        let turned = match self.terms.get(term) {
            _ if !cone.is_some_and(|cone| cone.iter().all(is_total)) => None,
            Term::Call(Prim::Lt, args) => Some((">=", args)),
            Term::Call(Prim::Le, args) => Some((">", args)),
            Term::Call(Prim::Gt, args) => Some(("<=", args)),
            Term::Call(Prim::Ge, args) => Some(("<", args)),
            Term::Call(Prim::Eq, args) => Some(("!=", args)),
            Term::Call(Prim::Ne, args) => Some(("==", args)),
            _ => None,
        };
        match turned {
            Some((sign, args)) => format!("{} {sign} {}", self.side(args[0]), self.side(args[1])),
            None => format!("not ({})", self.term(term)),
        }
    }
}

/// The function that a text is a call of, if that is all that it is.
fn called(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once('(')?;
    let is_name = name.starts_with(char::is_alphabetic) && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut depth = 1;
    let closed = rest.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    })?;
    (is_name && closed + 1 == rest.len()).then_some(name)
}

fn is_of_library(text: &str) -> bool {
    called(text).is_some_and(|name| Prim::by_name(name).is_none())
}

fn shortened(text: String) -> String {
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

fn signed(x: f64) -> (String, Tight) {
    (number(x), if x < 0.0 { Tight::Sign } else { Tight::Name })
}
