//! The Rust front end: the tokens of an annotated function to a [`Function`], or every reason why not.
//!
//! Values have value semantics: a reference is what it refers to, and an assignment gives a variable a new value. Variables
//! that a loop assigns become its carries, those that an `if` assigns its results (`carry`). A statement that was refused
//! poisons what it declares and assigns, so that one mistake gives one problem and the rest is still read.

use std::collections::BTreeMap;
use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{ItemFn, Visibility};

use crate::diagnostic::{Origin, Problem};
use crate::emit::{Interface, Layout, ResultForm, ResultHome};
use crate::ir::{Builder, Function, IntKind, Param};

mod assertion;
mod call;
mod callee;
mod carry;
mod chain;
mod choice;
mod condition;
mod constant;
mod expr;
mod find;
mod from_fn;
mod generic;
mod growing;
mod instead;
mod kind;
mod later;
mod leave;
mod looped;
mod module;
mod mutate;
mod nesting;
mod number;
mod optional;
mod outside;
mod pattern;
mod place;
mod record;
mod scope;
mod sequence;
mod signature;
mod span;
mod stmt;
mod text;
mod view;

pub use module::Module;
pub use outside::{Outside, calls_outside, plain_math};
pub use signature::SignatureForm;

use callee::Callee;
use kind::Kinds;
use scope::Scope;

/// A function as the user wrote it.
#[derive(Clone, Debug)]
pub struct RustPrimal {
    /// What it computes.
    pub function: Function,
    /// How it is passed its parameters.
    pub interface: Interface,
    /// The source of each [`Origin`].
    pub spans: Vec<Span>,
    /// Where each parameter is declared.
    pub params: Vec<Span>,
}

/// Why a function cannot be taken.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Every mistake found, in the order of reading.
    pub problems: Vec<Problem>,
    /// The source of each [`Origin`].
    pub spans: Vec<Span>,
}

/// What is wrong, collected, with the places in the source that origins stand for.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    problems: Vec<Problem>,
    spans: Vec<Span>,
}

impl Problems {
    /// The origin that stands for a place.
    fn origin(&mut self, span: Span) -> Origin {
        self.spans.push(span);
        Origin(u32::try_from(self.spans.len() - 1).expect("a function has fewer than 2^32 tokens"))
    }

    /// Records a problem and what to do about it.
    fn add(&mut self, span: Span, title: impl Into<String>, help: impl Into<String>) {
        let at = self.origin(span);
        self.problems.push(Problem::new(at, title).help(help));
    }

    fn rejected(self) -> Rejected {
        Rejected { problems: self.problems, spans: self.spans }
    }
}

/// A problem has been recorded; there is no value.
#[derive(Clone, Copy, Debug)]
struct Stop;

/// A value, or a problem that has been recorded.
type Read<T> = Result<T, Stop>;

/// One reading of a body.
struct Reader<'b> {
    b: &'b Builder,
    module: &'b Module,
    problems: Problems,
    kinds: Kinds,
    scope: Scope,
    form: &'b SignatureForm,
    /// The loops around, outermost first.
    loops: Vec<leave::LoopFrame>,
    /// The closures and functions that are being written out, outermost first.
    calls: Vec<Rc<Callee>>,
    /// What must hold.
    assertions: assertion::Assertions,
    /// The variables behind `&mut` parameters.
    written: Vec<usize>,
    /// How many calls have been written out.
    applied: usize,
    /// How many variables of the front end's own have been declared.
    hidden: usize,
    /// The vectors that the loops around push to.
    growing: Vec<growing::Growing>,
    /// How many vectors loops have pushed to.
    vectors: usize,
    /// What is in them.
    elements: growing::Elements,
    /// The name of the variable that the expression about to be read is for.
    wish: Option<String>,
    /// The calls that make an array of any length, and the length that it must have; outermost first.
    wanted_lengths: Vec<(*const syn::ExprCall, crate::ir::Value)>,
    /// Whether some of the signature was refused: then nothing is held against what it says.
    unsure: bool,
}

impl Reader<'_> {
    /// Records a problem.
    fn stop<T>(&mut self, span: Span, title: impl Into<String>, help: impl Into<String>) -> Read<T> {
        self.problems.add(span, title, help);
        Err(Stop)
    }

    /// Refuses a loop or a choice inside too many others: what comes after recurses over them.
    fn room(&mut self, at: Span) -> Read<()> {
        if self.b.depth() <= nesting::BLOCKS {
            return Ok(());
        }
        self.stop(
            at,
            "loops and choices nest too deep here",
            "turn the choices into an array to be indexed, or split the function",
        )
    }

    /// New nodes come from here.
    fn at(&mut self, span: Span) {
        let origin = self.problems.origin(span);
        self.b.set_origin(Some(origin));
    }
}

