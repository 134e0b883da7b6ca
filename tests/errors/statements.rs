// Statements and expressions that have no place in mathematics.

use derive_grad::derive_grad;
use std::collections::HashMap;

#[derive_grad]
pub fn literals(x: f64) -> f64 {
    let a = "abc";
    let b = 'c';
    let c = b'd';
    let d = 1u128;
    let e = 99999999999999999999;
    let f = 1e3_f32;
    x
}

#[derive_grad]
pub fn expressions(x: f64, r: Result<f64, ()>) -> f64 {
    let a = r?;
    let b = unsafe { x };
    let c = async { x };
    let d = 0..3;
    let e = &raw const x;
    let f = const { 2.0 };
    let g = x as char;
    let h = <f64 as Default>::default();
    let i = <f64>::MAX;
    let j = (|y: f64| y)(x);
    let k: Option<f64> = None;
    let k = None;
    let m = try { x };
    let n = yield x;
    let o = _;
    let l: String;
    x
}

#[derive_grad]
pub fn calls(x: f64) -> f64 {
    let a = Some(x);
    let b = Box::new(x);
    let c = String::new();
    let d: HashMap<usize, f64> = HashMap::new();
    let e = std::time::Instant::now();
    let f = std::thread::spawn(|| 1.0);
    let g = std::cell::Cell::new(x);
    let h = std::mem::replace(&mut 1.0, 2.0);
    let i = Ok(x);
    let j = std::cmp::max(x, 1.0);
    let k = f64::sin();
    let l = f64::from(x > 0.0);
    drop(a);
    let m: HashMap<usize, f64> = HashMap::with_capacity(1);
    let m = HashMap::with_capacity(1);
    let n = rand::random();
    let o = std::mem::size_of::<f64>();
    let p = std::fs::read("a");
    let q = std::iter::repeat(x);
    x
}

#[derive_grad]
pub fn macros(x: f64, n: usize) -> f64 {
    println!("{x}");
    let text = format!("{x}");
    let unknown = matches!(n);
    let y = square!(x);
    let v = vec![x; 1; 2];
    let z = x + panic!("no");
    y + dbg!(x)
}

#[derive_grad]
pub fn items(x: f64) -> f64 {
    static K: f64 = 1.0;
    struct S;
    enum E {}
    type T = f64;
    union U {
        a: f64,
    }
    impl S {}
    trait Tr {}
    macro_rules! square {
        ($x:expr) => {
            $x * $x
        };
    }
    mod inner {}
    async fn later() {}
    x
}

pub fn used(x: f64) -> f64 {
    let mut sum = literals_grad(x).1 + calls_grad(x).1 + macros_grad(x, 1).1 + items_grad(x).1;
    sum += expressions_grad(x, Ok(x)).0;
    sum
}
