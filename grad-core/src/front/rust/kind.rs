//! Which integer type a literal without a suffix has: unknown kinds that are made equal as the function is read.
//!
//! A reading starts from assumed kinds. Where what was learnt differs from what was assumed, the function is read once
//! more with what was learnt; the numbering of the unknowns is the same each time.

use crate::ir::IntKind;

/// The kind of an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is known.
    Known(IntKind),
    /// It is that of an unknown.
    Unknown(u32),
}

#[derive(Clone, Copy, Debug)]
enum Entry {
    Root { kind: Option<IntKind> },
    Link(u32),
}

/// The unknown kinds of one reading.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    entries: Vec<Entry>,
    /// What a reading before this one learnt, by number.
    learnt: Vec<IntKind>,
    /// What each was given in this one.
    given: Vec<IntKind>,
}

impl Kinds {
    /// The unknowns of a reading that follows one in which `learnt` was learnt.
    pub(super) fn with(learnt: Vec<IntKind>) -> Kinds {
        Kinds { learnt, ..Kinds::default() }
    }

    /// A new unknown; `guess` is assumed for it in a first reading.
    pub(super) fn unknown(&mut self, guess: IntKind) -> Kind {
        let assumed = self.learnt.get(self.entries.len()).copied().unwrap_or(guess);
        self.entries.push(Entry::Root { kind: None });
        self.given.push(assumed);
        Kind::Unknown(u32::try_from(self.entries.len() - 1).expect("there are fewer than 2^32 literals"))
    }

    fn root(&self, mut k: u32) -> u32 {
        while let Entry::Link(next) = self.entries[k as usize] {
            k = next;
        }
        k
    }

    fn found(&self, k: u32) -> (u32, Option<IntKind>) {
        let root = self.root(k);
        match self.entries[root as usize] {
            Entry::Root { kind } => (root, kind),
            Entry::Link(_) => unreachable!("a root is no link"),
        }
    }

    /// What is known of a kind by now.
    pub(super) fn resolve(&self, kind: Kind) -> Kind {
        match kind {
            Kind::Known(_) => kind,
            Kind::Unknown(k) => match self.found(k) {
                (_, Some(kind)) => Kind::Known(kind),
                (root, None) => Kind::Unknown(root),
            },
        }
    }

    /// The kind that a node of this reading is given: an unknown's assumed one.
    pub(super) fn assumed(&self, kind: Kind) -> IntKind {
        match kind {
            Kind::Known(kind) => kind,
            Kind::Unknown(k) => self.given[k as usize],
        }
    }

    /// Makes two kinds one; the two known ones where they differ.
    pub(super) fn unify(&mut self, a: Kind, b: Kind) -> Result<Kind, (IntKind, IntKind)> {
        match (self.resolve(a), self.resolve(b)) {
            (Kind::Known(a), Kind::Known(b)) if a != b => Err((a, b)),
            (known @ Kind::Known(_), Kind::Known(_)) => Ok(known),
            (known @ Kind::Known(kind), Kind::Unknown(k)) | (Kind::Unknown(k), known @ Kind::Known(kind)) => {
                if let Entry::Root { kind: slot } = &mut self.entries[k as usize] {
                    *slot = Some(kind);
                }
                Ok(known)
            }
            (first @ Kind::Unknown(a), Kind::Unknown(b)) => {
                if a != b {
                    self.entries[b as usize] = Entry::Link(a);
                }
                Ok(first)
            }
        }
    }

    /// What was learnt, where it differs from what was assumed. An unknown that nothing decides is an `i32`, as in Rust.
    pub(super) fn differing(&self) -> Option<Vec<IntKind>> {
        let numbers = 0..u32::try_from(self.entries.len()).expect("there are fewer than 2^32 literals");
        let learnt: Vec<IntKind> = numbers.map(|k| self.found(k).1.unwrap_or(IntKind::I32)).collect();
        let same = self.given == learnt;
        (!same).then_some(learnt)
    }
}
