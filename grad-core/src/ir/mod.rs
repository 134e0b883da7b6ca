//! What a function is: a closed body of hash-consed nodes, operands before users.
//!
//! ```text
//! function ::= name(params) -> results
//! body     ::= params; node*; results          closed: it sees its parameters, constants and sizes, nothing else
//! node     ::= op : type
//! op       ::= Const | Param k | Size s         leaves; every body may have its own copy
//!            | Call(prim, args)                 scalar primitive, every operand already evaluated
//!            | Cast(x)                          to the node's own element type
//!            | If(cond, then, otherwise, caps)  only the taken arm is evaluated; both arms take exactly the captures
//!            | Array(elements)                  [a, b, c]
//!            | Index(array, at)                 an element, or a sub-array where `at` is shorter than the rank
//!            | Update(array, at, value, store)  the array with one place set, or added to
//!            | Build(lens, body, caps)          [body(i, …, caps) for i in 0..len …], one or more axes
//!            | Fold(range, inits, body, caps)   carries in, carries out: body(i, carries, caps) -> carries
//!            | While(cond, inits, body, caps)   carries in, carries out, as long as cond(carries, caps) holds
//!            | Push(array, value)               the array with one more row at its end
//!            | Len(array, axis)
//!            | Get(node, k)                     the k-th result of an If, a Fold or a While
//! type     ::= element [dims]                   element: float, an integer kind, or bool; no dims: a scalar
//! ```
//!
//! If, Fold and While always have a tuple of results, read through `Get`. Index and Update are each other's adjoint
//! (gather and scatter-add). Names and origins lie beside the nodes and take no part in equality.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::diagnostic::Origin;
use crate::opt::Simplify;
use crate::prim::Prim;

pub mod build;
pub mod eval;
pub(crate) mod need;
pub mod print;
pub mod verify;

pub use build::{Builder, Sym, Value};

/// A node of one body: its place in [`Body::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u32);

impl Id {
    /// The place in [`Body::nodes`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A symbolic length: its place in [`Function::sizes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SizeId(pub u32);

/// The integer types of Rust that a function may compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum IntKind {
    Usize,
    Isize,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

impl IntKind {
    /// Every kind, in the order of the enum.
    pub const ALL: [IntKind; 10] = [
        IntKind::Usize,
        IntKind::Isize,
        IntKind::I8,
        IntKind::I16,
        IntKind::I32,
        IntKind::I64,
        IntKind::U8,
        IntKind::U16,
        IntKind::U32,
        IntKind::U64,
    ];

    /// The name in Rust.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            IntKind::Usize => "usize",
            IntKind::Isize => "isize",
            IntKind::I8 => "i8",
            IntKind::I16 => "i16",
            IntKind::I32 => "i32",
            IntKind::I64 => "i64",
            IntKind::U8 => "u8",
            IntKind::U16 => "u16",
            IntKind::U32 => "u32",
            IntKind::U64 => "u64",
        }
    }

    /// The smallest and the largest value (64-bit targets; `u64` and `usize` are held to `i64::MAX`).
    #[must_use]
    pub fn bounds(self) -> (i64, i64) {
        match self {
            IntKind::Usize | IntKind::U64 => (0, i64::MAX),
            IntKind::Isize | IntKind::I64 => (i64::MIN, i64::MAX),
            IntKind::I8 => (i8::MIN.into(), i8::MAX.into()),
            IntKind::I16 => (i16::MIN.into(), i16::MAX.into()),
            IntKind::I32 => (i32::MIN.into(), i32::MAX.into()),
            IntKind::U8 => (0, u8::MAX.into()),
            IntKind::U16 => (0, u16::MAX.into()),
            IntKind::U32 => (0, u32::MAX.into()),
        }
    }
}

impl IntKind {
    /// How many bits it has (64-bit targets).
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            IntKind::I8 | IntKind::U8 => 8,
            IntKind::I16 | IntKind::U16 => 16,
            IntKind::I32 | IntKind::U32 => 32,
            IntKind::I64 | IntKind::U64 | IntKind::Isize | IntKind::Usize => 64,
        }
    }

    /// `x << n` or `x >> n`; `None` where Rust panics, and where the result is too large to be held here.
    #[must_use]
    pub fn shifted(self, left: bool, x: i64, n: i64) -> Option<i64> {
        let n = u32::try_from(n).ok().filter(|n| *n < self.bits())?;
        if !left {
            return Some(x >> n);
        }
        let (low, high) = self.bounds();
        // The bits that leave are lost.
        let wide = (i128::from(x) << n) & ((1_i128 << self.bits()) - 1);
        let signed = if low < 0 && wide >> (self.bits() - 1) == 1 { wide - (1_i128 << self.bits()) } else { wide };
        i64::try_from(signed).ok().filter(|x| low <= *x && *x <= high)
    }

    /// `!x`; a `u64` or `usize` gives a number out of bounds, which is an error of whoever evaluates it.
    fn turned(self, x: i64) -> i64 {
        let (low, high) = self.bounds();
        if low < 0 || self.bits() == 64 { !x } else { high - x }
    }
}

