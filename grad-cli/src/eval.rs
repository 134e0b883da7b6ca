//! `grad eval`: value, gradient and Hessian at a point.

use std::io::BufRead as _;
use std::rc::Rc;

use grad_core::ad::{self, Mode};
use grad_core::diagnostic::Problem;
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Array, Data, Datum, EvalError, eval};
use grad_core::opt::{self, Simplify};
use serde_json::{Map, Value, json};

use crate::arguments::Eval;
use crate::source::Source;
use crate::{Failure, derive, json, point, report};

pub(crate) fn run(arguments: &Eval) -> Result<(), Failure> {
    if arguments.jsonl {
        return lines(&arguments.simplification.read());
    }
    let source = Source::read(arguments.formula.as_deref().unwrap_or_default())?;
    let point = point::read(&arguments.at).map_err(|e| Failure::errors(&[e]))?;
    let named = derive::trimmed(&arguments.wrt);
    let simplify = arguments.simplification.read();
    let primal = formula::read_under("f", &source.text, &parameters(&named, &point), &simplify)
        .map_err(|rejected| report::rejected(&source, &rejected))?;
    simplify.assume.check(&primal.function).map_err(|e| Failure::errors(&[e]))?;
    let wrt = derive::active(&primal.function, &named).map_err(|words| Failure::errors(&words))?;
    let args = point::arguments(&primal.function, &point).map_err(|mut words| {
        if arguments.at.is_empty() {
            words.push("a point is given as `--at 'x=1, w=[1, 2]'`, or as `--at point.json`".to_string());
        }
        Failure::errors(&words)
    })?;
    let answer = answer(&primal.function, &wrt, &args, arguments.hessian).map_err(|e| match e {
        Wrong::Problem(p) => report::problem(&source, &p, &primal.spans),
        Wrong::Words(message) => Failure::errors(&[message]),
    })?;
    let text = if arguments.json { format!("{}\n", answer.in_json(&Map::new())) } else { answer.in_words() };
    report::to_stdout(&text)
}

/// The names that are parameters although they may be those of constants: those of `wrt`, and those that have a value.
fn parameters(wrt: &[String], point: &Map<String, Value>) -> Vec<String> {
    wrt.iter().chain(point.keys()).cloned().collect()
}

/// What a formula is at a point.
struct Answer {
    values: Vec<Datum>,
    /// By parameter; for several results the rows of the Jacobian, result after result.
    grad: Vec<(String, Vec<Datum>)>,
    hessian: Option<Datum>,
}

enum Wrong {
    Problem(Problem),
    Words(String),
}

fn answer(f: &Function, wrt: &[usize], args: &[Datum], hessian: bool) -> Result<Answer, Wrong> {
    // Where the formula itself has no value, its own expressions say better why than those of the derivative.
    let failed = |e: EvalError| {
        let e = eval(f, args).err().unwrap_or(e);
        match e.at {
            Some(at) => Wrong::Problem(Problem::new(at, e.message)),
            None => Wrong::Words(e.message),
        }
    };
    let f = opt::prepare(f);
    let n = f.body.results.len();
    let scalar = derive::is_scalar(&f);
    if hessian && !scalar && !wrt.is_empty() {
        return Err(Wrong::Words("a Hessian needs a formula with one number as its result".to_string()));
    }
    let differentiated = if wrt.is_empty() {
        f.clone()
    } else if hessian {
        ad::hessian(&f, wrt).map_err(Wrong::Problem)?
    } else if scalar {
        ad::gradient(&f, wrt, Mode::Reverse).map_err(Wrong::Problem)?
    } else {
        ad::jacobian(&f, wrt).map_err(Wrong::Problem)?
    };
    let mut results = eval(&opt::optimise(&differentiated), args).map_err(failed)?;
    let mut rest = results.split_off(n);
    let hessian = hessian.then(|| if wrt.is_empty() { no_rows() } else { rest.pop().expect("the Hessian comes last") });
    // Only float results have rows; they come result by result, parameter by parameter.
    let grad = wrt
        .iter()
        .enumerate()
        .map(|(p, k)| (f.params[*k].name.to_string(), rest.iter().skip(p).step_by(wrt.len()).cloned().collect()))
        .collect();
    Ok(Answer { values: results, grad, hessian })
}

/// The Hessian over no parameters.
fn no_rows() -> Datum {
    Datum::Array(Array { dims: vec![0, 0], data: Data::Float(Vec::new()) })
}

