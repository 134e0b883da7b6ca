//! Matrices in formulas: what operations on them are worth, that their gradients are those of differences, and that no text
//! makes the front end panic.
#![cfg(feature = "formula")]

use grad_core::ad::{Mode, gradient};
use grad_core::front::formula::read;
use grad_core::ir::eval::{Array, Data, Datum, eval};
use grad_core::ir::{Dim, Elem, Function};
use grad_core::opt::{optimise, prepare};

/// Numbers without a pattern, between 0.3 and 1.7.
fn numbers(seed: usize, n: usize) -> Vec<f64> {
    (0..n).map(|k| 1.0 + 0.7 * (12.9898 * (k + 31 * seed + 1) as f64).sin()).collect()
}

/// A value for each parameter, symbolic lengths from the list.
fn point(f: &Function, lengths: &[usize]) -> Vec<Datum> {
    let datum = |k: usize| {
        let ty = f.param_type(k);
        if ty.elem != Elem::Float {
            return Datum::Int(1);
        }
        let dims: Vec<usize> = (ty.dims.iter())
            .map(|dim| match dim {
                Dim::Lit(n) => *n,
                Dim::Size(size) => lengths[size.0 as usize],
                Dim::Any => unreachable!("a parameter has lengths"),
            })
            .collect();
        let data = numbers(k, dims.iter().product());
        if dims.is_empty() { Datum::Float(data[0]) } else { Datum::Array(Array { dims, data: Data::Float(data) }) }
    };
    (0..f.params.len()).map(datum).collect()
}

fn floats(data: &[Datum]) -> Vec<f64> {
    data.iter().flat_map(|d| d.floats().expect("floats").to_vec()).collect()
}

fn value(f: &Function, args: &[Datum]) -> f64 {
    floats(&eval(f, args).expect("a value"))[0]
}

fn moved(args: &[Datum], param: usize, k: usize, by: f64) -> Vec<Datum> {
    let mut args = args.to_vec();
    match &mut args[param] {
        Datum::Float(x) => *x += by,
        Datum::Array(Array { data: Data::Float(x), .. }) => x[k] += by,
        _ => unreachable!("a float is moved"),
    }
    args
}

fn near(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (x, y) in got.iter().zip(expected) {
        assert!((x - y).abs() <= tolerance * (1.0 + y.abs()), "{what}: {got:?}, not {expected:?}");
    }
}

