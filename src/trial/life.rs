//! Many virtual subjects through the solver: the run-in, then a life in every arm.
use super::course::{Taken, missed};
use super::design::Adherence;
use super::error::{Failure, TrialError};
use super::population::Population;
use super::subject::{Kindred, Subject};
use crate::compile::System;
use crate::exchange::model::{Model, Scenario};
use crate::schedule::Schedule;
use crate::solve::{Machine, Method, Problem, Solution, SolveError, Solver, Tolerances};
use std::collections::BTreeMap;
use std::ops::Range;

/// Virtual subjects of one kind.
pub struct Subjects<'a> {
    system: &'a System,
    kindred: Kindred<'a>,
    solver: Solver<'a>,
    seed: u64,
    /// states and observables that are kept of lives
    quantities: Vec<String>,
    /// where they come from
    sources: Vec<Source>,
}

#[derive(Clone, Copy)]
enum Source {
    State(usize),
    Observable(usize),
    Unknown,
}

/// A subject at the end of its run-in.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    pub(super) subject: Subject,
    states: BTreeMap<String, f64>,
    /// true values on day 0, in the order of the quantities
    pub(super) values: Vec<f64>,
}

impl Settled {
    /// Number of the subject, from 0.
    pub fn subject(&self) -> usize {
        self.subject.index
    }
}

/// A life in an arm: true values of quantities at times.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// number of the subject
    pub subject: usize,
    /// days, ascending
    pub days: Vec<f64>,
    /// one row a quantity, one value a day
    pub values: Vec<Vec<f64>>,
}

impl Life {
    /// The value of a quantity on a day that is among `days`.
    pub fn at(&self, quantity: usize, day: f64) -> f64 {
        let place = self.days.partition_point(|d| *d < day - 1e-9);
        self.values[quantity]
            .get(place)
            .copied()
            .unwrap_or(f64::NAN)
    }
}

/// What an arm does to its subjects.
pub(super) struct Course<'s> {
    pub arm: &'s str,
    pub scenario: Option<&'s Scenario>,
    /// with the days of the visits
    pub adherence: Option<(&'s Adherence, &'s [f64])>,
    /// days that are kept, ascending from 0
    pub days: &'s [f64],
}

impl<'a> Subjects<'a> {
    /// Subjects that live as a scenario of the model says until something is done to them; `quantities` are states and
    /// observables that are kept. Ids must be sound (see [`Population::read`]); one that is not reads as NaN.
    pub fn new(
        model: &'a Model,
        system: &'a System,
        population: &'a Population,
        scenario: &Scenario,
        quantities: Vec<String>,
        seed: u64,
    ) -> Self {
        let source = |id: &String| {
            let state = system.state_index(id).map(Source::State);
            let observable = || system.observable_index(id).map(Source::Observable);
            state.or_else(observable).unwrap_or(Source::Unknown)
        };
        let sources = quantities.iter().map(source).collect();
        Subjects {
            system,
            kindred: Kindred::new(model, system, population, scenario, BTreeMap::new()),
            solver: Solver::new(system, Method::default(), Tolerances::default()),
            seed,
            quantities,
            sources,
        }
    }

    /// The subjects behind the shares of a population, with its seed and all quantities that it asks for.
    pub fn of_population(
        model: &'a Model,
        system: &'a System,
        population: &'a Population,
        scenario: &Scenario,
    ) -> Self {
        let (quantities, seed) = (population.quantities(), population.seed);
        Subjects::new(model, system, population, scenario, quantities, seed)
    }

    /// The same with other values of parameters of the model: (register of the system, value). What a scenario sets comes before them.
    pub fn at(mut self, values: &[(usize, f64)]) -> Self {
        let (kindred, ids) = (&self.kindred, self.system.parameter_ids());
        let values = values.iter().map(|(at, value)| (ids[*at].clone(), *value));
        let (model, population) = (kindred.model, kindred.population);
        let scenario = kindred.scenario.clone();
        self.kindred = Kindred::new(model, self.system, population, &scenario, values.collect());
        self
    }

    /// The same with other lanes or threads, which changes no bit.
    pub fn on(mut self, machine: Machine) -> Self {
        self.solver = self.solver.on(machine);
        self
    }

    /// States and observables that are kept.
    pub fn quantities(&self) -> &[String] {
        &self.quantities
    }

    pub(super) fn quantity(&self, id: &str) -> usize {
        let found = self.quantities.iter().position(|own| own == id);
        found.expect("quantities hold what population and design ask for")
    }

