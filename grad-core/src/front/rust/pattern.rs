//! Patterns: what they name, and when they match.

use proc_macro2::Span;
use syn::{Arm, Expr, ExprMatch, Pat, PatSlice, PatTuple, RangeLimits};

use super::kind::Kind;
use super::scope::Val;
use super::{Read, Reader, Stop, carry, span};
use crate::ir::{Elem, Value};
use crate::prim::Prim;

/// Where in a list of patterns the `..` is, and what it names.
fn rest_of<'a>(pats: impl IntoIterator<Item = &'a Pat>) -> Option<(usize, Option<&'a Pat>)> {
    pats.into_iter().enumerate().find_map(|(k, pat)| match pat {
        Pat::Rest(_) => Some((k, None)),
        Pat::Ident(p) if p.subpat.as_ref().is_some_and(|(_, sub)| matches!(**sub, Pat::Rest(_))) => {
            Some((k, Some(pat)))
        }
        _ => None,
    })
}

/// The parts that a pattern takes a value apart into: the patterns and the values, and the one that takes the rest.
struct Parts<'a> {
    each: Vec<(&'a Pat, Val)>,
    rest: Option<(&'a Pat, Val)>,
}

impl Reader<'_> {
    /// Declares what a pattern names.
    pub(super) fn bind(&mut self, pat: &Pat, val: Val) {
        match pat {
            Pat::Ident(p) => {
                if let (Some(t), Some(_)) = (&p.by_ref, &p.mutability) {
                    self.problems.add(
                        t.span,
                        "`ref mut` is not supported",
                        "assign to the variable or to its elements directly",
                    );
                }
                if let Some((_, sub)) = &p.subpat
                    && !matches!(**sub, Pat::Rest(_))
                {
                    self.bind(sub, val.clone());
                }
                let name = p.ident.to_string();
                if p.subpat.is_none() && self.is_constant(&name) {
                    return;
                }
                self.name(&val, name.trim_start_matches("r#"));
                self.scope.declare(&name, val);
            }
            Pat::Wild(_) | Pat::Rest(_) => {}
            Pat::Paren(p) => self.bind(&p.pat, val),
            Pat::Guard(p) => self.bind(&p.pat, val),
            Pat::Reference(p) => {
                let val = self.loaded(val).unwrap_or(Val::Poison);
                self.bind(&p.pat, val);
            }
            Pat::Type(p) => self.bind(&p.pat, val),
            Pat::Tuple(PatTuple { elems, .. }) if matches!(val, Val::Poison) => {
                elems.iter().for_each(|p| self.bind(p, Val::Poison));
            }
            Pat::Slice(PatSlice { elems, .. }) if matches!(val, Val::Poison) => {
                elems.iter().for_each(|p| self.bind(p, Val::Poison));
            }
            Pat::Tuple(PatTuple { elems, .. }) | Pat::Slice(PatSlice { elems, .. }) => match self.parts(pat, &val) {
                Ok(parts) => {
                    for (pat, val) in parts.each.into_iter().chain(parts.rest) {
                        self.bind(pat, val);
                    }
                }
                Err(Stop) => elems.iter().for_each(|p| self.bind(p, Val::Poison)),
            },
            Pat::Struct(p) => {
                let val = self.loaded(val).unwrap_or(Val::Poison);
                self.bind_struct(p, &val);
            }
            Pat::TupleStruct(p) => {
                let tuple = PatTuple { attrs: Vec::new(), paren_token: p.paren_token, elems: p.elems.clone() };
                self.bind(&Pat::Tuple(tuple), val);
            }
            // What they are compared with names nothing; one that names something has been refused.
            Pat::Or(_) | Pat::Lit(_) | Pat::Range(_) | Pat::Path(_) => {}
            _ => {
                self.problems.add(span::of_pat(pat), "this pattern is not supported here", "use names, tuples and `_`");
            }
        }
    }

    /// What a tuple or slice pattern takes a value apart into.
    fn parts<'a>(&mut self, pat: &'a Pat, val: &Val) -> Read<Parts<'a>> {
        let unfit = |r: &mut Self, help: &str| r.stop(span::of_pat(pat), "this pattern does not fit the value", help);
        match (pat, val) {
            (Pat::Tuple(t), val) => {
                let val = if matches!(val, Val::Alias(_)) { self.loaded(val.clone())? } else { val.clone() };
                let Val::Tuple(parts) = val else { return unfit(self, "give it one name for each part") };
                let (before, after) = match rest_of(&t.elems) {
                    None if t.elems.len() == parts.len() => (t.elems.len(), 0),
                    Some((k, _)) if t.elems.len() - 1 <= parts.len() => (k, t.elems.len() - 1 - k),
                    _ => return unfit(self, "give it one name for each part"),
                };
                let first = t.elems.iter().zip(parts.iter().cloned()).take(before);
                let last = t.elems.iter().rev().zip(parts.iter().rev().cloned()).take(after);
                Ok(Parts { each: first.chain(last).collect(), rest: None })
            }
            (Pat::Slice(s), Val::Alias(place)) => {
                let whole = self.load(place)?;
                let Some(len) = self.extent(&whole) else { return unfit(self, "take arrays apart only") };
                let parts = self.slots(&s.elems.iter().collect::<Vec<_>>(), len);
                let each = parts.0.into_iter().map(|(pat, k)| (pat, self.borrowed(self.element_at(place, k))));
                let rest = parts.1.map(|(pat, lo, len)| (pat, self.borrowed(self.part_at(place, lo, len))));
                Ok(Parts { each: each.collect(), rest })
            }
            (Pat::Slice(s), val) => {
                let Some(len) = self.extent(val) else { return unfit(self, "take arrays apart only") };
                let fits = self.b.int_lit(len).is_none_or(|n| match rest_of(&s.elems) {
                    Some(_) => usize::try_from(n).is_ok_and(|n| s.elems.len() - 1 <= n),
                    None => usize::try_from(n) == Ok(s.elems.len()),
                });
                if !fits {
                    return unfit(self, "give it one name for each element, or `..`");
                }
                let (slots, rest) = self.slots(&s.elems.iter().collect::<Vec<_>>(), len);
                let element = |(pat, k)| (pat, self.element(val, k).map_or(Val::Poison, Val::One));
                let each = slots.into_iter().map(element).collect();
                let rest = match rest {
                    Some((pat, lo, len)) => Some((pat, self.part(val, lo, len, span::of_pat(pat))?)),
                    None => None,
                };
                Ok(Parts { each, rest })
            }
            _ => unfit(self, "use names and tuples"),
        }
    }

    /// The place of each pattern in an array, and the part that the rest is.
    #[expect(clippy::type_complexity, reason = "one list and one part")]
    fn slots<'a>(&self, pats: &[&'a Pat], len: Value) -> (Vec<(&'a Pat, Value)>, Option<(&'a Pat, Value, Value)>) {
        let (before, rest) = match rest_of(pats.iter().copied()) {
            Some((k, rest)) => (k, rest),
            None => (pats.len(), None),
        };
        let mut each: Vec<(&Pat, Value)> = (0..before).map(|k| (pats[k], self.b.index_lit(k))).collect();
        for k in before + 1..pats.len() {
            each.push((pats[k], self.difference(len, self.b.index_lit(pats.len() - k))));
        }
        let named = pats.len().saturating_sub(1);
        let rest = rest.map(|pat| (pat, self.b.index_lit(before), self.difference(len, self.b.index_lit(named))));
        (each, rest)
    }

    /// Whether a value matches a pattern; `None` where it always does.
    fn matches(&mut self, pat: &Pat, val: &Val) -> Read<Option<Value>> {
        let at = span::of_pat(pat);
        match pat {
            Pat::Wild(_) | Pat::Rest(_) => Ok(None),
            Pat::Paren(p) => self.matches(&p.pat, val),
            Pat::Reference(p) => self.matches(&p.pat, val),
            Pat::Guard(p) => self.matches(&p.pat, val),
            Pat::Ident(p) => {
                if let Some((_, sub)) = &p.subpat {
                    return self.matches(sub, val);
                }
                let name = p.ident.to_string();
                if self.is_constant(&name) {
                    let path = syn::ExprPath { attrs: Vec::new(), qself: None, path: p.ident.clone().into() };
                    return self.equals(val, &Expr::Path(path), at).map(Some);
                }
                if name.starts_with(char::is_uppercase) && name.len() > 1 {
                    return self.stop(
                        at,
                        format!("what `{name}` is cannot be seen from here"),
                        "declare it in the body, `const K: usize = 3;`, or write the number",
                    );
                }
                Ok(None)
            }
            Pat::Lit(lit) => self.equals(val, &Expr::Lit(lit.clone()), at).map(Some),
            Pat::Path(path) => self.equals(val, &Expr::Path(path.clone()), at).map(Some),
            Pat::Range(range) => self.in_range(val, range.start.as_deref(), range.end.as_deref(), &range.limits, at),
            Pat::Or(p) => {
                let mut any = None;
                for case in &p.cases {
                    if let Some(name) = names_of(case).iter().find(|name| !self.is_constant(name)) {
                        return self.stop(
                            at,
                            format!("`{name}` in one of several patterns is not supported"),
                            "write an arm for each, or bind the whole: `k @ (1 | 2)`",
                        );
                    }
                    let Some(test) = self.matches(case, val)? else { return Ok(None) };
                    any = Some(any.map_or(test, |any| self.b.call(Prim::Or, &[any, test])));
                }
                Ok(any)
            }
            Pat::Tuple(_) => self.parts_match(pat, val),
            Pat::Slice(s) => {
                let Some(long_enough) = self.fits_length(s, val)? else { return self.parts_match(pat, val) };
                // The elements are looked at only where they are there.
                let parts = |r: &mut Self| {
                    let test = r.parts_match(pat, val)?;
                    Ok(Val::One(test.unwrap_or_else(|| r.b.bool(true)).into()))
                };
                let known = |r: &mut Self| Ok(Val::One(r.b.bool(false).into()));
                let both = self.two_arms(at, Ok(long_enough), &[], parts, known)?;
                Ok(Some(both.leaves().ok_or(Stop)?[0].value))
            }
            _ => self.stop(
                at,
                "this pattern is not supported here",
                "match integers, ranges, `bool`s and tuples of these",
            ),
        }
    }

    /// Whether each part of a value matches its pattern.
    fn parts_match(&mut self, pat: &Pat, val: &Val) -> Read<Option<Value>> {
        let parts = self.parts(pat, val)?;
        let mut tests = Vec::new();
        for (pat, val) in parts.each {
            tests.push(self.matches(pat, &val)?);
        }
        Ok(self.all(tests))
    }

    /// Whether a slice has as many elements as a pattern takes; `None` where its length is known when compiling.
    fn fits_length(&mut self, pat: &PatSlice, val: &Val) -> Read<Option<Value>> {
        let whole = self.loaded(val.clone())?;
        let Some(len) = self.extent(&whole).filter(|len| self.b.int_lit(*len).is_none()) else { return Ok(None) };
        let (least, prim) = match rest_of(&pat.elems) {
            Some(_) => (pat.elems.len() - 1, Prim::Ge),
            None => (pat.elems.len(), Prim::Eq),
        };
        if prim == Prim::Ge && least == 0 {
            return Ok(None);
        }
        Ok(Some(self.b.call(prim, &[len, self.b.index_lit(least)])))
    }

    /// Whether a name in a pattern is a constant to compare with.
    fn is_constant(&self, name: &str) -> bool {
        match self.scope.find_item(name) {
            Some(k) => !matches!(self.scope.get(k).val, Val::Callee(_)),
            None => name.starts_with(char::is_uppercase) && self.scope.imports.iter().any(|(known, _)| known == name),
        }
    }

    fn all(&self, tests: impl IntoIterator<Item = Option<Value>>) -> Option<Value> {
        tests.into_iter().flatten().reduce(|a, b| self.b.call(Prim::And, &[a, b]))
    }

    fn equals(&mut self, val: &Val, with: &Expr, at: Span) -> Read<Value> {
        if let (Val::One(item), Expr::Lit(lit)) = (val, with)
            && let syn::Lit::Bool(lit) = &lit.lit
            && self.b.ty(item.value).elem == Elem::Bool
            && self.b.ty(item.value).is_scalar()
        {
            return Ok(if lit.value { item.value } else { self.b.call(Prim::Not, &[item.value]) });
        }
        self.compared(val, with, Prim::Eq, at)
    }

    /// Whether a number lies in a range; `None` in `..`.
    pub(super) fn in_range(
        &mut self,
        val: &Val,
        lo: Option<&Expr>,
        hi: Option<&Expr>,
        limits: &RangeLimits,
        at: Span,
    ) -> Read<Option<Value>> {
        let lo = match lo {
            Some(lo) => Some(self.compared(val, lo, Prim::Ge, at)?),
            None => None,
        };
        let hi = match (hi, limits) {
            (Some(hi), RangeLimits::HalfOpen(_)) => Some(self.compared(val, hi, Prim::Lt, at)?),
            (Some(hi), RangeLimits::Closed(_)) => Some(self.compared(val, hi, Prim::Le, at)?),
            (None, _) => None,
        };
        Ok(self.all([lo, hi]))
    }

    /// A number compared with a literal or a constant.
    fn compared(&mut self, val: &Val, with: &Expr, prim: Prim, at: Span) -> Read<Value> {
        let val = self.loaded(val.clone())?;
        let Val::One(item) = val else {
            return self.stop(at, "this pattern does not fit the value", "match numbers and `bool`s");
        };
        let with = self.scalar(with, self.kind_of(item))?;
        let kinds: [Option<Kind>; 2] = [self.kind_of(item), self.kind_of(with)];
        let fits = match kinds {
            [Some(a), Some(b)] => self.kinds.unify(a, b).is_ok(),
            _ => self.b.ty(item.value) == self.b.ty(with.value),
        };
        if !fits || !self.b.ty(item.value).is_scalar() {
            return self.stop(at, "this pattern does not fit the value", "match a value of its type");
        }
        self.at(at);
        Ok(self.b.call(prim, &[item.value, with.value]))
    }

    /// `match` as a value or as a statement.
    pub(super) fn match_value(&mut self, choice: &ExprMatch) -> Read<Val> {
        if let Some(plain) = self.without_option(choice) {
            return self.expr(&plain, None);
        }
        let val = self.value(&choice.expr, None)?;
        let names = carry::assigned_in(&Expr::Match(choice.clone()));
        self.arms(choice.match_token.span, &val, &names, &choice.arms, &mut |r, body| match body {
            Expr::Block(b) if b.label.is_none() => r.block(&b.block),
            body => r.expr(body, None),
        })
    }

    /// The arms of a `match`, each where none before it matches; `body` reads what an arm is worth.
    pub(super) fn arms(
        &mut self,
        at: Span,
        val: &Val,
        names: &[String],
        arms: &[Arm],
        body: &mut dyn FnMut(&mut Self, &Expr) -> Read<Val>,
    ) -> Read<Val> {
        let [arm, rest @ ..] = arms else {
            return self.stop(at, "a `match` needs an arm", "end it with `_ => …`");
        };
        let guard = match &arm.pat {
            Pat::Guard(p) => Some(&*p.guard),
            _ => None,
        };
        let test = self.matches(&arm.pat, val);
        let shared = std::cell::RefCell::new(body);
        let refused = test.is_err();
        let taken = |r: &mut Self| {
            let depth = r.scope.depth();
            if refused {
                names_of(&arm.pat).iter().for_each(|name| r.scope.declare(name, Val::Poison));
            } else {
                r.bind(&arm.pat, val.clone());
            }
            let value = (shared.borrow_mut())(r, &arm.body);
            let value = value.and_then(|v| if v.refers() { r.loaded(v) } else { Ok(v) });
            r.scope.leave(depth);
            value
        };
        let guarded = |r: &mut Self, guard: &Expr| {
            let depth = r.scope.depth();
            r.bind(&arm.pat, val.clone());
            let test = r.condition(guard);
            r.scope.leave(depth);
            test
        };
        // What is left when a last arm panics is nothing: one before it has matched.
        let [.., last] = arms else { unreachable!("there is an arm") };
        let is_otherwise = matches!(rest, [_]) && !matches!(&last.pat, Pat::Guard(_));
        if let (true, Some(mac)) = (is_otherwise, super::assertion::expr_panics(&last.body)) {
            let cond = match (test, guard) {
                (Ok(test), None) => test,
                (Ok(None), Some(guard)) => Some(guarded(self, guard)?),
                (Ok(Some(test)), Some(guard)) => {
                    let known = |r: &mut Self| Ok(Val::One(r.b.bool(false).into()));
                    let asked = |r: &mut Self| guarded(r, guard).map(|v| Val::One(v.into()));
                    let both = self.two_arms(at, Ok(test), &[], asked, known)?;
                    Some(both.leaves().ok_or(Stop)?[0].value)
                }
                (Err(Stop), _) => return Err(Stop),
            };
            if let Some(cond) = cond {
                self.never_otherwise(cond, mac);
            }
            return taken(self);
        }
        if let Some(mac) = super::assertion::expr_panics(&arm.body)
            && guard.is_none()
            && !rest.is_empty()
        {
            if let Some(test) = test? {
                let not = self.b.call(Prim::Not, &[test]);
                self.never_otherwise(not, mac);
            }
            return self.arms(at, val, names, rest, &mut **shared.borrow_mut());
        }
        let test = match (test, guard) {
            // The compiler has seen that the last arm takes what is left.
            (Ok(_), None) if rest.is_empty() => return taken(self),
            (Ok(None), None) => return taken(self),
            (Ok(Some(test)), None) => Ok(test),
            (Ok(None), Some(guard)) => guarded(self, guard),
            (Ok(Some(test)), Some(guard)) => {
                let known = |r: &mut Self| Ok(Val::One(r.b.bool(false).into()));
                let asked = |r: &mut Self| guarded(r, guard).map(|v| Val::One(v.into()));
                let both = self.two_arms(at, Ok(test), &[], asked, known);
                both.and_then(|v| Ok(v.leaves().ok_or(Stop)?[0].value))
            }
            (Err(Stop), _) => Err(Stop),
        };
        self.two_arms(at, test, names, taken, |r| r.arms(at, val, names, rest, &mut **shared.borrow_mut()))
    }
}

/// The names that a pattern gives.
fn names_of(pat: &Pat) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'ast> syn::visit::Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            self.0.push(pat.ident.to_string());
            syn::visit::visit_pat_ident(self, pat);
        }
    }
    let mut names = Names(Vec::new());
    syn::visit::Visit::visit_pat(&mut names, pat);
    names.0
}
