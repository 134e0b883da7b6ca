//! The reference meaning of a function: the oracle of every test, and what `grad eval` computes.
//!
//! Nodes are evaluated in order, dead ones not at all, and an arm only where it is taken. An array is moved out of a node
//! at its last use, so that an update of an array that nothing else holds is done in place.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use super::build::live_nodes;
use super::{Body, Dim, Direction, Elem, Float, Function, Id, IntKind, Lit, Op, Store};
use crate::diagnostic::Origin;
use crate::prim::Prim;

/// A value that goes into or comes out of a function.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// A float scalar.
    Float(f64),
    /// An integer of any kind.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// An array.
    Array(Array),
}

/// An array: its lengths, outermost axis first, and its elements row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The lengths.
    pub dims: Vec<usize>,
    /// The elements.
    pub data: Data,
}

/// The elements of an array.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Data {
    Float(Vec<f64>),
    Int(Vec<i64>),
    Bool(Vec<bool>),
}

impl Datum {
    /// A vector of floats.
    #[must_use]
    pub fn vector(x: &[f64]) -> Datum {
        Datum::Array(Array { dims: vec![x.len()], data: Data::Float(x.to_vec()) })
    }

    /// A matrix of floats, row by row.
    #[must_use]
    pub fn matrix(rows: usize, columns: usize, x: &[f64]) -> Datum {
        Datum::Array(Array { dims: vec![rows, columns], data: Data::Float(x.to_vec()) })
    }

    /// The floats of a float scalar or array, row by row.
    #[must_use]
    pub fn floats(&self) -> Option<&[f64]> {
        match self {
            Datum::Float(x) => Some(std::slice::from_ref(x)),
            Datum::Array(Array { data: Data::Float(x), .. }) => Some(x),
            Datum::Int(_) | Datum::Bool(_) | Datum::Array(_) => None,
        }
    }
}

/// Why a function has no value at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// What happened.
    pub message: String,
    /// Where, if it happened while something of the front end's source was computed.
    pub at: Option<Origin>,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}

fn error<T>(message: impl Into<String>) -> Result<T, EvalError> {
    Err(EvalError { message: message.into(), at: None })
}

/// The results of `f` at `args`, one a parameter.
///
/// # Errors
/// When the arguments do not fit the parameters, an index is out of bounds, an integer overflows, or an array would be
/// larger than memory allows.
pub fn eval(f: &Function, args: &[Datum]) -> Result<Vec<Datum>, EvalError> {
    if args.len() != f.params.len() {
        return error(format!("{} arguments for {} parameters", args.len(), f.params.len()));
    }
    let mut sizes = vec![None; f.sizes.len()];
    for (k, arg) in args.iter().enumerate() {
        check_argument(f, k, arg, &mut sizes)?;
    }
    let machine = Machine { sizes, names: &f.sizes, float: f.float, plans: RefCell::default() };
    let params = args.iter().map(|a| machine.enter(a)).collect();
    let results = machine.body(&f.body, params)?;
    Ok(results.into_iter().map(leave).collect())
}

fn check_argument(f: &Function, k: usize, arg: &Datum, sizes: &mut [Option<usize>]) -> Result<(), EvalError> {
    let (ty, name) = (f.param_type(k), &f.params[k].name);
    let (elem_fits, dims): (bool, &[usize]) = match arg {
        Datum::Float(_) => (ty.elem == Elem::Float, &[]),
        Datum::Int(_) => (matches!(ty.elem, Elem::Int(_)), &[]),
        Datum::Bool(_) => (ty.elem == Elem::Bool, &[]),
        Datum::Array(Array { dims, data }) => {
            let count = match data {
                Data::Float(x) => x.len(),
                Data::Int(x) => x.len(),
                Data::Bool(x) => x.len(),
            };
            if dims.iter().product::<usize>() != count {
                return error(format!("`{name}` has {count} elements for lengths {dims:?}"));
            }
            let fits = match data {
                Data::Float(_) => ty.elem == Elem::Float,
                Data::Int(_) => matches!(ty.elem, Elem::Int(_)),
                Data::Bool(_) => ty.elem == Elem::Bool,
            };
            (fits, dims)
        }
    };
    if !elem_fits {
        return error(format!("`{name}` is given values of another kind"));
    }
    if dims.len() != ty.rank() {
        return error(format!("`{name}` has {} axes, but is given {}", ty.rank(), dims.len()));
    }
    for (dim, given) in ty.dims.iter().zip(dims) {
        match dim {
            Dim::Lit(n) if n != given => {
                return error(format!("`{name}` has length {n}, but is given {given}"));
            }
            Dim::Size(size) => {
                let known = *sizes[size.0 as usize].get_or_insert(*given);
                if known != *given {
                    let size = &f.sizes[size.0 as usize];
                    return error(format!("`{name}` is given length {given} where {size} is {known}"));
                }
            }
            Dim::Lit(_) | Dim::Any => {}
        }
    }
    Ok(())
}

