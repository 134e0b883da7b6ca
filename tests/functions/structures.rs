//! Constructs inside one another, at lengths and trip counts from zero: both modes against differences.

use derive_grad::derive_grad;

/// Numbers without a pattern, none of them near another or near zero.
fn numbers(n: usize) -> Vec<f64> {
    (0..n).map(|k| (12.9898 * (k as f64 + 0.75)).sin() + 0.05).collect()
}

type Tangent = fn(&[f64], usize, &[f64]) -> (f64, f64);
type Gradient = fn(&[f64], usize) -> (f64, Vec<f64>);

/// What is generated for a function of a slice and a count.
struct Generated<R> {
    primal: fn(&[f64], usize) -> f64,
    grad: Gradient,
    grad_into: fn(&[f64], usize, &mut [f64]) -> f64,
    forward: fn(&[f64], usize) -> (f64, R),
    backward: fn(&R, &[f64], usize, f64) -> Vec<f64>,
    jvp: Tangent,
}

impl<R> Generated<R> {
    /// Everything agrees with differences, for slices and counts from nothing on.
    fn check(&self) {
        for (len, n) in (0..6).flat_map(|len| (0..5).map(move |n| (len, n))) {
            let x = numbers(len);
            let value = (self.primal)(&x, n);
            let slope = |k: usize| {
                let central = |h: f64| {
                    let moved = |h: f64| {
                        let mut x = x.clone();
                        x[k] += h;
                        (self.primal)(&x, n)
                    };
                    (moved(h) - moved(-h)) / (2.0 * h)
                };
                let (a, b, c) = (central(2e-3), central(1e-3), central(5e-4));
                let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
                (16.0 * bc - ab) / 15.0
            };
            let slopes: Vec<f64> = (0..len).map(slope).collect();
            let near = |what: &str, got: f64, expected: f64| {
                let close = (got - expected).abs() <= 1e-8 * (1.0 + expected.abs());
                assert!(close, "{what} of {x:?}, {n}: {got} is not {expected}");
            };
            let all_near = |what: &str, got: &[f64], factor: f64| {
                assert_eq!(got.len(), len, "{what} of {x:?}, {n}");
                (0..len).for_each(|k| near(&format!("{what}[{k}]"), got[k], factor * slopes[k]));
            };
            let (again, grad) = (self.grad)(&x, n);
            near("the value of _grad", again, value);
            all_near("_grad", &grad, 1.0);
            let mut buffer = vec![f64::NAN; len];
            near("the value of _grad_into", (self.grad_into)(&x, n, &mut buffer), value);
            all_near("_grad_into", &buffer, 1.0);
            let (again, residuals) = (self.forward)(&x, n);
            near("the value of _forward", again, value);
            all_near("_backward", &(self.backward)(&residuals, &x, n, -2.5), -2.5);
            let direction: Vec<f64> = (0..len).map(|k| 1.0 - 0.75 * k as f64).collect();
            let (again, along) = (self.jvp)(&x, n, &direction);
            near("the value of _jvp", again, value);
            near("_jvp", along, slopes.iter().zip(&direction).map(|(s, d)| s * d).sum());
        }
    }
}

/// A function each, and the test that it has.
macro_rules! structures {
    ($($(#[$doc:meta])* $name:ident { fn f $($function:tt)* })*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            #[derive_grad(jvp)]
            pub fn f $($function)*
        }

        #[test]
        fn $name() {
            use $name::*;
            let (primal, grad, grad_into) = (f, f_grad, f_grad_into);
            let generated = Generated { primal, grad, grad_into, forward: f_forward, backward: f_backward, jvp: f_jvp };
            generated.check();
        }
    )*};
}

