//! How many operations a gradient takes beside its primal: the value and the gradient together are at most four times
//! the primal (Baur and Strassen 1983), five times where a function's derivative is another function. `docs/COUNTS.md`
//! is the table, beside what `peers.py` counted of SymPy and CasADi.

use std::fmt::Write as _;

use grad_core::ad::{self, Mode};
use grad_core::front::formula;
use grad_core::ir::print::print;
use grad_core::ir::{Body, Function, Id, Lit, Op, Store};
use grad_core::opt;
use grad_core::prim::{Cost, Prim};

/// A symbolic length counts as so many iterations.
const LENGTH: usize = 8;

const HEAD: &str = "# Operations

How many operations on floats the value takes, and the value with the whole gradient, beside SymPy's and CasADi's for the same formulas. Made by `grad-core/tests/counts`, whose test keeps our columns current and bounds the ratio; `peers.py` there counted the others.

The unit: an addition, a subtraction, a multiplication, a division, a negation, a comparison and a function are 1 each; a power with a literal integer exponent is its multiplications by squaring; products and sums of literals are folded. A vector has 8 elements, and a loop is counted as often as it runs, so that the peers have it written out. Of two arms the dearer one counts.

What the numbers do not say: SymPy's are of `cse([f, *gradient])` with its default optimisations, after which nothing is recomputed but nothing is rearranged for accuracy either; CasADi's are of the reverse gradient of an `SX` graph after `cse`. Ours include what makes them right where these are not: the largest element is taken out of a sum of exponentials, and forms that cancel or overflow are replaced.";

const TABLE: &str = "| formula | | primal | gradient | SymPy, primal | SymPy, gradient | CasADi, primal | CasADi, gradient | gradient to primal |
|---|---|---|---|---|---|---|---|---|
";

/// A line is a name and a formula.
const FORMULAS: &str = include_str!("formulas.txt");

/// What `peers.py` counted: a line is a name and, of SymPy and of CasADi, the operations of the primal and of the
/// gradient with it; comments first.
const PEERS: &str = include_str!("peers.csv");

fn formulas() -> impl Iterator<Item = (&'static str, &'static str)> {
    FORMULAS.lines().map(|line| line.split_once(": ").expect("a name and a formula"))
}

/// Arithmetic, and functions whose derivatives are other functions.
#[derive(Clone, Copy, Default)]
struct Count {
    arithmetic: usize,
    functions: usize,
}

impl Count {
    fn total(self) -> usize {
        self.arithmetic + self.functions
    }

    fn add(&mut self, other: Count, times: usize) {
        self.arithmetic += other.arithmetic * times;
        self.functions += other.functions * times;
    }
}

fn literal(body: &Body, id: Id) -> Option<usize> {
    match body.node(id).op {
        Op::Const(Lit::Int(n, _)) => usize::try_from(n.unsigned_abs()).ok(),
        _ => None,
    }
}

/// How often a loop from `lo` to `hi` runs.
fn trips(body: &Body, lo: Id, hi: Id) -> usize {
    match (literal(body, lo), literal(body, hi)) {
        (Some(lo), Some(hi)) => hi.saturating_sub(lo),
        _ => LENGTH,
    }
}

/// The operations on floats of a body; of two arms the dearer one.
fn count(body: &Body) -> Count {
    let mut count = Count::default();
    for id in body.ids() {
        count.add(operations(body, id), 1);
    }
    count
}

