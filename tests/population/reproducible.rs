//! Same seed, same bits: at any number of threads, and stopped and resumed.
use crate::problems::{oral, wang};
use holobiont::fit::{Control, Observer};
use holobiont::population::{
    Estimator, Method, PopulationFit, PopulationFitOptions, PopulationProblem, SaemOptions,
    fit_population,
};
use std::path::Path;
use std::time::{Duration, Instant};

fn options(estimator: Estimator) -> PopulationFitOptions {
    PopulationFitOptions {
        estimator,
        saem: SaemOptions {
            exploration: 30,
            smoothing: 31,
            runs: 2,
            ..SaemOptions::default()
        },
        routes: vec![Method::Importance],
        ..PopulationFitOptions::default()
    }
}

fn run(
    problem: &PopulationProblem,
    estimator: Estimator,
    control: Control,
    folder: Option<&Path>,
) -> PopulationFit {
    fit_population(problem, &options(estimator), &[], control, folder).unwrap()
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    for (problem, estimators) in [
        (wang().problem(), vec![Estimator::Laplace, Estimator::Saem]),
        (oral().problem(), vec![Estimator::Focei]),
    ] {
        for estimator in estimators {
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                pool.install(|| run(&problem, estimator, Control::default(), None))
            };
            assert_eq!(on(1), on(3), "{estimator:?}");
        }
    }
}

#[test]
fn a_stopped_run_of_saem_goes_on_to_the_same_bits() {
    struct Nobody;
    impl Observer for Nobody {}
    let problem = wang().problem();
    let whole = run(&problem, Estimator::Saem, Control::default(), None);
    let folder = tempfile::tempdir().unwrap();
    // stopped again and again, after as little as a millisecond
    let mut stops = 0;
    let resumed = loop {
        let deadline = Some(Instant::now() + Duration::from_millis(1 << stops.min(12)));
        let control = Control {
            deadline,
            observer: Some(&Nobody),
            ..Control::default()
        };
        let found = run(&problem, Estimator::Saem, control, Some(folder.path()));
        if found.complete {
            break found;
        }
        stops += 1;
    };
    assert!(stops > 0);
    assert_eq!(whole, resumed);
}
