//! What the grammar refuses -> words.
//!
//! The grammar answers a position and the rules that it tried there. The words come from the tokens around the position
//! and from what is open there; brackets are known to match.

use std::collections::BTreeSet;

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};

use crate::ast::Span;
use crate::error::{ParseError, line_column};
use crate::nesting::{Bracket, Nesting, Open, Stage};
use crate::parse::{Grammar, Rule};
use crate::token::{Kind, Token, tokens};

/// More errors than this are noise.
const MOST_ERRORS: usize = 10;

/// Explains the grammar's error about `text`, which [`crate::scan`] made from `source`, and looks for one in each later
/// definition.
pub(crate) fn explain(source: &str, text: &str, error: &Error<Rule>) -> Vec<ParseError> {
    let mut errors = vec![explain_one(source, text, error)];
    let mut text = text.to_owned();
    let mut position = position_of(error);
    while errors.len() < MOST_ERRORS
        && let Some(rest) = without_statement(&text, position)
    {
        let Err(error) = Grammar::parse(Rule::formula, &rest) else { break };
        errors.push(explain_one(source, &rest, &error));
        position = position_of(&error);
        text = rest;
    }
    errors.sort_by_key(|error| error.span);
    errors.dedup();
    errors
}

fn position_of(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(position) | InputLocation::Span((position, _)) => position,
    }
}

/// The text with everything up to the end of the statement at `position` blank; `None` when nothing follows.
fn without_statement(text: &str, position: usize) -> Option<String> {
    let mut depth = 0_usize;
    for token in tokens(text) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Semicolon if depth == 0 && token.start >= position => {
                let rest = &text[token.end()..];
                let is_last = rest.bytes().all(|byte| byte == b' ' || byte == b';');
                return (!is_last).then(|| " ".repeat(token.end()) + rest);
            }
            _ => {}
        }
    }
    None
}

fn explain_one(source: &str, text: &str, error: &Error<Rule>) -> ParseError {
    let site = Site::new(source, text, position_of(error));
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => expected(positives, &site),
        // The parser's own guard of the stack; the scan's limit is there to come first.
        ErrorVariant::CustomError { .. } => {
            return ParseError::new(site.span(), "the formula nests too deep for the stack that is left")
                .help("name the inner parts with `let`");
        }
    };
    let after_operand = site.previous.is_some_and(|previous| previous.ends_operand());
    let error = if after_operand { site.after_operand() } else { site.before_operand() };
    ParseError { expected, ..error }
}

/// The place of an error.
struct Site<'s> {
    source: &'s str,
    /// The token before it.
    previous: Option<Token<'s>>,
    /// The unexpected token; `None` at the end of the formula.
    found: Option<Token<'s>>,
    /// What is open.
    nesting: Nesting<'s>,
    /// The first tokens of the statement.
    statement: Vec<Token<'s>>,
    /// Whether a `=` stands in the statement, outside brackets.
    assigned: bool,
}

