//! Problems in another form say the same: log-likelihood, chi2 and gradient stay, and what cannot be said is told with its place.
use holobiont::{
    exchange::{
        files::write_files,
        petab::{self, Format, PetabProblem, PetabVersion},
    },
    fit::{CohortObjective, ObjectiveOptions},
    noise::Reading,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const V1: Format = Format {
    version: PetabVersion::V1,
    plain: true,
};
const V2: Format = Format {
    version: PetabVersion::V2,
    plain: false,
};
const PLAIN: Format = Format {
    version: PetabVersion::V2,
    plain: true,
};

/// A <=> B with an input, an offset and a scenario.
const MODEL: &str = include_str!("conversion.toml");

const YAML: &str = "format_version: 2.0.0
id: pair
parameter_files: [parameters.tsv]
model_files:
  conversion:
    language: holobiont
    location: model.toml
observable_files: [observables.tsv]
measurement_files: [measurements.tsv]
condition_files: [conditions.tsv]
experiment_files: [experiments.tsv]
extensions:
  holobiont:
    version: \"1\"
    required: true
    dose_files: [doses.tsv]
";

const PARAMETERS: &str = "parameterId\tparameterName\tlowerBound\tupperBound\tnominalValue\testimate\tpriorDistribution\tpriorParameters\tscale\tunit
k0\trate\t0.01\t10\t0.8\ttrue\tlog-normal\t-0.2;1\t\t
k2\t\t0.001\t1\t0.025\ttrue\tgamma\t2;0.02\t\t1/h
shift\t\t-1\t1\t0.1\ttrue\t\t\t\t
gain\t\t0.5\t2\t1\tfalse\t\t\t\t
dose\t\t0\t5\t1.5\ttrue\tgamma\t2;1\tlin\t
sigma\t\t0.001\t1\t0.1\ttrue\tparameter-scale-normal\t-2;1\tlog10\t
";

const OBSERVABLES: &str = "observableId\tobservableName\tobservableFormula\tobservablePlaceholders\tnoiseFormula\tnoiseDistribution\tnoisePlaceholders\tunit\tgroup
obs_a\tspecies A\tA * factor + offset\tfactor\tsd_a\tnormal\tsd_a\tmmol/L\tsum
obs_b\t\tB\t\tsigma + 0.1 * obs_a_plain\t\t\tumol/L\t
obs_a_plain\t\tA\t\tsigma * obs_b\tlog-normal\t\tmmol/L\tsum
obs_hill\t\tobs_b + hill(A, 0.5, 2) + sigmoid(B)\t\t0.2\tlaplace\t\t\t
";

const CONDITIONS: &str = "conditionId\ttargetId\ttargetValue
rest\tk1\t0.3 + k2 / k2 - offset
start\tk1\t2 * k2 + shift
start\tA\tA + dose
shifted\toffset\tshift
own\tk1\tk0
";

const EXPERIMENTS: &str = "experimentId\ttime\tconditionId
e1\t-inf\trest
e1\t0\tstart
e1\t0\tshifted
e1\t5\t
e2\t0\town
";

const MEASUREMENTS: &str =
    "observableId\texperimentId\ttime\tmeasurement\tobservableParameters\tnoiseParameters
obs_b\te1\t8\t400\t\t
obs_a\te1\t1\t0.7\tgain\t0.2
obs_a\te2\t2\t0.5\t1.5\tsigma
obs_a_plain\te2\t2.5\t0.5\t\t
obs_b\te2\t3\t300\t\t
obs_hill\te2\t3\t300\t\t
obs_b\t\t1\t600\t\t
obs_b\t\t2\t700\t\t
";

const DOSES: &str = "experimentId\ttargetId\ttime\tlag\tvalue\tkind
e2\tB\t1\t0.5\tdose / k1\tadd
e2\tA\t2.5\t\t0.25\tset
e2\tA\t2.5\t\tshift\tadd
e2\tA\t0\t\t0.5\tadd
e1\tA\t0\t\tdose / 3\tadd
\tB\t1\t\t0.125\tadd
";

type Files<'a> = [(&'a str, &'a str)];

/// The problem, with some files changed.
fn folder(changes: &Files) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("model.toml", MODEL),
        ("problem.yaml", YAML),
        ("parameters.tsv", PARAMETERS),
        ("observables.tsv", OBSERVABLES),
        ("conditions.tsv", CONDITIONS),
        ("experiments.tsv", EXPERIMENTS),
        ("measurements.tsv", MEASUREMENTS),
        ("doses.tsv", DOSES),
    ];
    for (name, text) in files {
        let text = changes.iter().find(|c| c.0 == name).map_or(text, |c| c.1);
        fs::write(folder.path().join(name), text).unwrap();
    }
    for (name, text) in changes {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[track_caller]
fn read(file: &Path) -> PetabProblem {
    petab::read(file).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", errors.join("\n"))
    })
}

