//! The program as its users run it: output, files, exit codes.
#![cfg(feature = "cli")]
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

/// A <=> B with an input, an offset and a scenario.
const MODEL: &str = include_str!("conversion.toml");

const YAML: &str = "format_version: 2.0.0
parameter_files: [parameters.tsv]
model_files:
  conversion: {language: holobiont, location: model.toml}
observable_files: [observables.tsv]
measurement_files: [measurements.tsv]
";

/// The first case of the PEtab test suite: A <=> B, two readings of A under normal noise of 0.5.
fn problem() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("model.toml", MODEL),
        ("problem.yaml", YAML),
        (
            "parameters.tsv",
            "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\nk1\t0.01\t10\t0.8\ttrue\nk2\t0.01\t10\t0.6\ttrue\n",
        ),
        (
            "observables.tsv",
            "observableId\tobservableFormula\tnoiseFormula\nobs_a\tA\t0.5\n",
        ),
        (
            "measurements.tsv",
            "observableId\texperimentId\ttime\tmeasurement\nobs_a\t\t0\t0.7\nobs_a\t\t10\t0.1\n",
        ),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn holobiont(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holobiont"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn failed(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(
        output.stdout.is_empty(),
        "a failure says nothing on standard output"
    );
    text
}

#[test]
fn the_models_are_listed_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let list = done(&holobiont(folder.path(), &["models"]));
    assert!(list.contains("stein2013") && list.contains("chemostat"));
    let shown = done(&holobiont(folder.path(), &["models", "show", "chemostat"]));
    for text in [
        "dS/dt = ",
        "mu_max",
        "1/d",
        "10.1101/2022.07.04.498646",
        "transit_1",
    ] {
        assert!(shown.contains(text), "{text} is missing");
    }
    let quiet = holobiont(
        folder.path(),
        &["models", "show", "chemostat", "--html", "page.html"],
    );
    assert!(done(&quiet).is_empty());
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(
        page.starts_with("<!DOCTYPE html>")
            && page.contains("<math")
            && page.trim_end().ends_with("</html>")
    );
    assert!(
        !page.contains("<script") && !page.contains("<link"),
        "a page needs nothing from outside"
    );
    let error = failed(
        &holobiont(folder.path(), &["models", "show", "chemostate"]),
        1,
    );
    assert!(error.contains("did you mean `chemostat`?"), "{error}");
}

#[test]
fn the_picture_of_a_model_never_replaces_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let picture = ["models", "show", "chemostat", "--picture", "states.svg"];
    assert!(done(&holobiont(folder.path(), &picture)).is_empty());
    let svg = fs::read_to_string(folder.path().join("states.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    let error = failed(&holobiont(folder.path(), &picture), 1);
    assert!(error.contains("states.svg is there already"), "{error}");
}

#[test]
fn reference_trajectories_are_written_checked_and_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let model = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/reynolds2006");
    for file in ["model.toml", "parameters.tsv"] {
        fs::copy(model.join(file), folder.path().join(file)).unwrap();
    }
    let write = ["models", "expected", "."];
    let check = ["models", "expected", ".", "--check"];
    let written = done(&holobiont(folder.path(), &write));
    assert!(
        written.contains("health.tsv: 8 rows, rtol 1e-10"),
        "{written}"
    );
    assert!(done(&holobiont(folder.path(), &check)).contains("5 tables hold"));
    let error = failed(&holobiont(folder.path(), &write), 1);
    assert!(
        error.contains("health.tsv is there already; --force"),
        "{error}"
    );
    done(&holobiont(
        folder.path(),
        &["models", "expected", ".", "--force"],
    ));
    // another model: every table says so, cell by cell
    let table = fs::read_to_string(folder.path().join("parameters.tsv")).unwrap();
    let halved: Vec<String> = (table.lines().enumerate())
        .map(|(number, line)| match number {
            0 => line.to_owned(),
            _ => {
                let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
                let value: f64 = cells[1].parse().unwrap();
                cells[1] = (0.999 * value).to_string();
                cells.join("\t")
            }
        })
        .collect();
    fs::write(folder.path().join("parameters.tsv"), halved.join("\n")).unwrap();
    let error = failed(&holobiont(folder.path(), &check), 1);
    assert!(
        error.contains("health.tsv, row 4, column ") && error.contains(" is expected at time "),
        "{error}"
    );
    let list = folder.path().join("expected/scenarios");
    fs::write(list, "health\nhealt\n").unwrap();
    let error = failed(&holobiont(folder.path(), &check), 1);
    assert!(
        error.contains("scenarios, row 2: unknown scenario `healt`; did you mean `health`?"),
        "{error}"
    );
}

