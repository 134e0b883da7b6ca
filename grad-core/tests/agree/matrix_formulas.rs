//! Random formulas about matrices: products, transposes, rows and columns, diagonals, outer products, comprehensions of two
//! indices, slices, and values that several results share; at several lengths, 0 among them.

use std::rc::Rc;

use grad_core::ad::{self, Mode};
use grad_core::emit::standalone;
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};
use grad_core::opt::{self, Level, Simplify};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::compiled::{self, Case};
use crate::formulas::{count, runner};
use crate::ways::{Choices, all_agree, floats, hessian_agrees};

const PARAMETERS: &str = "a, b, x: [n], y: [n], z: [m], A: [n, m], B: [m, n], S: [n, n], C: [n, m]";

/// n and m.
const LENGTHS: [(usize, usize); 6] = [(3, 2), (2, 3), (1, 1), (4, 4), (0, 2), (2, 0)];

/// Numbers without a pattern, between -1.2 and 1.4.
fn numbers(seed: usize, n: usize) -> Vec<f64> {
    (0..n).map(|k| 0.1 + 1.3 * (12.9898 * (k + 31 * seed + 1) as f64).sin()).collect()
}

fn point((n, m): (usize, usize)) -> Vec<Datum> {
    let vector = |seed, n| Datum::vector(&numbers(seed, n));
    let matrix = |seed, n, m| Datum::matrix(n, m, &numbers(seed, n * m));
    vec![
        Datum::Float(0.7),
        Datum::Float(-1.2),
        vector(2, n),
        vector(3, n),
        vector(4, m),
        matrix(5, n, m),
        matrix(6, m, n),
        matrix(7, n, n),
        matrix(8, n, m),
    ]
}

/// An axis of n or of m.
#[derive(Clone, Copy, PartialEq)]
enum Axis {
    N,
    M,
}

use Axis::{M, N};

impl Axis {
    fn name(self) -> &'static str {
        match self {
            N => "n",
            M => "m",
        }
    }
}

struct Writer<'a> {
    choices: Choices<'a>,
    /// The indices in scope.
    indices: Vec<(String, Axis)>,
    scalars: Vec<String>,
    vectors: Vec<(String, Axis)>,
    matrices: Vec<(String, Axis, Axis)>,
    depth: usize,
    names: usize,
}