/// The problem in another form, on disk, and what was told on the way.
#[track_caller]
fn converted(problem: &PetabProblem, format: Format) -> (TempDir, PathBuf, Vec<String>) {
    let done = petab::convert(problem, format).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{format}: {}", errors.join("\n"))
    });
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &done.files).unwrap();
    let file = folder.path().join("problem.yaml");
    (
        folder,
        file,
        done.warnings.iter().map(ToString::to_string).collect(),
    )
}

/// Log-likelihood, chi2 and the gradient times the values, which no unit changes.
struct Numbers {
    llh: f64,
    chi2: Option<f64>,
    slopes: BTreeMap<String, f64>,
}

fn numbers(problem: &PetabProblem) -> Numbers {
    let built = problem.fit_problem().unwrap();
    let mut options = ObjectiveOptions::default();
    options.tolerances.relative = 1e-11;
    options.tolerances.absolute = 1e-13;
    let objective = CohortObjective::new(&built, options).unwrap();
    let at = built.parameters.nominal();
    let likelihood = objective.likelihood(&at).unwrap();
    let slopes = objective.likelihood_gradient(&at).unwrap();
    let scaled = slopes.into_iter().map(|(id, slope)| {
        let row = built.parameters.index_of(&id).unwrap();
        (id, slope * at.0[row])
    });
    Numbers {
        llh: likelihood.log_likelihood,
        chi2: likelihood.chi2,
        slopes: scaled.collect(),
    }
}

/// What differs, if anything. The solver's tolerance is 1e-11 of states; sums over readings lose two digits at most.
fn difference(a: &Numbers, b: &Numbers) -> Option<String> {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()));
    if !close(a.llh, b.llh) {
        return Some(format!("log-likelihood {} and {}", a.llh, b.llh));
    }
    match (a.chi2, b.chi2) {
        (Some(a), Some(b)) if !close(a, b) => return Some(format!("chi2 {a} and {b}")),
        (Some(_), Some(_)) | (None, None) => {}
        other => return Some(format!("chi2 {other:?}")),
    }
    if !a.slopes.keys().eq(b.slopes.keys()) {
        return Some(format!("{:?} and {:?}", a.slopes.keys(), b.slopes.keys()));
    }
    // slopes of different sign cancel: they are as exact as the largest
    let largest = a.slopes.values().fold(1.0, |m: f64, s| m.max(s.abs()));
    let apart = a
        .slopes
        .iter()
        .find(|(id, s)| (*s - b.slopes[*id]).abs() > 1e-7 * largest);
    apart.map(|(id, slope)| format!("slope of {id}: {slope} and {}", b.slopes[id]))
}

#[track_caller]
fn same(a: &PetabProblem, b: &PetabProblem) {
    assert_eq!(difference(&numbers(a), &numbers(b)), None);
}

fn text(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// One file with one row replaced.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not in the table");
    text.replacen(from, to, 1)
}

