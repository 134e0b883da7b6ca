//! Random Rust functions about arrays that are read and written again: gathers and scatters by index arrays, swaps, rows,
//! closures that mutate, arrays of integers that are permuted, loops within loops within choices.

use grad_core::front::rust::{self, RustPrimal};
use grad_core::ir::eval::{Array, Data, Datum, eval};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::compiled::{self, Case};
use crate::formulas::{count, runner};
use crate::ways::{Choices, all_agree, hessian_agrees};

const SIGNATURE: &str =
    "fn f(a: f64, b: f64, x: &[f64], c: &[f64; 6], m: &[[f64; 3]; 3], p: &[usize], q: &[usize], n: usize) -> f64";

/// How long most arrays are.
const N: usize = 6;

fn point() -> Vec<Datum> {
    let indices = |all: &[i64]| Datum::Array(Array { dims: vec![all.len()], data: Data::Int(all.to_vec()) });
    vec![
        Datum::Float(0.7),
        Datum::Float(-1.2),
        Datum::vector(&[0.3, -0.8, 1.43, 0.65, -0.17, 0.92]),
        Datum::vector(&[1.1, 0.25, -0.6, -1.37, 0.48, 0.81]),
        Datum::matrix(3, 3, &[0.5, -1.3, 0.9, 0.15, -0.4, 1.7, -0.25, 0.6, 1.1]),
        indices(&[2, 0, 5, 5, 1, 3]),
        indices(&[3, 1, 0, 5, 2, 4]),
        Datum::Int(6),
    ]
}

struct Writer<'a> {
    choices: Choices<'a>,
    /// Indices below 3 and below 6 in scope.
    threes: Vec<String>,
    sixes: Vec<String>,
    /// Local arrays of 3 elements, and floats.
    arrays: Vec<String>,
    locals: Vec<String>,
    depth: usize,
    names: usize,
    loops: usize,
}

