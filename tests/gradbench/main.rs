//! The GradBench workloads of the example on small inputs: against GradBench's own hand-written derivatives, and against
//! extrapolated differences of the primal.
//!
//! `cases.jsonl` holds inputs of ours and the outputs for them of the benchmark's tool `manual` (C++, at
//! gradbench/gradbench on GitHub), one case a line. Its gradient of `ode` is that of the exact solution, which the method
//! gives up to four components.
#![allow(missing_docs, unreachable_pub)]

#[path = "../../examples/gradbench/ba.rs"]
mod ba;
#[path = "../../examples/gradbench/gmm.rs"]
mod gmm;
#[path = "../../examples/gradbench/hello.rs"]
mod hello;
#[path = "../../examples/gradbench/ht.rs"]
mod ht;
#[path = "../../examples/gradbench/inputs.rs"]
mod inputs;
#[path = "../../examples/gradbench/llsq.rs"]
mod llsq;
#[path = "../../examples/gradbench/lse.rs"]
mod lse;
#[path = "../../examples/gradbench/lstm.rs"]
mod lstm;
#[path = "../../examples/gradbench/ode.rs"]
mod ode;
#[path = "../../examples/gradbench/protocol.rs"]
mod protocol;
#[path = "../../examples/gradbench/workloads.rs"]
mod workloads;

mod code;
mod data;
mod memory;
mod messages;

use serde_json::{Value, json};

/// Where two outputs differ by more than rounding.
fn differences(got: &Value, expected: &Value, at: &str, found: &mut Vec<String>) {
    match (got, expected) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().expect("a float"), b.as_f64().expect("a float"));
            if (a - b).abs() > 1e-9 * (1.0 + b.abs()) {
                found.push(format!("{at}: {a} instead of {b}"));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(k, (a, b))| differences(a, b, &format!("{at}[{k}]"), found));
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            b.iter()
                .for_each(|(key, b)| differences(a.get(key).unwrap_or(&Value::Null), b, &format!("{at}.{key}"), found));
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{at}: {a} instead of {b}")),
    }
}

#[test]
fn agrees_with_derivatives_by_hand() {
    let cases = include_str!("cases.jsonl");
    assert!(cases.lines().count() > 20);
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).expect("a case is JSON");
        let (module, function) = (case["module"].as_str().expect("a name"), case["function"].as_str().expect("a name"));
        let (got, _) = workloads::evaluate(module, function, case["input"].clone()).expect("it is evaluated");
        let mut found = Vec::new();
        differences(&got, &case["output"], "", &mut found);
        assert!(found.is_empty(), "{module} {function} of {}:\n{}", case["input"], found.join("\n"));
    }
}

/// ∂f/∂xₖ, extrapolated.
fn slope(f: &dyn Fn(f64) -> f64) -> f64 {
    let central = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    let h = 1e-3;
    let (a, b, c) = (central(h), central(h / 2.0), central(h / 4.0));
    let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
    (16.0 * bc - ab) / 15.0
}

fn check(what: &str, x: &[f64], gradient: &[f64], f: &dyn Fn(&[f64]) -> f64) {
    assert_eq!(x.len(), gradient.len(), "{what}");
    for k in 0..x.len() {
        let expected = slope(&|h| {
            let mut moved = x.to_vec();
            moved[k] += h;
            f(&moved)
        });
        let error = (gradient[k] - expected).abs() / (1.0 + expected.abs());
        assert!(error < 1e-7, "{what}, component {k}: {} instead of {expected}", gradient[k]);
    }
}

#[test]
fn agrees_with_differences() {
    let x = [0.3, -0.7, 0.2, 0.9, -0.1];
    check("llsq", &x, &llsq::objective_grad(&x, 8).1, &|x| llsq::objective(x, 8));
    check("lse", &x, &lse::log_sum_exp_grad(&x).1, &|x| lse::log_sum_exp(x));
    let cotangent = [0.5, -1.0, 2.0, 0.0, 1.0];
    let (_, residuals) = ode::runge_kutta::solve_forward(&x, 6);
    check("ode", &x, &ode::runge_kutta::solve_backward(&residuals, &x, 6, &cotangent), &|x| {
        ode::runge_kutta::solve(x, 6).iter().zip(&cotangent).map(|(y, c)| y * c).sum()
    });
    let input =
        |seed: usize, n: usize| -> Vec<f64> { (0..n).map(|k| ((seed + 7 * k) % 11) as f64 / 11.0 - 0.3).collect() };
    let (main, extra, state, sequence) = (input(1, 48), input(2, 9), input(3, 12), input(4, 15));
    let (_, grad) = lstm::network::loss_grad(3, &main, &extra, &state, &sequence);
    check("lstm", &main, &grad.main, &|main| lstm::network::loss(3, main, &extra, &state, &sequence));
    check("lstm", &extra, &grad.extra, &|extra| lstm::network::loss(3, &main, extra, &state, &sequence));
}

/// The Jacobian of the hand is asked for as a whole: each column along its parameter.
#[test]
fn the_hand_agrees_with_differences() {
    let cases = include_str!("cases.jsonl").lines().map(|c| serde_json::from_str::<Value>(c).expect("JSON"));
    let errors = |input: &Value| -> Vec<f64> {
        let (output, _) = workloads::evaluate("ht", "objective", input.clone()).expect("it is evaluated");
        serde_json::from_value(output).expect("errors are floats")
    };
    let mut seen = 0;
    for case in cases.filter(|c| c["module"] == "ht") {
        let input = &case["input"];
        let (jacobian, _) = workloads::evaluate("ht", "jacobian", input.clone()).expect("it is evaluated");
        let rows: Vec<Vec<f64>> = serde_json::from_value(jacobian).expect("rows of floats");
        let own: usize = if input["us"].as_array().is_some_and(Vec::is_empty) { 0 } else { 2 };
        // Near no rotation the objective has a step: there the derivative is that of the side it is on.
        let still = input["theta"][0] == 0.0;
        for k in (0..own + 26).filter(|k| !(still && (own..own + 3).contains(k))) {
            for (r, row) in rows.iter().enumerate() {
                let expected = slope(&|h| {
                    let mut moved = input.clone();
                    let place = match k.checked_sub(own) {
                        Some(theta) => &mut moved["theta"][theta],
                        None => &mut moved["us"][r / 3][k],
                    };
                    *place = json!(place.as_f64().expect("a float") + h);
                    errors(&moved)[r]
                });
                assert!((row[k] - expected).abs() < 1e-7, "row {r}, column {k}: {} instead of {expected}", row[k]);
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 9 * (26 + 28 + 25));
}

#[test]
fn loops_that_do_not_run() {
    assert_eq!(llsq::objective_grad(&[1.0, 2.0], 0).1, [0.0, 0.0]);
    assert_eq!(llsq::objective_grad(&[], 3).1, [0.0; 0]);
    assert_eq!(ode::runge_kutta::solve_forward(&[1.0, 2.0], 0).0, [0.0, 0.0]);
    assert_eq!(lse::log_sum_exp_grad(&[2.0]), (2.0, vec![1.0]));
    let (value, grad) = lstm::network::loss_grad(2, &[0.5; 16], &[0.5; 6], &[0.1; 4], &[1.0; 2]);
    assert!(value.is_nan() && grad.main.iter().all(|g| *g == 0.0));
}