#[test]
fn a_sound_model_and_a_sound_problem_pass_the_check() {
    let folder = problem();
    assert!(done(&holobiont(folder.path(), &["check", "model.toml"])).contains("sound; 2 states"));
    assert!(done(&holobiont(folder.path(), &["check", "problem.yaml"])).contains("2 measurements"));
}

#[test]
fn the_check_tells_all_errors_at_once_and_ends_with_1() {
    let folder = problem();
    let measurements = "observableId\ttime\tmeasurement\nobs_b\t0\t0.7\nobs_a\t10\tnan\n";
    fs::write(folder.path().join("measurements.tsv"), measurements).unwrap();
    let error = failed(&holobiont(folder.path(), &["check", "problem.yaml"]), 1);
    assert!(
        error.contains("measurements.tsv, row 2, column observableId: unknown observable `obs_b`"),
        "{error}"
    );
    assert!(
        error.contains("measurements.tsv, row 3, column measurement: `nan` is not finite"),
        "{error}"
    );
    assert!(error.contains("2 errors"), "{error}");
    assert!(!error.contains('\x1b'), "no colours in a pipe");
    assert!(
        failed(&holobiont(folder.path(), &["check", "nowhere.yaml"]), 1).contains("nowhere.yaml")
    );
}

#[test]
fn a_simulation_is_the_closed_form() {
    let folder = problem();
    let table = done(&holobiont(
        folder.path(),
        &[
            "simulate",
            "model.toml",
            "--times",
            "0,12h,2d",
            "--rtol",
            "1e-9",
            "--atol",
            "1e-12",
        ],
    ));
    let rows: Vec<Vec<f64>> = table
        .lines()
        .skip(1)
        .map(|l| l.split(',').map(|c| c.parse().unwrap()).collect())
        .collect();
    assert_eq!(table.lines().next(), Some("time,A,B,total"));
    assert_eq!(
        rows.iter().map(|r| r[0]).collect::<Vec<_>>(),
        [0.0, 0.5, 2.0]
    );
    for row in rows {
        let expected = (0.6 + 0.8 * (-1.4 * row[0]).exp()) / 1.4;
        // ten times the relative tolerance
        assert!((row[1] - expected).abs() < 1e-8, "{row:?}");
    }
}

#[test]
fn events_of_a_model_happen_in_a_simulation() {
    let folder = tempfile::tempdir().unwrap();
    let model = r#"
id = "refill"
time_unit = "d"
[parameters.k]
value = 0.5
[species.A]
initial = 1.0
[reactions.decay]
rate = "k * A"
consumes = { A = 1 }
[events.dose]
trigger = "time >= 1"
delay = "0.5"
values_from_trigger_time = false
set = { A = "A + 3" }
"#;
    fs::write(folder.path().join("model.toml"), model).unwrap();
    let arguments = [
        "simulate",
        "model.toml",
        "--times",
        "1,1.5,2",
        "--rtol",
        "1e-9",
    ];
    let table = done(&holobiont(folder.path(), &arguments));
    let row = |line: &str| line.split(',').map(|c| c.parse().unwrap()).collect();
    let rows: Vec<Vec<f64>> = table.lines().skip(1).map(row).collect();
    let at_dose = (-0.75f64).exp() + 3.0;
    let expected = [(-0.5f64).exp(), at_dose, at_dose * (-0.25f64).exp()];
    for (row, expected) in rows.iter().zip(expected) {
        // a hundred times the relative tolerance
        assert!((row[1] - expected).abs() < 1e-7, "{table}");
    }
}

#[test]
fn settings_scenarios_and_pictures_of_a_simulation() {
    let folder = problem();
    let arguments = [
        "simulate",
        "model.toml",
        "--scenario",
        "slow",
        "--set",
        "k2=0.025 1/h",
        "--set",
        "A=2",
        "--steps",
        "4",
        "--output",
        "out.csv",
        "--plot",
        "out.svg",
    ];
    assert!(done(&holobiont(folder.path(), &arguments)).is_empty());
    let table = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert_eq!(table.lines().count(), 6);
    assert!(table.lines().nth(1).unwrap().starts_with("0,2,0"));
    assert!(table.lines().last().unwrap().starts_with("20,"));
    // k1 = 0.08/d, k2 = 0.6/d, A + B = 2: steady within exp(-13)
    let last: Vec<f64> = table
        .lines()
        .last()
        .unwrap()
        .split(',')
        .map(|c| c.parse().unwrap())
        .collect();
    assert!((last[1] - 2.0 * 0.6 / 0.68).abs() < 1e-4);
    let svg = fs::read_to_string(folder.path().join("out.svg")).unwrap();
    assert!(svg.contains("time (d)") && svg.contains("mmol/L"));
}

