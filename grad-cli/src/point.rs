//! The point of `--at`: names and values.

use grad_core::ir::eval::{Array, Data, Datum};
use grad_core::ir::{Elem, Function, Type};
use serde_json::{Map, Value};

/// A point as JSON, from `x=-2, w=[1,2]`, from JSON text, or from a JSON file.
pub(crate) fn read(text: &str) -> Result<Map<String, Value>, String> {
    let trimmed = text.trim();
    if trimmed.ends_with(".json") && !trimmed.contains('=') {
        let content = std::fs::read_to_string(trimmed).map_err(|e| format!("`{trimmed}` cannot be read: {e}"))?;
        return object(&content).map_err(|e| format!("`{trimmed}`: {e}"));
    }
    if trimmed.starts_with('{') {
        return object(trimmed);
    }
    assignments(trimmed)
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("a point is an object: {\"x\": 1}".to_string()),
        Err(e) => Err(format!("not JSON: {e}")),
    }
}

/// `name=value, …` with numbers and bracketed lists of them.
fn assignments(text: &str) -> Result<Map<String, Value>, String> {
    let mut map = Map::new();
    for part in split_outside_brackets(text)? {
        if part.trim().is_empty() {
            continue;
        }
        let Some((name, value)) = part.split_once('=') else {
            return Err(format!("`{}` is not of the form name=value", part.trim()));
        };
        let name = name.trim().to_string();
        let value = list(value.trim()).map_err(|e| format!("`{name}`: {e}"))?;
        if map.insert(name.clone(), value).is_some() {
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
    if let Ok(n) = text.parse::<i64>() {
        return Ok(n.into());
    }
    let x = match text {
        "pi" | "π" => std::f64::consts::PI,
        "-pi" | "-π" => -std::f64::consts::PI,
        "e" => std::f64::consts::E,
        _ => text.parse::<f64>().map_err(|_| format!("`{text}` is not a number"))?,
    };
    Ok(crate::json::number(x))
}

/// The arguments of a function, from the point.
pub(crate) fn arguments(f: &Function, point: &Map<String, Value>) -> Result<Vec<Datum>, String> {
    for name in point.keys() {
        if f.param(name).is_none() {
            let near = grad_core::diagnostic::did_you_mean(name, f.params.iter().map(|p| &*p.name));
            let hint = near.map_or(String::new(), |n| format!(": did you mean `{n}`?"));
            return Err(format!("there is no parameter `{name}`{hint}"));
        }
    }
    let mut args = Vec::new();
    for (k, param) in f.params.iter().enumerate() {
        let Some(value) = point.get(&*param.name) else {
            return Err(format!("the point gives no value for `{}`", param.name));
        };
        args.push(datum(value, f.param_type(k)).map_err(|e| format!("`{}`: {e}", param.name))?);
    }
    Ok(args)
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
            return Err(format!("expected {}", describe(ty.rank())));
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

fn describe(rank: usize) -> &'static str {
    match rank {
        1 => "a list of numbers",
        2 => "a list of rows",
        _ => "nested lists",
    }
}

fn flatten<'v>(value: &'v Value, dims: &[usize], flat: &mut Vec<&'v Value>) -> Result<(), String> {
    match (value, dims) {
        (Value::Array(items), [n, rest @ ..]) if items.len() == *n => {
            items.iter().try_for_each(|v| flatten(v, rest, flat))
        }
        (Value::Array(items), [n, ..]) => Err(format!("rows of {n} and of {} elements", items.len())),
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
