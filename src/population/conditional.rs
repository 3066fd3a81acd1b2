//! The conditional likelihood $\ln p(y_i \mid \psi)$ of individuals with its derivatives, for many points at once, in lanes.

use super::error::PopulationError;
use super::model::PopulationProblem;
use super::person::Person;
use crate::cohort::{Solvers, Steps, Visit};
use crate::compile::{Scratch, Sensitivity};
use crate::fit::{Infeasibility, ObjectiveOptions, Reach, Slopes};
use crate::noise::{LnDensity, Reading};
use crate::solve::{Directions, Method, Problem, Solution, Status, required_registers};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// How much is wanted of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Want {
    /// ln p
    Value,
    /// its gradient and the information of the readings in coordinates without random effects between individuals; 0 in others
    Narrow,
    /// all of them
    First,
    /// the same of a noise without kinks, which is the noise itself where it has none
    Smooth,
    /// and the readings' arguments with their derivatives
    Readings,
}

/// An individual at coordinates psi.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub person: usize,
    pub psi: DVector<f64>,
    /// standard deviations of its readings that do not follow psi (FOCE without interaction)
    pub frozen: Option<Arc<Vec<f64>>>,
}

/// A reading's arguments and their derivatives in psi (arguments x coordinates).
#[derive(Clone, Debug)]
pub(crate) struct ReadingAt {
    /// subject of the cohort, and position among its visits
    pub subject: usize,
    pub visit: usize,
    pub arguments: Vec<f64>,
    pub slopes: DMatrix<f64>,
}

/// What the readings of one individual say at a point.
#[derive(Clone, Debug)]
pub(crate) struct Conditional {
    pub ln_p: f64,
    /// d ln p / d psi
    pub gradient: DVector<f64>,
    /// sum of J' I J over the readings
    pub information: DMatrix<f64>,
    pub readings: Vec<ReadingAt>,
}

/// Why a point has no density.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub subject: Option<String>,
    pub time: Option<f64>,
    pub why: Infeasibility,
}

pub(crate) type Answer = Result<Conditional, Failure>;

/// Everything that stays the same from point to point.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    pub problem: &'a PopulationProblem,
    pub options: ObjectiveOptions,
    pub people: Vec<Person>,
    /// rows of the search entries
    pub estimated: Vec<usize>,
    solvers: Solvers<'a>,
    /// per model
    tapes: Vec<Sensitivity>,
    /// per endpoint: its arguments' formulas
    formulas: Vec<Vec<usize>>,
    /// per subject
    times: Vec<Vec<f64>>,
}

/// Solutions of the subjects of a point, with their steps.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub solutions: Vec<Solution>,
}

/// One subject's share of a point.
struct Part {
    ln_p: f64,
    gradient: Vec<f64>,
    information: DMatrix<f64>,
    readings: Vec<(Vec<f64>, Vec<f64>)>,
}

/// A point made ready: natural values, slopes of the coordinates, values of formulas.
struct Ready {
    person: usize,
    natural: Vec<f64>,
    slopes: Vec<f64>,
    formulas: Slopes,
    frozen: Option<Arc<Vec<f64>>>,
}

