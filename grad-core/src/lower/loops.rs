//! Loops, comprehensions and choices: what is accumulated in place, and what an iteration or an arm leaves behind.

use std::rc::Rc;

use super::array;
use super::frame::{Frame, Home, Lowering, Val, View, is_fixed};
use super::storage::{is_fill, is_growing};
use super::term::{Size, Term};
use super::{Block, Expr, Stmt, Var};
use crate::diagnostic::Problem;
use crate::emit::{Axis, Layout};
use crate::ir::{Body, Direction, Elem, Id, Lit, Op, Store};
use crate::prim::Prim;

/// An array of at most this many elements is made by a closure, a longer one by a loop.
const BY_CLOSURE: i64 = 64;
/// The most columns of such a closure.
const CLOSURE_COLUMNS: u32 = 32;

/// A variable that a loop carries or an arm writes, with the value that it is to have next.
struct Next {
    slot: View,
    value: Value,
}

enum Value {
    Scalar(Term),
    Array(View),
}

impl Lowering<'_> {
    /// What a body captures: scalars under a name, arrays where they are.
    fn captured(&mut self, frame: &mut Frame<'_>, captures: &[Id]) -> Result<Vec<Val>, Problem> {
        captures
            .iter()
            .map(|c| {
                if frame.body.ty(*c).is_scalar() {
                    let plain = matches!(&frame.vals[c.index()], Some(Val::Scalar(term)) if frame.is_plain_read(term));
                    Ok(Val::Scalar(if plain { self.take(frame, *c) } else { self.settled(frame, *c) }))
                } else {
                    self.array(frame, *c).map(Val::Array)
                }
            })
            .collect()
    }

    /// An index variable of the innermost scope.
    fn index_var(&mut self, wish: Option<&str>) -> Var {
        let name = self.index_name(wish);
        let var = self.declare(name, Elem::INDEX, Layout::Scalar, Vec::new());
        self.slots[var.0 as usize] = false;
        var
    }

    pub(super) fn build(
        &mut self,
        frame: &mut Frame<'_>,
        id: Id,
        lens: &[Id],
        body: &Body,
        captures: &[Id],
    ) -> Result<Val, Problem> {
        let ty = frame.body.ty(id).clone();
        for len in lens {
            let term = self.settled(frame, *len);
            // The length of an array stays, whatever becomes of the variable that it was read from.
            if !term.reads.is_empty() {
                let term = self.bind(term, "len");
                frame.vals[len.index()] = Some(Val::Scalar(term));
            }
        }
        if is_fill(frame.body, id) {
            return Ok(Val::Inline);
        }
        let dims = self.build_dims(frame, id, lens)?;
        let args = self.captured(frame, captures)?;
        let (layout, place) = self.home(frame, id, 0, &ty);
        let wish = frame.name_of(id, 0);
        let result = body.results[0];
        if place.is_none()
            && ty.rank() == lens.len()
            && let Some(map) = self.map(body, &args, &dims, &layout)?
        {
            return Ok(Val::Array(self.new_array(wish, ty.elem, layout, dims, map)));
        }
        let place = match place {
            Some(place) => place,
            None => {
                let value = Self::filled(ty.elem, &dims, &layout);
                self.new_array(wish, ty.elem, layout, dims.clone(), value)
            }
        };
        self.vars[place.var.0 as usize].mutable = true;
        let mut indices = Vec::new();
        for k in 0..lens.len() {
            self.open();
            let name = body.names.get(&body.params[k]).cloned();
            indices.push(self.index_var(name.as_deref()));
        }
        let mut inner_args: Vec<Val> = indices.iter().map(|i| Val::Scalar(self.var_term(*i))).collect();
        inner_args.extend(args);
        let mut element = place.clone();
        element.at.extend(indices.iter().map(|i| Expr::Var(*i)));
        let owned = vec![false; inner_args.len()];
        let mut inner = self.frame(body, &owned, &[Home::Place(element.clone())], &[]);
        self.run(&mut inner, &inner_args)?;
        if body.ty(result).is_scalar() {
            let term = self.take(&mut inner, result);
            let target = self.part(&element, &[]);
            self.assign(target, term.expr);
        } else {
            let made = self.array(&mut inner, result)?;
            if made != element {
                self.copy_into(&element, &made, Store::Set);
            }
        }
        for (k, index) in indices.iter().enumerate().rev() {
            self.close_loop(*index, Expr::index(0), dims[k].clone(), Direction::Up);
        }
        Ok(Val::Array(place))
    }

    fn build_dims(&mut self, frame: &mut Frame<'_>, id: Id, lens: &[Id]) -> Result<Vec<Expr>, Problem> {
        let mut dims: Vec<Expr> = lens.iter().map(|len| self.take(frame, *len).expr).collect();
        if frame.body.ty(id).rank() > lens.len() {
            let all = self.dims_of(frame, id)?;
            dims.extend(all[lens.len()..].iter().cloned());
        }
        Ok(dims)
    }

    /// An array that is made anew where `key` says that it is wanted: one literal everywhere, then perhaps an element set.
    pub(super) fn filled_array(&mut self, frame: &mut Frame<'_>, id: Id, key: (Id, usize)) -> Result<View, Problem> {
        if let Op::Update { array, at, value, .. } = &frame.body.node(id).op {
            let view = self.filled_array(frame, *array, key)?;
            let at: Vec<Expr> = at.iter().map(|i| self.take(frame, *i).expr).collect();
            let value = self.settled(frame, *value);
            self.before_write(frame, view.var);
            let place = self.part(&view, &at);
            self.push(Stmt::Assign(place, value.expr));
            return Ok(view);
        }
        let Op::Build { lens, body, .. } = &frame.body.node(id).op else { unreachable!("called on a comprehension") };
        let Op::Const(lit) = body.node(body.results[0]).op else { unreachable!("called on one with a literal") };
        let ty = frame.body.ty(id).clone();
        let dims = self.build_dims(frame, id, lens)?;
        let (layout, place) = self.home(frame, key.0, key.1, &ty);
        if let Some(place) = place {
            self.fill(&place, Expr::Lit(lit));
            return Ok(place);
        }
        let value = Expr::Fill { value: Box::new(Expr::Lit(lit)), lens: dims.clone(), layout: layout.clone() };
        Ok(self.new_array(frame.name_of(key.0, key.1), ty.elem, layout, dims, value))
    }

    /// Ends the innermost block as the body of a loop.
    fn close_loop(&mut self, index: Var, lo: Expr, hi: Expr, direction: Direction) {
        let body = self.close();
        if body.is_empty() {
            return;
        }
        let read = super::finish::reads(&body, index);
        self.push(Stmt::For { index: read.then_some(index), lo, hi, direction, body });
    }

    /// One value everywhere in an array that exists.
    fn fill(&mut self, place: &View, value: Expr) {
        self.vars[place.var.0 as usize].mutable = true;
        let dims = self.dims(place);
        let target = self.part(place, &[]);
        let layout = &self.vars[place.var.0 as usize].layout;
        let rest = match layout {
            Layout::Nested(axes) => Layout::Nested(axes[place.at.len()..].to_vec()),
            other => other.clone(),
        };
        let value = match &rest {
            Layout::Nested(axes) if axes.len() > 1 => {
                let inner = Layout::Nested(axes[1..].to_vec());
                if !is_fixed(&inner) {
                    self.open();
                    let index = self.index_var(None);
                    let mut row = place.clone();
                    row.at.push(Expr::Var(index));
                    self.fill(&row, value);
                    self.close_loop(index, Expr::index(0), dims[0].clone(), Direction::Up);
                    return;
                }
                Expr::Fill { value: Box::new(value), lens: dims[1..].to_vec(), layout: inner }
            }
            _ => value,
        };
        self.push(Stmt::Fill(target, value));
    }

    /// The comprehension as one expression, where it is short and nothing but an expression.
    fn map(&mut self, body: &Body, args: &[Val], dims: &[Expr], layout: &Layout) -> Result<Option<Expr>, Problem> {
        let Layout::Nested(axes) = layout else { return Ok(None) };
        let short = |e: &Expr| !matches!(e, Expr::Lit(Lit::Int(n, _)) if *n > BY_CLOSURE);
        let plain = is_fixed(layout) && dims.iter().all(short) || axes == &[Axis::Slice];
        if !plain {
            return Ok(None);
        }
        self.open();
        let indices: Vec<Var> =
            (0..dims.len()).map(|k| self.index_var(body.names.get(&body.params[k]).map(|n| &**n))).collect();
        let mut inner_args: Vec<Val> = indices.iter().map(|i| Val::Scalar(self.var_term(*i))).collect();
        inner_args.extend(args.iter().cloned());
        let owned = vec![false; inner_args.len()];
        // Anything but expressions would need statements.
        let simple = body.nodes.len() <= 24
            && body.nodes.iter().all(|node| {
                matches!(
                    node.op,
                    Op::Const(_)
                        | Op::Param(_)
                        | Op::Size(_)
                        | Op::Call(..)
                        | Op::Cast(_)
                        | Op::Index { .. }
                        | Op::Len(..)
                )
            });
        let mut element = None;
        if simple {
            let mut inner = self.frame(body, &owned, &[Home::Held(Layout::Scalar)], &[]);
            self.run(&mut inner, &inner_args)?;
            let term = self.take(&mut inner, body.results[0]);
            let limit = if axes == &[Axis::Slice] { CLOSURE_COLUMNS - 12 } else { CLOSURE_COLUMNS };
            element = Some(term).filter(|t| t.size.columns <= limit);
        }
        let stmts = self.close();
        let Some(element) = element.filter(|_| stmts.is_empty()) else {
            return Ok(None);
        };
        let axes = indices
            .iter()
            .zip(dims)
            .map(|(i, len)| (super::finish::any_var(&element.expr, &mut |v| v == *i).then_some(*i), len.clone()))
            .collect();
        Ok(Some(Expr::Map { axes, element: Box::new(element.expr), layout: layout.clone() }))
    }

    pub(super) fn fold(&mut self, frame: &mut Frame<'_>, id: Id) -> Result<Val, Problem> {
        let outer = frame.body;
        let Op::Fold { lo, hi, direction, inits, body, captures } = &outer.node(id).op else {
            unreachable!("called on a loop")
        };
        let live = live_carries(body, 1, (0..inits.len()).map(|k| frame.is_read(id, k)).collect());
        let mut slots: Vec<Option<View>> = Vec::new();
        for (k, init) in inits.iter().enumerate() {
            slots.push(if live[k] { Some(self.carry_slot(frame, id, k, *init)?) } else { None });
        }
        for slot in slots.iter().flatten() {
            self.before_write(frame, slot.var);
        }
        let mut args = vec![Val::Scalar(Term::lit(Lit::Bool(false)))];
        for (slot, init) in slots.iter().zip(inits) {
            args.push(match slot {
                Some(slot) if outer.ty(*init).is_scalar() => Val::Scalar(self.var_term(slot.var)),
                Some(slot) => Val::Array(slot.clone()),
                // Nothing reads it.
                None => frame.vals[init.index()].clone().expect("an init comes before its loop"),
            });
        }
        args.extend(self.captured(frame, captures)?);
        let ends = vec![self.take(frame, *lo), self.take(frame, *hi)];
        let ends = self.within(ends, |ends| {
            let size = Size::of_parts(ends.iter().map(|t| t.size));
            (size, !size.choice && size.columns < 50)
        });
        self.open();
        let name = body.names.get(&body.params[0]).cloned();
        let index = self.index_var(name.as_deref());
        args[0] = Val::Scalar(self.var_term(index));
        let owned: Vec<bool> = (0..args.len()).map(|k| (1..=inits.len()).contains(&k)).collect();
        // A carry that nothing reads is as good as a constant.
        let homes: Vec<Home> = body.results.iter().map(|r| Home::Held(self.layout_of(body.ty(*r)))).collect();
        let pruned = pruned(body, &live);
        let body = pruned.as_ref().unwrap_or(body);
        let homes: Vec<Home> = homes.into_iter().zip(&live).filter(|(_, l)| **l).map(|(h, _)| h).collect();
        let wanted: Vec<Option<usize>> = (0..live.len()).filter(|k| live[*k]).map(|k| Some(1 + k)).collect();
        let mut inner = self.frame(body, &owned, &homes, &wanted);
        self.run(&mut inner, &args)?;
        let mut next = Vec::new();
        let live_slots: Vec<View> = slots.iter().flatten().cloned().collect();
        for (k, slot) in live_slots.into_iter().enumerate() {
            if let Some(value) = self.next_value(&mut inner, k, &slot)? {
                next.push(Next { slot, value });
            }
        }
        self.settle(next);
        let [lo, hi] = <[Term; 2]>::try_from(ends).map_err(|_| ()).expect("a range has two ends");
        self.close_loop(index, lo.expr, hi.expr, *direction);
        Ok(self.after_loop(outer, &slots, inits))
    }

    /// What a loop gives: the variables of its carries.
    fn after_loop(&self, outer: &Body, slots: &[Option<View>], inits: &[Id]) -> Val {
        let vals = slots.iter().zip(inits).map(|(slot, init)| {
            slot.as_ref().map(|slot| {
                if outer.ty(*init).is_scalar() {
                    Val::Scalar(self.var_term(slot.var))
                } else {
                    Val::Array(slot.clone())
                }
            })
        });
        Val::Many(vals.collect())
    }

    pub(super) fn repeat(&mut self, frame: &mut Frame<'_>, id: Id) -> Result<Val, Problem> {
        let outer = frame.body;
        let Op::While { cond, inits, body, captures } = &outer.node(id).op else { unreachable!("called on a loop") };
        let n = inits.len();
        let asked = super::storage::needed(cond);
        let read = (0..n).map(|k| frame.is_read(id, k) || asked[cond.params[k].index()]).collect();
        let live = live_carries(body, 0, read);
        let mut slots: Vec<Option<View>> = Vec::new();
        for (k, init) in inits.iter().enumerate() {
            slots.push(if live[k] { Some(self.carry_slot(frame, id, k, *init)?) } else { None });
        }
        for slot in slots.iter().flatten() {
            self.before_write(frame, slot.var);
        }
        let mut args: Vec<Val> = Vec::new();
        for (slot, init) in slots.iter().zip(inits) {
            args.push(match slot {
                Some(slot) if outer.ty(*init).is_scalar() => Val::Scalar(self.var_term(slot.var)),
                Some(slot) => Val::Array(slot.clone()),
                // Nothing reads it.
                None => frame.vals[init.index()].clone().expect("an init comes before its loop"),
            });
        }
        args.extend(self.captured(frame, captures)?);

        self.open();
        let mut asking = self.frame(cond, &vec![false; args.len()], &[Home::Held(Layout::Scalar)], &[]);
        self.run(&mut asking, &args)?;
        let test = self.take(&mut asking, cond.results[0]);
        let test = self.within(vec![test], |c| (c[0].size, !c[0].size.choice && c[0].size.columns < 60));
        let before = self.close();

        self.open();
        let owned: Vec<bool> = (0..args.len()).map(|k| k < n).collect();
        let homes: Vec<Home> = body.results.iter().map(|r| Home::Held(self.layout_of(body.ty(*r)))).collect();
        let pruned = pruned(body, &live);
        let body = pruned.as_ref().unwrap_or(body);
        let homes: Vec<Home> = homes.into_iter().zip(&live).filter(|(_, l)| **l).map(|(h, _)| h).collect();
        let wanted: Vec<Option<usize>> = (0..n).filter(|k| live[*k]).map(Some).collect();
        let mut inner = self.frame(body, &owned, &homes, &wanted);
        self.run(&mut inner, &args)?;
        let mut next = Vec::new();
        for (k, slot) in slots.iter().flatten().cloned().enumerate() {
            if let Some(value) = self.next_value(&mut inner, k, &slot)? {
                next.push(Next { slot, value });
            }
        }
        self.settle(next);
        let body = self.close();
        let cond = test.into_iter().next().expect("one went in").expr;
        self.push(Stmt::While { before, cond, body });
        Ok(self.after_loop(outer, &slots, inits))
    }

    /// The variable that holds a carry.
    fn carry_slot(&mut self, frame: &mut Frame<'_>, id: Id, k: usize, init: Id) -> Result<View, Problem> {
        let ty = frame.body.ty(init).clone();
        let wish = frame.name_of(id, k);
        if ty.is_scalar() {
            let term = self.take(frame, init);
            if frame.plan.in_place(id, k)
                && let Expr::Var(var) = term.expr
                && self.slots[var.0 as usize]
            {
                return Ok(View { var, at: Vec::new() });
            }
            let name = self.names.fresh(wish.as_deref().unwrap_or(if ty.is_float() { "acc" } else { "count" }));
            let var = self.declare(name, ty.elem, Layout::Scalar, Vec::new());
            self.push(Stmt::Let(var, term.expr));
            return Ok(View { var, at: Vec::new() });
        }
        if frame.plan.is_made_anew(frame.body, init) {
            return self.filled_array(frame, init, (id, k));
        }
        if is_growing(frame.body, init) {
            return self.growing(frame, init, (id, k));
        }
        let view = self.array(frame, init)?;
        if frame.plan.in_place(id, k) {
            return Ok(view);
        }
        let ty = match &frame.body.node(id).ty {
            crate::ir::NodeType::Many(types) => types[k].clone(),
            crate::ir::NodeType::One(ty) => ty.clone(),
        };
        let (layout, place) = self.home(frame, id, k, &ty);
        Ok(match place {
            Some(place) => {
                if place != view {
                    self.copy_into(&place, &view, Store::Set);
                }
                place
            }
            None => self.fresh_copy(&view, wish, &layout),
        })
    }

    /// The k-th result of a body, unless the variable it belongs to has it already.
    fn next_value(&mut self, inner: &mut Frame<'_>, k: usize, slot: &View) -> Result<Option<Value>, Problem> {
        let r = inner.body.results[k];
        if inner.body.ty(r).is_scalar() {
            let term = self.take(inner, r);
            let there = term.expr == Expr::Var(slot.var);
            return Ok((!there).then_some(Value::Scalar(term)));
        }
        let view = self.array(inner, r)?;
        Ok((view != *slot).then_some(Value::Array(view)))
    }

    /// Assigns all at once: what reads a variable that is assigned before it is kept under another name.
    fn settle(&mut self, mut next: Vec<Next>) {
        if let [Next { slot: a, value: Value::Scalar(x) }, Next { slot: b, value: Value::Scalar(y) }] = next.as_slice()
            && x.expr == Expr::Var(b.var)
            && y.expr == Expr::Var(a.var)
        {
            let (a, b) = (a.var, b.var);
            self.vars[a.0 as usize].mutable = true;
            self.vars[b.0 as usize].mutable = true;
            self.push(Stmt::Swap(a, b));
            return;
        }
        let swaps = self.swaps(&mut next);
        // Arrays that come from another array that is written here are copied first.
        let written: Vec<Var> = next.iter().map(|n| n.slot.var).collect();
        for (k, n) in next.iter_mut().enumerate() {
            if let Value::Array(view) = &n.value
                && written.iter().enumerate().any(|(j, var)| j != k && *var == view.var)
            {
                let layout = self.vars[n.slot.var.0 as usize].layout.clone();
                n.value = Value::Array(self.fresh_copy(view, Some("next".into()), &layout));
            }
        }
        let (mut scalars, arrays): (Vec<Next>, Vec<Next>) =
            next.into_iter().partition(|n| matches!(n.value, Value::Scalar(_)));
        while !scalars.is_empty() {
            let reads = |k: usize, var: Var| match &scalars[k].value {
                Value::Scalar(term) => term.reads.contains(&var),
                Value::Array(_) => false,
            };
            let free =
                (0..scalars.len()).find(|k| (0..scalars.len()).all(|j| j == *k || !reads(j, scalars[*k].slot.var)));
            let first = scalars.remove(free.unwrap_or(0));
            if free.is_none() {
                for other in &mut scalars {
                    if let Value::Scalar(term) = &other.value
                        && term.reads.contains(&first.slot.var)
                    {
                        let name =
                            format!("next_{}", self.vars[other.slot.var.0 as usize].name.trim_start_matches("r#"));
                        other.value = Value::Scalar(self.bind(term.clone(), &name));
                    }
                }
            }
            if let Value::Scalar(term) = first.value {
                self.vars[first.slot.var.0 as usize].mutable = true;
                self.assign(Expr::Var(first.slot.var), term.expr);
            }
        }
        for (a, b) in swaps {
            self.vars[a.0 as usize].mutable = true;
            self.vars[b.0 as usize].mutable = true;
            self.push(Stmt::Swap(a, b));
        }
        for n in arrays {
            if let Value::Array(view) = n.value {
                self.replace(&n.slot, &view);
            }
        }
    }

    /// Takes out the arrays that only change places among themselves: the swaps that do it, in order.
    fn swaps(&self, next: &mut Vec<Next>) -> Vec<(Var, Var)> {
        let source = |k: usize| -> Option<usize> {
            let Value::Array(view) = &next[k].value else { return None };
            next.iter().position(|n| n.slot == *view).filter(|_| self.is_movable(&next[k].slot, view))
        };
        let sources: Vec<Option<usize>> = (0..next.len()).map(source).collect();
        let mut swaps = Vec::new();
        let mut moved = vec![false; next.len()];
        for start in 0..next.len() {
            let ring: Vec<usize> =
                std::iter::successors(Some(start), |k| sources[*k].filter(|j| *j != start)).take(next.len()).collect();
            let closes = ring.len() > 1 && ring.last().and_then(|k| sources[*k]) == Some(start);
            if closes && !moved[start] {
                ring.iter().for_each(|k| moved[*k] = true);
                swaps.extend(ring.windows(2).map(|pair| (next[pair[0]].slot.var, next[pair[1]].slot.var)));
            }
        }
        let mut moved = moved.into_iter();
        next.retain(|_| moved.next() == Some(false));
        swaps
    }

    /// Whether an array variable may be given another value by moving it: both are whole variables of their own.
    fn is_movable(&self, slot: &View, view: &View) -> bool {
        let whole = |v: &View| v.at.is_empty() && !self.vars[v.var.0 as usize].by_ref && self.slots[v.var.0 as usize];
        let same = self.vars[slot.var.0 as usize].layout == self.vars[view.var.0 as usize].layout;
        same && whole(slot) && whole(view)
    }

    /// Gives an array variable another value: moved where both are whole variables of their own.
    fn replace(&mut self, slot: &View, view: &View) {
        self.vars[slot.var.0 as usize].mutable = true;
        if self.is_movable(slot, view) {
            self.push(Stmt::Assign(Expr::Var(slot.var), Expr::Var(view.var)));
        } else {
            self.copy_into(slot, view, Store::Set);
        }
    }

    pub(super) fn choice(&mut self, frame: &mut Frame<'_>, id: Id) -> Result<Val, Problem> {
        let outer = frame.body;
        let Op::If { cond, then, otherwise, captures } = &outer.node(id).op else { unreachable!("called on a choice") };
        let n = then.results.len();
        let kept: Vec<usize> = (0..n).filter(|k| frame.is_read(id, *k)).collect();
        let args = self.captured(frame, captures)?;
        let cond = self.take(frame, *cond);
        let cond = self.within(vec![cond], |c| (c[0].size, !c[0].size.choice && c[0].size.columns < 60));
        let cond = cond.into_iter().next().expect("one went in");
        // What each result that is read continues, if it is a variable.
        let mut owned = vec![false; args.len()];
        let mut slots: Vec<Option<View>> = vec![None; n];
        for k in &kept {
            let Some(j) = frame.plan.continues(id, *k) else { continue };
            let slot = match &args[j] {
                Val::Array(view) => Some(view.clone()),
                Val::Scalar(Term { expr: Expr::Var(var), .. }) if self.slots[var.0 as usize] => {
                    Some(View { var: *var, at: Vec::new() })
                }
                _ => None,
            };
            owned[j] = slot.is_some();
            slots[*k] = slot;
        }
        for slot in slots.iter().flatten() {
            self.before_write(frame, slot.var);
        }
        // Arrays that continue nothing: written into the place they are wanted in, or given back by the arms.
        let mut homes = Vec::new();
        for k in &kept {
            let ty = array::joined(then.ty(then.results[*k]), otherwise.ty(otherwise.results[*k]));
            let (layout, place) = self.home(frame, id, *k, &ty);
            if slots[*k].is_none() && !ty.is_scalar() && place.is_some() {
                slots[*k] = place.clone();
            }
            homes.push(match place {
                Some(place) => Home::Place(place),
                None => Home::Held(layout),
            });
        }
        let lens = self.choice_lens(frame, id, &kept, &slots)?;
        let mut blocks = Vec::new();
        let mut terms: Vec<Vec<Term>> = Vec::new();
        for arm in [then, otherwise] {
            let arm = with_results(arm, &kept);
            self.open();
            let since = self.vars.len();
            let wanted: Vec<Option<usize>> = kept.iter().map(|k| frame.plan.continues(id, *k)).collect();
            let mut inner = self.frame(&arm, &owned, &homes, &wanted);
            self.run(&mut inner, &args)?;
            let mut next = Vec::new();
            let mut values = Vec::new();
            for (r, k) in kept.iter().enumerate() {
                let ty = arm.ty(arm.results[r]).clone();
                if let Some(slot) = &slots[*k] {
                    if let Some(value) = self.next_value(&mut inner, r, slot)? {
                        next.push(Next { slot: slot.clone(), value });
                    }
                } else if ty.is_scalar() {
                    values.push(self.take(&mut inner, arm.results[r]));
                } else {
                    let Home::Held(layout) = &homes[r] else {
                        unreachable!("an array without a place is held by itself")
                    };
                    let moved = !arm.results[..r].contains(&arm.results[r]);
                    let expr =
                        self.owned_array(&mut inner, arm.results[r], layout, moved, since, frame.name_of(id, *k))?;
                    values.push(self.atom(expr));
                }
            }
            // The values are read before the variables are written.
            let clobbered = |t: &Term| next.iter().any(|n| t.reads.contains(&n.slot.var));
            for value in &mut values {
                if clobbered(value) {
                    *value = self.bind(value.clone(), "t");
                }
            }
            self.settle(next);
            self.read_before_moved(&mut values);
            let stmts = self.close();
            blocks.push(Block { stmts, values: values.iter().map(|t| t.expr.clone()).collect() });
            terms.push(values);
        }
        let [then_block, else_block] = <[Block; 2]>::try_from(blocks).expect("a choice has two arms");
        let plain = then_block.stmts.is_empty() && else_block.stmts.is_empty();
        let mut vals: Vec<Option<Val>> = vec![None; n];
        for k in &kept {
            if let Some(slot) = &slots[*k] {
                let scalar = then.ty(then.results[*k]).is_scalar();
                vals[*k] = Some(if scalar { Val::Scalar(self.var_term(slot.var)) } else { Val::Array(slot.clone()) });
            }
        }
        let given: Vec<usize> = kept.iter().copied().filter(|k| slots[*k].is_none()).collect();
        // A short choice between two expressions is an expression.
        if plain
            && let [k] = given.as_slice()
            && then.ty(then.results[*k]).is_scalar()
        {
            let parts = vec![cond.clone(), terms[0][0].clone(), terms[1][0].clone()];
            let (size, fits) = super::term::call_size(Prim::Select, &parts);
            if fits {
                vals[*k] = Some(Val::Scalar(Term::call(Prim::Select, parts, size)));
                return Ok(Val::Many(vals));
            }
        }
        let mut vars = Vec::new();
        for k in &given {
            let ty = array::joined(then.ty(then.results[*k]), otherwise.ty(otherwise.results[*k]));
            let wish = frame.name_of(id, *k);
            let name: Rc<str> = self.names.fresh(wish.as_deref().unwrap_or("t"));
            let place = kept.iter().position(|x| x == k).expect("what is given is kept");
            let layout = match &homes[place] {
                Home::Held(layout) if !ty.is_scalar() => layout.clone(),
                Home::Held(_) | Home::Place(_) => Layout::Scalar,
            };
            let var = self.declare(name, ty.elem, layout, lens[place].clone());
            self.slots[var.0 as usize] = !ty.is_scalar();
            vars.push(var);
            let view = View { var, at: Vec::new() };
            vals[*k] = Some(if ty.is_scalar() { Val::Scalar(self.var_term(var)) } else { Val::Array(view) });
        }
        if !(vars.is_empty() && then_block.stmts.is_empty() && else_block.stmts.is_empty()) {
            self.push(Stmt::If { vars, cond: cond.expr, then: then_block, otherwise: else_block });
        }
        Ok(Val::Many(vals))
    }

    /// What reads an array that is given away beside it is computed before.
    pub(super) fn read_before_moved(&mut self, values: &mut [Term]) {
        let is_array = |low: &Self, var: Var| low.vars[var.0 as usize].layout != Layout::Scalar;
        let moved: Vec<Var> = values
            .iter()
            .filter_map(|value| match value.expr {
                Expr::Var(var) if is_array(self, var) => Some(var),
                _ => None,
            })
            .collect();
        for value in values {
            if !super::term::is_atom(&value.expr) && super::finish::any_var(&value.expr, &mut |v| moved.contains(&v)) {
                *value = self.bind(value.clone(), "t");
            }
        }
    }

    /// The lengths of the arrays that a choice gives; none for what has its variable already.
    fn choice_lens(
        &mut self,
        frame: &mut Frame<'_>,
        id: Id,
        kept: &[usize],
        slots: &[Option<View>],
    ) -> Result<Vec<Vec<Expr>>, Problem> {
        let mut lens = Vec::new();
        for k in kept {
            lens.push(match frame.gets.get(&(id, *k)).filter(|_| slots[*k].is_none()) {
                Some(get) => self.dims_of(frame, *get)?,
                None => Vec::new(),
            });
        }
        Ok(lens)
    }
}

