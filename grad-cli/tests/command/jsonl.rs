//! `grad eval --jsonl`: a question a line, an answer a line.

use insta::assert_snapshot;

use crate::{Run, grad, grad_reading};

/// The answers to lines, none of which may stop the others.
#[track_caller]
fn answers(lines: &[u8]) -> String {
    let Run { code, out, err } = grad_reading(["eval", "--jsonl"], lines);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    out
}

#[test]
fn good_lines() {
    let lines = r#"{"id": 1, "formula": "x^2 * y", "at": {"x": 3, "y": 2}}
{"id": "two", "formula": "x^2 * y", "at": {"x": 3, "y": 2}, "wrt": ["y", "x"], "hessian": true}
{"formula": "W: [m, n], x: [n]; sum(W @ x)", "at": {"W": [[1, 2], [3, 4]], "x": [1, -1]}, "id": [3]}
{"id": 4, "formula": "(x, 2 * x)", "at": {"x": 1}}
{"id": null, "formula": "e * x", "at": {"e": 2, "x": 5}, "hessian": false, "wrt": null}
{"id": 6, "formula": "1 / x", "at": {"x": 0}}
{"id": 7, "formula": "x * y", "at": {"x": "NaN", "y": "-inf"}}
{"formula": "1 + 1"}
"#;
    assert_snapshot!(answers(lines.as_bytes()), @r#"
    {"id":1,"value":18.0,"grad":{"x":12.0,"y":9.0}}
    {"id":"two","value":18.0,"grad":{"y":9.0,"x":12.0},"hessian":[[0.0,6.0],[6.0,4.0]]}
    {"id":[3],"value":-2.0,"grad":{"W":[[1.0,-1.0],[1.0,-1.0]],"x":[4.0,6.0]}}
    {"id":4,"value":[1.0,2.0],"grad":{"x":[1.0,2.0]}}
    {"id":null,"value":10.0,"grad":{"e":5.0,"x":2.0}}
    {"id":6,"value":"inf","grad":{"x":"-inf"}}
    {"id":7,"value":"NaN","grad":{"x":"-inf","y":"NaN"}}
    {"id":null,"value":2.0,"grad":{}}
    "#);
}

#[test]
fn bad_lines_answer_with_an_error_and_their_id() {
    let lines = r#"{"id": 1, "formula": "x +", "at": {"x": 3}}
{"id": 2, "formula": "let a = x\nsinn(a) + cos(a, a)", "at": {"x": 3}}
{"id": 3}
{"id": 4, "formula": 5}
{"id": 5, "formula": "x * y * z", "at": {"y": 1}}
{"id": 6, "formula": "rate", "at": {"rat": 1}}
{"id": 7, "formula": "x", "at": {"x": 1e999}}
{"id": 8, "formula": "x", "at": {"x": 1, "x": 2}}
{"id": 9, "formula": "x", "at": {"x": [1]}}
{"id": 10, "formula": "x", "at": [1]}
{"id": 11, "formula": "x", "at": {"x": 1}, "wrt": "x"}
{"id": 12, "formula": "x", "at": {"x": 1}, "wrt": ["a", "b"]}
{"id": 13, "formula": "x", "at": {"x": 1}, "hessian": 1}
{"id": 14, "formula": "(x, x)", "at": {"x": 1}, "hessian": true}
{"id": 15, "formula": "x", "at": {"x": 1}
[16]
nonsense
{"formula": "x"}
"#;
    assert_snapshot!(answers(lines.as_bytes()), @r#"
    {"id":1,"error":"1:4: expected an expression after `+`, found the end of the formula: expected an expression"}
    {"id":2,"error":"2:1: there is no function `sinn` (help: did you mean `sin`?); 2:11: `cos` takes 1 argument, 2 given (help: `cos(x)`)"}
    {"id":3,"error":"`formula` is missing, or no string"}
    {"id":4,"error":"`formula` is missing, or no string"}
    {"id":5,"error":"the point gives no value for `x`, `z`"}
    {"id":6,"error":"there is no parameter `rat`: did you mean `rate`?; the point gives no value for `rate`"}
    {"id":7,"error":"number out of range at line 1 column 43: infinity is written \"inf\""}
    {"id":8,"error":"`x` is given twice at line 1 column 44"}
    {"id":9,"error":"`x`: expected a number, found [1]"}
    {"id":10,"error":"`at` is an object"}
    {"id":11,"error":"`wrt` is a list of names"}
    {"id":12,"error":"there is no parameter `a`: the parameters are `x`; there is no parameter `b`: the parameters are `x`"}
    {"id":13,"error":"`hessian` is true or false"}
    {"id":14,"error":"a Hessian needs a formula with one number as its result"}
    {"id":15,"error":"not JSON: EOF while parsing an object at line 1 column 41"}
    {"id":null,"error":"a question is an object"}
    {"id":null,"error":"not JSON: expected ident at line 1 column 2"}
    {"id":null,"error":"the point gives no value for `x`"}
    "#);
}

#[test]
fn a_bad_line_stops_nothing() {
    let out = answers(b"\xff\xfe\n{\"id\": 1, \"formula\": \"x\", \"at\": {\"x\": \"\xff\"}}\n\n{\"id\": 2, \"formula\": \"x\", \"at\": {\"x\": 1}}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with(r#"{"id":null,"error":"#) && lines[1].starts_with(r#"{"id":1,"error":"#), "{out}");
    assert_eq!(lines[2], r#"{"id":2,"value":1.0,"grad":{"x":1.0}}"#);
}

#[test]
fn ends_of_lines_and_marks() {
    let line = r#"{"id": 1, "formula": "x", "at": {"x": 1}}"#;
    let answer = "{\"id\":1,\"value\":1.0,\"grad\":{\"x\":1.0}}\n";
    assert_eq!(answers(format!("\u{feff}{line}\r\n\n  \n{line}").as_bytes()), answer.repeat(2));
    assert_eq!(answers(b""), "");
}

#[test]
fn deep_lines_are_refused() {
    for deep in ["[".repeat(200_000), "{\"a\":".repeat(100_000), format!("{}1{}", "[".repeat(1000), "]".repeat(1000))] {
        let out = answers(format!("{{\"id\": 1, \"formula\": \"x\", \"at\": {{\"x\": {deep}}}}}\n").as_bytes());
        assert!(out.starts_with(r#"{"id":1,"error":"not JSON: recursion limit exceeded"#), "{out}");
        let out = answers(format!("{{\"at\": {deep}, \"id\": 1}}\n").as_bytes());
        assert!(out.contains(r#""error":"not JSON: recursion limit exceeded"#), "{out}");
    }
    let formula = "(".repeat(10_000) + "x" + &")".repeat(10_000);
    let out = answers(format!("{{\"id\": 1, \"formula\": \"{formula}\"}}\n").as_bytes());
    assert!(out.contains("nested more than"), "{out}");
}

#[test]
fn answers_keep_the_order_of_many_lines() {
    let lines: String =
        (0..500).map(|k| format!("{{\"id\":{k},\"formula\":\"x*{k}\",\"at\":{{\"x\":2}}}}\n")).collect();
    let expected: String =
        (0..500).map(|k| format!("{{\"id\":{k},\"value\":{k2}.0,\"grad\":{{\"x\":{k}.0}}}}\n", k2 = 2 * k)).collect();
    assert_eq!(answers(lines.as_bytes()), expected);
}

#[test]
fn nothing_else_goes_with_it() {
    for more in [&["x"][..], &["--at", "x=1"], &["--hessian"], &["--wrt", "x"]] {
        assert_eq!(grad([&["eval", "--jsonl"], more].concat()).code, Some(2));
    }
}
