//! What a workload is asked with: read from JSON, and checked before anything is computed.

use serde::Deserialize;

use crate::gmm::mixture::{Mixture, Wishart};
use crate::ht::hand::Model;

/// More numbers than this are not computed with: they would not fit into memory, or take hours.
const MOST: usize = 1 << 28;

/// Refuses an input, and says why, where it does not hold.
fn check(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

fn same(what: &str, found: usize, expected: usize) -> Result<(), String> {
    check(found == expected, || format!("{what}: {found} where {expected} are needed"))
}

/// Rows of one width, one after the other.
fn flat(what: &str, rows: &[Vec<f64>], count: usize, width: usize) -> Result<Vec<f64>, String> {
    same(&format!("rows of `{what}`"), rows.len(), count)?;
    for (i, row) in rows.iter().enumerate() {
        same(&format!("numbers in row {i} of `{what}`"), row.len(), width)?;
    }
    Ok(rows.concat())
}

/// Sizes whose product is the amount of work.
fn bounded(what: &str, sizes: &[usize]) -> Result<(), String> {
    let product = sizes.iter().try_fold(1_usize, |all, n| all.checked_mul(*n));
    check(product.is_some_and(|n| n <= MOST), || format!("{what} is more than {MOST}"))
}

#[derive(Deserialize)]
pub struct Llsq {
    pub x: Vec<f64>,
    pub n: usize,
}

impl Llsq {
    pub fn checked(self) -> Result<Llsq, String> {
        bounded("`n` times the length of `x`", &[self.n, self.x.len().max(1)])?;
        Ok(self)
    }
}

#[derive(Deserialize)]
pub struct Lse {
    pub x: Vec<f64>,
}

#[derive(Deserialize)]
pub struct Ode {
    pub x: Vec<f64>,
    pub s: usize,
}

impl Ode {
    pub fn checked(self) -> Result<Ode, String> {
        check(!self.x.is_empty(), || "`x` has no component".to_owned())?;
        bounded("`s` times the length of `x`", &[self.s, self.x.len()])?;
        Ok(self)
    }
}

#[derive(Deserialize)]
pub struct Gmm {
    d: usize,
    x: Vec<Vec<f64>>,
    m: usize,
    gamma: f64,
    alpha: Vec<f64>,
    mu: Vec<Vec<f64>>,
    q: Vec<Vec<f64>>,
    l: Vec<Vec<f64>>,
}

pub struct GmmInput {
    pub d: usize,
    pub x: Vec<f64>,
    pub mixture: Mixture,
    pub prior: Wishart,
}

impl Gmm {
    pub fn checked(self) -> Result<GmmInput, String> {
        let (d, k) = (self.d, self.alpha.len());
        check(d > 0, || "`d` is 0".to_owned())?;
        check(k > 0, || "there is no component".to_owned())?;
        bounded("`d` times `d`", &[d, d])?;
        bounded("`d` times `m`", &[d, self.m])?;
        Ok(GmmInput {
            d,
            x: flat("x", &self.x, self.x.len(), d)?,
            mixture: Mixture {
                alpha: self.alpha,
                mu: flat("mu", &self.mu, k, d)?,
                q: flat("q", &self.q, k, d)?,
                l: flat("l", &self.l, k, d * (d - 1) / 2)?,
            },
            prior: Wishart { gamma: self.gamma, m: self.m },
        })
    }
}

#[derive(Deserialize)]
pub struct Lstm {
    main_params: Vec<Vec<f64>>,
    extra_params: Vec<Vec<f64>>,
    state: Vec<Vec<f64>>,
    sequence: Vec<Vec<f64>>,
}

pub struct LstmInput {
    pub b: usize,
    pub main: Vec<f64>,
    pub extra: Vec<f64>,
    pub state: Vec<f64>,
    pub sequence: Vec<f64>,
}

impl Lstm {
    pub fn checked(self) -> Result<LstmInput, String> {
        let b = self.extra_params.first().map_or(0, Vec::len);
        let rows = self.main_params.len();
        check(b > 0, || "`extra_params` is empty".to_owned())?;
        check(rows.is_multiple_of(2), || format!("`main_params` has {rows} rows: two a layer are needed"))?;
        check(!self.sequence.is_empty(), || "`sequence` is empty".to_owned())?;
        Ok(LstmInput {
            b,
            main: flat("main_params", &self.main_params, rows, 4 * b)?,
            extra: flat("extra_params", &self.extra_params, 3, b)?,
            state: flat("state", &self.state, rows, b)?,
            sequence: flat("sequence", &self.sequence, self.sequence.len(), b)?,
        })
    }
}

/// One camera, point, weight and feature, each to be repeated.
#[derive(Deserialize)]
pub struct Ba {
    pub n: usize,
    pub m: usize,
    pub p: usize,
    pub cam: [f64; 11],
    pub x: [f64; 3],
    pub w: f64,
    pub feat: [f64; 2],
}

impl Ba {
    pub fn checked(self) -> Result<Ba, String> {
        for (name, n) in [("n", self.n), ("m", self.m), ("p", self.p)] {
            check(n > 0, || format!("`{name}` is 0"))?;
            // A row of the Jacobian has fifteen elements.
            bounded(&format!("16 times `{name}`"), &[16, n])?;
        }
        Ok(self)
    }
}

#[derive(Deserialize)]
struct HtModel {
    parents: Vec<i32>,
    base_relatives: Vec<[[f64; 4]; 4]>,
    inverse_base_absolutes: Vec<[[f64; 4]; 4]>,
    base_positions: Vec<[f64; 4]>,
    weights: Vec<Vec<f64>>,
    triangles: Vec<[usize; 3]>,
    is_mirrored: bool,
}

/// The parameters of a hand: rotation, translation and four angles a finger.
const THETA: usize = 26;

/// The bones that have angles, and those before them.
const BONES: usize = 21;

impl HtModel {
    fn checked(self) -> Result<Model, String> {
        let (bones, vertices) = (self.parents.len(), self.base_positions.len());
        check(bones >= BONES, || format!("{bones} bones where the fingers need {BONES}"))?;
        for (i, parent) in self.parents.iter().enumerate() {
            let known = usize::try_from(*parent).map_or(*parent == -1, |p| p < i);
            check(known, || format!("the parent of bone {i} is {parent}, which is not before it"))?;
        }
        same("`base_relatives`", self.base_relatives.len(), bones)?;
        same("`inverse_base_absolutes`", self.inverse_base_absolutes.len(), bones)?;
        for (i, corners) in self.triangles.iter().enumerate() {
            check(corners.iter().all(|v| *v < vertices), || format!("triangle {i} has a vertex that there is not"))?;
        }
        Ok(Model {
            parents: self.parents,
            base_relatives: self.base_relatives,
            inverse_base_absolutes: self.inverse_base_absolutes,
            base_positions: self.base_positions,
            weights: flat("weights", &self.weights, vertices, bones)?,
            triangles: self.triangles,
            is_mirrored: self.is_mirrored,
        })
    }
}

#[derive(Deserialize)]
struct HtData {
    model: HtModel,
    correspondences: Vec<usize>,
    points: Vec<[f64; 3]>,
}

#[derive(Deserialize)]
pub struct Ht {
    theta: Vec<f64>,
    data: HtData,
    us: Vec<[f64; 2]>,
}

pub struct HtInput {
    pub theta: Vec<f64>,
    /// Empty where points belong to vertices and not to places in triangles.
    pub us: Vec<[f64; 2]>,
    pub model: Model,
    pub correspondences: Vec<usize>,
    pub points: Vec<[f64; 3]>,
}

impl Ht {
    pub fn checked(self) -> Result<HtInput, String> {
        let HtData { model, correspondences, points } = self.data;
        let model = model.checked()?;
        same("`theta`", self.theta.len(), THETA)?;
        same("`correspondences`", correspondences.len(), points.len())?;
        let (what, there_are) = if self.us.is_empty() {
            ("vertex", model.base_positions.len())
        } else {
            same("`us`", self.us.len(), points.len())?;
            ("triangle", model.triangles.len())
        };
        for (i, at) in correspondences.iter().enumerate() {
            check(*at < there_are, || format!("point {i} belongs to {what} {at} of {there_are}"))?;
        }
        Ok(HtInput { theta: self.theta, us: self.us, model, correspondences, points })
    }
}
