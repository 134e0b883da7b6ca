//! The rustc that compiled a test, and the library that it was compiled with, on other sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The library that this test was built with: the newest of its name beside the test itself.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let deps = test.parent().expect("a test lies in a directory");
    let entries = std::fs::read_dir(deps).expect("the directory can be read");
    let mut found: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let is_library = name.starts_with("libderive_grad-") && name.ends_with(".rlib");
            is_library.then(|| Some((path.metadata().ok()?.modified().ok()?, path.clone()))).flatten()
        })
        .collect();
    found.sort();
    found.pop().expect("the library has been built").1
}

/// What is made of a source.
#[allow(dead_code, reason = "each test that includes this makes one of the two")]
pub(crate) enum Made<'a> {
    /// Nothing: it is looked at as a library.
    Nothing,
    /// A program, here.
    Program(&'a Path),
}

/// What rustc says about a file, paths left out; whether it took it.
pub(crate) fn rustc(source: &Path, made: &Made<'_>) -> (bool, String) {
    let library = library();
    let deps = library.parent().expect("a library lies in a directory");
    let mut command = Command::new("rustc");
    command.args(["--edition", "2024", "--error-format", "human"]);
    match made {
        Made::Nothing => {
            command.args(["--crate-type", "lib", "--emit", "metadata", "--out-dir", env!("CARGO_TARGET_TMPDIR")]);
        }
        Made::Program(path) => {
            command.arg("-o").arg(path);
        }
    }
    let out = command
        .arg("--extern")
        .arg(format!("derive_grad={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg(source)
        .env_remove("RUSTFLAGS")
        .output()
        .expect("rustc is there");
    let said = String::from_utf8(out.stderr).expect("rustc writes text");
    let name = source.file_name().and_then(|n| n.to_str()).expect("a file has a name");
    (out.status.success(), said.replace(&source.display().to_string(), name))
}
