//! The cohort objective on a small community: derivatives, blocks, threads, failed solves, a fit with known truth.
use holobiont::cohort::{
    Cohort, CohortError, CohortModel, DetectionLimit, Endpoint, Source, Subject, Visit,
    virtual_cohort,
};
use holobiont::compile::{Formulas, System};
use holobiont::fit::{
    CohortObjective, Control, Derivatives, Evaluation, FitProblem, Infeasibility, LocalMethod,
    Objective, ObjectiveOptions, Order, Parameter, ParameterTable, Prior, Scale, Search,
    UncertaintyOptions, local_fit,
};
use holobiont::library::LotkaVolterra;
use holobiont::network::Network;
use holobiont::noise::{LogNormal, Reading};
use holobiont::schedule::Schedule;
use holobiont::solve::{Method, Tolerances};
use std::sync::Arc;

const TIGHT: Tolerances = Tolerances {
    relative: 1e-10,
    absolute: 1e-13,
};

fn row(id: &str, scale: Scale, lower: f64, upper: f64, nominal: f64) -> Parameter {
    Parameter {
        id: id.into(),
        name: None,
        unit: None,
        scale,
        lower,
        upper,
        nominal,
        estimate: true,
        prior: None,
    }
}

/// Two competing taxa; every subject has its own start density of A, every second one a growth rate mu_A * fold.
/// Rows: mu_A, mu_B, m_A_A, m_A_B, m_B_A, m_B_B, sigma, fold, then start_1 ... start_n.
fn problem(subjects: usize) -> FitProblem {
    let mut network = Network::new("pair");
    network
        .add(&LotkaVolterra {
            taxa: vec!["A".into(), "B".into()],
            ..LotkaVolterra::default()
        })
        .unwrap();
    for taxon in ["A", "B"] {
        network.initial_value(taxon, 0.05).unwrap();
    }
    for id in ["mu_A", "mu_B", "m_A_A", "m_A_B", "m_B_A", "m_B_B"] {
        *network.parameter_mut(id).unwrap() = holobiont::network::Parameter::new(0.0);
    }
    let system = Arc::new(System::compile(&network.check().unwrap().equations()).unwrap());
    let mut rows = vec![
        row("mu_A", Scale::Log, 0.05, 5.0, 0.9),
        row("mu_B", Scale::Log10, 0.05, 5.0, 0.6),
        row("m_A_A", Scale::Linear, -5.0, 1.0, -0.5),
        row("m_A_B", Scale::Linear, -5.0, 1.0, -0.2),
        row("m_B_A", Scale::Linear, -5.0, 1.0, -0.1),
        row("m_B_B", Scale::Linear, -5.0, 1.0, -0.4),
        row("sigma", Scale::Log, 0.01, 2.0, 0.2),
        row("fold", Scale::Linear, 0.2, 5.0, 1.5),
    ];
    rows[1].prior = Some(Prior::LogNormal {
        log_mean: -0.5,
        log_sd: 1.0,
    });
    rows[3].prior = Some(Prior::Normal { mean: 0.0, sd: 1.0 });
    for i in 0..subjects {
        rows.push(row(
            &format!("start_{i}"),
            Scale::Log,
            1e-4,
            10.0,
            0.02 * (i + 1) as f64,
        ));
    }
    let ids: Vec<String> = rows.iter().map(|r| r.id.clone()).collect();
    let outputs = system
        .outputs(
            &[
                ("total".into(), "A + B".into()),
                ("only_A".into(), "A".into()),
                ("sd".into(), "spread".into()),
            ],
            &["spread".into()],
        )
        .unwrap();
    let register = |id: &str| {
        system
            .parameter_index(id)
            .unwrap_or_else(|| panic!("{id}: {:?}", system.parameter_ids()))
    };
    let cohort_subjects = (0..subjects)
        .map(|i| {
            let mut registers: Vec<(usize, Source)> = ["mu_B", "m_A_A", "m_A_B", "m_B_A", "m_B_B"]
                .iter()
                .enumerate()
                .map(|(k, id)| (register(id), Source::Parameter(k + 1)))
                .collect();
            registers.push((
                register("mu_A"),
                if i % 2 == 0 {
                    Source::Parameter(0)
                } else {
                    Source::Formula(0)
                },
            ));
            registers.push((register("initial(A)"), Source::Parameter(8 + i)));
            registers.push((register("initial(B)"), Source::Constant(0.05)));
            let visits = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0]
                .iter()
                .enumerate()
                .flat_map(|(k, &time)| {
                    (0..2).map(move |endpoint| Visit {
                        time,
                        endpoint,
                        reading: Reading::Value(1.0),
                        placeholders: vec![(0, Source::Parameter(6))],
                        row: 100 * i + 2 * k + endpoint,
                    })
                })
                .collect();
            Subject {
                id: format!("mouse_{i}"),
                model: 0,
                schedule: Schedule::default(),
                registers,
                visits,
            }
        })
        .collect();
    let endpoint = |id: &str, observable| Endpoint {
        id: id.into(),
        model: 0,
        observable,
        noise_parameters: vec![2],
        noise: Arc::new(LogNormal),
        unit: None,
        name: None,
    };
    let cohort = Cohort {
        models: vec![CohortModel::new(system, outputs)],
        endpoints: vec![endpoint("total", 0), endpoint("only_A", 1)],
        formulas: Some(Formulas::compile(&["mu_A * fold".into()], &ids).unwrap()),
        subjects: cohort_subjects,
    };
    let parameters = ParameterTable { rows };
    let truth = parameters.nominal();
    let limit = DetectionLimit {
        endpoint: 1,
        limit: 0.05,
    };
    let cohort =
        virtual_cohort(&cohort, &truth.0, 11, &[limit], &Method::default(), &TIGHT).unwrap();
    FitProblem { cohort, parameters }
}

