//! The pass before the grammar: checks what needs no grammar, and leaves a text where only the grammar is left to
//! check.
//!
//! Comments and white space become spaces and the line end that closes a definition becomes a `;`, byte for byte, so
//! that spans stay right. Brackets match afterwards, and nothing nests deeper than [`LIMIT`], because the grammar's
//! parser recurses.

use crate::ast::Span;
use crate::error::{ParseError, line_column};
use crate::nesting::{Closed, LIMIT, Nesting, Open};
use crate::spelling;
use crate::token::{Kind, Token, begins_name, tokens};

/// More errors than this are noise.
const MOST_ERRORS: usize = 20;

/// A text that is ready for the grammar.
pub(crate) struct Scanned {
    /// The text, with every offset as in the source.
    pub(crate) text: String,
    /// How deep brackets and `if`s nest in it.
    pub(crate) depth: usize,
}

/// Scans a text.
pub(crate) fn scan(source: &str) -> Result<Scanned, Vec<ParseError>> {
    if u32::try_from(source.len()).is_err() {
        return Err(vec![ParseError::new(Span::new(0, 0), "the formula is longer than 4 GiB")]);
    }
    let mut scanner =
        Scanner { source, text: source.as_bytes().to_vec(), nesting: Nesting::default(), depth: 0, errors: Vec::new() };
    scanner.run();
    let Scanner { text, mut errors, depth, .. } = scanner;
    if errors.is_empty() {
        let text = String::from_utf8(text).expect("whole characters are replaced, by ASCII");
        if text.bytes().any(|byte| byte != b' ' && byte != b';') {
            return Ok(Scanned { text, depth });
        }
        errors
            .push(ParseError::new(Span::new(0, 0), "the formula is empty").help("write an expression, such as `x^2`"));
    }
    errors.sort_by_key(|error| error.span);
    Err(errors)
}

struct Scanner<'s> {
    source: &'s str,
    text: Vec<u8>,
    nesting: Nesting<'s>,
    depth: usize,
    errors: Vec<ParseError>,
}

impl<'s> Scanner<'s> {
    fn run(&mut self) {
        let mut previous: Option<Token<'s>> = None;
        let mut in_definition = false;
        let mut line_end: Option<Token<'s>> = None;
        for token in tokens(self.source) {
            if matches!(token.kind, Kind::Newline | Kind::Comment | Kind::Blank) {
                self.text[token.start..token.end()].fill(b' ');
                if token.kind == Kind::Newline {
                    line_end = line_end.or(Some(token));
                }
                continue;
            }
            if let Some(newline) = line_end.take()
                && in_definition
                && self.nesting.brackets().next().is_none()
                && ends_definition(previous, token)
            {
                self.text[newline.start] = b';';
                let separator = Token { kind: Kind::Semicolon, text: ";", start: newline.start };
                self.nesting.read(previous, separator);
                previous = Some(separator);
            }
            let begins_statement = previous.is_none_or(|previous| previous.kind == Kind::Semicolon);
            if begins_statement {
                in_definition = token.is("let") || token.is("fn");
            }
            self.read(previous, token);
            if self.errors.len() >= MOST_ERRORS || self.too_deep() {
                return;
            }
            previous = Some(token);
        }
        let unclosed: Vec<Token<'s>> = self.nesting.brackets().map(|bracket| bracket.token).take(MOST_ERRORS).collect();
        for opener in unclosed {
            self.unclosed(opener);
        }
    }

    fn read(&mut self, previous: Option<Token<'s>>, token: Token<'s>) {
        match token.kind {
            Kind::Stray => self.errors.push(stray(self.source, token)),
            Kind::Close => self.close(token),
            Kind::Name => {
                if let Some(number) = previous
                    && number.kind == Kind::Number
                    && number.end() == token.start
                {
                    self.errors.push(glued(number, token));
                }
                self.nesting.read(previous, token);
            }
            Kind::Number
            | Kind::Keyword
            | Kind::Open
            | Kind::Operator
            | Kind::Root
            | Kind::Prime
            | Kind::Assign
            | Kind::Comma
            | Kind::Semicolon
            | Kind::Colon
            | Kind::Range
            | Kind::Newline
            | Kind::Comment
            | Kind::Blank => self.nesting.read(previous, token),
        }
    }

