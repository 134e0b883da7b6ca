// Loops and choices that are not taken, and ways to leave that are not: named by what they are.

use derive_grad::derive_grad;

#[derive_grad]
fn with_value(x: f64) -> f64 {
    let mut t = x;
    while t > 1.0 {
        t = 0.5 * (t + x / t);
        if (t * t - x).abs() < 1e-9 {
            break t;
        }
    }
    t
}

#[derive_grad]
fn while_let(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut it = x.iter();
    while let Some(v) = it.next() {
        sum += v;
    }
    sum
}

#[derive_grad]
fn if_let(x: &[f64], at: &[usize]) -> f64 {
    if let Ok(k) = at.binary_search(&1) {
        return x[k];
    }
    0.0
}

#[derive_grad]
fn let_else(x: &[f64], at: &[usize]) -> f64 {
    let Ok(k) = at.binary_search(&1) else { return 0.0 };
    x[k]
}

#[derive_grad]
fn finding(x: &[f64], k: usize) -> f64 {
    let a = x.iter().max_by(|a, b| k).unwrap();
    let b: f64 = x.iter().filter_map(|v| v.checked()).sum();
    let d = matches!(&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&k, 1);
    x[0]
}

#[derive_grad]
fn labelled(x: f64) -> f64 {
    let mut y = x;
    'done: {
        if x > 1.0 {
            break 'done;
        }
        y *= x;
    }
    y
}

#[derive_grad]
fn forever(x: f64) -> f64 {
    let mut y = x;
    loop {
        y *= 0.5;
    }
}

#[derive_grad]
fn in_a_declaration(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        let w = if *v < 0.0 { break } else { *v };
        s += w;
    }
    s
}

#[derive_grad]
fn in_an_expression(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        s += if *v < 0.0 { break } else { *v };
    }
    s
}

#[derive_grad]
fn in_an_argument(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        s += v.max(if *v < 0.0 { continue } else { 1.0 });
    }
    s
}

#[derive_grad]
fn nowhere(x: f64) -> f64 {
    if x > 0.0 {
        break;
    }
    x
}

#[derive_grad]
fn unlabelled(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..3 {
        if s > 1.0 {
            continue 'outer;
        }
        s *= 2.0;
    }
    s
}

#[derive_grad]
fn vectors(x: &[f64]) -> Vec<f64> {
    let y = vec![0.0; 3];
    for i in 0..3 {
        if x[i] > 0.0 {
            return y;
        }
    }
    y
}

#[derive_grad]
fn from_a_closure(x: f64) -> f64 {
    let g = |y: f64| {
        for _ in 0..3 {
            if y > 1.0 {
                return y;
            }
        }
        0.0
    };
    g(x)
}

#[derive_grad]
fn conditions(x: f64, n: usize) -> f64 {
    let a = if x { 1.0 } else { 2.0 };
    let b = if n { 1.0 } else { 2.0 };
    let c = x > 0.0 && x;
    let d = x && n > 0;
    while n {}
    let e = if x > 0.0 { 1.0 } else { 1 };
    let f = if x > 0.0 { n } else { [n] };
    let g = if let Ok(1) = [n].binary_search(&n) { x } else { 0.0 };
    x
}

#[derive_grad]
fn ranges(x: f64, n: usize, k: i32) -> f64 {
    let mut s = x;
    for i in 0.. {
        s += 1.0;
    }
    for i in 0.0..x {
        s += i;
    }
    for i in n..k {
        s += 1.0;
    }
    for i in x {
        s += 1.0;
    }
    for i in (0..n).step_by(0) {
        s += 1.0;
    }
    s
}

#[derive_grad]
fn worth_something(x: f64, n: usize) -> f64 {
    for i in 0..n {
        x
    }
    let y = 'a: { x };
    let z = match n {
        0 => 'b: { x },
        _ => x,
    };
    y
}

#[derive_grad]
fn in_the_condition(x: f64, n: usize) -> f64 {
    let mut s = x;
    while { s *= 2.0; s < 10.0 } && { if n > 3 { break; } true } {
        s += 1.0;
    }
    while s > 1.0 && { if n > 3 { return x; } true } {}
    while s > 1.0 && { if n > 3 { continue; } true } {}
    while { return x } {}
    s
}

