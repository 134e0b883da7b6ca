//! Formulas: what they are worth, and what is said of those that are wrong.
#![cfg(feature = "formula")]

use std::f64::consts::{E, PI};

use grad_core::ad::{Mode, gradient};
use grad_core::front::formula::{Declared, Rejected, read, read_with};
use grad_core::ir::eval::{Array, Data, Datum, eval};
use grad_core::ir::{Dim, Float, SizeId, Type};

fn s(x: f64) -> Datum {
    Datum::Float(x)
}

fn v(x: &[f64]) -> Datum {
    Datum::vector(x)
}

fn m(rows: usize, columns: usize, x: &[f64]) -> Datum {
    Datum::matrix(rows, columns, x)
}

fn i(n: i64) -> Datum {
    Datum::Int(n)
}

fn indices(x: &[i64]) -> Datum {
    Datum::Array(Array { dims: vec![x.len()], data: Data::Int(x.to_vec()) })
}

fn value(formula: &str, args: &[Datum]) -> Vec<f64> {
    let primal = read("f", formula, &[]).unwrap_or_else(|r| panic!("{formula}: {:?}", r.problems));
    let results = eval(&primal.function, args).unwrap_or_else(|e| panic!("{formula}: {e}"));
    results.iter().flat_map(|r| r.floats().unwrap_or_else(|| panic!("{formula}: {r:?}")).to_vec()).collect()
}

fn check(formula: &str, args: &[Datum], expected: &[f64]) {
    let got = value(formula, args);
    assert_eq!(got.len(), expected.len(), "{formula}: {got:?}");
    for (x, y) in got.iter().zip(expected) {
        let close = x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-12 * y.abs().max(1.0);
        assert!(close, "{formula}: {got:?}, not {expected:?}");
    }
}

#[test]
fn scalars() {
    let rows: &[(&str, &[f64], f64)] = &[
        ("x + y*z", &[1.0, 2.0, 3.0], 7.0),
        ("x - y - z", &[1.0, 2.0, 3.0], -4.0),
        ("x / y / z", &[12.0, 2.0, 3.0], 2.0),
        ("-x^2", &[3.0], -9.0),
        ("2^-1 + 0*x", &[3.0], 0.5),
        ("x^3", &[-2.0], -8.0),
        ("x^0", &[0.0], 1.0),
        ("x^-2", &[2.0], 0.25),
        ("x^0.5", &[9.0], 3.0),
        ("x^y", &[2.0, 10.0], 1024.0),
        ("x^100", &[1.0], 1.0),
        ("2^3^2 + x", &[0.0], 512.0),
        ("pow(x, 2)", &[-3.0], 9.0),
        ("e^x", &[1.0], E),
        ("sin(pi*x)", &[0.5], 1.0),
        ("2*π*r", &[1.0], 2.0 * PI),
        ("exp(-(x - μ)^2 / (2*σ^2))", &[1.0, 1.0, 2.0], 1.0),
        ("σ(x)", &[0.0], 0.5),
        ("√x + √(y)", &[4.0, 9.0], 5.0),
        ("log(x)", &[E], 1.0),
        ("max(x, y)", &[1.0, 2.0], 2.0),
        ("max(x, y, 7)", &[1.0, 2.0], 7.0),
        ("min(0, x)", &[-3.0], -3.0),
        ("hypot(x, y)", &[3.0, 4.0], 5.0),
        ("if x > 0 then log(x) else -x", &[-4.0], 4.0),
        ("where(x > 0, x, 0)", &[-4.0], 0.0),
        ("if 0 < x < 1 then 1 else 0", &[0.5], 1.0),
        ("if 0 < x < 1 then 1 else 0", &[1.5], 0.0),
        ("piecewise(x < 0: 1, x < 1: 2, otherwise: 3)", &[0.5], 2.0),
        ("piecewise(x < 0: 1, x < 1: 2, otherwise: 3)", &[5.0], 3.0),
        ("if not (x > 0 and y > 0) or x > 9 then 1 else 2", &[1.0, 1.0], 2.0),
        ("let z = x^2\nz + z", &[3.0], 18.0),
        ("let n = 3\nx * n + sum(i in 0..n: i)", &[2.0], 9.0),
        ("fn f(r, d = 1.0) = r * d\nf(x) + f(x, 2) + f(d = 3, r = x)", &[2.0], 12.0),
        ("fn f(r) = r^2\nfn g(r) = f(r) + 1\ng(g(x))", &[1.0], 5.0),
        ("huber(x)", &[0.5], 0.125),
        ("huber(x)", &[-3.0], 2.5),
        ("huber(x, d = 2)", &[3.0], 4.0),
        ("hinge(x)", &[0.25], 0.75),
        ("hinge(x)", &[2.0], 0.0),
        ("mse(x, y)", &[1.0, 3.0], 4.0),
        ("binary_cross_entropy(p, y)", &[0.5, 1.0], std::f64::consts::LN_2),
        ("prod(i in 1..5: i) * x", &[1.0], 24.0),
        ("sum(k in 0..20: x^k)", &[0.5], 2.0 - 0.5f64.powi(19)),
        ("sum(k in 0..4: (k - 2) * x)", &[1.0], -2.0),
        ("sum(k in 0..4 if k - 2 >= 0: x)", &[1.0], 2.0),
        ("mean(i in 0..4: i * x)", &[1.0], 1.5),
        ("max(i in 0..4: (i - 1) * x)", &[-1.0], 1.0),
        ("min(i in 0..4: (i - 1) * x)", &[-1.0], -2.0),
        ("argmax(i in 0..5: -(i - x)^2)", &[3.2], 3.0),
        ("argmin(i in 2..5: (i - x)^2)", &[3.2], 3.0),
        ("sum(i in 0..3, j in 0..i: x)", &[1.0], 3.0),
        ("sum(i in 0..3, j in 0..3 if i != j: i + j) * x", &[1.0], 12.0),
        ("sum(i in 3..3: x)", &[1.0], 0.0),
        ("let e = x\ne * 2", &[5.0], 10.0),
        ("x * inf", &[1.0], f64::INFINITY),
        ("--x + +x", &[1.5], 3.0),
        ("rem(x, 3)", &[7.0], 1.0),
        ("sec(x)", &[0.0], 1.0),
    ];
    for (formula, args, expected) in rows {
        check(formula, &args.iter().map(|x| s(*x)).collect::<Vec<_>>(), &[*expected]);
    }
}

