//! The one Rust emitter: a program as text that rustfmt leaves as it is.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Axis, GenericFloat, Interface, Layout};
use crate::ir::{Direction, Elem, Float, Lit};
use crate::lower::{Block, Expr, Program, Stmt, Var, Variable};
use crate::prim::{Prim, Spelling};

/// What rustfmt allows on a line, in the arguments of a call, and in a choice on one line.
const LINE: usize = 100;
const CALL: usize = 60;
const CHOICE: usize = 50;
/// Elements of an array that are as short as this share lines.
const SHORT_ELEMENT: usize = 10;

/// How tightly an expression holds together, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Any,
    Or,
    And,
    Compare,
    Bits,
    Sum,
    Product,
    Cast,
    Unary,
    Postfix,
}

/// Whether the last of several lines has a comma: in a macro it has none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LastComma {
    OnItsLine,
    Never,
}

/// Text in the making, and what was met on the way.
#[derive(Debug)]
pub struct Printer<'a> {
    program: &'a Program,
    math: &'a str,
    generic: Option<&'a GenericFloat>,
    /// The text so far.
    pub out: String,
    indent: usize,
    /// Whether the next literal says its type.
    typed: bool,
    /// Lints that what was printed would set off, though it is meant.
    pub allow: BTreeSet<&'static str>,
    /// The functions of grad-math that are called.
    pub called: BTreeSet<&'static str>,
}

