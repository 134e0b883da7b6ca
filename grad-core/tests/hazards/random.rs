//! Random formulas. Points with a finite value and no finite gradient are looked for among numbers at which something may
//! happen, by the interpreter alone: each must satisfy the condition of a hazard. And what a hazard shows must be so.

use grad_core::ir::eval::{Array, Data, Datum};
use grad_core::ir::{Dim, Function};

use crate::{Gradient, condition, hazards, read};

/// A multiplicative generator: the same formulas everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.roll(of.len())]
    }
}

fn formula(dice: &mut Dice, depth: usize, leaves: &[&str]) -> String {
    if depth == 0 {
        return dice.one(leaves).to_owned();
    }
    let part = |dice: &mut Dice| {
        let depth = if dice.roll(3) == 0 { 0 } else { depth - 1 };
        formula(dice, depth, leaves)
    };
    let x = part(dice);
    match dice.roll(22) {
        0..=2 => format!("sqrt({x})"),
        3 => format!("abs({x})"),
        4 => format!("({x})^{}", dice.one(&["2", "3", "0.5", "1.5", "-1", "4", "0.25"])),
        5 => format!("{}({x})", dice.one(&["ln", "cbrt", "acos", "asin", "atan", "tanh", "sin", "cos"])),
        6 => format!("{}({x})", dice.one(&["atan", "tanh", "sin", "relu", "sigmoid", "exp_m1"])),
        7 => format!("exp(-abs({x}))"),
        8..=10 => format!("({x} + {})", part(dice)),
        11 | 12 => format!("({x} - {})", part(dice)),
        13 | 14 => format!("{x} * ({})", part(dice)),
        15 => format!("({x}) / ({})", part(dice)),
        16 => format!("{}({x}, {})", dice.one(&["max", "min", "hypot", "atan2", "logaddexp"]), part(dice)),
        17 | 18 => {
            let sign = dice.one(&["<", "<=", ">", ">=", "!="]);
            format!("(if {x} {sign} {} then {} else {})", part(dice), part(dice), part(dice))
        }
        19 => format!("{}^{}", dice.one(leaves), dice.one(leaves)),
        20 => format!(
            "{}({})",
            dice.one(&["acosh", "atanh", "ln_1p", "tan", "asec", "asech", "softplus", "floor", "erf"]),
            dice.one(&leaves[..2])
        ),
        _ => format!("1 / ({x})"),
    }
}

const NUMBERS: [f64; 9] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 0.7, 3.0];

/// Formulas of two numbers on a grid.
#[test]
fn hazards_of_random_formulas() {
    let mut dice = Dice(20);
    let mut tally = Tally::default();
    for _ in 0..300 {
        let depth = 1 + dice.roll(4);
        let source = format!("a, b; {}", formula(&mut dice, depth, &["a", "b", "a", "b", "1", "2", "0.5"]));
        let points: Vec<Vec<Datum>> =
            (NUMBERS.iter()).flat_map(|a| NUMBERS.iter().map(|b| vec![Datum::Float(*a), Datum::Float(*b)])).collect();
        tally.check(&source, &points, 1);
    }
    tally.finish([500, 80, 150]);
}

