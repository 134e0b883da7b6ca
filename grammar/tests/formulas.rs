//! What formulas mean: each parses, and prints as given; a fully parenthesised spelling says the same.

use grad_grammar::{ExprKind, Formula, Item, ParamType, SubscriptKind, parse, print};

fn formula(source: &str) -> Formula {
    parse(source).unwrap_or_else(|errors| panic!("{source:?}: {errors:?}"))
}

#[track_caller]
fn prints(source: &str, printed: &str) {
    let formula = formula(source);
    assert_eq!(print(&formula), printed);
    let again = self::formula(printed);
    assert_eq!(formula.without_spans(), again.without_spans(), "{source:?} printed as {printed:?}");
}

#[track_caller]
fn same(source: &str, explicit: &str) {
    assert_eq!(formula(source).without_spans(), formula(explicit).without_spans(), "{source:?} is not {explicit:?}");
}

#[test]
fn precedence() {
    for (source, explicit) in [
        ("-x^2", "-(x^2)"),
        ("2^-1", "2^(-1)"),
        ("2^-x^2", "2^(-(x^2))"),
        ("2^-x*3", "(2^(-x))*3"),
        ("a^b^c", "a^(b^c)"),
        ("a**b**c", "a^(b^c)"),
        ("-a*b", "(-a)*b"),
        ("a*-b", "a*(-b)"),
        ("a*-b*c", "(a*(-b))*c"),
        ("a-b-c", "(a-b)-c"),
        ("a/b*c", "(a/b)*c"),
        ("a@b·c", "(a@b)@c"),
        ("a⋅b×c÷d", "((a@b)*c)/d"),
        ("a−b", "a-b"),
        ("−a", "-a"),
        ("a+b*c", "a+(b*c)"),
        ("a+b<c*d", "(a+b)<(c*d)"),
        ("not a<b", "not (a<b)"),
        ("not a and b", "(not a) and b"),
        ("a or b and c", "a or (b and c)"),
        ("a and b or c", "(a and b) or c"),
        ("a + not b == c", "a + (not (b == c))"),
        ("a and not b or c", "(a and (not b)) or c"),
        ("x'^2", "(x')^2"),
        ("-x'", "-(x')"),
        ("-x[1]", "-(x[1])"),
        ("x[i]'", "(x[i])'"),
        ("f(x)[0]", "(f(x))[0]"),
        ("A'[i]", "(A')[i]"),
        ("√x^2", "(√x)^2"),
        ("√x'", "√(x')"),
        ("√(x)'", "(√(x))'"),
        ("√(x) + 1", "√x + 1"),
        ("√√x", "√(√(x))"),
        ("-√x", "-(√(x))"),
        ("if a then b else c + d", "if a then b else (c + d)"),
        ("a + if b then c else d + e", "a + (if b then c else (d + e))"),
        ("if a then if b then c else d else e", "if a then (if b then c else d) else e"),
        ("if if a then b else c then d else e", "if (if a then b else c) then d else e"),
        ("where(c, a, b)", "if c then a else b"),
        ("piecewise (c : a, d : b, otherwise : z )", "if c then a else if d then b else z"),
        ("x ≤ y ≠ z ≥ w", "x <= y != z >= w"),
        ("w·x", "w @ x"),
        ("w\u{387}x", "w @ x"),
        ("2.·x", "2.0 @ x"),
        ("((x))", "x"),
        ("f(a, b,)", "f(a, b)"),
        ("[a, b,]", "[a, b]"),
        ("(a, b,)", "(a, b)"),
        ("x[i,]", "x[i]"),
        ("1.", "1.0"),
        (".5", "0.5"),
        ("1E3", "1e3"),
        ("1e+3", "1e3"),
    ] {
        same(source, explicit);
    }
}

