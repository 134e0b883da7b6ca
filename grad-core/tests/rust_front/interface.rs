//! What is kept of a signature, in rustfmt's spelling.

use grad_core::emit::{Axis, Layout};
use grad_core::front::rust::{Module, read, read_signature};
use grad_core::ir::{Dim, Elem, Float, SizeId, Type};

#[test]
fn the_whole_of_a_signature() {
    let source = "/// Documented.
        #[inline(always)] #[cfg(feature = \"x\")] #[allow(clippy::many_single_char_names, unused)] #[must_use]
        pub(crate) fn loss<'a, 'b: 'a, const N: usize>(
            w: &'a [f64; N], m: & [[ f64;3 ]; 2], mut b: f64, xs: &'b [[f64; D::LEN]], idx: [usize; 4], k: &f64, flag: bool,
        ) -> (f64, [[f64; 3]; N], Vec<f64>) where 'b: 'a { (b, [[0.0; 3]; N], vec![0.0; 3]) }";
    let item: syn::ItemFn = syn::parse_str(source).expect("it is Rust");
    let primal = read(&item, &Module::default()).unwrap_or_else(|r| panic!("{:#?}", r.problems));
    let i = primal.interface;
    assert_eq!(i.name, "loss");
    assert_eq!(i.visibility, "pub(crate)");
    assert_eq!(
        i.attributes,
        ["#[inline(always)]", "#[cfg(feature = \"x\")]", "#[allow(clippy::many_single_char_names, unused)]"]
    );
    assert_eq!(i.generics, "<'a, 'b: 'a, const N: usize>");
    assert_eq!(i.generic_args, "<N>");
    assert_eq!(i.where_clause, "where 'b: 'a");
    assert_eq!(i.sizes, ["N", "xs.len()", "D::LEN"]);
    assert_eq!(i.math, "::derive_grad::math::");
    let types: Vec<(&str, &str, bool)> = i.params.iter().map(|p| (p.ty.as_str(), p.owned.as_str(), p.by_ref)).collect();
    let written: Vec<&str> = i.args.iter().map(|a| a.ty.as_str()).collect();
    assert_eq!(written, ["&'a [f64; N]", "&[[f64; 3]; 2]", "f64", "&'b [[f64; D::LEN]]", "[usize; 4]", "&f64", "bool"]);
    assert_eq!(
        types,
        [
            ("&[f64; N]", "[f64; N]", true),
            ("&[[f64; 3]; 2]", "[[f64; 3]; 2]", true),
            ("f64", "f64", false),
            ("&[[f64; D::LEN]]", "Vec<[f64; D::LEN]>", true),
            ("[usize; 4]", "[usize; 4]", false),
            ("&f64", "f64", true),
            ("bool", "bool", false),
        ]
    );
    assert_eq!(i.params[3].layout, Layout::Nested(vec![Axis::Slice, Axis::Array]));
    assert_eq!(i.params[2].layout, Layout::Scalar);
    let results: Vec<&str> = i.results.iter().map(|r| r.ty.as_str()).collect();
    assert_eq!(results, ["f64", "[[f64; 3]; N]", "Vec<f64>"]);
    let f = primal.function;
    assert_eq!(f.sizes.iter().map(|s| &**s).collect::<Vec<_>>(), ["N", "xs_len", "D::LEN"]);
    assert_eq!(*f.param_type(3), Type::array(Elem::Float, vec![Dim::Size(SizeId(1)), Dim::Size(SizeId(2))]));
    assert_eq!(primal.params.len(), 7);
}

#[test]
fn the_signature_of_a_formula() {
    let item: syn::TraitItemFn = syn::parse_str("fn f(w: &[f32; 2], x: &[f32], b: f32) -> f32;").expect("it is Rust");
    let form = read_signature(&item.sig, &syn::Visibility::Inherited, &item.attrs, &Module::default())
        .unwrap_or_else(|r| panic!("{:#?}", r.problems));
    assert_eq!(form.float, Float::F32);
    let names: Vec<&str> = form.params.iter().map(|p| &*p.0).collect();
    assert_eq!(names, ["w", "x", "b"]);
    assert_eq!(form.params[1].1, Type::array(Elem::Float, vec![Dim::Size(SizeId(0))]));
    assert_eq!(form.interface.sizes, ["x.len()"]);
    assert_eq!(form.results, [Type::FLOAT]);
    let item: syn::TraitItemFn = syn::parse_str("fn f<T>(x: T, y: (f64, &mut f64)) -> f64;").expect("it is Rust");
    let rejected = read_signature(&item.sig, &syn::Visibility::Inherited, &item.attrs, &Module::default())
        .expect_err("it is refused");
    assert_eq!(rejected.problems.len(), 2);
}

#[test]
fn names_and_origins() {
    let item: syn::ItemFn = syn::parse_str(
        "fn f(x: &[f64]) -> f64 { let mut total = 0.0; for i in 0..x.len() { let z = x[i].exp(); total += z; } total }",
    )
    .expect("it is Rust");
    let primal = read(&item, &Module::default()).unwrap_or_else(|r| panic!("{:#?}", r.problems));
    let body = &primal.function.body;
    assert!(body.names.values().any(|n| &**n == "total"));
    let inner = body.nodes.iter().find_map(|n| match &n.op {
        grad_core::ir::Op::Fold { body, .. } => Some(body),
        _ => None,
    });
    let inner = inner.expect("there is a loop");
    for name in ["i", "total", "z"] {
        assert!(inner.names.values().any(|n| &**n == name), "{name} in {:?}", inner.names);
    }
    let texts: Vec<String> = inner
        .ids()
        .filter_map(|id| inner.origin(id))
        .map(|o| primal.spans[o.0 as usize].source_text().unwrap_or_default())
        .collect();
    assert!(texts.iter().any(|t| t == "exp") && texts.iter().any(|t| t == "+="), "{texts:?}");
}
