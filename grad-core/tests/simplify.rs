//! What the simplifier makes of formulas at each level and under each assumption: the same numbers by no more operations.

use std::rc::Rc;

use grad_core::ad::{self, Mode};
use grad_core::compile::{Options, compile};
use grad_core::emit::standalone;
use grad_core::front::formula;
use grad_core::ir::eval::{Array, Data, Datum, eval};
use grad_core::ir::{Body, Function, Lit, Op};
use grad_core::opt::{self, Level, Simplify};
use grad_core::prim::{Cost, Prim};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const LEVELS: [Level; 3] = [Level::None, Level::Safe, Level::Aggressive];

fn read(source: &str, level: Level, assume: &str) -> Function {
    let assume = assume.parse().unwrap_or_else(|e| panic!("{assume}: {e}"));
    let simplify = Rc::new(Simplify { level, assume });
    let primal = formula::read_under("f", source, &[], &simplify);
    primal.unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function
}

/// The value as it is emitted.
fn simplified(source: &str, level: Level, assume: &str) -> Function {
    opt::optimise(&opt::prepare(&read(source, level, assume)))
}

fn gradient(f: &Function) -> Function {
    let wrt: Vec<usize> = (0..f.params.len()).collect();
    opt::optimise(&ad::gradient(&opt::prepare(f), &wrt, Mode::Reverse).unwrap_or_else(|p| panic!("{p}")))
}

/// What the operations of a body cost: a division as much as 4 additions, a function of a library as much as 16.
fn cost(body: &Body) -> usize {
    let one = |node: &grad_core::ir::Node| match &node.op {
        Op::Call(Prim::Powi, args) => match body.node(args[1]).op {
            // By squaring: a multiplication a bit, and one more for each that is set.
            Op::Const(Lit::Int(n, _)) if n > 0 => n.ilog2() as usize + n.count_ones() as usize - 1,
            _ => 4,
        },
        Op::Call(prim, _) => match prim.row().cost {
            Cost::Cheap => 1,
            Cost::Division => 4,
            Cost::Transcendental => 16,
        },
        Op::Fold { body, .. } | Op::Build { body, .. } => cost(body),
        _ => 0,
    };
    body.nodes.iter().map(one).sum()
}

/// Whether two formulas of the same parameters become the same code.
fn same(declared: &str, a: &str, b: &str, level: Level, assume: &str) -> bool {
    let [a, b] = [a, b].map(|formula| {
        let (function, interface) = standalone(&read(&format!("{declared};\n{formula}"), level, assume));
        let options = Options { prefix: "f".into(), primal: true, ..Options::default() };
        compile(&function, &interface, &options).unwrap_or_else(|p| panic!("{formula}\n{p}"))
    });
    a == b
}

/// A formula and what it becomes, both of x, y, z and the vector w.
const DECLARED: &str = "x, y, z, w: [n]";

/// Whether a body, or one inside it, takes the absolute value of an absolute value.
fn has_abs_of_abs(body: &Body) -> bool {
    body.nodes.iter().any(|node| match &node.op {
        Op::Call(Prim::Abs, args) => matches!(body.node(args[0]).op, Op::Call(Prim::Abs, _)),
        Op::Fold { body, .. } | Op::Build { body, .. } => has_abs_of_abs(body),
        _ => false,
    })
}

#[test]
fn loops_that_become_one_are_under_the_same_level() {
    let source = "x: [n], y: [n]; let r = [exp(x[i]) for i in 0..n]\n\
                  let s = [exp(r[i]) * abs(abs(y[i])) for i in 0..n]\nsum(s * s)";
    let primal = |level| gradient(&read(source, level, "")).body;
    assert!(has_abs_of_abs(&primal(Level::None)));
    assert!(!has_abs_of_abs(&primal(Level::Safe)));
}

