//! Stable forms of a primal: further rules, and shifted exponentials.
//!
//! ln Σ wₖ·exp(gₖ) = m + ln Σ wₖ·exp(gₖ − m) with m = max gₖ: no overflow, and at least one term that does not vanish.
//!
//! The identity holds for every m, so m is held constant under differentiation (`detach`). Sums of several terms and loops
//! that add one term an iteration are recognised. Blanchard, Higham and Higham, Accurately computing the log-sum-exp and
//! softmax functions, IMA J. Numer. Anal. 2021. A term over such a sum, a softmax, is shifted in the same way:
//! v·exp(h) / Σ wₖ·exp(gₖ) = v·exp(h − m) / Σ wₖ·exp(gₖ − m).

use std::collections::BTreeMap;

use super::sign::{self, Fact};
use super::{differences, element, lengths, moments, products, rules};
use crate::ir::build::live_nodes;
use crate::ir::{Body, Builder, Direction, Elem, Id, IntKind, Lit, Op, Value};
use crate::prim::Prim;

/// Sums of more terms are left alone.
const MOST_TERMS: usize = 64;

/// Records `body` with stable log-sum-exps, nested bodies too.
pub(super) fn record(b: &Builder, body: &Body, args: &[Value]) -> Vec<Value> {
    record_beside(b, body, args, &Sums::new())
}

/// The sums of exponentials around a body, by the parameters that they come in through.
type Sums = BTreeMap<Id, Sum>;

/// A sum divided by exp(m), and its logarithm.
struct Sum {
    shifted: Shifted,
    ln: Value,
}

fn record_beside(b: &Builder, body: &Body, args: &[Value], sums: &Sums) -> Vec<Value> {
    let live = live_nodes(body);
    let uses = uses(body, &live);
    let mut map: Vec<Option<Value>> = vec![None; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        let shifted = match &body.node(id).op {
            Op::Call(Prim::Ln, operands) => sums
                .get(&operands[0])
                .map(|sum| sum.ln)
                .or_else(|| of_sum(b, body, operands[0], &map))
                .or_else(|| of_mean(b, body, operands[0], &map))
                .or_else(|| of_difference(b, body, operands[0], &map))
                .or_else(|| {
                    let x = map[operands[0].index()].expect("operands come before users");
                    ln_of_element(b, x)
                })
                .or_else(|| of_choice(b, body, operands[0], &uses, &map)),
            Op::Call(Prim::Div, operands) => of_ratio(b, body, operands[0], operands[1], &map, sums)
                .or_else(|| products::of_exponentials(b, body, id, &uses, &map)),
            Op::Call(Prim::Mul, _) => products::of_exponentials(b, body, id, &uses, &map),
            Op::Call(Prim::Sqrt, operands) => lengths::of_terms(b, body, operands[0], &uses, &map)
                .or_else(|| lengths::of_loop(b, body, operands[0], &uses, &map)),
            Op::Call(Prim::Pow, operands) => of_power(b, body, operands[0], operands[1], &map),
            Op::Call(Prim::Sub, operands) if body.ty(id).is_float() => {
                let of = |x: Id| map[x.index()].expect("operands come before users");
                moments::of_difference(b, body, operands, &map)
                    .or_else(|| differences::of_shifted(b, of(operands[0]), of(operands[1])))
            }
            Op::Call(Prim::Ln1p, operands) => of_terms(b, body, operands[0], &map, Rest::One)
                .or_else(|| of_loop(b, body, operands[0], &map, Rest::One)),
            Op::Call(Prim::Add, operands) => {
                let ways = [(operands[0], operands[1]), (operands[1], operands[0])];
                ways.into_iter().find_map(|(m, ln)| of_shifted_loop(b, body, m, ln, &map))
            }
            _ => None,
        };
        let better = shifted.or_else(|| match &body.node(id).op {
            Op::Call(prim, operands) if body.ty(operands[0]).is_float() && !is_at_hand(body, id, &uses) => {
                let operands: Vec<Value> =
                    operands.iter().map(|x| map[x.index()].expect("operands come before users")).collect();
                rules::of_primal(b, *prim, &operands)
            }
            _ => None,
        });
        let v = better.unwrap_or_else(|| {
            let sums = sums_inside(b, body, id, &map);
            b.import_node_with(body, id, args, &map, &|inner, args| record_beside(b, inner, args, &sums))
        });
        if let Some(name) = body.names.get(&id)
            && !matches!(body.node(id).op, Op::Param(_))
        {
            b.name(v, name);
        }
        map[id.index()] = Some(v);
    }
    body.results.iter().map(|r| map[r.index()].expect("a result is live")).collect()
}

