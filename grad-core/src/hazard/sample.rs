//! Points at which a condition holds, and what the reference interpreter says of the value and the gradient there.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::Partial;
use super::meet::{inputs, is_near, meet};
use super::number::{PICKS, Point};
use super::rewrite;
use super::singular::{Local, Relation};
use super::solve::{Atom, Case};
use super::terms::{TermId, Terms};
use super::walk::{Site, Walked};
use crate::ad::{self, Mode};
use crate::diagnostic::Problem;
use crate::ir::eval::{Array, Data, Datum, eval};
use crate::ir::{Dim, Elem, Function};
use crate::opt;

/// The derivative of a function as it is compiled, and points to begin with.
pub(super) struct Sampler<'f> {
    f: &'f Function,
    wrt: &'f [usize],
    derivative: Function,
    starts: Vec<Start>,
    /// How much may still be evaluated, in nodes times elements.
    left: u64,
    cost: u64,
    /// How many terms may still be computed.
    terms_left: u64,
    repairs_left: u32,
    /// What the gradient is at points asked for before, by the bits of their arguments.
    asked: HashMap<Vec<u64>, Gradient>,
    asked_size: usize,
}

/// What is said of the gradient at a point.
#[derive(Clone)]
enum Gradient {
    /// The value is not finite, or cannot be computed.
    Unknown,
    Finite,
    Spoilt(Vec<Partial>),
}

#[derive(Clone)]
struct Start {
    args: Rc<Vec<Datum>>,
    sizes: Vec<usize>,
}

/// What is found out about a case.
pub(super) enum Verdict {
    /// At these arguments the value is finite and the gradient is not.
    Shown(Vec<Datum>, Vec<Partial>),
    /// Close to these arguments, mathematically.
    Near,
    /// The condition was met, and nothing came of it; or it was not met.
    Nothing,
}

/// No more is evaluated in one analysis than so many nodes times elements.
const MOST_WORK: u64 = 20_000_000;
/// No more numbers are kept of points that have been asked for.
const MOST_ASKED: usize = 1 << 20;
/// No more rewrites are tried, nor sites held responsible.
const MOST_REPAIRS: u32 = 24;
/// The first of the points to begin with are nothing special.
const ORDINARY: usize = 8;
/// The most that a value takes.
const LEAST_TERMS: u64 = 20_000;
/// No more terms are computed to find a point of one case.
const MOST_TERMS: u64 = 2_000_000;
/// Nor for all of them, but for a few for each.
const ALL_TERMS: u64 = 4_000_000;
const FEW_TERMS: u64 = 40_000;
/// Functions of more elements are not sampled.
const MOST_ELEMENTS: usize = 1 << 16;