impl<'a> Printer<'a> {
    /// A printer of a program's statements at a depth of indentation.
    #[must_use]
    pub fn new(program: &'a Program, interface: &'a Interface, indent: usize) -> Printer<'a> {
        Printer {
            program,
            math: &interface.math,
            generic: interface.generic.as_ref(),
            out: String::new(),
            indent,
            typed: false,
            allow: BTreeSet::new(),
            called: BTreeSet::new(),
        }
    }

    fn info(&self, var: Var) -> &'a Variable {
        &self.program.vars[var.0 as usize]
    }

    fn name(&self, var: Var) -> &'a str {
        &self.info(var).name
    }

    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// The room on a line from here.
    fn room(&self) -> usize {
        LINE.saturating_sub(4 * self.indent)
    }

    /// The statements of a block.
    pub fn stmts(&mut self, stmts: &[Stmt]) {
        if stmts.windows(3).any(swaps) {
            self.allow.insert("clippy::manual_swap");
        }
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    /// Whether a block's values are those of the choice it ends with.
    pub fn ends_with_choice(&self, block: &Block) -> bool {
        matches!(block.stmts.last(), Some(Stmt::If { vars, .. }) if are_values(vars, &block.values))
    }

    /// A block's statements and its value as the last expression.
    pub fn block(&mut self, block: &Block) {
        if self.ends_with_choice(block)
            && let Some((Stmt::If { cond, then, otherwise, .. }, before)) = block.stmts.split_last()
        {
            self.stmts(before);
            self.choice("", "", cond, then, otherwise);
            return;
        }
        self.stmts(&block.stmts);
        match block.values.as_slice() {
            [] => {}
            [Expr::Call(prim, args)] if prim.row().rust == Spelling::Choice => {
                let arm = |e: &Expr| Block { stmts: Vec::new(), values: vec![e.clone()] };
                self.choice("", "", &args[0], &arm(&args[1]), &arm(&args[2]));
            }
            [value] => {
                let text = self.expr(value);
                self.value("", &text, value, "");
            }
            values => {
                let texts: Vec<String> = values.iter().map(|v| self.expr(v)).collect();
                self.list("", "(", &texts, ")", "");
            }
        }
    }

    /// `before [value] after`, where an array may take several lines.
    fn value(&mut self, before: &str, text: &str, value: &Expr, after: &str) {
        if let Expr::Array(elements) = value
            && (text.len() > CALL + 2 || before.len() + text.len() + after.len() > self.room())
        {
            let texts: Vec<String> = elements.iter().map(|e| self.expr(e)).collect();
            self.elements(before, &texts, elements, after);
        } else {
            self.line(&format!("{before}{text}{after}"));
        }
    }

    fn elements(&mut self, before: &str, texts: &[String], elements: &[Expr], after: &str) {
        self.line(&format!("{before}["));
        self.indent += 1;
        if texts.iter().all(|t| t.chars().count() <= SHORT_ELEMENT) {
            let mut row = String::new();
            for text in texts {
                if !row.is_empty() && row.chars().count() + text.chars().count() + 2 > self.room() {
                    self.line(&row);
                    row.clear();
                }
                if !row.is_empty() {
                    row.push(' ');
                }
                let _ = write!(row, "{text},");
            }
            let last = row.trim_end_matches(',').to_string();
            self.line(&format!("{last},"));
        } else {
            for (text, element) in texts.iter().zip(elements) {
                self.value("", text, element, ",");
            }
        }
        self.indent -= 1;
        self.line(&format!("]{after}"));
    }

    /// A list in brackets, on one line or one element a line.
    pub fn list(&mut self, before: &str, open: &str, texts: &[String], close: &str, after: &str) {
        self.list_with(before, open, texts, close, after, LastComma::OnItsLine);
    }

    fn list_with(&mut self, before: &str, open: &str, texts: &[String], close: &str, after: &str, comma: LastComma) {
        let inside: usize = texts.iter().map(|t| t.chars().count() + 2).sum::<usize>().saturating_sub(2);
        let whole = before.chars().count() + open.len() + inside + close.len() + after.len();
        if inside <= CALL && whole <= self.room() {
            self.line(&format!("{before}{open}{}{close}{after}", texts.join(", ")));
            return;
        }
        self.line(&format!("{before}{open}"));
        self.indent += 1;
        for (k, text) in texts.iter().enumerate() {
            let bare = comma == LastComma::Never && k + 1 == texts.len();
            self.line(&format!("{text}{}", if bare { "" } else { "," }));
        }
        self.indent -= 1;
        self.line(&format!("{close}{after}"));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Let(var, value) => self.let_(*var, value),
            Stmt::If { vars, cond, then, otherwise } => {
                let before = match vars.as_slice() {
                    [] => String::new(),
                    [var] => {
                        let info = self.info(*var);
                        let ty = if info.annotate { format!(": {}", self.type_of(info)) } else { String::new() };
                        format!("let {}{ty} = ", self.pattern(*var))
                    }
                    vars => {
                        format!("let ({}) = ", vars.iter().map(|v| self.pattern(*v)).collect::<Vec<_>>().join(", "))
                    }
                };
                self.choice(&before, if vars.is_empty() { "" } else { ";" }, cond, then, otherwise);
            }
            Stmt::Assign(place, value) => {
                let place = self.place(place);
                let text = self.expr(value);
                self.value(&format!("{place} = "), &text, value, ";");
            }
            Stmt::AssignOp(place, prim, value) => {
                let is_float = |p: &Printer<'_>| p.root(place).is_some_and(|v| p.info(v).elem == Elem::Float);
                if self.generic.is_some_and(|g| !g.has_assign) && is_float(self) {
                    let whole = self.expr(&Expr::Call(*prim, vec![place.clone(), value.clone()]));
                    let place = self.place(place);
                    self.line(&format!("{place} = {whole};"));
                    return;
                }
                let place = self.place(place);
                let Spelling::Infix(op) = prim.row().rust else { unreachable!("an operator stands between") };
                let text = self.expr(value);
                self.line(&format!("{place} {op}= {text};"));
            }
            Stmt::Swap(a, b) => {
                let (a, b) = (self.name(*a), self.name(*b));
                self.line(&format!("core::mem::swap(&mut {a}, &mut {b});"));
            }
            Stmt::Fill(place, value) => {
                let place = self.whole(place);
                let value = self.expr(value);
                self.line(&format!("{place}.fill({value});"));
            }
            Stmt::Copy(to, from) => {
                let to = self.whole(to);
                let from = self.borrowed(from);
                self.line(&format!("{to}.copy_from_slice({from});"));
            }
            Stmt::For { index, lo, hi, direction, body } => self.for_(*index, lo, hi, *direction, body),
            Stmt::While { before, cond, body } if before.is_empty() => {
                let cond = self.expr(cond);
                self.line(&format!("while {cond} {{"));
                self.nested(body);
                self.line("}");
            }
            Stmt::While { before, cond, body } => {
                self.line("loop {");
                self.nested(before);
                self.indent += 1;
                // Of floats, and so not the other comparison.
                self.allow.extend(["clippy::neg_cmp_op_on_partial_ord", "clippy::nonminimal_bool"]);
                let not = self.expr(&Expr::Call(Prim::Not, vec![cond.clone()]));
                self.line(&format!("if {not} {{"));
                self.indent += 1;
                self.line("break;");
                self.indent -= 1;
                self.line("}");
                self.indent -= 1;
                self.nested(body);
                self.line("}");
            }
            Stmt::Push(var, value) => {
                let info = self.info(*var);
                let (name, flat) = (info.name.clone(), info.layout == Layout::Flat && info.dims.len() > 1);
                let text = if flat { self.borrowed(value) } else { self.expr(value) };
                let method = if flat { "extend_from_slice" } else { "push" };
                self.line(&format!("{name}.{method}({text});"));
            }
            Stmt::Assert(cond, form) => {
                let name = if form.debug { "debug_assert!" } else { "assert!" };
                if matches!(cond, Expr::Lit(_)) {
                    self.allow.insert("clippy::assertions_on_constants");
                }
                // A message of an assertion is a format.
                let message = format!("{:?}", form.message.replace('{', "{{").replace('}', "}}"));
                let cond = self.expr(cond);
                self.list("", &format!("{name}("), &[cond, message], ")", ";");
            }
            Stmt::SameLength { left, right, message } => {
                let texts = [self.expr(left), self.expr(right), format!("{message:?}")];
                self.list_with("", "assert_eq!(", &texts, ")", ";", LastComma::Never);
            }
        }
    }

    fn pattern(&self, var: Var) -> String {
        let info = self.info(var);
        format!("{}{}", if info.mutable { "mut " } else { "" }, info.name)
    }

    fn let_(&mut self, var: Var, value: &Expr) {
        let info = self.info(var);
        let ty = if info.annotate || matches!(value, Expr::Map { .. }) {
            format!(": {}", self.type_of(info))
        } else {
            String::new()
        };
        let text = self.expr(value);
        let before = format!("let {}{ty} = ", self.pattern(var));
        if matches!(value, Expr::Array(_)) && info_is_vec(info) {
            let Expr::Array(elements) = value else { return };
            let texts: Vec<String> = elements.iter().map(|e| self.expr(e)).collect();
            self.list(&before, "vec![", &texts, "]", ";");
            return;
        }
        self.value(&before, &text, value, ";");
    }

    fn type_of(&mut self, info: &Variable) -> String {
        let scalar = self.elem(info.elem);
        match &info.layout {
            Layout::Scalar => scalar.to_string(),
            Layout::Flat => format!("Vec<{scalar}>"),
            Layout::Nested(axes) => {
                let mut ty = scalar.to_string();
                for (axis, len) in axes.iter().zip(&info.dims).rev() {
                    ty = match axis {
                        Axis::Array => {
                            let len = self.expr(len);
                            format!("[{ty}; {len}]")
                        }
                        Axis::Slice => format!("Vec<{ty}>"),
                    };
                }
                ty
            }
        }
    }

    fn elem(&self, elem: Elem) -> &'a str {
        match elem {
            Elem::Float => self.float_name(),
            Elem::Int(kind) => kind.name(),
            Elem::Bool => "bool",
        }
    }

    fn choice(&mut self, before: &str, after: &str, cond: &Expr, then: &Block, otherwise: &Block) {
        if let ([], [x], [], [y]) = (&*then.stmts, &*then.values, &*otherwise.stmts, &*otherwise.values) {
            let text = format!("if {} {{ {} }} else {{ {} }}", self.expr(cond), self.expr(x), self.expr(y));
            let nested = matches!(y, Expr::Call(prim, _) if prim.row().rust == Spelling::Choice);
            if !nested && text.chars().count() <= CHOICE && before.len() + text.len() < self.room() {
                self.line(&format!("{before}{text}{after}"));
                return;
            }
        }
        let mut head = format!("{before}if ");
        let (mut cond, mut then, mut otherwise) = (cond.clone(), then.clone(), otherwise.clone());
        let nothing = |b: &Block| b.stmts.is_empty() && b.values.is_empty();
        // A choice that is all that another does: both conditions in one, where that fits a line.
        while let Some((both, inside)) = collapsed(&cond, &then, &otherwise)
            && head.len() + self.expr(&both).chars().count() + 2 < self.room()
        {
            (cond, then, otherwise) = (both, inside, Block::default());
        }
        loop {
            if then == otherwise || matches!(&*otherwise.stmts, [Stmt::If { then: next, .. }] if *next == then) {
                self.allow.insert("clippy::if_same_then_else");
            }
            if let [Expr::Call(Prim::Select, args)] = &*otherwise.values
                && then.values == args[1..2]
            {
                self.allow.insert("clippy::if_same_then_else");
            }
            let turned = nothing(&then) && !nothing(&otherwise);
            let text = if turned {
                let negated = Expr::Call(Prim::Not, vec![cond.clone()]);
                self.expr(&negated)
            } else {
                self.expr(&cond)
            };
            self.line(&format!("{head}{text} {{"));
            self.indent += 1;
            self.block(if turned { &otherwise } else { &then });
            self.indent -= 1;
            if turned || nothing(&otherwise) {
                self.line(&format!("}}{after}"));
                return;
            }
            if let [Stmt::If { vars, cond: next, then: a, otherwise: b }] = &*otherwise.stmts
                && are_values(vars, &otherwise.values)
            {
                head = "} else if ".to_string();
                (cond, then, otherwise) = (next.clone(), a.clone(), b.clone());
                continue;
            }
            if let ([], [Expr::Call(prim, args)]) = (&*otherwise.stmts, &*otherwise.values)
                && prim.row().rust == Spelling::Choice
            {
                let arm = |e: &Expr| Block { stmts: Vec::new(), values: vec![e.clone()] };
                head = "} else if ".to_string();
                (cond, then, otherwise) = (args[0].clone(), arm(&args[1]), arm(&args[2]));
                continue;
            }
            self.line("} else {");
            self.indent += 1;
            self.block(&otherwise);
            self.indent -= 1;
            self.line(&format!("}}{after}"));
            return;
        }
    }

    fn for_(&mut self, index: Option<Var>, lo: &Expr, hi: &Expr, direction: Direction, body: &[Stmt]) {
        let name = index.map_or("_", |i| self.name(i));
        if index.is_some() {
            self.allow.insert("clippy::needless_range_loop");
        }
        if let [Stmt::Assign(Expr::Part { .. }, Expr::Part { .. })] = body {
            self.allow.insert("clippy::manual_memcpy");
        }
        let range = format!("{}..{}", self.at(lo, Level::Sum), self.at(hi, Level::Sum));
        let range = match direction {
            Direction::Up => range,
            Direction::Down => format!("({range}).rev()"),
        };
        self.line(&format!("for {name} in {range} {{"));
        self.nested(body);
        self.line("}");
    }

    /// Statements one level further in.
    fn nested(&mut self, stmts: &[Stmt]) {
        self.indent += 1;
        self.stmts(stmts);
        self.indent -= 1;
    }

    /// The variable that a place is in.
    fn root(&self, place: &Expr) -> Option<Var> {
        match place {
            Expr::Var(var) | Expr::Part { var, .. } => Some(*var),
            _ => None,
        }
    }

    /// How the float type is called.
    fn float_name(&self) -> &'a str {
        self.generic.map_or(self.program.float.name(), |g| &g.name)
    }

    /// What stands left of an assignment.
    fn place(&mut self, place: &Expr) -> String {
        match place {
            Expr::Var(var) if self.info(*var).by_ref => format!("*{}", self.name(*var)),
            place => self.whole(place),
        }
    }

    /// An array, or a part of one, as it is named.
    fn whole(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Var(var) => self.name(*var).to_string(),
            other => self.expr(other),
        }
    }

    /// An array as a slice.
    fn borrowed(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Var(var) if self.info(*var).by_ref && !self.name(*var).contains('.') => self.name(*var).to_string(),
            other => format!("&{}", self.whole(other)),
        }
    }

    /// An expression.
    pub fn expr(&mut self, expr: &Expr) -> String {
        self.at(expr, Level::Any)
    }

    /// An expression where only one that holds together as tightly as `level` can stand without parentheses.
    fn at(&mut self, expr: &Expr, level: Level) -> String {
        let (text, own) = self.leveled(expr);
        if own < level { format!("({text})") } else { text }
    }

    fn leveled(&mut self, expr: &Expr) -> (String, Level) {
        match expr {
            Expr::Lit(lit) => {
                let text = self.lit(*lit);
                let level = if text.starts_with('-') { Level::Unary } else { Level::Postfix };
                (text, level)
            }
            Expr::Var(var) => {
                let info = self.info(*var);
                if info.by_ref && info.layout == Layout::Scalar {
                    (format!("*{}", info.name), Level::Unary)
                } else {
                    (info.name.to_string(), Level::Postfix)
                }
            }
            Expr::Length(text) => (text.to_string(), Level::Postfix),
            Expr::Part { var, at, range } => {
                let mut text = self.name(*var).to_string();
                for i in at {
                    let i = self.expr(i);
                    let _ = write!(text, "[{i}]");
                }
                if let Some(range) = range {
                    let (lo, hi) = (self.at(&range.0, Level::Sum), self.at(&range.1, Level::Sum));
                    let _ = write!(text, "[{lo}..{hi}]");
                }
                (text, Level::Postfix)
            }
            Expr::Call(prim, args) => self.call(*prim, args),
            Expr::Cast(x, Elem::Float) if self.generic.is_some() => {
                let text = self.expr(x);
                (self.converted(&text), Level::Postfix)
            }
            Expr::Cast(x, elem) if self.generic.is_some() && self.is_float(x) => {
                let elem = self.elem(*elem);
                (format!("{}.to_{elem}().unwrap()", self.at(x, Level::Postfix)), Level::Postfix)
            }
            Expr::Cast(x, elem) => {
                let elem = self.elem(*elem);
                (format!("{} as {elem}", self.at(x, Level::Cast)), Level::Cast)
            }
            Expr::Array(elements) => {
                let texts: Vec<String> = elements.iter().map(|e| self.expr(e)).collect();
                (format!("[{}]", texts.join(", ")), Level::Postfix)
            }
            Expr::Fill { value, lens, layout } => (self.fill(value, lens, layout), Level::Postfix),
            Expr::Map { axes, element, layout } => (self.map(axes, element, layout), Level::Postfix),
            Expr::Copied(x) => self.copied(x),
        }
    }

    fn copied(&mut self, x: &Expr) -> (String, Level) {
        let text = self.whole(x);
        match x {
            Expr::Var(var) => {
                let info = self.info(*var);
                let fixed = matches!(&info.layout, Layout::Nested(axes) if axes.iter().all(|a| *a == Axis::Array));
                if fixed {
                    (format!("*{text}"), Level::Unary)
                } else if info.by_ref {
                    (format!("{text}.to_vec()"), Level::Postfix)
                } else {
                    (format!("{text}.clone()"), Level::Postfix)
                }
            }
            _ => (format!("{text}.to_vec()"), Level::Postfix),
        }
    }

    fn fill(&mut self, value: &Expr, lens: &[Expr], layout: &Layout) -> String {
        let text = self.expr(value);
        match layout {
            Layout::Nested(axes) => axes.iter().zip(lens).rev().fold(text, |inner, (axis, len)| {
                let len = self.expr(len);
                match axis {
                    Axis::Array => format!("[{inner}; {len}]"),
                    Axis::Slice => format!("vec![{inner}; {len}]"),
                }
            }),
            Layout::Scalar | Layout::Flat => {
                let lens: Vec<String> = lens.iter().map(|len| self.at(len, Level::Cast)).collect();
                format!("vec![{text}; {}]", lens.join(" * "))
            }
        }
    }

    fn map(&mut self, axes: &[(Option<Var>, Expr)], element: &Expr, layout: &Layout) -> String {
        let text = self.expr(element);
        let closure = |index: &Option<Var>, text: &str| format!("|{}| {text}", index.map_or("_", |i| self.name(i)));
        if let Layout::Nested(held) = layout
            && held[0] == Axis::Slice
            && let [(index, len)] = axes
        {
            let closure = closure(index, &text);
            let len = self.at(len, Level::Sum);
            if matches!((index, element), (Some(index), Expr::Var(var)) if index == var) {
                return format!("(0..{len}).collect()");
            }
            return format!("(0..{len}).map({closure}).collect()");
        }
        axes.iter().rev().fold(text, |text, (index, _)| format!("core::array::from_fn({})", closure(index, &text)))
    }

    fn lit(&mut self, lit: Lit) -> String {
        match lit {
            Lit::Float(bits) => {
                if let Some(generic) = self.generic {
                    return self.generic_float(generic, f64::from_bits(bits));
                }
                let text = self.float(f64::from_bits(bits));
                let typed = std::mem::take(&mut self.typed) && !text.contains("::");
                if typed { format!("{text}_{}", self.program.float.name()) } else { text }
            }
            Lit::Int(n, kind) if std::mem::take(&mut self.typed) => format!("{n}_{}", kind.name()),
            Lit::Int(n, _) => n.to_string(),
            Lit::Bool(b) => b.to_string(),
        }
    }

    /// A number as one of the type parameter.
    fn converted(&self, text: &str) -> String {
        match self.generic {
            Some(GenericFloat { literal: (before, after), .. }) => format!("{before}{text}{after}"),
            None => text.to_string(),
        }
    }

    fn generic_float(&mut self, generic: &GenericFloat, x: f64) -> String {
        let name = &generic.name;
        self.typed = false;
        match x {
            x if generic.has_zero && x.to_bits() == 0 => format!("{name}::zero()"),
            1.0 if generic.has_zero => format!("{name}::one()"),
            f64::INFINITY => format!("{name}::infinity()"),
            f64::NEG_INFINITY => format!("{name}::neg_infinity()"),
            f64::MAX => format!("{name}::max_value()"),
            f64::MIN => format!("{name}::min_value()"),
            x if x.is_nan() => format!("{name}::nan()"),
            x => {
                let text = self.float(x);
                self.converted(&text)
            }
        }
    }

    /// Whether an expression is a float, as far as casts from one need to know.
    fn is_float(&self, x: &Expr) -> bool {
        match x {
            Expr::Lit(Lit::Float(_)) => true,
            Expr::Var(var) | Expr::Part { var, .. } => self.info(*var).elem == Elem::Float,
            Expr::Call(prim, args) => match prim.row().rust {
                Spelling::Choice => self.is_float(&args[1]),
                _ => self.is_float(&args[0]),
            },
            Expr::Cast(_, elem) => *elem == Elem::Float,
            Expr::Lit(_)
            | Expr::Length(_)
            | Expr::Array(_)
            | Expr::Fill { .. }
            | Expr::Map { .. }
            | Expr::Copied(_) => false,
        }
    }

    /// What is compared is a float or an integer.
    fn are_integers(&self, compared: &[Expr]) -> bool {
        !compared.iter().any(|x| self.is_float(x))
    }

    fn float(&mut self, x: f64) -> String {
        let real = self.program.float.name();
        let x = match self.program.float {
            Float::F64 => x,
            #[allow(clippy::cast_possible_truncation)]
            Float::F32 => f64::from(x as f32),
        };
        if x.is_nan() {
            return format!("{real}::NAN");
        }
        if x.is_infinite() {
            return format!("{real}::{}INFINITY", if x < 0.0 { "NEG_" } else { "" });
        }
        if let Some((name, _)) = CONSTANTS.iter().find(|(_, c)| self.same(x.abs(), *c)) {
            return format!("{}core::{real}::consts::{name}", if x < 0.0 { "-" } else { "" });
        }
        if CONSTANTS.iter().any(|(_, c)| (x.abs() - c).abs() < 0.01) {
            self.allow.insert("clippy::approx_constant");
        }
        match self.program.float {
            Float::F64 => format!("{x:?}"),
            #[allow(clippy::cast_possible_truncation)]
            Float::F32 => format!("{:?}", x as f32),
        }
    }

    fn same(&self, x: f64, c: f64) -> bool {
        match self.program.float {
            Float::F64 => x.to_bits() == c.to_bits(),
            #[allow(clippy::cast_possible_truncation)]
            Float::F32 => (x as f32).to_bits() == (c as f32).to_bits(),
        }
    }

    fn call(&mut self, prim: Prim, args: &[Expr]) -> (String, Level) {
        match prim.row().rust {
            Spelling::Infix(op) => self.infix(prim, op, &args[0], &args[1]),
            Spelling::Prefix(op) => self.prefix(prim, op, &args[0]),
            Spelling::Method(name) => {
                if matches!(
                    (prim, &args[0]),
                    (Prim::Min, Expr::Call(Prim::Max, _)) | (Prim::Max, Expr::Call(Prim::Min, _))
                ) {
                    self.allow.insert("clippy::manual_clamp");
                }
                let receiver = self.receiver(&args[0]);
                let rest: Vec<String> = args[1..].iter().map(|a| self.expr(a)).collect();
                (format!("{receiver}.{name}({})", rest.join(", ")), Level::Postfix)
            }
            Spelling::Math(name) => {
                self.called.insert(name);
                if self.generic.is_some() {
                    // grad-math knows f32 and f64, not the parameter.
                    let texts: Vec<String> =
                        args.iter().map(|a| format!("{}.to_f64().unwrap()", self.at(a, Level::Postfix))).collect();
                    return (self.converted(&format!("{}{name}({})", self.math, texts.join(", "))), Level::Postfix);
                }
                let texts: Vec<String> = args.iter().map(|a| self.expr(a)).collect();
                (format!("{}{name}({})", self.math, texts.join(", ")), Level::Postfix)
            }
            // Rust's own operators do not evaluate the other side either.
            Spelling::Choice if matches!(args[2], Expr::Lit(Lit::Bool(false))) => {
                self.infix(Prim::And, "&&", &args[0], &args[1])
            }
            Spelling::Choice if matches!(args[1], Expr::Lit(Lit::Bool(true))) => {
                self.infix(Prim::Or, "||", &args[0], &args[2])
            }
            Spelling::Choice => {
                let typed = std::mem::take(&mut self.typed);
                let cond = self.expr(&args[0]);
                self.typed = typed;
                (format!("if {cond} {{ {} }} else {{ {} }}", self.expr(&args[1]), self.expr(&args[2])), Level::Any)
            }
            Spelling::Identity => self.leveled(&args[0]),
        }
    }

    /// What a method is called on: where nothing else says which type that is, the first literal does.
    fn receiver(&mut self, x: &Expr) -> String {
        self.typed = is_untyped(x);
        let text = self.at(x, Level::Postfix);
        self.typed = false;
        text
    }

    fn infix(&mut self, prim: Prim, op: &str, x: &Expr, y: &Expr) -> (String, Level) {
        let (own, left, right) = match prim {
            Prim::Or => (Level::Or, Level::Or, Level::And),
            Prim::And => (Level::And, Level::And, Level::Compare),
            Prim::Add | Prim::Sub => (Level::Sum, Level::Sum, Level::Product),
            Prim::Mul | Prim::Div | Prim::Rem => (Level::Product, Level::Product, Level::Cast),
            // Nobody remembers how tightly these hold together: their operands have parentheses.
            Prim::Shl | Prim::Shr | Prim::BitAnd | Prim::BitOr | Prim::BitXor => {
                (Level::Bits, Level::Unary, Level::Unary)
            }
            _ => (Level::Compare, Level::Sum, Level::Sum),
        };
        if x == y && !matches!(prim, Prim::Add | Prim::Mul) {
            self.allow.insert("clippy::eq_op");
        }
        if matches!((prim, x, y), (Prim::Eq | Prim::Ne, Expr::Call(Prim::Rem, _), Expr::Lit(Lit::Int(0, _)))) {
            self.allow.insert("clippy::manual_is_multiple_of");
        }
        if prim == Prim::Div && adds_integer(x) {
            self.allow.insert("clippy::manual_div_ceil");
        }
        if matches!(prim, Prim::And | Prim::Or) && is_range(x, y) {
            self.allow.insert("clippy::manual_range_contains");
        }
        // What is shifted has its own type, whatever stands on the right.
        self.typed |= matches!(prim, Prim::Shl | Prim::Shr) && is_untyped(x);
        let (mut left, right_text) = (self.at(x, left), self.operand(y, right));
        // `a as usize < b` would begin the arguments of a generic type.
        if prim == Prim::Lt && ends_with_cast(x) && !left.ends_with(')') {
            left = format!("({left})");
        }
        (format!("{left} {op} {right_text}"), own)
    }

    /// A right operand: a choice needs no parentheses there.
    fn operand(&mut self, y: &Expr, level: Level) -> String {
        match y {
            Expr::Call(prim, _) if prim.row().rust == Spelling::Choice => self.expr(y),
            y => self.at(y, level),
        }
    }

    fn prefix(&mut self, prim: Prim, op: &str, x: &Expr) -> (String, Level) {
        // !(a == b) is a != b, of floats too; but !(a < b) is not a >= b.
        if let (Prim::Not, Expr::Call(inner, args)) = (prim, x) {
            match inner {
                Prim::Eq => return self.infix(Prim::Ne, "!=", &args[0], &args[1]),
                Prim::Ne => return self.infix(Prim::Eq, "==", &args[0], &args[1]),
                Prim::Lt if self.are_integers(args) => return self.infix(Prim::Ge, ">=", &args[0], &args[1]),
                Prim::Le if self.are_integers(args) => return self.infix(Prim::Gt, ">", &args[0], &args[1]),
                Prim::Gt if self.are_integers(args) => return self.infix(Prim::Le, "<=", &args[0], &args[1]),
                Prim::Ge if self.are_integers(args) => return self.infix(Prim::Lt, "<", &args[0], &args[1]),
                Prim::Lt | Prim::Le | Prim::Gt | Prim::Ge => {
                    self.allow.insert("clippy::neg_cmp_op_on_partial_ord");
                    self.allow.insert("clippy::nonminimal_bool");
                }
                Prim::And | Prim::Or => {
                    self.allow.insert("clippy::nonminimal_bool");
                }
                _ => {}
            }
        }
        let text = self.at(x, Level::Unary);
        // --x is taken for a slip.
        if prim == Prim::Neg && text.starts_with('-') {
            return (format!("{op}({text})"), Level::Unary);
        }
        (format!("{op}{text}"), Level::Unary)
    }
}

