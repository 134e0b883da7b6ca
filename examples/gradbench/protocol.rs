//! GradBench's messages: what is asked, and the answers with their timings.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::workloads;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Message {
    Start { id: i64 },
    Define { id: i64, module: String },
    Evaluate { id: i64, module: String, function: String, input: Value },
    Analysis { id: i64 },
    End {},
}

/// How often to run a function; every input may say so.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Runs {
    min_runs: u32,
    min_seconds: f64,
}

/// The answer to a line, where one is expected: none to an empty line, nor to the end.
///
/// JSON has no NaN and no infinity: in an output they are `null`, in a message they are refused.
pub fn answer(line: &[u8]) -> Option<Value> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    let message = match serde_json::from_slice::<Message>(line) {
        Ok(message) => message,
        Err(error) => {
            let id = serde_json::from_slice::<Value>(line).ok().and_then(|v| v.get("id").cloned());
            return Some(json!({ "id": id, "success": false, "error": format!("not a message: {error}") }));
        }
    };
    Some(match message {
        Message::Start { id } => json!({ "id": id, "tool": "derive-grad" }),
        Message::Define { id, module } if workloads::is_known(&module) => json!({ "id": id, "success": true }),
        Message::Define { id, module } => {
            json!({ "id": id, "success": false, "error": format!("there is no module `{module}` here") })
        }
        Message::Evaluate { id, module, function, input } => match workloads::evaluate(&module, &function, input) {
            Ok((output, timings)) => {
                let timings: Vec<Value> = timings
                    .iter()
                    .map(|t| json!({ "name": "evaluate", "nanoseconds": u64::try_from(t.as_nanos()).unwrap_or(u64::MAX) }))
                    .collect();
                json!({ "id": id, "success": true, "output": output, "timings": timings })
            }
            Err(error) => json!({ "id": id, "success": false, "error": error }),
        },
        Message::Analysis { id } => json!({ "id": id }),
        Message::End {} => return None,
    })
}

/// A function's output, and how long each run took.
pub type Evaluated = Result<(Value, Vec<Duration>), String>;

/// Runs a function on an input as often as that asks for. `prepare` is not timed, nor is what is made of the result.
pub fn run<I: DeserializeOwned, P, R, O: Serialize>(
    input: Value,
    prepare: impl FnOnce(I) -> Result<P, String>,
    compute: impl Fn(&P) -> R,
    output: impl FnOnce(&P, R) -> O,
) -> Evaluated {
    let runs = if input.is_object() { Runs::deserialize(&input) } else { Ok(Runs::default()) };
    let runs = runs.map_err(|e| e.to_string())?;
    let prepared = prepare(serde_json::from_value(input).map_err(|e| e.to_string())?)?;
    let mut timings: Vec<Duration> = Vec::new();
    let mut total = Duration::ZERO;
    loop {
        let start = Instant::now();
        let result = compute(&prepared);
        let took = start.elapsed();
        timings.push(took);
        total += took;
        if timings.len() >= runs.min_runs as usize && total.as_secs_f64() >= runs.min_seconds {
            let output = serde_json::to_value(output(&prepared, result)).map_err(|e| e.to_string())?;
            return Ok((output, timings));
        }
    }
}
