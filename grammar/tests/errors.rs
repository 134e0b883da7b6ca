//! What is refused, where it points, and in which words.

use grad_grammar::{ParseError, line_column, parse};

fn errors(source: &str) -> Vec<ParseError> {
    match parse(source) {
        Ok(formula) => panic!("{source:?} parses: {formula:?}"),
        Err(errors) => errors,
    }
}

/// One error, at a piece of the text, whose message and help together contain some words.
#[track_caller]
fn check(source: &str, at: &str, words: &str) {
    let errors = errors(source);
    let [error] = &errors[..] else { panic!("{source:?}: {errors:?}") };
    assert_eq!(&source[error.span.range()], at, "{source:?}: {error:?}");
    assert!(error.to_string().contains(words), "{source:?}: {error}");
}

#[test]
fn each_mistake_has_its_words() {
    for (source, at, words) in [
        // Nothing there.
        ("", "", "the formula is empty"),
        ("  # only a comment", "", "the formula is empty"),
        (";;\n", "", "the formula is empty"),
        ("x +", "", "expected an expression after `+`, found the end of the formula"),
        ("x + # more", "", "expected an expression after `+`, found the end of the formula"),
        ("(x + )", ")", "expected an expression after `+`, found `)`"),
        ("not", "", "expected an expression after `not`"),
        ("* x", "*", "expected an expression, found `*`"),
        ("x^^2", "^", "`^` and `^` cannot follow each other"),
        ("()", ")", "expected an expression between `(` and `)`"),
        ("[]", "]", "a vector has at least one component"),
        ("x[]", "]", "a subscript is missing"),
        ("f(,)", ",", "expected an expression after `(`, found `,`"),
        ("if", "", "expected an expression after `if`"),
        // Brackets.
        ("(x + 1", "(", "missing `)` to close the one at 1:1"),
        ("1 +\n f(x, [1, 2)", "[", "missing `]` to close the one at 2:7"),
        ("x)", ")", "`)` closes nothing"),
        ("f(x]", "]", "`]` does not close the `(` at 1:2 (write `)`)"),
        ("let a = (1\nlet b = 2\nb", "(", "missing `)` to close the one at 1:9"),
        // Products that are not written.
        ("2x", "2x", "`2x`: write `2*x`"),
        ("1.5e", "1.5e", "`1.5e`: write `1.5*e`"),
        ("1_000", "1_000", "write the digits without `_`"),
        ("2 x", "x", "expected an operator between `2` and `x` (a product is written with `*`)"),
        ("2(x)", "(", "expected an operator between `2` and `(`"),
        ("x y", "y", "expected an operator between `x` and `y`"),
        ("(a)(b)", "(", "a product is written with `*`"),
        // Other languages.
        ("a && b", "&&", "write `and`"),
        ("a || b", "||", "write `or`"),
        ("!a", "!", "write `not`"),
        ("a % b", "%", "rem(a, b)"),
        ("a <> b", "<>", "write `!=`"),
        ("a === b", "===", "write `==`"),
        ("x²", "²", "write `^2`"),
        ("x₁", "₁", "`x1`"),
        ("sum(i in 0..=n: x[i])", "..=", "leaves out its end"),
        ("x := 3", ":=", "let x"),
        ("x[1:3]", ":", "a range is `lo..hi`"),
        ("sum(x[i] for i in 0..n)", "for", "an index comes first: `sum(i in 0..n: …)`"),
        ("∞", "∞", "write `inf`"),
        ("x.y", ".", "a number is `0.5`"),
        ("x + 😀", "😀", "`😀` has no meaning in a formula"),
        ("x\0", "\0", "U+0000 has no meaning in a formula"),
        // `=`
        ("a == b = c", "=", "`=` is not a comparison: write `==`"),
        ("if a = b then c else d", "=", "`=` is not a comparison: write `==`"),
        ("x = 3", "=", "write `let x = …`"),
        ("let z == 3; z", "==", "expected `=` after `z`, found `==`"),
        // Choices.
        ("if x > 0 then 1", "if", "every `if` needs an `else`"),
        ("a + (if x then y)", "if", "every `if` needs an `else`"),
        ("if a then b else if c then d", "if", "every `if` needs an `else`"),
        ("if x > 0 1 else 2", "1", "missing `then` of the `if` at 1:1"),
        ("if x > 0 else 2", "else", "missing `then` of the `if` at 1:1"),
        ("x then y", "then", "`then` without an `if`"),
        ("x else y", "else", "`else` without an `if`"),
        ("piecewise(x > 0: 1)", "piecewise", "last an `otherwise`"),
        ("piecewise(otherwise: 1)", "piecewise", "`condition: value`"),
        ("where(a, b)", "where", "`where(c, a, b)`"),
        // Ranges and reductions.
        ("sum(i in n: x[i])", "in n", "a range is `lo..hi`, found `:` after its start (write `in 0..n`)"),
        ("[x[i] for i in n]", "in n", "a range is `lo..hi`"),
        ("sum(i in 0..n x[i])", "x", "missing `:` before the term"),
        ("sum(i in 0..n)", ")", "missing `:` before the term"),
        ("sum(i: x[i])", "i: x[i]", "an index has a range: `sum(i in 0..n: …)`"),
        ("[x[i] for in 0..n]", "in", "`in` is a keyword"),
        ("x..y", "..", "a range stands in a subscript"),
        // Definitions.
        ("let = 3; x", "=", "expected a name after `let`, found `=`"),
        ("let x 3; x", "3", "expected `=` after `x`, found `3` (write `let z = …`)"),
        ("let f(x) = 3; f", "(", "a function is defined with `fn f(x) = …`"),
        ("let f = \n", "", "expected an expression after `=`, found the end of the formula"),
        ("let f = \nlet g = 2\ng", "\n", "expected an expression after `=`, found the end of the line"),
        ("let x = 1", "", "the formula has no result"),
        ("let x = 1;", "", "the formula has no result"),
        ("x: [d];", "", "the formula has no result"),
        ("fn f = 3; f", "=", "expected `(` after `f`"),
        ("fn f(x) 3; f", "3", "expected `=` after the parameters of `f`, found `3`"),
        ("fn f(x y) = 3; f", "y", "unexpected `y` in the parameters of `f`"),
        ("fn f(1) = 3; f", "1", "expected a name after `(`, found `1`"),
        ("x\nlet y = 2", "let", "a definition comes before the result"),
        ("x + let", "let", "before the result"),
        ("x; y + 1; z", "z", "the formula has its result already"),
        // Parameters.
        ("x: foo; x", "foo", "types are `scalar`, `index`"),
        ("x: [2.5]; x", "2.5", "`2.5` is not a length"),
        ("x: [99999999999999999999]; x", "99999999999999999999", "is not a length"),
        ("x: [n m]; x", "m", "unexpected `m` in a type"),
        ("x: [d]\nsum(x)", "sum", "expected `,` or `;` after the parameter, found `sum`"),
        ("x: [d]", "", "the parameters end with `;`"),
        // Results.
        ("a, b", "", "several results are written `(a, b)`"),
        ("a + 1, b", ",", "several results are written `(a, b)`"),
        ("(a, b) + 1", "(a, b)", "cannot be part of an expression (a vector is `[a, b]`)"),
        ("((a, b))", "(a, b)", "cannot be part of an expression"),
        ("1e999", "1e999", "this number is too large"),
        ("for", "for", "`for` is a keyword, it cannot be a name"),
    ] {
        check(source, at, words);
    }
}