#[test]
fn bad_simulations_end_with_the_code_of_their_fault_and_leave_no_file() {
    let folder = problem();
    let run = |arguments: &[&str]| {
        let mut all = vec![
            "simulate",
            "model.toml",
            "--output",
            "out.csv",
            "--plot",
            "out.svg",
        ];
        all.extend(arguments);
        holobiont(folder.path(), &all)
    };
    assert!(failed(&run(&["--until", "10d", "--set", "k3=1"]), 1).contains("did you mean `k1`"));
    assert!(
        failed(&run(&["--until", "10d", "--set", "k1=1 mmol"]), 1).contains("cannot be converted")
    );
    assert!(
        failed(&run(&["--until", "10d", "--set", "A=-1"]), 1).contains("`A` cannot be negative")
    );
    let twice = run(&["--until", "1", "--set", "k1=1", "--set", "k1=2"]);
    assert!(failed(&twice, 1).contains("`k1` is set twice"));
    let early = run(&["--times", "-1,1"]);
    assert!(failed(&early, 1).contains("output time -1 lies before the schedule starts at 0"));
    assert!(failed(&run(&["--until", "-1"]), 2).contains("must lie after 0"));
    assert!(failed(&run(&["--until", "1e400"]), 2).contains("beyond the range of numbers"));
    failed(&run(&["--until", "1", "--steps", "100000000"]), 2);
    assert!(failed(&run(&["--scenario", "slwo"]), 1).contains("did you mean `slow`?"));
    assert!(failed(&run(&["--times", "0,2,1"]), 2).contains("times out of order at `1`"));
    assert!(failed(&run(&["--until", "10kg"]), 2).contains("cannot be converted"));
    assert!(
        failed(&run(&["--until", "10d", "--rtol", "0"]), 2)
            .contains("--rtol must be a positive number")
    );
    failed(&run(&["--until", "10d", "--times", "1,2"]), 2);
    failed(&run(&["--solver", "euler"]), 2);
    assert!(!folder.path().join("out.csv").exists() && !folder.path().join("out.svg").exists());
    // dA/dt = A^3 from 1: infinite at time 1/2
    let blow_up = "id = \"blow_up\"\ntime_unit = \"d\"\n[species.A]\ninitial = 1.0\n[reactions.growth]\nrate = \"A^3\"\nproduces = { A = 1 }\n";
    fs::write(folder.path().join("model.toml"), blow_up).unwrap();
    let error = failed(&run(&["--until", "10d"]), 3);
    assert!(error.contains("time"), "{error}");
    assert!(!folder.path().join("out.csv").exists() && !folder.path().join("out.svg").exists());
}

#[test]
fn an_evaluation_gives_the_numbers_of_the_test_suite() {
    let folder = problem();
    let text = done(&holobiont(
        folder.path(),
        &[
            "evaluate",
            "problem.yaml",
            "--gradient",
            "--output",
            "out",
            "--rtol",
            "1e-10",
            "--atol",
            "1e-12",
        ],
    ));
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    // PEtab test suite v2, case 0001 (its own tolerance is 1e-3)
    let near = |key: &str, expected: f64| (answer[key].as_f64().unwrap() - expected).abs() < 1e-6;
    assert!(near("log_likelihood", -0.84750169713188), "{text}");
    assert!(near("chi2", 0.79183798368486), "{text}");
    // A at time 10 is k2/(k1 + k2), but for exp(-14): d ln p / dk1 = (0.1 - A)/0.25 dA/dk1
    let a: f64 = 0.6 / 1.4;
    let slope = (0.1 - a) / 0.25 * (-0.6 / (1.4 * 1.4));
    // what is left of the transient: 10 exp(-14)
    assert!(
        (answer["gradient"]["k1"].as_f64().unwrap() - slope).abs() < 2e-5,
        "{text}"
    );
    let table = fs::read_to_string(folder.path().join("out/simulations.tsv")).unwrap();
    let simulated: Vec<f64> = table
        .lines()
        .skip(1)
        .map(|l| l.split('\t').nth(3).unwrap().parse().unwrap())
        .collect();
    assert!(
        (simulated[0] - 1.0).abs() < 1e-9 && (simulated[1] - 0.42857190373069665).abs() < 1e-6,
        "{simulated:?}"
    );
}

