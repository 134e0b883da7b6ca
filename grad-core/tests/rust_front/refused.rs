//! What is refused: the token between « and » is where, and each text must be among the words.

fn refuse(marked: &str, words: &[&str]) {
    let mut expected = Vec::new();
    let mut source = String::new();
    let mut column = 0;
    for c in marked.chars() {
        match c {
            '«' => expected.push((column, String::new())),
            '»' => {
                let start = expected.last().expect("a token has begun").0;
                expected.last_mut().expect("a token has begun").1 = source.chars().skip(start).collect();
            }
            c => {
                source.push(c);
                column += 1;
            }
        }
    }
    let item: syn::ItemFn = syn::parse_str(&source).unwrap_or_else(|e| panic!("{source}: {e}"));
    let rejected = match grad_core::front::rust::read(&item, &Default::default()) {
        Err(rejected) => rejected,
        Ok(_) => panic!("{source}\nis taken"),
    };
    let mut got: Vec<(usize, String)> = rejected
        .problems
        .iter()
        .map(|p| {
            let span = rejected.spans[p.at.0 as usize];
            (span.start().column, span.source_text().unwrap_or_default())
        })
        .collect();
    got.sort();
    expected.sort();
    let said: Vec<String> = rejected.problems.iter().map(ToString::to_string).collect();
    assert_eq!(got, expected, "{source}\n{said:#?}");
    for word in words {
        assert!(said.iter().any(|s| s.contains(word)), "{source}\n{said:#?}\nlacks {word}");
    }
    assert!(rejected.problems.iter().all(|p| p.help.is_some()), "{source}: a problem says what to write instead");
}

macro_rules! refusals {
    ($($test:ident: $source:literal, $($word:literal),+;)*) => {$(
        #[test]
        fn $test() {
            refuse($source, &[$($word),+]);
        }
    )*};
}