/// Formulas of every function of the table, of norms and sums and choices.
fn wide(dice: &mut Dice, depth: usize) -> String {
    const LEAVES: [&str; 11] = ["a", "b", "a", "b", "a", "b", "1", "2", "0.5", "0", "3"];
    const SMOOTH: [&str; 12] =
        ["softplus", "gelu", "mish", "silu", "elu", "selu", "softsign", "log_sigmoid", "erf", "erfc", "sinh", "cosh"];
    const OTHER: [&str; 34] = [
        "acosh",
        "atanh",
        "ln_1p",
        "tan",
        "asec",
        "asech",
        "acsc",
        "acoth",
        "acsch",
        "csch",
        "coth",
        "sech",
        "sec",
        "csc",
        "cot",
        "acot",
        "asinh",
        "sinc",
        "gaussian",
        "log_cosh",
        "log1mexp",
        "xlogx",
        "erfcx",
        "one_minus_cos",
        "floor",
        "round",
        "sign",
        "lgamma",
        "digamma",
        "exprel",
        "sqrt_1p_m1",
        "log_erfc",
        "one_minus_sigmoid",
        "log2",
    ];
    if depth == 0 {
        return dice.one(&LEAVES).to_owned();
    }
    let part = |dice: &mut Dice| {
        let depth = if dice.roll(4) == 0 { 0 } else { depth - 1 };
        wide(dice, depth)
    };
    let x = part(dice);
    match dice.roll(20) {
        0 | 1 => format!("sqrt({x})"),
        2 => format!("({x})^{}", dice.one(&["2", "3", "0.5", "1.5", "-1", "4", "0.25", "(1/3)", "-0.5", "2.5"])),
        3 => format!("{}({x})", dice.one(&["ln", "cbrt", "acos", "asin", "atan", "tanh", "sin", "cos", "abs"])),
        4 => format!("{}({x})", dice.one(&SMOOTH)),
        5 => format!("{}({x})", dice.one(&OTHER)),
        6 | 7 => format!("({x} + {})", part(dice)),
        8 | 9 => format!("({x} - {})", part(dice)),
        10 => format!("{x} * ({})", part(dice)),
        11 => format!("({x}) / (1 + {})", part(dice)),
        12 => {
            let function = dice.one(&["max", "min", "hypot", "atan2", "logaddexp", "rem", "leaky_relu", "pow"]);
            format!("{function}({x}, {})", part(dice))
        }
        13 => {
            let sign = dice.one(&["<", "<=", ">", ">=", "!=", "=="]);
            format!("(if {x} {sign} {} then {} else {})", part(dice), part(dice), part(dice))
        }
        14 => format!("norm([{x}, {}])", part(dice)),
        15 => {
            let function = dice.one(&["norm", "sum", "prod", "max", "min", "var", "logsumexp", "mean", "norm1"]);
            format!("{function}([{x}, {}, {}])", part(dice), part(dice))
        }
        16 => format!("clamp({x}, {}, {})", dice.one(&["0", "-1", "a"]), dice.one(&["1", "2", "b"])),
        17 => format!("sum(k in 0..3: sqrt(k + {x}))"),
        18 => format!("sum(k in 0..3: ({x} - k)^{})", dice.one(&["2", "0.5", "1.5", "4"])),
        _ => format!("where({x} > {} and {} <= {}, {}, 2)", part(dice), part(dice), dice.one(&LEAVES), part(dice)),
    }
}

/// Such formulas on a grid.
#[test]
fn hazards_of_wide_formulas() {
    let mut dice = Dice(31);
    let mut tally = Tally::default();
    for _ in 0..200 {
        let depth = 1 + dice.roll(3);
        let source = format!("a, b; {}", wide(&mut dice, depth));
        if read(&source).is_none() {
            // A literal is outside of the domain.
            continue;
        }
        let points: Vec<Vec<Datum>> =
            (NUMBERS.iter()).flat_map(|a| NUMBERS.iter().map(|b| vec![Datum::Float(*a), Datum::Float(*b)])).collect();
        // An index runs over three numbers.
        tally.check(&source, &points, 3);
    }
    tally.finish([200, 20, 100]);
}

