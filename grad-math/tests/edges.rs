//! The values that the doc comments promise at zeros, infinities, NaN and the ends of the domains, in both float types.

use core::f64::consts::{FRAC_PI_2, LN_2, PI};

use grad_math::{double, single};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// The same number, NaN for NaN, with the same sign where it is zero.
fn same(got: f64, expected: f64) -> bool {
    (got.is_nan() && expected.is_nan()) || (got == expected && got.is_sign_negative() == expected.is_sign_negative())
}

/// The same number of f32, up to the last bit where libm stands in for std: its `atanf(∞)` is not π/2 rounded.
fn same_single(got: f32, expected: f32) -> bool {
    let last_bit =
        cfg!(not(feature = "std")) && [got.next_up(), got.next_down()].contains(&expected) && expected != 0.0;
    last_bit || same(got.into(), expected.into())
}

/// Checks lines such as `sign [2.5 => 1.0];` in f64 and, rounded, in f32.
macro_rules! check {
    ($($name:ident [$($($argument:expr),+ => $expected:expr);+];)*) => {
        $(
            #[test]
            fn $name() {
                $(
                    let (got, expected) = (double::$name($($argument),+), $expected);
                    assert!(same(got, expected), "f64 at {:?}: {got} is not {expected}", [$($argument),+]);
                    let got = single::$name($($argument as f32),+);
                    assert!(same_single(got, expected as f32), "f32 at {:?}: {got}", [$($argument),+]);
                )+
            }
        )*
    };
}