impl<'a> Evaluator<'a> {
    pub fn new(
        problem: &'a PopulationProblem,
        options: ObjectiveOptions,
    ) -> Result<Self, PopulationError> {
        problem.check()?;
        if matches!(options.method, Method::Dopri5(_) | Method::Dop853(_)) {
            return Err(PopulationError::StepsOfItsOwn);
        }
        let cohort = &problem.problem.cohort;
        let estimated = problem.problem.parameters.estimated();
        let mut moving = estimated.clone();
        moving.extend(problem.parameters.iter().map(|p| p.row));
        moving.sort_unstable();
        moving.dedup();
        let people: Vec<Person> = (0..problem.individuals.len())
            .map(|i| Person::new(problem, i, &moving))
            .collect();
        let mut registers = vec![Vec::new(); cohort.models.len()];
        for person in &people {
            for (&s, reach) in person.subjects.iter().zip(&person.all.reaches) {
                let subject = &cohort.subjects[s];
                let seeds = reach.possible_seeds(cohort, subject);
                let system = cohort.system_of(subject);
                let required = required_registers(system, &subject.schedule, &seeds);
                registers[subject.model].extend(required);
            }
        }
        let mut tapes = Vec::new();
        for (model, mut registers) in cohort.models.iter().zip(registers) {
            registers.sort_unstable();
            registers.dedup();
            let compiled = model.system.sensitivity(&registers);
            tapes.push(compiled.map_err(crate::fit::FitError::from)?);
        }
        Ok(Evaluator {
            problem,
            options,
            people,
            estimated,
            solvers: Solvers::new(cohort, options.method, options.tolerances),
            tapes,
            formulas: cohort.endpoints.iter().map(|e| e.formulas()).collect(),
            times: cohort.subjects.iter().map(|s| s.times()).collect(),
        })
    }

    fn ready(&self, natural: &[f64], point: &Point, derivatives: bool) -> Ready {
        let person = &self.people[point.person];
        let (natural, slopes) = person.natural(self.problem, natural, &point.psi);
        let formulas = Slopes::new(&self.problem.problem.cohort, &natural, derivatives);
        Ready {
            person: point.person,
            natural,
            slopes,
            formulas,
            frozen: point.frozen.clone(),
        }
    }

    /// All points at natural values of the population.
    pub fn evaluate(&self, natural: &[f64], points: &[Point], want: Want) -> Vec<Answer> {
        let answers = self.run(natural, points, want, Steps::Chosen, false);
        answers.into_iter().map(|(answer, _)| answer).collect()
    }

    /// The same, and the solutions with their steps.
    pub fn evaluate_recorded(
        &self,
        natural: &[f64],
        points: &[Point],
        want: Want,
    ) -> Vec<(Answer, Recorded)> {
        self.run(natural, points, want, Steps::Recorded, true)
    }

    fn run(
        &self,
        natural: &[f64],
        points: &[Point],
        want: Want,
        steps: Steps,
        keep: bool,
    ) -> Vec<(Answer, Recorded)> {
        let derivatives = want > Want::Value;
        let ready: Vec<Ready> = points
            .iter()
            .map(|point| self.ready(natural, point, derivatives))
            .collect();
        let places: Vec<(usize, usize)> = ready
            .iter()
            .enumerate()
            .flat_map(|(p, r)| (0..self.people[r.person].subjects.len()).map(move |s| (p, s)))
            .collect();
        let solved = self.solve(&ready, &places, want, steps, keep);
        let mut solved = solved.into_iter();
        ready
            .iter()
            .map(|r| {
                let person = &self.people[r.person];
                let mut parts = Vec::new();
                let mut solutions = Vec::new();
                for (part, solution) in solved.by_ref().take(person.subjects.len()) {
                    parts.push(part);
                    solutions.extend(solution);
                }
                (self.join(r, parts, want), Recorded { solutions })
            })
            .collect()
    }

    /// ln p of all points, and the solutions without their steps.
    pub fn evaluate_kept(&self, natural: &[f64], points: &[Point]) -> Vec<(Answer, Recorded)> {
        self.run(natural, points, Want::Value, Steps::Chosen, true)
    }

    /// Whether solutions of an individual hold as long as the coordinates with random effects between individuals stay: the
    /// others reach its readings through nothing but noise and observables.
    pub fn holds(&self, person: usize) -> bool {
        let reaches = &self.people[person].narrow.reaches;
        reaches.iter().all(|reach| reach.directions.is_empty())
    }

