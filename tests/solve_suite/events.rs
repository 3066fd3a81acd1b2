//! Events: when they are triggered, in which order they act, what they assign, and derivatives through them.
use crate::support::*;
use holobiont::{
    compile::System,
    schedule::{Dose, Factor, Jump, Moment, Register, Schedule},
    solve::{
        Cause, Directions, Method, Problem, Solution, Status, required_registers, solve, solve_many,
    },
};

fn finished(system: &System, times: &[f64], method: &Method) -> Solution {
    run(system, &Schedule::default(), times, method, 1e-9)
        .finished()
        .unwrap()
}

/// Values of the first state, with every method.
#[track_caller]
fn is(system: &System, times: &[f64], expected: &[f64]) {
    for method in methods() {
        let solution = finished(system, times, &method);
        for (k, expected) in expected.iter().enumerate() {
            let what = format!("at {} with {method:?}", times[k]);
            close(solution.states(k)[0], *expected, 1e-7, &what);
        }
    }
}

#[test]
fn a_ball_bounces_at_the_analytic_times() {
    let system = system_with_events(
        &[("h", "h0", "v"), ("v", "0", "-g")],
        &[("h0", 10.0), ("g", 9.81), ("c", 0.8)],
        &[When {
            initial_value: true,
            ..when("h < 0 && v < 0", &[("v", "-c * v")])
        }],
    );
    let first = (2.0 * 10.0 / 9.81f64).sqrt();
    let bounce = |k: i32| {
        // the flight after bounce i takes 2 c^i of the first fall
        first + (1..k).map(|i| 2.0 * first * 0.8f64.powi(i)).sum::<f64>()
    };
    for method in methods() {
        let solution = finished(&system, &[0.0, 11.0], &method);
        let times: Vec<f64> = solution.events.iter().map(|e| e.time).collect();
        let expected: Vec<f64> = (1..).map(bounce).take_while(|t| *t < 11.0).collect();
        assert_eq!(times.len(), expected.len(), "{method:?}");
        assert!(expected.len() >= 9);
        assert_eq!(solution.statistics.events, expected.len());
        for (time, expected) in times.iter().zip(expected) {
            close(*time, expected, 1e-8, &format!("{method:?}"));
        }
    }
}

#[test]
fn an_event_at_a_time_is_a_dose_at_that_time() {
    let decay: &[State] = &[("y", "1", "-k * y")];
    let by_event = system_with_events(
        decay,
        &[("k", 0.5)],
        &[when("time >= 1.5", &[("y", "y + 3")])],
    );
    let by_dose = system(decay, &[("k", 0.5)]);
    let mut schedule = Schedule::default();
    let at = schedule.add_entry(1, "t", 1.5);
    let amount = schedule.add_entry(1, "a", 3.0);
    schedule.doses.push(Dose {
        moment: Moment { at, lag: None },
        jump: Jump {
            state: 0,
            offset: Some(amount),
            factor: Factor::One,
        },
    });
    let times = [0.0, 1.0, 1.5, 2.0, 6.0];
    for method in methods() {
        let a = finished(&by_event, &times, &method);
        let b = run(&by_dose, &schedule, &times, &method, 1e-9)
            .finished()
            .unwrap();
        for k in 0..times.len() {
            close(a.states(k)[0], b.states(k)[0], 1e-8, &format!("{method:?}"));
        }
    }
}

#[test]
fn triggers_of_time_turn_at_the_exact_number() {
    let at = |relation: &str| {
        let trigger = format!("time {relation} 5");
        system_with_events(&[("y", "0", "0")], &[], &[when(&trigger, &[("y", "1")])])
    };
    let next = 5.0f64.next_up();
    is(&at(">="), &[5.0f64.next_down(), 5.0], &[0.0, 1.0]);
    is(&at(">"), &[5.0, next], &[0.0, 1.0]);
    is(&at("=="), &[5.0f64.next_down(), 5.0], &[0.0, 1.0]);
    let parted = system_with_events(&[("y", "0", "0")], &[], &[when("time != 5", &[("y", "1")])]);
    is(&parted, &[5.0, next], &[0.0, 1.0]);
    // a moment that is no number of the machine's
    let third = system_with_events(
        &[("y", "0", "0")],
        &[],
        &[when("3 * time == 1", &[("y", "y + 1")])],
    );
    is(&third, &[0.33, 0.34, 7.0], &[0.0, 1.0, 1.0]);
}

