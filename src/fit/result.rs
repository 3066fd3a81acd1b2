//! A fit from problem to result: multi-start, uncertainty, provenance. The result's serde form is `fit.json`.
//!
//! # Schema of `fit.json`
//! Keys are the fields of [`Fit`]; numbers are JSON numbers that read back to the same bits; what does not exist is `null`.
//!
//! | key | meaning |
//! |---|---|
//! | `schema` | `"holobiont.fit/1"` |
//! | `value` | the minimised objective: minus log-likelihood minus log-prior |
//! | `log_likelihood`, `log_prior`, `chi2` | natural logarithms; `chi2` is `null` with censored readings or Student's t noise |
//! | `stop` | `{"reason": ...}` of the best start, see [`StopReason`] |
//! | `complete` | whether all starts ran to their own end |
//! | `uncertainty` | [`Uncertainty`]: `estimates` (id, unit, value, standard errors, interval, bound), rank diagnosis |
//! | `fixed` | `[id, value]` of the parameters that were not estimated |
//! | `history` | iterations of the best start |
//! | `starts` | [`StartSummary`] of all starts, best first |
//! | `waterfall` | final values above the best, ascending |
//! | `failures` | number of starts without a value |
//! | `provenance` | [`Provenance`]: version, instruction set, options with seed and tolerances, sizes |

use super::cohort_objective::{CohortObjective, ObjectiveOptions};
use super::error::FitError;
use super::local::Control;
use super::multistart::{MultiStartOptions, Origin, StartFit, multi_start};
use super::objective::{Derivatives, Objective, Order};
use super::parameters::{Natural, Search};
use super::problem::FitProblem;
use super::trust_region::{Counts, Record, StopReason};
use super::uncertainty::{Uncertainty, UncertaintyOptions, uncertainty};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// All options of a fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FitOptions {
    /// solver, tolerances, priors
    pub objective: ObjectiveOptions,
    /// starts, seed, local search, threads
    pub search: MultiStartOptions,
    /// intervals and rank
    pub uncertainty: UncertaintyOptions,
}

/// One start in the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartSummary {
    /// its number
    pub start: usize,
    /// where it came from
    pub origin: Origin,
    /// final value; none when it never had one
    pub value: Option<f64>,
    /// why it ended
    pub stop: StopReason,
    /// iterations
    pub iterations: u64,
    /// evaluations
    pub counts: Counts,
    /// start point, natural values of the estimated parameters
    pub from: Vec<f64>,
    /// end point, natural values of the estimated parameters
    pub to: Vec<f64>,
}

/// Where a result comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// version of this crate
    pub version: String,
    /// processor and the vector extensions it offers
    pub instruction_set: String,
    /// all options, the seed and the tolerances among them (the number of threads is left out: it changes nothing)
    pub options: FitOptions,
    /// id of the model; of several, all ids
    pub model: String,
    /// number of subjects
    pub subjects: usize,
    /// number of readings
    pub readings: usize,
    /// how many of them are censored
    pub censored: usize,
    /// number of estimated parameters
    pub parameters: usize,
}

/// A fitted cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// `"holobiont.fit/1"`
    pub schema: String,
    /// the minimised objective
    pub value: f64,
    /// natural logarithm of the likelihood
    pub log_likelihood: f64,
    /// natural logarithm of the prior density
    pub log_prior: f64,
    /// sum of squared normalised residuals, where all readings have one
    pub chi2: Option<f64>,
    /// why the best start ended
    pub stop: StopReason,
    /// whether all starts ran to their own end
    pub complete: bool,
    /// estimates with standard errors, intervals and rank
    pub uncertainty: Uncertainty,
    /// (id, value) of the parameters that were not estimated
    pub fixed: Vec<(String, f64)>,
    /// iterations of the best start
    pub history: Vec<Record>,
    /// all starts, best first
    pub starts: Vec<StartSummary>,
    /// final values above the best, ascending
    pub waterfall: Vec<f64>,
    /// number of starts without a value
    pub failures: usize,
    /// version, options, sizes
    pub provenance: Provenance,
}

