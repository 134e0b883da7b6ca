//! One body after another, into statements: what is inlined, what is bound to a name, and when it is written.
//!
//! A scalar that is read once is held back as an expression until its reader takes it. Before a variable is written, what
//! is held back and reads it is bound to a name first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::names::Names;
use super::storage::Plan;
use super::term::{Term, call_size, is_atom, union};
use super::{Block, Destination, Expr, Program, Source, Stmt, Var, Variable};
use crate::diagnostic::Problem;
use crate::emit::{Axis, CheckForm, Layout};
use crate::ir::{Body, Dim, Elem, Id, Lit, Op, SizeId, Store, Type};
use crate::prim::{Prim, Spelling};

/// What a node is in the program.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// A scalar.
    Scalar(Term),
    /// An array, or a part of one.
    Array(View),
    /// The results of a loop or a choice that are read.
    Many(Vec<Option<Val>>),
    /// An array that is written where it is read: elements, or one literal everywhere.
    Inline,
}

/// An array variable, or the part of one at an index that does not change.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub(super) var: Var,
    /// One index an axis, outermost first.
    pub(super) at: Vec<Expr>,
}

/// Where an array that a body makes is wanted.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// In this place, which holds nothing that is still needed.
    Place(View),
    /// In a new variable that is held so.
    Held(Layout),
}

/// The state of one body.
pub(super) struct Frame<'b> {
    pub(super) body: &'b Body,
    pub(super) plan: Plan,
    /// Which parameters may be written over.
    owned: Vec<bool>,
    pub(super) vals: Vec<Option<Val>>,
    /// Which scalars are held back.
    held: Vec<bool>,
    /// The nodes held back that read a variable.
    readers: BTreeMap<Var, Vec<Id>>,
    /// Where the array that begins at a node (and its k-th result) is wanted.
    pub(super) homes: BTreeMap<(Id, usize), Home>,
    /// What the array or carry that begins at a node is called.
    pub(super) called: BTreeMap<(Id, usize), Rc<str>>,
    /// Nodes whose own name says nothing, for they go straight into a variable.
    nameless: BTreeSet<Id>,
    /// Arrays of elements that are written where they are read.
    inline: BTreeSet<Id>,
    /// The captured arrays that this body cannot write.
    stable: BTreeSet<Var>,
    /// The node that reads the k-th result of a loop or a choice.
    pub(super) gets: BTreeMap<(Id, usize), Id>,
}

/// A function on its way to statements.
pub(super) struct Lowering<'a> {
    pub(super) source: Source<'a>,
    pub(super) vars: Vec<Variable>,
    /// Whether a variable may be written after it is made.
    pub(super) slots: Vec<bool>,
    pub(super) blocks: Vec<Vec<Stmt>>,
    pub(super) names: Names,
    sizes: Vec<Option<Expr>>,
    /// What must hold, in order, each as soon as its node of the function's own body is computed.
    checks: VecDeque<(Id, CheckForm)>,
    /// The lengths that are bound at the top, in order of need.
    hoisted: Vec<(Var, Expr)>,
}

/// Turns a function into statements.
///
/// # Errors
/// When the length of an inner array depends on the index of the array around it.
pub fn lower(source: Source<'_>) -> Result<Program, Problem> {
    let function = source.function;
    let mut low = Lowering {
        source,
        vars: Vec::new(),
        slots: Vec::new(),
        blocks: vec![Vec::new()],
        names: Names::default(),
        sizes: vec![None; function.sizes.len()],
        checks: VecDeque::new(),
        hoisted: Vec::new(),
    };
    low.names.open();
    for name in source.reserved {
        low.names.take(name);
    }
    for text in source.sizes {
        low.names.take(text);
    }
    for form in source.params {
        low.names.take(&form.name);
    }
    for destination in source.destinations {
        if let Destination::Out { name, .. } = destination {
            low.names.take(name);
        }
    }
    let args = low.parameters();
    let owned = written_over(source);
    for k in (0..owned.len()).filter(|k| owned[*k]) {
        low.slots[k] = true;
    }
    let homes = low.destinations(&owned);
    low.check_lengths(&homes);
    let mut frame = low.frame(&function.body, &owned, &homes, &[]);
    low.run(&mut frame, &args)?;
    let values = low.returned(&mut frame, &homes)?;
    let mut program = low.finish(values);
    program.in_place = (0..owned.len()).filter(|k| owned[*k]).collect();
    Ok(program)
}