#[test]
fn equality_with_a_state_is_seen_where_it_is_crossed() {
    let system = system_with_events(
        &[("y", "0", "0"), ("x", "0", "cos(time)")],
        &[],
        &[
            when("x == 0.5", &[("y", "y + 1")]),
            When {
                persistent: false,
                ..when("x != -0.5", &[("y", "y + 100")])
            },
        ],
    );
    // x = sin: 0.5 at pi/6 and 5 pi/6, -0.5 at 7 pi/6 and 11 pi/6
    let times = [0.5, 0.6, 2.6, 2.7, 3.6, 3.7, 5.7, 5.8];
    let expected = [0.0, 1.0, 1.0, 2.0, 2.0, 102.0, 102.0, 202.0];
    is(&system, &times, &expected);
}

#[test]
fn a_trigger_true_at_the_start_fires_there_if_it_was_false_before() {
    for (initial_value, expected) in [(false, 7.0), (true, 1.0)] {
        let system = system_with_events(
            &[("y", "1", "0")],
            &[],
            &[When {
                initial_value,
                ..when("time >= 0", &[("y", "7")])
            }],
        );
        is(&system, &[0.0, 1.0], &[expected, expected]);
    }
}

#[test]
fn triggers_join_conditions_and_count_numbers_as_true() {
    let joined = system_with_events(
        &[("y", "0", "0"), ("x", "0", "1")],
        &[],
        &[when(
            "piecewise(x > 2, time > 1, x < -5) && !(x > 4) || x - 6 > 0 && (x > 8) == (time > 9)",
            &[("y", "y + 1")],
        )],
    );
    is(
        &joined,
        &[1.9, 2.1, 3.9, 5.9, 6.1, 8.5, 20.0],
        &[0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0],
    );
    let number = system_with_events(
        &[("y", "0", "0"), ("switch", "0", "0")],
        &[],
        &[
            when("switch", &[("y", "y + 1")]),
            when("time >= 2", &[("switch", "3")]),
            when("time >= 3", &[("switch", "0")]),
            when("time >= 4", &[("switch", "-1")]),
        ],
    );
    is(&number, &[1.0, 2.0, 3.5, 4.0], &[0.0, 1.0, 1.0, 2.0]);
}

#[test]
fn a_short_pulse_of_a_trigger_within_a_long_step_is_seen() {
    // x is a parabola, which every method steps over at once; it is above 1 for 0.02 of 10 time units
    for peak in [0.9, 3.3, 4.4, 5.7, 6.1, 8.8, 9.6] {
        let system = system_with_events(
            &[("y", "0", "0"), ("x", "1.0001 - p^2", "2 * (p - time)")],
            &[("p", peak)],
            &[when("x > 1", &[("y", "y + 1")])],
        );
        for method in &methods()[..2] {
            let solution = finished(&system, &[10.0], method);
            close(
                solution.states(0)[0],
                1.0,
                1e-12,
                &format!("{peak} {method:?}"),
            );
        }
    }
}

