//! What a graph computes, over nested lists: as small as it can be, so that the front end is tested without the rest.

use grad_core::ir::{Body, Dim, Direction, Elem, Function, Id, IntKind, Lit, Op, Store};
use grad_core::prim::Prim;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum V {
    F(f64),
    I(i64),
    B(bool),
    A(Vec<V>),
    Many(Vec<V>),
}

impl V {
    fn f(&self) -> f64 {
        if let V::F(x) = self { *x } else { panic!("{self:?} is not a float") }
    }
    fn i(&self) -> i64 {
        if let V::I(x) = self { *x } else { panic!("{self:?} is not an integer") }
    }
    fn b(&self) -> bool {
        if let V::B(x) = self { *x } else { panic!("{self:?} is not a bool") }
    }
    fn a(&self) -> &[V] {
        if let V::A(x) = self { x } else { panic!("{self:?} is not an array") }
    }
}

pub(crate) fn run(f: &Function, args: &[V], sizes: &[(&str, i64)]) -> Vec<V> {
    let sizes: Vec<i64> = (0..f.sizes.len())
        .map(|s| {
            if let Some((_, n)) = sizes.iter().find(|(name, _)| *name == &*f.sizes[s]) {
                return *n;
            }
            let (k, axis) = f.size_source(grad_core::ir::SizeId(s as u32)).expect("a parameter has the length");
            let mut v = &args[k];
            for _ in 0..axis {
                v = &v.a()[0];
            }
            v.a().len() as i64
        })
        .collect();
    body(&f.body, args, &sizes)
}

fn body(body: &Body, args: &[V], sizes: &[i64]) -> Vec<V> {
    let mut values: Vec<V> = Vec::new();
    for id in body.ids() {
        let v = node(body, id, args, &values, sizes);
        if let grad_core::ir::NodeType::One(ty) = &body.node(id).ty {
            check(&v, ty.elem, &ty.dims, sizes);
        }
        values.push(v);
    }
    body.results.iter().map(|r| values[r.index()].clone()).collect()
}

/// The sum of two values of one shape.
fn added(a: &V, b: &V) -> V {
    match (a, b) {
        (V::A(a), V::A(b)) => V::A(a.iter().zip(b).map(|(a, b)| added(a, b)).collect()),
        (a, b) => V::F(a.f() + b.f()),
    }
}

fn check(v: &V, elem: Elem, dims: &[Dim], sizes: &[i64]) {
    match (v, dims) {
        (V::A(items), [dim, rest @ ..]) => {
            match dim {
                Dim::Lit(n) => assert_eq!(items.len(), *n),
                Dim::Size(s) => assert_eq!(items.len() as i64, sizes[s.0 as usize]),
                Dim::Any => {}
            }
            items.iter().for_each(|x| check(x, elem, rest, sizes));
        }
        (V::F(_), []) => assert_eq!(elem, Elem::Float),
        (V::I(n), []) => {
            let Elem::Int(kind) = elem else { panic!("{v:?} in a node of {elem:?}") };
            let (low, high) = kind.bounds();
            assert!(low <= *n && *n <= high, "overflow: {n} is no {}", kind.name());
        }
        (V::B(_), []) => assert_eq!(elem, Elem::Bool),
        _ => panic!("{v:?} has not the axes {dims:?}"),
    }
}

