//! The texts of the functions, and their copy into programs that stand alone.

/// One function of this crate: what it is called, what it computes, and the Rust text that defines it.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name in Rust, and in a formula.
    pub name: &'static str,
    /// The names of the arguments.
    pub arguments: &'static [&'static str],
    /// One line that says what it computes.
    pub doc: &'static str,
    /// The definition, documented, over the float type `Real`.
    pub text: &'static str,
    /// The functions of this crate that the text calls.
    pub calls: &'static [&'static str],
}

/// The text that defines the function of that name over the float type `Real`; `None` if there is no such function.
///
/// ```
/// assert!(grad_math::source("sigmoid").unwrap().contains("pub fn sigmoid(x: Real) -> Real"));
/// assert_eq!(grad_math::source("bessel"), None);
/// ```
pub fn source(name: &str) -> Option<&'static str> {
    crate::FUNCTIONS.iter().find(|function| function.name == name).map(|function| function.text)
}

#[cfg(feature = "text")]
pub use embedding::embed;

#[cfg(feature = "text")]
mod embedding {
    use alloc::string::String;

    use super::Function;
    use crate::FUNCTIONS;

    /// The Rust text of the functions named and of all that they call, each once, private, over the float type `real`
    /// (`"f64"` or `"f32"`), in the order of [`FUNCTIONS`].
    ///
    /// It compiles alone, with std and without a warning, as long as each function is used. The doc comments are kept,
    /// but for the examples, which need this crate. A name that is not in [`FUNCTIONS`] adds nothing.
    ///
    /// ```
    /// let text = grad_math::embed(&["softplus"], "f32");
    /// assert!(text.contains("fn softplus(x: f32) -> f32"));
    /// ```
    pub fn embed(names: &[&str], real: &str) -> String {
        let mut wanted = [false; FUNCTIONS.len()];
        names.iter().for_each(|name| want(name, &mut wanted));
        let mut text = String::new();
        for (function, _) in FUNCTIONS.iter().zip(wanted).filter(|(_, wanted)| *wanted) {
            if !text.is_empty() {
                text.push('\n');
            }
            push_definition(function, real, &mut text);
        }
        text
    }

    /// Marks a function and, once, those that it calls; the depth is bounded by the number of functions.
    fn want(name: &str, wanted: &mut [bool; FUNCTIONS.len()]) {
        let Some(at) = FUNCTIONS.iter().position(|function| function.name == name) else { return };
        if !wanted[at] {
            wanted[at] = true;
            FUNCTIONS[at].calls.iter().for_each(|callee| want(callee, wanted));
        }
    }

    fn push_definition(function: &Function, real: &str, text: &mut String) {
        // The example ends the doc comment.
        let (before, after) = function.text.split_once("///\n/// # Example\n").unwrap_or((function.text, ""));
        let code = after.lines().skip_while(|line| line.starts_with("///"));
        before.lines().chain(code).for_each(|line| push_line(line, real, text));
    }

    fn push_line(line: &str, real: &str, text: &mut String) {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        if real == "f64" {
            // Over f64 itself the conversions to and from f64 are not conversions, and clippy would say so.
            text.push_str(&unwiden(line).replace(" as Real", "").replace("Real", real));
        } else {
            text.push_str(&line.replace("Real", real));
        }
        text.push('\n');
    }

    /// Replaces each `f64::from(argument)` by its argument, which holds no parentheses.
    fn unwiden(line: &str) -> String {
        let mut text = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("f64::from(") {
            let (argument, behind) = after.split_once(')').expect("a conversion is closed on its line");
            text.push_str(before);
            text.push_str(argument);
            rest = behind;
        }
        text.push_str(rest);
        text
    }
}
