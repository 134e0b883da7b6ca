//! What names mean: variables, innermost last, and the values they have at this point of the reading.

use std::rc::Rc;

use crate::ir::Value;

use super::kind::Kind;

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// A scalar or an array.
    One(Item),
    /// A tuple; of no parts: nothing.
    Tuple(Vec<Val>),
    /// It was refused, and that has been said.
    Poison,
}

impl Val {
    /// `()`
    pub(super) const UNIT: Val = Val::Tuple(Vec::new());

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
            Val::Poison => false,
        }
    }

    /// The same shape with other items.
    pub(super) fn with_leaves(&self, items: &mut impl Iterator<Item = Item>) -> Val {
        match self {
            Val::One(_) => items.next().map_or(Val::Poison, Val::One),
            Val::Tuple(parts) => Val::Tuple(parts.iter().map(|p| p.with_leaves(items)).collect()),
            Val::Poison => Val::Poison,
        }
    }

    /// Whether the parts are arranged alike.
    pub(super) fn same_shape(&self, other: &Val) -> bool {
        match (self, other) {
            (Val::One(_), Val::One(_)) => true,
            (Val::Tuple(a), Val::Tuple(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_shape(b)),
            (Val::One(_) | Val::Tuple(_) | Val::Poison, _) => false,
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

/// A variable.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: Rc<str>,
    pub(super) val: Val,
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
        self.variables.push(Variable { name: name.into(), val });
    }

    /// The innermost variable of a name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.variables.iter().rposition(|v| &*v.name == name)
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
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|v| &*v.name)
    }
}
