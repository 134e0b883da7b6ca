//! Ordinary functions of many fields, written as people write them: the gradient and the forward mode of each against
//! extrapolated differences.
#![deny(warnings)]
// The primals are written as people write them.
#![allow(missing_docs, clippy::needless_range_loop)]

use derive_grad::derive_grad;

#[derive_grad]
pub mod dh {
    //! Denavit-Hartenberg chain.
    pub type Mat4 = [[f64; 4]; 4];
    const IDENTITY: Mat4 = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]];

    pub struct Link {
        pub a: f64,
        pub alpha: f64,
        pub d: f64,
    }

    fn matmul(a: &Mat4, b: &Mat4) -> Mat4 {
        let mut c = [[0.0; 4]; 4];
        for (c_row, a_row) in c.iter_mut().zip(a.iter()) {
            for (j, out) in c_row.iter_mut().enumerate() {
                *out = a_row.iter().zip(b.iter()).map(|(&x, b_row)| x * b_row[j]).sum();
            }
        }
        c
    }

    fn transform(link: &Link, theta: f64) -> Mat4 {
        let (st, ct) = theta.sin_cos();
        let (sa, ca) = link.alpha.sin_cos();
        [
            [ct, -st * ca, st * sa, link.a * ct],
            [st, ct * ca, -ct * sa, link.a * st],
            [0.0, sa, ca, link.d],
            [0.0, 0.0, 0.0, 1.0],
        ]
    }

    #[grad(wrt(link, theta), jvp)]
    pub fn reach(link: &Link, theta: &[f64; 3], goal: &[f64; 3]) -> f64 {
        let mut pose = IDENTITY;
        for &t in theta {
            pose = matmul(&pose, &transform(link, t));
        }
        (0..3).map(|i| (pose[i][3] - goal[i]).powi(2)).sum::<f64>().sqrt()
    }
}

/// Effective sample size of particle weights after a range measurement.
#[derive_grad(wrt(sigma, beacon), jvp)]
fn particle_ess(particles: &[[f64; 2]], beacon: [f64; 2], range: f64, sigma: f64) -> f64 {
    let log_w: Vec<f64> = particles
        .iter()
        .map(|&[x, y]| {
            let d = (x - beacon[0]).hypot(y - beacon[1]);
            -0.5 * ((d - range) / sigma).powi(2) - sigma.ln()
        })
        .collect();
    let max = log_w.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = log_w.iter().map(|&l| (l - max).exp()).collect();
    let total: f64 = weights.iter().sum();
    1.0 / weights.iter().map(|w| (w / total).powi(2)).sum::<f64>()
}

/// HMM forward algorithm in log space.
#[derive_grad(wrt(log_init, log_trans, log_emit), jvp)]
fn hmm(log_init: &[f64; 2], log_trans: &[[f64; 2]; 2], log_emit: &[[f64; 3]; 2], observed: &[usize]) -> f64 {
    fn log_sum_exp(v: &[f64]) -> f64 {
        let m = v.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        m + v.iter().map(|x| (x - m).exp()).sum::<f64>().ln()
    }
    let mut alpha = [0.0; 2];
    for (s, a) in alpha.iter_mut().enumerate() {
        *a = log_init[s] + log_emit[s][observed[0]];
    }
    for &o in &observed[1..] {
        let mut next = [0.0; 2];
        for to in 0..2 {
            let mut terms = [0.0; 2];
            for from in 0..2 {
                terms[from] = alpha[from] + log_trans[from][to];
            }
            next[to] = log_sum_exp(&terms) + log_emit[to][o];
        }
        alpha = next;
    }
    log_sum_exp(&alpha)
}

/// Soft histogram by linear binning, then entropy.
#[derive_grad(wrt(samples), jvp)]
fn soft_entropy(samples: &[f64], lo: f64, hi: f64, bins: usize) -> f64 {
    let width = (hi - lo) / (bins - 1) as f64;
    let mut histogram = vec![0.0; bins];
    for &s in samples {
        let t = ((s - lo) / width).clamp(0.0, (bins - 1) as f64 - 1e-9);
        let i = t.floor() as usize;
        let frac = t - t.floor();
        histogram[i] += 1.0 - frac;
        histogram[i + 1] += frac;
    }
    let n = samples.len() as f64;
    -histogram.iter().map(|h| h / n).filter(|&p| p > 0.0).map(|p| p * p.ln()).sum::<f64>()
}

