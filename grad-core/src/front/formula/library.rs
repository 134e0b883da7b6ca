//! Functions of arrays, and losses.

use grad_grammar::{Arg, Name};

use super::call::arity;
use super::lower::{Lowered, Lowering};
use super::reduce::Reduction;
use super::scalar::{Kind, Scalar};
use super::term::Term;
use crate::diagnostic::{Origin, Problem};
use crate::ir::{Builder, Direction, Sym, Value};
use crate::prim::Prim;

/// A function that the table of scalar primitives does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LibraryFunction {
    Dot,
    Norm,
    Norm1,
    Var,
    Softmax,
    LogSoftmax,
    LogSumExp,
    Transpose,
    Trace,
    Diag,
    Eye,
    Column,
    Hinge,
    Huber,
    Mse,
    CrossEntropy,
    BinaryCrossEntropy,
    Svm,
    Det,
    Inv,
    Solve,
    LogDet,
}

use LibraryFunction as F;

/// Sums of squares from here on have lost nothing that counts, in f32 neither.
const SMALLEST_SQUARE: f64 = 1e-30;

/// Name, function, the names of its arguments; the defaults are in [`Lowering::library`].
const LIBRARY: [(&str, LibraryFunction, &[&str]); 23] = [
    ("dot", F::Dot, &["x", "y"]),
    ("norm", F::Norm, &["x"]),
    ("norm1", F::Norm1, &["x"]),
    ("var", F::Var, &["x"]),
    ("softmax", F::Softmax, &["x"]),
    ("log_softmax", F::LogSoftmax, &["x"]),
    ("logsumexp", F::LogSumExp, &["x"]),
    ("transpose", F::Transpose, &["A"]),
    ("trace", F::Trace, &["A"]),
    ("tr", F::Trace, &["A"]),
    ("diag", F::Diag, &["x"]),
    ("eye", F::Eye, &["n"]),
    ("column", F::Column, &["x"]),
    ("hinge", F::Hinge, &["m"]),
    ("huber", F::Huber, &["r", "d"]),
    ("mse", F::Mse, &["x", "y"]),
    ("cross_entropy", F::CrossEntropy, &["logits", "y"]),
    ("binary_cross_entropy", F::BinaryCrossEntropy, &["p", "y"]),
    ("svm", F::Svm, &["scores", "y"]),
    ("det", F::Det, &["A"]),
    ("inv", F::Inv, &["A"]),
    ("solve", F::Solve, &["A", "b"]),
    ("logdet", F::LogDet, &["A"]),
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    LIBRARY.iter().map(|(name, ..)| *name)
}

pub(super) fn function(name: &str) -> Option<LibraryFunction> {
    LIBRARY.iter().find(|(other, ..)| *other == name).map(|(_, function, _)| *function)
}

/// The fewest and the most arguments that a library function takes.
pub(super) fn counts(name: &str) -> Option<(usize, usize)> {
    let (_, function, names) = LIBRARY.iter().find(|(other, ..)| *other == name)?;
    Some((names.len() - usize::from(*function == F::Huber), names.len()))
}

/// Whether the name is of a library function or a reduction.
pub(super) fn is_function(name: &str) -> bool {
    function(name).is_some() || Reduction::by_name(name).is_some()
}

pub(super) fn takes_keywords(name: &str) -> bool {
    function(name).is_some()
}

