//! Whatever comes in, an answer comes out: long sums, deep nests, random tokens.

use grad_core::front::rust::read;

fn parse_and_read(source: &str) -> Option<bool> {
    let item: syn::ItemFn = syn::parse_str(source).ok()?;
    Some(read(&item, &Default::default()).is_ok())
}

/// Runs on the stack of an ordinary thread.
fn on_two_mebibytes(f: impl FnOnce() + Send + 'static) {
    on_stack(2 << 20, f);
}

fn on_stack(bytes: usize, f: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(bytes).spawn(f).expect("a thread starts").join().expect("it ends well");
}

#[test]
fn long_sums() {
    on_two_mebibytes(|| {
        let terms: Vec<String> = (0..5000).map(|k| format!("x * {k}.5")).collect();
        assert_eq!(parse_and_read(&format!("fn f(x: f64) -> f64 {{ {} }}", terms.join(" + "))), Some(true));
    });
}

#[test]
fn many_statements() {
    on_two_mebibytes(|| {
        let body: String = (0..5000).map(|k| format!("let x = x + {k}.5; ")).collect();
        assert_eq!(parse_and_read(&format!("fn f(x: f64) -> f64 {{ {body} x }}")), Some(true));
    });
}

const NESTS: [(&str, &str, &str); 9] = [
    ("(1.0 + ", "s", ")"),
    ("-", "s", ""),
    ("", "s", ".sin()"),
    ("{ ", "s", " }"),
    ("if x > 0.0 { ", "s += 1.0", " }"),
    ("for _ in 0..2 { ", "s += 1.0", " }"),
    ("[", "s", "]"),
    ("f64::exp(", "s", ")"),
    ("if x > 1.0 { s = 1.0 } else ", "{ s = 2.0 }", ""),
];

fn nested((open, inner, close): (&str, &str, &str), depth: usize) -> String {
    format!("fn f(x: f64) -> f64 {{ let mut s = x; {}{inner}{}; s }}", open.repeat(depth), close.repeat(depth))
}

// The parser needs more of a stack than the reader does: 60 levels are what it manages in 2 MiB unoptimised.
#[test]
fn nests_on_an_ordinary_stack() {
    on_two_mebibytes(|| {
        for nest in NESTS {
            assert_eq!(parse_and_read(&nested(nest, 60)), Some(true), "{nest:?}");
        }
        let returns = "if x > 1.0 { return x; } ".repeat(60);
        assert_eq!(parse_and_read(&format!("fn f(x: f64) -> f64 {{ {returns} x }}")), Some(true));
    });
}

#[test]
fn nests_at_the_limits() {
    on_stack(32 << 20, || {
        for nest in NESTS {
            for depth in [63, 64, 65, 127, 128, 190, 191, 192, 193, 300] {
                assert!(parse_and_read(&nested(nest, depth)).is_some());
            }
            assert_eq!(parse_and_read(&nested(nest, 400)), Some(false), "{nest:?}");
        }
        let returns = "if x > 1.0 { return x; } ".repeat(400);
        assert_eq!(parse_and_read(&format!("fn f(x: f64) -> f64 {{ {returns} x }}")), Some(false));
    });
}

#[test]
fn tokens_are_checked_before_they_are_parsed() {
    use grad_core::front::rust::check_nesting;
    on_stack(64 << 20, || {
        for (open, close) in [("(", ")"), ("-", ""), ("{", "}")] {
            let source = format!("{}x{}", open.repeat(10_000), close.repeat(10_000));
            let tokens = source.parse().expect("the brackets are balanced");
            assert!(check_nesting(&tokens).is_err());
        }
        assert!(check_nesting(&nested(NESTS[0], 100).parse().expect("it is Rust")).is_ok());
    });
}

