//! The primals.

use std::rc::Rc;

use grad_core::ir::{Builder, Dim, Direction, Elem, Float, Function, Param, SizeId, Store, Type, Value};
use grad_core::prim::Prim;

use super::{CLOSE, emitted, run};

pub(crate) const N: Dim = Dim::Size(SizeId(0));
pub(crate) const M: Dim = Dim::Size(SizeId(1));

pub(crate) fn vector(n: Dim) -> Type {
    Type::array(Elem::Float, vec![n])
}

/// A function by its name, its parameters and its body.
pub(crate) fn function(
    name: &str,
    params: &[(&str, Type)],
    sizes: &[&str],
    body: impl FnOnce(&Builder, &[Value]) -> Vec<Value>,
) -> Function {
    let b = Builder::new();
    let values: Vec<Value> = params.iter().map(|(_, ty)| b.param(ty.clone())).collect();
    for (v, (name, _)) in values.iter().zip(params) {
        b.name(*v, name);
    }
    let results = body(&b, &values);
    Function {
        name: name.into(),
        params: params.iter().map(|(name, _)| Param { name: (*name).into() }).collect(),
        body: b.finish(&results),
        sizes: sizes.iter().map(|s| Rc::from(*s)).collect(),
        float: Float::F64,
        simplify: Rc::default(),
    }
}

/// Σ f(i) over 0..n.
fn sum(b: &Builder, n: Value, f: impl FnOnce(Value) -> Value) -> Value {
    b.fold((b.index_lit(0), n), Direction::Up, &[b.float(0.0)], |i, c| vec![b.call(Prim::Add, &[c[0], f(i)])])[0]
}

