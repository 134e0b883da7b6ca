//! What may stand around a function: lifetimes, lengths, bounds, attributes, visibilities, and names that are hard to keep.
#![deny(warnings, unreachable_pub)]
#![forbid(unsafe_code)]
#![allow(missing_docs, unexpected_cfgs)]
// The primals are written as people write them.
#![allow(clippy::non_minimal_cfg, clippy::needless_pub_self, clippy::needless_range_loop, clippy::let_and_return)]

use derive_grad::derive_grad;

#[derive_grad]
fn lifetimes<'a, 'b>(x: &'a [f64], y: &'b [f64]) -> f64
where
    'b: 'a,
{
    x[0] * y[0]
}

#[derive_grad]
fn lengths<const N: usize, const M: usize>(x: &[[f64; N]; M], y: [f64; N]) -> f64 {
    let mut s = 0.0;
    for i in 0..M {
        for j in 0..N {
            s += (i + 1) as f64 * x[i][j] * y[j];
        }
    }
    s
}

/// Documented, with "quotes", a \ and `code`.
///
/// # Examples
///
/// None.
#[derive_grad]
#[inline]
pub(crate) fn documented(x: f64, y: f64) -> f64 {
    x * y
}

#[must_use]
#[derive_grad]
#[inline(always)]
pub(crate) fn must_be_used(x: f64, y: f64) -> f64 {
    x * y
}

#[derive_grad(jvp, hessian, source)]
#[must_use = "because"]
#[allow(clippy::many_single_char_names, non_snake_case)]
fn Named(X: f64, Y: f64) -> f64 {
    X * Y
}

mod inner {
    pub(in crate::inner) mod deep {
        use derive_grad::derive_grad;

        #[derive_grad]
        pub(in crate::inner) fn within(x: f64, y: f64) -> f64 {
            x * y
        }

        #[derive_grad]
        pub(super) fn above(x: f64, y: &[f64]) -> f64 {
            x * y[0]
        }

        #[derive_grad]
        pub(self) fn own(x: f64, y: f64) -> f64 {
            x * y
        }

        pub(in crate::inner) fn of_own() -> f64 {
            own_grad(own(1.0, 2.0), 3.0).1.y
        }
    }

    pub(super) fn used() -> [f64; 3] {
        let (a, b) = (deep::within(1.0, 2.0), deep::above(1.0, &[3.0]));
        [deep::within_grad(a, 2.0).1.y, deep::above_grad(b, &[3.0]).1.y[0], deep::of_own()]
    }
}

#[cfg(any())]
#[derive_grad]
fn absent(x: f64) -> Nothing {
    x
}

#[cfg(all())]
#[derive_grad]
fn present(x: f64, y: f64) -> f64 {
    x * y
}

#[cfg_attr(all(), derive_grad)]
fn conditional(x: f64, y: f64) -> f64 {
    x * y
}

#[derive_grad]
#[cfg_attr(all(), inline)]
fn inlined(x: f64, y: f64) -> f64 {
    x * y
}

#[derive_grad]
fn r#match(r#type: f64, r#fn: &[f64], r#struct: [f64; 2]) -> f64 {
    let r#loop = r#type * r#fn[0];
    r#loop * r#struct[1]
}

#[derive_grad(wrt(r#type))]
fn raw(r#type: f64, y: f64) -> f64 {
    r#type * y
}

#[derive_grad(name = "r#loop")]
fn renamed(x: f64, y: f64) -> f64 {
    x * y
}

// What generated code likes to call its own.
#[derive_grad(jvp)]
#[allow(clippy::too_many_arguments)]
fn ours(
    x: f64,
    x_adj: f64,
    cotangent: f64,
    residuals: &[f64],
    grad: f64,
    x_dot: f64,
    residuals_len: f64,
    value: f64,
) -> f64 {
    let y_adj = x * x_adj;
    let y = y_adj * cotangent;
    let tape = y * residuals[0];
    let k = tape.exp() * grad;
    let given = k * x_dot;
    let gradient = given.sin() * residuals_len * value;
    gradient
}

#[derive_grad]
const fn constant(x: f64, y: f64) -> f64 {
    x * y
}

#[derive_grad]
#[track_caller]
#[cold]
fn cold(x: f64, y: f64) -> f64 {
    assert!(x > 0.0);
    x * y
}

