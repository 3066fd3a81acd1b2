//! Lanes: the same bits at every width, whatever the neighbours do.
use crate::support::*;
use holobiont::{
    compile::System,
    lanes::InstructionSet,
    schedule::{Dose, Factor, Jump, Moment, Register, Schedule},
    solve::{
        Directions, Machine, Method, Problem, Solution, Solver, Status, Tsit5, required_registers,
        solve, solve_many,
    },
};

fn model() -> System {
    system(
        &[
            ("s", "s0", "-v * s * x / (K + s) + d * (s_in - s)"),
            (
                "x",
                "0.1",
                "v * s * x / (K + s) - d * x - piecewise(0.3 * x, x > 1, 0)",
            ),
            ("q", "1", "-ln(q + shift) + exp(-x) - q^2"),
        ],
        &[
            ("v", 2.0),
            ("K", 0.5),
            ("d", 0.3),
            ("s_in", 4.0),
            ("s0", 2.0),
            ("shift", 1.0),
        ],
    )
}

struct Cohort {
    parameters: Vec<Vec<f64>>,
    schedules: Vec<Schedule>,
    times: Vec<Vec<f64>>,
}

/// Subjects with different parameters, lengths and doses; every fifth fails.
fn cohort(system: &System, count: usize) -> Cohort {
    let mut cohort = Cohort {
        parameters: Vec::new(),
        schedules: Vec::new(),
        times: Vec::new(),
    };
    for i in 0..count {
        let p = system.parameters().len();
        let mut schedule = Schedule::default();
        for d in 0..i % 4 {
            let at = schedule.add_entry(p, "t", 1.0 + d as f64 * (1.0 + 0.1 * i as f64));
            let amount = schedule.add_entry(p, "a", 0.5 + 0.1 * d as f64);
            let jump = Jump {
                state: 0,
                offset: Some(amount),
                factor: Factor::One,
            };
            schedule.doses.push(Dose {
                moment: Moment { at, lag: None },
                jump,
            });
        }
        let mut parameters = schedule.extend(system.parameters());
        parameters[0] *= 1.0 + 0.13 * i as f64;
        parameters[2] *= 1.0 + 0.05 * (i % 7) as f64;
        if i % 5 == 4 {
            parameters[5] = -1.5; // ln of a negative number
        }
        cohort.parameters.push(parameters);
        cohort.schedules.push(schedule);
        cohort
            .times
            .push((0..=10 + 3 * i).map(|k| 0.37 * k as f64).collect());
    }
    cohort
}

fn same_bits(a: &Solution, b: &Solution, what: &str) {
    assert_eq!(a.status, b.status, "{what}");
    assert_eq!(a.statistics, b.statistics, "{what}");
    for k in 0..a.times.len() {
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(
            bits(a.states(k)),
            bits(b.states(k)),
            "{what} at {}",
            a.times[k]
        );
        for j in 0..a.directions() {
            assert_eq!(
                bits(a.sensitivity(k, j)),
                bits(b.sensitivity(k, j)),
                "{what} at {} direction {j}",
                a.times[k]
            );
        }
    }
}

#[test]
fn many_subjects_have_the_bits_of_single_solves_and_failures_touch_no_neighbour() {
    let system = model();
    let cohort = cohort(&system, 21);
    let seeds: Vec<Vec<(Register, f64)>> = vec![
        vec![(Register(0), 1.0)],
        vec![(Register(4), 1.0), (Register(2), 0.5)],
    ];
    let tapes = system
        .sensitivity(&required_registers(&system, &Schedule::default(), &seeds))
        .unwrap();
    for (sensitive, error_control) in [(false, false), (true, false), (true, true)] {
        let problems: Vec<Problem> = (0..21)
            .map(|i| Problem {
                system: &system,
                parameters: &cohort.parameters[i],
                schedule: &cohort.schedules[i],
                times: &cohort.times[i],
                // subjects may differ in what they ask for
                sensitivity: (sensitive && i % 3 != 0).then_some(Directions {
                    tapes: &tapes,
                    seeds: &seeds[..1 + i % 2],
                    error_control,
                }),
            })
            .collect();
        for method in [rodas(), Method::Tsit5(Tsit5::default())] {
            let many = solve_many(&problems, &method, &tolerances(1e-6));
            for (i, problem) in problems.iter().enumerate() {
                let one = solve(problem, &method, &tolerances(1e-6));
                assert_eq!(
                    one.status == Status::Finished,
                    i % 5 != 4,
                    "subject {i}: {:?}",
                    one.status
                );
                same_bits(&one, &many[i], &format!("subject {i} {method:?}"));
            }
        }
    }
}