/// A generator with a fixed seed (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("below n")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const ATOMS: &[&str] = &[
    "x",
    "y",
    "k",
    "a",
    "m",
    "i",
    "1",
    "2.0",
    "true",
    "1usize",
    "a[i]",
    "m[k][1]",
    "x.sin_cos()",
    "(x, y)",
    "[x, y]",
    "[0.0; 3]",
    "a.len()",
    "f64::consts::PI",
    "vec![x; 3]",
    "p.0",
    "b",
    "{ x += 1.0; x }",
    "sigmoid(x)",
    "a.clone()",
    "m",
    "()",
    "-1",
    "|z| z * x",
    "|z, w| { x += z; w }",
    "&mut a",
    "&mut x",
    "&a[k..]",
    "&a[1..i]",
    "a.split_at(1)",
    "a.iter()",
    "a.iter().sum::<f64>()",
    "a.iter().map(|z| z * x).fold(0.0, |s, z| s + z)",
    "a.iter().filter(|z| **z > x).map(|z| { y += z; z * y }).sum::<f64>()",
    "m.iter().map(|r| r[k]).collect::<Vec<_>>()",
    "a.windows(2).map(|w| w[0] * w[1]).product::<f64>()",
    "idx.iter().copied().max().unwrap()",
    "(0..k).all(|i| a[i] > 0.0)",
    "h(x)",
    "g(x)",
    "vec![]",
    "match k { 0 => x, 1 | 2 => y, n if n > i => 2.0, _ => a[k] }",
    "match (b, k) { (true, 0..=3) => k, (false, n) => n, _ => i }",
    "[x, y].map(|z| z + q)",
];
const OPERATORS: &[&str] = &["+", "-", "*", "/", "%", "<", "<=", "==", "&&", "||", "&", "^", "="];
const SUFFIXES: &[&str] = &[
    ".max(y)",
    ".exp()",
    " as f64",
    " as usize",
    " as i32",
    "[k]",
    ".powi(2)",
    ".0",
    ".abs()",
    "[0]",
    "[1..]",
    ".len()",
    ".iter().sum::<f64>()",
    ".iter().map(|z| h(*z)).sum::<f64>()",
    ".to_vec()",
    "(x)",
    ".unwrap()",
    ".first().unwrap()",
];

fn expression(r: &mut Random, depth: usize) -> String {
    match r.below(if depth == 0 { 2 } else { 8 }) {
        0 | 1 => r.pick(ATOMS).to_string(),
        2 | 3 if r.below(2) == 0 => {
            format!("({} {} {})", floating(r, depth - 1), r.pick(&["+", "*", "/"]), floating(r, depth - 1))
        }
        2 | 3 => format!("({} {} {})", expression(r, depth - 1), r.pick(OPERATORS), expression(r, depth - 1)),
        4 => format!("({}){}", expression(r, depth - 1), r.pick(SUFFIXES)),
        5 => format!("{}{}", r.pick(&["-", "!", "*", "&"]), expression(r, depth - 1)),
        6 => format!(
            "if {} {{ {} {} }} else {{ {} }}",
            expression(r, depth - 1),
            statement(r, depth - 1),
            expression(r, depth - 1),
            expression(r, depth - 1)
        ),
        _ => format!("{}[{}]", r.pick(&["a", "m", "idx", "q"]), expression(r, depth - 1)),
    }
}

/// An expression of floats.
fn floating(r: &mut Random, depth: usize) -> String {
    match r.below(if depth == 0 { 1 } else { 4 }) {
        0 => r.pick(&["x", "y", "2.5", "a[k]", "m[1][0]", "q"]).to_string(),
        1 => format!("{}{}", floating(r, depth - 1), r.pick(&[".exp()", ".max(y)", ".powi(2)"])),
        2 => format!("({} - {})", floating(r, depth - 1), floating(r, depth - 1)),
        _ => format!(
            "if {} < {} {{ {} }} else {{ {} }}",
            floating(r, depth - 1),
            r.pick(&["x", "0.0"]),
            floating(r, depth - 1),
            floating(r, depth - 1)
        ),
    }
}

