//! The protocol: what is answered to messages, to wrong ones most of all.

use serde_json::{Value, json};

use crate::protocol;

fn ask(line: &str) -> Value {
    protocol::answer(line.as_bytes()).expect("it is answered")
}

/// The answer to an evaluation.
fn evaluate(module: &str, function: &str, input: &Value) -> Value {
    ask(&json!({ "id": 7, "kind": "evaluate", "module": module, "function": function, "input": input }).to_string())
}

#[test]
fn the_protocol() {
    assert_eq!(ask(r#"{"id": 0, "kind": "start", "eval": "hello"}"#), json!({ "id": 0, "tool": "derive-grad" }));
    assert_eq!(ask(r#"{"id": 1, "kind": "define", "module": "hello"}"#), json!({ "id": 1, "success": true }));
    let unknown = json!({ "id": 2, "success": false, "error": "there is no module `kmeans` here" });
    assert_eq!(ask(r#"{"id": 2, "kind": "define", "module": "kmeans"}"#), unknown);
    let answer = evaluate("hello", "double", &json!(1.5));
    assert_eq!((&answer["output"], &answer["success"]), (&json!(3.0), &json!(true)));
    assert_eq!(answer["timings"].as_array().map(Vec::len), Some(1));
    let runs = evaluate("lse", "primal", &json!({ "x": [0.0], "min_runs": 3 }));
    assert_eq!(runs["timings"].as_array().map(Vec::len), Some(3));
    assert_eq!(ask(r#"{"id": 5, "kind": "analysis", "of": 4, "valid": true}"#), json!({ "id": 5 }));
    assert_eq!(protocol::answer(br#"{"id": 6, "kind": "end"}"#), None);
}

#[test]
fn lines_that_are_no_messages() {
    for empty in ["", "\n", " \t\r\n"] {
        assert_eq!(protocol::answer(empty.as_bytes()), None);
    }
    let refused = |line: &[u8], id: Value| {
        let answer = protocol::answer(line).expect("it is answered");
        assert_eq!((&answer["id"], &answer["success"]), (&id, &json!(false)), "{answer}");
        assert!(answer["error"].as_str().is_some_and(|e| e.starts_with("not a message: ")), "{answer}");
    };
    refused(b"not JSON", Value::Null);
    refused(b"\xff\xfe", Value::Null);
    refused(b"[1, 2]", Value::Null);
    refused(br#"{"id": 3}"#, json!(3));
    refused(br#"{"id": 3, "kind": "begin"}"#, json!(3));
    refused(br#"{"id": 3, "kind": "evaluate", "module": "hello", "function": "square"}"#, json!(3));
    refused(br#"{"id": 99999999999999999999999999, "kind": "start"}"#, json!(1e26));
    // JSON has no such numbers.
    for number in ["NaN", "Infinity", "1e999"] {
        let line =
            format!(r#"{{"id": 3, "kind": "evaluate", "module": "hello", "function": "square", "input": {number}}}"#);
        refused(line.as_bytes(), Value::Null);
    }
    refused("[".repeat(100_000).as_bytes(), Value::Null);
}

#[test]
fn numbers_that_json_has_not_are_null() {
    let answer = evaluate("hello", "square", &json!(1e300));
    assert_eq!((&answer["success"], &answer["output"]), (&json!(true), &Value::Null));
    let answer = evaluate("llsq", "gradient", &json!({ "x": [1.0, 1.0], "n": 1 }));
    assert_eq!((&answer["success"], &answer["output"]), (&json!(true), &json!([null, null])));
    let answer = evaluate("lse", "gradient", &json!({ "x": [] }));
    assert_eq!((&answer["success"], &answer["output"]), (&json!(true), &json!([])));
}

/// An input of `ht` from the cases, changed.
fn hand(change: impl FnOnce(&mut Value)) -> Value {
    let mut cases =
        include_str!("cases.jsonl").lines().map(|c| serde_json::from_str::<Value>(c).expect("a case is JSON"));
    let mut input = cases.find(|c| c["module"] == "ht").expect("there is a hand")["input"].take();
    change(&mut input);
    input
}

#[test]
fn inputs_of_the_wrong_shape() {
    let refused = |module: &str, input: &Value, error: &str| {
        let functions = match module {
            "hello" => ["square", "double"],
            "llsq" | "lse" | "ode" => ["primal", "gradient"],
            _ => ["objective", "jacobian"],
        };
        for function in functions {
            let answer = evaluate(module, function, input);
            assert_eq!((&answer["id"], &answer["success"]), (&json!(7), &json!(false)), "{answer}");
            let found = answer["error"].as_str().expect("there is an error");
            assert!(found.contains(error), "{module} {function}: {found}");
        }
    };
    refused("hello", &json!("one"), "expected f64");
    refused("kmeans", &json!(1.0), "of `kmeans` here");
    refused("lse", &json!({ "y": 1 }), "missing field `x`");
    refused("lse", &json!({ "x": [1.0], "min_runs": -1 }), "invalid value");
    refused("llsq", &json!({ "x": [1.0], "n": -1 }), "invalid value");
    refused("llsq", &json!({ "x": [1.0], "n": 1e30 }), "invalid type");
    refused("llsq", &json!({ "x": [1.0], "n": u64::MAX }), "`n` times the length of `x` is more than");
    refused("ode", &json!({ "x": [], "s": 1 }), "`x` has no component");
    refused("ode", &json!({ "x": [1.0, 2.0], "s": u64::MAX }), "`s` times the length of `x` is more than");
    let mixture = |key: &str, value: Value| {
        let mut input = json!({
            "d": 2, "k": 1, "n": 1, "x": [[1.0, 2.0]], "m": 0, "gamma": 1.0,
            "alpha": [0.0], "mu": [[0.0, 0.0]], "q": [[0.0, 0.0]], "l": [[0.0]],
        });
        assert_eq!(evaluate("gmm", "jacobian", &input)["success"], json!(true));
        input[key] = value;
        input
    };
    refused("gmm", &mixture("d", json!(0)), "`d` is 0");
    refused("gmm", &mixture("d", json!(u64::MAX)), "`d` times `d` is more than");
    refused("gmm", &mixture("d", json!(3)), "numbers in row 0 of `x`: 2 where 3 are needed");
    refused("gmm", &mixture("m", json!(1_u64 << 40)), "`d` times `m` is more than");
    refused("gmm", &mixture("alpha", json!([])), "there is no component");
    refused("gmm", &mixture("mu", json!([])), "rows of `mu`: 0 where 1 are needed");
    refused("gmm", &mixture("l", json!([[1.0, 2.0]])), "numbers in row 0 of `l`: 2 where 1 are needed");
    let network = |key: &str, value: Value| {
        let mut input = json!({
            "main_params": [[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]], "extra_params": [[0.1], [0.2], [0.3]],
            "state": [[0.0], [0.0]], "sequence": [[0.0], [1.0]],
        });
        assert_eq!(evaluate("lstm", "jacobian", &input)["success"], json!(true));
        input[key] = value;
        input
    };
    refused("lstm", &network("extra_params", json!([])), "`extra_params` is empty");
    refused("lstm", &network("extra_params", json!([[0.1]])), "rows of `extra_params`: 1 where 3 are needed");
    refused("lstm", &network("main_params", json!([[1.0]])), "`main_params` has 1 rows: two a layer are needed");
    refused("lstm", &network("state", json!([])), "rows of `state`: 0 where 2 are needed");
    refused("lstm", &network("sequence", json!([])), "`sequence` is empty");
    let scene = |key: &str, value: Value| {
        let mut input = json!({
            "n": 1, "m": 1, "p": 1, "cam": [0.1, 0.2, 0.3, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
            "x": [1.0, 2.0, 3.0], "w": 1.0, "feat": [0.0, 0.0],
        });
        assert_eq!(evaluate("ba", "jacobian", &input)["success"], json!(true));
        input[key] = value;
        input
    };
    refused("ba", &scene("p", json!(0)), "`p` is 0");
    refused("ba", &scene("n", json!(u64::MAX)), "16 times `n` is more than");
    refused("ba", &scene("cam", json!([1.0])), "invalid length 1");
    assert_eq!(evaluate("ht", "jacobian", &hand(|_| ()))["success"], json!(true));
    refused("ht", &hand(|input| input["theta"] = json!([0.0])), "`theta`: 1 where 26 are needed");
    refused("ht", &hand(|input| input["us"] = json!([[0.0, 0.0]])), "`us`: 1 where");
    refused("ht", &hand(|input| input["data"]["correspondences"][0] = json!(u64::MAX)), "point 0 belongs to vertex");
    refused("ht", &hand(|input| input["data"]["points"] = json!([])), "`correspondences`");
    refused("ht", &hand(|input| input["data"]["model"]["parents"][0] = json!(0)), "the parent of bone 0 is 0");
    refused("ht", &hand(|input| input["data"]["model"]["parents"] = json!([-1])), "1 bones where");
    refused("ht", &hand(|input| input["data"]["model"]["weights"][0] = json!([])), "numbers in row 0 of `weights`");
    refused("ht", &hand(|input| input["data"]["model"]["triangles"] = json!([[0, 1, u32::MAX]])), "triangle 0 has");
}
