//! Pairs of the rule `expr` -> expressions in the arena.

use pest::iterators::{Pair, Pairs};

use crate::ast::{Arg, Binder, ExprId, ExprKind, Name, Span, Subscript, SubscriptKind};
use crate::error::ParseError;
use crate::parse::{Builder, Rule, name, next_if, operand, span};
use crate::pratt::{self, Operand};

/// An argument as written: `label = value`, or the case `value: then`.
struct Argument {
    label: Option<Name>,
    /// `None` for the word `otherwise` of a last case.
    value: Option<Operand>,
    then: Option<Operand>,
    span: Span,
}

impl Builder {
    /// Builds an expression. The span it answers covers the expression and no parentheses around it.
    pub(crate) fn expr(&mut self, pair: Pair<'_, Rule>) -> Operand {
        let base = self.stacks.base();
        let mut inner = pair.into_inner();
        while let Some(part) = inner.next() {
            match part.as_rule() {
                Rule::prefix => self.stacks.prefix(pratt::prefix(part.as_str()), span(&part)),
                Rule::infix => self.stacks.infix(pratt::infix(part.as_str()), base),
                _ => {
                    let operand = self.operand(part, &mut inner);
                    self.stacks.operand(operand);
                }
            }
        }
        self.stacks.finish(base)
    }

    /// Builds a primary, or applies a postfix operator to the operand before it.
    fn operand(&mut self, part: Pair<'_, Rule>, after: &mut Pairs<'_, Rule>) -> Operand {
        match part.as_rule() {
            Rule::number => self.number(&part),
            Rule::name | Rule::root => match next_if(after, Rule::call) {
                Some(call) => self.call(name(part), call),
                None => self.stacks.add(ExprKind::Name(part.as_str().to_owned()), span(&part)),
            },
            Rule::parens => self.parens(part),
            Rule::vector => self.vector(part),
            Rule::choice => self.choice(part),
            Rule::transpose => {
                let operand = self.stacks.take();
                self.stacks.add(ExprKind::Transpose(operand.id), operand.span.to(span(&part)))
            }
            Rule::subscripts => self.subscripts(part),
            rule => unreachable!("an expression has no part `{rule:?}`"),
        }
    }

    fn number(&mut self, pair: &Pair<'_, Rule>) -> Operand {
        let (span, text) = (span(pair), pair.as_str());
        let value: f64 = text.parse().expect("the grammar's numbers are among Rust's");
        if value.is_infinite() {
            let error = ParseError::new(span, "this number is too large");
            self.errors.push(error.help("the largest is about 1.8e308; infinity is `inf`"));
        }
        self.stacks.add(ExprKind::Number { value, integer: !text.contains(['.', 'e', 'E']) }, span)
    }

    fn parens(&mut self, pair: Pair<'_, Rule>) -> Operand {
        let span = span(&pair);
        let mut inner = pair.into_inner();
        let first = self.expr(inner.next().expect("parentheses hold an expression"));
        if inner.next().is_some() {
            let error = ParseError::new(span, "`(a, b)` gives several results, and cannot be part of an expression");
            self.errors.push(error.help("a vector is `[a, b]`"));
        }
        Operand { id: first.id, span }
    }

