//! Second-order sensitivities through schedules, steady states, algebraic states, conditions and events.
use super::*;
use holobiont::{
    network::InputKind,
    schedule::{InputTable, Period, Start},
};

#[test]
fn doses_their_times_lags_and_factors() {
    let system = model();
    let p = system.parameters().len();
    let mut schedule = Schedule::default();
    let mut entry = |id: &str, value| schedule.add_entry(p, id, value);
    let (t1, lag, amount) = (entry("t1", 0.8), entry("lag", 0.3), entry("amount", 1.5));
    let (t2, factor, offset) = (entry("t2", 2.0), entry("factor", 0.4), entry("offset", 0.3));
    let dose = |at, lag, jump| Dose {
        moment: Moment { at, lag },
        jump,
    };
    schedule.doses = vec![
        dose(t1, Some(lag), jump(0, Some(amount), Factor::One)),
        // two at one moment, in order
        dose(t2, None, jump(1, Some(offset), Factor::Register(factor))),
        dose(t2, None, jump(0, Some(offset), Factor::Zero)),
    ];
    agrees(
        &system,
        &schedule,
        &one_by_one([0, 2, 5, 6, 7, 8, 9, 10, 11]),
        &[0.5, 1.05, 1.2, 2.5, 4.0],
        1e-6,
    );
}

/// A dose moves across a knot of the same time, which does not, and across the end of a ramp.
#[test]
fn moments_that_part_keep_their_order() {
    for kind in [InputKind::Step, InputKind::Linear] {
        let system = system_with_inputs(
            &[("y", "1", "u - k * y"), ("z", "0", "y - k * z")],
            &[("k", 0.4)],
            &[("u", kind, &[(0.0, 1.0), (1.0, 2.0)])],
        );
        let mut schedule = Schedule::default();
        let (at, amount) = (
            schedule.add_entry(1, "at", 1.0),
            schedule.add_entry(1, "amount", 3.0),
        );
        schedule.doses = vec![Dose {
            moment: Moment { at, lag: None },
            jump: jump(0, Some(amount), Factor::One),
        }];
        agrees(
            &system,
            &schedule,
            &one_by_one([0, 1, 2]),
            &[0.5, 2.0, 3.0],
            1e-6,
        );
    }
}

#[test]
fn algebraic_states_and_a_continuum_of_steady_states() {
    let algebraic = system(
        &[("y", "1", "-k * y * z"), ("z", "1", "0 = z^2 + z - a * y")],
        &[("k", 0.5), ("a", 2.0)],
    );
    let seeds = one_by_one(0..2);
    let record = second(
        &algebraic,
        &Schedule::default(),
        (&seeds, &seeds),
        &[0.0, 1.0, 3.0],
        &rodas(),
        1e-9,
    )
    .finished()
    .unwrap();
    let error = worst(
        &algebraic,
        &Schedule::default(),
        (&seeds, &seeds),
        &[0.0, 1.0, 3.0],
        &record,
    );
    assert!(error <= 1e-6, "{error:e}");

    // x goes to 0, and y keeps what x made of it, whatever its start
    let continuum = system(
        &[("x", "x0", "-k * x"), ("y", "1", "a^2 * x^2 * (1 + x)")],
        &[("k", 0.5), ("a", 2.0), ("x0", 1.5)],
    );
    let seeds = one_by_one(0..3);
    let record = second(
        &continuum,
        &Schedule::default(),
        (&seeds, &seeds),
        &[f64::INFINITY],
        &rodas(),
        1e-9,
    )
    .finished()
    .unwrap();
    let (k, a, x): (f64, f64, f64) = (0.5, 2.0, 1.5);
    let integral = (x.powi(2) / 2.0 + x.powi(3) / 3.0) / k;
    for (j, v, expected) in [
        (0, 0, 2.0 * a * a * integral / (k * k)),
        (1, 1, 2.0 * integral),
        (0, 1, -2.0 * a * integral / k),
        (2, 2, a * a * (1.0 + 2.0 * x) / k),
    ] {
        close(record.second(0, j, v)[1], expected, 1e-6, "continuum");
    }
}

#[test]
fn a_flip_next_to_the_start_is_followed_on_its_branch() {
    let event = When {
        initial_value: false,
        ..when("y > c - 1 + 1e-9", &[("z", "5")])
    };
    let system = system_with_events(
        &[("y", "y0", "1"), ("z", "0", "y")],
        &[("y0", 1.0), ("c", 2.0)],
        &[event],
    );
    let seeds = one_by_one(0..1);
    let record = second(
        &system,
        &Schedule::default(),
        (&seeds, &seeds),
        &[1.0],
        &rodas(),
        1e-6,
    )
    .finished()
    .unwrap();
    // z = 5 + integral of y0 + t from T = c - 1 - y0
    close(record.second(0, 0, 0)[1], 1.0, 1e-6, "z");
}

