//! Which names of a formula nobody gives a meaning: its undeclared parameters.

use std::collections::HashSet;

use grad_grammar::{Binder, ExprId, ExprKind, Formula, Item, Span};

/// A step of the walk, which keeps its own stack: chains are as deep as the text is long.
enum Step<'f> {
    Visit(ExprId),
    Bind(&'f str),
    Unbind,
}

/// The free names in the order of the text, each at its first place. `known` says which names mean something anywhere.
pub(super) fn free_names(formula: &Formula, known: impl Fn(&str) -> bool) -> Vec<(String, Span)> {
    let mut walk = Walk { formula, bound: Vec::new(), found: Vec::new() };
    for item in &formula.items {
        match item {
            Item::Let { value, .. } => walk.run(vec![Step::Visit(*value)], &known),
            Item::Fn { params, body, .. } => {
                // A default sees the parameters before it.
                for param in params {
                    if let Some(default) = param.default {
                        walk.run(vec![Step::Visit(default)], &known);
                    }
                    walk.bound.push(&param.name.text);
                }
                walk.run(vec![Step::Visit(*body)], &known);
                walk.bound.clear();
            }
        }
    }
    for result in &formula.results {
        walk.run(vec![Step::Visit(*result)], &known);
    }
    let mut found = walk.found;
    found.sort_by_key(|(_, span)| *span);
    let mut seen = HashSet::new();
    found.into_iter().filter(|(name, _)| seen.insert(*name)).map(|(name, span)| (name.to_owned(), span)).collect()
}

struct Walk<'f> {
    formula: &'f Formula,
    bound: Vec<&'f str>,
    found: Vec<(&'f str, Span)>,
}

impl<'f> Walk<'f> {
    fn run(&mut self, mut steps: Vec<Step<'f>>, known: &impl Fn(&str) -> bool) {
        while let Some(step) = steps.pop() {
            let id = match step {
                Step::Visit(id) => id,
                Step::Bind(name) => {
                    self.bound.push(name);
                    continue;
                }
                Step::Unbind => {
                    self.bound.pop();
                    continue;
                }
            };
            let expr = &self.formula[id];
            match &expr.kind {
                ExprKind::Name(name) => {
                    if !self.bound.contains(&name.as_str()) && !known(name) {
                        self.found.push((name, expr.span));
                    }
                }
                ExprKind::Comprehension { body, binders, filter } | ExprKind::Reduce { body, binders, filter, .. } => {
                    bind(&mut steps, binders, *filter, *body)
                }
                ExprKind::Number { .. }
                | ExprKind::Unary(..)
                | ExprKind::Binary(..)
                | ExprKind::Compare { .. }
                | ExprKind::Transpose(_)
                | ExprKind::Call { .. }
                | ExprKind::Index { .. }
                | ExprKind::Choice { .. }
                | ExprKind::Vector(_) => expr.kind.for_each_child(|child| steps.push(Step::Visit(child))),
            }
        }
    }
}

/// The steps through something with binders, the last first.
fn bind<'f>(steps: &mut Vec<Step<'f>>, binders: &'f [Binder], filter: Option<ExprId>, body: ExprId) {
    steps.extend(binders.iter().map(|_| Step::Unbind));
    steps.push(Step::Visit(body));
    steps.extend(filter.map(Step::Visit));
    for binder in binders.iter().rev() {
        steps.push(Step::Bind(&binder.name.text));
        steps.extend(binder.bounds().map(Step::Visit));
    }
}
