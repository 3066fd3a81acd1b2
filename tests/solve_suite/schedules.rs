//! Doses, periods and inputs against closed forms.
use crate::support::*;
use holobiont::{
    network::InputKind,
    schedule::{Dose, Factor, InputTable, Jump, Moment, Period, Register, Schedule, Start},
};

fn at(register: Register) -> Moment {
    Moment {
        at: register,
        lag: None,
    }
}

#[test]
fn doses_add_set_and_dilute_at_their_moments_under_every_method() {
    let system = system(&[("y", "y0", "-k * y")], &[("k", 0.5), ("y0", 2.0)]);
    let mut schedule = Schedule::default();
    let p = system.parameters().len();
    let (t1, lag, amount) = (
        schedule.add_entry(p, "t1", 0.5),
        schedule.add_entry(p, "lag", 0.5),
        schedule.add_entry(p, "amount", 3.0),
    );
    let (t2, half) = (
        schedule.add_entry(p, "t2", 2.0),
        schedule.add_entry(p, "half", 0.5),
    );
    let t3 = schedule.add_entry(p, "t3", 3.0);
    let jump = |offset, factor| Jump {
        state: 0,
        offset,
        factor,
    };
    // out of order on purpose
    schedule.doses.push(Dose {
        moment: at(t3),
        jump: jump(Some(amount), Factor::Zero),
    });
    schedule.doses.push(Dose {
        moment: Moment {
            at: t1,
            lag: Some(lag),
        },
        jump: jump(Some(amount), Factor::One),
    });
    schedule.doses.push(Dose {
        moment: at(t2),
        jump: jump(None, Factor::Register(half)),
    });
    let times = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0];
    let decay = |t: f64| (-0.5 * t).exp();
    let after_first = 2.0 * decay(1.0) + 3.0;
    let after_second = after_first * decay(1.0) * 0.5;
    let expected = [
        2.0,
        2.0 * decay(0.5),
        after_first,
        after_first * decay(0.5),
        after_second,
        after_second * decay(0.5),
        3.0,
        3.0 * decay(1.0),
    ];
    for method in methods() {
        first_state_is(&system, &schedule, &times, &expected, &method);
    }
}

#[test]
fn overrides_hold_for_their_period_and_revert_after() {
    let system = system(&[("y", "y0 * k", "-k * y")], &[("k", 1.0), ("y0", 1.0)]);
    let mut schedule = Schedule::default();
    let p = system.parameters().len();
    let (fast, start, second, third) = (
        schedule.add_entry(p, "fast", 2.0),
        schedule.add_entry(p, "start", -1.0),
        schedule.add_entry(p, "second", 0.0),
        schedule.add_entry(p, "third", 1.0),
    );
    let period = |id: &str, start, overrides| Period {
        id: id.into(),
        start: Start::At(at(start)),
        overrides,
        jumps: Vec::new(),
        events: Vec::new(),
    };
    schedule.periods = vec![
        period("first", start, vec![(0, fast)]),
        period("second", second, Vec::new()),
        period("third", third, vec![(0, fast)]),
    ];
    let times = [-1.0, 0.0, 1.0, 2.0];
    // the initial value takes the first period's k = 2
    let expected = [
        2.0,
        2.0 * (-2.0f64).exp(),
        2.0 * (-3.0f64).exp(),
        2.0 * (-5.0f64).exp(),
    ];
    for method in methods() {
        let solution = first_state_is(&system, &schedule, &times, &expected, &method);
        // the record holds the effective parameter of each time, right limits at breakpoints
        let k: Vec<f64> = (0..4).map(|k| solution.registers(k)[0]).collect();
        assert_eq!(k, [2.0, 1.0, 2.0, 2.0]);
    }
}

#[test]
fn inputs_step_join_and_curve_between_their_knots() {
    let knots = [(1.0, 1.0), (2.0, 3.0), (4.0, 0.0)];
    let inputs = [
        ("a", InputKind::Step, &knots[..]),
        ("b", InputKind::Linear, &knots[..]),
        ("c", InputKind::Smooth, &knots[..]),
    ];
    let system = system_with_inputs(
        &[("x", "0", "a"), ("y", "0", "b"), ("z", "0", "c")],
        &[],
        &inputs,
    );
    let times = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0];
    // integrals from 0
    let steps = [0.5, 1.0, 1.5, 2.0, 5.0, 8.0, 8.0];
    let lines = [0.5, 1.0, 1.0 + 0.75, 3.0, 3.0 + 2.25, 6.0, 6.0];
    for method in methods() {
        let solution = run(&system, &Schedule::default(), &times, &method, 1e-9)
            .finished()
            .unwrap();
        for (k, t) in times.iter().enumerate() {
            close(
                solution.states(k)[0],
                steps[k],
                1e-9,
                &format!("step at {t} {method:?}"),
            );
            close(
                solution.states(k)[1],
                lines[k],
                1e-9,
                &format!("linear at {t} {method:?}"),
            );
        }
        // all slopes are zero here: the curve 1 + 2 s^2 (3 - 2 s) has the integral of its chord over each stretch
        close(solution.states(3)[2], 3.0, 1e-9, "smooth at 2");
        close(solution.states(5)[2], 6.0, 1e-9, "smooth at 4");
        close(
            solution.states(4)[2],
            3.0 + 3.0 - 3.0 * 0.1875 * 1.0,
            1e-9,
            "smooth at 3",
        );
        close(solution.states(6)[2], 6.0, 1e-9, "smooth at 6");
    }
}

#[test]
fn a_schedule_replaces_the_table_of_an_input() {
    let system = system_with_inputs(
        &[("y", "0", "u")],
        &[],
        &[("u", InputKind::Step, &[(0.0, 1.0)])],
    );
    let mut schedule = Schedule::default();
    let (t0, v0) = (
        schedule.add_entry(0, "t0", 0.0),
        schedule.add_entry(0, "v0", 5.0),
    );
    let (t1, v1) = (
        schedule.add_entry(0, "t1", 1.0),
        schedule.add_entry(0, "v1", -1.0),
    );
    schedule.inputs.push(InputTable {
        input: 0,
        knots: vec![(t0, v0), (t1, v1)],
    });
    let solution = run(&system, &schedule, &[1.0, 3.0], &rodas(), 1e-8)
        .finished()
        .unwrap();
    close(solution.states(0)[0], 5.0, 1e-12, "before");
    close(solution.states(1)[0], 3.0, 1e-12, "after");
}

#[test]
fn many_pulses_are_all_met() {
    // 200 doses of 1 into a decay: the sum of a geometric series
    let system = system(&[("y", "0", "-k * y")], &[("k", 0.7)]);
    let mut schedule = Schedule::default();
    let one = schedule.add_entry(1, "one", 1.0);
    for i in 0..200 {
        let t = schedule.add_entry(1, format!("t{i}"), i as f64);
        let jump = Jump {
            state: 0,
            offset: Some(one),
            factor: Factor::One,
        };
        schedule.doses.push(Dose {
            moment: at(t),
            jump,
        });
    }
    let solution = run(&system, &schedule, &[199.0], &rodas(), 1e-8)
        .finished()
        .unwrap();
    let q = (-0.7f64).exp();
    close(
        solution.states(0)[0],
        (1.0 - q.powi(200)) / (1.0 - q),
        1e-7,
        "sum",
    );
}
