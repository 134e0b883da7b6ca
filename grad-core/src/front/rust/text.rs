//! The text of the parts of a signature that generated code repeats, in rustfmt's spelling.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::{
    Attribute, GenericArgument, GenericParam, Generics, Meta, Path, PathArguments, Type, Visibility, WherePredicate,
};

/// A type of the kinds that a signature may have; anything else as its tokens.
pub(super) fn of_type(ty: &Type) -> String {
    match ty {
        Type::Reference(r) => {
            let lifetime = r.lifetime.as_ref().map(|l| format!("{l} ")).unwrap_or_default();
            let mutable = if r.mutability.is_some() { "mut " } else { "" };
            format!("&{lifetime}{mutable}{}", of_type(&r.elem))
        }
        Type::Array(a) => format!("[{}; {}]", of_type(&a.elem), tokens(&quote::ToTokens::to_token_stream(&a.len))),
        Type::Slice(s) => format!("[{}]", of_type(&s.elem)),
        Type::Ptr(p) => {
            let kind = match p.mutability {
                syn::PointerMutability::Mut(_) => "mut",
                syn::PointerMutability::Const(_) => "const",
            };
            format!("*{kind} {}", of_type(&p.elem))
        }
        Type::Paren(p) => of_type(&p.elem),
        Type::Group(g) => of_type(&g.elem),
        Type::Tuple(t) => {
            let elems: Vec<String> = t.elems.iter().map(of_type).collect();
            if let [one] = elems.as_slice() { format!("({one},)") } else { format!("({})", elems.join(", ")) }
        }
        Type::Path(p) if p.qself.is_none() => of_path(&p.path),
        _ => tokens(&quote::ToTokens::to_token_stream(ty)),
    }
}

/// A path.
pub(super) fn of_path(path: &Path) -> String {
    let mut text = String::new();
    for (k, segment) in path.segments.iter().enumerate() {
        if k > 0 || path.leading_colon.is_some() {
            text.push_str("::");
        }
        text.push_str(&segment.ident.to_string());
        if let PathArguments::AngleBracketed(args) = &segment.arguments {
            let args: Vec<String> = args
                .args
                .iter()
                .map(|arg| match arg {
                    GenericArgument::Type(ty) => of_type(ty),
                    other => tokens(&quote::ToTokens::to_token_stream(other)),
                })
                .collect();
            text.push_str(&format!("<{}>", args.join(", ")));
        }
    }
    text
}

/// A path without its arguments.
pub(super) fn of_path_alone(path: &Path) -> String {
    let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
    let lead = if path.leading_colon.is_some() { "::" } else { "" };
    format!("{lead}{}", names.join("::"))
}

/// `pub`, `pub(crate)`, `pub(in a::b)` or nothing.
pub(super) fn of_visibility(visibility: &Visibility) -> String {
    match visibility {
        Visibility::Public(_) => "pub".to_string(),
        Visibility::Restricted(r) if r.in_token.is_some() => format!("pub(in {})", of_path(&r.path)),
        Visibility::Restricted(r) => format!("pub({})", of_path(&r.path)),
        Visibility::Inherited => String::new(),
    }
}

/// The attributes that generated functions share with the primal.
pub(super) fn of_attributes(attributes: &[Attribute]) -> Vec<String> {
    const SHARED: [&str; 8] = ["cfg", "cfg_attr", "inline", "cold", "allow", "expect", "warn", "deprecated"];
    attributes
        .iter()
        .filter(|a| SHARED.iter().any(|name| a.path().is_ident(name)))
        .map(|a| match &a.meta {
            Meta::Path(path) => format!("#[{}]", of_path(path)),
            Meta::List(list) => format!("#[{}({})]", of_path(&list.path), tokens(&list.tokens)),
            Meta::NameValue(_) => format!("#[{}]", tokens(&quote::ToTokens::to_token_stream(&a.meta))),
        })
        .collect()
}

/// `<'a, T: Float, const N: usize>` and `<T, N>`, or nothing.
pub(super) fn of_generics(generics: &Generics) -> (String, String) {
    let mut all = Vec::new();
    let mut args = Vec::new();
    for param in &generics.params {
        match param {
            GenericParam::Lifetime(l) => {
                let bounds: Vec<String> = l.bounds.iter().map(ToString::to_string).collect();
                let bounds = if bounds.is_empty() { String::new() } else { format!(": {}", bounds.join(" + ")) };
                all.push(format!("{}{bounds}", l.lifetime));
            }
            GenericParam::Const(c) => {
                all.push(format!("const {}: {}", c.ident, of_type(&c.ty)));
                args.push(c.ident.to_string());
            }
            GenericParam::Type(t) => {
                let bounds = if t.bounds.is_empty() { String::new() } else { format!(": {}", of_bounds(&t.bounds)) };
                all.push(format!("{}{bounds}", t.ident));
                args.push(t.ident.to_string());
            }
        }
    }
    let list = |names: &[String]| if names.is_empty() { String::new() } else { format!("<{}>", names.join(", ")) };
    (list(&all), list(&args))
}

/// `Float + Copy`
fn of_bounds(bounds: &syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>) -> String {
    let bounds = bounds.iter().map(|b| match b {
        syn::TypeParamBound::Trait(t) if t.lifetimes.is_none() && t.paren_token.is_none() => of_path(&t.path),
        other => tokens(&quote::ToTokens::to_token_stream(other)),
    });
    bounds.collect::<Vec<_>>().join(" + ")
}

/// `where 'a: 'b, T: Copy`, or nothing.
pub(super) fn of_where_clause(generics: &Generics) -> String {
    let predicates = generics.where_clause.iter().flat_map(|w| &w.predicates).filter_map(|p| match p {
        WherePredicate::Lifetime(l) => {
            let bounds: Vec<String> = l.bounds.iter().map(ToString::to_string).collect();
            Some(format!("{}: {}", l.lifetime, bounds.join(" + ")))
        }
        WherePredicate::Type(t) => Some(format!("{}: {}", of_type(&t.bounded_ty), of_bounds(&t.bounds))),
        _ => None,
    });
    let predicates: Vec<String> = predicates.collect();
    if predicates.is_empty() { String::new() } else { format!("where {}", predicates.join(", ")) }
}

/// Tokens with a space between two of them, but for the places where nobody writes one.
pub(super) fn tokens(stream: &TokenStream) -> String {
    let mut text = String::new();
    let mut joined = true;
    for token in stream.clone() {
        let (piece, opens) = match &token {
            TokenTree::Group(group) => {
                let inner = tokens(&group.stream());
                match group.delimiter() {
                    Delimiter::Parenthesis => (format!("({inner})"), true),
                    Delimiter::Bracket => (format!("[{inner}]"), true),
                    Delimiter::Brace => (format!("{{ {inner} }}"), false),
                    Delimiter::None => (inner, false),
                }
            }
            other => (other.to_string(), false),
        };
        let after = matches!(piece.as_str(), "," | ";" | ":" | "." | "?");
        if !(joined || after || opens) {
            text.push(' ');
        }
        text.push_str(&piece);
        joined = match &token {
            TokenTree::Punct(p) => {
                let opens = matches!(p.as_char(), '&' | '!' | '\'' | '.') && !text.ends_with("&&");
                p.spacing() == Spacing::Joint || opens || text.ends_with("::")
            }
            TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
    }
    text
}
