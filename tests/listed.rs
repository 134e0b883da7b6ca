//! What Rust people write, one construct a function, against numeric differences: each in a crate's own functions, as the
//! attribute sees them.
#![allow(dead_code, clippy::all)]

use derive_grad::derive_grad;
use num_traits::Float;

type Gradient = fn(&[f64]) -> (f64, Vec<f64>);

fn check(name: &str, f: fn(&[f64]) -> f64, gradient: Gradient, x: &[f64]) {
    let (value, got) = gradient(x);
    assert!((value - f(x)).abs() <= 1e-12 * (1.0 + value.abs()), "{name}: {value} and {}", f(x));
    for k in 0..x.len() {
        let at = |h: f64| {
            let mut x = x.to_vec();
            x[k] += h;
            f(&x)
        };
        let numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
        assert!((got[k] - numeric).abs() <= 1e-5 * (1.0 + numeric.abs()), "{name}, {k}: {} and {numeric}", got[k]);
    }
}

macro_rules! functions {
    ($($name:ident, $gradient:ident, $x:ident: $body:block)*) => {
        $(
            #[derive_grad]
            fn $name($x: &[f64]) -> f64 $body
        )*

        #[test]
        fn each_has_the_gradient_that_differences_give() {
            $(check(stringify!($name), $name, $gradient, &[1.3, -0.7, 2.6, 0.4]);)*
        }
    };
}

functions! {
    mapped, mapped_grad, x: { x.iter().map(|v| v * v).sum() }
    zipped, zipped_grad, x: { x.iter().zip(x.iter().skip(1)).map(|(a, b)| a * b).sum::<f64>() }
    filtered, filtered_grad, x: { x.iter().filter(|&&v| v > 1.0).map(|&v| v.sin()).sum() }
    counted, counted_grad, x: { x.iter().enumerate().map(|(i, v)| v.powi(i as i32)).sum() }
    taken, taken_grad, x: { x.iter().skip(1).take(2).rev().fold(1.0, |a, v| a * 0.5 + v * a) }
    windows, windows_grad, x: { x.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum() }
    chunks, chunks_grad, x: { x.chunks_exact(2).map(|c| c[0] * c[1]).product() }
    last_chunk, last_chunk_grad, x: { x.chunks(3).map(|c| c.iter().sum::<f64>().powi(2)).sum() }
    greatest, greatest_grad, x: { x.iter().copied().fold(f64::NEG_INFINITY, f64::max) * x[0] }
    least, least_grad, x: { x.iter().fold(f64::INFINITY, |a, &b| a.min(b)) * x[0] }
    steps, steps_grad, x: { (0..x.len()).step_by(2).map(|i| x[i] * x[i]).sum() }
    inclusive, inclusive_grad, x: { (1..=x.len()).rev().map(|i| x[i - 1] / i as f64).sum() }
    backwards, backwards_grad, x: { let mut y = 0.0; for (i, v) in x.iter().enumerate().rev() { y = y * 0.7 + v * i as f64; } y }
    first_and_rest, first_and_rest_grad, x: { if let Some((a, rest)) = x.split_first() { a * rest.iter().sum::<f64>() } else { 0.0 } }
    collected, collected_grad, x: { let e: Vec<f64> = x.iter().map(|v| v.exp()).collect(); let t: f64 = e.iter().sum(); e.iter().map(|v| (v / t) * (v / t)).sum() }
    variance, variance_grad, x: { let n = x.len() as f64; let m = x.iter().sum::<f64>() / n; x.iter().map(|v| (v - m).powi(2)).sum::<f64>() / (n - 1.0) }
    triples, triples_grad, x: { let mut s = 0.0; for w in x.windows(3) { if let &[a, b, c] = w { s += a * b - c; } } s }
    cumulative, cumulative_grad, x: { let mut c = x.to_vec(); for i in 1..c.len() { c[i] += c[i - 1]; } c.iter().map(|v| v * v).sum() }
    nested, nested_grad, x: { let m = [[x[0], x[1]], [x[2], x[3]]]; let mut s = 0.0; for row in &m { for v in row { s += v * v * m[0][0]; } } s }
    swapped, swapped_grad, x: { let mut y = [x[0], x[1] * x[1]]; y.swap(0, 1); let [a, b] = y; a / b }
    gathered, gathered_grad, x: { let at = [2usize, 0, 3]; let mut s = 0.0; for (k, &i) in at.iter().enumerate() { s += x[i] * x[k]; } s }
    first_two, first_two_grad, x: { let [a, b] = *x.first_chunk::<2>().unwrap(); a * b }
    pushed, pushed_grad, x: { let mut v = Vec::with_capacity(x.len()); for a in x { v.push(a * a); } v.iter().sum::<f64>() * v[0] }
    chosen, chosen_grad, x: { let y = if x[0] > 0.0 && x[1] > 0.0 { x[0] } else if x[0] < -1.0 || x[1] < 0.0 { x[1] } else { 1.0 }; y * x[2] }
    matched, matched_grad, x: { let mut s = 0.0; for i in 0..x.len() { s += match i % 3 { 0 => x[i], 1 if x[i] > 1.0 => x[i] * x[i], 1..=2 => x[i].exp(), _ => unreachable!() }; } s }
    guarded, guarded_grad, x: { match x[0] { v if v < 0.0 => -v, v if v < 1.0 => v * v, v => v.ln() + v } }
    returned, returned_grad, x: { for v in x { if *v > 2.0 { return v * x[0]; } } x[1] }
    closures, closures_grad, x: { let square = |v: f64| v * v; let mut t = 0.0; let mut add = |v: f64| t += square(v); for v in x { add(*v); } t }
    inner, inner_grad, x: { const N: usize = 2; fn g(a: &[f64], k: usize) -> f64 { a[k] * a[k] } (0..N).map(|k| g(x, k)).sum() }
    integers, integers_grad, x: { let n = x.len(); let mut k = 0usize; let mut c: i64 = -3; while k < n { c += k as i64; k += 1 + k % 2; } x[k % n] * c as f64 }
    halves, halves_grad, x: { let (a, b) = x.split_at(2); a.iter().zip(b).map(|(p, q)| p * q).sum() }
    rows, rows_grad, x: { let n = 2; let mut s = 0.0; for r in 0..n { let row = &x[r * n..(r + 1) * n]; s += row[0] * row[1]; } s }
    vec_of_vecs, vec_of_vecs_grad, x: { let n = x.len(); let mut m = vec![vec![0.0; n]; n]; for i in 0..n { for j in 0..n { m[i][j] = x[i] * x[j]; } } m.iter().map(|r| r.iter().sum::<f64>()).sum() }
    heron, heron_grad, x: { let mut y = x[0]; let mut k = 0; loop { y = (y + x[2] / y) / 2.0; k += 1; if k >= 5 { break; } if k == 2 { continue; } y += 0.01; } y }
    given, given_grad, x: { let mut y = x[0]; let root = loop { let next = (y + x[2] / y) / 2.0; if (next - y).abs() < 1e-12 { break next; } y = next; }; root * x[1] }
    later, later_grad, x: { let y; if x[0] > 1.0 { y = x[0] * x[1]; } else { y = x[2]; } y * y }
    labelled, labelled_grad, x: { let mut y = x[0]; 'done: { for v in x { if *v > 2.0 { break 'done; } y += v * v; } y *= 2.0; } y }
    remainders, remainders_grad, x: { x[0].rem_euclid(0.5) * x[2].copysign(x[1]) + x[2].div_euclid(x[1]) * x[0] + x[0].fract().powf(x[2]).midpoint(x[3]) }
    logarithms, logarithms_grad, x: { x[0].log(x[2]) * x[2].log2() + x[2].log10() * x[0].ln_1p() + x[1].exp_m1() * x[3].exp2() + x[1].cbrt().hypot(x[0]) }
    hyperbolic, hyperbolic_grad, x: { x[1].asinh() * x[0].acosh() + x[3].atanh() * x[1].tanh() + x[1].sinh() / x[3].cosh() + f64::atan2(x[0], x[1]) * x[3].asin().mul_add(x[0], x[3].acos()) }
    limits, limits_grad, x: { x[0].clamp(-1.0, x[2]) * x[1].max(x[3]) + f64::min(x[0], x[2]) * x[1].recip() + x[3].to_degrees() * x[2].to_radians() * x[1].signum() + x[0].round_ties_even() * x[1].abs() }
}

