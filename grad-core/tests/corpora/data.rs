//! Reads a data file: paragraphs of a formula, points, and what is expected there.
//!
//! ```text
//! # a name
//! ln(1 + exp(x))
//! # at x=1000.0
//! #   -> 1000.0, [1.0], [[0.0]]       value, gradient, Hessian, all parameters in one row
//! #   ~ 1e+03, [0], [[0]]             how far a relative change of 1 in the inputs moves each
//! #   known hessian: why it is wrong  (value, gradient or hessian; the test fails when it is right)
//! ```
//!
//! Before the points, `# gradient X = …` is a closed form of the derivative by X, and `# minimum …` gives least values.
//!
//! `#   by hand: …` says that a person wrote what is expected. The first paragraph is about the file.

use grad_core::ir::eval::Datum;

/// A formula and its points.
pub(crate) struct Entry {
    pub(crate) source: String,
    /// Closed forms of derivatives: the parameter and a formula.
    pub(crate) closed: Vec<(String, String)>,
    /// The published least values.
    pub(crate) minima: Vec<f64>,
    pub(crate) points: Vec<Point>,
}

/// Arguments, and what is expected there.
pub(crate) struct Point {
    pub(crate) line: String,
    pub(crate) names: Vec<String>,
    pub(crate) args: Vec<Datum>,
    pub(crate) expected: Numbers,
    pub(crate) moved: Numbers,
    pub(crate) known: Vec<Part>,
}

/// The value, the gradient, and the Hessian row by row; empty where there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: Vec<f64>,
}

impl Numbers {
    pub(crate) fn part(&self, part: Part) -> &[f64] {
        match part {
            Part::Value => std::slice::from_ref(&self.value),
            Part::Gradient => &self.gradient,
            Part::Hessian => &self.hessian,
        }
    }
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Value,
    Gradient,
    Hessian,
}

impl Part {
    pub(crate) const ALL: [Part; 3] = [Part::Value, Part::Gradient, Part::Hessian];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Value => "value",
            Part::Gradient => "gradient",
            Part::Hessian => "hessian",
        }
    }

    fn named(name: &str) -> Part {
        *Part::ALL.iter().find(|part| part.name() == name).unwrap_or_else(|| panic!("{name} is no part"))
    }
}

/// The parts between commas that stand in no bracket.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn flat(text: &str) -> Vec<f64> {
    let numbers = text.split(['[', ']', ',', ' ']).filter(|part| !part.is_empty());
    numbers.map(|number| number.parse().unwrap_or_else(|e| panic!("{text}: {e}"))).collect()
}

/// `1.5`, `3` (an index where the formula declares one), `[1, 2]`, `[[1, 2], [3, 4]]`
fn datum(text: &str) -> Datum {
    let data = flat(text);
    if text.starts_with("[[") {
        let rows = text.matches('[').count() - 1;
        return Datum::matrix(rows, data.len() / rows, &data);
    }
    match text.parse::<i64>() {
        Ok(n) => Datum::Int(n),
        Err(_) if text.starts_with('[') => Datum::vector(&data),
        Err(_) => Datum::Float(data[0]),
    }
}

fn numbers(text: &str) -> Numbers {
    let parts = parts(text);
    let part = |k: usize| parts.get(k).map_or_else(Vec::new, |part| flat(part));
    Numbers { value: part(0)[0], gradient: part(1), hessian: part(2) }
}

/// Every entry of a data file.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    text.split("\n\n").skip(1).map(entry).collect()
}

fn entry(text: &str) -> Entry {
    let mut entry = Entry { source: String::new(), closed: Vec::new(), minima: Vec::new(), points: Vec::new() };
    for line in text.trim().lines() {
        let point = entry.points.last_mut();
        if let Some(at) = line.strip_prefix("# at ") {
            let pairs = parts(at).into_iter().map(|part| part.split_once('=').unwrap_or_else(|| panic!("{line}")));
            let (names, args) = pairs.map(|(name, value)| (name.trim().to_string(), datum(value))).unzip();
            let (expected, moved, known) = (Numbers::default(), Numbers::default(), Vec::new());
            entry.points.push(Point { line: line.to_string(), names, args, expected, moved, known });
        } else if let Some(expected) = line.strip_prefix("#   -> ") {
            point.expect("a point comes first").expected = numbers(expected);
        } else if let Some(moved) = line.strip_prefix("#   ~ ") {
            point.expect("a point comes first").moved = numbers(moved);
        } else if let Some(known) = line.strip_prefix("#   known ") {
            let (parts, _) = known.split_once(':').unwrap_or_else(|| panic!("{line} gives no reason"));
            point.expect("a point comes first").known = parts.split(", ").map(Part::named).collect();
        } else if let Some(minima) = line.strip_prefix("# minimum ") {
            entry.minima = flat(minima);
        } else if let Some(closed) = line.strip_prefix("# gradient ") {
            let (name, formula) = closed.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
            entry.closed.push((name.to_string(), formula.to_string()));
        } else if !line.starts_with("#   by hand: ") {
            entry.source.push_str(line);
            entry.source.push('\n');
        }
    }
    assert!(!entry.points.is_empty(), "{text}");
    entry
}
