//! What a fitted population says about its own fit: residuals, prediction errors, predictive checks, effects, curves.
//!
//! Everything is computed at the estimates, by the likelihood of the fit (of SAEM by that of FOCEI; for FO about the modes of FOCEI, since FO has none).
//!
//! | file | what |
//! |---|---|
//! | `individual` | predictions at the modes; residuals IWRES and CWRES |
//! | `npde` | prediction discrepancies and normalised prediction distribution errors |
//! | `vpc` | visual predictive checks |
//! | `effects` | distributions of random effects, their correlations, covariates |
//! | `curves` | curves of individuals with bands |
//! | `normality` | tests |

mod curves;
mod effects;
mod individual;
mod normality;
mod npde;
mod vpc;

pub use curves::Curve;
pub use effects::{Correlated, CovariatePoints, EffectDraw, EffectSample};
pub use normality::Normality;
pub use vpc::{Share, Vpc, VpcBin};

use super::error::PopulationError;
use super::fit::PopulationFit;
use super::laplace::Depth;
use super::limits::limits;
use super::marginal::{Method, PopulationObjective, PopulationOptions, infeasible};
use super::model::PopulationProblem;
use super::simulate::{PopulationSimulator, SimulationOptions};
use crate::fit::Natural;
use crate::noise::Reading;
use serde::{Deserialize, Serialize};

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiagnosticOptions {
    /// simulated populations, for predictive checks and prediction errors
    pub replicates: usize,
    /// of all random numbers
    pub seed: u64,
    /// individuals that curves are computed for, evenly spaced where there are more
    pub curves: usize,
    /// draws of an individual's effects given its readings, for its bands
    pub draws: usize,
    /// probability of the bands of curves
    pub level: f64,
}

impl Default for DiagnosticOptions {
    fn default() -> Self {
        DiagnosticOptions {
            replicates: 1000,
            seed: 1,
            curves: 48,
            draws: 300,
            level: 0.9,
        }
    }
}

/// One reading beside what the fit says about it. What cannot be computed is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingDiagnostic {
    /// row in the table of measurements
    pub row: usize,
    /// position among the individuals
    pub individual: usize,
    /// position among the subjects (experiments) of the cohort
    pub subject: usize,
    /// position among the endpoints
    pub endpoint: usize,
    /// time of the visit
    pub time: f64,
    /// what was read
    pub reading: Reading,
    /// prediction of an individual with these covariates whose effects are 0
    pub population: Option<f64>,
    /// prediction at the individual's mode
    pub individual_prediction: Option<f64>,
    /// individual weighted residual: distance from the individual prediction in standard deviations, for other than normal noise
    /// and censored readings a quantile residual
    pub iwres: Option<f64>,
    /// conditional weighted residual (uncensored readings with normal or log-normal noise)
    pub cwres: Option<f64>,
    /// prediction discrepancy: share of simulated readings below, randomised within ties and censoring
    pub pd: Option<f64>,
    /// normalised prediction distribution error
    pub npde: Option<f64>,
}

/// Everything that is shown about a fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// how much was simulated
    pub options: DiagnosticOptions,
    /// individual by individual
    pub readings: Vec<ReadingDiagnostic>,
    /// predictive checks, one an endpoint that was read
    pub vpc: Vec<Vpc>,
    /// random effects
    pub effects: Vec<EffectSample>,
    /// pairs of effects of individuals
    pub correlations: Vec<Correlated>,
    /// effects beside covariates
    pub covariates: Vec<CovariatePoints>,
    /// curves of individuals
    pub curves: Vec<Curve>,
    /// (quantity, endpoint or effect, test): whether they are standard normal
    pub normality: Vec<(String, String, Normality)>,
    /// individuals without a mode, and why
    pub without_mode: Vec<(String, String)>,
    /// individuals with more readings than replicates can decorrelate, or a predictive covariance without full rank
    pub without_npde: Vec<String>,
    /// (individual, simulated draws that failed), those with any
    pub failed_simulations: Vec<(String, usize)>,
}

/// Diagnostics of a fit. `covariates` are (name, one number an individual), beside those that the model has; a missing number is NaN.
///
/// # Errors
/// everything wrong with the problem, or a fit of another one.
pub fn diagnose(
    problem: &PopulationProblem,
    fit: &PopulationFit,
    covariates: &[(String, Vec<f64>)],
    options: DiagnosticOptions,
) -> Result<Diagnostics, PopulationError> {
    // of SAEM and quadrature with the exact Hessian
    let method = fit.estimator.method().unwrap_or(Method::Laplace);
    let at = (method, fit.options.population);
    diagnose_at(problem, &fit.natural(problem), at, covariates, options)
}

/// The same at given natural values of all rows, with the likelihood (method, options) that modes and curvatures come from.
///
/// # Errors
/// everything wrong with the problem; values at which the effects have no distribution.
pub fn diagnose_at(
    problem: &PopulationProblem,
    natural: &Natural,
    (method, population): (Method, PopulationOptions),
    covariates: &[(String, Vec<f64>)],
    options: DiagnosticOptions,
) -> Result<Diagnostics, PopulationError> {
    let method = match method {
        Method::Fo => Method::Focei,
        Method::Quadrature | Method::Importance => Method::Laplace,
        other => other,
    };
    let objective = PopulationObjective::new(problem, method, population)?;
    let theta = objective
        .theta(natural, false)
        .map_err(|_| PopulationError::NoDistribution)?;
    let objective = match method {
        Method::Foce => objective,
        _ => {
            let highest = objective.highest(&theta);
            objective.about(highest)
        }
    };
    let shares = match method {
        Method::Laplace => objective.conditional(&theta),
        _ => objective.shares(&theta, Depth::Value),
    };
    // linear models are solved exactly here, too
    let solver = objective.evaluator().options;
    let simulator = PopulationSimulator::new(problem, solver.method, solver.tolerances)?;
    let simulation = simulator.simulate(
        natural,
        SimulationOptions {
            replicates: options.replicates,
            seed: options.seed,
        },
    )?;
    let limits = limits(problem, &simulation.places);
    let mut readings = individual::readings(
        objective.evaluator(),
        &simulator,
        &theta,
        &shares,
        options.seed,
    );
    let without_npde = npde::add(problem, &simulation, &limits, options.seed, &mut readings);
    let draws = effects::draws(problem, &simulator.people, &theta, &shares, options.seed);
    let effects = effects::samples(problem, &natural.0, &draws);
    let id = |i: usize| problem.individuals[i].id.clone();
    Ok(Diagnostics {
        options,
        vpc: vpc::checks(problem, &simulation, &limits, &readings),
        correlations: effects::correlations(problem, &natural.0, &draws),
        covariates: effects::covariates(problem, covariates, &draws),
        curves: curves::curves(&simulator, &theta, &shares, options),
        normality: normality::all(problem, &readings, &effects),
        readings,
        effects,
        without_mode: shares
            .iter()
            .enumerate()
            .filter_map(|(i, share)| {
                let failure = share.as_ref().err()?.clone();
                Some((id(i), infeasible(failure).to_string()))
            })
            .collect(),
        without_npde: without_npde.into_iter().map(id).collect(),
        failed_simulations: simulation
            .failed
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(i, count)| (id(i), *count))
            .collect(),
    })
}
