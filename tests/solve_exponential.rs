//! The matrix exponential of linear systems: the solution of the stiff method, through steady states and periods, with the same bits
//! beside anybody.
use holobiont::compile::System;
use holobiont::network::{Network, Parameter, Reaction, Species};
use holobiont::schedule::{Moment, Period, Register, Schedule, Start};
use holobiont::solve::{
    Cause, Directions, Exponential, Machine, Method, Problem, Rodas5P, Solution, Solver, Status,
    Tolerances, required_registers,
};

const EXACT: Method = Method::Exponential(Exponential { max_steps: 1000 });
const TIGHT: Tolerances = Tolerances {
    relative: 1e-11,
    absolute: 1e-13,
};

/// What flows in runs through two compartments that exchange, and out of the first.
fn system() -> System {
    let mut network = Network::new("exchange");
    network.species("A", Species::new(2.0)).unwrap();
    network.species("B", Species::new(0.5)).unwrap();
    for (id, value) in [("inflow", 7.0), ("there", 1.3), ("back", 0.4), ("out", 0.7)] {
        network.parameter(id, Parameter::new(value));
    }
    for (id, reaction) in [
        ("inflow_A", Reaction::rate("inflow").produces("A", 1.0)),
        (
            "there_A",
            Reaction::rate("there * A")
                .consumes("A", 1.0)
                .produces("B", 1.0),
        ),
        (
            "back_B",
            Reaction::rate("back * B")
                .consumes("B", 1.0)
                .produces("A", 1.0),
        ),
        ("out_A", Reaction::rate("out * A").consumes("A", 1.0)),
    ] {
        network.reaction(id, reaction).unwrap();
    }
    network.compile().unwrap()
}

/// At rest before time 0, then with another inflow (register 6), which doubles at time 3 (register 7).
fn periods(system: &System) -> Schedule {
    let first = system.parameters().len();
    let mut schedule = Schedule::default();
    let at = |schedule: &mut Schedule, time: f64| {
        Start::At(Moment {
            at: schedule.add_entry(first, "time", time),
            lag: None,
        })
    };
    let low = schedule.add_entry(first, "low", 3.0);
    let high = schedule.add_entry(first, "high", 6.0);
    let (zero, three) = (at(&mut schedule, 0.0), at(&mut schedule, 3.0));
    let inflow = system.parameter_index("inflow").unwrap();
    for (id, start, with) in [
        ("rest", Start::SteadyState, None),
        ("low", zero, Some(low)),
        ("high", three, Some(high)),
    ] {
        schedule.periods.push(Period {
            id: id.into(),
            start,
            overrides: with.map(|with| (inflow, with)).into_iter().collect(),
            jumps: Vec::new(),
            events: Vec::new(),
        });
    }
    schedule
}

fn same(a: &Solution, b: &Solution, directions: usize, tolerance: f64) {
    for k in 0..a.times.len() {
        let mut pairs: Vec<(f64, f64)> = Vec::new();
        pairs.extend(a.states(k).iter().copied().zip(b.states(k).iter().copied()));
        for j in 0..directions {
            let (x, y) = (a.sensitivity(k, j), b.sensitivity(k, j));
            pairs.extend(x.iter().copied().zip(y.iter().copied()));
        }
        for (x, y) in pairs {
            assert!(
                (x - y).abs() <= tolerance * (1.0 + y.abs()),
                "time {}: {x} for {y}",
                a.times[k]
            );
        }
    }
}

#[test]
fn it_agrees_with_the_stiff_method_from_a_steady_state_through_periods() {
    let system = system();
    assert!(system.is_linear());
    let schedule = periods(&system);
    let parameters = schedule.extend(system.parameters());
    let registers = [
        0,
        1,
        2,
        3,
        system.parameters().len(),
        system.parameters().len() + 1,
    ];
    let seeds: Vec<Vec<(Register, f64)>> = registers.map(|r| vec![(Register(r), 1.0)]).to_vec();
    let tapes = system
        .sensitivity(&required_registers(&system, &schedule, &seeds))
        .unwrap();
    let problem = Problem {
        system: &system,
        parameters: &parameters,
        schedule: &schedule,
        times: &[0.0, 0.4, 3.0, 3.7, 40.0, f64::INFINITY],
        sensitivity: Some(Directions {
            tapes: &tapes,
            seeds: &seeds,
            error_control: true,
        }),
    };
    let solve = |method| {
        Solver::new(&system, method, TIGHT)
            .solve(&problem)
            .finished()
            .unwrap()
    };
    let (exact, stiff) = (solve(EXACT), solve(Method::Rodas5P(Rodas5P::default())));
    // the error of the stiff method adds up over a few hundred steps of 1e-11
    same(&exact, &stiff, seeds.len(), 1e-8);
}

