//! The command as people and scripts use it: what it prints, what it writes, and how it ends.

mod compiled;
mod derive;
mod errors;
mod eval;
mod functions;
mod jsonl;
mod lints;
mod matrices;
mod output;
mod points;
mod rough;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How a run of `grad` ended.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs `grad` with nothing on standard input.
fn grad<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    grad_reading(args, b"")
}

/// Runs `grad` with these bytes on standard input.
fn grad_reading<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_grad"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The command may end before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What a run prints that must go well, and silently.
#[track_caller]
fn printed<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let run = grad(args);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    run.out
}

/// What a run says that must fail on its input.
#[track_caller]
fn refused<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let run = grad(args);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{}", run.err);
    assert!(run.err.starts_with("error: "), "{}", run.err);
    run.err
}

/// An empty folder of a test's own.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
