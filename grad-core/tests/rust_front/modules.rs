//! Functions that name the items of their module: compiled by rustc where they stand, and read.

use crate::accepted::{IntoV, check_file};
use crate::meaning::V;
use grad_math as math;

/// The items in braces and the function are one module; what rustc makes of it is expected.
macro_rules! module {
    ($(=> $test:ident: { $($items:tt)* } fn $f:ident ($($sig:tt)*) -> $ret:ty $body:block $(at ($($arg:expr),*))+)*) => {$(
        #[test]
        #[allow(warnings, clippy::all)]
        fn $test() {
            $($items)*
            fn $f($($sig)*) -> $ret $body
            let source = stringify!($($items)* fn $f($($sig)*) -> $ret $body);
            $({
                let mut leaves: Vec<V> = Vec::new();
                $($arg.leaves(&mut leaves);)*
                check_file(source, &leaves, &IntoV::v($f($(Given::given(&$arg)),*)));
            })+
        }
    )*};
}

/// What a call is given, and the same as the parameters of the body.
trait Leaves {
    fn leaves(&self, leaves: &mut Vec<V>);
}

trait Given<'a, T> {
    fn given(&'a self) -> T;
}

impl<T: IntoV + Copy> Leaves for T {
    fn leaves(&self, leaves: &mut Vec<V>) {
        leaves.push((*self).v());
    }
}

impl<'a, T: Copy> Given<'a, T> for T {
    fn given(&'a self) -> T {
        *self
    }
}

