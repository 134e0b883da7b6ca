//! `grad functions`: the table of primitives.

use grad_core::diagnostic::did_you_mean;
use grad_core::prim::{Prim, ROWS, Row};
use serde_json::{Value, json};

use crate::arguments::Functions;
use crate::{Failure, report};

pub(crate) fn run(arguments: &Functions) -> Result<(), Failure> {
    let rows: Vec<&Row> = match &arguments.name {
        None => ROWS.iter().filter(|row| row.is_function()).collect(),
        Some(name) => match Prim::by_name(name) {
            Some(prim) => vec![prim.row()],
            None => {
                let names =
                    ROWS.iter().filter(|r| r.is_function()).flat_map(|r| std::iter::once(&r.name).chain(r.aliases));
                let near =
                    did_you_mean(name, names.copied()).map_or(String::new(), |n| format!(": did you mean `{n}`?"));
                return Err(Failure::Input(format!("error: there is no function `{name}`{near}\n")));
            }
        },
    };
    if arguments.json {
        let list: Vec<Value> = rows.iter().map(|row| in_json(row)).collect();
        let text = serde_json::to_string_pretty(&list).expect("a table is JSON");
        return report::to_stdout(&(text + "\n"));
    }
    let mut text = String::new();
    for row in rows {
        text += &format!("{}\n", call(row));
        for line in row.doc {
            text += &format!("   {line}\n");
        }
        if !row.aliases.is_empty() {
            text += &format!("    also: {}\n", row.aliases.join(", "));
        }
        match row.definition {
            Some(definition) => text += &format!("    = {}\n", tidy(definition)),
            None => {
                for (k, (arg, partial)) in row.args.iter().zip(row.partials).enumerate() {
                    let partial = if row.has_derivative(k) { tidy(partial) } else { "none".to_string() };
                    text += &format!("    d/d{arg}: {partial}\n");
                }
            }
        }
        let domain = domain(row);
        if !domain.is_empty() {
            text += &format!("    for {domain}\n");
        }
    }
    report::to_stdout(&text)
}

fn call(row: &Row) -> String {
    format!("{}({}) -> {}", row.name, row.args.join(", "), row.result)
}

/// A row's own words on one line.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn domain(row: &Row) -> String {
    let conditions = row.args.iter().zip(row.domain).map(|(arg, domain)| domain.describe(arg));
    conditions.filter(|c| !c.is_empty()).collect::<Vec<_>>().join(", ")
}

fn in_json(row: &Row) -> Value {
    json!({
        "name": row.name,
        "aliases": row.aliases,
        "arguments": row.args,
        "result": row.result,
        "doc": row.doc.iter().map(|d| d.trim()).collect::<Vec<_>>().join(" "),
        "definition": row.definition.map(tidy),
        "derivative": (row.partials.iter().enumerate())
            .map(|(k, p)| row.has_derivative(k).then(|| tidy(p)))
            .collect::<Vec<_>>(),
        "domain": domain(row),
    })
}
