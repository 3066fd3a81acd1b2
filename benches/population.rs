//! Theophylline (12 subjects, 132 readings, three random effects) as an ODE model, on one thread: CPU seconds of a fit.
//!
//! `HOLOBIONT_SHARED=../shared cargo bench --bench population [estimator]`. FOCEI with standard errors; SAEM (one run) with
//! standard errors and the likelihood by importance sampling; the marginal likelihood by each method at one point.
use cpu_time::ProcessTime;
use holobiont::exchange::petab;
use holobiont::fit::{Control, ObjectiveOptions};
use holobiont::population::{
    Estimator, ImportanceOptions, Method, PopulationFitOptions, PopulationObjective,
    PopulationOptions, PopulationProblem, SaemOptions, fit_population,
};
use std::fs;

const MODEL: &str = "id = \"theophylline\"
[species.depot]
initial = 0
[species.central]
initial = 0
[parameters]
ka = { value = 1.5 }
V = { value = 30 }
CL = { value = 3 }
[reactions.absorption]
rate = \"ka*depot\"
consumes = { depot = 1 }
produces = { central = 1 }
[reactions.elimination]
rate = \"CL/V*central\"
consumes = { central = 1 }
";

fn problem() -> PopulationProblem {
    let shared = std::env::var("HOLOBIONT_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let file = format!("{shared}/data/population_classics/theophylline.csv");
    let text =
        fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}; set HOLOBIONT_SHARED"));
    let mut experiments = "experimentId\ttime\tconditionId\n".to_owned();
    let mut doses = "experimentId\ttargetId\ttime\tvalue\n".to_owned();
    let mut measurements = "observableId\texperimentId\ttime\tmeasurement\n".to_owned();
    let mut before = String::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').map(|c| c.trim_matches('"')).collect();
        let number = |k: usize| cells[k].parse::<f64>().expect("a number");
        if cells[0] != before {
            before = cells[0].to_owned();
            experiments.push_str(&format!("s{before}\t0\t\n"));
            doses.push_str(&format!("s{before}\tdepot\t0\t{}\n", number(1) * number(2)));
        }
        measurements.push_str(&format!("conc\ts{before}\t{}\t{}\n", cells[3], cells[4]));
    }
    let parameters = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tscale
ka\t0.001\t100\t1.5\ttrue\tlog
V\t0.1\t1000\t30\ttrue\tlog
CL\t0.01\t100\t3\ttrue\tlog
omega_ka\t0.0001\t5\t0.5\ttrue\tlog
omega_V\t0.0001\t5\t0.5\ttrue\tlog
omega_CL\t0.0001\t5\t0.5\ttrue\tlog
sigma\t0.01\t10\t1\ttrue\tlog
";
    let effects = "randomEffectId\tparameterId\ttransformation\tstandardDeviation
eta_ka\tka\tlog\tomega_ka
eta_V\tV\tlog\tomega_V
eta_CL\tCL\tlog\tomega_CL
";
    let yaml = "format_version: 2.0.0
model_files: {m: {language: holobiont, location: model.toml}}
parameter_files: [parameters.tsv]
observable_files: [observables.tsv]
experiment_files: [experiments.tsv]
measurement_files: [measurements.tsv]
extensions: {holobiont: {version: \"1\", required: true, dose_files: [doses.tsv], random_effect_files: [random_effects.tsv]}}
";
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in [
        ("model.toml", MODEL),
        ("parameters.tsv", parameters),
        (
            "observables.tsv",
            "observableId\tobservableFormula\tnoiseFormula\nconc\tcentral/V\tsigma\n",
        ),
        ("experiments.tsv", &experiments),
        ("doses.tsv", &doses),
        ("measurements.tsv", &measurements),
        ("random_effects.tsv", effects),
        ("problem.yaml", yaml),
    ] {
        fs::write(folder.path().join(name), text).expect("the folder can be written to");
    }
    let read = petab::read(&folder.path().join("problem.yaml")).expect("a sound problem");
    read.population_problem().expect("a sound problem")
}

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

fn main() {
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    let only = std::env::args().nth(1).filter(|a| !a.starts_with('-'));
    let wanted = |name: &str| only.as_ref().is_none_or(|o| o == name);
    let problem = problem();
    let population = PopulationOptions {
        objective: ObjectiveOptions::default(),
        importance: ImportanceOptions {
            draws: 1000,
            seed: 1,
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