/// Formulas in pairs that mean the same; the gradients of each, in both modes and before and after the passes, against
/// differences. Lengths, in order of first use, are 2, 3, 4.
#[test]
fn formulas_and_their_gradients() {
    let rows: &[(&str, &str)] = &[
        ("A: [m, n], b: [n]; sum((A + b)^2)", "A: [m, n], b: [n]; sum(i in 0..m, j in 0..n: (A[i, j] + b[j])^2)"),
        ("A: [m, n], b: [n]; sum((b' - A)^2)", "A: [m, n], b: [n]; sum(i in 0..m, j in 0..n: (b[j] - A[i, j])^2)"),
        (
            "A: [m, n], b: [m]; sum((A * column(b))^2)",
            "A: [m, n], b: [m]; sum(i in 0..m, j in 0..n: (A[i, j] * b[i])^2)",
        ),
        (
            "A: [m, n], c: [m, 1]; sum((A / c)^2)",
            "A: [m, n], c: [m, 1]; sum(i in 0..m, j in 0..n: (A[i, j] / c[i, 0])^2)",
        ),
        (
            "A: [m, n], c: [1, n]; sum(exp(c) * A)",
            "A: [m, n], c: [1, n]; sum(i in 0..m, j in 0..n: exp(c[0, j]) * A[i, j])",
        ),
        (
            "c: [m, 1], d: [1, n]; sum(sin(c + d))",
            "c: [m, 1], d: [1, n]; sum(i in 0..m, j in 0..n: sin(c[i, 0] + d[0, j]))",
        ),
        ("x: [m], y: [n]; sum(cos(column(x) - y'))", "x: [m], y: [n]; sum(i in 0..m, j in 0..n: cos(x[i] - y[j]))"),
        (
            "X: [k, m], W: [m, n], b: [n]; sum(tanh(X @ W + b))",
            "X: [k, m], W: [m, n], b: [n]; sum(i in 0..k, j in 0..n: tanh(sum(l in 0..m: X[i, l] * W[l, j]) + b[j]))",
        ),
        ("A: [n, n], x: [n]; x' @ A @ x", "A: [n, n], x: [n]; sum(i in 0..n, j in 0..n: x[i] * A[i, j] * x[j])"),
        ("A: [m, n], x: [n], y: [n]; x' @ A' @ A @ y", "A: [m, n], x: [n], y: [n]; (A @ x) @ (A @ y)"),
        ("A: [m, n], x: [m]; sum((A' @ x)^3)", "A: [m, n], x: [m]; sum(j in 0..n: sum(i in 0..m: A[i, j] * x[i])^3)"),
        ("A: [m, n], x: [m]; sum(A' @ x)", "A: [m, n], x: [m]; sum(i in 0..m, j in 0..n: A[i, j] * x[i])"),
        ("A: [m, n], B: [n, k]; sum((A @ B)^2)", "A: [m, n], B: [n, k]; let C = B' @ A'\nsum(C * C)"),
        (
            "A: [m, n], B: [n, k], x: [k]; sum((A @ B @ x)^2)",
            "A: [m, n], B: [n, k], x: [k]; let y = B @ x\nsum((A @ y)^2)",
        ),
        ("A: [m, n], B: [n, m]; trace(A @ B)", "A: [m, n], B: [n, m]; sum(A * B')"),
        ("A: [m, n], B: [m, n]; tr(A' @ B)", "A: [m, n], B: [m, n]; sum(A * B)"),
        ("A: [n, n]; trace(A @ A @ A)", "A: [n, n]; sum((A @ A) * A')"),
        (
            "A: [m, k], B: [k, n], C: [n, m]; trace(A @ B @ C)",
            "A: [m, k], B: [k, n], C: [n, m]; sum(i in 0..m, j in 0..n: (A[i] @ B[.., j]) * C[j, i])",
        ),
        ("A: [m, n], x: [n]; let r = A' @ A @ x\nr @ r", "A: [m, n], x: [n]; norm(A' @ (A @ x))^2"),
        ("A: [m, n], x: [n], b: [m]; norm(A @ x - b)", "A: [m, n], x: [n], b: [m]; sqrt(sum((A @ x - b)^2))"),
        ("A: [m, n], x: [n], b: [m]; let r = A @ x - b\nr @ r", "A: [m, n], x: [n], b: [m]; norm(A @ x - b)^2"),
        ("A: [n, n], x: [n]; let s = A @ x\ns @ x", "A: [n, n], x: [n]; x @ A' @ x"),
        ("A: [n, n], d: [n]; sum((diag(d) @ A)^2)", "A: [n, n], d: [n]; sum((column(d) * A)^2)"),
        ("A: [m, n], d: [n]; sum((A @ diag(d))^2)", "A: [m, n], d: [n]; sum((A * d')^2)"),
        ("x: [n], d: [n]; x' @ diag(d) @ x", "x: [n], d: [n]; sum(d * x^2)"),
        ("x: [n], d: [n]; sum(diag(d) @ diag(x))", "x: [n], d: [n]; d @ x"),
        (
            "A: [n, n], d: [n]; logdet(A @ A' + diag(exp(d)))",
            "A: [n, n], d: [n]; logdet([(A @ A')[i, j] + (if i == j then exp(d[i]) else 0) for i in 0..n, j in 0..n])",
        ),
        (
            "A: [n, n], s; det(A + s * eye(n))",
            "A: [n, n], s; det([A[i, j] + (if i == j then s else 0) for i in 0..n, j in 0..n])",
        ),
        ("A: [n, n]; sum(diag(A)^2)", "A: [n, n]; sum(i in 0..n: A[i, i]^2)"),
        ("x: [n]; let u = x^2\nlet v = exp(u)\nsum(v) + sum(u)", "x: [n]; sum(exp(x^2) + x^2)"),
        (
            "A: [m, n]; let c = [sum(A[.., j]^2) for j in 0..n]\nsum(sqrt(c))",
            "A: [m, n]; sum(j in 0..n: norm(A[.., j]))",
        ),
        (
            "V: [k, m], W: [m, n], x: [n], y: index; cross_entropy(V @ tanh(W @ x), y)",
            "V: [k, m], W: [m, n], x: [n], y: index; let s = V @ tanh(W @ x)\nlogsumexp(s) - s[y]",
        ),
        (
            "A: [2, 17], B: [17, 17]; sum((A @ B)^2)",
            "A: [2, 17], B: [17, 17]; sum(i in 0..2, j in 0..17: (A[i] @ B[.., j])^2)",
        ),
    ];
    for (one, other) in rows {
        let mut values = Vec::new();
        for formula in [one, other] {
            let f = read("f", formula, &[]).unwrap_or_else(|r| panic!("{formula}: {:?}", r.problems)).function;
            let args = point(&f, &[2, 3, 4]);
            values.push(value(&f, &args));
            near(formula, &[value(&optimise(&prepare(&f)), &args)], &[value(&f, &args)], 1e-13);
            let wrt: Vec<usize> = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
            let mut expected = Vec::new();
            for param in &wrt {
                let n = args[*param].floats().expect("floats").len();
                for k in 0..n.min(12) {
                    let central = |h: f64| {
                        let at = |by: f64| value(&f, &moved(&args, *param, k, by));
                        (at(h) - at(-h)) / (2.0 * h)
                    };
                    expected.push((4.0 * central(5e-4) - central(1e-3)) / 3.0);
                }
            }
            for mode in [Mode::Reverse, Mode::Forward] {
                let plain = gradient(&prepare(&f), &wrt, mode).expect("it has a gradient");
                for g in [optimise(&plain), plain] {
                    let results = eval(&g, &args).expect("a gradient");
                    let first: Vec<f64> = (results[1..].iter())
                        .flat_map(|d| d.floats().expect("floats").iter().copied().take(12).collect::<Vec<_>>())
                        .collect();
                    near(formula, &first, &expected, 1e-7);
                }
            }
        }
        near(&format!("{one} and {other}"), &values[..1], &values[1..], 1e-12);
    }
}

