//! Where values live: each function is written, compiled, run, and compared with the same computation by hand.

use std::fmt::Write;

use grad_core::ad::{Mode, gradient, hessian, jvp};
use grad_core::emit::{Axis, Layout, Request, derivative};
use grad_core::ir::{Builder, Dim, Direction, Elem, Float, Function, IntKind, Store, Type, Value};
use grad_core::opt::optimise;
use grad_core::prim::Prim;

use super::primals::{M, N, function, vector};
use super::{interface, run};

const UP: Direction = Direction::Up;

fn matrix(n: Dim, m: Dim) -> Type {
    Type::array(Elem::Float, vec![n, m])
}

fn three() -> Type {
    vector(Dim::Lit(3))
}

/// Each function with calls and what they must give.
fn cases() -> Vec<(Function, &'static str)> {
    let mut cases = Vec::new();
    let lit = |b: &Builder, n: usize| b.index_lit(n);
    let add = |b: &Builder, x: Value, y: Value| b.call(Prim::Add, &[x, y]);
    let mul = |b: &Builder, x: Value, y: Value| b.call(Prim::Mul, &[x, y]);

    let f = function("arrays_by_choice", &[("x", three()), ("c", Type::FLOAT)], &[], |b, p| {
        b.branch(
            b.sym(p[1]).gt(0.0).value(),
            || vec![b.build(&[lit(b, 3)], |i| mul(b, b.index(p[0], i), p[1]))],
            || vec![p[0]],
        )
    });
    cases.push((f, "assert_eq!(arrays_by_choice(&[1.0, 2.0, 3.0], 2.0), [2.0, 4.0, 6.0]);\nassert_eq!(arrays_by_choice(&[1.0, 2.0, 3.0], -2.0), [1.0, 2.0, 3.0]);"));

    let f = function("cleared", &[("x", vector(N))], &["n"], |b, p| {
        b.fold((lit(b, 0), b.len(p[0], 0)), UP, &[p[0], b.float(0.0)], |i, c| {
            let x = b.index(c[0], &[i]);
            b.branch(
                b.sym(x).lt(0.0).value(),
                || vec![b.update(c[0], &[i], b.float(0.0), Store::Set), add(b, c[1], x)],
                || vec![c[0], c[1]],
            )
        })
    });
    cases.push((f, "assert_eq!(cleared(&[1.0, -2.0, 3.0, -4.0]), (vec![1.0, 0.0, 3.0, 0.0], -6.0));"));

    let f = function("swapped", &[("x", three()), ("y", three()), ("k", Type::INDEX)], &[], |b, p| {
        b.fold((lit(b, 0), p[2]), UP, &[p[0], p[1]], |_, c| vec![c[1], c[0]])
    });
    cases.push((f, "assert_eq!(swapped(&[1.0; 3], &[2.0; 3], 3), ([2.0; 3], [1.0; 3]));"));

    let f = function("rotated", &[("x", three()), ("y", three()), ("z", three()), ("k", Type::INDEX)], &[], |b, p| {
        b.fold((lit(b, 0), p[3]), UP, &[p[0], p[1], p[2]], |i, c| {
            let y = b.update(c[1], &[b.call(Prim::Rem, &[i, lit(b, 3)])], b.index(c[0], &[lit(b, 0)]), Store::Add);
            vec![y, c[2], c[0]]
        })
    });
    cases.push((
        f,
        "assert_eq!(rotated(&[1.0; 3], &[2.0; 3], &[4.0; 3], 2), ([4.0, 7.0, 4.0], [1.0; 3], [3.0, 2.0, 2.0]));",
    ));

    let f = function("scalars_swapped", &[("x", Type::FLOAT), ("y", Type::FLOAT), ("k", Type::INDEX)], &[], |b, p| {
        b.fold((lit(b, 0), p[2]), UP, &[p[0], p[1]], |_, c| vec![c[1], c[0]])
    });
    cases.push((f, "assert_eq!(scalars_swapped(1.0, 2.0, 3), (2.0, 1.0));"));

    let f = function("smoothed", &[("x", vector(N)), ("k", Type::INDEX)], &["n"], |b, p| {
        let n = b.len(p[0], 0);
        b.fold((lit(b, 0), p[1]), UP, &[p[0]], |_, c| {
            vec![b.build(&[n], |i| {
                let next = b.call(Prim::Rem, &[add(b, i[0], lit(b, 1)), n]);
                add(b, b.index(c[0], i), b.index(c[0], &[next]))
            })]
        })
    });
    cases.push((f, "assert_eq!(smoothed(&[1.0, 2.0, 4.0], 2), vec![9.0, 11.0, 8.0]);"));

    let f = function("rows", &[("a", matrix(N, M)), ("n", Type::INDEX), ("m", Type::INDEX)], &["n", "m"], |b, p| {
        let (n, m) = (b.len(p[0], 0), b.len(p[0], 1));
        let last = b.call(Prim::Sub, &[n, lit(b, 1)]);
        let a = b.update(p[0], &[lit(b, 0)], b.index(p[0], &[last]), Store::Set);
        let a = b.update(a, &[last], b.index(a, &[lit(b, 0)]), Store::Add);
        let sums = b.build(&[n], |i| {
            let row = b.index(a, i);
            b.fold((lit(b, 0), m), UP, &[b.float(0.0)], |j, c| vec![add(b, c[0], b.index(row, &[j]))])[0]
        });
        vec![a, sums]
    });
    cases.push((f, "assert_eq!(rows(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2), (vec![5.0, 6.0, 3.0, 4.0, 10.0, 12.0], vec![11.0, 7.0, 22.0]));"));

    let f = function("differences", &[("x", vector(N))], &["n"], |b, p| {
        let n = b.len(p[0], 0);
        let less = b.call(Prim::Sub, &[n, lit(b, 1)]);
        let d = b.build(&[lit(b, 2)], |k| {
            b.build(&[less], |i| {
                let next = b.index(p[0], &[add(b, i[0], lit(b, 1))]);
                let d = b.call(Prim::Sub, &[next, b.index(p[0], i)]);
                mul(b, d, b.cast(k[0], Elem::Float))
            })
        });
        vec![b.fold((lit(b, 0), less), UP, &[b.float(0.0)], |i, c| vec![add(b, c[0], b.index(d, &[lit(b, 1), i]))])[0]]
    });
    cases.push((f, "assert_eq!(differences(&[1.0, 2.0, 4.5]), 3.5);"));

    let f = function("twice", &[("x", three())], &[], |b, p| {
        let y = b.build(&[lit(b, 3)], |i| b.sym(b.index(p[0], i)).exp().value());
        let z = b.update(y, &[lit(b, 0)], b.float(1.0), Store::Set);
        vec![y, y, z, p[0]]
    });
    cases.push((f, "let (a, b, c, d) = twice(&[0.0, 1.0, 2.0]);\nassert_eq!((a, d), (b, [0.0, 1.0, 2.0]));\nassert_eq!(c, [1.0, a[1], a[2]]);"));

    // The old version is read at a place that the new one gives: it has to be kept.
    let f = function("kept", &[("x", three()), ("k", Type::INDEX)], &[], |b, p| {
        let old = b.build(&[lit(b, 3)], |i| mul(b, b.index(p[0], i), b.float(2.0)));
        let new = b.update(old, &[p[1]], b.float(1.0), Store::Set);
        let at = b.cast(b.index(new, &[lit(b, 1)]), Elem::INDEX);
        vec![b.index(old, &[at]), b.index(new, &[p[1]])]
    });
    cases.push((f, "assert_eq!(kept(&[5.0, 6.0, 7.0], 1), (12.0, 1.0));"));

    // The reader has a higher number than the writer, and needs nothing of it: it goes first.
    let f = function("read_first", &[("x", three()), ("k", Type::INDEX)], &[], |b, p| {
        b.fold((lit(b, 0), p[1]), UP, &[p[0], b.float(0.0)], |i, c| {
            let at = b.call(Prim::Rem, &[i, lit(b, 3)]);
            let new = b.update(c[0], &[at], b.float(1.0), Store::Set);
            let sum = b.fold((lit(b, 0), lit(b, 3)), UP, &[c[1]], |j, s| vec![add(b, s[0], b.index(c[0], &[j]))])[0];
            vec![new, sum]
        })
    });
    cases.push((f, "assert_eq!(read_first(&[5.0, 6.0, 7.0], 2), ([1.0, 1.0, 7.0], 32.0));"));

    let f = function("counted", &[("x", vector(N))], &["n"], |b, p| {
        let r = b.fold((lit(b, 0), b.len(p[0], 0)), UP, &[lit(b, 0), b.float(1.0)], |i, c| {
            let positive = b.sym(b.index(p[0], &[i])).gt(0.0).value();
            let count = b.branch(positive, || vec![add(b, c[0], lit(b, 1))], || vec![c[0]])[0];
            vec![count, mul(b, c[1], b.float(2.0))]
        });
        vec![b.sym(b.cast(r[0], Elem::Float)).sqrt().value()]
    });
    cases.push((f, "assert_eq!(counted(&[1.0, -1.0, 2.0, 3.0, 4.0]), 2.0);"));

    // The length of an array is carried, and changes after.
    let f = function("grown", &[("x", three()), ("k", Type::INDEX)], &[], |b, p| {
        b.fold((lit(b, 0), p[1]), UP, &[lit(b, 1), b.float(0.0)], |_, c| {
            let d = b.build(&[c[0], c[0]], |i| b.cast(add(b, i[0], i[1]), Elem::Float));
            let next = add(b, c[0], lit(b, 1));
            let less = b.call(Prim::Sub, &[c[0], lit(b, 1)]);
            vec![next, add(b, c[1], add(b, b.index(d, &[less, lit(b, 0)]), b.index(p[0], &[lit(b, 0)])))]
        })
    });
    cases.push((f, "assert_eq!(grown(&[0.5, 0.0, 0.0], 3), (4, 4.5));"));

    let f = function("made_by_choice", &[("x", vector(N)), ("c", Type::FLOAT)], &["n"], |b, p| {
        let n = b.len(p[0], 0);
        let make = |by: f64| vec![b.build(&[n], |i| (b.sym(b.index(p[0], i)) * by).value())];
        let a = b.branch(b.sym(p[1]).gt(0.0).value(), || make(2.0), || make(3.0))[0];
        let three = b.branch(
            b.sym(p[1]).gt(1.0).value(),
            || vec![b.build(&[lit(b, 3)], |i| b.index(a, i))],
            || vec![b.build(&[lit(b, 3)], |i| (-b.sym(b.index(a, i))).value())],
        )[0];
        let pair = b.array(&[b.index(a, &[lit(b, 1)]), b.index(three, &[lit(b, 0)])]);
        vec![add(b, b.index(a, &[lit(b, 0)]), b.index(three, &[lit(b, 2)])), pair]
    });
    cases.push((f, "assert_eq!(made_by_choice(&[1.0, 2.0, 3.0], 0.5), (-4.0, [4.0, -2.0]));\nassert_eq!(made_by_choice(&[1.0, 2.0, 3.0], 1.5), (8.0, [4.0, 2.0]));"));

    // A carry that nothing reads in the end, with a named value that only it begins with.
    let f = function("unread", &[("x", Type::FLOAT), ("k", Type::INDEX)], &[], |b, p| {
        let z = b.sym(p[0]).exp().value();
        b.name(z, "z");
        let r = b.fold((lit(b, 0), p[1]), UP, &[z, p[0]], |_, c| vec![add(b, c[0], c[1]), mul(b, c[1], p[0])]);
        vec![r[1]]
    });
    cases.push((f, "assert_eq!(unread(2.0, 3), 16.0);"));

    let f = function("chained", &[("x", Type::FLOAT)], &[], |b, p| {
        let x = b.sym(p[0]);
        let c = |at: f64| x.lt(at).value();
        b.branch(
            c(0.0),
            || vec![(-x).sqrt().value(), b.float(0.0)],
            || {
                b.branch(
                    c(1.0),
                    || vec![x.value(), x.exp().value()],
                    || b.branch(c(2.0), || vec![b.float(1.0), x.ln().value()], || vec![x.sin().value(), x.value()]),
                )
            },
        )
    });
    cases.push((f, "assert_eq!(chained(-4.0), (2.0, 0.0));\nassert_eq!(chained(1.0), (1.0, 0.0));\nassert_eq!(chained(3.0), (3.0_f64.sin(), 3.0));"));

    let f = function("words", &[("r#type", Type::FLOAT), ("W", three())], &[], |b, p| {
        let x = b.sym(p[0]).exp();
        b.name(x.value(), "loop");
        let y = x * x + b.sym(b.index(p[1], &[lit(b, 0)]));
        b.name(y.value(), "self");
        let z = y.sin() * y;
        b.name(z.value(), "loop");
        vec![(z * z + x).value()]
    });
    cases.push((f, "assert_eq!(words(0.0, &[1.0; 3]), { let z = 2.0_f64.sin() * 2.0; z * z + 1.0 });"));

    let f = function("literals", &[("x", Type::FLOAT), ("k", Type::INDEX)], &[], |b, p| {
        let two = b.sym(b.float(2.0));
        let (x, k) = (b.sym(p[0]), b.cast(p[1], Elem::Float));
        let small = b.call(Prim::Lt, &[b.cast(p[1], Elem::Int(IntKind::I32)), b.int(3, IntKind::I32)]);
        let y = b.sym(b.call(Prim::Select, &[small, b.float(1.0), x.value()]));
        let terms = [
            two.pow(x),
            b.sym(b.float(-2.0)).abs() * x,
            -x.powi(b.sym(b.int(2, IntKind::I32))),
            (-x).exp(),
            x - (two - b.sym(k)),
            x / (x / two),
            y * x,
            x * y,
            (x - two).max(-x).min(two),
            -(x * two),
            b.sym(b.float(std::f64::consts::PI)) + 3.25,
        ];
        let mut terms = terms.into_iter();
        let first = terms.next().expect("there are terms");
        vec![terms.fold(first, |a, t| a * 0.5 + t).value()]
    });
    cases.push((
        f,
        "for (x, k) in [(1.5, 2_usize), (2.5, 7)] {
let x: f64 = x;
let y = if k < 3 { 1.0 } else { x };
let terms = [2.0_f64.powf(x), 2.0 * x, -(x * x), (-x).exp(), x - (2.0 - k as f64), 2.0, y * x, x * y, (x - 2.0).max(-x).min(2.0), -2.0 * x, std::f64::consts::PI + 3.25];
let by_hand = terms.iter().skip(1).fold(terms[0], |a, t| a * 0.5 + t);
assert!((literals(x, k) - by_hand).abs() < 1e-12);
}",
    ));

    let mut f = function("single", &[("x", vector(N)), ("a", Type::FLOAT)], &["n"], |b, p| {
        let s = b.fold((lit(b, 0), b.len(p[0], 0)), UP, &[b.float(0.1)], |i, c| {
            vec![add(b, mul(b, c[0], p[1]), b.index(p[0], &[i]))]
        })[0];
        vec![b.sym(s).sqrt().value()]
    });
    f.float = Float::F32;
    cases.push((f, "assert_eq!(single(&[1.0, 2.0], 0.5), ((0.1_f32 * 0.5 + 1.0) * 0.5 + 2.0).sqrt());"));
    cases
}

