//! Subjects, visits, readings; virtual cohorts with known truth.
use crate::{
    compile::{Formulas, Outputs, System},
    noise::{Noise, Reading},
    schedule::Schedule,
};
use std::sync::Arc;

/// Where a number comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /** a constant */
    Constant(f64),
    /** natural value of row i of the parameter table */
    Parameter(usize),
    /** formula i of `Cohort::formulas` (its inputs are all rows of the parameter table) */
    Formula(usize),
}

/// One measured quantity and its noise.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub id: String,
    /** index of the prediction in `Cohort::outputs` */
    pub observable: usize,
    /** indices of the noise parameters' formulas in `Cohort::outputs` */
    pub noise_parameters: Vec<usize>,
    pub noise: Arc<dyn Noise>,
    pub unit: Option<String>,
    pub name: Option<String>,
}

/// One reading: when, what, value, and its placeholder values (all placeholders of `Cohort::outputs`; unused are Constant(0)).
#[derive(Clone, Debug)]
pub struct Visit {
    pub time: f64,
    pub endpoint: usize,
    pub reading: Reading,
    pub placeholders: Vec<(usize, Source)>,
    /** row in the measurement table, for messages */
    pub row: usize,
}

/// One experiment: schedule, sources of every extended register that is not the default, readings.
#[derive(Clone, Debug)]
pub struct Subject {
    pub id: String,
    pub schedule: Schedule,
    /** (extended register, source) */
    pub registers: Vec<(usize, Source)>,
    pub visits: Vec<Visit>,
}

/// A system, its observation model and its subjects.
#[derive(Clone, Debug)]
pub struct Cohort {
    pub system: Arc<System>,
    pub outputs: Outputs,
    pub endpoints: Vec<Endpoint>,
    pub formulas: Option<Formulas>,
    pub subjects: Vec<Subject>,
}
