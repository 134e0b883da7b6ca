//! Arrays: elements, comprehensions, updates, lengths.

use std::rc::Rc;

use super::super::{Body, Dim, Elem, Id, Lit, NodeType, Op, Store, Type};
use super::{Builder, Closed, MOST_ELEMENTS, Value};
use crate::prim::Prim;

impl Builder {
    /// `[a, b, c]`; the elements have one type.
    pub fn array(&self, elements: &[Value]) -> Value {
        let elements: Vec<Value> = elements.iter().map(|e| self.local(*e)).collect();
        let inner = elements.first().map_or(Type::FLOAT, |e| self.ty(*e));
        let mut dims = vec![Dim::Lit(elements.len())];
        dims.extend(inner.dims);
        let ids = elements.iter().map(|e| e.id).collect();
        self.intern(Op::Array(ids), NodeType::One(Type::array(inner.elem, dims)))
    }

    /// `array[at, …]`
    pub fn index(&self, array: Value, at: &[Value]) -> Value {
        if at.is_empty() {
            return array;
        }
        let array = self.local(array);
        let at: Vec<Value> = at.iter().map(|a| self.local(*a)).collect();
        match self.op(array) {
            Op::Index { array: base, at: before } => {
                let mut all: Vec<Value> = before.iter().map(|id| self.sibling(array, *id)).collect();
                all.extend(&at);
                return self.index(self.sibling(array, base), &all);
            }
            Op::Array(elements) => {
                if let Some(k) = self.int_lit(at[0])
                    && let Some(element) = usize::try_from(k).ok().and_then(|k| elements.get(k))
                {
                    return self.index(self.sibling(array, *element), &at[1..]);
                }
            }
            Op::Update { array: base, at: place, value, store } => {
                let place: Vec<Value> = place.iter().map(|id| self.sibling(array, *id)).collect();
                if place.len() <= at.len() {
                    if store == Store::Set && place == at[..place.len()] {
                        return self.index(self.sibling(array, value), &at[place.len()..]);
                    }
                    let apart = place.iter().zip(&at).any(|(p, a)| match (self.int_lit(*p), self.int_lit(*a)) {
                        (Some(p), Some(a)) => p != a,
                        _ => false,
                    });
                    if apart {
                        return self.index(self.sibling(array, base), &at);
                    }
                }
            }
            Op::Build { lens, body, .. } if at.len() >= lens.len() => {
                if let Op::Const(lit) = body.node(body.results[0]).op {
                    return self.constant(lit);
                }
            }
            // What is captured holds what it holds outside.
            Op::Param(_) => {
                let outside = self.captured_from(array);
                if outside != array
                    && let Op::Build { lens, body, .. } = self.op(outside)
                    && at.len() >= lens.len()
                    && let Op::Const(lit) = body.node(body.results[0]).op
                {
                    return self.constant(lit);
                }
            }
            _ => {}
        }
        let ty = self.ty(array).inner(at.len());
        let at = at.iter().map(|a| a.id).collect();
        self.intern(Op::Index { array: array.id, at }, NodeType::One(ty))
    }

    /// `array` with one place set or added to. Updates of one place become one; a small array at literal places becomes
    /// its elements.
    pub fn update(&self, array: Value, at: &[Value], value: Value, store: Store) -> Value {
        let array = self.local(array);
        let at: Vec<Value> = at.iter().map(|a| self.local(*a)).collect();
        let value = self.local(value);
        if !self.0.borrow().literal && self.ty(value).is_scalar() && self.ty(array).is_float() {
            if let Op::Update { array: base, at: place, value: before, store: stored } = self.op(array)
                && place.iter().map(|id| self.sibling(array, *id)).eq(at.iter().copied())
            {
                let (base, before) = (self.sibling(array, base), self.sibling(array, before));
                return match store {
                    Store::Set => self.update(base, &at, value, Store::Set),
                    Store::Add => self.update(base, &at, self.call(Prim::Add, &[before, value]), stored),
                };
            }
            if let Some(v) = self.update_element(array, &at, value, store) {
                return v;
            }
        }
        let ty = self.ty(array);
        let at = at.iter().map(|a| a.id).collect();
        self.intern(Op::Update { array: array.id, at, value: value.id, store }, NodeType::One(ty))
    }

    /// The array of elements that an update at literal places makes.
    fn update_element(&self, array: Value, at: &[Value], value: Value, store: Store) -> Option<Value> {
        let place: Vec<usize> = at.iter().map(|a| usize::try_from(self.int_lit(*a)?).ok()).collect::<Option<_>>()?;
        let elements = self.elements(array)?;
        let mut elements = elements;
        let element = elements.get_mut(place[0])?;
        *element = match (at.len(), store) {
            (1, Store::Set) => value,
            (1, Store::Add) => self.call(Prim::Add, &[*element, value]),
            _ => self.update_element(*element, &at[1..], value, store)?,
        };
        Some(self.array(&elements))
    }