/// Which carries a result that is read depends on; the `first`-th parameter is the first carry.
fn live_carries(body: &Body, first: usize, read: Vec<bool>) -> Vec<bool> {
    let n = read.len();
    let mut live = read;
    loop {
        let mut needed = vec![false; body.nodes.len()];
        (0..n).filter(|k| live[*k]).for_each(|k| needed[body.results[k].index()] = true);
        for id in body.ids().rev() {
            if needed[id.index()] {
                body.node(id).op.operands(|x| needed[x.index()] = true);
            }
        }
        let more: Vec<bool> = (0..n).map(|k| live[k] || needed[body.params[first + k].index()]).collect();
        if more == live {
            return live;
        }
        live = more;
    }
}

/// The body with the results that are wanted; `None` where that is all.
fn pruned(body: &Rc<Body>, live: &[bool]) -> Option<Rc<Body>> {
    if live.iter().all(|l| *l) {
        return None;
    }
    let mut pruned = Body::clone(body);
    let mut live = live.iter();
    pruned.results.retain(|_| *live.next().expect("a result a carry"));
    Some(Rc::new(pruned))
}

fn with_results(body: &Rc<Body>, kept: &[usize]) -> Rc<Body> {
    if kept.len() == body.results.len() {
        return body.clone();
    }
    let mut some = Body::clone(body);
    some.results = kept.iter().map(|k| body.results[*k]).collect();
    Rc::new(some)
}
