//! What a formula says, as written: one flat arena of expressions.
//!
//! Nothing here owns an expression through a `Box`, so neither dropping nor walking a formula needs the call stack. A
//! child always has a smaller id than its parent (the arena is in post-order), so one pass over [`Formula::exprs`] in
//! order meets operands before users. Prefix chains, `^` chains and left-deep sums may be as deep as the text is long:
//! walk them by id or with an explicit stack.

use std::ops::Index;

/// A range of bytes of the source: `source[span.start as usize..span.end as usize]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset just past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of the bytes `start..end`; offsets past 4 GiB saturate (a source that long is refused before).
    ///
    /// ```
    /// assert_eq!(grad_grammar::Span::new(2, 5).range(), 2..5);
    /// ```
    pub fn new(start: usize, end: usize) -> Span {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: narrow(start), end: narrow(end) }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The span as a range, ready to slice the source.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The name, exactly as written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// The place of an expression in [`Formula::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

impl ExprId {
    /// The id as an index into [`Formula::exprs`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A whole formula: parameters, definitions in source order, results.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Formula {
    /// The declared parameters, in order; empty when the formula has no header.
    pub params: Vec<ParamDecl>,
    /// The `let` and `fn` definitions, in order.
    pub items: Vec<Item>,
    /// The results: one, or the components of `(a, b)`.
    pub results: Vec<ExprId>,
    /// Every expression; a child comes before its parent.
    pub exprs: Vec<Expr>,
}

impl Index<ExprId> for Formula {
    type Output = Expr;

    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }
}

/// A declared parameter: `W: [c, d]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamDecl {
    /// Its name.
    pub name: Name,
    /// The whole declaration.
    pub span: Span,
    /// Its type; a bare name is a scalar.
    pub ty: ParamType,
}

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// `lambda` or `lambda: scalar`.
    Scalar,
    /// `y: index`.
    Index,
    /// `at: index[n]`: one length, or more.
    IndexArray(Vec<Dim>),
    /// `x: [d]`, `W: [c, d]`.
    Array(Vec<Dim>),
}

/// One length of an array type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dim {
    /// Literal or name.
    pub kind: DimKind,
    /// Where it is written.
    pub span: Span,
}

/// What a length is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DimKind {
    /// `3`
    Literal(u64),
    /// `n`
    Name(String),
}

/// A definition.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `let name = value`
    Let {
        /// What is defined.
        name: Name,
        /// The whole definition.
        span: Span,
        /// Its value.
        value: ExprId,
    },
    /// `fn name(params) = body`
    Fn {
        /// What is defined.
        name: Name,
        /// The whole definition.
        span: Span,
        /// Its parameters.
        params: Vec<FnParam>,
        /// Its body.
        body: ExprId,
    },
}

/// A parameter of an [`Item::Fn`].
#[derive(Clone, Debug, PartialEq)]
pub struct FnParam {
    /// Its name.
    pub name: Name,
    /// The parameter with its default.
    pub span: Span,
    /// The value it takes when the caller gives none.
    pub default: Option<ExprId>,
}

/// An expression and where it stands.
///
/// Parentheses around the whole of an expression are not in its span; those around its operands are.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is written.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `2`, `2.5`, `1e-3`; always finite, never negative.
    Number {
        /// Its value, correctly rounded.
        value: f64,
        /// Written with neither a dot nor an exponent.
        integer: bool,
    },
    /// `x`, `pi`, `π`; its span is the expression's.
    Name(String),
    /// `-x`, `+x`, `not x`
    Unary(UnaryOp, ExprId),
    /// `x + y`
    Binary(BinaryOp, ExprId, ExprId),
    /// `0 < x < 1`: one chain; true when every link holds.
    Compare {
        /// The leftmost operand.
        first: ExprId,
        /// Each following operand, with the comparison to its left; never empty.
        rest: Vec<(CmpOp, ExprId)>,
    },
    /// `A'`
    Transpose(ExprId),
    /// `f(x, d = 2)`; also `√x`, whose name is `√`.
    Call {
        /// The function.
        name: Name,
        /// Its arguments, as written.
        args: Vec<Arg>,
    },
    /// `x[i]`, `A[i, a..b]`
    Index {
        /// What is indexed.
        base: ExprId,
        /// The subscripts; never empty.
        subscripts: Vec<Subscript>,
    },
    /// `if c then a else b` with all its `else if`; `where(c, a, b)`; `piecewise(c: a, otherwise: b)`.
    Choice {
        /// Conditions and their values, tried in order; never empty.
        arms: Vec<(ExprId, ExprId)>,
        /// The value when no condition holds.
        otherwise: ExprId,
    },
    /// `[a, b]`; never empty.
    Vector(Vec<ExprId>),
    /// `[body for i in 0..n if filter]`
    Comprehension {
        /// One component, in terms of the binders.
        body: ExprId,
        /// The indices, outermost first; never empty. A range sees the binders before it.
        binders: Vec<Binder>,
        /// Which components are kept.
        filter: Option<ExprId>,
    },
    /// `sum(i in 0..n if filter: body)`
    Reduce {
        /// The reduction: any name.
        name: Name,
        /// The indices, outermost first; never empty. A range sees the binders before it.
        binders: Vec<Binder>,
        /// Which terms take part.
        filter: Option<ExprId>,
        /// One term, in terms of the binders.
        body: ExprId,
    },
}