check! {
    sign [2.5 => 1.0; -1e-30 => -1.0; 0.0 => 0.0; -0.0 => 0.0; INF => 1.0; -INF => -1.0; NAN => NAN];
    clamp [0.5, 0.0, 1.0 => 0.5; -2.0, 0.0, 1.0 => 0.0; 2.0, 0.0, 1.0 => 1.0; NAN, 0.0, 1.0 => NAN; 0.5, 1.0, 0.0 => 0.0;
        -2.0, NAN, 1.0 => -2.0; 2.0, 0.0, NAN => 2.0; INF, -INF, INF => INF; -INF, -1.0, 1.0 => -1.0];
    relu [2.0 => 2.0; -2.0 => 0.0; -0.0 => 0.0; 0.0 => 0.0; INF => INF; -INF => 0.0; NAN => NAN];
    leaky_relu [2.0, 0.25 => 2.0; -2.0, 0.25 => -0.5; 0.0, 0.25 => 0.0; -0.0, 0.25 => -0.0; -INF, 0.25 => -INF;
        INF, 0.25 => INF; NAN, 0.25 => NAN];
    elu [2.0, 0.5 => 2.0; -INF, 0.5 => -0.5; 0.0, 0.5 => 0.0; -0.0, 0.5 => -0.0; INF, 0.5 => INF; NAN, 0.5 => NAN];
    selu [-INF => -1.7580993408473768; 1.0 => 1.0507009873554805; 0.0 => 0.0; -0.0 => -0.0; INF => INF; NAN => NAN];
    sigmoid [0.0 => 0.5; -0.0 => 0.5; INF => 1.0; -INF => 0.0; 800.0 => 1.0; -800.0 => 0.0; NAN => NAN];
    log_sigmoid [0.0 => -LN_2; INF => 0.0; -INF => -INF; -800.0 => -800.0; 800.0 => 0.0; NAN => NAN];
    softplus [0.0 => LN_2; INF => INF; -INF => 0.0; -800.0 => 0.0; 800.0 => 800.0; NAN => NAN];
    gelu [0.0 => 0.0; -0.0 => -0.0; INF => INF; -INF => -0.0; -1e30 => -0.0; -39.0 => -0.0; 1e30 => 1e30; NAN => NAN];
    silu [0.0 => 0.0; -0.0 => -0.0; INF => INF; -INF => -0.0; -1e30 => -0.0; 1e30 => 1e30; NAN => NAN];
    mish [0.0 => 0.0; -0.0 => -0.0; INF => INF; -INF => -0.0; -1e30 => -0.0; 1e30 => 1e30; NAN => NAN];
    softsign [0.0 => 0.0; -0.0 => -0.0; 1.0 => 0.5; INF => 1.0; -INF => -1.0; -1e30 => -1.0; NAN => NAN];
    sinc [0.0 => 1.0; -0.0 => 1.0; 1e-30 => 1.0; INF => 0.0; -INF => 0.0; NAN => NAN];
    one_minus_cos [0.0 => 0.0; -0.0 => 0.0; INF => NAN; NAN => NAN];
    sec [0.0 => 1.0; -0.0 => 1.0; INF => NAN; NAN => NAN];
    csc [0.0 => INF; -0.0 => -INF; INF => NAN; NAN => NAN];
    cot [0.0 => INF; -0.0 => -INF; INF => NAN; NAN => NAN];
    asec [1.0 => 0.0; -1.0 => PI; INF => FRAC_PI_2; -INF => FRAC_PI_2; 0.5 => NAN; -0.5 => NAN; 0.0 => NAN; NAN => NAN];
    acsc [1.0 => FRAC_PI_2; -1.0 => -FRAC_PI_2; INF => 0.0; -INF => -0.0; 0.5 => NAN; 0.0 => NAN; NAN => NAN];
    acot [0.0 => FRAC_PI_2; -0.0 => -FRAC_PI_2; INF => 0.0; -INF => -0.0; NAN => NAN];
    sech [0.0 => 1.0; -0.0 => 1.0; INF => 0.0; -INF => 0.0; NAN => NAN];
    csch [0.0 => INF; -0.0 => -INF; INF => 0.0; -INF => -0.0; -1e3 => -0.0; NAN => NAN];
    coth [0.0 => INF; -0.0 => -INF; INF => 1.0; -INF => -1.0; NAN => NAN];
    asech [0.0 => INF; -0.0 => INF; 1.0 => 0.0; 1.5 => NAN; -0.5 => NAN; -1e-30 => NAN; INF => NAN; -INF => NAN; NAN => NAN];
    acsch [0.0 => INF; -0.0 => -INF; INF => 0.0; -INF => -0.0; NAN => NAN];
    acoth [1.0 => INF; -1.0 => -INF; INF => 0.0; -INF => -0.0; 0.5 => NAN; -0.5 => NAN; 0.0 => NAN; NAN => NAN];
    xlogx [0.0 => 0.0; -0.0 => 0.0; 1.0 => 0.0; INF => INF; -1.0 => NAN; -INF => NAN; NAN => NAN];
    xlogx_1p [-1.0 => 0.0; 0.0 => 0.0; -0.0 => -0.0; INF => INF; -2.0 => NAN; -INF => NAN; NAN => NAN];
    ln_ratio [0.0, 1.0 => -INF; 1.0, 0.0 => INF; 0.0, 0.0 => NAN; 3.0, 3.0 => 0.0; INF, 1.0 => INF; 1.0, INF => -INF;
        INF, INF => NAN; -1.0, 1.0 => NAN; -2.0, -2.0 => -0.0; 0.0, -1.0 => -INF; -1.0, 0.0 => NAN; NAN, 1.0 => NAN;
        1.0, NAN => NAN];
    rel_entr [0.0, 1.0 => 0.0; -0.0, 1.0 => 0.0; 0.0, 0.0 => 0.0; 0.0, INF => 0.0; 0.0, -1.0 => NAN; 0.0, NAN => NAN;
        1.0, 0.0 => INF; 3.0, 3.0 => 0.0; INF, 1.0 => INF; 1.0, INF => -INF; -1.0, 1.0 => NAN; NAN, 1.0 => NAN];
    log1mexp [0.0 => -INF; -0.0 => -INF; INF => -0.0; 800.0 => -0.0; -1.0 => NAN; -INF => NAN; NAN => NAN];
    logaddexp [INF, INF => INF; -INF, -INF => -INF; INF, -INF => INF; -INF, 3.0 => 3.0; 3.0, -INF => 3.0; INF, 3.0 => INF;
        0.0, 0.0 => LN_2; NAN, 1.0 => NAN; 1.0, NAN => NAN; NAN, INF => NAN; -INF, NAN => NAN];
    exprel [0.0 => 1.0; -0.0 => 1.0; INF => INF; -INF => 0.0; 1e30 => INF; NAN => NAN];
    exprel_slope [0.0 => 0.5; -0.0 => 0.5; INF => INF; -INF => 0.0; 1e30 => INF; NAN => NAN];
    bernoulli [0.0 => 1.0; -0.0 => 1.0; INF => 0.0; -INF => INF; 1e30 => 0.0; -1e30 => 1e30; NAN => NAN];
    sqrt_1p_m1 [0.0 => 0.0; -0.0 => -0.0; -1.0 => -1.0; 8.0 => 2.0; INF => INF; -2.0 => NAN; NAN => NAN];
    log_cosh [0.0 => 0.0; -0.0 => 0.0; INF => INF; -INF => INF; 1e30 => 1e30; NAN => NAN];
    log_erfc [0.0 => -0.0; -0.0 => 0.0; INF => -INF; -INF => LN_2; NAN => NAN];
    log_half_erfc [0.0 => -LN_2; -0.0 => -LN_2; INF => -INF; -INF => -0.0; NAN => NAN];
    one_minus_sigmoid [0.0 => 0.5; INF => 0.0; -INF => 1.0; 800.0 => 0.0; -800.0 => 1.0; NAN => NAN];
    hypot3 [0.0, -0.0, 0.0 => 0.0; 2.0, -3.0, 6.0 => 7.0; INF, NAN, 1.0 => INF; -INF, 1.0, 2.0 => INF; NAN, 1.0, 2.0 => NAN;
        1.0, NAN, 0.0 => NAN; NAN, NAN, NAN => NAN; 0.0, 0.0, NAN => NAN; 0.0, 0.0, -1e-30 => 1e-30];
    compound [NAN, 0.0 => 1.0; 0.0, INF => 1.0; -0.0, 5.0 => 1.0; 1.0, 3.0 => 8.0; -1.0, 2.0 => 0.0; -1.0, 0.0 => 1.0; -1.0, -1.0 => INF; -3.0, 3.0 => -8.0;
        -3.0, 0.5 => NAN; INF, 2.0 => INF; INF, -2.0 => 0.0; INF, 0.0 => 1.0; 1.0, INF => INF; 1.0, -INF => 0.0; 1e-9, INF => INF;
        1e-9, -INF => 0.0; -1e-9, INF => 0.0; 0.0, NAN => NAN; 1.0, NAN => NAN; NAN, 1.0 => NAN];
    gaussian [0.0 => 1.0; -0.0 => 1.0; INF => 0.0; -INF => 0.0; 1e38 => 0.0; NAN => NAN];
    erf [0.0 => 0.0; -0.0 => -0.0; INF => 1.0; -INF => -1.0; 7.0 => 1.0; NAN => NAN];
    erfc [0.0 => 1.0; -0.0 => 1.0; INF => 0.0; -INF => 2.0; 30.0 => 0.0; NAN => NAN];
    erfcx [0.0 => 1.0; -0.0 => 1.0; INF => 0.0; -INF => INF; -30.0 => INF; NAN => NAN];
    lgamma [0.0 => INF; -0.0 => INF; 1.0 => 0.0; 2.0 => 0.0; -1.0 => INF; -7.0 => INF; -1e30 => INF; INF => INF; -INF => INF;
        NAN => NAN];
    digamma [0.0 => -INF; -0.0 => INF; -1.0 => NAN; -7.0 => NAN; -1e30 => NAN; INF => INF; -INF => NAN; NAN => NAN];
    trigamma [0.0 => INF; -0.0 => INF; -1.0 => INF; -7.0 => INF; -1e30 => INF; INF => 0.0; -INF => NAN; NAN => NAN];
    polygamma [2.0, 0.0 => -INF; 2.0, -0.0 => INF; 3.0, 0.0 => INF; 2.0, -1.0 => NAN; 3.0, -1.0 => INF; 2.0, INF => -0.0; 3.0, INF => 0.0;
        2.0, -INF => NAN; 1.0, -INF => NAN; 0.5, 1.0 => NAN; -1.0, 1.0 => NAN; 171.0, 1.0 => NAN; NAN, 1.0 => NAN; 2.0, NAN => NAN;
        0.0, 0.0 => -INF; INF, 1.0 => NAN];
}

/// Past the range of f32, doubles still have values: the edges that only f64 has.
#[test]
fn edges_of_doubles() {
    assert_eq!(double::softsign(f64::MAX), 1.0);
    assert_eq!(double::gaussian(f64::MAX), 0.0);
    assert_eq!(double::silu(f64::MIN), 0.0);
    assert_eq!(double::lgamma(f64::MAX), INF);
    assert_eq!(double::acsc(1e200), 1e-200);
    assert_eq!(double::asec(1e200), FRAC_PI_2);
    assert!(double::gelu(-38.5) < 0.0 && double::silu(-750.0) < 0.0 && double::mish(-750.0) < 0.0);
    assert!(double::erfc(27.2) > 0.0);
}

/// The root functions take either type, and so does a caller that is generic over it.
#[test]
fn generic_functions_dispatch() {
    fn residual<T: grad_math::Float>(x: T) -> T {
        grad_math::erfc(grad_math::sigmoid(x))
    }
    assert_eq!(residual(0.0_f64), double::erfc(0.5));
    assert_eq!(residual(0.0_f32), single::erfc(0.5));
}
