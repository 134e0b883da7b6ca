//! Antiderivatives of the Rubi integration suite: their derivatives are the integrands.
//!
//! Each entry is compared at pseudo-random points where both are real and finite. A number is held to how
//! rough its neighbourhood is, which is what rounding does to it. `rubi.txt` has a few hundred entries;
//! `RUBI=folder cargo test --release -p grad-core --test corpora rubi_suite -- --ignored --nocapture` runs the whole suite,
//! a clone of github.com/RuleBasedIntegration/MaximaSyntaxTestSuite (`RUBI_STRIDE=10` every tenth entry of it).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use grad_core::ad::{self, Mode};
use grad_core::front::formula;
use grad_core::ir::Function;
use grad_core::ir::eval::{Datum, eval};
use grad_core::opt;

use crate::check::floats;
use crate::compiled::{self, Job};
use crate::data::Part;
use crate::maxima::{self, Integral, Skipped};

/// What came of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Agrees,
    /// No point was found where both are real and finite.
    NotReal,
    /// Where they are, rounding leaves fewer than seven digits to compare.
    Rough,
    /// The derivative is the slope of the antiderivative, which is not the integrand there: another branch is meant.
    OtherBranch,
    /// No slope could be computed to decide by.
    Undecided,
    /// Fault of ours.
    Wrong,
}

/// An entry's functions.
struct Entry {
    value: Function,
    reverse: Function,
    forward: Function,
    integrand: Function,
    /// As it is written.
    antiderivative: Function,
}

/// A point, and what was compared there.
#[derive(Clone)]
struct Point {
    args: Vec<f64>,
    integrand: f64,
    derivative: f64,
    allowed: f64,
}

impl std::fmt::Debug for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Point { args, integrand, derivative, allowed } = self;
        write!(f, "at {args:?} the integrand is {integrand:?}, the derivative {derivative:?}, {allowed:.1e} is allowed")
    }
}

fn read(integral: &Integral) -> Result<Entry, String> {
    let formula = |text: &str| {
        let source = format!("{}\n{text}", integral.header);
        formula::read("f", &source, &[]).map(|read| read.function).map_err(|r| format!("{source}\n{:?}", r.problems))
    };
    let antiderivative = formula(&integral.antiderivative)?;
    let prepared = opt::prepare(&antiderivative);
    let gradient = |mode| ad::gradient(&prepared, &[0], mode).map(|f| opt::optimise(&f)).map_err(|p| p.to_string());
    Ok(Entry {
        value: opt::optimise(&prepared),
        reverse: gradient(Mode::Reverse)?,
        forward: gradient(Mode::Forward)?,
        integrand: opt::optimise(&opt::prepare(&formula(&integral.integrand)?)),
        antiderivative,
    })
}

/// Numbers from 0 to 1, the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn last(f: &Function, args: &[f64]) -> f64 {
    let args: Vec<Datum> = args.iter().map(|x| Datum::Float(*x)).collect();
    *floats(&eval(f, &args).expect("scalars of scalars")).last().expect("there is a result")
}

/// A number and how far it is from where its neighbours say that it is: second differences along random directions, in
/// which a smooth function leaves less than a last place and rounding errors stay.
fn noisy(f: &Function, args: &[f64], random: &mut Random) -> (f64, f64) {
    let here = last(f, args);
    let mut noise = 0.0_f64;
    for _ in 0..6 {
        let steps: Vec<f64> = args.iter().map(|x| x * (random.next() - 0.5) * 4e-9).collect();
        let moved = |sign: f64| -> Vec<f64> { args.iter().zip(&steps).map(|(x, h)| x + sign * h).collect() };
        let difference = (last(f, &moved(1.0)) - here) + (last(f, &moved(-1.0)) - here);
        // Not a maximum, which would lose what is no number.
        if !(difference.abs() <= noise) {
            noise = difference.abs();
        }
        if noise.is_nan() {
            break;
        }
    }
    (here, noise)
}

