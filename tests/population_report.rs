//! Diagnostics of population fits, simulated populations, and the report.
#[path = "population/problems.rs"]
mod problems;

use holobiont::fit::Control;
use holobiont::noise::Reading;
use holobiont::population::{
    DiagnosticOptions, Diagnostics, Method, PopulationFitOptions, PopulationOptions,
    PopulationProblem, PopulationSimulator, SimulationOptions, diagnose_at, fit_population,
};
use holobiont::report::{PopulationReport, ReportOptions};
use problems::{Files, table, wang};

/// Seed of virtual readings; simulations of diagnostics have seed 1.
const VIRTUAL: u64 = 20_241;

/// Individuals with readings at some times; every reading is 1 until others are drawn.
fn people(count: usize, times: &[f64]) -> (String, String) {
    let mut measurements = "observableId experimentId time measurement\n".to_owned();
    let mut experiments = "experimentId time conditionId\n".to_owned();
    for i in 0..count {
        experiments.push_str(&format!("s{i} 0 NA\n"));
        for time in times {
            measurements.push_str(&format!("obs s{i} {time} 1\n"));
        }
    }
    (table(&measurements), table(&experiments))
}

/// Exponential decay with two effects, far from linear, and log-normal noise.
fn decay(count: usize) -> PopulationProblem {
    let (measurements, experiments) = people(count, &[0.5, 1.0, 2.0, 4.0, 8.0]);
    wang()
        .with("measurements.tsv", measurements)
        .with("experiments.tsv", experiments)
        .with(
            "model.toml",
            "id = \"decay\"\n[species.y]\ninitial = 1\n[parameters]\nke = { value = 0.5 }\nV = { value = 2 }\n[reactions.loss]\nrate = \"ke*y\"\nconsumes = { y = 1 }\n",
        )
        .with(
            "observables.tsv",
            table("observableId observableFormula noiseFormula noiseDistribution\nobs 10*y/V v log-normal"),
        )
        .with(
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale
                 ke 0.01 10 0.3 true log
                 V 0.1 100 2 true log
                 omega 0.01 2 0.4 true log
                 omega_V 0.01 2 0.3 true log
                 v 0.001 1 0.2 true log",
            ),
        )
        .with(
            "random_effects.tsv",
            table(
                "randomEffectId parameterId transformation standardDeviation
                 eta ke log omega
                 eta_V V log omega_V",
            ),
        )
        .problem()
}

/// a + b t with normal effects on both: the linear model in which first-order methods are exact.
fn line(count: usize) -> PopulationProblem {
    let (measurements, experiments) = people(count, &[0.0, 1.0, 2.0, 4.0]);
    Files(Vec::new())
        .with("measurements.tsv", measurements)
        .with("experiments.tsv", experiments)
        .with(
            "model.toml",
            "id = \"line\"\n[species.x]\ninitial = 0\n[parameters]\na = { value = 1 }\nb = { value = 2 }\n[reactions.clock]\nrate = \"1\"\nproduces = { x = 1 }\n",
        )
        .with(
            "observables.tsv",
            table("observableId observableFormula noiseFormula\nobs a+b*x s"),
        )
        .with(
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale
                 a -10 10 1 true lin
                 b -10 10 2 true lin
                 omega_a 0.01 10 0.8 true log
                 omega_b 0.01 10 0.5 true log
                 s 0.01 10 0.6 true log",
            ),
        )
        .with(
            "random_effects.tsv",
            table(
                "randomEffectId parameterId transformation standardDeviation
                 eta_a a identity omega_a
                 eta_b b identity omega_b",
            ),
        )
        .problem()
}

fn simulated(problem: &PopulationProblem, replicates: usize, seed: u64) -> Vec<f64> {
    let simulator = PopulationSimulator::new(problem, Default::default(), Default::default());
    let natural = problem.problem.parameters.nominal();
    let options = SimulationOptions { replicates, seed };
    let found = simulator.unwrap().simulate(&natural, options).unwrap();
    assert_eq!(found.failures(), 0);
    found.values
}

