//! One individual: from parameters $\theta$ and standardised effects $z$ to the coordinates $\psi$ that its readings depend on.
//!
//! $\psi$ holds one number for every row of the parameter table that reaches the individual's readings and is estimated or
//! individual: the transformed value $t$ of an individual parameter, the natural value of any other. $\psi$ is linear in $z$:
//! $$ \psi = o(\theta) + T_z z, \qquad T_z = E\,L(\theta). $$

use super::conditional::Want;
use super::effects::Spread;
use super::model::{Individual, IndividualParameter, Level, PopulationProblem};
use crate::fit::Reach;
use nalgebra::{DMatrix, DVector};

/// What a coordinate stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// an individual parameter, by its position in the problem
    Individual(usize),
    /// a row that is the same for all
    Shared,
}

/// How coordinates reach the readings of an individual's subjects.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    pub reaches: Vec<Reach>,
    /// per subject: the coordinate of every entry of its reach
    pub places: Vec<Vec<usize>>,
}

/// One individual.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// its number in the problem
    pub number: usize,
    pub subjects: Vec<usize>,
    /// the ways of all coordinates into the readings
    pub all: Ways,
    /// those of coordinates without random effects between individuals
    pub narrow: Ways,
    /// coordinates with random effects between individuals
    pub varying: Vec<usize>,
    /// rows of the coordinates
    pub rows: Vec<usize>,
    pub kinds: Vec<Kind>,
    /// (effect, occasion) of every random effect
    pub effects: Vec<(usize, Option<usize>)>,
    /// coordinates x effects: 1 where an effect acts
    pub embedding: DMatrix<f64>,
    /// how many random effects have the individual level
    own: usize,
    pub readings: usize,
    /// per subject: how many readings come before its own
    pub first_readings: Vec<usize>,
}

/// A point of the population: natural values of all rows, factors of the effects.
#[derive(Clone, Debug)]
pub(crate) struct Theta {
    pub natural: Vec<f64>,
    pub spread: Spread,
}

impl Person {
    pub fn new(problem: &PopulationProblem, number: usize, moving: &[usize]) -> Person {
        let individual: &Individual = &problem.individuals[number];
        let cohort = &problem.problem.cohort;
        let reaches: Vec<Reach> = individual
            .subjects
            .iter()
            .map(|&s| Reach::new(cohort, &cohort.subjects[s], moving))
            .collect();
        let mut rows: Vec<usize> = reaches.iter().flat_map(|r| r.rows.clone()).collect();
        rows.sort_unstable();
        rows.dedup();
        let place = |row: &usize| rows.binary_search(row).expect("every row is listed");
        let ways = |reaches: Vec<Reach>| Ways {
            places: reaches
                .iter()
                .map(|reach| reach.rows.iter().map(place).collect())
                .collect(),
            reaches,
        };
        let kinds: Vec<Kind> = rows
            .iter()
            .map(|row| {
                let own = |p: &IndividualParameter| p.row == *row;
                problem
                    .parameters
                    .iter()
                    .position(own)
                    .map_or(Kind::Shared, Kind::Individual)
            })
            .collect();
        let effects = problem.coordinates(individual);
        let mut embedding = DMatrix::zeros(rows.len(), effects.len());
        for (k, kind) in kinds.iter().enumerate() {
            let Kind::Individual(p) = *kind else { continue };
            let parameter = &problem.parameters[p];
            for (c, (effect, occasion)) in effects.iter().enumerate() {
                let same = problem.effects[*effect].typical == parameter.typical;
                if same && (occasion.is_none() || *occasion == parameter.occasion) {
                    embedding[(k, c)] = 1.0;
                }
            }
        }
        let varies = |k: &usize| {
            let own = |(c, (_, occasion)): (usize, &(usize, Option<usize>))| {
                occasion.is_none() && embedding[(*k, c)] != 0.0
            };
            effects.iter().enumerate().any(own)
        };
        let steady: Vec<usize> = (0..rows.len())
            .filter(|k| !varies(k))
            .map(|k| rows[k])
            .collect();
        let narrow = individual
            .subjects
            .iter()
            .map(|&s| Reach::new(cohort, &cohort.subjects[s], &steady))
            .collect();
        Person {
            number,
            all: ways(reaches),
            narrow: ways(narrow),
            varying: (0..rows.len()).filter(varies).collect(),
            own: effects.iter().filter(|(_, o)| o.is_none()).count(),
            readings: individual
                .subjects
                .iter()
                .map(|&s| cohort.subjects[s].visits.len())
                .sum(),
            first_readings: individual
                .subjects
                .iter()
                .scan(0, |sum, &s| {
                    let first = *sum;
                    *sum += cohort.subjects[s].visits.len();
                    Some(first)
                })
                .collect(),
            subjects: individual.subjects.clone(),
            rows,
            kinds,
            effects,
            embedding,
        }
    }