#[test]
fn like_terms_are_collected_when_asked_to() {
    let cases = [
        ("x + y + x", "2 * x + y"),
        ("x + y - x", "y"),
        ("x - x", "0"),
        ("3 * x + 2 * y - x + 4 - 2 * y", "2 * x + 4"),
        ("x * y + y * x", "2 * (x * y)"),
        ("x * y * x", "x^2 * y"),
        ("x^3 * y / x^2", "x * y"),
        ("x / y / z", "x / (y * z)"),
        ("x / (y / z)", "x * z / y"),
        ("sqrt(x) * sqrt(x)", "x"),
        ("x / sqrt(x)", "sqrt(x)"),
        ("(x^2)^3", "x^6"),
        ("exp(x) * exp(y) / exp(z)", "exp(x + y - z)"),
        ("exp(x)^2 * exp(-2 * x + y)", "exp(y)"),
        ("2 * x * 3 * y / 6", "x * y"),
        ("-(x - y)", "y - x"),
        ("-x - y", "-(x + y)"),
        ("sin(x)^2 + cos(x)^2", "1"),
        ("cosh(x)^2 - sinh(x)^2", "1"),
        ("sum(i in 0..n: w[i] * x + w[i] * y)", "sum(i in 0..n: w[i] * (x + y))"),
    ];
    for (a, b) in cases {
        assert!(same(DECLARED, a, b, Level::Aggressive, ""), "{a} is not {b}");
        assert!(!same(DECLARED, a, b, Level::None, ""), "{a} is {b} although nothing may be rewritten");
    }
}

#[test]
fn common_factors_are_taken_out() {
    let cases = [
        ("x * y + x * z", "x * (y + z)"),
        ("x * y - x * z + x", "x * (y - z + 1)"),
        ("x / y + z / y", "(x + z) / y"),
        ("2 * x + 2 * y", "2 * (x + y)"),
        ("x^2 * y + x * y^2", "x * y * (x + y)"),
        // Horner's rule.
        ("x^3 + 2 * x^2 + 3 * x + 4", "x * (x * (x + 2) + 3) + 4"),
        ("y * x^2 + z * x + 1", "x * (x * y + z) + 1"),
    ];
    for (a, b) in cases {
        assert!(same(DECLARED, a, b, Level::Aggressive, ""), "{a} is not {b}");
        let [before, after] = [Level::Safe, Level::Aggressive].map(|level| simplified(a, level, ""));
        assert!(cost(&after.body) < cost(&before.body), "{a} costs {} still", cost(&after.body));
    }
}

#[test]
fn the_order_of_writing_does_not_matter() {
    let orders = [
        ["x + y + z", "z + y + x", "y + (z + x)"],
        ["x * y * z", "z * (x * y)", "y * x * z"],
        ["sin(x) + cos(y) - 2", "cos(y) - 2 + sin(x)", "-2 + sin(x) + cos(y)"],
        ["x^2 + 2 * x + 1", "1 + 2 * x + x^2", "2 * x + x * x + 1"],
        ["exp(x * y) * ln(z)", "ln(z) * exp(y * x)", "exp(y * x) * ln(z)"],
    ];
    for [a, b, c] in orders {
        assert!(same(DECLARED, a, b, Level::Aggressive, ""), "{a} is not {b}");
        assert!(same(DECLARED, a, c, Level::Aggressive, ""), "{a} is not {c}");
    }
}

#[test]
fn assumptions_are_needed_and_enough() {
    // What is assumed, what is written and what it is then; by default it is not.
    let cases = [
        ("positive(x)", "sqrt(x^2)", "x"),
        ("positive(x)", "abs(x)", "x"),
        ("positive(x)", "sqrt(x) * sqrt(x)", "x"),
        ("positive(x)", "ln(x^2)", "2 * ln(x)"),
        ("positive(x)", "(x^0.25)^12", "x^3"),
        ("positive(x)", "exp(y * ln(x))", "x^y"),
        ("positive(x)", "abs(x * exp(y) + 1)", "x * exp(y) + 1"),
        ("positive(w)", "sum(abs(w))", "sum(w)"),
        ("real", "exp(ln(x))", "x"),
        ("real", "x / x", "1"),
        ("real", "x - x", "0"),
        ("real", "sin(x)^2 + cos(x)^2", "1"),
        ("finite", "exp(-ln(x))", "1 / x"),
        ("finite", "x - x", "0"),
    ];
    for (assume, a, b) in cases {
        assert!(same(DECLARED, a, b, Level::Safe, assume), "{a} is not {b}, with {assume}");
        assert!(!same(DECLARED, a, b, Level::Safe, ""), "{a} is {b}, with nothing assumed");
    }
    // An assumption is about its parameter.
    assert!(!same(DECLARED, "abs(y)", "y", Level::Safe, "positive(x)"));
    assert!(!same(
        DECLARED,
        "sum(i in 0..n: abs(w[i] - x))",
        "sum(i in 0..n: w[i] - x)",
        Level::Safe,
        "positive(x, w)"
    ));
    // Nothing is rewritten where nothing may be, whatever is assumed.
    assert!(!same(DECLARED, "abs(x)", "x", Level::None, "positive(x)"));
}

