//! One solver a model: subjects are sorted by model, solved together with their like, and put back into their order.

use super::Cohort;
use crate::solve::{Method, Problem, Solution, Solver, Tolerances};

/// The solvers of a cohort. They keep their memory from call to call.
#[derive(Debug)]
pub(crate) struct Solvers<'a> {
    /// per model: its solver, and the positions of its subjects
    models: Vec<(Solver<'a>, Vec<usize>)>,
}

impl<'a> Solvers<'a> {
    pub(crate) fn new(cohort: &'a Cohort, method: Method, tolerances: Tolerances) -> Self {
        let solver = |model: &'a super::CohortModel| Solver::new(&model.system, method, tolerances);
        let mut models: Vec<(Solver, Vec<usize>)> = cohort
            .models
            .iter()
            .map(|model| (solver(model), Vec::new()))
            .collect();
        for (position, subject) in cohort.subjects.iter().enumerate() {
            models[subject.model].1.push(position);
        }
        Solvers { models }
    }

    /// Integrates all subjects, one problem each, and keeps of each what `each` makes of its position and solution; in the order
    /// of the subjects.
    pub(crate) fn map<R: Send>(
        &self,
        problems: &[Problem],
        each: impl Fn(usize, Solution) -> R + Sync,
    ) -> Vec<R> {
        let of_model = |(solver, positions): &(Solver, Vec<usize>)| -> Vec<R> {
            let own: Vec<Problem> = positions.iter().map(|&p| problems[p]).collect();
            solver.map(&own, |i, solution| each(positions[i], solution))
        };
        #[cfg(feature = "parallel")]
        let parts: Vec<Vec<R>> = {
            use rayon::prelude::*;
            self.models.par_iter().map(of_model).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let parts: Vec<Vec<R>> = self.models.iter().map(of_model).collect();
        let mut results: Vec<Option<R>> = problems.iter().map(|_| None).collect();
        for ((_, positions), part) in self.models.iter().zip(parts) {
            for (&position, result) in positions.iter().zip(part) {
                results[position] = Some(result);
            }
        }
        let results = results.into_iter();
        results
            .map(|result| result.expect("every subject has a model"))
            .collect()
    }
}
