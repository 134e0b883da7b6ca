//! Every loop adjoint against extrapolated numeric differences, in both modes, by the interpreter.

use std::rc::Rc;

use grad_core::ad::{self, Mode};
use grad_core::ir::eval::{Datum, eval};
use grad_core::ir::{Builder, Dim, Direction, Elem, Float, Function, Param, SizeId, Store, Type, Value};
use grad_core::opt;
use grad_core::prim::Prim;

fn function(names: &[(&str, Type)], sizes: &[&str], body: impl FnOnce(&Builder, &[Value]) -> Vec<Value>) -> Function {
    let b = Builder::new();
    let params: Vec<Value> = names.iter().map(|(_, ty)| b.param(ty.clone())).collect();
    let results = body(&b, &params);
    Function {
        name: "f".into(),
        params: names.iter().map(|(n, _)| Param { name: (*n).into() }).collect(),
        body: b.finish(&results),
        sizes: sizes.iter().map(|s| (*s).into()).collect(),
        float: Float::F64,
        simplify: Rc::default(),
    }
}

fn value(f: &Function, args: &[Datum]) -> f64 {
    match eval(f, args).expect("the primal has a value")[0] {
        Datum::Float(x) => x,
        _ => panic!("a float"),
    }
}

/// Ridders' extrapolation of central differences.
fn slope(mut g: impl FnMut(f64) -> f64, scale: f64) -> f64 {
    let (mut h, mut best, mut error) = (1e-2 * scale.abs().max(1.0), f64::NAN, f64::INFINITY);
    let mut table = vec![vec![0.0; 10]; 10];
    for i in 0..10 {
        table[0][i] = (g(h) - g(-h)) / (2.0 * h);
        let mut factor = 1.96;
        for j in 1..=i {
            table[j][i] = (table[j - 1][i] * factor - table[j - 1][i - 1]) / (factor - 1.0);
            factor *= 1.96;
            let e = (table[j][i] - table[j - 1][i]).abs().max((table[j][i] - table[j - 1][i - 1]).abs());
            if e <= error {
                (best, error) = (table[j][i], e);
            }
        }
        h /= 1.4;
    }
    best
}

fn perturbed(args: &[Datum], k: usize, at: usize, h: f64) -> Vec<Datum> {
    let mut args = args.to_vec();
    match &mut args[k] {
        Datum::Float(x) => *x += h,
        Datum::Array(a) => match &mut a.data {
            grad_core::ir::eval::Data::Float(x) => x[at] += h,
            _ => panic!("floats"),
        },
        _ => panic!("a float"),
    }
    args
}

