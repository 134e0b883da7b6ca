//! What a later iteration overrules contributes nothing, however steep it was: 0 · ∞ would be NaN.

#![allow(dead_code)]

use derive_grad::derive_grad;

#[derive_grad("max(sqrt(x))")]
fn highest_root(x: &[f64]) -> f64;

#[derive_grad]
fn last_root(x: &[f64]) -> f64 {
    let mut last = 0.0;
    for v in x {
        last = v.sqrt();
    }
    last
}

#[derive_grad]
fn best_root(x: &[f64]) -> f64 {
    let mut best = 0.0;
    for v in x {
        let root = v.sqrt();
        if root > best {
            best = 2.0 * root;
        }
    }
    best
}

#[derive_grad]
fn folded_root(x: &[f64]) -> f64 {
    x.iter().map(|v| v.sqrt()).fold(f64::NEG_INFINITY, f64::max)
}

#[derive_grad]
fn until_large(x: &[f64]) -> f64 {
    let mut last = 1.0;
    let mut k = 0;
    while k < x.len() && last < 1.5 {
        last = x[k].sqrt();
        k += 1;
    }
    last
}

#[derive_grad]
fn best_row(v: &[[f64; 2]]) -> f64 {
    let mut best = 0.0;
    for row in v {
        let mut s = 0.0;
        for x in row {
            s += x.sqrt();
        }
        best = f64::max(best, s);
    }
    best
}

#[derive_grad("max(i in 0..n: sum(j in 0..2: sqrt(v[i, j])))", hessian)]
fn best_row_by_formula(v: &[[f64; 2]], n: usize) -> f64;

#[derive_grad]
fn place_of_best(v: &[[f64; 2]], w: &[f64]) -> f64 {
    let mut best = f64::INFINITY;
    let mut k = 0;
    let mut slope = 0.0;
    for i in 0..v.len() {
        let mut s = 0.0;
        for x in &v[i] {
            s -= x.ln();
        }
        if s < best {
            best = s;
            k = i;
            slope = 1.0 / w[i];
        }
    }
    best * w[k] + slope
}

#[derive_grad]
fn not_in_any_iteration(p: f64, a: f64, x: &[f64]) -> f64 {
    let root = p.sqrt();
    let mut s = a * a;
    for v in x {
        if *v > a {
            s += root * v;
        }
    }
    s
}

#[derive_grad]
fn in_a_choice_of_choices(p: f64, a: f64) -> f64 {
    let root = p.sqrt();
    if a > 0.0 { if a > 1.0 { root * a } else { 3.0 * a } } else { 2.0 * a }
}

#[derive_grad]
fn left_early(p: f64, x: &[f64]) -> f64 {
    let mut s = p.sqrt();
    for v in x {
        s *= v;
        if *v > 1.0 {
            s = *v;
            break;
        }
    }
    s
}

#[derive_grad]
fn clamped(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        let mut t = 0.0;
        for _ in 0..2 {
            t += v.sqrt();
        }
        s += t.clamp(1.0, 3.0);
    }
    s
}

/// The array is read and written over in an inner loop: what was read is on a tape.
#[derive_grad]
fn best_of_rows_over_an_array(v: &[f64], m: &[[f64; 2]]) -> f64 {
    let mut w = vec![1.0; v.len()];
    let mut best = 0.0;
    for row in m {
        let mut s = 0.0;
        for i in 0..2 {
            w[i] *= v[i];
            s += (row[0] * w[i]).sqrt();
        }
        best = f64::max(best, s);
    }
    best
}

#[derive_grad]
fn square_of_the_last_root(x: &[f64], w: f64) -> f64 {
    let mut last = 1.0;
    for v in x {
        last = v.sqrt();
    }
    last * last + w * last
}

#[derive_grad]
fn best_below_zero(x: &[f64]) -> f64 {
    let mut best = f64::NEG_INFINITY;
    for v in x {
        best = best.max(v.sqrt());
    }
    best * best
}

#[test]
fn a_steep_loser_takes_no_derivative() {
    assert_eq!(highest_root_grad(&[0.0, 4.0]), (2.0, vec![0.0, 0.25]));
    assert_eq!(highest_root_grad(&[4.0, 0.0, 1.0]), (2.0, vec![0.25, 0.0, 0.0]));
    assert_eq!(folded_root_grad(&[0.0, 4.0, 0.0]), (2.0, vec![0.0, 0.25, 0.0]));
    assert_eq!(best_root_grad(&[0.0, 0.25, 4.0]), (4.0, vec![0.0, 0.0, 0.5]));
}