impl Writer<'_> {
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let made = f(self);
        self.depth -= 1;
        made
    }

    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn axis(&mut self) -> Axis {
        [N, M][self.choices.pick(2)]
    }

    /// An index along an axis, if there is one.
    fn index(&mut self, axis: Axis) -> Option<String> {
        let of: Vec<String> = self.indices.iter().filter(|(_, a)| *a == axis).map(|(i, _)| i.clone()).collect();
        match of.len() {
            0 => None,
            n => match self.choices.pick(8) {
                0 => Some(format!("{} - 1 - {}", axis.name(), of[self.choices.pick(n)])),
                _ => Some(of[n - 1 - self.choices.pick(n)].clone()),
            },
        }
    }

    fn with_index<T>(&mut self, axis: Axis, f: impl FnOnce(&mut Self, &str) -> T) -> (String, T) {
        let i = self.name("i");
        self.indices.push((i.clone(), axis));
        let made = f(self, &i);
        self.indices.pop();
        (i, made)
    }

    fn element(&mut self) -> String {
        let axes = (self.axis(), self.axis());
        let (Some(i), Some(j)) = (self.index(axes.0), self.index(axes.1)) else {
            return match self.index(axes.0) {
                Some(i) => format!("{}[{i}]", self.stored_vector(axes.0)),
                None => self.choices.one(&["a", "b"]).into(),
            };
        };
        match self.choices.pick(4) {
            0 => format!("{}[{i}]", self.stored_vector(axes.0)),
            _ => format!("{}[{i}, {j}]", self.stored_matrix(axes.0, axes.1)),
        }
    }

    fn leaf(&mut self) -> String {
        match self.choices.pick(6) {
            0 => self.choices.one(&["a", "b"]).into(),
            1 => self.choices.one(&["2", "0.5", "-1.5"]).into(),
            2 if !self.scalars.is_empty() => {
                let k = self.choices.pick(self.scalars.len());
                self.scalars[k].clone()
            }
            _ => self.element(),
        }
    }

    fn function(&mut self) -> &'static str {
        self.choices.one(&["sin", "tanh", "cos", "atan", "relu", "abs", "sigmoid", "softplus"])
    }

    fn condition(&mut self) -> String {
        let axis = self.axis();
        match (self.choices.pick(4), self.index(axis), self.index(axis)) {
            (0 | 1, Some(i), Some(j)) => format!("{i} {} {j}", self.choices.one(&["!=", "==", "<", "<=", ">"])),
            (2, Some(i), _) => format!("{i} {} 1", self.choices.one(&["!=", "==", "<", ">="])),
            _ => format!("{} < {}", self.leaf(), self.leaf()),
        }
    }

    fn is_small(&self) -> bool {
        self.depth > 5 || self.choices.is_done()
    }

    fn scalar(&mut self) -> String {
        if self.is_small() {
            return self.leaf();
        }
        self.deeper(|w| match w.choices.pick(18) {
            0 | 1 => w.element(),
            2 => format!("({} + {})", w.scalar(), w.scalar()),
            3 => format!("({} - {})", w.scalar(), w.scalar()),
            4 => format!("({}) * ({})", w.scalar(), w.scalar()),
            5 => format!("{}({})", w.function(), w.scalar()),
            6 => format!("tanh({})^{}", w.scalar(), w.choices.one(&["2", "3"])),
            7 => {
                let axis = w.axis();
                format!("({} @ {})", w.vector(axis), w.vector(axis))
            }
            8 => {
                let (r, c) = (w.axis(), w.axis());
                format!("({}' @ {} @ {})", w.vector(r), w.matrix(r, c), w.vector(c))
            }
            9 => {
                let (r, c) = (w.axis(), w.axis());
                let f = w.choices.one(&["sum", "sum", "mean", "max", "min", "sum"]);
                format!("{f}({})", w.matrix(r, c))
            }
            10 => {
                let axis = w.axis();
                let f = w.choices.one(&["sum", "sum", "mean", "max", "min", "norm", "logsumexp"]);
                format!("{f}({})", w.vector(axis))
            }
            11 => {
                let axis = w.axis();
                format!("trace({})", w.matrix(axis, axis))
            }
            12 => {
                let (r, c) = (w.axis(), w.axis());
                format!("norm({})", w.matrix(r, c))
            }
            13 | 14 => {
                let axis = w.axis();
                let f = w.choices.one(&["sum", "sum", "sum", "prod", "max", "min"]);
                let from = w.choices.pick(6);
                let range = match from {
                    0 if f == "sum" => format!("1..{}", axis.name()),
                    1 if f == "sum" => format!("0..{} - 1", axis.name()),
                    _ => format!("0..{}", axis.name()),
                };
                let filter = w.choices.pick(3) == 2 && matches!(f, "sum" | "prod");
                let (i, (filter, body)) = w.with_index(axis, |w, _| {
                    let filter = if filter { format!(" if {}", w.condition()) } else { String::new() };
                    (filter, w.scalar())
                });
                let body = if f == "prod" { format!("(1 + 0.3 * tanh({body}))") } else { body };
                format!("{f}({i} in {range}{filter}: {body})")
            }
            15 => {
                let (r, c) = (w.axis(), w.axis());
                let filter = w.choices.pick(3) == 2;
                let (i, (j, (filter, body))) = w.with_index(r, |w, _| {
                    w.with_index(c, |w, _| {
                        let filter = if filter { format!(" if {}", w.condition()) } else { String::new() };
                        (filter, w.scalar())
                    })
                });
                format!("sum({i} in 0..{}, {j} in 0..{}{filter}: {body})", r.name(), c.name())
            }
            16 => format!("(if {} then {} else {})", w.condition(), w.scalar(), w.scalar()),
            _ => {
                let axis = w.axis();
                // Neighbours.
                let v = w.stored_vector(axis);
                let f = w.function();
                let (i, rest) = w.with_index(axis, |w, _| w.scalar());
                format!("sum({i} in 0..{} - 1: {f}({v}[{i} + 1] - {v}[{i}]) * {rest})", axis.name())
            }
        })
    }

    /// A vector that has a name.
    fn stored_vector(&mut self, axis: Axis) -> String {
        let mut all: Vec<String> =
            self.vectors.iter().filter(|(_, a)| *a == axis).rev().map(|(v, _)| v.clone()).collect();
        all.extend(match axis {
            N => ["x", "y"].map(str::to_owned).to_vec(),
            M => vec!["z".to_owned()],
        });
        let k = self.choices.pick(all.len());
        all[k].clone()
    }

    fn stored_matrix(&mut self, rows: Axis, columns: Axis) -> String {
        let mut all: Vec<String> = (self.matrices.iter().rev())
            .filter(|(_, r, c)| (*r, *c) == (rows, columns))
            .map(|(v, ..)| v.clone())
            .collect();
        all.extend(match (rows, columns) {
            (N, N) => ["S", "S'"].map(str::to_owned).to_vec(),
            (N, M) => ["A", "C", "B'"].map(str::to_owned).to_vec(),
            (M, N) => ["B", "A'"].map(str::to_owned).to_vec(),
            (M, M) => vec!["(B @ A)".to_owned(), "(A' @ C)".to_owned()],
        });
        let k = self.choices.pick(all.len());
        all[k].clone()
    }

    fn vector(&mut self, axis: Axis) -> String {
        if self.is_small() {
            return self.stored_vector(axis);
        }
        self.deeper(|w| match w.choices.pick(16) {
            0 | 1 => w.stored_vector(axis),
            2 => format!("({} {} {})", w.vector(axis), w.choices.one(&["+", "-", "*"]), w.vector(axis)),
            3 => format!("({} * {})", w.vector(axis), w.scalar()),
            4 => format!("{}({})", w.function(), w.vector(axis)),
            5 | 6 => {
                let other = w.axis();
                format!("({} @ {})", w.matrix(axis, other), w.vector(other))
            }
            7 => {
                let other = w.axis();
                format!("({}' @ {})", w.matrix(other, axis), w.vector(other))
            }
            8 => {
                let other = w.axis();
                let matrix = w.matrix(axis, other);
                let f = w.choices.one(&["sum", "sum", "norm", "mean", "max"]);
                let (i, ()) = w.with_index(axis, |_, _| ());
                format!("[{f}({matrix}[{i}]) for {i} in 0..{}]", axis.name())
            }
            9 => {
                let other = w.axis();
                let matrix = w.matrix(other, axis);
                let f = w.choices.one(&["sum", "sum", "norm", "mean", "max"]);
                let (i, ()) = w.with_index(axis, |_, _| ());
                format!("[{f}({matrix}[.., {i}]) for {i} in 0..{}]", axis.name())
            }
            10 => format!("diag({})", w.matrix(axis, axis)),
            11 | 12 => {
                let (i, body) = w.with_index(axis, |w, _| w.scalar());
                format!("[{body} for {i} in 0..{}]", axis.name())
            }
            13 => {
                let other = w.axis();
                match w.index(other) {
                    Some(i) if w.choices.pick(2) == 0 => format!("{}[{i}]", w.stored_matrix(other, axis)),
                    Some(i) => format!("{}[.., {i}]", w.stored_matrix(axis, other)),
                    None => w.stored_vector(axis),
                }
            }
            14 => format!("softmax({})", w.vector(axis)),
            _ => {
                let (u, v) = (w.vector(axis), w.vector(axis));
                format!("where({u} > {v}, {u}, {})", w.vector(axis))
            }
        })
    }

    fn matrix(&mut self, rows: Axis, columns: Axis) -> String {
        if self.is_small() {
            return self.stored_matrix(rows, columns);
        }
        self.deeper(|w| match w.choices.pick(16) {
            0 | 1 => w.stored_matrix(rows, columns),
            2 => {
                format!("({} {} {})", w.matrix(rows, columns), w.choices.one(&["+", "-", "*"]), w.matrix(rows, columns))
            }
            3 => format!("({} * {})", w.matrix(rows, columns), w.scalar()),
            4 => format!("{}({})", w.function(), w.matrix(rows, columns)),
            5..=7 => {
                let other = w.axis();
                format!("({} @ {})", w.matrix(rows, other), w.matrix(other, columns))
            }
            8 => format!("({})'", w.matrix(columns, rows)),
            9 => format!("({} @ {}')", w.vector(rows), w.vector(columns)),
            10 => format!("(column({}) {} {})", w.vector(rows), w.choices.one(&["+", "*"]), w.matrix(rows, columns)),
            11 => format!("({} {} {}')", w.matrix(rows, columns), w.choices.one(&["+", "*"]), w.vector(columns)),
            12 if rows == columns => match w.choices.pick(3) {
                0 => format!("diag({})", w.vector(rows)),
                1 => format!("({} + {} * eye({}))", w.matrix(rows, rows), w.scalar(), rows.name()),
                _ => format!("(diag({}) @ {})", w.vector(rows), w.matrix(rows, rows)),
            },
            _ => {
                let (i, (j, body)) = w.with_index(rows, |w, _| w.with_index(columns, |w, _| w.scalar()));
                match w.choices.pick(3) {
                    0 => format!("[[{body} for {j} in 0..{}] for {i} in 0..{}]", columns.name(), rows.name()),
                    _ => format!("[{body} for {i} in 0..{}, {j} in 0..{}]", rows.name(), columns.name()),
                }
            }
        })
    }

    /// Definitions, and then as many results.
    fn formula(mut self, results: usize) -> String {
        let mut text = format!("{PARAMETERS};\n");
        for _ in 0..self.choices.pick(4) {
            match self.choices.pick(4) {
                0 => {
                    let value = self.scalar();
                    let name = self.name("t");
                    text += &format!("let {name} = {value}\n");
                    self.scalars.push(name);
                }
                1 => {
                    let axis = self.axis();
                    let value = self.vector(axis);
                    let name = self.name("v");
                    text += &format!("let {name} = {value}\n");
                    self.vectors.push((name, axis));
                }
                _ => {
                    let (r, c) = (self.axis(), self.axis());
                    let value = self.matrix(r, c);
                    let name = self.name("M");
                    text += &format!("let {name} = {value}\n");
                    self.matrices.push((name, r, c));
                }
            }
        }
        let results: Vec<String> = (0..results).map(|_| self.scalar()).collect();
        match results.as_slice() {
            [one] => text + one,
            all => format!("{text}({})", all.join(", ")),
        }
    }
}