#[test]
fn the_order_of_the_queue_does_not_matter() {
    let system = model();
    let cohort = cohort(&system, 12);
    let problem = |i: usize| Problem {
        system: &system,
        parameters: &cohort.parameters[i],
        schedule: &cohort.schedules[i],
        times: &cohort.times[i],
        sensitivity: None,
    };
    let forward = solve_many(
        &(0..12).map(problem).collect::<Vec<_>>(),
        &rodas(),
        &tolerances(1e-6),
    );
    let backward = solve_many(
        &(0..12).rev().map(problem).collect::<Vec<_>>(),
        &rodas(),
        &tolerances(1e-6),
    );
    for (i, a) in forward.iter().enumerate() {
        same_bits(a, &backward[11 - i], &format!("subject {i}"));
    }
}

#[test]
fn the_bits_are_the_same_with_every_machine_and_when_memory_is_used_again() {
    let system = model();
    let cohort = cohort(&system, 11);
    // more directions than a narrow group has
    let seeds: Vec<Vec<(Register, f64)>> = (0..10)
        .map(|j| {
            vec![
                (Register(j % 6), 1.0),
                (Register((j + 1) % 6), 0.1 * j as f64),
            ]
        })
        .collect();
    let tapes = system
        .sensitivity(&required_registers(&system, &Schedule::default(), &seeds))
        .unwrap();
    let problems: Vec<Problem> = (0..11)
        .map(|i| Problem {
            system: &system,
            parameters: &cohort.parameters[i],
            schedule: &cohort.schedules[i],
            times: &cohort.times[i],
            sensitivity: (i % 3 != 0).then_some(Directions {
                tapes: &tapes,
                seeds: &seeds[..1 + 3 * (i % 4)],
                error_control: i % 2 == 0,
            }),
        })
        .collect();
    for method in [rodas(), Method::Tsit5(Tsit5::default())] {
        let tolerances = tolerances(1e-5);
        let expected: Vec<Solution> = (problems.iter())
            .map(|problem| solve(problem, &method, &tolerances))
            .collect();
        for set in InstructionSet::available() {
            for (lanes, threads) in [(1, 1), (4, 1), (8, 2), (16, 1), (4, 5), (8, 1)] {
                let machine = Machine {
                    lanes: Some(lanes),
                    threads: Some(threads),
                    instructions: Some(set),
                };
                let solver = Solver::new(&system, method, tolerances).on(machine);
                for call in 0..2 {
                    for (i, solution) in solver.solve_many(&problems).iter().enumerate() {
                        let what = format!("subject {i}, call {call}, {machine:?}, {method:?}");
                        same_bits(&expected[i], solution, &what);
                    }
                }
            }
        }
    }
}

#[test]
fn the_stiff_method_is_recommended_for_the_stiff_problem_alone() {
    let rates = |fast: f64| {
        system(
            &[("a", "1", "-a + b"), ("b", "0", "fast * (a^2 - b)")],
            &[("fast", fast)],
        )
    };
    for (fast, stiff) in [(2.0, false), (1e6, true)] {
        let system = rates(fast);
        let schedule = Schedule::default();
        let problem = Problem {
            system: &system,
            parameters: system.parameters(),
            schedule: &schedule,
            times: &[20.0],
            sensitivity: None,
        };
        let recommended = Method::recommended(&problem, &tolerances(1e-6), 1000);
        let rodas = matches!(recommended.method, Method::Rodas5P(_));
        assert_eq!(rodas, stiff, "{}", recommended.why);
        assert!(recommended.lanes >= 4, "{}", recommended.why);
        assert_eq!(recommended.machine().lanes, Some(recommended.lanes));
        assert!(
            recommended.why.contains("1000 subjects"),
            "{}",
            recommended.why
        );
    }
}
