//! Calls: methods of numbers and arrays, functions of `derive_grad::math`, and the few macros that have a meaning.

use proc_macro2::Span;
use syn::parse::Parser;
use syn::{Expr, ExprCall, ExprMethodCall, Macro, Token};

use super::kind::Kind;
use super::number::{math_row, method_row};
use super::scope::{Item, Val};
use super::signature::{Scalar, scalar_named};
use super::{Read, Reader, instead, nesting, span};
use crate::diagnostic::did_you_mean;
use crate::ir::{Elem, IntKind, Value};
use crate::prim::{ROWS, Spelling};

/// An argument: as it is written, or a value at hand.
#[derive(Clone, Copy)]
pub(super) enum Arg<'a> {
    Written(&'a Expr),
    Given(Item),
}

fn written<'a>(args: impl IntoIterator<Item = &'a Expr>) -> Vec<Arg<'a>> {
    args.into_iter().map(Arg::Written).collect()
}

/// Methods of arrays and slices, for suggestions.
const METHODS_OF_ARRAYS: [&str; 22] = [
    "len",
    "is_empty",
    "iter",
    "iter_mut",
    "into_iter",
    "clone",
    "to_vec",
    "to_owned",
    "as_slice",
    "split_at",
    "split_at_mut",
    "map",
    "swap",
    "fill",
    "copy_from_slice",
    "reverse",
    "push",
    "windows",
    "chunks",
    "chunks_exact",
    "first",
    "last",
];

