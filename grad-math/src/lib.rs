//! Stub.
#![allow(missing_docs)]
macro_rules! stub { ($($f:ident($($a:ident),*);)*) => {$(pub fn $f($($a: f64),*) -> f64 { $(let _ = $a;)* 0.0 })*} }
stub! { sign(x); sinc(x); erf(x); erfc(x); sigmoid(x); softplus(x); log_sigmoid(x); relu(x); leaky_relu(x, s); clamp(x, l, h); }
