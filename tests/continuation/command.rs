//! `holobiont bifurcation` as its users run it.
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Folds at r = +-2/(3 sqrt 3); `slow` never rests.
const MODEL: &str = r#"
id = "hysteresis"
[species.z]
initial = 1
[species.slow]
initial = 1
[parameters.r]
value = 0
[parameters.q]
value = 1
[reactions.flow]
rate = "r * q + (z - 2) - (z - 2)^3"
produces = { z = 1 }
[reactions.decay]
rate = "1e-5 * slow"
consumes = { slow = 1 }
[observables.twice]
formula = "2 * z"
[[scenario]]
id = "low"
until = 10
[[scenario]]
id = "high"
until = 10
initial = { z = 3 }
"#;

fn bifurcation(folder: &Path, arguments: &str) -> Output {
    fs::write(folder.join("model.toml"), MODEL).unwrap();
    Command::new(env!("CARGO_BIN_EXE_holobiont"))
        .current_dir(folder)
        .args(["bifurcation", "model.toml"])
        .args(arguments.split_whitespace())
        .output()
        .unwrap()
}

#[track_caller]
fn failed(output: &Output, code: i32, part: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(part), "{text}");
    assert!(output.stdout.is_empty());
}

#[test]
fn folds_are_printed_and_table_and_picture_written() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "--parameter r --from -1 --to 1 --scenario low,high --hold slow --days 100 \
                     --observe z,twice --output t.tsv --plot p.svg";
    let output = bifurcation(folder.path(), arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\ncurve 1 (low, high)"), "{text}");
    assert!(!text.contains("curve 2"), "{text}");
    assert!(
        text.contains("fold   at 0.384900") && text.contains("fold   at -0.384900"),
        "{text}"
    );
    assert!(
        text.trim_end()
            .ends_with("not for individual treatment decisions.")
    );
    let table = fs::read_to_string(folder.path().join("t.tsv")).unwrap();
    let mut rows = table
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    assert_eq!(head[..3], ["curve", "point", "value"]);
    assert_eq!(head[8..], ["z", "twice"]);
    let rows: Vec<Vec<&str>> = rows.collect();
    assert_eq!(rows.iter().filter(|row| row[5] == "fold").count(), 2);
    assert!(rows.iter().any(|row| row[3] == "yes") && rows.iter().any(|row| row[3] == "no"));
    for row in &rows {
        let number = |k: usize| row[k].parse::<f64>().unwrap();
        assert_eq!(2.0 * number(8), number(9));
    }
    let svg = fs::read_to_string(folder.path().join("p.svg")).unwrap();
    assert!(svg.contains("0.3849") && svg.contains("unstable"));
}

#[test]
fn what_does_not_rest_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let output = bifurcation(folder.path(), "--parameter r --from -1 --to 1 --days 1000");
    failed(&output, 3, "--hold slow");
}

#[test]
fn wrong_ids_ranges_and_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &str| bifurcation(folder.path(), arguments);
    failed(
        &run("--parameter r --from -1 --to 1 --hold slo"),
        1,
        "did you mean `slow`?",
    );
    failed(&run("--factor s --from 0 --to 2"), 1, "no parameter `s`");
    failed(
        &run("--parameter r --from -1 --to 1 --hold slow --observe y"),
        1,
        "`y`",
    );
    failed(
        &run("--parameter r --from 1 --to -1"),
        2,
        "--to must lie above --from",
    );
    failed(
        &run("--parameter r --factor q --from 0 --to 1"),
        2,
        "cannot be used with",
    );
    failed(
        &run("--factor q,q --from 0 --to 2"),
        1,
        "`q` is named twice",
    );
    failed(&run("--from 0 --to 1"), 2, "--parameter");
    failed(
        &run("--parameter r --from 1 --to 2 --hold slow"),
        1,
        "outside of the range",
    );
    failed(&run("--parameter r --from -1 --to 1 --days 0"), 2, "--days");
    failed(
        &run("--parameter r --from -1 --to 1 --output a --plot a"),
        2,
        "same file",
    );
}
