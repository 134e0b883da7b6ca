//! The generated functions and structs of one primal: what the macro expands to and what the command prints.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::interface::{ArgForm, Axis, Form, Interface, Layout, ParamForm, ResultForm, ResultHome, StructForm};
use super::rust::Printer;
use crate::ad::{Length, Split};
use crate::diagnostic::Problem;
use crate::ir::{Dim, Elem, Function, Type};
use crate::lower::{Destination, Source, identifier, lower};
use crate::prim::{ROWS, Spelling};

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
/// Those of [`lower`].
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
    let is_foreign = |c: char| c.is_alphabetic() && c > '\u{24f}';
    code.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| line.contains(is_foreign))
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
    camel
}

struct Assembly<'a> {
    request: &'a Request<'a>,
    items: Vec<String>,
    /// The functions, where they belong to a type.
    methods: Vec<String>,
    called: BTreeSet<&'static str>,
}

/// One generated function.
struct Item<'a> {
    doc: String,
    name: String,
    function: &'a Function,
    /// The forms that the body reads its parameters in.
    params: Vec<ParamForm>,
    /// The parameters as they are declared.
    declared: Vec<(String, String)>,
    /// What gives each symbolic length, where that is not what the interface says.
    sizes: Option<Vec<String>>,
    destinations: Vec<Destination>,
    returns: String,
    /// Puts the values together.
    tail: Tail,
}

/// What is made of the values that a function gives back.
enum Tail {
    /// The values themselves, as a tuple if there are several.
    Plain,
    /// The first so many as one, then the rest as one.
    Pair { first: usize },
    /// The first so many, then what is made of those between, then the last so many.
    Made { first: usize, made: Made, rest: usize },
}

/// How a value is put together.
#[derive(Clone, Debug)]
enum Made {
    /// One of the values, by its place.
    Value(usize),
    Tuple(Vec<Made>),
    Struct {
        path: String,
        fields: Vec<(String, Made)>,
    },
}

impl Made {
    /// `LossGrad { w, b: b_adj }` on one line or on several, of these values.
    fn lines(&self, values: &[String]) -> Vec<String> {
        match self {
            Made::Value(k) => vec![values[*k].clone()],
            Made::Tuple(parts) => {
                let parts: Vec<Vec<String>> = parts.iter().map(|p| p.lines(values)).collect();
                bracketed("(", ")", &parts, 60)
            }
            Made::Struct { path, fields } if fields.is_empty() => vec![format!("{path} {{}}")],
            Made::Struct { path, fields } if is_number(&fields[0].0) => {
                let parts: Vec<Vec<String>> = fields.iter().map(|(_, made)| made.lines(values)).collect();
                bracketed(&format!("{path}("), ")", &parts, 60)
            }
            Made::Struct { path, fields } => {
                let parts: Vec<Vec<String>> = (fields.iter())
                    .map(|(field, made)| {
                        let mut lines = made.lines(values);
                        if lines[0] != *field || lines.len() > 1 {
                            lines[0] = format!("{field}: {}", lines[0]);
                        }
                        lines
                    })
                    .collect();
                bracketed(&format!("{path} {{ "), " }", &parts, 18)
            }
        }
    }
}

fn is_number(field: &str) -> bool {
    field.starts_with(|c: char| c.is_ascii_digit())
}