/// American put on a Cox-Ross-Rubinstein tree.
#[derive_grad(wrt(spot, vol, rate), jvp)]
fn american_put(spot: f64, strike: f64, vol: f64, rate: f64, years: f64, steps: usize) -> f64 {
    let dt = years / steps as f64;
    let up = (vol * dt.sqrt()).exp();
    let down = up.recip();
    let p = ((rate * dt).exp() - down) / (up - down);
    let discount = (-rate * dt).exp();

    let mut values: Vec<f64> =
        (0..=steps).map(|i| (strike - spot * up.powi(2 * i as i32 - steps as i32)).max(0.0)).collect();
    for level in (0..steps).rev() {
        for i in 0..=level {
            let hold = discount * (p * values[i + 1] + (1.0 - p) * values[i]);
            let exercise = strike - spot * up.powi(2 * i as i32 - level as i32);
            values[i] = hold.max(exercise);
        }
    }
    values[0]
}

/// Explicit heat equation, returns the squared misfit to a target.
#[derive_grad(wrt(initial, alpha), jvp)]
fn heat(initial: &[f64], alpha: f64, target: &[f64], steps: usize) -> f64 {
    let n = initial.len();
    let mut u = initial.to_vec();
    let mut next = u.clone();
    for _ in 0..steps {
        for i in 1..n - 1 {
            next[i] = u[i] + alpha * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
        }
        next[0] = u[0];
        next[n - 1] = u[n - 1];
        std::mem::swap(&mut u, &mut next);
    }
    u.iter().zip(target).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[derive_grad]
pub mod spring {
    //! A damped spring simulated by symplectic Euler.
    #[derive(Debug, Clone, Copy)]
    pub struct Params {
        pub stiffness: f64,
        pub damping: f64,
        pub mass: f64,
    }

    #[derive(Debug, Clone, Copy)]
    pub struct State {
        pub x: f64,
        pub v: f64,
    }

    impl Params {
        fn acceleration(&self, state: &State) -> f64 {
            (-self.stiffness * state.x - self.damping * state.v) / self.mass
        }
    }

    fn step(params: &Params, state: State, dt: f64) -> State {
        let v = state.v + dt * params.acceleration(&state);
        State { x: state.x + dt * v, v }
    }

    #[grad(wrt(params, start), jvp)]
    pub fn energy_after(params: &Params, start: State, dt: f64, steps: usize) -> f64 {
        let mut state = start;
        for _ in 0..steps {
            state = step(params, state, dt);
        }
        0.5 * params.mass * state.v * state.v + 0.5 * params.stiffness * state.x * state.x
    }
}

/// log|det| by in-place LU with partial pivoting.
#[derive_grad(jvp)]
fn log_abs_det<const N: usize>(matrix: &[[f64; N]; N]) -> f64 {
    let mut a = *matrix;
    let mut log_det = 0.0;
    for k in 0..N {
        let mut pivot = k;
        for i in k + 1..N {
            if a[i][k].abs() > a[pivot][k].abs() {
                pivot = i;
            }
        }
        if pivot != k {
            a.swap(pivot, k);
        }
        log_det += a[k][k].abs().ln();
        for i in k + 1..N {
            let factor = a[i][k] / a[k][k];
            for j in k..N {
                a[i][j] -= factor * a[k][j];
            }
        }
    }
    log_det
}

/// Biquad filter in place (transposed direct form II).
#[derive_grad(jvp)]
fn biquad(coefficients: &[f64; 5], signal: &mut [f64]) {
    let &[b0, b1, b2, a1, a2] = coefficients;
    let (mut s1, mut s2) = (0.0, 0.0);
    for sample in signal.iter_mut() {
        let input = *sample;
        let output = b0 * input + s1;
        s1 = b1 * input - a1 * output + s2;
        s2 = b2 * input - a2 * output;
        *sample = output;
    }
}

/// Power spectrum of a radix-2 FFT, in place, real and imaginary parts.
#[derive_grad(wrt(signal), jvp)]
fn spectrum(signal: &[f64; 8], weights: &[f64; 8]) -> f64 {
    let n = signal.len();
    let mut re = [0.0; 8];
    let mut im = [0.0; 8];
    for (i, &s) in signal.iter().enumerate() {
        let mut r = 0;
        for bit in 0..3 {
            r |= ((i >> bit) & 1) << (2 - bit);
        }
        re[r] = s;
    }
    let mut len = 2;
    while len <= n {
        let angle = -2.0 * std::f64::consts::PI / len as f64;
        for start in (0..n).step_by(len) {
            for k in 0..len / 2 {
                let (ws, wc) = (angle * k as f64).sin_cos();
                let (p, q) = (start + k, start + k + len / 2);
                let tr = re[q] * wc - im[q] * ws;
                let ti = re[q] * ws + im[q] * wc;
                re[q] = re[p] - tr;
                im[q] = im[p] - ti;
                re[p] += tr;
                im[p] += ti;
            }
        }
        len <<= 1;
    }
    (0..n).map(|k| weights[k] * (re[k] * re[k] + im[k] * im[k]).sqrt()).sum()
}

/// The place and the value of the strongest sample, sharpened by a parabola through its neighbours.
#[derive_grad(jvp)]
fn peak(samples: &[f64]) -> f64 {
    let Some((k, &top)) = samples.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else {
        return 0.0;
    };
    if k == 0 || k + 1 == samples.len() {
        return top;
    }
    let (left, right) = (samples[k - 1], samples[k + 1]);
    top - 0.125 * (left - right).powi(2) / (left - 2.0 * top + right)
}

/// Extrapolated central differences.
fn numeric(f: impl Fn(&[f64]) -> f64, x: &[f64]) -> Vec<f64> {
    (0..x.len())
        .map(|i| {
            let d = |h: f64| {
                let mut y = x.to_vec();
                y[i] = x[i] + h;
                let p = f(&y);
                y[i] = x[i] - h;
                (p - f(&y)) / (2.0 * h)
            };
            let h = 1e-3 * x[i].abs().max(1.0);
            let (a, b, c) = (d(h), d(h / 2.0), d(h / 4.0));
            let (ab, bc) = ((4.0 * b - a) / 3.0, (4.0 * c - b) / 3.0);
            (16.0 * bc - ab) / 15.0
        })
        .collect()
}
fn close(name: &str, got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len(), "{name}: length");
    let scale = want.iter().fold(1e-3f64, |m, v| m.max(v.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((g - w).abs() <= 1e-7 * scale, "{name}[{i}]: {g} vs numeric {w}\n{got:?}\n{want:?}");
    }
}
/// gradient and forward mode against numeric
fn check(
    name: &str,
    f: impl Fn(&[f64]) -> f64,
    grad: impl Fn(&[f64]) -> (f64, Vec<f64>),
    jvp: impl Fn(&[f64], &[f64]) -> (f64, f64),
    points: &[&[f64]],
) {
    for x in points {
        let n = numeric(&f, x);
        let (v, g) = grad(x);
        let fx = f(x);
        assert!((v - fx).abs() <= 1e-13 * fx.abs().max(1e-300), "{name}: value {v} vs {fx}");
        close(name, &g, &n);
        let d: Vec<f64> = (0..x.len()).map(|i| ((i * 7 + 3) % 5) as f64 * 0.3 - 0.5).collect();
        let (v, t) = jvp(x, &d);
        assert!((v - fx).abs() <= 1e-13 * fx.abs().max(1e-300), "{name}: jvp value {v} vs {fx}");
        let want: f64 = d.iter().zip(&n).map(|(a, b)| a * b).sum();
        let scale = d.iter().zip(&n).map(|(a, b)| (a * b).abs()).sum::<f64>();
        assert!((t - want).abs() <= 1e-7 * scale.max(1e-3), "{name}: jvp {t} vs {want}");
    }
}
fn arr<const N: usize>(x: &[f64]) -> [f64; N] {
    x.try_into().unwrap()
}
fn rows<const N: usize>(x: &[f64]) -> Vec<[f64; N]> {
    x.chunks_exact(N).map(arr).collect()
}
fn mat<const N: usize, const M: usize>(x: &[f64]) -> [[f64; N]; M] {
    rows::<N>(x).try_into().unwrap()
}
fn wave(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i as f64 * 1.7 + 0.3).sin()).collect()
}
fn weigh(v: &[f64]) -> f64 {
    v.iter().zip(W.iter().cycle()).map(|(a, b)| a * b).sum()
}
fn seed(n: usize) -> Vec<f64> {
    W.iter().cycle().take(n).copied().collect()
}
const W: [f64; 8] = [0.3, -0.7, 1.1, 0.5, -0.2, 0.9, -1.3, 0.4];

