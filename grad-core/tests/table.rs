//! What the rows and the rules claim, row by row and rule by rule.

use std::rc::Rc;

use grad_core::ad::{self, Mode};
use grad_core::ir::eval::{Datum, eval};
use grad_core::ir::{Builder, Float, Function, Op, Param, Type, Value};
use grad_core::opt::{
    self, Assumptions, Fact, Level, Simplify,
    rules::{PRIMAL_RULES, RULES, Tag},
};
use grad_core::prim::{Domain, Prim, ROWS, Row, Signature};

/// Points that matter to someone: zeros, kinks, edges, large and tiny.
const SPECIAL: [f64; 15] =
    [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.25, 1e-9, -1e-9, 40.0, -40.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
const ORDERS: [f64; 4] = [0.0, 1.0, 2.0, 5.0];
const ORDINARY: [f64; 12] = [0.3, -0.7, 1.7, -2.4, 0.05, -0.93, 5.4, -6.25, 0.99, 1.01, 3.1, -0.11];

fn function(n: usize, body: impl FnOnce(&Builder, &[Value]) -> Value) -> Function {
    function_in(Builder::new(), n, body)
}

fn function_in(b: Builder, n: usize, body: impl FnOnce(&Builder, &[Value]) -> Value) -> Function {
    let params: Vec<Value> = (0..n).map(|_| b.param(Type::FLOAT)).collect();
    let result = body(&b, &params);
    Function {
        name: "f".into(),
        params: (0..n).map(|k| Param { name: format!("x{k}").into() }).collect(),
        body: b.finish(&[result]),
        sizes: Vec::new(),
        float: Float::F64,
        simplify: Rc::default(),
    }
}

fn at(f: &Function, x: &[f64]) -> Vec<f64> {
    let args: Vec<Datum> = x.iter().map(|x| Datum::Float(*x)).collect();
    eval(f, &args).expect("floats have values").iter().map(|d| d.floats().expect("floats")[0]).collect()
}

fn float_rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(|row| matches!(row.signature, Signature::Float | Signature::Number))
}

/// Every choice of `n` of the points.
fn points(values: &[f64], n: usize) -> Vec<Vec<f64>> {
    let mut points = vec![Vec::new()];
    for _ in 0..n {
        points = points.iter().flat_map(|p| values.iter().map(move |x| [p.as_slice(), &[*x]].concat())).collect();
    }
    points
}

/// The ordinary points of a row: an order is a whole number.
fn ordinary(row: &Row) -> Vec<Vec<f64>> {
    let of = |domain: &Domain| if *domain == Domain::Order { ORDERS.to_vec() } else { ORDINARY.to_vec() };
    row.domain.iter().fold(vec![Vec::new()], |points, domain| {
        points.iter().flat_map(|p| of(domain).into_iter().map(move |x| [p.as_slice(), &[x]].concat())).collect()
    })
}

fn slope(f: &Function, x: &[f64], k: usize) -> f64 {
    let value = |h: f64| {
        let mut x = x.to_vec();
        x[k] += h;
        at(f, &x)[0]
    };
    let d = |h: f64| (value(h) - value(-h)) / (2.0 * h);
    let h = 2e-3 * x[k].abs().clamp(0.02, 1.0);
    let (a, b, c) = (d(h), d(h / 2.0), d(h / 4.0));
    let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
    (16.0 * bc - ab) / 15.0
}

#[test]
fn partials_are_the_slopes_in_both_modes() {
    let mut checked = 0;
    for row in float_rows().filter(|row| row.prim != Prim::Detach) {
        let n = row.args.len();
        let f = function(n, |b, x| b.call(row.prim, x));
        let wrt: Vec<usize> = (0..n).filter(|k| row.has_derivative(*k)).collect();
        let reverse = ad::gradient(&f, &wrt, Mode::Reverse).expect("a row has partials");
        let forward = ad::gradient(&f, &wrt, Mode::Forward).expect("a row has partials");
        let mut here = 0;
        for x in ordinary(row) {
            if !row.domain.iter().zip(&x).all(|(d, x)| d.contains(*x)) {
                continue;
            }
            // A jump or a kink nearby has no slope.
            let tie = (0..n).any(|k| x[..k].contains(&x[k]));
            let rough =
                tie || row.name == "rem" && (((x[0] / x[1]) - (x[0] / x[1]).round()).abs() < 0.05 || x[1].abs() < 0.2);
            let (r, w) = (at(&reverse, &x), at(&forward, &x));
            for (at, &k) in wrt.iter().enumerate() {
                let (numeric, r, w) = (slope(&f, &x, k), r[1 + at], w[1 + at]);
                assert!(
                    (r - w).abs() <= 1e-12 * (1.0 + r.abs()) || r.is_nan() && w.is_nan(),
                    "{} at {x:?}, argument {k}: reverse {r}, forward {w}",
                    row.name
                );
                let close = (r - numeric).abs() <= 2e-6 * (1.0 + numeric.abs());
                assert!(
                    close || rough || numeric.is_nan(),
                    "{} at {x:?}, argument {k}: {r} but the slope is {numeric}",
                    row.name,
                );
                here += 1;
            }
        }
        assert!(here >= 3, "{} was hardly tested", row.name);
        checked += here;
    }
    assert!(checked > 2000, "{checked} partials were checked");
}

