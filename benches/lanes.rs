//! CPU time of one trajectory of the yardstick `gut40`: single, in lanes of every width and instruction set, with gradients.
//!
//! `HOLOBIONT_SHARED=../shared cargo bench --bench lanes`. Errors against the reference: root mean square of
//! (y - reference) / (1e-3 + |reference|) over 41 times and 40 states. The smallest of several repeats counts.
use std::path::PathBuf;

use cpu_time::ProcessTime;
use holobiont::{
    compile::System,
    exchange::sbml,
    lanes::InstructionSet,
    schedule::{Register, Schedule},
    solve::{
        Directions, Machine, Method, Problem, Solution, Solver, Status, Tolerances,
        required_registers,
    },
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

const SUBJECTS: usize = 64;

/// The reference: a row a time, columns in the order of the file.
struct Reference {
    ids: Vec<String>,
    rows: Vec<Vec<f64>>,
}

fn folder() -> PathBuf {
    let shared =
        std::env::var_os("HOLOBIONT_SHARED").expect("HOLOBIONT_SHARED names the data folder");
    PathBuf::from(shared).join("suites/engine")
}

fn reference(variant: &str) -> Reference {
    let path = folder().join(format!("gut40_reference_{variant}.csv"));
    let text = std::fs::read_to_string(path).expect("the reference");
    let rows = text
        .lines()
        .filter(|line| !line.starts_with(|c: char| c.is_alphabetic()));
    let rows = rows
        .map(|line| {
            line.split(',')
                .map(|x| x.parse().expect("a number"))
                .collect()
        })
        .collect();
    let order = std::fs::read_to_string(folder().join("gut40_order.txt")).expect("the order");
    Reference {
        ids: order.split_whitespace().map(str::to_owned).collect(),
        rows,
    }
}

fn error(system: &System, solution: &Solution, reference: &Reference) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (k, row) in reference.rows.iter().enumerate() {
        let skip = row.len() - reference.ids.len();
        for (id, expected) in reference.ids.iter().zip(&row[skip..]) {
            let y = solution.states(k)[system.state_index(id).expect("a state")];
            sum += ((y - expected) / (1e-3 + expected.abs())).powi(2);
            count += 1.0;
        }
    }
    (sum / count).sqrt()
}

/// CPU milliseconds a subject, the least of several calls.
fn least(repeats: usize, subjects: usize, mut run: impl FnMut()) -> f64 {
    let time = |run: &mut dyn FnMut()| {
        let start = ProcessTime::now();
        run();
        start.elapsed().as_secs_f64() * 1e3 / subjects as f64
    };
    (0..repeats)
        .map(|_| time(&mut run))
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    let quick = std::env::var_os("QUICK").is_some();
    let repeats = if quick { 3 } else { 9 };
    let model = sbml::read(&folder().join("gut40.xml")).expect("the yardstick");
    let system = model.network.compile().expect("a sound model");
    let meals = system.parameter_index("meal_amp").expect("a parameter");
    let times: Vec<f64> = (0..=40).map(|k| 5.0 * f64::from(k)).collect();
    let schedule = Schedule::default();
    for (variant, amplitude) in [("steady", 0.0), ("meals", 1.0)] {
        let reference = reference(variant);
        let mut parameters = system.parameters().to_vec();
        parameters[meals] = amplitude;
        let problem = Problem {
            system: &system,
            parameters: &parameters,
            schedule: &schedule,
            times: &times,
            sensitivity: None,
        };
        let problems = vec![problem; SUBJECTS];
        for relative in [1e-4, 1e-6] {
            if variant == "meals" && (quick || relative < 1e-4) {
                continue;
            }
            let tolerances = Tolerances {
                relative,
                absolute: 1e-3 * relative,
            };
            let first = Solver::new(&system, Method::default(), tolerances).solve(&problem);
            println!(
                "{variant} rtol {relative:e}: {:?}, error {:.2e}, steps {} + {}",
                first.status,
                error(&system, &first, &reference),
                first.statistics.steps,
                first.statistics.rejected
            );
            for set in InstructionSet::available() {
                for lanes in [1, 4, 8, 16] {
                    if variant == "meals" && set != InstructionSet::detect() {
                        continue;
                    }
                    let machine = Machine {
                        lanes: Some(lanes),
                        threads: Some(1),
                        instructions: Some(set),
                    };
                    let solver = Solver::new(&system, Method::default(), tolerances).on(machine);
                    let count = if lanes == 1 { 8 } else { SUBJECTS };
                    let ms = least(repeats, count, || {
                        solver.map(&problems[..count], |_, _| ());
                    });
                    println!(
                        "  {set:<8} W = {lanes:<3} {ms:8.4} ms   {} kB",
                        solver.memory() / 1000
                    );
                }
            }
        }
        if variant == "steady" {
            many(&system, &parameters, &times, quick);
            let seeds: Vec<Vec<(Register, f64)>> =
                (0..20).map(|j| vec![(Register(j), 1.0)]).collect();
            let tapes = system
                .sensitivity(&required_registers(&system, &schedule, &seeds))
                .expect("registers");
            println!("gradient, operations {:?}", tapes.operation_counts());
            let directions = Directions {
                tapes: &tapes,
                seeds: &seeds,
                error_control: false,
            };
            let problems = vec![
                Problem {
                    sensitivity: Some(directions),
                    ..problem
                };
                SUBJECTS
            ];
            for relative in [1e-4, 1e-6] {
                let tolerances = Tolerances {
                    relative,
                    absolute: 1e-3 * relative,
                };
                for lanes in [1, 4, 8, 16] {
                    let machine = Machine {
                        lanes: Some(lanes),
                        threads: Some(1),
                        instructions: None,
                    };
                    let solver = Solver::new(&system, Method::default(), tolerances).on(machine);
                    let count = if lanes == 1 { 4 } else { 32 };
                    let ms = least(repeats.min(3), count, || {
                        solver.map(&problems[..count], |_, _| ());
                    });
                    println!(
                        "  gradient rtol {relative:e} W = {lanes:<3} {ms:8.3} ms   {} kB",
                        solver.memory() / 1000
                    );
                }
            }
        }
    }
}

