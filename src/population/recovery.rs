//! Simulation and refit: how well an estimator recovers known parameters from the design of a problem.
//!
//! Populations are drawn from the model at the true values (readings censored as those of the design are), each is fitted from the nominal
//! values of the parameter table, and the estimates are held against the truth. *Bias* is the mean deviation; it is told in units of what
//! matters for the parameter: of a typical value the standard deviation of its random effect (on the scale of its transform), of a
//! standard deviation, or of any other parameter on a logarithmic scale, its own value, of a parameter on a linear scale the spread of its
//! estimates. *Coverage* is the share of refits whose interval $\hat x \pm z\,\mathrm{se}$ on the search scale holds the truth; a refit
//! without standard error covers nothing. Also known as stochastic simulation and estimation, or simulation-based assessment of a design.

use super::error::PopulationError;
use super::fit::{PopulationFitOptions, fit_population};
use super::marginal::Method;
use super::model::{Coefficient, Level, PopulationProblem, RandomEffect};
use super::simulate::{Censoring, PopulationSimulator, SimulationOptions, drawn};
use super::transform::Transform;
use crate::cohort::DetectionLimit;
use crate::fit::{Control, Natural, Scale, apart};
use crate::noise::normal_quantile;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;

/// Options of simulation and refit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecoveryOptions {
    /// populations that are drawn and refitted
    pub replicates: usize,
    /// of the draws
    pub seed: u64,
    /// probability of the intervals whose coverage is counted
    pub level: f64,
    /// further limits of the readings
    pub limits: Vec<DetectionLimit>,
    /// of every fit; its threads and routes are not used
    pub fit: PopulationFitOptions,
    /// replicates at the same time; all that the machine offers by default. The result does not depend on their number
    pub threads: Option<usize>,
}

impl Default for RecoveryOptions {
    fn default() -> Self {
        RecoveryOptions {
            replicates: 200,
            seed: 1,
            level: 0.9,
            limits: Vec::new(),
            fit: PopulationFitOptions::default(),
            threads: None,
        }
    }
}

/// One parameter of one refit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefitEstimate {
    /// natural value
    pub value: f64,
    /// value on the search scale
    pub search: f64,
    /// standard error on the search scale
    pub standard_error: Option<f64>,
}

/// One refit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refit {
    /// number of the replicate
    pub replicate: usize,
    /// why there is no fit
    pub failure: Option<String>,
    /// whether the fit says that it converged
    pub converged: bool,
    /// share of the readings that are censored; none without fit
    pub censored: Option<f64>,
    /// estimated parameters in the order of the table; empty without fit
    pub estimates: Vec<RefitEstimate>,
}

/// How a parameter is recovered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovered {
    /// identifier
    pub id: String,
    /// natural value
    pub truth: f64,
    /// mean deviation of the estimates, in the unit that the documentation of the module names
    pub bias: f64,
    /// its Monte Carlo standard error
    pub bias_error: f64,
    /// root mean square deviation, in the same unit
    pub rmse: f64,
    /// mean of the squared standard errors over the variance of the estimates, both on the search scale; 1 is right
    pub variance_ratio: Option<f64>,
    /// share of intervals that hold the truth
    pub coverage: f64,
    /// refits without a standard error of it
    pub without_error: usize,
}

/// What simulation and refit found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// probability of the intervals
    pub level: f64,
    /// estimated parameters
    pub parameters: Vec<Recovered>,
    /// coverage over all parameters and refits
    pub coverage: f64,
    /// its standard error, from the spread over refits of the share of a refit's parameters that is covered
    pub coverage_error: f64,
    /// refits that were made, those that ended in an error, and those that did not converge
    pub counts: (usize, usize, usize),
    /// mean share of censored readings
    pub censored: f64,
    /// all refits
    pub refits: Vec<Refit>,
}