impl Lowering<'_> {
    pub(super) fn library(
        &self,
        at: Origin,
        name: &Name,
        function: LibraryFunction,
        args: &[Arg],
        terms: &[Term],
    ) -> Lowered<Term> {
        let given = self.arguments(name, args, terms)?;
        let [x, rest @ ..] = given.as_slice() else { unreachable!("every library function takes an argument") };
        let one = |x: &Term, f: fn(&Builder, Value) -> Value| {
            self.zip(at, std::slice::from_ref(x), Kind::Float, move |b, x| Scalar::float(f(b, x[0].as_float(b))))
        };
        match function {
            F::Dot => match (x.rank(), rest[0].rank()) {
                (1, 1) => self.product(at, x, &Term { transposed: false, ..rest[0].clone() }),
                _ => {
                    let wrong = if x.rank() == 1 { &rest[0] } else { x };
                    if wrong.rank() == 0 {
                        return Err(self.not_an_array(wrong, "`dot` is of two vectors"));
                    }
                    self.refuse(at, "`dot` is of two vectors")
                }
            },
            F::Norm => self.norm(at, x),
            F::Norm1 => {
                let sizes = one(x, |b, x| b.call(Prim::Abs, &[x]))?;
                Ok(Term::scalar(Scalar::float(self.total(at, x, &sizes)?), at))
            }
            F::Var => {
                let x = x.stored(self.b);
                let mean = self.reduce(at, Reduction::Mean, &x)?;
                let squares = self.zip(at, &[x, mean], Kind::Float, |b, x| {
                    let d = b.call(Prim::Sub, &[x[0].as_float(b), x[1].as_float(b)]);
                    Scalar::float(b.call(Prim::Mul, &[d, d]))
                })?;
                self.reduce(at, Reduction::Mean, &squares)
            }
            F::Softmax => {
                let x = self.vector_of(x, "`softmax` is of a vector")?;
                let shifted = self.shifted(at, &x)?;
                let exps = one(&shifted, |b, x| b.call(Prim::Exp, &[x]))?.stored(self.b);
                let sum = self.reduce(at, Reduction::Sum, &exps)?;
                self.b.name(sum.as_scalar().as_float(self.b), "sum");
                self.zip(at, &[exps, sum], Kind::Float, |b, x| {
                    Scalar::float(b.call(Prim::Div, &[x[0].as_float(b), x[1].as_float(b)]))
                })
            }
            F::LogSoftmax => {
                let x = self.vector_of(x, "`log_softmax` is of a vector")?;
                let total = self.log_sum_exp(at, &x)?;
                self.arithmetic(at, Prim::Sub, &[x, total])
            }
            F::LogSumExp => {
                if x.rank() == 0 {
                    return Err(self.not_an_array(x, "`logsumexp` is of a vector or a matrix"));
                }
                self.log_sum_exp(at, &x.stored(self.b))
            }
            F::Transpose => self.transpose(at, x),
            F::Trace => self.trace(at, x),
            F::Diag => self.diagonal(at, x),
            F::Eye => self.identity(at, x),
            F::Column => self.column(at, x),
            F::Hinge => one(x, |b, m| b.call(Prim::Relu, &[b.call(Prim::Sub, &[b.float(1.0), m])])),
            F::Huber => {
                let one = Term::scalar(Scalar::float(self.b.float(1.0)), at);
                let d = rest.first().unwrap_or(&one);
                self.zip(at, &[x.clone(), d.clone()], Kind::Float, |b, x| {
                    let (r, d) = (x[0].as_float(b), x[1].as_float(b));
                    // r²/2 inside, its second derivative 1 at r = 0 too, and d·(|r| − d/2) outside.
                    let (r, size, d) = (b.sym(r), b.sym(b.call(Prim::Abs, &[r])), b.sym(d));
                    Scalar::float(size.le(d).select(0.5 * r * r, d * (size - 0.5 * d)).value())
                })
            }
            F::Mse => {
                let squares = self.zip(at, &[x.clone(), rest[0].clone()], Kind::Float, |b, x| {
                    let d = b.call(Prim::Sub, &[x[0].as_float(b), x[1].as_float(b)]);
                    Scalar::float(b.call(Prim::Mul, &[d, d]))
                })?;
                self.averaged(at, squares)
            }
            F::CrossEntropy => self.cross_entropy(at, x, &rest[0]),
            F::BinaryCrossEntropy => {
                let terms = self.zip(at, &[x.clone(), rest[0].clone()], Kind::Float, |b, x| {
                    let (p, y) = (b.sym(x[0].as_float(b)), b.sym(x[1].as_float(b)));
                    let (yes, no) = match b.call_of(p.value()) {
                        Some((Prim::Sigmoid, [z, ..])) => {
                            (y * b.sym(z).log_sigmoid(), (1.0 - y) * (-b.sym(z)).log_sigmoid())
                        }
                        _ => (certain_or(y, p.eq(0.0), p.ln()), certain_or(1.0 - y, p.eq(1.0), (-p).ln_1p())),
                    };
                    Scalar::float((-(yes + no)).value())
                })?;
                self.averaged(at, terms)
            }
            F::Svm => self.svm(at, x, &rest[0]),
            F::Det => self.determinant(at, x),
            F::Inv => self.inverse(at, x),
            F::Solve => self.solve(at, x, &rest[0]),
            F::LogDet => self.log_determinant(at, x),
        }
    }

    /// The arguments in the order of the definition; only `huber` has one that may be left out, its last.
    fn arguments(&self, name: &Name, args: &[Arg], terms: &[Term]) -> Lowered<Vec<Term>> {
        let text = name.text.as_str();
        let (_, function, names) = LIBRARY.iter().find(|(other, ..)| *other == text).expect("the function was found");
        let least = names.len() - usize::from(*function == F::Huber);
        if terms.len() < least || terms.len() > names.len() {
            let problem = Problem::new(self.origin_of(name.span), arity(text, names.len(), terms.len()));
            return Err(self.report(problem.help(format!("`{text}({})`", names.join(", ")))));
        }
        let mut given: Vec<Option<Term>> = vec![None; names.len()];
        let mut position = 0;
        for (arg, term) in args.iter().zip(terms) {
            let place = match &arg.name {
                Some(keyword) => match names.iter().position(|name| *name == keyword.text) {
                    Some(place) => place,
                    None => {
                        let title = format!("`{text}` has no argument of the name `{}`", keyword.text);
                        return self.refuse(self.origin_of(keyword.span), title);
                    }
                },
                None => {
                    position += 1;
                    position - 1
                }
            };
            if given[place].is_some() {
                let title = format!("the argument `{}` is given twice", names[place]);
                return self.refuse(self.origin_of(arg.span), title);
            }
            given[place] = Some(term.clone());
        }
        if let Some(missing) = given[..least].iter().position(Option::is_none) {
            let title = format!("the argument `{}` of `{text}` is missing", names[missing]);
            return self.refuse(self.origin_of(name.span), title);
        }
        Ok(given.into_iter().flatten().collect())
    }

    fn vector_of(&self, x: &Term, due: &str) -> Lowered<Term> {
        match x.rank() {
            0 => Err(self.not_an_array(x, due)),
            1 => Ok(x.stored(self.b)),
            _ => self.refuse(x.at, due),
        }
    }

    /// The sum of `terms`, which were computed from `x`.
    fn total(&self, at: Origin, x: &Term, terms: &Term) -> Lowered<Value> {
        if x.rank() == 0 {
            return Err(self.not_an_array(x, "a norm is of a vector or a matrix"));
        }
        Ok(self.reduce(at, Reduction::Sum, terms)?.as_scalar().as_float(self.b))
    }

    /// √Σx², by way of x over its largest element where the squares might overflow or vanish: the norm is the same for every
    /// such divisor, which is held constant. At the origin, where the norm has a kink, the derivative is 0.
    fn norm(&self, at: Origin, x: &Term) -> Lowered<Term> {
        let b = self.b;
        let square = |b: &Builder, x: Value| b.call(Prim::Mul, &[x, x]);
        let terms = std::slice::from_ref(x);
        let squares = self.zip(at, terms, Kind::Float, move |b, x| Scalar::float(square(b, x[0].as_float(b))))?;
        let squared = self.total(at, x, &squares)?;
        // The norm itself reads x several times, its square once.
        let x = &x.stored(b);
        let terms = std::slice::from_ref(x);
        let squares = self.zip(at, terms, Kind::Float, move |b, x| Scalar::float(square(b, x[0].as_float(b))))?;
        let sum = self.total(at, x, &squares)?;
        let sizes = self.zip(at, terms, Kind::Float, |b, x| Scalar::float(b.call(Prim::Abs, &[x[0].as_float(b)])))?;
        let rough = b.sym(sum).lt(SMALLEST_SQUARE) | b.sym(sum).eq(f64::INFINITY);
        let scaled = || -> Lowered<Vec<Value>> {
            let largest = self.reduce(at, Reduction::Max, &sizes)?.as_scalar().as_float(b);
            let largest = b.call(Prim::Detach, &[largest]);
            b.name(largest, "largest");
            let parts = || -> Lowered<Vec<Value>> {
                let divisor = Term::scalar(Scalar::float(largest), at);
                let squares = self.zip(at, &[x.clone(), divisor], Kind::Float, move |b, x| {
                    let part = b.call(Prim::Div, &[x[0].as_float(b), x[1].as_float(b)]);
                    Scalar::float(square(b, part))
                })?;
                let sum = self.total(at, x, &squares)?;
                Ok(vec![(b.sym(largest) * b.sym(sum).sqrt()).value()])
            };
            let finite = b.sym(largest).lt(f64::INFINITY).value();
            let some = || b.try_branch(finite, parts, || Ok(vec![b.call(Prim::Sqrt, &[sum])]));
            // No element is larger than nothing in an empty vector either.
            b.try_branch(b.sym(largest).gt(0.0).value(), some, || Ok(vec![b.float(0.0)]))
        };
        let norm = b.try_branch(rough.value(), scaled, || Ok(vec![b.call(Prim::Sqrt, &[sum])]))?;
        Ok(Term { squared: Some(squared), ..Term::scalar(Scalar::float(norm[0]), at) })
    }

    /// The mean of an array; a scalar itself.
    fn averaged(&self, at: Origin, x: Term) -> Lowered<Term> {
        if x.rank() == 0 { Ok(x) } else { self.reduce(at, Reduction::Mean, &x) }
    }

    /// The maximum, held constant (the shift cancels), or 0 where it is infinite.
    fn shift(&self, at: Origin, x: &Term) -> Lowered<Term> {
        let b = self.b;
        let max = self.reduce(at, Reduction::Max, x)?.as_scalar().as_float(b);
        b.name(max, "max");
        let size = b.call(Prim::Abs, &[max]);
        let infinite = b.call(Prim::Eq, &[size, b.float(f64::INFINITY)]);
        let finite = b.call(Prim::Select, &[infinite, b.float(0.0), max]);
        let shift = b.call(Prim::Detach, &[finite]);
        b.name(shift, "shift");
        Ok(Term::scalar(Scalar::float(shift), at))
    }

    fn shifted(&self, at: Origin, x: &Term) -> Lowered<Term> {
        let shift = self.shift(at, x)?;
        self.arithmetic(at, Prim::Sub, &[x.clone(), shift])
    }

    /// ln Σ exp(x) = m + ln Σ exp(x − m)
    fn log_sum_exp(&self, at: Origin, x: &Term) -> Lowered<Term> {
        let b = self.b;
        let shift = self.shift(at, x)?;
        let exps = self.zip(at, &[x.clone(), shift.clone()], Kind::Float, |b, x| {
            let d = b.call(Prim::Sub, &[x[0].as_float(b), x[1].as_float(b)]);
            Scalar::float(b.call(Prim::Exp, &[d]))
        })?;
        let sum = self.reduce(at, Reduction::Sum, &exps)?.as_scalar().as_float(b);
        b.name(sum, "sum");
        let log = b.call(Prim::Ln, &[sum]);
        Ok(Term::scalar(Scalar::float(b.call(Prim::Add, &[shift.as_scalar().as_float(b), log])), at))
    }

    fn trace(&self, at: Origin, x: &Term) -> Lowered<Term> {
        match x.rank() {
            0 => return Err(self.not_an_array(x, "`trace` is of a matrix")),
            2 => {}
            _ => return self.refuse(x.at, "`trace` is of a matrix"),
        }
        self.same_length(at, (x, 0), (x, 1))?;
        let b = self.b;
        // tr(A B) is the sum of the elements of A times those of Bᵀ, and needs no product.
        if let Some([p, q]) = x.factors() {
            let (p, q) = (p.stored(b), q.stored(b));
            let pairs = if p.turned && !q.turned {
                self.arithmetic(at, Prim::Mul, &[self.transpose(at, &p)?, q])?
            } else {
                self.arithmetic(at, Prim::Mul, &[p, self.transpose(at, &q)?])?
            };
            return self.reduce(at, Reduction::Sum, &pairs);
        }
        let zero = b.float(0.0);
        let sum = b.fold((b.index_lit(0), x.lens()[0]), Direction::Up, &[zero], |k, sum| {
            vec![b.call(Prim::Add, &[sum[0], x.element(b, &[k, k]).as_float(b)])]
        });
        Ok(Term::scalar(Scalar::float(sum[0]), at))
    }

    /// ln Σ exp(logits) − logits[y] for a class y; Σ y·(ln Σ exp(logits) − logits) for probabilities y.
    fn cross_entropy(&self, at: Origin, logits: &Term, y: &Term) -> Lowered<Term> {
        let b = self.b;
        let logits = self.vector_of(logits, "the logits of `cross_entropy` are a vector")?;
        if y.rank() > 0 {
            let total = self.log_sum_exp(at, &logits)?;
            let terms = self.zip(at, &[logits, y.clone(), total], Kind::Float, |b, x| {
                let d = b.call(Prim::Sub, &[x[2].as_float(b), x[0].as_float(b)]);
                Scalar::float(b.call(Prim::Mul, &[x[1].as_float(b), d]))
            })?;
            return self.reduce(at, Reduction::Sum, &terms);
        }
        let class = self.whole(y, "an index")?;
        let total = self.log_sum_exp(at, &logits)?.as_scalar().as_float(b);
        let own = logits.element(b, &[class]).as_float(b);
        Ok(Term::scalar(Scalar::float(b.call(Prim::Sub, &[total, own])), at))
    }

    /// Σ over j ≠ y of max(0, s_j − s_y + 1). Weston and Watkins 1999.
    fn svm(&self, at: Origin, scores: &Term, y: &Term) -> Lowered<Term> {
        let b = self.b;
        let scores = self.vector_of(scores, "the scores of `svm` are a vector")?;
        let class = self.whole(y, "an index")?;
        let own = scores.element(b, &[class]).as_float(b);
        let zero = b.float(0.0);
        let sum = b.fold((b.index_lit(0), scores.lens()[0]), Direction::Up, &[zero], |j, sum| {
            let other = b.call(Prim::Ne, &[j, class]);
            b.branch(
                other,
                || {
                    let margin = b.sym(scores.element(b, &[j]).as_float(b)) - b.sym(own) + 1.0;
                    vec![(b.sym(sum[0]) + margin.call(Prim::Relu, &[])).value()]
                },
                || vec![sum[0]],
            )
        });
        Ok(Term::scalar(Scalar::float(sum[0]), at))
    }
}

/// weight·log, which is 0 where the weight is and the logarithm is that of 0: a certain prediction that is right costs
/// nothing. Its slope in the weight is −∞ there, nearly.
fn certain_or<'b>(weight: Sym<'b>, vanishes: Sym<'b>, log: Sym<'b>) -> Sym<'b> {
    (weight.eq(0.0) & vanishes).select(f64::from(f32::MIN) * weight, weight * log)
}