fn node(b: &Body, id: Id, args: &[V], values: &[V], sizes: &[i64]) -> V {
    let of = |id: &Id| values[id.index()].clone();
    let all = |ids: &[Id]| ids.iter().map(of).collect::<Vec<V>>();
    match &b.node(id).op {
        Op::Const(Lit::Float(x)) => V::F(f64::from_bits(*x)),
        Op::Const(Lit::Int(n, _)) => V::I(*n),
        Op::Const(Lit::Bool(x)) => V::B(*x),
        Op::Param(k) => args[*k as usize].clone(),
        Op::Size(s) => V::I(sizes[s.0 as usize]),
        Op::Call(prim, xs) => call(*prim, &all(xs)),
        Op::Cast(x) => match (of(x), b.ty(id).elem) {
            (V::I(n), Elem::Float) => V::F(n as f64),
            (V::F(x), Elem::Int(IntKind::Usize)) => V::I(x as usize as i64),
            (V::F(x), Elem::Int(_)) => V::I(x as i64),
            (V::I(n), Elem::Int(kind)) => {
                V::I(if kind.bounds().0 == 0 && n < 0 { panic!("{n} as unsigned") } else { n })
            }
            (v, elem) => panic!("{v:?} as {elem:?}"),
        },
        Op::If { cond, then, otherwise, captures } => {
            let arm = if of(cond).b() { then } else { otherwise };
            V::Many(body(arm, &all(captures), sizes))
        }
        Op::Array(xs) => V::A(all(xs)),
        Op::Index { array, at } => {
            let mut v = of(array);
            for k in all(at) {
                v = v.a()[k.i() as usize].clone();
            }
            v
        }
        Op::Update { array, at, value, store } => {
            let mut v = of(array);
            let mut place = &mut v;
            for k in all(at) {
                let V::A(items) = place else { panic!("an update of a scalar") };
                place = &mut items[k.i() as usize];
            }
            *place = match store {
                Store::Set => of(value),
                Store::Add => added(place, &of(value)),
            };
            v
        }
        Op::Build { lens, body: inner, captures } => build(&all(lens), &mut Vec::new(), inner, &all(captures), sizes),
        Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
            let (lo, hi) = (of(lo).i(), of(hi).i());
            let mut indices: Vec<i64> = (lo..hi).collect();
            if *direction == Direction::Down {
                indices.reverse();
            }
            let mut carries = all(inits);
            for i in indices {
                let args: Vec<V> = [V::I(i)].into_iter().chain(carries).chain(all(captures)).collect();
                carries = body(inner, &args, sizes);
            }
            V::Many(carries)
        }
        Op::While { cond, inits, body: inner, captures } => {
            let mut carries = all(inits);
            for _ in 0..1_000_000 {
                let args: Vec<V> = carries.iter().cloned().chain(all(captures)).collect();
                if !body(cond, &args, sizes)[0].b() {
                    return V::Many(carries);
                }
                carries = body(inner, &args, sizes);
            }
            panic!("a loop that does not end")
        }
        Op::Push { array, value } => {
            let V::A(mut items) = of(array) else { panic!("an array grows") };
            items.push(of(value));
            V::A(items)
        }
        Op::Len(x, axis) => {
            let mut v = of(x);
            for _ in 0..*axis {
                v = v.a()[0].clone();
            }
            V::I(v.a().len() as i64)
        }
        Op::Get(x, k) => match of(x) {
            V::Many(items) => items[*k as usize].clone(),
            v => panic!("Get of {v:?}"),
        },
    }
}

fn build(lens: &[V], at: &mut Vec<V>, inner: &Body, captures: &[V], sizes: &[i64]) -> V {
    let Some((len, rest)) = lens.split_first() else {
        let args: Vec<V> = at.iter().chain(captures).cloned().collect();
        return body(inner, &args, sizes).remove(0);
    };
    let items = (0..len.i()).map(|i| {
        at.push(V::I(i));
        let v = build(rest, at, inner, captures, sizes);
        at.pop();
        v
    });
    V::A(items.collect())
}

fn call(prim: Prim, xs: &[V]) -> V {
    match (prim, xs) {
        (Prim::Select, [c, x, y]) => {
            if c.b() {
                x.clone()
            } else {
                y.clone()
            }
        }
        (Prim::Not, [x]) => V::B(!x.b()),
        (Prim::And, [x, y]) => V::B(x.b() && y.b()),
        (Prim::Or, [x, y]) => V::B(x.b() || y.b()),
        (Prim::Powi, [x, n]) => V::F(x.f().powi(n.i() as i32)),
        (_, [V::B(x), V::B(y)]) => V::B(match prim {
            Prim::Eq => x == y,
            Prim::Ne => x != y,
            _ => panic!("{prim:?} of bools"),
        }),
        (_, [V::I(x), V::I(y)]) => match prim {
            Prim::Add => V::I(x + y),
            Prim::Sub => V::I(x - y),
            Prim::Mul => V::I(x * y),
            Prim::Div => V::I(x / y),
            Prim::Rem => V::I(x % y),
            Prim::Max => V::I(*x.max(y)),
            Prim::Min => V::I(*x.min(y)),
            Prim::Shl => V::I(x << y),
            Prim::Shr => V::I(x >> y),
            Prim::BitAnd => V::I(x & y),
            Prim::BitOr => V::I(x | y),
            Prim::BitXor => V::I(x ^ y),
            Prim::Lt => V::B(x < y),
            Prim::Le => V::B(x <= y),
            Prim::Gt => V::B(x > y),
            Prim::Ge => V::B(x >= y),
            Prim::Eq => V::B(x == y),
            Prim::Ne => V::B(x != y),
            _ => panic!("{prim:?} of integers"),
        },
        (Prim::Neg, [V::I(x)]) => V::I(-x),
        (Prim::Abs, [V::I(x)]) => V::I(x.abs()),
        (Prim::Lt, [x, y]) => V::B(x.f() < y.f()),
        (Prim::Le, [x, y]) => V::B(x.f() <= y.f()),
        (Prim::Gt, [x, y]) => V::B(x.f() > y.f()),
        (Prim::Ge, [x, y]) => V::B(x.f() >= y.f()),
        (Prim::Eq, [x, y]) => V::B(x.f() == y.f()),
        (Prim::Ne, [x, y]) => V::B(x.f() != y.f()),
        _ => {
            let xs: Vec<f64> = xs.iter().map(V::f).collect();
            V::F(prim.value(&xs).expect("a function of floats"))
        }
    }
}