/// A value while evaluating.
#[derive(Clone, Debug)]
enum V {
    F(f64),
    I(i64),
    B(bool),
    A(Rc<Array>),
    /// Each result is read by one Get, which moves it out.
    Many(Rc<RefCell<Vec<V>>>),
}

impl V {
    fn float(&self) -> f64 {
        match self {
            V::F(x) => *x,
            V::I(_) | V::B(_) | V::A(_) | V::Many(_) => unreachable!("verified: a float is expected here"),
        }
    }
    fn int(&self) -> i64 {
        match self {
            V::I(x) => *x,
            V::F(_) | V::B(_) | V::A(_) | V::Many(_) => unreachable!("verified: an integer is expected here"),
        }
    }
    fn truth(&self) -> bool {
        match self {
            V::B(x) => *x,
            V::F(_) | V::I(_) | V::A(_) | V::Many(_) => unreachable!("verified: a bool is expected here"),
        }
    }
    fn array(&self) -> &Rc<Array> {
        match self {
            V::A(x) => x,
            V::F(_) | V::I(_) | V::B(_) | V::Many(_) => unreachable!("verified: an array is expected here"),
        }
    }
}

fn leave(v: V) -> Datum {
    match v {
        V::F(x) => Datum::Float(x),
        V::I(x) => Datum::Int(x),
        V::B(x) => Datum::Bool(x),
        V::A(x) => Datum::Array(Rc::unwrap_or_clone(x)),
        V::Many(_) => unreachable!("verified: a result is one value"),
    }
}

/// What is known of a body before it runs: the live nodes, and where each value is used last.
struct Plan {
    live: Vec<Id>,
    /// The last user of a node; `u32::MAX` for a result.
    last: Vec<u32>,
}

struct Machine<'f> {
    sizes: Vec<Option<usize>>,
    names: &'f [Rc<str>],
    float: Float,
    /// By the address of the body, which does not move while the function is borrowed.
    plans: RefCell<HashMap<usize, Rc<Plan>>>,
}

/// The most elements that an array may have: 2 GiB of floats.
const MOST_ELEMENTS: usize = 1 << 28;

impl Machine<'_> {
    fn round(&self, x: f64) -> f64 {
        match self.float {
            Float::F64 => x,
            // As f32 and back: what single precision would have stored.
            Float::F32 => f64::from(x as f32),
        }
    }

    fn enter(&self, datum: &Datum) -> V {
        match datum {
            Datum::Float(x) => V::F(self.round(*x)),
            Datum::Int(x) => V::I(*x),
            Datum::Bool(x) => V::B(*x),
            Datum::Array(array) => {
                let mut array = array.clone();
                if let Data::Float(x) = &mut array.data {
                    x.iter_mut().for_each(|x| *x = self.round(*x));
                }
                V::A(Rc::new(array))
            }
        }
    }

    fn plan(&self, body: &Body) -> Rc<Plan> {
        let key = std::ptr::from_ref(body) as usize;
        if let Some(plan) = self.plans.borrow().get(&key) {
            return plan.clone();
        }
        let live = live_nodes(body);
        let mut last = vec![0; body.nodes.len()];
        for id in body.ids().filter(|id| live[id.index()]) {
            body.node(id).op.operands(|x| last[x.index()] = id.0);
        }
        body.results.iter().for_each(|r| last[r.index()] = u32::MAX);
        let plan = Rc::new(Plan { live: body.ids().filter(|id| live[id.index()]).collect(), last });
        self.plans.borrow_mut().insert(key, plan.clone());
        plan
    }

    fn body(&self, body: &Body, params: Vec<V>) -> Result<Vec<V>, EvalError> {
        let plan = self.plan(body);
        let mut run = Run { machine: self, body, last: &plan.last, values: vec![None; body.nodes.len()] };
        for (id, v) in body.params.iter().zip(params) {
            run.values[id.index()] = Some(v);
        }
        for id in &plan.live {
            if run.values[id.index()].is_none() {
                // The innermost place is kept.
                let v = run.node(*id).map_err(|e| EvalError { at: e.at.or_else(|| body.origin(*id)), ..e })?;
                run.values[id.index()] = Some(v);
            }
        }
        // The last of equal results is taken, and the others are copied.
        let mut later = vec![false; run.values.len()];
        let again: Vec<bool> =
            body.results.iter().rev().map(|r| std::mem::replace(&mut later[r.index()], true)).collect();
        Ok((body.results.iter().zip(again.iter().rev()))
            .map(|(r, again)| {
                let slot = &mut run.values[r.index()];
                let v = if *again { slot.clone() } else { slot.take() };
                v.expect("a result has been evaluated")
            })
            .collect())
    }
}

