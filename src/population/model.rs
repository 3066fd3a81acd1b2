//! The statistical model: which parameters vary between individuals and occasions, by what, and who is measured.

use super::error::PopulationError;
use super::transform::Transform;
use crate::fit::FitProblem;
use serde::{Deserialize, Serialize};

/// A number, or a row of the parameter table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Coefficient {
    /// a number
    Constant(f64),
    /// natural value of a row of the parameter table
    Row(usize),
}

impl Coefficient {
    /// The number.
    pub fn value(self, natural: &[f64]) -> f64 {
        match self {
            Coefficient::Constant(value) => value,
            Coefficient::Row(row) => natural[row],
        }
    }
}

/// What an effect varies between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// individuals
    #[default]
    Individual,
    /// occasions of an individual
    Occasion,
}

/// A parameter with a value of its own in every individual (or occasion): $\varphi = h^{-1}(h(\mu) + \beta^\top c + \eta + \kappa)$.
#[derive(Clone, Debug, PartialEq)]
pub struct IndividualParameter {
    /// the row of the parameter table that takes the individual's value
    pub row: usize,
    /// the row that holds the typical value $\mu$; another one than `row` where the parameter differs between occasions
    pub typical: usize,
    /// $h$
    pub transform: Transform,
    /// the occasion (counted over the whole problem) that `row` is for; None: all
    pub occasion: Option<usize>,
}

/// A random effect $\eta$ or $\kappa$ on the scale of its parameter's transform.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomEffect {
    /// identifier
    pub id: String,
    /// the typical row of its parameter
    pub typical: usize,
    /// what it varies between
    pub level: Level,
    /// its standard deviation
    pub standard_deviation: Coefficient,
}

/// Correlation of two effects of one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// index of an effect
    pub first: usize,
    /// index of another
    pub second: usize,
    /// between -1 and 1
    pub value: Coefficient,
}

/// A covariate effect: the transformed parameter is higher by coefficient times covariate.
#[derive(Clone, Debug, PartialEq)]
pub struct CovariateEffect {
    /// the typical row of its parameter
    pub typical: usize,
    /// the covariate, as text
    pub covariate: String,
    /// $\beta$
    pub coefficient: Coefficient,
    /// $c$, one number an individual
    pub values: Vec<f64>,
}

/// One individual: its experiments, and the occasions that they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Individual {
    /// identifier
    pub id: String,
    /// subjects of the cohort (experiments)
    pub subjects: Vec<usize>,
    /// occasions, ascending, counted over the whole problem
    pub occasions: Vec<usize>,
}

/// A cohort whose parameters vary between individuals.
#[derive(Clone, Debug)]
pub struct PopulationProblem {
    /// readings and parameter table
    pub problem: FitProblem,
    /// the parameters that vary, or depend on covariates
    pub parameters: Vec<IndividualParameter>,
    /// random effects
    pub effects: Vec<RandomEffect>,
    /// their correlations; those not named are 0
    pub correlations: Vec<Correlation>,
    /// covariate effects
    pub covariate_effects: Vec<CovariateEffect>,
    /// who was measured; every subject of the cohort belongs to one
    pub individuals: Vec<Individual>,
}

impl PopulationProblem {
    /// Everybody has the same parameters: each subject of the cohort is an individual, nothing varies.
    pub fn without_effects(problem: FitProblem) -> Self {
        let individuals = problem
            .cohort
            .subjects
            .iter()
            .enumerate()
            .map(|(i, subject)| Individual {
                id: subject.id.clone(),
                subjects: vec![i],
                occasions: Vec::new(),
            })
            .collect();
        PopulationProblem {
            problem,
            parameters: Vec::new(),
            effects: Vec::new(),
            correlations: Vec::new(),
            covariate_effects: Vec::new(),
            individuals,
        }
    }

    /// Indices of the effects of a level.
    pub fn effects_of(&self, level: Level) -> Vec<usize> {
        (0..self.effects.len())
            .filter(|&e| self.effects[e].level == level)
            .collect()
    }

    /// The random effects of an individual: (effect, occasion), first its own, then occasion by occasion.
    pub fn coordinates(&self, individual: &Individual) -> Vec<(usize, Option<usize>)> {
        let own = self.effects_of(Level::Individual);
        let mut all: Vec<(usize, Option<usize>)> = own.into_iter().map(|e| (e, None)).collect();
        let of_occasions = self.effects_of(Level::Occasion);
        for &occasion in &individual.occasions {
            all.extend(of_occasions.iter().map(|&e| (e, Some(occasion))));
        }
        all
    }

    /// All errors at once.
    ///
    /// # Errors
    /// those of cohort and parameter table, and everything wrong with the effects.
    pub fn check(&self) -> Result<(), PopulationError> {
        self.problem.check()?;
        let faults = super::check::faults(self);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(PopulationError::Model { faults })
        }
    }
}
