//! Buffers that every iteration of a loop makes anew are made once, before the loop, where their lengths stay the same.

use std::collections::{BTreeSet, VecDeque};

use super::array::{product, sum};
use super::finish::{any_var, expressions};
use super::frame::is_fixed;
use super::names::numbered;
use super::{Block, Expr, Stmt, Var, Variable};
use crate::emit::Layout;
use crate::ir::{Direction, Elem, Lit};
use crate::prim::Prim;

/// Moves such buffers out of the loops of a block.
pub(super) fn buffers(block: &mut Block, vars: &mut [Variable]) {
    // What is moved: as the value of a block, into another variable, at the end of an array.
    let mut moved = Vec::new();
    moves(&block.stmts, &mut moved);
    block.values.iter().for_each(|value| moved_in(value, &mut moved));
    let given: BTreeSet<Var> = moved.into_iter().collect();
    let mut hoist = Hoist { vars, given, moved: BTreeSet::new() };
    hoist.within(&mut block.stmts);
    drop_fills(&mut block.stmts, hoist.vars);
}

/// Drops the filling of a vector that the next code to touch it sets anew, element by element.
fn drop_fills(stmts: &mut Vec<Stmt>, vars: &[Variable]) {
    let touches = |stmt: &Stmt, var: Var| {
        let mut found = false;
        expressions(std::slice::from_ref(stmt), &mut |e| found |= any_var(e, &mut |v| v == var));
        found
    };
    for stmt in stmts.iter_mut() {
        match stmt {
            Stmt::For { body, .. } | Stmt::While { body, .. } => drop_fills(body, vars),
            Stmt::If { then, otherwise, .. } => {
                drop_fills(&mut then.stmts, vars);
                drop_fills(&mut otherwise.stmts, vars);
            }
            _ => {}
        }
    }
    let idle: Vec<bool> = (0..stmts.len())
        .map(|k| {
            let Stmt::Fill(Expr::Var(var), _) = &stmts[k] else { return false };
            let next = stmts[k + 1..].iter().filter(|stmt| touches(stmt, *var));
            overwritten(next, *var, &vars[var.0 as usize])
        })
        .collect();
    let mut idle = idle.into_iter();
    stmts.retain(|_| idle.next() == Some(false));
}

struct Hoist<'v> {
    vars: &'v mut [Variable],
    given: BTreeSet<Var>,
    /// What has been moved already: the loop inside makes it ready itself.
    moved: BTreeSet<Var>,
}

