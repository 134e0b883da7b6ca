//! `for`: a fold whose carries are the variables that the body assigns.

use std::cell::RefCell;

use syn::{Block, ExprForLoop};

use super::scope::{Item, Val};
use super::sequence::Sequence;
use super::{Read, Reader, carry};
use crate::ir::{Dim, Direction, IntKind, Value};

impl Reader<'_> {
    pub(super) fn for_loop(&mut self, looped: &ExprForLoop) -> Read<()> {
        if let Some(label) = &looped.label {
            self.problems.add(label.name.span(), "a label is not supported yet", "leave the loop at its end");
        }
        self.room(looped.for_token.span)?;
        let sequence = self.sequence(&looped.expr);
        let places: Vec<usize> = carry::assigned_by_loop(looped).iter().filter_map(|n| self.scope.find(n)).collect();
        let Ok(sequence) = sequence else {
            // The body is still read, with what it runs over poisoned, for its own problems.
            let zero = self.b.index_lit(0);
            let one = self.b.index_lit(1);
            self.run((zero, one), Direction::Up, &places, looped, |_, _| Val::Poison);
            places.iter().for_each(|k| self.scope.put(*k, Val::Poison));
            return Err(super::Stop);
        };
        self.at(looped.for_token.span);
        let (inner, direction) = match &sequence {
            Sequence::Rev(inner) => (&**inner, Direction::Down),
            other => (other, Direction::Up),
        };
        match inner {
            Sequence::Range { lo, hi, kind } if self.kinds.assumed(*kind) == IntKind::Usize => {
                let kind = *kind;
                self.run((*lo, *hi), direction, &places, looped, |_, i| Val::One(Item { value: i, kind: Some(kind) }));
            }
            inner => {
                let zero = self.b.index_lit(0);
                let n = self.length(inner);
                self.run((zero, n), direction, &places, looped, |r, k| r.item_at(inner, k));
            }
        }
        Ok(())
    }

    /// Reads the body once, as a fold; afterwards the carried variables have their last values.
    fn run(
        &mut self,
        range: (Value, Value),
        direction: Direction,
        places: &[usize],
        looped: &ExprForLoop,
        item: impl FnOnce(&Self, Value) -> Val,
    ) {
        let before: Vec<Val> = places.iter().map(|k| self.scope.get(*k).val.clone()).collect();
        let carried: Vec<Item> = before.iter().filter_map(Val::leaves).flatten().collect();
        let inits: Vec<Value> = carried.iter().map(|i| i.value).collect();
        let b = self.b;
        let refused = RefCell::new(Vec::new());
        let reader = RefCell::new(self);
        let results = b.fold(range, direction, &inits, |i, carries| {
            let mut this = reader.borrow_mut();
            let this = &mut **this;
            let mut inside = carries.iter().zip(&carried).map(|(value, item)| Item { value: *value, kind: item.kind });
            this.scope.open(places);
            for (k, val) in places.iter().zip(&before) {
                let val = if val.leaves().is_some() { val.with_leaves(&mut inside) } else { Val::Poison };
                let name = this.scope.get(*k).name.clone();
                this.name(&val, &name);
                this.scope.put(*k, val);
            }
            let val = item(this, i);
            this.bind(&looped.pat, val);
            let _ = this.loop_body(&looped.body);
            let after: Vec<Val> = places.iter().map(|k| this.scope.get(*k).val.clone()).collect();
            this.scope.close();
            // A carry that was refused inside keeps its value in the graph, which is thrown away.
            let mut results = Vec::new();
            let mut next = carries.iter();
            for ((old, new), k) in before.iter().zip(&after).zip(places) {
                let Some(old_leaves) = old.leaves() else { continue };
                let params: Vec<Value> = next.by_ref().take(old_leaves.len()).copied().collect();
                match new.leaves() {
                    Some(leaves) if this.carries_on(old, new, *k, looped) => {
                        results.extend(leaves.iter().map(|i| i.value))
                    }
                    _ => {
                        refused.borrow_mut().push(*k);
                        results.extend(params);
                    }
                }
            }
            results
        });
        let this = reader.into_inner();
        let mut results = results.into_iter().zip(&carried).map(|(value, item)| Item { value, kind: item.kind });
        let refused = refused.into_inner();
        for (k, val) in places.iter().zip(&before) {
            let val = if val.leaves().is_some() { val.with_leaves(&mut results) } else { Val::Poison };
            let name = this.scope.get(*k).name.clone();
            let val = if refused.contains(k) { Val::Poison } else { val };
            this.name(&val, &name);
            this.scope.put(*k, val);
        }
    }

    fn loop_body(&mut self, body: &Block) -> Read<()> {
        match self.block(body)? {
            Val::Tuple(parts) if parts.is_empty() => Ok(()),
            _ => self.stop(body.brace_token.span.close(), "the body of a loop has no value", "end it with a semicolon"),
        }
    }

    /// Whether a variable has the type at the end of the body that it had at its beginning.
    fn carries_on(&mut self, old: &Val, new: &Val, k: usize, looped: &ExprForLoop) -> bool {
        let name = self.scope.get(k).name.clone();
        let same = self.agree(old, new)
            && old.leaves().into_iter().flatten().zip(new.leaves().into_iter().flatten()).all(|(a, b)| {
                let (a, b) = (self.b.ty(a.value), self.b.ty(b.value));
                a.dims.iter().zip(&b.dims).all(|(a, b)| *a == Dim::Any || a == b)
            });
        if !same {
            self.problems.add(
                looped.for_token.span,
                format!("`{name}` changes its type or its length in this loop"),
                "give it its final length before the loop and assign its elements",
            );
        }
        same
    }
}