fn options() -> ObjectiveOptions {
    ObjectiveOptions {
        tolerances: TIGHT,
        sensitivity_error_control: true,
        ..ObjectiveOptions::default()
    }
}

#[test]
fn virtual_readings_are_reproducible_and_censored() {
    let (a, b) = (problem(4), problem(6));
    let readings = |p: &FitProblem, i: usize| {
        p.cohort.subjects[i]
            .visits
            .iter()
            .map(|v| v.reading)
            .collect::<Vec<_>>()
    };
    // a subject's stream does not depend on the others
    assert_eq!(readings(&a, 2), readings(&b, 2));
    assert_ne!(readings(&a, 1), readings(&a, 2));
    let censored = a
        .cohort
        .subjects
        .iter()
        .flat_map(|s| &s.visits)
        .filter(|v| v.reading.is_censored())
        .count();
    assert!(censored > 0);
}

/// Central differences at rtol 1e-10: solver noise 1e-9 over h = 1e-5 of a value near 100 leaves about 1e-5 absolute.
#[test]
fn gradient_agrees_with_central_differences() {
    let problem = problem(5);
    let objective = CohortObjective::new(&problem, options()).unwrap();
    let mut x = problem.parameters.search(&problem.parameters.nominal());
    for (k, x) in x.0.iter_mut().enumerate() {
        *x += 0.05 * (k as f64).sin();
    }
    let mut out = Derivatives::new(objective.layout());
    objective
        .evaluate(&x, Order::GaussNewton, &mut out)
        .value()
        .unwrap();
    let mut scratch = out.clone();
    for k in 0..objective.dim() {
        let h = 1e-4;
        let mut at = |d: f64| {
            let mut x = x.clone();
            x.0[k] += d;
            objective
                .evaluate(&x, Order::Value, &mut scratch)
                .value()
                .unwrap()
        };
        // fourth order: truncation h^4
        let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        assert!(
            (out.gradient[k] - slope).abs() < 1e-6 * slope.abs() + 2e-6,
            "{k}: {} for {slope}",
            out.gradient[k]
        );
    }
    // linear scale, likelihood alone
    let natural = problem.parameters.natural(&x);
    let gradient = objective.likelihood_gradient(&natural).unwrap();
    assert_eq!(gradient[0].0, "mu_A");
    let at = |d: f64| {
        let mut natural = natural.clone();
        natural.0[0] += d;
        objective.likelihood(&natural).unwrap().log_likelihood
    };
    let slope = (8.0 * (at(1e-4) - at(-1e-4)) - (at(2e-4) - at(-2e-4))) / 12e-4;
    assert!((gradient[0].1 - slope).abs() < 1e-6 * slope.abs() + 2e-6);
}