struct Run<'m, 'f> {
    machine: &'m Machine<'f>,
    body: &'m Body,
    last: &'m [u32],
    values: Vec<Option<V>>,
}

impl Run<'_, '_> {
    fn get(&self, id: Id) -> &V {
        self.values[id.index()].as_ref().expect("a value is used before its last use is over")
    }

    /// The value, moved out if `user` uses it last.
    fn take(&mut self, id: Id, user: Id, times: usize) -> V {
        let slot = &mut self.values[id.index()];
        let v = if self.last[id.index()] == user.0 && times == 1 { slot.take() } else { slot.clone() };
        v.expect("a value is used before its last use is over")
    }

    fn take_all(&mut self, ids: &[Id], user: Id) -> Vec<V> {
        ids.iter()
            .map(|id| {
                let mut times = 0;
                self.body.node(user).op.operands(|x| times += usize::from(x == *id));
                self.take(*id, user, times)
            })
            .collect()
    }

    fn indices(&self, at: &[Id]) -> Vec<i64> {
        at.iter().map(|a| self.get(*a).int()).collect()
    }

    fn node(&mut self, id: Id) -> Result<V, EvalError> {
        let body = self.body;
        let machine = self.machine;
        Ok(match &body.node(id).op {
            Op::Const(Lit::Float(bits)) => V::F(machine.round(f64::from_bits(*bits))),
            Op::Const(Lit::Int(n, _)) => V::I(*n),
            Op::Const(Lit::Bool(x)) => V::B(*x),
            Op::Param(_) => unreachable!("parameters have their values"),
            Op::Size(size) => match machine.sizes[size.0 as usize] {
                Some(n) => V::I(n as i64),
                None => return error(format!("nothing says how long {} is", machine.names[size.0 as usize])),
            },
            Op::Call(prim, args) => self.call(id, *prim, args)?,
            Op::Cast(x) => machine.cast(self.get(*x), body.ty(id).elem),
            Op::Array(elements) if elements.is_empty() => {
                let ty = body.ty(id);
                // Without rows, but the length of a row may be known.
                let rows = ty.dims[1..].iter().map(|dim| match dim {
                    Dim::Lit(n) => *n,
                    Dim::Size(size) => machine.sizes[size.0 as usize].unwrap_or(0),
                    Dim::Any => 0,
                });
                V::A(Rc::new(Array { dims: std::iter::once(0).chain(rows).collect(), data: empty(ty.elem) }))
            }
            Op::Array(elements) => {
                let parts: Vec<V> = elements.iter().map(|e| self.get(*e).clone()).collect();
                stack(&parts, &[parts.len()], body.ty(id).elem)
            }
            Op::Index { array, at } => {
                let at = self.indices(at);
                index(self.get(*array).array(), &at)?
            }
            Op::Update { array, at, value, store } => {
                let at = self.indices(at);
                let value_of = self.get(*value).clone();
                let times = usize::from(array == value) + 1;
                let mut array = match self.take(*array, id, times) {
                    V::A(array) => array,
                    V::F(_) | V::I(_) | V::B(_) | V::Many(_) => unreachable!("verified: an array is updated"),
                };
                machine.update(Rc::make_mut(&mut array), &at, &value_of, *store)?;
                V::A(array)
            }
            Op::Len(array, axis) => V::I(self.get(*array).array().dims[*axis as usize] as i64),
            Op::Get(node, k) => {
                let V::Many(values) = self.get(*node) else { unreachable!("verified: Get reads several results") };
                std::mem::replace(&mut values.borrow_mut()[*k as usize], V::B(false))
            }
            Op::If { cond, then, otherwise, captures } => {
                let arm = if self.get(*cond).truth() { then } else { otherwise };
                let captures = self.take_all(captures, id);
                V::Many(Rc::new(RefCell::new(machine.body(arm, captures)?)))
            }
            Op::Build { lens, body: inner, captures } => {
                let dims: Vec<usize> = self.indices(lens).iter().map(|n| usize::try_from(*n).unwrap_or(0)).collect();
                let captures = self.take_all(captures, id);
                let count = dims.iter().try_fold(1_usize, |n, d| n.checked_mul(*d)).filter(|n| *n <= MOST_ELEMENTS);
                let Some(count) = count else { return error(format!("an array of lengths {dims:?} is too large")) };
                let mut parts = Vec::with_capacity(count);
                for flat in 0..count {
                    let mut params = unflatten(flat, &dims);
                    params.extend(captures.iter().cloned());
                    parts.push(machine.body(inner, params)?.remove(0));
                }
                if parts.is_empty() {
                    let rank = body.ty(id).rank();
                    let mut dims = dims;
                    dims.resize(rank, 0);
                    return Ok(V::A(Rc::new(Array { data: empty(body.ty(id).elem), dims })));
                }
                stack(&parts, &dims, body.ty(id).elem)
            }
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                let (lo, hi) = (self.get(*lo).int(), self.get(*hi).int());
                let mut carries = self.take_all(inits, id);
                let captures = self.take_all(captures, id);
                let mut step = |i: i64| -> Result<(), EvalError> {
                    let mut params = Vec::with_capacity(1 + carries.len() + captures.len());
                    params.push(V::I(i));
                    params.append(&mut carries);
                    params.extend(captures.iter().cloned());
                    carries = machine.body(inner, params)?;
                    Ok(())
                };
                match direction {
                    Direction::Up => (lo..hi).try_for_each(&mut step)?,
                    Direction::Down => (lo..hi).rev().try_for_each(&mut step)?,
                }
                V::Many(Rc::new(RefCell::new(carries)))
            }
            Op::While { cond, inits, body: inner, captures } => {
                let mut carries = self.take_all(inits, id);
                let captures = self.take_all(captures, id);
                loop {
                    let mut params = carries.clone();
                    params.extend(captures.iter().cloned());
                    if !machine.body(cond, params)?[0].truth() {
                        break;
                    }
                    carries.extend(captures.iter().cloned());
                    carries = machine.body(inner, carries)?;
                }
                V::Many(Rc::new(RefCell::new(carries)))
            }
            Op::Push { array, value } => {
                let value_of = self.get(*value).clone();
                let times = usize::from(array == value) + 1;
                let mut array = match self.take(*array, id, times) {
                    V::A(array) => array,
                    V::F(_) | V::I(_) | V::B(_) | V::Many(_) => unreachable!("verified: an array grows"),
                };
                push(Rc::make_mut(&mut array), value_of)?;
                V::A(array)
            }
        })
    }

    fn call(&self, id: Id, prim: Prim, args: &[Id]) -> Result<V, EvalError> {
        let machine = self.machine;
        if prim == Prim::Select {
            return Ok(self.get(args[if self.get(args[0]).truth() { 1 } else { 2 }]).clone());
        }
        if prim == Prim::Powi {
            let n = self.get(args[1]).int();
            let n = i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX });
            return Ok(V::F(machine.round(self.get(args[0]).float().powi(n))));
        }
        let x = self.get(args[0]);
        let y = args.get(1).map(|y| self.get(*y));
        Ok(match (x, y) {
            (V::F(x), Some(V::F(y))) => match compare(prim, x.partial_cmp(y)) {
                Some(truth) => V::B(truth),
                None => {
                    let rest: Vec<f64> = args.iter().map(|a| self.get(*a).float()).collect();
                    V::F(machine.round(prim.value(&rest).expect("a call of floats has a value")))
                }
            },
            (V::F(x), None) => V::F(machine.round(prim.value(&[*x]).expect("a call of a float has a value"))),
            (V::I(x), y) => {
                let y = y.map(V::int);
                if let Some(y) = y
                    && let Some(truth) = compare(prim, Some(x.cmp(&y)))
                {
                    return Ok(V::B(truth));
                }
                let Elem::Int(kind) = self.body.ty(id).elem else { unreachable!("integers give integers") };
                V::I(integer(prim, *x, y, kind)?)
            }
            (V::B(x), None) => V::B(!x),
            (V::B(x), Some(y)) => {
                let y = y.truth();
                V::B(match prim {
                    Prim::And => *x && y,
                    Prim::Or => *x || y,
                    Prim::Eq => *x == y,
                    Prim::Ne => *x != y,
                    _ => unreachable!("verified: logic of bools"),
                })
            }
            _ => unreachable!("verified: the operands fit the primitive"),
        })
    }
}

