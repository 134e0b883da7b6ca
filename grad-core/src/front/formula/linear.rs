//! Determinants, inverses and linear systems of small matrices, in terms of loops and arithmetic.
//!
//! Up to 3 rows (a determinant: 4) they are written out by cofactors. Beyond, A[p, q] = L·U with complete pivoting: the
//! order of the pivots is found first, on values that carry no derivative, because it is piecewise constant; the
//! factors are then computed in that order by Doolittle's recurrence, which writes every element once, so that its
//! adjoint reads the factors themselves and needs no tape. What comes out of the adjoints of these loops are the
//! formulas of Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation
//! (2008): A⁻ᵀ for ln det A, det A · A⁻ᵀ for det A, −A⁻ᵀ X̄ A⁻ᵀ for A⁻¹, and for A⁻¹ b the solution b̄ of the transposed
//! system and −b̄ xᵀ.
//!
//! At a singular matrix the inverse, the solution and the logarithm are not finite. The determinant is a polynomial,
//! right with its first and second derivatives at every matrix: a pivot of 0 is never divided by, and the last two rows
//! that are left take the determinant of a 2×2 matrix.

use std::rc::Rc;

use super::lower::{Lowered, Lowering};
use super::scalar::{Kind, Scalar};
use super::term::{Element, Term};
use crate::diagnostic::Origin;
use crate::ir::{Builder, Direction, Store, Sym, Value};
use crate::prim::Prim;

/// Inverses and systems of so many rows are written out.
const MOST_WRITTEN_OUT: usize = 3;
/// Determinants of so many rows are.
const MOST_ROWS_OF_COFACTORS: usize = 4;

/// The factors of a matrix, its rows and columns in the order of the pivots.
struct Factors {
    n: Value,
    /// U on the diagonal and above, L without its diagonal of ones below.
    factors: Value,
    /// Which row and which column of the matrix is the k-th.
    rows: Value,
    columns: Value,
    /// The sign of the two permutations.
    sign: Value,
}

impl Lowering<'_> {
    /// `det(A)`
    pub(super) fn determinant(&self, at: Origin, a: &Term) -> Lowered<Term> {
        let a = self.square(at, "det", a)?;
        Ok(Term::scalar(Scalar::float(determinant(self.b, &a)), at))
    }

    /// `logdet(A)`: ln det A, NaN where that is negative.
    pub(super) fn log_determinant(&self, at: Origin, a: &Term) -> Lowered<Term> {
        let a = self.square(at, "logdet", a)?;
        let b = self.b;
        if written_out(b, &a, MOST_WRITTEN_OUT).is_some() {
            let det = determinant(b, &a);
            return Ok(Term::scalar(Scalar::float(b.call(Prim::Ln, &[det])), at));
        }
        let lu = factorise(b, &a, a.lens()[0]);
        let sums = b.fold((b.index_lit(0), lu.n), Direction::Up, &[b.float(0.0), lu.sign], |k, carries| {
            let pivot = b.sym(b.index(lu.factors, &[k, k]));
            let sign = pivot.lt(0.0).select(-b.sym(carries[1]), b.sym(carries[1]));
            vec![(b.sym(carries[0]) + pivot.abs().ln()).value(), sign.detach().value()]
        });
        let negative = b.sym(sums[1]).lt(0.0);
        let log = b.sym(sums[0]) + negative.select(f64::NAN, b.sym(b.float(0.0)));
        Ok(Term::scalar(Scalar::float(log.value()), at))
    }

    /// `inv(A)`
    pub(super) fn inverse(&self, at: Origin, a: &Term) -> Lowered<Term> {
        let a = self.square(at, "inv", a)?;
        let b = self.b;
        let lens = a.lens().to_vec();
        if let Some(rows) = written_out(b, &a, MOST_WRITTEN_OUT) {
            let (adjugate, reciprocal) = (adjugate(b, &rows), 1.0 / b.sym(minor(b, &rows)));
            let inverse: Vec<Value> = adjugate
                .iter()
                .map(|row| b.array(&row.iter().map(|c| (b.sym(*c) * reciprocal).value()).collect::<Vec<_>>()))
                .collect();
            return Ok(Term::of(b, b.array(&inverse), at));
        }
        let lu = factorise(b, &a, lens[0]);
        let unit: Element = Rc::new(|b, at| {
            let here = b.sym(b.call(Prim::Eq, &[at[0], at[1]]));
            Scalar::float(here.select(1.0, b.sym(b.float(0.0))).value())
        });
        Ok(solution(b, at, &lu, &lens, &unit))
    }

    /// `solve(A, b)`: x with A x = b, for a vector b or for every column of a matrix.
    pub(super) fn solve(&self, at: Origin, a: &Term, right: &Term) -> Lowered<Term> {
        let a = self.square(at, "solve", a)?;
        match right.rank() {
            0 => return Err(self.not_an_array(right, "`solve` takes a vector or a matrix on the right")),
            1 | 2 => {}
            _ => return self.refuse(right.at, "`solve` takes a vector or a matrix on the right"),
        }
        self.same_length(at, (&a, 0), (right, 0))?;
        let b = self.b;
        let right = right.stored(b);
        if let Some(rows) = written_out(b, &a, MOST_WRITTEN_OUT) {
            let (adjugate, det) = (adjugate(b, &rows), b.sym(minor(b, &rows)));
            let reciprocal = 1.0 / det;
            let n = rows.len();
            let row = |k: usize, rest: &[Value]| {
                let term = |j: usize| {
                    let place: Vec<Value> = std::iter::once(b.index_lit(j)).chain(rest.iter().copied()).collect();
                    b.sym(adjugate[k][j]) * b.sym(right.element(b, &place).as_float(b))
                };
                let sum = (1..n).fold(term(0), |sum, j| sum + term(j));
                // One division serves several rows.
                if n == 1 { (sum / det).value() } else { (sum * reciprocal).value() }
            };
            let along = &right.lens()[1..];
            let one = |k| if along.is_empty() { row(k, &[]) } else { b.build(along, |rest| row(k, rest)) };
            return Ok(Term::of(b, b.array(&(0..n).map(one).collect::<Vec<_>>()), at));
        }
        let lu = factorise(b, &a, a.lens()[0]);
        let lens = right.lens().to_vec();
        let right = right.clone();
        let element: Element = Rc::new(move |b, at| Scalar::float(right.element(b, at).as_float(b)));
        Ok(solution(b, at, &lu, &lens, &element))
    }

    /// A square matrix, stored.
    fn square(&self, at: Origin, name: &str, a: &Term) -> Lowered<Term> {
        let due = format!("`{name}` is of a square matrix");
        match a.rank() {
            0 => return Err(self.not_an_array(a, &due)),
            2 => {}
            _ => return self.refuse(a.at, due),
        }
        self.same_length(at, (a, 0), (a, 1))?;
        Ok(a.stored(self.b))
    }
}