/// Whole numbers are exact, and go below zero only where they are indices in the end.
#[test]
fn whole_numbers() {
    let x = || v(&[1.0, 10.0, 100.0]);
    let rows: Vec<(&str, Vec<Datum>, f64)> = vec![
        ("x: [n]; sum(i in 0..n: x[i - 1 + 1] * i)", vec![x()], 210.0),
        ("x: [n]; sum(i in 0..n: x[i - n + n] * i)", vec![x()], 210.0),
        ("x: [n], k: index; x[k - 5 + 6]", vec![x(), i(0)], 10.0),
        ("x: [n]; x[-1 + n]", vec![x()], 100.0),
        ("x: [n]; sum(i in 0..n: x[-i + n - 1] * i)", vec![x()], 12.0),
        ("x: [n]; sum(i in 0..n: x[n - (i + 1)] * i)", vec![x()], 12.0),
        ("x: [n]; sum(i in 0..n: x[max(i - 1, 0)])", vec![x()], 12.0),
        ("x: [n]; sum(i in 0..n: x[min(i + 1, n - 1)])", vec![x()], 210.0),
        ("x: [n]; sum(i in 0..n: x[abs(i - 2)] * i)", vec![x()], 12.0),
        ("x: [n]; sum(i in 0..n: x[abs((i - 2) * (i - 1))])", vec![x()], 102.0),
        ("x: [n]; sum(i in 0..n: x[rem(i + 2, n)] * i)", vec![x()], 21.0),
        ("x: [n]; sum(i in 0..n: x[if i == 0 then n - 1 else i - 1] * i)", vec![x()], 21.0),
        ("x: [n]; sum(i in 0..n: if i - 1 >= 0 then x[i - 1] else 0)", vec![x()], 11.0),
        ("x: [n]; let r = [n - 1 - i for i in 0..n]\nx[r] @ [i for i in 0..n]", vec![x()], 12.0),
        ("x: [n]; sum([i - 2 for i in 0..n] * x)", vec![x()], -12.0),
        ("x: [n]; let d = [i - 2 for i in 0..n]\nd @ x + d[0]", vec![x()], -14.0),
        ("k: index, x; sum([k - 3, 2] * x)", vec![i(1), s(5.0)], 0.0),
        ("k: index, x; (if x > 0 then k - 3 else 1) * x", vec![i(1), s(5.0)], -10.0),
        ("k: index, x; max(k - 3, k - 4) * x", vec![i(1), s(5.0)], -10.0),
        ("k: index, x; (k - 3) * (k - 4) * x", vec![i(1), s(5.0)], 30.0),
        ("k: index, x; rem(k - 4, 2) * x", vec![i(1), s(5.0)], -5.0),
        ("k: index, x; -2 * k * x", vec![i(3), s(5.0)], -30.0),
        ("k: index, x; 2^-k * x", vec![i(3), s(8.0)], 1.0),
        ("k: index, x; x^(k - 3)", vec![i(1), s(2.0)], 0.25),
        ("k: index, x; if (k - 3) * (k - 2) > 1 then x else 0", vec![i(1), s(2.0)], 2.0),
        ("k: index, x; if k - 3 == -2 then x else 0", vec![i(1), s(2.0)], 2.0),
        ("x: [n]; sum(i in 0..n - 1: x[i])", vec![v(&[])], 0.0),
        ("x: [n]; sum(i in 0..n - 1: x[i])", vec![x()], 11.0),
        ("k: index, x; sum(i in 0..k - 3: x)", vec![i(1), s(2.0)], 0.0),
        ("x: [n]; sum(i in 0..n, j in i - 1..i + 2 if 0 <= j < n: x[j] * (j - i))", vec![x()], 99.0),
        ("x; sum(j in -2..3: j^2 * x^j)", vec![s(2.0)], 1.0 + 0.5 + 2.0 + 16.0),
        ("x; sum([j * x for j in -1..3])", vec![s(2.0)], 4.0),
        ("fn f(r, d = 2 * r) = r * d\nf(x) + f(x, 1)", vec![s(3.0)], 21.0),
    ];
    for (formula, args, expected) in rows {
        check(formula, &args, &[expected]);
    }
}

