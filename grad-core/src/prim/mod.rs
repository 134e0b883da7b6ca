//! What mathematics the compiler knows: one row a primitive, in [`table`], and nothing about any of them elsewhere.

mod define;
pub mod table;

pub use table::{Prim, ROWS};

/// What a primitive takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Floats to a float.
    Float,
    /// Floats, or integers of one kind, to the same.
    Number,
    /// A float and an integer exponent (`i32`) to a float.
    Powi,
    /// Two numbers (or bools) of one type to a bool.
    Compare,
    /// Bools to a bool.
    Logic,
    /// Integers of one kind to the same, bit by bit.
    Bits,
    /// An integer and a number of places, of any kind, to the first's kind.
    Shift,
    /// A bool and two scalars of one type to that type.
    Select,
}

/// How a target's code spells a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `x + y`
    Infix(&'static str),
    /// `-x`
    Prefix(&'static str),
    /// `x.exp()`
    Method(&'static str),
    /// `sigmoid(x)`, a function of grad-math
    Math(&'static str),
    /// `if c { a } else { b }`
    Choice,
    /// The operand itself.
    Identity,
}

/// How much a call costs, roughly, in additions. It decides what is stored and what is computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Additions, multiplications, comparisons, selections.
    Cheap,
    /// Divisions, square roots.
    Division,
    /// Everything that goes through a library.
    Transcendental,
}

/// Where an argument may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Every real number.
    Real,
    /// x > 0
    Positive,
    /// x ≥ 0
    NonNegative,
    /// x ≠ 0
    NonZero,
    /// −1 ≤ x ≤ 1
    Unit,
    /// −1 < x < 1
    OpenUnit,
    /// x ≥ 1
    AtLeastOne,
    /// x > −1
    AboveMinusOne,
    /// |x| ≥ 1
    OutsideUnit,
    /// 0 ≤ x ≤ 1
    Fraction,
    /// x is none of the poles 0, −1, −2, …
    NoPole,
    /// x is an order: 0, 1, 2, …
    Order,
}

/// The sign of a function's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Either.
    Any,
    /// z > 0
    Positive,
    /// z ≥ 0
    NonNegative,
    /// z ≥ 0, and z > 0 where an argument is.
    Magnitude,
    /// That of the first argument.
    Odd,
}

impl Domain {
    /// Whether `x` lies inside.
    #[must_use]
    pub fn contains(self, x: f64) -> bool {
        match self {
            Domain::Real => !x.is_nan(),
            Domain::Positive => x > 0.0,
            Domain::NonNegative => x >= 0.0,
            Domain::NonZero => x != 0.0 && !x.is_nan(),
            Domain::Unit => (-1.0..=1.0).contains(&x),
            Domain::OpenUnit => -1.0 < x && x < 1.0,
            Domain::AtLeastOne => x >= 1.0,
            Domain::AboveMinusOne => x > -1.0,
            Domain::OutsideUnit => x.abs() >= 1.0,
            Domain::Fraction => (0.0..=1.0).contains(&x),
            Domain::NoPole => x > 0.0 || x.fract() != 0.0 && !x.is_nan(),
            Domain::Order => x >= 0.0 && x.fract() == 0.0,
        }
    }

    /// As a condition on `x`, for people.
    #[must_use]
    pub fn describe(self, x: &str) -> String {
        match self {
            Domain::Real => String::new(),
            Domain::Positive => format!("{x} > 0"),
            Domain::NonNegative => format!("{x} ≥ 0"),
            Domain::NonZero => format!("{x} ≠ 0"),
            Domain::Unit => format!("-1 ≤ {x} ≤ 1"),
            Domain::OpenUnit => format!("-1 < {x} < 1"),
            Domain::AtLeastOne => format!("{x} ≥ 1"),
            Domain::AboveMinusOne => format!("{x} > -1"),
            Domain::OutsideUnit => format!("|{x}| ≥ 1"),
            Domain::Fraction => format!("0 ≤ {x} ≤ 1"),
            Domain::NoPole => format!("{x} ≠ 0, -1, -2, …"),
            Domain::Order => format!("{x} = 0, 1, 2, …"),
        }
    }
}

/// What is known of one primitive: everything that can be said of it is derived from this.
#[derive(Debug)]
pub struct Row {
    /// The primitive itself.
    pub prim: Prim,
    /// Its name in both front ends.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// The names of its arguments.
    pub args: &'static [&'static str],
    /// The name of its result in the partials.
    pub result: &'static str,
    /// What it is, and the source of its mathematics.
    pub doc: &'static [&'static str],
    /// What it takes and gives.
    pub signature: Signature,
    /// Where each argument may lie.
    pub domain: &'static [Domain],
    /// Which sign the result has.
    pub range: Range,
    /// What the last arguments are where a formula leaves them out.
    pub defaults: &'static [f64],
    /// The partial derivatives as text, one an argument; empty for a composite.
    pub partials: &'static [&'static str],
    /// The definition of a composite as text.
    pub definition: Option<&'static str>,
    /// Its spelling in Rust.
    pub rust: Spelling,
    /// How much it costs.
    pub cost: Cost,
}

impl Prim {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The primitive of a name or an alias; operators have none.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Prim> {
        use std::collections::HashMap;
        use std::sync::OnceLock;
        static BY_NAME: OnceLock<HashMap<&'static str, Prim>> = OnceLock::new();
        let by_name = BY_NAME.get_or_init(|| {
            ROWS.iter()
                .filter(|row| row.is_function())
                .flat_map(|row| std::iter::once(&row.name).chain(row.aliases).map(|name| (*name, row.prim)))
                .collect()
        });
        by_name.get(name).copied()
    }
}

impl Row {
    /// Whether users call it by name (the others are operators).
    #[must_use]
    pub fn is_function(&self) -> bool {
        matches!(self.rust, Spelling::Method(_) | Spelling::Math(_))
    }

    /// Whether there is a derivative in the k-th argument of this function of floats.
    #[must_use]
    pub fn has_derivative(&self, k: usize) -> bool {
        self.is_composite() || self.partials.get(k).is_some_and(|partial| *partial != "NoDerivative")
    }

    /// Whether its result is one of its arguments, and the others take no derivative.
    #[must_use]
    pub fn chooses(&self) -> bool {
        let sides = ["select(1.0, 0.0)", "select(0.0, 1.0)"];
        self.signature == Signature::Select || self.partials.iter().any(|p| sides.iter().any(|side| p.ends_with(side)))
    }

    /// Whether it is defined from other primitives, and so never appears in a graph.
    #[must_use]
    pub fn is_composite(&self) -> bool {
        self.definition.is_some()
    }
}
