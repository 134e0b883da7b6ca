//! Arrays: where they are held, how a part of one is read and written, and when one is copied.

use std::rc::Rc;

use super::frame::{Frame, Home, Lowering, Val, View, is_fixed, reads_of};
use super::storage::is_growing;
use super::term::{Size, Term, is_atom};
use super::{Expr, Stmt};
use crate::diagnostic::Problem;
use crate::emit::{Axis, Layout};
use crate::ir::{Body, Dim, Elem, Id, IntKind, Lit, Op, Store, Type};
use crate::prim::Prim;

/// Larger arrays than this many elements are held on the heap.
const ON_STACK: usize = 1 << 14;

/// How far a length is followed through the nodes that make it.
const LENGTH_DEPTH: u32 = 32;

impl Lowering<'_> {
    /// The array that a node is.
    pub(super) fn array(&mut self, frame: &mut Frame<'_>, id: Id) -> Result<View, Problem> {
        match &frame.vals[id.index()] {
            Some(Val::Array(view)) => Ok(view.clone()),
            Some(Val::Inline) => {
                let val = match &frame.body.node(id).op {
                    _ if is_growing(frame.body, id) => Val::Array(self.growing(frame, id, (id, 0))?),
                    Op::Array(elements) => self.elements_bound(frame, id, elements)?,
                    _ => Val::Array(self.filled_array(frame, id, (id, 0))?),
                };
                frame.vals[id.index()] = Some(val);
                self.array(frame, id)
            }
            _ => unreachable!("an array comes before its reader"),
        }
    }

    /// How an array of a type is held when nobody says.
    pub(super) fn layout_of(&self, ty: &Type) -> Layout {
        let fixed = |d: &Dim| match d {
            Dim::Lit(_) => true,
            Dim::Size(size) => self.source.is_const(*size),
            Dim::Any => false,
        };
        let elements = |dims: &[Dim]| {
            dims.iter().fold(1_usize, |n, d| n.saturating_mul(if let Dim::Lit(len) = d { *len } else { 1 }))
        };
        match ty.dims.as_slice() {
            [] => Layout::Scalar,
            dims if dims.iter().all(fixed) && elements(dims) <= ON_STACK => {
                Layout::Nested(vec![Axis::Array; dims.len()])
            }
            [_, inner @ ..] if inner.iter().all(fixed) && elements(inner) <= ON_STACK => {
                let inner = inner.iter().map(|_| Axis::Array);
                Layout::Nested(std::iter::once(Axis::Slice).chain(inner).collect())
            }
            _ => Layout::Flat,
        }
    }

    /// The lengths of what a view shows.
    pub(super) fn dims(&self, view: &View) -> Vec<Expr> {
        self.vars[view.var.0 as usize].dims[view.at.len()..].to_vec()
    }

    /// A part of an array: an element where `at` has an index for every axis.
    pub(super) fn part(&self, view: &View, at: &[Expr]) -> Expr {
        let info = &self.vars[view.var.0 as usize];
        let all: Vec<Expr> = view.at.iter().chain(at).cloned().collect();
        if all.is_empty() {
            return Expr::Var(view.var);
        }
        if info.layout != Layout::Flat {
            return Expr::Part { var: view.var, at: all, range: None };
        }
        let rank = info.dims.len();
        let mut flat = all[0].clone();
        for (i, len) in all[1..].iter().zip(&info.dims[1..]) {
            flat = sum(product(flat, len.clone()), i.clone());
        }
        if all.len() == rank {
            return Expr::Part { var: view.var, at: vec![flat], range: None };
        }
        let row = info.dims[all.len()..].iter().cloned().reduce(product).expect("an axis is left");
        let end = product(sum(flat.clone(), Expr::index(1)), row.clone());
        Expr::Part { var: view.var, at: Vec::new(), range: Some(Box::new((product(flat, row), end))) }
    }

    /// How what a view shows is held.
    fn rest(&self, view: &View) -> Layout {
        match &self.vars[view.var.0 as usize].layout {
            Layout::Nested(axes) => Layout::Nested(axes[view.at.len()..].to_vec()),
            other => other.clone(),
        }
    }

    pub(super) fn index(&mut self, frame: &mut Frame<'_>, id: Id, array: Id, at: &[Id]) -> Result<Val, Problem> {
        let view = self.array(frame, array)?;
        if frame.body.ty(id).is_scalar() {
            let terms: Vec<Term> = at.iter().map(|i| self.take(frame, *i)).collect();
            let terms = self.within(terms, |terms| (Size::of_parts(terms.iter().map(|t| t.size)), true));
            let term = self.element(&view, &terms);
            return Ok(self.put(frame, id, term));
        }
        let mut view = view;
        for i in at {
            let term = self.take(frame, *i);
            let simple = term.is_atom() || (term.size.operators <= 1 && frame.plan.uses[id.index()] <= 2);
            let term = if simple && term.reads.is_empty() { term } else { self.bind(term, "row") };
            view.at.push(term.expr);
        }
        Ok(Val::Array(view))
    }

    /// The element of a view.
    fn element(&self, view: &View, at: &[Term]) -> Term {
        let exprs: Vec<Expr> = at.iter().map(|t| t.expr.clone()).collect();
        let mut size = Size::of_parts(at.iter().map(|t| t.size));
        let info = &self.vars[view.var.0 as usize];
        let columns = info.name.chars().count() + 2 * info.dims.len() + view.at.len() * 3;
        size.columns += u32::try_from(columns).unwrap_or(u32::MAX);
        if info.layout == Layout::Flat {
            size.columns += 8 * u32::try_from(info.dims.len() - 1).unwrap_or(0);
            size.operators += 2 * u32::try_from(info.dims.len() - 1).unwrap_or(0);
        }
        let mut reads = reads_of(at);
        if self.slots[view.var.0 as usize] {
            reads.push(view.var);
            reads.sort_unstable();
            reads.dedup();
        }
        Term { expr: self.part(view, &exprs), reads, size }
    }

    /// A new array variable with a value; its name is free.
    pub(super) fn new_array(
        &mut self,
        wish: Option<Rc<str>>,
        elem: Elem,
        layout: Layout,
        dims: Vec<Expr>,
        value: Expr,
    ) -> View {
        let name = self.names.fresh(wish.as_deref().unwrap_or("a"));
        let var = self.declare(name, elem, layout, dims);
        self.push(Stmt::Let(var, value));
        View { var, at: Vec::new() }
    }

    /// One value everywhere.
    pub(super) fn filled(elem: Elem, dims: &[Expr], layout: &Layout) -> Expr {
        let value = match elem {
            Elem::Float => Lit::Float(0.0_f64.to_bits()),
            Elem::Int(kind) => Lit::Int(0, kind),
            Elem::Bool => Lit::Bool(false),
        };
        Expr::Fill { value: Box::new(Expr::Lit(value)), lens: dims.to_vec(), layout: layout.clone() }
    }

    /// A copy of what a view shows, in a new variable.
    pub(super) fn fresh_copy(&mut self, view: &View, wish: Option<Rc<str>>, layout: &Layout) -> View {
        let elem = self.vars[view.var.0 as usize].elem;
        let dims = self.dims(view);
        let rest = self.rest(view);
        let contiguous =
            matches!(&rest, Layout::Nested(axes) if axes.len() == 1 || is_fixed(&Layout::Nested(axes[1..].to_vec())));
        let same =
            rest == *layout || (dims.len() == 1 && *layout != Layout::Flat && !is_fixed(layout) && !is_fixed(&rest));
        if same && (is_fixed(layout) || contiguous || rest == Layout::Flat) {
            let part = self.part(view, &[]);
            let borrowed = self.vars[view.var.0 as usize].by_ref && view.at.is_empty();
            let value = if is_fixed(layout) && !borrowed { part } else { Expr::Copied(Box::new(part)) };
            let name = &self.vars[view.var.0 as usize].name;
            let grows = view.at.is_empty() && dims[0] == own_length(name, layout, &dims[1..]);
            let copy = self.new_array(wish, elem, layout.clone(), dims, value);
            if grows {
                let copy = &mut self.vars[copy.var.0 as usize];
                copy.dims[0] = own_length(&copy.name, layout, &copy.dims[1..]);
            }
            return copy;
        }
        let value = Self::filled(elem, &dims, layout);
        let copy = self.new_array(wish, elem, layout.clone(), dims, value);
        self.copy_into(&copy, view, Store::Set);
        copy
    }

    /// Sets or adds what one view shows to another of its shape.
    pub(super) fn copy_into(&mut self, to: &View, from: &View, store: Store) {
        self.vars[to.var.0 as usize].mutable = true;
        let (to_rest, from_rest) = (self.rest(to), self.rest(from));
        if store == Store::Set {
            let one_axis =
                |l: &Layout| matches!(l, Layout::Nested(axes) if is_fixed(&Layout::Nested(axes[1..].to_vec())));
            if is_fixed(&to_rest) && to_rest == from_rest {
                let part = self.part(from, &[]);
                let borrowed = self.vars[from.var.0 as usize].by_ref && from.at.is_empty();
                let value = if borrowed { Expr::Copied(Box::new(part)) } else { part };
                let place = self.part(to, &[]);
                self.push(Stmt::Assign(place, value));
                return;
            }
            let flat = self.dims(to).len() == 1 || (to_rest == Layout::Flat && from_rest == Layout::Flat);
            let alike = one_axis(&to_rest) && one_axis(&from_rest);
            if flat || alike {
                let stmt = Stmt::Copy(self.part(to, &[]), self.part(from, &[]));
                self.push(stmt);
                return;
            }
        }
        let dims = self.dims(to);
        let mut at = Vec::new();
        let mut loops = Vec::new();
        for len in dims {
            self.open();
            let name = self.index_name(None);
            let index = self.declare(name, Elem::INDEX, Layout::Scalar, Vec::new());
            self.slots[index.0 as usize] = false;
            at.push(Expr::Var(index));
            loops.push((index, len));
        }
        let (place, value) = (self.part(to, &at), self.part(from, &at));
        self.push(match store {
            Store::Set => Stmt::Assign(place, value),
            Store::Add => Stmt::AssignOp(place, Prim::Add, value),
        });
        for (index, hi) in loops.into_iter().rev() {
            let body = self.close();
            let direction = crate::ir::Direction::Up;
            self.push(Stmt::For { index: Some(index), lo: Expr::index(0), hi, direction, body });
        }
    }

    /// A free name for a loop's index.
    pub(super) fn index_name(&mut self, wish: Option<&str>) -> Rc<str> {
        if let Some(wish) = wish {
            return self.names.fresh(wish);
        }
        for name in ["i", "j", "k", "l", "m", "p", "q"] {
            if self.names.take(name) {
                return name.into();
            }
        }
        self.names.fresh("i")
    }

    /// The array that a node is, in a variable of its own that is held as said: the expression moves it out, unless the
    /// variable is an older one than `since`, for that may be read later.
    pub(super) fn owned_array(
        &mut self,
        frame: &mut Frame<'_>,
        id: Id,
        layout: &Layout,
        moved: bool,
        since: usize,
        wish: Option<Rc<str>>,
    ) -> Result<Expr, Problem> {
        let view = self.array(frame, id)?;
        let moved = moved && view.var.0 as usize >= since;
        let is_own = view.at.is_empty()
            && self.slots[view.var.0 as usize]
            && !self.vars[view.var.0 as usize].by_ref
            && self.vars[view.var.0 as usize].layout == *layout;
        if is_own && (moved || is_fixed(layout)) {
            return Ok(Expr::Var(view.var));
        }
        let copy = self.fresh_copy(&view, wish, layout);
        Ok(Expr::Var(copy.var))
    }

    pub(super) fn elements(&mut self, frame: &mut Frame<'_>, id: Id, elements: &[Id]) -> Result<Val, Problem> {
        if frame.is_inline(id) || is_growing(frame.body, id) {
            return Ok(Val::Inline);
        }
        self.elements_bound(frame, id, elements)
    }

    /// An array without elements that will grow, made where `key` says that it is wanted.
    pub(super) fn growing(&mut self, frame: &mut Frame<'_>, id: Id, key: (Id, usize)) -> Result<View, Problem> {
        let ty = frame.body.ty(id).clone();
        let layout = self.layout_of(&ty);
        let rows: Option<Vec<Expr>> = ty.dims[1..].iter().map(|dim| self.dim(*dim)).collect();
        let Some(rows) = rows else {
            let origin = frame.body.origin(id).unwrap_or_default();
            return Err(Problem::new(
                origin,
                "the rows of an array that grows must have a length that is known before",
            ));
        };
        let name = self.names.fresh(frame.name_of(key.0, key.1).as_deref().unwrap_or("a"));
        let dims = std::iter::once(own_length(&name, &layout, &rows)).chain(rows).collect();
        let var = self.declare(name, ty.elem, layout, dims);
        self.push(Stmt::Let(var, Expr::Array(Vec::new())));
        Ok(View { var, at: Vec::new() })
    }

    /// One more element, or row, after the last.
    pub(super) fn append(&mut self, frame: &mut Frame<'_>, id: Id, array: Id, value: Id) -> Result<Val, Problem> {
        let view = if is_growing(frame.body, array) {
            self.growing(frame, array, (id, 0))?
        } else if frame.plan.in_place(id, 0) {
            self.array(frame, array)?
        } else {
            let before = self.array(frame, array)?;
            let layout = self.layout_of(frame.body.ty(id));
            self.fresh_copy(&before, frame.name_of(id, 0), &layout)
        };
        let value = if frame.body.ty(value).is_scalar() {
            self.take(frame, value).expr
        } else {
            let row = self.array(frame, value)?;
            let part = self.part(&row, &[]);
            let borrowed = self.vars[row.var.0 as usize].by_ref && row.at.is_empty();
            if borrowed && is_fixed(&self.rest(&row)) { Expr::Copied(Box::new(part)) } else { part }
        };
        self.before_write(frame, view.var);
        self.push(Stmt::Push(view.var, value));
        Ok(Val::Array(view))
    }

    fn elements_bound(&mut self, frame: &mut Frame<'_>, id: Id, elements: &[Id]) -> Result<Val, Problem> {
        let ty = frame.body.ty(id).clone();
        let dims = self.dims_of(frame, id)?;
        let home = frame.homes.get(&(id, 0)).cloned();
        let wish = frame.name_of(id, 0);
        let layout = match &home {
            Some(Home::Held(layout)) => layout.clone(),
            Some(Home::Place(place)) => self.rest(place),
            None => self.layout_of(&ty),
        };
        if is_fixed(&layout) || (ty.rank() == 1 && layout != Layout::Flat) {
            let value = self.array_expr(frame, elements, &layout)?;
            if let Some(Home::Place(place)) = home {
                self.vars[place.var.0 as usize].mutable = true;
                if is_fixed(&layout) {
                    let target = self.part(&place, &[]);
                    self.push(Stmt::Assign(target, value));
                } else if let Expr::Array(values) = value {
                    for (k, value) in values.into_iter().enumerate() {
                        let target = self.part(&place, &[Expr::index(k)]);
                        self.push(Stmt::Assign(target, value));
                    }
                }
                return Ok(Val::Array(place));
            }
            return Ok(Val::Array(self.new_array(wish, ty.elem, layout, dims, value)));
        }
        let place = match home {
            Some(Home::Place(place)) => place,
            Some(Home::Held(_)) | None => {
                let value = Self::filled(ty.elem, &dims, &layout);
                self.new_array(wish, ty.elem, layout, dims, value)
            }
        };
        self.vars[place.var.0 as usize].mutable = true;
        for (k, e) in elements.iter().enumerate() {
            let at = Expr::index(k);
            if frame.body.ty(*e).is_scalar() {
                let term = self.take(frame, *e);
                let target = self.part(&place, &[at]);
                self.push(Stmt::Assign(target, term.expr));
            } else {
                let from = self.array(frame, *e)?;
                let mut to = place.clone();
                to.at.push(at);
                self.copy_into(&to, &from, Store::Set);
            }
        }
        Ok(Val::Array(place))
    }

    /// `[a, b, c]` of an array that is held as said.
    fn array_expr(&mut self, frame: &mut Frame<'_>, elements: &[Id], layout: &Layout) -> Result<Expr, Problem> {
        let inner = match layout {
            Layout::Nested(axes) => Layout::Nested(axes[1..].to_vec()),
            other => other.clone(),
        };
        let mut values = Vec::new();
        for e in elements {
            if frame.body.ty(*e).is_scalar() {
                let term = self.take(frame, *e);
                // Many elements stand one a line; a few share one.
                let alone = elements.len() > 4 && !term.is_atom() && term.size.operators > 3;
                let term = if alone { self.bind(term, "t") } else { term };
                values.push(term.expr);
            } else if let (Op::Array(inner_elements), Some(Val::Inline)) =
                (&frame.body.node(*e).op, &frame.vals[e.index()])
            {
                values.push(self.array_expr(frame, inner_elements, &inner)?);
            } else {
                let view = self.array(frame, *e)?;
                let borrowed = self.vars[view.var.0 as usize].by_ref && view.at.is_empty();
                if self.rest(&view) == inner && is_fixed(&inner) {
                    let part = self.part(&view, &[]);
                    values.push(if borrowed { Expr::Copied(Box::new(part)) } else { part });
                } else {
                    values.push(Expr::Var(self.fresh_copy(&view, None, &inner).var));
                }
            }
        }
        Ok(Expr::Array(values))
    }

    pub(super) fn update(
        &mut self,
        frame: &mut Frame<'_>,
        id: Id,
        array: Id,
        at: &[Id],
        value: Id,
        store: Store,
    ) -> Result<Val, Problem> {
        if frame.plan.is_set_anew(frame.body, id) {
            let term = self.settled(frame, value);
            // A variable may have been written by the time that the array is made again.
            if !term.reads.is_empty() {
                let term = self.bind(term, "t");
                frame.vals[value.index()] = Some(Val::Scalar(term));
            }
            return Ok(Val::Inline);
        }
        let view = if frame.plan.is_made_anew(frame.body, array) {
            self.filled_array(frame, array, (id, 0))?
        } else if frame.plan.in_place(id, 0) {
            self.array(frame, array)?
        } else {
            let before = self.array(frame, array)?;
            match frame.homes.get(&(id, 0)).cloned() {
                Some(Home::Place(place)) => {
                    if place != before {
                        self.copy_into(&place, &before, Store::Set);
                    }
                    place
                }
                Some(Home::Held(layout)) => self.fresh_copy(&before, frame.name_of(id, 0), &layout),
                None => {
                    let layout = self.layout_of(frame.body.ty(id));
                    self.fresh_copy(&before, frame.name_of(id, 0), &layout)
                }
            }
        };
        let mut terms: Vec<Term> = at.iter().map(|i| self.take(frame, *i)).collect();
        if frame.body.ty(value).is_scalar() {
            terms.push(self.take(frame, value));
            let terms = self.within(terms, |terms| (Size::of_parts(terms.iter().map(|t| t.size)), true));
            self.before_write(frame, view.var);
            let (value, at) = terms.split_last().expect("the value is the last");
            let place = self.element(&view, at).expr;
            match store {
                Store::Set => self.assign(place, value.expr.clone()),
                Store::Add => match super::assign::without_sign(&value.expr) {
                    Some(taken) => self.push(Stmt::AssignOp(place, Prim::Sub, taken)),
                    None => self.add(place, value.expr.clone()),
                },
            }
            return Ok(Val::Array(view));
        }
        let from = self.array(frame, value)?;
        let mut to = view.clone();
        for term in terms {
            let term = if term.is_atom() { term } else { self.bind(term, "row") };
            to.at.push(term.expr);
        }
        self.before_write(frame, view.var);
        let from = if from.var == to.var { self.fresh_copy_of(&from, frame.body.ty(value)) } else { from };
        self.copy_into(&to, &from, store);
        Ok(Val::Array(view))
    }

    fn fresh_copy_of(&mut self, view: &View, ty: &Type) -> View {
        let layout = self.layout_of(ty);
        self.fresh_copy(view, None, &layout)
    }

    /// The lengths of an array node of the frame's body, as expressions that may be written again.
    pub(super) fn dims_of(&mut self, frame: &mut Frame<'_>, id: Id) -> Result<Vec<Expr>, Problem> {
        let ty = frame.body.ty(id).clone();
        let mut dims = Vec::new();
        for (axis, dim) in ty.dims.iter().enumerate() {
            if let Some(expr) = self.dim(*dim) {
                dims.push(expr);
                continue;
            }
            let body = frame.body;
            let known = |id: Id| frame.vals[id.index()].clone();
            let expr = self.length(body, id, axis, &known, LENGTH_DEPTH);
            let expr = expr.ok_or_else(|| {
                let origin = frame.body.origin(id).unwrap_or_default();
                Problem::new(origin, "the length of an inner array depends on the index of the array around it")
                    .help("give every row the same length")
            })?;
            let expr = if is_atom(&expr) {
                expr
            } else {
                let term = Term { expr, reads: Vec::new(), size: Size::default() };
                self.bind(term, "len").expr
            };
            dims.push(expr);
        }
        Ok(dims)
    }

    /// The length of an axis of a node, read off the nodes that make it; `known` gives what has been computed.
    fn length(
        &mut self,
        body: &Body,
        id: Id,
        axis: usize,
        known: &dyn Fn(Id) -> Option<Val>,
        depth: u32,
    ) -> Option<Expr> {
        let depth = depth.checked_sub(1)?;
        if let Some(expr) = self.dim(body.ty(id).dims[axis]) {
            return Some(expr);
        }
        if let Some(Val::Array(view)) = known(id) {
            return self.dims(&view).get(axis).cloned();
        }
        let captured = |first: usize, captures: &[Id]| {
            let vals: Vec<Option<Val>> = captures.iter().map(|c| known(*c)).collect();
            move |k: usize| k.checked_sub(first).and_then(|k| vals.get(k).cloned().flatten())
        };
        let inside = |low: &mut Self, inner: &Body, first: usize, captures: &[Id], r: Id, axis: usize| {
            if let Op::Param(k) = inner.node(r).op
                && let Some(k) = (k as usize).checked_sub(first)
            {
                return low.length(body, captures[k], axis, known, depth);
            }
            let outside = captured(first, captures);
            let known = |id: Id| match inner.node(id).op {
                Op::Param(k) => outside(k as usize),
                _ => None,
            };
            low.length(inner, r, axis, &known, depth)
        };
        match &body.node(id).op {
            Op::Update { array, .. } => self.length(body, *array, axis, known, depth),
            Op::Push { array, .. } if axis > 0 => self.length(body, *array, axis, known, depth),
            Op::Index { array, at } => self.length(body, *array, axis + at.len(), known, depth),
            Op::Array(elements) => self.length(body, *elements.first()?, axis.checked_sub(1)?, known, depth),
            Op::Build { lens, body: inner, captures } => match lens.get(axis) {
                Some(len) => self.scalar_outside(body, *len, known, depth),
                None => inside(self, inner, lens.len(), captures, inner.results[0], axis - lens.len()),
            },
            Op::Get(node, k) => match &body.node(*node).op {
                Op::Fold { inits, .. } => self.length(body, inits[*k as usize], axis, known, depth),
                // One that grows has no length of its own yet.
                Op::While { inits, body: inner, .. } => {
                    let k = *k as usize;
                    let fixed = axis > 0 || written_over(inner, k) == Some(k);
                    fixed.then(|| self.length(body, inits[k], axis, known, depth)).flatten()
                }
                Op::If { then, captures, .. } => inside(self, then, 0, captures, then.results[*k as usize], axis),
                _ => None,
            },
            _ => None,
        }
    }

    /// A scalar that is made from what is known.
    fn scalar_outside(&mut self, body: &Body, id: Id, known: &dyn Fn(Id) -> Option<Val>, depth: u32) -> Option<Expr> {
        let depth = depth.checked_sub(1)?;
        if let Some(Val::Scalar(term)) = known(id)
            && term.is_atom()
            && term.reads.is_empty()
        {
            return Some(term.expr);
        }
        match &body.node(id).op {
            Op::Const(lit) => Some(Expr::Lit(*lit)),
            Op::Size(size) => Some(self.size(*size)),
            Op::Call(prim, args) => {
                let args: Option<Vec<Expr>> =
                    args.iter().map(|a| self.scalar_outside(body, *a, known, depth)).collect();
                Some(Expr::Call(*prim, args?))
            }
            Op::Cast(x) => {
                let x = self.scalar_outside(body, *x, known, depth)?;
                Some(Expr::Cast(Box::new(x), body.ty(id).elem))
            }
            Op::Len(array, axis) => self.length(body, *array, *axis as usize, known, depth),
            _ => None,
        }
    }

    /// The layout and the place of an array that begins at a node.
    pub(super) fn home(&mut self, frame: &Frame<'_>, id: Id, k: usize, ty: &Type) -> (Layout, Option<View>) {
        match frame.homes.get(&(id, k)) {
            Some(Home::Place(place)) => (self.rest(place), Some(place.clone())),
            Some(Home::Held(layout)) => (layout.clone(), None),
            None => (self.layout_of(ty), None),
        }
    }
}

