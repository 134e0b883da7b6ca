use derive_grad::derive_grad;

#[derive_grad]
pub fn grows(x: &[f64]) -> f64 {
    let mut y = vec![0.0; 2];
    for i in 0..x.len() {
        y = vec![x[i]; i];
    }
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