/// Draws populations at `truth` (natural values of all rows) and refits them. Replicates in `before` are taken as they are; `finished` is
/// told of each new one, from any thread. With `control.stop` raised the rest is left out: fewer refits than asked for come back.
///
/// ```no_run
/// # use holobiont::{fit::Control, population::{PopulationProblem, RecoveryOptions, recover}};
/// # fn of(problem: &PopulationProblem) -> Result<(), holobiont::population::PopulationError> {
/// let truth = problem.problem.parameters.nominal();
/// let found = recover(problem, &truth, &RecoveryOptions::default(), vec![], Control::default(), &|_| {})?;
/// for parameter in &found.parameters {
///     println!("{}: bias {:.3}, coverage {:.3}", parameter.id, parameter.bias, parameter.coverage);
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// faults of the problem; standard deviations or correlations that no distribution has. A refit that fails is no error: it is counted.
pub fn recover(
    problem: &PopulationProblem,
    truth: &Natural,
    options: &RecoveryOptions,
    before: Vec<Refit>,
    control: Control<'_>,
    finished: &(dyn Fn(&Refit) + Sync),
) -> Result<Recovery, PopulationError> {
    let objective = &options.fit.population.objective;
    let simulator = PopulationSimulator::new(problem, objective.method, objective.tolerances)?;
    let wanted = SimulationOptions {
        replicates: options.replicates,
        seed: options.seed,
    };
    let simulation = simulator.simulate(truth, wanted)?;
    let censoring = Censoring::new(&simulator, &options.limits);
    let mut fitting = options.fit.clone();
    fitting.search.threads = None;
    fitting.routes = match fitting.estimator.method() {
        Some(_) => Vec::new(),
        None => vec![Method::Importance],
    };
    let one = |replicate: usize| -> Option<Refit> {
        if let Some(known) = before.iter().find(|r| r.replicate == replicate) {
            return Some(known.clone());
        }
        let stopped = || control.stop.is_some_and(|s| s.load(Ordering::Relaxed));
        if stopped() {
            return None;
        }
        let refit = match drawn(problem, &simulation, replicate, &censoring) {
            Err(individual) => {
                let individual = problem.individuals[individual].id.clone();
                failed(replicate, &PopulationError::NotDrawn { individual })
            }
            Ok(virtual_problem) => {
                let inner = Control {
                    observer: None,
                    ..control
                };
                let fit = fit_population(&virtual_problem, &fitting, &[], inner, None);
                match fit {
                    // a search that was stopped says nothing
                    _ if stopped() => return None,
                    Err(error) => failed(replicate, &error),
                    Ok(fit) => Refit {
                        replicate,
                        failure: None,
                        converged: fit.converged,
                        censored: Some(fit.readings.1 as f64 / fit.readings.0.max(1) as f64),
                        estimates: fit
                            .estimates
                            .iter()
                            .map(|e| RefitEstimate {
                                value: e.value,
                                search: e.search,
                                standard_error: e.standard_error,
                            })
                            .collect(),
                    },
                }
            }
        };
        finished(&refit);
        Some(refit)
    };
    let refits = apart(options.replicates, options.threads, &one)?;
    let refits = refits.into_iter().flatten().collect();
    Ok(summary(problem, truth, options.level, refits))
}

fn failed(replicate: usize, error: &PopulationError) -> Refit {
    Refit {
        replicate,
        failure: Some(error.to_string()),
        converged: false,
        censored: None,
        estimates: Vec::new(),
    }
}

/// Mean and standard error of the mean.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// How deviations of a parameter are measured.
enum Measure {
    /// on the scale of a transform, in units of a standard deviation
    Effect(Transform, f64),
    /// as a share of the true value
    Relative,
    /// in units of the spread of the estimates
    Spread,
}

