//! Which parts of the source may stand for a term in a condition: a condition is about the inputs.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Origin;
use crate::ir::{Body, Function, NodeType, Op};
use crate::prim::Prim;

/// Longer parts of the source are not looked into.
const LONGEST: usize = 2000;

/// The places of the source that are numbers: all that comes from one last is a scalar, and nobody takes an element of it.
pub(super) struct Numbers {
    /// With the primitive that gives each, if a call does: where another gives it now, more than it went into that.
    scalars: BTreeMap<Origin, Option<Prim>>,
    /// Calls of which elements are taken.
    vectors: BTreeSet<String>,
    /// What a text may speak of: parameters, lengths, numbers with a name, and what the function's own body names. The
    /// parameter of a definition is not among them.
    names: BTreeSet<String>,
}

impl Numbers {
    pub(super) fn new<'s>(f: &Function, text: &dyn Fn(Origin) -> Option<&'s str>) -> Numbers {
        let names = (f.params.iter().map(|p| &*p.name))
            .chain(f.sizes.iter().map(|s| &**s))
            .chain(f.body.names.values().map(|name| &**name))
            .chain(["pi", "π", "e", "inf", "if", "then", "else", "for", "in", "and", "or", "not"]);
        let names = names.map(str::to_owned).collect();
        let mut last = BTreeMap::new();
        visit(&f.body, &mut last);
        let texts = last.keys().filter_map(|origin| text(*origin)).filter(|text| text.len() <= LONGEST);
        let vectors = texts.flat_map(indexed).map(str::to_owned).collect();
        let scalars = last.into_iter().filter_map(|(at, scalar)| Some((at, scalar?))).collect();
        Numbers { scalars, vectors, names }
    }

    /// Whether a part of the source is a number that a call of `prim` gives, if one does, in words that a condition may use.
    pub(super) fn contains(&self, origin: Origin, prim: Option<Prim>, text: &str) -> bool {
        let is_same = self.scalars.get(&origin).is_some_and(|given| prim.is_none() || *given == prim);
        if !is_same || text.len() > LONGEST || self.vectors.contains(text) {
            return false;
        }
        let words = words(text);
        let bound = |word: &str| words.iter().any(|(other, after)| *other == word && after.starts_with("in "));
        words.iter().all(|(word, after)| after.starts_with('(') || self.names.contains(*word) || bound(word))
    }
}

/// The calls in a text of which an element is taken.
fn indexed(text: &str) -> Vec<&str> {
    let mut calls = Vec::new();
    for (end, _) in text.match_indices(")[") {
        let mut depth = 0;
        let open = text[..=end].rfind(|c| {
            depth += i32::from(c == ')') - i32::from(c == '(');
            depth == 0
        });
        let Some(open) = open else { continue };
        let before = &text[..open];
        let start = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        calls.push(&text[start..=end]);
    }
    calls
}

fn visit(body: &Body, last: &mut BTreeMap<Origin, Option<Option<Prim>>>) {
    for (node, id) in body.nodes.iter().zip(body.ids()) {
        match &node.op {
            Op::If { then, otherwise, .. } => [then, otherwise].into_iter().for_each(|arm| visit(arm, last)),
            Op::Build { body, .. } | Op::Fold { body, .. } | Op::While { body, .. } => visit(body, last),
            Op::Const(_)
            | Op::Param(_)
            | Op::Size(_)
            | Op::Call(..)
            | Op::Cast(_)
            | Op::Array(_)
            | Op::Index { .. }
            | Op::Len(..)
            | Op::Update { .. }
            | Op::Push { .. }
            | Op::Get(..) => {}
        }
        if let (NodeType::One(ty), Some(origin)) = (&node.ty, body.origin(id)) {
            let prim = match node.op {
                Op::Call(prim, _) => Some(prim),
                _ => None,
            };
            last.insert(origin, ty.is_scalar().then_some(prim));
        }
    }
}

/// The names in a text, each with what comes after it.
fn words(text: &str) -> Vec<(&str, &str)> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric() || c == '_') {
        let word = &rest[start..];
        let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
        if word.starts_with(|c: char| !c.is_ascii_digit()) {
            words.push((&word[..end], word[end..].trim_start()));
        }
        rest = &word[end..];
    }
    words
}