#[test]
#[cfg(feature = "sbml")]
fn a_converted_problem_evaluates_to_the_same_out_of_a_folder_and_an_archive() {
    let folder = problem();
    let evaluate = |file: &str| -> serde_json::Value {
        let text = done(&holobiont(folder.path(), &["evaluate", file, "--gradient"]));
        serde_json::from_str(&text).unwrap()
    };
    let before = evaluate("problem.yaml");
    for (version, output, file) in [
        ("1", "first", "first/problem.yaml"),
        ("2", "second", "second/problem.yaml"),
        ("2", "third.omex", "third.omex"),
    ] {
        let convert = [
            "convert",
            "problem.yaml",
            "--petab",
            version,
            "--output",
            output,
        ];
        done(&holobiont(
            folder.path(),
            &[&convert[..], &["--plain"]].concat(),
        ));
        let after = evaluate(file);
        for key in ["log_likelihood", "chi2"] {
            let (a, b) = (before[key].as_f64().unwrap(), after[key].as_f64().unwrap());
            // the solver's own tolerance is 1e-6; the equations are the same
            assert!((a - b).abs() < 1e-9, "{file}: {key} {a} and {b}");
        }
    }
    done(&holobiont(folder.path(), &["check", "third.omex"]));
    let fit = ["fit", "third.omex", "--starts", "0", "--output", "fit"];
    done(&holobiont(folder.path(), &fit));
    assert!(folder.path().join("fit/fit.json").is_file());
    // from an archive to a folder
    let back = [
        "convert",
        "third.omex",
        "--petab",
        "1",
        "--output",
        "fourth",
    ];
    done(&holobiont(folder.path(), &back));
    assert!(folder.path().join("fourth/model/conversion.xml").is_file());
}

#[test]
#[cfg(feature = "sbml")]
fn what_cannot_be_converted_ends_with_1_and_leaves_no_file() {
    let folder = problem();
    let measurements = "observableId\ttime\tmeasurement\tcensoring\nobs_a\t10\t0.1\tleft\n";
    fs::write(folder.path().join("measurements.tsv"), measurements).unwrap();
    let convert = ["convert", "problem.yaml", "--petab", "1", "--output", "out"];
    let error = failed(&holobiont(folder.path(), &convert), 1);
    let told =
        "measurements.tsv, row 2, column censoring: a censored reading has no form in version 1";
    assert!(error.contains(told), "{error}");
    assert!(!folder.path().join("out").exists());
    let convert = ["convert", "problem.yaml", "--petab", "2", "--output", "."];
    assert!(
        failed(&holobiont(folder.path(), &convert), 1).contains("the problem itself stands there")
    );
    let convert = ["convert", "problem.yaml", "--petab", "3", "--output", "out"];
    failed(&holobiont(folder.path(), &convert), 2);
    fs::write(folder.path().join("bad.omex"), "no zip file").unwrap();
    let error = failed(&holobiont(folder.path(), &["check", "bad.omex"]), 1);
    assert!(
        error.contains("bad.omex: this is not a sound zip file"),
        "{error}"
    );
}

#[test]
#[cfg(feature = "sbml")]
fn errors_of_a_problem_in_an_archive_name_the_archive() {
    let folder = problem();
    let file = folder.path().join("bad.omex");
    let yaml = YAML.replace("model.toml", "absent.toml");
    let names = ["parameters.tsv", "observables.tsv", "measurements.tsv"];
    let mut files: Vec<(String, Vec<u8>)> = names
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                fs::read(folder.path().join(name)).unwrap(),
            )
        })
        .collect();
    files.push(("problem.yaml".to_owned(), yaml.into_bytes()));
    fs::write(&file, holobiont::exchange::omex::write(&files)).unwrap();
    let error = failed(&holobiont(folder.path(), &["check", "bad.omex"]), 1);
    assert!(
        error.contains("error: bad.omex/absent.toml: in the model"),
        "{error}"
    );
}

