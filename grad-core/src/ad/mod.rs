//! Differentiation: each transformation takes a `Function` to a `Function` with the same parameters.
//!
//! [`gradient`], [`jacobian`] and [`hessian`] are defined from the two modes: `vjp` (reverse: Σ over uses of adjoint ×
//! partial) and `jvp` (forward: Σ over operands of partial × tangent), which read one table of partials.

mod activity;
mod arrival;
mod cotangent;
mod cover;
pub mod flat;
mod jvp;
mod nest;
mod polynomial;
pub(crate) mod settled;
mod untouched;
mod vjp;
mod vjp_build;
mod vjp_choice;
mod vjp_loop;
mod vjp_nest;
pub(crate) mod write_once;

use std::collections::BTreeMap;
use std::rc::Rc;

use self::arrival::{Asked, Presence};
use self::cotangent::Cotangent;
use crate::diagnostic::{Origin, Problem};
use crate::ir::{Body, Builder, Dim, Direction, Function, Id, Op, Param, SizeId, Store, Type, Value};
use crate::prim::{Cost, Prim};

/// Which way derivatives flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// From the result back: one sweep whatever the number of parameters.
    #[default]
    Reverse,
    /// From a parameter on: one sweep a parameter.
    Forward,
}

/// The value and the gradient of a function of one float result: its results are the primal's, then one adjoint for
/// each parameter of `wrt`, of that parameter's shape.
///
/// # Errors
/// When the function has not exactly one result, a float scalar; when a parameter of `wrt` is not of floats; when a
/// primitive on the way has no known derivative.
pub fn gradient(f: &Function, wrt: &[usize], mode: Mode) -> Result<Function, Problem> {
    check_scalar(&f.body.results, f)?;
    gradient_of_first(f, wrt, mode)
}

/// The same of the first result; the others are given back as they are, before the adjoints.
///
/// # Errors
/// As for [`gradient`], of the first result.
pub fn gradient_of_first(f: &Function, wrt: &[usize], mode: Mode) -> Result<Function, Problem> {
    check_wrt(f, wrt)?;
    check_scalar(&f.body.results[..f.body.results.len().min(1)], f)?;
    match mode {
        Mode::Reverse => with_body(f, |b, params| {
            let is_first: Vec<bool> = (0..f.body.results.len()).map(|k| k == 0).collect();
            let forward = whole_forward(b, f, wrt, params, &is_first)?;
            let mut results = forward.results();
            let mut cotangents = vec![None; results.len()];
            cotangents[0] = Some(b.float(1.0));
            let adjoints = whole_reverse(b, &forward, &cotangents)?;
            results.extend(adjoints_of(b, f, wrt, params, &adjoints));
            Ok(results)
        }),
        Mode::Forward => with_body(f, |b, params| {
            let mut results = b.import(&f.body, params);
            for k in wrt {
                results.push(forward_gradient(b, f, params, *k)?);
            }
            Ok(results)
        }),
    }
}

/// A cotangent for each float result, as further parameters after the primal's: the results, then the adjoints.
///
/// # Errors
/// As for [`gradient`], but for any number of float results.
pub fn vjp(f: &Function, wrt: &[usize]) -> Result<Function, Problem> {
    check_wrt(f, wrt)?;
    let mut function = with_body(f, |b, params| {
        let forward = whole_forward(
            b,
            f,
            wrt,
            params,
            &f.body.results.iter().map(|r| f.body.ty(*r).is_float()).collect::<Vec<_>>(),
        )?;
        let mut results = forward.results();
        let cotangents: Vec<Option<Value>> = (f.body.results.iter())
            .map(|r| {
                let ty = f.body.ty(*r);
                ty.is_float().then(|| b.param(ty.clone()))
            })
            .collect();
        let adjoints = whole_reverse(b, &forward, &cotangents)?;
        results.extend(adjoints_of(b, f, wrt, params, &adjoints));
        Ok(results)
    })?;
    let n = f.body.results.iter().filter(|r| f.body.ty(**r).is_float()).count();
    for k in 0..n {
        function.params.push(Param { name: if n == 1 { "cotangent".into() } else { format!("cotangent_{k}").into() } });
    }
    Ok(function)
}

