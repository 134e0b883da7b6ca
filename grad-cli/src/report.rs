//! Problems with a formula, with carets.

use std::io::{IsTerminal as _, Write as _};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use grad_core::diagnostic::Problem;
use grad_core::front::formula::Rejected;
use grad_grammar::Span;

use crate::Failure;
use crate::source::Source;

/// Writes a message to standard error; nobody can be told when that fails.
pub(crate) fn to_stderr(message: &str) {
    let _ = std::io::stderr().write_all(message.as_bytes());
}

/// Writes to standard output.
pub(crate) fn to_stdout(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| match e.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::Input(format!("error: the output cannot be written: {e}\n")),
    })
}

/// Every problem with the formula, rendered.
pub(crate) fn rejected(source: &Source, rejected: &Rejected) -> Failure {
    let styled = std::io::stderr().is_terminal();
    let blocks: Vec<String> = rejected.problems.iter().map(|p| render(source, p, &rejected.spans, styled)).collect();
    Failure::Input(blocks.join("\n"))
}

/// One problem, rendered.
pub(crate) fn problem(source: &Source, problem: &Problem, spans: &[Span]) -> Failure {
    Failure::Input(render(source, problem, spans, std::io::stderr().is_terminal()))
}

/// The problems on one line, for JSON.
pub(crate) fn in_words(text: &str, problems: &[Problem], spans: &[Span]) -> String {
    let one = |p: &Problem| {
        let place = spans.get(p.at.0 as usize).map_or(String::new(), |span| {
            let (line, column) = grad_grammar::line_column(text, span.range().start);
            format!("{line}:{column}: ")
        });
        format!("{place}{p}")
    };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Longer lines are cut around the place that matters.
const WIDEST: usize = 160;

fn render(source: &Source, problem: &Problem, spans: &[Span], styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let Some(span) = spans.get(problem.at.0 as usize) else {
        let help = problem.help.as_ref().map_or(String::new(), |h| format!("  help: {h}\n"));
        return format!("error: {}\n{help}", problem.title);
    };
    let line = Line::around(&source.text, *span);
    let (number, column) = grad_grammar::line_column(&source.text, span.range().start.min(source.text.len()));
    let path = source.place();
    let mut primary = AnnotationKind::Primary.span(line.place(*span));
    if let Some(label) = &problem.label {
        primary = primary.label(label.as_str());
    }
    let mut snippet = Snippet::source(line.text.as_str()).line_start(number).fold(false).annotation(primary);
    if !line.cut {
        snippet = snippet.path(path);
    }
    for (at, why) in &problem.also {
        if let Some(other) = spans.get(at.0 as usize)
            && line.holds(*other)
        {
            snippet = snippet.annotation(AnnotationKind::Context.span(line.place(*other)).label(why.as_str()));
        }
    }
    let mut group = Level::ERROR.primary_title(problem.title.as_str()).element(snippet);
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    for (at, why) in &problem.also {
        if let Some(other) = spans.get(at.0 as usize)
            && !line.holds(*other)
        {
            let (line, column) = grad_grammar::line_column(&source.text, other.range().start);
            group = group.element(Level::NOTE.message(format!("{why} (line {line}, column {column})")));
        }
    }
    let mut text = renderer.render(&[group]);
    if line.cut {
        // The renderer would count columns from the cut.
        text = text.replacen('\n', &format!("\n --> {path}:{number}:{column}\n"), 1);
    }
    text + "\n"
}

/// The part of a line that is shown.
struct Line {
    text: String,
    /// The bytes of the source that are shown.
    start: usize,
    end: usize,
    cut: bool,
}

impl Line {
    fn around(source: &str, span: Span) -> Line {
        let at = floor_char(source, span.range().start);
        let start = source[..at].rfind('\n').map_or(0, |k| k + 1);
        let end = source[at..].find('\n').map_or(source.len(), |k| at + k);
        if end - start <= WIDEST {
            return Line { text: source[start..end].to_string(), start, end, cut: false };
        }
        let from = floor_char(source, at.saturating_sub(WIDEST / 2).max(start));
        let to = floor_char(source, (at + WIDEST / 2).min(end));
        Line { text: source[from..to].to_string(), start: from, end: to, cut: true }
    }

    fn holds(&self, span: Span) -> bool {
        self.start <= span.range().start && span.range().start <= self.end
    }

    /// The span within the part shown: at least one character, or the place just past the end.
    fn place(&self, span: Span) -> std::ops::Range<usize> {
        let from = span.range().start.clamp(self.start, self.end) - self.start;
        let from = floor_char(&self.text, from);
        let to = floor_char(&self.text, span.range().end.clamp(self.start, self.end) - self.start);
        let next = self.text[from..].chars().next().map_or(from, |c| from + c.len_utf8());
        from..to.max(next)
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