#[test]
fn arrays() {
    let x = v(&[1.0, 2.0, 3.0]);
    let y = v(&[4.0, 5.0, 6.0]);
    let a = m(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let q = m(2, 2, &[1.0, 2.0, 3.0, 4.0]);
    let lse = (1f64.exp() + 2f64.exp() + 3f64.exp()).ln();
    let soft = |k: f64| (k - lse).exp();
    let rows: Vec<(&str, Vec<Datum>, Vec<f64>)> = vec![
        ("x: [n]; sum(x^2)", vec![x.clone()], vec![14.0]),
        ("x: [n]; 2*x + 1", vec![x.clone()], vec![3.0, 5.0, 7.0]),
        ("x: [n], y: [n]; x*y - x/y", vec![x.clone(), x.clone()], vec![0.0, 3.0, 8.0]),
        ("x: [n], y: [n]; x @ y", vec![x.clone(), y.clone()], vec![32.0]),
        ("x: [n], y: [n]; x' · y", vec![x.clone(), y.clone()], vec![32.0]),
        ("x: [n], y: [n]; dot(x, y)", vec![x.clone(), y.clone()], vec![32.0]),
        ("A: [m, n], x: [n]; A @ x", vec![a.clone(), x.clone()], vec![14.0, 32.0]),
        ("A: [m, n], x: [m]; x @ A", vec![a.clone(), v(&[1.0, 2.0])], vec![9.0, 12.0, 15.0]),
        ("A: [m, n]; A @ A'", vec![a.clone()], vec![14.0, 32.0, 32.0, 77.0]),
        ("A: [m, n]; A'", vec![a.clone()], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]),
        ("A: [m, n]; transpose(A)[1]", vec![a.clone()], vec![2.0, 5.0]),
        ("A: [m, n]; A[1]", vec![a.clone()], vec![4.0, 5.0, 6.0]),
        ("A: [m, n]; A[1, 2] + A[0][1]", vec![a.clone()], vec![8.0]),
        ("A: [m, n]; A[0..2, 1]", vec![a.clone()], vec![2.0, 5.0]),
        ("A: [m, n]; A[1, 1..]", vec![a.clone()], vec![5.0, 6.0]),
        ("A: [m, n]; sum(A)", vec![a.clone()], vec![21.0]),
        ("A: [m, n]; mean(A)", vec![a.clone()], vec![3.5]),
        ("A: [n, n]; trace(A)", vec![q.clone()], vec![5.0]),
        ("x: [n]; x[1..n] - x[0..n-1]", vec![v(&[1.0, 4.0, 9.0])], vec![3.0, 5.0]),
        ("x: [n]; x[n - 1] + n", vec![x.clone()], vec![6.0]),
        ("x: [n], at: index[k]; x[at]", vec![x.clone(), indices(&[2, 0])], vec![3.0, 1.0]),
        ("x: [n], at: index[k]; sum(i in 0..k: x[at[i]])", vec![x.clone(), indices(&[2, 2])], vec![6.0]),
        ("x: [n]; prod(x)", vec![x.clone()], vec![6.0]),
        ("x: [n]; max(x) - min(x)", vec![x.clone()], vec![2.0]),
        ("x: [n]; argmax(x) + 10 * argmin(x)", vec![v(&[1.0, 5.0, 0.0])], vec![21.0]),
        ("x: [n]; x[argmax(x)]", vec![v(&[1.0, 5.0, 0.0])], vec![5.0]),
        ("x: [n]; var(x)", vec![x.clone()], vec![2.0 / 3.0]),
        ("x: [n]; norm(x)", vec![v(&[3.0, 4.0])], vec![5.0]),
        ("x: [n]; norm(x)", vec![v(&[0.0, 0.0])], vec![0.0]),
        ("x: [n]; norm1(-x)", vec![x.clone()], vec![6.0]),
        ("x: [n]; logsumexp(x)", vec![x.clone()], vec![lse]),
        ("x: [n]; logsumexp(x)", vec![v(&[1000.0, 1000.0])], vec![1000.0 + 2f64.ln()]),
        ("x: [n]; logsumexp(x)", vec![v(&[f64::NEG_INFINITY; 2])], vec![f64::NEG_INFINITY]),
        ("x: [n]; softmax(x)", vec![x.clone()], vec![soft(1.0), soft(2.0), soft(3.0)]),
        ("x: [n]; log_softmax(x)", vec![x.clone()], vec![1.0 - lse, 2.0 - lse, 3.0 - lse]),
        ("x: [n], y: index; cross_entropy(x, y)", vec![x.clone(), i(1)], vec![lse - 2.0]),
        ("x: [n], y: [n]; cross_entropy(x, y)", vec![x.clone(), v(&[0.0, 0.5, 0.5])], vec![lse - 2.5]),
        ("x: [n], y: index; svm(x, y)", vec![x.clone(), i(1)], vec![2.0]),
        ("x: [n], y: [n]; mse(x, y)", vec![x.clone(), y.clone()], vec![9.0]),
        ("x: [n]; relu(x - 2)", vec![x.clone()], vec![0.0, 0.0, 1.0]),
        ("x: [n]; [x[i]^2 for i in 0..n]", vec![x.clone()], vec![1.0, 4.0, 9.0]),
        ("x: [n]; [x[i]*x[j] for i in 0..2, j in 0..2]", vec![x.clone()], vec![1.0, 2.0, 2.0, 4.0]),
        ("x: [n]; [i * x for i in 0..2]", vec![x.clone()], vec![0.0, 0.0, 0.0, 1.0, 2.0, 3.0]),
        ("x: [n]; [x[i + 1] - x[i] for i in 0..n - 1]", vec![v(&[1.0, 4.0, 9.0])], vec![3.0, 5.0]),
        ("[a, 2, a*b]", vec![s(3.0), s(4.0)], vec![3.0, 2.0, 12.0]),
        ("[[a, 1], [2, b]] @ [1, 2]", vec![s(3.0), s(4.0)], vec![5.0, 10.0]),
        ("(a + b, a*b)", vec![s(3.0), s(4.0)], vec![7.0, 12.0]),
        ("x: [n]; where(x > 1.5, x, 0)", vec![x.clone()], vec![0.0, 2.0, 3.0]),
        ("x: [n]; where(x > 1, log(x - 1), 0)[0]", vec![x.clone()], vec![0.0]),
        ("x: [n], c; if c > 0 then x else 0", vec![x.clone(), s(-1.0)], vec![0.0; 3]),
        ("x: [n], c; if c > 0 then 0 else 2*x", vec![x.clone(), s(-1.0)], vec![2.0, 4.0, 6.0]),
        ("x: [n], c; if c > 0 then x else x^2", vec![x.clone(), s(-1.0)], vec![1.0, 4.0, 9.0]),
        ("x: [n]; sum(i in 0..n if i > 0 and x[i-1] > 1: x[i])", vec![x.clone()], vec![3.0]),
        ("x: [n], y: index; x[if y > 0 then y - 1 else 0]", vec![x.clone(), i(2)], vec![2.0]),
        ("x: [n]; sum(i in 0..n, j in 0..i: x[i] * x[j])", vec![x.clone()], vec![11.0]),
        ("x: [n]; let z = x + 1\nlet w = z @ z\nz / w", vec![v(&[0.0, 1.0])], vec![0.2, 0.4]),
        ("x: [n]; fn f(u, v) = u @ v\nf(x, 2*x)", vec![x.clone()], vec![28.0]),
        (
            "W: [c, d], x: [d], y: index, lambda;\nlet s = W @ x\n\
             sum(j in 0..c if j != y: max(0, s[j] - s[y] + 1)) + 0.5 * lambda * sum(W^2)",
            vec![a.clone(), x.clone(), i(0), s(2.0)],
            vec![19.0 + 91.0],
        ),
    ];
    for (formula, args, expected) in rows {
        check(formula, &args, &expected);
    }
}

