//! `#[derive_grad("…")] fn f(…) -> f64;`: the body is a formula, the signature gives the shapes.

use grad_core::diagnostic::Problem;
use grad_core::front::formula::{Declared, read_with};
use grad_core::front::rust::SignatureForm;
use grad_core::ir::Function;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Token, Visibility};

/// A function without a body.
pub(crate) struct Signature {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: syn::Signature,
}

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Signature> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        if input.peek(syn::token::Brace) {
            return Err(input.error(
                "a function given by a formula has no body\nhelp: end its signature with `;`, or leave the formula out",
            ));
        }
        input.parse::<Token![;]>()?;
        Ok(Signature { attrs, vis, sig })
    }
}

/// The function that a formula computes with the parameters of a signature, or the messages that say why not.
pub(crate) fn read(form: &SignatureForm, source: &str) -> Result<Function, Vec<String>> {
    let declared = Declared {
        params: form.params.iter().map(|(name, ty, _)| (plain(name), ty.clone())).collect(),
        sizes: form.sizes.clone(),
        float: form.float,
    };
    let primal = read_with(&form.name, source, &declared).map_err(|rejected| {
        rejected
            .problems
            .iter()
            .map(|problem| {
                let span = rejected.spans.get(problem.at.0 as usize).copied().unwrap_or_default();
                message(source, span.range(), problem)
            })
            .collect::<Vec<_>>()
    })?;
    let results: Vec<_> = primal.function.body.results.iter().map(|r| primal.function.body.ty(*r)).collect();
    let fits = results.len() == form.results.len() && results.iter().zip(&form.results).all(|(a, b)| a.fits(b));
    if !fits {
        return Err(vec![format!(
            "the formula gives {}, the signature says {}",
            describe(&results),
            describe(&form.results.iter().collect::<Vec<_>>())
        )]);
    }
    Ok(primal.function)
}

/// The name without `r#`: a formula has no keywords of Rust's.
fn plain(name: &str) -> std::rc::Rc<str> {
    name.trim_start_matches("r#").into()
}

fn describe(types: &[&grad_core::ir::Type]) -> String {
    let one = |ty: &&grad_core::ir::Type| match ty.rank() {
        0 => "a number".to_string(),
        1 => "a vector".to_string(),
        2 => "a matrix".to_string(),
        n => format!("an array of {n} axes"),
    };
    match types {
        [ty] => one(ty),
        several => format!("({})", several.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}

/// How many origins the nodes of a function may have.
pub(crate) fn origins(f: &Function) -> usize {
    f.body.ids().filter_map(|id| f.body.origin(id)).map(|o| o.0 as usize + 1).max().unwrap_or(0)
}

/// The problem with the line of the formula that it is about, and carets under the place: on stable Rust a span cannot
/// point inside a string.
fn message(source: &str, range: std::ops::Range<usize>, problem: &Problem) -> String {
    let start = range.start.min(source.len());
    let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
    let line = &source[line_start..line_end];
    let before = source[line_start..start].chars().count();
    let width = source[start..range.end.clamp(start, line_end)].chars().count().max(1);
    let mut message = problem.title.clone();
    message += &format!("\n  {line}\n  {}{}", " ".repeat(before), "^".repeat(width));
    if let Some(label) = &problem.label {
        message += &format!(" {label}");
    }
    if let Some(help) = &problem.help {
        message += &format!("\nhelp: {help}");
    }
    message
}
