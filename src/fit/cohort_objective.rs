//! The cohort objective: minus the logarithm of likelihood times prior, summed over subjects in fixed order.
//!
//! $$ f(x) = -\sum_i \sum_j \ln p(y_{ij} \mid \theta(x)) - \sum_k \ln p(\theta_k) $$
//!
//! over subjects $i$, their readings $j$ and the parameters with a prior. The gradient is exact (forward sensitivities); the
//! Gauss-Newton matrix is the expected information of the readings plus the positive part of the priors' curvature.
//! Every model of the cohort has a solver and compiled derivatives of its own. A subject's solve has the same bits alone and
//! among others, and subjects are added in their order: the bits do not depend on the number of threads. Parameters that reach
//! one subject only form that subject's own block.

use super::arrow::ArrowLayout;
use super::error::FitError;
use super::objective::{Derivatives, Evaluation, Objective, Order};
use super::parameters::{Natural, ScaledValue, Search};
use super::priors::Priors;
use super::problem::FitProblem;
use super::profile::SensitivityRows;
use super::reach::{Reach, Slopes};
use super::subject::{SubjectPart, score};
use crate::cohort::{Solvers, Subject};
use crate::compile::Sensitivity;
use crate::solve::{Directions, Method, Problem, Tolerances, required_registers};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Options of the cohort objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectiveOptions {
    /// integration method
    pub method: Method,
    /// its tolerances
    pub tolerances: Tolerances,
    /// whether sensitivities take part in step-size control. Off (the default) they follow the steps that the states ask for:
    /// cheaper, and enough while both are rough in the same places. Where the states are smooth but their derivatives are
    /// not (short pulses of weak effect, fast switches), gradients may then be wrong in more digits than `tolerances` says,
    /// and a search ends with [`StopReason::Step`](super::StopReason::Step): switch it on, or tighten `tolerances`
    pub sensitivity_error_control: bool,
    /// whether priors take part (false: maximum likelihood)
    pub prior: bool,
}

impl Default for ObjectiveOptions {
    fn default() -> Self {
        ObjectiveOptions {
            method: Method::default(),
            tolerances: Tolerances::default(),
            sensitivity_error_control: false,
            prior: true,
        }
    }
}

/// The likelihood at one parameter point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likelihood {
    /// natural logarithm of the likelihood, higher is better
    pub log_likelihood: f64,
    /// sum of squared normalised residuals; none when a reading is censored
    pub chi2: Option<f64>,
    /// natural logarithm of the prior density, truncated to the bounds; 0 without priors
    pub log_prior: f64,
    /// log-likelihood of each subject
    pub subjects: Vec<f64>,
}

/// A cohort with its parameters as an [`Objective`].
#[derive(Clone, Debug)]
pub struct CohortObjective<'a> {
    problem: &'a FitProblem,
    options: ObjectiveOptions,
    solvers: Arc<Solvers<'a>>,
    reaches: Vec<Reach>,
    /// per model: the compiled derivatives of its system
    tapes: Vec<Sensitivity>,
    layout: Arc<ArrowLayout>,
    priors: Priors<'a>,
    estimated: Vec<usize>,
}

impl<'a> CohortObjective<'a> {
    /// Checks cohort and parameters, finds which parameter reaches which subject and compiles the derivatives.
    ///
    /// # Errors
    /// all errors of the cohort and of the parameter table; derivatives that cannot be compiled.
    pub fn new(problem: &'a FitProblem, options: ObjectiveOptions) -> Result<Self, FitError> {
        problem.check()?;
        let cohort = &problem.cohort;
        let estimated = problem.parameters.estimated();
        let reaches: Vec<Reach> = cohort
            .subjects
            .iter()
            .map(|subject| Reach::new(cohort, subject, &estimated))
            .collect();
        let mut registers = vec![Vec::new(); cohort.models.len()];
        for (subject, reach) in cohort.subjects.iter().zip(&reaches) {
            let seeds = reach.possible_seeds(cohort, subject);
            let system = cohort.system_of(subject);
            let required = required_registers(system, &subject.schedule, &seeds);
            registers[subject.model].extend(required);
        }
        let mut tapes = Vec::new();
        for (model, mut registers) in cohort.models.iter().zip(registers) {
            registers.sort_unstable();
            registers.dedup();
            tapes.push(model.system.sensitivity(&registers)?);
        }
        let mut owner: Vec<Option<usize>> = vec![None; estimated.len()];
        if cohort.subjects.len() > 1 {
            let mut users = vec![0; estimated.len()];
            for (index, reach) in reaches.iter().enumerate() {
                for &entry in &reach.entries {
                    users[entry] += 1;
                    owner[entry] = (users[entry] == 1).then_some(index);
                }
            }
        }
        let (method, tolerances) = (options.method, options.tolerances);
        Ok(CohortObjective {
            solvers: Arc::new(Solvers::new(cohort, method, tolerances)),
            tapes,
            layout: Arc::new(ArrowLayout::new(&owner)),
            priors: Priors::new(&problem.parameters, options.prior),
            problem,
            options,
            reaches,
            estimated,
        })
    }

