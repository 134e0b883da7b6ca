//! What stands in the parentheses of `#[derive_grad(…)]`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token, parenthesized};

/// The arguments of the attribute.
#[derive(Default)]
pub(crate) struct Arguments {
    /// The body as a formula.
    pub(crate) formula: Option<LitStr>,
    /// `wrt(a, b)`
    pub(crate) wrt: Option<Vec<Ident>>,
    /// `name = "prefix"`
    pub(crate) prefix: Option<String>,
    /// `source`
    pub(crate) source: bool,
    /// `jvp`
    pub(crate) jvp: bool,
    /// `hessian`
    pub(crate) hessian: bool,
}

impl Arguments {
    /// Whether anything was given.
    pub(crate) fn any(&self) -> bool {
        let Arguments { formula, wrt, prefix, source, jvp, hessian } = self;
        formula.is_some() || wrt.is_some() || prefix.is_some() || *source || *jvp || *hessian
    }
}

const KNOWN: [&str; 5] = ["wrt", "name", "source", "jvp", "hessian"];

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Arguments> {
        let mut arguments = Arguments::default();
        let mut errors: Option<syn::Error> = None;
        let mut refuse = |error: syn::Error| match &mut errors {
            Some(errors) => errors.combine(error),
            None => errors = Some(error),
        };
        if input.peek(LitStr) {
            arguments.formula = Some(input.parse()?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if seen.contains(&key) {
                refuse(syn::Error::new(key.span(), format!("`{key}` is given twice")));
            }
            match key.to_string().as_str() {
                "wrt" => {
                    let inner;
                    parenthesized!(inner in input);
                    let names: Punctuated<Ident, Token![,]> = inner.parse_terminated(Ident::parse, Token![,])?;
                    if names.is_empty() {
                        refuse(syn::Error::new(key.span(), "`wrt` names the active parameters: `wrt(a, b)`"));
                    }
                    arguments.wrt = Some(names.into_iter().collect());
                }
                "name" => {
                    input.parse::<Token![=]>()?;
                    let literal: LitStr = input.parse()?;
                    let prefix = literal.value();
                    if syn::parse_str::<Ident>(&prefix).is_err() {
                        refuse(syn::Error::new(literal.span(), format!("`{prefix}` is not an identifier")));
                    }
                    arguments.prefix = Some(prefix);
                }
                "source" => arguments.source = true,
                "jvp" => arguments.jvp = true,
                "hessian" => arguments.hessian = true,
                "hvp" | "jacobian" | "check" | "strict" => {
                    refuse(syn::Error::new(key.span(), format!("`{key}` is not there yet")));
                }
                other => {
                    let near = grad_core::diagnostic::did_you_mean(other, KNOWN);
                    let hint = near
                        .map_or_else(|| format!("; known: {}", KNOWN.join(", ")), |n| format!(": did you mean `{n}`?"));
                    refuse(syn::Error::new(key.span(), format!("`{other}` is no argument of derive_grad{hint}")));
                    // Whatever belongs to it is passed over, up to the next comma.
                    while !input.is_empty() && !input.peek(Token![,]) {
                        input.parse::<proc_macro2::TokenTree>()?;
                    }
                }
            }
            seen.push(key);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        errors.map_or(Ok(arguments), Err)
    }
}
