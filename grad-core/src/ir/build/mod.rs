//! The only door to the IR: constructors that intern, infer types, fold literals and apply the local rules.
//!
//! A [`Builder`] holds a stack of open bodies. A [`Value`] belongs to one of them and may be used there and in every body
//! opened inside: the builder threads it through as a capture. Literals and sizes are copied instead of captured, and
//! sub-arrays are indexed again inside, so that a captured row stays a view.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash as _, Hasher};
use std::rc::Rc;

use super::{Body, Dim, Elem, Id, IntKind, Lit, Node, NodeType, Op, SizeId, Type};
use crate::diagnostic::Origin;
use crate::opt::rules::{self, Tag};
use crate::opt::{Level, Simplify};
use crate::prim::{Prim, Signature};

mod arrays;
mod control;
mod import;
mod sym;

pub use import::live_nodes;
pub(crate) use import::prune;
pub use sym::{IntoPartial, IntoSym, NoDerivative, Sym};

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
    /// What the rules may do.
    simplify: Rc<Simplify>,
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

    /// A builder with one open body, for a function that the simplifier may do this to.
    #[must_use]
    pub fn under(simplify: &Rc<Simplify>) -> Builder {
        let b = Builder::new();
        b.0.borrow_mut().simplify = simplify.clone();
        b
    }

    /// A builder for a body apart, whose parameters are not those of this one.
    #[must_use]
    pub fn apart(&self) -> Builder {
        let simplify = &self.0.borrow().simplify;
        if simplify.assume.positive.is_empty() {
            return Builder::under(simplify);
        }
        Builder::under(&Rc::new(simplify.of_any_parameters()))
    }

    /// Whether a rule of such a tag may be applied.
    pub(crate) fn allows(&self, tag: Tag) -> bool {
        self.0.borrow().simplify.allows(tag)
    }

    /// How far the simplifier may go.
    pub(crate) fn level(&self) -> Level {
        self.0.borrow().simplify.level
    }

    /// Whether a parameter of the outermost body is assumed to be above 0.
    pub(crate) fn is_assumed_positive(&self, param: Value) -> bool {
        let inner = self.0.borrow();
        let Some(body) = inner.scopes.first().filter(|s| s.uid == param.scope).map(|s| &s.body) else { return false };
        let named = body.names.get(&param.id);
        named.is_some_and(|name| inner.simplify.assume.positive.iter().any(|p| **p == **name))
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

    /// The `bool` that a value is known to be.
    pub fn bool_lit(&self, v: Value) -> Option<bool> {
        match self.lit(v)? {
            Lit::Bool(b) => Some(b),
            Lit::Float(_) | Lit::Int(..) => None,
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
            Signature::Number | Signature::Bits | Signature::Shift => self.elem(args[0]),
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
                    Prim::Shl | Prim::Shr => kind.shifted(prim == Prim::Shl, x, y)?,
                    Prim::BitAnd => x & y,
                    Prim::BitOr => x | y,
                    Prim::BitXor => x ^ y,
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
