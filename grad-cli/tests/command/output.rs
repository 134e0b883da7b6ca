//! `-o` and `--check`: what becomes of files.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Run, folder, grad, printed};

fn derive(formula: &str, file: &Path, more: &[&str]) -> Run {
    let args = ["derive", formula, "-o"].map(std::ffi::OsStr::new);
    grad(args.into_iter().chain([file.as_os_str()]).chain(more.iter().map(|s| std::ffi::OsStr::new(*s))))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_written_whole() {
    let folder = folder("output_whole");
    let file = folder.join("f.rs");
    let run = derive("x^2", &file, &[]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed(["x^2"]));
    assert_eq!(derive("x^3", &file, &[]).code, Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed(["x^3"]));
    assert_eq!(names(&folder), ["f.rs"]);
}

#[test]
fn an_unchanged_file_is_left_alone() {
    let file = folder("output_unchanged").join("f.rs");
    derive("x^2", &file, &[]);
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(old).unwrap();
    assert_eq!(derive("x^2", &file, &[]).code, Some(0));
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), old);
}

#[test]
fn an_error_leaves_the_file() {
    let folder = folder("output_error");
    let file = folder.join("f.rs");
    std::fs::write(&file, "precious\n").unwrap();
    for formula in ["x +", "sinn(x)", "x: [2]; x[5]"] {
        assert_eq!(derive(formula, &file, &[]).code, Some(2));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious\n");
    assert_eq!(names(&folder), ["f.rs"]);
}

#[test]
fn what_cannot_be_written() {
    let folder = folder("output_unwritable");
    let missing = derive("x", &folder.join("no").join("f.rs"), &[]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.err.starts_with("error: `") && missing.err.contains("f.rs` cannot be written: "),
        "{}",
        missing.err
    );
    let itself = derive("x", &folder, &[]);
    assert_eq!(itself.code, Some(2));
    assert!(itself.err.ends_with("` is a folder\n"), "{}", itself.err);
    assert!(names(&folder).is_empty());
}

#[test]
fn a_read_only_file_stays() {
    let file = folder("output_read_only").join("f.rs");
    std::fs::write(&file, "precious\n").unwrap();
    let mut permissions = std::fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).unwrap();
    let run = derive("x", &file, &[]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.ends_with("` is read-only\n"), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious\n");
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("output_link");
    let (file, link) = (folder.join("f.rs"), folder.join("link.rs"));
    std::fs::write(&file, "old\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("f.rs", &link).unwrap();
    assert_eq!(derive("x^2", &link, &[]).code, Some(0));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed(["x^2"]));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_written_to() {
    let run = derive("x^2", Path::new("/dev/stdout"), &[]);
    assert_eq!((run.code, run.out), (Some(0), printed(["x^2"])));
}

#[test]
fn check_says_whether_a_file_is_current() {
    let file = folder("output_check").join("f.rs");
    let missing = derive("x^2", &file, &["--check"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.contains("cannot be read"), "{}", missing.err);
    assert!(!file.exists());

    derive("x^2", &file, &[]);
    let same = derive("x^2", &file, &["--check"]);
    assert_eq!((same.code, same.out.as_str(), same.err.as_str()), (Some(0), "", ""));

    let before = std::fs::read(&file).unwrap();
    let other = derive("x^3", &file, &["--check"]);
    assert_eq!(other.code, Some(1));
    let (_, message) = other.err.split_once("` ").unwrap();
    insta::assert_snapshot!(message, @r#"
    is not what is generated now; line 3:
      in the file:     x * x
      generated:       x.powi(3)
    "#);
    assert_eq!(std::fs::read(&file).unwrap(), before);

    let text = String::from_utf8(before).unwrap();
    std::fs::write(&file, text.replace('\n', "\r\n")).unwrap();
    let ends = derive("x^2", &file, &["--check"]);
    assert_eq!(ends.code, Some(1));
    assert!(ends.err.ends_with("the ends of its lines differ\n"), "{}", ends.err);

    std::fs::write(&file, format!("{text}\n// more\n")).unwrap();
    let longer = derive("x^2", &file, &["--check"]);
    assert_eq!(longer.code, Some(1));
    assert!(longer.err.contains("lines, the other"), "{}", longer.err);

    std::fs::write(&file, b"\xff").unwrap();
    assert_eq!(derive("x^2", &file, &["--check"]).code, Some(1));
}

#[test]
fn check_needs_a_file_and_a_good_formula() {
    assert_eq!(grad(["x", "--check"]).code, Some(2));
    let file = folder("output_check_bad").join("f.rs");
    assert_eq!(derive("x +", &file, &["--check"]).code, Some(2));
}

#[test]
fn a_reader_may_leave_early() {
    // More than a pipe holds, so that the write meets the closed end.
    let formula: Vec<String> = (0..3000).map(|k| format!("sin(x + {k})")).collect();
    let file = folder("output_pipe").join("long.grad");
    std::fs::write(&file, formula.join(" + ")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_grad"))
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