impl Writer<'_> {
    fn three(&mut self) -> String {
        match (self.threes.last().cloned(), self.choices.pick(6)) {
            (Some(i), 0..=2) => i,
            (Some(i), 3) => format!("({i} + 1) % 3"),
            (Some(i), 4) => format!("2 - {i}"),
            (_, 5) => format!("{} % 3", self.six()),
            (_, k) => (k % 3).to_string(),
        }
    }

    fn six(&mut self) -> String {
        let i = match self.sixes.len() {
            0 => self.choices.pick(N).to_string(),
            n => match self.choices.pick(3) {
                0 | 1 => self.sixes[n - 1].clone(),
                _ => self.sixes[self.choices.pick(n)].clone(),
            },
        };
        match self.choices.pick(16) {
            0..=4 => i,
            5 => format!("p[{i}]"),
            6 => format!("q[{i}]"),
            7 | 8 => format!("k[{i}]"),
            9 => format!("({i} + 1) % n"),
            10 => format!("n - 1 - {i}"),
            11 => format!("({i}) ^ 1"),
            12 => format!("({i}) >> 1"),
            13 => match self.threes.last().cloned() {
                Some(r) => format!("{r} + 3 * (({i}) & 1)"),
                None => format!("({i}) & 3"),
            },
            14 => match self.threes.last().cloned() {
                Some(r) => format!("({i}) / 2 + {r}"),
                None => format!("({i}) | 1"),
            },
            _ => self.choices.pick(N).to_string(),
        }
    }

    fn element(&mut self) -> String {
        match self.choices.pick(10) {
            0..=2 => format!("v[{}]", self.six()),
            3 | 4 => format!("w[{}]", self.six()),
            5 => format!("z[{}]", self.six()),
            6 => format!("g[{}][{}]", self.six(), self.three()),
            7 => format!("h[{}][{}]", self.three(), self.three()),
            _ => match self.arrays.len() {
                0 => format!("w[{}]", self.six()),
                n => {
                    let array = self.arrays[self.choices.pick(n)].clone();
                    format!("{array}[{}]", self.three())
                }
            },
        }
    }

    fn leaf(&mut self) -> String {
        match self.choices.pick(12) {
            0 | 1 => "s".into(),
            2 => "t".into(),
            3 => self.choices.one(&["a", "b"]).into(),
            4 => format!("x[{}]", self.six()),
            5 => format!("c[{}]", self.six()),
            6 => match self.locals.len() {
                0 => "0.75_f64".into(),
                n => self.locals[self.choices.pick(n)].clone(),
            },
            _ => self.element(),
        }
    }

    fn expr(&mut self) -> String {
        if self.depth > 5 || self.choices.is_done() {
            return self.leaf();
        }
        self.depth += 1;
        let text = match self.choices.pick(11) {
            0..=3 => self.leaf(),
            4 => format!("({} + {})", self.expr(), self.expr()),
            5 => format!("({} - {})", self.expr(), self.expr()),
            6 | 7 => format!("({}) * ({})", self.expr(), self.expr()),
            8 => format!("({}).{}()", self.expr(), self.choices.one(&["sin", "tanh", "atan", "cos"])),
            9 => format!("if {} {{ {} }} else {{ {} }}", self.condition(), self.expr(), self.expr()),
            _ => {
                let array = self.choices.one(&["v", "w", "c"]);
                let e = self.leaf();
                match self.choices.pick(4) {
                    0 => format!("{array}.iter().map(|e| e * {e}).sum::<f64>()"),
                    1 => format!("{array}.iter().zip(x).map(|(e, o)| e * o).sum::<f64>()"),
                    2 => format!("{array}.iter().fold({e}, |m, e| m.max(*e))"),
                    _ => format!("{array}[1..4].iter().sum::<f64>()"),
                }
            }
        };
        self.depth -= 1;
        text
    }

    /// Of a size that stays within bounds, however often it is computed from itself.
    fn bounded(&mut self) -> String {
        let e = self.expr();
        match self.choices.pick(3) {
            0 => format!("0.9 * ({e}).sin()"),
            1 => format!("0.8 * ({e}).tanh()"),
            _ => format!("0.6 * (({e}) * 0.5).cos() + 0.25"),
        }
    }

    fn condition(&mut self) -> String {
        match self.choices.pick(6) {
            0 => format!("({}) % 2 == 0", self.six()),
            1 => format!("{} > {}", self.six(), self.choices.pick(N)),
            2 => format!("{} != {}", self.six(), self.six()),
            3 => format!("{} > 0.1 && {} < 1.0", self.element(), self.leaf()),
            _ => format!("{} < {}", self.element(), self.leaf()),
        }
    }

    fn place(&mut self) -> String {
        match self.choices.pick(6) {
            0 => "s".into(),
            1 => "t".into(),
            _ => self.element(),
        }
    }

    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn statements(&mut self, most: usize) -> String {
        let mut text = String::new();
        let (locals, arrays) = (self.locals.len(), self.arrays.len());
        let (threes, sixes) = (self.threes.len(), self.sixes.len());
        for _ in 0..1 + self.choices.pick(most) {
            text += &self.statement();
            if self.choices.is_done() {
                break;
            }
        }
        self.locals.truncate(locals);
        self.arrays.truncate(arrays);
        self.threes.truncate(threes);
        self.sixes.truncate(sixes);
        text
    }

    fn statement(&mut self) -> String {
        let deep = self.depth > 4;
        self.depth += 1;
        let text = match self.choices.pick(26) {
            0..=2 => format!("{} = {};\n", self.place(), self.bounded()),
            3 | 4 => format!("{} += 0.1 * {};\n", self.place(), self.bounded()),
            5 => format!("{} *= {};\n", self.place(), self.bounded()),
            6 => {
                let e = self.bounded();
                let name = self.name("q");
                self.locals.push(name.clone());
                format!("let {name} = {e};\n")
            }
            7 if !deep => format!("if {} {{\n{}}}\n", self.condition(), self.statements(2)),
            8 if !deep => {
                format!("if {} {{\n{}}} else {{\n{}}}\n", self.condition(), self.statements(2), self.statements(2))
            }
            9 | 10 if !deep => {
                let i = self.name("r");
                let range = self.choices.one(&["0..3", "(0..3).rev()", "1..3", "0..2", "0..n / 2"]);
                let body = self.in_loop(Some((&i, 3)), 3);
                format!("for {i} in {range} {{\n{body}}}\n")
            }
            11..=14 if !deep => {
                let i = self.name("i");
                let o = self.six();
                let range = match self.choices.pick(9) {
                    0 | 1 => "0..n".to_string(),
                    2 => "0..x.len()".to_string(),
                    3 => "(1..n).rev()".to_string(),
                    4 => "(0..n).step_by(2)".to_string(),
                    5 => format!("{o}..n"),
                    6 => format!("0..{o}"),
                    7 => format!("({o} + 1..n).rev()"),
                    _ => "0..6".to_string(),
                };
                let body = self.in_loop(Some((&i, N)), 3);
                format!("for {i} in {range} {{\n{body}}}\n")
            }
            15 if !deep => {
                let (k, i) = (self.name("c"), self.name("i"));
                let bound = self.choices.one(&["3", "n", "5"]);
                let test = self.condition();
                let body = self.in_loop(Some((&i, N)), 3);
                format!("let mut {k} = 0;\nwhile {k} < {bound} && ({test}) {{\nlet {i} = {k};\n{k} += 1;\n{body}}}\n")
            }
            16 if self.loops > 0 => {
                let leave = self.choices.one(&["break", "continue", "return s * t"]);
                format!("if {} {{\n{leave};\n}}\n", self.condition())
            }
            17 => {
                let (i, j) = (self.six(), self.six());
                match self.choices.pick(4) {
                    0 => format!("v.swap({i}, {j});\n"),
                    1 => format!("{{\nlet (i, j) = ({i}, {j});\nk.swap(i, j);\n}}\n"),
                    2 => "std::mem::swap(&mut v, &mut w);\n".into(),
                    _ => format!("w.swap({i}, {j});\n"),
                }
            }
            18 => format!("{{\nlet (i, j) = ({}, {});\nk[i] = j;\n}}\n", self.six(), self.six()),
            19 => {
                let name = self.name("l");
                let e = self.bounded();
                self.arrays.push(name.clone());
                match self.choices.pick(4) {
                    0 => format!("let mut {name} = [{e}; 3];\n"),
                    1 => format!("let mut {name} = g[{}];\n", self.six()),
                    2 => format!("let mut {name} = [0.0_f64; 3];\nfor r in 0..3 {{ {name}[r] = x[r] * {e}; }}\n"),
                    _ => format!("let mut {name} = vec![{e}; 3];\n"),
                }
            }
            20 => {
                let (name, e, i) = (self.name("row"), self.bounded(), self.six());
                let e2 = self.leaf();
                match self.choices.pick(4) {
                    0 => format!(
                        "let e = {e};\nlet {name} = &mut g[{i}];\n{name}[1] = {name}[0] * e;\n{name}[2] += 0.1;\n"
                    ),
                    1 => format!("let e = {e};\nfor {name} in g.iter_mut() {{ {name}[0] = {name}[1] * e; }}\n"),
                    2 => format!("g[{i}] = [{e}, 0.5, {e2}];\n"),
                    _ => format!("let {name} = g[{i}];\ns = ({name}[0] * {name}[2] + {e}).sin();\n"),
                }
            }
            21 => {
                let (name, e, i, j) = (self.name("set"), self.bounded(), self.six(), self.six());
                match self.choices.pick(3) {
                    0 => format!(
                        "let mut {name} = |i: usize, e: f64| v[i] = v[i] * e + 0.1;\n{name}({i}, {});\n{name}({j}, 0.5);\n",
                        "0.9"
                    ),
                    1 => format!("let e = {e};\nv.iter_mut().zip(x).for_each(|(o, y)| *o = (*o * e + y).sin());\n"),
                    _ => {
                        format!("let e = {e};\nfor (o, y) in w.iter_mut().zip(c.iter()) {{ *o = *o * 0.5 + e * y; }}\n")
                    }
                }
            }
            22 => {
                let (name, e) = (self.name("o"), self.leaf());
                let array = self.choices.one(&["v", "w", "x"]);
                match self.choices.pick(4) {
                    0 => {
                        let text = format!("let {name} = {array}.iter().position(|y| *y > {e}).unwrap_or(0);\n");
                        self.sixes.push(name);
                        text
                    }
                    1 => {
                        let body = {
                            self.sixes.push(name.clone());
                            let body = self.statements(2);
                            self.sixes.pop();
                            body
                        };
                        format!("if let Some({name}) = (0..n).find(|y| {array}[*y] > {e}) {{\n{body}}}\n")
                    }
                    2 => {
                        let text = format!(
                            "let {name} = (0..n).max_by(|y, o| {array}[*y].total_cmp(&{array}[*o])).unwrap_or(0);\n"
                        );
                        self.sixes.push(name);
                        text
                    }
                    _ => {
                        let text = format!(
                            "let mut {name} = 0;\nfor y in 1..n {{ if {array}[y] < {array}[{name}] {{ {name} = y; }} }}\n"
                        );
                        self.sixes.push(name);
                        text
                    }
                }
            }
            23 => {
                let name = self.name("old");
                let (i, e) = (self.three(), self.bounded());
                format!(
                    "let {name} = v.clone();\nfor i in 0..n {{ v[i] = {name}[(i + {i}) % n] * 0.9 + 0.1 * {e}; }}\n"
                )
            }
            24 => {
                let (i, j, e) = (self.six(), self.six(), self.bounded());
                format!(
                    "{{\nlet (y, o) = (v[{i}], w[{j}]);\nlet e = {e};\nv[{i}] = y * e.cos() + o * e.sin();\nw[{j}] = o * e.cos() - y * e.sin();\n}}\n"
                )
            }
            _ => format!("t = s * {};\n", self.bounded()),
        };
        self.depth -= 1;
        text
    }

    fn in_loop(&mut self, index: Option<(&str, usize)>, most: usize) -> String {
        let lens = (self.threes.len(), self.sixes.len());
        match index {
            Some((i, 3)) => self.threes.push(i.to_string()),
            Some((i, _)) => self.sixes.push(i.to_string()),
            None => {}
        }
        self.loops += 1;
        let body = self.statements(most);
        self.loops -= 1;
        self.threes.truncate(lens.0);
        self.sixes.truncate(lens.1);
        body
    }

    fn program(mut self) -> String {
        let body = self.statements(7);
        let result = self.expr();
        around(&body, &result)
    }
}