/// Whether variables are just what a block gives.
/// The condition and the code of `if a { if b { … } }` as one choice.
fn collapsed(cond: &Expr, then: &Block, otherwise: &Block) -> Option<(Expr, Block)> {
    let nothing = |b: &Block| b.stmts.is_empty() && b.values.is_empty();
    let not = |e: &Expr| match e {
        Expr::Call(Prim::Not, x) => x[0].clone(),
        e => Expr::Call(Prim::Not, vec![e.clone()]),
    };
    let (outer, inside) = match (nothing(then), nothing(otherwise)) {
        (false, true) => (cond.clone(), then),
        (true, false) => (not(cond), otherwise),
        _ => return None,
    };
    let ([Stmt::If { vars, cond, then, otherwise }], []) = (&*inside.stmts, &*inside.values) else { return None };
    if !vars.is_empty() {
        return None;
    }
    let (inner, inside) = match (nothing(then), nothing(otherwise)) {
        (false, true) => (cond.clone(), then),
        (true, false) => (not(cond), otherwise),
        _ => return None,
    };
    Some((Expr::Call(Prim::And, vec![outer, inner]), inside.clone()))
}

fn are_values(vars: &[Var], values: &[Expr]) -> bool {
    vars.len() == values.len() && vars.iter().zip(values).all(|(var, value)| *value == Expr::Var(*var))
}

