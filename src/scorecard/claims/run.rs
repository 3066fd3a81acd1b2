//! The laboratory: every arm of a plan for many vectors of parameters, in lanes and threads.
use super::arm::Arm;
use super::build::{Bench, Rest};
use super::claim::Claims;
use super::measure::{Plan, Planned, Results, Samples};
use crate::compile::System;
use crate::exchange::model::{Model, Scenario};
use crate::schedule::Schedule;
use crate::solve::{Machine, Method, Problem, Rodas5P, Solution, Solver, Tolerances};
use std::collections::BTreeMap;

/// Vectors that are in memory at a time.
const AT_ONCE: usize = 50;

/// How the laboratory solves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// tolerances
    pub tolerances: Tolerances,
    /// method; what takes more steps counts as failed
    pub method: Method,
    /// threads; None: all
    pub threads: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            tolerances: Tolerances {
                relative: 1e-5,
                absolute: 1e-8,
            },
            method: Method::Rodas5P(Rodas5P { max_steps: 20_000 }),
            threads: None,
        }
    }
}

/// A model with its claims, ready to be asked.
#[derive(Clone, Copy)]
pub struct Laboratory<'a> {
    /// the model
    pub model: &'a Model,
    /// its compiled system
    pub system: &'a System,
    /// the claims
    pub claims: &'a Claims,
    /// how it solves
    pub settings: Settings,
}

/// A schedule and the extended parameters, or why there are none.
type Prepared = Result<(Schedule, Vec<f64>), String>;

impl Laboratory<'_> {
    /// What was read of every arm, for every vector of parameters of the system.
    pub(super) fn run(&self, plan: &Plan, vectors: &[Vec<f64>]) -> Vec<Results> {
        let systems = self.systems(plan);
        let chunks = vectors.chunks(AT_ONCE);
        chunks
            .flat_map(|chunk| self.chunk(plan, chunk, &systems))
            .collect()
    }

    /// The systems with held states that a plan needs, by the states.
    fn systems(&self, plan: &Plan) -> BTreeMap<Vec<String>, Result<System, String>> {
        let mut systems = BTreeMap::new();
        for planned in &plan.arms {
            let held = self.held(&planned.arm);
            if !held.is_empty() {
                let system = || holding(self.model, &held);
                systems.entry(held.clone()).or_insert_with(system);
            }
        }
        systems
    }

    fn held(&self, arm: &Arm) -> Vec<String> {
        arm.held(&self.claims.groups).into_keys().collect()
    }

    fn chunk(
        &self,
        plan: &Plan,
        vectors: &[Vec<f64>],
        systems: &BTreeMap<Vec<String>, Result<System, String>>,
    ) -> Vec<Results> {
        let bench = Bench {
            model: self.model,
            system: self.system,
            claims: self.claims,
        };
        let rests = self.rests(&bench, plan, vectors);
        let mut results: Vec<Results> = vectors.iter().map(|_| Vec::new()).collect();
        for of_vector in &mut results {
            of_vector.resize(plan.arms.len(), Err("not solved".to_string()));
        }
        let mut by_system: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        for (at, planned) in plan.arms.iter().enumerate() {
            by_system
                .entry(self.held(&planned.arm))
                .or_default()
                .push(at);
        }
        for (held, arms) in by_system {
            let system = match systems.get(&held) {
                None => self.system,
                Some(Ok(system)) => system,
                Some(Err(why)) => {
                    let cells = results.iter_mut();
                    cells.for_each(|cell| arms.iter().for_each(|&at| cell[at] = Err(why.clone())));
                    continue;
                }
            };
            let mut jobs = Vec::new();
            for (number, vector) in vectors.iter().enumerate() {
                let own = carried(self.system, system, vector);
                for &at in &arms {
                    let Planned { arm, days, .. } = &plan.arms[at];
                    let rest = |subject: &str| &rests[&key(subject, &arm.cut)][number];
                    let missing = arm.rests().into_iter().find_map(|s| rest(s).as_ref().err());
                    let prepared = match missing {
                        Some(why) => Err(why.clone()),
                        None => {
                            let known =
                                |s: &str| rest(s).as_ref().expect("those missing were looked for");
                            let until = days.last().copied().unwrap_or(0.0);
                            let scenario = bench.treated(arm, vector, until, &known);
                            prepare(&scenario, system, &own)
                        }
                    };
                    jobs.push(((number, at), prepared, days.as_slice()));
                }
            }
            let read = |(_, at): (usize, usize), solution: &Solution| {
                sample(system, &plan.arms[at].quantities, solution)
            };
            for ((number, at), samples) in self.solve(system, jobs, read) {
                results[number][at] = samples;
            }
        }
        results
    }

    /// Untreated subjects at rest, by subject and cut, then by vector.
    fn rests(
        &self,
        bench: &Bench,
        plan: &Plan,
        vectors: &[Vec<f64>],
    ) -> BTreeMap<String, Vec<Result<Rest, String>>> {
        let mut jobs = Vec::new();
        let mut wanted: BTreeMap<String, Scenario> = BTreeMap::new();
        for Planned { arm, .. } in &plan.arms {
            for subject in arm.rests() {
                let scenario = || bench.untreated(subject, &arm.cut);
                wanted
                    .entry(key(subject, &arm.cut))
                    .or_insert_with(scenario);
            }
        }
        let days = [self.claims.settle];
        for (name, scenario) in &wanted {
            for (number, vector) in vectors.iter().enumerate() {
                let prepared = prepare(scenario, self.system, vector);
                jobs.push(((name.clone(), number), prepared, &days[..]));
            }
        }
        let mut rests: BTreeMap<String, Vec<Result<Rest, String>>> = BTreeMap::new();
        // in the order of the jobs: vectors ascend
        let at_rest = |_: (String, usize), solution: &Solution| {
            let states = solution.states(0).iter().zip(self.system.nonnegative());
            // what cannot be negative is so by an error of the steps
            let clipped = |(x, nonnegative): (&f64, &bool)| match nonnegative {
                true => x.max(0.0),
                false => *x,
            };
            states.map(clipped).collect()
        };
        for ((name, _), rest) in self.solve(self.system, jobs, at_rest) {
            rests.entry(name).or_default().push(rest);
        }
        rests
    }

    /// One scenario for every vector, read at one day.
    pub(super) fn of_scenario(
        &self,
        scenario: &Scenario,
        vectors: &[Vec<f64>],
        day: f64,
        quantities: &[String],
    ) -> Vec<Result<Samples, String>> {
        let days = [day];
        let job = |vector: &Vec<f64>| ((), prepare(scenario, self.system, vector), &days[..]);
        let jobs = vectors.iter().map(job).collect();
        let read = |(), solution: &Solution| sample(self.system, quantities, solution);
        let results = self.solve(self.system, jobs, read).into_iter();
        results.map(|(_, samples)| samples).collect()
    }

    /// Solves what could be prepared; results in the order of the jobs.
    fn solve<K: Clone + Sync, R: Send>(
        &self,
        system: &System,
        jobs: Vec<(K, Prepared, &[f64])>,
        read: impl Fn(K, &Solution) -> R + Sync,
    ) -> Vec<(K, Result<R, String>)> {
        let mut problems = Vec::new();
        let mut keys = Vec::new();
        for (key, prepared, times) in &jobs {
            if let Ok((schedule, parameters)) = prepared {
                keys.push(key.clone());
                problems.push(Problem {
                    system,
                    parameters,
                    schedule,
                    times,
                    sensitivity: None,
                });
            }
        }
        let machine = Machine {
            threads: self.settings.threads,
            ..Machine::default()
        };
        let solver =
            Solver::new(system, self.settings.method, self.settings.tolerances).on(machine);
        let solved = solver.map(&problems, |number, solution| {
            let solution = solution.finished().map_err(|error| error.to_string())?;
            Ok(read(keys[number].clone(), &solution))
        });
        let mut solved = solved.into_iter();
        let mut next = || solved.next().expect("one solution a problem");
        let result = |prepared: &Prepared| match prepared {
            Ok(_) => next(),
            Err(why) => Err(why.clone()),
        };
        let results: Vec<_> = jobs.iter().map(|(_, p, _)| p).map(result).collect();
        drop(problems);
        let keys = jobs.into_iter().map(|(key, _, _)| key);
        keys.zip(results).collect()
    }
}