fn operations(body: &Body, id: Id) -> Count {
    let mut here = Count::default();
    match &body.node(id).op {
        Op::Call(Prim::Detach, _) => {}
        Op::Call(prim, args) => {
            let exponent = if *prim == Prim::Powi { literal(body, args[1]) } else { None };
            let floats = args.iter().any(|x| body.ty(*x).is_float());
            match prim.row().cost {
                _ if !floats => {}
                // By squaring: a multiplication a bit, and one more for each that is set.
                _ if exponent.is_some_and(|n| n > 0) => {
                    let n = exponent.unwrap_or(1);
                    here.arithmetic = n.ilog2() as usize + n.count_ones() as usize - 1;
                }
                Cost::Transcendental => here.functions = 1,
                Cost::Cheap | Cost::Division => here.arithmetic = 1,
            }
        }
        Op::If { then, otherwise, .. } => {
            let arms = [count(then), count(otherwise)];
            here.add(if arms[0].total() >= arms[1].total() { arms[0] } else { arms[1] }, 1);
        }
        Op::Fold { lo, hi, body: inner, .. } => here.add(count(inner), trips(body, *lo, *hi)),
        Op::Build { lens, body: inner, .. } => {
            let times = lens.iter().map(|len| literal(body, *len).unwrap_or(LENGTH));
            here.add(count(inner), times.product());
        }
        Op::While { cond, body, .. } => {
            here.add(count(cond), LENGTH);
            here.add(count(body), LENGTH);
        }
        // Writing is not an operation, adding to what is there is one.
        Op::Update { store, .. } => here.arithmetic = usize::from(*store == Store::Add),
        Op::Const(_) | Op::Param(_) | Op::Size(_) | Op::Cast(_) | Op::Array(_) | Op::Index { .. } => {}
        Op::Push { .. } | Op::Len(..) | Op::Get(..) => {}
    }
    here
}

fn read(source: &str) -> Function {
    formula::read("f", source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems)).function
}

/// The operations of a formula and of its gradient, the value included.
fn measured(source: &str) -> (Count, Count, Function) {
    let primal = opt::prepare(&read(source));
    let wrt: Vec<usize> = (0..primal.params.len()).filter(|k| primal.param_type(*k).is_float()).collect();
    let gradient = opt::optimise(&ad::gradient(&primal, &wrt, Mode::Reverse).expect("differentiable"));
    (count(&opt::optimise(&primal).body), count(&gradient.body), gradient)
}

#[test]
fn gradients_cost_a_few_times_their_primals() {
    let mut over = String::new();
    for (name, source) in formulas() {
        let (primal, gradient, function) = measured(source);
        let ratio = gradient.total() as f64 / primal.total() as f64;
        let bound = if primal.functions > 0 { 5.0 } else { 4.0 };
        if ratio > bound {
            let _ = writeln!(over, "{name}: {ratio:.2} times the primal\n{source}\n{}", print(&function));
        }
    }
    assert!(over.is_empty(), "{over}");
}

/// `docs/COUNTS.md` is what this test counts and what `peers.csv` records.
#[test]
fn the_page_of_counts_is_current() {
    let versions: Vec<&str> = PEERS.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    let mut page = format!("{HEAD}\n\n{}\n\n{TABLE}", versions.join(" "));
    let mut totals = [0; 6];
    let mut fewer = Vec::new();
    let mut rows = PEERS.lines().filter(|line| !line.starts_with('#'));
    for (name, source) in formulas() {
        let peers = rows.next().and_then(|row| row.strip_prefix(name)).unwrap_or_else(|| panic!("no count of {name}"));
        let peers: Vec<usize> = peers.split(',').skip(1).map(|count| count.parse().expect("a number")).collect();
        let (primal, gradient, _) = measured(source);
        let counts = [primal.total(), gradient.total(), peers[0], peers[1], peers[2], peers[3]];
        totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        if counts[1] > counts[3].min(counts[5]) {
            fewer.push(name);
        }
        let ratio = gradient.total() as f64 / primal.total() as f64;
        let _ = writeln!(page, "| {name} | `{source}` | {} | {ratio:.2} |", counts.map(|n| n.to_string()).join(" | "));
    }
    let ratio = totals[1] as f64 / totals[0] as f64;
    let _ = writeln!(page, "| all | | {} | {ratio:.2} |", totals.map(|n| n.to_string()).join(" | "));
    let _ = writeln!(page, "\nA peer's gradient has fewer operations in: {}.", fewer.join("; "));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COUNTS.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page, "UPDATE=1 writes docs/COUNTS.md");
}
