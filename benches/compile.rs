//! What compiling costs: a formula from its text to the text of its gradient, at sizes that show whether the cost is linear,
//! and what the macro does of one annotated function (rustc's own parsing of the result aside).

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use grad_core::compile::{Options, compile};
use grad_core::emit::standalone;
use grad_core::front::{formula, rust};

#[allow(dead_code)]
#[path = "../grad-core/tests/corpora/data.rs"]
mod data;
#[allow(dead_code)]
#[path = "../grad-core/tests/corpora/maxima.rs"]
mod maxima;

/// Σ of `n` distinct terms in 90 variables.
fn wide_sum(n: usize) -> String {
    let term = |i: usize| format!("{}.5*x{}*sin({i}.25*y{})", 1 + i % 97, i % 50, i % 40);
    (0..n).map(term).collect::<Vec<_>>().join(" + ")
}

/// x ← x sin x + y, `n` times, a definition each.
fn chain(n: usize) -> String {
    let link = |k: usize| format!("let t{} = t{k} * sin(t{k}) + y;", k + 1);
    format!("let t0 = x; {} t{n}", (0..n).map(link).collect::<String>())
}

/// sin(sin(… x …)), `n` deep: by definitions of a hundred each, within the limit on nesting.
fn deep(n: usize) -> String {
    let part = |k: usize| format!("let t{} = {}t{k}{};", k + 1, "sin(".repeat(100), ")".repeat(100));
    let rest = format!("{}t{}{}", "sin(".repeat(n % 100), n / 100, ")".repeat(n % 100));
    format!("let t0 = x; {} {rest}", (0..n / 100).map(part).collect::<String>())
}

/// The determinant of an n×n matrix of `n`² variables by cofactors of the first row, each of the 2ⁿ − 1 minors one definition.
fn determinant(n: usize) -> String {
    let mut text = String::new();
    // A minor is of the last rows and of the columns whose bits are set; those of fewer columns come first.
    let mut minors: Vec<u32> = (1..1 << n).collect();
    minors.sort_by_key(|columns| columns.count_ones());
    for columns in minors {
        let row = n - columns.count_ones() as usize;
        let term = |(place, column): (usize, usize)| {
            let (sign, rest) = (if place % 2 == 0 { "+" } else { "-" }, columns & !(1 << column));
            let minor = if rest == 0 { String::new() } else { format!(" * m{rest}") };
            format!(" {sign} a{row}_{column}{minor}")
        };
        let terms: String = (0..n).filter(|k| columns & (1 << k) != 0).enumerate().map(term).collect();
        text += &format!("let m{columns} = {};\n", terms.trim_start_matches(" + "));
    }
    format!("{text}m{}", (1 << n) - 1)
}

/// Rosenbrock's function of `n` scalars.
fn rosenbrock(n: usize) -> String {
    let term = |k: usize| format!("(1 - x{k})^2 + 100 * (x{} - x{k}^2)^2", k + 1);
    (0..n - 1).map(term).collect::<Vec<_>>().join(" + ")
}

/// A thousand formulas from the literature: the corpora of grad-core's tests.
fn typical() -> Vec<String> {
    let files = [
        include_str!("../grad-core/tests/corpora/feynman.txt"),
        include_str!("../grad-core/tests/corpora/stability.txt"),
        include_str!("../grad-core/tests/corpora/minima.txt"),
        include_str!("../grad-core/tests/corpora/matrix.txt"),
    ];
    let given = files.into_iter().flat_map(data::entries).map(|entry| entry.source);
    let lines = include_str!("../grad-core/tests/corpora/rubi.txt").lines().filter(|line| line.starts_with('['));
    let integrals = lines.flat_map(|line| {
        let list = line.trim_start_matches('[').trim_end_matches("],");
        let integral = maxima::integral(list).expect("the corpus is translated");
        [&integral.antiderivative, &integral.integrand].map(|side| format!("{}\n{side}", integral.header))
    });
    let formulas: Vec<String> = given.chain(integrals).take(1_000).collect();
    assert_eq!(formulas.len(), 1_000);
    formulas
}

/// A formula's text to the text of its value, its gradient and, if wanted, its Hessian.
fn derive(source: &str, hessian: bool) -> String {
    let primal = formula::read("f", source, &[]).unwrap_or_else(|r| panic!("{source}\n{:?}", r.problems));
    let (function, interface) = standalone(&primal.function);
    let options = Options {
        wrt: (0..function.params.len()).filter(|k| function.param_type(*k).is_float()).collect(),
        prefix: "f".to_string(),
        primal: true,
        gradient: true,
        hessian,
        embed: Some(grad_math::embed),
        ..Options::default()
    };
    compile(&function, &interface, &options).unwrap_or_else(|p| panic!("{source}\n{p}"))
}

const NEURON: &str = "fn neuron(w: &[f64], x: &[f64], b: f64) -> f64 {
    let mut z = b;
    for i in 0..w.len() { z += w[i] * x[i]; }
    1.0 / (1.0 + (-z).exp())
}";

/// What the macro does of an annotated function.
fn expand(source: &str) -> proc_macro2::TokenStream {
    let item: syn::ItemFn = syn::parse_str(source).expect("the source is a function");
    let Ok(primal) = rust::read(&item, &Default::default()) else { panic!("the function is accepted") };
    let options =
        Options { wrt: vec![0, 1, 2], prefix: "neuron".to_string(), gradient: true, split: true, ..Options::default() };
    let text = compile(&primal.function, &primal.interface, &options).expect("the function can be differentiated");
    text.parse().expect("what is emitted are tokens")
}

/// One family of formulas at sizes that double.
fn family(criterion: &mut Criterion, name: &str, sizes: [usize; 3], make: impl Fn(usize) -> String, hessian: bool) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(2));
    for n in sizes {
        let source = make(n);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &source, |t, source| {
            t.iter(|| derive(black_box(source), hessian))
        });
    }
    group.finish();
}

fn compiling(criterion: &mut Criterion) {
    let formulas = typical();
    let mut group = criterion.benchmark_group("literature");
    group.sample_size(10).throughput(Throughput::Elements(formulas.len() as u64));
    group.bench_function("1000 formulas", |t| {
        t.iter(|| formulas.iter().map(|source| derive(black_box(source), false).len()).sum::<usize>())
    });
    group.finish();

    family(criterion, "sum", [2_500, 5_000, 10_000], wide_sum, false);
    family(criterion, "chain", [500, 1_000, 2_000], chain, false);
    family(criterion, "sines of sines", [500, 1_000, 2_000], deep, false);
    // Each is a little more than four times the one before.
    family(criterion, "determinant", [8, 10, 12], determinant, false);
    // The Hessian has n² entries.
    family(criterion, "Rosenbrock's Hessian", [25, 50, 100], rosenbrock, true);

    let mut group = criterion.benchmark_group("formula");
    for (name, source) in [("neuron", "sigmoid(w * x + b)"), ("dot", "x: [n], y: [n]; sum(x * y)^2")] {
        group.bench_function(name, |t| t.iter(|| derive(black_box(source), false)));
    }
    group.finish();

    criterion.bench_function("macro/neuron", |t| t.iter(|| expand(black_box(NEURON))));
}

criterion_group!(benches, compiling);
criterion_main!(benches);
