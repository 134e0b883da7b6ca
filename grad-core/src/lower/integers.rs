//! Which integers have their type from nowhere, so that Rust would take them for `i32`.
//!
//! Variables that arithmetic, comparisons and assignments join have one type. A set of joined variables has it from a
//! parameter, a length, a cast, a type that is written, or from a place in an array. Where none of these is in the set, a
//! type is written: `0..9_usize`. It is left out where `i32` does as well: an index that is only turned into a float.

use super::{Block, Expr, Stmt, Var, Variable};
use crate::emit::{Axis, Layout};
use crate::ir::{Elem, IntKind, Lit};
use crate::prim::{Prim, Signature, Spelling};

/// Marks the variables whose type has to be written (that of an index at one of its bounds). The first `params` of all are
/// those of the function, whose types are written anyway.
pub(super) fn annotate(block: &Block, vars: &mut [Variable], params: usize) {
    let mut sets = Sets::new(vars, params);
    sets.stmts(&block.stmts);
    for value in &block.values {
        let class = sets.of(value);
        sets.join(class, Class::Known);
    }
    for (var, from) in std::mem::take(&mut sets.made) {
        let root = sets.root(var);
        let facts = sets.facts[root];
        let must = match from {
            From::Bounds => facts.receives || facts.matters && !facts.fixed,
            From::Arms => facts.matters && !facts.fixed,
        };
        let info = &mut vars[var.0 as usize];
        info.annotate |= must && matches!(info.elem, Elem::Int(kind) if kind != IntKind::I32);
    }
}

/// Whether a literal is larger than what Rust takes it for.
pub(crate) fn is_wide(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(Lit::Int(n, _)) if i32::try_from(*n).is_err())
}

/// What is known of a set of variables.
#[derive(Clone, Copy, Default)]
struct Facts {
    /// Something says the type.
    fixed: bool,
    /// The type makes a difference.
    matters: bool,
    /// A method is called on one, which takes a type that is known by then.
    receives: bool,
}

/// Whose type an expression has.
#[derive(Clone, Copy)]
enum Class {
    /// Nobody's: a literal, which fits.
    Any,
    /// Nobody's: a literal that is too large for the default.
    Wide,
    /// One that is written.
    Known,
    /// That of a variable.
    Of(Var),
}

/// What a variable without a type of its own is made of.
#[derive(Clone, Copy)]
enum From {
    /// The literal bounds of a loop.
    Bounds,
    /// The values of a choice.
    Arms,
}

/// Disjoint sets of variables that have one type.
struct Sets {
    parent: Vec<usize>,
    facts: Vec<Facts>,
    made: Vec<(Var, From)>,
}

impl Sets {
    fn new(vars: &[Variable], params: usize) -> Sets {
        let known = |(k, info): (usize, &Variable)| Facts { fixed: k < params || info.annotate, ..Facts::default() };
        Sets {
            parent: (0..vars.len()).collect(),
            facts: vars.iter().enumerate().map(known).collect(),
            made: Vec::new(),
        }
    }

    fn root(&mut self, var: Var) -> usize {
        let mut root = var.0 as usize;
        while self.parent[root] != root {
            self.parent[root] = self.parent[self.parent[root]];
            root = self.parent[root];
        }
        root
    }

    /// Two expressions of one type: whose that is.
    fn join(&mut self, a: Class, b: Class) -> Class {
        match (a, b) {
            (Class::Of(x), Class::Of(y)) => {
                let (x_root, y_root) = (self.root(x), self.root(y));
                if x_root != y_root {
                    let (f, g) = (self.facts[x_root], self.facts[y_root]);
                    self.parent[y_root] = x_root;
                    self.facts[x_root] = Facts {
                        fixed: f.fixed || g.fixed,
                        matters: f.matters || g.matters,
                        receives: f.receives || g.receives,
                    };
                }
                a
            }
            (Class::Of(x), other) | (other, Class::Of(x)) => {
                let root = self.root(x);
                match other {
                    Class::Known => self.facts[root].fixed = true,
                    Class::Wide => self.facts[root].matters = true,
                    Class::Any | Class::Of(_) => {}
                }
                Class::Of(x)
            }
            (Class::Known, _) | (_, Class::Known) => Class::Known,
            (Class::Wide, _) | (_, Class::Wide) => Class::Wide,
            (Class::Any, Class::Any) => Class::Any,
        }
    }

    fn all(&mut self, exprs: &[Expr]) -> Class {
        exprs.iter().fold(Class::Any, |class, e| {
            let one = self.of(e);
            self.join(class, one)
        })
    }

    /// The class of an expression whose value is computed with.
    fn of(&mut self, expr: &Expr) -> Class {
        let class = self.bare(expr);
        if let (Class::Of(var), Expr::Var(_) | Expr::Part { .. }) = (class, expr) {
            let root = self.root(var);
            self.facts[root].matters = true;
        }
        class
    }

