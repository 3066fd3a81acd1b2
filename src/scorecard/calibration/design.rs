//! What a calibration may move and what behaviour it is asked for.
use super::super::target::{Target, TargetError};
use super::readings::Level;
use crate::compile::System;
use crate::exchange::model::{Model, ParameterRow, Scenario};
use crate::exchange::tables::TableWriter;
use crate::fit::Scale;
use crate::network::SearchScale;
use crate::units::{did_you_mean, number_text};
use serde::Deserialize;

/// Standard deviations of a prior within a declared range: its middle is the mean, its ends lie two away.
const RANGE: f64 = 4.0;

/// The design of a calibration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Design {
    /// parameters that are moved; `*` at the end stands for any ending
    pub free: Vec<String>,
    /// parameters that are not moved although `free` names them
    pub fixed: Vec<String>,
    /// where it is not empty, those of them that are moved for now, as the parameters of one module; all others stay where they are
    pub only: Vec<String>,
    /// where the search of a parameter begins, if that is not where the model has it: (id, value in the unit of its table)
    pub start: Vec<(String, f64)>,
    /// treatments that rows of the behaviour name beside the scenarios of the model
    pub scenarios: Vec<Scenario>,
    /// behaviour that is fitted like a finding
    pub behaviour: Vec<Target>,
}

/// What of a calibration cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// a design file that makes no sense
    #[error("{file}: {message}")]
    File {
        /// where
        file: String,
        /// what is wrong
        message: String,
    },
    /// a row of the behaviour
    #[error(transparent)]
    Row(#[from] TargetError),
    /// a word that names nothing
    #[error("design of the calibration: `{word}` names no parameter of the model{near}")]
    NoParameter {
        /// the word
        word: String,
        /// what may have been meant
        near: String,
    },
    /// nothing is left to move
    #[error(
        "design of the calibration: no parameter is moved; widen `free` or `--only`, or take parameters from `fixed`"
    )]
    NothingFree,
    /// a free parameter without a range
    #[error(
        "design of the calibration: `{0}` is free, but its row in parameters.tsv has no lower and upper end"
    )]
    NoRange(String),
    /// a starting value of something that is not moved
    #[error(
        "starting values of the calibration (start.tsv): `{id}` is none of the free parameters; take its row out, or free it in design.toml{near}"
    )]
    StartOfFixed {
        /// what the row names
        id: String,
        /// what may have been meant
        near: String,
    },
    /// a starting value that the declared range does not hold
    #[error(
        "starting values of the calibration (start.tsv): {value} of `{id}` is outside its range in parameters.tsv, {lower} to {upper}"
    )]
    StartOutside {
        /// the parameter
        id: String,
        /// its starting value
        value: f64,
        /// lower end
        lower: f64,
        /// upper end
        upper: f64,
    },
    /// a finding that would be fitted, were it not for a failed solve
    #[error("finding `{id}` cannot be fitted from these numbers: {why}")]
    Failed {
        /// the finding
        id: String,
        /// what became of it
        why: String,
    },
    /// a treatment that the tables cannot hold
    #[error("calibration: scenario `{scenario}`: {message}")]
    Scenario {
        /// the scenario
        scenario: String,
        /// what is wrong
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    free: Vec<String>,
    #[serde(default)]
    fixed: Vec<String>,
    #[serde(default)]
    scenario: Vec<Scenario>,
}

fn fits(word: &str, id: &str) -> bool {
    match word.strip_suffix('*') {
        Some(start) => id.starts_with(start),
        None => id == word,
    }
}

impl Design {
    /// Reads the words of a design; `file` is for messages.
    ///
    /// # Errors
    /// A text that is no such table.
    pub fn read(file: &str, text: &str, behaviour: Vec<Target>) -> Result<Design, DesignError> {
        let read: File = toml::from_str(text).map_err(|e| DesignError::File {
            file: file.to_string(),
            message: e.to_string(),
        })?;
        Ok(Design {
            free: read.free,
            fixed: read.fixed,
            only: Vec::new(),
            start: Vec::new(),
            scenarios: read.scenario,
            behaviour,
        })
    }