/// The function with a body of statements and something of a result.
fn around(body: &str, result: &str) -> String {
    format!(
        "{SIGNATURE} {{\nlet mut s = a;\nlet mut t = b * 0.5;\nlet mut v = x.to_vec();\nlet mut w = vec![b; n];\n\
         let mut z = *c;\nlet mut k = q.to_vec();\nlet mut g = vec![[a, 0.3, b]; n];\nlet mut h = *m;\n{body}\
         let mut all = s + t * {result} + h[1][2] * h[2][1] + z[4];\n\
         for i in 0..n {{ all += v[i] * (i as f64 + 0.5) + w[i] * w[k[i]] + g[i][0] * g[i][1] - g[i][2]; }}\nall\n}}"
    )
}

fn program_of(bytes: &[u8]) -> String {
    let choices = Choices::new(bytes);
    Writer {
        choices,
        threes: Vec::new(),
        sixes: Vec::new(),
        arrays: Vec::new(),
        locals: Vec::new(),
        depth: 0,
        names: 0,
        loops: 0,
    }
    .program()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 10..140)
}

/// The function of a source; nothing where it is refused, as arrays that change their lengths in arms are, and where it
/// has no value, for an index may be too large.
fn read(source: &str) -> Option<RustPrimal> {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|e| panic!("{source}\n{e}"));
    let primal = rust::read(&item, &Default::default()).ok()?;
    eval(&primal.function, &point()).is_ok().then_some(primal)
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
    let agreed = runner(count(150)).run(&bytes(), |bytes| {
        let source = program_of(&bytes);
        let Some(primal) = read(&source) else { return Ok(()) };
        all_agree(&source, &primal.function, &point());
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn hessians_agree() {
    let agreed = runner(count(30)).run(&prop::collection::vec(any::<u8>(), 4..70), |bytes| {
        let source = program_of(&bytes);
        let Some(primal) = read(&source) else { return Ok(()) };
        hessian_agrees(&source, &primal.function, &point());
        Ok(())
    });
    agreed.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn compiled_code_agrees() {
    let mut runner = runner(1);
    let cases: Vec<Case> = (0..count(40).min(400))
        .filter_map(|_| {
            let tree = bytes().new_tree(&mut runner).expect("bytes can be made");
            case(program_of(&tree.current()))
        })
        .collect();
    compiled::check("agree_nests", &cases);
}

/// Found by programs such as these.
#[test]
fn found() {
    let sources = [
        // The array is carried by a loop that ends on a condition, in an arm, and no symbol is its length.
        "if a > 0.5 {\nlet mut r = 0;\nwhile r < 3 {\nr += 1;\nfor i in 0..n {\nw[i] = w[i] * w[i] * x[i];\n}\n}\n}\n",
        // A local array of a loop, moved out of it, is the first to read the length.
        "for r in 0..n {\nlet old = v.clone();\nfor i in 0..n {\nv[i] = (old[(i + 1) % n] * x[r]).sin();\n}\n}\n",
    ];
    let cases = sources.map(|body| {
        let source = around(body, "s");
        case(source).expect("it is taken and has a value")
    });
    compiled::check("agree_nests_found", &cases);
}