impl ExprKind {
    /// Calls `visit` on each direct child, in source order (the body of a comprehension is written first).
    ///
    /// ```
    /// let formula = grad_grammar::parse("f(a, b = 2)").unwrap();
    /// let mut children = Vec::new();
    /// formula[formula.results[0]].kind.for_each_child(|id| children.push(id.index()));
    /// assert_eq!(children, [0, 1]);
    /// ```
    pub fn for_each_child(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            ExprKind::Number { .. } | ExprKind::Name(_) => {}
            ExprKind::Unary(_, operand) | ExprKind::Transpose(operand) => visit(*operand),
            ExprKind::Binary(_, left, right) => {
                visit(*left);
                visit(*right);
            }
            ExprKind::Compare { first, rest } => {
                visit(*first);
                rest.iter().for_each(|(_, operand)| visit(*operand));
            }
            ExprKind::Call { args, .. } => args.iter().for_each(|arg| visit(arg.value)),
            ExprKind::Index { base, subscripts } => {
                visit(*base);
                for subscript in subscripts {
                    match subscript.kind {
                        SubscriptKind::At(at) => visit(at),
                        SubscriptKind::Range(lo, hi) => lo.into_iter().chain(hi).for_each(&mut visit),
                    }
                }
            }
            ExprKind::Choice { arms, otherwise } => {
                for (condition, value) in arms {
                    visit(*condition);
                    visit(*value);
                }
                visit(*otherwise);
            }
            ExprKind::Vector(components) => components.iter().copied().for_each(visit),
            ExprKind::Comprehension { body, binders, filter } => {
                visit(*body);
                binders.iter().for_each(|binder| binder.bounds().into_iter().for_each(&mut visit));
                filter.iter().copied().for_each(visit);
            }
            ExprKind::Reduce { binders, filter, body, .. } => {
                binders.iter().for_each(|binder| binder.bounds().into_iter().for_each(&mut visit));
                filter.iter().copied().for_each(&mut visit);
                visit(*body);
            }
        }
    }
}

/// A prefix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `+`
    Plus,
    /// `not`
    Not,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`, element by element
    Mul,
    /// `/`, element by element
    Div,
    /// `@` or `·`
    MatMul,
    /// `^` or `**`
    Pow,
    /// `and`
    And,
    /// `or`
    Or,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CmpOp {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `==`
    Eq,
    /// `!=`
    Ne,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// The keyword of `d = 2`.
    pub name: Option<Name>,
    /// The value.
    pub value: ExprId,
    /// The keyword and the value.
    pub span: Span,
}

/// One subscript.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscript {
    /// An index or a range.
    pub kind: SubscriptKind,
    /// Where it is written.
    pub span: Span,
}

/// What a subscript is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptKind {
    /// `x[i]`
    At(ExprId),
    /// `x[lo..hi]`, `hi` excluded; a bound that is left out is the array's own.
    Range(Option<ExprId>, Option<ExprId>),
}

/// An index and its range: `i in lo..hi`, `hi` excluded.
#[derive(Clone, Debug, PartialEq)]
pub struct Binder {
    /// The index.
    pub name: Name,
    /// Its first value.
    pub lo: ExprId,
    /// Just past its last value.
    pub hi: ExprId,
    /// The whole binder.
    pub span: Span,
}

impl Binder {
    /// `[lo, hi]`
    pub fn bounds(&self) -> [ExprId; 2] {
        [self.lo, self.hi]
    }
}
