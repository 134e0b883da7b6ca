//! The benchmark's own inputs for bundle adjustment and hand tracking, where the folder that holds them is beside the
//! repository: values and derivatives against the benchmark's tool `manual` and against differences.
//!
//! `shared.jsonl` holds what `manual` made of each file. Of the hands that is Σ wᵢ fᵢ and its gradient, wᵢ = cos(i): first
//! the derivatives along the places of the points, if they have any, then those along theta.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::ht::hand::{self, Model};
use crate::{differences, slope, workloads};

/// The folder, or a note that there is none.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/gradbench");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

/// What is expected of the files of one workload: (the file, its text, the rest).
fn expected(folder: &Path, workload: &str) -> Vec<(String, Value)> {
    let cases = include_str!("shared.jsonl").lines().map(|c| serde_json::from_str::<Value>(c).expect("a case is JSON"));
    let named = cases.map(|case| (case["file"].as_str().expect("a file").to_owned(), case));
    let own = named.filter(|(file, _)| file.starts_with(workload));
    own.map(|(file, case)| (read(folder, &file), case)).collect()
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().map(|n| n.parse().expect("a number")).collect()
}

fn sizes(line: &str) -> Vec<usize> {
    line.split_whitespace().map(|n| n.parse().expect("a size")).collect()
}

#[test]
fn bundle_adjustment() {
    let Some(folder) = folder() else { return };
    let cases = expected(&folder, "ba/");
    assert_eq!(cases.len(), 2);
    for (text, case) in cases {
        let lines: Vec<&str> = text.lines().collect();
        let size = sizes(lines[0]);
        let (camera, point, seen) = (numbers(lines[1]), numbers(lines[2]), numbers(lines[4]));
        let weight = numbers(lines[3])[0];
        let input = json!({
            "n": size[0], "m": size[1], "p": size[2], "cam": camera, "x": point, "w": weight, "feat": seen,
        });
        let mut jacobian = Value::Null;
        for function in ["objective", "jacobian"] {
            let (output, _) = workloads::evaluate("ba", function, input.clone()).expect("it is evaluated");
            let mut found = Vec::new();
            differences(&output, &case[function], "", &mut found);
            assert!(found.is_empty(), "{function} of {}:\n{}", case["file"], found.join("\n"));
            jacobian = output;
        }
        // The first two rows: camera, point and weight.
        for k in 0..15 {
            for r in 0..2 {
                let error = |h: f64| {
                    let mut moved = [camera.as_slice(), &point, &[weight]].concat();
                    moved[k] += h;
                    let camera: [f64; 11] = moved[..11].try_into().expect("eleven numbers");
                    let point: [f64; 3] = moved[11..14].try_into().expect("three numbers");
                    crate::ba::camera::reprojection(&camera, &point, moved[14], &[seen[0], seen[1]])[r]
                };
                let (got, expected) = (jacobian["vals"][15 * r + k].as_f64().expect("a float"), slope(&error));
                assert!(
                    (got - expected).abs() < 1e-6 * (1.0 + expected.abs()),
                    "{r}, {k}: {got} instead of {expected}"
                );
            }
        }
    }
}

/// The model, whose files have one line a bone, vertex or triangle.
fn model(folder: &Path) -> Model {
    let rows = |file: &str| -> Vec<Vec<String>> {
        let text = read(folder, &format!("ht/model_small/{file}.txt"));
        text.lines().map(|line| line.trim().split(':').map(str::to_owned).collect()).collect()
    };
    let float = |text: &String| -> f64 { text.parse().expect("a number") };
    let matrix = |row: &[String], at: usize| -> [[f64; 4]; 4] {
        std::array::from_fn(|i| std::array::from_fn(|j| float(&row[at + 4 * i + j])))
    };
    let (bones, vertices) = (rows("bones"), rows("vertices"));
    let mut weights = vec![0.0; vertices.len() * bones.len()];
    for (v, row) in vertices.iter().enumerate() {
        for pair in row[9..].chunks_exact(2).take(row[8].parse().expect("a count")) {
            weights[v * bones.len() + pair[0].parse::<usize>().expect("a bone")] = float(&pair[1]);
        }
    }
    let corners = |row: &Vec<String>| -> [usize; 3] { std::array::from_fn(|k| row[k].parse().expect("a vertex")) };
    Model {
        parents: bones.iter().map(|row| row[1].parse().expect("a bone")).collect(),
        base_relatives: bones.iter().map(|row| matrix(row, 2)).collect(),
        inverse_base_absolutes: bones.iter().map(|row| matrix(row, 18)).collect(),
        base_positions: vertices.iter().map(|row| [float(&row[0]), float(&row[1]), float(&row[2]), 1.0]).collect(),
        weights,
        triangles: rows("triangles").iter().map(corners).collect(),
        is_mirrored: false,
    }
}

/// What a file of measurements holds.
struct Measured {
    theta: Vec<f64>,
    us: Vec<[f64; 2]>,
    correspondences: Vec<usize>,
    points: Vec<[f64; 3]>,
}

