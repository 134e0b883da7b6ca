//! Conditional compilation: which of its code a function has is decided by rustc, and not told to macros.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Expr, ItemFn};

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
    let mut conditions = Conditions::default();
    item.sig.inputs.iter().for_each(|input| conditions.visit_fn_arg(input));
    conditions.visit_block(&item.block);
    conditions.first
}

/// The first one of a syntax tree, which is not printed for it: printing recurses over rows of operators.
#[derive(Default)]
struct Conditions {
    first: Option<Span>,
}

impl<'ast> Visit<'ast> for Conditions {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let name = attribute.path().get_ident().filter(|name| *name == "cfg" || *name == "cfg_attr");
        self.first = self.first.or(name.map(Ident::span));
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.first = self.first.or_else(|| in_code(mac.tokens.clone()));
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let mut rights = Vec::new();
        let mut binary = binary;
        let leftmost = loop {
            binary.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
            rights.push(&*binary.right);
            match &*binary.left {
                Expr::Binary(left) => binary = left,
                left => break left,
            }
        };
        self.visit_expr(leftmost);
        rights.into_iter().rev().for_each(|right| self.visit_expr(right));
    }
}

/// Refuses code that may not be there.
pub(super) fn refuse(problems: &mut Problems, at: Span) {
    problems.add(
        at,
        "whether this code is there is not known here",
        "put the `#[cfg(…)]` on the whole function, once for each case; in a module, on the module",
    );
}