structures! {
    loops_inside_branches_inside_loops {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut sum = 0.3;
            for i in 0..x.len() {
                if x[i] > 0.0 {
                    for j in 0..n {
                        sum += (x[i] * (j + 1) as f64).sin();
                        if j % 2 == 1 {
                            for k in (0..i).rev() {
                                sum *= 1.0 + 0.1 * x[k];
                            }
                        }
                    }
                } else if i % 2 == 0 {
                    for v in &x[..i] {
                        sum -= v * x[i];
                    }
                } else {
                    continue;
                }
                sum += 0.5 * sum.cos();
            }
            sum
        }
    }

    branches_inside_loops_inside_branches {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut y = 1.0;
            if n > 1 {
                for v in x {
                    y *= if *v < 0.0 { v.exp() } else { 1.0 + v * v };
                    if y > 2.0 {
                        y = y.sqrt() + v;
                    }
                }
            } else {
                for v in x.iter().rev() {
                    match n {
                        0 => y += v * y,
                        _ => y -= v / (2.0 + y * y),
                    }
                }
            }
            y
        }
    }

    triangles_of_loops {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut total = 0.0;
            for i in 0..x.len() {
                for j in i + 1..x.len() {
                    let mut product = 1.0;
                    for k in j..x.len().min(n) {
                        product *= x[k] - x[i];
                    }
                    total += product * x[j];
                }
            }
            total
        }
    }

    labels_and_continues {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut total = 0.0;
            'outer: for i in 0..n {
                let mut weight = 1.0;
                for (j, v) in x.iter().enumerate() {
                    if j == i {
                        continue;
                    }
                    if i + j > 5 {
                        continue 'outer;
                    }
                    if j > 3 {
                        break 'outer;
                    }
                    weight *= v + 2.0;
                    total += weight * v;
                }
                total *= 0.5;
            }
            total
        }
    }

    returns_from_within {
        fn f(x: &[f64], n: usize) -> f64 {
            if x.is_empty() {
                return 1.5;
            }
            let mut total = x[0];
            for i in 0..n {
                for v in x {
                    total += v * total * 0.3;
                    if total > 2.0 {
                        return total.ln() + v;
                    }
                }
                if i == 2 && x.len() == 3 {
                    return total * total;
                }
            }
            total
        }
    }

    whiles_inside_fors {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut total = 0.0;
            for v in x {
                let mut y = 1.0 + v * v;
                let mut steps = 0;
                while y > 0.4 && steps < n {
                    y = 0.6 * y + 0.05 * v;
                    steps += 1;
                    if steps == 3 {
                        total += y * v;
                        break;
                    }
                }
                total += y * y;
            }
            total
        }
    }

    loops_until_a_break {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut k = 0;
            let mut y = 1.0;
            loop {
                if k >= x.len() {
                    break;
                }
                let mut inner = 0;
                loop {
                    if inner == n {
                        break;
                    }
                    y = (y + x[k]).sin() + 1.0;
                    inner += 1;
                }
                k += if n > 2 { 2 } else { 1 };
            }
            y
        }
    }

    arrays_that_branches_write {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut y = x.to_vec();
            for step in 0..n {
                for i in 0..y.len() {
                    if i > 0 && (i + step) % 2 == 0 {
                        y[i] = y[i - 1] * y[i] + 0.2;
                    } else if i + 1 < y.len() {
                        y[i] += y[i + 1].sin();
                    } else {
                        y[i] *= 0.5;
                    }
                }
            }
            y.iter().enumerate().map(|(i, v)| v * (i + 1) as f64).sum()
        }
    }

    prefixes_in_place {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut y = x.to_vec();
            for _ in 0..n {
                for i in 1..y.len() {
                    y[i] += 0.5 * y[i - 1] * y[i];
                }
            }
            let last = if y.is_empty() { 0.25 } else { y[y.len() - 1] };
            y.iter().product::<f64>() + last
        }
    }

    buffers_that_rotate {
        fn f(x: &[f64], n: usize) -> f64 {
            let m = x.len();
            let mut a = x.to_vec();
            let mut b = vec![1.0; m];
            let mut c = vec![0.5; m];
            for step in 0..n {
                for i in 0..m {
                    c[i] = (a[i] * b[m - 1 - i] + 0.1 * c[i]).sin();
                }
                std::mem::swap(&mut a, &mut b);
                std::mem::swap(&mut b, &mut c);
                if step == 1 {
                    std::mem::swap(&mut a, &mut c);
                }
            }
            (0..m).map(|i| a[i] + 2.0 * b[i] + 3.0 * c[i]).sum()
        }
    }

    elements_that_change_places {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut y = x.to_vec();
            let m = y.len();
            for round in 0..n {
                for i in 1..m {
                    if y[i - 1] > y[i] {
                        y.swap(i - 1, i);
                    }
                }
                if round == 1 {
                    y.reverse();
                }
            }
            y.iter().enumerate().map(|(i, v)| v.powi(i as i32 + 1)).sum()
        }
    }

    gathers_by_a_choice {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut best = f64::NEG_INFINITY;
            let mut place = 0;
            for (i, v) in x.iter().enumerate().take(n) {
                if *v > best {
                    best = *v;
                    place = i;
                }
            }
            if best == f64::NEG_INFINITY {
                return 0.5;
            }
            let mut counts = [0.0; 3];
            for (i, v) in x.iter().enumerate() {
                counts[(i + place) % 3] += v * best;
            }
            counts[0] * counts[1] + counts[2] + x[place].exp()
        }
    }

    chains_inside_loops {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut total = 0.0;
            for k in 1..=n {
                total += x.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum::<f64>();
                total += x.chunks_exact(k).map(|c| c.iter().product::<f64>()).sum::<f64>();
                total += x.iter().skip(k).zip(x).map(|(a, b)| a * b).fold(1.0, |p, v| p * (1.0 + 0.1 * v));
                total -= x.iter().step_by(k).filter(|v| **v > 0.0).map(|v| v.sqrt()).sum::<f64>();
            }
            total
        }
    }

    halves_of_slices {
        fn f(x: &[f64], n: usize) -> f64 {
            let (low, high) = x.split_at(n.min(x.len()));
            let mut y = 0.2;
            for a in low {
                for b in high {
                    y += a * b * y;
                }
            }
            let energy = |part: &[f64], scale: f64| -> f64 { part.iter().map(|v| scale * v * v).sum() };
            y + energy(low, 0.5) * energy(high, y)
        }
    }

    matrices_that_are_multiplied {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut power = [[1.0, 0.0], [0.0, 1.0]];
            for v in x {
                let step = [[v.cos(), -v.sin()], [v.sin(), 0.5 * v.cos()]];
                for _ in 0..n {
                    let mut next = [[0.0; 2]; 2];
                    for i in 0..2 {
                        for j in 0..2 {
                            next[i][j] = (0..2).map(|k| power[i][k] * step[k][j]).sum();
                        }
                    }
                    power = next;
                }
            }
            power[0][0] + 2.0 * power[0][1] - power[1][0] * power[1][1]
        }
    }

    rows_of_a_table {
        fn f(x: &[f64], n: usize) -> f64 {
            let m = x.len();
            let mut table = vec![vec![1.0; m]; n + 1];
            for r in 1..=n {
                for i in 0..m {
                    let left = if i == 0 { 0.5 } else { table[r][i - 1] };
                    table[r][i] = left * x[i] + table[r - 1][i];
                }
            }
            table[n].iter().sum()
        }
    }

    values_of_blocks {
        fn f(x: &[f64], n: usize) -> f64 {
            let scale = {
                let mut s = 1.0;
                for v in x {
                    let v = if *v > 0.3 { v - 0.3 } else { 0.1 * v };
                    s += v;
                }
                s
            };
            let shift = match (n, x.len()) {
                (0, _) | (_, 0) => 0.0,
                (1..=2, m) if m > 3 => x[3] * scale,
                (_, m) => {
                    let mut t = 0.0;
                    for i in (0..m).step_by(n) {
                        t += x[i] * scale;
                    }
                    t
                }
            };
            shift.sin() + scale * scale
        }
    }

    sums_that_grow {
        fn f(x: &[f64], n: usize) -> f64 {
            let mut sums = Vec::with_capacity(n);
            let mut run = 0.0;
            for k in 0..n {
                run += x.iter().map(|v| v.powi(k as i32)).sum::<f64>();
                sums.push(run);
            }
            sums.iter().map(|s| 0.1 * s * s).sum()
        }
    }

    /// With n = 0 the logarithm has a pole where nothing reads it.
    poles_of_loops_that_do_not_run {
        fn f(x: &[f64], n: usize) -> f64 {
            if x.len() < 2 {
                return 0.25;
            }
            let base = x[1] * x[1] * n as f64;
            let mut sum = x[0];
            for k in 0..n {
                sum += x[0] * base.ln() + k as f64 / base;
            }
            for v in x {
                sum += if base > 0.0 { v * base.sqrt() } else { 0.1 * v };
            }
            sum
        }
    }

    numbers_that_change_places {
        fn f(x: &[f64], n: usize) -> f64 {
            let (mut a, mut b) = (1.0, 0.5);
            for i in 0..n {
                for v in x {
                    (a, b) = (b + v * a, a);
                    if i == 1 {
                        std::mem::swap(&mut a, &mut b);
                    }
                }
            }
            a * b + a
        }
    }
}