/// Parts between brackets: on one line where they are one each and together not wider than `width`.
fn bracketed(open: &str, close: &str, parts: &[Vec<String>], width: usize) -> Vec<String> {
    let joined = parts.iter().map(|p| p[0].as_str()).collect::<Vec<_>>().join(", ");
    if parts.iter().all(|p| p.len() == 1) && joined.chars().count() <= width {
        return vec![format!("{open}{joined}{close}")];
    }
    let mut lines = vec![open.trim_end().to_string()];
    for part in parts {
        for (k, line) in part.iter().enumerate() {
            let comma = if k + 1 == part.len() { "," } else { "" };
            lines.push(format!("    {line}{comma}"));
        }
    }
    lines.push(close.trim_start().to_string());
    lines
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

    fn gradient_name(&self) -> String {
        format!("{}Grad", self.type_prefix())
    }

    /// What the names of the generated types begin with.
    fn type_prefix(&self) -> String {
        let owner = self.interface().owner.as_ref().map(|owner| owner.name.as_str()).unwrap_or_default();
        format!("{owner}{}", camel_case(self.prefix()))
    }

    /// The type of a gradient.
    fn gradient_type(&self) -> String {
        let args: Vec<&ArgForm> = self.active_args().collect();
        match args.as_slice() {
            [arg] => self.adjoint_type(&arg.form),
            args => {
                let types: Vec<String> = args.iter().map(|a| self.adjoint_type(&a.form)).collect();
                format!("{}{}", self.gradient_name(), self.arguments_of(&types))
            }
        }
    }

    /// The type of the adjoint of an argument, or of a part of one.
    fn adjoint_type(&self, form: &Form) -> String {
        match form {
            Form::Param(k) => self.interface().params[*k].owned.clone(),
            Form::Tuple(parts) => {
                let types = parts.iter().filter(|p| self.is_active(p)).map(|p| self.adjoint_type(p));
                as_one(&types.collect::<Vec<_>>())
            }
            Form::Struct(form, _) if form.of_floats => form.ty.clone(),
            Form::Struct(form, parts) => {
                let types: Vec<String> =
                    parts.iter().filter(|p| self.is_active(p)).map(|p| self.adjoint_type(p)).collect();
                format!("{}{}", self.adjoint_struct(form), self.arguments_of(&types))
            }
        }
    }

    /// The name of the struct that holds the adjoints of another's active fields.
    fn adjoint_struct(&self, form: &StructForm) -> String {
        let last = form.path.rsplit("::").next().unwrap_or(&form.path);
        format!("{}{last}Grad", self.type_prefix())
    }

    /// The generic arguments that some types name.
    fn arguments_of(&self, types: &[String]) -> String {
        let named = |arg: &&String| types.iter().any(|ty| words(ty).any(|w| w == **arg));
        let args = top_level(&self.interface().generic_args);
        let args: Vec<String> = args.iter().filter(named).cloned().collect();
        if args.is_empty() { String::new() } else { format!("<{}>", args.join(", ")) }
    }

    /// How the adjoint of an argument is put together of the adjoints of the active parameters.
    fn made(&self, form: &Form) -> Made {
        match form {
            Form::Param(k) => {
                let place = self.request.wrt.iter().position(|w| w == k);
                Made::Value(place.expect("an active parameter has an adjoint"))
            }
            Form::Tuple(parts) => {
                let mut parts: Vec<Made> = parts.iter().filter(|p| self.is_active(p)).map(|p| self.made(p)).collect();
                if parts.len() == 1 { parts.remove(0) } else { Made::Tuple(parts) }
            }
            Form::Struct(form, parts) => {
                let fields = adjoint_fields(form).into_iter().zip(parts).filter(|(_, p)| self.is_active(p));
                let fields: Vec<(String, Made)> = fields.map(|(name, p)| (name, self.made(p))).collect();
                let path = if form.of_floats { form.path.clone() } else { self.adjoint_struct(form) };
                Made::Struct { path, fields }
            }
        }
    }

    /// The places of the active parameters in an argument that holds their adjoints or tangents, in the order of `wrt`.
    fn places(&self, names: &[String]) -> Vec<String> {
        let mut places = vec![String::new(); self.request.wrt.len()];
        for (arg, name) in self.active_args().zip(names) {
            self.add_places(&arg.form, name, &mut places);
        }
        places
    }

    fn add_places(&self, form: &Form, at: &str, places: &mut [String]) {
        match form {
            Form::Param(k) => {
                if let Some(place) = self.request.wrt.iter().position(|w| w == k) {
                    places[place] = at.to_string();
                }
            }
            Form::Tuple(parts) => {
                let parts: Vec<&Form> = parts.iter().filter(|p| self.is_active(p)).collect();
                match parts.as_slice() {
                    [one] => self.add_places(one, at, places),
                    several => {
                        several.iter().enumerate().for_each(|(k, p)| self.add_places(p, &format!("{at}.{k}"), places));
                    }
                }
            }
            Form::Struct(form, parts) => {
                for (field, part) in adjoint_fields(form).into_iter().zip(parts) {
                    self.add_places(part, &format!("{at}.{field}"), places);
                }
            }
        }
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

    fn adjoints(&self, first: usize, rest: usize) -> Tail {
        let args: Vec<&ArgForm> = self.active_args().collect();
        let made = match args.as_slice() {
            [arg] => self.made(&arg.form),
            _ => Made::Struct {
                path: self.gradient_name(),
                fields: args.iter().map(|a| (field_of(a), self.made(&a.form))).collect(),
            },
        };
        Tail::Made { first, made, rest }
    }

    fn primal(&mut self, f: &'a Function) -> Result<(), Problem> {
        let name = self.interface().name.clone();
        let item = Item {
            doc: format!("The function `{}`.", name.trim_start_matches("r#")),
            name,
            function: f,
            params: self.interface().params.clone(),
            declared: self.declared(),
            sizes: None,
            destinations: self.primal_destinations(),
            returns: self.primal_type(),
            tail: Tail::Plain,
        };
        self.function(item)
    }

    fn with_gradient(&mut self, f: &'a Function, name: String, doc: String) -> Result<(), Problem> {
        let first = self.returned().count();
        let mut destinations = self.primal_destinations();
        destinations.extend(self.adjoint_destinations());
        let item = Item {
            doc,
            name,
            function: f,
            params: self.interface().params.clone(),
            declared: self.declared(),
            sizes: None,
            destinations,
            returns: self.with_value(&self.gradient_type()),
            tail: self.adjoints(first, 0),
        };
        self.function(item)
    }

    fn into(&mut self, f: &'a Function) -> Result<(), Problem> {
        let mut destinations = self.primal_destinations();
        let mut declared = self.declared();
        let mut names = Vec::new();
        for arg in self.active_args() {
            let name = identifier(&format!("{}_adj", plain(&arg.name)));
            let name = unique(&name, declared.iter().map(|(n, _)| n.as_str()));
            declared.push((name.clone(), format!("&mut {}", borrowed_type(&self.adjoint_type(&arg.form)))));
            names.push(name);
        }
        for (place, k) in self.places(&names).into_iter().zip(self.request.wrt) {
            let layout = self.interface().params[*k].layout.clone();
            destinations.push(Destination::Out { name: place.into(), layout });
        }
        let prefix = self.prefix();
        let item = Item {
            doc: format!(
                "The value of `{}`; its gradient with respect to {} is written into the buffers given.",
                self.primal_name(),
                self.active()
            ),
            name: format!("{prefix}_grad_into"),
            function: f,
            params: self.interface().params.clone(),
            declared,
            sizes: None,
            destinations,
            returns: self.primal_type(),
            tail: Tail::Plain,
        };
        self.function(item)
    }

    fn split(&mut self, split: &'a Split) -> Result<(), Problem> {
        let prefix = self.prefix();
        let interface = self.interface();
        let residual_struct = format!("{}Residuals", self.type_prefix());
        let mut fields: Vec<(String, String, Layout)> = Vec::new();
        for k in 0..split.residuals {
            let ty = split.backward.param_type(k);
            let name = unique(&identifier(&split.backward.params[k].name), fields.iter().map(|(n, ..)| n.as_str()));
            let (text, layout) = self.field_type(ty);
            fields.push((name, text, layout));
        }
        let doc = format!("What `{prefix}_forward` keeps for `{prefix}_backward`.");
        let listed: Vec<(String, String)> = fields.iter().map(|(n, t, _)| (n.clone(), t.clone())).collect();
        let docs: Vec<String> = listed.iter().map(|(n, _)| format!("`{}`", n.trim_start_matches("r#"))).collect();
        let derives: Vec<&str> = ["Clone", "Copy", "Debug", "Default", "PartialEq"]
            .into_iter()
            .filter(|d| match *d {
                "Copy" => !listed.iter().any(|(_, ty)| ty.contains("Vec<")),
                "Default" => listed.iter().all(|(_, ty)| has_default(ty)),
                _ => true,
            })
            .collect();
        self.structure(&residual_struct, &doc, &listed, &docs, &derives);
        let types: Vec<String> = listed.iter().map(|(_, ty)| ty.clone()).collect();
        let residual_type = format!("{residual_struct}{}", self.arguments_of(&types));

        let mut destinations = self.primal_destinations();
        destinations.extend(fields.iter().map(|(_, _, layout)| Destination::Return(layout.clone())));
        let made = Made::Struct {
            path: residual_struct.clone(),
            fields: fields.iter().enumerate().map(|(k, (n, ..))| (n.clone(), Made::Value(k))).collect(),
        };
        let returns = self.with_value(&residual_type);
        self.function(Item {
            doc: format!(
                "The value of `{}`, and what `{prefix}_backward` needs of the computation.",
                self.primal_name()
            ),
            name: format!("{prefix}_forward"),
            function: &split.forward,
            params: interface.params.clone(),
            declared: self.declared(),
            sizes: None,
            destinations,
            returns,
            tail: Tail::Made { first: self.returned().count(), made, rest: 0 },
        })?;

        let residuals = unique("residuals", interface.args.iter().map(|a| &*a.name));
        let mut sizes = interface.sizes.clone();
        let results = interface.results.iter().enumerate().filter(|(_, r)| r.out().is_some());
        let written: Vec<(usize, &str)> =
            results.filter_map(|(n, r)| Some((n, &*interface.params[r.out()?].name))).collect();
        sizes.extend(split.lengths.iter().map(|length| match length {
            Length::Param(k) => interface.params[*k].name.to_string(),
            Length::Residual(k) => format!("{residuals}.{}", fields[*k].0),
        }));
        let mut params: Vec<ParamForm> = fields
            .iter()
            .map(|(name, ty, layout)| ParamForm {
                name: format!("{residuals}.{name}").into(),
                ty: ty.clone(),
                owned: ty.clone(),
                layout: layout.clone(),
                by_ref: false,
            })
            .collect();
        let is_out = |k: usize| interface.results.iter().any(|r| r.out() == Some(k));
        params.extend(interface.params.iter().enumerate().map(|(k, p)| match is_out(k) {
            // What it held is not there any more; its cotangent, of the same type, stands for its length.
            true => ParamForm { name: cotangent_name(&p.name).into(), ..p.clone() },
            false => p.clone(),
        }));
        let mut declared = vec![(residuals.clone(), format!("&{residual_type}"))];
        // What a parameter held is not there any more: its cotangent takes its place.
        declared.extend(self.declared().into_iter().filter(|(name, _)| written.iter().all(|(_, w)| w != name)));
        let cotangents = split.backward.params.len() - params.len();
        let float_results: Vec<usize> = (0..interface.results.len())
            .filter(|k| split.forward.body.ty(split.forward.body.results[*k]).is_float())
            .collect();
        for (n, k) in float_results.iter().take(cotangents).enumerate() {
            let form = &interface.results[*k];
            let given = match written.iter().find(|(result, _)| result == k) {
                Some((_, name)) => cotangent_name(name),
                None if self.returned().count() == 1 => "cotangent".to_string(),
                None => split.backward.params[split.backward.params.len() - cotangents + n].name.to_string(),
            };
            let name = unique(&identifier(&given), declared.iter().map(|(n, _)| n.as_str()));
            if let Some((_, of)) = written.iter().find(|(result, _)| result == k) {
                let length = format!("{of}.len()");
                sizes.iter_mut().filter(|s| **s == length).for_each(|s| *s = format!("{name}.len()"));
            }
            let by_ref = form.layout != Layout::Scalar;
            let ty = if by_ref { format!("&{}", borrowed_type(&form.ty)) } else { form.ty.clone() };
            declared.push((name.clone(), ty.clone()));
            params.push(ParamForm {
                name: name.into(),
                ty,
                owned: form.ty.clone(),
                layout: form.layout.clone(),
                by_ref,
            });
        }
        let destinations = self.adjoint_destinations().collect();
        self.function(Item {
            doc: format!(
                "The adjoints of {}, given the cotangent of the value of `{}`.",
                self.active(),
                self.primal_name()
            ),
            name: format!("{prefix}_backward"),
            function: &split.backward,
            params,
            declared,
            sizes: Some(sizes),
            destinations,
            returns: self.gradient_type(),
            tail: self.adjoints(0, 0),
        })
    }

    fn jvp(&mut self, f: &'a Function) -> Result<(), Problem> {
        let prefix = self.prefix();
        let interface = self.interface();
        let mut params = interface.params.clone();
        let mut declared = self.declared();
        let mut names = Vec::new();
        for arg in self.active_args() {
            let name = identifier(&format!("{}_dot", plain(&arg.name)));
            let name = unique(&name, declared.iter().map(|(n, _)| n.as_str()));
            let ty = match &arg.form {
                Form::Param(_) => arg.ty.clone(),
                Form::Tuple(_) => self.adjoint_type(&arg.form),
                Form::Struct(..) => format!("&{}", self.adjoint_type(&arg.form)),
            };
            declared.push((name.clone(), ty));
            names.push(name);
        }
        for (place, k) in self.places(&names).into_iter().zip(self.request.wrt) {
            params.push(ParamForm { name: place.into(), ..interface.params[*k].clone() });
        }
        let mut tangents_out = Vec::new();
        for (_, k) in interface.results.iter().filter_map(|r| Some((r, r.out()?))) {
            let arg = interface.args.iter().find(|a| a.form == Form::Param(k)).expect("what is written is an argument");
            // The tangent that came in is written over by the one that goes out.
            let place = self.request.wrt.iter().position(|w| *w == k);
            let name = match place {
                Some(_) => {
                    let at = self.active_args().position(|a| a.form == Form::Param(k));
                    names[at.expect("an active parameter is in an argument")].clone()
                }
                None => {
                    let name = identifier(&format!("{}_dot", plain(&arg.name)));
                    let name = unique(&name, declared.iter().map(|(n, _)| n.as_str()));
                    declared.push((name.clone(), arg.ty.clone()));
                    name
                }
            };
            tangents_out.push(name);
        }
        let mut tangents_out = tangents_out.into_iter();
        // What is no float has no tangent.
        let results = interface.results.iter().zip(&f.body.results);
        let floats: Vec<_> = results.filter(|(_, id)| f.body.ty(**id).is_float()).map(|(result, _)| result).collect();
        let mut destinations = self.primal_destinations();
        destinations.extend(floats.iter().map(|result| match result.out() {
            None => Destination::Return(result.layout.clone()),
            Some(_) => Destination::Out {
                name: tangents_out.next().expect("what is written has a tangent").into(),
                layout: result.layout.clone(),
            },
        }));
        let types: Vec<String> = floats.iter().filter(|r| r.is_returned()).map(|result| result.ty.clone()).collect();
        self.function(Item {
            doc: format!(
                "The value of `{}` and its derivative along a direction of {}.",
                self.primal_name(),
                self.active()
            ),
            name: format!("{prefix}_jvp"),
            function: f,
            params,
            declared,
            sizes: None,
            destinations,
            returns: if types.is_empty() { String::new() } else { self.with_value(&as_one(&types)) },
            tail: if types.is_empty() { Tail::Plain } else { Tail::Pair { first: self.returned().count() } },
        })
    }

    fn hessian(&mut self, f: &'a Function) -> Result<(), Problem> {
        let prefix = self.prefix();
        let last = *f.body.results.last().expect("a Hessian is the last result");
        let (matrix, layout) = self.field_type(f.body.ty(last));
        let first = self.returned().count();
        let mut destinations = self.primal_destinations();
        destinations.extend(self.adjoint_destinations());
        destinations.push(Destination::Return(layout.clone()));
        let flat = if layout == Layout::Flat { ", row by row" } else { "" };
        self.function(Item {
            doc: format!(
                "The value of `{}`, its gradient and its matrix of second derivatives{flat}, over {} in this order.",
                self.primal_name(),
                self.active()
            ),
            name: format!("{prefix}_hessian"),
            function: f,
            params: self.interface().params.clone(),
            declared: self.declared(),
            sizes: None,
            destinations,
            returns: format!("({}, {}, {matrix})", self.primal_type(), self.gradient_type()),
            tail: self.adjoints(first, 1),
        })
    }

    /// The type of a value that is kept or given back, and its layout.
    fn field_type(&self, ty: &Type) -> (String, Layout) {
        let scalar = match ty.elem {
            Elem::Float => self.float().to_string(),
            Elem::Int(kind) => kind.name().to_string(),
            Elem::Bool => "bool".to_string(),
        };
        let interface = self.interface();
        let fixed: Vec<Option<String>> = ty
            .dims
            .iter()
            .map(|d| match d {
                Dim::Lit(n) => Some(n.to_string()),
                Dim::Size(size) => {
                    // The rows of residuals have lengths that only running tells.
                    let text = interface.sizes.get(size.0 as usize)?;
                    let is_name = text.chars().all(|c| c.is_alphanumeric() || c == '_');
                    (is_name && !interface.params.iter().any(|p| *p.name == **text)).then(|| text.clone())
                }
                Dim::Any => None,
            })
            .collect();
        if ty.is_scalar() {
            return (scalar, Layout::Scalar);
        }
        if let Some(lens) = fixed.iter().cloned().collect::<Option<Vec<String>>>() {
            let text = lens.iter().rev().fold(scalar, |inner, len| format!("[{inner}; {len}]"));
            return (text, Layout::Nested(vec![Axis::Array; ty.rank()]));
        }
        if let Some(lens) = fixed[1..].iter().cloned().collect::<Option<Vec<String>>>() {
            let inner = lens.iter().rev().fold(scalar, |inner, len| format!("[{inner}; {len}]"));
            let axes = std::iter::once(Axis::Slice).chain(lens.iter().map(|_| Axis::Array)).collect();
            return (format!("Vec<{inner}>"), Layout::Nested(axes));
        }
        (format!("Vec<{scalar}>"), Layout::Flat)
    }

    /// The struct of the adjoints, where there are several, and those of structs that cannot hold their own.
    fn gradient_structs(&mut self) {
        let args: Vec<&ArgForm> = self.active_args().collect();
        let mut made = BTreeSet::new();
        for arg in &args {
            self.adjoint_structs(&arg.form, &mut made);
        }
        if args.len() == 1 {
            return;
        }
        let fields: Vec<(String, String)> = args.iter().map(|a| (field_of(a), self.adjoint_type(&a.form))).collect();
        let docs: Vec<String> = args.iter().map(|a| format!("With respect to `{}`.", plain(&a.name))).collect();
        let doc = format!("The gradient of `{}`.", self.primal_name());
        let name = self.gradient_name();
        let derives = self.derives(args.iter().map(|a| &a.form));
        self.structure(&name, &doc, &fields, &docs, &derives);
    }

    fn adjoint_structs(&mut self, form: &Form, made: &mut BTreeSet<String>) {
        let (Form::Tuple(parts) | Form::Struct(_, parts)) = form else { return };
        let active: Vec<&Form> = parts.iter().filter(|p| self.is_active(p)).collect();
        active.iter().for_each(|p| self.adjoint_structs(p, made));
        let Form::Struct(whole, parts) = form else { return };
        let name = self.adjoint_struct(whole);
        if active.is_empty() || whole.of_floats || !made.insert(name.clone()) {
            return;
        }
        let fields: Vec<(String, String)> = (adjoint_fields(whole).into_iter().zip(parts))
            .filter(|(_, p)| self.is_active(p))
            .map(|(field, p)| (field, self.adjoint_type(p)))
            .collect();
        let docs: Vec<String> = fields.iter().map(|(f, _)| format!("With respect to `{}`.", plain(f))).collect();
        let doc = format!("The gradient of `{}` with respect to a `{}`.", self.primal_name(), whole.path);
        let derives = self.derives(active.into_iter());
        self.structure(&name, &doc, &fields, &docs, &derives);
    }

    /// The traits that a struct of adjoints can derive: those that the structs in it have.
    fn derives<'f>(&self, forms: impl Iterator<Item = &'f Form>) -> Vec<&'static str> {
        let mut derives = vec!["Clone", "Copy", "Debug", "Default", "PartialEq"];
        for form in forms {
            self.keep_derives(form, &mut derives);
        }
        derives
    }

    fn keep_derives(&self, form: &Form, derives: &mut Vec<&'static str>) {
        match form {
            Form::Param(k) => {
                let owned = &self.interface().params[*k].owned;
                derives.retain(|d| match *d {
                    "Copy" => !owned.contains("Vec<"),
                    "Default" => has_default(owned),
                    _ => true,
                });
            }
            Form::Struct(form, _) if form.of_floats => {
                derives.retain(|d| form.derives.iter().any(|has| has == d));
            }
            Form::Tuple(parts) | Form::Struct(_, parts) => {
                parts.iter().filter(|p| self.is_active(p)).for_each(|p| self.keep_derives(p, derives));
            }
        }
    }

    fn structure(&mut self, name: &str, doc: &str, fields: &[(String, String)], docs: &[String], derives: &[&str]) {
        let interface = self.interface();
        let named = |g: &&String| fields.iter().any(|(_, ty)| words(ty).any(|w| Some(w) == parameter(g)));
        let all = top_level(&interface.generics);
        let kept: Vec<String> = all.iter().filter(|g| !g.starts_with('\'')).filter(named).cloned().collect();
        let generics = if kept.is_empty() { String::new() } else { format!("<{}>", kept.join(", ")) };
        let mut out = String::new();
        let _ = writeln!(out, "/// {doc}");
        for attribute in interface.attributes.iter().filter(|a| a.starts_with("#[cfg")) {
            let _ = writeln!(out, "{attribute}");
        }
        let mut allow: Vec<&str> = Vec::new();
        if !interface.visibility.starts_with("pub") {
            allow.push("dead_code");
        }
        if fields.iter().any(|(name, _)| name.chars().any(char::is_uppercase)) {
            allow.push("non_snake_case");
        }
        if !allow.is_empty() {
            let _ = writeln!(out, "#[allow({})]", allow.join(", "));
        }
        if !derives.is_empty() {
            let _ = writeln!(out, "#[derive({})]", derives.join(", "));
        }
        let visibility = spaced(&interface.visibility);
        if fields.is_empty() {
            let _ = writeln!(out, "{visibility}struct {name}{generics} {{}}");
        } else {
            let _ = writeln!(out, "{visibility}struct {name}{generics} {{");
            for ((field, ty), doc) in fields.iter().zip(docs) {
                let _ = writeln!(out, "    /// {doc}\n    {visibility}{field}: {ty},");
            }
            out.push_str("}\n");
        }
        self.items.push(out);
    }

    fn function(&mut self, item: Item<'_>) -> Result<(), Problem> {
        let interface = self.interface();
        let mut names: Vec<&str> = item.declared.iter().map(|(n, _)| n.as_str()).collect();
        if self.request.embed.is_some() {
            // The embedded functions are called by their bare names.
            names.extend(ROWS.iter().filter_map(|row| match row.rust {
                Spelling::Math(name) => Some(name),
                _ => None,
            }));
        }
        let sizes = item.sizes.as_deref().unwrap_or(&interface.sizes);
        let source = Source {
            function: item.function,
            params: &item.params,
            sizes,
            destinations: &item.destinations,
            reserved: &names,
        };
        let mut program = lower(source)?;
        // A parameter that is read and written: what it held is kept beside it.
        let mut params = item.params.clone();
        let mut copies = Vec::new();
        for (k, form) in params.iter_mut().enumerate() {
            let is_written =
                item.destinations.iter().any(|d| matches!(d, Destination::Out { name, .. } if *name == form.name));
            if is_written && program.reads(k) && !program.in_place.contains(&k) {
                let name = unique(&format!("{}_before", plain(&form.name)), names.iter().copied());
                let fixed = matches!(&form.layout, Layout::Nested(axes) if axes.iter().all(|a| *a == Axis::Array));
                let copy = match &form.layout {
                    Layout::Scalar => format!("*{}", form.name),
                    _ if fixed => format!("*{}", form.name),
                    _ => format!("{}.to_vec()", form.name),
                };
                copies.push(format!("    let {name} = {copy};\n"));
                form.name = name.into();
                form.by_ref = false;
            }
        }
        let copied: Vec<String> = params.iter().map(|p| p.name.to_string()).collect();
        if !copies.is_empty() {
            let reserved: Vec<&str> = names.iter().copied().chain(copied.iter().map(String::as_str)).collect();
            program = lower(Source { params: &params, reserved: &reserved, ..source })?;
        }
        let mut printer = Printer::new(&program, interface, 1);
        copies.iter().for_each(|line| printer.out.push_str(line));
        match &item.tail {
            Tail::Plain => printer.block(&program.block),
            // Nothing to put together.
            Tail::Pair { first: 1 } if program.block.values.len() == 2 => printer.block(&program.block),
            Tail::Pair { first } => {
                printer.stmts(&program.block.stmts);
                let values: Vec<String> = program.block.values.iter().map(|v| printer.expr(v)).collect();
                let (values, tangents) = values.split_at(*first);
                let both = Made::Tuple(vec![Made::Value(0), Made::Value(1)]);
                printer.out.push_str(&tail(&[as_one(values), as_one(tangents)], 0, &both, 0));
            }
            Tail::Made { first: 0 | 1, made: Made::Value(_), .. } if printer.ends_with_choice(&program.block) => {
                printer.block(&program.block);
            }
            Tail::Made { first, made, rest } => {
                printer.stmts(&program.block.stmts);
                let values: Vec<String> = program.block.values.iter().map(|v| printer.expr(v)).collect();
                printer.out.push_str(&tail(&values, *first, made, *rest));
            }
        }
        let body = std::mem::take(&mut printer.out);
        let allow = std::mem::take(&mut printer.allow);
        self.called.extend(printer.called.iter());

        let mut out = String::new();
        let _ = writeln!(out, "/// {}", item.doc);
        if body.contains("assert_eq!(") {
            let _ = writeln!(out, "///\n/// # Panics\n/// When lengths that must agree do not.");
        }
        if item.destinations.iter().any(|d| matches!(d, Destination::Check(_))) {
            let heading = if body.contains("assert_eq!(") { "" } else { "///\n/// # Panics\n" };
            let _ = writeln!(out, "{heading}/// When an assertion of `{}` fails.", self.primal_name());
        }
        for attribute in &interface.attributes {
            let _ = writeln!(out, "{attribute}");
        }
        let mut allow: Vec<&str> = allow.into_iter().collect();
        if item.declared.len() > 7 {
            allow.push("clippy::too_many_arguments");
        }
        if !interface.visibility.starts_with("pub") {
            allow.push("dead_code");
        }
        if program.vars.iter().any(|v| v.name.chars().any(char::is_uppercase)) {
            allow.push("non_snake_case");
        }
        let written = item.destinations.iter().any(|d| matches!(d, Destination::Out { .. }));
        let unread = item.declared.iter().any(|(name, _)| {
            let mut forms = item.params.iter().zip(&program.read).filter(|(p, _)| root(&p.name) == name).peekable();
            // Residuals of no fields are in no form; nor is a buffer, but that is written.
            let seen = forms.peek().is_some() || !written;
            seen && !name.starts_with('_') && forms.all(|(_, read)| !read)
        });
        if unread {
            allow.push("unused_variables");
        }
        allow.sort_unstable();
        if !allow.is_empty() {
            let line = format!("#[allow({})]", allow.join(", "));
            if line.len() <= 70 {
                let _ = writeln!(out, "{line}");
            } else {
                for lint in &allow {
                    let _ = writeln!(out, "#[allow({lint})]");
                }
            }
        }
        out.push_str(&signature(interface, &item));
        out.push_str(&body);
        out.push_str("}\n");
        if interface.owner.is_some() {
            self.methods.push(out);
        } else {
            self.items.push(out);
        }
        Ok(())
    }
}