fn rejected(formula: &str) -> Rejected {
    match read("f", formula, &[]) {
        Ok(primal) => panic!("{formula} is accepted: {:?}", primal.function.body.results),
        Err(rejected) => rejected,
    }
}

#[test]
fn problems() {
    // The formula, words of the first problem (title, label or help), and the text it points at.
    let rows: &[(&str, &str, &str)] = &[
        ("2x", "2*x", "2x"),
        ("sine(x)", "did you mean `sin`", "sine"),
        ("fn area(r) = r^2\naera(x)", "did you mean `area`", "aera"),
        ("su(i in 0..3: x)", "`su` is not a reduction", "su"),
        ("hypot(x)", "`hypot` takes 2 arguments, 1 given", "hypot"),
        ("sin(x, y)", "`sin` takes 1 argument, 2 given", "sin"),
        ("fn f(a, b) = a*b\nf(x)", "`f` takes 2 arguments, 1 given", "f"),
        ("fn f(a) = a\nf(x, 2)", "`f` takes 1 argument, 2 given", "f"),
        ("fn f(a) = a\nf(x, a = 2)", "given twice", "a = 2"),
        ("fn f(alpha) = alpha\nf(alhpa = 2)", "did you mean `alpha`", "alhpa"),
        ("fn f(a) = f(a - 1)\nf(x)", "calls itself", "f"),
        ("x[0]", "`x` is used as an array but not declared", "x"),
        ("sum(x)", "declare it first: `x: [n];`", "x"),
        ("x: [n]; x[y]", "declare it first: `y: index;`", "y"),
        ("sum(i in 0..n: i)", "used as a bound but not declared", "n"),
        ("x: [n]; x[0.5]", "not a whole number", "0.5"),
        ("x: [n], y; x[2*y]", "not a whole number", "2*y"),
        ("x: [3]; x[3]", "out of range", "3"),
        ("x: [3]; x[-1]", "negative", "-1"),
        ("x: [3]; x[0..4]", "the slice ends at 4", "0..4"),
        ("x: [3]; x[2..1]", "before it starts", "2..1"),
        ("x: [n]; x[0, 1]", "2 subscripts", "x[0, 1]"),
        ("W: [c, 3], x: [2]; W @ x", "`W` has 3 columns but `x` has length 2", "W @ x"),
        ("x: [n], y: [m]; x + y", "`x` has length n but `y` has length m", "x + y"),
        ("A: [n, n], x: [n]; A * x", "may go with the rows of `A` or with its columns", "A * x"),
        ("A: [m, n], x: [m]; A + x", "for each column, `column(x)`", "A + x"),
        ("A: [m, n], x: [k]; A + x", "`A` has n columns but `x` has length k", "A + x"),
        ("A: [m, n], x: [k]; A + x'", "`A` has n columns but `x'` has length k", "A + x'"),
        ("A: [m, n], B: [k, 1]; A + B", "`A` has m rows but `B` has k rows", "A + B"),
        ("x: [n], y: [n]; x + y'", "`x` is a column and `y'` a row", "x + y'"),
        ("x: [n]; x[1..] * x", "`x[1..]` has length n - 1 but `x` has length n", "x[1..] * x"),
        ("A: [n, n]; A^T", "the transpose is `A'`", "T"),
        ("A: [n, n]; A^-1", "write `inv(A)`", "A^-1"),
        ("A: [m, n]; diag(A)", "`A` has m rows but n columns", "diag(A)"),
        ("x; diag(x)", "`diag` is of a vector or a matrix", "x"),
        ("x; eye(x)", "not a whole number", "x"),
        ("A: [m, n]; column(A)", "`column` is of a vector", "A"),
        ("x: [n], y: [n]; x' @ y'", "two rows", "x' @ y'"),
        ("x: [n]; x @ 2", "`2` is a scalar", "2"),
        ("x > 0", "a condition", "x > 0"),
        ("(x > 0) + 1", "condition where a number is due", "x > 0"),
        ("if x then 1 else 2", "number where a condition is due", "x"),
        ("not x", "number where a condition is due", "x"),
        ("if x > 0 then 1 else x > 1", "one arm", "if x > 0 then 1 else x > 1"),
        ("x: [n], y: [m]; if x[0] > 0 then x else y", "different shapes", "if x[0] > 0 then x else y"),
        ("x, x; x", "defined twice", "x"),
        ("let z = 1\nlet z = 2\nz", "defined twice", "z"),
        ("let z = w\nlet w = 2\nz", "used before it is defined", "w"),
        ("x: [n]; [x[i] for i in 0..n if x[i] > 0]", "cannot be filtered", "x[i] > 0"),
        ("x: [n]; [x[i] for i in 0..n, j in 0..i]", "cannot depend", "j in 0..i"),
        ("[x for i in 3..1]", "before it starts", "i in 3..1"),
        ("x: [n]; [x, 1]", "different shapes", "1"),
        ("det(x)", "`x` is used as an array but not declared", "x"),
        ("x(2)", "there is no function `x`", "x"),
        ("fn f(a) = bogus(a)\nx", "there is no function `bogus`", "bogus"),
        ("fn f(a) = su(i in 0..3: a)\nx", "`su` is not a reduction", "su"),
        ("x: [n]; x[[2.5, 0]]", "no indices", "[2.5, 0]"),
        ("x: [n], k: index; x[-k]", "`-k` is negative", "-k"),
        ("x: [n]; argmax(i in -1..2: x[0]*i)", "may start below 0", "i in -1..2"),
        ("x: [n]; n(2)", "a value here", "n"),
        ("exp * 2", "`exp` is a function", "exp"),
        ("fn f(a) = a\nf + x", "`f` is a function", "f"),
        ("argmax(i in 0..2, j in 0..2: x)", "has one index", "argmax(i in 0..2, j in 0..2: x)"),
        ("A: [m, n]; trace(A)", "m rows but", "trace(A)"),
        ("A: [m, n]; det(A)", "m rows but", "det(A)"),
        ("A: [2, 3]; inv(A)", "2 rows but 3 columns", "inv(A)"),
        ("x: [n]; logdet(x)", "`logdet` is of a square matrix", "x"),
        ("A: [n, n], x: [m]; solve(A, x)", "`A` has n rows but `x` has length m", "solve(A, x)"),
        ("A: [n, n]; solve(A, 2)", "`2` is a scalar", "2"),
        ("A: [n, n]; solve(A)", "`solve` takes 2 arguments, 1 given", "solve"),
        ("x'", "`x` is used as an array", "x"),
        ("sin(a = x)", "no argument of the name `a`", "a"),
        ("A: [m, n]; A[0] + sum(i in 0..m: A[i])", "is a vector", "A[i]"),
    ];
    for (formula, words, place) in rows {
        let rejected = rejected(formula);
        let first = &rejected.problems[0];
        assert!(first.to_string().contains(words), "{formula}: {first}");
        let span = rejected.spans[first.at.0 as usize];
        assert_eq!(&formula[span.range()], *place, "{formula}: {first}");
    }
}

