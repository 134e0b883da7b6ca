//! Which forms are replaced by stabler ones before differentiation, and which are left as they are because something else
//! reads a part of them, or because the identity needs more than is known.

#![allow(clippy::unwrap_used)]

use grad_core::front::formula::read;
use grad_core::ir::eval::{Array, Data, Datum, eval};
use grad_core::ir::{Body, Function, Op};
use grad_core::opt::prepare;
use grad_core::prim::Prim;

/// How often a body calls a primitive, bodies inside it too.
fn calls(body: &Body, wanted: Prim) -> usize {
    let live = grad_core::ir::build::live_nodes(body);
    let of = |id: grad_core::ir::Id| match &body.node(id).op {
        Op::Call(prim, _) => usize::from(*prim == wanted),
        Op::If { then, otherwise, .. } => calls(then, wanted) + calls(otherwise, wanted),
        Op::Fold { body, .. } | Op::Build { body, .. } => calls(body, wanted),
        Op::While { cond, body, .. } => calls(cond, wanted) + calls(body, wanted),
        _ => 0,
    };
    body.ids().filter(|id| live[id.index()]).map(of).sum()
}

/// The value at 0.7, 1.2, … for numbers, and at three of these for an array.
fn value(f: &Function) -> f64 {
    let args: Vec<Datum> = (0..f.params.len())
        .map(|k| {
            let x = 0.7 + 0.5 * k as f64;
            if f.param_type(k).is_scalar() {
                Datum::Float(x)
            } else {
                Datum::Array(Array { dims: vec![3], data: Data::Float(vec![x, -0.3 * x, 1.1 * x]) })
            }
        })
        .collect();
    eval(f, &args).unwrap()[0].floats().unwrap()[0]
}

/// A formula is prepared so that it calls a primitive so often, and its value stays.
fn check(rows: &[(&str, Prim, usize)]) {
    for (formula, prim, count) in rows {
        let f = read("f", formula, &[]).unwrap_or_else(|r| panic!("{formula}: {:?}", r.problems)).function;
        let prepared = prepare(&f);
        assert_eq!(calls(&prepared.body, *prim), *count, "{formula}: {prim:?}");
        let (before, after) = (value(&f), value(&prepared));
        assert!((before - after).abs() <= 1e-13 * (1.0 + before.abs()), "{formula}: {before} became {after}");
    }
}

#[test]
fn forms_are_recognised() {
    check(&[
        ("sqrt(x^2 + y^2 + z^2)", Prim::Hypot3, 1),
        ("sqrt(x^2 + (y - z)^2 + (x*y)^2 + z^2)", Prim::Hypot3, 1),
        ("sqrt(x^2 + (y - z)^2 + (x*y)^2 + z^2)", Prim::Hypot, 1),
        ("x: [n]; sqrt(sum(x^2))", Prim::Detach, 1),
        ("x: [n]; sqrt(x @ x)", Prim::Detach, 1),
        ("x: [n]; mean(x^2) - mean(x)^2", Prim::Sub, 1),
        ("x: [n]; sum(x^2)/n - (sum(x)/n)^2", Prim::Sub, 1),
        ("exp(x)*exp(y)*exp(z)", Prim::Exp, 1),
        ("3*exp(x)/(exp(y)*2)", Prim::Exp, 1),
        ("exp(x)^3/exp(y)^2", Prim::Exp, 1),
        ("(1 + x)^y", Prim::Compound, 1),
        ("(1 - x)^y", Prim::Compound, 1),
        ("(1 + x)^100", Prim::Compound, 1),
        ("sqrt(x + 3) - sqrt(x + 1)", Prim::Sub, 0),
        ("1 - sigmoid(x)", Prim::OneMinusSigmoid, 1),
        ("ln(cosh(x))", Prim::LogCosh, 1),
        ("0.5*(1 + erf(x))", Prim::Erfc, 1),
        ("x: [n]; ln(softmax(x)[1])", Prim::Div, 0),
    ]);
}

#[test]
fn forms_are_left_alone() {
    check(&[
        // The square is read beside its root.
        ("let s = x^2 + y^2 + z^2\ns * sqrt(s)", Prim::Hypot3, 0),
        ("x: [n]; let s = sum(x^2)\ns * sqrt(s)", Prim::Detach, 0),
        // A term that is no square; terms that are taken away.
        ("sqrt(x^2 + y^2 + z)", Prim::Hypot3, 0),
        ("sqrt(x^2 + y^2 + z^2 - x*y)", Prim::Hypot3, 0),
        // An exponential is read beside the product.
        ("let e = exp(x)\ne + e*exp(y)", Prim::Exp, 2),
        // What else is in the product may keep it in the range.
        ("(z*exp(x)) * (z*exp(y))", Prim::Exp, 2),
        ("1e100*exp(x)/exp(y)/exp(z)", Prim::Exp, 3),
        // A sum over something that does not count the terms, or of other terms, is no mean.
        ("x: [n], m; sum(x^2)/m - (sum(x)/m)^2", Prim::Sub, 1),
        ("x: [n], y: [n]; mean(x^2) - mean(y)^2", Prim::Sub, 1),
        // A small or a whole power is what it is.
        ("(1 + x)^2.5", Prim::Compound, 0),
        ("(1 + x)^3", Prim::Compound, 0),
        // Nothing is a literal apart.
        ("sqrt(x + y) - sqrt(x + z)", Prim::Sub, 1),
        ("sqrt(x + 1) - sqrt(y)", Prim::Sub, 1),
        // The function is at hand.
        ("let s = sigmoid(x)\ns*y + (1 - s)*z", Prim::OneMinusSigmoid, 0),
        ("let e = erf(x)\ne * (1 - e)", Prim::Erfc, 0),
    ]);
}
