//! CPU time of one trajectory: single solves against lanes, values alone and with sensitivities.
//!
//! `cargo bench --bench solve` prints a table; the smallest of several repeats counts.
use cpu_time::ProcessTime;
use holobiont::{
    compile::System,
    expr::Graph,
    network::{Equations, ParameterEquation, StateEquation},
    schedule::{Dose, Factor, Jump, Moment, Register, Schedule},
    solve::{
        Directions, Method, Problem, Rodas5P, Solution, Tolerances, Tsit5, required_registers,
        solve, solve_many,
    },
};

const SUBJECTS: usize = 64;
const REPEATS: usize = 7;

/// A chain of species with saturating steps, a slow pool and a fast one: 20 states, moderately stiff.
fn chain() -> System {
    let mut graph = Graph::new();
    let mut states = Vec::new();
    let mut parameters = Vec::new();
    let parameter = |list: &mut Vec<ParameterEquation>, id: String, value: f64| {
        list.push(ParameterEquation {
            id,
            value,
            unit: None,
        });
    };
    let n = 20;
    for i in 0..n {
        parameter(&mut parameters, format!("v{i}"), 1.0 + 0.3 * (i % 5) as f64);
        parameter(&mut parameters, format!("K{i}"), 0.5 + 0.1 * (i % 3) as f64);
        parameter(
            &mut parameters,
            format!("d{i}"),
            if i % 6 == 5 { 200.0 } else { 0.1 },
        );
        let made = if i == 0 {
            "1 + 0.5 * sin(time)".to_string()
        } else {
            let j = i - 1;
            format!("v{j} * x{j} / (K{j} + x{j}) * (1 + exp(-x{}))", (i + 7) % n)
        };
        let rhs = format!("{made} - v{i} * x{i} / (K{i} + x{i}) - d{i} * x{i}");
        states.push((format!("x{i}"), rhs));
    }
    let states = states
        .into_iter()
        .map(|(id, rhs)| StateEquation {
            id,
            unit: None,
            initial: graph.parse("0.1").expect("a number"),
            right_hand_side: graph.parse(&rhs).expect("a formula"),
            mass: 1.0,
            nonnegative: true,
        })
        .collect();
    let equations = Equations {
        id: "chain".into(),
        time_unit: None,
        graph,
        states,
        parameters,
        inputs: Vec::new(),
        observables: Vec::new(),
        rates: Vec::new(),
        events: Vec::new(),
        requirements: Vec::new(),
    };
    System::compile(&equations).expect("a sound system")
}

/// CPU milliseconds of one call, the least of several.
fn least(mut run: impl FnMut() -> Vec<Solution>) -> (f64, usize) {
    let mut best = f64::INFINITY;
    let mut steps = 0;
    for _ in 0..REPEATS {
        let start = ProcessTime::now();
        let solutions = run();
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
        steps = solutions
            .iter()
            .map(|solution| solution.statistics.steps)
            .sum();
    }
    (best, steps)
}

fn main() {
    let system = chain();
    let p = system.parameters().len();
    let mut schedule = Schedule::default();
    let amount = schedule.add_entry(p, "amount", 2.0);
    for i in 0..10 {
        let at = schedule.add_entry(p, format!("t{i}"), 5.0 * (i + 1) as f64);
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
    let base = schedule.extend(system.parameters());
    let parameters: Vec<Vec<f64>> = (0..SUBJECTS)
        .map(|subject| {
            let vary = |(i, value): (usize, &f64)| {
                if i < p {
                    value * (1.0 + 0.3 * (((subject * 31 + i * 17) % 23) as f64 / 23.0 - 0.5))
                } else {
                    *value
                }
            };
            base.iter().enumerate().map(vary).collect()
        })
        .collect();
    let times: Vec<f64> = (0..=60).map(f64::from).collect();
    let seeds: Vec<Vec<(Register, f64)>> = (0..10).map(|j| vec![(Register(3 * j), 1.0)]).collect();
    let tapes = system
        .sensitivity(&required_registers(&system, &schedule, &seeds))
        .expect("registers of the system");
    println!(
        "{SUBJECTS} subjects, {} states; CPU ms per trajectory",
        system.state_ids().len()
    );
    println!(
        "{:<10} {:>8} {:>14} {:>10} {:>10} {:>8}",
        "method", "rtol", "sensitivities", "W = 1", "W = 8", "steps"
    );
    for (name, method) in [
        ("Rodas5P", Method::Rodas5P(Rodas5P::default())),
        ("Tsit5", Method::Tsit5(Tsit5::default())),
    ] {
        for relative in [1e-4, 1e-6, 1e-8] {
            for sensitive in [false, true] {
                let tolerances = Tolerances {
                    relative,
                    absolute: 1e-3 * relative,
                };
                let directions = Directions {
                    tapes: &tapes,
                    seeds: &seeds,
                    error_control: false,
                };
                let problems: Vec<Problem> = parameters
                    .iter()
                    .map(|parameters| Problem {
                        system: &system,
                        parameters,
                        schedule: &schedule,
                        times: &times,
                        sensitivity: sensitive.then_some(directions),
                    })
                    .collect();
                let (single, steps) = least(|| {
                    problems
                        .iter()
                        .map(|p| solve(p, &method, &tolerances))
                        .collect()
                });
                let (lanes, _) = least(|| solve_many(&problems, &method, &tolerances));
                let per = |ms: f64| ms / SUBJECTS as f64;
                println!(
                    "{name:<10} {relative:>8.0e} {:>14} {:>10.3} {:>10.3} {:>8}",
                    if sensitive { seeds.len() } else { 0 },
                    per(single),
                    per(lanes),
                    steps / SUBJECTS
                );
            }
        }
    }
}
