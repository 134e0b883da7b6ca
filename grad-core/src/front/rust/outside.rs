//! The functions that an annotated one calls and that are nowhere in sight: other annotated ones, perhaps.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Expr, ExprBinary, ExprCall, ItemFn, PatIdent};

use super::module::Module;
use super::number::math_row;
use crate::diagnostic::did_you_mean;
use crate::prim::{ROWS, Row, Spelling};

/// A function that is called and not in sight.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Its name, where it is called first.
    pub name: Ident,
    /// Whether the name looks like a slip of one that is known.
    pub slip: bool,
}

/// The functions, called by their plain names, that neither the function itself nor the module declares.
#[must_use]
pub fn calls_outside(item: &ItemFn, module: &Module) -> Vec<Outside> {
    let mut calls = Calls::default();
    item.sig.inputs.iter().for_each(|input| calls.visit_fn_arg(input));
    calls.declared.insert(item.sig.ident.to_string());
    calls.visit_block(&item.block);
    for known in module.functions() {
        calls.declared.insert(known.sig.ident.to_string());
        calls.visit_block(&known.block);
    }
    let Calls { declared, found, .. } = calls;
    let near = |name: &str| {
        let math = ROWS.iter().filter_map(|row| match row.rust {
            Spelling::Math(name) => Some(name),
            _ => None,
        });
        did_you_mean(name, declared.iter().map(String::as_str).chain(math)).is_some()
    };
    let mut seen = BTreeSet::new();
    let is_type = |name: &str| name.starts_with(char::is_uppercase);
    found
        .into_iter()
        .filter(|ident| {
            let name = ident.to_string();
            let known = declared.contains(&name) || math_row(&name).is_some() || PRELUDE.contains(&&*name);
            !known && !is_type(&name) && seen.insert(name)
        })
        .map(|name| Outside { slip: near(&name.to_string()), name })
        .collect()
}

/// The functions of `derive_grad::math` that the function names plainly, each once: what these names stand for where it is
/// written is not told to macros.
#[must_use]
pub fn plain_math(item: &ItemFn, module: &Module) -> Vec<(Ident, &'static Row)> {
    let mut calls = Calls::default();
    item.sig.inputs.iter().for_each(|input| calls.visit_fn_arg(input));
    calls.visit_block(&item.block);
    if calls.imports_all {
        return Vec::new();
    }
    // What the module imports is known by its path.
    module.uses.iter().for_each(|item| calls.visit_item_use(item));
    calls.declared.extend(module.functions().map(|known| known.sig.ident.to_string()));
    let Calls { declared, named, .. } = calls;
    let mut seen = BTreeSet::new();
    let named = named.into_iter().filter(|ident| !declared.contains(&ident.to_string()));
    named
        .filter_map(|ident| math_row(&ident.to_string()).map(|row| (ident, row)))
        .filter(|(ident, _)| seen.insert(ident.to_string()))
        .collect()
}

/// Functions that are in scope everywhere.
const PRELUDE: [&str; 1] = ["drop"];

#[derive(Default)]
struct Calls {
    /// The names that patterns, functions and imports declare anywhere.
    declared: BTreeSet<String>,
    found: Vec<Ident>,
    /// The plain names that are called or given to others.
    named: Vec<Ident>,
    /// Whether something imports all that there is elsewhere.
    imports_all: bool,
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func
            && let Some(name) = path.path.get_ident()
        {
            self.found.push(name.clone());
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.named.extend(path.path.get_ident().cloned());
    }

    fn visit_use_glob(&mut self, _: &'ast syn::UseGlob) {
        self.imports_all = true;
    }

    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        self.declared.insert(pat.ident.to_string());
        visit::visit_pat_ident(self, pat);
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.declared.insert(item.sig.ident.to_string());
        visit::visit_item_fn(self, item);
    }

    fn visit_use_name(&mut self, name: &'ast syn::UseName) {
        self.declared.insert(name.ident.to_string());
    }

    fn visit_use_rename(&mut self, name: &'ast syn::UseRename) {
        self.declared.insert(name.rename.to_string());
    }

    // Sums of thousands of terms lean to the left: a loop, not a recursion.
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
