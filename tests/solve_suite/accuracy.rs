//! Reference solutions of standard problems and closed forms.
use crate::support::*;
use holobiont::schedule::Schedule;

/// Work as it was measured; another order of additions may move it by a step in a hundred.
#[track_caller]
fn steps_are(solution: &holobiont::solve::Solution, steps: usize, rejected: usize) {
    let work = solution.statistics;
    assert!(work.steps.abs_diff(steps) <= steps / 100 + 1, "{work:?}");
    assert!(
        work.rejected.abs_diff(rejected) <= 1 + rejected / 10,
        "{work:?}"
    );
    let attempts = work.steps + work.rejected;
    assert_eq!(
        (work.jacobians, work.factorisations, work.right_hand_sides),
        (attempts, attempts, 8 * attempts)
    );
}

/// H. H. Robertson 1966; digits at t = 1e11 of the Bari test set for initial value solvers.
#[test]
fn robertson_reaches_its_reference_at_1e11() {
    let system = system(
        &[
            ("a", "1", "-k1 * a + k3 * b * c"),
            ("b", "0", "k1 * a - k3 * b * c - k2 * b^2"),
            ("c", "0", "k2 * b^2"),
        ],
        &[("k1", 0.04), ("k2", 3e7), ("k3", 1e4)],
    );
    let reference = [
        0.2083340149701255e-7,
        0.8333360770334713e-13,
        0.999999979166505,
    ];
    let schedule = Schedule::default();
    let parameters = schedule.extend(system.parameters());
    let problem = holobiont::solve::Problem {
        system: &system,
        parameters: &parameters,
        schedule: &schedule,
        times: &[1e11],
        sensitivity: None,
    };
    // an absolute tolerance far below the smallest state
    let tolerances = holobiont::solve::Tolerances {
        relative: 1e-7,
        absolute: 1e-14,
    };
    let solution = holobiont::solve::solve(&problem, &rodas(), &tolerances)
        .finished()
        .unwrap();
    for (y, r) in solution.states(0).iter().zip(reference) {
        assert!((y - r).abs() <= 3e-6 * r, "{y} instead of {r}");
    }
    steps_are(&solution, 457, 1);
}

/// Bari test set: HIRES at 321.8122.
#[test]
fn hires_reaches_its_reference() {
    let system = system(
        &[
            ("y1", "1", "-1.71*y1 + 0.43*y2 + 8.32*y3 + 0.0007"),
            ("y2", "0", "1.71*y1 - 8.75*y2"),
            ("y3", "0", "-10.03*y3 + 0.43*y4 + 0.035*y5"),
            ("y4", "0", "8.32*y2 + 1.71*y3 - 1.12*y4"),
            ("y5", "0", "-1.745*y5 + 0.43*y6 + 0.43*y7"),
            (
                "y6",
                "0",
                "-280*y6*y8 + 0.69*y4 + 1.71*y5 - 0.43*y6 + 0.69*y7",
            ),
            ("y7", "0", "280*y6*y8 - 1.81*y7"),
            ("y8", "0.0057", "-280*y6*y8 + 1.81*y7"),
        ],
        &[],
    );
    let reference = [
        0.7371312573325668e-3,
        0.1442485726316185e-3,
        0.5888729740967575e-4,
        0.1175651343283149e-2,
        0.2386356198831331e-2,
        0.6238968252742796e-2,
        0.2849998395185769e-2,
        0.2850001604814231e-2,
    ];
    let solution = run(&system, &Schedule::default(), &[321.8122], &rodas(), 1e-7)
        .finished()
        .unwrap();
    for (y, r) in solution.states(0).iter().zip(reference) {
        assert!((y - r).abs() <= 1e-7 * r, "{y} instead of {r}");
    }
    steps_are(&solution, 314, 2);
}

/// Oregonator (Field and Noyes 1974, doi:10.1063/1.1681288); digits at t = 360 of the Bari test set.
#[test]
fn the_oregonator_reaches_its_reference_after_a_full_cycle() {
    let system = system(
        &[
            ("y1", "1", "77.27 * (y2 + y1 * (1 - 8.375e-6 * y1 - y2))"),
            ("y2", "2", "(y3 - (1 + y1) * y2) / 77.27"),
            ("y3", "3", "0.161 * (y1 - y3)"),
        ],
        &[],
    );
    let reference = [
        0.1000814870318523e1,
        0.1228178521549917e4,
        0.1320554942846706e3,
    ];
    let solution = run(&system, &Schedule::default(), &[360.0], &rodas(), 1e-8)
        .finished()
        .unwrap();
    for (y, r) in solution.states(0).iter().zip(reference) {
        // errors of the steps grow with the phase of the limit cycle: measured 1e-6 of the value at most
        assert!((y - r).abs() <= 3e-6 * r, "{y} instead of {r}");
    }
}

/// Bari test set: van der Pol with mu^2 = 1e6, at t = 2.
#[test]
fn the_stiff_van_der_pol_oscillator_reaches_its_reference() {
    let system = system(
        &[("x", "2", "v"), ("v", "0", "mu2 * ((1 - x^2) * v - x)")],
        &[("mu2", 1e6)],
    );
    let solution = run(&system, &Schedule::default(), &[2.0], &rodas(), 1e-7)
        .finished()
        .unwrap();
    for (y, r) in solution
        .states(0)
        .iter()
        .zip([1.706167732170483, -0.8928097010247975])
    {
        assert!((y - r).abs() <= 1e-6 * r.abs(), "{y} instead of {r}");
    }
    steps_are(&solution, 1208, 18);
}

