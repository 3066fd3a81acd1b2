//! Densities that are not one smooth peak: Laplace's kink, several modes of an individual, readings that are all censored or not normal.
use crate::problems::{Files, WANG, table, wang};
use holobiont::fit::Control;
use holobiont::population::{
    DiagnosticOptions, Estimator, Method, PopulationFit, PopulationFitOptions, PopulationObjective,
    PopulationOptions, PopulationProblem, SaemOptions, diagnose, fit_population,
};
use std::path::Path;

fn minus_two(problem: &PopulationProblem, method: Method) -> (f64, f64) {
    let options = PopulationOptions::default();
    let objective = PopulationObjective::new(problem, method, options).unwrap();
    let nominal = problem.problem.parameters.nominal();
    let found = objective.marginal(&nominal).unwrap();
    (
        found.minus_two_log_likelihood,
        found.error.unwrap_or(f64::NAN),
    )
}

fn fitted(problem: &PopulationProblem, estimator: Estimator) -> PopulationFit {
    let options = PopulationFitOptions {
        estimator,
        ..PopulationFitOptions::default()
    };
    fit_population(problem, &options, &[], Control::default(), None).unwrap()
}

/// -2 ln L of the readings of `wang` with ke = 0.5 e^(0.2 z) by the trapezoidal rule.
fn by_hand(ln_p: impl Fn(f64, f64) -> f64) -> f64 {
    let step = 1e-4;
    let sum: f64 = WANG
        .iter()
        .map(|&(first, second)| {
            let mut density = 0.0;
            for number in -90_000..=90_000 {
                let z = step * f64::from(number);
                let f = 10.0 * (-0.5 * (0.2 * z).exp()).exp();
                let ln = ln_p(first, 10.0) + ln_p(second, f) - 0.5 * z * z;
                density += ln.exp();
            }
            (step * density / (2.0 * std::f64::consts::PI).sqrt()).ln()
        })
        .sum();
    -2.0 * sum
}

fn laplace() -> Files {
    wang().with(
        "observables.tsv",
        table("observableId observableFormula noiseFormula noiseDistribution\nobs y sqrt(v/2)*y laplace"),
    )
}

/// By quadrature and by importance sampling; the rule by hand is exact to 1e-6, kinks limit quadrature to what it says.
#[test]
fn laplace_noise_has_the_likelihood_of_a_fine_grid() {
    let problem = laplace().problem();
    let exact = by_hand(|y, f| {
        let b = 0.05_f64.sqrt() * f;
        -(y - f).abs() / b - (2.0 * b).ln()
    });
    let (quadrature, error) = minus_two(&problem, Method::Quadrature);
    assert!(error < 0.05, "{error}");
    assert!(
        (quadrature - exact).abs() < error.max(1e-3),
        "{quadrature} +- {error}, {exact}"
    );
    let (sampled, error) = minus_two(&problem, Method::Importance);
    assert!(
        (sampled - exact).abs() < 4.0 * error,
        "{sampled} +- {error}, {exact}"
    );
}