#[test]
fn a_problem_with_doses_units_and_own_functions_is_the_same_without_extension() {
    let source = folder(&[]);
    let problem = read(&source.path().join("problem.yaml"));
    let (plain_folder, file, warnings) = converted(&problem, PLAIN);
    let plain = read(&file);
    assert!(plain.warnings.is_empty(), "{:?}", plain.warnings);
    same(&problem, &plain);
    let yaml = text(&plain_folder, "problem.yaml");
    assert!(
        yaml.contains("language: sbml") && !yaml.contains("extensions"),
        "{yaml}"
    );
    for table in ["parameters.tsv", "observables.tsv", "measurements.tsv"] {
        let header = text(&plain_folder, table)
            .lines()
            .next()
            .unwrap()
            .to_owned();
        for own in [
            "unit",
            "scale",
            "group",
            "censoring",
            "priorTruncated",
            "degreesOfFreedom",
        ] {
            assert!(!header.contains(own), "{table}: {header}");
        }
    }
    let prefix = format!("{}/", source.path().display());
    let warnings: Vec<String> = warnings.iter().map(|w| w.replace(&prefix, "")).collect();
    assert_eq!(
        warnings,
        [
            "parameters.tsv, row 3, column priorDistribution: a prior in another unit than the model's becomes that of the value in the unit of the model: the objective changes by a constant, what a fit finds does not",
            "parameters.tsv, row 3, column unit: the units of parameters left out: numbers are in the units of the model",
            "parameters.tsv, row 2, column scale: the search scales of parameters (3 rows) left out: searches choose their own; the objective does not change",
            "parameters.tsv, row 7, column priorDistribution: a density of the search value becomes the density of the value with the same shape: the objective changes by a constant, what a fit finds does not",
            "observables.tsv, row 2, column unit: the units of observables (3 rows) left out: they stand at axes only, what they convert stands in the formulas",
            "observables.tsv, row 2, column group: the groups of observables (2 rows) left out: reports do not show the observables as a composition",
            "doses.tsv, row 2, column targetId: doses (6 rows) become periods of their experiments",
        ]
    );
    // 0.025 per hour in the days of the model
    assert!(
        text(&plain_folder, "parameters.tsv").contains("k2\t\t0.024\t24\t0.6000000000000001\ttrue")
    );
}

#[test]
fn with_the_extension_everything_is_kept() {
    let source = folder(&[]);
    let problem = read(&source.path().join("problem.yaml"));
    let (_folder, file, warnings) = converted(&problem, V2);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("a prior in another unit than the model's"));
    let kept = read(&file);
    same(&problem, &kept);
    assert_eq!(kept.doses, problem.doses);
    assert_eq!(kept.measurements, problem.measurements);
    assert_eq!(kept.id, problem.id);
    assert_eq!(kept.observables[0].group.as_deref(), Some("sum"));
    // and again
    let (_folder, file, _) = converted(&kept, V2);
    assert!(read(&file) == kept);
}

#[test]
fn input_tables_keep_a_model_in_our_own_language() {
    let yaml = with(
        YAML,
        "dose_files",
        "input_files: [inputs.tsv]\n    dose_files",
    );
    let inputs =
        "experimentId\tinputId\ttime\tvalue\ne1\tdrug\t1\t1\ne1\tdrug\t2 + shift\tgain / 4\n";
    let source = folder(&[("problem.yaml", &yaml), ("inputs.tsv", inputs)]);
    let problem = read(&source.path().join("problem.yaml"));
    let (_folder, file, warnings) = converted(&problem, V2);
    assert!(
        warnings[0].contains("the model stays in our own language"),
        "{warnings:?}"
    );
    let kept = read(&file);
    assert_eq!(kept.inputs, problem.inputs);
    same(&kept, &problem);
    let errors = messages(&source, PLAIN);
    let told = "inputs.tsv, row 2, column inputId: the table of the input `drug` in the experiment `e1` has no form in version 2 without extension; give the input to the model itself";
    assert_eq!(errors, [told]);
}

/// A problem that version 1 can say.
fn of_version_1() -> TempDir {
    let yaml = with(YAML, "    dose_files: [doses.tsv]\n", "");
    let parameters = with(PARAMETERS, "gamma\t2;0.02", "normal\t0.03;0.1");
    let parameters = with(&parameters, "gamma\t2;1", "laplace\t2;1");
    let conditions = "conditionId\ttargetId\ttargetValue
rest\tk1\t0.3
start\tk1\tk0
start\tA\tdose
shifted\toffset\tshift
own\tk1\t1 / 4
";
    let experiments = "experimentId\ttime\tconditionId
e1\t-inf\trest
e1\t0\tstart
e1\t0\tshifted
e2\t0\town
e3\t-inf\town
e4\t-inf\trest
e4\t0\t
";
    let more = "obs_b\te3\t2\t300\t\t\nobs_b\te4\t1\t310\t\t\nobs_b\te4\tinf\t310\t\t\n";
    let measurements = format!("{MEASUREMENTS}{more}");
    folder(&[
        ("problem.yaml", &yaml),
        ("parameters.tsv", &parameters),
        ("conditions.tsv", conditions),
        ("experiments.tsv", experiments),
        ("measurements.tsv", &measurements),
    ])
}

