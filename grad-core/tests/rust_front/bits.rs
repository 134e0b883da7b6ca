//! Operators on the bits of integers.

use crate::accepted::{IntoV, check, rust};

rust! {
    => reversal: fn f(x: &[f64; 8]) -> f64 {
        let mut y = [0.0; 8];
        for (i, v) in x.iter().enumerate() {
            let mut r = 0;
            for bit in 0..3 { r |= ((i >> bit) & 1) << (2 - bit); }
            y[r] = *v;
        }
        y.iter().enumerate().map(|(k, v)| (k + 1) as f64 * v * v).sum()
    } at (&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    => subset: fn f(x: f64, mask: usize) -> f64 {
        let mut y = 0.0;
        for b in 0..8 { if mask & (1 << b) != 0 { y += x.powi(b); } }
        y
    } at (0.9, 0b1011_0010) at (0.9, 0)
    => doubled: fn f(x: &[f64; 8]) -> f64 {
        let mut y = *x;
        let mut h = 1;
        while h < y.len() {
            for i in (0..y.len()).step_by(h << 1) { for j in i..i + h { let (a, b) = (y[j], y[j ^ h]); y[j] = a + b; y[j + h] = a - b; } }
            h <<= 1;
        }
        y.iter().enumerate().map(|(i, v)| (i + 1) as f64 * v.powi(3)).sum()
    } at (&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    => conditions: fn f(x: f64, a: bool) -> f64 { let mut c = a & (x > 1.0) | (x < -1.0); c ^= a; c |= x > 9.0; c &= x < 99.0; if c ^ true { x * x } else { x } } at (2.0, true) at (2.0, false) at (-3.0, false)
    => lengths: fn f(x: f64) -> f64 { let mut y = [x; 1 << 3]; for k in 0..y.len() { y[k] *= (k & 3) as f64; } y.iter().sum() } at (2.0)
}