impl<'f> Sampler<'f> {
    /// # Errors
    /// Those of [`crate::ad`].
    pub(super) fn new(f: &'f Function, wrt: &'f [usize]) -> Result<Sampler<'f>, Problem> {
        let single = f.body.results.len() == 1 && f.body.ty(f.body.results[0]).is_scalar();
        let derivative = if single { ad::gradient(f, wrt, Mode::Reverse)? } else { ad::jacobian(f, wrt)? };
        let derivative = opt::optimise(&derivative);
        let starts: Vec<Start> = patterns(f).into_iter().filter_map(|pattern| start(f, &pattern)).collect();
        let elements = starts.iter().flat_map(|s| s.args.iter()).map(|d| d.floats().map_or(1, <[f64]>::len)).max();
        let cost = derivative.node_count() as u64 * elements.unwrap_or(1) as u64;
        Ok(Sampler {
            f,
            wrt,
            derivative,
            starts,
            left: MOST_WORK,
            cost,
            terms_left: ALL_TERMS,
            repairs_left: MOST_REPAIRS,
            asked: HashMap::new(),
            asked_size: 0,
        })
    }

    fn gradient(&mut self, args: &[Datum]) -> Gradient {
        let bits = bits(args);
        if let Some(known) = self.asked.get(&bits) {
            return known.clone();
        }
        let gradient = self.computed(args);
        self.asked_size += bits.len();
        if self.asked_size <= MOST_ASKED {
            self.asked.insert(bits, gradient.clone());
        }
        gradient
    }

    fn computed(&mut self, args: &[Datum]) -> Gradient {
        let Some(left) = self.left.checked_sub(self.cost) else { return Gradient::Unknown };
        self.left = left;
        let Ok(results) = eval(&self.derivative, args) else { return Gradient::Unknown };
        let n = self.f.body.results.len();
        let (values, blocks) = results.split_at(n);
        let floats: Vec<&[f64]> = values.iter().filter_map(Datum::floats).collect();
        if !floats.iter().all(|z| z.iter().all(|z| z.is_finite())) {
            return Gradient::Unknown;
        }
        let mut partials: BTreeMap<usize, Partial> = BTreeMap::new();
        for r in 0..floats.len() {
            for (p, param) in self.wrt.iter().enumerate() {
                let Some(block) = blocks.get(r * self.wrt.len() + p).and_then(Datum::floats) else {
                    return Gradient::Unknown;
                };
                if let Some(derivative) = block.iter().copied().find(|d| !d.is_finite()) {
                    let name = self.f.params[*param].name.clone();
                    partials.entry(*param).or_insert(Partial { param: *param, name, derivative });
                }
            }
        }
        if partials.is_empty() { Gradient::Finite } else { Gradient::Spoilt(partials.into_values().collect()) }
    }

    /// Whether what spoils the gradient at a point is a site at which it stops being finite: moved a little, so that the
    /// case still holds, the gradient stays spoilt; or it is another one without what the site passes on.
    fn is_due(&mut self, walked: &Walked, site: &Site, point: &Point<'_>, whole: &Case, partials: &[Partial]) -> bool {
        let stop = whole.last().expect("a case with what stops");
        let is_open = matches!(stop.relation, Relation::Below(_) | Relation::Above(_) | Relation::Between(..));
        let fixed = if is_open { vec![] } else { inputs(point, stop.term) };
        let is_harmless = |sampler: &mut Self, way: f64| {
            let nudged = point.nudged(&fixed, way);
            nudged.agrees(whole, &site.within.conditions)
                && whole.iter().all(|atom| nudged.holds(atom).is_some())
                && matches!(sampler.gradient(&nudged.args), Gradient::Finite)
        };
        if !is_harmless(self, 1.0) && !is_harmless(self, -1.0) {
            return true;
        }
        if let Some(left) = self.repairs_left.checked_sub(1)
            && let Some(deaf) = rewrite::deaf(self.f, walked, site.result)
            && let Ok(mut sampler) = Sampler::new(&deaf, self.wrt)
        {
            self.repairs_left = left;
            return match sampler.computed(&point.args) {
                Gradient::Spoilt(others) => {
                    let same = |(x, y): (&Partial, &Partial)| {
                        x.param == y.param && x.derivative.to_bits() == y.derivative.to_bits()
                    };
                    others.len() != partials.len() || !others.iter().zip(partials).all(same)
                }
                Gradient::Finite | Gradient::Unknown => true,
            };
        }
        // Inside a loop, the derivatives must at least be by what the site depends on.
        let mine = inputs(point, site.result);
        let params: Vec<usize> = mine.iter().filter_map(|input| point.param_of(*input)).collect();
        !is_open && partials.iter().any(|partial| params.contains(&partial.param))
    }

    /// Looks for a point of a case at which the site spoils the gradient and not the value.
    pub(super) fn find(&mut self, walked: &Walked, site: &Site, local: &Local, case: &Case) -> Verdict {
        let most = self.terms_left.clamp(FEW_TERMS, MOST_TERMS);
        let left = Rc::new(Cell::new(most));
        let verdict = self.look(walked, site, local, case, &left);
        self.terms_left = self.terms_left.saturating_sub(most - left.get());
        verdict
    }

    fn look(&mut self, walked: &Walked, site: &Site, local: &Local, case: &Case, left: &Rc<Cell<u64>>) -> Verdict {
        let terms = &walked.terms;
        let conditions = &site.within.conditions;
        let (stop, relation) = local.cause[0];
        // The call itself must stop there, whatever becomes of the case in floats.
        let mut whole = case.clone();
        whole.push(Atom { term: stop, relation, every: vec![] });
        let mut met = false;
        let mut near: Option<Point<'_>> = None;
        let starts = self.starts.clone();
        // In which iterations a point has been looked at.
        let mut done = vec![[false; PICKS]; starts.len()];
        // Ordinary points as they are, then moved: what is not finite there is so for this reason alone. Then the others.
        let ordinary = |attempts: std::ops::Range<usize>| attempts.flat_map(|a| (0..ORDINARY).map(move |n| (a, n)));
        let others =
            |attempts: std::ops::Range<usize>| attempts.flat_map(|a| (ORDINARY..starts.len()).map(move |n| (a, n)));
        for (attempt, number) in ordinary(0..3).chain(others(0..1)).chain(ordinary(3..5)).chain(others(1..3)) {
            // Every start comes to every iteration, each time in another.
            let pick = if site.within.around.is_empty() { 0 } else { number + number / PICKS * PICKS + attempt };
            if done[number][pick % PICKS] {
                continue;
            }
            let mut point = starts[number].point(terms, left);
            point.look_at(&site.within.around, pick);
            let root = (number < ORDINARY && attempt == 1 && left.get() > MOST_TERMS / 2).then_some(number);
            let moved = attempt == 0 || meet(&mut point, case, conditions, attempt, root);
            if left.get() < LEAST_TERMS {
                // What has become too dear is not told from what cannot be computed.
                return Verdict::Nothing;
            }
            if !moved || !point.agrees(&whole, conditions) {
                if attempt > 0 && near.is_none() && is_near(&point, case, conditions) {
                    near = Some(point);
                }
                continue;
            }
            done[number][pick % PICKS] = true;
            let told = point.value(stop).is_some();
            met |= told;
            // What is finite at the site did not stop being so there.
            let finite = |x: Option<f64>| x.is_none_or(f64::is_finite);
            let stops = point.value(local.singular).is_none_or(|x| !x.is_finite());
            let is_number =
                !walked.poisonous.contains(&site.result) || !point.value(site.result).is_some_and(f64::is_nan);
            // What cannot be computed may be anything: it is taken for the cause where it is an equation.
            if stops
                && is_number
                && (told || matches!(relation, Relation::Equal(_)))
                && site.args.iter().all(|a| finite(point.value(*a)))
                && let Gradient::Spoilt(partials) = self.gradient(&point.args)
                && self.is_due(walked, site, &point, &whole, &partials)
            {
                return Verdict::Shown(point.args.to_vec(), partials);
            }
        }
        match near {
            Some(mut point) if !met => {
                if let Relation::Equal(c) = relation {
                    point.given = Some((stop, c));
                }
                let finite = |x: &TermId| point.value(*x).is_some_and(f64::is_finite);
                let stops = point.value(local.singular).is_some_and(|x| !x.is_finite());
                if stops && walked.results.iter().all(finite) && site.args.iter().all(finite) {
                    Verdict::Near
                } else {
                    Verdict::Nothing
                }
            }
            _ => Verdict::Nothing,
        }
    }
}

