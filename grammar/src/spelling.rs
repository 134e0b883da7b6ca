//! What people type from other languages, and what to write instead.

/// A spelling that the language does not have.
pub(crate) struct Foreign {
    /// What is typed.
    pub(crate) spelling: &'static str,
    /// What is wrong with it.
    pub(crate) message: &'static str,
    /// What to write.
    pub(crate) help: &'static str,
}

const fn row(spelling: &'static str, message: &'static str, help: &'static str) -> Foreign {
    Foreign { spelling, message, help }
}

/// The spellings, a longer one before its prefix.
const FOREIGN: [Foreign; 47] = [
    row("&&", "`&&` is not an operator here", "write `and`"),
    row("&", "`&` is not an operator here", "write `and`"),
    row("||", "`||` is not an operator here", "write `or`; the norm of a vector is `norm(x)`"),
    row("|", "`|` is not an operator here", "write `or`; the absolute value is `abs(x)`"),
    row("!==", "`!==` is not a comparison", "write `!=`"),
    row("===", "`===` is not a comparison", "write `==`"),
    row("=<", "`=<` is not a comparison", "write `<=`"),
    row("=>", "`=>` is not a comparison", "write `>=`"),
    row("<>", "`<>` is not a comparison", "write `!=`"),
    row(":=", "`:=` does not define", "write `let x = …`"),
    row("..=", "`..=` is not a range", "a range leaves out its end: `0..n` is 0, 1, …, n-1"),
    row("...", "`...` is not a range", "a range is `lo..hi`"),
    row("…", "`…` is not a range", "a range is `lo..hi`"),
    row("//", "`//` is not an operator", "a comment starts with `#`; the quotient rounded down is `floor(a / b)`"),
    row("%", "`%` is not an operator here", "write `rem(a, b)`"),
    row("~", "`~` is not an operator here", "write `not`"),
    row("?", "`?` is not an operator here", "write `if c then a else b`"),
    row("{", "`{` is not a bracket of this language", "group with `( )`, make vectors with `[ ]`"),
    row("}", "`}` is not a bracket of this language", "group with `( )`, make vectors with `[ ]`"),
    row("\"", "a formula has no strings", "write names as they are: `x`"),
    row("“", "a formula has no strings", "write names as they are: `x`"),
    row("”", "a formula has no strings", "write names as they are: `x`"),
    row("`", "a formula has no backquotes", "write names as they are: `x`"),
    row("’", "`’` is not the transpose", "write `x'`, with a plain apostrophe"),
    row("′", "`′` is not the transpose", "write `x'`, with a plain apostrophe"),
    row("\\", "a formula is not LaTeX", "write `sin(x)`, `alpha` or `α`, `a / b`"),
    row("$", "a formula is not LaTeX", "leave the `$` out"),
    row("²", "`²` is not a power here", "write `^2`"),
    row("³", "`³` is not a power here", "write `^3`"),
    row("¹", "`¹` is not a power here", "write `^1`"),
    row("⁰", "`⁰` is not a power here", "write `^0`"),
    row("⁻", "`⁻` is not a power here", "write `^-1`"),
    row("∑", "`∑` is not a name", "write `sum(i in 0..n: …)`"),
    row("∏", "`∏` is not a name", "write `prod(i in 0..n: …)`"),
    row("∞", "`∞` is not a name", "write `inf`"),
    row("∧", "`∧` is not an operator here", "write `and`"),
    row("∨", "`∨` is not an operator here", "write `or`"),
    row("¬", "`¬` is not an operator here", "write `not`"),
    row("∈", "`∈` is not an operator here", "write `i in 0..n`"),
    row("⊤", "`⊤` is not an operator here", "write `x'`"),
    row("∂", "`∂` is not a name", "name the function alone: its derivatives are what this tool writes"),
    row("∇", "`∇` is not a name", "name the function alone: its derivatives are what this tool writes"),
    row("≈", "`≈` is not a comparison", "write `==`, or `abs(a - b) < 1e-9`"),
    row("⩽", "`⩽` is not a comparison", "write `<=`"),
    row("⩾", "`⩾` is not a comparison", "write `>=`"),
    row("∙", "`∙` is not an operator here", "write `·` or `@`"),
    row("•", "`•` is not an operator here", "write `·` or `@`"),
];

/// The row that a text begins with.
pub(crate) fn foreign(text: &str) -> Option<&'static Foreign> {
    // A comment is not a place to look, and `!=` is ours.
    FOREIGN.iter().find(|row| text.starts_with(row.spelling)).or_else(|| {
        const NOT: Foreign =
            row("!", "`!` is not an operator here", "write `not`; the factorial of n is `prod(k in 1..n + 1: k)`");
        (text.starts_with('!') && !text.starts_with("!=")).then_some(&NOT)
    })
}
