//! How the values that a function gives back are put together.

use std::fmt::Write;

/// What is made of the values that a function gives back.
pub(super) enum Tail {
    /// The values themselves, as a tuple if there are several.
    Plain,
    /// The first so many as one, then the rest as one.
    Pair { first: usize },
    /// The first so many, then what is made of those between, then the last so many.
    Made { first: usize, made: Made, rest: usize },
}

/// How a value is put together.
#[derive(Clone, Debug)]
pub(super) enum Made {
    /// One of the values, by its place.
    Value(usize),
    Tuple(Vec<Made>),
    Struct {
        path: String,
        fields: Vec<(String, Made)>,
    },
}

impl Made {
    /// `LossGrad { w, b: b_adj }` on one line or on several, of these values.
    pub(super) fn lines(&self, values: &[String]) -> Vec<String> {
        match self {
            Made::Value(k) => vec![values[*k].clone()],
            Made::Tuple(parts) => {
                let parts: Vec<Vec<String>> = parts.iter().map(|p| p.lines(values)).collect();
                bracketed("(", ")", &parts, 60)
            }
            Made::Struct { path, fields } if fields.is_empty() => vec![format!("{path} {{}}")],
            Made::Struct { path, fields } if is_number(&fields[0].0) => {
                let parts: Vec<Vec<String>> = fields.iter().map(|(_, made)| made.lines(values)).collect();
                bracketed(&format!("{path}("), ")", &parts, 60)
            }
            Made::Struct { path, fields } => {
                let parts: Vec<Vec<String>> = (fields.iter())
                    .map(|(field, made)| {
                        let mut lines = made.lines(values);
                        if lines[0] != *field || lines.len() > 1 {
                            lines[0] = format!("{field}: {}", lines[0]);
                        }
                        lines
                    })
                    .collect();
                bracketed(&format!("{path} {{ "), " }", &parts, 18)
            }
        }
    }
}

pub(super) fn is_number(field: &str) -> bool {
    field.starts_with(|c: char| c.is_ascii_digit())
}

/// Parts between brackets: on one line where they are one each and together not wider than `width`.
pub(super) fn bracketed(open: &str, close: &str, parts: &[Vec<String>], width: usize) -> Vec<String> {
    let joined = parts.iter().map(|p| p[0].as_str()).collect::<Vec<_>>().join(", ");
    if parts.iter().all(|p| p.len() == 1) && joined.chars().count() <= width {
        return vec![format!("{open}{joined}{close}")];
    }
    let mut lines = vec![open.trim_end().to_string()];
    for part in parts {
        for (k, line) in part.iter().enumerate() {
            let comma = if k + 1 == part.len() { "," } else { "" };
            lines.push(format!("    {line}{comma}"));
        }
    }
    lines.push(close.trim_start().to_string());
    lines
}

/// Several values, or types, are one tuple.
pub(super) fn as_one(texts: &[String]) -> String {
    match texts {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// The last expression of a function: the first values, then what is made of those between, then the last ones.
pub(super) fn tail(values: &[String], first: usize, made: &Made, rest: usize) -> String {
    let last = values.len() - rest;
    let mut parts: Vec<Vec<String>> = if first == 0 { Vec::new() } else { vec![vec![as_one(&values[..first])]] };
    parts.push(made.lines(&values[first..last]));
    parts.extend(values[last..].iter().map(|v| vec![v.clone()]));
    let lines = if parts.len() == 1 { parts.remove(0) } else { bracketed("(", ")", &parts, 60) };
    lines.iter().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "    {line}");
        out
    })
}
