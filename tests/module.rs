//! The module form: functions marked `#[grad]` that name the module's items.
#![deny(warnings)]
#![allow(missing_docs, unreachable_pub)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod springs {
    use std::f64::consts::TAU;

    /// How many springs there are.
    const COUNT: usize = 3;
    const SCALE: f64 = 0.5 * TAU;
    type Point = [f64; 2];

    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct Springs {
        pub stiffness: [f64; COUNT],
        pub rest: f64,
    }

    impl Springs {
        const LIMIT: f64 = 10.0;

        fn energy(&self, k: usize, length: f64) -> f64 {
            let stretch = (length - self.rest).min(Self::LIMIT);
            0.5 * self.stiffness[k] * stretch * stretch
        }
    }

    pub struct World<'a> {
        pub anchors: &'a [Point],
        pub gravity: f64,
        pub steps: usize,
    }

    fn distance(a: &Point, b: &Point) -> f64 {
        let mut sum = 0.0;
        for k in 0..2 {
            sum += (a[k] - b[k]).powi(2);
        }
        sum.sqrt()
    }

    fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
        let mut sum = 0.0;
        for i in 0..N {
            sum += a[i] * b[i];
        }
        sum
    }

    #[grad(source)]
    pub fn energy(springs: &Springs, world: &World, at: Point) -> f64 {
        let mut total = world.gravity * at[1] * SCALE;
        for (k, anchor) in world.anchors.iter().enumerate() {
            total += springs.energy(k, distance(anchor, &at));
        }
        total + dot(&springs.stiffness, &springs.stiffness) * world.steps as f64
    }

    #[grad(wrt(springs), jvp)]
    pub fn stiff(springs: &Springs) -> f64 {
        let Springs { stiffness, rest } = springs;
        stiffness.iter().map(|s| s * rest).sum()
    }
}

use springs::{Springs, World};

fn numeric(f: impl Fn(f64) -> f64) -> f64 {
    let h = 1e-5;
    (f(h) - f(-h)) / (2.0 * h)
}

#[test]
fn structs_in_and_structs_out() {
    let springs = Springs { stiffness: [1.0, 2.0, 3.0], rest: 0.7 };
    let anchors = [[0.0, 0.0], [1.0, 2.0], [-1.0, 0.5]];
    let world = World { anchors: &anchors, gravity: 9.81, steps: 2 };
    let at = [0.3, -0.4];
    let (value, grad) = springs::energy_grad(&springs, &world, at);
    assert_eq!(value, springs::energy(&springs, &world, at));
    for k in 0..3 {
        let expected = numeric(|h| {
            let mut moved = springs;
            moved.stiffness[k] += h;
            springs::energy(&moved, &world, at)
        });
        assert!((grad.springs.stiffness[k] - expected).abs() < 1e-6);
    }
    let expected = numeric(|h| {
        let mut moved = springs;
        moved.rest += h;
        springs::energy(&moved, &world, at)
    });
    assert!((grad.springs.rest - expected).abs() < 1e-6);
    let expected =
        numeric(|h| springs::energy(&springs, &World { anchors: &anchors, gravity: 9.81 + h, steps: 2 }, at));
    assert!((grad.world.gravity - expected).abs() < 1e-6);
    for k in 0..3 {
        let expected = numeric(|h| {
            let mut anchors = anchors;
            anchors[k][1] += h;
            springs::energy(&springs, &World { anchors: &anchors, gravity: 9.81, steps: 2 }, at)
        });
        assert!((grad.world.anchors[k][1] - expected).abs() < 1e-6);
    }
    let (forward, residuals) = springs::energy_forward(&springs, &world, at);
    assert_eq!(forward, value);
    assert_eq!(springs::energy_backward(&residuals, &springs, &world, at, 1.0), grad);
    println!("{}", springs::ENERGY_SOURCE);
}

#[test]
fn a_gradient_is_a_struct_like_the_parameter() {
    let springs = Springs { stiffness: [1.0, 2.0, 3.0], rest: 0.7 };
    let (value, grad): (f64, Springs) = springs::stiff_grad(&springs);
    assert_eq!(value, springs::stiff(&springs));
    assert_eq!(grad, Springs { stiffness: [0.7; 3], rest: 6.0 });
    let direction = Springs { stiffness: [1.0, 0.0, 0.0], rest: 1.0 };
    let (_, slope) = springs::stiff_jvp(&springs, &direction);
    assert!((slope - 6.7).abs() < 1e-12);
}
