//! Every small expression, printed, parsed again, and compared; and none has a parenthesis that could go.

use grad_core::emit::rust::Printer;
use grad_core::emit::{Interface, Layout};
use grad_core::ir::{Elem, Float, IntKind, Lit};
use grad_core::lower::{Block, Expr, Program, Var, Variable};
use grad_core::prim::{Prim, ROWS, Signature, Spelling};

fn program() -> Program {
    let variable = |name: &str, elem, by_ref| Variable {
        name: name.into(),
        elem,
        layout: Layout::Scalar,
        dims: Vec::new(),
        mutable: false,
        by_ref,
        annotate: false,
    };
    let vars = vec![
        variable("x", Elem::Float, false),
        variable("i", Elem::INDEX, false),
        variable("c", Elem::Bool, false),
        variable("r", Elem::Float, true),
    ];
    Program { vars, block: Block::default(), float: Float::F64, read: Vec::new(), in_place: Vec::new() }
}

fn print(expr: &Expr) -> String {
    Printer::new(&program(), &Interface { math: "math::".to_string(), ..Interface::default() }, 0).expr(expr)
}

fn elem(expr: &Expr) -> Elem {
    match expr {
        Expr::Lit(Lit::Float(_)) | Expr::Part { .. } => Elem::Float,
        Expr::Lit(Lit::Int(_, kind)) => Elem::Int(*kind),
        Expr::Lit(Lit::Bool(_)) => Elem::Bool,
        Expr::Var(var) => program().vars[var.0 as usize].elem,
        Expr::Cast(_, elem) => *elem,
        Expr::Call(prim, args) => match prim.row().signature {
            Signature::Compare | Signature::Logic => Elem::Bool,
            Signature::Number | Signature::Bits | Signature::Shift => elem(&args[0]),
            Signature::Select => elem(&args[1]),
            Signature::Float | Signature::Powi => Elem::Float,
        },
        _ => unreachable!("scalars only"),
    }
}

/// One primitive of each kind of spelling and level.
fn prims() -> Vec<Prim> {
    vec![
        Prim::Add,
        Prim::Sub,
        Prim::Mul,
        Prim::Div,
        Prim::Rem,
        Prim::Neg,
        Prim::Lt,
        Prim::Ge,
        Prim::Eq,
        Prim::And,
        Prim::Or,
        Prim::Not,
        Prim::Shl,
        Prim::BitAnd,
        Prim::BitXor,
        Prim::BitOr,
        Prim::BitNot,
        Prim::Select,
        Prim::Exp,
        Prim::Pow,
        Prim::Sigmoid,
    ]
}

fn fits(signature: Signature, k: usize, args: &[&Expr]) -> bool {
    let e = elem(args[k]);
    match signature {
        Signature::Float => e == Elem::Float,
        Signature::Number => !matches!(e, Elem::Bool) && e == elem(args[0]),
        Signature::Compare => e != Elem::Bool && e == elem(args[0]),
        Signature::Logic => e == Elem::Bool,
        Signature::Select => {
            if k == 0 {
                e == Elem::Bool
            } else {
                e == elem(args[1])
            }
        }
        Signature::Bits => matches!(e, Elem::Int(_)) && e == elem(args[0]),
        Signature::Shift => matches!(e, Elem::Int(_)),
        Signature::Powi => false,
    }
}

/// Everything made by one operation from `left` operands first and `right` operands after.
fn grow(left: &[Expr], right: &[Expr]) -> Vec<Expr> {
    let mut grown = Vec::new();
    for x in left {
        if elem(x) == Elem::INDEX {
            grown.push(Expr::Cast(Box::new(x.clone()), Elem::Float));
            grown.push(Expr::Cast(Box::new(x.clone()), Elem::Int(IntKind::I32)));
            grown.push(Expr::Part { var: Var(0), at: vec![x.clone()], range: None });
        }
    }
    for prim in prims() {
        let signature = prim.row().signature;
        match prim.row().args.len() {
            1 => grown
                .extend(left.iter().filter(|x| fits(signature, 0, &[x])).map(|x| Expr::Call(prim, vec![x.clone()]))),
            2 => {
                for x in left {
                    for y in right {
                        if fits(signature, 0, &[x, y]) && fits(signature, 1, &[x, y]) {
                            grown.push(Expr::Call(prim, vec![x.clone(), y.clone()]));
                        }
                    }
                }
            }
            _ => {
                for x in left {
                    let fixed = [Expr::Var(Var(0)), Expr::Lit(Lit::Float(1.0_f64.to_bits()))];
                    if elem(x) == Elem::Bool {
                        grown.push(Expr::Call(prim, vec![x.clone(), fixed[0].clone(), fixed[1].clone()]));
                    } else if elem(x) == Elem::Float {
                        grown.push(Expr::Call(prim, vec![Expr::Var(Var(2)), x.clone(), fixed[1].clone()]));
                    }
                }
            }
        }
    }
    grown
}

