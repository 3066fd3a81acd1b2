//! The design of a trial: subjects, arms, visits, adherence, dropout, endpoints.
use super::check::Checks;
use super::error::{TrialError, from_toml};
use super::population::Population;
use super::spread::Spread;
use crate::compile::System;
use crate::exchange::model::Model;
use crate::network::Evidence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A trial as data (`trials/*.toml` beside a model). Times are days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// id
    pub id: String,
    /// the question, in a line
    #[serde(default)]
    pub description: Option<String>,
    /// scenario of the untreated subject
    pub subjects: String,
    /// true values at the end of the run-in that a subject must have to take part: (from, to) by state or observable, in its unit
    #[serde(default)]
    pub eligible: BTreeMap<String, (f64, f64)>,
    /// days from the first visit to the last
    pub horizon: f64,
    /// days between visits
    pub every: f64,
    /// two arms or more; all are compared with the first
    #[serde(rename = "arm")]
    pub arms: Vec<Arm>,
    /// who takes the treatment; everybody, always, unless stated
    #[serde(default)]
    pub adherence: Option<Adherence>,
    /// who leaves; nobody unless stated
    #[serde(default)]
    pub dropout: Option<Dropout>,
    /// what is compared
    #[serde(rename = "endpoint")]
    pub endpoints: Vec<Endpoint>,
    /// trials behind power and false positives
    #[serde(default)]
    pub trials: usize,
    /// p values below this count as a finding
    pub significance: f64,
}

/// One arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// id
    pub id: String,
    /// what is done; nothing (placebo) unless stated
    #[serde(default)]
    pub scenario: Option<String>,
    /// number of subjects
    pub size: usize,
}

/// Who takes the treatment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adherence {
    /// share of subjects who take it at all
    pub subjects: f64,
    /// of those, probability to take it from one visit to the next
    pub intervals: f64,
    /// share of the treatment that comes through while it is not taken
    #[serde(default)]
    pub missed: f64,
    /// grade of the evidence
    pub evidence: Evidence,
    /// DOI or PubMed id
    #[serde(default)]
    pub source: Option<String>,
    /// how it was read from the source
    #[serde(default)]
    pub note: Option<String>,
}

/// Who leaves the trial, whatever the arm and the state: readings and relapses after that day are not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// hazard, 1/yr
    pub hazard: f64,
    /// grade of the evidence
    pub evidence: Evidence,
    /// DOI or PubMed id
    #[serde(default)]
    pub source: Option<String>,
    /// how it was read from the source
    #[serde(default)]
    pub note: Option<String>,
}

/// What is compared between arms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// id
    pub id: String,
    /// name for people
    pub name: String,
    /// kind
    #[serde(default)]
    pub kind: Kind,
    /// a state or observable, of the kind `reading`
    #[serde(default)]
    pub of: Option<String>,
    /// what its value is multiplied by
    #[serde(default = "one")]
    pub factor: f64,
    /// unit after that
    #[serde(default)]
    pub unit: Option<String>,
    /// scale on which arms are compared
    #[serde(default)]
    pub scale: Scale,
    /// against the first visit or as it is
    #[serde(default)]
    pub change: Change,
    /// between readings of one subject at one true value
    #[serde(default)]
    pub noise: Option<Spread>,
}

fn one() -> f64 {
    1.0
}

/// Kinds of endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// a quantity at the last visit, with noise; compared by means
    #[default]
    Reading,
    /// the scale of disability at the last visit; compared by means
    Disability,
    /// relapses a year; compared by their ratio
    Relapses,
    /// time to confirmed progression of disability; compared by hazards
    Progression,
}

/// Scale on which means are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// as it is: a difference of means
    #[default]
    Linear,
    /// logarithms: a ratio of geometric means
    Log,
}

/// What of a reading is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// the reading at the last visit
    #[default]
    None,
    /// less the first reading (over it on the scale `log`)
    Difference,
    /// in percent of the first reading
    Percent,
}

impl Design {
    /// Reads a design and checks it against its model and population; `file` is for messages.
    ///
    /// # Errors
    /// Every key whose value cannot be, each with what to try.
    pub fn read(
        file: &Path,
        text: &str,
        model: &Model,
        system: &System,
        population: &Population,
    ) -> Result<Design, Vec<TrialError>> {
        let design: Design = from_toml(file, text).map_err(|e| vec![e])?;
        let mut checks = Checks::new(file, model, system);
        checks.design(&design, population);
        checks.done().map(|()| design)
    }

    /// Days of the visits, the first on day 0; the last stands at the horizon or less than one interval before it.
    pub fn visits(&self) -> Vec<f64> {
        let count = (self.horizon / self.every + 1e-9).floor() as usize;
        (0..=count).map(|k| k as f64 * self.every).collect()
    }

    /// Subjects of all arms together.
    pub fn size(&self) -> usize {
        self.arms.iter().map(|arm| arm.size).sum()
    }

    /// States and observables that it needs to know of a life.
    pub(super) fn quantities(&self) -> Vec<String> {
        let read = self.endpoints.iter().filter_map(|e| e.of.clone());
        read.chain(self.eligible.keys().cloned()).collect()
    }
}
