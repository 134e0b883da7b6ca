use grad_core::{front::formula, hazard};
use std::io::BufRead;
fn main() {
    println!("# Formulas and their hazards: the part that spoils the gradient, where, which derivatives, and what to write instead.\n# A formula without such lines has none.\n");
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap().replace("\\n", "\n");
        let p = match formula::read("f", &line, &[]) { Ok(f) => f, Err(e) => { eprintln!("{line} !! {:?}", e.problems); continue } };
        let (spans, f) = (p.spans, p.function);
        let wrt: Vec<usize> = (0..f.params.len()).filter(|k| f.param_type(*k).is_float()).collect();
        let h = match hazard::hazards_in(&f, &wrt, &|o| spans.get(o.0 as usize).map(|s| &line[s.range()])) { Ok(h) => h, Err(e) => { eprintln!("{line} !! {e}"); continue } };
        println!("{line}");
        for h in h {
            let p: Vec<String> = h.partials.iter().map(|p| format!("{}: {}", p.name, p.derivative).replace("inf", "∞")).collect();
            let p = if h.sample.is_some() { p.join(", ") } else { "possible".into() };
            println!("  {} | {} | {}{}", h.subexpression, h.condition, p, h.rewrite.map_or(String::new(), |r| format!(" | {} -> {}", r.from, r.to)));
        }
        println!();
    }
}
