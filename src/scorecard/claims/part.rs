//! Parts of a claim: two arms, a reading, the direction that is required; dose, controls and ablations.
use super::arm::{Clamp, Treatment};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One comparison: the arm against another, in the direction that the claim requires.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Id, within the claim.
    pub id: String,
    /// What is compared, in words.
    pub says: String,
    /// Whether the claim needs it; others are reported beside it.
    #[serde(default = "yes")]
    pub required: bool,
    /// The subject, at rest when the part begins.
    pub subject: String,
    /// What is read.
    pub read: Reading,
    /// What is done.
    #[serde(default)]
    pub arm: Treatment,
    /// What it is compared with: nothing done, unless stated.
    #[serde(default)]
    pub against: Treatment,
    /// What is done in both.
    #[serde(default)]
    pub with: Treatment,
    /// How the two are compared.
    #[serde(default)]
    pub contrast: Contrast,
    /// The direction that the claim requires.
    pub direction: Direction,
    /// The smallest effect that counts: of a ratio the share by which it differs from 1.
    pub least: f64,
    /// Levels of the treatment.
    #[serde(default)]
    pub dose: Option<Dose>,
    /// Arms that must show no effect.
    #[serde(default, rename = "control")]
    pub controls: Vec<Control>,
    /// Paths that are cut.
    #[serde(default, rename = "ablation")]
    pub ablations: Vec<Ablation>,
}

impl Part {
    /// The smallest effect on the scale of effects: the logarithm of a ratio, else as it stands.
    pub fn least_effect(&self) -> f64 {
        self.contrast.smallest(self.least)
    }
}

/// What is read of an arm.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// A state or observable.
    pub quantity: String,
    /// When, after the part began; the alternative to a window.
    #[serde(default)]
    pub day: Option<f64>,
    /// Begin of a window.
    #[serde(default)]
    pub from: f64,
    /// Its end.
    #[serde(default)]
    pub until: f64,
    /// Time between two samples of it.
    #[serde(default)]
    pub every: f64,
    /// What is made of the samples.
    #[serde(default)]
    pub of: Statistic,
    /// The quantity that a correlation is with.
    #[serde(default)]
    pub beside: Option<String>,
    /// Length of a pattern of phases.
    #[serde(default)]
    pub period: f64,
    /// Ends of the phases within a pattern: a correlation is of the deviations from the mean of each phase.
    #[serde(default)]
    pub phases: Vec<f64>,
}

/// What is made of the samples of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// the last one
    #[default]
    Last,
    /// their mean
    Mean,
    /// the highest
    Highest,
    /// the lowest
    Lowest,
    /// the correlation with another quantity, within phases; 0 where one of them does not change
    Correlation,
}

/// How two arms are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contrast {
    /// the arm over the other
    #[default]
    Ratio,
    /// the arm less the other
    Difference,
    /// the arm alone
    Value,
}

impl Contrast {
    fn smallest(self, least: f64) -> f64 {
        match self {
            Contrast::Ratio => (1.0 + least).ln(),
            Contrast::Difference | Contrast::Value => least,
        }
    }

    /// An effect as it is printed: ratios come back from their logarithms.
    pub fn shown(self, effect: f64) -> f64 {
        match self {
            Contrast::Ratio => effect.exp(),
            Contrast::Difference | Contrast::Value => effect,
        }
    }
}

/// The direction that a claim requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// more
    Up,
    /// less
    Down,
    /// more or less: the claim says that there is an effect
    Either,
}

impl Direction {
    /// An effect as far as it goes in this direction.
    pub fn along(self, effect: f64) -> f64 {
        match self {
            Direction::Up => effect,
            Direction::Down => -effect,
            Direction::Either => effect.abs(),
        }
    }

    /// The word in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Either => "either way",
        }
    }
}

/// Levels of a treatment: 0 is nothing done, 1 the treatment, others lie on the line through both.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dose {
    /// What the levels are, in words.
    pub says: String,
    /// Levels, ascending.
    pub levels: Vec<f64>,
    /// Another subject than the part's.
    #[serde(default)]
    pub subject: Option<String>,
    /// Another treatment than the part's arm; it is compared with nothing done.
    #[serde(default)]
    pub arm: Option<Treatment>,
    /// Another reading.
    #[serde(default)]
    pub read: Option<Reading>,
}

/// An arm that must show no effect; what is not stated is the part's.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What it is, in words.
    pub says: String,
    /// The subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// What is done.
    #[serde(default)]
    pub arm: Option<Treatment>,
    /// What it is compared with.
    #[serde(default)]
    pub against: Option<Treatment>,
    /// What is done in both.
    #[serde(default)]
    pub with: Option<Treatment>,
    /// What is read.
    #[serde(default)]
    pub read: Option<Reading>,
    /// The largest effect that counts as none, in the measure of `least`.
    #[serde(default)]
    pub least: Option<f64>,
}

impl Control {
    /// The largest effect that counts as none, on the scale of effects.
    pub fn most(&self, part: &Part) -> f64 {
        part.contrast.smallest(self.least.unwrap_or(part.least))
    }
}

/// A path that is cut, in both arms and from the start of the subject's life on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// What is cut, in words.
    pub says: String,
    /// Names of cuts.
    #[serde(default)]
    pub cut: Vec<String>,
    /// Further parameters and their neutral values.
    #[serde(default)]
    pub set: BTreeMap<String, f64>,
    /// States and groups that are held where they are when the part begins.
    #[serde(default)]
    pub hold: Vec<String>,
    /// Whether the effect must go; else the share that goes is reported.
    #[serde(default = "yes")]
    pub must: bool,
    /// Whether the share that goes is told over all vectors of parameters, not the model's own alone.
    #[serde(default)]
    pub everywhere: bool,
    /// The share of the effect that may be left.
    #[serde(default = "fifth")]
    pub left: f64,
}

impl Ablation {
    /// What holds states where they are.
    pub(super) fn clamp(&self) -> Clamp {
        self.hold.iter().map(|id| (id.clone(), 1.0)).collect()
    }
}

fn yes() -> bool {
    true
}

fn fifth() -> f64 {
    0.2
}