    /// Points of individuals whose solutions hold, from what [`evaluate_kept`](Self::evaluate_kept) kept; nothing is solved. Of
    /// derivatives there are those of [`Want::Narrow`].
    pub fn rescore(&self, natural: &[f64], kept: &[(Point, &Recorded)], want: Want) -> Vec<Answer> {
        let one = |(point, recorded): &(Point, &Recorded)| -> Answer {
            let ready = self.ready(natural, point, want > Want::Value);
            let solutions = recorded.solutions.iter().enumerate();
            let parts = solutions.map(|(s, solution)| self.score(&ready, s, solution, want));
            self.join(&ready, parts.collect(), want)
        };
        #[cfg(feature = "parallel")]
        if rayon::current_num_threads() > 1 {
            use rayon::prelude::*;
            return kept.par_iter().with_min_len(16).map(one).collect();
        }
        kept.iter().map(one).collect()
    }

    /// Points whose psi differs from that of a recorded one in two coordinates at most, with the same steps: `moves` are (index of
    /// the recorded point, coordinates, new psi).
    pub fn evaluate_moved(
        &self,
        natural: &[f64],
        recorded: &[&Recorded],
        moves: &[(usize, [usize; 2], Point)],
        want: Want,
    ) -> Vec<Answer> {
        let ready: Vec<Ready> = moves
            .iter()
            .map(|(_, _, point)| self.ready(natural, point, true))
            .collect();
        let mut to_solve = Vec::new();
        let mut like = Vec::new();
        let mut parts: Vec<Vec<Option<Result<Part, Failure>>>> = Vec::new();
        for (m, (base, coordinates, _)) in moves.iter().enumerate() {
            let person = &self.people[ready[m].person];
            let mut own = Vec::new();
            for s in 0..person.subjects.len() {
                let solution = &recorded[*base].solutions[s];
                let reach = &person.all.reaches[s];
                let solves = coordinates.iter().any(|coordinate| {
                    let at = person.all.places[s].iter().position(|c| c == coordinate);
                    at.is_some_and(|entry| reach.direction_of[entry].is_some())
                });
                own.push(if solves {
                    to_solve.push((m, s));
                    like.push(solution);
                    None
                } else {
                    Some(self.score(&ready[m], s, solution, want))
                });
            }
            parts.push(own);
        }
        let solved = self.solve(&ready, &to_solve, want, Steps::Of(&like), false);
        for ((m, s), (part, _)) in to_solve.into_iter().zip(solved) {
            parts[m][s] = Some(part);
        }
        ready
            .iter()
            .zip(parts)
            .map(|(r, parts)| {
                let all = parts.into_iter().map(|p| p.expect("scored or solved"));
                self.join(r, all.collect(), want)
            })
            .collect()
    }

    /// Solves and scores (point, subject of the point).
    fn solve(
        &self,
        ready: &[Ready],
        places: &[(usize, usize)],
        want: Want,
        steps: Steps,
        keep: bool,
    ) -> Vec<(Result<Part, Failure>, Option<Solution>)> {
        let cohort = &self.problem.problem.cohort;
        let derivatives = want > Want::Value;
        let subject_of = |&(p, s): &(usize, usize)| self.people[ready[p].person].subjects[s];
        let reach_of = |&(p, s): &(usize, usize)| -> &Reach {
            &self.people[ready[p].person].ways(want).reaches[s]
        };
        let subjects: Vec<usize> = places.iter().map(subject_of).collect();
        let registers: Vec<Vec<f64>> = places
            .iter()
            .zip(&subjects)
            .map(|((p, _), &s)| {
                let subject = &cohort.subjects[s];
                let r = &ready[*p];
                subject.registers(
                    cohort.system_of(subject).parameters(),
                    &r.natural,
                    &r.formulas.values,
                )
            })
            .collect();
        let seeds: Vec<Vec<_>> = places
            .iter()
            .zip(&subjects)
            .map(|(place, &s)| {
                if derivatives {
                    reach_of(place).seeds(&cohort.subjects[s], &ready[place.0].formulas)
                } else {
                    Vec::new()
                }
            })
            .collect();
        let problems: Vec<Problem> = (0..places.len())
            .map(|i| {
                let subject = &cohort.subjects[subjects[i]];
                Problem {
                    system: cohort.system_of(subject),
                    parameters: &registers[i],
                    schedule: &subject.schedule,
                    times: &self.times[subjects[i]],
                    sensitivity: derivatives.then_some(Directions {
                        tapes: &self.tapes[subject.model],
                        seeds: &seeds[i],
                        error_control: self.options.sensitivity_error_control,
                    }),
                }
            })
            .collect();
        self.solvers
            .map_any(&subjects, &problems, steps, |i, solution| {
                let (p, s) = places[i];
                let part = self.score(&ready[p], s, &solution, want);
                (part, keep.then_some(solution))
            })
    }