    /// The class of an expression that is only looked at: a variable there may as well be an `i32`.
    fn bare(&mut self, expr: &Expr) -> Class {
        match expr {
            Expr::Lit(Lit::Int(..)) if is_wide(expr) => Class::Wide,
            Expr::Lit(_) => Class::Any,
            Expr::Length(_) => Class::Known,
            Expr::Var(var) => Class::Of(*var),
            Expr::Part { var, at, range } => {
                let ends = range.iter().flat_map(|r| [&r.0, &r.1]);
                for place in at.iter().chain(ends) {
                    let class = self.of(place);
                    self.join(class, Class::Known);
                }
                Class::Of(*var)
            }
            Expr::Call(prim, args) => self.call(*prim, args),
            Expr::Cast(x, Elem::Float) => {
                self.bare(x);
                Class::Known
            }
            Expr::Cast(x, Elem::Int(_) | Elem::Bool) => {
                self.of(x);
                Class::Known
            }
            Expr::Array(elements) => self.all(elements),
            Expr::Fill { value, lens, .. } => {
                for len in lens {
                    let class = self.of(len);
                    self.join(class, Class::Known);
                }
                self.of(value)
            }
            Expr::Map { axes, element, layout } => {
                // An array is made by a closure that takes a usize.
                let ranges = matches!(layout, Layout::Nested(held) if held[0] == Axis::Slice) && axes.len() == 1;
                for (index, len) in axes {
                    if let (Some(index), true) = (*index, ranges) {
                        self.index(index, &[len]);
                    } else {
                        let index = index.map_or(Class::Any, Class::Of);
                        self.join(index, Class::Known);
                        self.of(len);
                    }
                }
                self.of(element)
            }
            Expr::Copied(x) => self.of(x),
        }
    }

    fn call(&mut self, prim: Prim, args: &[Expr]) -> Class {
        let row = prim.row();
        match row.signature {
            Signature::Compare => {
                let (x, y) = (self.bare(&args[0]), self.bare(&args[1]));
                self.join(x, y);
                Class::Known
            }
            Signature::Select => {
                self.of(&args[0]);
                self.all(&args[1..])
            }
            Signature::Shift => {
                self.of(&args[1]);
                self.of(&args[0])
            }
            Signature::Powi => {
                self.of(&args[0]);
                let exponent = self.of(&args[1]);
                self.join(exponent, Class::Known);
                Class::Known
            }
            Signature::Float | Signature::Number | Signature::Logic | Signature::Bits => {
                let class = self.all(args);
                if let (Spelling::Method(_), Class::Of(var)) = (row.rust, class) {
                    let root = self.root(var);
                    self.facts[root].receives = true;
                }
                class
            }
        }
    }

    /// An index that runs between bounds.
    fn index(&mut self, index: Var, bounds: &[&Expr]) {
        let mut class = Class::Any;
        for bound in bounds {
            let one = self.bare(bound);
            class = self.join(class, one);
        }
        self.join(Class::Of(index), class);
        if matches!(class, Class::Any | Class::Wide) {
            self.made.push((index, From::Bounds));
        }
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let(var, value) | Stmt::Push(var, value) => {
                let class = self.of(value);
                self.join(Class::Of(*var), class);
            }
            Stmt::If { vars, cond, then, otherwise } => {
                self.of(cond);
                for block in [then, otherwise] {
                    self.stmts(&block.stmts);
                }
                for (k, var) in vars.iter().enumerate() {
                    let (x, y) = (self.bare(&then.values[k]), self.bare(&otherwise.values[k]));
                    let class = self.join(x, y);
                    self.join(Class::Of(*var), class);
                    if matches!(class, Class::Any | Class::Wide) {
                        self.made.push((*var, From::Arms));
                    }
                }
            }
            Stmt::Assign(to, from) | Stmt::Fill(to, from) | Stmt::Copy(to, from) => {
                let (to, from) = (self.of(to), self.of(from));
                self.join(to, from);
            }
            Stmt::AssignOp(to, prim, from) => {
                let (to, from) = (self.of(to), self.of(from));
                if prim.row().signature != Signature::Shift {
                    self.join(to, from);
                }
            }
            Stmt::Swap(a, b) => {
                self.join(Class::Of(*a), Class::Of(*b));
            }
            Stmt::For { index, lo, hi, body, .. } => {
                match index {
                    Some(index) => self.index(*index, &[lo, hi]),
                    None => {
                        let (lo, hi) = (self.bare(lo), self.bare(hi));
                        self.join(lo, hi);
                    }
                }
                self.stmts(body);
            }
            Stmt::While { before, cond, body } => {
                self.stmts(before);
                self.of(cond);
                self.stmts(body);
            }
            Stmt::Assert(cond, _) => {
                self.of(cond);
            }
            Stmt::SameLength { left, right, .. } => {
                let (left, right) = (self.of(left), self.of(right));
                self.join(left, right);
            }
        }
    }
}
