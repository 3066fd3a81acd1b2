//! One solver a model: subjects are sorted by model, solved together with their like, and put back into their order.

use super::Cohort;
use crate::solve::{Method, Problem, Solution, Solver, Tolerances};

/// The solvers of a cohort. They keep their memory from call to call.
#[derive(Debug)]
pub(crate) struct Solvers<'a> {
    models: Vec<Solver<'a>>,
    /// the model of every subject
    model_of: Vec<usize>,
}

/// Where the steps of solves come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Steps<'s> {
    /// the controller
    Chosen,
    /// the controller; solutions keep them
    Recorded,
    /// solutions that kept theirs, one a problem
    Of(&'s [&'s Solution]),
}

impl<'a> Solvers<'a> {
    pub(crate) fn new(cohort: &'a Cohort, method: Method, tolerances: Tolerances) -> Self {
        let solver = |model: &'a super::CohortModel| Solver::new(&model.system, method, tolerances);
        Solvers {
            models: cohort.models.iter().map(solver).collect(),
            model_of: cohort.subjects.iter().map(|s| s.model).collect(),
        }
    }

    /// Integrates all subjects, one problem each, and keeps of each what `each` makes of its position and solution; in the order
    /// of the subjects.
    pub(crate) fn map<R: Send>(
        &self,
        problems: &[Problem],
        each: impl Fn(usize, Solution) -> R + Sync,
    ) -> Vec<R> {
        let subjects: Vec<usize> = (0..problems.len()).collect();
        self.map_any(&subjects, problems, Steps::Chosen, each)
    }

    /// The same for any problems, each of one of the subjects; in their order.
    pub(crate) fn map_any<R: Send>(
        &self,
        subjects: &[usize],
        problems: &[Problem],
        steps: Steps,
        each: impl Fn(usize, Solution) -> R + Sync,
    ) -> Vec<R> {
        let run = |solver: &Solver, positions: &[usize]| -> Vec<R> {
            let own: Vec<Problem> = positions.iter().map(|&p| problems[p]).collect();
            let each = |i: usize, solution| each(positions[i], solution);
            match steps {
                Steps::Chosen => solver.map(&own, each),
                Steps::Recorded => solver.map_recorded(&own, each),
                Steps::Of(like) => {
                    let like: Vec<&Solution> = positions.iter().map(|&p| like[p]).collect();
                    solver.map_repeated(&own, &like, each)
                }
            }
        };
        if let [solver] = &self.models[..] {
            let positions: Vec<usize> = (0..problems.len()).collect();
            return run(solver, &positions);
        }
        let mut positions = vec![Vec::new(); self.models.len()];
        for (position, &subject) in subjects.iter().enumerate() {
            positions[self.model_of[subject]].push(position);
        }
        let of_model = |(solver, positions): (&Solver, &Vec<usize>)| run(solver, positions);
        #[cfg(feature = "parallel")]
        let parts: Vec<Vec<R>> = {
            use rayon::prelude::*;
            let both = self.models.par_iter().zip(&positions);
            both.map(of_model).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let parts: Vec<Vec<R>> = self.models.iter().zip(&positions).map(of_model).collect();
        let mut results: Vec<Option<R>> = problems.iter().map(|_| None).collect();
        for (positions, part) in positions.iter().zip(parts) {
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
