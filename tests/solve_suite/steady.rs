//! Steady states, alone, before other periods and at the end; with conservation laws and sensitivities.
use crate::support::*;
use holobiont::{
    compile::System,
    network::InputKind,
    schedule::{Dose, Factor, Jump, Moment, Period, Register, Schedule, Start},
    solve::{Cause, Method, Solution, Status},
};

fn steady(overrides: Vec<(usize, Register)>) -> Period {
    Period {
        id: "steady".into(),
        start: Start::SteadyState,
        overrides,
        jumps: Vec::new(),
        events: Vec::new(),
    }
}

fn only_steady() -> Schedule {
    Schedule {
        periods: vec![steady(Vec::new())],
        ..Schedule::default()
    }
}

const FOREVER: [f64; 1] = [f64::INFINITY];

/// The steady state with sensitivities in the first parameters.
#[track_caller]
fn settle(system: &System, parameters: usize, method: &Method) -> Solution {
    let registers: Vec<Register> = (0..parameters).map(Register).collect();
    run_with_sensitivities(
        system,
        &only_steady(),
        system.parameters(),
        &registers,
        &FOREVER,
        method,
        1e-7,
    )
    .finished()
    .unwrap()
}

/// Chemostat with Monod growth: s* = K D / (mu - D), x* = Y (s_in - s*).
fn chemostat() -> System {
    system(
        &[
            ("s", "s_in", "D * (s_in - s) - mu * s / (K + s) * x / Y"),
            ("x", "0.01", "mu * s / (K + s) * x - D * x"),
        ],
        &[
            ("D", 0.2),
            ("mu", 0.5),
            ("K", 1.0),
            ("Y", 0.4),
            ("s_in", 10.0),
        ],
    )
}

#[test]
fn the_chemostat_settles_at_its_closed_form_with_exact_sensitivities() {
    let system = chemostat();
    for method in methods() {
        let solution = settle(&system, 5, &method);
        let s = 1.0 * 0.2 / 0.3;
        close(solution.states(0)[0], s, 1e-10, &format!("s {method:?}"));
        close(
            solution.states(0)[1],
            0.4 * (10.0 - s),
            1e-10,
            &format!("x {method:?}"),
        );
        let ds = [0.5 / 0.09, -0.2 / 0.09, 0.2 / 0.3, 0.0, 0.0];
        for (j, ds) in ds.iter().enumerate() {
            close(solution.sensitivity(0, j)[0], *ds, 1e-9, "ds");
            let dx = -0.4 * ds + [0.0, 0.0, 0.0, 10.0 - s, 0.4][j];
            close(solution.sensitivity(0, j)[1], dx, 1e-9, "dx");
        }
    }
}

#[test]
fn an_unstable_steady_state_is_left() {
    // washout is a steady state, and 1e-8 of biomass lies within ten tolerances of it, but must grow
    let mut parameters = chemostat().parameters().to_vec();
    parameters.push(1e-8);
    let names = ["D", "mu", "K", "Y", "s_in", "x0"];
    let list: Vec<(&str, f64)> = names.iter().copied().zip(parameters).collect();
    let system = system(
        &[
            ("s", "s_in", "D * (s_in - s) - mu * s / (K + s) * x / Y"),
            ("x", "x0", "mu * s / (K + s) * x - D * x"),
        ],
        &list,
    );
    let solution = run(&system, &only_steady(), &FOREVER, &rodas(), 1e-6)
        .finished()
        .unwrap();
    close(solution.states(0)[0], 2.0 / 3.0, 1e-8, "s");
    // none at all stays none
    let mut none = system.parameters().to_vec();
    none[5] = 0.0;
    let schedule = only_steady();
    let problem = holobiont::solve::Problem {
        system: &system,
        parameters: &none,
        schedule: &schedule,
        times: &FOREVER,
        sensitivity: None,
    };
    let washed_out = holobiont::solve::solve(&problem, &rodas(), &tolerances(1e-6))
        .finished()
        .unwrap();
    assert_eq!(washed_out.states(0), [10.0, 0.0]);
}

#[test]
fn conserved_totals_are_kept_and_carry_sensitivities() {
    // a <-> b <-> c with total T: b* = T / (1 + kb/kf + kg/kh)
    let system = system(
        &[
            ("a", "a0", "kb * b - kf * a"),
            ("b", "b0", "kf * a - kb * b + kh * c - kg * b"),
            ("c", "0", "kg * b - kh * c"),
        ],
        &[
            ("a0", 1.0),
            ("b0", 2.0),
            ("kf", 0.5),
            ("kb", 1.5),
            ("kg", 0.2),
            ("kh", 0.1),
        ],
    );
    for method in methods() {
        let solution = settle(&system, 6, &method);
        let (total, share) = (3.0, 1.0 + 3.0 + 2.0);
        let b = total / share;
        for (i, expected) in [3.0 * b, b, 2.0 * b].into_iter().enumerate() {
            close(
                solution.states(0)[i],
                expected,
                1e-9,
                &format!("state {i} {method:?}"),
            );
        }
        let db = [
            1.0 / share,
            1.0 / share,
            b / share * 3.0 / 0.5,
            -b / share / 0.5,
            -b / share / 0.1,
            b / share * 2.0 / 0.1,
        ];
        for (j, db) in db.iter().enumerate() {
            close(
                solution.sensitivity(0, j)[1],
                *db,
                1e-8,
                &format!("db/dp{j} {method:?}"),
            );
        }
    }
}

