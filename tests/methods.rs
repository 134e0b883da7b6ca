//! Methods and associated functions: `#[grad]` in an `impl` of an annotated module.
#![deny(warnings)]
#![allow(missing_docs, unreachable_pub)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod model {
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct Line {
        pub slope: f64,
        pub offset: f64,
    }

    impl Line {
        const STEEP: f64 = 10.0;

        /// Where the line is at `x`.
        #[grad(jvp, source)]
        pub fn at(&self, x: f64) -> f64 {
            self.slope.min(Self::STEEP) * x + self.offset
        }

        #[grad(wrt(self))]
        pub fn error(&self, points: &[[f64; 2]]) -> f64 {
            let mut sum = 0.0;
            for p in points {
                sum += self.residual(p[0], p[1]).powi(2);
            }
            sum
        }

        #[grad(wrt(x), hessian)]
        pub(crate) fn cubed(self, x: f64) -> f64 {
            self.at(x).powi(3)
        }

        #[grad]
        pub fn through(a: [f64; 2], b: [f64; 2], x: f64) -> f64 {
            let slope = (b[1] - a[1]) / (b[0] - a[0]);
            Self { slope, offset: a[1] - slope * a[0] }.at(x)
        }

        #[inline]
        fn residual(&self, x: f64, y: f64) -> f64 {
            self.at(x) - y
        }
    }

    pub struct Circle {
        pub radius: f64,
        pub segments: usize,
        pub weights: Vec<f64>,
    }

    impl Circle {
        #[grad]
        pub fn at(&self, x: f64) -> f64 {
            self.weights[self.segments] * (self.radius * self.radius - x * x).sqrt()
        }

        #[grad(name = "inner_area")]
        fn area(&self, residuals: f64, this_adj: f64) -> f64 {
            residuals * this_adj * self.radius * self.radius * self.segments as f64
        }

        pub fn area_slope(&self) -> f64 {
            self.inner_area_grad(1.0, 1.0).1.this.radius + 0.0 * self.area(1.0, 1.0)
        }
    }
}

use model::{Circle, Line};

#[test]
fn of_self_and_of_the_argument() {
    let line = Line { slope: 2.0, offset: 1.0 };
    let (value, grad) = line.at_grad(3.0);
    assert_eq!(value, line.at(3.0));
    assert_eq!((grad.this, grad.x), (Line { slope: 3.0, offset: 1.0 }, 2.0));
    let (value, residuals) = line.at_forward(3.0);
    assert_eq!(value, 7.0);
    let back: model::LineAtGrad = line.at_backward(&residuals, 3.0, 2.0);
    assert_eq!((back.this.slope, back.x), (6.0, 4.0));
    let (_, slope) = line.at_jvp(3.0, &Line { slope: 1.0, offset: 0.5 }, 0.25);
    assert_eq!(slope, 3.0 + 0.5 + 2.0 * 0.25);
}

#[test]
fn of_self_alone() {
    let line = Line { slope: 2.0, offset: 1.0 };
    let points = [[1.0, 2.0], [2.0, 7.0]];
    let (value, grad): (f64, Line) = line.error_grad(&points);
    assert_eq!(value, line.error(&points));
    assert_eq!(grad, Line { slope: 2.0 * 1.0 - 2.0 * 2.0 * 2.0, offset: 2.0 - 4.0 });
}

#[test]
fn of_the_argument_alone() {
    let line = Line { slope: 2.0, offset: 1.0 };
    let (value, slope) = line.cubed_grad(3.0);
    assert_eq!(value, line.cubed(3.0));
    assert_eq!((value, slope), (343.0, 3.0 * 49.0 * 2.0));
    assert_eq!(line.cubed_hessian(3.0).2, [[6.0 * 7.0 * 4.0]]);
}

#[test]
fn of_an_associated_function() {
    let (value, grad) = Line::through_grad([1.0, 2.0], [3.0, 6.0], 2.0);
    assert_eq!(value, Line::through([1.0, 2.0], [3.0, 6.0], 2.0));
    assert_eq!((grad.x, grad.a[1], grad.b[1]), (2.0, 0.5, 0.5));
}

#[test]
fn of_another_type_with_the_same_name() {
    let circle = Circle { radius: 5.0, segments: 1, weights: vec![0.0, 2.0] };
    let (value, grad): (f64, model::CircleAtGrad) = circle.at_grad(3.0);
    assert_eq!(value, circle.at(3.0));
    assert_eq!((grad.x, grad.this.radius), (-2.0 * 3.0 / 4.0, 2.0 * 5.0 / 4.0));
    assert_eq!(grad.this.weights, [0.0, 4.0]);
    assert_eq!(circle.area_slope(), 10.0);
}

#[test]
fn the_source_is_what_is_compiled() {
    assert!(
        model::AT_SOURCE.contains("impl Line {\n    /// The value of `at` and its gradient"),
        "{}",
        model::AT_SOURCE
    );
    assert!(
        model::AT_SOURCE.contains("    pub fn at_backward(&self, residuals: &LineAtResiduals, x: f64, cotangent: f64)")
    );
}