    /// The ways that take part in what is wanted.
    pub fn ways(&self, want: Want) -> &Ways {
        if want == Want::Narrow {
            &self.narrow
        } else {
            &self.all
        }
    }

    /// Number of random effects.
    pub fn dim(&self) -> usize {
        self.effects.len()
    }

    /// L of all effects of the individual, from the factors of the levels.
    fn factor(
        &self,
        individual: Option<&DMatrix<f64>>,
        occasion: Option<&DMatrix<f64>>,
    ) -> DMatrix<f64> {
        let mut all = DMatrix::zeros(self.dim(), self.dim());
        if let Some(block) = individual {
            all.view_mut((0, 0), (self.own, self.own)).copy_from(block);
        }
        if let Some(block) = occasion.filter(|b| b.nrows() > 0) {
            let n = block.nrows();
            let mut at = self.own;
            while at < self.dim() {
                all.view_mut((at, at), (n, n)).copy_from(block);
                at += n;
            }
        }
        all
    }

    /// L of the individual's effects.
    pub fn factor_at(&self, theta: &Theta) -> DMatrix<f64> {
        let spread = &theta.spread;
        self.factor(Some(&spread.individual), Some(&spread.occasion))
    }

    /// T_z
    pub fn by_effects(&self, theta: &Theta) -> DMatrix<f64> {
        &self.embedding * self.factor_at(theta)
    }

    /// Of every row of the table that the spread depends on: d T_z / d natural value, and d covariance of the effects.
    pub fn spread_slopes(&self, theta: &Theta) -> Vec<(usize, DMatrix<f64>, DMatrix<f64>)> {
        let slopes = theta.spread.slopes.iter();
        slopes
            .map(|slope| {
                let whole = |m: &DMatrix<f64>| match slope.level {
                    Level::Individual => self.factor(Some(m), None),
                    Level::Occasion => self.factor(None, Some(m)),
                };
                let factor = &self.embedding * whole(&slope.factor);
                (slope.row, factor, whole(&slope.covariance))
            })
            .collect()
    }

    /// o(theta): the coordinates without random effects. NaN where a typical value leaves its domain.
    pub fn typical(&self, problem: &PopulationProblem, natural: &[f64]) -> DVector<f64> {
        let value = |(row, kind): (&usize, &Kind)| match *kind {
            Kind::Shared => natural[*row],
            Kind::Individual(p) => {
                let parameter = &problem.parameters[p];
                let (mut t, _) = parameter.transform.scaled(natural[parameter.typical]);
                for effect in &problem.covariate_effects {
                    if effect.typical == parameter.typical {
                        t += effect.coefficient.value(natural) * effect.values[self.number];
                    }
                }
                t
            }
        };
        DVector::from_iterator(
            self.rows.len(),
            self.rows.iter().zip(&self.kinds).map(value),
        )
    }

    /// d o / d natural value of every estimated row (coordinates x rows of `estimated`).
    pub fn typical_slopes(
        &self,
        problem: &PopulationProblem,
        natural: &[f64],
        estimated: &[usize],
    ) -> DMatrix<f64> {
        let mut slopes = DMatrix::zeros(self.rows.len(), estimated.len());
        let mut add = |k: usize, row: usize, slope: f64| {
            if let Ok(entry) = estimated.binary_search(&row) {
                slopes[(k, entry)] += slope;
            }
        };
        for (k, (row, kind)) in self.rows.iter().zip(&self.kinds).enumerate() {
            match *kind {
                Kind::Shared => add(k, *row, 1.0),
                Kind::Individual(p) => {
                    let parameter = &problem.parameters[p];
                    let slope = parameter.transform.scaled(natural[parameter.typical]).1;
                    add(k, parameter.typical, slope);
                    for effect in &problem.covariate_effects {
                        if effect.typical == parameter.typical
                            && let super::Coefficient::Row(row) = effect.coefficient
                        {
                            add(k, row, effect.values[self.number]);
                        }
                    }
                }
            }
        }
        slopes
    }

    /// Natural values of all rows at coordinates psi, and d natural / d psi of the coordinates.
    pub fn natural(
        &self,
        problem: &PopulationProblem,
        natural: &[f64],
        psi: &DVector<f64>,
    ) -> (Vec<f64>, Vec<f64>) {
        let mut values = natural.to_vec();
        let mut slopes = vec![1.0; self.rows.len()];
        for (k, (row, kind)) in self.rows.iter().zip(&self.kinds).enumerate() {
            match *kind {
                Kind::Shared => values[*row] = psi[k],
                Kind::Individual(p) => {
                    (values[*row], slopes[k]) = problem.parameters[p].transform.value(psi[k]);
                }
            }
        }
        (values, slopes)
    }
}
