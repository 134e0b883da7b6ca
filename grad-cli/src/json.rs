//! Numbers and arrays in JSON. Non-finite numbers are the strings "NaN", "inf" and "-inf".

use std::fmt;

use grad_core::ir::eval::{Array, Data, Datum};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Number, Value};

/// JSON in which no object has a key twice: of two values, one would be lost in silence.
pub(crate) fn parse(text: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(without_mark(text));
    let value = Strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|e| match e.classify() {
        Category::Data => e.to_string(),
        // The number is well formed; it is only that no float holds it.
        Category::Syntax if e.to_string().starts_with("number out of range") => {
            format!("{e}: infinity is written \"inf\"")
        }
        Category::Syntax | Category::Eof | Category::Io => format!("not JSON: {e}"),
    })
}

/// The `id` of an object that may be broken further on.
pub(crate) fn id(text: &[u8]) -> Option<Value> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(without_mark(text));
    // What is wrong with the object is known already.
    let _ = reader.deserialize_map(Id(&mut found));
    found
}

/// The text without the byte-order mark that some editors put first.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, x: bool) -> Result<Value, E> {
        Ok(Value::Bool(x))
    }

    fn visit_i64<E>(self, x: i64) -> Result<Value, E> {
        Ok(x.into())
    }

    fn visit_u64<E>(self, x: u64) -> Result<Value, E> {
        Ok(x.into())
    }

    fn visit_f64<E>(self, x: f64) -> Result<Value, E> {
        Ok(Number::from_f64(x).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, x: &str) -> Result<Value, E> {
        Ok(x.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("`{key}` is given twice")));
            }
            map.insert(key, entries.next_value_seed(Strict)?);
        }
        Ok(Value::Object(map))
    }
}

struct Id<'a>(&'a mut Option<Value>);

impl<'de> Visitor<'de> for Id<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            if key == "id" {
                *self.0 = Some(entries.next_value()?);
                return Ok(());
            }
            entries.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

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
