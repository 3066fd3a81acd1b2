//! Profile likelihoods: closed forms, verdicts, better optima, threads, resumption.
use holobiont::{
    exchange::petab,
    fit::{
        Control, Derivatives, End, Evaluation, FitProblem, Infeasibility, Objective, ObjectiveKind,
        ObjectiveOptions, Observer, Order, Parameter, ParameterTable, Prior, ProfileError,
        ProfileOptions, Profiles, ProfilesOptions, Scale, Search, Verdict, profile, profiles,
    },
    solve::Tolerances,
};
use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Half a sum of squares of residuals with their Jacobian rows, infeasible where `feasible` says no.
struct LeastSquares<R, F> {
    dim: usize,
    residuals: R,
    feasible: F,
}

impl<R, F> Objective for LeastSquares<R, F>
where
    R: Fn(&[f64]) -> Vec<(f64, Vec<f64>)> + Sync,
    F: Fn(&[f64]) -> bool + Sync,
{
    fn dim(&self) -> usize {
        self.dim
    }
    fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation {
        if !(self.feasible)(&x.0) {
            return Evaluation::Infeasible {
                subject: Some("s1".into()),
                time: Some(1.0),
                why: Infeasibility::NonFinite,
            };
        }
        let rows = (self.residuals)(&x.0);
        if want > Order::Value {
            out.clear();
            let entries: Vec<usize> = (0..self.dim).collect();
            let mut matrix = nalgebra::DMatrix::zeros(self.dim, self.dim);
            for (r, row) in &rows {
                for i in 0..self.dim {
                    out.gradient[i] += r * row[i];
                    for j in 0..self.dim {
                        matrix[(i, j)] += row[i] * row[j];
                    }
                }
            }
            out.curvature.add(&entries, &matrix);
        }
        Evaluation::Value(rows.iter().map(|(r, _)| 0.5 * r * r).sum())
    }
}

fn everywhere(_: &[f64]) -> bool {
    true
}

fn table(ids: &[&str], lower: f64, upper: f64) -> ParameterTable {
    let row = |id: &&str| Parameter {
        id: (*id).into(),
        name: None,
        unit: None,
        scale: Scale::Linear,
        lower,
        upper,
        nominal: 0.5 * (lower.max(-1.0) + upper.min(1.0)),
        estimate: true,
        prior: None,
        initialization: None,
    };
    ParameterTable {
        rows: ids.iter().map(row).collect(),
    }
}

/// y = a + b t with noise of 0.3: the covariance is that of the normal equations.
#[test]
fn the_profile_of_a_linear_regression_is_its_parabola() {
    let (times, sd) = ([0.0_f64, 1.0, 2.0, 3.5, 5.0], 0.3);
    let readings = [1.1, 1.7, 1.9, 3.2, 3.9];
    let line = LeastSquares {
        dim: 2,
        residuals: move |x: &[f64]| {
            let at = |k: usize| (x[0] + x[1] * times[k] - readings[k]) / sd;
            (0..5)
                .map(|k| (at(k), vec![1.0 / sd, times[k] / sd]))
                .collect()
        },
        feasible: everywhere,
    };
    let design = nalgebra::DMatrix::from_fn(5, 2, |i, j| if j == 0 { 1.0 } else { times[i] } / sd);
    let right = nalgebra::DVector::from_fn(5, |i, _| readings[i] / sd);
    let covariance = design.tr_mul(&design).try_inverse().unwrap();
    let estimate = &covariance * design.tr_mul(&right);
    for bound in [20.0, f64::INFINITY] {
        let table = table(&["a", "b"], -bound, bound);
        let options = ProfileOptions::default();
        let start = Search(vec![0.0, 0.0]);
        let found = profile(
            &line,
            &table,
            &start,
            &[0, 1],
            &options,
            Control::default(),
            None,
        )
        .unwrap();
        for (k, profile) in found.profiles.iter().enumerate() {
            let profile = profile.as_ref().unwrap();
            let error = covariance[(k, k)].sqrt();
            // 1.96 standard errors, but for the accuracy of the crossing: 1e-3 of 1.92 is 2.6e-4 of the half width
            for (end, sign) in [(&profile.lower, -1.0), (&profile.upper, 1.0)] {
                let wanted = estimate[k] + sign * 1.959_964 * error;
                let end = end.crossed().unwrap();
                assert!((end - wanted).abs() < 1e-3 * error, "{end} {wanted}");
            }
            for point in &profile.points {
                let z = (point.search - estimate[k]) / error;
                assert!(
                    (point.rise - 0.5 * z * z).abs() < 1e-9 * (1.0 + point.rise),
                    "{point:?}"
                );
                assert!((point.slope - z / error).abs() < 1e-6 * (1.0 + 1.0 / error));
            }
            // eight steps a side were wanted
            assert!(
                (12..40).contains(&profile.points.len()),
                "{}",
                profile.points.len()
            );
            assert!(profile.points.is_sorted_by(|a, b| a.search < b.search));
        }
    }
}