#[test]
fn what_is_known_without_assumptions_is_used() {
    let cases = [
        ("abs(exp(x) + x^2)", "exp(x) + x^2"),
        ("abs(max(x, 0))", "max(x, 0)"),
        ("abs(max(exp(x), y^2))", "max(exp(x), y^2)"),
        ("sqrt((x^2 + 1)^2)", "x^2 + 1"),
        ("ln(sqrt(x))", "0.5 * ln(x)"),
        ("ln(x^3)", "3 * ln(x)"),
        ("(x^3)^3", "x^9"),
        ("(x^0.2)^0.25", "x^0.05"),
        ("(x^0.3)^0.5", "x^0.15"),
        ("exp(x)^0.3", "exp(0.3 * x)"),
        ("2^x", "exp2(x)"),
        ("ln(x) / ln(2)", "log2(x)"),
        ("x^1.5", "x * sqrt(x)"),
        ("x^-0.5", "1 / sqrt(x)"),
        ("x^0.5", "sqrt(x)"),
        ("x^2", "x * x"),
        ("x / 8", "0.125 * x"),
    ];
    for (a, b) in cases {
        assert!(same(DECLARED, a, b, Level::Safe, ""), "{a} is not {b}");
    }
    // These would be wrong at some x.
    let refused = [
        ("sqrt(x^2)", "x"),
        ("ln(x^2)", "2 * ln(x)"),
        ("(x^2)^0.5", "x"),
        ("x + y - x", "y"),
        ("x * y / y", "x"),
        ("exp(ln(x))", "x"),
        ("x + y + x", "2 * x + y"),
        // NaN is passed over by max: at x < 0 the larger is y, whatever its sign.
        ("abs(max(sqrt(x), y))", "max(sqrt(x), y)"),
    ];
    for (a, b) in refused {
        assert!(!same(DECLARED, a, b, Level::Safe, ""), "{a} is {b}");
    }
}

#[test]
fn what_is_right_as_it_is_written_stays_right() {
    // The formula of x and y, a point, and value and derivatives there; the levels that it is held at.
    type Case<'a> = (&'a str, [f64; 2], [f64; 3], &'a [Level]);
    let cases: [Case<'_>; 4] = [
        ("abs(max(sqrt(x), y))", [-1.0, -2.0], [2.0, 0.0, -1.0], &LEVELS[..2]),
        ("hypot(x, 1) - 1 + y", [1e200, 1.0], [1e200, 1.0, 1.0], &LEVELS),
        ("y / (x + 1e-200) - y / x", [1e-200, 1e-200], [-0.5, 7.5e199, -5e199], &LEVELS[..2]),
        ("sqrt(x) * sqrt(y)", [4.0, 0.0], [0.0, 0.0, f64::INFINITY], &LEVELS),
    ];
    for (source, point, expected, levels) in cases {
        let args = point.map(Datum::Float);
        for level in levels {
            let f = gradient(&read(&format!("x, y;\n{source}"), *level, ""));
            let got = eval(&f, &args).unwrap_or_else(|e| panic!("{source}\n{e}"));
            for (k, (x, y)) in got.iter().zip(expected).enumerate() {
                let x = x.floats().expect("floats")[0];
                let close = x == y || (x - y).abs() <= 1e-15 * y.abs();
                assert!(close, "{source} at {point:?}, {level:?}: result {k} is {x}, not {y}");
            }
        }
    }
}

#[test]
fn lengths_stay_scaled_at_every_level() {
    for level in [Level::Safe, Level::Aggressive] {
        let f = gradient(&read("x: [n];\nsqrt(sum(i in 0..n: x[i]^2))", level, ""));
        for scale in [1e-200, 1.0, 1e200] {
            let x = Datum::Array(Array { dims: vec![2], data: Data::Float(vec![3.0 * scale, 4.0 * scale]) });
            let got = eval(&f, &[x]).unwrap_or_else(|e| panic!("{e}"));
            let got: Vec<f64> = got.iter().flat_map(|d| d.floats().expect("floats").to_vec()).collect();
            for (x, y) in got.iter().zip([5.0 * scale, 0.6, 0.8]) {
                assert!((x - y).abs() <= 1e-15 * y, "{x} is not {y} at the scale {scale:e}, {level:?}");
            }
        }
    }
}

