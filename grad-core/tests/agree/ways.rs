//! Every way to the gradient of a function, by the interpreter.

use grad_core::ad::{self, Mode};
use grad_core::ir::Function;
use grad_core::ir::eval::{Array, Data, Datum, eval};
use grad_core::opt;

/// Choices made by bytes: shorter and smaller bytes make simpler things, so what shrinks the bytes shrinks the failure.
pub(crate) struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Choices { bytes: bytes.iter() }
    }

    /// One of `n`; the first when the bytes have come to their end.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.bytes.next().map_or(0, |b| usize::from(*b) % n)
    }

    pub(crate) fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.pick(of.len())]
    }

    pub(crate) fn is_done(&self) -> bool {
        self.bytes.as_slice().is_empty()
    }
}

pub(crate) fn floats(data: &[Datum]) -> Vec<f64> {
    data.iter().flat_map(|d| d.floats().unwrap_or_default().to_vec()).collect()
}

fn value(f: &Function, args: &[Datum]) -> f64 {
    let results = eval(f, args).unwrap_or_else(|e| panic!("the primal has a value: {e}"));
    floats(&results)[0]
}

fn active(f: &Function) -> Vec<usize> {
    (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect()
}

/// The arguments with the floats of the k-th moved by `h` along `direction`.
fn moved(args: &[Datum], directions: &[Datum], h: f64) -> Vec<Datum> {
    args.iter()
        .zip(directions)
        .map(|(x, d)| match (x, d) {
            (Datum::Float(x), Datum::Float(d)) => Datum::Float(x + h * d),
            (Datum::Array(Array { dims, data: Data::Float(x) }), Datum::Array(Array { data: Data::Float(d), .. })) => {
                let data = Data::Float(x.iter().zip(d).map(|(x, d)| x + h * d).collect());
                Datum::Array(Array { dims: dims.clone(), data })
            }
            (x, _) => x.clone(),
        })
        .collect()
}

/// A direction of the same shapes, no element of it 0.
fn direction(args: &[Datum]) -> Vec<Datum> {
    let mut k = 0.0_f64;
    let mut next = || {
        k += 1.0;
        (k * 0.77).sin() + 1.3
    };
    args.iter()
        .map(|x| match x {
            Datum::Float(_) => Datum::Float(next()),
            Datum::Array(Array { dims, data: Data::Float(x) }) => {
                Datum::Array(Array { dims: dims.clone(), data: Data::Float(x.iter().map(|_| next()).collect()) })
            }
            other => other.clone(),
        })
        .collect()
}

/// The slope along a direction by extrapolated differences, and how far they can be trusted; `None` at a kink.
fn slope(f: &Function, args: &[Datum], directions: &[Datum]) -> Option<(f64, f64)> {
    let here = value(f, args);
    let sided = |h: f64| (value(f, &moved(args, directions, h)) - here) / h;
    let (right, left) = (sided(1e-7), sided(-1e-7));
    if (right - left).abs() > 1e-3 * (1.0 + right.abs().max(left.abs())) || !right.is_finite() {
        return None;
    }
    let central = |h: f64| {
        let (up, down) = (value(f, &moved(args, directions, h)), value(f, &moved(args, directions, -h)));
        (up - down) / (2.0 * h)
    };
    // Romberg's table over halved steps; the error is the change of the last column.
    let mut table: Vec<f64> = vec![central(1e-3)];
    let (mut best, mut error) = (table[0], f64::INFINITY);
    for k in 1..5 {
        let mut row = vec![central(1e-3 / 2.0_f64.powi(k))];
        let mut factor = 4.0;
        for before in &table {
            let last = row[row.len() - 1];
            row.push((factor * last - before) / (factor - 1.0));
            factor *= 4.0;
        }
        let e = (row[row.len() - 1] - table[table.len() - 1]).abs();
        if e < error {
            (best, error) = (row[row.len() - 1], e);
        }
        table = row;
    }
    best.is_finite().then_some((best, error))
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn near(x: f64, y: f64, scale: f64, tolerance: f64) -> bool {
    x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= tolerance * (1.0 + scale + x.abs().min(y.abs()))
}

/// The value and the gradient of a function of one scalar result, after every way to them has been compared.
///
/// # Panics
/// Where two of them differ.
pub(crate) fn all_agree(what: &str, f: &Function, args: &[Datum]) -> (f64, Vec<f64>) {
    let wrt = active(f);
    let expected_value = value(f, args);
    let reverse = ad::gradient(f, &wrt, Mode::Reverse).unwrap_or_else(|p| panic!("{what}\n{p}"));
    let got = floats(&eval(&reverse, args).unwrap_or_else(|e| panic!("{what}\nreverse: {e}")));
    let (first, gradient) = (got[0], got[1..].to_vec());
    let scale = gradient.iter().fold(0.0_f64, |m, g| if g.is_finite() { m.max(g.abs()) } else { m });
    assert!(near(first, expected_value, 0.0, 1e-12), "{what}\nthe value is {first}, not {expected_value}");

    let same = |way: &str, got: &[f64]| {
        assert_eq!(got.len(), gradient.len(), "{what}\n{way}");
        for (a, b) in got.iter().zip(&gradient) {
            assert!(near(*a, *b, scale, 1e-9), "{what}\n at {args:?}\n{way}: {got:?}\nreverse: {gradient:?}");
        }
    };
    let run = |way: &str, f: &Function, args: &[Datum]| -> Vec<Datum> {
        eval(f, args).unwrap_or_else(|e| panic!("{what}\n{way}: {e}"))
    };
    same("reverse, optimised", &floats(&run("optimised", &opt::optimise(&reverse), args))[1..]);
    let prepared = opt::prepare(f);
    let of_prepared = ad::gradient(&prepared, &wrt, Mode::Reverse).unwrap_or_else(|p| panic!("{what}\n{p}"));
    same("reverse of the prepared", &floats(&run("prepared", &opt::optimise(&of_prepared), args))[1..]);
    let forward = ad::gradient(f, &wrt, Mode::Forward).unwrap_or_else(|p| panic!("{what}\n{p}"));
    same("forward", &floats(&run("forward", &opt::optimise(&forward), args))[1..]);

    let split = ad::split(&prepared, &wrt, &[]).unwrap_or_else(|p| panic!("{what}\n{p}"));
    let kept = run("forward part", &opt::optimise(&split.forward), args);
    let mut given = kept[f.body.results.len()..].to_vec();
    given.extend(args.iter().cloned());
    given.push(Datum::Float(1.0));
    same("backward part", &floats(&run("backward part", &opt::optimise(&split.backward), &given)));

    // Along one direction: forward mode and differences.
    let directions = direction(args);
    let along: Vec<f64> = floats(&wrt.iter().map(|k| directions[*k].clone()).collect::<Vec<_>>());
    let expected = dot(&gradient, &along);
    let jvp = ad::jvp(&prepared, &wrt).unwrap_or_else(|p| panic!("{what}\n{p}"));
    let mut given = args.to_vec();
    given.extend(wrt.iter().map(|k| directions[*k].clone()));
    let pushed = floats(&run("jvp", &opt::optimise(&jvp), &given));
    let total = scale * along.iter().map(|d| d.abs()).sum::<f64>();
    assert!(near(pushed[1], expected, total, 1e-9), "{what}\n at {args:?}\njvp: {pushed:?}, reverse: {expected}");
    // A step of the differences must not be lost in the arguments.
    let small = floats(args).iter().all(|x| x.abs() < 1e5);
    if small
        && expected_value.is_finite()
        && let Some((numeric, error)) = slope(f, args, &directions)
        && error <= 1e-5 * (1.0 + numeric.abs())
    {
        let room = 1e-6 * (1.0 + total) + 10.0 * error;
        assert!(
            (numeric - expected).abs() <= room,
            "{what}\n at {args:?}\nnumeric: {numeric} ± {error}, reverse: {expected}, of {gradient:?}"
        );
    }
    (expected_value, gradient)
}

/// The Hessian against forward mode over the gradient, and its symmetry.
pub(crate) fn hessian_agrees(what: &str, f: &Function, args: &[Datum]) {
    let wrt = active(f);
    let hessian = ad::hessian(&opt::prepare(f), &wrt).unwrap_or_else(|p| panic!("{what}\n{p}"));
    let results = eval(&opt::optimise(&hessian), args).unwrap_or_else(|e| panic!("{what}\nHessian: {e}"));
    let matrix = floats(std::slice::from_ref(results.last().expect("a matrix")));
    let reverse = ad::gradient(f, &wrt, Mode::Reverse).unwrap_or_else(|p| panic!("{what}\n{p}"));
    let directions = direction(args);
    let along: Vec<f64> = floats(&wrt.iter().map(|k| directions[*k].clone()).collect::<Vec<_>>());
    let n = along.len();
    let gradient = |h: f64| floats(&eval(&reverse, &moved(args, &directions, h)).expect("a gradient"))[1..].to_vec();
    let (h, here) = (1e-5, gradient(0.0));
    let (up, down) = (gradient(h), gradient(-h));
    for row in 0..n {
        let (right, left) = ((up[row] - here[row]) / h, (here[row] - down[row]) / h);
        if (right - left).abs() > 1e-2 * (1.0 + right.abs().max(left.abs())) || !right.is_finite() {
            continue;
        }
        let numeric = (up[row] - down[row]) / (2.0 * h);
        let got = dot(&matrix[row * n..(row + 1) * n], &along);
        let scale = matrix[row * n..(row + 1) * n].iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        assert!(
            (got - numeric).abs() <= 1e-4 * (1.0 + scale + numeric.abs()),
            "{what}\n at {args:?}\nHessian row {row}: {got}, numeric {numeric}\n{matrix:?}"
        );
        for column in 0..row {
            let (a, b) = (matrix[row * n + column], matrix[column * n + row]);
            assert!(near(a, b, scale, 1e-8), "{what}\nthe Hessian is not symmetric: {a}, {b}");
        }
    }
}
