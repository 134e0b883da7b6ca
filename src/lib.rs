//! The gradient compiler for Rust.
//!
//! Write a function; [`derive_grad`] writes, at compile time, the value and derivative code that an expert would have
//! written by hand: readable, safe, stable Rust.
//!
//! ```
//! use derive_grad::{derive_grad, math::sigmoid};
//!
//! #[derive_grad(wrt(w, b))]
//! fn neuron(w: &[f64; 2], x: &[f64; 2], b: f64) -> f64 {
//!     let mut z = b;
//!     for i in 0..2 {
//!         z += w[i] * x[i];
//!     }
//!     sigmoid(z)
//! }
//!
//! let (value, NeuronGrad { w: dw, b: db }) = neuron_grad(&[2.0, -3.0], &[-1.0, -2.0], -3.0);
//! assert!((value - 0.7310585786300049).abs() < 1e-15);
//! assert!((db - 0.19661193324148185).abs() < 1e-15);
//! assert!((dw[0] + db).abs() < 1e-15);
//! ```
//!
//! # What is generated
//!
//! For `fn loss(w: &[f64], b: f64) -> f64`, with the function's visibility:
//!
//! | item | what it is |
//! |---|---|
//! | `loss_grad(w, b) -> (f64, LossGrad)` | value and gradient, fused |
//! | `loss_grad_into(w, b, &mut w_adj, &mut b_adj) -> f64` | the same into the caller's buffers, where an active parameter is a slice |
//! | `loss_forward(w, b) -> (f64, LossResiduals)` | the value, and just what the backward needs |
//! | `loss_backward(&residuals, w, b, cotangent) -> LossGrad` | the adjoints |
//! | `struct LossGrad { w: Vec<f64>, b: f64 }` | one field an active parameter; the bare gradient where there is one |
//!
//! # Arguments of the attribute
//!
//! A string first: the body as a formula, `#[derive_grad("sum(w * x) + b")] fn f(w: &[f64; 2], x: &[f64; 2], b: f64) -> f64;`.
//! Then `wrt(a, b)`: the active parameters (every float one otherwise); `name = "prefix"`: what the generated names begin
//! with; `source`: also `const LOSS_SOURCE: &str`, the generated code, for snapshot tests; `jvp`: also `loss_jvp`;
//! `hessian`: also `loss_hessian`.

#![no_std]

pub use grad_macro::derive_grad;
/// The functions that generated code calls and that std lacks: they may be called from annotated functions.
pub use grad_math as math;
