// Arrays: their lengths, their elements and their methods.

use derive_grad::derive_grad;

#[derive_grad]
pub fn lengths(x: &[f64], n: usize) -> f64 {
    let mut y = vec![0.0; 2];
    for i in 0..x.len() {
        y = vec![x[i]; i];
    }
    let mut z = vec![vec![0.0; 2]; 3];
    for i in 0..3 {
        z[i] = vec![1.0; i + 1];
    }
    let w = [vec![0.0; n], vec![0.0; n + 1]];
    let mut u = vec![1.0];
    for i in 0..3 {
        if x[i] > 0.0 {
            u.push(x[i]);
        }
    }
    let mut t = Vec::new();
    while t.len() < n {
        t.push(x[0]);
    }
    let mut s = Vec::new();
    for i in 0..n {
        s.push(vec![0.0; i]);
    }
    let mut r = vec![vec![0.0; 2]; 2];
    r.push(vec![1.0; 3]);
    let mut q = vec![x[0]];
    q.push(true);
    let p: [f64; 3] = std::array::from_fn(|i| x[i]);
    let o = std::array::from_fn(|i| x[i]);
    let m: [f64; 3] = std::array::from_fn(1, 2);
    let l = x.first_chunk().unwrap();
    y[0]
}

#[derive_grad]
pub fn changes(x: f64) -> f64 {
    let mut y = [x, 1.0];
    if x > 0.0 {
        y = [x, 2.0, 3.0];
    }
    y[0]
}

#[derive_grad]
pub fn elements(x: &[f64; 2], k: i32, f: f64, c: bool) -> f64 {
    let a = x + 1.0;
    let b = x * x;
    let d = x[k];
    let e = f[0];
    let g = [f, 1, 2.0];
    let h = [f, true];
    let i = x[0][0];
    let j = x.exp();
    let l = -x;
    let m = x.max(1.0);
    let n = f.max(x);
    let o = x.binary_search(1);
    let p = x.first();
    let q = x.get(1);
    let r = x.concat();
    let s = f.iter().sum::<f64>();
    let t = &f[1..];
    let u = f.first().unwrap();
    x[0]
}

#[derive_grad]
pub fn places(x: f64) -> f64 {
    let mut a = [x; 4];
    a[1..3] = [x; 2];
    a.sort_by(|a, b| a.total_cmp(b));
    let mut b = vec![x];
    b.extend([1.0]);
    b.pop();
    std::f64::consts::PI = 1.0;
    for p in a.chunks_exact(0) {
        b[0] = 0.0;
    }
    a[0]
}

#[derive_grad]
pub fn tuples(x: f64) -> f64 {
    let mut t = (x, 1.0);
    t.2 = 1.0;
    let mut t = (x, 1.0);
    t[0] = 1.0;
    let mut y = x;
    y.0 = 1.0;
    let mut y = x;
    (y, t.0) = x;
    let mut y = x;
    let mut t = (x, 1.0);
    (y, t.0) = (x, 1.0, 2.0);
    x.sin() = 1.0;
    t.0
}

#[derive_grad]
pub fn destructured(x: f64) -> f64 {
    let (mut a, mut t, mut y, mut z) = ([x; 4], (x, 1.0), x, x);
    (y.0, z) = (1.0, 2.0);
    let (mut a, mut t, mut y, mut z) = ([x; 4], (x, 1.0), x, x);
    (t.2, z) = (1.0, 2.0);
    let (mut a, mut t, mut y, mut z) = ([x; 4], (x, 1.0), x, x);
    (t[0], z) = (1.0, 2.0);
    let (mut a, mut t, mut y, mut z) = ([x; 4], (x, 1.0), x, x);
    (a[0][0], z) = (1.0, 2.0);
    let (mut a, mut t, mut y, mut z) = ([x; 4], (x, 1.0), x, x);
    (a[0].0, z) = (1.0, 2.0);
    let (mut a, mut t, mut y, mut z) = ([x; 4], (x, 1.0), x, x);
    (x.sin(), z) = (1.0, 2.0);
    let (mut a, mut t, mut y, mut z) = ([x; 4], (x, 1.0), x, x);
    (a[0], z) = ((1.0, 2.0), 2.0);
    y
}

#[derive_grad]
pub fn pushed_plain(x: f64) -> f64 {
    let mut q = vec![x];
    q.push(true);
    let mut q = vec![x];
    q.push(1);
    let mut q = vec![vec![x]];
    q[0].push(x);
    x
}

#[derive_grad]
pub fn inside(x: f64) -> f64 {
    let mut a = [x; 4];
    a[0].0 = 1.0;
    let mut a = [x; 4];
    a[0][0] = 1.0;
    let mut a = [x; 4];
    a[0] = [x; 2];
    let mut d = [[x; 2]; 2];
    d[0] = [x; 3];
    let mut a = [x; 4];
    a.copy_from_slice(x);
    let mut a = [x; 4];
    let y = 1.0 + { a[0] = 2.0; x };
    let mut a = [x; 4];
    let z = if x > 0.0 && { a[0] = 2.0; true } { 1.0 } else { 2.0 };
    let mut u = vec![vec![x]];
    u.push(vec![x; 2]);
    x
}

#[derive_grad]
pub fn scalars(x: f64) -> f64 {
    let mut y = x;
    y.swap(0, 1);
    let mut y = x;
    for p in y.iter_mut() {
        *p = 0.0;
    }
    let mut y = x;
    for p in y.chunks_exact_mut(2) {
        p[0] = 0.0;
    }
    let mut y = x;
    for p in y.chunks_exact(2) {}
    y
}

#[derive_grad]
pub fn pushes(n: usize, x: f64) -> f64 {
    let mut s = Vec::new();
    for i in 0..n {
        s.push(vec![x; i]);
    }
    s[0][0]
}

#[derive_grad]
pub fn pushed_types(n: usize, x: f64) -> f64 {
    let mut s = Vec::new();
    for i in 0..n {
        s.push(x);
        s.push(true);
    }
    s[0]
}

#[derive_grad]
pub fn pushed_sometimes(n: usize, x: f64) -> f64 {
    let mut s = Vec::new();
    for i in 0..n {
        if i > 2 {
            s.push(x);
        }
    }
    s[0]
}

#[derive_grad]
pub fn pushed_once_more(n: usize, x: f64) -> f64 {
    let mut s = Vec::new();
    for i in 0..n {
        s.push(x);
        if i > 2 {
            s.push(x);
        }
    }
    s[0]
}

#[derive_grad]
pub fn changed_in_a_loop(x: f64) -> f64 {
    let mut v = vec![x; 1];
    let mut w = x;
    for i in 0..3 {
        v = vec![x; 2];
        w = w + v[0];
    }
    v[0]
}

#[derive_grad]
pub fn references(x: f64) -> f64 {
    let mut a = [x];
    let mut b = [x];
    let mut r = &mut a;
    r = &mut b;
    let s = {
        let mut c = [x];
        &mut c
    };
    s[0] = 1.0;
    a[0]
}

pub fn used(x: f64, v: &[f64]) -> f64 {
    lengths_grad(v, 1).1[0] + changes_grad(x).1 + elements_grad(&[x; 2], 1, x, true).1.x[0] + places_grad(x).1
}
