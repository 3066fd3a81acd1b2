//! Forward sensitivities against differences of tight solves, and closed forms.
use crate::support::*;
use holobiont::{
    compile::System,
    network::InputKind,
    schedule::{Dose, Factor, InputTable, Jump, Moment, Period, Register, Schedule, Start},
    solve::{Directions, Method, Problem, Tolerances, Tsit5, solve},
};

/// Moderately stiff, non-linear, non-autonomous.
pub fn model() -> System {
    system(
        &[
            (
                "s",
                "s0",
                "-v * s * x / (K + s) + d * (s_in * (1 + 0.3 * sin(time)) - s)",
            ),
            ("x", "x0 * (1 + d)", "v * s * x / (K + s) - d * x - x * c"),
            ("c", "0", "20 * (x - c)"),
        ],
        &[
            ("v", 2.0),
            ("K", 0.5),
            ("d", 0.3),
            ("s_in", 4.0),
            ("s0", 2.0),
            ("x0", 0.2),
        ],
    )
}

fn registers(count: usize) -> Vec<Register> {
    (0..count).map(Register).collect()
}

#[test]
fn parameters_and_initial_values_under_every_method() {
    for method in methods() {
        compare_with_differences(
            &model(),
            &Schedule::default(),
            &registers(6),
            &[0.0, 0.33, 1.0, 4.0],
            &method,
        );
    }
}

#[test]
fn doses_their_times_lags_and_factors() {
    let system = model();
    let p = system.parameters().len();
    let mut schedule = Schedule::default();
    let (t1, lag, amount) = (
        schedule.add_entry(p, "t1", 0.8),
        schedule.add_entry(p, "lag", 0.3),
        schedule.add_entry(p, "amount", 1.5),
    );
    let (t2, factor, offset) = (
        schedule.add_entry(p, "t2", 2.0),
        schedule.add_entry(p, "factor", 0.4),
        schedule.add_entry(p, "offset", 0.3),
    );
    let jump = |state, offset, factor| Jump {
        state,
        offset,
        factor,
    };
    schedule.doses = vec![
        Dose {
            moment: Moment {
                at: t1,
                lag: Some(lag),
            },
            jump: jump(0, Some(amount), Factor::One),
        },
        Dose {
            moment: Moment { at: t2, lag: None },
            jump: jump(1, Some(offset), Factor::Register(factor)),
        },
        // at the same moment as the one before, after it
        Dose {
            moment: Moment { at: t2, lag: None },
            jump: jump(1, None, Factor::Register(factor)),
        },
        Dose {
            moment: Moment { at: t2, lag: None },
            jump: jump(0, Some(offset), Factor::Zero),
        },
    ];
    for method in methods() {
        compare_with_differences(
            &system,
            &schedule,
            &registers(p + 6),
            &[0.5, 1.0, 1.2, 2.5, 4.0],
            &method,
        );
    }
}

#[test]
fn period_starts_overrides_and_jumps() {
    let system = model();
    let p = system.parameters().len();
    let mut schedule = Schedule::default();
    let (start, second, third) = (
        schedule.add_entry(p, "start", -0.5),
        schedule.add_entry(p, "second", 1.0),
        schedule.add_entry(p, "third", 2.0),
    );
    let (fast, amount) = (
        schedule.add_entry(p, "fast", 3.0),
        schedule.add_entry(p, "amount", 0.7),
    );
    let at = |register| {
        Start::At(Moment {
            at: register,
            lag: None,
        })
    };
    let jump = Jump {
        state: 1,
        offset: Some(amount),
        factor: Factor::One,
    };
    schedule.periods = vec![
        Period {
            id: "a".into(),
            start: at(start),
            overrides: vec![(2, amount)],
            jumps: vec![jump],
            events: Vec::new(),
        },
        Period {
            id: "b".into(),
            start: at(second),
            overrides: vec![(0, fast), (3, amount)],
            jumps: vec![jump],
            events: Vec::new(),
        },
        Period {
            id: "c".into(),
            start: at(third),
            overrides: vec![],
            jumps: vec![],
            events: Vec::new(),
        },
    ];
    for method in methods() {
        compare_with_differences(
            &system,
            &schedule,
            &registers(p + 5),
            &[0.0, 0.9, 1.1, 3.0],
            &method,
        );
    }
}

