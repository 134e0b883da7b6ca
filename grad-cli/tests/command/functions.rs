//! `grad functions`: the table.

use insta::assert_snapshot;
use serde_json::Value;

use crate::{printed, refused};

#[test]
fn one_function() {
    assert_snapshot!(printed(["functions", "ln"]), @r#"
    ln(x) -> z
        Natural logarithm. DLMF 4.7.
        also: log
        d/dx: 1.0 / x
        for x > 0
    "#);
    assert_eq!(printed(["functions", "log"]), printed(["functions", "ln"]));
}

#[test]
fn the_whole_table_is_json_too() {
    let table: Value = serde_json::from_str(&printed(["functions", "--json"])).unwrap();
    let rows = table.as_array().unwrap();
    let text = printed(["functions"]);
    assert!(rows.len() > 30);
    for row in rows {
        let name = row["name"].as_str().unwrap();
        assert!(text.lines().any(|line| line.starts_with(&format!("{name}("))), "{name}");
        let arguments = row["arguments"].as_array().unwrap().len();
        let derivatives = row["derivative"].as_array().unwrap().len();
        assert!(row["definition"].is_string() || derivatives == arguments, "{row}");
        let alone: Value = serde_json::from_str(&printed(["functions", name, "--json"])).unwrap();
        assert_eq!(&alone[0], row);
    }
}

#[test]
fn every_function_listed_can_be_derived() {
    let table: Value = serde_json::from_str(&printed(["functions", "--json"])).unwrap();
    for row in table.as_array().unwrap() {
        let names = row["aliases"].as_array().unwrap().iter().chain([&row["name"]]);
        let arguments = match row["name"].as_str().unwrap() {
            // Its power is a whole number.
            "powi" => "x, 3".to_string(),
            // There is no derivative in its order.
            "polygamma" => "2, x".to_string(),
            _ => ["x", "y", "z"][..row["arguments"].as_array().unwrap().len()].join(", "),
        };
        for name in names.map(|name| name.as_str().unwrap()) {
            let code = printed([format!("{name}({arguments})")]);
            assert!(code.contains("pub fn f_grad("), "{name}: {code}");
        }
    }
}

#[test]
fn unknown_names() {
    assert_snapshot!(refused(["functions", "sinn"]), @"error: there is no function `sinn`: did you mean `sin`?");
    assert_snapshot!(refused(["functions", "zzzzz"]), @"error: there is no function `zzzzz`");
}