pub(super) fn product(a: Expr, b: Expr) -> Expr {
    match (&a, &b) {
        (Expr::Lit(Lit::Int(0, _)), _) => a,
        (Expr::Lit(Lit::Int(1, _)), _) => b,
        (_, Expr::Lit(Lit::Int(1, _))) => a,
        (Expr::Lit(Lit::Int(x, _)), Expr::Lit(Lit::Int(y, _))) => x.checked_mul(*y).map_or_else(
            || Expr::Call(Prim::Mul, vec![a.clone(), b.clone()]),
            |n| Expr::Lit(Lit::Int(n, IntKind::Usize)),
        ),
        _ => Expr::Call(Prim::Mul, vec![a, b]),
    }
}

pub(super) fn sum(a: Expr, b: Expr) -> Expr {
    match (&a, &b) {
        (Expr::Lit(Lit::Int(0, _)), _) => b,
        (_, Expr::Lit(Lit::Int(0, _))) => a,
        (Expr::Lit(Lit::Int(x, _)), Expr::Lit(Lit::Int(y, _))) => x.checked_add(*y).map_or_else(
            || Expr::Call(Prim::Add, vec![a.clone(), b.clone()]),
            |n| Expr::Lit(Lit::Int(n, IntKind::Usize)),
        ),
        _ => Expr::Call(Prim::Add, vec![a, b]),
    }
}