#[test]
fn given_parameters_replace_the_nominal_ones() {
    let folder = problem();
    fs::write(
        folder.path().join("own.tsv"),
        "parameterId\tvalue\nk1\t0.3\n",
    )
    .unwrap();
    let value = |arguments: &[&str]| -> f64 {
        let text = done(&holobiont(folder.path(), arguments));
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["log_likelihood"]
            .as_f64()
            .unwrap()
    };
    assert!(
        value(&["evaluate", "problem.yaml"])
            > value(&["evaluate", "problem.yaml", "--parameters", "own.tsv"])
    );
    fs::write(
        folder.path().join("own.tsv"),
        "parameterId\tvalue\nk3\t0.3\nk1\tx\n",
    )
    .unwrap();
    let error = failed(
        &holobiont(
            folder.path(),
            &["evaluate", "problem.yaml", "--parameters", "own.tsv"],
        ),
        1,
    );
    assert!(
        error.contains(
            "own.tsv, row 2, column parameterId: unknown parameter `k3`; did you mean `k1`?"
        ),
        "{error}"
    );
    assert!(
        error.contains("own.tsv, row 3, column value: `x` is not a finite number"),
        "{error}"
    );
}

#[test]
fn chi2_is_null_where_a_reading_is_censored() {
    let folder = problem();
    let table =
        "observableId\ttime\tmeasurement\tcensoring\nobs_a\t0\t0.7\t\nobs_a\t10\t0.1\tleft\n";
    fs::write(folder.path().join("measurements.tsv"), table).unwrap();
    let text = done(&holobiont(folder.path(), &["evaluate", "problem.yaml"]));
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(
        answer["chi2"].is_null() && answer["log_likelihood"].is_f64(),
        "{text}"
    );
}

/// A problem with enough readings to tell both rate constants.
fn virtual_problem() -> TempDir {
    let folder = problem();
    let mut table = "observableId\texperimentId\ttime\tmeasurement\n".to_owned();
    for i in 0..20 {
        table.push_str(&format!("obs_a\t\t{}\t1\n", 0.25 * f64::from(i)));
    }
    fs::write(folder.path().join("measurements.tsv"), table).unwrap();
    fs::write(
        folder.path().join("observables.tsv"),
        "observableId\tobservableFormula\tnoiseFormula\nobs_a\tA\t0.01\n",
    )
    .unwrap();
    folder
}

#[test]
fn a_virtual_cohort_depends_on_its_seed_alone_and_its_truth_is_recovered() {
    let folder = virtual_problem();
    for (seed, name) in [("1", "a"), ("1", "b"), ("2", "c")] {
        done(&holobiont(
            folder.path(),
            &["virtual", "problem.yaml", "--seed", seed, "--output", name],
        ));
    }
    let readings =
        |name: &str| fs::read(folder.path().join(name).join("measurements.tsv")).unwrap();
    assert_eq!(readings("a"), readings("b"));
    assert_ne!(readings("a"), readings("c"));
    let output = holobiont(
        folder.path(),
        &[
            "fit",
            "a/problem.yaml",
            "--output",
            "fit",
            "--starts",
            "3",
            "--seed",
            "7",
            "--threads",
            "1",
        ],
    );
    assert!(done(&output).is_empty());
    assert!(
        output.stderr.is_empty(),
        "silence in a pipe: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let read = |name: &str| fs::read_to_string(folder.path().join("fit").join(name)).unwrap();
    let fit: serde_json::Value = serde_json::from_str(&read("fit.json")).unwrap();
    assert_eq!(fit["complete"], serde_json::Value::Bool(true));
    for (i, truth) in [0.8, 0.6].into_iter().enumerate() {
        let estimate = &fit["uncertainty"]["estimates"][i];
        let error = estimate["standard_error"].as_f64().unwrap();
        // four standard errors: 1 in 16000 seeds would fail
        assert!(
            (estimate["value"].as_f64().unwrap() - truth).abs() < 4.0 * error,
            "{estimate}"
        );
    }
    for name in [
        "parameters.csv",
        "starts.csv",
        "history.csv",
        "readings.csv",
    ] {
        assert!(read(name).lines().count() > 1, "{name}");
    }
    for name in [
        "parameters",
        "waterfall",
        "observed_predicted",
        "subject_default",
    ] {
        let svg = read(&format!("pictures/{name}.svg"));
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{name}"
        );
    }
    assert!(read("pictures/parameters.svg").contains("truth"));
    // once more, from the checkpoint: the same bits
    let before = read("fit.json");
    done(&holobiont(
        folder.path(),
        &["fit", "--resume", "fit", "--threads", "2"],
    ));
    assert_eq!(before, read("fit.json"));
}

