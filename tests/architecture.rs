//! ARCHITECTURE.md is true: what its map names exists, every source folder is on the map, and its invariants hold.

use std::fs;
use std::path::{Path, PathBuf};

const PACKAGES: [&str; 6] = [".", "grammar", "grad-core", "grad-macro", "grad-math", "grad-cli"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The places in the first column of the map.
fn map() -> Vec<String> {
    let page = read("ARCHITECTURE.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let map: Vec<_> = rows.map(|(place, _)| place.to_owned()).collect();
    assert!(map.len() > 10);
    map
}

#[test]
fn the_map_names_what_exists() {
    for place in map() {
        assert!(root().join(&place).exists(), "{place} is on the map and not in the tree");
    }
}

#[test]
fn every_source_is_on_the_map() {
    let map = map();
    for package in PACKAGES {
        let src = root().join(package).join("src");
        for file in sources(&src) {
            let name = file.strip_prefix(root()).unwrap().to_string_lossy().replace("./", "");
            let near = map.iter().any(|place| {
                let folder = place.trim_end_matches('/');
                name.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            // What only lists modules needs no line of its own.
            let index = name.ends_with("lib.rs") || name.ends_with("/front/mod.rs");
            assert!(near || index, "{name} is not on the map");
        }
    }
}

/// The names of the section `[dependencies]`.
fn dependencies(package: &str) -> Vec<String> {
    let manifest = read(&format!("{package}/Cargo.toml"));
    let section = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let rules: [(&str, &[&str]); 5] = [
        (".", &["grad-macro", "grad-math"]),
        ("grammar", &["pest", "pest_derive"]),
        ("grad-core", &["grad-grammar", "grad-math", "proc-macro2", "quote", "syn"]),
        ("grad-macro", &["grad-core", "grad-grammar", "proc-macro2", "quote", "syn"]),
        ("grad-math", &["libm"]),
    ];
    for (package, allowed) in rules {
        let found = dependencies(package);
        assert!(!found.is_empty(), "{package}: no dependencies were read");
        for name in found {
            assert!(allowed.contains(&name.as_str()), "{package} must not depend on {name}");
        }
    }
    assert!(!dependencies("grad-cli").iter().any(|name| name == "grad-macro" || name == "derive-grad"));
}

#[test]
fn no_unsafe_code() {
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
    for package in PACKAGES {
        assert!(read(&format!("{package}/Cargo.toml")).contains("[lints]\nworkspace = true"), "{package}: lints");
        for file in sources(&root().join(package).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("unsafe {") && !text.contains("unsafe fn"), "{}", file.display());
        }
    }
}

#[test]
fn the_compiler_does_no_io() {
    for file in sources(&root().join("grad-core/src")) {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for word in ["std::fs", "std::io", "std::env", "std::net", "println!(", "dbg!(", "std::process"] {
                assert!(!line.contains(word), "{}: {line}", file.display());
            }
        }
    }
}

#[test]
fn the_grammar_names_no_function() {
    let grammar = read("grammar/formula.pest");
    for row in grad_core::prim::ROWS.iter().filter(|row| row.is_function()) {
        for name in std::iter::once(&row.name).chain(row.aliases).filter(|name| name.len() > 1 && name.is_ascii()) {
            assert!(!grammar.contains(&format!("\"{name}\"")), "formula.pest names {name}");
        }
    }
}