/// Both ends of a mismatch, and where each length was declared or made.
#[test]
fn both_ends_of_a_mismatch() {
    let rows: &[(&str, &[(&str, &str)])] = &[
        (
            "W: [c, d], x: [e]; W @ x",
            &[("W", "`W` has d columns"), ("x", "`x` has length e"), ("d", "declared here"), ("e", "declared here")],
        ),
        (
            "W: [c, 3], y: [2]; let r = W @ [1, 2, 3]\nr @ y",
            &[("r", "`r` has length c"), ("y", "`y` has length 2"), ("c", "declared here"), ("2", "declared here")],
        ),
        (
            "x: [n]; let d = [x[i + 1] - x[i] for i in 0..n - 1]\nd + x",
            &[
                ("d", "`d` has length n - 1"),
                ("x", "`x` has length n"),
                ("i in 0..n - 1", "the length n - 1 is from here"),
                ("n", "declared here"),
            ],
        ),
        (
            "A: [m, n]; det(A')",
            &[("A'", "`A'` has n rows and m columns"), ("n", "declared here"), ("m", "declared here")],
        ),
    ];
    for (formula, expected) in rows {
        let rejected = rejected(formula);
        let also: Vec<(&str, &str)> = (rejected.problems[0].also.iter())
            .map(|(at, words)| (&formula[rejected.spans[at.0 as usize].range()], words.as_str()))
            .collect();
        assert_eq!(also, *expected, "{formula}");
    }
}

