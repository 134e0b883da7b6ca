//! An order of nodes that depends on what they compute, not on the order in which they were written: what means the same
//! comes out the same.

use std::hash::Hasher as _;
use std::ops::Range;

use crate::ir::build::FxHasher;
use crate::ir::{Body, Id, Lit, Op};
use crate::prim::Prim;

/// Carries of a loop come first, so that `sum += x` stays that; then parameters in their order, elements of arrays, calls in
/// the order of the table, and the rest as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    class: u8,
    place: u64,
    hash: u64,
}

impl Key {
    /// After every other key.
    pub(super) const LAST: Key = Key { class: u8::MAX, place: 0, hash: 0 };

    /// Whether it is that of a carry.
    pub(super) fn is_carry(self) -> bool {
        self.class == 0
    }
}

/// What a body knows of its parameters.
#[derive(Clone, Default)]
pub(super) struct Params {
    /// Those that are carries of a loop.
    pub(super) carries: Range<usize>,
    /// The keys of the captures, which are the last parameters, in the body around.
    pub(super) captures: Vec<Key>,
    /// Which of the captures are held constant in the body around.
    pub(super) held: Vec<bool>,
}

/// Which nodes are held constant, as the divisor of what is scaled is.
pub(super) fn held(body: &Body, params: &Params) -> Vec<bool> {
    let own = body.params.len() - params.held.len();
    let is_held = |id: Id| match &body.node(id).op {
        Op::Call(Prim::Detach, _) => true,
        Op::Param(k) => (*k as usize).checked_sub(own).is_some_and(|k| params.held[k]),
        _ => false,
    };
    body.ids().map(is_held).collect()
}

/// The keys of a body's nodes.
pub(super) fn keys(body: &Body, params: &Params) -> Vec<Key> {
    let own = body.params.len() - params.captures.len();
    let mut keys: Vec<Key> = Vec::with_capacity(body.nodes.len());
    for id in body.ids() {
        let hash_of = |x: &Id| keys[x.index()].hash;
        let mut hasher = FxHasher::default();
        let (class, place) = match &body.node(id).op {
            Op::Param(k) => {
                let k = *k as usize;
                if let Some(key) = k.checked_sub(own).and_then(|k| params.captures.get(k)) {
                    // A carry of the loop around is none of this one.
                    keys.push(Key { class: key.class.max(1), ..*key });
                    continue;
                }
                hasher.write_usize(k);
                (u8::from(!params.carries.contains(&k)), k as u64)
            }
            Op::Index { array, at } => {
                hasher.write_u64(hash_of(array));
                at.iter().for_each(|x| hasher.write_u64(hash_of(x)));
                (2, keys[array.index()].place)
            }
            Op::Call(prim, args) => {
                hasher.write_u64(*prim as u64);
                let mut hashes: Vec<u64> = args.iter().map(hash_of).collect();
                if matches!(prim, Prim::Add | Prim::Mul) {
                    hashes.sort_unstable();
                }
                hashes.into_iter().for_each(|hash| hasher.write_u64(hash));
                (3, *prim as u64)
            }
            Op::Const(lit) => {
                match lit {
                    Lit::Float(bits) => hasher.write_u64(*bits),
                    Lit::Int(n, _) => hasher.write_u64(n.cast_unsigned()),
                    Lit::Bool(x) => hasher.write_u64(u64::from(*x)),
                }
                (5, 0)
            }
            Op::Size(size) => {
                hasher.write_u32(size.0);
                (4, 0)
            }
            _ => {
                hasher.write_u32(id.0);
                (4, u64::from(id.0))
            }
        };
        hasher.write_u8(class);
        keys.push(Key { class, place, hash: hasher.finish() });
    }
    keys
}