    /// The elements of a small array, if each is at hand: those listed, or equal literals.
    fn elements(&self, array: Value) -> Option<Vec<Value>> {
        match self.op(array) {
            Op::Array(ids) if ids.len() <= MOST_ELEMENTS => {
                Some(ids.iter().map(|id| self.sibling(array, *id)).collect())
            }
            Op::Build { lens, body, .. } => {
                let Op::Const(lit) = body.node(body.results[0]).op else { return None };
                let lens: Vec<Value> = lens.iter().map(|id| self.sibling(array, *id)).collect();
                let counts: Vec<i64> = lens.iter().map(|len| self.int_lit(*len)).collect::<Option<_>>()?;
                let total = counts.iter().try_fold(1_i64, |n, len| n.checked_mul(*len))?;
                let most = i64::try_from(MOST_ELEMENTS).expect("a small bound");
                if total <= 0 || total > most || self.ty(array).rank() != lens.len() {
                    return None;
                }
                let element =
                    if lens.len() == 1 { self.constant(lit) } else { self.build(&lens[1..], |_| self.constant(lit)) };
                Some(vec![element; usize::try_from(counts[0]).ok()?])
            }
            _ => None,
        }
    }

    /// The length of an axis, where the graph says it.
    pub(super) fn known_len(&self, array: Value, axis: usize) -> Option<Value> {
        if let Some(v) = self.dim(self.ty(array).dims[axis]) {
            return Some(v);
        }
        if let Some(v) = self.0.borrow().lengths.get(&(array, axis)) {
            return Some(*v);
        }
        let sibling = |id| self.sibling(array, id);
        match self.op(array) {
            Op::Index { array: base, at } => self.known_len(sibling(base), axis + at.len()),
            Op::Update { array: base, .. } => self.known_len(sibling(base), axis),
            Op::Push { array: base, .. } if axis > 0 => self.known_len(sibling(base), axis),
            Op::Build { lens, body, captures } => match axis.checked_sub(lens.len()) {
                None => Some(sibling(lens[axis])),
                // Each element is one array from outside.
                Some(inner) => match body.node(body.results[0]).op {
                    Op::Param(k) => self.known_len(sibling(captures[k as usize - lens.len()]), inner),
                    _ => None,
                },
            },
            Op::Get(node, k) => match self.op(sibling(node)) {
                Op::Fold { inits, .. } => self.known_len(sibling(inits[k as usize]), axis),
                // The first axis may have grown.
                Op::While { inits, .. } if axis > 0 => self.known_len(sibling(inits[k as usize]), axis),
                _ => None,
            },
            // What is captured has the length that it has outside.
            Op::Param(k) => {
                let outside = self.scope_of(array, |s| {
                    let fixed = s.body.params.len() - s.captures.len();
                    (k as usize).checked_sub(fixed).map(|k| s.captures[k])
                });
                self.known_len(outside?, axis)
            }
            _ => None,
        }
    }

    /// The length of an axis.
    pub fn len(&self, array: Value, axis: usize) -> Value {
        let array = self.local(array);
        if let Some(v) = self.known_len(array, axis) {
            return self.local(v);
        }
        let axis = u32::try_from(axis).expect("a rank is small");
        self.intern(Op::Len(array.id, axis), NodeType::One(Type::INDEX))
    }

    /// The k-th result of an If or a Fold.
    pub(crate) fn get(&self, node: Value, k: usize) -> Value {
        let node = self.local(node);
        let ty = match self.node_type(node) {
            NodeType::Many(types) => types[k].clone(),
            NodeType::One(_) => unreachable!("Get reads a node of several results"),
        };
        let k = u32::try_from(k).expect("a node has few results");
        self.intern(Op::Get(node.id, k), NodeType::One(ty))
    }

    /// The dimension that a length makes.
    #[must_use]
    pub fn dim_of(&self, len: Value) -> Dim {
        match self.op(len) {
            Op::Const(Lit::Int(n, _)) => usize::try_from(n).map_or(Dim::Any, Dim::Lit),
            Op::Size(size) => Dim::Size(size),
            _ => Dim::Any,
        }
    }

    /// `[f(i, …) for i in 0..lens[0], …]`
    pub fn build(&self, lens: &[Value], f: impl FnOnce(&[Value]) -> Value) -> Value {
        match self.try_build(lens, |i| Ok::<_, std::convert::Infallible>(f(i))) {
            Ok(v) => v,
            Err(never) => match never {},
        }
    }

