//! Vectors that a loop pushes to: where the number of pushes is known before the loop, the vector gets its final length
//! there, and a push is an assignment.
//!
//! What the elements are is known only when the first push is read. A reading that has assumed something else is thrown
//! away, and the function is read once more with what was learnt.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Expr, ExprForLoop, Pat, Stmt};

use super::scope::{Item, Val, View};
use super::sequence::Sequence;
use super::{Read, Reader, Stop, carry};
use crate::ir::{Dim, Elem, Store, Type, Value};
use crate::prim::Prim;

/// A vector that the loop being read pushes to.
#[derive(Clone, Debug)]
pub(super) struct Growing {
    /// The variable.
    pub(super) root: usize,
    /// How long it is at this point.
    pub(super) len: Value,
    /// How deep the body is whose every run pushes: inside a choice the number would not be known.
    depth: usize,
    /// How often one run of it has pushed so far.
    pushed: Value,
    /// Which of the vectors of the function it is.
    number: usize,
}

/// A vector that a loop is about to push to.
#[derive(Clone, Debug)]
pub(super) struct Pushes {
    root: usize,
    /// Its length before the loop.
    before: Value,
    /// How often one iteration pushes.
    each: Value,
    number: usize,
}

/// What the elements of the vectors of a function are, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Elements {
    types: Vec<Option<Type>>,
    /// Whether a push has shown that something else was assumed.
    pub(super) differs: bool,
}

impl Elements {
    fn get(&self, number: usize) -> Type {
        self.types.get(number).cloned().flatten().unwrap_or(Type::FLOAT)
    }

    /// Whether a push has said what they are.
    fn is_known(&self, number: usize) -> bool {
        self.types.get(number).is_some_and(Option::is_some)
    }

    /// For the next reading.
    pub(super) fn settled(self) -> Elements {
        Elements { differs: false, ..self }
    }

    fn learn(&mut self, number: usize, ty: Type) {
        if self.types.len() <= number {
            self.types.resize(number + 1, None);
        }
        self.types[number] = Some(ty);
        self.differs = true;
    }
}

/// The variable that a statement pushes to.
fn pushed(stmt: &Stmt) -> Option<String> {
    let Stmt::Expr(Expr::MethodCall(call), _) = stmt else { return None };
    match &*call.receiver {
        Expr::Path(path) if call.method == "push" && call.args.len() == 1 => Some(path.path.get_ident()?.to_string()),
        _ => None,
    }
}

/// The variables that every run of a loop's body pushes to, directly or in a loop of its own.
fn pushed_in(looped: &ExprForLoop) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for stmt in &looped.body.stmts {
        let found = match stmt {
            Stmt::Expr(Expr::ForLoop(inner), _) => pushed_in(inner),
            stmt => pushed(stmt).into_iter().collect(),
        };
        for name in found {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    // A vector of the body's own is another.
    let own = declared(looped);
    names.retain(|name| !own.contains(name));
    names
}

/// Whether code names one of these.
fn mentions(e: &Expr, names: &[String]) -> bool {
    struct Mentions<'a>(&'a [String], bool);
    impl<'ast> Visit<'ast> for Mentions<'_> {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            self.1 |= path.get_ident().is_some_and(|name| self.0.contains(&name.to_string()));
            visit::visit_path(self, path);
        }
    }
    let mut mentions = Mentions(names, false);
    mentions.visit_expr(e);
    mentions.1
}

/// The names that a loop declares in its pattern and at the level of its body.
fn declared(looped: &ExprForLoop) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            self.0.push(pat.ident.to_string());
            visit::visit_pat_ident(self, pat);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(&looped.pat);
    for stmt in &looped.body.stmts {
        if let Stmt::Local(local) = stmt {
            let pat: &Pat = &local.pat;
            names.visit_pat(pat);
        }
    }
    names.0
}

