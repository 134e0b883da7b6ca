//! Points moved so that a case holds there.

use std::collections::BTreeSet;
use std::f64::consts::PI;

use super::number::Point;
use super::singular::Relation;
use super::solve::{Atom, Case};
use super::terms::{Term, TermId};
use crate::prim::Prim;

/// Whether the equations hold but for what floats cannot tell.
pub(super) fn is_near(point: &Point<'_>, case: &Case, conditions: &[(TermId, bool)]) -> bool {
    point.agrees(&vec![], conditions) && case.iter().all(|atom| is_close(point, atom))
}

fn is_close(point: &Point<'_>, atom: &Atom) -> bool {
    match (atom.relation, point.value(atom.term)) {
        (Relation::Equal(c), Some(x)) => (x - c).abs() <= 1e-9 * (1.0 + c.abs()),
        (Relation::Multiple { step, plus }, Some(x)) => {
            let k = (x - plus) / step;
            (k - k.round()).abs() <= 1e-12
        }
        _ => point.holds(atom) != Some(false),
    }
}

/// Moves a point so that a case holds there, in one of several ways; which root is taken, if one is to be searched for.
pub(super) fn meet(
    point: &mut Point<'_>,
    case: &Case,
    conditions: &[(TermId, bool)],
    attempt: usize,
    root: Option<usize>,
) -> bool {
    // Conditions of arms that do not hold yet are met first: equations may change what they say, and have the last word.
    for (cond, truth) in conditions {
        if point.value(*cond).is_some_and(|x| (x != 0.0) != *truth) {
            settle(point, *cond, *truth, attempt);
        }
    }
    let mut done = true;
    for atom in case {
        done &= meet_atom(point, atom, attempt, root);
    }
    if case.len() > 1 {
        case.iter().for_each(|atom| {
            if point.holds(atom) == Some(false) {
                meet_atom(point, atom, attempt, root);
            }
        });
    }
    done
}

fn meet_atom(point: &mut Point<'_>, atom: &Atom, attempt: usize, root: Option<usize>) -> bool {
    if let Some((index, rest)) = atom.every.split_first() {
        let rest = Atom { every: rest.to_vec(), ..atom.clone() };
        let Some(run) = point.run(*index, 0) else { return false };
        let before = point.indices.clone();
        let mut done = true;
        for i in run {
            point.indices.insert(*index, i);
            done &= meet_atom(point, &rest, attempt, root);
        }
        point.indices = before;
        return done;
    }
    if point.holds(atom) == Some(true) {
        return true;
    }
    let away = [1.0, 0.5, 2.0, 0.25, 3.0][attempt];
    let target = match atom.relation {
        Relation::Equal(c) => c,
        Relation::Below(c) => c - away,
        Relation::Above(c) => c + away,
        Relation::Between(lo, hi) => lo + (hi - lo) * away / 4.0,
        Relation::Multiple { step, plus } => plus + step * [0.0, 0.0, 1.0, -1.0, 0.0][attempt],
        Relation::Holds(truth) => return settle(point, atom.term, truth, attempt),
    };
    // Going back through one operand may have moved another.
    let imposed = impose(point, atom.term, target, attempt.is_multiple_of(2), 0) && is_close(point, atom);
    imposed || root.is_some_and(|root| search(point, atom.term, target, root))
}

/// Makes a condition hold, or not.
fn settle(point: &mut Point<'_>, cond: TermId, truth: bool, attempt: usize) -> bool {
    let Term::Call(prim, args) = point.terms.get(cond) else { return false };
    let away = [1.0, 0.5, 2.0, 0.25, 3.0][attempt];
    let mut to = |x: TermId, y: TermId, plus: f64| {
        let first = point.value(y).is_some_and(|y| impose(point, x, y + plus, true, 0));
        first || point.value(x).is_some_and(|x| impose(point, y, x - plus, true, 0))
    };
    match (prim, truth) {
        (Prim::Lt, true) | (Prim::Ge, false) => to(args[0], args[1], -away),
        (Prim::Gt, true) | (Prim::Le, false) => to(args[0], args[1], away),
        (Prim::Le, true) | (Prim::Gt, false) => to(args[0], args[1], if attempt == 1 { -away } else { 0.0 }),
        (Prim::Ge, true) | (Prim::Lt, false) => to(args[0], args[1], if attempt == 1 { away } else { 0.0 }),
        (Prim::Eq, true) | (Prim::Ne, false) => to(args[0], args[1], 0.0),
        (Prim::Eq, false) | (Prim::Ne, true) => to(args[0], args[1], away),
        (Prim::Not, truth) => settle(point, args[0], !truth, attempt),
        (Prim::And, true) | (Prim::Or, false) => {
            let args = args.clone();
            args.iter()
                .all(|a| point.value(*a).is_none_or(|x| (x != 0.0) == truth) || settle(point, *a, truth, attempt))
        }
        (Prim::And, false) | (Prim::Or, true) => settle(point, args[attempt % 2], truth, attempt),
        _ => false,
    }
}

