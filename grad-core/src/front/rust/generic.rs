//! The float type as a type parameter, `T: Float`: what its bounds let one write, and the functions of num-traits by which
//! code over it makes numbers.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{ExprMethodCall, GenericParam, Generics, TypeParamBound, WherePredicate};

use super::call::Arg;
use super::module::{identifiers, type_name};
use super::scope::Val;
use super::{Read, Reader};
use crate::emit::GenericFloat;
use crate::ir::{Elem, IntKind};

/// The bounds of a type parameter.
fn bounds_of<'g>(name: &str, generics: &'g Generics) -> Vec<&'g TypeParamBound> {
    let written = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(t) if t.ident == name => Some(&t.bounds),
        _ => None,
    });
    let wheres = generics.where_clause.iter().flat_map(|w| &w.predicates).filter_map(|predicate| match predicate {
        WherePredicate::Type(t) if type_name(&t.bounded_ty).as_deref() == Some(name) => Some(&t.bounds),
        _ => None,
    });
    written.chain(wheres).flatten().collect()
}

/// The traits of std that a float has, none of which makes one of a literal.
const OPERATIONS: [&str; 25] = [
    "Copy",
    "Clone",
    "Debug",
    "Display",
    "Default",
    "PartialEq",
    "PartialOrd",
    "Send",
    "Sync",
    "Sized",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Rem",
    "Neg",
    "AddAssign",
    "SubAssign",
    "MulAssign",
    "DivAssign",
    "RemAssign",
    "Sum",
    "Product",
    "LowerExp",
    "UpperExp",
];

/// Whether nothing in the bounds of a type parameter makes a number of a literal.
pub(super) fn lacks_literals(name: &str, generics: &Generics) -> bool {
    bounds_of(name, generics).iter().all(|bound| match bound {
        TypeParamBound::Trait(t) => t.path.segments.last().is_some_and(|s| OPERATIONS.contains(&&*s.ident.to_string())),
        _ => true,
    })
}

/// What can be written of a type parameter with these bounds.
pub(super) fn float(name: &str, generics: &Generics) -> GenericFloat {
    let bounds: Vec<String> = bounds_of(name, generics).iter().flat_map(|b| identifiers(b.to_token_stream())).collect();
    let has = |wanted: &[&str]| bounds.iter().any(|b| wanted.contains(&b.as_str()));
    let literal = if has(&["From"]) {
        let from = if has(&["f32"]) { "f32" } else { "f64" };
        (format!("<{name} as From<{from}>>::from("), ")".to_string())
    } else if has(&["FromPrimitive"]) && !has(&["Float", "Real", "NumCast", "FloatCore"]) {
        (format!("{name}::from_f64("), ").unwrap()".to_string())
    } else {
        (format!("{name}::from("), ").unwrap()".to_string())
    };
    GenericFloat {
        name: name.to_string(),
        literal,
        has_zero: has(&["Float", "Real", "FloatCore", "Num", "NumAssign", "Zero"]),
        has_assign: has(&["NumAssign", "NumAssignOps", "AddAssign"]),
    }
}

impl Reader<'_> {
    /// Whether the function is generic over its float type.
    fn is_generic(&self) -> bool {
        self.form.interface.generic.is_some()
    }

    /// `T::zero()`, `T::from(2.0)`, `T::PI()`.
    pub(super) fn generic_call(&mut self, name: &str, at: Span, args: &[Arg<'_>]) -> Option<Read<Val>> {
        if !self.is_generic() {
            return None;
        }
        let constant = match name {
            "zero" => Some(0.0),
            "one" => Some(1.0),
            "neg_zero" => Some(-0.0),
            "infinity" => Some(f64::INFINITY),
            "neg_infinity" => Some(f64::NEG_INFINITY),
            "nan" => Some(f64::NAN),
            "max_value" => Some(f64::MAX),
            "min_value" => Some(f64::MIN),
            name => super::constant::value(crate::ir::Float::F64, true, name),
        };
        self.at(at);
        match (constant, args) {
            (Some(x), []) => Some(Ok(Val::One(self.b.float(x).into()))),
            (None, []) if matches!(name, "epsilon" | "min_positive_value") => Some(self.stop(
                at,
                format!("`{name}` is another number for each float type"),
                "pass the tolerance as a parameter",
            )),
            (None, [x]) if name == "from" || name.strip_prefix("from_").is_some_and(is_number_type) => {
                Some(self.arg(*x, None).and_then(|item| match self.b.ty(item.value).elem {
                    Elem::Bool => self.stop(at, "a `bool` cannot be converted here", "choose with `if`"),
                    Elem::Float | Elem::Int(_) => Ok(Val::One(self.b.cast(item.value, Elem::Float).into())),
                }))
            }
            _ => None,
        }
    }

    /// `x.unwrap()` of a conversion, `x.to_f64()`, `n.to_usize()`: conversions that give an `Option` there.
    pub(super) fn generic_method(&mut self, call: &ExprMethodCall) -> Option<Read<Val>> {
        if !self.is_generic() {
            return None;
        }
        let name = call.method.to_string();
        let at = call.method.span();
        match name.as_str() {
            "unwrap" | "expect" | "unwrap_or_default" => {
                let converts = match &*call.receiver {
                    syn::Expr::Call(_) => true,
                    syn::Expr::MethodCall(inner) => is_conversion(&inner.method.to_string()),
                    _ => false,
                };
                converts.then(|| self.value(&call.receiver, None))
            }
            name if is_conversion(name) && call.args.is_empty() => {
                let to = name.trim_start_matches("to_");
                let elem = match IntKind::ALL.into_iter().find(|k| k.name() == to) {
                    Some(kind) => Elem::Int(kind),
                    None => Elem::Float,
                };
                Some(self.scalar(&call.receiver, None).map(|item| {
                    self.at(at);
                    Val::One(self.b.cast(item.value, elem).into())
                }))
            }
            _ => None,
        }
    }
}

fn is_number_type(name: &str) -> bool {
    matches!(name, "f64" | "f32") || IntKind::ALL.into_iter().any(|k| k.name() == name)
}

fn is_conversion(name: &str) -> bool {
    name.strip_prefix("to_").is_some_and(is_number_type)
}
