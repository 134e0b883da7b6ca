//! The functions of one primal, each as its parameters, its results and its documentation.

use super::Assembly;
use super::body::Item;
use super::structs::has_default;
use super::text::{plain, unique};
use super::value::{Made, Tail, as_one};
use crate::ad::{Length, Split};
use crate::diagnostic::Problem;
use crate::emit::interface::{Axis, Form, Layout, ParamForm};
use crate::ir::{Dim, Elem, Function, Type};
use crate::lower::{Destination, identifier};

impl<'a> Assembly<'a> {
    pub(super) fn primal(&mut self, f: &'a Function) -> Result<(), Problem> {
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

    pub(super) fn with_gradient(&mut self, f: &'a Function, name: String, doc: String) -> Result<(), Problem> {
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

    pub(super) fn into(&mut self, f: &'a Function) -> Result<(), Problem> {
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

    pub(super) fn split(&mut self, split: &'a Split) -> Result<(), Problem> {
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

    pub(super) fn jvp(&mut self, f: &'a Function) -> Result<(), Problem> {
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

    pub(super) fn hessian(&mut self, f: &'a Function) -> Result<(), Problem> {
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
    pub(super) fn field_type(&self, ty: &Type) -> (String, Layout) {
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
}

/// What the cotangent of a parameter that is written to is called.
fn cotangent_name(name: &str) -> String {
    format!("{}_cotangent", plain(name))
}

/// `Vec<T>` as `[T]`.
fn borrowed_type(owned: &str) -> String {
    match owned.strip_prefix("Vec<").and_then(|t| t.strip_suffix('>')) {
        Some(inner) => format!("[{inner}]"),
        None => owned.to_string(),
    }
}
