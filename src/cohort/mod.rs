//! Subjects, visits, readings; predictions of a whole cohort; virtual cohorts with known truth.
//!
//! A [`Cohort`] is data about one [`System`]: who was measured, under which [`Schedule`], when, with what noise. Where a number
//! comes from a parameter, the cohort holds its [`Source`]; the parameters' values come from outside, as the *natural* values of
//! all rows of the parameter table. Nothing is estimated here: that is `fit`.

mod check;
mod predict;
mod source;
mod virtual_cohort;

pub use check::CohortError;
pub use predict::{Prediction, Simulation};
#[cfg(feature = "report")]
pub(crate) use source::formula_values;
pub use virtual_cohort::{DetectionLimit, virtual_cohort};

use crate::{
    compile::{Formulas, Outputs, System},
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
    /// index of the prediction in `Cohort::outputs`
    pub observable: usize,
    /// indices of the noise parameters' formulas in `Cohort::outputs`
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
    /// time in the system's time unit
    pub time: f64,
    /// index into `Cohort::endpoints`
    pub endpoint: usize,
    /// what was read
    pub reading: Reading,
    /// (placeholder of `Cohort::outputs`, source); placeholders not named are 0
    pub placeholders: Vec<(usize, Source)>,
    /// row in the measurement table, for messages
    pub row: usize,
}

/// One experiment: schedule, sources of every extended register that is not the default, readings.
#[derive(Clone, Debug)]
pub struct Subject {
    /// identifier
    pub id: String,
    /// what happens to the subject and when
    pub schedule: Schedule,
    /// (extended register, source): below the system's parameter count a parameter, above it a schedule entry
    pub registers: Vec<(usize, Source)>,
    /// readings in ascending time
    pub visits: Vec<Visit>,
}

/// A system, its observation model and its subjects.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// the compiled model
    pub system: Arc<System>,
    /// observables and noise formulas of the problem
    pub outputs: Outputs,
    /// what is measured
    pub endpoints: Vec<Endpoint>,
    /// formulas of parameters, for sources
    pub formulas: Option<Formulas>,
    /// who was measured
    pub subjects: Vec<Subject>,
}
