//! The formula language: text -> [`Function`].
//!
//! | module | does |
//! |---|---|
//! | `scope` | finds the names that nobody declared |
//! | `lower` | walks the expressions, without recursion on their depth |
//! | `term` | what an expression is while it is lowered: arrays are computed on demand |
//! | `scalar`, `whole` | kinds of numbers, and the arithmetic of whole ones |
//! | `operate` | operators, element by element, and `@` |
//! | `shape` | which shapes go together |
//! | `place` | subscripts |
//! | `reduce` | reductions and comprehensions |
//! | `choice` | choices and lazy logic |
//! | `call`, `library` | functions: the table's, the user's, those of arrays, losses |
//! | `foreign` | what has another name elsewhere |
//! | `diagonal` | matrices that are a diagonal |
//! | `linear` | determinants, inverses, linear systems |

mod call;
mod choice;
mod diagonal;
mod foreign;
mod library;
mod linear;
mod lower;
mod operate;
mod place;
mod reduce;
mod scalar;
mod scope;
mod shape;
mod term;
mod whole;

use std::collections::HashMap;
use std::rc::Rc;

use grad_grammar::{DimKind, Formula, Item, Name, ParamType, Span};

use crate::diagnostic::{Origin, Problem, did_you_mean};
use crate::ir::{Builder, Dim, Elem, Float, Function, Param, SizeId, Type};
use crate::opt::Simplify;
use lower::{Binding, Lowering, is_constant};
use term::Term;

/// A formula as a function.
#[derive(Debug)]
pub struct Primal {
    /// What it computes.
    pub function: Function,
    /// What the origins point at: `Origin(k)` is `spans[k]` of the source.
    pub spans: Vec<Span>,
}

/// What is wrong with a formula.
#[derive(Debug)]
pub struct Rejected {
    /// In the order of the text; never empty.
    pub problems: Vec<Problem>,
    /// What the origins point at: `Origin(k)` is `spans[k]` of the source.
    pub spans: Vec<Span>,
}

/// The parameters of a formula, where something else than the formula declares them.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Names and types, in order.
    pub params: Vec<(Rc<str>, Type)>,
    /// The names of the symbolic lengths, which the types refer to.
    pub sizes: Vec<Rc<str>>,
    /// The float type.
    pub float: Float,
}

/// Reads a formula; names that it does not declare are scalar parameters, and so are those of `wrt`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(name: &str, source: &str, wrt: &[String]) -> Result<Primal, Rejected> {
    read_under(name, source, wrt, &Rc::default())
}

/// [`read`] for a function that the simplifier may do this to.
///
/// # Errors
/// Those of [`read`].
pub fn read_under(name: &str, source: &str, wrt: &[String], simplify: &Rc<Simplify>) -> Result<Primal, Rejected> {
    let formula = parse(source)?;
    let mut reader = Reader::new(source, &formula);
    reader.declarations();
    reader.undeclared(wrt);
    reader.finish(name, Float::F64, simplify)
}

/// Reads a formula over parameters that are declared outside it.
///
/// # Errors
/// Everything that is wrong with it; a name that is not declared is wrong.
pub fn read_with(name: &str, source: &str, declared: &Declared) -> Result<Primal, Rejected> {
    let formula = parse(source)?;
    let mut reader = Reader::new(source, &formula);
    if let Some(first) = formula.params.first() {
        let at = reader.origin(first.span);
        let problem = Problem::new(at, "the parameters are declared by the signature of the function");
        reader.problems.push(problem.help("remove the declarations before `;`"));
    }
    reader.sizes.clone_from(&declared.sizes);
    reader.params = declared.params.iter().map(|(name, ty)| (name.clone(), ty.clone(), false)).collect();
    reader.unknown_names();
    reader.finish(name, declared.float, &Rc::default())
}

