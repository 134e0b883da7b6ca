//! What compiling costs: a formula from its text to the text of its gradient, at sizes that show whether the cost is linear,
//! and what the macro does of one annotated function (rustc's own parsing of the result aside).

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use grad_core::compile::{Options, compile};
use grad_core::emit::standalone;
use grad_core::front::{formula, rust};

/// Σ of `n` distinct terms in 90 variables.
fn wide_sum(n: usize) -> String {
    let term = |i: usize| format!("{}.5*x{}*sin({i}.25*y{})", 1 + i % 97, i % 50, i % 40);
    (0..n).map(term).collect::<Vec<_>>().join(" + ")
}

/// sin(sin(… x …)), within the limit on nesting.
fn deep_chain(n: usize) -> String {
    format!("{}x{}", "sin(".repeat(n), ")".repeat(n))
}

/// A formula's text to the text of its gradient.
fn derive(source: &str) -> String {
    let Ok(primal) = formula::read("f", source, &[]) else { panic!("the formula is fine") };
    let (function, interface) = standalone(&primal.function);
    let options = Options {
        wrt: (0..primal.function.params.len()).collect(),
        prefix: "f".to_string(),
        primal: true,
        gradient: true,
        embed: Some(grad_math::embed),
        ..Options::default()
    };
    compile(&function, &interface, &options).expect("the formula can be differentiated")
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

fn compiling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sum");
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(2));
    for n in [1_000, 10_000, 100_000] {
        let source = wide_sum(n);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &source, |t, source| {
            t.iter(|| derive(black_box(source)))
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("formula");
    for (name, source) in [
        ("neuron", "sigmoid(w * x + b)".to_string()),
        ("dot", "x: [n], y: [n]; sum(x * y)^2".to_string()),
        ("chain of 50", deep_chain(50)),
        ("chain of 200", deep_chain(200)),
    ] {
        group.bench_function(name, |t| t.iter(|| derive(black_box(&source))));
    }
    group.finish();

    criterion.bench_function("macro/neuron", |t| t.iter(|| expand(black_box(NEURON))));
}

criterion_group!(benches, compiling);
criterion_main!(benches);
