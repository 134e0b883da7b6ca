//! Source, arguments, value. The same source is compiled by rustc where it stands in `rust!`: what it says is expected.

use crate::meaning::{V, run};
use crate::slope;

pub(crate) trait IntoV {
    fn v(self) -> V;
}
impl IntoV for f64 {
    fn v(self) -> V {
        V::F(self)
    }
}
impl IntoV for &f64 {
    fn v(self) -> V {
        V::F(*self)
    }
}
impl IntoV for usize {
    fn v(self) -> V {
        V::I(self as i64)
    }
}
impl IntoV for i32 {
    fn v(self) -> V {
        V::I(self.into())
    }
}
impl IntoV for u8 {
    fn v(self) -> V {
        V::I(self.into())
    }
}
impl IntoV for bool {
    fn v(self) -> V {
        V::B(self)
    }
}
impl<T: IntoV, const N: usize> IntoV for [T; N] {
    fn v(self) -> V {
        V::A(self.into_iter().map(IntoV::v).collect())
    }
}
impl<T: IntoV + Copy, const N: usize> IntoV for &[T; N] {
    fn v(self) -> V {
        (*self).v()
    }
}
impl<T: IntoV + Copy> IntoV for &[T] {
    fn v(self) -> V {
        V::A(self.iter().map(|x| x.v()).collect())
    }
}
impl<T: IntoV> IntoV for Vec<T> {
    fn v(self) -> V {
        V::A(self.into_iter().map(IntoV::v).collect())
    }
}
impl<A: IntoV, B: IntoV> IntoV for (A, B) {
    fn v(self) -> V {
        V::Many(vec![self.0.v(), self.1.v()])
    }
}

