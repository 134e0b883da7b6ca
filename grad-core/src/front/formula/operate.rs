//! Operators: element by element with scalars spread over arrays, and `@`.

use std::rc::Rc;

use grad_grammar::{BinaryOp, CmpOp};

use super::lower::{Lowered, Lowering};
use super::scalar::{Kind, Scalar};
use super::term::{Factors, Term};
use super::whole;
use crate::diagnostic::{Origin, Problem};
use crate::ir::{Builder, Direction, IntKind, Value};
use crate::prim::Prim;

impl Lowering<'_> {
    /// Refuses conditions.
    pub(super) fn numbers(&self, terms: &[Term]) -> Lowered<()> {
        match terms.iter().find(|term| term.kind == Kind::Bool) {
            Some(term) => self.refuse_with(
                term.at,
                format!("{} is a condition where a number is due", self.quoted(term.at, "this")),
                "write `if c then 1 else 0`",
            ),
            None => Ok(()),
        }
    }

    /// Refuses numbers.
    pub(super) fn conditions(&self, terms: &[Term]) -> Lowered<()> {
        match terms.iter().find(|term| term.kind != Kind::Bool) {
            Some(term) => self.refuse_with(
                term.at,
                format!("{} is a number where a condition is due", self.quoted(term.at, "this")),
                "compare it with something",
            ),
            None => Ok(()),
        }
    }

    /// `f` of the terms, element by element.
    pub(super) fn zip(
        &self,
        at: Origin,
        terms: &[Term],
        kind: Kind,
        f: impl Fn(&Builder, &[Scalar]) -> Scalar + 'static,
    ) -> Lowered<Term> {
        let Some((like, terms)) = self.shape(at, terms)? else {
            let scalars: Vec<Scalar> = terms.iter().map(Term::as_scalar).collect();
            return Ok(Term::scalar(f(self.b, &scalars), at));
        };
        let lens = like.lens().to_vec();
        let operands = terms.clone();
        let element = Rc::new(move |b: &Builder, place: &[Value]| {
            let scalars: Vec<Scalar> = terms.iter().map(|term| term.element(b, place)).collect();
            b.set_origin(Some(at));
            f(b, &scalars)
        });
        let mut matrices = operands.iter().filter(|term| term.rank() == 2).peekable();
        let turned = matrices.peek().is_some() && matrices.all(|term| term.turned);
        let term = Term::delayed(self.b, kind, lens, &operands, at, element);
        Ok(Term { turned, ..term.like(&like) })
    }

    /// Refuses arrays.
    pub(super) fn scalars(&self, terms: &[Term], role: &str) -> Lowered<()> {
        match terms.iter().find(|term| term.rank() > 0) {
            Some(term) => {
                let name = self.quoted(term.at, "this");
                let what = if term.rank() == 1 { "a vector" } else { "a matrix" };
                self.refuse(term.at, format!("{name} is {what}, and {role} is a scalar"))
            }
            None => Ok(()),
        }
    }

    pub(super) fn negate(&self, at: Origin, x: &Term) -> Lowered<Term> {
        self.numbers(std::slice::from_ref(x))?;
        if let Kind::Literal(n) = x.kind {
            return Ok(if n == 0 {
                Term::scalar(Scalar::float(self.b.float(-0.0)), at)
            } else {
                Term::scalar(Scalar::literal(self.b, -n), at)
            });
        }
        let kind = if x.kind.is_whole() { Kind::Signed } else { Kind::Float };
        let term = self.zip(at, std::slice::from_ref(x), kind, |b, x| {
            if x[0].kind.is_whole() {
                return whole::negated(b, x[0]);
            }
            Scalar::float(b.call(Prim::Neg, &[x[0].as_float(b)]))
        })?;
        Ok(Term { transposed: x.transposed, ..term })
    }

    pub(super) fn binary(&self, at: Origin, op: BinaryOp, x: &Term, y: &Term) -> Lowered<Term> {
        let terms = [x.clone(), y.clone()];
        self.numbers(&terms)?;
        match op {
            BinaryOp::Add => self.arithmetic(at, Prim::Add, &terms),
            BinaryOp::Sub => self.arithmetic(at, Prim::Sub, &terms),
            BinaryOp::Mul => self.arithmetic(at, Prim::Mul, &terms),
            BinaryOp::Div => {
                let term = self.zip(at, &terms, Kind::Float, |b, x| {
                    Scalar::float(b.call(Prim::Div, &[x[0].as_float(b), x[1].as_float(b)]))
                })?;
                Ok(Term { transposed: x.transposed && term.rank() == 1 && (y.transposed || y.rank() == 0), ..term })
            }
            BinaryOp::Pow => self.power(at, &terms),
            BinaryOp::MatMul => self.product(at, x, y),
            BinaryOp::And | BinaryOp::Or => unreachable!("logic has its own way"),
        }
    }

    /// + − × of anything; whole where both sides are.
    pub(super) fn arithmetic(&self, at: Origin, prim: Prim, terms: &[Term; 2]) -> Lowered<Term> {
        if let (Prim::Mul, Some(x), Some(y)) = (prim, terms[0].squared, terms[1].squared)
            && x == y
        {
            return Ok(Term::scalar(Scalar::float(x), at));
        }
        let kind = whole::arithmetic_kind(prim, terms[0].kind, terms[1].kind);
        let term = self.zip(at, terms, kind, move |b, x| whole::arithmetic(b, prim, x[0], x[1]))?;
        // A multiple of a row is a row.
        let transposed = term.rank() == 1 && terms.iter().filter(|term| term.rank() == 1).all(|term| term.transposed);
        Ok(Term { transposed, ..term })
    }

    /// `x ^ y`
    pub(super) fn power(&self, at: Origin, terms: &[Term; 2]) -> Lowered<Term> {
        let [base, exponent] = terms;
        let name = self.quoted(base.at, "this");
        if base.rank() > 0 && exponent.undeclared.as_deref() == Some("T") {
            let text = name.trim_matches('`');
            let title = format!("`T` is not declared, and {name} to a power is element by element");
            let help = format!("the transpose is `{text}'`; an exponent is declared first: `T;`");
            return self.refuse_with(
                exponent.at,
                title,
                if name.starts_with('`') { &*help } else { "the transpose is `'`" },
            );
        }
        if base.rank() == 2 && exponent.kind == Kind::Literal(-1) {
            let title = format!("{name} is a matrix, and `^-1` may be its inverse or each element's");
            return self.refuse_with(at, title, "write `inv(A)`, or `1 / A` element by element");
        }
        // ‖x‖² is a sum of squares, ‖x‖⁴ the square of that.
        if let (Some(square), Kind::Literal(n)) = (terms[0].squared, terms[1].kind)
            && n % 2 == 0
        {
            let half = Scalar::literal(self.b, n / 2);
            return Ok(Term::scalar(power(self.b, Scalar::float(square), half), at));
        }
        self.zip(at, terms, Kind::Float, |b, x| power(b, x[0], x[1]))
    }

    /// A chain of comparisons: every link holds.
    pub(super) fn compare(&self, at: Origin, ops: &[CmpOp], terms: &[Term]) -> Lowered<Term> {
        self.numbers(terms)?;
        let ops = ops.to_vec();
        self.zip(at, terms, Kind::Bool, move |b, x| {
            let links = ops.iter().zip(x.windows(2)).map(|(op, x)| compare(b, *op, x[0], x[1]));
            let all = links.reduce(|x, y| b.call(Prim::And, &[x, y])).expect("a comparison has a link");
            Scalar::bool(all)
        })
    }

    pub(super) fn not(&self, at: Origin, x: &Term) -> Lowered<Term> {
        self.conditions(std::slice::from_ref(x))?;
        self.zip(at, std::slice::from_ref(x), Kind::Bool, |b, x| Scalar::bool(b.call(Prim::Not, &[x[0].as_bool()])))
    }

    pub(super) fn transpose(&self, at: Origin, x: &Term) -> Lowered<Term> {
        match x.rank() {
            0 => Err(self.not_an_array(x, "`'` turns a matrix or a vector")),
            1 => Ok(Term { at, transposed: !x.transposed, ..x.clone() }),
            2 if x.diagonal.is_some() => Ok(Term { at, ..x.clone() }),
            2 => {
                let lens = vec![x.lens()[1], x.lens()[0]];
                let inner = x.clone();
                let element = Rc::new(move |b: &Builder, place: &[Value]| inner.element(b, &[place[1], place[0]]));
                let term = Term::view(self.b, x.kind, lens, std::slice::from_ref(x), at, element);
                // (A B)ᵀ = Bᵀ Aᵀ
                let factors = match x.factors() {
                    Some([p, q]) if p.rank() == 2 => Factors::of(&self.transpose(q.at, q)?, &self.transpose(p.at, p)?),
                    Some(_) | None => None,
                };
                let term = term.with_from(vec![x.from(1), x.from(0)]);
                Ok(Term { factors, turned: !x.turned, ..term })
            }
            rank => self.refuse(at, format!("{} has {rank} axes and no transpose", self.quoted(x.at, "this"))),
        }
    }

    /// A scalar where an array is due.
    pub(super) fn not_an_array(&self, term: &Term, due: &str) -> super::lower::Reported {
        match &term.undeclared {
            Some(name) => self.report(
                Problem::new(term.at, format!("`{name}` is used as an array but not declared"))
                    .help(format!("declare it first: `{name}: [n];`")),
            ),
            None => {
                let name = self.quoted(term.at, "this");
                self.report(Problem::new(term.at, format!("{name} is a scalar")).label(due))
            }
        }
    }

    /// `x @ y`
    pub(super) fn product(&self, at: Origin, x: &Term, y: &Term) -> Lowered<Term> {
        let scalars = [x, y].into_iter().filter(|term| term.rank() == 0);
        let due = "`@` is for vectors and matrices: a product of numbers is `*`";
        if let Some(reported) = scalars.map(|term| self.not_an_array(term, due)).last() {
            return Err(reported);
        }
        for term in [x, y] {
            match term.rank() {
                0..=2 => {}
                rank => {
                    let name = self.quoted(term.at, "this");
                    return self.refuse(at, format!("{name} has {rank} axes, and `@` is for vectors and matrices"));
                }
            }
        }
        if y.transposed && x.rank() == 1 && y.rank() == 1 {
            if x.transposed {
                return self.refuse_with(
                    at,
                    "`x' @ y'` is of two rows, which have no product",
                    "the dot product is `x @ y`, the outer product `x @ y'`",
                );
            }
            return Ok(self.outer(at, x, y));
        }
        self.same_length(at, (x, x.rank() - 1), (y, 0))?;
        if let Some(product) = self.diagonal_product(at, x, y)? {
            return Ok(product);
        }
        // (A B) x costs more than A (B x). So does (x' A') y, for its own loop goes along the rows of A.
        if let (Some([p, q]), 1) = (x.factors(), y.rank())
            && !(p.rank() == 1 && q.turned)
        {
            return self.product(at, p, &self.product(at, q, y)?);
        }
        let factors = if y.rank() == 2 { Factors::of(x, y) } else { None };
        let rows_of = (0..x.rank() - 1).map(|axis| x.from(axis));
        let from: Vec<Option<Origin>> = rows_of.chain((1..y.rank()).map(|axis| y.from(axis))).collect();
        let len = y.lens()[0];
        let lens: Vec<Value> = x.lens()[..x.rank() - 1].iter().chain(&y.lens()[1..]).copied().collect();
        // What several elements of the product read is computed once.
        let once = |term: &Term, other: &Term| if other.rank() == 1 { term.clone() } else { term.stored(self.b) };
        let (x, y) = (once(x, y), once(y, x));
        let rows = x.rank() - 1;
        // A row by a matrix is a row.
        let transposed = x.rank() == 1 && x.transposed;
        let operands = [x.clone(), y.clone()];
        let element = move |b: &Builder, place: &[Value]| {
            let zero = b.float(0.0);
            let sum = b.fold((b.index_lit(0), len), Direction::Up, &[zero], |k, sum| {
                let mut left = place[..rows].to_vec();
                left.push(k);
                let mut right = vec![k];
                right.extend(&place[rows..]);
                let (left, right) = (x.element(b, &left).as_float(b), y.element(b, &right).as_float(b));
                b.set_origin(Some(at));
                vec![b.call(Prim::Add, &[sum[0], b.call(Prim::Mul, &[left, right])])]
            });
            Scalar::float(sum[0])
        };
        if lens.is_empty() {
            return Ok(Term::scalar(element(self.b, &[]), at));
        }
        let term = Term::delayed(self.b, Kind::Float, lens, &operands, at, Rc::new(element));
        Ok(Term { transposed, factors, ..term.with_from(from) })
    }

    /// The matrix of the products of a column by a row.
    fn outer(&self, at: Origin, x: &Term, y: &Term) -> Term {
        let from = vec![x.from(0), y.from(0)];
        let (x, y) = (x.stored(self.b), y.stored(self.b));
        let lens = vec![x.lens()[0], y.lens()[0]];
        let operands = [x.clone(), y.clone()];
        let element = move |b: &Builder, place: &[Value]| {
            let (left, right) = (x.element(b, &place[..1]).as_float(b), y.element(b, &place[1..]).as_float(b));
            b.set_origin(Some(at));
            Scalar::float(b.call(Prim::Mul, &[left, right]))
        };
        Term::delayed(self.b, Kind::Float, lens, &operands, at, Rc::new(element)).with_from(from)
    }
}