#[test]
fn of_simultaneous_events_the_highest_priority_acts_first_and_priorities_are_read_anew() {
    let system = system_with_events(
        &[("y", "0", "0"), ("p", "1", "0")],
        &[],
        &[
            When {
                priority: Some("p"),
                ..when("time >= 1", &[("y", "10 * y + 1")])
            },
            When {
                priority: Some("5"),
                ..when("time >= 1", &[("y", "10 * y + 2"), ("p", "9")])
            },
            When {
                priority: Some("7 - p"),
                ..when("time >= 1", &[("y", "10 * y + 3")])
            },
        ],
    );
    // values of the time of the trigger: all from y = 0
    is(&system, &[1.0], &[1.0 + 0.0 * 3.0]);
    let late = system_with_events(
        &[("y", "0", "0"), ("p", "1", "0")],
        &[],
        &[
            When {
                priority: Some("p"),
                values_from_trigger_time: false,
                ..when("time >= 1", &[("y", "10 * y + 1")])
            },
            When {
                priority: Some("6.5"),
                values_from_trigger_time: false,
                ..when("time >= 1", &[("y", "10 * y + 2"), ("p", "9")])
            },
            When {
                priority: Some("7 - p"),
                values_from_trigger_time: false,
                ..when("time >= 1", &[("y", "10 * y + 3")])
            },
        ],
    );
    // 6.5 before 6 and 1; then 9 before -2
    is(&late, &[1.0], &[213.0]);
}

#[test]
fn an_event_that_is_not_persistent_leaves_when_its_trigger_turns_false() {
    let delayed = |persistent| {
        system_with_events(
            &[("y", "0", "0")],
            &[],
            &[When {
                delay: Some("1"),
                persistent,
                ..when("sin(time) > 0.5", &[("y", "y + 1")])
            }],
        )
    };
    // the trigger is true for 2.09 time units
    is(&delayed(false), &[1.5, 1.6, 6.0], &[0.0, 1.0, 1.0]);
    let short = |persistent| {
        system_with_events(
            &[("y", "0", "0")],
            &[],
            &[When {
                delay: Some("1"),
                persistent,
                ..when("time >= 1 && time < 1.5", &[("y", "y + 1")])
            }],
        )
    };
    is(&short(false), &[3.0], &[0.0]);
    is(&short(true), &[2.0 - 1e-9, 2.0, 3.0], &[0.0, 1.0, 1.0]);
    // another event of the same moment turns the trigger off
    for (persistent, expected) in [(false, 0.0), (true, 1.0)] {
        let system = system_with_events(
            &[("y", "0", "0"), ("on", "1", "0")],
            &[],
            &[
                When {
                    priority: Some("1"),
                    persistent,
                    ..when("time >= 1 && on > 0.5", &[("y", "y + 1")])
                },
                When {
                    priority: Some("2"),
                    ..when("time >= 1", &[("on", "0")])
                },
            ],
        );
        is(&system, &[2.0], &[expected]);
    }
}

#[test]
fn an_event_may_wait_several_times_with_the_values_of_its_triggers() {
    // triggered at 1, 3, 5 and 7, due 5 later; x is the time
    let overlapping = |values_from_trigger_time| {
        system_with_events(
            &[("y", "0", "0"), ("x", "0", "1")],
            &[],
            &[When {
                delay: Some("5"),
                values_from_trigger_time,
                ..when(
                    "sin(3.141592653589793 * (time - 1)) > 0 && time < 8",
                    &[("y", "x")],
                )
            }],
        )
    };
    let times = [5.9, 6.0, 7.9, 8.0, 10.5, 12.5];
    // the pulses begin at 1, 3, 5, 7, just after
    let system = overlapping(true);
    for method in methods() {
        let solution = run(
            &system,
            &Schedule::default(),
            &[0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 10.5, 12.5],
            &method,
            1e-9,
        )
        .finished()
        .unwrap();
        assert_eq!(solution.events.len(), 4, "{method:?}");
        for (event, due) in solution.events.iter().zip([6.0, 8.0, 10.0, 12.0]) {
            close(event.time, due, 1e-9, &format!("{method:?}"));
        }
        close(solution.states(6)[0], 1.0, 1e-8, "at 6.5");
        close(solution.states(10)[0], 7.0, 1e-8, "at 12.5");
    }
    let system = overlapping(false);
    let solution = finished(&system, &times, &rodas());
    close(solution.states(5)[0], 12.0, 1e-8, "of the execution");
}

#[test]
fn a_delayed_event_shows_at_an_output_of_its_time() {
    // 0.1 + 0.2 is not 0.3
    let system = system_with_events(
        &[("y", "0", "0")],
        &[],
        &[When {
            delay: Some("0.2"),
            ..when("time >= 0.1", &[("y", "1")])
        }],
    );
    is(&system, &[0.2, 0.3, 0.4], &[0.0, 1.0, 1.0]);
}