    /// The problem it was made from.
    pub fn problem(&self) -> &'a FitProblem {
        self.problem
    }

    /// Its options.
    pub fn options(&self) -> &ObjectiveOptions {
        &self.options
    }

    /// Search entries that reach the readings of one subject only, ascending; none where there is but one subject.
    pub fn own_entries(&self) -> Vec<usize> {
        let mut entries: Vec<usize> = self.layout.blocks().iter().flatten().copied().collect();
        entries.sort_unstable();
        entries
    }

    /// Which parameters reach which subject, in the order of the subjects.
    pub(super) fn reaches(&self) -> &[Reach] {
        &self.reaches
    }

    /// The compiled derivatives of the system that a subject follows.
    pub(super) fn tapes_of(&self, subject: &Subject) -> &Sensitivity {
        &self.tapes[subject.model]
    }

    /// Ids of estimated parameters that reach no reading: nothing but a prior can tell about them.
    pub fn unreached(&self) -> Vec<&str> {
        let mut reached = vec![false; self.estimated.len()];
        for entry in self.reaches.iter().flat_map(|r| &r.entries) {
            reached[*entry] = true;
        }
        self.estimated
            .iter()
            .zip(reached)
            .filter(|(_, reached)| !reached)
            .map(|(&row, _)| self.problem.parameters.rows[row].id.as_str())
            .collect()
    }

    /// The likelihood at natural values of all rows; the infeasible answer where there is none.
    ///
    /// # Errors
    /// an [`Evaluation::Infeasible`], boxed, when a solve fails or a reading or prior has no density.
    pub fn likelihood(&self, natural: &Natural) -> Result<Likelihood, Box<Evaluation>> {
        let mut result = Likelihood {
            log_likelihood: 0.0,
            chi2: Some(0.0),
            log_prior: 0.0,
            subjects: Vec::new(),
        };
        for part in self.parts(natural, Order::Value) {
            let Some(value) = part.answer.value() else {
                return Err(Box::new(part.answer));
            };
            result.log_likelihood -= value;
            result.subjects.push(-value);
            result.chi2 = match (result.chi2, part.chi2) {
                (Some(sum), Some(one)) => Some(sum + one),
                _ => None,
            };
        }
        result.log_prior = self.priors.ln(natural)?;
        Ok(result)
    }

    /// d log-likelihood / d natural value of every estimated row (the prior left out), in the order of the table.
    ///
    /// # Errors
    /// an [`Evaluation::Infeasible`], boxed.
    pub fn likelihood_gradient(
        &self,
        natural: &Natural,
    ) -> Result<Vec<(String, f64)>, Box<Evaluation>> {
        let mut gradient = vec![0.0; self.estimated.len()];
        for (part, reach) in self
            .parts(natural, Order::Gradient)
            .into_iter()
            .zip(&self.reaches)
        {
            if part.answer.value().is_none() {
                return Err(Box::new(part.answer));
            }
            for (&entry, g) in reach.entries.iter().zip(&part.gradient) {
                gradient[entry] -= g;
            }
        }
        Ok(self
            .estimated
            .iter()
            .map(|&row| self.problem.parameters.rows[row].id.clone())
            .zip(gradient)
            .collect())
    }

    /// The sensitivities of all readings at a search point, in units of their noise, subject by subject; priors have no part in
    /// it. The squares of the rows sum to the Gauss-Newton matrix of the likelihood.
    ///
    /// # Errors
    /// an [`Evaluation::Infeasible`], boxed.
    pub fn sensitivity_rows(&self, x: &Search) -> Result<Vec<SensitivityRows>, Box<Evaluation>> {
        let natural = self.problem.parameters.natural(x);
        let scales = self.problem.parameters.derivatives(x);
        let mut all = Vec::new();
        for (part, reach) in self
            .parts(&natural, Order::GaussNewton)
            .into_iter()
            .zip(&self.reaches)
        {
            if part.answer.value().is_none() {
                return Err(Box::new(part.answer));
            }
            if reach.entries.is_empty() {
                continue;
            }
            let mut rows = part.rows.transpose();
            for (mut column, &entry) in rows.column_iter_mut().zip(&reach.entries) {
                column *= scales[entry].first;
            }
            if rows.iter().any(|v| !v.is_finite()) {
                return Err(Box::new(Evaluation::non_finite()));
            }
            all.push(SensitivityRows {
                entries: reach.entries.clone(),
                rows,
            });
        }
        Ok(all)
    }

    /// All subjects' parts, in their order.
    fn parts(&self, natural: &Natural, want: Order) -> Vec<SubjectPart> {
        let slopes = Slopes::new(&self.problem.cohort, &natural.0, want != Order::Value);
        let cohort = &self.problem.cohort;
        let (subjects, reaches) = (&cohort.subjects, &self.reaches);
        let derivatives = want != Order::Value;
        let registers: Vec<Vec<f64>> = subjects
            .iter()
            .map(|s| s.registers(cohort.system_of(s).parameters(), &natural.0, &slopes.values))
            .collect();
        let times: Vec<Vec<f64>> = subjects.iter().map(|s| s.times()).collect();
        let seeds: Vec<Vec<_>> = if derivatives {
            subjects
                .iter()
                .zip(reaches)
                .map(|(subject, reach)| reach.seeds(subject, &slopes))
                .collect()
        } else {
            vec![Vec::new(); subjects.len()]
        };
        let problems: Vec<Problem> = (0..subjects.len())
            .map(|i| Problem {
                system: cohort.system_of(&subjects[i]),
                parameters: &registers[i],
                schedule: &subjects[i].schedule,
                times: &times[i],
                sensitivity: derivatives.then_some(Directions {
                    tapes: self.tapes_of(&subjects[i]),
                    seeds: &seeds[i],
                    error_control: self.options.sensitivity_error_control,
                }),
            })
            .collect();
        self.solvers.map(&problems, |i, solution| {
            let (subject, reach) = (&subjects[i], &reaches[i]);
            score(cohort, subject, reach, &solution, &natural.0, &slopes, want)
        })
    }

    /// Value with everything scaled to the search; `out` is overwritten.
    fn sum(
        &self,
        natural: &Natural,
        scales: &[ScaledValue],
        want: Order,
        out: &mut Derivatives,
    ) -> Evaluation {
        let mut value = 0.0;
        if want != Order::Value {
            out.clear();
        }
        for (part, reach) in self.parts(natural, want).into_iter().zip(&self.reaches) {
            let Some(own) = part.answer.value() else {
                return part.answer;
            };
            value += own;
            if want != Order::Value {
                for (&entry, g) in reach.entries.iter().zip(&part.gradient) {
                    out.gradient[entry] += g;
                }
            }
            if want == Order::GaussNewton && !reach.entries.is_empty() {
                out.curvature.add(&reach.entries, &part.curvature);
            }
        }
        if want != Order::Value {
            let slopes: Vec<f64> = scales.iter().map(|s| s.first).collect();
            for (g, slope) in out.gradient.iter_mut().zip(&slopes) {
                *g *= slope;
            }
            if want == Order::GaussNewton {
                out.curvature.scale(&slopes);
            }
        }
        if let Err(answer) = self.priors.subtract(natural, scales, want, &mut value, out) {
            return *answer;
        }
        if value.is_finite() {
            Evaluation::Value(value)
        } else {
            Evaluation::non_finite()
        }
    }
}

impl Objective for CohortObjective<'_> {
    fn dim(&self) -> usize {
        self.estimated.len()
    }

    fn layout(&self) -> Arc<ArrowLayout> {
        self.layout.clone()
    }

    fn evaluate(&self, x: &Search, want: Order, out: &mut Derivatives) -> Evaluation {
        let natural = self.problem.parameters.natural(x);
        let scales = self.problem.parameters.derivatives(x);
        self.sum(&natural, &scales, want, out)
    }
}
