//! Calls of primitives: operators, methods, functions of grad-math.

use super::Printer;
use super::expr::Level;
use crate::ir::{Elem, Lit};
use crate::lower::Expr;
use crate::prim::{Prim, Signature, Spelling};

impl<'a> Printer<'a> {
    pub(super) fn call(&mut self, prim: Prim, args: &[Expr]) -> (String, Level) {
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
    pub(super) fn receiver(&mut self, x: &Expr) -> String {
        self.typed = is_untyped(x);
        let text = self.at(x, Level::Postfix);
        self.typed = false;
        text
    }

    pub(super) fn infix(&mut self, prim: Prim, op: &str, x: &Expr, y: &Expr) -> (String, Level) {
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
        if prim == Prim::Mul && (is_minus_one(x) || is_minus_one(y)) {
            self.allow.insert("clippy::neg_multiply");
        }
        if matches!(prim, Prim::And | Prim::Or) {
            if is_range(x, y) {
                self.allow.insert("clippy::manual_range_contains");
            }
            if has_condition_twice(x, y) {
                self.allow.extend(["clippy::nonminimal_bool", "clippy::overly_complex_bool_expr"]);
            }
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

    /// A right operand: a choice needs no parentheses there, unless it is spelt as `&&` or `||`.
    pub(super) fn operand(&mut self, y: &Expr, level: Level) -> String {
        match self.leveled(y) {
            (text, Level::Any) => text,
            (text, own) if own < level => format!("({text})"),
            (text, _) => text,
        }
    }

    pub(super) fn prefix(&mut self, prim: Prim, op: &str, x: &Expr) -> (String, Level) {
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

    /// Whether an expression is a float, as far as casts from one need to know.
    pub(super) fn is_float(&self, x: &Expr) -> bool {
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
    pub(super) fn are_integers(&self, compared: &[Expr]) -> bool {
        !compared.iter().any(|x| self.is_float(x))
    }
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
pub(super) fn is_untyped(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(Lit::Float(bits)) => f64::from_bits(*bits).is_finite(),
        Expr::Lit(Lit::Int(..)) => true,
        Expr::Call(prim, args) => match prim.row().rust {
            Spelling::Infix(_) | Spelling::Prefix(_) => {
                prim.row().signature == Signature::Number && args.iter().all(is_untyped)
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

/// Whether a condition stands twice in what joins two others.
fn has_condition_twice(x: &Expr, y: &Expr) -> bool {
    // More than these nobody compares.
    const MOST: usize = 16;
    let mut open = vec![x, y];
    let mut seen: Vec<&Expr> = Vec::new();
    while let Some(e) = open.pop() {
        match e {
            Expr::Call(Prim::And | Prim::Or | Prim::Not, args) => open.extend(args),
            Expr::Call(prim, args) if prim.row().rust == Spelling::Choice => open.extend(args),
            Expr::Lit(_) => {}
            e if seen.contains(&e) => return true,
            e => seen.push(e),
        }
        if seen.len() + open.len() > MOST {
            return false;
        }
    }
    false
}

/// The factor of a negation that is written as a product.
fn is_minus_one(x: &Expr) -> bool {
    match x {
        Expr::Lit(Lit::Float(bits)) => f64::from_bits(*bits) == -1.0,
        Expr::Lit(Lit::Int(n, _)) => *n == -1,
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
