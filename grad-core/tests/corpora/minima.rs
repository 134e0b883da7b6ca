//! Newton's method with the gradients and Hessians of the compiler ends at the published least values.

use std::fmt::Write as _;

use grad_core::ad;
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Array, Data, Datum, eval};
use grad_core::opt;

use crate::check::floats;
use crate::data;
use crate::fit::{least_squares, norm};

/// The arguments with other numbers.
fn with(args: &[Datum], x: &[f64]) -> Vec<Datum> {
    let mut rest = x;
    let mut next = |n: usize| {
        let (now, later) = rest.split_at(n);
        rest = later;
        now.to_vec()
    };
    let one = |arg: &Datum| match arg {
        Datum::Array(Array { dims, data: Data::Float(old) }) => {
            Datum::Array(Array { dims: dims.clone(), data: Data::Float(next(old.len())) })
        }
        _ => Datum::Float(next(1)[0]),
    };
    args.iter().map(one).collect()
}

/// Value, gradient and the rows of the Hessian.
fn at(hessian: &Function, args: &[Datum], x: &[f64]) -> (f64, Vec<f64>, Vec<Vec<f64>>) {
    let all = floats(&eval(hessian, &with(args, x)).unwrap());
    let n = x.len();
    (all[0], all[1..=n].to_vec(), all[n + 1..].chunks(n).map(<[f64]>::to_vec).collect())
}

/// The least value that is reached from a point: steps of least ‖H·d + g‖² + λ²·‖d‖², which go down where λ is large.
fn least(hessian: &Function, args: &[Datum]) -> f64 {
    let mut x = floats(args);
    let n = x.len();
    let mut damping = 1e-3;
    let (mut value, mut gradient, mut rows) = at(hessian, args, &x);
    for _ in 0..MOST_STEPS {
        // (H + λ·I)·d = −g, λ beyond the most negative curvature that the rows allow.
        let size = rows.iter().map(|row| norm(row)).fold(0.0, f64::max);
        let mut shifted = rows.clone();
        (0..n).for_each(|k| shifted[k][k] += damping * size);
        let step = least_squares(shifted, gradient.clone());
        let moved: Vec<f64> = x.iter().zip(&step).map(|(x, d)| x + d).collect();
        let there = at(hessian, args, &moved);
        if there.0 < value {
            x = moved;
            (value, gradient, rows) = there;
            damping *= 0.2;
        } else if damping > 1e12 || step.iter().zip(&x).all(|(d, x)| d.abs() <= 1e-14 * x.abs()) {
            return value;
        } else {
            damping = (damping * 3.0).max(1e-12);
        }
    }
    value
}

const MOST_STEPS: usize = 2000;

#[test]
fn minima_are_found() {
    let mut report = String::new();
    let mut found = 0;
    for entry in data::entries(include_str!("minima.txt")).iter().filter(|entry| !entry.minima.is_empty()) {
        let source = &entry.source;
        let f = formula::read("f", source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function;
        let wrt: Vec<usize> = (0..f.params.len()).collect();
        let hessian = ad::hessian(&opt::prepare(&f), &wrt).unwrap_or_else(|p| panic!("{source}\n{p}"));
        let hessian = opt::optimise(&hessian);
        for point in &entry.points {
            let value = least(&hessian, &point.args);
            // As far as the published digits go.
            if entry.minima.iter().any(|due| (value - due).abs() <= 1e-5 * due.abs() + 1e-9) {
                found += 1;
            } else {
                let _ = write!(report, "{source}{}\n  comes to {value}, not to {:?}\n\n", point.line, entry.minima);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(found > 100, "{found}");
}
