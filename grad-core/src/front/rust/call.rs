//! Calls: methods of numbers and arrays, functions of `derive_grad::math`, and the few macros that have a meaning.

use proc_macro2::Span;
use syn::parse::Parser;
use syn::{Expr, ExprCall, ExprMethodCall, Macro, Token};

use super::kind::Kind;
use super::scope::{Item, Val};
use super::signature::{Scalar, scalar_named};
use super::{Read, Reader, carry, span};
use crate::diagnostic::did_you_mean;
use crate::ir::{Elem, IntKind, Value};
use crate::prim::{Prim, ROWS, Row, Signature, Spelling};

/// The row of a method of floats.
fn method_row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| matches!(row.rust, Spelling::Method(method) if method == name))
}

/// The row of a function of `derive_grad::math`.
fn math_row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| matches!(row.rust, Spelling::Math(function) if function == name))
}

/// Methods of floats that are written here in terms of rows.
const COMPOSED: [&str; 24] = [
    "recip",
    "sin_cos",
    "to_radians",
    "to_degrees",
    "clamp",
    "log",
    "copysign",
    "rem_euclid",
    "fract",
    "is_nan",
    "is_finite",
    "is_infinite",
    "is_normal",
    "is_subnormal",
    "is_sign_negative",
    "is_sign_positive",
    "div_euclid",
    "round_ties_even",
    "midpoint",
    "abs_sub",
    "total_cmp",
    "partial_cmp",
    "clone",
    "to_owned",
];

/// The smallest normal number.
fn smallest(float: crate::ir::Float) -> f64 {
    match float {
        crate::ir::Float::F64 => f64::MIN_POSITIVE,
        crate::ir::Float::F32 => f64::from(f32::MIN_POSITIVE),
    }
}

/// An argument: as it is written, or a value at hand.
#[derive(Clone, Copy)]
pub(super) enum Arg<'a> {
    Written(&'a Expr),
    Given(Item),
}

fn written<'a>(args: impl IntoIterator<Item = &'a Expr>) -> Vec<Arg<'a>> {
    args.into_iter().map(Arg::Written).collect()
}

