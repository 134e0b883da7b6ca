//! The constants of `f64` and `f32`.

use crate::ir::Float;

/// The value of a constant by its name: those of `consts`, and the associated ones.
pub(super) fn value(float: Float, consts: bool, name: &str) -> Option<f64> {
    macro_rules! table {
        ($float:ident: $($name:ident)*; $($associated:ident)*) => {
            match (consts, name) {
                $((true, stringify!($name)) => Some(f64::from(std::$float::consts::$name)),)*
                $((false, stringify!($associated)) => Some(f64::from($float::$associated)),)*
                _ => None,
            }
        };
    }
    match float {
        Float::F64 => table! { f64:
            PI TAU E LN_2 LN_10 SQRT_2 LOG2_E LOG10_E LOG2_10 LOG10_2 FRAC_1_PI FRAC_2_PI FRAC_1_SQRT_2 FRAC_2_SQRT_PI
            FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8 EULER_GAMMA GOLDEN_RATIO;
            INFINITY NEG_INFINITY NAN EPSILON MAX MIN MIN_POSITIVE
        },
        Float::F32 => table! { f32:
            PI TAU E LN_2 LN_10 SQRT_2 LOG2_E LOG10_E LOG2_10 LOG10_2 FRAC_1_PI FRAC_2_PI FRAC_1_SQRT_2 FRAC_2_SQRT_PI
            FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8 EULER_GAMMA GOLDEN_RATIO;
            INFINITY NEG_INFINITY NAN EPSILON MAX MIN MIN_POSITIVE
        },
    }
}