    /// The model with the treatments of the design beside its own scenarios.
    ///
    /// # Errors
    /// Treatments whose id stands already, or that name what the model has not.
    pub fn with_treatments(
        &self,
        mut model: Model,
        system: &System,
    ) -> Result<Model, Vec<DesignError>> {
        let mut errors = Vec::new();
        for scenario in &self.scenarios {
            let mut wrong = |message: String| {
                let scenario = scenario.id.clone();
                errors.push(DesignError::Scenario { scenario, message });
            };
            if model.scenario(&scenario.id).is_some() {
                wrong("another scenario has this id".to_string());
            } else if let Err(error) = scenario.schedule(system) {
                wrong(error.to_string());
            }
            model.scenarios.push(scenario.clone());
        }
        match errors.is_empty() {
            true => Ok(model),
            false => Err(errors),
        }
    }

    /// The rows of a model that are free, in the order of its table.
    ///
    /// # Errors
    /// Words that fit none, rows without range.
    pub fn free<'m>(&self, model: &'m Model) -> Result<Vec<&'m ParameterRow>, Vec<DesignError>> {
        let mut errors = Vec::new();
        let ids = || model.parameters.iter().map(|row| row.id.as_str());
        for word in self.free.iter().chain(&self.fixed).chain(&self.only) {
            if !ids().any(|id| fits(word, id)) {
                let near = did_you_mean(word.trim_end_matches('*'), ids());
                let word = word.clone();
                errors.push(DesignError::NoParameter { word, near });
            }
        }
        let named = |words: &[String], id: &str| words.iter().any(|word| fits(word, id));
        let now = |id: &str| self.only.is_empty() || named(&self.only, id);
        let free: Vec<&ParameterRow> = (model.parameters.iter())
            .filter(|row| named(&self.free, &row.id) && !named(&self.fixed, &row.id))
            .filter(|row| now(&row.id))
            .collect();
        if free.is_empty() && errors.is_empty() {
            errors.push(DesignError::NothingFree);
        }
        for row in &free {
            if !matches!((row.lower, row.upper), (Some(lower), Some(upper)) if lower < upper) {
                errors.push(DesignError::NoRange(row.id.clone()));
            }
        }
        match errors.is_empty() {
            true => Ok(free),
            false => Err(errors),
        }
    }

    /// The parameter table: free parameters with a prior over their declared range, and the levels of contrasts.
    pub(super) fn parameters(
        &self,
        model: &Model,
        levels: &[Level],
    ) -> Result<String, Vec<DesignError>> {
        let columns = [
            "parameterId",
            "lowerBound",
            "upperBound",
            "nominalValue",
            "estimate",
            "priorDistribution",
            "priorParameters",
            "scale",
            "unit",
        ];
        let mut table = TableWriter::tsv(&columns);
        for row in self.free(model)? {
            let scale = scale(row.scale);
            let (lower, upper) = (row.lower.unwrap_or(0.0), row.upper.unwrap_or(0.0));
            let prior = prior(scale, lower, upper);
            table.row([
                row.id.clone(),
                number_text(lower),
                number_text(upper),
                number_text(
                    self.start_of(&row.id)
                        .unwrap_or(row.value)
                        .clamp(lower, upper),
                ),
                "true".to_string(),
                "parameter-scale-normal".to_string(),
                format!("{};{}", number_text(prior.0), number_text(prior.1)),
                word(scale).to_string(),
                row.unit.clone().unwrap_or_default(),
            ]);
        }
        for level in levels {
            table.row([
                level.id.clone(),
                number_text(level.at - level.reach),
                number_text(level.at + level.reach),
                number_text(level.at),
                "true".to_string(),
                String::new(),
                String::new(),
                word(Scale::Linear).to_string(),
                String::new(),
            ]);
        }
        Ok(table.finish())
    }
}

/// Mean and standard deviation on the search scale: the middle of a range, and a quarter of it. Where the sign of an influence is open its
/// range holds both, so that its mean is no effect.
pub(super) fn prior(scale: Scale, lower: f64, upper: f64) -> (f64, f64) {
    let (low, high) = (scale.search(lower), scale.search(upper));
    ((low + high) / 2.0, (high - low) / RANGE)
}

/// The search scale of a row of a model's table.
pub(super) fn scale(scale: SearchScale) -> Scale {
    match scale {
        SearchScale::Linear => Scale::Linear,
        SearchScale::Log => Scale::Log,
        SearchScale::Log10 => Scale::Log10,
        SearchScale::Logit => Scale::Logit,
    }
}

/// Its word in the table of a problem.
fn word(scale: Scale) -> &'static str {
    match scale {
        Scale::Linear => "lin",
        Scale::Log => "log",
        Scale::Log10 => "log10",
        Scale::Logit => "logit",
    }
}
