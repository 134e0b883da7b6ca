//! How many operations a gradient takes beside its primal: the value and the gradient together are at most four times
//! the primal (Baur and Strassen 1983), five times where a function's derivative is another function. The table is
//! printed by `cargo test -p grad-core --test counts -- --nocapture`.

use std::fmt::Write as _;

use grad_core::ad::{self, Mode};
use grad_core::front::formula;
use grad_core::ir::print::print;
use grad_core::ir::{Body, Function, Id, Lit, Op};
use grad_core::opt;
use grad_core::prim::{Cost, Prim};

/// A symbolic length counts as so many iterations.
const LENGTH: usize = 8;

/// A name and a formula.
const FORMULAS: &[(&str, &str)] = &[
    ("Rosenbrock", "(1 - x)^2 + 100 * (y - x^2)^2"),
    ("Rosenbrock, n variables", "x: [n];\nsum(i in 0..n - 1: (1 - x[i])^2 + 100 * (x[i + 1] - x[i]^2)^2)"),
    ("Himmelblau", "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"),
    ("Beale", "(1.5 - x + x * y)^2 + (2.25 - x + x * y^2)^2 + (2.625 - x + x * y^3)^2"),
    ("Booth", "(x + 2 * y - 7)^2 + (2 * x + y - 5)^2"),
    ("cubic", "a * x^3 + b * x^2 + c * x + d"),
    ("quintic with literals", "3 * x^5 - 2 * x^4 + x^3 - 7 * x^2 + x - 1"),
    ("Gaussian", "exp(-(x - m)^2 / (2 * s^2)) / (s * sqrt(2 * pi))"),
    ("Gaussian log-density", "-0.5 * ((x - m) / s)^2 - ln(s) - 0.5 * ln(2 * pi)"),
    ("Student log-density", "-0.5 * (k + 1) * ln(1 + (x - m)^2 / (k * s^2)) - ln(s)"),
    ("Cauchy", "1 / (pi * s * (1 + ((x - m) / s)^2))"),
    ("logistic loss", "ln(1 + exp(-y * (w * x + b)))"),
    ("logistic curve", "l / (1 + exp(-k * (x - m)))"),
    ("distance in the plane", "sqrt((x - u)^2 + (y - v)^2)"),
    ("distance in space", "sqrt((x - u)^2 + (y - v)^2 + (z - w)^2)"),
    ("squared distance of vectors", "x: [n], y: [n];\nsum((x - y)^2)"),
    ("dot product", "x: [n], y: [n];\nsum(x * y)"),
    ("softmax cross-entropy", "x: [n], y: index;\ncross_entropy(x, y)"),
    ("log-sum-exp", "x: [n];\nlogsumexp(x)"),
    ("least squares", "w: [n], x: [m, n], y: [m];\nsum((x @ w - y)^2)"),
    (
        "quaternion rotation",
        "let t = 2 * (y * w - z * v); let s = 2 * (z * u - x * w); let r = 2 * (x * v - y * u);\n\
         p * (u + q * t + y * r - z * s) + v + q * s + z * t - x * r + w + q * r + x * s - y * t",
    ),
    ("cross product, squared", "(b * z - c * y)^2 + (c * x - a * z)^2 + (a * y - b * x)^2"),
    ("determinant, 3 by 3", "a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)"),
    ("Feynman I.9.18", "G * m * n / ((u - x)^2 + (v - y)^2 + (w - z)^2)"),
    ("Feynman I.12.11", "q * (E + B * v * sin(t))"),
    ("Feynman I.15.10", "m * v / sqrt(1 - v^2 / c^2)"),
    ("Feynman I.16.6", "(u + v) / (1 + u * v / c^2)"),
    ("Feynman I.29.16", "sqrt(x^2 + y^2 - 2 * x * y * cos(t - s))"),
    ("Feynman I.30.3", "I * sin(n * t / 2)^2 / sin(t / 2)^2"),
    ("Feynman I.41.16", "h * w^3 / (pi^2 * c^2 * (exp(h * w / (k * T)) - 1))"),
    ("Feynman I.50.26", "x * (cos(w * t) + a * cos(w * t)^2)"),
    ("Lennard-Jones", "4 * e * ((s / r)^12 - (s / r)^6)"),
    ("Morse", "d * (1 - exp(-a * (r - q)))^2"),
    ("van der Waals", "n * R * T / (V - n * b) - a * n^2 / V^2"),
    ("Kepler's equation", "E - e * sin(E) - M"),
    ("pendulum's energy", "0.5 * m * l^2 * v^2 + m * g * l * (1 - cos(t))"),
    ("Black-Scholes d1", "(ln(S / K) + (r + s^2 / 2) * T) / (s * sqrt(T))"),
    ("ideal gas", "n * R * T / V"),
    ("Arrhenius", "A * exp(-E / (R * T))"),
    ("Michaelis-Menten", "v * s / (k + s)"),
];