#[test]
fn several_at_once() {
    for (source, at) in [
        ("2x + (1] $ 3y", vec!["2x", "]", "$", "3y"]),
        ("[(1, 2 + \\a", vec!["[", "(", "\\"]),
        ("let a = 1 +; let b = * 2; let c 3; a b", vec![";", "*", "3", "b"]),
        ("x: [n m]; let b = ; x y", vec!["m", ";", "y"]),
        ("let a = 1 +\n\nlet b = 2\na = b", vec!["\n", "="]),
        ("x: [2.5]; (a, b) + 1e999 + where(a)", vec!["2.5", "(a, b)", "1e999", "where"]),
    ] {
        let found: Vec<&str> = errors(source).iter().map(|error| &source[error.span.range()]).collect();
        assert_eq!(found, at, "{source:?}");
    }
    assert_eq!(errors(&"$".repeat(1000)).len(), 20);
}

#[test]
fn expectations_have_names_that_people_use() {
    for (source, expected) in [
        ("x +", vec!["an expression"]),
        ("f(x y)", vec!["`)`", "`,`", "`:`", "`=`", "`in`", "an operator"]),
        ("x[1 2]", vec!["`,`", "`..`", "`]`", "an operator"]),
        ("if a b else c", vec!["`then`", "an operator"]),
        ("let x 1; x", vec!["`=`"]),
        ("(x", vec!["`)`"]),
    ] {
        assert_eq!(errors(source)[0].expected, expected, "{source:?}");
    }
}

#[test]
fn lines_and_columns_count_characters_from_one() {
    let source = "σ(x)\r\n+ é\ny";
    for (offset, place) in
        [(0, (1, 1)), (2, (1, 2)), (1, (1, 1)), (7, (2, 1)), (9, (2, 3)), (12, (3, 1)), (13, (3, 2)), (99, (3, 2))]
    {
        assert_eq!(line_column(source, offset), place, "{offset}");
    }
}