#[test]
fn a_kinematic_chain() {
    use dh::{Link, reach, reach_grad, reach_jvp};
    let goal = [0.3, 0.2, 0.9];
    let l = |x: &[f64]| Link { a: x[0], alpha: x[1], d: x[2] };
    check(
        "reach",
        |x| reach(&l(x), &arr(&x[3..]), &goal),
        |x| {
            let (v, g) = reach_grad(&l(x), &arr(&x[3..]), &goal);
            (v, [&[g.link.a, g.link.alpha, g.link.d][..], &g.theta].concat())
        },
        |x, d| reach_jvp(&l(x), &arr(&x[3..]), &goal, &l(d), &arr(&d[3..])),
        &[&[0.5, 0.3, 0.2, 0.1, 0.5, -0.3]],
    );
}

#[test]
fn particle_weights() {
    let p = rows::<2>(&wave(10));
    check(
        "ess",
        |x| particle_ess(&p, arr(&x[1..]), 0.9, x[0]),
        |x| {
            let (v, g) = particle_ess_grad(&p, arr(&x[1..]), 0.9, x[0]);
            (v, [&[g.sigma][..], &g.beacon].concat())
        },
        |x, d| particle_ess_jvp(&p, arr(&x[1..]), 0.9, x[0], d[0], arr(&d[1..])),
        &[&[0.5, 0.3, 0.2]],
    );
}