#[test]
fn own_parameters_form_own_blocks_and_the_arrow_is_the_dense_matrix() {
    let problem = problem(9);
    let objective = CohortObjective::new(&problem, options()).unwrap();
    let layout = objective.layout();
    assert_eq!(layout.shared(), (0..8).collect::<Vec<_>>());
    assert_eq!(layout.blocks().len(), 9);
    assert!(
        layout
            .blocks()
            .iter()
            .enumerate()
            .all(|(i, b)| b == &[8 + i])
    );
    let x = problem.parameters.search(&problem.parameters.nominal());
    let mut out = Derivatives::new(layout);
    objective.evaluate(&x, Order::GaussNewton, &mut out);
    let dense = out.curvature.to_dense();
    // sums of subjects taken one at a time agree with the whole (the prior is in each, so leave it out)
    let without = ObjectiveOptions {
        prior: false,
        ..options()
    };
    let whole = {
        let o = CohortObjective::new(&problem, without).unwrap();
        let mut d = Derivatives::new(o.layout());
        o.evaluate(&x, Order::GaussNewton, &mut d);
        d.curvature.to_dense()
    };
    let mut sum = nalgebra::DMatrix::zeros(17, 17);
    for subject in &problem.cohort.subjects {
        let mut one = problem.clone();
        one.cohort.subjects = vec![subject.clone()];
        let o = CohortObjective::new(&one, without).unwrap();
        let mut d = Derivatives::new(o.layout());
        o.evaluate(&x, Order::GaussNewton, &mut d).value().unwrap();
        sum += d.curvature.to_dense();
    }
    assert!((&sum - &whole).amax() < 1e-9 * whole.amax());
    // (H + D) s = -g
    let shift = vec![0.5; 17];
    let right: Vec<f64> = out.gradient.iter().map(|g| -g).collect();
    let got = out.curvature.solve(&shift, &[true; 17], &right).unwrap();
    let want = (dense + nalgebra::DMatrix::identity(17, 17) * 0.5)
        .lu()
        .solve(&nalgebra::DVector::from_vec(right))
        .unwrap();
    for (got, want) in got.iter().zip(want.iter()) {
        assert!((got - want).abs() < 1e-9 * (1.0 + want.abs()));
    }
}

