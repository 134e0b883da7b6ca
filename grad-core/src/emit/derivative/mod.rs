//! The generated functions and structs of one primal: what the macro expands to and what the command prints.

mod adjoints;
mod body;
mod functions;
mod structs;
mod text;
mod value;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use self::text::plain;
use self::value::as_one;
use super::interface::{ArgForm, Form, Interface, ResultForm, ResultHome};
use crate::ad::Split;
use crate::diagnostic::Problem;
use crate::ir::Function;
use crate::lower::Destination;

/// What is to be printed for one primal. Each part is a function that has been differentiated and improved already.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// How the primal's parameters and results are passed.
    pub interface: &'a Interface,
    /// What the generated names begin with.
    pub prefix: &'a str,
    /// The active parameters, by their places.
    pub wrt: &'a [usize],
    /// The primal itself, where it is to be printed too.
    pub primal: Option<&'a Function>,
    /// The value and the adjoints of `wrt`: `NAME_grad`.
    pub gradient: Option<&'a Function>,
    /// The same into the caller's buffers: `NAME_grad_into`.
    pub into: Option<&'a Function>,
    /// `NAME_forward` and `NAME_backward`.
    pub split: Option<&'a Split>,
    /// The results and their tangents, given a tangent for each of `wrt`: `NAME_jvp`.
    pub jvp: Option<&'a Function>,
    /// The value, the adjoints and the matrix of second derivatives: `NAME_hessian`.
    pub hessian: Option<&'a Function>,
    /// Gives the text of grad-math functions for a float type, where the output must stand alone.
    pub embed: Option<fn(&[&str], &str) -> String>,
}

/// The text, as rustfmt leaves it.
///
/// # Errors
/// Those of [`lower`](crate::lower::lower).
pub fn derivative(request: &Request<'_>) -> Result<String, Problem> {
    let mut assembly = Assembly { request, items: Vec::new(), methods: Vec::new(), called: BTreeSet::new() };
    assembly.all()?;
    let float = assembly.float();
    let mut items = assembly.items;
    if let Some(owner) = &request.interface.owner {
        items.push(methods(&owner.ty, &assembly.methods));
    }
    // These lints are about crates: only the root of one can allow them, and text that stands alone is its own root.
    if request.embed.is_some() && items.iter().any(|item| names_foreign_script(item)) {
        let lints = "#![allow(confusable_idents, mixed_script_confusables)]\n#![allow(uncommon_codepoints)]\n";
        items.insert(0, lints.to_string());
    }
    if let Some(embed) = request.embed
        && !assembly.called.is_empty()
    {
        let names: Vec<&str> = assembly.called.iter().copied().collect();
        items.push(embed(&names, float).trim_end().to_string() + "\n");
    }
    Ok(items.join("\n"))
}

/// `impl Camera { … }` with these functions in it.
fn methods(ty: &str, functions: &[String]) -> String {
    let mut text = format!("impl {ty} {{\n");
    for (k, line) in functions.join("\n").lines().enumerate() {
        if k > 0 || !line.is_empty() {
            text.push_str(if line.is_empty() { "" } else { "    " });
            text.push_str(line);
            text.push('\n');
        }
    }
    text + "}\n"
}

/// Whether code has a letter that is not Latin: rustc takes such names, α say, for Latin ones in disguise.
fn names_foreign_script(code: &str) -> bool {
    // Also letters that only look like other ones: keyboards send the sign µ for the letter μ.
    let is_foreign = |c: char| c.is_alphabetic() && (c > '\u{24f}' || COMPATIBLE.iter().any(|r| r.contains(&c)));
    code.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| line.contains(is_foreign))
}

/// The letters among the Latin ones that normalisation (NFKC) replaces.
const COMPATIBLE: [RangeInclusive<char>; 9] =
    ['ª'..='ª', 'µ'..='µ', 'º'..='º', 'Ĳ'..='ĳ', 'Ŀ'..='ŀ', 'ŉ'..='ŉ', 'ſ'..='ſ', 'Ǆ'..='ǌ', 'Ǳ'..='ǳ'];

/// Whether rustc takes a name for one in snake case.
fn is_snake_case(name: &str) -> bool {
    let inner = plain(name).trim_matches('_');
    !inner.contains("__") && !inner.chars().any(char::is_uppercase)
}