/// The elements of a matrix of at most `most` rows.
fn written_out(b: &Builder, a: &Term, most: usize) -> Option<Vec<Vec<Value>>> {
    let n = usize::try_from(b.int_lit(b.local(a.lens()[0]))?).ok()?;
    let element = |i, j| a.element(b, &[b.index_lit(i), b.index_lit(j)]).as_float(b);
    (1..=most).contains(&n).then(|| (0..n).map(|i| (0..n).map(|j| element(i, j)).collect()).collect())
}

/// The determinant of a few rows, by the first one.
fn minor(b: &Builder, rows: &[Vec<Value>]) -> Value {
    let Some((first, below)) = rows.split_first() else { return b.float(1.0) };
    if below.is_empty() {
        return first[0];
    }
    let term = |j: usize| b.sym(first[j]) * b.sym(minor(b, &without(below, j)));
    let sum = (1..first.len()).fold(term(0), |sum, j| if j.is_multiple_of(2) { sum + term(j) } else { sum - term(j) });
    sum.value()
}

fn without(rows: &[Vec<Value>], column: usize) -> Vec<Vec<Value>> {
    rows.iter().map(|row| row.iter().enumerate().filter(|(j, _)| *j != column).map(|(_, v)| *v).collect()).collect()
}

/// The transposed cofactors.
fn adjugate(b: &Builder, rows: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let n = rows.len();
    let cofactor = |i: usize, j: usize| {
        let others: Vec<Vec<Value>> =
            rows.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, r)| r.clone()).collect();
        let minor = minor(b, &without(&others, j));
        if (i + j).is_multiple_of(2) { minor } else { b.call(Prim::Neg, &[minor]) }
    };
    (0..n).map(|i| (0..n).map(|j| cofactor(j, i)).collect()).collect()
}

