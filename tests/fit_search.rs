//! Searches on analytic objectives: bounds, infeasible regions, restarts, resumption, threads.
use holobiont::fit::{
    Adapter, Control, Derivatives, Evaluation, Infeasibility, LbfgsOptions, LocalMethod,
    MultiStartOptions, Objective, Observer, Order, Parameter, ParameterTable, Record, Sampling,
    Scale, Search, StopReason, TrustRegion, TrustRegionOptions, TrustRegionState, local_fit,
    multi_start,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Half a sum of squares, infeasible where `feasible` says no.
struct LeastSquares<R, F> {
    dim: usize,
    /// residuals and Jacobian rows
    residuals: R,
    feasible: F,
    /// infeasible points seen
    refused: AtomicUsize,
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
            self.refused.fetch_add(1, Ordering::Relaxed);
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

fn least_squares<R, F>(dim: usize, residuals: R, feasible: F) -> LeastSquares<R, F>
where
    R: Fn(&[f64]) -> Vec<(f64, Vec<f64>)> + Sync,
    F: Fn(&[f64]) -> bool + Sync,
{
    LeastSquares {
        dim,
        residuals,
        feasible,
        refused: AtomicUsize::new(0),
    }
}

/// Rosenbrock's function as least squares: 10 (y - x^2), 1 - x.
fn rosenbrock(x: &[f64]) -> Vec<(f64, Vec<f64>)> {
    vec![
        (10.0 * (x[1] - x[0] * x[0]), vec![-20.0 * x[0], 10.0]),
        (1.0 - x[0], vec![-1.0, 0.0]),
    ]
}

fn everywhere(_: &[f64]) -> bool {
    true
}

fn methods() -> [LocalMethod; 2] {
    [
        LocalMethod::TrustRegion(TrustRegionOptions::default()),
        LocalMethod::Lbfgs(LbfgsOptions::default()),
    ]
}

#[test]
fn rosenbrock_is_solved_inside_the_box() {
    for method in methods() {
        let f = least_squares(2, rosenbrock, everywhere);
        let fit = local_fit(
            &f,
            (&[-3.0, -3.0], &[3.0, 3.0]),
            &Search(vec![-1.2, 1.0]),
            &method,
            Control::default(),
        );
        assert!(fit.stop.is_converged(), "{fit:?}");
        // the valley is flat: a value below 1e-9 leaves x within 1e-4
        assert!(
            (fit.x.0[0] - 1.0).abs() < 1e-4 && (fit.x.0[1] - 1.0).abs() < 2e-4,
            "{:?} {:?}",
            fit.x,
            fit.stop
        );
        assert!(fit.counts.gradients < 400);
    }
}

/// With x <= 0.5 the optimum is (0.5, 0.25): the bound is active and the gradient there is not zero.
/// A valley 1000 times steeper than its floor, with four bends.
#[test]
fn a_narrow_bent_valley_is_followed() {
    let valley = least_squares(
        2,
        |x: &[f64]| {
            let (sin, cos) = (4.0 * x[0]).sin_cos();
            vec![
                (1e3 * (x[1] - sin), vec![-4e3 * cos, 1e3]),
                (x[0] - 2.0, vec![1.0, 0.0]),
            ]
        },
        everywhere,
    );
    let start = Search(vec![-2.0, -(8.0_f64.sin())]);
    let bounds = (&[-10.0; 2][..], &[10.0; 2][..]);
    let method = LocalMethod::TrustRegion(TrustRegionOptions {
        max_iterations: 2000,
        ..TrustRegionOptions::default()
    });
    let fit = local_fit(&valley, bounds, &start, &method, Control::default());
    assert!(fit.stop.is_converged(), "{:?}", fit.stop);
    assert!((fit.x.0[0] - 2.0).abs() < 1e-6 && (fit.x.0[1] - 8.0_f64.sin()).abs() < 1e-6);
    // 990; without second steps 1654 after 2000 iterations, and not there
    assert!(fit.counts.gradients < 1300, "{:?}", fit.counts);
}

#[test]
fn a_bound_may_be_active_at_the_optimum() {
    for method in methods() {
        let f = least_squares(2, rosenbrock, everywhere);
        let fit = local_fit(
            &f,
            (&[-3.0, -3.0], &[0.5, 3.0]),
            &Search(vec![-1.2, 1.0]),
            &method,
            Control::default(),
        );
        assert!(
            (fit.x.0[0] - 0.5).abs() < 1e-5 && (fit.x.0[1] - 0.25).abs() < 1e-4,
            "{fit:?}"
        );
        if matches!(method, LocalMethod::TrustRegion(_)) {
            assert_eq!(
                fit.x.0[0], 0.5,
                "the trust region sits on the bound exactly"
            );
        }
    }
}

#[test]
fn infeasible_points_are_counted_and_never_accepted() {
    for method in methods() {
        // the disc around (0.2, 0.6) lies on the way; beyond x = 1.5 everything blows up
        let feasible = |x: &[f64]| (x[0] - 0.2).hypot(x[1] - 0.6) > 0.3 && x[0] < 1.5;
        let f = least_squares(2, rosenbrock, feasible);
        let fit = local_fit(
            &f,
            (&[-3.0, -3.0], &[3.0, 3.0]),
            &Search(vec![1.4, -2.9]),
            &method,
            Control::default(),
        );
        assert!(feasible(&fit.x.0), "{fit:?}");
        assert!(fit.value.unwrap() < 1e-6, "{fit:?}");
        assert_eq!(
            fit.counts.infeasible as usize,
            f.refused.load(Ordering::Relaxed)
        );
        assert!(
            fit.history
                .windows(2)
                .all(|w| w[1].value <= w[0].value || matches!(method, LocalMethod::Lbfgs(_)))
        );
    }
}

#[test]
fn an_infeasible_start_is_said_so() {
    for method in methods() {
        let f = least_squares(2, rosenbrock, |_: &[f64]| false);
        let fit = local_fit(
            &f,
            (&[-3.0; 2], &[3.0; 2]),
            &Search(vec![0.0, 0.0]),
            &method,
            Control::default(),
        );
        let StopReason::InfeasibleStart { message } = &fit.stop else {
            panic!("{fit:?}");
        };
        assert!(message.contains("subject `s1`") && message.contains("time 1"));
        assert_eq!(fit.value, None);
    }
}

/// NaN derivatives must neither hang nor win: an objective whose gradient is NaN beyond x = 0.9.
#[test]
fn a_nan_is_an_infeasible_point() {
    for method in methods() {
        let f = least_squares(
            1,
            |x: &[f64]| vec![(x[0] - 2.0, vec![if x[0] > 0.9 { f64::NAN } else { 1.0 }])],
            everywhere,
        );
        let fit = local_fit(
            &f,
            (&[-5.0], &[5.0]),
            &Search(vec![-3.0]),
            &method,
            Control::default(),
        );
        assert!(
            fit.x.0[0] <= 0.9 && fit.value.unwrap().is_finite(),
            "{fit:?}"
        );
        assert!(fit.counts.infeasible > 0);
    }
}

/// y = A exp(-k t): an exact fit gives back A = 2, k = 0.7 from noise-free data, on log scales, from far away.
#[test]
fn exponential_decay_gives_its_truth_back() {
    let times = [0.0, 0.5, 1.0, 2.0, 4.0];
    let decay = move |x: &[f64]| {
        let (a, k) = (x[0].exp(), x[1].exp());
        times
            .iter()
            .map(|t| {
                let e = (-k * t).exp();
                (a * e - 2.0 * (-0.7 * t).exp(), vec![a * e, -a * e * t * k])
            })
            .collect()
    };
    for method in methods() {
        let f = least_squares(2, decay, everywhere);
        let fit = local_fit(
            &f,
            (&[-7.0; 2], &[7.0; 2]),
            &Search(vec![4.0, 2.0]),
            &method,
            Control::default(),
        );
        assert!(
            (fit.x.0[0].exp() - 2.0).abs() < 1e-4 && (fit.x.0[1].exp() - 0.7).abs() < 1e-4,
            "{fit:?}"
        );
    }
}

/// 143 parameters seen through 60 readings: the null space must not disturb the search.
#[test]
fn many_unidentified_parameters_do_not_stall_the_search() {
    let n = 143;
    let f = least_squares(
        n,
        move |x: &[f64]| {
            (0..60)
                .map(|r| {
                    let row: Vec<f64> = (0..n)
                        .map(|j| ((r * r * 13 + j * j * 7 + r * j * 5) as f64).sin())
                        .collect();
                    let u: f64 = row.iter().zip(x).map(|(a, b)| a * b).sum();
                    (
                        u.tanh() * 3.0 - ((r as f64) * 0.37).sin(),
                        row.iter()
                            .map(|a| a * 3.0 * (1.0 - u.tanh() * u.tanh()))
                            .collect(),
                    )
                })
                .collect()
        },
        everywhere,
    );
    let fit = local_fit(
        &f,
        (&vec![-1.0; n], &vec![1.0; n]),
        &Search(vec![0.01; n]),
        &LocalMethod::default(),
        Control::default(),
    );
    assert!(
        fit.value.unwrap() < 1e-4 && fit.iterations < 60,
        "{:?} {:?} {}",
        fit.value,
        fit.stop,
        fit.iterations
    );
}

fn table() -> ParameterTable {
    ParameterTable {
        rows: ["x", "y"]
            .map(|id| Parameter {
                id: id.into(),
                name: None,
                unit: None,
                scale: Scale::Linear,
                lower: -3.0,
                upper: 3.0,
                nominal: -1.0,
                estimate: true,
                prior: None,
                initialization: None,
            })
            .to_vec(),
    }
}

/// Himmelblau's function: four minima of value 0; infeasible in one quarter.
fn himmelblau(x: &[f64]) -> Vec<(f64, Vec<f64>)> {
    let (x, y) = (2.0 * x[0], 2.0 * x[1]);
    vec![
        (x * x + y - 11.0, vec![4.0 * x, 2.0]),
        (x + y * y - 7.0, vec![2.0, 4.0 * y]),
    ]
}

#[test]
fn multi_start_finds_a_minimum_with_the_same_bits_on_any_number_of_threads() {
    let run = |threads, sampling| {
        let f = least_squares(2, himmelblau, |x: &[f64]| !(x[0] < 0.0 && x[1] > 0.0));
        let options = MultiStartOptions {
            starts: 12,
            hops: 1,
            best_hops: 3,
            sampling,
            threads: Some(threads),
            ..MultiStartOptions::default()
        };
        multi_start(
            &f,
            &table(),
            &[Search(vec![1.0, 1.0])],
            &options,
            Control::default(),
            None,
        )
        .unwrap()
    };
    for sampling in [Sampling::Sobol, Sampling::LatinHypercube] {
        let one = run(1, sampling);
        assert_eq!(one, run(2, sampling));
        assert_eq!(one.starts.len(), 14);
        assert!(one.complete && one.best().unwrap().fit.value.unwrap() < 1e-6);
        let waterfall = one.waterfall();
        assert!(waterfall[0] == 0.0 && waterfall.windows(2).all(|w| w[0] <= w[1]));
        // infeasible samples were drawn anew
        assert_eq!(one.failures(), 0);
    }
}

struct StopAfter<'a> {
    flag: &'a AtomicBool,
    left: AtomicUsize,
}
impl Observer for StopAfter<'_> {
    fn iteration(&self, _start: usize, _record: &Record) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.flag.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_stopped_fit_goes_on_to_the_same_bits() {
    let f = least_squares(2, rosenbrock, everywhere);
    for method in methods() {
        let options = MultiStartOptions {
            starts: 6,
            hops: 1,
            best_hops: 2,
            threads: Some(1),
            method,
            checkpoint_every: 2,
            ..MultiStartOptions::default()
        };
        let whole = multi_start(&f, &table(), &[], &options, Control::default(), None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut runs = 0;
        let resumed = loop {
            let flag = AtomicBool::new(false);
            let watch = StopAfter {
                flag: &flag,
                left: AtomicUsize::new(if matches!(method, LocalMethod::Lbfgs(_)) {
                    120
                } else {
                    7
                }),
            };
            let control = Control {
                stop: Some(&flag),
                observer: Some(&watch),
                ..Control::default()
            };
            let part =
                multi_start(&f, &table(), &[], &options, control, Some(folder.path())).unwrap();
            runs += 1;
            assert!(runs < 100);
            if part.complete {
                break part;
            }
            // the best so far is kept
            assert!(part.best().is_some() || runs == 1);
        };
        assert!(runs > 1, "the fit was never stopped");
        assert_eq!(whole, resumed);
        let other = MultiStartOptions {
            seed: 99,
            ..options
        };
        let error = multi_start(
            &f,
            &table(),
            &[],
            &other,
            Control::default(),
            Some(folder.path()),
        )
        .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("another problem or other options"),
            "{error}"
        );
    }
}

/// The solver is an argmin `Solver` like any other.
#[test]
fn the_trust_region_runs_under_a_plain_executor() {
    let f = least_squares(2, rosenbrock, everywhere);
    let solver = TrustRegion::new(vec![-3.0; 2], vec![3.0; 2], TrustRegionOptions::default());
    let outcome = argmin::core::Executor::new(Adapter::new(&f), solver)
        .configure(|state: TrustRegionState| state.param(vec![-1.2, 1.0]))
        .timeout(std::time::Duration::from_secs(60))
        .run()
        .unwrap();
    assert!(outcome.state.best_cost < 1e-8);
    assert!(outcome.solver.stop_reason().unwrap().is_converged());
}

/// Minus the gradient of what it minimises: no step that the model promises something of is ever an improvement.
struct WrongSlope;

impl Objective for WrongSlope {
    fn dim(&self) -> usize {
        1
    }

    fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation {
        let r = x.0[0] - 3.0;
        if want > Order::Value {
            out.clear();
            out.gradient[0] = -r;
            out.curvature.add_diagonal(0, 1.0);
        }
        Evaluation::Value(0.5 * r * r)
    }
}

#[test]
fn steps_that_vanish_before_the_gradient_does_are_no_convergence() {
    let fit = local_fit(
        &WrongSlope,
        (&[-10.0], &[10.0]),
        &Search(vec![1.0]),
        &LocalMethod::TrustRegion(TrustRegionOptions::default()),
        Control::default(),
    );
    assert_eq!(fit.stop, StopReason::Step);
    assert!(!fit.stop.is_converged());
    // it stays where it began, and the value says so
    assert_eq!((fit.x.0[0], fit.value), (1.0, Some(2.0)));
}