#[test]
fn a_fit_without_a_feasible_start_ends_with_3_and_leaves_no_result() {
    let folder = problem();
    fs::write(
        folder.path().join("observables.tsv"),
        "observableId\tobservableFormula\tnoiseFormula\nobs_a\tA - 5\t0.5\n",
    )
    .unwrap();
    fs::create_dir(folder.path().join("fit")).unwrap();
    fs::write(folder.path().join("fit/fit.json"), "of an earlier fit").unwrap();
    let table = fs::read_to_string(folder.path().join("observables.tsv")).unwrap();
    let table = table
        .replace("noiseFormula\n", "noiseFormula\tnoiseDistribution\n")
        .replace("\t0.5\n", "\t0.5\tlog-normal\n");
    fs::write(folder.path().join("observables.tsv"), table).unwrap();
    let error = failed(
        &holobiont(
            folder.path(),
            &["fit", "problem.yaml", "--output", "fit", "--starts", "2"],
        ),
        3,
    );
    assert!(
        error.contains("none of the 3 starts has a value"),
        "{error}"
    );
    assert!(!folder.path().join("fit/fit.json").exists());
    let evaluation = holobiont(
        folder.path(),
        &["evaluate", "problem.yaml", "--output", "evaluated"],
    );
    failed(&evaluation, 3);
    assert!(!folder.path().join("evaluated").exists());
}

#[test]
fn output_never_replaces_the_problem_itself_nor_an_option_another() {
    let folder = problem();
    for command in ["virtual", "fit"] {
        let output = holobiont(folder.path(), &[command, "problem.yaml", "--output", "."]);
        assert!(
            failed(&output, 1).contains("the problem itself stands there"),
            "{command}"
        );
    }
    let before =
        "observableId\texperimentId\ttime\tmeasurement\nobs_a\t\t0\t0.7\nobs_a\t\t10\t0.1\n";
    let after = fs::read_to_string(folder.path().join("measurements.tsv")).unwrap();
    assert_eq!(after, before);
    let twice = ["virtual", "problem.yaml", "--output", "v"];
    let twice = [&twice[..], &["--limit", "obs_a=1", "--limit", "obs_a=2"]].concat();
    assert!(failed(&holobiont(folder.path(), &twice), 1).contains("has a limit already"));
    let same = ["simulate", "model.toml", "--until", "1"];
    let same = [&same[..], &["--output", "x", "--plot", "x"]].concat();
    failed(&holobiont(folder.path(), &same), 2);
}

