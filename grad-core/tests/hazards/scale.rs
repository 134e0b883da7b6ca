//! Large functions are answered in time, and never by a panic.

use std::time::{Duration, Instant};

use crate::{hazards, read};

fn in_time(source: &str) -> usize {
    assert!(read(source).is_some(), "{:.60} is a formula", source);
    let start = Instant::now();
    let found = hazards(source).len();
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(30), "{elapsed:?}");
    found
}

#[test]
fn long_sums() {
    let terms: Vec<String> = (1..=5000).map(|k| format!("sqrt({k} + x^2)")).collect();
    assert_eq!(in_time(&terms.join(" + ")), 0);
    let terms: Vec<String> = (1..=2000).map(|k| format!("exp(-x * {k})")).collect();
    assert_eq!(in_time(&terms.join(" + ")), 0);
    let terms: Vec<String> = (1..=100).map(|k| format!("sqrt(x - {k})")).collect();
    // Where the others are real, only the last is 0.
    assert_eq!(in_time(&terms.join(" + ")), 1);
}

/// Each term is a hazard of its own, or speaks of all before it.
#[test]
fn many_hazards() {
    let terms: Vec<String> = (1..=150).map(|k| format!("cbrt(x - {k})")).collect();
    assert_eq!(in_time(&terms.join(" + ")), 150);
    let terms: Vec<String> = (1..=150).map(|k| format!("sqrt(x{k})")).collect();
    assert_eq!(in_time(&terms.join(" + ")), 150);
    let lets: Vec<String> = (0..100).map(|k| format!("let s{} = sqrt(s{k} + y) * s{k}", k + 1)).collect();
    assert!(in_time(&format!("let s0 = x\n{}\ns100", lets.join("\n"))) > 10);
}

#[test]
fn deep_nests() {
    let deep = |n: usize, open: &str, close: &str| format!("{}x{}", open.repeat(n), close.repeat(n));
    in_time(&deep(120, "sqrt(1 + ", ")"));
    in_time(&deep(60, "1 / (2 + ", ")"));
    in_time(&deep(25, "(if x > 1 then sqrt(x) else ", ")"));
    in_time("A: [n, n]; sum(i in 0..n: sum(j in 0..n: sum(k in 0..n: sqrt(A[i, j] * A[j, k] * A[k, i]))))");
}