/// The field that holds the adjoint of an argument.
fn field_of(arg: &ArgForm) -> String {
    if *arg.name == *"self" { "this".to_string() } else { arg.name.to_string() }
}

/// `pub fn name<…>(…) -> … where … {`, on one line where it fits.
fn signature(interface: &Interface, item: &Item<'_>) -> String {
    // A receiver comes first, and has no type of its own.
    let receiver = item.declared.iter().find(|(name, _)| name == "self");
    let receiver = receiver.map(|(_, ty)| if ty.starts_with('&') { "&self".to_string() } else { "self".to_string() });
    let others = item.declared.iter().filter(|(name, _)| name != "self").map(|(n, t)| format!("{n}: {t}"));
    let args: Vec<String> = receiver.into_iter().chain(others).collect();
    let head = format!("{}fn {}{}(", spaced(&interface.visibility), item.name, interface.generics);
    let end = if item.returns.is_empty() || item.returns == "()" {
        ")".to_string()
    } else {
        format!(") -> {}", item.returns)
    };
    let brace = if interface.where_clause.is_empty() { " {" } else { "" };
    let one = format!("{head}{}{end}{brace}", args.join(", "));
    let mut text = if one.chars().count() <= 100 {
        one
    } else {
        let lines: String = args.iter().fold(String::new(), |mut lines, a| {
            let _ = writeln!(lines, "    {a},");
            lines
        });
        format!("{head}\n{lines}{end}{brace}")
    };
    text.push('\n');
    if !interface.where_clause.is_empty() {
        let bounds = interface.where_clause.trim().trim_start_matches("where").trim().trim_end_matches(',');
        text.push_str("where\n");
        for bound in top_level(bounds) {
            let _ = writeln!(text, "    {bound},");
        }
        text.push_str("{\n");
    }
    text
}