#[test]
fn the_bits_do_not_depend_on_who_is_beside() {
    let system = system();
    let schedule = Schedule::default();
    let seeds: Vec<Vec<(Register, f64)>> = (0..4).map(|r| vec![(Register(r), 1.0)]).collect();
    let tapes = system.sensitivity(&[0, 1, 2, 3]).unwrap();
    let all: Vec<Vec<f64>> = (0..23)
        .map(|i| {
            let mut own = system.parameters().to_vec();
            // inflows from 1e-3 to 1e6, odd fractions
            own[0] = 10f64.powf(-3.0 + 9.0 * f64::from(i) / 22.0) * 1.1;
            own[1] *= 1.0 + 0.037 * f64::from(i);
            own
        })
        .collect();
    let problems: Vec<Problem> = all
        .iter()
        .map(|parameters| Problem {
            system: &system,
            parameters,
            schedule: &schedule,
            times: &[0.3, 1.0, 9.0],
            sensitivity: Some(Directions {
                tapes: &tapes,
                seeds: &seeds,
                error_control: false,
            }),
        })
        .collect();
    let on = |lanes| {
        let machine = Machine {
            lanes: Some(lanes),
            ..Machine::default()
        };
        Solver::new(&system, EXACT, Tolerances::default())
            .on(machine)
            .solve_many(&problems)
    };
    let alone = on(1);
    for lanes in [4, 8, 16] {
        for (a, b) in on(lanes).iter().zip(&alone) {
            same(a, b, 4, 0.0);
        }
    }
}

#[test]
fn a_system_that_is_not_linear_is_refused() {
    let mut network = Network::new("enzyme");
    network.species("drug", Species::new(5.0)).unwrap();
    network.parameter("k", Parameter::new(1.0));
    let rate = Reaction::rate("k * drug / (1 + drug)").consumes("drug", 1.0);
    network.reaction("elimination", rate).unwrap();
    let system = network.compile().unwrap();
    assert!(!system.is_linear());
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[1.0],
        sensitivity: None,
    };
    let solution = Solver::new(&system, EXACT, Tolerances::default()).solve(&problem);
    assert!(matches!(
        solution.status,
        Status::Failed {
            cause: Cause::NotLinear,
            ..
        }
    ));
    assert!(solution.states(0)[0].is_nan());
}

/// A fast process beside a slow one, long after the fast one is beyond the least number: the derivatives are those of the closed form.
#[test]
fn what_has_long_decayed_does_not_spoil_derivatives() {
    let mut network = Network::new("absorption");
    network.species("depot", Species::new(1.0)).unwrap();
    network.species("central", Species::new(0.0)).unwrap();
    network.parameter("ka", Parameter::new(3.0));
    network.parameter("k", Parameter::new(0.01));
    let absorbed = Reaction::rate("ka * depot");
    let absorbed = absorbed.consumes("depot", 1.0).produces("central", 1.0);
    network.reaction("absorbed", absorbed).unwrap();
    let out = Reaction::rate("k * central").consumes("central", 1.0);
    network.reaction("out", out).unwrap();
    let system = network.compile().unwrap();
    let schedule = Schedule::default();
    let parameters = schedule.extend(system.parameters());
    let index = |id: &str| system.parameter_index(id).unwrap();
    let seeds = vec![
        vec![(Register(index("ka")), 1.0)],
        vec![(Register(index("k")), 1.0)],
    ];
    let tapes = system
        .sensitivity(&required_registers(&system, &schedule, &seeds))
        .unwrap();
    let problem = Problem {
        system: &system,
        parameters: &parameters,
        schedule: &schedule,
        times: &[1.0, 400.0],
        sensitivity: Some(Directions {
            tapes: &tapes,
            seeds: &seeds,
            error_control: true,
        }),
    };
    let solution = Solver::new(&system, EXACT, TIGHT).solve(&problem);
    let solution = solution.finished().unwrap();
    let central = system.state_index("central").unwrap();
    let (ka, k) = (3.0f64, 0.01f64);
    for (point, t) in [1.0f64, 400.0].into_iter().enumerate() {
        let (fast, slow, apart) = ((-ka * t).exp(), (-k * t).exp(), ka - k);
        let by_ka = -k / apart.powi(2) * (slow - fast) + ka / apart * t * fast;
        let by_k = ka / apart.powi(2) * (slow - fast) - ka / apart * t * slow;
        for (direction, exact) in [by_ka, by_k].into_iter().enumerate() {
            let found = solution.sensitivity(point, direction)[central];
            // rounding of two exponentials and of eigenvectors
            assert!(
                (found - exact).abs() < 1e-11 * (1e-3 + exact.abs()),
                "time {t}, direction {direction}: {found} for {exact}"
            );
        }
    }
}
