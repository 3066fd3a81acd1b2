//! A population fit: searches of the marginal likelihood, standard errors, individuals, certificate. Its serde form is `fit.json`.

use super::certificate::{Certificate, agreement, routes};
use super::error::PopulationError;
use super::laplace::{Depth, Share};
use super::marginal::{Method, PopulationObjective, PopulationOptions, infeasible};
use super::model::{Coefficient, Level, PopulationProblem};
use crate::fit::{
    Control, Derivatives, FitError, MultiStartOptions, Natural, Objective, Order, Search, StartFit,
    StopReason, instruction_set, multi_start,
};
use crate::noise::normal_quantile;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Options of a population fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PopulationFitOptions {
    /// what is searched
    pub method: Method,
    /// solver, quadrature, importance sampling
    pub population: PopulationOptions,
    /// starts, seed, threads
    pub search: MultiStartOptions,
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
    /// standard error on the search scale from the observed information: differences of the exact gradient
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
    pub estimator: Method,
    /// -2 ln L by the method of the fit
    pub minus_two_log_likelihood: f64,
    /// that less n ln 2 pi, over n readings
    pub ofv: f64,
    /// ln of the prior density
    pub log_prior: f64,
    /// why the best search ended; a search that stopped away from a stationary point is not called converged
    pub stop: StopReason,
    /// whether the best search converged and the point is stationary
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

/// Fits a population. `given` are further starts (natural values of all rows); `resume` names a checkpoint folder.
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
    let given: Vec<Search> = given.iter().map(|natural| table.search(natural)).collect();
    let fit_error = |error: FitError| PopulationError::from(error);
    // quadrature goes on from where the quicker method ends
    let first = match options.method {
        Method::Quadrature | Method::Importance => Method::Focei,
        other => other,
    };
    let objective = PopulationObjective::new(problem, first, options.population)?;
    if objective.dim() == 0 {
        return Err(fit_error(FitError::NothingToEstimate));
    }
    let mut found = multi_start(&objective, table, &given, &options.search, control, resume)
        .map_err(|e| fit_error(e.into()))?;
    let no_start = |found: &crate::fit::MultiStart| {
        let first = found.starts.iter().min_by_key(|s| s.start);
        fit_error(FitError::NoFeasibleStart {
            starts: found.starts.len(),
            first: first.map_or_else(String::new, |s| format!("{:?}", s.fit.stop)),
        })
    };
    let mut objective = objective;
    if options.method == Method::Quadrature {
        let ends: Vec<Search> = optima(&found.starts)
            .iter()
            .map(|s| s.fit.x.clone())
            .collect();
        let Some(best) = ends.first() else {
            return Err(no_start(&found));
        };
        let finer = PopulationObjective::new(problem, Method::Quadrature, options.population)?;
        objective = finer
            .near(&table.natural(best))
            .map_err(|_| no_start(&found))?;
        let search = MultiStartOptions {
            starts: 0,
            nominal: false,
            hops: 0,
            best_hops: 0,
            ..options.search.clone()
        };
        let folder = resume.map(|folder| folder.join("quadrature"));
        found = multi_start(
            &objective,
            table,
            &ends,
            &search,
            control,
            folder.as_deref(),
        )
        .map_err(|e| fit_error(e.into()))?;
    }
    let Some(best) = found.best() else {
        return Err(no_start(&found));
    };
    let x = best.fit.x.clone();
    let natural = table.natural(&x);
    let curvature = Curvature::at(&objective, &x).ok_or_else(|| no_start(&found))?;
    let marginal = objective.marginal(&natural).map_err(|_| no_start(&found))?;
    let theta = objective
        .theta(&natural, false)
        .map_err(|_| no_start(&found))?;
    let shares = objective.shares(&theta, Depth::Value);
    let shares: Vec<Share> = shares
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(infeasible)
        .map_err(|_| no_start(&found))?;
    let ln_likelihoods: Vec<f64> = marginal
        .individuals
        .iter()
        .map(|i| i.ln_likelihood)
        .collect();
    let estimates = curvature.estimates(problem, &x);
    let individuals = individuals(&objective, &theta, &shares, &ln_likelihoods);
    let routes = routes(problem, &natural, options.population);
    let decrement = curvature.decrement();
    let certificate = Certificate {
        agree: agreement(&routes),
        routes,
        gradient: curvature.steepest(),
        newton_decrement: decrement,
        stationary: decrement.is_some_and(|d| d < 1e-3),
    };
    let minus_two = marginal.minus_two_log_likelihood;
    let random = random_rows(problem);
    let (dim, readings) = (objective.dim(), marginal.readings as f64);
    let estimated = table.estimated();
    let of_random = estimated.iter().filter(|row| random.contains(row)).count();
    let visits = || {
        problem
            .problem
            .cohort
            .subjects
            .iter()
            .flat_map(|s| &s.visits)
    };
    let natural_of = |x: &Search| {
        let all = table.natural(x);
        estimated.iter().map(|&row| all.0[row]).collect()
    };
    let mut recorded = options.clone();
    recorded.search.threads = None;
    Ok(PopulationFit {
        schema: "holobiont.population_fit/1".to_owned(),
        estimator: options.method,
        minus_two_log_likelihood: minus_two,
        ofv: marginal.ofv(),
        log_prior: objective.ln_prior(&natural).map_err(|_| no_start(&found))?,
        stop: best.fit.stop.clone(),
        converged: best.fit.stop.is_converged() && certificate.stationary,
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
        criteria: Criteria {
            aic: minus_two + 2.0 * dim as f64,
            bicc: minus_two
                + of_random as f64 * libm::log(problem.individuals.len() as f64)
                + (dim - of_random) as f64 * libm::log(readings),
        },
        certificate,
        modes: optima(&found.starts)
            .iter()
            .filter_map(|s| Some((2.0 * s.fit.value?, natural_of(&s.fit.x))))
            .collect(),
        searches: (found.starts.len(), found.failures()),
        readings: (
            visits().count(),
            visits().filter(|v| v.reading.is_censored()).count(),
        ),
        provenance: (env!("CARGO_PKG_VERSION").to_owned(), instruction_set()),
        options: recorded,
    })
}

