//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;

use clap::{Args, Parser, Subcommand, ValueEnum};
use grad_core::opt::{Assumptions, Level, Simplify};

/// The gradient compiler: a formula in, value and gradient code out.
#[derive(Parser)]
#[command(name = "grad", version, after_help = "`grad FORMULA` is short for `grad derive FORMULA`.")]
pub(crate) struct Grad {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print the code of a formula's value and gradient
    Derive(Derive),
    /// Value, gradient and Hessian at a point
    Eval(Eval),
    /// The table of functions
    Functions(Functions),
}

const COMMANDS: [&str; 4] = ["derive", "eval", "functions", "help"];

/// Words that are no formulas, so that none changes its meaning once its command is there.
const LATER: [&str; 6] = ["explain", "graph", "check", "cost", "expand", "completions"];

/// The command asked for, if it is one of those that are not there yet.
pub(crate) fn not_there_yet(args: &[OsString]) -> Option<&str> {
    args.get(1)?.to_str().filter(|word| LATER.contains(word))
}

/// The arguments with `derive` put in where a formula comes first.
pub(crate) fn with_command(mut args: Vec<OsString>) -> Vec<OsString> {
    let first = args.get(1).and_then(|a| a.to_str());
    let general = ["-h", "--help", "-V", "--version"];
    if first.is_some_and(|a| !COMMANDS.contains(&a) && !general.contains(&a)) {
        args.insert(1, "derive".into());
    }
    args
}

/// What code is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    Rust,
    #[value(hide = true)]
    C,
    #[value(hide = true)]
    Python,
    #[value(hide = true)]
    Javascript,
    #[value(hide = true)]
    Wgsl,
    #[value(hide = true)]
    Latex,
    #[value(hide = true)]
    Dot,
    #[value(hide = true)]
    Svg,
    #[value(hide = true)]
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeName {
    Reverse,
    Forward,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FloatName {
    F64,
    F32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelName {
    /// The operations as they are written
    None,
    /// What changes last bits at most, or is right where the original is not
    Safe,
    /// As if every value were moderate and in its domain
    Aggressive,
}

/// What the simplifier may do.
#[derive(Args)]
pub(crate) struct Simplification {
    /// How far formulas are simplified
    #[arg(long, value_enum, default_value = "safe")]
    simplify: LevelName,
    /// What holds where the code is used: real (nothing is NaN), finite (nor infinite), positive(x): 'finite, positive(x, y)'
    #[arg(long, default_value = "")]
    assume: Assumptions,
}

impl Simplification {
    pub(crate) fn read(&self) -> Rc<Simplify> {
        let level = match self.simplify {
            LevelName::None => Level::None,
            LevelName::Safe => Level::Safe,
            LevelName::Aggressive => Level::Aggressive,
        };
        Rc::new(Simplify { level, assume: self.assume.clone() })
    }
}

#[derive(Args)]
pub(crate) struct Derive {
    /// A formula, a file that holds one, or - for standard input
    #[arg(allow_hyphen_values = true)]
    pub(crate) formula: String,
    /// The language of the code
    #[arg(long, value_enum, default_value = "rust")]
    pub(crate) to: Target,
    /// The active parameters, in the order of the gradient: x,y
    #[arg(long, value_delimiter = ',')]
    pub(crate) wrt: Vec<String>,
    /// The name of the function
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// 0: the value alone; 1: the gradient too; 2: the Hessian too
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u8).range(0..=2))]
    pub(crate) order: u8,
    /// Which way the gradient is computed
    #[arg(long, value_enum, default_value = "reverse")]
    pub(crate) mode: ModeName,
    /// The float type
    #[arg(long, value_enum, default_value = "f64")]
    pub(crate) float: FloatName,
    #[command(flatten)]
    pub(crate) simplification: Simplification,
    /// Write to a file
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing; exit with 1 if the file given with -o differs
    #[arg(long, requires = "output")]
    pub(crate) check: bool,
    /// Print the graph after each pass, on standard error
    #[arg(long)]
    pub(crate) trace: bool,
}

#[derive(Args)]
pub(crate) struct Eval {
    /// A formula, a file that holds one, or - for standard input
    #[arg(allow_hyphen_values = true, required_unless_present = "jsonl")]
    pub(crate) formula: Option<String>,
    /// The point: `'x=-2, w=[1,2], A=[[1,0],[0,1]]'`, or a JSON file
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    pub(crate) at: String,
    /// The active parameters, in the order of the gradient: x,y
    #[arg(long, value_delimiter = ',')]
    pub(crate) wrt: Vec<String>,
    /// The matrix of second derivatives too
    #[arg(long)]
    pub(crate) hessian: bool,
    #[command(flatten)]
    pub(crate) simplification: Simplification,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Read one JSON question a line from standard input, answer one a line
    #[arg(long, conflicts_with_all = ["formula", "at", "wrt", "hessian", "json"])]
    pub(crate) jsonl: bool,
}

#[derive(Args)]
pub(crate) struct Functions {
    /// Just this one
    pub(crate) name: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}
