//! Loops: a fold over a range, or a loop that ends when a condition fails; its carries are the variables that the body
//! assigns.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::{Block, Expr, ExprForLoop, ExprLoop, ExprWhile, Label, Pat};

use super::leave::{self, Exit};
use super::scope::{Item, Val};
use super::sequence::Sequence;
use super::{Read, Reader, carry};
use crate::ir::{Dim, Direction, IntKind, Value};
use crate::prim::Prim;

/// A loop as it is written.
struct Looped<'a> {
    at: Span,
    label: Option<&'a Label>,
    pat: Option<&'a Pat>,
    body: &'a Block,
    /// Where the body may go instead of to its end.
    exits: BTreeSet<Exit>,
    /// Whether the way through the body was refused.
    failed: Cell<bool>,
}

/// What a loop without a known trip count goes by.
enum Until<'a> {
    /// Every item of a sequence, unless it is left.
    Items(&'a Sequence),
    /// A condition.
    Fails(&'a Expr),
    /// It is left.
    Left,
}

/// The carried variables of a loop and the values that they begin with.
struct Carried {
    places: Vec<usize>,
    before: Vec<Val>,
    items: Vec<Item>,
}

impl Carried {
    fn inits(&self) -> Vec<Value> {
        self.items.iter().map(|i| i.value).collect()
    }
}

impl Reader<'_> {
    pub(super) fn for_loop(&mut self, looped: &ExprForLoop) -> Read<()> {
        self.room(looped.for_token.span)?;
        let sequence = self.sequence(&looped.expr);
        let written = Looped {
            at: looped.for_token.span,
            label: looped.label.as_ref(),
            pat: Some(&looped.pat),
            body: &looped.body,
            exits: leave::exits_of_block(&looped.body),
            failed: Cell::new(false),
        };
        let Ok(sequence) = sequence else {
            // The body is still read, with what it runs over poisoned, for its own problems.
            let zero = self.b.index_lit(0);
            let one = self.b.index_lit(1);
            let places = self.counted((zero, one), Direction::Up, &written, |_, _| Val::Poison);
            places.iter().for_each(|k| self.scope.put(*k, Val::Poison));
            return Err(super::Stop);
        };
        self.at(looped.for_token.span);
        if written.exits.iter().any(|exit| *exit != Exit::Continue(None)) {
            return self.uncounted(&written, &Until::Items(&sequence));
        }
        let (inner, direction) = match &sequence {
            Sequence::Rev(inner) => (&**inner, Direction::Down),
            other => (other, Direction::Up),
        };
        match inner {
            Sequence::Range { lo, hi, kind } if self.kinds.assumed(*kind) == IntKind::Usize => {
                let kind = *kind;
                self.counted((*lo, *hi), direction, &written, |_, i| Val::One(Item { value: i, kind: Some(kind) }));
            }
            inner => {
                let zero = self.b.index_lit(0);
                let n = self.length(inner);
                self.counted((zero, n), direction, &written, |r, k| r.item_at(inner, k));
            }
        }
        Ok(())
    }

    pub(super) fn while_loop(&mut self, looped: &ExprWhile) -> Read<()> {
        self.room(looped.while_token.span)?;
        let written = Looped {
            at: looped.while_token.span,
            label: looped.label.as_ref(),
            pat: None,
            body: &looped.body,
            exits: leave::exits_of_block(&looped.body),
            failed: Cell::new(false),
        };
        self.uncounted(&written, &Until::Fails(&looped.cond))
    }

    pub(super) fn endless_loop(&mut self, looped: &ExprLoop) -> Read<()> {
        let at = looped.loop_token.span;
        self.room(at)?;
        let exits = leave::exits_of_block(&looped.body);
        if exits.iter().all(|exit| matches!(exit, Exit::Continue(None))) {
            // The function may have no other end: that is said with this.
            self.unsure = true;
            return self.stop(at, "this loop never ends", "leave it with `break`");
        }
        let written =
            Looped { at, label: looped.label.as_ref(), pat: None, body: &looped.body, exits, failed: Cell::new(false) };
        self.uncounted(&written, &Until::Left)
    }

    /// The variables that a loop carries: those it assigns, and the flags that it may raise.
    fn carried(&mut self, looped: &Looped<'_>) -> Carried {
        let mut names = carry::assigned_by_loop(looped.pat, looped.body);
        names.extend(self.flags(&looped.exits));
        let places: Vec<usize> = names.iter().filter_map(|n| self.scope.find(n)).collect();
        let before: Vec<Val> = places.iter().map(|k| self.scope.get(*k).val.clone()).collect();
        let items = before.iter().filter_map(Val::leaves).flatten().collect();
        Carried { places, before, items }
    }

    /// Opens the scope of a loop's body (or condition), the carried variables at the values they have there.
    fn open_with(&mut self, carried: &Carried, values: &[Value], may_assign: bool) {
        let mut inside = values.iter().zip(&carried.items).map(|(value, item)| Item { value: *value, kind: item.kind });
        self.scope.open(if may_assign { &carried.places } else { &[] });
        for (k, val) in carried.places.iter().zip(&carried.before) {
            let val = if val.leaves().is_some() { val.with_leaves(&mut inside) } else { Val::Poison };
            let name = self.scope.get(*k).name.clone();
            self.name(&val, &name);
            self.scope.put(*k, val);
        }
    }

    /// Reads the body once: the values of the carried variables after it. `refused` gets those that cannot go on.
    fn step(
        &mut self,
        looped: &Looped<'_>,
        carried: &Carried,
        values: &[Value],
        item: impl FnOnce(&Self) -> Option<Val>,
        refused: &mut Vec<usize>,
    ) -> Vec<Value> {
        self.open_with(carried, values, true);
        let depth = self.loops.len() - 1;
        self.lower_flags(depth, &looped.exits);
        if let (Some(pat), Some(val)) = (looped.pat, item(self)) {
            self.bind(pat, val);
        }
        if self.loop_body(looped).is_err() {
            looped.failed.set(true);
        }
        let after: Vec<Val> = carried.places.iter().map(|k| self.scope.get(*k).val.clone()).collect();
        self.scope.close();
        // A carry that was refused inside keeps its value in the graph, which is thrown away.
        let mut results = Vec::new();
        let mut next = values.iter();
        for ((old, new), k) in carried.before.iter().zip(&after).zip(&carried.places) {
            let Some(old_leaves) = old.leaves() else { continue };
            let params: Vec<Value> = next.by_ref().take(old_leaves.len()).copied().collect();
            match new.leaves() {
                Some(leaves) if self.carries_on(old, new, *k, looped.at) => {
                    results.extend(leaves.iter().map(|i| i.value));
                }
                _ => {
                    refused.push(*k);
                    results.extend(params);
                }
            }
        }
        results
    }

    /// Afterwards the carried variables have their last values.
    fn after(&mut self, carried: &Carried, results: Vec<Value>, refused: &[usize]) {
        let mut results = results.into_iter().zip(&carried.items).map(|(value, item)| Item { value, kind: item.kind });
        for (k, val) in carried.places.iter().zip(&carried.before) {
            let val = if val.leaves().is_some() { val.with_leaves(&mut results) } else { Val::Poison };
            let name = self.scope.get(*k).name.clone();
            let val = if refused.contains(k) { Val::Poison } else { val };
            self.name(&val, &name);
            self.scope.put(*k, val);
        }
    }

    /// A loop with a known trip count: a fold. Gives the places of what it carries.
    fn counted(
        &mut self,
        range: (Value, Value),
        direction: Direction,
        looped: &Looped<'_>,
        item: impl FnOnce(&Self, Value) -> Val,
    ) -> Vec<usize> {
        self.enter_loop(looped.label);
        let carried = self.carried(looped);
        let b = self.b;
        let mut refused = Vec::new();
        let reader = RefCell::new(self);
        let results = b.fold(range, direction, &carried.inits(), |i, carries| {
            reader.borrow_mut().step(looped, &carried, carries, |r| Some(item(r, i)), &mut refused)
        });
        let this = reader.into_inner();
        this.after(&carried, results, &refused);
        this.exit_loop();
        carried.places
    }

    /// A loop that ends when a condition fails, when it is left, or after the last item.
    fn uncounted(&mut self, looped: &Looped<'_>, until: &Until<'_>) -> Read<()> {
        let scope = self.scope.depth();
        let depth = self.enter_loop(looped.label);
        let stops = self.declare_flags(depth, &looped.exits);
        let carried = self.carried(looped);
        let b = self.b;
        let mut inits = carried.inits();
        let items = match until {
            Until::Items(sequence) => {
                inits.push(b.index_lit(0));
                Some(self.length(sequence))
            }
            Until::Fails(_) | Until::Left => None,
        };
        let mut refused = Vec::new();
        let reader = RefCell::new(self);
        let split = |carries: &[Value]| -> (Vec<Value>, Option<Value>) {
            match items {
                Some(_) => (carries[..carries.len() - 1].to_vec(), carries.last().copied()),
                None => (carries.to_vec(), None),
            }
        };
        let asked = RefCell::new(true);
        let results = b.repeat(
            &inits,
            |carries| {
                let mut this = reader.borrow_mut();
                let (values, k) = split(carries);
                this.open_with(&carried, &values, false);
                let going = stops.then(|| this.is_broken(depth)).flatten().map(|left| b.call(Prim::Not, &[left]));
                let more = match (until, k, items) {
                    (Until::Items(_), Some(k), Some(n)) => Some(b.call(Prim::Lt, &[k, n])),
                    (Until::Fails(cond), ..) => {
                        let known = |r: &mut Self| r.condition(cond).map(|v| Val::One(v.into()));
                        let value = match going {
                            // What has been left is not asked again.
                            Some(going) => this
                                .two_arms(looped.at, Ok(going), &[], known, |r| Ok(Val::One(r.b.bool(false).into())))
                                .and_then(|val| Ok(val.leaves().ok_or(super::Stop)?[0].value)),
                            None => this.condition(cond),
                        };
                        *asked.borrow_mut() = value.is_ok();
                        this.scope.close();
                        return value.unwrap_or_else(|super::Stop| b.bool(false));
                    }
                    _ => None,
                };
                this.scope.close();
                match (more, going) {
                    (Some(more), Some(going)) => b.call(Prim::And, &[more, going]),
                    (Some(only), None) | (None, Some(only)) => only,
                    (None, None) => b.bool(false),
                }
            },
            |carries| {
                let mut this = reader.borrow_mut();
                let (values, k) = split(carries);
                let item = |r: &Self| match (until, k) {
                    (Until::Items(sequence), Some(k)) => Some(r.item_at(sequence, k)),
                    _ => None,
                };
                let mut results = this.step(looped, &carried, &values, item, &mut refused);
                if let Some(k) = k {
                    results.push(b.call(Prim::Add, &[k, b.index_lit(1)]));
                }
                results
            },
        );
        let this = reader.into_inner();
        let (results, _) = split(&results);
        this.after(&carried, results, &refused);
        this.exit_loop();
        this.scope.leave(scope);
        if asked.into_inner() && !looped.failed.get() {
            return Ok(());
        }
        carried.places.iter().filter(|k| **k < scope).for_each(|k| this.scope.put(*k, Val::Poison));
        Err(super::Stop)
    }

    fn loop_body(&mut self, looped: &Looped<'_>) -> Read<()> {
        if !looped.exits.is_empty() {
            return self.flow(&looped.body.stmts);
        }
        match self.block(looped.body)? {
            Val::Tuple(parts) if parts.is_empty() => Ok(()),
            _ => {
                let at = looped.body.brace_token.span.close();
                self.stop(at, "the body of a loop has no value", "end it with a semicolon")
            }
        }
    }

    /// Whether a variable has the type at the end of the body that it had at its beginning.
    fn carries_on(&mut self, old: &Val, new: &Val, k: usize, at: Span) -> bool {
        let name = self.scope.get(k).name.clone();
        let same = self.agree(old, new)
            && old.leaves().into_iter().flatten().zip(new.leaves().into_iter().flatten()).all(|(a, b)| {
                let (a, b) = (self.b.ty(a.value), self.b.ty(b.value));
                a.dims.iter().zip(&b.dims).all(|(a, b)| *a == Dim::Any || a == b)
            });
        if !same {
            self.problems.add(
                at,
                format!("`{name}` changes its type or its length in this loop"),
                "give it its final length before the loop and assign its elements",
            );
        }
        same
    }
}