/// Two valleys: f = s^2 (x^2 - 1)^2 / 2 + t^2 (x + 1)^2 / 2, with the deeper one at x = -1, and y that follows x.
#[test]
fn a_better_optimum_is_told_and_everything_begins_anew_from_there() {
    let valleys = LeastSquares {
        dim: 2,
        residuals: |x: &[f64]| {
            let (s, t) = (1.2, 0.5);
            vec![
                (s * (x[0] * x[0] - 1.0), vec![2.0 * s * x[0], 0.0]),
                (t * (x[0] + 1.0), vec![t, 0.0]),
                (3.0 * (x[1] - x[0]), vec![-3.0, 3.0]),
            ]
        },
        feasible: everywhere,
    };
    let table = table(&["x", "y"], -3.0, 3.0);
    let run = |threads| {
        let options = ProfileOptions {
            threads: Some(threads),
            ..ProfileOptions::default()
        };
        let start = Search(vec![1.0, 1.0]);
        profile(
            &valleys,
            &table,
            &start,
            &[0, 1],
            &options,
            Control::default(),
            None,
        )
        .unwrap()
    };
    let found = run(1);
    assert_eq!(found.improvements.len(), 1, "{:?}", found.improvements);
    let told = &found.improvements[0];
    assert_eq!(told.parameter, "x");
    assert!(
        told.before > 0.4 && told.after < 1e-6 && told.value < 0.0,
        "{told:?}"
    );
    assert!((found.best.search.0[0] + 1.0).abs() < 1e-4 && found.settled);
    let points = |k: usize| &found.profiles[k].as_ref().unwrap().points;
    assert!((0..2).all(|k| points(k).iter().all(|p| p.rise > -1e-3)));
    assert_eq!(found, run(2));
    // when there may be no restart, it is said that the best is none
    let options = ProfileOptions {
        restarts: 0,
        ..ProfileOptions::default()
    };
    let start = Search(vec![1.0, 1.0]);
    let stuck = profile(
        &valleys,
        &table,
        &start,
        &[0],
        &options,
        Control::default(),
        None,
    )
    .unwrap();
    assert!(!stuck.settled && stuck.improvements.is_empty());
}

/// Beyond x = 2.5 nothing has a value, long before the threshold.
#[test]
fn where_nothing_has_a_value_the_side_is_infeasible_and_no_rise() {
    let bowl = LeastSquares {
        dim: 2,
        residuals: |x: &[f64]| vec![(x[0] - 2.0, vec![1.0, 0.0]), (x[1] - x[0], vec![-1.0, 1.0])],
        feasible: |x: &[f64]| x[0] < 2.5,
    };
    let table = table(&["x", "y"], -9.0, 9.0);
    let options = ProfileOptions::default();
    let start = Search(vec![0.0, 0.0]);
    let found = profile(
        &bowl,
        &table,
        &start,
        &[0],
        &options,
        Control::default(),
        None,
    )
    .unwrap();
    let profile_of = found.profiles[0].as_ref().unwrap();
    let End::Infeasible {
        search,
        rise,
        tried,
        why,
    } = &profile_of.upper
    else {
        panic!("{:?}", profile_of.upper);
    };
    assert!(*search < 2.5 && 2.5 - search < 1e-3 && *tried >= 2.5 && *rise < 0.13);
    assert!(why.contains("subject `s1`") && profile_of.counts.infeasible > 0);
    assert!((profile_of.lower.crossed().unwrap() - 0.040_036).abs() < 1e-3);
    let nowhere = Search(vec![3.0, 0.0]);
    let error = profile(
        &bowl,
        &table,
        &nowhere,
        &[0],
        &options,
        Control::default(),
        None,
    )
    .unwrap_err();
    assert!(matches!(error, ProfileError::NoValue { .. }) && error.to_string().contains("time 1"));
}

