//! What is overruled does not contribute: random programs of loops and choices in which steep things are computed of
//! parameters that are 0, and do not matter where something else is chosen, or assigned anew.
//!
//! Whether such a parameter matters is seen a little off 0, where nothing is steep: where the value there is the same and
//! the derivatives in it are 0, all derivatives at 0 are those that are found there. Where it matters, its derivative at 0
//! is no plain 0.

use grad_core::ad::{self, Mode};
use grad_core::front::rust;
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};
use grad_core::opt;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::formulas::{count, runner};
use crate::ways::{Choices, floats};

const SIGNATURE: &str = "fn f(a: f64, b: f64, p: f64, x: &[f64], m: &[[f64; 3]; 3]) -> f64";

/// Where the places in [`ZEROS`] hold `z`.
fn point(z: [f64; 4]) -> Vec<Datum> {
    vec![
        Datum::Float(0.7),
        Datum::Float(1.2),
        Datum::Float(z[0]),
        Datum::vector(&[0.3, z[1], 1.43, 0.65]),
        Datum::matrix(3, 3, &[0.5, 1.3, 0.9, 0.15, 0.4, z[2], z[3], 0.6, 1.1]),
    ]
}

/// Which of the floats these are.
const ZEROS: [usize; 4] = [2, 4, 12, 13];
const FLOATS: usize = 16;

struct Writer<'a> {
    choices: Choices<'a>,
    /// Indices below 3 in scope.
    indices: Vec<String>,
    depth: usize,
    names: usize,
    locals: Vec<String>,
    loops: usize,
}

impl Writer<'_> {
    fn index(&mut self) -> String {
        match self.indices.len() {
            0 => self.choices.pick(3).to_string(),
            n => match self.choices.pick(4) {
                0 => self.choices.pick(3).to_string(),
                _ => self.indices[self.choices.pick(n)].clone(),
            },
        }
    }

    /// What is not negative.
    fn given(&mut self) -> String {
        match self.choices.pick(8) {
            0 | 1 => "p".into(),
            2 => self.choices.one(&["a", "b"]).into(),
            3 | 4 => format!("x[{}]", self.index()),
            _ => format!("m[{}][{}]", self.index(), self.index()),
        }
    }

    fn leaf(&mut self) -> String {
        match self.choices.pick(8) {
            0 | 1 => "s".into(),
            2 => "t".into(),
            3 => "r".into(),
            4 if !self.locals.is_empty() => self.locals[self.choices.pick(self.locals.len())].clone(),
            5 => format!("w[{}]", self.index()),
            _ => self.given(),
        }
    }

    fn steep(&mut self) -> String {
        let x = self.given();
        match self.choices.pick(9) {
            0..=2 => format!("{x}.sqrt()"),
            3 => format!("{x}.ln()"),
            4 => format!("{x}.powf(0.5)"),
            5 => format!("(1.0 - {x}).acos()"),
            6 => format!("{x}.cbrt()"),
            7 => format!("{x} * {x}.ln()"),
            _ => format!("1.0 / {x}"),
        }
    }

    fn expr(&mut self) -> String {
        if self.depth > 4 || self.choices.is_done() {
            return self.leaf();
        }
        self.depth += 1;
        let text = match self.choices.pick(14) {
            0 | 1 => self.leaf(),
            2..=4 => self.steep(),
            5 => format!("({} + 0.5 * {} + 0.01)", self.expr(), self.expr()),
            6 => format!("{} * {}", self.atom(), self.atom()),
            7 => format!("{}.sin()", self.atom()),
            8 => format!("{}.max({})", self.atom(), self.expr()),
            9 => format!("{}.min({})", self.atom(), self.expr()),
            10 => format!("{}.clamp(0.2, {})", self.atom(), self.choices.one(&["0.9", "1.0 + a", "2.0 * b"])),
            11 => format!("{}.atan()", self.atom()),
            _ => format!("if {} {{ {} }} else {{ {} }}", self.condition(), self.expr(), self.expr()),
        };
        self.depth -= 1;
        text
    }

    fn atom(&mut self) -> String {
        format!("({})", self.expr())
    }

    fn condition(&mut self) -> String {
        let n = self.indices.len();
        match self.choices.pick(5) {
            0 if n > 0 => format!("{} > 0", self.indices[n - 1]),
            1 if n > 1 => format!("{} < {}", self.indices[n - 1], self.indices[n - 2]),
            2 => format!("{} > 0.1 && {} < 1.0", self.leaf(), self.leaf()),
            _ => format!("{} < {}", self.leaf(), self.leaf()),
        }
    }

    fn place(&mut self) -> String {
        self.choices.one(&["s", "s", "t", "r", "r"]).into()
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
        let text = match self.choices.pick(17) {
            0 => format!("{} = {};\n", self.place(), self.expr()),
            1 => format!("{} += 0.3 * {};\n", self.place(), self.expr()),
            2 | 3 => {
                let (best, e) = (self.place(), self.atom());
                format!("{best} = {best}.{}({e});\n", self.choices.one(&["max", "min"]))
            }
            4 | 5 => {
                let e = self.atom();
                let name = self.name("q");
                self.locals.push(name.clone());
                let best = self.choices.one(&["s", "t"]);
                let than = self.choices.one(&[">", "<"]);
                format!("let {name} = {e};\nif {name} {than} {best} {{\n{best} = {name};\n{}}}\n", self.statements(1))
            }
            6 if !deep => format!("if {} {{\n{}}}\n", self.condition(), self.statements(2)),
            7 if !deep => {
                format!("if {} {{\n{}}} else {{\n{}}}\n", self.condition(), self.statements(2), self.statements(2))
            }
            8..=11 if !deep => {
                let i = self.name("i");
                let range = self.choices.one(&["0..3", "(0..3).rev()", "1..3", "0..2"]);
                self.indices.push(i.clone());
                let body = self.in_loop(3);
                self.indices.pop();
                format!("for {i} in {range} {{\n{body}}}\n")
            }
            12 if !deep => {
                // A sum of what is steep, row by row.
                let (i, u) = (self.name("i"), self.name("u"));
                self.indices.push(i.clone());
                let body = format!("let mut {u} = 0.0;\nfor {i} in 0..3 {{\n{u} += {};\n}}\n", self.atom());
                self.indices.pop();
                self.locals.push(u);
                body
            }
            13 if !deep => {
                let k = self.name("c");
                let test = self.condition();
                let body = self.in_loop(2);
                format!("let mut {k} = 0;\nwhile {k} < 3 && ({test}) {{\n{k} += 1;\n{body}}}\n")
            }
            // Nothing steep is written into the array: the elements of its adjoint are not told apart.
            14 => format!("w[{}] = 0.5 * w[{}] * {} + 0.1;\n", self.index(), self.index(), self.given()),
            15 if self.loops > 0 => {
                let leave = self.choices.one(&["break", "continue", "return s + t"]);
                format!("if {} {{\n{leave};\n}}\n", self.condition())
            }
            _ => format!("t = {};\n", self.expr()),
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
        let body = self.statements(5);
        let result = self.choices.one(&["s", "s + t", "s * t", "s + r", "s.max(t)", "s * s + t * r"]);
        format!(
            "{SIGNATURE} {{\nlet mut s = 0.25 * a;\nlet mut t = b;\nlet mut r = a + b;\nlet mut w = vec![0.5; x.len()];\n{body}{result}\n}}"
        )
    }
}