/// The comparison that holds where one of integers does not, and what it compares.
fn integer_comparison(expr: &Expr) -> Option<(&'static str, &[Expr])> {
    let Expr::Call(prim, args) = expr else { return None };
    let other = match prim {
        Prim::Lt => ">=",
        Prim::Le => ">",
        Prim::Gt => "<=",
        Prim::Ge => "<",
        _ => return None,
    };
    matches!(elem(&args[0]), Elem::Int(_)).then_some((other, args))
}

/// What the printer says on purpose in another way.
fn normal(expr: &Expr) -> String {
    match expr {
        Expr::Lit(Lit::Float(bits)) if f64::from_bits(*bits) < 0.0 => format!("(- {:?})", -f64::from_bits(*bits)),
        Expr::Lit(Lit::Float(bits)) => format!("{:?}", f64::from_bits(*bits)),
        Expr::Lit(Lit::Int(n, _)) => n.to_string(),
        Expr::Lit(Lit::Bool(b)) => b.to_string(),
        Expr::Var(var) if program().vars[var.0 as usize].by_ref => {
            format!("(* {})", program().vars[var.0 as usize].name)
        }
        Expr::Var(var) => program().vars[var.0 as usize].name.to_string(),
        Expr::Cast(x, Elem::Float) => format!("(as {} f64)", normal(x)),
        Expr::Cast(x, _) => format!("(as {} i32)", normal(x)),
        Expr::Part { at, .. } => format!("(at x {})", normal(&at[0])),
        Expr::Call(Prim::Not, args) if matches!(args[0], Expr::Call(Prim::Eq, _)) => match &args[0] {
            Expr::Call(_, inner) => format!("(!= {} {})", normal(&inner[0]), normal(&inner[1])),
            _ => unreachable!("just matched"),
        },
        Expr::Call(Prim::Not, args) if integer_comparison(&args[0]).is_some() => {
            let (other, inner) = integer_comparison(&args[0]).expect("just asked");
            format!("({other} {} {})", normal(&inner[0]), normal(&inner[1]))
        }
        Expr::Call(prim, args) => {
            let args: Vec<String> = args.iter().map(normal).collect();
            let name = match prim.row().rust {
                Spelling::Infix(name) | Spelling::Prefix(name) | Spelling::Method(name) | Spelling::Math(name) => name,
                Spelling::Choice => "if",
                Spelling::Identity => return args[0].clone(),
            };
            format!("({name} {})", args.join(" "))
        }
        _ => unreachable!("scalars only"),
    }
}

