//! The only door to the IR: constructors that intern, infer types, fold literals and apply the local rules.
//!
//! A [`Builder`] holds a stack of open bodies. A [`Value`] belongs to one of them and may be used there and in every body
//! opened inside: the builder threads it through as a capture. Literals and sizes are copied instead of captured, and
//! sub-arrays are indexed again inside, so that a captured row stays a view.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hash as _, Hasher};
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};
use std::rc::Rc;

use super::{Body, Dim, Direction, Elem, Id, IntKind, Lit, Node, NodeType, Op, SizeId, Store, Type};
use crate::diagnostic::Origin;
use crate::opt::rules;
use crate::prim::{Prim, Signature};

/// A node of one of the open bodies of a builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value {
    scope: u32,
    id: Id,
}

impl Value {
    /// The node's id in its own body.
    #[must_use]
    pub fn id(self) -> Id {
        self.id
    }
}

/// A fast hasher of small keys (Fx, as in rustc): keys here come from our own nodes, never from an adversary's choice
/// of bytes alone, and iteration order is never used.
#[derive(Clone, Copy, Default)]
pub struct FxHasher(u64);

impl Hasher for FxHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// The most elements of an array that is taken apart.
const MOST_ELEMENTS: usize = 16;

/// A map for look-ups only: its order is arbitrary.
pub type FxMap<K, V> = HashMap<K, V, BuildHasherDefault<FxHasher>>;

/// Which node has a hash. The nodes themselves are in the body alone.
#[derive(Default)]
struct Interned {
    first: HashMap<u64, Id, BuildHasherDefault<Rehash>>,
    /// Further nodes of a hash that is taken.
    further: FxMap<u64, Vec<Id>>,
}

/// What is hashed already.
#[derive(Default)]
struct Rehash(u64);

impl Hasher for Rehash {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("the keys are hashes")
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

impl Interned {
    fn hash(node: &Node) -> u64 {
        let mut hasher = FxHasher::default();
        node.hash(&mut hasher);
        // The map takes its buckets from the low bits and its tags from the high ones: spread both.
        (hasher.0 ^ (hasher.0 >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn find(&self, hash: u64, node: &Node, nodes: &[Node]) -> Option<Id> {
        let first = *self.first.get(&hash)?;
        if nodes[first.index()] == *node {
            return Some(first);
        }
        self.further.get(&hash)?.iter().copied().find(|id| nodes[id.index()] == *node)
    }

    fn insert(&mut self, hash: u64, id: Id) {
        match self.first.entry(hash) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(id);
            }
            std::collections::hash_map::Entry::Occupied(_) => self.further.entry(hash).or_default().push(id),
        }
    }
}

#[derive(Default)]
struct Scope {
    uid: u32,
    body: Body,
    interned: Interned,
    /// The captures in order, as values of the scope outside.
    captures: Vec<Value>,
    captured: FxMap<Value, Id>,
}

impl Scope {
    fn intern(&mut self, op: Op, ty: NodeType) -> Value {
        let node = Node { op, ty };
        let hash = Interned::hash(&node);
        if let Some(id) = self.interned.find(hash, &node, &self.body.nodes) {
            return Value { scope: self.uid, id };
        }
        let id = Id(u32::try_from(self.body.nodes.len()).expect("a body has fewer than 2^32 nodes"));
        self.body.nodes.push(node);
        self.interned.insert(hash, id);
        Value { scope: self.uid, id }
    }

    fn push_param(&mut self, ty: Type) -> Value {
        let k = u32::try_from(self.body.params.len()).expect("a body has fewer than 2^32 parameters");
        let v = self.intern(Op::Param(k), NodeType::One(ty));
        self.body.params.push(v.id);
        v
    }
}

#[derive(Default)]
struct Inner {
    scopes: Vec<Scope>,
    next_uid: u32,
    origin: Option<Origin>,
    /// No rules and no folding: the graph as written (for reading patterns).
    literal: bool,
    /// The lengths of carried arrays: those of what the loop begins with.
    lengths: FxMap<(Value, usize), Value>,
}

/// Builds bodies; see the module.
#[derive(Default)]
pub struct Builder(RefCell<Inner>);

/// The results of a closed body with what it captured.
struct Closed {
    body: Body,
    captures: Vec<Value>,
}

impl Builder {
    /// A builder with one open body.
    #[must_use]
    pub fn new() -> Builder {
        let b = Builder::default();
        b.open();
        b
    }

    /// A builder that records what it is told, applying no rule and folding nothing.
    #[must_use]
    pub fn literal() -> Builder {
        let b = Builder::new();
        b.0.borrow_mut().literal = true;
        b
    }

    fn open(&self) {
        let mut inner = self.0.borrow_mut();
        let uid = inner.next_uid;
        inner.next_uid += 1;
        inner.scopes.push(Scope { uid, ..Scope::default() });
    }

    /// Closes the innermost body, leaving out what no result needs, captures too.
    fn close(&self, results: &[Value]) -> Closed {
        let results: Vec<Id> = results.iter().map(|r| self.local(*r).id).collect();
        let mut scope = self.0.borrow_mut().scopes.pop().expect("a body is open");
        scope.body.results = results;
        let fixed = scope.body.params.len() - scope.captures.len();
        let (body, kept) = prune(&scope.body, fixed);
        Closed { body, captures: kept.iter().map(|k| scope.captures[k - fixed]).collect() }
    }

    fn abandon(&self, depth: usize) {
        self.0.borrow_mut().scopes.truncate(depth);
    }

    /// How many bodies are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.borrow().scopes.len()
    }

    /// How many nodes the innermost open body has.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.0.borrow().scopes.last().map_or(0, |s| s.body.nodes.len())
    }

    /// Adds a parameter to the innermost open body.
    pub fn param(&self, ty: Type) -> Value {
        self.top(|s| s.push_param(ty))
    }

