// What leaves in a way that is not taken is named by what it is.

use derive_grad::derive_grad;

#[derive_grad]
fn with_value(x: f64) -> f64 {
    let mut t = x;
    let root = loop {
        t = 0.5 * (t + x / t);
        if (t * t - x).abs() < 1e-9 {
            break t;
        }
    };
    root
}

#[derive_grad]
fn while_let(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut it = x.iter();
    while let Some(v) = it.next() {
        sum += v;
    }
    sum
}

#[derive_grad]
fn if_let(x: &[f64]) -> f64 {
    if let Some(v) = x.first() {
        return *v;
    }
    0.0
}

#[derive_grad]
fn let_else(x: &[f64]) -> f64 {
    let [a, b] = x else { return 0.0 };
    a * b
}

#[derive_grad]
fn labelled(x: f64) -> f64 {
    let mut y = x;
    'done: {
        if x > 1.0 {
            break 'done;
        }
        y *= x;
    }
    y
}

fn main() {}
