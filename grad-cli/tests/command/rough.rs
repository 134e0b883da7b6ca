//! Huge and strange inputs: an answer or a clear error, never a crash.

use std::time::{Duration, Instant};

use crate::{Run, folder, grad, grad_reading};

/// Runs a formula, from a file, through `derive` and `eval`; both end by themselves, with an answer or a placed error.
fn both(test: &str, formula: &str) -> [Run; 2] {
    let file = folder(&format!("rough_{test}")).join("long.grad");
    std::fs::write(&file, formula).unwrap();
    let file = file.to_str().unwrap();
    [&["derive", file][..], &["eval", file, "--at", "x=0.5"]].map(|args| {
        let run = grad(args);
        match run.code {
            Some(0) => assert!(!run.out.is_empty() && run.err.is_empty()),
            Some(2) => assert!(run.err.starts_with("error: ") && run.err.contains(" --> "), "{}", run.err),
            code => panic!("{code:?}: {}", run.err),
        }
        // An error shows a piece of the line, not the line.
        assert!(run.err.len() < 4000);
        run
    })
}

#[test]
fn deep_nesting_has_a_clear_error() {
    let wrap = |open: &str, close: &str| open.repeat(10_000) + "x" + &close.repeat(10_000);
    for (test, formula) in [
        ("parentheses", wrap("(", ")")),
        ("brackets", wrap("[", "]")),
        ("calls", wrap("sin(", ")")),
        ("choices", wrap("if x > 0 then ", " else 0")),
        ("open", "(".repeat(10_000)),
    ] {
        for run in both(test, &formula) {
            assert_eq!(run.code, Some(2));
            assert!(run.err.contains("nested more than") && run.err.contains("= help: "), "{}", run.err);
        }
    }
}

#[test]
fn long_chains_are_no_nesting() {
    for (test, formula, value) in [
        ("signs", "-".repeat(10_000) + "x", "0.5"),
        ("sum", vec!["x"; 5_000].join(" + "), "2500"),
        ("differences", vec!["x"; 5_001].join(" - "), "-2499.5"),
        ("product", vec!["x"; 40].join(" * "), "9.094947017729282e-13"),
    ] {
        let [derived, evaluated] = both(test, &formula);
        assert_eq!((derived.code, evaluated.code), (Some(0), Some(0)));
        assert!(evaluated.out.starts_with(&format!("value  {value}\n")), "{}", evaluated.out);
    }
    both("powers", &vec!["x"; 2_000].join("^"));
    both("negations", &format!("if {} x > 0 then x else 0", "not ".repeat(10_000)));
    both("transposes", &format!("let A = [[x, x], [x, x]]; sum(A{})", "'".repeat(10_000)));
    both("subscripts", &format!("let v = [x, x]; v{}", "[0]".repeat(10_000)));
    both("else", &("if x > 0 then x else ".repeat(10_000) + "x"));
}

#[test]
fn definitions_do_not_explode() {
    let doubling = |n: usize| -> String {
        let lines = (1..n).map(|k| format!("fn f{k}(x) = f{}(x) * f{}(x + 1)\n", k - 1, k - 1));
        "fn f0(x) = x\n".to_string() + &lines.collect::<String>() + &format!("f{}(x)", n - 1)
    };
    let start = Instant::now();
    let [run, _] = both("doubling", &doubling(60));
    assert_eq!(run.code, Some(2));
    assert!(start.elapsed() < Duration::from_secs(60));
    let squares: String = (1..1000).map(|k| format!("let a{k} = a{} * 0.5\n", k - 1)).collect();
    let [run, _] = both("lets", &format!("let a0 = x\n{squares}a999"));
    assert_eq!(run.code, Some(0));
}

#[test]
fn random_text_never_crashes() {
    // A linear congruential generator: the same text on every run.
    let mut state = 1_u64;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let tokens = [
        "x",
        "y",
        "1",
        "2.5",
        "+",
        "-",
        "*",
        "/",
        "^",
        "(",
        ")",
        "[",
        "]",
        ",",
        ";",
        ":",
        "..",
        "if ",
        " then ",
        " else ",
        "let ",
        "fn ",
        "=",
        "==",
        "<",
        "sum(",
        "i in 0..3: ",
        "'",
        "@",
        "·",
        "sin(",
        "max(",
        "\n",
        "# c\n",
        "π",
        "é",
        "not ",
        " and ",
        "where(",
        "x: [n]; ",
        "x[0]",
        "\"",
        "\\",
        "\u{0}",
        "1e999",
        "{",
        "}",
        "$",
        "😀",
    ];
    for _ in 0..150 {
        let text: String = (0..1 + next(12)).map(|_| tokens[next(tokens.len())]).collect();
        let run = grad_reading(["-"], text.as_bytes());
        assert!(matches!(run.code, Some(0 | 2)), "{text:?}: {:?} {}", run.code, run.err);
        assert_eq!(run.code == Some(2), run.err.starts_with("error: "), "{text:?}: {}", run.err);
    }
}

#[test]
fn random_bytes_never_crash() {
    let mut state = 7_u32;
    for n in 1..100 {
        let bytes: Vec<u8> = (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        for args in [&["-"][..], &["eval", "--jsonl"]] {
            let run = grad_reading(args.iter(), &bytes);
            assert!(matches!(run.code, Some(0 | 2)), "{bytes:?}: {:?} {}", run.code, run.err);
        }
    }
}
