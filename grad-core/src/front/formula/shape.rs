//! Shapes: which go together, and what is said of those that do not.
//!
//! Element by element, a scalar is spread over any array, a row (`x'`) over the rows of a matrix, and an axis of literal
//! length 1 along the other's. A vector without `'` is a row where its length is that of the rows and cannot be that of the
//! columns: where both would do, nobody is asked to guess.

use std::rc::Rc;

use grad_grammar::ExprKind;

use super::lower::{Lowered, Lowering};
use super::term::{Extent, Term, agree};
use crate::diagnostic::{Origin, Problem};
use crate::ir::{Builder, Dim, Value};

impl Lowering<'_> {
    /// The shape of the arrays among the terms, and the terms spread to it; `None` where all are scalars.
    pub(super) fn shape(&self, at: Origin, terms: &[Term]) -> Lowered<Option<(Term, Vec<Term>)>> {
        let arrays = || terms.iter().filter(|term| term.rank() > 0);
        let Some(first) = arrays().next() else { return Ok(None) };
        let most = arrays().map(Term::rank).max().expect("there is an array");
        if let Some(other) = arrays().find(|term| term.rank() != first.rank())
            && most != 2
        {
            return Err(self.apart(at, first, other));
        }
        if most == 1 {
            self.row_or_column(at, terms)?;
            for other in arrays().skip(1) {
                self.same_length(at, (first, 0), (other, 0))?;
            }
            return Ok(Some((first.clone(), terms.to_vec())));
        }
        if most > 2 {
            for other in arrays().skip(1) {
                for axis in 0..most {
                    self.same_length(at, (first, axis), (other, axis))?;
                }
            }
            return Ok(Some((first.clone(), terms.to_vec())));
        }
        let matrices = || arrays().filter(|term| term.rank() == 2);
        // The length of each axis, and whose it is.
        let whose: Vec<(&Term, usize)> = (0..2)
            .map(|axis| {
                let long = matrices().find(|term| !self.is_one(term.lens()[axis])).map(|term| (term, axis));
                let row = || arrays().find(|term| axis == 1 && term.rank() == 1 && term.transposed).map(|row| (row, 0));
                let any = || matrices().next().map(|term| (term, axis));
                long.or_else(row).or_else(any).expect("there is a matrix")
            })
            .collect();
        let len = |axis: usize| whose[axis].0.lens()[whose[axis].1];
        let mut spread = Vec::new();
        for term in terms {
            spread.push(match term.rank() {
                0 => term.clone(),
                1 => {
                    self.is_row(at, term, &whose)?;
                    let row = term.stored(self.b);
                    let inner = row.clone();
                    let element = Rc::new(move |b: &Builder, place: &[Value]| inner.element(b, &place[1..]));
                    let lens = vec![len(0), term.lens()[0]];
                    Term::view(self.b, row.kind, lens, std::slice::from_ref(&row), term.at, element)
                }
                _ => {
                    let short: Vec<bool> =
                        (0..2).map(|axis| self.is_one(term.lens()[axis]) && !self.is_one(len(axis))).collect();
                    for axis in (0..2).filter(|axis| !short[*axis]) {
                        self.same_length(at, whose[axis], (term, axis))?;
                    }
                    if short.contains(&true) { self.along(term, short, vec![len(0), len(1)]) } else { term.clone() }
                }
            });
        }
        let mut like = matrices().next().expect("there is a matrix").clone();
        if !std::ptr::eq(whose[0].0, whose[1].0) || self.is_one(like.lens()[0]) || self.is_one(like.lens()[1]) {
            let lens = vec![len(0), len(1)];
            let from = [0, 1].map(|axis| whose[axis].0.from(whose[axis].1));
            let never = Rc::new(|b: &Builder, _: &[Value]| super::scalar::Scalar::float(b.float(0.0)));
            like = Term::view(self.b, super::scalar::Kind::Float, lens, &[], at, never).with_from(from.to_vec());
        }
        Ok(Some((like, spread)))
    }

    /// A matrix with the axes of length 1 that are `short` as long as others.
    fn along(&self, term: &Term, short: Vec<bool>, lens: Vec<Value>) -> Term {
        let stored = term.stored(self.b);
        let inner = stored.clone();
        let element = Rc::new(move |b: &Builder, place: &[Value]| {
            let at: Vec<Value> =
                (place.iter().zip(&short)).map(|(i, short)| if *short { b.index_lit(0) } else { *i }).collect();
            inner.element(b, &at)
        });
        Term::view(self.b, stored.kind, lens, std::slice::from_ref(&stored), term.at, element)
    }

    fn is_one(&self, len: Value) -> bool {
        self.b.int_lit(self.b.local(len)) == Some(1)
    }

    /// Refuses a vector that is no row of a matrix, or may not be meant as one.
    fn is_row(&self, at: Origin, vector: &Term, whose: &[(&Term, usize)]) -> Lowered<()> {
        let [column, row] = [0, 1].map(|axis: usize| whose[axis].0.lens()[whose[axis].1]);
        let len = vector.lens()[0];
        if vector.transposed {
            return self.same_length(at, whose[1], (vector, 0));
        }
        let name = self.quoted(vector.at, "the vector");
        let matrix = self.quoted(whose[1].0.at, "the matrix");
        let (as_row, as_column) = (agree(self.b, len, row), agree(self.b, len, column));
        let length = self.length(len);
        let column = format!("each column, `column({})`", name.trim_matches('`'));
        let column = if name.starts_with('`') { column } else { "each column, `column(…)`".to_owned() };
        let problem = match (as_row, as_column) {
            (true, false) => return Ok(()),
            (true, true) => Problem::new(
                at,
                format!("{name} may go with the rows of {matrix} or with its columns: both have length {length}"),
            )
            .help(format!("for each row write {}, for {column}", row_of(&name))),
            (false, true) => Problem::new(
                at,
                format!("{name} has length {length}, that of the columns of {matrix}, and a vector goes with rows"),
            )
            .help(format!("for {column}")),
            (false, false) => return self.same_length(at, whose[1], (vector, 0)),
        };
        let matrix = self.has(whose[1].0, whose[1].1, "the matrix");
        let ends = problem.also(whose[1].0.at, matrix).also(vector.at, self.has(vector, 0, "the vector"));
        Err(self.report(self.with_sources(ends, &[whose[0], whose[1], (vector, 0)])))
    }

    /// Refuses a sum of a column and what was turned into a row there: it may be meant element by element, or as a matrix.
    fn row_or_column(&self, at: Origin, terms: &[Term]) -> Lowered<()> {
        let is_turned = |term: &&Term| {
            let expr = self.formula.exprs.get(term.at.0 as usize);
            term.rank() == 1 && term.transposed && matches!(expr.map(|e| &e.kind), Some(ExprKind::Transpose(_)))
        };
        let row = terms.iter().find(is_turned);
        let column = terms.iter().find(|term| term.rank() == 1 && !term.transposed);
        let (Some(row), Some(column)) = (row, column) else { return Ok(()) };
        let (x, y) = (self.quoted(column.at, "this"), self.quoted(row.at, "this"));
        Err(self.report(
            Problem::new(at, format!("{x} is a column and {y} a row"))
                .also(column.at, "a column")
                .also(row.at, "a row")
                .help("without `'` they go element by element; the matrix of all products is `x @ y'`"),
        ))
    }

    fn apart(&self, at: Origin, x: &Term, y: &Term) -> super::lower::Reported {
        let (one, other) = (self.described(x), self.described(y));
        self.report(
            Problem::new(at, format!("{one} does not go with {other}"))
                .also(x.at, one)
                .also(y.at, other)
                .help("element by element, both have the same number of axes, or one is a scalar"),
        )
    }

    /// Refuses lengths that differ, pointing at both ends and at where each comes from.
    pub(super) fn same_length(&self, at: Origin, (x, i): (&Term, usize), (y, j): (&Term, usize)) -> Lowered<()> {
        if agree(self.b, x.lens()[i], y.lens()[j]) {
            return Ok(());
        }
        let (one, other) = (self.has(x, i, "the left side"), self.has(y, j, "the right side"));
        let problem = if x.at == y.at {
            Problem::new(at, format!("{one} but {}", self.counted(y, j)))
                .also(x.at, format!("{one} and {}", self.counted(y, j)))
        } else {
            Problem::new(at, format!("{one} but {other}")).also(x.at, one).also(y.at, other)
        };
        Err(self.report(self.with_sources(problem, &[(x, i), (y, j)])))
    }

    /// The problem with the places that lengths come from, where these are elsewhere.
    fn with_sources(&self, problem: Problem, ends: &[(&Term, usize)]) -> Problem {
        let mut shown: Vec<Origin> = vec![problem.at];
        let mut problem = problem;
        for (term, axis) in ends {
            let Some(from) = term.from(*axis).filter(|from| !shown.contains(from) && *from != term.at) else {
                continue;
            };
            shown.push(from);
            let is_parameter = self.is_declared(from);
            let len = self.length(term.lens()[*axis]);
            let words =
                if is_parameter { "declared here".to_owned() } else { format!("the length {len} is from here") };
            problem = problem.also(from, words);
        }
        problem
    }

    /// `` `W` has 3 columns ``
    fn has(&self, term: &Term, axis: usize, otherwise: &str) -> String {
        format!("{} has {}", self.quoted(term.at, otherwise), self.counted(term, axis))
    }

    fn counted(&self, term: &Term, axis: usize) -> String {
        let len = self.length(term.lens()[axis]);
        let s = if len == "1" { "" } else { "s" };
        match (term.rank(), axis) {
            (1, _) => format!("length {len}"),
            (2, 0) => format!("{len} row{s}"),
            (2, _) => format!("{len} column{s}"),
            _ => format!("length {len} along axis {axis}"),
        }
    }

    fn described(&self, term: &Term) -> String {
        let name = self.quoted(term.at, "this");
        match term.rank() {
            0 => format!("{name}, a scalar,"),
            1 => format!("{name}, a vector,"),
            2 => format!("{name}, a matrix,"),
            rank => format!("{name}, an array of {rank} axes,"),
        }
    }

    /// A length in words.
    pub(super) fn length(&self, len: Value) -> String {
        match self.b.dim_of(self.b.local(len)) {
            Dim::Lit(n) => n.to_string(),
            Dim::Size(size) => self.length_name(size),
            Dim::Any => match Extent::of(self.b, len) {
                Some(extent) => extent.in_words(|size| self.length_name(size)),
                None => "another".to_owned(),
            },
        }
    }
}

/// `` `x'` ``, or `` `(x + y)'` ``
fn row_of(name: &str) -> String {
    let text = name.trim_matches('`');
    match text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => format!("`{text}'`"),
        false if name.starts_with('`') => format!("`({text})'`"),
        false => "`(…)'`".to_owned(),
    }
}