/// A problem on disk, with readings given as (time, value).
fn problem(
    model: &str,
    formula: &str,
    noise: f64,
    parameters: &str,
    readings: &[(f64, f64)],
) -> FitProblem {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "format_version: 2.0.0\nparameter_files: [parameters.tsv]\nmodel_files:\n  m: {language: holobiont, location: model.toml}\nobservable_files: [observables.tsv]\nmeasurement_files: [measurements.tsv]\nextensions:\n  holobiont: {version: 1.0.0, required: true}\n";
    let mut measurements = "observableId\texperimentId\ttime\tmeasurement\n".to_owned();
    for (time, value) in readings {
        measurements.push_str(&format!("y\t\t{time}\t{value}\n"));
    }
    for (name, text) in [
        ("model.toml", model),
        ("problem.yaml", yaml),
        ("parameters.tsv", parameters),
        (
            "observables.tsv",
            &format!("observableId\tobservableFormula\tnoiseFormula\ny\t{formula}\t{noise}\n"),
        ),
        ("measurements.tsv", &measurements),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let read = petab::read(&folder.path().join("problem.yaml")).unwrap();
    read.fit_problem().unwrap()
}

const HEAD: &str = "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tscale\n";

/// X decays at rate k from 1; a b X + c is read, with small errors of alternating sign.
fn decay() -> FitProblem {
    let model = "id = \"decay\"\ntime_unit = \"d\"\n[parameters.k]\nvalue = 0.7\n[species.X]\ninitial = 1.0\n[reactions.decay]\nrate = \"k * X\"\nconsumes = { X = 1 }\n";
    let rows = "k\t0.01\t100\t0.7\ttrue\tlog10\na\t0.01\t100\t2\ttrue\tlog10\nb\t0.01\t100\t1.5\ttrue\tlog10\nc\t-5\t5\t0.5\ttrue\tlin\n";
    let readings: Vec<(f64, f64)> = (0..12)
        .map(|i| {
            let t = 0.4 * f64::from(i);
            (
                t,
                3.0 * (-0.7 * t).exp() + 0.5 + 0.03 * f64::from(1 - 2 * (i % 2)),
            )
        })
        .collect();
    problem(
        model,
        "a*b*X + c",
        0.05,
        &format!("{HEAD}{rows}"),
        &readings,
    )
}

fn tight() -> ObjectiveOptions {
    ObjectiveOptions {
        tolerances: Tolerances {
            relative: 1e-8,
            absolute: 1e-11,
        },
        ..ObjectiveOptions::default()
    }
}

fn run(problem: &FitProblem, options: &ProfilesOptions) -> Profiles {
    let nominal = problem.parameters.nominal();
    profiles(problem, &nominal, options, Control::default(), None).unwrap()
}

#[test]
fn a_product_leaves_its_factors_structurally_open() {
    let options = ProfilesOptions {
        objective: tight(),
        ..ProfilesOptions::default()
    };
    let found = run(&decay(), &options);
    assert_eq!(found.objective, ObjectiveKind::Likelihood);
    assert!(found.structure.decided);
    let ranks: Vec<_> = found.structure.points.iter().map(|p| p.rank).collect();
    // where the decay is fast against the first reading its rate is not told: a lower rank at single points says nothing
    assert!(
        ranks[0] == Some(3) && ranks.iter().flatten().all(|r| *r <= 3),
        "{ranks:?}"
    );
    assert_eq!(found.structure.combinations.len(), 1);
    let combination = &found.structure.combinations[0];
    assert_eq!(
        (combination.parameters.as_slice(), combination.directions),
        (&["a".to_owned(), "b".to_owned()][..], 1)
    );
    let direction = combination.direction.as_ref().unwrap();
    assert!((direction[0] + direction[1]).abs() < 1e-6, "{direction:?}");
    for id in ["a", "b"] {
        assert_eq!(
            found.of(id).unwrap().verdict,
            Verdict::StructurallyNot { combination: 0 },
            "{found:#?}"
        );
    }
    for id in ["k", "c"] {
        let one = found.of(id).unwrap();
        assert_eq!(one.verdict, Verdict::Identified);
        let (lower, upper) = (one.interval.0.unwrap(), one.interval.1.unwrap());
        assert!(lower < one.estimate && one.estimate < upper);
        for end in [&one.profile.lower, &one.profile.upper] {
            let End::Crossed { rise, .. } = end else {
                panic!("{end:?}")
            };
            assert!((rise - found.threshold).abs() <= 1e-3, "{end:?}");
        }
    }
}

#[test]
fn a_prior_alone_makes_an_interval_and_it_is_said() {
    let mut problem = decay();
    let row = problem.parameters.index_of("a").unwrap();
    problem.parameters.rows[row].prior = Some(Prior::LogNormal {
        log_mean: 0.7,
        log_sd: 0.2,
    });
    let found = run(
        &problem,
        &ProfilesOptions {
            objective: tight(),
            ..ProfilesOptions::default()
        },
    );
    assert_eq!(found.objective, ObjectiveKind::Posterior);
    for id in ["a", "b"] {
        assert_eq!(
            found.of(id).unwrap().verdict,
            Verdict::ByPriorAlone { combination: 0 }
        );
    }
    // the mode of a log-normal density lies at log_mean - log_sd^2, and b makes up for everything
    let a = found.of("a").unwrap();
    assert!((a.estimate.ln() - 0.66).abs() < 1e-3, "{}", a.estimate);
    let half = (a.interval.1.unwrap() / a.interval.0.unwrap()).ln() / 2.0;
    assert!((half - 1.96 * 0.2).abs() < 1e-3, "{half}");
}

/// Michaelis-Menten far below saturation: only Vmax / Km is told, up to a lower limit of both.
#[test]
fn saturation_that_was_never_reached_is_practically_open_upwards() {
    let model = "id = \"saturation\"\ntime_unit = \"d\"\n[parameters.v]\nvalue = 1.0\n[parameters.km]\nvalue = 1.0\n[species.S]\ninitial = 0.3\n[reactions.uptake]\nrate = \"v * S / (km + S)\"\nconsumes = { S = 1 }\n";
    let rows = "v\t0.01\t1000\t1\ttrue\tlog10\nkm\t0.01\t1000\t1\ttrue\tlog10\n";
    // the closed form by Newton: km ln(S / S0) + S - S0 = -v t
    let exact = |t: f64| {
        let mut s: f64 = 0.3 * (-t).exp();
        for _ in 0..50 {
            s -= ((s / 0.3).ln() + s - 0.3 + t) / (1.0 / s + 1.0);
        }
        s
    };
    let readings: Vec<(f64, f64)> = (0..10)
        .map(|i| {
            let t = 0.4 * f64::from(i);
            (t, exact(t) + 0.003 * f64::from(1 - 2 * (i % 2)))
        })
        .collect();
    let problem = problem(model, "S", 0.01, &format!("{HEAD}{rows}"), &readings);
    let found = run(
        &problem,
        &ProfilesOptions {
            objective: tight(),
            ..ProfilesOptions::default()
        },
    );
    assert!(
        found.structure.decided && found.structure.combinations.is_empty(),
        "{:#?}",
        found.structure
    );
    for id in ["v", "km"] {
        let one = found.of(id).unwrap();
        assert_eq!(
            one.verdict,
            Verdict::PracticallyNot {
                lower: false,
                upper: true
            },
            "{id} {:?}",
            one.profile
        );
        assert!(one.interval.0.unwrap() < 1.0);
    }
    // km meets its own bound; v would go on, were it not for that bound of km
    assert!(matches!(
        found.of("km").unwrap().profile.upper,
        End::Bound { .. }
    ));
    let End::Crossed { held, limited, .. } = &found.of("v").unwrap().profile.upper else {
        panic!("{:?}", found.of("v"));
    };
    assert!(*limited && held == &[1]);
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let problem = decay();
    let run = |threads| {
        let mut options = ProfilesOptions::default();
        options.profile.threads = Some(threads);
        run(&problem, &options)
    };
    assert_eq!(run(1), run(2));
}

struct StopAfter<'a> {
    flag: &'a AtomicBool,
    left: AtomicUsize,
}