fn info_is_vec(info: &Variable) -> bool {
    matches!(&info.layout, Layout::Nested(axes) if axes[0] == Axis::Slice) || info.layout == Layout::Flat
}

/// Whether the last thing in the text of an expression is the type of a cast.
fn ends_with_cast(expr: &Expr) -> bool {
    match expr {
        Expr::Cast(..) => true,
        Expr::Call(prim, args) => match prim.row().rust {
            Spelling::Infix(_) => ends_with_cast(&args[1]),
            Spelling::Prefix(_) => ends_with_cast(&args[0]),
            _ => false,
        },
        _ => false,
    }
}

/// Whether an expression is made of literals only, so that nothing says which type a method is called on.
fn is_untyped(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Float(bits)) => f64::from_bits(*bits).is_finite(),
        Expr::Lit(Lit::Int(..)) => true,
        Expr::Call(prim, args) => match prim.row().rust {
            Spelling::Infix(_) | Spelling::Prefix(_) => {
                prim.row().signature == crate::prim::Signature::Number && args.iter().all(is_untyped)
            }
            Spelling::Choice => args[1..].iter().all(is_untyped),
            _ => false,
        },
        _ => false,
    }
}

/// Whether this is a sum with an integer literal in it: what rounds a quotient up.
fn adds_integer(x: &Expr) -> bool {
    match x {
        Expr::Call(Prim::Add | Prim::Sub, args) => {
            args.iter().any(|arg| matches!(arg, Expr::Lit(Lit::Int(..))) || adds_integer(arg))
        }
        _ => false,
    }
}