#[derive_grad]
#[doc(hidden)]
fn hidden(#[allow(unused)] x: f64, mut y: f64) -> f64 {
    y *= 2.0;
    #[allow(unused)]
    let z = y;
    #[rustfmt::skip]
    let w = y;
    x * w
}

#[derive_grad]
fn bounded<T>(x: T, y: &[T]) -> T
where
    T: num_traits::Float + Copy,
{
    x * y[0]
}

#[test]
fn each_gradient_is_right() {
    let product = |value: f64, (dx, dy): (f64, f64)| assert_eq!((value, dx, dy), (6.0, 3.0, 2.0));
    macro_rules! products {
        ($($primal:ident $grad:ident;)*) => {$({
            let (value, grad) = $grad(2.0, 3.0);
            assert_eq!(value, $primal(2.0, 3.0));
            product(value, (grad.x, grad.y));
        })*};
    }
    products! {
        documented documented_grad;
        must_be_used must_be_used_grad;
        present present_grad;
        conditional conditional_grad;
        inlined inlined_grad;
        renamed loop_grad;
        constant constant_grad;
        cold cold_grad;
    }
    assert_eq!(lifetimes(&[2.0], &[3.0]), 6.0);
    let grad = lifetimes_grad(&[2.0], &[3.0]).1;
    assert_eq!((grad.x, grad.y), (vec![3.0], vec![2.0]));
    assert_eq!(lengths(&[[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]), 95.0);
    let grad = lengths_grad(&[[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]).1;
    assert_eq!((grad.x, grad.y), ([[5.0, 6.0], [10.0, 12.0]], [7.0, 10.0]));
    let grad = Named_grad(2.0, 3.0).1;
    product(Named(2.0, 3.0), (grad.X, grad.Y));
    assert_eq!(Named_jvp(2.0, 3.0, 1.0, 0.5), (6.0, 4.0));
    assert_eq!(Named_hessian(2.0, 3.0).2, [[0.0, 1.0], [1.0, 0.0]]);
    assert!(NAMED_SOURCE.contains("fn Named_grad"));
    assert_eq!(inner::used(), [2.0, 3.0, 2.0]);
    let grad = match_grad(2.0, &[3.0], [1.0, 5.0]).1;
    assert_eq!(r#match(2.0, &[3.0], [1.0, 5.0]), 30.0);
    assert_eq!((grad.r#type, grad.r#fn, grad.r#struct), (15.0, vec![10.0], [0.0, 6.0]));
    assert_eq!((raw(2.0, 3.0), raw_grad(2.0, 3.0).1), (6.0, 3.0));
    let grad = hidden_grad(2.0, 3.0).1;
    assert_eq!((hidden(2.0, 3.0), grad.x, grad.y), (12.0, 6.0, 4.0));
    let grad = bounded_grad(2.0_f32, &[3.0]).1;
    assert_eq!((bounded(2.0_f32, &[3.0]), grad.x, grad.y), (6.0, 3.0, vec![2.0]));
}

#[test]
fn names_of_generated_code_are_the_users_too() {
    let f = |p: &[f64; 8]| ours(p[0], p[1], p[2], &[p[3]], p[4], p[5], p[6], p[7]);
    let at = [0.3, 0.7, 0.9, 0.4, 0.6, 0.8, 1.2, 1.1];
    let (value, g) = ours_grad(at[0], at[1], at[2], &[at[3]], at[4], at[5], at[6], at[7]);
    assert_eq!(value, f(&at));
    let grad = [g.x, g.x_adj, g.cotangent, g.residuals[0], g.grad, g.x_dot, g.residuals_len, g.value];
    let (_, residuals) = ours_forward(at[0], at[1], at[2], &[at[3]], at[4], at[5], at[6], at[7]);
    let back = ours_backward(&residuals, at[0], at[1], at[2], &[at[3]], at[4], at[5], at[6], at[7], 1.0);
    assert_eq!(back.x_adj, g.x_adj);
    for (k, expected) in grad.into_iter().enumerate() {
        let h = 1e-6;
        let (mut above, mut below) = (at, at);
        above[k] += h;
        below[k] -= h;
        let slope = (f(&above) - f(&below)) / (2.0 * h);
        assert!((slope - expected).abs() < 1e-8, "{k}: {expected} is not {slope}");
    }
}