mod mismatched {
    use super::*;

    /// As many terms as `x` has: `y` must have them too.
    #[derive_grad(jvp)]
    pub fn dot(x: &[f64], y: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += x[i] * y[i];
        }
        sum
    }

    /// As many terms as both have.
    #[derive_grad(jvp)]
    pub fn zipped(x: &[f64], y: &[f64]) -> f64 {
        x.iter().zip(y).map(|(a, b)| a * b).sum()
    }

    #[derive_grad(jvp)]
    pub fn copied(x: &[f64], y: &[f64], times: usize) -> f64 {
        let mut z = vec![1.0; y.len()];
        for k in 0..times {
            if k > 0 {
                z.copy_from_slice(x);
            }
        }
        z.iter().zip(y).map(|(a, b)| a * b).sum()
    }

    #[derive_grad(jvp)]
    pub fn scaled(x: &[f64], k: f64) -> Vec<f64> {
        x.iter().map(|v| (v * k).tanh()).collect()
    }
}

/// What a call panics with.
fn message<T>(call: impl FnOnce() -> T) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(call()))).expect_err("it panics");
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).expect("a panic says something")
}

/// The first line of a message of `assert_eq!` holds what it says.
#[track_caller]
fn says<T>(call: impl FnOnce() -> T, words: &str) {
    let message = message(call);
    assert!(message.lines().next().is_some_and(|line| line.contains(words)), "{message}");
}