impl Reader<'_> {
    fn arg(&mut self, arg: Arg<'_>, want: Option<Kind>) -> Read<Item> {
        match arg {
            Arg::Written(e) => self.scalar(e, want),
            Arg::Given(item) => Ok(item),
        }
    }

    fn float_arg(&mut self, arg: Arg<'_>, at: Span) -> Read<Value> {
        match arg {
            Arg::Written(e) => self.float(e),
            Arg::Given(item) if self.b.ty(item.value) == crate::ir::Type::FLOAT => Ok(item.value),
            Arg::Given(_) => self.stop(at, "a float is expected here", "convert with `as f64` in a `map` before"),
        }
    }

    /// `receiver.method(args)`
    pub(super) fn method(&mut self, call: &ExprMethodCall, want: Option<Kind>) -> Read<Val> {
        let name = call.method.to_string();
        let at = call.method.span();
        if let Some(val) = self.consumed(call, want) {
            return val;
        }
        if let Some(val) = self.unwrapped(call) {
            return val;
        }
        if let Some(val) = self.changed(call) {
            return val;
        }
        if super::expr::is_bare_integer(&call.receiver) {
            let hint = want;
            let receiver = self.one(&call.receiver, hint)?;
            return self.method_of(receiver, &name, at, &written(&call.args));
        }
        let receiver = self.value(&call.receiver, None)?;
        if let Some(val) = self.array_method(&receiver, &name, at, call) {
            return val;
        }
        let receiver = match self.solid(receiver) {
            Val::One(item) => item,
            tuple @ Val::Tuple(_) if matches!(name.as_str(), "clone") && call.args.is_empty() => return Ok(tuple),
            Val::Callee(_) => {
                return self.stop(at, "a function has no such method", "call it: `f(x)`");
            }
            Val::Tuple(_) | Val::View(_) | Val::Alias(_) | Val::Poison => {
                return self.stop(at, "a tuple has no such method", "take it apart first: `let (a, b) = …;`");
            }
        };
        self.method_of(receiver, &name, at, &written(&call.args))
    }

    fn method_of(&mut self, receiver: Item, name: &str, at: Span, args: &[Arg<'_>]) -> Read<Val> {
        let ty = self.b.ty(receiver.value);
        if matches!((name, args), ("clone" | "to_owned", [])) {
            return Ok(Val::One(receiver));
        }
        if !ty.is_scalar() {
            return self.stop(at, format!("`{name}` of an array is not supported yet"), "index its elements in a loop");
        }
        match ty.elem {
            Elem::Float => self.float_method(receiver.value, name, at, args),
            Elem::Int(_) => self.int_method(receiver, name, at, args),
            Elem::Bool => {
                self.stop(at, format!("`{name}` of a `bool` is not supported"), "use `if`, `&&`, `||` and `!`")
            }
        }
    }

    /// Less, equal or greater, as `Ordering` counts.
    fn ordering(&self, x: Value, y: Value) -> Value {
        let b = self.b;
        let [less, equal, greater] = [-1, 0, 1].map(|n| b.int(n, IntKind::I8));
        let above = b.call(Prim::Select, &[b.call(Prim::Gt, &[x, y]), greater, equal]);
        b.call(Prim::Select, &[b.call(Prim::Lt, &[x, y]), less, above])
    }

    fn arity(&mut self, at: Span, name: &str, have: usize, need: usize) -> Read<()> {
        if have == need {
            return Ok(());
        }
        let s = if need == 1 { "" } else { "s" };
        self.stop(at, format!("`{name}` takes {need} argument{s}, not {have}"), "give it as many")
    }

    fn floats(&mut self, args: &[Arg<'_>], at: Span) -> Read<Vec<Value>> {
        args.iter().map(|a| self.float_arg(*a, at)).collect::<Vec<_>>().into_iter().collect()
    }

    /// A method of a float.
    fn float_method(&mut self, x: Value, name: &str, at: Span, args: &[Arg<'_>]) -> Read<Val> {
        if let Some(row) = method_row(name) {
            return self.row(row, name, at, Some(x), args);
        }
        let need = match name {
            "clamp" => 2,
            "log" | "copysign" | "rem_euclid" | "div_euclid" | "midpoint" | "abs_sub" | "total_cmp" | "partial_cmp" => {
                1
            }
            _ => 0,
        };
        if !COMPOSED.contains(&name) {
            let known = ROWS.iter().filter_map(|r| match r.rust {
                Spelling::Method(m) => Some(m),
                _ => None,
            });
            let help = match did_you_mean(name, known.chain(COMPOSED)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if math_row(name).is_some() => format!("it is a function: `derive_grad::math::{name}(x)`"),
                None => "write it with the functions that `grad functions` lists".to_string(),
            };
            return self.stop(at, format!("the method `{name}` of a float is not supported"), help);
        }
        self.arity(at, name, args.len(), need)?;
        let args = self.floats(args, at)?;
        self.at(at);
        let b = self.b;
        let s = b.sym(x);
        let one = |v: Value| Ok(Val::One(v.into()));
        match name {
            "recip" => one((1.0 / s).value()),
            "sin_cos" => Ok(Val::Tuple(vec![Val::One(s.sin().value().into()), Val::One(s.cos().value().into())])),
            "to_radians" => {
                // std's own constants, in each precision.
                let k = match self.form.float {
                    crate::ir::Float::F64 => std::f64::consts::PI / 180.0,
                    crate::ir::Float::F32 => f64::from(std::f32::consts::PI / 180.0),
                };
                one(b.call(Prim::Mul, &[x, b.float(k)]))
            }
            "to_degrees" => {
                let k = match self.form.float {
                    crate::ir::Float::F64 => 180.0 / std::f64::consts::PI,
                    crate::ir::Float::F32 => f64::from(57.295_78_f32),
                };
                one(b.call(Prim::Mul, &[x, b.float(k)]))
            }
            "clamp" => one(b.call(Prim::Clamp, &[x, args[0], args[1]])),
            "log" => one((s.ln() / b.sym(args[0]).ln()).value()),
            "copysign" => one((s.abs() * b.sym(args[0]).signum()).value()),
            "rem_euclid" => {
                let r = b.sym(b.call(Prim::Rem, &[x, args[0]]));
                one(r.lt(0.0).select(r + b.sym(args[0]).abs(), r).value())
            }
            "fract" => one((s - s.trunc()).value()),
            // The integer quotient whose remainder is not negative: flat, as `floor` is.
            "div_euclid" => {
                let y = b.sym(args[0]);
                let q = (s / y).trunc();
                let r = b.sym(b.call(Prim::Rem, &[x, args[0]]));
                let lower = y.gt(0.0).select(q - 1.0, q + 1.0);
                one(r.lt(0.0).select(lower, q).value())
            }
            "round_ties_even" => {
                let half = (s - s.trunc()).abs().eq(0.5);
                one(half.select(2.0 * (0.5 * s).round(), s.round()).value())
            }
            "midpoint" => one((0.5 * (s + b.sym(args[0]))).value()),
            "abs_sub" => {
                let d = s - b.sym(args[0]);
                one(d.le(0.0).select(b.sym(b.float(0.0)), d).value())
            }
            "is_normal" => {
                let a = s.abs();
                let tiny = smallest(self.form.float);
                one((a.ge(tiny) & a.lt(f64::INFINITY)).value())
            }
            "is_subnormal" => {
                let a = s.abs();
                one((a.gt(0.0) & a.lt(smallest(self.form.float))).value())
            }
            "is_sign_negative" => one(s.signum().lt(0.0).value()),
            "is_sign_positive" => one(s.signum().gt(0.0).value()),
            // Of numbers that are no NaN, for `match`.
            "total_cmp" | "partial_cmp" => Ok(Val::One(self.ordering(x, args[0]).into())),
            // As Rust defines them, in comparisons that no rule takes for granted.
            "is_nan" => one(b.call(Prim::Ne, &[x, x])),
            "is_finite" => one(s.abs().lt(f64::INFINITY).value()),
            "is_infinite" => one(s.abs().eq(f64::INFINITY).value()),
            _ => self.stop(at, format!("the method `{name}` of a float is not supported"), "write it out"),
        }
    }

    /// A call of a row, with its first argument at hand or not.
    fn row(&mut self, row: &'static Row, name: &str, at: Span, first: Option<Value>, args: &[Arg<'_>]) -> Read<Val> {
        let offset = usize::from(first.is_some());
        self.arity(at, name, args.len(), row.args.len() - offset)?;
        let mut values: Vec<Read<Value>> = first.into_iter().map(Ok).collect();
        for (k, arg) in args.iter().enumerate() {
            let exponent = row.signature == Signature::Powi && k + offset == 1;
            values.push(match arg {
                Arg::Written(e) if exponent => self.integer(e, IntKind::I32),
                Arg::Given(item) if exponent => self.as_integer(at, *item, IntKind::I32),
                arg => self.float_arg(*arg, at),
            });
        }
        let values = values.into_iter().collect::<Read<Vec<_>>>()?;
        self.at(at);
        Ok(Val::One(self.b.call(row.prim, &values).into()))
    }

    /// A method of an integer.
    fn int_method(&mut self, x: Item, name: &str, at: Span, args: &[Arg<'_>]) -> Read<Val> {
        let kind = self.kind_of(x);
        let unsigned = self.kinds_unsigned(kind);
        let other = match (name, args) {
            (
                "max" | "min" | "saturating_sub" | "abs_diff" | "rem_euclid" | "div_euclid" | "div_ceil"
                | "is_multiple_of" | "cmp",
                [arg],
            ) => {
                let item = self.arg(*arg, kind)?;
                match (kind, self.kind_of(item)) {
                    (Some(a), Some(b)) if self.kinds.unify(a, b).is_ok() => Some(item.value),
                    _ => {
                        let at = match arg {
                            Arg::Written(e) => span::of_expr(e),
                            Arg::Given(_) => at,
                        };
                        return self.stop(at, "an integer of the same type is expected here", "convert it with `as`");
                    }
                }
            }
            _ => None,
        };
        self.at(at);
        let b = self.b;
        let v = x.value;
        let value = match (name, other, args) {
            ("max", Some(y), _) => b.call(Prim::Max, &[v, y]),
            ("min", Some(y), _) => b.call(Prim::Min, &[v, y]),
            ("abs", _, []) if !unsigned => b.call(Prim::Abs, &[v]),
            ("saturating_sub", Some(y), _) if unsigned => {
                let larger = b.call(Prim::Max, &[v, y]);
                b.call(Prim::Sub, &[larger, y])
            }
            ("abs_diff", Some(y), _) if unsigned => {
                let (larger, smaller) = (b.call(Prim::Max, &[v, y]), b.call(Prim::Min, &[v, y]));
                b.call(Prim::Sub, &[larger, smaller])
            }
            ("rem_euclid", Some(y), _) if unsigned => b.call(Prim::Rem, &[v, y]),
            ("rem_euclid", Some(y), _) => {
                let r = b.call(Prim::Rem, &[v, y]);
                let zero = b.int(0, self.kinds_assumed(kind));
                let up = b.call(Prim::Add, &[r, b.call(Prim::Abs, &[y])]);
                b.call(Prim::Select, &[b.call(Prim::Lt, &[r, zero]), up, r])
            }
            ("div_euclid", Some(y), _) if unsigned => b.call(Prim::Div, &[v, y]),
            ("div_ceil", Some(y), _) if unsigned => {
                let one = b.int(1, self.kinds_assumed(kind));
                let up = b.call(Prim::Add, &[v, b.call(Prim::Sub, &[y, one])]);
                b.call(Prim::Div, &[up, y])
            }
            ("is_multiple_of", Some(y), _) if unsigned => {
                let r = b.call(Prim::Rem, &[v, y]);
                let zero = b.int(0, self.kinds_assumed(kind));
                return Ok(Val::One(b.call(Prim::Eq, &[r, zero]).into()));
            }
            ("cmp", Some(y), _) => return Ok(Val::One(self.ordering(v, y).into())),
            ("clamp", _, [lo, hi]) => {
                let [lo, hi] = [self.arg(*lo, kind)?, self.arg(*hi, kind)?];
                for bound in [lo, hi] {
                    match (kind, self.kind_of(bound)) {
                        (Some(a), Some(b)) if self.kinds.unify(a, b).is_ok() => {}
                        _ => {
                            let help = "convert it with `as`";
                            return self.stop(at, "an integer of the same type is expected here", help);
                        }
                    }
                }
                b.call(Prim::Min, &[b.call(Prim::Max, &[v, lo.value]), hi.value])
            }
            ("pow", _, [arg]) => {
                let n = self.arg(*arg, Some(Kind::Known(IntKind::U32)))?;
                let n = self.as_integer(at, n, IntKind::U32)?;
                match b.int_lit(n) {
                    Some(n @ 1..=64) => (1..n).fold(v, |p, _| b.call(Prim::Mul, &[p, v])),
                    _ => {
                        return self.stop(
                            at,
                            "`pow` of an integer needs a literal exponent",
                            "write a loop, or use `powi` of a float",
                        );
                    }
                }
            }
            _ => {
                return self.stop(
                    at,
                    format!("the method `{name}` of an integer is not supported"),
                    "use `+ - * / %`, `min`, `max`, or convert with `as` first",
                );
            }
        };
        Ok(Val::One(Item { value, kind }))
    }

    fn kinds_unsigned(&self, kind: Option<Kind>) -> bool {
        kind.is_some_and(|k| self.kinds.assumed(self.kinds.resolve(k)).bounds().0 == 0)
    }

    fn kinds_assumed(&self, kind: Option<Kind>) -> IntKind {
        kind.map_or(IntKind::I32, |k| self.kinds.assumed(self.kinds.resolve(k)))
    }

    /// `function(args)`
    pub(super) fn call(&mut self, call: &ExprCall, want: Option<Kind>) -> Read<Val> {
        let wanted = self.wanted_length.take();
        let at = span::of_expr(&call.func);
        let args: Vec<&Expr> = call.args.iter().collect();
        let mut func = &*call.func;
        while let Expr::Paren(p) = func {
            func = &p.expr;
        }
        let Expr::Path(path) = func else {
            return self.stop(
                at,
                "only named functions can be called",
                "call a function of `derive_grad::math` or a method",
            );
        };
        if let Some(name) = path.path.get_ident()
            && let Some(k) = self.scope.find(&name.to_string())
        {
            return match &self.scope.get(k).val {
                Val::Poison => Err(super::Stop),
                Val::Callee(callee) => {
                    let callee = callee.clone();
                    self.call_written(&callee, at, &args)
                }
                Val::One(_) | Val::Tuple(_) | Val::View(_) | Val::Alias(_) => {
                    self.stop(at, format!("`{name}` is not a function"), "call a function, a closure or a method")
                }
            };
        }
        if let Some(val) = self.swapped(&path.path, &args) {
            return val;
        }
        if let Some(val) = self.array_from_fn(&path.path, &args, wanted) {
            return val;
        }
        self.call_path(&path.path, &written(call.args.iter()), want)
    }

    /// A call of a function by its path.
    pub(super) fn call_path(&mut self, path: &syn::Path, args: &[Arg<'_>], want: Option<Kind>) -> Read<Val> {
        let at = span::of_path(path);
        let full = self.full_path(path);
        let mut names: Vec<&str> = full.iter().map(String::as_str).collect();
        if matches!(names.first(), Some(&"std" | &"core")) {
            names.remove(0);
        }
        match names.as_slice() {
            [owner @ ("f64" | "f32"), method] | ["primitive", owner @ ("f64" | "f32"), method] => {
                if let Some(Scalar::Float(float)) = scalar_named(owner) {
                    self.same_float(at, float)?;
                }
                let [first, rest @ ..] = args else {
                    return self.stop(at, format!("`{owner}::{method}` takes an argument"), "give it one");
                };
                if *method == "from" {
                    let item = self.arg(*first, None)?;
                    self.at(at);
                    return match self.b.ty(item.value).elem {
                        Elem::Bool => self.stop(at, "a `bool` cannot be converted here", "choose with `if`"),
                        Elem::Float | Elem::Int(_) => Ok(Val::One(self.b.cast(item.value, Elem::Float).into())),
                    };
                }
                let x = self.float_arg(*first, at)?;
                self.float_method(x, method, at, rest)
            }
            ["Vec", "new"] | ["vec", "Vec", "new"] if args.is_empty() => Ok(Val::One(self.b.array(&[]).into())),
            ["Vec", "with_capacity"] | ["vec", "Vec", "with_capacity"] if args.len() == 1 => {
                let n = self.arg(args[0], Some(Kind::Known(IntKind::Usize)))?;
                self.as_integer(at, n, IntKind::Usize)?;
                Ok(Val::One(self.b.array(&[]).into()))
            }
            ["cmp", method @ ("max" | "min")] if args.len() == 2 => {
                let receiver = self.arg(args[0], want)?;
                match self.b.ty(receiver.value).elem {
                    Elem::Int(_) => self.int_method(receiver, method, at, &args[1..]),
                    Elem::Float | Elem::Bool => {
                        self.stop(at, "`std::cmp` compares integers", format!("write `a.{method}(b)`"))
                    }
                }
            }
            [kind, method] if matches!(scalar_named(kind), Some(Scalar::Int(_))) && !args.is_empty() => {
                let Some(Scalar::Int(kind)) = scalar_named(kind) else { unreachable!("the guard says so") };
                if *method == "from" {
                    let item = self.arg(args[0], None)?;
                    self.at(at);
                    return Ok(Val::One(self.b.cast(item.value, Elem::Int(kind)).into()));
                }
                let receiver = self.arg(args[0], Some(Kind::Known(kind)))?;
                self.as_integer(at, receiver, kind)?;
                self.int_method(receiver, method, at, &args[1..])
            }
            [name] | ["derive_grad", "math", name] | ["math" | "grad_math", name] | ["crate", "math", name] => {
                match math_row(name) {
                    Some(row) => self.row(row, name, at, None, args),
                    None => {
                        let known = ROWS.iter().filter_map(|r| match r.rust {
                            Spelling::Math(m) => Some(m),
                            _ => None,
                        });
                        let help = match did_you_mean(name, known) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None if method_row(name).is_some() => format!("it is a method: `x.{name}()`"),
                            None => "write its body here, or use a function of `derive_grad::math`".to_string(),
                        };
                        self.stop(at, format!("the function `{name}` cannot be seen from here"), help)
                    }
                }
            }
            _ => self.stop(
                at,
                format!("the function `{}` cannot be seen from here", super::text::of_path(path)),
                "write its body here, or use a function of `derive_grad::math`",
            ),
        }
    }

    /// A macro, as a value or as a statement.
    pub(super) fn macro_value(&mut self, mac: &Macro, want: Option<Kind>) -> Read<Val> {
        let at = span::of_path(&mac.path);
        let name = mac.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        match name.as_str() {
            "vec" => {
                let parse = |input: syn::parse::ParseStream<'_>| {
                    if input.is_empty() {
                        return Ok((Vec::new(), None));
                    }
                    let first: Expr = input.parse()?;
                    if input.peek(Token![;]) {
                        input.parse::<Token![;]>()?;
                        let len: Expr = input.parse()?;
                        return Ok((vec![first], Some(len)));
                    }
                    let mut elems = vec![first];
                    while !input.is_empty() {
                        input.parse::<Token![,]>()?;
                        if !input.is_empty() {
                            elems.push(input.parse()?);
                        }
                    }
                    Ok((elems, None))
                };
                match parse.parse2(mac.tokens.clone()) {
                    Ok((elems, _)) if elems.iter().any(super::nesting::expr_too_deep) => self.stop(
                        at,
                        "expressions nest too deep here",
                        "give the inner parts names of their own with `let`",
                    ),
                    Ok((elems, Some(len))) => {
                        let element = self.one(&elems[0], want);
                        let len = self.index(&len);
                        let (element, len) = (element?, len?);
                        Ok(self.repeated(at, element, len))
                    }
                    Ok((elems, None)) => self.array(at, &elems.iter().collect::<Vec<_>>(), want),
                    Err(_) => self.stop(at, "this `vec!` cannot be read", "write `vec![0.0; n]` or `vec![a, b, c]`"),
                }
            }
            "assert" | "debug_assert" | "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => {
                let parse = syn::punctuated::Punctuated::<Expr, Token![,]>::parse_terminated;
                let pure = parse.parse2(mac.tokens.clone()).is_ok_and(|args| {
                    args.iter().all(|a| {
                        !super::nesting::expr_too_deep(a) && self.scope.places(&carry::assigned_in(a)).is_empty()
                    })
                });
                if pure {
                    return Ok(Val::UNIT);
                }
                self.stop(at, "this assertion cannot be read", "assert something that assigns nothing")
            }
            "println" | "print" | "eprintln" | "eprint" | "dbg" => self.stop(
                at,
                format!("`{name}!` is not supported in a function that is differentiated"),
                "print outside the function",
            ),
            _ => self.stop(at, format!("the macro `{name}!` is not supported"), "write out what it stands for"),
        }
    }
}
