//! Matrix formulas that mean the same give the same code.

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
        &[
            "s: [n], y: index; cross_entropy(s, y)",
            "s: [n], y: index; -ln(softmax(s)[y])",
            "s: [n], y: index; -log_softmax(s)[y]",
            "s: [n], y: index; logsumexp(s) - s[y]",
            "s: [n], y: index; -s[y] + logsumexp(s)",
            "s: [n], y: index; ln(sum(exp(s))) - s[y]",
            "s: [n], y: index; ln(sum(i in 0..n: exp(s[i]))) - s[y]",
            "s: [n], y: index; -ln(exp(s[y]) / sum(exp(s)))",
        ],
        &["A: [n, n]; trace(A)", "A: [n, n]; sum(i in 0..n: A[i, i])", "A: [n, n]; sum(diag(A))"],
        &["A: [n, m], B: [m, n]; trace(A @ B)", "A: [n, m], B: [m, n]; sum(A * B')"],
        &["A: [n, n], x: [n]; x' @ A @ x", "A: [n, n], x: [n]; x @ (A @ x)", "A: [n, n], x: [n]; dot(x, A @ x)"],
        &[
            "A: [m, n], x: [n], b: [m]; norm(A @ x - b)^2",
            "A: [m, n], x: [n], b: [m]; sum((A @ x - b)^2)",
            "A: [m, n], x: [n], b: [m]; sum(i in 0..m: (sum(j in 0..n: A[i, j] * x[j]) - b[i])^2)",
        ],
        &[
            "A: [m, k], B: [k, n]; A @ B",
            "A: [m, k], B: [k, n]; [sum(j in 0..k: A[i, j] * B[j, l]) for i in 0..m, l in 0..n]",
            "A: [m, k], B: [k, n]; [[sum(j in 0..k: A[i, j] * B[j, l]) for l in 0..n] for i in 0..m]",
            "A: [m, k], B: [k, n]; [A[i] @ B[.., l] for i in 0..m, l in 0..n]",
        ],
        &["A: [m, n], b: [n]; sum((A + b)^2)", "A: [m, n], b: [n]; sum((A + b')^2)"],
        &["A: [m, n], x: [m]; x @ A", "A: [m, n], x: [m]; x' @ A"],
        &["x: [n]; mse(x, x^2)", "x: [n]; mean((x - x^2)^2)"],
    ];
    let mut wrong = Vec::new();
    for row in rows {
        // The order of lines that are free of one another is the writer's.
        let plain = |formula: &str| {
            let text = code(formula);
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
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

#[test]
fn what_one_iteration_touches_is_no_matrix() {
    let triple = code("A: [m, k], B: [k, n], C: [n, m]; trace(A @ B @ C)");
    assert!(!triple.contains("[0.0; m * n]"), "{triple}");
    assert!(triple.contains("C_adj[j * m + i] = "), "{triple}");
    // A x, the result and its adjoint are stored, in either function, and the two gradients where no buffers are given; the
    // adjoint of A x is a number at a time.
    let normal = code("A: [m, n], x: [n]; let r = A' @ A @ x\nr @ r");
    assert_eq!(normal.matches("[0.0; ").count(), 8, "{normal}");
    // A row of adjoints would be read where it is made.
    let scores = code("Q: [n, d], K: [n, d]; let S = Q @ K'\nsum([sum(j in 0..n: exp(S[i, j])) for i in 0..n])");
    assert!(!scores.contains("S_adj["), "{scores}");
    // The value and its adjoint share the exponential.
    assert_eq!(scores.matches(".exp()").count(), 2, "{scores}");
}
