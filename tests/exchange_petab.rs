//! PEtab problems on disk: they round-trip, and everything wrong with one is told with file, row and column.
use holobiont::{
    cohort::Source,
    exchange::petab::{self, PetabErrorKind, PetabProblem},
    fit::{CohortObjective, ObjectiveOptions, Prior, Scale},
    noise::Reading,
    schedule::{Factor, Start},
};
use std::{fs, path::Path};
use tempfile::TempDir;

/// A <=> B with an input, an offset and a scenario.
const MODEL: &str = include_str!("conversion.toml");

const YAML: &str = "format_version: 2.0.0
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
    input_files: [inputs.tsv]
    dose_files: [doses.tsv]
";

const PARAMETERS: &str = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tpriorDistribution\tpriorParameters\tscale\tunit
k0\t0.01\t10\t0.8\ttrue\tlog-normal\t-0.2;1\t\t
k2\t0.001\t1\t0.025\ttrue\t\t\t\t1/h
shift\t-1\t1\t0.1\ttrue\t\t\t\t
gain\t0.5\t2\t1\tfalse\t\t\t\t
dose\t0\t5\t1.5\ttrue\tgamma\t2;1\tlin\t
sigma\t0.001\t1\t0.1\ttrue\t\t\tlog\t
";

const OBSERVABLES: &str = "observableId\tobservableName\tobservableFormula\tobservablePlaceholders\tnoiseFormula\tnoiseDistribution\tnoisePlaceholders\tunit
obs_a\tspecies A\tA * factor + offset\tfactor\tsd_a\tnormal\tsd_a\tmmol/L
obs_b\t\tB\t\tsigma + 0.1 * obs_a_plain\t\t\tumol/L
obs_a_plain\t\tA\t\t0.2\tlog-normal\t\t
";

const CONDITIONS: &str = "conditionId\ttargetId\ttargetValue
rest\tk1\t0.3
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

const MEASUREMENTS: &str = "observableId\texperimentId\ttime\tmeasurement\tobservableParameters\tnoiseParameters\tcensoring\tmeasurementUpper
obs_b\te1\t8\t400\t\t\t\t
obs_a\te1\t1\t0.7\tgain\t0.2\t\t
obs_a\te2\t2\t0.5\t1.5\tsigma\tleft\t
obs_a_plain\te2\t2\t0.5\t\t\tinterval\t0.9
obs_b\te2\t3\t300\t\t\tright\t
";

const INPUTS: &str = "experimentId\tinputId\ttime\tvalue
e1\tdrug\t1\t1
e1\tdrug\t2 + shift\tgain / 4
";

const DOSES: &str = "experimentId\ttargetId\ttime\tlag\tvalue\tkind
e2\tB\t1\t0.5\tdose\tadd
e2\tA\t2.5\t\t0.25\tset
";