fn determinant(b: &Builder, a: &Term) -> Value {
    if let Some(rows) = written_out(b, a, MOST_ROWS_OF_COFACTORS) {
        return minor(b, &rows);
    }
    let n = a.lens()[0];
    let (one, two) = (b.index_lit(1), b.index_lit(2));
    let few = b.call(Prim::Lt, &[n, two]);
    let det = b.branch(
        few,
        || {
            let none = b.call(Prim::Lt, &[n, one]);
            let zero = b.index_lit(0);
            b.branch(none, || vec![b.float(1.0)], || vec![a.element(b, &[zero, zero]).as_float(b)])
        },
        || {
            let last = b.call(Prim::Sub, &[n, one]);
            let stop = b.call(Prim::Sub, &[n, two]);
            let lu = factorise(b, a, stop);
            let product = b.fold((b.index_lit(0), stop), Direction::Up, &[lu.sign], |k, product| {
                vec![b.call(Prim::Mul, &[product[0], b.index(lu.factors, &[k, k])])]
            });
            let left = |i, j| b.sym(b.index(lu.factors, &[i, j]));
            let block = left(stop, stop) * left(last, last) - left(stop, last) * left(last, stop);
            vec![(b.sym(product[0]) * block).value()]
        },
    );
    det[0]
}

/// The next index.
fn after(b: &Builder, k: Value) -> Value {
    b.call(Prim::Add, &[k, b.index_lit(1)])
}

/// The factors of a square matrix; the first `stop` columns are eliminated, what they leave of the others stands in the
/// rest.
fn factorise(b: &Builder, a: &Term, stop: Value) -> Factors {
    let n = a.lens()[0];
    let [rows, columns, sign] = pivots(b, a, n);
    let zero = b.index_lit(0);
    let empty = b.build(&[n, n], |_| b.float(0.0));
    let range = |lo: Value, hi: Value| (lo, hi);
    // A[p, q] less what the first `through` columns have taken.
    let rest = |w: Value, i: Value, j: Value, through: Value| -> Sym<'_> {
        let own = a.element(b, &[b.index(rows, &[i]), b.index(columns, &[j])]).as_float(b);
        let sum = b.fold(range(zero, through), Direction::Up, &[own], |m, sum| {
            let taken = b.sym(b.index(w, &[i, m])) * b.sym(b.index(w, &[m, j]));
            vec![(b.sym(sum[0]) - taken).value()]
        });
        b.sym(sum[0])
    };
    // The elements of a row left of `until`, which are of L.
    let lower = |w: Value, i: Value, until: Value| {
        b.fold(range(zero, until), Direction::Up, &[w], |j, w| {
            let rest = rest(w[0], i, j, j).value();
            let pivot = b.index(w[0], &[j, j]);
            // Where the pivot is 0, all that is left is 0.
            let vanishes = b.call(Prim::Eq, &[pivot, b.float(0.0)]);
            let factor = b.branch(vanishes, || vec![b.float(0.0)], || vec![b.call(Prim::Div, &[rest, pivot])]);
            vec![b.update(w[0], &[i, j], factor[0], Store::Set)]
        })[0]
    };
    let upper = |w: Value, i: Value, from: Value| {
        b.fold(range(from, n), Direction::Up, &[w], |j, w| {
            let rest = rest(w[0], i, j, from).value();
            vec![b.update(w[0], &[i, j], rest, Store::Set)]
        })[0]
    };
    let factors = b.fold(range(zero, stop), Direction::Up, &[empty], |i, w| vec![upper(lower(w[0], i, i), i, i)]);
    let factors = b.fold(range(stop, n), Direction::Up, &factors, |i, w| vec![upper(lower(w[0], i, stop), i, stop)]);
    b.name(factors[0], "lu");
    Factors { n, factors: factors[0], rows, columns, sign }
}

