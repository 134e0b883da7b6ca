//! Where gradients stop being finite: a corpus of formulas, each with the hazards that it has, and random formulas, of which
//! the points with a finite value and no finite gradient are looked for by the interpreter alone.

#![allow(clippy::unwrap_used)]

mod condition;
mod corpus;
mod random;
mod rust;
mod scale;

use grad_core::ad::{self, Mode};
use grad_core::front::formula;
use grad_core::hazard::{self, Hazard};
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};
use grad_core::opt;

fn read(source: &str) -> Option<(Function, Vec<usize>, Vec<std::ops::Range<usize>>)> {
    let primal = formula::read("f", source, &[]).ok()?;
    let f = primal.function;
    let wrt = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
    Some((f, wrt, primal.spans.iter().map(|span| span.range()).collect()))
}

fn hazards(source: &str) -> Vec<Hazard> {
    let (f, wrt, spans) = read(source).unwrap_or_else(|| panic!("{source} is a formula"));
    let text = |at: grad_core::diagnostic::Origin| spans.get(at.0 as usize).map(|span| &source[span.clone()]);
    hazard::hazards_in(&f, &wrt, &text).unwrap_or_else(|problem| panic!("{source}\n{problem}"))
}

/// The derivatives of a function as they are compiled.
struct Gradient {
    f: Function,
    derivative: Function,
}

impl Gradient {
    fn new(f: &Function, wrt: &[usize]) -> Gradient {
        let f = opt::prepare(f);
        let single = f.body.results.len() == 1 && f.body.ty(f.body.results[0]).is_scalar();
        let derivative = if single { ad::gradient(&f, wrt, Mode::Reverse) } else { ad::jacobian(&f, wrt) };
        Gradient { derivative: opt::optimise(&derivative.unwrap()), f }
    }

    /// Whether the value is finite at a point and the gradient is not.
    fn is_spoilt(&self, args: &[Datum]) -> bool {
        let Ok(results) = eval(&self.derivative, args) else { return false };
        let finite = |data: &[Datum]| data.iter().filter_map(Datum::floats).all(|x| x.iter().all(|x| x.is_finite()));
        let (values, partials) = results.split_at(self.f.body.results.len());
        finite(values) && !finite(partials)
    }
}
