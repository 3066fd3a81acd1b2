//! A cohort over two models: likelihood and derivatives are sums over the models, in the order of the subjects.
use holobiont::cohort::{Cohort, CohortError, CohortModel, Endpoint, Source, Subject, Visit};
use holobiont::compile::{Formulas, System};
use holobiont::fit::{
    CohortObjective, Derivatives, FitProblem, Objective, ObjectiveOptions, Order, Parameter,
    ParameterTable, Scale, UncertaintyOptions,
};
use holobiont::network::{Network, Parameter as Constant, Reaction, Species};
use holobiont::noise::{LogNormal, Noise, Normal, Reading};
use holobiont::schedule::Schedule;
use holobiont::solve::{Status, Tolerances};
use std::sync::Arc;

const TIMES: [f64; 4] = [0.5, 1.0, 2.0, 4.0];

/// `x` decays with rate k, in days; read with log-normal noise.
fn decay() -> CohortModel {
    let mut network = Network::new("decay");
    network.time_unit = Some("d".into());
    network.species("x", Species::new(2.0)).unwrap();
    network.parameter("k", Constant::new(1.0));
    let elimination = Reaction::rate("k * x").consumes("x", 1.0);
    network.reaction("elimination", elimination).unwrap();
    let system = Arc::new(System::compile(&network.check().unwrap().equations()).unwrap());
    let formulas = [
        ("x_read".into(), "x".into()),
        ("sd".into(), "spread".into()),
    ];
    let outputs = system.outputs(&formulas, &["spread".into()]).unwrap();
    CohortModel::new(system, outputs)
}

/// `p` and `q` grow towards a capacity, in hours, with a rate and half of it; both read with one offset and normal noise.
fn growth() -> CohortModel {
    let mut network = Network::new("growth");
    network.time_unit = Some("h".into());
    network.parameter("capacity", Constant::new(1.0));
    network.parameter("rate", Constant::new(1.0));
    for (id, rate) in [("p", "rate"), ("q", "0.5 * rate")] {
        network.species(id, Species::new(0.1)).unwrap();
        let text = format!("{rate} * {id} * (1 - (p + q) / capacity)");
        let division = Reaction::rate(&text).produces(id, 1.0);
        network
            .reaction(&format!("division_{id}"), division)
            .unwrap();
    }
    let system = Arc::new(System::compile(&network.check().unwrap().equations()).unwrap());
    let formulas = [
        ("noise".into(), "0.1 * sigma".into()),
        ("p_read".into(), "p + offset".into()),
        ("q_read".into(), "q + offset".into()),
    ];
    let placeholders = ["offset".into(), "sigma".into()];
    let outputs = system.outputs(&formulas, &placeholders).unwrap();
    CohortModel::new(system, outputs)
}

/// Rows: k (both models), capacity and offset (growth), sigma (both), start (first decay).
fn parameters() -> ParameterTable {
    let row = |id: &str, scale, lower, upper, nominal| Parameter {
        id: id.into(),
        name: None,
        unit: None,
        scale,
        lower,
        upper,
        nominal,
        estimate: true,
        prior: None,
        initialization: None,
    };
    ParameterTable {
        rows: vec![
            row("k", Scale::Log, 0.01, 10.0, 0.7),
            row("capacity", Scale::Linear, 0.1, 10.0, 1.4),
            row("offset", Scale::Linear, -1.0, 1.0, 0.05),
            row("sigma", Scale::Log, 0.01, 10.0, 0.4),
            row("start", Scale::Log10, 0.01, 100.0, 1.7),
        ],
    }
}

fn subject(models: &[CohortModel], model: usize, id: &str) -> Subject {
    let register = |id: &str| models[model].system.parameter_index(id).unwrap();
    let (registers, endpoints, placeholders) = match model {
        0 => {
            let start = match id {
                "first" => Source::Parameter(4),
                _ => Source::Constant(3.0),
            };
            let registers = vec![
                (register("k"), Source::Parameter(0)),
                (register("initial(x)"), start),
            ];
            (registers, vec![0], vec![(0, Source::Parameter(3))])
        }
        _ => {
            let registers = vec![
                (register("rate"), Source::Formula(0)),
                (register("capacity"), Source::Parameter(1)),
            ];
            let placeholders = vec![(0, Source::Parameter(2)), (1, Source::Parameter(3))];
            (registers, vec![1, 2], placeholders)
        }
    };
    let mut visits = Vec::new();
    for (row, time) in TIMES.into_iter().enumerate() {
        for &endpoint in &endpoints {
            visits.push(Visit {
                time,
                endpoint,
                reading: Reading::Value(0.3 + 0.1 * row as f64),
                placeholders: placeholders.clone(),
                row,
            });
        }
    }
    Subject {
        id: id.into(),
        model,
        schedule: Schedule::default(),
        registers,
        visits,
    }
}