/// The array parameters that are written to and whose last value is made of the first in place.
fn written_over(source: Source<'_>) -> Vec<bool> {
    let body = &source.function.body;
    let outs = source.destinations.iter().zip(&body.results).filter_map(|(destination, r)| match destination {
        Destination::Out { name, .. } if body.ty(*r).rank() > 0 => {
            let k = source.params.iter().position(|p| p.name == *name)?;
            Some((k, *r))
        }
        Destination::Out { .. } | Destination::Return(_) | Destination::Check(_) => None,
    });
    let mut outs: Vec<(usize, Id)> = outs.collect();
    loop {
        let mut owned = vec![false; source.params.len()];
        outs.iter().for_each(|(k, _)| owned[*k] = true);
        if outs.is_empty() {
            return owned;
        }
        let plan = Plan::new(body, &owned, &[]);
        let n = outs.len();
        outs.retain(|(k, r)| plan.origin(body, *r) == (body.params[*k], 0));
        if outs.len() == n {
            return owned;
        }
    }
}

impl<'a> Lowering<'a> {
    /// A variable for each parameter.
    fn parameters(&mut self) -> Vec<Val> {
        let function = self.source.function;
        let mut args = Vec::new();
        for (k, form) in self.source.params.iter().enumerate() {
            let ty = function.param_type(k).clone();
            let var = Var(u32::try_from(self.vars.len()).expect("there are few parameters"));
            self.vars.push(Variable {
                name: form.name.clone(),
                elem: ty.elem,
                layout: form.layout.clone(),
                dims: Vec::new(),
                mutable: false,
                by_ref: form.by_ref,
                annotate: false,
            });
            self.slots.push(false);
            args.push((var, ty));
        }
        args.into_iter()
            .map(|(var, ty)| {
                if ty.is_scalar() {
                    return Val::Scalar(self.var_term(var));
                }
                let dims = (0..ty.rank()).map(|axis| self.param_dim(var, &ty, axis)).collect();
                self.vars[var.0 as usize].dims = dims;
                Val::Array(View { var, at: Vec::new() })
            })
            .collect()
    }

    /// The length of an axis of a parameter.
    fn param_dim(&mut self, var: Var, ty: &Type, axis: usize) -> Expr {
        match ty.dims[axis] {
            Dim::Lit(n) => Expr::index(n),
            Dim::Size(size) => self.size(size),
            Dim::Any => {
                let name = &self.vars[var.0 as usize].name;
                Expr::Length(format!("{name}{}.len()", "[0]".repeat(axis)).into())
            }
        }
    }

    /// A place or a layout for each result, and a check of the lengths of the caller's buffers.
    fn destinations(&mut self, owned: &[bool]) -> Vec<Home> {
        let function = self.source.function;
        let params = self.source.params;
        let in_place = |name: &Rc<str>| params.iter().position(|p| p.name == *name).filter(|k| owned[*k]);
        let mut homes = Vec::new();
        for (destination, r) in self.source.destinations.iter().zip(&function.body.results) {
            homes.push(match destination {
                Destination::Return(layout) => Home::Held(layout.clone()),
                Destination::Check(form) => {
                    self.checks.push_back((*r, form.clone()));
                    Home::Held(Layout::Scalar)
                }
                Destination::Out { name, .. } if in_place(name).is_some() => {
                    let k = in_place(name).expect("the guard says so");
                    let var = Var(u32::try_from(k).expect("there are few parameters"));
                    Home::Place(View { var, at: Vec::new() })
                }
                Destination::Out { name, layout } => {
                    let ty = function.body.ty(*r).clone();
                    let var = self.declare(name.clone(), ty.elem, layout.clone(), Vec::new());
                    let dims = (0..ty.rank()).map(|axis| self.param_dim(var, &ty, axis)).collect();
                    self.vars[var.0 as usize].dims = dims;
                    // A field is reached through its struct's reference.
                    self.vars[var.0 as usize].by_ref = !name.contains('.');
                    Home::Place(View { var, at: Vec::new() })
                }
            });
        }
        homes
    }

