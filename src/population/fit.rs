//! A population fit: searches of the marginal likelihood, standard errors, individuals, certificate. Its serde form is `fit.json`.

use super::certificate::{Certificate, agreement, off, routes};
use super::curvature::Curvature;
use super::error::PopulationError;
use super::laplace::{Depth, Share};
use super::marginal::{Method, PopulationObjective, PopulationOptions, infeasible};
use super::model::{Level, PopulationProblem};
use super::saem::{SaemOptions, SaemRun};
use super::search::{OFF, failed, search, seeds};
use super::summary::{criteria, effects, individuals, is_filled};
use crate::fit::{Control, MultiStartOptions, Natural, Objective, StopReason, instruction_set};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How the parameters of a population are estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Estimator {
    /// the maximum of [`Method::Fo`]
    Fo,
    /// the maximum of [`Method::Foce`]
    Foce,
    /// the maximum of [`Method::Focei`]
    #[default]
    Focei,
    /// the maximum of [`Method::Laplace`]
    Laplace,
    /// the maximum of [`Method::Quadrature`]
    Quadrature,
    /// stochastic approximation of expectation and maximisation: the maximum of the exact likelihood, up to chance
    Saem,
}

impl Estimator {
    /// The approximation that is searched; none for SAEM, which needs none.
    pub fn method(self) -> Option<Method> {
        match self {
            Estimator::Fo => Some(Method::Fo),
            Estimator::Foce => Some(Method::Foce),
            Estimator::Focei => Some(Method::Focei),
            Estimator::Laplace => Some(Method::Laplace),
            Estimator::Quadrature => Some(Method::Quadrature),
            Estimator::Saem => None,
        }
    }
}

/// Options of a population fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PopulationFitOptions {
    /// how
    pub estimator: Estimator,
    /// of SAEM
    pub saem: SaemOptions,
    /// solver, quadrature, importance sampling
    pub population: PopulationOptions,
    /// starts, seed, threads
    pub search: MultiStartOptions,
    /// routes of the certificate; SAEM takes its likelihood from quadrature or importance sampling
    pub routes: Vec<Method>,
}

impl Default for PopulationFitOptions {
    fn default() -> Self {
        PopulationFitOptions {
            estimator: Estimator::default(),
            saem: SaemOptions::default(),
            population: PopulationOptions::default(),
            search: MultiStartOptions::default(),
            routes: vec![
                Method::Focei,
                Method::Laplace,
                Method::Quadrature,
                Method::Importance,
            ],
        }
    }
}

/// An estimated parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterEstimate {
    /// identifier
    pub id: String,
    /// unit as text
    pub unit: Option<String>,
    /// natural value
    pub value: f64,
    /// value on the search scale
    pub search: f64,
    /// standard error on the search scale from the observed information: differences of the exact gradient. Of SAEM the
    /// information is FOCEI's there, or Laplace's where that is not positive definite
    pub standard_error: Option<f64>,
    /// the same of the natural value (first order)
    pub natural_standard_error: Option<f64>,
    /// standard error on the search scale from the linearised model
    pub linearised: Option<f64>,
    /// robust to a wrong model: observed information, and squares of the individuals' scores
    pub sandwich: Option<f64>,
    /// 95 % interval from the observed information, mapped to natural values and cut at the bounds
    pub interval: Option<(f64, f64)>,
    /// whether it lies at a bound; a standard deviation at its lower one is a boundary variance, whose interval says nothing
    pub at_bound: bool,
}

/// A random effect over all individuals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// identifier
    pub id: String,
    /// what it varies between
    pub level: Level,
    /// its standard deviation
    pub standard_deviation: f64,
    /// 1 - (standard deviation of the modes) / (standard deviation); none where that is 0
    pub shrinkage: Option<f64>,
    /// whether the standard deviation is 0 or at its lower bound
    pub boundary: bool,
}

/// One individual at the estimates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndividualFit {
    /// identifier
    pub id: String,
    /// (effect, occasion counted from 0, mode, standard deviation of the conditional distribution by its curvature)
    pub effects: Vec<(String, Option<usize>, f64, f64)>,
    /// (parameter, value at the mode)
    pub parameters: Vec<(String, f64)>,
    /// ln of the marginal likelihood by the method of the fit
    pub ln_likelihood: f64,
}

