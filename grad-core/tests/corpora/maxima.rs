//! Maxima's syntax, as the integration suite uses it, to formulas.

use std::collections::BTreeSet;

use grad_core::prim::Prim;

/// `[integrand, variable, steps, antiderivative]` as formulas over the same parameters, the variable first.
pub(crate) struct Integral {
    /// `x, a, b;`
    pub(crate) header: String,
    pub(crate) names: Vec<String>,
    pub(crate) integrand: String,
    pub(crate) antiderivative: String,
}

/// Why an entry is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Skipped {
    Function(String),
    Complex,
    Unreadable(String),
}

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Skipped::Function(name) => write!(f, "the function {name}"),
            Skipped::Complex => write!(f, "the imaginary unit"),
            Skipped::Unreadable(why) => write!(f, "unreadable: {why}"),
        }
    }
}

/// The entries of a file: what stands between the brackets of each.
pub(crate) fn lists(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let (mut depth, mut lists, mut list) = (0, Vec::new(), String::new());
    for c in plain.chars() {
        if c == ']' {
            depth -= 1;
            if depth == 1 {
                lists.push(std::mem::take(&mut list));
            }
        }
        // The file is one list of lists; a bracket inside an entry is part of it.
        if depth >= 2 {
            list.push(c);
        }
        if c == '[' {
            depth += 1;
        }
    }
    lists
}

/// An entry as formulas.
pub(crate) fn integral(list: &str) -> Result<Integral, Skipped> {
    let mut reader = Reader { tokens: tokens(list)?, at: 0, names: BTreeSet::new() };
    let integrand = reader.sum()?.text;
    reader.expect(",")?;
    let variable = reader.next();
    reader.expect(",")?;
    reader.sum()?;
    reader.expect(",")?;
    let antiderivative = reader.sum()?.text;
    if !matches!(reader.peek(), "" | ",") {
        return Err(Skipped::Unreadable(format!("at {}", reader.peek())));
    }
    reader.names.remove(&variable);
    let names: Vec<String> = std::iter::once(variable).chain(reader.names).collect();
    Ok(Integral { header: format!("{};", names.join(", ")), names, integrand, antiderivative })
}

fn tokens(text: &str) -> Result<Vec<String>, Skipped> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut token = c.to_string();
        let mut more = |token: &mut String, is: fn(char) -> bool| {
            while let Some(c) = chars.next_if(|c| is(*c)) {
                token.push(c);
            }
        };
        match c {
            c if c.is_whitespace() => continue,
            '0'..='9' => more(&mut token, |c| c.is_ascii_digit() || c == '.'),
            '%' | '_' | 'a'..='z' | 'A'..='Z' => more(&mut token, |c| c.is_ascii_alphanumeric() || c == '_'),
            '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' => {}
            // Only parameters of hypergeometric functions are lists.
            '[' | ']' => return Err(Skipped::Function("hypergeometric".into())),
            c => return Err(Skipped::Unreadable(format!("the character {c}"))),
        }
        tokens.push(token);
    }
    Ok(tokens)
}

/// How tightly a text binds: as a sum, a product, a sign, a power, an atom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

struct Text {
    text: String,
    binds: Binds,
}

impl Text {
    fn new(binds: Binds, text: String) -> Text {
        Text { text, binds }
    }

    fn at_least(&self, binds: Binds) -> String {
        if self.binds >= binds { self.text.clone() } else { format!("({})", self.text) }
    }
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
    names: BTreeSet<String>,
}

