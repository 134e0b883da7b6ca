//! Calls: of the user's definitions, of the table's functions, of the library.

use grad_grammar::{Arg, ExprId, ExprKind, FnParam, Item, Name};

use super::lower::{Lowered, Lowering};
use super::reduce::{REDUCTIONS, Reduction};
use super::scalar::{Kind, Scalar};
use super::term::Term;
use super::whole;
use super::{foreign, library};
use crate::diagnostic::{Origin, Problem, did_you_mean};
use crate::prim::{Prim, ROWS};

/// `` `hypot` takes 2 arguments, 1 given ``
pub(super) fn arity(name: &str, takes: usize, given: usize) -> String {
    format!("`{name}` takes {takes} argument{}, {given} given", if takes == 1 { "" } else { "s" })
}

/// The primitive that is called by a name: those of the table, and the remainder, which is an operator in Rust alone.
pub(super) fn primitive(name: &str) -> Option<Prim> {
    Prim::by_name(name).or_else(|| (name == Prim::Rem.name()).then_some(Prim::Rem))
}

impl<'f> Lowering<'f> {
    /// `f(x, d = 2)`; the terms are the arguments'.
    pub(super) fn call(&self, id: ExprId, name: &'f Name, args: &'f [Arg], terms: Vec<Term>) -> Lowered<Term> {
        let at = self.origin(id);
        let text = name.text.as_str();
        if self.is_value(text) {
            let at = self.origin_of(name.span);
            return self.refuse_with(
                at,
                format!("`{text}` is a value here, not a function"),
                format!("a product is written `{text} * (…)`"),
            );
        }
        if let Some(Item::Fn { params, body, .. }) = self.functions.get(text) {
            return self.definition(at, name, params, *body, args, terms);
        }
        if let Some(keyword) = args.iter().find_map(|arg| arg.name.as_ref())
            && !library::takes_keywords(text)
        {
            let at = self.origin_of(keyword.span);
            return self.refuse(at, format!("`{text}` has no argument of the name `{}`", keyword.text));
        }
        self.numbers(&terms)?;
        if let (Some(reduction), [x]) = (Reduction::by_name(text), terms.as_slice()) {
            return self.reduce(at, reduction, x);
        }
        if let Some(prim) = primitive(text) {
            return self.primitive(at, name, prim, &terms);
        }
        if Reduction::by_name(text).is_some() {
            return self.refuse_with(
                self.origin_of(name.span),
                arity(text, 1, terms.len()),
                format!("write `{text}(v)` or `{text}(i in 0..n: …)`"),
            );
        }
        match library::function(text) {
            Some(function) => self.library(at, name, function, args, &terms),
            None => Err(self.unknown(name)),
        }
    }

    /// Says what is wrong with a call besides its arguments.
    pub(super) fn call_of_wrong(&self, name: &Name, args: &[Arg]) {
        let text = name.text.as_str();
        if self.is_value(text) {
            return;
        }
        let (least, most) = if let Some(Item::Fn { params, .. }) = self.functions.get(text) {
            (params.iter().filter(|param| param.default.is_none()).count(), params.len())
        } else if Reduction::by_name(text).is_some() {
            let several = matches!(primitive(text), Some(Prim::Max | Prim::Min));
            (1, if several { usize::MAX } else { 1 })
        } else if let Some(prim) = primitive(text) {
            let row = prim.row();
            (row.args.len() - row.defaults.len(), row.args.len())
        } else if let Some(counts) = library::counts(text) {
            counts
        } else {
            let _ = self.unknown(name);
            return;
        };
        if args.len() < least || args.len() > most {
            let takes = if args.len() < least { least } else { most };
            let _ = self.refuse::<()>(self.origin_of(name.span), arity(text, takes, args.len()));
        }
    }

    /// Says which functions of a definition there are none of: a definition that is never called is looked at too.
    pub(super) fn unknown_functions(&self, params: &[FnParam], body: ExprId) {
        let mut pending = vec![body];
        while let Some(id) = pending.pop() {
            let kind = &self.formula[id].kind;
            kind.for_each_child(|child| pending.push(child));
            match kind {
                ExprKind::Call { name, .. } => {
                    let text = name.text.as_str();
                    let known = self.functions.contains_key(text)
                        || Prim::by_name(text).is_some()
                        || Reduction::by_name(text).is_some()
                        || library::function(text).is_some();
                    if !known && !self.is_value(text) && params.iter().all(|param| param.name.text != text) {
                        let _ = self.unknown(name);
                    }
                }
                ExprKind::Reduce { name, .. } => {
                    let _ = self.reduction_of(name);
                }
                ExprKind::Number { .. }
                | ExprKind::Name(_)
                | ExprKind::Unary(..)
                | ExprKind::Binary(..)
                | ExprKind::Compare { .. }
                | ExprKind::Transpose(_)
                | ExprKind::Index { .. }
                | ExprKind::Choice { .. }
                | ExprKind::Vector(_)
                | ExprKind::Comprehension { .. } => {}
            }
        }
    }

