//! `primitives!`: from the rows to the `Prim` enum, the table, the values, the partials and the recording methods.

/// Turns rows into everything that is known of primitives. A row with `wrt` has one partial an argument, written in the
/// vocabulary of the rows themselves; a row with `is` is a composite, replaced by its definition when it is recorded.
macro_rules! primitives {
    ($(
        $(#[doc = $doc:literal])*
        $prim:ident = $name:ident($arg0:ident $(, $arg:ident)*) -> $result:ident $(as $($alias:literal),+)? {
            $(value: $value:expr,)?
            $(wrt: [$($partial:expr),* $(,)?],)?
            $(is: $definition:expr,)?
            domain: [$($domain:ident),*],
            $(range: $range:ident,)?
            $(defaults: [$($default:expr),*],)?
            signature: $signature:ident,
            rust: $spelling:ident $(($spelled:literal))?,
            cost: $cost:ident $(,)?
        }
    )*) => {
        /// A primitive function of scalars: a row of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Prim {
            $($(#[doc = $doc])* $prim,)*
        }

        /// The table, in the order of [`Prim`].
        pub static ROWS: &[Row] = &[$(
            Row {
                prim: Prim::$prim,
                name: stringify!($name),
                aliases: &[$($($alias),+)?],
                args: &[stringify!($arg0) $(, stringify!($arg))*],
                result: stringify!($result),
                doc: &[$($doc),*],
                signature: Signature::$signature,
                domain: &[$(Domain::$domain),*],
                range: primitives!(@range $($range)?),
                defaults: &[$($($default),*)?],
                partials: &[$($(stringify!($partial)),*)?],
                definition: primitives!(@definition $($definition)?),
                rust: Spelling::$spelling $(($spelled))?,
                cost: Cost::$cost,
            },
        )*];

        impl Prim {
            /// The value at floats. `None` for a composite and for what is not a function of floats.
            #[must_use]
            pub fn value(self, x: &[f64]) -> Option<f64> {
                match self {
                    $(Prim::$prim => {
                        let [$arg0 $(, $arg)*] = *x else { return None };
                        primitives!(@value ($arg0 $(, $arg)*) $($value)?)
                    })*
                }
            }

            /// The derivative of the result `z` with respect to the k-th argument, recorded in the builder of the
            /// arguments. `None` for a composite, for what is not a function of floats, and where the row says that there is none.
            #[must_use]
            #[allow(unused_variables, clippy::let_and_return)]
            pub fn partial<'b>(self, k: usize, x: &[Sym<'b>], z: Sym<'b>) -> Option<Sym<'b>> {
                match self {
                    $(Prim::$prim => {
                        let [$arg0 $(, $arg)*] = *x else { return None };
                        let $result = z;
                        primitives!(@partials k, z, ($arg0 $(, $arg)*) $($($partial),*)?)
                    })*
                }
            }

            /// The definition of a composite, recorded in the builder of the arguments.
            #[must_use]
            pub fn expand<'b>(self, x: &[Sym<'b>]) -> Option<Sym<'b>> {
                match self {
                    $(Prim::$prim => {
                        let [$arg0 $(, $arg)*] = *x else { return None };
                        primitives!(@expand ($arg0 $(, $arg)*) $($definition)?)
                    })*
                }
            }
        }

        /// The vocabulary of the rows: one recording method a primitive.
        #[allow(missing_docs, clippy::must_use_candidate, clippy::should_implement_trait, clippy::wrong_self_convention)]
        impl<'b> Sym<'b> {
            $(
                pub fn $name(self $(, $arg: impl IntoSym<'b>)*) -> Sym<'b> {
                    self.call(Prim::$prim, &[$($arg.into_sym(self)),*])
                }
            )*
        }
    };
    (@range) => { Range::Any };
    (@range $range:ident) => { Range::$range };
    (@definition) => { None };
    (@definition $definition:expr) => { Some(stringify!($definition)) };
    (@value ($($arg:ident),*)) => {{ $(let _ = $arg;)* None }};
    (@value ($($arg:ident),*) $value:expr) => { Some($value) };
    (@partials $k:ident, $z:ident, ($($arg:ident),*)) => {{ $(let _ = $arg;)* None }};
    (@partials $k:ident, $z:ident, ($($arg:ident),*) $first:expr) => {
        if $k == 0 { IntoPartial::into_partial($first, $z) } else { None }
    };
    (@partials $k:ident, $z:ident, ($($arg:ident),*) $first:expr, $second:expr) => {
        match $k {
            0 => IntoPartial::into_partial($first, $z),
            1 => IntoPartial::into_partial($second, $z),
            _ => None,
        }
    };
    (@partials $k:ident, $z:ident, ($($arg:ident),*) $first:expr, $second:expr, $third:expr) => {
        match $k {
            0 => IntoPartial::into_partial($first, $z),
            1 => IntoPartial::into_partial($second, $z),
            2 => IntoPartial::into_partial($third, $z),
            _ => None,
        }
    };
    (@expand ($($arg:ident),*)) => {{ $(let _ = $arg;)* None }};
    (@expand ($($arg:ident),*) $definition:expr) => { Some($definition) };
}

pub(crate) use primitives;
