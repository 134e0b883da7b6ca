//! Random formulas: scalars, vectors, matrices, reductions with filters, comprehensions, choice, `let`, `fn`.

use grad_core::emit::standalone;
use grad_core::front::formula;
use grad_core::ir::eval::Datum;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::compiled::{self, Case};
use crate::ways::{Choices, all_agree, hessian_agrees};

/// What formulas are about: two scalars, three vectors, a matrix.
const PARAMETERS: &str = "a, b, x: [n], y: [n], z: [m], M: [n, m]";

fn point() -> Vec<Datum> {
    vec![
        Datum::Float(0.7),
        Datum::Float(-1.2),
        Datum::vector(&[0.3, -0.8, 1.4]),
        Datum::vector(&[1.1, 0.25, -0.6]),
        Datum::vector(&[-0.45, 0.85]),
        Datum::matrix(3, 2, &[0.5, -1.3, 0.9, 0.15, -0.4, 1.7]),
    ]
}

struct Writer<'a> {
    choices: Choices<'a>,
    /// The indices in scope, each of 0..n.
    indices: Vec<String>,
    depth: usize,
    lets: usize,
    text: String,
}

impl Writer<'_> {
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let made = f(self);
        self.depth -= 1;
        made
    }

    fn index(&mut self) -> String {
        let n = self.indices.len();
        match self.choices.pick(n + 2) {
            k if k < n => self.indices[n - 1 - k].clone(),
            k => (k - n).to_string(),
        }
    }

    fn new_index(&mut self) -> String {
        format!("{}{}", ["i", "j", "k"][self.indices.len() % 3], self.indices.len())
    }

    fn leaf(&mut self) -> String {
        match self.choices.pick(7) {
            0 => "a".into(),
            1 => "b".into(),
            2 => self.choices.one(&["2", "0.5", "-1.5", "3", "1", "pi"]).into(),
            3 => format!("x[{}]", self.index()),
            4 => format!("y[{}]", self.index()),
            5 => format!("M[{}, {}]", self.index(), self.choices.pick(2)),
            _ if self.lets > 0 => format!("t{}", self.choices.pick(self.lets)),
            _ => "a".into(),
        }
    }

    fn condition(&mut self) -> String {
        let (left, right) = (self.scalar(), self.scalar());
        let op = self.choices.one(&["<", "<=", ">", ">=", "!="]);
        match self.choices.pick(5) {
            0 if !self.indices.is_empty() => format!("{} != {}", self.index(), self.index()),
            1 => format!("{left} {op} {right} and a < 3"),
            2 => format!("not ({left} {op} {right})"),
            _ => format!("{left} {op} {right}"),
        }
    }

    fn scalar(&mut self) -> String {
        if self.depth > 5 || self.choices.is_done() {
            return self.leaf();
        }
        self.deeper(|w| match w.choices.pick(16) {
            0 | 1 => w.leaf(),
            2 => format!("({} + {})", w.scalar(), w.scalar()),
            3 => format!("({} - {})", w.scalar(), w.scalar()),
            4 => format!("{} * {}", w.factor(), w.factor()),
            5 => format!("{} / (1 + {}^2)", w.factor(), w.factor()),
            6 => {
                let f = w.choices.one(&[
                    "sin",
                    "cos",
                    "tanh",
                    "atan",
                    "sigmoid",
                    "softplus",
                    "abs",
                    "relu",
                    "erf",
                    "silu",
                    "gelu",
                    "asinh",
                    "log_sigmoid",
                    "softsign",
                    "mish",
                    "elu1",
                    "sinc",
                    "expm1s",
                    "lns",
                    "sqrts",
                    "exps",
                    "acosh1",
                    "selu",
                ]);
                let u = w.scalar();
                match f {
                    "elu1" => format!("elu({u}, 0.7)"),
                    "expm1s" => format!("expm1(sin({u}))"),
                    "exps" => format!("exp(cos({u}))"),
                    "lns" => format!("ln(1 + ({u})^2)"),
                    "sqrts" => format!("sqrt(1 + ({u})^2)"),
                    "acosh1" => format!("acosh(2 + ({u})^2)"),
                    f => format!("{f}({u})"),
                }
            }
            7 => {
                let f = w.choices.one(&["max", "min", "hypot", "atan2"]);
                format!("{f}({}, {})", w.scalar(), w.scalar())
            }
            8 => {
                let base = w.factor();
                let exponent = w.choices.one(&["2", "3", "-1", "-2", "0.5", "1.7", "b", "0"]);
                if matches!(exponent, "2" | "3" | "0") {
                    format!("{base}^{exponent}")
                } else {
                    format!("(1.1 + {base}^2)^({exponent})")
                }
            }
            9 => {
                let f = w.choices.one(&["sum", "mean", "sum", "prod", "max", "min"]);
                format!("{f}({})", w.vector())
            }
            10 | 11 => {
                let f = w.choices.one(&["sum", "prod", "max", "min", "sum"]);
                let range = w.choices.one(&["0..n", "1..n", "0..2"]);
                let i = w.new_index();
                w.indices.push(i.clone());
                let filter = if w.choices.pick(3) == 2 && !matches!(f, "max" | "min") {
                    format!(" if {}", w.condition())
                } else {
                    String::new()
                };
                let body = w.scalar();
                w.indices.pop();
                format!("{f}({i} in {range}{filter}: {body})")
            }
            12 => format!("(if {} then {} else {})", w.condition(), w.scalar(), w.scalar()),
            13 => format!("where({}, {}, {})", w.condition(), w.scalar(), w.scalar()),
            14 if w.choices.pick(2) == 0 => format!("dot({}, {})", w.vector(), w.vector()),
            14 => format!("({} · {})", w.row(), w.row()),
            _ => format!("h({}, {})", w.scalar(), w.scalar()),
        })
    }

    fn factor(&mut self) -> String {
        let text = self.scalar();
        format!("({text})")
    }

    /// A vector of n elements.
    fn vector(&mut self) -> String {
        if self.depth > 5 || self.choices.is_done() {
            return self.choices.one(&["x", "y"]).into();
        }
        self.deeper(|w| match w.choices.pick(8) {
            0 => "x".into(),
            1 => "y".into(),
            2 => format!("({} + {})", w.vector(), w.vector()),
            3 => format!("({} * {})", w.vector(), w.scalar()),
            4 => format!("{}({})", w.choices.one(&["sin", "tanh", "sigmoid"]), w.vector()),
            5 => {
                let i = w.new_index();
                w.indices.push(i.clone());
                let body = w.scalar();
                w.indices.pop();
                format!("[{body} for {i} in 0..n]")
            }
            6 => format!("(M @ {})", w.row()),
            _ => w.choices.one(&["(M @ z)", "M[0..n, 1]", "x[0..n]", "where(x > y, x, y)", "(M * M) @ z"]).into(),
        })
    }

    /// A vector of m elements.
    fn row(&mut self) -> String {
        match self.choices.pick(5) {
            0 | 1 => "z".into(),
            2 => format!("(M' @ {})", self.vector()),
            3 => format!("M[{}]", self.index()),
            _ => {
                let i = self.new_index();
                let body = self.scalar();
                format!("[{body} * z[{i}] for {i} in 0..m]")
            }
        }
    }

    fn formula(mut self) -> String {
        self.text = format!("{PARAMETERS};\nfn h(u, v = 0.5) = u * v + sin(u)\n");
        for k in 0..self.choices.pick(3) {
            let value = self.scalar();
            self.text += &format!("let t{k} = {value}\n");
            self.lets += 1;
        }
        let result = self.scalar();
        format!("{}{result}", self.text)
    }
}

