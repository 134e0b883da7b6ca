//! From JSON to each workload's function and back.

use serde::Serialize;
use serde_json::{Value, json};

use crate::gmm::mixture::{Mixture, log_posterior, log_posterior_grad};
use crate::ht::hand;
use crate::inputs::{Ba, Gmm, GmmInput, Ht, HtInput, Llsq, Lse, Lstm, Ode};
use crate::protocol::{Evaluated, run};
use crate::{ba, hello, llsq, lse, lstm, ode};

const KNOWN: [&str; 8] = ["hello", "llsq", "lse", "gmm", "ba", "ht", "lstm", "ode"];

/// Whether there is such a workload.
pub fn is_known(module: &str) -> bool {
    KNOWN.contains(&module)
}

/// Runs a function of a workload.
pub fn evaluate(module: &str, function: &str, input: Value) -> Evaluated {
    match (module, function) {
        ("hello", "square") => run(input, Ok::<f64, String>, |x| hello::square(*x), |_, y| y),
        ("hello", "double") => run(input, Ok::<f64, String>, |x| hello::square_grad(*x).1, |_, y| y),
        ("llsq", "primal") => run(input, Llsq::checked, |i| llsq::objective(&i.x, i.n), |_, y| y),
        ("llsq", "gradient") => run(input, Llsq::checked, |i| llsq::objective_grad(&i.x, i.n).1, |_, g| g),
        ("lse", "primal") => run(input, Ok::<Lse, String>, |i| lse::log_sum_exp(&i.x), |_, y| y),
        ("lse", "gradient") => run(input, Ok::<Lse, String>, |i| lse::log_sum_exp_grad(&i.x).1, |_, g| g),
        ("gmm", "objective") => run(input, Gmm::checked, |i| log_posterior(i.d, &i.x, &i.mixture, &i.prior), |_, y| y),
        ("gmm", "jacobian") => {
            let gradient = |i: &GmmInput| log_posterior_grad(i.d, &i.x, &i.mixture, &i.prior).1;
            run(input, Gmm::checked, gradient, |i, g| gmm_output(i.d, &g))
        }
        ("ode", "primal") => run(input, Ode::checked, |i| ode::runge_kutta::solve(&i.x, i.s), |_, y| y),
        ("ode", "gradient") => run(input, Ode::checked, last_gradient, |_, g| g),
        ("lstm", "objective") => {
            run(input, Lstm::checked, |i| lstm::network::loss(i.b, &i.main, &i.extra, &i.state, &i.sequence), |_, y| y)
        }
        ("lstm", "jacobian") => run(
            input,
            Lstm::checked,
            |i| lstm::network::loss_grad(i.b, &i.main, &i.extra, &i.state, &i.sequence).1,
            |_, g| [g.main, g.extra].concat(),
        ),
        ("ba", "objective") => run(input, Ba::checked, ba_objective, |_, (reprojection, weight)| {
            json!({
                "reproj_error": { "elements": reprojection[0], "repeated": reprojection.len() },
                "w_err": { "element": weight[0], "repeated": weight.len() },
            })
        }),
        ("ba", "jacobian") => run(input, Ba::checked, ba_jacobian, |_, jacobian| jacobian.sample()),
        ("ht", "objective") => run(input, Ht::checked, ht_objective, |_, errors| errors.concat()),
        ("ht", "jacobian") => run(input, Ht::checked, ht_jacobian, |_, rows| rows),
        _ => Err(format!("there is no function `{function}` of `{module}` here")),
    }
}

/// The gradient of the last component.
fn last_gradient(input: &Ode) -> Vec<f64> {
    let (y, residuals) = ode::runge_kutta::solve_forward(&input.x, input.s);
    let mut cotangent = vec![0.0; y.len()];
    if let Some(last) = cotangent.last_mut() {
        *last = 1.0;
    }
    ode::runge_kutta::solve_backward(&residuals, &input.x, input.s, &cotangent)
}

#[derive(Serialize)]
struct GmmOutput {
    alpha: Vec<f64>,
    mu: Vec<Vec<f64>>,
    q: Vec<Vec<f64>>,
    l: Vec<Vec<f64>>,
}

fn gmm_output(d: usize, gradient: &Mixture) -> GmmOutput {
    let k = gradient.alpha.len();
    let rows = |flat: &[f64], width: usize| (0..k).map(|i| flat[i * width..(i + 1) * width].to_vec()).collect();
    GmmOutput {
        alpha: gradient.alpha.clone(),
        mu: rows(&gradient.mu, d),
        q: rows(&gradient.q, d),
        l: rows(&gradient.l, d * (d - 1) / 2),
    }
}