/// The same with readings drawn from the model; those below the limit are censored.
fn virtual_readings(mut problem: PopulationProblem, limit: f64) -> PopulationProblem {
    let mut values = simulated(&problem, 1, VIRTUAL).into_iter();
    for individual in problem.individuals.clone() {
        for subject in individual.subjects {
            for visit in &mut problem.problem.cohort.subjects[subject].visits {
                let value = values.next().unwrap();
                visit.reading = if value < limit {
                    Reading::Below(limit)
                } else {
                    Reading::Value(value)
                };
            }
        }
    }
    problem
}

fn diagnosed(problem: &PopulationProblem, options: DiagnosticOptions) -> Diagnostics {
    let natural = problem.problem.parameters.nominal();
    let at = (Method::Focei, PopulationOptions::default());
    diagnose_at(problem, &natural, at, &[], options).unwrap()
}

fn options() -> DiagnosticOptions {
    DiagnosticOptions {
        curves: 2,
        draws: 20,
        ..DiagnosticOptions::default()
    }
}

/// Mean, variance, and correlation of neighbours within an individual: each within four standard errors of what independent
/// standard normal numbers have, which chance exceeds once in 16000 times.
fn are_independent_standard_normal(what: &str, numbers: &[(usize, f64)]) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().map(|x| x.1).sum::<f64>() / n;
    let variance = numbers.iter().map(|x| x.1 * x.1).sum::<f64>() / n;
    let pairs: Vec<f64> = numbers
        .windows(2)
        .filter(|w| w[0].0 == w[1].0)
        .map(|w| w[0].1 * w[1].1)
        .collect();
    let product = pairs.iter().sum::<f64>() / pairs.len() as f64;
    assert!(mean.abs() < 4.0 / n.sqrt(), "{what}: mean {mean}");
    let error = (2.0 / n).sqrt();
    assert!(
        (variance - 1.0).abs() < 4.0 * error,
        "{what}: variance {variance}"
    );
    let error = 1.0 / (pairs.len() as f64).sqrt();
    assert!(product.abs() < 4.0 * error, "{what}: product {product}");
}

#[test]
fn prediction_errors_of_data_from_the_model_are_standard_normal_and_uncorrelated() {
    for limit in [0.0, 0.6] {
        let problem = virtual_readings(decay(80), limit);
        let found = diagnosed(&problem, options());
        let readings = found.readings.iter();
        let errors: Vec<(usize, f64)> = readings.map(|r| (r.individual, r.npde.unwrap())).collect();
        assert_eq!(errors.len(), 400);
        are_independent_standard_normal(&format!("NPDE, limit {limit}"), &errors);
        let test = found.normality.iter().find(|t| t.0 == "NPDE").unwrap();
        // a p-value below a thousandth comes once in a thousand seeds
        assert!(test.2.p > 1e-3, "{test:?}");
        // discrepancies are uniform: mean 1/2, and their standard deviation is the root of 1/12, in 400 correlated numbers (five
        // an individual: at least 80 independent ones)
        let mean = found.readings.iter().map(|r| r.pd.unwrap()).sum::<f64>() / 400.0;
        assert!(
            (mean - 0.5).abs() < 4.0 * (1.0_f64 / 12.0 / 80.0).sqrt(),
            "{mean}"
        );
    }
}

#[test]
fn prediction_errors_see_a_wrong_model() {
    let mut problem = virtual_readings(decay(80), 0.0);
    let row = problem.problem.parameters.index_of("ke").unwrap();
    problem.problem.parameters.rows[row].nominal *= 1.5;
    let found = diagnosed(&problem, options());
    let test = found.normality.iter().find(|t| t.0 == "NPDE").unwrap();
    // the mean of ln ke is off by 0.41, of a standard error of 0.4 / sqrt(80) = 0.045
    assert!(test.2.p < 1e-6, "{test:?}");
}