#[test]
fn a_call_of_something_wrong_is_looked_at_too() {
    let rejected = rejected("W: [c, d], x: [e]; let r = W @ x\nsum(r) + coz(r) + hypot(r) + solve(r) + huber(r, 1, 2)");
    let titles: Vec<&str> = rejected.problems.iter().map(|p| &*p.title).collect();
    let expected = [
        "`W` has d columns but `x` has length e",
        "there is no function `coz`",
        "`hypot` takes 2 arguments, 1 given",
        "`solve` takes 2 arguments, 1 given",
        "`huber` takes 2 arguments, 3 given",
    ];
    assert_eq!(titles, expected);
}

#[test]
fn several_problems_at_once() {
    let rejected =
        rejected("x: [3];\nlet a = sine(x)\nlet b = x[7]\na + b + hypot(1) + (if cosh(1, 2) > 0 then tann(x) else 1)");
    let titles: Vec<String> = rejected.problems.iter().map(ToString::to_string).collect();
    assert_eq!(titles.len(), 5, "{titles:#?}");
    assert_eq!(self::rejected("fn f(a) = sine(a)\nf(x) + f(y)").problems.len(), 1);
}

#[test]
fn a_wrt_name_is_a_parameter() {
    let names = |wrt: &[String]| -> Vec<String> {
        let function = read("f", "e * sin(x)", wrt).unwrap().function;
        function.params.iter().map(|p| p.name.to_string()).collect()
    };
    assert_eq!(names(&[]), ["x"]);
    assert_eq!(names(&["e".into()]), ["e", "x"]);
}

#[test]
fn parameters_in_order_of_first_use() {
    let primal = read("f", "let a = q + z\nfn g(t) = t + w\nsum(i in 0..3: i * b) + a + g(p)", &[]).unwrap();
    let names: Vec<&str> = primal.function.params.iter().map(|p| &*p.name).collect();
    assert_eq!(names, ["q", "z", "w", "b", "p"]);
}

#[test]
fn declared_outside() {
    let declared = Declared {
        params: vec![
            ("x".into(), Type::array(grad_core::ir::Elem::Float, vec![Dim::Size(SizeId(0))])),
            ("scale".into(), Type::FLOAT),
        ],
        sizes: vec!["n".into()],
        float: Float::F32,
    };
    let primal = read_with("f", "scale * sum(x) / n", &declared).unwrap();
    assert_eq!(primal.function.float, Float::F32);
    assert_eq!(eval(&primal.function, &[v(&[1.0, 2.0]), s(4.0)]).unwrap(), [s(6.0)]);
    let wrong = read_with("f", "sclae * sum(x)", &declared).unwrap_err();
    assert_eq!(wrong.problems.len(), 1);
    assert_eq!(wrong.problems[0].help.as_deref(), Some("did you mean `scale`?"));
    assert!(read_with("f", "y; sum(x)", &declared).unwrap_err().problems[0].title.contains("signature"));
}

