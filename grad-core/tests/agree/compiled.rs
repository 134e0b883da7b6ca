//! Emitted Rust of many functions in one file: compiled without a warning, run once, its numbers read back.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use grad_core::compile::{Options, compile};
use grad_core::emit::{Interface, Layout};
use grad_core::ir::Function;
use grad_core::ir::eval::{Array, Data, Datum};

/// One function, a point, and the value and gradient that are expected.
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) function: Function,
    pub(crate) interface: Interface,
    pub(crate) args: Vec<Datum>,
    pub(crate) expected: (f64, Vec<f64>),
    /// Rust that defines the primal; the emitted one is used where there is none.
    pub(crate) source: Option<String>,
}

fn literal(data: &Data) -> String {
    match data {
        Data::Float(x) => {
            x.iter().map(|x| format!("f64::from_bits({:#x})", x.to_bits())).collect::<Vec<_>>().join(", ")
        }
        Data::Int(x) => x.iter().map(i64::to_string).collect::<Vec<_>>().join(", "),
        Data::Bool(x) => x.iter().map(bool::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// The argument in the form that the signature takes it in.
pub(crate) fn argument(layout: &Layout, arg: &Datum) -> String {
    match arg {
        Datum::Float(x) => format!("f64::from_bits({:#x})", x.to_bits()),
        Datum::Int(n) => n.to_string(),
        Datum::Bool(b) => b.to_string(),
        Datum::Array(Array { dims, data }) => {
            let flat = literal(data);
            match (layout, dims.as_slice()) {
                (Layout::Nested(axes), [_, columns]) if axes.len() == 2 => {
                    let elements: Vec<&str> = flat.split(", ").collect();
                    let rows: Vec<String> = elements.chunks(*columns).map(|r| format!("[{}]", r.join(", "))).collect();
                    format!("&[{}]", rows.join(", "))
                }
                _ => format!("&[{flat}]"),
            }
        }
    }
}

/// Compiles and runs them all; their numbers must be those expected.
pub(crate) fn check(name: &str, cases: &[Case]) {
    let mut text = String::from("#![deny(warnings)]\n#![allow(dead_code)]\n");
    let mut main = String::from("fn main() {\n");
    text.push_str(SHOW);
    for (k, case) in cases.iter().enumerate() {
        let wrt: Vec<usize> =
            (0..case.function.params.len()).filter(|k| case.function.param_type(*k).is_float()).collect();
        let options = Options {
            wrt: wrt.clone(),
            prefix: case.interface.name.clone(),
            primal: case.source.is_none(),
            gradient: true,
            split: true,
            jvp: true,
            embed: Some(grad_math::embed),
            ..Options::default()
        };
        let emitted =
            compile(&case.function, &case.interface, &options).unwrap_or_else(|p| panic!("{}\n{p}", case.what));
        let again = compile(&case.function, &case.interface, &options).unwrap_or_else(|p| panic!("{}\n{p}", case.what));
        assert_eq!(emitted, again, "{}\nis not compiled to the same text twice", case.what);
        let _ = writeln!(text, "mod m{k} {{");
        if let Some(source) = &case.source {
            let _ = writeln!(text, "    #[allow(warnings)]\n    pub {source}");
        }
        text.push_str(&emitted);
        text.push_str("}\n");
        let forms = &case.interface.params;
        let args: Vec<String> = forms.iter().zip(&case.args).map(|(form, arg)| argument(&form.layout, arg)).collect();
        let f = &case.interface.name;
        let call = args.join(", ");
        let fields: Vec<String> = if wrt.len() == 1 {
            vec!["show(&grad, &mut all);".into()]
        } else {
            wrt.iter().map(|k| format!("show(&grad.{}, &mut all);", forms[*k].name)).collect()
        };
        let fields = fields.join(" ");
        let tangents: Vec<String> = wrt.iter().map(|k| argument(&forms[*k].layout, &ones(&case.args[*k]))).collect();
        let _ = writeln!(
            main,
            "    {{ let mut all = vec![m{k}::{f}({call})]; let (value, grad) = m{k}::{f}_grad({call}); all.push(value); \
             {fields} let (value, residuals) = m{k}::{f}_forward({call}); all.push(value); \
             let grad = m{k}::{f}_backward(&residuals, {call}, 1.0); {fields} \
             let (value, slope) = m{k}::{f}_jvp({call}, {}); all.push(value); all.push(slope); \
             println!(\"{{}}\", all.iter().map(|x| format!(\"{{:x}}\", x.to_bits())).collect::<Vec<_>>().join(\" \")); }}",
            tangents.join(", ")
        );
    }
    main.push_str("}\n");
    let lines = run(name, &format!("{text}{main}"));
    assert_eq!(lines.len(), cases.len());
    for (got, case) in lines.iter().zip(cases) {
        let (value, gradient) = &case.expected;
        let mut expected = vec![*value, *value];
        expected.extend(gradient);
        expected.push(*value);
        expected.extend(gradient);
        expected.extend([*value, gradient.iter().sum()]);
        let scale = gradient.iter().fold(0.0_f64, |m, g| if g.is_finite() { m.max(g.abs()) } else { m });
        assert_eq!(got.len(), expected.len(), "{}", case.what);
        for (a, b) in got.iter().zip(&expected) {
            let close = a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * (1.0 + scale * 4.0 + b.abs());
            assert!(close, "{}\n at {:?}\ncompiled {got:?}\nexpected {expected:?}", case.what, case.args);
        }
    }
}

/// Compiles a program without a warning and runs it: the floats of each line, which it prints as their bits.
pub(crate) fn run(name: &str, text: &str) -> Vec<Vec<f64>> {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (source, binary) = (dir.join(format!("{name}.rs")), dir.join(name));
    std::fs::write(&source, text).expect("the target directory can be written");
    let out = Command::new("rustc")
        .args(["--edition", "2024", "-C", "debuginfo=0", "-o"])
        .args([&binary, &source])
        .output()
        .expect("rustc is there");
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{}\n{}", source.display(), &errors[..errors.floor_char_boundary(6000)]);
    let out = Command::new(&binary).output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let number = |x: &str| f64::from_bits(u64::from_str_radix(x, 16).expect("the bits of a float"));
    String::from_utf8(out.stdout).expect("text").lines().map(|line| line.split(' ').map(number).collect()).collect()
}

fn ones(like: &Datum) -> Datum {
    match like {
        Datum::Array(Array { dims, data: Data::Float(x) }) => {
            Datum::Array(Array { dims: dims.clone(), data: Data::Float(vec![1.0; x.len()]) })
        }
        _ => Datum::Float(1.0),
    }
}

/// Any gradient as a row of floats.
pub(crate) const SHOW: &str = "
trait Floats {
    fn floats(&self, all: &mut Vec<f64>);
}
impl Floats for f64 {
    fn floats(&self, all: &mut Vec<f64>) {
        all.push(*self);
    }
}
impl<T: Floats> Floats for Vec<T> {
    fn floats(&self, all: &mut Vec<f64>) {
        self.iter().for_each(|x| x.floats(all));
    }
}
impl<T: Floats, const N: usize> Floats for [T; N] {
    fn floats(&self, all: &mut Vec<f64>) {
        self.iter().for_each(|x| x.floats(all));
    }
}
fn show(x: &impl Floats, all: &mut Vec<f64>) {
    x.floats(all);
}
";