/// A tangent for each parameter of `wrt`, as further parameters after the primal's: the results, then their tangents.
///
/// # Errors
/// As for [`gradient`], but for any number of float results.
pub fn jvp(f: &Function, wrt: &[usize]) -> Result<Function, Problem> {
    check_wrt(f, wrt)?;
    let mut function = with_body(f, |b, params| {
        let mut args: Vec<(Value, Option<Value>)> = params.iter().map(|p| (*p, None)).collect();
        for k in wrt {
            args[*k].1 = Some(b.param(f.param_type(*k).clone()));
        }
        let duals = jvp::push_forward(b, &f.body, &args)?;
        let mut results: Vec<Value> = duals.iter().map(|(v, _)| *v).collect();
        let float = duals.iter().filter(|(v, _)| b.ty(*v).is_float());
        results.extend(float.map(|(v, tangent)| tangent.unwrap_or_else(|| b.zeros_like(*v))).collect::<Vec<_>>());
        Ok(results)
    })?;
    for k in wrt {
        function.params.push(Param { name: format!("{}_dot", f.params[*k].name).into() });
    }
    Ok(function)
}

/// The value, the gradient and the Hessian, forward over reverse: a matrix whose rows and columns run over the elements
/// of `wrt` in its order, each parameter flattened row by row.
///
/// # Errors
/// As for [`gradient`].
pub fn hessian(f: &Function, wrt: &[usize]) -> Result<Function, Problem> {
    let gradient = crate::opt::optimise_between(&gradient_of_first(f, wrt, Mode::Reverse)?);
    let first = f.body.results.len();
    with_body(f, |b, params| {
        let mut results = b.import(&gradient.body, params);
        if results[first..].iter().all(|v| b.ty(*v).is_scalar()) {
            results.push(hessian_of_scalars(b, &gradient, first, params, wrt)?);
        } else {
            results.push(hessian_of_arrays(b, &gradient, first, params, wrt)?);
        }
        Ok(results)
    })
}

/// The results, then for each float result r and each parameter p of `wrt` the array of ∂r/∂p, of the shape of r
/// followed by the shape of p.
///
/// # Errors
/// As for [`gradient`], but for any number of float results.
pub fn jacobian(f: &Function, wrt: &[usize]) -> Result<Function, Problem> {
    check_wrt(f, wrt)?;
    with_body(f, |b, params| {
        let mut results = b.import(&f.body, params);
        // An array's derivative by a number is one tangent; by an array it is a cotangent for each element.
        let any_array = f.body.results.iter().any(|r| f.body.ty(*r).is_float() && f.body.ty(*r).rank() > 0);
        let mut tangents: BTreeMap<usize, Vec<jvp::Dual>> = BTreeMap::new();
        for p in wrt.iter().filter(|p| any_array && f.param_type(**p).is_scalar()) {
            let mut args: Vec<jvp::Dual> = params.iter().map(|v| (*v, None)).collect();
            args[*p].1 = Some(b.float(1.0));
            tangents.insert(*p, jvp::push_forward(b, &f.body, &args)?);
        }
        for (k, r) in f.body.results.iter().enumerate().filter(|(_, r)| f.body.ty(**r).is_float()) {
            for p in wrt {
                if let Some(duals) = tangents.get(p) {
                    let (v, tangent) = duals[k];
                    results.push(tangent.unwrap_or_else(|| b.zeros_like(v)));
                    continue;
                }
                let row = |cotangent: Value| -> Result<Value, Problem> {
                    let is_kth: Vec<bool> = (0..f.body.results.len()).map(|j| j == k).collect();
                    let forward = whole_forward(b, f, &[*p], params, &is_kth)?;
                    let mut cotangents = vec![None; f.body.results.len()];
                    cotangents[k] = Some(cotangent);
                    let adjoints = whole_reverse(b, &forward, &cotangents)?;
                    Ok(adjoints[*p].unwrap_or_else(|| b.zeros_like(params[*p])))
                };
                let rank = f.body.ty(*r).rank();
                let block = if rank == 0 {
                    row(b.float(1.0))?
                } else {
                    let lens: Vec<Value> = (0..rank).map(|axis| b.len(results[k], axis)).collect();
                    b.try_build(&lens, |at| row(one_hot(b, &lens, at)))?
                };
                results.push(block);
            }
        }
        Ok(results)
    })
}

