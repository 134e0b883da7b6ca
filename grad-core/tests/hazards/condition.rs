//! A condition, as it is printed, read again and evaluated at a point.

use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};

/// The declarations of a function's parameters.
fn header(f: &Function) -> String {
    let params = (0..f.params.len()).map(|k| {
        let (name, ty) = (&f.params[k].name, f.param_type(k));
        let dims = ty.dims.iter().map(|d| match d {
            grad_core::ir::Dim::Lit(n) => n.to_string(),
            grad_core::ir::Dim::Size(size) => f.sizes[size.0 as usize].to_string(),
            grad_core::ir::Dim::Any => unreachable!("formulas know their lengths"),
        });
        match (ty.is_scalar(), ty.is_float()) {
            (true, true) => name.to_string(),
            (true, false) => format!("{name}: index"),
            (false, _) => format!("{name}: [{}]", dims.collect::<Vec<_>>().join(", ")),
        }
    });
    params.collect::<Vec<_>>().join(", ")
}

/// The numbers that an expression is, one for each value of the indices that it speaks of.
fn number(f: &Function, expression: &str, indices: &[&str], at: &[i64], args: &[Datum]) -> f64 {
    let more: String = indices.iter().map(|i| format!(", {i}: index")).collect();
    let source = format!("{}{more};\n{expression}", header(f));
    let read = formula::read("c", &source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function;
    let args: Vec<Datum> = args.iter().cloned().chain(at.iter().map(|i| Datum::Int(*i))).collect();
    match eval(&read, &args).as_deref() {
        Ok([Datum::Float(x)]) => *x,
        _ => f64::NAN,
    }
}

fn atom(f: &Function, text: &str, indices: &[&str], at: &[i64], args: &[Datum]) -> bool {
    let of = |x: &str| number(f, x, indices, at, args);
    if let Some((x, multiple)) = text.split_once(" = ").filter(|(_, y)| y.contains("k·")) {
        let (plus, step) = multiple.split_once("k·").unwrap();
        let plus = plus.trim_end_matches(" + ");
        let spelled = |x: &str| of(&x.replace("2π", "2 * π").replace("3π", "3 * π"));
        let plus = if plus.is_empty() { 0.0 } else { spelled(plus) };
        let k = (of(x) - plus) / spelled(step);
        return (k - k.round()).abs() < 1e-12;
    }
    let condition = match text.split_once(" = ") {
        Some((x, y)) => format!("{x} == {y}"),
        None => text.to_owned(),
    };
    of(&format!("if {condition} then 1.0 else 0.0")) == 1.0
}

/// The parts of a condition, those in parentheses whole.
fn parts(condition: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (k, c) in condition.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ' ' if depth == 0 && k >= from && condition[k..].starts_with(" and ") => {
                parts.push(&condition[from..k]);
                from = k + 5;
            }
            _ => {}
        }
    }
    parts.push(&condition[from..]);
    parts
}

/// Every choice of so many indices.
fn choices(indices: &[&str], length: i64) -> Vec<Vec<i64>> {
    let n = u32::try_from(indices.len()).unwrap();
    (0..length.pow(n)).map(|k| (0..n).map(|j| k / length.pow(j) % length).collect()).collect()
}

/// Whether a condition holds.
pub(crate) fn holds(f: &Function, condition: &str, args: &[Datum], length: i64) -> bool {
    if condition == "always" {
        return true;
    }
    let (condition, some) = condition.rsplit_once(" for some ").unwrap_or((condition, ""));
    let some: Vec<&str> = some.split(", ").filter(|i| !i.is_empty()).collect();
    choices(&some, length).iter().any(|chosen| {
        parts(condition).iter().all(|text| {
            let (text, every) = text.split_once(" for every ").unwrap_or((text, ""));
            let every: Vec<&str> = every.split(", ").filter(|i| !i.is_empty()).collect();
            let indices: Vec<&str> = some.iter().chain(&every).copied().collect();
            choices(&every, length).iter().all(|all| {
                let at: Vec<i64> = chosen.iter().chain(all).copied().collect();
                atom(f, text, &indices, &at, args)
            })
        })
    })
}
