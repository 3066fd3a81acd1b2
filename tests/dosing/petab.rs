//! Doses on disk: infusions, bioavailability, repeated doses, steady states; what is written reads back; faults with their places.
use crate::support::TIGHT;
use holobiont::{
    exchange::petab::{self, PetabProblem, SteadyState},
    fit::{CohortObjective, ObjectiveOptions},
    solve::{Method, Problem, Solver},
};
use std::{fs, path::Path};
use tempfile::TempDir;

const MODEL: &str = r#"
id = "oral"

[species.depot]
initial = 0

[species.central]
initial = 0

[parameters]
k = { value = 0.15 }
k_a = { value = 0.9 }
V = { value = 4 }

[reactions.absorption]
rate = "k_a * depot"
consumes = { depot = 1 }
produces = { central = 1 }

[reactions.elimination]
rate = "k * central"
consumes = { central = 1 }

[observables.concentration]
formula = "central / V"
"#;

const YAML: &str = "format_version: 2.0.0
model_files:
  oral:
    language: holobiont
    location: model.toml
parameter_files: [parameters.tsv]
observable_files: [observables.tsv]
experiment_files: [experiments.tsv]
measurement_files: [measurements.tsv]
extensions:
  holobiont:
    version: \"1\"
    required: true
    dose_files: [doses.tsv]
";

fn folder(doses: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let parameters = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate
k\t0.01\t10\t0.15\ttrue
k_a\t0.01\t10\t0.9\ttrue
amount\t1\t100\t10\ttrue
lag\t0\t5\t1.5\ttrue
share\t0.1\t1\t0.8\ttrue
length\t0.5\t6\t3\ttrue
tau\t4\t20\t8\ttrue
";
    for (name, text) in [
        ("problem.yaml", YAML),
        ("model.toml", MODEL),
        ("parameters.tsv", parameters),
        (
            "observables.tsv",
            "observableId\tobservableFormula\tnoiseFormula\nread\tconcentration\t0.1\n",
        ),
        (
            "experiments.tsv",
            "experimentId\ttime\tconditionId\na\t0\t\n",
        ),
        (
            "measurements.tsv",
            "observableId\texperimentId\ttime\tmeasurement\nread\ta\t2\t1\nread\ta\t21\t1.5\nread\ta\t30\t0.5\n",
        ),
        ("doses.tsv", doses),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(folder: &Path) -> PetabProblem {
    petab::read(&folder.join("problem.yaml")).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", errors.join("\n"))
    })
}

fn errors(doses: &str) -> Vec<String> {
    let folder = folder(doses);
    let errors = petab::read(&folder.path().join("problem.yaml")).expect_err("a fault");
    errors
        .iter()
        .map(|e| {
            e.to_string()
                .replace(&format!("{}/", folder.path().display()), "")
        })
        .collect()
}

/// Every column at work: an oral regimen with lag at steady state, two infusions, one of a rate, three further boluses.
const ALL: &str = "experimentId\ttargetId\ttime\tlag\tvalue\tkind\tduration\trate\tbioavailability\tinterval\tadditional\tsteadyState
a\tdepot\t1\tlag\tamount\tadd\t\t\tshare\ttau\t2\treset
a\tcentral\t3\t\tamount\t\tlength\t\t\t\t\t
a\tcentral\t4\t\tamount\t\t\t5\tshare\t\t\tnone
a\tcentral\t5\t\t2\t\t\t\t\t6\t3\t
";

