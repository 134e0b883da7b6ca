//! Primals by hand, their generated code in one file, and a program that checks it.

mod golden;
#[cfg(feature = "formula")]
mod matrices;
mod primals;
mod printer;
mod size;
mod storage;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use grad_core::ad::{Mode, gradient, split};
use grad_core::emit::{ArgForm, Axis, Interface, Layout, ParamForm, Request, ResultForm, ResultHome, derivative};
use grad_core::ir::{Dim, Elem, Function};
use grad_core::opt::optimise;

/// How a test's function is passed in Rust: arrays of literal lengths by reference, slices otherwise.
pub(crate) fn interface(f: &Function) -> Interface {
    let float = f.float.name();
    let sizes = (0..f.sizes.len())
        .map(|s| {
            let (k, axis) = f.size_source(grad_core::ir::SizeId(s as u32)).expect("a parameter has the size");
            if axis == 0 && f.param_type(k).rank() == 1 {
                format!("{}.len()", f.params[k].name)
            } else {
                f.sizes[s].to_string()
            }
        })
        .collect();
    let form = |name: &str, ty: &grad_core::ir::Type| {
        let scalar = match ty.elem {
            Elem::Float => float,
            Elem::Int(kind) => kind.name(),
            Elem::Bool => "bool",
        };
        let lits: Option<Vec<usize>> =
            ty.dims.iter().map(|d| if let Dim::Lit(n) = d { Some(*n) } else { None }).collect();
        match (ty.rank(), lits) {
            (0, _) => (scalar.to_string(), scalar.to_string(), Layout::Scalar),
            (n, Some(lits)) => {
                let owned = lits.iter().rev().fold(scalar.to_string(), |t, n| format!("[{t}; {n}]"));
                (format!("&{owned}"), owned, Layout::Nested(vec![Axis::Array; n]))
            }
            (1, None) => (format!("&[{scalar}]"), format!("Vec<{scalar}>"), Layout::Nested(vec![Axis::Slice])),
            (_, None) => (format!("&[{scalar}]"), format!("Vec<{scalar}>"), Layout::Flat),
        }
        .clone_with(name)
    };
    let params: Vec<ParamForm> = (0..f.params.len()).map(|k| form(&f.params[k].name, f.param_type(k))).collect();
    let results = f
        .body
        .results
        .iter()
        .map(|r| {
            let form = form("", f.body.ty(*r));
            ResultForm { ty: form.owned, layout: form.layout, home: ResultHome::Returned }
        })
        .collect();
    Interface {
        name: f.name.to_string(),
        visibility: "pub".into(),
        args: ArgForm::each(&params),
        params,
        results,
        sizes,
        math: String::new(),
        ..Interface::default()
    }
}

trait Form {
    fn clone_with(self, name: &str) -> ParamForm;
}

impl Form for (String, String, Layout) {
    fn clone_with(self, name: &str) -> ParamForm {
        ParamForm { name: name.into(), by_ref: self.0.starts_with('&'), ty: self.0, owned: self.1, layout: self.2 }
    }
}

/// Everything that can be generated for a function with a scalar result.
pub(crate) fn emitted(f: &Function, wrt: &[usize]) -> String {
    let f = optimise(f);
    let interface = interface(&f);
    let gradient = optimise(&gradient(&f, wrt, Mode::Reverse).expect("it has a gradient"));
    let mut split = split(&f, wrt, &[]).expect("it has a gradient");
    split.forward = optimise(&split.forward);
    split.backward = optimise(&split.backward);
    let request = Request {
        interface: &interface,
        prefix: &f.name,
        wrt,
        primal: Some(&f),
        gradient: Some(&gradient),
        into: Some(&gradient),
        split: Some(&split),
        jvp: None,
        hessian: None,
        embed: None,
    };
    derivative(&request).expect("it can be written")
}

/// Compiles a program with no warning allowed and runs it.
pub(crate) fn run(name: &str, text: &str) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let source = dir.join(format!("{name}.rs"));
    std::fs::write(&source, text).expect("the target directory can be written");
    formatted(&source, text);
    let binary = dir.join(name);
    let out = Command::new("rustc")
        .args(["--edition", "2024", "-D", "warnings", "-C", "debuginfo=0", "-o"])
        .args([&binary, &source])
        .output()
        .expect("rustc is there");
    assert!(out.status.success(), "{}\n{text}", String::from_utf8_lossy(&out.stderr));
    let out = Command::new(&binary).output().expect("it runs");
    assert!(out.status.success(), "{}\n{text}", String::from_utf8_lossy(&out.stderr));
}

/// rustfmt changes nothing (where there is one).
fn formatted(source: &Path, text: &str) {
    let config = format!("{}/formatted", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&config).expect("the target directory can be written");
    std::fs::write(format!("{config}/rustfmt.toml"), "").expect("the target directory can be written");
    let Ok(out) = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet", "--config-path", &config])
        .arg(source)
        .output()
    else {
        return;
    };
    let after = String::from_utf8_lossy(&out.stdout);
    if out.status.success() && after != text {
        let diff: String = similar(text, &after);
        panic!("rustfmt would change:\n{diff}");
    }
}

fn similar(a: &str, b: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let first = a.iter().zip(&b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
    let mut out = String::new();
    for line in a.iter().skip(first.saturating_sub(3)).take(12) {
        let _ = writeln!(out, "- {line}");
    }
    for line in b.iter().skip(first.saturating_sub(3)).take(12) {
        let _ = writeln!(out, "+ {line}");
    }
    out
}

/// Asserts that two numbers agree, in the program.
const CLOSE: &str = "
fn close(a: f64, b: f64) {
    let off = (a - b).abs();
    assert!(off <= 1e-9 * (1.0 + b.abs()), \"{a} is not {b}\");
}

fn numeric(f: impl Fn(&[f64]) -> f64, x: &[f64]) -> Vec<f64> {
    let h = 1e-5;
    (0..x.len())
        .map(|k| {
            let at = |d: f64| {
                let mut y = x.to_vec();
                y[k] += d;
                f(&y)
            };
            (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
        })
        .collect()
}

fn near(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (x, y) in a.iter().zip(b) {
        let off = (x - y).abs();
        assert!(off <= 1e-7 * (1.0 + y.abs()), \"{a:?} is not {b:?}\");
    }
}
";
