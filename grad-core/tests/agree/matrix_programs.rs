//! Random Rust functions of loops over matrices: sums along rows and columns, loops that follow one another over ranges that
//! are the same or differ by one, arrays that are filled by one loop and read by the next and after it.

use grad_core::front::rust::{self, RustPrimal};
use grad_core::ir::eval::{Datum, eval};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::compiled::{self, Case};
use crate::formulas::{count, runner};
use crate::ways::{Choices, all_agree, floats, hessian_agrees};

const SIGNATURE: &str = "fn f(a: f64, x: &[f64], c: &[[f64; 4]], d: &[[f64; 4]; 4], n: usize) -> f64";

/// The length of every axis.
const N: usize = 4;

fn point() -> Vec<Datum> {
    let numbers = |seed: usize, n: usize| -> Vec<f64> {
        (0..n).map(|k| 0.1 + 1.3 * (12.9898 * (k + 31 * seed + 1) as f64).sin()).collect()
    };
    vec![
        Datum::Float(0.7),
        Datum::vector(&numbers(1, N)),
        Datum::matrix(N, N, &numbers(2, N * N)),
        Datum::matrix(N, N, &numbers(3, N * N)),
        Datum::Int(N as i64),
    ]
}

struct Writer<'a> {
    choices: Choices<'a>,
    indices: Vec<String>,
    /// Sums that loops around add to.
    sums: Vec<String>,
    locals: Vec<String>,
    depth: usize,
    names: usize,
}

impl Writer<'_> {
    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn index(&mut self) -> String {
        let n = self.indices.len();
        if n == 0 {
            return self.choices.pick(N).to_string();
        }
        match self.choices.pick(14) {
            0..=6 => self.indices[n - 1].clone(),
            7..=11 => self.indices[self.choices.pick(n)].clone(),
            12 => format!("n - 1 - {}", self.indices[self.choices.pick(n)]),
            _ => self.choices.pick(N).to_string(),
        }
    }

    /// An element that can be written.
    fn place(&mut self) -> String {
        match self.choices.pick(7) {
            0..=2 => format!("{}[{}]", self.choices.one(&["v", "w", "u"]), self.index()),
            _ => format!("{}[{}][{}]", self.choices.one(&["g", "h"]), self.index(), self.index()),
        }
    }

    fn leaf(&mut self) -> String {
        match self.choices.pick(12) {
            0 => self.choices.one(&["a", "0.5_f64"]).into(),
            1 => format!("x[{}]", self.index()),
            2..=4 => format!("{}[{}][{}]", self.choices.one(&["c", "d"]), self.index(), self.index()),
            5 if !self.sums.is_empty() => self.sums[self.choices.pick(self.sums.len())].clone(),
            6 | 7 if !self.locals.is_empty() => self.locals[self.choices.pick(self.locals.len())].clone(),
            _ => self.place(),
        }
    }

    fn expr(&mut self) -> String {
        if self.depth > 6 || self.choices.is_done() {
            return self.leaf();
        }
        self.depth += 1;
        let text = match self.choices.pick(11) {
            0..=2 => self.leaf(),
            3 => format!("({} + {})", self.expr(), self.expr()),
            4 => format!("({} - {})", self.expr(), self.expr()),
            5..=7 => format!("{} * {}", self.leaf(), self.leaf()),
            8 => format!("({}).{}()", self.expr(), self.choices.one(&["sin", "tanh", "atan"])),
            9 => format!("({}).{}({})", self.expr(), self.choices.one(&["max", "min"]), self.expr()),
            _ => format!("if {} {{ {} }} else {{ {} }}", self.condition(), self.expr(), self.expr()),
        };
        self.depth -= 1;
        text
    }

    fn bounded(&mut self) -> String {
        let e = self.expr();
        match self.choices.pick(4) {
            0 => format!("0.9 * ({e}).sin()"),
            1 => format!("0.7 * ({e}).tanh()"),
            _ => format!("0.2 * ({e})"),
        }
    }

    fn condition(&mut self) -> String {
        match self.choices.pick(4) {
            0 | 1 => format!("{} {} {}", self.index(), self.choices.one(&["!=", "<", "=="]), self.index()),
            _ => format!("{} < {}", self.leaf(), self.leaf()),
        }
    }

    fn range(&mut self) -> String {
        match self.choices.pick(12) {
            0..=6 => "0..n".to_owned(),
            7 => "1..n".to_owned(),
            8 => "0..n - 1".to_owned(),
            9 => "(0..n).rev()".to_owned(),
            10 if !self.indices.is_empty() => format!("0..{}", self.indices[self.indices.len() - 1]),
            10 => "0..4".to_owned(),
            _ => "0..x.len()".to_owned(),
        }
    }

    fn statements(&mut self, most: usize) -> String {
        let mut text = String::new();
        let (locals, sums) = (self.locals.len(), self.sums.len());
        for _ in 0..1 + self.choices.pick(most) {
            text += &self.statement();
            if self.choices.is_done() {
                break;
            }
        }
        self.locals.truncate(locals);
        self.sums.truncate(sums);
        text
    }

    fn looped(&mut self, most: usize) -> String {
        let (i, range) = (self.name("i"), self.range());
        self.indices.push(i.clone());
        let body = self.statements(most);
        self.indices.pop();
        format!("for {i} in {range} {{\n{body}}}\n")
    }

    fn statement(&mut self) -> String {
        let deep = self.indices.len() > 2 || self.depth > 5;
        self.depth += 1;
        let text = match self.choices.pick(20) {
            0..=4 => format!("{} += {};\n", self.place(), self.bounded()),
            5..=7 => format!("{} = {};\n", self.place(), self.bounded()),
            8 if !self.sums.is_empty() => {
                let sum = self.sums[self.choices.pick(self.sums.len())].clone();
                format!("{sum} += {};\n", self.bounded())
            }
            9 => {
                let (e, name) = (self.expr(), self.name("q"));
                self.locals.push(name.clone());
                format!("let {name} = {e};\n")
            }
            10 if !deep => format!("if {} {{\n{}}}\n", self.condition(), self.statements(2)),
            11..=13 if !deep => {
                // A sum along an axis, and what is made of it.
                let (e, name) = (self.leaf(), self.name("s"));
                self.sums.push(name.clone());
                let (i, range) = (self.name("i"), self.range());
                self.indices.push(i.clone());
                let (locals, sums) = (self.locals.len(), self.sums.len());
                let before = if self.choices.pick(3) == 0 { self.statement() } else { String::new() };
                let term = self.bounded();
                self.locals.truncate(locals);
                self.sums.truncate(sums);
                self.indices.pop();
                format!("let mut {name} = {e};\nfor {i} in {range} {{\n{before}{name} += {term};\n}}\n")
            }
            14..=17 if !deep => self.looped(3),
            18 => format!("t += {};\n", self.bounded()),
            19 if !deep && self.choices.pick(3) == 0 => format!("t = 0.5 * t + {};\n", self.bounded()),
            _ => format!("{} *= 0.5;\n", self.place()),
        };
        self.depth -= 1;
        text
    }

    fn program(mut self) -> String {
        let mut body = String::new();
        for _ in 0..2 + self.choices.pick(4) {
            body += &self.looped(3);
        }
        around(&body)
    }
}

