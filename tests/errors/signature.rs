use derive_grad::derive_grad;

#[derive_grad]
pub async fn waits(x: f64) -> f64 {
    x
}

#[derive_grad]
pub fn generic<T: Copy>(x: f64, _y: T) -> f64 {
    x
}

#[derive_grad]
pub fn text(x: f64, _y: &str, _z: Vec<f64>, _w: (f64, f64)) -> f64 {
    x
}

#[derive_grad]
pub fn mixed(x: f64, _y: f32) -> f64 {
    x
}

#[derive_grad]
pub fn counts(_x: f64) -> usize {
    1
}

#[derive_grad]
pub fn nothing(_x: f64) {}