/// Criteria for comparing models, smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Criteria {
    /// -2 ln L + 2 p
    pub aic: f64,
    /// -2 ln L + p_random ln(individuals) + p_fixed ln(readings): Delattre, Lavielle & Poursat 2014, doi:10.1214/14-EJS890
    pub bicc: f64,
}

/// A fitted population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PopulationFit {
    /// `"holobiont.population_fit/1"`
    pub schema: String,
    /// what was searched
    pub estimator: Estimator,
    /// -2 ln L by the method of the fit; of SAEM by quadrature where that can be done, else by importance sampling
    pub minus_two_log_likelihood: f64,
    /// that less n ln 2 pi, over n readings
    pub ofv: f64,
    /// ln of the prior density
    pub log_prior: f64,
    /// why the best search ended
    pub stop: StopReason,
    /// whether the best search converged and the point is stationary; of SAEM whether its runs agree and the point is stationary
    pub converged: bool,
    /// whether all searches ran to their own end
    pub complete: bool,
    /// estimated parameters
    pub estimates: Vec<ParameterEstimate>,
    /// (id, value) of the others
    pub fixed: Vec<(String, f64)>,
    /// random effects
    pub effects: Vec<Effect>,
    /// individuals
    pub individuals: Vec<IndividualFit>,
    /// by the likelihood of the fit's method
    pub criteria: Criteria,
    /// the likelihood by independent routes
    pub certificate: Certificate,
    /// distinct optima that searches ended in: -2 ln L and natural values of the estimated parameters, best first
    pub modes: Vec<(f64, Vec<f64>)>,
    /// number of searches, and how many of them had no value
    pub searches: (usize, usize),
    /// number of readings, and how many of them are censored
    pub readings: (usize, usize),
    /// what was odd about the data and what was made of it, in words; whoever read them says so
    #[serde(default)]
    pub notices: Vec<String>,
    /// runs of SAEM
    pub runs: Vec<SaemRun>,
    /// version of this crate, and processor
    pub provenance: (String, String),
    /// all options
    pub options: PopulationFitOptions,
}

impl PopulationFit {
    /// Natural values of all rows at the estimates.
    pub fn natural(&self, problem: &PopulationProblem) -> Natural {
        let table = &problem.problem.parameters;
        let mut natural = table.nominal();
        for estimate in &self.estimates {
            if let Some(row) = table.index_of(&estimate.id) {
                natural.0[row] = estimate.value;
            }
        }
        natural
    }
}

