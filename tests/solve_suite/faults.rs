//! Faults of one subject: each ends with its cause and time, and the subjects beside it have the bits of a run without it.
use crate::support::*;
use holobiont::{
    compile::System,
    schedule::{Register, Schedule},
    solve::{
        Cause, Directions, Dop853, Dopri5, Method, Problem, Rodas5P, Solution, Status, Tsit5,
        required_registers, solve, solve_many,
    },
};

/// Enough for every fault but the one of too many steps.
const LIMIT: usize = 1500;

/// Each parameter but k makes the subject fail with some values, and is harmless at its default.
fn model() -> System {
    system(
        &[
            ("pole", "1", "explodes * pole^2 - k * pole"),
            ("root", "1", "k * (2 - root) + sqrt(shift + root)"),
            ("clock", "0", "sqrt(until - time) - clock"),
            ("huge", "0", "exp(growth * time) - huge"),
            ("narrow", "0", "1e-3 / (wall - time)^1.5 - narrow"),
            ("swing", "1", "speed * turn"),
            ("turn", "0", "-speed * swing"),
        ],
        &[
            ("k", 0.5),
            ("explodes", 0.0),
            ("shift", 1.0),
            ("until", 50.0),
            ("growth", 0.1),
            ("wall", 50.0),
            ("speed", 1.0),
        ],
    )
}

struct Fault {
    name: &'static str,
    changes: &'static [(&'static str, f64)],
    causes: &'static [fn(&Cause) -> bool],
    /// when it ends
    between: (f64, f64),
}

fn not_finite(cause: &Cause) -> bool {
    matches!(cause, Cause::NonFinite { .. })
}
fn too_small(cause: &Cause) -> bool {
    *cause == Cause::StepTooSmall
}
fn too_many(cause: &Cause) -> bool {
    *cause == Cause::TooManySteps
}

const FAULTS: [Fault; 6] = [
    Fault {
        name: "NaN from the start",
        changes: &[("shift", -5.0)],
        causes: &[not_finite],
        between: (0.0, 0.0),
    },
    Fault {
        // the methods of ode_solvers come so near to the end of the square root that no shorter step is left
        name: "NaN from a time on",
        changes: &[("until", 0.7)],
        causes: &[not_finite, too_small],
        between: (0.7 - 1e-12, 0.7 + 1e-12),
    },
    Fault {
        // exp(1000 t) overflows at 0.7098; before that sums of its multiples do
        name: "overflow",
        changes: &[("growth", 1000.0)],
        causes: &[not_finite, too_small],
        between: (0.69, 0.7098),
    },
    Fault {
        name: "blow-up at finite time",
        changes: &[("k", 0.0), ("explodes", 1.0)],
        causes: &[too_small, not_finite],
        between: (0.999, 1.001),
    },
    Fault {
        // steps shrink with the distance from the wall, which the states do not pass
        name: "collapse of the step size",
        changes: &[("wall", 0.73)],
        causes: &[too_small, not_finite],
        between: (0.73 - 1e-9, 0.73 + 1e-12),
    },
    Fault {
        name: "too many steps",
        changes: &[("speed", 1e5)],
        causes: &[too_many],
        between: (1e-3, 0.05),
    },
];

fn with(system: &System, k: f64, changes: &[(&str, f64)]) -> Vec<f64> {
    let mut parameters = system.parameters().to_vec();
    parameters[0] = k;
    for (id, value) in changes {
        parameters[system.parameter_index(id).expect("a parameter")] = *value;
    }
    parameters
}

/// Typed and placed as the fault says; numbers before it, NaN after.
#[track_caller]
fn ends_as(fault: &Fault, solution: &Solution, method: &Method) {
    let what = format!("{}, {method:?}: {:?}", fault.name, solution.status);
    let Status::Failed { time, cause } = &solution.status else {
        panic!("{what}")
    };
    assert!(fault.causes.iter().any(|is| is(cause)), "{what}");
    assert!((fault.between.0..=fault.between.1).contains(time), "{what}");
    for (k, t) in solution.times.iter().enumerate() {
        let sensitivities =
            (0..solution.directions()).flat_map(|j| solution.sensitivity(k, j).iter());
        let numbers: Vec<f64> = (solution.states(k).iter())
            .chain(sensitivities)
            .copied()
            .collect();
        if t > time {
            assert!(numbers.iter().all(|x| x.is_nan()), "{what}: at {t}");
        } else if t < time {
            assert!(numbers.iter().all(|x| x.is_finite()), "{what}: at {t}");
        }
    }
}

