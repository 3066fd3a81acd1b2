//! Simulation and refit: what is drawn is censored as the design is, and what is found does not depend on threads or stops.
use crate::problems::{table, wang};
use holobiont::cohort::DetectionLimit;
use holobiont::fit::Control;
use holobiont::noise::Reading;
use holobiont::population::{Recovery, RecoveryOptions, Refit, recover, virtual_population};
use std::sync::{Mutex, PoisonError};

fn options(threads: usize) -> RecoveryOptions {
    RecoveryOptions {
        replicates: 24,
        seed: 3,
        threads: Some(threads),
        ..RecoveryOptions::default()
    }
}

fn same(a: &Recovery, b: &Recovery) {
    // shares and estimates in text: NaN equals NaN
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

#[test]
fn a_sound_estimator_comes_back_to_the_truth_at_any_number_of_threads() {
    let problem = wang().problem();
    let truth = problem.problem.parameters.nominal();
    let kept = Mutex::new(Vec::new());
    let keep = |refit: &_| {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Clone::clone(refit));
    };
    let run = |threads, before, finished: &(dyn Fn(&_) + Sync)| {
        let control = Control::default();
        recover(
            &problem,
            &truth,
            &options(threads),
            before,
            control,
            finished,
        )
        .unwrap()
    };
    let found = run(1, vec![], &keep);
    assert_eq!((found.counts.0, found.counts.1), (24, 0));
    let rate = &found.parameters[0];
    assert_eq!(rate.id, "ke");
    // 24 means of 10 subjects: four of their standard errors, which a wrong scale or a wrong truth would leave far behind
    assert!(rate.bias.abs() < 4.0 * rate.bias_error, "{rate:?}");
    assert!(rate.coverage > 0.6, "{rate:?}");
    same(&found, &run(3, vec![], &|_| {}));
    // stopped after some of them, in whatever order
    let mut some = kept.into_inner().unwrap();
    some.reverse();
    some.truncate(10);
    same(
        &found,
        &run(2, some, &|refit| assert!(refit.replicate < 24)),
    );
}

#[test]
fn virtual_individuals_differ_and_their_readings_are_censored() {
    let problem = wang()
        .with(
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale
                 ke 0.01 10 0.5 true log
                 omega 0.01 2 0.8 true log
                 v 0.001 1 0.1 true log",
            ),
        )
        .problem();
    let truth = problem.problem.parameters.nominal();
    let limits = [DetectionLimit {
        endpoint: 0,
        limit: 5.0,
    }];
    let draw = |seed| {
        let (method, tolerances) = Default::default();
        virtual_population(&problem, &truth, seed, &limits, method, tolerances).unwrap()
    };
    let (one, again, other) = (draw(1), draw(1), draw(2));
    let readings = |p: &holobiont::population::PopulationProblem| -> Vec<Reading> {
        let subjects = p.problem.cohort.subjects.iter();
        subjects
            .flat_map(|s| &s.visits)
            .map(|v| v.reading)
            .collect()
    };
    assert_eq!(readings(&one), readings(&again));
    assert_ne!(readings(&one), readings(&other));
    let all = readings(&one);
    // at time 1 the typical reading is 6, and the least rates give 9: some of ten lie below 5, some above
    let below = all.iter().filter(|r| **r == Reading::Below(5.0)).count();
    assert!((1..10).contains(&below), "{below} of {}", all.len());
    let uncensored = all.iter().filter_map(|r| match r {
        Reading::Value(value) => Some(*value),
        _ => None,
    });
    assert!(uncensored.into_iter().all(|value| value >= 5.0));
}

#[test]
fn a_failed_refit_is_kept_as_it_is() {
    let refit = Refit {
        replicate: 3,
        failure: Some("no mode".to_owned()),
        converged: false,
        censored: None,
        estimates: vec![],
    };
    let text = serde_json::to_string(&refit).unwrap();
    assert_eq!(serde_json::from_str::<Refit>(&text).unwrap(), refit);
}

/// The command stopped in the middle of a line goes on to the same files; another design does not go on.
#[test]
fn the_command_goes_on_where_it_was_stopped() {
    let folder = wang().written();
    let output = folder.path().join("recovery");
    let run = |resume: bool| {
        let mut arguments = vec![
            "holobiont".to_owned(),
            "recover".to_owned(),
            folder.path().join("problem.yaml").display().to_string(),
            "--output".to_owned(),
            output.display().to_string(),
            "--replicates".to_owned(),
            "4".to_owned(),
        ];
        arguments.extend(resume.then(|| "--resume".to_owned()));
        holobiont::cli::run(arguments)
    };
    assert_eq!(run(false), 0);
    let read = |name: &str| std::fs::read_to_string(output.join(name)).unwrap();
    let (json, lines) = (read("recovery.json"), read("refits.jsonl"));
    let cut: Vec<&str> = lines.lines().take(3).collect();
    let torn = format!(
        "{}\n{}",
        cut.join("\n"),
        &lines.lines().last().unwrap()[..20]
    );
    std::fs::write(output.join("refits.jsonl"), torn).unwrap();
    assert_eq!(run(true), 0);
    assert_eq!(read("recovery.json"), json);
    let measurements = folder.path().join("measurements.tsv");
    let text = std::fs::read_to_string(&measurements).unwrap();
    let text = text.replacen("\t1\t", "\t1.5\t", 1);
    std::fs::write(&measurements, text).unwrap();
    assert_eq!(run(true), 1);
}