impl Hoist<'_> {
    fn within(&mut self, stmts: &mut Vec<Stmt>) {
        let mut all = Vec::with_capacity(stmts.len());
        for mut stmt in std::mem::take(stmts) {
            match &mut stmt {
                Stmt::For { index, body, .. } => {
                    self.within(body);
                    all.extend(self.taken_out(body, *index));
                }
                Stmt::While { body, .. } => {
                    self.within(body);
                    all.extend(self.taken_out(body, None));
                }
                Stmt::If { then, otherwise, .. } => {
                    self.within(&mut then.stmts);
                    self.within(&mut otherwise.stmts);
                }
                _ => {}
            }
            all.push(stmt);
        }
        *stmts = all;
    }

    /// The declarations that a loop's body can do without, fit to stand before the loop.
    fn taken_out(&mut self, body: &mut Vec<Stmt>, index: Option<Var>) -> Vec<Stmt> {
        // The index, and what is declared in the body, or written by it, is not the same in every iteration.
        let mut changing: BTreeSet<Var> = index.into_iter().collect();
        declared(body, &mut changing);
        self.exchange(body, &changing);
        let mut out = Vec::new();
        let mut kept = Vec::with_capacity(body.len());
        let mut rest: VecDeque<Stmt> = std::mem::take(body).into();
        while let Some(stmt) = rest.pop_front() {
            if let Some((var, made)) = self.copy(&stmt, &changing)
                && let Stmt::Let(_, Expr::Copied(source)) = stmt
            {
                kept.push(Stmt::Copy(Expr::Var(var), *source));
                self.moved.insert(var);
                self.rename(var);
                out.push(made);
                continue;
            }
            let Some((var, value)) = self.buffer(&stmt, &changing) else {
                kept.push(stmt);
                continue;
            };
            let ready = !self.moved.insert(var)
                || rest
                    .iter()
                    .find(|next| !matches!(next, Stmt::Let(_, Expr::Fill { .. })))
                    .is_some_and(|next| overwrites(next, var, &self.vars[var.0 as usize], 0));
            if !ready {
                kept.push(Stmt::Fill(Expr::Var(var), value));
            }
            self.rename(var);
            out.push(stmt);
        }
        *body = kept;
        out
    }

    /// `let y = …; x = y;` in every iteration is two buffers that change places.
    fn exchange(&mut self, body: &mut Vec<Stmt>, changing: &BTreeSet<Var>) {
        for k in (0..body.len()).rev() {
            let Stmt::Assign(Expr::Var(x), Expr::Var(y)) = &body[k] else { continue };
            let (x, y) = (*x, *y);
            let Some(j) = body[..k].iter().position(|stmt| matches!(stmt, Stmt::Let(var, _) if *var == y)) else {
                continue;
            };
            let alike = self.vars[x.0 as usize].layout == self.vars[y.0 as usize].layout;
            let is_own = |var: Var| {
                let info = &self.vars[var.0 as usize];
                !info.by_ref && !info.name.contains('.')
            };
            let mut moved = Vec::new();
            moves(body, &mut moved);
            let once = moved.iter().filter(|var| **var == y).count() == 1;
            let done = !super::finish::reads(&body[k + 1..], y);
            if changing.contains(&x) || !alike || !is_own(x) || !is_own(y) || !once || !done {
                continue;
            }
            let Stmt::Let(_, value) = &body[j] else { unreachable!("the position is that of a declaration") };
            let info = &self.vars[y.0 as usize];
            let fill = Expr::Fill {
                value: Box::new(Expr::Lit(zero(info.elem))),
                lens: info.dims.clone(),
                layout: info.layout.clone(),
            };
            let made = Stmt::Let(y, fill);
            let one_axis = matches!(&info.layout, Layout::Nested(axes) if axes.len() == 1) && info.dims.len() == 1;
            let set = match value {
                Expr::Fill { .. } | Expr::Copied(_) => None,
                Expr::Map { axes, element, .. } if one_axis => match axes.as_slice() {
                    [(Some(index), len)] => Some((*index, len.clone(), (**element).clone())),
                    _ => continue,
                },
                _ => continue,
            };
            let was_mutable = std::mem::replace(&mut self.vars[y.0 as usize].mutable, true);
            let was_given = self.given.remove(&y);
            if self.buffer(&made, changing).is_none() {
                self.vars[y.0 as usize].mutable = was_mutable;
                if was_given {
                    self.given.insert(y);
                }
                continue;
            }
            self.vars[x.0 as usize].mutable = true;
            body[k] = Stmt::Swap(x, y);
            if let Some((index, hi, element)) = set {
                let place = Expr::Part { var: y, at: vec![Expr::Var(index)], range: None };
                let body_of = vec![Stmt::Assign(place, element)];
                let (lo, direction) = (Expr::index(0), Direction::Up);
                let looped = Stmt::For { index: Some(index), lo, hi, direction, body: body_of };
                body.splice(j..=j, [made, looped]);
            }
        }
    }

    /// The variable and the value of a declaration that may stand before the loop.
    fn buffer(&self, stmt: &Stmt, changing: &BTreeSet<Var>) -> Option<(Var, Expr)> {
        let Stmt::Let(var, Expr::Fill { value, lens, .. }) = stmt else { return None };
        let info = &self.vars[var.0 as usize];
        let changes = |v: Var| changing.contains(&v) || self.vars[v.0 as usize].mutable;
        // The length of an array that grows is in the words of the language: its variable is known by its name.
        let grows = |text: &str| {
            let stem = text.split(['.', '[']).next().unwrap_or(text);
            (0..self.vars.len()).any(|k| {
                let var = Var(u32::try_from(k).expect("there are fewer than 2^32 variables"));
                *self.vars[k].name == *stem && changes(var)
            })
        };
        let stays = |e: &Expr| {
            let mut fixed = !any_var(e, &mut |v| changes(v));
            super::finish::lengths(e, &mut |text| fixed &= !grows(text));
            fixed
        };
        let fits = !is_fixed(&info.layout)
            && !self.given.contains(var)
            && info.mutable
            && info.dims.iter().all(stays)
            && stays(value)
            && lens.iter().all(|len| stays(len) && is_total(len));
        // A vector of rows is filled with a row.
        let element = match &info.layout {
            Layout::Nested(axes) if axes.len() > 1 => Expr::Fill {
                value: value.clone(),
                lens: lens[1..].to_vec(),
                layout: Layout::Nested(axes[1..].to_vec()),
            },
            _ => (**value).clone(),
        };
        let rows_are_fixed = match &info.layout {
            Layout::Nested(axes) => is_fixed(&Layout::Nested(axes[1..].to_vec())),
            Layout::Scalar | Layout::Flat => true,
        };
        (fits && rows_are_fixed).then_some((*var, element))
    }

    /// The variable of a copy that may be made in a buffer, and the declaration of that.
    fn copy(&self, stmt: &Stmt, changing: &BTreeSet<Var>) -> Option<(Var, Stmt)> {
        let Stmt::Let(var, Expr::Copied(source)) = stmt else { return None };
        let info = &self.vars[var.0 as usize];
        let (Expr::Var(from) | Expr::Part { var: from, .. }) = &**source else { return None };
        // Slices of one kind: elements, or rows of a fixed length.
        let alike = match (&info.layout, &self.vars[from.0 as usize].layout) {
            (Layout::Nested(to), Layout::Nested(from)) => to.len() == from.len() && to[1..] == from[1..],
            (Layout::Flat, Layout::Flat) => true,
            (Layout::Nested(to), Layout::Flat) => to.len() == 1,
            _ => false,
        };
        if !alike {
            return None;
        }
        let fill = Expr::Fill {
            value: Box::new(Expr::Lit(zero(info.elem))),
            lens: info.dims.clone(),
            layout: info.layout.clone(),
        };
        let made = Stmt::Let(*var, fill);
        self.buffer(&made, changing)?;
        Some((*var, made))
    }

    /// In the scope outside the name may be another variable's.
    fn rename(&mut self, var: Var) {
        let name = self.vars[var.0 as usize].name.clone();
        let is_taken = |vars: &[Variable], name: &str| {
            vars.iter().enumerate().any(|(k, v)| k != var.0 as usize && &*v.name == name)
        };
        if is_taken(self.vars, &name) {
            let stem = name.trim_start_matches("r#");
            let stem = numbered(stem).map_or(stem, |(stem, _)| stem);
            let fresh = (2..).map(|n| format!("{stem}_{n}")).find(|name| !is_taken(self.vars, name));
            self.vars[var.0 as usize].name = fresh.expect("there are more numbers than variables").into();
        }
    }
}