#[test]
fn spellings() {
    for (source, printed) in [
        ("2.5*x1+1e-3", "2.5 * x1 + 0.001"),
        ("1e-30 + 1e30 + 10000000000000000000000", "1e-30 + 1e30 + 10000000000000000000000"),
        ("π+σ(x)", "π + σ(x)"),
        ("0<x<1", "0 < x < 1"),
        ("(0<x)<1", "(0 < x) < 1"),
        ("0<(x<1)", "0 < (x < 1)"),
        ("(-x)^2", "(-x)^2"),
        ("a-(b-c)", "a - (b - c)"),
        ("a-(-b)", "a - -b"),
        ("(a*b)*(c*d)", "a * b * (c * d)"),
        ("(a^b)^c", "(a^b)^c"),
        ("(a+b)'", "(a + b)'"),
        ("(a+b)[i]", "(a + b)[i]"),
        ("(if a then b else c) + d", "(if a then b else c) + d"),
        ("if a then b else (if c then d else e)", "if a then b else (if c then d else e)"),
        ("if a then b else if c then d else e", "if a then b else if c then d else e"),
        ("huber(r,d=2)", "huber(r, d = 2)"),
        ("x[i]+A[i,j]+x[a..b]+A[..,1..]+x[..n]", "x[i] + A[i, j] + x[a..b] + A[.., 1..] + x[..n]"),
        ("x[0..1.]", "x[0..1.0]"),
        ("[[a,b],[c,d]]", "[[a, b], [c, d]]"),
        ("[x[i]^2 for i in 0..n]", "[x[i]^2 for i in 0..n]"),
        ("[x[i]*y[j] for i in 0..n, j in i+1..m if i != j]", "[x[i] * y[j] for i in 0..n, j in i + 1..m if i != j]"),
        ("sum(i in 0..n: x[i])", "sum(i in 0..n: x[i])"),
        ("max(i in 0..n, j in 0..m if i<j: A[i,j])", "max(i in 0..n, j in 0..m if i < j: A[i, j])"),
        (
            "sum(i in (if a then 0 else 1)..n if if p then q else r: if s then t else u)",
            "sum(i in if a then 0 else 1..n if if p then q else r: if s then t else u)",
        ),
        ("x;", "x"),
        ("x; x^2", "x;\nx^2"),
        ("x, y: scalar; x*y", "x, y;\nx * y"),
        ("x: [d]; y: [d]; x·y", "x: [d], y: [d];\nx · y"),
        ("at: index[n], A: [2, m], k: index,; A[at[k]]", "at: index[n], A: [2, m], k: index;\nA[at[k]]"),
        ("(a, b)", "(a, b)"),
        ("let z = 1; (z, z^2);", "let z = 1\n(z, z^2)"),
        ("fn f(r, d = 1.0) = r/d; f(2)", "fn f(r, d = 1.0) = r / d\nf(2)"),
        ("fn one() = 1; one()", "fn one() = 1\none()"),
        ("where + piecewise + otherwise + index + scalar", "where + piecewise + otherwise + index + scalar"),
        ("where: [index], scalar: index[n]; where", "where: [index], scalar: index[n];\nwhere"),
        ("lets + iff + forx + notx + inn + _x", "lets + iff + forx + notx + inn + _x"),
        ("\u{feff}x\u{a0}+\u{2009}y\t", "x + y"),
        ("naïve + Ω_1 + 变量 + x̂", "naïve + Ω_1 + 变量 + x̂"),
        ("√√(x)' + √√√y^2 + √(√(x))[0]", "√(√(x)') + √√√(y)^2 + √(√(x))[0]"),
        ("f(x == y, d == 2)", "f(x == y, d == 2)"),
        ("sum (i in 0 .. n : x [i])", "sum(i in 0..n: x[i])"),
    ] {
        prints(source, printed);
    }
}

#[test]
fn lines() {
    for (source, printed) in [
        ("let a = x\n(a + 1)", "let a = x\na + 1"),
        ("let a = x\r\n[a]", "let a = x\n[a]"),
        ("let a = x\r- a", "let a = x\n-a"),
        ("let a = x # a comment; with ( brackets\n\n  # another\n+ a", "let a = x\n+a"),
        ("let a = x\nnot a", "let a = x\nnot a"),
        ("let a = x\n√a", "let a = x\n√(a)"),
        ("let a = x'\na", "let a = x'\na"),
        ("let a = x +\n y\na", "let a = x + y\na"),
        ("let a = x\n  * y\na", "let a = x * y\na"),
        ("let a = x\n  and y\na", "let a = x and y\na"),
        ("let a = x\n  <= y\na", "let a = x <= y\na"),
        ("let a =\n\n x\na", "let a = x\na"),
        ("let\na\n=\nx\na", "let a = x\na"),
        ("let a = if c\nthen x\nelse if d then\ny\nelse\nz\na", "let a = if c then x else if d then y else z\na"),
        ("let a = f(x,\n(y)\n)\na", "let a = f(x, y)\na"),
        ("let a = [x\n[0]]\na", "let a = [x[0]]\na"),
        ("let a = 1; let b = 2; a + b", "let a = 1\nlet b = 2\na + b"),
        ("let a = 1;\n;\nlet b = 2;;\n\na + b;\n;", "let a = 1\nlet b = 2\na + b"),
        (
            "x: [n],\n y: [n];\n\nlet d = x - y\nfn sq(v)\n = v^2\n\nsum(sq(d))\n",
            "x: [n], y: [n];\nlet d = x - y\nfn sq(v) = v^2\nsum(sq(d))",
        ),
        ("(a,\n # why\n b)\n# end", "(a, b)"),
    ] {
        prints(source, printed);
    }
    prints("a\n+ b\n\n- c # the end\n", "a + b - c");
}

