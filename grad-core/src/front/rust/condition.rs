//! Conditional compilation: which of its code a function has is decided by rustc, and not told to macros.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ItemFn;

use super::Problems;

/// The first `#[cfg(…)]` in some code, or what may put one there.
pub(super) fn in_code(code: TokenStream) -> Option<Span> {
    let mut open = vec![code.into_iter()];
    let mut after_hash = false;
    while let Some(innermost) = open.last_mut() {
        let was_after_hash = std::mem::replace(&mut after_hash, false);
        match innermost.next() {
            Some(TokenTree::Group(group)) => {
                let first: Option<Ident> = match group.stream().into_iter().next() {
                    Some(TokenTree::Ident(word)) => Some(word),
                    _ => None,
                };
                if let Some(word) = first.filter(|w| was_after_hash && (*w == "cfg" || *w == "cfg_attr")) {
                    return Some(word.span());
                }
                open.push(group.stream().into_iter());
            }
            Some(TokenTree::Punct(punct)) => after_hash = punct.as_char() == '#',
            Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => {}
            None => {
                open.pop();
            }
        }
    }
    None
}

/// The first one in a function; on the function as a whole it decides about the derivatives too, and is welcome.
pub(super) fn in_function(item: &ItemFn) -> Option<Span> {
    let in_params = in_code(item.sig.inputs.to_token_stream());
    in_params.or_else(|| in_code(item.block.to_token_stream()))
}

/// Refuses code that may not be there.
pub(super) fn refuse(problems: &mut Problems, at: Span) {
    problems.add(
        at,
        "whether this code is there is not known here",
        "put the `#[cfg(…)]` on the whole function, once for each case; in a module, on the module",
    );
}