/// The loops' sums of exponentials that the body inside a node divides exponentials by, or takes the logarithms of.
fn sums_inside(b: &Builder, body: &Body, id: Id, map: &[Option<Value>]) -> Sums {
    let (inner, first, captures) = match &body.node(id).op {
        Op::Build { lens, body: inner, captures } => (inner, lens.len(), captures),
        Op::Fold { inits, body: inner, captures, .. } => (inner, 1 + inits.len(), captures),
        _ => return Sums::new(),
    };
    let of_capture = |(k, capture): (usize, &Id)| {
        let param = inner.params[first + k];
        let summed = Summed::of(body, *capture).filter(|summed| summed.shift(body).is_none())?;
        if !is_divisor_of_exponentials(inner, param) {
            return None;
        }
        let shifted = shifted_loop(b, body, &summed, summed.exponent, map, Rest::Nothing)?;
        Some((param, Sum { shifted, ln: shifted.logarithm(b) }))
    };
    captures.iter().enumerate().filter_map(of_capture).collect()
}

/// Whether a body reads a parameter in v·exp(h) / p and ln(p) alone.
fn is_divisor_of_exponentials(body: &Body, param: Id) -> bool {
    let fits = |id: Id| match &body.node(id).op {
        Op::Call(Prim::Ln, _) => true,
        Op::Call(Prim::Div, args) if args[1] == param => args[0] != param && is_unshifted(body, args[0]),
        op => {
            let mut reads = false;
            op.operands(|x| reads |= x == param);
            !reads
        }
    };
    !body.results.contains(&param) && body.ids().all(fits)
}

/// Whether a product has a factor exp(h), and h is not shifted by hand: a second shift would gain nothing.
fn is_unshifted(body: &Body, product: Id) -> bool {
    exponential(body, product).is_some_and(|(_, h)| !matches!(body.node(h).op, Op::Call(Prim::Sub, _)))
}

/// How often each node is read.
pub(super) fn uses(body: &Body, live: &[bool]) -> Vec<usize> {
    let mut uses = vec![0; body.nodes.len()];
    for id in body.ids().filter(|id| live[id.index()]) {
        body.node(id).op.operands(|x| uses[x.index()] += 1);
    }
    body.results.iter().for_each(|r| uses[r.index()] += 1);
    uses
}

/// Whether a node is the sum or difference of such a function, or of the square of a sine or cosine, and something, or a
/// sine divided by a cosine, and these are read elsewhere as well: then another function in its place, right to a few digits
/// more or cheaper by a division, would be evaluated beside them.
fn is_at_hand(body: &Body, id: Id, uses: &[usize]) -> bool {
    use Prim::{Cos, Cosh, Erf, Sigmoid, Sin};
    let is_shared = |x: Id, times: usize| {
        matches!(body.node(x).op, Op::Call(Sin | Cos | Cosh | Erf | Sigmoid, _)) && uses[x.index()] > times
    };
    match &body.node(id).op {
        Op::Call(Prim::Add | Prim::Sub, args) => {
            args.iter().any(|x| is_shared(*x, 1) || squared(body, *x).is_some_and(|x| is_shared(x, 2)))
        }
        Op::Call(Prim::Div, args) => is_cosine(body, args[1]) && args.iter().any(|x| is_shared(*x, 1)),
        _ => false,
    }
}

/// The x of x·x.
fn squared(body: &Body, id: Id) -> Option<Id> {
    match &body.node(id).op {
        Op::Call(Prim::Mul, args) if args[0] == args[1] => Some(args[0]),
        _ => None,
    }
}

fn is_cosine(body: &Body, id: Id) -> bool {
    matches!(body.node(id).op, Op::Call(Prim::Cos, _))
}

