//! How deep code may nest, checked before anything recurses over it.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprBinary, ItemFn, Type};

use super::span::of_expr;

/// How deep expressions may nest.
pub(super) const EXPRESSIONS: usize = 192;
/// How deep blocks may nest.
pub(super) const BLOCKS: usize = 64;

/// How deep brackets may nest, and how many operators may follow one another, before the tokens are parsed: the parser
/// itself recurses.
const TOKENS: usize = 128;

/// Where tokens nest too deep for the parser.
pub(super) fn tokens_too_deep(tokens: &TokenStream) -> Option<Span> {
    let mut open = vec![tokens.clone().into_iter()];
    let mut run = 0;
    while let Some(innermost) = open.last_mut() {
        match innermost.next() {
            Some(TokenTree::Group(group)) => {
                if open.len() == TOKENS {
                    return Some(group.span_open());
                }
                run = 0;
                open.push(group.stream().into_iter());
            }
            Some(TokenTree::Punct(punct)) => {
                run += 1;
                if run == TOKENS {
                    return Some(punct.span());
                }
            }
            Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => run = 0,
            None => {
                open.pop();
            }
        }
    }
    None
}

/// Where the function nests too deep, and which of the two does.
pub(super) fn too_deep(item: &ItemFn) -> Option<(Span, &'static str)> {
    let mut nesting = Nesting::default();
    nesting.visit_block(&item.block);
    nesting.found
}

/// Where a block nests too deep.
pub(super) fn block_too_deep(block: &Block) -> Option<Span> {
    let mut nesting = Nesting::default();
    nesting.visit_block(block);
    nesting.found.map(|(at, _)| at)
}

/// Where a type nests too deep.
pub(super) fn type_too_deep(ty: &Type) -> bool {
    let mut nesting = Nesting::default();
    nesting.visit_type(ty);
    nesting.found.is_some()
}

/// How deep an expression nests; at most one more than [`EXPRESSIONS`].
pub(super) fn depth(expr: &Expr) -> usize {
    let mut nesting = Nesting::default();
    nesting.visit_expr(expr);
    if nesting.found.is_some() { EXPRESSIONS + 1 } else { nesting.deepest }
}

/// Whether an expression that is not part of the function's own tree nests too deep.
pub(super) fn expr_too_deep(expr: &Expr) -> bool {
    let mut nesting = Nesting::default();
    nesting.visit_expr(expr);
    nesting.found.is_some()
}

/// How many operators an expression may have in a row where it is copied: copying recurses over them.
const CHAIN: usize = 1000;

/// Where a row of operators is too long to be copied.
pub(super) fn chain_too_long(block: &Block) -> Option<Span> {
    let mut chains = Chains::default();
    chains.visit_block(block);
    chains.found
}

/// The same of an expression.
pub(super) fn expr_chain_too_long(expr: &Expr) -> Option<Span> {
    let mut chains = Chains::default();
    chains.visit_expr(expr);
    chains.found
}

/// Looks for long rows of operators.
#[derive(Default)]
struct Chains {
    found: Option<Span>,
}

impl<'ast> Visit<'ast> for Chains {
    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        let mut binary = binary;
        for _ in 0..CHAIN {
            self.visit_expr(&binary.right);
            match &*binary.left {
                Expr::Binary(left) => binary = left,
                left => return self.visit_expr(left),
            }
        }
        self.found = Some(super::span::of_operator(&binary.op));
    }
}

/// Every name in some code, those in macros too, each once.
pub(super) fn names(block: &Block) -> Vec<String> {
    let mut names = Names::default();
    names.visit_block(block);
    names.found.into_iter().collect()
}

#[derive(Default)]
struct Names {
    found: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, ident: &'ast proc_macro2::Ident) {
        self.found.insert(ident.to_string());
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.found.extend(mac.path.segments.iter().map(|s| s.ident.to_string()));
        self.found.extend(super::module::identifiers(mac.tokens.clone()));
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        let mut binary = binary;
        loop {
            self.visit_expr(&binary.right);
            match &*binary.left {
                Expr::Binary(left) => binary = left,
                left => return self.visit_expr(left),
            }
        }
    }
}

#[derive(Default)]
struct Nesting {
    expressions: usize,
    blocks: usize,
    deepest: usize,
    found: Option<(Span, &'static str)>,
}

impl<'ast> Visit<'ast> for Nesting {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.found.is_some() {
            return;
        }
        if self.expressions == EXPRESSIONS {
            self.found = Some((of_expr(expr), "expressions"));
            return;
        }
        self.expressions += 1;
        self.deepest = self.deepest.max(self.expressions);
        visit::visit_expr(self, expr);
        self.expressions -= 1;
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        let mut binary = binary;
        loop {
            self.visit_expr(&binary.right);
            match &*binary.left {
                Expr::Binary(left) => binary = left,
                left => return self.visit_expr(left),
            }
        }
    }

    fn visit_type(&mut self, ty: &'ast Type) {
        if self.found.is_some() {
            return;
        }
        if self.expressions == EXPRESSIONS {
            self.found = Some((Span::call_site(), "types"));
            return;
        }
        self.expressions += 1;
        visit::visit_type(self, ty);
        self.expressions -= 1;
    }

    fn visit_block(&mut self, block: &'ast Block) {
        if self.found.is_some() {
            return;
        }
        if self.blocks == BLOCKS {
            self.found = Some((block.brace_token.span.open(), "blocks"));
            return;
        }
        self.blocks += 1;
        visit::visit_block(self, block);
        self.blocks -= 1;
    }
}