/// The central state at a time, by superposition.
fn expected(time: f64) -> f64 {
    let (k, k_a, amount, lag, share) = (0.15, 0.9, 10.0, 1.5, 0.8);
    let mut total = 0.0;
    let oral = |s: f64| {
        let amount = share * amount;
        amount * k_a / (k_a - k) * ((-k * s).exp() - (-k_a * s).exp())
    };
    // 200 intervals of 8 before, and two after
    for j in -200..=2 {
        let s = time - (1.0 + lag + 8.0 * f64::from(j));
        total += if s > 0.0 { oral(s) } else { 0.0 };
    }
    for (start, amount, duration) in [(3.0, 10.0, 3.0), (4.0, 8.0, 8.0 / 5.0)] {
        let s: f64 = time - start;
        let rate = amount / duration;
        let filled = |s: f64| rate / k * (1.0 - (-k * s).exp());
        total += match s {
            s if s <= 0.0 => 0.0,
            s if s <= duration => filled(s),
            s => filled(duration) * (-k * (s - duration)).exp(),
        };
    }
    for j in 0..=3 {
        let s = time - (5.0 + 6.0 * f64::from(j));
        total += if s >= 0.0 { 2.0 * (-k * s).exp() } else { 0.0 };
    }
    total
}

#[test]
fn every_column_of_the_dose_table_acts_as_its_closed_form() {
    let folder = folder(ALL);
    let problem = read(folder.path());
    let fit = problem.fit_problem().expect("a sound problem");
    let model = &fit.cohort.models[0];
    let subject = &fit.cohort.subjects[0];
    let parameters = subject.schedule.extend(model.system.parameters());
    let times = [2.0, 3.5, 5.2, 8.0, 21.0, 30.0];
    let one = Problem {
        system: &model.system,
        parameters: &parameters,
        schedule: &subject.schedule,
        times: &times,
        sensitivity: None,
    };
    let solution = Solver::new(&model.system, Method::default(), TIGHT).solve(&one);
    let solution = solution.finished().expect("solved");
    let central = model.system.state_index("central").expect("declared");
    for (k, time) in times.into_iter().enumerate() {
        let (got, expected) = (solution.states(k)[central], expected(time));
        // 200 intervals of the slower process leave e^-240
        assert!(
            (got - expected).abs() < 1e-7 * expected,
            "{time}: {got} {expected}"
        );
    }
}

#[test]
fn the_gradient_of_the_objective_passes_through_every_column() {
    let folder = folder(ALL);
    let problem = read(folder.path());
    let fit = problem.fit_problem().expect("a sound problem");
    let options = ObjectiveOptions {
        tolerances: TIGHT,
        ..ObjectiveOptions::default()
    };
    let objective = CohortObjective::new(&fit, options).expect("compiled");
    let at = fit.parameters.nominal();
    let gradient = objective.likelihood_gradient(&at).expect("feasible");
    assert_eq!(gradient.len(), 7);
    for (id, slope) in gradient {
        let row = fit.parameters.index_of(&id).expect("a row");
        let h = 1e-4 * at.0[row];
        let moved = |by: f64| {
            let mut moved = at.clone();
            moved.0[row] += by * h;
            objective
                .likelihood(&moved)
                .expect("feasible")
                .log_likelihood
        };
        let difference =
            (8.0 * (moved(1.0) - moved(-1.0)) - (moved(2.0) - moved(-2.0))) / (12.0 * h);
        // the error of the values, about 1e-8 of 1e3, over the step
        assert!(
            (slope - difference).abs() < 1e-4 * (1.0 + slope.abs()),
            "{id}: {slope} {difference}"
        );
    }
}

#[test]
fn the_dose_table_is_written_and_reads_back_the_same() {
    let folder = folder(ALL);
    let problem = read(folder.path());
    assert_eq!(problem.doses[0].additional, 2);
    assert_eq!(problem.doses[0].steady_state, SteadyState::Reset);
    let again = tempfile::tempdir().unwrap();
    let path = petab::write(&problem, again.path()).unwrap();
    let read = petab::read(&path).unwrap();
    assert_eq!(problem, read);
    let text = fs::read_to_string(again.path().join("doses.tsv")).unwrap();
    let third = tempfile::tempdir().unwrap();
    petab::write(&read, third.path()).unwrap();
    let same = fs::read_to_string(third.path().join("doses.tsv")).unwrap();
    assert_eq!(text, same);
}