#[derive_grad]
fn if_let_chain(x: &[f64], n: usize) -> f64 {
    if let Some(v) = x.first() && n > 1 {
        return *v;
    }
    if let [a, _] = x { *a } else { 0.0 }
}

#[derive_grad]
fn let_else_of_a_result(x: f64) -> f64 {
    let Ok(a) = helper(x) else { return 0.0 };
    a
}

#[derive_grad]
fn let_else_that_panics(x: f64) -> f64 {
    let Ok(a) = helper(x) else { panic!("no") };
    a
}

fn helper(x: f64) -> Result<f64, ()> {
    Ok(x)
}

#[derive_grad]
fn in_a_choice(x: f64) -> f64 {
    for i in 0..3 {
        if x > 0.0 && { continue } {}
    }
    x
}

#[derive_grad]
fn in_another(x: f64) -> f64 {
    if x > 0.0 && { return x } {}
    x
}

#[derive_grad]
fn tuples(x: f64, v: &[f64]) -> f64 {
    let mut t = (vec![x; 2], x);
    for i in 0..2 {
        t.0 = v.to_vec();
    }
    t.0[0]
}

#[derive_grad]
fn diverging(x: &[f64; 3]) -> f64 {
    let Ok(k) = [1_usize].binary_search(&1) else { panic!("no") };
    x[k]
}

#[derive_grad]
fn rows(n: usize, x: f64) -> f64 {
    let mut v = vec![vec![x; 2]; 2];
    let mut w = vec![x];
    let mut t = (x, w.clone());
    for i in 0..n {
        v = vec![vec![x; 3]; 2];
        w = w[1..].to_vec();
        t.1.push(x);
    }
    v[0].push(x);
    v[0][0] + w[0]
}

#[derive_grad]
fn deep(x: f64, n: usize) -> f64 {
    let f = |y: f64| y + { assert!(y > 0.0); 1.0 };
    let a = n > 1 && { assert!(x > 0.0); true };
    let b: f64 = (0..n).map(|i| { assert!(x > 0.0); x }).skip(1).sum();
    let c = [f(x), f(1.0)];
    let d: Vec<f64> = (0..n).map(|i| { assert!(x > 0.0); x }).collect();
    while { assert!(x > 0.0); b > 1.0 } {}
    x
}

#[derive_grad]
fn unequal(x: f64, n: usize) -> [f64; 2] {
    for i in 0..n {
        if x > 0.0 {
            return [x; 3];
        }
    }
    [x, x]
}

#[derive_grad]
fn asserted(x: f64, n: usize) -> f64 {
    assert!();
    assert!(x > 0.0, );
    assert_eq!(x, n);
    assert!(let 1 = n);
    assert!(x > 0.0 "said");
    let y = 1.0 + { assert!(x > 0.0); x };
    let v = [if n > 0 { panic!("no") } else { x }];
    y
}

#[derive_grad]
fn lengths(x: &[f64], n: usize) -> f64 {
    let a = if n > 1 { x[..2].to_vec() } else { x.to_vec() };
    let b;
    if n > 1 {
        b = x[..2].to_vec();
    } else {
        b = x.to_vec();
    }
    a[0] + b[0]
}

#[derive_grad]
fn types_that_cannot_be_told(x: &[f64], n: usize) -> f64 {
    let a;
    if n > 1 {
        a = [x[0]; 2];
    } else {
        return 0.0;
    }
    let b = loop {
        if n > 1 {
            break [x[0]; 2];
        }
    };
    let c;
    for _ in 0..n {
        c = [x[0]; 2];
        break;
    }
    a[0] + b[0]
}

#[derive_grad]
fn in_two_patterns(x: f64) -> f64 {
    let [a, b];
    a = x;
    b = x;
    a * b
}

fn used(x: f64, v: &[f64]) -> f64 {
    let (a, da) = with_value_grad(x);
    let (b, db) = while_let_grad(v);
    let (_, residuals) = vectors_forward(v);
    let dc = vectors_backward(&residuals, v, v);
    a + da + b + db[0] + dc[0] + conditions_grad(x, 1).1 + ranges_grad(x, 1, 2).1
}