#[test]
fn version_1_says_the_same() {
    let source = of_version_1();
    let problem = read(&source.path().join("problem.yaml"));
    let (folder, file, _) = converted(&problem, V1);
    let first = read(&file);
    assert_eq!(first.version, PetabVersion::V1);
    same(&problem, &first);
    assert_eq!(
        text(&folder, "conditions.tsv"),
        "conditionId\tk1\tA\toffset\ndefault\t0.8\t\t0\nrest\t0.3\t\t0\nstart__shifted\tk0\tdose\tshift\nown\t0.25\t\t0\n"
    );
    let observables = text(&folder, "observables.tsv");
    assert!(
        observables.contains("observableParameter1_obs_a"),
        "{observables}"
    );
    assert!(
        observables.contains("\tnoiseParameter1_obs_a\tnormal"),
        "{observables}"
    );
    // and back, and again
    for format in [V2, PLAIN] {
        let (_folder, file, _) = converted(&first, format);
        let second = read(&file);
        same(&problem, &second);
        let (_folder, file, _) = converted(&second, V1);
        let third = read(&file);
        same(&problem, &third);
        let sorted = |problem: &PetabProblem| {
            let rows = problem.conditions.iter();
            let mut rows: Vec<[String; 3]> = rows
                .map(|r| [r.condition.clone(), r.target.clone(), r.value.clone()])
                .collect();
            rows.sort();
            rows
        };
        assert_eq!(sorted(&third), sorted(&first));
        assert_eq!(third.measurements, first.measurements);
    }
}

#[test]
fn placeholders_that_no_formula_names_have_no_number_in_version_1() {
    let source = of_version_1();
    let observables = with(
        OBSERVABLES,
        "A * factor + offset\tfactor",
        "A * factor + offset\tnone;factor",
    );
    let measurements = with(MEASUREMENTS, "\tgain\t", "\t7;gain\t");
    let measurements = with(&measurements, "\t1.5\t", "\t8;1.5\t");
    fs::write(source.path().join("observables.tsv"), observables).unwrap();
    fs::write(source.path().join("measurements.tsv"), measurements).unwrap();
    let experiments = text(&source, "experiments.tsv");
    let experiments = experiments.split("e3").next().unwrap();
    fs::write(source.path().join("experiments.tsv"), experiments).unwrap();
    let problem = read(&source.path().join("problem.yaml"));
    let (_folder, file, _) = converted(&problem, V1);
    let first = read(&file);
    assert_eq!(first.measurements[1].observable_parameters.len(), 1);
    same(&problem, &first);
}

/// All errors of a conversion, with the folder left out.
fn messages(folder: &TempDir, format: Format) -> Vec<String> {
    let problem = read(&folder.path().join("problem.yaml"));
    let errors = petab::convert(&problem, format).expect_err("something cannot be said");
    let prefix = format!("{}/", folder.path().display());
    errors
        .iter()
        .map(|e| e.to_string().replace(&prefix, ""))
        .collect()
}

#[test]
fn what_version_1_cannot_say_is_told_with_its_place() {
    let errors = messages(&folder(&[]), V1);
    let doses = (2..=7).map(|row| {
        format!("doses.tsv, row {row}, column targetId: a dose has no form in version 1, which has no periods")
    });
    let gamma = [3, 6].map(|row| {
        format!("parameters.tsv, row {row}, column priorDistribution: the prior `gamma` has no form in version 1")
    });
    let value = |row: usize, formula: &str| {
        format!(
            "conditions.tsv, row {row}, column targetValue: the value `{formula}` is neither a number nor a parameter, and version 1 takes nothing else"
        )
    };
    let period = "experiments.tsv, row 5, column time: the experiment `e1` has a period from time 5; in version 1 there are a steady state (-inf) and a simulation from time 0";
    let others = [
        value(2, "0.3 + k2 / k2"),
        value(3, "2 * k2 + shift"),
        value(4, "A + dose"),
        period.to_owned(),
    ];
    let wanted: Vec<String> = doses.chain(gamma).chain(others).collect();
    assert_eq!(errors, wanted);
}

