//! What names mean: variables, innermost last, and the values they have at this point of the reading.

use std::rc::Rc;

use crate::ir::Value;

use super::callee::Callee;
use super::kind::Kind;
use super::place::Place;

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// A scalar or an array.
    One(Item),
    /// A tuple or a struct; a tuple of no parts is nothing.
    Tuple(Parts),
    /// A part of an array's first axis, not copied.
    View(View),
    /// A closure or a function of the body.
    Callee(Rc<Callee>),
    /// What a `&mut` refers to: an assignment goes there.
    Alias(Rc<Place>),
    /// It was refused, and that has been said.
    Poison,
}

/// A struct of the module, with the types of its fields.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) name: String,
    /// The names of the fields; those of a tuple struct are numbers.
    pub(super) fields: Vec<String>,
}

/// The parts of a tuple, or the fields of a struct in the order of its declaration.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) record: Option<Rc<Record>>,
    pub(super) vals: Vec<Val>,
}

impl Parts {
    /// As many parts with other values.
    pub(super) fn with(&self, vals: Vec<Val>) -> Parts {
        Parts { record: self.record.clone(), vals }
    }

    /// The place of a field.
    pub(super) fn field(&self, name: &str) -> Option<usize> {
        self.record.as_ref()?.fields.iter().position(|f| f == name)
    }
}

impl From<Vec<Val>> for Parts {
    fn from(vals: Vec<Val>) -> Parts {
        Parts { record: None, vals }
    }
}

impl std::ops::Deref for Parts {
    type Target = [Val];

    fn deref(&self) -> &[Val] {
        &self.vals
    }
}

impl Val {
    /// `()`
    pub(super) const UNIT: Val = Val::Tuple(Parts { record: None, vals: Vec::new() });

    /// A tuple.
    pub(super) fn tuple(parts: Vec<Val>) -> Val {
        Val::Tuple(parts.into())
    }

    /// The items inside, in order; `None` where one was refused.
    pub(super) fn leaves(&self) -> Option<Vec<Item>> {
        let mut items = Vec::new();
        self.collect(&mut items).then_some(items)
    }

    fn collect(&self, items: &mut Vec<Item>) -> bool {
        match self {
            Val::One(item) => {
                items.push(*item);
                true
            }
            Val::Tuple(parts) => parts.iter().all(|p| p.collect(items)),
            Val::View(view) => {
                items.extend([view.array, view.lo.into(), view.len.into()]);
                true
            }
            // These are known when compiling: there is nothing to carry.
            Val::Callee(_) | Val::Alias(_) => true,
            Val::Poison => false,
        }
    }

    /// The same shape with other items.
    pub(super) fn with_leaves(&self, items: &mut impl Iterator<Item = Item>) -> Val {
        match self {
            Val::One(_) => items.next().map_or(Val::Poison, Val::One),
            Val::Tuple(parts) => {
                let vals = parts.iter().map(|p| p.with_leaves(items)).collect();
                Val::Tuple(parts.with(vals))
            }
            Val::View(_) => match (items.next(), items.next(), items.next()) {
                (Some(array), Some(lo), Some(len)) => Val::View(View { array, lo: lo.value, len: len.value }),
                _ => Val::Poison,
            },
            Val::Callee(_) | Val::Alias(_) => self.clone(),
            Val::Poison => Val::Poison,
        }
    }

    /// Whether this is, or has in it, what a `&mut` refers to.
    pub(super) fn refers(&self) -> bool {
        match self {
            Val::Alias(_) => true,
            Val::Tuple(parts) => parts.iter().any(Val::refers),
            Val::One(_) | Val::View(_) | Val::Callee(_) | Val::Poison => false,
        }
    }

    /// Whether this refers to a variable that was declared when there were `depth`.
    pub(super) fn refers_past(&self, depth: usize) -> bool {
        match self {
            Val::Alias(place) => place.root >= depth,
            Val::Callee(callee) => callee.assigned().iter().any(|k| *k >= depth),
            Val::Tuple(parts) => parts.iter().any(|p| p.refers_past(depth)),
            Val::One(_) | Val::View(_) | Val::Poison => false,
        }
    }

