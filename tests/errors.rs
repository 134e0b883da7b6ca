//! What rustc says where the attribute refuses: the exact token, every mistake at once, and nothing after it.
//!
//! Each `errors/*.rs` is compiled by the rustc that compiled this test; `UPDATE=1` writes what it says beside it. No
//! refusal in the sources is without a fixture.

mod refusals;
mod rustc;

use std::path::{Path, PathBuf};

use rustc::{Made, rustc};

/// What rustc says about a file; whether it took it.
fn compiled(source: &Path) -> (bool, String) {
    let (taken, said) = rustc(source, &Made::Nothing);
    (taken, ours(&said))
}

/// The file, line and column that a message is about.
fn place(block: &str) -> &str {
    block.lines().find_map(|line| line.trim().strip_prefix("--> ")).unwrap_or_default()
}

/// Our errors and warnings as they are; of rustc's own only the code and the place, for the words are another's and change.
fn ours(said: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    for block in said.split("\n\n") {
        let is_warning = block.starts_with("warning") || block.starts_with("error: use of deprecated");
        if block.starts_with("error: aborting") || is_warning && !block.contains("zero_gradient") {
            continue;
        }
        if is_warning {
            // Which level the lint has is said once a crate, by the first.
            let lines = block.lines().filter(|line| !line.trim_start().starts_with("= note: `#["));
            kept.push(lines.collect::<Vec<_>>().join("\n").trim_end_matches(['|', ' ', '\n']).to_string());
        } else if block.contains("\nnote: while trying to match") {
            kept.push(format!("(rustc: a macro's arguments at {})", place(block)));
        } else if block.starts_with("error:") {
            kept.push(block.trim_end().to_string());
        } else if let Some(code) = block.strip_prefix("error[") {
            kept.push(format!("(rustc: {} at {})", &code[..code.find(']').unwrap_or(code.len())], place(block)));
        }
    }
    kept.join("\n\n") + "\n"
}

/// Compiles the fixtures of a folder, which are taken or not, and compares what is said.
fn compare(folder: &str, is_taken: bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut sources: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    sources.sort();
    assert!(!sources.is_empty());
    let mut differing = Vec::new();
    for source in sources {
        let (taken, said) = compiled(&source);
        assert!(taken == is_taken, "{} is taken: {taken}\n{said}", source.display());
        let expected = source.with_extension("stderr");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &said).expect("the fixture can be written");
        }
        let before = std::fs::read_to_string(&expected).unwrap_or_default();
        if before != said {
            differing.push(format!("{}\n--- expected\n{before}\n--- said\n{said}", source.display()));
        }
    }
    assert!(differing.is_empty(), "UPDATE=1 accepts this:\n{}", differing.join("\n"));
}

#[test]
fn mistakes_are_named_on_their_tokens() {
    compare("errors", false);
}

#[test]
fn gradients_that_are_always_zero_are_named() {
    compare("warnings", true);
}

/// What is too deep or too long for a fixture, made here; each must be refused with these words.
fn deep_ones() -> Vec<(&'static str, String)> {
    let chain = format!("x{}", ".abs()".repeat(220));
    let body = |body: &str| format!("#[derive_grad::derive_grad] pub fn f(x: f64) -> f64 {{ {body} }}\n");
    let module = |items: &str| {
        format!("#[derive_grad::derive_grad] pub mod m {{ {items} #[grad] pub fn f(x: f64) -> f64 {{ x }} }}\n")
    };
    let typed = |items: &str, ty: &str| {
        let f = format!("#[grad] pub fn f(_p: {ty}, x: f64) -> f64 {{ x }}");
        format!("#[derive_grad::derive_grad] pub mod m {{ {items} {f} }}\n")
    };
    let structs: String = (0..18).map(|k| format!("pub struct S{k} {{ pub a: S{} }} ", k + 1)).collect();
    let ifs = |call: &str| format!("{}{call}{}", "if y > 1.0 { ".repeat(40), " } else { y }".repeat(40));
    let closures = format!("let a = |y: f64| {}; let b = |y: f64| {}; b(x)", ifs("y"), ifs("a(y)"));
    vec![
        (
            "brackets nest too deep here\nhelp: give the inner parts names of their own with `let`",
            body(&format!("{}x{}", "(".repeat(140), ")".repeat(140))),
        ),
        ("expressions nest too deep here\nhelp: give the inner parts names of their own with `let`", body(&chain)),
        (
            "expressions nest too deep here\nhelp: give the inner parts names of their own with `let`",
            module(&format!("fn g(x: f64) -> f64 {{ {chain} }}")),
        ),
        (
            "expressions nest too deep here\nhelp: give the inner parts names of their own with `let`",
            body(&format!("let v = vec![{chain}]; v[0]")),
        ),
        (
            "expressions nest too deep here\nhelp: give the inner parts names of their own",
            body(&format!("assert!({chain} > 0.0); x")),
        ),
        (
            "this row of operators is too long here\nhelp: give parts of the expression names with `let`",
            module(&format!("fn g(x: f64) -> f64 {{ x{} }}", " + x".repeat(1_200))),
        ),
        (
            "loops and choices nest too deep here\nhelp: turn the choices into an array to be indexed, or split the function",
            body(&closures),
        ),
        (
            "structs nest too deep here\nhelp: pass the inner one as a parameter of its own",
            typed(&format!("{structs} pub struct S18 {{ pub a: f64 }}"), "&S0"),
        ),
    ]
}

