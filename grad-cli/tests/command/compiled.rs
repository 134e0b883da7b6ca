//! The printed Rust, compiled alone with every warning an error, gives the numbers of `grad eval`.

use std::process::Command;

use serde_json::Value;

use crate::{folder, printed};

/// Derives `formula` with `flags`, appends a `main` that prints the numbers of `call`, and compares them with those that
/// `grad eval` gives at `at`: the value, the gradient, and with `--hessian` in `asked` the Hessian.
#[track_caller]
fn check(test: &str, formula: &str, flags: &[&str], at: &str, asked: &[&str], call: &str) {
    let code = printed([&["derive", formula], flags].concat());
    let answer = printed([&["eval", formula, "--json", "--at", at], asked].concat());
    let expected = numbers(&serde_json::from_str(&answer).unwrap());
    let tolerance = if flags.contains(&"f32") { 1e-5 } else { 1e-12 };
    let found = run(test, &code, call);
    assert_eq!(found.len(), expected.len(), "{found:?} where {expected:?} is expected:\n{code}");
    for (a, b) in found.iter().zip(&expected) {
        let close = a == b || (a - b).abs() <= tolerance * b.abs().max(1.0) || (a.is_nan() && b.is_nan());
        assert!(close, "{found:?} where {expected:?} is expected:\n{code}");
    }
}

/// The numbers of an answer, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Object(map) => map.values().flat_map(numbers).collect(),
        Value::Number(x) => vec![x.as_f64().unwrap()],
        Value::String(s) => vec![s.parse().unwrap()],
        Value::Null | Value::Bool(_) => panic!("{value} is no number"),
    }
}

