//! The code of matrix formulas, in `matrices.txt`, which `UPDATE=1` writes anew: loops along the rows, one pass over the data,
//! no matrix that is not asked for.

use std::fmt::Write as _;

use crate::grad;

#[test]
fn the_code_of_matrix_formulas() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command/matrices.txt");
    let before = std::fs::read_to_string(path).unwrap();
    let mut after = String::new();
    for formula in before.lines().filter_map(|line| line.strip_prefix("# ")) {
        let run = grad(["derive", formula]);
        assert_eq!(run.code, Some(0), "{}", run.err);
        let _ = write!(after, "# {formula}\n\n");
        for name in ["f_grad", "f", "f_backward"] {
            // Where there is a gradient, it computes the value too.
            if name == "f" && run.out.contains("pub fn f_grad(") {
                continue;
            }
            let Some(start) = run.out.find(&format!("pub fn {name}(")) else { continue };
            let end = start + run.out[start..].find("\n}\n").unwrap() + 3;
            after.push_str(&run.out[start..end]);
            after.push('\n');
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &after).unwrap();
    } else if before != after {
        let same = before.lines().zip(after.lines()).take_while(|(x, y)| x == y).count();
        let lines: Vec<&str> = after.lines().skip(same.saturating_sub(4)).take(12).collect();
        panic!("line {} of {path} is now:\n{}", same + 1, lines.join("\n"));
    }
}