    fn unknown(&self, name: &Name) -> super::lower::Reported {
        let at = self.origin_of(name.span);
        let problem = Problem::new(at, format!("there is no function `{}`", name.text));
        let table = ROWS.iter().filter(|row| row.is_function());
        let mut known: Vec<&str> = library::names().collect();
        known.push(Prim::Rem.name());
        known.extend(REDUCTIONS.iter().map(|(name, _)| *name));
        known.extend(table.flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied())));
        let mut users: Vec<&str> = self.functions.keys().copied().collect();
        users.sort_unstable();
        let known = users.iter().copied().chain(known.iter().map(|name| &**name));
        let text = name.text.as_str();
        let help = if let Some(help) = foreign::function(text) {
            help.to_owned()
        } else if let Some(near) = did_you_mean(text, known) {
            format!("did you mean `{near}`?")
        } else if text.chars().count() == 1 || self.is_number(text) {
            // One letter, or a number elsewhere in the formula, is a factor.
            format!("a product is written `{text} * (…)`")
        } else {
            format!("it is defined with `fn {text}(x) = …`")
        };
        self.report(problem.help(help))
    }

    fn primitive(&self, at: Origin, name: &Name, prim: Prim, terms: &[Term]) -> Lowered<Term> {
        let row = prim.row();
        let several = matches!(prim, Prim::Max | Prim::Min) && terms.len() > 2;
        let left_out = row.args.len().saturating_sub(terms.len());
        if (1..=row.defaults.len()).contains(&left_out) {
            let defaults = &row.defaults[row.defaults.len() - left_out..];
            let filled: Vec<Term> = (terms.iter().cloned())
                .chain(defaults.iter().map(|x| Term::scalar(Scalar::float(self.b.float(*x)), at)))
                .collect();
            return self.primitive(at, name, prim, &filled);
        }
        if terms.len() != row.args.len() && !several {
            let problem = Problem::new(self.origin_of(name.span), arity(&name.text, row.args.len(), terms.len()));
            let mut help = format!("`{}({})`", row.name, row.args.join(", "));
            if prim == Prim::Hypot && terms.len() > row.args.len() {
                help += "; of more numbers it is `norm([x, y, z])`";
            }
            return Err(self.report(problem.help(help)));
        }
        match (prim, terms) {
            (Prim::Pow, [x, y]) => return self.power(at, &[x.clone(), y.clone()]),
            (Prim::Powi, [x, n]) => {
                return match n.kind {
                    Kind::Natural | Kind::Signed | Kind::Literal(_) => self.power(at, &[x.clone(), n.clone()]),
                    Kind::Float | Kind::Bool => {
                        let name = self.quoted(n.at, "this");
                        self.refuse_with(n.at, format!("{name} is not a whole number"), "write `pow` or `^`")
                    }
                };
            }
            _ => {}
        }
        if several {
            let (first, rest) = terms.split_first().expect("there are more than two");
            return rest.iter().try_fold(first.clone(), |x, y| self.primitive(at, name, prim, &[x, y.clone()]));
        }
        let kinds: Vec<Kind> = terms.iter().map(|term| term.kind).collect();
        if let Some(kind) = whole::function_kind(prim, &kinds) {
            return self.zip(at, terms, kind, move |b, x| whole::function(b, prim, x));
        }
        self.zip(at, terms, Kind::Float, move |b, x| {
            Scalar::float(b.call(prim, &x.iter().map(|x| x.as_float(b)).collect::<Vec<_>>()))
        })
    }

    /// A call of a definition: its body, with its parameters bound.
    fn definition(
        &self,
        at: Origin,
        name: &'f Name,
        params: &'f [FnParam],
        body: ExprId,
        args: &'f [Arg],
        terms: Vec<Term>,
    ) -> Lowered<Term> {
        let text = name.text.as_str();
        if self.calls.borrow().contains(&text) {
            let title = format!("`{text}` calls itself");
            return self.refuse_with(self.origin_of(name.span), title, "write the repetition as a reduction");
        }
        let mut given: Vec<Option<Term>> = vec![None; params.len()];
        let mut position = 0;
        for (arg, term) in args.iter().zip(terms) {
            let place = match &arg.name {
                Some(keyword) => {
                    let place = params.iter().position(|param| param.name.text == keyword.text);
                    let Some(place) = place else {
                        let at = self.origin_of(keyword.span);
                        let problem =
                            Problem::new(at, format!("`{text}` has no argument of the name `{}`", keyword.text));
                        let near = did_you_mean(&keyword.text, params.iter().map(|param| param.name.text.as_str()));
                        return Err(self.report(match near {
                            Some(near) => problem.help(format!("did you mean `{near}`?")),
                            None => problem,
                        }));
                    };
                    place
                }
                None => {
                    position += 1;
                    position - 1
                }
            };
            if place >= params.len() {
                return self.refuse(self.origin_of(name.span), arity(text, params.len(), args.len()));
            }
            if given[place].is_some() {
                let title = format!("the argument `{}` is given twice", params[place].name.text);
                return self.refuse(self.origin_of(arg.span), title);
            }
            given[place] = Some(term.stored(self.b));
        }
        self.calls.borrow_mut().push(text);
        let result = self.deeper(at, || {
            let mut bound = Vec::new();
            for (param, given) in params.iter().zip(given) {
                let term = match (given, param.default) {
                    (Some(term), _) => term,
                    // A default sees the parameters before it.
                    (None, Some(default)) => self.in_definition(bound.clone(), || self.lower(default))?,
                    (None, None) => {
                        let needed = params.iter().filter(|param| param.default.is_none()).count();
                        let missing = &param.name.text;
                        // Enough are given, but for others.
                        let problem = if args.len() < needed {
                            let title = arity(text, needed, args.len());
                            Problem::new(self.origin_of(name.span), title).label(format!("`{missing}` is missing"))
                        } else {
                            let title = format!("`{text}` is called without its argument `{missing}`");
                            Problem::new(self.origin_of(name.span), title)
                                .help(format!("write `{text}({missing} = …)`, or give all that come before it"))
                        };
                        return Err(self.report(problem));
                    }
                };
                bound.push((param.name.text.as_str(), Some(term)));
            }
            self.in_definition(bound, || self.lower(body))
        });
        self.calls.borrow_mut().pop();
        // What is wrong with the value is told of the call.
        result.map(|term| Term { at, ..term })
    }
}
