//! Simulated populations: random effects, individual parameters and readings drawn from the model at given parameter values.
//!
//! A replicate has the individuals, schedules and times of the problem. Its individual $i$ has $z \sim N(0, I)$, the parameters
//! $\psi = o(\theta) + T_z z$ (see `person`), and readings drawn from their noise. Effects and readings have streams of their own for every
//! replicate and individual: nobody's numbers depend on the number of threads, on replicates, or on how many others there are.

mod points;
mod readings;

pub use readings::virtual_population;
pub(crate) use readings::{Censoring, drawn};

use super::effects::Spread;
use super::error::PopulationError;
use super::model::PopulationProblem;
use super::person::{Person, Theta};
use super::stream::{Purpose, Stream};
use crate::cohort::Solvers;
use crate::fit::Natural;
use crate::noise::{LnDensity, Reading};
use crate::solve::{Method, Tolerances};
use nalgebra::DVector;

/// Draws that are solved together.
const TOGETHER: usize = 4096;

/// How a population is simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimulationOptions {
    /// populations of the problem's size
    pub replicates: usize,
    /// of all random numbers
    pub seed: u64,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        SimulationOptions {
            replicates: 1000,
            seed: 1,
        }
    }
}

/// Where a reading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadingPlace {
    /// position among the individuals of the problem
    pub individual: usize,
    /// position among the subjects of the cohort
    pub subject: usize,
    /// position among the visits of the subject
    pub visit: usize,
}

/// Simulated readings of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationSimulation {
    /// the readings: individual by individual, experiment by experiment, in the order of the visits
    pub places: Vec<ReadingPlace>,
    /// number of replicates
    pub replicates: usize,
    /// replicates x readings, uncensored, in the unit of the reading; NaN for all readings of a draw that failed
    pub values: Vec<f64>,
    /// of each individual: replicates without readings, since a solve failed or a prediction is impossible
    pub failed: Vec<usize>,
}

impl PopulationSimulation {
    /// Readings of a replicate.
    pub fn replicate(&self, number: usize) -> &[f64] {
        let n = self.places.len();
        &self.values[number * n..(number + 1) * n]
    }

    /// Draws that failed, over all individuals.
    pub fn failures(&self) -> usize {
        self.failed.iter().sum()
    }
}

/// Effects and parameters of one simulated individual.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedIndividual {
    /// (effect, occasion), as [`PopulationProblem::coordinates`] orders them
    pub coordinates: Vec<(usize, Option<usize>)>,
    /// the random effects, on the scale of their parameter's transform
    pub effects: Vec<f64>,
    /// natural values of all rows of the parameter table
    pub natural: Vec<f64>,
}

/// Solves the individuals of a problem at any parameters.
#[derive(Debug)]
pub struct PopulationSimulator<'a> {
    pub(crate) problem: &'a PopulationProblem,
    pub(crate) people: Vec<Person>,
    solvers: Solvers<'a>,
    visits: Vec<Vec<f64>>,
}

/// An individual at natural values of all rows.
pub(crate) struct At {
    pub person: usize,
    pub natural: Vec<f64>,
}

impl<'a> PopulationSimulator<'a> {
    /// Checks the problem.
    ///
    /// # Errors
    /// everything wrong with it.
    pub fn new(
        problem: &'a PopulationProblem,
        method: Method,
        tolerances: Tolerances,
    ) -> Result<Self, PopulationError> {
        problem.check()?;
        let cohort = &problem.problem.cohort;
        let mut moving = problem.problem.parameters.estimated();
        moving.extend(problem.parameters.iter().map(|p| p.row));
        moving.sort_unstable();
        moving.dedup();
        Ok(PopulationSimulator {
            problem,
            people: (0..problem.individuals.len())
                .map(|i| Person::new(problem, i, &moving))
                .collect(),
            solvers: Solvers::new(cohort, method, tolerances),
            visits: cohort.subjects.iter().map(|s| s.times()).collect(),
        })
    }

    /// Where the readings stand that simulations list.
    pub fn places(&self) -> Vec<ReadingPlace> {
        let mut places = Vec::new();
        for person in &self.people {
            for &subject in &person.subjects {
                places.extend((0..self.visits[subject].len()).map(|visit| ReadingPlace {
                    individual: person.number,
                    subject,
                    visit,
                }));
            }
        }
        places
    }

    pub(crate) fn theta(&self, natural: &Natural) -> Result<Theta, PopulationError> {
        let spread = Spread::new(self.problem, &natural.0, false);
        Ok(Theta {
            natural: natural.0.clone(),
            spread: spread.ok_or(PopulationError::NoDistribution)?,
        })
    }