/// A problem without fault, with one file changed.
fn problem(changes: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("model.toml", MODEL),
        ("problem.yaml", YAML),
        ("parameters.tsv", PARAMETERS),
        ("observables.tsv", OBSERVABLES),
        ("conditions.tsv", CONDITIONS),
        ("experiments.tsv", EXPERIMENTS),
        ("measurements.tsv", MEASUREMENTS),
        ("inputs.tsv", INPUTS),
        ("doses.tsv", DOSES),
    ];
    for (name, text) in files {
        let text = changes.iter().find(|c| c.0 == name).map_or(text, |c| c.1);
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(folder: &Path) -> PetabProblem {
    petab::read(&folder.join("problem.yaml")).unwrap_or_else(|errors| {
        panic!(
            "{}",
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}

/// All messages, with the folder left out.
fn errors(changes: &[(&str, &str)]) -> Vec<String> {
    let folder = problem(changes);
    let found =
        petab::read(&folder.path().join("problem.yaml")).expect_err("a problem with errors");
    let prefix = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    found
        .iter()
        .map(|e| e.to_string().replace(&prefix, ""))
        .collect()
}

/// One file with one row replaced.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not in the table");
    text.replacen(from, to, 1)
}

#[track_caller]
fn one_error(file: &str, text: &str, message: &str) {
    assert_eq!(errors(&[(file, text)]), [message]);
}

#[track_caller]
fn one_warning(file: &str, text: &str, message: &str) {
    let folder = problem(&[(file, text)]);
    let prefix = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    let warnings = read(folder.path()).warnings;
    let found: Vec<String> = (warnings.iter())
        .map(|w| w.to_string().replace(&prefix, ""))
        .collect();
    assert!(found.iter().any(|w| w == message), "{found:#?}");
}

#[test]
fn a_problem_without_fault_is_read() {
    let folder = problem(&[]);
    let read = read(folder.path());
    let warnings: Vec<String> = read.warnings.iter().map(ToString::to_string).collect();
    assert!(
        warnings.len() == 2
            && warnings[0].contains("all readings of `obs_a_plain` are censored")
            && warnings[1].contains("must not name the observable `obs_a_plain`"),
        "{warnings:?}"
    );
    let fit = read.fit_problem().unwrap();
    assert_eq!(fit.cohort.subjects.len(), 2);
    let e1 = &fit.cohort.subjects[0];
    assert_eq!(e1.id, "e1");
    assert_eq!(
        e1.visits.iter().map(|v| v.time).collect::<Vec<_>>(),
        [1.0, 8.0]
    );
    let periods = &e1.schedule.periods;
    assert_eq!(periods.len(), 3);
    assert!(matches!(periods[0].start, Start::SteadyState));
    // what a condition sets stays set: k1 and offset in the last period too
    assert_eq!(periods[2].overrides.len(), 2);
    assert_eq!(periods[1].jumps.len(), 1);
    assert_eq!(periods[1].jumps[0].factor, Factor::One);
    assert_eq!(e1.schedule.inputs[0].knots.len(), 2);
    let e2 = &fit.cohort.subjects[1];
    assert_eq!(e2.schedule.doses.len(), 2);
    assert!(e2.schedule.doses[0].moment.lag.is_some());
    assert_eq!(e2.schedule.doses[1].jump.factor, Factor::Zero);
    let readings: Vec<Reading> = e2.visits.iter().map(|v| v.reading).collect();
    assert_eq!(
        readings,
        [
            Reading::Below(0.5),
            Reading::Between(0.5, 0.9),
            Reading::Above(300.0)
        ]
    );
}

#[test]
fn scales_and_priors_are_those_of_the_table() {
    let folder = problem(&[]);
    let rows = read(folder.path()).parameters.rows;
    // wide positive bounds are searched on log10, others on the linear scale, unless the row says otherwise
    assert_eq!(
        rows.iter().map(|p| p.scale).collect::<Vec<_>>(),
        [
            Scale::Log10,
            Scale::Log10,
            Scale::Linear,
            Scale::Linear,
            Scale::Linear,
            Scale::Log
        ]
    );
    assert_eq!(
        rows[0].prior,
        Some(Prior::LogNormal {
            log_mean: -0.2,
            log_sd: 1.0
        })
    );
    assert_eq!(
        rows[4].prior,
        Some(Prior::Gamma {
            shape: 2.0,
            scale: 1.0
        })
    );
}

#[test]
fn a_parameter_in_another_unit_is_converted_on_its_way_into_the_model() {
    let folder = problem(&[]);
    let fit = read(folder.path()).fit_problem().unwrap();
    let k2 = fit.cohort.models[0].system.parameter_index("k2").unwrap();
    let (_, source) = fit.cohort.subjects[0]
        .registers
        .iter()
        .find(|(register, _)| *register == k2)
        .unwrap();
    let Source::Formula(formula) = source else {
        panic!("{source:?}")
    };
    let natural = fit.parameters.nominal();
    let formulas = fit.cohort.formulas.as_ref().unwrap();
    let count = fit
        .cohort
        .subjects
        .iter()
        .flat_map(|s| &s.registers)
        .filter_map(|(_, s)| match s {
            Source::Formula(i) => Some(i + 1),
            _ => None,
        });
    let mut values = vec![0.0; count.max().unwrap()];
    formulas.evaluate(&natural.0, &mut values);
    // 0.025/h is 0.6/d; one rounding of the product
    assert!((values[*formula] - 0.6).abs() < 1e-15);
}

#[test]
fn likelihood_and_gradient_of_a_read_problem_are_finite_and_agree() {
    let folder = problem(&[]);
    let fit = read(folder.path()).fit_problem().unwrap();
    let mut options = ObjectiveOptions::default();
    options.tolerances.relative = 1e-10;
    options.tolerances.absolute = 1e-12;
    let objective = CohortObjective::new(&fit, options).unwrap();
    let at = fit.parameters.nominal();
    let value = objective.likelihood(&at).unwrap().log_likelihood;
    assert!(value.is_finite());
    let gradient = objective.likelihood_gradient(&at).unwrap();
    for (id, slope) in gradient {
        let row = fit.parameters.index_of(&id).unwrap();
        let h = 1e-5 * at.0[row].abs().max(1e-2);
        let shifted = |sign: f64| {
            let mut moved = at.clone();
            moved.0[row] += sign * h;
            objective.likelihood(&moved).unwrap().log_likelihood
        };
        let difference = (shifted(1.0) - shifted(-1.0)) / (2.0 * h);
        // central difference: error of order h^2 and of the solver's tolerance over h
        let allowed = 1e-4 * (1.0 + slope.abs());
        assert!(
            (slope - difference).abs() < allowed,
            "{id}: {slope} and {difference}"
        );
    }
}

#[test]
fn what_is_written_reads_back_the_same_and_writes_the_same_bytes() {
    let folder = problem(&[]);
    let first = read(folder.path());
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let written = petab::write(&first, a.path()).unwrap();
    let second = petab::read(&written).unwrap();
    assert!(first == second);
    petab::write(&second, b.path()).unwrap();
    let names = |folder: &Path| {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(a.path()), names(b.path()));
    assert_eq!(names(a.path()).len(), 9);
    for name in names(a.path())
        .iter()
        .filter(|n| n.to_string_lossy().contains('.'))
    {
        assert_eq!(
            fs::read(a.path().join(name)).unwrap(),
            fs::read(b.path().join(name)).unwrap(),
            "{name:?}"
        );
    }
}

#[test]
fn a_built_in_model_needs_no_file() {
    let yaml = with(YAML, "location: model.toml", "location: builtin:chemostat");
    let yaml = yaml.split("condition_files").next().unwrap();
    let changes = [
        ("problem.yaml", yaml),
        (
            "parameters.tsv",
            "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\nmu_max\t1\t40\t20\ttrue\n",
        ),
        (
            "observables.tsv",
            "observableId\tobservableFormula\tnoiseFormula\nacids\ttscfa\t0.01\n",
        ),
        (
            "measurements.tsv",
            "observableId\texperimentId\ttime\tmeasurement\nacids\t\t10\t0.1\n",
        ),
    ];
    let folder = problem(&changes);
    let fit = read(folder.path()).fit_problem().unwrap();
    assert_eq!(fit.cohort.subjects[0].id, petab::MODEL_AS_IT_STANDS);
    let changes = [("problem.yaml", with(yaml, "chemostat", "chemostatt"))];
    let changes: Vec<(&str, &str)> = changes.iter().map(|c| (c.0, c.1.as_str())).collect();
    let found = errors(&changes);
    assert!(
        found[0].contains("no model `chemostatt`") && found[0].contains("did you mean chemostat?"),
        "{found:?}"
    );
}

#[test]
fn an_unknown_parameter_is_named_with_its_neighbours() {
    let table = format!("{PARAMETERS}k_1\t0\t1\t0.5\ttrue\t\t\t\t\n");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 8, column parameterId: nothing uses the parameter `k_1`: neither the model nor a formula or an override; did you mean `k1`?",
    );
}

#[test]
fn unknown_ids_of_measurements_are_named_with_their_neighbours() {
    let table = with(MEASUREMENTS, "obs_b\te1\t8", "obs_c\te1\t8");
    let found = errors(&[("measurements.tsv", &table)]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("measurements.tsv, row 2, column observableId: unknown observable `obs_c`; did you mean `obs_"), "{found:?}");
    let table = with(MEASUREMENTS, "obs_a\te1", "obs_a\te_1");
    let found = errors(&[("measurements.tsv", &table)]);
    assert!(
        found[0]
            .starts_with("measurements.tsv, row 3, column experimentId: unknown experiment `e_1`"),
        "{found:?}"
    );
    let table = with(MEASUREMENTS, "\tsigma\tleft", "\tsigmaa\tleft");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 4, column noiseParameters: unknown parameter `sigmaa`; did you mean `sigma`?",
    );
}

#[test]
fn unknown_ids_of_formulas_and_conditions_are_named() {
    let table = with(OBSERVABLES, "sigma + 0.1", "sigmo + 0.1");
    one_error(
        "observables.tsv",
        &table,
        "observables.tsv, row 3, column noiseFormula: unknown id `sigmo`; did you mean `sigma`?",
    );
    let table = with(CONDITIONS, "offset\tshift", "ofset\tshift");
    one_error(
        "conditions.tsv",
        &table,
        "conditions.tsv, row 5, column targetId: unknown target `ofset`; did you mean `offset`?",
    );
    let table = with(CONDITIONS, "2 * k2 + shift", "2 * k2 + shfit");
    one_error(
        "conditions.tsv",
        &table,
        "conditions.tsv, row 3, column targetValue: unknown parameter `shfit`; did you mean `shift`?",
    );
    let table = with(EXPERIMENTS, "shifted", "shiftad");
    let found = errors(&[("experiments.tsv", &table)]);
    assert_eq!(
        found,
        [
            "experiments.tsv, row 4, column conditionId: unknown condition `shiftad`; did you mean `shifted`?"
        ]
    );
    let table = with(INPUTS, "drug\t1", "drgu\t1");
    one_error(
        "inputs.tsv",
        &table,
        "inputs.tsv, row 2, column inputId: unknown input `drgu`; did you mean `drug`?",
    );
}

#[test]
fn wrong_units_are_errors() {
    let table = with(PARAMETERS, "1/h", "mmol/L");
    let found = errors(&[("parameters.tsv", &table)]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("parameters.tsv, row 3, column unit: `mmol/L`")
            && found[0].contains("cannot be converted"),
        "{found:?}"
    );
    let table = with(PARAMETERS, "1/h", "1/hh");
    let found = errors(&[("parameters.tsv", &table)]);
    assert!(
        found[0].starts_with(
            "parameters.tsv, row 3, column unit: unit `1/hh`, character 3: there is no unit `hh`"
        ),
        "{found:?}"
    );
    let table = with(OBSERVABLES, "umol/L", "1/d");
    assert!(
        errors(&[("observables.tsv", &table)])[0]
            .starts_with("observables.tsv, row 3, column unit: `mmol/L`")
    );
}

#[test]
fn duplicate_rows_are_errors() {
    let table = format!("{PARAMETERS}k0\t0.01\t10\t0.8\ttrue\t\t\t\t\n");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 8, column parameterId: the parameter `k0` stands twice, first in row 2",
    );
    let table = format!("{MEASUREMENTS}obs_b\te1\t8\t400\t\t\t\t\n");
    one_warning(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 7, column measurement: the same reading of `obs_b` at time 8 stands twice, first in row 2; both count (a replicateId tells replicates from slips)",
    );
    let table = format!("{CONDITIONS}rest\tk1\t0.4\n");
    one_error(
        "conditions.tsv",
        &table,
        "conditions.tsv, row 7, column targetId: the target `k1` of the condition `rest` stands twice, first in row 2",
    );
    let table = format!("{EXPERIMENTS}e1\t0\tstart\n");
    one_error(
        "experiments.tsv",
        &table,
        "experiments.tsv, row 7, column time: this period of the experiment `e1` stands twice, first in row 3",
    );
    let table = format!("{OBSERVABLES}obs_b\t\tB\t\t1\t\t\t\n");
    one_error(
        "observables.tsv",
        &table,
        "observables.tsv, row 5, column observableId: the observable `obs_b` stands twice, first in row 3",
    );
}

