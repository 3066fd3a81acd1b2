//! Work against precision on the standard problems: digits reached and CPU time of one solve, by method and tolerance.
//!
//! `cargo bench --bench reference` prints a table; the smallest of several repeats counts. Compiling the system is not part of it.
use cpu_time::ProcessTime;
use holobiont::{
    schedule::Schedule,
    solve::{Dop853, Dopri5, Method, Problem, Rodas5P, Tolerances, Tsit5, solve},
};
use problems::Reference;

#[path = "../tests/solve_suite/reference/air_pollution.rs"]
#[allow(clippy::excessive_precision, reason = "digits as published")]
mod air_pollution;
#[path = "../tests/solve_suite/reference/orbits.rs"]
#[allow(clippy::excessive_precision, reason = "digits as published")]
mod orbits;
#[path = "../tests/solve_suite/reference/problems.rs"]
#[allow(clippy::excessive_precision, reason = "digits as published")]
#[allow(dead_code, reason = "the tests use all problems")]
mod problems;

/// Solves are repeated until so much CPU time has passed, in seconds, but at least three times.
const ENOUGH: f64 = 0.2;

fn row(reference: &Reference, name: &str, method: &Method, relative: f64) {
    let system = reference.system();
    let schedule = Schedule::default();
    let problem = Problem {
        system: &system,
        parameters: system.parameters(),
        schedule: &schedule,
        times: &[reference.end],
        sensitivity: None,
    };
    let tolerances = Tolerances {
        relative,
        absolute: relative * reference.small,
    };
    let (mut best, mut passed, mut repeats) = (f64::INFINITY, 0.0, 0);
    let solution = loop {
        let start = ProcessTime::now();
        let solution = solve(&problem, method, &tolerances);
        let time = start.elapsed().as_secs_f64();
        best = best.min(time);
        (passed, repeats) = (passed + time, repeats + 1);
        if passed > ENOUGH && repeats >= 3 {
            break solution.finished().expect("the problem is solved");
        }
    };
    let work = solution.statistics;
    println!(
        "{:<12} {name:<8} {relative:>8.0e} {:>7.1} {:>10.3} {:>8} {:>9}",
        reference.name,
        -reference.error(solution.states(0)).log10(),
        best * 1e3,
        work.steps + work.rejected,
        work.right_hand_sides
    );
}

fn main() {
    println!(
        "{:<12} {:<8} {:>8} {:>7} {:>10} {:>8} {:>9}",
        "problem", "method", "rtol", "digits", "CPU ms", "steps", "rates"
    );
    let stiff = [
        problems::robertson(),
        problems::hires(),
        problems::oregonator(),
        problems::van_der_pol(),
        problems::e5(),
        air_pollution::pollu(),
    ];
    for reference in &stiff {
        for relative in [1e-4, 1e-6, 1e-8, 1e-10] {
            let method = Method::Rodas5P(Rodas5P::default());
            row(reference, "Rodas5P", &method, relative);
        }
    }
    for reference in [orbits::pleiades(), orbits::arenstorf()] {
        for (name, method) in [
            ("Tsit5", Method::Tsit5(Tsit5::default())),
            ("Dopri5", Method::Dopri5(Dopri5::default())),
            ("Dop853", Method::Dop853(Dop853::default())),
            ("Rodas5P", Method::Rodas5P(Rodas5P::default())),
        ] {
            for relative in [1e-6, 1e-8, 1e-10, 1e-12] {
                row(&reference, name, &method, relative);
            }
        }
    }
}