/// A row that holds the values of individuals on one occasion.
fn is_filled(problem: &PopulationProblem, row: usize) -> bool {
    problem
        .parameters
        .iter()
        .any(|p| p.row == row && p.typical != row)
}

/// Rows whose estimates rest on the number of individuals: typical values, covariate coefficients and spreads of random effects.
fn random_rows(problem: &PopulationProblem) -> Vec<usize> {
    let mut rows: Vec<usize> = problem.effects.iter().map(|e| e.typical).collect();
    let mut add = |value: Coefficient| {
        if let Coefficient::Row(row) = value {
            rows.push(row);
        }
    };
    problem
        .effects
        .iter()
        .for_each(|e| add(e.standard_deviation));
    problem.correlations.iter().for_each(|c| add(c.value));
    let random: Vec<usize> = problem.effects.iter().map(|e| e.typical).collect();
    let of_random = problem
        .covariate_effects
        .iter()
        .filter(|c| random.contains(&c.typical));
    of_random.for_each(|c| add(c.coefficient));
    rows
}

/// The ends of searches that are different: in value by more than 0.001, or in place by more than a hundredth on the search scale.
fn optima(starts: &[StartFit]) -> Vec<&StartFit> {
    let mut kept: Vec<&StartFit> = Vec::new();
    for start in starts
        .iter()
        .filter(|s| s.fit.value.is_some() && s.fit.stop.is_converged())
    {
        let same = |other: &&StartFit| {
            let distance = |(a, b): (&f64, &f64)| (a - b).abs() / (1.0 + b.abs());
            let apart = start.fit.x.0.iter().zip(&other.fit.x.0).map(distance);
            let value = |s: &StartFit| s.fit.value.unwrap_or(f64::INFINITY);
            apart.fold(0.0, f64::max) < 1e-2 || (value(start) - value(other)).abs() < 5e-4
        };
        if !kept.iter().any(same) {
            kept.push(start);
        }
    }
    if kept.is_empty() {
        kept.extend(starts.iter().find(|s| s.fit.value.is_some()));
    }
    kept
}

/// Second derivatives at the end of a search, on the search scale.
struct Curvature {
    gradient: DVector<f64>,
    linearised: DMatrix<f64>,
    observed: Option<DMatrix<f64>>,
    /// squares of the individuals' scores
    scores: DMatrix<f64>,
    at_bound: Vec<bool>,
}