fn compare(prim: Prim, order: Option<std::cmp::Ordering>) -> Option<bool> {
    Some(match prim {
        Prim::Lt => order.is_some_and(std::cmp::Ordering::is_lt),
        Prim::Le => order.is_some_and(std::cmp::Ordering::is_le),
        Prim::Gt => order.is_some_and(std::cmp::Ordering::is_gt),
        Prim::Ge => order.is_some_and(std::cmp::Ordering::is_ge),
        Prim::Eq => order.is_some_and(std::cmp::Ordering::is_eq),
        Prim::Ne => !order.is_some_and(std::cmp::Ordering::is_eq),
        _ => return None,
    })
}

fn integer(prim: Prim, x: i64, y: Option<i64>, kind: IntKind) -> Result<i64, EvalError> {
    let (name, n) = match (prim, y) {
        (Prim::Add, Some(y)) => ("add", x.checked_add(y)),
        (Prim::Sub, Some(y)) => ("subtract", x.checked_sub(y)),
        (Prim::Mul, Some(y)) => ("multiply", x.checked_mul(y)),
        (Prim::Div | Prim::Rem, Some(0)) => return error("an integer is divided by zero"),
        (Prim::Div, Some(y)) => ("divide", x.checked_div(y)),
        (Prim::Rem, Some(y)) => ("divide", x.checked_rem(y)),
        (Prim::Max, Some(y)) => ("compare", Some(x.max(y))),
        (Prim::Min, Some(y)) => ("compare", Some(x.min(y))),
        (Prim::Shl, Some(y)) => ("shift left", kind.shifted(true, x, y)),
        (Prim::Shr, Some(y)) => ("shift right", kind.shifted(false, x, y)),
        (Prim::BitAnd, Some(y)) => ("combine", Some(x & y)),
        (Prim::BitOr, Some(y)) => ("combine", Some(x | y)),
        (Prim::BitXor, Some(y)) => ("combine", Some(x ^ y)),
        (Prim::BitNot, None) => ("turn", Some(kind.turned(x))),
        (Prim::Neg, None) => ("negate", x.checked_neg()),
        (Prim::Abs, None) => ("take the absolute value", x.checked_abs()),
        _ => unreachable!("verified: a primitive of integers"),
    };
    let (low, high) = kind.bounds();
    match n.filter(|n| low <= *n && *n <= high) {
        Some(n) => Ok(n),
        None => error(format!("attempt to {name} with overflow in {}", kind.name())),
    }
}