fn two_orders() -> System {
    system_with_events(
        &[("y", "0", "0")],
        &[],
        &[
            When {
                values_from_trigger_time: false,
                ..when("time >= 1", &[("y", "10 * y + 1")])
            },
            When {
                values_from_trigger_time: false,
                ..when("time >= 1", &[("y", "10 * y + 2")])
            },
        ],
    )
}

#[test]
fn events_without_priorities_act_in_random_order_drawn_from_the_seed() {
    let system = two_orders();
    let schedules: Vec<Schedule> = (0..64)
        .map(|event_seed| Schedule {
            event_seed,
            ..Schedule::default()
        })
        .collect();
    let problem = |schedule| Problem {
        system: &system,
        parameters: &[],
        schedule,
        times: &[2.0],
        sensitivity: None,
    };
    let problems: Vec<Problem> = schedules.iter().map(problem).collect();
    let together = solve_many(&problems, &rodas(), &tolerances(1e-6));
    let orders: Vec<f64> = together.iter().map(|s| s.states(0)[0]).collect();
    let first = orders.iter().filter(|y| **y == 12.0).count();
    // of 64 fair draws fewer than 16 or more than 48 have a chance below 1e-4
    assert!((16..=48).contains(&first), "{orders:?}");
    assert!(orders.iter().all(|y| [12.0, 21.0].contains(y)));
    for (problem, expected) in problems.iter().zip(&orders) {
        let alone = holobiont::solve::solve(problem, &rodas(), &tolerances(1e-6));
        assert_eq!(alone.states(0)[0], *expected);
    }
}

#[test]
fn events_cause_others_at_the_same_moment() {
    let system = system_with_events(
        &[("y", "0", "0"), ("a", "0", "0"), ("b", "0", "0")],
        &[],
        &[
            when("time >= 1", &[("a", "1")]),
            when("a > 0.5", &[("b", "1")]),
            when("b > 0.5", &[("y", "4")]),
        ],
    );
    is(&system, &[1.0f64.next_down(), 1.0], &[0.0, 4.0]);
    let solution = finished(&system, &[2.0], &rodas());
    let order: Vec<usize> = solution.events.iter().map(|e| e.event).collect();
    assert_eq!(order, [0, 1, 2]);
    assert!(solution.events.iter().all(|e| e.time == 1.0));
}

#[test]
fn endless_cascades_and_delays_that_are_no_delays_are_typed() {
    let failure = |events: &[When]| {
        let system = system_with_events(&[("y", "0", "0")], &[], events);
        let solution = run(&system, &Schedule::default(), &[3.0], &rodas(), 1e-6);
        match solution.status {
            Status::Failed { time, cause } => (time, cause),
            Status::Finished => panic!("it cannot finish"),
        }
    };
    let (time, cause) = failure(&[
        when("time >= 1 && y < 0.5", &[("y", "1")]),
        when("y > 0.5", &[("y", "0")]),
    ]);
    assert_eq!(time, 1.0);
    assert!(matches!(cause, Cause::EventCascade { .. }), "{cause}");
    for (delay, value) in [("-1", -1.0), ("y / y", f64::NAN)] {
        let (_, cause) = failure(&[When {
            delay: Some(delay),
            ..when("time >= 1", &[("y", "1")])
        }]);
        let Cause::EventDelay {
            event,
            value: found,
        } = cause
        else {
            panic!("{cause}")
        };
        assert_eq!(event, "e0");
        assert_eq!(found.to_bits() << 1, value.to_bits() << 1);
    }
}

#[test]
fn assignments_of_one_event_are_simultaneous() {
    let system = system_with_events(
        &[("a", "1", "0"), ("b", "2", "0")],
        &[],
        &[when("time >= 1", &[("a", "b"), ("b", "a")])],
    );
    let solution = finished(&system, &[1.0], &rodas());
    assert_eq!(solution.states(0), [2.0, 1.0]);
}

