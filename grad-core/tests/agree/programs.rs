//! Random Rust functions: accumulators, local arrays written in place, loops of every kind, choices, leaving early.

use grad_core::front::rust;
use grad_core::ir::eval::Datum;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::compiled::{self, Case};
use crate::formulas::{count, runner};
use crate::ways::{Choices, all_agree, hessian_agrees};

const SIGNATURE: &str = "fn f(a: f64, b: f64, x: &[f64], m: &[[f64; 3]; 3], n: usize) -> f64";

fn point() -> Vec<Datum> {
    vec![
        Datum::Float(0.7),
        Datum::Float(-1.2),
        Datum::vector(&[0.3, -0.8, 1.43, 0.65]),
        Datum::matrix(3, 3, &[0.5, -1.3, 0.9, 0.15, -0.4, 1.7, -0.25, 0.6, 1.1]),
        Datum::Int(4),
    ]
}

struct Writer<'a> {
    choices: Choices<'a>,
    /// Indices below 3 and below 4 in scope.
    threes: Vec<String>,
    fours: Vec<String>,
    depth: usize,
    names: usize,
    /// Floats besides `a`, `b`, `s` and `t`.
    locals: Vec<String>,
    loops: usize,
}

impl Writer<'_> {
    fn index(&mut self, of: usize) -> String {
        let scope = if of == 3 { self.threes.clone() } else { self.fours.clone() };
        let Some(i) = scope.last() else { return self.choices.pick(of).to_string() };
        match self.choices.pick(6) {
            0 | 1 => i.clone(),
            2 => scope[self.choices.pick(scope.len())].clone(),
            3 => format!("({i} + 1) % {of}"),
            4 => format!("{} - {i}", of - 1),
            _ => self.choices.pick(of).to_string(),
        }
    }

    fn leaf(&mut self) -> String {
        match self.choices.pick(10) {
            0 | 1 => "s".into(),
            2 => "t".into(),
            3 => "a".into(),
            4 => "b".into(),
            5 => format!("x[{}]", self.index(4)),
            6 => format!("v[{}]", self.index(3)),
            7 => format!("m[{}][{}]", self.index(3), self.index(3)),
            8 => format!("w[{}]", self.index(4)),
            _ => match self.locals.len() {
                0 => self.choices.one(&["0.5_f64", "2.0_f64", "1.25_f64"]).into(),
                n => self.locals[self.choices.pick(n)].clone(),
            },
        }
    }

    fn expr(&mut self) -> String {
        if self.depth > 4 || self.choices.is_done() {
            return self.leaf();
        }
        self.depth += 1;
        let text = match self.choices.pick(12) {
            0..=2 => self.leaf(),
            3 => format!("({} + {})", self.expr(), self.expr()),
            4 => format!("({} - {})", self.expr(), self.expr()),
            5 | 6 => format!("{} * {}", self.atom(), self.atom()),
            7 => format!("{} / (1.5 + {}.sin())", self.atom(), self.atom()),
            8 => {
                let f = self.choices.one(&["sin", "cos", "tanh", "atan", "abs", "exp().sin", "asinh"]);
                format!("{}.{f}()", self.atom())
            }
            9 => format!("{}.max({})", self.atom(), self.expr()),
            10 => format!("if {} {{ {} }} else {{ {} }}", self.condition(), self.expr(), self.expr()),
            _ => format!("f64::hypot({}, {})", self.expr(), self.expr()),
        };
        self.depth -= 1;
        text
    }

    fn atom(&mut self) -> String {
        format!("({})", self.expr())
    }

    /// Of a size that stays within bounds, however often it is computed from itself.
    fn bounded(&mut self) -> String {
        let e = self.atom();
        match self.choices.pick(3) {
            0 => format!("{e}.sin()"),
            1 => format!("1.5 * {e}.tanh()"),
            _ => format!("({e} * 0.5).cos() + 0.25"),
        }
    }

    fn condition(&mut self) -> String {
        match self.choices.pick(5) {
            0 if !self.threes.is_empty() => format!("{} % 2 == 0", self.threes[self.threes.len() - 1]),
            1 if !self.fours.is_empty() => format!("{} > 1", self.fours[self.fours.len() - 1]),
            2 => format!("{} > 0.1 && {} < 1.0", self.leaf(), self.leaf()),
            _ => format!("{} < {}", self.leaf(), self.leaf()),
        }
    }

    fn place(&mut self) -> String {
        match self.choices.pick(6) {
            0 | 1 => "s".into(),
            2 => "t".into(),
            3 => format!("v[{}]", self.index(3)),
            4 => format!("w[{}]", self.index(4)),
            _ => format!("u[{}][{}]", self.index(3), self.index(3)),
        }
    }

    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn statements(&mut self, most: usize) -> String {
        let mut text = String::new();
        let locals = self.locals.len();
        for _ in 0..1 + self.choices.pick(most) {
            text += &self.statement();
            if self.choices.is_done() {
                break;
            }
        }
        self.locals.truncate(locals);
        text
    }

    fn statement(&mut self) -> String {
        let deep = self.depth > 3;
        self.depth += 1;
        let text = match self.choices.pick(14) {
            0 | 1 => format!("{} = {};\n", self.place(), self.bounded()),
            2 | 3 => format!("{} += 0.1 * {};\n", self.place(), self.bounded()),
            4 => format!("{} *= {};\n", self.place(), self.bounded()),
            5 => {
                let e = self.bounded();
                let name = self.name("q");
                self.locals.push(name.clone());
                format!("let {name} = {e};\n")
            }
            6 if !deep => format!("if {} {{\n{}}}\n", self.condition(), self.statements(2)),
            7 if !deep => {
                format!("if {} {{\n{}}} else {{\n{}}}\n", self.condition(), self.statements(2), self.statements(2))
            }
            8 | 9 if !deep => {
                let i = self.name("i");
                let range = self.choices.one(&["0..3", "(0..3).rev()", "1..3", "0..n - 1", "0..2"]);
                self.threes.push(i.clone());
                let body = self.in_loop(3);
                self.threes.pop();
                format!("for {i} in {range} {{\n{body}}}\n")
            }
            10 if !deep => {
                let i = self.name("k");
                let range = self.choices.one(&["0..n", "0..x.len()", "(1..n).rev()", "0..4"]);
                self.fours.push(i.clone());
                let body = self.in_loop(3);
                self.fours.pop();
                format!("for {i} in {range} {{\n{body}}}\n")
            }
            11 if !deep => {
                let k = self.name("c");
                let bound = self.choices.one(&["3", "5", "n"]);
                let test = self.condition();
                let body = self.in_loop(2);
                format!("let mut {k} = 0;\nwhile {k} < {bound} && ({test}) {{\n{k} += 1;\n{body}}}\n")
            }
            12 if self.loops > 0 => {
                let leave = self.choices.one(&["break", "continue", "return s * t"]);
                format!("if {} {{\n{leave};\n}}\n", self.condition())
            }
            13 => format!("if {} {{\nreturn {};\n}}\n", self.condition(), self.expr()),
            _ => format!("t = s * {};\n", self.bounded()),
        };
        self.depth -= 1;
        text
    }

    fn in_loop(&mut self, most: usize) -> String {
        self.loops += 1;
        let body = self.statements(most);
        self.loops -= 1;
        body
    }

    fn program(mut self) -> String {
        let body = self.statements(6);
        let result = self.expr();
        format!(
            "{SIGNATURE} {{\nlet mut s = a;\nlet mut t = b * 0.5;\nlet mut v = [1.0, a, b];\n\
             let mut w = vec![0.0_f64; x.len()];\nlet mut u = [[0.5; 3]; 3];\n{body}s + t * {result} + v[0] * w[1] + u[1][2] * v[2]\n}}"
        )
    }
}

