//! The methods of floats and integers, as methods and as paths, and the constants: compiled by rustc, and read.

use crate::accepted::{IntoV, check, rust};

/// One argument: `x.method()` and `f64::method(x)`.
macro_rules! unary {
    ($($name:ident at $($x:literal)+;)*) => {$(
        rust! { => $name: fn f(x: f64) -> f64 { x.$name() + 3.0 * f64::$name(0.5 * x + 0.25) * x } $(at ($x))+ }
    )*};
}

/// Two arguments.
macro_rules! binary {
    ($($name:ident at $(($x:literal, $y:literal))+;)*) => {$(
        rust! { => $name: fn f(x: f64, y: f64) -> f64 { x.$name(y) + 3.0 * f64::$name(x, 2.0 * y) * x } $(at ($x, $y))+ }
    )*};
}

unary! {
    abs at 0.7 -1.3;
    acos at 0.3 -0.4;
    acosh at 2.5 1.7;
    asin at 0.3 -0.4;
    asinh at 0.3 -4.0;
    atan at 0.3 -4.0;
    atanh at 0.3 -0.4;
    cbrt at 0.3 -4.0;
    ceil at 0.3 -4.2;
    cos at 0.3 -4.2;
    cosh at 0.3 -1.2;
    exp at 0.3 -1.2;
    exp2 at 0.3 -1.2;
    exp_m1 at 0.3 -1.2;
    floor at 0.3 -1.2;
    fract at 0.3 -1.2;
    ln at 0.3 2.0;
    ln_1p at 0.3 -0.2;
    log10 at 0.3 2.0;
    log2 at 0.3 2.0;
    recip at 0.3 -2.0;
    round at 0.3 -2.6;
    round_ties_even at 0.3 -2.6 2.5 3.5 -0.5;
    signum at 0.3 -2.6;
    sin at 0.3 -2.6;
    sinh at 0.3 -2.6;
    sqrt at 0.3 2.6;
    tan at 0.3 2.6;
    tanh at 0.3 2.6;
    to_degrees at 0.3 -2.6;
    to_radians at 0.3 -2.6;
    trunc at 0.3 -2.6;
}

binary! {
    atan2 at (0.3, 0.7) (-0.3, -0.7);
    copysign at (0.3, 0.7) (-0.3, -0.7) (0.3, -0.7);
    div_euclid at (7.3, 2.0) (-7.3, 2.0) (7.3, -2.0) (-7.3, -2.0);
    hypot at (0.3, 0.7) (-0.3, -0.7);
    log at (0.3, 0.7) (3.0, 2.0);
    max at (0.3, 0.7) (0.9, -0.7);
    midpoint at (0.3, 0.7);
    min at (0.3, 0.7) (0.9, -0.7);
    powf at (0.3, 0.7) (1.9, -0.7);
    rem_euclid at (7.3, 2.0) (-7.3, 2.0) (7.3, -2.0) (-7.3, -2.0);
}

rust! {
    => ternary: fn f(x: f64, y: f64) -> f64 { x.clamp(-0.5, y) + f64::clamp(y, x, x + 1.0) + x.mul_add(y, 2.0) + f64::mul_add(2.0, x, y) } at (0.3, 0.7) at (-0.8, 0.1)
    => mixed: fn f(x: f64) -> f64 { let (s, c) = f64::sin_cos(x); s * c + x.powi(3) + f64::powi(x, -2) + f64::abs(f64::from(2)) } at (0.3) at (-1.3)
    => tests: fn f(x: f64) -> f64 {
        let mut s = x;
        if x.is_sign_negative() { s += 1.0; }
        if x.is_sign_positive() { s += 2.0; }
        if x.is_normal() { s *= 3.0; }
        if x.is_subnormal() { s += 5.0; }
        if f64::is_nan(x) { 7.0 } else { s }
    } at (0.3) at (-0.3) at (0.0) at (-0.0) at (1e-310) at (f64::INFINITY)
    => constants: fn f(x: f64) -> f64 {
        use std::f64::consts as k;
        use core::f64::consts::{FRAC_PI_2, *};
        x * (std::f64::consts::E + k::FRAC_1_PI + k::FRAC_1_SQRT_2 + k::FRAC_2_PI + k::FRAC_2_SQRT_PI + FRAC_PI_2 + k::FRAC_PI_3 + k::FRAC_PI_4)
            + k::FRAC_PI_6 * k::FRAC_PI_8 * k::LN_10 * k::LN_2 * k::LOG10_2 * k::LOG10_E * k::LOG2_10 * k::LOG2_E * k::SQRT_2 * k::TAU
            + core::f64::consts::GOLDEN_RATIO * std::f64::consts::EULER_GAMMA + f64::EPSILON + f64::MIN_POSITIVE
    } at (0.3)
    => orderings: fn f(x: f64, y: f64, i: usize) -> f64 {
        use std::cmp::Ordering;
        let a = match x.total_cmp(&y) { Ordering::Less => x, Ordering::Equal => x * y, Ordering::Greater => y * y };
        let b = match i.cmp(&2) { std::cmp::Ordering::Less => x, Ordering::Equal | Ordering::Greater => 2.0 };
        a * b
    } at (0.3, 0.7, 1) at (0.7, 0.3, 2) at (0.7, 0.7, 3)
    => integers: fn f(x: f64, a: usize, b: usize, c: i32) -> f64 {
        let m = a.div_ceil(b) + a.clamp(2, 5) * 10 + a.rem_euclid(b) * 100 + a.div_euclid(b) * 1000;
        let n = c.rem_euclid(4) + c.abs().pow(2) * 10 + c.clamp(-2, 2) * 100;
        if a.is_multiple_of(b) { x * m as f64 } else { x + n as f64 }
    } at (0.5, 7, 3, -5) at (0.5, 9, 3, 5)
}