#[test]
fn composites_are_what_grad_math_computes() {
    for row in ROWS.iter().filter(|row| row.is_composite()) {
        let f = function(row.args.len(), |b, x| b.call(row.prim, x));
        for x in points(&ORDINARY, row.args.len()) {
            let expected = match row.name {
                "sec" => grad_math::sec(x[0]),
                "csc" => grad_math::csc(x[0]),
                "cot" => grad_math::cot(x[0]),
                "elu" => grad_math::elu(x[0], x[1]),
                "selu" => grad_math::selu(x[0]),
                "gelu" => grad_math::gelu(x[0]),
                "silu" => grad_math::silu(x[0]),
                "mish" => grad_math::mish(x[0]),
                "softsign" => grad_math::softsign(x[0]),
                other => panic!("{other} has no function in grad-math to compare with"),
            };
            let got = at(&f, &x)[0];
            assert!(
                (got - expected).abs() <= 1e-14 * (1.0 + expected.abs()),
                "{} at {x:?}: {got}, {expected}",
                row.name
            );
        }
    }
}

#[test]
fn names_and_aliases_are_found_and_unique() {
    let mut names = Vec::new();
    for row in ROWS.iter().filter(|row| row.is_function()) {
        for name in std::iter::once(&row.name).chain(row.aliases) {
            assert_eq!(Prim::by_name(name), Some(row.prim), "{name}");
            assert!(!names.contains(name), "{name} is given twice");
            names.push(*name);
        }
        assert!(!row.doc.is_empty(), "{} is documented", row.name);
        assert_eq!(row.args.len(), row.domain.len(), "{} has a domain for each argument", row.name);
        assert!(
            row.is_composite() || row.partials.len() == row.args.len(),
            "{} has a partial for each argument",
            row.name
        );
    }
}

/// Whether two values agree as far as a tag promises; `steps` is everything that is computed on the way to the left one.
fn agree(tag: Tag, left: f64, right: f64, steps: &[f64]) -> bool {
    let rounded = (left - right).abs() <= 1e-12 * (left.abs() + right.abs());
    // What cancels is right to the last bits of what cancelled.
    let largest = steps.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let absolute = (left - right).abs() <= 1e-12 * largest;
    match tag {
        Tag::Exact => left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan(),
        Tag::ZeroSign => left == right || left.is_nan() && right.is_nan(),
        Tag::Rounding => rounded || left == right || left.is_nan() && right.is_nan(),
        // Where the left side overflows, underflows or cancels, the right side is the better one.
        Tag::Stable => rounded || left == right || left.is_nan() || !left.is_finite() || (left - right).abs() <= 1e-9,
        Tag::Domain => steps.iter().any(|x| x.is_nan()) || rounded || absolute || left == right,
        Tag::Finite => {
            steps.iter().any(|x| !x.is_finite()) || !right.is_finite() || rounded || absolute || left == right
        }
    }
}

/// A side of a rule as it is written, with the value of each of its nodes.
fn with_steps(f: &Function) -> Function {
    let mut f = f.clone();
    f.body.results.extend(f.body.ids().collect::<Vec<_>>());
    f
}

#[test]
fn rules_say_what_they_change() {
    for rule in RULES.iter().chain(PRIMAL_RULES) {
        let mut compared = 0;
        let side = |right: bool| {
            function_in(Builder::literal(), rule.holes, |b, holes| {
                let holes: Vec<_> = holes.iter().map(|h| b.sym(*h)).collect();
                let (l, r) = (rule.sides)(&holes);
                if right { r.value() } else { l.value() }
            })
        };
        let (left, right) = (with_steps(&side(false)), side(true));
        let is_log = matches!(left.body.node(left.body.results[0]).op, Op::Call(Prim::Ln | Prim::Ln1p, _));
        let values: Vec<f64> = SPECIAL.iter().chain(&ORDINARY).copied().collect();
        for x in points(&values, rule.holes) {
            let holds = |(k, fact): (usize, Fact)| match fact {
                Fact::NonNegative => x[k] >= 0.0 || x[k].is_nan(),
                Fact::Positive => x[k] > 0.0 || x[k].is_nan(),
            };
            if !rule.when.is_none_or(holds) {
                continue;
            }
            let (steps, r) = (at(&left, &x), at(&right, &x)[0]);
            let l = steps[0];
            // A logarithm of what has cancelled is as good as that is beside 1: a multiple of the last bit of 1, or 0.
            let may_have_cancelled = is_log && rule.tag == Tag::Stable && (l == f64::NEG_INFINITY || l > -37.0);
            let cancelled = may_have_cancelled && (l.exp() - r.exp()).abs() <= 4.0 * f64::EPSILON;
            assert!(cancelled || agree(rule.tag, l, r, &steps), "{} at {x:?}: {l} became {r}", rule.name);
            compared += usize::from(l.is_finite() && r.is_finite());
        }
        assert!(compared >= 4, "{} was hardly tested", rule.name);
    }
}

