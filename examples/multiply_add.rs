//! f(x, y, z) = (x + y)·z at (−2, 5, −4): the first worked example of the CS231n notes on backpropagation.

use derive_grad::derive_grad;

#[derive_grad]
fn multiply_add(x: f64, y: f64, z: f64) -> f64 {
    (x + y) * z
}

fn main() {
    let (value, grad) = multiply_add_grad(-2.0, 5.0, -4.0);
    println!("f = {value}");
    println!("∇f = ({}, {}, {})", grad.x, grad.y, grad.z);

    assert_eq!(value, multiply_add(-2.0, 5.0, -4.0));
    assert_eq!(value, -12.0);
    assert_eq!((grad.x, grad.y, grad.z), (-4.0, -4.0, 3.0));
}
