//! Iterator chains as expressions, and `for` over what iterators give: compiled by rustc where they stand, and read.

use crate::accepted::{IntoV, check, rust};
use grad_math as math;

rust! {
    => sum: fn f(x: &[f64]) -> f64 { x.iter().sum() } at (&[1.0, 2.0, 3.5]) at (&[2.0]) at (&[0.0; 0])
    => sum_typed: fn f(x: &[f64]) -> f64 { x.iter().copied().sum::<f64>() / x.len() as f64 } at (&[1.0, 2.0, 3.5])
    => sum_let: fn f(x: &[f64]) -> f64 { let s: f64 = x.iter().map(|v| v * v).sum(); s.sqrt() } at (&[1.0, 2.0, 3.5]) at (&[2.0])
    => product: fn f(x: &[f64]) -> f64 { x.iter().map(|&v| v + 1.0).product::<f64>() } at (&[1.0, 2.0, 3.5]) at (&[0.0; 0])
    => dot: fn f(x: &[f64], y: &[f64]) -> f64 { x.iter().zip(y).map(|(a, b)| a * b).sum() } at (&[1.0, 2.0], &[3.0, 4.0]) at (&[1.0], &[3.0, 4.0]) at (&[0.0; 0], &[0.0; 0])
    => dot_patterns: fn f(x: &[f64], y: &[f64]) -> f64 { x.iter().zip(y.iter()).map(|(&a, &b)| { let d = a - b; d * d }).sum::<f64>().sqrt() } at (&[1.0, 2.0], &[3.0, 5.0])
    => enumerate: fn f(x: &[f64]) -> f64 { x.iter().enumerate().map(|(i, &v)| v * i as f64).sum() } at (&[1.0, 2.0, 5.0])
    => filter: fn f(x: &[f64]) -> f64 { x.iter().filter(|v| **v > 0.0).map(|v| v.ln()).sum() } at (&[1.5, -2.0, 5.0]) at (&[-1.0])
    => filter_pattern: fn f(x: &[f64]) -> f64 { x.iter().filter(|&&v| v > 0.0).sum() } at (&[1.5, -2.0, 5.0])
    => filter_after_map: fn f(x: &[f64], c: f64) -> f64 { x.iter().map(|v| v * c).filter(|w| *w < 3.0).map(|w| w * w).filter(|w| *w > 1.0).fold(1.0, |p, w| p * w) } at (&[1.5, -2.0, 5.0, 0.1], 0.9)
    => filter_indices: fn f(x: &[f64]) -> f64 { (0..x.len()).filter(|i| i % 2 == 1).map(|i| x[i] * x[i - 1]).sum() } at (&[1.0, 2.0, 3.0, 4.0, 5.0])
    => skip_take_rev: fn f(x: &[f64]) -> f64 { x.iter().skip(1).take(3).rev().fold(0.0, |h, v| 0.5 * h + v) } at (&[1.0, 2.0, 3.0, 4.0, 5.0]) at (&[1.0, 2.0]) at (&[1.0])
    => rev_map: fn f(x: &[f64]) -> f64 { x.iter().rev().map(|v| v + 1.0).fold(0.0, |h, v| 0.5 * h * v + v) } at (&[1.0, 2.0, 3.0])
    => horner: fn f(c: &[f64], x: f64) -> f64 { c.iter().rev().fold(0.0, |acc, &k| acc * x + k) } at (&[1.0, 2.0, 3.0], 0.7) at (&[0.0; 0], 0.7)
    => step_by: fn f(x: &[f64]) -> f64 { (0..x.len()).step_by(2).map(|i| x[i].exp()).sum() } at (&[1.0, 2.0, 3.0, 4.0, 5.0])
    => item_steps: fn f(x: &[f64]) -> f64 { x.iter().step_by(3).sum::<f64>() + x.iter().skip(1).step_by(2).product::<f64>() } at (&[1.0, 2.0, 3.0, 4.0, 5.0])
    => windows: fn f(x: &[f64]) -> f64 { x.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum() } at (&[1.0, 2.0, 3.5, 3.0]) at (&[1.0]) at (&[0.0; 0])
    => windows_pattern: fn f(x: &[f64; 5]) -> f64 { x.windows(3).map(|w| { let (a, b, c) = (w[0], w[1], w[2]); a - 2.0 * b * c }).fold(1.0, |p, d| p * d) } at (&[1.0, 2.0, 3.5, 3.0, 2.0])
    => windows_nested: fn f(x: &[f64], k: &[f64]) -> f64 { x.windows(k.len()).map(|w| w.iter().zip(k).map(|(a, b)| a * b).sum::<f64>()).map(|s| s * s).sum() } at (&[1.0, 2.0, 3.5, 3.0], &[0.5, -1.0])
    => chunks_exact: fn f(x: &[f64]) -> f64 { x.chunks_exact(2).map(|p| p[0] * p[1]).sum() } at (&[1.0, 2.0, 3.5, 3.0, 9.0]) at (&[1.0])
    => chunks: fn f(x: &[f64]) -> f64 { x.chunks(2).map(|c| c.iter().product::<f64>() * c.len() as f64).sum() } at (&[1.0, 2.0, 3.5, 3.0, 9.0]) at (&[1.0]) at (&[0.0; 0])
    => rows_of_flat: fn f(a: &[f64], x: &[f64]) -> f64 { a.chunks_exact(x.len()).map(|row| row.iter().zip(x).map(|(p, q)| p * q).sum::<f64>().tanh()).sum() } at (&[1.0, 2.0, 3.5, 3.0], &[0.3, -0.2])
    => fold_max: fn f(x: &[f64]) -> f64 { x.iter().cloned().fold(f64::NEG_INFINITY, f64::max) } at (&[1.0, 4.0, 3.0]) at (&[2.0])
    => fold_min: fn f(x: &[f64]) -> f64 { x.iter().fold(f64::INFINITY, |m, &v| m.min(v)) } at (&[1.0, 4.0, -3.0])
    => fold_tuple: fn f(x: &[f64]) -> f64 { let (s, q) = x.iter().fold((0.0, 1.0), |(s, q), v| (s + v, q * v)); s * q } at (&[1.0, 2.0, 3.0])
    => fold_welford: fn f(x: &[f64]) -> f64 { let (n, mean, m2) = x.iter().fold((0.0, 0.0, 0.0), |(n, mean, m2), &v| { let n = n + 1.0; let d = v - mean; let mean = mean + d / n; (n, mean, m2 + d * (v - mean)) }); m2 / n + mean } at (&[1.0, 2.0, 4.0])
    => fold_array: fn f(x: &[f64]) -> f64 { let h = x.iter().enumerate().fold([0.0; 2], |mut h, (i, v)| { h[i % 2] += v * v; h }); h[0] * h[1] } at (&[1.0, 2.0, 3.0])
    => logsumexp: fn f(x: &[f64]) -> f64 { let m = x.iter().copied().fold(f64::NEG_INFINITY, f64::max); m + x.iter().map(|v| (v - m).exp()).sum::<f64>().ln() } at (&[1.0, 2.0, 3.0])
    => softmax: fn f(x: &[f64]) -> Vec<f64> { let m = x.iter().copied().fold(f64::NEG_INFINITY, f64::max); let e: Vec<f64> = x.iter().map(|v| (v - m).exp()).collect(); let s: f64 = e.iter().sum(); e.iter().map(|v| v / s).collect() } at (&[1.0, 2.0, 3.0])
    => collected: fn f(x: &[f64]) -> f64 { let y: Vec<f64> = x.iter().map(|v| v.sin()).collect(); let z = y.iter().zip(x).map(|(a, b)| a * b).collect::<Vec<_>>(); z.iter().sum::<f64>() * y[0] } at (&[1.0, 2.0, 3.0])
    => collected_rows: fn f(x: &[f64], n: usize) -> f64 { let g: Vec<Vec<f64>> = (0..n).map(|i| x.iter().map(|v| v * i as f64).collect()).collect(); g.iter().map(|row| row.iter().product::<f64>()).sum() } at (&[1.0, 2.0, 3.0], 3) at (&[1.0], 0)
    => collected_windows: fn f(x: &[f64]) -> f64 { let w: Vec<Vec<f64>> = x.windows(2).map(|w| w.to_vec()).collect(); w[0][1] * w[1][0] + w[1][1] } at (&[1.0, 2.0, 3.0])
    => array_map: fn f(x: &[f64; 3]) -> f64 { let y = x.map(|v| v * v + 1.0); y[0] * y[1] * y[2] } at (&[1.0, 2.0, 3.0])
    => array_literal_map: fn f(a: f64, b: f64) -> f64 { let [p, q] = [a, b].map(f64::exp); p * q + [a, b].iter().sum::<f64>() } at (1.0, 0.5)
    => from_fn: fn f(x: &[f64; 3]) -> [f64; 3] { std::array::from_fn(|i| x[i] * x[(i + 1) % 3]) } at (&[1.0, 2.0, 3.0])
    => from_fn_let: fn f(x: &[f64; 3]) -> f64 { let y: [f64; 2] = std::array::from_fn(|i| x[i] - x[i + 1]); let z = core::array::from_fn::<f64, 3, _>(|i| i as f64 * x[i]); y[0] * y[1] + z[2] } at (&[1.0, 2.0, 4.5])
    => counted: fn f(x: &[f64]) -> f64 { let n = x.iter().filter(|v| **v > 0.0).count(); n as f64 * x[0] + x.iter().count() as f64 } at (&[1.0, -2.0, 3.0])
    => all_any: fn f(x: &[f64]) -> f64 { if x.iter().all(|v| *v > 0.0) { x[0] * x[0] } else if x.iter().any(|&v| v < -1.0) { -x[0] } else { 3.0 * x[0] } } at (&[1.0, 2.0]) at (&[1.0, -2.0]) at (&[1.0, -0.5])
    => all_lazy: fn f(x: &[f64], n: usize) -> f64 { if (0..n).all(|i| i < x.len() && x[i] > 0.0) { x[0] } else { 2.0 * x[0] } } at (&[1.0, 2.0], 2) at (&[1.0, 2.0], 5)
    => integer_sum: fn f(x: &[f64], k: &[usize]) -> f64 { let n: usize = k.iter().sum(); x[n % x.len()] * k.iter().map(|i| i * 2).sum::<usize>() as f64 + (1..=4).product::<i32>() as f64 } at (&[1.0, 2.0, 3.0], &[2, 3])
    => integer_max: fn f(x: &[f64], k: &[usize]) -> f64 { let m = k.iter().copied().max().unwrap(); x[m] * *k.iter().min().unwrap() as f64 } at (&[1.0, 2.0, 3.0], &[2, 1])
    => reduced: fn f(x: &[f64]) -> f64 { let m = x.iter().copied().reduce(f64::max).unwrap(); let q = x.iter().copied().reduce(|a, b| a * 0.5 + b).unwrap_or(7.0); m * q } at (&[1.0, 3.0, 2.0]) at (&[4.0])
    => ends: fn f(x: &[f64]) -> f64 { x.first().unwrap() * x.last().unwrap() + x.iter().last().unwrap() } at (&[1.0, 3.0, 2.0])
    => captures: fn f(x: &[f64], c: f64) -> f64 { let k = c * c; x.iter().map(|v| { let k = k + v; if k > 2.0 { k * k } else { k } }).sum::<f64>() + k } at (&[1.0, 3.0, -2.0], 0.5)
    => shadowed: fn f(x: &[f64]) -> f64 { let sum = 2.0; let acc = 3.0; x.iter().map(|v| v * sum).sum::<f64>() + x.iter().fold(acc, |sum, x| sum * acc + x) } at (&[1.0, 3.0, -2.0])
    => mutating: fn f(x: &[f64]) -> f64 { let mut last = 0.0; let s: f64 = x.iter().map(|v| { let d = v - last; last = *v; d * d }).sum(); s + last } at (&[1.0, 3.0, -2.0])
    => for_each: fn f(x: &[f64]) -> f64 { let mut s = 0.0; let mut p = 1.0; x.iter().for_each(|v| { s += v; p *= s; }); s + p } at (&[1.0, 3.0, -2.0]) at (&[0.0; 0])
    => function_paths: fn f(x: &[f64]) -> f64 { x.iter().copied().map(f64::sqrt).map(math::sigmoid).sum::<f64>() } at (&[1.0, 3.0, 2.0])
    => own_function: fn f(x: &[f64], c: f64) -> f64 { let sq = |v: &f64| v * v * c; fn half(v: f64) -> f64 { 0.5 * v } x.iter().map(sq).map(half).sum() } at (&[1.0, 3.0, 2.0], 0.7)
    => matrix: fn f(a: &[[f64; 2]; 3], x: &[f64; 2]) -> f64 { a.iter().map(|row| row.iter().zip(x).map(|(p, q)| p * q).sum::<f64>()).map(|v| v.tanh()).sum() } at (&[[1.0, 2.0], [0.5, -1.0], [0.1, 0.2]], &[0.3, 0.4])
    => nested_ranges: fn f(x: &[f64]) -> f64 { (0..x.len()).map(|i| (0..i).map(|j| (x[i] - x[j]).abs()).sum::<f64>()).sum() } at (&[1.0, 3.0, 2.0]) at (&[1.0])
    => inclusive: fn f(x: f64) -> f64 { (1..=4).map(|k| x.powi(k) / k as f64).sum() } at (0.7)
    => in_loop_in_branch: fn f(x: &[f64], n: usize) -> f64 { let mut t = 0.0; for k in 0..n { if k % 2 == 0 { t += x.iter().map(|v| (v * (k + 1) as f64).sin()).sum::<f64>(); } else { t *= x.iter().filter(|v| **v > t).map(|v| v * v).sum::<f64>() + 1.0; } } t } at (&[1.0, 3.0, 2.0], 4) at (&[0.0; 0], 2) at (&[1.0], 0)
    => as_argument: fn f(x: &[f64]) -> f64 { x.iter().sum::<f64>().max(x.iter().map(|v| v * v).sum::<f64>().sqrt()) } at (&[1.0, 3.0, -2.0])
    => sub_slices: fn f(x: &[f64]) -> f64 { x[1..].iter().zip(&x[..x.len() - 1]).map(|(a, b)| a * b).sum() } at (&[1.0, 3.0, -2.0]) at (&[1.0])
    => map_rev_enumerate: fn f(x: &[f64]) -> f64 { x.iter().map(|v| v * v).rev().enumerate().map(|(i, v)| v * i as f64).fold(1.0, |a, v| a * 0.5 + v) } at (&[1.0, 3.0, -2.0])
    => zip_three: fn f(x: &[f64], y: &[f64], z: &[f64]) -> f64 { x.iter().zip(y).zip(z).map(|((a, b), c)| a * b * c).sum() } at (&[1.0, 3.0], &[2.0, 0.5], &[0.1, -1.0])

    => for_windows: fn f(x: &[f64]) -> f64 { let mut s = 0.0; for w in x.windows(2) { s += (w[1] - w[0]).powi(2) * w.len() as f64; } s } at (&[1.0, 2.0, 3.5]) at (&[1.0])
    => for_chunks: fn f(x: &[f64]) -> f64 { let mut s = 1.0; for (k, c) in x.chunks_exact(3).enumerate() { for v in c { s = s * 0.5 + v * k as f64; } s += c[2]; } s } at (&[1.0, 2.0, 3.5, 4.0, 5.0, 6.0, 7.0])
    => for_map: fn f(x: &[f64]) -> f64 { let mut s = 0.0; for (a, b) in x.iter().map(|v| (v * v, v + 1.0)) { s += a / b; } s } at (&[1.0, 2.0])
    => for_filter: fn f(x: &[f64]) -> f64 { let mut s = 0.0; let mut n = 0.0; for v in x.iter().filter(|v| **v > 0.0) { s += v * v; n += 1.0; } s / n } at (&[1.0, -2.0, 3.0])
    => for_filter_break: fn f(x: &[f64]) -> f64 { let mut s = 0.0; for v in x.iter().filter(|v| **v > 0.0) { if *v > 10.0 { break; } if *v > 5.0 { continue; } s += v * v; } s } at (&[1.0, -2.0, 6.0, 3.0, 11.0, 4.0])
    => for_mut: fn f(x: &[f64; 3]) -> f64 { let mut a = *x; for v in a.iter_mut() { *v *= 2.0; } for v in &mut a { *v += 1.0; } a[0] * a[1] * a[2] } at (&[1.0, 2.0, 3.0])
    => for_mut_enumerate: fn f(x: &[f64]) -> Vec<f64> { let mut y = vec![0.0; x.len()]; for (i, v) in y.iter_mut().enumerate() { *v = x[i] * i as f64; } y } at (&[1.0, 2.0, 3.0]) at (&[0.0; 0])
    => for_mut_zip: fn f(x: &[f64], c: f64) -> Vec<f64> { let mut y = vec![1.0; x.len()]; for (v, w) in y.iter_mut().zip(x) { *v += c * w; if *v > 2.0 { *v = 2.0 * *v; } } y } at (&[1.0, 2.0, 3.0], 0.7)
    => for_mut_rows: fn f(x: &[f64; 2]) -> f64 { let mut a = [[1.0; 2]; 3]; for (i, row) in a.iter_mut().enumerate() { for (v, w) in row.iter_mut().zip(x.iter()) { *v += w * i as f64; } row[0] *= row[1]; } a[0][0] + a[1][0] * a[2][0] - a[2][1] } at (&[1.0, 2.0])
    => for_mut_pairs: fn f(x: &[f64; 3]) -> f64 { let mut a = *x; for p in a.iter_mut().zip([1.0, 2.0, 3.0]) { *p.0 *= p.1; } a[0] + a[1] * a[2] } at (&[1.0, 2.0, 3.0])
    => for_mut_in_branch: fn f(x: &[f64; 3], c: f64) -> f64 { let mut a = *x; for k in 0..2 { if c > 0.0 { for v in a.iter_mut() { if *v > 1.5 { *v *= c; } else { *v += c; } } } else { for v in a.iter_mut().rev() { *v -= k as f64; } } } a[0] * a[1] * a[2] } at (&[1.0, 2.0, 3.0], 0.5) at (&[1.0, 2.0, 3.0], -0.5)
    => for_mut_chunks: fn f(x: &[f64; 4]) -> f64 { let mut a = *x; for c in a.chunks_exact_mut(2) { let t = c[0]; c[0] = c[1] * t; c[1] -= t; } a[0] * a[3] + a[1] * a[2] } at (&[1.0, 2.0, 3.0, 5.0])
    => for_mut_part: fn f(x: &[f64; 4]) -> f64 { let mut a = *x; for v in a[1..3].iter_mut() { *v *= 3.0; } for v in &mut a[2..] { *v += 1.0; } a[0] * a[1] + a[2] * a[3] } at (&[1.0, 2.0, 3.0, 5.0])
    => for_each_mut: fn f(x: &[f64; 3]) -> f64 { let mut a = *x; a.iter_mut().for_each(|v| *v = v.sin()); a.iter_mut().enumerate().for_each(|(i, v)| *v *= i as f64); a[1] * a[2] } at (&[1.0, 2.0, 3.0])
    => for_mut_breaks: fn f(x: &[f64; 3]) -> f64 { let mut a = *x; for v in a.iter_mut() { if *v > 2.5 { break; } *v = *v * *v + 1.0; } a[0] * a[1] + a[2] } at (&[1.0, 2.0, 3.0])
}

