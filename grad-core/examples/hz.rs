use grad_core::{front::formula, hazard};
use std::io::BufRead;
fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap().replace("\\n", "\n");
        if line.trim().is_empty() { continue; }
        println!("== {line}");
        let f = match formula::read("f", &line, &[]) { Ok(f) => f, Err(e) => { println!("  !! {:?}", e.problems); continue } };
        let (spans, f) = (f.spans, f.function); let wrt: Vec<usize> = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
        let t = std::time::Instant::now();
        match hazard::hazards_in(&f, &wrt, &|o| spans.get(o.0 as usize).map(|s| &line[s.range()])) {
            Err(e) => println!("  !! {e}"),
            Ok(h) => for h in h {
                let p: Vec<String> = h.partials.iter().map(|p| format!("{}:{}", p.name, p.derivative)).collect();
                println!("  {} | {} | {} | {:?} | {:?}", h.subexpression, h.condition, p.join(" "), h.sample.map(|s| s.iter().map(|d| match d { grad_core::ir::eval::Datum::Float(x)=>format!("{x}"), grad_core::ir::eval::Datum::Int(x)=>format!("{x}"), d => format!("{:?}", d.floats()) }).collect::<Vec<_>>().join(",")), h.rewrite);
            }
        }
        if t.elapsed().as_millis() > 300 { println!("  time {:?}", t.elapsed()); }
    }
}
