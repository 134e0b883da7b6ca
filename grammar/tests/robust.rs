//! Whatever is typed gets an answer, soon: no panic, no stack overflow, no time that grows faster than the text.
//!
//! These run in test threads, whose stack is 2 MiB, and without optimisation: the hardest place for a recursive parser.

use std::time::{Duration, Instant};

use grad_grammar::{Formula, ParseError, parse, print};

const DEEPEST: usize = 256;

fn fails(source: &str, words: &str) {
    let errors = parse(source).expect_err("an error");
    assert!(errors[0].message.contains(words), "{:?}", errors[0]);
}

/// Parses, prints and parses again.
fn round_trip(source: &str) -> Formula {
    let formula = parse(source).unwrap_or_else(|errors| panic!("{:?}", errors[0]));
    let again = parse(&print(&formula)).unwrap_or_else(|errors| panic!("{:?}", errors[0]));
    assert!(formula.clone().without_spans() == again.without_spans());
    formula
}

/// Every way to nest.
const NESTS: [(&str, &str); 19] = [
    ("(", ")"),
    ("[", "]"),
    ("[1, ", "]"),
    ("f(", ")"),
    ("√(", ")"),
    ("f(a, d = ", ")"),
    ("x[", "]"),
    ("x[0..", "]"),
    ("sum(i in 0..n if i > 1: ", ")"),
    ("sum(i in 0..", ": x)"),
    ("sum(i in 0..1 if ", ": x)"),
    ("[", " for i in 0..n]"),
    ("[x for i in ", "..n]"),
    ("piecewise(c: ", ", otherwise: 1)"),
    ("piecewise(", ": 1, otherwise: 1)"),
    ("where(c, 1, ", ")"),
    ("if c then ", " else 1"),
    ("if ", " then 1 else 1"),
    ("1 + if c then 1 else - ", ""),
];

#[test]
fn every_nest_up_to_the_limit_and_a_clear_error_past_it() {
    for (open, close) in NESTS {
        let nest = |depth: usize| open.repeat(depth) + "z" + &close.repeat(depth);
        let start = Instant::now();
        parse(&nest(DEEPEST)).unwrap_or_else(|errors| panic!("{open}: {:?}", errors[0]));
        parse(&(open.repeat(DEEPEST) + "z z" + &close.repeat(DEEPEST))).expect_err("`z z`");
        parse(&open.repeat(DEEPEST)).expect_err("nothing is closed");
        assert!(start.elapsed() < Duration::from_millis(500), "{open}: {:?}", start.elapsed());
        fails(&nest(DEEPEST + 1), "nested more than 256 deep");
    }
}

#[test]
fn a_small_stack_is_enough() {
    let text = "[f(".repeat(DEEPEST / 2) + "z" + &")]".repeat(DEEPEST / 2);
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(move || parse(&text).is_ok());
    assert!(thread.expect("a thread").join().expect("no panic"));
}

#[test]
fn all_the_nests_at_once() {
    let rounds = DEEPEST / NESTS.len();
    let opens: String = NESTS.iter().map(|(open, _)| *open).collect();
    let closes: String = NESTS.iter().rev().map(|(_, close)| *close).collect();
    round_trip(&(opens.repeat(rounds) + "z" + &closes.repeat(rounds)));
}

#[test]
fn brackets_and_choices_without_end() {
    for open in ["(", "[", "f(", "x[", "[[(", "if ", "if c then ", "1 + if c then 1 else ", "sum(i in 0..n: "] {
        fails(&open.repeat(100_000), "nested more than 256 deep");
    }
    fails(&")".repeat(1_000_000), "closes nothing");
    fails(&"else ".repeat(100_000), "expected an expression");
}

#[test]
fn the_limit_points_at_the_offender() {
    let errors = parse(&"(".repeat(1000)).unwrap_err();
    assert_eq!(errors[0].span.range(), DEEPEST..DEEPEST + 1);
}

#[test]
fn long_chains_are_no_nests() {
    let many = 3_000;
    for (repeated, last) in [
        ("-", "x"),
        ("+-", "x"),
        ("not ", "x"),
        ("√", "x"),
        ("x^", "x"),
        ("x^-", "x"),
        ("-x^", "x"),
        ("x + ", "x"),
        ("x < ", "x"),
        ("x or not ", "x"),
        ("a and b or ", "x"),
        ("x * -y + ", "x"),
        ("if x then y else ", "z"),
        ("f(x) + ", "x"),
        ("(x) + ", "x"),
        ("let a = x + 1\n", "x"),
        ("let a = if x then y else z\n", "x"),
    ] {
        round_trip(&(repeated.repeat(many) + last));
    }
    for (first, repeated, last) in [
        ("x", "'", ""),
        ("x", "[0]", ""),
        ("f(x", ", d = x", ")"),
        ("[x", ", x", "]"),
        ("(x", ", x", ")"),
        ("x[i", ", i", "]"),
    ] {
        round_trip(&(first.to_owned() + &repeated.repeat(many) + last));
    }
    let cases = "c: x, ".repeat(many);
    round_trip(&format!("piecewise({cases} otherwise: x)"));
    let binders = "i in 0..n, ".repeat(many);
    round_trip(&format!("sum({binders} j in 0..m: 1)"));
    let names = "x: [n], ".repeat(many);
    round_trip(&format!("{names} y; y"));
}