    /// [`Builder::build`] with a body that may fail; what it had opened is closed again.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_build<E>(&self, lens: &[Value], f: impl FnOnce(&[Value]) -> Result<Value, E>) -> Result<Value, E> {
        let lens: Vec<Value> = lens.iter().map(|l| self.local(*l)).collect();
        let depth = self.depth();
        self.open();
        let indices: Vec<Value> = lens.iter().map(|_| self.param(Type::INDEX)).collect();
        let element = f(&indices).inspect_err(|_| self.abandon(depth))?;
        let closed = self.close(&[element]);
        let inner = closed.body.ty(closed.body.results[0]).clone();
        // [a[i] for i in 0..len(a)] is a.
        let literal = self.0.borrow().literal;
        if let (Op::Index { array, at }, false) = (&closed.body.node(closed.body.results[0]).op, literal)
            && let Op::Param(k) = closed.body.node(*array).op
            && let Some(capture) = (k as usize).checked_sub(lens.len())
            && at.len() == lens.len()
            && at.iter().zip(&closed.body.params).all(|(a, index)| a == index)
        {
            let whole = closed.captures[capture];
            if (0..lens.len()).all(|axis| self.len(whole, axis) == lens[axis]) {
                return Ok(self.local(whole));
            }
        }
        // Equal rows of one literal are an array of that literal.
        if let (Op::Param(k), false) = (&closed.body.node(closed.body.results[0]).op, literal)
            && let Some(capture) = (*k as usize).checked_sub(lens.len())
            && let row = closed.captures[capture]
            && let Op::Build { lens: columns, body, .. } = self.op(row)
            && let (Op::Const(lit), true) = (&body.node(body.results[0]).op, columns.len() == self.ty(row).rank())
        {
            let columns = columns.iter().map(|id| self.sibling(row, *id));
            let lens: Vec<Value> = lens.into_iter().chain(columns).collect();
            return Ok(self.equal(&lens, *lit));
        }
        if let (Some(nested), false) = (self.nested(&closed, &lens), literal) {
            return Ok(nested);
        }
        let mut dims: Vec<Dim> = lens.iter().map(|l| self.dim_of(*l)).collect();
        dims.extend(inner.dims);
        let captures = closed.captures.iter().map(|c| self.local(*c).id).collect();
        let lens = lens.iter().map(|l| l.id).collect();
        let op = Op::Build { lens, body: Rc::new(closed.body), captures };
        Ok(self.intern(op, NodeType::One(Type::array(inner.elem, dims))))
    }

    /// A comprehension of comprehensions is one over all their axes, where a row is nothing but one.
    fn nested(&self, closed: &Closed, lens: &[Value]) -> Option<Value> {
        let body = &closed.body;
        let Op::Build { lens: columns, body: inner, captures } = &body.node(body.results[0]).op else { return None };
        let is_param = |id: &Id| matches!(body.node(*id).op, Op::Param(_));
        if !inner.ty(inner.results[0]).is_scalar() || !captures.iter().all(is_param) {
            return None;
        }
        let columns = columns.iter().map(|id| match body.node(*id).op {
            Op::Const(lit) => Some(self.constant(lit)),
            Op::Size(size) => Some(self.size(size)),
            Op::Param(k) => closed.captures.get((k as usize).checked_sub(lens.len())?).copied(),
            _ => None,
        });
        let all: Option<Vec<Value>> = lens.iter().copied().map(Some).chain(columns).collect();
        Some(self.build(&all?, |at| {
            let (rows, columns) = at.split_at(lens.len());
            self.name_like(rows, body);
            self.name_like(columns, inner);
            let outside: Vec<Value> = rows.iter().chain(&closed.captures).copied().collect();
            let captured = captures.iter().map(|id| match body.node(*id).op {
                Op::Param(k) => outside[k as usize],
                _ => unreachable!("the captures are parameters"),
            });
            let args: Vec<Value> = columns.iter().copied().chain(captured).collect();
            self.import(inner, &args)[0]
        }))
    }

    /// An array of one literal.
    fn equal(&self, lens: &[Value], lit: Lit) -> Value {
        self.build(lens, |_| self.constant(lit))
    }

    /// The body that computes the elements of an array that is built, and what it captures; its parameters are the indices,
    /// then these.
    pub(crate) fn built(&self, array: Value) -> Option<(Rc<Body>, Vec<Value>)> {
        match self.op(array) {
            Op::Build { body, captures, .. } => {
                Some((body, captures.iter().map(|c| self.sibling(array, *c)).collect()))
            }
            _ => None,
        }
    }

    /// An array of zeros of the shape of `like`; the scalar 0 for a scalar.
    pub fn zeros_like(&self, like: Value) -> Value {
        let rank = self.ty(like).rank();
        if rank == 0 {
            return self.float(0.0);
        }
        // Without elements it is its own zeros, and may still grow.
        if matches!(self.op(self.local(like)), Op::Array(elements) if elements.is_empty()) {
            return like;
        }
        let lens: Vec<Value> = (0..rank).map(|axis| self.len(like, axis)).collect();
        self.build(&lens, |_| self.float(0.0))
    }

    /// An array without elements that may grow: its first axis has no length of its own.
    #[must_use]
    pub fn empty(&self, elem: Elem, rows: &[Dim]) -> Value {
        let dims = std::iter::once(Dim::Any).chain(rows.iter().copied()).collect();
        self.intern(Op::Array(Box::new([])), NodeType::One(Type::array(elem, dims)))
    }

    /// The array with one more element, or row, after its last.
    pub fn push(&self, array: Value, value: Value) -> Value {
        let (array, value) = (self.local(array), self.local(value));
        let ty = self.ty(array);
        self.intern(Op::Push { array: array.id, value: value.id }, NodeType::One(ty))
    }
}
