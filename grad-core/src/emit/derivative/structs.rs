//! The structs of adjoints.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::adjoints::{adjoint_fields, field_of};
use super::text::{parameter, plain, spaced, top_level, words};
use super::{Assembly, is_snake_case};
use crate::emit::interface::{ArgForm, Form};
use crate::ir::IntKind;

impl<'a> Assembly<'a> {
    /// The struct of the adjoints, where there are several, and those of structs that cannot hold their own.
    pub(super) fn gradient_structs(&mut self) {
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

    pub(super) fn adjoint_structs(&mut self, form: &Form, made: &mut BTreeSet<String>) {
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
    pub(super) fn derives<'f>(&self, forms: impl Iterator<Item = &'f Form>) -> Vec<&'static str> {
        let mut derives = vec!["Clone", "Copy", "Debug", "Default", "PartialEq"];
        for form in forms {
            self.keep_derives(form, &mut derives);
        }
        derives
    }

    pub(super) fn keep_derives(&self, form: &Form, derives: &mut Vec<&'static str>) {
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

    pub(super) fn structure(
        &mut self,
        name: &str,
        doc: &str,
        fields: &[(String, String)],
        docs: &[String],
        derives: &[&str],
    ) {
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
        if !fields.iter().all(|(name, _)| is_snake_case(name)) {
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
}

/// Whether `Default` is known for a type: arrays of up to 32 have it.
pub(super) fn has_default(ty: &str) -> bool {
    if ty.starts_with("Vec<") {
        return true;
    }
    match ty.strip_prefix('[').and_then(|t| t.strip_suffix(']')).and_then(|t| t.rsplit_once("; ")) {
        Some((inner, len)) => len.parse::<usize>().is_ok_and(|n| n <= 32) && has_default(inner),
        None => matches!(ty, "f32" | "f64" | "bool") || IntKind::ALL.iter().any(|k| k.name() == ty),
    }
}