impl Curvature {
    fn at(objective: &PopulationObjective, x: &Search) -> Option<Curvature> {
        let table = &objective.problem().problem.parameters;
        let mut out = Derivatives::new(objective.layout());
        objective
            .evaluate(x, Order::GaussNewton, &mut out)
            .value()?;
        let gradient = DVector::from_vec(out.gradient.clone());
        let linearised = out.curvature.to_dense();
        let (lower, upper) = table.search_bounds();
        let n = x.0.len();
        let at_bound: Vec<bool> = (0..n)
            .map(|i| {
                let near = 1e-8 * (upper[i] - lower[i]).min(1e8);
                (x.0[i] - lower[i] <= near && gradient[i] >= 0.0)
                    || (upper[i] - x.0[i] <= near && gradient[i] <= 0.0)
            })
            .collect();
        let sd = inverse(&linearised, &at_bound);
        // a twentieth of a standard error: far above the noise of gradients, and the third derivative does not show
        let step = |i: usize| {
            0.05 * sd
                .as_ref()
                .map_or(0.1, |v| v[(i, i)].max(0.0).sqrt())
                .clamp(1e-6, 0.5)
        };
        let mut observed = Some(DMatrix::zeros(n, n));
        for i in 0..n {
            if at_bound[i] {
                continue;
            }
            let mut side = |sign: f64| -> Option<DVector<f64>> {
                let mut moved = x.clone();
                moved.0[i] = (moved.0[i] + sign * step(i)).clamp(lower[i], upper[i]);
                objective
                    .evaluate(&moved, Order::Gradient, &mut out)
                    .value()?;
                Some(DVector::from_vec(out.gradient.clone()).push(moved.0[i]))
            };
            let column = match (side(1.0), side(-1.0)) {
                (Some(up), Some(down)) => {
                    let width = up[n] - down[n];
                    Some((up - down).rows(0, n) / width)
                }
                _ => None,
            };
            match (&mut observed, column) {
                (Some(matrix), Some(column)) => matrix.set_column(i, &column),
                _ => observed = None,
            }
        }
        let observed = observed.map(|m| 0.5 * (&m + m.transpose()));
        let natural = table.natural(x);
        let slopes = table.derivatives(x);
        let theta = objective.theta(&natural, true).ok()?;
        let mut scores = DMatrix::zeros(n, n);
        for share in objective.searched(&theta, Depth::Gradient).ok()? {
            let own = DVector::from_fn(n, |i, _| share.gradient[i] * slopes[i].first);
            scores += &own * own.transpose();
        }
        Some(Curvature {
            gradient,
            linearised,
            observed,
            scores,
            at_bound,
        })
    }

    fn steepest(&self) -> f64 {
        let free = (0..self.gradient.len()).filter(|&i| !self.at_bound[i]);
        free.map(|i| self.gradient[i].abs()).fold(0.0, f64::max)
    }

    /// g' H^-1 g over the free entries.
    fn decrement(&self) -> Option<f64> {
        let inverse = self
            .observed
            .as_ref()
            .and_then(|h| inverse(h, &self.at_bound))
            .or_else(|| inverse(&self.linearised, &self.at_bound))?;
        let mut g = self.gradient.clone();
        for (value, at) in g.iter_mut().zip(&self.at_bound) {
            if *at {
                *value = 0.0;
            }
        }
        Some((g.transpose() * inverse * &g)[0])
    }