#[test]
fn what_is_assigned_anew_takes_no_derivative() {
    assert_eq!(last_root_grad(&[0.0, 4.0]), (2.0, vec![0.0, 0.25]));
    assert_eq!(until_large_grad(&[0.0, 4.0, 0.0]), (2.0, vec![0.0, 0.25, 0.0]));
}

#[test]
fn the_winner_takes_the_derivative_that_it_has() {
    assert_eq!(highest_root_grad(&[0.0]), (0.0, vec![f64::INFINITY]));
    assert_eq!(last_root_grad(&[4.0, 0.0]), (0.0, vec![0.0, f64::INFINITY]));
}

#[test]
fn a_row_that_loses_takes_no_derivative() {
    assert_eq!(best_row_grad(&[[0.0, 1.0], [1.0, 4.0]]), (3.0, vec![[0.0, 0.0], [0.5, 0.25]]));
    assert_eq!(best_row_grad(&[[1.0, 4.0], [0.0, 0.0], [0.0, 1.0]]), (3.0, vec![[0.5, 0.25], [0.0; 2], [0.0; 2]]));
    assert_eq!(best_row_by_formula_grad(&[[0.0, 1.0], [1.0, 4.0]], 2), (3.0, vec![[0.0, 0.0], [0.5, 0.25]]));
    let (_, _, hessian) = best_row_by_formula_hessian(&[[0.0, 1.0], [1.0, 4.0]], 2);
    let diagonal = [0.0, 0.0, -0.25, -0.03125];
    assert!(
        (0..4).all(|i| (0..4).all(|j| hessian[4 * i + j] == if i == j { diagonal[i] } else { 0.0 })),
        "{hessian:?}"
    );
}

#[test]
fn a_row_that_loses_over_an_array_takes_no_derivative() {
    let (value, grad) = best_of_rows_over_an_array_grad(&[4.0, 1.0, 3.0], &[[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]);
    assert_eq!((value, grad.v, grad.m), (5.0, vec![1.0, 1.0, 0.0], vec![[0.0, 0.0], [2.5, 0.0], [0.0, 0.0]]));
}

#[test]
fn what_is_carried_along_with_the_best_is_chosen_with_it() {
    let (value, grad) = place_of_best_grad(&[[0.0, 1.0], [1.0, 1.0], [0.5, 0.0]], &[0.0, 2.0, 0.0]);
    assert_eq!((value, grad.v), (0.5, vec![[0.0, 0.0], [-2.0, -2.0], [0.0, 0.0]]));
    assert_eq!(grad.w, [0.0, -0.25, 0.0]);
}

#[test]
fn what_no_iteration_and_no_arm_reads_takes_no_derivative() {
    let (value, grad) = not_in_any_iteration_grad(0.0, 3.0, &[1.0, 2.0]);
    assert_eq!((value, grad.p, grad.a, grad.x), (9.0, 0.0, 6.0, vec![0.0, 0.0]));
    let grad = in_a_choice_of_choices_grad(0.0, 0.5).1;
    assert_eq!((grad.p, grad.a), (0.0, 3.0));
    let (value, grad) = left_early_grad(0.0, &[0.5, 2.0, 0.0]);
    assert_eq!((value, grad.p, grad.x), (2.0, 0.0, vec![0.0, 1.0, 0.0]));
    assert_eq!(clamped_grad(&[0.0, 1.0]), (3.0, vec![0.0, 1.0]));
}

#[test]
fn what_is_read_takes_the_derivative_that_it_has() {
    assert_eq!(best_row_grad(&[[0.0, 1.0]]).1, [[f64::INFINITY, 0.5]]);
    assert_eq!(not_in_any_iteration_grad(0.0, 3.0, &[4.0]).1.p, f64::INFINITY);
    assert_eq!(in_a_choice_of_choices_grad(0.0, 2.0).1.p, f64::INFINITY);
    assert_eq!(left_early_grad(0.0, &[0.5]).1.p, f64::INFINITY);
    // A cotangent that arrives and is 0 is multiplied: the derivative of the square is 1 here, not 0, and by the chain rule
    // no number.
    assert!(square_of_the_last_root_grad(&[4.0, 0.0], 0.0).1.x[1].is_nan());
    assert_eq!(square_of_the_last_root_grad(&[4.0, 0.0], 1.0).1.x, [0.0, f64::INFINITY]);
    assert!(best_below_zero_grad(&[0.0]).1[0].is_nan());
    assert_eq!(best_below_zero_grad(&[0.0, 4.0]).1, [0.0, 1.0]);
}
