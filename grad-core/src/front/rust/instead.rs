//! What to write instead of the types, calls and expressions of Rust that have no place in what is differentiated, and why.

use syn::{Expr, Lit, Type};

use super::module::type_name;

/// What to do about a type that is not taken, wherever it stands; nothing where only its place is wrong.
pub(super) fn of_type(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::TraitObject(_) => {
            "what a `dyn` calls is known only when running: call a function by its name, or a closure"
        }
        Type::ImplTrait(_) => {
            "name the type; a function to be called belongs into the body, as a closure or an inner `fn`"
        }
        Type::FnPtr(_) => "what a pointer calls is known only when running: call a function by its name, or a closure",
        Type::Ptr(_) => "a raw pointer says nothing about what else changes there: take `&[f64]` or `&mut [f64]`",
        Type::Never(_) => "return the value to differentiate: `-> f64`",
        Type::Infer(_) => "write the type: `f64`, `&[f64]`, `[f64; 3]`",
        Type::Path(_) => of_type_named(&type_name(ty)?)?,
        _ => return None,
    })
}

fn of_type_named(name: &str) -> Option<&'static str> {
    Some(match name {
        "i128" | "u128" => "use `i64` or `u64`",
        "Option" => {
            "whether it holds a number is known only when running: take the number, and a `bool` if it may be missing"
        }
        "Result" => "a gradient is that of a number: handle the error outside, or `panic!` where there is no value",
        "Box" | "Rc" | "Arc" | "Cow" => "take what it holds by reference: `&f64`, `&[f64]`",
        "Cell" | "RefCell" | "Mutex" | "RwLock" | "OnceCell" | "OnceLock" | "AtomicUsize" => {
            "shared state can change behind a `&`: take the number, and return the new one"
        }
        "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "VecDeque" | "BinaryHeap" | "LinkedList" => {
            "copy its numbers into a slice outside, and its keys into indices: `&[f64]`, `&[usize]`"
        }
        "String" | "str" | "char" => "text has no derivative: decide outside, and pass a `bool` or an integer",
        "Complex" | "Complex64" | "Complex32" => "take the real and the imaginary part as two floats",
        "Array" | "Array1" | "Array2" | "ArrayView1" | "ArrayView2" | "DVector" | "DMatrix" | "Matrix" | "Vector"
        | "Vector2" | "Vector3" | "Matrix3" | "Vec2" | "Vec3" | "DVec2" | "DVec3" => {
            "pass its elements as a slice or an array: `&[f64]`, `[f64; 3]`, `&[[f64; M]; N]`"
        }
        "Instant" | "Duration" | "SystemTime" => "take the time outside, and pass it as a float",
        "Thread" | "JoinHandle" | "Sender" | "Receiver" => "run threads outside, each with a gradient of its own",
        _ => return None,
    })
}

/// What to do about a call of a function that is not taken, known by its path without `std`.
pub(super) fn of_call(path: &[&str]) -> Option<&'static str> {
    Some(match path {
        ["Some" | "None"] | ["Option" | "option", ..] => {
            "there are no `Option`s here: choose between two values with `if`"
        }
        ["Ok" | "Err"] | ["Result" | "result", ..] => "return the value itself, and `panic!` where there is none",
        [.., "Box" | "Rc" | "Arc", "new" | "clone"] => "use the value itself: it is not moved to the heap for anything",
        [.., "Cell" | "RefCell" | "Mutex" | "RwLock", _] => "keep the state in a variable of the function: `let mut`",
        [.., "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "VecDeque" | "BinaryHeap", _] => {
            "keep numbers in an array, and find their places outside: `&[usize]`"
        }
        [.., "String", _] | ["format"] => "make text outside the function",
        ["thread", ..] | ["rayon", ..] => "run threads outside, each with a gradient of its own",
        [.., "Instant" | "SystemTime", "now"] => "take the time outside, and pass it as a float",
        ["rand", ..] | [.., "thread_rng" | "random"] => "draw the numbers outside, and pass them as a slice",
        ["mem", "take" | "replace"] => "assign the new value after reading the old one",
        ["drop"] | ["mem", "drop" | "forget"] => "leave it out: the value ends with its block",
        ["mem" | "ptr", ..] => "read and assign the variables themselves",
        ["fs" | "io" | "env" | "net" | "process", ..] => "read the input outside, and pass the numbers",
        ["iter", "successors" | "from_fn" | "repeat" | "repeat_with" | "once", ..] => "count with a `for` loop",
        _ => return None,
    })
}

/// What a literal that is no number is called, and what to do about it.
pub(super) fn of_literal(lit: &Lit) -> (&'static str, &'static str) {
    match lit {
        Lit::Str(_) | Lit::CStr(_) => ("a string", "decide on texts outside, and pass a `bool` or an integer"),
        Lit::Char(_) => ("a character", "decide on texts outside, and pass a `bool` or an integer"),
        Lit::Byte(_) | Lit::ByteStr(_) => ("a byte", "write the number: `97u8`"),
        _ => ("this literal", "use numbers and `bool`s"),
    }
}

/// What an expression that is not taken is called, and what to write instead.
pub(super) fn of_expr(expr: &Expr) -> (&'static str, &'static str) {
    match expr {
        Expr::Break(_) => ("`break` inside an expression is", "make the `if` around it a statement of its own"),
        Expr::Continue(_) => ("`continue` inside an expression is", "make the `if` around it a statement of its own"),
        Expr::Return(_) => ("`return` inside an expression is", "make the `if` around it a statement of its own"),
        Expr::Try(_) => {
            ("`?` is", "a gradient is that of a number: handle the error outside, or `panic!` where there is no value")
        }
        Expr::Await(_) | Expr::Async(_) => ("async code is", "await outside, and pass the numbers"),
        Expr::Unsafe(_) => ("unsafe code is", "what it may change cannot be seen: write it safely, or call it outside"),
        Expr::Range(_) => ("a range is", "use it as what a `for` runs over, or as an index: `&x[a..b]`"),
        Expr::Let(_) => ("a pattern that may not match is", "compare with `==`, or loop over a range of indices"),
        Expr::RawAddr(_) => ("a raw pointer is", "use the variable itself"),
        Expr::Const(_) => ("a `const` block is", "declare a constant: `const K: f64 = …;`"),
        Expr::TryBlock(_) => ("a `try` block is", "handle the error outside the function"),
        Expr::Yield(_) => ("`yield` is", "return an array of the values"),
        Expr::Infer(_) => ("`_` as a value is", "write the value"),
        _ => ("this expression is", "use arithmetic, calls, `if`, `for`, arrays and tuples"),
    }
}