fn bits(solution: &Solution) -> Vec<u64> {
    let times = 0..solution.times.len();
    let of = |k: usize| {
        let sensitivities =
            (0..solution.directions()).flat_map(move |j| solution.sensitivity(k, j));
        solution.states(k).iter().chain(sensitivities)
    };
    times.flat_map(of).map(|x| x.to_bits()).collect()
}

#[track_caller]
fn same(a: &Solution, b: &Solution, what: &str) {
    assert_eq!(a.status, b.status, "{what}");
    assert_eq!(a.statistics, b.statistics, "{what}");
    assert_eq!(bits(a), bits(b), "{what}");
}

/// Every healthy subject beside the faulty one, in all its positions, against a run of the healthy ones alone.
fn neighbours_keep_their_bits(
    system: &System,
    faulty: &[f64],
    healthy: &[Vec<f64>],
    times: &[f64],
    method: &Method,
    directions: Option<Directions>,
    check: impl Fn(&Solution),
) {
    let schedule = Schedule::default();
    let problem = |parameters| Problem {
        system,
        parameters,
        schedule: &schedule,
        times,
        sensitivity: directions,
    };
    let tolerances = tolerances(1e-4);
    let problems: Vec<Problem> = healthy.iter().map(|p| problem(p)).collect();
    let without = solve_many(&problems, method, &tolerances);
    for solution in &without {
        assert_eq!(solution.status, Status::Finished);
    }
    let alone = solve(&problem(faulty), method, &tolerances);
    check(&alone);
    for position in 0..=healthy.len() {
        let mut problems = problems.clone();
        problems.insert(position, problem(faulty));
        let mut many = solve_many(&problems, method, &tolerances);
        same(&many.remove(position), &alone, "the faulty one");
        for (i, (a, b)) in many.iter().zip(&without).enumerate() {
            same(
                a,
                b,
                &format!("subject {i}, fault at {position}, {method:?}"),
            );
        }
    }
}

fn in_lanes() -> [Method; 2] {
    [
        Method::Rodas5P(Rodas5P { max_steps: LIMIT }),
        Method::Tsit5(Tsit5 { max_steps: LIMIT }),
    ]
}

fn limited(max_steps: usize) -> [Method; 4] {
    [
        Method::Rodas5P(Rodas5P { max_steps }),
        Method::Tsit5(Tsit5 { max_steps }),
        Method::Dopri5(Dopri5 { max_steps }),
        Method::Dop853(Dop853 { max_steps }),
    ]
}

fn times() -> Vec<f64> {
    (0..=20).map(|k| 0.1 * f64::from(k)).collect()
}

#[test]
fn a_fault_has_its_cause_and_time_and_touches_no_neighbour_in_any_position() {
    let system = model();
    // eight lanes and one in the queue
    let healthy: Vec<Vec<f64>> = (0..8)
        .map(|i| with(&system, 0.3 + 0.1 * f64::from(i), &[]))
        .collect();
    for fault in &FAULTS {
        let faulty = with(&system, 0.5, fault.changes);
        for method in in_lanes() {
            neighbours_keep_their_bits(
                &system,
                &faulty,
                &healthy,
                &times(),
                &method,
                None,
                |alone| ends_as(fault, alone, &method),
            );
        }
    }
}

#[test]
fn a_fault_touches_no_sensitivity_of_a_neighbour() {
    let system = model();
    let seeds: Vec<Vec<(Register, f64)>> = vec![
        vec![(Register(0), 1.0)],
        vec![(Register(2), 1.0), (Register(6), 0.5)],
    ];
    let tapes = system
        .sensitivity(&required_registers(&system, &Schedule::default(), &seeds))
        .unwrap();
    let healthy: Vec<Vec<f64>> = (0..3)
        .map(|i| with(&system, 0.3 + 0.1 * f64::from(i), &[]))
        .collect();
    for fault in &FAULTS {
        let faulty = with(&system, 0.5, fault.changes);
        for method in in_lanes() {
            for error_control in [false, true] {
                let directions = Directions {
                    tapes: &tapes,
                    seeds: &seeds,
                    error_control,
                };
                neighbours_keep_their_bits(
                    &system,
                    &faulty,
                    &healthy,
                    &times(),
                    &method,
                    Some(directions),
                    |alone| ends_as(fault, alone, &method),
                );
            }
        }
    }
}