/// A chain and the loop that one would write give the same graph, but for the names of what they do not name.
#[track_caller]
fn same(chain: &str, loops: &str) {
    let text = |source: &str| {
        let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|e| panic!("{source}: {e}"));
        let primal = grad_core::front::rust::read(&item, &Default::default())
            .unwrap_or_else(|r| panic!("{source}\n{:#?}", r.problems));
        let wrt: Vec<usize> =
            (0..primal.function.params.len()).filter(|k| primal.function.param_type(*k).is_float()).collect();
        let options = grad_core::compile::Options {
            wrt,
            prefix: "f".to_string(),
            primal: true,
            gradient: true,
            ..Default::default()
        };
        grad_core::compile::compile(&primal.function, &primal.interface, &options)
            .unwrap_or_else(|p| panic!("{source}\n{p}"))
    };
    assert_eq!(text(chain), text(loops));
}

#[test]
fn a_sum_is_its_loop() {
    same(
        "fn f(x: &[f64]) -> f64 { let s: f64 = x.iter().map(|v| v * v).sum(); s.sqrt() }",
        "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for v in x.iter() { s += v * v; } s.sqrt() }",
    );
}

#[test]
fn a_fold_is_its_loop() {
    same(
        "fn f(c: &[f64], x: f64) -> f64 { c.iter().rev().fold(0.0, |p, k| p * x + k) }",
        "fn f(c: &[f64], x: f64) -> f64 { let mut p = 0.0; for k in c.iter().rev() { p = p * x + k; } p }",
    );
}

