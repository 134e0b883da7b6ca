//! The module around a function: the items that its signature and its body may name.
//!
//! Type aliases are replaced by what they stand for before anything is read, token for token; so is the name of a function's
//! float parameter, `T` of `T: Float`. Functions, methods and constants are read where a body names them, and only then.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, GenericParam, Generics, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl, ItemStruct, ItemUse, Type,
    TypeParamBound,
};

use super::{condition, span};

/// What a function sees of the module around it.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// What can be named in a body.
    pub(super) known: Vec<Known>,
    /// The structs, by their names.
    pub(super) structs: BTreeMap<String, ItemStruct>,
    /// The structs of which there are two.
    twins: BTreeSet<String>,
    /// What `use` brings in.
    pub(super) uses: Vec<ItemUse>,
    /// The type whose method is read, where one is.
    pub(super) owner: Option<Type>,
    aliases: BTreeMap<String, Alias>,
    /// The names of what else there is, and what that is.
    others: BTreeMap<String, &'static str>,
}

/// An item that a body can name.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// What it is called in a body: `f`, `K`, `Params::energy`.
    pub(super) path: String,
    /// The last part of that.
    pub(super) name: String,
    pub(super) what: What,
    /// The names in it.
    pub(super) names: Vec<String>,
    /// Where it, or a part of it, may not be there.
    pub(super) condition: Option<Span>,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Function(Box<ItemFn>),
    Constant(Box<(Type, Expr)>),
}

/// `type Name<P> = target;`
#[derive(Clone, Debug)]
struct Alias {
    params: Vec<String>,
    target: TokenStream,
}

impl Module {
    /// What the items of a module are to the functions among them.
    #[must_use]
    pub fn of(items: &[Item]) -> Module {
        let mut module = Module::default();
        let mut twins: Vec<String> = Vec::new();
        for item in items {
            if let Item::Type(alias) = item {
                let params = alias.generics.params.iter().filter_map(|p| match p {
                    GenericParam::Type(t) => Some(t.ident.to_string()),
                    GenericParam::Const(c) => Some(c.ident.to_string()),
                    GenericParam::Lifetime(_) => None,
                });
                let alias_of = Alias { params: params.collect(), target: alias.ty.to_token_stream() };
                let name = alias.ident.to_string();
                if module.aliases.insert(name.clone(), alias_of).is_some() {
                    twins.push(name);
                }
            }
        }
        // Which of two aliases holds is not known: the name stands for nothing.
        twins.iter().for_each(|name| drop(module.aliases.remove(name)));
        for item in items {
            module.add(item);
        }
        module
    }

    /// What a method of an `impl` sees, and the method with `Self` replaced.
    #[must_use]
    pub fn with_method(&self, block: &ItemImpl, method: &ImplItemFn) -> (Module, ItemFn) {
        let item = ItemFn {
            attrs: method.attrs.clone(),
            vis: method.vis.clone(),
            modifiers: method.modifiers.clone(),
            sig: method.sig.clone(),
            block: Box::new(method.block.clone()),
        };
        let item = self.with_self(&item, &block.self_ty.to_token_stream());
        (Module { owner: Some((*block.self_ty).clone()), ..self.clone() }, item)
    }

    fn add(&mut self, item: &Item) {
        match item {
            Item::Fn(item) => self.function(None, item),
            Item::Const(item) => self.constant(None, &item.ident, &item.ty, &item.expr),
            Item::Static(s) if matches!(s.mutability, syn::StaticMutability::None) => {
                self.constant(None, &s.ident, &s.ty, &s.expr);
            }
            Item::Static(s) => {
                self.others.insert(s.ident.to_string(), "a `static mut`");
            }
            Item::Struct(item) => {
                let item = self.resolved(item, &BTreeMap::new()).unwrap_or_else(|| item.clone());
                let name = item.ident.to_string();
                if self.structs.insert(name.clone(), item).is_some() {
                    self.twins.insert(name);
                }
            }
            Item::Use(item) => self.uses.push(item.clone()),
            Item::Impl(block) => {
                let Some(owner) = type_name(&block.self_ty) else { return };
                let own: TokenStream = block.self_ty.to_token_stream();
                for item in &block.items {
                    match item {
                        ImplItem::Fn(method) => {
                            let item = ItemFn {
                                attrs: Vec::new(),
                                vis: method.vis.clone(),
                                modifiers: method.modifiers.clone(),
                                sig: method.sig.clone(),
                                block: Box::new(method.block.clone()),
                            };
                            let mut item = self.with_self(&item, &own);
                            item.sig.generics.params.extend(block.generics.params.iter().cloned());
                            self.function(Some(&owner), &item);
                        }
                        ImplItem::Const(c) => self.constant(Some(&owner), &c.ident, &c.ty, &c.expr),
                        _ => {}
                    }
                }
            }
            Item::Enum(e) => {
                self.others.insert(e.ident.to_string(), "an enum");
            }
            Item::Union(u) => {
                self.others.insert(u.ident.to_string(), "a union");
            }
            Item::Trait(t) => {
                self.others.insert(t.ident.to_string(), "a trait");
            }
            _ => {}
        }
    }