/// Whether three statements swap two places, through a value that may be read later.
fn swaps(stmts: &[Stmt]) -> bool {
    match stmts {
        [Stmt::Let(kept, first), Stmt::Assign(to, from), Stmt::Assign(last, Expr::Var(read))] => {
            kept == read && first == to && from == last
        }
        _ => false,
    }
}

/// Two comparisons of one value.
fn is_range(x: &Expr, y: &Expr) -> bool {
    let sides = |e: &Expr| match e {
        Expr::Call(Prim::Lt | Prim::Le | Prim::Gt | Prim::Ge, args) => args.clone(),
        _ => Vec::new(),
    };
    let right = sides(y);
    sides(x).iter().any(|a| right.contains(a))
}

/// Constants that have a name.
const CONSTANTS: &[(&str, f64)] = &[
    ("E", std::f64::consts::E),
    ("FRAC_1_PI", std::f64::consts::FRAC_1_PI),
    ("FRAC_1_SQRT_2", std::f64::consts::FRAC_1_SQRT_2),
    ("FRAC_2_PI", std::f64::consts::FRAC_2_PI),
    ("FRAC_2_SQRT_PI", std::f64::consts::FRAC_2_SQRT_PI),
    ("FRAC_PI_2", std::f64::consts::FRAC_PI_2),
    ("FRAC_PI_3", std::f64::consts::FRAC_PI_3),
    ("FRAC_PI_4", std::f64::consts::FRAC_PI_4),
    ("FRAC_PI_6", std::f64::consts::FRAC_PI_6),
    ("FRAC_PI_8", std::f64::consts::FRAC_PI_8),
    ("LN_10", std::f64::consts::LN_10),
    ("LN_2", std::f64::consts::LN_2),
    ("LOG10_2", std::f64::consts::LOG10_2),
    ("LOG10_E", std::f64::consts::LOG10_E),
    ("LOG2_10", std::f64::consts::LOG2_10),
    ("LOG2_E", std::f64::consts::LOG2_E),
    ("PI", std::f64::consts::PI),
    ("SQRT_2", std::f64::consts::SQRT_2),
    ("TAU", std::f64::consts::TAU),
];