impl Reader<'_> {
    /// Gives the vectors that a loop pushes to the lengths that they will have after it.
    pub(super) fn prepare_pushes(&mut self, looped: &ExprForLoop, sequence: &Sequence) -> Read<Vec<Pushes>> {
        let names = pushed_in(looped);
        if names.is_empty() || sequence.filters() {
            return Ok(Vec::new());
        }
        let trips = self.length(sequence);
        let mut all = Vec::new();
        for name in names {
            let Some(root) = self.scope.find(&name) else { continue };
            let Some(each) = self.pushes_of(looped, &name)? else { continue };
            let total = self.b.call(Prim::Mul, &[trips, each]);
            if let Some(growing) = self.grows(root) {
                // The loop around has made room.
                all.push(Pushes { root, before: growing.len, each, number: growing.number });
                continue;
            }
            if self.scope.is_outside(root) {
                continue;
            }
            let Val::One(old) = self.scope.get(root).val.clone() else { continue };
            if self.b.ty(old.value).is_scalar() {
                continue;
            }
            let before = self.b.len(old.value, 0);
            let number = self.vectors;
            self.vectors += 1;
            let room = self.room_for(old, before, total, number, looped.for_token.span)?;
            self.name(&Val::One(room), &name);
            self.scope.put(root, Val::One(room));
            all.push(Pushes { root, before, each, number });
        }
        Ok(all)
    }

    /// How often an iteration pushes to a variable; `None` where that is not known before the loop.
    fn pushes_of(&mut self, looped: &ExprForLoop, name: &str) -> Read<Option<Value>> {
        let mut count = self.b.index_lit(0);
        let mut inside = declared(looped);
        inside.extend(carry::assigned([&looped.body]));
        for stmt in &looped.body.stmts {
            let more = match stmt {
                stmt if pushed(stmt).as_deref() == Some(name) => self.b.index_lit(1),
                Stmt::Expr(Expr::ForLoop(inner), _) if pushed_in(inner).iter().any(|n| n == name) => {
                    if mentions(&inner.expr, &inside) {
                        return Ok(None);
                    }
                    let sequence = self.sequence(&inner.expr)?;
                    let Some(each) = self.pushes_of(inner, name)? else { return Ok(None) };
                    if sequence.filters() {
                        return Ok(None);
                    }
                    let trips = self.length(&sequence);
                    self.b.call(Prim::Mul, &[trips, each])
                }
                _ => continue,
            };
            count = self.b.call(Prim::Add, &[count, more]);
        }
        Ok(Some(count))
    }

    /// The vector with room for so many more.
    fn room_for(&mut self, old: Item, before: Value, more: Value, number: usize, at: Span) -> Read<Item> {
        let b = self.b;
        if b.int_lit(before) != Some(0) {
            // What is there says what the elements are.
            let ty = b.ty(old.value).inner(1);
            let zero = self.zero_of(&ty, at)?;
            let len = b.call(Prim::Add, &[before, more]);
            let value = b.build(&[len], |k| {
                let inside = b.call(Prim::Lt, &[k[0], before]);
                b.branch(inside, || vec![b.index(old.value, &[k[0]])], || vec![zero])[0]
            });
            return Ok(Item { value, kind: old.kind });
        }
        let ty = self.elements.get(number);
        let zero = self.zero_of(&ty, at)?;
        Ok(Item { value: b.build(&[more], |_| zero), kind: None })
    }

    /// Nothing, of a type whose lengths are known beforehand.
    fn zero_of(&mut self, ty: &Type, at: Span) -> Read<Value> {
        let b = self.b;
        let lens: Option<Vec<Value>> = ty.dims.iter().map(|d| if *d == Dim::Any { None } else { b.dim(*d) }).collect();
        let Some(lens) = lens else {
            return self.stop(
                at,
                "the lengths of the rows that this pushes are not known before the loop",
                "make the array with its lengths, `vec![vec![0.0; m]; n]`, and assign its elements",
            );
        };
        let zero = match ty.elem {
            Elem::Float => b.float(0.0),
            Elem::Int(kind) => b.int(0, kind),
            Elem::Bool => b.bool(false),
        };
        Ok(if lens.is_empty() { zero } else { b.build(&lens, |_| zero) })
    }

    /// The vector that is being pushed to, if this variable is one.
    pub(super) fn grows(&self, root: usize) -> Option<Growing> {
        self.growing.iter().rev().find(|g| g.root == root).cloned()
    }

    /// What a vector that is being pushed to is at this point: its first elements.
    pub(super) fn grown(&self, root: usize, val: Val) -> Val {
        match (self.grows(root), &val) {
            (Some(growing), Val::One(array)) => {
                Val::View(View { array: *array, lo: self.b.index_lit(0), len: growing.len })
            }
            _ => val,
        }
    }

    /// Begins the body of a loop that pushes, in its iteration `k`.
    pub(super) fn begin_pushes(&mut self, pushes: &[Pushes], k: Value) {
        for p in pushes {
            let done = self.b.call(Prim::Mul, &[k, p.each]);
            let len = self.b.call(Prim::Add, &[p.before, done]);
            let pushed = self.b.index_lit(0);
            let depth = self.b.depth();
            self.growing.push(Growing { root: p.root, len, depth, pushed, number: p.number });
        }
    }

    /// Ends it: each must have pushed as often as was foreseen.
    pub(super) fn end_pushes(&mut self, pushes: &[Pushes], at: Span) -> Read<()> {
        let mut done = Ok(());
        for p in pushes.iter().rev() {
            let Some(growing) = self.growing.pop() else { return Err(Stop) };
            if growing.pushed != self.b.local(p.each) && !matches!(self.scope.get(p.root).val, Val::Poison) {
                done = self.unknown_pushes(at);
            }
        }
        done
    }

    /// After a loop inside the body of another that pushes to the same vectors.
    pub(super) fn after_pushes(&mut self, pushes: &[Pushes], trips: Value) {
        for p in pushes {
            let more = self.b.call(Prim::Mul, &[trips, p.each]);
            self.lengthen(p.root, more);
        }
    }

    fn lengthen(&mut self, root: usize, more: Value) {
        let b = self.b;
        if let Some(growing) = self.growing.iter_mut().rev().find(|g| g.root == root) {
            growing.len = b.call(Prim::Add, &[growing.len, more]);
            growing.pushed = b.call(Prim::Add, &[growing.pushed, more]);
        }
    }

    fn unknown_pushes<T>(&mut self, at: Span) -> Read<T> {
        self.stop(
            at,
            "how often this pushes is not known before the loop",
            "make the array with its length, `vec![0.0; n]`, and assign its elements",
        )
    }

    /// `v.push(x)` in a loop that has made room.
    pub(super) fn push_in_loop(&mut self, growing: &Growing, at: Span, value: &Expr) -> Read<()> {
        let root = growing.root;
        let Val::One(array) = self.scope.get(root).val.clone() else { return Err(Stop) };
        if self.b.depth() != growing.depth {
            return self.unknown_pushes(at);
        }
        let kind = self.kind_of(array);
        let item = self.one(value, kind)?;
        let (have, need) = (self.b.ty(item.value), self.b.ty(array.value).inner(1));
        let alike = match (have.elem, need.elem) {
            (Elem::Int(_), Elem::Int(_)) => true,
            (a, b) => a == b,
        };
        if !alike || have.dims != need.dims {
            let assumed = self.elements.get(growing.number);
            if assumed == need && assumed != have && !self.elements.is_known(growing.number) {
                // The next reading knows.
                self.elements.learn(growing.number, have);
                return Err(Stop);
            }
            return self.stop(at, "the elements of an array have one type", "push what the others are");
        }
        if !self.elements.is_known(growing.number) {
            // What the first push gives is what the others must.
            self.elements.types.resize(self.elements.types.len().max(growing.number + 1), None);
            self.elements.types[growing.number] = Some(have);
        }
        let place = self.element_at(&super::place::Place::variable(root), growing.len);
        self.put(&place, at, Val::One(item), Store::Set)?;
        self.lengthen(root, self.b.index_lit(1));
        Ok(())
    }
}