#[test]
fn rules_are_applied() {
    for rule in RULES {
        let side = |level: Level, positive: bool, right: bool| {
            let positive = if positive { (0..rule.holes).map(|k| format!("x{k}")).collect() } else { vec![] };
            let assume = Assumptions { positive, ..Assumptions::default() };
            let b = Builder::under(&Rc::new(Simplify { level, assume }));
            function_in(b, rule.holes, |b, holes| {
                holes.iter().enumerate().for_each(|(k, h)| b.name(*h, &format!("x{k}")));
                let holes: Vec<_> = holes.iter().map(|h| b.sym(*h)).collect();
                let (l, r) = (rule.sides)(&holes);
                if right { r.value() } else { l.value() }
            })
        };
        let conditional = rule.when.is_some();
        let becomes = |level, positive| side(level, positive, false).body == side(level, positive, true).body;
        let is_safe = matches!(rule.tag, Tag::Exact | Tag::ZeroSign | Tag::Rounding | Tag::Stable);
        let level = if is_safe { Level::Safe } else { Level::Aggressive };
        assert!(becomes(level, conditional), "{}: the left side becomes the right side", rule.name);
        // Nothing is done that is not granted.
        assert!(is_safe || !becomes(Level::Safe, conditional), "{} is applied although it is not safe", rule.name);
        assert!(!conditional || !becomes(Level::Safe, false), "{} is applied without its condition", rule.name);
        assert!(!becomes(Level::None, true), "{} is applied although nothing may be", rule.name);
    }
}

#[test]
fn rules_for_primals_are_applied() {
    for rule in PRIMAL_RULES {
        let side = |right: bool| {
            function(rule.holes, |b, holes| {
                let holes: Vec<_> = holes.iter().map(|h| b.sym(*h)).collect();
                let (l, r) = (rule.sides)(&holes);
                if right { r.value() } else { l.value() }
            })
        };
        let (prepared, expected) = (opt::tidy(&opt::prepare(&side(false))), opt::tidy(&side(true)));
        assert_eq!(prepared.body, expected.body, "{}: the left side becomes the right side", rule.name);
    }
}

#[test]
fn stable_forms_hold_far_out() {
    type Case = (&'static str, fn(&Builder, Value) -> Value, f64, f64, f64);
    let cases: [Case; 8] = [
        ("1/(1+exp(-x))", |b, x| (1.0 / (1.0 + (-b.sym(x)).exp())).value(), 800.0, 1.0, 0.0),
        ("1/(1+exp(-x))", |b, x| (1.0 / (1.0 + (-b.sym(x)).exp())).value(), -800.0, 0.0, 0.0),
        ("ln(1+exp(x))", |b, x| (1.0 + b.sym(x).exp()).ln().value(), 800.0, 800.0, 1.0),
        ("ln(1+exp(x))", |b, x| (1.0 + b.sym(x).exp()).ln().value(), -800.0, 0.0, 0.0),
        ("-ln(1+exp(-x))", |b, x| (-(1.0 + (-b.sym(x)).exp()).ln()).value(), -800.0, -800.0, 1.0),
        ("ln(1/(1+exp(-x)))", |b, x| (1.0 / (1.0 + (-b.sym(x)).exp())).ln().value(), -800.0, -800.0, 1.0),
        ("ln(sigmoid(x))", |b, x| b.sym(x).sigmoid().ln().value(), 800.0, 0.0, 0.0),
        ("ln(1-sigmoid(x))", |b, x| (1.0 - b.sym(x).sigmoid()).ln().value(), 800.0, -800.0, -1.0),
    ];
    for (name, make, x, value, slope) in cases {
        let f = function(1, |b, p| make(b, p[0]));
        let g = ad::gradient(&f, &[0], Mode::Reverse).expect("differentiable");
        let got = at(&g, &[x]);
        assert!((got[0] - value).abs() <= 1e-12 * value.abs(), "{name} at {x} is {}", got[0]);
        assert!((got[1] - slope).abs() <= 1e-12, "the slope of {name} at {x} is {}", got[1]);
    }
}
