//! Statements: declarations, assignments, what a block is worth, and the body of the function as a whole.

use proc_macro2::Span;
use syn::{BinOp, Block, Expr, ExprIf, Item as Declared, Local, Pat, Stmt, UseTree};

use super::kind::Kind;
use super::scope::{Item, Val};
use super::signature::{ReadParam, Scalar};
use super::{Read, Reader, Stop, carry, span};
use crate::ir::{Elem, Store, Type, Value};
use crate::prim::Prim;

/// One step from a variable to a place inside it.
enum Step<'a> {
    At(&'a Expr),
    Part(usize),
}

impl Reader<'_> {
    /// Declares the parameters.
    pub(super) fn parameters(&mut self, params: &[ReadParam]) {
        for param in params {
            let val = match &param.ty {
                Some(ty) => {
                    self.at(param.span);
                    let value = self.b.param(ty.clone());
                    self.b.name(value, &param.name);
                    Val::One(value.into())
                }
                None => Val::Poison,
            };
            self.scope.declare(&param.name, val);
        }
    }

    /// The body of the function: its results.
    pub(super) fn function_body(&mut self, block: &Block) -> Read<Vec<Value>> {
        let val = self.tail(&block.stmts, block.brace_token.span.close())?;
        Ok(val.leaves().ok_or(Stop)?.iter().map(|i| i.value).collect())
    }

    /// Statements that end the function; an `if` among them may return early.
    pub(super) fn tail(&mut self, stmts: &[Stmt], end: Span) -> Read<Val> {
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
                    if last && choice.else_branch.is_some() && ends_in_return(&choice.then_branch) =>
                {
                    Some(self.last_choice(choice, end))
                }
                Stmt::Expr(Expr::If(choice), _) if returns(choice) => {
                    Some(self.early_return(choice, &stmts[k + 1..], end))
                }
                stmt if super::leave::leaves(stmt) => Some(self.return_inside(stmt, &stmts[k + 1..], end)),
                Stmt::Expr(e, None)
                    if last && !matches!(e, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) | Expr::Assign(_)) =>
                {
                    Some(self.result(e))
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
            None => self.stop(end, "the function ends without a value", "end it with the value, without a semicolon"),
        };
        self.scope.leave(depth);
        result
    }

    pub(super) fn returned(&mut self, ret: &syn::ExprReturn) -> Read<Val> {
        match &ret.expr {
            Some(e) => self.result(e),
            None => self.stop(ret.return_token.span, "the function returns nothing here", "return the value"),
        }
    }

    /// An expression as the value of the function.
    fn result(&mut self, e: &Expr) -> Read<Val> {
        let val = self.expr(e, None)?;
        self.against_signature(span::of_expr(e), val)
    }

    /// The value of the function, which must have the type that the signature says.
    fn against_signature(&mut self, at: Span, val: Val) -> Read<Val> {
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

    /// The value of a list of statements.
    pub(super) fn statements(&mut self, stmts: &[Stmt]) -> Read<Val> {
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
        for name in carry::assigned_in(e) {
            if let Some(k) = self.scope.find(&name) {
                self.scope.put(k, Val::Poison);
            }
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
                    self.scope.declare(&name, val);
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
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
            Declared::Const(_) | Declared::Use(_) => return,
            Declared::Fn(f) => (f.sig.fn_token.span, "a function inside the function"),
            Declared::Static(s) => (s.static_token.span, "a `static`"),
            Declared::Struct(s) => (s.struct_token.span, "a struct"),
            Declared::Enum(e) => (e.enum_token.span, "an enum"),
            Declared::Type(t) => (t.type_token.span, "a type alias"),
            other => (syn::spanned::Spanned::span(other), "this item"),
        };
        self.problems.add(
            at,
            format!("{what} is not supported here"),
            "use `let` and `const` in the body, and put items outside",
        );
    }

    /// An expression with the type written for it, if one is.
    fn typed(&mut self, e: &Expr, ty: Option<&syn::Type>) -> Read<Val> {
        let wanted = match ty {
            Some(syn::Type::Tuple(_)) | None => None,
            Some(ty) => self.annotation(ty)?,
        };
        let want = match wanted {
            Some(Scalar::Int(kind)) => Some(Kind::Known(kind)),
            Some(Scalar::Float(_) | Scalar::Bool) | None => None,
        };
        let val = self.expr(e, want)?;
        if let (Some(wanted), Val::One(item)) = (wanted, &val) {
            let elem = self.b.ty(item.value).elem;
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
            None => self.stop(
                span::of_pat(pat),
                "a variable needs a value where it is declared",
                "write `let x = if … { … } else { … };`",
            ),
            Some(init) if init.diverge.is_some() => {
                self.stop(local.let_token.span, "`let … else` is not supported", "use `if`")
            }
            Some(init) => {
                let val = self.typed(&init.expr, ty);
                if val.is_err() {
                    self.poison(&init.expr);
                }
                val
            }
        };
        self.bind(pat, val.unwrap_or(Val::Poison));
    }

    /// Declares what a pattern names.
    pub(super) fn bind(&mut self, pat: &Pat, val: Val) {
        match pat {
            Pat::Ident(p) if p.subpat.is_none() => {
                let name = p.ident.to_string();
                self.name(&val, name.trim_start_matches("r#"));
                self.scope.declare(&name, val);
            }
            Pat::Wild(_) => {}
            Pat::Paren(p) => self.bind(&p.pat, val),
            Pat::Reference(p) => self.bind(&p.pat, val),
            Pat::Type(p) => self.bind(&p.pat, val),
            Pat::Tuple(t) if !t.elems.iter().any(|p| matches!(p, Pat::Rest(_))) => match val {
                Val::Tuple(parts) if parts.len() == t.elems.len() => {
                    t.elems.iter().zip(parts).for_each(|(p, v)| self.bind(p, v));
                }
                Val::Poison => t.elems.iter().for_each(|p| self.bind(p, Val::Poison)),
                Val::One(_) | Val::Tuple(_) => {
                    self.problems.add(
                        span::of_pat(pat),
                        "this pattern does not fit the value",
                        "give it one name for each part",
                    );
                    t.elems.iter().for_each(|p| self.bind(p, Val::Poison));
                }
            },
            Pat::Slice(s) if !s.elems.iter().any(|p| matches!(p, Pat::Rest(_))) => {
                let parts: Vec<Val> = match val {
                    Val::One(item) if !self.b.ty(item.value).is_scalar() => (0..s.elems.len())
                        .map(|k| {
                            let at = self.b.index_lit(k);
                            Val::One(Item { value: self.b.index(item.value, &[at]), kind: item.kind })
                        })
                        .collect(),
                    Val::Poison => vec![Val::Poison; s.elems.len()],
                    Val::One(_) | Val::Tuple(_) => {
                        self.problems.add(
                            span::of_pat(pat),
                            "this pattern does not fit the value",
                            "take arrays apart only",
                        );
                        vec![Val::Poison; s.elems.len()]
                    }
                };
                s.elems.iter().zip(parts).for_each(|(p, v)| self.bind(p, v));
            }
            _ => {
                self.problems.add(span::of_pat(pat), "this pattern is not supported here", "use names, tuples and `_`")
            }
        }
    }

    /// `place = value`
    pub(super) fn assign(&mut self, place: &Expr, at: Span, value: &Expr) -> Read<Val> {
        match place {
            Expr::Infer(_) => return self.expr(value, None).map(|_| Val::UNIT),
            Expr::Tuple(t) => {
                let val = self.expr(value, None)?;
                let Val::Tuple(parts) = val else {
                    return self.stop(at, "this value is not a tuple", "assign to one variable after the other");
                };
                if parts.len() != t.elems.len() {
                    return self.stop(at, "the two sides have different numbers of parts", "give each part a place");
                }
                for (place, part) in t.elems.iter().zip(parts) {
                    self.store(place, at, part, Store::Set)?;
                }
                return Ok(Val::UNIT);
            }
            _ => {}
        }
        // The place's type decides the kind of a literal.
        let want = match self.expr(place, None)? {
            Val::One(item) => self.kind_of(item),
            Val::Tuple(_) | Val::Poison => None,
        };
        let val = self.expr(value, want)?;
        self.store(place, at, val, Store::Set)?;
        Ok(Val::UNIT)
    }

    /// `place += value` and its like.
    pub(super) fn compound(&mut self, place: &Expr, op: &BinOp, value: &Expr) -> Read<Val> {
        let at = span::of_operator(op);
        // Rust evaluates the right side first where both are numbers. The place is read before only for its type.
        let want = match self.expr(place, None)? {
            Val::One(item) => self.kind_of(item),
            Val::Tuple(_) | Val::Poison => None,
        };
        let right = self.scalar(value, want)?;
        let left = self.scalar(place, None)?;
        let floats = [left, right].iter().all(|i| self.b.ty(i.value).elem == Elem::Float);
        let added = match op {
            BinOp::AddAssign(_) => Some(right.value),
            BinOp::SubAssign(_) if floats => Some(self.b.call(Prim::Neg, &[right.value])),
            _ => None,
        };
        let added = added.filter(|_| floats && has_index(place));
        // x[i] += e is an update that adds: its adjoint needs no old value.
        if let Some(added) = added {
            self.at(at);
            self.store(place, at, Val::One(added.into()), Store::Add)?;
            return Ok(Val::UNIT);
        }
        let value = self.arithmetic(left, op, at, right)?;
        self.store(place, at, Val::One(value), Store::Set)?;
        Ok(Val::UNIT)
    }

    /// Puts a value where a place says.
    fn store(&mut self, place: &Expr, at: Span, val: Val, store: Store) -> Read<()> {
        let mut steps = Vec::new();
        let mut target = place;
        let name = loop {
            target = match target {
                Expr::Path(p) => match p.path.get_ident() {
                    Some(name) => break name,
                    None => {
                        return self.stop(
                            span::of_expr(place),
                            "only a variable can be assigned",
                            "assign to a local variable",
                        );
                    }
                },
                Expr::Paren(p) => &p.expr,
                Expr::Group(g) => &g.expr,
                Expr::Unary(u) if matches!(u.op, syn::UnOp::Deref(_)) => &u.expr,
                Expr::Index(i) => {
                    steps.push(Step::At(&i.index));
                    &i.expr
                }
                Expr::Field(f) => match &f.member {
                    syn::Member::Unnamed(k) => {
                        steps.push(Step::Part(k.index as usize));
                        &f.base
                    }
                    syn::Member::Named(n) => {
                        return self.stop(n.span(), "fields are not supported yet", "use variables of their own");
                    }
                },
                _ => {
                    return self.stop(
                        span::of_expr(place),
                        "this cannot be assigned",
                        "assign to a variable or to an element of an array",
                    );
                }
            };
        };
        steps.reverse();
        let Some(k) = self.scope.find(&name.to_string()) else {
            return self.stop(
                name.span(),
                format!("`{name}` is not a variable of this function"),
                "declare it with `let mut`",
            );
        };
        if !self.scope.may_assign(k) {
            return self.stop(at, "this assignment is too deep inside an expression", "make it a statement of its own");
        }
        let old = self.scope.get(k).val.clone();
        let name = name.to_string();
        // The length of an array that a loop carries is that of its first value.
        if let (Val::One(a), Val::One(b), [], true) = (&old, &val, steps.as_slice(), self.scope.is_outside(k))
            && self.agree(&old, &val)
            && !self.same_lengths(a.value, b.value)
        {
            return self.stop(
                at,
                format!("`{name}` may change its length here"),
                "assign its elements one by one, in a loop over its length",
            );
        }
        let new = self.stored(&old, &steps, at, val, store)?;
        self.name(&new, name.trim_start_matches("r#"));
        self.scope.put(k, new);
        Ok(())
    }

    /// `old` with the place that the steps lead to set.
    fn stored(&mut self, old: &Val, steps: &[Step<'_>], at: Span, val: Val, store: Store) -> Read<Val> {
        match (old, steps) {
            (Val::Poison, _) => Err(Stop),
            (old, []) => {
                if self.agree(old, &val) {
                    Ok(val)
                } else {
                    self.stop(
                        at,
                        "the value does not have the type of the variable",
                        "declare a new variable with `let`",
                    )
                }
            }
            (Val::Tuple(parts), [Step::Part(k), rest @ ..]) => {
                let Some(part) = parts.get(*k) else {
                    return self.stop(at, "the tuple has no such part", "count from 0");
                };
                let part = self.stored(part, rest, at, val, store)?;
                let mut parts = parts.clone();
                parts[*k] = part;
                Ok(Val::Tuple(parts))
            }
            (Val::One(array), steps) => {
                let mut places = Vec::new();
                for step in steps {
                    match step {
                        Step::At(e) => places.push(self.index(e)?),
                        Step::Part(_) => return self.stop(at, "this is not a tuple", "use an index: `x[0]`"),
                    }
                }
                let ty = self.b.ty(array.value);
                if places.len() > ty.rank() {
                    return self.stop(at, "the array has fewer axes", "leave an index out");
                }
                let Val::One(item) = val else {
                    return self.stop(at, "the elements of an array are no tuples", "use one array for each part");
                };
                let inner = ty.inner(places.len());
                if !self.fits_place(&inner, *array, item) {
                    return self.stop(
                        at,
                        "the value does not have the type of the array's elements",
                        "convert it with `as`",
                    );
                }
                if !inner.is_scalar() && !self.same_lengths(self.b.index(array.value, &places), item.value) {
                    return self.stop(
                        at,
                        "the rows of an array have one length",
                        "assign the elements of the row one by one",
                    );
                }
                self.at(at);
                Ok(Val::One(Item { value: self.b.update(array.value, &places, item.value, store), kind: array.kind }))
            }
            (Val::Tuple(_), [Step::At(_), ..]) => self.stop(at, "a tuple cannot be indexed", "use a field: `t.0`"),
        }
    }

    /// Whether two arrays of as many axes are known to have the same lengths.
    pub(super) fn same_lengths(&self, a: Value, b: Value) -> bool {
        (0..self.b.ty(a).rank()).all(|axis| self.b.len(a, axis) == self.b.len(b, axis))
    }

    fn fits_place(&mut self, inner: &Type, array: Item, item: Item) -> bool {
        let ty = self.b.ty(item.value);
        if ty.rank() != inner.rank() {
            return false;
        }
        match (self.kind_of(array), self.kind_of(item)) {
            (Some(a), Some(b)) => self.kinds.unify(a, b).is_ok(),
            (None, None) => ty.elem == inner.elem,
            _ => false,
        }
    }
}

/// Whether a place is an element of an array.
fn has_index(place: &Expr) -> bool {
    match place {
        Expr::Index(_) => true,
        Expr::Paren(p) => has_index(&p.expr),
        Expr::Unary(u) => has_index(&u.expr),
        _ => false,
    }
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
