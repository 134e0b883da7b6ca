//! Lists on one line where they fit, and on several where not.

use std::fmt::Write;

use super::{CALL, LastComma, Printer, SHORT_ELEMENT};
use crate::lower::Expr;

impl<'a> Printer<'a> {
    /// `before [value] after`, where an array may take several lines.
    pub(super) fn value(&mut self, before: &str, text: &str, value: &Expr, after: &str) {
        if let Expr::Array(elements) = value
            && (text.len() > CALL + 2 || before.len() + text.len() + after.len() > self.room())
        {
            let texts: Vec<String> = elements.iter().map(|e| self.expr(e)).collect();
            self.elements(before, &texts, elements, after);
        } else {
            self.line(&format!("{before}{text}{after}"));
        }
    }

    pub(super) fn elements(&mut self, before: &str, texts: &[String], elements: &[Expr], after: &str) {
        self.line(&format!("{before}["));
        self.indent += 1;
        if texts.iter().all(|t| t.chars().count() <= SHORT_ELEMENT) {
            let mut row = String::new();
            for text in texts {
                if !row.is_empty() && row.chars().count() + text.chars().count() + 2 > self.room() {
                    self.line(&row);
                    row.clear();
                }
                if !row.is_empty() {
                    row.push(' ');
                }
                let _ = write!(row, "{text},");
            }
            let last = row.trim_end_matches(',').to_string();
            self.line(&format!("{last},"));
        } else {
            for (text, element) in texts.iter().zip(elements) {
                self.value("", text, element, ",");
            }
        }
        self.indent -= 1;
        self.line(&format!("]{after}"));
    }

    /// A list in brackets, on one line or one element a line.
    pub fn list(&mut self, before: &str, open: &str, texts: &[String], close: &str, after: &str) {
        self.list_with(before, open, texts, close, after, LastComma::OnItsLine);
    }

    pub(super) fn list_with(
        &mut self,
        before: &str,
        open: &str,
        texts: &[String],
        close: &str,
        after: &str,
        comma: LastComma,
    ) {
        let inside: usize = texts.iter().map(|t| t.chars().count() + 2).sum::<usize>().saturating_sub(2);
        let whole = before.chars().count() + open.len() + inside + close.len() + after.len();
        if inside <= CALL && whole <= self.room() {
            self.line(&format!("{before}{open}{}{close}{after}", texts.join(", ")));
            return;
        }
        self.line(&format!("{before}{open}"));
        self.indent += 1;
        for (k, text) in texts.iter().enumerate() {
            let bare = comma == LastComma::Never && k + 1 == texts.len();
            self.line(&format!("{text}{}", if bare { "" } else { "," }));
        }
        self.indent -= 1;
        self.line(&format!("{close}{after}"));
    }
}
