//! The eight GradBench workloads of the example, each at two sizes: the primal and one gradient (of a function of several
//! results one sweep, forward and backward) in the same run. Their ratio is what the README quotes.
#![allow(missing_docs, unreachable_pub, dead_code)]

#[path = "../examples/gradbench/ba.rs"]
mod ba;
#[path = "../examples/gradbench/gmm.rs"]
mod gmm;
#[path = "../examples/gradbench/hello.rs"]
mod hello;
#[path = "../examples/gradbench/ht.rs"]
mod ht;
#[path = "../examples/gradbench/llsq.rs"]
mod llsq;
#[path = "../examples/gradbench/lse.rs"]
mod lse;
#[path = "../examples/gradbench/lstm.rs"]
mod lstm;
#[path = "../examples/gradbench/ode.rs"]
mod ode;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

/// Numbers in [0, 1) that look random.
fn numbers(seed: usize, n: usize) -> Vec<f64> {
    let mut state = seed as u64 * 0x9e37_79b9_7f4a_7c15 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..n).map(|_| next()).collect()
}

/// Measures both under one name.
fn pair<P, G>(criterion: &mut Criterion, name: &str, primal: impl Fn() -> P, gradient: impl Fn() -> G) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    group.bench_function("primal", |t| t.iter(&primal));
    group.bench_function("gradient", |t| t.iter(&gradient));
    group.finish();
}

fn scalars_and_vectors(c: &mut Criterion) {
    for x in [1.5, -2.5] {
        pair(c, &format!("hello/x={x}"), || hello::square(black_box(x)), || hello::square_grad(black_box(x)));
    }
    for n in [128, 4096] {
        let x = numbers(1, 128);
        let name = format!("llsq/n={n},m=128");
        pair(c, &name, || llsq::objective(black_box(&x), n), || llsq::objective_grad(black_box(&x), n));
    }
    for n in [2_500, 160_000] {
        let x = numbers(2, n);
        pair(c, &format!("lse/n={n}"), || lse::log_sum_exp(black_box(&x)), || lse::log_sum_exp_grad(black_box(&x)));
    }
}

fn mixtures(c: &mut Criterion) {
    use gmm::mixture::{Mixture, Wishart, log_posterior, log_posterior_grad};
    for (d, k) in [(2, 5), (20, 25)] {
        let x = numbers(3, 1000 * d);
        let mixture = Mixture {
            alpha: numbers(4, k),
            mu: numbers(5, k * d),
            q: numbers(6, k * d),
            l: numbers(7, k * d * (d - 1) / 2),
        };
        let prior = Wishart { gamma: 1.0, m: 0 };
        pair(
            c,
            &format!("gmm/d={d},k={k},n=1000"),
            || log_posterior(d, black_box(&x), &mixture, &prior),
            || log_posterior_grad(d, black_box(&x), &mixture, &prior),
        );
    }
}

fn sequences(c: &mut Criterion) {
    use lstm::network::{loss, loss_grad};
    use ode::runge_kutta::{solve, solve_backward, solve_forward};
    for (n, steps) in [(1000, 10), (10_000, 100)] {
        let (x, cotangent) = (numbers(8, n), numbers(9, n));
        let gradient = || {
            let (_, residuals) = solve_forward(black_box(&x), steps);
            solve_backward(&residuals, &x, steps, &cotangent)
        };
        pair(c, &format!("ode/n={n},s={steps}"), || solve(black_box(&x), steps), gradient);
    }
    for (layers, characters) in [(2, 1024), (6, 4096)] {
        let b = 7;
        let (main, extra) = (numbers(10, 8 * b * layers), numbers(11, 3 * b));
        let (state, sequence) = (numbers(12, 2 * b * layers), numbers(13, b * characters));
        pair(
            c,
            &format!("lstm/l={layers},c={characters}"),
            || loss(b, black_box(&main), &extra, &state, &sequence),
            || loss_grad(b, black_box(&main), &extra, &state, &sequence),
        );
    }
}

fn vision(c: &mut Criterion) {
    use ba::camera::{reprojection, reprojection_backward, reprojection_forward};
    use ht::hand::{Model, to_triangles, to_triangles_backward, to_triangles_forward};
    for n in [1_000, 30_000] {
        let (cameras, points) = (numbers(14, 11 * n), numbers(15, 3 * n));
        let camera = |i: usize| -> [f64; 11] { cameras[11 * i..][..11].try_into().expect("eleven numbers") };
        let point = |i: usize| -> [f64; 3] { points[3 * i..][..3].try_into().expect("three numbers") };
        pair(
            c,
            &format!("ba/p={n}"),
            || (0..n).map(|i| reprojection(&camera(i), &point(i), 0.5, &[1.0, 2.0])[0]).sum::<f64>(),
            || {
                let one = |i: usize| {
                    let (camera, point) = (camera(i), point(i));
                    let (_, residuals) = reprojection_forward(&camera, &point, 0.5, &[1.0, 2.0]);
                    reprojection_backward(&residuals, &camera, &point, 0.5, &[1.0, 2.0], &[1.0, -1.0]).camera[0]
                };
                (0..n).map(one).sum::<f64>()
            },
        );
    }
    for (vertices, n) in [(500, 100), (2_000, 1_600)] {
        let bones = 22;
        let flat = |seed: usize| -> Vec<[[f64; 4]; 4]> {
            let all = numbers(seed, 16 * bones);
            (0..bones)
                .map(|k| std::array::from_fn(|i| std::array::from_fn(|j| all[16 * k + 4 * i + j] - 0.5)))
                .collect()
        };
        let places = numbers(18, 3 * vertices);
        let mut weights = vec![0.0; vertices * bones];
        for v in 0..vertices {
            for k in 0..3 {
                weights[v * bones + (v + 5 * k) % bones] = 1.0 / 3.0;
            }
        }
        let model = Model {
            parents: (0..bones).map(|k| k as i32 - 1).collect(),
            base_relatives: flat(16),
            inverse_base_absolutes: flat(17),
            base_positions: (0..vertices).map(|v| [places[3 * v], places[3 * v + 1], places[3 * v + 2], 1.0]).collect(),
            weights,
            triangles: (0..vertices - 2).map(|v| [v, v + 1, v + 2]).collect(),
            is_mirrored: false,
        };
        let (theta, us) = (numbers(19, 26), vec![[0.25, 0.5]; n]);
        let triangle: Vec<usize> = (0..n).map(|i| (7 * i) % (vertices - 2)).collect();
        let points = vec![[0.5, 0.25, 0.125]; n];
        let cotangent = vec![[1.0, -1.0, 0.5]; n];
        pair(
            c,
            &format!("ht/v={vertices},c={n}"),
            || to_triangles(black_box(&theta), &us, &model, &triangle, &points),
            || {
                let (_, residuals) = to_triangles_forward(black_box(&theta), &us, &model, &triangle, &points);
                to_triangles_backward(&residuals, &theta, &us, &model, &triangle, &points, &cotangent)
            },
        );
    }
}

criterion_group!(benches, scalars_and_vectors, mixtures, sequences, vision);
criterion_main!(benches);