impl Fit {
    /// Natural values of all rows at the best point.
    pub fn natural(&self, problem: &FitProblem) -> Natural {
        let mut natural = problem.parameters.nominal();
        for estimate in &self.uncertainty.estimates {
            if let Some(row) = problem.parameters.index_of(&estimate.id) {
                natural.0[row] = estimate.value;
            }
        }
        natural
    }

    /// The best point on the search scale.
    pub fn search(&self) -> Search {
        Search(
            self.uncertainty
                .estimates
                .iter()
                .map(|e| e.search)
                .collect(),
        )
    }
}

/// Fits a problem. `given` are further starts (natural values of all rows); `resume` names a checkpoint folder.
///
/// # Errors
/// everything that is wrong with the problem; no estimated parameter; starts that cannot be sampled; a checkpoint of another
/// fit; no start with a value.
pub fn fit(
    problem: &FitProblem,
    options: &FitOptions,
    given: &[Natural],
    control: Control<'_>,
    resume: Option<&Path>,
) -> Result<Fit, FitError> {
    let objective = CohortObjective::new(problem, options.objective)?;
    if objective.dim() == 0 {
        return Err(FitError::NothingToEstimate);
    }
    let table = &problem.parameters;
    let given: Vec<Search> = given.iter().map(|natural| table.search(natural)).collect();
    let found = multi_start(&objective, table, &given, &options.search, control, resume)?;
    let no_start = || FitError::NoFeasibleStart {
        starts: found.starts.len(),
        first: found
            .starts
            .iter()
            .min_by_key(|s| s.start)
            .map_or_else(String::new, |s| match &s.fit.stop {
                StopReason::InfeasibleStart { message } => message.clone(),
                other => format!("{other:?}"),
            }),
    };
    let best = found.best().ok_or_else(no_start)?;
    let x = &best.fit.x;
    let mut derivatives = Derivatives::new(objective.layout());
    let value = objective
        .evaluate(x, Order::GaussNewton, &mut derivatives)
        .value()
        .ok_or_else(no_start)?;
    let likelihood = objective
        .likelihood(&table.natural(x))
        .map_err(|_| no_start())?;
    let visits = || problem.cohort.subjects.iter().flat_map(|s| &s.visits);
    let mut recorded = options.clone();
    recorded.search.threads = None;
    Ok(Fit {
        schema: "holobiont.fit/1".into(),
        value,
        log_likelihood: likelihood.log_likelihood,
        log_prior: likelihood.log_prior,
        chi2: likelihood.chi2,
        stop: best.fit.stop.clone(),
        complete: found.complete,
        uncertainty: uncertainty(table, x, &derivatives, &options.uncertainty),
        fixed: table
            .rows
            .iter()
            .filter(|row| !row.estimate)
            .map(|row| (row.id.clone(), row.nominal))
            .collect(),
        history: best.fit.history.clone(),
        waterfall: found.waterfall(),
        failures: found.failures(),
        starts: found
            .starts
            .iter()
            .map(|start| summary(problem, start))
            .collect(),
        provenance: Provenance {
            version: env!("CARGO_PKG_VERSION").into(),
            instruction_set: instruction_set(),
            options: recorded,
            model: problem.cohort.name(),
            subjects: problem.cohort.subjects.len(),
            readings: visits().count(),
            censored: visits().filter(|v| v.reading.is_censored()).count(),
            parameters: objective.dim(),
        },
    })
}

fn summary(problem: &FitProblem, start: &StartFit) -> StartSummary {
    let natural = |x: &Search| -> Vec<f64> {
        let all = problem.parameters.natural(x);
        problem
            .parameters
            .estimated()
            .iter()
            .map(|&row| all.0[row])
            .collect()
    };
    StartSummary {
        start: start.start,
        origin: start.origin,
        value: start.fit.value,
        stop: start.fit.stop.clone(),
        iterations: start.fit.iterations,
        counts: start.fit.counts,
        from: natural(&start.from),
        to: natural(&start.fit.x),
    }
}

/// Processor architecture and the vector extensions found at run time.
pub fn instruction_set() -> String {
    let mut words = vec![std::env::consts::ARCH];
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx2") {
            words.push("avx2");
        }
        if std::arch::is_x86_feature_detected!("fma") {
            words.push("fma");
        }
        if std::arch::is_x86_feature_detected!("avx512f") {
            words.push("avx512f");
        }
    }
    words.join("+")
}