/// Compiles the code with a `main` that prints what `call` gives, a `Vec` of numbers.
#[track_caller]
fn run(test: &str, code: &str, call: &str) -> Vec<f64> {
    let folder = folder(&format!("compiled_{test}"));
    let signature = code.lines().find(|line| line.starts_with("pub fn ")).unwrap();
    let float = if signature.contains("f32") { "f32" } else { "f64" };
    let (source, program) = (folder.join("alone.rs"), folder.join("alone"));
    let main = format!(
        "fn main() {{ numbers().iter().for_each(|x| println!(\"{{x:?}}\")); }}\nfn numbers() -> Vec<{float}> {{ {call} }}\n"
    );
    // What is not called is not what is looked for here.
    std::fs::write(&source, format!("#![deny(warnings)]\n#![allow(dead_code)]\n{code}\n{main}")).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let compiled = Command::new(rustc).args(["--edition", "2024", "-o"]).args([&program, &source]).output().unwrap();
    assert!(compiled.status.success(), "{}\n{code}", String::from_utf8_lossy(&compiled.stderr));
    let ran = Command::new(program).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn scalars() {
    check(
        "scalars",
        "(x + y) * z / exp(x)",
        &[],
        "x=-2, y=5, z=-4",
        &[],
        "let (v, g) = f_grad(-2.0, 5.0, -4.0); assert_eq!(v, f(-2.0, 5.0, -4.0)); vec![v, g.x, g.y, g.z]",
    );
}

#[test]
fn the_value_alone() {
    let code = printed(["x^2 + 1", "--order", "0"]);
    assert_eq!(run("value", &code, "vec![f(3.0)]"), [10.0]);
    assert!(!code.contains("grad"), "{code}");
}

#[test]
fn one_active_parameter_gives_the_bare_gradient() {
    check(
        "bare",
        "sin(x) * y",
        &["--wrt", "x"],
        "x=0.7, y=3",
        &["--wrt", "x"],
        "let (v, dx) = f_grad(0.7, 3.0); vec![v, dx]",
    );
}

#[test]
fn forward_mode_agrees() {
    check(
        "forward",
        "x: [3]; sum(x^3) * x[0]",
        &["--mode", "forward"],
        "x=[1.5, -2, 0.5]",
        &[],
        "let (v, g) = f_grad(&[1.5, -2.0, 0.5]); [vec![v], g.to_vec()].concat()",
    );
}

#[test]
fn the_hessian() {
    check(
        "hessian",
        "x^2 * y + sin(y) * exp(x)",
        &["--order", "2"],
        "x=0.3, y=2",
        &["--hessian"],
        "let (v, g, h) = f_hessian(0.3, 2.0); vec![v, g.x, g.y, h[0][0], h[0][1], h[1][0], h[1][1]]",
    );
}

#[test]
fn the_hessian_over_a_vector() {
    check(
        "hessian_vector",
        "x: [n]; sum(i in 0..n if i > 0: (x[i] - x[i - 1]^2)^2)",
        &["--order", "2"],
        "x=[0.5, -1, 2]",
        &["--hessian"],
        "let (v, g, h) = f_hessian(&[0.5, -1.0, 2.0]); [vec![v], g, h].concat()",
    );
}

#[test]
fn vectors_of_any_length() {
    check(
        "vector",
        "x: [n], w: [n], b; -log_sigmoid(w · x + b)",
        &[],
        "x=[1, -2], w=[0.5, 3], b=0.1",
        &[],
        "let (v, g) = f_grad(&[1.0, -2.0], &[0.5, 3.0], 0.1); [vec![v], g.x, g.w, vec![g.b]].concat()",
    );
}

#[test]
fn the_caller_s_buffers() {
    check(
        "buffers",
        "x: [n]; norm(x)",
        &[],
        "x=[3, 4]",
        &[],
        "let mut g = [7.0; 2]; let v = f_grad_into(&[3.0, 4.0], &mut g); vec![v, g[0], g[1]]",
    );
}

#[test]
fn a_matrix_and_an_index() {
    check(
        "matrix",
        "W: [c, d], x: [d], y: index, lambda; let s = W @ x; \
         sum(j in 0..c if j != y: max(0, s[j] - s[y] + 1)) + 0.5 * lambda * sum(W^2)",
        &[],
        "W=[[1, 2], [0.5, -1], [2, 2]], x=[1, 0.5], y=1, lambda=0.1",
        &[],
        "let (v, g) = f_grad(&[1.0, 2.0, 0.5, -1.0, 2.0, 2.0], &[1.0, 0.5], 1, 0.1, 3); [vec![v], g.W, g.x, vec![g.lambda]].concat()",
    );
}

#[test]
fn a_matrix_of_known_lengths() {
    check(
        "fixed_matrix",
        "A: [2, 3]; sum(i in 0..2: norm(A[i])^3) + trace(A @ A')",
        &["--order", "2"],
        "A=[[1, 2, 3], [4, 5, 6]]",
        &["--hessian"],
        "let (v, g, h) = f_hessian(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]); [vec![v], g.concat(), h.concat()].concat()",
    );
}

#[test]
fn single_precision() {
    check(
        "single",
        "x: [n]; logsumexp(x) + softplus(x[0])",
        &["--float", "f32", "--order", "2"],
        "x=[0.5, 1.5]",
        &["--hessian"],
        "let (v, g, h) = f_hessian(&[0.5_f32, 1.5]); [vec![v], g, h].concat()",
    );
}

#[test]
fn several_results_have_adjoints() {
    let code = printed(["(x * y, sin(x))"]);
    let call = "let (value, residuals) = f_forward(2.0, 3.0); let g = f_backward(&residuals, 2.0, 3.0, 1.0, 0.0); \
                vec![value.0, g.x, g.y]";
    assert_eq!(run("several", &code, call), [6.0, 3.0, 2.0]);
}

#[test]
fn several_results_have_tangents_in_forward_mode() {
    let code = printed(["(x * y, 2 * x)", "--mode", "forward"]);
    let call = "let (v, d) = f_jvp(2.0, 3.0, 1.0, 0.0); vec![v.0, v.1, d.0, d.1]";
    assert_eq!(run("tangents", &code, call), [6.0, 4.0, 3.0, 2.0]);
}

#[test]
fn a_vector_of_results() {
    let code = printed(["x: [n]; softmax(x)"]);
    let call = "let (v, r) = f_forward(&[1.0, 1.0]); let g = f_backward(&r, &[1.0, 1.0], &[1.0, 0.0]); [v, g].concat()";
    assert_eq!(run("softmax", &code, call), [0.5, 0.5, 0.25, -0.25]);
}

#[test]
fn functions_that_std_lacks_are_embedded() {
    check("embedded", "gelu(x) + mish(x) + erf(x)", &[], "x=0.8", &[], "let (v, g) = f_grad(0.8); vec![v, g]");
}

#[test]
fn choices_do_not_evaluate_the_other_arm() {
    check("choice", "if x > 0 then sqrt(x) else 0", &[], "x=-1", &[], "let (v, g) = f_grad(-1.0); vec![v, g]");
    check("choice_at_0", "if x > 0 then sqrt(x) else 0", &[], "x=0", &[], "let (v, g) = f_grad(0.0); vec![v, g]");
}

#[test]
fn names_that_rust_forbids_or_doubts() {
    check(
        "names",
        "type * self * α + f_grad * Ω",
        &["--order", "2"],
        "type=2, self=3, α=5, f_grad=7, Ω=11",
        &["--hessian"],
        "let (v, g, h) = f_hessian(2.0, 3.0, 5.0, 7.0, 11.0); \
         [vec![v, g.r#type, g.self_, g.α, g.f_grad, g.Ω], h.concat()].concat()",
    );
}

#[test]
fn names_that_mean_something_else_in_rust() {
    let names = ["µ", "self", "super", "crate", "Some", "None", "Ok", "Err", "x_", "a__b"];
    let formula = names.map(|name| format!("{name}^2")).join(" * ");
    let at = names.map(|name| format!("{name}=1.5")).join(", ");
    let arguments = ["1.5"; 10].join(", ");
    let call = format!(
        "let (v, g, h) = f_hessian({arguments}); assert_eq!(v, f({arguments})); \
         [vec![v, g.µ, g.self_, g.super_, g.crate_, g.Some_, g.None_, g.Ok_, g.Err_, g.x_, g.a__b], h.concat()].concat()"
    );
    check("meaning", &formula, &["--order", "2"], &at, &["--hessian"], &call);
}

#[test]
fn a_function_is_called_as_one_likes() {
    let names = [
        ("self", "self_"),
        ("Self", "Self_"),
        ("FGrad", "FGrad"),
        ("None", "None_"),
        ("f_", "f_"),
        ("f__g", "f__g"),
        ("_1", "_1"),
        ("__", "__"),
    ];
    for (name, written) in names {
        let code = printed(["x^2 * y^2", "--name", name]);
        let call = format!("let (v, g) = {written}_grad(3.0, 2.0); vec![v, g.x, g.y]");
        assert_eq!(run("called", &code, &call), [36.0, 24.0, 36.0], "{name}");
    }
}

#[test]
fn integers_are_as_large_as_the_interpreter_s() {
    // Two literal bounds do not say what an index is, and 32 bits do not hold what is made of these.
    let formulas = [
        "sum(i in 0..50000: x * (i * i))",
        "sum(i in 1..70000: x / (i * i))",
        "sum(i in 0..4: x * (i * 1000000000))",
        "sum(i in 0..70000: i * (i + 1) / 2 * x)",
        "sum([i * i * x for i in 0..60000])",
        "dot([i * i * x for i in 0..50000], [x for i in 0..50000])",
        "sum(i in 2999999998..3000000000: x * i)",
        "sum(_ in 2999999998..3000000000: x)",
        "sum(i in 49998..50000: sum(j in i..50000: i * j * x))",
        "fn square(k) = k * k; sum(i in 49998..50000: square(i + 1) * x)",
        "sum(i in 0..3 if i * 3000000000 > 0: x * i)",
        "sum(i in 0..10: x * max(i, 3))",
        "x * x * sum(i in 0..5: x^i * (i * 1000000000))",
    ];
    let (mut code, mut calls, mut expected) = (String::new(), Vec::new(), Vec::new());
    for (k, formula) in formulas.iter().enumerate() {
        let answer = printed(["eval", formula, "--json", "--hessian", "--at", "x=0.75"]);
        let numbers = numbers(&serde_json::from_str(&answer).unwrap());
        for (way, flags, call) in [
            ("safe", ["--order", "1"], "let (v, g) = safe::f_grad(0.75); vec![v, g]"),
            ("plain", ["--simplify", "none"], "let (v, g) = plain::f_grad(0.75); vec![v, g]"),
            ("twice", ["--order", "2"], "let (v, g, h) = twice::f_hessian(0.75); vec![v, g, h[0][0]]"),
        ] {
            let text = printed([&["derive", formula], &flags[..]].concat());
            code += &format!("mod {way}_{k} {{\n{text}}}\n");
            calls.push(format!("{{ {} }}", call.replace("::", &format!("_{k}::"))));
            expected.extend(&numbers[..if way == "twice" { 3 } else { 2 }]);
        }
    }
    code += "pub fn f(_: f64) {}\n";
    let found = run("integers", &code, &format!("[{}].concat()", calls.join(", ")));
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(&expected) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} where {b} is expected:\n{code}");
    }
}

#[test]
fn connectives_inside_connectives() {
    // Elements are read only where the left side asks for them, so that `and` and `or` are choices here.
    let formula = "x: [3]; sum(i in 0..3 if i != 1 and (x[i] > 0 or x[1] > 0): x[i]^2) \
                   + 8 * sum(i in 0..3 if (i == 2 or x[i] > 0) and (x[0] < 0 or x[1] < 0): x[i]) \
                   + 64 * sum(i in 0..3 if x[i] > 0 and i != 0 or i == 2: x[i])";
    for (test, at) in [("first", "[-1, 2, -3]"), ("second", "[1, -2, 3]"), ("third", "[-1, -2, -3]")] {
        let call = format!(
            "let (v, g) = f_grad(&{}); [vec![v], g.to_vec()].concat()",
            at.replace(',', ".0,").replace(']', ".0]")
        );
        check(&format!("connectives_{test}"), formula, &[], &format!("x={at}"), &[], &call);
    }
}