fn primal(f: &Function) -> String {
    let interface = interface(f);
    let request = Request {
        interface: &interface,
        prefix: &f.name,
        wrt: &[],
        primal: Some(f),
        gradient: None,
        into: None,
        split: None,
        jvp: None,
        hessian: None,
        embed: None,
    };
    derivative(&request).expect("it can be written")
}

#[test]
fn values_are_those_of_the_functions_however_they_are_stored() {
    let mut text = String::from("//! Generated.\n\n");
    let mut main = String::from("#[rustfmt::skip]\n#[allow(clippy::all)]\nfn main() {\n");
    for (f, checks) in cases() {
        let _ = writeln!(text, "{}", primal(&f));
        let _ = writeln!(main, "{checks}");
    }
    main += "}\n";
    run("storage", &(text + &main));
}

#[test]
fn const_generics_second_order_and_directions() {
    let f = function("energy", &[("x", vector(N)), ("k", Type::FLOAT)], &["n"], |b, p| {
        vec![
            b.fold((b.index_lit(0), b.len(p[0], 0)), UP, &[b.float(0.0)], |i, c| {
                let x = b.sym(b.index(p[0], &[i]));
                vec![(b.sym(c[0]) + b.sym(p[1]) * x * x * x).value()]
            })[0],
        ]
    });
    let wrt = [0, 1];
    let mut interface = interface(&f);
    interface.params[0].ty = "&[f64; N]".into();
    interface.args[0].ty = "&[f64; N]".into();
    interface.params[0].owned = "[f64; N]".into();
    interface.params[0].layout = Layout::Nested(vec![Axis::Array]);
    interface.sizes = vec!["N".into()];
    interface.generics = "<const N: usize>".into();
    interface.generic_args = "<N>".into();
    let g = optimise(&gradient(&f, &wrt, Mode::Reverse).expect("it has a gradient"));
    let j = optimise(&jvp(&f, &wrt).expect("it has a tangent"));
    let h = optimise(&hessian(&f, &wrt).expect("it has second derivatives"));
    let request = Request {
        interface: &interface,
        prefix: "energy",
        wrt: &wrt,
        primal: Some(&f),
        gradient: Some(&g),
        into: Some(&g),
        split: None,
        jvp: Some(&j),
        hessian: Some(&h),
        embed: None,
    };
    let text = derivative(&request).expect("it can be written");
    let main = "
#[rustfmt::skip]
fn main() {
    let x = [1.0, -2.0];
    assert_eq!(energy(&x, 0.5), -3.5);
    let (value, g) = energy_grad(&x, 0.5);
    assert_eq!((value, g.x, g.k), (-3.5, [1.5, 6.0], -7.0));
    assert_eq!(energy_jvp(&x, 0.5, &[1.0, 1.0], 1.0), (-3.5, 0.5));
    let (mut x_adj, mut k_adj) = ([9.0; 2], 9.0);
    assert_eq!(energy_grad_into(&x, 0.5, &mut x_adj, &mut k_adj), -3.5);
    assert_eq!((x_adj, k_adj), ([1.5, 6.0], -7.0));
    let (value, g, h) = energy_hessian(&x, 0.5);
    assert_eq!((value, g.x, g.k), (-3.5, [1.5, 6.0], -7.0));
    assert_eq!(h, [3.0, 0.0, 3.0, 0.0, -6.0, 12.0, 3.0, 12.0, 0.0]);
}
";
    run("second_order", &format!("//! Generated.\n\n{text}{main}"));
}