#[test]
fn every_method_follows_a_time_dependent_oscillation_at_many_output_times() {
    // y = (exp(-t), sin(2 t)) hidden in a coupled system
    let system = system(
        &[
            ("a", "1", "-a + k * (b - sin(2*time))"),
            ("b", "0", "2*cos(2*time)"),
        ],
        &[("k", 0.5)],
    );
    let times: Vec<f64> = (0..=200).map(|k| 0.05 * k as f64).collect();
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &times, &method, 1e-9);
        let solution = solution.finished().unwrap();
        for (k, &t) in times.iter().enumerate() {
            close(
                solution.states(k)[0],
                (-t).exp(),
                2e-7,
                &format!("a({t}) {method:?}"),
            );
            close(
                solution.states(k)[1],
                (2.0 * t).sin(),
                2e-7,
                &format!("b({t}) {method:?}"),
            );
        }
    }
}

#[test]
fn an_algebraic_state_is_solved_with_the_others() {
    // z = y^2, y' = -z: y = 1/(1 + t); the initial z is wrong on purpose
    let system = system(&[("y", "1", "-z"), ("z", "0.2", "0 = z - y^2")], &[]);
    let times = [0.0, 0.3, 1.0, 5.0];
    let solution = run(&system, &Schedule::default(), &times, &rodas(), 1e-8)
        .finished()
        .unwrap();
    for (k, t) in times.iter().enumerate() {
        close(solution.states(k)[0], 1.0 / (1.0 + t), 1e-7, "y");
        close(solution.states(k)[1], 1.0 / (1.0 + t).powi(2), 1e-7, "z");
    }
}

#[test]
fn an_algebraic_state_alone_is_as_exact_between_the_steps() {
    // (z - c) (1 + (z - c)^2) = 0 with c = cosh(t)
    let c = "0.5 * (exp(time) + exp(-time))";
    let residual = format!("0 = (z - {c}) * (1 + (z - {c})^2)");
    let system = system(&[("z", "1", &residual)], &[]);
    let times: Vec<f64> = (0..=50).map(|k| 0.1 * k as f64).collect();
    let solution = run(&system, &Schedule::default(), &times, &rodas(), 1e-8)
        .finished()
        .unwrap();
    for (k, t) in times.iter().enumerate() {
        // ten times the tolerance, for the middle of each step alone is held to it
        close(solution.states(k)[0], t.cosh(), 1e-7, "z");
    }
}

#[test]
fn an_infinite_slope_at_the_start_is_passed() {
    // d sqrt(t)/dt and d sqrt(x)/dx are infinite at 0
    let states = [
        ("by_time", "0", "sqrt(time)"),
        ("at_rest", "0", "-sqrt(at_rest)"),
        ("root", "0", "1 + sqrt(root)"),
    ];
    let times = [0.0, 1.0, 4.0];
    let solution = run(
        &system(&states, &[]),
        &Schedule::default(),
        &times,
        &rodas(),
        1e-8,
    )
    .finished()
    .unwrap();
    for (k, t) in times.iter().enumerate() {
        let [by_time, at_rest, root] = solution.states(k) else {
            panic!()
        };
        close(*by_time, 2.0 / 3.0 * t.powf(1.5), 1e-6, "by time");
        assert_eq!(*at_rest, 0.0);
        // t = 2 (sqrt(x) - ln(1 + sqrt(x)))
        let passed = 2.0 * (root.sqrt() - root.sqrt().ln_1p());
        close(passed, *t, 1e-6, "root");
    }
}

#[test]
fn work_does_not_grow_with_the_number_of_output_times() {
    let system = system(
        &[("y", "1", "-k * y * (1 + 0.5 * sin(time))")],
        &[("k", 1.0)],
    );
    let few = run(&system, &Schedule::default(), &[10.0], &rodas(), 1e-6);
    let times: Vec<f64> = (0..=1000).map(|k| 0.01 * k as f64).collect();
    let many = run(&system, &Schedule::default(), &times, &rodas(), 1e-6);
    assert_eq!(few.statistics, many.statistics);
    assert_eq!(few.states(0), many.states(1000));
}

#[test]
fn observables_are_computed_at_the_output_times() {
    let equations = with_observable(
        equations(&[("y", "y0", "-k * y")], &[("k", 2.0), ("y0", 3.0)], &[]),
        "twice",
        "2 * y + time",
    );
    let system = holobiont::compile::System::compile(&equations).unwrap();
    let solution = run(&system, &Schedule::default(), &[0.0, 1.0], &rodas(), 1e-9)
        .finished()
        .unwrap();
    let values = solution.observables(&system);
    close(values[0][0], 6.0, 1e-12, "at 0");
    close(values[1][0], 6.0 * (-2.0f64).exp() + 1.0, 1e-7, "at 1");
    assert_eq!(
        solution.series(0),
        [solution.states(0)[0], solution.states(1)[0]]
    );
}

#[test]
fn the_chemostat_washes_its_total_in_by_a_closed_form() {
    // s + x/Y = s_in + (s0 + x0/Y - s_in) exp(-D t), whatever the growth
    let system = system(
        &[
            ("s", "1", "D * (s_in - s) - mu * s / (K + s) * x / Y"),
            ("x", "0.5", "mu * s / (K + s) * x - D * x"),
        ],
        &[
            ("D", 0.2),
            ("mu", 0.5),
            ("K", 1.0),
            ("Y", 0.4),
            ("s_in", 10.0),
        ],
    );
    let times = [0.0, 1.0, 5.0, 20.0];
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &times, &method, 1e-8)
            .finished()
            .unwrap();
        for (k, t) in times.iter().enumerate() {
            let total = solution.states(k)[0] + solution.states(k)[1] / 0.4;
            close(
                total,
                10.0 + (2.25 - 10.0) * (-0.2 * t).exp(),
                1e-7,
                &format!("{method:?} at {t}"),
            );
        }
    }
}
