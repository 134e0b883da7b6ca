//! Compares every function with values computed in arbitrary precision; `reference.py` wrote them and says how.

use std::collections::BTreeMap;

use grad_math::{FUNCTIONS, Function, double, single};

/// Calls a function by its name at arguments of one float type.
macro_rules! call {
    ($module:ident, $name:expr, $x:expr, $y:expr) => {
        call!(@names $module, $name, $x, $y; [
            sigmoid log_sigmoid softplus selu gelu silu mish softsign sinc one_minus_cos sec csc cot asec acsc acot sech
            csch coth asech acsch acoth xlogx log1mexp gaussian erf erfc erfcx lgamma digamma trigamma
            one_minus_sigmoid log_cosh log_erfc exprel sqrt_1p_m1 xlogx_1p log_half_erfc exprel_slope bernoulli
        ] [elu leaky_relu logaddexp polygamma compound ln_ratio rel_entr])
    };
    (@names $module:ident, $name:expr, $x:expr, $y:expr; [$($unary:ident)*] [$($binary:ident)*]) => {
        match $name {
            $(stringify!($unary) => $module::$unary($x),)*
            $(stringify!($binary) => $module::$binary($x, $y),)*
            other => panic!("reference.csv names `{other}`, which this test does not call"),
        }
    };
}

const REFERENCE: &str = include_str!("reference.csv");

/// One line of the reference.
struct Row<'a> {
    name: &'a str,
    x: f64,
    y: f64,
    /// The double nearest to the value, and the rest of the value.
    value: [f64; 2],
    /// The number whose ulp is the unit of error.
    scale: f64,
}

fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |at: usize| fields[at].parse::<f64>().ok();
        let value = number(3).unwrap();
        Row {
            name: fields[0],
            x: number(1).unwrap(),
            y: number(2).unwrap_or(0.0),
            value: [value, number(4).unwrap()],
            scale: number(5).unwrap_or(value),
        }
    })
}

/// The distance of neighbouring doubles of magnitude `scale`.
fn double_ulp(scale: f64) -> f64 {
    let near = scale.abs().min(f64::MAX.next_down());
    near.next_up() - near
}

/// The distance of neighbouring f32 of magnitude `scale`.
fn single_ulp(scale: f64) -> f64 {
    (double_ulp(scale) * f64::from(1 << 29)).max(f64::from(f32::from_bits(1)))
}

fn error_in_ulp(got: f64, row: &Row<'_>, unit: f64) -> f64 {
    if got == row.value[0] && got.is_infinite() { 0.0 } else { (((got - row.value[0]) - row.value[1]) / unit).abs() }
}

/// An error in ulp and the arguments where it is.
type Worst = (f64, [f64; 2]);

/// The worst error of each function, in f64 and in f32, and where it is.
fn worst(text: &str) -> BTreeMap<&str, [Worst; 2]> {
    let mut worst = BTreeMap::new();
    for row in rows(text) {
        let errors: &mut [Worst; 2] = worst.entry(row.name).or_insert([(0.0, [0.0; 2]); 2]);
        let got = call!(double, row.name, row.x, row.y);
        note(&mut errors[0], error_in_ulp(got, &row, double_ulp(row.scale)), [row.x, row.y]);
        let (x, y) = (row.x as f32, row.y as f32);
        if f64::from(x) == row.x && f64::from(y) == row.y {
            let got = call!(single, row.name, x, y);
            let agree = got == row.value[0] as f32;
            let error = error_in_ulp(f64::from(got), &row, single_ulp(row.scale));
            note(&mut errors[1], if agree { error.min(0.5) } else { error }, [row.x, row.y]);
        }
    }
    worst
}

fn note(worst: &mut Worst, error: f64, at: [f64; 2]) {
    // A NaN where the reference has a number is the worst error of all.
    let error = if error.is_nan() { f64::INFINITY } else { error };
    if error > worst.0 {
        *worst = (error, at);
    }
}

/// The errors that the doc comment of a function states, in f64 and in f32.
fn documented(name: &str) -> Option<[f64; 2]> {
    let text = FUNCTIONS.iter().find(|function| function.name == name)?.text;
    let line = text.lines().find_map(|line| line.strip_prefix("/// Worst error measured: "))?;
    let (double, single) = line.split_once(" ulp in f64, ")?;
    Some([double.parse().ok()?, single.strip_suffix(" ulp in f32.")?.parse().ok()?])
}