/// The order in which Gauss's elimination takes rows and columns when every pivot is the largest element that is left, and
/// the sign of the two permutations. Nothing of it carries a derivative.
fn pivots(b: &Builder, a: &Term, n: Value) -> [Value; 3] {
    let zero = b.index_lit(0);
    let copy = b.build(&[n, n], |at| b.call(Prim::Detach, &[a.element(b, at).as_float(b)]));
    let order = b.build(&[n], |at| at[0]);
    let inits = [copy, order, order, b.float(1.0)];
    let carries = b.fold((zero, n), Direction::Up, &inits, |k, carries| {
        let [m, rows, columns, sign] = *carries else { unreachable!("there are four carries") };
        let largest = b.fold((k, n), Direction::Up, &[b.float(0.0), k, k], |i, found| {
            b.fold((k, n), Direction::Up, found, |j, found| {
                let element = b.index(m, &[b.index(rows, &[i]), b.index(columns, &[j])]);
                let size = b.call(Prim::Abs, &[element]);
                let larger = b.call(Prim::Gt, &[size, found[0]]);
                let pick = |new, old| b.call(Prim::Select, &[larger, new, old]);
                vec![pick(size, found[0]), pick(i, found[1]), pick(j, found[2])]
            })
        });
        let swapped = |order: Value, with: Value| {
            let (own, other) = (b.index(order, &[k]), b.index(order, &[with]));
            let order = b.update(order, &[k], other, Store::Set);
            b.update(order, &[with], own, Store::Set)
        };
        let (rows, columns) = (swapped(rows, largest[1]), swapped(columns, largest[2]));
        let turned = |sign: Value, with: Value| {
            let same = b.call(Prim::Eq, &[k, with]);
            b.call(Prim::Select, &[same, sign, b.call(Prim::Neg, &[sign])])
        };
        let sign = turned(turned(sign, largest[1]), largest[2]);
        let (row, column) = (b.index(rows, &[k]), b.index(columns, &[k]));
        let pivot = b.index(m, &[row, column]);
        let eliminated = b.branch(
            b.call(Prim::Eq, &[largest[0], b.float(0.0)]),
            || vec![m],
            || {
                b.fold((after(b, k), n), Direction::Up, &[m], |i, m| {
                    let own = b.index(rows, &[i]);
                    let factor = b.call(Prim::Div, &[b.index(m[0], &[own, column]), pivot]);
                    b.fold((after(b, k), n), Direction::Up, m, |j, m| {
                        let j = b.index(columns, &[j]);
                        let taken = b.sym(factor) * b.sym(b.index(m[0], &[row, j]));
                        vec![b.update(m[0], &[own, j], (-taken).value(), Store::Add)]
                    })
                })
            },
        );
        vec![eliminated[0], rows, columns, sign]
    });
    b.name(carries[1], "pivot_rows");
    b.name(carries[2], "pivot_columns");
    b.name(carries[3], "sign");
    [carries[1], carries[2], carries[3]]
}

/// X with A X = B, of the shape `lens` of B: forward and backward substitution.
fn solution(b: &Builder, at: Origin, lu: &Factors, lens: &[Value], right: &Element) -> Term {
    let (n, zero) = (lu.n, b.index_lit(0));
    let w = lu.factors;
    let empty = b.build(lens, |_| b.float(0.0));
    // For every place along the other axis, where there is one.
    let each = |x: Value, f: &dyn Fn(Value, &[Value]) -> Value| match lens.get(1) {
        None => f(x, &[]),
        Some(m) => b.fold((zero, *m), Direction::Up, &[x], |c, x| vec![f(x[0], &[c])])[0],
    };
    let place = |i: Value, rest: &[Value]| -> Vec<Value> { std::iter::once(i).chain(rest.iter().copied()).collect() };
    let less = |x: Value, first: Value, i: Value, (lo, hi): (Value, Value), rest: &[Value]| {
        b.fold((lo, hi), Direction::Up, &[first], |m, sum| {
            let taken = b.sym(b.index(w, &[i, m])) * b.sym(b.index(x, &place(m, rest)));
            vec![(b.sym(sum[0]) - taken).value()]
        })[0]
    };
    let y = b.fold((zero, n), Direction::Up, &[empty], |i, y| {
        vec![each(y[0], &|y, rest| {
            let own = right(b, &place(b.index(lu.rows, &[i]), rest)).as_float(b);
            b.update(y, &place(i, rest), less(y, own, i, (zero, i), rest), Store::Set)
        })]
    })[0];
    let z = b.fold((zero, n), Direction::Down, &[empty], |i, z| {
        vec![each(z[0], &|z, rest| {
            let own = less(z, b.index(y, &place(i, rest)), i, (after(b, i), n), rest);
            let quotient = b.call(Prim::Div, &[own, b.index(w, &[i, i])]);
            b.update(z, &place(i, rest), quotient, Store::Set)
        })]
    })[0];
    let order = b.build(&[n], |at| at[0]);
    let inverse = b.fold((zero, n), Direction::Up, &[order], |k, inverse| {
        vec![b.update(inverse[0], &[b.index(lu.columns, &[k])], k, Store::Set)]
    })[0];
    let solved = Term::of(b, z, at);
    let operands = [solved.clone()];
    let element: Element = Rc::new(move |b, at| {
        let k = b.index(inverse, &at[..1]);
        solved.element(b, &std::iter::once(k).chain(at[1..].iter().copied()).collect::<Vec<_>>())
    });
    Term::view(b, Kind::Float, lens.to_vec(), &operands, at, element)
}