fn same(a: &V, b: &V) -> bool {
    match (a, b) {
        (V::F(a), V::F(b)) => a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-14 * a.abs().max(b.abs()),
        (V::A(a), V::A(b)) | (V::Many(a), V::Many(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}

/// The last function of several items, which are its module.
pub(crate) fn check_file(source: &str, args: &[V], expected: &V) {
    let file: syn::File = syn::parse_str(source).unwrap_or_else(|e| panic!("{source}: {e}"));
    let module = grad_core::front::rust::Module::of(&file.items);
    let Some(syn::Item::Fn(item)) = file.items.last() else { panic!("{source} ends with a function") };
    let primal = grad_core::front::rust::read(item, &module).unwrap_or_else(|r| panic!("{source}\n{:#?}", r.problems));
    let results = run(&primal.function, args, &[]);
    assert!(same(&results[0], expected), "{source}\n at {args:?}\n gives {results:?},\n not  {expected:?}");
    slope::check(source, &primal.function, args);
}

pub(crate) fn check(source: &str, args: &[V], expected: &V, sizes: &[(&str, i64)]) {
    let item: syn::ItemFn = syn::parse_str(source).unwrap_or_else(|e| panic!("{source}: {e}"));
    let primal = grad_core::front::rust::read(&item, &Default::default())
        .unwrap_or_else(|r| panic!("{source}\n{:#?}", r.problems));
    let mut results = run(&primal.function, args, sizes);
    // What is asserted holds.
    let returned = primal.interface.results.iter().filter(|r| r.is_returned()).count();
    assert!(results.drain(returned..).all(|v| v == V::B(true)), "{source}");
    let got = if results.len() == 1 { results.remove(0) } else { V::Many(results) };
    assert!(same(&got, expected), "{source}\n at {args:?}\n gives {got:?},\n not  {expected:?}");
    if sizes.is_empty() {
        slope::check(source, &primal.function, args);
    }
}

/// Each function is compiled by rustc, and read; both are called with each list of arguments.
macro_rules! rust {
    ($(=> $test:ident: fn $f:ident ($($sig:tt)*) -> $ret:ty $body:block $(at ($($arg:expr),*))+)*) => {$(
        #[test]
        #[allow(warnings, clippy::all)]
        fn $test() {
            fn $f($($sig)*) -> $ret $body
            let source = stringify!(fn $f($($sig)*) -> $ret $body);
            $(check(source, &[$(IntoV::v($arg)),*], &IntoV::v($f($($arg),*)), &[]);)+
        }
    )*};
}

pub(crate) use rust;

use grad_math as math;

rust! {
    => arithmetic: fn f(x: f64, y: f64, z: f64) -> f64 { (x + y) * z } at (-2.0, 5.0, -4.0)
    => precedence: fn f(x: f64, y: f64) -> f64 { x - y * 2.0 / 3.0 - -x % 0.75 + 1e-3 } at (1.3, 2.7) at (-4.0, 0.1)
    => shadowing: fn f(x: f64) -> f64 { let y = x * 2.0; let y = y + 1.0; let x = { let y = 10.0; x * y }; x + y } at (3.0)
    => mutation: fn f(mut x: f64) -> f64 { let mut y = 1.0; y += x; y *= x; y -= 2.0; y /= x; x = y; x %= 0.7; x } at (3.5)
    => annotations: fn f(x: f64) -> f64 { let y: f64 = x; let k: i32 = 3; let n: usize = 2; y.powi(k) + n as f64 } at (1.5)
    => tuple_patterns: fn f(x: f64) -> f64 { let (a, b) = (x + 1.0, x - 1.0); let (mut c, _) = (a, b); c += b; a * c } at (2.0)
    => tuple_swap: fn f(x: f64, y: f64) -> f64 { let (mut a, mut b) = (x, y); (a, b) = (b, a); a - 2.0 * b } at (2.0, 5.0)
    => tuple_fields: fn f(x: f64) -> f64 { let mut p = (x, 2.0 * x); p.0 += p.1; p.0 * p.1 } at (3.0)
    => array_pattern: fn f(p: [f64; 3]) -> f64 { let [a, b, _] = p; a - b } at ([4.0, 1.0, 9.0])
    => references: fn f(x: &f64) -> f64 { let y = &x; **y * *x } at (&3.0)
    => methods: fn f(x: f64, y: f64) -> f64 {
        x.exp() + y.ln() * x.powi(2) + x.powf(y) + x.sqrt() + x.sin() + x.max(y) + x.min(y) + (-x).abs() + x.mul_add(y, 1.0)
    } at (0.7, 1.9)
    => more_methods: fn f(x: f64, y: f64) -> f64 {
        x.hypot(y) + x.atan2(y) + x.tanh() + x.recip() + x.to_radians() + x.to_degrees() + x.clamp(0.0, 0.5) + x.log(y)
            + x.signum() + x.copysign(-y) + (-x).rem_euclid(y) + x.fract() + x.exp2() + x.log2() + x.log10() + x.ln_1p() + x.exp_m1()
    } at (0.7, 1.9) at (2.5, 0.3)
    => rounding: fn f(x: f64) -> f64 { x.floor() + 10.0 * x.ceil() + 100.0 * x.round() + 1e3 * x.trunc() + x.cbrt() } at (2.6) at (-2.4)
    => sin_cos: fn f(x: f64) -> f64 { let (s, c) = x.sin_cos(); s - 3.0 * c } at (0.4)
    => powi_by_variable: fn f(x: f64, n: i32) -> f64 { x.powi(n) + x.powi(-2) + x.powi(n - 1) } at (1.3, 4) at (0.9, 0)
    => path_calls: fn f(x: f64, y: f64) -> f64 { f64::max(x, y) + f64::exp(x) + f64::powi(y, 3) + f64::atan2(x, y) } at (1.0, 2.0)
    => constants: fn f(x: f64) -> f64 { x * std::f64::consts::PI + core::f64::consts::LN_2 - f64::EPSILON } at (2.0)
    => infinities: fn f(x: f64) -> f64 { let mut m = f64::NEG_INFINITY; m = m.max(x); if m < f64::INFINITY { m } else { f64::MAX } } at (2.0)
    => imports: fn f(x: f64) -> f64 { use std::f64::consts::{PI, TAU as T}; use std::f64::consts; x * PI + T + consts::E } at (2.0)
    => inner_constants: fn f(x: f64) -> f64 { let y = x * K * M as f64; const K: f64 = 2.0 * 1.5; const M: usize = 3; y } at (2.0)
    => math_functions: fn f(z: f64) -> f64 { math::sigmoid(z) + math::softplus(z) + math::relu(z) + math::erf(z) + math::sign(z) } at (0.7) at (-3.0)
    => nan_tests: fn f(x: f64) -> f64 { if x.is_nan() { 1.0 } else if x.is_finite() { 2.0 } else if x.is_infinite() { 3.0 } else { 4.0 } }
        at (f64::NAN) at (1.0) at (f64::NEG_INFINITY)

    => if_value: fn f(x: f64) -> f64 { let y = if x > 0.0 { x.sqrt() } else { -x }; y + 1.0 } at (4.0) at (-3.0)
    => if_chain: fn f(x: f64) -> f64 { if x < 0.0 { -1.0 } else if x < 1.0 { x } else if x == 2.0 { 7.0 } else { x * x } } at (-2.0) at (0.5) at (2.0) at (3.0)
    => if_statement: fn f(x: f64) -> f64 { let mut y = x; let mut z = 1.0; if x > 1.0 { y *= 2.0; } else { z = y; y += 1.0; } y + 10.0 * z } at (3.0) at (0.5)
    => if_without_else: fn f(x: f64) -> f64 { let mut y = x; if x > 1.0 { let x = 5.0; y = y * x; } y - x } at (3.0) at (0.5)
    => if_shadowed: fn f(x: f64) -> f64 { let mut y = x; if x > 0.0 { let mut y = 3.0; y += 1.0; } else { y = 2.0; } y } at (3.0) at (-1.0)
    => if_array: fn f(x: f64) -> f64 { let mut a = [x, 2.0]; if x > 0.0 { a[1] = x * x; } a[0] + 10.0 * a[1] } at (3.0) at (-1.0)
    => if_tuple: fn f(x: f64) -> f64 { let (a, b) = if x > 0.0 { (x, 1.0) } else { (2.0, x) }; a - b } at (3.0) at (-1.0)
    => if_literal_kinds: fn f(x: f64) -> f64 { let k = if x > 0.0 { 2 } else { 3 }; x.powi(k) } at (3.0) at (-1.0)
    => nested_if: fn f(x: f64, y: f64) -> f64 { let mut s = 0.0; if x > 0.0 { if y > 0.0 { s = 1.0; } else { s += y; } s *= x; } s } at (2.0, 1.0) at (2.0, -1.0) at (-1.0, 1.0)
    => logic: fn f(x: f64, b: bool) -> f64 { if (x > 0.0 && x < 1.0) || !b { 1.0 } else if b & (x != 3.0) | false { 2.0 } else { 3.0 } }
        at (0.5, true) at (2.0, true) at (3.0, true) at (2.0, false)
    => short_circuit: fn f(x: &[f64], k: usize) -> f64 { if k < x.len() && x[k] > 0.0 { x[k] } else { -1.0 } } at (&[1.0, -2.0], 0) at (&[1.0, -2.0], 1) at (&[1.0, -2.0], 5)
    => short_circuit_or: fn f(x: &[f64], k: usize) -> f64 { if k >= x.len() || x[k] > 0.0 { 1.0 } else { -1.0 } } at (&[1.0, -2.0], 0) at (&[1.0, -2.0], 1) at (&[1.0, -2.0], 5)
    => comparison_chain: fn f(k: usize, n: usize) -> f64 { let inside = 0 < k && k <= n; if inside { 1.0 } else { 0.0 } } at (1, 2) at (0, 2) at (3, 2)
    => early_return: fn f(x: f64) -> f64 { if x < 0.0 { return -x; } let y = x * x; if y > 10.0 { let z = y.ln(); return z; } y + 1.0 } at (-3.0) at (2.0) at (5.0)
    => last_return: fn f(x: f64) -> f64 { let y = x + 1.0; return y * y; } at (2.0)
    => return_both: fn f(x: f64) -> f64 { if x < 0.0 { return 1.0; } else { return x; } } at (2.0) at (-1.0)
    => block_assigns: fn f(x: f64) -> f64 { let mut y = x; { y += 1.0; let y = 7.0; } let z = { y *= 2.0; y - 1.0 }; y + z } at (2.0)

    => sum_of_squares: fn f(x: &[f64]) -> f64 { let mut s = 0.0; for i in 0..x.len() { s += x[i] * x[i]; } s } at (&[1.0, 2.0, 3.5]) at (&[0.0; 0])
    => dot: fn f(x: &[f64; 3], y: &[f64; 3]) -> f64 { let mut s = 0.0; for i in 0..3 { s += x[i] * y[i]; } s } at (&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0])
    => horner: fn f(a: &[f64], x: f64) -> f64 { let mut p = 0.0; for k in (0..a.len()).rev() { p = p * x + a[k]; } p } at (&[1.0, 2.0, 3.0], 0.5)
    => logistic_map: fn f(r: f64, x0: f64, n: usize) -> f64 { let mut x = x0; for _ in 0..n { x = r * x * (1.0 - x); } x } at (3.7, 0.3, 6) at (3.7, 0.3, 0)
    => cumulative: fn f(x: &[f64; 4]) -> [f64; 4] { let mut c = *x; for i in 1..c.len() { c[i] += c[i - 1]; } c } at (&[1.0, 2.0, 3.0, 4.0])
    => matrix_vector: fn f(a: &[[f64; 3]; 2], x: &[f64; 3]) -> [f64; 2] {
        let mut y = [0.0; 2];
        for i in 0..2 { for j in 0..3 { y[i] += a[i][j] * x[j]; } }
        y
    } at (&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], &[1.0, 0.5, -1.0])
    => triangular_solve: fn f(l: &[[f64; 3]; 3], b: &[f64; 3]) -> f64 {
        let mut x = [0.0; 3];
        for i in 0..3 {
            let mut s = b[i];
            for j in 0..i { s -= l[i][j] * x[j]; }
            x[i] = s / l[i][i];
        }
        x[0] + 2.0 * x[1] + 3.0 * x[2]
    } at (&[[2.0, 0.0, 0.0], [1.0, 3.0, 0.0], [4.0, -1.0, 5.0]], &[1.0, 2.0, 3.0])
    => mixture: fn f(x: &[f64], mu: &[f64; 2], logw: &[f64; 2]) -> f64 {
        let mut total = 0.0;
        for n in 0..x.len() {
            let mut m = f64::NEG_INFINITY;
            for k in 0..2 { let d = x[n] - mu[k]; m = m.max(logw[k] - 0.5 * d * d); }
            let mut s = 0.0;
            for k in 0..2 { let d = x[n] - mu[k]; s += (logw[k] - 0.5 * d * d - m).exp(); }
            total += m + s.ln();
        }
        total
    } at (&[0.1, 1.5, -2.0], &[0.0, 1.0], &[-0.5, -1.0])
    => if_in_loop: fn f(x: &[f64]) -> f64 { let mut s = 0.0; let mut n = 0.0; for i in 0..x.len() { if x[i] > 0.0 { s += x[i]; n += 1.0; } else { s -= 0.1; } } s / n } at (&[1.0, -2.0, 3.0])
    => triangular: fn f(n: usize) -> f64 { let mut s = 0.0; for i in 0..n { for j in i..n { for k in 0..=j { s += (i * j + k) as f64; } } } s } at (4)
    => inclusive: fn f(a: usize, b: usize) -> f64 { let mut s = 1.0; for i in a..=b { s = 2.0 * s + i as f64; } s } at (2, 5) at (5, 2)
    => step_by: fn f(x: &[f64], k: usize) -> f64 { let mut s = 0.0; for i in (1..x.len()).step_by(k) { s = 3.0 * s + x[i]; } s } at (&[1.0, 2.0, 3.0, 4.0, 5.0], 2) at (&[1.0, 2.0, 3.0, 4.0], 3)
    => step_by_rev: fn f(n: usize) -> f64 { let mut s = 0.0; for i in (0..n).step_by(3).rev() { s = 10.0 * s + i as f64; } for i in (0..n).rev().step_by(4) { s = 10.0 * s + i as f64; } s } at (8) at (0) at (1)
    => signed_range: fn f(n: i32) -> f64 { let mut s = 0.0; for i in -2..n { s = 2.0 * s + i as f64; } for i in (-n..=n).rev() { s += s * i as f64; } s } at (3) at (-5) at (0)
    => signed_literals: fn f(x: f64) -> f64 { let mut s = 0.0; for i in 0..4 { s += x.powi(i - 2); } s } at (2.0)
    => untyped_signed: fn f(x: f64) -> f64 { let mut s = x; for i in 0..3 { s += (i - 2) as f64; } s } at (2.0)
    => small_kind: fn f(n: u8) -> f64 { let mut s = 0.0; for i in 1..n { s += f64::from(i) / (i as f64 + 1.0); } s } at (5)
    => integer_carry: fn f(x: &[f64]) -> f64 { let mut k = 0; let mut s = 0.0; for i in 0..x.len() { if x[i] > 0.0 { k += 1; } s += x[k]; } s } at (&[1.0, -2.0, 3.0, -1.0])
    => late_kind: fn f(x: &[f64; 4]) -> f64 { let k = 1; let m = k + 1; let n = 2 * m - 1; x[n] - x[k] } at (&[1.0, 2.0, 4.0, 8.0])
    => argmax: fn f(x: &[f64]) -> f64 { let mut best = 0; for i in 1..x.len() { if x[i] > x[best] { best = i; } } x[best] } at (&[1.0, 5.0, 3.0])
    => integers: fn f(a: usize, b: usize, c: i32) -> f64 { (a / b + a % b * 10 + a.max(b) * 100 + a.saturating_sub(b) + a.abs_diff(b) + a.pow(2)) as f64 + (c.abs() - 7).min(2) as f64 } at (7, 3, -4) at (2, 3, 5)
    => casts: fn f(x: f64, b: bool) -> f64 { let k = x as usize; let n = k as i32 - 5; n as f64 + (b as i32 + 1) as f64 + x as i64 as f64 } at (3.7, true) at (2.0, false)
    => nested_array: fn f(x: f64) -> f64 { let mut a = [[0.0; 3]; 2]; a[1][2] = x; a[0][1] -= x * x; let b = [[x, 1.0], [2.0, 3.0]]; a[1][2] * b[1][0] + a[0][1] } at (3.0)
    => rows: fn f(w: &[[f64; 2]; 3]) -> f64 { let mut s = 0.0; for i in 0..w.len() { let row = &w[i]; for j in 0..w[i].len() { s = 2.0 * s + row[j]; } } s } at (&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    => row_assignment: fn f(x: f64) -> f64 { let mut a = [[1.0; 2]; 2]; let r = [x, 3.0]; a[1] = r; a[0] = a[1]; a[0][0] + a[1][1] } at (7.0)
    => slice_of_arrays: fn f(p: &[[f64; 2]]) -> f64 { let mut s = 0.0; for i in 0..p.len() { s += p[i][0] * p[i][1]; } s } at (&[[1.0, 2.0], [3.0, 4.0]])
    => gather: fn f(x: &[f64], idx: &[usize]) -> f64 { let mut s = 0.0; for i in 0..idx.len() { s = s * 0.5 + x[idx[i]]; } s } at (&[1.0, 2.0, 4.0], &[2, 0, 1, 2])
    => index_literals: fn f(x: &[f64; 3]) -> f64 { let order = [2, 0, 1]; let mut s = 0.0; for i in 0..3 { s = s * 10.0 + x[order[i]]; } s } at (&[1.0, 2.0, 3.0])
    => wrap: fn f(x: &[f64]) -> f64 { let n = x.len(); let mut s = 0.0; for i in 0..n { s += x[i] * x[(i + 1) % n]; } s } at (&[1.0, 2.0, 4.0])
    => scatter: fn f(x: &[f64], bin: &[usize]) -> [f64; 3] { let mut h = [0.0; 3]; for i in 0..x.len() { h[bin[i]] += x[i]; } h } at (&[1.0, 2.0, 4.0], &[0, 2, 0])
    => vectors: fn f(x: &[f64]) -> Vec<f64> { let n = x.len(); let mut y = vec![0.0; n]; for i in 0..n { y[n - 1 - i] = 2.0 * x[i]; } y } at (&[1.0, 2.0, 4.0])
    => copies: fn f(x: &[f64]) -> f64 { let mut y = x.to_vec(); y[0] = 5.0; let z = y.clone(); y[1] *= z[0]; x[0] + y[1] + vec![1.0, 2.0][1] } at (&[1.0, 2.0])
    => items: fn f(x: &[f64]) -> f64 { let mut s = 0.0; for v in x.iter() { s = 2.0 * s + v; } for &v in x { s += v; } for v in &[1.0, 2.0] { s *= v; } s } at (&[1.0, 2.0])
    => enumerated: fn f(x: &[f64]) -> f64 { let mut s = 0.0; for (i, v) in x.iter().enumerate() { s += v * (i + 1) as f64; } s } at (&[1.0, 2.0, 5.0])
    => zipped: fn f(x: &[f64], y: &[f64]) -> f64 { let mut s = 0.0; for (a, &b) in x.iter().zip(y) { s += a * b; } for (i, (a, b)) in x.iter().zip(y.iter()).enumerate().rev().skip(1) { s = s * 2.0 + a - b * i as f64; } s } at (&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0])
    => taken: fn f(x: &[f64]) -> f64 { let mut s = 0.0; for v in x.iter().skip(1).take(2) { s = 3.0 * s + v; } s } at (&[1.0, 2.0, 3.0, 4.0]) at (&[1.0, 2.0])
    => row_items: fn f(w: &[[f64; 2]]) -> f64 { let mut s = 0.0; for row in w { for (j, v) in row.iter().enumerate() { s += v * row[1 - j]; } } s } at (&[[1.0, 2.0], [3.0, 4.0]])
    => tuple_carry: fn f(x: f64, n: usize) -> f64 { let mut p = (0.0, x); for _ in 0..n { p = (p.1, p.0 + p.1); } p.0 } at (1.0, 7)
    => loop_shadow: fn f(x: f64) -> f64 { let mut s = x; for i in 0..3 { let mut s = s; s += 1.0; let x = s; if x > 100.0 { s = 0.0; } } for s in [1.0, 2.0] { let t = s; } s } at (2.0)
    => swap_in_loop: fn f(x: f64, n: usize) -> f64 { let mut a = x; let mut b = 1.0; for _ in 0..n { let t = a; a = b; b = t + a; } a - 3.0 * b } at (2.0, 4)
    => two_results: fn f(x: f64, y: f64) -> (f64, [f64; 2]) { let s = x + y; (s * x, [s, y]) } at (2.0, 3.0)
    => asserts: fn f(x: &[f64]) -> f64 { assert!(x.len() > 0, "empty"); debug_assert_eq!(x.len(), 2); x[0] } at (&[1.0, 2.0])
    => unit_blocks: fn f(x: f64) -> f64 { let mut s = x; { for i in 0..2 { s += 1.0 } } if s > 1.0 { s *= 2.0 } s } at (2.0) at (-5.0)
    => compound_with_block: fn f(x: f64) -> f64 { let mut a = x; a += { a = 5.0; a * 2.0 }; a } at (1.0)
    => long_vector: fn f(x: &[f64]) -> Vec<f64> {
        let n = x.len(); let mut v = vec![0.0; 2 * n]; let mut w = vec![vec![1.0; 2]; n];
        for i in 0..n { if x[i] > 0.0 { v[2 * i] = x[i]; } else { v[2 * i + 1] -= x[i]; } w[i][1] = v[i]; let r = w[i].clone(); w[0] = r; }
        v[0] += w[0][1]; v
    } at (&[1.0, -2.0, 4.0])
    => flags: fn f(x: &[f64]) -> f64 { let mut seen = false; let mut s = 0.0; for v in x { if seen { s += v; } seen = seen || *v > 1.0; } s } at (&[0.5, 2.0, 3.0, 0.1])
    => polynomial: fn f(x: f64) -> f64 { let c = [1.0, -2.0, 0.5]; let mut s = 0.0; let mut p = 1.0; for k in 0..c.len() { s += c[k] * p; p *= x; } s } at (1.7)
}

#[test]
fn const_lengths() {
    let source = "fn f<'a, const N: usize>(x: &'a [f64; N], y: [f64; consts::DIM]) -> f64 {
        let mut a = [1.0; N]; let mut s = 0.0;
        for i in 0..N { a[i] += x[i]; } for i in 0..consts::DIM { s += a[0] * y[i] } s + N as f64 }";
    check(source, &[[1.0, 2.0].v(), [3.0, 4.0, 5.0].v()], &V::F(26.0), &[]);
}

#[test]
fn single_precision() {
    let source = "fn f(x: f32) -> f32 { x * 0.1_f32 + 2f32 + std::f32::consts::PI + f32::EPSILON }";
    let expected = f64::from(0.1_f32) + 2.0 + f64::from(std::f32::consts::PI) + f64::from(f32::EPSILON);
    check(source, &[V::F(1.0)], &V::F(expected), &[]);
}