fn zero(elem: Elem) -> Lit {
    match elem {
        Elem::Float => Lit::Float(0.0_f64.to_bits()),
        Elem::Int(kind) => Lit::Int(0, kind),
        Elem::Bool => Lit::Bool(false),
    }
}

/// Each variable as often as it is moved.
fn moves(stmts: &[Stmt], moved: &mut Vec<Var>) {
    let block = |stmts: &[Stmt], values: &[Expr], moved: &mut Vec<Var>| {
        moves(stmts, moved);
        values.iter().for_each(|value| moved_in(value, moved));
    };
    for stmt in stmts {
        match stmt {
            Stmt::Let(_, value) | Stmt::Assign(_, value) | Stmt::Push(_, value) => moved_in(value, moved),
            Stmt::Swap(a, b) => moved.extend([*a, *b]),
            Stmt::If { then, otherwise, .. } => {
                block(&then.stmts, &then.values, moved);
                block(&otherwise.stmts, &otherwise.values, moved);
            }
            Stmt::For { body, .. } => moves(body, moved),
            Stmt::While { before, body, .. } => {
                moves(before, moved);
                moves(body, moved);
            }
            Stmt::AssignOp(..) | Stmt::Fill(..) | Stmt::Copy(..) | Stmt::SameLength { .. } | Stmt::Assert(..) => {}
        }
    }
}