refusals! {
    generic: "fn f<«T»: Float>(x: T) -> f64 { 0.0 }", "an `f64` in its signature", "use `T` throughout";
    generic_operations: "fn f<«T»: Copy + std::ops::Mul<Output = T>>(x: T) -> T { x * x }", "bounds of `T`", "`T: Float`";
    generic_unbounded: "fn f<«T»>(x: T) -> T where T: Copy { x }", "bounds of `T`";
    generic_twice: "fn f<«T»: Float, «U»: Float>(x: T) -> T { x }", "type parameter `T`", "type parameter `U`", "one type parameter";
    where_clause: "fn f<const N: usize>(x: f64) -> f64 where «T»: Float { x }", "a bound on this type";
    epsilon: "fn f<T: Float>(x: T) -> T { x + T::«epsilon»() }", "another number for each float type";
    const_kind: "fn f<const «B»: bool>(x: f64) -> f64 { x }", "must be a `usize`";
    method: "fn f(&«self», x: f64) -> f64 { x }", "what `self` is", "into a module";
    asynchronous: "«async» fn f(x: f64) -> f64 { x }", "async";
    unsafety: "«unsafe» fn f(x: f64) -> f64 { x }", "unsafe";
    foreign: "«extern» \"C\" fn f(x: f64) -> f64 { x }", "foreign ABI";
    mutable_tuple: "fn f(p: «&»mut (f64, f64)) -> f64 { p.0 }", "of a struct or a tuple";
    mutable_integers: "fn f(x: f64, y: «&»mut [usize]) -> f64 { x }", "only floats can be written";
    mutable_inside: "fn f(x: (f64, &«mut» [f64])) -> f64 { x.0 }", "inside a parameter";
    vector: "fn f(x: &«Vec»<f64>) -> f64 { x[0] }", "`Vec<f64>`", "`&[f64]`";
    structure: "fn f(x: «Point») -> f64 { x.y }", "`Point`", "parameters of their own";
    slice_of_slices: "fn f(x: &[«&»[f64]]) -> f64 { x[0][0] }", "slice of arrays";
    wide: "fn f(x: f64, k: «i128») -> f64 { x }", "`i64`";
    parameter_struct: "fn f(p: &«Params») -> f64 { 0.0 }", "type `Params`", "into a module with `#[derive_grad]`";
    mixed_signature: "fn f(x: f64, y: «f32») -> f64 { x }", "an `f32` in a function of `f64`";
    nothing_returned: "fn «f»(x: f64) { }", "returns nothing", "`-> f64`";
    integer_returned: "fn f(x: f64) -> (f64, «usize») { (x, 1) }", "only floats";
    length: "fn f(x: [f64; 2 «+» 1]) -> f64 { x[0] }", "const item";

    mixed_literal: "fn f(x: f64) -> f64 { x + «2.0f32» }", "an `f32`";
    mixed_cast: "fn f(x: f32, n: usize) -> f32 { x * n as «f64» as f32 }", "use `f32` throughout";
    mixed_constant: "fn f(x: f32) -> f32 { x * std::f64::consts::«PI» }", "use `f32`";
    integer_and_float: "fn f(x: f64) -> f64 { 2 «*» x }", "do not mix", "`2.0`";
    kinds: "fn f(x: f64, a: usize, b: i32) -> f64 { (a «+» b) as f64 * x }", "`usize` and a `i32`", "as usize";
    index_kind: "fn f(x: &[f64], k: i32) -> f64 { x[«k»] }", "`i32`", "as usize";
    exponent: "fn f(x: f64, n: usize) -> f64 { x.powi(«n») }", "`usize`", "as i32";
    float_exponent: "fn f(x: f64) -> f64 { x.powi(«2.0») }", "`i32` is expected";
    integer_argument: "fn f(x: f64) -> f64 { x.max(«0») }", "an integer stands where a float";
    arms: "fn f(x: f64) -> f64 { let y = «if» x > 0.0 { 1.0 } else { 1 }; x }", "different types";
    condition: "fn f(x: f64) -> f64 { if «x» { 1.0 } else { 2.0 } }", "must be a `bool`";
    unknown_variable: "fn f(weight: f64) -> f64 { «wieght» * 2.0 }", "not a variable", "did you mean `weight`";
    outer_constant: "fn f(x: f64) -> f64 { x * «SCALE» }", "cannot be seen", "const K";
    bare_pi: "fn f(x: f64) -> f64 { x * «PI» }", "std::f64::consts::PI";
    unknown_function: "fn f(x: f64) -> f64 { «helper»(x) }", "`helper` cannot be seen";
    misspelt_function: "fn f(x: f64) -> f64 { «sigmiod»(x) }", "did you mean `sigmoid`";
    method_as_function: "fn f(x: f64) -> f64 { «exp»(x) }", "it is a method";
    function_as_method: "fn f(x: f64) -> f64 { x.«softplus»() }", "derive_grad::math::softplus";
    foreign_function: "fn f(x: f64) -> f64 { other::«sigmoid»(x) }", "other::sigmoid";
    misspelt_method: "fn f(x: f64) -> f64 { x.«sqr»() }", "did you mean `sqrt`";
    unsupported_method: "fn f(x: f64) -> f64 { x.«to_bits»() as f64 }", "`to_bits`";
    too_many_arguments: "fn f(x: f64) -> f64 { x.«exp»(x) }", "takes 0 arguments";
    array_arithmetic: "fn f(x: &[f64; 2]) -> f64 { x «+» 1.0 }", "no arithmetic on arrays";
    bits: "fn f(x: f64, k: usize) -> f64 { let y = x «<<» k; (x «&» k) * y }", "bits", "integers";
    endless: "fn f(x: f64) -> f64 { «loop» { let y = x; } x }", "never ends", "`break`";
    break_with_value: "fn f(x: f64) -> f64 { for i in 0..3 { if x > 1.0 { «break» x; } } x }", "cannot be left with a value", "declared before";
    break_with_other_types: "fn f(x: &[f64; 2]) -> f64 { let y = loop { if x[0] > 1.0 { break «[»x[0]; 2]; } }; y[0] }", "not known to have the type", "let x: f64 = loop";
    choice_of_vecs: "fn f(x: &[f64]) -> f64 { let half = «if» x.len() > 2 { x[..2].to_vec() } else { x.to_vec() }; half[0] }", "have different lengths", "one array of that length";
    choice_of_assigned_vecs: "fn f(x: &[f64]) -> f64 { let half; «if» x.len() > 2 { half = x[..2].to_vec(); } else { half = x.to_vec(); } half[0] }", "`half` has different lengths", "one array of that length";
    later_without_a_type: "fn f(x: &[f64; 2]) -> f64 { let y; «if» x[0] > 1.0 { y = [x[0], 1.0]; } else { return 1.0; } y[0] }", "the type of `y` cannot be told", "let y: f64;";
    break_in_expression: "fn f(x: f64) -> f64 { let mut y = 0.0; for i in 0..3 { «let» z = if x > 0.0 { break; } else { x }; y += z; } y }", "inside an expression", "statement of its own";
    break_outside: "fn f(x: f64) -> f64 { if x > 0.0 { «break»; } x }", "no such loop", "stands in";
    return_vec: "fn f(x: &[f64]) -> Vec<f64> { let y = vec![0.0; 3]; «for» i in 0..3 { if x[i] > 0.0 { return y; } } y }", "`Vec` cannot be returned", "at the end";
    field: "fn f(x: f64) -> f64 { x.«re» }", "fields";
    printing: "fn f(x: f64) -> f64 { «println»!(\"{x}\"); x }", "`println!`";
    unknown_macro: "fn f(x: f64) -> f64 { «my»!(x) }", "`my!`";
    no_value: "fn f(x: f64) -> f64 { x; «}»", "without a value";
    infinite_range: "fn f(x: f64) -> f64 { let mut s = x; for i in 0«..» { s += 1.0; } s }", "both ends";
    float_range: "fn f(x: f64) -> f64 { let mut s = x; for i in 0.0«..»x { s += i; } s }", "integers";
    changing_length: "fn f(x: &[f64]) -> f64 { let mut v = vec![0.0; 2 * x.len()]; for i in 0..3 { v «=» vec![1.0; i]; } v[0] }", "`v` may change its length";
    ragged_rows: "fn f(x: f64) -> f64 { let mut v = vec![vec![x; 2]; 3]; for i in 0..3 { v[i] «=» vec![x; i + 1]; } v[0][0] }", "one length";
    ragged: "fn f(x: f64, n: usize) -> f64 { let v = [vec![x; n], «vec»![x; n + 1]]; v[0][0] }", "one type";
    changing_carry: "fn f(x: f64) -> f64 { let mut v = vec![x; 1]; for i in 0..3 { v «=» vec![x; 2]; } v[0] }", "`v` may change";
    changing_type: "fn f(x: f64) -> f64 { let mut v = x; v «=» [x]; x }", "type of the variable";
    element_type: "fn f(x: f64) -> f64 { let mut v = [x]; v[0] «=» 1; x }", "array's elements";
    bool_cast: "fn f(x: f64) -> f64 { (x > 0.0) «as» f64 }", "`bool` cannot be cast";
    annotated: "fn f(x: f64) -> f64 { let k: usize = «x»; x }", "`usize` is expected";
    wrong_result: "fn f(x: f64) -> f64 { «[»x] }", "signature";
    string: "fn f(x: f64) -> f64 { let s = «\"a\"»; x }", "no place in mathematics";
    array_method: "fn f(x: &[f64; 2]) -> f64 { x.«binary_search»(0) }", "of an array";
    iterator_variable: "fn f(x: &[f64]) -> f64 { let it = x.«iter»(); 0.0 }", "not a value", "where it is used";
    iterator_method: "fn f(x: &[f64]) -> f64 { x.iter().«scan»(0.0, |s, v| None).sum() }", "`scan`", "`for` loop";
    iterator_end: "fn f(x: &[f64]) -> f64 { x.iter().«position»(|v| *v > 0.0); 0.0 }", "`position`", "`if let Some(…) = …`";
    optional_item: "fn f(x: &[f64]) -> f64 { x.iter().«last»(); 0.0 }", "`Option`", ".unwrap()";
    filtered_length: "fn f(x: &[f64]) -> Vec<f64> { x.iter().filter(|v| **v > 0.0).«collect»() }", "a `filter` leaves", "no weight";
    filtered_zip: "fn f(x: &[f64]) -> f64 { x.iter().filter(|v| **v > 0.0).«zip»(x).map(|(a, b)| a * b).sum() }", "a `filter` leaves", "put the `filter` last";
    summed_kind: "fn f(x: &[f64], k: &[usize]) -> f64 { k.iter().«sum»::<f64>() }", "do not mix";
    summed_pairs: "fn f(x: &[f64]) -> f64 { x.iter().zip(x).«sum»() }", "only numbers", "`map`";
    collected_pairs: "fn f(x: &[f64]) -> f64 { let v: Vec<_> = x.iter().zip(x).«collect»(); 0.0 }", "tuples", "of its own";
    folded_type: "fn f(x: &[f64]) -> f64 { x.iter().«fold»(0, |a, v| a as f64 + v) }", "changes its type";
    ragged_collect: "fn f(x: &[f64]) -> f64 { let v: Vec<Vec<f64>> = (0..3).map(|i| vec![0.0; i]).«collect»(); 0.0 }", "one length";
    closure_arguments: "fn f(x: f64) -> f64 { let g = |y: f64| y * y; «g»(x, x) }", "takes 1 argument";
    closure_body_once: "fn f(x: f64) -> f64 { let g = |y: f64| «foo»(y); g(x) + g(1.0) }", "`foo`";
    moved_state: "fn f(x: f64) -> f64 { let mut n = 0.0; let mut g = «move» |y: f64| { n += y; n }; g(x) }", "of its own", "leave `move` out";
    recursion: "fn f(x: f64) -> f64 { fn g(y: f64) -> f64 { if y < 1.0 { y } else { «g»(0.5 * y) } } g(x) }", "calls itself", "loop";
    mutual_recursion: "fn f(x: f64) -> f64 { fn g(y: f64) -> f64 { h(y) } fn h(y: f64) -> f64 { «g»(y) } g(x) }", "calls itself";
    closure_value: "fn f(x: f64) -> f64 { let g = |y: f64| y; 1.0 + «g» }", "call it";
    closure_choice: "fn f(x: f64) -> f64 { let g = «if» x > 0.0 { |y: f64| y } else { |y: f64| -y }; 1.0 }", "different types";
    return_in_closure_loop: "fn f(x: f64) -> f64 { let g = |y: f64| { «for» i in 0..3 { if y > 1.0 { return y; } } 0.0 }; g(x) }", "inside a loop", "`break`";
    not_a_function: "fn f(x: f64) -> f64 { «x»(1.0) }", "not a function";
    repointed: "fn f(x: f64) -> f64 { let mut a = [x]; let mut b = [x]; let mut r = &mut a; r «=» &mut b; r[0] = 1.0; a[0] }", "something else";
    dangling: "fn f(x: f64) -> f64 { let r = { let mut a = [x]; &mut a «}»; r[0] = 1.0; x }", "ends with the block";
    dangling_closure: "fn f(x: f64) -> f64 { let mut g = { let mut s = x; |y: f64| s += y «}»; g(1.0); x }", "ends with the block";
    skipped_effects: "fn f(x: &[f64]) -> f64 { let mut n = 0.0; let s: f64 = x.iter().map(|v| { n += v; n }).«skip»(1).sum(); s }", "assign variables", "`for` loop";
    folded_length: "fn f(x: &[f64], n: usize) -> f64 { let v = x.iter().«fold»(vec![0.0; n + 2], |v, _| v[1..].to_vec()); v[0] }", "change its length";
    pattern_constant: "fn f(x: f64, k: usize) -> f64 { match k { «LIMIT» => x, _ => 1.0 } }", "`LIMIT`", "in the body";
    pattern_variant: "fn f(x: f64, k: usize) -> f64 { match k { «Some»(j) => x, _ => 1.0 } }", "not supported", "integers";
    pattern_type: "fn f(x: f64, k: usize) -> f64 { match k { «true» => x, _ => 1.0 } }", "does not fit";
    pattern_length: "fn f(x: &[f64; 3]) -> f64 { let «[»a, b] = x; a + b }", "does not fit", "for each element";
    pattern_parts: "fn f(x: f64) -> f64 { let «(»a, b, c) = (x, x); a + b }", "does not fit";
    part_assigned: "fn f(x: f64) -> f64 { let mut a = [x; 4]; a[1..3] «=» [x; 2]; a[0] }", "copy_from_slice";
    pushed_in_a_loop: "fn f(x: &[f64]) -> f64 { let mut v = vec![1.0]; for i in 0..3 { if x[i] > 0.0 { v.«push»(x[i]); } } v[0] }", "not known", "vec![0.0; n]";
    growing: "fn f(x: f64) -> f64 { let mut v = vec![x]; v.«extend»([1.0]); v[0] }", "keeps its length";
    sorting: "fn f(x: f64) -> f64 { let mut v = [x, 1.0]; v.«sort_by»(|a, b| a.total_cmp(b)); v[0] }", "sort outside";
    several: "fn f(x: f64) -> f64 { let a = «foo»(x); let b = a + x; let c = x.«bar»(); let d = b * c; d * x.max(«1») }",
        "`foo`", "`bar`", "an integer";
    several_in_a_loop: "fn f(x: &[f64]) -> f64 { let mut s = 0.0; let mut t = 1.0; for i in 0..x.len() { s += «foo»(x[i]); t *= x[i].«bar»(); } s * t + «baz»(x[0]) }",
        "`foo`", "`bar`", "`baz`";
    several_in_arms: "fn f(x: f64) -> f64 { let mut y = x; if «foo»(x) { y = x.«bar»(); } else { y = «baz»(x); } y + 1.0 }", "`foo`";
    several_in_a_sum: "fn f(x: f64) -> f64 { «foo»(x) + «bar»(x) + «baz»(x) }", "`foo`", "`bar`", "`baz`";
}
