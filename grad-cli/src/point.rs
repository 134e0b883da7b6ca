//! The point of `--at`: names and values.

use grad_core::ir::eval::{Array, Data, Datum};
use grad_core::ir::{Elem, Function, Type};
use serde_json::{Map, Value};

/// A point as JSON, from `x=-2, w=[1,2]`, from JSON text, or from a JSON file.
pub(crate) fn read(text: &str) -> Result<Map<String, Value>, String> {
    let trimmed = text.trim();
    if trimmed.ends_with(".json") && !trimmed.contains('=') {
        let content = std::fs::read(trimmed).map_err(|e| format!("`{trimmed}` cannot be read: {e}"))?;
        return object(&content).map_err(|e| format!("`{trimmed}`: {e}"));
    }
    if trimmed.starts_with('{') {
        return object(trimmed.as_bytes());
    }
    assignments(trimmed)
}

fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    match crate::json::parse(text)? {
        Value::Object(map) => Ok(map),
        _ => Err("a point is an object: {\"x\": 1}".to_string()),
    }
}

/// `name=value, …` with numbers and bracketed lists of them.
fn assignments(text: &str) -> Result<Map<String, Value>, String> {
    let mut map = Map::new();
    for part in split_outside_brackets(text)? {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let (name, value) = match part.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => (name.trim(), value.trim()),
            Some(_) | None => return Err(format!("`{part}` is not of the form name=value")),
        };
        if value.is_empty() {
            return Err(format!("`{name}` is given no value"));
        }
        if value.contains('=') {
            return Err(format!("`{part}`: values are separated by commas"));
        }
        let value = list(value).map_err(|e| format!("`{name}`: {e}"))?;
        if map.insert(name.to_string(), value).is_some() {
            return Err(format!("`{name}` is given twice"));
        }
    }
    Ok(map)
}

fn split_outside_brackets(text: &str) -> Result<Vec<&str>, String> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.checked_sub(1).ok_or("a `]` closes nothing")?,
            ',' | ';' | '\n' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err("a `[` is not closed".to_string());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

/// The deepest list that is read: a point has vectors and matrices.
const DEEPEST: usize = 8;

fn list(text: &str) -> Result<Value, String> {
    fn nested(text: &str, depth: usize) -> Result<Value, String> {
        let text = text.trim();
        if depth > DEEPEST {
            return Err(format!("lists nest more than {DEEPEST} deep"));
        }
        match text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            Some(inner) if inner.trim().is_empty() => Ok(Value::Array(Vec::new())),
            Some(inner) => {
                let parts = split_outside_brackets(inner)?;
                Ok(Value::Array(parts.into_iter().map(|p| nested(p, depth + 1)).collect::<Result<_, _>>()?))
            }
            None => constant(text),
        }
    }
    nested(text, 0)
}

fn constant(text: &str) -> Result<Value, String> {
    // Minus zero is no integer.
    if let Ok(n) = text.parse::<i64>()
        && !(n == 0 && text.starts_with('-'))
    {
        return Ok(n.into());
    }
    let x = match text {
        "pi" | "π" => std::f64::consts::PI,
        "-pi" | "-π" => -std::f64::consts::PI,
        "e" => std::f64::consts::E,
        "-e" => -std::f64::consts::E,
        _ => text.parse::<f64>().map_err(|_| format!("`{text}` is not a number"))?,
    };
    if x.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) {
        return Err(format!("`{text}` is too large for a float: infinity is `inf`"));
    }
    Ok(crate::json::number(x))
}

/// The arguments of a function, from the point; or everything that is wrong with it.
pub(crate) fn arguments(f: &Function, point: &Map<String, Value>) -> Result<Vec<Datum>, Vec<String>> {
    let mut wrong = Vec::new();
    for name in point.keys().filter(|name| f.param(name).is_none()) {
        let near = grad_core::diagnostic::did_you_mean(name, f.params.iter().map(|p| &*p.name));
        let hint = near.map_or(String::new(), |n| format!(": did you mean `{n}`?"));
        wrong.push(format!("there is no parameter `{name}`{hint}"));
    }
    let mut args = Vec::new();
    let mut missing = Vec::new();
    for (k, param) in f.params.iter().enumerate() {
        let ty = f.param_type(k);
        match point.get(&*param.name) {
            None if *ty == Type::FLOAT => missing.push(format!("`{}`", param.name)),
            None => missing.push(format!("`{}` ({})", param.name, describe(ty))),
            Some(value) => match datum(value, ty) {
                Ok(datum) => args.push(datum),
                Err(e) => wrong.push(format!("`{}`: {e}", param.name)),
            },
        }
    }
    if !missing.is_empty() {
        wrong.push(format!("the point gives no value for {}", missing.join(", ")));
    }
    if wrong.is_empty() { Ok(args) } else { Err(wrong) }
}

fn datum(value: &Value, ty: &Type) -> Result<Datum, String> {
    if ty.is_scalar() {
        return match ty.elem {
            Elem::Float => crate::json::float(value).map(Datum::Float),
            Elem::Int(_) => integer(value).map(Datum::Int),
            Elem::Bool => value.as_bool().map(Datum::Bool).ok_or_else(|| "expected true or false".to_string()),
        };
    }
    let mut dims = Vec::new();
    let mut level = value;
    for _ in 0..ty.rank() {
        let Value::Array(items) = level else {
            return Err(format!("expected {}, found {level}", describe(ty)));
        };
        dims.push(items.len());
        match items.first() {
            Some(first) => level = first,
            None => break,
        }
    }
    dims.resize(ty.rank(), 0);
    let mut flat = Vec::new();
    flatten(value, &dims, &mut flat)?;
    let data = match ty.elem {
        Elem::Float => Data::Float(flat.iter().map(|v| crate::json::float(v)).collect::<Result<_, _>>()?),
        Elem::Int(_) => Data::Int(flat.iter().map(|v| integer(v)).collect::<Result<_, _>>()?),
        Elem::Bool => return Err("lists of truth values are not taken".to_string()),
    };
    Ok(Datum::Array(Array { dims, data }))
}

fn describe(ty: &Type) -> &'static str {
    match (ty.rank(), ty.elem) {
        (0, Elem::Float) => "a number",
        (0, Elem::Int(_)) => "an index",
        (0, Elem::Bool) => "true or false",
        (1, Elem::Float | Elem::Bool) => "a list of numbers",
        (1, Elem::Int(_)) => "a list of indices",
        (2, _) => "a list of rows",
        (_, _) => "nested lists",
    }
}

fn flatten<'v>(value: &'v Value, dims: &[usize], flat: &mut Vec<&'v Value>) -> Result<(), String> {
    match (value, dims) {
        (Value::Array(items), [n, rest @ ..]) if items.len() == *n => {
            items.iter().try_for_each(|v| flatten(v, rest, flat))
        }
        (Value::Array(items), [n, ..]) => Err(format!("lists of {n} and of {} elements, side by side", items.len())),
        (Value::Array(_), []) => Err("a list where a number is expected".to_string()),
        (_, []) => {
            flat.push(value);
            Ok(())
        }
        (_, _) => Err("a number where a list is expected".to_string()),
    }
}

fn integer(value: &Value) -> Result<i64, String> {
    match value.as_i64().or_else(|| value.as_f64().filter(|x| x.fract() == 0.0 && x.abs() < 1e15).map(|x| x as i64)) {
        Some(n) if n >= 0 => Ok(n),
        Some(n) => Err(format!("an index is not negative: {n}")),
        None => Err(format!("expected an integer, found {value}")),
    }
}