/// Writes the errors of a function into its doc comment.
fn document(name: &str, [double, single]: [f64; 2]) {
    let path = format!("{}/src/functions/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let old = text.lines().find(|line| line.starts_with("/// Worst error measured: ")).unwrap();
    // Rounded up.
    let [double, single] = [double, single].map(|error| (error * 10.0 - 1e-9).ceil() / 10.0);
    let line = format!("/// Worst error measured: {double:.1} ulp in f64, {single:.1} ulp in f32.");
    std::fs::write(path, text.replace(old, &line)).unwrap();
}

/// The errors are those that the doc comments state, with one ulp to spare for another platform's `exp` and `ln`; UPDATE=1
/// writes them.
#[test]
fn errors_are_as_documented() {
    let mut failures = Vec::new();
    for (name, errors) in worst(REFERENCE) {
        if std::env::var_os("UPDATE").is_some() {
            document(name, errors.map(|error| error.0));
        }
        let stated = documented(name).unwrap_or_else(|| panic!("{name} states no error"));
        println!("{name:15} f64 {:.2}, f32 {:.2}", errors[0].0, errors[1].0);
        for (error, stated) in errors.into_iter().zip(stated) {
            if error.0 > stated + 1.0 {
                failures.push(format!("{name}({:e}) is off by {:.2} ulp, not {stated}", error.1[0], error.0));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every function that states an error has rows in the reference.
#[test]
fn every_function_is_measured() {
    let measured = worst(REFERENCE);
    for function in FUNCTIONS {
        assert_eq!(documented(function.name).is_some(), measured.contains_key(function.name), "{}", function.name);
    }
}

/// The table of the documented errors, in the crate's page.
#[test]
fn the_table_is_current() {
    let mut table = String::from("| function | f64 | f32 | |\n|---|---|---|---|\n");
    for Function { name, doc, .. } in FUNCTIONS {
        let of = |module| format!("[`{name}`]({module}::{name})");
        let errors = documented(name).map_or([String::new(), String::new()], |e| e.map(|e| format!("{e:.1}")));
        table += &format!("| {} | {} | {} | {} |\n", of("double"), errors[0], errors[1], doc.replace('|', "\\|"));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/accuracy.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), table, "UPDATE=1 writes it");
}

/// The worst points of a file like the reference, of any length, as lines of worst.csv with the error behind:
/// `python reference.py 20000 > FILE`, and its path in SEARCH.
#[test]
#[ignore = "a search over a file that reference.py writes"]
fn search() {
    let text = std::fs::read_to_string(std::env::var("SEARCH").expect("SEARCH names a file")).expect("it can be read");
    for (name, errors) in worst(&text) {
        for ((error, [x, y]), real) in errors.into_iter().zip(["f64", "f32"]) {
            println!("{name},{x:?},{y:?},{error:.2} ulp in {real}");
        }
    }
}

/// The error of a length in ulp, by the rest x² + y² + z² − r² in twice the digits: it is 2r times the error.
fn error_of_length(x: [f64; 3], r: f64) -> f64 {
    let squares = x.map(|x| (x * x, x.mul_add(x, -(x * x))));
    let (square, low) = (r * r, r.mul_add(r, -(r * r)));
    // The largest first: each difference is exact or far below the last place of r².
    let mut parts: Vec<f64> = squares.iter().flat_map(|(high, low)| [*high, *low]).chain([-low]).collect();
    parts.sort_by(|p, q| q.abs().total_cmp(&p.abs()));
    let (mut sum, mut lost) = (-square, 0.0);
    for part in parts {
        let next = sum + part;
        let taken = next - sum;
        lost += (sum - (next - taken)) + (part - taken);
        sum = next;
    }
    ((sum + lost) / (2.0 * r) / double_ulp(r)).abs()
}

/// Lengths are right to 2 ulp, at every scale, and in every order up to the last bits.
#[test]
fn lengths_are_right() {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 * 4.0 - 2.0
    };
    for _ in 0..20_000 {
        let x = [uniform(), uniform(), uniform() * 1e-3];
        let r = double::hypot3(x[0], x[1], x[2]);
        assert!(error_of_length(x, r) <= 2.0, "{x:?}: {r} is off by {} ulp", error_of_length(x, r));
        for scale in [1e-310, 1e-290, 1e-160, 1e160, 1e300] {
            let [x, y, z] = x.map(|x| x * scale);
            let exact = r * scale;
            let got = double::hypot3(x, y, z);
            assert!((got - exact).abs() <= 4.0 * f64::EPSILON * exact + 4e-324, "({x}, {y}, {z}): {got}, not {exact}");
        }
        let [x, y, z] = x.map(|x| x as f32);
        let exact = double::hypot3(x.into(), y.into(), z.into());
        for scale in [1e-35_f32, 1e-20, 1.0, 1e20, 1e35] {
            let got = f64::from(single::hypot3(x * scale, y * scale, z * scale));
            let exact = exact * f64::from(scale);
            assert!((got - exact).abs() <= 4e-7 * exact + 4e-45, "{x}, {y}, {z} times {scale}: {got}, not {exact}");
        }
    }
}
