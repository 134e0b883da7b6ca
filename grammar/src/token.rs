//! Text -> tokens, for the passes that need no grammar: brackets, line ends, and what stood before and after an error.

use pest::unicode::{XID_CONTINUE, XID_START};

use crate::ast::Span;
use crate::spelling;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `1.5e-3`
    Number,
    /// `x`, `sin`
    Name,
    /// `let`, `and`, …
    Keyword,
    /// `(` or `[`
    Open,
    /// `)` or `]`
    Close,
    /// An operator that needs an operand after it.
    Operator,
    /// `√`
    Root,
    /// `'`
    Prime,
    /// `=`
    Assign,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `:`
    Colon,
    /// `..`
    Range,
    /// The end of a line.
    Newline,
    /// A comment, without its line end.
    Comment,
    /// White space other than plain spaces and line ends.
    Blank,
    /// Nothing that the language knows.
    Stray,
}

/// A token and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'s> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its text.
    pub(crate) text: &'s str,
    /// The offset of its first byte.
    pub(crate) start: usize,
}

impl Token<'_> {
    /// The offset past its last byte.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Where it is.
    pub(crate) fn span(&self) -> Span {
        Span::new(self.start, self.end())
    }

    /// Whether it is this keyword.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Keyword && self.text == keyword
    }

    /// Whether an operand may end with it.
    pub(crate) fn ends_operand(&self) -> bool {
        matches!(self.kind, Kind::Number | Kind::Name | Kind::Close | Kind::Prime)
    }

    /// Whether an expression or a definition may begin with it.
    pub(crate) fn begins_operand(&self) -> bool {
        match self.kind {
            Kind::Number | Kind::Name | Kind::Open | Kind::Root => true,
            Kind::Operator => matches!(self.text, "-" | "+" | "−"),
            Kind::Keyword => matches!(self.text, "not" | "if" | "let" | "fn"),
            Kind::Close
            | Kind::Prime
            | Kind::Assign
            | Kind::Comma
            | Kind::Semicolon
            | Kind::Colon
            | Kind::Range
            | Kind::Newline
            | Kind::Comment
            | Kind::Blank
            | Kind::Stray => false,
        }
    }
}

/// The words that cannot be names.
pub(crate) const KEYWORDS: [&str; 10] = ["let", "fn", "if", "then", "else", "in", "for", "and", "or", "not"];

/// The tokens of a text; plain spaces are skipped.
pub(crate) fn tokens(source: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += source[at..].bytes().take_while(|byte| *byte == b' ').count();
        let rest = &source[at..];
        let first = rest.chars().next()?;
        let (kind, length) = classify(first, rest);
        let token = Token { kind, text: &rest[..length], start: at };
        at += length;
        Some(token)
    })
}

/// Whether a name may go on with this character.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && c != '·' && c != '\u{387}' && XID_CONTINUE(c))
}

/// Whether a name may begin with this character.
pub(crate) fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && XID_START(c))
}

/// The kind of the token that a text begins with, and its length in bytes.
fn classify(first: char, rest: &str) -> (Kind, usize) {
    if begins_name(first) {
        let length = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
        let kind = if KEYWORDS.contains(&&rest[..length]) { Kind::Keyword } else { Kind::Name };
        return (kind, length);
    }
    if let Some(length) = number(rest.as_bytes()) {
        return (Kind::Number, length);
    }
    let kind = match first {
        '+' | '-' | '^' | '@' => Kind::Operator,
        '*' => return (Kind::Operator, if rest.starts_with("**") { 2 } else { 1 }),
        '(' | '[' => Kind::Open,
        ')' | ']' => Kind::Close,
        '√' => Kind::Root,
        '\'' => Kind::Prime,
        ',' => Kind::Comma,
        ';' => Kind::Semicolon,
        '\r' if rest.starts_with("\r\n") => return (Kind::Newline, 2),
        '\r' | '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => Kind::Newline,
        '#' => return (Kind::Comment, rest.find(['\r', '\n']).unwrap_or(rest.len())),
        _ if first.is_whitespace() || first == '\u{feff}' => Kind::Blank,
        _ => return rare(first, rest),
    };
    (kind, first.len_utf8())
}

/// The tokens that may turn out to be a spelling of another language.
fn rare(first: char, rest: &str) -> (Kind, usize) {
    if let Some(row) = spelling::foreign(rest) {
        return (Kind::Stray, row.spelling.len());
    }
    if ["<=", ">=", "==", "!="].iter().any(|comparison| rest.starts_with(comparison)) {
        return (Kind::Operator, 2);
    }
    let kind = match first {
        '/' | '<' | '>' | '·' | '⋅' | '\u{387}' | '×' | '÷' | '−' | '≤' | '≥' | '≠' => Kind::Operator,
        '=' => Kind::Assign,
        ':' => Kind::Colon,
        '.' if rest.starts_with("..") => return (Kind::Range, 2),
        _ => Kind::Stray,
    };
    (kind, first.len_utf8())
}

/// The length of the number that a text begins with: the grammar's rule `number`.
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let is = |at: usize, wanted: u8| bytes.get(at) == Some(&wanted);
    let mut length = digits(0);
    if length == 0 {
        if !is(0, b'.') || digits(1) == 0 {
            return None;
        }
        length = 1 + digits(1);
    } else if is(length, b'.') && !is(length + 1, b'.') {
        length += 1 + digits(length + 1);
    }
    if is(length, b'e') || is(length, b'E') {
        let sign = usize::from(is(length + 1, b'+') || is(length + 1, b'-'));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    Some(length)
}