/// Arithmetic, and functions whose derivatives are other functions.
#[derive(Clone, Copy, Default)]
struct Count {
    arithmetic: usize,
    functions: usize,
}

impl Count {
    fn total(self) -> usize {
        self.arithmetic + self.functions
    }

    fn add(&mut self, other: Count, times: usize) {
        self.arithmetic += other.arithmetic * times;
        self.functions += other.functions * times;
    }
}

fn literal(body: &Body, id: Id) -> Option<usize> {
    match body.node(id).op {
        Op::Const(Lit::Int(n, _)) => usize::try_from(n.unsigned_abs()).ok(),
        _ => None,
    }
}

/// How often a loop from `lo` to `hi` runs.
fn trips(body: &Body, lo: Id, hi: Id) -> usize {
    match (literal(body, lo), literal(body, hi)) {
        (Some(lo), Some(hi)) => hi.saturating_sub(lo),
        _ => LENGTH,
    }
}

/// The operations on floats of a body; of two arms the dearer one.
fn count(body: &Body) -> Count {
    let mut count = Count::default();
    for id in body.ids() {
        count.add(operations(body, id), 1);
    }
    count
}

fn operations(body: &Body, id: Id) -> Count {
    let mut here = Count::default();
    match &body.node(id).op {
        Op::Call(Prim::Detach, _) => {}
        Op::Call(prim, args) => {
            let exponent = if *prim == Prim::Powi { literal(body, args[1]) } else { None };
            let floats = args.iter().any(|x| body.ty(*x).is_float());
            match prim.row().cost {
                _ if !floats => {}
                // By squaring: a multiplication a bit, and one more for each that is set.
                _ if exponent.is_some_and(|n| n > 0) => {
                    let n = exponent.unwrap_or(1);
                    here.arithmetic = n.ilog2() as usize + n.count_ones() as usize - 1;
                }
                Cost::Transcendental => here.functions = 1,
                Cost::Cheap | Cost::Division => here.arithmetic = 1,
            }
        }
        Op::If { then, otherwise, .. } => {
            let arms = [count(then), count(otherwise)];
            here.add(if arms[0].total() >= arms[1].total() { arms[0] } else { arms[1] }, 1);
        }
        Op::Fold { lo, hi, body: inner, .. } => here.add(count(inner), trips(body, *lo, *hi)),
        Op::Build { lens, body: inner, .. } => {
            let times = lens.iter().map(|len| literal(body, *len).unwrap_or(LENGTH));
            here.add(count(inner), times.product());
        }
        Op::While { cond, body, .. } => {
            here.add(count(cond), LENGTH);
            here.add(count(body), LENGTH);
        }
        Op::Update { .. } => here.arithmetic = 1,
        Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Cast(_) | Op::Array(_) | Op::Index { .. } => {}
        Op::Push { .. } | Op::Len(..) | Op::Get(..) => {}
    }
    here
}

fn read(source: &str) -> Function {
    formula::read("f", source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function
}

#[test]
fn gradients_cost_a_few_times_their_primals() {
    let mut table = String::from("formula                       primal        gradient      ratio\n");
    let mut over = String::new();
    for (name, source) in FORMULAS {
        let primal = opt::prepare(&read(source));
        let wrt: Vec<usize> = (0..primal.params.len()).filter(|k| primal.param_type(*k).is_float()).collect();
        let gradient = opt::optimise(&ad::gradient(&primal, &wrt, Mode::Reverse).expect("differentiable"));
        let (p, g) = (count(&opt::optimise(&primal).body), count(&gradient.body));
        let ratio = g.total() as f64 / p.total() as f64;
        let _ = writeln!(
            table,
            "{name:<28}  {:>4} + {:<4}  {:>4} + {:<4}  {ratio:.2}",
            p.arithmetic, p.functions, g.arithmetic, g.functions
        );
        let bound = if p.functions > 0 { 5.0 } else { 4.0 };
        if ratio > bound {
            let _ = writeln!(over, "{name}: {ratio:.2} times the primal\n{source}\n{}", print(&gradient));
        }
    }
    println!("{table}");
    assert!(over.is_empty(), "{over}");
}