#[test]
fn knots_of_inputs_of_every_kind() {
    for kind in [InputKind::Step, InputKind::Linear, InputKind::Smooth] {
        let system = system_with_inputs(
            &[
                ("y", "1", "u * y * (2 - y) - k * y"),
                ("z", "u", "y - u * z"),
            ],
            &[("k", 0.4)],
            &[("u", kind, &[(0.0, 1.0)])],
        );
        let mut schedule = Schedule::default();
        let mut knots = Vec::new();
        for (i, (t, v)) in [(-0.5, 0.8), (0.7, 1.0), (1.5, 1.9), (2.2, 2.2), (3.0, 0.5)]
            .into_iter()
            .enumerate()
        {
            knots.push((
                schedule.add_entry(1, format!("t{i}"), t),
                schedule.add_entry(1, format!("v{i}"), v),
            ));
        }
        schedule.inputs.push(InputTable { input: 0, knots });
        for method in methods() {
            compare_with_differences(
                &system,
                &schedule,
                &registers(11),
                &[0.0, 0.5, 1.0, 2.0, 2.5, 4.0],
                &method,
            );
        }
    }
}

#[test]
fn conditions_on_time_and_on_states() {
    let system = system(
        &[
            (
                "y",
                "1",
                "a * y * piecewise(1, y < c, 0.2) - piecewise(b * x, time > T, 0)",
            ),
            (
                "x",
                "0.5",
                "0.3 * y - x + piecewise(1, x * y > c * c / 4, 0)",
            ),
        ],
        &[("a", 0.9), ("b", 0.3), ("c", 2.0), ("T", 1.3)],
    );
    for method in methods() {
        compare_with_differences(
            &system,
            &Schedule::default(),
            &registers(4),
            &[0.5, 1.0, 1.5, 2.0, 4.0],
            &method,
        );
    }
}

#[test]
fn an_algebraic_state_has_sensitivities_too() {
    let system = system(
        &[
            ("y", "y0", "-k * z"),
            ("z", "0.3", "0 = z + 0.1 * z^3 - y^2 * q"),
        ],
        &[("y0", 1.0), ("k", 0.8), ("q", 1.2)],
    );
    let mut schedule = Schedule::default();
    let (t, amount) = (
        schedule.add_entry(3, "t", 1.0),
        schedule.add_entry(3, "amount", 0.5),
    );
    let jump = Jump {
        state: 0,
        offset: Some(amount),
        factor: Factor::One,
    };
    schedule.doses = vec![Dose {
        moment: Moment { at: t, lag: None },
        jump,
    }];
    compare_with_differences(
        &system,
        &schedule,
        &registers(5),
        &[0.0, 0.5, 0.9, 1.5, 4.0],
        &rodas(),
    );
}

#[test]
fn the_closed_form_of_a_dose_into_a_decay() {
    // y = y0 exp(-k t) + a exp(-k (t - T)): all derivatives by hand
    let system = system(&[("y", "y0", "-k * y")], &[("k", 0.5), ("y0", 2.0)]);
    let mut schedule = Schedule::default();
    let (at, amount) = (
        schedule.add_entry(2, "T", 1.0),
        schedule.add_entry(2, "a", 3.0),
    );
    let jump = Jump {
        state: 0,
        offset: Some(amount),
        factor: Factor::One,
    };
    schedule.doses = vec![Dose {
        moment: Moment { at, lag: None },
        jump,
    }];
    let parameters = schedule.extend(system.parameters());
    for method in methods() {
        let solution = run_with_sensitivities(
            &system,
            &schedule,
            &parameters,
            &registers(4),
            &[3.0],
            &method,
            1e-9,
        )
        .finished()
        .unwrap();
        let (first, second) = ((-1.5f64).exp(), (-1.0f64).exp());
        let expected = [
            -3.0 * 2.0 * first - 2.0 * 3.0 * second,
            first,
            0.5 * 3.0 * second,
            second,
        ];
        for (j, expected) in expected.iter().enumerate() {
            close(
                solution.sensitivity(0, j)[0],
                *expected,
                1e-7,
                &format!("direction {j} {method:?}"),
            );
        }
    }
}