pub(crate) fn all() -> Vec<(Function, Vec<usize>)> {
    let mut all = Vec::new();
    all.push((
        function("sum_of_squares", &[("x", vector(N))], &["n"], |b, p| {
            vec![sum(b, b.len(p[0], 0), |i| {
                let x = b.sym(b.index(p[0], &[i]));
                (x * x).value()
            })]
        }),
        vec![0],
    ));
    all.push((
        function("dot", &[("x", vector(N)), ("y", vector(N))], &["n"], |b, p| {
            vec![sum(b, b.len(p[0], 0), |i| (b.sym(b.index(p[0], &[i])) * b.sym(b.index(p[1], &[i]))).value())]
        }),
        vec![0, 1],
    ));
    // Σ (A x)²
    all.push((
        function(
            "matvec",
            &[("a", Type::array(Elem::Float, vec![Dim::Lit(3), Dim::Lit(2)])), ("x", vector(Dim::Lit(2)))],
            &[],
            |b, p| {
                let y = b.build(&[b.index_lit(3)], |i| {
                    sum(b, b.index_lit(2), |j| (b.sym(b.index(p[0], &[i[0], j])) * b.sym(b.index(p[1], &[j]))).value())
                });
                b.name(y, "y");
                vec![sum(b, b.index_lit(3), |i| {
                    let y = b.sym(b.index(y, &[i]));
                    (y * y).value()
                })]
            },
        ),
        vec![0, 1],
    ));
    all.push((
        function("horner", &[("c", vector(N)), ("x", Type::FLOAT)], &["n"], |b, p| {
            b.fold((b.index_lit(0), b.len(p[0], 0)), Direction::Down, &[b.float(0.0)], |i, c| {
                vec![(b.sym(c[0]) * b.sym(p[1]) + b.sym(b.index(p[0], &[i]))).value()]
            })
        }),
        vec![0, 1],
    ));
    all.push((
        function("logistic", &[("x0", Type::FLOAT), ("r", Type::FLOAT), ("n", Type::INDEX)], &[], |b, p| {
            b.fold((b.index_lit(0), p[2]), Direction::Up, &[p[0]], |_, c| {
                b.name(c[0], "x");
                let x = b.sym(c[0]);
                vec![(b.sym(p[1]) * x * (1.0 - x)).value()]
            })
        }),
        vec![0, 1],
    ));
    // s[i] = s[i] + s[i - 1]; Σ s[i]²
    all.push((
        function("cumulative", &[("x", vector(N))], &["n"], |b, p| {
            let n = b.len(p[0], 0);
            let s = b.fold((b.index_lit(1), n), Direction::Up, &[p[0]], |i, c| {
                b.name(c[0], "s");
                let before = b.index(c[0], &[b.call(Prim::Sub, &[i, b.index_lit(1)])]);
                let sum = b.call(Prim::Add, &[b.index(c[0], &[i]), before]);
                vec![b.update(c[0], &[i], sum, Store::Set)]
            })[0];
            vec![sum(b, n, |i| {
                let x = b.sym(b.index(s, &[i]));
                (x * x).value()
            })]
        }),
        vec![0],
    ));
    // L y = x by forward substitution; Σ y
    all.push((
        function(
            "triangular",
            &[("l", Type::array(Elem::Float, vec![Dim::Lit(3), Dim::Lit(3)])), ("x", vector(Dim::Lit(3)))],
            &[],
            |b, p| {
                let zeros = b.build(&[b.index_lit(3)], |_| b.float(0.0));
                let y = b.fold((b.index_lit(0), b.index_lit(3)), Direction::Up, &[zeros], |i, c| {
                    b.name(c[0], "y");
                    let s = b.fold((b.index_lit(0), i), Direction::Up, &[b.index(p[1], &[i])], |j, s| {
                        b.name(s[0], "s");
                        vec![(b.sym(s[0]) - b.sym(b.index(p[0], &[i, j])) * b.sym(b.index(c[0], &[j]))).value()]
                    })[0];
                    let y = b.sym(s) / b.sym(b.index(p[0], &[i, i]));
                    vec![b.update(c[0], &[i], y.value(), Store::Set)]
                })[0];
                vec![sum(b, b.index_lit(3), |i| b.index(y, &[i]))]
            },
        ),
        vec![0, 1],
    ));
    // Σ over positive x of √x, and of x² otherwise
    all.push((
        function("pieces", &[("x", vector(N))], &["n"], |b, p| {
            vec![
                b.fold((b.index_lit(0), b.len(p[0], 0)), Direction::Up, &[b.float(0.0)], |i, c| {
                    let x = b.index(p[0], &[i]);
                    b.branch(
                        b.sym(x).gt(0.0).value(),
                        || vec![(b.sym(c[0]) + b.sym(x).sqrt()).value()],
                        || vec![(b.sym(c[0]) + b.sym(x) * b.sym(x)).value()],
                    )
                })[0],
            ]
        }),
        vec![0],
    ));
    // (a, b) <- (b, a + b)
    all.push((
        function("fibonacci", &[("a0", Type::FLOAT), ("b0", Type::FLOAT), ("n", Type::INDEX)], &[], |b, p| {
            let r = b.fold((b.index_lit(0), p[2]), Direction::Up, &[p[0], p[1]], |_, c| {
                b.name(c[0], "a");
                b.name(c[1], "b");
                vec![c[1], b.call(Prim::Add, &[c[0], c[1]])]
            });
            vec![b.call(Prim::Mul, &[r[0], r[1]])]
        }),
        vec![0, 1],
    ));
    // An array whose old version is read after it has been written.
    all.push((
        function("old_version", &[("x", vector(Dim::Lit(3)))], &[], |b, p| {
            let old = b.build(&[b.index_lit(3)], |i| b.sym(b.index(p[0], &[i[0]])).exp().value());
            b.name(old, "old");
            let (zero, one) = (b.index_lit(0), b.index_lit(1));
            let new = b.update(old, &[zero], b.index(p[0], &[one]), Store::Set);
            let sum =
                |a: Value| sum(b, b.index_lit(3), |i| (b.sym(b.index(a, &[i])) * b.sym(b.index(p[0], &[i]))).value());
            vec![(b.sym(sum(new)) * b.sym(sum(old))).value()]
        }),
        vec![0],
    ));
    // Several nested comprehensions.
    all.push((
        function("pairs", &[("x", vector(N)), ("y", vector(M))], &["n", "m"], |b, p| {
            let (n, m) = (b.len(p[0], 0), b.len(p[1], 0));
            let d = b.build(&[n, m], |i| {
                let d = b.sym(b.index(p[0], &[i[0]])) - b.sym(b.index(p[1], &[i[1]]));
                (d * d).exp().value()
            });
            b.name(d, "d");
            let rows = b.build(&[n], |i| sum(b, m, |j| b.index(d, &[i[0], j])));
            vec![sum(b, n, |i| b.sym(b.index(rows, &[i])).ln().value())]
        }),
        vec![0, 1],
    ));
    // A carried array that an inner loop writes at computed places.
    all.push((
        function("scatter", &[("x", vector(N)), ("n", Type::INDEX)], &["n"], |b, p| {
            let len = b.len(p[0], 0);
            let zeros = b.build(&[b.index_lit(4)], |_| b.float(0.0));
            let h = b.fold((b.index_lit(0), len), Direction::Up, &[zeros], |i, c| {
                b.name(c[0], "h");
                b.fold((b.index_lit(0), b.index_lit(2)), Direction::Up, &[c[0]], |j, c| {
                    let at = b.call(Prim::Rem, &[b.call(Prim::Add, &[i, j]), b.index_lit(4)]);
                    let x = b.sym(b.index(p[0], &[i]));
                    vec![b.update(c[0], &[at], (x * x).value(), Store::Add)]
                })
            })[0];
            vec![sum(b, b.index_lit(4), |i| {
                let x = b.sym(b.index(h, &[i]));
                (x * x).value()
            })]
        }),
        vec![0],
    ));
    // ln Σ_k exp(w[k] - (x[i] - mu[k])²) summed over i: two levels, each shifted by its largest term.
    all.push((
        function(
            "mixture",
            &[("x", vector(N)), ("w", vector(Dim::Lit(3))), ("mu", vector(Dim::Lit(3)))],
            &["n"],
            |b, p| {
                vec![sum(b, b.len(p[0], 0), |i| {
                    let three = b.index_lit(3);
                    let terms = b.build(&[three], |k| {
                        let d = b.sym(b.index(p[0], &[i])) - b.sym(b.index(p[2], &[k[0]]));
                        (b.sym(b.index(p[1], &[k[0]])) - d * d).value()
                    });
                    b.name(terms, "terms");
                    let largest =
                        b.fold((b.index_lit(0), three), Direction::Up, &[b.float(f64::NEG_INFINITY)], |k, c| {
                            vec![b.sym(c[0]).max(b.sym(b.index(terms, &[k]))).value()]
                        })[0];
                    let shift = b.call(Prim::Detach, &[largest]);
                    let s = sum(b, three, |k| (b.sym(b.index(terms, &[k])) - b.sym(shift)).exp().value());
                    (b.sym(shift) + b.sym(s).ln()).value()
                })]
            },
        ),
        vec![1, 2],
    ));
    // A neuron, with names.
    all.push((
        function(
            "neuron",
            &[("w", vector(Dim::Lit(2))), ("x", vector(Dim::Lit(2))), ("b", Type::FLOAT)],
            &[],
            |b, p| {
                let z = b.fold((b.index_lit(0), b.index_lit(2)), Direction::Up, &[p[2]], |i, c| {
                    b.name(c[0], "z");
                    vec![(b.sym(c[0]) + b.sym(b.index(p[0], &[i])) * b.sym(b.index(p[1], &[i]))).value()]
                })[0];
                b.name(z, "z");
                vec![(1.0 / (1.0 + (-b.sym(z)).exp())).value()]
            },
        ),
        vec![0, 1, 2],
    ));
    all
}

