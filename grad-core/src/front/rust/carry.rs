//! Which variables of its surroundings a piece of code assigns: what a loop carries, what an `if` gives back.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprBinary, ExprClosure, ExprForLoop, Ident, Item, Local, Pat, Stmt, UnOp};

/// The names that the blocks assign and do not declare themselves, in the order of first assignment.
pub(super) fn assigned<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<String> {
    let mut assigned = Assigned::default();
    for block in blocks {
        assigned.visit_block(block);
    }
    assigned.order
}

/// The names that either of two lists of statements assigns and does not declare itself.
pub(super) fn assigned_by_either(first: &[Stmt], second: &[Stmt]) -> Vec<String> {
    let mut names = assigned_by(first);
    for name in assigned_by(second) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The names that an expression assigns and does not declare itself.
pub(super) fn assigned_in(expr: &Expr) -> Vec<String> {
    let mut assigned = Assigned::default();
    assigned.visit_expr(expr);
    assigned.order
}

/// The names that the rest of a block assigns and does not declare itself.
pub(super) fn assigned_by(stmts: &[Stmt]) -> Vec<String> {
    let mut assigned = Assigned::default();
    stmts.iter().for_each(|stmt| assigned.visit_stmt(stmt));
    assigned.order
}

/// The names that the body of a loop assigns and neither it nor the loop's pattern declares.
pub(super) fn assigned_by_loop(pat: Option<&Pat>, body: &Block) -> Vec<String> {
    let mut assigned = Assigned::default();
    if let Some(pat) = pat {
        assigned.declare(pat);
    }
    assigned.visit_block(body);
    assigned.order
}

/// The variable that a place belongs to: `x` of `x`, `x[i][j]`, `(*x).0`.
pub(super) fn root(mut place: &Expr) -> Option<&Ident> {
    loop {
        place = match place {
            Expr::Path(path) => return path.path.get_ident(),
            Expr::Index(index) => &index.expr,
            Expr::Field(field) => &field.base,
            Expr::Paren(paren) => &paren.expr,
            Expr::Group(group) => &group.expr,
            Expr::Reference(reference) => &reference.expr,
            Expr::MethodCall(call) if CHANGING.contains(&&*call.method.to_string()) => &call.receiver,
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => &unary.expr,
            _ => return None,
        };
    }
}

/// The methods that change what they are called on.
const CHANGING: [&str; 26] = [
    "iter_mut",
    "chunks_mut",
    "chunks_exact_mut",
    "split_at_mut",
    "as_mut_slice",
    "swap",
    "fill",
    "copy_from_slice",
    "clone_from_slice",
    "copy_within",
    "push",
    "pop",
    "extend",
    "extend_from_slice",
    "truncate",
    "resize",
    "reverse",
    "rotate_left",
    "rotate_right",
    "insert",
    "remove",
    "append",
    "clear",
    "sort",
    "sort_by",
    "get_mut",
];

/// Whether the operator assigns.
pub(super) fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// What a name begins with that is handed on to a function or a method, which may assign it: `&x`, `&x.method`.
pub(super) const HANDED_ON: char = '&';

#[derive(Default)]
struct Assigned {
    /// The names declared inside, innermost last.
    declared: Vec<String>,
    seen: BTreeSet<String>,
    order: Vec<String>,
}

impl Assigned {
    /// Notes that a macro or a method of this name may raise the number of an assertion.
    fn may_panic(&mut self, name: &syn::Ident) {
        let failed = super::assertion::FAILED;
        if super::assertion::may_panic(&name.to_string()) && self.seen.insert(failed.to_string()) {
            self.order.push(failed.to_string());
        }
    }

    fn assign(&mut self, place: &Expr) {
        match place {
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|p| self.assign(p)),
            Expr::Array(array) => array.elems.iter().for_each(|p| self.assign(p)),
            Expr::Paren(paren) => self.assign(&paren.expr),
            _ => {
                if let Some(name) = root(place) {
                    let name = name.to_string();
                    if !self.declared.contains(&name) && self.seen.insert(name.clone()) {
                        self.order.push(name);
                    }
                }
            }
        }
    }

    /// A variable that is handed on: assigned if it is a reference, or if the method changes what it is called on.
    fn hand_on(&mut self, place: &Expr, method: Option<&Ident>) {
        if let Some(name) = root(place)
            && !self.declared.iter().any(|d| name == d)
        {
            let method = method.map(|m| format!(".{m}")).unwrap_or_default();
            let name = format!("{HANDED_ON}{name}{method}");
            if self.seen.insert(name.clone()) {
                self.order.push(name);
            }
        }
    }

    fn declare(&mut self, pat: &Pat) {
        struct Names<'a>(&'a mut Vec<String>);
        impl<'ast> Visit<'ast> for Names<'_> {
            fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
                self.0.push(pat.ident.to_string());
                visit::visit_pat_ident(self, pat);
            }
        }
        Names(&mut self.declared).visit_pat(pat);
    }
}

impl<'ast> Visit<'ast> for Assigned {
    fn visit_block(&mut self, block: &'ast Block) {
        let outside = self.declared.len();
        visit::visit_block(self, block);
        self.declared.truncate(outside);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        self.declare(&local.pat);
    }

    fn visit_expr_for_loop(&mut self, looped: &'ast ExprForLoop) {
        self.visit_expr(&looped.expr);
        let outside = self.declared.len();
        self.declare(&looped.pat);
        self.visit_block(&looped.body);
        self.declared.truncate(outside);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        let outside = self.declared.len();
        closure.inputs.iter().for_each(|p| self.declare(p));
        self.visit_expr(&closure.body);
        self.declared.truncate(outside);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.assign(&assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            self.assign(&reference.expr);
        }
        visit::visit_expr_reference(self, reference);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if CHANGING.contains(&&*call.method.to_string()) {
            self.assign(&call.receiver);
        }
        self.may_panic(&call.method);
        if call.method == "for_each" {
            call.args.iter().filter(|arg| matches!(arg, Expr::Path(_))).for_each(|arg| self.assign(arg));
        }
        self.hand_on(&call.receiver, Some(&call.method));
        call.args.iter().for_each(|arg| self.hand_on(arg, None));
        visit::visit_expr_method_call(self, call);
    }

    // A closure may assign what it captured: its name stands for that.
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func {
            self.assign(&call.func);
            if let (None, Some(last)) = (path.path.get_ident(), path.path.segments.last()) {
                let name = format!("{HANDED_ON}.{}", last.ident);
                if self.seen.insert(name.clone()) {
                    self.order.push(name);
                }
            }
        }
        call.args.iter().for_each(|arg| self.hand_on(arg, None));
        visit::visit_expr_call(self, call);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let outside = self.declared.len();
        self.declare(&arm.pat);
        visit::visit_arm(self, arm);
        self.declared.truncate(outside);
    }

    // Sums of thousands of terms lean to the left: a loop, not a recursion.
    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        let mut binary = binary;
        loop {
            if is_assignment(&binary.op) {
                self.assign(&binary.left);
            }
            self.visit_expr(&binary.right);
            match &*binary.left {
                Expr::Binary(left) => binary = left,
                left => return self.visit_expr(left),
            }
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if let Some(last) = mac.path.segments.last() {
            self.may_panic(&last.ident);
        }
    }

    // An item sees none of the variables around it.
    fn visit_item(&mut self, _: &'ast Item) {}
}