/// A formula of x, y and z, which are above 0.
fn formulas() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => prop::sample::select(vec!["x", "y", "z"]).prop_map(str::to_string),
        1 => (1..9_i32).prop_map(|n| format!("{}", f64::from(n) / 2.0)),
    ];
    leaf.prop_recursive(6, 40, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            4 => two.clone().prop_map(|(a, b)| format!("({a} + {b})")),
            2 => two.clone().prop_map(|(a, b)| format!("({a} - {b})")),
            4 => two.clone().prop_map(|(a, b)| format!("({a} * {b})")),
            1 => two.prop_map(|(a, b)| format!("({a} / (1 + ({b})^2))")),
            1 => inner.clone().prop_map(|a| format!("(-{a})")),
            2 => (inner.clone(), 2..5_i32).prop_map(|(a, n)| format!("({a})^{n}")),
            1 => prop::sample::select(vec!["x", "y", "z"]).prop_map(|x| format!("sqrt({x})")),
            1 => prop::sample::select(vec!["x", "y", "z"]).prop_map(|x| format!("exp(-{x})")),
            1 => inner.prop_map(|a| format!("sin({a})")),
        ]
    })
}

#[test]
fn every_level_gives_the_same_numbers_by_no_more_operations() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"the levels of the simplifier: 32");
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut saved = 0;
    for _ in 0..600 {
        let source = formulas().new_tree(&mut runner).expect("a formula").current();
        let source = format!("x, y, z;\n{source}");
        let all = LEVELS.map(|level| gradient(&read(&source, level, "")));
        for point in [[0.7, 1.3, 0.4], [1.9, 0.2, 2.6]] {
            let args: Vec<Datum> = point.iter().map(|x| Datum::Float(*x)).collect();
            // What sums to little may be off by the last bits of what it is a sum of.
            let mut steps = all[0].clone();
            steps.body.results.extend(steps.body.ids().filter(|id| steps.body.ty(*id).is_float()).collect::<Vec<_>>());
            let floats = |f: &Function| -> Vec<f64> {
                let results = eval(f, &args).unwrap_or_else(|e| panic!("{source}\n{e}"));
                results.iter().map(|d| d.floats().expect("floats")[0]).collect()
            };
            let largest = floats(&steps).into_iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            let [none, safe, aggressive] = [0, 1, 2].map(|k| floats(&all[k]));
            for (level, got) in [("safe", safe), ("aggressive", aggressive)] {
                for (k, (x, y)) in got.iter().zip(&none).enumerate() {
                    let close = (x - y).abs() <= 1e-12 * largest;
                    assert!(close, "{source}\nat {point:?}: result {k} is {y}, and {x} at the level {level}");
                }
            }
        }
        let [_, safe, aggressive] = LEVELS.map(|level| cost(&simplified(&source, level, "").body));
        assert!(aggressive <= safe, "{source}\ncosts {safe}, and {aggressive} at the level aggressive");
        saved += usize::from(aggressive < safe);
    }
    assert!(saved > 100, "{saved} formulas cost less");
}

#[test]
fn wide_and_deep_formulas_are_collected_in_linear_time() {
    let n = 20_000;
    let wide: Vec<String> = (0..n).map(|k| format!("x{} * y{}", k % 97, k % 89)).collect();
    let chain: Vec<String> = (0..n).map(|k| format!("x{k}")).collect();
    let pairs: Vec<String> = (0..n).map(|k| format!("x{} * y{k}", k / 2)).collect();
    for formula in [wide.join(" + "), chain.join(" * "), chain.join(" - "), pairs.join(" + ")] {
        let [safe, aggressive] = [Level::Safe, Level::Aggressive].map(|level| simplified(&formula, level, ""));
        assert!(cost(&aggressive.body) <= cost(&safe.body));
    }
}

#[test]
fn assumptions_are_read_and_refused_in_words() {
    let words = |text: &str| text.parse::<opt::Assumptions>().map_err(|e| e.to_string());
    let read = words(" real, finite , positive( x , y_1 ),positive(z)").expect("assumptions");
    assert!(read.real && read.finite);
    assert_eq!(read.positive, ["x", "y_1", "z"]);
    assert_eq!(words(""), Ok(opt::Assumptions::default()));
    for (text, part) in [
        ("reel", "did you mean `real`?"),
        ("positive", "write `positive(x)`"),
        ("positive()", "write `positive(x)`"),
        ("positive(x", "not closed"),
        ("real,", "missing after the comma"),
        ("real finite", "`real finite` is no assumption"),
        ("positive(x) real", "no comma before `real`"),
        ("real(x)", "`real` takes nothing"),
        (",", "` is no assumption"),
    ] {
        let e = words(text).expect_err(text);
        assert!(e.contains(part), "{text}: {e}");
    }
}