#[test]
fn missing_and_strange_columns_are_told() {
    let table = with(MEASUREMENTS, "measurement\t", "messurement\t");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 1: the column `measurement` is missing; did you mean `messurement`?",
    );
    let table = with(PARAMETERS, "\tunit\n", "\tunits\n").replace("\t1/h", "\t");
    let folder = problem(&[("parameters.tsv", &table)]);
    let read = read(folder.path());
    let warning = read.warnings[0].to_string();
    assert!(
        warning.ends_with(
            "parameters.tsv, row 1, column units: unknown column, ignored; did you mean `unit`?"
        ),
        "{warning}"
    );
}

#[test]
fn numbers_that_are_none_are_errors() {
    let table = with(MEASUREMENTS, "\t400\t", "\tnan\t");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 2, column measurement: `nan` is not finite",
    );
    let table = with(MEASUREMENTS, "\t400\t", "\t4,5\t");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 2, column measurement: `4,5` is not a number (the decimal sign is a point)",
    );
    let table = with(MEASUREMENTS, "\t400\t", "\t\t");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 2, column measurement: a value is missing",
    );
    let table = with(PARAMETERS, "k0\t0.01", "k0\tx");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 2, column lowerBound: `x` is not a number",
    );
    let table = with(CONDITIONS, "2 * k2 + shift", "2 * (k2 + shift");
    let found = errors(&[("conditions.tsv", &table)]);
    assert!(
        found.len() == 1
            && found[0].starts_with(
                "conditions.tsv, row 3, column targetValue: formula `2 * (k2 + shift`, character"
            ),
        "{found:?}"
    );
}