/// The gradients in both modes, before and after the passes, and the split, against numeric ones.
fn check(f: &Function, wrt: &[usize], args: &[Datum]) {
    let expected: Vec<Vec<f64>> = wrt
        .iter()
        .map(|k| {
            let x = args[*k].floats().expect("floats").to_vec();
            (0..x.len()).map(|at| slope(|h| value(f, &perturbed(args, *k, at, h)), x[at])).collect()
        })
        .collect();
    let close = |what: &str, got: &[Datum]| {
        for (k, (got, expected)) in got.iter().zip(&expected).enumerate() {
            let got = got.floats().expect("floats");
            assert_eq!(got.len(), expected.len(), "{what}: the gradient has the shape of the parameter");
            for (g, e) in got.iter().zip(expected) {
                assert!(
                    (g - e).abs() <= 1e-7 * (1.0 + e.abs()),
                    "{what}, parameter {k}: {got:?}, numeric {expected:?}"
                );
            }
        }
    };
    for mode in [Mode::Reverse, Mode::Forward] {
        let g = ad::gradient(f, wrt, mode).expect("differentiable");
        close(&format!("{mode:?}"), &eval(&g, args).expect("a gradient")[1..]);
        let o = opt::optimise(&g);
        close(&format!("{mode:?} optimised"), &eval(&o, args).expect("a gradient")[1..]);
    }
    let split = ad::split(f, wrt, &[]).expect("differentiable");
    let forward = eval(&opt::optimise(&split.forward), args).expect("a value");
    let mut backward = forward[1..].to_vec();
    backward.extend(args.iter().cloned());
    backward.push(Datum::Float(1.0));
    close("split", &eval(&opt::optimise(&split.backward), &backward).expect("adjoints"));
    // The Hessian against differences of the gradient.
    let h = opt::optimise(&ad::hessian(f, wrt).expect("differentiable"));
    let g = opt::optimise(&ad::gradient(f, wrt, Mode::Reverse).expect("differentiable"));
    let h = eval(&h, args).expect("a Hessian");
    let h = h.last().expect("a matrix").floats().expect("floats").to_vec();
    let total: usize = expected.iter().map(Vec::len).sum();
    let flat = |args: &[Datum]| -> Vec<f64> {
        eval(&g, args).expect("a gradient")[1..].iter().flat_map(|d| d.floats().expect("floats").to_vec()).collect()
    };
    let mut row = 0;
    for k in wrt {
        let x = args[*k].floats().expect("floats").to_vec();
        for (at, x) in x.iter().enumerate() {
            for column in 0..total {
                let e = slope(|h| flat(&perturbed(args, *k, at, h))[column], *x);
                let got = h[row * total + column];
                assert!((got - e).abs() <= 1e-6 * (1.0 + e.abs()), "Hessian {row}, {column}: {got}, numeric {e}");
            }
            row += 1;
        }
    }
}

fn floats(dims: Vec<Dim>) -> Type {
    Type::array(Elem::Float, dims)
}
const N: Dim = Dim::Size(SizeId(0));
const D: Dim = Dim::Size(SizeId(1));
const X: [f64; 4] = [0.3, -1.2, 0.8, 2.1];

fn range(b: &Builder, size: u32) -> (Value, Value) {
    (b.index_lit(0), b.size(SizeId(size)))
}

#[test]
fn sum_of_squares_has_no_tape() {
    let f = function(&[("x", floats(vec![N]))], &["n"], |b, p| {
        b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |i, c| {
            let x = b.sym(b.index(p[0], &[i]));
            vec![(b.sym(c[0]) + x * x).value()]
        })
    });
    check(&f, &[0], &[Datum::vector(&X)]);
    assert_eq!(ad::split(&f, &[0], &[]).unwrap().residuals, 0, "an additive carry needs no tape");
}

#[test]
fn dot() {
    let f = function(&[("x", floats(vec![N])), ("y", floats(vec![N]))], &["n"], |b, p| {
        b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |i, c| {
            vec![(b.sym(c[0]) + b.sym(b.index(p[0], &[i])) * b.sym(b.index(p[1], &[i]))).value()]
        })
    });
    check(&f, &[0, 1], &[Datum::vector(&X), Datum::vector(&[1.0, 0.5, -0.25, 2.0])]);
}

#[test]
fn horner_stores_its_carry() {
    let f = function(&[("a", floats(vec![N])), ("x", Type::FLOAT)], &["n"], |b, p| {
        b.fold(range(b, 0), Direction::Down, &[b.float(0.0)], |i, c| {
            vec![(b.sym(c[0]) * b.sym(p[1]) + b.sym(b.index(p[0], &[i]))).value()]
        })
    });
    check(&f, &[0, 1], &[Datum::vector(&X), Datum::Float(0.7)]);
    assert_eq!(ad::split(&f, &[0, 1], &[]).unwrap().residuals, 1, "one tape");
}

#[test]
fn logistic_recurrence() {
    let f = function(&[("x", Type::FLOAT), ("r", Type::FLOAT), ("n", Type::INDEX)], &[], |b, p| {
        b.fold((b.index_lit(0), p[2]), Direction::Up, &[p[0]], |_, c| {
            let x = b.sym(c[0]);
            vec![(b.sym(p[1]) * x * (1.0 - x)).value()]
        })
    });
    for n in [0, 1, 2, 7] {
        check(&f, &[0, 1], &[Datum::Float(0.31), Datum::Float(2.7), Datum::Int(n)]);
    }
}