/// A function split where the cotangents come in: the forward gives the results and then the residuals, what the backward
/// needs and would have to compute again; the backward takes residuals, primal parameters and cotangents.
#[derive(Clone, Debug)]
pub struct Split {
    /// Parameters: the primal's. Results: the primal's, then the residuals.
    pub forward: Function,
    /// Parameters: the residuals, the primal's, the cotangents. Results: the adjoints.
    pub backward: Function,
    /// How many residuals there are.
    pub residuals: usize,
    /// What gives each of the backward's symbolic lengths that the primal does not have: rows of residuals.
    pub lengths: Vec<Length>,
}

/// What gives the length of a residual's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// A parameter of the primal.
    Param(usize),
    /// A residual.
    Residual(usize),
}

/// Splits [`vjp`] into a forward and a backward. The backward does not read the parameters in `lost`: what they held is
/// no longer there.
///
/// # Errors
/// Those of [`vjp`].
pub fn split(f: &Function, wrt: &[usize], lost: &[usize]) -> Result<Split, Problem> {
    let whole = crate::opt::tidy(&vjp(f, wrt)?);
    let body = &whole.body;
    let n_primal = f.params.len();
    let n_results = f.body.results.len();
    let late = late_nodes(body, n_primal);
    let residuals = residuals(body, &late, n_results, lost);

    // The lengths of the residuals' rows, where only running tells them: by residual and axis, and what gives each.
    let mut rows: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut lengths: Vec<Length> = Vec::new();
    let mut kept: Vec<Value> = Vec::new();
    let mut forward = with_body(f, |b, params| {
        // The cotangents are not there yet: nothing that is wanted reads them.
        let mut args = params.to_vec();
        args.extend(body.params[n_primal..].iter().map(|p| zero_of(b, body.ty(*p))));
        let wanted: Vec<Id> = body.results[..n_results].iter().chain(&residuals).copied().collect();
        let mut results = b.import_given(body, &args, &BTreeMap::new(), &wanted);
        for (k, v) in results[n_results..].iter().enumerate() {
            for axis in (1..b.ty(*v).rank()).filter(|axis| b.ty(*v).dims[*axis] == Dim::Any) {
                let len = b.len(*v, axis);
                let length = match params.iter().position(|p| *p == len) {
                    Some(p) => Length::Param(p),
                    None => {
                        let place = kept.iter().position(|v| *v == len).unwrap_or(kept.len());
                        if place == kept.len() {
                            kept.push(len);
                        }
                        Length::Residual(residuals.len() + place)
                    }
                };
                let n = lengths.iter().position(|l| *l == length).unwrap_or(lengths.len());
                if n == lengths.len() {
                    lengths.push(length);
                }
                rows.insert((k, axis), n);
            }
        }
        results.extend(&kept);
        Ok(results)
    })?;
    forward.name = f.name.clone();

    let b = Builder::under(&f.simplify);
    let mut params = Vec::new();
    let mut given = BTreeMap::new();
    let mut sizes = f.sizes.clone();
    let first = sizes.len();
    sizes.extend((0..lengths.len()).map(|n| Rc::from(format!("row_{n}"))));
    for (k, id) in residuals.iter().enumerate() {
        let mut ty = body.ty(*id).clone();
        for (axis, dim) in ty.dims.iter_mut().enumerate() {
            if let Some(n) = rows.get(&(k, axis)) {
                *dim = Dim::Size(SizeId(u32::try_from(first + n).expect("there are few lengths")));
            }
        }
        let v = b.param(ty);
        let name: Rc<str> = body.names.get(id).cloned().unwrap_or_else(|| residual_name(body, *id, k));
        params.push(Param { name });
        given.insert(*id, v);
    }
    for n in 0..kept.len() {
        b.param(Type::INDEX);
        params.push(Param { name: if kept.len() == 1 { "row_len".into() } else { format!("row_len_{n}").into() } });
    }
    let args: Vec<Value> = body.params.iter().map(|p| b.param(body.ty(*p).clone())).collect();
    params.extend(whole.params.iter().cloned());
    let results = b.import_given(body, &args, &given, &body.results[n_results..]);
    let backward = Function {
        name: f.name.clone(),
        params,
        body: b.finish(&results),
        sizes,
        float: f.float,
        simplify: f.simplify.clone(),
    };
    Ok(Split { forward, backward, residuals: residuals.len() + kept.len(), lengths })
}

fn residual_name(body: &Body, id: Id, k: usize) -> Rc<str> {
    match &body.node(id).op {
        Op::Call(prim, args) => match body.names.get(&args[0]) {
            Some(name) => format!("{}_{name}", prim.name()).into(),
            None => format!("{}_{k}", prim.name()).into(),
        },
        Op::Get(node, _) if matches!(body.node(*node).op, Op::Fold { .. }) && body.ty(id).rank() > 0 => {
            format!("tape_{k}").into()
        }
        _ => format!("saved_{k}").into(),
    }
}