#[test]
fn readings_outside_of_their_noise_are_errors() {
    let table = with(
        MEASUREMENTS,
        "obs_a_plain\te2\t2\t0.5\t\t\tinterval\t0.9",
        "obs_a_plain\te2\t2\t-0.5\t\t\t\t",
    );
    let found = errors(&[("measurements.tsv", &table)]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with(
            "measurements.tsv, row 5, column measurement: the reading -0.5 of `obs_a_plain`:"
        ),
        "{found:?}"
    );
    let table = with(MEASUREMENTS, "interval\t0.9", "interval\t0.4");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 5, column measurementUpper: the interval from 0.5 to 0.4 is empty",
    );
    let table = with(MEASUREMENTS, "\tleft\t", "\tleft\t3");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 4, column measurementUpper: measurementUpper is for interval-censored readings only",
    );
    let table = with(MEASUREMENTS, "\tleft\t", "\tbelow\t");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 4, column censoring: `below` is none of none, left, right, interval",
    );
}

#[test]
fn an_empty_cohort_is_an_error_and_an_experiment_without_data_a_warning() {
    let table = MEASUREMENTS.lines().next().unwrap();
    one_error(
        "measurements.tsv",
        table,
        "measurements.tsv: there are no measurements: the cohort is empty",
    );
    let table = format!("{EXPERIMENTS}e3\t0\trest\n");
    one_warning(
        "experiments.tsv",
        &table,
        "experiments.tsv, row 7, column experimentId: the experiment `e3` has no measurements, ignored",
    );
}