/// a[i] = a[i - 1]² · x[i] in place, then the last element.
fn in_place(start: usize) -> Function {
    function(&[("x", floats(vec![N]))], &["n"], |b, p| {
        let n = b.size(SizeId(0));
        let copy = b.build(&[n], |i| b.index(p[0], i));
        let array = b.fold((b.index_lit(start), n), Direction::Up, &[copy], |i, c| {
            let before = b.call(Prim::Sub, &[i, b.index_lit(1)]);
            let a = b.sym(b.index(c[0], &[before]));
            let v = a * a * b.sym(b.index(p[0], &[i]));
            vec![b.update(c[0], &[i], v.value(), Store::Set)]
        })[0];
        let last = b.call(Prim::Sub, &[n, b.index_lit(1)]);
        vec![b.index(array, &[last])]
    })
}

#[test]
fn in_place_recurrence() {
    check(&in_place(1), &[0], &[Datum::vector(&X)]);
}

#[test]
fn in_place_over_itself() {
    // a[j] *= a[j] · x[i] over and over at places that are written again: entries of a tape for each read.
    let f = function(&[("x", floats(vec![N]))], &["n"], |b, p| {
        let n = b.size(SizeId(0));
        let copy = b.build(&[n], |i| b.sym(b.index(p[0], i)).sin().value());
        let array = b.fold((b.index_lit(0), b.index_lit(7)), Direction::Up, &[copy], |i, c| {
            let at = b.call(Prim::Rem, &[i, n]);
            let next = b.call(Prim::Rem, &[b.call(Prim::Add, &[i, b.index_lit(1)]), n]);
            let v = b.sym(b.index(c[0], &[at])) * b.sym(b.index(c[0], &[next])) + b.sym(b.index(p[0], &[at]));
            vec![b.update(c[0], &[at], v.value(), Store::Set)]
        })[0];
        b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |i, c| {
            vec![(b.sym(c[0]) + b.sym(b.index(array, &[i])).cos()).value()]
        })
    });
    check(&f, &[0], &[Datum::vector(&X)]);
}

#[test]
fn matrix_vector_then_norm() {
    let f = function(&[("a", floats(vec![N, D])), ("x", floats(vec![D]))], &["n", "d"], |b, p| {
        let y = b.build(&[b.size(SizeId(0))], |i| {
            b.fold(range(b, 1), Direction::Up, &[b.float(0.0)], |j, c| {
                vec![(b.sym(c[0]) + b.sym(b.index(p[0], &[i[0], j])) * b.sym(b.index(p[1], &[j]))).value()]
            })[0]
        });
        let total = b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |i, c| {
            let v = b.sym(b.index(y, &[i]));
            vec![(b.sym(c[0]) + v * v).value()]
        });
        vec![b.sym(total[0]).sqrt().value()]
    });
    check(&f, &[0, 1], &[Datum::matrix(3, 2, &[1.0, 0.5, -0.3, 0.2, 0.9, -1.1]), Datum::vector(&[0.4, 1.3])]);
}

#[test]
fn triangular_solve_needs_no_tape() {
    let f = function(&[("l", floats(vec![N, N])), ("r", floats(vec![N]))], &["n"], |b, p| {
        let n = b.size(SizeId(0));
        let zeros = b.build(&[n], |_| b.float(0.0));
        let x = b.fold(range(b, 0), Direction::Up, &[zeros], |i, c| {
            let s = b.fold((b.index_lit(0), i), Direction::Up, &[b.index(p[1], &[i])], |j, s| {
                vec![(b.sym(s[0]) - b.sym(b.index(p[0], &[i, j])) * b.sym(b.index(c[0], &[j]))).value()]
            });
            let v = b.sym(s[0]) / b.sym(b.index(p[0], &[i, i]));
            vec![b.update(c[0], &[i], v.value(), Store::Set)]
        })[0];
        b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |i, c| {
            let v = b.sym(b.index(x, &[i]));
            vec![(b.sym(c[0]) + v * v * v).value()]
        })
    });
    let l = [2.0, 0.0, 0.0, 0.5, 1.5, 0.0, -0.3, 0.7, 1.1];
    check(&f, &[0, 1], &[Datum::matrix(3, 3, &l), Datum::vector(&[0.4, 1.3, -0.6])]);
    let split = ad::split(&f, &[0, 1], &[]).unwrap();
    let matrices = split.forward.body.results[1..].iter().filter(|r| split.forward.body.ty(**r).rank() > 1).count();
    assert_eq!(matrices, 0, "the solution itself is all that the adjoint reads");
}