#[test]
fn a_hidden_markov_model() {
    let o = [0, 2, 1, 1, 0];
    check(
        "hmm",
        |x| hmm(&arr(&x[..2]), &mat(&x[2..6]), &mat(&x[6..]), &o),
        |x| {
            let (v, g) = hmm_grad(&arr(&x[..2]), &mat(&x[2..6]), &mat(&x[6..]), &o);
            (v, [&g.log_init[..], g.log_trans.as_flattened(), g.log_emit.as_flattened()].concat())
        },
        |x, d| hmm_jvp(&arr(&x[..2]), &mat(&x[2..6]), &mat(&x[6..]), &o, &arr(&d[..2]), &mat(&d[2..6]), &mat(&d[6..])),
        &[&wave(12)],
    );
}

#[test]
fn a_soft_histogram() {
    check(
        "entropy",
        |x| soft_entropy(x, -1.1, 1.3, 5),
        |x| soft_entropy_grad(x, -1.1, 1.3, 5),
        |x, d| soft_entropy_jvp(x, -1.1, 1.3, 5, d),
        &[&wave(10)],
    );
}

#[test]
fn a_binomial_tree() {
    check(
        "put",
        |x| american_put(x[0], 1.0, x[1], x[2], 1.0, 8),
        |x| {
            let (v, g) = american_put_grad(x[0], 1.0, x[1], x[2], 1.0, 8);
            (v, vec![g.spot, g.vol, g.rate])
        },
        |x, d| american_put_jvp(x[0], 1.0, x[1], x[2], 1.0, 8, d[0], d[1], d[2]),
        &[&[0.97, 0.4, 0.05], &[1.07, 0.3, 0.02]],
    );
}

