//! `#[derive_grad] mod model { … }`: the functions marked `#[grad]` get derivatives, and may name everything beside them.

use grad_core::front::rust::{self, Module};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Item, ItemFn, ItemMod, Meta};

use crate::arguments::Arguments;

/// The module, whose tokens are `whole`, with the derivatives of its marked functions in it.
pub(crate) fn expand(arguments: &Arguments, module: &ItemMod, whole: TokenStream) -> TokenStream {
    let mut added = TokenStream::new();
    let mut refuse = |at: &dyn ToTokens, message: &str| {
        added.extend(syn::Error::new_spanned(at.to_token_stream(), message).to_compile_error());
    };
    if arguments.any() {
        refuse(
            &module.ident,
            "the arguments belong to the functions of the module\nhelp: write them there: `#[grad(wrt(x))] fn …`",
        );
    }
    let Some((_, items)) = &module.content else {
        refuse(
            &module.mod_token,
            "the items of this module are in another file, which derive_grad cannot see\n\
             help: write them here, `mod model { … }`, or annotate the functions there",
        );
        return quote!(#whole #added);
    };
    // Before anything is copied, which recurses.
    let checked = rust::check_items(items);
    let known = checked.as_ref().ok().map(|()| Module::of(items)).unwrap_or_default();
    // Each with what it sees.
    let mut marked: Vec<(&Attribute, Module, ItemFn)> = Vec::new();
    for item in items {
        match item {
            Item::Fn(function) => {
                let mark = function.attrs.iter().find(|a| is_mark(a));
                marked.extend(mark.map(|mark| (mark, known.clone(), function.clone())));
            }
            Item::Impl(block) => {
                for inner in &block.items {
                    if let syn::ImplItem::Fn(method) = inner
                        && let Some(mark) = method.attrs.iter().find(|a| is_mark(a))
                    {
                        if let Some(why) = unsupported(block) {
                            refuse(mark, why);
                        } else if checked.is_ok() {
                            let (known, item) = known.with_method(block, method);
                            marked.push((mark, known, item));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    if marked.is_empty() && added.is_empty() && checked.is_ok() {
        let message = "no function of this module is marked\nhelp: write `#[grad]` on those to differentiate";
        added.extend(syn::Error::new_spanned(&module.ident, message).to_compile_error());
    }
    if let Err(rejected) = checked {
        added.extend(crate::problems_to_tokens(&rejected.problems, &rejected.spans));
        return with_items(whole, added);
    }
    for (mark, known, function) in marked {
        let arguments = match mark.meta {
            Meta::Path(_) => Ok(Arguments::default()),
            _ => mark.parse_args::<Arguments>(),
        };
        added.extend(match arguments {
            Ok(Arguments { formula: Some(literal), .. }) => {
                let message = "this function has a body: a formula cannot be another\nhelp: write `#[derive_grad(\"…\")] fn f(…) -> f64;` outside of the module";
                syn::Error::new(literal.span(), message).to_compile_error()
            }
            Ok(mut arguments) => {
                let problems = arguments.problems.take().map(|error| error.to_compile_error());
                let generated = crate::of_function(&arguments, &function, &known);
                quote!(#problems #generated)
            }
            Err(error) => error.to_compile_error(),
        });
    }
    with_items(whole, added)
}

/// Why the methods of an `impl` cannot be differentiated.
fn unsupported(block: &syn::ItemImpl) -> Option<&'static str> {
    if block.trait_.is_some() {
        Some(
            "a method of a trait cannot be differentiated: its gradient would belong to the trait\nhelp: mark a function that calls it",
        )
    } else if !block.generics.params.is_empty() {
        Some(
            "a method of a generic type cannot be differentiated yet\nhelp: mark a function that takes the value and calls it",
        )
    } else if block.attrs.iter().any(|a| a.path().is_ident("cfg") || a.path().is_ident("cfg_attr")) {
        Some("whether this `impl` is there is not known here\nhelp: put the `#[cfg(…)]` on the whole module")
    } else {
        None
    }
}

fn is_mark(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|s| s.ident == "grad" || s.ident == "derive_grad")
}

/// The tokens of a module without the marks, which are ours and nobody else's, and with more items at its end.
fn with_items(whole: TokenStream, added: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = whole.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut() {
        let mut inside = without_marks(body.stream());
        inside.extend(added);
        let mut group = Group::new(body.delimiter(), inside);
        group.set_span(body.span());
        *body = group;
    }
    tokens.into_iter().collect()
}

/// The items of a module, or of an `impl` in it, without `#[grad(…)]`.
fn without_marks(items: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut in_impl = false;
    for token in items {
        if let TokenTree::Group(group) = &token {
            let after_hash = matches!(out.last(), Some(TokenTree::Punct(p)) if p.as_char() == '#');
            if after_hash && group.delimiter() == Delimiter::Bracket && begins_with_mark(group.stream()) {
                out.pop();
                continue;
            }
            if in_impl && group.delimiter() == Delimiter::Brace {
                in_impl = false;
                let mut inner = Group::new(Delimiter::Brace, without_marks(group.stream()));
                inner.set_span(group.span());
                out.push(TokenTree::Group(inner));
                continue;
            }
        }
        match &token {
            TokenTree::Ident(word) if word == "impl" => in_impl = true,
            TokenTree::Ident(word) if word == "fn" => in_impl = false,
            _ => {}
        }
        out.push(token);
    }
    out.into_iter().collect()
}

fn begins_with_mark(attribute: TokenStream) -> bool {
    let path = attribute.into_iter().take_while(|t| !matches!(t, TokenTree::Group(_)));
    let last = path.filter_map(|t| match t {
        TokenTree::Ident(name) => Some(name),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    });
    last.last().is_some_and(|name| name == "grad" || name == "derive_grad")
}
