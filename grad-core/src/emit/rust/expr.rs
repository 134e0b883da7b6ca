//! Expressions, with the parentheses that they need.

use std::fmt::Write;

use super::Printer;
use super::call::is_untyped;
use crate::emit::{Axis, Layout};
use crate::ir::Elem;
use crate::lower::{Expr, Var, is_wide};

/// How tightly an expression holds together, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Any,
    Or,
    And,
    Compare,
    Bits,
    Sum,
    Product,
    Cast,
    Unary,
    Postfix,
}

impl<'a> Printer<'a> {
    /// What stands left of an assignment.
    pub(super) fn place(&mut self, place: &Expr) -> String {
        match place {
            Expr::Var(var) if self.info(*var).by_ref => format!("*{}", self.name(*var)),
            place => self.whole(place),
        }
    }

    /// An array, or a part of one, as it is named.
    pub(super) fn whole(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Var(var) => self.name(*var).to_string(),
            other => self.expr(other),
        }
    }

    /// An array as a slice.
    pub(super) fn borrowed(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Var(var) if self.info(*var).by_ref && !self.name(*var).contains('.') => self.name(*var).to_string(),
            other => format!("&{}", self.whole(other)),
        }
    }

    /// An expression.
    pub fn expr(&mut self, expr: &Expr) -> String {
        self.at(expr, Level::Any)
    }

    /// An expression where only one that holds together as tightly as `level` can stand without parentheses.
    pub(super) fn at(&mut self, expr: &Expr, level: Level) -> String {
        let (text, own) = self.leveled(expr);
        if own < level { format!("({text})") } else { text }
    }

    pub(super) fn leveled(&mut self, expr: &Expr) -> (String, Level) {
        match expr {
            Expr::Lit(lit) => {
                let text = self.lit(*lit);
                let level = if text.starts_with('-') { Level::Unary } else { Level::Postfix };
                (text, level)
            }
            Expr::Var(var) => {
                let info = self.info(*var);
                if info.by_ref && info.layout == Layout::Scalar {
                    (format!("*{}", info.name), Level::Unary)
                } else {
                    (info.name.to_string(), Level::Postfix)
                }
            }
            Expr::Length(text) => (text.to_string(), Level::Postfix),
            Expr::Part { var, at, range } => {
                let mut text = self.name(*var).to_string();
                for i in at {
                    let i = self.expr(i);
                    let _ = write!(text, "[{i}]");
                }
                if let Some(range) = range {
                    let (lo, hi) = (self.at(&range.0, Level::Sum), self.at(&range.1, Level::Sum));
                    let _ = write!(text, "[{lo}..{hi}]");
                }
                (text, Level::Postfix)
            }
            Expr::Call(prim, args) => self.call(*prim, args),
            Expr::Cast(x, Elem::Float) if self.generic.is_some() => {
                let text = self.expr(x);
                (self.converted(&text), Level::Postfix)
            }
            Expr::Cast(x, elem) if self.generic.is_some() && self.is_float(x) => {
                let elem = self.elem(*elem);
                (format!("{}.to_{elem}().unwrap()", self.at(x, Level::Postfix)), Level::Postfix)
            }
            Expr::Cast(x, elem) => {
                let elem = self.elem(*elem);
                // A number that is computed has our type, not the default.
                self.typed = is_wide(x) || matches!(**x, Expr::Call(..)) && is_untyped(x);
                (format!("{} as {elem}", self.at(x, Level::Cast)), Level::Cast)
            }
            Expr::Array(elements) => {
                let texts: Vec<String> = elements.iter().map(|e| self.expr(e)).collect();
                (format!("[{}]", texts.join(", ")), Level::Postfix)
            }
            Expr::Fill { value, lens, layout } => (self.fill(value, lens, layout), Level::Postfix),
            Expr::Map { axes, element, layout } => (self.map(axes, element, layout), Level::Postfix),
            Expr::Copied(x) => self.copied(x),
        }
    }

    pub(super) fn copied(&mut self, x: &Expr) -> (String, Level) {
        let text = self.whole(x);
        match x {
            Expr::Var(var) => {
                let info = self.info(*var);
                let fixed = matches!(&info.layout, Layout::Nested(axes) if axes.iter().all(|a| *a == Axis::Array));
                if fixed {
                    (format!("*{text}"), Level::Unary)
                } else if info.by_ref {
                    (format!("{text}.to_vec()"), Level::Postfix)
                } else {
                    (format!("{text}.clone()"), Level::Postfix)
                }
            }
            _ => (format!("{text}.to_vec()"), Level::Postfix),
        }
    }

    pub(super) fn fill(&mut self, value: &Expr, lens: &[Expr], layout: &Layout) -> String {
        let text = self.expr(value);
        match layout {
            Layout::Nested(axes) => axes.iter().zip(lens).rev().fold(text, |inner, (axis, len)| {
                let len = self.expr(len);
                match axis {
                    Axis::Array => format!("[{inner}; {len}]"),
                    Axis::Slice => format!("vec![{inner}; {len}]"),
                }
            }),
            Layout::Scalar | Layout::Flat => {
                let lens: Vec<String> = lens.iter().map(|len| self.at(len, Level::Cast)).collect();
                format!("vec![{text}; {}]", lens.join(" * "))
            }
        }
    }

    /// A range, with the type of its ends where nothing else says it.
    pub(super) fn range(&mut self, index: Option<Var>, lo: &Expr, hi: &Expr) -> String {
        let lo_text = self.at(lo, Level::Sum);
        self.typed = match index {
            Some(index) => self.info(index).annotate,
            None => is_untyped(lo) && is_untyped(hi) && (is_wide(lo) || is_wide(hi)),
        };
        let hi_text = self.at(hi, Level::Sum);
        self.typed = false;
        format!("{lo_text}..{hi_text}")
    }

    pub(super) fn map(&mut self, axes: &[(Option<Var>, Expr)], element: &Expr, layout: &Layout) -> String {
        let text = self.expr(element);
        let closure = |index: &Option<Var>, text: &str| format!("|{}| {text}", index.map_or("_", |i| self.name(i)));
        if let Layout::Nested(held) = layout
            && held[0] == Axis::Slice
            && let [(index, len)] = axes
        {
            let closure = closure(index, &text);
            let range = self.range(*index, &Expr::index(0), len);
            if matches!((index, element), (Some(index), Expr::Var(var)) if index == var) {
                return format!("({range}).collect()");
            }
            return format!("({range}).map({closure}).collect()");
        }
        axes.iter().rev().fold(text, |text, (index, _)| format!("core::array::from_fn({})", closure(index, &text)))
    }
}
