//! What is known of a value's sign, from how it is computed.
//!
//! A fact holds of every value that is a number; what is NaN stays NaN in what is made of the fact. The search looks a few
//! calls deep and costs a bounded number of steps, so that simplifying stays linear in the graph.

use super::rules::Tag;
use crate::ir::{Builder, Op, Value};
use crate::prim::{Prim, Range};

/// What a rule may ask of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// x ≥ 0
    NonNegative,
    /// x > 0 in exact arithmetic: an exponential that underflows is so.
    Positive,
}

/// How many values are looked at.
const STEPS: u32 = 32;

/// Whether a fact is proven, or follows from what is assumed of parameters.
pub(crate) fn holds(b: &Builder, v: Value, fact: Fact) -> bool {
    proven(b, v, fact, &mut STEPS.clone())
}

fn proven(b: &Builder, v: Value, fact: Fact, steps: &mut u32) -> bool {
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    if let Some(x) = b.float_lit(v) {
        return match fact {
            Fact::NonNegative => x >= 0.0,
            Fact::Positive => x > 0.0,
        };
    }
    let origin = b.captured_from(v);
    match b.op(origin) {
        Op::Param(_) => return b.is_assumed_positive(origin),
        Op::Index { array, .. } => {
            let array = b.captured_from(b.sibling(origin, array));
            return matches!(b.op(array), Op::Param(_)) && b.is_assumed_positive(array);
        }
        _ => {}
    }
    let Some((prim, [x, y, z])) = b.call_of(origin) else { return false };
    let mut is = |v: Value, fact: Fact| proven(b, v, fact, steps);
    let of_row = match (prim.row().range, fact) {
        (Range::Positive, _) | (Range::NonNegative | Range::Magnitude, Fact::NonNegative) => return true,
        (Range::Magnitude, Fact::Positive) => is(x, fact) || is(y, fact),
        (Range::Odd, _) => is(x, fact),
        (Range::Any | Range::NonNegative, _) => false,
    };
    let of_arithmetic = match prim {
        Prim::Add => match fact {
            Fact::NonNegative => is(x, fact) && is(y, fact),
            Fact::Positive => is(x, fact) && is(y, Fact::NonNegative) || is(y, fact) && is(x, Fact::NonNegative),
        },
        // A square is one whatever the sign.
        Prim::Mul => x == y && fact == Fact::NonNegative || is(x, fact) && is(y, fact),
        Prim::Div | Prim::Min => is(x, fact) && is(y, fact),
        // NaN is passed over: one of two that may be NaN says nothing of the larger.
        Prim::Max => {
            let (of_x, of_y) = (is(x, fact), is(y, fact));
            of_x && (of_y || is_number(b, x)) || of_y && is_number(b, y)
        }
        Prim::Powi => {
            let is_even = b.int_lit(y).is_some_and(|n| n % 2 == 0);
            is_even && fact == Fact::NonNegative || is(x, fact)
        }
        Prim::Pow | Prim::Detach => is(x, fact),
        Prim::Select => is(y, fact) && is(z, fact),
        _ => false,
    };
    of_row || of_arithmetic
}

/// Whether a value is not NaN, for certain or because that is granted.
fn is_number(b: &Builder, v: Value) -> bool {
    b.allows(Tag::Domain) || b.float_lit(v).is_some_and(|x| !x.is_nan())
}