    /// What the readings of one subject say.
    fn score(
        &self,
        ready: &Ready,
        position: usize,
        solution: &Solution,
        want: Want,
    ) -> Result<Part, Failure> {
        let cohort = &self.problem.problem.cohort;
        let person = &self.people[ready.person];
        let subject = &cohort.subjects[person.subjects[position]];
        let failure = |time, why| Failure {
            subject: Some(subject.id.clone()),
            time,
            why,
        };
        if let Status::Failed { time, cause } = &solution.status {
            return Err(failure(Some(*time), Infeasibility::Solve(cause.clone())));
        }
        let ways = person.ways(want);
        let reach = &ways.reaches[position];
        let derivatives = want > Want::Value;
        let n = if derivatives { reach.entries.len() } else { 0 };
        let outputs = cohort.outputs_of(subject);
        let placeholders = outputs.placeholders().len();
        let directions = reach.directions.len();
        let mut part = Part {
            ln_p: 0.0,
            gradient: vec![0.0; n],
            information: DMatrix::zeros(n, n),
            readings: Vec::new(),
        };
        let mut density = LnDensity::default();
        let (mut arguments, mut values) = (vec![], vec![]);
        let (mut by_direction, mut by_placeholder) = (vec![], vec![]);
        let mut scratch = Scratch::default();
        for (k, visit) in subject.visits.iter().enumerate() {
            let endpoint = &cohort.endpoints[visit.endpoint];
            let which = &self.formulas[visit.endpoint];
            let m = which.len();
            let (natural, formulas) = (&ready.natural, &ready.formulas.values);
            visit.fill_placeholders(placeholders, natural, formulas, &mut values);
            arguments.clear();
            arguments.resize(m, 0.0);
            if derivatives {
                by_direction.clear();
                by_direction.resize(m * directions, 0.0);
                by_placeholder.clear();
                by_placeholder.resize(m * placeholders, 0.0);
                solution.outputs_with_derivatives(
                    outputs,
                    k,
                    which,
                    &values,
                    &mut arguments,
                    &mut by_direction,
                    &mut by_placeholder,
                );
            } else {
                let at = (which.as_slice(), values.as_slice());
                solution.outputs_in(outputs, k, at, &mut arguments, &mut scratch);
            }
            let noise = match endpoint.noise.without_kinks() {
                Some(smooth) if want == Want::Smooth => smooth,
                _ => &*endpoint.noise,
            };
            match &ready.frozen {
                None if !derivatives => {
                    density.value = noise.ln_p(&visit.reading, &arguments, &mut density);
                }
                None => noise.ln_density(&visit.reading, &arguments, &mut density),
                Some(scales) => {
                    let scale = scales[person.first_readings[position] + k];
                    frozen_density(endpoint, visit, &arguments, scale, &mut density);
                }
            }
            if !density.value.is_finite() {
                return Err(failure(Some(visit.time), density_of(endpoint, visit)));
            }
            part.ln_p += density.value;
            if !derivatives {
                continue;
            }
            let mut jacobian =
                reach.jacobian(m, &by_direction, &by_placeholder, visit, &ready.formulas);
            for row in jacobian.chunks_exact_mut(n.max(1)) {
                for (slope, place) in row.iter_mut().zip(&ways.places[position]) {
                    *slope *= ready.slopes[*place];
                }
            }
            for a in 0..m {
                let row = &jacobian[a * n..(a + 1) * n];
                for (g, slope) in part.gradient.iter_mut().zip(row) {
                    *g += density.gradient[a] * slope;
                }
                for b in 0..m {
                    let weight = density.information[a * m + b];
                    if weight == 0.0 {
                        continue;
                    }
                    let other = &jacobian[b * n..(b + 1) * n];
                    for (j, right) in other.iter().enumerate() {
                        let right = weight * right;
                        for (i, left) in row.iter().enumerate() {
                            part.information[(i, j)] += left * right;
                        }
                    }
                }
            }
            if want == Want::Readings {
                part.readings.push((arguments.clone(), jacobian));
            }
        }
        Ok(part)
    }