/// What one element of a value is. There is one float type in a function: [`Function::float`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Elem {
    Float,
    Int(IntKind),
    Bool,
}

impl Elem {
    /// The type of every loop index and length.
    pub const INDEX: Elem = Elem::Int(IntKind::Usize);
}

/// The length of one axis, as far as it is known when compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dim {
    /// A literal length.
    Lit(usize),
    /// A symbolic length; two axes with one symbol agree.
    Size(SizeId),
    /// Known only when running: ask with [`Op::Len`].
    Any,
}

/// The type of a value: elements, and the lengths of its axes (none: a scalar).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// What one element is.
    pub elem: Elem,
    /// The lengths, outermost axis first.
    pub dims: Vec<Dim>,
}

impl Type {
    /// A float scalar.
    pub const FLOAT: Type = Type::scalar(Elem::Float);
    /// A `usize`.
    pub const INDEX: Type = Type::scalar(Elem::INDEX);
    /// A condition.
    pub const BOOL: Type = Type::scalar(Elem::Bool);

    /// A scalar of `elem`.
    #[must_use]
    pub const fn scalar(elem: Elem) -> Type {
        Type { elem, dims: Vec::new() }
    }

    /// An array of `elem`.
    #[must_use]
    pub fn array(elem: Elem, dims: Vec<Dim>) -> Type {
        Type { elem, dims }
    }

    /// How many axes there are.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.dims.len()
    }

    /// Whether there are no axes.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        self.dims.is_empty()
    }

    /// Whether the elements are floats, the only ones that carry derivatives.
    #[must_use]
    pub fn is_float(&self) -> bool {
        self.elem == Elem::Float
    }

    /// The type of what is left when the first `n` axes are indexed.
    #[must_use]
    pub fn inner(&self, n: usize) -> Type {
        Type { elem: self.elem, dims: self.dims[n..].to_vec() }
    }

    /// Whether a value of one type can stand where the other is expected: equal but for axes of unknown length.
    #[must_use]
    pub fn fits(&self, other: &Type) -> bool {
        self.elem == other.elem
            && self.dims.len() == other.dims.len()
            && self.dims.iter().zip(&other.dims).all(|(a, b)| a == b || *a == Dim::Any || *b == Dim::Any)
    }
}

/// The type of a node: one value, or the results of an If or a Fold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeType {
    /// A value.
    One(Type),
    /// The results of an [`Op::If`] or an [`Op::Fold`].
    Many(Rc<[Type]>),
}

impl NodeType {
    /// The type of a value.
    ///
    /// # Panics
    /// On a node of several results: read those through `Get`.
    #[must_use]
    pub fn one(&self) -> &Type {
        match self {
            NodeType::One(ty) => ty,
            NodeType::Many(_) => unreachable!("a node of several results is read through Get"),
        }
    }
}

/// A literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lit {
    /// The bits of an `f64`.
    Float(u64),
    /// An integer and its kind.
    Int(i64, IntKind),
    /// A truth value.
    Bool(bool),
}

/// How an update stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Store {
    /// `array[at] = value`
    Set,
    /// `array[at] += value`
    Add,
}

/// Which way a loop runs over `lo..hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// `lo`, `lo + 1`, …, `hi - 1`
    Up,
    /// `hi - 1`, …, `lo`
    Down,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub fn reversed(self) -> Direction {
        match self {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        }
    }
}