#[test]
fn algebraic_states_are_consistent_after_an_event() {
    let system = system_with_events(
        &[
            ("y", "1", "-z"),
            ("z", "1", "0 = z * exp(z) - y"),
            ("w", "0", "0"),
        ],
        &[],
        &[
            when("time >= 1", &[("y", "y + 5")]),
            When {
                values_from_trigger_time: false,
                delay: Some("0"),
                ..when("y > 2", &[("w", "z")])
            },
        ],
    );
    let solution = finished(&system, &[1.0], &rodas());
    let [y, z, w] = solution.states(0) else {
        panic!()
    };
    close(z * z.exp(), *y, 1e-12, "the equation");
    close(*w, *z, 1e-12, "the value read in the cascade");
    compare_with_differences(
        &system_with_events(
            &[
                ("y", "1", "-z"),
                ("z", "1", "0 = z * exp(z) - k * y - time"),
                ("w", "0", "0"),
            ],
            &[("k", 1.2)],
            &[When {
                delay: Some("z / 3"),
                ..when("z < 0.8 + 0.2 * time", &[("w", "z"), ("y", "y + k * z")])
            }],
        ),
        &Schedule::default(),
        &[Register(0)],
        &[0.1, 2.0],
        &rodas(),
    );
}

/// Every kind of moment and of value, against differences.
#[test]
fn derivatives_pass_through_triggers_delays_and_values() {
    let states: &[State] = &[("y", "y0", "-k * y + 0.1 * z"), ("z", "1", "y - c * z")];
    let parameters = [("y0", 3.0), ("k", 0.7), ("c", 0.4), ("T", 1.3), ("d", 0.8)];
    let registers: Vec<Register> = (0..parameters.len()).map(Register).collect();
    let set: &[(&str, &str)] = &[("y", "y + c * z * time + T"), ("z", "k * y")];
    let late = |event: When<'static>| When {
        values_from_trigger_time: false,
        ..event
    };
    let of_state = "y < 1.1 + 0.05 * c";
    let of_time = "time >= T";
    let events: Vec<When> = vec![
        when(of_state, &[("y", "y + c * z * time + T"), ("z", "k * y")]),
        when(of_time, &[("y", "y + c * z * time + T"), ("z", "k * y")]),
        When {
            delay: Some("d * z / 3"),
            ..when(of_state, &[("y", "y + c * z * time + T"), ("z", "k * y")])
        },
        late(When {
            delay: Some("d * z / 3"),
            ..when(of_state, &[("y", "y + c * z * time + T"), ("z", "k * y")])
        }),
        late(When {
            delay: Some("d"),
            ..when(of_time, &[("y", "y + c * z * time + T"), ("z", "k * y")])
        }),
        when(
            "3 * time == T",
            &[("y", "y + c * z * time + T"), ("z", "k * y")],
        ),
    ];
    assert_eq!(set.len(), 2);
    for event in events {
        let system = system_with_events(states, &parameters, &[event]);
        for method in methods() {
            compare_with_differences(
                &system,
                &Schedule::default(),
                &registers,
                &[0.2, 4.0],
                &method,
            );
        }
    }
    // a cascade, and a second round
    let system = system_with_events(
        states,
        &parameters,
        &[
            when("y < 1", &[("y", "2 + k"), ("z", "z + T")]),
            late(when("z > 2.9", &[("z", "z / (1 + c)")])),
        ],
    );
    for method in &methods()[..2] {
        compare_with_differences(
            &system,
            &Schedule::default(),
            &registers,
            &[1.0, 8.0],
            method,
        );
    }
}