impl Machine<'_> {
    /// As Rust's `as` does.
    fn cast(&self, x: &V, elem: Elem) -> V {
        match (x, elem) {
            (V::F(x), Elem::Float) => V::F(*x),
            (V::I(x), Elem::Float) => V::F(self.round(*x as f64)),
            (V::B(x), Elem::Float) => V::F(f64::from(u8::from(*x))),
            (V::F(x), Elem::Int(kind)) => {
                let (low, high) = kind.bounds();
                V::I((*x as i64).clamp(low, high))
            }
            (V::I(x), Elem::Int(kind)) => V::I(match kind {
                IntKind::I8 => i64::from(*x as i8),
                IntKind::I16 => i64::from(*x as i16),
                IntKind::I32 => i64::from(*x as i32),
                IntKind::U8 => i64::from(*x as u8),
                IntKind::U16 => i64::from(*x as u16),
                IntKind::U32 => i64::from(*x as u32),
                IntKind::I64 | IntKind::Isize | IntKind::U64 | IntKind::Usize => *x,
            }),
            (V::B(x), Elem::Int(_)) => V::I(i64::from(*x)),
            (V::B(x), Elem::Bool) => V::B(*x),
            _ => unreachable!("verified: a scalar is cast"),
        }
    }

    fn update(&self, array: &mut Array, at: &[i64], value: &V, store: Store) -> Result<(), EvalError> {
        let (start, count) = place(array, at)?;
        let put = |slot: &mut f64, v: f64| match store {
            Store::Set => *slot = v,
            Store::Add => *slot = self.round(*slot + v),
        };
        match (&mut array.data, value) {
            (Data::Float(data), V::F(v)) => put(&mut data[start], *v),
            (Data::Int(data), V::I(v)) => match store {
                Store::Set => data[start] = *v,
                Store::Add => data[start] += *v,
            },
            (Data::Bool(data), V::B(v)) => data[start] = *v,
            (data, V::A(value)) => match (data, &value.data) {
                (Data::Float(data), Data::Float(v)) if v.len() == count => {
                    data[start..start + count].iter_mut().zip(v).for_each(|(slot, v)| put(slot, *v));
                }
                (Data::Int(data), Data::Int(v)) if v.len() == count => data[start..start + count].copy_from_slice(v),
                (Data::Bool(data), Data::Bool(v)) if v.len() == count => {
                    data[start..start + count].copy_from_slice(v);
                }
                _ => return error("a row of another length is stored"),
            },
            _ => unreachable!("verified: the value fits the array"),
        }
        Ok(())
    }
}