/// How each is called at a point: the call of the primal with the flat point `p`, the arguments, and the point.
fn points() -> Vec<(&'static str, &'static str, &'static str)> {
    vec![
        ("sum_of_squares", "p", "0.5, -1.5, 2.0"),
        ("dot", "&p[..3], &p[3..]", "0.5, -1.5, 2.0, 1.0, 3.0, -0.25"),
        (
            "matvec",
            "&[[p[0], p[1]], [p[2], p[3]], [p[4], p[5]]], &[p[6], p[7]]",
            "0.5, -1.5, 2.0, 1.0, 3.0, -0.25, 0.7, 1.1",
        ),
        ("horner", "&p[..4], p[4]", "0.5, -1.5, 2.0, 1.0, 0.3"),
        ("logistic", "p[0], p[1], 6", "0.3, 3.2"),
        ("cumulative", "p", "0.5, -1.5, 2.0, 0.25"),
        (
            "triangular",
            "&[[p[0], p[1], p[2]], [p[3], p[4], p[5]], [p[6], p[7], p[8]]], &[p[9], p[10], p[11]]",
            "2.0, 9.0, 9.0, 0.5, 1.5, 9.0, -0.5, 0.7, 3.0, 1.0, -2.0, 0.4",
        ),
        ("pieces", "p", "0.5, -1.5, 2.0, 0.25"),
        ("fibonacci", "p[0], p[1], 5", "1.5, -0.5"),
        ("old_version", "&[p[0], p[1], p[2]]", "0.5, -1.5, 0.3"),
        ("pairs", "&p[..3], &p[3..]", "0.5, -0.5, 0.3, 0.1, -0.2"),
        ("scatter", "p, 3", "0.5, -1.5, 2.0, 1.0, 3.0"),
        (
            "mixture",
            "&[0.1, 0.7, -1.0, 0.4], &[p[0], p[1], p[2]], &[p[3], p[4], p[5]]",
            "0.1, 0.2, -0.3, 0.0, 1.0, -1.0",
        ),
        ("neuron", "&[p[0], p[1]], &[p[2], p[3]], p[4]", "2.0, -3.0, -1.0, -2.0, -3.0"),
    ]
}