/// The estimators end near each other: their approximations differ, the data are the same.
#[test]
fn laplace_noise_can_be_fitted() {
    let problem = laplace().problem();
    let ends: Vec<f64> = [Estimator::Focei, Estimator::Laplace, Estimator::Saem]
        .into_iter()
        .map(|estimator| {
            let fit = fitted(&problem, estimator);
            let ke = &fit.estimates[0];
            assert_eq!(ke.id, "ke");
            let routes = &fit.certificate.routes;
            assert!(routes.iter().all(|r| r.failure.is_none()), "{routes:?}");
            ke.search
        })
        .collect();
    let (low, high) = (
        ends.iter().copied().fold(f64::INFINITY, f64::min),
        ends.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    // a tenth on the logarithmic scale; a standard error is about 0.06
    assert!(high - low < 0.1, "{ends:?}");
}

/// One reading of a curve that rises and falls in the parameter has two explanations, far apart beside their widths.
#[test]
fn both_modes_of_an_individual_count() {
    let bateman = "id = \"two\"\n[species.y]\ninitial = 0\n[species.x]\ninitial = 10\n[parameters]\nk = { value = 1 }\n[reactions.in]\nrate = \"k*x\"\nconsumes = { x = 1 }\nproduces = { y = 1 }\n[reactions.out]\nrate = \"0.5*k*y\"\nconsumes = { y = 1 }\n";
    let sd = 0.1;
    let files = Files(vec![
        ("model.toml", bateman.to_owned()),
        (
            "measurements.tsv",
            table("observableId experimentId time measurement\nobs s0 1 3\nobs s1 1 2"),
        ),
        (
            "experiments.tsv",
            table("experimentId time conditionId\ns0 0 NA\ns1 0 NA"),
        ),
        (
            "observables.tsv",
            table(&format!(
                "observableId observableFormula noiseFormula\nobs y {sd}"
            )),
        ),
        (
            "parameters.tsv",
            table(
                "parameterId lowerBound upperBound nominalValue estimate scale\nk 0.01 100 1.3 true log",
            ),
        ),
        (
            "random_effects.tsv",
            table("randomEffectId parameterId transformation standardDeviation\neta k log 1"),
        ),
    ]);
    let problem = files.problem();
    let step = 1e-4;
    let exact: f64 = [3.0, 2.0]
        .iter()
        .map(|y| {
            let mut density = 0.0;
            for number in -90_000..=90_000 {
                let z = step * f64::from(number);
                let k = 1.3 * z.exp();
                let f = 20.0 * ((-0.5 * k).exp() - (-k).exp());
                let r = (y - f) / sd;
                density += (-0.5 * (r * r + z * z)).exp();
            }
            (step * density / (2.0 * std::f64::consts::PI * sd)).ln()
        })
        .sum();
    let (quadrature, error) = minus_two(&problem, Method::Quadrature);
    // the solver has a relative tolerance of 1e-6, which the slope of the density of such exact readings multiplies by about 1e3
    assert!(
        (quadrature + 2.0 * exact).abs() < 5e-3 && error < 1e-4,
        "{quadrature} +- {error}, {}",
        -2.0 * exact
    );
}

/// Neither has residuals of normal readings; all else is there.
#[test]
fn censored_and_heavy_tailed_individuals_are_diagnosed() {
    let mut readings = "observableId experimentId time measurement censoring\n".to_owned();
    for (i, (first, second)) in WANG.iter().enumerate() {
        let (censoring, limit) = if i == 0 {
            ("left", 11.0)
        } else {
            ("none", *first)
        };
        readings.push_str(&format!("obs s{i} 0 {limit} {censoring}\n"));
        readings.push_str(&format!("obs s{i} 1 {second} {censoring}\n"));
    }
    let censored = wang().with("measurements.tsv", table(&readings));
    let heavy = wang().with(
        "observables.tsv",
        table("observableId observableFormula noiseFormula noiseDistribution degreesOfFreedom\nobs y sqrt(v)*y student-t 4"),
    );
    for (files, without) in [(censored, 2), (heavy, 20)] {
        let problem = files.problem();
        let fit = fitted(&problem, Estimator::Laplace);
        let options = DiagnosticOptions {
            replicates: 50,
            ..DiagnosticOptions::default()
        };
        let found = diagnose(&problem, &fit, &[], options).unwrap();
        let missing = found.readings.iter().filter(|r| r.cwres.is_none()).count();
        assert_eq!(missing, without);
        assert!(found.readings.iter().all(|r| r.iwres.is_some()));
        assert!(found.without_mode.is_empty());
    }
}

fn by_saem(
    problem: &PopulationProblem,
    (exploration, smoothing, doublings): (usize, usize, usize),
    chains: Option<usize>,
) -> PopulationFit {
    let options = PopulationFitOptions {
        estimator: Estimator::Saem,
        saem: SaemOptions {
            exploration,
            smoothing,
            doublings,
            chains,
            ..SaemOptions::default()
        },
        ..PopulationFitOptions::default()
    };
    fit_population(problem, &options, &[], Control::default(), None).unwrap()
}

/// A round too short to arrive from far away: Newton steps on the exact likelihood lead on to where a long one ends.
#[test]
fn newton_steps_lead_saem_on() {
    let far = wang().with(
        "parameters.tsv",
        table(
            "parameterId lowerBound upperBound nominalValue estimate scale
             ke 0.01 10 0.1 true log
             omega 0.01 2 1.5 true log
             v 0.001 1 0.5 true log",
        ),
    );
    let problem = far.problem();
    let short = by_saem(&problem, (10, 20, 0), None);
    let long = by_saem(&problem, (100, 1000, 0), None);
    assert!(short.converged && long.converged, "{:?}", short.certificate);
    assert!(short.runs.iter().all(|run| run.newton_steps > 0));
    assert!(long.runs.iter().all(|run| run.newton_steps == 0));
    for (a, b) in short.estimates.iter().zip(&long.estimates) {
        // the long one is a sample's
        let off = (a.search - b.search) / b.standard_error.unwrap();
        assert!(off.abs() < 0.1, "{a:?} {b:?}");
    }
}

/// Where there are too many effects for Newton steps, further rounds explore again until runs agree. The model is linear in its effects,
/// so that FOCEI is exact.
#[test]
fn saem_goes_on_until_it_has_arrived() {
    let problem = many().problem();
    let short = by_saem(&problem, (1, 2, 0), Some(1));
    assert!(!short.certificate.seeds.unwrap().agree);
    let on = by_saem(&problem, (1, 2, 8), Some(1));
    assert!(on.certificate.seeds.unwrap().agree);
    assert!(on.runs[0].trace.len() > 3);
    // what it did first is what it did without going on
    assert_eq!(on.runs[0].trace[..3], short.runs[0].trace[..]);
    let exact = fitted(&problem, Estimator::Focei);
    let (found, exact) = (
        &by_saem(&problem, (100, 150, 3), None).estimates[0],
        &exact.estimates[0],
    );
    let off = (found.search - exact.search) / exact.standard_error.unwrap();
    assert!(off.abs() < 0.1, "{found:?} {exact:?}");
}

/// Twenty-four individuals, four effects, a correlation: along ka, CL and baseline single individuals say little, and moments alone creep.
/// The maximum of the exact likelihood (by quadrature, -2 ln L 1039.68) has omega_V at 0.129 and rho at -0.14; runs of SAEM used to end at 0.02 and 0.99.
#[test]
fn saem_arrives_where_individuals_say_little() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/population/problem/problem.yaml");
    let problem = holobiont::exchange::petab::read(&file).unwrap();
    let problem = problem.population_problem().unwrap();
    let options = PopulationFitOptions {
        estimator: Estimator::Saem,
        routes: vec![Method::Importance],
        ..PopulationFitOptions::default()
    };
    let found = fit_population(&problem, &options, &[], Control::default(), None).unwrap();
    assert!(found.converged, "{:?}", found.certificate);
    // what Newton steps leave, far below what chance alone would
    assert!(found.certificate.newton_decrement.unwrap() < 0.01);
    let estimate = |id: &str| found.estimates.iter().find(|e| e.id == id).unwrap();
    for (id, value) in [
        ("omega_V", 0.129),
        ("rho", -0.144),
        ("CL", 12.11),
        ("ka", 1.511),
    ] {
        let found = estimate(id);
        let off = (found.value - value) / found.natural_standard_error.unwrap();
        assert!(off.abs() < 0.1, "{id}: {found:?}");
    }
    assert!((found.minus_two_log_likelihood - 1039.68).abs() < 0.1);
}