fn formula_of(bytes: &[u8]) -> String {
    let choices = Choices::new(bytes);
    Writer { choices, indices: Vec::new(), depth: 0, lets: 0, text: String::new() }.formula()
}

/// How many cases of each: more by the environment variable `AGREE`.
pub(crate) fn count(least: u32) -> u32 {
    std::env::var("AGREE").ok().and_then(|n| n.parse().ok()).unwrap_or(least)
}

pub(crate) fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() };
    let seed = std::env::var("AGREE_SEED").ok().and_then(|n| n.parse::<u8>().ok()).unwrap_or(7);
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 4..60)
}

fn read(text: &str) -> grad_core::ir::Function {
    formula::read("f", text, &[]).unwrap_or_else(|r| panic!("{text}\n{:?}", r.problems)).function
}

#[test]
fn every_way_to_a_gradient_agrees() {
    let agreed = runner(count(250)).run(&bytes(), |bytes| {
        let text = formula_of(&bytes);
        let f = read(&text);
        all_agree(&text, &f, &point());
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn hessians_agree() {
    let agreed = runner(count(60)).run(&prop::collection::vec(any::<u8>(), 4..30), |bytes| {
        let text = formula_of(&bytes);
        let f = read(&text);
        hessian_agrees(&text, &f, &point());
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn what_is_printed_reads_the_same() {
    let agreed = runner(count(300)).run(&bytes(), |bytes| {
        let text = formula_of(&bytes);
        let parsed = grad_grammar::parse(&text).unwrap_or_else(|e| panic!("{text}\n{e:?}"));
        let printed = grad_grammar::print(&parsed);
        let (first, again) = (read(&text), read(&printed));
        assert_eq!(first.body, again.body, "{text}\nis printed as\n{printed}");
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn compiled_code_agrees() {
    let mut runner = runner(1);
    let cases: Vec<Case> = (0..count(60).min(400))
        .map(|_| {
            let tree = bytes().new_tree(&mut runner).expect("bytes can be made");
            let text = formula_of(&tree.current());
            let f = read(&text);
            let expected = all_agree(&text, &f, &point());
            let (function, interface) = standalone(&f);
            let mut args = point();
            // A length that no slice tells is a parameter of its own.
            args.extend((args.len()..function.params.len()).map(|k| match &*function.params[k].name {
                "m" => Datum::Int(2),
                _ => Datum::Int(3),
            }));
            Case { what: text, function, interface, args, expected, source: None }
        })
        .collect();
    compiled::check("agree_formulas", &cases);
}