/// Whether some call may have a stabler form: what is not re-recorded keeps its order.
pub(super) fn may_improve(body: &Body) -> bool {
    use Prim::{
        Add, Cos, Cosh, Detach, Div, Erf, Erfc, Exp, ExpM1, Hypot, Ln, Ln1p, Log2, Log10, Mul, OneMinusCos, Pow, Powi,
        Sigmoid, Sin, Sqrt, Sub, Tanh, Xlogx,
    };
    let uses = uses(body, &live_nodes(body));
    let is = |id: Id, wanted: Prim| matches!(body.node(id).op, Op::Call(prim, _) if prim == wanted);
    body.ids().any(|id| match &body.node(id).op {
        Op::Call(
            Cosh | Detach | Erf | Erfc | Exp | ExpM1 | Ln | Ln1p | Log2 | Log10 | OneMinusCos | Sigmoid | Tanh | Xlogx,
            _,
        ) => true,
        Op::Call(Sub, args) => {
            let is_near = |x: Id| is(x, Cos) || squared(body, x).is_some_and(|x| is(x, Sin) || is(x, Cos));
            let is_cancelling = [Div, Hypot, Sqrt].iter().any(|prim| is(args[0], *prim));
            is_cancelling || args.iter().any(|x| is_near(*x)) && !is_at_hand(body, id, &uses)
        }
        Op::Call(Div, args) => is(args[0], Sin) || is_product_with(body, args[0], Sin),
        Op::Call(Mul, args) if args.iter().any(|x| is(*x, Sqrt) || is(*x, Pow)) => true,
        Op::Call(Powi, args) => is(args[0], Sqrt),
        Op::Call(Mul, args) => [(0, 1), (1, 0)].iter().any(|(x, y)| is(args[*x], Div) && is(args[*y], Sin)),
        Op::Call(Sqrt, args) => {
            [Add, Mul, Powi].iter().any(|prim| is(args[0], *prim)) || matches!(body.node(args[0]).op, Op::Get(..))
        }
        Op::Call(Pow, args) => is(args[0], Add) || is(args[0], Sub),
        Op::If { then, otherwise, .. } => may_improve(then) || may_improve(otherwise),
        Op::Fold { body, .. } | Op::Build { body, .. } => may_improve(body),
        Op::While { cond, body, .. } => may_improve(cond) || may_improve(body),
        _ => false,
    })
}

fn is_product_with(body: &Body, id: Id, factor: Prim) -> bool {
    let is_factor = |x: &Id| matches!(body.node(*x).op, Op::Call(prim, _) if prim == factor);
    matches!(&body.node(id).op, Op::Call(Prim::Mul, args) if args.iter().any(is_factor))
}

/// What is added to a sum before its logarithm is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// 1, which is exp(0).
    One,
}

/// A sum divided by exp(m), where m is `shift`.
#[derive(Clone, Copy)]
struct Shifted {
    shift: Value,
    total: Value,
    logarithm: Logarithm,
}

/// How the logarithm of the sum is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Logarithm {
    /// m + ln(total)
    Plain,
    /// m + ln(1 + total), where 1 has been taken from what was added: small sums keep their digits.
    LessOne,
    /// The same where nothing is shifted. Where something is, weights may make the sum as small as the 1, divided by exp(m),
    /// is: that is added then.
    LessOneUnshifted,
}

impl Logarithm {
    /// Of terms whose factors beside the exponential may be small.
    fn of(rest: Rest, is_weighted: bool) -> Logarithm {
        match (rest, is_weighted) {
            (Rest::Nothing, _) => Logarithm::Plain,
            (Rest::One, false) => Logarithm::LessOne,
            (Rest::One, true) => Logarithm::LessOneUnshifted,
        }
    }

    /// What the sum begins with.
    fn start(self, b: &Builder, shift: Value) -> Value {
        let m = b.sym(shift);
        match self {
            Logarithm::Plain => b.float(0.0),
            Logarithm::LessOne => (-m).exp_m1().value(),
            Logarithm::LessOneUnshifted => m.gt(0.0).select((-m).exp(), 0.0).value(),
        }
    }
}

impl Shifted {
    fn logarithm(self, b: &Builder) -> Value {
        let (m, total) = (b.sym(self.shift), b.local(self.total));
        let (ln, ln_1p) = (|| b.sym(b.record(Prim::Ln, &[total])), || b.sym(b.record(Prim::Ln1p, &[total])));
        match self.logarithm {
            Logarithm::Plain => (m + ln()).value(),
            Logarithm::LessOne => (m + ln_1p()).value(),
            Logarithm::LessOneUnshifted => m.gt(0.0).select(m + ln(), ln_1p()).value(),
        }
    }
}

