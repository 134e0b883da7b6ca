//! `grad derive`: the code of a formula's value and derivatives.

use std::path::Path;

use grad_core::ad::{self, Mode};
use grad_core::compile::{self, Options};
use grad_core::diagnostic::Origin;
use grad_core::emit::standalone;
use grad_core::front::formula;
use grad_core::ir::{Float, Function, Type};
use grad_core::opt;

use crate::arguments::{Derive, FloatName, ModeName, Target};
use crate::source::{Source, is_identifier};
use crate::{Failure, report};

pub(crate) fn run(arguments: &Derive) -> Result<(), Failure> {
    if arguments.to != Target::Rust {
        return Err(Failure::Input("error: this target is not there yet: `--to rust` is\n".to_string()));
    }
    let source = Source::read(&arguments.formula)?;
    let name = match &arguments.name {
        Some(name) if !is_identifier(name) => {
            return Err(Failure::Input(format!("error: `{name}` cannot be the name of a function\n")));
        }
        Some(name) => name.clone(),
        None => source.stem().unwrap_or_else(|| "f".to_string()),
    };
    let primal =
        formula::read(&name, &source.text, &arguments.wrt).map_err(|rejected| report::rejected(&source, &rejected))?;
    let mut function = primal.function;
    function.float = match arguments.float {
        FloatName::F64 => Float::F64,
        FloatName::F32 => Float::F32,
    };
    let wrt = active(&function, &arguments.wrt)?;
    let (function, interface) = standalone(&function);
    let scalar = function.body.results.len() == 1 && *function.body.ty(function.body.results[0]) == Type::FLOAT;
    let options = Options {
        prefix: interface.name.clone(),
        mode: match arguments.mode {
            ModeName::Reverse => Mode::Reverse,
            ModeName::Forward => Mode::Forward,
        },
        primal: true,
        gradient: arguments.order >= 1 && !wrt.is_empty() && scalar,
        // A function of several results has no gradient: its adjoints take a cotangent for each.
        split: arguments.order >= 1 && !wrt.is_empty() && !scalar,
        hessian: arguments.order >= 2 && !wrt.is_empty(),
        embed: Some(grad_math::embed),
        wrt,
        ..Options::default()
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

/// The places of the active parameters.
pub(crate) fn active(f: &Function, wrt: &[String]) -> Result<Vec<usize>, Failure> {
    let named: Option<Vec<(String, Origin)>> =
        (!wrt.is_empty()).then(|| wrt.iter().map(|n| (n.trim().to_string(), Origin(u32::MAX))).collect());
    compile::active(f, named.as_deref()).map_err(|problems| {
        let lines = problems.iter().map(|p| match &p.help {
            Some(help) => format!("error: {} ({help})\n", p.title),
            None => format!("error: {}\n", p.title),
        });
        Failure::Input(lines.collect())
    })
}

/// The graph after each pass, on standard error.
fn trace(f: &Function, options: &Options) -> Result<(), grad_core::diagnostic::Problem> {
    let show = |name: &str, f: &Function| {
        report::to_stderr(&format!("== {name} ==\n{}\n", grad_core::ir::print::print(f)));
    };
    show("primal", f);
    let mut f = f.clone();
    for pass in opt::PREPARATION {
        f = pass.run(&f);
        show(pass.name, &f);
    }
    let mut g = match (options.gradient, options.split) {
        (true, _) => ad::gradient(&f, &options.wrt, options.mode)?,
        (false, true) => ad::vjp(&f, &options.wrt)?,
        (false, false) => f,
    };
    show("differentiate", &g);
    for pass in opt::PIPELINE {
        g = pass.run(&g);
        show(pass.name, &g);
    }
    Ok(())
}

/// Fails if the file differs.
fn check(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display();
    let found =
        std::fs::read_to_string(path).map_err(|e| Failure::Check(format!("error: `{shown}` cannot be read: {e}\n")))?;
    if found == text {
        return Ok(());
    }
    let mut lines = found.lines().zip(text.lines()).enumerate();
    let difference = match lines.find(|(_, (a, b))| a != b) {
        Some((k, (a, b))) => format!("line {}:\n  in the file: {a}\n  generated:   {b}\n", k + 1),
        None => format!("one has {} lines, the other {}\n", found.lines().count(), text.lines().count()),
    };
    Err(Failure::Check(format!("error: `{shown}` is not what is generated now; {difference}")))
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if std::fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    let failed = |e: std::io::Error| Failure::Input(format!("error: `{}` cannot be written: {e}\n", path.display()));
    if path.is_dir() {
        return Err(Failure::Input(format!("error: `{}` is a folder\n", path.display())));
    }
    let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    std::fs::write(&part, text).map_err(failed)?;
    std::fs::rename(&part, path).map_err(|e| {
        let _ = std::fs::remove_file(&part);
        failed(e)
    })
}