#[test]
fn derivatives_pass_through_an_event_that_a_dose_triggers() {
    let system = system_with_events(
        &[("y", "1", "-k * y"), ("z", "0", "y")],
        &[("k", 0.5)],
        &[When {
            delay: Some("0.3 * y"),
            ..when("y > 2", &[("y", "y / 3 + k * z * time"), ("z", "0")])
        }],
    );
    let mut schedule = Schedule::default();
    let at = schedule.add_entry(1, "t", 1.1);
    let amount = schedule.add_entry(1, "a", 3.0);
    schedule.doses.push(Dose {
        moment: Moment { at, lag: None },
        jump: Jump {
            state: 0,
            offset: Some(amount),
            factor: Factor::One,
        },
    });
    let registers = [Register(0), at, amount];
    for method in methods() {
        compare_with_differences(&system, &schedule, &registers, &[1.2, 3.0], &method);
    }
}

#[test]
fn lanes_keep_their_events_apart() {
    let system = system_with_events(
        &[("y", "3", "-k * y"), ("n", "0", "0")],
        &[("k", 0.5)],
        &[
            When {
                delay: Some("0.1 / k"),
                ..when("y < 1", &[("y", "3"), ("n", "n + 1")])
            },
            When {
                values_from_trigger_time: false,
                ..when("n > 2.5", &[("n", "0.5")])
            },
            When {
                values_from_trigger_time: false,
                ..when("n > 2.5", &[("n", "0.25")])
            },
        ],
    );
    let parameters: Vec<[f64; 1]> = (0..19).map(|i| [0.2 + 0.15 * i as f64]).collect();
    let schedules: Vec<Schedule> = (0..19)
        .map(|i| Schedule {
            event_seed: i % 5,
            ..Schedule::default()
        })
        .collect();
    let times: Vec<f64> = (0..=40).map(|k| 0.5 * k as f64).collect();
    let problems: Vec<Problem> = parameters
        .iter()
        .zip(&schedules)
        .map(|(parameters, schedule)| Problem {
            system: &system,
            parameters,
            schedule,
            times: &times,
            sensitivity: None,
        })
        .collect();
    for method in methods() {
        let together = solve_many(&problems, &method, &tolerances(1e-7));
        for (problem, together) in problems.iter().zip(&together) {
            let alone = holobiont::solve::solve(problem, &method, &tolerances(1e-7));
            assert_eq!(alone.status, Status::Finished);
            assert_eq!(alone.events, together.events);
            assert_eq!(alone.statistics, together.statistics);
            for k in 0..times.len() {
                assert_eq!(alone.states(k), together.states(k));
            }
        }
    }
}

#[test]
fn no_event_happens_before_a_pre_equilibration_ends_nor_on_the_way_to_a_final_steady_state() {
    use holobiont::schedule::{Period, Start};
    let system = system_with_events(
        &[("y", "0", "1 - y"), ("n", "0", "0")],
        &[],
        &[When {
            initial_value: false,
            ..when("y > 0.5", &[("n", "n + 1")])
        }],
    );
    let mut schedule = Schedule::default();
    let at = schedule.add_entry(0, "t", 2.0);
    let period = |id: &str, start| Period {
        id: id.into(),
        start,
        overrides: vec![],
        jumps: vec![],
        events: Vec::new(),
    };
    schedule.periods = vec![
        period("before", Start::SteadyState),
        period("after", Start::At(Moment { at, lag: None })),
    ];
    let solution = run(&system, &schedule, &[2.0, 3.0], &rodas(), 1e-8)
        .finished()
        .unwrap();
    // the trigger is false just before the start and true at it
    assert_eq!(solution.events.len(), 1);
    assert_eq!(solution.events[0].time, 2.0);
    assert_eq!(solution.states(0)[1], 1.0);

    let settling = run(
        &system,
        &Schedule::default(),
        &[0.1, f64::INFINITY],
        &rodas(),
        1e-8,
    );
    let Status::Failed { cause, .. } = settling.status else {
        panic!("y passes 0.5 on the way")
    };
    assert_eq!(cause, Cause::EventWhileSettling { event: "e0".into() });
    let before = run(
        &system,
        &Schedule::default(),
        &[1.0, f64::INFINITY],
        &rodas(),
        1e-8,
    )
    .finished()
    .unwrap();
    close(before.states(1)[0], 1.0, 1e-8, "at rest");
    assert_eq!(before.states(1)[1], 1.0);
}

