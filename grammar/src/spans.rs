//! Formulas without their spans, to compare what they say rather than where.

use crate::ast::{Dim, Expr, ExprKind, Formula, Item, Name, ParamType, Span};

impl Formula {
    /// The formula with every span empty: two texts that say the same give equal formulas.
    ///
    /// ```
    /// let bare = |source| grad_grammar::parse(source).unwrap().without_spans();
    /// assert_eq!(bare("a+b*c"), bare("a + (b × c)  # the same"));
    /// assert_ne!(bare("a+b*c"), bare("(a + b) * c"));
    /// ```
    pub fn without_spans(mut self) -> Formula {
        for param in &mut self.params {
            param.span = Span::default();
            clear(&mut param.name);
            match &mut param.ty {
                ParamType::Scalar | ParamType::Index => {}
                ParamType::IndexArray(dims) | ParamType::Array(dims) => dims.iter_mut().for_each(clear_dim),
            }
        }
        self.items.iter_mut().for_each(clear_item);
        self.exprs.iter_mut().for_each(clear_expr);
        self
    }
}

fn clear(name: &mut Name) {
    name.span = Span::default();
}

fn clear_dim(dim: &mut Dim) {
    dim.span = Span::default();
}

fn clear_item(item: &mut Item) {
    match item {
        Item::Let { name, span, .. } => {
            clear(name);
            *span = Span::default();
        }
        Item::Fn { name, span, params, .. } => {
            clear(name);
            *span = Span::default();
            for param in params {
                clear(&mut param.name);
                param.span = Span::default();
            }
        }
    }
}

fn clear_expr(expr: &mut Expr) {
    expr.span = Span::default();
    match &mut expr.kind {
        ExprKind::Number { .. }
        | ExprKind::Name(_)
        | ExprKind::Unary(..)
        | ExprKind::Binary(..)
        | ExprKind::Compare { .. }
        | ExprKind::Transpose(_)
        | ExprKind::Choice { .. }
        | ExprKind::Vector(_) => {}
        ExprKind::Call { name, args } => {
            clear(name);
            for arg in args {
                arg.name.iter_mut().for_each(clear);
                arg.span = Span::default();
            }
        }
        ExprKind::Index { subscripts, .. } => {
            subscripts.iter_mut().for_each(|subscript| subscript.span = Span::default())
        }
        ExprKind::Comprehension { binders, .. } => {
            for binder in binders {
                clear(&mut binder.name);
                binder.span = Span::default();
            }
        }
        ExprKind::Reduce { name, binders, .. } => {
            clear(name);
            for binder in binders {
                clear(&mut binder.name);
                binder.span = Span::default();
            }
        }
    }
}