/// Moves a parameter so that a term is a number, by going back through its calls.
fn impose(point: &mut Point<'_>, term: TermId, target: f64, first: bool, depth: usize) -> bool {
    if depth > 24 || !target.is_finite() {
        return false;
    }
    if point.set(term, target) {
        return true;
    }
    let (prim, args) = match point.terms.get(term) {
        Term::Call(prim, args) => (*prim, args.clone()),
        Term::Cast(x) => return impose(point, *x, target, first, depth + 1),
        // The first of the terms is all of the sum.
        Term::Reduce(Prim::Add, index, x) => {
            let (index, x) = (*index, *x);
            let Some(run) = point.run(index, 0) else { return false };
            let (first_of_all, before) = (run.start, point.indices.clone());
            let mut done = true;
            for i in run {
                point.indices.insert(index, i);
                done &= impose(point, x, if i == first_of_all { target } else { 0.0 }, first, depth + 1);
            }
            point.indices = before;
            return done;
        }
        Term::Carry(_, init) => return impose(point, *init, target, first, depth + 1),
        _ => return false,
    };
    let mut to = |x: TermId, target: Option<f64>| target.is_some_and(|t| impose(point, x, t, first, depth + 1));
    if let [x] = *args {
        let back = match prim {
            Prim::Neg => -target,
            Prim::Detach | Prim::Abs => target,
            Prim::Sqrt => target * target,
            Prim::Cbrt => target * target * target,
            Prim::Exp => target.ln(),
            Prim::ExpM1 => target.ln_1p(),
            Prim::Ln => target.exp(),
            Prim::Ln1p => target.exp_m1(),
            Prim::Sin => target.asin(),
            Prim::Cos => target.acos(),
            Prim::Tan => target.atan(),
            Prim::Asin => target.sin(),
            Prim::Acos => target.cos(),
            Prim::Tanh => target.atanh(),
            Prim::Floor | Prim::Ceil | Prim::Round | Prim::Trunc | Prim::Relu => target,
            _ => return false,
        };
        return to(x, Some(back));
    }
    let [x, y] = *args else { return false };
    if x == y {
        return prim == Prim::Mul && target >= 0.0 && to(x, Some(target.sqrt()));
    }
    let value = |point: &Point<'_>, id: TermId| point.value(id);
    let order = if first { [(x, y, false), (y, x, true)] } else { [(y, x, true), (x, y, false)] };
    for (moved, fixed, is_second) in order {
        let Some(k) = value(point, fixed) else { continue };
        let back = match (prim, is_second) {
            (Prim::Add, _) => target - k,
            (Prim::Sub, false) => target + k,
            (Prim::Sub, true) => k - target,
            (Prim::Mul, _) if k == 0.0 => continue,
            (Prim::Mul, _) => target / k,
            (Prim::Div, false) => target * k,
            (Prim::Div, true) => k / target,
            (Prim::Powi | Prim::Pow, false) if target == 0.0 && k > 0.0 => 0.0,
            (Prim::Powi | Prim::Pow, false) if target > 0.0 => target.powf(1.0 / k),
            (Prim::Max | Prim::Min, _) => target,
            _ => continue,
        };
        if impose(point, moved, back, first, depth + 1) {
            return true;
        }
    }
    false
}