/// For a value under log-normal noise the information is (d ln f / d theta)^2 / sigma^2 + 2 (d ln sigma)^2.
#[test]
fn gauss_newton_matrix_is_the_expected_information() {
    let mut problem = problem(3);
    for visit in problem
        .cohort
        .subjects
        .iter_mut()
        .flat_map(|s| &mut s.visits)
    {
        visit.reading = Reading::Value(1.0);
    }
    let objective = CohortObjective::new(
        &problem,
        ObjectiveOptions {
            prior: false,
            ..options()
        },
    )
    .unwrap();
    let x = problem.parameters.search(&problem.parameters.nominal());
    let mut out = Derivatives::new(objective.layout());
    objective.evaluate(&x, Order::GaussNewton, &mut out);
    let n = objective.dim();
    let predictions = |x: &Search| -> Vec<(f64, f64)> {
        let natural = problem.parameters.natural(x);
        let simulations = problem
            .cohort
            .simulate(&natural.0, &Method::default(), &TIGHT);
        simulations
            .iter()
            .flat_map(|s| {
                s.predictions
                    .iter()
                    .map(|p| (p.arguments[0].ln(), p.arguments[1].ln()))
            })
            .collect()
    };
    let sigma = predictions(&x)[0].1.exp();
    let mut jacobian: Vec<Vec<(f64, f64)>> = Vec::new();
    for k in 0..n {
        let at = |d: f64| {
            let mut x = x.clone();
            x.0[k] += d;
            predictions(&x)
        };
        let h = 1e-4;
        jacobian.push(
            at(h)
                .iter()
                .zip(at(-h))
                .map(|(u, d)| ((u.0 - d.0) / (2.0 * h), (u.1 - d.1) / (2.0 * h)))
                .collect(),
        );
    }
    for i in 0..n {
        for j in 0..n {
            let want: f64 = jacobian[i]
                .iter()
                .zip(&jacobian[j])
                .map(|(a, b)| a.0 * b.0 / (sigma * sigma) + 2.0 * a.1 * b.1)
                .sum();
            let got = out.curvature.get(i, j);
            // second-order differences with h = 1e-4: relative 1e-6
            assert!(
                (got - want).abs()
                    < 1e-5 * (out.curvature.get(i, i) * out.curvature.get(j, j)).sqrt() + 1e-9,
                "{i} {j}: {got} for {want}"
            );
        }
    }
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let problem = problem(11);
    let objective = CohortObjective::new(&problem, ObjectiveOptions::default()).unwrap();
    let x = problem.parameters.search(&problem.parameters.nominal());
    let run = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                let mut out = Derivatives::new(objective.layout());
                let value = objective.evaluate(&x, Order::GaussNewton, &mut out);
                (value, out)
            })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn a_blow_up_is_infeasible_and_names_subject_and_time() {
    let problem = problem(3);
    let objective = CohortObjective::new(&problem, ObjectiveOptions::default()).unwrap();
    let mut natural = problem.parameters.nominal();
    natural.0[2] = 0.9;
    let x = problem.parameters.search(&natural);
    let mut out = Derivatives::new(objective.layout());
    for want in [Order::Value, Order::GaussNewton] {
        let Evaluation::Infeasible { subject, time, why } = objective.evaluate(&x, want, &mut out)
        else {
            panic!("a density that grows without bound has no likelihood");
        };
        assert_eq!(subject.as_deref(), Some("mouse_0"));
        assert!(time.unwrap() > 0.0 && time.unwrap() < 12.0);
        assert!(matches!(why, Infeasibility::Solve(_)), "{why}");
    }
}

#[test]
fn a_virtual_cohort_gives_its_truth_back() {
    let problem = problem(10);
    let objective = CohortObjective::new(&problem, ObjectiveOptions::default()).unwrap();
    assert!(objective.unreached().is_empty());
    let truth = problem.parameters.search(&problem.parameters.nominal());
    // from far away: every interaction -1, other values in the middle of their bounds
    let (lower, upper) = problem.parameters.search_bounds();
    let mut start = Search(
        lower
            .iter()
            .zip(&upper)
            .map(|(l, u)| 0.5 * (l + u))
            .collect(),
    );
    for k in 2..6 {
        start.0[k] = -1.0;
    }
    let fit = local_fit(
        &objective,
        (&lower, &upper),
        &start,
        &LocalMethod::default(),
        Control::default(),
    );
    assert!(fit.stop.is_converged(), "{:?}", fit.stop);
    let mut out = Derivatives::new(objective.layout());
    objective.evaluate(&fit.x, Order::GaussNewton, &mut out);
    let at_truth = objective
        .evaluate(&truth, Order::Value, &mut out.clone())
        .value()
        .unwrap();
    assert!(fit.value.unwrap() < at_truth);
    let variance = out
        .curvature
        .factor(&[0.0; 18], &[true; 18])
        .unwrap()
        .inverse_diagonal();
    for (k, ((got, want), variance)) in fit.x.0.iter().zip(&truth.0).zip(&variance).enumerate() {
        // 4 standard errors for each of 18 parameters
        assert!(
            (got - want).abs() < 4.0 * variance.sqrt(),
            "{k}: {got} for {want} +- {}",
            variance.sqrt()
        );
    }
    assert!(fit.counts.gradients < 60, "{:?}", fit.counts);
}

