//! A chain of iterators and the loop that says the same, with the same names, give the same code.

use derive_grad::derive_grad;

/// Both ways to write a function, and that their generated code is one.
macro_rules! same {
    ($($name:ident($($arg:ident: $ty:ty),*) { $chain:expr } { $($written:tt)* })*) => {
        $(
            mod $name {
                mod chained {
                    #[super::super::derive_grad(source)]
                    #[allow(dead_code)]
                    pub(in super::super) fn f($($arg: $ty),*) -> f64 {
                        $chain
                    }
                }

                mod written {
                    // Loops by index, as they are written by those who do not chain.
                    #![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

                    #[super::super::derive_grad(source)]
                    #[allow(dead_code)]
                    pub(in super::super) fn f($($arg: $ty),*) -> f64 {
                        $($written)*
                    }
                }

                #[test]
                fn is_the_same_code() {
                    let [chained, written] = [chained::F_SOURCE, written::F_SOURCE];
                    assert!(chained.contains("for "), "{chained}");
                    assert!(chained == written, "chained:\n{chained}\nwritten:\n{written}");
                }
            }
        )*
    };
}

same! {
    a_dot_product(x: &[f64], y: &[f64; 4]) {
        x.iter().zip(y).map(|(a, b)| a * b).sum()
    } {
        let mut sum = 0.0;
        for i in 0..x.len().min(4) {
            let (a, b) = (x[i], y[i]);
            sum += a * b;
        }
        sum
    }
    squares(x: &[f64]) {
        x.iter().map(|a| a * a).sum()
    } {
        let mut sum = 0.0;
        for a in x {
            sum += a * a;
        }
        sum
    }
    a_product(x: &[f64]) {
        x.iter().map(|a| a.sin()).product()
    } {
        let mut product = 1.0;
        for i in 0..x.len() {
            let a = x[i];
            product *= a.sin();
        }
        product
    }
    places(x: &[f64]) {
        x.iter().enumerate().map(|(i, a)| a * a * i as f64).sum()
    } {
        let mut sum = 0.0;
        for i in 0..x.len() {
            let a = x[i];
            sum += a * a * i as f64;
        }
        sum
    }
    a_filter(x: &[f64]) {
        x.iter().filter(|a| **a > 0.0).map(|a| a.ln()).sum()
    } {
        let mut sum = 0.0;
        for i in 0..x.len() {
            let a = x[i];
            if a > 0.0 {
                sum += a.ln();
            }
        }
        sum
    }
    a_fold(x: &[f64]) {
        x.iter().fold(0.5, |acc, a| acc * a + 1.0)
    } {
        let mut acc = 0.5;
        for i in 0..x.len() {
            let a = x[i];
            acc = acc * a + 1.0;
        }
        acc
    }
    neighbours(x: &[f64; 6]) {
        x.windows(2).map(|w| (w[1] - w[0]) * w[0]).sum()
    } {
        let mut sum = 0.0;
        for i in 0..5 {
            sum += (x[i + 1] - x[i]) * x[i];
        }
        sum
    }
    rows(x: &[f64; 6]) {
        x.chunks_exact(2).map(|c| c[0] * c[1].exp()).sum()
    } {
        let mut sum = 0.0;
        for i in 0..3 {
            sum += x[i * 2] * x[i * 2 + 1].exp();
        }
        sum
    }
    a_part(x: &[f64; 9]) {
        x.iter().skip(2).take(5).map(|a| a * a.cos()).sum()
    } {
        let mut sum = 0.0;
        for i in 0..5 {
            let a = x[i + 2];
            sum += a * a.cos();
        }
        sum
    }
    backwards(x: &[f64; 5]) {
        x.iter().rev().fold(0.0, |acc, a| (acc + a).tanh())
    } {
        let mut acc = 0.0;
        for i in (0..5).rev() {
            let a = x[i];
            acc = (acc + a).tanh();
        }
        acc
    }
}
