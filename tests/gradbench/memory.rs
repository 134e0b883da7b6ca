//! How much the forward functions keep: nothing that grows with the length of a loop that only adds, one entry an iteration
//! where a carried value is read again.

use std::mem::size_of;

use crate::gmm::mixture::{LogPosteriorResiduals, Mixture, Wishart, log_posterior_forward};
use crate::{gmm, llsq, ode};

#[test]
fn a_loop_that_only_adds_keeps_nothing() {
    assert_eq!(size_of::<llsq::ObjectiveResiduals>(), 0);
    assert!(!llsq::OBJECTIVE_SOURCE.contains("; n]"), "an array for each of the n terms");
}

#[test]
fn what_a_mixture_keeps_does_not_depend_on_the_observations() {
    let (d, k) = (3, 4);
    let numbers = |n: usize| -> Vec<f64> { (0..n).map(|i| (i as f64).cos()).collect() };
    let mixture = Mixture { alpha: numbers(k), mu: numbers(k * d), q: numbers(k * d), l: numbers(k * 3) };
    let kept = |n: usize| {
        let prior = Wishart { gamma: 1.0, m: 0 };
        let (_, residuals) = log_posterior_forward(d, &numbers(n * d), &mixture, &prior);
        let LogPosteriorResiduals { n: observations, .. } = residuals;
        assert_eq!(observations, n);
        // Every number that is kept stands in the text of the whole.
        format!("{residuals:?}").split([',', '[']).count()
    };
    assert_eq!(kept(1), kept(1000));
    assert!(kept(1) < 12 + 2 * k + k * d, "{}", kept(1));
    assert!(!gmm::mixture::LOG_POSTERIOR_SOURCE.contains("; n]"), "an array for each of the n terms");
}

#[test]
fn a_loop_that_steps_keeps_each_state() {
    let kept = |steps: usize| ode::runge_kutta::solve_forward(&[0.1, 0.2, 0.3], steps).1.y_tape.len();
    assert_eq!((kept(0), kept(1), kept(100)), (0, 3, 300));
}