/// What a node computes. The set is closed and matched exhaustively; the mathematics is in [`Prim`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A literal.
    Const(Lit),
    /// The k-th parameter of the body.
    Param(u32),
    /// A symbolic length, as an index.
    Size(SizeId),
    /// A primitive of scalars.
    Call(Prim, Box<[Id]>),
    /// The operand as a scalar of the node's element type (`as` in Rust).
    Cast(Id),
    /// A choice, of which only the taken arm is evaluated.
    If {
        /// A bool.
        cond: Id,
        /// Taken where `cond` is true. Its parameters are the captures.
        then: Rc<Body>,
        /// Taken where `cond` is false. Its parameters are the captures.
        otherwise: Rc<Body>,
        /// What the arms see.
        captures: Box<[Id]>,
    },
    /// An array of the elements given.
    Array(Box<[Id]>),
    /// `array[at, …]`
    Index {
        /// What is read.
        array: Id,
        /// One index an axis, outermost first; fewer than the rank give a sub-array.
        at: Box<[Id]>,
    },
    /// `array` with `array[at, …]` set or added to.
    Update {
        /// The array before.
        array: Id,
        /// The place.
        at: Box<[Id]>,
        /// An element, or a sub-array where `at` is shorter than the rank.
        value: Id,
        /// Set or add.
        store: Store,
    },
    /// A comprehension over `0..lens[0]`, `0..lens[1]`, …
    Build {
        /// One length an axis.
        lens: Box<[Id]>,
        /// Parameters: the indices, then the captures. One result: the element (it may itself be an array).
        body: Rc<Body>,
        /// What the body sees.
        captures: Box<[Id]>,
    },
    /// A loop over `lo..hi`.
    Fold {
        /// The first index.
        lo: Id,
        /// One past the last index; no iteration where it is not above `lo`.
        hi: Id,
        /// Which way it runs.
        direction: Direction,
        /// The carries before the loop.
        inits: Box<[Id]>,
        /// Parameters: the index, the carries, the captures. Results: the carries.
        body: Rc<Body>,
        /// What the body sees.
        captures: Box<[Id]>,
    },
    /// A loop with a trip count that nothing says beforehand.
    While {
        /// Asked before each iteration. Parameters: the carries, the captures. One result, a bool.
        cond: Rc<Body>,
        /// The carries before the loop.
        inits: Box<[Id]>,
        /// Parameters: the carries, the captures. Results: the carries.
        body: Rc<Body>,
        /// What both bodies see.
        captures: Box<[Id]>,
    },
    /// `array` with one more element, or row, after the last: the length of its first axis is known only when running.
    Push {
        /// The array before.
        array: Id,
        /// The element or row.
        value: Id,
    },
    /// The length of an axis.
    Len(Id, u32),
    /// The k-th result of an If, a Fold or a While.
    Get(Id, u32),
}

impl Op {
    /// Calls `f` on every operand in the enclosing body, captures included.
    pub fn operands(&self, mut f: impl FnMut(Id)) {
        match self {
            Op::Const(_) | Op::Param(_) | Op::Size(_) => {}
            Op::Call(_, args) | Op::Array(args) => args.iter().for_each(|a| f(*a)),
            Op::Cast(x) | Op::Len(x, _) | Op::Get(x, _) => f(*x),
            Op::If { cond, captures, .. } => {
                f(*cond);
                captures.iter().for_each(|a| f(*a));
            }
            Op::Index { array, at } => {
                f(*array);
                at.iter().for_each(|a| f(*a));
            }
            Op::Update { array, at, value, .. } => {
                f(*array);
                at.iter().for_each(|a| f(*a));
                f(*value);
            }
            Op::Build { lens, captures, .. } => lens.iter().chain(captures).for_each(|a| f(*a)),
            Op::Fold { lo, hi, inits, captures, .. } => {
                f(*lo);
                f(*hi);
                inits.iter().chain(captures).for_each(|a| f(*a));
            }
            Op::While { inits, captures, .. } => inits.iter().chain(captures).for_each(|a| f(*a)),
            Op::Push { array, value } => {
                f(*array);
                f(*value);
            }
        }
    }
}

impl Op {
    /// The inits of a loop and its body, and which parameter of that is the first carry.
    #[must_use]
    pub fn as_loop(&self) -> Option<(&[Id], &Rc<Body>, usize)> {
        match self {
            Op::Fold { inits, body, .. } => Some((inits, body, 1)),
            Op::While { inits, body, .. } => Some((inits, body, 0)),
            _ => None,
        }
    }

    /// Replaces every operand in the enclosing body, captures included.
    pub fn map_operands(&mut self, mut f: impl FnMut(Id) -> Id) {
        let mut all = |ids: &mut Box<[Id]>| ids.iter_mut().for_each(|id| *id = f(*id));
        match self {
            Op::Const(_) | Op::Param(_) | Op::Size(_) => {}
            Op::Call(_, args) | Op::Array(args) => all(args),
            Op::Cast(x) | Op::Len(x, _) | Op::Get(x, _) => *x = f(*x),
            Op::If { cond, captures, .. } => {
                all(captures);
                *cond = f(*cond);
            }
            Op::Index { array, at } => {
                all(at);
                *array = f(*array);
            }
            Op::Update { array, at, value, .. } => {
                all(at);
                *array = f(*array);
                *value = f(*value);
            }
            Op::Build { lens, captures, .. } => {
                all(lens);
                all(captures);
            }
            Op::Fold { lo, hi, inits, captures, .. } => {
                all(inits);
                all(captures);
                *lo = f(*lo);
                *hi = f(*hi);
            }
            Op::While { inits, captures, .. } => {
                all(inits);
                all(captures);
            }
            Op::Push { array, value } => {
                *array = f(*array);
                *value = f(*value);
            }
        }
    }
}