impl Sampler<'_> {
    /// Whether another function has the same value wherever this one's is finite, of the points that are tried, and a
    /// finite gradient at one of them.
    pub(super) fn is_repaired(&mut self, other: &Function, at: &[Datum]) -> bool {
        let Some(left) = self.repairs_left.checked_sub(1) else { return false };
        self.repairs_left = left;
        let Ok(mut sampler) = Sampler::new(other, self.wrt) else { return false };
        let starts = self.starts.iter().map(|start| start.args.to_vec()).chain([at.to_vec()]);
        let same = |args: &[Datum]| {
            let (Ok(x), Ok(y)) = (eval(self.f, args), eval(other, args)) else { return false };
            let floats = |results: &[Datum]| -> Vec<f64> {
                results.iter().flat_map(|d| d.floats().unwrap_or_default().to_vec()).collect()
            };
            floats(&x).iter().zip(&floats(&y)).all(|(x, y)| !x.is_finite() || (x - y).abs() <= 1e-9 * (1.0 + x.abs()))
        };
        starts.into_iter().all(|args| same(&args)) && !matches!(sampler.computed(at), Gradient::Spoilt(_))
    }
}

impl Start {
    fn point<'t>(&self, terms: &'t Terms, left: &Rc<Cell<u64>>) -> Point<'t> {
        let (args, sizes) = (self.args.clone(), self.sizes.clone());
        Point {
            terms,
            args,
            sizes,
            indices: BTreeMap::new(),
            turns: BTreeMap::new(),
            carried: BTreeMap::new(),
            given: None,
            left: left.clone(),
        }
    }
}

fn bits(args: &[Datum]) -> Vec<u64> {
    let mut bits = Vec::new();
    for datum in args {
        match datum {
            Datum::Float(x) => bits.push(x.to_bits()),
            Datum::Int(n) => bits.push(*n as u64),
            Datum::Bool(b) => bits.push(u64::from(*b)),
            Datum::Array(array) => match &array.data {
                Data::Float(x) => bits.extend(x.iter().map(|x| x.to_bits())),
                Data::Int(x) => bits.extend(x.iter().map(|n| *n as u64)),
                Data::Bool(x) => bits.extend(x.iter().map(|b| u64::from(*b))),
            },
        }
    }
    bits
}

