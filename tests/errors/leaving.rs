use derive_grad::derive_grad;

#[derive_grad]
pub fn forever(x: f64) -> f64 {
    let mut y = x;
    loop {
        y *= 0.5;
    }
}

#[derive_grad]
pub fn inside(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        let w = if *v < 0.0 { break } else { *v };
        s += w;
    }
    s
}

#[derive_grad]
pub fn valued(x: f64) -> f64 {
    let y = loop {
        break x * 2.0;
    };
    y
}
