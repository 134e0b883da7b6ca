//! A function as text, for `--trace`: one node a line, nested bodies indented.

use std::fmt::Write;

use super::{Body, Dim, Elem, Function, Id, Lit, NodeType, Op, Store, Type};

/// The function, node by node.
#[must_use]
pub fn print(f: &Function) -> String {
    let mut text = String::new();
    let params: Vec<String> =
        f.params.iter().enumerate().map(|(k, p)| format!("{}: {}", p.name, type_name(f, f.param_type(k)))).collect();
    let _ = writeln!(text, "{}({})", f.name, params.join(", "));
    print_body(f, &f.body, 1, &mut text);
    text
}

fn type_name(f: &Function, ty: &Type) -> String {
    let elem = match ty.elem {
        Elem::Float => f.float.name(),
        Elem::Int(kind) => kind.name(),
        Elem::Bool => "bool",
    };
    if ty.is_scalar() {
        return elem.to_string();
    }
    let dims: Vec<String> = ty
        .dims
        .iter()
        .map(|d| match d {
            Dim::Lit(n) => n.to_string(),
            Dim::Size(size) => f.sizes[size.0 as usize].to_string(),
            Dim::Any => "?".to_string(),
        })
        .collect();
    format!("{elem}[{}]", dims.join(", "))
}

fn print_body(f: &Function, body: &Body, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let list = |ids: &[Id]| ids.iter().map(|id| format!("%{}", id.0)).collect::<Vec<_>>().join(", ");
    for id in body.ids() {
        let node = body.node(id);
        let ty = match &node.ty {
            NodeType::One(ty) => type_name(f, ty),
            NodeType::Many(types) => {
                format!("({})", types.iter().map(|ty| type_name(f, ty)).collect::<Vec<_>>().join(", "))
            }
        };
        let name = body.names.get(&id).map_or(String::new(), |n| format!(" {n}"));
        let (op, nested): (String, Vec<(&str, &Body)>) = match &node.op {
            Op::Const(Lit::Float(bits)) => (format!("{:?}", f64::from_bits(*bits)), vec![]),
            Op::Const(Lit::Int(n, _)) => (n.to_string(), vec![]),
            Op::Const(Lit::Bool(x)) => (x.to_string(), vec![]),
            Op::Param(k) => (format!("param {k}"), vec![]),
            Op::Size(size) => (format!("size {}", f.sizes[size.0 as usize]), vec![]),
            Op::Call(prim, args) => (format!("{}({})", prim.name(), list(args)), vec![]),
            Op::Cast(x) => (format!("cast %{}", x.0), vec![]),
            Op::Array(elements) => (format!("[{}]", list(elements)), vec![]),
            Op::Index { array, at } => (format!("%{}[{}]", array.0, list(at)), vec![]),
            Op::Update { array, at, value, store } => {
                let sign = match store {
                    Store::Set => "=",
                    Store::Add => "+=",
                };
                (format!("%{} with [{}] {sign} %{}", array.0, list(at), value.0), vec![])
            }
            Op::Push { array, value } => (format!("%{} push %{}", array.0, value.0), vec![]),
            Op::Len(array, axis) => (format!("len %{} {axis}", array.0), vec![]),
            Op::Get(node, k) => (format!("%{}.{k}", node.0), vec![]),
            Op::If { cond, then, otherwise, captures } => (
                format!("if %{} captures ({})", cond.0, list(captures)),
                vec![("then", &**then), ("else", &**otherwise)],
            ),
            Op::Build { lens, body, captures } => {
                (format!("build [{}] captures ({})", list(lens), list(captures)), vec![("element", &**body)])
            }
            Op::Fold { lo, hi, direction, inits, body, captures } => (
                format!("fold %{}..%{} {direction:?} from ({}) captures ({})", lo.0, hi.0, list(inits), list(captures)),
                vec![("step", &**body)],
            ),
            Op::While { cond, inits, body, captures } => (
                format!("while from ({}) captures ({})", list(inits), list(captures)),
                vec![("cond", &**cond), ("step", &**body)],
            ),
        };
        let _ = writeln!(text, "{indent}%{}{name}: {ty} = {op}", id.0);
        for (label, nested) in nested {
            let _ = writeln!(text, "{indent}  {label}:");
            print_body(f, nested, depth + 2, text);
        }
    }
    let _ = writeln!(text, "{indent}-> {}", list(&body.results));
}
