//! Families of noise in PEtab problems, from the table to the log-likelihood of the command line and back.
#![cfg(feature = "cli")]
use holobiont::{
    exchange::petab::{self, NoiseDistribution, PetabProblem},
    fit::{CohortObjective, Natural, ObjectiveOptions},
};
use std::{f64::consts::PI, fs, path::Path, process::Command};
use tempfile::TempDir;

/// A <=> B from A = 1: A is exactly 1 at time 0.
const MODEL: &str = r#"
id = "conversion"
[parameters]
k1 = { value = 0.8 }
k2 = { value = 0.6 }
[species.A]
initial = 1.0
[species.B]
initial = 0.0
[reactions.forth]
rate = "k1 * A"
consumes = { A = 1 }
produces = { B = 1 }
[reactions.back]
rate = "k2 * B"
consumes = { B = 1 }
produces = { A = 1 }
"#;

const YAML: &str = "format_version: 2.0.0
parameter_files: [parameters.tsv]
model_files:
  conversion: {language: holobiont, location: model.toml}
observable_files: [observables.tsv]
measurement_files: [measurements.tsv]
";

const EXTENSION: &str = "extensions:\n  holobiont: {version: \"1\", required: true}\n";

const PARAMETERS: &str = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate
k1\t0.01\t10\t0.8\ttrue
k2\t0.01\t10\t0.6\ttrue
";

const NU: &str = "nu\t0.1\t100\t3\ttrue\n";

const MEASUREMENTS: &str = "observableId\ttime\tmeasurement\tcensoring\tmeasurementUpper
obs\t0\t0.7\t\t
obs\t0\t0.5\tleft\t
obs\t0\t1.2\tright\t
obs\t0\t0.9\tinterval\t1.5
";

fn observables(distribution: &str, degrees: &str) -> String {
    format!(
        "observableId\tobservableFormula\tnoiseFormula\tnoiseDistribution\tdegreesOfFreedom\nobs\tA\t0.25\t{distribution}\t{degrees}\n"
    )
}

struct Files {
    yaml: String,
    parameters: String,
    observables: String,
    measurements: String,
}

impl Files {
    fn new(distribution: &str, degrees: &str) -> Self {
        Self {
            yaml: format!("{YAML}{EXTENSION}"),
            parameters: PARAMETERS.to_owned(),
            observables: observables(distribution, degrees),
            measurements: MEASUREMENTS.to_owned(),
        }
    }

