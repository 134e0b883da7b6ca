//! Warnings on stable Rust: the use of a deprecated item, where the user's token is.
//!
//! rustc shows the note under the token, and `#[allow(deprecated)]` on the function silences it as it does any other.

use std::collections::BTreeMap;
use std::str::FromStr;

use grad_core::ad::flat::{Dependence, dependence};
use grad_core::emit::Interface;
use grad_core::ir::Function;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::arguments::Arguments;

/// Warns of active parameters whose derivative is zero everywhere.
pub(crate) fn of_zeros(
    arguments: &Arguments,
    f: &Function,
    interface: &Interface,
    wrt: &[usize],
    spans: &[Span],
) -> TokenStream {
    // By the place of what is flat: a rounding may swallow several parameters.
    let mut flat: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut warnings = TokenStream::new();
    for arg in &interface.args {
        let active: Vec<usize> = arg.form.params().into_iter().filter(|k| wrt.contains(k)).collect();
        let how: Vec<Dependence> = active.iter().map(|k| dependence(f, *k)).collect();
        for (k, how) in active.iter().zip(&how) {
            if let Dependence::Flat(Some(at)) = how {
                flat.entry(at.0).or_default().push(format!("`{}`", interface.params[*k].name));
            }
        }
        // A parameter that only decides something is active by default; by name it was asked for.
        let named = arguments.wrt.iter().flatten().find(|name| **name == *arg.name);
        if let Some(name) = named.filter(|_| !how.is_empty() && how.iter().all(|h| *h == Dependence::None)) {
            let note = format!(
                "the gradient by `{name}` is always zero: no result depends on it, but perhaps by which branch is \
                 taken or which element is read; leave it out of `wrt`"
            );
            warnings.extend(warning(&note, name.span(), interface));
        }
    }
    for (at, names) in flat {
        let span = spans.get(at as usize).copied().unwrap_or_else(Span::call_site);
        let (it_reaches, it) = if names.len() == 1 { ("it reaches", "it") } else { ("they reach", "them") };
        let note = format!(
            "the gradient by {} is always zero: {it_reaches} the results only through this, which is flat; \
             if that is meant, leave {it} out with `wrt(…)`, or write `#[allow(deprecated)]` on the function",
            names.join(" and ")
        );
        warnings.extend(warning(&note, span, interface));
    }
    warnings
}

/// `note` as a warning at `at`, under the conditions of the function itself.
fn warning(note: &str, at: Span, interface: &Interface) -> TokenStream {
    let conditions = ["#[cfg", "#[allow", "#[warn", "#[expect"];
    let shared = interface.attributes.iter().filter(|a| conditions.iter().any(|c| a.starts_with(c)));
    let shared: TokenStream = shared.filter_map(|a| TokenStream::from_str(a).ok()).collect();
    let name = Ident::new("zero_gradient", at);
    quote! {
        #shared
        const _: () = {
            #[deprecated(note = #note)]
            #[allow(non_upper_case_globals)]
            const zero_gradient: () = ();
            #name
        };
    }
}
