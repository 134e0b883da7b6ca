//! The texts that stand-alone programs embed: that they are documented and listed rightly, and compile alone.
#![cfg(feature = "text")]

use std::path::{Path, PathBuf};
use std::process::Command;

use grad_math::{FUNCTIONS, Function, embed, source};

/// The text without its comments.
fn code(function: &Function) -> String {
    function.text.lines().filter_map(|line| line.split("//").next()).collect::<Vec<_>>().join("\n")
}

/// Whether the code calls a function of that name, which a method of the name is not.
fn calls(code: &str, name: &str) -> bool {
    code.match_indices(&format!("{name}("))
        .any(|(at, _)| !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '.'))
}

#[test]
fn rows_agree_with_their_texts() {
    for function in FUNCTIONS {
        let name = function.name;
        assert_eq!(function.text.lines().next(), Some(format!("/// {}", function.doc).as_str()), "{name}");
        let signature = function.arguments.iter().map(|argument| format!("{argument}: Real")).collect::<Vec<_>>();
        let signature = format!("pub fn {name}({}) -> Real {{", signature.join(", "));
        let body = code(function);
        let (_, body) = body.split_once(&signature).unwrap_or_else(|| panic!("{name} is not declared as {signature}"));
        let called: Vec<_> = FUNCTIONS.iter().map(|other| other.name).filter(|other| calls(body, other)).collect();
        assert_eq!(function.calls, called, "{name}");
        assert_eq!(source(name), Some(function.text));
        assert!(function.text.lines().all(|line| line.chars().count() <= 120), "{name} has a line that is too long");
    }
}

#[test]
fn dependencies_come_once_and_in_order() {
    let text = embed(&["gelu", "sigmoid", "erf", "gelu", "unknown"], "f32");
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("fn ")?.split('(').next()).collect();
    assert_eq!(names, ["sigmoid", "gelu", "erf", "erfc", "erfcx_tail"]);
    assert_eq!(text, embed(&["erf", "gelu", "sigmoid"], "f32"));
    assert_eq!(embed(&[], "f64"), "");
}

#[test]
fn a_small_text_is_as_written_by_hand() {
    let expected = "/// The product x ln x, for x ≥ 0, with its limit 0 at 0.
///
/// The term of Shannon's entropy (1948). ±0 gives 0, +∞ gives +∞, x < 0 gives NaN, and so does NaN.
///
/// Worst error measured: ";
    let text = embed(&["xlogx"], "f64");
    assert!(text.starts_with(expected), "{text}");
    let end = " ulp in f32.
#[inline]
fn xlogx(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x * x.ln() }
}
";
    assert!(text.ends_with(end), "{text}");
}

/// A library with one module a function, each with the text of that function alone and one call of it.
fn library(real: &str) -> String {
    let mut library =
        String::from("//! Every function, embedded alone.\n#![deny(warnings)]\n#![forbid(unsafe_code)]\n");
    for Function { name, arguments, .. } in FUNCTIONS {
        let parameters = arguments.iter().map(|argument| format!("{argument}: {real}")).collect::<Vec<_>>().join(", ");
        let call = format!("pub fn call({parameters}) -> {real} {{\n{name}({})\n}}", arguments.join(", "));
        library += &format!("pub mod {name} {{\n{}\n{call}\n}}\n", embed(&[name], real));
    }
    library
}

fn compile(compiler: &Path, folder: &Path, real: &str) {
    let path = folder.join(format!("embedded_{real}.rs"));
    std::fs::write(&path, library(real)).unwrap();
    let arguments = ["--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "--out-dir"];
    let output = Command::new(compiler).args(arguments).arg(folder).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The compiler that cargo uses, and clippy's driver where it is installed beside it.
fn compilers() -> Vec<PathBuf> {
    let rustc = PathBuf::from(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let output = Command::new(&rustc).args(["--print", "sysroot"]).output().unwrap();
    let sysroot = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
    let clippy = sysroot.join("bin").join(format!("clippy-driver{}", std::env::consts::EXE_SUFFIX));
    [Some(rustc), clippy.exists().then_some(clippy)].into_iter().flatten().collect()
}

#[test]
fn embedded_texts_compile_alone() {
    for compiler in compilers() {
        for real in ["f64", "f32"] {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(compiler.file_stem().unwrap());
            std::fs::create_dir_all(&folder).unwrap();
            compile(&compiler, &folder, real);
        }
    }
}
