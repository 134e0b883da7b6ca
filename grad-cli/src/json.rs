//! Numbers and arrays in JSON. Non-finite numbers are the strings "NaN", "inf" and "-inf".

use grad_core::ir::eval::{Array, Data, Datum};
use serde_json::Value;

/// A float.
pub(crate) fn number(x: f64) -> Value {
    match serde_json::Number::from_f64(x) {
        Some(n) => Value::Number(n),
        None if x.is_nan() => "NaN".into(),
        None => if x > 0.0 { "inf" } else { "-inf" }.into(),
    }
}

/// A float, read.
pub(crate) fn float(value: &Value) -> Result<f64, String> {
    match value {
        Value::Number(n) => n.as_f64().ok_or_else(|| format!("{n} is too large")),
        Value::String(s) => match s.as_str() {
            "NaN" | "nan" => Ok(f64::NAN),
            "inf" | "+inf" | "Infinity" => Ok(f64::INFINITY),
            "-inf" | "-Infinity" => Ok(f64::NEG_INFINITY),
            _ => Err(format!("expected a number, found \"{s}\"")),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(format!("expected a number, found {value}"))
        }
    }
}

/// A value, arrays as nested lists.
pub(crate) fn datum(datum: &Datum) -> Value {
    match datum {
        Datum::Float(x) => number(*x),
        Datum::Int(n) => (*n).into(),
        Datum::Bool(x) => (*x).into(),
        Datum::Array(array) => {
            let mut elements = elements(array).into_iter();
            nested(&array.dims, &mut elements)
        }
    }
}

fn elements(array: &Array) -> Vec<Value> {
    match &array.data {
        Data::Float(x) => x.iter().map(|x| number(*x)).collect(),
        Data::Int(x) => x.iter().map(|n| (*n).into()).collect(),
        Data::Bool(x) => x.iter().map(|x| (*x).into()).collect(),
    }
}

fn nested(dims: &[usize], elements: &mut impl Iterator<Item = Value>) -> Value {
    match dims {
        [] => elements.next().expect("an array has as many elements as its lengths say"),
        [n, rest @ ..] => Value::Array((0..*n).map(|_| nested(rest, elements)).collect()),
    }
}
