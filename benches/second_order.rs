//! Second-order sensitivities: CPU time and error of differences on repeated steps beside differences on steps chosen anew.
//!
//! `cargo bench --bench second_order`. The system is the gut-like one of the tests with 20 directions; W = 8, one thread, the
//! smallest of several repeats. B: `Solver::second_order`. C: the same differences with steps chosen anew at the same tolerance,
//! with the step along v of B and with the one best for noise of the size of the tolerance (wide). Error: root mean square over
//! times, pairs and states of (S - reference) / (1e-3 + |reference|) in proportional parameters; the reference is B at rtol
//! 1e-11. What the tape (A) would cost is measured by `src/compile/tests/third.rs`.
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

/// Parameter vectors in the search for the worst.
const VECTORS: usize = 500;
/// and those of them with a reference of their own
const REFERENCES: usize = 60;
/// Step along v of C, in proportional parameters: about that of B.
const STEP: f64 = 4e-5;

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
    let repeated_for = |problem: Problem, relative: f64, along: &Seeds| -> Vec<Vec<f64>> {
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
    let repeated = |relative: f64, along: &Seeds| repeated_for(problem, relative, along);
    let reference = repeated(1e-11, &seeds);
    println!(
        "{} states, {DIRECTIONS} directions j; CPU us a pair (j, v) beyond the base solve, and error",
        system.state_ids().len()
    );
    println!(
        "{:>6} {:>3} {:>6} {:>8} {:>8} {:>11} {:>8} {:>8} {:>8} {:>12} {:>8}",
        "rtol",
        "v",
        "steps",
        "base ms",
        "B us",
        "B us a step",
        "error",
        "C us",
        "error",
        "C wide us",
        "error"
    );
    for relative in [1e-4, 1e-6, 1e-8] {
        let wide = f64::cbrt(relative).min(1e-2);
        for count in [1, 5, 20] {
            let along: Seeds = seeds[..count].to_vec();
            let warm = solver(relative);
            let base = least(|| warm.solve(&problem));
            let steps = warm.solve(&problem).statistics.steps;
            let per_pair = |ms: f64| ms * 1e3 / (count * DIRECTIONS) as f64;
            let b = least(|| warm.second_order(&[problem], std::slice::from_ref(&along))) - base;
            let c = least(|| anew(&warm, &problem, &along, STEP));
            let c_wide = least(|| anew(&warm, &problem, &along, wide));
            let expected = &reference[..count];
            println!(
                "{relative:>6.0e} {count:>3} {steps:>6} {base:>8.2} {:>8.1} {:>11.2} {:>8.1e} {:>8.1} {:>8.1e} {:>12.1} {:>8.1e}",
                per_pair(b),
                per_pair(b) / steps as f64,
                error(&repeated(relative, &along), expected),
                per_pair(c),
                error(&anew(&warm, &problem, &along, STEP), expected),
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

    let along: Seeds = seeds[..5].to_vec();
    let varied = |vector: usize| -> Vec<f64> {
        let vary = |(i, value): (usize, &f64)| {
            value * (1.0 + 0.2 * (((vector * 31 + i * 17) % 1009) as f64 / 1009.0 - 0.5))
        };
        system.parameters().iter().enumerate().map(vary).collect()
    };
    println!(
        "parameter vectors and 5 directions v, rtol 1e-4: the middle error, that exceeded by 1 in 100, the greatest"
    );
    let show = |name: &str, mut errors: Vec<f64>| {
        errors.sort_by(f64::total_cmp);
        let count = errors.len();
        println!(
            "  {name:<36} {:.1e} {:.1e} {:.1e}",
            errors[count / 2],
            errors[count - 1 - count / 100],
            errors[count - 1]
        );
    };
    let mut errors: [Vec<f64>; 4] = Default::default();
    for vector in 0..VECTORS {
        let parameters = varied(vector);
        let problem = Problem {
            parameters: &parameters,
            ..problem
        };
        let b = repeated_for(problem, 1e-4, &along);
        let c = anew(&solver(1e-4), &problem, &along, STEP);
        for (b, c) in b.iter().zip(&c) {
            errors[3].push(error(std::slice::from_ref(c), std::slice::from_ref(b)));
        }
        if vector < REFERENCES {
            let reference = repeated_for(problem, 1e-7, &along);
            let wide = anew(&solver(1e-4), &problem, &along, 1e-2);
            for (errors, values) in errors.iter_mut().zip([b, c, wide]) {
                for (value, expected) in values.iter().zip(&reference) {
                    errors.push(error(
                        std::slice::from_ref(value),
                        std::slice::from_ref(expected),
                    ));
                }
            }
        }
    }
    let [b, c, wide, apart] = errors;
    show(&format!("B, {REFERENCES} vectors"), b);
    show(&format!("C, {REFERENCES} vectors"), c);
    show(&format!("C wide, {REFERENCES} vectors"), wide);
    show(&format!("C from B, {VECTORS} vectors"), apart);
}
