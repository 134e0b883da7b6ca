//! The emitted Rust of a whole corpus in one file: compiled once without a warning, run once, its numbers read back.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use grad_core::compile::{Options, compile};
use grad_core::emit::{Interface, Layout, standalone};
use grad_core::ir::eval::{Array, Data, Datum};
use grad_core::ir::{Function, SizeId};

use crate::check::Got;
use crate::data::Part;

/// A function to be emitted, and the points to run it at.
pub(crate) struct Job {
    pub(crate) source: String,
    pub(crate) function: Function,
    pub(crate) wrt: Vec<usize>,
    pub(crate) points: Vec<Vec<Datum>>,
    pub(crate) hessian: bool,
}

fn bits(x: &f64) -> String {
    format!("f64::from_bits({:#x})", x.to_bits())
}

/// The argument in the form that the signature takes it in.
fn argument(layout: &Layout, arg: &Datum) -> String {
    let (dims, flat): (&[usize], Vec<String>) = match arg {
        Datum::Float(x) => return bits(x),
        Datum::Int(n) => return n.to_string(),
        Datum::Bool(b) => return b.to_string(),
        Datum::Array(Array { dims, data }) => match data {
            Data::Float(x) => (dims, x.iter().map(bits).collect()),
            Data::Int(x) => (dims, x.iter().map(i64::to_string).collect()),
            Data::Bool(x) => (dims, x.iter().map(bool::to_string).collect()),
        },
    };
    match (layout, dims) {
        (Layout::Nested(axes), [_, columns]) if axes.len() == 2 => {
            let rows: Vec<String> = flat.chunks(*columns).map(|row| format!("[{}]", row.join(", "))).collect();
            format!("&[{}]", rows.join(", "))
        }
        _ => format!("&[{}]", flat.join(", ")),
    }
}

/// The arguments of a call: those of the point, and the lengths that no slice tells.
fn call(f: &Function, function: &Function, interface: &Interface, point: &[Datum]) -> String {
    let length = |k: usize| {
        let name = &function.params[k].name;
        let size = f.sizes.iter().position(|s| s == name).expect("a length has a name");
        let size = SizeId(u32::try_from(size).expect("there are few lengths"));
        let (k, axis) = f.size_source(size).expect("an array has it");
        match &point[k] {
            Datum::Array(a) => a.dims[axis].to_string(),
            _ => unreachable!("a length is an array's"),
        }
    };
    let args = point.iter().zip(&interface.params).map(|(arg, form)| argument(&form.layout, arg));
    args.chain((point.len()..function.params.len()).map(length)).collect::<Vec<_>>().join(", ")
}

/// For each job, for each of its points, what the emitted Rust gives.
pub(crate) fn run(name: &str, jobs: &[Job]) -> Vec<Vec<Vec<Got>>> {
    let mut text = format!("#![deny(warnings)]\n#![allow(dead_code)]\n{SHOW}");
    let mut main = String::from("fn main() {\n");
    for (k, job) in jobs.iter().enumerate() {
        let (function, interface) = standalone(&job.function);
        let options = Options {
            wrt: job.wrt.clone(),
            prefix: interface.name.clone(),
            primal: true,
            gradient: true,
            hessian: job.hessian,
            embed: Some(grad_math::embed),
            ..Options::default()
        };
        let emitted = compile(&function, &interface, &options).unwrap_or_else(|p| panic!("{}\n{p}", job.source));
        let _ = writeln!(text, "mod m{k} {{\n{emitted}}}");
        let fields = match job.wrt.as_slice() {
            [_] => "show(&g, &mut all);".to_string(),
            many => many.iter().map(|k| format!("show(&g.{}, &mut all);", interface.params[*k].name)).collect(),
        };
        let f = &interface.name;
        let _ = writeln!(main, "    {{\n        use m{k}::*;");
        for point in &job.points {
            let call = call(&job.function, &function, &interface, point);
            let _ = write!(
                main,
                "        {{ let mut all = vec![{f}({call})]; let (v, g) = {f}_grad({call}); all.push(v); {fields} "
            );
            if job.hessian {
                let _ = write!(main, "let (v, g, h) = {f}_hessian({call}); all.push(v); {fields} show(&h, &mut all); ");
            }
            main.push_str("print(&all); }\n");
        }
        main.push_str("    }\n");
    }
    main.push_str("}\n");
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (source, binary) = (dir.join(format!("corpus_{name}.rs")), dir.join(format!("corpus_{name}")));
    std::fs::write(&source, format!("{text}{main}")).expect("the target directory can be written");
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let compiler =
        Command::new(rustc).args(["--edition", "2024", "-C", "debuginfo=0", "-o"]).args([&binary, &source]).output();
    let compiler = compiler.expect("rustc is there");
    let errors = String::from_utf8_lossy(&compiler.stderr);
    assert!(compiler.status.success(), "{}\n{}", source.display(), &errors[..errors.floor_char_boundary(6000)]);
    let ran = Command::new(&binary).output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let out = String::from_utf8(ran.stdout).expect("text");
    let mut lines = out.lines();
    let mut points = |job: &Job| -> Vec<Vec<Got>> {
        (job.points.iter()).map(|_| gots(lines.next().expect("each point prints a line"), job.hessian)).collect()
    };
    let gots = jobs.iter().map(&mut points).collect();
    assert_eq!(lines.next(), None);
    gots
}

/// Value; value and gradient; value, gradient and Hessian: 2 + g numbers, and 1 + g + g² with a Hessian.
fn gots(line: &str, hessian: bool) -> Vec<Got> {
    let bits = line.split(' ').map(|x| u64::from_str_radix(x, 16).expect("the bits of a float"));
    let all: Vec<f64> = bits.map(f64::from_bits).collect();
    let len = |g: usize| if hessian { 3 + 2 * g + g * g } else { 2 + g };
    let g = (0..).find(|g| len(*g) >= all.len()).expect("there is such a number");
    let got = |way: &'static str, part: Part, from: usize, len: usize| Got {
        way,
        part,
        numbers: all[from..(from + len).min(all.len())].to_vec(),
    };
    let mut gots = vec![
        got("emitted", Part::Value, 0, 1),
        got("emitted with the gradient", Part::Value, 1, 1),
        got("emitted", Part::Gradient, 2, g),
    ];
    if hessian {
        gots.extend([
            got("emitted with the Hessian", Part::Value, 2 + g, 1),
            got("emitted with the Hessian", Part::Gradient, 3 + g, g),
            got("emitted", Part::Hessian, 3 + 2 * g, g * g),
        ]);
    }
    gots
}

/// Any derivative as a row of floats.
const SHOW: &str = "
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
fn print(all: &[f64]) {
    println!(\"{}\", all.iter().map(|x| format!(\"{:x}\", x.to_bits())).collect::<Vec<_>>().join(\" \"));
}
";
