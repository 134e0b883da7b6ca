//! Where a formula comes from.

use std::io::Read;
use std::path::Path;

use crate::Failure;

/// A formula and what to call its place in messages.
pub(crate) struct Source {
    pub(crate) text: String,
    /// A file's path, if it is one.
    pub(crate) path: Option<String>,
}

impl Source {
    /// The formula itself, the content of the file of that name, or standard input for `-`.
    pub(crate) fn read(argument: &str) -> Result<Source, Failure> {
        if argument == "-" {
            let mut bytes = Vec::new();
            let read = std::io::stdin().read_to_end(&mut bytes);
            read.map_err(|e| Failure::Input(format!("error: standard input cannot be read: {e}\n")))?;
            return Ok(Source { text: text("standard input", bytes)?, path: Some("<standard input>".to_string()) });
        }
        let path = Path::new(argument);
        // A long formula is no path: asking the system about it would fail in other ways.
        let looks_like_path = argument.ends_with(".grad")
            || ["./", "../", "/"].iter().any(|start| argument.starts_with(start))
            || (argument.len() < 4096 && path.is_file());
        if !looks_like_path {
            return Ok(Source { text: argument.to_string(), path: None });
        }
        let bytes =
            std::fs::read(path).map_err(|e| Failure::Input(format!("error: `{argument}` cannot be read: {e}\n")))?;
        Ok(Source { text: text(argument, bytes)?, path: Some(argument.to_string()) })
    }

    /// The file's stem, where it can be the name of a function.
    pub(crate) fn stem(&self) -> Option<String> {
        let stem = Path::new(self.path.as_ref()?).file_stem()?.to_str()?;
        is_identifier(stem).then(|| stem.to_string())
    }

    /// What messages call the place.
    pub(crate) fn place(&self) -> &str {
        self.path.as_deref().unwrap_or("<formula>")
    }
}

fn text(place: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Failure::Input(format!("error: {place} is not UTF-8 text: byte {at} is no character\n"))
    })?;
    // Some editors put a byte-order mark first.
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_string(),
        None => text,
    })
}

/// Whether a text is an identifier of ASCII letters, digits and underscores.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text != "_"
}