fn formula_of(bytes: &[u8], results: usize) -> String {
    let choices = Choices::new(bytes);
    Writer {
        choices,
        indices: Vec::new(),
        scalars: Vec::new(),
        vectors: Vec::new(),
        matrices: Vec::new(),
        depth: 0,
        names: 0,
    }
    .formula(results)
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 4..most)
}

fn read(text: &str, level: Level) -> Function {
    let simplify = Rc::new(Simplify { level, ..Simplify::default() });
    formula::read_under("f", text, &[], &simplify).unwrap_or_else(|r| panic!("{text}\n{:?}", r.problems)).function
}

fn active(f: &Function) -> Vec<usize> {
    (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect()
}

/// The point, where there is a value at it: no mean of an empty array, and none of its extremes.
fn at(f: &Function, text: &str, lengths: (usize, usize)) -> Option<Vec<Datum>> {
    let empty = lengths.0 * lengths.1 == 0;
    if empty && ["max", "min", "mean", "logsumexp"].iter().any(|f| text.contains(f)) {
        return None;
    }
    let args = point(lengths);
    let results = floats(&eval(f, &args).ok()?);
    results.iter().all(|x| x.is_finite()).then_some(args)
}

fn near(a: f64, b: f64, scale: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * (1.0 + scale + a.abs().min(b.abs()))
}

fn same(what: &str, got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(0.0_f64, |m, g| if g.is_finite() { m.max(g.abs()) } else { m });
    for (a, b) in got.iter().zip(expected) {
        assert!(near(*a, *b, scale), "{what}\n{got:?}\nnot {expected:?}");
    }
}

#[test]
fn every_way_to_a_gradient_agrees() {
    let agreed = runner(count(60)).run(&bytes(70), |bytes| {
        let text = formula_of(&bytes, 1);
        let f = read(&text, Level::Safe);
        for lengths in LENGTHS {
            let Some(args) = at(&f, &text, lengths) else { continue };
            let what = format!("{text}\nn, m = {lengths:?}");
            let (value, gradient) = all_agree(&what, &f, &args);
            for level in [Level::None, Level::Aggressive] {
                let f = opt::prepare(&read(&text, level));
                let reverse = ad::gradient(&f, &active(&f), Mode::Reverse).unwrap_or_else(|p| panic!("{what}\n{p}"));
                let got = eval(&opt::optimise(&reverse), &args).unwrap_or_else(|e| panic!("{what}\n{level:?}: {e}"));
                let expected: Vec<f64> = std::iter::once(value).chain(gradient.iter().copied()).collect();
                same(&format!("{what}\n{level:?}"), &floats(&got), &expected);
            }
        }
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn hessians_agree() {
    let agreed = runner(count(12)).run(&bytes(40), |bytes| {
        let text = formula_of(&bytes, 1);
        let f = read(&text, Level::Safe);
        for lengths in [(2, 3), (0, 2)] {
            let Some(args) = at(&f, &text, lengths) else { continue };
            hessian_agrees(&format!("{text}\nn, m = {lengths:?}"), &f, &args);
        }
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

/// A Jacobian's rows are the gradients of the results one by one.
#[test]
fn results_that_share_values_agree() {
    let agreed = runner(count(20)).run(&bytes(60), |bytes| {
        let text = formula_of(&bytes, 2);
        let f = opt::prepare(&read(&text, Level::Safe));
        let wrt = active(&f);
        let vjp = opt::optimise(&ad::vjp(&f, &wrt).unwrap_or_else(|p| panic!("{text}\n{p}")));
        for lengths in [(3, 2), (2, 2), (0, 2)] {
            let Some(args) = at(&f, &text, lengths) else { continue };
            let what = format!("{text}\nn, m = {lengths:?}");
            let weights = [0.8, -1.7];
            let mut given = args.clone();
            given.extend(weights.map(Datum::Float));
            let got = floats(&eval(&vjp, &given).unwrap_or_else(|e| panic!("{what}\n{e}")));
            let mut expected: Vec<f64> = Vec::new();
            for (k, weight) in weights.iter().enumerate() {
                let mut one = f.clone();
                one.body.results = vec![f.body.results[k]];
                let gradient = ad::gradient(&one, &wrt, Mode::Reverse).unwrap_or_else(|p| panic!("{what}\n{p}"));
                let row = floats(&eval(&gradient, &args).unwrap_or_else(|e| panic!("{what}\n{e}")));
                expected.resize(row.len() - 1, 0.0);
                expected.iter_mut().zip(&row[1..]).for_each(|(sum, g)| *sum += weight * g);
            }
            same(&what, &got[2..], &expected);
        }
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn compiled_code_agrees() {
    let mut runner = runner(1);
    let cases: Vec<Case> = (0..count(15).min(300))
        .flat_map(|k| {
            let tree = bytes(70).new_tree(&mut runner).expect("bytes can be made");
            let text = formula_of(&tree.current(), 1);
            let f = read(&text, Level::Safe);
            let lengths = LENGTHS[k as usize % LENGTHS.len()];
            let args = at(&f, &text, lengths)?;
            let expected = all_agree(&text, &f, &args);
            let (function, interface) = standalone(&f);
            let mut args = args;
            // A length that no slice tells is a parameter of its own.
            args.extend((args.len()..function.params.len()).map(|k| match &*function.params[k].name {
                "m" => Datum::Int(lengths.1 as i64),
                _ => Datum::Int(lengths.0 as i64),
            }));
            Some(Case { what: text, function, interface, args, expected, source: None })
        })
        .collect();
    compiled::check("agree_matrix_formulas", &cases);
}
