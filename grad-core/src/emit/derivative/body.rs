//! One generated function: its attributes, its signature and its body.

use std::fmt::Write;

use super::text::{plain, root, spaced, top_level, unique};
use super::value::{Made, Tail, as_one, tail};
use super::{Assembly, is_snake_case};
use crate::diagnostic::Problem;
use crate::emit::interface::{Axis, Interface, Layout, ParamForm};
use crate::emit::rust::Printer;
use crate::ir::Function;
use crate::lower::{Destination, Source, lower};
use crate::prim::{ROWS, Spelling};

/// One generated function.
pub(super) struct Item<'a> {
    pub(super) doc: String,
    pub(super) name: String,
    pub(super) function: &'a Function,
    /// The forms that the body reads its parameters in.
    pub(super) params: Vec<ParamForm>,
    /// The parameters as they are declared.
    pub(super) declared: Vec<(String, String)>,
    /// What gives each symbolic length, where that is not what the interface says.
    pub(super) sizes: Option<Vec<String>>,
    pub(super) destinations: Vec<Destination>,
    pub(super) returns: String,
    /// Puts the values together.
    pub(super) tail: Tail,
}

impl<'a> Assembly<'a> {
    pub(super) fn function(&mut self, item: Item<'_>) -> Result<(), Problem> {
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
        let names = program.vars.iter().map(|v| &*v.name).chain(item.declared.iter().map(|(name, _)| name.as_str()));
        if !names.chain([item.name.as_str()]).all(is_snake_case) {
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
