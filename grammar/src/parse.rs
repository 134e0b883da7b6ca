//! Text -> [`Formula`]: runs the grammar and builds the arena from the pairs it yields.

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use crate::ast::{Dim, DimKind, ExprId, ExprKind, FnParam, Formula, Item, Name, ParamDecl, ParamType, Span};
use crate::error::ParseError;
use crate::pratt::{Operand, Stacks};
use crate::room::with_room;
use crate::scan::Scanned;
use crate::{explain, scan};

/// The parser that pest derives from `formula.pest`.
mod grammar {
    #![allow(missing_docs, unreachable_pub)]

    #[derive(pest_derive::Parser)]
    #[grammar = "../formula.pest"]
    pub(crate) struct Grammar;
}

pub(crate) use grammar::{Grammar, Rule};

/// Parses a formula.
///
/// ```
/// let formula = grad_grammar::parse("x: [n], lambda;  sum(x^2) + lambda").unwrap();
/// assert_eq!(formula.params.len(), 2);
/// assert_eq!(formula.results.len(), 1);
///
/// let errors = grad_grammar::parse("2x + 1").unwrap_err();
/// assert_eq!(errors[0].message, "`2x`: write `2*x`");
/// assert_eq!(errors[0].span.range(), 0..2);
/// ```
///
/// # Errors
///
/// Whatever is wrong, in the order of the text; never empty. Brackets and characters are checked first, all through;
/// then the grammar, one error for each definition.
pub fn parse(source: &str) -> Result<Formula, Vec<ParseError>> {
    let Scanned { text, depth } = scan::scan(source)?;
    with_room(depth, || parse_scanned(source, &text))
}

fn parse_scanned(source: &str, text: &str) -> Result<Formula, Vec<ParseError>> {
    let mut pairs = Grammar::parse(Rule::formula, text).map_err(|error| explain::explain(source, text, &error))?;
    let root = pairs.next().expect("a match of the rule `formula` is one pair of it");
    let mut builder = Builder::default();
    let formula = builder.formula(root);
    if builder.errors.is_empty() {
        return Ok(formula);
    }
    builder.errors.sort_by_key(|error| error.span);
    Err(builder.errors)
}

/// What has been built so far. Its methods recurse as the brackets nest, which [`scan`] has bounded.
#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) stacks: Stacks,
    pub(crate) errors: Vec<ParseError>,
}