#[test]
fn the_heat_equation() {
    let t = wave(6);
    for steps in [0, 1, 2, 5] {
        check(
            "heat",
            |x| heat(&x[1..], x[0], &t, steps),
            |x| {
                let (v, g) = heat_grad(&x[1..], x[0], &t, steps);
                (v, [&[g.alpha][..], &g.initial].concat())
            },
            |x, d| heat_jvp(&x[1..], x[0], &t, steps, &d[1..], d[0]),
            &[&wave(7)],
        );
    }
}

#[test]
fn a_damped_spring() {
    use spring::{Params, State, energy_after, energy_after_grad, energy_after_jvp};
    let p = |x: &[f64]| Params { stiffness: x[0], damping: x[1], mass: x[2] };
    let s = |x: &[f64]| State { x: x[3], v: x[4] };
    check(
        "spring",
        |x| energy_after(&p(x), s(x), 0.1, 7),
        |x| {
            let (v, g) = energy_after_grad(&p(x), s(x), 0.1, 7);
            (v, vec![g.params.stiffness, g.params.damping, g.params.mass, g.start.x, g.start.v])
        },
        |x, d| energy_after_jvp(&p(x), s(x), 0.1, 7, &p(d), &s(d)),
        &[&[1.0, 0.3, 2.0, 1.0, 0.5]],
    );
}

#[test]
fn a_pivoted_factorisation() {
    check(
        "lu",
        |x| log_abs_det::<3>(&mat(x)),
        |x| {
            let (v, g) = log_abs_det_grad::<3>(&mat(x));
            (v, g.as_flattened().to_vec())
        },
        |x, d| log_abs_det_jvp::<3>(&mat(x), &mat(d)),
        &[&[0.1, 2.0, 3.0, 4.0, 1.0, -1.0, 0.5, 9.0, 1.0]],
    );
}

#[test]
fn a_filter_in_place() {
    check(
        "biquad",
        |x| {
            let mut s = x[5..].to_vec();
            biquad(&arr(&x[..5]), &mut s);
            weigh(&s)
        },
        |x| {
            let mut s = x[5..].to_vec();
            let r = biquad_forward(&arr(&x[..5]), &mut s);
            let g = biquad_backward(&r, &arr(&x[..5]), &seed(s.len()));
            (weigh(&s), [&g.coefficients[..], &g.signal].concat())
        },
        |x, d| {
            let mut s = x[5..].to_vec();
            let mut t = d[5..].to_vec();
            biquad_jvp(&arr(&x[..5]), &mut s, &arr(&d[..5]), &mut t);
            (weigh(&s), weigh(&t))
        },
        &[&wave(12)],
    );
}

#[test]
fn a_fast_transform() {
    check(
        "spectrum",
        |x| spectrum(&arr(x), &W),
        |x| {
            let (v, g) = spectrum_grad(&arr(x), &W);
            (v, g.to_vec())
        },
        |x, d| spectrum_jvp(&arr(x), &W, &arr(d)),
        &[&wave(8)],
    );
}

#[test]
fn a_peak() {
    let inside = [0.3, 0.9, 1.4, 1.1];
    check("peak", peak, peak_grad, peak_jvp, &[&inside, &[2.0, 0.9, 1.4], &[0.1, 0.2], &[0.5], &[]]);
}

#[derive_grad]
fn bits(x: f64, n: u8, k: i32) -> f64 {
    let turned = f64::from(!n) + f64::from(n << 3) + f64::from(k >> 2) + f64::from(k << 28) + f64::from(!k);
    let mut m = n;
    m &= 0x0f;
    m ^= 0x35;
    m >>= 1;
    m <<= 2_u64;
    m |= 1;
    x * turned + f64::from(m) * x * x + (1_u64 << 40) as f64 / 1e12
}

#[test]
fn bits_of_every_width() {
    for (n, k) in [(0xb5, -13), (3, 12), (0, 0), (255, -1)] {
        let (value, slope) = bits_grad(0.7, n, k);
        assert_eq!(value, bits(0.7, n, k));
        close("bits", &[slope], &numeric(|x| bits(x[0], n, k), &[0.7]));
    }
}