/// Whether tokens nest so little that they can be parsed: to be asked before syn is, which recurses.
///
/// # Errors
/// Where they nest too deep.
pub fn check_nesting(tokens: &TokenStream) -> Result<(), Rejected> {
    let mut problems = Problems::default();
    let Some(at) = nesting::tokens_too_deep(tokens) else { return Ok(()) };
    problems.add(at, "brackets nest too deep here", "give the inner parts names of their own with `let`");
    Err(problems.rejected())
}

/// Whether the functions of a module, and its constants, can be copied, which recurses over their expressions: to be asked
/// before [`Module::of`].
///
/// # Errors
/// Where one cannot.
pub fn check_items(items: &[syn::Item]) -> Result<(), Rejected> {
    let mut problems = Problems::default();
    let mut check = |deep: Option<Span>, long: Option<Span>| {
        if let Some(at) = deep {
            problems.add(at, "expressions nest too deep here", "give the inner parts names of their own with `let`");
        }
        if let Some(at) = long {
            problems.add(at, LONG, "give parts of the expression names with `let`");
        }
    };
    for item in items {
        match item {
            syn::Item::Fn(f) => check(nesting::block_too_deep(&f.block), nesting::chain_too_long(&f.block)),
            syn::Item::Const(c) => {
                check(nesting::expr_too_deep(&c.expr).then(|| c.ident.span()), nesting::expr_chain_too_long(&c.expr));
            }
            syn::Item::Static(c) => {
                check(nesting::expr_too_deep(&c.expr).then(|| c.ident.span()), nesting::expr_chain_too_long(&c.expr));
            }
            syn::Item::Impl(block) => {
                for item in &block.items {
                    match item {
                        syn::ImplItem::Fn(f) => {
                            check(nesting::block_too_deep(&f.block), nesting::chain_too_long(&f.block));
                        }
                        syn::ImplItem::Const(c) => check(
                            nesting::expr_too_deep(&c.expr).then(|| c.ident.span()),
                            nesting::expr_chain_too_long(&c.expr),
                        ),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if problems.problems.is_empty() { Ok(()) } else { Err(problems.rejected()) }
}

const LONG: &str = "this row of operators is too long here";

/// Reads the signature of the formula form, `fn f(x: &[f64]) -> f64;`.
///
/// # Errors
/// What is refused, every place of it.
pub fn read_signature(
    sig: &syn::Signature,
    visibility: &Visibility,
    attributes: &[syn::Attribute],
    module: &Module,
) -> Result<SignatureForm, Rejected> {
    let mut problems = Problems::default();
    let resolved = stand_ins(sig, module, &mut problems);
    let written = signature::Written {
        written: sig,
        resolved: resolved.item.as_ref().unwrap_or(sig),
        generic: resolved.generic,
        visibility,
        attributes,
    };
    let reading = signature::read(&written, module, &mut problems);
    if problems.problems.is_empty() { Ok(reading.form) } else { Err(problems.rejected()) }
}

/// Syntax with aliases and the float parameter replaced, where there are any.
struct StandIns<S> {
    item: Option<S>,
    /// The float parameter.
    generic: Option<String>,
}

/// Replaces `T` of `T: Float` by `f64`, which stands in for it, and aliases by what they are.
fn stand_ins<S: ToTokens + syn::parse::Parse + HasSignature>(
    item: &S,
    module: &Module,
    problems: &mut Problems,
) -> StandIns<S> {
    let sig = item.signature();
    let params = module::number_params(&sig.generics);
    let [generic] = params.as_slice() else {
        return StandIns { item: module.resolved(item, &BTreeMap::new()), generic: None };
    };
    let mut tokens = sig.inputs.to_token_stream();
    sig.output.to_tokens(&mut tokens);
    if let Some(float) = module::identifiers(tokens).iter().find(|n| matches!(n.as_str(), "f64" | "f32")) {
        problems.add(
            generic.span(),
            format!("a function generic over `{generic}` has an `{float}` in its signature"),
            format!("use `{generic}` throughout"),
        );
    } else if generic::lacks_literals(&generic.to_string(), &sig.generics) {
        problems.add(
            generic.span(),
            format!("the bounds of `{generic}` do not say how to make a number of a literal"),
            format!("add the bound `Float` of num-traits: `{generic}: Float`"),
        );
    }
    if let Some(at) = item.block().and_then(nesting::chain_too_long) {
        problems.add(at, LONG, "give parts of the expression names with `let`");
        return StandIns { item: None, generic: Some(generic.to_string()) };
    }
    let names = BTreeMap::from([(generic.to_string(), quote::quote!(f64))]);
    StandIns { item: module.resolved(item, &names), generic: Some(generic.to_string()) }
}

trait HasSignature {
    fn signature(&self) -> &syn::Signature;
    fn block(&self) -> Option<&syn::Block>;
}

impl HasSignature for syn::Signature {
    fn signature(&self) -> &syn::Signature {
        self
    }

    fn block(&self) -> Option<&syn::Block> {
        None
    }
}

impl HasSignature for ItemFn {
    fn signature(&self) -> &syn::Signature {
        &self.sig
    }

    fn block(&self) -> Option<&syn::Block> {
        Some(&self.block)
    }
}

/// How often a function is read at most, each time with what the reading before has learnt.
const READINGS: usize = 12;

/// Reads an annotated function, which may name the items of a module.
///
/// # Errors
/// What is refused, every place of it.
pub fn read(item: &ItemFn, module: &Module) -> Result<RustPrimal, Rejected> {
    let mut problems = Problems::default();
    let whole = std::iter::once(item).chain(module.functions());
    if let Some((at, what)) = whole.filter_map(nesting::too_deep).next() {
        problems.add(at, format!("{what} nest too deep here"), "give the inner parts names of their own with `let`");
        return Err(problems.rejected());
    }
    if let Some(at) = condition::in_function(item) {
        condition::refuse(&mut problems, at);
        return Err(problems.rejected());
    }
    let resolved = stand_ins(item, module, &mut problems);
    let written = &item.sig;
    let item = resolved.item.as_ref().unwrap_or(item);
    let written = signature::Written {
        written,
        resolved: &item.sig,
        generic: resolved.generic,
        visibility: &item.vis,
        attributes: &item.attrs,
    };
    let reading = signature::read(&written, module, &mut problems);
    // Each further reading settles kinds that the one before had assumed; what is learnt does not depend on what was assumed.
    let mut learnt = Learnt::default();
    for _ in 0..READINGS {
        match attempt(item, module, &reading, std::mem::take(&mut learnt), &mut problems) {
            Attempt::Done(primal) => return Ok(*primal),
            Attempt::Again(found) => learnt = found,
            Attempt::Rejected => return Err(problems.rejected()),
        }
    }
    problems.add(
        item.sig.ident.span(),
        "the types of the integers in this function could not be settled",
        "write the types of integer literals: `0usize`",
    );
    Err(problems.rejected())
}

/// What a reading learns for the next.
#[derive(Default)]
struct Learnt {
    kinds: Vec<IntKind>,
    elements: growing::Elements,
}

enum Attempt {
    Done(Box<RustPrimal>),
    Again(Learnt),
    Rejected,
}

fn attempt(
    item: &ItemFn,
    module: &Module,
    reading: &signature::Reading,
    learnt: Learnt,
    problems: &mut Problems,
) -> Attempt {
    let b = Builder::new();
    let mut reader = Reader {
        b: &b,
        module,
        problems: Problems { problems: problems.problems.clone(), spans: problems.spans.clone() },
        kinds: Kinds::with(learnt.kinds),
        scope: Scope::default(),
        form: &reading.form,
        loops: Vec::new(),
        calls: Vec::new(),
        assertions: assertion::Assertions::default(),
        written: Vec::new(),
        applied: 0,
        hidden: 0,
        growing: Vec::new(),
        vectors: 0,
        elements: learnt.elements,
        wish: None,
        wanted_lengths: Vec::new(),
        unsure: !problems.problems.is_empty(),
    };
    reader.prepare_assertions();
    reader.surroundings(nesting::names(&item.block));
    reading.refused.iter().for_each(|name| reader.scope.declare(name, scope::Val::Poison));
    reader.arguments(&reading.args);
    let results = reader.function_body(&item.block);
    let checks = if results.is_ok() { reader.checked() } else { Vec::new() };
    let Reader { problems: found, kinds, elements, .. } = reader;
    if !found.problems.is_empty() {
        *problems = found;
        return Attempt::Rejected;
    }
    if elements.differs {
        // What is in a vector decides where kinds come from: those are learnt afresh.
        return Attempt::Again(Learnt { kinds: Vec::new(), elements: elements.settled() });
    }
    if let Some(kinds) = kinds.differing() {
        return Attempt::Again(Learnt { kinds, elements });
    }
    let Ok(mut results) = results else { unreachable!("a reading that stops has a problem") };
    let form = &reading.form;
    let mut interface = form.interface.clone();
    for (cond, check) in checks {
        results.push(cond);
        let home = ResultHome::Checked(check);
        interface.results.push(ResultForm { ty: "bool".to_string(), layout: Layout::Scalar, home });
    }
    let function = Function {
        name: form.name.clone(),
        params: form.params.iter().map(|(name, ..)| Param { name: name.clone() }).collect(),
        body: b.finish(&results),
        sizes: form.sizes.clone(),
        float: form.float,
        simplify: Rc::default(),
    };
    Attempt::Done(Box::new(RustPrimal {
        function,
        interface,
        spans: found.spans,
        params: form.params.iter().map(|p| p.2).collect(),
    }))
}