/// Five effects, of which only the sum is read.
fn many() -> Files {
    let mut model = "id = \"many\"\n[species.y]\ninitial = 1\n[parameters]\n".to_owned();
    let mut parameters =
        "parameterId lowerBound upperBound nominalValue estimate scale\n".to_owned();
    let mut effects = "randomEffectId parameterId transformation standardDeviation\n".to_owned();
    let sum: Vec<String> = (0..5).map(|k| format!("p{k}")).collect();
    for (k, id) in sum.iter().enumerate() {
        model.push_str(&format!("{id} = {{ value = 1 }}\n"));
        parameters.push_str(&format!("{id} 0.1 10 1 {} lin\n", k == 0));
        effects.push_str(&format!("eta{k} {id} identity 0.2\n"));
    }
    model.push_str("[reactions.loss]\nrate = \"0.1*y\"\nconsumes = { y = 1 }\n");
    let mut readings = "observableId experimentId time measurement\n".to_owned();
    let mut experiments = "experimentId time conditionId\n".to_owned();
    for i in 0..4 {
        experiments.push_str(&format!("s{i} 0 NA\n"));
        readings.push_str(&format!(
            "obs s{i} 0 {}\nobs s{i} 1 {}\n",
            4.6 + 0.3 * f64::from(i),
            4.9
        ));
    }
    Files(vec![
        ("model.toml", model),
        ("measurements.tsv", table(&readings)),
        ("experiments.tsv", table(&experiments)),
        (
            "observables.tsv",
            table(&format!(
                "observableId observableFormula noiseFormula\nobs {} 0.3",
                sum.join("+")
            )),
        ),
        ("parameters.tsv", table(&parameters)),
        ("random_effects.tsv", table(&effects)),
    ])
}

/// Too many effects for quadrature: two samplings from different proposals stand in for two routes.
#[test]
fn a_fit_with_many_effects_has_two_routes() {
    let fit = fitted(&many().problem(), Estimator::Focei);
    let routes = &fit.certificate.routes;
    let sampled: Vec<_> = routes
        .iter()
        .filter(|r| r.method == Method::Importance)
        .collect();
    assert_eq!(sampled.len(), 2);
    assert!(sampled[1].differs.is_some());
    assert_eq!(fit.certificate.agree, Some(true));
    // the model is linear in the effects: FOCEI is exact
    let exact = fit.minus_two_log_likelihood;
    for route in sampled {
        let (value, error) = (
            route.minus_two_log_likelihood.unwrap(),
            route.error.unwrap(),
        );
        assert!(
            (value - exact).abs() < 4.0 * error,
            "{value} +- {error}, {exact}"
        );
    }
    assert!(fit.certificate.approximation.unwrap().abs() < 0.05);
}
