//! The one runner: the interpreter and the emitted Rust against what is expected.

use std::fmt::Write as _;
use std::rc::Rc;

use grad_core::ad::{self, Mode};
use grad_core::diagnostic::Problem;
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};
use grad_core::opt::{self, Level, Simplify};

use crate::compiled::{self, Job};
use crate::data::{self, Entry, Part, Point};

/// A data file and how closely it is held to.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// How many units in the last place of the number, and of what a last place of the inputs moves it by, a number may
    /// be off: a factor for the operations of a formula over the error that no algorithm avoids.
    pub(crate) ulps: f64,
    /// How many such units of the largest of all numbers a number may be off besides, all in the unit of the value:
    /// ∂y/∂p·p and ∂²y/∂p∂q·p·q. Where sums of large terms are small, this is what a formula that is not rewritten gives.
    pub(crate) ulps_of_largest: f64,
    /// There are at least so many points.
    pub(crate) least: usize,
    /// The levels of simplification besides the default one, at which the interpreter is held to the same.
    pub(crate) levels: &'static [Level],
}

/// A formula that was read, and the parameters that have derivatives.
struct Read {
    entry: Entry,
    function: Function,
    wrt: Vec<usize>,
}

/// Numbers that a way gave for one part at one point.
pub(crate) struct Got {
    pub(crate) way: &'static str,
    pub(crate) part: Part,
    pub(crate) numbers: Vec<f64>,
}

pub(crate) fn floats(data: &[Datum]) -> Vec<f64> {
    data.iter().flat_map(|d| d.floats().unwrap_or_default().to_vec()).collect()
}

fn read(entry: Entry) -> Read {
    read_at(entry, Level::Safe)
}

fn read_at(entry: Entry, level: Level) -> Read {
    let source = &entry.source;
    let function = formula::read_under("f", source, &[], &Rc::new(Simplify::at(level)));
    let function = function.unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function;
    let names: Vec<&str> = function.params.iter().map(|p| &*p.name).collect();
    for point in &entry.points {
        assert_eq!(names, point.names, "{source}");
    }
    let wrt = (0..function.params.len()).filter(|k| function.param_type(*k).is_float()).collect();
    Read { entry, function, wrt }
}

/// Every derivative of a formula, ready to be evaluated.
struct Ways {
    value: Function,
    reverse: Function,
    forward: Function,
    hessian: Function,
}

fn ways(read: &Read) -> Result<Ways, Problem> {
    let prepared = opt::prepare(&read.function);
    Ok(Ways {
        value: opt::optimise(&prepared),
        reverse: opt::optimise(&ad::gradient(&prepared, &read.wrt, Mode::Reverse)?),
        forward: opt::optimise(&ad::gradient(&prepared, &read.wrt, Mode::Forward)?),
        hessian: opt::optimise(&ad::hessian(&prepared, &read.wrt)?),
    })
}

fn interpreted(ways: &Ways, read: &Read, point: &Point) -> Vec<Got> {
    let run = |f: &Function| -> Vec<f64> {
        let results = eval(f, &point.args).unwrap_or_else(|e| panic!("{}{}\n{e}", read.entry.source, point.line));
        floats(&results)
    };
    let (value, reverse, forward, hessian) =
        (run(&ways.value), run(&ways.reverse), run(&ways.forward), run(&ways.hessian));
    let n = reverse.len();
    vec![
        Got { way: "interpreted", part: Part::Value, numbers: value },
        Got { way: "reverse", part: Part::Value, numbers: reverse[..1].to_vec() },
        Got { way: "reverse", part: Part::Gradient, numbers: reverse[1..].to_vec() },
        Got { way: "forward", part: Part::Value, numbers: forward[..1].to_vec() },
        Got { way: "forward", part: Part::Gradient, numbers: forward[1..].to_vec() },
        Got { way: "with the Hessian", part: Part::Value, numbers: hessian[..1].to_vec() },
        Got { way: "with the Hessian", part: Part::Gradient, numbers: hessian[1..n].to_vec() },
        Got { way: "forward over reverse", part: Part::Hessian, numbers: hessian[n..].to_vec() },
    ]
}

/// What each number of a part is to be multiplied with to be in the unit of the value: 1, p, p·q; a parameter of 0 is of
/// scale 1.
fn units(part: Part, point: &Point) -> Vec<f64> {
    let p: Vec<f64> = floats(&point.args).iter().map(|x| if *x == 0.0 { 1.0 } else { x.abs() }).collect();
    match part {
        Part::Value => vec![1.0],
        Part::Gradient => p,
        Part::Hessian => p.iter().flat_map(|x| p.iter().map(move |y| x * y)).collect(),
    }
}