/// The type of what either of two arrays is.
pub(super) fn joined(a: &Type, b: &Type) -> Type {
    let dims = a.dims.iter().zip(&b.dims).map(|(x, y)| if x == y { *x } else { Dim::Any }).collect();
    Type::array(a.elem, dims)
}

/// The parameter that a result of a body is, written to perhaps, but not made longer.
fn written_over(body: &Body, result: usize) -> Option<usize> {
    let mut id = body.results[result];
    loop {
        id = match &body.node(id).op {
            Op::Param(k) => return Some(*k as usize),
            Op::Update { array, .. } => *array,
            Op::Get(node, k) => {
                let k = *k as usize;
                match &body.node(*node).op {
                    Op::Fold { inits, body: inner, .. } if written_over(inner, k) == Some(1 + k) => inits[k],
                    Op::While { inits, body: inner, .. } if written_over(inner, k) == Some(k) => inits[k],
                    Op::If { then, otherwise, captures, .. } => {
                        let c = written_over(then, k)?;
                        if written_over(otherwise, k) != Some(c) {
                            return None;
                        }
                        captures[c]
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
    }
}

/// The length that the variable of an array which grows has when it is asked.
fn own_length(name: &str, layout: &Layout, rows: &[Expr]) -> Expr {
    let elements = Expr::Length(format!("{name}.len()").into());
    match (layout, rows.iter().cloned().reduce(product)) {
        (Layout::Flat, Some(row)) => Expr::Call(Prim::Div, vec![elements, row]),
        _ => elements,
    }
}
