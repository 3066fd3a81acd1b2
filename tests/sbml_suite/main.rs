//! Cases of the SBML Test Suite against their expected results.
//!
//! `passed.txt` lists the cases that pass; the list may only grow.
#[path = "../../examples/sbml_suite.rs"]
#[allow(dead_code, reason = "the example's own main and usage")]
mod suite;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use suite::{Outcome, cases, run};

fn shared(path: &str) -> PathBuf {
    let root =
        std::env::var_os("HOLOBIONT_SHARED").expect("HOLOBIONT_SHARED names the shared folder");
    let path = Path::new(&root).join(path);
    assert!(path.exists(), "{} is missing", path.display());
    path
}

/// A number as the suite writes it.
fn number(text: &str) -> f64 {
    match text.trim() {
        "INF" => f64::INFINITY,
        "-INF" => f64::NEG_INFINITY,
        text => text.parse().unwrap_or(f64::NAN),
    }
}

fn setting(text: &str, key: &str) -> f64 {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let value = lines
        .find(|(known, _)| *known == key)
        .expect("the settings have the key")
        .1;
    number(value)
}

/// The first cell that differs by more than the settings allow; columns stand in the same order.
fn difference(case: &Path, table: &str) -> Option<String> {
    let read = |name: &str| std::fs::read_to_string(case.join(name)).expect("a file of the suite");
    let (settings, expected) = (read("settings.txt"), read("results.csv"));
    let (absolute, relative) = (
        setting(&settings, "absolute"),
        setting(&settings, "relative"),
    );
    let rows = |text: &str| -> Vec<Vec<String>> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| line.split(',').map(|c| c.trim().to_string()).collect())
            .collect()
    };
    let (expected, found) = (rows(&expected), rows(table));
    if expected.len() != found.len() || expected[0][1..] != found[0][1..] {
        return Some(format!("{} rows of {:?}", found.len(), found[0]));
    }
    for (row, (expected, found)) in expected.iter().zip(&found).enumerate().skip(1) {
        for (column, (c, u)) in expected.iter().zip(found).enumerate() {
            let (c, u) = (number(c), number(u));
            let same = c == u || (c.is_nan() && u.is_nan());
            let near = c.is_finite() && (c - u).abs() <= absolute + relative * c.abs();
            if !(same || near) {
                return Some(format!(
                    "row {row}, column {}: {u} instead of {c}",
                    column + 1
                ));
            }
        }
    }
    None
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn the_cases_of_the_list_pass_and_no_others() {
    let listed: BTreeSet<&str> = include_str!("passed.txt").split_whitespace().collect();
    let folder = shared("suites/sbml-semantic");
    let (mut passed, mut troubles) = (BTreeSet::new(), Vec::new());
    for case in cases(&folder).expect("the suite can be listed") {
        let name = case
            .file_name()
            .expect("a folder of a case")
            .to_string_lossy()
            .into_owned();
        let trouble = match run(&case) {
            Outcome::Table(table) => difference(&case, &table),
            Outcome::Unsupported(what) => Some(format!("unsupported: {what}")),
            Outcome::Failed(why) => Some(why),
        };
        match trouble {
            None => {
                passed.insert(name);
            }
            Some(why) if listed.contains(name.as_str()) => troubles.push(format!("{name}: {why}")),
            Some(_) => {}
        }
    }
    assert!(
        troubles.is_empty(),
        "cases that passed fail:\n{}",
        troubles.join("\n")
    );
    let new: Vec<&str> = (passed.iter().map(String::as_str))
        .filter(|c| !listed.contains(c))
        .collect();
    assert!(
        new.is_empty(),
        "add to tests/sbml_suite/passed.txt:\n{}",
        new.join("\n")
    );
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn what_is_refused_is_refused_by_name_and_line() {
    for case in cases(&shared("suites/sbml-semantic")).expect("the suite can be listed") {
        if let Outcome::Unsupported(what) = run(&case) {
            let named = ["`delay`", "flux balance", "fast reaction"]
                .iter()
                .any(|w| what.contains(w));
            assert!(
                named && what.starts_with("line "),
                "{}: {what}",
                case.display()
            );
        }
    }
}
