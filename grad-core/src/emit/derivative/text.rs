//! Names, places and types as text.

use std::collections::BTreeSet;

/// A name, or the place of a field, for people.
pub(super) fn plain(name: &str) -> &str {
    name.trim_start_matches("r#")
}

/// The argument that a place is in: `params` of `params.x`.
pub(super) fn root(place: &str) -> &str {
    place.split('.').next().unwrap_or(place)
}

/// The names in a type.
pub(super) fn words(ty: &str) -> impl Iterator<Item = &str> {
    ty.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// The name of a generic parameter: `N` of `const N: usize`.
pub(super) fn parameter(generic: &str) -> Option<&str> {
    words(generic.trim_start_matches("const ")).next()
}

pub(super) fn spaced(visibility: &str) -> String {
    if visibility.is_empty() { String::new() } else { format!("{visibility} ") }
}

/// A name that none of the others is.
pub(super) fn unique<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> String {
    let others: BTreeSet<&str> = others.collect();
    let mut unique = name.to_string();
    let mut n = 2;
    while others.contains(unique.as_str()) {
        unique = format!("{}_{n}", name.trim_start_matches("r#"));
        n += 1;
    }
    unique
}

/// The parts of a list at its commas, those inside brackets apart.
pub(super) fn top_level(list: &str) -> Vec<String> {
    let list = list.trim();
    let list = list.strip_prefix('<').and_then(|l| l.strip_suffix('>')).unwrap_or(list);
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    let mut before = ' ';
    for c in list.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if before == '-' => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().expect("there is a first part").push(c);
        }
        before = c;
    }
    parts.into_iter().map(|p| p.trim().to_string()).filter(|p| !p.is_empty()).collect()
}