#[test]
fn times_out_of_order_are_errors() {
    let table = with(INPUTS, "2 + shift", "0.5 + shift");
    one_error(
        "inputs.tsv",
        &table,
        "inputs.tsv, row 3, column time: times out of order: 0.6 after 1",
    );
    let table = with(MEASUREMENTS, "obs_a\te1\t1", "obs_a\te1\t-1");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 3, column time: the reading at time -1 lies before the start of `e1` at time 0",
    );
}

#[test]
fn bounds_and_nominal_values_are_checked() {
    let table = with(PARAMETERS, "k2\t0.001\t1", "k2\t0.001\tinf");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 3, column upperBound: an estimated parameter without a prior needs finite bounds",
    );
    let table = with(PARAMETERS, "shift\t-1\t1\t0.1", "shift\t-1\t1\t3");
    one_warning(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 4, column nominalValue: the nominal value 3 lies outside of the bounds -1 to 1; a fit starts at the bound",
    );
    let table = with(PARAMETERS, "shift\t-1\t1", "shift\t1\t-1");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 4, column lowerBound: the lower bound 1 is not below the upper bound -1",
    );
    let table = with(PARAMETERS, "sigma\t0.001", "sigma\t0");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 7, column lowerBound: the scale `log` needs bounds above 0 and finite",
    );
    let table = with(PARAMETERS, "gamma\t2;1", "gamma\t2");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 6, column priorParameters: the prior `gamma`: it takes 2 parameters, 1 given",
    );
    let table = with(PARAMETERS, "gamma\t2;1", "gamma\t2;-1");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 6, column priorParameters: the prior `gamma`: its parameters must be positive",
    );
}

