//! `grad derive`: where the formula comes from, and what is printed.

use insta::assert_snapshot;

use crate::{folder, grad, grad_reading, printed, refused};

#[test]
fn the_code() {
    assert_snapshot!(printed(["1 / (1 + exp(-x * w))"]), @r#"
    /// The function `f`.
    pub fn f(x: f64, w: f64) -> f64 {
        sigmoid(w * x)
    }

    /// The gradient of `f`.
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct FGrad {
        /// With respect to `x`.
        pub x: f64,
        /// With respect to `w`.
        pub w: f64,
    }

    /// The value of `f` and its gradient with respect to `x` and `w`.
    pub fn f_grad(x: f64, w: f64) -> (f64, FGrad) {
        let sigmoid_2 = sigmoid(w * x);
        let t = sigmoid_2 * (1.0 - sigmoid_2);
        let w_adj = t * x;
        let x_adj = t * w;
        (sigmoid_2, FGrad { x: x_adj, w: w_adj })
    }

    /// The logistic function 1 / (1 + e⁻ˣ).
    ///
    /// Verhulst (1845). Only e to a power that is not positive is taken, so nothing overflows and the left tail, eˣ, keeps
    /// its relative accuracy. −∞ gives 0, +∞ gives 1, and NaN gives NaN.
    ///
    /// Worst error measured: 2.0 ulp in f64, 1.8 ulp in f32.
    #[inline]
    fn sigmoid(x: f64) -> f64 {
        let e = (-x.abs()).exp();
        (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
    }
    "#);
}

#[test]
fn derive_may_be_left_out() {
    let long = printed(["derive", "x^2"]);
    assert_eq!(printed(["x^2"]), long);
    assert_eq!(printed(["--order", "1", "x^2"]), long);
    assert_eq!(printed(["x^2", "--to", "rust", "--mode", "reverse", "--float", "f64"]), long);
}

#[test]
fn a_formula_may_begin_with_a_sign() {
    assert_snapshot!(printed(["-x^2", "--order", "0"]), @r#"
    /// The function `f`.
    pub fn f(x: f64) -> f64 {
        -(x * x)
    }
    "#);
}

#[test]
fn a_file_names_the_function() {
    let file = folder("derive_file").join("hinge_loss.grad");
    std::fs::write(&file, "# one example\nmax(0, 1 - x * y)\n").unwrap();
    let code = printed([file.as_os_str(), "--order".as_ref(), "0".as_ref()]);
    assert!(code.contains("pub fn hinge_loss(x: f64, y: f64) -> f64 {"), "{code}");
    let renamed = printed([file.as_os_str(), "--name".as_ref(), "loss".as_ref()]);
    assert!(renamed.contains("pub fn loss_grad(") && renamed.contains("pub struct LossGrad {"), "{renamed}");
}

#[test]
fn standard_input() {
    let run = grad_reading(["-"], b"x^2\n");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(run.out, printed(["x^2"]));
    let wrong = grad_reading(["-"], b"x +\n");
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains(" --> <standard input>:"), "{}", wrong.err);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_formula() {
    assert_eq!(grad_reading(["-"], "\u{feff}x^2".as_bytes()).out, printed(["x^2"]));
}

#[test]
fn wrt_chooses_and_orders() {
    let code = printed(["a * b * c", "--wrt", "c, a"]);
    let fields: Vec<&str> = code.lines().filter(|line| line.starts_with("    pub ")).collect();
    assert_eq!(fields, ["    pub c: f64,", "    pub a: f64,"]);
}

#[test]
fn wrt_makes_a_parameter_of_a_constant() {
    assert!(printed(["e * x", "--order", "0"]).contains("pub fn f(x: f64)"));
    assert!(printed(["e * x", "--order", "0", "--wrt", "x, e"]).contains("pub fn f(e: f64, x: f64)"));
}

#[test]
fn wrong_names_in_wrt_are_all_named() {
    assert_snapshot!(refused(["n: index, rate, bias; rate * bias * n", "--wrt", "rat,rate,rate,n,q"]), @r#"
    error: there is no parameter `rat`: did you mean `rate`?
    error: `rate` is named twice: name it once
    error: `n` is not a float: it has no derivative: leave it out of `wrt`, or take it as a float
    error: there is no parameter `q`: the parameters are `n`, `rate` and `bias`
    "#);
}

#[test]
fn the_orders() {
    let [value, gradient, hessian] = ["0", "1", "2"].map(|order| printed(["x^3", "--order", order]));
    assert!(gradient.starts_with(&value) && hessian.starts_with(&gradient));
    assert_snapshot!(hessian, @r#"
    /// The function `f`.
    pub fn f(x: f64) -> f64 {
        x.powi(3)
    }

    /// The value of `f` and its gradient with respect to `x`.
    pub fn f_grad(x: f64) -> (f64, f64) {
        let x_adj = 3.0 * (x * x);
        (x.powi(3), x_adj)
    }

    /// The value of `f`, its gradient and its matrix of second derivatives, over `x` in this order.
    pub fn f_hessian(x: f64) -> (f64, f64, [[f64; 1]; 1]) {
        let x_adj = 3.0 * (x * x);
        let x_adj_dot = 6.0 * x;
        let a = [[x_adj_dot]];
        (x.powi(3), x_adj, a)
    }
    "#);
    assert!(refused(["x", "--order", "3"]).contains("3 is not in 0..=2"));
    assert_snapshot!(refused(["(x, y)", "--order", "2"]), @"error: `--order 2` needs a formula with one number as its result");
}

#[test]
fn single_precision_is_single_throughout() {
    let code = printed(["sigmoid(x) * pi", "--float", "f32"]);
    let lines = || code.lines().filter(|line| !line.starts_with("///"));
    assert!(lines().any(|line| line.contains("f32")) && !lines().any(|line| line.contains("f64")), "{code}");
}

#[test]
fn a_constant_has_no_gradient() {
    assert_snapshot!(printed(["2 * 3"]), @r#"
    /// The function `f`.
    pub fn f() -> f64 {
        6.0
    }
    "#);
}

#[test]
fn names_of_functions() {
    assert!(printed(["x", "--name", "fn"]).contains("pub fn r#fn("));
    for name in ["1a", "a b", "", "a-b", "_"] {
        assert_eq!(refused(["x", "--name", name]), format!("error: `{name}` cannot be the name of a function\n"));
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let formula = "W: [c, d], x: [d]; logsumexp(W @ x) + sum(W^2)";
    let first = printed([formula, "--order", "2"]);
    assert!((0..3).all(|_| printed([formula, "--order", "2"]) == first));
}

#[test]
fn the_trace_is_on_standard_error() {
    let run = grad(["x * x", "--trace", "--order", "2"]);
    assert_eq!((run.code, run.out), (Some(0), printed(["x * x", "--order", "2"])));
    let headings: Vec<&str> = run.err.lines().filter(|line| line.starts_with("== ")).collect();
    assert_eq!(headings.first(), Some(&"== primal =="));
    for heading in ["== gradient ==", "== gradient: fuse ==", "== hessian ==", "== hessian: fuse =="] {
        assert!(headings.contains(&heading), "{headings:?}");
    }
    assert!(run.err.contains("f(x: f64)") && run.err.contains("mul("), "{}", run.err);
}

#[test]
fn targets_and_commands_to_come_are_refused() {
    assert_snapshot!(refused(["x", "--to", "c"]), @"error: this target is not there yet: `--to rust` is");
    assert_snapshot!(refused(["explain", "x"]), @"error: the command `explain` is not there yet");
}

#[test]
fn what_clippy_would_write_otherwise_is_allowed() {
    for formula in ["clamp(x, 0, 1)", "if 0 < x < 1 then x else 0"] {
        assert!(printed([formula]).contains("#[allow(clippy::manual_range_contains)]\npub fn f_grad("), "{formula}");
    }
}

#[test]
fn a_loss_that_is_shifted_already_is_not_shifted_again() {
    let code = printed(["s: [n], y: index; cross_entropy(s, y)", "--order", "0"]);
    assert_eq!(code.matches("f64::NEG_INFINITY").count(), 1, "{code}");
    let by_hand = printed(["s: [n], y: index; ln(sum(exp(s))) - s[y]", "--order", "0"]);
    assert_eq!(by_hand.matches("f64::NEG_INFINITY").count(), 1, "{by_hand}");
}

#[test]
fn levels_and_assumptions_choose_what_is_rewritten() {
    let body = |options: &[&str]| {
        let code = printed(options.iter().chain(&["--order", "0"]));
        let lines = code.lines().filter(|line| line.starts_with("    "));
        lines.map(str::trim).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(body(&["x + y + x"]), "x + y + x");
    assert_eq!(body(&["x + y + x", "--simplify", "aggressive"]), "2.0 * x + y");
    assert_eq!(body(&["x^3 + 2*x^2 + 3*x + 4", "--simplify", "aggressive"]), "x * (x * (x + 2.0) + 3.0) + 4.0");
    assert_eq!(body(&["x^2 + 1/(1 + exp(-x))", "--simplify", "none"]), "x.powi(2) + 1.0 / (1.0 + (-x).exp())");
    assert_eq!(body(&["sqrt(x^2)"]), "x.abs()");
    assert_eq!(body(&["sqrt(x^2)", "--assume", "positive(x)"]), "x");
    assert_eq!(body(&["x - x + y", "--assume", "real"]), "y");
}

#[test]
fn the_gradient_at_every_level_is_the_same_number() {
    for level in ["none", "safe", "aggressive"] {
        let answer = printed(["eval", "x*y + x*z + x", "--at", "x=2, y=3, z=4", "--simplify", level]);
        assert_eq!(answer, "value  16\nd/dx   8\nd/dy   2\nd/dz   2\n", "{level}");
    }
}

#[test]
fn assumptions_that_make_no_sense_are_refused() {
    let first = |options: &[&str]| refused(options).lines().next().unwrap_or_default().to_string();
    assert_snapshot!(first(&["x", "--assume", "positive"]), @"error: invalid value 'positive' for '--assume <ASSUME>': `positive` takes the names of parameters: write `positive(x)`");
    assert_snapshot!(first(&["x", "--assume", "reel"]), @"error: invalid value 'reel' for '--assume <ASSUME>': `reel` is no assumption; `real`, `finite` and `positive(x)` are: did you mean `real`?");
    assert_snapshot!(first(&["xy", "--assume", "positive(xz)"]), @"error: `xz` is assumed to be positive, and is no parameter: did you mean `xy`?");
    assert_snapshot!(first(&["k: index; k * 1.0", "--assume", "positive(k)"]), @"error: `k` is assumed to be positive, and is an index: that is for floats");
}