    /// Slices whose lengths must agree are compared once: a mismatch is a clear panic, and no access after it is checked.
    fn check_lengths(&mut self, homes: &[Home]) {
        let function = self.source.function;
        let mut first: BTreeMap<SizeId, Rc<str>> = BTreeMap::new();
        let mut slices: Vec<(Var, Type)> = Vec::new();
        for k in 0..self.source.params.len() {
            slices.push((Var(u32::try_from(k).expect("there are few parameters")), function.param_type(k).clone()));
        }
        for (home, r) in homes.iter().zip(&function.body.results) {
            if let Home::Place(place) = home {
                slices.push((place.var, function.body.ty(*r).clone()));
            }
        }
        // A parameter that is also written to is looked at once.
        let mut seen: BTreeSet<Rc<str>> = BTreeSet::new();
        for (var, ty) in slices {
            if !seen.insert(self.vars[var.0 as usize].name.clone()) {
                continue;
            }
            let info = self.vars[var.0 as usize].clone();
            // A copy of our own has the length of what it was copied from.
            let is_copy = !info.by_ref && !info.name.contains('.');
            let is_slice = match &info.layout {
                _ if is_copy => false,
                Layout::Scalar => false,
                Layout::Nested(axes) => axes[0] == Axis::Slice,
                Layout::Flat => true,
            };
            let name = info.name.trim_start_matches("r#").to_string();
            if let Some(Dim::Size(size)) = ty.dims.first() {
                let before = first.entry(*size).or_insert_with(|| info.name.clone()).clone();
                let text: Rc<str> = format!("{}.len()", info.name).into();
                if !is_slice || *self.source.sizes[size.0 as usize] == *text {
                    continue;
                }
                let message = match () {
                    () if info.layout == Layout::Flat && ty.rank() > 1 => {
                        format!("`{name}` must have one element for each place")
                    }
                    () if before == info.name => {
                        format!("`{name}` must have `{}` elements", self.source.sizes[size.0 as usize])
                    }
                    () => format!("`{before}` and `{name}` must have the same length"),
                };
                let lens = if info.layout == Layout::Flat { &info.dims[..] } else { &info.dims[..1] };
                let right = lens.iter().cloned().reduce(super::array::product).expect("an array has an axis");
                self.push(Stmt::SameLength { left: Expr::Length(text), right, message });
            }
        }
    }

    /// The values that go back to the caller; the others are written into the caller's buffers.
    fn returned(&mut self, frame: &mut Frame<'_>, homes: &[Home]) -> Result<Vec<Expr>, Problem> {
        let mut values: Vec<Term> = Vec::new();
        let several = self.source.destinations.iter().filter(|d| !matches!(d, Destination::Check(_))).count() > 1;
        for (k, home) in homes.iter().enumerate() {
            let r = frame.body.results[k];
            if matches!(self.source.destinations[k], Destination::Check(_)) {
                continue;
            }
            match (home, frame.body.ty(r).is_scalar()) {
                (Home::Held(_), true) => {
                    let term = self.take(frame, r);
                    let term = if several && term.size.operators > 4 { self.bind(term, "value") } else { term };
                    values.push(term);
                }
                (Home::Held(layout), false) => {
                    let moved = !frame.body.results[..k].contains(&r);
                    let expr = self.owned_array(frame, r, layout, moved, 0, None)?;
                    values.push(self.atom(expr));
                }
                (Home::Place(place), true) => {
                    let term = self.take(frame, r);
                    self.assign(Expr::Var(place.var), term.expr);
                }
                (Home::Place(place), false) => {
                    let view = self.array(frame, r)?;
                    if view != *place {
                        self.copy_into(place, &view, Store::Set);
                    }
                }
            }
        }
        // The first value may read what is moved after it, not before.
        if values.len() > 1 {
            self.read_before_moved(&mut values[1..]);
        }
        Ok(values.into_iter().map(|value| value.expr).collect())
    }

    fn finish(mut self, values: Vec<Expr>) -> Program {
        let mut stmts = self.blocks.pop().expect("the outermost block is open");
        let values_read = |var: Var| values.iter().any(|e| super::finish::any_var(e, &mut |v| v == var));
        let (read, unread): (Vec<_>, Vec<_>) =
            self.hoisted.into_iter().partition(|(var, _)| super::finish::reads(&stmts, *var) || values_read(*var));
        stmts.splice(0..0, read.into_iter().map(|(var, text)| Stmt::Let(var, text)));
        let mut block = Block { stmts, values };
        super::finish::tidy(&mut block, &mut self.vars, self.source.params.len());
        // A buffer that has been moved out of a loop may be the first to read its length.
        let read = unread.into_iter().filter(|(var, _)| super::finish::reads(&block.stmts, *var));
        let lengths: Vec<Stmt> = read.map(|(var, text)| Stmt::Let(var, text)).collect();
        block.stmts.splice(0..0, lengths);
        let read = super::finish::parameters_read(&block, self.source.params);
        Program { vars: self.vars, block, float: self.source.function.float, read, in_place: Vec::new() }
    }