fn moved_in(value: &Expr, moved: &mut Vec<Var>) {
    match value {
        Expr::Var(var) => moved.push(*var),
        Expr::Array(values) | Expr::Call(_, values) => values.iter().for_each(|value| moved_in(value, moved)),
        _ => {}
    }
}

/// Whether a length can be computed even where the loop never runs: a difference may be less than nothing there.
fn is_total(len: &Expr) -> bool {
    match len {
        Expr::Lit(_) | Expr::Var(_) | Expr::Length(_) => true,
        Expr::Call(Prim::Add | Prim::Mul | Prim::Max | Prim::Min, args) => args.iter().all(is_total),
        _ => false,
    }
}

fn declared(stmts: &[Stmt], all: &mut BTreeSet<Var>) {
    for stmt in stmts {
        match stmt {
            Stmt::Let(var, _) => {
                all.insert(*var);
            }
            Stmt::If { vars, then, otherwise, .. } => {
                all.extend(vars);
                declared(&then.stmts, all);
                declared(&otherwise.stmts, all);
            }
            Stmt::For { index, body, .. } => {
                all.extend(index);
                declared(body, all);
            }
            Stmt::While { before, body, .. } => {
                declared(before, all);
                declared(body, all);
            }
            Stmt::Assign(..)
            | Stmt::AssignOp(..)
            | Stmt::Swap(..)
            | Stmt::Fill(..)
            | Stmt::Copy(..)
            | Stmt::Push(..)
            | Stmt::Assert(..)
            | Stmt::SameLength { .. } => {}
        }
    }
}

/// Whether the statements that touch an array set all of it before they read any: the first elements one by one, the
/// others in a loop.
fn overwritten<'s>(touching: impl Iterator<Item = &'s Stmt>, var: Var, info: &Variable) -> bool {
    let mut first = 0;
    for stmt in touching {
        let place = Expr::Part { var, at: vec![Expr::index(first)], range: None };
        match stmt {
            Stmt::Assign(to, value) if *to == place && !any_var(value, &mut |v| v == var) => first += 1,
            _ => return overwrites(stmt, var, info, first),
        }
    }
    false
}

/// Whether a loop sets every element or row of an array but the `first` ones, reading none.
fn overwrites(stmt: &Stmt, var: Var, info: &Variable, first: usize) -> bool {
    let Stmt::For { index: Some(index), lo, hi, body, .. } = stmt else { return false };
    let mut uses = 0;
    expressions(body, &mut |e| {
        any_var(e, &mut |v| {
            uses += usize::from(v == var);
            false
        });
    });
    *lo == Expr::index(first)
        && info.dims.first() == Some(hi)
        && uses == 1
        && sets_row(body, var, info, &mut vec![Expr::Var(*index)])
}

/// Whether statements set all that lies at the indices so far, by themselves or in loops over the axes that are left.
fn sets_row(stmts: &[Stmt], var: Var, info: &Variable, at: &mut Vec<Expr>) -> bool {
    let flat = info.layout == Layout::Flat;
    stmts.iter().any(|stmt| match (stmt, info.dims.as_slice()) {
        (Stmt::Assign(place, _), dims) if dims.len() == at.len() => {
            let at = if flat { vec![flattened(at, dims)] } else { at.clone() };
            *place == Expr::Part { var, at, range: None }
        }
        (Stmt::Copy(place, _), [_, row]) if flat && at.len() == 1 => {
            let end = product(sum(at[0].clone(), Expr::index(1)), row.clone());
            let range = Some(Box::new((product(at[0].clone(), row.clone()), end)));
            *place == Expr::Part { var, at: Vec::new(), range }
        }
        (Stmt::For { index: Some(index), lo, hi, body, .. }, dims) if dims.get(at.len()) == Some(hi) => {
            at.push(Expr::Var(*index));
            let sets = *lo == Expr::index(0) && sets_row(body, var, info, at);
            at.pop();
            sets
        }
        _ => false,
    })
}

/// The place of an element in row-major order.
fn flattened(at: &[Expr], dims: &[Expr]) -> Expr {
    let places = at.iter().zip(dims);
    places.fold(Expr::index(0), |place, (i, len)| sum(product(place, len.clone()), i.clone()))
}
