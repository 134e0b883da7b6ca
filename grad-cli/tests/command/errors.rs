//! Mistakes in formulas: what is said of each, and where.

use insta::assert_snapshot;

use crate::{folder, grad, printed, refused};

#[test]
fn a_parse_error_points_at_its_place() {
    assert_snapshot!(refused(["x + * y"]), @r#"
    error: expected an expression after `+`, found `*`
     --> <formula>:1:5
      |
    1 | x + * y
      |     ^ expected an expression
      |
      = help: `+` and `*` cannot follow each other
    "#);
    assert_snapshot!(refused(["x +"]), @r#"
    error: expected an expression after `+`, found the end of the formula
     --> <formula>:1:4
      |
    1 | x +
      |    ^ expected an expression
    "#);
    assert_snapshot!(refused(["sin(x"]), @r#"
    error: missing `)` to close the one at 1:4
     --> <formula>:1:4
      |
    1 | sin(x
      |    ^ expected `)`
    "#);
    assert_snapshot!(refused(["x)"]), @r#"
    error: `)` closes nothing
     --> <formula>:1:2
      |
    1 | x)
      |  ^
      |
      = help: remove it, or open a bracket before it
    "#);
}

#[test]
fn the_line_and_column_are_those_of_the_file() {
    let file = folder("errors_place").join("loss.grad");
    std::fs::write(&file, "# a loss\nlet a = x^2\n\na + sinn(a)\n").unwrap();
    let error = refused([&file]);
    assert!(error.contains(&format!(" --> {}:4:5\n", file.display())), "{error}");
    let (_, block) = error.split_once("4:5\n").unwrap();
    assert_snapshot!(block, @r#"
      |
    4 | a + sinn(a)
      |     ^^^^
      |
      = help: did you mean `sin`?
    "#);
}

#[test]
fn columns_count_characters() {
    assert_snapshot!(refused(["αβγ + sinn(θ)"]), @r#"
    error: there is no function `sinn`
     --> <formula>:1:7
      |
    1 | αβγ + sinn(θ)
      |       ^^^^
      |
      = help: did you mean `sin`?
    "#);
}

#[test]
fn a_long_line_is_cut_and_its_column_kept() {
    let error = refused([format!("{} + sinn(y) + {}", "x + ".repeat(200) + "x", "x + ".repeat(200) + "x")]);
    assert!(error.contains(" --> <formula>:1:805\n"), "{error}");
    let lines: Vec<&str> = error.lines().collect();
    let (shown, caret) = (lines[3], lines[4]);
    assert!(shown.chars().count() < 200, "{error}");
    let at = caret.find('^').unwrap();
    assert_eq!(&shown[at..at + 4], "sinn");
    assert_eq!(caret.matches('^').count(), 4);
}

#[test]
fn near_names_are_suggested() {
    for (formula, near) in [
        ("sinn(x)", "sin"),
        ("Sin(x)", "sin"),
        ("tnah(x)", "tanh"),
        ("sqr(x)", "sqrt"),
        ("softpluss(x)", "softplus"),
        ("ReLU(x)", "relu"),
    ] {
        let error = refused([formula]);
        assert!(error.ends_with(&format!("help: did you mean `{near}`?\n")), "{error}");
    }
    assert!(!refused(["zzzzz(x)"]).contains("did you mean"));
}

#[test]
fn shapes_that_disagree_name_both_sides() {
    assert_snapshot!(refused(["x: [n], y: [m]; x · y"]), @r#"
    error: `x` has length n but `y` has length m
     --> <formula>:1:17
      |
    1 | x: [n], y: [m]; x · y
      |     -       -   -^^^-
      |     |       |   |   |
      |     |       |   |   `y` has length m
      |     |       |   `x` has length n
      |     |       declared here
      |     declared here
    "#);
    assert_snapshot!(refused(["A: [2, 3], x: [2]; A @ x"]), @r#"
    error: `A` has 3 columns but `x` has length 2
     --> <formula>:1:20
      |
    1 | A: [2, 3], x: [2]; A @ x
      |        -       -   -^^^-
      |        |       |   |   |
      |        |       |   |   `x` has length 2
      |        |       |   `A` has 3 columns
      |        |       declared here
      |        declared here
    "#);
    assert_snapshot!(refused(["[[x, y], [z]]"]), @r#"
    error: `[x, y]` has length 2 but `[z]` has length 1
     --> <formula>:1:10
      |
    1 | [[x, y], [z]]
      |  ------  ^^^
      |  |       |
      |  |       `[z]` has length 1
      |  `[x, y]` has length 2
    "#);
}

#[test]
fn arity_and_kinds() {
    assert_snapshot!(refused(["sin(x, y)"]), @r#"
    error: `sin` takes 1 argument, 2 given
     --> <formula>:1:1
      |
    1 | sin(x, y)
      | ^^^
      |
      = help: `sin(x)`
    "#);
    assert_snapshot!(refused(["if x then 1 else 2"]), @r#"
    error: `x` is a number where a condition is due
     --> <formula>:1:4
      |
    1 | if x then 1 else 2
      |    ^
      |
      = help: compare it with something
    "#);
    assert_snapshot!(refused(["x > 1"]), @r#"
    error: the result is a condition, not a number
     --> <formula>:1:1
      |
    1 | x > 1
      | ^^^^^
    "#);
    assert_snapshot!(refused(["x: [3]; x[3]"]), @r#"
    error: the index 3 is out of range: `x` has length 3 there
     --> <formula>:1:11
      |
    1 | x: [3]; x[3]
      |           ^
      |
      = help: indices start at 0
    "#);
    assert_snapshot!(refused(["sum(i in 0..n: i * x)"]), @r#"
    error: `n` is used as a bound but not declared
     --> <formula>:1:13
      |
    1 | sum(i in 0..n: i * x)
      |             ^
      |
      = help: declare it first, as a length `x: [n];` or as `n: index;`
    "#);
    assert_snapshot!(refused(["fn g(a) = g(a)\ng(x)"]), @r#"
    error: `g` calls itself
     --> <formula>:1:11
      |
    1 | fn g(a) = g(a)
      |           ^
      |
      = help: write the repetition as a reduction
    "#);
}

#[test]
fn spellings_of_other_languages_are_answered() {
    for (formula, help) in [
        ("2x", "a product is written with `*`"),
        ("x²", "write `^2`"),
        ("x && y", "write `and`"),
        ("x % 2", "write `rem(a, b)`"),
        ("x > 0 ? x : 0", "write `if c then a else b`"),
        ("x = 3", "write `let x = …`, or `==` to compare"),
        ("let y = x", "write the expression to derive after the definitions"),
        ("x: [n]; x[1:3]", "a range is `lo..hi`"),
    ] {
        let error = refused([formula]);
        assert!(error.trim_end().ends_with(&format!("= help: {help}")), "{error}");
        assert!(error.contains(" --> <formula>:1:"), "{error}");
    }
}

#[test]
fn functions_of_other_languages_are_answered() {
    for (call, given, instead) in [
        ("length(x)", "x: [n]", "n"),
        ("len(x)", "x: [n]", "n"),
        ("std(x)", "x: [n]", "sqrt(var(x))"),
        ("minimum(x, y)", "x, y", "min(x, y)"),
        ("fmod(x, y)", "x, y", "rem(x, y)"),
        ("heaviside(x) * x", "x", "if x > 0 then 1 else 0"),
        ("normcdf(x)", "x", "0.5 * erfc(-x / sqrt(2))"),
        ("Φ(x)", "x", "0.5 * erfc(-x / sqrt(2))"),
        ("normpdf(x)", "x", "exp(-x^2 / 2) / sqrt(2 * pi)"),
        ("gamma(x)", "x", "exp(lgamma(x))"),
        ("factorial(n)", "n", "exp(lgamma(n + 1))"),
        ("beta(x, y)", "x, y", "exp(lgamma(x) + lgamma(y) - lgamma(x + y))"),
        ("binomial(n, k)", "n, k", "exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))"),
        ("logit(p)", "p", "ln(p) - ln_1p(-p)"),
        ("outer(a, b)", "a: [n], b: [m]", "a @ b'"),
        ("inner(a, b)", "a: [n], b: [n]", "dot(a, b)"),
        ("matmul(A, B)", "A: [n, m], B: [m, n]", "A @ B"),
        ("cross(a, b)", "a: [3], b: [3]", "[a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]]"),
        ("cumsum(x)", "x: [n]", "[sum(j in 0..i + 1: x[j]) for i in 0..n]"),
        ("cumprod(x)", "x: [n]", "[prod(j in 0..i + 1: x[j]) for i in 0..n]"),
        ("diff(x)", "x: [n]", "[x[i + 1] - x[i] for i in 0..n - 1]"),
        ("ones(n)", "n: index", "[0 for i in 0..n]"),
        ("hypot(x, y, z)", "x, y, z", "norm([x, y, z])"),
    ] {
        let error = refused([format!("{given}; {call}")]);
        let (_, help) = error.split_once("= help: ").unwrap();
        assert!(help.contains(&format!("`{instead}`")), "{error}");
        // What is to be written is a formula.
        printed([format!("{given}; {instead}")]);
    }
    for (formula, help) in [
        ("foo(x, y)", "it is defined with `fn foo(x) = …`"),
        ("k(x + 1)", "a product is written `k * (…)`"),
        ("alpha + alpha(x + 1)", "a product is written `alpha * (…)`"),
    ] {
        let error = refused([formula]);
        assert!(error.trim_end().ends_with(&format!("= help: {help}")), "{error}");
    }
}

#[test]
fn constants_of_other_languages_are_no_parameters() {
    for name in ["true", "False", "nan", "NaN", "Infinity"] {
        let error = refused([format!("x * {name}")]);
        assert!(error.starts_with(&format!("error: there is no constant `{name}`\n --> <formula>:1:5\n")), "{error}");
        printed([format!("x, {name}; x * {name}")]);
        printed([format!("let {name} = 2\nx * {name}")]);
        printed(["eval", &format!("x * {name}"), "--at", &format!("x=1, {name}=2")]);
    }
}

#[test]
fn a_missing_argument_is_named() {
    assert_snapshot!(refused(["fn f(a = 1, b) = a + b\nf(x)"]), @r#"
    error: `f` is called without its argument `b`
     --> <formula>:2:1
      |
    2 | f(x)
      | ^
      |
      = help: write `f(b = …)`, or give all that come before it
    "#);
    assert_snapshot!(refused(["fn f(a, b) = a + b\nf(x)"]), @r#"
    error: `f` takes 2 arguments, 1 given
     --> <formula>:2:1
      |
    2 | f(x)
      | ^ `b` is missing
    "#);
    assert!(printed(["fn f(a = 1, b) = a + b\nf(b = x)", "--order", "0"]).contains("1.0 + x"));
}

#[test]
fn all_arrays_that_are_not_declared_at_once() {
    assert_snapshot!(refused(["w @ x + b"]), @r#"
    error: `w` is used as an array but not declared
     --> <formula>:1:1
      |
    1 | w @ x + b
      | ^
      |
      = help: declare it first: `w: [n];`

    error: `x` is used as an array but not declared
     --> <formula>:1:5
      |
    1 | w @ x + b
      |     ^
      |
      = help: declare it first: `x: [n];`
    "#);
}

#[test]
fn all_mistakes_at_once() {
    assert_snapshot!(refused(["sinn(x) + cos(x, y)\n+ tnah(x)"]), @r#"
    error: there is no function `sinn`
     --> <formula>:1:1
      |
    1 | sinn(x) + cos(x, y)
      | ^^^^
      |
      = help: did you mean `sin`?

    error: `cos` takes 1 argument, 2 given
     --> <formula>:1:11
      |
    1 | sinn(x) + cos(x, y)
      |           ^^^
      |
      = help: `cos(x)`

    error: there is no function `tnah`
     --> <formula>:2:3
      |
    2 | + tnah(x)
      |   ^^^^
      |
      = help: did you mean `tanh`?
    "#);
}

#[test]
fn nothing_is_no_formula() {
    for formula in ["", "  \n", "# a comment"] {
        assert!(refused([formula]).starts_with("error: the formula is empty\n --> <formula>:"));
    }
    let run = crate::grad_reading(["-"], b"");
    assert_eq!(run.code, Some(2));
    assert!(run.err.starts_with("error: the formula is empty\n --> <standard input>:1:1\n"), "{}", run.err);
}

#[test]
fn files_that_cannot_be_read() {
    let folder = folder("errors_files");
    let file = folder.join("none.grad");
    let shown = file.display();
    assert!(refused([&file]).starts_with(&format!("error: `{shown}` cannot be read: ")));
    // No formula begins like a path.
    assert!(refused([folder.join("none.txt")]).contains("cannot be read"));
    assert!(refused(["./none"]).contains("cannot be read"));
    std::fs::write(&file, b"x + \xff").unwrap();
    assert_eq!(refused([&file]), format!("error: {shown} is not UTF-8 text: byte 4 is no character\n"));
    let run = crate::grad_reading(["-"], b"x \xc3");
    assert_eq!(run.err, "error: standard input is not UTF-8 text: byte 2 is no character\n");
    assert_eq!(run.code, Some(2));
}

#[test]
fn eval_says_the_same_as_derive() {
    for formula in ["x +", "sinn(x)", "x: [n], y: [m]; x + y"] {
        assert_eq!(refused(["eval", formula]), refused(["derive", formula]));
    }
}

#[test]
fn no_arguments_and_wrong_ones() {
    for args in [&[][..], &["derive"], &["eval"], &["x", "--nonsense"], &["x", "--mode", "sideways"], &["x", "y"]] {
        let run = grad(args);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert!(run.err.contains("Usage") || run.err.contains("possible values"), "{}", run.err);
    }
    for args in [["--help"], ["--version"]] {
        assert_eq!(grad(args).code, Some(0));
    }
}