#[test]
fn a_filter_is_an_if() {
    same(
        "fn f(x: &[f64]) -> f64 { let s: f64 = x.iter().filter(|v| **v > 0.0).map(|v| v.ln()).sum(); s }",
        "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for v in x.iter() { if *v > 0.0 { s += v.ln(); } } s }",
    );
}

#[test]
fn windows_are_indices() {
    same(
        "fn f(x: &[f64; 9]) -> f64 { let s: f64 = x.windows(2).map(|w| w[0] * w[1]).sum(); s }",
        "fn f(x: &[f64; 9]) -> f64 { let mut s = 0.0; for i in 0..8 { s += x[i] * x[i + 1]; } s }",
    );
}

#[test]
fn a_nest_is_its_loops() {
    same(
        "fn f(a: &[[f64; 8]; 9], x: &[f64; 8]) -> f64 {
            let s: f64 = a.iter().map(|row| { let d: f64 = row.iter().zip(x).map(|(p, q)| p * q).sum(); d * d }).sum(); s }",
        "fn f(a: &[[f64; 8]; 9], x: &[f64; 8]) -> f64 {
            let mut s = 0.0;
            for row in a.iter() { let mut d = 0.0; for (p, q) in row.iter().zip(x) { d += p * q; } s += d * d; }
            s }",
    );
}

#[test]
fn items_in_place_are_indices() {
    same(
        "fn f(x: &[f64; 9], c: f64) -> f64 { let mut a = *x; for (i, v) in a.iter_mut().enumerate() { *v += c * i as f64; *v *= c; } a[3] * a[4] }",
        "fn f(x: &[f64; 9], c: f64) -> f64 { let mut a = *x; for i in 0..9 { a[i] += c * i as f64; a[i] *= c; } a[3] * a[4] }",
    );
}
