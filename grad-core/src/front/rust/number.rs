//! Methods of numbers: those that are rows of the table, and those that are written here in terms of rows.

use proc_macro2::Span;

use super::call::Arg;
use super::kind::Kind;
use super::scope::{Item, Val};
use super::{Read, Reader, span};
use crate::diagnostic::did_you_mean;
use crate::ir::{IntKind, Value};
use crate::prim::{Prim, ROWS, Row, Signature, Spelling};

/// The row of a method of floats.
pub(super) fn method_row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| matches!(row.rust, Spelling::Method(method) if method == name))
}

/// The row of a function of `derive_grad::math`.
pub(super) fn math_row(name: &str) -> Option<&'static Row> {
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

/// Methods of integers, for suggestions.
const METHODS_OF_INTEGERS: [&str; 12] = [
    "max",
    "min",
    "clamp",
    "abs",
    "pow",
    "abs_diff",
    "saturating_sub",
    "rem_euclid",
    "div_euclid",
    "div_ceil",
    "is_multiple_of",
    "cmp",
];

/// The smallest normal number.
fn smallest(float: crate::ir::Float) -> f64 {
    match float {
        crate::ir::Float::F64 => f64::MIN_POSITIVE,
        crate::ir::Float::F32 => f64::from(f32::MIN_POSITIVE),
    }
}

impl Reader<'_> {
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
    pub(super) fn float_method(&mut self, x: Value, name: &str, at: Span, args: &[Arg<'_>]) -> Read<Val> {
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
            "sin_cos" => Ok(Val::tuple(vec![Val::One(s.sin().value().into()), Val::One(s.cos().value().into())])),
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
    pub(super) fn row(
        &mut self,
        row: &'static Row,
        name: &str,
        at: Span,
        first: Option<Value>,
        args: &[Arg<'_>],
    ) -> Read<Val> {
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
    pub(super) fn int_method(&mut self, x: Item, name: &str, at: Span, args: &[Arg<'_>]) -> Read<Val> {
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
        // What `total_cmp`, `partial_cmp` and `cmp` give is an `i8`, an `Option` of it too.
        if kind == Some(Kind::Known(IntKind::I8))
            && let Some(val) = self.of_ordering(v, name, args)
        {
            return val;
        }
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
                let help = match did_you_mean(name, METHODS_OF_INTEGERS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if method_row(name).is_some() => "convert it first: `(n as f64)`".to_string(),
                    None => "use `+ - * / %`, `min`, `max`, or convert with `as` first".to_string(),
                };
                return self.stop(at, format!("the method `{name}` of an integer is not supported"), help);
            }
        };
        Ok(Val::One(Item { value, kind }))
    }

    /// A method of an `Ordering`; `None` for any other.
    fn of_ordering(&mut self, order: Value, name: &str, args: &[Arg<'_>]) -> Option<Read<Val>> {
        let b = self.b;
        let zero = b.int(0, IntKind::I8);
        let prim = match (name, args) {
            ("unwrap", []) | ("expect" | "unwrap_or", [_]) => return Some(Ok(Val::One(order.into()))),
            ("reverse", []) => return Some(Ok(Val::One(b.call(Prim::Neg, &[order]).into()))),
            ("is_lt", []) => Prim::Lt,
            ("is_le", []) => Prim::Le,
            ("is_gt", []) => Prim::Gt,
            ("is_ge", []) => Prim::Ge,
            ("is_eq", []) => Prim::Eq,
            ("is_ne", []) => Prim::Ne,
            _ => return None,
        };
        Some(Ok(Val::One(b.call(prim, &[order, zero]).into())))
    }

    fn kinds_unsigned(&self, kind: Option<Kind>) -> bool {
        kind.is_some_and(|k| self.kinds.assumed(self.kinds.resolve(k)).bounds().0 == 0)
    }

    fn kinds_assumed(&self, kind: Option<Kind>) -> IntKind {
        kind.map_or(IntKind::I32, |k| self.kinds.assumed(self.kinds.resolve(k)))
    }
}