    /// Closes the outermost body: what has been built.
    ///
    /// # Panics
    /// When another body is still open.
    #[must_use]
    pub fn finish(self, results: &[Value]) -> Body {
        assert_eq!(self.depth(), 1, "every body opened inside has been closed");
        let body = self.close(results).body;
        #[cfg(debug_assertions)]
        if let Err(fault) = super::verify::check(&body, None) {
            panic!("a body is not well formed: {fault}");
        }
        body
    }

    fn top<R>(&self, f: impl FnOnce(&mut Scope) -> R) -> R {
        f(self.0.borrow_mut().scopes.last_mut().expect("a body is open"))
    }

    /// The value as a node of the innermost open body, captured if need be.
    pub fn local(&self, v: Value) -> Value {
        let mut inner = self.0.borrow_mut();
        let top = inner.scopes.len() - 1;
        Value { scope: inner.scopes[top].uid, id: local_at(&mut inner.scopes, top, v) }
    }

    /// Where a captured value comes from: the value of the outermost body that it belongs to.
    #[must_use]
    pub fn captured_from(&self, v: Value) -> Value {
        let mut v = v;
        while let Some(outer) =
            self.scope_of(v, |s| s.captures.iter().find(|c| s.captured.get(c) == Some(&v.id)).copied())
        {
            v = outer;
        }
        v
    }

    /// Whether a value was made in the innermost open body.
    #[must_use]
    pub fn is_innermost(&self, v: Value) -> bool {
        self.0.borrow().scopes.last().is_some_and(|s| s.uid == v.scope)
    }

    fn intern(&self, op: Op, ty: NodeType) -> Value {
        let mut inner = self.0.borrow_mut();
        let origin = inner.origin;
        let scope = inner.scopes.last_mut().expect("a body is open");
        let before = scope.body.nodes.len();
        let v = scope.intern(op, ty);
        if let (Some(origin), true) = (origin, scope.body.nodes.len() > before) {
            scope.body.set_origin(v.id, origin);
        }
        v
    }

    /// From here on, new nodes come from `origin`.
    pub fn set_origin(&self, origin: Option<Origin>) {
        self.0.borrow_mut().origin = origin;
    }

    /// Where a node comes from.
    #[must_use]
    pub fn origin(&self, v: Value) -> Option<Origin> {
        self.scope_of(v, |s| s.body.origin(v.id))
    }

    fn scope_of<R>(&self, v: Value, f: impl FnOnce(&Scope) -> R) -> R {
        let inner = self.0.borrow();
        let scope = inner.scopes.iter().rev().find(|s| s.uid == v.scope);
        f(scope.expect("a value is used while its body is open"))
    }

    /// The operation of a node, in the ids of its own body.
    #[must_use]
    pub fn op(&self, v: Value) -> Op {
        self.scope_of(v, |s| s.body.node(v.id).op.clone())
    }

    /// The type of a node.
    #[must_use]
    pub fn node_type(&self, v: Value) -> NodeType {
        self.scope_of(v, |s| s.body.node(v.id).ty.clone())
    }

    /// The type of a node of one result.
    #[must_use]
    pub fn ty(&self, v: Value) -> Type {
        self.scope_of(v, |s| s.body.ty(v.id).clone())
    }

    pub(crate) fn elem(&self, v: Value) -> Elem {
        self.scope_of(v, |s| s.body.ty(v.id).elem)
    }

    /// The primitive and the operands of a call, the operands padded with the first of them.
    pub(crate) fn call_of(&self, v: Value) -> Option<(Prim, [Value; 3])> {
        self.scope_of(v, |s| match &s.body.node(v.id).op {
            Op::Call(prim, args) => {
                let arg = |k: usize| Value { scope: v.scope, id: *args.get(k).unwrap_or(&args[0]) };
                Some((*prim, [arg(0), arg(1), arg(2)]))
            }
            _ => None,
        })
    }

    /// Another node of the body that `v` belongs to.
    #[must_use]
    pub fn sibling(&self, v: Value, id: Id) -> Value {
        Value { scope: v.scope, id }
    }

    /// Gives a node a name for people, if it has none. Literals, sizes and parameters take none.
    pub fn name(&self, v: Value, name: &str) {
        let mut inner = self.0.borrow_mut();
        let scope = inner.scopes.iter_mut().rev().find(|s| s.uid == v.scope);
        let body = &mut scope.expect("a value is used while its body is open").body;
        if !matches!(body.node(v.id).op, Op::Const(_) | Op::Size(_)) {
            body.names.entry(v.id).or_insert_with(|| name.into());
        }
    }

    /// Names a value like a node of another body, if that has a name.
    pub(crate) fn name_as(&self, v: Value, body: &Body, id: Id) {
        if let Some(name) = body.names.get(&id) {
            self.name(v, name);
        }
    }

    /// Names new parameters like the first ones of another body.
    pub(crate) fn name_like(&self, params: &[Value], body: &Body) {
        for (v, id) in params.iter().zip(&body.params) {
            self.name_as(*v, body, *id);
        }
    }

    /// The name of a node, if it has one.
    #[must_use]
    pub fn name_of(&self, v: Value) -> Option<Rc<str>> {
        self.scope_of(v, |s| s.body.names.get(&v.id).cloned())
    }

    /// The literal that a node is, if it is one.
    #[must_use]
    pub fn lit(&self, v: Value) -> Option<Lit> {
        self.scope_of(v, |s| match s.body.node(v.id).op {
            Op::Const(lit) => Some(lit),
            _ => None,
        })
    }

    /// The float that a node is, if it is a literal one.
    #[must_use]
    pub fn float_lit(&self, v: Value) -> Option<f64> {
        match self.lit(v)? {
            Lit::Float(bits) => Some(f64::from_bits(bits)),
            Lit::Int(..) | Lit::Bool(_) => None,
        }
    }

    /// The integer that a node is, if it is a literal one.
    #[must_use]
    pub fn int_lit(&self, v: Value) -> Option<i64> {
        match self.lit(v)? {
            Lit::Int(n, _) => Some(n),
            Lit::Float(_) | Lit::Bool(_) => None,
        }
    }