#[test]
fn a_continuum_of_steady_states_is_reached_and_differentiated_by_integration() {
    // SIR: the final size depends on the start, and no constant conservation law fixes it
    let system = system(
        &[("s", "s0", "-b * s * i"), ("i", "i0", "b * s * i - g * i")],
        &[("s0", 0.99), ("i0", 0.01), ("b", 1.0), ("g", 0.4)],
    );
    let schedule = only_steady();
    let registers: Vec<Register> = (0..4).map(Register).collect();
    let solution = run_with_sensitivities(
        &system,
        &schedule,
        system.parameters(),
        &registers,
        &FOREVER,
        &rodas(),
        1e-9,
    )
    .finished()
    .unwrap();
    // final size: ln(s/s0) = -(b/g) (s0 + i0 - s)
    let s = solution.states(0)[0];
    close((s / 0.99f64).ln(), -2.5 * (1.0 - s), 1e-7, "final size");
    // derivative of the final size relation along b: ds (1/s - b/g) = -(1 - s)/g
    close(
        solution.sensitivity(0, 2)[0],
        -(1.0 - s) / 0.4 / (1.0 / s - 2.5),
        1e-5,
        "ds/db",
    );
}

#[test]
fn a_steady_state_precedes_a_perturbation() {
    let system = system(&[("y", "0", "k - y * d")], &[("k", 2.0), ("d", 0.5)]);
    let mut schedule = Schedule::default();
    let (before, start, amount) = (
        schedule.add_entry(2, "before", 1.0),
        schedule.add_entry(2, "start", -1.0),
        schedule.add_entry(2, "amount", 3.0),
    );
    let t = schedule.add_entry(2, "t", 1.0);
    let jump = Jump {
        state: 0,
        offset: Some(amount),
        factor: Factor::One,
    };
    schedule.periods = vec![
        steady(vec![(0, before)]),
        Period {
            id: "then".into(),
            start: Start::At(Moment {
                at: start,
                lag: None,
            }),
            overrides: vec![],
            jumps: vec![jump],
            events: Vec::new(),
        },
    ];
    schedule.doses = vec![Dose {
        moment: Moment { at: t, lag: None },
        jump,
    }];
    let times = [-0.5, 0.0, 2.0, f64::INFINITY];
    let decay = |t: f64| (-0.5 * t).exp();
    let expected = [
        4.0 + decay(0.5),
        4.0 + decay(1.0),
        4.0 + decay(3.0) + 3.0 * decay(1.0),
        4.0,
    ];
    for method in methods() {
        first_state_is(&system, &schedule, &times, &expected, &method);
        let all: Vec<Register> = (0..6).map(Register).collect();
        compare_with_differences(&system, &schedule, &all, &times, &method);
    }
}

#[test]
fn inputs_stand_at_their_first_value_before_and_at_their_last_after() {
    let system = system_with_inputs(
        &[("y", "0", "u - y")],
        &[],
        &[("u", InputKind::Step, &[(-5.0, 2.0), (1.0, 7.0)])],
    );
    let solution = run(
        &system,
        &only_steady(),
        &[0.0, 1.0, f64::INFINITY],
        &rodas(),
        1e-8,
    )
    .finished()
    .unwrap();
    close(solution.states(0)[0], 2.0, 1e-9, "before");
    close(solution.states(1)[0], 2.0, 1e-8, "until the knot");
    close(solution.states(2)[0], 7.0, 1e-9, "after");
}

#[test]
fn what_never_settles_is_told() {
    let grows = system(&[("y", "0", "1")], &[]);
    let forced = system(&[("y", "0", "cos(time) - y")], &[]);
    let oscillates = system(
        &[("x", "1", "x * (1 - y)"), ("y", "0.5", "y * (x - 1)")],
        &[],
    );
    let method = holobiont::solve::Method::Rodas5P(holobiont::solve::Rodas5P { max_steps: 3000 });
    for system in [grows, forced, oscillates] {
        let solution = run(&system, &only_steady(), &FOREVER, &method, 1e-6);
        assert!(
            matches!(
                solution.status,
                Status::Failed {
                    cause: Cause::NoSteadyState,
                    ..
                }
            ),
            "{:?}",
            solution.status
        );
    }
}