fn parse(source: &str) -> Result<Formula, Rejected> {
    grad_grammar::parse(source).map_err(|errors| {
        let spans = errors.iter().map(|error| error.span).collect();
        let problem = |(k, error): (usize, grad_grammar::ParseError)| Problem {
            title: error.message,
            label: (!error.expected.is_empty()).then(|| format!("expected {}", error.expected.join(", "))),
            help: error.help,
            at: Origin(u32::try_from(k).unwrap_or(u32::MAX)),
            also: Vec::new(),
        };
        Rejected { problems: errors.into_iter().enumerate().map(problem).collect(), spans }
    })
}

/// What is known of a formula before its expressions are lowered.
struct Reader<'f> {
    source: &'f str,
    formula: &'f Formula,
    /// Those of the expressions, then others.
    spans: Vec<Span>,
    problems: Vec<Problem>,
    /// Name, type, and whether nobody declared it.
    params: Vec<(Rc<str>, Type, bool)>,
    sizes: Vec<Rc<str>>,
    /// Where every global name is defined.
    defined: HashMap<&'f str, Span>,
    /// Where the lengths of each parameter are declared.
    declared: HashMap<&'f str, Vec<Span>>,
}

impl<'f> Reader<'f> {
    fn new(source: &'f str, formula: &'f Formula) -> Reader<'f> {
        let spans = formula.exprs.iter().map(|expr| expr.span).collect();
        let (problems, params, sizes) = (Vec::new(), Vec::new(), Vec::new());
        let mut reader = Reader {
            source,
            formula,
            spans,
            problems,
            params,
            sizes,
            defined: HashMap::new(),
            declared: HashMap::new(),
        };
        for param in &formula.params {
            reader.define(&param.name);
        }
        for item in &formula.items {
            match item {
                Item::Let { name, .. } => reader.define(name),
                Item::Fn { name, params, .. } => {
                    reader.define(name);
                    for (k, param) in params.iter().enumerate() {
                        if let Some(first) = params[..k].iter().find(|other| other.name.text == param.name.text) {
                            reader.duplicate(&param.name, first.name.span);
                        }
                    }
                }
            }
        }
        reader
    }

    fn origin(&mut self, span: Span) -> Origin {
        self.spans.push(span);
        Origin(u32::try_from(self.spans.len() - 1).unwrap_or(u32::MAX))
    }

    fn define(&mut self, name: &'f Name) {
        match self.defined.get(name.text.as_str()) {
            Some(first) => self.duplicate(name, *first),
            None => {
                self.defined.insert(&name.text, name.span);
            }
        }
    }

    fn duplicate(&mut self, name: &Name, first: Span) {
        let (at, first) = (self.origin(name.span), self.origin(first));
        let problem = Problem::new(at, format!("`{}` is defined twice", name.text)).also(first, "first defined here");
        self.problems.push(problem.help("give one of them another name"));
    }

    fn declarations(&mut self) {
        for param in &self.formula.params {
            let ty = match &param.ty {
                ParamType::Scalar => Type::FLOAT,
                ParamType::Index => Type::INDEX,
                ParamType::IndexArray(dims) => Type::array(Elem::INDEX, self.dims(dims)),
                ParamType::Array(dims) => Type::array(Elem::Float, self.dims(dims)),
            };
            if let ParamType::IndexArray(dims) | ParamType::Array(dims) = &param.ty {
                self.declared.insert(&param.name.text, dims.iter().map(|dim| dim.span).collect());
            }
            self.params.push((param.name.text.as_str().into(), ty, false));
        }
    }

    fn dims(&mut self, dims: &'f [grad_grammar::Dim]) -> Vec<Dim> {
        dims.iter()
            .map(|dim| match &dim.kind {
                DimKind::Literal(n) => Dim::Lit(usize::try_from(*n).unwrap_or(usize::MAX)),
                DimKind::Name(name) => {
                    if let Some(first) = self.defined.get(name.as_str()).copied() {
                        self.duplicate(&Name { text: name.clone(), span: dim.span }, first);
                    }
                    let k = self.sizes.iter().position(|size| **size == **name).unwrap_or_else(|| {
                        self.sizes.push(name.as_str().into());
                        self.sizes.len() - 1
                    });
                    Dim::Size(SizeId(u32::try_from(k).expect("a formula has fewer than 2^32 lengths")))
                }
            })
            .collect()
    }

    fn is_known(&self, name: &str) -> bool {
        self.defined.contains_key(name)
            || self.sizes.iter().any(|size| **size == *name)
            || self.params.iter().any(|(param, ..)| **param == *name)
    }

    /// Makes parameters of the names that nobody declared.
    fn undeclared(&mut self, wrt: &[String]) {
        let is_wrt = |name: &str| wrt.iter().any(|wrt| wrt == name);
        let known = |name: &str| self.is_known(name) || (is_constant(name) && !is_wrt(name));
        for (name, span) in scope::free_names(self.formula, known) {
            if name.is_ascii() && (call::primitive(&name).is_some() || library::is_function(&name)) && !is_wrt(&name) {
                let at = self.origin(span);
                let problem = Problem::new(at, format!("`{name}` is a function, and is used as a number"));
                self.problems.push(problem.help(format!("write `{name}(…)`, or declare it first: `{name};`")));
            } else if let Some(help) = foreign::constant(&name)
                && !is_wrt(&name)
            {
                let problem = Problem::new(self.origin(span), format!("there is no constant `{name}`"));
                self.problems
                    .push(problem.help(format!("{help}; a parameter of this name is declared first: `{name};`")));
            }
            self.params.push((name.into(), Type::FLOAT, true));
        }
    }

    /// Refuses the names that nobody declared.
    fn unknown_names(&mut self) {
        let known = |name: &str| self.is_known(name) || is_constant(name);
        for (name, span) in scope::free_names(self.formula, known) {
            let at = self.origin(span);
            let params = self.params.iter().map(|(param, ..)| &**param);
            let near = did_you_mean(&name, params.chain(self.sizes.iter().map(|size| &**size)));
            let problem = Problem::new(at, format!("`{name}` is not a parameter of the function"));
            let problem = match near {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("add it to the signature"),
            };
            self.problems.push(problem);
        }
    }

    fn finish(self, name: &str, float: Float, simplify: &Rc<Simplify>) -> Result<Primal, Rejected> {
        let Reader { source, formula, mut spans, problems, params, sizes, declared, .. } = self;
        let b = Builder::under(simplify);
        let mut globals = HashMap::new();
        for (k, size) in sizes.iter().enumerate() {
            let id = SizeId(u32::try_from(k).expect("a formula has fewer than 2^32 lengths"));
            globals.insert(size.clone(), Binding::Size(id));
        }
        for (param, ty, undeclared) in &params {
            let value = b.param(ty.clone());
            b.name(value, param);
            let mut term = Term::of(&b, value, Origin::default());
            term.undeclared = undeclared.then(|| param.clone());
            if let Some(dims) = declared.get(&**param) {
                let first = spans.len();
                spans.extend(dims);
                let place = |k: usize| Some(Origin(u32::try_from(k).unwrap_or(u32::MAX)));
                term = term.with_from((first..spans.len()).map(place).collect());
            }
            globals.insert(param.clone(), Binding::Term(Some(term)));
        }
        let lowering = Lowering::new(&b, source, formula, sizes.clone(), globals, spans, problems);
        let results = lowering.run();
        let (mut problems, spans) = lowering.into_problems();
        let results = match results {
            Some(results) if problems.is_empty() => results,
            _ => {
                problems.sort_by_key(|problem| spans[problem.at.0 as usize]);
                // What is wrong in a definition is found at each call of it.
                problems.dedup_by(|a, b| a.title == b.title && spans[a.at.0 as usize] == spans[b.at.0 as usize]);
                return Err(Rejected { problems, spans });
            }
        };
        let body = b.finish(&results);
        let params = params.into_iter().map(|(name, ..)| Param { name }).collect();
        let function = Function { name: name.into(), params, body, sizes, float, simplify: simplify.clone() };
        Ok(Primal { function, spans })
    }
}
