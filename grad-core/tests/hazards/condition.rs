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

/// Whether a condition holds.
pub(crate) fn holds(f: &Function, condition: &str, args: &[Datum], length: i64) -> bool {
    condition == "always" || condition.split(" and ").all(|text| {
        let quantified = text.split_once(" for some ").map(|x| (x, false));
        match quantified.or_else(|| text.split_once(" for every ").map(|x| (x, true))) {
            None => atom(f, text, &[], &[], args),
            Some(((text, indices), every)) => {
                let indices: Vec<&str> = indices.split(", ").collect();
                let n = length.pow(u32::try_from(indices.len()).unwrap());
                let mut all = (0..n).map(|k| {
                    let at: Vec<i64> =
                        (0..indices.len()).map(|j| k / length.pow(u32::try_from(j).unwrap()) % length).collect();
                    atom(f, text, &indices, &at, args)
                });
                if every { all.all(|x| x) } else { all.any(|x| x) }
            }
        }
    })
}
