//! Predictions of a cohort at given parameter values: every reading with its prediction and noise parameters.

use super::source::formula_values;
use super::{Cohort, Endpoint, Solvers, Subject};
use crate::noise::LnDensity;
use crate::solve::{Method, Problem, Solution, Status, Tolerances};

/// What the model says about one reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// prediction, then noise parameters: the arguments of the endpoint's noise
    pub arguments: Vec<f64>,
    /// ln p of the reading
    pub ln_density: f64,
    /// squared normalised residual, `None` where undefined
    pub chi2: Option<f64>,
}

/// One subject's predictions; `predictions` is empty when the solve failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// how the solve ended
    pub status: Status,
    /// one per visit
    pub predictions: Vec<Prediction>,
}

impl Endpoint {
    /// Output formulas of the noise's arguments: prediction, then noise parameters.
    pub(crate) fn formulas(&self) -> Vec<usize> {
        let mut which = vec![self.observable];
        which.extend(&self.noise_parameters);
        which
    }
}

impl Cohort {
    /// Simulates all subjects at natural values of all rows of the parameter table, in the order of the subjects.
    ///
    /// # Panics
    /// when an index leads nowhere; [`check`](Cohort::check) finds that.
    pub fn simulate(
        &self,
        natural: &[f64],
        method: &Method,
        tolerances: &Tolerances,
    ) -> Vec<Simulation> {
        let formulas = formula_values(self, natural);
        let subjects = &self.subjects;
        let registers: Vec<Vec<f64>> = subjects
            .iter()
            .map(|s| s.registers(self.system_of(s).parameters(), natural, &formulas))
            .collect();
        let times: Vec<Vec<f64>> = subjects.iter().map(Subject::times).collect();
        let problems: Vec<Problem> = subjects
            .iter()
            .zip(registers.iter().zip(&times))
            .map(|(subject, (parameters, times))| Problem {
                system: self.system_of(subject),
                parameters,
                schedule: &subject.schedule,
                times,
                sensitivity: None,
            })
            .collect();
        Solvers::new(self, *method, *tolerances).map(&problems, |i, solution| {
            self.predict(&subjects[i], &solution, natural, &formulas)
        })
    }

    fn predict(
        &self,
        subject: &Subject,
        solution: &Solution,
        natural: &[f64],
        formulas: &[f64],
    ) -> Simulation {
        let status = solution.status.clone();
        if status != Status::Finished {
            return Simulation {
                status,
                predictions: Vec::new(),
            };
        }
        let outputs = self.outputs_of(subject);
        let placeholders = outputs.placeholders().len();
        let mut density = LnDensity::default();
        let predictions = subject
            .visits
            .iter()
            .enumerate()
            .map(|(k, visit)| {
                let endpoint = &self.endpoints[visit.endpoint];
                let which = endpoint.formulas();
                let values = visit.placeholder_values(placeholders, natural, formulas);
                let mut arguments = vec![0.0; which.len()];
                solution.outputs(outputs, k, &which, &values, &mut arguments);
                endpoint
                    .noise
                    .ln_density(&visit.reading, &arguments, &mut density);
                Prediction {
                    arguments,
                    ln_density: density.value,
                    chi2: density.chi2,
                }
            })
            .collect();
        Simulation {
            status,
            predictions,
        }
    }
}
