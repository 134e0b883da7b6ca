//! Value, gradient and Hessian as files say they are, for the interpreter and for the emitted code: `edges.grad` has the
//! points where formulas go wrong, `rows.grad` every function of the table at generic points.

use std::fmt::Write as _;

use grad_core::ad::{self, Mode};
use grad_core::compile::{Options, compile};
use grad_core::emit::standalone;
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};
use grad_core::opt;
use grad_core::prim::ROWS;

use crate::compiled;
use crate::given::{datum, parts};
use crate::ways::floats;

/// A formula at a point, and what is right there.
pub(crate) struct Edge {
    /// For messages.
    what: String,
    function: Function,
    wrt: Vec<usize>,
    args: Vec<Datum>,
    value: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
}

const EDGES: &str = include_str!("edges.grad");
const ROWS_FILE: &str = include_str!("rows.grad");

/// The entries of a file; those of arrays and indices say so in a declaration.
pub(crate) fn edges(file: &str) -> Vec<Edge> {
    let mut edges = Vec::new();
    for entry in file.split("\n\n").skip(1).filter(|entry| !entry.is_empty() && !entry.starts_with("## ")) {
        let mut lines = entry.trim().lines();
        let source = lines.next().expect("an entry has a formula");
        for line in lines {
            let (point, expected) = line.trim_start_matches("# at ").split_once(" -> ").expect("a point and values");
            let (expected, why) = expected.split_once(" : ").unwrap_or((expected, "a generic point"));
            assert!(!why.is_empty());
            let point: Vec<(&str, Datum)> = (parts(point).into_iter())
                .map(|part| part.split_once('=').expect("a name and a value"))
                .map(|(name, value)| {
                    (name, if name == "k" { Datum::Int(value.parse().unwrap()) } else { datum(value) })
                })
                .collect();
            let declared: Vec<String> = point
                .iter()
                .map(|(name, value)| match value {
                    Datum::Array(a) => format!("{name}: {:?}", a.dims),
                    Datum::Int(_) => format!("{name}: index"),
                    Datum::Float(_) | Datum::Bool(_) => (*name).to_string(),
                })
                .collect();
            let text = format!("{}; {source}", declared.join(", "));
            let primal = formula::read("f", &text, &[]).unwrap_or_else(|r| panic!("{text}\n{:?}", r.problems));
            let [value, gradient, hessian] = parts(expected)[..] else { panic!("{line}") };
            let all = |text: &str| floats(&[datum(text)]);
            let function = primal.function;
            edges.push(Edge {
                what: format!("{source}\n{line}"),
                wrt: (0..function.params.len()).filter(|k| function.param_type(*k).is_float()).collect(),
                function,
                args: point.into_iter().map(|(_, value)| value).collect(),
                value: all(value)[0],
                gradient: all(gradient),
                hessian: if hessian == "?" { Vec::new() } else { all(hessian) },
            });
        }
    }
    edges
}

/// The same number, up to rounding.
fn same(x: f64, y: f64) -> bool {
    x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-14 * y.abs()
}

impl Edge {
    /// What is not right in the value, the gradient and the Hessian; `None` where all is.
    fn wrong(&self, way: &str, got: &[f64]) -> Option<String> {
        let mut expected = vec![self.value];
        expected.extend(&self.gradient);
        // A gradient alone, or a Hessian of which the file says nothing.
        let got = if self.hessian.is_empty() { &got[..got.len().min(expected.len())] } else { got };
        if got.len() > expected.len() {
            expected.extend(&self.hessian);
        }
        let fine = got.len() == expected.len()
            && got.iter().zip(&expected).all(|(x, y)| same(*x, *y))
            && (got[0] != 0.0 || got[0].is_sign_negative() == self.value.is_sign_negative());
        (!fine).then(|| format!("{}\n{way}: {got:?}\nexpected {expected:?}\n", self.what))
    }
}

pub(crate) fn by_the_interpreter(edges: Vec<Edge>) {
    let mut wrong = Vec::new();
    for edge in edges {
        let f = opt::prepare(&edge.function);
        for mode in [Mode::Reverse, Mode::Forward] {
            let gradient = ad::gradient(&f, &edge.wrt, mode).unwrap_or_else(|p| panic!("{}\n{p}", edge.what));
            let got = eval(&opt::optimise(&gradient), &edge.args).unwrap_or_else(|e| panic!("{}\n{e}", edge.what));
            wrong.extend(edge.wrong(&format!("{mode:?}"), &floats(&got)));
        }
        let hessian = ad::hessian(&f, &edge.wrt).unwrap_or_else(|p| panic!("{}\n{p}", edge.what));
        let got = eval(&opt::optimise(&hessian), &edge.args).unwrap_or_else(|e| panic!("{}\n{e}", edge.what));
        wrong.extend(edge.wrong("Hessian", &floats(&got)));
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

pub(crate) fn by_the_emitted_code(name: &str, edges: Vec<Edge>) {
    let mut text = String::from("#![deny(warnings)]\n#![allow(dead_code)]\n");
    let mut main = String::from("fn main() {\n");
    text.push_str(compiled::SHOW);
    for (k, edge) in edges.iter().enumerate() {
        let (function, interface) = standalone(&edge.function);
        let options = Options {
            wrt: edge.wrt.clone(),
            prefix: "f".into(),
            gradient: true,
            hessian: true,
            embed: Some(grad_math::embed),
            ..Options::default()
        };
        let emitted = compile(&function, &interface, &options).unwrap_or_else(|p| panic!("{}\n{p}", edge.what));
        let _ = writeln!(text, "mod m{k} {{\n{emitted}}}");
        let forms = &interface.params;
        let args: Vec<String> = forms.iter().zip(&edge.args).map(|(f, a)| compiled::argument(&f.layout, a)).collect();
        let args = args.join(", ");
        let show = |grad: &str| match edge.wrt[..] {
            [_] => format!("show(&{grad}, &mut all);"),
            _ => edge.wrt.iter().map(|k| format!("show(&{grad}.{}, &mut all);", forms[*k].name)).collect(),
        };
        let _ = writeln!(
            main,
            "    {{ let (value, grad) = m{k}::f_grad({args}); let mut all = vec![value]; {} \
             let (value, grad, hessian) = m{k}::f_hessian({args}); all.push(value); {} show(&hessian, &mut all); \
             println!(\"{{}}\", all.iter().map(|x| format!(\"{{:x}}\", x.to_bits())).collect::<Vec<_>>().join(\" \")); }}",
            show("grad"),
            show("grad"),
        );
    }
    main.push_str("}\n");
    let lines = compiled::run(name, &format!("{text}{main}"));
    assert_eq!(lines.len(), edges.len());
    let mut wrong = Vec::new();
    for (got, edge) in lines.iter().zip(&edges) {
        let (gradient, hessian) = got.split_at(1 + edge.gradient.len());
        wrong.extend(edge.wrong("emitted gradient", gradient));
        wrong.extend(edge.wrong("emitted Hessian", hessian));
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn edges_by_the_interpreter() {
    by_the_interpreter(edges(EDGES));
}

#[test]
fn edges_by_the_emitted_code() {
    by_the_emitted_code("agree_edges", edges(EDGES));
}

#[test]
fn every_row_has_its_second_derivatives() {
    for row in ROWS.iter().filter(|row| row.is_function()) {
        assert!(ROWS_FILE.contains(&format!("\n{}(", row.name)), "rows.grad says nothing of `{}`", row.name);
    }
    by_the_interpreter(edges(ROWS_FILE));
}
