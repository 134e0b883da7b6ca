//! Names of variables: speaking, unique where they can be seen, and never a word of the language.

use std::rc::Rc;

use crate::ir::build::FxMap;

/// Words of Rust (2024) that no variable can be called, and names that would hide something generated code uses.
const RESERVED: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "core", "crate", "do",
    "dyn", "else", "enum", "extern", "f32", "f64", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "std", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
    "while", "yield",
];

/// Words that cannot even be raw identifiers, and those that are patterns before they are names.
const NEVER_RAW: &[&str] = &["self", "Self", "super", "crate", "_", "Some", "None", "Ok", "Err"];

/// The name as Rust writes it: raw where it is a word of the language.
#[must_use]
pub fn identifier(name: &str) -> String {
    if NEVER_RAW.contains(&name) {
        format!("{name}_")
    } else if is_keyword(name) {
        format!("r#{name}")
    } else {
        name.to_string()
    }
}

fn is_keyword(name: &str) -> bool {
    RESERVED.binary_search(&name).is_ok() && !matches!(name, "core" | "std" | "f32" | "f64")
}

/// The stem and the number of a name that was numbered.
pub(super) fn numbered(name: &str) -> Option<(&str, u32)> {
    let (stem, n) = name.rsplit_once('_')?;
    let is_number = !stem.is_empty() && !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    if is_number { Some((stem, n.parse().ok()?)) } else { None }
}

/// The names in use, innermost scope last.
#[derive(Default)]
pub(super) struct Names {
    /// How often each is in use: a name of an outer scope may be hidden by none inside.
    used: FxMap<Rc<str>, ()>,
    /// The next number to try after a name.
    next: FxMap<Rc<str>, u32>,
    scopes: Vec<Vec<Rc<str>>>,
}

impl Names {
    pub(super) fn open(&mut self) {
        self.scopes.push(Vec::new());
    }

    /// Gives the names of the innermost scope free again.
    pub(super) fn close(&mut self) {
        for name in self.scopes.pop().expect("a scope is open") {
            self.used.remove(&name);
            self.next.remove(&name);
            if let Some((stem, n)) = numbered(&name)
                && let Some(next) = self.next.get_mut(stem)
            {
                *next = (*next).min(n);
            }
        }
    }

    /// Takes a name as it is; whether it was free.
    pub(super) fn take(&mut self, name: &str) -> bool {
        let name: Rc<str> = name.into();
        let free = self.used.insert(name.clone(), ()).is_none();
        if free && let Some(scope) = self.scopes.last_mut() {
            scope.push(name);
        }
        free
    }

    /// A free name for a variable of the whole function.
    pub(super) fn fresh_at_top(&mut self, wish: &str) -> Rc<str> {
        let inner = self.scopes.split_off(1);
        let name = self.fresh(wish);
        self.scopes.extend(inner);
        name
    }

    /// A free name like `wish`: itself, or with a number.
    pub(super) fn fresh(&mut self, wish: &str) -> Rc<str> {
        let wish = identifier(if wish.is_empty() { "t" } else { wish });
        if !matches!(&*wish, "core" | "std" | "f32" | "f64") && self.take(&wish) {
            return wish.as_str().into();
        }
        let stem = wish.trim_start_matches("r#");
        let mut n = self.next.get(stem).copied().unwrap_or(2);
        loop {
            let name = format!("{stem}_{n}");
            n += 1;
            if self.take(&name) {
                self.next.insert(stem.into(), n);
                return name.into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn names_are_numbered_and_given_free() {
        let mut names = Names::default();
        names.open();
        assert_eq!(&*names.fresh("z"), "z");
        assert_eq!(&*names.fresh("z"), "z_2");
        names.open();
        assert_eq!(&*names.fresh("z"), "z_3");
        assert_eq!(&*names.fresh("i"), "i");
        names.close();
        assert_eq!(&*names.fresh("z"), "z_3");
        assert_eq!(&*names.fresh("i"), "i");
        assert_eq!(&*names.fresh("type"), "r#type");
        assert_eq!(&*names.fresh("type"), "type_2");
        assert_eq!(&*names.fresh("self"), "self_");
    }
}