/// One computation of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it computes.
    pub op: Op,
    /// What comes out.
    pub ty: NodeType,
}

// The type follows from the operation nearly always: hashing it too would buy nothing.
impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.op.hash(state);
    }
}

/// A closed piece of computation.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The parameters, in order: each the id of an [`Op::Param`] node of that number.
    pub params: Vec<Id>,
    /// Operands before users.
    pub nodes: Vec<Node>,
    /// What comes out.
    pub results: Vec<Id>,
    /// What the user (or a transformation) called a node.
    pub names: BTreeMap<Id, Rc<str>>,
    /// Where each node comes from, for messages; shorter than the nodes where the rest has no origin.
    pub(crate) origins: Vec<Option<Origin>>,
}

impl Body {
    /// The node of an id.
    #[must_use]
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }

    /// The type of a node of one result.
    #[must_use]
    pub fn ty(&self, id: Id) -> &Type {
        self.node(id).ty.one()
    }

    /// Where a node comes from.
    #[must_use]
    pub fn origin(&self, id: Id) -> Option<Origin> {
        self.origins.get(id.index()).copied().flatten()
    }

    /// Says where a node comes from.
    pub(crate) fn set_origin(&mut self, id: Id, origin: Origin) {
        if self.origins.len() <= id.index() {
            self.origins.resize(id.index() + 1, None);
        }
        self.origins[id.index()] = Some(origin);
    }

    /// The ids in order, operands before users.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id> + use<> {
        (0..u32::try_from(self.nodes.len()).expect("a body has fewer than 2^32 nodes")).map(Id)
    }

    /// The types of the parameters.
    pub fn param_types(&self) -> impl Iterator<Item = &Type> {
        self.params.iter().map(|p| self.ty(*p))
    }
}

// Names and origins say nothing about the meaning: two bodies that compute the same are equal.
impl PartialEq for Body {
    fn eq(&self, other: &Body) -> bool {
        self.params == other.params && self.results == other.results && self.nodes == other.nodes
    }
}

impl Eq for Body {}

impl Hash for Body {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.results.hash(state);
        self.nodes.hash(state);
    }
}

/// The float type that a function computes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Float {
    /// Double precision.
    #[default]
    F64,
    /// Single precision.
    F32,
}

impl Float {
    /// The name in Rust.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Float::F64 => "f64",
            Float::F32 => "f32",
        }
    }
}

/// A parameter of a function; its type is in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// As the user wrote it.
    pub name: Rc<str>,
}

/// A function: a body with names.
#[derive(Clone, Debug)]
pub struct Function {
    /// As the user wrote it.
    pub name: Rc<str>,
    /// One a parameter of the body.
    pub params: Vec<Param>,
    /// The computation.
    pub body: Body,
    /// The names of the symbolic lengths. A length's value is read off the first parameter axis that has it.
    pub sizes: Vec<Rc<str>>,
    /// f32 or f64.
    pub float: Float,
    /// What the simplifier may do to it.
    pub simplify: Rc<Simplify>,
}

impl Function {
    /// The place of a parameter by its name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|p| &*p.name == name)
    }

    /// The type of the k-th parameter.
    #[must_use]
    pub fn param_type(&self, k: usize) -> &Type {
        self.body.ty(self.body.params[k])
    }

    /// The first parameter and axis that have the length `size`.
    #[must_use]
    pub fn size_source(&self, size: SizeId) -> Option<(usize, usize)> {
        (0..self.params.len()).find_map(|k| {
            let axis = self.param_type(k).dims.iter().position(|d| *d == Dim::Size(size))?;
            Some((k, axis))
        })
    }

    /// How many nodes there are, those of nested bodies included.
    #[must_use]
    pub fn node_count(&self) -> usize {
        fn count(body: &Body) -> usize {
            body.nodes
                .iter()
                .map(|node| match &node.op {
                    Op::If { then, otherwise, .. } => 1 + count(then) + count(otherwise),
                    Op::Build { body, .. } | Op::Fold { body, .. } => 1 + count(body),
                    Op::While { cond, body, .. } => 1 + count(cond) + count(body),
                    Op::Const(_)
                    | Op::Param(_)
                    | Op::Size(_)
                    | Op::Call(..)
                    | Op::Cast(_)
                    | Op::Array(_)
                    | Op::Index { .. }
                    | Op::Update { .. }
                    | Op::Push { .. }
                    | Op::Len(..)
                    | Op::Get(..) => 1,
                })
                .sum()
        }
        count(&self.body)
    }
}
