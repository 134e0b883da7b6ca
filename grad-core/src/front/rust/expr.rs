//! Expressions.

use proc_macro2::Span;
use syn::{BinOp, Expr, ExprBinary, ExprRepeat, Lit, Member, UnOp};

use super::kind::Kind;
use super::scope::{Item, Val};
use super::signature::{Scalar, scalar, scalar_named, vec_element};
use super::{Read, Reader, carry, constant, instead, span, text};
use crate::diagnostic::did_you_mean;
use crate::ir::{Elem, Float, IntKind, SizeId, Value};
use crate::prim::{Prim, Signature};

impl Reader<'_> {
    /// The kind of an item's integers.
    pub(super) fn kind_of(&self, item: Item) -> Option<Kind> {
        match (item.kind, self.b.ty(item.value).elem) {
            (Some(kind), _) => Some(self.kinds.resolve(kind)),
            (None, Elem::Int(kind)) => Some(Kind::Known(kind)),
            (None, Elem::Float | Elem::Bool) => None,
        }
    }

    /// Gives the values of a variable its name.
    pub(super) fn name(&self, val: &Val, name: &str) {
        let name = super::leave::shown(name);
        match val {
            Val::One(item) => self.b.name(item.value, name),
            Val::Tuple(parts) => {
                for (k, part) in parts.iter().enumerate() {
                    self.name(part, &format!("{name}_{k}"));
                }
            }
            Val::View(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => {}
        }
    }

    /// An expression that is not a tuple.
    pub(super) fn one(&mut self, expr: &Expr, want: Option<Kind>) -> Read<Item> {
        let val = self.value(expr, want)?;
        match self.solid(val) {
            Val::One(item) => Ok(item),
            Val::Callee(_) => self.stop(span::of_expr(expr), "a function cannot stand here", "call it: `f(x)`"),
            Val::Tuple(parts) if parts.is_empty() => {
                self.stop(span::of_expr(expr), "this has no value", "end the block with the value, without a semicolon")
            }
            Val::Tuple(_) => {
                self.stop(span::of_expr(expr), "a tuple cannot stand here", "take it apart: `let (a, b) = …;`")
            }
            Val::View(_) | Val::Alias(_) | Val::Poison => Err(super::Stop),
        }
    }

    /// Any expression but what `&mut` refers to: that is read.
    pub(super) fn value(&mut self, expr: &Expr, want: Option<Kind>) -> Read<Val> {
        let val = self.expr(expr, want)?;
        self.loaded(val)
    }

    /// A scalar expression.
    pub(super) fn scalar(&mut self, expr: &Expr, want: Option<Kind>) -> Read<Item> {
        let item = self.one(expr, want)?;
        if self.b.ty(item.value).is_scalar() {
            return Ok(item);
        }
        self.stop(
            span::of_expr(expr),
            "an array cannot stand here",
            "Rust has no arithmetic on arrays: write a loop over their elements",
        )
    }

    /// A float.
    pub(super) fn float(&mut self, expr: &Expr) -> Read<Value> {
        let item = self.scalar(expr, None)?;
        match self.b.ty(item.value).elem {
            Elem::Float => Ok(item.value),
            Elem::Int(_) => self.stop(
                span::of_expr(expr),
                "an integer stands where a float is expected",
                "write a float literal (`2.0`) or convert with `as f64`",
            ),
            Elem::Bool => {
                self.stop(span::of_expr(expr), "a `bool` stands where a float is expected", "choose with `if`")
            }
        }
    }

    /// An integer of a kind.
    pub(super) fn integer(&mut self, expr: &Expr, kind: IntKind) -> Read<Value> {
        let item = self.scalar(expr, Some(Kind::Known(kind)))?;
        self.as_integer(span::of_expr(expr), item, kind)
    }

    /// The item, which must be an integer of a kind.
    pub(super) fn as_integer(&mut self, at: Span, item: Item, kind: IntKind) -> Read<Value> {
        let title = match self.kind_of(item) {
            Some(have) => match self.kinds.unify(Kind::Known(kind), have) {
                Ok(_) => return Ok(item.value),
                Err((_, have)) => format!("a `{}` stands where a `{}` is expected", have.name(), kind.name()),
            },
            None => format!("a `{}` is expected here", kind.name()),
        };
        self.stop(at, title, format!("convert with `as {}`", kind.name()))
    }

    /// A usize.
    pub(super) fn index(&mut self, expr: &Expr) -> Read<Value> {
        self.integer(expr, IntKind::Usize)
    }

    /// A literal of an integer type that is still to be found, or of the one wanted.
    pub(super) fn int_literal(&mut self, n: i64, want: Option<Kind>) -> Item {
        let kind = match want {
            Some(kind) => self.kinds.resolve(kind),
            None => self.kinds.unknown(IntKind::I32),
        };
        let value = self.b.int(n, self.kinds.assumed(kind));
        Item { value, kind: matches!(kind, Kind::Unknown(_)).then_some(kind) }
    }

    /// Refuses the other float type.
    pub(super) fn same_float(&mut self, at: Span, float: Float) -> Read<()> {
        let ours = self.form.float;
        if float == ours {
            return Ok(());
        }
        self.stop(
            at,
            format!("an `{}` in a function of `{}`", float.name(), ours.name()),
            format!("use `{}` throughout", ours.name()),
        )
    }

    /// Any expression. `want` is the kind that an integer literal in it should have.
    pub(super) fn expr(&mut self, expr: &Expr, want: Option<Kind>) -> Read<Val> {
        match expr {
            Expr::Paren(p) => self.expr(&p.expr, want),
            Expr::Group(g) => self.expr(&g.expr, want),
            Expr::Reference(r) => {
                if r.mutability.is_some() {
                    let place = self.place(&r.expr)?;
                    return Ok(self.borrowed(place));
                }
                self.value(&r.expr, want)
            }
            Expr::Lit(lit) => self.literal(&lit.lit, want),
            Expr::Path(path) => self.path(path),
            Expr::Unary(unary) => self.unary(expr, unary, want),
            Expr::Binary(binary) => self.binary(binary, want),
            Expr::Assign(assign) => self.assign(&assign.left, assign.eq_token.span, &assign.right),
            Expr::If(choice) => self.choose(choice),
            Expr::Match(choice) => self.match_value(choice),
            Expr::Closure(closure) => self.closure(closure),
            Expr::Block(block) => self.labelled_block(block, None),
            Expr::Tuple(tuple) => Ok(Val::tuple(
                tuple.elems.iter().map(|e| self.expr(e, want)).collect::<Vec<_>>().into_iter().collect::<Read<_>>()?,
            )),
            Expr::Array(array) => {
                let elems: Vec<&Expr> = array.elems.iter().collect();
                self.array(array.bracket_token.span.open(), &elems, want)
            }
            Expr::Repeat(repeat) => self.repeat(repeat, want),
            Expr::Index(index) => self.indexed(index),
            Expr::Field(field) => self.field(field),
            Expr::Struct(value) => self.struct_value(value),
            Expr::Cast(cast) => self.cast(cast),
            Expr::MethodCall(call) => self.method(call, want),
            Expr::Call(call) => self.call(call, want),
            Expr::Macro(mac) => self.macro_value(&mac.mac, want),
            Expr::ForLoop(looped) => self.for_loop(looped).map(|()| Val::UNIT),
            Expr::While(looped) => self.while_loop(looped).map(|()| Val::UNIT),
            Expr::Loop(looped) => self.valued_loop(looped, None),
            _ => {
                let (what, help) = instead::of_expr(expr);
                self.stop(span::of_expr(expr), format!("{what} not supported here"), help)
            }
        }
    }

    fn literal(&mut self, lit: &Lit, want: Option<Kind>) -> Read<Val> {
        self.at(lit.span());
        match lit {
            Lit::Float(x) => {
                self.suffix(lit.span(), x.suffix())?;
                self.float_text(lit.span(), x.base10_digits())
            }
            Lit::Int(n) => match scalar_named(n.suffix()) {
                Some(Scalar::Float(_)) => {
                    self.suffix(lit.span(), n.suffix())?;
                    self.float_text(lit.span(), n.base10_digits())
                }
                kind => {
                    let want = match kind {
                        Some(Scalar::Int(kind)) => Some(Kind::Known(kind)),
                        _ if n.suffix().is_empty() => want,
                        _ => return self.stop(lit.span(), "this integer type is not supported", "use `i64` or `u64`"),
                    };
                    match n.base10_parse::<i64>() {
                        Ok(n) => Ok(Val::One(self.int_literal(n, want))),
                        Err(_) => self.stop(lit.span(), "this integer is too large", "write it as a float"),
                    }
                }
            },
            Lit::Bool(x) => Ok(Val::One(self.b.bool(x.value).into())),
            lit => {
                let (what, help) = instead::of_literal(lit);
                self.stop(lit.span(), format!("{what} has no place in mathematics"), help)
            }
        }
    }

    fn suffix(&mut self, at: Span, suffix: &str) -> Read<()> {
        match scalar_named(suffix) {
            Some(Scalar::Float(float)) => self.same_float(at, float),
            _ if suffix.is_empty() => Ok(()),
            _ => self.stop(at, format!("the suffix `{suffix}` does not make a float"), "leave the suffix out"),
        }
    }

    fn float_text(&mut self, at: Span, digits: &str) -> Read<Val> {
        let x = match self.form.float {
            Float::F64 => digits.parse::<f64>().ok(),
            Float::F32 => digits.parse::<f32>().ok().map(f64::from),
        };
        match x {
            Some(x) => Ok(Val::One(self.b.float(x).into())),
            None => self.stop(at, "this literal is not a float", "write `2.0`"),
        }
    }

    fn path(&mut self, path: &syn::ExprPath) -> Read<Val> {
        let at = span::of_path(&path.path);
        if path.qself.is_some() {
            return self.stop(at, "a qualified path is not supported", "write the type's name: `f64::MAX`");
        }
        self.at(at);
        if let Some(ident) = path.path.get_ident()
            && let Some(k) = self.scope.find(&ident.to_string())
        {
            return match &self.scope.get(k).val {
                Val::Poison => Err(super::Stop),
                // What a closure captured is the variable itself; a reference stays one.
                Val::Alias(place) if !place.reference => self.load(&place.clone()),
                val => Ok(self.grown(k, val.clone())),
            };
        }
        if let Some(k) = self.item_of_path(&path.path) {
            return self.item_value(k);
        }
        let rust = text::of_path(&path.path);
        if let Some(k) = self.form.interface.sizes.iter().position(|s| *s == rust) {
            return Ok(Val::One(self.b.size(SizeId(u32::try_from(k).expect("few sizes"))).into()));
        }
        let full = self.full_path(&path.path);
        let names: Vec<&str> = full.iter().map(String::as_str).collect();
        let (prefix, last) = names.split_at(names.len().saturating_sub(1));
        let rest = match prefix {
            ["std" | "core", rest @ ..] => rest,
            rest => rest,
        };
        let (owner, consts) = match rest {
            [owner, "consts"] => (*owner, true),
            [owner] | ["primitive", owner] => (*owner, false),
            _ => ("", false),
        };
        if let (Some(scalar), [last]) = (scalar_named(owner), last) {
            match scalar {
                Scalar::Float(float) => {
                    if let Some(x) = constant::value(float, consts, last) {
                        self.same_float(at, float)?;
                        return Ok(Val::One(self.b.float(x).into()));
                    }
                }
                Scalar::Int(kind) => {
                    let (low, high) = kind.bounds();
                    let exact = !matches!(kind, IntKind::Usize | IntKind::U64);
                    match *last {
                        "MIN" => return Ok(Val::One(self.b.int(low, kind).into())),
                        "MAX" if exact => return Ok(Val::One(self.b.int(high, kind).into())),
                        _ => {}
                    }
                }
                Scalar::Bool => {}
            }
        }
        if let (["cmp", "Ordering"] | ["Ordering"], [last]) = (rest, last) {
            let n = match *last {
                "Less" => Some(-1),
                "Equal" => Some(0),
                "Greater" => Some(1),
                _ => None,
            };
            if let Some(n) = n {
                return Ok(Val::One(self.b.int(n, IntKind::I8).into()));
            }
        }
        if let (Some(Scalar::Float(float)), [last]) = (scalar_named(owner), last) {
            let float = float.name();
            let help = match did_you_mean(last, constant::names(consts).iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write the number".to_string(),
            };
            let of = if consts { format!("std::{float}::consts") } else { float.to_string() };
            return self.stop(at, format!("the constant `{last}` of `{of}` is not known here"), help);
        }
        if let Some((name, what)) = self.other_item(&path.path) {
            let help = match what {
                "an enum" => "number the choices, `const FAST: usize = 0;`, and pass a `usize`",
                _ => "others may change it: pass its value as a parameter",
            };
            return self.stop(at, format!("`{name}` is {what}, which is not supported here"), help);
        }
        if let (["None"], Some(help)) = (names.as_slice(), instead::of_call(&names)) {
            return self.stop(at, "`None` is not supported here", help);
        }
        if let Some(ident) = path.path.get_ident() {
            let name = ident.to_string();
            if constant::value(self.form.float, true, &name).is_some() {
                let float = self.form.float.name();
                return self.stop(
                    at,
                    format!("what `{name}` is cannot be seen from here"),
                    format!("write `std::{float}::consts::{name}`, or `use std::{float}::consts::{name};` in the body"),
                );
            }
            if let Some(near) = did_you_mean(&name, self.scope.names().chain(self.module.names())) {
                let help = format!("did you mean `{near}`?");
                return self.stop(at, format!("`{name}` is not a variable of this function"), help);
            }
        }
        self.stop(
            at,
            format!("the value of `{rust}` cannot be seen from here"),
            "pass it as a parameter, declare it in the body (`const K: f64 = 2.0;`), or put it and the function into a \
             module with `#[derive_grad]` on the module",
        )
    }

    /// The item of the module that a path leads to and that has no place here, and what it is.
    fn other_item(&self, path: &syn::Path) -> Option<(String, &'static str)> {
        let name = path.segments.iter().rev().take(2).map(|s| s.ident.to_string());
        name.filter_map(|name| self.module.other(&name).map(|what| (name, what))).next()
    }

    /// A path with its first name replaced by what a `use` in the body brought in.
    pub(super) fn full_path(&self, path: &syn::Path) -> Vec<String> {
        let mut names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let Some(first) = names.first()
            && let Some((_, full)) = self.scope.imports.iter().rev().find(|(name, _)| name == first)
        {
            names.splice(0..1, full.iter().cloned());
        }
        names
    }

    fn unary(&mut self, whole: &Expr, unary: &syn::ExprUnary, want: Option<Kind>) -> Read<Val> {
        let at = span::of_expr(whole);
        match unary.op {
            UnOp::Deref(_) => self.value(&unary.expr, want),
            UnOp::Not(_) => {
                let item = self.scalar(&unary.expr, want)?;
                self.at(at);
                match self.b.ty(item.value).elem {
                    Elem::Bool => Ok(Val::One(self.b.call(Prim::Not, &[item.value]).into())),
                    Elem::Int(_) => {
                        Ok(Val::One(Item { value: self.b.call(Prim::BitNot, &[item.value]), kind: item.kind }))
                    }
                    Elem::Float => {
                        self.stop(at, "`!` of a float is not supported", "use `!` on conditions and integers")
                    }
                }
            }
            UnOp::Neg(_) => {
                let item = self.scalar(&unary.expr, want)?;
                if self.b.ty(item.value).elem == Elem::Bool {
                    return self.stop(at, "a `bool` cannot be negated with `-`", "use `!`");
                }
                self.at(at);
                Ok(Val::One(Item { value: self.b.call(Prim::Neg, &[item.value]), kind: item.kind }))
            }
            _ => self.stop(at, "this operator is not supported", "use `-`, `!` or `*`"),
        }
    }

    // The left edge of a chain is walked in a loop: sums of thousands of terms do not nest here.
    fn binary(&mut self, binary: &ExprBinary, want: Option<Kind>) -> Read<Val> {
        if carry::is_assignment(&binary.op) {
            return self.compound(&binary.left, &binary.op, &binary.right);
        }
        let mut links = vec![binary];
        while let Expr::Binary(left) = &*links[links.len() - 1].left
            && !carry::is_assignment(&left.op)
        {
            links.push(left);
        }
        let innermost = links[links.len() - 1];
        let wanted = |op: &BinOp| if is_arithmetic(op) || is_shift(op) { want } else { None };
        // A bare literal on the left takes the type of what stands on the right.
        let mut early = None;
        let mut hint = wanted(&innermost.op);
        if hint.is_none() && is_bare_integer(&innermost.left) && !is_logic(&innermost.op) && !is_shift(&innermost.op) {
            let right = self.scalar(&innermost.right, None);
            hint = right.ok().and_then(|r| self.kind_of(r));
            early = Some(right);
        }
        let mut left = self.one(&innermost.left, hint);
        for link in links.into_iter().rev() {
            let at = span::of_operator(&link.op);
            left = match (left, early.take()) {
                (Ok(left), None) => self.link(left, &link.op, at, &link.right),
                (Ok(left), Some(right)) => right.and_then(|right| self.arithmetic(left, &link.op, at, right)),
                // What follows a refused term is still read, for its own problems.
                (Err(stop), None) => {
                    let _ = self.expr(&link.right, None);
                    Err(stop)
                }
                (Err(stop), Some(_)) => Err(stop),
            };
        }
        left.map(Val::One)
    }

    fn link(&mut self, left: Item, op: &BinOp, at: Span, right: &Expr) -> Read<Item> {
        if is_logic(op) {
            if !self.b.ty(left.value).is_scalar() || self.b.ty(left.value).elem != Elem::Bool {
                return self.stop(at, "a condition must be a `bool`", "compare with a value: `x != 0.0`");
            }
            return match self.short_circuit(at, left.value, right, matches!(op, BinOp::And(_)))? {
                Val::One(item) => Ok(item),
                Val::Tuple(_) | Val::View(_) | Val::Callee(_) | Val::Alias(_) | Val::Poison => Err(super::Stop),
            };
        }
        let want = if is_shift(op) { None } else { self.kind_of(left) };
        let right = self.scalar(right, want)?;
        self.arithmetic(left, op, at, right)
    }

    /// One operation on scalars at hand.
    pub(super) fn arithmetic(&mut self, left: Item, op: &BinOp, at: Span, right: Item) -> Read<Item> {
        let (a, b) = (self.b.ty(left.value), self.b.ty(right.value));
        if !a.is_scalar() || !b.is_scalar() {
            return self.stop(
                at,
                "an array cannot stand here",
                "Rust has no arithmetic on arrays: write a loop over their elements",
            );
        }
        let prim = match op {
            BinOp::Add(_) | BinOp::AddAssign(_) => Prim::Add,
            BinOp::Sub(_) | BinOp::SubAssign(_) => Prim::Sub,
            BinOp::Mul(_) | BinOp::MulAssign(_) => Prim::Mul,
            BinOp::Div(_) | BinOp::DivAssign(_) => Prim::Div,
            BinOp::Rem(_) | BinOp::RemAssign(_) => Prim::Rem,
            BinOp::Eq(_) => Prim::Eq,
            BinOp::Ne(_) => Prim::Ne,
            BinOp::Lt(_) => Prim::Lt,
            BinOp::Le(_) => Prim::Le,
            BinOp::Gt(_) => Prim::Gt,
            BinOp::Ge(_) => Prim::Ge,
            BinOp::BitAnd(_) | BinOp::BitAndAssign(_) if a.elem == Elem::Bool => Prim::And,
            BinOp::BitOr(_) | BinOp::BitOrAssign(_) if a.elem == Elem::Bool => Prim::Or,
            BinOp::BitXor(_) | BinOp::BitXorAssign(_) if a.elem == Elem::Bool => Prim::Ne,
            BinOp::BitAnd(_) | BinOp::BitAndAssign(_) => Prim::BitAnd,
            BinOp::BitOr(_) | BinOp::BitOrAssign(_) => Prim::BitOr,
            BinOp::BitXor(_) | BinOp::BitXorAssign(_) => Prim::BitXor,
            BinOp::Shl(_) | BinOp::ShlAssign(_) => Prim::Shl,
            BinOp::Shr(_) | BinOp::ShrAssign(_) => Prim::Shr,
            _ => {
                return self.stop(at, "this operator is not supported", "use `-`, `!` or `*`");
            }
        };
        if matches!(prim.row().signature, Signature::Bits | Signature::Shift) {
            return self.bitwise(prim, left, at, right);
        }
        let kind = match (self.kind_of(left), self.kind_of(right)) {
            (Some(x), Some(y)) => match self.kinds.unify(x, y) {
                Ok(kind) => Some(kind),
                Err((x, y)) => {
                    return self.stop(
                        at,
                        format!("a `{}` and a `{}` do not mix", x.name(), y.name()),
                        format!("convert one with `as {}`", x.name()),
                    );
                }
            },
            (None, None) if a.elem == b.elem => None,
            (Some(_), None) | (None, Some(_)) if a.elem == Elem::Float || b.elem == Elem::Float => {
                return self.stop(
                    at,
                    "an integer and a float do not mix",
                    format!("write a float literal (`2.0`) or convert with `as {}`", self.form.float.name()),
                );
            }
            _ => return self.stop(at, "a `bool` and a number do not mix", "choose with `if`"),
        };
        let compares = matches!(prim, Prim::Eq | Prim::Ne | Prim::Lt | Prim::Le | Prim::Gt | Prim::Ge);
        let logic = matches!(prim, Prim::And | Prim::Or);
        if a.elem == Elem::Bool && !logic && !matches!(prim, Prim::Eq | Prim::Ne) {
            return self.stop(at, "there is no arithmetic on `bool`s", "use `&&` and `||`");
        }
        self.at(at);
        let value = self.b.call(prim, &[left.value, right.value]);
        Ok(Item { value, kind: if compares || logic { None } else { kind } })
    }

    /// An operator on the bits of integers.
    fn bitwise(&mut self, prim: Prim, left: Item, at: Span, right: Item) -> Read<Item> {
        let (Some(x), Some(y)) = (self.kind_of(left), self.kind_of(right)) else {
            return self.stop(at, "operators on bits are for integers", "convert with `as` first");
        };
        let kind = match prim.row().signature {
            Signature::Shift => x,
            _ => match self.kinds.unify(x, y) {
                Ok(kind) => kind,
                Err((x, y)) => {
                    let title = format!("a `{}` and a `{}` do not mix", x.name(), y.name());
                    return self.stop(at, title, format!("convert one with `as {}`", x.name()));
                }
            },
        };
        self.at(at);
        Ok(Item { value: self.b.call(prim, &[left.value, right.value]), kind: Some(kind) })
    }

    /// `[a, b, c]`
    pub(super) fn array(&mut self, at: Span, elems: &[&Expr], want: Option<Kind>) -> Read<Val> {
        let mut want = want;
        let mut items: Vec<Read<Item>> = Vec::new();
        for elem in elems {
            let item = self.one(elem, want);
            if let (Ok(item), None) = (&item, want) {
                want = self.kind_of(*item);
            }
            items.push(item);
        }
        let items = items.into_iter().collect::<Read<Vec<_>>>()?;
        let Some(first) = items.first().copied() else {
            return Ok(Val::One(self.b.array(&[]).into()));
        };
        for (elem, item) in elems.iter().zip(&items) {
            if !self.agree(&Val::One(first), &Val::One(*item)) || !self.same_lengths(first.value, item.value) {
                return self.stop(
                    span::of_expr(elem),
                    "the elements of an array have one type",
                    "give this one the type of the first",
                );
            }
        }
        self.at(at);
        let values: Vec<Value> = items.iter().map(|i| i.value).collect();
        Ok(Val::One(Item { value: self.b.array(&values), kind: first.kind }))
    }

    /// `[e; n]`, nested ones as one comprehension over all axes.
    fn repeat(&mut self, repeat: &ExprRepeat, want: Option<Kind>) -> Read<Val> {
        let mut lens = Vec::new();
        let mut repeat = repeat;
        let element = loop {
            lens.push(self.index(&repeat.len));
            match &*repeat.expr {
                Expr::Repeat(inner) => repeat = inner,
                element => break self.one(element, want),
            }
        };
        let lens = lens.into_iter().collect::<Read<Vec<_>>>()?;
        let element = element?;
        self.at(repeat.bracket_token.span.open());
        Ok(Val::One(Item { value: self.b.build(&lens, |_| element.value), kind: element.kind }))
    }

    /// `vec![e; n]`
    pub(super) fn repeated(&mut self, at: Span, element: Item, len: Value) -> Val {
        self.at(at);
        Val::One(Item { value: self.b.build(&[len], |_| element.value), kind: element.kind })
    }

    fn indexed(&mut self, index: &syn::ExprIndex) -> Read<Val> {
        let open = span::of_expr(&index.expr);
        let array = self.value(&index.expr, None);
        if let Expr::Range(range) = &*index.index {
            return self.sub_slice(&array?, range, open);
        }
        let at = self.index(&index.index);
        let (array, at) = (array?, at?);
        self.at(open);
        match self.element(&array, at) {
            Some(item) => Ok(Val::One(item)),
            None => self.stop(open, "this is not an array", "index arrays and slices only"),
        }
    }

    fn field(&mut self, field: &syn::ExprField) -> Read<Val> {
        let base = self.expr(&field.base, None)?;
        let base = if matches!(base, Val::Alias(_)) { self.loaded(base)? } else { base };
        if let (Member::Named(name), false) = (&field.member, matches!(base, Val::Poison)) {
            return self.named_field(&base, name);
        }
        match (&field.member, base) {
            (Member::Unnamed(k), Val::Tuple(parts)) => match parts.get(k.index as usize) {
                Some(Val::Poison) => Err(super::Stop),
                Some(part) => Ok(part.clone()),
                None => self.stop(k.span, "the tuple has no such part", "count from 0"),
            },
            (_, Val::Poison) => Err(super::Stop),
            (member, _) => {
                let at = match member {
                    Member::Named(name) => name.span(),
                    Member::Unnamed(k) => k.span,
                };
                self.stop(at, "this has no fields", "take the parts of tuples and structs only")
            }
        }
    }

    fn cast(&mut self, cast: &syn::ExprCast) -> Read<Val> {
        let at = cast.as_token.span;
        let to = scalar(&cast.ty);
        let item = self.scalar(&cast.expr, None)?;
        let from = self.b.ty(item.value).elem;
        let elem = match to {
            Some(Scalar::Float(float)) => {
                self.same_float(span::of_type(&cast.ty), float)?;
                Elem::Float
            }
            Some(Scalar::Int(kind)) => Elem::Int(kind),
            _ => {
                return self.stop(
                    span::of_type(&cast.ty),
                    "a cast to this type is not supported",
                    "cast to a float or an integer type",
                );
            }
        };
        // `3 as usize` is a literal of that type.
        if let (Elem::Int(kind), Some(have)) = (elem, item.kind)
            && self.b.int_lit(item.value).is_some()
            && is_bare_integer(&cast.expr)
        {
            let _ = self.kinds.unify(have, Kind::Known(kind));
        }
        self.at(at);
        match (from, elem) {
            (Elem::Bool, Elem::Float) => {
                self.stop(at, "a `bool` cannot be cast to a float", "choose: `if c { 1.0 } else { 0.0 }`")
            }
            (Elem::Bool, Elem::Int(kind)) => {
                let (one, zero) = (self.b.int(1, kind), self.b.int(0, kind));
                Ok(Val::One(self.b.call(Prim::Select, &[item.value, one, zero]).into()))
            }
            _ => Ok(Val::One(self.b.cast(item.value, elem).into())),
        }
    }

    /// The kind that a type annotation gives to integers, where it is one that is understood.
    pub(super) fn annotation(&mut self, ty: &syn::Type) -> Read<Option<Scalar>> {
        let mut ty = ty;
        loop {
            ty = match ty {
                syn::Type::Reference(r) => &r.elem,
                syn::Type::Paren(p) => &p.elem,
                syn::Type::Group(g) => &g.elem,
                syn::Type::Array(a) => &a.elem,
                syn::Type::Slice(s) => &s.elem,
                syn::Type::Infer(_) => return Ok(None),
                syn::Type::Path(_) => match (scalar(ty), vec_element(ty)) {
                    (Some(Scalar::Float(float)), _) => {
                        self.same_float(span::of_type(ty), float)?;
                        return Ok(Some(Scalar::Float(float)));
                    }
                    (Some(scalar), _) => return Ok(Some(scalar)),
                    (None, Some(inner)) => inner,
                    (None, None) if self.is_record(ty) => return Ok(None),
                    (None, None) => return self.unknown_type(ty),
                },
                _ => return self.unknown_type(ty),
            };
        }
    }

    fn unknown_type<T>(&mut self, ty: &syn::Type) -> Read<T> {
        self.stop(
            span::of_type(ty),
            format!("the type `{}` is not supported here", text::of_type(ty)),
            instead::of_type(ty).unwrap_or("write a float, an integer, `bool`, or an array of one of these"),
        )
    }
}

fn is_arithmetic(op: &BinOp) -> bool {
    use BinOp::{Add, BitAnd, BitOr, BitXor, Div, Mul, Rem, Sub};
    matches!(op, Add(_) | Sub(_) | Mul(_) | Div(_) | Rem(_) | BitAnd(_) | BitOr(_) | BitXor(_))
}

/// Whether the right side is a number of places, of any integer type.
pub(super) fn is_shift(op: &BinOp) -> bool {
    matches!(op, BinOp::Shl(_) | BinOp::Shr(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_))
}

fn is_logic(op: &BinOp) -> bool {
    matches!(op, BinOp::And(_) | BinOp::Or(_))
}

/// Whether this is an integer literal without a suffix, perhaps negated.
pub(super) fn is_bare_integer(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(lit) => matches!(&lit.lit, Lit::Int(n) if n.suffix().is_empty()),
        Expr::Paren(p) => is_bare_integer(&p.expr),
        Expr::Unary(u) => matches!(u.op, UnOp::Neg(_)) && is_bare_integer(&u.expr),
        _ => false,
    }
}