#[test]
fn targets_that_cannot_be_set_are_errors() {
    let table = with(CONDITIONS, "rest\tk1\t0.3", "rest\tk2\t0.3");
    one_error(
        "conditions.tsv",
        &table,
        "conditions.tsv, row 2, column targetId: `k2` cannot be set here: it stands in the parameter table; a condition sets what does not",
    );
    let table = with(CONDITIONS, "rest\tk1\t0.3", "rest\tdrug\t0.3");
    assert!(
        errors(&[("conditions.tsv", &table)])[0]
            .contains("`drug` cannot be set here: it is an input")
    );
    let table = with(CONDITIONS, "rest\tk1\t0.3", "rest\ttotal\t0.3");
    assert!(
        errors(&[("conditions.tsv", &table)])[0]
            .contains("`total` cannot be set here: a rule assigns it")
    );
    let table = with(CONDITIONS, "rest\tk1\t0.3", "rest\tA\t-0.3");
    one_error(
        "conditions.tsv",
        &table,
        "conditions.tsv, row 2, column targetValue: the state `A` cannot be negative, but is set to -0.3",
    );
}

#[test]
fn placeholders_must_all_be_given() {
    let table = with(MEASUREMENTS, "\tgain\t0.2", "\tgain;1\t0.2");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 3, column observableParameters: `obs_a` has 1 placeholders here, 2 values are given",
    );
}

#[test]
fn circular_observables_are_errors() {
    let table = with(OBSERVABLES, "obs_a_plain\t\tA\t", "obs_a_plain\t\tobs_b\t");
    let table = with(&table, "obs_b\t\tB\t", "obs_b\t\tobs_a_plain\t");
    let found = errors(&[("observables.tsv", &table)]);
    assert!(
        found
            .iter()
            .any(|e| e.contains("circular formulas: obs_b uses obs_a_plain uses obs_b")),
        "{found:?}"
    );
}

#[test]
fn what_is_not_supported_yet_is_said_so() {
    for (language, message) in [
        (
            "sbml",
            "the model language `sbml` for a file that reads as `holobiont` is not supported yet",
        ),
        ("bngl", "the model language `bngl` is not supported yet"),
    ] {
        let yaml = with(
            YAML,
            "language: holobiont",
            &format!("language: {language}"),
        );
        let found = errors(&[("problem.yaml", &yaml)]);
        assert_eq!(found, [format!("problem.yaml, row 4: {message}")]);
    }
}

#[test]
fn a_reading_at_infinity_is_the_steady_state() {
    let table = with(MEASUREMENTS, "obs_b\te1\t8", "obs_b\te1\tinf");
    let folder = problem(&[("measurements.tsv", &table)]);
    let fit = read(folder.path()).fit_problem().unwrap();
    let simulations = fit.cohort.simulate(
        &fit.parameters.nominal().0,
        &Default::default(),
        &Default::default(),
    );
    // k1 = 2 k2 + shift = 1.3/d, half of it under the drug at 0.25/4, k2 = 0.6/d; A + B = 2.5 mmol/L stays
    let k1 = 1.3 * (1.0 - 0.5 * 0.25);
    let expected = 2.5e3 * k1 / (k1 + 0.6);
    let last = simulations[0].predictions.last().unwrap().arguments[0];
    // steady states are found by Newton steps to the solver's tolerance of 1e-6
    assert!(
        (last / expected - 1.0).abs() < 1e-5,
        "{last} and {expected}"
    );
}

#[test]
fn a_reading_in_two_tables_is_told_with_both() {
    let yaml = with(YAML, "[measurements.tsv]", "[measurements.tsv, more.tsv]");
    let folder = problem(&[("problem.yaml", &yaml)]);
    let table = "observableId\texperimentId\ttime\tmeasurement\nobs_b\te1\t8\t400\n";
    fs::write(folder.path().join("more.tsv"), table).unwrap();
    let found = read(folder.path()).warnings;
    let first = folder.path().join("measurements.tsv");
    let message = format!(
        "more.tsv, row 2, column measurement: the same reading of `obs_b` at time 8 stands twice, first in {}, row 2; both count",
        first.display()
    );
    assert!(
        found.iter().any(|w| w.to_string().contains(&message)),
        "{found:?}"
    );
    let yaml = with(
        YAML,
        "[measurements.tsv]",
        "[measurements.tsv, measurements.tsv]",
    );
    one_error(
        "problem.yaml",
        &yaml,
        "problem.yaml, row 8: `measurement_files` names `measurements.tsv` twice",
    );
}

