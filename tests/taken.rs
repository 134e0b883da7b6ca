//! The README's table of what Rust is taken is true: what is taken has the gradient that differences give, and what is not
//! is refused with the words of the table.

mod rustc;

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use rustc::{Made, rustc};

const BEGIN: &str = "<!-- taken:begin -->\n";
const END: &str = "<!-- taken:end -->";

/// A row: what it is about, an example, and what is said if that is refused.
struct Row {
    construct: String,
    example: String,
    refusal: Option<String>,
}

/// The rows of both tables.
fn rows() -> Vec<Row> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once(BEGIN).unwrap();
    let (tables, _) = rest.split_once(END).unwrap();
    let mut rows = Vec::new();
    for line in tables.lines().filter(|line| line.starts_with("| ")) {
        if line.starts_with("| taken ") || line.starts_with("| refused ") {
            continue;
        }
        // A bar inside a cell is escaped.
        let line = line.replace("\\|", "\u{1}");
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|c| c.trim().replace('\u{1}', "|")).collect();
        let code = |cell: &String| cell.trim_matches('`').trim().to_string();
        match cells.as_slice() {
            [construct, example] => {
                rows.push(Row { construct: construct.clone(), example: code(example), refusal: None });
            }
            [construct, example, refusal] => {
                let refusal = Some(refusal.clone());
                rows.push(Row { construct: construct.clone(), example: code(example), refusal });
            }
            _ => panic!("{line}: {} cells", cells.len()),
        }
    }
    rows
}

/// Writes a source beside the tests' other files.
fn written(name: &str, source: &str) -> std::path::PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, source).unwrap();
    path
}

#[test]
fn what_is_taken_has_the_gradient_that_differences_give() {
    let rows = rows();
    let taken: Vec<&Row> = rows.iter().filter(|row| row.refusal.is_none()).collect();
    assert!(taken.len() > 20);
    let mut source = String::from("#![allow(warnings)]\nmod rows {\n");
    let mut checks = String::new();
    for (k, row) in taken.iter().enumerate() {
        writeln!(
            source,
            "pub mod row_{k} {{ #[derive_grad::derive_grad(wrt(x))]\n\
             pub fn f(x: &[f64; 3], n: usize) -> f64 {{\n{}\n}} }}",
            row.example
        )
        .unwrap();
        writeln!(checks, "check({:?}, rows::row_{k}::f, rows::row_{k}::f_grad);", row.construct).unwrap();
    }
    write!(
        source,
        r#"}}
type F = fn(&[f64; 3], usize) -> f64;
fn check(what: &str, f: F, grad: fn(&[f64; 3], usize) -> (f64, [f64; 3])) {{
    for (x, n) in [([0.7, 1.3, 0.4], 3), ([1.6, 0.8, 1.1], 2)] {{
        let (value, slopes) = grad(&x, n);
        // Stable forms may change the last bits.
        assert!((value - f(&x, n)).abs() <= 1e-14 * value.abs(), "{{what}}");
        let mut all_zero = true;
        for k in 0..3 {{
            let at = |h: f64| {{ let mut y = x; y[k] += h; f(&y, n) }};
            let h = 1e-4;
            let expected = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            assert!((slopes[k] - expected).abs() < 1e-8 * (1.0 + expected.abs()), "{{what}}: {{}} is not {{expected}}", slopes[k]);
            all_zero &= expected.abs() < 1e-9;
        }}
        assert!(!all_zero, "{{what}} shows nothing");
    }}
}}
fn main() {{ {checks} }}
"#
    )
    .unwrap();
    let path = written("taken.rs", &source);
    let program = path.with_extension("run");
    let (compiled, said) = rustc(&path, &Made::Program(&program));
    assert!(compiled, "{said}");
    let out = Command::new(program).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn what_is_not_taken_is_refused_in_these_words() {
    let rows = rows();
    let refused = rows.iter().filter_map(|row| Some((row, row.refusal.as_ref()?)));
    let refused: Vec<(&Row, &String)> = refused.collect();
    assert!(refused.len() > 20);
    // One row a line: where a message points says whose it is.
    let mut source = String::from("#![allow(warnings)] use std::collections::HashMap;\n");
    for (k, (row, _)) in refused.iter().enumerate() {
        let example = &row.example;
        let function = if example.contains("fn f(") || example.contains("fn f<") {
            example.clone()
        } else {
            format!("pub fn f(x: &[f64; 3], n: usize) -> f64 {{ {example} }}")
        };
        // The attribute stands before the function, or where the example has it.
        let marked = if function.contains("#[derive_grad]") {
            function.replace("#[derive_grad]", "#[derive_grad::derive_grad]")
        } else {
            format!("#[derive_grad::derive_grad] {function}")
        };
        writeln!(source, "mod row_{k} {{ use super::HashMap; {marked} }}").unwrap();
    }
    let (_, said) = rustc(&written("refused.rs", &source), &Made::Nothing);
    let mut got: Vec<Vec<String>> = vec![Vec::new(); refused.len()];
    for block in said.split("\n\n").filter(|block| block.starts_with("error: ")) {
        let mut lines = block.lines();
        let title = lines.next().unwrap_or_default().trim_start_matches("error: ").to_string();
        let place = lines.find_map(|line| line.trim().strip_prefix("--> refused.rs:"));
        let line: Option<usize> = place.and_then(|place| place.split(':').next()?.parse().ok());
        if let Some(row) = line.and_then(|line| got.get_mut(line.checked_sub(2)?)) {
            row.push(title);
        }
    }
    let differing: Vec<String> = refused
        .iter()
        .zip(&got)
        .filter(|((_, refusal), got)| **got != [(*refusal).clone()])
        .map(|((row, refusal), got)| format!("{}: {refusal}\n  says {got:?}", row.construct))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
