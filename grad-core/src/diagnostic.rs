//! What is wrong with an input, and where.

use std::fmt;

/// A place in a front end's source, opaque to everything between: the front end that issued it points at its own text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(pub u32);

/// One mistake, in words that a user can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, in one sentence without a full stop.
    pub title: String,
    /// The words under the caret, where they add to the title.
    pub label: Option<String>,
    /// What to write instead.
    pub help: Option<String>,
    /// Where.
    pub at: Origin,
    /// Another place that matters, and why (the other end of a mismatch, say).
    pub also: Vec<(Origin, String)>,
}

impl Problem {
    /// A problem with no label and no help.
    pub fn new(at: Origin, title: impl Into<String>) -> Problem {
        Problem { title: title.into(), label: None, help: None, at, also: Vec::new() }
    }

    /// With the words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Problem {
        self.label = Some(label.into());
        self
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// With another place.
    #[must_use]
    pub fn also(mut self, at: Origin, why: impl Into<String>) -> Problem {
        self.also.push((at, why.into()));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        if let Some(label) = &self.label {
            write!(f, ": {label}")?;
        }
        if let Some(help) = &self.help {
            write!(f, " (help: {help})")?;
        }
        Ok(())
    }
}

/// What a name may have been meant to be: the candidate at the smallest edit distance, if it is near enough to be helpful.
///
/// Cases are told apart only between candidates that are equally near, and then the beginning counts. A name that would
/// be replaced whole is near nothing.
#[must_use]
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    let limit = (length / 3).max(1);
    let alike = |c: &str| name.chars().zip(c.chars()).take_while(|(a, b)| a == b).count();
    candidates
        .into_iter()
        .filter(|c| *c != name)
        .map(|c| (c.to_lowercase(), c))
        .map(|(l, c)| (edit_distance(&lower, &l, limit), l.chars().count(), c))
        .filter(|(d, n, _)| *d <= limit && *d < length.max(*n))
        .min_by_key(|(d, _, c)| (*d, std::cmp::Reverse(alike(c))))
        .map(|(_, _, c)| c)
}

/// Insertions, deletions, substitutions and swaps of neighbours; anything above `limit` may be reported as `limit + 1`.
fn edit_distance(a: &str, b: &str, limit: usize) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = match (i, j) {
                (0, j) => j,
                (i, 0) => i,
                (i, j) => {
                    let substituted = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut best = substituted.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(rows[i - 2][j - 2] + 1);
                    }
                    best
                }
            };
        }
    }
    rows[a.len()][b.len()]
}