/// No shifted exponential is larger than the exponential of this, which is finite in either width of floats.
const LARGEST_SHIFTED: f64 = 80.0;

/// The maximum of the exponents, given that of all and that of the terms with a factor that is not 0: what is not there must
/// not make the others vanish, nor may it overflow.
fn largest(b: &Builder, all: Value, present: Value) -> Value {
    (b.sym(all) - LARGEST_SHIFTED).max(b.sym(present)).value()
}

/// The exponent of a term, −∞ where its factor is 0.
fn present(b: &Builder, factor: Value, exponent: Value) -> Value {
    b.sym(factor).eq(0.0).select(f64::NEG_INFINITY, b.sym(exponent)).value()
}

/// Products of more factors are left alone.
const MOST_FACTORS: usize = 64;

/// The factor exp(g) of a product: (the exp's node, g).
fn exponential(body: &Body, id: Id) -> Option<(Id, Id)> {
    let mut left = MOST_FACTORS;
    let found = exponential_factor(body, id, &mut left);
    // A part of the product that was not looked at may have another.
    if left == 0 { None } else { found }
}

fn exponential_factor(body: &Body, id: Id, left: &mut usize) -> Option<(Id, Id)> {
    *left = left.checked_sub(1)?;
    match &body.node(id).op {
        Op::Call(Prim::Exp, args) => Some((id, args[0])),
        Op::Call(Prim::Mul, args) => {
            match (exponential_factor(body, args[0], left), exponential_factor(body, args[1], left)) {
                (Some(found), None) | (None, Some(found)) => Some(found),
                (Some(_), Some(_)) | (None, None) => None,
            }
        }
        Op::Call(Prim::Div, args) => match exponential_factor(body, args[1], left) {
            None => exponential_factor(body, args[0], left),
            Some(_) => None,
        },
        _ => None,
    }
}

/// m where it is finite, 0 otherwise: infinities stay what they are.
fn shift(b: &Builder, m: Value) -> Value {
    let m = b.sym(m);
    m.abs().eq(f64::INFINITY).select(0.0, m).detach().value()
}

/// exp(g − m) for exp(g), inside the term that it is a factor of.
fn term(b: &Builder, body: &Body, id: Id, exp: Id, shifted: Value, of: &dyn Fn(Id) -> Value) -> Value {
    if id == exp {
        return shifted;
    }
    let Op::Call(prim, args) = &body.node(id).op else { unreachable!("a term is a product around its exponential") };
    let factor = |id: Id| {
        let inside = exponential(body, id).is_some_and(|(found, _)| found == exp);
        if inside { term(b, body, id, exp, shifted, of) } else { of(id) }
    };
    let args: Vec<Value> = args.iter().map(|a| factor(*a)).collect();
    b.call(*prim, &args)
}

/// Products of more factors, and arrays made of more arrays, are left alone.
const MOST_STEPS: usize = 64;

/// The logarithm of what has an element of an array of exponentials for a factor; of a product of two such, both positive,
/// the sum of theirs.
fn ln_of_element(b: &Builder, v: Value) -> Option<Value> {
    let of = |v: Value| of_element(b, v).map(|v| b.sym(b.call(Prim::Ln, &[v])));
    if let Some((Prim::Mul, [x, y, _])) = b.call_of(v)
        && let (Some(x), Some(y)) = (of(x), of(y))
    {
        return Some((x + y).value());
    }
    of(v).map(|ln| ln.value())
}

/// What has an element of an array of exponentials for a factor, with the element computed where it is read: its logarithm
/// is that of no rounded, overflown or vanished number.
fn of_element(b: &Builder, v: Value) -> Option<Value> {
    let mut left = MOST_STEPS;
    with_exponential(b, v, &mut left).filter(|made| *made != v)
}

