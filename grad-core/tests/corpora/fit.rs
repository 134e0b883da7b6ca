//! Nonlinear least squares by Levenberg and Marquardt's method with the Jacobians of the compiler: where a slope is wrong
//! the fit does not end at the certified parameters.

use std::fmt::Write as _;

use grad_core::ad;
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};
use grad_core::opt;

use crate::check::floats;

/// A model's residuals with the data in their places, and the places of what is fitted.
struct Model {
    residuals: Function,
    jacobian: Function,
    args: Vec<Datum>,
    fitted: Vec<usize>,
}

impl Model {
    fn at(&self, b: &[f64]) -> Vec<Datum> {
        let mut args = self.args.clone();
        for (k, b) in self.fitted.iter().zip(b) {
            args[*k] = Datum::Float(*b);
        }
        args
    }

    fn residuals(&self, b: &[f64]) -> Vec<f64> {
        floats(&eval(&self.residuals, &self.at(b)).unwrap())
    }

    /// The residuals and the columns of the Jacobian.
    fn linear(&self, b: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let results = eval(&self.jacobian, &self.at(b)).unwrap();
        let mut parts = results.iter().map(|part| floats(std::slice::from_ref(part)));
        (parts.next().unwrap(), parts.collect())
    }
}

pub(crate) fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The x of least ‖A·x + r‖, A given by its columns, by Householder's reflections.
pub(crate) fn least_squares(mut columns: Vec<Vec<f64>>, mut r: Vec<f64>) -> Vec<f64> {
    let n = columns.len();
    for k in 0..n {
        let size = norm(&columns[k][k..]);
        if size == 0.0 {
            continue;
        }
        let mut v = columns[k][k..].to_vec();
        v[0] += size.copysign(v[0]);
        let square: f64 = v.iter().map(|x| x * x).sum();
        let reflect = |x: &mut [f64]| {
            let along = 2.0 * x.iter().zip(&v).map(|(x, v)| x * v).sum::<f64>() / square;
            x.iter_mut().zip(&v).for_each(|(x, v)| *x -= along * v);
        };
        columns[k..].iter_mut().for_each(|column| reflect(&mut column[k..]));
        reflect(&mut r[k..]);
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        let rest: f64 = (k + 1..n).map(|j| columns[j][k] * x[j]).sum();
        x[k] = -(r[k] + rest) / columns[k][k];
    }
    x
}

/// The parameters of least squares from a start, and how many Jacobians that took.
fn fitted(model: &Model, start: &[f64]) -> (Vec<f64>, usize) {
    let mut b = start.to_vec();
    let mut scales = vec![0.0_f64; b.len()];
    let mut damping = 1e-3;
    for step in 1..=MOST_STEPS {
        let (r, columns) = model.linear(&b);
        for (scale, column) in scales.iter_mut().zip(&columns) {
            *scale = scale.max(norm(column));
        }
        loop {
            let mut damped = columns.clone();
            for (k, column) in damped.iter_mut().enumerate() {
                column.extend((0..b.len()).map(|j| if j == k { damping * scales[k] } else { 0.0 }));
            }
            let mut right = r.clone();
            right.extend(vec![0.0; b.len()]);
            let move_ = least_squares(damped, right);
            let moved: Vec<f64> = b.iter().zip(&move_).map(|(b, d)| b + d).collect();
            let still = b.iter().zip(&move_).all(|(b, d)| d.abs() <= 1e-10 * b.abs());
            let better = norm(&model.residuals(&moved)) < norm(&r);
            if better {
                b = moved;
                damping = (damping * 0.2).max(1e-12);
            }
            if still || damping > 1e20 {
                return (b, step);
            }
            if better {
                break;
            }
            damping *= 3.0;
        }
    }
    (b, MOST_STEPS)
}

const MOST_STEPS: usize = 1000;

/// What follows `key` on a line of its own, as numbers.
fn numbers(line: &str, key: &str) -> Option<Vec<f64>> {
    let rest = line.strip_prefix("# ")?.strip_prefix(key)?;
    Some(
        rest.trim_matches(['[', ']', ' '])
            .split(", ")
            .map(|x| x.parse().unwrap_or_else(|e| panic!("{line}: {e}")))
            .collect(),
    )
}

#[test]
fn nist() {
    let mut report = String::new();
    let (mut models, mut fits) = (0, 0);
    for entry in include_str!("nist.txt").split("\n\n").skip(1) {
        let (lines, source): (Vec<&str>, Vec<&str>) = entry.trim().lines().partition(|line| line.starts_with("# "));
        let source = source.join("\n");
        let residuals =
            formula::read("f", &source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function;
        let is_fitted = |k: &usize| residuals.param_type(*k).is_scalar();
        let fitted_params: Vec<usize> = (0..residuals.params.len()).filter(is_fitted).collect();
        let data = |name: &str| lines.iter().find_map(|line| numbers(line, &format!("data {name}=")));
        let args = residuals.params.iter().map(|p| data(&p.name).map_or(Datum::Float(0.0), |x| Datum::vector(&x)));
        let prepared = opt::prepare(&residuals);
        let jacobian = ad::jacobian(&prepared, &fitted_params).unwrap_or_else(|p| panic!("{source}\n{p}"));
        let model = Model {
            args: args.collect(),
            fitted: fitted_params,
            residuals: opt::optimise(&prepared),
            jacobian: opt::optimise(&jacobian),
        };
        let one = |key: &str| lines.iter().find_map(|line| numbers(line, key)).unwrap_or_else(|| panic!("{entry}"));
        let (certified, least) = (one("certified "), one("sum of squares ")[0]);
        models += 1;
        for start in lines.iter().filter_map(|line| numbers(line, "start ")) {
            let (b, steps) = fitted(&model, &start);
            fits += 1;
            let close = |got: f64, due: f64| (got - due).abs() <= 1e-6 * due.abs();
            let squares = norm(&model.residuals(&b)).powi(2);
            // The least squares of Lanczos's exact data are rounding errors of the data.
            if !(b.iter().zip(&certified).all(|(b, due)| close(*b, *due)) && (close(squares, least) || least < 1e-15)) {
                let _ = write!(
                    report,
                    "{}\n{source}\nfrom {start:?}, {steps} steps\n  certified {certified:?}, {least}\n  came      {b:?}, {squares}\n\n",
                    lines[0]
                );
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert_eq!((models, fits), (27, 51));
}