/// With F = (1, t) and V = F Omega F' + s^2 the residuals are V^{-1/2}(y - mu), whatever the mode: known without any fit.
#[test]
fn conditional_weighted_residuals_of_a_linear_model_are_exact_and_standard_normal() {
    let problem = virtual_readings(line(100), f64::NEG_INFINITY);
    let found = diagnosed(&problem, options());
    let times = [0.0, 1.0, 2.0, 4.0];
    let f = nalgebra::DMatrix::from_fn(4, 2, |r, k| [0.8, 0.5 * times[r]][k]);
    let v = &f * f.transpose() + nalgebra::DMatrix::identity(4, 4) * 0.36;
    let eigen = v.symmetric_eigen();
    let roots = nalgebra::DMatrix::from_diagonal(&eigen.eigenvalues.map(|l: f64| 1.0 / l.sqrt()));
    let root = &eigen.eigenvectors * roots * eigen.eigenvectors.transpose();
    let mut all = Vec::new();
    for own in found.readings.chunks(4) {
        let residual = nalgebra::DVector::from_iterator(
            4,
            own.iter().zip(times).map(|(r, t)| {
                let Reading::Value(y) = r.reading else {
                    panic!("no reading is censored")
                };
                y - 1.0 - 2.0 * t
            }),
        );
        let expected = &root * residual;
        for (r, expected) in own.iter().zip(expected.iter()) {
            let cwres = r.cwres.unwrap();
            // the solver's tolerance is 1e-6
            assert!((cwres - expected).abs() < 1e-5, "{cwres} for {expected}");
            all.push((r.individual, cwres));
        }
    }
    are_independent_standard_normal("CWRES", &all);
}

#[test]
fn predictive_checks_show_the_censored_share_within_its_band() {
    let problem = virtual_readings(decay(80), 0.6);
    let found = diagnosed(&problem, options());
    let [check] = &found.vpc[..] else {
        panic!("one endpoint, one check")
    };
    // five times: a bin each
    assert_eq!(check.bins.len(), 5);
    for bin in &check.bins {
        let own = found.readings.iter().filter(|r| r.time == bin.middle);
        let censored = own.clone().filter(|r| r.reading.is_censored()).count();
        let share = bin.below.unwrap();
        assert_eq!(bin.count, own.count());
        assert_eq!(share.observed, censored as f64 / bin.count as f64);
        // bands of 90 % in one of five bins may miss; none by more than their own width
        let [low, _, high] = share.simulated;
        let room = (high - low).max(0.02);
        assert!(
            share.observed >= low - room && share.observed <= high + room,
            "{share:?}"
        );
        // percentiles that are censored lie on the limit, on both sides
        assert!(bin.observed.iter().all(|p| *p >= 0.6));
        assert!(bin.simulated.iter().flatten().all(|p| *p >= 0.6));
    }
    let last = check.bins.last().unwrap().below.unwrap();
    assert!(last.observed > 0.2 && check.bins[0].below.unwrap().observed == 0.0);
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads_or_of_replicates() {
    let problem = virtual_readings(decay(7), 0.6);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let few = DiagnosticOptions {
            replicates: 60,
            ..options()
        };
        let found = pool.unwrap().install(|| diagnosed(&problem, few));
        serde_json::to_string(&found).unwrap()
    };
    assert_eq!(on(1), on(3));
    let few = simulated(&problem, 3, 9);
    let many = simulated(&problem, 700, 9);
    assert_eq!(few, many[..few.len()]);
    assert_ne!(few, simulated(&problem, 3, 10));
}

/// Predictions b t with b ~ N(2, 0.5^2) are negative for b < 0, impossible under log-normal noise.
#[test]
fn draws_with_impossible_predictions_are_counted_and_never_replaced() {
    let (measurements, experiments) = people(5, &[1.0, 2.0]);
    let problem = Files(Vec::new())
        .with("measurements.tsv", measurements)
        .with("experiments.tsv", experiments)
        .with(
            "model.toml",
            "id = \"line\"\n[species.x]\ninitial = 0\n[parameters]\nb = { value = 1 }\n[reactions.clock]\nrate = \"1\"\nproduces = { x = 1 }\n",
        )
        .with(
            "observables.tsv",
            table("observableId observableFormula noiseFormula noiseDistribution\nobs b*x 0.1 log-normal"),
        )
        .with(
            "parameters.tsv",
            table("parameterId lowerBound upperBound nominalValue estimate scale\nb -10 10 1 true lin"),
        )
        .with(
            "random_effects.tsv",
            table("randomEffectId parameterId transformation standardDeviation\neta b identity 1"),
        )
        .problem();
    let natural = problem.problem.parameters.nominal();
    let simulator =
        PopulationSimulator::new(&problem, Default::default(), Default::default()).unwrap();
    let options = SimulationOptions {
        replicates: 400,
        seed: 3,
    };
    let found = simulator.simulate(&natural, options).unwrap();
    let missing = found.values.iter().filter(|v| v.is_nan()).count();
    assert_eq!(missing, 2 * found.failures());
    // P(b < 0) = 0.1587 in 2000 draws: 317 with a standard deviation of 16
    assert!((found.failures() as f64 - 317.0).abs() < 4.0 * 16.4);
    for replicate in 0..400 {
        let drawn = simulator.draw(&natural, 3, replicate, 2).unwrap();
        assert_eq!(
            drawn.natural[0] < 0.0,
            found.replicate(replicate)[4].is_nan()
        );
    }
}