/// Several values, or types, are one tuple.
fn as_one(texts: &[String]) -> String {
    match texts {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// The last expression of a function: the first values, then what is made of those between, then the last ones.
fn tail(values: &[String], first: usize, made: &Made, rest: usize) -> String {
    let last = values.len() - rest;
    let mut parts: Vec<Vec<String>> = if first == 0 { Vec::new() } else { vec![vec![as_one(&values[..first])]] };
    parts.push(made.lines(&values[first..last]));
    parts.extend(values[last..].iter().map(|v| vec![v.clone()]));
    let lines = if parts.len() == 1 { parts.remove(0) } else { bracketed("(", ")", &parts, 60) };
    lines.iter().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "    {line}");
        out
    })
}

/// `Vec<T>` as `[T]`.
fn borrowed_type(owned: &str) -> String {
    match owned.strip_prefix("Vec<").and_then(|t| t.strip_suffix('>')) {
        Some(inner) => format!("[{inner}]"),
        None => owned.to_string(),
    }
}

/// Whether `Default` is known for a type: arrays of up to 32 have it.
fn has_default(ty: &str) -> bool {
    if ty.starts_with("Vec<") {
        return true;
    }
    match ty.strip_prefix('[').and_then(|t| t.strip_suffix(']')).and_then(|t| t.rsplit_once("; ")) {
        Some((inner, len)) => len.parse::<usize>().is_ok_and(|n| n <= 32) && has_default(inner),
        None => matches!(ty, "f32" | "f64" | "bool") || crate::ir::IntKind::ALL.iter().any(|k| k.name() == ty),
    }
}