#[test]
fn what_is_too_deep_is_named() {
    let mut differing = Vec::new();
    for (k, (words, source)) in deep_ones().into_iter().enumerate() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("deep_{k}.rs"));
        std::fs::write(&path, source).expect("the source can be written");
        let (taken, said) = compiled(&path);
        let lines: Vec<&str> = said.lines().map(str::trim).collect();
        if taken || !lines.join("\n").contains(words) {
            let said: String = said.lines().map(|l| l.chars().take(200).collect::<String>() + "\n").take(10).collect();
            differing.push(format!("{k}: {words}\n{said}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// Refusals that no program that rustc reads this far can get, and why.
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("this type nests too deep", "so many brackets are refused before"),
    ("this literal is not a float", "rustc has read it as one"),
    ("this operator is not supported", "Rust has no other prefix operators"),
    ("this literal", "Rust has no other literals"),
    ("use numbers and `bool`s", "Rust has no other literals"),
    ("this expression is", "every expression that rustc parses is named by what it is"),
    ("use arithmetic, calls, `if`, `for`, arrays and tuples", "every expression that rustc parses is named"),
    ("of a float is not supported…\nhelp: …write it out", "every method of the list before is read"),
    (
        "leaving from inside an expression is not supported…\nhelp: …make the `if` around",
        "the flags of a loop are declared before its body is read",
    ),
    ("`return` is not supported here", "what a `return` needs is declared before the body is read"),
    ("the types of the integers in this function could not be settled", "each reading settles what the last left open"),
    ("has different types after the two sides", "an assignment keeps the type of its variable"),
    ("a gradient needs one float result", "the macro asks for none of any other function"),
    ("an array that grows has no adjoint yet", "only adjoints make them, and no adjoint of one is offered"),
    ("derive-grad has a fault: please report it with this function", "it is for what nobody knows of"),
    ("formulas need the feature `formula` of derive-grad", "the fixtures are compiled with it"),
];

/// The messages of ours that the fixtures expect, lines trimmed.
fn expected_messages() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut messages = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "stderr") {
            let text = std::fs::read_to_string(path).expect("the fixture can be read");
            let blocks = text.split("\n\n").filter(|block| !block.starts_with('('));
            messages.extend(blocks.map(|b| b.lines().map(str::trim).collect::<Vec<_>>().join("\n")));
        }
    }
    messages
}

#[test]
fn no_refusal_is_without_a_fixture() {
    let refusals = refusals::all(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(refusals.len() > 150, "{} refusals were found", refusals.len());
    let mut messages = expected_messages();
    messages.extend(deep_ones().into_iter().map(|(words, _)| words.to_string()));
    for (title, why) in OUT_OF_REACH {
        let said = |message: &String| title.split('…').all(|piece| message.contains(piece));
        assert!(!messages.iter().any(said), "{title} is within reach, though {why}");
    }
    let is_excused = |refusal: &refusals::Refusal| {
        let words = refusal.pieces.join("…");
        OUT_OF_REACH.iter().any(|(title, _)| words.contains(title))
    };
    let missing: Vec<String> = refusals
        .iter()
        .filter(|refusal| !messages.iter().any(|m| refusal.is(m)) && !is_excused(refusal))
        .map(|refusal| format!("{}: {}", refusal.file, refusal.pieces.join("…").replace('\n', " / ")))
        .collect();
    assert!(missing.is_empty(), "no fixture of tests/errors expects\n{}", missing.join("\n"));
}
