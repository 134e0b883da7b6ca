//! The types of adjoints, how one is put together, and where it holds those of the active parameters.

use super::text::{top_level, words};
use super::value::{Made, Tail, as_one, is_number};
use super::{Assembly, camel_case};
use crate::emit::interface::{ArgForm, Form, StructForm};

impl<'a> Assembly<'a> {
    pub(super) fn gradient_name(&self) -> String {
        format!("{}Grad", self.type_prefix())
    }

    /// What the names of the generated types begin with.
    pub(super) fn type_prefix(&self) -> String {
        let owner = self.interface().owner.as_ref().map(|owner| owner.name.as_str()).unwrap_or_default();
        format!("{owner}{}", camel_case(self.prefix()))
    }

    /// The type of a gradient.
    pub(super) fn gradient_type(&self) -> String {
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
    pub(super) fn adjoint_type(&self, form: &Form) -> String {
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
    pub(super) fn adjoint_struct(&self, form: &StructForm) -> String {
        let last = form.path.rsplit("::").next().unwrap_or(&form.path);
        format!("{}{last}Grad", self.type_prefix())
    }

    /// The generic arguments that some types name.
    pub(super) fn arguments_of(&self, types: &[String]) -> String {
        let named = |arg: &&String| types.iter().any(|ty| words(ty).any(|w| w == **arg));
        let args = top_level(&self.interface().generic_args);
        let args: Vec<String> = args.iter().filter(named).cloned().collect();
        if args.is_empty() { String::new() } else { format!("<{}>", args.join(", ")) }
    }

    /// How the adjoint of an argument is put together of the adjoints of the active parameters.
    pub(super) fn made(&self, form: &Form) -> Made {
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
    pub(super) fn places(&self, names: &[String]) -> Vec<String> {
        let mut places = vec![String::new(); self.request.wrt.len()];
        for (arg, name) in self.active_args().zip(names) {
            self.add_places(&arg.form, name, &mut places);
        }
        places
    }

    pub(super) fn add_places(&self, form: &Form, at: &str, places: &mut [String]) {
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

    pub(super) fn adjoints(&self, first: usize, rest: usize) -> Tail {
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
}

/// The names that the fields of a struct have in the struct of their adjoints: those of a tuple struct have none of their
/// own.
pub(super) fn adjoint_fields(form: &StructForm) -> Vec<String> {
    let named = |f: &String| if !form.of_floats && is_number(f) { format!("field_{f}") } else { f.clone() };
    form.fields.iter().map(named).collect()
}

/// The field that holds the adjoint of an argument.
pub(super) fn field_of(arg: &ArgForm) -> String {
    if *arg.name == *"self" { "this".to_string() } else { arg.name.to_string() }
}
