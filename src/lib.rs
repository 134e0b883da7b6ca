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
//! # The Rust that it takes
//!
//! `let` with patterns and shadowing, blocks, `if` and `match` as values, `for` over ranges, slices, arrays and iterator
//! chains, `while` and `loop` with `break`, `continue` and labels, early `return`; arrays, nested arrays, `Vec` locals,
//! slices and sub-slices, mutation in place, `&mut` buffers; closures and inner functions; integers and bools; the methods
//! and constants of `f64` and `f32`; `T: Float` of num-traits; assertions, which stay. Annotated functions of one scope call
//! each other. What it cannot take is refused on its token: `dyn`, sorting, calls of functions whose body
//! cannot be seen.
//!
//! On a module the attribute sees all of its items: functions marked `#[grad]` get derivatives, and may call the module's
//! other functions and methods and use its constants, aliases and structs, also as parameters. A marked method gets methods:
//! `line.at_grad(x)` for `line.at(x)`; in `wrt` its receiver is `self`, in the gradient `this`.
//!
//! ```
//! #[derive_grad::derive_grad]
//! mod model {
//!     pub struct Line {
//!         pub slope: f64,
//!         pub offset: f64,
//!     }
//!
//!     fn square(x: f64) -> f64 {
//!         x * x
//!     }
//!
//!     impl Line {
//!         #[grad]
//!         pub fn at(&self, x: f64) -> f64 {
//!             self.slope * x + self.offset
//!         }
//!     }
//!
//!     #[grad(wrt(line))]
//!     pub fn error(line: &Line, x: f64, y: f64) -> f64 {
//!         square(line.at(x) - y)
//!     }
//! }
//!
//! let line = model::Line { slope: 2.0, offset: 1.0 };
//! let (value, grad) = model::error_grad(&line, 3.0, 5.0);
//! assert_eq!((value, grad.slope, grad.offset), (4.0, 12.0, 4.0));
//! let (value, model::LineAtGrad { this, x }) = line.at_grad(3.0);
//! assert_eq!((value, this.slope, this.offset, x), (7.0, 3.0, 1.0, 2.0));
//! ```
//!
//! ```
//! use derive_grad::derive_grad;
//!
//! /// The first root of cos(a·x) = x, by Newton's method.
//! #[derive_grad]
//! fn root(a: f64) -> f64 {
//!     let mut x: f64 = 0.5;
//!     while ((a * x).cos() - x).abs() > 1e-14 {
//!         x += ((a * x).cos() - x) / (a * (a * x).sin() + 1.0);
//!     }
//!     x
//! }
//!
//! /// Huber's loss over the residuals, as long as they are finite.
//! #[derive_grad(wrt(w))]
//! fn loss(w: &[f64; 2], points: &[[f64; 2]]) -> f64 {
//!     let huber = |r: f64| if r.abs() <= 1.0 { 0.5 * r * r } else { r.abs() - 0.5 };
//!     if points.is_empty() {
//!         return 0.0;
//!     }
//!     let total: f64 = points.iter().map(|p| huber(w[0] * p[0] + w[1] - p[1])).sum();
//!     total / points.len() as f64
//! }
//!
//! // x = cos(a·x), so dx/da = −x·sin(a·x) / (1 + a·sin(a·x)).
//! let (x, slope) = root_grad(1.0);
//! assert!((slope + x * x.sin() / (1.0 + x.sin())).abs() < 1e-12);
//! let (value, slope) = loss_grad(&[1.0, 0.0], &[[1.0, 0.5], [2.0, 9.0]]);
//! assert_eq!((value, slope), (3.3125, [-0.75, -0.25]));
//! ```
//!
//! # Where a derivative is zero
//!
//! `floor`, `ceil`, `round`, `trunc`, `signum`, a cast to an integer and whatever is computed from that integer have the
//! derivative 0, as mathematics says of all but single points. A comparison decides which branch is differentiated, an index
//! which element, a trip count how often; by these themselves there is no derivative.
//!
//! Where a parameter reaches the results only through something flat, its gradient is zero everywhere, which is hardly what
//! was meant. Then rustc warns on the token that is flat, as of the use of a deprecated constant `zero_gradient`:
//!
//! ```
//! #[allow(deprecated)] // it is meant
//! #[derive_grad::derive_grad]
//! fn to_the_grid(x: f64, step: f64) -> f64 {
//!     (x / step).round() * step
//! }
//!
//! assert_eq!(to_the_grid_grad(2.2, 0.5).1.x, 0.0);
//! ```
//!
//! It is silenced by `wrt(…)` without that parameter, or by `#[allow(deprecated)]` on the function. There is no warning where
//! the parameter also has another way to the results (`x - x.floor()`), nor of what only decides a branch or an index, unless
//! `wrt` names it.
//!
//! # Memory
//!
//! A loop that only adds keeps nothing for its backward, however long it is. A loop that goes on with what it has computed
//! keeps those values that the backward reads and cannot compute again, one for each iteration: in a vector (a *tape*) of
//! the right length where the number of iterations is known before, and in one that grows, as the loop runs, where it is
//! not: in a `while` or a `loop`. The fused gradient has the same tapes as locals.
//!
//! ```
//! use derive_grad::derive_grad;
//!
//! /// Adds only: nothing to keep.
//! #[derive_grad]
//! fn energy(v: &[f64]) -> f64 {
//!     v.iter().map(|v| 0.5 * v * v).sum()
//! }
//!
//! /// The square root of `a` by Heron's method.
//! #[derive_grad(source)]
//! fn root(a: f64) -> f64 {
//!     let mut x = a;
//!     while (x * x - a).abs() > 1e-12 * a {
//!         x = 0.5 * (x + a / x);
//!     }
//!     x
//! }
//!
//! assert_eq!(std::mem::size_of::<EnergyResiduals>(), 0);
//! let (_, near) = root_forward(1.5);
//! let (_, far) = root_forward(1e6);
//! assert_eq!((near.x_tape.len(), far.x_tape.len()), (4, 14));
//! ```
//!
//! # Arguments of the attribute
//!
//! A string first: the body as a formula, `#[derive_grad("sum(w * x) + b")] fn f(w: &[f64; 2], x: &[f64; 2], b: f64) -> f64;`.
//! Then `wrt(a, b)`: the active parameters (every float one otherwise); `name = "prefix"`: what the generated names begin
//! with; `source`: also `const LOSS_SOURCE: &str`, the generated code, for snapshot tests; `jvp`: also
//! `loss_jvp(w, b, w_dot, b_dot) -> (value, derivative)`, along the direction that the tangents of the active parameters
//! give; `hessian`: also `loss_hessian`.

#![no_std]

pub use grad_macro::derive_grad;
#[doc(hidden)]
pub use grad_macro::differentiate as __differentiate;
/// The functions that generated code calls and that std lacks: they may be called from annotated functions.
pub use grad_math as math;
