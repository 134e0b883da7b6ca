//! What rustc says where the attribute refuses: the exact token, every mistake at once, and nothing after it.
//!
//! Each `errors/*.rs` is compiled by the rustc that compiled this test; `UPDATE=1` writes what it says beside it.

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

/// What rustc says about a file, paths left out; whether it took it.
fn compiled(source: &Path, library: &Path) -> (bool, String) {
    let deps = library.parent().expect("a library lies in a directory");
    let out = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--error-format", "human"])
        .arg("--out-dir")
        .arg(env!("CARGO_TARGET_TMPDIR"))
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
    (out.status.success(), ours(&said.replace(&source.display().to_string(), name)))
}

/// Our errors as they are; of rustc's own only the code and the place, for the words are another's and change.
fn ours(said: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    for block in said.split("\n\n") {
        if block.starts_with("error: aborting") || block.starts_with("warning") {
            continue;
        }
        if block.starts_with("error:") {
            kept.push(block.trim_end().to_string());
        } else if let Some(code) = block.strip_prefix("error[") {
            let place = block.lines().find_map(|line| line.trim().strip_prefix("--> ")).unwrap_or_default();
            kept.push(format!("(rustc: {} at {place})", &code[..code.find(']').unwrap_or(code.len())]));
        }
    }
    kept.join("\n\n") + "\n"
}

#[test]
fn mistakes_are_named_on_their_tokens() {
    let library = library();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut sources: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    sources.sort();
    assert!(sources.len() >= 10, "{} fixtures", sources.len());
    let mut differing = Vec::new();
    for source in sources {
        let (taken, said) = compiled(&source, &library);
        assert!(!taken, "{} is taken", source.display());
        let expected = source.with_extension("stderr");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &said).expect("the fixture can be written");
        }
        let before = std::fs::read_to_string(&expected).unwrap_or_default();
        if before != said {
            differing.push(format!("{}\n--- expected\n{before}\n--- said\n{said}", source.display()));
        }
    }
    assert!(differing.is_empty(), "UPDATE=1 accepts this:\n{}", differing.join("\n"));
}