#[test]
fn outputs_carry_total_derivatives_through_states_parameters_and_placeholders() {
    let system = system(&[("y", "y0", "-k * y")], &[("k", 0.5), ("y0", 2.0)]);
    let outputs = system
        .outputs(
            &[
                ("f".into(), "scale * y^2 + k * time".into()),
                ("g".into(), "y0 + offset".into()),
            ],
            &["scale".into(), "offset".into()],
        )
        .unwrap();
    let schedule = Schedule::default();
    let solution = run_with_sensitivities(
        &system,
        &schedule,
        system.parameters(),
        &registers(2),
        &[0.0, 2.0],
        &rodas(),
        1e-10,
    )
    .finished()
    .unwrap();
    let (mut values, mut by_direction, mut by_placeholder) = ([0.0; 2], [0.0; 4], [0.0; 4]);
    solution.outputs_with_derivatives(
        &outputs,
        1,
        &[0, 1],
        &[3.0, 7.0],
        &mut values,
        &mut by_direction,
        &mut by_placeholder,
    );
    let y2 = 4.0 * (-2.0f64).exp();
    close(values[0], 3.0 * y2 + 1.0, 1e-8, "f");
    close(values[1], 9.0, 1e-12, "g");
    close(by_direction[0], -3.0 * 4.0 * y2 + 2.0, 1e-7, "df/dk");
    close(by_direction[1], 3.0 * y2, 1e-7, "df/dy0");
    assert_eq!(by_direction[2..], [0.0, 1.0]);
    close(by_placeholder[0], y2, 1e-8, "df/dscale");
    assert_eq!(by_placeholder[1..], [0.0, 0.0, 1.0]);
}

#[test]
fn error_control_on_the_sensitivities_makes_them_sharper() {
    let system = model();
    let schedule = Schedule::default();
    let seeds: Vec<Vec<(Register, f64)>> = vec![vec![(Register(0), 1.0)], vec![(Register(1), 1.0)]];
    let tapes = system
        .sensitivity(&holobiont::solve::required_registers(
            &system, &schedule, &seeds,
        ))
        .unwrap();
    let at = |relative: f64, error_control: bool, method| {
        let directions = holobiont::solve::Directions {
            tapes: &tapes,
            seeds: &seeds,
            error_control,
        };
        let problem = holobiont::solve::Problem {
            system: &system,
            parameters: system.parameters(),
            schedule: &schedule,
            times: &[3.0],
            sensitivity: Some(directions),
        };
        holobiont::solve::solve(&problem, method, &tolerances(relative))
            .finished()
            .unwrap()
    };
    for method in &methods()[..2] {
        let reference = at(1e-12, true, method);
        let error = |solution: &holobiont::solve::Solution| {
            let pairs = (0..2).flat_map(|j| {
                solution
                    .sensitivity(0, j)
                    .iter()
                    .zip(reference.sensitivity(0, j))
            });
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let (without, with) = (at(1e-5, false, method), at(1e-5, true, method));
        assert!(
            with.statistics.steps >= without.statistics.steps,
            "{method:?}"
        );
        assert!(
            error(&with) <= error(&without) + 1e-12 && error(&with) < 1e-4,
            "{method:?}: {} {}",
            error(&with),
            error(&without)
        );
    }
}

/// A pulse that the state does not feel (its strength p is 0) but dy/dp does. Steps that follow the state alone grow long and
/// pass over it; dy/dp at t = 10 is the integral of exp(s - 10) / (1 + ((s - 5) / 0.1)^2)^2.
#[test]
fn a_pulse_that_only_the_sensitivity_feels_needs_error_control_on_sensitivities() {
    let system = system(
        &[("y", "1", "p / (1 + ((time - 5) / 0.1)^2)^2 - y")],
        &[("p", 0.0)],
    );
    let exact: f64 = {
        // trapezoids of a smooth integrand: 1e-3 wide, error far below 1e-6
        let f = |s: f64| (s - 10.0).exp() / (1.0 + ((s - 5.0) / 0.1).powi(2)).powi(2);
        let n = 10_000;
        let h = 10.0 / f64::from(n);
        (1..n).map(|i| f(f64::from(i) * h)).sum::<f64>() * h + 0.5 * h * (f(0.0) + f(10.0))
    };
    let schedule = Schedule::default();
    let seeds = [vec![(Register(0), 1.0)]];
    let tapes = system
        .sensitivity(&holobiont::solve::required_registers(
            &system, &schedule, &seeds,
        ))
        .unwrap();
    for method in &methods()[..2] {
        let error = |error_control: bool| {
            let problem = holobiont::solve::Problem {
                system: &system,
                parameters: system.parameters(),
                schedule: &schedule,
                times: &[10.0],
                sensitivity: Some(holobiont::solve::Directions {
                    tapes: &tapes,
                    seeds: &seeds,
                    error_control,
                }),
            };
            let solution = holobiont::solve::solve(&problem, method, &tolerances(1e-6))
                .finished()
                .unwrap();
            (solution.sensitivity(0, 0)[0] / exact - 1.0).abs()
        };
        let (without, with) = (error(false), error(true));
        // the limitation that `ObjectiveOptions::sensitivity_error_control` documents
        assert!(without > 1e-3, "{method:?}: {without}");
        assert!(with < 1e-4, "{method:?}: {with}");
    }
}

#[test]
fn a_register_without_tapes_is_named() {
    let system = model();
    let schedule = Schedule::default();
    let tapes = system.sensitivity(&[0]).unwrap();
    let seeds = vec![vec![(Register(1), 1.0)]];
    let directions = holobiont::solve::Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: false,
    };
    let problem = holobiont::solve::Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[3.0],
        sensitivity: Some(directions),
    };
    let error = holobiont::solve::solve(&problem, &rodas(), &tolerances(1e-6))
        .finished()
        .unwrap_err();
    assert!(error.to_string().contains("`K`"), "{error}");
}

