//! What is open at a point of the text: brackets and `if`s.

use crate::token::{Kind, Token};

/// How deep brackets and `if`s may nest, all together.
pub(crate) const LIMIT: usize = 256;

/// Everything open, outermost first.
#[derive(Default)]
pub(crate) struct Nesting<'s> {
    pub(crate) open: Vec<Open<'s>>,
}

/// Something open.
#[derive(Clone, Copy)]
pub(crate) enum Open<'s> {
    /// A bracket.
    Bracket(Bracket<'s>),
    /// An `if` that chooses a value.
    Choice {
        /// The `if`.
        at: Token<'s>,
        /// Which part is being read.
        stage: Stage,
    },
}

/// An open bracket.
#[derive(Clone, Copy)]
pub(crate) struct Bracket<'s> {
    pub(crate) token: Token<'s>,
    /// The token right before it, when an operand ends there: a function, or something indexed.
    pub(crate) of: Option<Token<'s>>,
    /// An `in` that has not met its `..` yet.
    pub(crate) binder: Option<Token<'s>>,
    /// Whether an `in` has been read in it.
    pub(crate) bound: bool,
    /// Whether a `:` has been read in it.
    pub(crate) colon: bool,
}

/// The parts of `if condition then value else otherwise`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Condition,
    Value,
    Otherwise,
}

/// How a closing bracket fits.
pub(crate) enum Closed<'s> {
    /// It closes the innermost bracket.
    Well,
    /// It closes one further out: these stay unclosed.
    Over(Vec<Token<'s>>),
    /// It is of the other kind than every open bracket; the innermost counts as closed.
    Wrongly(Token<'s>),
    /// No bracket is open.
    Stray,
}

impl<'s> Nesting<'s> {
    /// How many brackets are open.
    pub(crate) fn brackets(&self) -> impl DoubleEndedIterator<Item = &Bracket<'s>> {
        self.open.iter().filter_map(|open| match open {
            Open::Bracket(bracket) => Some(bracket),
            Open::Choice { .. } => None,
        })
    }

    /// Reads a token that is no closing bracket.
    pub(crate) fn read(&mut self, previous: Option<Token<'s>>, token: Token<'s>) {
        let of = previous.filter(Token::ends_operand);
        match token.kind {
            Kind::Open => {
                let of = of.or(previous.filter(|token| token.kind == Kind::Root));
                self.open.push(Open::Bracket(Bracket { token, of, binder: None, bound: false, colon: false }));
            }
            Kind::Keyword => self.keyword(of.is_some(), previous, token),
            Kind::Comma | Kind::Semicolon | Kind::Colon | Kind::Range => {
                self.end_choices();
                if let Some(Open::Bracket(bracket)) = self.open.last_mut() {
                    bracket.binder = None;
                    bracket.colon |= token.kind == Kind::Colon;
                }
            }
            Kind::Number
            | Kind::Name
            | Kind::Close
            | Kind::Operator
            | Kind::Root
            | Kind::Prime
            | Kind::Assign
            | Kind::Newline
            | Kind::Comment
            | Kind::Blank
            | Kind::Stray => {}
        }
    }

    /// Reads a closing bracket.
    pub(crate) fn close(&mut self, closer: Token<'s>) -> Closed<'s> {
        self.end_choices();
        let opener = if closer.text == ")" { "(" } else { "[" };
        let Some(innermost) = self.brackets().next_back().map(|bracket| bracket.token) else {
            return Closed::Stray;
        };
        let is_partner = |open: &Open<'_>| matches!(open, Open::Bracket(bracket) if bracket.token.text == opener);
        let Some(partner) = self.open.iter().rposition(is_partner) else {
            self.open.pop();
            return Closed::Wrongly(innermost);
        };
        let over: Vec<Token<'s>> = self
            .brackets()
            .map(|bracket| bracket.token)
            .filter(|token| token.start > self.open[partner].start())
            .collect();
        self.open.truncate(partner);
        if over.is_empty() { Closed::Well } else { Closed::Over(over) }
    }

    fn keyword(&mut self, after_operand: bool, previous: Option<Token<'s>>, token: Token<'s>) {
        match token.text {
            // `else if` goes on with the same choice.
            "if" if previous.is_some_and(|previous| previous.is("else")) => self.set_stage(Stage::Condition),
            // This `if` filters.
            "if" if after_operand => self.end_choices(),
            "if" => self.open.push(Open::Choice { at: token, stage: Stage::Condition }),
            "then" => {
                self.end_passed_choices();
                self.set_stage(Stage::Value);
            }
            "else" => {
                self.end_passed_choices();
                self.set_stage(Stage::Otherwise);
            }
            "for" => self.end_choices(),
            "in" => {
                if let Some(Open::Bracket(bracket)) = self.open.last_mut() {
                    bracket.binder = Some(token);
                    bracket.bound = true;
                }
            }
            _ => {}
        }
    }

    fn set_stage(&mut self, new: Stage) {
        if let Some(Open::Choice { stage, .. }) = self.open.last_mut() {
            *stage = new;
        }
    }

    /// Ends the choices inside the innermost bracket.
    fn end_choices(&mut self) {
        while let Some(Open::Choice { .. }) = self.open.last() {
            self.open.pop();
        }
    }

    /// Ends the innermost choices that have passed their `else`, as a `then` or an `else` of one further out does.
    fn end_passed_choices(&mut self) {
        while let [.., Open::Choice { .. }, Open::Choice { stage: Stage::Otherwise, .. }] = self.open[..] {
            self.open.pop();
        }
    }
}

impl Open<'_> {
    fn start(&self) -> usize {
        match self {
            Open::Bracket(bracket) => bracket.token.start,
            Open::Choice { at, .. } => at.start,
        }
    }
}
