//! The printer, on every small expression: what it prints parses to the same, and needs each of its parentheses.

use grad_grammar::{Arg, Name, Subscript, SubscriptKind};
use grad_grammar::{BinaryOp, CmpOp, Expr, ExprId, ExprKind, Formula, Span, UnaryOp, parse, print};

/// A tree, to build formulas that no text has been written for.
#[derive(Clone, Debug)]
enum Tree {
    Leaf,
    Unary(UnaryOp, Box<Tree>),
    Binary(BinaryOp, Box<Tree>, Box<Tree>),
    Compare(Vec<Tree>),
    Transpose(Box<Tree>),
    Index(Box<Tree>),
    Call(Box<Tree>),
    Choice(Vec<Tree>),
    Vector(Vec<Tree>),
}

fn add(formula: &mut Formula, tree: &Tree) -> ExprId {
    let span = Span::default();
    let kind = match tree {
        Tree::Leaf => ExprKind::Name("x".to_owned()),
        Tree::Unary(op, operand) => ExprKind::Unary(*op, add(formula, operand)),
        Tree::Binary(op, left, right) => {
            let left = add(formula, left);
            ExprKind::Binary(*op, left, add(formula, right))
        }
        Tree::Compare(operands) => {
            let first = add(formula, &operands[0]);
            ExprKind::Compare {
                first,
                rest: operands[1..].iter().map(|operand| (CmpOp::Lt, add(formula, operand))).collect(),
            }
        }
        Tree::Transpose(operand) => ExprKind::Transpose(add(formula, operand)),
        Tree::Index(base) => {
            let base = add(formula, base);
            let at = add(formula, &Tree::Leaf);
            ExprKind::Index { base, subscripts: vec![Subscript { kind: SubscriptKind::At(at), span }] }
        }
        Tree::Call(operand) => {
            let value = add(formula, operand);
            ExprKind::Call { name: Name { text: "√".to_owned(), span }, args: vec![Arg { name: None, value, span }] }
        }
        Tree::Choice(parts) => {
            let parts: Vec<ExprId> = parts.iter().map(|part| add(formula, part)).collect();
            ExprKind::Choice {
                arms: parts[..parts.len() - 1].chunks(2).map(|arm| (arm[0], arm[1])).collect(),
                otherwise: parts[parts.len() - 1],
            }
        }
        Tree::Vector(parts) => ExprKind::Vector(parts.iter().map(|part| add(formula, part)).collect()),
    };
    formula.exprs.push(Expr { kind, span });
    ExprId(u32::try_from(formula.exprs.len() - 1).unwrap())
}

fn formula(tree: &Tree) -> Formula {
    let mut formula = Formula::default();
    let result = add(&mut formula, tree);
    formula.results.push(result);
    formula
}

const UNARY: [UnaryOp; 3] = [UnaryOp::Neg, UnaryOp::Plus, UnaryOp::Not];
const BINARY: [BinaryOp; 8] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::MatMul,
    BinaryOp::Pow,
    BinaryOp::And,
    BinaryOp::Or,
];

/// Every way to put a tree into one more construct, everything else being leaves.
fn grow(tree: &Tree) -> Vec<Tree> {
    let inner = || Box::new(tree.clone());
    let leaf = || Box::new(Tree::Leaf);
    let mut trees = vec![
        Tree::Transpose(inner()),
        Tree::Index(inner()),
        Tree::Call(inner()),
        Tree::Vector(vec![tree.clone(), Tree::Leaf]),
        Tree::Compare(vec![tree.clone(), Tree::Leaf]),
        Tree::Compare(vec![Tree::Leaf, tree.clone()]),
        Tree::Compare(vec![Tree::Leaf, tree.clone(), Tree::Leaf]),
        Tree::Choice(vec![tree.clone(), Tree::Leaf, Tree::Leaf]),
        Tree::Choice(vec![Tree::Leaf, tree.clone(), Tree::Leaf]),
        Tree::Choice(vec![Tree::Leaf, Tree::Leaf, tree.clone()]),
        Tree::Choice(vec![Tree::Leaf, Tree::Leaf, tree.clone(), Tree::Leaf, Tree::Leaf]),
    ];
    trees.extend(UNARY.map(|op| Tree::Unary(op, inner())));
    trees.extend(BINARY.map(|op| Tree::Binary(op, inner(), leaf())));
    trees.extend(BINARY.map(|op| Tree::Binary(op, leaf(), inner())));
    trees
}

fn check(tree: &Tree) {
    let formula = formula(tree);
    let printed = print(&formula);
    let again = parse(&printed).unwrap_or_else(|errors| panic!("{tree:?} printed as {printed:?}: {errors:?}"));
    assert_eq!(again.without_spans(), formula, "{printed:?}");
    for shorter in without_one_pair(&printed) {
        let same = parse(&shorter).is_ok_and(|shorter| shorter.without_spans() == formula);
        assert!(!same, "{printed:?} says no more than {shorter:?}");
    }
}

/// The text without one pair of its parentheses, for each pair that is not a call's.
fn without_one_pair(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut open = Vec::new();
    let mut shorter = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => open.push(at),
            b')' => {
                let start = open.pop().unwrap();
                if !text[..start].ends_with('√') {
                    shorter.push(format!("{} {} {}", &text[..start], &text[start + 1..at], &text[at + 1..]));
                }
            }
            _ => {}
        }
    }
    shorter
}

#[test]
fn all_expressions_of_three_constructs_in_a_line() {
    let one = grow(&Tree::Leaf);
    let two: Vec<Tree> = one.iter().flat_map(grow).collect();
    let three: Vec<Tree> = two.iter().flat_map(grow).collect();
    assert!(three.len() > 20_000);
    [one, two, three].iter().flatten().for_each(check);
}

#[test]
fn all_operators_with_constructs_on_both_sides() {
    let one = grow(&Tree::Leaf);
    for left in &one {
        for right in &one {
            for op in BINARY {
                check(&Tree::Binary(op, Box::new(left.clone()), Box::new(right.clone())));
                let tail = Tree::Binary(op, Box::new(left.clone()), Box::new(right.clone()));
                check(&Tree::Binary(BinaryOp::Mul, Box::new(tail.clone()), Box::new(Tree::Leaf)));
                check(&Tree::Binary(BinaryOp::Mul, Box::new(Tree::Leaf), Box::new(tail)));
            }
            check(&Tree::Compare(vec![left.clone(), right.clone(), left.clone()]));
            check(&Tree::Choice(vec![left.clone(), right.clone(), left.clone()]));
        }
    }
}
