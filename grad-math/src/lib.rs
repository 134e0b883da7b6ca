//! Functions that derivative code calls and that std lacks, for f32 and f64, without allocation.
//!
//! The functions of this root take either float type; [`double`] and [`single`] hold the same ones for f64 and f32
//! alone, and their pages tell the mathematics, its source, the domain, the edge values and the measured accuracy.
//! Every function answers NaN with NaN, but for a power with the exponent 0, which is 1; none panics.
//!
//! Each is one short text in `src/functions`, compiled twice here and, through `embed` (feature `text`), copied into
//! generated programs that stand alone.
//!
//! ```
//! assert_eq!(grad_math::softplus(1000.0_f64), 1000.0);
//! assert_eq!(grad_math::sigmoid(0.0_f32), 0.5);
//! ```
//!
//! The elementary functions (`exp`, `ln`, `sin`, …) come from std (the default feature `std`), or from the crate `libm`
//! (feature `libm`, with `default-features = false`) where there is no std.
//!
//! # Accuracy
//!
//! The worst error found, in ulp of the value, among 10 000 to 40 000 pseudo-random points a function against arbitrary
//! precision (mpmath), with glibc's elementary functions: over the domain, its ends and, where they exist, tiny, huge
//! and subnormal arguments and the neighbourhoods of poles and roots. Where terms cancel at a root the unit is an ulp of
//! something larger, which the function's page names. `tests/accuracy.rs` holds every platform to the worst of these
//! points, within one ulp. It reads the expected values from `tests/reference.csv`, because no arbitrary-precision
//! library of Rust has these functions without a C toolchain.
//!
#![doc = include_str!("accuracy.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "text")]
extern crate alloc;

#[cfg(not(any(feature = "std", feature = "libm")))]
compile_error!(
    "grad-math takes `exp`, `ln` and their like from std or from the crate libm: \
     enable the feature `std`, or `libm` where there is no std"
);

// Without elementary functions nothing else is compiled, so that the error above stands alone.
#[cfg(any(feature = "std", feature = "libm"))]
mod catalogue;
// A test harness links std, whose methods come first.
#[cfg(all(feature = "libm", not(any(feature = "std", test))))]
mod elementary;
#[cfg(any(feature = "std", feature = "libm"))]
mod text;

#[cfg(any(feature = "std", feature = "libm"))]
pub use catalogue::*;
#[cfg(all(feature = "text", any(feature = "std", feature = "libm")))]
pub use text::embed;
#[cfg(any(feature = "std", feature = "libm"))]
pub use text::{Function, source};
