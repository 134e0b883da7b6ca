//! The corpus: paragraphs of a formula and its hazards, each a line of what, where, which derivatives and what instead.

use std::fmt::Write;

use grad_core::hazard::Hazard;

use crate::{Gradient, condition, hazards, read};

const TEXT: &str = include_str!("corpus.txt");

fn line(hazard: &Hazard) -> String {
    let partials = hazard.partials.iter().map(|p| format!("{}: {}", p.name, p.derivative).replace("inf", "∞"));
    let partials = match &hazard.sample {
        Some(_) => partials.collect::<Vec<_>>().join(", "),
        None => "possible".to_owned(),
    };
    let rewrite = hazard.rewrite.as_ref().map_or(String::new(), |r| format!(" | {} -> {}", r.from, r.to));
    format!("  {} | {} | {partials}{rewrite}", hazard.subexpression, hazard.condition)
}

/// A formula, and the lines of its hazards.
pub(crate) fn entries() -> Vec<(String, Vec<String>)> {
    let paragraphs = TEXT.split("\n\n").filter(|p| !p.starts_with('#') && !p.trim().is_empty());
    paragraphs
        .map(|paragraph| {
            let (hazards, formula): (Vec<&str>, Vec<&str>) =
                paragraph.trim_end().lines().partition(|line| line.starts_with("  "));
            (formula.join("\n"), hazards.into_iter().map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn every_hazard_is_found_and_no_other() {
    let all = entries();
    let harmless = all.iter().filter(|(_, expected)| expected.is_empty()).count();
    assert!(all.len() >= 150 && harmless >= 50, "{} formulas, {harmless} harmless", all.len());
    let mut report = String::new();
    for (source, expected) in &all {
        let found: Vec<String> = hazards(source).iter().map(line).collect();
        if found != *expected {
            let _ = writeln!(report, "{source}\n{}\n", found.join("\n"));
        }
    }
    assert!(report.is_empty(), "what is found, where something else is expected:\n\n{report}");
}

/// At every sample the value is finite and the gradient is not, and the condition holds as it is printed.
#[test]
fn samples_show_what_is_claimed() {
    let mut shown = 0;
    for (source, _) in entries() {
        let (f, wrt, _) = read(&source).unwrap();
        let gradient = Gradient::new(&f, &wrt);
        for hazard in hazards(&source) {
            let Some(sample) = &hazard.sample else { continue };
            shown += 1;
            assert!(gradient.is_spoilt(sample), "{source}\n{hazard:?}");
            let length = sample.iter().filter_map(|d| Some(d.floats()?.len())).max().unwrap_or(1);
            // A matrix is as high as it is wide.
            let length = if f.params.iter().enumerate().any(|(k, _)| f.param_type(k).rank() == 2) { 2 } else { length };
            // Without arrays an index runs over five numbers at most.
            let is_scalar = (0..f.params.len()).all(|k| f.param_type(k).is_scalar());
            let length = if is_scalar { 5 } else { i64::try_from(length).unwrap() };
            assert!(condition::holds(&f, &hazard.condition, sample, length), "{source}\n{hazard:?}");
        }
    }
    assert!(shown > 80, "{shown} samples");
}

/// What a rewrite gives has no hazard there any more.
#[test]
fn rewrites_remove_hazards() {
    let mut tried = 0;
    for (source, _) in entries() {
        for hazard in hazards(&source) {
            let Some(rewrite) = &hazard.rewrite else { continue };
            let (head, body) = source.rsplit_once("; ").unwrap_or(("", &source));
            let strip = |text: &str| text.replace(' ', "");
            if strip(&rewrite.from) != strip(body) {
                continue;
            }
            tried += 1;
            let declared = if head.is_empty() { rewrite.to.clone() } else { format!("{head}; {}", rewrite.to) };
            let left = hazards(&declared);
            assert!(left.iter().all(|other| other.condition != hazard.condition), "{source}\n{declared}\n{left:?}");
        }
    }
    assert!(tried >= 10, "{tried} rewrites");
}