impl<'s> Site<'s> {
    fn new(source: &'s str, text: &'s str, position: usize) -> Site<'s> {
        let mut site = Site {
            source,
            previous: None,
            found: None,
            nesting: Nesting::default(),
            statement: Vec::new(),
            assigned: false,
        };
        for token in tokens(text) {
            if token.end() > position {
                site.found = Some(token);
                break;
            }
            if token.kind == Kind::Close {
                site.nesting.close(token);
            } else {
                site.nesting.read(site.previous, token);
            }
            site.assigned |= token.kind == Kind::Assign && site.nesting.open.is_empty();
            if token.kind == Kind::Semicolon {
                site.statement.clear();
                site.assigned = false;
            } else if site.statement.len() < 3 {
                site.statement.push(token);
            }
            site.previous = Some(token);
        }
        site
    }

    /// The unexpected token, or the end.
    fn span(&self) -> Span {
        self.found.map_or(Span::new(self.source.len(), self.source.len()), |found| found.span())
    }

    /// An error at the unexpected token.
    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(self.span(), message)
    }

    /// The unexpected token in words.
    fn found(&self) -> String {
        match self.found {
            None => "the end of the formula".to_owned(),
            Some(found) => self.quote(found),
        }
    }

    fn quote(&self, token: Token<'_>) -> String {
        // A line end that was made a `;`.
        if self.source.as_bytes().get(token.start) != token.text.as_bytes().first() {
            return "the end of the line".to_owned();
        }
        let shown: String = token.text.chars().take(40).collect();
        if shown.len() < token.text.len() { format!("`{shown}…`") } else { format!("`{shown}`") }
    }

    fn bracket(&self) -> Option<&Bracket<'s>> {
        self.nesting.brackets().next_back()
    }

    fn found_is(&self, kind: Kind) -> bool {
        self.found.is_some_and(|found| found.kind == kind)
    }

    fn found_word(&self, keyword: &str) -> bool {
        self.found.is_some_and(|found| found.is(keyword))
    }

    /// Where an expression, or another begin of something, should stand.
    fn before_operand(&self) -> ParseError {
        let Some(previous) = self.previous else {
            return self.at_start();
        };
        let after = self.quote(previous);
        if previous.kind == Kind::Semicolon {
            return self.at_start();
        }
        if previous.is("let")
            || previous.is("fn")
            || previous.is("for")
            || (matches!(previous.kind, Kind::Open | Kind::Comma) && self.in_name_list())
        {
            let error = self.error(format!("expected a name after {after}, found {}", self.found()));
            return match self.found {
                Some(found) if found.kind == Kind::Keyword => {
                    error.help(format!("`{}` is a keyword; choose another name", found.text))
                }
                _ => error,
            };
        }
        if previous.kind == Kind::Colon && self.nesting.open.is_empty() {
            return self.error(format!("expected a type after {after}, found {}", self.found())).help(TYPES);
        }
        if self.in_type() {
            return self.error(format!("expected a length after {after}, found {}", self.found())).help(TYPES);
        }
        if previous.kind == Kind::Open {
            return self.after_opener(previous);
        }
        if self.found_is(Kind::Assign) && previous.kind == Kind::Assign {
            return self.error("`==` compares; `=` defines");
        }
        let error = self.error(format!("expected an expression after {after}, found {}", self.found()));
        match self.found {
            Some(found) if found.is("let") || found.is("fn") => {
                error.help("a definition begins a line of its own, before the result")
            }
            Some(found) if found.is("in") || found.is("for") => {
                error.help(format!("`{}` is a keyword, it cannot be a name", found.text))
            }
            Some(found) if found.kind == Kind::Operator && previous.kind == Kind::Operator => {
                error.help(format!("{after} and {} cannot follow each other", self.found()))
            }
            _ => error,
        }
    }

    fn at_start(&self) -> ParseError {
        let error = self.error(format!("expected an expression, found {}", self.found()));
        match self.found {
            Some(found) if found.is("let") || found.is("fn") => self
                .error("a definition comes before the result")
                .help("only the last line is an expression that stands alone"),
            Some(found) if self.previous.is_some() && found.begins_operand() => {
                let error = self.error("the formula has its result already, before this");
                error.help("name the first with `let z = …`; several results are written `(a, b)`")
            }
            Some(found) if found.kind == Kind::Keyword => {
                error.help(format!("`{}` is a keyword, it cannot be a name", found.text))
            }
            _ => error,
        }
    }

    fn after_opener(&self, opener: Token<'_>) -> ParseError {
        let is_empty = self.found_is(Kind::Close);
        match self.bracket().and_then(|bracket| bracket.of) {
            Some(_) if is_empty && opener.text == "[" => {
                self.error("a subscript is missing").help("write `x[i]` or `x[lo..hi]`")
            }
            None if is_empty && opener.text == "[" => {
                self.error("a vector has at least one component").help("write `[a, b]`")
            }
            None if is_empty => self.error("expected an expression between `(` and `)`"),
            _ => self.error(format!("expected an expression after `{}`, found {}", opener.text, self.found())),
        }
    }

    /// Where an operator, or the end of something, should stand.
    fn after_operand(&self) -> ParseError {
        if let Some(error) =
            self.of_choice().or_else(|| self.of_definition()).or_else(|| self.of_header()).or_else(|| self.of_binder())
        {
            return error;
        }
        let previous = self.previous.map_or_else(String::new, |previous| self.quote(previous));
        let Some(found) = self.found else {
            if self.statement.first().is_some_and(|first| first.is("let") || first.is("fn")) {
                return self
                    .error("the formula has no result")
                    .help("write the expression to derive after the definitions");
            }
            if self.statement.get(1).is_some_and(|second| second.kind == Kind::Comma) {
                return self.error("expected `;` after the parameters").help("several results are written `(a, b)`");
            }
            return self.error(format!("the formula ends too early, after {previous}"));
        };
        let unexpected = || self.error(format!("unexpected {} after {previous}", self.found()));
        match found.kind {
            Kind::Number | Kind::Name | Kind::Open | Kind::Root => {
                let error = self.error(format!("expected an operator between {previous} and {}", self.found()));
                error.help("a product is written with `*`")
            }
            Kind::Assign if self.statement.len() == 1 && self.nesting.open.is_empty() => self
                .error("`=` does not define a name by itself")
                .help(format!("write `let {} = …`, or `==` to compare", self.statement[0].text)),
            Kind::Assign => ParseError::not_a_comparison(self.span()),
            Kind::Keyword => match found.text {
                "let" | "fn" => self
                    .error("a definition comes before the result")
                    .help("only the last line is an expression that stands alone"),
                "then" => self.error("`then` without an `if`"),
                "else" => self.error("`else` without an `if`"),
                "for" if self.bracket().is_some_and(|bracket| bracket.token.text == "(") => {
                    unexpected().help(INDEX_FIRST)
                }
                "for" => unexpected().help("a comprehension is `[… for i in 0..n]`"),
                "if" => unexpected().help("a choice is `if c then a else b`; an `if` after `i in lo..hi` filters"),
                "in" => unexpected().help("an index is bound at the start of a call: `sum(i in 0..n: …)`"),
                "not" => unexpected().help("write `and not` or `or not`"),
                _ => unexpected(),
            },
            Kind::Comma if self.nesting.open.is_empty() => {
                unexpected().help("several results are written `(a, b)`; parameters end with `;`")
            }
            Kind::Semicolon if self.bracket().is_some() => unexpected().help("inside brackets, write `,`"),
            Kind::Semicolon => unexpected().help("only the last expression stands alone; name the others with `let`"),
            Kind::Colon if self.bracket().is_some_and(|bracket| bracket.token.text == "[") => {
                unexpected().help("a range is `lo..hi`")
            }
            Kind::Colon => unexpected().help(COLONS),
            Kind::Range => unexpected().help("a range stands in a subscript, `x[lo..hi]`, or after `in`"),
            Kind::Close
            | Kind::Comma
            | Kind::Operator
            | Kind::Prime
            | Kind::Newline
            | Kind::Comment
            | Kind::Blank
            | Kind::Stray => unexpected(),
        }
    }

    /// `then` or `else` is missing.
    fn of_choice(&self) -> Option<ParseError> {
        let Some(Open::Choice { at, stage }) = self.nesting.open.last() else { return None };
        let (line, column) = line_column(self.source, at.start);
        let ends = self
            .found
            .is_none_or(|found| matches!(found.kind, Kind::Close | Kind::Comma | Kind::Semicolon | Kind::Colon));
        let begins = self.found.is_some_and(|found| found.begins_operand() && found.kind != Kind::Operator);
        match stage {
            Stage::Condition if ends || begins || self.found_word("else") => {
                let error = self.error(format!("missing `then` of the `if` at {line}:{column}"));
                Some(error.help("write `if c then a else b`"))
            }
            Stage::Value if ends || self.found_word("then") => {
                let error = ParseError::new(at.span(), "every `if` needs an `else`");
                Some(error.help("write `if c then a else b`"))
            }
            Stage::Condition | Stage::Value | Stage::Otherwise => None,
        }
    }

    /// `let x 1`, `fn f = 1`, `fn f(1) = 1`
    fn of_definition(&self) -> Option<ParseError> {
        let [keyword, rest @ ..] = &self.statement[..] else { return None };
        let in_head = rest.len() == 1 && self.nesting.open.is_empty();
        if keyword.is("let") && in_head {
            let error = self.error(format!("expected `=` after `{}`, found {}", rest[0].text, self.found()));
            let help = if self.found_is(Kind::Open) {
                "a function is defined with `fn f(x) = …`"
            } else {
                "write `let z = …`"
            };
            return Some(error.help(help));
        }
        if keyword.is("fn") && in_head {
            let error = self.error(format!("expected `(` after `{}`, found {}", rest[0].text, self.found()));
            return Some(error.help("write `fn f(x) = …`"));
        }
        if keyword.is("fn") && self.in_name_list() {
            let error = self.error(format!("unexpected {} in the parameters of `{}`", self.found(), rest[0].text));
            return Some(error.help("write `fn f(x, d = 1.0) = …`"));
        }
        let ends_head = self.previous.is_some_and(|previous| previous.text == ")") && self.nesting.open.is_empty();
        if keyword.is("fn") && ends_head && !self.assigned {
            let error =
                self.error(format!("expected `=` after the parameters of `{}`, found {}", rest[0].text, self.found()));
            return Some(error.help("write `fn f(x) = …`"));
        }
        None
    }

    /// `x: [n m]`, or no `;` after the parameters
    fn of_header(&self) -> Option<ParseError> {
        let [name, colon, ..] = &self.statement[..] else { return None };
        if name.kind != Kind::Name || !matches!(colon.kind, Kind::Colon | Kind::Comma) {
            return None;
        }
        if self.in_type() {
            return Some(self.error(format!("unexpected {} in a type", self.found())).help(TYPES));
        }
        if !self.nesting.open.is_empty() || (colon.kind == Kind::Comma && self.found.is_none()) {
            return None;
        }
        let error = self.error(format!("expected `,` or `;` after the parameter, found {}", self.found()));
        Some(error.help("the parameters end with `;`: `x: [n], y: index; sum(x)`"))
    }

    /// Whether this is in the brackets of a parameter's type.
    fn in_type(&self) -> bool {
        let [name, mark, ..] = &self.statement[..] else { return false };
        let in_header = name.kind == Kind::Name && matches!(mark.kind, Kind::Colon | Kind::Comma);
        in_header && matches!(&self.nesting.open[..], [Open::Bracket(bracket)] if bracket.token.text == "[")
    }

    /// `i in n`
    fn of_binder(&self) -> Option<ParseError> {
        let bracket = self.bracket()?;
        if let Some(binder) = bracket.binder {
            let from = binder.end();
            let to = self.previous.map_or(from, |previous| previous.end());
            let error = ParseError::new(
                Span::new(binder.start, to),
                format!("a range is `lo..hi`, found {} after its start", self.found()),
            );
            let start = self.source[from..to].trim();
            return Some(if start.len() <= 40 { error.help(format!("write `in 0..{start}`")) } else { error });
        }
        let needs_colon = bracket.bound && !bracket.colon && bracket.token.text == "(";
        let ends_head = self.found.is_none_or(|found| found.begins_operand() || found.kind == Kind::Close);
        if needs_colon && ends_head {
            let error = self.error(format!("missing `:` before the term, found {}", self.found()));
            return Some(error.help("write `sum(i in 0..n: …)`"));
        }
        None
    }

    /// Whether only names may stand here: in the parameters of a `fn`, or in the header.
    fn in_name_list(&self) -> bool {
        let [keyword, _, opener] = &self.statement[..] else { return false };
        keyword.is("fn")
            && matches!(&self.nesting.open[..], [Open::Bracket(bracket)] if bracket.token.start == opener.start)
    }
}