    fn function(&mut self, owner: Option<&str>, item: &ItemFn) {
        let item = self.resolved(item, &BTreeMap::new()).unwrap_or_else(|| item.clone());
        let name = item.sig.ident.to_string();
        let names = identifiers(item.to_token_stream());
        let condition = condition::in_function(&item);
        self.know(Known { path: path(owner, &name), name, what: What::Function(Box::new(item)), names, condition });
    }

    fn constant(&mut self, owner: Option<&str>, ident: &Ident, ty: &Type, expr: &Expr) {
        let none = BTreeMap::new();
        let ty = self.resolved(ty, &none).unwrap_or_else(|| ty.clone());
        let expr = self.resolved(expr, &none).unwrap_or_else(|| expr.clone());
        let name = ident.to_string();
        let names = identifiers(expr.to_token_stream());
        let condition = condition::in_code(expr.to_token_stream());
        let what = What::Constant(Box::new((ty, expr)));
        self.know(Known { path: path(owner, &name), name, what, names, condition });
    }

    /// Of two with one name, at most one is there.
    fn know(&mut self, mut known: Known) {
        if let Some(twin) = self.known.iter_mut().find(|k| k.path == known.path) {
            let at = match &twin.what {
                What::Function(item) => item.sig.ident.span(),
                What::Constant(constant) => span::of_expr(&constant.1),
            };
            twin.condition.get_or_insert(at);
            known.condition.get_or_insert(at);
        }
        self.known.push(known);
    }

    /// Where a struct of this name, or a field of it, may not be there.
    pub(super) fn condition_of_struct(&self, name: &str) -> Option<Span> {
        let item = self.structs.get(name)?;
        let twins = self.twins.contains(name).then(|| item.ident.span());
        twins.or_else(|| condition::in_code(item.fields.to_token_stream()))
    }

    fn with_self(&self, item: &ItemFn, own: &TokenStream) -> ItemFn {
        let own = Alias { params: Vec::new(), target: own.clone() };
        let replaced = replace(item.to_token_stream(), &BTreeMap::from([("Self".to_string(), &own)]), 0);
        syn::parse2(replaced).unwrap_or_else(|_| item.clone())
    }

    /// The syntax with aliases, and these names, replaced; nothing if that changes nothing or cannot be parsed.
    pub(super) fn resolved<S: ToTokens + syn::parse::Parse>(
        &self,
        item: &S,
        names: &BTreeMap<String, TokenStream>,
    ) -> Option<S> {
        if self.aliases.is_empty() && names.is_empty() {
            return None;
        }
        let given: BTreeMap<String, Alias> = (names.iter())
            .map(|(name, target)| (name.clone(), Alias { params: Vec::new(), target: target.clone() }))
            .collect();
        let all: BTreeMap<String, &Alias> =
            self.aliases.iter().chain(&given).map(|(name, alias)| (name.clone(), alias)).collect();
        let tokens = item.to_token_stream();
        if !identifiers(tokens.clone()).iter().any(|name| all.contains_key(name)) {
            return None;
        }
        syn::parse2(replace(tokens, &all, 0)).ok()
    }

    /// Its functions and methods.
    pub(super) fn functions(&self) -> impl Iterator<Item = &ItemFn> {
        self.known.iter().filter_map(|known| match &known.what {
            What::Function(item) => Some(&**item),
            What::Constant(_) => None,
        })
    }

    /// The plain names of its functions and constants.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().filter(|known| known.path == known.name).map(|known| &*known.name)
    }

    /// The names of a struct's methods and associated functions.
    pub(super) fn names_in<'a>(&'a self, owner: &'a str) -> impl Iterator<Item = &'a str> {
        let within = move |known: &&Known| known.path.strip_prefix(owner).is_some_and(|rest| rest.starts_with("::"));
        self.known.iter().filter(within).map(|known| &*known.name)
    }

    /// What a name that cannot be used is.
    pub(super) fn other(&self, name: &str) -> Option<&'static str> {
        self.others.get(name).copied()
    }

    /// The items that some names lead to, through one another.
    pub(super) fn reachable(&self, names: Vec<String>) -> Vec<&Known> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut open = names;
        while let Some(name) = open.pop() {
            for (k, known) in self.known.iter().enumerate() {
                if known.name == name && seen.insert(k) {
                    open.extend(known.names.iter().cloned());
                }
            }
        }
        seen.into_iter().map(|k| &self.known[k]).collect()
    }
}