/// The deepest formulas, on less than the stack of a thread.
#[test]
fn depth() {
    let run = |formula: String, ok: bool| {
        let work = move || {
            let result = read("f", &formula, &[]);
            assert_eq!(result.is_ok(), ok, "{:.40}: {:?}", formula, result.err().map(|r| r.problems));
        };
        std::thread::Builder::new().stack_size(5 << 18).spawn(work).unwrap().join().unwrap();
    };
    let n = 100_000;
    run(format!("x{}", " + x".repeat(n)), true);
    run(format!("x{}", " * y - x".repeat(n)), true);
    run(format!("x: [n]; sum(x{})", " + x".repeat(n / 100)), true);
    run(format!("{}x", "-".repeat(n)), true);
    run(format!("{}x", "√".repeat(n)), true);
    run(format!("x{}", " ^ x".repeat(n)), true);
    run(format!("A: [n, n]; sum(A{})", "'".repeat(n)), true);
    run(format!("if {}x > 0 then 1 else 0", "x > 0 and ".repeat(n)), true);
    run(format!("if {}x > 0 then 1 else 0", "not ".repeat(n)), true);
    run(format!("{}x{}", "(".repeat(250), ")".repeat(250)), true);
    run(format!("{}x{}", "sin(".repeat(250), ")".repeat(250)), true);
    run(format!("{}x{}", "max(y, ".repeat(250), ")".repeat(250)), true);
    run(format!("{}x{}", "sum(i in 0..2: ".repeat(25), ")".repeat(25)), true);
    run(format!("{}x{}", "sum(i in 0..2: ".repeat(250), ")".repeat(250)), false);
    run(format!("{}x{}", "where(x > 0, x, ".repeat(250), ")".repeat(250)), false);
    run(format!("x: [n]; sum({}x{})", "[".repeat(50), "]".repeat(50)), true);
    run(format!("{}x{}", "sum([".repeat(20), " for i in 0..2])".repeat(20)), true);
    run(format!("{}x{}", "sum([".repeat(120), " for i in 0..2])".repeat(120)), false);
    let arms: String = (0..61).map(|k| format!("x < {k}: x, ")).collect();
    run(format!("piecewise({arms}otherwise: 0)"), false);
    let arms: String = (0..50).map(|k| format!("x < {k}: sin(x), ")).collect();
    run(format!("piecewise({arms}otherwise: 0)"), true);
    let chain: String = (1..200).map(|k| format!("fn f{k}(x) = f{}(x) + 1\n", k - 1)).collect();
    run(format!("fn f0(x) = x\n{chain}f199(x)"), false);
    // In each definition the call is on the lighter side, n times over.
    let side = |k: usize| vec!["x"; 2 << k].join(" + ");
    let body = |inner: String, n: usize| (0..n).fold(inner, |light, k| format!("({light}) * ({})", side(k + 1)));
    for (n, ok) in [(2, true), (10, false)] {
        let chain: String = (1..55).map(|k| format!("fn f{k}(x) = {}\n", body(format!("f{}(x)", k - 1), n))).collect();
        run(format!("fn f0(x) = x\n{chain}f54(x)"), ok);
    }
    let nest = (0..28).fold("x".to_owned(), |inner, k| format!("sum(i{k} in 0..2 if x > {k}: max({inner}, 1))"));
    run(nest, true);
    let nest = (0..55).fold("x".to_owned(), |inner, k| format!("(if x > {k} then sin({inner}) else 1)"));
    run(nest, true);
    let nest =
        (0..18).fold("x".to_owned(), |inner, k| format!("sum([(if x > {k} then sin({inner}) else i) for i in 0..2])"));
    run(nest, true);
    let doubling: String = (1..40).map(|k| format!("fn f{k}(x) = f{0}(x) * f{0}(x + 1)\n", k - 1)).collect();
    run(format!("fn f0(x) = sin(x)\n{doubling}f39(x)"), false);
}

/// Whatever the tokens, there is an answer.
#[test]
fn random_tokens() {
    const TOKENS: &[&str] = &[
        "x",
        "y",
        "z",
        "A",
        "i",
        "j",
        "n",
        "m",
        "1",
        "2",
        "0",
        "0.5",
        "+",
        "-",
        "*",
        "/",
        "@",
        "^",
        "'",
        "(",
        ")",
        "[",
        "]",
        ",",
        "<",
        "==",
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "sum(",
        "max(",
        "i in 0..n",
        "j in 0..i",
        ":",
        "for",
        "x[i]",
        "A[i]",
        "A[i, j]",
        "sin(",
        "f(",
        "softmax(x)",
        "norm(",
        "where(",
        "x @ A",
        "A @ x",
        "[x[i] for i in 0..n]",
        "x[1..]",
        "x > 0",
        "dot(x, y)",
        "argmax(x)",
        "k",
        "x[k]",
        "at",
        "x[at]",
        "√",
        "π",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % n as u64).unwrap()
    };
    let mut accepted = 0;
    for _ in 0..40_000 {
        let body: Vec<&str> = (0..1 + next(9)).map(|_| TOKENS[next(TOKENS.len())]).collect();
        let header =
            ["", "x: [n], y: [n], A: [n, n], k: index, at: index[m];\n", "x: [3], y: [2], A: [3, n];\n"][next(3)];
        let middle = ["", "let z = x\n", "fn f(u, v = 2) = u * v\n"][next(3)];
        let formula = format!("{header}{middle}{}", body.join(" "));
        match read("f", &formula, &[]) {
            Ok(_) => accepted += 1,
            Err(rejected) => {
                assert!(!rejected.problems.is_empty(), "{formula}");
                for problem in &rejected.problems {
                    assert!(formula.get(rejected.spans[problem.at.0 as usize].range()).is_some(), "{formula}");
                }
            }
        }
    }
    assert!(accepted > 500, "{accepted}");
}