#[test]
fn an_event_that_changes_a_size_keeps_amounts_and_assigns_concentrations_at_the_old_size() {
    use holobiont::network::{Compartment, Event, Network, Reaction, Species};
    let mut n = Network::new("volumes");
    n.compartment(
        "V",
        Compartment {
            constant: false,
            ..Compartment::new(0.5)
        },
    );
    for id in ["kept", "set", "rated"] {
        let species = Species {
            compartment: Some("V".into()),
            ..Species::new(2.0)
        };
        n.species(id, species).unwrap();
    }
    n.reaction("none", Reaction::rate("0 * kept").consumes("kept", 1.0))
        .unwrap();
    n.rate_rule("rated", "0.4").unwrap();
    n.event(
        "shrink",
        Event::when("time >= 1").set("V", 0.2).set("set", 0.3),
    )
    .unwrap();
    let system = n.compile().unwrap();
    let solution = finished(&system, &[1.0, 2.0], &rodas());
    let at = |id: &str| system.state_index(id).unwrap();
    // amounts 2 * 0.5 and 0.3 * 0.5 (SBML Test Suite, semantic case 01779)
    close(solution.states(0)[at("amount(kept)")], 1.0, 1e-12, "kept");
    close(solution.states(0)[at("amount(set)")], 0.15, 1e-12, "set");
    // (2 + 0.4) * 0.5 / 0.2, and on at its own rate (case 01505)
    close(solution.states(0)[at("rated")], 6.0, 1e-9, "rated");
    close(solution.states(1)[at("rated")], 6.4, 1e-9, "rated");
}

#[test]
fn bookkeeping_events_neither_disturb_the_path_nor_use_up_the_steps() {
    // a clock that an event sets back every 0.01 time units, ten thousand times
    let system = system_with_events(
        &[("y", "0", "0"), ("reset", "0", "0"), ("x", "1", "-x")],
        &[],
        &[when(
            "time - reset >= 0.01",
            &[("reset", "time"), ("y", "y + 1")],
        )],
    );
    let solution = finished(&system, &[100.005], &rodas());
    // the sums of a hundredth are rounded, so that one tick may be missing
    assert!((solution.states(0)[0] - 10_000.0).abs() <= 1.0);
    close(solution.states(0)[2], 0.0, 1e-6, "decayed");
    let steps = solution.statistics.steps;
    assert!(steps < 11_000, "{steps}");
}

#[test]
fn the_time_of_an_event_is_differentiated() {
    use holobiont::network::{Event, Network, Parameter, Reaction, Species};
    // x = exp(-k t) falls below 1/2 at ln(2)/k, and the event waits for a delay of d
    let mut n = Network::new("event");
    n.species("x", Species::new(1.0)).unwrap();
    n.parameter("k", Parameter::new(0.7));
    n.parameter("d", Parameter::new(0.3));
    n.reaction("decay", Reaction::rate("k * x").consumes("x", 1.0))
        .unwrap();
    let half = Event {
        delay: Some("d".into()),
        ..Event::when("x < 0.5").set("x", 2.0)
    };
    n.event("half", half).unwrap();
    let system = n.compile().unwrap();
    let (schedule, times) = (Schedule::default(), [1.5]);
    let seeds = [vec![(Register(0), 1.0)], vec![(Register(1), 1.0)]];
    let tapes = system
        .sensitivity(&required_registers(&system, &schedule, &seeds))
        .unwrap();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &times,
        sensitivity: Some(Directions {
            tapes: &tapes,
            seeds: &seeds,
            error_control: false,
        }),
    };
    let solution = solve(&problem, &rodas(), &tolerances(1e-9))
        .finished()
        .unwrap();
    assert_eq!(solution.events.len(), 1);
    let half = 2f64.ln() / 0.7;
    // the tolerance, amplified by 1/k
    assert!((solution.events[0].time - (half + 0.3)).abs() < 1e-8);
    assert!((solution.event_time_sensitivity(0, 0) + half / 0.7).abs() < 1e-7);
    assert!((solution.event_time_sensitivity(0, 1) - 1.0).abs() < 1e-7);
}