#[test]
fn lengths_that_do_not_fit() {
    use mismatched::*;
    let (long, short) = ([0.5, -1.0, 2.0], [3.0]);
    let primal = message(|| dot(&long, &short));
    assert_eq!(primal, "index out of bounds: the len is 1 but the index is 1");
    assert_eq!(message(|| dot_grad(&long, &short)), primal);
    assert_eq!(message(|| dot_grad_into(&long, &short, &mut [0.0; 3], &mut [0.0])), primal);
    assert_eq!(message(|| dot_forward(&long, &short)), primal);
    assert_eq!(message(|| dot_jvp(&long, &short, &long, &short)), primal);
    // What the primal takes is taken.
    assert_eq!(dot_grad(&short, &long).1.y, [3.0, 0.0, 0.0]);
    let (value, grad) = zipped_grad(&long, &short);
    assert_eq!((value, grad.x), (zipped(&long, &short), vec![3.0, 0.0, 0.0]));
    assert_eq!(copied_grad(&long, &short, 1).1.y, [1.0]);
    assert_eq!(copied_grad(&long, &[1.0, 2.0, 3.0], 2).1.y, long);
    let words = "copy_from_slice: source slice length";
    says(|| copied(&long, &short, 2), words);
    says(|| copied_grad(&long, &short, 2), words);
    says(|| copied_forward(&long, &short, 2), words);
    says(|| copied_jvp(&long, &short, 2, &long, &short), words);
    // What is given beside the primal's own parameters.
    says(|| dot_jvp(&long, &long, &short, &long), "`x` and `x_dot` must have the same length");
    says(|| dot_grad_into(&long, &long, &mut [0.0], &mut [0.0; 3]), "`x` and `x_adj` must have the same length");
    let (value, residuals) = scaled_forward(&long, 2.0);
    assert_eq!(value, scaled(&long, 2.0));
    says(|| scaled_backward(&residuals, &long, 2.0, &short), "must have");
    says(|| scaled_backward(&residuals, &short, 2.0, &short), "must have");
}
