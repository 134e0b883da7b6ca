//! Loops: a fold over a range, or a loop that ends when a condition fails; its carries are the variables that the body
//! assigns.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::{Block, Expr, ExprForLoop, ExprLoop, ExprWhile, Label};

use super::growing::Pushes;
use super::leave::{self, Exit};
use super::scope::{Item, Val};
use super::sequence::{Position, Sequence};
use super::{Read, Reader, carry, choice};
use crate::ir::{Dim, Direction, IntKind, Value};
use crate::prim::Prim;

/// A loop.
struct Looped<'a, 'b> {
    at: Span,
    label: Option<&'a Label>,
    /// The variables that the body assigns.
    names: Vec<String>,
    /// Reads the body, of one item where the loop runs over something.
    body: &'a dyn Fn(&mut Reader<'b>, Option<Val>) -> Read<()>,
    /// Where the body may go instead of to its end.
    exits: BTreeSet<Exit>,
    /// The vectors that each iteration pushes to.
    pushes: Vec<Pushes>,
    /// Whether the body was refused as a whole.
    failed: Cell<bool>,
    /// The variable that keeps what it is left with.
    value: Option<String>,
}

/// What the body gets.
enum Given<'a> {
    Nothing,
    Value(Val),
    Item(&'a Sequence, Position),
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

impl<'b> Reader<'b> {
    pub(super) fn for_loop(&mut self, looped: &ExprForLoop) -> Read<()> {
        self.room(looped.for_token.span)?;
        let sequence = self.sequence(&looped.expr);
        let exits = leave::exits_of_block(&looped.body);
        let mut names = carry::assigned_by_loop(Some(&looped.pat), &looped.body);
        // What `iter_mut` runs over is assigned through the pattern.
        names.extend(carry::assigned_in(&looped.expr));
        let body = |r: &mut Reader<'b>, item: Option<Val>| {
            r.bind(&looped.pat, item.unwrap_or(Val::Poison));
            r.loop_body(&exits, &looped.body)
        };
        let mut written = Looped {
            at: looped.for_token.span,
            label: looped.label.as_ref(),
            names,
            body: &body,
            exits: exits.clone(),
            pushes: Vec::new(),
            failed: Cell::new(false),
            value: None,
        };
        let Ok(sequence) = sequence else {
            // The body is still read, with what it runs over poisoned, for its own problems.
            let zero = self.b.index_lit(0);
            let one = self.b.index_lit(1);
            let places = self.counted((zero, one), Direction::Up, &written, |_| Given::Value(Val::Poison));
            places.iter().for_each(|k| self.scope.put(*k, Val::Poison));
            return Err(super::Stop);
        };
        self.at(looped.for_token.span);
        if exits.is_empty() {
            written.pushes = self.prepare_pushes(looped, &sequence)?;
        }
        self.walk(&written, &sequence)?;
        if !written.pushes.is_empty() {
            let trips = self.length(&sequence);
            self.after_pushes(&written.pushes, trips);
        }
        Ok(())
    }

    /// A loop over a sequence.
    fn walk(&mut self, looped: &Looped<'_, 'b>, sequence: &Sequence) -> Read<()> {
        if looped.exits.iter().any(|exit| *exit != Exit::Continue(None)) {
            return self.uncounted(looped, &Until::Items(sequence));
        }
        let (inner, direction) = match sequence {
            Sequence::Rev(inner) => (&**inner, Direction::Down),
            other => (other, Direction::Up),
        };
        match inner.range() {
            Some((lo, hi, kind)) if self.kinds.assumed(kind) == IntKind::Usize => {
                self.counted((lo, hi), direction, looped, |i| Given::Item(inner, Position::Item(i)));
            }
            _ => {
                let zero = self.b.index_lit(0);
                let n = self.length(inner);
                self.counted((zero, n), direction, looped, |k| Given::Item(inner, Position::Count(k)));
            }
        }
        Ok(())
    }

    /// A loop over a sequence that is not written as one. `names` are the variables that `then` assigns.
    pub(super) fn over(
        &mut self,
        sequence: &Sequence,
        at: Span,
        names: &[String],
        then: &mut dyn FnMut(&mut Self, Val) -> Read<()>,
    ) -> Read<()> {
        self.room(at)?;
        let then = RefCell::new(then);
        let body = |r: &mut Reader<'b>, item: Option<Val>| (then.borrow_mut())(r, item.ok_or(super::Stop)?);
        let looped = Looped {
            at,
            label: None,
            names: names.to_vec(),
            body: &body,
            exits: BTreeSet::new(),
            pushes: Vec::new(),
            failed: Cell::new(false),
            value: None,
        };
        self.at(at);
        self.walk(&looped, sequence)?;
        if looped.failed.get() { Err(super::Stop) } else { Ok(()) }
    }

    /// A counted loop that is not written as one.
    pub(super) fn run(
        &mut self,
        (lo, hi): (Value, Value),
        at: Span,
        names: &[String],
        then: &mut dyn FnMut(&mut Self, Value) -> Read<()>,
    ) -> Read<()> {
        let range = Sequence::Range { lo, hi, kind: super::kind::Kind::Known(IntKind::Usize) };
        self.over(&range, at, names, &mut |r, item| match item {
            Val::One(item) => then(r, item.value),
            _ => Err(super::Stop),
        })
    }

    pub(super) fn while_loop(&mut self, looped: &ExprWhile) -> Read<()> {
        self.room(looped.while_token.span)?;
        if let Some(at) = choice::pattern_in(&looped.cond) {
            self.poison(&Expr::While(looped.clone()));
            self.unsure = true;
            return self.stop(
                at,
                "`while let` is not supported",
                "loop with `for` over the values, or with a condition",
            );
        }
        let exits = leave::exits_of_block(&looped.body);
        let body = |r: &mut Reader<'b>, _: Option<Val>| r.loop_body(&exits, &looped.body);
        let written = Looped {
            at: looped.while_token.span,
            label: looped.label.as_ref(),
            names: carry::assigned([&looped.body]),
            body: &body,
            exits: exits.clone(),
            pushes: Vec::new(),
            failed: Cell::new(false),
            value: None,
        };
        self.uncounted(&written, &Until::Fails(&looped.cond))
    }

    pub(super) fn endless_loop(&mut self, looped: &ExprLoop, value: Option<String>) -> Read<()> {
        let at = looped.loop_token.span;
        self.room(at)?;
        let exits = leave::exits_of_block(&looped.body);
        if exits.iter().all(|exit| matches!(exit, Exit::Continue(None))) {
            // The function may have no other end: that is said with this.
            self.unsure = true;
            return self.stop(at, "this loop never ends", "leave it with `break`");
        }
        let body = |r: &mut Reader<'b>, _: Option<Val>| r.loop_body(&exits, &looped.body);
        let written = Looped {
            at,
            label: looped.label.as_ref(),
            names: carry::assigned([&looped.body]),
            body: &body,
            exits: exits.clone(),
            pushes: Vec::new(),
            failed: Cell::new(false),
            value,
        };
        self.uncounted(&written, &Until::Left)
    }

    /// The variables that a loop carries: those it assigns, and the flags that it may raise.
    fn carried(&mut self, looped: &Looped<'_, 'b>) -> Carried {
        let mut names = looped.names.clone();
        names.extend(self.flags(&looped.exits));
        let places = self.scope.places(&names);
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
        looped: &Looped<'_, 'b>,
        carried: &Carried,
        values: &[Value],
        given: Given<'_>,
        refused: &mut Vec<usize>,
    ) -> Vec<Value> {
        self.open_with(carried, values, true);
        let depth = self.loops.len() - 1;
        self.lower_flags(depth, &looped.exits);
        let read = match given {
            Given::Nothing => (looped.body)(self, None),
            Given::Value(val) => (looped.body)(self, Some(val)),
            Given::Item(sequence, position) => {
                let mut names = looped.names.clone();
                names.extend(self.flags(&looped.exits));
                self.each(sequence, position, &names, &mut |r, item| (looped.body)(r, Some(item)))
            }
        };
        let read = if looped.pushes.is_empty() { read } else { self.end_pushes(&looped.pushes, looped.at).and(read) };
        if read.is_err() {
            looped.failed.set(true);
            carried.places.iter().for_each(|k| self.scope.put(*k, Val::Poison));
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
    fn counted<'a>(
        &mut self,
        range: (Value, Value),
        direction: Direction,
        looped: &Looped<'_, 'b>,
        given: impl FnOnce(Value) -> Given<'a>,
    ) -> Vec<usize> {
        self.enter_loop(looped.label, looped.value.clone());
        let carried = self.carried(looped);
        let b = self.b;
        let mut refused = Vec::new();
        let reader = RefCell::new(self);
        let results = b.fold(range, direction, &carried.inits(), |i, carries| {
            let mut this = reader.borrow_mut();
            if !looped.pushes.is_empty() {
                let k = match direction {
                    Direction::Up => b.call(Prim::Sub, &[i, range.0]),
                    Direction::Down => {
                        let last = b.call(Prim::Sub, &[range.1, b.index_lit(1)]);
                        b.call(Prim::Sub, &[last, i])
                    }
                };
                this.begin_pushes(&looped.pushes, k);
            }
            this.step(looped, &carried, carries, given(i), &mut refused)
        });
        let this = reader.into_inner();
        this.after(&carried, results, &refused);
        this.exit_loop();
        carried.places
    }

    /// A loop that ends when a condition fails, when it is left, or after the last item.
    fn uncounted(&mut self, looped: &Looped<'_, 'b>, until: &Until<'_>) -> Read<()> {
        let scope = self.scope.depth();
        let depth = self.enter_loop(looped.label, looped.value.clone());
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
                // A loop that waits for something ends where an assertion has failed.
                let fine = match until {
                    Until::Items(_) => None,
                    Until::Fails(_) | Until::Left => this.nothing_failed(&carried.places),
                };
                let going = match (going, fine) {
                    (Some(going), Some(fine)) => Some(b.call(Prim::And, &[fine, going])),
                    (going, fine) => going.or(fine),
                };
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
                let given = match (until, k) {
                    (Until::Items(sequence), Some(k)) => Given::Item(sequence, Position::Count(k)),
                    _ => Given::Nothing,
                };
                let mut results = this.step(looped, &carried, &values, given, &mut refused);
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

    fn loop_body(&mut self, exits: &BTreeSet<Exit>, body: &Block) -> Read<()> {
        if !exits.is_empty() {
            return self.flow(&body.stmts);
        }
        match self.block(body)? {
            Val::Tuple(parts) if parts.is_empty() => Ok(()),
            _ => {
                let at = body.brace_token.span.close();
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
        if !same && self.scope.get(k).later {
            self.type_unknown(at, &name);
        } else if !same {
            self.problems.add(
                at,
                format!("`{name}` changes its type or its length in this loop"),
                "give it its final length before the loop and assign its elements",
            );
        }
        same
    }
}
