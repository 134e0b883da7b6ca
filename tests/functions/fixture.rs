//! What is asked of each function, and its points with the values and gradients expected there.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The parameters of a function, read from a point.
pub trait Fixture: DeserializeOwned {
    /// The function's name in `expected.jsonl`.
    const NAME: &'static str;
    /// The code that was generated.
    const SOURCE: &'static str;

    /// The results of the function itself, one after another.
    fn primal(&self) -> Vec<f64>;

    /// The value and the gradient in one, where there is one result; the gradient has the active parameters' names.
    fn gradient(&self) -> Option<(f64, Value)> {
        None
    }

    /// The results, and the adjoints for their cotangents.
    fn reverse(&self, cotangent: &[f64]) -> (Vec<f64>, Value);

    /// The results, and their derivatives along a direction.
    fn along(&self, direction: &Self) -> (Vec<f64>, Vec<f64>);
}

/// A line of `expected.jsonl`.
pub struct Case {
    pub active: Value,
    passive: Map<String, Value>,
    pub value: Vec<f64>,
    /// The gradient of each result, its numbers in the order of `active`'s.
    pub gradient: Vec<Vec<f64>>,
    /// Whether the function has a step or a kink here: the derivative is that of the branch taken.
    pub kink: bool,
}

impl Case {
    /// The cases of a function.
    pub fn all(name: &str) -> Vec<Case> {
        let lines = include_str!("expected.jsonl").lines();
        let cases = lines.map(|line| serde_json::from_str::<Value>(line).expect("a case is JSON"));
        let cases: Vec<Case> = cases.filter(|case| case["function"] == name).map(Case::of).collect();
        assert!(cases.len() >= 2, "{name} has {} cases", cases.len());
        cases
    }

    fn of(case: Value) -> Case {
        let gradient = case["gradient"].as_array().expect("a gradient a result");
        Case {
            active: case["active"].clone(),
            passive: case["passive"].as_object().expect("names and values").clone(),
            value: numbers(&case["value"]),
            gradient: gradient.iter().map(numbers).collect(),
            kink: case["kink"].as_bool().unwrap_or_default(),
        }
    }

    /// The parameters with these numbers in place of the active ones.
    pub fn with<F: Fixture>(&self, numbers: &[f64]) -> F {
        let mut numbers = numbers.iter();
        let active = replaced(&self.active, &mut numbers);
        assert_eq!(numbers.len(), 0);
        let Value::Object(mut all) = active else { panic!("names and values") };
        all.extend(self.passive.clone());
        serde_json::from_value(Value::Object(all)).expect("the parameters have these types")
    }
}

/// The numbers in a value, in the order of its names.
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Object(fields) => sorted(fields).into_iter().flat_map(|(_, field)| numbers(field)).collect(),
        // A number that JSON has no spelling for.
        Value::Null => vec![f64::NAN],
        number => vec![number.as_f64().expect("a float")],
    }
}

fn replaced(value: &Value, numbers: &mut std::slice::Iter<'_, f64>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| replaced(item, numbers)).collect(),
        Value::Object(fields) => {
            let fields = sorted(fields).into_iter();
            Value::Object(fields.map(|(name, field)| (name.clone(), replaced(field, numbers))).collect())
        }
        _ => (*numbers.next().expect("a number for each place")).into(),
    }
}

fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    fields
}
