//! What makes an `Option` and what takes it apart, where both stand together.

use crate::accepted::{IntoV, check, rust};

rust! {
    => first: fn f(x: &[f64]) -> f64 { if let Some(v) = x.first() { v * v } else { 7.0 } } at (&[3.0, 4.0]) at (&[0.0; 0])
    => last_copied: fn f(x: &[f64]) -> f64 { if let Some(v) = x.last().copied() { v * v } else { 7.0 } } at (&[3.0, 4.0]) at (&[0.0; 0])
    => without_else: fn f(x: &[f64]) -> f64 { let mut s = 1.0; if let Some(&v) = x.get(1) { s += v.sin(); } s } at (&[3.0, 4.0]) at (&[3.0])
    => else_if_let: fn f(x: &[f64]) -> f64 {
        if let Some(v) = x.get(2) { v * 2.0 } else if let Some(v) = x.get(1) { v * 3.0 } else { 1.0 }
    } at (&[3.0, 4.0, 5.0]) at (&[3.0, 4.0]) at (&[3.0])
    => returned_from: fn f(x: &[f64]) -> f64 {
        if let Some(v) = x.get(2) { return v * 2.0; }
        let s: f64 = x.iter().sum();
        if let Some(v) = x.get(1) { return v * s; } else { return s; }
    } at (&[3.0, 4.0, 5.0]) at (&[3.0, 4.0]) at (&[3.0])
    => in_a_loop: fn f(x: &[f64], at: &[usize; 3]) -> f64 {
        let mut s = 0.0;
        for k in at {
            if let Some(v) = x.get(*k) { s += v * v; if s > 20.0 { break; } } else { continue; }
            s *= 2.0;
        }
        s
    } at (&[3.0, 4.0, 5.0], &[0, 9, 1]) at (&[3.0, 1.0, 1.0], &[2, 1, 7])
    => let_else: fn f(x: &[f64]) -> f64 {
        let Some(a) = x.first() else { return 0.5; };
        let Some(&b) = x.get(1) else { return *a; };
        a * b
    } at (&[3.0, 4.0]) at (&[3.0]) at (&[0.0; 0])
    => let_else_in_a_loop: fn f(x: &[f64], at: &[usize; 3]) -> f64 {
        let mut s = 0.0;
        for &k in at {
            let Some(v) = x.get(k) else { continue };
            let Some(w) = x.get(k + 1) else { break };
            s += v * w;
        }
        s
    } at (&[3.0, 4.0, 5.0], &[0, 9, 1]) at (&[3.0, 4.0, 5.0], &[2, 0, 1])
    => let_else_of_a_slice: fn f(x: &[f64]) -> f64 { let [a, b, ..] = x else { return 1.0 }; a * b } at (&[3.0, 4.0, 5.0]) at (&[3.0])
    => if_let_of_a_slice: fn f(x: &[f64]) -> f64 { if let [a, rest @ ..] = x { a * rest.len() as f64 } else { 1.0 } } at (&[3.0, 4.0]) at (&[0.0; 0])
    => if_let_of_a_number: fn f(k: usize, x: f64) -> f64 { if let 1..=3 = k { x * x } else { x } } at (2, 3.0) at (4, 3.0)
    => matched: fn f(x: &[f64]) -> f64 { match x.first() { Some(v) => v * v, None => 2.0 } } at (&[3.0]) at (&[0.0; 0])
    => matched_backwards: fn f(x: &[f64]) -> f64 { match x.last() { None => return 2.0, Some(v) => v * v } } at (&[3.0]) at (&[0.0; 0])
    => matched_otherwise: fn f(x: &[f64]) -> f64 { match x.get(1) { Some(&v) => v * v, _ => 2.0 } } at (&[3.0, 5.0]) at (&[0.0; 0])
    => parts: fn f(x: &[f64]) -> f64 {
        if let Some((a, rest)) = x.split_first() { a * rest.iter().sum::<f64>() } else { 4.0 }
    } at (&[3.0, 4.0, 5.0]) at (&[0.0; 0])
    => split_last: fn f(x: &[f64]) -> f64 { let (z, rest) = x.split_last().unwrap(); z * rest.iter().sum::<f64>() } at (&[3.0, 4.0, 5.0])
    => chunk: fn f(x: &[f64]) -> f64 { let Some([a, b]) = x.first_chunk::<2>() else { return 1.0 }; a * b } at (&[3.0, 4.0, 5.0]) at (&[3.0])
    => part_of: fn f(x: &[f64], n: usize) -> f64 { x.get(1..n).map_or(-1.0, |part| part.iter().sum::<f64>()) } at (&[3.0, 4.0, 5.0], 3) at (&[3.0, 4.0], 3) at (&[3.0, 4.0], 0)
    => got: fn f(x: &[f64], k: usize) -> f64 { x.get(k).unwrap() * x.get(k + 1).copied().unwrap_or(2.0) } at (&[3.0, 4.0], 0) at (&[3.0, 4.0], 1)
    => mapped: fn f(x: &[f64], k: usize) -> f64 { x.get(k).map(|v| v * v).unwrap_or(0.5) + x.first().copied().map_or(1.0, f64::sin) } at (&[3.0, 4.0], 1) at (&[3.0, 4.0], 2)
    => asked: fn f(x: &[f64], k: usize) -> f64 { if x.get(k).is_some_and(|v| *v > 3.5) { x[k] } else if x.first().is_none() { 1.0 } else { 2.0 } } at (&[3.0, 4.0], 1) at (&[3.0, 4.0], 0) at (&[0.0; 0], 0)
    => then_some: fn f(x: f64) -> f64 { (x > 0.0).then_some(x * x).unwrap_or(0.25) + (x > 1.0).then(|| x.ln()).unwrap_or_default() } at (3.0) at (0.5) at (-1.0)
    => filter_map: fn f(x: &[f64]) -> f64 { x.iter().filter_map(|&v| if v > 0.0 { Some(v.sqrt()) } else { None }).sum() } at (&[4.0, -1.0, 9.0])
    => filter_map_then: fn f(x: &[f64]) -> f64 {
        x.iter().enumerate().filter_map(|(k, v)| { let w = v * k as f64; (w > 0.5).then(|| w.ln()) }).map(|v| v * v).sum()
    } at (&[4.0, -1.0, 9.0])
    => largest: fn f(x: &[f64]) -> f64 { let m = x.iter().copied().max_by(|a, b| a.total_cmp(b)).unwrap(); m * m } at (&[4.0, -1.0, 9.0, 2.0])
    => smallest: fn f(x: &[f64]) -> f64 { *x.iter().min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap() } at (&[4.0, -1.0, 9.0, 2.0])
    => argmax: fn f(x: &[f64], y: &[f64]) -> f64 {
        let (k, m) = x.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
        y[k] * m
    } at (&[4.0, -1.0, 9.0, 2.0], &[1.0, 2.0, 3.0, 4.0]) at (&[4.0, 4.0], &[1.0, 2.0])
    => argmin: fn f(x: &[f64]) -> f64 {
        let k = (0..x.len()).min_by(|&a, &b| x[a].partial_cmp(&x[b]).unwrap()).unwrap();
        x[k] * k as f64
    } at (&[4.0, -1.0, -1.0, 2.0])
    => largest_or: fn f(x: &[f64]) -> f64 { x.iter().map(|v| v * v).max_by(f64::total_cmp).unwrap_or(0.25) } at (&[4.0, -5.0]) at (&[0.0; 0])
    => position: fn f(x: &[f64]) -> f64 { let k = x.iter().position(|&v| v > 3.5).unwrap_or(0); x[k] * k as f64 } at (&[3.0, 4.0, 5.0]) at (&[3.0])
    => position_found: fn f(x: &[f64], t: f64) -> f64 {
        if let Some(k) = x.windows(2).position(|w| w[0] <= t && t < w[1]) { x[k] * (t - x[k + 1]) } else { t }
    } at (&[1.0, 2.0, 4.0], 3.0) at (&[1.0, 2.0, 4.0], 5.0)
    => found: fn f(x: &[f64]) -> f64 { let v = x.iter().find(|v| **v > 3.5).unwrap(); v * v } at (&[3.0, 4.0, 5.0])
    => contains: fn f(x: f64, k: usize) -> f64 {
        if (0.0..1.0).contains(&x) { x * x } else if !(2..=4).contains(&k) { 1.0 } else if (..5.0).contains(&x) { x } else { 3.0 }
    } at (0.5, 0) at (1.0, 1) at (1.0, 4) at (6.0, 3)
    => matches: fn f(x: f64, k: i32) -> f64 {
        let odd = matches!(k, 1 | 3 | 5);
        if odd && matches!(x, v if v > 1.0) { x * x } else if matches!((k, odd), (0..=9, false)) { x } else { 2.0 }
    } at (2.0, 3) at (0.5, 3) at (0.5, 4) at (0.5, 12)
}