#[test]
fn columns_that_no_dose_fills_are_not_written() {
    let plain =
        "experimentId\ttargetId\ttime\tvalue\na\tdepot\tlag\tamount * share * length * tau\n";
    let folder = folder(plain);
    let problem = read(folder.path());
    let again = tempfile::tempdir().unwrap();
    petab::write(&problem, again.path()).unwrap();
    let text = fs::read_to_string(again.path().join("doses.tsv")).unwrap();
    assert!(
        text.starts_with("experimentId\ttargetId\ttime\tlag\tvalue\tkind\n"),
        "{text}"
    );
}

#[test]
fn faults_of_the_dose_table_come_all_at_once_with_their_places() {
    let header = ALL.lines().next().unwrap();
    let rows = [
        "a\tdepot\t1\t\t10\tset\t2\t\t\t\t\t",
        "a\tdepot\t1\t\t10\tadd\t2\t5\t\t\t\t",
        "a\tdepot\t1\t\t10\tadd\t\t\t\t\t3\t",
        "a\tdepot\t1\t\t10\tadd\t-2\t\t\t\t\t",
        "a\tdepot\t2\t\t10\tadd\t9\t\t\t8\t\treset",
        "a\tdepot\t3\t8\t10\tadd\t\t\t\t8\t\treset",
        "a\tdepot\t4\t\t10\tadd\t\t\t\t8\t1.5\t",
        "a\tdepot\t5\t\t10\tadd\t\t\t\t8\t\tsometimes",
        "a\tdepot\t6\t\t10\tadd\t\t\t\t\t\tadd",
    ];
    let table = format!("{header}\n{}\n", rows.join("\n"));
    let found = errors(&table);
    for (row, words) in [
        (2, "`set` is for doses at once"),
        (3, "a duration or a rate, not both"),
        (4, "need an interval"),
        (5, "must be positive, not -2"),
        (6, "lasts 9, longer than the interval of 8"),
        (7, "the lag of 8 is not within the interval of 8"),
        (8, "`1.5` is no number of further doses"),
        (9, "`sometimes` is none of none, reset, add"),
        (10, "need an interval"),
    ] {
        let place = format!("doses.tsv, row {row},");
        // the same fault in two rows is told once
        let told =
            |e: &String| e.contains(words) && (e.starts_with(&place) || e.contains("the same in"));
        assert!(
            found.iter().any(told),
            "row {row}: {words}\n{}",
            found.join("\n")
        );
    }
}

#[cfg(feature = "sbml")]
#[test]
fn repeated_doses_become_periods_and_infusions_have_no_form_without_the_extension() {
    use holobiont::exchange::petab::{Format, PetabVersion, convert};
    let plain = Format {
        version: PetabVersion::V2,
        plain: true,
    };
    let header = ALL.lines().next().unwrap();
    let used = "amount * share * length * tau * lag";
    let rows = format!("a\tdepot\t1\t\t{used}\tadd\t\t\t0.5\t6\t2\t");
    let folder = folder(&format!("{header}\n{rows}\n"));
    let problem = read(folder.path());
    let converted = convert(&problem, plain).expect("periods");
    let text = |name: &str| {
        let found = converted.files.iter().find(|(known, _)| known == name);
        String::from_utf8(found.expect("written").1.clone()).unwrap()
    };
    let periods: Vec<String> = (text("experiments.tsv").lines().skip(1))
        .map(|line| line.split('\t').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(periods, ["0", "1", "7", "13"]);
    let folder = self::folder(ALL);
    let errors = convert(&read(folder.path()), plain).expect_err("infusions");
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(
        errors.iter().any(|e| e.contains("an infusion has no form")),
        "{errors:?}"
    );
    assert!(
        errors
            .iter()
            .any(|e| e.contains("a periodic steady state has no form")),
        "{errors:?}"
    );
}