#[test]
fn much_of_anything() {
    for repeated in [
        "-",
        "'",
        "^",
        "..",
        "1",
        "x",
        "1.",
        ".",
        "=",
        "é",
        "😀",
        "\0",
        "\n",
        "\r\n",
        ";",
        "#",
        "# \n",
        "let ",
        "in ",
        "x ",
        "x;",
        "x,",
        "2x ",
        "(]",
        "let a=1 +;",
    ] {
        let text = repeated.repeat(30_000 / repeated.len());
        let _ = parse(&text);
        let _ = parse(&format!("x + {text}"));
        let _ = parse(&format!("f({text})"));
    }
}

#[test]
fn a_sum_of_many_terms_takes_linear_time() {
    let sum = |terms: usize| (0..terms).map(|i| format!("{i}.5*x{i}*sin(y{i})")).collect::<Vec<_>>().join(" + ");
    let time = |source: &str| {
        let start = Instant::now();
        parse(source).expect("a formula");
        start.elapsed()
    };
    let (short, long) = (sum(1_000), sum(10_000));
    let best = |source: &str| (0..3).map(|_| time(source)).min().expect("three times");
    let (short, long) = (best(&short), best(&long));
    assert!(long < short * 40 + Duration::from_millis(50), "1 000 terms: {short:?}; 10 000: {long:?}");
}

/// A small generator of numbers (xorshift64*), so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).expect("31 bits") % bound
    }
}

/// What holds of any text.
fn check(source: &str) {
    match parse(source) {
        Ok(formula) => {
            let printed = print(&formula);
            let again =
                parse(&printed).unwrap_or_else(|errors| panic!("{source:?} printed as {printed:?}: {errors:?}"));
            assert_eq!(formula.clone().without_spans(), again.without_spans(), "{source:?} printed as {printed:?}");
            for (id, expr) in formula.exprs.iter().enumerate() {
                assert!(!source[expr.span.range()].is_empty());
                expr.kind.for_each_child(|child| assert!(child.index() < id));
            }
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for ParseError { span, message, .. } in errors {
                assert!(source.get(span.range()).is_some() && !message.is_empty(), "{source:?}");
            }
        }
    }
}

#[test]
fn random_bytes() {
    let mut random = Random(1);
    let until = Instant::now() + Duration::from_millis(500);
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..random.below(40)).map(|_| u8::try_from(random.below(256)).expect("a byte")).collect();
        check(&String::from_utf8_lossy(&bytes));
        let ascii: String =
            (0..random.below(40)).map(|_| char::from(b' ' + u8::try_from(random.below(95)).expect("a byte"))).collect();
        check(&ascii);
        if Instant::now() > until {
            break;
        }
    }
}

const TOKENS: [&str; 62] = [
    "x",
    "y",
    "f",
    "sum",
    "where",
    "piecewise",
    "otherwise",
    "index",
    "scalar",
    "√",
    "π",
    "1",
    "2.5",
    ".5",
    "1e3",
    "0",
    "+",
    "-",
    "*",
    "/",
    "^",
    "**",
    "@",
    "·",
    "<",
    "<=",
    "==",
    "≠",
    "and",
    "or",
    "not",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    "[",
    "]",
    ",",
    ";",
    ":",
    "..",
    "=",
    "'",
    "\n",
    "let",
    "fn",
    "if",
    "then",
    "else",
    "in",
    "for",
    "# c\n",
    "if c then",
    "else",
    "i in 0..n",
    "x",
    "y",
    "(x)",
    "otherwise:",
    "let a =",
];

#[test]
fn random_tokens() {
    let mut random = Random(2);
    let until = Instant::now() + Duration::from_millis(700);
    for _ in 0..100_000 {
        let words: Vec<&str> = (0..1 + random.below(12)).map(|_| TOKENS[random.below(TOKENS.len())]).collect();
        check(&words.join(if random.below(2) == 0 { " " } else { "" }));
        if Instant::now() > until {
            break;
        }
    }
}

/// Mutations of texts that parse reach further than noise.
#[test]
fn random_edits() {
    let seeds = [
        "W: [c, d], x: [d], y: index, lambda;\nlet s = W @ x\nsum(j in 0..c if j != y: max(0, s[j] - s[y] + 1)) + 0.5 * lambda * sum(W^2)",
        "fn huber(r, d = 1.0) = if abs(r) <= d then r^2/2 else d*(abs(r) - d/2)\n[huber(x[i], d = 2) for i in 0..n, j in 1..m if 0 < i < 3]",
        "let a = piecewise(x < 0: -x', x > 1: [[1, 2], [3, 4]][0, ..], otherwise: where(c, a, b));\n(a, √x + 2^-1)",
    ];
    let mut random = Random(3);
    let until = Instant::now() + Duration::from_millis(700);
    for round in 0..100_000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..1 + random.below(3) {
            let at = random.below(text.len().max(1));
            match random.below(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 => text.splice(at..at, TOKENS[random.below(TOKENS.len())].chars()).for_each(drop),
                _ => text.truncate(at + 1),
            }
        }
        check(&text.iter().collect::<String>());
        if Instant::now() > until {
            break;
        }
    }
}
