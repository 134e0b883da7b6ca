//! Long and deep functions: many short statements, in linear time, without a deep stack.

use std::fmt::Write;
use std::time::Instant;

use grad_core::ad::{Mode, gradient};
use grad_core::emit::{Request, derivative};
use grad_core::ir::{Function, Type};

use super::primals::function;
use super::{interface, run};

/// Σ over k of sin(k · x) · x, n terms.
fn long(n: usize) -> Function {
    function("long", &[("x", Type::FLOAT)], &[], |b, p| {
        let x = b.sym(p[0]);
        let terms = (1..=n).map(|k| (k as f64 * x).sin() * x);
        vec![terms.reduce(|a, t| a + t).expect("there are terms").value()]
    })
}

/// x ← sin(x) + 0.5 x, n times.
fn deep(n: usize) -> Function {
    function("deep", &[("x", Type::FLOAT)], &[], |b, p| {
        let mut x = b.sym(p[0]);
        for _ in 0..n {
            x = x.sin() + 0.5 * x;
        }
        vec![x.value()]
    })
}

/// x ← x > k ? 0.5 x : x + 1.5, for k below n: the slopes are made of literals and choices alone.
fn choices(n: usize) -> Function {
    function("choices", &[("x", Type::FLOAT)], &[], |b, p| {
        let mut x = b.sym(p[0]);
        for k in 0..n {
            let above = x.gt(k as f64).value();
            let arms = b.branch(above, || vec![(0.5 * x).value()], || vec![(x + 1.5).value()]);
            x = b.sym(arms[0]);
        }
        vec![x.value()]
    })
}

fn text(f: &Function) -> String {
    let interface = interface(f);
    let gradient = gradient(f, &[0], Mode::Reverse).expect("it has a gradient");
    let request = Request {
        interface: &interface,
        prefix: &f.name,
        wrt: &[0],
        primal: Some(f),
        gradient: Some(&gradient),
        into: None,
        split: None,
        jvp: None,
        hessian: None,
        embed: None,
    };
    derivative(&request).expect("it can be written")
}

#[test]
fn statements_stay_short_whatever_the_length_of_a_formula() {
    let mut all = String::from("//! Generated.\n\n");
    for f in [long(200), deep(200)] {
        let text = text(&f);
        assert!(text.lines().all(|line| line.len() <= 100), "a line is too long");
        let _ = writeln!(all, "{text}");
    }
    all += "fn main() {
    let by_hand = |x: f64| (1..=200).map(|k| (k as f64 * x).sin() * x).sum::<f64>();
    assert!((long(0.3) - by_hand(0.3)).abs() < 1e-9);
    let numeric = (by_hand(0.3 + 1e-6) - by_hand(0.3 - 1e-6)) / 2e-6;
    assert!((long_grad(0.3).1 - numeric).abs() < 1e-4);
    let (value, slope) = deep_grad(0.3);
    assert_eq!(value, deep(0.3));
    assert!((slope - (deep(0.3 + 1e-6) - deep(0.3 - 1e-6)) / 2e-6).abs() < 1e-4);
}
";
    run("size", &all);
}

#[test]
fn time_grows_with_the_length() {
    let time = |f: &Function| {
        let start = Instant::now();
        let text = text(f);
        (start.elapsed().as_secs_f64(), text.len())
    };
    for make in [long, deep] {
        let (small, large) = (make(2_000), make(20_000));
        let (t, n) = time(&small);
        let (t10, n10) = time(&large);
        assert!(n10 < 13 * n, "{n} and {n10} bytes");
        assert!(t10 < 40.0 * t + 0.2, "{t} s and {t10} s");
    }
}

#[test]
fn choices_one_after_the_other_take_linear_time() {
    let seconds = |n: usize| {
        let f = choices(n);
        let begin = Instant::now();
        let text = text(&f);
        assert!(text.len() < 400 * n, "the text grows with the choices, no faster");
        begin.elapsed().as_secs_f64()
    };
    let (few, many) = (seconds(60), seconds(240));
    assert!(many < 40.0 * few + 0.5, "{few} s for 60 choices, {many} s for 240");
}
