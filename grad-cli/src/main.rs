//! The command `grad`: a formula in, gradient code out.
//!
//! Arguments, files and exit codes: the mathematics is in grad-core. Exit codes: 0 fine, 1 a check failed, 2 bad input.

mod arguments;
mod derive;
mod eval;
mod functions;
mod json;
mod point;
mod report;
mod source;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Command, Grad};

/// How a command ended, when not well.
#[derive(Debug)]
enum Failure {
    /// Bad input: the message, ready to print.
    Input(String),
    /// A check failed: the message, ready to print.
    Check(String),
    /// The reader of the output has gone away.
    Closed,
}

impl Failure {
    /// Bad input, an error a line.
    fn errors(words: &[String]) -> Failure {
        Failure::Input(words.iter().map(|w| format!("error: {w}\n")).collect())
    }
}

fn main() -> ExitCode {
    match run(std::env::args_os().collect()) {
        Ok(()) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Check(message)) => {
            report::to_stderr(&message);
            ExitCode::from(1)
        }
        Err(Failure::Input(message)) => {
            report::to_stderr(&message);
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Vec<std::ffi::OsString>) -> Result<(), Failure> {
    if let Some(command) = arguments::not_there_yet(&arguments) {
        return Err(Failure::errors(&[format!("the command `{command}` is not there yet")]));
    }
    match Grad::parse_from(arguments::with_command(arguments)).command {
        Command::Derive(arguments) => derive::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Functions(arguments) => functions::run(&arguments),
    }
}