    fn vector(&mut self, pair: Pair<'_, Rule>) -> Operand {
        let span = span(&pair);
        let mut components = Vec::new();
        let mut comprehension = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::for_ => comprehension = Some(self.binders(&mut part.into_inner())),
                _ => components.push(self.expr(part).id),
            }
        }
        let kind = match comprehension {
            Some((binders, filter)) => ExprKind::Comprehension { body: components[0], binders, filter },
            None => ExprKind::Vector(components),
        };
        self.stacks.add(kind, span)
    }

    /// `if`, `then` and `else` are parts too; what counts is the expressions, in pairs but for the last.
    fn choice(&mut self, pair: Pair<'_, Rule>) -> Operand {
        let span = span(&pair);
        let exprs = pair.into_inner().filter(|part| part.as_rule() == Rule::expr);
        let parts: Vec<ExprId> = exprs.map(|part| self.expr(part).id).collect();
        let (arms, otherwise) = parts.as_chunks();
        let arms = arms.iter().map(|[condition, value]| (*condition, *value)).collect();
        self.stacks.add(ExprKind::Choice { arms, otherwise: otherwise[0] }, span)
    }

    fn subscripts(&mut self, pair: Pair<'_, Rule>) -> Operand {
        let base = self.stacks.take();
        let span = base.span.to(span(&pair));
        let subscripts = pair.into_inner().map(|subscript| self.subscript(subscript)).collect();
        self.stacks.add(ExprKind::Index { base: base.id, subscripts }, span)
    }

    fn subscript(&mut self, pair: Pair<'_, Rule>) -> Subscript {
        let span = span(&pair);
        let mut inner = pair.into_inner();
        let lo = next_if(&mut inner, Rule::expr).map(|lo| self.expr(lo).id);
        let is_range = next_if(&mut inner, Rule::range).is_some();
        let hi = inner.next().map(|hi| self.expr(hi).id);
        let kind = match lo {
            Some(at) if !is_range => SubscriptKind::At(at),
            _ => SubscriptKind::Range(lo, hi),
        };
        Subscript { kind, span }
    }

    /// `binder, binder if filter`, and what follows stays in `pairs`.
    fn binders(&mut self, pairs: &mut Pairs<'_, Rule>) -> (Vec<Binder>, Option<ExprId>) {
        let mut binders = Vec::new();
        next_if(pairs, Rule::FOR);
        while let Some(binder) = next_if(pairs, Rule::binder) {
            binders.push(self.binder(binder));
        }
        let filter = next_if(pairs, Rule::filter).map(|filter| {
            let condition = filter.into_inner().nth(1).expect("a filter is `if` and its condition");
            self.expr(condition).id
        });
        (binders, filter)
    }

    fn binder(&mut self, pair: Pair<'_, Rule>) -> Binder {
        let span = span(&pair);
        let mut inner = pair.into_inner();
        let name = name(inner.next().expect("a binder begins with its name"));
        next_if(&mut inner, Rule::IN);
        let lo = self.expr(inner.next().expect("a binder has a start")).id;
        let hi = self.expr(inner.next().expect("a binder has an end")).id;
        Binder { name, lo, hi, span }
    }

    fn call(&mut self, name: Name, call: Pair<'_, Rule>) -> Operand {
        let span = name.span.to(span(&call));
        let mut inner = call.into_inner();
        if let Some(reduction) = next_if(&mut inner, Rule::reduction) {
            let mut inner = reduction.into_inner();
            let (binders, filter) = self.binders(&mut inner);
            let body = self.expr(inner.next().expect("a reduction has a body")).id;
            return self.stacks.add(ExprKind::Reduce { name, binders, filter, body }, span);
        }
        let arguments: Vec<Argument> = inner.map(|argument| self.argument(argument)).collect();
        let kind = match name.text.as_str() {
            "piecewise" => self.piecewise(&name, &arguments),
            "where" => self.where_(&name, &arguments),
            _ => self.plain_call(name, arguments),
        };
        self.stacks.add(kind, span)
    }

    fn argument(&mut self, pair: Pair<'_, Rule>) -> Argument {
        let span = span(&pair);
        let mut inner = pair.into_inner();
        let first = inner.next().expect("an argument has a value");
        let Some(second) = inner.next() else {
            return Argument { label: None, value: Some(self.expr(first)), then: None, span };
        };
        let name = only_name(&first);
        if second.as_rule() == Rule::assign {
            if name.is_none() {
                self.errors.push(ParseError::not_a_comparison(self::span(&second)));
            }
            let value = inner.next().map(|value| self.expr(value));
            return Argument { label: name, value, then: None, span };
        }
        let is_otherwise = name.is_some_and(|name| name.text == "otherwise");
        let value = if is_otherwise { None } else { Some(self.expr(first)) };
        Argument { label: None, value, then: Some(operand(self, second)), span }
    }

    fn plain_call(&mut self, name: Name, arguments: Vec<Argument>) -> ExprKind {
        let mut args = Vec::with_capacity(arguments.len());
        for Argument { label, value, then, span } in arguments {
            if then.is_some() {
                let error = ParseError::new(span, format!("`:` in a call of `{}`", name.text));
                self.errors.push(error.help(format!("an index has a range: `{}(i in 0..n: …)`", name.text)));
            }
            args.extend(value.map(|value| Arg { name: label, value: value.id, span }));
        }
        ExprKind::Call { name, args }
    }

    /// `where(c, a, b)`
    fn where_(&mut self, name: &Name, arguments: &[Argument]) -> ExprKind {
        let plain = |argument: &Argument| match argument {
            Argument { label: None, value: Some(value), then: None, .. } => Some(value.id),
            _ => None,
        };
        let parts: Option<Vec<ExprId>> = arguments.iter().map(plain).collect();
        match parts.as_deref() {
            Some([condition, value, otherwise]) => {
                ExprKind::Choice { arms: vec![(*condition, *value)], otherwise: *otherwise }
            }
            _ => self.misused(name, "`where` takes a condition and two values", "write `where(c, a, b)`"),
        }
    }

    /// `piecewise(c: a, d: b, otherwise: z)`
    fn piecewise(&mut self, name: &Name, arguments: &[Argument]) -> ExprKind {
        let case = |argument: &Argument| match argument {
            Argument { label: None, value: Some(condition), then: Some(value), .. } => Some((condition.id, value.id)),
            _ => None,
        };
        if let [cases @ .., Argument { label: None, value: None, then: Some(otherwise), .. }] = arguments
            && let Some(arms) = cases.iter().map(case).collect::<Option<Vec<_>>>()
            && !arms.is_empty()
        {
            return ExprKind::Choice { arms, otherwise: otherwise.id };
        }
        self.misused(
            name,
            "`piecewise` takes cases `condition: value`, and last an `otherwise`",
            "write `piecewise(c: a, otherwise: b)`",
        )
    }

    /// Reports a misuse, and answers something that takes the place of the call.
    fn misused(&mut self, name: &Name, message: &str, help: &str) -> ExprKind {
        self.errors.push(ParseError::new(name.span, message).help(help));
        ExprKind::Name(name.text.clone())
    }
}

/// The name that is all of an expression.
fn only_name(expr: &Pair<'_, Rule>) -> Option<Name> {
    let mut inner = expr.clone().into_inner();
    match (inner.next(), inner.next()) {
        (Some(only), None) if only.as_rule() == Rule::name => Some(name(only)),
        _ => None,
    }
}
