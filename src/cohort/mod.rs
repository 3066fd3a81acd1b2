//! Subjects, visits, readings; predictions of a whole cohort; virtual cohorts with known truth.
//!
//! A [`Cohort`] is data about one [`System`](crate::compile::System) or several: who was measured, under which [`Schedule`], when,
//! with what noise. Every subject and every endpoint belongs to one [`CohortModel`]. Where a number comes from a parameter, the
//! cohort holds its [`Source`]; the parameters' values come from outside, as the *natural* values of all rows of the parameter
//! table. Nothing is estimated here: that is `fit`.

mod check;
mod curve_times;
mod model;
mod predict;
mod solvers;
mod source;
mod virtual_cohort;

pub use check::CohortError;
pub use model::CohortModel;
pub use predict::{Prediction, Simulation};
pub(crate) use solvers::{Solvers, Steps};
pub(crate) use source::formula_values;
pub(crate) use virtual_cohort::censor;
pub use virtual_cohort::{DetectionLimit, virtual_cohort};

use crate::{
    compile::Formulas,
    noise::{Noise, Reading},
    schedule::Schedule,
};
use std::sync::Arc;

/// Where a number comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// a constant
    Constant(f64),
    /// natural value of row i of the parameter table
    Parameter(usize),
    /// formula i of `Cohort::formulas` (its inputs are all rows of the parameter table)
    Formula(usize),
}

/// One measured quantity and its noise.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// identifier
    pub id: String,
    /// index into `Cohort::models`
    pub model: usize,
    /// index of the prediction in the outputs of its model
    pub observable: usize,
    /// indices of the noise parameters' formulas in the outputs of its model
    pub noise_parameters: Vec<usize>,
    /// the distribution of readings
    pub noise: Arc<dyn Noise>,
    /// unit as text
    pub unit: Option<String>,
    /// name for people
    pub name: Option<String>,
}

/// One reading: when, what, value, and its placeholder values.
#[derive(Clone, Debug)]
pub struct Visit {
    /// time in the time unit of the subject's model
    pub time: f64,
    /// index into `Cohort::endpoints`, of an endpoint of the subject's model
    pub endpoint: usize,
    /// what was read
    pub reading: Reading,
    /// (placeholder of the model's outputs, source); placeholders not named are 0
    pub placeholders: Vec<(usize, Source)>,
    /// row in the measurement table, for messages
    pub row: usize,
}

/// One experiment: schedule, sources of every extended register that is not the default, readings.
#[derive(Clone, Debug)]
pub struct Subject {
    /// identifier
    pub id: String,
    /// index into `Cohort::models`
    pub model: usize,
    /// what happens to the subject and when
    pub schedule: Schedule,
    /// (extended register, source): below the system's parameter count a parameter, above it a schedule entry
    pub registers: Vec<(usize, Source)>,
    /// readings in ascending time
    pub visits: Vec<Visit>,
}

/// Models with what is observed of them, and the subjects.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// what the subjects follow; most cohorts have one
    pub models: Vec<CohortModel>,
    /// what is measured
    pub endpoints: Vec<Endpoint>,
    /// formulas of parameters, for sources
    pub formulas: Option<Formulas>,
    /// who was measured
    pub subjects: Vec<Subject>,
}
