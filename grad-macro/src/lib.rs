//! The attribute `#[derive_grad]`: reads its arguments and its item, and lets grad-core do the rest.
//!
//! Use it through the crate `derive-grad`, which documents it.

mod arguments;
#[cfg(feature = "formula")]
mod formula;
mod module;
mod outside;
mod stub;
mod warning;

use std::str::FromStr;

use grad_core::compile::{self, Options};
use grad_core::diagnostic::{Origin, Problem};
use grad_core::emit::{Interface, ResultForm};
use grad_core::front::rust::{self, Module};
use grad_core::ir::{Function, Type};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use arguments::Arguments;

/// Writes the gradient of a function; see the crate `derive-grad`.
#[proc_macro_attribute]
pub fn derive_grad(arguments: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    let expanded = std::panic::catch_unwind({
        let item = std::panic::AssertUnwindSafe(item.clone());
        let arguments = std::panic::AssertUnwindSafe(TokenStream::from(arguments));
        move || expand(arguments.0.clone(), item.0.clone())
    });
    // Whatever happens, the user's own function is there.
    let tokens = expanded.unwrap_or_else(|_| {
        let message = "derive-grad has a fault: please report it with this function";
        let error = syn::Error::new(Span::call_site(), message).to_compile_error();
        quote!(#item #error)
    });
    tokens.into()
}

/// Goes on with a function whose calls of other annotated functions have been answered; generated code calls it.
#[doc(hidden)]
#[proc_macro]
pub fn differentiate(asked: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let asked = std::panic::AssertUnwindSafe(TokenStream::from(asked));
    let expanded = std::panic::catch_unwind(move || outside::expand(asked.0.clone()));
    let tokens = expanded.unwrap_or_else(|_| {
        let message = "derive-grad has a fault: please report it with this function";
        syn::Error::new(Span::call_site(), message).to_compile_error()
    });
    tokens.into()
}

fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    // Before anything is parsed: syn recurses into brackets.
    for tokens in [&arguments, &item] {
        if let Err(rejected) = rust::check_nesting(tokens) {
            let errors = problems_to_tokens(&rejected.problems, &rejected.spans);
            return quote!(#item #errors);
        }
    }
    let given = arguments.clone();
    let mut arguments = match syn::parse2::<Arguments>(arguments) {
        Ok(arguments) => arguments,
        Err(error) => Arguments { problems: Some(error), ..Arguments::default() },
    };
    // What is wrong with some of them says nothing about the rest.
    let problems = arguments.problems.take().map(|error| error.to_compile_error());
    let expanded = match &arguments.formula {
        None => of_item(&arguments, &given, item),
        Some(literal) => of_formula(&arguments, literal, item),
    };
    quote!(#problems #expanded)
}

/// The derivatives of a function with a body, which stays as written, or of those of a module.
fn of_item(arguments: &Arguments, given: &TokenStream, item: TokenStream) -> TokenStream {
    match syn::parse2::<syn::Item>(item.clone()) {
        Ok(syn::Item::Fn(function)) if outside::is_in_impl(&function.sig.ident) => {
            let at = function.sig.receiver().map_or(function.sig.ident.span(), |r| r.self_token.span);
            let error = syn::Error::new(at, IN_IMPL).to_compile_error();
            quote!(#item #error)
        }
        Ok(syn::Item::Fn(function)) => {
            // No macro can be declared among methods, nor can a method be called by its plain name.
            let is_method = function.sig.receiver().is_some();
            let source = if is_method { TokenStream::new() } else { outside::source_of(&function.sig.ident, &item) };
            let question = if is_method { None } else { outside::ask(given, &item, &function, &[]) };
            let generated = match question {
                Some(question) => question,
                None => of_function(arguments, &function, &Module::default()),
            };
            quote!(#item #generated #source)
        }
        Ok(syn::Item::Verbatim(_)) if let Some(at) = receiver_without_body(&item) => {
            let error = syn::Error::new(at, IN_IMPL).to_compile_error();
            quote!(#item #error)
        }
        // The function itself is not repeated: rustc would say again that it has no body.
        Ok(syn::Item::Verbatim(_)) if let Some(end) = end_without_body(&item) => {
            let message = "a function without a body needs a formula\n\
                           help: give the formula, `#[derive_grad(\"x^2 + 1\")]`, or write the body";
            syn::Error::new(end, message).to_compile_error()
        }
        Ok(syn::Item::Mod(module)) => module::expand(arguments, &module, item),
        Ok(other) => {
            let message = match &other {
                syn::Item::Impl(_) | syn::Item::Struct(_) | syn::Item::Trait(_) => {
                    "derive_grad takes a function, or a module with functions marked `#[grad]` in it\n\
                     help: put the struct and its `impl` into a module with `#[derive_grad]` on the module, and \
                     `#[grad]` on the methods"
                }
                _ => {
                    "derive_grad takes a function, or a module with functions marked `#[grad]` in it\n\
                     help: annotate the function that computes the value"
                }
            };
            let error = syn::Error::new_spanned(first_token(&other), message).to_compile_error();
            quote!(#item #error)
        }
        Err(error) => {
            let error = error.to_compile_error();
            quote!(#item #error)
        }
    }
}

/// The macro can write functions beside a function, and nothing beside a method.
const IN_IMPL: &str = "a function of an `impl` or a trait cannot be annotated alone: the types of its derivatives cannot \
                       stand there\n\
                       help: put the struct and its `impl` into a module with `#[derive_grad]` on the module, and mark the \
                       function with `#[grad]` there";

/// The `self` of a method without a body.
fn receiver_without_body(item: &TokenStream) -> Option<Span> {
    end_without_body(item)?;
    let args = item.clone().into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Parenthesis => Some(group.stream()),
        _ => None,
    })?;
    args.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == "self" => Some(word.span()),
        _ => None,
    })
}

/// The semicolon of a function without a body.
fn end_without_body(item: &TokenStream) -> Option<Span> {
    let end = item.clone().into_iter().last()?;
    let is_function = item.clone().into_iter().any(|token| matches!(&token, TokenTree::Ident(word) if word == "fn"));
    (is_function && end.to_string() == ";").then(|| end.span())
}

fn first_token(item: &syn::Item) -> TokenStream {
    quote!(#item).into_iter().take(1).collect()
}

/// The derivatives of a function that may name the items of a module.
fn of_function(arguments: &Arguments, function: &syn::ItemFn, module: &Module) -> TokenStream {
    match rust::read(function, module) {
        Ok(primal) => {
            let at = function.sig.ident.span();
            let plain = rust::plain_math(function, module);
            let own: TokenStream = (outside::are_own(&plain).iter())
                .map(|name| {
                    let message = format!(
                        "`{name}` is a function of yours here, not the one of `derive_grad::math`\n\
                         help: call `derive_grad::math::{name}(…)`, or give yours another name and annotate it too"
                    );
                    syn::Error::new(name.span(), message).to_compile_error()
                })
                .collect();
            if !own.is_empty() {
                let stubs = stub::of_function(arguments, &primal.function, &primal.interface, false);
                return quote!(#own #stubs);
            }
            let generated = generate(arguments, &primal.function, primal.interface, (false, at), &primal.spans);
            let sure = outside::are_ours(&plain, primal.function.float, &function.attrs);
            quote!(#generated #sure)
        }
        Err(rejected) => {
            let stubs = rust::read_signature(&function.sig, &function.vis, &function.attrs, module)
                .map(|form| stub::of_form(arguments, &form, false))
                .unwrap_or_default();
            let errors = problems_to_tokens(&rejected.problems, &rejected.spans);
            quote!(#errors #stubs)
        }
    }
}

/// The primal and its derivatives, from a formula and a signature.
#[cfg(feature = "formula")]
fn of_formula(arguments: &Arguments, literal: &syn::LitStr, item: TokenStream) -> TokenStream {
    let parsed = match syn::parse2::<formula::Signature>(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let error = error.to_compile_error();
            let function = syn::parse2::<syn::ItemFn>(item).ok();
            return quote!(#function #error);
        }
    };
    let form = match rust::read_signature(&parsed.sig, &parsed.vis, &parsed.attrs, &Module::default()) {
        Ok(form) => form,
        Err(rejected) => return problems_to_tokens(&rejected.problems, &rejected.spans),
    };
    match formula::read(&form, &literal.value()) {
        Ok(function) => {
            let spans = vec![literal.span(); formula::origins(&function)];
            generate(arguments, &function, form.interface, (true, parsed.sig.ident.span()), &spans)
        }
        Err(messages) => {
            let errors: TokenStream =
                messages.iter().map(|m| syn::Error::new(literal.span(), m).to_compile_error()).collect();
            let stubs = stub::of_form(arguments, &form, true);
            quote!(#errors #stubs)
        }
    }
}

#[cfg(not(feature = "formula"))]
fn of_formula(_: &Arguments, literal: &syn::LitStr, item: TokenStream) -> TokenStream {
    let message = "formulas need the feature `formula` of derive-grad";
    let error = syn::Error::new(literal.span(), message).to_compile_error();
    let _ = item;
    error
}

/// The generated items, or what is wrong with what was asked for.
///
/// `primal` says whether the function itself is one, and where its name is.
fn generate(
    arguments: &Arguments,
    f: &Function,
    interface: Interface,
    (primal, at): (bool, Span),
    spans: &[Span],
) -> TokenStream {
    let mut spans = spans.to_vec();
    let named: Option<Vec<(String, Origin)>> = arguments.wrt.as_ref().map(|names| {
        let mut origin = |span: Span| {
            spans.push(span);
            Origin(u32::try_from(spans.len() - 1).expect("there are few spans"))
        };
        names.iter().map(|name| (name.to_string(), origin(name.span()))).collect()
    });
    let outs: Vec<usize> = interface.results.iter().filter_map(ResultForm::out).collect();
    let wrt = match compile::active(f, &interface.args, &outs, named.as_deref()) {
        Ok(wrt) => wrt,
        Err(problems) => {
            let errors = problems_to_tokens(&problems, &spans);
            let stubs = stub::of_function(arguments, f, &interface, primal);
            return quote!(#errors #stubs);
        }
    };
    if wrt.is_empty() {
        let origin = Origin(u32::try_from(spans.len()).expect("there are few spans"));
        spans.push(at);
        let problem = Problem::new(origin, "no parameter is a float: there is nothing to differentiate by")
            .help("take what the derivative is by as `f64`, `&[f64]` or `[f64; N]`");
        return problems_to_tokens(&[problem], &spans);
    }
    let returned = interface.results.iter().filter(|r| r.is_returned()).count();
    if let Some(key) = &arguments.hessian
        && (returned != 1 || *f.body.ty(f.body.results[0]) != Type::FLOAT)
    {
        let message = "a Hessian is that of one float; this function returns several, or an array, or nothing\n\
                       help: annotate a function that returns the one";
        let error = syn::Error::new(key.span(), message).to_compile_error();
        let stubs = stub::of_function(arguments, f, &interface, primal);
        return quote!(#error #stubs);
    }
    let warnings = warning::of_zeros(arguments, f, &interface, &wrt, &spans);
    match items(arguments, f, &interface, wrt, primal) {
        Ok(tokens) => quote!(#tokens #warnings),
        Err(problem) => {
            let errors = problems_to_tokens(&[problem], &spans);
            let stubs = stub::of_function(arguments, f, &interface, primal);
            quote!(#errors #stubs)
        }
    }
}

/// The text of the derivatives, as tokens.
pub(crate) fn items(
    arguments: &Arguments,
    f: &Function,
    interface: &Interface,
    wrt: Vec<usize>,
    primal: bool,
) -> Result<TokenStream, Problem> {
    let returned = interface.results.iter().filter(|r| r.is_returned()).count();
    let scalar = returned == 1 && *f.body.ty(f.body.results[0]) == Type::FLOAT;
    let prefix = arguments.prefix.clone().unwrap_or_else(|| interface.name.clone());
    let options = Options {
        wrt,
        prefix: prefix.clone(),
        primal,
        // A gradient has one float result; a function of several has a forward and a backward.
        gradient: scalar,
        split: true,
        jvp: arguments.jvp,
        hessian: arguments.hessian.is_some() && scalar,
        ..Options::default()
    };
    let text = compile::compile(f, interface, &options)?;
    let mut items = TokenStream::from_str(&text).expect("generated code is made of tokens");
    if arguments.source {
        let prefix = prefix.trim_start_matches("r#");
        let name = quote::format_ident!("{}_SOURCE", prefix.to_uppercase());
        let visibility = TokenStream::from_str(&interface.visibility).expect("a visibility is made of tokens");
        let doc = format!("The code generated for `{}`, for snapshot tests.", interface.name);
        items.extend(quote!(#[doc = #doc] #[allow(dead_code)] #visibility const #name: &str = #text;));
    }
    Ok(items)
}

/// Each problem as an error on its token.
fn problems_to_tokens(problems: &[Problem], spans: &[Span]) -> TokenStream {
    problems
        .iter()
        .map(|problem| {
            let span = spans.get(problem.at.0 as usize).copied().unwrap_or_else(Span::call_site);
            let mut message = problem.title.clone();
            if let Some(label) = &problem.label {
                message += &format!("\n{label}");
            }
            if let Some(help) = &problem.help {
                message += &format!("\nhelp: {help}");
            }
            syn::Error::new(span, message).to_compile_error()
        })
        .collect()
}
