//! The walk over the expressions.
//!
//! The operands of an expression are lowered along its heaviest path with a stack of its own: whatever is not on that path
//! is at most half as large, so the recursion that is left is as deep as the logarithm of the formula, plus what opens a
//! scope (reductions, choices, definitions that are called), which is counted.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use grad_grammar::{BinaryOp, ExprId, ExprKind, Formula, Item, Span, SubscriptKind, UnaryOp};

use super::scalar::{Kind, Scalar};
use super::term::Term;
use crate::diagnostic::{Origin, Problem};
use crate::ir::{Builder, SizeId, Value};

/// How many expressions may be lowered, those of definitions once a call.
const MOST_EXPRESSIONS: u32 = 2_000_000;

/// How deep scopes may nest.
const DEEPEST: u32 = 60;

/// A problem has been recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported;

pub(super) type Lowered<T> = Result<T, Reported>;

/// How many times the walk may be inside itself. Without optimisation, that many and the deepest scopes take 1 MiB.
const MOST_WALKS: u32 = 200;

/// What a name means.
#[derive(Clone)]
pub(super) enum Binding {
    /// A value; `None` where its definition is wrong, which has been said.
    Term(Option<Term>),
    Size(SizeId),
    /// A `let` that the walk has not come to.
    Later(Span),
}

pub(super) fn is_constant(name: &str) -> bool {
    constant(name).is_some()
}

fn constant(name: &str) -> Option<f64> {
    match name {
        "pi" | "π" => Some(std::f64::consts::PI),
        "e" => Some(std::f64::consts::E),
        "inf" => Some(f64::INFINITY),
        _ => None,
    }
}

/// Lowers one formula.
pub(super) struct Lowering<'f> {
    pub(super) b: &'f Builder,
    pub(super) source: &'f str,
    pub(super) formula: &'f Formula,
    /// How many expressions there are in and below each.
    sizes: Vec<u32>,
    lengths: Vec<Rc<str>>,
    globals: RefCell<HashMap<Rc<str>, Binding>>,
    pub(super) functions: HashMap<&'f str, &'f Item>,
    /// Binders and parameters of definitions, innermost last; those before the mark cannot be seen.
    locals: RefCell<Vec<(&'f str, Option<Term>)>>,
    mark: Cell<usize>,
    /// The definitions that are being lowered.
    pub(super) calls: RefCell<Vec<&'f str>>,
    spans: RefCell<Vec<Span>>,
    problems: RefCell<Vec<Problem>>,
    lowered: Cell<u32>,
    depth: Cell<u32>,
    walks: Cell<u32>,
    /// The problem of a limit is told once.
    exhausted: Cell<bool>,
}

