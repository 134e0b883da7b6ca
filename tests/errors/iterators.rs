// Chains of iterators.

use derive_grad::derive_grad;

#[derive_grad]
pub fn chains(x: &[f64], k: &[usize], n: usize) -> f64 {
    let it = x.iter();
    let a = x.iter().scan(0.0, |s, v| Some(*s)).sum::<f64>();
    let b = x.iter().position(|v| *v > 0.0);
    let c = x.iter().last();
    let d: Vec<f64> = x.iter().filter(|v| **v > 0.0).copied().collect();
    let e: f64 = x.iter().filter(|v| **v > 0.0).zip(x).map(|(a, b)| a * b).sum();
    let f = k.iter().sum::<f64>();
    let g = x.iter().zip(x).sum::<f64>();
    let h: Vec<_> = x.iter().zip(x).collect();
    let i = x.iter().fold(0, |a, v| a as f64 + v);
    let j = (0..3).map(|i| vec![0.0; i]).collect::<Vec<_>>();
    let l = x.iter().fold(vec![0.0; n + 2], |v, _| v[1..].to_vec());
    let mut m = 0.0;
    let o: f64 = x.iter().map(|v| { m += v; m }).skip(1).sum();
    let p = x.iter().filter(|v| **v > 0.0).reduce(|a, b| a + b).unwrap();
    let q = x.iter().max().unwrap();
    let r = x.iter().map(|v| |y: f64| y * v).collect::<Vec<_>>();
    let s = x.iter().filter(|v| *v).count();
    let t = x.iter().zip(x).map(f64::exp).sum::<f64>();
    let u = k.iter().map(f64::exp).sum::<f64>();
    let v = x.iter().map(n).sum::<f64>();
    let w = x.iter().map(1.0).sum::<f64>();
    let y = n.iter().sum::<f64>();
    for z in x.windows(0) {}
    let aa = x.iter().max_by(|a, b| a > b).unwrap();
    let bb = x.iter().filter_map(f64::checked).sum::<f64>();
    x[0]
}

pub fn used(x: &[f64]) -> f64 {
    chains_grad(x, &[1], 1).1[0]
}
