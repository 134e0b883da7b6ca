//! What is read can be differentiated: reverse and forward mode against central differences of the graph itself.

use grad_core::ad::{Mode, gradient};
use grad_core::ir::Function;

use crate::meaning::{V, run};

/// Checks the gradient of a function of one float result, where it has one.
pub(crate) fn check(source: &str, f: &Function, args: &[V]) {
    let wrt: Vec<usize> = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
    let scalar = matches!(f.body.results.as_slice(), [r] if f.body.ty(*r).is_scalar());
    if wrt.is_empty() || !scalar {
        return;
    }
    let value = |args: &[V]| floats(&run(f, args, &[]))[0];
    let count = floats(args).len();
    for mode in [Mode::Reverse, Mode::Forward] {
        let g = gradient(f, &wrt, mode).unwrap_or_else(|p| panic!("{source}: {p}"));
        let got = floats(&run(&g, args, &[]));
        assert_eq!(got.len(), 1 + count, "{source}");
        for (k, got) in got[1..].iter().enumerate() {
            let h = 1e-6;
            let (up, here, down) = (value(&moved(args, k, h)), value(args), value(&moved(args, k, -h)));
            let (right, left) = ((up - here) / h, (here - down) / h);
            // At a jump or a kink there is nothing to compare with.
            if (right - left).abs() > 1e-3 * (1.0 + right.abs()) || !here.is_finite() {
                continue;
            }
            let numeric = (up - down) / (2.0 * h);
            assert!(
                (got - numeric).abs() <= 1e-6 * (1.0 + numeric.abs() + here.abs()),
                "{source}\n at {args:?}, {mode:?}: derivative {k} is {got}, numerically {numeric}"
            );
        }
    }
}

fn floats(values: &[V]) -> Vec<f64> {
    let mut all = Vec::new();
    for v in values {
        match v {
            V::F(x) => all.push(*x),
            V::A(items) | V::Many(items) => all.extend(floats(items)),
            V::I(_) | V::B(_) => {}
        }
    }
    all
}

/// The arguments with the k-th of all floats moved by `h`.
fn moved(args: &[V], k: usize, h: f64) -> Vec<V> {
    fn step(values: &mut [V], k: &mut Option<usize>, h: f64) {
        for v in values {
            match v {
                V::F(x) => {
                    if *k == Some(0) {
                        *x += h;
                    }
                    *k = k.and_then(|k| k.checked_sub(1));
                }
                V::A(items) | V::Many(items) => step(items, k, h),
                V::I(_) | V::B(_) => {}
            }
        }
    }
    let mut args = args.to_vec();
    step(&mut args, &mut Some(k), h);
    args
}
