//! What stands in the parentheses of `#[derive_grad(…)]`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
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
    pub(crate) hessian: Option<Ident>,
    /// What is wrong with them.
    pub(crate) problems: Option<syn::Error>,
}

impl Arguments {
    /// Whether anything was given.
    pub(crate) fn any(&self) -> bool {
        let Arguments { formula, wrt, prefix, source, jvp, hessian, problems: _ } = self;
        formula.is_some() || wrt.is_some() || prefix.is_some() || *source || *jvp || hessian.is_some()
    }
}

const KNOWN: [&str; 5] = ["wrt", "name", "source", "jvp", "hessian"];

impl Parse for Arguments {
    /// What is wrong is in `problems`; the rest is there all the same.
    fn parse(input: ParseStream<'_>) -> syn::Result<Arguments> {
        let mut arguments = Arguments::default();
        if let Err(error) = arguments.all(input) {
            arguments.refuse(error);
            input.parse::<TokenStream>()?;
        }
        Ok(arguments)
    }
}

impl Arguments {
    fn refuse(&mut self, error: syn::Error) {
        match &mut self.problems {
            Some(problems) => problems.combine(error),
            None => self.problems = Some(error),
        }
    }

    fn all(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if input.peek(LitStr) {
            self.formula = Some(input.parse()?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if seen.contains(&key) {
                let message = format!("`{key}` is given twice\nhelp: leave one out");
                self.refuse(syn::Error::new(key.span(), message));
            }
            self.one(&key, input)?;
            seen.push(key);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn one(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match key.to_string().as_str() {
            "wrt" => {
                let message = "`wrt` names the active parameters\nhelp: write `wrt(a, b)`";
                if !input.peek(syn::token::Paren) {
                    self.refuse(syn::Error::new(key.span(), message));
                    return pass_over(input);
                }
                let inner;
                parenthesized!(inner in input);
                let names: Punctuated<Ident, Token![,]> = inner.parse_terminated(Ident::parse_any, Token![,])?;
                if names.is_empty() {
                    self.refuse(syn::Error::new(key.span(), message));
                    return Ok(());
                }
                self.wrt = Some(names.into_iter().collect());
            }
            "name" => {
                let message = "`name` gives the prefix of the generated names\nhelp: write `name = \"prefix\"`";
                if !(input.peek(Token![=]) && input.peek2(LitStr)) {
                    self.refuse(syn::Error::new(key.span(), message));
                    return pass_over(input);
                }
                input.parse::<Token![=]>()?;
                let literal: LitStr = input.parse()?;
                let prefix = literal.value();
                if syn::parse_str::<Ident>(&prefix).is_err() {
                    let message =
                        format!("`{prefix}` is not an identifier\nhelp: the names of functions begin with it");
                    self.refuse(syn::Error::new(literal.span(), message));
                    return Ok(());
                }
                self.prefix = Some(prefix);
            }
            "source" => self.source = true,
            "jvp" => self.jvp = true,
            "hessian" => self.hessian = Some(key.clone()),
            key_not_there @ ("hvp" | "jacobian" | "check" | "strict") => {
                let help = match key_not_there {
                    "hvp" => "`hessian` gives the whole matrix",
                    "jacobian" => "call the backward once for each result, with the cotangent 1 for that one",
                    "check" => "compare with differences in a test of your own",
                    _ => "leave it out",
                };
                self.refuse(syn::Error::new(key.span(), format!("`{key}` is not there yet\nhelp: {help}")));
            }
            other => {
                let near = grad_core::diagnostic::did_you_mean(other, KNOWN);
                let help =
                    near.map_or_else(|| format!("known are {}", KNOWN.join(", ")), |n| format!("did you mean `{n}`?"));
                let message = format!("`{other}` is no argument of derive_grad\nhelp: {help}");
                self.refuse(syn::Error::new(key.span(), message));
                return pass_over(input);
            }
        }
        Ok(())
    }
}

/// Passes over what belongs to an argument, up to the next comma.
fn pass_over(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
