//! Statements: declarations, assignments, what a block is worth, and the body of the function as a whole.

use proc_macro2::Span;
use syn::{BinOp, Block, Expr, ExprIf, Item as Declared, Local, Pat, Stmt, Token, UseTree};

use super::kind::Kind;
use super::scope::Val;
use super::signature::Scalar;
use super::{Read, Reader, Stop, carry, later, span};
use crate::ir::{Elem, Store, Value};
use crate::prim::Prim;

impl Reader<'_> {
    /// The body of the function: its results.
    pub(super) fn function_body(&mut self, block: &Block) -> Read<Vec<Value>> {
        let val = self.tail(&block.stmts, block.brace_token.span.close())?;
        let mut results: Vec<Value> = val.leaves().ok_or(Stop)?.iter().map(|i| i.value).collect();
        for k in self.written.clone() {
            let val = self.scope.get(k).val.clone();
            results.extend(self.solid(val).leaves().ok_or(Stop)?.iter().map(|i| i.value));
        }
        Ok(results)
    }

    /// Statements that end the function; an `if` among them may return early.
    pub(super) fn tail(&mut self, stmts: &[Stmt], end: Span) -> Read<Val> {
        if let Some(plain) = self.without_let_else(stmts) {
            return self.tail(&plain, end);
        }
        let depth = self.scope.depth();
        self.constants(stmts);
        let mut result = None;
        for (k, stmt) in stmts.iter().enumerate() {
            let last = k + 1 == stmts.len();
            result = match stmt {
                Stmt::Expr(Expr::Return(ret), _) if last => Some(self.returned(ret)),
                Stmt::Expr(Expr::Block(b), None) if last && b.label.is_none() => {
                    Some(self.tail(&b.block.stmts, b.block.brace_token.span.close()))
                }
                Stmt::Expr(Expr::If(choice), _)
                    if last
                        && choice.else_branch.is_some()
                        && (ends_in_return(&choice.then_branch) || only_returns(stmt)) =>
                {
                    Some(self.last_choice(choice, end))
                }
                Stmt::Expr(Expr::If(choice), _) if returns(choice) => {
                    Some(self.early_return(choice, &stmts[k + 1..], end))
                }
                Stmt::Expr(Expr::Match(choice), None) if last && only_returns(stmt) => {
                    Some(self.last_match(choice, end))
                }
                Stmt::Expr(e, None)
                    if last && !self.returns_nothing() && later::may_give(e) && super::leave::leaves(stmt) =>
                {
                    let at = span::of_expr(e);
                    let taken: [Stmt; 2] = [
                        syn::parse_quote_spanned!(at=> let value = #e;),
                        Stmt::Expr(syn::parse_quote_spanned!(at=> value), None),
                    ];
                    Some(self.tail(&taken, end))
                }
                stmt if super::leave::leaves(stmt) => Some(self.return_inside(stmt, &stmts[k + 1..], end)),
                Stmt::Expr(e, None)
                    if last
                        && !self.returns_nothing()
                        && (later::may_give(e)
                            || !matches!(e, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Assign(_))) =>
                {
                    Some(self.result(e))
                }
                stmt if last && panicking(stmt).is_some() && !self.returns_nothing() => {
                    let mac = panicking(stmt).expect("the guard says so");
                    self.panic(mac);
                    Some(self.placeholder_result(super::assertion::place_of(mac)))
                }
                Stmt::Macro(m) if last && m.semi_token.is_none() => {
                    let val = self.macro_value(&m.mac, None);
                    Some(val.and_then(|v| self.against_signature(span::of_path(&m.mac.path), v)))
                }
                _ => {
                    self.statement(stmt);
                    continue;
                }
            };
            break;
        }
        let result = match result {
            Some(result) => result,
            None if self.unsure => Err(Stop),
            None if self.returns_nothing() => Ok(Val::UNIT),
            None => self.stop(end, "the function ends without a value", "end it with the value, without a semicolon"),
        };
        self.scope.leave(depth);
        result
    }

    pub(super) fn returned(&mut self, ret: &syn::ExprReturn) -> Read<Val> {
        match &ret.expr {
            Some(e) => self.result(e),
            None if self.returns_nothing() => Ok(Val::UNIT),
            None => self.stop(ret.return_token.span, "the function returns nothing here", "return the value"),
        }
    }

    /// Whether the function that is being read has no value.
    fn returns_nothing(&self) -> bool {
        match self.calls.last() {
            Some(callee) => callee.returns_nothing(),
            None => self.form.results.is_empty(),
        }
    }

    /// An expression as the value of the function.
    fn result(&mut self, e: &Expr) -> Read<Val> {
        let declared = match self.calls.last() {
            Some(callee) => callee.output(),
            None => None,
        };
        let outer = self.calls.is_empty();
        let length = |r: &mut Self| match (&declared, r.form.results.as_slice()) {
            (Some(syn::Type::Array(array)), _) => r.index(&array.len).map(Some),
            (None, [ty]) if outer => Ok(ty.dims.first().and_then(|dim| r.b.dim(*dim))),
            _ => Ok(None),
        };
        let val = self.of_length(e, length, |r| r.value(e, None))?;
        self.against_signature(span::of_expr(e), val)
    }

    /// The value of the function, which must have the type that the signature says.
    fn against_signature(&mut self, at: Span, val: Val) -> Read<Val> {
        // What a callee returns is held against its own signature.
        if !self.calls.is_empty() {
            return Ok(val);
        }
        let val = self.solid(val);
        let leaves = val.leaves().ok_or(Stop)?;
        if self.unsure {
            return Ok(val);
        }
        if matches!(val, Val::Tuple(_)) != self.form.tuple || leaves.len() != self.form.results.len() {
            return self.stop(
                at,
                "this is not what the signature says the function returns",
                "return as many values as it names",
            );
        }
        for (item, ty) in leaves.iter().zip(&self.form.results) {
            let have = self.b.ty(item.value);
            if have.elem != Elem::Float || have.rank() != ty.rank() {
                return self.stop(
                    at,
                    "this is not the type that the signature says the function returns",
                    "return floats, or arrays of floats",
                );
            }
        }
        Ok(val)
    }

    /// `if c { …; return a; } …`: the rest of the function is the other arm.
    fn early_return(&mut self, choice: &ExprIf, rest: &[Stmt], end: Span) -> Read<Val> {
        if let Some(plain) = self.without_pattern(choice) {
            let stmts: Vec<Stmt> = std::iter::once(as_statement(plain)).chain(rest.iter().cloned()).collect();
            return self.tail(&stmts, end);
        }
        self.refuse_if_let(choice)?;
        let cond = self.condition(&choice.cond);
        let names = carry::assigned_by_either(&choice.then_branch.stmts, rest);
        self.two_arms(
            choice.if_token.span,
            cond,
            &names,
            |r| r.tail(&choice.then_branch.stmts, choice.then_branch.brace_token.span.close()),
            |r| r.tail(rest, end),
        )
    }

    /// `if c { return a } else { b }` at the end of the function.
    fn last_choice(&mut self, choice: &ExprIf, end: Span) -> Read<Val> {
        if let Some(plain) = self.without_pattern(choice) {
            return self.tail(&[Stmt::Expr(plain, None)], end);
        }
        let cond = self.condition(&choice.cond);
        let otherwise = choice.else_branch.as_ref().map(|(_, e)| &**e);
        let mut names = carry::assigned([&choice.then_branch]);
        names.extend(
            otherwise.iter().flat_map(|e| carry::assigned_in(e)).filter(|n| !names.contains(n)).collect::<Vec<_>>(),
        );
        self.two_arms(
            choice.if_token.span,
            cond,
            &names,
            |r| r.tail(&choice.then_branch.stmts, choice.then_branch.brace_token.span.close()),
            |r| match otherwise {
                Some(Expr::Block(b)) => r.tail(&b.block.stmts, b.block.brace_token.span.close()),
                Some(Expr::If(nested)) if nested.else_branch.is_some() => r.last_choice(nested, end),
                Some(other) => r.result(other),
                None => r.stop(end, "the function ends without a value", "end it with the value"),
            },
        )
    }

    /// `match k { 0 => return a, _ => b }` at the end of the function.
    fn last_match(&mut self, choice: &syn::ExprMatch, end: Span) -> Read<Val> {
        if let Some(plain) = self.without_option(choice) {
            return self.tail(&[Stmt::Expr(plain, None)], end);
        }
        let val = self.value(&choice.expr, None)?;
        let names = carry::assigned_in(&Expr::Match(choice.clone()));
        self.arms(choice.match_token.span, &val, &names, &choice.arms, &mut |r, body| match body {
            Expr::Block(b) if b.label.is_none() => r.tail(&b.block.stmts, b.block.brace_token.span.close()),
            body => r.tail(&[Stmt::Expr(body.clone(), None)], end),
        })
    }

    /// The value of a list of statements.
    pub(super) fn statements(&mut self, stmts: &[Stmt]) -> Read<Val> {
        if let Some(plain) = self.without_let_else(stmts) {
            return self.statements(&plain);
        }
        self.constants(stmts);
        let mut value = Ok(Val::UNIT);
        for (k, stmt) in stmts.iter().enumerate() {
            value = match stmt {
                Stmt::Expr(e, None) if k + 1 == stmts.len() => {
                    let value = self.expr(e, None);
                    if value.is_err() {
                        self.poison(e);
                    }
                    value
                }
                Stmt::Macro(m) if k + 1 == stmts.len() && m.semi_token.is_none() => self.macro_value(&m.mac, None),
                _ => {
                    self.statement(stmt);
                    Ok(Val::UNIT)
                }
            };
        }
        value
    }

    /// One statement; where it is refused, what it declares and assigns is poisoned.
    pub(super) fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Local(local) => self.local(local),
            Stmt::Expr(e, _) => {
                if self.expr(e, None).is_err() {
                    self.poison(e);
                }
            }
            Stmt::Macro(m) => {
                let _ = self.macro_value(&m.mac, None);
            }
            Stmt::Item(item) => self.item(item),
        }
    }

    /// Poisons what a refused expression would have assigned.
    pub(super) fn poison(&mut self, e: &Expr) {
        for k in self.scope.places(&carry::assigned_in(e)) {
            self.scope.put(k, Val::Poison);
        }
    }

    /// The `const` items and `use` declarations of a block, which hold from its beginning.
    pub(super) fn constants(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            match stmt {
                Stmt::Item(Declared::Use(u)) => self.import(&u.tree, &mut Vec::new()),
                Stmt::Item(Declared::Const(c)) => {
                    let name = c.ident.to_string();
                    let val = self.typed(&c.expr, Some(&c.ty)).unwrap_or(Val::Poison);
                    self.name(&val, &name.to_lowercase());
                    self.scope.declare_item(&name, val);
                }
                _ => {}
            }
        }
        self.functions(stmts);
    }

    pub(super) fn import(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(p) => {
                prefix.push(p.ident.to_string());
                self.import(&p.tree, prefix);
                prefix.pop();
            }
            UseTree::Name(n) if n.ident == "self" => {
                if let Some(last) = prefix.last() {
                    self.scope.imports.push((last.clone(), prefix.clone()));
                }
            }
            UseTree::Name(n) => {
                let name = n.ident.to_string();
                let full = prefix.iter().cloned().chain([name.clone()]).collect();
                self.scope.imports.push((name, full));
            }
            UseTree::Rename(r) => {
                let full = prefix.iter().cloned().chain([r.ident.to_string()]).collect();
                self.scope.imports.push((r.rename.to_string(), full));
            }
            UseTree::Group(g) => g.items.iter().for_each(|t| self.import(t, prefix)),
            UseTree::Glob(_) => {}
        }
    }

    fn item(&mut self, item: &Declared) {
        let (at, what) = match item {
            Declared::Const(_) | Declared::Use(_) | Declared::Fn(_) => return,
            Declared::Static(s) => (s.static_token.span, "a `static`"),
            Declared::Struct(s) => (s.struct_token.span, "a struct"),
            Declared::Enum(e) => (e.enum_token.span, "an enum"),
            Declared::Type(t) => (t.type_token.span, "a type alias"),
            Declared::Union(u) => (u.union_token.span, "a union"),
            Declared::Impl(i) => (i.impl_token.span, "an `impl`"),
            Declared::Trait(t) => (t.trait_token.span, "a trait"),
            Declared::Macro(m) => (span::of_path(&m.mac.path), "a macro of your own"),
            other => (syn::spanned::Spanned::span(other), "this item"),
        };
        let help = match item {
            Declared::Static(s) if matches!(s.mutability, syn::StaticMutability::None) => "write `const` instead",
            Declared::Static(_) => "what it holds may change between two calls: pass it as a parameter",
            Declared::Struct(_) | Declared::Impl(_) | Declared::Type(_) => {
                "put it beside the function, both in a module with `#[derive_grad]` on the module"
            }
            Declared::Enum(_) => "number the choices: `const FAST: usize = 0;`",
            Declared::Macro(_) => "write what it stands for as a closure or an inner `fn`",
            _ => "use `let`, `const` and `fn` in the body, and put items outside",
        };
        self.problems.add(at, format!("{what} is not supported here"), help);
    }

    /// An expression with the type written for it, if one is.
    pub(super) fn typed(&mut self, e: &Expr, ty: Option<&syn::Type>) -> Read<Val> {
        let wanted = match ty {
            Some(syn::Type::Tuple(_) | syn::Type::ImplTrait(_) | syn::Type::FnPtr(_)) | None => None,
            Some(ty) => self.annotation(ty)?,
        };
        let want = match wanted {
            Some(Scalar::Int(kind)) => Some(Kind::Known(kind)),
            Some(Scalar::Float(_) | Scalar::Bool) | None => None,
        };
        let length = |r: &mut Self| match ty {
            Some(syn::Type::Array(array)) => r.index(&array.len).map(Some),
            _ => Ok(None),
        };
        let val = self.of_length(e, length, |r| match e {
            Expr::Loop(looped) => r.valued_loop(looped, ty),
            Expr::Block(block) => r.labelled_block(block, ty),
            e => r.expr(e, want),
        })?;
        if let (Some(wanted), Val::One(item)) = (wanted, &val) {
            let ty = self.b.ty(item.value);
            let elem = ty.elem;
            if ty.dims.first() == Some(&crate::ir::Dim::Lit(0)) {
                // Nothing is in it yet.
                return Ok(val);
            }
            match (wanted, elem) {
                (Scalar::Int(kind), _) => {
                    self.as_integer(span::of_expr(e), *item, kind)?;
                }
                (Scalar::Float(_), Elem::Float) | (Scalar::Bool, Elem::Bool) => {}
                (Scalar::Float(_), _) => {
                    return self.stop(
                        span::of_expr(e),
                        "a float is expected here",
                        "write a float literal (`2.0`) or convert with `as`",
                    );
                }
                (Scalar::Bool, _) => {
                    return self.stop(span::of_expr(e), "a `bool` is expected here", "compare with a value");
                }
            }
        }
        Ok(val)
    }

    fn local(&mut self, local: &Local) {
        let (pat, ty) = match &local.pat {
            Pat::Type(p) => (&*p.pat, Some(&*p.ty)),
            pat => (pat, None),
        };
        let val = match &local.init {
            None if self.declare_later(pat, ty) => return,
            None => self.stop(
                span::of_pat(pat),
                "a variable needs a value where it is declared",
                "write `let x = if … { … } else { … };`",
            ),
            Some(init) if init.diverge.is_some() => {
                let help = "take an `Option` apart where `first`, `get`, `position` and their like make it, or leave with an `if`";
                self.stop(local.let_token.span, "what this `let … else` asks for cannot be seen here", help)
            }
            Some(init) => {
                // A chain's running value is called like the variable that it ends in.
                if let Pat::Ident(name) = pat
                    && (matches!(*init.expr, Expr::MethodCall(_)) || later::may_give(&init.expr))
                {
                    self.wish = Some(name.ident.to_string().trim_start_matches("r#").to_string());
                }
                let val = self.typed(&init.expr, ty);
                if val.is_err() {
                    self.poison(&init.expr);
                }
                val
            }
        };
        self.bind(pat, val.unwrap_or(Val::Poison));
    }

    /// `place = value`
    pub(super) fn assign(&mut self, place: &Expr, at: Span, value: &Expr) -> Read<Val> {
        match place {
            Expr::Path(path) if path.path.get_ident().is_some_and(|name| self.is_reference(&name.to_string())) => {
                return self.stop(
                    at,
                    "a reference cannot be made to refer to something else here",
                    "declare a new one with `let`, or assign through it with `*`",
                );
            }
            Expr::Infer(_) => return self.expr(value, None).map(|_| Val::UNIT),
            Expr::Tuple(t) => {
                let val = self.value(value, None)?;
                let Val::Tuple(parts) = val else {
                    return self.stop(at, "this value is not a tuple", "assign to one variable after the other");
                };
                if parts.len() != t.elems.len() {
                    return self.stop(at, "the two sides have different numbers of parts", "give each part a place");
                }
                for (place, part) in t.elems.iter().zip(parts.vals) {
                    let place = self.place(place)?;
                    self.put(&place, at, part, Store::Set)?;
                }
                return Ok(Val::UNIT);
            }
            _ => {}
        }
        // The place's type decides the kind of a literal.
        let want = self.kind_at(place)?;
        let val = self.value(value, want)?;
        let place = self.place(place)?;
        self.put(&place, at, val, Store::Set)?;
        Ok(Val::UNIT)
    }

    fn is_reference(&self, name: &str) -> bool {
        self.scope.find(name).is_some_and(|k| matches!(&self.scope.get(k).val, Val::Alias(p) if p.reference))
    }

    /// The kind of the integer at a place, if one is there.
    fn kind_at(&mut self, place: &Expr) -> Read<Option<Kind>> {
        if let Expr::Path(path) = place
            && path.path.get_ident().is_some_and(|name| self.scope.find(&name.to_string()).is_none())
        {
            self.place(place)?;
        }
        Ok(match self.value(place, None)? {
            Val::One(item) => self.kind_of(item),
            Val::Tuple(_) | Val::View(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => None,
        })
    }

    /// `place += value` and its like.
    pub(super) fn compound(&mut self, place: &Expr, op: &BinOp, value: &Expr) -> Read<Val> {
        let at = span::of_operator(op);
        // Rust evaluates the right side first where both are numbers. The place is read before only for its type.
        let want = self.kind_at(place)?.filter(|_| !super::expr::is_shift(op));
        let right = self.scalar(value, want)?;
        let left = self.scalar(place, None)?;
        let place = self.place(place)?;
        let floats = [left, right].iter().all(|i| self.b.ty(i.value).elem == Elem::Float);
        let added = match op {
            BinOp::AddAssign(_) => Some(right.value),
            BinOp::SubAssign(_) if floats => Some(self.b.call(Prim::Neg, &[right.value])),
            _ => None,
        };
        let added = added.filter(|_| floats && place.is_inside_array());
        // x[i] += e is an update that adds: its adjoint needs no old value.
        if let Some(added) = added {
            self.at(at);
            self.put(&place, at, Val::One(added.into()), Store::Add)?;
            return Ok(Val::UNIT);
        }
        let value = self.arithmetic(left, op, at, right)?;
        self.put(&place, at, Val::One(value), Store::Set)?;
        Ok(Val::UNIT)
    }
}

