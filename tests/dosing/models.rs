//! Regimens and infusions in models that switch, read time, change with periods, hold volumes or wait for events; all methods.
use crate::support::*;
use holobiont::{
    compile::System,
    network::{Compartment, Event, Input, InputKind, Network, Parameter, Reaction, Species},
    schedule::{Moment, Period, Register, Schedule, Start},
    solve::{
        Cause, Directions, Dop853, Dopri5, Method, Problem, Rodas5P, Solution, Solver, Status,
        Tsit5,
    },
};

/// One state with this elimination.
fn one(rate: &str, change: impl FnOnce(&mut Network)) -> System {
    let mut network = Network::new("one");
    network.species("central", Species::new(0.0)).unwrap();
    network.parameter("k", Parameter::new(0.1));
    change(&mut network);
    let reaction = Reaction::rate(rate).consumes("central", 1.0);
    network.reaction("elimination", reaction).unwrap();
    network.compile().unwrap()
}

fn solve(system: &System, schedule: &Schedule, times: &[f64], method: Method) -> Solution {
    let parameters = schedule.extend(system.parameters());
    run(problem(system, schedule, &parameters, times), method, TIGHT)
}

#[test]
fn every_method_finds_the_steady_state() {
    let system = one("k * central", |_| {});
    let (schedule, _) = regimen(&system, "central", [3.0, 5.0, 8.0, 2.0, 1.5]);
    let expected = {
        let k: f64 = 0.1;
        let filled = 5.0 / 1.5 / k * (1.0 - (-k * 1.5f64).exp()) / (1.0 - (-k * 8.0f64).exp());
        filled * (-k * 2.5f64).exp()
    };
    for method in [
        Method::Rodas5P(Rodas5P::default()),
        Method::Tsit5(Tsit5::default()),
        Method::Dopri5(Dopri5::default()),
        Method::Dop853(Dop853::default()),
    ] {
        let solution = solve(&system, &schedule, &[9.0], method)
            .finished()
            .unwrap();
        let got = solution.states(0)[0];
        assert!(
            (got - expected).abs() < 1e-7 * expected,
            "{method:?}: {got} {expected}"
        );
    }
}

#[test]
fn a_model_that_switches_within_the_interval_agrees_with_many_periods() {
    // elimination doubles above 4
    let system = one("piecewise(2 * k, central > 4, k) * central", |_| {});
    let (schedule, parameters) = regimen(&system, "central", [0.0, 5.0, 8.0, 0.0, 0.0]);
    let first = system.parameters().len();
    let mut long = Schedule::default();
    let amount = long.add_entry(first, "amount", 5.0);
    for k in 0..=80 {
        let at = long.add_entry(first, "time", 8.0 * f64::from(k));
        give(&mut long, 0, Moment { at, lag: None }, amount, None);
    }
    let all = long.extend(system.parameters());
    let tapes = system.sensitivity(&[0]).unwrap();
    let seeds = |amount: Register| [vec![(Register(0), 1.0)], vec![(amount, 1.0)]];
    let run = |schedule: &Schedule, parameters: &[f64], amount, times: &[f64], method| {
        let seeds = seeds(amount);
        let directions = Directions {
            tapes: &tapes,
            seeds: &seeds,
            error_control: true,
        };
        let problem = Problem {
            sensitivity: Some(directions),
            ..problem(&system, schedule, parameters, times)
        };
        let solver = Solver::new(&system, method, TIGHT);
        let second = solver.second_order(&[problem], &[seeds.to_vec()]).remove(0);
        let second = second.finished().unwrap();
        let mut numbers = vec![second.solution.states(0)[0]];
        for j in 0..2 {
            numbers.push(second.solution.sensitivity(0, j)[0]);
            numbers.extend((0..2).map(|v| second.second(0, j, v)[0]));
        }
        numbers
    };
    for method in methods() {
        let steady = run(&schedule, &parameters, Register(first + 1), &[1.0], method);
        let forced = run(&long, &all, amount, &[641.0], method);
        for (a, b) in steady.iter().zip(&forced) {
            // second derivatives through a located flip are exact to the tolerance over the step of the difference
            assert!(
                (a - b).abs() < 1e-4 * b.abs().max(0.1),
                "{steady:?}\n{forced:?}"
            );
        }
    }
}