    /// Whether the parts are arranged alike.
    pub(super) fn same_shape(&self, other: &Val) -> bool {
        match (self, other) {
            (Val::One(_), Val::One(_)) => true,
            (Val::Tuple(a), Val::Tuple(b)) => {
                let alike = a.record == b.record && a.len() == b.len();
                alike && a.iter().zip(b.iter()).all(|(a, b)| a.same_shape(b))
            }
            (Val::View(_), Val::View(_)) => true,
            (Val::Callee(a), Val::Callee(b)) => Rc::ptr_eq(a, b),
            (Val::Alias(a), Val::Alias(b)) => Rc::ptr_eq(a, b),
            (Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison, _) => false,
        }
    }
}

/// A value of the graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// The node.
    pub(super) value: Value,
    /// The kind of its integers, where the node's type has it only by assumption.
    pub(super) kind: Option<Kind>,
}

impl From<Value> for Item {
    fn from(value: Value) -> Item {
        Item { value, kind: None }
    }
}

/// `array[lo..lo + len]`
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) array: Item,
    pub(super) lo: Value,
    pub(super) len: Value,
}

/// A variable.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: Rc<str>,
    pub(super) val: Val,
    /// Whether it is a `const` or a `fn` of the body.
    pub(super) item: bool,
    /// Whether it is declared without a value, and takes its type from what it is assigned.
    pub(super) later: bool,
}

/// A piece of code whose assignments to variables outside must be known beforehand.
#[derive(Clone, Debug)]
struct Frame {
    /// How many variables there were outside.
    outside: usize,
    /// Which of them may be assigned.
    allowed: Vec<usize>,
}

/// The variables at a point.
#[derive(Debug, Default)]
pub(super) struct Scope {
    variables: Vec<Variable>,
    frames: Vec<Frame>,
    /// The variables before this one are not seen: a callee sees what it captured.
    hidden: usize,
    /// Names brought in by `use`, with their full paths.
    pub(super) imports: Vec<(String, Vec<String>)>,
}

impl Scope {
    /// How many variables there are.
    pub(super) fn depth(&self) -> usize {
        self.variables.len()
    }

