//! Theophylline (12 subjects, 132 readings, three random effects) fitted by holobiont and by ferx-core, one after the other on one thread.
//!
//!     holobiont-peers-population MODELS OUTPUT.json [--quick]
//!
//! MODELS is the folder of ferx-core's model files; HOLOBIONT_SHARED names the public data. Every end is given to holobiont's
//! quadrature, so that all programs' ends are held against one likelihood. `population_tables.py` makes tables of the rows.
mod ours;
mod theirs;
#[path = "../../../theophylline/mod.rs"]
mod theophylline;

use cpu_time::ProcessTime;
use holobiont::population::{Method, PopulationObjective, PopulationOptions, PopulationProblem};
use serde::Serialize;
use std::path::Path;

/// The parameters of the model, in this order everywhere.
pub const PARAMETERS: [&str; 7] = ["ka", "V", "CL", "omega_ka", "omega_V", "omega_CL", "sigma"];

/// Where a fit begins: ka, V, CL.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Start {
    pub name: &'static str,
    pub typical: [f64; 3],
}

pub const NEAR: Start = Start {
    name: "near",
    typical: [1.5, 30.0, 3.0],
};
pub const FAR: Start = Start {
    name: "far",
    typical: [0.1, 100.0, 20.0],
};

/// How a fit is made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Estimator {
    Focei,
    Laplace,
    Saem,
    /// and the likelihood by importance sampling, 1000 draws a subject
    SaemImportance,
}

/// What a program says at the end of a fit.
#[derive(Clone, Debug, Default, Serialize)]
pub struct End {
    /// natural values; standard deviations of effects and readings as such
    pub values: [f64; 7],
    /// standard errors of their logarithms
    pub errors: Option<[f64; 7]>,
    /// -2 ln L of its own approximation
    pub reported: Option<f64>,
    /// -2 ln L by importance sampling, and its Monte Carlo error
    pub importance: Option<(f64, f64)>,
    pub converged: bool,
    pub remarks: Vec<String>,
}

/// A measured fit.
#[derive(Serialize)]
struct Measured {
    program: &'static str,
    model: String,
    estimator: Estimator,
    start: &'static str,
    seed: u64,
    /// CPU seconds, the least of the repeats
    cpu_s: f64,
    repeats: usize,
    end: Option<End>,
    /// -2 ln L by quadrature at the end, and its error
    exact: Option<(f64, f64)>,
    failure: Option<String>,
}

/// A fit to be made.
pub struct Job<'a> {
    pub estimator: Estimator,
    pub start: Start,
    pub seed: u64,
    pub model: &'a str,
}

/// -2 ln L at natural values by quadrature, the linear model solved by its matrix exponential.
fn exact(problem: &PopulationProblem, values: &[f64; 7]) -> Option<(f64, f64)> {
    let objective =
        PopulationObjective::new(problem, Method::Quadrature, PopulationOptions::default()).ok()?;
    let table = &problem.problem.parameters;
    let mut natural = table.nominal();
    for (id, value) in PARAMETERS.iter().zip(values) {
        natural.0[table.index_of(id)?] = *value;
    }
    let found = objective.marginal(&natural).ok()?;
    Some((found.minus_two_log_likelihood, found.error?))
}

/// The least CPU time of up to `most` repeats, none but the second begun after three seconds.
fn timed<T>(most: usize, mut run: impl FnMut() -> T) -> (f64, usize, T) {
    let (mut best, mut total, mut repeats) = (f64::INFINITY, 0.0, 0);
    loop {
        let start = ProcessTime::now();
        let found = run();
        let seconds = start.elapsed().as_secs_f64();
        (best, total, repeats) = (f64::min(best, seconds), total + seconds, repeats + 1);
        if repeats >= most || (repeats >= 2 && total > 3.0) {
            return (best, repeats, found);
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [models, output, rest @ ..] = arguments.as_slice() else {
        eprintln!("holobiont-peers-population MODELS OUTPUT.json [--quick]");
        std::process::exit(2);
    };
    let quick = rest.iter().any(|a| a == "--quick");
    let problem = theophylline::problem();
    let theirs = theirs::Theirs::new(Path::new(models), &theophylline::rows());
    let ours = ours::Ours::new(&problem);
    let mut rows = Vec::new();
    let mut measure = |program: &'static str, most: usize, job: &Job| {
        let fit = || match program {
            "ferx-core" => theirs.fit(job),
            _ => ours.fit(job),
        };
        let (cpu_s, repeats, found) = timed(most, fit);
        let (end, failure) = match found {
            Ok(end) => (Some(end), None),
            Err(why) => (None, Some(why)),
        };
        eprintln!(
            "{program} {} {:?} {} seed {}: {cpu_s:.4} s",
            job.model, job.estimator, job.start.name, job.seed
        );
        rows.push(Measured {
            program,
            model: job.model.to_owned(),
            estimator: job.estimator,
            start: job.start.name,
            seed: job.seed,
            cpu_s,
            repeats,
            exact: end.as_ref().and_then(|end| exact(&problem, &end.values)),
            end,
            failure,
        });
    };
    let most = if quick { 2 } else { 11 };
    let programs = [("ferx-core", theirs::MODELS), ("holobiont", ours::MODELS)];
    use Estimator::{Focei, Laplace, Saem, SaemImportance};
    for (program, models) in programs {
        for &model in models {
            for estimator in [Focei, Laplace, Saem, SaemImportance] {
                if program == "holobiont" && estimator == Saem {
                    // its SAEM has no end without a likelihood
                    continue;
                }
                let job = Job {
                    estimator,
                    start: NEAR,
                    seed: 1,
                    model,
                };
                measure(program, most, &job);
            }
            for estimator in [Focei, Laplace, Saem] {
                let job = Job {
                    estimator,
                    start: FAR,
                    seed: 1,
                    model,
                };
                measure(program, 1, &job);
            }
        }
    }
    for (program, models) in programs {
        for &model in models.iter().filter(|_| !quick) {
            for seed in 2..=10 {
                let job = Job {
                    estimator: Saem,
                    start: NEAR,
                    seed,
                    model,
                };
                measure(program, 1, &job);
            }
        }
    }
    let text = serde_json::to_string_pretty(&rows).expect("rows are data");
    std::fs::write(output, text).unwrap_or_else(|e| panic!("{output}: {e}"));
}
