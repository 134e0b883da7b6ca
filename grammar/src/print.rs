//! [`Formula`] -> text that parses to the same formula, with no parenthesis too many.

use crate::ast::{
    Arg, BinaryOp, Binder, CmpOp, Dim, DimKind, ExprId, ExprKind, FnParam, Formula, Item, ParamDecl, ParamType,
    SubscriptKind, UnaryOp,
};
use crate::precedence::{Associativity, Precedence, of_binary, of_unary};

/// The text of a formula: it parses to the same [`Formula`] but for the spans.
///
/// `where` and `piecewise` print as the `if` that they mean. The depth of the formula does not matter: nothing
/// recurses.
///
/// ```
/// let formula = grad_grammar::parse("let s=((w·x))+b; (1/(1+exp(-(s))))").unwrap();
/// assert_eq!(grad_grammar::print(&formula), "let s = w · x + b\n1 / (1 + exp(-s))");
/// ```
pub fn print(formula: &Formula) -> String {
    let mut printer = Printer { formula, text: String::new(), todo: Vec::new() };
    printer.header();
    for item in &formula.items {
        printer.item(item);
    }
    match formula.results[..] {
        [only] => printer.whole(only),
        _ => {
            printer.text.push('(');
            printer.commas(&formula.results, |printer, result| printer.whole(*result));
            printer.text.push(')');
        }
    }
    printer.text
}

/// What remains to be written, the next on top.
enum Todo<'f> {
    Text(&'f str),
    Expr(ExprId, Place),
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place {
    /// What binds looser than this needs parentheses; prefix operators and `if` do not, since nothing to their left can
    /// take their operand.
    least: Precedence,
    /// How tightly the operator that follows binds: it takes the end of a prefix operator or an `if` that binds looser.
    next: Precedence,
}

const ALONE: Place = Place { least: Precedence::Outside, next: Precedence::Outside };

struct Printer<'f> {
    formula: &'f Formula,
    text: String,
    todo: Vec<Todo<'f>>,
}

impl<'f> Printer<'f> {
    fn header(&mut self) {
        if self.formula.params.is_empty() {
            return;
        }
        self.commas(&self.formula.params, Printer::param);
        self.text.push_str(";\n");
    }

    fn param(&mut self, param: &ParamDecl) {
        self.text.push_str(&param.name.text);
        match &param.ty {
            ParamType::Scalar => {}
            ParamType::Index => self.text.push_str(": index"),
            ParamType::IndexArray(dims) => {
                self.text.push_str(": index");
                self.dims(dims);
            }
            ParamType::Array(dims) => {
                self.text.push_str(": ");
                self.dims(dims);
            }
        }
    }

    fn dims(&mut self, dims: &[Dim]) {
        self.text.push('[');
        self.commas(dims, |printer, dim| match &dim.kind {
            DimKind::Literal(length) => printer.text.push_str(&length.to_string()),
            DimKind::Name(name) => printer.text.push_str(name),
        });
        self.text.push(']');
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Let { name, value, .. } => {
                self.text.push_str("let ");
                self.text.push_str(&name.text);
                self.text.push_str(" = ");
                self.whole(*value);
            }
            Item::Fn { name, params, body, .. } => {
                self.text.push_str("fn ");
                self.text.push_str(&name.text);
                self.text.push('(');
                self.commas(params, Printer::fn_param);
                self.text.push_str(") = ");
                self.whole(*body);
            }
        }
        self.text.push('\n');
    }

    fn fn_param(&mut self, param: &FnParam) {
        self.text.push_str(&param.name.text);
        if let Some(default) = param.default {
            self.text.push_str(" = ");
            self.whole(default);
        }
    }

    fn commas<T>(&mut self, list: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (position, element) in list.iter().enumerate() {
            if position > 0 {
                self.text.push_str(", ");
            }
            write(self, element);
        }
    }

    /// Writes an expression that stands alone.
    fn whole(&mut self, id: ExprId) {
        self.todo.push(Todo::Expr(id, ALONE));
        while let Some(todo) = self.todo.pop() {
            match todo {
                Todo::Text(text) => self.text.push_str(text),
                Todo::Expr(id, place) => self.expr(id, place),
            }
        }
    }

    /// Writes what an expression begins with, and leaves the rest to do.
    fn expr(&mut self, id: ExprId, place: Place) {
        let kind = &self.formula[id].kind;
        let is_open = needs_parentheses(kind, place);
        let place = if is_open { ALONE } else { place };
        let mut parts = Parts(Vec::new());
        if is_open {
            self.text.push('(');
        }
        match kind {
            ExprKind::Number { value, integer: true } => self.text.push_str(&format!("{value}")),
            ExprKind::Number { value, integer: false } => self.text.push_str(&format!("{value:?}")),
            ExprKind::Name(name) => self.text.push_str(name),
            ExprKind::Unary(op, operand) => {
                self.text.push_str(unary(*op));
                parts.expr(*operand, Place { least: of_unary(*op), ..place });
            }
            ExprKind::Binary(op, left, right) => parts.binary(*op, *left, *right, place),
            ExprKind::Compare { first, rest } => {
                let mut last = *first;
                for (op, operand) in rest {
                    parts.expr(last, Place { least: Precedence::Sum, next: Precedence::Compare });
                    parts.text(comparison(*op));
                    last = *operand;
                }
                parts.expr(last, Place { least: Precedence::Sum, ..place });
            }
            ExprKind::Transpose(operand) => {
                parts.expr(*operand, Place { least: Precedence::Atom, next: Precedence::Atom });
                parts.text("'");
            }
            // A chain of roots is no nest, so that any length of it parses again.
            ExprKind::Call { args, .. }
                if is_root(kind) && is_root(&self.formula[args[0].value].kind) && place.least != Precedence::Atom =>
            {
                parts.text("√");
                parts.expr(args[0].value, ALONE);
            }
            ExprKind::Call { name, args } => {
                parts.text(&name.text);
                parts.text("(");
                parts.commas(args, |parts, arg| {
                    if let Some(label) = &arg.name {
                        parts.text(&label.text);
                        parts.text(" = ");
                    }
                    parts.expr(arg.value, ALONE);
                });
                parts.text(")");
            }
            ExprKind::Index { base, subscripts } => {
                parts.expr(*base, Place { least: Precedence::Atom, next: Precedence::Atom });
                parts.text("[");
                parts.commas(subscripts, |parts, subscript| parts.subscript(subscript.kind));
                parts.text("]");
            }
            ExprKind::Choice { arms, otherwise } => parts.choice(self.formula, arms, *otherwise),
            ExprKind::Vector(components) => {
                parts.text("[");
                parts.commas(components, |parts, component| parts.expr(*component, ALONE));
                parts.text("]");
            }
            ExprKind::Comprehension { body, binders, filter } => {
                parts.text("[");
                parts.expr(*body, ALONE);
                parts.text(" for ");
                parts.binders(binders, *filter);
                parts.text("]");
            }
            ExprKind::Reduce { name, binders, filter, body } => {
                parts.text(&name.text);
                parts.text("(");
                parts.binders(binders, *filter);
                parts.text(": ");
                parts.expr(*body, ALONE);
                parts.text(")");
            }
        }
        if is_open {
            parts.text(")");
        }
        self.todo.extend(parts.0.into_iter().rev());
    }
}