/// The slope of the antiderivative by extrapolated differences, if it settles.
fn slope(f: &Function, args: &[f64]) -> Option<f64> {
    let at = |h: f64| {
        let mut moved = args.to_vec();
        moved[0] += h;
        last(f, &moved)
    };
    let central = |h: f64| (at(h) - at(-h)) / (2.0 * h);
    let mut best: Option<(f64, f64)> = None;
    for k in 0..16 {
        let h = 1e-2 * 0.5_f64.powi(k);
        let (wide, half, quarter) = (central(h), central(h / 2.0), central(h / 4.0));
        let (one, other) = ((4.0 * half - wide) / 3.0, (4.0 * quarter - half) / 3.0);
        let (slope, error) = ((16.0 * other - one) / 15.0, (other - one).abs());
        if error.is_finite() && best.is_none_or(|(_, least)| error < least) {
            best = Some((slope, error));
        }
    }
    best.filter(|(slope, error)| *error <= 1e-6 * slope.abs()).map(|(slope, _)| slope)
}

/// The points at which they agree, or the worst that was found.
fn compared(entry: &Entry, names: usize, seed: u64) -> (Outcome, Vec<Point>) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut agreeing: Vec<Point> = Vec::new();
    let mut worst: (Outcome, Vec<Point>) = (Outcome::NotReal, Vec::new());
    for trial in 0..200 {
        // Most are real for small positive numbers; the others for one sign or for large ones.
        let (low, high) = [(0.1, 0.9), (0.5, 2.0), (1.1, 4.0), (-3.0, 3.0)][trial % 4];
        let signs = trial >= 60;
        let args: Vec<f64> = (0..names)
            .map(|k| match k {
                0 => low + (high - low) * random.next(),
                _ if signs && random.next() < 0.5 => -3.0 + 2.8 * random.next(),
                _ => 0.2 + 2.8 * random.next(),
            })
            .collect();
        let quick = (last(&entry.integrand, &args), last(&entry.reverse, &args));
        if !quick.0.is_finite() || !quick.1.is_finite() {
            continue;
        }
        let (integrand, noise) = noisy(&entry.integrand, &args, &mut random);
        let (derivative, more_noise) = noisy(&entry.reverse, &args, &mut random);
        let size = integrand.abs().max(derivative.abs());
        // What rounding does to the antiderivative where it is so flat that its neighbours are the same double.
        let value = last(&entry.value, &args);
        let flat = if value.is_finite() { f64::EPSILON * (value / args[0]).abs() } else { 0.0 };
        let noise = noise + more_noise + flat;
        if !(noise <= 1e-7 * size) {
            worst.0 = worst.0.max(Outcome::Rough);
            continue;
        }
        let allowed = 32.0 * noise + 64.0 * f64::EPSILON * size;
        let point = Point { args, integrand, derivative, allowed };
        let is_real = value.is_finite();
        let forward = last(&entry.forward, &point.args);
        if is_real && !((forward - derivative).abs() <= allowed) {
            return (Outcome::Wrong, vec![point.clone(), Point { derivative: forward, ..point }]);
        }
        if (integrand - derivative).abs() <= allowed {
            agreeing.push(point);
            if agreeing.len() == 2 {
                return (Outcome::Agrees, agreeing);
            }
            continue;
        }
        // The logarithm of a negative number is complex and its slope is real: that may agree, and has no slope to decide by.
        if !is_real {
            continue;
        }
        let near = |x: f64| (x - derivative).abs() <= 1e-5 * derivative.abs();
        let outcome = match slope(&entry.antiderivative, &point.args) {
            Some(slope) if near(slope) => Outcome::OtherBranch,
            // Cancellation that no neighbour shows loses some digits, a fault loses all: other points decide.
            Some(_) | None if (integrand - derivative).abs() <= 1e-4 * size => continue,
            Some(_) => Outcome::Wrong,
            None => Outcome::Undecided,
        };
        if outcome > worst.0 {
            worst = (outcome, vec![point]);
        }
        if outcome == Outcome::Wrong {
            return worst;
        }
    }
    if worst.0 <= Outcome::Rough && !agreeing.is_empty() { (Outcome::Agrees, agreeing) } else { worst }
}