#[test]
fn back_substitution_runs_down() {
    let f = function(&[("u", floats(vec![N, N])), ("r", floats(vec![N]))], &["n"], |b, p| {
        let n = b.size(SizeId(0));
        let zeros = b.build(&[n], |_| b.float(0.0));
        let x = b.fold(range(b, 0), Direction::Down, &[zeros], |i, c| {
            let after = b.call(Prim::Add, &[i, b.index_lit(1)]);
            let s = b.fold((after, n), Direction::Up, &[b.index(p[1], &[i])], |j, s| {
                vec![(b.sym(s[0]) - b.sym(b.index(p[0], &[i, j])) * b.sym(b.index(c[0], &[j]))).value()]
            });
            let v = b.sym(s[0]) / b.sym(b.index(p[0], &[i, i]));
            vec![b.update(c[0], &[i], v.value(), Store::Set)]
        })[0];
        vec![b.sym(b.index(x, &[b.index_lit(0)])).exp().value()]
    });
    let u = [2.0, 0.3, -0.4, 0.0, 1.5, 0.2, 0.0, 0.0, 1.1];
    check(&f, &[0, 1], &[Datum::matrix(3, 3, &u), Datum::vector(&[0.4, 1.3, -0.6])]);
}

#[test]
fn whole_array_carried_into_inner_loops() {
    // x ← tanh(A x), three times: the adjoint reads each x whole.
    let f = function(&[("a", floats(vec![N, N])), ("x", floats(vec![N]))], &["n"], |b, p| {
        let n = b.size(SizeId(0));
        let x = b.fold((b.index_lit(0), b.index_lit(3)), Direction::Up, &[p[1]], |_, c| {
            vec![b.build(&[n], |i| {
                let s = b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |j, s| {
                    vec![(b.sym(s[0]) + b.sym(b.index(p[0], &[i[0], j])) * b.sym(b.index(c[0], &[j]))).value()]
                });
                b.sym(s[0]).tanh().value()
            })]
        })[0];
        b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |i, c| {
            vec![(b.sym(c[0]) + b.sym(b.index(x, &[i]))).value()]
        })
    });
    check(&f, &[0, 1], &[Datum::matrix(2, 2, &[0.3, 0.8, -0.5, 1.1]), Datum::vector(&[0.4, -0.9])]);
}

#[test]
fn two_level_log_sum_exp() {
    // Σ_n ln Σ_k exp(α_k − (x_n − μ_k)²)
    let f = function(
        &[("x", floats(vec![N])), ("alpha", floats(vec![D])), ("mu", floats(vec![D]))],
        &["n", "k"],
        |b, p| {
            b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |n, c| {
                let s = b.fold(range(b, 1), Direction::Up, &[b.float(0.0)], |k, s| {
                    let r = b.sym(b.index(p[0], &[n])) - b.sym(b.index(p[2], &[k]));
                    vec![(b.sym(s[0]) + (b.sym(b.index(p[1], &[k])) - r * r).exp()).value()]
                });
                vec![(b.sym(c[0]) + b.sym(s[0]).ln()).value()]
            })
        },
    );
    check(&f, &[0, 1, 2], &[Datum::vector(&X), Datum::vector(&[0.2, -0.4]), Datum::vector(&[0.5, -0.1])]);
}