#[test]
fn a_course_that_changes_on_both_sides_is_a_typed_failure() {
    // two conditions that hold for an instant: one no more with a smaller p, the other no more with a larger one
    let set: &[(&str, &str)] = &[("y", "y + 1")];
    let events = [
        when("p - (time - 1)^2 > 1 - 1e-9", set),
        when("(time - 2)^2 + p < 1 + 1e-9", set),
    ];
    let system = system_with_events(&[("y", "1", "-p * y")], &[("p", 1.0)], &events);
    let seeds = one_by_one(0..1);
    let record = second(
        &system,
        &Schedule::default(),
        (&seeds, &seeds),
        &[0.5, 3.0],
        &rodas(),
        1e-6,
    );
    assert_eq!(
        (&record.solution.status, record.solution.statistics.events),
        (&Status::Finished, 2)
    );
    assert!(
        matches!(
            record.status(0),
            Status::Failed {
                cause: Cause::NotRepeated,
                ..
            }
        ),
        "{}",
        record.status(0)
    );
    assert!(record.second(0, 0, 0)[0].is_nan());
}

#[test]
fn an_output_at_a_moving_dose_follows_the_branch_after_it() {
    let system = system(&[("y", "y0", "-k * y")], &[("k", 0.5), ("y0", 8.0)]);
    let mut schedule = Schedule::default();
    let (at, amount) = (
        schedule.add_entry(2, "at", 1.0),
        schedule.add_entry(2, "amount", 3.0),
    );
    schedule.doses = vec![Dose {
        moment: Moment { at, lag: None },
        jump: jump(0, Some(amount), Factor::One),
    }];
    let seeds = one_by_one([0, 2]);
    for times in [vec![1.0], vec![1.0, 2.0]] {
        let record = second(&system, &schedule, (&seeds, &seeds), &times, &rodas(), 1e-9)
            .finished()
            .unwrap();
        // y = y0 e^{-k t} + amount e^{-k (t - at)} at t = at: by at and at, at and k
        for (j, v, expected) in [(1, 1, 3.0 * 0.25), (1, 0, 3.0), (0, 1, 3.0)] {
            close(record.second(0, j, v)[0], expected, 1e-6, "at the dose");
        }
    }
}

#[test]
fn periods_inputs_of_every_kind_and_a_steady_start() {
    let system = model();
    let p = system.parameters().len();
    let mut schedule = Schedule::default();
    let mut entry = |id: &str, value| schedule.add_entry(p, id, value);
    let (begin, next, fast, amount) = (
        entry("begin", -0.5),
        entry("next", 1.0),
        entry("fast", 3.0),
        entry("amount", 0.7),
    );
    let at = |at| Start::At(Moment { at, lag: None });
    let period = |id: &str, start, overrides, jumps| Period {
        id: id.into(),
        start,
        overrides,
        jumps,
        events: Vec::new(),
    };
    schedule.periods = vec![
        period(
            "a",
            at(begin),
            vec![(2, amount)],
            vec![jump(1, Some(amount), Factor::One)],
        ),
        period("b", at(next), vec![(0, fast)], vec![]),
    ];
    agrees(
        &system,
        &schedule,
        &one_by_one([0, 1, 6, 7, 8, 9]),
        &[0.0, 0.9, 1.1, 3.0],
        1e-6,
    );

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
        let knots = [(-0.5, 0.8), (0.7, 1.0), (1.5, 1.9), (2.2, 2.2), (3.0, 0.5)];
        let knots =
            knots.map(|(t, v)| (schedule.add_entry(1, "t", t), schedule.add_entry(1, "v", v)));
        schedule.inputs.push(InputTable {
            input: 0,
            knots: knots.to_vec(),
        });
        agrees(
            &system,
            &schedule,
            &one_by_one([0, 3, 4, 5, 6]),
            &[0.0, 0.5, 1.0, 2.0, 2.5, 4.0],
            2e-6,
        );
    }

    let chemostat = crate::support::system(
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
    );
    let mut schedule = Schedule::default();
    let (start, rate) = (
        schedule.add_entry(5, "start", 0.0),
        schedule.add_entry(5, "rate", 0.3),
    );
    schedule.periods = vec![
        period("steady", Start::SteadyState, vec![], vec![]),
        period("after", at(start), vec![(0, rate)], vec![]),
    ];
    agrees(
        &chemostat,
        &schedule,
        &one_by_one([0, 1, 2, 3, 4, 6]),
        &[0.0, 1.0, 5.0, f64::INFINITY],
        1e-6,
    );
}

#[test]
fn events_flips_and_delays() {
    let states: &[State] = &[
        ("y", "y0", "-k * y + 0.1 * z"),
        ("z", "1", "y - c * z * piecewise(1, y > 2, 0.5)"),
    ];
    let parameters = [("y0", 3.0), ("k", 0.7), ("c", 0.4), ("T", 1.3), ("d", 0.8)];
    let set: &[(&str, &str)] = &[("y", "y + c * z * time + T"), ("z", "k * y")];
    let delayed = |trigger| When {
        delay: Some("d * z / 3"),
        ..when(trigger, set)
    };
    for event in [
        when("y < 1.1 + 0.05 * c", set),
        when("time >= T", set),
        delayed("y < 1.1 + 0.05 * c"),
        delayed("time >= T"),
    ] {
        let system = system_with_events(states, &parameters, &[event]);
        agrees(
            &system,
            &Schedule::default(),
            &one_by_one(0..5),
            &[0.3, 1.0, 2.9],
            3e-6,
        );
    }
}