#[test]
fn a_report_of_a_population_is_one_page_with_tables_and_pictures() {
    let problem = wang().problem();
    let options = PopulationFitOptions::default();
    let fit = fit_population(&problem, &options, &[], Control::default(), None).unwrap();
    let few = DiagnosticOptions {
        replicates: 200,
        ..DiagnosticOptions::default()
    };
    let weight = vec![("weight".to_owned(), (0..10).map(f64::from).collect())];
    let shown = ReportOptions::default();
    let report = PopulationReport::new(&problem, &fit, &weight, few, shown).unwrap();
    let files = report.files().unwrap();
    let text = |name: &str| {
        let file = files.iter().find(|f| f.0 == name);
        let file = file.unwrap_or_else(|| panic!("{name} is missing"));
        String::from_utf8(file.1.clone()).unwrap()
    };
    let page = text("report.html");
    assert!(page.contains("Not medical advice") && !page.contains("<script"));
    for heading in [
        "Summary",
        "Estimates",
        "Certificate",
        "Individuals",
        "Observed, predicted and residuals",
        "Prediction distribution errors",
        "Visual predictive check",
        "Random effects",
        "Provenance",
    ] {
        assert!(page.contains(heading), "{heading}");
    }
    for (table, rows) in [
        ("estimates.tsv", 3),
        ("individuals.tsv", 10),
        ("predictions.tsv", 20),
    ] {
        assert_eq!(text(table).lines().count(), rows + 1, "{table}");
    }
    assert!(
        text("individuals.tsv")
            .starts_with("individualId\tln_likelihood\tk_hat\teta\teta_sd\tke\n")
    );
    // two times with ten readings: two bins of three percentiles
    assert_eq!(text("vpc.tsv").lines().count(), 7);
    for picture in [
        "parameters",
        "individuals_obs",
        "observed_predicted",
        "residuals",
        "npde",
        "vpc",
        "effects",
        "covariates",
    ] {
        assert!(text(&format!("pictures/{picture}.svg")).starts_with("<svg"));
    }
    let first = &report.diagnostics().readings[0];
    assert!(first.npde.is_some() && first.population == Some(10.0));
}

#[cfg(feature = "cli")]
#[test]
fn a_fit_in_a_pipe_writes_all_files_and_says_nothing() {
    let folder = wang().written();
    let output = tempfile::tempdir().unwrap();
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_holobiont"))
        .arg("fit")
        .arg(folder.path().join("problem.yaml"))
        .arg("--output")
        .arg(output.path())
        .output()
        .unwrap();
    assert!(done.status.success());
    assert_eq!((done.stdout.len(), done.stderr.len()), (0, 0), "{done:?}");
    for file in [
        "fit.json",
        "report.html",
        "estimates.tsv",
        "individuals.tsv",
        "predictions.tsv",
        "vpc.tsv",
        "pictures/vpc.svg",
    ] {
        assert!(output.path().join(file).is_file(), "{file}");
    }
    let json = std::fs::read_to_string(output.path().join("fit.json")).unwrap();
    let fit: holobiont::population::PopulationFit = serde_json::from_str(&json).unwrap();
    let k_hat = |r: &&holobiont::population::Route| r.method == Method::Importance;
    let importance = fit.certificate.routes.iter().find(k_hat).unwrap();
    assert_eq!(importance.k_hat.len(), 10);
}