/// A value that stands in for a parameter that is not read.
fn zero_of(b: &Builder, ty: &Type) -> Value {
    let zero = b.float(0.0);
    if ty.is_scalar() {
        return zero;
    }
    let lens: Vec<Value> = ty.dims.iter().map(|d| b.dim(*d).unwrap_or_else(|| b.index_lit(0))).collect();
    b.build(&lens, |_| b.float(0.0))
}

/// Which nodes depend on a parameter from the `first_late`-th on.
fn late_nodes(body: &Body, first_late: usize) -> Vec<bool> {
    let mut late = vec![false; body.nodes.len()];
    for id in body.ids() {
        let mut any = match body.node(id).op {
            Op::Param(k) => k as usize >= first_late,
            _ => false,
        };
        body.node(id).op.operands(|x| any |= late[x.index()]);
        late[id.index()] = any;
    }
    late
}

/// What the late nodes read of the early ones, less what is as cheap to compute again from parameters or from one other
/// residual.
fn residuals(body: &Body, late: &[bool], n_results: usize, lost: &[usize]) -> Vec<Id> {
    let cheap = cheap_nodes(body, lost);
    let roots = roots(body, &cheap);
    let mut wanted = vec![false; body.nodes.len()];
    let mut stack: Vec<Id> = Vec::new();
    for id in body.ids().filter(|id| late[id.index()]) {
        body.node(id).op.operands(|x| stack.push(x));
    }
    stack.extend(&body.results[n_results..]);
    let mut seen = vec![false; body.nodes.len()];
    while let Some(id) = stack.pop() {
        if late[id.index()] || std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        if cheap[id.index()].is_some() {
            body.node(id).op.operands(|x| stack.push(x));
        } else {
            wanted[roots[id.index()].index()] = true;
        }
    }
    // A length is read off an array that is kept anyway.
    let told = |id: &Id| matches!(body.node(*id).op, Op::Len(array, _) if wanted[array.index()]);
    body.ids().filter(|id| wanted[id.index()] && !told(id)).collect()
}

/// What to keep for a node: s for s·(1 − s), the node itself if it is not made cheaply from one other.
fn roots(body: &Body, cheap: &[Option<u32>]) -> Vec<Id> {
    let mut roots: Vec<Id> = body.ids().collect();
    for id in body.ids() {
        if let Op::Call(prim, args) = &body.node(id).op
            && prim.row().cost == Cost::Cheap
        {
            let mut dear = args.iter().filter(|a| cheap[a.index()].is_none()).map(|a| roots[a.index()]);
            if let Some(first) = dear.next()
                && dear.all(|other| other == first)
            {
                roots[id.index()] = first;
            }
        }
    }
    roots
}

/// The most operations that are worth doing again instead of storing their result.
const RECOMPUTED: u32 = 3;

/// How many cheap operations lead from parameters to a node; `None` for what should be stored.
fn cheap_nodes(body: &Body, lost: &[usize]) -> Vec<Option<u32>> {
    let mut cheap: Vec<Option<u32>> = vec![None; body.nodes.len()];
    for id in body.ids() {
        let sum = |ids: &[Id]| ids.iter().try_fold(0, |total, id| Some(total + cheap[id.index()]?));
        let cost = match &body.node(id).op {
            Op::Param(k) if lost.contains(&(*k as usize)) => None,
            Op::Const(_) | Op::Param(_) | Op::Size(_) => Some(0),
            Op::Call(prim, args) if prim.row().cost == Cost::Cheap => sum(args).map(|n| n + 1),
            Op::Cast(x) | Op::Len(x, _) => cheap[x.index()],
            Op::Index { array, at } => cheap[array.index()].and_then(|n| Some(n + sum(at)? + 1)),
            // Zeros are made, not kept: at most their lengths are.
            Op::Build { body, .. } => matches!(body.node(body.results[0]).op, Op::Const(_)).then_some(0),
            // A tape is made again empty.
            Op::Array(elements) if elements.is_empty() => Some(0),
            Op::Call(..)
            | Op::If { .. }
            | Op::Array(_)
            | Op::Update { .. }
            | Op::Push { .. }
            | Op::Fold { .. }
            | Op::While { .. }
            | Op::Get(..) => None,
        };
        cheap[id.index()] = cost.filter(|n| *n <= RECOMPUTED);
    }
    cheap
}