fn parsed(text: &str) -> Option<String> {
    fn tree(expr: &syn::Expr) -> String {
        use syn::Expr::{Binary, Block, Call, Cast, If, Index, Lit, MethodCall, Paren, Path, Unary};
        let tokens = |t: &dyn quote::ToTokens| t.to_token_stream().to_string().replace(' ', "");
        match expr {
            Paren(e) => tree(&e.expr),
            Binary(e) => format!("({} {} {})", tokens(&e.op), tree(&e.left), tree(&e.right)),
            Unary(e) => format!("({} {})", tokens(&e.op), tree(&e.expr)),
            Cast(e) => format!("(as {} {})", tree(&e.expr), tokens(&e.ty)),
            Index(e) => format!("(at {} {})", tree(&e.expr), tree(&e.index)),
            Call(e) => {
                let args: Vec<String> = e.args.iter().map(tree).collect();
                format!("({} {})", tokens(&e.func).trim_start_matches("math::"), args.join(" "))
            }
            MethodCall(e) => {
                let args: Vec<String> = std::iter::once(&*e.receiver).chain(&e.args).map(tree).collect();
                format!("({} {})", e.method, args.join(" "))
            }
            If(e) => {
                let then = match e.then_branch.stmts.as_slice() {
                    [syn::Stmt::Expr(x, None)] => tree(x),
                    _ => "?".into(),
                };
                let otherwise = match e.else_branch.as_ref().map(|(_, e)| &**e) {
                    Some(Block(b)) => match b.block.stmts.as_slice() {
                        [syn::Stmt::Expr(x, None)] => tree(x),
                        _ => "?".into(),
                    },
                    _ => "?".into(),
                };
                format!("(if {} {then} {otherwise})", tree(&e.cond))
            }
            Lit(e) => match &e.lit {
                syn::Lit::Float(x) => format!("{:?}", x.base10_parse::<f64>().expect("a float")),
                syn::Lit::Int(n) => n.base10_digits().to_string(),
                other => tokens(other),
            },
            Path(e) => tokens(e),
            _ => "?".to_string(),
        }
    }
    syn::parse_str::<syn::Expr>(text).ok().map(|e| tree(&e))
}

/// The text without one pair of parentheses, for each pair that stands around an expression.
fn without_a_pair(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    for (k, _) in bytes.iter().enumerate().filter(|(_, c)| **c == b'(') {
        if k > 0 && (bytes[k - 1].is_ascii_alphanumeric() || bytes[k - 1] == b'_') {
            continue;
        }
        let mut depth = 0;
        let end = (k..bytes.len()).find(|j| {
            depth += i32::from(bytes[*j] == b'(') - i32::from(bytes[*j] == b')');
            depth == 0
        });
        let end = end.expect("parentheses are balanced");
        // A choice before an operator would be a statement of its own; --x is taken for a slip.
        if text[k + 1..].starts_with("if ") || text[..k].ends_with('-') && text[k + 1..].starts_with('-') {
            continue;
        }
        all.push(format!("{}{}{}", &text[..k], &text[k + 1..end], &text[end + 1..]));
    }
    all
}

/// Whether an operator on bits is in an expression.
fn is_of_bits(expr: &Expr) -> bool {
    match expr {
        Expr::Call(prim, args) => {
            matches!(prim.row().signature, Signature::Bits | Signature::Shift) || args.iter().any(is_of_bits)
        }
        Expr::Cast(x, _) => is_of_bits(x),
        Expr::Part { at, .. } => at.iter().any(is_of_bits),
        _ => false,
    }
}

#[test]
fn small_expressions_read_back_as_they_were_and_have_no_parenthesis_too_many() {
    let leaves = [
        Expr::Var(Var(0)),
        Expr::Var(Var(1)),
        Expr::Var(Var(2)),
        Expr::Var(Var(3)),
        Expr::Lit(Lit::Float(2.0_f64.to_bits())),
        Expr::Lit(Lit::Float((-2.0_f64).to_bits())),
        Expr::Lit(Lit::Int(3, IntKind::Usize)),
    ];
    let few = [Expr::Var(Var(0)), Expr::Var(Var(1)), Expr::Var(Var(2))];
    let second = grow(&leaves, &leaves);
    let mut all = second.clone();
    all.extend(grow(&second, &few));
    all.extend(grow(&few, &second));
    let third = grow(&grow(&few, &few), &few);
    all.extend(grow(&third, &few));
    all.extend(grow(&few, &third));
    assert!(all.len() > 5_000, "there are {} expressions", all.len());
    for expr in &all {
        let text = print(expr);
        assert_eq!(parsed(&text).as_deref(), Some(normal(expr).as_str()), "{text}");
        // Operators on bits keep their parentheses, for the reader.
        if is_of_bits(expr) {
            continue;
        }
        for shorter in without_a_pair(&text) {
            assert_ne!(parsed(&shorter), parsed(&text), "{text} could be {shorter}");
        }
    }
}

#[test]
fn every_primitive_has_a_spelling() {
    for row in ROWS.iter().filter(|row| !row.is_composite()) {
        let args = row.args.iter().map(|_| Expr::Var(Var(0))).collect();
        assert!(syn::parse_str::<syn::Expr>(&print(&Expr::Call(row.prim, args))).is_ok(), "{}", row.name);
    }
}
