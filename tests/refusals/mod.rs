//! Every refusal that the sources of the front end, of differentiation and of the macro can utter.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A refusal: the pieces of its words between what is filled in, in order, and where it is.
pub(crate) struct Refusal {
    pub(crate) file: String,
    pub(crate) pieces: Vec<String>,
}

impl Refusal {
    /// Whether a message, lines trimmed, is this one.
    pub(crate) fn is(&self, message: &str) -> bool {
        let mut rest = message;
        self.pieces.iter().all(|piece| match rest.find(piece.as_str()) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
    }
}

/// A token without groups: brackets are tokens of their own.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
    Open,
    Close,
}

fn flat(stream: TokenStream, out: &mut Vec<Token>) {
    for token in stream {
        match token {
            TokenTree::Group(group) => {
                let is_none = group.delimiter() == Delimiter::None;
                if !is_none {
                    out.push(Token::Open);
                }
                flat(group.stream(), out);
                if !is_none {
                    out.push(Token::Close);
                }
            }
            TokenTree::Ident(word) => out.push(Token::Word(word.to_string())),
            TokenTree::Punct(sign) => out.push(Token::Sign(sign.as_char())),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    out.push(Token::Text(text.value()));
                }
            }
        }
    }
}

/// All of them, below the repository's root.
pub(crate) fn all(root: &Path) -> Vec<Refusal> {
    let mut found = Vec::new();
    for folder in ["grad-core/src/front/rust", "grad-core/src/ad", "grad-core/src", "grad-macro/src"] {
        let mut files: Vec<_> = std::fs::read_dir(root.join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
        files.retain(|f| f.extension().is_some_and(|e| e == "rs") && !f.ends_with("diagnostic.rs"));
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let mut tokens = Vec::new();
            flat(text.parse().unwrap(), &mut tokens);
            let name = file.strip_prefix(root).unwrap().display().to_string();
            found.extend(of_file(&tokens).into_iter().map(|pieces| Refusal { file: name.clone(), pieces }));
            if name.ends_with("instead.rs") {
                let helps = worded(&tokens).into_iter();
                found.extend(helps.map(|help| Refusal { file: name.clone(), pieces: vec![help] }));
            }
        }
    }
    found
}

fn of_file(tokens: &[Token]) -> Vec<Vec<String>> {
    let word = |k: usize| match tokens.get(k) {
        Some(Token::Word(word)) => word.as_str(),
        _ => "",
    };
    let mut found = Vec::new();
    for k in 1..tokens.len() {
        if tokens[k] != Token::Open {
            continue;
        }
        // What is called, and what its class is.
        let owner = if k > 3 && tokens[k - 2] == Token::Sign(':') { word(k - 4) } else { word(k.saturating_sub(3)) };
        let title = match (owner, word(k - 1)) {
            (_, "stop") if tokens[k - 2] == Token::Sign('.') => 1,
            ("problems", "add") | ("Problem" | "Error", "new" | "new_spanned") => 1,
            (_, "refuse") if tokens[k - 2] != Token::Sign('.') && word(k - 2) != "fn" => 1,
            ("input", "error") => 0,
            _ => continue,
        };
        let args = arguments(tokens, k);
        let Some(words) = args.get(title).map(|arg| texts(tokens, k, arg)) else { continue };
        let help = args.get(title + 1).filter(|arg| matches!(arg.first(), Some(Token::Text(_))));
        let help = help.map(|arg| texts(tokens, k, arg).concat());
        for title in words {
            let mut pieces = pieces_of(&title);
            if let Some(help) = &help {
                pieces.push("\nhelp: ".to_string());
                pieces.extend(pieces_of(help));
            }
            found.push(pieces);
        }
    }
    found
}

/// The arguments of the call whose bracket opens at `open`.
fn arguments(tokens: &[Token], open: usize) -> Vec<Vec<Token>> {
    let mut args = vec![Vec::new()];
    let mut depth = 0;
    for token in &tokens[open + 1..] {
        match token {
            Token::Open => depth += 1,
            Token::Close if depth == 0 => break,
            Token::Close => depth -= 1,
            _ => {}
        }
        if depth == 0 && *token == Token::Sign(',') {
            args.push(Vec::new());
        } else {
            args.last_mut().unwrap().push(token.clone());
        }
    }
    args.retain(|arg| !arg.is_empty());
    args
}

/// The texts that an argument may be: those in it, or those in the nearest `let` or `const` of its name before.
fn texts(tokens: &[Token], before: usize, arg: &[Token]) -> Vec<String> {
    let in_it: Vec<String> = worded(arg);
    if !in_it.is_empty() {
        // Of `format!("…", …)` and of a text, the first; of a choice, all.
        return if arg.contains(&Token::Word("if".into())) { in_it } else { in_it[..1].to_vec() };
    }
    let Some(Token::Word(name)) = arg.last() else { return Vec::new() };
    let declares = |k: usize| {
        matches!(&tokens[k], Token::Word(w) if w == "let" || w == "const")
            && tokens.get(k + 1) == Some(&Token::Word(name.clone()))
    };
    let Some(at) = (0..before).rev().find(|k| declares(*k)) else { return Vec::new() };
    let mut depth = 0;
    let end = (at..tokens.len()).find(|k| {
        match tokens[*k] {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            _ => {}
        }
        depth == 0 && tokens[*k] == Token::Sign(';')
    });
    worded(&tokens[at..end.unwrap_or(tokens.len())])
}

/// The texts of several words.
fn worded(tokens: &[Token]) -> Vec<String> {
    let is_doc = |k: usize| k > 1 && tokens[k - 2] == Token::Word("doc".into());
    let texts = tokens.iter().enumerate().filter_map(|(k, t)| match t {
        Token::Text(text) if text.contains(' ') && !is_doc(k) => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}

/// What stands between the `{…}` of a format.
fn pieces_of(format: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut inside = false;
    for c in format.chars() {
        match c {
            '{' if !inside => {
                inside = true;
                pieces.push(String::new());
            }
            '}' if inside => inside = false,
            _ if inside => {}
            c => pieces.last_mut().unwrap().push(c),
        }
    }
    pieces.retain(|p| !p.is_empty());
    pieces
}
