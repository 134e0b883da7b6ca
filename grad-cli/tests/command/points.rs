//! `--at`: how a point is written, and what is said of one that does not fit.

use insta::assert_snapshot;

use crate::{folder, printed, refused};

/// What `x`, or `f(x)`, is at a point.
fn value(formula: &str, at: &str) -> String {
    let text = printed(["eval", formula, "--at", at]);
    text.lines().next().unwrap().trim_start_matches("value").trim().to_string()
}

#[test]
fn numbers() {
    for (written, read) in [
        ("2", "2"),
        ("-2.5e3", "-2500"),
        (".5", "0.5"),
        ("+3", "3"),
        ("-0", "-0"),
        ("inf", "inf"),
        ("-inf", "-inf"),
        ("NaN", "NaN"),
        ("pi", "3.141592653589793"),
        ("1e-400", "0"),
        ("123456789012345678901234567890", "1.2345678901234568e29"),
    ] {
        assert_eq!(value("x", &format!("x = {written}")), read, "{written}");
    }
    for wrong in ["1e999", "-1e999", "abc", "1,2", "1 2", "--1", "0x10", "[1]", "[]", ""] {
        refused(["eval", "x", "--at", &format!("x={wrong}")]);
    }
}

#[test]
fn json_text_and_files() {
    assert_eq!(value("x * y", r#"{"x": 2, "y": "inf"}"#), "inf");
    let file = folder("points_file").join("point.json");
    std::fs::write(&file, "\u{feff}{\"x\": [1, 2.5],\n \"i\": 1}").unwrap();
    assert_eq!(value("x: [n], i: index; x[i]", file.to_str().unwrap()), "2.5");
    let shown = file.display();
    for (content, says) in [
        (r#"{"x": 1, "x": 2}"#, "`x` is given twice at line 1 column 12"),
        (r#"{"x": 1e999}"#, "number out of range at line 1 column 11: infinity is written \"inf\""),
        (r#"{"x": 1"#, "not JSON: EOF while parsing an object at line 1 column 7"),
        (r#"{"x": 1} 2"#, "not JSON: trailing characters at line 1 column 10"),
        ("[1]", "a point is an object: {\"x\": 1}"),
        ("", "not JSON: EOF while parsing a value at line 1 column 0"),
    ] {
        std::fs::write(&file, content).unwrap();
        assert_eq!(refused(["eval", "x", "--at", file.to_str().unwrap()]), format!("error: `{shown}`: {says}\n"));
    }
    std::fs::write(&file, b"{\"x\": \"\xff\"}").unwrap();
    refused(["eval", "x", "--at", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert!(refused(["eval", "x", "--at", file.to_str().unwrap()]).contains("cannot be read"));
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{\"x\":", "}")] {
        let deep = open.repeat(100_000) + "1" + &close.repeat(100_000);
        let file = folder("points_deep").join("deep.json");
        std::fs::write(&file, format!("{{\"x\": {deep}}}")).unwrap();
        assert!(refused(["eval", "x", "--at", file.to_str().unwrap()]).contains("recursion limit exceeded"));
    }
    let deep = format!("x={}1{}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(refused(["eval", "x", "--at", &deep]), "error: `x`: lists nest more than 8 deep\n");
}

#[test]
fn missing_and_surplus_parameters_are_all_named() {
    assert_snapshot!(refused(["eval", "x: [n], i: index, A: [n, n], rate; x[i] * A[0, i] * rate", "--at", "rat=1, q=2"]), @r#"
    error: there is no parameter `rat`: did you mean `rate`?
    error: there is no parameter `q`
    error: the point gives no value for `x` (a list of numbers), `i` (an index), `A` (a list of rows), `rate`
    "#);
    assert_snapshot!(refused(["eval", "x * y"]), @r#"
    error: the point gives no value for `x`, `y`
    error: a point is given as `--at 'x=1, w=[1, 2]'`, or as `--at point.json`
    "#);
}

#[test]
fn shapes_that_do_not_fit() {
    for (formula, at, says) in [
        ("x", "x=[1, 2]", "`x`: expected a number, found [1,2]"),
        ("x: [n]; sum(x)", "x=1", "`x`: expected a list of numbers, found 1"),
        ("x: [n]; sum(x)", "x=[1, [2]]", "`x`: a list where a number is expected"),
        ("A: [2, 2]; sum(A)", "A=[1, 2, 3, 4]", "`A`: expected a list of rows, found 1"),
        ("A: [2, 2]; sum(A)", "A=[[1, 2], [3]]", "`A`: lists of 2 and of 1 elements, side by side"),
        ("x: [3]; sum(x)", "x=[1, 2]", "`x` has length 3, but is given 2"),
        ("x: [n], y: [n]; x · y", "x=[1, 2], y=[1]", "`y` is given length 1 where n is 2"),
        ("i: index; 2 * i", "i=1.5", "`i`: expected an integer, found 1.5"),
        ("i: index; 2 * i", "i=-1", "`i`: an index is not negative: -1"),
    ] {
        assert_eq!(refused(["eval", formula, "--at", at]), format!("error: {says}\n"));
    }
}

#[test]
fn assignments_that_are_none() {
    for (at, says) in [
        ("x", "`x` is not of the form name=value"),
        ("=1", "`=1` is not of the form name=value"),
        ("x=", "`x` is given no value"),
        ("x=1, x=2", "`x` is given twice"),
        ("x=1 y=2", "`x=1 y=2`: values are separated by commas"),
        ("x=[1, 2", "a `[` is not closed"),
        ("x=1]", "a `]` closes nothing"),
        ("x=one", "`x`: `one` is not a number"),
        ("x=1e999", "`x`: `1e999` is too large for a float: infinity is `inf`"),
    ] {
        assert_eq!(refused(["eval", "x", "--at", at]), format!("error: {says}\n"));
    }
}

#[test]
fn separators() {
    for at in ["x=1,y=2", " x = 1 , y = 2, ", "x=1; y=2", "x=1\ny=2"] {
        assert_eq!(value("x + y", at), "3");
    }
    assert_eq!(value("A: [m, n]; sum(A)", "A = [ [1, 2] , [3, 4] ]"), "10");
}