/// Fits a population. `given` are further starts (natural values of all rows; the first is that of SAEM); `resume` names a
/// checkpoint folder.
///
/// # Errors
/// everything wrong with the problem; no estimated parameter; no start with a value.
pub fn fit_population(
    problem: &PopulationProblem,
    options: &PopulationFitOptions,
    given: &[Natural],
    control: Control<'_>,
    resume: Option<&Path>,
) -> Result<PopulationFit, PopulationError> {
    let table = &problem.problem.parameters;
    let found = search(problem, options, given, control, resume)?;
    let (x, objective) = (&found.x, &found.objective);
    let natural = table.natural(x);
    let infeasible = |failure| failed(&infeasible(failure));
    let mut curvature = Curvature::at(objective, x).map_err(|answer| failed(&answer))?;
    if options.estimator == Estimator::Saem && !curvature.is_observed() {
        // the maximum of the exact likelihood need not be one of the approximation; the exact Hessian comes closer
        let laplace = PopulationObjective::new(problem, Method::Laplace, options.population)?;
        if let Ok(closer) = Curvature::at(&laplace, x) {
            curvature = closer;
        }
    }
    let theta = objective.theta(&natural, false).map_err(infeasible)?;
    let highest = objective.highest(&theta);
    let exact = PopulationObjective::new(problem, Method::Laplace, options.population)?;
    let exact = exact.about(highest.clone());
    let shares: Vec<Share> = match options.estimator {
        Estimator::Fo | Estimator::Foce | Estimator::Focei => {
            objective.shares_from(&theta, Depth::Value, &highest.z)
        }
        _ => exact.conditional(&theta),
    }
    .into_iter()
    .collect::<Result<_, _>>()
    .map_err(infeasible)?;
    let routes = routes(
        problem,
        &natural,
        options.population,
        &options.routes,
        &highest,
    );
    // the likelihood of SAEM is the exact one
    let by_exact = [Method::Quadrature, Method::Importance]
        .iter()
        .find_map(|method| {
            let route = routes.iter().find(|r| r.method == *method);
            route.and_then(|r| r.marginal.clone())
        });
    let marginal = match options.estimator.method() {
        // that of the modes which the search followed
        Some(_) => objective
            .marginal_about(&theta, None)
            .map_err(|answer| failed(&answer))?,
        None => by_exact.ok_or_else(|| failed(&crate::fit::Evaluation::non_finite()))?,
    };
    let ln_likelihoods: Vec<f64> = marginal
        .individuals
        .iter()
        .map(|i| i.ln_likelihood)
        .collect();
    let estimates = curvature.estimates(problem, x);
    let individuals = individuals(objective, &theta, &shares, &ln_likelihoods);
    let errors: Vec<Option<f64>> = estimates
        .iter()
        .map(|e| e.standard_error.or(e.linearised))
        .collect();
    let seeds = seeds(&found.runs, &errors);
    let gradient = match options.estimator {
        Estimator::Saem => found.exact_gradient.clone(),
        _ => Some(curvature.gradient().clone()),
    };
    let decrement = gradient.as_ref().and_then(|g| curvature.decrement(g));
    // chance leaves SAEM a little off the maximum: a tenth of a standard error of each parameter is 0.01 in -2 ln L
    let most = if options.estimator == Estimator::Saem {
        OFF * objective.dim() as f64
    } else {
        1e-3
    };
    let certificate = Certificate {
        agree: agreement(&routes),
        approximation: off(
            options.estimator,
            marginal.minus_two_log_likelihood,
            &routes,
        ),
        routes: routes.into_iter().map(|r| r.route).collect(),
        higher_modes: match options.estimator.method() {
            Some(Method::Foce | Method::Focei | Method::Laplace | Method::Quadrature) => {
                (highest.moved.iter())
                    .map(|&i| problem.individuals[i].id.clone())
                    .collect()
            }
            _ => Vec::new(),
        },
        gradient: gradient.as_ref().map(|g| curvature.steepest(g)),
        newton_decrement: decrement,
        stationary: decrement.map(|d| d < most && !curvature.leaves_a_bound()),
        seeds,
    };
    let minus_two = marginal.minus_two_log_likelihood;
    let visits = || {
        problem
            .problem
            .cohort
            .subjects
            .iter()
            .flat_map(|s| &s.visits)
    };
    let estimated = table.estimated();
    let mut recorded = options.clone();
    recorded.search.threads = None;
    // what was used, not what was left to the program
    recorded.population.objective = objective.evaluator().options;
    let searched = match (&certificate.seeds, options.estimator) {
        (Some(seeds), Estimator::Saem) => found.complete && seeds.agree,
        (None, Estimator::Saem) => found.complete,
        // steps too short to tell of, at a point that is stationary, are the end of what the numbers can say
        _ => {
            found.stop.is_converged()
                || (found.stop == StopReason::Step && certificate.stationary == Some(true))
        }
    };
    Ok(PopulationFit {
        schema: "holobiont.population_fit/1".to_owned(),
        estimator: options.estimator,
        minus_two_log_likelihood: minus_two,
        ofv: marginal.ofv(),
        log_prior: objective
            .ln_prior(&natural)
            .map_err(|answer| failed(&answer))?,
        stop: found.stop.clone(),
        converged: searched && certificate.stationary != Some(false),
        complete: found.complete,
        effects: effects(problem, &natural, &individuals, &estimates),
        estimates,
        fixed: table
            .rows
            .iter()
            .enumerate()
            .filter(|(i, row)| !row.estimate && !is_filled(problem, *i))
            .map(|(_, row)| (row.id.clone(), row.nominal))
            .collect(),
        individuals,
        criteria: criteria(problem, minus_two, marginal.readings),
        certificate,
        modes: found
            .modes
            .iter()
            .map(|(value, x)| {
                let all = table.natural(x);
                (*value, estimated.iter().map(|&row| all.0[row]).collect())
            })
            .collect(),
        searches: found.searches,
        readings: (
            visits().count(),
            visits().filter(|v| v.reading.is_censored()).count(),
        ),
        notices: Vec::new(),
        runs: found.runs,
        provenance: (env!("CARGO_PKG_VERSION").to_owned(), instruction_set()),
        options: recorded,
    })
}