#[test]
fn a_reading_of_another_model_is_an_error() {
    let table = "observableId\texperimentId\ttime\tmeasurement\tmodelId\nobs_b\te1\t8\t400\tconversoin\nobs_b\te2\t8\t400\tconversion\n";
    let found = errors(&[("measurements.tsv", table)]);
    assert!(
        found.contains(
            &"measurements.tsv, row 2, column modelId: unknown model `conversoin`; did you mean `conversion`?"
                .to_owned()
        ),
        "{found:?}"
    );
}

#[test]
fn constants_that_are_not_finite_are_errors() {
    for (file, text, from, to, place) in [
        (
            "conditions.tsv",
            CONDITIONS,
            "\t0.3",
            "\t1 / 0",
            "row 2, column targetValue: `1 / 0`",
        ),
        (
            "observables.tsv",
            OBSERVABLES,
            "\tB\t",
            "\tlog(-1)\t",
            "row 3, column observableFormula: `log(-1)`",
        ),
        (
            "doses.tsv",
            DOSES,
            "\t0.5\t",
            "\tinf\t",
            "row 2, column lag: `inf`",
        ),
        (
            "inputs.tsv",
            INPUTS,
            "\t1\t1\n",
            "\t1\t1e400\n",
            "row 2, column value: `1e400`",
        ),
    ] {
        let found = errors(&[(file, &with(text, from, to))]);
        assert!(
            found.contains(&format!("{file}, {place} is not finite")),
            "{found:?}"
        );
    }
    let table = with(MEASUREMENTS, "obs_b\te1\t8", "obs_b\te1\t1e400");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 2, column time: `1e400` is beyond the range of numbers",
    );
}

#[test]
fn constant_noise_must_be_positive() {
    let table = with(OBSERVABLES, "\t0.2\tlog-normal", "\t0.2 - 0.2\tlog-normal");
    one_error(
        "observables.tsv",
        &table,
        "observables.tsv, row 4, column noiseFormula: the noise of `obs_a_plain` must be positive, not 0",
    );
    let table = with(MEASUREMENTS, "\tgain\t0.2", "\tgain\t-0.2");
    one_error(
        "measurements.tsv",
        &table,
        "measurements.tsv, row 3, column noiseParameters: the noise of `obs_a` must be positive, not -0.2",
    );
}

#[test]
fn long_texts_and_numbers_are_told_short() {
    let table = with(
        CONDITIONS,
        "\t0.3",
        &format!("\t{}k1{}", "(".repeat(9000), ")".repeat(9000)),
    );
    let found = errors(&[("conditions.tsv", &table)]);
    assert!(found[0].len() < 300, "{}", found[0].len());
    let table = with(PARAMETERS, "shift\t-1\t1", "shift\t1e300\t1");
    one_error(
        "parameters.tsv",
        &table,
        "parameters.tsv, row 4, column lowerBound: the lower bound 1e300 is not below the upper bound 1",
    );
}

#[test]
fn yaml_of_every_shape_is_told_with_its_line() {
    for (from, to, message) in [
        (
            "[measurements.tsv]",
            "[[measurements.tsv]]",
            "row 8: `measurement_files` must be a list of file names",
        ),
        (
            "[measurements.tsv]",
            "[\"\"]",
            "row 8: `measurement_files` must be a list of file names",
        ),
        (
            "language: holobiont",
            "language: [holobiont]",
            "row 5: `language` must be a text",
        ),
        (
            "    version: \"1\"\n",
            "",
            "row 12: the extension `holobiont` has no `version` (1)",
        ),
        (
            "required: true",
            "required: perhaps",
            "row 14: `required` is true or false",
        ),
        (
            "dose_files",
            "doses_files",
            "row 16: unknown key `doses_files` under the extension `holobiont`; did you mean `dose_files`?",
        ),
        (
            "observable_files",
            "parameter_files",
            "row 7: duplicate entry with key \"parameter_files\"",
        ),
    ] {
        let found = errors(&[("problem.yaml", &with(YAML, from, to))]);
        assert_eq!(found[0], format!("problem.yaml, {message}"));
    }
    let deep = format!("a: {}", "[".repeat(100_000));
    one_error(
        "problem.yaml",
        &deep,
        "problem.yaml, row 1: more than 100 brackets within brackets",
    );
    let marked = format!("\u{feff}{YAML}");
    read(problem(&[("problem.yaml", &marked)]).path());
}

