//! `grad eval`: numbers at a point.

use insta::assert_snapshot;

use crate::{grad_reading, printed, refused};

#[test]
fn value_and_gradient() {
    assert_snapshot!(printed(["eval", "(x + y) * z", "--at", "x=-2, y=5, z=-4"]), @r#"
    value  -12
    d/dx   -4
    d/dy   -4
    d/dz   3
    "#);
}

#[test]
fn json() {
    assert_snapshot!(printed(["eval", "(x + y) * z", "--at", "x=-2, y=5, z=-4", "--json"]), @r#"{"value":-12.0,"grad":{"x":-4.0,"y":-4.0,"z":3.0}}"#);
}

#[test]
fn vectors_and_matrices_are_nested_lists() {
    let at = "W=[[1, 2], [3, 4], [5, 6]], x=[1, -1]";
    assert_snapshot!(printed(["eval", "W: [c, d], x: [d]; sum((W @ x)^2)", "--at", at]), @r#"
    value  3
    d/dW   [-2, 2]
           [-2, 2]
           [-2, 2]
    d/dx   [-18, -24]
    "#);
    assert_snapshot!(printed(["eval", "W: [c, d], x: [d]; sum((W @ x)^2)", "--at", at, "--json"]), @r#"{"value":3.0,"grad":{"W":[[-2.0,2.0],[-2.0,2.0],[-2.0,2.0]],"x":[-18.0,-24.0]}}"#);
}

#[test]
fn the_hessian_runs_over_wrt_in_its_order() {
    let at = ["--at", "x=3, y=2, v=[5, 7]", "--json", "--hessian"];
    let formula = "v: [2]; x^2 * y * v[0] + v[1]^2";
    assert_snapshot!(printed([&["eval", formula], &at[..]].concat()), @r#"{"value":139.0,"grad":{"v":[18.0,14.0],"x":60.0,"y":45.0},"hessian":[[0.0,0.0,12.0,9.0],[0.0,2.0,0.0,0.0],[12.0,0.0,20.0,30.0],[9.0,0.0,30.0,0.0]]}"#);
    assert_snapshot!(printed([&["eval", formula, "--wrt", "y,x"], &at[..]].concat()), @r#"{"value":139.0,"grad":{"y":45.0,"x":60.0},"hessian":[[0.0,30.0],[30.0,20.0]]}"#);
}

#[test]
fn the_hessian_in_words() {
    assert_snapshot!(printed(["eval", "x^2 * y", "--at", "x=3, y=2", "--hessian"]), @r#"
    value    18
    d/dx     12
    d/dy     9
    hessian  [4, 6]
             [6, 0]
    "#);
}

#[test]
fn several_results_give_a_jacobian() {
    assert_snapshot!(printed(["eval", "(x, x * y)", "--at", "x=3, y=2"]), @r#"
    value 1  3
    value 2  6
    d1/dx    1
    d2/dx    2
    d1/dy    0
    d2/dy    3
    "#);
    assert_snapshot!(printed(["eval", "(x, x * y)", "--at", "x=3, y=2", "--json"]), @r#"{"value":[3.0,6.0],"grad":{"x":[1.0,2.0],"y":[0.0,3.0]}}"#);
    assert_snapshot!(printed(["eval", "A: [m, n], x: [n]; A @ x", "--at", "A=[[1,2],[3,4]], x=[1,1]", "--wrt", "x"]), @r#"
    value  [3, 7]
    d/dx   [1, 2]
           [3, 4]
    "#);
    assert_snapshot!(refused(["eval", "(x, x * y)", "--at", "x=3, y=2", "--hessian"]), @"error: a Hessian needs a formula with one number as its result");
}

#[test]
fn nothing_to_derive() {
    assert_snapshot!(printed(["eval", "2 * 3"]), @"value  6");
    assert_snapshot!(printed(["eval", "n: index; 2 * n", "--at", "n=3", "--json", "--hessian"]), @r#"{"value":6.0,"grad":{},"hessian":[]}"#);
}

#[test]
fn numbers_that_are_not_finite_are_strings() {
    assert_snapshot!(printed(["eval", "(x, -1 / x, x / x, ln(-1 / x))", "--at", "x=0", "--json", "--wrt", "x"]), @r#"{"value":[0.0,"-inf","NaN","NaN"],"grad":{"x":[1.0,"inf","NaN","NaN"]}}"#);
    assert_snapshot!(printed(["eval", "x * y", "--at", "x=NaN, y=-inf"]), @r#"
    value  NaN
    d/dx   -inf
    d/dy   NaN
    "#);
}

#[test]
fn names_that_have_a_value_are_parameters() {
    assert_snapshot!(printed(["eval", "e * pi * x", "--at", "x=1, e=2, pi=3", "--json"]), @r#"{"value":6.0,"grad":{"e":3.0,"pi":2.0,"x":6.0}}"#);
    assert_snapshot!(printed(["eval", "sin(x) * sin", "--at", "x=0, sin=3", "--json"]), @r#"{"value":0.0,"grad":{"x":3.0,"sin":0.0}}"#);
}

#[test]
fn an_index() {
    assert_snapshot!(printed(["eval", "s: [n], y: index; cross_entropy(s, y)", "--at", "s=[0, 0], y=1"]), @r#"
    value  0.6931471805599453
    d/ds   [0.5, -0.5]
    "#);
    let out_of_range = refused(["eval", "s: [n], y: index; s[y]", "--at", "s=[0, 0], y=2"]);
    assert_snapshot!(out_of_range, @r#"
    error: index out of bounds: the length is 2 but the index is 2
     --> <formula>:1:19
      |
    1 | s: [n], y: index; s[y]
      |                   ^^^^
    "#);
}

#[test]
fn the_arm_not_taken_and_ties() {
    for (formula, at, expected) in [
        ("if x > 0 then sqrt(x) else 0", "x=-1", "value  0\nd/dx   0\n"),
        ("if x > 0 then sqrt(x) else 0", "x=0", "value  0\nd/dx   0\n"),
        ("softplus(x)", "x=1000", "value  1000\nd/dx   1\n"),
        ("ln(1 + exp(x))", "x=1000", "value  1000\nd/dx   1\n"),
        ("1 / (1 + exp(-x))", "x=-800", "value  0\nd/dx   0\n"),
    ] {
        assert_eq!(printed(["eval", formula, "--at", at]), expected, "{formula}");
    }
}

#[test]
fn standard_input() {
    let run = grad_reading(["eval", "-", "--at", "x=3"], b"x^2");
    assert_eq!((run.code, run.out.as_str()), (Some(0), "value  9\nd/dx   6\n"));
}

#[test]
fn numbers_far_from_one_have_exponents() {
    for (formula, at, value) in [
        ("exp(x)", "x=-400", "1.9151695967140057e-174"),
        ("x", "x=1e200", "1e200"),
        ("-x", "x=5e-324", "-5e-324"),
        ("x", "x=1.7976931348623157e308", "1.7976931348623157e308"),
        ("x", "x=9.9999e-6", "9.9999e-6"),
        ("x", "x=1e-5", "0.00001"),
        ("x", "x=9007199254740993", "9007199254740992"),
        ("x", "x=9999999999999998", "9999999999999998"),
        ("x", "x=1e16", "1e16"),
        ("-x", "x=0", "-0"),
        ("[x, 2 * x]", "x=1e-300", "[1e-300, 2e-300]"),
    ] {
        let answer = printed(["eval", formula, "--at", at]);
        assert_eq!(answer.lines().next(), Some(&*format!("value  {value}")), "{formula}");
        // What is shown is what is meant, in JSON too.
        let json: serde_json::Value = serde_json::from_str(&printed(["eval", formula, "--json", "--at", at])).unwrap();
        if let (Ok(shown), Some(x)) = (value.parse::<f64>(), json["value"].as_f64()) {
            assert_eq!(shown.to_bits(), x.to_bits(), "{formula}");
        }
    }
}

#[test]
fn numbers_of_json_are_read_to_the_last_bit() {
    let question = b"{\"formula\": \"x\", \"at\": {\"x\": 1.9151695967140057e-174}}\n";
    let run = grad_reading(["eval", "--jsonl"], question);
    assert!(run.out.contains("\"value\":1.9151695967140057e-174,"), "{}", run.out);
}

#[test]
fn what_goes_wrong_at_a_point_has_a_place() {
    for (formula, at, message) in [
        ("x: [n]; sum(i in 0..n: x[i - 1])", "x=[1, 2]", "1:24: attempt to subtract with overflow in usize"),
        (
            "x: [n]; sum(i in 0..n: x[i + 1])",
            "x=[1, 2]",
            "1:24: index out of bounds: the length is 2 but the index is 2",
        ),
        ("x, k: index; x\n * (k * k * k * k)", "x=1, k=100000", "2:5: attempt to multiply with overflow in usize"),
        ("x, k: index; x + rem(3, k)", "x=1, k=0", "1:18: an integer is divided by zero"),
    ] {
        let place = message.split(": ").next().unwrap();
        for asked in [&[][..], &["--hessian"]] {
            let error = refused([&["eval", formula, "--at", at], asked].concat());
            assert!(
                error.starts_with(&format!("error: {}\n --> <formula>:{place}\n", &message[place.len() + 2..])),
                "{error}"
            );
        }
    }
    let question = b"{\"id\": 1, \"formula\": \"x: [n]; x[2]\", \"at\": {\"x\": [1]}}\n";
    let run = grad_reading(["eval", "--jsonl"], question);
    assert!(run.out.contains("1:9: index out of bounds: the length is 1 but the index is 2"), "{}", run.out);
}
