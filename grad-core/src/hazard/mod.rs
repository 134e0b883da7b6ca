//! Hazards: the inputs at which the value of a function is finite and its gradient is not.
//!
//! | module | does |
//! |---|---|
//! | `range`, `facts` | intervals, and what the values of each primitive can be |
//! | `terms`, `cone`, `known`, `walk` | the function as terms over the inputs, what arms know, and the calls that a derivative goes through |
//! | `singular` | where a call or one of its partials stops being finite, derived from the rows of the table |
//! | `solve` | what that says of the inputs; what cannot be is left out |
//! | `number`, `meet`, `sample` | points where it is so, held against the reference interpreter |
//! | `rewrite` | what removes a hazard |
//! | `text`, `words` | terms and conditions in the formula language, in the words of the source where these are the inputs' |
//!
//! ```
//! use grad_core::{front::formula, hazard};
//!
//! let f = formula::read("f", "x, y; sqrt(x * y) + acos(y)", &[]).unwrap().function;
//! let found = hazard::hazards(&f, &[0, 1]).unwrap();
//! let conditions: Vec<&str> = found.iter().map(|hazard| hazard.condition.as_str()).collect();
//! assert_eq!(conditions, ["x = 0", "y = 0", "y = 1", "y = -1"]);
//! assert_eq!(found[0].subexpression, "sqrt(x * y)");
//! assert_eq!(found[0].partials[0].derivative, f64::INFINITY);
//!
//! // What the compiler repairs is no hazard, nor is what cannot come about.
//! let f = formula::read("f", "x, y; sqrt(x^2 + y^2) + sqrt(1 + x^2) + ln(1 + exp(x))", &[]).unwrap().function;
//! assert!(hazard::hazards(&f, &[0, 1]).unwrap().is_empty());
//! ```
//!
//! A condition is where the gradient stops being finite, if the value is finite there; the other side of a maximum, and what
//! a later call ignores, are not part of it. It is about mathematics: where exp(x) overflows to ∞, or its slope underflows
//! to 0, is not a hazard, nor are inputs that are infinite themselves.
//!
//! What is shown has been computed. What is not found need not be absent: equations are solved as far as that is easy, then
//! points are tried and roots searched for along one input, as many as a fixed amount of work allows. Of a loop the first
//! two iterations, the last and one in the middle are looked at; what it carries has its range in all of them.

mod cone;
mod facts;
mod known;
mod meet;
mod number;
mod range;
mod rewrite;
mod sample;
mod singular;
mod solve;
mod terms;
mod text;
mod walk;
mod words;

use std::rc::Rc;

use crate::diagnostic::{Origin, Problem};
use crate::ir::Function;
use crate::ir::eval::Datum;
use crate::opt;
use crate::prim::Prim;
use rewrite::Candidate;
use sample::{Sampler, Verdict};
use singular::Partials;
use terms::TermId;
use text::{Printer, Source};
use walk::Walked;
use words::Numbers;

/// A place at which the gradient may stop being finite while the value does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Hazard {
    /// The part of the function that does it, as it is compiled, in the formula language.
    pub subexpression: String,
    /// Where that comes from in the source, if its front end said so.
    pub at: Option<Origin>,
    /// Where: a condition on the inputs.
    pub condition: String,
    /// The derivatives that are not finite at the sample; where there is none, nothing is said of them.
    pub partials: Vec<Partial>,
    /// Arguments at which the value is finite and the gradient is not. `None` where the condition has a solution that is no
    /// float: then the hazard is possible, and not shown.
    pub sample: Option<Vec<Datum>>,
    /// What has the same value and no such hazard, if that is known.
    pub rewrite: Option<Rewrite>,
}

/// The derivative by one parameter, or by one element of it, at a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Partial {
    /// The place of the parameter.
    pub param: usize,
    /// Its name.
    pub name: Rc<str>,
    /// ∞, −∞ or NaN.
    pub derivative: f64,
}

/// What to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The part that is replaced.
    pub from: String,
    /// What to write for it.
    pub to: String,
}

/// The hazards of `f` under differentiation by the parameters `wrt`, in the order of the source.
///
/// # Errors
/// Those of [`crate::ad::gradient`], or of [`crate::ad::jacobian`] where there are several results.
pub fn hazards(f: &Function, wrt: &[usize]) -> Result<Vec<Hazard>, Problem> {
    hazards_in(f, wrt, &|_| None)
}

/// [`hazards`] in the words of the source: `text` gives what is written at a place of it.
///
/// # Errors
/// Those of [`hazards`].
pub fn hazards_in<'s>(
    f: &Function,
    wrt: &[usize],
    text: &dyn Fn(Origin) -> Option<&'s str>,
) -> Result<Vec<Hazard>, Problem> {
    let prepared = opt::prepare(f);
    let mut sampler = Sampler::new(&prepared, wrt)?;
    let mut walked = walk::walk(&prepared, wrt);
    let mut partials = Partials::default();
    let mut found: Vec<Hazard> = Vec::new();
    let origins = std::mem::take(&mut walked.origins);
    let numbers = Numbers::new(f, text);
    let source = |term: TermId, prim: Option<Prim>| {
        let origin = origins.get(&term)?;
        text(*origin).filter(|text| numbers.contains(*origin, prim, text)).map(str::to_owned)
    };
    for site in std::mem::take(&mut walked.sites) {
        for local in partials.local(&mut walked.terms, &site) {
            for case in solve::cases(&mut walked.terms, &site.within, &local.cause, &origins, &walked.made) {
                let printer = Printer::new(&walked.terms, &prepared, &source);
                let written = site.origin.and_then(text).map(str::to_owned);
                let subexpression = written.unwrap_or_else(|| printer.term(site.result));
                let condition = printer.case(&case);
                if found.iter().any(|h| h.subexpression == subexpression && h.condition == condition) {
                    continue;
                }
                let (sample, partials) = match sampler.find(&walked, &site, &local, &case) {
                    Verdict::Shown(sample, partials) => (Some(sample), partials),
                    Verdict::Near => (None, vec![]),
                    Verdict::Nothing => continue,
                };
                let rewrite = sample.as_ref().and_then(|sample| {
                    let candidates = rewrite::candidates(&mut walked, site.result);
                    let best = candidates.into_iter().find(|candidate| {
                        match rewrite::replaced(&prepared, &walked, candidate) {
                            Some(other) => sampler.is_repaired(&other, sample),
                            // A rule holds inside a loop as it does outside; that it removes the hazard is not tried there.
                            None => rewrite::is_tame(&walked.terms, candidate),
                        }
                    })?;
                    Some(rewritten(&walked, &prepared, &source, &best))
                });
                found.push(Hazard { subexpression, at: site.origin, condition, partials, sample, rewrite });
            }
        }
    }
    found.sort_by_key(|hazard| hazard.at);
    Ok(found)
}

fn rewritten(walked: &Walked, f: &Function, source: &Source<'_>, best: &Candidate) -> Rewrite {
    let printer = Printer::new(&walked.terms, f, source);
    let from = printer.term(best.from);
    let to = if best.is_norm { format!("norm({})", printer.vector(best.to)) } else { printer.term(best.to) };
    Rewrite { from, to }
}
