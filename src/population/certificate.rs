//! The certificate of a fit: its likelihood by independent routes with their errors, the gradient, failed solves.

use super::fit::Estimator;
use super::highest::Highest;
use super::marginal::{Marginal, Method, PopulationObjective, PopulationOptions};
use super::model::PopulationProblem;
use super::quadrature::QuadratureOptions;
use crate::fit::Natural;
use serde::{Deserialize, Serialize};

/// The marginal likelihood by one route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// how
    pub method: Method,
    /// -2 ln L; none where the route failed
    pub minus_two_log_likelihood: Option<f64>,
    /// numerical error of it (of importance sampling a standard error); none where the method does not know
    pub error: Option<f64>,
    /// k-hat of every individual, in their order (importance sampling); empty for other methods
    #[serde(default)]
    pub k_hat: Vec<Option<f64>>,
    /// largest k-hat of an individual (importance sampling)
    pub worst_k_hat: Option<f64>,
    /// individuals whose k-hat is 0.7 or more (importance sampling), or whose ln L the last finer grid moved by more than 0.01
    /// or may miss peaks (quadrature)
    pub untrusted: Vec<String>,
    /// most nodes a dimension (quadrature)
    pub nodes: Option<usize>,
    /// solves that failed on the way; they count as impossible
    pub failed_solves: usize,
    /// individuals of whom solves failed
    #[serde(default)]
    pub failed_individuals: Vec<String>,
    /// how a second route by the same method differs from the first
    #[serde(default)]
    pub differs: Option<String>,
    /// why the route failed
    pub failure: Option<String>,
}

/// What stands behind a fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// the likelihood by every route that can be gone
    pub routes: Vec<Route>,
    /// whether importance sampling and quadrature agree within three standard errors and the error of quadrature; where there are too
    /// many effects for quadrature, whether two samplings with other draws and another proposal agree within three standard errors. None
    /// where they agree and one of them cannot be trusted, or where there is one alone
    pub agree: Option<bool>,
    /// -2 ln L of the fit's own method less that of the exact one (quadrature, or else importance sampling), of approximations only:
    /// what the approximation is off
    #[serde(default)]
    pub approximation: Option<f64>,
    /// individuals whose effects have a higher mode than the one that the search of an approximation followed
    #[serde(default)]
    pub higher_modes: Vec<String>,
    /// largest entry of the gradient on the search scale, entries at a bound left out; of SAEM that of quadrature, none where
    /// there are too many effects for it
    pub gradient: Option<f64>,
    /// twice what a Newton step would still lower the objective by
    pub newton_decrement: Option<f64>,
    /// whether the point is stationary: the Newton decrement is below 0.001 (a change of -2 ln L that no decision rests on), of
    /// SAEM below 0.01 a parameter (a tenth of a standard error)
    pub stationary: Option<bool>,
    /// of several runs of SAEM
    pub seeds: Option<Seeds>,
}

/// How runs with different seeds agree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seeds {
    /// number of runs
    pub runs: usize,
    /// largest distance of a run's estimate from the mean, in standard errors
    pub furthest: f64,
    /// whether that is below a quarter
    pub agree: bool,
}

/// A route with all that it found.
pub(super) struct Gone {
    pub method: Method,
    pub route: Route,
    pub marginal: Option<Marginal>,
}

/// Nodes of the largest grid.
const GRID: usize = 60_000;

/// The second sampling, where there is no quadrature.
const OTHER_SEED: u64 = 1_000_003;
const WIDER: f64 = 1.5;