fn program_of(bytes: &[u8]) -> String {
    let choices = Choices::new(bytes);
    Writer { choices, indices: Vec::new(), depth: 0, names: 0, locals: Vec::new(), loops: 0 }.program()
}

/// Value, gradient and Hessian by one way.
struct Way {
    name: &'static str,
    function: Function,
}

fn ways(what: &str, source: &str) -> (Function, Vec<Way>) {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|e| panic!("{what}\n{e}"));
    let f = rust::read(&item, &Default::default()).unwrap_or_else(|r| panic!("{what}\n{:?}", r.problems)).function;
    let wrt: Vec<usize> = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
    let prepared = opt::prepare(&f);
    let gradient = |f, mode| ad::gradient(f, &wrt, mode).unwrap_or_else(|p| panic!("{what}\n{p}"));
    let hessian = ad::hessian(&prepared, &wrt).unwrap_or_else(|p| panic!("{what}\n{p}"));
    let ways = vec![
        Way { name: "reverse as written", function: gradient(&f, Mode::Reverse) },
        Way { name: "reverse", function: opt::optimise(&gradient(&prepared, Mode::Reverse)) },
        Way { name: "forward", function: opt::optimise(&gradient(&prepared, Mode::Forward)) },
        Way { name: "Hessian", function: opt::optimise(&hessian) },
    ];
    (f, ways)
}

fn run(what: &str, f: &Function, args: &[Datum]) -> Vec<f64> {
    floats(&eval(f, args).unwrap_or_else(|e| panic!("{what}\n{e}")))
}

fn near(x: f64, y: f64) -> bool {
    x == y || (x - y).abs() <= 1e-9 * (1.0 + y.abs())
}

/// What is wrong with a program; `None` too where it says nothing, for it has no value.
fn fault(source: &str) -> Option<String> {
    let (f, ways) = ways(source, source);
    // In two orders: at 0 all are equal, and which is the largest is a question of ties.
    let points = [point([0.0; 4]), point([1e-9, 2e-9, 3e-9, 4e-9]), point([4e-6, 3e-6, 2e-6, 1e-6])];
    let values = points.each_ref().map(|at| run(source, &f, at)[0]);
    // What is computed near 0 must be what is computed at 0: a NaN may be what decides.
    let is_one = values.iter().all(|v| v.is_finite() && (v - values[0]).abs() < 0.02 * (1.0 + v.abs()));
    for way in ways.iter().filter(|_| is_one) {
        let [here, near_zero, further] =
            points.each_ref().map(|at| run(&format!("{source}\n{}", way.name), &way.function, at));
        let matters = ZEROS.iter().any(|k| near_zero[1 + k] != 0.0 || further[1 + k] != 0.0);
        let is_wrong = |k: usize| {
            let (here, near_zero, further) = (here[k], near_zero[k], further[k]);
            if matters || values.iter().any(|v| *v != values[0]) {
                k <= FLOATS && here == 0.0 && near_zero.abs() > 1e2 && further.abs() > 1e1
            } else {
                near_zero.is_finite() && near_zero == further && !near(here, near_zero)
            }
        };
        if let Some(k) = (1..here.len()).find(|k| is_wrong(*k)) {
            let name = way.name;
            let n = FLOATS + 1;
            return Some(format!(
                "{source}\n{name}: {k}\nat 0: {:?}\nnear: {:?}\n{k}: {} near: {} {}",
                &here[..n],
                &near_zero[..n],
                here[k],
                near_zero[k],
                further[k]
            ));
        }
    }
    None
}

#[test]
fn what_is_overruled_does_not_contribute() {
    let mut runner = runner(1);
    let bytes = prop::collection::vec(any::<u8>(), 4..60);
    let programs =
        (0..count(200)).map(|_| program_of(&bytes.new_tree(&mut runner).expect("bytes can be made").current()));
    let mut faults: Vec<String> = programs.filter_map(|source| fault(&source)).collect();
    faults.sort_by_key(String::len);
    let first: Vec<&str> = faults.iter().take(8).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} programs\n\n{}", faults.len(), first.join("\n\n"));
}