    fn estimates(&self, problem: &PopulationProblem, x: &Search) -> Vec<ParameterEstimate> {
        let table = &problem.problem.parameters;
        let observed = self
            .observed
            .as_ref()
            .and_then(|h| inverse(h, &self.at_bound));
        let linearised = inverse(&self.linearised, &self.at_bound);
        let sandwich = observed.as_ref().map(|v| v * &self.scores * v);
        let z = normal_quantile(0.975);
        let slopes = table.derivatives(x);
        let (lower, upper) = table.search_bounds();
        table
            .estimated()
            .into_iter()
            .enumerate()
            .map(|(i, row)| {
                let parameter = &table.rows[row];
                let sd = |v: &Option<DMatrix<f64>>| {
                    let variance = v.as_ref()?[(i, i)];
                    (variance > 0.0 && !self.at_bound[i]).then(|| variance.sqrt())
                };
                let standard_error = sd(&observed);
                let end = |t: f64| parameter.scale.natural(t.clamp(lower[i], upper[i])).value;
                ParameterEstimate {
                    id: parameter.id.clone(),
                    unit: parameter.unit.clone(),
                    value: slopes[i].value.clamp(parameter.lower, parameter.upper),
                    search: x.0[i],
                    standard_error,
                    natural_standard_error: standard_error.map(|s| s * slopes[i].first.abs()),
                    linearised: sd(&linearised),
                    sandwich: sd(&sandwich),
                    interval: standard_error.map(|s| (end(x.0[i] - z * s), end(x.0[i] + z * s))),
                    at_bound: self.at_bound[i],
                }
            })
            .collect()
    }
}

/// Inverse over the entries that are free, 0 elsewhere; None where it is not positive definite.
fn inverse(matrix: &DMatrix<f64>, held: &[bool]) -> Option<DMatrix<f64>> {
    let mut free = matrix.clone();
    for (i, held) in held.iter().enumerate() {
        if *held {
            free.row_mut(i).fill(0.0);
            free.column_mut(i).fill(0.0);
            free[(i, i)] = 1.0;
        }
    }
    let mut inverse = free.cholesky()?.inverse();
    for (i, held) in held.iter().enumerate() {
        if *held {
            inverse[(i, i)] = 0.0;
        }
    }
    Some(inverse)
}

fn individuals(
    objective: &PopulationObjective,
    theta: &super::person::Theta,
    shares: &[Share],
    ln_likelihoods: &[f64],
) -> Vec<IndividualFit> {
    let problem = objective.problem();
    let table = &problem.problem.parameters;
    let people = &objective.evaluator().people;
    people
        .iter()
        .zip(shares)
        .zip(ln_likelihoods)
        .map(|((person, share), &ln_likelihood)| {
            let factor = person.factor_at(theta);
            let modes = &factor * &share.mode.z;
            let covariance = share
                .hessian
                .clone()
                .cholesky()
                .map(|c| &factor * c.inverse() * factor.transpose());
            let (natural, _) = person.natural(problem, &theta.natural, &share.mode.psi);
            IndividualFit {
                id: problem.individuals[person.number].id.clone(),
                effects: person
                    .effects
                    .iter()
                    .enumerate()
                    .map(|(k, (effect, occasion))| {
                        let sd = covariance
                            .as_ref()
                            .map_or(f64::NAN, |v| v[(k, k)].max(0.0).sqrt());
                        (problem.effects[*effect].id.clone(), *occasion, modes[k], sd)
                    })
                    .collect(),
                parameters: problem
                    .parameters
                    .iter()
                    .filter(|p| person.rows.contains(&p.row))
                    .map(|p| (table.rows[p.row].id.clone(), natural[p.row]))
                    .collect(),
                ln_likelihood,
            }
        })
        .collect()
}

fn effects(
    problem: &PopulationProblem,
    natural: &Natural,
    individuals: &[IndividualFit],
    estimates: &[ParameterEstimate],
) -> Vec<Effect> {
    problem
        .effects
        .iter()
        .map(|effect| {
            let sd = effect.standard_deviation.value(&natural.0);
            let modes: Vec<f64> = individuals
                .iter()
                .flat_map(|i| &i.effects)
                .filter(|(id, ..)| *id == effect.id)
                .map(|(_, _, mode, _)| *mode)
                .collect();
            let n = modes.len() as f64;
            let mean = modes.iter().sum::<f64>() / n;
            let variance = modes.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let at_bound = match effect.standard_deviation {
                Coefficient::Row(row) => {
                    let id = &problem.problem.parameters.rows[row].id;
                    estimates.iter().any(|e| e.id == *id && e.at_bound)
                }
                Coefficient::Constant(_) => false,
            };
            Effect {
                id: effect.id.clone(),
                level: effect.level,
                standard_deviation: sd,
                shrinkage: (sd > 0.0 && n > 1.0).then(|| 1.0 - variance.sqrt() / sd),
                boundary: sd == 0.0 || at_bound,
            }
        })
        .collect()
}