#[derive_grad]
fn pairs(p: (f64, f64), q: &(f64, [f64; 2]), [c, d]: [f64; 2]) -> f64 {
    p.0 * q.1[1] + p.1 * q.0 * c - d
}

#[derive_grad]
fn several(a: f64, x: &[f64; 2]) -> (f64, [f64; 2]) {
    (a * x[0], [a * a, x[1] * a])
}

#[derive_grad]
fn either<T: Float>(x: T, y: T) -> T {
    x.hypot(y) * x + T::one() / y.exp()
}

#[derive_grad]
fn product<const N: usize, const M: usize>(a: &[[f64; M]; N], x: &[f64; M]) -> [f64; N] {
    let mut y = [0.0; N];
    for i in 0..N {
        for j in 0..M {
            y[i] += a[i][j] * x[j];
        }
    }
    y
}

#[test]
fn parameters_and_results() {
    let (value, grad) = pairs_grad((1.0, 2.0), &(3.0, [4.0, 5.0]), [6.0, 7.0]);
    assert_eq!((value, grad.p, grad.q), (34.0, (5.0, 18.0), (12.0, [0.0, 1.0])));
    let (_, residuals) = several_forward(2.0, &[3.0, 4.0]);
    let grad = several_backward(&residuals, 2.0, &[3.0, 4.0], 1.0, &[0.5, 2.0]);
    assert_eq!((grad.a, grad.x), (13.0, [2.0, 4.0]));
    let (double, single) = (either_grad(1.0_f64, 2.0).1, either_grad(1.0_f32, 2.0).1);
    assert!((double.y - f64::from(single.y)).abs() < 1e-6);
    let (a, x) = ([[1.0, 2.0]], [3.0, 4.0]);
    let (value, residuals) = product_forward(&a, &x);
    let grad = product_backward(&residuals, &a, &x, &[1.0]);
    assert_eq!((value, grad.a, grad.x), ([11.0], [[3.0, 4.0]], [1.0, 2.0]));
}

#[derive_grad]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * y[i];
    }
    s
}

#[test]
fn lengths_at_the_limits() {
    assert_eq!(dot_grad(&[], &[]).0, 0.0);
    assert_eq!(dot_grad(&[1.0], &[2.0, 3.0]).1.y, [1.0, 0.0]);
    assert!(std::panic::catch_unwind(|| dot(&[1.0, 2.0], &[1.0])).is_err());
    assert!(std::panic::catch_unwind(|| dot_grad(&[1.0, 2.0], &[1.0])).is_err());
    assert!(std::panic::catch_unwind(|| dot_forward(&[1.0, 2.0], &[1.0])).is_err());
}
