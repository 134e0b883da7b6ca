//! The constants of `f64` and `f32`.

use crate::ir::Float;

macro_rules! constants {
    ($($name:ident)*; $($associated:ident)*) => {
        /// The value of a constant by its name: those of `consts`, and the associated ones.
        pub(super) fn value(float: Float, consts: bool, name: &str) -> Option<f64> {
            match (float, consts, name) {
                $((Float::F64, true, stringify!($name)) => Some(std::f64::consts::$name),)*
                $((Float::F32, true, stringify!($name)) => Some(f64::from(std::f32::consts::$name)),)*
                $((Float::F64, false, stringify!($associated)) => Some(f64::$associated),)*
                $((Float::F32, false, stringify!($associated)) => Some(f64::from(f32::$associated)),)*
                _ => None,
            }
        }

        /// The names of all of them, for suggestions.
        pub(super) fn names(consts: bool) -> &'static [&'static str] {
            if consts { &[$(stringify!($name)),*] } else { &[$(stringify!($associated)),*] }
        }
    };
}

constants! {
    PI TAU E LN_2 LN_10 SQRT_2 LOG2_E LOG10_E LOG2_10 LOG10_2 FRAC_1_PI FRAC_2_PI FRAC_1_SQRT_2 FRAC_2_SQRT_PI
    FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8 EULER_GAMMA GOLDEN_RATIO;
    INFINITY NEG_INFINITY NAN EPSILON MAX MIN MIN_POSITIVE
}