/// `neuron_loss` as `NeuronLoss`.
#[must_use]
pub fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for word in name.trim_start_matches("r#").split('_').filter(|w| !w.is_empty()) {
        let mut chars = word.chars();
        camel.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(chars.as_str());
    }
    // No name begins with a digit.
    if camel.starts_with(|c: char| c.is_ascii_digit()) { format!("_{camel}") } else { camel }
}

struct Assembly<'a> {
    request: &'a Request<'a>,
    items: Vec<String>,
    /// The functions, where they belong to a type.
    methods: Vec<String>,
    called: BTreeSet<&'static str>,
}

impl<'a> Assembly<'a> {
    fn interface(&self) -> &'a Interface {
        self.request.interface
    }

    fn prefix(&self) -> &'a str {
        self.request.prefix.trim_start_matches("r#")
    }

    /// The primal's name, for people.
    fn primal_name(&self) -> &'a str {
        self.interface().name.trim_start_matches("r#")
    }

    fn float(&self) -> &'a str {
        let r = self.request;
        if let Some(generic) = &self.interface().generic {
            return &generic.name;
        }
        let any = [r.primal, r.gradient, r.into, r.jvp, r.hessian, r.split.map(|s| &s.forward)];
        any.into_iter().flatten().next().map_or("f64", |f| f.float.name())
    }

    fn all(&mut self) -> Result<(), Problem> {
        let request = self.request;
        let prefix = self.prefix();
        let primal = self.primal_name();
        if let Some(f) = request.primal {
            self.primal(f)?;
        }
        let wants_struct = request.gradient.is_some() || request.split.is_some() || request.hessian.is_some();
        if wants_struct {
            self.gradient_structs();
        }
        if let Some(f) = request.gradient {
            let doc = format!("The value of `{primal}` and its gradient with respect to {}.", self.active());
            self.with_gradient(f, format!("{prefix}_grad"), doc)?;
        }
        if let Some(f) = request.into {
            self.into(f)?;
        }
        if let Some(split) = request.split {
            self.split(split)?;
        }
        if let Some(f) = request.jvp {
            self.jvp(f)?;
        }
        if let Some(f) = request.hessian {
            self.hessian(f)?;
        }
        Ok(())
    }

    /// The active parameters, for people.
    fn active(&self) -> String {
        let names: Vec<String> = self.active_args().map(|a| format!("`{}`", plain(&a.name))).collect();
        match names.as_slice() {
            [] => "nothing".to_string(),
            [one] => one.clone(),
            [before @ .., last] => format!("{} and {last}", before.join(", ")),
        }
    }

    /// The arguments that have active parameters in them, in the order of those.
    fn active_args(&self) -> impl Iterator<Item = &'a ArgForm> + use<'a> {
        let args = &self.interface().args;
        let mut active: Vec<usize> = Vec::new();
        for k in self.request.wrt {
            let arg = args.iter().position(|a| a.form.params().contains(k));
            active.extend(arg.filter(|a| !active.contains(a)));
        }
        active.into_iter().map(|a| &args[a])
    }

    fn is_active(&self, form: &Form) -> bool {
        form.params().iter().any(|k| self.request.wrt.contains(k))
    }

    fn declared(&self) -> Vec<(String, String)> {
        self.interface().args.iter().map(|a| (a.name.to_string(), a.ty.clone())).collect()
    }

    fn primal_type(&self) -> String {
        as_one(&self.returned().map(|r| r.ty.clone()).collect::<Vec<_>>())
    }

    /// The results that are returned, and not written to a parameter.
    fn returned(&self) -> impl Iterator<Item = &'a ResultForm> + use<'a> {
        self.interface().results.iter().filter(|r| r.is_returned())
    }

    /// The type of what a function returns beside the primal's own value.
    fn with_value(&self, other: &str) -> String {
        if self.returned().count() == 0 { other.to_string() } else { format!("({}, {other})", self.primal_type()) }
    }

    fn primal_destinations(&self) -> Vec<Destination> {
        let interface = self.interface();
        let destination = |r: &ResultForm| match &r.home {
            ResultHome::Returned => Destination::Return(r.layout.clone()),
            ResultHome::Written(k) => {
                Destination::Out { name: interface.params[*k].name.clone(), layout: r.layout.clone() }
            }
            ResultHome::Checked(form) => Destination::Check(form.clone()),
        };
        interface.results.iter().map(destination).collect()
    }

    fn adjoint_destinations(&self) -> impl Iterator<Item = Destination> + '_ {
        self.request.wrt.iter().map(|k| Destination::Return(self.interface().params[*k].layout.clone()))
    }
}
