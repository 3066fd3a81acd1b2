//! Conditions that flip at times and at states.
use crate::support::*;
use holobiont::{schedule::Schedule, solve::Cause, solve::Status};

#[test]
fn a_condition_on_time_switches_exactly() {
    let system = system(&[("y", "0", "piecewise(1, time < T, -3)")], &[("T", 0.7)]);
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &[0.7, 2.0], &method, 1e-6)
            .finished()
            .unwrap();
        close(solution.states(0)[0], 0.7, 1e-10, "at the switch");
        close(
            solution.states(1)[0],
            0.7 - 3.9,
            1e-10,
            &format!("after {method:?}"),
        );
    }
}

#[test]
fn a_condition_on_a_state_switches_at_the_crossing() {
    // y' = 1 below 1 and -2 y above... it crosses once, at t = 1, and then grows at half speed
    let system = system(&[("y", "0", "piecewise(1, y < c, 0.5)")], &[("c", 1.0)]);
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &[3.0], &method, 1e-6)
            .finished()
            .unwrap();
        close(solution.states(0)[0], 2.0, 1e-9, &format!("{method:?}"));
    }
}

#[test]
fn a_thermostat_with_hysteresis_switches_again_and_again() {
    // the heater is a state that flips by steep feedback through two thresholds: a bang-bang with memory h in {0, 1}
    let system = system(
        &[
            ("T", "18", "r * (piecewise(30, h > 0.5, 10) - T)"),
            (
                "h",
                "1",
                "100 * (piecewise(1, T < 19, piecewise(0, T > 21, h > 0.5)) - h)",
            ),
        ],
        &[("r", 0.5)],
    );
    let times: Vec<f64> = (0..=100).map(|k| 0.5 * k as f64).collect();
    let solution = run(&system, &Schedule::default(), &times, &rodas(), 1e-7)
        .finished()
        .unwrap();
    let late: Vec<f64> = solution.series(0)[20..].to_vec();
    // overshoot: h needs ln(2)/100 to pass its threshold
    assert!(late.iter().all(|t| (18.8..21.2).contains(t)), "{late:?}");
    assert!(
        late.windows(2).filter(|w| w[1] < w[0]).count() > 10,
        "it must switch"
    );
}

#[test]
fn a_relay_without_hysteresis_is_reported_as_chattering() {
    let system = system(&[("y", "0", "piecewise(1, y < 1, -1)")], &[]);
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &[0.5, 3.0], &method, 1e-6);
        close(solution.states(0)[0], 0.5, 1e-9, "before");
        assert!(solution.states(1)[0].is_nan());
        let Status::Failed { time, cause } = &solution.status else {
            panic!("{:?}", solution.status)
        };
        assert_eq!(*cause, Cause::Chattering, "{method:?}");
        close(*time, 1.0, 1e-6, "when");
    }
}

#[test]
fn a_state_that_rests_on_its_threshold_stays_there() {
    let system = system(
        &[("y", "0", "piecewise(-1, y > 0, 0)"), ("x", "1", "-x")],
        &[],
    );
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &[10.0], &method, 1e-6)
            .finished()
            .unwrap();
        assert_eq!(solution.states(0)[0], 0.0);
    }
}

#[test]
fn several_conditions_that_flip_at_one_moment_flip_together() {
    let system = system(
        &[(
            "y",
            "0",
            "piecewise(1, time < 1, 0) + piecewise(1, 2*time < 2, 0) + piecewise(1, time - 1 >= 0, 0)",
        )],
        &[],
    );
    let solution = run(&system, &Schedule::default(), &[3.0], &rodas(), 1e-6)
        .finished()
        .unwrap();
    close(solution.states(0)[0], 2.0 + 2.0, 1e-9, "sum");
}

#[test]
fn the_branch_not_taken_may_be_undefined() {
    let system = system(
        &[("y", "1", "piecewise(-1, y > 0.5, -1 + 0*ln(0.5 - y))")],
        &[],
    );
    let solution = run(&system, &Schedule::default(), &[0.25], &rodas(), 1e-6)
        .finished()
        .unwrap();
    close(solution.states(0)[0], 0.75, 1e-12, "y");
}
