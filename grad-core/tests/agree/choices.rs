//! What is not chosen does not contribute: every kind of choice with every kind of poison on the side that is not taken,
//! in value, gradient and Hessian, by the interpreter and by the emitted code, for numbers and for arrays.

use std::fmt::Write as _;

use crate::edges::{by_the_emitted_code, by_the_interpreter, edges};

/// What is taken everywhere: 1.75 at x = 0.5, with the slope 4 and the second derivative 2.
const GOOD: &str = "(x^2 + 3*x)";

/// A formula in `p` and the point where its value, its slope or its second derivative is no number; and the side of `max`
/// and `min` that loses: what is NaN loses both.
const POISONS: &[(&str, &str, &str)] = &[
    ("sqrt(p)", "-1", "max min"),
    ("sqrt(p)", "0", "max"),
    ("sqrt(p - x + 0.5)", "0", "max"),
    ("ln(p)", "-1", "max min"),
    ("ln(p)", "0", "max"),
    ("x*ln(p)", "0", "max"),
    ("1/p", "0", "min"),
    ("x/p", "0", "min"),
    ("p/p", "0", "max min"),
    ("p^-2", "0", "min"),
    ("p^0.5", "0", "max"),
    ("p^x", "0", "max"),
    ("exp(p)", "1000", "min"),
    ("exp(exp(p))", "10", "min"),
    ("x*exp(p)^2", "400", "min"),
    ("exp(p) - exp(p + 1)", "1000", "max min"),
    ("1e200*p*1e200*p", "1", "min"),
    ("asin(p)", "2", "max min"),
    ("acos(p)", "1", "max"),
    ("acosh(p)", "1", "max"),
    ("atanh(p)", "1", "min"),
    ("cbrt(p)", "0", "max"),
    ("p*ln(p)", "0", "max"),
    ("lgamma(p)", "0", "min"),
    ("p", "NaN", "max min"),
    ("x*p + p^2", "NaN", "max min"),
    ("p", "inf", "min"),
];

/// Choices of `G`, where the condition on `c` = 1 holds or not, over `B`.
const CHOICES: &[&str] = &[
    "if c > 0 then G else B",
    "if c < 0 then B else G",
    "if c < 0 then B else if c > 2 then B else G",
    "if c > 0 then (if c > 2 then B else G) else B",
    "where(c > 0, G, B)",
    "where(c < 0, B, G)",
    "piecewise(c < 0: B, c < 2: G, otherwise: B)",
    "G + sum(j in 0..2 if c < j: B)",
    "G * prod(j in 0..2 if c < j: B)",
    "sum(j in 0..2 if c <= j: where(c > j, B, G))",
    "if c > 0 or B > 0 then G else B",
    "if c < 0 and B > 0 then B else G",
    "2 * where(c > 0, G, B) - (if c > 0 then G else B^2)",
    "where(c > 0, x, B)^2 + 3 * where(c < 0, B, x)",
];

/// Choices by size, where `B` loses.
const EXTREMES: &[(&str, &[&str])] = &[
    ("max", &["max(G, B)", "max(B, G)", "max(x, B)^2 + 3*max(B, x)", "max(G, max(B, B - 1))"]),
    ("min", &["min(G, B)", "min(B, G)", "min(x, B)^2 + 3*min(B, x)", "min(min(B, B + 1), G)"]),
];

/// The entries of a file like `edges.grad`, for numbers, or for arrays of two elements that are all like it; all of them, or
/// those in which every poison is met by every third choice, and every choice by every third poison.
fn entries(of_arrays: bool, all: bool) -> String {
    let mut text = String::new();
    for (row, (bad, at, losing)) in POISONS.iter().enumerate() {
        let extremes = EXTREMES.iter().filter(|(kind, _)| losing.contains(kind)).flat_map(|(_, choices)| *choices);
        let choices = CHOICES.iter().chain(extremes).enumerate();
        for (_, choice) in choices.filter(|(column, _)| all || (row + column) % 3 == 0) {
            let source = choice.replace('G', GOOD).replace('B', &format!("({bad})"));
            let _ = if of_arrays {
                let element = |name: char, text: &str| {
                    let is_name = |k: usize| {
                        let of = |k: Option<usize>| {
                            k.and_then(|k| text.as_bytes().get(k)).is_some_and(u8::is_ascii_alphabetic)
                        };
                        !of(k.checked_sub(1)) && !of(Some(k + 1))
                    };
                    let parts = text.char_indices();
                    parts
                        .map(|(k, c)| if c == name && is_name(k) { format!("{c}[i]") } else { c.to_string() })
                        .collect()
                };
                let source: String = ['x', 'p', 'c'].iter().fold(source, |source, name| element(*name, &source));
                let hessian: Vec<&str> = (0..36).map(|k| if k == 0 || k == 7 { "2" } else { "0" }).collect();
                writeln!(
                    text,
                    "\nsum(i in 0..2: {source})\n# at x=[0.5, 0.5], p=[{at}, {at}], c=[1, 1] -> 3.5, [4, 4, 0, 0, 0, 0], [{}]",
                    hessian.join(", ")
                )
            } else {
                writeln!(text, "\n{source}\n# at x=0.5, p={at}, c=1 -> 1.75, [4, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0, 0]")
            };
        }
    }
    text
}

#[test]
fn choices_of_numbers_by_the_interpreter() {
    by_the_interpreter(edges(&entries(false, true)));
}

#[test]
fn choices_of_arrays_by_the_interpreter() {
    by_the_interpreter(edges(&entries(true, false)));
}

#[test]
fn choices_of_numbers_by_the_emitted_code() {
    by_the_emitted_code("agree_choices", edges(&entries(false, false)));
}