#[test]
fn faults_of_the_yaml_file_carry_their_line() {
    let yaml = with(YAML, "format_version: 2.0.0", "format_version: 3");
    one_error(
        "problem.yaml",
        &yaml,
        "problem.yaml, row 1: format version `3` cannot be read; versions 1 and 2.0.0 can",
    );
    let yaml = with(YAML, "condition_files", "conditon_files");
    one_error(
        "problem.yaml",
        &yaml,
        "problem.yaml, row 9: unknown key `conditon_files`; did you mean `condition_files`?",
    );
    let yaml = with(YAML, "observables.tsv", "nowhere.tsv");
    let found = errors(&[("problem.yaml", &yaml)]);
    assert!(
        found.len() == 1 && found[0].starts_with("nowhere.tsv: the file cannot be read:"),
        "{found:?}"
    );
    let yaml = with(
        YAML,
        "  holobiont:\n    version: \"1\"",
        "  pharmacometrics:\n    version: \"1\"",
    );
    let found = errors(&[("problem.yaml", &yaml)]);
    assert!(
        found[0].contains("requires the extension `pharmacometrics`"),
        "{found:?}"
    );
}

#[test]
fn errors_of_the_model_are_passed_on() {
    let model = with(MODEL, "k2 * B", "k3 * B");
    let found = errors(&[("model.toml", &model)]);
    assert!(
        found[0].starts_with("model.toml, row 27: in the model: column 12: reaction `back`")
            && found[0].contains("`k3`"),
        "{found:?}"
    );
}

#[test]
fn all_errors_come_at_once() {
    let parameters = with(PARAMETERS, "k2\t0.001\t1", "k2\t0.001\tinf");
    let measurements = with(MEASUREMENTS, "\t400\t", "\tnan\t");
    let conditions = with(CONDITIONS, "offset\tshift", "ofset\tshift");
    let changes = [
        ("parameters.tsv", parameters.as_str()),
        ("measurements.tsv", &measurements),
        ("conditions.tsv", &conditions),
    ];
    let found = errors(&changes);
    assert_eq!(found.len(), 3, "{found:?}");
    let folder = problem(&changes);
    let typed = petab::read(&folder.path().join("problem.yaml")).unwrap_err();
    assert!(matches!(typed[0].kind, PetabErrorKind::InfiniteBound));
    assert_eq!(typed[1].place.row, Some(2));
    assert_eq!(typed[1].place.column.as_deref(), Some("measurement"));
}

/// The observable table with a group for each of its rows; the third has the unit of the first.
fn grouped(groups: [&str; 3]) -> String {
    let table = with(OBSERVABLES, "log-normal\t\t\n", "log-normal\t\tmmol/L\n");
    let cells = ["group"].into_iter().chain(groups);
    let lines = table.lines().zip(cells);
    lines
        .map(|(line, group)| format!("{line}\t{group}\n"))
        .collect()
}

#[test]
fn observables_of_one_group_are_a_composition_and_are_written_as_one() {
    let folder = problem(&[("observables.tsv", &grouped(["acids", "", "acids"]))]);
    let read = read(folder.path());
    let found = read.compositions();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), &found[0].observables[..]),
        ("acids", &[0, 2][..])
    );
    let copy = folder.path().join("copy");
    petab::write(&read, &copy).unwrap();
    let again = petab::read(&copy.join("problem.yaml")).unwrap();
    assert_eq!(again.compositions(), found);
}

#[test]
fn a_group_of_two_units_or_of_one_observable_is_an_error() {
    one_error(
        "observables.tsv",
        &grouped(["acids", "acids", ""]),
        "observables.tsv, row 3, column group: the group `acids` is no composition: its observables have different units, and shares need one; convert them or leave one out",
    );
    one_error(
        "observables.tsv",
        &grouped(["", "", "acids"]),
        "observables.tsv, row 4, column group: the group `acids` is no composition: it has one observable, and shares need two; name the others too or leave the cell empty",
    );
}