/// The parameters, and elements of them, that a term speaks of, also through what loops make of what they carry.
pub(super) fn inputs(point: &Point<'_>, term: TermId) -> Vec<TermId> {
    let terms = point.terms;
    let (mut found, mut looked_into) = (Vec::new(), BTreeSet::new());
    let mut stack = vec![term];
    while let Some(root) = stack.pop() {
        let Some(cone) = terms.cone(root) else { continue };
        for id in cone.iter() {
            let is_input = match terms.get(*id) {
                Term::Param(_) => true,
                Term::Element(array, _) => matches!(terms.get(*array), Term::Param(_)),
                _ => false,
            };
            if is_input && !found.contains(id) {
                found.push(*id);
            }
            if let Some((whole, _)) = terms.loop_of(*id)
                && looked_into.insert(whole.carries[0])
            {
                stack.extend(whole.results.iter().chain(&whole.carries));
            }
        }
    }
    found
}

/// Numbers in order, close together near 0, and ever further apart.
fn grid() -> Vec<f64> {
    let near = (-40..=40).map(|k| f64::from(k) / 4.0).chain([PI, -PI, PI / 2.0, 1.0 / 3.0]);
    let far = (1..=34).flat_map(|k| [10.0 * 1.5_f64.powi(k), -10.0 * 1.5_f64.powi(k)]);
    let mut grid: Vec<f64> = near.chain(far).collect();
    grid.sort_by(f64::total_cmp);
    grid
}

/// Looks for a root of term − target along one parameter: an exact one, a change of sign, or a touching minimum. Of several
/// `which` chooses one.
fn search(point: &mut Point<'_>, term: TermId, target: f64, which: usize) -> bool {
    let grid = grid();
    for input in inputs(point, term).into_iter().take(4) {
        let before = point.args.clone();
        let at = |point: &mut Point<'_>, x: f64| -> Option<f64> {
            if !point.set(input, x) {
                return None;
            }
            Some(point.value(term)? - target).filter(|v| v.is_finite())
        };
        let values: Vec<Option<f64>> = grid.iter().map(|x| at(point, *x)).collect();
        // Where it is a root, or before one.
        let is_root = |k: &usize| match (values[*k], values.get(k + 1)) {
            (Some(0.0), _) => true,
            (Some(a), Some(Some(b))) => *b != 0.0 && a.signum() != b.signum(),
            _ => false,
        };
        let roots: Vec<usize> = (0..grid.len()).filter(is_root).collect();
        if !roots.is_empty() {
            let k = roots[which % roots.len()];
            return match values[k] {
                Some(0.0) => at(point, grid[k]).is_some(),
                Some(a) => bisect(|x| at(point, x), grid[k], grid[k + 1], a),
                None => false,
            };
        }
        let least = (1..grid.len() - 1).filter(|k| values[*k].is_some()).min_by(|x, y| {
            let size = |k: &usize| values[*k].unwrap_or(f64::NAN).abs();
            size(x).total_cmp(&size(y))
        });
        if let Some(k) = least {
            let (mut lo, mut hi) = (grid[k - 1], grid[k + 1]);
            for _ in 0..100 {
                let (x, y) = (lo + (hi - lo) / 3.0, hi - (hi - lo) / 3.0);
                let (Some(a), Some(b)) = (at(point, x), at(point, y)) else { break };
                if a.abs() < b.abs() { hi = y } else { lo = x }
            }
            if at(point, lo + (hi - lo) / 2.0).is_some_and(|v| v.abs() < 1e-12) {
                return true;
            }
        }
        point.args = before;
    }
    false
}

/// Closes in on a change of sign, until floats lie side by side, and stays where it is less.
fn bisect(mut at: impl FnMut(f64) -> Option<f64>, mut lo: f64, mut hi: f64, mut at_lo: f64) -> bool {
    let mut at_hi = f64::INFINITY;
    loop {
        let middle = lo + (hi - lo) / 2.0;
        if middle <= lo || middle >= hi {
            break;
        }
        match at(middle) {
            Some(0.0) => return true,
            Some(v) if v.signum() == at_lo.signum() => (lo, at_lo) = (middle, v),
            Some(v) => (hi, at_hi) = (middle, v),
            None => return false,
        }
    }
    at(if at_lo.abs() <= at_hi.abs() { lo } else { hi }).is_some()
}