/// The function with a body of statements, and something of what it leaves.
fn around(body: &str) -> String {
    format!(
        "{SIGNATURE} {{\nlet mut t = a;\nlet mut v = vec![0.0_f64; n];\nlet mut w = x.to_vec();\nlet mut u = [0.0_f64; 4];\n\
         let mut g = vec![[0.0_f64; 4]; n];\nlet mut h = *d;\n{body}\
         for i in 0..n {{\nt += v[i] * w[i] + u[i] * (i as f64 - 0.5);\n\
         for j in 0..n {{\nt += g[i][j] * h[j][i] * (1.0 + 0.1 * i as f64);\n}}\n}}\nt\n}}"
    )
}

fn program_of(bytes: &[u8]) -> String {
    let choices = Choices::new(bytes);
    Writer { choices, indices: Vec::new(), sums: Vec::new(), locals: Vec::new(), depth: 0, names: 0 }.program()
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 6..most)
}

/// The function of a source; nothing where it has no finite value.
fn read(source: &str) -> Option<RustPrimal> {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|e| panic!("{source}\n{e}"));
    let primal = rust::read(&item, &Default::default()).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems));
    let value = floats(&eval(&primal.function, &point()).ok()?);
    value[0].is_finite().then_some(primal)
}

fn case(source: String) -> Option<Case> {
    let RustPrimal { function, mut interface, .. } = read(&source)?;
    let expected = all_agree(&source, &function, &point());
    interface.math.clear();
    interface.visibility = "pub".into();
    Some(Case { what: source.clone(), function, interface, args: point(), expected, source: Some(source) })
}

#[test]
fn every_way_to_a_gradient_agrees() {
    let agreed = runner(count(60)).run(&bytes(110), |bytes| {
        let source = program_of(&bytes);
        if let Some(primal) = read(&source) {
            all_agree(&source, &primal.function, &point());
        }
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn hessians_agree() {
    let agreed = runner(count(12)).run(&bytes(60), |bytes| {
        let source = program_of(&bytes);
        if let Some(primal) = read(&source) {
            hessian_agrees(&source, &primal.function, &point());
        }
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn compiled_code_agrees() {
    let mut runner = runner(1);
    let cases: Vec<Case> = (0..count(15).min(300))
        .filter_map(|_| {
            let tree = bytes(110).new_tree(&mut runner).expect("bytes can be made");
            case(program_of(&tree.current()))
        })
        .collect();
    compiled::check("agree_matrix_programs", &cases);
}

/// Found by programs such as these: what the first loop stores is read at other places before the second adds to it.
#[test]
fn found() {
    let source = around(
        "for i1 in 0..n {\nv[i1] = 0.9 * a.sin();\nfor i2 in 0..n - 1 {\n\
         w[i1] += if c[i2][i2] < v[i1] { a * c[i2][i2] } else { v[n - 1 - i1] + a };\n}\n}\n\
         for i3 in 0..n {\nv[i3] += 0.9 * a.sin();\n}\n",
    );
    let primal = read(&source).expect("it has a value");
    all_agree(&source, &primal.function, &point());
}
