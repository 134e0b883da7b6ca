//! The text itself, of a few functions.

use super::emitted;
use super::primals::all;

/// The text of one generated function.
fn item(name: &str, function: &str, wrt: &[usize]) -> String {
    let f = all().into_iter().find(|(f, _)| &*f.name == function).expect("there is such a primal").0;
    let text = emitted(&f, wrt);
    let start = text.find(&format!("pub fn {name}(")).expect("there is such a function");
    let end = start + text[start..].find("\n}\n").expect("it ends") + 3;
    text[start..end].to_string()
}

#[test]
fn a_sum_is_a_loop_and_so_is_its_gradient() {
    assert_eq!(
        item("sum_of_squares_grad", "sum_of_squares", &[0]),
        "\
pub fn sum_of_squares_grad(x: &[f64]) -> (f64, Vec<f64>) {
    let n = x.len();
    let mut acc = 0.0;
    let mut x_adj = vec![0.0; n];
    for i in 0..n {
        x_adj[i] = 2.0 * x[i];
        acc += x[i] * x[i];
    }
    (acc, x_adj)
}
"
    );
}

#[test]
fn buffers_are_filled_where_they_are() {
    assert_eq!(
        item("dot_grad_into", "dot", &[0, 1]),
        "\
pub fn dot_grad_into(x: &[f64], y: &[f64], x_adj: &mut [f64], y_adj: &mut [f64]) -> f64 {
    let n = x.len();
    assert_eq!(y.len(), n, \"`x` and `y` must have the same length\");
    assert_eq!(x_adj.len(), n, \"`x` and `x_adj` must have the same length\");
    assert_eq!(y_adj.len(), n, \"`x` and `y_adj` must have the same length\");
    let mut acc = 0.0;
    for i in 0..n {
        y_adj[i] = x[i];
        x_adj[i] = y[i];
        acc += x[i] * y[i];
    }
    acc
}
"
    );
}

#[test]
fn a_neuron_computes_its_exponential_once() {
    assert_eq!(
        item("neuron_grad", "neuron", &[0, 1, 2]),
        "\
pub fn neuron_grad(w: &[f64; 2], x: &[f64; 2], b: f64) -> (f64, NeuronGrad) {
    let mut z = b;
    for i in 0..2 {
        z += w[i] * x[i];
    }
    let sigmoid_z = sigmoid(z);
    let z_adj = sigmoid_z * (1.0 - sigmoid_z);
    let mut w_adj = [0.0; 2];
    let mut x_adj = [0.0; 2];
    for i in 0..2 {
        x_adj[i] = z_adj * w[i];
        w_adj[i] = z_adj * x[i];
    }
    (
        sigmoid_z,
        NeuronGrad {
            w: w_adj,
            x: x_adj,
            b: z_adj,
        },
    )
}
"
    );
}