fn measure(problem: &PopulationProblem, row: usize, natural: &[f64]) -> Measure {
    // between individuals before between occasions
    let mut effects: Vec<_> = (problem.effects.iter())
        .filter(|e| e.typical == row)
        .collect();
    effects.sort_by_key(|e| e.level == Level::Occasion);
    let sd = effects
        .iter()
        .map(|e| e.standard_deviation.value(natural))
        .find(|sd| *sd > 0.0);
    let parameter = problem.parameters.iter().find(|p| p.typical == row);
    if let (Some(sd), Some(parameter)) = (sd, parameter) {
        return Measure::Effect(parameter.transform, sd);
    }
    let is_sd = |e: &RandomEffect| matches!(e.standard_deviation, Coefficient::Row(r) if r == row);
    let scale = problem.problem.parameters.rows[row].scale;
    let relative = problem.effects.iter().any(is_sd) || scale != Scale::Linear;
    if relative && natural[row] != 0.0 {
        Measure::Relative
    } else {
        Measure::Spread
    }
}

fn summary(
    problem: &PopulationProblem,
    truth: &Natural,
    level: f64,
    refits: Vec<Refit>,
) -> Recovery {
    let table = &problem.problem.parameters;
    let search = table.search(truth);
    let z = normal_quantile(0.5 + 0.5 * level);
    let fitted: Vec<&Refit> = refits.iter().filter(|r| r.failure.is_none()).collect();
    let covers = |refit: &Refit, k: usize| {
        let estimate = &refit.estimates[k];
        let within = |se: f64| (estimate.search - search.0[k]).abs() <= z * se;
        estimate.standard_error.is_some_and(within)
    };
    let estimated = table.estimated();
    let parameters = estimated
        .iter()
        .enumerate()
        .map(|(k, &row)| {
            let true_value = truth.0[row];
            let of = |f: &dyn Fn(&RefitEstimate) -> f64| -> Vec<f64> {
                fitted.iter().map(|r| f(&r.estimates[k])).collect()
            };
            let deviations = match measure(problem, row, &truth.0) {
                Measure::Effect(transform, sd) => {
                    let on = |v: f64| transform.scaled(v).0;
                    of(&|e| (on(e.value) - on(true_value)) / sd)
                }
                Measure::Relative => of(&|e| e.value / true_value - 1.0),
                Measure::Spread => {
                    let all = of(&|e| e.search - search.0[k]);
                    let sd = mean(&all).1 * (all.len() as f64).sqrt();
                    all.iter().map(|d| d / sd).collect()
                }
            };
            let (bias, bias_error) = mean(&deviations);
            let squares: f64 = deviations.iter().map(|d| d * d).sum();
            let errors: Vec<f64> = fitted
                .iter()
                .filter_map(|r| r.estimates[k].standard_error)
                .collect();
            let spread = mean(&of(&|e| e.search)).1.powi(2) * fitted.len() as f64;
            let squared = errors.iter().map(|se| se * se).sum::<f64>() / errors.len() as f64;
            Recovered {
                id: table.rows[row].id.clone(),
                truth: true_value,
                bias,
                bias_error,
                rmse: (squares / deviations.len() as f64).sqrt(),
                variance_ratio: (!errors.is_empty()).then_some(squared / spread),
                coverage: fitted.iter().filter(|r| covers(r, k)).count() as f64
                    / fitted.len() as f64,
                without_error: fitted.len() - errors.len(),
            }
        })
        .collect();
    let shares: Vec<f64> = fitted
        .iter()
        .map(|r| {
            let covered = (0..estimated.len()).filter(|&k| covers(r, k)).count();
            covered as f64 / estimated.len() as f64
        })
        .collect();
    let (coverage, coverage_error) = mean(&shares);
    let censored: Vec<f64> = fitted.iter().filter_map(|r| r.censored).collect();
    Recovery {
        level,
        parameters,
        coverage,
        coverage_error,
        counts: (
            refits.len(),
            refits.len() - fitted.len(),
            fitted.iter().filter(|r| !r.converged).count(),
        ),
        censored: mean(&censored).0,
        refits,
    }
}