    /// The length that a symbol stands for.
    pub(super) fn size(&mut self, size: SizeId) -> Expr {
        let k = size.0 as usize;
        if let Some(expr) = &self.sizes[k] {
            return expr.clone();
        }
        let text = self.source.sizes[k].clone();
        let is_name = text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '#');
        let expr = if is_name {
            Expr::Length(text.into())
        } else {
            let wish = self.source.function.sizes[k].clone();
            let name = self.names.fresh_at_top(&wish);
            let var = self.declare(name, Elem::INDEX, Layout::Scalar, Vec::new());
            self.slots[var.0 as usize] = false;
            self.hoisted.push((var, Expr::Length(text.into())));
            Expr::Var(var)
        };
        self.sizes[k] = Some(expr.clone());
        expr
    }

    /// The length that a dimension stands for, where it does not depend on an array.
    pub(super) fn dim(&mut self, dim: Dim) -> Option<Expr> {
        match dim {
            Dim::Lit(n) => Some(Expr::index(n)),
            Dim::Size(size) => Some(self.size(size)),
            Dim::Any => None,
        }
    }

    /// A new variable of a name that has been taken.
    pub(super) fn declare(&mut self, name: Rc<str>, elem: Elem, layout: Layout, dims: Vec<Expr>) -> Var {
        let var = Var(u32::try_from(self.vars.len()).expect("there are fewer than 2^32 variables"));
        self.vars.push(Variable { name, elem, layout, dims, mutable: false, by_ref: false, annotate: false });
        self.slots.push(true);
        var
    }

    pub(super) fn var_term(&self, var: Var) -> Term {
        let info = &self.vars[var.0 as usize];
        let mut term = Term::atom(Expr::Var(var), info.name.chars().count() + usize::from(info.by_ref));
        if self.slots[var.0 as usize] {
            term.reads.push(var);
        }
        term
    }

    pub(super) fn push(&mut self, stmt: Stmt) {
        self.blocks.last_mut().expect("a block is open").push(stmt);
    }

    pub(super) fn open(&mut self) {
        self.blocks.push(Vec::new());
        self.names.open();
    }

    pub(super) fn close(&mut self) -> Vec<Stmt> {
        self.names.close();
        self.blocks.pop().expect("a block is open")
    }

    /// Binds an expression to a new name.
    pub(super) fn bind(&mut self, term: Term, wish: &str) -> Term {
        let name = self.names.fresh(wish);
        self.bind_as(term, name)
    }

    fn bind_as(&mut self, term: Term, name: Rc<str>) -> Term {
        let elem = self.elem_of(&term.expr);
        let var = self.declare(name, elem, Layout::Scalar, Vec::new());
        self.slots[var.0 as usize] = false;
        self.push(Stmt::Let(var, term.expr));
        self.var_term(var)
    }

    fn elem_of(&self, expr: &Expr) -> Elem {
        match expr {
            Expr::Lit(Lit::Int(_, kind)) => Elem::Int(*kind),
            Expr::Lit(Lit::Bool(_)) => Elem::Bool,
            Expr::Var(var) | Expr::Part { var, .. } => self.vars[var.0 as usize].elem,
            Expr::Length(_) => Elem::INDEX,
            Expr::Cast(_, elem) => *elem,
            Expr::Call(prim, args) => match prim.row().signature {
                crate::prim::Signature::Compare | crate::prim::Signature::Logic => Elem::Bool,
                crate::prim::Signature::Number | crate::prim::Signature::Bits | crate::prim::Signature::Shift => {
                    self.elem_of(&args[0])
                }
                crate::prim::Signature::Select => self.elem_of(&args[1]),
                crate::prim::Signature::Float | crate::prim::Signature::Powi => Elem::Float,
            },
            Expr::Lit(Lit::Float(_)) | Expr::Array(_) | Expr::Fill { .. } | Expr::Map { .. } | Expr::Copied(_) => {
                Elem::Float
            }
        }
    }

    /// A name that says what an expression is, where that is short.
    fn speaking(&self, expr: &Expr) -> String {
        let simple = |e: &Expr| match e {
            Expr::Var(var) => {
                let name = &self.vars[var.0 as usize].name;
                let name = name.rsplit('.').next().unwrap_or(name).trim_start_matches("r#");
                (name.chars().count() <= 12).then(|| name.to_string())
            }
            _ => None,
        };
        match expr {
            Expr::Call(prim, args) if matches!(prim.row().rust, Spelling::Method(_) | Spelling::Math(_)) => {
                match args.as_slice() {
                    [x] => simple(x).map_or_else(|| prim.name().to_string(), |x| format!("{}_{x}", prim.name())),
                    _ => "t".to_string(),
                }
            }
            Expr::Part { var, at, range: None } => {
                let parts: Option<Vec<String>> =
                    std::iter::once(simple(&Expr::Var(*var))).chain(at.iter().map(simple)).collect();
                parts.filter(|p| p.len() <= 3).map_or_else(|| "t".to_string(), |p| p.join("_"))
            }
            _ => "t".to_string(),
        }
    }

    /// A frame for a body whose arguments may be written over where `owned`, with a home for each result.
    ///
    /// `wanted` says for each result which parameter's variable it is to be in after, if any.
    pub(super) fn frame<'b>(
        &self,
        body: &'b Body,
        owned: &[bool],
        homes: &[Home],
        wanted: &[Option<usize>],
    ) -> Frame<'b> {
        let plan = Plan::new(body, owned, wanted);
        let n = body.nodes.len();
        let mut frame = Frame {
            body,
            vals: vec![None; n],
            held: vec![false; n],
            readers: BTreeMap::new(),
            homes: BTreeMap::new(),
            called: BTreeMap::new(),
            nameless: BTreeSet::new(),
            inline: BTreeSet::new(),
            gets: BTreeMap::new(),
            stable: BTreeSet::new(),
            owned: owned.to_vec(),
            plan,
        };
        for (k, home) in homes.iter().enumerate() {
            let r = body.results[k];
            if body.ty(r).rank() > 0 {
                frame.homes.entry(frame.plan.origin(body, r)).or_insert_with(|| home.clone());
            }
        }
        let nested = self.blocks.len() > 1;
        for r in &body.results {
            if nested && frame.plan.uses[r.index()] == 1 {
                frame.nameless.insert(*r);
            }
        }
        for id in frame.plan.order.clone() {
            frame.note(id);
        }
        frame
    }

    /// The statements of a body.
    pub(super) fn run(&mut self, frame: &mut Frame<'_>, args: &[Val]) -> Result<(), Problem> {
        let written = |var: Var| {
            args.iter()
                .zip(&frame.owned)
                .any(|(arg, owned)| *owned && matches!(arg, Val::Array(view) if view.var == var))
        };
        frame.stable = args
            .iter()
            .filter_map(|arg| match arg {
                Val::Array(view) if !written(view.var) => Some(view.var),
                Val::Array(_) | Val::Scalar(_) | Val::Many(_) | Val::Inline => None,
            })
            .collect();
        for id in frame.plan.order.clone() {
            let val = self.node(frame, id, args)?;
            frame.vals[id.index()] = Some(val);
            // The function's own level, where the ids are those of its body.
            if self.blocks.len() == 1 {
                self.look_at_checks(frame);
            }
        }
        Ok(())
    }

    /// Writes the checks that can be looked at now, in their order.
    fn look_at_checks(&mut self, frame: &mut Frame<'_>) {
        while let Some((id, form)) = self.checks.pop_front() {
            if frame.vals[id.index()].is_none() {
                self.checks.push_front((id, form));
                return;
            }
            let cond = self.take(frame, id);
            frame.vals[id.index()] = Some(Val::Scalar(cond.clone()));
            self.push(Stmt::Assert(cond.expr, form));
        }
    }

    fn node(&mut self, frame: &mut Frame<'_>, id: Id, args: &[Val]) -> Result<Val, Problem> {
        let body = frame.body;
        Ok(match &body.node(id).op {
            Op::Const(lit) => Val::Scalar(Term::lit(*lit)),
            Op::Param(k) => args[*k as usize].clone(),
            Op::Size(size) => {
                let expr = self.size(*size);
                Val::Scalar(self.atom(expr))
            }
            Op::Call(prim, operands) => {
                let term = self.call(frame, *prim, operands);
                if let Some(k) = frame.plan.steps(id)
                    && let Val::Scalar(Term { expr: Expr::Var(var), .. }) = args[k]
                    && self.slots[var.0 as usize]
                {
                    self.before_write(frame, var);
                    self.assign(Expr::Var(var), term.expr);
                    return Ok(Val::Scalar(self.var_term(var)));
                }
                self.put(frame, id, term)
            }
            Op::Cast(x) => {
                let term = self.take(frame, *x);
                let term = self.within(vec![term], |terms| (terms[0].size, terms[0].size.depth < 6));
                let term = term.into_iter().next().expect("one went in").cast(body.ty(id).elem);
                self.put(frame, id, term)
            }
            Op::Index { array, at } => self.index(frame, id, *array, at)?,
            Op::Len(array, axis) => {
                let view = self.array(frame, *array)?;
                let expr = self.vars[view.var.0 as usize].dims[view.at.len() + *axis as usize].clone();
                Val::Scalar(self.atom(expr))
            }
            Op::Get(node, k) => match &frame.vals[node.index()] {
                Some(Val::Many(vals)) => {
                    let val = vals[*k as usize].clone().expect("a result that is read has been made");
                    match val {
                        Val::Scalar(term) if !term.is_atom() => self.put(frame, id, term),
                        val => val,
                    }
                }
                _ => unreachable!("Get reads a loop or a choice"),
            },
            Op::Array(elements) => self.elements(frame, id, elements)?,
            Op::Update { array, at, value, store } => self.update(frame, id, *array, at, *value, *store)?,
            Op::Build { lens, body, captures } => self.build(frame, id, lens, body, captures)?,
            Op::Fold { .. } => self.fold(frame, id)?,
            Op::While { .. } => self.repeat(frame, id)?,
            Op::Push { array, value } => self.append(frame, id, *array, *value)?,
            Op::If { .. } => self.choice(frame, id)?,
        })
    }

    pub(super) fn atom(&self, expr: Expr) -> Term {
        match &expr {
            Expr::Var(var) => self.var_term(*var),
            Expr::Length(text) => {
                let columns = text.chars().count();
                Term::atom(expr, columns)
            }
            Expr::Lit(lit) => Term::lit(*lit),
            _ => Term::atom(expr, 12),
        }
    }

    fn call(&mut self, frame: &mut Frame<'_>, prim: Prim, operands: &[Id]) -> Term {
        let terms: Vec<Term> = operands.iter().map(|x| self.take(frame, *x)).collect();
        let terms = self.within(terms, |terms| call_size(prim, terms));
        let (size, _) = call_size(prim, &terms);
        Term::call(prim, terms, size)
    }

    /// Binds the largest of the terms until what they make together fits a statement.
    pub(super) fn within(
        &mut self,
        mut terms: Vec<Term>,
        size: impl Fn(&[Term]) -> (super::term::Size, bool),
    ) -> Vec<Term> {
        loop {
            let (whole, fits) = size(&terms);
            if fits && whole.fits(self.blocks.len()) {
                return terms;
            }
            let largest = (0..terms.len()).filter(|k| !terms[*k].is_atom()).max_by_key(|k| {
                let size = terms[*k].size;
                (size.choice, size.columns, std::cmp::Reverse(*k))
            });
            let Some(k) = largest else { return terms };
            let term = std::mem::replace(&mut terms[k], Term::lit(Lit::Bool(false)));
            let wish = self.speaking(&term.expr);
            terms[k] = self.bind(term, &wish);
        }
    }

    /// A scalar that has just been computed: held back, or bound to a name.
    pub(super) fn put(&mut self, frame: &mut Frame<'_>, id: Id, term: Term) -> Val {
        if term.is_atom() {
            return Val::Scalar(term);
        }
        let name = frame.body.names.get(&id).filter(|_| !frame.nameless.contains(&id)).cloned();
        let uses = frame.plan.uses[id.index()];
        if name.is_none() && uses <= 3 && frame.is_plain_read(&term) {
            return Val::Scalar(term);
        }
        if name.is_none() && uses == 1 {
            frame.held[id.index()] = true;
            for var in &term.reads {
                frame.readers.entry(*var).or_default().push(id);
            }
            return Val::Scalar(term);
        }
        let wish = name.map_or_else(|| self.wish(frame, id, &term), |name| name.to_string());
        Val::Scalar(self.bind(term, &wish))
    }

    /// What a scalar without a name of its own is called.
    fn wish(&self, frame: &Frame<'_>, id: Id, term: &Term) -> String {
        let is_value = self.blocks.len() == 1 && frame.body.results.first() == Some(&id);
        match self.speaking(&term.expr) {
            plain if plain == "t" && is_value => "value".to_string(),
            speaking => speaking,
        }
    }

    /// The expression of a scalar; it is held back no longer.
    pub(super) fn take(&mut self, frame: &mut Frame<'_>, id: Id) -> Term {
        // What is held back has one reader: this one.
        let held = std::mem::take(&mut frame.held[id.index()]);
        let val = if held { frame.vals[id.index()].take() } else { frame.vals[id.index()].clone() };
        match val {
            Some(Val::Scalar(term)) => term,
            _ => unreachable!("a scalar comes before its reader"),
        }
    }

    /// A scalar as something that may be written twice and does not change with what is written later.
    pub(super) fn settled(&mut self, frame: &mut Frame<'_>, id: Id) -> Term {
        let mut term = self.take(frame, id);
        if !term.is_atom() {
            let wish = self.wish(frame, id, &term);
            term = self.bind(term, &wish);
        }
        frame.vals[id.index()] = Some(Val::Scalar(term.clone()));
        term
    }

    /// Binds what is held back and reads a variable that is about to be written.
    pub(super) fn before_write(&mut self, frame: &mut Frame<'_>, var: Var) {
        self.vars[var.0 as usize].mutable = true;
        for id in frame.readers.remove(&var).unwrap_or_default() {
            if frame.held[id.index()] {
                self.settled(frame, id);
            }
        }
    }
}

