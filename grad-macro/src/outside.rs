//! Calls between functions that are annotated one by one.
//!
//! The attribute sees one function at a time. So each annotated function leaves a macro behind that hands its source on,
//! and a function that calls others asks theirs: `f_needs_derive_grad! { … }` comes back as [`expand`] with the source of
//! `f` added. A function that is called and not annotated has no such macro; where the source file shows as much, that is
//! said at once and better than rustc could.

use grad_core::front::rust::{self, Module, Outside};
use grad_core::ir::Float;
use grad_core::prim::Row;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::visit::{self, Visit};
use syn::{ItemFn, Macro, braced};

use crate::arguments::Arguments;

/// The macro by which a function hands its source on.
pub(crate) fn source_of(function: &Ident, item: &TokenStream) -> TokenStream {
    let name = macro_name(function);
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros)]
        macro_rules! #name {
            ($($asked:tt)*) => { ::derive_grad::__differentiate! { $($asked)* { #item } } };
        }
        #[doc(hidden)]
        #[allow(unused_imports, clippy::single_component_path_imports)]
        pub(crate) use #name;
    }
}

fn macro_name(function: &Ident) -> Ident {
    let plain = function.to_string();
    format_ident!("{}_needs_derive_grad", plain.trim_start_matches("r#"), span = function.span())
}