/// Subjects first (decay), second (growth), third (decay).
fn problem() -> FitProblem {
    let models = vec![decay(), growth()];
    let parameters = parameters();
    let ids: Vec<String> = parameters.rows.iter().map(|row| row.id.clone()).collect();
    let endpoint = |id: &str, model, observable, noise_parameter, noise: Arc<dyn Noise>| Endpoint {
        id: id.into(),
        model,
        observable,
        noise_parameters: vec![noise_parameter],
        noise,
        unit: None,
        name: None,
    };
    let cohort = Cohort {
        endpoints: vec![
            endpoint("x", 0, 0, 1, Arc::new(LogNormal)),
            endpoint("p", 1, 1, 0, Arc::new(Normal)),
            endpoint("q", 1, 2, 0, Arc::new(Normal)),
        ],
        formulas: Some(Formulas::compile(&["2 * k".into()], &ids).unwrap()),
        subjects: [(0, "first"), (1, "second"), (0, "third")]
            .map(|(model, id)| subject(&models, model, id))
            .into(),
        models,
    };
    FitProblem { cohort, parameters }
}

/// The subjects of one model as a cohort of that model alone.
fn alone(model: usize) -> FitProblem {
    let mut problem = problem();
    let cohort = &mut problem.cohort;
    let first = cohort
        .endpoints
        .iter()
        .position(|e| e.model == model)
        .unwrap();
    cohort.models = vec![cohort.models.swap_remove(model)];
    cohort.endpoints.retain(|e| e.model == model);
    cohort.subjects.retain(|s| s.model == model);
    cohort.endpoints.iter_mut().for_each(|e| e.model = 0);
    for subject in &mut cohort.subjects {
        subject.model = 0;
        subject.visits.iter_mut().for_each(|v| v.endpoint -= first);
    }
    problem
}

fn options() -> ObjectiveOptions {
    ObjectiveOptions {
        tolerances: Tolerances {
            relative: 1e-10,
            absolute: 1e-13,
        },
        sensitivity_error_control: true,
        ..ObjectiveOptions::default()
    }
}

#[test]
fn the_likelihood_is_that_of_the_models_alone_in_the_order_of_the_subjects() {
    let (both, one, other) = (problem(), alone(0), alone(1));
    let natural = both.parameters.nominal();
    let of = |problem: &FitProblem| {
        let objective = CohortObjective::new(problem, options()).unwrap();
        objective.likelihood(&natural).unwrap()
    };
    let (both, one, other) = (of(&both), of(&one), of(&other));
    let want = [one.subjects[0], other.subjects[0], one.subjects[1]];
    assert_eq!(both.subjects, want);
    let sum = one.log_likelihood + other.log_likelihood;
    assert!((both.log_likelihood - sum).abs() < 1e-13 * sum.abs());
    let chi2 = one.chi2.unwrap() + other.chi2.unwrap();
    assert!((both.chi2.unwrap() - chi2).abs() < 1e-13 * chi2);
}

