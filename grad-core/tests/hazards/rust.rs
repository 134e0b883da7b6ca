//! Hazards of Rust functions: the same analysis, behind loops, early returns and slices.

use grad_core::front::rust;
use grad_core::hazard;

fn conditions(source: &str) -> Vec<String> {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|e| panic!("{source}: {e}"));
    let primal = rust::read(&item, &Default::default()).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems));
    let f = primal.function;
    let wrt: Vec<usize> = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
    let found = hazard::hazards(&f, &wrt).unwrap_or_else(|problem| panic!("{source}\n{problem}"));
    assert!(found.iter().all(|hazard| hazard.at.is_some()), "{source}: hazards of Rust functions have a place");
    found.into_iter().map(|hazard| format!("{}: {}", hazard.subexpression, hazard.condition)).collect()
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    assert_eq!(conditions(source), expected, "{source}");
}

#[test]
fn expressions() {
    check(
        "fn f(x: f64, y: f64) -> f64 { x.sqrt() + y.acos() }",
        &["sqrt(x): x = 0", "acos(y): y = 1", "acos(y): y = -1"],
    );
    check("fn f(x: f64) -> f64 { (1.0 + x * x).sqrt() + x.exp().ln_1p() }", &[]);
    check("fn f(x: f64, y: f64) -> f64 { (x * x + y * y).sqrt() }", &[]);
    check("fn f(x: f64) -> f64 { x.powf(0.25) }", &["x^0.25: x = 0"]);
}

#[test]
fn early_returns_are_conditions() {
    check("fn f(x: f64) -> f64 { if x <= 0.0 { return 0.0; } x.sqrt() }", &[]);
    check("fn f(x: f64) -> f64 { if x < 0.0 { return 0.0; } x.sqrt() }", &["sqrt(x): x = 0"]);
    check(
        "fn f(x: f64, n: usize) -> f64 { match n { 0 => x.sqrt(), 1 => x * x, _ => 1.0 + x } }",
        &["sqrt(x): x = 0 and n == 0"],
    );
}

#[test]
fn loops() {
    check(
        "fn f(x: &[f64; 3]) -> f64 { let mut s = 0.0; for i in 0..3 { s += x[i].sqrt(); } s }",
        &["sqrt(x[i]): x[i] = 0 for some i"],
    );
    check("fn f(x: &[f64]) -> f64 { x.iter().map(|v| v * v).sum::<f64>().sqrt() }", &[]);
    check("fn f(x: &[f64]) -> f64 { x.iter().map(|v| (1.0 + v * v).sqrt()).sum() }", &[]);
    // A root by Newton's method: the iterates stay away from 0.
    check("fn f(x: f64) -> f64 { let mut y = 1.0; for _ in 0..5 { y = 0.5 * (y + x * x / y); } y }", &[]);
    check(
        "fn f(x: f64) -> f64 { let mut y = x; while y > 4.0 { y = y.sqrt(); } (y - 1.0).sqrt() }",
        &["sqrt(y - 1): y = 1"],
    );
}

/// What a loop carries is 0 in a later iteration only.
#[test]
fn later_iterations() {
    check(
        "fn f(x: f64) -> f64 { let (mut s, mut y) = (0.0, x); for _ in 0..4 { s += y.sqrt(); y -= 1.0; } s }",
        &["sqrt(y): y = 0"],
    );
    check(
        "fn f(x: f64) -> f64 { let (mut s, mut y) = (0.0, x); while y > -0.5 { s += y.cbrt(); y -= 1.0; } s }",
        &["cbrt(y): y = 0"],
    );
    check(
        "fn f(x: &[f64; 4]) -> f64 { let mut s = 0.0; for i in (1..4).rev() { s += (x[i] - x[i - 1] - 0.5).sqrt(); } s }",
        &["sqrt(x[i] - x[i - 1] - 0.5): x[i] - x[i - 1] = 0.5 for some i"],
    );
}

#[test]
fn several_results() {
    check("fn f(x: f64, y: f64) -> (f64, f64) { (x * y, y.cbrt()) }", &["cbrt(y): y = 0"]);
    check("fn f(x: &[f64; 2]) -> [f64; 2] { [x[0].sqrt(), x[1] * x[1]] }", &["sqrt(x[0]): x[0] = 0"]);
}