    fn close(&mut self, closer: Token<'s>) {
        match self.nesting.close(closer) {
            Closed::Well => {}
            Closed::Over(unclosed) => unclosed.into_iter().take(MOST_ERRORS).for_each(|opener| self.unclosed(opener)),
            Closed::Wrongly(opener) => {
                let (line, column) = line_column(self.source, opener.start);
                let message = format!("`{}` does not close the `{}` at {line}:{column}", closer.text, opener.text);
                self.errors.push(ParseError::new(closer.span(), message).help(format!("write `{}`", partner(opener))));
            }
            Closed::Stray => {
                let message = format!("`{}` closes nothing", closer.text);
                self.errors
                    .push(ParseError::new(closer.span(), message).help("remove it, or open a bracket before it"));
            }
        }
    }

    fn unclosed(&mut self, opener: Token<'s>) {
        let (line, column) = line_column(self.source, opener.start);
        let closer = partner(opener);
        let mut error =
            ParseError::new(opener.span(), format!("missing `{closer}` to close the one at {line}:{column}"));
        error.expected.push(format!("`{closer}`"));
        self.errors.push(error);
    }

    fn too_deep(&mut self) -> bool {
        self.depth = self.depth.max(self.nesting.open.len());
        let [.., innermost] = self.nesting.open[..] else { return false };
        if self.nesting.open.len() <= LIMIT {
            return false;
        }
        let token = match innermost {
            Open::Bracket(bracket) => bracket.token,
            Open::Choice { at, .. } => at,
        };
        let message = format!("brackets and `if`s nested more than {LIMIT} deep");
        self.errors.push(ParseError::new(token.span(), message).help("name the inner parts with `let`"));
        true
    }
}

/// Whether a line end between these two ends a definition.
fn ends_definition(previous: Option<Token<'_>>, next: Token<'_>) -> bool {
    let complete = previous.is_some_and(|previous| previous.ends_operand());
    (complete && next.begins_operand()) || next.is("let") || next.is("fn")
}

/// `2x`
fn glued(number: Token<'_>, name: Token<'_>) -> ParseError {
    let (number_text, name_text) = (number.text, name.text);
    let error = ParseError::new(
        number.span().to(name.span()),
        format!("`{number_text}{name_text}`: write `{number_text}*{name_text}`"),
    );
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    match name_text.strip_prefix('_') {
        Some(rest) if digits(rest) => {
            ParseError { message: format!("`{number_text}{name_text}`: write the digits without `_`"), ..error }
        }
        _ => error.help("a product is written with `*`"),
    }
}

/// A character or a spelling that the language does not have.
fn stray(source: &str, token: Token<'_>) -> ParseError {
    if let Some(row) = spelling::foreign(&source[token.start..]) {
        return ParseError::new(token.span(), row.message).help(row.help);
    }
    let c = token.text.chars().next().unwrap_or_default();
    let shown = if c.is_control() || c.is_whitespace() { format!("U+{:04X}", u32::from(c)) } else { format!("`{c}`") };
    let error = ParseError::new(token.span(), format!("{shown} has no meaning in a formula"));
    match c {
        '.' => error.help("a number is `0.5`, a range is `lo..hi`"),
        '₀'..='₉' => {
            let digit = u32::from(c) - u32::from('₀');
            error.help(format!("write the digit as it is: `x{digit}`"))
        }
        _ if c.is_alphanumeric() || begins_name(c) => {
            error.help("a name begins with a letter or `_`, and goes on with letters, digits and `_`")
        }
        _ => error,
    }
}

fn partner(opener: Token<'_>) -> &'static str {
    if opener.text == "(" { ")" } else { "]" }
}
