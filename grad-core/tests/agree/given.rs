//! Formulas with values and gradients that were computed elsewhere: every way must give those.

use grad_core::emit::standalone;
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Array, Data, Datum};
use grad_core::opt;

use crate::compiled::{self, Case};
use crate::ways::{all_agree, floats, hessian_agrees};

/// `1.5`, `[1, 2]`, `[[1, 2], [3, 4]]`
pub(crate) fn datum(text: &str) -> Datum {
    let numbers = || -> Vec<f64> {
        let parts = text.split(['[', ']', ',', ' ']).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().unwrap_or_else(|e| panic!("{text}: {e}"))).collect()
    };
    if text.starts_with("[[") {
        let rows = text.matches('[').count() - 1;
        let data = numbers();
        return Datum::matrix(rows, data.len() / rows, &data);
    }
    if text.starts_with('[') { Datum::vector(&numbers()) } else { Datum::Float(numbers()[0]) }
}

/// The parts between commas that stand in no bracket.
pub(crate) fn parts(text: &str) -> Vec<&str> {
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

struct Given {
    names: Vec<String>,
    args: Vec<Datum>,
    value: f64,
    gradient: Vec<f64>,
}

/// `# at x=1, y=[2, 3] -> 4, [5, 6, 7]`
fn given(line: &str) -> Given {
    let line = line.trim_start_matches("# at ");
    let (point, expected) = line.split_once(" -> ").unwrap_or_else(|| panic!("{line}"));
    let (names, args) = parts(point)
        .into_iter()
        .map(|part| part.split_once('=').unwrap_or_else(|| panic!("{line}")))
        .map(|(name, value)| (name.to_string(), datum(value)))
        .unzip();
    let [value, gradient] = parts(expected)[..] else { panic!("{line}") };
    let (Datum::Float(value), Datum::Array(Array { data: Data::Float(gradient), .. })) =
        (datum(value), datum(gradient))
    else {
        panic!("{line}")
    };
    Given { names, args, value, gradient }
}

fn close(x: f64, y: f64, scale: f64) -> bool {
    x == y || (x - y).abs() <= 1e-12 * y.abs() + 1e-14 * scale
}

/// The entries of a file, each a formula and points; the first paragraph says what they are.
/// Zeros may be off by the rounding of numbers as large as `cancelling`.
fn check(name: &str, file: &str, least: usize, cancelling: f64, also: fn(&str, &Function, &[Datum])) {
    let mut cases = Vec::new();
    for entry in file.split("\n\n").skip(1).filter(|entry| !entry.is_empty()) {
        let (lines, source): (Vec<&str>, Vec<&str>) = entry.trim().lines().partition(|line| line.starts_with("# at "));
        let source = source.join("\n");
        let f = formula::read("f", &source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function;
        assert!(!lines.is_empty(), "{source}");
        for line in lines {
            let given = given(line);
            let names: Vec<&str> = f.params.iter().map(|p| &*p.name).collect();
            assert_eq!(names, given.names, "{source}");
            let what = format!("{source}\n{line}");
            // As it is prepared for differentiation: that makes it stable.
            let (value, gradient) = all_agree(&what, &opt::prepare(&f), &given.args);
            also(&what, &f, &given.args);
            let scale = given.gradient.iter().fold(cancelling, |m, g| m.max(g.abs()));
            assert!(close(value, given.value, cancelling), "{what}\ngives {value:?}");
            assert_eq!(gradient.len(), given.gradient.len(), "{what}");
            for (got, expected) in gradient.iter().zip(&given.gradient) {
                assert!(close(*got, *expected, scale), "{what}\ngives {gradient:?}");
            }
            let (function, interface) = standalone(&f);
            let mut args = given.args;
            let rows = |k: usize, axis: usize| match &args[k] {
                Datum::Array(a) => a.dims[axis] as i64,
                _ => panic!("{what}"),
            };
            // A length that no slice tells is a parameter of its own.
            let lengths: Vec<Datum> = (args.len()..function.params.len())
                .map(|k| {
                    let name = &function.params[k].name;
                    let size = f.sizes.iter().position(|s| s == name).expect("a length has a name");
                    let (k, axis) = f.size_source(grad_core::ir::SizeId(size as u32)).expect("an array has it");
                    Datum::Int(rows(k, axis))
                })
                .collect();
            args.extend(lengths);
            let expected = (given.value, given.gradient);
            cases.push(Case { what, function, interface, args, expected, source: None });
        }
    }
    assert!(cases.len() > least, "{} points", cases.len());
    compiled::check(name, &cases);
}

#[test]
fn every_way_gives_what_is_expected() {
    check("agree_given", include_str!("given.grad"), 150, 0.0, |_, _, _| {});
}

#[test]
fn linear_algebra_by_every_way() {
    check("agree_linear", include_str!("linear.grad"), 50, 1000.0, |what, f, args| {
        if floats(args).len() <= 18 {
            hessian_agrees(what, f, args);
        }
    });
}
