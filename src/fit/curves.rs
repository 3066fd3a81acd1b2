//! Predictions of one subject at any times, with their standard errors by the delta method.

use super::cohort_objective::CohortObjective;
use super::covariance::Covariance;
use super::objective::{Derivatives, Evaluation, Objective, Order};
use super::parameters::{Natural, Search};
use super::reach::Slopes;
use super::uncertainty::UncertaintyOptions;
use crate::solve::{Directions, Problem, SolveError, solve};

/// One endpoint of one subject over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// index into the cohort's endpoints
    pub endpoint: usize,
    /// times, in the time unit of the subject's model
    pub times: Vec<f64>,
    /// per time: prediction, then noise parameters, the arguments of the endpoint's noise
    pub arguments: Vec<Vec<f64>>,
    /// per time: standard error of the prediction; empty without a covariance
    pub standard_errors: Vec<f64>,
}

impl CohortObjective<'_> {
    /// The covariance of the estimated parameters at a search point.
    ///
    /// # Errors
    /// an [`Evaluation::Infeasible`], boxed, where the objective has no value.
    pub fn covariance(
        &self,
        x: &Search,
        options: &UncertaintyOptions,
    ) -> Result<Covariance, Box<Evaluation>> {
        let mut derivatives = Derivatives::new(self.layout());
        let answer = self.evaluate(x, Order::GaussNewton, &mut derivatives);
        if answer.value().is_none() {
            return Err(Box::new(answer));
        }
        let table = &self.problem().parameters;
        Ok(Covariance::at(table, x, &derivatives, options))
    }

    /// Predictions of a subject (by its position in the cohort) at ascending times, one curve per endpoint that it has a reading
    /// of, with the placeholder values of the first such reading. With a covariance every point carries the standard error
    /// $\sqrt{g^T V g}$ of the prediction, $g$ its gradient in the search values (delta method); the noise parameters count as
    /// known.
    ///
    /// # Errors
    /// a solve that fails.
    ///
    /// # Panics
    /// when there is no such subject.
    pub fn curves(
        &self,
        subject: usize,
        natural: &Natural,
        times: &[f64],
        covariance: Option<&Covariance>,
    ) -> Result<Vec<Curve>, SolveError> {
        let cohort = &self.problem().cohort;
        let reach = &self.reaches()[subject];
        let subject = &cohort.subjects[subject];
        let (system, outputs) = (cohort.system_of(subject), cohort.outputs_of(subject));
        let slopes = Slopes::new(cohort, &natural.0, covariance.is_some());
        let seeds = covariance.map_or_else(Vec::new, |_| reach.seeds(subject, &slopes));
        let registers = subject.registers(system.parameters(), &natural.0, &slopes.values);
        let options = self.options();
        let problem = Problem {
            system,
            parameters: &registers,
            schedule: &subject.schedule,
            times,
            sensitivity: covariance.map(|_| Directions {
                tapes: self.tapes_of(subject),
                seeds: &seeds,
                error_control: options.sensitivity_error_control,
            }),
        };
        let solution = solve(&problem, &options.method, &options.tolerances).finished()?;
        let table = &self.problem().parameters;
        let scales = table.derivatives(&table.search(natural));
        let placeholders = outputs.placeholders().len();
        let mut curves = Vec::new();
        for (index, endpoint) in cohort.endpoints.iter().enumerate() {
            let Some(visit) = subject.visits.iter().find(|v| v.endpoint == index) else {
                continue;
            };
            let which = endpoint.formulas();
            let m = which.len();
            let values = visit.placeholder_values(placeholders, &natural.0, &slopes.values);
            let mut curve = Curve {
                endpoint: index,
                times: times.to_vec(),
                arguments: Vec::with_capacity(times.len()),
                standard_errors: Vec::new(),
            };
            for k in 0..times.len() {
                let mut arguments = vec![0.0; m];
                if let Some(covariance) = covariance {
                    let mut by_direction = vec![0.0; m * reach.directions.len()];
                    let mut by_placeholder = vec![0.0; m * placeholders];
                    solution.outputs_with_derivatives(
                        outputs,
                        k,
                        &which,
                        &values,
                        &mut arguments,
                        &mut by_direction,
                        &mut by_placeholder,
                    );
                    let jacobian =
                        reach.jacobian(m, &by_direction, &by_placeholder, visit, &slopes);
                    let gradient: Vec<(usize, f64)> = reach
                        .entries
                        .iter()
                        .zip(&jacobian)
                        .map(|(&entry, slope)| (entry, slope * scales[entry].first))
                        .collect();
                    // rounding can leave a variance of zero a little below it
                    let variance = covariance.along(&gradient).max(0.0);
                    curve.standard_errors.push(variance.sqrt());
                } else {
                    solution.outputs(outputs, k, &which, &values, &mut arguments);
                }
                curve.arguments.push(arguments);
            }
            curves.push(curve);
        }
        Ok(curves)
    }
}
