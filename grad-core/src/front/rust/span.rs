//! The token that stands for a piece of syntax in a message: found without printing the syntax, in constant time or along
//! the left edge.

use proc_macro2::Span;
use syn::{BinOp, Expr, Member, Pat, Type, UnOp};

/// The brace that a block begins with.
pub(super) fn of_block(block: &syn::Block) -> Span {
    block.brace_token.span.open()
}

/// The token that an expression is known by: its operator, its method, its name.
pub(super) fn of_expr(mut expr: &Expr) -> Span {
    loop {
        expr = match expr {
            Expr::Array(x) => return x.bracket_token.span.open(),
            Expr::Assign(x) => return x.eq_token.span,
            Expr::Async(x) => return x.async_token.span,
            Expr::Await(x) => return x.await_token.span,
            Expr::Binary(x) => return of_operator(&x.op),
            Expr::Block(x) => return x.block.brace_token.span.open(),
            Expr::Break(x) => return x.break_token.span,
            Expr::Call(x) => &x.func,
            Expr::Cast(x) => return x.as_token.span,
            Expr::Closure(x) => return x.inputs_begin.span,
            Expr::Const(x) => return x.const_token.span,
            Expr::Continue(x) => return x.continue_token.span,
            Expr::Field(x) => {
                return match &x.member {
                    Member::Named(name) => name.span(),
                    Member::Unnamed(index) => index.span,
                };
            }
            Expr::ForLoop(x) => return x.for_token.span,
            Expr::Group(x) => &x.expr,
            Expr::If(x) => return x.if_token.span,
            Expr::Index(x) => &x.expr,
            Expr::Infer(x) => return x.underscore_token.span,
            Expr::Let(x) => return x.let_token.span,
            Expr::Lit(x) => return x.lit.span(),
            Expr::Loop(x) => return x.loop_token.span,
            Expr::Macro(x) => return of_path(&x.mac.path),
            Expr::Match(x) => return x.match_token.span,
            Expr::MethodCall(x) => return x.method.span(),
            Expr::Paren(x) => &x.expr,
            Expr::Path(x) => return of_path(&x.path),
            Expr::Range(x) => {
                return match &x.limits {
                    syn::RangeLimits::HalfOpen(t) => joined(&t.spans),
                    syn::RangeLimits::Closed(t) => joined(&t.spans),
                };
            }
            Expr::RawAddr(x) => return x.and_token.span,
            Expr::Reference(x) => return x.and_token.span,
            Expr::Repeat(x) => return x.bracket_token.span.open(),
            Expr::Return(x) => return x.return_token.span,
            Expr::Struct(x) => return of_path(&x.path),
            Expr::Try(x) => return x.question_token.span,
            Expr::TryBlock(x) => return x.try_token.span,
            Expr::Tuple(x) => return x.paren_token.span.open(),
            Expr::Unary(x) => {
                return match &x.op {
                    UnOp::Deref(t) => t.span,
                    UnOp::Not(t) => t.span,
                    UnOp::Neg(t) => t.span,
                    _ => of_expr_tokens(expr),
                };
            }
            Expr::Unsafe(x) => return x.unsafe_token.span,
            Expr::While(x) => return x.while_token.span,
            Expr::Yield(x) => return x.yield_token.span,
            _ => return of_expr_tokens(expr),
        };
    }
}

fn of_expr_tokens(expr: &Expr) -> Span {
    syn::spanned::Spanned::span(expr)
}

/// The whole of a token of several characters, where the compiler can say so; else its beginning.
pub(super) fn joined(spans: &[Span]) -> Span {
    match spans {
        [] => Span::call_site(),
        [first, rest @ ..] => rest.last().and_then(|last| first.join(*last)).unwrap_or(*first),
    }
}

/// The token of an operator.
pub(super) fn of_operator(op: &BinOp) -> Span {
    match op {
        BinOp::Add(t) => t.span,
        BinOp::Sub(t) => t.span,
        BinOp::Mul(t) => t.span,
        BinOp::Div(t) => t.span,
        BinOp::Rem(t) => t.span,
        BinOp::And(t) => joined(&t.spans),
        BinOp::Or(t) => joined(&t.spans),
        BinOp::BitXor(t) => t.span,
        BinOp::BitAnd(t) => t.span,
        BinOp::BitOr(t) => t.span,
        BinOp::Shl(t) => joined(&t.spans),
        BinOp::Shr(t) => joined(&t.spans),
        BinOp::Eq(t) => joined(&t.spans),
        BinOp::Lt(t) => t.span,
        BinOp::Le(t) => joined(&t.spans),
        BinOp::Ne(t) => joined(&t.spans),
        BinOp::Ge(t) => joined(&t.spans),
        BinOp::Gt(t) => t.span,
        BinOp::AddAssign(t) => joined(&t.spans),
        BinOp::SubAssign(t) => joined(&t.spans),
        BinOp::MulAssign(t) => joined(&t.spans),
        BinOp::DivAssign(t) => joined(&t.spans),
        BinOp::RemAssign(t) => joined(&t.spans),
        BinOp::BitXorAssign(t) => joined(&t.spans),
        BinOp::BitAndAssign(t) => joined(&t.spans),
        BinOp::BitOrAssign(t) => joined(&t.spans),
        BinOp::ShlAssign(t) => joined(&t.spans),
        BinOp::ShrAssign(t) => joined(&t.spans),
        _ => syn::spanned::Spanned::span(op),
    }
}

/// The last name of a path.
pub(super) fn of_path(path: &syn::Path) -> Span {
    path.segments.last().map_or_else(Span::call_site, |s| s.ident.span())
}

/// The token that a pattern is known by.
pub(super) fn of_pat(pat: &Pat) -> Span {
    match pat {
        Pat::Ident(x) => x.ident.span(),
        Pat::Tuple(x) => x.paren_token.span.open(),
        Pat::Slice(x) => x.bracket_token.span.open(),
        Pat::Type(x) => of_pat(&x.pat),
        Pat::Reference(x) => x.and_token.span,
        Pat::Struct(x) => of_path(&x.path),
        Pat::TupleStruct(x) => of_path(&x.path),
        Pat::Wild(x) => x.underscore_token.span,
        _ => syn::spanned::Spanned::span(pat),
    }
}

/// The token that a type is known by.
pub(super) fn of_type(ty: &Type) -> Span {
    match ty {
        Type::Path(x) => of_path(&x.path),
        Type::Reference(x) => x.and_token.span,
        Type::Array(x) => x.bracket_token.span.open(),
        Type::Slice(x) => x.bracket_token.span.open(),
        Type::Tuple(x) => x.paren_token.span.open(),
        Type::ImplTrait(x) => x.impl_token.span,
        Type::Ptr(x) => x.star_token.span,
        Type::FnPtr(x) => x.fn_token.span,
        Type::Never(x) => x.bang_token.span,
        _ => syn::spanned::Spanned::span(ty),
    }
}