fn statement(r: &mut Random, depth: usize) -> String {
    let place = r.pick(&["x", "y", "k", "a[0]", "a[k]", "m[k]", "m[0][i]", "p", "p.1", "q", "b", "(x, y)"]);
    match r.below(if depth == 0 { 4 } else { 9 }) {
        0 => format!(
            "let {} = {};",
            r.pick(&[
                "x",
                "mut y",
                "(u, v)",
                "k",
                "mut a",
                "_",
                "q: f64",
                "n: usize",
                "[c, d]",
                "h",
                "mut g",
                "[c, .., d]",
                "w"
            ]),
            expression(r, depth)
        ),
        1 => format!("{place} {} {};", r.pick(&["=", "+=", "-=", "*=", "%="]), expression(r, depth)),
        2 => format!(
            "{} {} {};",
            r.pick(&["x", "y", "a[0]", "a[k]", "m[0][i]", "q"]),
            r.pick(&["=", "+=", "*="]),
            floating(r, depth)
        ),
        3 => r
            .pick(&[
                "v.push(x);",
                "v.push(a[k]);",
                "a.swap(0, k);",
                "a.fill(y);",
                "g(x);",
                "w[0] *= x;",
                "*w = y;",
                "std::mem::swap(&mut x, &mut y);",
                "a[1..].copy_from_slice(&m[0]);",
                "for z in &mut a { *z += x; }",
                "for r in m.iter_mut() { r[0] = y; for z in r.iter_mut() { *z *= x; } }",
                "a.iter_mut().for_each(|z| *z *= x);",
                "let h = |z: f64| z * q;",
                "let mut g = |z: f64| { y += z; };",
                "let w = &mut a;",
                "let r = w;",
                "let w = &mut y;",
                "match k { 0 => x = y, 1 => { y = 2.0; k += 1; } _ => {} }",
                "let mut v = Vec::new();",
            ])
            .to_string(),
        4 => format!(
            "match {} {{ {} => {{ {} }} _ => {{ {} }} }}",
            expression(r, depth - 1),
            r.pick(&["0", "1..=3", "(0, n)", "true", "n if n > k", "[c, d]", "n @ 2.."]),
            statement(r, depth - 1),
            statement(r, depth - 1)
        ),
        5 => format!("if {} {{ {} }}", expression(r, depth - 1), statement(r, depth - 1)),
        6 => format!(
            "if {} {{ {} }} else {{ {} }}",
            expression(r, depth - 1),
            statement(r, depth - 1),
            statement(r, depth - 1)
        ),
        7 => format!("{{ {} {} }}", statement(r, depth - 1), statement(r, depth - 1)),
        _ => {
            let over = match r.below(8) {
                3 => "a.iter_mut()".to_string(),
                4 => "a.windows(2)".to_string(),
                5 => "a.chunks_exact_mut(2).zip(&m)".to_string(),
                6 => "idx.iter().filter(|j| **j > k).map(|j| j + 1).enumerate()".to_string(),
                7 => "(0..k).filter(|j| j % 2 == 0)".to_string(),
                0 => format!("0..{}", expression(r, depth - 1)),
                1 => format!("(1..={}).rev()", expression(r, depth - 1)),
                2 => "a.iter().zip(m.iter())".to_string(),
                _ => expression(r, depth - 1),
            };
            format!(
                "for {} in {over} {{ {} {} }}",
                r.pick(&["i", "k", "(i, v)", "_"]),
                statement(r, depth - 1),
                statement(r, depth - 1)
            )
        }
    }
}

#[test]
fn random_functions() {
    let mut r = Random(0x9e37_79b9_7f4a_7c15);
    let (mut read_well, mut refused) = (0, 0);
    for _ in 0..4000 {
        let body: String = (0..1 + r.below(5)).map(|_| statement(&mut r, 3) + " ").collect();
        let source = format!(
            "fn f(mut x: f64, mut y: f64, mut k: usize, mut a: [f64; 3], mut m: [[f64; 2]; 2], idx: &[usize], mut b: bool) -> f64 \
             {{ let mut p = (x, 1); let i = 0; let mut q = x; let mut v = Vec::new(); let h = |z: f64| z * y; {body} {} }}",
            floating(&mut r, 2)
        );
        match parse_and_read(&source) {
            Some(true) => read_well += 1,
            Some(false) => refused += 1,
            None => {}
        }
    }
    assert!(read_well > 20 && refused > 1000, "{read_well} read, {refused} refused");
}

#[test]
fn random_tokens() {
    const TOKENS: &[&str] = &[
        "x", "1", "2.0", "+", "-", "*", "(", ")", "[", "]", "{", "}", ";", ",", "let", "mut", "=", "if", "else", "for",
        "in", "..", "..=", "&", "&&", ".", "exp", "::", "f64", "as", "<", ">", "return", "'a", ":", "|", "#", "!",
        "vec", "match", "_", "?", "0",
    ];
    let mut r = Random(42);
    let mut parsed = 0;
    for _ in 0..60_000 {
        let body: Vec<&str> = (0..1 + r.below(9)).map(|_| r.pick(TOKENS)).collect();
        if parse_and_read(&format!("fn f(x: f64) -> f64 {{ {} }}", body.join(" "))).is_some() {
            parsed += 1;
        }
        let types: Vec<&str> = (0..1 + r.below(6)).map(|_| r.pick(TOKENS)).collect();
        parse_and_read(&format!("fn f(x: {}) -> f64 {{ x }}", types.join(" ")));
    }
    assert!(parsed > 100, "{parsed}");
}