/// An expression as a statement that is not the last.
fn as_statement(e: Expr) -> Stmt {
    let at = span::of_expr(&e);
    Stmt::Expr(e, Some(Token![;](at)))
}

/// The macro by which a statement panics.
fn panicking(stmt: &Stmt) -> Option<&syn::Macro> {
    match stmt {
        Stmt::Macro(m) => super::assertion::always_panics(&m.mac).then_some(&m.mac),
        Stmt::Expr(e @ Expr::Macro(_), _) => super::assertion::expr_panics(e),
        Stmt::Local(_) | Stmt::Expr(..) | Stmt::Item(_) => None,
    }
}

/// Whether a statement leaves by `return` alone.
fn only_returns(stmt: &Stmt) -> bool {
    super::leave::leaves(stmt) && super::leave::only_returns_from(stmt)
}

/// Whether an arm ends by returning from the function.
fn ends_in_return(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(Expr::Return(_), _)) => true,
        Some(Stmt::Expr(Expr::If(choice), _)) => match &choice.else_branch {
            Some((_, e)) => {
                ends_in_return(&choice.then_branch)
                    && match &**e {
                        Expr::Block(b) => ends_in_return(&b.block),
                        _ => false,
                    }
            }
            None => false,
        },
        _ => false,
    }
}

/// Whether this is an `if` without `else` whose arm returns.
fn returns(choice: &ExprIf) -> bool {
    choice.else_branch.is_none() && ends_in_return(&choice.then_branch)
}