#[test]
fn the_sample_of_the_contract() {
    let source = "# multiclass hinge loss of one example, and its regulariser          (# starts a comment)\n\
        W: [c, d], x: [d], y: index, lambda;                                 \n\
        let s = W @ x\n\
        sum(j in 0..c if j != y: max(0, s[j] - s[y] + 1)) + 0.5 * lambda * sum(W^2)\n";
    prints(
        source,
        "W: [c, d], x: [d], y: index, lambda;\nlet s = W · x\n\
         sum(j in 0..c if j != y: max(0, s[j] - s[y] + 1)) + 0.5 * lambda * sum(W^2)",
    );
    let formula = formula(source);
    assert_eq!(formula.params.len(), 4);
    assert!(matches!(&formula.params[0].ty, ParamType::Array(dims) if dims.len() == 2));
    assert_eq!(formula.params[2].ty, ParamType::Index);
    assert_eq!(formula.params[3].ty, ParamType::Scalar);
    assert!(matches!(&formula.items[..], [Item::Let { name, .. }] if name.text == "s"));
}

#[test]
fn spans_cover_what_they_say() {
    let source = "x: [n], σ;\nlet a = (x + 1)*y'\nf( (a), d = -(2^b) )[i, 0 .. n]";
    let formula = formula(source);
    let mut texts: Vec<&str> = formula.exprs.iter().map(|expr| &source[expr.span.range()]).collect();
    texts.sort_unstable();
    let mut expected = vec![
        "x",
        "1",
        "x + 1",
        "y",
        "y'",
        "(x + 1)*y'",
        "a",
        "2",
        "b",
        "2^b",
        "-(2^b)",
        "f( (a), d = -(2^b) )",
        "i",
        "0",
        "n",
        "f( (a), d = -(2^b) )[i, 0 .. n]",
    ];
    expected.sort_unstable();
    assert_eq!(texts, expected);
    assert_eq!(&source[formula.params[0].span.range()], "x: [n]");
    assert_eq!(&source[formula.params[1].name.span.range()], "σ");
    let Item::Let { span, name, .. } = &formula.items[0] else { panic!("a let") };
    assert_eq!(&source[span.range()], "let a = (x + 1)*y'");
    assert_eq!(&source[name.span.range()], "a");
    let ExprKind::Index { base, subscripts } = &formula[formula.results[0]].kind else { panic!("an index") };
    assert_eq!(&source[subscripts[1].span.range()], "0 .. n");
    assert!(matches!(subscripts[1].kind, SubscriptKind::Range(Some(_), Some(_))));
    let ExprKind::Call { args, .. } = &formula[*base].kind else { panic!("a call") };
    assert_eq!(&source[args[1].span.range()], "d = -(2^b)");
}

#[test]
fn children_come_before_their_parents_and_each_has_one() {
    let source = "let a = [f(x, d = 2)[0..n, ..] for i in 0..n if i < 2 <= 3]; fn g(x, d = 1) = sum(i in 0..a: x); (√-a', piecewise(a: b, otherwise: c))";
    let formula = formula(source);
    let mut parents = vec![0; formula.exprs.len()];
    for (id, expr) in formula.exprs.iter().enumerate() {
        expr.kind.for_each_child(|child| {
            assert!(child.index() < id);
            parents[child.index()] += 1;
        });
    }
    for item in &formula.items {
        match item {
            Item::Let { value, .. } => parents[value.index()] += 1,
            Item::Fn { params, body, .. } => {
                parents[body.index()] += 1;
                params.iter().filter_map(|param| param.default).for_each(|default| parents[default.index()] += 1);
            }
        }
    }
    formula.results.iter().for_each(|result| parents[result.index()] += 1);
    assert!(parents.iter().all(|count| *count == 1), "{parents:?}");
}

#[test]
fn numbers() {
    let number = |source: &str| match formula(source).exprs[0].kind {
        ExprKind::Number { value, integer } => (value, integer),
        _ => panic!("{source:?} is no number"),
    };
    assert_eq!(number("12"), (12.0, true));
    assert_eq!(number("12."), (12.0, false));
    assert_eq!(number(".5"), (0.5, false));
    assert_eq!(number("1e3"), (1000.0, false));
    assert_eq!(number("1.5E-3"), (0.0015, false));
    assert_eq!(number("0.1"), (0.1, false));
    assert_eq!(number("1e-999"), (0.0, false));
}