/// A function with the parameters of `f` and another body.
fn with_body(
    f: &Function,
    body: impl FnOnce(&Builder, &[Value]) -> Result<Vec<Value>, Problem>,
) -> Result<Function, Problem> {
    let b = Builder::under(&f.simplify);
    let params: Vec<Value> = (0..f.params.len()).map(|k| b.param(f.param_type(k).clone())).collect();
    for (v, p) in params.iter().zip(&f.params) {
        b.name(*v, &p.name);
    }
    let results = body(&b, &params)?;
    Ok(Function {
        name: f.name.clone(),
        params: f.params.clone(),
        body: b.finish(&results),
        sizes: f.sizes.clone(),
        float: f.float,
        simplify: f.simplify.clone(),
    })
}

/// Records a whole function, cotangents of which will come in at some of its results.
fn whole_forward<'a>(
    b: &Builder,
    f: &'a Function,
    wrt: &[usize],
    params: &[Value],
    cotangents: &[bool],
) -> Result<vjp::Forward<'a>, Problem> {
    let active: Vec<bool> = (0..f.params.len()).map(|k| wrt.contains(&k)).collect();
    let asked = Asked {
        results: cotangents.iter().map(|arrives| Presence::of(*arrives)).collect(),
        initial: vec![Presence::Never; params.len()],
        steep: vec![false; params.len()],
    };
    vjp::forward(b, &f.body, params, &active, &vjp::Known::default(), &asked)
}

/// The adjoints of the parameters, from a cotangent for each result, `None` for none.
fn whole_reverse(
    b: &Builder,
    forward: &vjp::Forward<'_>,
    cotangents: &[Option<Value>],
) -> Result<Vec<Option<Value>>, Problem> {
    let cotangents: Vec<Option<Cotangent>> = cotangents.iter().map(|v| v.map(Cotangent::always)).collect();
    let adjoints = vjp::reverse(b, forward, &cotangents, &vec![None; forward.body.params.len()])?;
    Ok(adjoints.into_iter().map(|adjoint| adjoint.map(|adjoint| adjoint.value)).collect())
}

fn adjoints_of(b: &Builder, f: &Function, wrt: &[usize], params: &[Value], adjoints: &[Option<Value>]) -> Vec<Value> {
    wrt.iter()
        .map(|k| {
            let adjoint = adjoints[*k].unwrap_or_else(|| b.zeros_like(params[*k]));
            if !matches!(b.op(adjoint), Op::Param(_)) {
                b.name(adjoint, &format!("{}_adj", f.params[*k].name));
            }
            adjoint
        })
        .collect()
}

fn check_wrt(f: &Function, wrt: &[usize]) -> Result<(), Problem> {
    for k in wrt {
        if !f.param_type(*k).is_float() {
            let name = &f.params[*k].name;
            return Err(Problem::new(Origin::default(), format!("`{name}` is not a float: it has no derivative")));
        }
    }
    Ok(())
}

fn check_scalar(results: &[Id], f: &Function) -> Result<(), Problem> {
    match results {
        [r] if *f.body.ty(*r) == Type::FLOAT => Ok(()),
        _ => Err(Problem::new(Origin::default(), "a gradient needs one float result; this has several, or an array")
            .help("ask for the Jacobian")),
    }
}

/// 1 at `at`, 0 elsewhere.
fn one_hot(b: &Builder, lens: &[Value], at: &[Value]) -> Value {
    b.build(lens, |k| {
        let here = k.iter().zip(at).map(|(k, at)| b.call(Prim::Eq, &[*k, *at]));
        let here = here.reduce(|x, y| b.call(Prim::And, &[x, y])).expect("an array has an axis");
        b.call(Prim::Select, &[here, b.float(1.0), b.float(0.0)])
    })
}

/// The tangent of the k-th parameter is 1 (at one element after the other), the others' are 0.
fn forward_gradient(b: &Builder, f: &Function, params: &[Value], k: usize) -> Result<Value, Problem> {
    let tangent = |seed: Value| -> Result<Value, Problem> {
        let args: Vec<_> = params.iter().enumerate().map(|(j, p)| (*p, (j == k).then_some(seed))).collect();
        let dual = jvp::push_forward(b, &f.body, &args)?[0];
        Ok(dual.1.unwrap_or_else(|| b.float(0.0)))
    };
    let rank = f.param_type(k).rank();
    if rank == 0 {
        return tangent(b.float(1.0));
    }
    let lens: Vec<Value> = (0..rank).map(|axis| b.len(params[k], axis)).collect();
    b.try_build(&lens, |at| tangent(one_hot(b, &lens, at)))
}