    /// Natural values of an individual whose standardised effects are z.
    pub(crate) fn at(&self, theta: &Theta, person: usize, z: &DVector<f64>) -> At {
        let own = &self.people[person];
        let psi = own.typical(self.problem, &theta.natural) + own.by_effects(theta) * z;
        At {
            person,
            natural: own.natural(self.problem, &theta.natural, &psi).0,
        }
    }

    /// Effects and parameters of an individual in a replicate: those that [`simulate`](Self::simulate) has with this seed.
    ///
    /// # Errors
    /// standard deviations or correlations that no distribution has.
    ///
    /// # Panics
    /// when there is no such individual.
    pub fn draw(
        &self,
        natural: &Natural,
        seed: u64,
        replicate: usize,
        individual: usize,
    ) -> Result<SimulatedIndividual, PopulationError> {
        let theta = self.theta(natural)?;
        let person = &self.people[individual];
        let z = effects(seed, replicate, person);
        Ok(SimulatedIndividual {
            coordinates: person.effects.clone(),
            effects: (person.factor_at(&theta) * &z).iter().copied().collect(),
            natural: self.at(&theta, individual, &z).natural,
        })
    }

    /// Draws readings at natural values of all rows.
    ///
    /// ```no_run
    /// # use holobiont::population::{PopulationProblem, PopulationSimulator, SimulationOptions};
    /// # fn of(problem: &PopulationProblem) -> Result<(), holobiont::population::PopulationError> {
    /// let simulator = PopulationSimulator::new(problem, Default::default(), Default::default())?;
    /// let natural = problem.problem.parameters.nominal();
    /// let simulated = simulator.simulate(&natural, SimulationOptions { replicates: 200, seed: 7 })?;
    /// assert_eq!(simulated.values.len(), 200 * simulated.places.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// standard deviations or correlations that no distribution has.
    pub fn simulate(
        &self,
        natural: &Natural,
        options: SimulationOptions,
    ) -> Result<PopulationSimulation, PopulationError> {
        let theta = self.theta(natural)?;
        let people = self.people.len();
        let mut found = PopulationSimulation {
            places: self.places(),
            replicates: options.replicates,
            values: Vec::new(),
            failed: vec![0; people],
        };
        let total = options.replicates * people;
        found
            .values
            .reserve(options.replicates * found.places.len());
        for first in (0..total).step_by(TOGETHER) {
            let numbers = first..(first + TOGETHER).min(total);
            let points: Vec<At> = numbers
                .clone()
                .map(|number| {
                    let (replicate, person) = (number / people, number % people);
                    let z = effects(options.seed, replicate, &self.people[person]);
                    self.at(&theta, person, &z)
                })
                .collect();
            for (number, answer) in numbers.zip(self.arguments(&points)) {
                let (replicate, person) = (number / people, number % people);
                let drawn = answer.and_then(|arguments| {
                    let purpose = Purpose::SimulatedReadings;
                    let mut stream = Stream::new(options.seed, purpose, replicate as u64, person);
                    self.readings(person, &arguments, &mut stream)
                });
                match drawn {
                    Some(readings) => found.values.extend(readings),
                    None => {
                        found.failed[person] += 1;
                        let count = self.people[person].readings;
                        found.values.extend(std::iter::repeat_n(f64::NAN, count));
                    }
                }
            }
        }
        Ok(found)
    }

    /// One draw of every reading; None where a prediction is impossible.
    fn readings(
        &self,
        person: usize,
        arguments: &[Vec<f64>],
        stream: &mut Stream,
    ) -> Option<Vec<f64>> {
        let cohort = &self.problem.problem.cohort;
        let subjects = self.people[person].subjects.iter();
        let visits = subjects.flat_map(|&s| &cohort.subjects[s].visits);
        let mut density = LnDensity::default();
        visits
            .zip(arguments)
            .map(|(visit, arguments)| {
                let noise = &cohort.endpoints[visit.endpoint].noise;
                let value = noise.sample(arguments, &mut || stream.uniform());
                noise.ln_density(&Reading::Value(value), arguments, &mut density);
                density.value.is_finite().then_some(value)
            })
            .collect()
    }
}

/// Standardised effects of an individual in a replicate.
fn effects(seed: u64, replicate: usize, person: &Person) -> DVector<f64> {
    let purpose = Purpose::SimulatedEffects;
    let mut stream = Stream::new(seed, purpose, replicate as u64, person.number);
    DVector::from_fn(person.dim(), |_, _| stream.normal())
}
