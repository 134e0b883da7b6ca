//! Whole functions as people write them: compiled by rustc where they stand, and read.

use crate::accepted::{IntoV, check, rust};

rust! {
    => cosine_similarity: fn f(a: &[f64], b: &[f64]) -> f64 {
        let dot: f64 = a.iter().zip(b.iter()).map(|(x, y)| x * y).sum();
        let na = a.iter().map(|x| x.powi(2)).sum::<f64>().sqrt();
        let nb = b.iter().map(|x| x.powi(2)).sum::<f64>().sqrt();
        1.0 - dot / (na * nb)
    } at (&[1.0, 2.0, 3.0], &[0.5, -1.0, 2.0])
    => variance: fn f(x: &[f64]) -> f64 {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)
    } at (&[1.0, 2.0, 4.0])
    => total_variation: fn f(x: &[f64], eps: f64) -> f64 { x.windows(2).map(|w| ((w[1] - w[0]).powi(2) + eps).sqrt()).sum() } at (&[1.0, 2.0, 4.0, 3.0], 0.1)
    => cross_entropy: fn f(logits: &[f64], label: usize) -> f64 {
        let max = logits.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        let exps: Vec<f64> = logits.iter().map(|&l| (l - max).exp()).collect();
        let total: f64 = exps.iter().sum();
        -(exps[label] / total).ln()
    } at (&[1.0, 2.0, 0.5], 1)
    => rk4: fn f(y0: f64, v0: f64, steps: usize) -> f64 {
        let h = 0.1;
        let rhs = |y: [f64; 2]| [y[1], -y[0].sin() - 0.1 * y[1]];
        let axpy = |y: [f64; 2], a: f64, k: [f64; 2]| [y[0] + a * k[0], y[1] + a * k[1]];
        let mut y = [y0, v0];
        for _ in 0..steps {
            let k1 = rhs(y);
            let k2 = rhs(axpy(y, 0.5 * h, k1));
            let k3 = rhs(axpy(y, 0.5 * h, k2));
            let k4 = rhs(axpy(y, h, k3));
            for i in 0..2 {
                y[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        0.5 * y[1] * y[1] + 1.0 - y[0].cos()
    } at (1.0, 0.2, 5) at (1.0, 0.2, 0)
    => cholesky: fn f(a: &[[f64; 3]; 3], b: &[f64; 3]) -> f64 {
        let mut l = [[0.0; 3]; 3];
        for i in 0..3 {
            for j in 0..=i {
                let s: f64 = l[i][..j].iter().zip(&l[j][..j]).map(|(p, q)| p * q).sum();
                l[i][j] = if i == j { (a[i][i] - s).sqrt() } else { (a[i][j] - s) / l[j][j] };
            }
        }
        let mut z = [0.0; 3];
        for i in 0..3 {
            let s = (0..i).map(|k| l[i][k] * z[k]).sum::<f64>();
            z[i] = (b[i] - s) / l[i][i];
        }
        let logdet: f64 = l.iter().enumerate().map(|(i, row)| row[i].ln()).sum();
        -0.5 * z.iter().map(|v| v * v).sum::<f64>() - logdet
    } at (&[[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]], &[1.0, -0.5, 0.3])
    => convolution: fn f(x: &[f64], k: &[f64; 3]) -> Vec<f64> {
        (0..x.len() - 2).map(|i| k.iter().enumerate().map(|(j, w)| w * x[i + j]).sum()).collect()
    } at (&[1.0, 2.0, 3.0, 5.0], &[0.5, 1.0, -1.0])
    => soft_edit_distance: fn f(a: &[f64], b: &[f64]) -> f64 {
        let softmin = |p: f64, q: f64, r: f64| { let m = p.min(q).min(r); m - ((m - p).exp() + (m - q).exp() + (m - r).exp()).ln() };
        let mut prev: Vec<f64> = (0..=b.len()).map(|j| j as f64).collect();
        for (i, x) in a.iter().enumerate() {
            let mut row = vec![0.0; b.len() + 1];
            row[0] = (i + 1) as f64;
            for (j, y) in b.iter().enumerate() {
                row[j + 1] = softmin(prev[j + 1] + 1.0, row[j] + 1.0, prev[j] + (x - y).powi(2));
            }
            prev.copy_from_slice(&row);
        }
        prev[b.len()]
    } at (&[1.0, 2.0, 3.0], &[1.2, 2.7]) at (&[0.0; 0], &[1.2])
    => kalman: fn f(z: &[f64], q: f64, r: f64) -> f64 {
        let (x, _, ll) = z.iter().fold((0.0, 1.0, 0.0), |(x, p, ll), &z| {
            let p = p + q;
            let (y, s) = (z - x, p + r);
            let k = p / s;
            (x + k * y, (1.0 - k) * p, ll - 0.5 * (y * y / s + s.ln()))
        });
        ll + x
    } at (&[0.3, 0.5, 0.2], 0.1, 0.4)
    => gauss_seidel: fn f(a: &[[f64; 3]; 3], b: &[f64; 3], sweeps: usize) -> f64 {
        let mut x = [0.0; 3];
        for _ in 0..sweeps {
            for (i, row) in a.iter().enumerate() {
                let s: f64 = row.iter().enumerate().filter(|&(j, _)| j != i).map(|(j, v)| v * x[j]).sum();
                x[i] = (b[i] - s) / row[i];
            }
        }
        x.iter().product()
    } at (&[[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]], &[1.0, -0.5, 0.3], 3)
    => spline: fn f(knots: &[f64], values: &[f64], x: f64) -> f64 {
        let k = knots.windows(2).filter(|w| w[1] <= x).count().min(knots.len() - 2);
        let (t0, t1) = (knots[k], knots[k + 1]);
        let u = (x - t0) / (t1 - t0);
        let [a, b] = [values[k], values[k + 1]];
        a * (1.0 - u) + b * u
    } at (&[0.0, 1.0, 2.5], &[1.0, -1.0, 2.0], 1.7) at (&[0.0, 1.0, 2.5], &[1.0, -1.0, 2.0], 0.4)
    => dft: fn f(x: &[f64], k: usize) -> f64 {
        let n = x.len() as f64;
        let (re, im) = x.iter().enumerate().fold((0.0, 0.0), |(re, im), (j, v)| {
            let (s, c) = (2.0 * std::f64::consts::PI * (j * k) as f64 / n).sin_cos();
            (re + v * c, im - v * s)
        });
        re.hypot(im)
    } at (&[1.0, 2.0, -1.0, 0.5], 1)
    => boundaries: fn f(u: &[f64], steps: usize) -> f64 {
        let n = u.len();
        let mut a = u.to_vec();
        let mut b = vec![0.0; n];
        for _ in 0..steps {
            for i in 0..n {
                let left = match i { 0 => a[n - 1], _ => a[i - 1] };
                let right = a[(i + 1) % n];
                b[i] = a[i] + 0.1 * (left - 2.0 * a[i] + right);
            }
            std::mem::swap(&mut a, &mut b);
        }
        a.iter().map(|v| v * v).sum()
    } at (&[1.0, 2.0, 0.5], 3)
    => newton_closure: fn f(a: f64) -> f64 {
        let g = |x: f64| x * x * x - a;
        let dg = |x: f64| 3.0 * x * x;
        let mut x = 1.0 + a;
        let mut n = 0;
        while g(x).abs() > 1e-13 && n < 50 { x -= g(x) / dg(x); n += 1; }
        x
    } at (2.0) at (0.5)
    => logistic_regression: fn f(w: &[f64], xs: &[[f64; 2]], ys: &[f64]) -> f64 {
        fn sigmoid(z: f64) -> f64 { 1.0 / (1.0 + (-z).exp()) }
        let (bias, w) = (w[0], &w[1..]);
        let nll: f64 = xs.iter().zip(ys).map(|(x, &y)| {
            let z = bias + x.iter().zip(w).map(|(a, b)| a * b).sum::<f64>();
            let p = sigmoid(z);
            -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
        }).sum();
        nll / xs.len() as f64 + 0.01 * w.iter().map(|v| v * v).sum::<f64>()
    } at (&[0.1, 0.5, -0.3], &[[1.0, 2.0], [-1.0, 0.5], [0.3, 0.3]], &[1.0, 0.0, 1.0])
    => attention: fn f(q: &[f64; 2], k: &[[f64; 2]; 3], v: &[[f64; 2]; 3]) -> [f64; 2] {
        let scores = k.map(|row| (row[0] * q[0] + row[1] * q[1]) / 2f64.sqrt());
        let m = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = scores.map(|s| (s - m).exp());
        let total: f64 = weights.iter().sum();
        let mut out = [0.0; 2];
        for (w, row) in weights.iter().zip(v) {
            for (o, x) in out.iter_mut().zip(row) { *o += w / total * x; }
        }
        out
    } at (&[0.3, -0.2], &[[1.0, 0.5], [0.2, -0.4], [0.0, 1.0]], &[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    => gaussian_elimination: fn f(m: &[[f64; 3]; 3]) -> f64 {
        let mut a = *m;
        let mut det = 1.0;
        for c in 0..3 {
            let mut p = c;
            for r in c + 1..3 { if a[r][c].abs() > a[p][c].abs() { p = r; } }
            if p != c { a.swap(p, c); det = -det; }
            det *= a[c][c];
            let pivot = a[c];
            for row in a[c + 1..].iter_mut() {
                let t = row[c] / pivot[c];
                for (v, q) in row.iter_mut().zip(pivot.iter()).skip(c) { *v -= t * q; }
            }
        }
        det
    } at (&[[0.1, 2.0, 1.0], [3.0, 0.5, -1.0], [1.0, 1.0, 2.0]])
    => horner_match: fn f(c: &[f64], x: f64) -> f64 {
        match c { [] => 0.0, [a] => *a, [a, b] => a + b * x, [first, rest @ ..] => first + x * rest.iter().rev().fold(0.0, |p, k| p * x + k) }
    } at (&[1.0, 2.0, 3.0], 0.5) at (&[1.0, 2.0], 0.5) at (&[1.0], 0.5) at (&[0.0; 0], 0.5)
}
