//! Statements.

use super::{CHOICE, LastComma, Printer, are_values};
use crate::emit::{Axis, Layout};
use crate::ir::{Direction, Elem};
use crate::lower::{Block, Expr, Stmt, Var, Variable};
use crate::prim::{Prim, Spelling};

impl<'a> Printer<'a> {
    pub(super) fn stmt(&mut self, stmt: &Stmt) {
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
                        let names: Vec<String> = vars.iter().map(|v| self.pattern(*v)).collect();
                        format!("let ({}){} = ", names.join(", "), self.types_of(vars))
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

    pub(super) fn pattern(&self, var: Var) -> String {
        let info = self.info(var);
        format!("{}{}", if info.mutable { "mut " } else { "" }, info.name)
    }

    pub(super) fn let_(&mut self, var: Var, value: &Expr) {
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

    /// The types of a choice's variables, where one of them has to be written.
    fn types_of(&mut self, vars: &[Var]) -> String {
        if !vars.iter().any(|v| self.info(*v).annotate) {
            return String::new();
        }
        let one = |v: &Var| if self.info(*v).annotate { self.type_of(self.info(*v)) } else { "_".to_string() };
        let types: Vec<String> = vars.iter().map(one).collect();
        format!(": ({})", types.join(", "))
    }

    pub(super) fn type_of(&mut self, info: &Variable) -> String {
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

    pub(super) fn elem(&self, elem: Elem) -> &'a str {
        match elem {
            Elem::Float => self.float_name(),
            Elem::Int(kind) => kind.name(),
            Elem::Bool => "bool",
        }
    }

    pub(super) fn choice(&mut self, before: &str, after: &str, cond: &Expr, then: &Block, otherwise: &Block) {
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

    pub(super) fn for_(&mut self, index: Option<Var>, lo: &Expr, hi: &Expr, direction: Direction, body: &[Stmt]) {
        let name = index.map_or("_", |i| self.name(i));
        if index.is_some() {
            self.allow.insert("clippy::needless_range_loop");
        }
        if is_copy(body) {
            self.allow.insert("clippy::manual_memcpy");
        }
        let range = self.range(index, lo, hi);
        let range = match direction {
            Direction::Up => range,
            Direction::Down => format!("({range}).rev()"),
        };
        self.line(&format!("for {name} in {range} {{"));
        self.nested(body);
        self.line("}");
    }

    /// Statements one level further in.
    pub(super) fn nested(&mut self, stmts: &[Stmt]) {
        self.indent += 1;
        self.stmts(stmts);
        self.indent -= 1;
    }

    /// The variable that a place is in.
    pub(super) fn root(&self, place: &Expr) -> Option<Var> {
        match place {
            Expr::Var(var) | Expr::Part { var, .. } => Some(*var),
            _ => None,
        }
    }
}

/// The condition and the code of `if a { if b { … } }` as one choice.
pub(super) fn collapsed(cond: &Expr, then: &Block, otherwise: &Block) -> Option<(Expr, Block)> {
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

/// Whether three statements swap two places, through a value that may be read later.
pub(super) fn swaps(stmts: &[Stmt]) -> bool {
    match stmts {
        [Stmt::Let(kept, first), Stmt::Assign(to, from), Stmt::Assign(last, Expr::Var(read))] => {
            kept == read && first == to && from == last
        }
        _ => false,
    }
}

fn info_is_vec(info: &Variable) -> bool {
    matches!(&info.layout, Layout::Nested(axes) if axes[0] == Axis::Slice) || info.layout == Layout::Flat
}

/// Whether a loop's statements are taken for the copy of an array: what is added to other elements is not looked at.
fn is_copy(body: &[Stmt]) -> bool {
    let copies = |stmt: &Stmt| matches!(stmt, Stmt::Assign(Expr::Part { .. }, Expr::Part { .. }));
    let is_ignored = |stmt: &Stmt| matches!(stmt, Stmt::Let(..) | Stmt::AssignOp(Expr::Part { .. }, ..));
    body.iter().any(copies) && body.iter().all(|stmt| copies(stmt) || is_ignored(stmt))
}
