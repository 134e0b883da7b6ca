//! `match` and patterns: compiled by rustc where they stand, and read.

use crate::accepted::{IntoV, check, rust};

rust! {
    => integers: fn f(x: f64, k: usize) -> f64 { match k { 0 => x, 1 => x * x, 2 | 3 => x.sin(), _ => 1.0 / x } } at (0.7, 0) at (0.7, 1) at (0.7, 2) at (0.7, 3) at (0.7, 9)
    => ranges: fn f(x: f64, k: i32) -> f64 { match k { i32::MIN..=-1 => -x, 0 => 1.0, 1..5 => x.powi(k), 5.. => x.exp() } } at (0.7, -3) at (0.7, 0) at (0.7, 4) at (0.7, 5)
    => negative: fn f(x: f64, k: i32) -> f64 { match k { -2 => x, -1 | 1 => 2.0 * x, ..=0 => 3.0 * x, _ => 4.0 * x } } at (0.7, -2) at (0.7, -1) at (0.7, 1) at (0.7, 0) at (0.7, 7)
    => bools: fn f(x: f64, y: f64) -> f64 { match (x > 0.0, y > 0.0) { (true, true) => x * y, (true, false) => x, (false, true) => y * y, (false, false) => x - y } } at (1.0, 2.0) at (1.0, -2.0) at (-1.0, 2.0) at (-1.0, -2.0)
    => one_bool: fn f(x: f64) -> f64 { match x > 1.0 { true => x.ln(), false => x * x } } at (2.0) at (0.5)
    => tuples: fn f(x: f64, i: usize, j: usize) -> f64 { match (i, j) { (0, _) => x, (_, 0) => 2.0 * x, (a, b) if a == b => x.powi(3), (1, 2..=4) => x.sqrt(), (a, _) => a as f64 * x } } at (0.7, 0, 5) at (0.7, 5, 0) at (0.7, 4, 4) at (0.7, 1, 3) at (0.7, 1, 9)
    => guards: fn f(x: f64) -> f64 { match x { v if v < 0.0 => -v, v if v < 1.0 => v * v, v => v.sqrt() } } at (-0.5) at (0.5) at (4.0)
    => guard_lazy: fn f(x: &[f64], k: usize) -> f64 { match k { k if k >= x.len() => 0.5, 0 if x[k] > 1.0 => x[0], i if x[i] > 0.0 => x[i] * x[i], _ => -1.0 } } at (&[2.0, 3.0], 0) at (&[0.5, 3.0], 0) at (&[2.0, -3.0], 1) at (&[2.0], 7)
    => arms_lazy: fn f(x: &[f64], k: usize) -> f64 { match x.len() { 0 => 1.0, 1 => x[0], _ => x[1] * x[k] } } at (&[0.0; 0], 0) at (&[2.0], 0) at (&[2.0, 3.0], 1)
    => bindings: fn f(x: f64, k: usize) -> f64 { match k % 3 { r @ (0 | 1) => x * r as f64 + 1.0, r @ 2.. => x.powi(r as i32), _ => 0.0 } } at (0.7, 3) at (0.7, 4) at (0.7, 5)
    => constants: fn f(x: f64, k: usize) -> f64 { const LOW: usize = 2; const HIGH: usize = 5; match k { LOW => x, LOW..=HIGH => x * x, usize::MIN..LOW => 1.0, _ => x.ln() } } at (0.7, 2) at (0.7, 4) at (0.7, 0) at (0.7, 9)
    => statement: fn f(x: f64, k: usize) -> f64 { let mut s = x; let mut t = 1.0; match k { 0 => s *= 2.0, 1 => { t = s; s += 1.0; } 2 => {} _ => t -= s } s * s + t } at (0.7, 0) at (0.7, 1) at (0.7, 2) at (0.7, 3)
    => arrays: fn f(x: f64, k: usize) -> f64 { let mut a = [x, 1.0]; match k { 0 => a[1] = x * x, 1 => a[0] += 3.0, _ => a = [2.0, x] } a[0] * a[1] } at (0.7, 0) at (0.7, 1) at (0.7, 2)
    => tuple_value: fn f(x: f64, k: usize) -> f64 { let (a, b) = match k { 0 => (x, 1.0), 1 => (2.0, x), _ => { let y = x * x; (y, y) } }; a - b * b } at (0.7, 0) at (0.7, 1) at (0.7, 2)
    => nested: fn f(x: f64, i: usize, j: usize) -> f64 { match i { 0 => match j { 0 => x, _ => x * x }, 1 => if j > 1 { x.exp() } else { 1.0 }, _ => { let y = match j { 0 => 2.0, _ => x }; y * y } } } at (0.7, 0, 0) at (0.7, 0, 1) at (0.7, 1, 2) at (0.7, 2, 1)
    => in_loop: fn f(x: &[f64], op: &[usize]) -> f64 { let mut s = 1.0; for (v, k) in x.iter().zip(op) { match k { 0 => s += v, 1 => s *= v, 2 => { for _ in 0..2 { s = s.sin() + v; } } _ => s -= v / s } } s } at (&[1.0, 2.0, 3.0, 0.5], &[0, 1, 2, 3]) at (&[0.0; 0], &[0])
    => leaving: fn f(x: &[f64], op: &[usize]) -> f64 { let mut s = 1.0; for (v, k) in x.iter().zip(op) { match k { 0 => continue, 1 => s *= v, 2 => { s += 1.0; break; } _ => { if *v < 0.0 { return s * v; } s -= v; } } s *= 1.5; } s } at (&[1.0, 2.0, 3.0, 0.5], &[0, 1, 2, 3]) at (&[1.0, -2.0, 3.0], &[3, 3, 1])
    => returning: fn f(x: f64, k: usize) -> f64 { match k { 0 => return x, 1 => { if x > 1.0 { return x * x; } } _ => {} } let y = x + 1.0; y * y } at (0.7, 0) at (0.7, 1) at (1.7, 1) at (0.7, 5)
    => in_closure: fn f(x: &[f64]) -> f64 { x.iter().enumerate().map(|(i, v)| match i % 3 { 0 => v * v, 1 => v.sin(), _ => 1.0 }).sum() } at (&[1.0, 2.0, 3.0, 4.0])
    => references: fn f(x: f64, k: &[usize]) -> f64 { match (&k[0], k[1]) { (&0, 1) => x, (i, _) => x.powi(*i as i32) } } at (0.7, &[0, 1]) at (0.7, &[3, 1])
    => array_pattern: fn f(x: [f64; 3], k: [usize; 2]) -> f64 { match k { [0, j] => x[j], [i, 0] => x[i] * x[0], [i, j] => x[i] * x[j] } } at ([1.0, 2.0, 3.0], [0, 2]) at ([1.0, 2.0, 3.0], [2, 0]) at ([1.0, 2.0, 3.0], [1, 2])
    => slice_lengths: fn f(x: &[f64], k: &[usize]) -> f64 { match (x, k) { ([], _) => 1.0, (_, [0, ..]) => x[0] * x[0], ([a, .., b], [1, j]) => a * b * *j as f64, ([a], [..]) => a.sin(), ([.., b], _) => b.exp() } }
        at (&[0.0; 0], &[1]) at (&[1.5, 2.0], &[0, 1]) at (&[1.5, 2.0], &[1, 3]) at (&[1.5], &[1, 3]) at (&[1.5, 2.0], &[1, 3, 4]) at (&[1.5, 2.0], &[0; 0]) at (&[1.5], &[0; 0])
    => names: fn f(x: f64, k: usize) -> f64 { let y = 3.0; let z = match k { 0 => { let y = x; y * y } k => y * k as f64 }; z + y } at (0.7, 0) at (0.7, 4)

    => nested_tuples: fn f(x: f64, y: f64) -> f64 { let ((a, b), c) = ((x, y * 2.0), x * y); let (mut d, (_, e)) = (a, (b, c)); d *= e; a + b * d } at (0.7, 2.0)
    => tuple_rest: fn f(x: f64, y: f64) -> f64 { let (a, ..) = (x, y, 1.0); let (.., b) = (1.0, x, y); let (c, .., d) = (x * y, 0.0, 1.0, y); a * b + c * d } at (0.7, 2.0)
    => slice_patterns: fn f(x: &[f64; 5]) -> f64 { let [a, .., b] = x; let [c, d, rest @ ..] = x; let [.., e, _] = *x; a * b + c * d + e * rest[0] + rest.len() as f64 * rest[2] } at (&[1.0, 2.0, 3.0, 4.0, 5.0])
    => nested_slices: fn f(m: &[[f64; 2]; 2]) -> f64 { let [[a, b], [c, d]] = *m; let [r, _] = m; a * d - b * c + r[1] } at (&[[1.0, 2.0], [3.0, 5.0]])
    => by_reference: fn f(x: f64) -> f64 { let p = (x, 2.0 * x); let (ref a, b) = p; let &c = &x; let whole @ (d, _) = p; a * b + c * d + whole.1 } at (0.7)
    => parameters_in_closures: fn f(x: &[[f64; 2]]) -> f64 { x.iter().map(|[a, b]| a * b).sum::<f64>() + x.iter().map(|&[a, _]| a * a).sum::<f64>() } at (&[[1.0, 2.0], [3.0, 5.0]])
}