fn program_of(bytes: &[u8]) -> String {
    let choices = Choices::new(bytes);
    let names = (Vec::new(), Vec::new(), Vec::new());
    Writer { choices, threes: names.0, fours: names.1, locals: names.2, depth: 0, names: 0, loops: 0 }.program()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 4..90)
}

fn read(source: &str) -> rust::RustPrimal {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|e| panic!("{source}\n{e}"));
    rust::read(&item, &Default::default()).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems))
}

#[test]
fn every_way_to_a_gradient_agrees() {
    let agreed = runner(count(250)).run(&bytes(), |bytes| {
        let source = program_of(&bytes);
        all_agree(&source, &read(&source).function, &point());
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn hessians_agree() {
    let agreed = runner(count(40)).run(&prop::collection::vec(any::<u8>(), 4..40), |bytes| {
        let source = program_of(&bytes);
        hessian_agrees(&source, &read(&source).function, &point());
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
            let source = program_of(&tree.current());
            let primal = read(&source);
            let expected = all_agree(&source, &primal.function, &point());
            let mut interface = primal.interface;
            interface.math.clear();
            interface.visibility = "pub".into();
            Case {
                what: source.clone(),
                function: primal.function,
                interface,
                args: point(),
                expected,
                source: Some(source),
            }
        })
        .collect();
    compiled::check("agree_programs", &cases);
}
