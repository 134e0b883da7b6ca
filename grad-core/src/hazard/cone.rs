//! What terms are made of, and what they are a part of.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::terms::{TermId, Terms};

/// No more terms of cones are kept.
const MOST_KEPT: usize = 1 << 20;

/// A term and all that it is made of.
pub(super) struct Cone {
    /// Operands come before users; the term itself is the last.
    pub(super) ids: Vec<TermId>,
    /// The places of the operands of each, one after another, and where those of each begin.
    operands: Vec<usize>,
    starts: Vec<usize>,
}

impl Cone {
    /// From the ids in order, operands before users.
    pub(super) fn new(terms: &Terms, ids: Vec<TermId>) -> Cone {
        let (mut operands, mut starts) = (Vec::new(), Vec::with_capacity(ids.len()));
        for id in &ids {
            starts.push(operands.len());
            for x in terms.get(*id).operands() {
                operands.push(ids.binary_search(&x).expect("operands are of the cone"));
            }
        }
        Cone { ids, operands, starts }
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, TermId> {
        self.ids.iter()
    }

    pub(super) fn contains(&self, id: &TermId) -> bool {
        self.ids.binary_search(id).is_ok()
    }

    /// Where in the cone the operand of a number of the term at a place is.
    pub(super) fn operand(&self, place: usize, number: usize) -> usize {
        self.operands[self.starts[place] + number]
    }
}

/// The cones asked for, as many as fit.
#[derive(Default)]
pub(super) struct Cones {
    known: HashMap<TermId, Option<Rc<Cone>>>,
    size: usize,
}

impl Cones {
    pub(super) fn get(&self, root: TermId) -> Option<Option<Rc<Cone>>> {
        self.known.get(&root).cloned()
    }

    pub(super) fn keep(&mut self, root: TermId, cone: Option<Rc<Cone>>) {
        self.size += cone.as_ref().map_or(1, |cone| cone.ids.len());
        if self.size > MOST_KEPT {
            self.known.clear();
            self.size = 0;
        }
        self.known.insert(root, cone);
    }
}

/// Which terms each is an operand of.
pub(super) struct Users(Vec<Vec<TermId>>);

impl Users {
    /// For so many terms, of which none is used yet.
    pub(super) fn of(count: usize) -> Users {
        Users(vec![Vec::new(); count])
    }

    pub(super) fn add(&mut self, id: TermId, user: TermId) {
        self.0[id.index()].push(user);
    }

    /// A term and all that it is a part of.
    pub(super) fn above(&self, id: TermId) -> BTreeSet<TermId> {
        let mut above = BTreeSet::from([id]);
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            let users = self.0.get(id.index()).map_or(&[][..], |users| users);
            stack.extend(users.iter().copied().filter(|user| above.insert(*user)));
        }
        above
    }
}
