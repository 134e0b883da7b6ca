//! How far the simplifier may go, and what it may take for granted.

use std::str::FromStr;

use super::rules::Tag;
use crate::diagnostic::did_you_mean;
use crate::ir::Function;

/// How far the simplifier may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nothing is rewritten: the operations are those that were written, and those of the rows' partials.
    None,
    /// What gives the same bits, changes the last ones, or is right where the original overflows or cancels.
    #[default]
    Safe,
    /// As if every value were in its domain and moderate, so that no product of any overflows or underflows; sums and
    /// products are put in order, and collected.
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
    pub positive: Vec<String>,
}

impl FromStr for Assumptions {
    type Err = String;

    /// `real`, `finite` and `positive(x, y)`, with commas between them.
    fn from_str(text: &str) -> Result<Assumptions, String> {
        let mut assumptions = Assumptions::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let end = rest.find([',', '(']).unwrap_or(rest.len());
            let (word, after) = (rest[..end].trim_end(), &rest[end..]);
            let after = match (word, after.strip_prefix('(')) {
                ("real", None) => {
                    assumptions.real = true;
                    after
                }
                ("finite", None) => {
                    assumptions.finite = true;
                    after
                }
                ("positive", Some(inside)) => {
                    let (names, after) =
                        inside.split_once(')').ok_or("`positive(` is not closed: write `positive(x)`")?;
                    let names: Vec<&str> = names.split(',').map(str::trim).collect();
                    if names.contains(&"") {
                        return Err("`positive` takes the names of parameters: write `positive(x)`".to_string());
                    }
                    assumptions.positive.extend(names.into_iter().map(str::to_string));
                    after.trim_start()
                }
                ("positive", None) => {
                    return Err("`positive` takes the names of parameters: write `positive(x)`".to_string());
                }
                (word @ ("real" | "finite"), Some(_)) => {
                    return Err(format!("`{word}` takes nothing: it is about the whole formula"));
                }
                (word, _) => {
                    let near = did_you_mean(word, ["real", "finite", "positive"]);
                    let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
                    return Err(format!("`{word}` is no assumption; `real`, `finite` and `positive(x)` are{near}"));
                }
            };
            rest = match after.strip_prefix(',') {
                Some(rest) if rest.trim().is_empty() => {
                    return Err("an assumption is missing after the comma".to_string());
                }
                Some(rest) => rest.trim_start(),
                None if after.is_empty() => after,
                None => return Err(format!("there is no comma before `{after}`")),
            };
        }
        Ok(assumptions)
    }
}

impl Assumptions {
    /// The first of `positive` that is no parameter of floats of the function, in words.
    ///
    /// # Errors
    /// If there is one.
    pub fn check(&self, f: &Function) -> Result<(), String> {
        let Some(name) = self.positive.iter().find(|name| f.param(name).is_none_or(|k| !f.param_type(k).is_float()))
        else {
            return Ok(());
        };
        if f.param(name).is_some() {
            return Err(format!("`{name}` is assumed to be positive, and is an index: that is for floats"));
        }
        let near = did_you_mean(name, f.params.iter().map(|p| &*p.name));
        let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
        Err(format!("`{name}` is assumed to be positive, and is no parameter{near}"))
    }
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