/// The repeated inputs, and which camera sees which point.
struct Scene {
    cameras: Vec<[f64; 11]>,
    points: Vec<[f64; 3]>,
    weights: Vec<f64>,
    features: Vec<[f64; 2]>,
}

impl Scene {
    fn of(input: &Ba) -> Scene {
        Scene {
            cameras: vec![input.cam; input.n],
            points: vec![input.x; input.m],
            weights: vec![input.w; input.p],
            features: vec![input.feat; input.p],
        }
    }
}

fn ba_objective(input: &Ba) -> (Vec<[f64; 2]>, Vec<f64>) {
    let scene = Scene::of(input);
    let reprojection = (0..input.p).map(|i| {
        let (camera, point) = (&scene.cameras[i % input.n], &scene.points[i % input.m]);
        ba::camera::reprojection(camera, point, scene.weights[i], &scene.features[i])
    });
    (reprojection.collect(), scene.weights.iter().map(|w| ba::camera::weight_error(*w)).collect())
}

/// A sparse matrix by rows: where each begins, and the columns and values of its elements.
#[derive(Serialize)]
struct Sparse {
    rows: Vec<usize>,
    cols: Vec<usize>,
    vals: Vec<f64>,
}

impl Sparse {
    fn row(&mut self, elements: impl IntoIterator<Item = (usize, f64)>) {
        for (column, value) in elements {
            self.cols.push(column);
            self.vals.push(value);
        }
        self.rows.push(self.cols.len());
    }

    /// The first thirty of each list and the last, which is what is asked for.
    fn sample(&self) -> Sparse {
        fn ends<T: Copy>(all: &[T]) -> Vec<T> {
            all.iter().take(30).chain(all.last()).copied().collect()
        }
        Sparse { rows: ends(&self.rows), cols: ends(&self.cols), vals: ends(&self.vals) }
    }
}

fn ba_jacobian(input: &Ba) -> Sparse {
    let scene = Scene::of(input);
    let (points_at, weights_at) = (11 * input.n, 11 * input.n + 3 * input.m);
    let mut jacobian = Sparse { rows: vec![0], cols: Vec::new(), vals: Vec::new() };
    for i in 0..input.p {
        let (c, x) = (i % input.n, i % input.m);
        let (camera, point, weight, seen) = (&scene.cameras[c], &scene.points[x], scene.weights[i], &scene.features[i]);
        let (_, residuals) = ba::camera::reprojection_forward(camera, point, weight, seen);
        for cotangent in [[1.0, 0.0], [0.0, 1.0]] {
            let grad = ba::camera::reprojection_backward(&residuals, camera, point, weight, seen, &cotangent);
            let camera = grad.camera.into_iter().enumerate().map(|(k, v)| (11 * c + k, v));
            let point = grad.point.into_iter().enumerate().map(|(k, v)| (points_at + 3 * x + k, v));
            jacobian.row(camera.chain(point).chain([(weights_at + i, grad.weight)]));
        }
    }
    for (i, weight) in scene.weights.iter().enumerate() {
        jacobian.row([(weights_at + i, ba::camera::weight_error_grad(*weight).1)]);
    }
    jacobian
}

fn ht_objective(input: &HtInput) -> Vec<[f64; 3]> {
    let HtInput { theta, us, model, correspondences, points } = input;
    if us.is_empty() {
        hand::to_vertices(theta, model, correspondences, points)
    } else {
        hand::to_triangles(theta, us, model, correspondences, points)
    }
}

/// A row for each coordinate of each point, a column for each parameter: first the two of the point's own place.
fn ht_jacobian(input: &HtInput) -> Vec<Vec<f64>> {
    let HtInput { theta, us, model, correspondences, points } = input;
    let mut columns: Vec<Vec<[f64; 3]>> = Vec::new();
    let still = vec![0.0; theta.len()];
    if !us.is_empty() {
        // Every point has a place of its own: one direction moves them all.
        for k in 0..2 {
            let mut direction = [0.0; 2];
            direction[k] = 1.0;
            let us_dot = vec![direction; us.len()];
            columns.push(hand::to_triangles_jvp(theta, us, model, correspondences, points, &still, &us_dot).1);
        }
    }
    let us_dot = vec![[0.0; 2]; us.len()];
    for k in 0..theta.len() {
        let mut theta_dot = still.clone();
        theta_dot[k] = 1.0;
        columns.push(if us.is_empty() {
            hand::to_vertices_jvp(theta, model, correspondences, points, &theta_dot).1
        } else {
            hand::to_triangles_jvp(theta, us, model, correspondences, points, &theta_dot, &us_dot).1
        });
    }
    let row = |i: usize| columns.iter().map(|column| column[i / 3][i % 3]).collect();
    (0..3 * points.len()).map(row).collect()
}