fn with_exponential(b: &Builder, v: Value, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    match b.op(v) {
        Op::Call(Prim::Exp, _) => Some(v),
        Op::Call(Prim::Div, args) => {
            let dividend = with_exponential(b, b.sibling(v, args[0]), left)?;
            Some(b.call(Prim::Div, &[dividend, b.sibling(v, args[1])]))
        }
        Op::Call(Prim::Mul, args) => {
            let (x, y) = (b.sibling(v, args[0]), b.sibling(v, args[1]));
            if let Some(x) = with_exponential(b, x, left) {
                return Some(b.call(Prim::Mul, &[x, y]));
            }
            with_exponential(b, y, left).map(|y| b.call(Prim::Mul, &[x, y]))
        }
        Op::Index { array, at } => {
            let array = b.captured_from(b.sibling(v, array));
            let (element, captures) = b.built(array)?;
            let is_checked = at.len() == b.ty(array).rank()
                && element.params[..at.len()].iter().all(|index| element::reads_at(&element, *index));
            if !is_checked {
                return None;
            }
            let args: Vec<Value> = at.iter().map(|i| b.sibling(v, *i)).chain(captures).collect();
            with_exponential(b, b.import(&element, &args)[0], left)
        }
        _ => None,
    }
}

/// The largest literal exponent at which the rounding of 1 + a is of no consequence.
const SMALL_POWER: f64 = 64.0;

/// ln of a choice that nothing else reads, taken in its arms where the logarithm of one has a form of its own.
fn of_choice(b: &Builder, body: &Body, choice: Id, uses: &[usize], map: &[Option<Value>]) -> Option<Value> {
    let of = |id: &Id| map[id.index()].expect("operands come before users");
    let ln = |v: Value| vec![b.call(Prim::Ln, &[v])];
    let is_call = |body: &Body, id: Id| matches!(body.node(id).op, Op::Call(..));
    if uses[choice.index()] != 1 {
        return None;
    }
    let (node, k) = match body.node(choice).op {
        Op::Get(node, k) if uses[node.index()] == 1 => (node, k as usize),
        _ => (choice, 0),
    };
    match &body.node(node).op {
        Op::Call(Prim::Select, args) if is_call(body, args[1]) || is_call(body, args[2]) => {
            Some(b.branch(of(&args[0]), || ln(of(&args[1])), || ln(of(&args[2])))[0])
        }
        Op::If { cond, then, otherwise, captures }
            if [then, otherwise].iter().any(|arm| is_call(arm, arm.results[k])) =>
        {
            let args: Vec<Value> = captures.iter().map(of).collect();
            let arm = |arm: &Body| ln(record(b, arm, &args)[k]);
            Some(b.branch(of(cond), || arm(then), || arm(otherwise))[0])
        }
        _ => None,
    }
}

/// (1 + a)^y, where what the sum rounds away is not small beside the exponent.
fn of_power(b: &Builder, body: &Body, base: Id, exponent: Id, map: &[Option<Value>]) -> Option<Value> {
    let of = |id: Id| b.sym(map[id.index()].expect("operands come before users"));
    let y = of(exponent);
    if b.float_lit(y.value()).is_some_and(|y| y.abs() <= SMALL_POWER) {
        return None;
    }
    let is_one = |id: Id| b.float_lit(of(id).value()) == Some(1.0);
    let a = match &body.node(base).op {
        Op::Call(Prim::Add, args) if is_one(args[0]) => of(args[1]),
        Op::Call(Prim::Add, args) if is_one(args[1]) => of(args[0]),
        Op::Call(Prim::Sub, args) if is_one(args[0]) => -of(args[1]),
        _ => return None,
    };
    Some(a.compound(y).value())
}

/// ln of a sum.
fn of_sum(b: &Builder, body: &Body, sum: Id, map: &[Option<Value>]) -> Option<Value> {
    of_terms(b, body, sum, map, Rest::Nothing).or_else(|| of_loop(b, body, sum, map, Rest::Nothing))
}

/// ln(S / n) = ln S − ln n for a count or a positive literal n.
fn of_mean(b: &Builder, body: &Body, mean: Id, map: &[Option<Value>]) -> Option<Value> {
    let Op::Call(Prim::Div, args) = &body.node(mean).op else { return None };
    let n = map[args[1].index()].expect("operands come before users");
    let is_count = |of: Id| body.ty(of).elem == Elem::Int(IntKind::Usize);
    let is_positive = match body.node(args[1]).op {
        Op::Cast(of) => is_count(of),
        _ => b.float_lit(n).is_some_and(|n| n > 0.0),
    };
    let ln = if is_positive { of_sum(b, body, args[0], map)? } else { return None };
    Some((b.sym(ln) - b.sym(n).ln()).value())
}