/// The routes at a point.
pub(super) fn routes(
    problem: &PopulationProblem,
    natural: &Natural,
    options: PopulationOptions,
    which: &[Method],
    highest: &Highest,
) -> Vec<Gone> {
    // grids of a certificate stay small: their error is told
    let options = PopulationOptions {
        quadrature: QuadratureOptions {
            most: options.quadrature.most.min(GRID),
            ..options.quadrature
        },
        ..options
    };
    let go = |method, options| {
        // quadrature has its limit of effects
        let objective = PopulationObjective::new(problem, method, options).ok()?;
        let objective = objective.about(highest.clone());
        let found = objective.marginal(natural);
        let route = match &found {
            Ok(found) => route(found),
            Err(answer) => Route {
                method,
                minus_two_log_likelihood: None,
                error: None,
                k_hat: Vec::new(),
                worst_k_hat: None,
                untrusted: Vec::new(),
                nodes: None,
                failed_solves: 0,
                failed_individuals: Vec::new(),
                differs: None,
                failure: Some(answer.to_string()),
            },
        };
        let marginal = found.ok();
        Some(Gone {
            method,
            route,
            marginal,
        })
    };
    let mut gone: Vec<Gone> = which.iter().filter_map(|&m| go(m, options)).collect();
    let is = |method| move |gone: &Gone| gone.method == method;
    if which.contains(&Method::Quadrature)
        && !gone.iter().any(is(Method::Quadrature))
        && gone.iter().any(is(Method::Importance))
    {
        let mut other = options;
        other.importance.seed = options.importance.seed.wrapping_add(OTHER_SEED);
        other.importance.width = WIDER * options.importance.width;
        gone.extend(go(Method::Importance, other).map(|mut gone| {
            gone.route.differs = Some("other draws, from a wider proposal".to_owned());
            gone
        }));
    }
    gone
}

fn route(found: &Marginal) -> Route {
    let heavy = |i: &&super::marginal::IndividualMarginal| {
        let moved = found.method == Method::Quadrature && i.error.is_some_and(|e| e > 0.01);
        moved || i.between_peaks || i.k_hat.is_some_and(|k| k >= 0.7)
    };
    Route {
        method: found.method,
        minus_two_log_likelihood: Some(found.minus_two_log_likelihood),
        error: found.error,
        k_hat: match found.method {
            Method::Importance => found.individuals.iter().map(|i| i.k_hat).collect(),
            _ => Vec::new(),
        },
        worst_k_hat: found
            .individuals
            .iter()
            .filter_map(|i| i.k_hat)
            .reduce(f64::max),
        untrusted: found
            .individuals
            .iter()
            .filter(heavy)
            .map(|i| i.id.clone())
            .collect(),
        nodes: found.individuals.iter().filter_map(|i| i.nodes).max(),
        failed_solves: found.individuals.iter().map(|i| i.failed).sum(),
        failed_individuals: (found.individuals.iter())
            .filter(|i| i.failed > 0)
            .map(|i| i.id.clone())
            .collect(),
        differs: None,
        failure: None,
    }
}

/// Whether the two routes with known errors agree.
pub(super) fn agreement(routes: &[Gone]) -> Option<bool> {
    let mut known = routes.iter().filter_map(|gone| {
        let exact = [Method::Quadrature, Method::Importance].contains(&gone.method);
        let route = Some(&gone.route).filter(|_| exact)?;
        Some((gone.method, route.minus_two_log_likelihood?, route.error?))
    });
    let ((first, a, error_a), (_, b, error_b)) = (known.next()?, known.next()?);
    let within = match first {
        Method::Quadrature => error_a + 3.0 * error_b,
        _ => 3.0 * error_a.hypot(error_b),
    };
    let agree = (a - b).abs() <= within;
    // agreement of what cannot be trusted says nothing
    let sound = routes.iter().all(|gone| gone.route.untrusted.is_empty());
    (sound || !agree).then_some(agree)
}

/// What an approximation is off: its -2 ln L less the exact one.
pub(super) fn off(estimator: Estimator, own: f64, routes: &[Gone]) -> Option<f64> {
    let exact = |gone: &&Gone| [Method::Quadrature, Method::Importance].contains(&gone.method);
    if estimator.method().is_none_or(|m| m == Method::Quadrature) {
        return None;
    }
    let mut found = routes.iter().filter(exact);
    found.find_map(|gone| Some(own - gone.route.minus_two_log_likelihood?))
}