#[test]
fn what_the_standard_cannot_say_is_told_with_its_place() {
    let form = "has no form in version 2 without extension";
    let censored = MEASUREMENTS.replace("noiseParameters\n", "noiseParameters\tcensoring\n");
    let censored = with(
        &censored,
        "obs_b\te1\t8\t400\t\t",
        "obs_b\te1\t8\t400\t\t\tleft",
    );
    let student = with(OBSERVABLES, "unit\tgroup", "unit\tgroup\tdegreesOfFreedom");
    let student = with(&student, "0.2\tlaplace\t\t\t", "0.2\tstudent-t\t\t\t\t4");
    let floor = with(OBSERVABLES, "sigmoid(B)", "floor(B)");
    let laplace = with(
        PARAMETERS,
        "parameter-scale-normal",
        "parameter-scale-laplace",
    );
    let dose = with(DOSES, "e2\tB\t1\t0.5", "e2\tB\t1\tdose / 10");
    let rule = with(CONDITIONS, "k2 / k2", "total / total");
    for (file, changed, message) in [
        ("measurements.tsv", censored, format!("row 2, column censoring: a censored reading {form}")),
        ("observables.tsv", student, format!("row 5, column noiseDistribution: student-t noise {form}")),
        (
            "observables.tsv",
            floor,
            "row 5, column observableFormula: the function `floor` does not belong to the mathematics of version 2 without extension".to_owned(),
        ),
        (
            "parameters.tsv",
            laplace,
            format!("row 7, column priorDistribution: the prior `parameter-scale-laplace` on the scale log10 {form}"),
        ),
        (
            "doses.tsv",
            dose,
            "row 2, column time: the time `1 + dose / 10` of the dose is no number; a period of version 2 without extension starts at one".to_owned(),
        ),
        (
            "conditions.tsv",
            rule,
            "row 2, column targetValue: the value at the start of an experiment depends on `total`, which a formula determines there; version 2 without extension takes rows of the parameter table there".to_owned(),
        ),
    ] {
        // a parameter that changes with time can be no part of a dose
        let doses = DOSES.replace(" / k1", "");
        let mut changes = vec![(file, changed.as_str())];
        changes.extend((file == "conditions.tsv").then_some(("doses.tsv", doses.as_str())));
        let errors = messages(&folder(&changes), PLAIN);
        assert_eq!(errors, [format!("{file}, {message}")]);
    }
}

#[test]
fn an_override_in_another_unit_than_the_model_is_told() {
    let measurements = with(MEASUREMENTS, "\t1.5\tsigma", "\t1.5\tk2");
    let errors = messages(&folder(&[("measurements.tsv", &measurements)]), PLAIN);
    let told = "measurements.tsv, row 4, column noiseParameters: `k2` is used both in the unit of the model and in that of its row (1/h), and version 2 without extension has one number for both; give the row the unit of the model";
    assert_eq!(errors, [told]);
}

#[test]
fn models_of_one_file_name_stand_side_by_side() {
    let yaml = with(
        YAML,
        "    location: model.toml",
        "    location: model.toml\n  slow:\n    language: holobiont\n    location: slow/model.toml",
    );
    let rows: Vec<String> = MEASUREMENTS
        .lines()
        .enumerate()
        .map(|(row, line)| match row {
            0 => format!("modelId\t{line}"),
            _ => format!("slow\t{line}\nconversion\t{line}"),
        })
        .collect();
    let source = folder(&[
        ("problem.yaml", &yaml),
        ("measurements.tsv", &rows.join("\n")),
    ]);
    fs::create_dir(source.path().join("slow")).unwrap();
    let slow = with(MODEL, "initial = 1.0", "initial = 1.5");
    fs::write(source.path().join("slow/model.toml"), slow).unwrap();
    let problem = read(&source.path().join("problem.yaml"));
    let written = tempfile::tempdir().unwrap();
    let again = read(&petab::write(&problem, written.path()).unwrap());
    assert!(again == problem);
    same(&again, &problem);
    assert!(written.path().join("model/model.toml").is_file());
    assert!(written.path().join("model/slow/model.toml").is_file());
    let (folder, file, _) = converted(&problem, V2);
    same(&read(&file), &problem);
    assert!(folder.path().join("model/slow.xml").is_file());
    // the dose at the start of e2 meets two start values of A
    let errors = messages(&source, PLAIN);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0].contains("depends on `A`, which has another value in another model"),
        "{errors:?}"
    );
}