/// The tangents of the gradient along one scalar parameter.
fn hessian_of_scalars(
    b: &Builder,
    gradient: &Function,
    first: usize,
    params: &[Value],
    wrt: &[usize],
) -> Result<Value, Problem> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for k in wrt {
        let args: Vec<_> = params.iter().enumerate().map(|(j, p)| (*p, (j == *k).then(|| b.float(1.0)))).collect();
        let duals = jvp::push_forward(b, &gradient.body, &args)?;
        rows.push(duals[first..].iter().map(|(_, t)| t.unwrap_or_else(|| b.float(0.0))).collect());
    }
    // Symmetric: the upper triangle is the lower one.
    let n = wrt.len();
    let matrix: Vec<Value> = (0..n)
        .map(|r| b.array(&(0..n).map(|c| if c <= r { rows[r][c] } else { rows[c][r] }).collect::<Vec<_>>()))
        .collect();
    Ok(b.array(&matrix))
}

fn hessian_of_arrays(
    b: &Builder,
    gradient: &Function,
    first: usize,
    params: &[Value],
    wrt: &[usize],
) -> Result<Value, Problem> {
    let lens: Vec<Vec<Value>> =
        wrt.iter().map(|k| (0..b.ty(params[*k]).rank()).map(|axis| b.len(params[*k], axis)).collect()).collect();
    let mut offsets = vec![b.index_lit(0)];
    for lens in &lens {
        let size = lens.iter().fold(b.index_lit(1), |n, len| b.call(Prim::Mul, &[n, *len]));
        offsets.push(b.call(Prim::Add, &[*offsets.last().expect("there is a first offset"), size]));
    }
    let total = *offsets.last().expect("there is a last offset");
    let mut matrix = b.build(&[total, total], |_| b.float(0.0));
    for (p, k) in wrt.iter().enumerate() {
        matrix = nest(b, &lens[p], &mut Vec::new(), matrix, &mut |at, matrix| {
            let seed = if at.is_empty() { b.float(1.0) } else { one_hot(b, &lens[p], at) };
            let args: Vec<_> = params.iter().enumerate().map(|(j, v)| (*v, (j == *k).then_some(seed))).collect();
            let duals = jvp::push_forward(b, &gradient.body, &args)?;
            let row = flat_index(b, offsets[p], &lens[p], at);
            let mut matrix = matrix;
            for (q, (v, tangent)) in duals[first..].iter().enumerate() {
                let tangent = tangent.unwrap_or_else(|| b.zeros_like(*v));
                matrix = nest(b, &lens[q], &mut Vec::new(), matrix, &mut |at, matrix| {
                    let column = flat_index(b, offsets[q], &lens[q], at);
                    Ok(b.update(matrix, &[row, column], b.index(tangent, at), Store::Set))
                })?;
            }
            Ok(matrix)
        })?;
    }
    Ok(matrix)
}

/// The next carry, at an index.
type Step<'s> = dyn FnMut(&[Value], Value) -> Result<Value, Problem> + 's;

/// Loops over every index of a shape, carrying one value.
fn nest(b: &Builder, lens: &[Value], at: &mut Vec<Value>, carry: Value, f: &mut Step<'_>) -> Result<Value, Problem> {
    let Some(len) = lens.get(at.len()) else { return f(at, carry) };
    let range = (b.index_lit(0), *len);
    let results = b.try_fold(range, Direction::Up, &[carry], |i, carries| {
        at.push(i);
        let result = nest(b, lens, at, carries[0], f);
        at.pop();
        result.map(|v| vec![v])
    })?;
    Ok(results[0])
}

fn flat_index(b: &Builder, offset: Value, lens: &[Value], at: &[Value]) -> Value {
    let flat = at.iter().zip(lens).fold(b.index_lit(0), |flat, (i, len)| {
        let scaled = b.call(Prim::Mul, &[flat, *len]);
        b.call(Prim::Add, &[scaled, *i])
    });
    b.call(Prim::Add, &[offset, flat])
}
