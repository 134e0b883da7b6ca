//! Literals.

use super::Printer;
use crate::emit::GenericFloat;
use crate::ir::{Float, Lit};

impl<'a> Printer<'a> {
    pub(super) fn lit(&mut self, lit: Lit) -> String {
        match lit {
            Lit::Float(bits) => {
                if let Some(generic) = self.generic {
                    return self.generic_float(generic, f64::from_bits(bits));
                }
                let text = self.float(f64::from_bits(bits));
                let typed = std::mem::take(&mut self.typed) && !text.contains("::");
                if typed { format!("{text}_{}", self.program.float.name()) } else { text }
            }
            Lit::Int(n, kind) if std::mem::take(&mut self.typed) => format!("{n}_{}", kind.name()),
            Lit::Int(n, _) => n.to_string(),
            Lit::Bool(b) => b.to_string(),
        }
    }

    /// A number as one of the type parameter.
    pub(super) fn converted(&self, text: &str) -> String {
        match self.generic {
            Some(GenericFloat { literal: (before, after), .. }) => format!("{before}{text}{after}"),
            None => text.to_string(),
        }
    }

    pub(super) fn generic_float(&mut self, generic: &GenericFloat, x: f64) -> String {
        let name = &generic.name;
        self.typed = false;
        match x {
            x if generic.has_zero && x.to_bits() == 0 => format!("{name}::zero()"),
            1.0 if generic.has_zero => format!("{name}::one()"),
            f64::INFINITY => format!("{name}::infinity()"),
            f64::NEG_INFINITY => format!("{name}::neg_infinity()"),
            f64::MAX => format!("{name}::max_value()"),
            f64::MIN => format!("{name}::min_value()"),
            x if x.is_nan() => format!("{name}::nan()"),
            x => {
                let text = self.float(x);
                self.converted(&text)
            }
        }
    }

    pub(super) fn float(&mut self, x: f64) -> String {
        let real = self.program.float.name();
        let x = match self.program.float {
            Float::F64 => x,
            #[allow(clippy::cast_possible_truncation)]
            Float::F32 => f64::from(x as f32),
        };
        if x.is_nan() {
            return format!("{real}::NAN");
        }
        if x.is_infinite() {
            return format!("{real}::{}INFINITY", if x < 0.0 { "NEG_" } else { "" });
        }
        if let Some((name, _)) = CONSTANTS.iter().find(|(_, c)| self.same(x.abs(), *c)) {
            return format!("{}core::{real}::consts::{name}", if x < 0.0 { "-" } else { "" });
        }
        if CONSTANTS.iter().any(|(_, c)| (x.abs() - c).abs() < 0.01) {
            self.allow.insert("clippy::approx_constant");
        }
        match self.program.float {
            Float::F64 => format!("{x:?}"),
            #[allow(clippy::cast_possible_truncation)]
            Float::F32 => format!("{:?}", x as f32),
        }
    }

    pub(super) fn same(&self, x: f64, c: f64) -> bool {
        match self.program.float {
            Float::F64 => x.to_bits() == c.to_bits(),
            #[allow(clippy::cast_possible_truncation)]
            Float::F32 => (x as f32).to_bits() == (c as f32).to_bits(),
        }
    }
}

/// Constants that have a name.
const CONSTANTS: &[(&str, f64)] = &[
    ("E", std::f64::consts::E),
    ("FRAC_1_PI", std::f64::consts::FRAC_1_PI),
    ("FRAC_1_SQRT_2", std::f64::consts::FRAC_1_SQRT_2),
    ("FRAC_2_PI", std::f64::consts::FRAC_2_PI),
    ("FRAC_2_SQRT_PI", std::f64::consts::FRAC_2_SQRT_PI),
    ("FRAC_PI_2", std::f64::consts::FRAC_PI_2),
    ("FRAC_PI_3", std::f64::consts::FRAC_PI_3),
    ("FRAC_PI_4", std::f64::consts::FRAC_PI_4),
    ("FRAC_PI_6", std::f64::consts::FRAC_PI_6),
    ("FRAC_PI_8", std::f64::consts::FRAC_PI_8),
    ("LN_10", std::f64::consts::LN_10),
    ("LN_2", std::f64::consts::LN_2),
    ("LOG10_2", std::f64::consts::LOG10_2),
    ("LOG10_E", std::f64::consts::LOG10_E),
    ("LOG2_10", std::f64::consts::LOG2_10),
    ("LOG2_E", std::f64::consts::LOG2_E),
    ("PI", std::f64::consts::PI),
    ("SQRT_2", std::f64::consts::SQRT_2),
    ("TAU", std::f64::consts::TAU),
];
