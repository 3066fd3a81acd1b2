//! Who the virtual subjects of a model are: how they vary, their infections, relapses and disability, and when they count as ill.
use super::check::Checks;
use super::disability::Disability;
use super::error::{TrialError, from_toml};
use super::spread::Spread;
use crate::compile::System;
use crate::exchange::model::Model;
use crate::network::Evidence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The virtual subjects of a model (`population.toml`). Times are days, and the time unit of the model must be the day.
///
/// ```
/// use holobiont::trial::Population;
/// let text = "run_in = 365\nstep = 7\nsize = 50\nseed = 1";
/// let population: Population = toml::from_str(text).expect("all other keys may be left out");
/// assert!(population.vary.is_empty() && population.relapses.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// what it stands for
    #[serde(default)]
    pub description: Option<String>,
    /// days that a subject lives untreated before day 0
    pub run_in: f64,
    /// days between the times at which lives are kept
    pub step: f64,
    /// virtual subjects behind a share
    pub size: usize,
    /// seed behind a share
    pub seed: u64,
    /// scenarios of subjects that nothing is done to: what they set belongs to the subject, and a treatment does not bring it along
    #[serde(default)]
    pub untreated: Vec<String>,
    /// parameters that differ between subjects
    #[serde(default)]
    pub vary: Vec<Vary>,
    /// infections, if there are any
    #[serde(default)]
    pub infections: Option<Infections>,
    /// relapses, if there are any
    #[serde(default)]
    pub relapses: Option<Relapses>,
    /// the scale of disability, if there is one
    #[serde(default)]
    pub disability: Option<Disability>,
    /// shares of subjects, by their quantity in a scorecard
    #[serde(default)]
    pub shares: BTreeMap<String, ShareOf>,
}

/// A parameter that differs between subjects; draws stay within the range that the table of parameters declares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// the parameter
    pub parameter: String,
    /// how much, about the value of the scenario or the model
    pub spread: Spread,
}

/// Infections that come by chance, as a Poisson process: an input stands at `height` for some days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Infections {
    /// the input, of the kind `step`
    pub input: String,
    /// infections a year
    pub rate: f64,
    /// days that one lasts
    pub days: f64,
    /// value of the input meanwhile, in its unit
    pub height: f64,
    /// grade of the evidence
    pub evidence: Evidence,
    /// DOI or PubMed id
    #[serde(default)]
    pub source: Option<String>,
    /// how it was read from the source
    #[serde(default)]
    pub note: Option<String>,
}

/// Relapses that come by chance, as a Poisson process whose intensity the model gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relapses {
    /// a state or observable of unit 1/yr
    pub rate: String,
}

/// Which subjects a share counts: those with a quantity above a value, or those with an event by then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOf {
    /// a state or observable
    #[serde(default)]
    pub of: Option<String>,
    /// above this value, in its unit
    #[serde(default)]
    pub above: Option<f64>,
    /// at any time from day 0 on, not on the day itself
    #[serde(default)]
    pub ever: bool,
    /// `relapse` or `progression`
    #[serde(default)]
    pub event: Option<Event>,
    /// grade of the evidence for the limit
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// DOI or PubMed id
    #[serde(default)]
    pub source: Option<String>,
    /// how it was read from the source
    #[serde(default)]
    pub note: Option<String>,
}

/// An event of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// a first relapse
    Relapse,
    /// progression of disability, confirmed
    Progression,
}

impl Population {
    /// Reads a population and checks it against its model; `file` is for messages.
    ///
    /// # Errors
    /// Every key whose value cannot be, each with what to try.
    pub fn read(
        file: &Path,
        text: &str,
        model: &Model,
        system: &System,
    ) -> Result<Population, Vec<TrialError>> {
        let population: Population = from_toml(file, text).map_err(|e| vec![e])?;
        let mut checks = Checks::new(file, model, system);
        checks.population(&population);
        checks.done().map(|()| population)
    }

    /// States and observables that it needs to know of a life.
    pub(super) fn quantities(&self) -> Vec<String> {
        let rate = self.relapses.iter().map(|r| r.rate.clone());
        let scale = self.disability.iter().map(|d| d.of.clone());
        let shares = self.shares.values().filter_map(|share| share.of.clone());
        rate.chain(scale).chain(shares).collect()
    }
}