/// The names that the fields of a struct have in the struct of their adjoints: those of a tuple struct have none of their
/// own.
fn adjoint_fields(form: &StructForm) -> Vec<String> {
    let named = |f: &String| if !form.of_floats && is_number(f) { format!("field_{f}") } else { f.clone() };
    form.fields.iter().map(named).collect()
}

/// A name, or the place of a field, for people.
fn plain(name: &str) -> &str {
    name.trim_start_matches("r#")
}

/// What the cotangent of a parameter that is written to is called.
fn cotangent_name(name: &str) -> String {
    format!("{}_cotangent", plain(name))
}

/// The argument that a place is in: `params` of `params.x`.
fn root(place: &str) -> &str {
    place.split('.').next().unwrap_or(place)
}

/// The names in a type.
fn words(ty: &str) -> impl Iterator<Item = &str> {
    ty.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// The name of a generic parameter: `N` of `const N: usize`.
fn parameter(generic: &str) -> Option<&str> {
    words(generic.trim_start_matches("const ")).next()
}

fn spaced(visibility: &str) -> String {
    if visibility.is_empty() { String::new() } else { format!("{visibility} ") }
}

/// A name that none of the others is.
fn unique<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> String {
    let others: BTreeSet<&str> = others.collect();
    let mut unique = name.to_string();
    let mut n = 2;
    while others.contains(unique.as_str()) {
        unique = format!("{}_{n}", name.trim_start_matches("r#"));
        n += 1;
    }
    unique
}

/// The parts of a list at its commas, those inside brackets apart.
fn top_level(list: &str) -> Vec<String> {
    let list = list.trim();
    let list = list.strip_prefix('<').and_then(|l| l.strip_suffix('>')).unwrap_or(list);
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    let mut before = ' ';
    for c in list.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if before == '-' => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().expect("there is a first part").push(c);
        }
        before = c;
    }
    parts.into_iter().map(|p| p.trim().to_string()).filter(|p| !p.is_empty()).collect()
}
