//! Long and deep functions stay in proportion: twice the primal has at most a little more than twice the gradient, in
//! operations and in text, however it is built. `cargo test --release -p grad-core --test scale -- --nocapture` prints
//! the times.

use std::collections::BTreeMap;
use std::time::Instant;

use std::rc::Rc;

use grad_core::ad::{self, Mode};
use grad_core::ir::{Body, Builder, Float, Function, Op, Param, Sym, Type, Value};
use grad_core::opt;

/// A function of `params` scalars.
fn function(params: usize, body: impl for<'b> FnOnce(&[Sym<'b>]) -> Sym<'b>) -> Function {
    let b = Builder::new();
    let params: Vec<Value> = (0..params).map(|_| b.param(Type::FLOAT)).collect();
    let syms: Vec<Sym<'_>> = params.iter().map(|p| b.sym(*p)).collect();
    let result = body(&syms).value();
    Function {
        name: "f".into(),
        params: (0..params.len()).map(|k| Param { name: format!("x{k}").into() }).collect(),
        body: b.finish(&[result]),
        sizes: Vec::new(),
        float: Float::F64,
        simplify: Rc::default(),
    }
}

/// The nodes of a body and of those inside it.
fn nodes(body: &Body) -> usize {
    let inside = body.nodes.iter().map(|node| match &node.op {
        Op::If { then, otherwise, .. } => nodes(then) + nodes(otherwise),
        Op::Fold { body, .. } | Op::Build { body, .. } => nodes(body),
        Op::While { cond, body, .. } => nodes(cond) + nodes(body),
        _ => 0,
    });
    body.nodes.len() + inside.sum::<usize>()
}

fn gradient(f: &Function) -> Function {
    let wrt: Vec<usize> = (0..f.params.len()).collect();
    opt::optimise(&ad::gradient(&opt::prepare(f), &wrt, Mode::Reverse).expect("differentiable"))
}

/// The nodes of the primal and of its gradient.
fn measured(name: &str, n: usize, f: &Function) -> [usize; 2] {
    let start = Instant::now();
    let gradient = gradient(f);
    let counts = [nodes(&f.body), nodes(&gradient.body)];
    println!("{name}, {n}: {} nodes, {} of the gradient, {:.1?}", counts[0], counts[1], start.elapsed());
    counts
}

fn folded<'b>(n: usize, start: Sym<'b>, step: impl Fn(Sym<'b>, usize) -> Sym<'b>) -> Sym<'b> {
    (1..n).fold(start, step)
}

#[test]
fn twice_the_primal_has_twice_the_gradient() {
    type Make = for<'b> fn(&[Sym<'b>], usize) -> Sym<'b>;
    let families: [(&str, Make, usize); 8] = [
        ("sines of sines", |p, n| folded(n, p[0].sin(), |x, _| x.sin()), 1_000),
        ("a wide sum", |p, n| folded(n, p[1], |sum, k| sum + (k as f64 * p[0]).sin() * p[1]), 10_000),
        ("a wide product", |p, n| folded(n, p[1], |product, k| product * (p[0] + k as f64)), 2_000),
        ("Horner", |p, n| folded(n, p[1], |sum, k| sum * p[0] + k as f64), 10_000),
        ("a tower of powers", |p, n| folded(n, p[0], |x, _| p[0].pow(x)), 1_000),
        ("maxima of maxima", |p, n| folded(n, p[0], |x, k| (x * p[1]).max(p[0] + k as f64)), 1_000),
        ("a logistic map", |p, n| folded(n, p[0], |x, _| p[1] * x * (1.0 - x)), 2_000),
        ("squares of squares, shared", |p, n| folded(n, p[0], |x, _| x * x + x), 2_000),
    ];
    for (name, make, most) in families {
        let [half, whole] = [most / 2, most].map(|n| measured(name, n, &function(2, |p| make(p, n))));
        assert!(whole[1] * 10 <= half[1] * 21, "{name}: {} nodes became {}", half[1], whole[1]);
        assert!(whole[1] <= 16 * whole[0], "{name}: {} nodes have a gradient of {}", whole[0], whole[1]);
    }
}

/// The minor of the last rows and the columns in `columns`, each recorded once.
fn minor<'b>(a: &[Sym<'b>], n: usize, columns: u32, known: &mut BTreeMap<u32, Sym<'b>>) -> Sym<'b> {
    if let Some(minor) = known.get(&columns) {
        return *minor;
    }
    let row = n - columns.count_ones() as usize;
    let mut sum: Option<Sym<'b>> = None;
    for (place, column) in (0..n).filter(|k| columns & (1 << k) != 0).enumerate() {
        let rest = columns & !(1 << column);
        let entry = a[row * n + column];
        let term = if rest == 0 { entry } else { entry * minor(a, n, rest, known) };
        sum = Some(match sum {
            None => term,
            Some(sum) if place % 2 == 0 => sum + term,
            Some(sum) => sum - term,
        });
    }
    let minor = sum.expect("a minor has a column");
    known.insert(columns, minor);
    minor
}

#[test]
fn a_determinant_by_cofactors_shares_its_minors() {
    for n in [6, 12] {
        let f = function(n * n, |a| minor(a, n, (1 << n) - 1, &mut BTreeMap::new()));
        let [primal, gradient] = measured("a determinant", n, &f);
        // n·2ⁿ⁻¹ products, and a sum less than products for each of 2ⁿ − 1 minors.
        assert!(primal <= n * (1 << n) + n * n, "{primal} nodes");
        assert!(gradient <= 4 * primal, "{gradient} nodes for {primal}");
    }
}

#[test]
fn the_hessian_of_a_sum_of_near_neighbours_is_sparse() {
    let rosenbrock = |n: usize| {
        function(n, |x| {
            let terms = (1..n).map(|k| {
                let (a, b) = (1.0 - x[k - 1], x[k] - x[k - 1] * x[k - 1]);
                a * a + 100.0 * (b * b)
            });
            terms.reduce(|sum, term| sum + term).expect("there are terms")
        })
    };
    let hessian = |n: usize| {
        let f = rosenbrock(n);
        let wrt: Vec<usize> = (0..n).collect();
        let start = Instant::now();
        let hessian = opt::optimise(&ad::hessian(&opt::prepare(&f), &wrt).expect("differentiable"));
        let nodes = nodes(&hessian.body);
        println!("Rosenbrock's Hessian, {n}: {nodes} nodes, {:.1?}", start.elapsed());
        nodes
    };
    let (half, whole) = (hessian(25), hessian(50));
    // The n² entries themselves are one array each.
    assert!(whole * 10 <= half * 22, "{half} nodes became {whole}");
}

/// Squares of squares have 2ⁿ paths to what they are made of: a sum over a column, whose loop changes places with the loop
/// around it, reads one such.
#[test]
fn what_is_read_twice_is_looked_at_once() {
    let squares: String = (0..60).map(|k| format!("let v{} = v{k} * v{k} + 1.0;\n", k + 1)).collect();
    let source = format!(
        "fn f(x: &[f64], a: &[[f64; 40]; 50]) -> f64 {{\nlet mut s = 0.0;\nfor j in 0..40 {{\nlet v0 = x[j];\n{squares}\
         let mut c = 0.0;\nfor l in 0..50 {{ c += a[l][j] * v60; }}\ns += c.tanh();\n}}\ns\n}}"
    );
    let item: syn::ItemFn = syn::parse_str(&source).expect("it is Rust");
    let primal = grad_core::front::rust::read(&item, &Default::default()).expect("it is taken").function;
    assert!(nodes(&gradient(&primal).body) < 2000);
}