/// ln(exp(g) − exp(h)) = g + ln(1 − exp(h − g)), where two equal infinities differ by 0.
fn of_difference(b: &Builder, body: &Body, difference: Id, map: &[Option<Value>]) -> Option<Value> {
    let Op::Call(Prim::Sub, args) = &body.node(difference).op else { return None };
    let exponent = |id: Id| match &body.node(id).op {
        Op::Call(Prim::Exp, args) => map[args[0].index()],
        _ => None,
    };
    let (g, h) = (b.sym(exponent(args[0])?), b.sym(exponent(args[1])?));
    Some((g + g.eq(h).select(0.0, g - h).log1mexp()).value())
}

/// v·exp(h) / S, where S is a sum of exponentials.
fn of_ratio(b: &Builder, body: &Body, dividend: Id, sum: Id, map: &[Option<Value>], sums: &Sums) -> Option<Value> {
    let (exp, exponent) = exponential(body, dividend).filter(|_| is_unshifted(body, dividend))?;
    let around = sums.get(&sum).map(|sum| sum.shifted);
    let sum = around.or_else(|| shifted_terms(b, body, sum, map, Rest::Nothing)).or_else(|| {
        let summed = Summed::of(body, sum)?;
        if summed.shift(body).is_some() {
            return None;
        }
        shifted_loop(b, body, &summed, summed.exponent, map, Rest::Nothing)
    })?;
    let of = |id: Id| map[id.index()].expect("operands come before users");
    let shifted = b.sym(of(exponent)).sub(b.sym(sum.shift)).exp().value();
    let term = term(b, body, dividend, exp, shifted, &of);
    Some((b.sym(term) / b.sym(sum.total)).value())
}

/// ln of a sum of terms written out.
fn of_terms(b: &Builder, body: &Body, sum: Id, map: &[Option<Value>], rest: Rest) -> Option<Value> {
    Some(shifted_terms(b, body, sum, map, rest)?.logarithm(b))
}

fn shifted_terms(b: &Builder, body: &Body, sum: Id, map: &[Option<Value>], rest: Rest) -> Option<Shifted> {
    let mut terms = Vec::new();
    let mut stack = vec![sum];
    while let Some(id) = stack.pop() {
        match &body.node(id).op {
            Op::Call(Prim::Add, args) => stack.extend([args[1], args[0]]),
            _ => terms.push(id),
        }
        if terms.len() + stack.len() > MOST_TERMS {
            return None;
        }
    }
    let exponentials: Vec<Option<(Id, Id)>> = terms.iter().map(|t| exponential(body, *t)).collect();
    let constant = |id: Id| matches!(body.node(id).op, Op::Const(_));
    let fits = exponentials.iter().zip(&terms).all(|(e, t)| e.is_some() || constant(*t));
    let least = if rest == Rest::One { 1 } else { 2 };
    if terms.len() < least || !fits || exponentials.iter().all(Option::is_none) {
        return None;
    }
    let of = |id: Id| map[id.index()].expect("operands come before users");
    // A literal c is c·exp(0).
    let exponents: Vec<Value> = exponentials.iter().map(|e| e.map_or_else(|| b.float(0.0), |(_, g)| of(g))).collect();
    let factor = |k: usize| match exponentials[k] {
        Some((exp, _)) => term(b, body, terms[k], exp, b.float(1.0), &of),
        None => of(terms[k]),
    };
    let factors: Vec<Value> = (0..terms.len()).map(factor).collect();
    let is_weighted: Vec<bool> = factors.iter().map(|w| !is_never_zero(b, *w)).collect();
    let one = (rest == Rest::One).then(|| b.float(0.0));
    let max = |x: Value, y: Value| b.call(Prim::Max, &[x, y]);
    let all = exponents.iter().copied().chain(one).reduce(max).expect("there are terms");
    let m = if is_weighted.contains(&true) {
        let of_term = |k: usize| if is_weighted[k] { present(b, factors[k], exponents[k]) } else { exponents[k] };
        let those = (0..terms.len()).map(of_term).chain(one).reduce(max).expect("there are terms");
        largest(b, all, those)
    } else {
        all
    };
    let m = shift(b, m);
    let logarithm = Logarithm::of(rest, is_weighted.contains(&true));
    let mut total: Option<Value> = one.map(|_| logarithm.start(b, m));
    for ((id, e), g) in terms.iter().zip(&exponentials).zip(&exponents) {
        let shifted = b.sym(*g).sub(b.sym(m)).exp().value();
        let v = match e {
            Some((exp, _)) => term(b, body, *id, *exp, shifted, &of),
            None => b.call(Prim::Mul, &[of(*id), shifted]),
        };
        total = Some(total.map_or(v, |t| b.call(Prim::Add, &[t, v])));
    }
    Some(Shifted { shift: m, total: total.expect("there are terms"), logarithm })
}