/// x^y: by repeated multiplication where y is whole, which is right for x < 0 too.
pub(super) fn power(b: &Builder, x: Scalar, y: Scalar) -> Scalar {
    let base = x.as_float(b);
    // |u|² is u², also where |u| has a kink.
    if let (Kind::Literal(n), Some(kinked)) = (y.kind, b.call_of(base))
        && n % 2 == 0
    {
        match kinked {
            (Prim::Abs, [u, ..]) => return power(b, Scalar::float(u), y),
            (Prim::Hypot, [u, v, _]) => {
                let square = b.sym(u) * b.sym(u) + b.sym(v) * b.sym(v);
                return power(b, Scalar::float(square.value()), Scalar::literal(b, n / 2));
            }
            _ => {}
        }
    }
    let value = match y.kind {
        Kind::Literal(n) if n.unsigned_abs() <= 64 => b.call(Prim::Powi, &[base, b.int(n, IntKind::I32)]),
        Kind::Natural | Kind::Signed => b.call(Prim::Powi, &[base, y.as_signed(b, IntKind::I32)]),
        Kind::Float | Kind::Literal(_) | Kind::Bool if b.float_lit(base) == Some(std::f64::consts::E) => {
            b.call(Prim::Exp, &[y.as_float(b)])
        }
        Kind::Float | Kind::Literal(_) | Kind::Bool => b.call(Prim::Pow, &[base, y.as_float(b)]),
    };
    Scalar::float(value)
}

fn compare(b: &Builder, op: CmpOp, x: Scalar, y: Scalar) -> Value {
    let prim = match op {
        CmpOp::Lt => Prim::Lt,
        CmpOp::Le => Prim::Le,
        CmpOp::Gt => Prim::Gt,
        CmpOp::Ge => Prim::Ge,
        CmpOp::Eq => Prim::Eq,
        CmpOp::Ne => Prim::Ne,
    };
    if x.kind.is_whole() && y.kind.is_whole() && !(x.kind.is_literal() && y.kind.is_literal()) {
        return whole::compare(b, prim, x, y);
    }
    b.call(prim, &[x.as_float(b), y.as_float(b)])
}