impl<'f> Lowering<'f> {
    pub(super) fn new(
        b: &'f Builder,
        source: &'f str,
        formula: &'f Formula,
        lengths: Vec<Rc<str>>,
        mut globals: HashMap<Rc<str>, Binding>,
        spans: Vec<Span>,
        problems: Vec<Problem>,
    ) -> Lowering<'f> {
        let mut sizes: Vec<u32> = Vec::with_capacity(formula.exprs.len());
        for expr in &formula.exprs {
            let mut size = 1u32;
            expr.kind.for_each_child(|child| size = size.saturating_add(sizes[child.index()]));
            sizes.push(size);
        }
        let mut functions = HashMap::new();
        for item in &formula.items {
            match item {
                Item::Let { name, .. } => {
                    globals.entry(name.text.as_str().into()).or_insert(Binding::Later(name.span));
                }
                Item::Fn { name, .. } => {
                    functions.entry(name.text.as_str()).or_insert(item);
                }
            }
        }
        Lowering {
            b,
            source,
            formula,
            sizes,
            lengths,
            globals: RefCell::new(globals),
            functions,
            locals: RefCell::default(),
            mark: Cell::new(0),
            calls: RefCell::default(),
            spans: RefCell::new(spans),
            problems: RefCell::new(problems),
            lowered: Cell::new(0),
            depth: Cell::new(0),
            walks: Cell::new(0),
            exhausted: Cell::new(false),
        }
    }

    pub(super) fn into_problems(self) -> (Vec<Problem>, Vec<Span>) {
        (self.problems.into_inner(), self.spans.into_inner())
    }

    /// Lowers the definitions and the results.
    pub(super) fn run(&self) -> Option<Vec<Value>> {
        let mut used: HashSet<&str> = HashSet::new();
        for item in &self.formula.items {
            match item {
                Item::Let { name, value, .. } => {
                    let term = self.lower(*value).ok().map(|term| {
                        self.locate(*value);
                        let term = term.stored(self.b);
                        self.name(&term, &name.text);
                        term
                    });
                    if used.insert(&name.text) {
                        self.globals.borrow_mut().insert(name.text.as_str().into(), Binding::Term(term));
                    }
                }
                Item::Fn { params, body, .. } => self.unknown_functions(params, *body),
            }
        }
        let results: Vec<Lowered<Value>> = self.formula.results.iter().map(|id| self.result(*id)).collect();
        results.into_iter().collect::<Lowered<_>>().ok()
    }

    fn result(&self, id: ExprId) -> Lowered<Value> {
        let term = self.lower(id)?;
        self.locate(id);
        match term.kind {
            Kind::Bool => Err(self.report(Problem::new(term.at, "the result is a condition, not a number"))),
            Kind::Float | Kind::Natural | Kind::Signed | Kind::Literal(_) => Ok(term.value(self.b, Kind::Float)),
        }
    }

    fn name(&self, term: &Term, name: &str) {
        if let Kind::Literal(_) = term.kind {
            return;
        }
        // What may be negative is named where it is an index.
        let kind = if term.rank() == 0 && term.kind == Kind::Signed { Kind::Natural } else { term.kind };
        self.b.name(term.value(self.b, kind), name);
    }

    // What is said.

    pub(super) fn report(&self, problem: Problem) -> Reported {
        self.problems.borrow_mut().push(problem);
        Reported
    }

    pub(super) fn refuse<T>(&self, at: Origin, title: impl Into<String>) -> Lowered<T> {
        Err(self.report(Problem::new(at, title)))
    }

    pub(super) fn refuse_with<T>(&self, at: Origin, title: impl Into<String>, help: impl Into<String>) -> Lowered<T> {
        Err(self.report(Problem::new(at, title).help(help)))
    }

    pub(super) fn origin(&self, id: ExprId) -> Origin {
        Origin(id.0)
    }

    pub(super) fn origin_of(&self, span: Span) -> Origin {
        let mut spans = self.spans.borrow_mut();
        spans.push(span);
        Origin(u32::try_from(spans.len() - 1).unwrap_or(u32::MAX))
    }

    /// The text at an origin, if it is short enough to be quoted.
    pub(super) fn quoted(&self, at: Origin, otherwise: &str) -> String {
        let span = self.spans.borrow()[at.0 as usize];
        match self.source.get(span.range()) {
            Some(text) if text.chars().count() <= 24 && !text.contains('\n') => format!("`{text}`"),
            _ => otherwise.to_owned(),
        }
    }

    /// New nodes come from the expression.
    pub(super) fn locate(&self, id: ExprId) {
        self.b.set_origin(Some(self.origin(id)));
    }

    /// The name of a symbolic length.
    pub(super) fn length_name(&self, size: SizeId) -> String {
        self.lengths[size.0 as usize].to_string()
    }

    /// Whether a place is in the declarations of the parameters.
    pub(super) fn is_declared(&self, at: Origin) -> bool {
        let end = self.formula.params.last().map_or(0, |param| param.span.range().end);
        self.spans.borrow().get(at.0 as usize).is_some_and(|span| span.range().end <= end)
    }

    /// How many problems there are so far.
    pub(super) fn problem_count(&self) -> usize {
        self.problems.borrow().len()
    }

    // What names mean.

    /// Runs `f` with names bound; they are unbound again whatever becomes of it.
    pub(super) fn with<T>(&self, names: Vec<(&'f str, Option<Term>)>, f: impl FnOnce() -> T) -> T {
        let before = self.locals.borrow().len();
        self.locals.borrow_mut().extend(names);
        let result = f();
        self.locals.borrow_mut().truncate(before);
        result
    }

    /// Runs `f` where only these names and the global ones are seen.
    pub(super) fn in_definition<T>(&self, names: Vec<(&'f str, Option<Term>)>, f: impl FnOnce() -> T) -> T {
        let mark = self.mark.replace(self.locals.borrow().len());
        let result = self.with(names, f);
        self.mark.set(mark);
        result
    }

    /// Whether the name is a value here, so that it cannot be called.
    pub(super) fn is_value(&self, name: &str) -> bool {
        let local = self.locals.borrow()[self.mark.get()..].iter().any(|(local, _)| *local == name);
        local
            || match self.globals.borrow().get(name) {
                Some(Binding::Term(Some(term))) => term.undeclared.is_none(),
                Some(Binding::Term(None) | Binding::Size(_) | Binding::Later(_)) => true,
                None => false,
            }
    }

    /// Whether the formula has a number of this name, declared or not.
    pub(super) fn is_number(&self, name: &str) -> bool {
        self.globals.borrow().contains_key(name)
    }

    fn look_up(&self, name: &str, at: Origin) -> Lowered<Term> {
        let local = self.locals.borrow()[self.mark.get()..].iter().rev().find(|(local, _)| *local == name).cloned();
        if let Some((_, term)) = local {
            return term.map(|term| Term { at, ..term }).ok_or(Reported);
        }
        let global = self.globals.borrow().get(name).cloned();
        match global {
            Some(Binding::Term(term)) => term.map(|term| Term { at, ..term }).ok_or(Reported),
            Some(Binding::Size(size)) => Ok(Term::scalar(Scalar::natural(self.b.size(size)), at)),
            Some(Binding::Later(span)) => {
                let defined = self.origin_of(span);
                let problem = Problem::new(at, format!("`{name}` is used before it is defined"));
                Err(self.report(problem.also(defined, "defined here")))
            }
            None => match constant(name) {
                Some(x) => Ok(Term::scalar(Scalar::float(self.b.float(x)), at)),
                // Said before the walk began.
                None if self.functions.contains_key(name) => {
                    self.refuse_with(at, format!("`{name}` is a function"), format!("write `{name}(…)`"))
                }
                None => Err(Reported),
            },
        }
    }

    // The walk.

    /// Whether no further scope may open.
    pub(super) fn is_deep(&self) -> bool {
        self.depth.get() >= DEEPEST || self.b.depth() > DEEPEST as usize
    }

    pub(super) fn too_deep(&self, at: Origin) -> Reported {
        if !self.exhausted.replace(true) {
            let title = "reductions, choices and calls nest too deep";
            self.report(Problem::new(at, title).help("name a part of it with `let`"));
        }
        Reported
    }

    /// Goes a scope deeper.
    pub(super) fn deeper<T>(&self, at: Origin, f: impl FnOnce() -> Lowered<T>) -> Lowered<T> {
        if self.is_deep() {
            return Err(self.too_deep(at));
        }
        self.depth.set(self.depth.get() + 1);
        let result = f();
        self.depth.set(self.depth.get() - 1);
        result
    }

    /// Lowers an expression.
    pub(super) fn lower(&self, id: ExprId) -> Lowered<Term> {
        if self.walks.get() >= MOST_WALKS {
            return Err(self.too_deep(self.origin(id)));
        }
        self.walks.set(self.walks.get() + 1);
        let term = self.walk(id);
        self.walks.set(self.walks.get() - 1);
        term
    }

    fn walk(&self, id: ExprId) -> Lowered<Term> {
        let mut path: Vec<(ExprId, Vec<ExprId>, usize)> = Vec::new();
        let mut id = id;
        loop {
            let operands = self.operands(id);
            let Some(heaviest) = (0..operands.len()).max_by_key(|k| self.sizes[operands[*k].index()]) else { break };
            let next = operands[heaviest];
            path.push((id, operands, heaviest));
            id = next;
        }
        let mut term = self.apply(id, Vec::new());
        while let Some((id, operands, heaviest)) = path.pop() {
            let mut heavy = Some(term);
            let terms: Vec<Lowered<Term>> = operands
                .iter()
                .enumerate()
                .map(|(k, operand)| match heavy.take_if(|_| k == heaviest) {
                    Some(term) => term,
                    None => self.lower(*operand),
                })
                .collect();
            term = match terms.into_iter().collect::<Lowered<Vec<Term>>>() {
                Ok(terms) => self.apply(id, terms),
                Err(reported) => {
                    if let ExprKind::Call { name, args } = &self.formula[id].kind {
                        self.call_of_wrong(name, args);
                    }
                    Err(reported)
                }
            };
        }
        term
    }

    /// The operands that are evaluated before the expression itself, in order.
    fn operands(&self, id: ExprId) -> Vec<ExprId> {
        match &self.formula[id].kind {
            ExprKind::Number { .. }
            | ExprKind::Name(_)
            | ExprKind::Choice { .. }
            | ExprKind::Comprehension { .. }
            | ExprKind::Reduce { .. } => Vec::new(),
            ExprKind::Unary(_, x) | ExprKind::Transpose(x) => vec![*x],
            // The right side is lowered where it is known to be needed.
            ExprKind::Binary(BinaryOp::And | BinaryOp::Or, x, _) => vec![*x],
            ExprKind::Binary(_, x, y) => vec![*x, *y],
            ExprKind::Compare { first, rest } => {
                std::iter::once(*first).chain(rest.iter().map(|(_, operand)| *operand)).collect()
            }
            ExprKind::Call { args, .. } => args.iter().map(|arg| arg.value).collect(),
            ExprKind::Vector(components) => components.clone(),
            ExprKind::Index { base, subscripts } => {
                let mut operands = vec![*base];
                for subscript in subscripts {
                    match subscript.kind {
                        SubscriptKind::At(at) => operands.push(at),
                        SubscriptKind::Range(lo, hi) => operands.extend(lo.into_iter().chain(hi)),
                    }
                }
                operands
            }
        }
    }

    /// The value of an expression, from those of its operands.
    fn apply(&self, id: ExprId, terms: Vec<Term>) -> Lowered<Term> {
        let at = self.origin(id);
        if self.lowered.replace(self.lowered.get().saturating_add(1)) >= MOST_EXPRESSIONS {
            if self.exhausted.replace(true) {
                return Err(Reported);
            }
            let title = "the formula is too large once its definitions are put in";
            return self.refuse_with(at, title, "name what is computed again and again with `let`");
        }
        self.locate(id);
        match &self.formula[id].kind {
            ExprKind::Number { value, integer } => Ok(Term::scalar(self.number(*value, *integer), at)),
            ExprKind::Name(name) => self.look_up(name, at),
            ExprKind::Unary(UnaryOp::Neg, _) => self.negate(at, &terms[0]),
            ExprKind::Unary(UnaryOp::Plus, _) => self.numbers(&terms).map(|()| Term { at, ..terms[0].clone() }),
            ExprKind::Unary(UnaryOp::Not, _) => self.not(at, &terms[0]),
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), _, right) => {
                self.logic(at, *op == BinaryOp::And, &terms[0], *right)
            }
            ExprKind::Binary(op, ..) => self.binary(at, *op, &terms[0], &terms[1]),
            ExprKind::Compare { rest, .. } => {
                self.compare(at, &rest.iter().map(|(op, _)| *op).collect::<Vec<_>>(), &terms)
            }
            ExprKind::Transpose(_) => self.transpose(at, &terms[0]),
            ExprKind::Call { name, args } => self.call(id, name, args, terms),
            ExprKind::Index { subscripts, .. } => self.place(at, subscripts, &terms),
            ExprKind::Choice { arms, otherwise } => self.choice(at, arms, *otherwise),
            ExprKind::Vector(_) => self.vector(at, &terms),
            ExprKind::Comprehension { body, binders, filter } => self.comprehension(at, *body, binders, *filter),
            ExprKind::Reduce { name, binders, filter, body } => self.reduction(at, name, binders, *filter, *body),
        }
    }

    fn number(&self, value: f64, integer: bool) -> Scalar {
        // Every integer below 2^53 is a float exactly.
        if integer && value < 9_007_199_254_740_992.0 {
            return Scalar::literal(self.b, value as i64);
        }
        Scalar::float(self.b.float(value))
    }

    /// Whether lowering the expression anywhere is as good as lowering it where it is needed.
    pub(super) fn is_harmless(&self, id: ExprId) -> bool {
        let first = (id.index() + 1).saturating_sub(self.sizes[id.index()] as usize);
        self.formula.exprs[first..=id.index()].iter().all(|expr| match expr.kind {
            ExprKind::Number { .. }
            | ExprKind::Name(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..)
            | ExprKind::Compare { .. } => true,
            ExprKind::Transpose(_)
            | ExprKind::Call { .. }
            | ExprKind::Index { .. }
            | ExprKind::Choice { .. }
            | ExprKind::Vector(_)
            | ExprKind::Comprehension { .. }
            | ExprKind::Reduce { .. } => false,
        })
    }
}
