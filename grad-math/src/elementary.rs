//! The elementary functions as methods of f32 and f64, by the crate libm, for builds without std.

macro_rules! elementary {
    ($($method:ident: $double:ident, $single:ident;)*) => {
        /// The methods that std would give, under the same names.
        pub(crate) trait Elementary {
            $(fn $method(self) -> Self;)*
            fn powf(self, y: Self) -> Self;
        }

        impl Elementary for f64 {
            $(#[inline] fn $method(self) -> f64 { libm::$double(self) })*
            #[inline]
            fn powf(self, y: f64) -> f64 {
                libm::pow(self, y)
            }
        }

        impl Elementary for f32 {
            $(#[inline] fn $method(self) -> f32 { libm::$single(self) })*
            #[inline]
            fn powf(self, y: f32) -> f32 {
                libm::powf(self, y)
            }
        }
    };
}

elementary! {
    asin: asin, asinf;
    asinh: asinh, asinhf;
    atan: atan, atanf;
    ceil: ceil, ceilf;
    cos: cos, cosf;
    exp: exp, expf;
    exp_m1: expm1, expm1f;
    ln: log, logf;
    ln_1p: log1p, log1pf;
    round: round, roundf;
    sin: sin, sinf;
    sqrt: sqrt, sqrtf;
    tan: tan, tanf;
}