#[test]
fn derivatives_are_central_differences_and_sums_over_the_models() {
    let problem = problem();
    let objective = CohortObjective::new(&problem, options()).unwrap();
    assert!(objective.unreached().is_empty());
    assert_eq!(objective.own_entries(), [1, 2, 4]);
    let x = problem.parameters.search(&problem.parameters.nominal());
    let derivatives = |problem: &FitProblem| {
        let objective = CohortObjective::new(problem, options()).unwrap();
        let mut out = Derivatives::new(objective.layout());
        let value = objective.evaluate(&x, Order::GaussNewton, &mut out);
        value.value().unwrap();
        out
    };
    let (all, one, other) = (
        derivatives(&problem),
        derivatives(&alone(0)),
        derivatives(&alone(1)),
    );
    let sum = one.curvature.to_dense() + other.curvature.to_dense();
    assert!((all.curvature.to_dense() - &sum).amax() < 1e-13 * sum.amax());
    let mut scratch = all.clone();
    for k in 0..objective.dim() {
        let parts = one.gradient[k] + other.gradient[k];
        assert!((all.gradient[k] - parts).abs() < 1e-12 * (1.0 + parts.abs()));
        let mut at = |d: f64| {
            let mut x = x.clone();
            x.0[k] += d;
            let answer = objective.evaluate(&x, Order::Value, &mut scratch);
            answer.value().unwrap()
        };
        // fourth order: truncation h^4
        let h = 1e-3;
        let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        assert!(
            (all.gradient[k] - slope).abs() < 1e-6 * (1.0 + slope.abs()),
            "{k}: {} for {slope}",
            all.gradient[k]
        );
    }
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let mut problem = problem();
    let more = problem.cohort.subjects.clone();
    for copy in 0..4 {
        problem
            .cohort
            .subjects
            .extend(more.iter().cloned().map(|mut subject| {
                subject.id = format!("{}_{copy}", subject.id);
                subject
            }));
    }
    let x = problem.parameters.search(&problem.parameters.nominal());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let objective = CohortObjective::new(&problem, ObjectiveOptions::default()).unwrap();
            let mut out = Derivatives::new(objective.layout());
            let value = objective.evaluate(&x, Order::GaussNewton, &mut out);
            (value, out)
        })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn predictions_and_curves_are_those_of_the_subjects_own_model() {
    let problem = problem();
    let options = options();
    let natural = problem.parameters.nominal();
    let simulations = problem
        .cohort
        .simulate(&natural.0, &options.method, &options.tolerances);
    let objective = CohortObjective::new(&problem, options).unwrap();
    let x = problem.parameters.search(&natural);
    let covariance = objective
        .covariance(&x, &UncertaintyOptions::default())
        .unwrap();
    // dx/dt = -k x from the start, by hand
    for (subject, start) in [(0, 1.7), (2, 3.0)] {
        for (time, prediction) in TIMES.iter().zip(&simulations[subject].predictions) {
            let want = start * (-0.7 * time).exp();
            assert!((prediction.arguments[0] / want - 1.0).abs() < 1e-8);
            assert_eq!(prediction.arguments[1], 0.4);
        }
    }
    for (subject, endpoints) in [(0, vec![0]), (1, vec![1, 2]), (2, vec![0])] {
        assert_eq!(simulations[subject].status, Status::Finished);
        let curves = objective
            .curves(subject, &natural, &TIMES, Some(&covariance))
            .unwrap();
        let of: Vec<usize> = curves.iter().map(|curve| curve.endpoint).collect();
        assert_eq!(of, endpoints);
        for (index, curve) in curves.iter().enumerate() {
            for k in 0..TIMES.len() {
                let reading = k * endpoints.len() + index;
                let want = simulations[subject].predictions[reading].arguments[0];
                assert!((curve.arguments[k][0] - want).abs() < 1e-8);
                assert!(curve.standard_errors[k] > 0.0);
            }
        }
    }
    assert_eq!(problem.cohort.name(), "decay, growth");
    let unit = |endpoint: usize| {
        problem
            .cohort
            .time_unit_of(&problem.cohort.endpoints[endpoint])
    };
    assert_eq!((unit(0), unit(2)), (Some("d"), Some("h")));
}

#[test]
fn subjects_endpoints_and_readings_name_a_model_of_the_cohort() {
    let mut problem = problem();
    let cohort = &mut problem.cohort;
    cohort.subjects[0].visits[1].endpoint = 2;
    cohort.subjects[2].model = 2;
    cohort.endpoints[1].model = 3;
    let errors: Vec<String> = cohort.check(5).iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "subject `p`: model 3 does not exist, there are 2",
            "subject `first`, row 1: endpoint `q` belongs to model `growth`, the subject to model `decay`",
            "subject `third`: model 2 does not exist, there are 2",
        ]
    );
    cohort.models[1].id = "decay".into();
    let twice = CohortError::DuplicateModel {
        model: "decay".into(),
    };
    assert!(cohort.check(5).contains(&twice));
    cohort.models.clear();
    assert!(!cohort.check(5).is_empty());
}