module! {
    => constants: { const SCALE: f64 = HALF * 4.0; const HALF: f64 = 0.5; static OFFSET: f64 = 1.5; const N: usize = 3; }
        fn f(x: f64) -> f64 { let mut s = OFFSET; for i in 0..N { s += SCALE * x * i as f64; } s } at (2.0)
    => tables: { const NODES: [f64; 3] = [-0.7, 0.0, 0.7]; const WEIGHTS: [[f64; 2]; 2] = [[1.0, 2.0], [3.0, 4.0]]; }
        fn f(x: f64) -> f64 { NODES.iter().map(|t| (x * t).exp()).sum::<f64>() * WEIGHTS[1][0] } at (2.0)
    => lengths: { const N: usize = 3; const M: usize = N + 1; type Row = [f64; N]; }
        fn f(x: &Row, y: &[f64; M]) -> f64 { let mut s = 0.0; for i in 0..N { s += x[i] * y[i + 1]; } s * y[M - 1] } at (&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0])
    => functions: { fn square(x: f64) -> f64 { x * x } fn fourth(x: f64) -> f64 { square(square(x)) } }
        fn f(x: f64) -> f64 { fourth(x) + square(x + 1.0) } at (1.5)
    => lengths_of_arguments: { fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 { let mut s = 0.0; for i in 0..N { s += a[i] * b[i]; } s } }
        fn f(x: &[f64; 3], y: &[f64; 2]) -> f64 { dot(x, x) * dot(&[y[0], x[1]], y) } at (&[1.0, 2.0, 3.0], &[0.5, 4.0])
    => changed_arguments: { fn axpy(a: f64, x: &[f64], y: &mut [f64]) { for i in 0..x.len() { y[i] += a * x[i]; } } }
        fn f(x: &[f64], a: f64) -> f64 { let mut y = vec![1.0; x.len()]; for _ in 0..2 { axpy(a, x, &mut y); } y.iter().map(|v| v * v).sum() } at (&[1.0, 2.0], 0.5) at (&[0.0; 0], 0.5)
    => aliases: { type Real = f64; type Vec3<T> = [T; 3]; type Rows<'a> = &'a [Vec3<Real>]; }
        fn f(rows: Rows, k: Real) -> Real { let z: Vec3<Real> = [k, k * k, 1.0]; let mut s: Real = 0.0; for r in rows { for i in 0..3 { s += r[i] * z[i]; } } s.max(Real::MIN_POSITIVE) } at (&[[1.0, 2.0, 3.0], [0.5, 0.25, 4.0]][..], 2.0)
    => higher_order: { fn simpson<F: Fn(f64) -> f64>(f: F, a: f64, b: f64) -> f64 { (b - a) / 6.0 * (f(a) + 4.0 * f(0.5 * (a + b)) + f(b)) } fn twice(g: impl Fn(f64) -> f64, x: f64) -> f64 { g(g(x)) } }
        fn f(x: f64, y: f64) -> f64 { simpson(|t| (t * x).sin(), 0.0, y) + twice(|v| v * v * x, y) } at (1.5, 0.7)
    => early_returns: { fn clip(x: f64, lo: f64) -> f64 { if x < lo { return lo; } x } fn first_above(x: &[f64], t: f64) -> usize { for i in 0..x.len() { if x[i] > t { return i; } } x.len() - 1 } }
        fn f(x: &[f64]) -> f64 { let k = first_above(x, 1.5); clip(x[k], 1.0) * x[0] + clip(x[0], 2.0) } at (&[1.0, 2.0, 3.0]) at (&[4.0]) at (&[0.5, 0.25])
    => imports: { use std::f64::consts::{PI, TAU as FULL}; use math::sigmoid; }
        fn f(x: f64) -> f64 { sigmoid(x * PI) + FULL } at (0.3)
    => shadowed: { const K: f64 = 2.0; fn g(x: f64) -> f64 { x * K } }
        fn f(k: f64) -> f64 { let g = |x: f64| g(x) + k; let s = g(1.0); s * K } at (0.3)
    => generic_helper: { fn larger<T: PartialOrd>(a: T, b: T) -> T { if a > b { a } else { b } } }
        fn f(x: f64, y: f64) -> f64 { larger(x, y) * larger(x * x, 1.0) } at (0.3, 0.5) at (2.0, 1.0)
    => structs_inside: { #[derive(Clone, Copy)] struct Complex { re: f64, im: f64 }
        impl Complex { const I: f64 = 1.0; fn new(re: f64, im: f64) -> Self { Self { re, im } } fn mul(self, o: Complex) -> Complex { Complex { re: self.re * o.re - self.im * o.im, im: self.re * o.im + self.im * o.re } } fn norm(&self) -> f64 { self.re.hypot(self.im) } fn scale(&mut self, k: f64) { self.re *= k; self.im *= k; } } }
        fn f(x: f64, y: f64) -> f64 { let mut z = Complex::new(x, y); for _ in 0..3 { z = z.mul(z); z.scale(0.5); } let Complex { re, im: i } = z; re * z.norm() + i + Complex::I } at (0.3, 0.5) at (1.0, -2.0)
    => struct_update: { #[derive(Clone)] struct State { q: [f64; 2], p: [f64; 2], t: f64, n: usize } }
        fn f(x: f64, n: usize) -> f64 { let mut s = State { q: [x, 0.5], p: [0.0, 1.0], t: 0.0, n: 0 }; for _ in 0..n { let before = s.clone(); s = State { t: s.t + 0.1, n: s.n + 1, ..before }; for k in 0..2 { s.p[k] -= 0.1 * s.q[k]; s.q[k] += 0.1 * s.p[k]; } } s.q[0] * s.p[1] + s.t + s.n as f64 } at (1.0, 3) at (0.5, 0)
    => tuple_structs: { #[derive(Clone, Copy)] struct Meters(f64); struct Pair(Meters, f64); }
        fn f(x: f64) -> f64 { let m = Meters(x); let p = Pair(m, 2.0 * x); let Pair(Meters(a), b) = p; a * b + p.0.0 + p.1 } at (3.0)
    => choices_of_structs: { #[derive(Clone, Copy)] struct Point { x: f64, y: f64 } fn reflect(p: Point) -> Point { if p.x < 0.0 { Point { x: -p.x, ..p } } else { p } } }
        fn f(a: f64, b: f64) -> f64 { let p = reflect(Point { x: a, y: b }); let q = if a > b { p } else { Point { y: p.x, x: p.y } }; q.x - 2.0 * q.y } at (-1.0, 2.0) at (3.0, 2.0)
}

#[test]
fn struct_parameters() {
    // A struct arrives as its fields, in the order of their declaration.
    let source = "
        struct Inner { a: f64, ks: [usize; 2] }
        struct Params<'a> { w: &'a [f64], inner: Inner, bias: (f64, f64), grid: Vec<[f64; 2]> }
        fn f(p: &Params, Inner { a, .. }: &Inner, (x, y): (f64, f64)) -> f64 {
            let Params { inner: Inner { ks, .. }, .. } = p;
            p.w[ks[0]] * p.inner.a + p.bias.0 * x - p.bias.1 * y + a * p.grid[1][0] * p.grid.len() as f64 + p.w[p.inner.ks[1]]
        }";
    let args = [
        (&[2.0, 3.0][..]).v(),
        5.0.v(),
        [1_usize, 0].v(),
        7.0.v(),
        11.0.v(),
        [[13.0, 17.0], [19.0, 23.0]].v(),
        29.0.v(),
        [0_usize, 0].v(),
        31.0.v(),
        37.0.v(),
    ];
    let expected: f64 = 3.0 * 5.0 + 7.0 * 31.0 - 11.0 * 37.0 + 29.0 * 19.0 * 2.0 + 2.0;
    check_file(source, &args, &expected.v());
}