#[test]
fn the_interval_reads_the_inputs_of_its_own_time() {
    // a source of 1, of 2 from 5 on, of 3 from 12 on
    let system = {
        let mut network = Network::new("fed");
        network.species("central", Species::new(0.0)).unwrap();
        network.parameter("k", Parameter::new(0.1));
        let input = Input {
            name: None,
            kind: InputKind::Step,
            unit: None,
            knots: vec![(0.0, 1.0), (5.0, 2.0), (12.0, 3.0)],
        };
        network.input("u", input);
        let elimination = Reaction::rate("k * central").consumes("central", 1.0);
        network.reaction("elimination", elimination).unwrap();
        let food = Reaction::rate("u").produces("central", 1.0);
        network.reaction("food", food).unwrap();
        network.compile().unwrap()
    };
    let (schedule, _) = regimen(&system, "central", [10.0, 5.0, 8.0, 0.0, 0.0]);
    let k: f64 = 0.1;
    let fed = |y: f64, u: f64, t: f64| u / k + (y - u / k) * (-k * t).exp();
    // the interval from 2 to 10, as if it came again and again
    let map = |y: f64| fed(fed(y + 5.0, 1.0, 3.0), 2.0, 5.0);
    let decay = (-k * 8.0).exp();
    let steady = map(0.0) / (1.0 - decay);
    assert!((map(steady) - steady).abs() < 1e-12);
    let expected = fed(fed(steady + 5.0, 2.0, 2.0), 3.0, 2.0);
    for method in methods() {
        let solution = solve(&system, &schedule, &[14.0], method)
            .finished()
            .unwrap();
        let got = solution.states(0)[0];
        assert!((got - expected).abs() < 1e-8 * expected, "{got} {expected}");
    }
}

#[test]
fn a_regimen_is_at_steady_state_under_the_parameters_of_its_period() {
    let system = one("k * central", |_| {});
    let (mut schedule, _) = regimen(&system, "central", [10.0, 5.0, 8.0, 0.0, 0.0]);
    let first = system.parameters().len();
    let begin = schedule.add_entry(first, "begin", 0.0);
    let at = schedule.add_entry(first, "inducer", 10.0);
    let fast = schedule.add_entry(first, "fast", 0.3);
    let period = |at, overrides| Period {
        id: "period".into(),
        start: Start::At(Moment { at, lag: None }),
        overrides,
        jumps: Vec::new(),
        events: Vec::new(),
    };
    schedule.periods = vec![period(begin, Vec::new()), period(at, vec![(0, fast)])];
    let solution = solve(&system, &schedule, &[12.0], Method::default());
    let expected = 5.0 * (-0.6f64).exp() / (1.0 - (-2.4f64).exp());
    let got = solution.finished().unwrap().states(0)[0];
    assert!((got - expected).abs() < 1e-8 * expected, "{got} {expected}");
}

#[test]
fn an_infusion_adds_to_a_concentration_what_a_bolus_adds() {
    let mut network = Network::new("volumes");
    network.compartment("blood", Compartment::new(4.0));
    network
        .species("drug", Species::new(1.0).within("blood"))
        .unwrap();
    network.parameter("k", Parameter::new(0.0));
    let elimination = Reaction::rate("k * drug * blood").consumes("drug", 1.0);
    network.reaction("elimination", elimination).unwrap();
    let system = network.compile().unwrap();
    let first = system.parameters().len();
    let ends = [false, true].map(|infused| {
        let mut schedule = Schedule::default();
        let at = schedule.add_entry(first, "time", 1.0);
        let amount = schedule.add_entry(first, "amount", 6.0);
        let duration = schedule.add_entry(first, "duration", 2.0);
        let moment = Moment { at, lag: None };
        give(
            &mut schedule,
            0,
            moment,
            amount,
            infused.then_some(duration),
        );
        let solution = solve(&system, &schedule, &[5.0], Method::default());
        solution.finished().unwrap().states(0)[0]
    });
    // rounding of the steps
    assert!(ends.iter().all(|end| (end - 7.0).abs() < 1e-12), "{ends:?}");
}

#[test]
fn an_event_within_the_interval_is_a_typed_failure() {
    let system = one("k * central", |network| {
        let event = Event::when("central < 4").set("central", "0");
        network.event("empties", event).unwrap();
    });
    let (schedule, _) = regimen(&system, "central", [0.0, 5.0, 8.0, 0.0, 0.0]);
    let solution = solve(&system, &schedule, &[1.0], Method::default());
    let event = "empties".to_owned();
    let expected = Cause::EventWhileSettling { event };
    match solution.status {
        Status::Failed { cause, .. } => assert_eq!(cause, expected),
        Status::Finished => panic!("an event happened"),
    }
}