/// Subjects whose rates spread by 30 %, two threads, and the cost of a subject from ten to a hundred thousand.
fn many(system: &System, parameters: &[f64], times: &[f64], quick: bool) {
    let schedule = Schedule::default();
    let tolerances = Tolerances {
        relative: 1e-4,
        absolute: 1e-7,
    };
    let mut draws = ChaCha8Rng::seed_from_u64(1);
    let normal = LogNormal::new(0.0, 0.3).expect("a standard deviation");
    let spread: Vec<Vec<f64>> = (0..1000)
        .map(|_| {
            let one = parameters.iter();
            one.map(|p| {
                if *p > 0.0 {
                    p * normal.sample(&mut draws)
                } else {
                    *p
                }
            })
            .collect()
        })
        .collect();
    let problem = |parameters| Problem {
        system,
        parameters,
        schedule: &schedule,
        times,
        sensitivity: None,
    };
    let same = vec![problem(parameters); 1000];
    let different: Vec<Problem> = spread.iter().map(|p| problem(p)).collect();
    let on = |threads| Machine {
        threads: Some(threads),
        ..Machine::default()
    };
    let solver = |threads| Solver::new(system, Method::default(), tolerances).on(on(threads));
    for (name, problems) in [("alike", &same), ("with 30 % spread", &different)] {
        let one = solver(1);
        let attempts = one.map(problems, |subject, solution| {
            // a subject that fails is done sooner, and no measure of speed
            assert_eq!(solution.status, Status::Finished, "subject {subject}");
            solution.statistics.steps + solution.statistics.rejected
        });
        let work: usize = attempts.iter().sum();
        let ms = least(5, 1000, || drop(one.map(problems, |_, _| ())));
        println!(
            "1000 subjects {name}: {ms:.4} ms, {:.3} us an attempt",
            ms * 1e6 / work as f64
        );
        // wall time: what is asked is how much sooner two threads are done
        let wall = |threads| {
            let solver = solver(threads);
            let time = || {
                let start = std::time::Instant::now();
                solver.map(problems, |_, _| ());
                start.elapsed().as_secs_f64()
            };
            (0..5).map(|_| time()).fold(f64::INFINITY, f64::min)
        };
        println!("  two threads: {:.2} times one", wall(1) / wall(2));
    }
    let most = if quick { 10_000 } else { 100_000 };
    let mut count = 10;
    while count <= most {
        let problems: Vec<Problem> = (0..count).map(|i| problem(&spread[i % 1000])).collect();
        let solver = solver(1);
        let ms = least(if count > 1000 { 1 } else { 5 }, count, || {
            solver.map(&problems, |_, solution| solution.states(40)[0]);
        });
        println!(
            "{count:>7} subjects: {ms:.4} ms a subject, {} kB of lanes",
            solver.memory() / 1000
        );
        count *= 10;
    }
}
