//! Theophylline (12 subjects, 132 readings, three random effects) as an ODE model, on one thread: CPU seconds of a fit; and a
//! stiff cohort of a hundred.
//!
//! `HOLOBIONT_SHARED=../shared cargo bench --bench population [-- focei|laplace|saem|cohort|...]`. FOCEI with standard errors; SAEM
//! (one run) with standard errors and the likelihood by importance sampling; the marginal likelihood by each method at one point.
//! `cohort`: 100 virtual subjects of `gut_ms_core` (14 states, stiff; 3000 readings of stool and blood over a year, three random
//! effects, eleven parameters) by FOCEI with standard errors, on one thread and on two.
mod theophylline;

use cpu_time::ProcessTime;
use holobiont::fit::{Control, ObjectiveOptions};
use holobiont::noise::Reading;
use holobiont::population::{
    Estimator, ImportanceOptions, Method, PopulationFitOptions, PopulationObjective,
    PopulationOptions, PopulationProblem, PopulationSimulator, SaemOptions, SimulationOptions,
    fit_population,
};
use std::time::Instant;
use theophylline::{problem, written};

/// CPU seconds, the least of a few runs.
fn timed<T>(times: usize, mut run: impl FnMut() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    let mut last = None;
    for _ in 0..times {
        let start = ProcessTime::now();
        last = Some(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    (best, last.expect("it ran"))
}

/// A hundred subjects of `gut_ms_core`: readings drawn from the model at the nominal values.
fn cohort() -> PopulationProblem {
    let observed = ["butyrate", "crp", "treg", "nfl", "But"];
    let mut experiments = "experimentId\ttime\tconditionId\n".to_owned();
    let mut measurements = "observableId\texperimentId\ttime\tmeasurement\n".to_owned();
    for i in 0..100 {
        experiments.push_str(&format!("e{i}\t0\t\n"));
        for visit in 1..=6 {
            for id in observed {
                measurements.push_str(&format!("o_{id}\te{i}\t{}\t1\n", 60 * visit));
            }
        }
    }
    let mut observables =
        "observableId\tobservableFormula\tnoiseFormula\tnoiseDistribution\n".to_owned();
    let core = holobiont::models::get("gut_ms_core")
        .expect("a model of the crate")
        .expect("it is sound");
    let value = |id: &str| {
        let row = core.parameters.iter().find(|row| row.id == id);
        row.map_or_else(|| panic!("no parameter {id}"), |row| row.value)
    };
    let mut parameters =
        "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tscale\n".to_owned();
    let mut effects = "randomEffectId\tparameterId\ttransformation\tstandardDeviation\n".to_owned();
    for (id, sd) in [
        ("a_butyrate", 0.2),
        ("lab_CRP", 0.4),
        ("lab_regulatory", 0.2),
    ] {
        let v = value(id);
        parameters.push_str(&format!(
            "{id}\t{}\t{}\t{v}\ttrue\tlog\n",
            v / 20.0,
            v * 20.0
        ));
        parameters.push_str(&format!("omega_{id}\t0.001\t3\t{sd}\ttrue\tlog\n"));
        effects.push_str(&format!("eta_{id}\t{id}\tlog\tomega_{id}\n"));
    }
    for id in observed {
        observables.push_str(&format!("o_{id}\t{id}\ts_{id}\tlog-normal\n"));
        parameters.push_str(&format!("s_{id}\t0.001\t3\t0.1\ttrue\tlog\n"));
    }
    let yaml = "format_version: 2.0.0
model_files: {m: {language: holobiont, location: \"builtin:gut_ms_core\"}}
parameter_files: [parameters.tsv]
observable_files: [observables.tsv]
experiment_files: [experiments.tsv]
measurement_files: [measurements.tsv]
extensions: {holobiont: {version: \"1\", required: true, random_effect_files: [random_effects.tsv]}}
";
    let mut problem = written(&[
        ("parameters.tsv", &parameters),
        ("observables.tsv", &observables),
        ("experiments.tsv", &experiments),
        ("measurements.tsv", &measurements),
        ("random_effects.tsv", &effects),
        ("problem.yaml", yaml),
    ]);
    let natural = problem.problem.parameters.nominal();
    let simulator = PopulationSimulator::new(&problem, Default::default(), Default::default());
    let one = SimulationOptions {
        replicates: 1,
        seed: 1,
    };
    let drawn = simulator
        .expect("a sound problem")
        .simulate(&natural, one)
        .expect("a covariance");
    assert_eq!(drawn.failures(), 0);
    for (place, value) in drawn.places.iter().zip(drawn.replicate(0)) {
        let visits = &mut problem.problem.cohort.subjects[place.subject].visits;
        visits[place.visit].reading = Reading::Value(*value);
    }
    // away from the truth
    for row in &mut problem.problem.parameters.rows {
        if row.estimate {
            row.nominal *= 1.3;
        }
    }
    problem
}

fn main() {
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    let only = std::env::args().nth(1).filter(|a| !a.starts_with('-'));
    if only.as_deref() == Some("cohort") {
        let problem = cohort();
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let mut options = PopulationFitOptions {
                routes: vec![],
                ..PopulationFitOptions::default()
            };
            options.search.threads = Some(threads);
            let start = Instant::now();
            let cpu = ProcessTime::now();
            let fit = pool.expect("threads").install(|| {
                fit_population(&problem, &options, &[], Control::default(), None).expect("a fit")
            });
            println!(
                "cohort focei, {threads} threads: {:.2} s, {:.2} CPU s, -2 ln L {:.3}, converged {}",
                start.elapsed().as_secs_f64(),
                cpu.elapsed().as_secs_f64(),
                fit.minus_two_log_likelihood,
                fit.converged
            );
        }
        return;
    }
    let wanted = |name: &str| only.as_ref().is_none_or(|o| o == name);
    let problem = problem();
    let population = PopulationOptions {
        objective: ObjectiveOptions::default(),
        importance: ImportanceOptions {
            draws: 1000,
            seed: 1,
            ..ImportanceOptions::default()
        },
        ..PopulationOptions::default()
    };
    one.install(|| {
        for (name, estimator, routes) in [
            ("focei", Estimator::Focei, vec![]),
            ("laplace", Estimator::Laplace, vec![]),
            ("saem", Estimator::Saem, vec![Method::Importance]),
        ] {
            if !wanted(name) {
                continue;
            }
            let mut options = PopulationFitOptions {
                estimator,
                population,
                routes,
                saem: SaemOptions {
                    runs: 1,
                    ..SaemOptions::default()
                },
                ..PopulationFitOptions::default()
            };
            options.search.threads = Some(1);
            let (seconds, fit) = timed(3, || {
                fit_population(&problem, &options, &[], Control::default(), None).expect("a fit")
            });
            println!(
                "fit {name}: {seconds:.3} s, -2 ln L {:.4}, Newton decrement {:?}",
                fit.minus_two_log_likelihood, fit.certificate.newton_decrement
            );
        }
        let natural = problem.problem.parameters.nominal();
        for method in [
            Method::Fo,
            Method::Foce,
            Method::Focei,
            Method::Laplace,
            Method::Quadrature,
            Method::Importance,
        ] {
            if !wanted(method.name()) && only.is_some() {
                continue;
            }
            let objective =
                PopulationObjective::new(&problem, method, population).expect("a sound problem");
            let (seconds, found) = timed(3, || objective.marginal(&natural).expect("a likelihood"));
            println!(
                "value {}: {seconds:.4} s, -2 ln L {:.4}",
                method.name(),
                found.minus_two_log_likelihood
            );
        }
    });
}
