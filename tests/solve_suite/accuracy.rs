//! Closed forms; standard problems with published digits stand in `reference`.
use crate::support::*;
use holobiont::schedule::Schedule;

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
