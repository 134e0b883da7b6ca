//! Values that one loop keeps for the next: the gradient is the one without the pass, and the function is called once an
//! element where it can be.
#![cfg(feature = "formula")]

use grad_core::ad::{Mode, gradient};
use grad_core::front::formula::read;
use grad_core::ir::eval::{Datum, eval};
use grad_core::ir::{Body, Function, Op};
use grad_core::opt::{optimise, optimise_between, prepare};
use grad_core::prim::{Cost, Prim};

const X: [f64; 5] = [0.3, -0.8, 1.43, 0.2, -0.1];
const Y: [f64; 5] = [1.1, 0.25, -0.6, 0.9, 0.4];

/// Calls of transcendental functions, wherever they stand.
fn calls(body: &Body) -> usize {
    let of = |op: &Op| match op {
        Op::Call(prim, _) => usize::from(prim.row().cost == Cost::Transcendental && *prim != Prim::Ln),
        Op::If { then, otherwise, .. } => calls(then) + calls(otherwise),
        Op::Fold { body, .. } | Op::Build { body, .. } => calls(body),
        Op::While { cond, body, .. } => calls(cond) + calls(body),
        _ => 0,
    };
    body.ids().map(|id| of(&body.node(id).op)).sum()
}

fn numbers(f: &Function) -> Vec<f64> {
    let args = [Datum::vector(&X), Datum::vector(&Y)];
    let results = eval(f, &args).expect("a value");
    results.iter().flat_map(|d| d.floats().expect("floats").to_vec()).collect()
}

/// Checks a formula of two vectors, and how many calls stand there without the pass and with it.
fn check(formula: &str, without: usize, with: usize) {
    let f = read("f", &format!("x: [n], y: [n]; {formula}"), &[]);
    let f = f.unwrap_or_else(|r| panic!("{formula}: {:?}", r.problems)).function;
    let gradient = gradient(&prepare(&f), &[0, 1], Mode::Reverse).expect("a gradient");
    let (plain, kept) = (optimise_between(&gradient), optimise(&gradient));
    assert_eq!((calls(&plain.body), calls(&kept.body)), (without, with), "{formula}");
    let (plain, kept) = (numbers(&plain), numbers(&kept));
    assert!(plain.iter().any(|v| *v != 0.0), "{formula}: nothing to compare");
    for (a, b) in plain.iter().zip(&kept) {
        assert!((a - b).abs() <= 1e-15 * (1.0 + a.abs()), "{formula}: {kept:?}, not {plain:?}");
    }
}

#[test]
fn what_both_loops_compute_is_kept() {
    check("logsumexp(x) + sum(y)", 2, 1);
    check("ln(sum(exp(x * y)))", 2, 1);
    check("sum(exp(x))^2 - x[1]", 2, 1);
    // Two elements, and one twice: they are added after the loop.
    check("sum(exp(x))^2 - x[1] * x[3] + y[0]", 2, 1);
    check("sum(exp(x))^3 + 2 * x[1] + x[1]", 2, 1);
    check("sum(exp(x))^2 + sum(x^3)^2 + sum(y)", 2, 1);
    // The outermost is kept, and what it is made of is not needed again.
    check("sum(exp(sin(x)))^2", 5, 3);
    // A loop within is dear, too.
    check("sum(i in 0..n: exp(sum(y) * x[i]))^2", 2, 1);
}

#[test]
fn what_must_not_be_kept_is_not() {
    // Not all elements: the others are 0.
    check("sum(i in 1..n: exp(x[i]))^2 + sum(y)", 2, 2);
    check("sum(i in 0..n - 1: exp(x[i]))^2 + sum(y)", 2, 2);
    // Neighbours read each other's.
    check("sum(i in 0..n - 1: exp(x[i + 1] * x[i]))^2 + sum(y)", 2, 2);
    // Nothing is common to both.
    check("sum(sin(x))^2 + sum(y)", 2, 2);
}

/// An array that is read afterwards, or at another place, keeps what it holds.
#[test]
fn arrays_that_are_read_elsewhere_stay() {
    check("let p = softmax(x)\nsum(p * y)", 1, 1);
    check("let p = softmax(x)\np[0] * p[1] + sum(i in 0..n: p[i] * p[n - 1 - i]) + sum(y)", 1, 1);
    check("let p = softmax(x * y)\n-ln(p[2]) + sum(p^2)", 1, 1);
    check("let e = [exp(x[i]) for i in 0..n]\nsum(e)^2 + sum(i in 1..n: e[i] * e[i - 1]) * y[0]", 1, 1);
}
