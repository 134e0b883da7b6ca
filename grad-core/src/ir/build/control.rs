//! Loops and choices: bodies of their own, and what they capture.

use std::rc::Rc;

use super::super::{Body, Dim, Direction, Id, Lit, Node, NodeType, Op, Type};
use super::{Builder, Closed, Value};
use crate::prim::Prim;

impl Builder {
    /// Says that the carries of a loop have the lengths of its inits.
    fn same_lengths(&self, inits: &[Value], carries: &[Value]) {
        for (init, carry) in inits.iter().zip(carries) {
            for axis in 0..self.ty(*init).rank() {
                if self.ty(*init).dims[axis] == Dim::Any
                    && let Some(len) = self.known_len(*init, axis)
                {
                    self.0.borrow_mut().lengths.insert((*carry, axis), len);
                }
            }
        }
    }

    /// The carries that come back as they went in: the parameter itself, or the literal that it begins with.
    fn unchanged(&self, body: &Body, carries: &[Id], inits: &[Value]) -> Vec<bool> {
        let same_literal = |r: Id, init: Value| match body.node(r).op {
            Op::Const(lit) => self.lit(init) == Some(lit),
            _ => false,
        };
        let carries = body.results.iter().zip(carries).zip(inits);
        carries.map(|((r, carry), init)| r == carry || same_literal(*r, *init)).collect()
    }