/// Whether a factor is a literal other than 0, or positive by what it is.
fn is_never_zero(b: &Builder, factor: Value) -> bool {
    b.float_lit(factor).map_or_else(|| sign::holds(b, factor, Fact::Positive), |w| w != 0.0)
}

/// A loop that adds one term an iteration to 0: the node, the loop's body and the term.
pub(super) struct Added<'a> {
    pub(super) node: Id,
    pub(super) inner: &'a Body,
    pub(super) term: Id,
}

impl Added<'_> {
    pub(super) fn of(body: &Body, sum: Id) -> Option<Added<'_>> {
        let Op::Get(node, k) = body.node(sum).op else { return None };
        let k = k as usize;
        let Op::Fold { inits, body: inner, .. } = &body.node(node).op else { return None };
        let zero = matches!(body.node(inits[k]).op, Op::Const(Lit::Float(bits)) if f64::from_bits(bits) == 0.0);
        let carry = inner.params[1 + k];
        let Op::Call(Prim::Add, args) = &inner.node(inner.results[k]).op else { return None };
        let term = if args[0] == carry {
            args[1]
        } else if args[1] == carry {
            args[0]
        } else {
            return None;
        };
        (zero && !depends_on_carries(inner, term, inits.len())).then_some(Added { node, inner, term })
    }
}

/// The iterations of a loop, and what its body reads beside the index.
pub(super) struct Range {
    range: (Value, Value),
    direction: Direction,
    given: Vec<Value>,
}

impl Range {
    pub(super) fn of(body: &Body, node: Id, map: &[Option<Value>]) -> Range {
        let Op::Fold { lo, hi, direction, inits, captures, .. } = &body.node(node).op else {
            unreachable!("sums are added in loops")
        };
        let of = |id: &Id| map[id.index()].expect("operands come before users");
        Range { range: (of(lo), of(hi)), direction: *direction, given: inits.iter().chain(captures).map(of).collect() }
    }

    /// The parameters of the body in an iteration. The carries are what they were at the start: a term reads none.
    pub(super) fn args(&self, i: Value) -> Vec<Value> {
        std::iter::once(i).chain(self.given.iter().copied()).collect()
    }

    pub(super) fn is_like(&self, other: &Range) -> bool {
        self.range == other.range
    }

    /// Whether a number is that of the iterations.
    pub(super) fn is_counted_by(&self, b: &Builder, n: Value) -> bool {
        let (lo, hi) = self.range;
        let counts = match b.op(n) {
            Op::Cast(of) => b.sibling(n, of) == hi,
            _ => b.float_lit(n).is_some_and(|n| b.int_lit(hi).is_some_and(|hi| hi as f64 == n)),
        };
        counts && b.int_lit(lo) == Some(0)
    }

    pub(super) fn fold(&self, b: &Builder, start: Value, step: impl FnOnce(Value, Value) -> Value) -> Value {
        b.fold(self.range, self.direction, &[start], |i, c| vec![step(i, c[0])])[0]
    }

    pub(super) fn try_fold<E>(
        &self,
        b: &Builder,
        start: Value,
        step: impl FnOnce(Value, Value) -> Result<Value, E>,
    ) -> Result<Value, E> {
        Ok(b.try_fold(self.range, self.direction, &[start], |i, c| Ok(vec![step(i, c[0])?]))?[0])
    }
}

/// Such a loop whose term has an exponential: the exponential and its exponent.
struct Summed<'a> {
    node: Id,
    inner: &'a Body,
    added: Id,
    exp: Id,
    exponent: Id,
}

impl Summed<'_> {
    fn of(body: &Body, sum: Id) -> Option<Summed<'_>> {
        let Added { node, inner, term } = Added::of(body, sum)?;
        let (exp, exponent) = exponential(inner, term)?;
        Some(Summed { node, inner, added: term, exp, exponent })
    }

    /// (g, m) where the exponent is g − m with an m from outside the loop.
    fn shift(&self, body: &Body) -> Option<(Id, Id)> {
        let Op::Fold { inits, captures, .. } = &body.node(self.node).op else { return None };
        let Op::Call(Prim::Sub, args) = &self.inner.node(self.exponent).op else { return None };
        let Op::Param(k) = self.inner.node(args[1]).op else { return None };
        let capture = (k as usize).checked_sub(1 + inits.len()).and_then(|k| captures.get(k))?;
        Some((args[0], *capture))
    }
}