/// Where a place starts in the flat data, and how many elements it has.
fn place(array: &Array, at: &[i64]) -> Result<(usize, usize), EvalError> {
    let mut flat = 0;
    for (i, len) in at.iter().zip(&array.dims) {
        match usize::try_from(*i) {
            Ok(i) if i < *len => flat = flat * len + i,
            _ => return error(format!("index out of bounds: the length is {len} but the index is {i}")),
        }
    }
    let count: usize = array.dims[at.len()..].iter().product();
    Ok((flat * count, count))
}

fn index(array: &Array, at: &[i64]) -> Result<V, EvalError> {
    let (start, count) = place(array, at)?;
    if at.len() == array.dims.len() {
        return Ok(match &array.data {
            Data::Float(x) => V::F(x[start]),
            Data::Int(x) => V::I(x[start]),
            Data::Bool(x) => V::B(x[start]),
        });
    }
    let data = match &array.data {
        Data::Float(x) => Data::Float(x[start..start + count].to_vec()),
        Data::Int(x) => Data::Int(x[start..start + count].to_vec()),
        Data::Bool(x) => Data::Bool(x[start..start + count].to_vec()),
    };
    Ok(V::A(Rc::new(Array { dims: array.dims[at.len()..].to_vec(), data })))
}

/// One more element, or row, after the last.
fn push(array: &mut Array, value: V) -> Result<(), EvalError> {
    let elem = match &array.data {
        Data::Float(_) => Elem::Float,
        Data::Int(_) => Elem::INDEX,
        Data::Bool(_) => Elem::Bool,
    };
    let V::A(row) = stack(&[value], &[1], elem) else { unreachable!("what is stacked is an array") };
    if array.dims[0] == 0 {
        array.dims.clone_from(&row.dims);
    } else if array.dims[1..] == row.dims[1..] {
        array.dims[0] += 1;
    } else {
        return error("a row of another length is stored");
    }
    match (&mut array.data, &row.data) {
        (Data::Float(data), Data::Float(x)) => data.extend(x),
        (Data::Int(data), Data::Int(x)) => data.extend(x),
        (Data::Bool(data), Data::Bool(x)) => data.extend(x),
        _ => unreachable!("verified: the elements of an array are of one type"),
    }
    Ok(())
}

fn empty(elem: Elem) -> Data {
    match elem {
        Elem::Float => Data::Float(Vec::new()),
        Elem::Int(_) => Data::Int(Vec::new()),
        Elem::Bool => Data::Bool(Vec::new()),
    }
}

/// The parts as one array of leading lengths `dims`.
fn stack(parts: &[V], dims: &[usize], elem: Elem) -> V {
    let mut dims = dims.to_vec();
    let mut data = empty(elem);
    if let Some(V::A(first)) = parts.first() {
        dims.extend(&first.dims);
    }
    for part in parts {
        match (&mut data, part) {
            (Data::Float(data), V::F(x)) => data.push(*x),
            (Data::Int(data), V::I(x)) => data.push(*x),
            (Data::Bool(data), V::B(x)) => data.push(*x),
            (data, V::A(array)) => match (data, &array.data) {
                (Data::Float(data), Data::Float(x)) => data.extend(x),
                (Data::Int(data), Data::Int(x)) => data.extend(x),
                (Data::Bool(data), Data::Bool(x)) => data.extend(x),
                _ => unreachable!("verified: the elements of an array are of one type"),
            },
            _ => unreachable!("verified: the elements of an array are of one type"),
        }
    }
    V::A(Rc::new(Array { dims, data }))
}

fn unflatten(mut flat: usize, dims: &[usize]) -> Vec<V> {
    let mut at = vec![V::I(0); dims.len()];
    for (slot, len) in at.iter_mut().zip(dims).rev() {
        *slot = V::I((flat % len) as i64);
        flat /= len;
    }
    at
}