/// A small generator of numbers (xorshift64*), so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).expect("31 bits") % bound
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// An expression that the grammar takes, of whatever shape.
    fn expression(&mut self, depth: usize) -> String {
        let atoms = ["x", "y", "A", "B", "C", "k", "n", "m", "s", "t", "2", "0", "-1", "0.5", "T", "r", "i", "pi", "z"];
        if depth == 0 {
            return self.of(&atoms).to_owned();
        }
        let [a, b, c] = [0; 3].map(|_| self.expression(depth - 1));
        let calls = [
            "sum",
            "max",
            "argmin",
            "norm",
            "trace",
            "tr",
            "det",
            "inv",
            "logdet",
            "diag",
            "eye",
            "column",
            "softmax",
            "var",
            "logsumexp",
            "exp",
            "relu",
            "transpose",
            "mean",
            "huber",
            "nothing",
            "f",
        ];
        match self.below(16) {
            0..=2 => format!("({a}) {} ({b})", self.of(&["+", "-", "*", "/", "^", "@", "·"])),
            3 => format!("({a}) @ ({b}) @ ({c})"),
            4 => format!("({a})'"),
            5 => format!("({a})[{b}]"),
            6 => format!("({a})[{b}, {c}]"),
            7 => format!("({a})[{b}..{c}]"),
            8 => format!("[{a}, {b}]"),
            9 => format!("[{a} for i in 0..{b}, j in {c}..n]"),
            10 => format!("{}(i in 0..{a} if i != {b}: {c})", self.of(&["sum", "prod", "max", "argmax"])),
            11 => format!("where({a} > {b}, {b}, {c})"),
            12 => format!("(if {a} <= {b} then {b} else {c})"),
            13 => {
                format!("{}({a}, {b})", self.of(&["solve", "dot", "mse", "svm", "cross_entropy", "max", "atan2", "f"]))
            }
            _ => format!("{}({a})", self.of(&calls)),
        }
    }
}

/// Whatever the shapes: a function that can be differentiated, or problems with places in the text.
#[test]
fn no_expression_makes_it_panic() {
    let mut random = Random(0x5eed);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..2000 {
        let depth = 1 + random.below(3);
        let (definition, body) = (random.expression(depth - 1), random.expression(depth));
        let default = random.expression(0);
        let lets = random.of(&["let r = 2 * x\n", "let r = A @ x - y\n", "let r = x @ y'\n", "let r = [x, y]\n"]);
        let formula = format!(
            "x: [n], y: [m], A: [m, n], B: [n, n], C: [3, 2], k: index, s, t: [3];\n\
             fn f(u, v = {default}) = {definition}\n{lets}{body}"
        );
        match read("f", &formula, &[]) {
            Ok(primal) => {
                taken += 1;
                let f = prepare(&primal.function);
                if f.body.results.len() == 1 && f.body.ty(f.body.results[0]).is_scalar() {
                    let wrt: Vec<usize> = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
                    let _ = gradient(&f, &wrt, Mode::Reverse).map(|g| optimise(&g));
                }
            }
            Err(rejected) => {
                refused += 1;
                assert!(!rejected.problems.is_empty(), "{formula}");
                for problem in &rejected.problems {
                    let places = std::iter::once(problem.at).chain(problem.also.iter().map(|(at, _)| *at));
                    for at in places {
                        assert!(formula.get(rejected.spans[at.0 as usize].range()).is_some(), "{formula}: {problem}");
                    }
                }
            }
        }
    }
    assert!(taken > 50 && refused > 500, "{taken} taken, {refused} refused");
}