/// ln of a loop's sum.
fn of_loop(b: &Builder, body: &Body, sum: Id, map: &[Option<Value>], rest: Rest) -> Option<Value> {
    let summed = Summed::of(body, sum)?;
    // Shifted already: nothing but a shift is held constant.
    if summed.shift(body).is_some_and(|(_, m)| is_detached(body, m)) {
        return None;
    }
    Some(shifted_loop(b, body, &summed, summed.exponent, map, rest)?.logarithm(b))
}

/// m + ln Σ exp(gₖ − m), shifted by hand: m is of no consequence, and has no derivative.
fn of_shifted_loop(b: &Builder, body: &Body, m: Id, ln: Id, map: &[Option<Value>]) -> Option<Value> {
    let Op::Call(Prim::Ln, args) = &body.node(ln).op else { return None };
    let summed = Summed::of(body, args[0])?;
    let (g, shift) = summed.shift(body)?;
    if shift != m || is_detached(body, m) {
        return None;
    }
    Some(shifted_loop(b, body, &summed, g, map, Rest::Nothing)?.logarithm(b))
}

/// Such a sum with `exponent` for its exponent.
fn shifted_loop(
    b: &Builder,
    body: &Body,
    summed: &Summed<'_>,
    exponent: Id,
    map: &[Option<Value>],
    rest: Rest,
) -> Option<Shifted> {
    let Summed { inner, added, exp, .. } = *summed;
    let range = Range::of(body, summed.node, map);
    let lowest = b.float(if rest == Rest::One { 0.0 } else { f64::NEG_INFINITY });
    let only = Body { results: vec![added, exponent], ..inner.clone() };
    // The factor beside the exponential, and the exponent.
    let parts = |b: &Builder, args: &[Value]| {
        let nodes = b.import_all(&only, args);
        let of = |id: Id| nodes[id.index()].expect("the term is made of it");
        (term(b, inner, added, exp, b.float(1.0), &of), of(exponent))
    };
    let apart = b.apart();
    let params: Vec<Value> = inner.params.iter().map(|p| apart.param(inner.ty(*p).clone())).collect();
    let is_weighted = !is_never_zero(&apart, parts(&apart, &params).0);
    let m = if is_weighted {
        let found = b.fold(range.range, range.direction, &[lowest, lowest], |i, c| {
            let (factor, g) = parts(b, &range.args(i));
            vec![b.call(Prim::Max, &[c[0], g]), b.call(Prim::Max, &[c[1], present(b, factor, g)])]
        });
        largest(b, found[0], found[1])
    } else {
        range.fold(b, lowest, |i, m| {
            let g = b.import_given(inner, &range.args(i), &BTreeMap::new(), &[exponent])[0];
            b.call(Prim::Max, &[m, g])
        })
    };
    b.name(m, "max");
    let m = shift(b, m);
    b.name(m, "shift");
    let logarithm = Logarithm::of(rest, is_weighted);
    let total = range.fold(b, logarithm.start(b, m), |i, total| {
        let nodes = b.import_all(&only, &range.args(i));
        let of = |id: Id| nodes[id.index()].expect("the term is made of it");
        let shifted = b.sym(of(exponent)).sub(b.sym(m)).exp().value();
        // What else reads the exponential reads it as it is.
        let v = term(b, inner, added, exp, shifted, &of);
        b.call(Prim::Add, &[total, v])
    });
    b.name(total, "sum");
    Some(Shifted { shift: m, total, logarithm })
}

fn is_detached(body: &Body, m: Id) -> bool {
    matches!(body.node(m).op, Op::Call(Prim::Detach, _))
}

fn depends_on_carries(inner: &Body, id: Id, carries: usize) -> bool {
    let mut needed = vec![false; inner.nodes.len()];
    needed[id.index()] = true;
    for id in inner.ids().rev() {
        if needed[id.index()] {
            inner.node(id).op.operands(|x| needed[x.index()] = true);
        }
    }
    inner.params[1..=carries].iter().any(|p| needed[p.index()])
}
