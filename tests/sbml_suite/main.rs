//! Cases of the SBML Test Suite and the engine's yardstick, against their expected results.
//!
//! `passed.txt` lists the cases that pass; the list may only grow.
#[path = "../../examples/sbml_suite.rs"]
#[allow(dead_code, reason = "the example's own main and usage")]
mod suite;

use holobiont::exchange::sbml;
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Problem, Tolerances, solve};
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

/// Root mean square of (y - reference)/(1e-3 + |reference|), the measure of the yardstick.
#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn the_yardstick_is_met_within_1e_5_at_rtol_1e_6() {
    let folder = shared("suites/engine");
    let model = sbml::read(&folder.join("gut40.xml")).expect("a sound model");
    let system = model.compile().expect("compiles");
    let read =
        |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of the yardstick");
    let order: Vec<usize> = (read("gut40_order.txt").split_whitespace())
        .map(|id| system.state_index(id).expect("a state of the model"))
        .collect();
    assert_eq!(order.len(), 40);
    for (variant, amplitude) in [("steady", 0.0), ("meals", 1.0)] {
        let mut parameters = system.parameters().to_vec();
        parameters[system.parameter_index("meal_amp").expect("a parameter")] = amplitude;
        let times: Vec<f64> = (0..=40).map(|k| 5.0 * f64::from(k)).collect();
        let schedule = Schedule::default();
        let problem = Problem {
            system: &system,
            parameters: &parameters,
            schedule: &schedule,
            times: &times,
            sensitivity: None,
        };
        let tolerances = Tolerances {
            relative: 1e-6,
            absolute: 1e-9,
        };
        let solution = solve(&problem, &Method::default(), &tolerances)
            .finished()
            .expect("a solution");
        let reference = read(&format!("gut40_reference_{variant}.csv"));
        let rows: Vec<Vec<f64>> = (reference.lines())
            .map(|line| line.split(',').map(number).collect::<Vec<f64>>())
            .filter(|row: &Vec<f64>| row.iter().all(|x| x.is_finite()))
            .collect();
        let (mut sum, mut count) = (0.0, 0.0);
        assert_eq!(rows.len(), times.len());
        for (k, row) in rows.iter().enumerate() {
            let values = &row[row.len() - 40..];
            for (i, value) in order.iter().zip(values) {
                let error = (solution.states(k)[*i] - value) / (1e-3 + value.abs());
                sum += error * error;
                count += 1.0;
            }
        }
        let error: f64 = f64::sqrt(sum / count);
        println!("{variant}: {error:.2e}");
        assert!(error < 1e-5, "{variant}: {error:e}");
    }
}