/// What the float elements are, by their places, and the integers.
struct Pattern {
    float: Box<dyn Fn(usize) -> f64>,
    int: i64,
    length: usize,
}

fn patterns(f: &Function) -> Vec<Pattern> {
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut add = |float: Box<dyn Fn(usize) -> f64>| {
        let k = patterns.len();
        patterns.push(Pattern { float, int: [1, 0, 2, 3][k % 4], length: 2 + k % 2 });
    };
    add(Box::new(|j| [0.75, 1.25, 2.5, 0.5, 1.75, 3.0][j % 6] + (j / 6) as f64));
    add(Box::new(|j| [2.0, 3.0, 1.0, 5.0][j % 4] + (j / 4) as f64));
    add(Box::new(|j| -([0.75, 1.25, 2.5, 0.5][j % 4] + (j / 4) as f64)));
    add(Box::new(|j| [0.75, 1.25, -0.5, -2.0][j % 4]));
    add(Box::new(|j| [0.25, 0.625, 0.375, 0.875][j % 4]));
    add(Box::new(|j| [1.5, -0.75, 2.25, -0.5][j % 4]));
    add(Box::new(|j| [-1.5, 0.75, -2.25, 0.5][j % 4]));
    add(Box::new(|j| -([2.0, 3.0, 1.0, 5.0][j % 4] + (j / 4) as f64)));
    for x in [0.5, 1.0, 0.0, -1.0, 2.0, -2.0, 3.0] {
        add(Box::new(move |_| x));
    }
    add(Box::new(|j| [2.0, -1.0][j % 2]));
    add(Box::new(|j| [-1.0, 2.0][j % 2]));
    add(Box::new(|j| [3.5, 2.25, 1.5, 0.25][j % 4]));
    let scalars = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).count();
    let all_scalar = (0..f.params.len()).all(|k| f.param_type(k).is_scalar());
    if all_scalar && scalars <= 3 {
        let grid: &[f64] =
            if scalars <= 2 { &[0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0] } else { &[0.0, 1.0, -1.0, 2.0, 0.5] };
        let n = grid.len();
        for k in 0..n.pow(u32::try_from(scalars).unwrap_or(0)) {
            let at: Vec<f64> = (0..scalars).map(|j| grid[k / n.pow(u32::try_from(j).unwrap_or(0)) % n]).collect();
            add(Box::new(move |j| at.get(j).copied().unwrap_or(0.0)));
        }
    } else {
        // Numbers at which something may happen, mixed.
        for k in 0..48_usize {
            let some = [0.0, 1.0, -1.0, 0.0, 2.0, -2.0, 0.5, 0.0];
            add(Box::new(move |j| some[(k * 0x9e37 + (j + 1) * 0x85eb + k * j * 0x51ed) / 7 % 8]));
        }
    }
    patterns
}

fn start(f: &Function, pattern: &Pattern) -> Option<Start> {
    let sizes = vec![pattern.length; f.sizes.len()];
    let mut at = 0;
    let args = (0..f.params.len())
        .map(|k| {
            let ty = f.param_type(k);
            let dims: Vec<usize> = (ty.dims.iter())
                .map(|dim| match dim {
                    Dim::Lit(n) => *n,
                    Dim::Size(_) | Dim::Any => pattern.length,
                })
                .collect();
            let count = dims.iter().try_fold(1_usize, |n, d| n.checked_mul(*d)).filter(|n| *n <= MOST_ELEMENTS)?;
            let mut float = || {
                at += 1;
                (pattern.float)(at - 1)
            };
            Some(match (ty.elem, ty.is_scalar()) {
                (Elem::Float, true) => Datum::Float(float()),
                (Elem::Int(_), true) => Datum::Int(pattern.int),
                (Elem::Bool, true) => Datum::Bool(pattern.int % 2 == 0),
                (elem, false) => {
                    let data = match elem {
                        Elem::Float => Data::Float((0..count).map(|_| float()).collect()),
                        Elem::Int(_) => Data::Int(vec![pattern.int % 2; count]),
                        Elem::Bool => Data::Bool(vec![pattern.int % 2 == 0; count]),
                    };
                    Datum::Array(Array { dims, data })
                }
            })
        })
        .collect::<Option<Vec<Datum>>>()?;
    Some(Start { args: Rc::new(args), sizes })
}