const INDEX_FIRST: &str = "an index comes first: `sum(i in 0..n: …)`; a vector is `[… for i in 0..n]`";

const COLONS: &str = "an index has a range: `sum(i in 0..n: …)`; parameters come first: `x: [n], y: index;`";

const TYPES: &str = "types are `scalar`, `index`, `[n]`, `[m, n]` and `index[n]`";

/// What the grammar tried, as people call it.
fn expected(positives: &[Rule], site: &Site<'_>) -> Vec<String> {
    let mut names: BTreeSet<&str> = positives.iter().filter_map(|rule| describe(*rule)).collect();
    if names.contains("an expression") {
        names.retain(|name| !["a name", "`if`", "an index and its range"].contains(name));
    }
    if site.previous.is_some_and(|previous| previous.ends_operand())
        && let Some(Open::Bracket(bracket)) = site.nesting.open.last()
    {
        let closer = if bracket.token.text == "(" { "`)`" } else { "`]`" };
        names.insert("`,`");
        names.insert(if bracket.bound && !bracket.colon && closer == "`)`" { "`:`" } else { closer });
    }
    names.into_iter().map(str::to_owned).collect()
}

/// A rule in words; `None` for the parts of one that is tried at the same place.
fn describe(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::expr | Rule::prefix | Rule::number | Rule::root | Rule::parens | Rule::vector | Rule::choice => {
            "an expression"
        }
        Rule::infix => "an operator",
        Rule::name => "a name",
        Rule::declaration | Rule::header => "a parameter",
        Rule::scalar | Rule::index | Rule::INDEX | Rule::dims => "a type",
        Rule::dim => "a length",
        Rule::parameter => "a parameter",
        Rule::subscript | Rule::argument => "an expression",
        Rule::binder | Rule::reduction => "an index and its range",
        Rule::THEN => "`then`",
        Rule::ELSE => "`else`",
        Rule::IN => "`in`",
        Rule::IF => "`if`",
        Rule::FOR | Rule::for_ => "`for`",
        Rule::LET | Rule::let_ => "`let`",
        Rule::FN | Rule::fn_ => "`fn`",
        Rule::range => "`..`",
        Rule::case => "`:`",
        Rule::assign => "`=`",
        Rule::semicolon => "`;`",
        Rule::open => "`(`",
        Rule::EOI => "the end",
        _ => return None,
    })
}