#[test]
fn rubi() {
    let mut report = String::new();
    let mut jobs = Vec::new();
    let mut due = Vec::new();
    for (k, line) in include_str!("rubi.txt").lines().filter(|line| line.starts_with('[')).enumerate() {
        let list = line.trim_start_matches('[').trim_end_matches("],");
        let integral = maxima::integral(list).unwrap_or_else(|why| panic!("{line}\n{why}"));
        let entry = read(&integral).unwrap_or_else(|why| panic!("{line}\n{why}"));
        let (outcome, points) = compared(&entry, integral.names.len(), k as u64 + 1);
        if outcome != Outcome::Agrees {
            report.push_str(&format!("{line}\n{}\n{outcome:?} {points:?}\n\n", integral.antiderivative));
            continue;
        }
        let source = format!("{}\n{}", integral.header, integral.antiderivative);
        let args = points.iter().map(|point| point.args.iter().map(|x| Datum::Float(*x)).collect()).collect();
        jobs.push(Job { source, function: entry.antiderivative, wrt: vec![0], points: args, hessian: false });
        due.push(points);
    }
    let emitted = compiled::run("rubi", &jobs);
    for ((job, points), emitted) in jobs.iter().zip(&due).zip(emitted) {
        for (point, gots) in points.iter().zip(emitted) {
            for got in gots.iter().filter(|got| got.part == Part::Gradient) {
                if !((got.numbers[0] - point.integrand).abs() <= point.allowed) {
                    report.push_str(&format!("{}\n{point:?}\n{}: {:?}\n\n", job.source, got.way, got.numbers));
                }
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(jobs.len() >= 300, "{} entries", jobs.len());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "mac") {
            found.push(path);
        }
    }
    found
}

#[test]
#[ignore = "needs the suite: RUBI names its folder"]
fn rubi_suite() {
    let folder = std::env::var("RUBI").expect("RUBI names the folder of the suite");
    let stride: usize = std::env::var("RUBI_STRIDE").map_or(1, |n| n.parse().unwrap());
    let started = Instant::now();
    let mut skipped: BTreeMap<Skipped, usize> = BTreeMap::new();
    let mut outcomes: BTreeMap<Outcome, usize> = BTreeMap::new();
    let (mut all, mut seen) = (0, 0);
    for file in files(Path::new(&folder)) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        for list in maxima::lists(&text) {
            all += 1;
            if all % stride != 0 {
                continue;
            }
            seen += 1;
            let integral = match maxima::integral(&list) {
                Ok(integral) => integral,
                Err(why) => {
                    *skipped.entry(why).or_default() += 1;
                    continue;
                }
            };
            let (outcome, points) = match read(&integral) {
                Ok(entry) => compared(&entry, integral.names.len(), all as u64),
                Err(why) => {
                    println!("refused: {why}");
                    (Outcome::Wrong, Vec::new())
                }
            };
            *outcomes.entry(outcome).or_default() += 1;
            let place = file.file_stem().unwrap().to_string_lossy();
            match outcome {
                Outcome::Agrees => println!("agrees\t{place}\t[{list}],"),
                _ => println!("{outcome:?}\t{place}\t[{list}]\t{:?}\t{points:?}", integral.names),
            }
        }
    }
    println!("\n{seen} of {all} entries in {:.0?}", started.elapsed());
    println!("compared: {}", outcomes.values().sum::<usize>());
    outcomes.iter().for_each(|(outcome, n)| println!("  {n:6} {outcome:?}"));
    println!("skipped: {}", skipped.values().sum::<usize>());
    let mut causes: Vec<_> = skipped.into_iter().collect();
    causes.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    causes.iter().for_each(|(why, n)| println!("  {n:6} {why}"));
    assert_eq!(outcomes.get(&Outcome::Wrong), None, "faults of ours are listed above");
}