/// The gradients of formulas with one result, in both modes, are the slopes of their values.
#[test]
fn gradients() {
    let a = m(2, 3, &[0.3, -0.7, 1.1, 0.4, 0.9, -0.2]);
    let x = v(&[0.8, 1.7, -0.6]);
    let y = v(&[0.5, 0.2, 1.3]);
    let rows: Vec<(&str, Vec<Datum>)> = vec![
        ("x^3 * sin(y) + e^(x*y)", vec![s(0.7), s(1.2)]),
        ("sum(k in 0..5: x^k)", vec![s(-0.7)]),
        ("A: [m, n], x: [n]; sum((A @ x)^2)", vec![a.clone(), x.clone()]),
        ("A: [m, n], x: [n]; norm(A @ x) + norm1(x)", vec![a.clone(), x.clone()]),
        ("A: [m, n]; sum(A @ A') + mean(A'^2)", vec![a.clone()]),
        ("x: [n]; sum((x[1..n] - x[0..n-1])^2)", vec![x.clone()]),
        ("x: [n], y: index; cross_entropy(2 * x, y)", vec![x.clone(), i(1)]),
        ("x: [n], y: index; svm(x, y)", vec![x.clone(), i(2)]),
        ("x: [n], y: [n]; mse(tanh(x), y) + huber(x[0] - 3, 0.5)", vec![x.clone(), y.clone()]),
        ("x: [n], y: [n]; softmax(x) @ log_softmax(y)", vec![x.clone(), y.clone()]),
        ("x: [n]; max(x) * min(x) + prod(x) + var(x)", vec![x.clone()]),
        ("x: [n]; x[argmax(x)]^2 + logsumexp(x)", vec![x.clone()]),
        ("x: [n], at: index[k]; sum(x[at]^2)", vec![x.clone(), indices(&[2, 0, 2])]),
        ("x: [n]; sum(where(x > 0, log(x), x^2))", vec![x.clone()]),
        ("x: [n], c; sum(if c > 0 then c * x else x^2)", vec![x.clone(), s(0.4)]),
        ("x: [n]; sum(i in 0..n, j in 0..i if x[i] > x[j]: x[i] * x[j]^2)", vec![x.clone()]),
        ("x: [n]; let z = [x[i] * x[j] for i in 0..n, j in 0..n]\nsum(z^2) + trace(z)", vec![x.clone()]),
        (
            "W: [c, d], x: [d], y: index, lambda;\nlet s = W @ x\n\
             sum(j in 0..c if j != y: max(0, s[j] - s[y] + 1)) + 0.5 * lambda * sum(W^2)",
            vec![a, x, i(0), s(0.3)],
        ),
    ];
    for (formula, args) in rows {
        let primal = read("f", formula, &[]).unwrap_or_else(|r| panic!("{formula}: {:?}", r.problems)).function;
        let wrt: Vec<usize> = (0..args.len()).filter(|k| primal.param_type(*k).is_float()).collect();
        let at = |args: &[Datum]| eval(&primal, args).unwrap()[0].floats().unwrap()[0];
        for mode in [Mode::Reverse, Mode::Forward] {
            let gradient = gradient(&primal, &wrt, mode).unwrap_or_else(|p| panic!("{formula}: {p}"));
            let results = eval(&gradient, &args).unwrap_or_else(|e| panic!("{formula}: {e}"));
            for (k, adjoint) in wrt.iter().zip(&results[1..]) {
                for (place, slope) in adjoint.floats().unwrap().iter().enumerate() {
                    let h = 1e-6;
                    let numeric = (at(&moved(&args, *k, place, h)) - at(&moved(&args, *k, place, -h))) / (2.0 * h);
                    let close = (slope - numeric).abs() <= 1e-6 * numeric.abs().max(1.0);
                    assert!(close, "{formula}, {mode:?}, argument {k}, place {place}: {slope}, not {numeric}");
                }
            }
        }
    }
}

/// No comparison is left that an index without a sign decides: compilers warn of it.
#[test]
fn indices_are_not_compared_with_what_is_below_them() {
    for (formula, value) in [
        ("x: [n]; sum(i in 0..n: if i < 0 then 1 else x[i])", 1.5),
        ("x: [n]; sum(i in 0..n: if i >= 0 and i < n then x[i] else 1)", 1.5),
        ("x: [n]; sum(i in 0..n: if 0 > i then 1 else x[i])", 1.5),
        ("x: [n]; sum(i in 0..n: if i - 1 < 0 then 1 else x[i - 1])", 1.5),
    ] {
        let f = read("f", formula, &[]).unwrap_or_else(|r| panic!("{formula}: {:?}", r.problems)).function;
        let results = eval(&f, &[v(&[0.5, 1.0])]).unwrap_or_else(|e| panic!("{formula}: {e}"));
        assert_eq!(results[0].floats().unwrap(), [value], "{formula}");
        let (function, interface) = grad_core::emit::standalone(&f);
        let options = grad_core::compile::Options { wrt: vec![0], prefix: "f".into(), ..Default::default() };
        let text = grad_core::compile::compile(&function, &interface, &options).unwrap();
        for useless in ["i < 0", "i >= 0", "0 > i", "0 <= i"] {
            assert!(!text.contains(useless), "{formula}\n{text}");
        }
    }
}

/// The arguments with one float moved by `h`.
fn moved(args: &[Datum], k: usize, place: usize, h: f64) -> Vec<Datum> {
    let mut args = args.to_vec();
    match &mut args[k] {
        Datum::Float(x) => *x += h,
        Datum::Array(Array { data: Data::Float(x), .. }) => x[place] += h,
        other => panic!("{other:?} is not of floats"),
    }
    args
}
