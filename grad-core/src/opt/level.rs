//! How far the simplifier may go, and what it may take for granted.

use std::rc::Rc;

use super::rules::Tag;

/// How far the simplifier may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nothing is rewritten: the operations are those that were written, and those of the rows' partials.
    None,
    /// What gives the same bits, changes the last ones, or is right where the original overflows or cancels.
    #[default]
    Safe,
    /// As if every value were finite and in its domain; sums and products are put in order, and collected.
    Aggressive,
}

/// What holds of the points that a function is used at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumptions {
    /// Nothing is out of its domain on the way to the result: nothing is NaN.
    pub real: bool,
    /// Nothing is infinite, and nothing is NaN, on the way to the result.
    pub finite: bool,
    /// The parameters that are above 0, each element of an array.
    pub positive: Vec<Rc<str>>,
}

/// What the simplifier may do to a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simplify {
    /// How far it may go.
    pub level: Level,
    /// What it may take for granted besides.
    pub assume: Assumptions,
}

impl Simplify {
    /// No more than `level` allows by itself.
    #[must_use]
    pub fn at(level: Level) -> Simplify {
        Simplify { level, assume: Assumptions::default() }
    }

    /// Whether a rule of such a tag may be applied.
    #[must_use]
    pub fn allows(&self, tag: Tag) -> bool {
        let (real, finite) = (self.assume.real, self.assume.finite);
        match self.level {
            Level::None => false,
            Level::Aggressive => true,
            Level::Safe => match tag {
                Tag::Exact | Tag::ZeroSign | Tag::Rounding | Tag::Stable => true,
                // What is not finite covers what is no number.
                Tag::Domain => real || finite,
                Tag::Finite => finite,
            },
        }
    }

    /// The same without what is said of parameters by their names: for a body apart, whose parameters are others.
    #[must_use]
    pub fn of_any_parameters(&self) -> Simplify {
        Simplify { assume: Assumptions { positive: Vec::new(), ..self.assume }, ..*self }
    }
}
