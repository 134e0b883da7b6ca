//! Clippy, where it is installed, has nothing to say about the printed Rust.

use std::path::PathBuf;
use std::process::Command;

use crate::{folder, printed};

/// What once set off a lint, or might.
const FORMULAS: &[&str] = &[
    "sum(i in 1..5: c * (1 + y)^(-i))",
    "sum(k in 0..9: 0.5^k * x)",
    "sum(k in 0..5: (kappa / 2)^(2 * k))",
    "d^2 * (sqrt(1 + (x / d)^2) - 1)",
    "x: [4]; let u = x / norm(x); u[0] * u[1] + u[2]^3",
    "x: [3]; let r = norm(x); if r < 1e-8 then x[0] * x[1] else sin(r) * x[0] / r",
    "A: [2, 2], b: [2]; sum(solve(A, b))",
    "sqrt(1 - x^2) * acos(x)",
    "x: [n]; sum(i in 0..n: sum(j in 0..n if i != j and (i != j or x[j] > 0): x[i] * x[j]^2))",
    "if (x > 0 and y > 0) or (x > 0 and y < -1) then x^2 * y else y",
    "clamp(x * y, -1, 1) * leaky_relu(x) + abs(y)^1.5",
    "x_^2 * a__b * Some",
];

const FLAGS: [&[&str]; 4] = [
    &["--order", "1"],
    &["--order", "2"],
    &["--order", "2", "--simplify", "none"],
    &["--order", "2", "--simplify", "aggressive"],
];

#[test]
fn clippy_has_nothing_to_say() {
    let Some(driver) = clippy() else { return };
    let mut text = "#![deny(warnings, clippy::all)]\n".to_string();
    for (k, formula) in FORMULAS.iter().enumerate() {
        for (n, flags) in FLAGS.iter().enumerate() {
            let code = printed([&["derive", formula], *flags].concat());
            text += &format!("pub mod m{k}_{n} {{\n{code}}}\n");
        }
    }
    let folder = folder("lints");
    let source = folder.join("lints.rs");
    std::fs::write(&source, text).unwrap();
    let run = Command::new(driver)
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--out-dir"])
        .args([&folder, &source])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// Clippy's driver, where it is installed beside the compiler.
fn clippy() -> Option<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().unwrap();
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).unwrap().trim());
    let driver = sysroot.join("bin").join(format!("clippy-driver{}", std::env::consts::EXE_SUFFIX));
    driver.exists().then_some(driver)
}

#[test]
fn opposite_conditions_are_folded() {
    let code = printed(["d^2 * (sqrt(1 + (x / d)^2) - 1)"]);
    assert!(!code.contains("||"), "{code}");
    let code = printed(["x * (if not (x > 0) and x > 0 then 2 else 3)"]);
    assert!(code.contains("3.0 * x") || code.contains("x * 3.0"), "{code}");
    // Of floats neither x < y nor x >= y may hold.
    let code = printed(["if x < y or x >= y then x else 2 * y", "--order", "0"]);
    assert!(code.contains("||"), "{code}");
    let code = printed(["if x > 0 and (y > 0 or x > 0) then x else y", "--order", "0"]);
    assert!(code.contains("if x > 0.0 { x } else { y }"), "{code}");
}
