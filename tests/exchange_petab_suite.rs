//! The PEtab test suite (v2), with its own SBML models and with its conversion reaction written in our own model language.
use holobiont::{
    exchange::petab,
    fit::{CohortObjective, ObjectiveOptions},
};
use std::{fs, path::PathBuf};

/// A <=> B with the ids and values of the suite's SBML models.
const CONVERSION: &str = r#"
id = "conversion"
[parameters]
a0 = { value = 1.0 }
b0 = { value = 1.0 }
k1 = { value = 0.0 }
k2 = { value = 0.0 }
offset_A = { value = 0.0 }
[species.A]
initial = "a0"
[species.B]
initial = "b0"
[reactions.forth]
rate = "k1 * A"
consumes = { A = 1 }
produces = { B = 1 }
[reactions.back]
rate = "k2 * B"
consumes = { B = 1 }
produces = { A = 1 }
"#;

/// All parameters of case 0025 have the value 5; the state is there because a model has one.
fn constants() -> String {
    let ids = [
        "p_uniform",
        "p_normal",
        "p_log_normal",
        "p_cauchy",
        "p_chisquare",
        "p_exponential",
        "p_gamma",
        "p_laplace",
        "p_log_laplace",
        "p_log_uniform",
        "p_rayleigh",
        "p1",
        "p_fixed",
    ];
    let rows: String = ids
        .iter()
        .map(|id| format!("{id} = {{ value = 5.0 }}\n"))
        .collect();
    format!(
        "id = \"constants\"\n[parameters]\n{rows}[species.rest]\ninitial = 1.0\n[reactions.decay]\nrate = \"rest\"\nconsumes = {{ rest = 1 }}\n"
    )
}

/// Cases of version 2 whose model is the conversion reaction or constants: they are run in our own language too.
const OUR_LANGUAGE: [&str; 14] = [
    "0001", "0003", "0005", "0007", "0009", "0011", "0013", "0015", "0017", "0021", "0025", "0027",
    "0029", "0031",
];

fn suite() -> PathBuf {
    let shared = std::env::var("HOLOBIONT_SHARED")
        .expect("HOLOBIONT_SHARED names the folder of the shared data");
    PathBuf::from(shared).join("suites/petab-test-suite")
}

/// The numbers of the cases of a version.
fn cases(version: &str) -> Vec<String> {
    let folder = suite().join(version);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut found: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    found.sort();
    assert!(
        found.len() >= 15,
        "{}: {} cases",
        folder.display(),
        found.len()
    );
    found
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn log_likelihood_chi2_and_simulations_are_those_of_the_suite_in_our_language() {
    let mut wrong = Vec::new();
    for case in OUR_LANGUAGE {
        compare_case("v2", case, false, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
#[cfg(feature = "sbml")]
fn log_likelihood_chi2_and_simulations_are_those_of_the_suite_in_sbml() {
    let mut wrong = Vec::new();
    for version in ["v1", "v2"] {
        for case in cases(version) {
            compare_case(version, &case, true, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One case of the suite, with its own SBML model or the same in our language.
fn compare_case(version: &str, case: &str, sbml: bool, wrong: &mut Vec<String>) {
    let source = suite().join(version).join(case);
    let name = format!("{version}/{case}");
    let folder = tempfile::tempdir().unwrap();
    let entries = fs::read_dir(&source).unwrap_or_else(|e| panic!("{}: {e}", source.display()));
    for entry in entries.map(Result::unwrap) {
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let yaml = folder.path().join(format!("_{case}.yaml"));
    if !sbml {
        let model = if case == "0025" {
            constants()
        } else {
            CONVERSION.to_owned()
        };
        fs::write(folder.path().join("model.toml"), model).unwrap();
        let text = fs::read_to_string(&yaml).unwrap();
        let text = text
            .replace("language: sbml", "language: holobiont")
            .replace("_model.xml", "model.toml");
        fs::write(&yaml, text).unwrap();
    }
    let problem = match petab::read(&yaml) {
        Ok(problem) => problem,
        Err(errors) => {
            wrong.extend(errors.iter().map(|e| format!("{name}: {e}")));
            return;
        }
    };
    let built = problem.fit_problem().unwrap();
    let mut options = ObjectiveOptions::default();
    options.tolerances.relative = 1e-10;
    options.tolerances.absolute = 1e-12;
    let objective = CohortObjective::new(&built, options).unwrap();
    let natural = built.parameters.nominal();
    let found = match objective.likelihood(&natural) {
        Ok(found) => found,
        Err(answer) => {
            wrong.push(format!("{name}: {answer}"));
            return;
        }
    };
    let solution: serde_yaml_ng::Value = serde_yaml_ng::from_str(
        &fs::read_to_string(source.join(format!("_{case}_solution.yaml"))).unwrap(),
    )
    .unwrap();
    let expected = |key: &str| solution.get(key).and_then(serde_yaml_ng::Value::as_f64);
    // the suite's own tolerances
    let mut compare = |what: &str, found: f64, expected: Option<f64>, tolerance: f64| {
        let expected = expected.unwrap_or_else(|| panic!("{name}: no {what}"));
        // NaN is wrong, too
        if (found - expected).abs().partial_cmp(&tolerance) != Some(std::cmp::Ordering::Less) {
            wrong.push(format!("{name}: {what} is {found}, not {expected}"));
        }
    };
    compare("llh", found.log_likelihood, expected("llh"), 1e-3);
    compare(
        "chi2",
        found.chi2.unwrap_or(f64::NAN),
        expected("chi2"),
        1e-3,
    );
    if version == "v2" && case == "0025" {
        // p1 has no prior: the standard's implicit uniform one on [0, 2] is a constant that is left out here
        let posterior = found.log_likelihood + found.log_prior - 2f64.ln();
        // twelve terms of the suite's tolerance of 1e-14, each of order 1 to 10
        compare(
            "unnorm_log_posterior",
            posterior,
            expected("unnorm_log_posterior"),
            1e-11,
        );
    }
    let table = fs::read_to_string(source.join("_simulations.tsv")).unwrap();
    let header: Vec<&str> = table.lines().next().unwrap().split('\t').collect();
    let column = header.iter().position(|c| *c == "simulation").unwrap();
    let suite: Vec<f64> = table
        .lines()
        .skip(1)
        .map(|l| l.split('\t').nth(column).unwrap().parse().unwrap())
        .collect();
    let simulations = built
        .cohort
        .simulate(&natural.0, &options.method, &options.tolerances);
    for (rows, simulation) in problem.measurements_of_subjects().iter().zip(&simulations) {
        for (row, prediction) in rows.iter().zip(&simulation.predictions) {
            compare(
                "simulation",
                prediction.arguments[0],
                Some(suite[*row]),
                1e-3,
            );
        }
    }
}