#[test]
fn errors_of_a_cohort_come_all_at_once() {
    let mut problem = problem(3);
    problem.cohort.subjects[0].visits.clear();
    problem.cohort.subjects[1].visits.swap(0, 15);
    problem.cohort.subjects[2].visits[3].reading = Reading::Value(-1.0);
    problem.cohort.subjects[2]
        .registers
        .push((9999, Source::Parameter(77)));
    problem.cohort.subjects[2].id = "mouse_1".into();
    problem.parameters.rows[0].upper = f64::INFINITY;
    let errors = problem.cohort.check(problem.parameters.rows.len());
    assert!(errors.contains(&CohortError::NoReadings {
        subject: "mouse_0".into()
    }));
    assert!(
        errors
            .iter()
            .any(|e| matches!(e, CohortError::Order { subject, .. } if subject == "mouse_1"))
    );
    assert!(
        errors
            .iter()
            .any(|e| matches!(e, CohortError::Reading { row: 203, .. }))
    );
    assert!(
        errors
            .iter()
            .any(|e| matches!(e, CohortError::Duplicate { .. }))
    );
    assert_eq!(
        errors
            .iter()
            .filter(|e| matches!(e, CohortError::Index { .. }))
            .count(),
        2
    );
    let error = CohortObjective::new(&problem, ObjectiveOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("mu_A") && error.contains("row 203") && error.contains("must be positive"),
        "{error}"
    );
    problem.cohort.subjects.clear();
    assert!(problem.cohort.check(99).contains(&CohortError::Empty));
}

#[test]
fn a_fit_reads_back_from_json_to_the_same_bits_on_any_number_of_threads() {
    let problem = problem(6);
    let run = |threads| {
        let mut options = holobiont::fit::FitOptions::default();
        options.search.starts = 3;
        options.search.threads = Some(threads);
        holobiont::fit::fit(&problem, &options, &[], Control::default(), None).unwrap()
    };
    let one = run(1);
    assert_eq!(one, run(2));
    let text = serde_json::to_string_pretty(&one).unwrap();
    assert_eq!(
        serde_json::from_str::<holobiont::fit::Fit>(&text).unwrap(),
        one
    );
    assert_eq!(one.uncertainty.rank, one.uncertainty.free);
    assert!(one.stop.is_converged() && one.complete && one.chi2.is_none());
    assert!((one.value + one.log_likelihood + one.log_prior).abs() < 1e-8 * one.value.abs());
    // three starts out of four agree on the optimum
    assert!(one.waterfall[2] < 1e-3, "{:?}", one.waterfall);
    assert_eq!(one.starts.len(), 4);
}

#[test]
fn standard_errors_of_a_curve_are_those_of_the_dense_inverse_and_finite_differences() {
    let problem = problem(3);
    let options = ObjectiveOptions {
        tolerances: TIGHT,
        ..ObjectiveOptions::default()
    };
    let objective = CohortObjective::new(&problem, options).unwrap();
    let table = &problem.parameters;
    let x = table.search(&table.nominal());
    let covariance = objective
        .covariance(&x, &UncertaintyOptions::default())
        .unwrap();
    let mut derivatives = Derivatives::new(objective.layout());
    objective.evaluate(&x, Order::GaussNewton, &mut derivatives);
    let inverse = derivatives.curvature.to_dense().try_inverse().unwrap();
    let times = [0.5, 3.0, 9.0];
    let subject = 1;
    let at = |x: &Search| {
        objective
            .curves(subject, &table.natural(x), &times, None)
            .unwrap()
    };
    let with = objective
        .curves(subject, &table.natural(&x), &times, Some(&covariance))
        .unwrap();
    assert_eq!(with.len(), 2);
    let step = 1e-5;
    let moved: Vec<_> = (0..x.0.len())
        .map(|entry| {
            let shifted = |by: f64| {
                let mut x = x.clone();
                x.0[entry] += by;
                at(&x)
            };
            (shifted(step), shifted(-step))
        })
        .collect();
    for (endpoint, curve) in with.iter().enumerate() {
        for k in 0..times.len() {
            let gradient = nalgebra::DVector::from_iterator(
                moved.len(),
                moved.iter().map(|(up, down)| {
                    (up[endpoint].arguments[k][0] - down[endpoint].arguments[k][0]) / (2.0 * step)
                }),
            );
            let want = gradient.dot(&(&inverse * &gradient)).sqrt();
            let got = curve.standard_errors[k];
            // solver tolerance 1e-10 over a step of 1e-5
            assert!(
                want > 0.0 && (got / want - 1.0).abs() < 1e-4,
                "{got} {want}"
            );
        }
    }
}