impl Reader<'_> {
    pub(super) fn arg(&mut self, arg: Arg<'_>, want: Option<Kind>) -> Read<Item> {
        match arg {
            Arg::Written(e) => self.scalar(e, want),
            Arg::Given(item) => Ok(item),
        }
    }

    pub(super) fn float_arg(&mut self, arg: Arg<'_>, at: Span) -> Read<Value> {
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
        if let Some(val) = self.option_method(call) {
            return val;
        }
        if let Some(val) = self.own_method(call) {
            return val;
        }
        if let Some(val) = self.generic_method(call) {
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
            Val::Tuple(parts) if parts.record.is_some() => {
                let owner = parts.record.as_ref().map(|r| r.name.clone()).unwrap_or_default();
                let help = match did_you_mean(&name, self.module.names_in(&owner)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write it in an `impl {owner}` of this module"),
                };
                return self.stop(at, format!("the method `{name}` of `{owner}` cannot be seen from here"), help);
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
            let help = match did_you_mean(name, METHODS_OF_ARRAYS) {
                _ if matches!(name, "length" | "lenght" | "size" | "count") => "did you mean `len`?".to_string(),
                _ if method_row(name).is_some() => format!("apply it to each element: `x.iter().map(|v| v.{name}())`"),
                Some(near) => format!("did you mean `{near}`?"),
                None => "index its elements in a loop".to_string(),
            };
            return self.stop(at, format!("the method `{name}` of an array is not supported"), help);
        }
        match ty.elem {
            Elem::Float => self.float_method(receiver.value, name, at, args),
            Elem::Int(_) => self.int_method(receiver, name, at, args),
            Elem::Bool => {
                self.stop(at, format!("`{name}` of a `bool` is not supported"), "use `if`, `&&`, `||` and `!`")
            }
        }
    }

    /// `function(args)`
    pub(super) fn call(&mut self, call: &ExprCall, want: Option<Kind>) -> Read<Val> {
        let wanted = self.wanted_length(call);
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
        if let Some(k) = self.item_of_path(&path.path) {
            return self.call_item(k, at, &args);
        }
        if let Some(val) = self.tuple_struct(&path.path, &args) {
            return val;
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
                if let Some(val) = self.generic_call(method, at, args) {
                    return val;
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
                        if let Some(help) = instead::of_call(&names) {
                            // The signature has been refused for the same.
                            if self.unsure && matches!(*name, "Some" | "Ok" | "Err") {
                                return Err(super::Stop);
                            }
                            return self.stop(at, format!("`{name}` is not supported here"), help);
                        }
                        let math = ROWS.iter().filter_map(|r| match r.rust {
                            Spelling::Math(m) => Some(m),
                            _ => None,
                        });
                        if *name == self.form.interface.name {
                            let help = "write a loop, or keep what is left to do in an array";
                            return self.stop(at, format!("`{name}` calls itself: recursion is not supported"), help);
                        }
                        if names.len() > 1 {
                            let help = match did_you_mean(name, math) {
                                Some(near) => format!("did you mean `{near}`?"),
                                None => "`grad functions` lists all of them".to_string(),
                            };
                            return self.stop(
                                at,
                                format!("there is no function `{name}` in `derive_grad::math`"),
                                help,
                            );
                        }
                        let near = {
                            let ours = self.scope.callables().chain(self.module.names());
                            did_you_mean(name, ours.chain(math)).map(str::to_string)
                        };
                        let help = match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None if method_row(name).is_some() => format!("it is a method: `x.{name}()`"),
                            None => "annotate it too, with `#[derive_grad]`; or put both into a module with `#[derive_grad]` \
                                     on the module"
                                .to_string(),
                        };
                        self.stop(at, format!("the function `{name}` cannot be seen from here"), help)
                    }
                }
            }
            names => {
                let rust = super::text::of_path(path);
                if let Some(help) = instead::of_call(names) {
                    return self.stop(at, format!("`{rust}` is not supported here"), help);
                }
                let help = match names {
                    [owner, name] if self.module.structs.contains_key(*owner) => {
                        match did_you_mean(name, self.module.names_in(owner)) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("write it in an `impl {owner}` of this module"),
                        }
                    }
                    _ => "write its body here, or use a function of `derive_grad::math`".to_string(),
                };
                self.stop(at, format!("the function `{rust}` cannot be seen from here"), help)
            }
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
                    Ok((elems, _)) if elems.iter().any(nesting::expr_too_deep) => self.stop(
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
                self.assertion(mac, &name, at)
            }
            "matches" => self.matching(mac, at),
            "panic" | "unreachable" | "todo" | "unimplemented" => self.stop(
                at,
                format!("`{name}!` is not supported here"),
                "end a branch of an `if` or an arm of a `match` with it",
            ),
            "println" | "print" | "eprintln" | "eprint" | "dbg" => self.stop(
                at,
                format!("`{name}!` is not supported in a function that is differentiated"),
                "print outside the function",
            ),
            "format" | "write" | "writeln" | "concat" | "stringify" => {
                self.stop(at, format!("`{name}!` is not supported here"), "make text outside the function")
            }
            "cfg" => self.stop(at, "`cfg!` is not supported here", "what it says is not told to macros: pass a `bool`"),
            _ => self.stop(
                at,
                format!("the macro `{name}!` is not supported"),
                "what it stands for cannot be seen from here: write it out, as a closure if it comes often",
            ),
        }
    }

    /// `matches!(e, pat if guard)`
    fn matching(&mut self, mac: &Macro, at: Span) -> Read<Val> {
        let parse = |input: syn::parse::ParseStream<'_>| {
            let of: Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
            let guard: Option<Expr> = match input.parse::<Option<Token![if]>>()? {
                Some(_) => Some(input.parse()?),
                None => None,
            };
            input.parse::<Option<Token![,]>>()?;
            Ok((of, pat, guard))
        };
        match parse.parse2(mac.tokens.clone()) {
            Ok((of, pat, guard)) => {
                if nesting::expr_too_deep(&of) || guard.as_ref().is_some_and(nesting::expr_too_deep) {
                    return self.stop(at, "expressions nest too deep here", "give the inner parts names of their own");
                }
                let guard = guard.map(|guard| quote::quote_spanned!(at=> if #guard));
                self.expr(&syn::parse_quote_spanned!(at=> match #of { #pat #guard => true, _ => false }), None)
            }
            Err(_) => self.stop(at, "this `matches!` cannot be read", "write `matches!(k, 1 | 2)`"),
        }
    }
}