fn key(subject: &str, cut: &BTreeMap<String, f64>) -> String {
    format!("{subject} {cut:?}")
}

fn prepare(scenario: &Scenario, system: &System, parameters: &[f64]) -> Prepared {
    let scheduled = scenario.schedule_with(system, parameters);
    scheduled.map_err(|error| error.to_string())
}

/// A vector of one system's parameters in the order of another's, by their ids.
fn carried(from: &System, to: &System, vector: &[f64]) -> Vec<f64> {
    if std::ptr::eq(from, to) {
        return vector.to_vec();
    }
    let value = |(id, own): (&String, &f64)| from.parameter_index(id).map_or(*own, |i| vector[i]);
    let pairs = to.parameter_ids().iter().zip(to.parameters());
    pairs.map(value).collect()
}

/// The model with some states that nothing changes.
fn holding(model: &Model, held: &[String]) -> Result<System, String> {
    let mut network = model.network.clone();
    for id in held {
        match network.species_mut(id) {
            Some(species) => species.boundary = true,
            None => return Err(format!("`{id}` is no species and cannot be held")),
        }
    }
    let equations = match network.check() {
        Ok(checked) => checked.equations(),
        Err(errors) => {
            let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
            return Err(texts.join("; "));
        }
    };
    System::compile(&equations).map_err(|error| error.to_string())
}

fn sample(system: &System, quantities: &[String], solution: &Solution) -> Samples {
    let observables = solution.observables(system);
    let row = |id: &String| match (system.state_index(id), system.observable_index(id)) {
        (Some(state), _) => solution.series(state),
        (_, Some(at)) => observables.iter().map(|values| values[at]).collect(),
        _ => vec![f64::NAN; solution.times.len()],
    };
    Samples(quantities.iter().map(row).collect())
}