    /// Lets subjects of these numbers live untreated through the run-in; infections are drawn until day `until`.
    ///
    /// # Errors
    /// A scenario with ids that the system does not have. Failed solves come among the results.
    pub fn settle(
        &self,
        numbers: Range<usize>,
        until: f64,
    ) -> Result<Vec<Result<Settled, Failure>>, TrialError> {
        let run_in = self.kindred.population.run_in;
        let draw = |index| self.kindred.subject(self.seed, index, until);
        let subjects: Vec<Subject> = numbers.map(draw).collect();
        let scenarios = subjects.iter().map(|subject| self.kindred.run_in(subject));
        let days = [run_in];
        let kept = self.solve(scenarios, &days, |solution| {
            let ids = self
                .system
                .state_ids()
                .iter()
                .zip(self.system.nonnegative());
            let states = ids.zip(solution.states(0)).map(|((id, bounded), x)| {
                let x = if *bounded { x.max(0.0) } else { *x };
                (id.clone(), x)
            });
            let values: Vec<Vec<f64>> = self.kept(solution);
            let states: BTreeMap<String, f64> = states.collect();
            (
                states,
                values.iter().map(|row| row[0]).collect::<Vec<f64>>(),
            )
        })?;
        let pairs = subjects.into_iter().zip(kept);
        let settled = pairs.map(|(subject, kept)| match kept {
            Ok((states, values)) => Ok(Settled {
                subject,
                states,
                values,
            }),
            Err(why) => Err(Failure {
                subject: subject.index,
                arm: None,
                why,
            }),
        });
        Ok(settled.collect())
    }

    /// Lets settled subjects live in an arm.
    pub(super) fn live(
        &self,
        settled: &[&Settled],
        course: &Course,
    ) -> Result<Vec<Result<Life, Failure>>, TrialError> {
        let until = course.days.last().copied().unwrap_or(0.0);
        let scenarios = settled.iter().map(|settled| {
            let taken = course.scenario.map(|scenario| {
                let spans = course.adherence.map(|(adherence, visits)| {
                    missed(adherence, self.seed, settled.subject.index, visits)
                });
                Taken {
                    scenario,
                    missed: spans.unwrap_or_default(),
                    left: course
                        .adherence
                        .map_or(0.0, |(adherence, _)| adherence.missed),
                }
            });
            self.kindred
                .life(&settled.subject, &settled.states, taken.as_ref(), until)
        });
        let kept = self.solve(scenarios, course.days, |solution| self.kept(solution))?;
        let lives = settled.iter().zip(kept).map(|(settled, kept)| {
            let subject = settled.subject.index;
            match kept {
                Ok(values) => Ok(Life {
                    subject,
                    days: course.days.to_vec(),
                    values,
                }),
                Err(why) => Err(Failure {
                    subject,
                    arm: Some(course.arm.to_string()),
                    why,
                }),
            }
        });
        Ok(lives.collect())
    }

    /// Lets settled subjects live from day 0 under a scenario, or untreated, and keeps their quantities on `days` (ascending from 0).
    ///
    /// # Errors
    /// A scenario with ids that the system does not have. Failed solves come among the results.
    pub fn treated(
        &self,
        settled: &[Settled],
        scenario: Option<&Scenario>,
        days: &[f64],
    ) -> Result<Vec<Result<Life, Failure>>, TrialError> {
        let course = Course {
            arm: scenario.map_or("untreated", |s| s.id.as_str()),
            scenario,
            adherence: None,
            days,
        };
        self.live(&settled.iter().collect::<Vec<_>>(), &course)
    }

    fn solve<R: Send>(
        &self,
        scenarios: impl Iterator<Item = Scenario>,
        times: &[f64],
        keep: impl Fn(&Solution) -> R + Sync,
    ) -> Result<Vec<Result<R, SolveError>>, TrialError> {
        let schedules: Vec<(Schedule, Vec<f64>)> = scenarios
            .map(|scenario| scenario.schedule(self.system))
            .collect::<Result<_, _>>()?;
        let problems: Vec<Problem> = schedules
            .iter()
            .map(|(schedule, parameters)| Problem {
                system: self.system,
                parameters,
                schedule,
                times,
                sensitivity: None,
            })
            .collect();
        Ok(self.solver.map(&problems, |_, solution| {
            solution.finished().map(|s| keep(&s))
        }))
    }

    /// The quantities of a solution, one row each.
    fn kept(&self, solution: &Solution) -> Vec<Vec<f64>> {
        let outputs = self.system.observables();
        let observables = self.sources.iter().filter_map(|source| match source {
            Source::Observable(at) => Some(*at),
            _ => None,
        });
        let which: Vec<usize> = observables.collect();
        let mut rows = vec![Vec::with_capacity(solution.times.len()); self.quantities.len()];
        let mut values = vec![f64::NAN; which.len()];
        for k in 0..solution.times.len() {
            if !which.is_empty() {
                solution.outputs(outputs, k, &which, &[], &mut values);
            }
            let mut computed = values.iter();
            for (row, source) in rows.iter_mut().zip(&self.sources) {
                let value = match source {
                    Source::State(state) => Some(solution.states(k)[*state]),
                    Source::Observable(_) => computed.next().copied(),
                    Source::Unknown => None,
                };
                row.push(value.unwrap_or(f64::NAN));
            }
        }
        rows
    }
}

/// Days from 0 to `until` in steps, with further days among them.
pub(super) fn days(step: f64, until: f64, further: &[f64]) -> Vec<f64> {
    let count = (until / step).floor() as usize;
    let mut days: Vec<f64> = (0..=count).map(|k| k as f64 * step).collect();
    days.extend(further.iter().copied().filter(|day| *day <= until));
    days.push(until);
    days.sort_by(f64::total_cmp);
    days.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    days
}
