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

fn main() -> ExitCode {
    let outcome = match Grad::parse_from(arguments::with_command(std::env::args_os())).command {
        Command::Derive(arguments) => derive::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Functions(arguments) => functions::run(&arguments),
    };
    match outcome {
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