/// A rate whose derivative by a parameter is a state itself, and no formula: mass action.
#[test]
fn sensitivities_of_mass_action_equal_differences_and_need_few_more_steps_under_error_control() {
    let system = system(
        &[
            ("A", "1", "-k1 * A + k2 * A * B"),
            ("B", "0.5", "k1 * A - k2 * A * B - k3 * B"),
        ],
        &[("k1", 0.5), ("k2", 0.3), ("k3", 0.7)],
    );
    let schedule = Schedule::default();
    let tolerances = Tolerances {
        relative: 1e-9,
        absolute: 1e-12,
    };
    let seeds: Vec<Vec<(Register, f64)>> = (0..3).map(|j| vec![(Register(j), 1.0)]).collect();
    let tapes = system.sensitivity(&[0, 1, 2]).unwrap();
    for method in [rodas(), Method::Tsit5(Tsit5::default())] {
        let run = |parameters: &[f64], sensitivity: Option<Directions>| {
            let problem = Problem {
                system: &system,
                parameters,
                schedule: &schedule,
                times: &[2.0],
                sensitivity,
            };
            solve(&problem, &method, &tolerances).finished().unwrap()
        };
        for error_control in [false, true] {
            let directions = Directions {
                tapes: &tapes,
                seeds: &seeds,
                error_control,
            };
            let solution = run(system.parameters(), Some(directions));
            assert!(solution.statistics.steps < 200, "{:?}", solution.statistics);
            for j in 0..3 {
                let h = 1e-4;
                let at = |d: f64| {
                    let mut parameters = system.parameters().to_vec();
                    parameters[j] += d;
                    run(&parameters, None).states(0).to_vec()
                };
                let (up, down) = (at(h), at(-h));
                for (i, s) in solution.sensitivity(0, j).iter().enumerate() {
                    let difference = (up[i] - down[i]) / (2.0 * h);
                    // h^2, and the tolerance over h
                    assert!((s - difference).abs() < 3e-5, "{i}, {j}: {s} {difference}");
                }
            }
        }
    }
}
