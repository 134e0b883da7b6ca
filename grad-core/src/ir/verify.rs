//! What every function must satisfy. Debug builds check it wherever a function is finished.

use super::{Body, Dim, Elem, Function, Id, Lit, NodeType, Op, Type};
use crate::prim::Signature;

/// Checks the invariants of the IR: operands come before users, every node has the type that its operation gives, what
/// a nested body takes is what it is handed, sizes and results exist.
///
/// # Errors
/// With what is wrong and where.
///
/// ```
/// use grad_core::ir::{Builder, Float, Function, Param, Type, verify::verify};
/// let b = Builder::new();
/// let x = b.param(Type::FLOAT);
/// let y = (b.sym(x) * 2.0).value();
/// let f = Function {
///     name: "double".into(),
///     params: vec![Param { name: "x".into() }],
///     body: b.finish(&[y]),
///     sizes: Vec::new(),
///     float: Float::F64,
///     simplify: Default::default(),
/// };
/// assert_eq!(verify(&f), Ok(()));
/// ```
pub fn verify(f: &Function) -> Result<(), String> {
    if f.params.len() != f.body.params.len() {
        return Err(format!("{} parameters have a name, {} a node", f.params.len(), f.body.params.len()));
    }
    check(&f.body, Some(f.sizes.len()))
}

/// Checks one body and those nested in it, sizes only where their number is known.
pub(crate) fn check(body: &Body, sizes: Option<usize>) -> Result<(), String> {
    for (k, p) in body.params.iter().enumerate() {
        match body.nodes.get(p.index()).map(|node| &node.op) {
            Some(Op::Param(n)) if *n as usize == k => {}
            _ => return Err(format!("{p:?} is not parameter {k}")),
        }
    }
    for id in body.ids() {
        let mut early = true;
        body.node(id).op.operands(|x| early &= x < id);
        if !early {
            return Err(format!("{id:?} reads a node that comes after it"));
        }
        Node { body, id, sizes }.check().map_err(|what| format!("{id:?} ({:?}): {what}", kind(&body.node(id).op)))?;
    }
    match body.results.iter().find(|r| r.index() >= body.nodes.len()) {
        Some(r) => Err(format!("the result {r:?} does not exist")),
        None => Ok(()),
    }
}

/// The operation without what it holds.
fn kind(op: &Op) -> String {
    let text = format!("{op:?}");
    text.split(['(', ' ']).next().unwrap_or_default().to_string()
}

struct Node<'b> {
    body: &'b Body,
    id: Id,
    sizes: Option<usize>,
}