    fn write(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("model.toml", MODEL),
            ("problem.yaml", &self.yaml),
            ("parameters.tsv", &self.parameters),
            ("observables.tsv", &self.observables),
            ("measurements.tsv", &self.measurements),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn read(&self) -> PetabProblem {
        let folder = self.write();
        petab::read(&folder.path().join("problem.yaml")).unwrap()
    }

    fn errors(&self) -> Vec<String> {
        let folder = self.write();
        let found = petab::read(&folder.path().join("problem.yaml")).unwrap_err();
        let prefix = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
        found
            .iter()
            .map(|e| e.to_string().replace(&prefix, ""))
            .collect()
    }
}

fn holobiont(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_holobiont"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// With f = 1 and scale 1/4: 0.7 read, then below 0.5, above 1.2, between 0.9 and 1.5; distribution functions in closed form.
#[test]
fn the_command_line_evaluates_every_family_to_the_hand_computed_log_likelihood() {
    let laplace = |z: f64| {
        if z < 0.0 {
            0.5 * z.exp()
        } else {
            1.0 - 0.5 * (-z).exp()
        }
    };
    // Student's distribution functions for 1 and 2 degrees of freedom
    let cauchy = |z: f64| 0.5 + z.atan() / PI;
    let two = |z: f64| 0.5 + 0.5 * z / (2.0 + z * z).sqrt();
    let sum = |cdf: &dyn Fn(f64) -> f64, density: &dyn Fn(f64) -> f64, logarithmic: bool| {
        let z = |y: f64| {
            if logarithmic {
                y.ln() / 0.25
            } else {
                (y - 1.0) / 0.25
            }
        };
        let jacobian = if logarithmic { 0.7 } else { 1.0 };
        (density(z(0.7)) / 0.25 / jacobian).ln()
            + cdf(z(0.5)).ln()
            + (1.0 - cdf(z(1.2))).ln()
            + (cdf(z(1.5)) - cdf(z(0.9))).ln()
    };
    let laplace_density = |z: f64| 0.5 * (-z.abs()).exp();
    let cauchy_density = |z: f64| 1.0 / (PI * (1.0 + z * z));
    let two_density = |z: f64| (2.0 + z * z).powf(-1.5);
    let cases = [
        ("laplace", "", sum(&laplace, &laplace_density, false)),
        ("log-laplace", "", sum(&laplace, &laplace_density, true)),
        ("student-t", "1", sum(&cauchy, &cauchy_density, false)),
        ("student-t", "2", sum(&two, &two_density, false)),
        ("log-student-t", "2", sum(&two, &two_density, true)),
        // of the normal families: math.erfc of Python 3.11 in the same sum
        ("normal", "", -6.04548360051162),
        ("log-normal", "", -8.028752131280733),
    ];
    for (distribution, degrees, want) in cases {
        let folder = Files::new(distribution, degrees).write();
        holobiont(folder.path(), &["check", "problem.yaml"]);
        let text = holobiont(folder.path(), &["evaluate", "problem.yaml"]);
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        let got = answer["log_likelihood"].as_f64().unwrap();
        assert!(
            (got - want).abs() < 1e-13 * want.abs(),
            "{distribution} {degrees}: {got} for {want}"
        );
        assert!(answer["chi2"].is_null());
    }
}

#[test]
fn chi2_is_that_of_petab_for_its_distributions_and_null_for_student_s() {
    for (distribution, want) in [
        ("laplace", Some(1.44)),
        ("log-laplace", Some((0.7_f64.ln() / 0.25).powi(2))),
        ("student-t", None),
    ] {
        let degrees = if want.is_none() { "4" } else { "" };
        let mut files = Files::new(distribution, degrees);
        files.measurements = "observableId\ttime\tmeasurement\nobs\t0\t0.7\n".to_owned();
        let text = holobiont(files.write().path(), &["evaluate", "problem.yaml"]);
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        match (answer["chi2"].as_f64(), want) {
            (Some(got), Some(want)) => assert!((got - want).abs() < 1e-12, "{got} for {want}"),
            (got, want) => assert_eq!(got, want, "{distribution}"),
        }
    }
}

#[test]
fn every_family_is_written_and_read_back() {
    for distribution in NoiseDistribution::ALL {
        let student = distribution.has_degrees_of_freedom();
        let mut files = Files::new(distribution.name(), if student { "1 + nu / 2" } else { "" });
        if student {
            files.parameters.push_str(NU);
        }
        // the model is copied from where it was read
        let source = files.write();
        let first = petab::read(&source.path().join("problem.yaml")).unwrap();
        assert_eq!(first.observables[0].distribution, distribution);
        let folder = tempfile::tempdir().unwrap();
        let written = petab::write(&first, folder.path()).unwrap();
        assert_eq!(petab::read(&written).unwrap(), first);
    }
}

/// Central differences with h = 1e-4: truncation about 1e-8, rounding of solves at 1e-10 over h.
#[test]
fn estimated_degrees_of_freedom_have_their_gradient() {
    for distribution in ["student-t", "log-student-t"] {
        let mut files = Files::new(distribution, "nu");
        files.parameters.push_str(NU);
        let built = files.read().fit_problem().unwrap();
        let mut options = ObjectiveOptions::default();
        options.tolerances.relative = 1e-10;
        options.tolerances.absolute = 1e-12;
        let objective = CohortObjective::new(&built, options).unwrap();
        let natural = built.parameters.nominal();
        let gradient = objective.likelihood_gradient(&natural).unwrap();
        let (id, slope) = &gradient[2];
        assert_eq!(id, "nu");
        let value = |nu: f64| {
            let mut moved = Natural(natural.0.clone());
            moved.0[2] = nu;
            objective.likelihood(&moved).unwrap().log_likelihood
        };
        let want = (value(3.0001) - value(2.9999)) / 2e-4;
        assert!(
            (slope - want).abs() < 1e-7 && slope.abs() > 1e-3,
            "{slope} for {want}"
        );
    }
}

#[test]
fn faults_of_noise_are_told_with_file_row_and_column() {
    let mut files = Files::new("student-t", "3");
    files.yaml = YAML.to_owned();
    assert_eq!(
        files.errors(),
        [
            "observables.tsv, row 2, column noiseDistribution: `student-t` belongs to the extension `holobiont`, which the YAML file must declare (extensions: holobiont: {version: \"1\", required: true})"
        ]
    );
    let degrees = |text: &str, message: &str| {
        let mut files = Files::new("student-t", text);
        files.parameters.push_str("nu\t-1\t100\t3\ttrue\n");
        let found = files.errors();
        let start = "observables.tsv, row 2, column degreesOfFreedom: ";
        assert!(found.contains(&format!("{start}{message}")), "{found:?}");
    };
    degrees("", "a value is missing");
    degrees(
        "0",
        "the degrees of freedom `0` are 0, but must be a positive number",
    );
    degrees(
        "2 - nu",
        "the degrees of freedom `2 - nu` are -1, but must be a positive number",
    );
    degrees(
        "nu",
        "the degrees of freedom `nu` are estimated down to -1; give the parameter a lower bound of 0 or more",
    );
    degrees("mu", "unknown id `mu`; did you mean `nu`?");
    assert_eq!(
        Files::new("laplace", "3").errors(),
        [
            "observables.tsv, row 2, column degreesOfFreedom: degrees of freedom are for student-t and log-student-t noise only, not for laplace"
        ]
    );
    let mut files = Files::new("log-laplace", "");
    files.measurements = files.measurements.replace("\t0.7\t", "\t0\t");
    assert_eq!(
        files.errors(),
        [
            "measurements.tsv, row 2, column measurement: the reading 0 of `obs`: a reading whose noise is on a logarithmic scale must be positive"
        ]
    );
    let found = Files::new("students", "").errors();
    assert!(
        found[0].contains("`students` is none of normal, log-normal, laplace"),
        "{found:?}"
    );
}

/// A placeholder gives every reading its own degrees of freedom.
#[test]
fn degrees_of_freedom_may_be_overridden_by_reading() {
    let mut files = Files::new("student-t", "dof");
    files.observables = "observableId\tobservableFormula\tnoiseFormula\tnoisePlaceholders\tnoiseDistribution\tdegreesOfFreedom\nobs\tA\t0.25\tdof\tstudent-t\tdof\n".to_owned();
    files.measurements =
        "observableId\ttime\tmeasurement\tnoiseParameters\nobs\t0\t0.7\t1\nobs\t0\t0.8\t2\n"
            .to_owned();
    let built = files.read().fit_problem().unwrap();
    let options = ObjectiveOptions::default();
    let found = built.cohort.simulate(
        &built.parameters.nominal().0,
        &options.method,
        &options.tolerances,
    );
    let degrees: Vec<f64> = found[0]
        .predictions
        .iter()
        .map(|p| p.arguments[2])
        .collect();
    assert_eq!(degrees, [1.0, 2.0]);
    files.measurements = files.measurements.replace("\t1\n", "\t-1\n");
    assert_eq!(
        files.errors(),
        [
            "measurements.tsv, row 2, column noiseParameters: the degrees of freedom `-1` are -1, but must be a positive number"
        ]
    );
}

/// Virtual readings of every family are fitted back; 4 standard errors leave out one estimate in 16000.
#[test]
fn virtual_readings_of_every_new_family_recover_the_truth() {
    for (distribution, degrees) in [("laplace", ""), ("log-laplace", ""), ("student-t", "nu")] {
        let mut files = Files::new(distribution, degrees);
        files.observables = files.observables.replace("0.25", "0.03");
        files.measurements = "observableId\ttime\tmeasurement\n".to_owned();
        for i in 0..60 {
            files
                .measurements
                .push_str(&format!("obs\t{}\t1\n", 0.1 * f64::from(i)));
        }
        if !degrees.is_empty() {
            files.parameters.push_str(NU);
        }
        let folder = files.write();
        let run = |arguments: &[&str]| holobiont(folder.path(), arguments);
        run(&[
            "virtual",
            "problem.yaml",
            "--seed",
            "3",
            "--output",
            "virtual",
        ]);
        run(&[
            "fit",
            "virtual/problem.yaml",
            "--output",
            "fit",
            "--starts",
            "2",
        ]);
        let text = fs::read_to_string(folder.path().join("fit/fit.json")).unwrap();
        let fit: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (estimate, truth) in fit["uncertainty"]["estimates"]
            .as_array()
            .unwrap()
            .iter()
            .zip([0.8_f64, 0.6])
        {
            let (value, error) = (&estimate["value"], &estimate["standard_error"]);
            let (value, error) = (value.as_f64().unwrap(), error.as_f64().unwrap());
            assert!(error > 0.0 && error < 0.2, "{distribution}: {estimate}");
            assert!(
                (value - truth).abs() < 4.0 * error,
                "{distribution}: {estimate}"
            );
        }
    }
}

#[test]
fn families_read_from_a_table_know_whether_their_axis_is_logarithmic_and_where_their_readings_lie()
{
    for distribution in NoiseDistribution::ALL {
        let student = distribution.has_degrees_of_freedom();
        let files = Files::new(distribution.name(), if student { "1" } else { "" });
        let built = files.read().fit_problem().unwrap();
        let options = ObjectiveOptions::default();
        let (cohort, natural) = (&built.cohort, built.parameters.nominal());
        let simulation = &cohort.simulate(&natural.0, &options.method, &options.tolerances)[0];
        let noise = &cohort.endpoints[cohort.subjects[0].visits[0].endpoint].noise;
        let name = distribution.name();
        assert_eq!(noise.logarithmic(), name.starts_with("log-"), "{name}");
        let arguments = &simulation.predictions[0].arguments;
        let at = |p| noise.quantile(p, arguments).expect("a possible prediction");
        assert!(at(0.05) < arguments[0] && arguments[0] < at(0.95), "{name}");
    }
}