#[test]
fn a_failed_virtual_cohort_leaves_no_file() {
    let folder = problem();
    fs::create_dir_all(folder.path().join("v/measurements.tsv")).unwrap();
    let output = holobiont(folder.path(), &["virtual", "problem.yaml", "--output", "v"]);
    assert!(failed(&output, 1).contains("measurements.tsv cannot be written"));
    let left: Vec<_> = fs::read_dir(folder.path().join("v"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["measurements.tsv"]);
}

#[test]
fn a_fit_goes_on_with_its_own_options_only_and_keeps_its_result_meanwhile() {
    let folder = virtual_problem();
    done(&holobiont(
        folder.path(),
        &[
            "fit",
            "problem.yaml",
            "--output",
            "fit",
            "--starts",
            "2",
            "--solver",
            "tsit5",
        ],
    ));
    let result = folder.path().join("fit/fit.json");
    let first = fs::read(&result).unwrap();
    let other = holobiont(folder.path(), &["fit", "--resume", "fit", "--starts", "3"]);
    assert!(
        failed(&other, 1).contains("--starts 2 --seed 1 --solver tsit5"),
        "the earlier options are told"
    );
    assert_eq!(fs::read(&result).unwrap(), first);
    done(&holobiont(folder.path(), &["fit", "--resume", "fit"]));
    assert_eq!(fs::read(&result).unwrap(), first);
}

/// What stands in the folder of a fit belongs to one fit, and one that did not end is not thrown away.
#[test]
fn a_new_fit_leaves_nothing_of_the_one_before() {
    let folder = virtual_problem();
    let fit = ["fit", "problem.yaml", "--output", "fit", "--starts", "2"];
    done(&holobiont(folder.path(), &fit));
    let page = folder.path().join("fit/report.html");
    assert!(page.exists());
    // a reading that no prediction explains
    let table = "observableId\tobservableFormula\tnoiseFormula\tnoiseDistribution\nobs_a\tA - 1000\t0.5\tlog-normal\n";
    let observables = folder.path().join("observables.tsv");
    let before = fs::read_to_string(&observables).unwrap();
    fs::write(&observables, table).unwrap();
    failed(&holobiont(folder.path(), &fit), 3);
    assert!(!page.exists() && !folder.path().join("fit/pictures/parameters.svg").exists());
    // one that failed is begun anew, one that was killed is not
    fs::write(&observables, before).unwrap();
    done(&holobiont(folder.path(), &fit));
    fs::remove_file(folder.path().join("fit/fit.json")).unwrap();
    let error = failed(&holobiont(folder.path(), &fit), 1);
    assert!(error.contains("--resume fit"), "{error}");
    done(&holobiont(folder.path(), &["fit", "--resume", "fit"]));
    let saem = [&fit[..4], &["--exploration", "5"]].concat();
    let error = failed(&holobiont(folder.path(), &saem), 2);
    assert!(error.contains("--estimator saem"), "{error}");
}

#[test]
fn bad_usage_ends_with_2() {
    let folder = problem();
    failed(&holobiont(folder.path(), &["fit", "problem.yaml"]), 2);
    failed(&holobiont(folder.path(), &["fit", "--output", "fit"]), 2);
    failed(&holobiont(folder.path(), &["nonsense"]), 2);
    failed(&holobiont(folder.path(), &["evaluate"]), 2);
    failed(
        &holobiont(folder.path(), &["fit", "--resume", "nowhere"]),
        1,
    );
    assert!(done(&holobiont(folder.path(), &["--help"])).contains("simulate"));
    assert!(done(&holobiont(folder.path(), &["--version"])).starts_with("holobiont "));
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_best_so_far_marked_as_interrupted() {
    let folder = virtual_problem();
    done(&holobiont(
        folder.path(),
        &["virtual", "problem.yaml", "--output", "a"],
    ));
    let mut child = Command::new(env!("CARGO_BIN_EXE_holobiont"))
        .current_dir(folder.path())
        .args([
            "fit",
            "a/problem.yaml",
            "--output",
            "fit",
            "--starts",
            "4000",
            "--threads",
            "1",
        ])
        .spawn()
        .unwrap();
    let begun = std::time::Instant::now();
    let checkpoint = folder.path().join("fit/checkpoint");
    let finished = || fs::read_dir(&checkpoint).map_or(0, Iterator::count);
    while finished() < 5 && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let text = fs::read_to_string(folder.path().join("fit/fit.json")).unwrap();
    let fit: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(fit["complete"], serde_json::Value::Bool(false));
    assert!(fit["value"].is_f64());
    assert!(folder.path().join("fit/pictures/waterfall.svg").exists());
}

#[test]
fn profiles_give_intervals_pictures_and_a_page() {
    let folder = virtual_problem();
    let run = |arguments: &[&str]| holobiont(folder.path(), arguments);
    done(&run(&[
        "virtual",
        "problem.yaml",
        "--seed",
        "1",
        "--output",
        "data",
    ]));
    let profile = [
        "profile",
        "data/problem.yaml",
        "--output",
        "out",
        "--starts",
        "1",
    ];
    let quiet = run(&profile);
    assert!(
        done(&quiet).is_empty() && quiet.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&quiet.stderr)
    );
    let file = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    let table = file("intervals.tsv");
    for (line, (id, truth)) in table.lines().skip(1).zip([("k1", 0.8), ("k2", 0.6)]) {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |k: usize| cells[k].parse::<f64>().unwrap();
        assert!(cells[0] == id && cells[11] == "identified", "{line}");
        // four times the half width: seeds that miss by so much are one in 10^14
        let (estimate, half) = (number(3), 0.5 * (number(6) - number(5)));
        assert!(
            number(5) < estimate && estimate < number(6) && (estimate - truth).abs() < 4.0 * half,
            "{line}"
        );
    }
    assert!(file("profiles.tsv").lines().count() > 20);
    assert!(file("profile_k1.svg").contains("k1 (1/d), log10 scale"));
    let page = file("profile.html");
    assert!(
        page.contains("profile-k2") && page.contains("2 identified") && !page.contains("<script")
    );
    // going on with what is finished changes nothing, and the number of threads does not either
    let json = file("profile.json");
    done(&run(
        &[&profile[..], &["--resume", "--threads", "1"]].concat()
    ));
    assert_eq!(json, file("profile.json"));
    done(&run(&[
        "fit",
        "data/problem.yaml",
        "--output",
        "fit",
        "--starts",
        "0",
    ]));
    done(&run(&[
        "profile",
        "data/problem.yaml",
        "--output",
        "one",
        "--fit",
        "fit",
        "--parameters",
        "k2",
        "--level",
        "0.68",
    ]));
    let one = fs::read_to_string(folder.path().join("one/intervals.tsv")).unwrap();
    assert_eq!(one.lines().count(), 2);
    assert!(!folder.path().join("one/profile_k1.svg").exists());
    let bad = |arguments: &[&str], code: i32| {
        let all = [
            &["profile", "data/problem.yaml", "--output", "bad"],
            arguments,
        ]
        .concat();
        failed(&run(&all), code)
    };
    assert!(bad(&["--parameters", "k3"], 1).contains("did you mean `k1`?"));
    assert!(bad(&["--level", "2"], 2).contains("--level must lie between 0 and 1"));
    assert!(bad(&["--fit", "nowhere"], 1).contains("fit.json"));
    let other = run(&[&profile[..], &["--resume", "--level", "0.9"]].concat());
    assert!(failed(&other, 1).contains("another problem or other options"));
    assert!(!folder.path().join("bad").exists());
}

#[cfg(feature = "report")]
#[test]
fn claims_are_asked_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let claims = "subjects = ['slow']
settle = 50
couplings = { prefix = 'k', subjects = ['slow'], day = 9, outputs = ['A'] }
[[claim]]
id = 'C1'
statement = 'A drug may hold A back from becoming B.'
kind = 'structural'
evidence = 'open'
standing = 'An equation.'
sources = ['10.1/x']
[[claim.part]]
id = 'B'
says = 'B under the drug'
subject = 'slow'
arm = { inputs = { drug = [[0, 1]] } }
read = { quantity = 'B', day = 30 }
direction = 'down'
least = 0.1
[[claim]]
id = 'C2'
statement = 'C may rise.'
kind = 'predicted'
evidence = 'open'
standing = 'Nobody looked.'
sources = ['10.1/y']
cannot = 'there is no C'
";
    let head = "id\tclaim\tquantity\tscenario\treference\tsubject\tday\tcontrast\tvalue\tlower\tupper\tlevel\tunit\tnull\tdoi\n";
    for (name, text) in [
        ("model.toml", MODEL),
        ("targets.tsv", head),
        ("claims.toml", claims),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let arguments = [
        "claims", ".", "--draws", "3", "--output", "C.md", "--output", "c.tsv",
    ];
    let text = done(&holobiont(folder.path(), &arguments));
    // without ranges every draw is the model itself
    assert!(text.contains("C1    built in"), "{text}");
    assert!(text.contains("C2    not representable"), "{text}");
    let written = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let page = written("C.md");
    assert!(
        page.contains("## C2: not representable") && page.contains("100 % of 3"),
        "{page}"
    );
    assert!(page.ends_with("not for individual treatment decisions.\n"));
    assert_eq!(written("c.tsv").lines().count(), 3);
    let readme = "before\n<!-- claims -->\nold\n<!-- end of claims -->\nafter\n";
    fs::write(folder.path().join("README.md"), readme).unwrap();
    let into = ["claims", ".", "--draws", "3", "--into", "README.md"];
    done(&holobiont(folder.path(), &into));
    done(&holobiont(folder.path(), &into));
    let readme = written("README.md");
    assert!(
        readme.starts_with("before\n<!-- claims -->\n\n2 claims: ")
            && readme.ends_with("|\n\n<!-- end of claims -->\nafter\n"),
        "{readme}"
    );
    assert!(
        readme
            .contains("| C1 | A drug may hold A back from becoming B. | open | 100 % | built in |"),
        "{readme}"
    );
    let table = done(&holobiont(folder.path(), &["claims", ".", "--ablations"]));
    assert!(table.contains("| `k2` |"), "{table}");
    let wrong = claims.replace("'B', day", "'b', day");
    fs::write(folder.path().join("claims.toml"), wrong).unwrap();
    let errors = failed(&holobiont(folder.path(), &["claims", "."]), 1);
    assert!(
        errors.contains("claims.toml, claim `C1`, part `B`, read.quantity: there is no state or observable `b`; did you mean `B`?"),
        "{errors}"
    );
    fs::remove_file(folder.path().join("claims.toml")).unwrap();
    let errors = failed(&holobiont(folder.path(), &["claims", "."]), 1);
    assert!(errors.contains("claims.toml"), "{errors}");
    let errors = failed(&holobiont(folder.path(), &["claims", "chemostat"]), 1);
    assert!(
        errors.contains("chemostat ships without claims.toml"),
        "{errors}"
    );
}