fn measured(text: &str, has_places: bool) -> Measured {
    let mut lines = text.lines();
    let size = sizes(lines.next().expect("sizes"));
    let rows: Vec<Vec<f64>> = lines.by_ref().take(size[0]).map(numbers).collect();
    let places = if has_places { size[0] } else { 0 };
    let us: Vec<Vec<f64>> = lines.by_ref().take(places).map(numbers).collect();
    Measured {
        theta: lines.take(size[1]).map(|line| numbers(line)[0]).collect(),
        us: us.iter().map(|u| [u[0], u[1]]).collect(),
        correspondences: rows.iter().map(|row| row[0] as usize).collect(),
        points: rows.iter().map(|row| [row[1], row[2], row[3]]).collect(),
    }
}

impl Measured {
    fn errors(&self, model: &Model) -> Vec<[f64; 3]> {
        if self.us.is_empty() {
            hand::to_vertices(&self.theta, model, &self.correspondences, &self.points)
        } else {
            hand::to_triangles(&self.theta, &self.us, model, &self.correspondences, &self.points)
        }
    }

    /// The gradient of Σ cotangent · errors in reverse: along the places, all of them together, and along theta.
    fn reverse(&self, model: &Model, cotangent: &[[f64; 3]]) -> Vec<f64> {
        let Measured { theta, us, correspondences, points } = self;
        if us.is_empty() {
            let (_, residuals) = hand::to_vertices_forward(theta, model, correspondences, points);
            return hand::to_vertices_backward(&residuals, theta, model, correspondences, points, cotangent);
        }
        let (_, residuals) = hand::to_triangles_forward(theta, us, model, correspondences, points);
        let grad = hand::to_triangles_backward(&residuals, theta, us, model, correspondences, points, cotangent);
        let both = (0..2).map(|k| grad.us.iter().map(|u| u[k]).sum());
        both.chain(grad.theta).collect()
    }

    /// The derivative of the errors along one of those directions.
    fn forward(&self, model: &Model, k: usize) -> Vec<[f64; 3]> {
        let Measured { theta, us, correspondences, points } = self;
        let mut theta_dot = vec![0.0; theta.len()];
        if us.is_empty() {
            theta_dot[k] = 1.0;
            return hand::to_vertices_jvp(theta, model, correspondences, points, &theta_dot).1;
        }
        let mut u_dot = [0.0; 2];
        if k < 2 {
            u_dot[k] = 1.0;
        } else {
            theta_dot[k - 2] = 1.0;
        }
        hand::to_triangles_jvp(theta, us, model, correspondences, points, &theta_dot, &vec![u_dot; us.len()]).1
    }

    fn moved(&self, k: usize, h: f64) -> Measured {
        let places = if self.us.is_empty() { 0 } else { 2 };
        let (mut theta, mut us) = (self.theta.clone(), self.us.clone());
        match k.checked_sub(places) {
            Some(k) => theta[k] += h,
            None => us.iter_mut().for_each(|u| u[k] += h),
        }
        Measured { theta, us, correspondences: self.correspondences.clone(), points: self.points.clone() }
    }
}

#[test]
fn hand_tracking() {
    let Some(folder) = folder() else { return };
    let model = model(&folder);
    let cases = expected(&folder, "ht/");
    assert_eq!(cases.len(), 6);
    for (text, case) in cases {
        let file = case["file"].as_str().expect("a file");
        let measured = measured(&text, file.contains("complicated"));
        let weights = |i: usize, r: usize| ((3 * i + r) as f64).cos();
        let cotangent: Vec<[f64; 3]> =
            (0..measured.points.len()).map(|i| std::array::from_fn(|r| weights(i, r))).collect();
        let weighted = |errors: &[[f64; 3]]| -> f64 {
            errors.iter().zip(&cotangent).flat_map(|(e, c)| e.iter().zip(c)).map(|(e, c)| e * c).sum()
        };
        let close = |what: &str, got: f64, expected: f64, tolerance: f64| {
            let error = (got - expected).abs() / (1.0 + expected.abs());
            assert!(error < tolerance, "{file}, {what}: {got} instead of {expected}");
        };
        close("objective", weighted(&measured.errors(&model)), case["objective"].as_f64().expect("a float"), 1e-9);
        let expected: Vec<f64> = serde_json::from_value(case["gradient"].clone()).expect("floats");
        let gradient = measured.reverse(&model, &cotangent);
        assert_eq!(gradient.len(), expected.len());
        for (k, expected) in expected.iter().enumerate() {
            close(&format!("reverse {k}"), gradient[k], *expected, 1e-9);
            close(&format!("forward {k}"), weighted(&measured.forward(&model, k)), *expected, 1e-9);
            // The larger files take a while without optimisation.
            if measured.points.len() <= 100 {
                let difference = slope(&|h| weighted(&measured.moved(k, h).errors(&model)));
                close(&format!("difference {k}"), gradient[k], difference, 1e-7);
            }
        }
    }
}
