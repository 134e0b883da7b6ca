//! `grad derive`: the code of a formula's value and derivatives.

use std::path::Path;

use grad_core::ad::{self, Mode};
use grad_core::compile::{self, Options};
use grad_core::diagnostic::{Origin, Problem};
use grad_core::emit::{ArgForm, Form, standalone};
use grad_core::front::formula;
use grad_core::ir::{Float, Function, Param, Type};
use grad_core::opt;

use crate::arguments::{Derive, FloatName, ModeName, Target};
use crate::source::{Source, is_identifier};
use crate::{Failure, report};

pub(crate) fn run(arguments: &Derive) -> Result<(), Failure> {
    if arguments.to != Target::Rust {
        return Err(Failure::Input("error: this target is not there yet: `--to rust` is\n".to_string()));
    }
    let source = Source::read(&arguments.formula)?;
    let named = trimmed(&arguments.wrt);
    let name = match &arguments.name {
        Some(name) if !is_identifier(name) => {
            return Err(Failure::Input(format!("error: `{name}` cannot be the name of a function\n")));
        }
        Some(name) => name.clone(),
        None => source.stem().unwrap_or_else(|| "f".to_string()),
    };
    let simplify = arguments.simplification.read();
    let primal = formula::read_under(&name, &source.text, &named, &simplify)
        .map_err(|rejected| report::rejected(&source, &rejected))?;
    simplify.assume.check(&primal.function).map_err(|e| Failure::errors(&[e]))?;
    let mut function = primal.function;
    function.float = match arguments.float {
        FloatName::F64 => Float::F64,
        FloatName::F32 => Float::F32,
    };
    let wrt = active(&function, &named).map_err(|words| Failure::errors(&words))?;
    let scalar = is_scalar(&function);
    if arguments.order >= 2 && !wrt.is_empty() && !scalar {
        return Err(Failure::errors(&["`--order 2` needs a formula with one number as its result".to_string()]));
    }
    let (function, interface) = standalone(&function);
    let differentiated = arguments.order >= 1 && !wrt.is_empty();
    let mode = match arguments.mode {
        ModeName::Reverse => Mode::Reverse,
        ModeName::Forward => Mode::Forward,
    };
    let options = Options {
        prefix: interface.name.clone(),
        mode,
        primal: true,
        gradient: differentiated && scalar,
        // A function of several results has no gradient: its adjoints take a cotangent for each result, and its
        // tangents one for each parameter.
        split: differentiated && !scalar && mode == Mode::Reverse,
        jvp: differentiated && !scalar && mode == Mode::Forward,
        hessian: arguments.order >= 2 && !wrt.is_empty(),
        embed: Some(grad_math::embed),
        wrt,
    };
    let problem = |p| report::problem(&source, &p, &primal.spans);
    if arguments.trace {
        trace(&function, &options).map_err(problem)?;
    }
    let text = compile::compile(&function, &interface, &options).map_err(problem)?;
    match &arguments.output {
        None => report::to_stdout(&text),
        Some(path) if arguments.check => check(path, &text),
        Some(path) => write(path, &text),
    }
}

/// The names of `--wrt`, without the blanks around them.
pub(crate) fn trimmed(wrt: &[String]) -> Vec<String> {
    wrt.iter().map(|name| name.trim().to_string()).collect()
}

/// Whether the result is one float: it has a gradient.
pub(crate) fn is_scalar(f: &Function) -> bool {
    f.body.results.len() == 1 && *f.body.ty(f.body.results[0]) == Type::FLOAT
}

/// The places of the active parameters, or what is wrong with each name.
pub(crate) fn active(f: &Function, wrt: &[String]) -> Result<Vec<usize>, Vec<String>> {
    let named: Option<Vec<(String, Origin)>> =
        (!wrt.is_empty()).then(|| wrt.iter().map(|n| (n.clone(), Origin(u32::MAX))).collect());
    let arg = |(k, p): (usize, &Param)| ArgForm { name: p.name.clone(), ty: String::new(), form: Form::Param(k) };
    let args: Vec<ArgForm> = f.params.iter().enumerate().map(arg).collect();
    compile::active(f, &args, &[], named.as_deref()).map_err(|problems| {
        let words = |p: Problem| match p.help {
            Some(help) => format!("{}: {help}", p.title),
            None => p.title,
        };
        problems.into_iter().map(words).collect()
    })
}

/// The graph after each pass, on standard error.
fn trace(f: &Function, options: &Options) -> Result<(), Problem> {
    let show = |name: &str, f: &Function| {
        report::to_stderr(&format!("== {name} ==\n{}\n", grad_core::ir::print::print(f)));
    };
    show("primal", f);
    let mut f = f.clone();
    for pass in opt::PREPARATION {
        f = pass.run(&f);
        show(pass.name, &f);
    }
    let mut derivatives = Vec::new();
    if options.gradient {
        derivatives.push(("gradient", ad::gradient(&f, &options.wrt, options.mode)?));
    }
    if options.split {
        derivatives.push(("adjoint", ad::vjp(&f, &options.wrt)?));
    }
    if options.jvp {
        derivatives.push(("tangent", ad::jvp(&f, &options.wrt)?));
    }
    if options.hessian {
        derivatives.push(("hessian", ad::hessian(&f, &options.wrt)?));
    }
    if derivatives.is_empty() {
        derivatives.push(("value", f));
    }
    for (what, mut g) in derivatives {
        show(what, &g);
        for pass in opt::PIPELINE.iter().chain(opt::FINISH) {
            g = pass.run(&g);
            show(&format!("{what}: {}", pass.name), &g);
        }
    }
    Ok(())
}

/// Fails if the file differs.
fn check(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display();
    let found = std::fs::read(path).map_err(|e| Failure::Check(format!("error: `{shown}` cannot be read: {e}\n")))?;
    if found == text.as_bytes() {
        return Ok(());
    }
    let found = String::from_utf8_lossy(&found);
    let mut lines = found.lines().zip(text.lines()).enumerate();
    let (there, here) = (found.lines().count(), text.lines().count());
    let difference = match lines.find(|(_, (a, b))| a != b) {
        Some((k, (a, b))) => format!("line {}:\n  in the file: {a}\n  generated:   {b}\n", k + 1),
        None if there == here => "the ends of its lines differ\n".to_string(),
        None => format!("one has {there} lines, the other {here}\n"),
    };
    Err(Failure::Check(format!("error: `{shown}` is not what is generated now; {difference}")))
}

/// Writes a file whole or not at all; what is no regular file, such as a pipe, is written to.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display();
    let failed = |e: std::io::Error| Failure::Input(format!("error: `{shown}` cannot be written: {e}\n"));
    // A link stays a link: the file that it leads to is written.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let permissions = match std::fs::metadata(path) {
        Err(_) => None,
        Ok(there) if there.is_dir() => {
            return Err(Failure::Input(format!("error: `{shown}` is a folder\n")));
        }
        Ok(there) if !there.is_file() => return std::fs::write(path, text).map_err(failed),
        Ok(there) if there.permissions().readonly() => {
            return Err(Failure::Input(format!("error: `{shown}` is read-only\n")));
        }
        Ok(_) if std::fs::read(path).is_ok_and(|found| found == text.as_bytes()) => return Ok(()),
        Ok(there) => Some(there.permissions()),
    };
    let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = std::fs::write(&part, text)
        .and_then(|()| permissions.map_or(Ok(()), |p| std::fs::set_permissions(&part, p)))
        .and_then(|()| std::fs::rename(&part, path));
    written.map_err(|e| {
        let _ = std::fs::remove_file(&part);
        failed(e)
    })
}
