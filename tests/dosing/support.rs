//! One-compartment models, schedules in few words, and derivatives of closed forms.
use holobiont::{
    compile::System,
    network::{Network, Parameter, Reaction, Species},
    schedule::{
        Dose, Factor, Infusion, Jump, Moment, Regimen, RegimenDose, RegimenKind, Register, Schedule,
    },
    solve::{Directions, Method, Problem, Rodas5P, Solution, Solver, Tolerances, Tsit5},
};

/// Tolerances of the solves: errors of a few hundred times the relative one are left after the feedback of the interval.
pub const TIGHT: Tolerances = Tolerances {
    relative: 1e-10,
    absolute: 1e-12,
};

pub fn methods() -> [Method; 2] {
    [
        Method::Rodas5P(Rodas5P::default()),
        Method::Tsit5(Tsit5::default()),
    ]
}

/// depot -> central -> out, with rates k_a and k.
pub fn oral() -> System {
    let mut network = Network::new("oral");
    network.species("depot", Species::new(0.0)).unwrap();
    network.species("central", Species::new(0.0)).unwrap();
    network.parameter("k", Parameter::new(0.15));
    network.parameter("k_a", Parameter::new(0.9));
    let absorption = Reaction::rate("k_a * depot").consumes("depot", 1.0);
    network
        .reaction("absorption", absorption.produces("central", 1.0))
        .unwrap();
    let elimination = Reaction::rate("k * central").consumes("central", 1.0);
    network.reaction("elimination", elimination).unwrap();
    network.compile().unwrap()
}

/// One compartment with elimination by an enzyme.
pub fn saturable() -> System {
    let mut network = Network::new("saturable");
    network.species("central", Species::new(0.0)).unwrap();
    network.parameter("v", Parameter::new(1.4));
    network.parameter("k_m", Parameter::new(3.0));
    let rate = Reaction::rate("v * central / (k_m + central)").consumes("central", 1.0);
    network.reaction("elimination", rate).unwrap();
    network.compile().unwrap()
}

/// A schedule of one regimen, whose dose is then given as usual: registers of time, amount, interval, lag, duration in this
/// order, the last two only where they are not 0.
pub fn regimen(system: &System, state: &str, numbers: [f64; 5]) -> (Schedule, Vec<f64>) {
    let mut schedule = Schedule::default();
    let first = system.parameters().len();
    let [time, amount, interval, lag, duration] = numbers;
    let at = schedule.add_entry(first, "time", time);
    let amount = schedule.add_entry(first, "amount", amount);
    let interval = schedule.add_entry(first, "interval", interval);
    let lag = (lag != 0.0).then(|| schedule.add_entry(first, "lag", lag));
    let duration = (duration != 0.0).then(|| schedule.add_entry(first, "duration", duration));
    let state = system.state_index(state).unwrap();
    schedule.regimens.push(Regimen {
        at,
        interval,
        kind: RegimenKind::Reset,
        doses: vec![RegimenDose {
            state,
            amount,
            lag,
            duration,
        }],
    });
    give(&mut schedule, state, Moment { at, lag }, amount, duration);
    let parameters = schedule.extend(system.parameters());
    (schedule, parameters)
}

/// A bolus, or an infusion.
pub fn give(
    schedule: &mut Schedule,
    state: usize,
    moment: Moment,
    amount: Register,
    duration: Option<Register>,
) {
    match duration {
        Some(duration) => schedule.infusions.push(Infusion {
            moment,
            state,
            amount,
            duration,
        }),
        None => schedule.doses.push(Dose {
            moment,
            jump: Jump {
                state,
                offset: Some(amount),
                factor: Factor::One,
            },
        }),
    }
}

pub fn problem<'a>(
    system: &'a System,
    schedule: &'a Schedule,
    parameters: &'a [f64],
    times: &'a [f64],
) -> Problem<'a> {
    Problem {
        system,
        parameters,
        schedule,
        times,
        sensitivity: None,
    }
}

/// One direction for each register.
pub fn all_seeds(count: usize) -> Vec<Vec<(Register, f64)>> {
    (0..count).map(|i| vec![(Register(i), 1.0)]).collect()
}

pub fn run(problem: Problem, method: Method, tolerances: Tolerances) -> Solution {
    let solver = Solver::new(problem.system, method, tolerances);
    solver.solve(&problem)
}

/// Compares states, first and second derivatives with a closed form of the registers.
pub fn compare(
    system: &System,
    (schedule, parameters): &(Schedule, Vec<f64>),
    times: &[f64],
    state: usize,
    exact: impl Fn(&[f64], f64) -> f64,
) {
    let seeds = all_seeds(parameters.len());
    let compiled: Vec<usize> = (0..system.parameters().len()).collect();
    let tapes = system.sensitivity(&compiled).unwrap();
    let sensitivity = Some(Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: true,
    });
    let with = Problem {
        sensitivity,
        ..problem(system, schedule, parameters, times)
    };
    for method in methods() {
        let solver = Solver::new(system, method, TIGHT);
        let all = solver.second_order(&[with], std::slice::from_ref(&seeds));
        let second = all.into_iter().next().unwrap().finished().unwrap();
        for (k, &time) in times.iter().enumerate() {
            let value = exact(parameters, time);
            let got = second.solution.states(k)[state];
            close(got, value, 1e-7 * value.abs(), &format!("value at {time}"));
            for i in 0..parameters.len() {
                let slope = derivative(&exact, parameters, time, i);
                let got = second.solution.sensitivity(k, i)[state];
                let scale = slope.abs().max(0.1 * value.abs());
                close(got, slope, 1e-6 * scale, &format!("d/d{i} at {time}"));
                for j in 0..parameters.len() {
                    let bend = curvature(&exact, parameters, time, (i, j));
                    let got = second.second(k, i, j)[state];
                    let scale = bend.abs().max(0.1 * value.abs());
                    close(got, bend, 1e-4 * scale, &format!("d2/d{i}d{j} at {time}"));
                }
            }
        }
    }
}

#[track_caller]
fn close(got: f64, expected: f64, tolerance: f64, what: &str) {
    // also false for NaN
    let near = (got - expected).abs() <= tolerance;
    assert!(near, "{what}: {got} for {expected}");
}

/// Central differences of the eighth order: exact to about 1e-12 of the value.
fn derivative(exact: &impl Fn(&[f64], f64) -> f64, parameters: &[f64], time: f64, i: usize) -> f64 {
    let h = 5e-3 * parameters[i].abs().max(0.1);
    let at = |by: f64| {
        let mut moved = parameters.to_vec();
        moved[i] += by * h;
        exact(&moved, time)
    };
    eighth(&at) / h
}

fn eighth(at: &dyn Fn(f64) -> f64) -> f64 {
    let pair = |k: f64| at(k) - at(-k);
    0.8 * pair(1.0) - 0.2 * pair(2.0) + 4.0 / 105.0 * pair(3.0) - pair(4.0) / 280.0
}

fn curvature(
    exact: &impl Fn(&[f64], f64) -> f64,
    parameters: &[f64],
    time: f64,
    (i, j): (usize, usize),
) -> f64 {
    let h = 5e-3 * parameters[j].abs().max(0.1);
    let at = |by: f64| {
        let mut moved = parameters.to_vec();
        moved[j] += by * h;
        derivative(exact, &moved, time, i)
    };
    eighth(&at) / h
}
