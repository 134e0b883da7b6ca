//! What is wrong with a text, in words that its writer can act on.

use std::fmt;

use crate::ast::Span;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The bytes to point at; empty at the end of the text.
    pub span: Span,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What could have stood there, as people call it; empty when the message says it all.
    pub expected: Vec<String>,
}

impl ParseError {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> ParseError {
        ParseError { span, message: message.into(), help: None, expected: Vec::new() }
    }

    /// A `=` where `==` is meant.
    pub(crate) fn not_a_comparison(span: Span) -> ParseError {
        ParseError::new(span, "`=` is not a comparison: write `==`")
            .help("`=` stands after `let`, `fn` and the name of an argument")
    }

    pub(crate) fn help(self, help: impl Into<String>) -> ParseError {
        ParseError { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ParseError {}

/// The line and the column of a byte offset, both from 1; columns count characters, and a `\r\n` is one line end.
///
/// An offset past the end means the end; one inside a character means that character.
///
/// ```
/// assert_eq!(grad_grammar::line_column("σ(x)\n+ y", 8), (2, 3));
/// ```
pub fn line_column(source: &str, offset: usize) -> (usize, usize) {
    let before = &source[..source.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