#[test]
fn a_singular_matrix_is_told_and_touches_no_neighbour_in_any_position() {
    // with e = 0 nothing fixes z
    let system = system(
        &[("y", "1", "-k * y"), ("z", "1", "0 = e * (z - y^2)")],
        &[("k", 0.5), ("e", 1.0)],
    );
    let healthy: Vec<Vec<f64>> = (0..8)
        .map(|i| vec![0.3 + 0.1 * f64::from(i), 1.0])
        .collect();
    let method = Method::Rodas5P(Rodas5P::default());
    neighbours_keep_their_bits(
        &system,
        &[0.5, 0.0],
        &healthy,
        &times(),
        &method,
        None,
        |alone| {
            let expected = Status::Failed {
                time: 0.0,
                cause: Cause::Singular,
            };
            assert_eq!(alone.status, expected);
        },
    );
}

#[test]
fn the_step_limit_holds_for_every_method_within_one_stretch_and_over_many() {
    let system = system(
        &[("swing", "1", "1e4 * turn"), ("turn", "0", "-1e4 * swing")],
        &[],
    );
    for limit in [1, 50, 777] {
        for many in [false, true] {
            let times: Vec<f64> = match many {
                true => (1..1000).map(|k| 1e-3 * f64::from(k)).collect(),
                false => vec![1.0],
            };
            for method in limited(limit) {
                let solution = run(&system, &Schedule::default(), &times, &method, 1e-6);
                let what = format!(
                    "{method:?}: {:?} {:?}",
                    solution.status, solution.statistics
                );
                let Status::Failed { time, cause } = &solution.status else {
                    panic!("{what}")
                };
                assert_eq!(*cause, Cause::TooManySteps, "{what}");
                let work = solution.statistics;
                assert_eq!(work.steps + work.rejected, limit, "{what}");
                assert!(work.right_hand_sides >= 6 * limit, "{what}");
                // a step is at most two radians here, and at least a tenth
                let radians = 1e4 * time;
                assert!(radians <= 2.0 * limit as f64, "{what}");
                assert!(limit == 1 || 10.0 * radians >= limit as f64, "{what}");
            }
        }
    }
}

#[test]
fn the_methods_of_ode_solvers_end_with_the_same_causes() {
    let system = model();
    for fault in &FAULTS {
        let parameters = with(&system, 0.5, fault.changes);
        for method in &limited(LIMIT)[2..] {
            let times = times();
            let problem = Problem {
                system: &system,
                parameters: &parameters,
                schedule: &Schedule::default(),
                times: &times,
                sensitivity: None,
            };
            ends_as(fault, &solve(&problem, method, &tolerances(1e-4)), method);
        }
    }
}

#[test]
fn a_blow_up_is_found_at_one_over_the_start() {
    // y' = y^2 from y0 ends at 1/y0
    let system = system(&[("y", "y0", "y^2")], &[("y0", 1.0)]);
    for method in methods() {
        for y0 in [1e-3, 0.2, 1.0, 30.0, 1e6] {
            let problem = Problem {
                system: &system,
                parameters: &[y0],
                schedule: &Schedule::default(),
                times: &[2.0 / y0],
                sensitivity: None,
            };
            let solution = solve(&problem, &method, &tolerances(1e-6));
            let Status::Failed { time, .. } = solution.status else {
                panic!("{method:?} finished")
            };
            // errors of the steps move the pole by some tolerances: 2e-6 measured
            assert!((time * y0 - 1.0).abs() < 1e-5, "{method:?} {y0}: {time}");
            assert!(solution.states(0)[0].is_nan());
        }
    }
}

#[test]
fn a_million_steps_are_made_and_not_one_more() {
    let system = system(
        &[("swing", "1", "1e4 * turn"), ("turn", "0", "-1e4 * swing")],
        &[],
    );
    // more than ode_solvers is given at once, a million for the methods that are stepped here
    let [rodas5p, tsit5, ..] = limited(1_000_000);
    let [_, _, dopri5, dop853] = limited(120_000);
    for method in [rodas5p, tsit5, dopri5, dop853] {
        let solution = run(&system, &Schedule::default(), &[1.0, 1e9], &method, 1e-6);
        let Status::Failed { time, cause } = &solution.status else {
            panic!("{method:?} finished")
        };
        assert_eq!(*cause, Cause::TooManySteps);
        let work = solution.statistics;
        assert_eq!(work.steps + work.rejected, method.max_steps());
        // a fifth of a radian a step, or more: 1e4 radians in a unit of time
        let radians = 1e4 * time;
        assert!(
            radians > 0.1 * method.max_steps() as f64,
            "{method:?} {time}"
        );
        assert!(solution.states(0).iter().all(|y| y.is_finite()));
        assert!(solution.states(1).iter().all(|y| y.is_nan()));
    }
}