impl Frame<'_> {
    /// What is to be known of a node before the walk: names that flow back to where a variable begins, arrays that are
    /// written where they are read.
    fn note(&mut self, id: Id) {
        match &self.body.node(id).op {
            Op::Get(node, k) => {
                self.gets.insert((*node, *k as usize), id);
            }
            Op::Array(elements) => {
                for e in elements {
                    let is_inner = matches!(self.body.node(*e).op, Op::Array(_));
                    if is_inner && self.plan.uses[e.index()] == 1 && !self.body.names.contains_key(e) {
                        self.inline.insert(*e);
                    }
                }
            }
            op @ (Op::Fold { inits, body, .. } | Op::While { inits, body, .. }) => {
                let (_, _, first) = op.as_loop().expect("one of both");
                for (k, init) in inits.iter().enumerate() {
                    if self.plan.uses[init.index()] == 1 {
                        self.nameless.insert(*init);
                    }
                    if let Some(name) = body.names.get(&body.params[first + k]) {
                        self.called.entry((id, k)).or_insert_with(|| name.clone());
                        if self.plan.in_place(id, k) {
                            let origin = self.plan.origin(self.body, *init);
                            self.called.entry(origin).or_insert_with(|| name.clone());
                        }
                    }
                }
            }
            _ => {}
        }
        if let Some(name) = self.body.names.get(&id)
            && !matches!(self.body.node(id).op, Op::Param(_))
        {
            self.called.insert(self.plan.origin(self.body, id), name.clone());
        }
    }

    /// A read, by plain indices, of an element that nothing in this body changes: as good as a name.
    pub(super) fn is_plain_read(&self, term: &Term) -> bool {
        matches!(&term.expr, Expr::Part { at, range: None, .. } if at.len() <= 2 && at.iter().all(is_atom))
            && term.reads.iter().all(|var| self.stable.contains(var))
    }

    /// Whether a result of a loop or a choice is read.
    pub(super) fn is_read(&self, id: Id, k: usize) -> bool {
        self.gets.contains_key(&(id, k))
    }

    /// Whether an array of elements is written where it is read.
    pub(super) fn is_inline(&self, id: Id) -> bool {
        self.inline.contains(&id)
    }

    /// What the variable that begins at a node is called.
    pub(super) fn name_of(&self, id: Id, k: usize) -> Option<Rc<str>> {
        self.called.get(&(id, k)).cloned()
    }
}

/// Layouts that are one block of fixed size.
pub(super) fn is_fixed(layout: &Layout) -> bool {
    match layout {
        Layout::Scalar => true,
        Layout::Nested(axes) => axes.iter().all(|a| *a == Axis::Array),
        Layout::Flat => false,
    }
}

/// What several terms read.
pub(super) fn reads_of(terms: &[Term]) -> Vec<Var> {
    union(terms.iter().map(|t| &*t.reads))
}