fn path(owner: Option<&str>, name: &str) -> String {
    owner.map_or_else(|| name.to_string(), |owner| format!("{owner}::{name}"))
}

/// The last name of a type's path.
pub(super) fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(p) => p.path.segments.last().map(|s| s.ident.to_string()),
        Type::Paren(p) => type_name(&p.elem),
        Type::Group(g) => type_name(&g.elem),
        Type::Reference(r) => type_name(&r.elem),
        _ => None,
    }
}

/// The type parameters that stand for numbers: not those that stand for functions.
pub(super) fn number_params(generics: &Generics) -> Vec<Ident> {
    let is_function = |mut bounds: Box<dyn Iterator<Item = &TypeParamBound> + '_>| {
        bounds.any(|b| match b {
            TypeParamBound::Trait(t) => {
                t.path.segments.last().is_some_and(|s| matches!(&*s.ident.to_string(), "Fn" | "FnMut" | "FnOnce"))
            }
            _ => false,
        })
    };
    let type_params = generics.params.iter().filter_map(|p| match p {
        GenericParam::Type(t) => Some(t),
        GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
    });
    type_params
        .filter(|t| {
            let wheres = generics.where_clause.iter().flat_map(|w| &w.predicates).filter_map(|p| match p {
                syn::WherePredicate::Type(p) if type_name(&p.bounded_ty).is_some_and(|n| t.ident == n) => Some(p),
                _ => None,
            });
            !is_function(Box::new(t.bounds.iter().chain(wheres.flat_map(|p| &p.bounds))))
        })
        .map(|t| t.ident.clone())
        .collect()
}

/// Every identifier of the code, those in macros too, each once.
pub(super) fn identifiers(code: TokenStream) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut open = vec![code.into_iter()];
    while let Some(innermost) = open.last_mut() {
        match innermost.next() {
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(TokenTree::Ident(name)) => {
                names.insert(name.to_string());
            }
            Some(TokenTree::Punct(_) | TokenTree::Literal(_)) => {}
            None => {
                open.pop();
            }
        }
    }
    names.into_iter().collect()
}

/// How many aliases may stand for one another.
const ALIASES: usize = 16;

/// The code with each of these names replaced; what is put there has the place of the name.
fn replace(code: TokenStream, names: &BTreeMap<String, &Alias>, depth: usize) -> TokenStream {
    if depth > ALIASES {
        return code;
    }
    let mut tokens = code.into_iter().peekable();
    let mut out = TokenStream::new();
    let mut after_dot = false;
    while let Some(token) = tokens.next() {
        let was_after_dot =
            std::mem::replace(&mut after_dot, matches!(&token, TokenTree::Punct(p) if p.as_char() == '.'));
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace(group.stream(), names, depth));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            TokenTree::Ident(ident) => match names.get(&ident.to_string()) {
                Some(alias) if !was_after_dot => {
                    let args = if alias.params.is_empty() { Vec::new() } else { arguments(&mut tokens) };
                    let args: Vec<Alias> =
                        args.into_iter().map(|target| Alias { params: Vec::new(), target }).collect();
                    let given = alias.params.iter().cloned().zip(&args).collect();
                    let target = replace(alias.target.clone(), &given, depth + 1);
                    out.extend(placed(replace(target, names, depth + 1), ident.span()));
                }
                _ => out.extend([TokenTree::Ident(ident)]),
            },
            other => out.extend([other]),
        }
    }
    out
}

/// The arguments `<A, B>` that come next, if any do.
fn arguments(tokens: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>) -> Vec<TokenStream> {
    if !matches!(tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '<') {
        return Vec::new();
    }
    let mut args = vec![TokenStream::new()];
    let mut depth = 0_usize;
    for token in tokens.by_ref() {
        let sign = match &token {
            TokenTree::Punct(p) => p.as_char(),
            TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => ' ',
        };
        match sign {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        match (sign, depth) {
            ('>', 0) => break,
            ('<', 1) => {}
            (',', 1) => args.push(TokenStream::new()),
            _ => args.last_mut().expect("there is a first argument").extend([token]),
        }
    }
    args
}

/// Tokens at a place of the source; a type of several tokens stays one in any position.
fn placed(code: TokenStream, span: Span) -> TokenStream {
    code.into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let delimiter = group.delimiter();
                let mut group = Group::new(delimiter, placed(group.stream(), span));
                group.set_span(span);
                TokenTree::Group(group)
            }
            mut other => {
                other.set_span(span);
                other
            }
        })
        .filter(
            |token| !matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::None && g.stream().is_empty()),
        )
        .collect()
}