/// Sums over vectors, of formulas of their elements.
#[test]
fn hazards_of_random_sums() {
    let mut dice = Dice(21);
    let mut tally = Tally::default();
    for _ in 0..100 {
        let depth = 1 + dice.roll(3);
        let inner = formula(&mut dice, depth, &["x[i]", "a", "x[i]", "y[i]", "1", "2"]);
        let outer = dice.one(&["", "", "sqrt", "atan", "exp"]);
        let source = format!("a, x: [n], y: [n]; {outer}(sum(i in 0..n: {inner}))");
        let mut points = Vec::new();
        for a in [0.0, 1.0, -1.0, 0.5] {
            for x in [[0.0, 1.0], [1.0, 1.0], [0.0, 0.0], [2.0, -1.0], [0.5, 3.0], [-0.5, -2.0]] {
                for y in [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, -1.0], [2.0, 3.0]] {
                    points.push(vec![Datum::Float(a), Datum::vector(&x), Datum::vector(&y)]);
                }
            }
        }
        tally.check(&source, &points, 2);
    }
    tally.finish([200, 30, 20]);
}

/// The formulas of the corpus, harmless ones too, at such numbers.
#[test]
fn hazards_of_the_corpus() {
    let mut dice = Dice(22);
    let mut tally = Tally::default();
    for (source, _) in crate::corpus::entries() {
        let (f, ..) = read(&source).unwrap();
        let points: Vec<Vec<Datum>> =
            (0..100).map(|_| (0..f.params.len()).map(|k| datum(&f, k, &mut dice)).collect()).collect();
        // Three where a formula says three.
        let length = f.body.param_types().flat_map(|ty| &ty.dims).map(|dim| if *dim == Dim::Lit(3) { 3 } else { 2 });
        // Without arrays an index runs over five numbers at most.
        tally.check(&source, &points, length.max().unwrap_or(5));
    }
    tally.finish([200, 100, 50]);
}

fn datum(f: &Function, k: usize, dice: &mut Dice) -> Datum {
    let ty = f.param_type(k);
    if !ty.is_float() {
        return Datum::Int(i64::try_from(dice.roll(2)).unwrap());
    }
    let dims: Vec<usize> = ty.dims.iter().map(|dim| if *dim == Dim::Lit(3) { 3 } else { 2 }).collect();
    let data: Vec<f64> = (0..dims.iter().product()).map(|_| NUMBERS[dice.roll(NUMBERS.len())]).collect();
    if ty.is_scalar() { Datum::Float(data[0]) } else { Datum::Array(Array { dims, data: Data::Float(data) }) }
}

/// What is counted, and what is wrong.
#[derive(Default)]
struct Tally {
    /// Points with a finite value and no finite gradient.
    spoilt: usize,
    /// Hazards with a sample.
    shown: usize,
    /// Formulas without one.
    clean: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn check(&mut self, source: &str, points: &[Vec<Datum>], length: i64) {
        let (f, wrt, _) = read(source).unwrap_or_else(|| panic!("{source} is a formula"));
        let found = hazards(source);
        let gradient = Gradient::new(&f, &wrt);
        let conditions: Vec<&str> = found.iter().map(|hazard| &*hazard.condition).collect();
        let spoilt: Vec<&Vec<Datum>> = points.iter().filter(|args| gradient.is_spoilt(args)).collect();
        let uncovered = spoilt.iter().find(|args| !conditions.iter().any(|c| condition::holds(&f, c, args, length)));
        if let Some(args) = uncovered {
            let at: Vec<&[f64]> = args.iter().filter_map(Datum::floats).collect();
            self.wrong.push(format!("{source}\n  at {at:?} there is no finite gradient, but: {conditions:?}"));
        }
        for hazard in &found {
            if let Some(sample) = &hazard.sample
                && !(gradient.is_spoilt(sample) && condition::holds(&f, &hazard.condition, sample, length))
            {
                self.wrong.push(format!("{source}\n  {hazard:?} is not so"));
            }
        }
        self.spoilt += spoilt.len();
        self.shown += found.iter().filter(|hazard| hazard.sample.is_some()).count();
        self.clean += usize::from(found.is_empty());
    }

    fn finish(&self, least: [usize; 3]) {
        assert!(self.wrong.is_empty(), "{} are wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
        let counts = [self.spoilt, self.shown, self.clean];
        assert!(counts.iter().zip(&least).all(|(n, least)| n >= least), "points, hazards, without: {counts:?}");
    }
}