impl Node<'_> {
    fn check(&self) -> Result<(), String> {
        let expected = self.expected()?;
        let found = &self.body.node(self.id).ty;
        let same = match (&expected, found) {
            (NodeType::One(x), NodeType::One(y)) => x.fits(y),
            (NodeType::Many(x), NodeType::Many(y)) => x.len() == y.len() && x.iter().zip(&**y).all(|(x, y)| x.fits(y)),
            _ => false,
        };
        if same { Ok(()) } else { Err(format!("has the type {found:?} where its operation gives {expected:?}")) }
    }

    fn ty(&self, id: Id) -> Result<&Type, String> {
        match &self.body.node(id).ty {
            NodeType::One(ty) => Ok(ty),
            NodeType::Many(_) => Err(format!("reads the results of {id:?} without Get")),
        }
    }

    fn scalar(&self, id: Id, elem: Elem) -> Result<(), String> {
        let ty = self.ty(id)?;
        if *ty == Type::scalar(elem) { Ok(()) } else { Err(format!("{id:?} has the type {ty:?}, not {elem:?}")) }
    }

    /// The type that the operation gives.
    fn expected(&self) -> Result<NodeType, String> {
        let one = |ty: Type| Ok(NodeType::One(ty));
        match &self.body.node(self.id).op {
            Op::Const(Lit::Float(_)) => one(Type::FLOAT),
            Op::Const(Lit::Int(_, kind)) => one(Type::scalar(Elem::Int(*kind))),
            Op::Const(Lit::Bool(_)) => one(Type::BOOL),
            Op::Param(k) => match self.body.params.get(*k as usize) {
                Some(p) if *p == self.id => Ok(self.body.node(self.id).ty.clone()),
                _ => Err(format!("parameter {k} has another node")),
            },
            Op::Size(size) => match self.sizes {
                Some(n) if size.0 as usize >= n => Err(format!("there is no size {}", size.0)),
                _ => one(Type::INDEX),
            },
            Op::Call(prim, args) => {
                let row = prim.row();
                if row.is_composite() || args.len() != row.args.len() {
                    return Err(format!("{prim:?} of {} operands", args.len()));
                }
                let types = args.iter().map(|a| self.ty(*a)).collect::<Result<Vec<_>, _>>()?;
                if let Some(ty) = types.iter().find(|ty| !ty.is_scalar()) {
                    return Err(format!("{prim:?} of an array: {ty:?}"));
                }
                let all = |elem: Elem| types.iter().all(|ty| ty.elem == elem);
                let alike = types.iter().all(|ty| ty.elem == types[0].elem);
                let (fine, elem) = match row.signature {
                    Signature::Float => (all(Elem::Float), Elem::Float),
                    Signature::Number => (alike && types[0].elem != Elem::Bool, types[0].elem),
                    Signature::Compare => (alike, Elem::Bool),
                    Signature::Logic => (all(Elem::Bool), Elem::Bool),
                    Signature::Bits => (alike && matches!(types[0].elem, Elem::Int(_)), types[0].elem),
                    Signature::Shift => (types.iter().all(|ty| matches!(ty.elem, Elem::Int(_))), types[0].elem),
                    Signature::Powi => (types[0].is_float() && matches!(types[1].elem, Elem::Int(_)), Elem::Float),
                    Signature::Select => (types[0].elem == Elem::Bool && types[1].elem == types[2].elem, types[1].elem),
                };
                if fine { one(Type::scalar(elem)) } else { Err(format!("{prim:?} of {types:?}")) }
            }
            Op::Cast(x) => {
                if !self.ty(*x)?.is_scalar() {
                    return Err("casts an array".into());
                }
                one(Type::scalar(self.body.node(self.id).ty.one().elem))
            }
            Op::If { cond, then, otherwise, captures } => {
                self.scalar(*cond, Elem::Bool)?;
                for arm in [then, otherwise] {
                    self.nested(arm, &[], captures)?;
                }
                self.agree(then, otherwise)
            }
            Op::Array(elements) => {
                let first = match elements.first() {
                    Some(e) => self.ty(*e)?.clone(),
                    None => return Ok(self.body.node(self.id).ty.clone()),
                };
                for e in elements {
                    let ty = self.ty(*e)?;
                    if !ty.fits(&first) {
                        return Err(format!("elements of the types {first:?} and {ty:?}"));
                    }
                }
                let dims = std::iter::once(Dim::Lit(elements.len())).chain(first.dims).collect();
                one(Type::array(first.elem, dims))
            }
            Op::Index { array, at } => one(self.place(*array, at)?),
            Op::Update { array, at, value, .. } => {
                let place = self.place(*array, at)?;
                let value = self.ty(*value)?;
                if !value.fits(&place) {
                    return Err(format!("a place of the type {place:?} gets {value:?}"));
                }
                one(self.ty(*array)?.clone())
            }
            Op::Build { lens, body, captures } => {
                lens.iter().try_for_each(|len| self.scalar(*len, Elem::INDEX))?;
                self.nested(body, &vec![Type::INDEX; lens.len()], captures)?;
                let [element] = body.results.as_slice() else { return Err("a comprehension has one result".into()) };
                let element = body.node(*element).ty.one();
                let dims = lens.iter().map(|_| Dim::Any).chain(element.dims.iter().copied()).collect();
                one(Type::array(element.elem, dims))
            }
            Op::Fold { lo, hi, inits, body, captures, .. } => {
                self.scalar(*lo, Elem::INDEX)?;
                self.scalar(*hi, Elem::INDEX)?;
                let carries = inits.iter().map(|x| self.ty(*x).cloned()).collect::<Result<Vec<_>, _>>()?;
                let own: Vec<Type> = std::iter::once(Type::INDEX).chain(carries.iter().cloned()).collect();
                self.nested(body, &own, captures)?;
                self.carried(&carries, body)
            }
            Op::While { cond, inits, body, captures } => {
                let carries = inits.iter().map(|x| self.ty(*x).cloned()).collect::<Result<Vec<_>, _>>()?;
                self.nested(cond, &carries, captures)?;
                self.nested(body, &carries, captures)?;
                match cond.results.as_slice() {
                    [c] if *cond.node(*c).ty.one() == Type::BOOL => {}
                    _ => return Err("a condition has one result, a bool".into()),
                }
                self.carried(&carries, body)
            }
            Op::Push { array, value } => {
                let (ty, row) = (self.ty(*array)?, self.ty(*value)?);
                if ty.dims.first() != Some(&Dim::Any) || !row.fits(&ty.inner(1)) {
                    return Err(format!("{row:?} is pushed to {ty:?}"));
                }
                one(ty.clone())
            }
            Op::Len(array, axis) => {
                let ty = self.ty(*array)?;
                if (*axis as usize) < ty.rank() { one(Type::INDEX) } else { Err(format!("axis {axis} of {ty:?}")) }
            }
            Op::Get(node, k) => match &self.body.node(*node).ty {
                NodeType::Many(types) if (*k as usize) < types.len() => one(types[*k as usize].clone()),
                ty => Err(format!("result {k} of {ty:?}")),
            },
        }
    }

    /// The type of a loop's results.
    fn carried(&self, carries: &[Type], body: &Body) -> Result<NodeType, String> {
        let results: Vec<&Type> = body.results.iter().map(|r| body.node(*r).ty.one()).collect();
        if results.len() != carries.len() || !results.iter().zip(carries).all(|(r, c)| r.fits(c)) {
            return Err(format!("carries {carries:?} come back as {results:?}"));
        }
        Ok(NodeType::Many(carries.into()))
    }

    /// The type of the part of an array at some indices.
    fn place(&self, array: Id, at: &[Id]) -> Result<Type, String> {
        let ty = self.ty(array)?;
        if at.len() > ty.rank() {
            return Err(format!("{} indices into {ty:?}", at.len()));
        }
        at.iter().try_for_each(|i| self.scalar(*i, Elem::INDEX))?;
        Ok(ty.inner(at.len()))
    }

    /// Checks a nested body and that its parameters are its own, then the captures.
    fn nested(&self, inner: &Body, own: &[Type], captures: &[Id]) -> Result<(), String> {
        let captured = captures.iter().map(|c| self.ty(*c).cloned()).collect::<Result<Vec<_>, _>>()?;
        let handed: Vec<Type> = own.iter().cloned().chain(captured).collect();
        let taken: Vec<&Type> = inner.params.iter().map(|p| inner.node(*p).ty.one()).collect();
        if taken.len() != handed.len() || !taken.iter().zip(&handed).all(|(t, h)| t.fits(h)) {
            return Err(format!("a body takes {taken:?} and is handed {handed:?}"));
        }
        check(inner, self.sizes)
    }

    /// The types of a choice's results.
    fn agree(&self, then: &Body, otherwise: &Body) -> Result<NodeType, String> {
        let types =
            |body: &Body| -> Vec<Type> { body.results.iter().map(|r| body.node(*r).ty.one().clone()).collect() };
        let (x, y) = (types(then), types(otherwise));
        if x.len() != y.len() || !x.iter().zip(&y).all(|(x, y)| x.fits(y)) {
            return Err(format!("the arms give {x:?} and {y:?}"));
        }
        match &self.body.node(self.id).ty {
            NodeType::Many(joined) if joined.len() == x.len() && x.iter().zip(&**joined).all(|(x, j)| x.fits(j)) => {
                Ok(NodeType::Many(joined.clone()))
            }
            ty => Err(format!("the arms give {x:?}, the choice {ty:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Builder, Id};
    use crate::prim::Prim;

    /// Σ x[i]² if c, else 0
    fn sum_of_squares() -> Body {
        let b = Builder::new();
        let x = b.param(Type::array(Elem::Float, vec![Dim::Lit(3)]));
        let c = b.param(Type::BOOL);
        let total = b.branch(
            c,
            || {
                b.fold((b.index_lit(0), b.index_lit(3)), crate::ir::Direction::Up, &[b.float(0.0)], |i, s| {
                    let e = b.sym(b.index(x, &[i]));
                    vec![(b.sym(s[0]) + e * e).value()]
                })
            },
            || vec![b.float(0.0)],
        );
        b.finish(&total)
    }

    #[test]
    fn what_the_builder_makes_is_fine() {
        assert_eq!(check(&sum_of_squares(), Some(0)), Ok(()));
    }

    /// Every fault is planted in a body that was fine, and found.
    #[test]
    fn faults_are_found() {
        let plant = |fault: &dyn Fn(&mut Body)| {
            let mut body = sum_of_squares();
            fault(&mut body);
            check(&body, Some(0)).expect_err("a planted fault is found")
        };
        let choice =
            |body: &Body| body.ids().find(|id| matches!(body.node(*id).op, Op::If { .. })).expect("there is a choice");
        assert!(plant(&|b| b.results.push(Id(99))).contains("does not exist"));
        assert!(plant(&|b| b.params.swap(0, 1)).contains("not parameter 0"));
        assert!(plant(&|b| b.nodes[0].op = Op::Size(crate::ir::SizeId(0))).contains("parameter 0"));
        assert!(
            plant(&|b| b.nodes.push(crate::ir::Node { op: Op::Get(Id(0), 0), ty: NodeType::One(Type::FLOAT) }))
                .contains("result 0")
        );
        let call = |args: &[u32], ty: Type| crate::ir::Node {
            op: Op::Call(Prim::Add, args.iter().map(|a| Id(*a)).collect()),
            ty: NodeType::One(ty),
        };
        assert!(plant(&|b| b.nodes.push(call(&[0, 0], Type::FLOAT))).contains("of an array"));
        assert!(plant(&|b| b.nodes.push(call(&[1], Type::BOOL))).contains("1 operands"));
        assert!(plant(&|b| b.nodes.push(call(&[1, 1], Type::BOOL))).contains("Add of"));
        assert!(plant(&|b| b.nodes.push(call(&[90, 91], Type::FLOAT))).contains("after it"));
        assert!(
            plant(&|b| {
                let id = choice(b);
                if let Op::If { captures, .. } = &mut b.nodes[id.index()].op {
                    *captures = Box::new([]);
                }
            })
            .contains("is handed")
        );
        assert!(
            plant(&|b| {
                let id = choice(b);
                if let Op::If { otherwise, .. } = &mut b.nodes[id.index()].op {
                    let other = Builder::new();
                    other.param(Type::array(Elem::Float, vec![Dim::Lit(3)]));
                    let no = other.bool(false);
                    *otherwise = std::rc::Rc::new(other.finish(&[no]));
                }
            })
            .contains("the arms give")
        );
    }
}