    /// A float literal. Every NaN is one NaN.
    pub fn float(&self, x: f64) -> Value {
        let x = if x.is_nan() { f64::NAN } else { x };
        self.constant(Lit::Float(x.to_bits()))
    }

    /// An integer literal.
    pub fn int(&self, n: i64, kind: IntKind) -> Value {
        self.constant(Lit::Int(n, kind))
    }

    /// A `usize` literal.
    pub fn index_lit(&self, n: usize) -> Value {
        self.int(i64::try_from(n).unwrap_or(i64::MAX), IntKind::Usize)
    }

    /// A truth value.
    pub fn bool(&self, x: bool) -> Value {
        self.constant(Lit::Bool(x))
    }

    /// A literal.
    pub fn constant(&self, lit: Lit) -> Value {
        let elem = match lit {
            Lit::Float(_) => Elem::Float,
            Lit::Int(_, kind) => Elem::Int(kind),
            Lit::Bool(_) => Elem::Bool,
        };
        self.intern(Op::Const(lit), NodeType::One(Type::scalar(elem)))
    }

    /// A symbolic length.
    pub fn size(&self, size: SizeId) -> Value {
        self.intern(Op::Size(size), NodeType::One(Type::INDEX))
    }

    /// The length that a dimension stands for, where it is known without asking the array.
    pub fn dim(&self, dim: Dim) -> Option<Value> {
        match dim {
            Dim::Lit(n) => Some(self.index_lit(n)),
            Dim::Size(size) => Some(self.size(size)),
            Dim::Any => None,
        }
    }