/// The gradient in one vector, in the order of `wrt`.
fn flat(f: &Function, wrt: &[usize], value: &str) -> String {
    let parts: Vec<String> = wrt
        .iter()
        .map(|k| {
            let place = if wrt.len() == 1 { value.to_string() } else { format!("{value}.{}", f.params[*k].name) };
            match f.param_type(*k).rank() {
                0 => format!("&[{place}][..]"),
                1 => format!("&{place}[..]"),
                _ => format!("&{place}.concat()[..]"),
            }
        })
        .collect();
    format!("[{}].concat()", parts.join(", "))
}

#[test]
fn generated_code_compiles_without_a_warning_and_agrees_with_numeric_gradients() {
    let mut text = String::from("//! Generated.\n\n");
    let mut main = String::from("fn main() {\n");
    let mut tests = String::new();
    for (f, wrt) in all() {
        text += &emitted(&f, &wrt);
        text += "\n";
        let name = &f.name;
        let (_, call, point) = *points().iter().find(|(n, ..)| *n == &**name).expect("every primal has a point");
        let mut buffers = String::new();
        let mut lends = String::new();
        for k in &wrt {
            let p = &f.params[*k].name;
            let zero = match f.param_type(*k).dims.as_slice() {
                [] => "9.0".to_string(),
                [Dim::Lit(n)] => format!("[9.0; {n}]"),
                [Dim::Lit(n), Dim::Lit(m)] => format!("[[9.0; {m}]; {n}]"),
                _ => format!("grad{}.clone()", if wrt.len() == 1 { String::new() } else { format!(".{p}") }),
            };
            let fill = if zero.ends_with("clone()") { format!("    buffer_{p}.fill(9.0);\n") } else { String::new() };
            buffers += &format!("    let mut buffer_{p} = {zero};\n{fill}");
            lends += &format!(", &mut buffer_{p}");
        }
        let grad = flat(&f, &wrt, "grad");
        let back = flat(&f, &wrt, "back");
        let written: Vec<String> = wrt
            .iter()
            .map(|k| {
                let p = &f.params[*k].name;
                match f.param_type(*k).rank() {
                    0 => format!("&[buffer_{p}][..]"),
                    1 => format!("&buffer_{p}[..]"),
                    _ => format!("&buffer_{p}.concat()[..]"),
                }
            })
            .collect();
        tests += &format!(
            "
#[rustfmt::skip]
fn test_{name}() {{
    let p = &[{point}][..];
    let (value, grad) = {name}_grad({call});
    close(value, {name}({call}));
    near(&{grad}, &numeric(|p| {name}({call}), p));
    let (value, residuals) = {name}_forward({call});
    close(value, {name}({call}));
    let back = {name}_backward(&residuals, {call}, 1.0);
    near(&{back}, &{grad});
{buffers}    close({name}_grad_into({call}{lends}), value);
    near(&[{}].concat(), &{grad});
}}
",
            written.join(", ")
        );
        main += &format!("    test_{name}();\n");
    }
    main += "}\n";
    let sigmoid = "fn sigmoid(x: f64) -> f64 {\n    1.0 / (1.0 + (-x).exp())\n}\n";
    run("primals", &format!("{text}{sigmoid}\n{}{tests}\n{main}", CLOSE.trim_start()));
}