/// The parts of an expression, in order.
struct Parts<'f>(Vec<Todo<'f>>);

impl<'f> Parts<'f> {
    fn text(&mut self, text: &'f str) {
        self.0.push(Todo::Text(text));
    }

    fn expr(&mut self, id: ExprId, place: Place) {
        self.0.push(Todo::Expr(id, place));
    }

    fn commas<T>(&mut self, list: &'f [T], mut write: impl FnMut(&mut Self, &'f T)) {
        for (position, element) in list.iter().enumerate() {
            if position > 0 {
                self.text(", ");
            }
            write(self, element);
        }
    }

    fn binary(&mut self, op: BinaryOp, left: ExprId, right: ExprId, place: Place) {
        let (precedence, associativity) = of_binary(op);
        let (left_least, right_least) = match associativity {
            Associativity::Left => (precedence, precedence.tighter()),
            Associativity::Right => (precedence.tighter(), precedence),
        };
        self.expr(left, Place { least: left_least, next: precedence });
        self.text(binary(op));
        self.expr(right, Place { least: right_least, next: place.next });
    }

    fn subscript(&mut self, kind: SubscriptKind) {
        match kind {
            SubscriptKind::At(at) => self.expr(at, ALONE),
            SubscriptKind::Range(lo, hi) => {
                lo.into_iter().for_each(|lo| self.expr(lo, ALONE));
                self.text("..");
                hi.into_iter().for_each(|hi| self.expr(hi, ALONE));
            }
        }
    }

    /// A choice right after the `else` needs parentheses: without them it would be more arms of this one.
    fn choice(&mut self, formula: &Formula, arms: &[(ExprId, ExprId)], otherwise: ExprId) {
        for (condition, value) in arms {
            self.text("if ");
            self.expr(*condition, ALONE);
            self.text(" then ");
            self.expr(*value, ALONE);
            self.text(" else ");
        }
        match formula[otherwise].kind {
            ExprKind::Choice { .. } => self.expr(otherwise, Place { least: Precedence::Atom, next: Precedence::Atom }),
            _ => self.expr(otherwise, ALONE),
        }
    }

    fn binders(&mut self, binders: &'f [Binder], filter: Option<ExprId>) {
        self.commas(binders, |parts, binder| {
            parts.text(&binder.name.text);
            parts.text(" in ");
            parts.expr(binder.lo, ALONE);
            parts.text("..");
            parts.expr(binder.hi, ALONE);
        });
        if let Some(filter) = filter {
            self.text(" if ");
            self.expr(filter, ALONE);
        }
    }
}

fn needs_parentheses(kind: &ExprKind, place: Place) -> bool {
    match kind {
        ExprKind::Binary(op, ..) => of_binary(*op).0 < place.least,
        ExprKind::Compare { .. } => Precedence::Compare < place.least,
        ExprKind::Unary(op, _) => of_unary(*op) < place.next,
        ExprKind::Choice { .. } => Precedence::Choice < place.next,
        ExprKind::Number { .. }
        | ExprKind::Name(_)
        | ExprKind::Transpose(_)
        | ExprKind::Call { .. }
        | ExprKind::Index { .. }
        | ExprKind::Vector(_)
        | ExprKind::Comprehension { .. }
        | ExprKind::Reduce { .. } => false,
    }
}

/// `√(x)`
fn is_root(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Call { name, args } if name.text == "√" && matches!(&args[..], [Arg { name: None, .. }]))
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "-",
        UnaryOp::Plus => "+",
        UnaryOp::Not => "not ",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => " + ",
        BinaryOp::Sub => " - ",
        BinaryOp::Mul => " * ",
        BinaryOp::Div => " / ",
        BinaryOp::MatMul => " · ",
        BinaryOp::Pow => "^",
        BinaryOp::And => " and ",
        BinaryOp::Or => " or ",
    }
}

fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Lt => " < ",
        CmpOp::Le => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::Ge => " >= ",
        CmpOp::Eq => " == ",
        CmpOp::Ne => " != ",
    }
}