#[test]
fn the_mapping_table_is_written_and_resolved() {
    let yaml = with(
        YAML,
        "condition_files",
        "mapping_files: [mapping.tsv]\ncondition_files",
    );
    let mapping =
        "petabEntityId\tmodelEntityId\tname\nback_rate\tk2\tthe way back\nnote\t\tsaid only\n";
    let parameters = with(
        PARAMETERS,
        "k2\t\t0.001\t1\t0.025\ttrue\tgamma\t2;0.02\t\t1/h",
        "back_rate\t\t0.1\t1\t0.6\ttrue\t\t\t\t",
    );
    let conditions = CONDITIONS.replace("k2", "back_rate");
    let changes: [(&str, &str); 4] = [
        ("problem.yaml", &yaml),
        ("mapping.tsv", mapping),
        ("parameters.tsv", &parameters),
        ("conditions.tsv", &conditions),
    ];
    let problem = read(&folder(&changes).path().join("problem.yaml"));
    let written = tempfile::tempdir().unwrap();
    let again = petab::write(&problem, written.path());
    // the model of the problem is gone with its folder
    assert!(again.is_err());
    let source = folder(&changes);
    let problem = read(&source.path().join("problem.yaml"));
    let again = read(&petab::write(&problem, written.path()).unwrap());
    assert!(again == problem);
    let (_folder, file, _) = converted(&problem, PLAIN);
    let plain = read(&file);
    assert_eq!(plain.mappings, problem.mappings);
    same(&plain, &problem);
}

#[test]
fn the_virtual_fibre_study_is_the_same_with_its_model_in_sbml() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/fit_cohort/problem/problem.yaml");
    let mut problem = read(&file);
    let (_folder, file, _) = converted(&problem, V2);
    let kept = read(&file);
    same(&problem, &kept);
    // without the readings below the detection limit
    problem
        .measurements
        .retain(|row| matches!(row.reading, Reading::Value(_)));
    let (_folder, file, _) = converted(&problem, PLAIN);
    same(&problem, &read(&file));
}

fn shared() -> PathBuf {
    let shared = std::env::var("HOLOBIONT_SHARED")
        .expect("HOLOBIONT_SHARED names the folder of the shared data");
    PathBuf::from(shared).join("suites")
}

/// The problems of the suite and the benchmarks.
fn outside() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (folder, prefix, least) in [
        ("petab-test-suite/v1", "_", 15),
        ("petab-test-suite/v2", "_", 15),
        ("petab-benchmarks", "", 11),
    ] {
        let folder = shared().join(folder);
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let before = found.len();
        for entry in entries.map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            let file = entry.path().join(format!("{prefix}{name}.yaml"));
            found.extend(file.is_file().then_some(file));
        }
        assert!(found.len() >= before + least, "{}", folder.display());
    }
    found.sort();
    found
}

#[test]
#[ignore = "needs HOLOBIONT_SHARED"]
fn problems_of_the_suite_and_the_benchmarks_are_the_same_in_every_form() {
    let mut wrong = Vec::new();
    for file in outside() {
        let problem = read(&file);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let before = numbers(&problem);
        let mut compare = |form: &str, file: &Path| {
            let after = read(file);
            if let Some(difference) = difference(&before, &numbers(&after)) {
                wrong.push(format!("{name}, {form}: {difference}"));
            }
            after
        };
        let written = tempfile::tempdir().unwrap();
        let file = petab::write(&problem, written.path()).unwrap();
        assert!(read(&file) == problem, "{name}");
        let (_folder, file, _) = converted(&problem, V2);
        let kept = compare("version 2", &file);
        assert!(kept == problem, "{name}");
        let (_folder, file, _) = converted(&problem, PLAIN);
        let plain = compare("plain", &file);
        match petab::convert(&problem, V1) {
            Ok(_) => {
                for (form, problem) in [
                    ("version 1", &problem),
                    ("1 by 2", &kept),
                    ("1 by plain", &plain),
                ] {
                    let (_folder, file, _) = converted(problem, V1);
                    compare(form, &file);
                }
            }
            Err(_) if problem.version == PetabVersion::V2 => {}
            Err(errors) => wrong.push(format!("{name}: {}", errors[0])),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
