//! Solves of individuals at given parameters, many at once, without derivatives.

use super::{At, PopulationSimulator};
use crate::cohort::{Steps, formula_values};
use crate::solve::{Problem, Solution, Status};

impl PopulationSimulator<'_> {
    /// Arguments of the noise of every reading, in the order of the places; None where a solve failed.
    pub(crate) fn arguments(&self, points: &[At]) -> Vec<Option<Vec<Vec<f64>>>> {
        let cohort = &self.problem.problem.cohort;
        let parts = self.solve(points, &self.visits, |point, s, formulas, solution| {
            let subject = &cohort.subjects[s];
            let outputs = cohort.outputs_of(subject);
            let visits = subject.visits.iter().enumerate();
            visits
                .map(|(k, visit)| {
                    let which = cohort.endpoints[visit.endpoint].formulas();
                    let count = outputs.placeholders().len();
                    let values = visit.placeholder_values(count, &point.natural, formulas);
                    let mut arguments = vec![0.0; which.len()];
                    solution.outputs(outputs, k, &which, &values, &mut arguments);
                    arguments
                })
                .collect::<Vec<_>>()
        });
        let joined = parts.into_iter();
        joined
            .map(|subjects| {
                let all: Option<Vec<_>> = subjects.into_iter().collect();
                Some(all?.into_iter().flatten().collect())
            })
            .collect()
    }

    /// Solves every subject of every point at the times given for each subject of the cohort. `each` gets the point, the subject,
    /// values of formulas, and the solution; None where the solve failed.
    pub(crate) fn solve<R: Send>(
        &self,
        points: &[At],
        times: &[Vec<f64>],
        each: impl Fn(&At, usize, &[f64], &Solution) -> R + Sync,
    ) -> Vec<Vec<Option<R>>> {
        let cohort = &self.problem.problem.cohort;
        let formulas: Vec<Vec<f64>> = points
            .iter()
            .map(|point| formula_values(cohort, &point.natural))
            .collect();
        let of = |p: usize| &self.people[points[p].person].subjects;
        let places: Vec<(usize, usize)> = (0..points.len())
            .flat_map(|p| of(p).iter().map(move |&s| (p, s)))
            .collect();
        let subjects: Vec<usize> = places.iter().map(|(_, s)| *s).collect();
        let registers: Vec<Vec<f64>> = places
            .iter()
            .map(|&(p, s)| {
                let subject = &cohort.subjects[s];
                let defaults = cohort.system_of(subject).parameters();
                subject.registers(defaults, &points[p].natural, &formulas[p])
            })
            .collect();
        let problems: Vec<Problem> = places
            .iter()
            .zip(&registers)
            .map(|(&(_, s), parameters)| Problem {
                system: cohort.system_of(&cohort.subjects[s]),
                parameters,
                schedule: &cohort.subjects[s].schedule,
                times: &times[s],
                sensitivity: None,
            })
            .collect();
        let solved = self
            .solvers
            .map_any(&subjects, &problems, Steps::Chosen, |i, solution| {
                let (p, s) = places[i];
                let finished = matches!(solution.status, Status::Finished);
                finished.then(|| each(&points[p], s, &formulas[p], &solution))
            });
        let mut solved = solved.into_iter();
        (0..points.len())
            .map(|p| solved.by_ref().take(of(p).len()).collect())
            .collect()
    }
}
