//! The README's table of functions is the one that the rows give. `UPDATE=1 cargo test --test readme` rewrites it.

use std::fmt::Write;

use grad_core::prim::ROWS;

const BEGIN: &str = "<!-- functions:begin -->\n";
const END: &str = "<!-- functions:end -->";

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn table() -> String {
    let mut table = String::from("| function | also | derivative | where |\n|---|---|---|---|\n");
    for row in ROWS.iter().filter(|row| row.is_function()) {
        let first = row.args.len() - row.defaults.len();
        let arg = |(k, name): (usize, &&str)| match row.defaults.get(k.wrapping_sub(first)) {
            Some(default) => format!("{name} = {default}"),
            None => name.to_string(),
        };
        let args = row.args.iter().enumerate().map(arg).collect::<Vec<_>>().join(", ");
        let also = row.aliases.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let derivative = match row.definition {
            Some(definition) => format!("that of `{}`", cell(definition)),
            None => {
                let partials = row.partials.iter().enumerate();
                let text = |(k, p): (usize, &&str)| match row.has_derivative(k) {
                    true => format!("`{}`", cell(p)),
                    false => "none".to_string(),
                };
                partials.map(text).collect::<Vec<_>>().join(", ")
            }
        };
        let domain: Vec<_> = row.domain.iter().zip(row.args).map(|(d, arg)| d.describe(arg)).collect();
        let domain = cell(&domain.into_iter().filter(|d| !d.is_empty()).collect::<Vec<_>>().join(", "));
        let result = if derivative.contains(row.result) { format!(" = {}", row.result) } else { String::new() };
        writeln!(table, "| `{}({args}){result}` | {also} | {derivative} | {domain} |", row.name).unwrap();
    }
    table
}

#[test]
fn functions() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let expected = table();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
    } else {
        assert!(shown == expected, "the README's table is not that of the rows: UPDATE=1 cargo test --test readme");
    }
}
