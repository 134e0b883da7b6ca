//! What people call by other names, and what to write for it.

/// Functions of other languages that are not in this one, each with what to write.
const FUNCTIONS: &[(&[&str], &str)] = &[
    (&["len", "length", "size", "numel"], "a length has the name that its declaration gives it: `n` in `x: [n];`"),
    (&["std", "stdev", "stddev", "sd"], "write `sqrt(var(x))`"),
    (&["average", "avg"], "write `mean(x)`"),
    (&["minimum", "fmin"], "write `min(x, y)`"),
    (&["maximum", "fmax"], "write `max(x, y)`"),
    (&["fabs"], "write `abs(x)`"),
    (&["mod", "fmod", "remainder"], "write `rem(x, y)`, which has the sign of `x`"),
    (&["square"], "write `x^2`"),
    (&["heaviside", "step"], "write `if x > 0 then 1 else 0`"),
    (&["normcdf", "norm_cdf", "ncdf", "Φ"], "write `0.5 * erfc(-x / sqrt(2))`"),
    (&["normpdf", "norm_pdf", "φ"], "write `exp(-x^2 / 2) / sqrt(2 * pi)`"),
    (&["erfinv", "norminv", "probit"], "there is no inverse of the error function"),
    (&["gamma", "Γ", "tgamma"], "write `exp(lgamma(x))` where x > 0"),
    (&["factorial", "fact"], "write `exp(lgamma(n + 1))`, or `prod(i in 1..n + 1: i)`"),
    (&["beta", "Beta", "B"], "write `exp(lgamma(x) + lgamma(y) - lgamma(x + y))`"),
    (&["betaln", "lbeta"], "write `lgamma(x) + lgamma(y) - lgamma(x + y)`"),
    (&["binomial", "choose", "comb"], "write `exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))`"),
    (&["logit"], "write `ln(p) - ln_1p(-p)`"),
    (&["outer"], "write `a @ b'`"),
    (&["inner", "vdot"], "write `dot(a, b)`"),
    (&["matmul"], "write `A @ B`"),
    (&["cross"], "write `[a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]]`"),
    (&["cumsum"], "write `[sum(j in 0..i + 1: x[j]) for i in 0..n]`"),
    (&["cumprod"], "write `[prod(j in 0..i + 1: x[j]) for i in 0..n]`"),
    (&["diff"], "write `[x[i + 1] - x[i] for i in 0..n - 1]`"),
    (&["zeros", "ones", "full"], "write `[0 for i in 0..n]`, with the number that it is full of"),
    (&["ifelse", "iif", "cond", "IF", "If"], "write `if c then a else b`"),
    (&["grad", "gradient", "derivative"], "name the function alone: its derivatives are what this tool writes"),
];

/// Words that elsewhere are constants, and what to write.
const CONSTANTS: &[(&[&str], &str)] = &[
    (&["true", "True", "TRUE"], "a condition is a comparison, such as `x > 0`; one that always holds is left out"),
    (&["false", "False", "FALSE"], "a condition is a comparison, such as `x > 0`; what never holds is left out"),
    (&["nan", "NaN", "NAN"], "what is not a number has no derivative; a choice is `if c then a else b`"),
    (&["infinity", "Infinity", "Inf", "INFINITY"], "write `inf`"),
];

/// What to write for a function of another language.
pub(super) fn function(name: &str) -> Option<&'static str> {
    find(FUNCTIONS, name)
}

/// What to write for a constant of another language.
pub(super) fn constant(name: &str) -> Option<&'static str> {
    find(CONSTANTS, name)
}

fn find(table: &[(&[&str], &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(names, _)| names.contains(&name)).map(|(_, help)| *help)
}