    /// The handle that arithmetic is written with.
    pub fn sym(&self, v: Value) -> Sym<'_> {
        Sym { b: self, v }
    }

    /// A primitive of scalars: folded, simplified, expanded if it is a composite.
    pub fn call(&self, prim: Prim, args: &[Value]) -> Value {
        debug_assert_eq!(args.len(), prim.row().args.len(), "{} has its number of arguments", prim.name());
        if prim.row().is_composite() {
            let args: Vec<Sym<'_>> = args.iter().map(|a| self.sym(*a)).collect();
            return prim.expand(&args).expect("a composite has a definition").v;
        }
        let args: Vec<Value> = args.iter().map(|a| self.local(*a)).collect();
        if !self.0.borrow().literal {
            if let Some(v) = self.fold_literals(prim, &args) {
                return v;
            }
            if let Some(v) = rules::simplify(self, prim, &args) {
                return v;
            }
        }
        self.record(prim, &args)
    }

    /// A primitive of scalars of this body, as it is.
    pub(crate) fn record(&self, prim: Prim, args: &[Value]) -> Value {
        let elem = match prim.row().signature {
            Signature::Float | Signature::Powi => Elem::Float,
            Signature::Number => self.elem(args[0]),
            Signature::Compare | Signature::Logic => Elem::Bool,
            Signature::Select => self.elem(args[1]),
        };
        let ty = NodeType::One(Type::scalar(elem));
        let ids: Box<[Id]> = args.iter().map(|a| a.id).collect();
        // a * b and b * a are one node: the order first written stays.
        if matches!(prim, Prim::Add | Prim::Mul | Prim::And | Prim::Or | Prim::Eq | Prim::Ne) {
            let swapped = Node { op: Op::Call(prim, Box::new([ids[1], ids[0]])), ty: ty.clone() };
            let found = self.top(|s| {
                let id = s.interned.find(Interned::hash(&swapped), &swapped, &s.body.nodes)?;
                Some(Value { scope: s.uid, id })
            });
            if let Some(v) = found {
                return v;
            }
        }
        self.intern(Op::Call(prim, ids), ty)
    }

    /// Literals of + − × ÷, comparisons and logic are folded; sin(1.0) is not, which would bake this machine's libm into
    /// every target. Integers fold where the result fits their kind.
    fn fold_literals(&self, prim: Prim, args: &[Value]) -> Option<Value> {
        if prim == Prim::Select {
            return match self.lit(args[0])? {
                Lit::Bool(c) => Some(args[if c { 1 } else { 2 }]),
                Lit::Float(_) | Lit::Int(..) => None,
            };
        }
        let lits: Vec<Lit> = args.iter().map(|a| self.lit(*a)).collect::<Option<_>>()?;
        match *lits.as_slice() {
            [Lit::Float(x), Lit::Float(y)] => {
                let (x, y) = (f64::from_bits(x), f64::from_bits(y));
                Some(match prim {
                    Prim::Add => self.float(x + y),
                    Prim::Sub => self.float(x - y),
                    Prim::Mul => self.float(x * y),
                    Prim::Div => self.float(x / y),
                    Prim::Lt => self.bool(x < y),
                    Prim::Le => self.bool(x <= y),
                    Prim::Gt => self.bool(x > y),
                    Prim::Ge => self.bool(x >= y),
                    Prim::Eq => self.bool(x == y),
                    Prim::Ne => self.bool(x != y),
                    _ => return None,
                })
            }
            [Lit::Float(x)] if prim == Prim::Neg => Some(self.float(-f64::from_bits(x))),
            [Lit::Int(x, kind), Lit::Int(y, _)] => {
                let n = match prim {
                    Prim::Add => x.checked_add(y)?,
                    Prim::Sub => x.checked_sub(y)?,
                    Prim::Mul => x.checked_mul(y)?,
                    Prim::Div => x.checked_div(y)?,
                    Prim::Rem => x.checked_rem(y)?,
                    Prim::Max => x.max(y),
                    Prim::Min => x.min(y),
                    Prim::Lt => return Some(self.bool(x < y)),
                    Prim::Le => return Some(self.bool(x <= y)),
                    Prim::Gt => return Some(self.bool(x > y)),
                    Prim::Ge => return Some(self.bool(x >= y)),
                    Prim::Eq => return Some(self.bool(x == y)),
                    Prim::Ne => return Some(self.bool(x != y)),
                    _ => return None,
                };
                let (low, high) = kind.bounds();
                (low <= n && n <= high).then(|| self.int(n, kind))
            }
            [Lit::Int(x, kind)] if prim == Prim::Neg => {
                let (low, high) = kind.bounds();
                let n = x.checked_neg()?;
                (low <= n && n <= high).then(|| self.int(n, kind))
            }
            [Lit::Bool(x), Lit::Bool(y)] => match prim {
                Prim::And => Some(self.bool(x && y)),
                Prim::Or => Some(self.bool(x || y)),
                Prim::Eq => Some(self.bool(x == y)),
                Prim::Ne => Some(self.bool(x != y)),
                _ => None,
            },
            [Lit::Bool(x)] if prim == Prim::Not => Some(self.bool(!x)),
            _ => None,
        }
    }

    /// The scalar as another element type, as `as` does in Rust.
    pub fn cast(&self, v: Value, elem: Elem) -> Value {
        let v = self.local(v);
        if self.elem(v) == elem {
            return v;
        }
        match (self.lit(v), elem) {
            // Every integer below 2^53 is a float exactly.
            (Some(Lit::Int(n, _)), Elem::Float) if n.unsigned_abs() < 1 << 53 => return self.float(n as f64),
            (Some(Lit::Int(n, _)), Elem::Int(kind)) => {
                let (low, high) = kind.bounds();
                if low <= n && n <= high {
                    return self.int(n, kind);
                }
            }
            _ => {}
        }
        self.intern(Op::Cast(v.id), NodeType::One(Type::scalar(elem)))
    }

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
    fn known_len(&self, array: Value, axis: usize) -> Option<Value> {
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
            Op::Build { lens, .. } => lens.get(axis).map(|len| sibling(*len)),
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

    /// Says that the carries of a loop have the lengths of its inits.
    fn same_lengths(&self, inits: &[Value], carries: &[Value]) {
        for (init, carry) in inits.iter().zip(carries) {
            for axis in 0..self.ty(*init).rank() {
                if self.ty(*init).dims[axis] == Dim::Any
                    && let Some(len) = self.known_len(*init, axis)
                {
                    self.0.borrow_mut().lengths.insert((*carry, axis), len);
                }
            }
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
        let mut dims: Vec<Dim> = lens.iter().map(|l| self.dim_of(*l)).collect();
        dims.extend(inner.dims);
        let captures = closed.captures.iter().map(|c| self.local(*c).id).collect();
        let lens = lens.iter().map(|l| l.id).collect();
        let op = Op::Build { lens, body: Rc::new(closed.body), captures };
        Ok(self.intern(op, NodeType::One(Type::array(inner.elem, dims))))
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

    /// A loop over `lo..hi`: `f(i, carries)` gives the next carries.
    pub fn fold(
        &self,
        (lo, hi): (Value, Value),
        direction: Direction,
        inits: &[Value],
        f: impl FnOnce(Value, &[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        match self.try_fold((lo, hi), direction, inits, |i, c| Ok::<_, std::convert::Infallible>(f(i, c))) {
            Ok(v) => v,
            Err(never) => match never {},
        }
    }

    /// [`Builder::fold`] with a body that may fail; what it had opened is closed again.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_fold<E>(
        &self,
        (lo, hi): (Value, Value),
        direction: Direction,
        inits: &[Value],
        f: impl FnOnce(Value, &[Value]) -> Result<Vec<Value>, E>,
    ) -> Result<Vec<Value>, E> {
        let (lo, hi) = (self.local(lo), self.local(hi));
        let inits: Vec<Value> = inits.iter().map(|v| self.local(*v)).collect();
        let depth = self.depth();
        self.open();
        let i = self.param(Type::INDEX);
        let carries: Vec<Value> = inits.iter().map(|v| self.param(self.ty(*v))).collect();
        self.same_lengths(&inits, &carries);
        let results = f(i, &carries).inspect_err(|_| self.abandon(depth))?;
        debug_assert_eq!(results.len(), carries.len(), "a loop gives back its carries");
        let closed = self.close(&results);
        if inits.is_empty() {
            return Ok(Vec::new());
        }
        let empty = match (self.int_lit(lo), self.int_lit(hi)) {
            (Some(lo), Some(hi)) => hi <= lo,
            _ => lo == hi,
        };
        if empty {
            return Ok(inits);
        }
        // A carry that comes back as it went in is no carry: the body may as well see what it starts from.
        let unchanged: Vec<bool> =
            closed.body.results.iter().zip(&closed.body.params[1..]).map(|(r, p)| r == p).collect();
        if unchanged.contains(&true) {
            let kept: Vec<Value> = (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| inits[k]).collect();
            // Behind a pointer: the type of a closure that holds itself would have no end.
            type Step<'s> = Box<dyn FnOnce(Value, &[Value]) -> Vec<Value> + 's>;
            let step: Step<'_> = Box::new(|i, carries| {
                let fresh: Vec<Value> = std::iter::once(i).chain(carries.iter().copied()).collect();
                let changed = (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| 1 + k);
                for (v, k) in fresh.iter().zip(std::iter::once(0).chain(changed)) {
                    self.name_as(*v, &closed.body, closed.body.params[k]);
                }
                let mut carries = carries.iter();
                let all = (0..inits.len())
                    .map(|k| if unchanged[k] { inits[k] } else { *carries.next().expect("one carry a changed one") });
                let args: Vec<Value> = std::iter::once(i).chain(all).chain(closed.captures.iter().copied()).collect();
                let results = self.import(&closed.body, &args);
                (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| results[k]).collect()
            });
            let mut changed = self.fold((lo, hi), direction, &kept, step).into_iter();
            let of = |k: usize| if unchanged[k] { Some(inits[k]) } else { changed.next() };
            return Ok((0..inits.len()).map(of).map(|v| v.expect("one result a changed carry")).collect());
        }
        let types: Rc<[Type]> = inits.iter().map(|v| self.ty(*v)).collect();
        let captures = closed.captures.iter().map(|c| self.local(*c).id).collect();
        let ids = inits.iter().map(|v| v.id).collect();
        let op = Op::Fold { lo: lo.id, hi: hi.id, direction, inits: ids, body: Rc::new(closed.body), captures };
        let node = self.intern(op, NodeType::Many(types));
        Ok((0..inits.len()).map(|k| self.get(node, k)).collect())
    }

    /// A loop as long as a condition on the carries holds, asked before each iteration: the carries after it.
    pub fn repeat(
        &self,
        inits: &[Value],
        cond: impl FnOnce(&[Value]) -> Value,
        f: impl FnOnce(&[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        let never = self.try_repeat(inits, |c| Ok::<_, std::convert::Infallible>(cond(c)), |c| Ok(f(c)));
        match never {
            Ok(v) => v,
            Err(never) => match never {},
        }
    }

    /// [`Builder::repeat`] with a condition and a body that may fail; what they had opened is closed again.
    ///
    /// # Errors
    /// Those of the condition and of the body.
    pub fn try_repeat<E>(
        &self,
        inits: &[Value],
        cond: impl FnOnce(&[Value]) -> Result<Value, E>,
        f: impl FnOnce(&[Value]) -> Result<Vec<Value>, E>,
    ) -> Result<Vec<Value>, E> {
        let inits: Vec<Value> = inits.iter().map(|v| self.local(*v)).collect();
        let depth = self.depth();
        let open = || -> Vec<Value> {
            self.open();
            let carries: Vec<Value> = inits.iter().map(|v| self.param(self.ty(*v))).collect();
            self.same_lengths(&inits, &carries);
            carries
        };
        let carries = open();
        let test = cond(&carries).inspect_err(|_| self.abandon(depth))?;
        let test = self.close(&[test]);
        let carries = open();
        let results = f(&carries).inspect_err(|_| self.abandon(depth))?;
        debug_assert_eq!(results.len(), carries.len(), "a loop gives back its carries");
        let step = self.close(&results);
        if let Op::Const(Lit::Bool(false)) = test.body.node(test.body.results[0]).op {
            return Ok(inits);
        }
        // A carry that comes back as it went in is no carry.
        let unchanged: Vec<bool> = step.body.results.iter().zip(&step.body.params).map(|(r, p)| r == p).collect();
        if unchanged.contains(&true) {
            let kept: Vec<Value> = (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| inits[k]).collect();
            let args = |carries: &[Value], closed: &Closed| -> Vec<Value> {
                let mut carries = carries.iter();
                let all = (0..inits.len())
                    .map(|k| if unchanged[k] { inits[k] } else { *carries.next().expect("one carry a changed one") });
                let args: Vec<Value> = all.chain(closed.captures.iter().copied()).collect();
                let changed = (0..inits.len()).filter(|k| !unchanged[*k]);
                changed.for_each(|k| self.name_as(args[k], &step.body, step.body.params[k]));
                args
            };
            // Behind pointers: the type of a closure that holds itself would have no end.
            type Asked<'s> = Box<dyn FnOnce(&[Value]) -> Value + 's>;
            type Step<'s> = Box<dyn FnOnce(&[Value]) -> Vec<Value> + 's>;
            let asked: Asked<'_> = Box::new(|carries| self.import(&test.body, &args(carries, &test))[0]);
            let next: Step<'_> = Box::new(|carries| {
                let results = self.import(&step.body, &args(carries, &step));
                (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| results[k]).collect()
            });
            let mut changed = self.repeat(&kept, asked, next).into_iter();
            let of = |k: usize| if unchanged[k] { Some(inits[k]) } else { changed.next() };
            return Ok((0..inits.len()).map(of).map(|v| v.expect("one result a changed carry")).collect());
        }
        let (captures, [test, step]) = self.unite([test, step], inits.len());
        let types: Rc<[Type]> = inits.iter().map(|v| self.ty(*v)).collect();
        let captures = captures.iter().map(|c| self.local(*c).id).collect();
        let ids = inits.iter().map(|v| v.id).collect();
        let op = Op::While { cond: Rc::new(test), inits: ids, body: Rc::new(step), captures };
        let node = self.intern(op, NodeType::Many(types));
        Ok((0..inits.len()).map(|k| self.get(node, k)).collect())
    }

    /// Two bodies that take the same first parameters take the same captures too.
    fn unite(&self, [x, y]: [Closed; 2], first: usize) -> (Vec<Value>, [Body; 2]) {
        let mut captures = x.captures.clone();
        for c in &y.captures {
            if !captures.contains(c) {
                captures.push(*c);
            }
        }
        let place = |c: &Value| captures.iter().position(|d| d == c).expect("both bodies' captures are in the union");
        let united = |closed: Closed| {
            let types: Vec<Type> = closed.body.params[..first].iter().map(|p| closed.body.ty(*p).clone()).collect();
            let types: Vec<Type> = types.into_iter().chain(captures.iter().map(|c| self.ty(*c))).collect();
            let places: Vec<usize> = (0..first).chain(closed.captures.iter().map(|c| first + place(c))).collect();
            with_params(closed.body, &places, &types)
        };
        let bodies = [united(x), united(y)];
        (captures, bodies)
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

    /// A choice: only the taken arm is evaluated.
    pub fn branch(
        &self,
        cond: Value,
        then: impl FnOnce() -> Vec<Value>,
        otherwise: impl FnOnce() -> Vec<Value>,
    ) -> Vec<Value> {
        let never = self.try_branch(cond, || Ok::<_, std::convert::Infallible>(then()), || Ok(otherwise()));
        match never {
            Ok(v) => v,
            Err(never) => match never {},
        }
    }

    /// [`Builder::branch`] with arms that may fail; what they had opened is closed again.
    ///
    /// # Errors
    /// Those of the arms; the second arm is tried even when the first failed only by its caller's own bookkeeping.
    pub fn try_branch<E>(
        &self,
        cond: Value,
        then: impl FnOnce() -> Result<Vec<Value>, E>,
        otherwise: impl FnOnce() -> Result<Vec<Value>, E>,
    ) -> Result<Vec<Value>, E> {
        let cond = self.local(cond);
        if let Some(Lit::Bool(c)) = self.lit(cond) {
            return if c { then() } else { otherwise() };
        }
        let depth = self.depth();
        self.open();
        let results = then().inspect_err(|_| self.abandon(depth))?;
        let then = self.close(&results);
        self.open();
        let results = otherwise().inspect_err(|_| self.abandon(depth))?;
        let otherwise = self.close(&results);
        debug_assert_eq!(then.body.results.len(), otherwise.body.results.len(), "both arms give the same results");
        Ok(self.join(cond, then, otherwise))
    }

    fn join(&self, cond: Value, then: Closed, otherwise: Closed) -> Vec<Value> {
        let (captures, [then, otherwise]) = self.unite([then, otherwise], 0);
        // An arm's result that is a capture or a literal needs no arm.
        let outer = |body: &Body, id: Id| match body.node(id).op {
            Op::Param(k) => Some(self.local(captures[k as usize])),
            Op::Const(lit) => Some(self.constant(lit)),
            Op::Size(size) => Some(self.size(size)),
            _ => None,
        };
        let n = then.results.len();
        let simple: Vec<Option<Value>> = (0..n)
            .map(|k| {
                let a = outer(&then, then.results[k])?;
                let b = outer(&otherwise, otherwise.results[k])?;
                if a == b {
                    return Some(a);
                }
                (self.ty(a).is_scalar() && self.ty(b).is_scalar()).then(|| self.call(Prim::Select, &[cond, a, b]))
            })
            .collect();
        if simple.iter().all(Option::is_some) {
            return simple.into_iter().flatten().collect();
        }
        let results: Rc<[Type]> = then
            .results
            .iter()
            .zip(&otherwise.results)
            .map(|(a, b)| join_types(then.ty(*a), otherwise.ty(*b)))
            .collect();
        let captures = captures.iter().map(|c| self.local(*c).id).collect();
        let op = Op::If { cond: cond.id, then: Rc::new(then), otherwise: Rc::new(otherwise), captures };
        let node = self.intern(op, NodeType::Many(results));
        (0..n).map(|k| simple[k].unwrap_or_else(|| self.get(node, k))).collect()
    }

    /// Records a body again, through the constructors, with `args` for its parameters: its results.
    pub fn import(&self, body: &Body, args: &[Value]) -> Vec<Value> {
        let map = self.import_all(body, args);
        body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
    }

    /// [`Builder::import`], giving the value of every node that a result needs.
    pub fn import_all(&self, body: &Body, args: &[Value]) -> Vec<Option<Value>> {
        let live = live_nodes(body);
        let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
        for id in body.ids() {
            if live[id.index()] {
                let v = self.import_node(body, id, args, &map);
                map[id.index()] = Some(v);
            }
        }
        map
    }

    /// The nodes `wanted` of a body, and just what they need, where the values of some nodes are given.
    pub(crate) fn import_given(
        &self,
        body: &Body,
        args: &[Value],
        given: &BTreeMap<Id, Value>,
        wanted: &[Id],
    ) -> Vec<Value> {
        let mut needed = vec![false; body.nodes.len()];
        wanted.iter().for_each(|id| needed[id.index()] = true);
        for id in body.ids().rev() {
            if needed[id.index()] && !given.contains_key(&id) {
                body.node(id).op.operands(|x| needed[x.index()] = true);
            }
        }
        let mut map = vec![None; body.nodes.len()];
        for id in body.ids().filter(|id| needed[id.index()]) {
            let v = match given.get(&id) {
                Some(v) => *v,
                None => self.import_node(body, id, args, &map),
            };
            map[id.index()] = Some(v);
        }
        wanted.iter().map(|id| map[id.index()].expect("what is wanted has been imported")).collect()
    }

    /// One node of a body whose operands have been imported.
    pub fn import_node(&self, body: &Body, id: Id, args: &[Value], map: &[Option<Value>]) -> Value {
        self.import_node_with(body, id, args, map, &|body, args| self.import(body, args))
    }

    /// [`Builder::import_node`] with nested bodies recorded by `inner`.
    pub(crate) fn import_node_with(
        &self,
        body: &Body,
        id: Id,
        args: &[Value],
        map: &[Option<Value>],
        nested: &dyn Fn(&Body, &[Value]) -> Vec<Value>,
    ) -> Value {
        let of = |id: Id| map[id.index()].expect("operands come before users");
        let all = |ids: &[Id]| -> Vec<Value> { ids.iter().map(|id| of(*id)).collect() };
        if let Some(origin) = body.origin(id) {
            self.set_origin(Some(origin));
        }
        let v = match &body.node(id).op {
            Op::Const(lit) => self.constant(*lit),
            Op::Param(k) => args[*k as usize],
            Op::Size(size) => self.size(*size),
            Op::Call(prim, args) => self.call(*prim, &all(args)),
            Op::Cast(x) => self.cast(of(*x), body.ty(id).elem),
            Op::Array(elements) if elements.is_empty() => {
                self.intern(Op::Array(Box::new([])), body.node(id).ty.clone())
            }
            Op::Array(elements) => self.array(&all(elements)),
            Op::Index { array, at } => self.index(of(*array), &all(at)),
            Op::Update { array, at, value, store } => self.update(of(*array), &all(at), of(*value), *store),
            Op::Push { array, value } => self.push(of(*array), of(*value)),
            Op::Len(array, axis) => self.len(of(*array), *axis as usize),
            Op::Get(node, k) => self.import_get(body, *node, *k, map),
            Op::Build { lens, body: inner, captures } => {
                let captures = all(captures);
                self.build(&all(lens), |indices| {
                    self.name_like(indices, inner);
                    let args: Vec<Value> = indices.iter().chain(&captures).copied().collect();
                    nested(inner, &args)[0]
                })
            }
            Op::If { cond, then, otherwise, captures } => {
                let captures = all(captures);
                let results = self.branch(of(*cond), || nested(then, &captures), || nested(otherwise, &captures));
                self.bundle(&results)
            }
            Op::Fold { lo, hi, direction, inits, body: inner, captures } => {
                let captures = all(captures);
                let results = self.fold((of(*lo), of(*hi)), *direction, &all(inits), |i, carries| {
                    let args: Vec<Value> = std::iter::once(&i).chain(carries).chain(&captures).copied().collect();
                    self.name_like(&args[..1 + carries.len()], inner);
                    nested(inner, &args)
                });
                self.bundle(&results)
            }
            Op::While { cond, inits, body: inner, captures } => {
                let captures = all(captures);
                let with = |carries: &[Value]| -> Vec<Value> { carries.iter().chain(&captures).copied().collect() };
                let results = self.repeat(
                    &all(inits),
                    |carries| {
                        self.name_like(carries, inner);
                        nested(cond, &with(carries))[0]
                    },
                    |carries| {
                        self.name_like(carries, inner);
                        nested(inner, &with(carries))
                    },
                );
                self.bundle(&results)
            }
        };
        if let Some(name) = body.names.get(&id)
            && !matches!(body.node(id).op, Op::Param(_))
        {
            self.name(v, name);
        }
        v
    }

    fn import_get(&self, body: &Body, node: Id, k: u32, map: &[Option<Value>]) -> Value {
        let _ = body;
        let bundle = map[node.index()].expect("operands come before users");
        self.unbundle(bundle)[k as usize]
    }

    /// Several values as one, for a map from nodes to values: results of an If or a Fold that simplified to anything.
    /// The node is never a result of a body and never reaches a back end.
    pub(crate) fn bundle(&self, values: &[Value]) -> Value {
        let values: Vec<Value> = values.iter().map(|v| self.local(*v)).collect();
        let types = values.iter().map(|v| self.ty(*v)).collect();
        self.intern(Op::Array(values.iter().map(|v| v.id).collect()), NodeType::Many(types))
    }

    /// What [`Builder::bundle`] put together.
    pub(crate) fn unbundle(&self, bundle: Value) -> Vec<Value> {
        match self.op(bundle) {
            Op::Array(ids) => ids.iter().map(|id| self.sibling(bundle, *id)).collect(),
            _ => unreachable!("a bundle is an array of results"),
        }
    }
}

fn join_types(a: &Type, b: &Type) -> Type {
    let dims = a.dims.iter().zip(&b.dims).map(|(x, y)| if x == y { *x } else { Dim::Any }).collect();
    Type::array(a.elem, dims)
}

/// The arm's body with one parameter for each of `types`; its k-th parameter becomes the `places[k]`-th.
fn with_params(mut body: Body, places: &[usize], types: &[Type]) -> Body {
    let old = std::mem::take(&mut body.params);
    let mut params: Vec<Option<Id>> = vec![None; types.len()];
    for (id, place) in old.iter().zip(places) {
        body.nodes[id.index()].op = Op::Param(u32::try_from(*place).expect("few captures"));
        params[*place] = Some(*id);
    }
    for (k, ty) in types.iter().enumerate() {
        if params[k].is_none() {
            params[k] = Some(Id(u32::try_from(body.nodes.len()).expect("a body has fewer than 2^32 nodes")));
            let op = Op::Param(u32::try_from(k).expect("few captures"));
            body.nodes.push(Node { op, ty: NodeType::One(ty.clone()) });
        }
    }
    body.params = params.into_iter().map(|p| p.expect("every parameter has its node")).collect();
    body
}

/// The body without the nodes that no result needs. The first `fixed` parameters stay; the numbers of the further ones
/// that stay come with it.
pub(crate) fn prune(body: &Body, fixed: usize) -> (Body, Vec<usize>) {
    let mut live = vec![false; body.nodes.len()];
    for r in body.results.iter().chain(&body.params[..fixed]) {
        live[r.index()] = true;
    }
    for id in body.ids().rev() {
        if live[id.index()] {
            body.node(id).op.operands(|x| live[x.index()] = true);
        }
    }
    let kept: Vec<usize> = (fixed..body.params.len()).filter(|k| live[body.params[*k].index()]).collect();
    let mut pruned = Body::default();
    let mut map: Vec<Id> = vec![Id(u32::MAX); body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let new = Id(u32::try_from(pruned.nodes.len()).expect("a body has fewer than 2^32 nodes"));
        map[id.index()] = new;
        let mut node = body.node(id).clone();
        node.op.map_operands(|x| map[x.index()]);
        if let Op::Param(k) = &mut node.op
            && let Some(place) = kept.iter().position(|kept| *kept == *k as usize)
        {
            *k = u32::try_from(fixed + place).expect("few parameters");
        }
        pruned.nodes.push(node);
        if let Some(name) = body.names.get(&id) {
            pruned.names.insert(new, name.clone());
        }
        if let Some(origin) = body.origin(id) {
            pruned.set_origin(new, origin);
        }
    }
    let params = (0..fixed).chain(kept.iter().copied()).map(|k| map[body.params[k].index()]).collect();
    pruned.params = params;
    pruned.results = body.results.iter().map(|r| map[r.index()]).collect();
    (pruned, kept)
}

/// Which nodes a result needs; parameters are always needed.
#[must_use]
pub fn live_nodes(body: &Body) -> Vec<bool> {
    let mut live = vec![false; body.nodes.len()];
    for r in body.results.iter().chain(&body.params) {
        live[r.index()] = true;
    }
    for id in body.ids().rev() {
        if live[id.index()] {
            body.node(id).op.operands(|x| live[x.index()] = true);
        }
    }
    live
}

/// The id, in the scope at `depth`, of a value of that scope or of one around it.
fn local_at(scopes: &mut [Scope], depth: usize, v: Value) -> Id {
    if scopes[depth].uid == v.scope {
        return v.id;
    }
    if let Some(id) = scopes[depth].captured.get(&v) {
        return *id;
    }
    let home = scopes[..depth].iter().rposition(|s| s.uid == v.scope).expect("a value is used while its body is open");
    let node = scopes[home].body.node(v.id).clone();
    let sibling = |id| Value { scope: v.scope, id };
    let id = match (&node.op, &node.ty) {
        (Op::Const(_) | Op::Size(_), _) => scopes[depth].intern(node.op.clone(), node.ty.clone()).id,
        (Op::Index { array, at }, NodeType::One(ty)) if ty.rank() > 0 => {
            let array = local_at(scopes, depth, sibling(*array));
            let at = at.iter().map(|a| local_at(scopes, depth, sibling(*a))).collect();
            scopes[depth].intern(Op::Index { array, at }, node.ty.clone()).id
        }
        (Op::Array(values), NodeType::Many(_)) => {
            let values = values.iter().map(|a| local_at(scopes, depth, sibling(*a))).collect();
            scopes[depth].intern(Op::Array(values), node.ty.clone()).id
        }
        (_, NodeType::Many(_)) => unreachable!("a node of several results is captured through Get"),
        (_, NodeType::One(ty)) => {
            let outside = local_at(scopes, depth - 1, v);
            let outside = Value { scope: scopes[depth - 1].uid, id: outside };
            if let Some(id) = scopes[depth].captured.get(&outside) {
                *id
            } else {
                let name = scopes[depth - 1].body.names.get(&outside.id).cloned();
                let scope = &mut scopes[depth];
                let id = scope.push_param(ty.clone()).id;
                if let Some(name) = name {
                    scope.body.names.insert(id, name);
                }
                scope.captures.push(outside);
                scope.captured.insert(outside, id);
                id
            }
        }
    };
    scopes[depth].captured.insert(v, id);
    id
}

/// A value with its builder, so that mathematics can be written as it is read.
#[derive(Clone, Copy)]
pub struct Sym<'b> {
    b: &'b Builder,
    v: Value,
}

impl<'b> Sym<'b> {
    /// The value.
    #[must_use]
    pub fn value(self) -> Value {
        self.v
    }

    /// A primitive with this as its first argument.
    #[must_use]
    pub fn call(self, prim: Prim, rest: &[Sym<'b>]) -> Sym<'b> {
        let mut args = vec![self.v];
        args.extend(rest.iter().map(|s| s.v));
        Sym { b: self.b, v: self.b.call(prim, &args) }
    }

    /// Whether this integer equals `n`.
    #[must_use]
    pub fn eq_int(self, n: i64) -> Sym<'b> {
        let Elem::Int(kind) = self.b.elem(self.v) else { unreachable!("eq_int compares an integer") };
        let n = self.b.int(n, kind);
        Sym { b: self.b, v: self.b.call(Prim::Eq, &[self.v, n]) }
    }

    /// This integer as a float.
    #[must_use]
    pub fn to_float(self) -> Sym<'b> {
        Sym { b: self.b, v: self.b.cast(self.v, Elem::Float) }
    }

    /// The derivative of sin(x) / x as its power series Σ (−1)ᵏ·2k·x²ᵏ⁻¹ / (2k + 1)!, exact to the last bits for |x| < 1/2,
    /// where cos(x) − sin(x) / x would cancel.
    #[must_use]
    pub fn sinc_slope_near_zero(self) -> Sym<'b> {
        let q = self * self;
        let coefficients = [
            -1.0 / 93_405_312_000.0,
            1.0 / 518_918_400.0,
            -1.0 / 3_991_680.0,
            1.0 / 45_360.0,
            -1.0 / 840.0,
            1.0 / 30.0,
        ];
        let inner = coefficients[1..].iter().fold(q * coefficients[0], |sum, c| (sum + *c) * q);
        self * (inner - 1.0 / 3.0)
    }

    /// x^(n−1) for an integer n.
    #[must_use]
    pub fn powi_less_one(self, n: Sym<'b>) -> Sym<'b> {
        let Elem::Int(kind) = self.b.elem(n.v) else { unreachable!("powi has an integer exponent") };
        let one = self.b.int(1, kind);
        let less = self.b.call(Prim::Sub, &[n.v, one]);
        Sym { b: self.b, v: self.b.call(Prim::Powi, &[self.v, less]) }
    }
}

/// What can stand in a row's formula: a recorded value or a float literal.
pub trait IntoSym<'b> {
    /// As a value of the builder that `near` belongs to.
    fn into_sym(self, near: Sym<'b>) -> Sym<'b>;
}

impl<'b> IntoSym<'b> for Sym<'b> {
    fn into_sym(self, _near: Sym<'b>) -> Sym<'b> {
        self
    }
}

impl<'b> IntoSym<'b> for f64 {
    fn into_sym(self, near: Sym<'b>) -> Sym<'b> {
        Sym { b: near.b, v: near.b.float(self) }
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $prim:ident,)*) => {$(
        impl<'b, R: IntoSym<'b>> $trait<R> for Sym<'b> {
            type Output = Sym<'b>;
            fn $method(self, right: R) -> Sym<'b> {
                self.call(Prim::$prim, &[right.into_sym(self)])
            }
        }
        impl<'b> $trait<Sym<'b>> for f64 {
            type Output = Sym<'b>;
            fn $method(self, right: Sym<'b>) -> Sym<'b> {
                self.into_sym(right).call(Prim::$prim, &[right])
            }
        }
    )*};
}

operators! {
    Add add Add,
    Sub sub Sub,
    Mul mul Mul,
    Div div Div,
}

impl<'b> Neg for Sym<'b> {
    type Output = Sym<'b>;
    fn neg(self) -> Sym<'b> {
        self.call(Prim::Neg, &[])
    }
}

impl<'b> Not for Sym<'b> {
    type Output = Sym<'b>;
    fn not(self) -> Sym<'b> {
        self.call(Prim::Not, &[])
    }
}

impl<'b> BitAnd for Sym<'b> {
    type Output = Sym<'b>;
    fn bitand(self, right: Sym<'b>) -> Sym<'b> {
        self.call(Prim::And, &[right])
    }
}

impl<'b> BitOr for Sym<'b> {
    type Output = Sym<'b>;
    fn bitor(self, right: Sym<'b>) -> Sym<'b> {
        self.call(Prim::Or, &[right])
    }
}