impl Corpus {
    /// Whether the numbers of a part are as close to what is expected as the conditioning lets them be. A number that is 0
    /// whatever the inputs are has nothing of its own to be measured by: the largest of its part does it.
    fn close(&self, part: Part, point: &Point, got: &[f64]) -> bool {
        let expected = point.expected.part(part);
        let moved = point.moved.part(part).iter().copied().chain(std::iter::repeat(0.0));
        let largest = |x: &mut dyn Iterator<Item = f64>| x.map(f64::abs).filter(|x| x.is_finite()).fold(0.0, f64::max);
        let any = largest(&mut expected.iter().copied());
        let units = units(part, point);
        let scaled = Part::ALL.iter().flat_map(|part| {
            let units = self::units(*part, point);
            point.expected.part(*part).iter().zip(units).map(|(x, unit)| x * unit).collect::<Vec<f64>>()
        });
        let widest = largest(&mut scaled.into_iter());
        let one = |(((x, y), moved), unit): (((&f64, &f64), f64), &f64)| {
            let size = if *y == 0.0 && moved == 0.0 { any } else { y.abs() + moved };
            let mut allowed = self.ulps * size;
            if self.ulps_of_largest > 0.0 {
                allowed += self.ulps_of_largest * widest / unit;
            }
            x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= allowed * f64::EPSILON + f64::MIN_POSITIVE
        };
        got.len() == expected.len() && got.iter().zip(expected).zip(moved).zip(&units).all(one)
    }

    /// What is wrong at a point, in words.
    fn wrong(&self, read: &Read, point: &Point, gots: &[Got]) -> String {
        let mut report = String::new();
        for part in Part::ALL {
            let expected = point.expected.part(part);
            let close = |got: &Got| self.close(part, point, &got.numbers);
            let mut wrong = gots.iter().filter(|got| got.part == part && !close(got)).peekable();
            if point.known.contains(&part) {
                if wrong.peek().is_none() {
                    let _ = write!(report, "\n  the {} is right now: remove `known`", part.name());
                }
                continue;
            }
            if wrong.peek().is_some() {
                let _ = write!(report, "\n  the {} is {expected:?}; what came is", part.name());
            }
            let mut before = None;
            for got in wrong {
                let numbers = format!("{:?}", got.numbers);
                if before.as_ref() != Some(&numbers) {
                    let _ = write!(report, "\n    {numbers}");
                }
                let _ = write!(report, ", {}", got.way);
                before = Some(numbers);
            }
        }
        if report.is_empty() { report } else { format!("{}{}{report}\n\n", read.entry.source, point.line) }
    }

    /// Where a closed form of a derivative is not what is expected of the gradient.
    fn closed_forms_wrong(&self, read: &Read, point: &Point) -> String {
        let mut report = String::new();
        for (name, closed) in &read.entry.closed {
            let header = read.entry.source.lines().find(|line| line.ends_with(';')).unwrap_or_default();
            let source = format!("{header}\n{closed}");
            let f = formula::read("f", &source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function;
            let results = eval(&opt::optimise(&opt::prepare(&f)), &point.args);
            let got = floats(&results.unwrap_or_else(|e| panic!("{source}\n{}\n{e}", point.line)));
            let sizes = point.args.iter().map(|arg| floats(std::slice::from_ref(arg)).len());
            let place = point.names.iter().position(|other| other == name).expect("a parameter has a derivative");
            let from: usize = sizes.take(place).sum();
            let mut all = point.expected.gradient.clone();
            let due = all.splice(from..from + got.len(), got.iter().copied()).collect::<Vec<_>>();
            if !self.close(Part::Gradient, point, &all) {
                let _ = write!(
                    report,
                    "{source}\n{}\n  the gradient is {due:?}; what came is\n    {got:?}\n\n",
                    point.line
                );
            }
        }
        report
    }

    /// Checks every entry in every way.
    ///
    /// # Panics
    /// With all that is wrong.
    pub(crate) fn check(&self) {
        let all: Vec<Read> = data::entries(self.text).into_iter().map(read).collect();
        let count: usize = all.iter().map(|read| read.entry.points.len()).sum();
        assert!(count >= self.least, "{}: {count} points", self.name);
        let jobs = all.iter().map(|read| Job {
            source: read.entry.source.clone(),
            function: read.function.clone(),
            wrt: read.wrt.clone(),
            points: read.entry.points.iter().map(|point| point.args.clone()).collect(),
            hessian: true,
        });
        let emitted = compiled::run(self.name, &jobs.collect::<Vec<_>>());
        let mut report = String::new();
        let mut failures = 0;
        for (read, emitted) in all.iter().zip(emitted) {
            let ways = ways(read).unwrap_or_else(|p| panic!("{}\n{p}", read.entry.source));
            for (point, emitted) in read.entry.points.iter().zip(emitted) {
                let mut gots = interpreted(&ways, read, point);
                gots.extend(emitted);
                let mut wrong = self.wrong(read, point, &gots);
                wrong.push_str(&self.closed_forms_wrong(read, point));
                failures += usize::from(!wrong.is_empty());
                report.push_str(&wrong);
            }
        }
        // What a formula loses by cancellation as it is written is not its derivatives' fault.
        let as_written = Corpus { ulps_of_largest: 256.0, ..*self };
        for level in self.levels {
            for read in data::entries(self.text).into_iter().map(|entry| read_at(entry, *level)) {
                let ways = ways(&read).unwrap_or_else(|p| panic!("{}\n{p}", read.entry.source));
                for point in &read.entry.points {
                    let wrong = as_written.wrong(&read, point, &interpreted(&ways, &read, point));
                    failures += usize::from(!wrong.is_empty());
                    let _ = write!(report, "{}", if wrong.is_empty() { wrong } else { format!("{level:?}: {wrong}") });
                }
            }
        }
        assert!(report.is_empty(), "{}: {failures} of {count} points\n\n{report}", self.name);
    }
}
