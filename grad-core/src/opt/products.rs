//! Products and quotients of exponentials as one: exp(g)·exp(h) = exp(g + h) overflows only where the product does.

use std::collections::BTreeMap;

use crate::ir::{Body, Builder, Id, Lit, Op, Value};
use crate::prim::Prim;

/// Products of more factors are left alone.
const MOST_FACTORS: usize = 64;
/// The largest coefficient, and one over the smallest, that cannot bring an exponential back from an overflow.
const LARGEST_COEFFICIENT: f64 = 4_294_967_296.0;

/// A factor on its way into the list: by how many places of the product it is read, and its power in the product.
#[derive(Clone, Copy, Default)]
struct Factor {
    reads: usize,
    power: i32,
}

/// A product or quotient that has several exponentials and no other factors but literals as c·exp(sum), where nothing
/// else reads the exponentials.
pub(super) fn of_exponentials(
    b: &Builder,
    body: &Body,
    id: Id,
    uses: &[usize],
    map: &[Option<Value>],
) -> Option<Value> {
    let (exponents, coefficient) = factors(body, id, uses)?;
    let mut exponents = exponents.into_iter().map(|(g, power)| {
        let g = b.sym(map[g.index()].expect("operands come before users"));
        if power == 1 { g } else { g * f64::from(power) }
    });
    let first = exponents.next()?;
    let power = exponents.fold(first, |sum, g| sum + g).exp();
    Some(if coefficient == 1.0 { power } else { power * coefficient }.value())
}

/// The exponents with their powers, in the order of the product, and the product of the literals.
fn factors(body: &Body, root: Id, uses: &[usize]) -> Option<(Vec<(Id, i32)>, f64)> {
    let mut exponents = Vec::new();
    let mut coefficient = 1.0;
    // Users come after operands: when a factor is the last in the queue, all that read it have been looked at.
    let mut queue = BTreeMap::from([(root, Factor { reads: uses[root.index()], power: 1 })]);
    for _ in 0..MOST_FACTORS {
        let Some((id, Factor { reads, power })) = queue.pop_last() else {
            exponents.reverse();
            return (exponents.len() > 1 && is_moderate(coefficient)).then_some((exponents, coefficient));
        };
        let mut read = |id: Id, by: i32| {
            let factor = queue.entry(id).or_default();
            factor.reads += 1;
            factor.power += by;
        };
        if let Op::Const(Lit::Float(bits)) = body.node(id).op {
            coefficient *= f64::from_bits(bits).powi(power);
            continue;
        }
        if reads != uses[id.index()] || power == 0 {
            return None;
        }
        match &body.node(id).op {
            Op::Call(Prim::Exp, args) => exponents.push((args[0], power)),
            Op::Call(Prim::Mul, args) => args.iter().for_each(|x| read(*x, power)),
            Op::Call(Prim::Div, args) => {
                read(args[0], power);
                read(args[1], -power);
            }
            Op::Call(Prim::Powi, args) => read(args[0], power.checked_mul(small(body, args[1])?)?),
            _ => return None,
        }
    }
    None
}

fn is_moderate(coefficient: f64) -> bool {
    (1.0 / LARGEST_COEFFICIENT..=LARGEST_COEFFICIENT).contains(&coefficient.abs())
}

/// An exponent of few digits.
fn small(body: &Body, n: Id) -> Option<i32> {
    match body.node(n).op {
        Op::Const(Lit::Int(n, _)) => i32::try_from(n).ok().filter(|n| n.unsigned_abs() <= 64),
        _ => None,
    }
}