impl Answer {
    fn in_json(&self, head: &Map<String, Value>) -> Value {
        let mut map = head.clone();
        let all = |data: &[Datum]| match data {
            [one] => json::datum(one),
            several => Value::Array(several.iter().map(json::datum).collect()),
        };
        map.insert("value".to_string(), all(&self.values));
        let grad: Map<String, Value> = self.grad.iter().map(|(name, data)| (name.clone(), all(data))).collect();
        map.insert("grad".to_string(), Value::Object(grad));
        if let Some(hessian) = &self.hessian {
            map.insert("hessian".to_string(), json::datum(hessian));
        }
        Value::Object(map)
    }

    fn in_words(&self) -> String {
        let mut rows: Vec<(String, &Datum)> = Vec::new();
        let several = self.values.len() > 1;
        for (k, v) in self.values.iter().enumerate() {
            rows.push((if several { format!("value {}", k + 1) } else { "value".to_string() }, v));
        }
        for (name, data) in &self.grad {
            for (k, v) in data.iter().enumerate() {
                rows.push((if several { format!("d{}/d{name}", k + 1) } else { format!("d/d{name}") }, v));
            }
        }
        if let Some(hessian) = &self.hessian {
            rows.push(("hessian".to_string(), hessian));
        }
        let width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        rows.iter()
            .map(|(label, v)| {
                let pad = " ".repeat(width - label.chars().count());
                let indent = " ".repeat(width + 2);
                format!("{label}{pad}  {}\n", shown(&json::datum(v), &indent))
            })
            .collect()
    }
}

/// A value for people: a matrix a row a line.
fn shown(value: &Value, indent: &str) -> String {
    match value {
        Value::Array(rows) if rows.iter().any(Value::is_array) => {
            rows.iter().map(|row| shown(row, indent)).collect::<Vec<_>>().join(&format!("\n{indent}"))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(|v| shown(v, indent)).collect::<Vec<_>>().join(", ")),
        Value::String(s) => s.clone(),
        Value::Number(n) => match n.as_f64() {
            Some(x) if !n.is_i64() => decimal(x),
            _ => n.to_string(),
        },
        Value::Null | Value::Bool(_) | Value::Object(_) => value.to_string(),
    }
}

/// The shortest digits that are read as this float again, with an exponent where there would be many zeros.
fn decimal(x: f64) -> String {
    if x == 0.0 || !x.is_finite() || (1e-5..1e16).contains(&x.abs()) { x.to_string() } else { format!("{x:e}") }
}

/// One question a line in, one answer a line out.
fn lines(simplify: &Rc<Simplify>) -> Result<(), Failure> {
    let mut input = std::io::stdin().lock();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let n = input
            .read_until(b'\n', &mut bytes)
            .map_err(|e| Failure::Input(format!("error: standard input cannot be read: {e}\n")))?;
        if n == 0 {
            return Ok(());
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        report::to_stdout(&format!("{}\n", line(bytes.trim_ascii_end(), simplify)))?;
    }
}

/// The answer to one line, whatever it holds.
fn line(bytes: &[u8], simplify: &Rc<Simplify>) -> Value {
    let question = match json::parse(bytes) {
        Ok(question) => question,
        Err(e) => return json!({ "id": json::id(bytes), "error": e }),
    };
    let id = question.get("id").cloned().unwrap_or(Value::Null);
    let mut head = Map::new();
    head.insert("id".to_string(), id.clone());
    match solve(&question, simplify) {
        Ok(answer) => answer.in_json(&head),
        Err(message) => json!({ "id": id, "error": message }),
    }
}

fn solve(question: &Value, simplify: &Rc<Simplify>) -> Result<Answer, String> {
    let Value::Object(question) = question else { return Err("a question is an object".to_string()) };
    let Some(Value::String(text)) = question.get("formula") else {
        return Err("`formula` is missing, or no string".to_string());
    };
    let names: Vec<String> = match question.get("wrt") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(names)) => names
            .iter()
            .map(|n| n.as_str().map(ToString::to_string).ok_or("`wrt` is a list of names"))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err("`wrt` is a list of names".to_string()),
    };
    let hessian = match question.get("hessian") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(hessian)) => *hessian,
        Some(_) => return Err("`hessian` is true or false".to_string()),
    };
    let empty = Map::new();
    let point = match question.get("at") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(point)) => point,
        Some(_) => return Err("`at` is an object".to_string()),
    };
    let primal = formula::read_under("f", text, &parameters(&names, point), simplify)
        .map_err(|rejected| report::in_words(text, &rejected.problems, &rejected.spans))?;
    simplify.assume.check(&primal.function)?;
    let wrt = derive::active(&primal.function, &names).map_err(|words| words.join("; "))?;
    let args = point::arguments(&primal.function, point).map_err(|words| words.join("; "))?;
    answer(&primal.function, &wrt, &args, hessian).map_err(|e| match e {
        Wrong::Problem(problem) => report::in_words(text, &[problem], &primal.spans),
        Wrong::Words(message) => message,
    })
}