impl Builder {
    fn formula(&mut self, pair: Pair<'_, Rule>) -> Formula {
        let mut formula = Formula::default();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::header => {
                    let declarations = part.into_inner().filter(|part| part.as_rule() == Rule::declaration);
                    formula.params.extend(declarations.map(|declaration| self.declaration(declaration)));
                }
                Rule::let_ => formula.items.push(self.let_(part)),
                Rule::fn_ => formula.items.push(self.fn_(part)),
                Rule::expr => formula.results = self.results(part),
                _ => {}
            }
        }
        if formula.results.is_empty() {
            self.result_from_header(&mut formula);
        }
        formula.exprs = std::mem::take(&mut self.stacks.exprs);
        formula
    }

    /// `x;` alone reads as a header without a result; it is meant as a result.
    fn result_from_header(&mut self, formula: &mut Formula) {
        if formula.items.is_empty()
            && let [.., ParamDecl { name, span, ty: ParamType::Scalar }] = &formula.params[..]
            && name.span == *span
        {
            formula.results.push(self.stacks.add(ExprKind::Name(name.text.clone()), *span).id);
            formula.params.pop();
            return;
        }
        let items = formula.items.last().map(|item| match item {
            Item::Let { span, .. } | Item::Fn { span, .. } => *span,
        });
        let last = items.or(formula.params.last().map(|param| param.span)).unwrap_or_default();
        let error = ParseError::new(Span { start: last.end, end: last.end }, "the formula has no result");
        self.errors.push(error.help("write the expression to derive after the parameters and definitions"));
    }

    fn declaration(&mut self, pair: Pair<'_, Rule>) -> ParamDecl {
        let span = span(&pair);
        let mut inner = pair.into_inner();
        let name = name(inner.next().expect("a declaration begins with a name"));
        let ty = match inner.next() {
            None => ParamType::Scalar,
            Some(ty) => match ty.as_rule() {
                Rule::scalar => ParamType::Scalar,
                Rule::dims => ParamType::Array(self.dims(ty)),
                _ => match ty.into_inner().nth(1) {
                    None => ParamType::Index,
                    Some(dims) => ParamType::IndexArray(self.dims(dims)),
                },
            },
        };
        ParamDecl { name, span, ty }
    }

    fn dims(&mut self, pair: Pair<'_, Rule>) -> Vec<Dim> {
        pair.into_inner().filter(|part| part.as_rule() == Rule::dim).map(|dim| self.dim(dim)).collect()
    }

    fn dim(&mut self, pair: Pair<'_, Rule>) -> Dim {
        let (span, text) = (span(&pair), pair.as_str());
        if !text.starts_with(|c: char| c == '.' || c.is_ascii_digit()) {
            return Dim { kind: DimKind::Name(text.to_owned()), span };
        }
        let literal = text.parse().unwrap_or_else(|_| {
            self.errors.push(
                ParseError::new(span, format!("`{text}` is not a length")).help("a length is a whole number or a name"),
            );
            0
        });
        Dim { kind: DimKind::Literal(literal), span }
    }

    fn let_(&mut self, pair: Pair<'_, Rule>) -> Item {
        let span = span(&pair);
        let mut inner = pair.into_inner().filter(is_content);
        let name = name(inner.next().expect("`let` is followed by a name"));
        let value = self.expr(inner.next().expect("a definition has a value")).id;
        Item::Let { name, span, value }
    }

    fn fn_(&mut self, pair: Pair<'_, Rule>) -> Item {
        let span = span(&pair);
        let mut inner = pair.into_inner().filter(is_content).peekable();
        let name = name(inner.next().expect("`fn` is followed by a name"));
        let mut params = Vec::new();
        while let Some(parameter) = inner.next_if(|part| part.as_rule() == Rule::parameter) {
            params.push(self.parameter(parameter));
        }
        let body = self.expr(inner.next().expect("a definition has a body")).id;
        Item::Fn { name, span, params, body }
    }

    fn parameter(&mut self, pair: Pair<'_, Rule>) -> FnParam {
        let span = span(&pair);
        let mut inner = pair.into_inner().filter(is_content);
        let name = name(inner.next().expect("a parameter begins with its name"));
        let default = inner.next().map(|default| self.expr(default).id);
        FnParam { name, span, default }
    }

    /// The last expression; if it is nothing but `(a, b)`, several results.
    fn results(&mut self, pair: Pair<'_, Rule>) -> Vec<ExprId> {
        let mut inner = pair.clone().into_inner();
        match (inner.next(), inner.next()) {
            (Some(only), None) if only.as_rule() == Rule::parens => {
                only.into_inner().map(|result| self.expr(result).id).collect()
            }
            _ => vec![self.expr(pair).id],
        }
    }
}

/// Whether a pair is more than punctuation.
fn is_content(pair: &Pair<'_, Rule>) -> bool {
    matches!(pair.as_rule(), Rule::name | Rule::parameter | Rule::expr)
}

/// Takes the next pair if it is of this rule.
pub(crate) fn next_if<'i>(pairs: &mut Pairs<'i, Rule>, rule: Rule) -> Option<Pair<'i, Rule>> {
    if pairs.peek()?.as_rule() == rule { pairs.next() } else { None }
}

/// Where a pair is, without the spaces that the grammar skips before a part that may be missing.
pub(crate) fn span(pair: &Pair<'_, Rule>) -> Span {
    let span = pair.as_span();
    Span::new(span.start(), span.start() + span.as_str().trim_end_matches(' ').len())
}

pub(crate) fn name(pair: Pair<'_, Rule>) -> Name {
    Name { text: pair.as_str().to_owned(), span: span(&pair) }
}

/// The value of a pair that holds one expression.
pub(crate) fn operand(builder: &mut Builder, pair: Pair<'_, Rule>) -> Operand {
    builder.expr(pair.into_inner().next().expect("the rule holds an expression"))
}