    /// A loop over `lo..hi`: `f(i, carries)` gives the next carries.
    pub fn fold(
        &self,
        (lo, hi): (Value, Value),
        direction: Direction,
        inits: &[Value],
        f: impl FnOnce(Value, &[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        match self.try_fold((lo, hi), direction, inits, |i, c| Ok::<_, std::convert::Infallible>(f(i, c))) {
            Ok(v) => v,
            Err(never) => match never {},
        }
    }

    /// [`Builder::fold`] with a body that may fail; what it had opened is closed again.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn try_fold<E>(
        &self,
        (lo, hi): (Value, Value),
        direction: Direction,
        inits: &[Value],
        f: impl FnOnce(Value, &[Value]) -> Result<Vec<Value>, E>,
    ) -> Result<Vec<Value>, E> {
        let (lo, hi) = (self.local(lo), self.local(hi));
        let inits: Vec<Value> = inits.iter().map(|v| self.local(*v)).collect();
        let depth = self.depth();
        self.open();
        let i = self.param(Type::INDEX);
        let carries: Vec<Value> = inits.iter().map(|v| self.param(self.ty(*v))).collect();
        self.same_lengths(&inits, &carries);
        let results = f(i, &carries).inspect_err(|_| self.abandon(depth))?;
        debug_assert_eq!(results.len(), carries.len(), "a loop gives back its carries");
        let closed = self.close(&results);
        if inits.is_empty() {
            return Ok(Vec::new());
        }
        let empty = match (self.int_lit(lo), self.int_lit(hi)) {
            (Some(lo), Some(hi)) => hi <= lo,
            _ => lo == hi,
        };
        if empty {
            return Ok(inits);
        }
        // A carry that comes back as it went in is no carry: the body may as well see what it starts from.
        let unchanged = self.unchanged(&closed.body, &closed.body.params[1..], &inits);
        if unchanged.contains(&true) {
            let kept: Vec<Value> = (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| inits[k]).collect();
            // Behind a pointer: the type of a closure that holds itself would have no end.
            type Step<'s> = Box<dyn FnOnce(Value, &[Value]) -> Vec<Value> + 's>;
            let step: Step<'_> = Box::new(|i, carries| {
                let fresh: Vec<Value> = std::iter::once(i).chain(carries.iter().copied()).collect();
                let changed = (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| 1 + k);
                for (v, k) in fresh.iter().zip(std::iter::once(0).chain(changed)) {
                    self.name_as(*v, &closed.body, closed.body.params[k]);
                }
                let mut carries = carries.iter();
                let all = (0..inits.len())
                    .map(|k| if unchanged[k] { inits[k] } else { *carries.next().expect("one carry a changed one") });
                let args: Vec<Value> = std::iter::once(i).chain(all).chain(closed.captures.iter().copied()).collect();
                let results = self.import(&closed.body, &args);
                (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| results[k]).collect()
            });
            let mut changed = self.fold((lo, hi), direction, &kept, step).into_iter();
            let of = |k: usize| if unchanged[k] { Some(inits[k]) } else { changed.next() };
            return Ok((0..inits.len()).map(of).map(|v| v.expect("one result a changed carry")).collect());
        }
        let types: Rc<[Type]> = inits.iter().map(|v| self.ty(*v)).collect();
        let captures = closed.captures.iter().map(|c| self.local(*c).id).collect();
        let ids = inits.iter().map(|v| v.id).collect();
        let op = Op::Fold { lo: lo.id, hi: hi.id, direction, inits: ids, body: Rc::new(closed.body), captures };
        let node = self.intern(op, NodeType::Many(types));
        Ok((0..inits.len()).map(|k| self.get(node, k)).collect())
    }

    /// A loop as long as a condition on the carries holds, asked before each iteration: the carries after it.
    pub fn repeat(
        &self,
        inits: &[Value],
        cond: impl FnOnce(&[Value]) -> Value,
        f: impl FnOnce(&[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        let never = self.try_repeat(inits, |c| Ok::<_, std::convert::Infallible>(cond(c)), |c| Ok(f(c)));
        match never {
            Ok(v) => v,
            Err(never) => match never {},
        }
    }

    /// [`Builder::repeat`] with a condition and a body that may fail; what they had opened is closed again.
    ///
    /// # Errors
    /// Those of the condition and of the body.
    pub fn try_repeat<E>(
        &self,
        inits: &[Value],
        cond: impl FnOnce(&[Value]) -> Result<Value, E>,
        f: impl FnOnce(&[Value]) -> Result<Vec<Value>, E>,
    ) -> Result<Vec<Value>, E> {
        let inits: Vec<Value> = inits.iter().map(|v| self.local(*v)).collect();
        let depth = self.depth();
        let open = || -> Vec<Value> {
            self.open();
            let carries: Vec<Value> = inits.iter().map(|v| self.param(self.ty(*v))).collect();
            self.same_lengths(&inits, &carries);
            carries
        };
        let carries = open();
        let test = cond(&carries).inspect_err(|_| self.abandon(depth))?;
        let test = self.close(&[test]);
        let carries = open();
        let results = f(&carries).inspect_err(|_| self.abandon(depth))?;
        debug_assert_eq!(results.len(), carries.len(), "a loop gives back its carries");
        let step = self.close(&results);
        if let Op::Const(Lit::Bool(false)) = test.body.node(test.body.results[0]).op {
            return Ok(inits);
        }
        // A carry that comes back as it went in is no carry.
        let unchanged = self.unchanged(&step.body, &step.body.params, &inits);
        if unchanged.contains(&true) {
            let kept: Vec<Value> = (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| inits[k]).collect();
            let args = |carries: &[Value], closed: &Closed| -> Vec<Value> {
                let mut carries = carries.iter();
                let all = (0..inits.len())
                    .map(|k| if unchanged[k] { inits[k] } else { *carries.next().expect("one carry a changed one") });
                let args: Vec<Value> = all.chain(closed.captures.iter().copied()).collect();
                let changed = (0..inits.len()).filter(|k| !unchanged[*k]);
                changed.for_each(|k| self.name_as(args[k], &step.body, step.body.params[k]));
                args
            };
            // Behind pointers: the type of a closure that holds itself would have no end.
            type Asked<'s> = Box<dyn FnOnce(&[Value]) -> Value + 's>;
            type Step<'s> = Box<dyn FnOnce(&[Value]) -> Vec<Value> + 's>;
            let asked: Asked<'_> = Box::new(|carries| self.import(&test.body, &args(carries, &test))[0]);
            let next: Step<'_> = Box::new(|carries| {
                let results = self.import(&step.body, &args(carries, &step));
                (0..inits.len()).filter(|k| !unchanged[*k]).map(|k| results[k]).collect()
            });
            let mut changed = self.repeat(&kept, asked, next).into_iter();
            let of = |k: usize| if unchanged[k] { Some(inits[k]) } else { changed.next() };
            return Ok((0..inits.len()).map(of).map(|v| v.expect("one result a changed carry")).collect());
        }
        let (captures, [test, step]) = self.unite([test, step], inits.len());
        let types: Rc<[Type]> = inits.iter().map(|v| self.ty(*v)).collect();
        let captures = captures.iter().map(|c| self.local(*c).id).collect();
        let ids = inits.iter().map(|v| v.id).collect();
        let op = Op::While { cond: Rc::new(test), inits: ids, body: Rc::new(step), captures };
        let node = self.intern(op, NodeType::Many(types));
        Ok((0..inits.len()).map(|k| self.get(node, k)).collect())
    }

    /// Two bodies that take the same first parameters take the same captures too.
    fn unite(&self, [x, y]: [Closed; 2], first: usize) -> (Vec<Value>, [Body; 2]) {
        let mut captures = x.captures.clone();
        for c in &y.captures {
            if !captures.contains(c) {
                captures.push(*c);
            }
        }
        let place = |c: &Value| captures.iter().position(|d| d == c).expect("both bodies' captures are in the union");
        let united = |closed: Closed| {
            let types: Vec<Type> = closed.body.params[..first].iter().map(|p| closed.body.ty(*p).clone()).collect();
            let types: Vec<Type> = types.into_iter().chain(captures.iter().map(|c| self.ty(*c))).collect();
            let places: Vec<usize> = (0..first).chain(closed.captures.iter().map(|c| first + place(c))).collect();
            with_params(closed.body, &places, &types)
        };
        let bodies = [united(x), united(y)];
        (captures, bodies)
    }

    /// A choice: only the taken arm is evaluated.
    pub fn branch(
        &self,
        cond: Value,
        then: impl FnOnce() -> Vec<Value>,
        otherwise: impl FnOnce() -> Vec<Value>,
    ) -> Vec<Value> {
        let never = self.try_branch(cond, || Ok::<_, std::convert::Infallible>(then()), || Ok(otherwise()));
        match never {
            Ok(v) => v,
            Err(never) => match never {},
        }
    }

    /// [`Builder::branch`] with arms that may fail; what they had opened is closed again.
    ///
    /// # Errors
    /// Those of the arms; the second arm is tried even when the first failed only by its caller's own bookkeeping.
    pub fn try_branch<E>(
        &self,
        cond: Value,
        then: impl FnOnce() -> Result<Vec<Value>, E>,
        otherwise: impl FnOnce() -> Result<Vec<Value>, E>,
    ) -> Result<Vec<Value>, E> {
        let cond = self.local(cond);
        if let Some(Lit::Bool(c)) = self.lit(cond) {
            return if c { then() } else { otherwise() };
        }
        let depth = self.depth();
        self.open();
        let results = then().inspect_err(|_| self.abandon(depth))?;
        let then = self.close(&results);
        self.open();
        let results = otherwise().inspect_err(|_| self.abandon(depth))?;
        let otherwise = self.close(&results);
        debug_assert_eq!(then.body.results.len(), otherwise.body.results.len(), "both arms give the same results");
        Ok(self.join(cond, then, otherwise))
    }

    fn join(&self, cond: Value, then: Closed, otherwise: Closed) -> Vec<Value> {
        let (captures, [then, otherwise]) = self.unite([then, otherwise], 0);
        // An arm's result that is a capture or a literal needs no arm.
        let outer = |body: &Body, id: Id| match body.node(id).op {
            Op::Param(k) => Some(self.local(captures[k as usize])),
            Op::Const(lit) => Some(self.constant(lit)),
            Op::Size(size) => Some(self.size(size)),
            _ => None,
        };
        let n = then.results.len();
        let simple: Vec<Option<Value>> = (0..n)
            .map(|k| {
                let a = outer(&then, then.results[k])?;
                let b = outer(&otherwise, otherwise.results[k])?;
                if a == b {
                    return Some(a);
                }
                (self.ty(a).is_scalar() && self.ty(b).is_scalar()).then(|| self.call(Prim::Select, &[cond, a, b]))
            })
            .collect();
        if simple.iter().all(Option::is_some) {
            return simple.into_iter().flatten().collect();
        }
        let results: Rc<[Type]> = then
            .results
            .iter()
            .zip(&otherwise.results)
            .map(|(a, b)| join_types(then.ty(*a), otherwise.ty(*b)))
            .collect();
        let captures = captures.iter().map(|c| self.local(*c).id).collect();
        let op = Op::If { cond: cond.id, then: Rc::new(then), otherwise: Rc::new(otherwise), captures };
        let node = self.intern(op, NodeType::Many(results));
        (0..n).map(|k| simple[k].unwrap_or_else(|| self.get(node, k))).collect()
    }
}

fn join_types(a: &Type, b: &Type) -> Type {
    let dims = a.dims.iter().zip(&b.dims).map(|(x, y)| if x == y { *x } else { Dim::Any }).collect();
    Type::array(a.elem, dims)
}

/// The arm's body with one parameter for each of `types`; its k-th parameter becomes the `places[k]`-th.
fn with_params(mut body: Body, places: &[usize], types: &[Type]) -> Body {
    let old = std::mem::take(&mut body.params);
    let mut params: Vec<Option<Id>> = vec![None; types.len()];
    for (id, place) in old.iter().zip(places) {
        body.nodes[id.index()].op = Op::Param(u32::try_from(*place).expect("few captures"));
        params[*place] = Some(*id);
    }
    for (k, ty) in types.iter().enumerate() {
        if params[k].is_none() {
            params[k] = Some(Id(u32::try_from(body.nodes.len()).expect("a body has fewer than 2^32 nodes")));
            let op = Op::Param(u32::try_from(k).expect("few captures"));
            body.nodes.push(Node { op, ty: NodeType::One(ty.clone()) });
        }
    }
    body.params = params.into_iter().map(|p| p.expect("every parameter has its node")).collect();
    body
}