#[test]
fn choice_in_a_loop() {
    let f = function(&[("x", floats(vec![N])), ("w", Type::FLOAT)], &["n"], |b, p| {
        b.fold(range(b, 0), Direction::Up, &[b.float(0.0)], |i, c| {
            let x = b.sym(b.index(p[0], &[i]));
            let v = b.branch(
                (x * b.sym(p[1])).gt(0.0).value(),
                || vec![(b.sym(c[0]) + (x * b.sym(p[1])).sqrt()).value()],
                || vec![(b.sym(c[0]) * x.exp()).value()],
            );
            vec![v[0]]
        })
    });
    check(&f, &[0, 1], &[Datum::vector(&X), Datum::Float(1.3)]);
}

#[test]
fn untaken_arm_is_not_evaluated() {
    // if x > 0 then sqrt(x) else 0 has gradient 0 at 0 and below.
    let f = function(&[("x", Type::FLOAT)], &[], |b, p| {
        let x = b.sym(p[0]);
        b.branch(x.gt(0.0).value(), || vec![x.sqrt().value()], || vec![b.float(0.0)])
    });
    let g = opt::optimise(&ad::gradient(&f, &[0], Mode::Reverse).unwrap());
    for x in [-1.0, 0.0] {
        assert_eq!(eval(&g, &[Datum::Float(x)]).unwrap(), [Datum::Float(0.0), Datum::Float(0.0)]);
    }
}

#[test]
fn scatter_and_gather() {
    let indices = Type::array(Elem::INDEX, vec![N]);
    let f = function(&[("x", floats(vec![D])), ("at", indices)], &["n", "d"], |b, p| {
        let zeros = b.build(&[b.size(SizeId(1))], |_| b.float(0.0));
        let y = b.fold(range(b, 0), Direction::Up, &[zeros], |i, c| {
            let at = b.index(p[1], &[i]);
            let v = b.sym(b.index(p[0], &[at])).exp();
            vec![b.update(c[0], &[at], v.value(), Store::Add)]
        })[0];
        b.fold(range(b, 1), Direction::Up, &[b.float(1.0)], |i, c| {
            vec![(b.sym(c[0]) * (b.sym(b.index(y, &[i])) + 1.0)).value()]
        })
    });
    let at = Datum::Array(grad_core::ir::eval::Array {
        dims: vec![4],
        data: grad_core::ir::eval::Data::Int(vec![0, 2, 2, 0]),
    });
    check(&f, &[0], &[Datum::vector(&[0.3, -0.2, 0.9]), at]);
}

#[test]
fn newton_until_it_has_converged() {
    // √a, one iteration after another, as long as the residual is large.
    let f = function(&[("a", Type::FLOAT)], &[], |b, p| {
        b.repeat(
            &[p[0]],
            |c| {
                let x = b.sym(c[0]);
                (x * x - b.sym(p[0])).abs().gt(1e-13).value()
            },
            |c| {
                let x = b.sym(c[0]);
                vec![(0.5 * (x + b.sym(p[0]) / x)).value()]
            },
        )
    });
    check(&f, &[0], &[Datum::Float(2.0)]);
    let g = opt::optimise(&ad::gradient(&f, &[0], Mode::Reverse).unwrap());
    let Datum::Float(slope) = eval(&g, &[Datum::Float(1.0)]).unwrap()[1] else { panic!("a float") };
    assert_eq!(slope, 1.0, "no iteration: the result is the start");
}

#[test]
fn a_while_loop_of_several_carries() {
    // Σ until the terms are small: s and the term are carried, and so is a count that nothing reads but the term.
    let f = function(&[("x", Type::FLOAT), ("y", Type::FLOAT)], &[], |b, p| {
        let results = b.repeat(
            &[b.float(0.0), p[1], b.index_lit(1)],
            |c| b.sym(c[1]).abs().gt(1e-9).value(),
            |c| {
                let (s, term) = (b.sym(c[0]), b.sym(c[1]));
                let k = b.sym(b.cast(c[2], Elem::Float));
                let next = term * b.sym(p[0]).sin() / k;
                vec![(s + term * term).value(), next.value(), b.call(Prim::Add, &[c[2], b.index_lit(1)])]
            },
        );
        vec![results[0]]
    });
    check(&f, &[0, 1], &[Datum::Float(0.7), Datum::Float(1.3)]);
}