/// Asks for the source of a function that `item` calls, if there is one that is not in sight and may be annotated.
pub(crate) fn ask(
    arguments: &TokenStream,
    item: &TokenStream,
    parsed: &ItemFn,
    known: &[Source],
) -> Option<TokenStream> {
    let items: Vec<syn::Item> = known.iter().map(|source| syn::Item::Fn(source.parsed.clone())).collect();
    let module = Module::of(&items);
    let calls = rust::calls_outside(parsed, &module);
    // One that cannot be had is refused where it stands, with all the other mistakes.
    let name = macro_name(&calls.iter().find(|call| may_be_annotated(call))?.name);
    let known = known.iter().map(|source| &source.tokens);
    Some(quote! { #name! { { #arguments } { #item } #({ #known })* } })
}

/// Whether the file that a call stands in leaves it open that the function is annotated: macros may have written it, and
/// what cannot be read says nothing. What looks like a slip is one unless the file shows that function.
fn may_be_annotated(call: &Outside) -> bool {
    let file = source_file(call.name.span());
    let text = file.and_then(|path| std::fs::read_to_string(path).ok());
    let Some(file) = text.and_then(|text| syn::parse_file(&text).ok()) else { return !call.slip };
    let mut search = Search { name: &call.name, annotated: false, macros: false };
    search.visit_file(&file);
    search.annotated || search.macros && !call.slip
}

/// The names that are plainly those of functions of the file's own, which import nothing of that name.
pub(crate) fn are_own(names: &[(Ident, &'static Row)]) -> Vec<Ident> {
    let Some((first, _)) = names.first() else { return Vec::new() };
    let text = source_file(first.span()).and_then(|path| std::fs::read_to_string(path).ok());
    let Some(file) = text.and_then(|text| syn::parse_file(&text).ok()) else { return Vec::new() };
    let mut names_there = Names::default();
    names_there.visit_file(&file);
    let is_own = |name: &&Ident| {
        let name = name.to_string();
        names_there.functions.contains(&name) && !names_there.imports.contains(&name) && !names_there.imports_all
    };
    names.iter().map(|(name, _)| name).filter(is_own).cloned().collect()
}

/// The functions of a file, and what it imports.
#[derive(Default)]
struct Names {
    functions: Vec<String>,
    imports: Vec<String>,
    imports_all: bool,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.functions.push(item.sig.ident.to_string());
        visit::visit_item_fn(self, item);
    }

    fn visit_use_name(&mut self, name: &'ast syn::UseName) {
        self.imports.push(name.ident.to_string());
    }

    fn visit_use_rename(&mut self, name: &'ast syn::UseRename) {
        self.imports.push(name.rename.to_string());
    }

    fn visit_use_glob(&mut self, _: &'ast syn::UseGlob) {
        self.imports_all = true;
    }

    // Functions stand in blocks, not in the operands of long sums.
    fn visit_expr_binary(&mut self, _: &'ast syn::ExprBinary) {}
}

/// Code that is compiled where these names stand for the functions of `derive_grad::math`, as was assumed, and not where
/// they are functions of the user's own: two functions never have one type.
pub(crate) fn are_ours(names: &[(Ident, &'static Row)], float: Float, attributes: &[syn::Attribute]) -> TokenStream {
    if names.is_empty() {
        return TokenStream::new();
    }
    let shared = attributes.iter().filter(|a| a.path().is_ident("cfg") || a.path().is_ident("cfg_attr"));
    let zero = match float {
        Float::F64 => quote!(0.0_f64),
        Float::F32 => quote!(0.0_f32),
    };
    let checks = names.iter().map(|(name, row)| {
        let zeros = row.args.iter().map(|_| &zero);
        quote_spanned! { name.span() =>
            let mut is_of_derive_grad_math = #name;
            is_of_derive_grad_math(#(#zeros),*);
            is_of_derive_grad_math = ::derive_grad::math::#name;
            let _ = is_of_derive_grad_math;
        }
    });
    quote! {
        #(#shared)*
        const _: () = {
            #[allow(dead_code, unused, clippy::all)]
            fn sure() {
                #({ #checks })*
            }
        };
    }
}

/// Whether a function stands in an `impl` or a trait, as far as its file shows: what is generated could not stand beside it.
pub(crate) fn is_in_impl(function: &Ident) -> bool {
    let file = source_file(function.span());
    let text = file.and_then(|path| std::fs::read_to_string(path).ok());
    let Some(text) = text.filter(|text| text.contains("impl") || text.contains("trait")) else { return false };
    let Ok(file) = syn::parse_file(&text) else { return false };
    let mut search = Methods { name: function, methods: 0, functions: 0 };
    search.visit_file(&file);
    search.methods > 0 && search.functions == 0
}

/// Counts the annotated functions of a name, in `impl`s and traits and elsewhere.
struct Methods<'a> {
    name: &'a Ident,
    methods: usize,
    functions: usize,
}

impl Methods<'_> {
    fn is_meant(&self, sig: &syn::Signature, attributes: &[syn::Attribute]) -> bool {
        sig.ident == *self.name && attributes.iter().any(names_us)
    }
}

impl<'ast> Visit<'ast> for Methods<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.functions += usize::from(self.is_meant(&item.sig, &item.attrs));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.methods += usize::from(self.is_meant(&item.sig, &item.attrs));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.methods += usize::from(self.is_meant(&item.sig, &item.attrs));
        visit::visit_trait_item_fn(self, item);
    }

    // Functions stand in blocks, not in the operands of long sums.
    fn visit_expr_binary(&mut self, _: &'ast syn::ExprBinary) {}
}

/// Whether an attribute is ours, perhaps under a condition.
fn names_us(attribute: &syn::Attribute) -> bool {
    attribute.meta.to_token_stream().to_string().contains("derive_grad")
}

/// The file of a place, inside a compiler that knows.
fn source_file(span: Span) -> Option<std::path::PathBuf> {
    span.unwrap().local_file()
}

/// Looks for an annotated function of a name.
struct Search<'a> {
    name: &'a Ident,
    annotated: bool,
    /// Whether there are macros of the file's own, which may declare functions.
    macros: bool,
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.annotated |= item.sig.ident == *self.name && item.attrs.iter().any(names_us);
        visit::visit_item_fn(self, item);
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.macros |= mac.path.is_ident("macro_rules") || mac.path.is_ident("include");
    }

    // Functions stand in blocks, not in the operands of long sums.
    fn visit_expr_binary(&mut self, _: &'ast syn::ExprBinary) {}
}

/// The source of a function.
pub(crate) struct Source {
    tokens: TokenStream,
    pub(crate) parsed: ItemFn,
}

/// What comes back: the arguments of the attribute, the function, and the functions that it calls.
struct Asked {
    arguments: TokenStream,
    item: TokenStream,
    known: Vec<TokenStream>,
}

impl Parse for Asked {
    fn parse(input: ParseStream<'_>) -> syn::Result<Asked> {
        let group = |input: ParseStream<'_>| {
            let inner;
            braced!(inner in input);
            inner.parse::<TokenStream>()
        };
        let (arguments, item) = (group(input)?, group(input)?);
        let mut known = Vec::new();
        while !input.is_empty() {
            known.push(group(input)?);
        }
        Ok(Asked { arguments, item, known })
    }
}

/// The derivatives of a function, with the sources of some that it calls; or the question for another.
pub(crate) fn expand(asked: TokenStream) -> TokenStream {
    let parse = || -> syn::Result<(Arguments, Asked, ItemFn, Vec<Source>)> {
        let asked: Asked = syn::parse2(asked)?;
        let arguments = syn::parse2(asked.arguments.clone())?;
        let item = syn::parse2(asked.item.clone())?;
        let source = |tokens: &TokenStream| Ok(Source { tokens: tokens.clone(), parsed: syn::parse2(tokens.clone())? });
        let known = asked.known.iter().map(source).collect::<syn::Result<Vec<Source>>>()?;
        Ok((arguments, asked, item, known))
    };
    let (arguments, asked, item, known) = match parse() {
        Ok(parsed) => parsed,
        Err(error) => return error.to_compile_error(),
    };
    if let Some(question) = ask(&asked.arguments, &asked.item, &item, &known) {
        return question;
    }
    let items: Vec<syn::Item> = known.into_iter().map(|source| syn::Item::Fn(source.parsed)).collect();
    if let Err(rejected) = rust::check_items(&items) {
        return crate::problems_to_tokens(&rejected.problems, &rejected.spans);
    }
    crate::of_function(&arguments, &item, &Module::of(&items))
}