impl Observer for StopAfter<'_> {
    fn profile_point(&self, _: usize, _: f64) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.flag.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn stopped_profiles_go_on_to_the_same_result() {
    let problem = decay();
    let mut options = ProfilesOptions::default();
    options.profile.threads = Some(1);
    let nominal = problem.parameters.nominal();
    let whole = run(&problem, &options);
    let folder = tempfile::tempdir().unwrap();
    let mut runs = 0;
    let resumed = loop {
        let flag = AtomicBool::new(false);
        let watch = StopAfter {
            flag: &flag,
            left: AtomicUsize::new(40),
        };
        let control = Control {
            stop: Some(&flag),
            observer: Some(&watch),
            ..Control::default()
        };
        let part = profiles(&problem, &nominal, &options, control, Some(folder.path())).unwrap();
        runs += 1;
        assert!(runs < 20);
        if part.is_complete() {
            break part;
        }
        assert_eq!(part.parameters.len() + part.unfinished.len(), 4);
    };
    assert!(runs > 1, "the profiles were never stopped");
    assert_eq!(whole, resumed);
    options.profile.level = 0.9;
    let error = profiles(
        &problem,
        &nominal,
        &options,
        Control::default(),
        Some(folder.path()),
    )
    .unwrap_err();
    assert!(matches!(error, ProfileError::Checkpoint(_)), "{error}");
}

#[test]
fn an_id_that_is_not_estimated_is_named() {
    let problem = decay();
    let nominal = problem.parameters.nominal();
    let options = ProfilesOptions {
        parameters: vec!["k".into(), "q".into()],
        ..ProfilesOptions::default()
    };
    let error = profiles(&problem, &nominal, &options, Control::default(), None).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`q` is not in the parameter table"),
        "{error}"
    );
}