#[test]
fn a_while_loop_that_carries_an_array() {
    // Gauss-Seidel sweeps of a small system until the last change is small; x is written in place and read by a loop.
    let three = || vec![Dim::Lit(3)];
    let f = function(&[("a", floats(vec![Dim::Lit(3), Dim::Lit(3)])), ("r", floats(three()))], &[], |b, p| {
        let zero = b.build(&[b.index_lit(3)], |_| b.float(0.0));
        let results = b.repeat(
            &[zero, b.float(1.0)],
            |c| b.sym(c[1]).gt(1e-12).value(),
            |c| {
                b.fold((b.index_lit(0), b.index_lit(3)), Direction::Up, &[c[0], b.float(0.0)], |i, c| {
                    let sum =
                        b.fold((b.index_lit(0), b.index_lit(3)), Direction::Up, &[b.index(p[1], &[i])], |j, s| {
                            let same = b.call(Prim::Eq, &[i, j]);
                            let term = b.sym(b.index(p[0], &[i, j])) * b.sym(b.index(c[0], &[j]));
                            vec![b.call(Prim::Select, &[same, s[0], (b.sym(s[0]) - term).value()])]
                        });
                    let new = b.sym(sum[0]) / b.sym(b.index(p[0], &[i, i]));
                    let change = (new - b.sym(b.index(c[0], &[i]))).abs().max(b.sym(c[1]));
                    vec![b.update(c[0], &[i], new.value(), Store::Set), b.call(Prim::Detach, &[change.value()])]
                })
            },
        );
        let x = |k: usize| b.sym(b.index(results[0], &[b.index_lit(k)]));
        vec![(x(0) * x(1) + x(2).sin()).value()]
    });
    let a = [4.0, 1.0, -0.5, 0.7, 5.0, 1.1, -0.3, 0.9, 3.5];
    check(&f, &[0, 1], &[Datum::matrix(3, 3, &a), Datum::vector(&[1.0, -2.0, 0.5])]);
}

#[test]
fn a_search_before_a_sum_needs_no_tape() {
    // The first knot beyond x is searched by a loop; the value is linear there.
    let f = function(&[("knots", floats(vec![N])), ("y", floats(vec![N])), ("x", Type::FLOAT)], &["n"], |b, p| {
        let found = b.repeat(
            &[b.index_lit(1)],
            |c| {
                let inside = b.call(Prim::Lt, &[c[0], b.size(SizeId(0))]);
                let small = b.branch(
                    inside,
                    || vec![b.call(Prim::Lt, &[b.index(p[0], &[c[0]]), p[2]])],
                    || vec![b.bool(false)],
                );
                small[0]
            },
            |c| vec![b.call(Prim::Add, &[c[0], b.index_lit(1)])],
        )[0];
        let before = b.call(Prim::Sub, &[found, b.index_lit(1)]);
        let at = |array: Value, k: Value| b.sym(b.index(array, &[k]));
        let t = (b.sym(p[2]) - at(p[0], before)) / (at(p[0], found) - at(p[0], before));
        vec![(at(p[1], before) + t * (at(p[1], found) - at(p[1], before))).value()]
    });
    let args = [Datum::vector(&[0.0, 1.0, 2.5, 4.0]), Datum::vector(&[1.0, -1.0, 0.5, 3.0]), Datum::Float(1.7)];
    check(&f, &[0, 1, 2], &args);
    // No tape of the search.
    let split = ad::split(&f, &[0, 1, 2], &[]).unwrap();
    assert!((0..split.residuals).all(|k| split.backward.param_type(k).is_scalar()));
}
