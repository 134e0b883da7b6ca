//! The README's table of functions is the one that the rows give, and the page of edges shows what the tests of them
//! check. `UPDATE=1 cargo test --test readme` rewrites both.

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

/// The numbers of the file in signs: `-inf` is −∞.
fn numbers(text: &str) -> String {
    text.trim_matches(['[', ']']).replace("inf", "∞").replace('-', "−").replace("e−", "e-")
}

/// The parts between commas that stand in no bracket.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let outside = |c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth == 0
    };
    text.split(outside).map(str::trim).collect()
}

fn edges() -> String {
    let mut page = String::from(
        "# Edges\n\n\
         What functions and their derivatives are where formulas go wrong: at kinks, poles, ends of domains, zeros of both \
         signs, and far out. Every line is checked, by the interpreter and in the emitted code, by \
         `grad-core/tests/agree/edges.rs`; this page is made of `edges.grad` beside it.\n\n\
         The rules: a limit is taken where there is one, from the side where the function is. At a kink it is the \
         derivative of one side, or 0 between two of different signs. What is not looked at adds nothing, not even ∞ or \
         NaN. Outside a domain the value is NaN.\n",
    );
    for entry in include_str!("../grad-core/tests/agree/edges.grad").split("\n\n").skip(1) {
        if let Some(heading) = entry.trim().strip_prefix("## ") {
            write!(page, "\n## {heading}\n\n").unwrap();
            page.push_str(
                "| function | at | value | derivative | second derivative | why |\n|---|---|---|---|---|---|\n",
            );
            continue;
        }
        let mut lines = entry.trim().lines();
        let mut source = format!("`{}`", lines.next().unwrap());
        for line in lines {
            let (at, rest) = line.trim_start_matches("# at ").split_once(" -> ").unwrap();
            let (values, why) = rest.split_once(" : ").unwrap();
            let [value, gradient, hessian] = parts(values)[..] else { panic!("{line}") };
            let hessian = if hessian == "?" { String::new() } else { numbers(hessian) };
            let at = at.replace('=', " = ").replace("inf", "∞").replace('-', "−").replace("e−", "e-");
            let (value, gradient) = (numbers(value), numbers(gradient));
            writeln!(page, "| {} | {at} | {value} | {gradient} | {hessian} | {} |", cell(&source), cell(why)).unwrap();
            source.clear();
        }
    }
    page
}

#[test]
fn page_of_edges() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/EDGES.md");
    let expected = edges();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, expected).unwrap();
    } else {
        let shown = std::fs::read_to_string(path).unwrap();
        assert!(shown == expected, "the page of edges is not that of `edges.grad`: UPDATE=1 cargo test --test readme");
    }
}