    /// Forgets the variables declared since there were `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        self.variables.truncate(depth);
    }

    /// Declares a variable.
    pub(super) fn declare(&mut self, name: &str, val: Val) {
        self.variables.push(Variable { name: name.into(), val, item: false, later: false });
    }

    /// Declares a variable that is given its value later; until then nobody reads it.
    pub(super) fn declare_later(&mut self, name: &str, val: Val) {
        self.variables.push(Variable { name: name.into(), val, item: false, later: true });
    }

    /// Declares a `const` or a `fn`.
    pub(super) fn declare_item(&mut self, name: &str, val: Val) {
        self.variables.push(Variable { name: name.into(), val, item: true, later: false });
    }

    /// The innermost `const` or `fn` of a name.
    pub(super) fn find_item(&self, name: &str) -> Option<usize> {
        let k = self.variables[self.hidden..].iter().rposition(|v| v.item && &*v.name == name)?;
        Some(self.hidden + k)
    }

    /// The variables that the code of these names assigns: an alias stands for what it refers to, a closure for what it
    /// assigns.
    pub(super) fn places<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Vec<usize> {
        let mut places = Vec::new();
        for name in names {
            if let Some(k) = self.assigned(name) {
                self.add_roots(k, &self.variables[k].val, &mut places);
            }
            // What a method of the module assigns, whatever it is called on.
            if let Some((_, method)) = name.strip_prefix(super::carry::HANDED_ON).and_then(|n| n.split_once('.')) {
                for (path, k) in self.items_named(method) {
                    if path != method {
                        self.add_roots(k, &self.variables[k].val, &mut places);
                    }
                }
            }
        }
        // An item's own value never changes.
        places.retain(|k| !self.variables[*k].item);
        places
    }

    /// The variable of a name that code assigns, or hands on and so may assign.
    fn assigned(&self, name: &str) -> Option<usize> {
        if name == super::assertion::FAILED {
            return Some(0);
        }
        let Some(handed_on) = name.strip_prefix(super::carry::HANDED_ON) else { return self.find(name) };
        let (name, method) = match handed_on.split_once('.') {
            Some((name, method)) => (name, Some(method)),
            None => (handed_on, None),
        };
        let k = self.find(name)?;
        let changes = match method {
            None => self.variables[k].val.refers(),
            Some(method) => {
                let changes = |(_, k): &(String, usize)| matches!(&self.variables[*k].val, Val::Callee(callee) if callee.changes_self());
                self.items_named(method).iter().any(changes)
            }
        };
        changes.then_some(k)
    }

    fn add_roots(&self, k: usize, val: &Val, places: &mut Vec<usize>) {
        let mut add = |k: usize| {
            if !places.contains(&k) {
                places.push(k);
            }
        };
        match val {
            Val::Alias(place) => add(place.root),
            Val::Callee(callee) => callee.assigned().into_iter().for_each(add),
            Val::Tuple(parts) if parts.iter().any(Val::refers) => {
                parts.iter().for_each(|part| self.add_roots(k, part, places));
            }
            Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Poison => add(k),
        }
    }

    /// The items that a body sees by a name: those of that name, and the methods and constants of types.
    pub(super) fn items_named(&self, name: &str) -> Vec<(String, usize)> {
        let method = format!("::{name}");
        let those = self.variables.iter().enumerate().skip(self.hidden);
        let those = those.filter(|(_, v)| v.item && (&*v.name == name || v.name.ends_with(&method)));
        those.map(|(k, v)| (v.name.to_string(), k)).collect()
    }

    /// The innermost variable of a name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.variables[self.hidden..].iter().rposition(|v| &*v.name == name).map(|k| self.hidden + k)
    }

    /// Hides the variables that there are; gives what was hidden before, for [`Scope::show`].
    pub(super) fn hide(&mut self) -> usize {
        std::mem::replace(&mut self.hidden, self.variables.len())
    }

    /// Ends [`Scope::hide`].
    pub(super) fn show(&mut self, before: usize) {
        self.hidden = before;
    }

    /// A variable.
    pub(super) fn get(&self, k: usize) -> &Variable {
        &self.variables[k]
    }

    /// Gives a variable a value, whatever code is being read.
    pub(super) fn put(&mut self, k: usize, val: Val) {
        self.variables[k].val = val;
    }

    /// Whether the code being read may assign a variable: the loops and choices around it know that it does.
    pub(super) fn may_assign(&self, k: usize) -> bool {
        self.frames.iter().all(|f| k >= f.outside || f.allowed.contains(&k))
    }

    /// Whether the code being read is inside a loop or a choice.
    pub(super) fn is_nested(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Whether a variable was declared outside the innermost loop or choice.
    pub(super) fn is_outside(&self, k: usize) -> bool {
        self.frames.last().is_some_and(|f| k < f.outside)
    }

    /// Begins code that assigns just these of the variables that there are.
    pub(super) fn open(&mut self, allowed: &[usize]) {
        self.frames.push(Frame { outside: self.variables.len(), allowed: allowed.to_vec() });
    }

    /// Ends it, and forgets what it declared.
    pub(super) fn close(&mut self) {
        let frame = self.frames.pop().expect("code that ends has begun");
        self.variables.truncate(frame.outside);
    }

    /// The names in scope, for suggestions.
    pub(super) fn callables(&self) -> impl Iterator<Item = &str> {
        let callable = |v: &&Variable| matches!(v.val, Val::Callee(_));
        self.variables[self.hidden..].iter().filter(callable).map(|v| &*v.name)
    }

    /// The names of what is in sight.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables[self.hidden..].iter().map(|v| &*v.name)
    }
}
