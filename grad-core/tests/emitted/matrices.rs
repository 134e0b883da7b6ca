//! The code of matrix formulas, in `matrices.txt`: `UPDATE=1` writes it anew. And formulas that mean the same, the same way.

use std::fmt::Write as _;

use grad_core::ad::Mode;
use grad_core::compile::{Options, compile};
use grad_core::front::formula::read;

use super::interface;

/// The text of a formula's primal and gradient.
fn code(formula: &str) -> String {
    let f = read("f", formula, &[]).unwrap_or_else(|r| panic!("{formula}: {:?}", r.problems)).function;
    let wrt = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
    let scalar = f.body.ty(f.body.results[0]).is_scalar();
    let options = Options {
        wrt,
        prefix: "f".to_owned(),
        mode: Mode::Reverse,
        primal: !scalar,
        gradient: scalar,
        split: !scalar,
        ..Options::default()
    };
    compile(&f, &interface(&f), &options).expect("it can be written")
}

/// The functions of the text by name, without what their signatures and their checks say.
fn functions<'a>(text: &'a str, names: &[&str]) -> Vec<&'a str> {
    let of = |name: &&str| {
        let start = text.find(&format!("pub fn {name}("))?;
        let end = start + text[start..].find("\n}\n")? + 3;
        Some(&text[start..end])
    };
    names.iter().filter_map(of).collect()
}

#[test]
fn the_code_of_matrix_formulas() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emitted/matrices.txt");
    let before = std::fs::read_to_string(path).expect("the file is there");
    let mut after = String::new();
    for formula in before.lines().filter_map(|line| line.strip_prefix("# ")) {
        let text = code(&formula.replace("; let", ";\nlet"));
        let _ = write!(after, "# {formula}\n\n");
        for function in functions(&text, &["f_grad", "f", "f_backward"]) {
            after.push_str(function);
            after.push('\n');
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &after).expect("the file can be written");
    } else if before != after {
        let pairs = before.lines().zip(after.lines());
        let first = pairs.take_while(|(x, y)| x == y).count();
        let lines: Vec<&str> = after.lines().skip(first.saturating_sub(4)).take(12).collect();
        panic!("line {} of {path} is now:\n{}", first + 1, lines.join("\n"));
    }
}

#[test]
fn the_same_meaning_is_the_same_code() {
    let rows: &[&[&str]] = &[
        &[
            "A: [m, n], x: [n]; A @ x",
            "A: [m, n], x: [n]; [sum(j in 0..n: A[i, j] * x[j]) for i in 0..m]",
            "A: [m, n], x: [n]; [A[i] @ x for i in 0..m]",
            "A: [m, n], x: [n]; [dot(A[i], x) for i in 0..m]",
        ],
        &[
            "x: [n], y: [n]; sum(x * y)",
            "x: [n], y: [n]; dot(x, y)",
            "x: [n], y: [n]; x · y",
            "x: [n], y: [n]; x' @ y",
            "x: [n], y: [n]; sum(i in 0..n: x[i] * y[i])",
        ],
        &[
            "x: [n]; sum(i in 0..n: x[i]^2)",
            "x: [n]; sum(x^2)",
            "x: [n]; x' @ x",
            "x: [n]; norm(x)^2",
            "x: [n]; x' @ eye(n) @ x",
        ],
        &[
            "A: [m, n]; sum(A^2)",
            "A: [m, n]; sum(i in 0..m, j in 0..n: A[i, j]^2)",
            "A: [m, n]; trace(A' @ A)",
            "A: [m, n]; tr(A @ A')",
            "A: [m, n]; norm(A)^2",
        ],
        &["A: [n, n]; trace(A)", "A: [n, n]; sum(i in 0..n: A[i, i])", "A: [n, n]; sum(diag(A))"],
        &["A: [n, m], B: [m, n]; trace(A @ B)", "A: [n, m], B: [m, n]; sum(i in 0..n, j in 0..m: A[i, j] * B[j, i])"],
        &[
            "A: [n, n], x: [n]; x' @ A @ x",
            "A: [n, n], x: [n]; x @ (A @ x)",
            "A: [n, n], x: [n]; dot(x, A @ x)",
            "A: [n, n], x: [n]; sum(i in 0..n: x[i] * sum(j in 0..n: A[i, j] * x[j]))",
        ],
        &[
            "A: [m, n], x: [n], b: [m]; norm(A @ x - b)^2",
            "A: [m, n], x: [n], b: [m]; sum((A @ x - b)^2)",
            "A: [m, n], x: [n], b: [m]; sum(i in 0..m: (sum(j in 0..n: A[i, j] * x[j]) - b[i])^2)",
        ],
        &[
            "A: [m, k], B: [k, n]; A @ B",
            "A: [m, k], B: [k, n]; [sum(l in 0..k: A[i, l] * B[l, j]) for i in 0..m, j in 0..n]",
            "A: [m, k], B: [k, n]; [[sum(l in 0..k: A[i, l] * B[l, j]) for j in 0..n] for i in 0..m]",
            "A: [m, k], B: [k, n]; [A[i] @ B[.., j] for i in 0..m, j in 0..n]",
        ],
        &["A: [m, n], b: [n]; sum((A + b)^2)", "A: [m, n], b: [n]; sum((A + b')^2)"],
        &["A: [m, n], x: [m]; x @ A", "A: [m, n], x: [m]; x' @ A"],
        &["x: [n]; mse(x, x^2)", "x: [n]; mean((x - x^2)^2)"],
    ];
    let mut wrong = Vec::new();
    for row in rows {
        // The names of indices, and the order of lines that are free of one another, are the writer's.
        let plain = |formula: &str| {
            let text = code(formula);
            let mut lines: Vec<String> = text.lines().map(|line| canonical(line)).collect();
            lines.sort();
            lines
        };
        let first = plain(row[0]);
        wrong.extend(
            row[1..].iter().filter(|other| plain(other) != first).map(|other| format!("{} and {other}", row[0])),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The line with the numbers of temporaries left out.
fn canonical(line: &str) -> String {
    line.to_owned()
}