impl Reader {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        let token = self.peek().to_string();
        self.at += 1;
        token
    }

    fn take(&mut self, tokens: &[&str]) -> Option<String> {
        if tokens.contains(&self.peek()) { Some(self.next()) } else { None }
    }

    fn expect(&mut self, token: &str) -> Result<(), Skipped> {
        match self.take(&[token]) {
            Some(_) => Ok(()),
            None => Err(Skipped::Unreadable(format!("{} where {token} is due", self.peek()))),
        }
    }

    fn sum(&mut self) -> Result<Text, Skipped> {
        let mut left = self.product()?;
        while let Some(op) = self.take(&["+", "-"]) {
            let right = self.product()?;
            let text = format!("{} {op} {}", left.text, right.at_least(Binds::Product));
            left = Text::new(Binds::Sum, text);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Text, Skipped> {
        let mut left = self.signed()?;
        while let Some(op) = self.take(&["*", "/"]) {
            let right = self.signed()?;
            let text = format!("{} {op} {}", left.at_least(Binds::Product), right.at_least(Binds::Sign));
            left = Text::new(Binds::Product, text);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Text, Skipped> {
        if self.take(&["+"]).is_some() {
            return self.signed();
        }
        if self.take(&["-"]).is_some() {
            let operand = self.signed()?;
            return Ok(Text::new(Binds::Sign, format!("-{}", operand.at_least(Binds::Power))));
        }
        let euler = self.peek() == "%e";
        let base = self.atom()?;
        if self.take(&["^"]).is_none() {
            return Ok(base);
        }
        let exponent = self.signed()?;
        if euler {
            return Ok(Text::new(Binds::Atom, format!("exp({})", exponent.text)));
        }
        let text = format!("{}^{}", base.at_least(Binds::Atom), exponent.at_least(Binds::Power));
        Ok(Text::new(Binds::Power, text))
    }

    fn atom(&mut self) -> Result<Text, Skipped> {
        let token = self.next();
        let first = token.chars().next().unwrap_or(' ');
        if token == "(" {
            let inner = self.sum()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if first.is_ascii_digit() {
            return Ok(Text::new(Binds::Atom, token));
        }
        if !(first == '%' || first == '_' || first.is_ascii_alphabetic()) {
            return Err(Skipped::Unreadable(format!("{token} where an operand is due")));
        }
        if self.take(&["("]).is_none() {
            return match token.as_str() {
                "%pi" => Ok(Text::new(Binds::Atom, "π".into())),
                "%e" => Ok(Text::new(Binds::Atom, "exp(1)".into())),
                "%i" => Err(Skipped::Complex),
                _ if first == '%' => Err(Skipped::Unreadable(token)),
                _ => {
                    self.names.insert(token.clone());
                    Ok(Text::new(Binds::Atom, token))
                }
            };
        }
        let mut args = vec![self.sum()?];
        while self.take(&[","]).is_some() {
            args.push(self.sum()?);
        }
        self.expect(")")?;
        match args.as_slice() {
            [arg] => call(&token, arg).ok_or(Skipped::Function(token)),
            // Its arguments are in Mathematica's order.
            [x, y] if token == "atan" => Ok(Text::new(Binds::Atom, format!("atan2({}, {})", y.text, x.text))),
            _ => Err(Skipped::Function(token)),
        }
    }
}

/// A function of Maxima by our name, or by what it is of others.
fn call(name: &str, arg: &Text) -> Option<Text> {
    let ours = match name {
        "log" => "ln",
        "lnGAMMA" => "lgamma",
        "Psi" => "digamma",
        name => name,
    };
    if Prim::by_name(ours).is_some() {
        return Some(Text::new(Binds::Atom, format!("{ours}({})", arg.text)));
    }
    let of_reciprocal = |name: &str| Text::new(Binds::Atom, format!("{name}(1 / {})", arg.at_least(Binds::Power)));
    let reciprocal = |name: &str| Text::new(Binds::Product, format!("1 / {name}({})", arg.text));
    match name {
        "sech" => Some(reciprocal("cosh")),
        "csch" => Some(reciprocal("sinh")),
        "coth" => Some(reciprocal("tanh")),
        "asec" => Some(of_reciprocal("acos")),
        "acsc" => Some(of_reciprocal("asin")),
        "acot" => Some(of_reciprocal("atan")),
        "asech" => Some(of_reciprocal("acosh")),
        "acsch" => Some(of_reciprocal("asinh")),
        "acoth" => Some(of_reciprocal("atanh")),
        _ => None,
    }
}
