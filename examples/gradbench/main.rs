//! Eight workloads of GradBench (gradbench/gradbench on GitHub): each an ordinary Rust function with `#[derive_grad]` on it.
//!
//! The program speaks the benchmark's protocol, one JSON message a line on standard input and output:
//! `cargo run --release --example gradbench`.

#![allow(unreachable_pub)]

mod ba;
mod gmm;
mod hello;
mod ht;
mod inputs;
mod llsq;
mod lse;
mod lstm;
mod ode;
mod protocol;
mod workloads;

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if let Some(answer) = protocol::answer(&line) {
            writeln!(output, "{answer}")?;
            output.flush()?;
        }
        line.clear();
    }
    Ok(())
}
