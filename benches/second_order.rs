//! Second-order sensitivities: CPU time and error of differences on repeated steps beside differences on steps chosen anew.
//!
//! `cargo bench --bench second_order`. The system is the gut-like one of the tests with 20 directions; W = 8, one thread, the
//! smallest of several repeats. B: `Solver::second_order`. C: the same differences with steps chosen anew at the same tolerance,
//! once with B's steps along v, once with those best for its noise. Error: root mean square over times, pairs and states of
//! (S - reference) / (1e-3 + |reference|) in proportional parameters; the reference is B at rtol 1e-11. What the tape (A) costs is
//! measured by `src/compile/tests/third.rs`; `A` here is the estimate from it, see the end of the table.
use cpu_time::ProcessTime;
use holobiont::{
    compile::System,
    expr::Graph,
    network::{
        Equations, InputEquation, InputKind, ObservableEquation, ParameterEquation, StateEquation,
    },
    schedule::{Register, Schedule},
    solve::{
        Directions, Machine, Method, Problem, Solution, Solver, Tolerances, required_registers,
    },
};

#[path = "../src/compile/tests/gut40.rs"]
mod gut40;

const DIRECTIONS: usize = 20;
const TIMES: [f64; 4] = [0.5, 1.0, 2.0, 5.0];

/// CPU milliseconds, the least of several calls.
fn least<T>(mut run: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let start = ProcessTime::now();
        let _ = run();
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..5).map(time).fold(f64::INFINITY, f64::min)
}

type Seeds = Vec<Vec<(Register, f64)>>;

/// Central differences of solves with steps chosen anew; per direction v the sensitivities' derivatives, flat.
fn anew(solver: &Solver, problem: &Problem, along: &Seeds, step: f64) -> Vec<Vec<f64>> {
    let mut vectors = Vec::new();
    for direction in along {
        for sign in [-1.0, 1.0] {
            let mut parameters = problem.parameters.to_vec();
            for (register, rate) in direction {
                parameters[register.0] += sign * step * rate;
            }
            vectors.push(parameters);
        }
    }
    let problems: Vec<Problem> = vectors
        .iter()
        .map(|parameters| Problem {
            parameters,
            ..*problem
        })
        .collect();
    let flat = |solution: Solution| -> Vec<f64> {
        let pairs = (0..TIMES.len()).flat_map(|k| (0..DIRECTIONS).map(move |j| (k, j)));
        pairs
            .flat_map(|(k, j)| solution.sensitivity(k, j).to_vec())
            .collect()
    };
    let all = solver.map(&problems, |_, solution| flat(solution));
    let pairs = all.chunks_exact(2);
    pairs
        .map(|pair| {
            pair[0]
                .iter()
                .zip(&pair[1])
                .map(|(a, b)| (b - a) / (2.0 * step))
                .collect()
        })
        .collect()
}

fn error(values: &[Vec<f64>], reference: &[Vec<f64>]) -> f64 {
    let pairs = values.iter().flatten().zip(reference.iter().flatten());
    let (mut sum, mut count) = (0.0, 0.0);
    for (value, expected) in pairs {
        sum += ((value - expected) / (1e-3 + expected.abs())).powi(2);
        count += 1.0;
    }
    f64::sqrt(sum / count)
}

fn main() {
    let system = System::compile(&gut40::gut40()).expect("a sound system");
    let p = system.parameters().len();
    let schedule = Schedule::default();
    // proportional parameters: d p = p d theta
    let seeds: Seeds = (0..DIRECTIONS)
        .map(|k| Register(k * p / DIRECTIONS))
        .map(|register| vec![(register, system.parameters()[register.0])])
        .collect();
    let tapes = system
        .sensitivity(&required_registers(&system, &schedule, &seeds))
        .expect("registers");
    let directions = Directions {
        tapes: &tapes,
        seeds: &seeds,
        error_control: true,
    };
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &TIMES,
        sensitivity: Some(directions),
    };
    let machine = Machine {
        lanes: Some(8),
        threads: Some(1),
        instructions: None,
    };
    let solver = |relative: f64| {
        let tolerances = Tolerances {
            relative,
            absolute: 1e-3 * relative,
        };
        Solver::new(&system, Method::default(), tolerances).on(machine)
    };
    let repeated = |relative: f64, along: &Seeds| -> Vec<Vec<f64>> {
        let all = solver(relative).second_order(&[problem], std::slice::from_ref(along));
        let record = all
            .into_iter()
            .next()
            .expect("one subject")
            .finished()
            .expect("a smooth system");
        let of = |v: usize| {
            let pairs = (0..TIMES.len()).flat_map(|k| (0..DIRECTIONS).map(move |j| (k, j)));
            pairs
                .flat_map(|(k, j)| record.second(k, j, v).to_vec())
                .collect()
        };
        (0..along.len()).map(of).collect()
    };
    let reference = repeated(1e-11, &seeds);
    println!(
        "{} states, {DIRECTIONS} directions j; CPU us a pair (j, v) beyond the base solve, and error",
        system.state_ids().len()
    );
    println!(
        "{:>6} {:>4} {:>11} {:>9} {:>10} {:>9} {:>10} {:>9} {:>10}",
        "rtol", "v", "base ms", "B us", "B error", "C us", "C error", "C wide us", "error"
    );
    for relative in [1e-4, 1e-6, 1e-8] {
        let wide = f64::cbrt(relative).min(1e-2);
        for count in [1, 5, 20] {
            let along: Seeds = seeds[..count].to_vec();
            let warm = solver(relative);
            let base = least(|| warm.solve(&problem));
            let per_pair = |ms: f64| ms * 1e3 / (count * DIRECTIONS) as f64;
            let b = least(|| warm.second_order(&[problem], std::slice::from_ref(&along))) - base;
            let c = least(|| anew(&warm, &problem, &along, f64::EPSILON.cbrt()));
            let c_wide = least(|| anew(&warm, &problem, &along, wide));
            let expected = &reference[..count];
            println!(
                "{relative:>6.0e} {count:>4} {base:>11.2} {:>9.1} {:>10.1e} {:>9.1} {:>10.1e} {:>9.1} {:>10.1e}",
                per_pair(b),
                error(&repeated(relative, &along), expected),
                per_pair(c),
                error(
                    &anew(&warm, &problem, &along, f64::EPSILON.cbrt()),
                    expected
                ),
                per_pair(c_wide),
                error(&anew(&warm, &problem, &along, wide), expected),
            );
        }
    }
    // noise and truncation alone: the exact derivative of the same steps is symmetric
    let record = repeated(1e-6, &seeds);
    let at = |k: usize, j: usize, v: usize, i: usize| {
        record[v][(k * DIRECTIONS + j) * system.state_ids().len() + i]
    };
    let (mut sum, mut pairs) = (0.0, 0.0);
    for k in 0..TIMES.len() {
        for j in 0..DIRECTIONS {
            for v in 0..j {
                for i in 0..system.state_ids().len() {
                    let (a, b) = (at(k, j, v, i), at(k, v, j, i));
                    sum += ((a - b) / (1e-3 + a.abs())).powi(2);
                    pairs += 1.0;
                }
            }
        }
    }
    println!(
        "B at rtol 1e-6: asymmetry {:.1e} (root mean square, in the same scale)",
        f64::sqrt(sum / pairs)
    );
}