    /// The parts of an individual's subjects in its coordinates.
    fn join(&self, ready: &Ready, parts: Vec<Result<Part, Failure>>, want: Want) -> Answer {
        let person = &self.people[ready.person];
        let n = if want > Want::Value {
            person.rows.len()
        } else {
            0
        };
        let mut sum = Conditional {
            ln_p: 0.0,
            gradient: DVector::zeros(n),
            information: DMatrix::zeros(n, n),
            readings: Vec::new(),
        };
        for (s, part) in parts.into_iter().enumerate() {
            let part = part?;
            sum.ln_p += part.ln_p;
            if want == Want::Value {
                continue;
            }
            let places = &person.ways(want).places[s];
            for (i, &to) in places.iter().enumerate() {
                sum.gradient[to] += part.gradient[i];
                for (j, &other) in places.iter().enumerate() {
                    sum.information[(to, other)] += part.information[(i, j)];
                }
            }
            for (visit, (arguments, jacobian)) in part.readings.into_iter().enumerate() {
                let mut slopes = DMatrix::zeros(arguments.len(), n);
                for (a, row) in jacobian.chunks_exact(places.len().max(1)).enumerate() {
                    for (slope, &to) in row.iter().zip(places) {
                        slopes[(a, to)] = *slope;
                    }
                }
                sum.readings.push(ReadingAt {
                    subject: person.subjects[s],
                    visit,
                    arguments,
                    slopes,
                });
            }
        }
        if !sum.ln_p.is_finite() || sum.gradient.iter().any(|g| !g.is_finite()) {
            return Err(Failure {
                subject: Some(self.problem.individuals[person.number].id.clone()),
                time: None,
                why: Infeasibility::NonFinite,
            });
        }
        Ok(sum)
    }
}

fn density_of(endpoint: &crate::cohort::Endpoint, visit: &Visit) -> Infeasibility {
    Infeasibility::Density {
        endpoint: endpoint.id.clone(),
        row: visit.row,
    }
}

/// ln p of a value whose standard deviation is held.
fn frozen_density(
    endpoint: &crate::cohort::Endpoint,
    visit: &Visit,
    arguments: &[f64],
    scale: f64,
    out: &mut LnDensity,
) {
    let m = arguments.len();
    out.reset(m);
    let (Reading::Value(value), Some(normal)) = (visit.reading, endpoint.noise.gaussian(arguments))
    else {
        return;
    };
    let (y, jacobian) = on_axis(endpoint, value);
    let distance = (y - normal.location) / scale;
    let half_ln_two_pi = 0.5 * libm::log(2.0 * std::f64::consts::PI);
    out.value = -0.5 * distance * distance - libm::log(scale) - half_ln_two_pi + jacobian;
    for i in 0..m {
        out.gradient[i] = distance / scale * normal.location_slopes[i];
        for j in 0..m {
            out.information[i * m + j] =
                normal.location_slopes[i] * normal.location_slopes[j] / (scale * scale);
        }
    }
}

/// A value on the axis where its noise is normal, and ln |d axis / d value|.
pub(crate) fn on_axis(endpoint: &crate::cohort::Endpoint, value: f64) -> (f64, f64) {
    if endpoint.noise.logarithmic() {
        let ln = libm::log(value);
        (ln, -ln)
    } else {
        (value, 0.0)
    }
}
